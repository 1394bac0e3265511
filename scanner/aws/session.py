"""Who is asking, for which account and in which regions: the one module that knows aioboto3."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable
from contextlib import AsyncExitStack
from typing import Any, Self

import aioboto3
import msgspec
from aiobotocore._helpers import resolve_awaitable
from aiobotocore.config import AioConfig
from aiobotocore.credentials import AioDeferredRefreshableCredentials, create_assume_role_refresher
from aiobotocore.httpsession import AIOHTTPSession
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    UnknownRegionError,
)
from botocore.parsers import ResponseParserError

from scanner.aws import operations
from scanner.aws.errors import INVALID, Malformed, Refused, code, explain
from scanner.aws.guard import Guard
from scanner.version import VERSION

IN_FLIGHT = 48
IN_FLIGHT_PER_PLACE = 12
CONNECT_TIMEOUT, READ_TIMEOUT = 5, 20  # seconds

HOME_REGION = {
    "aws": "us-east-1",
    "aws-cn": "cn-north-1",
    "aws-eusc": "eusc-de-east-1",
    "aws-iso": "us-iso-east-1",
    "aws-iso-b": "us-isob-east-1",
    "aws-iso-e": "eu-isoe-west-1",
    "aws-iso-f": "us-isof-south-1",
    "aws-us-gov": "us-gov-west-1",
}
"""Where each partition answers for its global services."""

Item = dict[str, Any]


def read_timeout() -> float:
    """Seconds to wait for an answer: DRIFTLINE_READ_TIMEOUT, for networks slower than most."""
    said = os.environ.get("DRIFTLINE_READ_TIMEOUT", "")
    try:
        return float(said or READ_TIMEOUT)
    except ValueError as error:
        raise Refused(f"DRIFTLINE_READ_TIMEOUT: {said!r} is no number of seconds") from error


class Access(msgspec.Struct, frozen=True, kw_only=True):
    """How to reach one account: profile, role and what the role asks for. All optional.

    ``region`` says which partition: China's and GovCloud's accounts are asked at home first.
    """

    profile: str | None = None
    role_arn: str | None = None
    external_id: str | None = None
    account: str | None = None
    region: str | None = None


class SharedHttp(AIOHTTPSession):  # type: ignore[misc]
    """An HTTP session that outlives the clients that use it; whoever made it closes it."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None: ...

    async def close(self) -> None:
        await AIOHTTPSession.__aexit__(self, None, None, None)

    async def _get_session(self, proxy_url: str | None) -> Straight:
        return Straight(await AIOHTTPSession._get_session(self, proxy_url))


class Straight(msgspec.Struct, frozen=True):
    """Sends each request where it was signed for: aiohttp would follow a redirect, with the session token, anywhere."""

    session: Any

    async def request(self, *arguments: Any, **options: Any) -> Any:
        return await self.session.request(*arguments, allow_redirects=False, **options)


