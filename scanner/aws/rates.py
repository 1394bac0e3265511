"""The rates at which AWS lets its APIs be asked, by account and region, as far as it documents them.

For paged or filtered calls: EC2 has half as much for others. A service that is asked everywhere from
one region (IAM, Route 53, Organizations) has one rate for the account. What AWS grants an account beyond
its defaults is not known here.

    account        https://docs.aws.amazon.com/accounts/latest/reference/quotas.html
    apigateway     https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
    cloudtrail     https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
    dax            https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_dax_ListTags.html
    dynamodb       https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeContinuousBackups.html
                   https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ListBackups.html
                   https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ListTagsOfResource.html
    ec2            https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
    ecs            https://docs.aws.amazon.com/AmazonECS/latest/APIReference/request-throttling.html
    elb, elbv2     https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/elb-api-throttling.html
    firehose       https://docs.aws.amazon.com/firehose/latest/APIReference/API_ListTagsForDeliveryStream.html
    kinesis        https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DescribeStreamSummary.html
    kms            https://docs.aws.amazon.com/kms/latest/developerguide/requests-per-second.html
    lambda         https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
    logs           https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
    pricing        https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/using-pelong.html
    route53        https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html
    ses            https://docs.aws.amazon.com/ses/latest/APIReference/API_ListIdentities.html
    sns            https://docs.aws.amazon.com/sns/latest/api/API_ListTopics.html
    sts            https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

from __future__ import annotations

from typing import NamedTuple


class Rate(NamedTuple):
    """A token bucket of AWS's: how many calls at once, and how many a second from then on."""

    burst: float
    per_second: float


UNDOCUMENTED = Rate(100, 100)
"""Where AWS says nothing, which it is asked at until it finds a call too many."""

EACH = {
    "ec2": Rate(100, 20),
    "ecs": Rate(50, 20),
    "ses": Rate(1, 1),
}
"""Services where each operation has a rate of its own."""

TOGETHER = {
    "apigateway apigatewayv2": Rate(40, 10),
    "elb": Rate(40, 10),
    "elbv2": Rate(40, 10),
    "lambda": Rate(15, 15),
    "organizations": Rate(5, 5),  # a guess, and low: the rate is that of the whole organization
    "route53": Rate(5, 5),
    "route53resolver": Rate(5, 5),
    "sts": Rate(600, 600),
}
"""Services whose operations share one rate."""

NAMED = {
    "account:GetAlternateContact": Rate(15, 10),
    "account:GetContactInformation": Rate(15, 10),
    "account:GetRegionOptStatus": Rate(5, 5),
    "account:ListRegions": Rate(5, 5),
    "cloudtrail:LookupEvents": Rate(2, 2),
    "dax:ListTags": Rate(10, 10),
    "dynamodb:DescribeBackup": Rate(10, 10),
    "dynamodb:DescribeContinuousBackups": Rate(10, 10),
    "dynamodb:ListBackups": Rate(5, 5),
    "dynamodb:ListTagsOfResource": Rate(10, 10),
    "ec2:DescribeByoipCidrs": Rate(1, 0.5),
    "ec2:DescribeSecurityGroupReferences": Rate(20, 5),
    "ec2:DescribeSpotDatafeedSubscription": Rate(100, 13),
    "ec2:DescribeSpotFleetRequests": Rate(50, 3),
    "ec2:DescribeStaleSecurityGroups": Rate(20, 5),
    "ecs:DescribeClusters ecs:ListClusters": Rate(50, 20),
    "ecs:DescribeContainerInstances ecs:DescribeTasks ecs:ListContainerInstances ecs:ListTasks": Rate(100, 20),
    "ecs:DescribeServices ecs:ListServices": Rate(100, 20),
    "ecs:DescribeTaskDefinition ecs:ListTaskDefinitionFamilies ecs:ListTaskDefinitions": Rate(50, 20),
    "firehose:ListTagsForDeliveryStream": Rate(5, 5),
    "kinesis:DescribeStream": Rate(10, 10),
    "kinesis:DescribeStreamSummary": Rate(20, 20),
    "kinesis:ListStreams": Rate(5, 5),
    "kinesis:ListTagsForStream": Rate(5, 5),
    "kms:DescribeCustomKeyStores": Rate(5, 5),
    "kms:DescribeKey": Rate(2000, 2000),
    "kms:GetKeyPolicy": Rate(1000, 1000),
    "kms:GetKeyRotationStatus": Rate(1000, 1000),
    "kms:ListAliases": Rate(500, 500),
    "kms:ListGrants": Rate(100, 100),
    "kms:ListKeys": Rate(500, 500),
    "kms:ListResourceTags": Rate(2000, 2000),
    "lambda:GetPolicy": Rate(15, 15),
    "logs:DescribeLogGroups": Rate(10, 10),
    "logs:DescribeLogStreams": Rate(25, 25),
    "logs:DescribeMetricFilters": Rate(5, 5),
    "logs:DescribeSubscriptionFilters": Rate(5, 5),
    "logs:GetDataProtectionPolicy": Rate(5, 5),
    "logs:ListTagsForResource": Rate(5, 5),
    "logs:ListTagsLogGroup": Rate(5, 5),
    "pricing:GetProducts": Rate(10, 5),
    "resourcegroupstaggingapi:GetResources": Rate(15, 15),  # a guess: AWS says that there is a limit
    "sns:ListSubscriptions": Rate(30, 30),
    "sns:ListSubscriptionsByTopic": Rate(30, 30),
    "sns:ListTopics": Rate(30, 30),
}
"""Operations with a rate apart from their service's; those named together share it."""

_NAMED = {name: (names, rate) for names, rate in NAMED.items() for name in names.split()}
_TOGETHER = {service: (services, rate) for services, rate in TOGETHER.items() for service in services.split()}


def rate(service: str, operation: str) -> tuple[str, Rate]:
    """The name of the bucket that a call draws from, and its documented rate."""
    name = f"{service}:{operation}"
    return _NAMED.get(name) or _TOGETHER.get(service) or (name, EACH.get(service, UNDOCUMENTED))
