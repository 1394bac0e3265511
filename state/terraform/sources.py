"""What ``--from`` names: states, plans and configurations, in files and folders and wherever Terraform keeps them.

One source that is named by itself must be readable. Among many, one that is broken is a gap: the
rest is read, and whatever is called unmanaged is said to be perhaps declared there.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import msgspec

from state.inventory import Inventory
from state.resource import ANYTHING, GLOBAL, Gap, Resource
from state.schema import Schemas
from state.terraform import configuration, discovery, files, plan, statefile
from state.terraform.code import Code
from state.terraform.configuration import Backend, Configuration
from state.terraform.copies import doubts
from state.terraform.discovery import Backing, Follow
from state.terraform.errors import Forbidden, NotFound, NotState, Unreadable
from state.terraform.files import STATE, is_pattern
from state.terraform.keeping import Kept, kept
from state.terraform.refactoring import Import
from state.terraform.remote import S3, Address, Blob, Https, ObjectStore, Tfc, address, shown
from state.terraform.remote_http import Web
from state.terraform.remote_read import Reader, Several, Where, is_one, named
from state.terraform.settle import declaration, settled

__all__ = ["Blob", "Declared", "Follow", "Hint", "ObjectStore", "StateInfo", "Web", "load", "moved", "written"]

AT_ONCE = 8
CODE = "code"
"""The type of a gap in the code of a state that was read: it costs lines and ignore_changes, and hides nothing."""

Inspect = Callable[[str, Mapping[str, Any]], Iterable[tuple[str, str]]]
"""Where among the attributes of a type something looks like a secret, and what it looks like."""

T = TypeVar("T")
R = TypeVar("R")


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


class Declared(msgspec.Struct, frozen=True, kw_only=True):
    """All that the sources declare. ``notes`` has a line for each thing that is declared twice.

    Of a plan the inventory has what should be there before it is applied, in the shape that its code gives it;
    ``plans`` have by their sources what they find and what they lead to, not yet settled. ``kept`` are the states
    that are kept in S3, those that only code names among them. ``imports`` are what import blocks still bring in.
    """

    inventory: Inventory
    states: list[StateInfo]
    configurations: list[Configuration]
    notes: list[str]
    plans: Mapping[str, Planned] = {}
    kept: Sequence[Kept] = ()
    imports: Sequence[Import] = ()

    @property
    def backends(self) -> list[Backend]:
        return [backend for each in self.configurations for backend in each.backends]

    @property
    def default_tags(self) -> Mapping[str, Mapping[str, str]]:
        """The default tags of each provider configuration, by alias."""
        return {alias: tags for each in self.configurations for alias, tags in each.default_tags.items()}


async def load(
    sources: Sequence[str],
    schemas: Schemas,
    *,
    objects: ObjectStore | None = None,
    web: Web | None = None,
    hints: Sequence[Hint] = (),
    follow: Follow | None = None,
    inspect: Inspect = lambda type, attributes: (),
) -> Declared:
    """Everything that the sources declare, settled. Raises Unreadable for one named by itself that cannot be read.

    With ``follow`` the states are read too that the backends in folders of code name. ``inspect`` finds the secrets
    in states that lie in S3.
    """
    async with web or Web() as ours:
        reading = _Reading(schemas, Reader(objects, ours), hints, follow, inspect)
        for source in sources:
            await reading.add(source)
    return reading.declared(sources)


async def written(
    sources: Sequence[str],
    schemas: Schemas,
    *,
    objects: ObjectStore | None = None,
    web: Web | None = None,
    hints: Sequence[Hint] = (),
    follow: Follow | None = None,
) -> Inventory:
    """Everything that the sources declare, as it stands there: not settled, and twice if it is declared twice."""
    async with web or Web() as ours:
        reading = _Reading(schemas, Reader(objects, ours), hints, follow)
        for source in sources:
            await reading.add(source)
    return Inventory(reading.resources, reading.gaps)


async def moved(declared: Declared, objects: ObjectStore | None, web: Web | None = None) -> list[str]:
    """The states that are not as they were when they were read, or that can no longer be read. None is read again."""
    watched = [each for each in declared.states if each.version]
    async with web or Web() as ours:
        reader = Reader(objects, ours)
        versions = await _in_turn(lambda each: reader.version(each.where), watched)
    return [each.source for each, version in zip(watched, versions) if version != each.version]


async def _in_turn(work: Callable[[T], Awaitable[R]], of: Iterable[T]) -> list[R]:
    """What the work makes of each, not too many at once."""
    turnstile = asyncio.Semaphore(AT_ONCE)

    async def one(each: T) -> R:
        async with turnstile:
            return await work(each)

    return await asyncio.gather(*map(one, of))


# --- one source -----------------------------------------------------------------------------------


class Found(NamedTuple):
    """One state or plan, with what it declares to be there, and what a plan leads to."""

    info: StateInfo
    resources: list[Resource]
    planned: Planned | None = None


class _Reading:
    def __init__(
        self,
        schemas: Schemas,
        reader: Reader,
        hints: Sequence[Hint],
        follow: Follow | None,
        inspect: Inspect = lambda type, attributes: (),
    ) -> None:
        self.schemas, self.reader, self.hints, self.follow, self.inspect = schemas, reader, hints, follow, inspect
        self.resources: list[Resource] = []
        self.planned: dict[str, Planned] = {}
        self.gaps: list[Gap] = []
        self.notes: list[str] = []
        self.states: dict[str, StateInfo] = {}
        self.configurations: dict[str, Configuration] = {}
        self.code_of: dict[str, str] = {}
        self.backings: list[Backing] = []

    async def add(self, source: str) -> None:
        at = address(source)
        if at is not None:
            await self._add_remote(source, at)
        elif await asyncio.to_thread(Path(source).is_dir):
            await self._add_folder(Path(source))
        elif is_pattern(source):
            await self._add_many(source, Several(found=[*await asyncio.to_thread(files.matches, source)]))
        else:
            await self._add_file(Path(source))

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
            await self._add_many(source, await self.reader.those_of(at))

    async def _add_many(self, given: str, several: Several, *, alone: bool = False) -> None:
        """Those of a folder, a pattern or a prefix: one that is broken leaves a gap, unless it is ``alone``."""
        if not several.found:
            raise NotFound(
                shown(given), f"no state matches; states are looked for as *{STATE} unless the pattern names others"
            )
        self.notes += several.notes
        left = [each for each in several.found if not self._is_read(each)]

        async def one(where: Where) -> Found | Unreadable:
            try:
                return await self._found(where)
            except Unreadable as error:
                return error

        for where, each in zip(left, await _in_turn(one, left)):
            if isinstance(each, Unreadable) and alone:
                raise each
            if isinstance(each, Unreadable):
                self.gaps.append(self._gap(given, named(where), each))
            else:
                self._keep(given, each)
        for where in left:
            if where in several.locked or (isinstance(where, Path) and await self._is_locked(where)):
                self._note_lock(where)

    def _is_read(self, where: Where) -> bool:
        """Whether a state was read already. What is not shown of an https address may make it another's."""
        known = self.states.get(named(where))
        if known and isinstance(where, Https) and known.at != where:
            raise Unreadable(
                named(where), "is named twice, by addresses that differ in what is not shown; name it once"
            )
        return known is not None

    async def _add_one(self, given: str, where: Where) -> None:
        if self._is_read(where):
            return
        self._keep(given, await self._found(where))
        if await self._is_locked(where):
            self._note_lock(where)

    async def _found(self, where: Where) -> Found:
        reading = statefile.Reading(named(where), self._look_into if isinstance(where, S3) else None)
        return _parsed(await self.reader.read(where, reading.room), where, self.schemas, reading)

    def _look_into(self, content: statefile.Content) -> Iterable[tuple[str, str]]:
        return self.inspect(content.type, content.attributes)

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
            return await self.reader.those_of(where)
        return Several(found=[where], locked={where} if await self._is_locked(where) else set())

    async def _is_locked(self, where: Where) -> bool:
        """A lock is only told of; whatever keeps us from the state itself is said when that is read."""
        try:
            return await self.reader.is_locked(where)
        except Unreadable:
            return False

    def _keep(self, given: str, found: Found) -> None:
        info = found.info
        if info.source not in self.states:
            hint = self._hint(given, info.source)
            self.states[info.source] = info
            self.resources.extend(each.placed(hint.account, hint.region) for each in found.resources)
            if found.planned is not None:
                self.planned[info.source] = Planned(
                    *([each.placed(hint.account, hint.region) for each in it] for it in found.planned)
                )

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
        code = self._code()
        taken = code.taken(self.resources)
        found = settled(code.enriched(_used_up(self.resources), taken), self.schemas)
        resources, notes = _once(found.resources, self.states)
        notes += [*doubts(resources, self.schemas), *self.notes, *code.notes]
        return Declared(
            inventory=Inventory(resources, [*self.gaps, *found.gaps]),
            states=sorted(self.states.values(), key=lambda each: each.source),
            configurations=list(self.configurations.values()),
            notes=notes,
            plans={at: Planned(*(list(code.enriched(it, taken)) for it in both)) for at, both in self.planned.items()},
            kept=kept(self._in_s3(), self.backings),
            imports=code.imports(resources),
        )

    def _code(self) -> Code:
        local = [source for source, each in self.states.items() if each.at is None]
        return Code(self.configurations, self.code_of, self.states, local, self.schemas)

    def _in_s3(self) -> Iterator[tuple[S3, Mapping[str, str]]]:
        """The states in S3, and no plans, nor what `terraform show` prints."""
        for each in self.states.values():
            if isinstance(each.at, S3) and each.secrets is not None:
                yield each.at, each.secrets

    def _no_state(self) -> str:
        kept = [backend.source for each in self.configurations.values() for backend in each.backends if backend.source]
        where = f"its state is in {kept[0]}: add --from {kept[0]}" if kept else "add --from STATE, or a folder with one"
        return f"holds code but no state, and drift is told against a state; {where}"


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


def _used_up(resources: list[Resource]) -> Iterator[Resource]:
    """Each in turn, and then no longer held: two of a hundred thousand are many."""
    resources.reverse()
    while resources:
        yield resources.pop()


# --- what is declared twice -----------------------------------------------------------------------


def _once(found: list[Resource], states: Mapping[str, StateInfo]) -> tuple[list[Resource], list[str]]:
    """Each thing once: of two copies of one state the later serial's, else the first; and lines on the others."""
    kept: dict[tuple[str, str, str], dict[bytes, Resource]] = defaultdict(dict)
    twice: dict[tuple[str, str], list[tuple[Resource, Resource]]] = defaultdict(list)
    for each in found:
        there = kept[each.where]
        first = there.setdefault(each.label, each)
        if first is not each and each.identity:
            counts, other = (each, first) if _is_later(states, each, first) else (first, each)
            there[each.label] = counts
            twice[declaration(counts).source, declaration(other).source].append((counts, other))
    return [each for there in kept.values() for each in there.values()], [_twice(each) for each in twice.values()]


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
