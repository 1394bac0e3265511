"""The one shape every resource takes, whether AWS reported it or Terraform declared it."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple, Self

import msgspec

from state import kept
from state.packed import EMPTY, UNFIT, Kind, once

GLOBAL = "global"
"""The region of things that belong to an account as a whole, such as IAM's."""

ANYTHING = "*"
"""The type of a gap that may hide resources of any type: a state that could not be read."""

NAMING = ("id", "bucket", "name")
"""Attributes that name one thing: a gap about another one says nothing of it."""

SUBJECTS = frozenset({"account", "region"})
"""Types of what always exists to be judged, and nobody made."""

OUTSIDE = "is outside this scan"

Words = Callable[["Resource"], Iterable[Any]]
"""What a neighbour is looked up by, where that is no attribute of its own."""

Key = tuple[str, str, str, str]
"""(type, account, region, identity)"""


class Unknown(LookupError):
    """A value nobody could see: the call was denied, the region unread, the HCL an expression."""


class LiveOnly(Unknown):
    """A fact was asked of a declaration: Terraform has no word for it."""


class Declaration(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Where Terraform declares a resource.

    ``part`` is set on a resource that another one's block declares (``ingress`` of a security
    group): such a part has no address of its own. ``member`` is set on one of many that a resource only
    lists (``users[ann]`` of a group's membership); ``holder`` is the type and id of that, ``lasts`` says that it is
    there even when it has lost all.
    ``ignore_changes`` holds attribute paths, or ``all``. ``address`` is Terraform's, module path and instance
    key included. ``written`` are the attributes that the code writes, None where it was not read. ``alone`` are
    types of parts of which Terraform removes those that this does not declare. ``doubt`` says why it may not
    be a declaration at all. What is ``deposed`` was replaced, and is still to be deleted; what is ``new`` is
    not there before a plan is applied.
    """

    address: str
    source: str
    witness: str = "state"
    part: str = ""
    member: str = ""
    holder: tuple[str, str] = ("", "")
    lasts: bool = False
    file: str | None = None
    line: int | None = None
    ignore_changes: frozenset[str] = frozenset()
    written: frozenset[str] | None = None
    alone: frozenset[str] = frozenset()
    doubt: str = ""
    deposed: bool = False
    new: bool = False


class Place(NamedTuple):
    """What many resources have in common, and is kept once for all of them."""

    type: str
    account: str
    region: str
    sensitive: frozenset[str]
    owner: str | None
    declared: Declaration | None


class Resource:
    """One AWS thing, its attributes under the names the Terraform AWS provider gives them. It cannot be changed.

    ``identity`` is what the provider looks the thing up by, within its account and region; the
    ARN is only an index, since four in ten have none. ``account`` and ``region`` are empty where a
    declaration does not say them. An attribute that is unset is None; one that could not be seen
    is in ``unknown`` with the reason, and reading it raises Unknown, so that no check can take
    "denied" for "off". ``facts`` are live-only values that Terraform has no attribute for.
    ``owner`` says who made the thing where AWS says so (``aws``, ``cloudformation: shop``, …).

    As it is made it holds its values as they are; those that are kept for long are `packed`.
    """

    __slots__ = ("_kept", "_kind", "_place")

    _place: Place
    _kind: Kind
    _kept: bytes | kept.Values

    def __init__(
        self,
        *,
        type: str,
        id: str,
        account: str = "",
        region: str = "",
        identity: str = "",
        arn: str | None = None,
        attributes: Mapping[str, Any] = EMPTY,
        tags: Mapping[str, str] = EMPTY,
        facts: Mapping[str, Any] = EMPTY,
        unknown: Mapping[str, str] = EMPTY,
        sensitive: frozenset[str] = frozenset(),
        owner: str | None = None,
        declared: Declaration | None = None,
    ) -> None:
        common, address, member, line = _apart(declared)
        self._place, self._kind = once(Place(type, account, region, sensitive, owner, common)), kept.OPEN
        self._kept = kept.Values(
            id=id,
            identity=identity,
            address=address,
            member=member,
            line=line,
            arn=arn,
            attributes=attributes,
            tags=tags,
            facts=facts,
            unknown=unknown,
        )

    @classmethod
    def _of(cls, place: Place, kind: Kind, held: bytes | kept.Values) -> Self:
        made = cls.__new__(cls)
        made._place, made._kind, made._kept = place, kind, held
        return made

    @property
    def is_packed(self) -> bool:
        return isinstance(self._kept, bytes)

    def packed(self) -> Resource:
        """The resource in few bytes; itself where it holds what cannot be said so (half of a surrogate pair)."""
        if isinstance(self._kept, bytes) or (packed := kept.pack(self._kept)) is None:
            return self
        return Resource._of(self._place, *packed)

    def replace(self, **changes: Any) -> Resource:
        """The resource with other fields; one that was packed is packed again."""
        if not self.is_packed:
            return self.opened(**changes)
        if all(changes[name] is getattr(self, name) for name in _INSIDE.intersection(changes)):
            return self._relabelled(**changes)
        return self.opened(**changes).packed()

    def opened(self, **changes: Any) -> Resource:
        """The resource with its values as they are, and with other fields."""
        return Resource(**{name: getattr(self, name) for name in FIELDS} | changes)

    @classmethod
    def at_hand(cls, other: Resource) -> Self:
        """The other one with its values as they are, for whoever is about to read much of it."""
        return cls._of(other._place, kept.OPEN, other._values())

    def _relabelled(self, **changes: Any) -> Resource:
        """What it holds inside stays as it is packed."""
        held = self._kept
        assert isinstance(held, bytes)
        place, (id, identity) = self._place, kept.first(held)
        common, address, member, line = (
            _apart(changes["declared"]) if "declared" in changes else (place.declared, *kept.said(held))
        )
        shared = {name: changes.get(name, getattr(place, name)) for name in Place._fields}
        at = Place(**shared | {"declared": common})
        try:
            begin = kept.begin(changes.get("id", id), changes.get("identity", identity), address, member, line)
        except UNFIT:
            return self.opened(**changes)
        return Resource._of(once(at), self._kind, begin + kept.body(held))

    def _values(self) -> kept.Values:
        held = self._kept
        return kept.opened(self._kind, held) if isinstance(held, bytes) else held

    @property
    def where(self) -> tuple[str, str, str]:
        """Its type, account and region."""
        return self._place[:3]

    @property
    def type(self) -> str:
        return self._place.type

    @property
    def account(self) -> str:
        return self._place.account

    @property
    def region(self) -> str:
        return self._place.region

    @property
    def sensitive(self) -> frozenset[str]:
        return self._place.sensitive

    @property
    def owner(self) -> str | None:
        return self._place.owner

    @property
    def id(self) -> str:
        held = self._kept
        return kept.first(held)[0] if isinstance(held, bytes) else held.id

    @property
    def identity(self) -> str:
        held = self._kept
        return kept.first(held)[1] if isinstance(held, bytes) else held.identity

    @property
    def arn(self) -> str | None:
        return self._values().arn

    @property
    def attributes(self) -> Mapping[str, Any]:
        return self._values().attributes

    @property
    def tags(self) -> Mapping[str, str]:
        return self._values().tags

    @property
    def facts(self) -> Mapping[str, Any]:
        return self._values().facts

    @property
    def unknown(self) -> Mapping[str, str]:
        return self._values().unknown

    @property
    def declared(self) -> Declaration | None:
        common, held = self._place.declared, self._kept
        if common is None:
            return None
        address, member, line = kept.said(held) if isinstance(held, bytes) else (held.address, held.member, held.line)
        return msgspec.structs.replace(common, address=address, member=member, line=line)

    @property
    def is_part(self) -> bool:
        """Whether another one's block declares it."""
        return self._place.declared is not None and self._place.declared.part != ""

    @property
    def is_declared(self) -> bool:
        """Whether Terraform says it, rather than AWS."""
        return self._place.declared is not None

    def has_fact(self, name: str) -> bool:
        """Whether such a fact was seen; cheaper than to read it."""
        held = self._kept
        return name in (self._kind.names[1] if isinstance(held, bytes) else held.facts)

    @property
    def row(self) -> kept.Row:
        """The attributes, for whoever reads each resource once: what is at hand stays as it is."""
        held = self._kept
        return kept.row(self._kind, held) if isinstance(held, bytes) else kept.open_row(held)

    @property
    def key(self) -> Key:
        return self.type, self.account, self.region, self.name

    @property
    def name(self) -> str:
        """What people call it: the identity, where AWS's id is only a number (``orders``, not ``db-M5EN…``)."""
        held = self._kept
        return kept.label(held).decode() if isinstance(held, bytes) else held.identity or held.id

    @property
    def label(self) -> bytes:
        """The name as it is kept, to look up by."""
        held = self._kept
        return kept.label(held) if isinstance(held, bytes) else self.name.encode(errors="surrogatepass")

    @property
    def is_always_there(self) -> bool:
        """Whether there is nothing to import or delete: an account or region, or what each account has one of."""
        return self.type in SUBJECTS or self.id == self.account

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Resource):
            return NotImplemented
        return self is other or (self._place == other._place and self._values() == other._values())

    def __hash__(self) -> int:
        return hash((self._place.type, self._place.account, self.label))

    def __repr__(self) -> str:
        """Which one it is, and nothing of what it holds: a secret would end in a log or a traceback."""
        at = f" at {self.declared.address}" if self.declared else ""
        return f"<{self.type} {self.name} in {self.account or '?'} {self.region or '?'}{at}>"

    def __getitem__(self, name: str) -> Any:
        """The attribute's value, None when unset; raises Unknown when it could not be seen."""
        values = self._values()
        return self._seen(name, values.attributes, values.unknown)

    def fact(self, name: str) -> Any:
        """A live-only value; raises Unknown when it could not be seen, LiveOnly of a declaration."""
        values = self._values()
        if self.is_declared and name not in values.facts:
            raise LiveOnly(f"{name} is not in what Terraform declares")
        return self._seen(name, values.facts, values.unknown)

    def _seen(self, name: str, values: Mapping[str, Any], unknown: Mapping[str, str]) -> Any:
        if name in unknown:
            raise Unknown(unknown[name])
        if name not in values:
            raise Unknown(f"{self.type} {self.id} was read without its {name}")
        return values[name]


