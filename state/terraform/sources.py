"""What ``--from`` names: states, plans and configurations, in files and folders and wherever Terraform keeps them.

One source that is named by itself must be readable. Among many, one that is broken is a gap: the
rest is read, and whatever is called unmanaged is said to be perhaps declared there.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from state.inventory import Inventory
from state.resource import Gap, Resource
from state.schema import Schemas
from state.terraform.code import Code
from state.terraform.configuration import Backend, Configuration
from state.terraform.copies import doubts
from state.terraform.discovery import Backing, Follow
from state.terraform.errors import NotState, Unreadable
from state.terraform.keeping import Kept, kept, unseen_locks
from state.terraform.reading import CODE, Fetching, Found, Hint, Inspect, Part, Planned, StateInfo, hint_of
from state.terraform.refactoring import Import
from state.terraform.remote import S3, Blob, Https, ObjectStore
from state.terraform.remote_http import Web
from state.terraform.remote_read import Reader
from state.terraform.settle import declaration, settled

__all__ = [
    "CODE",
    "Blob",
    "Declared",
    "Follow",
    "Hint",
    "ObjectStore",
    "Planned",
    "StateInfo",
    "Web",
    "load",
    "moved",
    "written",
]


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
        found = await _all(sources, Fetching(schemas, Reader(objects, ours), inspect), hints, follow)
    return found.declared(sources)


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
        found = await _all(sources, Fetching(schemas, Reader(objects, ours)), hints, follow)
    return Inventory(found.resources, found.gaps)


async def moved(declared: Declared, objects: ObjectStore | None, web: Web | None = None) -> list[str]:
    """The states that are not as they were when they were read, or that can no longer be read. None is read again."""
    watched = [each for each in declared.states if each.version]
    async with web or Web() as ours:
        fetching = Fetching({}, Reader(objects, ours))
        versions = await asyncio.gather(*(fetching.version(each.where) for each in watched))
    return [each.source for each, version in zip(watched, versions) if version != each.version]


# --- all together ---------------------------------------------------------------------------------


async def _all(sources: Sequence[str], fetching: Fetching, hints: Sequence[Hint], follow: Follow | None) -> _All:
    """What the sources come to, all read at once. Raises what the first of them raises that cannot be read."""
    parts = [asyncio.ensure_future(Part(fetching, hints, follow).read(each)) for each in sources]
    found = _All(fetching.schemas, hints)
    try:
        for part in parts:
            found.add(await part)
    finally:
        for part in parts:
            part.cancel()
        await asyncio.gather(*parts, return_exceptions=True)
        await fetching.end()
    return found


class _All:
    """What all sources come to; of what several name, what the first one says of it counts."""

    def __init__(self, schemas: Schemas, hints: Sequence[Hint]) -> None:
        self.schemas, self.hints = schemas, hints
        self.resources: list[Resource] = []
        self.planned: dict[str, Planned] = {}
        self.gaps: list[Gap] = []
        self.notes: list[str] = []
        self.states: dict[str, StateInfo] = {}
        self.configurations: dict[str, Configuration] = {}
        self.code_of: dict[str, str] = {}
        self.backings: list[Backing] = []

    def add(self, part: Part) -> None:
        for given, found in part.found:
            self._keep(given, found)
        part.found.clear()
        self.gaps = list(dict.fromkeys([*self.gaps, *part.gaps]))
        self.notes = list(dict.fromkeys([*self.notes, *part.notes]))
        self.configurations = {**self.configurations, **part.configurations}
        self.code_of |= part.code_of
        self.backings += part.backings

    def _keep(self, given: str, found: Found) -> None:
        """What is not shown of an https address may make it another's."""
        info, known = found.info, self.states.get(found.info.source)
        if known and isinstance(info.at, Https) and known.at != info.at:
            raise Unreadable(info.source, "is named twice, by addresses that differ in what is not shown; name it once")
        if known is None:
            hint = hint_of(self.hints, given, info.source)
            self.states[info.source] = info
            self.resources.extend(each.placed(hint.account, hint.region) for each in _used_up(found.resources))
            if found.planned is not None:
                self.planned[info.source] = Planned(
                    *([each.placed(hint.account, hint.region) for each in it] for it in found.planned)
                )

    def declared(self, sources: Sequence[str]) -> Declared:
        if not self.states and not self.gaps:
            raise NotState(", ".join(sources) or "--from", self._no_state())
        code = self._code()
        taken = code.taken(self.resources)
        found = settled(code.enriched(_used_up(self.resources), taken), self.schemas)
        resources, notes = _once(found.resources, self.states)
        in_s3 = kept(self._in_s3(), self.backings)
        notes += [*doubts(resources, self.schemas), *self.notes, *code.notes, *unseen_locks(in_s3)]
        return Declared(
            inventory=Inventory(resources, [*self.gaps, *found.gaps]),
            states=sorted(self.states.values(), key=lambda each: each.source),
            configurations=list(self.configurations.values()),
            notes=notes,
            plans={at: Planned(*(list(code.enriched(it, taken)) for it in both)) for at, both in self.planned.items()},
            kept=in_s3,
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


def _used_up(resources: list[Resource]) -> Iterator[Resource]:
    """Each in turn, and then no longer held: two of a hundred thousand are many."""
    resources.reverse()
    while resources:
        yield resources.pop()


# --- what is declared twice -----------------------------------------------------------------------


def _once(found: list[Resource], states: Mapping[str, StateInfo]) -> tuple[list[Resource], list[str]]:
    """Each thing once: of two copies of one state the later serial's, else the first; and lines on the others."""
    kept: dict[tuple[str, str, str], dict[bytes, Resource]] = defaultdict(dict)
    twice: list[tuple[Resource, Resource]] = []
    for each in found:
        there = kept[each.where]
        first = there.setdefault(each.label, each)
        if first is not each and each.identity:
            counts, other = (each, first) if _is_later(states, each, first) else (first, each)
            there[each.label] = counts
            twice.append((counts, other))
    return [each for there in kept.values() for each in there.values()], declared_twice(twice)


def _is_later(states: Mapping[str, StateInfo], one: Resource, other: Resource) -> bool:
    mine, theirs = (states.get(declaration(each).source) for each in (one, other))
    if mine is None or theirs is None or not mine.lineage or mine.lineage != theirs.lineage:
        return False
    return mine.serial > theirs.serial


def declared_twice(found: Iterable[tuple[Resource, Resource]]) -> list[str]:
    """A line for each two states of which both declare some things: what counts of each, and the other."""
    pairs: dict[tuple[str, str], list[tuple[Resource, Resource]]] = defaultdict(list)
    for counts, other in found:
        pairs[declaration(counts).source, declaration(other).source].append((counts, other))
    return [_twice(each) for each in pairs.values()]


def _twice(pairs: list[tuple[Resource, Resource]]) -> str:
    counts, other = pairs[0]
    kept, left = declaration(counts), declaration(other)
    more = f" and {len(pairs) - 1} more are" if len(pairs) > 1 else " is"
    return (
        f"{counts.type} {counts.identity}{more} declared in {kept.source} (as {kept.address}) "
        f"and again in {left.source} (as {left.address}); the first counts"
    )
