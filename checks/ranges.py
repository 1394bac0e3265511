"""Ranges of addresses: whether some of them together are the internet, and what they open to it.

Half of all addresses is the internet here, into however many ranges it is cut: `0.0.0.0/1` beside `128.0.0.0/1`
is `0.0.0.0/0`. Of IPv6 only `2000::/3` is in use, so that this alone is all of it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from functools import lru_cache, partial
from ipaddress import IPv4Network, IPv6Network, collapse_addresses, ip_network
from typing import TypeVar

import msgspec

from state import Resource, Unknown

Answer = TypeVar("Answer")
Network = IPv4Network | IPv6Network
Span = tuple[int, int]
"""The first and the last of some numbers that follow each other: of ports, or of addresses."""

WORLD = 0.5
IN_USE = {4: "0.0.0.0/0", 6: "2000::/3"}
EVERYWHERE = "0.0.0.0/0"


@lru_cache(maxsize=4096)
def network(text: str) -> Network:
    try:
        return ip_network(text, strict=False)
    except ValueError as error:
        raise Unknown(f"the address range {text} is none: {error}") from error


def span(text: str) -> Span:
    """The addresses of a range, as numbers."""
    return _span(network(text))


def _span(network: Network) -> Span:
    return int(network.network_address), int(network.broadcast_address)


def is_world(ranges: Iterable[str | None]) -> bool:
    """Whether ranges together are half of IPv4, or half of what is in use of IPv6."""
    networks = [network(each) for each in ranges if each]
    four = collapse_addresses(each for each in networks if isinstance(each, IPv4Network))
    six = collapse_addresses(each for each in networks if isinstance(each, IPv6Network))
    return is_half(map(_span, four), 4) or is_half(map(_span, six), 6)


def is_half(addresses: Iterable[Span], version: int) -> bool:
    """Whether spans of addresses, none of which meet, are half of all that are in use."""
    first, last = span(IN_USE[version])
    return sum(high - low + 1 for low, high in within(addresses, (first, last))) >= WORLD * (last - first + 1)


def how_far(ranges: Iterable[str | None]) -> str:
    """How to say what ranges are that together are the internet."""
    whole = any(network(each).prefixlen == 0 for each in ranges if each)
    return "the whole internet" if whole else "half of the internet or more"


# --- numbers --------------------------------------------------------------------------------------


def within(spans: Iterable[Span], taken: Span) -> list[Span]:
    """What of some numbers lies in a span."""
    cut = ((max(low, taken[0]), min(high, taken[1])) for low, high in spans)
    return [each for each in cut if each[0] <= each[1]]


def without(spans: Iterable[Span], taken: Span) -> list[Span]:
    """What of some numbers lies outside a span."""
    parts = (part for low, high in spans for part in ((low, min(high, taken[0] - 1)), (max(low, taken[1] + 1), high)))
    return [each for each in parts if each[0] <= each[1]]


# --- what ranges open together --------------------------------------------------------------------


class Opening(msgspec.Struct, frozen=True):
    """What one thing opens to one range; what could not be seen of it counts as all that it may be."""

    by: Resource
    what: frozenset[Hashable] | None
    range: str
    doubt: Unknown | None

    def opens(self, what: Hashable) -> bool:
        return self.what is None or what in self.what


def opened(
    things: Iterable[Resource], opens: Callable[[Resource], object], range_of: Callable[[Resource], str | None]
) -> Iterator[tuple[Hashable, list[Resource]]]:
    """What is open to the internet, each with the things whose ranges together open it.

    ``opens`` says what a thing opens: yes, no, or a list of what. Raises Unknown after all that is certain, where
    more is open if what could not be seen is.
    """
    openings = list(_openings(things, opens, range_of))
    doubts: list[Unknown] = []
    for what in dict.fromkeys(each for one in openings for each in one.what or (None,)):
        found = [each for each in openings if each.opens(what)]
        certain = [each for each in found if each.doubt is None]
        if is_world(each.range for each in certain):
            yield what, [each.by for each in certain]
        elif is_world(each.range for each in found):
            doubts += [each.doubt for each in found if each.doubt]
    if doubts:
        raise doubts[0]


def _openings(
    things: Iterable[Resource], opens: Callable[[Resource], object], range_of: Callable[[Resource], str | None]
) -> Iterator[Opening]:
    for each in things:
        what, unseen = _seen(partial(opens, each))
        range, hidden = _seen(partial(range_of, each))
        if (unseen or what) and (hidden or range):
            yield Opening(each, None if unseen else _set(what), range or EVERYWHERE, unseen or hidden)


def _set(answer: object) -> frozenset[Hashable]:
    return frozenset(answer) if isinstance(answer, list) else frozenset([True])


def _seen(ask: Callable[[], Answer]) -> tuple[Answer | None, Unknown | None]:
    """An answer, or why there is none."""
    try:
        return ask(), None
    except Unknown as reason:
        return None, reason
