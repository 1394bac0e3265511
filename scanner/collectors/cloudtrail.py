"""AWS CloudTrail: trails, each in the region that it was made in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from scanner.aws.collector import Attribute, Collector, Detail, as_block, blocks, name_or_arn
from scanner.aws.place import Item, Place
from state import Inventory, Resource
from state.forms import UNORDERED, Form, defaulting, plain

OF_TRAIL = {"TrailName": "TrailARN"}
GONE = ("TrailNotFoundException", "CloudTrailARNInvalidException", "ResourceNotFoundException")


def chosen(value: Any) -> Any:
    """Management events, all of them, are what a trail records where nothing is said."""
    return [each for each in map(_selector, value or ()) if each] or None


def _selector(said: Any) -> Any:
    none = said.get("include_management_events") is False
    kind = said.get("read_write_type")
    return plain({**said, "include_management_events": none and "none", "read_write_type": kind != "All" and kind})


async def trails(place: Place) -> AsyncIterator[list[Item]]:
    """Those at home in a region. To a member, the organization's trail is a shadow there, and without those untold."""
    answer = await place.call("cloudtrail", "describe_trails", includeShadowTrails=True)
    yield [each for each in answer.get("trailList") or () if each.get("HomeRegion") == place.region]


def of_organization(trail: Resource, inventory: Inventory) -> str | None:
    """A trail of the whole organization is seen in each of its accounts, under the ARN that it has at home."""
    home = str(trail.arn).split(":")[4]
    return None if home == trail.account else f"organizations: {home}"


FIELD = """{ends_with: EndsWith, equals: Equals, field: Field, not_ends_with: NotEndsWith, not_equals: NotEquals,
    not_starts_with: NotStartsWith, starts_with: StartsWith}"""
VALUES = dict.fromkeys(
    ("ends_with", "equals", "not_ends_with", "not_equals", "not_starts_with", "starts_with"), UNORDERED
)

TRAIL = Collector(
    type="aws_cloudtrail",
    service="cloudtrail",
    fetch=trails,
    details=(
        Detail(operation="get_trail_status", arguments={"Name": "TrailARN"}, into="Status", gone=GONE),
        Detail(operation="get_event_selectors", arguments=OF_TRAIL, into="Selected", gone=GONE),
        Detail(
            operation="get_insight_selectors",
            arguments=OF_TRAIL,
            into="Insight",
            absent=("InsightNotEnabledException",),
            gone=GONE,
            unless="HasInsightSelectors==`false`",
        ),
        Detail(operation="list_tags", arguments={"ResourceIdList": "[TrailARN]"}, into="Tagging", gone=GONE),
    ),
    permissions=(
        "cloudtrail:DescribeTrails",
        "cloudtrail:GetTrailStatus",
        "cloudtrail:GetEventSelectors",
        "cloudtrail:GetInsightSelectors",
        "cloudtrail:ListTags",
    ),
    id="TrailARN",
    identity=("name",),
    owned=of_organization,
    attributes={
        "advanced_event_selector": Attribute(
            path=f"Selected.AdvancedEventSelectors[].{{field_selector: FieldSelectors[].{FIELD}, name: Name}}",
            form=Form(inner={"field_selector": Form(canonical=UNORDERED.canonical, inner=VALUES)}),
            convert=as_block,
        ),
        "arn": "TrailARN",
        "cloud_watch_logs_group_arn": "CloudWatchLogsLogGroupArn",
        "cloud_watch_logs_role_arn": "CloudWatchLogsRoleArn",
        "enable_log_file_validation": "LogFileValidationEnabled",
        "enable_logging": Attribute(path="Status.IsLogging", form=defaulting(True)),
        "event_selector": Attribute(
            path="Selected.EventSelectors[].{data_resource: DataResources[].{type: Type, values: Values}, "
            "exclude_management_event_sources: ExcludeManagementEventSources, "
            "include_management_events: IncludeManagementEvents, read_write_type: ReadWriteType}",
            form=Form(canonical=chosen, inner={"exclude_management_event_sources": UNORDERED}),
            convert=as_block,
        ),
        "home_region": "HomeRegion",
        "include_global_service_events": Attribute(path="IncludeGlobalServiceEvents", form=defaulting(True)),
        "insight_selector": blocks("Insight.InsightSelectors[].{insight_type: InsightType}"),
        "is_multi_region_trail": "IsMultiRegionTrail",
        "is_organization_trail": "IsOrganizationTrail",
        "kms_key_id": name_or_arn("KmsKeyId"),
        "name": "Name",
        "s3_bucket_name": "S3BucketName",
        "s3_key_prefix": "S3KeyPrefix",
        "sns_topic_arn": "SnsTopicARN",
        "sns_topic_name": name_or_arn("SnsTopicName"),
    },
    facts={
        "latest_cloud_watch_logs_delivery_error": "Status.LatestCloudWatchLogsDeliveryError",
        "latest_cloud_watch_logs_delivery_time": "Status.LatestCloudWatchLogsDeliveryTime",
        "latest_delivery_error": "Status.LatestDeliveryError",
        "latest_delivery_time": "Status.LatestDeliveryTime",
        "latest_digest_delivery_error": "Status.LatestDigestDeliveryError",
        "latest_notification_error": "Status.LatestNotificationError",
        "start_logging_time": "Status.StartLoggingTime",
        "stop_logging_time": "Status.StopLoggingTime",
    },
    tags="Tagging.ResourceTagList[].TagsList[]",
)

COLLECTORS = [TRAIL]
