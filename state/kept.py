"""What one resource holds, as it is read, and in few bytes.

The bytes begin with what is asked of every resource over and over, as plain text; the rest is deflated, the
attributes apart from what only some ask for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec

from state.packed import AT_HAND, EMPTY, UNFIT, Kind, deflated, encoder

BETWEEN, SAME = "\x1e", "\x1d"
"""What stands between two texts, and for one that is the first of them."""

LONGEST = 0xFFFF


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


class Row(NamedTuple):
    """The names of the attributes and their values, in one order, and whether all could be seen."""

    names: Sequence[str]
    values: Sequence[Any]
    is_whole: bool


OPEN = Kind(())
"""Of a resource that is not packed."""

_attributes = msgspec.msgpack.Decoder(list[Any])
_others = msgspec.msgpack.Decoder(tuple[Any, Any, Any, Any])


def pack(values: Values) -> tuple[Kind, bytes] | None:
    """The values in few bytes; None where they hold what cannot be said so."""
    try:
        head = begin(values.id, values.identity, values.address, values.member, values.line)
        said = encoder.encode(list(values.attributes.values()))
        rest = [values.arn, *(dict(each) for each in (values.tags, values.facts, values.unknown))]
        data = bytes((bool(values.unknown),)) + len(said).to_bytes(4, "big") + said + encoder.encode(rest)
    except UNFIT:
        return None
    kind, body = deflated(tuple(values.attributes), data)
    return kind, head + body


def begin(id: str, identity: str, address: str, member: str, line: int | None) -> bytes:
    """What stands first. Raises one of UNFIT where a text cannot stand there."""
    texts = id, SAME if identity == id else identity, address, member, "" if line is None else str(line)
    head = BETWEEN.join(texts)
    if head.count(BETWEEN) != len(texts) - 1 or SAME in id + address + member or len(data := head.encode()) > LONGEST:
        raise OverflowError
    return len(data).to_bytes(2, "big") + data


def first(kept: bytes) -> tuple[str, str]:
    """The id and the identity."""
    id, identity, _ = kept[2 : 2 + (kept[0] << 8 | kept[1])].decode().split(BETWEEN, 2)
    return id, id if identity == SAME else identity


def said(kept: bytes) -> tuple[str, str, int | None]:
    """The address, the member and the line of the declaration."""
    *_, address, member, line = kept[2 : 2 + (kept[0] << 8 | kept[1])].decode().split(BETWEEN)
    return address, member, int(line) if line else None


def body(kept: bytes) -> bytes:
    """What comes after that."""
    return kept[2 + (kept[0] << 8 | kept[1]) :]


def row(kind: Kind, kept: bytes) -> Row:
    """The attributes of a resource that is read once."""
    data = kind.data(body(kept))
    return Row(kind.names, _attributes.decode(data[5 : 5 + int.from_bytes(data[1:5], "big")]), data[0] == 0)


@lru_cache(AT_HAND)
def opened(kind: Kind, kept: bytes) -> Values:
    """The values as they were."""
    data = kind.data(body(kept))
    end = 5 + int.from_bytes(data[1:5], "big")
    arn, tags, facts, unknown = _others.decode(data[end:])
    (id, identity), (address, member, line) = first(kept), said(kept)
    return Values(
        id=id,
        identity=identity,
        address=address,
        member=member,
        line=line,
        arn=arn,
        attributes=dict(zip(kind.names, _attributes.decode(data[5:end]), strict=True)),
        tags=tags or EMPTY,
        facts=facts or EMPTY,
        unknown=unknown or EMPTY,
    )
