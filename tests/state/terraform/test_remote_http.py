"""States over HTTP, against a server on this machine that answers as a test says."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from state.terraform.errors import Forbidden, NotFound, NotState, Unreadable
from state.terraform.remote import Blob, Https
from state.terraform.remote_http import Web
from state.terraform.sources import load, moved
from tests.scanner.aws.tls import Papers
from tests.scanner.aws.wire import DRIP, RESET, SHORT, SILENT, Answer, Wire, wire
from tests.state.terraform.states import SCHEMAS, bucket, state

STATE = state(bucket("logs")).decode()
TOKEN = "hunter2-secret"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Wire]:
    for name in ("TF_HTTP_USERNAME", "TF_HTTP_PASSWORD", "TF_HTTP_ADDRESS", "AWS_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with wire() as it:
        it.answers = {}
        yield it


@pytest.fixture
def login(monkeypatch: pytest.MonkeyPatch) -> str:
    """The credentials of the environment, and how they are sent."""
    monkeypatch.setenv("TF_HTTP_USERNAME", "ci")
    monkeypatch.setenv("TF_HTTP_PASSWORD", TOKEN)
    return "Basic Y2k6aHVudGVyMi1zZWNyZXQ="


def read(url: str, **about: Any) -> Blob:
    async def reading() -> Blob:
        async with Web(**about) as web:
            return await web.read(Https(url=url))

    return asyncio.run(reading())


def refusal(url: str, kind: type[Unreadable] = Unreadable, **about: Any) -> str:
    with pytest.raises(Unreadable) as refused:
        read(url, **about)
    assert type(refused.value) is kind
    assert TOKEN not in str(refused.value) + repr(refused.value.__cause__) + repr(refused.value.__context__)
    return str(refused.value).removeprefix(f"{url}: ")


def sent(server: Wire) -> list[tuple[str, str | None]]:
    return [(each.path, each.headers["Authorization"]) for each in server.requests]


# --- what is read ---------------------------------------------------------------------------------


def test_a_state_is_read_and_its_etag_tells_its_version(server: Wire) -> None:
    server.answers["GET /app"] = Answer(STATE, headers={"ETag": '"7"'})
    assert read(f"{server.url}/app") == Blob(STATE.encode(), '"7"')
    assert sent(server) == [("/app", None)]


def test_a_state_is_a_source_and_is_not_read_twice(server: Wire) -> None:
    server.answers["GET /app"] = Answer(STATE, headers={"ETag": '"7"'})
    found = asyncio.run(load([f"{server.url}/app"], SCHEMAS))
    assert [each.id for each in found.inventory.resources] == ["logs"]
    assert [each.source for each in found.states] == [f"{server.url}/app"]
    assert asyncio.run(moved(found, None)) == []
    server.answers["GET /app"] = Answer(DRIP, headers={"ETag": '"8"', "Content-Length": "1000000"})
    assert asyncio.run(moved(found, None, Web(timeout=0.5))) == [f"{server.url}/app"]


def test_without_an_etag_the_top_of_a_state_tells_that_it_moved(server: Wire) -> None:
    long = state(bucket("logs"), *(bucket(f"b{n}", f"b{n}") for n in range(100))).decode()
    server.answers["GET /app"] = Answer(long)
    found = asyncio.run(load([f"{server.url}/app"], SCHEMAS))
    assert asyncio.run(moved(found, None)) == []
    server.answers["GET /app"] = Answer(long.replace('"serial": 1', '"serial": 2'))
    assert asyncio.run(moved(found, None)) == [f"{server.url}/app"]
    server.answers["GET /app"] = Answer(status=404)
    assert asyncio.run(moved(found, None)) == [f"{server.url}/app"]


def test_what_a_query_says_is_not_told(server: Wire) -> None:
    server.answers[f"GET /app?sig={TOKEN}&sv=1"] = Answer(STATE)
    found = asyncio.run(load([f"{server.url}/app?sig={TOKEN}&sv=1"], SCHEMAS))
    assert [each.source for each in found.states] == [f"{server.url}/app?sig=…&sv=…"]
    with pytest.raises(Unreadable) as refused:
        asyncio.run(load([f"{server.url}/app?sig={TOKEN}&sv=2"], SCHEMAS))
    assert TOKEN not in str(refused.value)


def test_two_addresses_that_differ_in_what_is_hidden_are_not_taken_for_one(server: Wire) -> None:
    server.answers |= {"GET /app?state=a": Answer(STATE), "GET /app?state=b": Answer(STATE)}
    with pytest.raises(Unreadable) as refused:
        asyncio.run(load([f"{server.url}/app?state=a", f"{server.url}/app?state=b"], SCHEMAS))
    assert str(refused.value) == (
        f"{server.url}/app?state=…: is named twice, by addresses that differ in what is not shown; name it once"
    )


# --- who we are -----------------------------------------------------------------------------------


def test_the_credentials_of_the_environment_are_sent(server: Wire, login: str) -> None:
    server.answers["GET /app"] = Answer(STATE)
    read(f"{server.url}/app")
    assert sent(server) == [("/app", login)]


def test_credentials_that_are_meant_for_another_host_are_not_sent(
    server: Wire, login: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TF_HTTP_ADDRESS", "https://gitlab.example.com/state/app")
    server.answers["GET /app"] = Answer(STATE)
    read(f"{server.url}/app")
    assert sent(server) == [("/app", None)]


@pytest.mark.parametrize(("entry", "wanted"), [("machine 127.0.0.1", "Basic YTpi"), ("default", None)])
def test_of_netrc_only_the_entry_of_the_host_counts(
    server: Wire, tmp_path: Path, entry: str, wanted: str | None
) -> None:
    (tmp_path / "netrc").write_text(f"{entry} login a password b\n")
    server.answers["GET /app"] = Answer(STATE)
    read(f"{server.url}/app")
    assert sent(server) == [("/app", wanted)]


# --- redirects ------------------------------------------------------------------------------------


def test_a_redirect_on_the_same_host_keeps_the_credentials(server: Wire, login: str) -> None:
    server.answers |= {"GET /app": Answer(status=302, headers={"Location": "/real"}), "GET /real": Answer(STATE)}
    assert read(f"{server.url}/app").data == STATE.encode()
    assert sent(server) == [("/app", login), ("/real", login)]


def test_a_redirect_to_another_host_is_followed_without_credentials(server: Wire, login: str) -> None:
    with wire() as other:
        other.answers = {"GET /real": Answer(STATE)}
        server.answers["GET /app"] = Answer(status=307, headers={"Location": f"{other.url}/real"})
        assert read(f"{server.url}/app").data == STATE.encode()
        assert (sent(server), sent(other)) == ([("/app", login)], [("/real", None)])


@pytest.mark.parametrize(
    ("location", "line"),
    [
        ("http://example.com/a", "sends us on to example.com without encryption, and a state holds secrets"),
        ("file:///etc/passwd", "sends us on to what is no address"),
        ("gopher://127.0.0.1/a", "sends us on to 127.0.0.1 without encryption, and a state holds secrets"),
        ("http://a:b@127.0.0.1/", "sends us on to what is no address"),
        ("http://[", "sends us on to what is no address"),
        ("/app", "sends us on and on; name the address where the state is"),
    ],
)
def test_a_redirect_that_leads_nowhere_good_is_refused(server: Wire, location: str, line: str) -> None:
    server.answers["GET /app"] = Answer(status=302, headers={"Location": location})
    assert refusal(f"{server.url}/app") == line


# --- what servers do -------------------------------------------------------------------------------

NO_STATE = "there is no state; check the address, and that something was applied"


@pytest.mark.parametrize(
    ("status", "kind", "line"),
    [
        (204, NotFound, NO_STATE),
        (404, NotFound, NO_STATE),
        (401, Forbidden, "127.0.0.1 asks who we are (401); set TF_HTTP_USERNAME and TF_HTTP_PASSWORD, "
                         "or name the host in ~/.netrc"),
        (403, Forbidden, "access denied by 127.0.0.1 (403); allow whoever asks to read the state"),
        (418, Unreadable, "127.0.0.1 answered 418, and a state comes with 200; check the address"),
        (500, Unreadable, "127.0.0.1 has a fault of its own (500); try again later"),
        (429, Unreadable, "127.0.0.1 asks for fewer requests (429); wait a minute and scan again"),
    ],
)  # fmt: skip
def test_an_answer_that_is_no_state_is_said(
    server: Wire, login: str, status: int, kind: type[Unreadable], line: str
) -> None:
    body = "" if status == 204 else f"you sent {TOKEN}"
    server.answers["GET /app"] = Answer(body, status, {"Retry-After": "0"})
    assert refusal(f"{server.url}/app", kind) == line
    assert len(server.requests) == (4 if status in (429, 500) else 1)


def test_a_busy_server_is_asked_again(server: Wire) -> None:
    answers = iter([Answer(status=429, headers={"Retry-After": "0"}), Answer(status=503), Answer(STATE)])
    server.answers["GET /app"] = lambda asked: next(answers)
    assert read(f"{server.url}/app").data == STATE.encode()


def test_a_server_that_wants_to_be_left_alone_for_long_is_left_alone(server: Wire) -> None:
    server.answers["GET /app"] = Answer(status=429, headers={"Retry-After": "3600"})
    assert refusal(f"{server.url}/app").startswith("127.0.0.1 asks for fewer requests (429)")
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("how", "line"),
    [
        (SILENT, "127.0.0.1 did not answer in time; try again"),
        (DRIP, "127.0.0.1 did not answer in time; try again"),
        (RESET, "127.0.0.1 could not be reached (ServerDisconnectedError); check the address and the proxy"),
        (SHORT, "127.0.0.1 could not be reached (ClientPayloadError); check the address and the proxy"),
    ],
)
def test_a_server_that_does_not_answer_is_said(server: Wire, how: str, line: str) -> None:
    server.answers["GET /app"] = how
    said = refusal(f"{server.url}/app", timeout=0.5, longest=1)
    assert said.replace("ClientOSError", "ServerDisconnectedError") == line


def test_nobody_there_is_said(server: Wire) -> None:
    assert refusal("http://127.0.0.1:9/app") == (
        "127.0.0.1 could not be reached (ClientConnectorError); check the address and the proxy"
    )


@pytest.mark.parametrize("answer", [Answer(" " * 3_000_000), Answer(" " * 3_000_000, headers={"ETag": "1"})])
def test_a_body_that_is_too_large_is_not_read_to_its_end(server: Wire, answer: Answer) -> None:
    server.answers["GET /app"] = answer
    line = "is larger than 1 MB; fetch it as a file"
    assert refusal(f"{server.url}/app", NotState, largest=1 << 20) == line


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("<html>Log in</html>", "the file is not JSON, so no Terraform state; point --from at a terraform.tfstate"),
        ("", "the file is empty; point --from at the state of an applied configuration"),
        ('{"error": 1}', "the file is JSON, but no Terraform state (it has no version)"),
    ],
)
def test_a_page_instead_of_a_state_is_said(server: Wire, body: str, problem: str) -> None:
    server.answers["GET /app"] = Answer(body)
    with pytest.raises(NotState) as refused:
        asyncio.run(load([f"{server.url}/app"], SCHEMAS))
    assert str(refused.value) == f"{server.url}/app: {problem}"


# --- TLS ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "AWS_CA_BUNDLE", None])
@pytest.mark.usefixtures("server")
def test_a_server_shows_who_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str | None) -> None:
    papers = Papers(tmp_path)
    if variable:
        monkeypatch.setenv(variable, papers.authority)
    with wire(papers.served("127.0.0.1")) as safe:
        safe.answers = {"GET /app": Answer(STATE)}
        asking: Callable[[], Any] = lambda: read(f"{safe.url}/app").data  # noqa: E731
        if variable:
            assert asking() == STATE.encode()
        else:
            line = "127.0.0.1 could not show who it is (TLS); name its authority in SSL_CERT_FILE"
            assert refusal(f"{safe.url}/app") == line


def test_a_certificate_of_another_host_is_refused(
    server: Wire, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    papers = Papers(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", papers.authority)
    with wire(papers.served("example.com")) as safe:
        assert refusal(f"{safe.url}/app").startswith("127.0.0.1 could not show who it is (TLS)")
        assert safe.requests == []


# --- many at once ---------------------------------------------------------------------------------


class Together(ThreadingHTTPServer):
    """Answers for a state only once so many were asked for, and for the last of them first; some it refuses."""

    def __init__(self, several: int) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.several, self.asked = several, threading.Barrier(several)

    def named(self, kind: str = "s") -> list[str]:
        return [f"http://127.0.0.1:{self.server_port}/{kind}{n}" for n in range(self.several)]


class Answering(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        about, name = self.server, self.path.strip("/")
        assert isinstance(about, Together)
        try:
            about.asked.wait(10)
        except threading.BrokenBarrierError:
            self.send_error(504)
            return
        time.sleep(0.05 * (about.several - int(name[-1])))
        refused = name.startswith("no")
        body = b"" if refused else state(bucket(name, name), lineage=name)
        self.send_response((403 if name == "no0" else 404) if refused else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *about: Any) -> None:
        pass


@pytest.fixture
def together() -> Iterator[Together]:
    with Together(5) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def test_several_sources_are_read_at_once_and_told_in_their_order(together: Together) -> None:
    found = asyncio.run(load(together.named(), SCHEMAS))
    assert [each.id for each in found.inventory.resources] == ["s0", "s1", "s2", "s3", "s4"]


def test_of_several_that_cannot_be_read_the_first_is_told(together: Together) -> None:
    with pytest.raises(Forbidden, match="/no0"):
        asyncio.run(load(together.named("no"), SCHEMAS))


def test_what_several_sources_name_is_asked_for_once(server: Wire) -> None:
    server.answers["GET /app"] = Answer(STATE)
    found = asyncio.run(load([f"{server.url}/app"] * 3, SCHEMAS))
    assert (len(found.inventory.resources), len(found.states), found.notes) == (1, 1, [])
    assert len(server.requests) == 1
