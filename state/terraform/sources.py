"""What ``--from`` names: states, plans and configurations, in files, folders and S3.

One source that is named by itself must be readable. Among many, one that is broken is a gap: the
rest is read, and whatever is called unmanaged is said to be perhaps declared there.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Protocol

import msgspec

from state.resource import ANYTHING, GLOBAL, Gap, Inventory, Key, Resource
from state.schema import Schemas
from state.terraform import configuration, plan, statefile
from state.terraform.configuration import Backend, Configuration
from state.terraform.copies import doubts
from state.terraform.errors import Forbidden, NotFound, NotState, Unreadable
from state.terraform.settle import declaration, settle, unsure

AT_ONCE = 8
CODE = "code"
"""The type of a gap in the code of a state that was read: it costs lines and ignore_changes, and hides nothing."""

STATE = ".tfstate"
NOT_STATES = (".backup", ".tflock", ".lock.info")
NOT_ENTERED = frozenset({".git", ".terraform", ".terragrunt-cache", "node_modules"})


class Blob(msgspec.Struct, frozen=True):
    """An object's content, and what tells that it has changed: its version or its ETag."""

    data: bytes
    version: str


class ObjectStore(Protocol):
    """Where S3 is reached. Both raise NotFound, Forbidden or Unreadable."""

    async def read(self, bucket: str, key: str) -> Blob: ...

    async def list(self, bucket: str, prefix: str) -> list[str]: ...


class Hint(msgspec.Struct, frozen=True, kw_only=True):
    """One of [[states]] in driftline.toml: the account and region of a state that does not say them.

    ``source`` is what --from was given, one of the states that it found, or a pattern of either.
    """

    source: str
    account: str = ""
    region: str = ""

    def about(self, *names: str) -> bool:
        return any(name == self.source or fnmatchcase(name, self.source) for name in names)


class StateInfo(msgspec.Struct, frozen=True, kw_only=True):
    """One state that was read. ``version`` tells whether it moved; a pipe has none and is read once."""

    source: str
    serial: int
    lineage: str
    version: str
    instances: int
    terraform_version: str


class Declared(msgspec.Struct, frozen=True, kw_only=True):
    """All that the sources declare. ``notes`` has a line for each thing that is declared twice."""

    inventory: Inventory
    states: list[StateInfo]
    configurations: list[Configuration]
    notes: list[str]

    @property
    def backends(self) -> list[Backend]:
        return [backend for each in self.configurations for backend in each.backends]

    @property
    def default_tags(self) -> Mapping[str, Mapping[str, str]]:
        """The default tags of each provider configuration, by alias."""
        return {alias: tags for each in self.configurations for alias, tags in each.default_tags.items()}


async def load(
    sources: Sequence[str], schemas: Schemas, *, objects: ObjectStore | None = None, hints: Sequence[Hint] = ()
) -> Declared:
    """Everything that the sources declare, settled. Raises Unreadable for one named by itself that cannot be read."""
    return (await _reading(sources, schemas, objects, hints)).declared(sources)


async def written(
    sources: Sequence[str], schemas: Schemas, *, objects: ObjectStore | None = None, hints: Sequence[Hint] = ()
) -> Inventory:
    """Everything that the sources declare, as it stands there: not settled, and twice if it is declared twice."""
    found = await _reading(sources, schemas, objects, hints)
    return Inventory(found.resources, found.gaps)


async def _reading(
    sources: Sequence[str], schemas: Schemas, objects: ObjectStore | None, hints: Sequence[Hint]
) -> _Reading:
    reading = _Reading(schemas, objects, hints)
    for source in sources:
        await reading.add(source)
    return reading


async def moved(declared: Declared, objects: ObjectStore | None) -> list[str]:
    """The states that are not as they were when they were read, or that can no longer be read."""
    found = []
    for each in declared.states:
        if each.version and await _version(each.source, objects) != each.version:
            found.append(each.source)
    return found


async def _version(source: str, objects: ObjectStore | None) -> str | None:
    try:
        if not source.startswith("s3://"):
            return await asyncio.to_thread(_file_version, Path(source))
        return (await _read(source, objects)).version
    except Unreadable:
        return None


# --- one source -----------------------------------------------------------------------------------

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://")


async def _read(source: str, objects: ObjectStore | None) -> Blob:
    if not source.startswith("s3://"):
        return await asyncio.to_thread(_read_file, Path(source))
    if objects is None:
        raise Forbidden(source, "S3 is read with AWS credentials, and there are none; set AWS_PROFILE or use --profile")
    return await objects.read(*_bucket_and_key(source))


