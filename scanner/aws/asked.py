"""Of which things which details are asked for: of each, of what Terraform declares, or of none."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Container, Mapping, Sequence
from enum import Enum
from functools import cache
from typing import Any, NamedTuple

from scanner.aws.collector import Collector, Detail, Shared
from scanner.aws.operations import PAID, named
from scanner.aws.place import Item, Place
from state import Inventory, Resource


class Want(Enum):
    """Of which things a detail is asked for; what is declared includes the parts of that."""

    NONE = "none"
    DECLARED = "declared"
    EACH = "each"


Wanted = Callable[[Collector, Detail | Shared], Want]
Stages = Sequence[Sequence[Detail | Shared]]

NOT_ASKED = "was not asked for"
COSTS = "costs money; use --paid"


class Asked(NamedTuple):
    """What the things of one type are asked for, stage by stage: each of them, and besides what is ``near`` the code.

    ``both`` in fewer steps are for what is known to be near beforehand. ``unknown`` is what remains so of each thing,
    and why; ``far`` what does so of one that is not near, which is left out where it is not even ``told`` to be there.
    """

    each: Stages
    near: Stages
    both: Stages
    unknown: dict[str, str]
    far: dict[str, str]
    told: bool

    @classmethod
    def of(cls, collector: Collector, wanted: Wanted, *, paid: bool) -> Asked:
        wants = {each.into: _want(collector, each, wanted, paid) for each in collector.details}

        def stages(*which: Want | str) -> Stages:
            found = ([each for each in stage if wants[each.into] in which] for stage in collector.stages)
            return [each for each in found if each]

        def names(*which: Want | str) -> dict[str, str]:
            left = [each for each in collector.details if wants[each.into] in which]
            why = {each.into: COSTS if wants[each.into] == COSTS else NOT_ASKED for each in left}
            return {name: why[each.into] for each in left for name in collector.reads(each)}

        near = stages(Want.DECLARED)
        return cls(
            each=stages(Want.EACH),
            near=near,
            both=stages(Want.EACH, Want.DECLARED),
            unknown=names(Want.NONE, COSTS),
            far=names(Want.DECLARED),
            told=not any(each.essential for stage in near for each in stage),
        )


def _want(collector: Collector, detail: Detail | Shared, wanted: Wanted, paid: bool) -> Want | str:
    return COSTS if not paid and _priced(collector, detail) else wanted(collector, detail)


def costs(collector: Collector) -> bool:
    """Whether a type cannot be read without a call that AWS charges for."""
    return _priced(collector, collector.fetch) or any(
        each.essential and _priced(collector, each) for each in collector.details
    )


def _priced(collector: Collector, call: Any) -> bool:
    """Whether AWS charges for a listing or a detail; a function of our own makes no such call."""
    return named(collector.service, getattr(call, "operation", "")) in PAID


class Code:
    """What Terraform declares, by whatever AWS may name it."""

    def __init__(self, declared: Inventory) -> None:
        self.of = declared.of
        self._names, self._by_name = cache(self._named), cache(self._listed)

    def minded(self, collector: Collector, id: str, place: Place) -> dict[str, Any]:
        """What is declared of the attributes that a type minds, of the thing with this id."""
        for each in self.of(collector.type):
            near = each.account in ("", place.account) and each.region in ("", place.region)
            if near and id in (each.id, each.identity):
                return {name: each.attributes.get(name) for name in collector.minds}
        return {}

    def has(self, type: str, *names: str | None) -> bool:
        """Whether a thing of one of these names may be declared: one without an id may be any."""
        known = self._names(type)
        return known is None or not known.isdisjoint(names)

    def is_near(
        self, collector: Collector, item: Item, place: Place, unknown: Container[str], others: Mapping[str, Collector]
    ) -> bool:
        """Whether a thing, or what it is a part of, may be declared, as far as it is known by now.

        Where the item is the parent's as well (a queue, of its policy), as one of the ``others`` reads it, it tells
        what that is named.
        """
        names, parent = collector.names(item, place, unknown), collector.parent
        if self.has(collector.type, *names):
            return True
        if parent is None:
            return False
        home = others.get(parent.type)
        if home is not None and home.fetch == collector.fetch:
            names |= home.names(item, place, home.detailed)
        return self.has(parent.type, *names)

    def has_tags(self, type: str, names: Collection[str | None], told: Mapping[str, str] | None) -> bool:
        """Whether a thing of one of these names is told to have the tags that it is declared with, if it is declared.

        Of one that is declared something has to be told.
        """
        known = self._by_name(type)
        near = {id(each): each for name in (*names, "") for each in known.get(name or "", ())}
        return all((each.attributes.get("tags_all") or each.tags or {}) == told for each in near.values())

    def _listed(self, type: str) -> dict[str, list[Resource]]:
        found: dict[str, list[Resource]] = defaultdict(list)
        for each in self.of(type):
            for name in {each.id, each.name}:
                found[name].append(each)
        return found

    def _named(self, type: str) -> frozenset[str] | None:
        """As the comparison finds them: by name and by id. What is packed need not be opened for that."""
        names = frozenset(name for each in self.of(type) for name in (each.id, each.name))
        return None if "" in names else names
