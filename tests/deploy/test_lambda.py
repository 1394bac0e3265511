"""The handler as Lambda's own runtime client calls it, from a stand-in for Lambda's runtime API."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Any

import pytest

from tests.conftest import ACCOUNT, REGION
from tests.scanner import deployment
from tests.scanner.notify.standin import channel

ARN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:driftline"
ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("awslambdaric") is None, reason="awslambdaric is for Linux; install the extra lambda"
)


class Runtime:
    """https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html: hands out events and takes answers."""

    def __init__(self) -> None:
        self.events: Queue[Any] = Queue()
        self.answers: Queue[tuple[str, Any]] = Queue()
        self.address = ""

    def invoke(self, event: Any) -> tuple[str, Any]:
        """(response or error, what it holds)."""
        self.events.put(event)
        return self.answers.get(timeout=60)


@contextmanager
def runtime() -> Iterator[Runtime]:
    it = Runtime()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            assert self.path == "/2018-06-01/runtime/invocation/next"
            event = it.events.get()
            self.send_response(200)
            self.send_header("Lambda-Runtime-Aws-Request-Id", "request-1")
            self.send_header("Lambda-Runtime-Deadline-Ms", str(int((time.time() + 900) * 1000)))
            self.send_header("Lambda-Runtime-Invoked-Function-Arn", ARN)
            self.send_header("Content-Type", "application/json")
            self.end_with(json.dumps(event).encode())

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            it.answers.put((self.path.rpartition("/")[2], json.loads(body)))
            self.send_response(202)
            self.end_with(b"")

        def end_with(self, body: bytes) -> None:
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    Thread(target=server.serve_forever, daemon=True).start()
    it.address = f"127.0.0.1:{server.server_port}"
    try:
        yield it
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def function(api: Runtime, environment: dict[str, str], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The function as deploy/lambda.tf starts it, in an environment that holds nothing else."""
    inherited = {name: value for name, value in os.environ.items() if name.startswith("AWS_") or name == "PATH"}
    lambdas = {"AWS_LAMBDA_RUNTIME_API": api.address, "AWS_LAMBDA_FUNCTION_NAME": "driftline", "AWS_REGION": REGION}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "awslambdaric", "scanner.handler.handler"],
            env=inherited
            | lambdas
            | {"TMPDIR": str(folder), "PYTHONSAFEPATH": "1", "PYTHONPATH": str(ROOT)}
            | environment,
            stdout=log,
            stderr=log,
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def test_lambda_invokes_the_handler_as_often_as_it_likes(aws: Any, tmp_path: Path) -> None:
    with channel() as slack, runtime() as api:
        environment = deployment.make(aws, slack.url)
        with function(api, environment, tmp_path):
            kind, first = api.invoke({})
            assert (kind, first["failed"], first["gaps"]) == ("response", [], 0)
            deployment.suspend_versioning(aws)
            kind, second = api.invoke({"regions": ["us-east-1"]})
            assert (kind, second["regions"], second["moved"]["regressed"]) == ("response", [REGION], 2)
            aws("secretsmanager").put_secret_value(SecretId="slack", SecretBinary=b"x")
            kind, error = api.invoke({})
            assert (kind, error["errorType"]) == ("error", "NotFound")
            assert error["errorMessage"].endswith("the secret holds no text; put the webhook's URL into it")
        assert len(slack.taken) == 2
        assert "s3cr3t" not in (tmp_path / "log").read_text()
