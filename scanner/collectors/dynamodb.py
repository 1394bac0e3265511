"""Amazon DynamoDB: tables. A listing of names only; everything about a table is a call of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from scanner.aws.collector import Attribute, Collector, Detail, Shared, as_block, block, blocks
from scanner.aws.errors import code
from scanner.aws.inside import Once, listing
from scanner.aws.place import Item, Place
from scanner.aws.tagging import Listed
from scanner.collectors.appautoscaling import scaled
from state.forms import IF_TOLD, UNORDERED, Form, Keyed, defaulting, if_enabled, without_order
from state.noise import Difference

OF_TABLE = {"TableName": "TableName"}
GONE = ("ResourceNotFoundException", "TableNotFoundException")


def switch(path: str, **inner: Form) -> Attribute:
    """A block with an ``enabled``."""
    return Attribute(path=path, form=Form(canonical=if_enabled, inner=inner), convert=as_block)


async def default_key(place: Place) -> dict[str, str]:
    """The key that AWS encrypts tables with where none is named: the provider writes it as no key."""
    try:
        answer = await place.call("kms", "describe_key", KeyId="alias/aws/dynamodb")
    except ClientError as error:
        if code(error) != "NotFoundException":  # it is made with the first table that needs it
            raise
        return {}
    return {"aws/dynamodb": answer["KeyMetadata"]["Arn"]}


def encryption(found: Sequence[Any]) -> list[Item]:
    """The block, without the key where it is AWS's default one."""
    sse, default = found
    if not sse:
        return []
    arn = sse.get("KMSMasterKeyArn")
    own = None if arn == default else arn
    return [{"enabled": sse.get("Status") in ("ENABLED", "ENABLING", "UPDATING"), "kms_key_arn": own}]


def named_replicas(value: Any) -> Any:
    """Replicas by what one region's answer says of them; the rest would be asked for in theirs."""
    said = ("region_name", "kms_key_arn")
    return without_order([{name: each.get(name) for name in said} for each in value or ()])


class _Indexes(Keyed, frozen=True, kw_only=True):
    """Global indexes. One of an on-demand table has no capacity, whatever Terraform still keeps for it."""

    def differences(self, path: str, declared: Any, live: Any) -> Iterator[tuple[str, Any, Any]]:
        idle = {each["name"] for each in live or () if not each.get("read_capacity")}
        yield from Keyed.differences(self, path, _without_capacity(declared, idle), _without_capacity(live, idle))


def _without_capacity(indexes: Any, names: set[str]) -> list[Mapping[str, Any]]:
    none = {"read_capacity": 0, "write_capacity": 0}
    return [{**each, **none} if each.get("name") in names else each for each in indexes or ()]


def as_resource(found: Difference) -> str:
    """A table as a scalable target names it."""
    return f"table/{found.actual['name']}"


_CAPACITY = re.compile(r"global_secondary_index\[(.+)]\.(read|write)_capacity")


def index_scaled(found: Difference) -> str:
    """An index is scaled apart from its table."""
    if not (at := _CAPACITY.fullmatch(found.path)):
        return ""
    dimension = f"dynamodb:index:{at[2].capitalize()}CapacityUnits"
    return scaled("dynamodb", dimension, lambda found: f"{as_resource(found)}/index/{at[1]}")(found)


UNITS = "{max_read_request_units: MaxReadRequestUnits, max_write_request_units: MaxWriteRequestUnits}"
LIMITS = Form(inner=dict.fromkeys(("max_read_request_units", "max_write_request_units"), defaulting(-1)))


def key(kind: str) -> str:
    return f"KeySchema[?KeyType=='{kind}'].AttributeName | [0]"


INDEX = f"""
    name: IndexName,
    range_key: {key("RANGE")},
    projection_type: Projection.ProjectionType,
    non_key_attributes: Projection.NonKeyAttributes"""

GLOBAL_INDEX = f"""{{{INDEX},
    hash_key: {key("HASH")},
    read_capacity: ProvisionedThroughput.ReadCapacityUnits,
    write_capacity: ProvisionedThroughput.WriteCapacityUnits,
    on_demand_throughput: OnDemandThroughput && [OnDemandThroughput.{UNITS}]
}}"""

LOCAL_INDEX = f"{{{INDEX}}}"


async def _named(place: Place) -> list[Item]:
    """By ARN too, which tells no more than the name, so that none waits for another call to be asked for its tags."""
    names = (await place.whole("dynamodb", "list_tables")).get("TableNames") or ()
    return [{"TableName": each, "TableArn": _arn(place, each)} for each in names]


def _arn(place: Place, name: str) -> str:
    return f"arn:{place.partition}:dynamodb:{place.region}:{place.account}:table/{name}"


NAMED = Once(_named)
TABLES = listing("tables", NAMED)

