"""States of HCP Terraform and Terraform Enterprise: the workspaces of an organization, and the state of each.

https://developer.hashicorp.com/terraform/cloud-docs/api-docs/state-versions. A token is of one host, and is sent to
that host alone; without one nothing is asked.
"""

from __future__ import annotations

import os
import re
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urljoin, urlsplit

import msgspec

from state.terraform.errors import Forbidden, NotFound, NotState, Unreadable
from state.terraform.remote import Blob, Tfc
from state.terraform.remote_http import Reply, Web, checked

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
        """Those that fit the pattern and have the tags, by name."""
        path = f"organizations/{quote(at.organization, safe='')}/workspaces"
        asked = {"search[wildcard-name]": _wildcard(at.workspace), "search[tags]": at.tags, "page[size]": str(PAGE)}
        found, page = [], 1
        while page:
            query = urlencode({name: value for name, value in asked.items() if value} | {"page[number]": str(page)})
            answer = await self._asked(at, f"{path}?{query}")
            found += [_workspace(each, at) for each in _list(answer.get("data"), at)]
            page = _next_page(answer, page, at)
        kept = {each.at: each for each in found if fnmatchcase(each.at.workspace, at.workspace)}
        self._known |= kept
        return sorted(kept.values(), key=lambda each: each.at.workspace)

    async def workspace(self, at: Tfc) -> Workspace:
        """The one of this name."""
        if at not in self._known:
            path = f"organizations/{quote(at.organization, safe='')}/workspaces/{quote(at.workspace, safe='')}"
            self._known[at] = _workspace(_object((await self._asked(at, path)).get("data"), at), at)
        return self._known[at]

    async def read(self, at: Tfc) -> Blob:
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
        reply = await self.web.get(url, at.shown, _authorization(at) if own else {})
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
    """The token of a host: of TF_TOKEN_host, of TFE_TOKEN where it is TFE_HOSTNAME's, or of the CLI's credentials.

    Raises Unreadable for credentials that cannot be read.
    """
    for name, value in os.environ.items():
        if name.startswith("TF_TOKEN_") and _spelled(name.removeprefix("TF_TOKEN_")) == host and value:
            return value
    if host == (os.environ.get("TFE_HOSTNAME", "").lower() or USUAL) and (value := os.environ.get("TFE_TOKEN", "")):
        return value
    return _of_file(host, source)


def _spelled(name: str) -> str:
    """A host as a variable's name has it: an underscore is a dot, and two are a hyphen."""
    return name.lower().replace("__", "-").replace("_", ".")


def _of_file(host: str, source: str) -> str:
    path = Path.home() / ".terraform.d" / "credentials.tfrc.json"
    try:
        known = msgspec.json.decode(path.read_bytes()) if path.is_file() else {}
        found = known.get("credentials", {}).get(host, {}).get("token", "")
    except (AttributeError, OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Unreadable(
            source, f"{path} cannot be read: {type(error).__name__}; `terraform login` mends it"
        ) from error
    return found if isinstance(found, str) else ""