class Aws:
    """One scan's way to one AWS account. Read-only: refuses every operation that is not listed.

    Use as an async context manager. ``account``, ``partition``, ``caller`` and ``home`` (the
    region that the settings name) are known once entered. ``calls`` counts the requests sent.
    """

    def __init__(self, access: Access, *, scan_id: str = "", allowed: frozenset[str] = operations.ALLOWED) -> None:
        self.access = access
        self.scan_id = scan_id
        self.allowed = allowed
        self.account = self.partition = self.caller = self.home = ""
        self.calls = 0
        self._stack = AsyncExitStack()
        self._clients: dict[tuple[str, str], asyncio.Future[Any]] = {}
        self._https: dict[str, SharedHttp] = {}
        self._turnstile = asyncio.Semaphore(IN_FLIGHT)
        self._turnstiles: dict[tuple[str, str], asyncio.Semaphore] = {}

    async def __aenter__(self) -> Self:
        self._session = self._configured()
        try:
            await self._who_am_i()
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._stack.aclose()

    def at(self, region: str) -> Place:
        """The account in one region; ``global`` is where the partition's global services answer."""
        return Place(self, HOME_REGION.get(self.partition, "us-east-1") if region == "global" else region)

    # --- who ----------------------------------------------------------------------------------

    def _configured(self) -> Any:
        """A session as the profile, the config files and the environment say."""
        try:
            return aioboto3.Session(profile_name=self.access.profile)
        except ProfileNotFound as error:
            name = self.access.profile or os.environ.get("AWS_PROFILE") or os.environ.get("AWS_DEFAULT_PROFILE")
            raise Refused(f"there is no AWS profile {name!r} in your AWS config") from error
        except BotoCoreError as error:
            raise Refused(f"your AWS config cannot be read: {error}") from error

    async def _assume(self, role_arn: str) -> None:
        source = self._configured()
        sts = await self._stack.enter_async_context(
            source.client("sts", region_name=self._first_region(source), config=self._config())
        )
        self._guard(sts, await _keys(source))
        request = {"RoleArn": role_arn, "RoleSessionName": self._session_name()}
        if self.access.external_id:
            request["ExternalId"] = self.access.external_id
        refresh = create_assume_role_refresher(sts, request)
        core: Any = self._session._session
        core._credentials = AioDeferredRefreshableCredentials(refresh_using=refresh, method="assume-role")

    async def _who_am_i(self) -> None:
        identity = await self._identity()
        self.account, self.caller = identity["Account"], identity["Arn"]
        self.partition = self.caller.split(":")[1]
        if self.access.account and self.access.account != self.account:
            raise Refused(
                f"the credentials are for account {self.account}, not {self.access.account}; "
                "use the profile or the role of that account"
            )

    async def _identity(self) -> Item:
        self.home = self._first_region(self._session)
        try:
            if self.access.role_arn:
                await self._assume(self.access.role_arn)
            self._keys = await _keys(self._session)
            return await self.at(self.home).call("sts", "get_caller_identity")
        except (NoCredentialsError, PartialCredentialsError) as error:
            raise Refused("no AWS credentials found; set AWS_PROFILE, use --profile, or run `aws sso login`") from error
        except ClientError as error:
            raise Refused(self._refusal(error)) from error
        except (BotoCoreError, OSError, TimeoutError) as error:
            raise Refused(f"AWS could not be asked who is calling: {explain(error)[1]}") from error

    def _refusal(self, error: ClientError) -> str:
        kind, reason = explain(error)
        if kind == "expired":
            return "the AWS credentials have expired; log in again (`aws sso login`) and repeat the scan"
        if error.operation_name == "AssumeRole":
            return f"role {self.access.role_arn} could not be assumed: {reason}; check its trust policy and external id"
        if code(error) in INVALID:
            return f"{self.home} knows no such credentials ({code(error)}); for China or GovCloud name a --region of it"
        return f"AWS refused the credentials: {reason}"

    def _first_region(self, session: Any) -> str:
        """The region of the settings, unless what is to be read lies in another partition."""
        settings: str = session.region_name or os.environ.get("AWS_REGION") or ""
        role = (self.access.role_arn or "").split(":")
        partition = role[1] if len(role) > 1 else _partition(session, self.access.region or settings)
        if settings and _partition(session, settings) == partition:
            return settings
        return HOME_REGION.get(partition, self.access.region or settings)

    def _session_name(self) -> str:
        return f"driftline-{VERSION}-{self.scan_id or 'scan'}"[:64]

    async def regions(self, wanted: tuple[str, ...], excluded: tuple[str, ...] = ()) -> list[str]:
        """The regions to read: those named, or all that are enabled for the account.

        Raises Refused for a name that is no region of the partition, or one not enabled here; and
        where the account's regions may not be listed and none is named.
        """
        enabled = await self._enabled_regions(or_else=(*wanted, *excluded) if wanted else ())
        for name in (*wanted, *excluded):
            if name not in enabled:
                raise Refused(await self._no_such_region(name, enabled))
        return [name for name in dict.fromkeys(wanted or enabled) if name not in excluded]

    async def _enabled_regions(self, or_else: tuple[str, ...]) -> list[str]:
        try:
            answer = await self.at("global").call("ec2", "describe_regions", AllRegions=False)
            found = [region["RegionName"] for region in answer.get("Regions") or ()]
            why = "" if found else "AWS named none"
        except (ClientError, BotoCoreError, OSError, TimeoutError) as error:
            found, why = [], explain(error)[1]
        if not why:
            return sorted(name for name in found if _partition(self._session, name) == self.partition)
        if or_else:
            return [name for name in await self._known_regions() if name in or_else]
        raise Refused(
            f"the account's regions could not be listed: {why}; allow ec2:DescribeRegions, or name them with --region"
        )

    async def _no_such_region(self, name: str, enabled: list[str]) -> str:
        if name in await self._known_regions():
            return f"region {name} is not enabled for account {self.account}; enable it, or leave it out"
        return f"there is no region {name!r} in partition {self.partition}; enabled here: {', '.join(enabled)}"

    async def _known_regions(self) -> list[str]:
        """The partition's regions as botocore knows them; AWS may have opened others since."""
        names: list[str] = await self._session.get_available_regions("ec2", partition_name=self.partition)
        return names

    # --- clients ------------------------------------------------------------------------------

    def _config(self) -> AioConfig:
        return AioConfig(
            connect_timeout=CONNECT_TIMEOUT,
            read_timeout=read_timeout(),
            max_pool_connections=IN_FLIGHT,
            http_session_cls=self._http,
            retries={"mode": "standard"} | ({} if "AWS_MAX_ATTEMPTS" in os.environ else {"total_max_attempts": 5}),
            user_agent_extra=f"driftline/{VERSION}",
        )

    def _http(self, **settings: Any) -> SharedHttp:
        """The one HTTP session, and so the one TLS context and connection pool, of all clients with these settings."""
        key = repr(sorted(settings.items()))
        if key not in self._https:
            self._https[key] = SharedHttp(**settings)
            self._stack.push_async_callback(self._https[key].close)
        return self._https[key]

    async def _client(self, service: str, region: str) -> Any:
        key = service, region
        if key not in self._clients:
            self._clients[key] = asyncio.ensure_future(self._open(service, region))
        return await self._clients[key]

    async def _open(self, service: str, region: str) -> Any:
        client = await self._stack.enter_async_context(
            self._session.client(service, region_name=region, config=self._config())
        )
        self._guard(client, self._keys)
        return client

    def _guard(self, client: Any, keys: set[str]) -> None:
        Guard(client, self.allowed, keys, self._count)

    def _count(self) -> None:
        self.calls += 1

    def turnstile(self, service: str, region: str) -> asyncio.Semaphore:
        return self._turnstiles.setdefault((service, region), asyncio.Semaphore(IN_FLIGHT_PER_PLACE))


