"""States over HTTP, and the one module that knows aiohttp: each request goes to the host it was meant for, or nowhere.

TLS is verified always, against the system's authorities, SSL_CERT_FILE and AWS_CA_BUNDLE. Proxies are those of the
environment. What a server says goes into no message: it may repeat what it was sent.
"""

from __future__ import annotations

import asyncio
import hashlib
import netrc
import os
import ssl
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, Self
from urllib.parse import urljoin, urlsplit
from urllib.request import getproxies, proxy_bypass

import msgspec

from state.terraform.errors import Forbidden, NotFound, NotState, Unreadable
from state.terraform.incoming import Room, Rooms, Text
from state.terraform.remote import Blob, Https, is_loopback

LARGEST = 1 << 30
CONNECT = 5  # seconds
LONGEST = 300  # seconds, for one answer
PATIENCE = 60  # seconds that we let a server make us wait before we ask again
TRIES = 4
REDIRECTS = 5
HEAD = 4096
"""Terraform writes the serial at the top: where there is no ETag, so many bytes tell whether a state moved."""

USER, PASSWORD, ADDRESS = "TF_HTTP_USERNAME", "TF_HTTP_PASSWORD", "TF_HTTP_ADDRESS"
LOGIN = f"set {USER} and {PASSWORD}, or name the host in ~/.netrc"

Headers = Mapping[str, str]
_MOVED = (301, 302, 303, 307, 308)
_BUSY = (429, 500, 502, 503, 504)


class Reply(msgspec.Struct, frozen=True):
    """One answer; ``url`` is where it came from in the end, ``head`` what its text begins with."""

    status: int
    body: Text
    headers: Headers
    url: str
    head: bytes = b""


class Web:
    """The way to servers of states. Use as an async context manager; nothing is opened before it is asked."""

    def __init__(self, timeout: float = 20, largest: int = LARGEST, longest: float = LONGEST) -> None:
        self.timeout, self.largest, self.longest = timeout, largest, longest
        self._session: Any = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._session is not None:
            await self._session.close()

    # --- the http backend ---------------------------------------------------------------------

    async def read(self, at: Https, rooms: Rooms = Room) -> Blob:
        """The state at an address. Raises NotFound, Forbidden, NotState or Unreadable."""
        reply = await self.get(at.url, at.shown, credentials(at), rooms=rooms)
        if reply.status == 204 or reply.status == 404:
            raise NotFound(at.shown, "there is no state; check the address, and that something was applied")
        checked(reply, at.shown, LOGIN)
        return Blob(reply.body, version_of(reply))

    async def version(self, at: Https) -> str:
        """What would be read now; of the content no more is fetched than tells."""
        reply = await self.get(at.url, at.shown, credentials(at), most=HEAD)
        checked(reply, at.shown, LOGIN)
        return version_of(reply)

    # --- one answer -----------------------------------------------------------------------------

    async def get(
        self, url: str, source: str, headers: Headers, *, most: int | None = None, rooms: Rooms = Room
    ) -> Reply:
        """The answer in the end: past redirects, and asked for again where a server is busy.

        ``headers`` are sent to the host of ``url`` and to no other. Of a body no more than ``most`` is
        fetched; one that is larger than all that is read is refused.
        """
        waited = 0.0
        for attempt in range(1, TRIES + 1):
            reply = await self._past_redirects(url, source, headers, most, rooms)
            pause = _pause(reply, attempt)
            if reply.status not in _BUSY or attempt == TRIES or waited + pause > PATIENCE:
                return reply
            waited += pause
            await asyncio.sleep(pause)
        raise AssertionError

    async def _past_redirects(self, url: str, source: str, headers: Headers, most: int | None, rooms: Rooms) -> Reply:
        first = urlsplit(url)
        for _ in range(REDIRECTS + 1):
            same = urlsplit(url)[:2] == first[:2]
            reply = await self._once(url, source, headers if same else {}, most, rooms)
            if reply.status not in _MOVED:
                return reply
            url = _next(url, reply, source)
        raise Unreadable(source, "sends us on and on; name the address where the state is")

    async def _once(self, url: str, source: str, headers: Headers, most: int | None, rooms: Rooms) -> Reply:
        import aiohttp

        host = urlsplit(url).hostname
        try:
            async with asyncio.timeout(self.longest), self._asked(url, headers) as answer:
                body, head = await self._body(answer, source, most, rooms())
                return Reply(answer.status, body, {k.lower(): v for k, v in answer.headers.items()}, url, head)
        except TimeoutError as error:
            raise Unreadable(source, f"{host} did not answer in time; try again") from error
        except (ssl.SSLError, aiohttp.ClientSSLError) as error:
            what = f"{host} could not show who it is (TLS); name its authority in SSL_CERT_FILE"
            raise Unreadable(source, what) from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            what = f"{host} could not be reached ({type(error).__name__}); check the address and the proxy"
            raise Unreadable(source, what) from error

    @asynccontextmanager
    async def _asked(self, url: str, headers: Headers) -> AsyncIterator[Any]:
        import aiohttp

        if self._session is None:
            limits = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT, sock_read=self.timeout)
            jar = aiohttp.DummyCookieJar()
            self._session = aiohttp.ClientSession(timeout=limits, cookie_jar=jar, headers={"User-Agent": "driftline"})
        sent = self._session.get(url, headers=headers, ssl=self._tls, proxy=_proxy(url), allow_redirects=False)
        async with sent as answer:
            yield answer

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if bundle := os.environ.get("AWS_CA_BUNDLE"):
            context.load_verify_locations(bundle)
        return context

    async def _body(self, answer: Any, source: str, most: int | None, room: Room) -> tuple[Text, bytes]:
        if most is not None:
            head = b"" if "ETag" in answer.headers else await _head(answer, most)
            return head, head
        head = b""
        async for piece in answer.content.iter_any():
            head += piece[: HEAD - len(head)]
            room.add(piece)
            if room.length > self.largest:
                raise NotState(source, f"is larger than {self.largest >> 20} MB; fetch it as a file")
        return room.text(), head


