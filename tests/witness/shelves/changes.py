"""What people do to shelves by hand."""

from __future__ import annotations

from typing import Any

from tests.witness.case import Clients, State

FULL, LEAST, OLD, WHOLE = (f"driftline-{each}" for each in ("shelf-full", "shelf-least", "shelf-old", "whole"))


def _old_bucket_versioned(aws: Clients, state: State) -> None:
    aws("s3").put_bucket_versioning(Bucket=OLD, VersioningConfiguration={"Status": "Suspended"})


def _encrypted(aws: Clients, bucket: str, **way: str) -> None:
    rule = {"ApplyServerSideEncryptionByDefault": way, "BucketKeyEnabled": False}
    aws("s3").put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})


def _other_key_used(aws: Clients, state: State) -> None:
    _encrypted(aws, FULL, SSEAlgorithm="aws:kms", KMSMasterKeyID=state["aws_kms_key.shelf"]["arn"])


def _sealed_once_only(aws: Clients, state: State) -> None:
    _encrypted(aws, OLD, SSEAlgorithm="aws:kms", KMSMasterKeyID=state["aws_kms_key.shelf"]["key_id"])


def _rules(aws: Clients, bucket: str) -> dict[str, dict[str, Any]]:
    found = aws("s3").get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    return {each.get("ID", ""): each for each in found}


def _forgotten(aws: Clients, bucket: str, rules: dict[str, dict[str, Any]]) -> None:
    aws("s3").put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": list(rules.values())})


def _kept_a_version_less(aws: Clients, state: State) -> None:
    rules = _rules(aws, FULL)
    rules["tagged"]["NoncurrentVersionTransitions"][0]["NewerNoncurrentVersions"] = 1
    rules["forgotten"]["Filter"] = {"Tag": {"Key": "Age", "Value": "2"}}
    _forgotten(aws, FULL, rules)


def _rule_without_filter_gone(aws: Clients, state: State) -> None:
    rules = _rules(aws, LEAST)
    del rules["no-filter"]
    _forgotten(aws, LEAST, rules)


def _copied_without_metrics(aws: Clients, state: State) -> None:
    found = aws("s3").get_bucket_replication(Bucket=FULL)["ReplicationConfiguration"]
    del found["Rules"][0]["Destination"]["Metrics"]
    del found["Rules"][0]["Destination"]["ReplicationTime"]
    aws("s3").put_bucket_replication(Bucket=FULL, ReplicationConfiguration=found)


def _locked_by_days(aws: Clients, state: State) -> None:
    retention = {"Mode": "GOVERNANCE", "Days": 2}
    aws("s3").put_object_lock_configuration(
        Bucket=state["aws_s3_bucket.locked"]["bucket"],
        ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": retention}},
    )


def _logs_read_by_nobody(aws: Clients, state: State) -> None:
    enabled = {"TargetBucket": OLD, "TargetPrefix": "old/"}
    aws("s3").put_bucket_logging(Bucket=OLD, BucketLoggingStatus={"LoggingEnabled": enabled})


def _idle_list_written(aws: Clients, state: State) -> None:
    found = aws("s3").get_bucket_inventory_configuration(Bucket=FULL, Id="idle")["InventoryConfiguration"]
    aws("s3").put_bucket_inventory_configuration(
        Bucket=FULL, Id="idle", InventoryConfiguration=found | {"IsEnabled": True}
    )


# --- the bucket that says it all in itself ---------------------------------------------------------


def _whole_no_longer_fast(aws: Clients, state: State) -> None:
    aws("s3").put_bucket_accelerate_configuration(Bucket=WHOLE, AccelerateConfiguration={"Status": "Suspended"})
    aws("s3").put_bucket_logging(Bucket=WHOLE, BucketLoggingStatus={})
    aws("s3").put_bucket_versioning(Bucket=WHOLE, VersioningConfiguration={"Status": "Suspended"})


def _whole_sealed_otherwise(aws: Clients, state: State) -> None:
    _encrypted(aws, WHOLE, SSEAlgorithm="aws:kms")
    aws("s3").put_bucket_acl(Bucket=WHOLE, ACL="private")
    aws("s3").delete_bucket_policy(Bucket=WHOLE)


def _whole_forgets_more(aws: Clients, state: State) -> None:
    rules = _rules(aws, WHOLE)
    rules["parts"]["Status"] = "Enabled"
    _forgotten(aws, WHOLE, rules)
    aws("s3").delete_bucket_replication(Bucket=WHOLE)


