"""An account as the requests that made it: recorded from one moto server, made again in any other.

moto draws its ids from one stream of random numbers. Each request that is kept is numbered, and the
stream is started afresh at that number before it, so that the same request makes the same id. What
moto makes by itself when first spoken to (a default VPC) draws from the stream too, so every service
is woken first.
"""

from __future__ import annotations

import http.client
import io
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

import msgspec
from moto.moto_api._internal import mock_random

from tests.conftest import REGION

READING = ("Describe", "Get", "Head", "List", "Simulate", "BatchGet")
KEPT_HEADERS = ("content-type", "x-amz-")
DROPPED_HEADERS = ("x-amz-date", "x-amz-content-sha256", "x-amz-security-token", "x-amz-checksum", "x-amz-sdk")


class Request(msgspec.Struct, omit_defaults=True):
    """One API request without its signature; ``scope`` is the region and service that it was signed for."""

    method: str
    path: str
    scope: str
    status: int
    headers: dict[str, str] = {}
    body: str = ""

    @property
    def reads(self) -> bool:
        action = re.search(r"(?:^|&)Action=(\w+)", self.body)
        target = self.headers.get("x-amz-target", "").rpartition(".")[2]
        operation = action[1] if action else target
        return operation.startswith(READING) if operation else self.method in ("GET", "HEAD")


def _form(service: str, action: str, version: str) -> Request:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    body = f"Action={action}&Version={version}"
    return Request(method="POST", path="/", scope=f"{REGION}/{service}", status=200, headers=headers, body=body)


def _json(service: str, target: str) -> Request:
    headers = {"content-type": "application/x-amz-json-1.1", "x-amz-target": target}
    return Request(method="POST", path="/", scope=f"{REGION}/{service}", status=200, headers=headers, body="{}")


def _rest(service: str, path: str) -> Request:
    return Request(method="GET", path=path, scope=f"{REGION}/{service}", status=200)


WAKING = (
    _form("sts", "GetCallerIdentity", "2011-06-15"),
    _form("ec2", "DescribeVpcs", "2016-11-15"),
    _form("iam", "ListRoles", "2010-05-08"),
    _form("rds", "DescribeDBInstances", "2014-10-31"),
    _json("kms", "TrentService.ListKeys"),
    _json("dynamodb", "DynamoDB_20120810.ListTables"),
    _json("route53resolver", "Route53Resolver.ListResolverEndpoints"),
    _rest("lambda", "/2015-03-31/functions/"),
    _rest("s3", "/"),
    _rest("eks", "/clusters"),
)


UNKNOWN_TO_MOTO = {
    "AWSStepFunctions.ListStateMachineVersions": b'{"stateMachineVersions": []}',
    "AWSStepFunctions.ValidateStateMachineDefinition": b'{"result": "OK", "diagnostics": [], "truncated": false}',
}
"""What the provider cannot do without, and moto has no answer to."""


class Recording:
    """moto's application, one request at a time, and what was asked of it that made a difference."""

    def __init__(self, application: Callable[..., Iterable[bytes]]) -> None:
        self.application, self.lock = application, Lock()
        self.requests: list[Request] = []

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        with self.lock:
            body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            environ["wsgi.input"] = io.BytesIO(body)
            request = _request(environ, body)
            if answer := UNKNOWN_TO_MOTO.get(request.headers.get("x-amz-target", "")):
                start_response("200 OK", [("Content-Type", "application/x-amz-json-1.0")])
                return [answer]
            if request.scope and not request.reads:
                mock_random.seed(len(self.requests))
                self.requests.append(request)

            def respond(status: str, headers: Any, *rest: Any) -> Any:
                request.status = int(status.split()[0])
                return start_response(status, headers, *rest)

            return list(self.application(environ, respond))


def _request(environ: dict[str, Any], body: bytes) -> Request:
    names = {name: name[5:].replace("_", "-").lower() for name in environ if name.startswith("HTTP_")}
    headers = {lower: environ[name] for name, lower in names.items()} | {
        "content-type": environ.get("CONTENT_TYPE", "")
    }
    kept = {
        name: value
        for name, value in sorted(headers.items())
        if value and name.startswith(KEPT_HEADERS) and not name.startswith(DROPPED_HEADERS)
    }
    scope = re.search(r"Credential=[^/]*/\d+/([^/]+/[^/]+)/", headers.get("authorization", ""))
    return Request(
        method=environ["REQUEST_METHOD"],
        path=re.sub(r"^http://[^/]*", "", environ["REQUEST_URI"]),
        scope=scope[1] if scope else "",
        status=0,
        headers=kept,
        body=body.decode(),
    )


def requests(path: Path) -> Iterator[Request]:
    for line in path.read_bytes().splitlines():
        yield msgspec.json.decode(line, type=Request)


def replay(endpoint: str, path: Path) -> None:
    """Make the recorded account in an empty moto server of ours; every answer must have the status it had."""
    wake(endpoint)
    for number, request in enumerate(requests(path)):
        mock_random.seed(number)
        status = _send(endpoint, request)
        if status != request.status:
            raise AssertionError(f"{path}:{number + 1}: answered {status}, was {request.status} when recorded")


def wake(endpoint: str) -> None:
    for request in WAKING:
        if _send(endpoint, request) != 200:
            raise AssertionError(f"moto does not answer {request}")


def _send(endpoint: str, request: Request) -> int:
    authorization = f"AWS4-HMAC-SHA256 Credential=testing/20260101/{request.scope}/aws4_request, Signature=0"
    headers = request.headers | {"authorization": authorization}
    connection = http.client.HTTPConnection(urlsplit(endpoint).netloc, timeout=60)
    try:
        connection.request(request.method, request.path, request.body.encode(), headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()