async def _head(answer: Any, most: int) -> bytes:
    found = b""
    while len(found) < most and (piece := await answer.content.read(most - len(found))):
        found += piece
    return found


def _next(url: str, reply: Reply, source: str) -> str:
    """Where a redirect leads. Raises Unreadable where that is nowhere, or not encrypted as it was before."""
    try:
        there = urljoin(url, reply.headers.get("location", url))
        parts = urlsplit(there)
        leads = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        leads, there, parts = False, "", urlsplit("")
    if not leads or parts.username or parts.password:
        raise Unreadable(source, "sends us on to what is no address")
    downhill = urlsplit(url).scheme == "https" or not is_loopback(parts.hostname or "")
    if parts.scheme != "https" and (parts.scheme != "http" or downhill):
        raise Unreadable(source, f"sends us on to {parts.hostname} without encryption, and a state holds secrets")
    return there


def _pause(reply: Reply, attempt: int) -> float:
    """How long a busy server wants to be left alone. HCP Terraform says it in a header of its own."""
    said = reply.headers.get("retry-after") or reply.headers.get("x-ratelimit-reset") or ""
    try:
        return max(float(said), 0.0)
    except ValueError:
        return 0.25 * 2.0**attempt


def _proxy(url: str) -> str | None:
    parts = urlsplit(url)
    return None if proxy_bypass(parts.hostname or "") else getproxies().get(parts.scheme)


def checked(reply: Reply, source: str, login: str) -> None:
    """Raises Forbidden or Unreadable for an answer that is no state; ``login`` is how to be let in."""
    host = urlsplit(reply.url).hostname
    if reply.status == 200:
        return
    if reply.status == 401:
        raise Forbidden(source, f"{host} asks who we are (401); {login}")
    if reply.status == 403:
        raise Forbidden(source, f"access denied by {host} (403); allow whoever asks to read the state")
    if reply.status == 429:
        raise Unreadable(source, f"{host} asks for fewer requests (429); wait a minute and scan again")
    if reply.status >= 500:
        raise Unreadable(source, f"{host} has a fault of its own ({reply.status}); try again later")
    raise Unreadable(source, f"{host} answered {reply.status}, and a state comes with 200; check the address")


def version_of(reply: Reply) -> str:
    """What tells that a state has moved; empty where nothing does without all of it."""
    if etag := reply.headers.get("etag"):
        return etag
    return hashlib.blake2b(reply.head, digest_size=16).hexdigest() if b'"serial"' in reply.head else ""


# --- who we are -------------------------------------------------------------------------------------


def credentials(at: Https) -> Headers:
    """Those of the environment, where they are for this host, or of ~/.netrc.

    Raises Unreadable for a .netrc that cannot be read.
    """
    user, password = os.environ.get(USER, ""), os.environ.get(PASSWORD, "")
    meant = Https(url=os.environ.get(ADDRESS) or at.url).host
    if not (user or password) or meant != at.host:
        user, password = _of_netrc(urlsplit(at.url).hostname or "", at.shown)
    if not (user or password):
        return {}
    return {"Authorization": f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"}


def _of_netrc(host: str, source: str) -> tuple[str, str]:
    """Its own entry only: ``default`` would be anybody's."""
    path = Path(os.environ.get("NETRC") or Path.home() / ".netrc")
    try:
        found = netrc.netrc(str(path)).hosts.get(host) if path.is_file() else None
    except (netrc.NetrcParseError, OSError, UnicodeDecodeError) as error:
        raise Unreadable(source, f"{path} cannot be read: {type(error).__name__}; mend it") from error
    return (found[0], found[2]) if found else ("", "")
