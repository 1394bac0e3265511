"""Which objects of a bucket are copied to which other bucket."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scanner.aws.collector import Attribute, as_block
from scanner.collectors.s3 import answer, copies, in_bucket, part, setting
from scanner.collectors.s3_lifecycle import TAGS_OF_FILTER, Rules
from state import Resource
from state.forms import Form, defaulting

Rule = dict[str, Any]

OFF = Form(inner={"status": defaulting("Disabled")})
"""A block that is left out says the same as one that says Disabled."""

RULE = Form(
    inner={
        "delete_marker_replication": OFF,
        "existing_object_replication": OFF,
        "filter": TAGS_OF_FILTER,
        "source_selection_criteria": Form(
            inner={"replica_modifications": OFF, "sse_kms_encrypted_objects": OFF},
        ),
    }
)

DESTINATION = (
    "[Destination.{access_control_translation: AccessControlTranslation && [AccessControlTranslation.{owner: Owner}], "
    "account: Account, bucket: Bucket, encryption_configuration: EncryptionConfiguration "
    "&& [EncryptionConfiguration.{replica_kms_key_id: ReplicaKmsKeyID}], "
    "metrics: Metrics && [Metrics.{event_threshold: EventThreshold && [EventThreshold.{minutes: Minutes}], "
    "status: Status}], replication_time: ReplicationTime && [ReplicationTime.{status: Status, "
    "time: Time && [Time.{minutes: Minutes}]}], storage_class: StorageClass}]"
)
CRITERIA = (
    "SourceSelectionCriteria && [SourceSelectionCriteria.{"
    "replica_modifications: ReplicaModifications && [ReplicaModifications.{status: Status}], "
    "sse_kms_encrypted_objects: SseKmsEncryptedObjects && [SseKmsEncryptedObjects.{status: Status}]}]"
)
FILTER = (
    "Filter && [Filter.{and: And && [And.{prefix: Prefix, tags: Tags}], prefix: Prefix, "
    "tag: Tag && [Tag.{key: Key, value: Value}]}]"
)


def rules(answer: Any) -> list[Rule]:
    """As AWS answers, but for the tags of a filter, which are pairs."""
    found = as_block(answer)
    for both in (both for rule in found for outer in rule["filter"] or () for both in outer["and"] or ()):
        both["tags"] = {tag["Key"]: tag.get("Value", "") for tag in both["tags"] or ()}
    return found


# --- as the bucket's copy says --------------------------------------------------------------------


def replication_in_bucket(bucket: Resource) -> Iterator[Resource]:
    for each in copies(bucket, "replication_configuration"):
        yield in_bucket(bucket, role=each.get("role"), rule=[_copied(rule) for rule in each.get("rules") or ()])


def _copied(rule: Mapping[str, Any]) -> Rule:
    """A rule of the copy, which knows nothing of objects that were there before."""
    status = rule.get("delete_marker_replication_status")
    outer = _first(rule.get("filter"))
    return {
        "delete_marker_replication": [{"status": status}] if status else [],
        "destination": [_destination(each) for each in rule.get("destination") or ()],
        "filter": [{"and": [{"prefix": outer.get("prefix"), "tags": outer.get("tags")}]}],
        "id": rule.get("id"),
        "prefix": rule.get("prefix"),
        "priority": rule.get("priority"),
        "source_selection_criteria": [
            {"sse_kms_encrypted_objects": [{"status": "Enabled" if _enabled(each) else "Disabled"}]}
            for each in rule.get("source_selection_criteria") or ()
        ],
        "status": rule.get("status"),
    }


def _enabled(criteria: Mapping[str, Any]) -> bool:
    return bool(_first(criteria.get("sse_kms_encrypted_objects")).get("enabled"))


def _destination(copy: Mapping[str, Any]) -> Rule:
    key = copy.get("replica_kms_key_id")
    return {
        "access_control_translation": copy.get("access_control_translation"),
        "account": copy.get("account_id"),
        "bucket": copy.get("bucket"),
        "encryption_configuration": [{"replica_kms_key_id": key}] if key else [],
        "metrics": [
            {"event_threshold": _minutes(each), "status": each.get("status")} for each in copy.get("metrics") or ()
        ],
        "replication_time": [
            {"status": each.get("status"), "time": _minutes(each)} for each in copy.get("replication_time") or ()
        ],
        "storage_class": copy.get("storage_class"),
    }


def _minutes(block: Mapping[str, Any]) -> list[Rule]:
    return [{"minutes": block["minutes"]}] if block.get("minutes") else []


def _first(block: Any) -> Mapping[str, Any]:
    return next((each for each in block or () if each), {})


REPLICATION = setting(
    "aws_s3_bucket_replication_configuration",
    part(
        "replication_configuration[0]",
        role="replication_configuration[0].role",
        rule="replication_configuration[0].rules",
    ),
    answer("get_bucket_replication", "Replication", "ReplicationConfigurationNotFoundError"),
    "s3:GetReplicationConfiguration",
    {
        "role": "Replication.ReplicationConfiguration.Role",
        "rule": Attribute(
            path="Replication.ReplicationConfiguration.Rules[].{"
            "delete_marker_replication: DeleteMarkerReplication && [DeleteMarkerReplication.{status: Status}], "
            f"destination: {DESTINATION}, "
            "existing_object_replication: ExistingObjectReplication && [ExistingObjectReplication.{status: Status}], "
            f"filter: {FILTER}, id: ID, prefix: Prefix, priority: Priority, "
            f"source_selection_criteria: {CRITERIA}, status: Status}}",
            form=Rules(rule=RULE),
            convert=rules,
        ),
    },
    homes={"aws_s3_bucket": replication_in_bucket},
)

COLLECTORS = [REPLICATION]
