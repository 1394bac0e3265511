"""A made-up account: one thing of every kind that AWS's models know, for the provider and for our collectors."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from scanner.aws.operations import LISTED
from tests.bench import answers
from tests.bench.answers import Fault, Reply
from tests.bench.routes import Arguments, Route, Routes, botocores
from tests.scanner.standin import serving
from tests.witness.imported.made import answered

Words = Mapping[str, Any]
"""What is said in place of what is made up: ``{"kms:DescribeKey KeyMetadata.KeyManager": "CUSTOMER"}``.

The whole answer of an operation may be an error: ``{"s3:GetBucketPolicy": Fault("NoSuchBucketPolicy", 404)}``.
"""


@cache
def routes(service: str) -> Routes:
    """All that may be asked of a service."""
    return Routes(f"{service}:{each}" for each in botocores().load_service_model(service, "service-2")["operations"])


class Account:
    """Answers whatever it is asked for; the operations that were ``asked`` for, and what was not ``understood``."""

    def __init__(self) -> None:
        self.words: Words = {}
        self.bare = False
        self.asked: list[str] = []
        self.strange: list[str] = []
        self._replies: dict[str, Reply] = {}

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        body = await request.read()
        found = self._asked(request, body)
        if found is None:
            self.strange.append(f"{request.method} {request.raw_path} {body[:200]!r}")
            raise web.HTTPNotImplemented
        reply = self._reply(*found)
        return web.Response(body=reply.body, status=reply.status, headers=reply.headers)

    def listening(self) -> AbstractAsyncContextManager[str]:
        """Its URL."""
        return serving(self._handle)

    def _asked(self, request: web.BaseRequest, body: bytes) -> tuple[Route, Arguments] | None:
        """Of two services that sign with one name, and have operations of one name, the version tells which."""
        name, target = request.headers["Authorization"].split("/")[3], request.headers.get("X-Amz-Target", "")
        url = urlsplit(request.raw_path)  # with a host before it where it came as to a proxy
        path = url.path + (f"?{url.query}" if url.query else "")
        for service in services().get(name, ()):
            if found := routes(service).find(name, request.method, path, target, body):
                model = found[0].operation.service_model
                of = model.metadata.get("targetPrefix")
                if found[1].get("Version", model.api_version) == model.api_version and (not of or of in (target or of)):
                    return found[0], _arguments(body) | {**found[1]}
        return None

    def _reply(self, route: Route, arguments: Arguments) -> Reply:
        self.asked.append(route.api)
        words = {path: each for path, each in self.words.items() if path.partition(" ")[0] == route.api}
        said = {path: each(arguments) if callable(each) else each for path, each in words.items()}
        if isinstance(fault := said.get(route.api), Fault):
            return answers.refusal(route.operation, fault)
        if (key := f"{route.api} {self.bare} {said}") not in self._replies:
            told = answered(route.operation, {path.partition(" ")[2]: each for path, each in said.items()}, self.bare)
            body = answers.answer(route.operation, told).encode()
            self._replies[key] = Reply(body, 200, {**answers.headers(route.operation), **_headers(route, told)})
        return self._replies[key]


def _headers(route: Route, told: Mapping[str, Any]) -> dict[str, str]:
    """What stands in the headers of an answer."""
    shape = route.operation.output_shape
    places = {name: each.serialization for name, each in shape.members.items()} if shape else {}
    named = {place["name"]: told.get(name) for name, place in places.items() if place.get("location") == "header"}
    return {name: _scalar(each) for name, each in named.items() if each is not None}


def _scalar(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _arguments(body: bytes) -> dict[str, Any]:
    """Those in the body of a request whose path tells the operation."""
    return dict(json.loads(body)) if body.startswith(b"{") else {}


@cache
def services() -> Mapping[str, list[str]]:
    """The services that a scan asks, by the name that they are signed for with; S3 itself would know any path."""
    found: dict[str, list[str]] = {}
    for each in sorted({api.partition(":")[0] for api in LISTED}, reverse=True):
        for name in routes(each).signed:
            found.setdefault(name, []).append(each)
    return found
