"""The wire to AWS, and the one module that knows aioboto3: sessions, credentials, and one client a service.

A client serves every region and account: the place of a call travels with its arguments, and is where
its endpoint is resolved, whose credentials sign it and what the guard holds it to. Nothing is ambient.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Set
from contextlib import AsyncExitStack, suppress
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

import aioboto3
import msgspec
from aiobotocore.config import AioConfig
from aiobotocore.credentials import AioDeferredRefreshableCredentials
from aiobotocore.httpsession import AIOHTTPSession
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    ProfileNotFound,
    UnknownRegionError,
)
from botocore.httpsession import ProxyConfiguration
from botocore.parsers import ResponseParserError
from botocore.utils import get_environ_proxies

from scanner.aws import endpoints, guard, models, operations, paging
from scanner.aws.call_log import Log
from scanner.aws.credentials import Keys, Remembered, typed, untyped
from scanner.aws.errors import Malformed, NotOffered, Refused, Trouble, trouble
from scanner.aws.offered import is_nowhere
from scanner.aws.pacing import IN_FLIGHT, Pacing, Sent, Where, read_timeout
from scanner.aws.timestamps import timestamp
from scanner.seldom import seldom_collected
from scanner.version import VERSION

if TYPE_CHECKING:
    from scanner.aws.place import Item, Place

CONNECT_TIMEOUT = 5  # seconds
MOMENT = 0.01
"""Seconds until a request that is signed is on its way: while a client is made nothing else goes on."""

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

PER_REGION = frozenset({"sts"})
"""Services whose clients cannot be shared by regions: an old setting makes STS global, by the client's own region."""


OURS = AioConfig(
    endpoint_discovery_enabled=False,
    parameter_validation=False,  # arguments are declared, and held to botocore's models by a test
    retries={"mode": "standard", "total_max_attempts": 1},  # repeating is Pacing's
)


class Shared(AioConfig):  # type: ignore[misc]
    """A session's config, whose HTTP session is kept where another is laid over it; aiobotocore forgets it."""

    def merge(self, other: AioConfig) -> AioConfig:
        merged = AioConfig.merge(self, other)
        merged.http_session_cls = self.http_session_cls
        return merged


