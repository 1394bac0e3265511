"""States of HCP Terraform and Terraform Enterprise: the workspaces of an organization, and the state of each.

https://developer.hashicorp.com/terraform/cloud-docs/api-docs/state-versions. A token is of one host, and is sent to
that host alone; without one nothing is asked.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urljoin, urlsplit

import msgspec

from state.terraform.configuration import said
from state.terraform.errors import Forbidden, NotFound, NotState, Unreadable
from state.terraform.incoming import Room, Rooms
from state.terraform.remote import Blob, Tfc
from state.terraform.remote_http import Reply, Web, checked
from state.terraform.syntax import parse

USUAL = "app.terraform.io"
PAGE = 100
MOST_PAGES = 1000


class Workspace(msgspec.Struct, frozen=True):
    """One workspace; ``empty`` is one of which its organization says that nothing was applied yet."""

    at: Tfc
    id: str
    locked: bool = False
    empty: bool = False


class Hcp:
    """The organizations that a token opens. Raises NotFound, Forbidden, NotState or Unreadable."""

    def __init__(self, web: Web) -> None:
        self.web = web
        self._known: dict[Tfc, Workspace] = {}

    async def workspaces(self, at: Tfc) -> list[Workspace]:
        """Those that fit the pattern, have the tags and are of the project, by name."""
        project = await self._project(at) if at.project else ""
        asked = {"search[wildcard-name]": _wildcard(at.workspace), "search[tags]": at.tags}
        every = await self._listed(at, "workspaces", asked | {"filter[project][id]": project})
        found = [_workspace(each, at) for each in every if _is_of(each, project)]
        kept = {each.at: each for each in found if fnmatchcase(each.at.workspace, at.workspace)}
        self._known |= kept
        return sorted(kept.values(), key=lambda each: each.at.workspace)

    async def _project(self, at: Tfc) -> str:
        """The id of the project, which people know by its name."""
        found = (_object(each, at) for each in await self._listed(at, "projects", {"filter[names]": at.project}))
        named = (each.get("id") for each in found if _object(each.get("attributes"), at).get("name") == at.project)
        if (id := next(named, None)) is None:
            host = urlsplit(_api(at)).netloc
            raise NotFound(at.shown, f"{host} shows us no such project; check its name, and what the token may read")
        return str(id)

    async def _listed(self, at: Tfc, what: str, asked: dict[str, str]) -> list[Any]:
        """All pages of what an organization has."""
        path, found, page = f"organizations/{quote(at.organization, safe='')}/{what}", [], 1
        asked = {name: value for name, value in asked.items() if value} | {"page[size]": str(PAGE)}
        while page:
            answer = await self._asked(at, f"{path}?{urlencode(asked | {'page[number]': str(page)})}")
            found += _list(answer.get("data"), at)
            page = _next_page(answer, page, at)
        return found

    async def workspace(self, at: Tfc) -> Workspace:
        """The one of this name."""
        if at not in self._known:
            path = f"organizations/{quote(at.organization, safe='')}/workspaces/{quote(at.workspace, safe='')}"
            self._known[at] = _workspace(_object((await self._asked(at, path)).get("data"), at), at)
        return self._known[at]

    async def read(self, at: Tfc, rooms: Rooms = Room) -> Blob:
        """The state of a workspace as it is now; its version is the id that HCP Terraform gave it."""
        version, about = await self._current(at)
        url = about.get("hosted-state-download-url")
        if not isinstance(url, str) or not url:
            raise Unreadable(at.shown, "the state is being written just now; scan again")
        api = _api(at)
        url = urljoin(api, url)
        if urlsplit(url).scheme != "https":
            raise Unreadable(at.shown, f"its state is offered without encryption by {urlsplit(url).hostname}")
        own = urlsplit(url)[:2] == urlsplit(api)[:2]
        reply = await self.web.get(url, at.shown, _authorization(at) if own else {}, rooms=rooms)
        checked(reply, at.shown, _login(at))
        return Blob(reply.body, version)

    async def version(self, at: Tfc) -> str:
        return (await self._current(at))[0]

    async def _current(self, at: Tfc) -> tuple[str, dict[str, Any]]:
        workspace = await self.workspace(at)
        answer = await self._asked(at, f"workspaces/{quote(workspace.id, safe='')}/current-state-version")
        data = _object(answer.get("data"), at)
        return str(data.get("id") or ""), _object(data.get("attributes"), at)

    async def _asked(self, at: Tfc, path: str) -> dict[str, Any]:
        reply = await self.web.get(_api(at) + path, at.shown, _authorization(at))
        if reply.status == 404:
            host = urlsplit(_api(at)).netloc
            what = f"{host} shows us no such workspace or state; check the names, and what the token may read"
            raise NotFound(at.shown, what)
        checked(reply, at.shown, _login(at))
        return _document(reply, at)


def _wildcard(pattern: str) -> str:
    """What the server can sort out: a star at either end. The rest is ours."""
    return pattern if re.fullmatch(r"\*?[^*?\[\]]+\*?", pattern) else ""


def _workspace(data: Any, at: Tfc) -> Workspace:
    found = _object(data, at)
    about = _object(found.get("attributes"), at)
    name, id = about.get("name"), found.get("id")
    if not isinstance(name, str) or not isinstance(id, str):
        raise _strange(at)
    state = (found.get("relationships") or {}).get("current-state-version", {})
    empty = isinstance(state, dict) and "data" in state and state["data"] is None
    return Workspace(at.of(name), id, about.get("locked") is True, empty)


def _is_of(data: Any, project: str) -> bool:
    """Whether a workspace is of the project asked for, where it says which it is of."""
    try:
        return not project or data["relationships"]["project"]["data"]["id"] == project
    except (LookupError, TypeError):
        return True


def _next_page(answer: dict[str, Any], page: int, at: Tfc) -> int:
    """The number of the next page; 0 after the last."""
    said = _object(_object(answer.get("meta") or {}, at).get("pagination") or {}, at).get("next-page")
    if said is None:
        return 0
    if said != page + 1 or page >= MOST_PAGES:
        raise Unreadable(at.shown, "the pages of its workspaces do not end; name fewer of them")
    return int(said)


def _document(reply: Reply, at: Tfc) -> dict[str, Any]:
    try:
        return msgspec.json.decode(reply.body, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _strange(at) from error


def _object(value: Any, at: Tfc) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _strange(at)
    return value


def _list(value: Any, at: Tfc) -> list[Any]:
    if not isinstance(value, list):
        raise _strange(at)
    return value


def _strange(at: Tfc) -> NotState:
    host = urlsplit(_api(at)).netloc
    return NotState(at.shown, f"{host} does not answer as Terraform Enterprise does; check the host")


# --- whose token ------------------------------------------------------------------------------------


def host_of(at: Tfc) -> str:
    return at.host or os.environ.get("TFE_HOSTNAME", "").lower() or USUAL


def _api(at: Tfc) -> str:
    return f"https://{host_of(at)}/api/v2/"


def _authorization(at: Tfc) -> dict[str, str]:
    """Raises Forbidden where there is no token of this very host."""
    if found := token(host_of(at), at.shown):
        return {"Authorization": f"Bearer {found}"}
    raise Forbidden(at.shown, f"there is no token for {host_of(at)}; {_login(at)}")


def _login(at: Tfc) -> str:
    host = host_of(at)
    return f"set TF_TOKEN_{host.replace('-', '__').replace('.', '_')} or run `terraform login {host}`"


def token(host: str, source: str) -> str:
    """The token of a host: of TF_TOKEN_host, of TFE_TOKEN where it is TFE_HOSTNAME's, or of the CLI's files.

    Raises Unreadable for credentials that cannot be read.
    """
    for name, value in os.environ.items():
        if name.startswith("TF_TOKEN_") and _spelled(name.removeprefix("TF_TOKEN_")) == host and value:
            return value
    if host == (os.environ.get("TFE_HOSTNAME", "").lower() or USUAL) and (value := os.environ.get("TFE_TOKEN", "")):
        return value
    return next(filter(None, (_of_file(path, host, source) for path in _files())), "")


def _spelled(name: str) -> str:
    """A host as a variable's name has it: an underscore is a dot, and two are a hyphen."""
    return name.lower().replace("__", "-").replace("_", ".")


