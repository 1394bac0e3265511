"""What people do to buckets by hand."""

from __future__ import annotations

import json

from tests.witness.case import Clients, State

ORDERS, LOGS, BARE = "driftline-orders", "driftline-logs", "driftline-bare"


def _public(bucket: str) -> str:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def versioning_suspended(aws: Clients, state: State) -> None:
    aws("s3").put_bucket_versioning(Bucket=ORDERS, VersioningConfiguration={"Status": "Suspended"})


def public_access_block_deleted(aws: Clients, state: State) -> None:
    aws("s3").delete_public_access_block(Bucket=ORDERS)


def public_policies_let_in(aws: Clients, state: State) -> None:
    shut = {"BlockPublicAcls": True, "IgnorePublicAcls": True}
    open = {"BlockPublicPolicy": False, "RestrictPublicBuckets": False}
    aws("s3").put_public_access_block(Bucket=ORDERS, PublicAccessBlockConfiguration=shut | open)


def policy_changed(aws: Clients, state: State) -> None:
    aws("s3").put_bucket_policy(Bucket=ORDERS, Policy=_public(ORDERS))


def policy_deleted(aws: Clients, state: State) -> None:
    aws("s3").delete_bucket_policy(Bucket=ORDERS)


def policy_put_on_a_bare_bucket(aws: Clients, state: State) -> None:
    aws("s3").put_bucket_policy(Bucket=BARE, Policy=_public(BARE))


def bare_bucket_versioned(aws: Clients, state: State) -> None:
    aws("s3").put_bucket_versioning(Bucket=BARE, VersioningConfiguration={"Status": "Enabled"})


def bucket_deleted(aws: Clients, state: State) -> None:
    aws("s3").delete_bucket(Bucket=BARE)


def bucket_with_settings_deleted(aws: Clients, state: State) -> None:
    aws("s3").delete_bucket(Bucket=ORDERS)


def bucket_made_by_hand(aws: Clients, state: State) -> None:
    aws("s3").create_bucket(Bucket="driftline-temporary", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})


def tag_removed(aws: Clients, state: State) -> None:
    aws("s3").put_bucket_tagging(Bucket=ORDERS, Tagging={"TagSet": [{"Key": "Team", "Value": "shop"}]})


def bare_bucket_tagged(aws: Clients, state: State) -> None:
    aws("s3").put_bucket_tagging(Bucket=BARE, Tagging={"TagSet": [{"Key": "Team", "Value": "shop"}]})


def encryption_weakened(aws: Clients, state: State) -> None:
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": True}
    aws("s3").put_bucket_encryption(Bucket=ORDERS, ServerSideEncryptionConfiguration={"Rules": [rule]})


def encrypted_without_a_bucket_key(aws: Clients, state: State) -> None:
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}, "BucketKeyEnabled": False}
    aws("s3").put_bucket_encryption(Bucket=ORDERS, ServerSideEncryptionConfiguration={"Rules": [rule]})


def encryption_deleted(aws: Clients, state: State) -> None:
    aws("s3").delete_bucket_encryption(Bucket=ORDERS)


def logging_switched_off(aws: Clients, state: State) -> None:
    aws("s3").put_bucket_logging(Bucket=ORDERS, BucketLoggingStatus={})


def logged_elsewhere(aws: Clients, state: State) -> None:
    enabled = {"TargetBucket": LOGS, "TargetPrefix": "by-hand/"}
    aws("s3").put_bucket_logging(Bucket=ORDERS, BucketLoggingStatus={"LoggingEnabled": enabled})


def lifecycle_shortened(aws: Clients, state: State) -> None:
    rule = {"ID": "forget", "Status": "Enabled", "Filter": {"Prefix": "raw/"}, "Expiration": {"Days": 1}}
    aws("s3").put_bucket_lifecycle_configuration(Bucket=LOGS, LifecycleConfiguration={"Rules": [rule]})


def lifecycle_put_to_sleep(aws: Clients, state: State) -> None:
    rule = {"ID": "forget", "Status": "Disabled", "Filter": {"Prefix": "raw/"}, "Expiration": {"Days": 90}}
    aws("s3").put_bucket_lifecycle_configuration(Bucket=LOGS, LifecycleConfiguration={"Rules": [rule]})


