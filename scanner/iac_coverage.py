"""How much of what is live Terraform declares, and where what nobody declares may come from.

Counted is what somebody could declare by itself, as far as it was seen: not what AWS or another of its services made or
keeps, not what is as AWS makes it, and the parts of a thing (rules, attachments, a bucket's settings) with the thing.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from state import Inventory, Resource
from state.drift import Comparison, Kind
from state.schema import Schemas

NO_TAG, UNSEEN = "no owner tag", "tags not seen"

MADE_BY = frozenset({"awscreatedby", "createdby", "creator", "managedby", "provisionedby", "provisioner"})
"""Tags that say what or who made a thing, whatever stands between their words."""

ALIKE = 3
"""How many names have to begin alike before that says something."""

_ID = re.compile(r"(?:[a-z]+-)+[0-9a-f]{8,}|[0-9a-f]{8}-[0-9a-f-]{20,}")
_BETWEEN = re.compile(r"[-_./: ]")


class Share(msgspec.Struct, kw_only=True):
    """Of the things of one account, type or owner: how many Terraform declares, and how many nobody does."""

    name: str
    declared: int = 0
    unmanaged: int = 0

    @property
    def percent(self) -> int:
        """Rounded down: 100 is all of them."""
        return percent(self.declared, self.unmanaged)


def percent(declared: int, unmanaged: int) -> int:
    return 100 * declared // ((declared + unmanaged) or 1)


class IacCoverage(msgspec.Struct, frozen=True, kw_only=True):
    """How much of what was seen Terraform declares.

    ``undecided`` are things that a state which could not be read may declare, ``elsewhere`` those that AWS or another
    service made, by which; neither counts. With ``gaps`` there may be more than was seen.
    """

    declared: int
    unmanaged: int
    undecided: int
    elsewhere: Mapping[str, int]
    accounts: Sequence[Share]
    types: Sequence[Share]
    owners: Sequence[Share]
    gaps: int

    @property
    def percent(self) -> int | None:
        """None where there is nothing to declare."""
        return percent(self.declared, self.unmanaged) if self.declared + self.unmanaged else None


def iac_coverage(
    live: Inventory, comparison: Comparison, schemas: Schemas, owner_tags: Sequence[str], gaps: int
) -> IacCoverage:
    """How much of what is live the comparison found declared."""
    unmanaged = {each.resource.key: each for each in comparison.drift if each.kind is Kind.UNMANAGED}
    elsewhere: Counter[str] = Counter()
    declared, loose, undecided = [], [], 0
    for each in live.resources:
        if not _is_whole(each, schemas):
            continue
        if each in comparison.pairs:
            declared.append(each)
        elif each.owner:
            elsewhere[each.owner.partition(":")[0]] += 1
        elif not schemas[each.type].at_default(each):
            is_sure = each.key in unmanaged and not unmanaged[each.key].note
            loose += [each] if is_sure else []
            undecided += not is_sure
    return IacCoverage(
        declared=len(declared),
        unmanaged=len(loose),
        undecided=undecided,
        elsewhere=dict(elsewhere.most_common()),
        accounts=_shares(declared, loose, lambda each: each.account),
        types=_shares(declared, loose, lambda each: each.type),
        owners=_shares(declared, loose, lambda each: owner_of(each, owner_tags)),
        gaps=gaps,
    )


def _is_whole(each: Resource, schemas: Schemas) -> bool:
    """Whether it is a thing by itself, and there to stay."""
    schema = schemas.get(each.type)
    is_part = schema is None or schema.parent is not None or schema.spot is not None
    return not is_part and not (each.has_fact("pending_deletion") and each.facts["pending_deletion"] is True)


def _shares(
    declared: Iterable[Resource], unmanaged: Iterable[Resource], by: Callable[[Resource], str]
) -> Sequence[Share]:
    """Those with the most that nobody declares first."""
    found: dict[str, Share] = {}
    for name in map(by, declared):
        found.setdefault(name, Share(name=name)).declared += 1
    for name in map(by, unmanaged):
        found.setdefault(name, Share(name=name)).unmanaged += 1
    return sorted(found.values(), key=lambda each: (-each.unmanaged, -each.declared, each.name))


def owner_of(each: Resource, owner_tags: Sequence[str]) -> str:
    """Whose it is, by the first of these tags that it has, however they are written."""
    if "tags" in each.unknown:
        return UNSEEN
    tags = {name.lower(): value for name, value in each.tags.items()}
    return next((tags[name.lower()] for name in owner_tags if tags.get(name.lower())), NO_TAG)


# --- where it may come from -------------------------------------------------------------------------


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """Things that nobody declares, of one owner and one likely origin; ``origin`` is empty where nothing tells it."""

    owner: str
    origin: str
    resources: Sequence[Resource]

    @property
    def types(self) -> list[tuple[str, int]]:
        """How many there are of each type, the most first."""
        counts = Counter(each.type for each in self.resources)
        return sorted(counts.items(), key=lambda each: (-each[1], each[0]))


def groups(resources: Sequence[Resource], owner_tags: Sequence[str]) -> list[Group]:
    """Things by owner and likely origin, the largest group first."""
    alike = Counter((each.account, _beginning(each)) for each in resources)
    found: dict[tuple[str, str], list[Resource]] = defaultdict(list)
    for each in resources:
        found[owner_of(each, owner_tags), _origin(each, alike)].append(each)
    rows = sorted(found.items(), key=lambda row: (-len(row[1]), row[0]))
    return [Group(owner=owner, origin=origin, resources=each) for (owner, origin), each in rows]


def _origin(each: Resource, alike: Mapping[tuple[str, str], int]) -> str:
    """What made it, as AWS or a tag says; else that its name begins as others do."""
    if each.owner:
        return each.owner
    made = sorted(name for name, value in each.tags.items() if value and _BETWEEN.sub("", name).lower() in MADE_BY)
    if made:
        return f"{made[0]}: {each.tags[made[0]]}"
    beginning = _beginning(each)
    return f"named {beginning}…" if beginning and alike[each.account, beginning] >= ALIKE else ""


def _beginning(each: Resource) -> str:
    """The first word of its name, with what follows the word; empty of a name that AWS made up, or of one word."""
    name = each.tags.get("Name", "") if _ID.fullmatch(each.name) else each.name.rpartition("/")[2]
    found = _BETWEEN.search(name)
    return name[: found.end()] if found and found.start() else ""
