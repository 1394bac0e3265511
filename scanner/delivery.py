"""The delivery identity's way to S3: it reads the states it was told of, and keeps Driftline's own database.

It is not the identity that scans: its operations are these few, and none of them is the audit's.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from scanner.aws.call_log import Log
from scanner.aws.errors import DENIED, Elsewhere, Refused, code, explain
from scanner.aws.place import Item, Place
from scanner.aws.session import Access, Aws
from scanner.aws.wire import Wire
from scanner.settings import SettingsError
from state.terraform.errors import Forbidden, NotFound, Unreadable
from state.terraform.incoming import PIECE, Room, Rooms
from state.terraform.remote import AS_EVER, S3, Blob, How, address

ALLOWED = frozenset({"s3:GetObject", "s3:HeadObject", "s3:ListObjectsV2", "sts:GetCallerIdentity"})
ASSUMING = ALLOWED | {"sts:AssumeRole"}

DATABASE = frozenset({"s3:GetObject", "s3:PutObject", "secretsmanager:GetSecretValue", "sts:GetCallerIdentity"})

OVERTAKEN = {"PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey", "412", "409"}
"""Another was faster: it wrote the object, is writing it, or deleted it."""
ABSENT = {"404", "NoSuchBucket", "NoSuchKey", "NoSuchVersion", "NotFound"}


class Callers:
    """Who asks for objects: whoever scans, or the profile and role that a source names; each enters once.

    Their calls are those of the scan with this id, and are told to its ``log``.
    """

    def __init__(self, access: Access, stack: AsyncExitStack, *, scan_id: str = "", log: Log | None = None) -> None:
        self.access, self.stack = access, stack
        self.scan_id, self.log = scan_id, log
        self.wire: Wire | None = None
        self._entered: dict[Access, asyncio.Future[Aws]] = {}
        self._turn = asyncio.Lock()

    async def of(self, how: How) -> Aws:
        """Raises Refused where there are no credentials, or the role is not to be had."""
        own = self.access if not how.profile else Access(profile=how.profile)
        if how.role_arn:
            own = msgspec.structs.replace(own, role_arn=how.role_arn, external_id=how.external_id or None)
        if own not in self._entered:
            self._entered[own] = asyncio.ensure_future(self._enter(own))
        return await asyncio.shield(self._entered[own])

    async def _enter(self, access: Access) -> Aws:
        async with self._turn:
            if self.wire is None:
                wire = Wire(scan_id=self.scan_id, log=self.log, known=ASSUMING)
                self.wire = await self.stack.enter_async_context(wire)
            return await self.stack.enter_async_context(
                Aws(access, wire=self.wire, allowed=ASSUMING if access.role_arn else ALLOWED)
            )


class Objects:
    """Objects of S3, read whole. Each bucket is asked in the region that S3 says it is in.

    ``setting`` is what an error tells the user to check: where the names came from.
    """

    def __init__(self, by: Aws | Callers, setting: str = "--from") -> None:
        self.by, self.setting = by, setting
        self.regions: dict[str, str] = {}

    async def read(self, bucket: str, key: str, how: How = AS_EVER, rooms: Rooms = Room) -> Blob:
        """One object, with its version, or its ETag where the bucket keeps none."""
        answer = await self._get(bucket, key, how, rooms)
        return Blob(answer["Body"], _version(answer))

    async def version(self, bucket: str, key: str, how: How = AS_EVER) -> str:
        """The version or ETag of an object, which is not read for it."""
        source = S3(bucket=bucket, key=key, how=how).shown
        allow = f"s3:GetObject on s3://{bucket}/{key}"
        return _version(await self._call(source, "head_object", allow, how, Bucket=bucket, Key=key))

    async def list(self, bucket: str, prefix: str, how: How = AS_EVER) -> list[str]:
        """The keys of all objects under a prefix."""
        source, keys, token = f"s3://{bucket}/{prefix}", [], None
        while True:
            more: Item = {"ContinuationToken": token} if token else {}
            page = await self._call(
                source,
                "list_objects_v2",
                f"s3:ListBucket on bucket {bucket}",
                how,
                Bucket=bucket,
                Prefix=prefix,
                **more,
            )
            keys += [each["Key"] for each in page.get("Contents") or ()]
            token = page.get("NextContinuationToken")
            if not token:
                return keys

    async def enter(self, sources: Iterable[str]) -> None:
        """Raises Forbidden where whoever is to ask for one of the sources, where that is in S3, may not enter."""
        wanted = [at for each in sources if each.lower().startswith("s3://") and isinstance(at := address(each), S3)]
        for at in {each.how: each for each in wanted}.values():
            await self._place(at.shown, at.bucket, at.how)

    async def fetch(self, source: str) -> tuple[bytes, str] | None:
        """An object of our own with its ETag; None where there is none yet."""
        bucket, key = _bucket_and_key(source)
        try:
            answer = await self._get(bucket, key, AS_EVER)
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
            await self._call(source, "put_object", allow, AS_EVER, Bucket=bucket, Key=key, Body=data, **condition)
        except Unreadable as error:
            if _cause(error) in OVERTAKEN:
                return False
            raise
        return True

    async def secret(self, arn: str) -> str:
        """The text of a secret: the Slack webhook's URL. Never logged, never in an error."""
        parts = arn.split(":")
        aws = await self._aws(AS_EVER)
        place = aws.at(parts[3] if len(parts) > 3 else aws.home)
        logging.getLogger("botocore.parsers").setLevel(logging.INFO)  # at DEBUG it logs the answer, secret and all
        try:
            answer = await place.call("secretsmanager", "get_secret_value", SecretId=arn)
        except (ClientError, BotoCoreError, OSError, TimeoutError) as error:
            raise _secret_refused(arn, error) from error
        text = str(answer.get("SecretString") or "").strip()
        if not text:
            raise NotFound(arn, "the secret holds no text; put the webhook's URL into it")
        return text

    async def _get(self, bucket: str, key: str, how: How, rooms: Rooms = Room) -> Item:
        """An object's answer, its body read."""
        source, older = S3(bucket=bucket, key=key, how=how).shown, {"VersionId": how.version} if how.version else {}
        allow = f"s3:GetObject{'Version' if older else ''} on s3://{bucket}/{key}"
        answer = await self._call(source, "get_object", allow, how, Bucket=bucket, Key=key, **older)
        try:
            room = rooms()
            async for piece in answer["Body"].iter_chunks(PIECE):
                room.add(piece)
            return answer | {"Body": room.text()}
        except (BotoCoreError, OSError, TimeoutError) as error:
            raise Unreadable(source, f"the download broke off: {explain(error)[1]}; scan again") from error

    async def _aws(self, how: How) -> Aws:
        return self.by if isinstance(self.by, Aws) else await self.by.of(how)

    async def _place(self, source: str, bucket: str, how: How) -> Place:
        try:
            aws = await self._aws(how)
        except Refused as error:
            raise Forbidden(source, str(error)) from error
        return aws.at(self.regions.get(bucket) or how.region or aws.home)

    async def _call(self, source: str, operation: str, permission: str, how: How, **arguments: Any) -> Item:
        bucket = arguments["Bucket"]
        place = await self._place(source, bucket, how)
        try:
            try:
                return await place.call("s3", operation, **arguments)
            except Elsewhere as other:
                self.regions[bucket] = other.region
                return await place.at(other.region).call("s3", operation, **arguments)
        except (ClientError, BotoCoreError, Refused, OSError, TimeoutError) as error:
            raise self._explained(source, permission, error) from error

    def _explained(self, source: str, permission: str, error: BaseException) -> Unreadable:
        name = code(error)
        if name == "NoSuchBucket":
            return NotFound(source, f"there is no such bucket; check the name given to {self.setting}")
        if name == "NoSuchVersion" or ("?version=" in source and name in ("404", "InvalidArgument")):
            return NotFound(source, "there is no such version of the object; `aws s3api list-object-versions` has them")
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


def _version(answer: Item) -> str:
    version = answer.get("VersionId")
    return str(version if version and version != "null" else answer["ETag"])


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
async def objects(access: Access, *, scan_id: str = "", log: Log | None = None) -> AsyncIterator[Objects]:
    """Where states are read from S3; nobody is entered before it is asked for one."""
    async with AsyncExitStack() as stack:
        yield Objects(Callers(access, stack, scan_id=scan_id, log=log))


@asynccontextmanager
async def own(access: Access, setting: str) -> AsyncIterator[Objects]:
    """Where the database and the Slack secret are: as whoever runs the task, and never as the audit role."""
    async with Aws(access, allowed=DATABASE) as aws:
        yield Objects(aws, setting)
