"""Things in few bytes: a hundred thousand resources as dicts would be a gigabyte.

The names are kept once for all things that have the same ones. The values are MessagePack, deflated in terms of
what the first such things said, since a team's things are much alike; they are opened when they are read. What
was opened last is at hand, so that reading a thing twice costs little.
"""

from __future__ import annotations

import zlib
from abc import ABCMeta
from collections.abc import Hashable, ItemsView, Iterator, Mapping, ValuesView
from functools import lru_cache
from types import MappingProxyType
from typing import Any, TypeVar

import msgspec

AT_HAND = 2_048
"""How many things stay opened: of most accounts all, which checks go through again and again."""

FIRST = 8
"""How many things with the same names are kept as they are; the others are written in their terms."""

WINDOW, EFFORT, ROOM = 12, 1, 1
"""How far deflating looks back (a power of two), and what time and memory it may take: zlib's words are others."""

PREPARED = 64
"""Of how many kinds, those met last, what deflates is kept: each takes 25 kB."""

UNFIT = OverflowError, RecursionError, TypeError, UnicodeEncodeError
"""What is raised of a value that MessagePack cannot say, such as half of a surrogate pair."""

T = TypeVar("T", bound=Hashable)

_decoder = msgspec.msgpack.Decoder(list[Any])
_kept: dict[Any, Any] = {}


def once(value: T) -> T:
    """The first of all equal values; for what few different ones of are held by many."""
    found: T = _kept.setdefault(value, value)
    return found


def _refuse(value: object) -> Any:
    raise TypeError(f"{type(value).__name__} is no value of an answer or a state")


encoder = msgspec.msgpack.Encoder(enc_hook=_refuse)


class Kind(msgspec.Struct, frozen=True, eq=False, gc=False):
    """What things have in common: their names, and the ``terms`` that they are deflated in, if they are."""

    names: tuple[Any, ...]
    terms: bytes = b""

    def data(self, kept: bytes) -> bytes:
        """What was deflated."""
        return zlib.decompressobj(-WINDOW, self.terms).decompress(kept) if self.terms else kept


@lru_cache(PREPARED)
def _deflating(terms: bytes) -> Any:
    """What deflates in these terms, to be copied for each thing: to make one takes six times as long."""
    return zlib.compressobj(EFFORT, zlib.DEFLATED, -WINDOW, ROOM, zdict=terms)


class Alike:
    """The things with the same names: the first of them, and the kind of all others."""

    __slots__ = ("_first", "_kind", "plain")

    def __init__(self, names: tuple[Any, ...]) -> None:
        self.plain = self._kind = Kind(names)
        self._first: list[bytes] = []

    def deflated(self, data: bytes) -> tuple[Kind, bytes]:
        """The data of one of them in fewer bytes, and what tells how to read it: `Kind.data`."""
        if not self._kind.terms:
            return self._one_more(data)
        deflating = _deflating(self._kind.terms).copy()
        return self._kind, deflating.compress(data) + deflating.flush()

    def _one_more(self, data: bytes) -> tuple[Kind, bytes]:
        self._first.append(data)
        if len(self._first) == FIRST:
            self._kind = Kind(self.plain.names, b"".join(self._first)[-(1 << WINDOW) :])
            self._first.clear()
        return self.plain, data


_alike: dict[tuple[Any, ...], Alike] = {}


def alike(names: tuple[Any, ...]) -> Alike:
    """The things with these names."""
    if (found := _alike.get(names)) is None:
        found = _alike[names] = Alike(names)
    return found


@lru_cache(AT_HAND)
def _opened(kind: Kind, kept: bytes) -> dict[str, Any]:
    return dict(zip(kind.names, _decoder.decode(kind.data(kept)), strict=True))


class _Lean(ABCMeta, msgspec.StructMeta):
    """Of mappings that the garbage collector need not go through: there are hundreds of thousands."""


class Packed(Mapping[str, Any], msgspec.Struct, metaclass=_Lean, frozen=True, eq=False, gc=False):
    """An immutable mapping of names to what JSON can say, and to times. Made by `packed`."""

    _kind: Kind
    _kept: bytes

    def __getitem__(self, name: str) -> Any:
        return _opened(self._kind, self._kept)[name]

    def __contains__(self, name: object) -> bool:
        return name in self._kind.names

    def get(self, name: str, default: Any = None) -> Any:
        return self[name] if name in self._kind.names else default

    def __iter__(self) -> Iterator[str]:
        return iter(self._kind.names)

    def __len__(self) -> int:
        return len(self._kind.names)

    def items(self) -> ItemsView[str, Any]:
        return _opened(self._kind, self._kept).items()

    def values(self) -> ValuesView[Any]:
        return _opened(self._kind, self._kept).values()

    def __repr__(self) -> str:
        """The names only: a value may be a secret."""
        return f"<{', '.join(self._kind.names)}>"


EMPTY: Mapping[str, Any] = MappingProxyType({})


def packed(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """The mapping in few bytes; itself where it holds what MessagePack cannot say (half of a surrogate pair)."""
    if not values:
        return EMPTY
    if isinstance(values, Packed):
        return values
    try:
        return Packed(*alike(tuple(values)).deflated(encoder.encode(list(values.values()))))
    except UNFIT:
        return values
