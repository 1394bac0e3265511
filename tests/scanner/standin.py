"""A stand-in for the services that moto does not have: it answers in the shape of botocore's models."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import pytest
from aiohttp import web
from moto.core.serialize import RestXMLSerializer
from moto.core.utils import get_service_model

from scanner.aws.collector import Collector
from tests.conftest import read
from tests.scanner.aws.wire import Answer, Reply, Wire, json, wire
from tests.scanner.compared import told, twin
from tests.scanner.whole import whole


class ByOperation(dict[str, Reply]):
    """Answers by operation, or by method and path: queries and last slashes say nothing."""

    def get(self, asked: str, default: Any = None) -> Any:
        return super().get(asked.partition("?")[0].rstrip("/"), default)


@contextmanager
def answering(answers: Mapping[str, Any]) -> Iterator[Wire]:
    """``with answering({"GET /analyzer": {"analyzers": []}}):`` reads of the stand-in, and nothing else is allowed."""
    with wire() as it, pytest.MonkeyPatch.context() as patch:
        told = {
            name: said if callable(said) or isinstance(said, Answer) else json(said) for name, said in answers.items()
        }
        it.answers = ByOperation(it.answers | told)
        patch.setenv("AWS_ENDPOINT_URL", it.url)
        yield it


@asynccontextmanager
async def serving(handle: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]) -> AsyncIterator[str]:
    """The URL, on this machine's loopback, of a stand-in whose answers a function makes."""
    server = web.Server(handle, access_log=None)
    async with await asyncio.get_running_loop().create_server(server, "127.0.0.1", 0) as listening:
        yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"


def in_xml(service: str, operation: str, answer: Mapping[str, Any]) -> Answer:
    """An answer of a service that speaks XML over REST, in the shape of its model."""
    model = get_service_model(service).operation_model(operation)
    told = RestXMLSerializer(model).serialize(answer)
    body = told["body"]
    return Answer(body.decode() if isinstance(body, bytes) else str(body), told["status_code"])


def refused(code: str, message: str = "said the stand-in", status: int = 400) -> Answer:
    """An error of a service that speaks JSON."""
    return Answer(f'{{"__type": "{code}", "message": "{message}"}}', status, {"x-amzn-ErrorType": code})


def assert_one(collector: Collector, answers: Mapping[str, Any], wanted: Mapping[str, Any], change: Any) -> None:
    """What is read of these answers is one thing, as ``wanted``: no drift as it is, and just that of a change."""
    with answering(answers):
        found = read(collector)
    assert found.gaps == []
    [one] = found.of(collector.type)
    assert whole(one) == wanted
    assert told(found, [collector], twin(one)) == set()
    differing = {path.partition("[")[0] for _, _, path in told(found, [collector], twin(one, **change))}
    assert differing == set(change)
