"""A server between us and moto: it hands each request on, or does something else first, or answers itself."""

from __future__ import annotations

import http.client
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

Answer = tuple[int, dict[str, str], bytes]
Hook = Callable[["Between"], Answer | None]
"""Called before a request is handed on; what it returns, if anything, is the answer."""


class Between(BaseHTTPRequestHandler):
    """One request. ``forward`` is what moto answers it."""

    protocol_version = "HTTP/1.1"
    hook: Hook
    behind: str
    body: bytes

    def answer(self) -> None:
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status, headers, body = self.hook(self) or self.forward()
        self.send_response(status)
        for name, value in (headers | {"Content-Length": str(len(body))}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(b"" if self.command == "HEAD" else body)

    def forward(self) -> Answer:
        behind = http.client.HTTPConnection(urlsplit(self.behind).netloc)
        behind.request(self.command, self.path, self.body, dict(self.headers))
        answer = behind.getresponse()
        headers = {name: value for name, value in answer.headers.items() if name.lower() != "transfer-encoding"}
        return answer.status, headers, answer.read()

    def log_message(self, *_: Any) -> None: ...


for _method in ("GET", "HEAD", "POST", "PUT", "DELETE"):
    setattr(Between, f"do_{_method}", Between.answer)


@contextmanager
def between(behind: str, hook: Hook) -> Iterator[str]:
    """The URL of such a server."""
    handler = type("Handler", (Between,), {"behind": behind, "hook": staticmethod(hook)})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
