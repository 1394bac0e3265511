"""Where a state is kept that is no file: its address as ``--from`` takes it, and what reads it there.

``s3://bucket/key`` is an object; with ?region= &profile= &role_arn= &external_id= &version=, and the workspaces of that
key: &workspace=GLOB &workspace_key_prefix=env:. ``https://host/path`` is what Terraform's http backend is set to.
``tfc://organization/GLOB`` are workspaces of HCP Terraform or Terraform Enterprise; with ?host= &tags=a,b.
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from ipaddress import ip_address
from typing import Protocol
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

import msgspec

from state.terraform.errors import NotFound, Unreadable
from state.terraform.incoming import Room, Rooms, Text

DEFAULT = "default"
"""The workspace that a state without workspaces is in."""
LOCK = ".tflock"

PULL = "fetch it with `terraform state pull > FILE` and name the FILE"
READ = "files, s3://, https:// and tfc://"

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://")
_SETTINGS = ("region", "profile", "role_arn", "external_id", "version", "workspace", "workspace_key_prefix")
_TELLING_EMPTY = frozenset({"workspace_key_prefix"})
"""Settings that say something where they are set to nothing."""
_OF_TFC = ("host", "project", "tags")
_QUERY = re.compile(r"\?(?=[a-z_]+=)")
"""A question mark is also the sign of a pattern; only before ``name=`` does it begin settings."""


class Blob(msgspec.Struct, frozen=True):
    """A state's content, and what tells that it has changed: its version or its ETag."""

    data: Text
    version: str


class How(msgspec.Struct, frozen=True, kw_only=True):
    """With what an object is asked for, where that is not as everything else; ``version`` is an older one of it."""

    region: str = ""
    profile: str = ""
    role_arn: str = ""
    external_id: str = ""
    version: str = ""


AS_EVER = How()


class ObjectStore(Protocol):
    """Where S3 is reached. All raise NotFound, Forbidden or Unreadable."""

    async def read(self, bucket: str, key: str, how: How = AS_EVER, rooms: Rooms = Room) -> Blob: ...

    async def version(self, bucket: str, key: str, how: How = AS_EVER) -> str: ...

    async def list(self, bucket: str, prefix: str, how: How = AS_EVER) -> list[str]: ...


class S3(msgspec.Struct, frozen=True, kw_only=True):
    """Objects of a bucket; ``workspace`` is empty where none is asked for, and may be a pattern."""

    bucket: str
    key: str
    how: How = AS_EVER
    workspace: str = ""
    workspace_key_prefix: str = "env:"

    @property
    def shown(self) -> str:
        """The object as people know it: nothing of whoever asks for it."""
        return f"s3://{self.bucket}/{self.key}" + (f"?version={self.how.version}" if self.how.version else "")

    @property
    def of_workspace(self) -> S3:
        """The object of its workspace, where that is one by name."""
        if not self.workspace or self.workspace == DEFAULT:
            return msgspec.structs.replace(self, workspace="")
        return self.at(f"{self.workspaces}{self.workspace}/{self.key}")

    @property
    def workspaces(self) -> str:
        """Where the folders of the workspaces stand: at the bucket's root where the prefix is set to nothing."""
        return f"{self.workspace_key_prefix}/" if self.workspace_key_prefix else ""

    def at(self, key: str) -> S3:
        return S3(bucket=self.bucket, key=key, how=self.how)

    def is_of(self, key: str) -> bool:
        """Whether a key is this one's, in a workspace that is asked for."""
        if key == self.key:
            return fnmatchcase(DEFAULT, self.workspace)
        prefix, end = self.workspaces, f"/{self.key}"
        name = key.removeprefix(prefix).removesuffix(end)
        return key == f"{prefix}{name}{end}" and "/" not in name and fnmatchcase(name, self.workspace)


class Https(msgspec.Struct, frozen=True, kw_only=True):
    """The address that Terraform's http backend is set to. Its query may be a secret: a signature, a token."""

    url: str

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc.lower()

    @property
    def shown(self) -> str:
        parts = urlsplit(self.url)
        names = "&".join(f"{name}=…" for name, _ in parse_qsl(parts.query, keep_blank_values=True))
        return f"{parts.scheme}://{parts.netloc}{parts.path}" + (f"?{names}" if parts.query else "")


