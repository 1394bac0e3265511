"""Whether a block in a state is a declaration, or the provider's copy of what AWS reports.

The provider keeps the parts of a thing (the rules of a group, the policies of a role) in the attributes of the thing
itself, whoever made them, and renews them at each apply and refresh. Taken for declarations, such copies hide a part
that was made by hand, and call one lost that an apply has just replaced. The first row that fits tells them apart:

| who fills the block        | the code     | declared apart | reading   | so                                          |
|----------------------------|--------------|----------------|-----------|---------------------------------------------|
| only code                  | any          | any            | declared  | it counts                                   |
| code or AWS                | writes it    | any            | declared  | it counts, and Terraform removes all others |
| AWS, with the thing itself | says nothing | any            | beginning | it counts; a loss is told with the doubt    |
| code or AWS                | leaves it    | any            | copy      | it counts for nothing                       |
| code or AWS                | was not read | some are       | copy      | Terraform takes the one or the other        |
| code or AWS                | was not read | none is        | doubtful  | it counts, and the doubt is said            |

"Declared apart" are resources of their own, in whatever state, that name the same thing; a few blocks may stand beside
such, and of these it says nothing. Code that leaves a block out and code that was not read both say nothing. Code and
plans have no copies: in them every block is declared.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from enum import StrEnum

from state.resource import Resource
from state.schema import Schema, Schemas
from state.terraform import provider

DOUBT = "the state has it in a block that may be only the provider's copy of what AWS reported"
BEGAN = "the state has it only as the provider's copy of what AWS reported when the state was last renewed"
OWN_NAMES = frozenset({"id", "arn", "name"})


class Reading(StrEnum):
    DECLARED = "declared"
    BEGINNING = "beginning"
    COPY = "copy"
    DOUBTFUL = "doubtful"

    @property
    def doubt(self) -> str:
        return {Reading.BEGINNING: BEGAN, Reading.DOUBTFUL: DOUBT}.get(self, "")


def reading(*, computed: bool, written: bool | None, filled: bool, apart: bool) -> Reading:
    """What a part in a block is; ``written`` is None where the code was not read."""
    if not computed or written:
        return Reading.DECLARED
    if filled:
        return Reading.BEGINNING
    return Reading.COPY if apart or written is False else Reading.DOUBTFUL


class Block:
    """A block of a declared thing that may declare parts of a type: the attributes ``asked`` for to split it."""

    def __init__(self, thing: Resource, schema: Schema, asked: Iterable[str], schemas: Schemas) -> None:
        self.thing, self.schema, self.home = thing, schema, schema.home(thing.type)
        identity = schemas[thing.type].identity
        own = OWN_NAMES if callable(identity) else OWN_NAMES.union(identity)
        self.names = frozenset(asked) - own
        self.computed = self._is_computed()

    def _is_computed(self) -> bool:
        said = self.thing.origin
        known = provider.attributes(self.thing.type)
        from_a_state = said is not None and said.witness == "state" and self.schema.parent is not None
        return from_a_state and any("c" in known[name].flags for name in self.names if name in known)

    @property
    def written(self) -> bool | None:
        """Whether the code writes the block, if only to say that it is empty."""
        said = self.thing.origin
        if said is None or said.written is None:
            return None
        return not said.written.isdisjoint(self.home.written or self.names)

    def _is_written(self, part: Resource) -> bool | None:
        """Where a thing shows its parts in several blocks, whether the code writes this part's."""
        said, parent = self.thing.origin, self.schema.parent
        if said is None or said.written is None or not (parent and parent.parts):
            return self.written
        return parent.name(part) in said.written

    def reading(self, part: Resource, apart: Apart) -> Reading:
        return reading(
            computed=self.computed,
            written=self._is_written(part),
            filled=self.home.filled(self.thing, part),
            apart=not self.home.mixed and part in apart,
        )


class Apart:
    """The parts that are resources of their own, by the thing that they are parts of."""

    def __init__(self, parts: Iterable[Resource], schemas: Schemas) -> None:
        self.schemas = schemas
        self.places: dict[tuple[str, str, str], set[tuple[str, str]]] = defaultdict(set)
        for part in parts:
            if of := self._of(part):
                self.places[of].add((part.account, part.region))

    def _of(self, part: Resource) -> tuple[str, str, str] | None:
        parent = self.schemas[part.type].parent if part.type in self.schemas else None
        of = parent.of(part.attributes) if parent else None
        return (part.type, of, parent.name(part)) if parent and of is not None else None

    def __contains__(self, part: object) -> bool:
        """Whether there are some of the same thing, and of the same block of it."""
        of = self._of(part) if isinstance(part, Resource) else None
        if not isinstance(part, Resource) or of not in self.places:
            return False
        return any(_agree(part.account, account) and _agree(part.region, region) for account, region in self.places[of])


def _agree(one: str, other: str) -> bool:
    return one == other or "" in (one, other)


def doubts(settled: Iterable[Resource], schemas: Schemas) -> list[str]:
    """A line on the blocks of which nothing tells whether they are declarations."""
    found: Counter[str] = Counter()
    for each in settled:
        doubtful = each.origin is not None and each.origin.doubt == DOUBT
        if doubtful and (said := each.declared) and not schemas[each.type].at_default(each):
            found[f"{said.address}: {said.part}"] += 1
    if not found:
        return []
    first, more = min(found), len(found) - 1
    beside = f" and {more:,} more" if more else ""
    return [
        f"{first}{beside} may be only the provider's copy of what AWS reports, and hide what was added by hand "
        "before the last apply; name the folder of the code too, which tells"
    ]