def all_forgotten(aws: Clients, state: State) -> None:
    rule = {"ID": "forget", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 90}}
    aws("s3").put_bucket_lifecycle_configuration(Bucket=LOGS, LifecycleConfiguration={"Rules": [rule]})


def lifecycle_deleted(aws: Clients, state: State) -> None:
    aws("s3").delete_bucket_lifecycle(Bucket=LOGS)


def acl_opened(aws: Clients, state: State) -> None:
    aws("s3").put_bucket_acl(Bucket=LOGS, ACL="public-read")


def acl_shut(aws: Clients, state: State) -> None:
    aws("s3").put_bucket_acl(Bucket=LOGS, ACL="private")


def acl_opened_to_whoever_has_an_account(aws: Clients, state: State) -> None:
    aws("s3").put_bucket_acl(Bucket=LOGS, ACL="authenticated-read")


def ownership_changed(aws: Clients, state: State) -> None:
    rules = [{"ObjectOwnership": "ObjectWriter"}]
    aws("s3").put_bucket_ownership_controls(Bucket=LOGS, OwnershipControls={"Rules": rules})


def ownership_no_longer_said(aws: Clients, state: State) -> None:
    aws("s3").delete_bucket_ownership_controls(Bucket=LOGS)


def ownership_enforced(aws: Clients, state: State) -> None:
    rules = [{"ObjectOwnership": "BucketOwnerEnforced"}]
    aws("s3").put_bucket_ownership_controls(Bucket=LOGS, OwnershipControls={"Rules": rules})


COPY = "the provider's copy in the bucket of a setting that has a resource of its own, which tells it too"

EXPLAINED: dict[str, dict[str, str]] = {
    "acl_opened": {"terraform: changed aws_s3_bucket.logs grant": COPY},
    "acl_opened_to_whoever_has_an_account": {"terraform: changed aws_s3_bucket.logs grant": COPY},
    "acl_shut": {"terraform: changed aws_s3_bucket.logs grant": COPY},
    "all_forgotten": {"terraform: changed aws_s3_bucket.logs lifecycle_rule": COPY},
    "bucket_made_by_hand": {
        "ours: unmanaged aws_s3_bucket driftline-temporary": "Terraform never looks for what it does not manage",
    },
    "encrypted_without_a_bucket_key": {
        "terraform: changed aws_s3_bucket.orders server_side_encryption_configuration": COPY,
    },
    "encryption_deleted": {
        "terraform: changed aws_s3_bucket.orders server_side_encryption_configuration": COPY,
    },
    "encryption_weakened": {
        "terraform: changed aws_s3_bucket.orders server_side_encryption_configuration": COPY,
    },
    "lifecycle_deleted": {"terraform: changed aws_s3_bucket.logs lifecycle_rule": COPY},
    "lifecycle_put_to_sleep": {"terraform: changed aws_s3_bucket.logs lifecycle_rule": COPY},
    "lifecycle_shortened": {"terraform: changed aws_s3_bucket.logs lifecycle_rule": COPY},
    "logged_elsewhere": {"terraform: changed aws_s3_bucket.orders logging": COPY},
    "logging_switched_off": {"terraform: changed aws_s3_bucket.orders logging": COPY},
    "policy_changed": {"terraform: changed aws_s3_bucket.orders policy": COPY},
    "policy_deleted": {"terraform: changed aws_s3_bucket.orders policy": COPY},
    "versioning_suspended": {"terraform: changed aws_s3_bucket.orders versioning": COPY},
}
"""What only one of the two says after a change, and why that is as it should be."""

WORDS = (
    "told in the words of the setting that has a resource of its own, which the bucket's block says by true and false"
)

VALUES: dict[str, dict[str, str]] = {
    "bare_bucket_versioned": {
        "ours: after aws_s3_bucket.bare versioning.status": WORDS,
        "terraform: after aws_s3_bucket.bare versioning.enabled": WORDS,
    },
}
"""Where the two tell other values of what both call changed, and why that is as it should be."""
