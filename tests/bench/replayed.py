"""A moto server that answers again what it answered before, as far away as AWS and as many at once; a process apart.

``python -m tests.bench.replayed --latency 0.04`` prints its URL, and is moto at first. From ``/-/record`` on it keeps
what moto answers to reads, and answers these again without moto, so many seconds later: who asks twice is told the
same, also of what moves by itself. From ``/-/replay`` on it keeps nothing more. Both count anew: ``/-/counts`` says how
often it was asked, and what it asked moto. Writes are moto's at all times.

Where moto itself fails it says 400 at once: after a 500 everybody waits and asks again, and waiting would be measured.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import re
from collections.abc import Callable, Iterable
from hashlib import sha256
from typing import Any, NamedTuple

import msgspec
from aiohttp import ClientSession, TCPConnector, web
from moto.rds.models import DBInstance
from yarl import URL

from scanner.aws.allowed import ALLOWED
from tests.bench.beside import Counts
from tests.bench.routes import Routes
from tests.witness.account import Request
from tests.witness.moto_server import AS_JSON, Application, moto, served

_SCOPE = re.compile(r"Credential=[^/]*/\d+/([^/]+/[^/]+)/")
OF_A_CONNECTION = frozenset({"connection", "expect", "keep-alive", "transfer-encoding"})
UNTOLD = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")
"""What a client would add by itself."""


class Question(NamedTuple):
    """What of a request decides its answer: not the date, nor the signature, nor which program asks."""

    method: str
    host: str
    path: str
    scope: str
    target: str
    form: str
    body: bytes


def question(request: web.BaseRequest, body: bytes) -> Question:
    said = request.headers
    host, scope = said.get("Host", ""), _SCOPE.search(said.get("Authorization", ""))
    path = request.raw_path.removeprefix(f"http://{host}")  # so a proxy is asked
    target, form = said.get("X-Amz-Target", ""), said.get("Content-Type", "")
    return Question(request.method, host, path, scope[1] if scope else "", target, form, body)


class Answer(NamedTuple):
    """What moto said."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


class Replayed:
    """moto behind a recording of what it said."""

    def __init__(self, moto: str, session: ClientSession, latency: float) -> None:
        self.moto, self.session, self.latency = moto, session, latency
        self.routes = Routes(ALLOWED)
        self.answers: dict[Question, Answer] = {}
        self.recording = False
        self.counts = Counts()

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.raw_path.startswith("/-/"):
            return self._control(request.raw_path)
        asked = question(request, await request.read())
        self.counts.calls += 1
        if known := self.answers.get(asked):
            await asyncio.sleep(self.latency)
            return _response(known)
        self.counts.unrecorded.append(f"{asked.scope} {asked.method} {asked.path} {asked.target} {asked.body[:80]!r}")
        answer = await self._passed(request, asked)
        if self.recording and self._reads(asked):
            self.answers[asked] = answer
        return _response(answer)

    def _reads(self, asked: Question) -> bool:
        """What is called so, and what the scanner may call."""
        said, body = {"x-amz-target": asked.target}, asked.body.decode(errors="replace")
        if Request(method=asked.method, path=asked.path, scope=asked.scope, status=0, headers=said, body=body).reads:
            return True
        signed_for = asked.scope.rpartition("/")[2]
        return self.routes.find(signed_for, asked.method, asked.path, asked.target, asked.body) is not None

    async def _passed(self, request: web.BaseRequest, asked: Question) -> Answer:
        headers = _kept(request.headers.items())
        url = URL(f"{self.moto}{asked.path}", encoded=True)
        async with self.session.request(
            asked.method, url, headers=headers, data=asked.body, allow_redirects=False
        ) as said:
            return Answer(said.status, _kept(said.headers.items()), await said.read())

    def _control(self, path: str) -> web.Response:
        if path == "/-/record":
            self.recording, self.counts = True, Counts()
        elif path == "/-/replay":
            self.recording, self.counts = False, Counts()
            gc.freeze()
        return web.Response(body=msgspec.json.encode(self.counts), content_type="application/json")


def _kept(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(name, value) for name, value in headers if name.lower() not in OF_A_CONNECTION]


def _response(answer: Answer) -> web.Response:
    return web.Response(status=answer.status, headers=answer.headers, body=answer.body)


def outright(application: Application) -> Application:
    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        try:
            return application(environ, start_response)
        except Exception:
            start_response("400 Bad Request", [("Content-Type", "application/json")])
            return [AS_JSON]

    return answer


def own_id(database: DBInstance) -> str:
    """moto gives all databases one id, and Terraform, which asks by it, would find too many."""
    return f"db-{sha256(database.db_instance_identifier.encode()).hexdigest()[:26].upper()}"


# --- the process ----------------------------------------------------------------------------------


async def serve(latency: float) -> None:
    connector = TCPConnector(limit=0, force_close=True)
    asking = ClientSession(connector=connector, auto_decompress=False, skip_auto_headers=UNTOLD)
    databases: Any = DBInstance
    databases.dbi_resource_id = property(own_id, lambda database, said: None)
    with served(outright(moto())) as behind:
        async with asking as session:
            server = web.Server(Replayed(behind, session, latency).handle, access_log=None, keepalive_timeout=3600)
            listening = await asyncio.get_running_loop().create_server(server, "127.0.0.1", 0, backlog=1024)
            print(f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}", flush=True)
            async with listening:
                await listening.serve_forever()


def options(arguments: Iterable[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests.bench.replayed", description=__doc__)
    parser.add_argument("--latency", type=float, default=0.04)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    asyncio.run(serve(options().latency))
