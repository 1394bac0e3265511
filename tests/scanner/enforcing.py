"""A stand-in for AWS that enforces IAM: to who may ask, it tells of one thing, made up from botocore's model."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, NamedTuple

from aiohttp import web
from botocore.model import OperationModel, Shape

from scanner.aws.operations import action
from tests.bench import answers
from tests.bench.answers import Fault, Reply
from tests.bench.routes import Arguments, Route, Routes
from tests.conftest import ACCOUNT
from tests.scanner.standin import serving

REGION = "us-east-1"
"""Where those services are too that are in one region only."""

Words = Mapping[str, Any]
"""What an answer says in place of what is made up: ``{"kms:DescribeKey KeyMetadata.KeyManager": "CUSTOMER"}``."""

# --- answers made up --------------------------------------------------------------------------------

ANOTHER_PAGE = re.compile(
    r"marker|position|(next|(next)?continuation)token|next(marker|record\w+)|lastevaluated\w+", re.I
)
"""Members that say that there is another page."""


def made_up(shape: Shape, name: str = "", within: tuple[str, ...] = ()) -> Any:
    """A value of a shape: of a list one item, of a text its member's name; None for a part of its own kind."""
    if shape.name in within:
        return None
    match shape.type_name:
        case "structure":
            return _structure(shape, (*within, shape.name))
        case "list":
            return _unless_none(lambda one: [one], made_up(shape.member, name, (*within, shape.name)))
        case "map":
            return _unless_none(lambda one: {name: one}, made_up(shape.value, name, (*within, shape.name)))
        case "string":
            return shape.enum[0] if shape.enum else _text(name)
        case "boolean":
            return False
        case "blob":
            return "e30="
        case _:
            return 1


def _structure(shape: Shape, within: tuple[str, ...]) -> dict[str, Any]:
    """All members but those that say that there is more; of a union just one."""
    told = [(name, each) for name, each in shape.members.items() if not ANOTHER_PAGE.fullmatch(name)]
    found = [(name, said) for name, each in told if (said := made_up(each, name, within)) is not None]
    return dict(found[:1] if shape.is_tagged_union else found)


def _unless_none(of: Callable[[Any], Any], one: Any) -> Any:
    return None if one is None else of(one)


def _text(name: str) -> str:
    return f"arn:aws:it:{REGION}:{ACCOUNT}:thing:one" if name.lower().endswith("arn") else name


# --- who may ask what -------------------------------------------------------------------------------

REFUSALS = {"ec2": "UnauthorizedOperation", "json": "AccessDeniedException", "rest-json": "AccessDeniedException"}


def refused(operation: OperationModel) -> Reply:
    """How services of each protocol say that it is not allowed."""
    protocol = operation.service_model.resolved_protocol
    return answers.refusal(operation, Fault(REFUSALS.get(protocol, "AccessDenied"), 400 if protocol == "json" else 403))


class Sent(NamedTuple):
    """A request: its operation, the region that it was signed for, its path with the query, and its body."""

    operation: str
    region: str
    path: str
    body: bytes


class Enforcing:
    """Answers to who ``may`` do what they ask for, and refuses all else; the requests that were ``sent``.

    ``words`` are what answers say in place of what is made up.
    """

    def __init__(self, apis: Iterable[str]) -> None:
        self.may, self.sent = set[str](), list[Sent]()
        self.words: Words = {}
        known = sorted(apis)
        services = dict.fromkeys(each.partition(":")[0] for each in known)
        self.routes = [Routes(each for each in known if each.startswith(f"{name}:")) for name in services]
        self._replies: dict[str, Reply] = {}

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        body = await request.read()
        route, arguments = self._asked(request, body)
        self.sent.append(Sent(route.api, request.headers["Authorization"].split("/")[2], request.raw_path, body))
        reply = self._reply(route, arguments)
        return web.Response(body=reply.body, status=reply.status, headers=reply.headers)

    def listening(self) -> AbstractAsyncContextManager[str]:
        """Its URL."""
        return serving(self._handle)

    def _asked(self, request: web.BaseRequest, body: bytes) -> tuple[Route, Arguments]:
        """Of two services that sign with one name, and have operations of one name, the version tells which."""
        signed_for, target = request.headers["Authorization"].split("/")[3], request.headers.get("X-Amz-Target", "")
        for routes in (each for each in self.routes if signed_for in each.signed):
            if found := routes.find(signed_for, request.method, request.raw_path, target, body):
                version = found[0].operation.service_model.api_version
                if found[1].get("Version", version) == version:
                    return found
        raise web.HTTPNotImplemented

    def _reply(self, route: Route, arguments: Arguments) -> Reply:
        if action(route.api) not in self.may:
            return refused(route.operation)
        words = {path: each for path, each in self.words.items() if path.startswith(f"{route.api} ")}
        said = {path: each(arguments) if callable(each) else each for path, each in words.items()}
        if (key := f"{route.api} {said}") not in self._replies:
            self._replies[key] = _answer(route.operation, said)
        return self._replies[key]


def _answer(operation: OperationModel, words: Words) -> Reply:
    said = made_up(operation.output_shape) if operation.output_shape else {}
    for path, value in words.items():
        answers.put(said, path.partition(" ")[2].split("."), value)
    return Reply(answers.answer(operation, said).encode(), 200, answers.headers(operation))
