"""Mappings in few bytes: a hundred thousand resources as dicts would be a gigabyte.

The names are kept once for all things that have the same ones, the values as MessagePack, opened when
they are read. What was opened last is at hand, so that reading a thing twice costs little.
"""

from __future__ import annotations

from collections.abc import Hashable, ItemsView, Iterator, Mapping, ValuesView
from functools import lru_cache
from typing import Any, TypeVar

import msgspec

AT_HAND = 512

T = TypeVar("T", bound=Hashable)

_decoder = msgspec.msgpack.Decoder(list[Any])
_kept: dict[Any, Any] = {}


def once(value: T) -> T:
    """The first of all equal values; for what few different ones of are held by many."""
    found: T = _kept.setdefault(value, value)
    return found


def _refuse(value: object) -> Any:
    raise TypeError(f"{type(value).__name__} is no value of an answer or a state")


_encoder = msgspec.msgpack.Encoder(enc_hook=_refuse)


@lru_cache(AT_HAND)
def _opened(names: tuple[str, ...], data: bytes) -> dict[str, Any]:
    return dict(zip(names, _decoder.decode(data), strict=True))


class Packed(Mapping[str, Any]):
    """An immutable mapping of names to what JSON can say, and to times. Made by `packed`."""

    __slots__ = ("_data", "_names")

    def __init__(self, names: tuple[str, ...], data: bytes) -> None:
        self._names, self._data = names, data

    def __getitem__(self, name: str) -> Any:
        return _opened(self._names, self._data)[name]

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def items(self) -> ItemsView[str, Any]:
        return self.opened().items()

    def values(self) -> ValuesView[Any]:
        return self.opened().values()

    def __repr__(self) -> str:
        """The names only: a value may be a secret."""
        return f"<{', '.join(self._names)}>"

    def opened(self) -> Mapping[str, Any]:
        """All of it as a dict, which is not to be changed."""
        return _opened(self._names, self._data)


EMPTY = Packed((), _encoder.encode([]))


def opened(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """The mapping as a dict, for whoever is about to read much of it."""
    return values.opened() if isinstance(values, Packed) else values


def packed(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """The mapping in few bytes; itself where it holds what MessagePack cannot say (half of a surrogate pair)."""
    if not values:
        return EMPTY
    if isinstance(values, Packed):
        return values
    try:
        data = _encoder.encode(list(values.values()))
    except (OverflowError, RecursionError, TypeError, UnicodeEncodeError):
        return values
    return Packed(once(tuple(values)), data)


def like(other: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """The mapping as the other one is kept: values of code and plans may be such as only Python has."""
    return packed(values) if isinstance(other, Packed) else values