def _bucket_and_key(source: str) -> tuple[str, str]:
    bucket, _, key = source.removeprefix("s3://").partition("/")
    if not bucket:
        raise NotFound(source, "names no bucket; write s3://BUCKET/KEY")
    return bucket, key


def _read_file(path: Path) -> Blob:
    with _told(path):
        data = path.read_bytes()
    return Blob(data, _version_of(data).hexdigest() if path.is_file() else "")


def _file_version(path: Path) -> str:
    """The version of a file that need not be held in memory for it."""
    with _told(path), path.open("rb") as file:
        return hashlib.file_digest(file, _version_of).hexdigest()


def _version_of(data: bytes = b"") -> Any:
    return hashlib.blake2b(data, digest_size=16)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """The file system's words as ours."""
    try:
        yield
    except FileNotFoundError as error:
        raise NotFound(str(path), "there is no such file or folder; check the path given to --from") from error
    except PermissionError as error:
        raise Forbidden(str(path), "may not be read; give the user who runs the scan the right to read it") from error
    except OSError as error:
        raise Unreadable(str(path), f"cannot be read: {error.strerror or error}; check the disk it is on") from error


Found = tuple[StateInfo, list[Resource]]


class _Reading:
    def __init__(self, schemas: Schemas, objects: ObjectStore | None, hints: Sequence[Hint]) -> None:
        self.schemas, self.objects, self.hints = schemas, objects, hints
        self.resources: list[Resource] = []
        self.gaps: list[Gap] = []
        self.states: dict[str, StateInfo] = {}
        self.configurations: dict[str, Configuration] = {}

    async def add(self, source: str) -> None:
        scheme = _SCHEME.match(source)
        if scheme and scheme[1].lower() != "s3":
            raise Unreadable(
                source, f"{scheme[1]}:// is not read, only files and s3://; fetch it with `terraform state pull > FILE`"
            )
        if scheme:
            await self._add_s3(f"s3://{source[len(scheme[0]) :]}")
        elif await asyncio.to_thread(_is_folder, source):
            await self._add_folder(Path(source))
        elif _is_pattern(source):
            await self._add_many(source, await asyncio.to_thread(_matches, source))
        else:
            await self._add_file(Path(source))

    async def _add_file(self, path: Path) -> None:
        if path.suffix in (".tf", ".tofu", ".tfvars"):
            raise NotState(str(path), "is code, not a state; name its folder")
        await self._add_one(str(path), str(path))

    async def _add_folder(self, path: Path) -> None:
        states, folders = await asyncio.to_thread(_inside, path)
        for each in folders:
            self._add_configuration(each)
        if states:
            await self._add_many(str(path), states)
        elif not folders:
            raise NotFound(str(path), f"holds no *{STATE} and no .tf file; name the folder of a configuration or state")

    async def _add_s3(self, source: str) -> None:
        bucket, key = _bucket_and_key(source)
        if key and not key.endswith("/") and not _is_pattern(key):
            await self._add_one(source, source)
            return
        if self.objects is None:
            await _read(source, None)
            return
        pattern = key if _is_pattern(key) else f"{key}**"
        prefix = re.split(r"[*?]", pattern, maxsplit=1)[0]
        keys = [each for each in await self.objects.list(bucket, prefix) if _chosen(each, pattern)]
        await self._add_many(source, [f"s3://{bucket}/{each}" for each in sorted(keys)])

    async def _add_many(self, given: str, found: list[str]) -> None:
        """Those of a folder, a pattern or a prefix: one that is broken leaves a gap."""
        if not found:
            raise NotFound(
                given, f"no state matches; states are looked for as *{STATE} unless the pattern names others"
            )
        turnstile = asyncio.Semaphore(AT_ONCE)

        async def one(source: str) -> Found | Unreadable:
            async with turnstile:
                try:
                    return await self._found(source)
                except Unreadable as error:
                    return error

        for source, each in zip(found, await asyncio.gather(*map(one, found))):
            if isinstance(each, Unreadable):
                self.gaps.append(self._gap(given, source, each))
            else:
                self._keep(given, each)

    async def _add_one(self, given: str, source: str) -> None:
        self._keep(given, await self._found(source))

    async def _found(self, source: str) -> Found:
        found = _parsed(await _read(source, self.objects), source, self.schemas)
        await asyncio.sleep(0)  # asyncio holds what it woke this task with, a whole file, until the task waits again
        return found

    def _keep(self, given: str, found: Found) -> None:
        info, resources = found
        if info.source not in self.states:
            hint = self._hint(given, info.source)
            self.states[info.source] = info
            self.resources.extend(_hinted(each, hint) for each in resources)

    def _add_configuration(self, folder: Path) -> None:
        if str(folder) in self.configurations:
            return
        found = configuration.read(folder)
        self.configurations[str(folder)] = found
        for fault in found.faults:
            self.gaps.append(Gap(type=CODE, account="", region=GLOBAL, reason=fault, kind="malformed"))

    def _hint(self, *names: str) -> Hint:
        return next((each for each in self.hints if each.about(*names)), Hint(source=""))

    def _gap(self, given: str, source: str, error: Unreadable) -> Gap:
        hint = self._hint(given, source)
        kind = "denied" if isinstance(error, Forbidden) else "malformed" if isinstance(error, NotState) else "error"
        return Gap(type=ANYTHING, account=hint.account, region=hint.region or GLOBAL, reason=str(error), kind=kind)

    # --- all together -------------------------------------------------------------------------

    def declared(self, sources: Sequence[str]) -> Declared:
        if not self.states and not self.gaps:
            raise NotState(", ".join(sources) or "--from", self._no_state())
        enriched = list(self._enriched())
        settled, notes = _once(settle(enriched, self.schemas), self.states)
        notes += doubts(settled, self.schemas)
        return Declared(
            inventory=Inventory(settled, [*self.gaps, *unsure(enriched, self.schemas)]),
            states=sorted(self.states.values(), key=lambda each: each.source),
            configurations=list(self.configurations.values()),
            notes=notes,
        )

    def _no_state(self) -> str:
        kept = [backend.source for each in self.configurations.values() for backend in each.backends if backend.source]
        where = f"its state is in {kept[0]}: add --from {kept[0]}" if kept else "add --from STATE, or a folder with one"
        return f"holds code but no state, and drift is told against a state; {where}"

    def _enriched(self) -> Iterator[Resource]:
        of_source = {source: self._configuration_of(source) for source in self.states}
        for each in self.resources:
            found = of_source.get(declaration(each).source)
            yield configuration.enriched(each, found.written) if found else each

    def _configuration_of(self, source: str) -> Configuration | None:
        """The code of a state: in whose folder it lies, whose backend names it, or the only one there is."""
        every = list(self.configurations.values())
        named = [each for each in every if any(_keeps(backend, source) for backend in each.backends)]
        beside = [each for each in every if not source.startswith("s3://") and each.folder in Path(source).parents]
        nearest = sorted(beside, key=lambda each: len(each.folder.parts), reverse=True)
        return next(iter([*named, *nearest, *(every if len(every) == 1 else [])]), None)


