"""What one resource holds, as it is read, and in few bytes.

The bytes begin with what is asked of every resource over and over, as plain text; the rest is deflated, the
attributes apart from what only some ask for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any
from zlib import decompressobj

import msgspec

from state.packed import AT_HAND, EMPTY, UNFIT, WINDOW, Kind, alike, encoder

BETWEEN, SAME = "\x1e", "\x1d"
"""What stands between two texts, and for one that is the name."""


class Values(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a resource has for itself alone. ``address``, ``member`` and ``line`` are its declaration's."""

    id: str
    identity: str
    address: str
    member: str
    line: int | None
    arn: str | None
    attributes: Mapping[str, Any]
    tags: Mapping[str, str]
    facts: Mapping[str, Any]
    unknown: Mapping[str, str]


Row = tuple[Kind, Sequence[Any], int, bool]
"""The names of the attributes, as a kind of `names`, their values in that order, how many are set, and whether nothing
is unknown."""

OPEN = Kind(((), ()))
"""Of a resource that is not packed."""

_row = msgspec.msgpack.Decoder(list[Any])
_rest = msgspec.msgpack.Decoder(tuple[Any, Any, Any, Any])


def pack(values: Values) -> tuple[Kind, bytes] | None:
    """The values in few bytes; None where they hold what cannot be said so."""
    attributes, facts, told = values.attributes, values.facts, list(values.attributes.values())
    rest = values.arn, dict(values.tags), list(facts.values()), dict(values.unknown)
    try:
        seen = (_set(told) << 1 | (not values.unknown)).to_bytes(2, "big")
        head = begin(seen, values.id, values.identity, values.address, values.member, values.line)
        data = encoder.encode([*told, encoder.encode(rest)])
    except UNFIT:
        return None
    kind, body = alike((tuple(attributes), tuple(facts))).deflated(data)
    return kind, head + body


def _set(told: Sequence[Any]) -> int:
    return len(told) - told.count(None)


def begin(seen: bytes, id: str, identity: str, address: str, member: str, line: int | None) -> bytes:
    """What stands first: how much was `seen`, the name, and then the rest.

    Raises one of UNFIT where a text cannot stand there.
    """
    name = identity or id
    first, other = SAME if id == name else id, SAME if identity == name else identity
    rest = BETWEEN.join((first, other, address, member, "" if line is None else str(line)))
    if rest.count(BETWEEN) != 4 or SAME in id or SAME in identity:
        raise OverflowError
    label, more = name.encode(), rest.encode()
    end = 6 + len(label)
    return end.to_bytes(2, "big") + (end + len(more)).to_bytes(2, "big") + seen + label + more


def seen(kept: bytes) -> bytes:
    """How many attributes are set, and whether nothing is unknown."""
    return kept[4:6]


def label(kept: bytes) -> bytes:
    """The name, as it stands there."""
    return kept[6 : kept[0] << 8 | kept[1]]


def first(kept: bytes) -> tuple[str, str]:
    """The id and the identity."""
    name, (id, identity, *_) = label(kept).decode(), _more(kept)
    return name if id == SAME else id, name if identity == SAME else identity


def said(kept: bytes) -> tuple[str, str, int | None]:
    """The address, the member and the line of the declaration."""
    *_, address, member, line = _more(kept)
    return address, member, int(line) if line else None


def _more(kept: bytes) -> list[str]:
    return kept[kept[0] << 8 | kept[1] : kept[2] << 8 | kept[3]].decode().split(BETWEEN)


def body(kept: bytes) -> bytes:
    """What comes after that."""
    return kept[kept[2] << 8 | kept[3] :]


def open_row(values: Values) -> Row:
    """The attributes of a resource that is not packed."""
    told = list(values.attributes.values())
    kind = alike((tuple(values.attributes), tuple(values.facts))).plain
    return kind, told, _set(told), not values.unknown


def row(kind: Kind, kept: bytes) -> Row:
    """The attributes of one that is read once."""
    data = kept[kept[2] << 8 | kept[3] :]
    if kind.terms:
        data = decompressobj(-WINDOW, kind.terms).decompress(data)
    told, seen = _row.decode(data), kept[4] << 8 | kept[5]
    told.pop()  # what else it holds
    return kind, told, seen >> 1, seen & 1 == 1


@lru_cache(AT_HAND)
def opened(kind: Kind, kept: bytes) -> Values:
    """The values as they were."""
    *attributes, rest = _row.decode(kind.data(body(kept)))
    arn, tags, facts, unknown = _rest.decode(rest)
    (id, identity), (address, member, line) = first(kept), said(kept)
    return Values(
        id=id,
        identity=identity,
        address=address,
        member=member,
        line=line,
        arn=arn,
        attributes=dict(zip(kind.names[0], attributes, strict=True)),
        tags=tags or EMPTY,
        facts=dict(zip(kind.names[1], facts, strict=True)) or EMPTY,
        unknown=unknown or EMPTY,
    )
