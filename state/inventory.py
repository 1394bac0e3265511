"""Everything that one reading saw, and how to find one thing beside another in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from state.resource import ANYTHING, GLOBAL, Gap, Resource, Unknown

NAMING = ("id", "bucket", "name")
"""Attributes that name one thing: a gap about another one says nothing of it."""

OUTSIDE = "is outside this scan"

Words = Callable[[Resource], Iterable[Any]]
"""What a neighbour is looked up by, where that is no attribute of its own."""


class Inventory:
    """Everything one reading saw, and every place where it could not look.

    ``read`` names each (type, account, region) that was asked for; None means that the reading
    has no outside, as a Terraform state has none.
    """

    def __init__(
        self,
        resources: Iterable[Resource] = (),
        gaps: Iterable[Gap] = (),
        *,
        read: Iterable[tuple[str, str, str]] | None = None,
        taken_at: datetime | None = None,
    ) -> None:
        self.resources: Sequence[Resource] = list(resources)
        self.gaps: Sequence[Gap] = list(gaps)
        self.read: frozenset[tuple[str, str, str]] | None = None if read is None else frozenset(read)
        self.taken_at = taken_at or datetime.now(UTC)
        self._by_type: dict[str, list[Resource]] = defaultdict(list)
        for resource in self.resources:
            self._by_type[resource.type].append(resource)
        self._gaps: dict[tuple[str, str | None], list[Gap]] = defaultdict(list)
        for gap in self.gaps:
            if gap.attribute is None:
                self._gaps[gap.type, gap.id].append(gap)
                self._gaps[gap.type, ANYTHING].append(gap)
        self._indexes: dict[tuple[str, Any], _Index] = {}

    def of(self, type: str) -> Sequence[Resource]:
        """Every resource of a Terraform type."""
        return self._by_type.get(type, ())

    def unseen(self, type: str, account: str, region: str, *ids: Any) -> str | None:
        """Why something of this type could be there without this reading having seen it.

        With ``ids``, a gap that is about one other resource does not count.
        """
        about = (None, *ids) if ids else (ANYTHING,)
        for gap in (gap for kind in (type, ANYTHING) for id in about for gap in self._gaps.get((kind, id), ())):
            if gap.covers(type, account, region, gap.id):
                return f"could not read {type}: {gap.reason}"
        if self.read is None or (type, account, GLOBAL) in self.read:
            return None
        if (type, account, region) in self.read:
            return None
        if region == GLOBAL and any(read[:2] == (type, account) for read in self.read):
            return None
        return f"{type} in {account} {region} {OUTSIDE}"

    def near(self, resource: Resource, type: str, **where: Any) -> Sequence[Resource]:
        """Neighbours of a type in the resource's account and region, by attribute value, or by ``id``.

        Found through an index, built once per (type, attributes). Raises Unknown, rather than
        answering "none", where the reading could not look. A global resource sees every region.
        """
        named = [value for name, value in where.items() if name in NAMING]
        if reason := self.unseen(type, resource.account, resource.region, *named):
            raise Unknown(reason)
        names = tuple(sorted(where))
        index = self._indexes.get((type, names)) or self._index(type, names, lambda each: [_values(each, names)])
        return index.near(resource, tuple(where[name] for name in names))

    def candidates(self, resource: Resource, type: str, words: Words, *wanted: Any) -> Iterator[Resource]:
        """Neighbours of which ``words`` says one of those wanted, and any of which it cannot say: each is to be judged.

        Found through an index, built once per (type, function). Raises Unknown as ``near`` does.
        """
        if reason := self.unseen(type, resource.account, resource.region):
            raise Unknown(reason)
        return self._index(type, words, words).candidates(resource, wanted)

    def _index(self, type: str, by: Any, words: Words) -> _Index:
        if (type, by) not in self._indexes:
            self._indexes[type, by] = _Index(self.of(type), words)
        return self._indexes[type, by]


def _values(resource: Resource, names: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple(resource.id if name == "id" else resource[name] for name in names)


class _Index:
    """Resources of one type by where they are and what is said of them; where that is not known, why."""

    def __init__(self, resources: Iterable[Resource], words: Words) -> None:
        self.regions: dict[str | None, dict[str | None, None]] = defaultdict(dict)
        self.found: dict[tuple[Any, ...], list[Resource]] = defaultdict(list)
        self.unsure: dict[tuple[Any, ...], list[tuple[Resource, str]]] = defaultdict(list)
        for resource in resources:
            place = resource.account, resource.region
            self.regions[resource.account][resource.region] = None
            try:
                for word in words(resource):
                    self.found[*place, word].append(resource)
            except Unknown as reason:
                self.unsure[place].append((resource, f"{resource.type} {resource.id}: {reason}"))

    def near(self, resource: Resource, values: tuple[Any, ...]) -> list[Resource]:
        """Those of its account and region. Raises Unknown where one may be among them that nobody knows."""
        places = self._places(resource)
        for place in places:
            for _, reason in self.unsure.get(place, ()):
                raise Unknown(reason)
        return [each for place in places for each in self.found.get((*place, values), ())]

    def candidates(self, resource: Resource, wanted: tuple[Any, ...]) -> Iterator[Resource]:
        for place in self._places(resource):
            for word in wanted:
                yield from self.found.get((*place, word), ())
            yield from (each for each, _ in self.unsure.get(place, ()))

    def _places(self, resource: Resource) -> list[tuple[str | None, str | None]]:
        account, everywhere = resource.account, resource.region == GLOBAL
        regions = self.regions.get(account, ()) if everywhere else (resource.region, GLOBAL)
        return [(account, region) for region in regions]
