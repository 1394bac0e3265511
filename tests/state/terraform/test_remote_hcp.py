"""HCP Terraform, against a stand-in over TLS on this machine that answers as its API does."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from state.terraform.errors import Forbidden, NotFound, NotState, Unreadable
from state.terraform.remote_hcp import token
from state.terraform.sources import Declared, load, moved
from tests.scanner.aws.tls import Papers
from tests.scanner.aws.wire import SILENT, Answer, Asked, Reply, Wire, wire
from tests.state.terraform.states import SCHEMAS, bucket, state

TOKEN = "hunter2-token"


class Enterprise:
    """Terraform Enterprise: its workspaces, each with the state that is its current one, and an archive beside it."""

    def __init__(self, api: Wire, archive: Wire) -> None:
        self.api, self.archive = api, archive
        self.host = urlsplit(api.url).netloc
        self.states: dict[str, bytes | None] = {}
        self.locked: set[str] = set()
        self.serial = 1
        self.page = 2
        self.projects: dict[str, list[str]] = {}
        api.answers = Routes(self.answer)
        archive.answers = Routes(self.stored)

    def source(self, rest: str) -> str:
        return f"tfc://acme/{rest}{'&' if '?' in rest else '?'}host={self.host}"

    def answer(self, asked: Asked) -> Answer:
        url = urlsplit(asked.path)
        match url.path.split("/")[3:]:
            case ["organizations", "acme", "workspaces"]:
                return self.listed({name: values[0] for name, values in parse_qs(url.query).items()})
            case ["organizations", "acme", "projects"]:
                named = [{"id": f"prj-{name}", "attributes": {"name": name}} for name in self.projects]
                return Answer(json.dumps({"data": named}))
            case ["organizations", "acme", "workspaces", name] if name in self.states:
                return Answer(json.dumps({"data": self.workspace(name)}))
            case ["workspaces", id, "current-state-version"] if self.states.get(id.removeprefix("ws-")):
                about = {"hosted-state-download-url": f"{self.archive.url}/{id}", "serial": self.serial}
                return Answer(json.dumps({"data": {"id": f"sv-{self.serial}", "attributes": about}}))
        return Answer('{"errors": [{"status": "404"}]}', 404)

    def listed(self, asked: dict[str, str]) -> Answer:
        pattern = asked.get("search[wildcard-name]", "*").strip("*")
        project = asked.get("filter[project][id]", "").removeprefix("prj-")
        names = [each for each in sorted(self.states) if pattern in each and each in self.projects.get(project, [each])]
        page = int(asked["page[number]"])
        here = names[(page - 1) * self.page : page * self.page]
        more = page + 1 if page * self.page < len(names) else None
        about = {"pagination": {"current-page": page, "next-page": more}}
        return Answer(json.dumps({"data": [self.workspace(each) for each in here], "meta": about}))

    def workspace(self, name: str) -> dict[str, Any]:
        current = {"id": "sv", "type": "state-versions"} if self.states[name] else None
        return {
            "id": f"ws-{name}",
            "attributes": {"name": name, "locked": name in self.locked},
            "relationships": {"current-state-version": {"data": current}},
        }

    def stored(self, asked: Asked) -> Answer:
        return Answer((self.states[asked.path.removeprefix("/ws-")] or b"").decode())


class Routes(dict[str, Reply]):
    """One answer to everything, unless a test says another."""

    def __init__(self, otherwise: Any) -> None:
        super().__init__()
        self.otherwise = otherwise

    def get(self, asked: str, default: Any = None) -> Any:
        return super().get(asked.partition("?")[0], self.otherwise)


@pytest.fixture
def tfe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Enterprise]:
    for name in ("TFE_TOKEN", "TFE_HOSTNAME", "TF_WORKSPACE", "TF_CLI_CONFIG_FILE", "TERRAFORM_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    papers = Papers(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", papers.authority)
    monkeypatch.setenv("HOME", str(tmp_path))
    with wire(papers.served("127.0.0.1")) as api, wire(papers.served("127.0.0.1")) as archive:
        it = Enterprise(api, archive)
        credentials(tmp_path, it.host)
        yield it


def credentials(home: Path, host: str) -> None:
    (home / ".terraform.d").mkdir(exist_ok=True)
    known = {"credentials": {host: {"token": TOKEN}}}
    (home / ".terraform.d/credentials.tfrc.json").write_text(json.dumps(known))


def read(source: str) -> Declared:
    return asyncio.run(load([source], SCHEMAS))


def refusal(source: str, kind: type[Unreadable]) -> str:
    with pytest.raises(Unreadable) as refused:
        read(source)
    assert type(refused.value) is kind
    assert TOKEN not in f"{refused.value} {refused.value.__cause__!r} {refused.value.__context__!r}"
    return str(refused.value).removeprefix(f"{source}: ")


def ids(found: Declared) -> list[str]:
    return sorted(each.id for each in found.inventory.resources)


# --- what is read ---------------------------------------------------------------------------------


def test_a_workspace_is_read_and_the_token_goes_to_its_host_alone(tfe: Enterprise) -> None:
    tfe.states = {"app": state(bucket("logs"), serial=4)}
    found = read(tfe.source("app"))
    [info] = found.states
    assert (ids(found), info.source, info.serial, info.version) == (["logs"], tfe.source("app"), 4, "sv-1")
    assert {each.headers["Authorization"] for each in tfe.api.requests} == {f"Bearer {TOKEN}"}
    assert [(each.path, each.headers["Authorization"]) for each in tfe.archive.requests] == [("/ws-app", None)]


def test_a_pattern_reads_all_pages_and_what_was_never_applied_is_said(tfe: Enterprise) -> None:
    tfe.states = {f"prod-{name}": state(bucket(name)) for name in "abcde"} | {"prod-new": None, "test": b"{}"}
    found = read(tfe.source("prod-*"))
    assert ids(found) == ["a", "b", "c", "d", "e"]
    assert found.notes == [f"{tfe.source('prod-*')}: nothing was applied yet in prod-new"]
    asked = [parse_qs(urlsplit(each.path).query) for each in tfe.api.requests if "search" in each.path]
    assert [each["search[wildcard-name]"] for each in asked] == [["prod-*"]] * 3


def test_a_pattern_that_the_server_does_not_know_is_ours(tfe: Enterprise) -> None:
    tfe.states = {name: state(bucket(name)) for name in ("app-1", "app-2", "app-10")}
    assert ids(read(tfe.source("app-[12]"))) == ["app-1", "app-2"]


def test_a_project_is_asked_for_by_its_name(tfe: Enterprise) -> None:
    tfe.states = {name: state(bucket(name)) for name in ("app", "db", "test")}
    tfe.projects = {"Shop one": ["app", "db"], "Shop": ["test"]}
    assert ids(read(tfe.source("*?project=Shop+one"))) == ["app", "db"]
    asked = [parse_qs(urlsplit(each.path).query) for each in tfe.api.requests if "filter" in each.path]
    assert asked[0] == {"filter[names]": ["Shop one"], "page[size]": ["100"], "page[number]": ["1"]}
    assert {each["filter[project][id]"][0] for each in asked[1:]} == {"prj-Shop one"}
    assert ids(read(tfe.source("app?project=Shop+one"))) == ["app"]
    line = f"{tfe.host} shows us no such project; check its name, and what the token may read"
    assert refusal(tfe.source("*?project=shop"), NotFound).endswith(f": {line}")


def test_a_server_that_knows_no_projects_shows_none_of_another(tfe: Enterprise) -> None:
    def of(name: str, project: str) -> Any:
        return tfe.workspace(name) | {"relationships": {"project": {"data": {"id": project}}}}

    tfe.states = {"app": state(bucket("app")), "test": state(bucket("test"))}
    tfe.projects = {"Shop": []}
    listed = {"data": [of("app", "prj-Shop"), of("test", "prj-2")]}
    tfe.api.answers["GET /api/v2/organizations/acme/workspaces"] = Answer(json.dumps(listed))
    assert ids(read(tfe.source("*?project=Shop"))) == ["app"]


def test_tags_are_asked_for(tfe: Enterprise) -> None:
    tfe.states = {"app": state(bucket("logs"))}
    assert ids(read(tfe.source("*?tags=prod,eu"))) == ["logs"]
    assert parse_qs(urlsplit(tfe.api.requests[0].path).query)["search[tags]"] == ["prod,eu"]


def test_a_locked_workspace_is_said(tfe: Enterprise) -> None:
    tfe.states, tfe.locked = {"app": state(bucket("a")), "web": state(bucket("b"))}, {"app"}
    line = f"{tfe.source('app')} is locked: Terraform is at work on it, or was stopped; it was read as it is"
    assert (read(tfe.source("app")).notes, read(tfe.source("*")).notes) == ([line], [line])


def test_a_state_that_moved_is_seen_without_reading_it(tfe: Enterprise) -> None:
    tfe.states = {"app": state(bucket("logs"))}
    found = read(tfe.source("app"))
    assert asyncio.run(moved(found, None)) == []
    tfe.serial = 2
    assert asyncio.run(moved(found, None)) == [tfe.source("app")]
    assert len(tfe.archive.requests) == 1


def test_one_broken_workspace_among_many_is_a_gap(tfe: Enterprise) -> None:
    tfe.states = {"a": state(bucket("a")), "b": b"<html>"}
    found = read(tfe.source("*"))
    assert (ids(found), [each.kind for each in found.inventory.gaps]) == (["a"], ["malformed"])


# --- whose token ----------------------------------------------------------------------------------


def test_without_a_token_of_the_very_host_nothing_is_asked(
    tfe: Enterprise, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    credentials(tmp_path, "app.terraform.io")
    monkeypatch.setenv("TFE_TOKEN", TOKEN)
    monkeypatch.setenv("TF_TOKEN_app_terraform_io", TOKEN)
    assert refusal(tfe.source("app"), Forbidden).startswith(f"there is no token for {tfe.host}; ")
    assert tfe.api.requests == []


@pytest.mark.parametrize("which", ["TFE_HOSTNAME", "TF_TOKEN"])
def test_the_environment_has_the_token_of_a_host(
    tfe: Enterprise, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, which: str
) -> None:
    credentials(tmp_path, "elsewhere")
    tfe.states = {"app": state(bucket("logs"))}
    if which == "TFE_HOSTNAME":
        monkeypatch.setenv("TFE_HOSTNAME", tfe.host)
        monkeypatch.setenv("TFE_TOKEN", TOKEN)
    else:
        monkeypatch.setenv(f"TF_TOKEN_{tfe.host.replace('.', '_')}", TOKEN)
    assert ids(read(tfe.source("app"))) == ["logs"]
    if which == "TFE_HOSTNAME":
        assert ids(read("tfc://acme/app")) == ["logs"]


def test_hyphens_of_a_host_are_two_underscores(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("TF_TOKEN_my__tfe_example_com", TOKEN)
    assert (token("my-tfe.example.com", ""), token("my.tfe.example.com", "")) == (TOKEN, "")


BLOCK = 'credentials "TFE.example.com" {{\n  token = "{}"\n}}\nplugin_cache_dir = "/x"\n'


@pytest.mark.parametrize(
    ("files", "instead", "found"),
    [
        ({".terraformrc": BLOCK.format("rc")}, "", "rc"),
        ({".terraformrc": BLOCK.format("rc"), "other.rc": BLOCK.format("other")}, "other.rc", "other"),
        ({".terraformrc": BLOCK.format("rc"), "other.rc": ""}, "other.rc", ""),
        ({".terraformrc": BLOCK.format("rc")}, "none.rc", ""),
        ({"it.json": '{"credentials": {"tfe.example.com": {"token": "json"}}}'}, "it.json", "json"),
        ({".terraformrc": 'credentials "elsewhere" {\n  token = "x"\n}\n'}, "", ""),
        ({".terraformrc": 'credentials "tfe.example.com" {\n  token = env.SECRET\n}\n'}, "", ""),
        (
            {
                ".terraformrc": BLOCK.format("rc"),
                ".terraform.d/credentials.tfrc.json": '{"credentials": {"tfe.example.com": {"token": "login"}}}',
            },
            "",
            "login",
        ),
        (
            {
                "other.rc": "",
                ".terraform.d/credentials.tfrc.json": '{"credentials": {"tfe.example.com": {"token": "login"}}}',
            },
            "other.rc",
            "",
        ),
        ({".terraformrc": BLOCK.format("rc"), ".terraform.d/work.tfrc": BLOCK.format("folder")}, "", "folder"),
        (
            {
                ".terraform.d/a.tfrc": BLOCK.format("a"),
                ".terraform.d/b.tfrc.json": '{"credentials": {"tfe.example.com": {"token": "b"}}}',
                ".terraform.d/c.txt": BLOCK.format("c"),
            },
            "",
            "b",
        ),
    ],
)
def test_the_cli_s_own_configuration_has_the_token_of_a_host(
    files: dict[str, str], instead: str, found: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("TF_CLI_CONFIG_FILE", raising=False)
    monkeypatch.delenv("TERRAFORM_CONFIG", raising=False)
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    if instead:
        monkeypatch.setenv("TF_CLI_CONFIG_FILE", str(tmp_path / instead))
    assert token("tfe.example.com", "") == found


def test_a_configuration_of_the_cli_that_cannot_be_read_is_said(tfe: Enterprise, tmp_path: Path) -> None:
    (tmp_path / ".terraform.d/credentials.tfrc.json").unlink()
    path = tmp_path / ".terraformrc"
    path.write_text(f'credentials "{tfe.host}" {{ token = "{TOKEN}')
    assert refusal(tfe.source("app"), Unreadable) == f"{path} cannot be read: Malformed; mend it"


def test_credentials_that_cannot_be_read_are_said(tfe: Enterprise, tmp_path: Path) -> None:
    path = tmp_path / ".terraform.d/credentials.tfrc.json"
    path.write_text(f'{{"credentials": "{TOKEN}')
    line = f"{path} cannot be read: DecodeError; `terraform login` mends it"
    assert refusal(tfe.source("app"), Unreadable) == line


# --- what servers do ------------------------------------------------------------------------------

APP = "GET /api/v2/organizations/acme/workspaces/app"


@pytest.mark.parametrize(
    ("answer", "kind", "said"),
    [
        (Answer("{}", 401), Forbidden, "127.0.0.1 asks who we are (401); set TF_TOKEN_"),
        (Answer("{}", 403), Forbidden, "access denied by 127.0.0.1 (403)"),
        (Answer("{}", 404), NotFound, "{host} shows us no such workspace or state; check the names"),
        (Answer("{}", 500, {"Retry-After": "0"}), Unreadable, "127.0.0.1 has a fault of its own (500)"),
        (Answer("{}", 429, {"X-RateLimit-Reset": "0"}), Unreadable, "127.0.0.1 asks for fewer requests (429)"),
        (Answer("<html>Log in</html>"), NotState, "{host} does not answer as Terraform Enterprise does"),
        (Answer("[]"), NotState, "{host} does not answer as Terraform Enterprise does"),
        (Answer('{"data": []}'), NotState, "{host} does not answer as Terraform Enterprise does"),
        (Answer('{"data": {"id": 1, "attributes": {}}}'), NotState, "{host} does not answer as"),
        (Answer("", 302, {"Location": "http://127.0.0.1:1/"}), Unreadable, "sends us on to 127.0.0.1 without"),
    ],
)  # fmt: skip
def test_an_answer_that_is_none_of_its_api_is_said(
    tfe: Enterprise, answer: Answer, kind: type[Unreadable], said: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    tfe.api.answers[APP] = answer
    assert refusal(tfe.source("app"), kind).startswith(said.format(host=tfe.host))
    assert TOKEN not in caplog.text


def test_a_redirect_to_another_host_is_sent_no_token(tfe: Enterprise) -> None:
    tfe.api.answers[APP] = Answer(status=307, headers={"Location": f"{tfe.archive.url}/stolen"})
    tfe.archive.answers["GET /stolen"] = Answer("{}")
    refusal(tfe.source("app"), NotState)
    assert [each.headers["Authorization"] for each in tfe.archive.requests] == [None]


def test_pages_without_end_are_left(tfe: Enterprise) -> None:
    page = {"data": [tfe_workspace("a")], "meta": {"pagination": {"next-page": 1}}}
    tfe.api.answers["GET /api/v2/organizations/acme/workspaces"] = Answer(json.dumps(page))
    assert refusal(tfe.source("*"), Unreadable) == "the pages of its workspaces do not end; name fewer of them"


def tfe_workspace(name: str) -> dict[str, Any]:
    return {"id": f"ws-{name}", "attributes": {"name": name}}


def test_no_workspace_that_fits_is_said(tfe: Enterprise) -> None:
    said = "no workspace fits; check the names, and which the token may read"
    assert refusal(tfe.source("none-*"), NotFound) == said


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (None, "the state is being written just now; scan again"),
        ("http://127.0.0.1:1/a", "its state is offered without encryption by 127.0.0.1"),
    ],
)
def test_a_state_that_is_not_to_be_had_is_said(tfe: Enterprise, url: str | None, said: str) -> None:
    tfe.states = {"app": state()}
    current = {"data": {"id": "sv-1", "attributes": {"hosted-state-download-url": url}}}
    tfe.api.answers["GET /api/v2/workspaces/ws-app/current-state-version"] = Answer(json.dumps(current))
    assert refusal(tfe.source("app"), Unreadable) == said


def test_a_host_that_does_not_answer_is_said(tfe: Enterprise) -> None:
    from state.terraform.remote_http import Web

    tfe.api.answers[APP] = SILENT
    with pytest.raises(Unreadable) as refused:
        asyncio.run(load([tfe.source("app")], SCHEMAS, web=Web(timeout=0.3)))
    assert str(refused.value) == f"{tfe.source('app')}: 127.0.0.1 did not answer in time; try again"