class Wire:
    """One process's way to AWS, shared by all accounts and regions. Use as an async context manager.

    ``calls`` counts the requests sent and ``throttled`` those that AWS found too many; ``nowhere`` are the services
    that a region was found not to have. ``pacing`` says
    when a call may be sent, and what became of each is told to ``log``, if there is one. ``known`` are the
    operations that its clients are made for; which of them may be called is for each account to say.
    """

    def __init__(
        self,
        *,
        scan_id: str = "",
        pacing: Pacing | None = None,
        log: Log | None = None,
        known: frozenset[str] = operations.LISTED,
    ) -> None:
        self.scan_id, self.known = scan_id, known
        self.pacing = pacing or Pacing()
        self.log = log
        self.calls = self.throttled = 0
        self.nowhere: set[tuple[str, str]] = set()
        self._stack = AsyncExitStack()
        self._sessions: dict[str | None, Session] = {}
        self._clients: dict[tuple[str | None, ...], asyncio.Future[Any]] = {}
        self._https: dict[str, SharedHttp] = {}
        self._opening, self._asking = asyncio.Lock(), asyncio.Event()

    async def __aenter__(self) -> Self:
        self._stack.enter_context(seldom_collected())
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._clients.clear()
        self._sessions.clear()
        await self._stack.aclose()

    def session(self, profile: str | None) -> Session:
        """The settings of a profile, the config files and the environment. Raises Refused where they are none."""
        if profile not in self._sessions:
            self._sessions[profile] = Session(profile, self._config(), self.known)
        return self._sessions[profile]

    async def client(self, session: Session, service: str, region: str) -> Any:
        """The client of a service, opened once for a profile and a partition."""
        partition = session.partition(region)
        home = region if service in PER_REGION else HOME_REGION.get(partition, region)
        key = session.profile, service, home
        if key not in self._clients:
            self._clients[key] = asyncio.ensure_future(self._open(session, service, home))
        return await asyncio.shield(self._clients[key])

    async def open(self, session: Session, region: str, services: Iterable[str]) -> None:
        """Make clients that will be asked for, while the first answer is waited for; who asks hears why one fails."""
        await self._asking.wait()
        await asyncio.sleep(MOMENT)
        for each in services:
            with suppress(Exception):
                await self.client(session, each, region)

    async def _open(self, session: Session, service: str, region: str) -> Any:
        """A client, made while no other is: in between, answers to those that are there are heard."""
        try:
            opening = session.aioboto3.client(service, region_name=region, config=OURS)
            async with self._opening:
                client = await self._stack.enter_async_context(opening)
        except ValueError as error:
            raise Refused(f"the endpoint of {service} in your AWS settings cannot be used: {error}") from error
        guard.stand_before(client, session.signed_for(client), self._sent)
        endpoints.remember(client)
        _never_again(client)
        return client

    def _sent(self) -> None:
        self.calls += 1
        self._asking.set()

    def _config(self) -> Shared:
        """What holds for every client, those too with which botocore gets credentials."""
        said = f"driftline/{VERSION}" + (f" scan/{self.scan_id}" if self.scan_id else "")
        return Shared(
            account_id_endpoint_mode="disabled",
            connect_timeout=CONNECT_TIMEOUT,
            read_timeout=read_timeout(),
            max_pool_connections=IN_FLIGHT,
            http_session_cls=self._http,
            disable_request_compression=True,
            user_agent=said,
        )

    def _http(self, **settings: Any) -> SharedHttp:
        """The one HTTP session, and so the one TLS context and connection pool, of all clients with these settings."""
        settings |= {"verify": settings["verify"] or True, "proxies": None}
        key = repr(sorted(settings.items()))
        if key not in self._https:
            self._https[key] = SharedHttp(**settings)
            self._stack.push_async_callback(self._https[key].close)
        return self._https[key]

    # --- asking -----------------------------------------------------------------------------------

    async def ask(self, place: Place, service: str, operation: str, arguments: Mapping[str, Any]) -> Item:
        """One answer of a boto3 operation: sent when its turn has come, and again where that can help."""
        client = await self.client(place.session, service, place.region)
        if (name := client.meta.method_to_api_mapping.get(operation)) is None:
            asked = operations.named(service, operation)
            raise Refused(f"{asked} is not on the list of operations that a scan may call")
        where = Where(place.account, place.region, service, name)
        send = partial(getattr(client, operation), **arguments, **{guard.PLACE: place})
        key = place.keys.usable()
        try:
            return await self.pacing.ask(lambda: self._answer(place, client, send, where), where, self._tell)
        except ClientError as error:
            if not await place.keys.anew(key, error):
                raise
        return await self.pacing.ask(lambda: self._answer(place, client, send, where), where, self._tell)

    async def _answer(self, place: Place, client: Any, send: Callable[[], Awaitable[Item]], where: Where) -> Item:
        """What was asked for. Raises NotOffered where there is nobody to ask, which no second attempt changes."""
        try:
            return await _answer(send, where)
        except EndpointConnectionError as error:
            prefix = client.meta.service_model.endpoint_prefix
            if not await is_nowhere(place.session.endpoints, prefix, where.region, error):
                raise
            self.nowhere.add((where.service, where.region))
            host = urlsplit(error.kwargs["endpoint_url"]).hostname or ""
            raise NotOffered(where.service, where.region, host) from error

    async def pages(
        self, place: Place, service: str, operation: str, arguments: Mapping[str, Any]
    ) -> AsyncIterator[Item]:
        """Every page of an operation, as large as they come; one where it does not page."""
        client = await self.client(place.session, service, place.region)

        @paging.onward
        def ask(**page: Any) -> Awaitable[Item]:
            return self.ask(place, service, operation, page)

        if not client.can_paginate(operation):
            model = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[operation])
            async for page in paging.by_token(ask, model, arguments):
                yield page
            return
        paginator = client.get_paginator(operation)
        paginator._method = ask
        largest = paging.size(paginator._model, paginator._pagination_cfg.get("limit_key"))
        asked = {"PaginationConfig": {"PageSize": largest}} | dict(arguments)
        async for page in paginator.paginate(**asked):
            yield page

    def _tell(self, sent: Sent) -> None:
        if sent.error is not None and trouble(sent.error) is Trouble.THROTTLED:
            self.throttled += 1
        if self.log:
            self.log.write(sent)


