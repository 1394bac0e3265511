"""Amazon S3. The provider splits a bucket into a resource per setting, and so do we.

Before version 4 of the provider the settings stood in the bucket itself, and to this day it keeps a copy of
each there, of the time when the bucket was last read: a setting that is also declared by itself wins.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from scanner.aws.collector import Attribute, Collector, Detail, Scope, block, converted, policy, volatile
from scanner.aws.errors import Elsewhere, Refused, code
from scanner.aws.inside import Once, listing
from scanner.aws.place import Item, Place
from state import Resource
from state.forms import UNREAD, Form, Pairwise, defaulting
from state.schema import Parent

OLD_LOCATIONS = {None: "us-east-1", "": "us-east-1", "EU": "eu-west-1"}
DOMAINS = {"aws-cn": "amazonaws.com.cn"}
OF_BUCKET = {"Bucket": "Name"}
GONE = ("NoSuchBucket",)


async def _location(place: Place, bucket: Item) -> Item:
    return await place.call("s3", "get_bucket_location", **bucket)


LOCATION = Once(_location)


async def _buckets(place: Place) -> list[Item]:
    """Every bucket with its region. AWS tells the region to whoever pages; other S3s are asked for it."""
    listed = await place.whole("s3", "list_buckets")
    located = await asyncio.gather(*(_located(place, each) for each in listed.get("Buckets") or ()))
    return [each for each in located if each is not None]


async def _located(place: Place, bucket: Item) -> Item | None:
    """The bucket with its region, or why that is not known; None where it went since it was listed."""
    named = bucket | {"Domain": DOMAINS.get(place.partition, "amazonaws.com")}
    if bucket.get("BucketRegion"):
        return named
    try:
        answer = await LOCATION(_buckets, place, {"Bucket": bucket["Name"]})
    except Elsewhere as other:
        return named | {"BucketRegion": other.region}
    except (ClientError, BotoCoreError, Refused, OSError, TimeoutError) as error:
        return None if code(error) in GONE else named | {"RegionError": error}
    old = answer.get("LocationConstraint")
    return named | {"BucketRegion": OLD_LOCATIONS.get(old, old)}


LOCATION.readers.add(_buckets)
BUCKETS = Once(_buckets)
buckets = listing("buckets", BUCKETS)


def setting(
    type: str, parent: Parent, detail: Detail, permission: str, attributes: Mapping[str, str | Attribute], **about: Any
) -> Collector:
    """A setting of a bucket, which to the provider is a resource of its own."""
    return Collector(
        type=type,
        service="s3",
        scope=Scope.GLOBAL,
        region="BucketRegion",
        fetch=buckets,
        details=(detail,),
        permissions=("s3:ListAllMyBuckets", "s3:GetBucketLocation", permission),
        id="Name",
        identity=("bucket",),
        parent=parent,
        attributes={"bucket": "Name", **attributes},
        **about,
    )


def answer(operation: str, into: str, *absent: str, holds: str | None = None) -> Detail:
    """The call that tells a setting; the codes in ``absent`` say that the bucket has none."""
    return Detail(
        operation=operation, arguments=OF_BUCKET, into=into, absent=absent, gone=GONE, holds=holds, essential=True
    )


def part(name: str, **paths: str) -> Parent:
    """How drift of a setting is told as drift of its bucket."""
    return Parent(type="aws_s3_bucket", by="bucket", part=name, paths=paths)


def in_bucket(bucket: Resource, **attributes: Any) -> Resource:
    """A setting as the bucket's own copy declares it."""
    return bucket.replace(attributes={"bucket": bucket.attributes.get("bucket"), **attributes})


def copies(bucket: Resource, name: str) -> list[dict[str, Any]]:
    """The blocks of one name in a declared bucket."""
    return [each for each in bucket.attributes.get(name) or () if isinstance(each, dict)]


BUCKET = Collector(
    type="aws_s3_bucket",
    service="s3",
    scope=Scope.GLOBAL,
    region="BucketRegion",
    fetch=buckets,
    details=(
        Detail(
            operation="get_bucket_tagging", arguments=OF_BUCKET, into="Tagging", absent=("NoSuchTagSet",), gone=GONE
        ),
    ),
    permissions=("s3:ListAllMyBuckets", "s3:GetBucketLocation", "s3:GetBucketTagging"),
    id="Name",
    identity=("bucket",),
    arn="arn:{partition}:s3:::{Name}",
    attributes={
        "bucket": "Name",
        "bucket_domain_name": volatile("join('', [Name, '.s3.', Domain])"),
        "bucket_regional_domain_name": volatile("join('', [Name, '.s3.', BucketRegion, '.', Domain])"),
        "region": volatile("BucketRegion"),
    },
    facts={"creation_date": "CreationDate"},
    tags="Tagging.TagSet",
)


# --- public access block --------------------------------------------------------------------------

SHUT = {
    "block_public_acls": "BlockPublicAcls",
    "block_public_policy": "BlockPublicPolicy",
    "ignore_public_acls": "IgnorePublicAcls",
    "restrict_public_buckets": "RestrictPublicBuckets",
}