class Tfc(msgspec.Struct, frozen=True, kw_only=True):
    """Workspaces of an organization; ``host`` is empty for the usual one, ``tags`` and ``project`` for any."""

    organization: str
    workspace: str
    host: str = ""
    tags: str = ""
    project: str = ""

    @property
    def shown(self) -> str:
        asked = {name: value for name in _OF_TFC if (value := getattr(self, name))}
        said = f"?{urlencode(asked, safe=':,')}" if asked else ""
        return f"tfc://{self.organization}/{self.workspace}{said}"

    def of(self, workspace: str) -> Tfc:
        return Tfc(organization=self.organization, workspace=workspace, host=self.host)


Address = S3 | Https | Tfc


def address(source: str) -> Address | None:
    """The address that a source is; None for a path. Raises Unreadable for what is not read, or says too much."""
    if (scheme := _SCHEME.match(source)) is None:
        return None
    name, rest = scheme[1].lower(), source[len(scheme[0]) :]
    if name == "s3":
        return _s3(rest)
    if name in ("https", "http"):
        return _https(f"{name}://{rest}")
    if name == "tfc":
        return _tfc(rest)
    raise Unreadable(source, f"{scheme[1]}:// is not read, only {READ}; {PULL}")


def shown(source: str) -> str:
    """A source as it may be told and stored: without what only whoever reads it should know."""
    try:
        found = address(source)
    except Unreadable as error:
        return error.source
    if not isinstance(found, S3):
        return found.shown if found else source
    said = f"?workspace={found.workspace}" if found.workspace else ""
    return found.shown + said


def _s3(rest: str) -> S3:
    path, settings = _settings(rest, _SETTINGS, "s3://")
    bucket, _, key = path.partition("/")
    if not bucket:
        raise NotFound(f"s3://{path}", "names no bucket; write s3://BUCKET/KEY")
    how = How(**{name: settings[name] for name in How.__struct_fields__ if name in settings})
    others = {name: value for name, value in settings.items() if name not in How.__struct_fields__}
    return S3(bucket=bucket, key=key, how=how, **others)


def _settings(rest: str, known: tuple[str, ...], scheme: str) -> tuple[str, dict[str, str]]:
    """What stands before the settings, and those. Raises Unreadable for one that there is none of."""
    path, *said = _QUERY.split(rest, maxsplit=1)
    settings = dict(parse_qsl(said[0], keep_blank_values=True)) if said else {}
    for name in settings:
        if name not in known:
            raise Unreadable(f"{scheme}{path}", f"has no setting {name!r}; there are {', '.join(known)}")
    return path, {name: value for name, value in settings.items() if value or name in _TELLING_EMPTY}


def _https(url: str) -> Https:
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname or ""
    except ValueError:
        parts, port, host = urlsplit(""), None, ""
    if not host or port == 0:
        raise Unreadable("https://…", "is no address; write https://HOST/PATH")
    found = Https(url=url.partition("#")[0])
    if parts.username or parts.password:
        raise Unreadable(
            f"https://{host}{parts.path}",
            "holds a user name or a password, which end up in logs; set TF_HTTP_USERNAME and TF_HTTP_PASSWORD",
        )
    if parts.scheme == "http" and not is_loopback(host):
        raise Unreadable(found.shown, f"is not encrypted, and a state holds secrets; use https://, or {PULL}")
    return found


def is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?")


def _tfc(rest: str) -> Tfc:
    path, settings = _settings(rest, _OF_TFC, "tfc://")
    organization, _, workspace = unquote(path).partition("/")
    if not organization or not workspace or "/" in workspace:
        raise NotFound(f"tfc://{path}", "names no workspace; write tfc://ORGANIZATION/WORKSPACE, or * for all")
    host = settings.get("host", "").lower()
    if host and not _HOST.fullmatch(host):
        raise Unreadable(f"tfc://{path}", f"{host!r} is no host; write ?host=tfe.example.com")
    asked = {name: settings.get(name, "") for name in ("tags", "project")}
    return Tfc(organization=organization, workspace=workspace, host=host, **asked)
