"""Amazon S3. The provider splits a bucket into a resource per setting, and so do we."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import Any

import msgspec
from botocore.exceptions import ClientError

from scanner.aws.collector import Collector, Detail, Scope, converted
from scanner.aws.errors import explain
from scanner.aws.session import Item, Place
from state import Resource
from state.schema import Parent


async def buckets(place: Place) -> AsyncIterator[list[Item]]:
    """Every bucket with its region. AWS tells the region to whoever pages; other S3s are asked for it."""
    async for page in place.pages("s3", "list_buckets", PaginationConfig={"PageSize": 1000}):
        found = page.get("Buckets") or []
        await asyncio.gather(*(_locate(place, each) for each in found if not each.get("BucketRegion")))
        yield found


async def _locate(place: Place, bucket: Item) -> None:
    try:
        answer = await place.call("s3", "get_bucket_location", Bucket=bucket["Name"])
    except ClientError as error:
        bucket["RegionError"] = explain(error)[1]
    else:
        old = answer.get("LocationConstraint")
        bucket["BucketRegion"] = {None: "us-east-1", "": "us-east-1", "EU": "eu-west-1"}.get(old, old)


def setting(type: str, part: str, detail: Detail, permission: str, attributes: Any, **about: Any) -> Collector:
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
        parent=Parent(type="aws_s3_bucket", by="bucket", part=part),
        attributes={"bucket": "Name", **attributes},
        **about,
    )


OF_BUCKET = {"Bucket": "Name"}

BUCKET = Collector(
    type="aws_s3_bucket",
    service="s3",
    scope=Scope.GLOBAL,
    region="BucketRegion",
    fetch=buckets,
    details=(Detail(operation="get_bucket_tagging", arguments=OF_BUCKET, into="Tagging", absent=("NoSuchTagSet",)),),
    permissions=("s3:ListAllMyBuckets", "s3:GetBucketLocation", "s3:GetBucketTagging"),
    id="Name",
    identity=("bucket",),
    arn="join('', ['arn:aws:s3:::', Name])",
    attributes={"bucket": "Name"},
    tags="Tagging.TagSet",
)

SHUT = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")


def as_aws_makes_it(block: Resource) -> bool:
    """All four on, as every new bucket has them since April 2023, or all four off, which is the same as none."""
    return len({bool(block.attributes.get(name)) for name in SHUT}) == 1


PUBLIC_ACCESS_BLOCK = setting(
    "aws_s3_bucket_public_access_block",
    "public_access_block",
    Detail(
        operation="get_public_access_block",
        arguments=OF_BUCKET,
        into="Block",
        absent=("NoSuchPublicAccessBlockConfiguration",),
        essential=True,
    ),
    "s3:GetBucketPublicAccessBlock",
    {
        "block_public_acls": "Block.PublicAccessBlockConfiguration.BlockPublicAcls",
        "block_public_policy": "Block.PublicAccessBlockConfiguration.BlockPublicPolicy",
        "ignore_public_acls": "Block.PublicAccessBlockConfiguration.IgnorePublicAcls",
        "restrict_public_buckets": "Block.PublicAccessBlockConfiguration.RestrictPublicBuckets",
    },
    at_default=as_aws_makes_it,
)


def versioning_in_bucket(bucket: Resource) -> Iterable[Resource]:
    """The copy of the setting that the provider keeps in the bucket itself (all of it, before version 4)."""
    for each in bucket.attributes.get("versioning") or ():
        status = "Enabled" if each.get("enabled") else "Disabled"
        mfa_delete = "Enabled" if each.get("mfa_delete") else "Disabled"
        configuration = [{"status": status, "mfa_delete": mfa_delete}]
        yield msgspec.structs.replace(
            bucket, attributes={"bucket": bucket.attributes.get("bucket"), "versioning_configuration": configuration}
        )


def never_versioned(versioning: Resource) -> bool:
    return not any(each.get("status") == "Enabled" for each in versioning.attributes["versioning_configuration"])


def _versioning(answer: Any) -> list[dict[str, str]]:
    """A bucket that never had versioning answers {}; the provider keeps that as Disabled."""
    return [{"status": answer.get("Status", "Disabled"), "mfa_delete": answer.get("MFADelete", "Disabled")}]


VERSIONING = setting(
    "aws_s3_bucket_versioning",
    "versioning",
    Detail(operation="get_bucket_versioning", arguments=OF_BUCKET, into="Versioning", essential=True),
    "s3:GetBucketVersioning",
    {"versioning_configuration": converted("Versioning", _versioning)},
    homes={"aws_s3_bucket": versioning_in_bucket},
    at_default=never_versioned,
)

COLLECTORS = [BUCKET, PUBLIC_ACCESS_BLOCK, VERSIONING]
