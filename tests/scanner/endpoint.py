"""A stand-in for AWS that says who is calling and which regions there are, and of the rest what a test wants.

STS and EC2 speak the query protocols: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qs

ACCOUNT = "123456789012"
IDENTITY = f"""<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
<Arn>arn:aws:iam::{ACCOUNT}:user/ci</Arn><UserId>AIDA</UserId><Account>{ACCOUNT}</Account>
</GetCallerIdentityResult></GetCallerIdentityResponse>"""
REGIONS = """<DescribeRegionsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><regionInfo>
<item><regionName>eu-west-1</regionName></item></regionInfo></DescribeRegionsResponse>"""

Answer = tuple[int, str]


def refusal(code: str, status: int = 400) -> Answer:
    """An error as EC2 words it; STS's is read from it as well."""
    error = f"<Code>{code}</Code><Message>said the stand-in</Message>"
    return status, f"<Response><Errors><Error>{error}</Error></Errors><Error>{error}</Error></Response>"


class Endpoint:
    """Its URL, what it was asked, and what it answers. ``asked_to_wait`` is set once a call waits for ever."""

    def __init__(self) -> None:
        self.url = ""
        self.answers: dict[str, Answer | None] = {
            "GetCallerIdentity": (200, IDENTITY),
            "DescribeRegions": (200, REGIONS),
        }
        self.otherwise: Callable[[str], Answer | None] = lambda action: refusal("UnauthorizedOperation", 403)
        self.asked: list[str] = []
        self.waiting, self.over = Event(), Event()

    def answer(self, action: str) -> Answer | None:
        self.asked.append(action)
        return self.answers[action] if action in self.answers else self.otherwise(action)


@contextmanager
def endpoint() -> Iterator[Endpoint]:
    it = Endpoint()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"] or 0)).decode()
            answer = it.answer(parse_qs(body).get("Action", [self.headers.get("X-Amz-Target", self.path)])[0])
            if answer is None:
                it.waiting.set()
                it.over.wait()
                return
            self.send_response(answer[0])
            self.send_header("Content-Type", "text/xml")
            self.send_header("Content-Length", str(len(answer[1].encode())))
            self.end_headers()
            self.wfile.write(answer[1].encode())

        def do_GET(self) -> None:
            self.do_POST()

        def log_message(self, *_: Any) -> None:
            """Nothing: the tests' output is theirs."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    Thread(target=server.serve_forever, daemon=True).start()
    it.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield it
    finally:
        it.over.set()
        server.shutdown()
        server.server_close()
