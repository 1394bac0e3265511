"""The delivery identity's way to S3: it reads the states it was told of, and keeps Driftline's own database.

It is not the identity that scans: its operations are these few, and none of them is the audit's.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from scanner.aws.errors import DENIED, Elsewhere, Refused, code, explain
from scanner.aws.session import Access, Aws, Item, Place
from scanner.settings import SettingsError
from state.terraform.errors import Forbidden, NotFound, Unreadable
from state.terraform.sources import Blob

ALLOWED = frozenset({"s3:GetObject", "s3:HeadObject", "s3:ListObjectsV2", "sts:GetCallerIdentity"})
ASSUMING = ALLOWED | {"sts:AssumeRole"}

DATABASE = frozenset({"s3:GetObject", "s3:PutObject", "secretsmanager:GetSecretValue", "sts:GetCallerIdentity"})

OVERTAKEN = {"PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey", "412", "409"}
"""Another was faster: it wrote the object, is writing it, or deleted it."""
ABSENT = {"404", "NoSuchBucket", "NoSuchKey", "NoSuchVersion", "NotFound"}


class Objects:
    """Objects of S3, read whole. Each bucket is asked in the region that S3 says it is in.

    ``setting`` is what an error tells the user to check: where the names came from.
    """

    def __init__(self, aws: Aws, setting: str = "--from") -> None:
        self.aws, self.setting = aws, setting
        self.places: dict[str, Place] = {}

    async def read(self, bucket: str, key: str) -> Blob:
        """One object, with its version, or its ETag where the bucket keeps none."""
        source = f"s3://{bucket}/{key}"
        answer = await self._get(source, bucket, key)
        version = answer.get("VersionId")
        return Blob(answer["Body"], version if version and version != "null" else answer["ETag"])

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
            answer = await self._get(source, bucket, key)
        except NotFound as error:
            if _cause(error) == "NoSuchBucket":
                raise
            return None
        return answer["Body"], answer["ETag"]

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
            if _cause(error) in OVERTAKEN:
                return False
            raise
        return True

    async def secret(self, arn: str) -> str:
        """The text of a secret: the Slack webhook's URL. Never logged, never in an error."""
        parts = arn.split(":")
        place = self.aws.at(parts[3] if len(parts) > 3 else self.aws.home)
        logging.getLogger("botocore.parsers").setLevel(logging.INFO)  # at DEBUG it logs the answer, secret and all
        try:
            answer = await place.call("secretsmanager", "get_secret_value", SecretId=arn)
        except (ClientError, BotoCoreError, OSError, TimeoutError) as error:
            raise _secret_refused(arn, error) from error
        text = str(answer.get("SecretString") or "").strip()
        if not text:
            raise NotFound(arn, "the secret holds no text; put the webhook's URL into it")
        return text

    async def _get(self, source: str, bucket: str, key: str) -> Item:
        """An object's answer, its body read."""
        answer = await self._call(source, "get_object", f"s3:GetObject on {source}", Bucket=bucket, Key=key)
        try:
            return answer | {"Body": await answer["Body"].read()}
        except (BotoCoreError, OSError, TimeoutError) as error:
            raise Unreadable(source, f"the download broke off: {explain(error)[1]}; scan again") from error

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
            raise self._explained(source, permission, error) from error

    def _explained(self, source: str, permission: str, error: BaseException) -> Unreadable:
        name = code(error)
        if name == "NoSuchBucket":
            return NotFound(source, f"there is no such bucket; check the name given to {self.setting}")
        if name in ABSENT:
            return NotFound(source, f"there is no such object; check the key given to {self.setting}")
        if name in DENIED:
            return Forbidden(source, f"access denied ({name}); allow {permission}, and kms:Decrypt if it is encrypted")
        return Unreadable(source, f"cannot be read: {explain(error)[1]}")


def named(source: str, setting: str) -> str:
    """The source, held to be s3://bucket/key. Raises SettingsError for any other text."""
    bucket, key = _bucket_and_key(source)
    if not (source.startswith("s3://") and bucket and key) or key.endswith("/"):
        raise SettingsError(f"{setting}: set it to s3://bucket/key, not {source!r}")
    return source


def _bucket_and_key(source: str) -> tuple[str, str]:
    bucket, _, key = source.removeprefix("s3://").partition("/")
    return bucket, key


def _cause(error: Unreadable) -> str:
    """The AWS error code that an error of ours explains."""
    return code(error.__cause__) if isinstance(error.__cause__, ClientError) else ""


def _secret_refused(arn: str, error: BaseException) -> Unreadable:
    name = code(error)
    if name == "ResourceNotFoundException":
        return NotFound(arn, "there is no such secret, or nothing in it yet; put the webhook's URL into it")
    if name in DENIED:
        return Forbidden(arn, f"access denied ({name}); allow secretsmanager:GetSecretValue on it")
    return Unreadable(arn, f"the secret cannot be read: {explain(error)[1]}")


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
async def own(access: Access, setting: str) -> AsyncIterator[Objects]:
    """Where the database and the Slack secret are: as whoever runs the task, and never as the audit role."""
    async with Aws(access, allowed=DATABASE) as aws:
        yield Objects(aws, setting)
