"""What a scan may call, and what it never may: which of it costs money, and which IAM action allows it.

Names are ``service:Operation`` as boto3 has them.
"""

from __future__ import annotations

from functools import cache

from botocore import xform_name

from scanner.aws.allowed import ALLOWED

ORGANIZATION = frozenset(
    {
        "organizations:ListAccounts",
        "organizations:ListAccountsForParent",
        "organizations:ListOrganizationalUnitsForParent",
    }
)
"""What whoever scans a whole organization may call besides, in the account they ask from."""

WHO = frozenset({"cloudtrail:LookupEvents"})
"""What may be called besides where --who asks who did it."""

PRICES = frozenset({"pricing:GetProducts"})
"""What may be called besides to tell what failures cost; AWS takes nothing for it."""

DENIED = frozenset(
    {
        "apigateway:GetApiKey",
        "apigateway:GetUsagePlanKey",
        "apigateway:GetUsagePlanKeys",
        "dynamodb:BatchGetItem",
        "dynamodb:GetItem",
        "dynamodb:Query",
        "dynamodb:Scan",
        "codeartifact:GetAuthorizationToken",
        "ec2:GetConsoleOutput",
        "ec2:GetConsoleScreenshot",
        "ec2:GetPasswordData",
        "ecr:GetAuthorizationToken",
        "kms:Decrypt",
        "lambda:GetFunction",
        "lambda:GetLayerVersion",
        "lambda:Invoke",
        "logs:GetLogEvents",
        "logs:FilterLogEvents",
        "redshift:GetClusterCredentials",
        "redshift:GetClusterCredentialsWithIAM",
        "redshift-serverless:GetCredentials",
        "s3:GetObject",
        "secretsmanager:BatchGetSecretValue",
        "secretsmanager:GetSecretValue",
        "sqs:ReceiveMessage",
        "ssm:GetParameter",
        "ssm:GetParameters",
        "ssm:GetParametersByPath",
        "sts:GetFederationToken",
        "sts:GetSessionToken",
    }
)
"""Never allowed, whatever a declaration says: these return stored data or mint credentials."""

_COST_EXPLORER = "$0.01 a request, https://aws.amazon.com/aws-cost-management/aws-cost-explorer/pricing/"
_METRICS = "$0.01 per 1,000 metrics, https://aws.amazon.com/cloudwatch/pricing/"
_AFTER_A_MILLION = "$0.01 per 1,000 requests after a million a month, https://aws.amazon.com/cloudwatch/pricing/"

PAID = {
    "ce:GetCostAndUsage": _COST_EXPLORER,
    "ce:GetCostForecast": _COST_EXPLORER,
    "ce:GetDimensionValues": _COST_EXPLORER,
    "ce:GetReservationCoverage": _COST_EXPLORER,
    "ce:GetReservationUtilization": _COST_EXPLORER,
    "ce:GetSavingsPlansCoverage": _COST_EXPLORER,
    "ce:GetSavingsPlansUtilization": _COST_EXPLORER,
    "ce:GetTags": _COST_EXPLORER,
    "ce:ListCostAllocationTags": _COST_EXPLORER,
    "cloudwatch:GetMetricData": _METRICS,
    "cloudwatch:GetMetricStatistics": _AFTER_A_MILLION,
    "cloudwatch:ListMetrics": _AFTER_A_MILLION,
}
"""What AWS charges for reading, by operation: asked only with --paid.

S3 and KMS count requests too, but a thousand of those a scan makes cost less than a cent.
"""

LISTED = ALLOWED | ORGANIZATION | WHO | PRICES | frozenset(PAID)
"""All that some scan may call."""

_ACTIONS = {
    "s3:GetBucketAccelerateConfiguration": "s3:GetAccelerateConfiguration",
    "s3:GetBucketCors": "s3:GetBucketCORS",
    "s3:GetBucketEncryption": "s3:GetEncryptionConfiguration",
    "s3:GetBucketLifecycleConfiguration": "s3:GetLifecycleConfiguration",
    "s3:GetBucketNotificationConfiguration": "s3:GetBucketNotification",
    "s3:GetBucketReplication": "s3:GetReplicationConfiguration",
    "s3:GetObjectLockConfiguration": "s3:GetBucketObjectLockConfiguration",
    "s3:GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
    "s3:ListBucketAnalyticsConfigurations": "s3:GetAnalyticsConfiguration",
    "s3:ListBucketIntelligentTieringConfigurations": "s3:GetIntelligentTieringConfiguration",
    "s3:ListBucketInventoryConfigurations": "s3:GetInventoryConfiguration",
    "s3:ListBucketMetricsConfigurations": "s3:GetMetricsConfiguration",
    "s3:ListBuckets": "s3:ListAllMyBuckets",
    "s3:ListObjectsV2": "s3:ListBucket",
    "s3control:GetPublicAccessBlock": "s3:GetAccountPublicAccessBlock",
}

_OF_SERVICE = {
    **dict.fromkeys(("apigateway", "apigatewayv2"), "apigateway:GET"),
    "budgets": "budgets:ViewBudget",
}
"""API Gateway's actions are those of HTTP; what may be read is told by paths. Budgets has one for all that it tells."""

_PREFIXES = {
    **dict.fromkeys(("elb", "elbv2"), "elasticloadbalancing"),
    "accessanalyzer": "access-analyzer",
    "efs": "elasticfilesystem",
    "resourcegroupstaggingapi": "tag",
    "s3control": "s3",
    "opensearch": "es",
    "sesv2": "ses",
    "stepfunctions": "states",
}


def action(operation: str) -> str:
    """The IAM action that allows an operation (``rds:DescribeDBInstances``): its own name, but for S3 and API Gateway.

    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
    """
    if found := _ACTIONS.get(operation):
        return found
    of, _, name = operation.partition(":")
    return _OF_SERVICE.get(of) or f"{_PREFIXES.get(of, of)}:{name}"


def named(service: str, call: str) -> str:
    """The operation that boto3 calls ``describe_db_instances``: ``rds:DescribeDBInstances``."""
    return _by_call().get((service, call), f"{service}:{call}")


@cache
def _by_call() -> dict[tuple[str, str], str]:
    parts = (each.partition(":") for each in LISTED)
    return {(service, xform_name(name)): f"{service}:{name}" for service, _, name in parts}
