"""One of the sources as it is read: a state or many of them, a plan, a folder with code.

Several are read at once, and each keeps what it finds to itself, so that what comes of all of them does not hang on
which of them answered first.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import msgspec

from state.resource import ANYTHING, GLOBAL, Gap, Resource
from state.schema import Schemas
from state.terraform import configuration, discovery, files, plan, statefile
from state.terraform.configuration import Configuration
from state.terraform.discovery import Backing, Follow
from state.terraform.errors import Forbidden, NotFound, NotState, Unreadable
from state.terraform.files import STATE, is_pattern
from state.terraform.remote import S3, Address, Blob, Https, Tfc, address, shown
from state.terraform.remote_read import Reader, Several, Where, is_one, named

AT_ONCE = 8
CODE = "code"
"""The type of a gap in the code of a state that was read: it costs lines and ignore_changes, and hides nothing."""

Inspect = Callable[[str, Mapping[str, Any]], Iterable[tuple[str, str]]]
"""Where among the attributes of a type something looks like a secret, and what it looks like."""

T = TypeVar("T")
At = TypeVar("At")


class Hint(msgspec.Struct, frozen=True, kw_only=True):
    """One of [[states]] in driftline.toml: the account and region of a state that does not say them.

    ``source`` is what --from was given, one of the states that it found, or a pattern of either.
    """

    source: str
    account: str = ""
    region: str = ""

    def about(self, *names: str) -> bool:
        return any(name == self.source or fnmatchcase(name, self.source) for name in names)


def hint_of(hints: Sequence[Hint], *names: str) -> Hint:
    """What is said of a state under one of these names."""
    return next((each for each in hints if each.about(*names)), Hint(source=""))


class StateInfo(msgspec.Struct, frozen=True, kw_only=True):
    """One state that was read. ``version`` tells whether it moved; a pipe has none and is read once.

    ``secrets`` are those of a state in S3: by path what kind of secret stands there, where that was looked for.
    """

    source: str
    serial: int
    lineage: str
    version: str
    instances: int
    terraform_version: str
    at: S3 | Https | Tfc | None = None
    secrets: Mapping[str, str] | None = None

    @property
    def where(self) -> Where:
        return self.at or Path(self.source)


class Planned(NamedTuple):
    """What a plan finds, and what it leads to."""

    before: list[Resource]
    after: list[Resource]


class Found(NamedTuple):
    """One state or plan, with what it declares to be there, and what a plan leads to."""

    info: StateInfo
    resources: list[Resource]
    planned: Planned | None = None


class Fetching:
    """The way to states and code, for all sources: none is fetched twice, and not too many at once."""

    def __init__(self, schemas: Schemas, reader: Reader, inspect: Inspect = lambda type, attributes: ()) -> None:
        self.schemas, self.reader, self.inspect = schemas, reader, inspect
        self._turnstile = asyncio.Semaphore(AT_ONCE)
        self._begun: dict[str, dict[Where, asyncio.Task[Found]]] = {}
        self._code: dict[Path, Configuration] = {}

    async def found(self, where: Where) -> Found:
        """What is kept there. One that was asked for as somebody else is asked for again only where that failed."""
        begun = self._begun.setdefault(named(where), {})
        for other in [each for at, each in begun.items() if at != where and not isinstance(where, Https)]:
            try:
                return await asyncio.shield(other)
            except Unreadable:
                continue
        if where not in begun:
            begun[where] = asyncio.create_task(self._in_turn(self._found, where))
        return await asyncio.shield(begun[where])

    async def _found(self, where: Where) -> Found:
        reading = statefile.Reading(named(where), self._look_into if isinstance(where, S3) else None)
        return _parsed(await self.reader.read(where, reading.room), where, self.schemas, reading)

    def _look_into(self, content: statefile.Content) -> Iterable[tuple[str, str]]:
        return self.inspect(content.type, content.attributes)

    async def those_of(self, at: Address) -> Several:
        return await self._in_turn(self.reader.those_of, at)

    async def is_locked(self, where: Where) -> bool:
        return await self._in_turn(self.reader.is_locked, where)

    async def version(self, where: Where) -> str | None:
        return await self._in_turn(self.reader.version, where)

    async def _in_turn(self, work: Callable[[At], Awaitable[T]], at: At) -> T:
        async with self._turnstile:
            return await work(at)

    def code(self, folder: Path) -> Configuration:
        if folder not in self._code:
            self._code[folder] = configuration.read(folder)
        return self._code[folder]

    async def end(self) -> None:
        """What nobody waits for any more is not fetched to its end."""
        left = [each for begun in self._begun.values() for each in begun.values()]
        for each in left:
            each.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        self._begun.clear()


class Part:
    """What one source comes to. ``found`` are its states, each with what named it."""

    def __init__(self, fetching: Fetching, hints: Sequence[Hint], follow: Follow | None) -> None:
        self.fetching, self.hints, self.follow = fetching, hints, follow
        self.found: list[tuple[str, Found]] = []
        self.gaps: list[Gap] = []
        self.notes: list[str] = []
        self.configurations: dict[str, Configuration] = {}
        self.code_of: dict[str, str] = {}
        self.backings: list[Backing] = []

    async def read(self, source: str) -> Part:
        """Raises Unreadable for one that is named by itself and cannot be read."""
        at = address(source)
        if at is not None:
            await self._add_remote(source, at)
        elif await asyncio.to_thread(Path(source).is_dir):
            await self._add_folder(Path(source))
        elif is_pattern(source):
            await self._add_many(source, Several(found=[*await asyncio.to_thread(files.matches, source)]))
        else:
            await self._add_file(Path(source))
        return self

    async def _add_file(self, path: Path) -> None:
        if files.is_code(path) or path.name.endswith((".tfvars", ".tfvars.json")):
            raise NotState(str(path), "is code, not a state; name its folder")
        await self._add_one(str(path), path)

    async def _add_folder(self, path: Path) -> None:
        states, folders = await asyncio.to_thread(files.inside, path)
        for each in folders:
            self._add_configuration(each)
        found = Several(found=[*states])
        roots = [each for each in self.configurations.values() if path in (each.folder, *each.folder.parents)]
        backings = await asyncio.to_thread(discovery.states, path, roots, self.follow or Follow())
        self.backings += backings
        if self.follow:
            await self._follow(path, found, backings)
        if found.found:
            alone = not states and not self.gaps and len(found.found) == 1
            await self._add_many(str(path), found, alone=alone)
        elif not folders and not self.gaps:
            raise NotFound(str(path), f"holds no *{STATE} and no .tf file; name the folder of a configuration or state")

    async def _add_remote(self, source: str, at: Address) -> None:
        if is_one(at):
            await self._add_one(source, at.of_workspace if isinstance(at, S3) else at)
        else:
            await self._add_many(source, await self.fetching.those_of(at))

    async def _add_many(self, given: str, several: Several, *, alone: bool = False) -> None:
        """Those of a folder, a pattern or a prefix: one that is broken leaves a gap, unless it is ``alone``."""
        if not several.found:
            raise NotFound(
                shown(given), f"no state matches; states are looked for as *{STATE} unless the pattern names others"
            )
        self.notes += several.notes

        async def one(where: Where) -> Found | Unreadable:
            try:
                return await self.fetching.found(where)
            except Unreadable as error:
                return error

        for where, each in zip(several.found, await asyncio.gather(*map(one, several.found))):
            if isinstance(each, Unreadable) and alone:
                raise each
            if isinstance(each, Unreadable):
                self.gaps.append(self._gap(given, named(where), each))
            else:
                self.found.append((given, each))
        for where in several.found:
            if where in several.locked or (isinstance(where, Path) and await self._is_locked(where)):
                self._note_lock(where)

    async def _add_one(self, given: str, where: Where) -> None:
        self.found.append((given, await self.fetching.found(where)))
        if await self._is_locked(where):
            self._note_lock(where)

    def _note_lock(self, where: Where) -> None:
        self.notes.append(f"{named(where)} is locked: Terraform is at work on it, or was stopped; it was read as it is")

    # --- the states that code names ---------------------------------------------------------------

    async def _follow(self, folder: Path, into: Several, backings: Sequence[Backing]) -> None:
        """Add the states that the backends below a folder name; one of which that cannot be told is a gap."""
        for each in backings:
            try:
                several = await self._those_of(each.where())
            except Unreadable as error:
                if len(backings) == 1 and not into.found:
                    raise
                self.gaps.append(self._gap(str(folder), error.source, error))
                continue
            into.notes += several.notes
            into.locked |= several.locked
            for where in several.found:
                self.code_of[named(where)] = str(each.folder)
                if where not in into.found:
                    into.found.append(where)

    async def _those_of(self, where: Where) -> Several:
        if not isinstance(where, Path) and not is_one(where):
            return await self.fetching.those_of(where)
        return Several(found=[where], locked={where} if await self._is_locked(where) else set())

    async def _is_locked(self, where: Where) -> bool:
        """A lock is only told of; where there is no such state, that is said when it is read."""
        try:
            return await self.fetching.is_locked(where)
        except NotFound:
            return False
        except Unreadable as error:
            whose = f"{named(where)}: whether it is"
            if isinstance(where, S3):  # once for all of a bucket
                whose = f"s3://{where.bucket}: whether its states are"
            self.notes.append(f"{whose} locked was not looked at: {error.problem}")
            return False

    def _add_configuration(self, folder: Path) -> None:
        if str(folder) in self.configurations:
            return
        found = self.fetching.code(folder)
        self.configurations[str(folder)] = found
        for fault in found.faults:
            self.gaps.append(Gap(type=CODE, account="", region=GLOBAL, reason=fault, kind="malformed"))

    def _gap(self, given: str, source: str, error: Unreadable) -> Gap:
        hint = hint_of(self.hints, given, source)
        kind = "denied" if isinstance(error, Forbidden) else "malformed" if isinstance(error, NotState) else "error"
        return Gap(type=ANYTHING, account=hint.account, region=hint.region or GLOBAL, reason=str(error), kind=kind)


def _parsed(blob: Blob, where: Where, schemas: Schemas, reading: statefile.Reading) -> Found:
    source, secrets = named(where), None
    text = statefile.json_in(blob.data, source)
    head, planned = statefile.head(text, source), None
    if head.format_version is not msgspec.UNSET:
        document = statefile.decode(text, source)
        found = _shown(document, source, schemas, applied=False)
        planned = _planned(document, source, schemas) if plan.leads(document) else None
        about = statefile.StateFile(version=4, terraform_version=str(document.get("terraform_version", "")))
    else:
        about = statefile.state(text, head, source)
        reading.add(about)
        found, secrets = list(reading.resources()), reading.found if isinstance(where, S3) else None
    info = StateInfo(
        source=source,
        serial=about.serial,
        lineage=about.lineage,
        version=blob.version,
        instances=sum(not (each.origin and each.origin.deposed) for each in found),
        terraform_version=about.terraform_version,
        at=None if isinstance(where, Path) else where,
        secrets=secrets,
    )
    return Found(info, found, planned)


def _planned(document: Mapping[str, Any], source: str, schemas: Schemas) -> Planned:
    if document.get("errored"):
        raise NotState(source, "is a plan that broke off in an error, and tells only a part; plan again")
    return Planned(_shown(document, source, schemas, before=True), _shown(document, source, schemas, applied=True))


def _shown(document: Mapping[str, Any], source: str, schemas: Schemas, **which: bool) -> list[Resource]:
    try:
        return list(plan.resources(document, source, schemas, **which))
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        problem = "is not the shape of a plan or state; make it again with `terraform show -json`"
        raise NotState(source, problem) from error
