"""In which order the listings of a collection are asked for, and which collectors read one answer."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from scanner.aws.collector import Collector, Detail, Listing
from scanner.aws.operations import named
from scanner.aws.rates import rate

SLOW = 20
"""Where AWS answers fewer details of a second than this, the listing is heard before all others."""


def by_answer(collectors: Iterable[Collector]) -> list[list[Collector]]:
    """The collectors by the call whose answer they read; those whose details AWS gives out slowest come first."""
    groups: dict[Any, list[Collector]] = defaultdict(list)
    for each in collectors:
        groups[call_of(each)].append(each)
    return sorted(groups.values(), key=lambda group: min(map(_pace, group)))


def services_first(collectors: Iterable[Collector]) -> list[str]:
    """The services whose listings come first."""
    return list(dict.fromkeys(group[0].service for group in by_answer(collectors) if is_slow(group)))


def is_slow(group: Iterable[Collector]) -> bool:
    """Whether details of what one answer tells have to wait for their turn."""
    return min(map(_pace, group))[0] < SLOW


def _pace(collector: Collector) -> tuple[float, int]:
    """How many a second of its slowest detail there may be, and, less is slower, how many details there are."""
    asked = [each for each in collector.details if isinstance(each, Detail)]
    slowest = (rate(*named(collector.service, each.operation).split(":"))[1].per_second for each in asked)
    return min(slowest, default=math.inf), -len(collector.details)


def call_of(collector: Collector) -> Any:
    """What tells the call whose answer a collector reads from all others."""
    fetch = collector.fetch
    asked = fetch.call if isinstance(fetch, Listing) else id(fetch)
    return collector.service, collector.scope, asked
