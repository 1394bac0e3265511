"""What two sides have in common: the attributes that both know, and where in the row of either they stand."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

REPEATED = "tags_all"
"""Says once more what the tags say."""

Row = Sequence[Any]


class Common(NamedTuple):
    """Of all things with the same names on the declared side, and the same on the live one.

    ``said`` and ``seen`` pick the values of ``names`` out of a row of either side; ``told`` counts what a declared
    one tells.
    """

    names: Sequence[str]
    sides: tuple[Sequence[str], Sequence[str]]
    said: Callable[[Row], Row]
    seen: Callable[[Row], Row]

    @classmethod
    def of(cls, compared: Iterable[str], said: Sequence[str], seen: Sequence[str]) -> Common:
        names = [name for name in compared if name in said and name in seen]
        return cls(names, (said, seen), _picking(map(said.index, names)), _picking(map(seen.index, names)))

    def without(self, *unknown: Container[str]) -> Common:
        known = [name for name in self.names if not any(name in each for each in unknown)]
        return Common.of(known, *self.sides)

    def told(self, said: Row) -> int:
        names = self.sides[0]
        twice = REPEATED in names and said[names.index(REPEATED)] is not None
        return len(said) - said.count(None) - twice


def _picking(places: Iterable[int]) -> Callable[[Row], Row]:
    """The values at these places of a row, in this order."""
    at = tuple(places)
    return itemgetter(*at) if len(at) > 1 else lambda row: [row[each] for each in at]
