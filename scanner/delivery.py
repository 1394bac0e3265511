"""The delivery identity's way to S3: it reads the states it was told of, and keeps Driftline's own database.

It is not the identity that scans: its operations are these few, and none of them is the audit's.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from scanner.aws.errors import DENIED, Elsewhere, Refused, code, explain
from scanner.aws.session import Access, Aws, Item, Place
from state.terraform.errors import Forbidden, NotFound, Unreadable
from state.terraform.sources import Blob

ALLOWED = frozenset({"s3:GetObject", "s3:HeadObject", "s3:ListObjectsV2", "sts:GetCallerIdentity"})
ASSUMING = ALLOWED | {"sts:AssumeRole"}

DATABASE = frozenset({"s3:GetObject", "s3:PutObject", "secretsmanager:GetSecretValue", "sts:GetCallerIdentity"})

OVERTAKEN = {"PreconditionFailed", "ConditionalRequestConflict", "412", "409"}
ABSENT = {"404", "NoSuchBucket", "NoSuchKey", "NoSuchVersion", "NotFound"}


class Objects:
    """Objects of S3, read whole. Each bucket is asked in the region that S3 says it is in."""

    def __init__(self, aws: Aws) -> None:
        self.aws = aws
        self.places: dict[str, Place] = {}

    async def read(self, bucket: str, key: str) -> Blob:
        """One object, with its version, or its ETag where the bucket keeps none."""
        source = f"s3://{bucket}/{key}"
        answer = await self._call(source, "get_object", f"s3:GetObject on {source}", Bucket=bucket, Key=key)
        try:
            data = await answer["Body"].read()
        except (BotoCoreError, OSError, TimeoutError) as error:
            raise Unreadable(source, f"the download broke off: {explain(error)[1]}; scan again") from error
        version = answer.get("VersionId")
        return Blob(data, version if version and version != "null" else answer["ETag"])

    async def list(self, bucket: str, prefix: str) -> list[str]:
        """The keys of all objects under a prefix."""
        source, keys, token = f"s3://{bucket}/{prefix}", [], None
        while True:
            more: Item = {"ContinuationToken": token} if token else {}
            page = await self._call(
                source, "list_objects_v2", f"s3:ListBucket on bucket {bucket}", Bucket=bucket, Prefix=prefix, **more
            )
            keys += [each["Key"] for each in page.get("Contents") or ()]
            token = page.get("NextContinuationToken")
            if not token:
                return keys

    async def fetch(self, source: str) -> tuple[bytes, str] | None:
        """An object of our own with its ETag; None where there is none yet."""
        bucket, key = _bucket_and_key(source)
        try:
            answer = await self._call(source, "get_object", f"s3:GetObject on {source}", Bucket=bucket, Key=key)
        except NotFound as error:
            if isinstance(error.__cause__, ClientError) and code(error.__cause__) == "NoSuchBucket":
                raise
            return None
        return await answer["Body"].read(), answer["ETag"]

    async def put_back(self, source: str, data: bytes, etag: str | None) -> bool:
        """Write an object over the version with this ETag, or where there is none; False if another was faster.

        https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
        """
        bucket, key = _bucket_and_key(source)
        condition = {"IfMatch": etag} if etag else {"IfNoneMatch": "*"}
        allow = f"s3:PutObject on {source}"
        try:
            await self._call(source, "put_object", allow, Bucket=bucket, Key=key, Body=data, **condition)
        except Unreadable as error:
            if isinstance(error.__cause__, ClientError) and code(error.__cause__) in OVERTAKEN:
                return False
            raise
        return True

    async def secret(self, arn: str) -> str:
        """The text of a secret: the Slack webhook's URL. Never logged, never in an error."""
        parts = arn.split(":")
        place = self.aws.at(parts[3] if len(parts) > 3 else self.aws.home)
        try:
            answer = await place.call("secretsmanager", "get_secret_value", SecretId=arn)
        except (ClientError, BotoCoreError, OSError, TimeoutError) as error:
            raise Unreadable(arn, f"the secret cannot be read: {explain(error)[1]}") from error
        return str(answer["SecretString"])

    async def _call(self, source: str, operation: str, permission: str, **arguments: Any) -> Item:
        bucket = arguments["Bucket"]
        place = self.places.get(bucket) or self.aws.at(self.aws.home)
        try:
            try:
                return await place.call("s3", operation, **arguments)
            except Elsewhere as other:
                self.places[bucket] = self.aws.at(other.region)
                return await self.places[bucket].call("s3", operation, **arguments)
        except (ClientError, BotoCoreError, OSError, TimeoutError) as error:
            raise _explained(source, permission, error) from error


def _bucket_and_key(source: str) -> tuple[str, str]:
    bucket, _, key = source.removeprefix("s3://").partition("/")
    return bucket, key


def _explained(source: str, permission: str, error: BaseException) -> Unreadable:
    name = code(error)
    if name == "NoSuchBucket":
        return NotFound(source, "there is no such bucket; check the name given to --from")
    if name in ABSENT:
        return NotFound(source, "there is no such object; check the key given to --from")
    if name in DENIED:
        return Forbidden(source, f"access denied ({name}); allow {permission}, and kms:Decrypt if it is encrypted")
    return Unreadable(source, f"cannot be read: {explain(error)[1]}")


@asynccontextmanager
async def objects(sources: Iterable[str], access: Access) -> AsyncIterator[Objects | None]:
    """Where to read these sources from S3; None when none of them is there. Raises Forbidden without credentials."""
    wanted = [each for each in sources if each.lower().startswith("s3://")]
    if not wanted:
        yield None
        return
    aws = Aws(access, allowed=ASSUMING if access.role_arn else ALLOWED)
    try:
        await aws.__aenter__()
    except Refused as error:
        raise Forbidden(wanted[0], str(error)) from error
    try:
        yield Objects(aws)
    finally:
        await aws.__aexit__(None, None, None)


@asynccontextmanager
async def own(access: Access) -> AsyncIterator[Objects]:
    """Where the database and the Slack secret are: as whoever runs the task, and never as the audit role."""
    async with Aws(access, allowed=DATABASE) as aws:
        yield Objects(aws)
