"""Drift: where what AWS reports and what Terraform declares part ways."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from itertools import chain, groupby
from operator import attrgetter
from typing import Any

import msgspec

from state.common import Common
from state.documents import differences
from state.inventory import OUTSIDE, Inventory
from state.noise import SAME, Difference, Rule, named
from state.packed import Kind as Shape
from state.resource import ANYTHING, GLOBAL, Declaration, Gap, Key, Resource, Unknown, stable_id
from state.schema import Parent, Schemas, types_inside
from state.secret import Secret, key_of, short, veiled

UNSURE = "which account?"


class Kind(StrEnum):
    CHANGED = "changed"
    MISSING = "missing"
    UNMANAGED = "unmanaged"


class Change(msgspec.Struct, frozen=True):
    """One place where the declared and the live value differ; ``path`` as in Terraform.

    ``noise`` is the rule by which it is not drift, where there is one. What ``stays`` was added beside what
    Terraform declares one by one: to apply that again leaves it, and only an import or a deletion ends the drift.
    """

    path: str
    declared: Any
    live: Any
    noise: str = ""
    stays: bool = False

    @property
    def text(self) -> str:
        return f"{self.path}: {short(self.declared)} → {short(self.live)}"


class Drift(msgspec.Struct, frozen=True, kw_only=True):
    """One resource that is not as declared.

    ``resource`` is the live one where there is one, else the declared one. ``declared`` is where
    the code says it (None when unmanaged). ``note`` says what makes the row less than certain, or soon another.
    """

    kind: Kind
    resource: Resource
    declared: Declaration | None = None
    changes: tuple[Change, ...] = ()
    note: str = ""

    @property
    def id(self) -> str:
        return drift_id(self.resource)

    @property
    def stays(self) -> bool:
        """Whether whatever differs stays when Terraform applies: it was added beside what is declared."""
        return bool(self.changes) and all(each.stays for each in self.changes)


def drift_id(resource: Resource) -> str:
    """The id under which drift of a resource is known for good."""
    type, account, region, identity = resource.key
    return stable_id("drift", type, identity, account, region, "")


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """What a comparison found: the drift, what it could not decide, and how much it compared.

    ``pairs`` maps each live resource to its declared twin. ``attributes`` counts the
    attributes present on the declared side, ``compared`` those that could be compared; ``outside``
    the declared resources of accounts, regions and types that this scan was not asked to read. ``unseen``
    are the keys of live resources that are as declared only as far as they, and their parts, could be seen.
    ``moved`` counts the differences that are nobody's doing; ``noise`` holds them, where everything was asked for.
    ``twice`` are two declarations of one thing, which only what is live shows: the first is its twin."""

    drift: list[Drift]
    gaps: list[Gap]
    pairs: dict[Resource, Resource]
    attributes: int
    compared: int
    outside: int
    unseen: frozenset[Key] = frozenset()
    moved: int = 0
    noise: list[Drift] = msgspec.field(default_factory=list)
    twice: list[tuple[Resource, Resource]] = msgspec.field(default_factory=list)


def drift(
    live: Inventory,
    declared: Inventory,
    schemas: Schemas,
    *,
    everything: bool = False,
    among: Inventory | None = None,
) -> Comparison:
    """Compare two readings, attribute by attribute, in the forms that ``schemas`` give.

    Nothing is missing where ``live`` has a gap, and nothing is unmanaged where ``declared`` has
    one. With ``everything`` the things that AWS or another service owns count as unmanaged too, and
    what differs by nobody's doing is listed. What is noise is told by ``among``, where more was read than is compared.
    """
    return _Matching(live, declared, schemas, everything, among or live).result()


class _Matching:
    def __init__(self, live: Inventory, declared: Inventory, schemas: Schemas, everything: bool, among: Inventory):
        self.live, self.declared, self.schemas, self.everything = live, declared, schemas, everything
        self.among = among
        self.inside = types_inside(schemas)
        self.forms = {type: schema.compared for type, schema in schemas.items()}
        self.common: dict[tuple[str, Shape, Shape], Common] = {}
        self.loose: dict[str, dict[str, list[Resource]]] = {}
        self.gaps: list[Gap] = []
        self.pairs: dict[Resource, Resource] = {}
        self.parts: dict[Resource, list[Change]] = defaultdict(list)
        self.doubts: dict[Resource, str] = {}
        self.either: set[Resource] = set()  # live things of which a declared one is one, and nobody knows which
        self.unsure: list[tuple[Resource, Resource, bool]] = []  # pairs that may not have been seen whole
        self.twice: list[tuple[Resource, Resource]] = []
        self.undecided: set[Resource] = set()  # things of which a difference may be noise
        self.told: set[Resource] = set()  # parts that nobody declares, told as changes of their parents
        self.attributes = self.compared = self.outside = self.moved = 0
        self.actual: dict[tuple[str, str, str], dict[bytes, Resource]] = defaultdict(dict)
        for where, these in groupby(live.resources, attrgetter("where")):
            if where[0] in schemas:
                self.actual[where].update((each.label, each) for each in these if not _pending(each))

    def _called(self, type: str, name: str) -> Sequence[Resource]:
        """Live things by name or id: for whatever does not say its account or region."""
        if (found := self.loose.get(type)) is None:
            found = self.loose[type] = defaultdict(list)
            for each in chain.from_iterable(these.values() for at, these in self.actual.items() if at[0] == type):
                for word in {each.name, each.id}:
                    found[word].append(each)
        return found.get(name, ())

    def result(self) -> Comparison:
        lost = [*self._pairing()]
        claimed = {*map(id, self.pairs)}
        unclaimed = [each for there in self.actual.values() for each in there.values() if id(each) not in claimed]
        for part in unclaimed:
            self._claim_part(part)
        for part in [each for each in lost if each.is_part]:
            self._lose_part(part)
        changed = list(self._changed())
        whole = [each for each in lost if not (each.origin and (each.origin.part or each.origin.deposed))]
        found = [*_only(changed, noise=False), *self._missing(whole), *self._unmanaged(unclaimed)]
        found.sort(key=lambda each: (each.kind, each.resource.key))
        return Comparison(
            drift=found,
            gaps=self.gaps,
            pairs=self.pairs,
            attributes=self.attributes,
            compared=self.compared,
            outside=self.outside,
            unseen=frozenset(self._unseen()) - {each.resource.key for each in found},
            moved=self.moved,
            twice=self.twice,
            noise=sorted(_only(changed, noise=True), key=lambda each: each.resource.key),
        )

    def _pairing(self) -> Iterator[Resource]:
        """Put what is declared beside what is there; what is left is what was declared and not found."""
        for where, these in groupby(self.declared.resources, attrgetter("where")):
            there = self.actual.get(where, {})
            for wanted in these if where[0] in self.schemas else ():
                if actual := there.get(wanted.label) or self._somewhere(wanted):
                    first = self.pairs.setdefault(actual, wanted)
                    if first is not wanted and not (first.is_part or wanted.is_part):
                        self.twice.append((first, wanted))
                else:
                    yield wanted

    def _somewhere(self, wanted: Resource) -> Resource | None:
        """The one live thing that this may be, where it does not say all of its own key."""
        named = [*self._called(wanted.type, wanted.name), *self._called(wanted.type, wanted.id)]
        near = {each.key: each for each in named if _may_be(wanted, each)}
        if len(near) > 1:
            self.either.update(near.values())
        return next(iter(near.values())) if len(near) == 1 else None

    # --- changed ------------------------------------------------------------------------------

    def _changed(self) -> Iterator[Drift]:
        for actual, wanted in self.pairs.items():
            own = self._changes(wanted, actual)
            if own and wanted.is_part:
                self._tell_parent(wanted, actual, own)
            elif own:
                self.parts[actual] = [*own, *self.parts.get(actual, ())]
        for actual, changes in self.parts.items():
            declared = self.pairs[actual].declared
            if declared and declared.deposed:
                continue
            kept = [each for each in changes if not (declared and declared.ignores(each.path))]
            if kept:
                yield Drift(
                    kind=Kind.CHANGED,
                    resource=actual,
                    declared=declared,
                    changes=tuple(sorted(kept, key=lambda each: (each.path, each.text))),
                    note=self.doubts.get(actual, ""),
                )

    def _changes(self, wanted: Resource, actual: Resource) -> list[Change]:
        (said_kind, said, count, is_all_said), (seen_kind, seen, _, is_all_seen) = wanted.row, actual.row
        type = wanted.type
        common = self.common.get((type, said_kind, seen_kind)) or self._common(type, said_kind, seen_kind)
        self.attributes += count - common.is_twice(said)
        if not (is_all_said and is_all_seen):
            common = common.without(wanted.unknown, actual.unknown)
        if not is_all_seen or type in self.inside:
            self.unsure.append((wanted, actual, is_all_seen))
        before, after = common.said(said), common.seen(seen)
        self.compared += len(before) - before.count(None)
        if before == after:
            return []
        told, found = dict(zip(said_kind.names[0], said)), dict(zip(seen_kind.names[0], seen))
        return [each for name in common.names for each in self._told(name, told, found, wanted, actual)]

    def _common(self, type: str, said: Shape, seen: Shape) -> Common:
        """Worked out once for all things with the same names."""
        found = self.common[type, said, seen] = Common.of(self.forms[type], said.names[0], seen.names[0])
        return found

    def _told(
        self, name: str, said: Mapping[str, Any], seen: Mapping[str, Any], wanted: Resource, actual: Resource
    ) -> Iterator[Change]:
        """What differs in one attribute of all that either side says; noise is shown to who asks for everything."""
        if said[name] == seen[name]:
            return
        form, schema = self.forms[wanted.type][name], self.schemas[wanted.type]
        hidden = name in schema.sensitive | wanted.sensitive | actual.sensitive
        for path, before, after in differences(form, name, said[name], seen[name], hidden):
            noise = named(form.noise, name)
            if not noise and (rule := schema.excuses.get(name)):
                noise = self._excused(rule, Difference(path, before, after, wanted, actual, self.among))
                if noise == SAME:
                    continue
            self.moved += bool(noise)
            if self.everything or not noise:
                if hidden:
                    before, after = Secret(before), Secret(after)
                key = key_of(name, path, said) or key_of(name, path, seen)
                yield Change(path, veiled(before, key), veiled(after, key), noise)

    def _excused(self, rule: Rule, found: Difference) -> str:
        """By what rule it is noise. Where that could not be seen, it is not called drift, nor its resource clean."""
        try:
            return rule(found)
        except Unknown as reason:
            said = found.wanted.declared
            if not (said and said.ignores(found.path)):
                self.undecided.add(found.actual)
                self.unsure.append((found.wanted, found.actual, False))
            return f"may be noise: {reason}"

    def _unseen(self) -> Iterator[Key]:
        """The live resources of which something that is declared could not be seen."""
        hiding: dict[tuple[str, str, str], list[str]] = {}
        for wanted, actual, is_whole in self.unsure:
            where = actual.where
            if where not in hiding:
                hiding[where] = [part for part in self.inside.get(where[0], ()) if self._hides(part, actual)]
            if not is_whole and self._is_partial(wanted, actual):
                home = self._parent(actual) if wanted.is_part else None
                yield (home[1] if home else actual).key
            elif any(self._hides(part, actual, actual.name, actual.id) for part in hiding[where]):
                yield actual.key

    def _is_partial(self, wanted: Resource, actual: Resource) -> bool:
        schema = self.schemas[actual.type]
        names = (name for name in actual.unknown if name in wanted.attributes and name not in wanted.unknown)
        hides = any((form := schema.form(name)) is not None and not form.noise for name in names)
        return hides or actual in self.undecided

    def _hides(self, part: str, parent: Resource, *ids: str) -> bool:
        """Whether parts of this type may lie unseen, by any id or by these. What nobody asked for is not looked for."""
        reason = self.live.unseen(part, parent.account, parent.region, *ids)
        return reason is not None and not reason.endswith(OUTSIDE)

    # --- parts of another resource --------------------------------------------------------------

    def _beside(self, part: Resource, parent: Parent | None = None) -> tuple[Parent, Resource] | None:
        """The one live thing that this is a part of."""
        parent = parent or self.schemas[part.type].parent
        of = parent.of(part.attributes) if parent else None
        if parent is None or of is None:
            return None
        named = self._called(parent.type, of)
        near = {each.key: each for each in named if _may_be_of(part, each)}
        return (parent, next(iter(near.values()))) if len(near) == 1 else None

    def _parent(self, part: Resource, parent: Parent | None = None) -> tuple[Parent, Resource] | None:
        """The live parent that Terraform manages, if this is a part of one."""
        home = self._beside(part, parent)
        return home if home and home[1] in self.pairs else None

    def _placed(self, part: Resource) -> Resource:
        """A part is where its parent is: a state of buckets alone says no account, but the one live bucket does."""
        home = self._beside(part) if "" in (part.account, part.region) else None
        return part.placed(home[1].account, home[1].region) if home else part

    def _claim_part(self, part: Resource) -> None:
        """A live part nobody declares, of a parent somebody does, is a change of that parent."""
        home = self._parent(part)
        if home is None or self.schemas[part.type].at_default(part) or self._undeclared(part):
            return
        said = self.pairs[home[1]]
        if home[0].whole and said.attributes.get(home[0].whole):
            return
        if part.owner in (None, home[1].owner):  # what AWS made is managed too, once it is declared
            shown = self._rows(home[0], part)
            stays = said.declared is not None and part.type not in said.declared.alone
            self.parts[home[1]].extend(Change(path, None, value, stays=stays) for path, value in shown.items())
            self.told.add(part)
            if doubt := self._doubt(part):
                self.doubts[home[1]] = doubt

    def _lose_part(self, part: Resource) -> None:
        home = self._parent(part)
        if home and not self._hidden(self._placed(part)) and not self.schemas[part.type].at_default(part):
            shown = self._rows(home[0], part)
            self.parts[home[1]].extend(Change(path, value, None) for path, value in shown.items())
            self._doubt_part(home[1], part)

    def _doubt_part(self, home: Resource, part: Resource) -> None:
        if part.declared and part.declared.doubt:
            self.doubts[home] = part.declared.doubt

    def _tell_parent(self, wanted: Resource, actual: Resource, changes: list[Change]) -> None:
        """A part of a parent that was not seen tells of itself."""
        home = self._parent(actual)
        if home is None:
            self.parts[actual].extend(changes)
        elif changes:
            self._doubt_part(home[1], wanted)
            told = [(home[0].place(actual, each.path), each) for each in changes]
            self.parts[home[1]].extend(msgspec.structs.replace(each, path=path) for path, each in told)

    def _rows(self, parent: Parent, part: Resource) -> dict[str, Any]:
        """What a whole part is in its parent: one row, or the values that the parent shows elsewhere."""
        shown = self._shown(part)
        apart = {path: value for name, value in shown.items() if (path := parent.told(name))}
        return apart or {parent.path(part): parent.row(shown)}

    def _shown(self, part: Resource) -> dict[str, Any]:
        """A part as a row of its parent shows it: the attributes that are set and compared."""
        schema = self.schemas[part.type]
        by = schema.parent.by if schema.parent else ""
        shown = {
            name: Secret(value) if name in schema.sensitive | part.sensitive else value
            for name, value in part.attributes.items()
            if name != by and value not in (None, "", [], {}) and (form := schema.form(name)) and not form.noise
        }
        return dict(veiled(shown, block=True))

    # --- missing and unmanaged -------------------------------------------------------------------

    def _hidden(self, wanted: Resource) -> str | None:
        """Why a declared thing that was not seen may be there all the same."""
        type, account, region, identity = wanted.key
        if not account or not region:
            return UNSURE
        return self.live.unseen(type, account, region, identity, wanted.id)

    def _missing(self, lost: Iterable[Resource]) -> Iterator[Drift]:
        """What is declared twice is missing once; what a list has lost is a change of that."""
        told: set[Key] = set()
        members: dict[tuple[str, str], list[Resource]] = defaultdict(list)
        for wanted in map(self._placed, lost):
            schema = self.schemas[wanted.type]
            if schema.at_default(wanted) or wanted.key in told:
                continue
            reason = self._hidden(wanted)
            if reason is None:
                told.add(wanted.key)
                if wanted.declared and wanted.declared.member:
                    members[wanted.declared.source, wanted.declared.address].append(wanted)
                else:
                    yield Drift(kind=Kind.MISSING, resource=wanted, declared=wanted.declared)
            elif reason == UNSURE:
                self.gaps.append(_which_account(wanted))
            elif reason.endswith(OUTSIDE):
                self.outside += 1
        said = (each.declared for each in (self.declared.resources if members else ()))
        listed = Counter((each.source, each.address) for each in said if each and each.member)
        for at, parts in members.items():
            all_gone = len(parts) == listed[at] and not any(map(self._leaves_a_list, parts))
            yield from [_gone(parts)] if all_gone else _shrunk(parts)

    def _leaves_a_list(self, part: Resource) -> bool:
        """Whether what has lost this is there all the same, as a list of a user's groups is while the user is."""
        said, schema = part.declared, self.schemas[part.type]
        if said is None or not said.lasts:
            return False
        parent = schema.home(said.holder[0]).of or schema.parent
        of = parent.of(part.attributes) if parent else None
        if parent is None or self._beside(part, parent) is not None:
            return True
        return self.live.unseen(parent.type, part.account, part.region, of) is not None

    def _undeclared(self, actual: Resource) -> str | None:
        """Why a live thing that no declaration was found for may be declared all the same."""
        if actual in self.either:
            return UNSURE
        return next(
            (
                gap.reason
                for gap in self.declared.gaps
                if gap.type != ANYTHING and gap.covers(actual.type, actual.account, actual.region, actual.id)
            ),
            None,
        )

    def _doubt(self, actual: Resource) -> str:
        """What to say of a thing declared nowhere while a whole state could not be read; empty when all were."""
        gaps = (gap for gap in self.declared.gaps if gap.type == ANYTHING)
        return next((f"may be declared in {gap.reason}" for gap in gaps if gap.covers(*actual.key[:3])), "")

    def _unmanaged(self, unclaimed: Iterable[Resource]) -> Iterator[Drift]:
        for actual in unclaimed:
            schema = self.schemas[actual.type]
            if schema.spot or (schema.within and self._parent(actual, schema.within)):
                continue  # told with what it stands in
            if actual in self.told or (schema.parent is not None and not self.everything):
                continue  # counted with its parent: a change of a managed one, silent in an unmanaged one
            if (actual.owner or schema.at_default(actual)) and not self.everything:
                continue
            if self._undeclared(actual) is None:
                yield Drift(kind=Kind.UNMANAGED, resource=actual, note=self._doubt(actual))


