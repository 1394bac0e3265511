"""What a bucket has any number of: inventories, request metrics, analyses, and classes that follow its use.

Each is a resource of its own to the provider, and each bucket has to be asked for its own.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from scanner.aws.collector import Attribute, Collector, Scope, block, blocks, converted, unordered
from scanner.aws.errors import code
from scanner.aws.inside import Once, inside
from scanner.aws.place import Item, Place
from scanner.collectors.s3 import BUCKETS, GONE, part
from state.forms import MAP, THERE, Form, defaulting

Ask = Callable[..., Awaitable[Item]]


async def told(place: Place, bucket: Item, ask: Ask, items: str) -> list[Item]:
    """What a bucket answers, with its name and region."""
    if "RegionError" in bucket:
        raise bucket["RegionError"]
    here, asked = place.at(bucket["BucketRegion"]), {"Bucket": bucket["Name"]}
    try:
        answer = await ask(here, **asked)
        found = list(answer.get(items) or ())
        while after := answer.get("NextContinuationToken"):
            answer = await ask(here, **asked, ContinuationToken=after)
            found += answer.get(items) or ()
    except ClientError as error:
        if code(error) not in GONE:
            raise
        return []
    return [each | {"Name": bucket["Name"], "BucketRegion": bucket["BucketRegion"]} for each in found]


async def _inventories(place: Place, bucket: Item) -> list[Item]:
    def ask(at: Place, **asked: str) -> Awaitable[Item]:
        return at.call("s3", "list_bucket_inventory_configurations", **asked)

    return await told(place, bucket, ask, "InventoryConfigurationList")


async def _metrics(place: Place, bucket: Item) -> list[Item]:
    def ask(at: Place, **asked: str) -> Awaitable[Item]:
        return at.call("s3", "list_bucket_metrics_configurations", **asked)

    return await told(place, bucket, ask, "MetricsConfigurationList")


async def _analyses(place: Place, bucket: Item) -> list[Item]:
    def ask(at: Place, **asked: str) -> Awaitable[Item]:
        return at.call("s3", "list_bucket_analytics_configurations", **asked)

    return await told(place, bucket, ask, "AnalyticsConfigurationList")


async def _tierings(place: Place, bucket: Item) -> list[Item]:
    def ask(at: Place, **asked: str) -> Awaitable[Item]:
        return at.call("s3", "list_bucket_intelligent_tiering_configurations", **asked)

    return await told(place, bucket, ask, "IntelligentTieringConfigurationList")


Asked = Callable[[Place, Item], Awaitable[list[Item]]]


def report(type: str, name: str, asked: Asked, permission: str, attributes: Mapping[str, str | Attribute]) -> Collector:
    """One of a bucket's many."""
    return Collector(
        type=type,
        service="s3",
        scope=Scope.GLOBAL,
        region="BucketRegion",
        fetch=inside(asked.__name__.removeprefix("_"), BUCKETS, Once(asked), lambda answer, bucket: answer),
        asks_parents=True,
        permissions=("s3:ListAllMyBuckets", "s3:GetBucketLocation", permission),
        id="join(':', [Name, Id])",
        identity=("bucket", "name"),
        parent=part(name),
        attributes={"bucket": "Name", "name": "Id", **attributes},
    )


def scope(said: Any) -> list[dict[str, Any]]:
    """A filter as one block: AWS says one thing bare, and more than one in ``And``."""
    if not said:
        return []
    both = said.get("And") or {}
    tags = both.get("Tags") or ([said["Tag"]] if said.get("Tag") else [])
    found = {
        "prefix": said.get("Prefix") or both.get("Prefix"),
        "tags": {tag["Key"]: tag.get("Value", "") for tag in tags} or None,
    }
    point = said.get("AccessPointArn") or both.get("AccessPointArn")
    return [found | {"access_point": point} if point else found]


FILTER = converted("Filter", scope, Form(inner={"tags": MAP}))

INVENTORY = report(
    "aws_s3_bucket_inventory",
    "inventory",
    _inventories,
    "s3:GetInventoryConfiguration",
    {
        "destination": block(
            "Destination.{bucket: S3BucketDestination && [S3BucketDestination.{account_id: AccountId, "
            "bucket_arn: Bucket, encryption: Encryption && [Encryption.{"
            "sse_kms: SSEKMS && [SSEKMS.{key_id: KeyId}], sse_s3: SSES3 != `null` && [`{}`] || `[]`}], "
            "format: Format, prefix: Prefix}]}",
            bucket=Form(inner={"encryption": Form(inner={"sse_s3": THERE})}),
        ),
        "enabled": Attribute(path="IsEnabled", form=defaulting(True)),
        "filter": block("Filter.{prefix: Prefix}"),
        "included_object_versions": "IncludedObjectVersions",
        "optional_fields": unordered("OptionalFields"),
        "schedule": block("Schedule.{frequency: Frequency}"),
    },
)

METRIC = report("aws_s3_bucket_metric", "metric", _metrics, "s3:GetMetricsConfiguration", {"filter": FILTER})

ANALYTICS = report(
    "aws_s3_bucket_analytics_configuration",
    "analytics_configuration",
    _analyses,
    "s3:GetAnalyticsConfiguration",
    {
        "filter": FILTER,
        "storage_class_analysis": block(
            "StorageClassAnalysis.{data_export: DataExport && [DataExport.{"
            "destination: Destination && [Destination.{s3_bucket_destination: S3BucketDestination && "
            "[S3BucketDestination.{bucket_account_id: BucketAccountId, bucket_arn: Bucket, format: Format, "
            "prefix: Prefix}]}], output_schema_version: OutputSchemaVersion}]}"
        ),
    },
)

INTELLIGENT_TIERING = report(
    "aws_s3_bucket_intelligent_tiering_configuration",
    "intelligent_tiering_configuration",
    _tierings,
    "s3:GetIntelligentTieringConfiguration",
    {
        "filter": FILTER,
        "status": Attribute(path="Status", form=defaulting("Enabled")),
        "tiering": blocks("Tierings[].{access_tier: AccessTier, days: Days}"),
    },
)

COLLECTORS = [INVENTORY, METRIC, ANALYTICS, INTELLIGENT_TIERING]