def _partition(session: Any, region: str) -> str:
    try:
        name: str = session.get_partition_for_region(region)
    except UnknownRegionError:
        return "aws"
    return name


async def _keys(session: Any) -> set[str]:
    """The access keys of a session's credentials: today's, and from then on each that they are renewed with."""
    keys: set[str] = set()
    if (credentials := await session.get_credentials()) is None:
        return keys
    if renew := getattr(credentials, "_refresh_using", None):

        async def renewed() -> Any:
            answer = await resolve_awaitable(renew())
            keys.add(answer["access_key"])
            return answer

        credentials._refresh_using = renewed
    keys.add((await credentials.get_frozen_credentials()).access_key)
    return keys


class Place:
    """One account in one region: the handle that calls are made through, and the only way to make one."""

    def __init__(self, aws: Aws, region: str) -> None:
        self.aws, self.region = aws, region

    @property
    def account(self) -> str:
        return self.aws.account

    @property
    def partition(self) -> str:
        return self.aws.partition

    def at(self, region: str) -> Place:
        return self.aws.at(region)

    async def call(self, service: str, operation: str, **arguments: Any) -> Item:
        """One answer of a boto3 operation (``describe_regions``); raises what botocore raises."""
        client = await self.aws._client(service, self.region)
        async with self.aws.turnstile(service, self.region), self.aws._turnstile:
            answer: Item = await _answer(getattr(client, operation)(**arguments), client, operation)
            return answer

    async def whole(self, service: str, operation: str, **arguments: Any) -> Item:
        """All pages of an operation as one answer, their lists joined."""
        answer: Item = {}
        async for page in self.pages(service, operation, **arguments):
            for name, value in page.items():
                answer[name] = answer[name] + value if name in answer and isinstance(value, list) else value
        return answer

    async def pages(self, service: str, operation: str, **arguments: Any) -> AsyncIterator[Item]:
        """Every page of an operation, one at a time; one page where the API does not page."""
        client = await self.aws._client(service, self.region)
        if not client.can_paginate(operation):
            yield await self.call(service, operation, **arguments)
            return
        pages = client.get_paginator(operation).paginate(**arguments).__aiter__()
        while True:
            async with self.aws.turnstile(service, self.region), self.aws._turnstile:
                page = await _answer(anext(pages, None), client, operation)
            if page is None:
                return
            yield page


async def _answer(asked: Awaitable[Any], client: Any, operation: str) -> Any:
    """What was asked for. Raises Malformed where botocore stumbles over an answer that is not as AWS documents it."""
    try:
        return await asked
    except (ResponseParserError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise Malformed(type(error).__name__, client.meta.method_to_api_mapping[operation]) from error
