"""What a scan has to ask AWS for: the types and the further calls that a check or a declared resource needs.

What is left out was not asked for, which is never clean. Too much is asked for rather than too little.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

import msgspec

from checks import TAGGED, Check
from checks.reads import FIELDS, texts
from scanner.aws.asked import Want
from scanner.aws.collector import Collector, Detail, Shared, stands
from scanner.aws.keys import asks
from state import Inventory

Names = dict[str, set[str]]
"""Attributes, facts, ``tags`` and ``owner`` by type; a type of which only its existence is needed has none."""

OF_ALL = FIELDS | {"pending_deletion"}
"""What drift has to know of whatever is live: whose it is, and whether it is on its way out."""


class Needs(msgspec.Struct, frozen=True):
    """The collectors to run, and by type and ``into`` the details that they are to ask for: of each thing, or ``near``.

    What is asked near is asked of what is declared, and of parts of that.
    """

    collectors: tuple[Collector, ...]
    details: frozenset[tuple[str, str]]
    near: frozenset[tuple[str, str]] = frozenset()

    def want(self, collector: Collector, detail: Detail | Shared) -> Want:
        """Of which things somebody needs what this call tells."""
        asked = collector.type, detail.into
        return Want.EACH if asked in self.details else Want.DECLARED if asked in self.near else Want.NONE


def everything_of(collectors: Iterable[Collector]) -> Needs:
    """All that these collectors can tell: an inventory for its own sake, of what can be listed."""
    run = tuple(each for each in collectors if not each.sought)
    return Needs(run, frozenset((each.type, detail.into) for each in run for detail in each.details))


def with_neighbours(collectors: Iterable[Collector], types: Collection[str]) -> Needs:
    """All that can be told of these types: what their neighbours tell of them too."""
    known = {each.type: each for each in collectors}
    wanted: Names = {}
    types = [each for each in types if not known[each].sought]
    _ask(wanted, ((type, {*known[type].schema.forms, *known[type].facts, *FIELDS}) for type in types))
    found = _closed(known, wanted)
    whole = everything_of(known[type] for type in types).details
    return Needs(found.collectors, found.details | whole)


def needs(
    collectors: Iterable[Collector],
    checks: Iterable[Check],
    declared: Inventory | None,
    *,
    drift: bool,
    everything: bool,
    tags: bool = False,
    beside: Iterable[Collector] = (),
) -> Needs:
    """What these checks read, and with ``drift`` what comparing with ``declared`` takes.

    Without drift only the types are read that checks look at, by themselves or through a neighbour;
    with it all of them, since what nobody declares is found by listing. ``everything`` is that of
    state.drift.drift: parts count as unmanaged too. With ``tags`` those of all that is judged are read.
    Of what stands ``beside`` only what the others need to be told is read.
    """
    known = {each.type: each for each in collectors}
    wanted: Names = {}
    near: Names = {}
    checks = list(checks)
    _ask(wanted, _by_checks(checks, known.values()))
    if tags:
        _ask(wanted, ((type, {"tags"}) for each in checks for type in each.types if type in known))
    if drift:
        state = declared or Inventory()
        _ask(wanted, _by_listing(known.values(), state, everything))
        _ask(near, _by_comparing(known.values(), state, everything))
        _ask(wanted, _by_excuses(known.values(), state, everything))
    return _closed(known | {each.type: each for each in beside}, wanted, near)


def _closed(known: Mapping[str, Collector], wanted: Names, near: Names | None = None) -> Needs:
    """What is wanted of each thing, what besides ``near`` what is declared, and what it takes of neighbours to tell."""
    near = near or {}
    left = sorted(wanted.keys() | near.keys())
    while left:
        grown = (_ask(wanted, _by_joins(known[each], _names(wanted, near, each))) for each in left if each in known)
        left = sorted(chain.from_iterable(grown))
    run = tuple(each for each in known.values() if each.type in wanted or each.type in near)
    every = {(each.type, into) for each in run for into in _details(each, wanted.get(each.type))}
    more = {(each.type, into) for each in run for into in _details(each, _names(wanted, near, each.type))}
    return Needs(run, frozenset(every), frozenset(more - every))


def _names(wanted: Names, near: Names, type: str) -> set[str]:
    """What is asked of a type in all."""
    return wanted.get(type, set()) | near.get(type, set())


Demand = Iterable[tuple[str, Iterable[str]]]


def _ask(wanted: Names, demand: Demand) -> set[str]:
    """Ask for names of types; the types of which more is asked than before."""
    grown = set()
    for type, names in list(demand):
        if type not in wanted or not wanted[type].issuperset(names):
            wanted.setdefault(type, set()).update(names)
            grown.add(type)
    return grown


# --- who needs what -------------------------------------------------------------------------------


def _by_checks(checks: Iterable[Check], collectors: Iterable[Collector]) -> Demand:
    tagged = [each.type for each in collectors if each.tags]
    for check in checks:
        for type, names in check.reads.items():
            if type == TAGGED:
                yield from ((each, names | {"tags"}) for each in tagged)
            else:
                yield type, names


def _by_listing(collectors: Iterable[Collector], declared: Inventory, everything: bool) -> Demand:
    """What drift has to know of each thing. A setting that nobody declares is silent, and each costs a call."""
    for each in _for_drift(collectors, declared, everything):
        if everything or not _is_setting(each):
            yield each.type, _whose(each)
        if each.sought:
            yield each.type, compared(each, declared, everything)


def _by_comparing(collectors: Iterable[Collector], declared: Inventory, everything: bool) -> Demand:
    """What it has to know besides of what is declared, and of parts of that."""
    for each in _for_drift(collectors, declared, everything):
        yield each.type, _whose(each) | compared(each, declared, everything)
        if _is_managed(each, declared):  # one that nobody declares is told as a change of its parent, and whole
            yield each.type, each.schema.forms


def _for_drift(collectors: Iterable[Collector], declared: Inventory, everything: bool) -> Iterator[Collector]:
    for each in collectors:
        if (each.spot or each.sought) and not declared.of(each.type):
            continue  # told with what it stands in, or not looked for
        if not _is_setting(each) or _is_managed(each, declared) or everything or declared.of(each.type):
            yield each


def _is_managed(collector: Collector, declared: Inventory) -> bool:
    """Whether what these are parts of is declared."""
    return collector.parent is not None and bool(declared.of(collector.parent.type))


def _whose(collector: Collector) -> frozenset[str]:
    return OF_ALL | texts(collector.at_default)


def _is_setting(collector: Collector) -> bool:
    """Whether it is a part of something that takes a call of its own to be found."""
    asks = collector.asks_parents or any(each.essential for each in collector.details)
    return collector.parent is not None and asks


def compared(collector: Collector, declared: Inventory, everything: bool) -> set[str]:
    """The attributes in which declared resources are compared: one that is set live, but not in code, is drift.

    What AWS moves by itself is asked for where everything is.
    """
    names = {name for each in declared.of(collector.type) for name in each.attributes.keys() - each.unknown.keys()}
    forms = ((name, collector.schema.form(name)) for name in names)
    return {name for name, form in forms if form is not None and (everything or not form.noise)}


def _by_excuses(collectors: Iterable[Collector], declared: Inventory, everything: bool) -> Demand:
    """What neighbours tell of whether a difference is noise."""
    for each in _for_drift(collectors, declared, everything):
        for name in each.schema.excuses.keys() & compared(each, declared, everything):
            rule = each.schema.excuses[name]
            if asks(rule, (said.attributes.get(name) for said in declared.of(each.type))):
                yield from _by_telling(each, rule)


def _by_joins(collector: Collector, names: set[str]) -> Iterator[tuple[str, Iterable[str]]]:
    """What neighbours have to tell, and the resource itself, so that these names of it can be told."""
    told: list[Callable[..., Any]] = [join for name, join in collector.joins.items() if name in names]
    if collector.owned and "owner" in names:
        told.append(collector.owned)
    for tell in told:
        yield from _by_telling(collector, tell)


def _by_telling(collector: Collector, tell: Callable[..., Any]) -> Demand:
    """What a function reads of a resource and of its neighbours."""
    said = texts(tell)
    types = {collector.type, *(each for each in said if each.startswith("aws_"))}
    yield from ((type, said - types) for type in types)


# --- which calls tell it --------------------------------------------------------------------------


def _details(collector: Collector, names: set[str] | None) -> set[str]:
    """The details that tell these names of a type, and those that they in turn are asked with.

    Where no names are given, what tells one thing from another: those that are there at all need not be known.
    """
    found = {
        each.into
        for each in collector.details
        if (names is not None and each.essential) or _tells(collector, each, names or set())
    }
    while more := {each.into for each in collector.details if _serves(collector, each, found)} - found:
        found |= more
    return found


def _tells(collector: Collector, detail: Detail | Shared, names: set[str]) -> bool:
    owner = "owner" in names
    wanted = names | _identity(collector) | ({"tags"} if owner else set())
    return (
        not wanted.isdisjoint(collector.reads(detail))
        or any(stands(detail.into, each) for each in (collector.id, collector.arn or ""))
        or (owner and detail.into in texts(collector.owner))
    )


def _identity(collector: Collector) -> set[str]:
    """The attributes by which one thing is told from another."""
    by = collector.parent.by if collector.parent else ()
    identity = collector.identity
    parent = texts(by) if callable(by) else {by} if isinstance(by, str) else by
    return {"arn", *parent, *(texts(identity) if callable(identity) else identity)}


def _serves(collector: Collector, detail: Detail | Shared, asked: set[str]) -> bool:
    """Whether one of the details that are asked for is asked with this one's answer."""
    return any(stands(detail.into, path) for each in collector.details if each.into in asked for path in each.paths)
