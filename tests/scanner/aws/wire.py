"""The wire between us and AWS: a stand-in that shows each request as it was sent, and answers as a test says."""

from __future__ import annotations

import socket
import ssl
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any, NamedTuple
from urllib.parse import parse_qs

import msgspec

from scanner.aws.guard import Signature, signature

ACCOUNT = "123456789012"
RESET, SILENT, SHORT, DRIP = "reset", "silent", "short", "drip"
"""Instead of an answer: none, none ever, half of one, one that comes byte by byte and never ends."""


class Answer(NamedTuple):
    body: str = ""
    status: int = 200
    headers: dict[str, str] = {}  # noqa: RUF012


class Asked(NamedTuple):
    """One request: the operation, its form or JSON, and how it was sent."""

    action: str
    form: dict[str, str]
    path: str
    headers: Message
    body: str = ""

    @property
    def signed(self) -> Signature:
        found = signature(self.headers["Authorization"])
        assert found
        return found


def xml(action: str, inner: str = "") -> Answer:
    """An answer in the query protocols, EC2's and the others'."""
    return Answer(f"<{action}Response><{action}Result>{inner}</{action}Result>{inner}</{action}Response>")


def json(answer: Any) -> Answer:
    return Answer(msgspec.json.encode(answer).decode())


def refusal(code: str, status: int = 400) -> Answer:
    """An error as EC2, the query protocols and S3 word it."""
    error = f"<Code>{code}</Code><Message>said the stand-in</Message>"
    return Answer(f"<Response><Errors><Error>{error}</Error></Errors><Error>{error}</Error></Response>", status)


def identity(arn: str = f"arn:aws:iam::{ACCOUNT}:user/ci") -> Answer:
    account = arn.split(":")[4]
    return xml("GetCallerIdentity", f"<Arn>{arn}</Arn><UserId>AIDA</UserId><Account>{account}</Account>")


def regions(*names: str) -> Answer:
    items = "".join(f"<item><regionName>{name}</regionName></item>" for name in names)
    return xml("DescribeRegions", f"<regionInfo>{items}</regionInfo>")


def items(action: str, into: str, *each: str, token: str = "") -> Answer:
    """A page of an EC2 listing: ``items("DescribeVpcs", "vpcSet", "<vpcId>vpc-1</vpcId>")``."""
    inside = "".join(f"<item>{one}</item>" for one in each)
    return xml(action, f"<{into}>{inside}</{into}>" + (f"<nextToken>{token}</nextToken>" if token else ""))


def vpcs(*ids: str, token: str = "") -> Answer:
    return items("DescribeVpcs", "vpcSet", *(f"<vpcId>{id}</vpcId>" for id in ids), token=token)


def subnets(*ids: str) -> Answer:
    return items("DescribeSubnets", "subnetSet", *(f"<subnetId>{id}</subnetId>" for id in ids))


def assumed(key: str = "ASIAROLE", lasts: timedelta = timedelta(hours=1), action: str = "AssumeRole") -> Answer:
    """The credentials of a role, as STS gives them out."""
    until = (datetime.now(UTC) + lasts).strftime("%Y-%m-%dT%H:%M:%SZ")
    inner = f"<AccessKeyId>{key}</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>"
    return xml(action, f"<Credentials>{inner}<Expiration>{until}</Expiration></Credentials>")


Reply = Answer | str | Callable[[Asked], Answer | str]


class Wire:
    """Its URL, what was asked, and what it answers; of the unforeseen it says that it is denied."""

    def __init__(self) -> None:
        self.url = ""
        self.over = Event()
        self.requests: list[Asked] = []
        self.answers: dict[str, Reply] = {"GetCallerIdentity": identity(), "DescribeRegions": regions("eu-west-1")}

    @property
    def asked(self) -> list[str]:
        """The operations asked for, who is calling left out."""
        return [each.action for each in self.requests if each.action != "GetCallerIdentity"]

    def answer(self, asked: Asked) -> Answer | str:
        self.requests.append(asked)
        found = self.answers.get(asked.action, refusal("UnauthorizedOperation", 403))
        return found(asked) if callable(found) else found


@contextmanager
def wire(tls: ssl.SSLContext | None = None) -> Iterator[Wire]:
    """One at its own address; with a certificate, over TLS."""
    it = Wire()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"] or 0)).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            target = (self.headers["X-Amz-Target"] or "").rpartition(".")[2] or f"{self.command} {self.path}"
            answer = it.answer(Asked(form.get("Action", target), form, self.path, self.headers, body))
            if isinstance(answer, str):
                self.break_off(answer)
            else:
                self.send(answer)

        do_GET = do_HEAD = do_PUT = do_CONNECT = do_POST  # noqa: N815

        def send(self, answer: Answer) -> None:
            self.send_response(answer.status)
            for name, value in {"Content-Length": str(len(answer.body.encode())), **answer.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answer.body.encode())

        def break_off(self, how: str) -> None:
            if how == SILENT:
                it.over.wait()
            if how in (SHORT, DRIP):
                self.send(Answer("<half", headers={"Content-Length": "1000000"}))
            while how == DRIP and not it.over.wait(0.05):
                self.wfile.write(b".")
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            self.close_connection = True

        def finish(self) -> None:
            if not self.wfile.closed and self.connection.fileno() >= 0:
                super().finish()

        def log_message(self, *_: object) -> None:
            """Nothing: the tests' output is theirs."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # who asked has gone
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    it.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}"
    try:
        yield it
    finally:
        it.over.set()
        server.shutdown()
        server.server_close()