def as_aws_makes_it(block: Resource) -> bool:
    """All four off, which is the same as none; or, live, all four on, as new buckets have them since April 2023.

    One that is declared to be all on and is not there has been removed: then the bucket is open.
    """
    on = {bool(block.attributes.get(name)) for name in SHUT}
    return on == {False} or (on == {True} and block.declared is None)


PUBLIC_ACCESS_BLOCK = setting(
    "aws_s3_bucket_public_access_block",
    part("public_access_block"),
    answer("get_public_access_block", "Block", "NoSuchPublicAccessBlockConfiguration"),
    "s3:GetBucketPublicAccessBlock",
    {name: f"Block.PublicAccessBlockConfiguration.{path}" for name, path in SHUT.items()},
    at_default=as_aws_makes_it,
)


# --- versioning -----------------------------------------------------------------------------------


def versioning_in_bucket(bucket: Resource) -> Iterator[Resource]:
    """The copy says "not enabled" for Disabled and Suspended alike: then the status is not known."""
    for each in copies(bucket, "versioning"):
        status = "Enabled" if each.get("enabled") else None
        mfa_delete = "Enabled" if each.get("mfa_delete") else None
        yield in_bucket(bucket, versioning_configuration=[{"status": status, "mfa_delete": mfa_delete}])


def both_off(declared: Any, live: Any) -> bool:
    return declared is None and live != "Enabled"


def never_versioned(versioning: Resource) -> bool:
    return not any(each.get("status") == "Enabled" for each in versioning.attributes["versioning_configuration"])


def _versioning(answer: Any) -> list[dict[str, str | None]]:
    """A bucket that never had versioning answers {}; the provider keeps that as Disabled, and no mfa_delete."""
    return [{"status": answer.get("Status", "Disabled"), "mfa_delete": answer.get("MFADelete")}]


VERSIONING = setting(
    "aws_s3_bucket_versioning",
    part("versioning", versioning_configuration="versioning"),
    answer("get_bucket_versioning", "Versioning"),
    "s3:GetBucketVersioning",
    {
        "versioning_configuration": converted(
            "Versioning",
            _versioning,
            Form(inner={"status": Pairwise(agree=both_off), "mfa_delete": defaulting("Disabled")}),
        )
    },
    homes={"aws_s3_bucket": versioning_in_bucket},
    at_default=never_versioned,
)


# --- encryption -----------------------------------------------------------------------------------


def encryption_in_bucket(bucket: Resource) -> Iterator[Resource]:
    for each in copies(bucket, "server_side_encryption_configuration"):
        yield in_bucket(bucket, rule=each.get("rule"))


def encrypted_by_s3(encryption: Resource) -> bool:
    """With S3's own keys, as every bucket is since January 2023 that says nothing else."""
    rules = encryption.attributes["rule"] or [{}]
    ways = [way for rule in rules for way in rule.get("apply_server_side_encryption_by_default") or ()]
    return all(way.get("sse_algorithm") == "AES256" for way in ways)


ENCRYPTION = setting(
    "aws_s3_bucket_server_side_encryption_configuration",
    part("server_side_encryption_configuration[0]"),
    answer("get_bucket_encryption", "Encryption", "ServerSideEncryptionConfigurationNotFoundError"),
    "s3:GetEncryptionConfiguration",
    {
        # A set to the provider, but AWS takes one rule only.
        "rule": block(
            "Encryption.ServerSideEncryptionConfiguration.Rules[].{"
            "apply_server_side_encryption_by_default: [{"
            "kms_master_key_id: ApplyServerSideEncryptionByDefault.KMSMasterKeyID, "
            "sse_algorithm: ApplyServerSideEncryptionByDefault.SSEAlgorithm}], "
            "bucket_key_enabled: BucketKeyEnabled}",
            blocked_encryption_types=UNREAD,
        )
    },
    homes={"aws_s3_bucket": encryption_in_bucket},
    at_default=encrypted_by_s3,
)


# --- policy and ownership -------------------------------------------------------------------------


def policy_in_bucket(bucket: Resource) -> Iterator[Resource]:
    if document := bucket.attributes.get("policy"):
        yield in_bucket(bucket, policy=document)


POLICY = setting(
    "aws_s3_bucket_policy",
    part("policy", policy="policy"),
    answer("get_bucket_policy", "Policy", "NoSuchBucketPolicy"),
    "s3:GetBucketPolicy",
    {"policy": policy("Policy.Policy")},
    homes={"aws_s3_bucket": policy_in_bucket},
)


def owner_enforced(controls: Resource) -> bool:
    """Live, as new buckets are made since April 2023. Declared and gone it is not: without it ACLs count again."""
    rules = controls.attributes["rule"]
    return controls.declared is None and all(each.get("object_ownership") == "BucketOwnerEnforced" for each in rules)


OWNERSHIP = setting(
    "aws_s3_bucket_ownership_controls",
    part("ownership_controls"),
    answer("get_bucket_ownership_controls", "Ownership", "OwnershipControlsNotFoundError"),
    "s3:GetBucketOwnershipControls",
    {"rule": block("Ownership.OwnershipControls.Rules[].{object_ownership: ObjectOwnership}")},
    at_default=owner_enforced,
)

COLLECTORS = [BUCKET, PUBLIC_ACCESS_BLOCK, VERSIONING, ENCRYPTION, POLICY, OWNERSHIP]
