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

    ``said`` and ``seen`` pick the values of ``names`` out of a row of either side; what stands
    ``again`` a declared one tells twice.
    """

    names: Sequence[str]
    sides: tuple[Sequence[str], Sequence[str]]
    said: Callable[[Row], Row]
    seen: Callable[[Row], Row]
    again: int | None = None

    @classmethod
    def of(cls, compared: Iterable[str], said: Sequence[str], seen: Sequence[str]) -> Common:
        names = [name for name in compared if name in said and name in seen]
        again = said.index(REPEATED) if REPEATED in said else None
        return cls(names, (said, seen), _picking(map(said.index, names)), _picking(map(seen.index, names)), again)

    def without(self, *unknown: Container[str]) -> Common:
        known = [name for name in self.names if not any(name in each for each in unknown)]
        return Common.of(known, *self.sides)

    def is_twice(self, said: Row) -> bool:
        """Whether a declared one tells something twice."""
        return self.again is not None and said[self.again] is not None


def _picking(places: Iterable[int]) -> Callable[[Row], Row]:
    """The values at these places of a row, in this order."""
    at = tuple(places)
    return itemgetter(*at) if len(at) > 1 else lambda row: [row[each] for each in at]
