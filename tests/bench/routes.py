"""Which operation a request asks for, and with what arguments: the models of botocore, read backwards."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote

from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel

from tests.bench.answers import is_json

Arguments = Mapping[str, Any]


class Paging(NamedTuple):
    """How a listing pages: the names of its arguments on the wire and of its answer's members, and sizes."""

    token: str
    next: str
    limit: str | None
    lists: tuple[str, ...]
    more: str | None
    least: int
    most: int
    usual: int


class Route(NamedTuple):
    """An operation that is known, and what a request of it looks like."""

    api: str
    operation: OperationModel
    path: re.Pattern[str]
    literals: frozenset[str]
    paging: Paging | None


@cache
def botocores() -> Loader:
    """The models as botocore brings them, whatever the environment says; it keeps what it has read."""
    loader = Loader()
    loader.search_paths.append(Loader.BUILTIN_DATA_PATH)
    return loader


class Routes:
    """The operations that are answered, by who signs for them."""

    def __init__(self, apis: Iterable[str]) -> None:
        self.by_api: dict[str, Route] = {}
        self.signed: dict[str, list[Route]] = defaultdict(list)
        models: dict[str, ServiceModel] = {}
        for api in sorted(apis):
            name, _, operation = api.partition(":")
            model = models.setdefault(name, ServiceModel(botocores().load_service_model(name, "service-2"), name))
            route = self._route(api, model.operation_model(operation))
            self.by_api[api] = route
            self.signed[model.signing_name].append(route)
        for routes in self.signed.values():
            routes.sort(key=lambda route: -len(route.literals))

    def _route(self, api: str, operation: OperationModel) -> Route:
        path, _, literals = operation.http["requestUri"].partition("?")
        pattern = re.sub(r"\\{([\w\\-]+?)(?:\\\+)?\\}", _label, re.escape(path))
        keys = frozenset(each.partition("=")[0] for each in literals.split("&")) - {""} | _required(operation)
        return Route(api, operation, re.compile(pattern), keys, self._paging(operation))

    def _paging(self, operation: OperationModel) -> Paging | None:
        name = operation.service_model.service_name
        try:
            found = botocores().load_service_model(name, "paginators-1")["pagination"].get(operation.name)
        except Exception:  # a service that never pages
            found = None
        if not found or isinstance(found["input_token"], list):
            return None
        limit, lists = found.get("limit_key"), found["result_key"]
        about = operation.input_shape.members[limit].metadata if limit else {}
        least, most, usual = _SIZES.get(name, (1, about.get("max", 1000), about.get("max", 1000)))
        return Paging(
            sent_as(operation, found["input_token"]),
            found["output_token"],
            limit and sent_as(operation, limit),
            tuple(lists if isinstance(lists, list) else [lists]),
            found.get("more_results"),
            least,
            min(most, about.get("max", most)),
            usual,
        )

    def find(self, signed_for: str, method: str, url: str, target: str, body: bytes) -> tuple[Route, Arguments] | None:
        """The operation that a request asks for; ``url`` is the path with its query, ``target`` the header."""
        path, _, query = url.partition("?")
        form = dict(parse_qsl(body.decode(), keep_blank_values=True)) if b"Action=" in body[:2000] else {}
        asked = form.get("Action") or target.rpartition(".")[2]
        pairs = dict(parse_qsl(query, keep_blank_values=True))
        for route in self.signed.get(signed_for, ()):
            if asked:
                if route.operation.name == asked:
                    return route, form or json.loads(body or b"{}")
            elif (found := route.path.fullmatch(path)) and self._is(route, method, pairs):
                return route, pairs | {name: unquote(value) for name, value in found.groupdict().items()}
        return None

    def _is(self, route: Route, method: str, query: Mapping[str, str]) -> bool:
        return route.operation.http["method"] == method and route.literals <= query.keys()


def _label(found: re.Match[str]) -> str:
    """A label of a path as a pattern has it: ``broker_id`` of ``broker\\-id``. Nothing here has slashes in it."""
    name = found[1].replace("\\-", "_")
    return f"(?P<{name}>[^/]+)"


def _required(operation: OperationModel) -> frozenset[str]:
    """What the query has to say: one of a bucket's reports is asked for as the list of them is, but by an id."""
    shape = operation.input_shape
    asked = [shape.members[name].serialization for name in shape.required_members] if shape else []
    return frozenset(each["name"] for each in asked if each.get("location") == "querystring")


ALL = 10**9
_SIZES = {
    "dynamodb": (1, 100, 100),
    "ec2": (5, 1000, ALL),
    "iam": (1, 1000, 100),
    "lambda": (1, 10_000, 50),
    "organizations": (1, 20, 20),
    "rds": (20, 100, 100),
    "resourcegroupstaggingapi": (1, 100, 50),
    "s3": (1, 10_000, ALL),
}
"""The least and the most that may be asked for, and what one gets without asking."""

LARGEST = {"lambda": 50}
"""Pages that come smaller than one may ask for."""


def sent_as(operation: OperationModel, member: str) -> str:
    """An argument's name on the wire."""
    name = str(operation.input_shape.members[member].serialization.get("name", member))
    if is_json(operation) or operation.service_model.resolved_protocol != "ec2":
        return name
    return str(operation.input_shape.members[member].serialization.get("queryName", name[0].upper() + name[1:]))