def _files() -> Iterator[Path]:
    """The CLI's own configuration with what `terraform login` wrote, or the one file that stands instead of all.

    https://github.com/hashicorp/terraform/blob/main/internal/command/cliconfig/cliconfig.go: what is in the folder
    overrides the file beside it, and there the last by name wins.
    """
    if instead := os.environ.get("TF_CLI_CONFIG_FILE") or os.environ.get("TERRAFORM_CONFIG"):
        yield Path(instead)
        return
    folder = Path.home() / ".terraform.d"
    yield from sorted((*folder.glob("*.tfrc"), *folder.glob("*.tfrc.json")), reverse=True)
    yield Path.home() / ".terraformrc"


def _of_file(path: Path, host: str, source: str) -> str:
    """The token in its ``credentials`` of a host; empty where there is none, or no such file."""
    try:
        text = path.read_text("utf-8-sig") if path.is_file() else ""
        known = _of_json(text) if path.suffix == ".json" else dict(_of_blocks(text))
        found = next((about.get("token", "") for name, about in known.items() if name.lower() == host), "")
    except (AttributeError, OSError, ValueError, RecursionError) as error:
        mends = "`terraform login` mends it" if path.name.startswith("credentials.") else "mend it"
        raise Unreadable(source, f"{path} cannot be read: {type(error).__name__}; {mends}") from None
    return found if isinstance(found, str) else ""


def _of_json(text: str) -> dict[str, Any]:
    known: dict[str, Any] = (msgspec.json.decode(text) if text else {}).get("credentials", {})
    return known


def _of_blocks(text: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """``credentials "app.terraform.io" { token = "…" }``"""
    for block in parse(text).of("credentials") if text.strip() else ():
        if block.labels:
            yield block.labels[0], {"token": said(block.body.attributes.get("token"))}
