"""The one shape every resource takes, whether AWS reported it or Terraform declared it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, NamedTuple, Self

import msgspec

from state import kept
from state.packed import EMPTY, UNFIT, Kind, once
from state.paths import covers

GLOBAL = "global"
"""The region of things that belong to an account as a whole, such as IAM's."""

DEFAULT = "aws: default"
"""Who made what each VPC and each region has from the start."""
ANYTHING = "*"
"""The type of a gap that may hide resources of any type: a state that could not be read."""

SUBJECTS = frozenset({"account", "region"})
"""Types of what always exists to be judged, and nobody made."""

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
    not there before a plan is applied. ``moved`` is the address in the state where the code has another one for it;
    ``removed`` says that the code has it destroyed or forgotten with the next apply, at this file and line. What is
    ``tainted`` is replaced with it, by its state.
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
    moved: str = ""
    removed: str = ""
    tainted: bool = False

    def ignores(self, path: str) -> bool:
        """Whether ``ignore_changes`` covers a path, or what it lies under; the beginning of one that ends in a star."""
        names, path = self.ignore_changes, f"{self.part}.{path}" if self.part else path
        return "all" in names or any(_is_ignored(name, path) for name in names)


def _is_ignored(name: str, path: str) -> bool:
    """Nothing lies under a tag, whose key may have dots of its own."""
    if name.endswith("*"):
        return path.startswith(name[:-1])
    return path == name if name.startswith("tags.") else covers(name, path)


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
        common, address, member, line = _apart(declared, type)
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

    def placed(self, account: str, region: str) -> Resource:
        """The resource in this account and region, where it does not say its own."""
        own, at = self._place[1:3], (self.account or account, self.region or region)
        return self if own == at else self.replace(account=at[0], region=at[1])

    def opened(self, **changes: Any) -> Resource:
        """The resource with its values as they are, and with other fields."""
        return Resource(**{name: getattr(self, name) for name in FIELDS} | changes)

    @classmethod
    def at_hand(cls, other: Resource) -> Self:
        """The other one with its values as they are, for whoever is about to read much of it."""
        return cls._of(other._place, kept.OPEN, other._values())

    def _relabelled(self, **changes: Any) -> Resource:
        """What it holds inside stays as it is packed."""
        held, origin = self._kept, self._place.declared
        assert isinstance(held, bytes)
        if not _AT_HEAD.isdisjoint(changes):
            address, member, line = kept.said(held)
            if "declared" in changes or "type" in changes:
                said = changes.get("declared", self.declared)
                origin, address, member, line = _apart(said, changes.get("type", self.type))
            id, identity = kept.first(held)
            try:
                head = kept.begin(
                    kept.seen(held), changes.get("id", id), changes.get("identity", identity), address, member, line
                )
            except UNFIT:
                return self.opened(**changes)
            held = head + kept.body(held)
        shared = {name: changes[name] for name in Place._fields if name in changes}
        return Resource._of(once(self._place._replace(**shared | {"declared": origin})), self._kind, held)

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
        return msgspec.structs.replace(common, address=_in_full(address, self.type), member=member, line=line)

    @property
    def origin(self) -> Declaration | None:
        """Its declaration without the address, the member and the line, which are its own: costs nothing to ask."""
        return self._place.declared

    @property
    def is_part(self) -> bool:
        """Whether another one's block declares it."""
        return self.origin is not None and self.origin.part != ""

    @property
    def is_declared(self) -> bool:
        """Whether Terraform says it, rather than AWS."""
        return self.origin is not None

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
        """Whether there is nothing to delete: an account or region, what each has one of, or AWS's default VPC."""
        is_setting = self.id in (self.account, self.region) or self.name == self.type.removeprefix("aws_")
        return self.type in SUBJECTS or is_setting or self.owner == DEFAULT

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Resource):
            return NotImplemented
        return self is other or (self._place == other._place and self._values() == other._values())

    def __hash__(self) -> int:
        return hash(self._place.type) ^ hash(self.label)

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


_AT_HEAD = frozenset({"id", "identity", "type", "declared"})
_INSIDE = frozenset({"arn", "attributes", "tags", "facts", "unknown"})
FIELDS = ("type", "id", "account", "region", "identity", "sensitive", "owner", "declared", *sorted(_INSIDE))


_OWN = "\x1c"
"""Stands for the type, and the dot after it, in an address: in a hundred thousand of them it takes megabytes."""


def _apart(declared: Declaration | None, type: str) -> tuple[Declaration | None, str, str, int | None]:
    """What a declaration has in common with others, and what it has for itself."""
    if declared is None:
        return None, "", "", None
    common = msgspec.structs.replace(declared, address="", member="", line=None)
    return once(common), _in_short(declared.address, type), declared.member, declared.line


def _in_short(address: str, type: str) -> str:
    return _OWN * 2 + address if _OWN in address else address.replace(f"{type}.", _OWN, 1)


def _in_full(address: str, type: str) -> str:
    return address.removeprefix(_OWN * 2) if address.startswith(_OWN * 2) else address.replace(_OWN, f"{type}.", 1)


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


def stable_id(*parts: str) -> str:
    """A hash for good: of a finding, (check, type, identity, account, region, sub-key)."""
    return hashlib.blake2b("\x1f".join(parts).encode(errors="surrogatepass"), digest_size=16).hexdigest()
