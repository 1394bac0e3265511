"""Amazon S3: the objects that are declared. All there are is data, and by the million; each declared one is two calls.

The listing tells of an object without leave to read it, and so do its tags, which HeadObject does not.
"""

from __future__ import annotations

import asyncio
import re
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from scanner.aws.collector import Attribute, Collector, Detail, Scope, converted
from scanner.aws.errors import Elsewhere, Refused, code
from scanner.aws.inside import AT_ONCE
from scanner.aws.place import Item, Place
from scanner.collectors.s3 import BUCKETS, GONE
from state import Resource
from state.forms import Form, defaulting


def cleaned(key: str) -> str:
    """The key as the provider asks for it: no slash before it, and never two in a row."""
    return re.sub("/+", "/", key).removeprefix("/")


async def objects(place: Place, declared: Iterable[Resource]) -> AsyncIterator[list[Item]]:
    """The declared objects that are there, or why that is not known. One in a bucket of another account is not."""
    if not (keys := _by_bucket(place, declared)):
        return
    for bucket in await BUCKETS(objects, place):
        wanted = sorted(keys.pop(bucket["Name"], ()))
        for first in range(0, len(wanted), AT_ONCE):
            asked = (_object(place, bucket, key) for key in wanted[first : first + AT_ONCE])
            yield [each for each in await asyncio.gather(*asked) if each is not None]
    strange = Refused("the account has no such bucket, and so the object may be in that of another")
    yield [_unseen(bucket, key, strange) for bucket, wanted in keys.items() for key in wanted]


BUCKETS.readers.add(objects)


def _by_bucket(place: Place, declared: Iterable[Resource]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for each in declared:
        bucket, key = each.attributes.get("bucket"), each.attributes.get("key")
        if isinstance(bucket, str) and isinstance(key, str) and each.account in (None, "", place.account):
            found[bucket].add(cleaned(key))
    return found


async def _object(place: Place, bucket: Item, key: str) -> Item | None:
    """Of all keys that begin with it, a key itself is the first."""
    name, region = bucket["Name"], bucket.get("BucketRegion")
    if region is None:
        return _unseen(name, key, bucket["RegionError"])
    try:
        answer = await place.at(region).call("s3", "list_objects_v2", Bucket=name, Prefix=key, MaxKeys=1)
    except (ClientError, BotoCoreError, Elsewhere, Refused, OSError, TimeoutError) as error:
        return None if code(error) in GONE else _unseen(name, key, error)
    about = {"Bucket": name, "BucketRegion": region}
    return next((each | about for each in answer.get("Contents") or () if each["Key"] == key), None)


def _unseen(bucket: str, key: str, error: BaseException) -> Item:
    return {"Bucket": bucket, "Key": key, "RegionError": error}


def identity(said: Mapping[str, Any]) -> str | None:
    bucket, key = said.get("bucket"), said.get("key")
    return f"{bucket}/{cleaned(key)}" if bucket and key else None


OBJECT = Collector(
    type="aws_s3_object",
    service="s3",
    scope=Scope.GLOBAL,
    region="BucketRegion",
    fetch=objects,
    sought=True,
    details=(
        Detail(
            operation="get_object_tagging",
            arguments={"Bucket": "Bucket", "Key": "Key"},
            into="Tagging",
            gone=(*GONE, "NoSuchKey"),
        ),
    ),
    permissions=("s3:ListAllMyBuckets", "s3:GetBucketLocation", "s3:ListBucket", "s3:GetObjectTagging"),
    id="join('/', [Bucket, Key])",
    identity=identity,
    arn="arn:{partition}:s3:::{Bucket}/{Key}",
    aliases=("aws_s3_bucket_object", "aws_s3_object_copy"),
    attributes={
        "bucket": "Bucket",
        "etag": converted("ETag", lambda etag: etag.strip('"') if etag else etag),
        "key": Attribute(path="Key", form=Form(canonical=lambda key: cleaned(key) if isinstance(key, str) else key)),
        "storage_class": Attribute(path="StorageClass", form=defaulting("STANDARD")),
    },
    facts={"last_modified": "LastModified", "size": "Size"},
    tags="Tagging.TagSet",
)

COLLECTORS = [OBJECT]