def _whole_read_by_all_pages(aws: Clients, state: State) -> None:
    rule = {"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}
    aws("s3").put_bucket_cors(Bucket=WHOLE, CORSConfiguration={"CORSRules": [rule]})
    site = {"IndexDocument": {"Suffix": "index.html"}}
    aws("s3").put_bucket_website(Bucket=WHOLE, WebsiteConfiguration=site)


# --- what is done at once ---------------------------------------------------------------------------


def sealed_otherwise(aws: Clients, state: State) -> None:
    _other_key_used(aws, state)
    _sealed_once_only(aws, state)
    _old_bucket_versioned(aws, state)


def forgotten_otherwise(aws: Clients, state: State) -> None:
    _kept_a_version_less(aws, state)
    _rule_without_filter_gone(aws, state)


def copied_and_locked_less(aws: Clients, state: State) -> None:
    _copied_without_metrics(aws, state)
    _locked_by_days(aws, state)
    _logs_read_by_nobody(aws, state)
    _idle_list_written(aws, state)


def whole_opened(aws: Clients, state: State) -> None:
    _whole_no_longer_fast(aws, state)
    _whole_sealed_otherwise(aws, state)


def whole_left(aws: Clients, state: State) -> None:
    _whole_forgets_more(aws, state)
    _whole_read_by_all_pages(aws, state)


OWNER = "moto does not say whose bucket it opens"
PLACE = "moto says of every access point that it is in us-east-1"
FIELDS = "moto lists another text for each field that is asked for"

ALWAYS = {
    "ours: changed aws_s3_access_point.inside arn": PLACE,
    "ours: changed aws_s3_access_point.inside bucket_account_id": OWNER,
    'ours: changed aws_s3_bucket_inventory.shelf["daily"] optional_fields': FIELDS,
}

COPY = "the provider's copy in the bucket of a setting that has a resource of its own, which tells it too"
SAME_KEY = "the same key by another name: one is an alias of the other"

AFTER = {
    "copied_and_locked_less": {
        "terraform: changed aws_s3_bucket.locked object_lock_configuration": COPY,
        'terraform: changed aws_s3_bucket.shelf["full"] replication_configuration': COPY,
    },
    "forgotten_otherwise": {
        f'terraform: changed aws_s3_bucket.shelf["{each}"] lifecycle_rule': COPY for each in ("full", "least")
    },
    "sealed_otherwise": {
        'terraform: changed aws_s3_bucket.shelf["full"] server_side_encryption_configuration': COPY,
        'terraform: changed aws_s3_bucket.shelf["old"] server_side_encryption_configuration': COPY,
        "terraform: changed aws_s3_bucket_server_side_encryption_configuration.full rule": SAME_KEY,
    },
}

EXPLAINED: dict[str, dict[str, str]] = {
    name: ALWAYS | AFTER.get(name, {}) for name in ["none", *globals()] if name[0] != "_"
}
"""What only one of the two says after a change, and why that is as it should be."""

WORDS = "told in the words of the setting that has a resource of its own, which the bucket's block says otherwise"
TAGS = "a rule's one tag and its many are told as one"

VALUES: dict[str, dict[str, str]] = {
    "forgotten_otherwise": {
        f"{whose}: {side} aws_s3_bucket_lifecycle_configuration.full rule.filter": TAGS
        for whose in ("ours", "terraform")
        for side in ("before", "after")
    },
    "whole_left": {
        "ours: after aws_s3_bucket.whole lifecycle_rule.status": WORDS,
        "ours: before aws_s3_bucket.whole lifecycle_rule.status": WORDS,
        "ours: before aws_s3_bucket.whole website.error_document.key": WORDS,
        "terraform: after aws_s3_bucket.whole lifecycle_rule.enabled": WORDS,
        "terraform: before aws_s3_bucket.whole website.error_document": WORDS,
    },
    "whole_opened": {
        f"{whose}: {side} aws_s3_bucket.whole grant": WORDS
        for whose in ("ours", "terraform")
        for side in ("before", "after")
    }
    | {
        "ours: after aws_s3_bucket.whole versioning.status": WORDS,
        "ours: before aws_s3_bucket.whole versioning.status": WORDS,
        "terraform: before aws_s3_bucket.whole versioning.enabled": WORDS,
    },
}
"""Where the two tell other values of what both call changed, and why that is as it should be."""