_INSIDE = frozenset({"arn", "attributes", "tags", "facts", "unknown"})
FIELDS = ("type", "id", "account", "region", "identity", "sensitive", "owner", "declared", *sorted(_INSIDE))


def _apart(declared: Declaration | None) -> tuple[Declaration | None, str, str, int | None]:
    """What a declaration has in common with others, and what it has for itself."""
    if declared is None:
        return None, "", "", None
    common = msgspec.structs.replace(declared, address="", member="", line=None)
    return once(common), declared.address, declared.member, declared.line


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """A place we could not look, and why. Nothing there may be called missing, fixed or clean.

    ``region`` "global" covers every region of the account; an empty ``account`` every account;
    ``id`` narrows the gap to one resource and ``attribute`` to one of its attributes. ``kind`` is
    one of: denied, throttled, timeout, unreachable, unsupported, expired, malformed, error,
    interrupted, which-account.
    """

    type: str
    account: str
    region: str
    reason: str
    kind: str = "error"
    id: str | None = None
    attribute: str | None = None
    operation: str | None = None
    permission: str | None = None

    def covers(self, type: str, account: str, region: str, id: str | None = None) -> bool:
        """Whether something of this type, account and region may lie unseen in this gap."""
        return (
            self.attribute is None
            and self.type in (ANYTHING, type)
            and self.account in ("", account)
            and (GLOBAL in (self.region, region) or self.region == region)
            and self.id in (None, id)
        )


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


def stable_id(*parts: str) -> str:
    """A hash for good: of a finding, (check, type, identity, account, region, sub-key)."""
    return hashlib.blake2b("\x1f".join(parts).encode(errors="surrogatepass"), digest_size=16).hexdigest()
