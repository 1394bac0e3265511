"""Amazon Kinesis Data Streams."""

from __future__ import annotations

from typing import Any

from scanner.aws.collector import Attribute, Collector, Detail, Listing, as_block, converted, name_or_arn, unordered
from state.forms import IF_DECLARED, defaulting

GONE = ("ResourceNotFoundException",)
OF_STREAM = {"StreamName": "StreamName"}
TOLD = "Described.StreamDescriptionSummary"


def shards(found: Any) -> int | None:
    """Of a stream on demand AWS chooses how many it has, and Terraform keeps none."""
    mode, count = found
    return None if mode == "ON_DEMAND" else count


STREAM = Collector(
    type="aws_kinesis_stream",
    service="kinesis",
    fetch=Listing("list_streams", "StreamNames[].{StreamName: @}"),
    details=(
        Detail(operation="describe_stream_summary", arguments=OF_STREAM, into="Described", gone=GONE, essential=True),
        Detail(
            operation="list_tags_for_stream",
            arguments={**OF_STREAM, "Limit": "`50`"},  # no stream has more
            into="Tagging",
            gone=GONE,
        ),
    ),
    permissions=("kinesis:ListStreams", "kinesis:DescribeStreamSummary", "kinesis:ListTagsForStream"),
    id=f"{TOLD}.StreamARN",
    identity=("name",),
    attributes={
        "arn": f"{TOLD}.StreamARN",
        "encryption_type": Attribute(path=f"{TOLD}.EncryptionType", form=defaulting("NONE")),
        "kms_key_id": name_or_arn(f"{TOLD}.KeyId"),
        "max_record_size_in_kib": Attribute(path=f"{TOLD}.MaxRecordSizeInKiB", form=IF_DECLARED),
        "name": f"{TOLD}.StreamName",
        "retention_period": Attribute(path=f"{TOLD}.RetentionPeriodHours", form=defaulting(24)),
        "shard_count": converted(f"[{TOLD}.StreamModeDetails.StreamMode, {TOLD}.OpenShardCount]", shards),
        "shard_level_metrics": unordered(f"{TOLD}.EnhancedMonitoring[].ShardLevelMetrics[]"),
        "stream_mode_details": Attribute(
            path=f"{TOLD}.StreamModeDetails.{{stream_mode: StreamMode}}",
            form=defaulting([{"stream_mode": "PROVISIONED"}]),
            convert=as_block,
        ),
    },
    facts={
        "consumer_count": f"{TOLD}.ConsumerCount",
        "pending_deletion": f"{TOLD}.StreamStatus=='DELETING'",
        "stream_creation_timestamp": f"{TOLD}.StreamCreationTimestamp",
        "stream_status": f"{TOLD}.StreamStatus",
    },
    tags="Tagging.Tags",
)

COLLECTORS = [STREAM]
