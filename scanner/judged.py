"""Which checks judge by what has changed: such drift is more than a difference."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import cache, cached_property

from checks import REGISTRY, Category, Check, Severity
from scanner.collectors import schemas
from scanner.outcome import Scan
from state.drift import Drift, Kind
from state.paths import first

APART = frozenset({Category.COST, Category.GOVERNANCE, Category.TAGGING})
"""What is no matter of security: almost everything would be told to be."""

Readers = dict[str, dict[str, list[Check]]]
"""Checks by the type and the attribute that they read."""


TAGS = frozenset({"tags", "tags_all"})


@cache
def shown_under() -> dict[tuple[str, str], str]:
    """The type of the parts that another type shows under a name: ``ingress`` of a security group."""
    having = ((each.type, each.parent) for each in schemas().values() if each.parent)
    return {(of.type, name): type for type, of in having for name in (of.part, *of.parts)}


class Judged:
    """The checks that a scan ran, or all where it ran none, by what they read; worked out only where it is asked."""

    def __init__(self, scan: Scan) -> None:
        self._checks = scan.findings.checks if "check" in scan.kinds else REGISTRY

    @cached_property
    def _readers(self) -> Readers:
        found: Readers = defaultdict(lambda: defaultdict(list))
        for check in self._checks.values():
            if check.category not in APART:
                for type, names in check.reads.items():
                    for name in names - TAGS:
                        found[type][name].append(check)
        return found

    def by(self, drift: Drift) -> list[Check]:
        """The checks that read what has changed, the most severe first."""
        names = {first(each.path) for each in drift.changes}
        found = {check.id: check for name in names for check in self._reading(drift.resource.type, name)}
        return sorted(found.values(), key=lambda each: (-each.severity.rank, each.id))

    def worst_first(self, drift: Iterable[Drift]) -> list[Drift]:
        """By the severest check that judges by it, since a report ends somewhere; what is missing stands amid them."""
        return sorted(drift, key=lambda each: -self._rank(each))

    def _rank(self, drift: Drift) -> int:
        by = self.by(drift)
        return by[0].severity.rank if by else Severity.MEDIUM.rank if drift.kind is Kind.MISSING else -1

    def _reading(self, type: str, name: str) -> list[Check]:
        part = shown_under().get((type, name))
        inside = [each for checks in self._readers[part].values() for each in checks] if part else []
        return [*self._readers[type][name], *inside]