def _holder(part: Resource) -> Resource:
    """What lists a part, and has no other side than its parts."""
    type, id = part.declared.holder if part.declared else (part.type, part.id)
    return Resource(type=type, id=id, account=part.account, region=part.region, declared=part.declared)


def _gone(lost: list[Resource]) -> Drift:
    return Drift(kind=Kind.MISSING, resource=_holder(lost[0]), declared=lost[0].declared)


def _shrunk(lost: list[Resource]) -> Iterator[Drift]:
    """The members that one list has lost."""
    said = lost[0].declared
    paths = sorted(each.declared.member for each in lost if each.declared)
    told = [path for path in paths if not (said and said.ignores(path))]
    changes = tuple(Change(path, path.partition("[")[2][:-1], None) for path in told)
    if changes:
        yield Drift(kind=Kind.CHANGED, resource=_holder(lost[0]), declared=said, changes=changes)


def _only(changed: Iterable[Drift], *, noise: bool) -> Iterator[Drift]:
    """Drift without its noise, or the noise without the drift."""
    for each in changed:
        if kept := tuple(change for change in each.changes if bool(change.noise) is noise):
            yield each if len(kept) == len(each.changes) else msgspec.structs.replace(each, changes=kept)


def _which_account(wanted: Resource) -> Gap:
    address = wanted.declared.address if wanted.declared else wanted.id
    return Gap(
        type=wanted.type,
        account=wanted.account,
        region=wanted.region,
        id=wanted.id,
        kind="which-account",
        reason=f"{UNSURE} {address} does not say; name its account and region under [[states]] in driftline.toml",
    )


def _may_be(wanted: Resource, actual: Resource) -> bool:
    return wanted.account in ("", actual.account) and wanted.region in ("", actual.region)


def _may_be_of(part: Resource, parent: Resource) -> bool:
    """Whether a part may belong to this parent; one of the account as a whole has parts in every region."""
    return part.account in ("", parent.account) and (parent.region == GLOBAL or part.region in ("", parent.region))


def _pending(live: Resource) -> bool:
    """Deleted but still listed: there for checks, absent for drift."""
    return live.has_fact("pending_deletion") and live.fact("pending_deletion") is True