TABLE = Collector(
    type="aws_dynamodb_table",
    service="dynamodb",
    fetch=TABLES,
    details=(
        Detail(operation="describe_table", arguments=OF_TABLE, into="Described", absent=GONE, essential=True),
        Detail(operation="describe_continuous_backups", arguments=OF_TABLE, into="Backups", gone=GONE),
        Detail(operation="describe_time_to_live", arguments=OF_TABLE, into="Expiry", gone=GONE),
        Detail(
            operation="list_tags_of_resource",
            arguments={"ResourceArn": "TableArn"},
            into="Tagging",
            gone=GONE,
            listed=Listed("dynamodb", "TableArn"),
        ),
        Shared(
            ask=default_key,
            by="'aws/dynamodb'",
            into="DefaultKey",
            some=True,
            only="Described.Table.SSEDescription.KMSMasterKeyArn",
        ),
    ),
    permissions=(
        "dynamodb:ListTables",
        "dynamodb:DescribeTable",
        "dynamodb:DescribeContinuousBackups",
        "dynamodb:DescribeTimeToLive",
        "dynamodb:ListTagsOfResource",
        "kms:DescribeKey",
        "tag:GetResources",
    ),
    id="TableName",
    identity=("name",),
    attributes={
        "arn": "Described.Table.TableArn",
        "attribute": blocks("Described.Table.AttributeDefinitions[].{name: AttributeName, type: AttributeType}"),
        "billing_mode": Attribute(
            path="Described.Table.BillingModeSummary.BillingMode || 'PROVISIONED'", form=defaulting("PROVISIONED")
        ),
        "deletion_protection_enabled": "Described.Table.DeletionProtectionEnabled",
        "global_secondary_index": Attribute(
            path=f"Described.Table.GlobalSecondaryIndexes[].{GLOBAL_INDEX}",
            form=_Indexes(
                by="name",
                canonical=without_order,
                inner={"non_key_attributes": UNORDERED, "on_demand_throughput": LIMITS},
            ),
            convert=as_block,
        ),
        "hash_key": f"Described.Table.{key('HASH')}",
        "local_secondary_index": blocks(
            f"Described.Table.LocalSecondaryIndexes[].{LOCAL_INDEX}", non_key_attributes=UNORDERED
        ),
        "name": "Described.Table.TableName",
        "on_demand_throughput": block(f"Described.Table.OnDemandThroughput.{UNITS}", **LIMITS.inner),
        "point_in_time_recovery": switch(
            "Backups.ContinuousBackupsDescription.PointInTimeRecoveryDescription"
            ".{enabled: PointInTimeRecoveryStatus=='ENABLED', recovery_period_in_days: RecoveryPeriodInDays}",
            recovery_period_in_days=defaulting(35),  # which is what an older provider's silence means
        ),
        "range_key": f"Described.Table.{key('RANGE')}",
        "read_capacity": "Described.Table.ProvisionedThroughput.ReadCapacityUnits",
        "replica": Attribute(
            path="Described.Table.Replicas[].{region_name: RegionName, kms_key_arn: KMSMasterKeyId}",
            form=Form(canonical=named_replicas),
            convert=as_block,
        ),
        # AWS describes no encryption where it is by a key of its own.
        "server_side_encryption": Attribute(
            path="[Described.Table.SSEDescription, DefaultKey]",
            form=Form(canonical=if_enabled),
            convert=encryption,
        ),
        "stream_arn": "Described.Table.LatestStreamArn",
        "stream_enabled": "Described.Table.StreamSpecification.StreamEnabled",
        "stream_label": "Described.Table.LatestStreamLabel",
        # Of a stream that is off AWS says nothing, and Terraform keeps what it was.
        "stream_view_type": Attribute(path="Described.Table.StreamSpecification.StreamViewType", form=IF_TOLD),
        "table_class": Attribute(
            path="Described.Table.TableClassSummary.TableClass || 'STANDARD'", form=defaulting("STANDARD")
        ),
        # AWS takes up to an hour to be done with ENABLING.
        "ttl": switch(
            "Expiry.TimeToLiveDescription"
            ".{attribute_name: AttributeName, enabled: contains(['ENABLED', 'ENABLING'], TimeToLiveStatus)}"
        ),
        "write_capacity": "Described.Table.ProvisionedThroughput.WriteCapacityUnits",
    },
    excuses={
        "global_secondary_index": index_scaled,
        "read_capacity": scaled("dynamodb", "dynamodb:table:ReadCapacityUnits", as_resource),
        "write_capacity": scaled("dynamodb", "dynamodb:table:WriteCapacityUnits", as_resource),
    },
    facts={
        "creation_date_time": "Described.Table.CreationDateTime",
        "item_count": "Described.Table.ItemCount",
        "pending_deletion": "Described.Table.TableStatus=='DELETING'",
        "table_size_bytes": "Described.Table.TableSizeBytes",
        "table_status": "Described.Table.TableStatus",
    },
    tags="Tagging.Tags",
)

COLLECTORS = [TABLE]
