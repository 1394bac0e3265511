"""Amazon CloudWatch Logs: log groups, what is drawn out of them, and who else may write and read."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from zlib import crc32

from scanner.aws.collector import Attribute, Collector, Detail, Listing, converted, policy
from scanner.aws.inside import Once, inside
from scanner.aws.place import Item, Place
from scanner.aws.tagging import Listed
from state.forms import MAP, Form, defaulting
from state.schema import Parent

GONE = ("ResourceNotFoundException",)

# The groups that services make on their own, as they name them.
MADE_BY = {
    "/aws/apigateway/welcome": "apigateway",
    "/aws/batch/job": "batch",
    "/aws/codebuild/": "codebuild",
    "/aws/containerinsights/": "containerinsights",
    "/aws/ecs/containerinsights/": "containerinsights",
    "/aws/eks/": "eks",
    "/aws/lambda/": "lambda",
    "/aws/rds/": "rds",
    "/aws/sagemaker/": "sagemaker",
    "/aws-glue/": "glue",
    "API-Gateway-Execution-Logs_": "apigateway",
    "RDSOSMetrics": "rds",
}


def made_by(group: Item) -> str | None:
    name = group["logGroupName"]
    return next(
        (f"{who}: {name.removeprefix(start)}" for start, who in MADE_BY.items() if name.startswith(start)), None
    )


def of_group(arn: Any) -> Any:
    """AWS ends a group's ARN in its streams, all of them; Terraform no longer does."""
    return arn.removesuffix(":*") if isinstance(arn, str) else arn


async def _groups(place: Place) -> list[Item]:
    answer = await place.whole("logs", "describe_log_groups")
    return [each | {"Arn": of_group(each["arn"])} for each in answer.get("logGroups") or ()]


async def log_groups(place: Place) -> AsyncIterator[list[Item]]:
    yield await GROUPS(log_groups, place)


async def _subscriptions(place: Place, group: Item) -> Item:
    return await place.whole("logs", "describe_subscription_filters", logGroupName=group["logGroupName"])


def subscriptions(answer: Item, group: Item) -> list[Item]:
    """The provider's id of a filter is a checksum of its group's name, so that two in one group have the same."""
    id = f"cwlsf-{crc32(group['logGroupName'].encode() + b'-')}"
    return [{"Id": id} | each for each in answer.get("subscriptionFilters") or ()]


GROUPS = Once(_groups)
GROUPS.readers.add(log_groups)

LOG_GROUP = Collector(
    type="aws_cloudwatch_log_group",
    service="logs",
    fetch=log_groups,
    details=(
        Detail(
            operation="list_tags_for_resource",
            arguments={"resourceArn": "Arn"},
            into="Tagging",
            gone=GONE,
            listed=Listed("logs", "Arn", "tags"),
        ),
    ),
    permissions=("logs:DescribeLogGroups", "logs:ListTagsForResource", "tag:GetResources"),
    id="logGroupName",
    identity=("name",),
    owner=made_by,
    attributes={
        "arn": Attribute(path="Arn", form=Form(canonical=of_group)),
        "kms_key_id": "kmsKeyId",
        "log_group_class": Attribute(path="logGroupClass", form=defaulting("STANDARD")),
        "name": "logGroupName",
        "retention_in_days": "retentionInDays",
    },
    facts={
        "creation_time": "creationTime",
        "data_protection_status": "dataProtectionStatus",
        "metric_filter_count": "metricFilterCount",
        "stored_bytes": "storedBytes",
    },
    tags="Tagging.tags",
)


# --- what is drawn out of a group --------------------------------------------------------------------


def in_group(part: str) -> Parent:
    return Parent(type="aws_cloudwatch_log_group", by="log_group_name", part=part)


def transformations(found: Any) -> list[Any]:
    """The default is a number to AWS, and a text to the provider, so that 0 is not nothing."""
    return [{**each, "default_value": _text(each["default_value"])} for each in found or ()]


def _text(value: Any) -> str | None:
    return None if value is None else f"{value:g}" if float(value).is_integer() else str(value)


METRIC_FILTER = Collector(
    type="aws_cloudwatch_log_metric_filter",
    service="logs",
    fetch=Listing("describe_metric_filters", "metricFilters"),
    permissions=("logs:DescribeMetricFilters",),
    id="filterName",
    identity=("log_group_name", "name"),
    parent=in_group("metric_filter"),
    attributes={
        "apply_on_transformed_logs": "applyOnTransformedLogs",
        "log_group_name": "logGroupName",
        "metric_transformation": Attribute(
            path="metricTransformations[].{default_value: defaultValue, dimensions: dimensions, name: metricName, "
            "namespace: metricNamespace, unit: unit, value: metricValue}",
            form=Form(inner={"dimensions": MAP, "unit": defaulting("None")}),
            convert=transformations,
        ),
        "name": "filterName",
        "pattern": converted("filterPattern", lambda pattern: (pattern or "").strip()),
    },
    facts={"creation_time": "creationTime"},
)

SUBSCRIPTION_FILTER = Collector(
    type="aws_cloudwatch_log_subscription_filter",
    service="logs",
    fetch=inside("log_subscription_filters", GROUPS, Once(_subscriptions), subscriptions),
    permissions=("logs:DescribeLogGroups", "logs:DescribeSubscriptionFilters"),
    id="Id",
    identity=("log_group_name", "name"),
    parent=in_group("subscription_filter"),
    attributes={
        "destination_arn": "destinationArn",
        "distribution": Attribute(path="distribution", form=defaulting("ByLogStream")),
        "filter_pattern": "filterPattern",
        "log_group_name": "logGroupName",
        "name": "filterName",
        "role_arn": "roleArn",
    },
    facts={"creation_time": "creationTime"},
)


# --- who else may write and read ----------------------------------------------------------------------

RESOURCE_POLICY = Collector(
    type="aws_cloudwatch_log_resource_policy",
    service="logs",
    fetch=Listing("describe_resource_policies", "resourcePolicies"),
    permissions=("logs:DescribeResourcePolicies",),
    id="policyName",
    identity=("policy_name",),
    attributes={"policy_document": policy("policyDocument"), "policy_name": "policyName"},
)


DESTINATION = Collector(
    type="aws_cloudwatch_log_destination",
    service="logs",
    fetch=Listing("describe_destinations", "destinations"),
    details=(Detail(operation="list_tags_for_resource", arguments={"resourceArn": "arn"}, into="Tagging", gone=GONE),),
    permissions=("logs:DescribeDestinations", "logs:ListTagsForResource"),
    id="destinationName",
    identity=("name",),
    attributes={"arn": "arn", "name": "destinationName", "role_arn": "roleArn", "target_arn": "targetArn"},
    tags="Tagging.tags",
)

DESTINATION_POLICY = Collector(
    type="aws_cloudwatch_log_destination_policy",
    service="logs",
    fetch=Listing("describe_destinations", "destinations[?accessPolicy]"),
    permissions=("logs:DescribeDestinations",),
    id="destinationName",
    identity=("destination_name",),
    parent=Parent(type="aws_cloudwatch_log_destination", by="destination_name", part="access_policy"),
    attributes={"access_policy": policy("accessPolicy"), "destination_name": "destinationName"},
)

COLLECTORS = [LOG_GROUP, METRIC_FILTER, SUBSCRIPTION_FILTER, RESOURCE_POLICY, DESTINATION, DESTINATION_POLICY]