async def _answer(send: Callable[[], Awaitable[Item]], where: Where) -> Item:
    """What was asked for. Raises Malformed where botocore stumbles over an answer that is not as AWS documents it.

    What a call raises says its ``service``: botocore's errors name the operation alone.
    """
    try:
        return await send()
    except (ResponseParserError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise Malformed(type(error).__name__, where.operation) from error
    except (BotoCoreError, ClientError) as error:
        error.service = getattr(error, "service", where.service)
        raise


def _never_again(client: Any) -> None:
    """Take out what would look at each answer to see whether to ask again: of a single attempt, never."""
    name = client.meta.service_model.service_id.hyphenize()
    client.meta.events.unregister(f"needs-retry.{name}", unique_id=f"retry-config-{name}")


# --- settings and credentials -----------------------------------------------------------------------


class Session:
    """The AWS settings of one profile: regions, endpoints, credentials."""

    def __init__(self, profile: str | None, config: Shared, known: frozenset[str]) -> None:
        self.profile, self._config = profile, config
        self.aioboto3 = _configured(profile, config)
        core = self.aioboto3._session
        core.register_component("data_loader", models.loader(core.get_config_variable("data_path"), known))
        self._keys: Keys | None = None
        parsers = core.get_component("response_parser_factory")
        parsers.set_parser_defaults(timestamp_parser=timestamp)
        self._partitions: dict[str, str] = {}

    @property
    def region(self) -> str:
        """The region of the settings; empty where they name none."""
        return self.aioboto3.region_name or os.environ.get("AWS_REGION") or ""

    @property
    def login(self) -> str:
        """The profile to log in with: this one, or the one that it gets its credentials from; empty for the default."""
        profiles: Any = self.aioboto3._session.full_config.get("profiles", {})
        name, seen = self.profile or _name_of_profile(), set[str]()
        while (source := profiles.get(name or "default", {}).get("source_profile")) and source not in seen:
            name = source
            seen.add(source)
        return name

    def partition(self, region: str) -> str:
        """The partition that a region lies in; a name nobody knows is taken for one of AWS's own."""
        if region not in self._partitions:
            try:
                self._partitions[region] = self.aioboto3.get_partition_for_region(region)
            except UnknownRegionError:
                self._partitions[region] = "aws"
        return self._partitions[region]

    async def regions(self, partition: str) -> list[str]:
        """A partition's regions as botocore knows them; AWS may have opened others since."""
        names: list[str] = await self.aioboto3.get_available_regions("ec2", partition_name=partition)
        return names

    @property
    def endpoints(self) -> Any:
        """Where botocore knows services to be."""
        return self.aioboto3._session._get_internal_component("endpoint_resolver")

    def signed_for(self, client: Any) -> Callable[[str], Set[str]]:
        """Which regions calls from a region are signed for: itself, and where AWS says that the service is at home."""
        resolver = self.endpoints
        service = client.meta.service_model
        own = {client._request_signer.region_name} if service.service_name in PER_REGION else set()

        @cache
        def scopes(region: str) -> Set[str]:
            found = resolver.construct_endpoint(service.endpoint_prefix, region) or {}
            return frozenset({region, found.get("credentialScope", {}).get("region", region), *own})

        return scopes

    def keys(self, region: str) -> Keys:
        """The credentials of the profile or the environment, from wherever boto3 finds them.

        Where no region is configured, STS is asked for them in this one.
        """

        async def load(again: bool) -> Any:
            found = _configured(self.profile, self._config) if again else self.aioboto3
            if not found.region_name:
                found._session._last_client_region_used = region
            provider = found._session.get_component("credential_provider").get_provider("assume-role")
            provider.cache, provider._prompter = Remembered(), untyped if again else typed
            return await found.get_credentials()

        if self._keys is None:
            self._keys = Keys(load, self.login)
        return self._keys


def _name_of_profile() -> str:
    return os.environ.get("AWS_PROFILE") or os.environ.get("AWS_DEFAULT_PROFILE") or ""


def _configured(profile: str | None, config: Shared) -> Any:
    """A session that has read the config files, and whose own calls, for credentials, go as all others do."""
    try:
        found = aioboto3.Session(profile_name=profile)
        found._session.set_default_client_config(config)
        found.events.register_first("before-parse", guard.by_aws)
        return found
    except ProfileNotFound as error:
        name = profile or _name_of_profile()
        raise Refused(f"there is no AWS profile {name!r} in your AWS config") from error
    except BotoCoreError as error:
        raise Refused(f"your AWS config cannot be read: {error}") from error


def of_role(assume: Callable[[], Awaitable[Item]]) -> Keys:
    """The credentials that an AssumeRole answers, asked for again before they expire."""

    async def renew() -> dict[str, str]:
        answer = (await assume())["Credentials"]
        return {
            "access_key": answer["AccessKeyId"],
            "secret_key": answer["SecretAccessKey"],
            "token": answer["SessionToken"],
            "expiry_time": answer["Expiration"].isoformat(),
        }

    async def load(again: bool) -> Any:
        return AioDeferredRefreshableCredentials(refresh_using=renew, method="assume-role")

    return Keys(load)


# --- HTTP -------------------------------------------------------------------------------------------


class SharedHttp(AIOHTTPSession):  # type: ignore[misc]
    """An HTTP session that outlives the clients that use it; whoever made it closes it."""

    def __init__(self, **settings: Any) -> None:
        AIOHTTPSession.__init__(self, **settings)
        self._proxy_config = Proxies()
        self._tls: Any = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None: ...

    async def close(self) -> None:
        await AIOHTTPSession.__aexit__(self, None, None, None)

    async def _get_session(self, proxy_url: str | None) -> Straight:
        return Straight(await AIOHTTPSession._get_session(self, proxy_url))

    def _get_ssl_context(self) -> Any:
        """One for all, at 19 ms of CPU each. An older urllib3 leaves a host's name to itself to check."""
        if self._tls is None:
            self._tls = AIOHTTPSession._get_ssl_context(self)
            self._tls.check_hostname = True
        return self._tls

    def _setup_proxy_ssl_context(self, proxy_url: str) -> Any:
        """Behind a proxy too it has to be AWS that answers: without a context aiohttp would believe anyone."""
        return self._get_ssl_context()


class Proxies:
    """The proxy of each request, by HTTPS_PROXY, HTTP_PROXY and NO_PROXY.

    botocore asks once a client, for the host that it is opened for; NO_PROXY may name the hosts of one region.
    """

    def __init__(self) -> None:
        self._by_host: dict[str, ProxyConfiguration] = {}

    def proxy_url_for(self, url: str) -> str | None:
        found: str | None = self._of(url).proxy_url_for(url)
        return found

    def proxy_headers_for(self, url: str) -> Any:
        return self._of(url).proxy_headers_for(url)

    def _of(self, url: str) -> ProxyConfiguration:
        host = urlsplit(url).netloc
        if host not in self._by_host:
            self._by_host[host] = ProxyConfiguration(get_environ_proxies(url))
        return self._by_host[host]


class Straight(msgspec.Struct, frozen=True):
    """Sends each request where it was signed for: aiohttp would follow a redirect, with the session token, anywhere."""

    session: Any

    async def request(self, *arguments: Any, **options: Any) -> Any:
        return await self.session.request(*arguments, allow_redirects=False, **options)