def _keeps(backend: Backend, source: str) -> bool:
    """Workspaces are kept under ``env:/NAME/`` before the key."""
    if backend.source is None:
        return False
    bucket, key = _bucket_and_key(backend.source)
    prefix = backend.settings.get("workspace_key_prefix", "env:")
    workspace = re.compile(rf"s3://{re.escape(bucket)}/{re.escape(prefix)}/[^/]+/{re.escape(key)}")
    return source == backend.source or workspace.fullmatch(source) is not None


def _parsed(blob: Blob, source: str, schemas: Schemas) -> Found:
    text = statefile.json_in(blob.data, source)
    head = statefile.head(text, source)
    if head.format_version is not msgspec.UNSET:
        document = statefile.decode(text, source)
        found = _shown(document, source, schemas)
        about = statefile.StateFile(version=4, terraform_version=str(document.get("terraform_version", "")))
    else:
        about = statefile.state(text, head, source)
        found = list(statefile.resources(about, source))
    info = StateInfo(
        source=source,
        serial=about.serial,
        lineage=about.lineage,
        version=blob.version,
        instances=sum(not declaration(each).deposed for each in found),
        terraform_version=about.terraform_version,
    )
    return info, found


def _shown(document: Mapping[str, Any], source: str, schemas: Schemas) -> list[Resource]:
    try:
        return list(plan.resources(document, source, schemas, applied=False))
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        problem = "is not the shape of a plan or state; make it again with `terraform show -json`"
        raise NotState(source, problem) from error


