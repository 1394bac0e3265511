"""A stand-in for hooks.slack.com that holds messages to Slack's limits and answers as Slack does."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

SECRET = "/services/T0000/B0000/s3cr3t"

Answer = tuple[int, str, Mapping[str, str]]


def fault(message: Any) -> str | None:
    """What Slack would refuse a message for; None when it would take it.

    The 50 blocks, 3,000, 2,000 and 150 characters are documented; that all blocks together hold
    little more than 11,000 is not.
    """
    if not isinstance(message, dict) or not (message.get("text") or message.get("blocks")):
        return "no_text"
    blocks = message.get("blocks", [])
    if len(message.get("text", "")) > 40_000:
        return "msg_too_long"
    if len(blocks) > 50 or not all(map(_is_sound, blocks)):
        return "invalid_blocks"
    return "msg_blocks_too_long" if len(json.dumps(blocks, ensure_ascii=False)) > 11_000 else None


def _is_sound(block: Any) -> bool:
    match block:
        case {"type": "header", "text": {"type": "plain_text", "text": text}}:
            return 1 <= len(text) <= 150
        case {"type": "section", "fields": [*fields]}:
            return 1 <= len(fields) <= 10 and all(1 <= len(each["text"]) <= 2_000 for each in fields)
        case {"type": "section", "text": {"type": "mrkdwn" | "plain_text", "text": text}}:
            return 1 <= len(text) <= 3_000
        case {"type": "context", "elements": [*elements]}:
            return 1 <= len(elements) <= 10 and all(1 <= len(each["text"]) <= 3_000 for each in elements)
    return False


class Channel:
    """A webhook's URL, what it took, and the answers it gives before its own."""

    def __init__(self) -> None:
        self.url = ""
        self.taken: list[Any] = []
        self.asked = 0
        self.first: list[Answer] = []

    def answer(self, path: str, body: bytes) -> Answer:
        self.asked += 1
        if self.first:
            return self.first.pop(0)
        if path != SECRET:
            return 404, "no_service", {}
        try:
            message = json.loads(body)
        except ValueError:
            return 400, "invalid_payload", {}
        if refused := fault(message):
            return 400, refused, {}
        self.taken.append(message)
        return 200, "ok", {}


@contextmanager
def channel() -> Iterator[Channel]:
    """A channel that listens on the loopback."""
    it = Channel()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, text, headers = it.answer(self.path, body)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: Any) -> None:
            """Nothing: the tests' output is theirs."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    it.url = f"http://127.0.0.1:{server.server_port}{SECRET}"
    try:
        yield it
    finally:
        server.shutdown()
        server.server_close()
