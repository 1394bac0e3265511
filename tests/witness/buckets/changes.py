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


def logging_switched_off(aws: Clients, state: State) -> None:
    aws("s3").put_bucket_logging(Bucket=ORDERS, BucketLoggingStatus={})


def lifecycle_shortened(aws: Clients, state: State) -> None:
    rule = {"ID": "forget", "Status": "Enabled", "Filter": {"Prefix": "raw/"}, "Expiration": {"Days": 1}}
    aws("s3").put_bucket_lifecycle_configuration(Bucket=LOGS, LifecycleConfiguration={"Rules": [rule]})


def acl_opened(aws: Clients, state: State) -> None:
    aws("s3").put_bucket_acl(Bucket=LOGS, ACL="public-read")


def ownership_changed(aws: Clients, state: State) -> None:
    rules = [{"ObjectOwnership": "ObjectWriter"}]
    aws("s3").put_bucket_ownership_controls(Bucket=LOGS, OwnershipControls={"Rules": rules})


COPY = "the provider's copy in the bucket of a setting that has a resource of its own, which tells it too"

EXPLAINED: dict[str, dict[str, str]] = {
    "acl_opened": {"terraform: changed aws_s3_bucket.logs grant": COPY},
    "bucket_made_by_hand": {
        "ours: unmanaged aws_s3_bucket driftline-temporary": "Terraform never looks for what it does not manage",
    },
    "encryption_weakened": {
        "terraform: changed aws_s3_bucket.orders server_side_encryption_configuration": COPY,
    },
    "lifecycle_shortened": {"terraform: changed aws_s3_bucket.logs lifecycle_rule": COPY},
    "logging_switched_off": {"terraform: changed aws_s3_bucket.orders logging": COPY},
    "policy_changed": {"terraform: changed aws_s3_bucket.orders policy": COPY},
    "policy_deleted": {"terraform: changed aws_s3_bucket.orders policy": COPY},
    "versioning_suspended": {"terraform: changed aws_s3_bucket.orders versioning": COPY},
}
"""What only one of the two says after a change, and why that is as it should be."""