def _hinted(each: Resource, hint: Hint) -> Resource:
    if each.account and each.region:
        return each
    return msgspec.structs.replace(each, account=each.account or hint.account, region=each.region or hint.region)


# --- which files ----------------------------------------------------------------------------------


def _is_pattern(text: str) -> bool:
    return "*" in text or "?" in text


def _is_folder(source: str) -> bool:
    return Path(source).is_dir()


def _chosen(name: str, pattern: str) -> bool:
    """``**`` crosses folders, ``*`` does not; a pattern that ends in ``**`` means the states there."""
    if name.endswith(NOT_STATES) or not _compiled(pattern).fullmatch(name):
        return False
    return name.endswith(STATE) or pattern.rsplit("/", 1)[-1] != "**"


def _compiled(pattern: str) -> re.Pattern[str]:
    signs = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    pieces = re.split(r"(\*\*/|\*\*|\*|\?)", pattern)
    return re.compile("".join(signs.get(each, re.escape(each)) for each in pieces), re.S)


def _matches(pattern: str) -> list[str]:
    """Where a pattern's first sign stands, the folder to look in ends."""
    wanted = str(Path(pattern))
    parts = Path(pattern).parts
    fixed = next(n for n, part in enumerate(parts) if _is_pattern(part))
    return sorted(str(path) for path in _walk(Path(*parts[:fixed])) if _chosen(str(path), wanted))


def _inside(folder: Path) -> tuple[list[str], list[Path]]:
    """The states below a folder, and the folders that hold code of their own: the folder itself, those
    with a state beside it, and those with a backend."""
    paths = list(_walk(folder))
    states = sorted(str(path) for path in paths if path.name.endswith(STATE))
    code = {path.parent for path in paths if path.suffix in (".tf", ".tofu")}
    roots = {each for each in code if each == folder or any(Path(state).parent == each for state in states)}
    roots |= {path.parent for path in paths if path.suffix in (".tf", ".tofu") and _names_backend(path)}
    return states, sorted(roots)


def _walk(folder: Path) -> Iterator[Path]:
    """Every file below a folder, links to folders not followed."""
    for here, folders, files in os.walk(folder, onerror=_raise):
        folders[:] = sorted(each for each in folders if each not in NOT_ENTERED)
        yield from (Path(here) / each for each in sorted(files))


def _raise(error: OSError) -> None:
    if isinstance(error, FileNotFoundError):
        raise NotFound(str(error.filename), "there is no such folder; check the path given to --from") from error
    raise Forbidden(
        str(error.filename), "may not be read; give the user who runs the scan the right to read it"
    ) from error


_BACKEND = re.compile(rb'^\s*(?:backend\s+"[a-z0-9]+"|cloud)\s*\{', re.M)


def _names_backend(path: Path) -> bool:
    try:
        return path.is_file() and _BACKEND.search(path.read_bytes()) is not None
    except OSError:
        return False


# --- what is declared twice -----------------------------------------------------------------------


def _once(found: list[Resource], states: Mapping[str, StateInfo]) -> tuple[list[Resource], list[str]]:
    """Each thing once: of two copies of one state the later serial's, else the first; and lines on the others."""
    kept: dict[Key, Resource] = {}
    twice: dict[tuple[str, str], list[tuple[Resource, Resource]]] = defaultdict(list)
    for each in found:
        first = kept.setdefault(each.key, each)
        if first is not each and each.identity:
            counts, other = (each, first) if _is_later(states, each, first) else (first, each)
            kept[each.key] = counts
            twice[declaration(counts).source, declaration(other).source].append((counts, other))
    return list(kept.values()), [_twice(each) for each in twice.values()]


def _is_later(states: Mapping[str, StateInfo], one: Resource, other: Resource) -> bool:
    mine, theirs = (states.get(declaration(each).source) for each in (one, other))
    if mine is None or theirs is None or not mine.lineage or mine.lineage != theirs.lineage:
        return False
    return mine.serial > theirs.serial


def _twice(pairs: list[tuple[Resource, Resource]]) -> str:
    counts, other = pairs[0]
    kept, left = declaration(counts), declaration(other)
    more = f" and {len(pairs) - 1} more are" if len(pairs) > 1 else " is"
    return (
        f"{counts.type} {counts.identity}{more} declared in {kept.source} (as {kept.address}) "
        f"and again in {left.source} (as {left.address}); the first counts"
    )
