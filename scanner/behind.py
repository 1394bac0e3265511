"""The drift that a failing finding comes of: a bucket is opened by its policy, and mended by what declares that."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

from msgspec import structs

from checks import Check, Finding
from checks.reads import ALL
from scanner.collectors import schemas
from scanner.judged import shown_under
from scanner.outcome import Scan
from state import GLOBAL, Resource
from state.drift import Drift, Kind
from state.paths import first
from state.resource import SUBJECTS

About = dict[tuple[str, str, str], list[Drift]]
"""Drift by the type, the account and the name of what has drifted, or of what that is a part of."""


class Behind:
    """What drifted, by what it is about; put together only where it is asked."""

    def __init__(self, scan: Scan) -> None:
        self._drift, self._live = scan.differing, scan.live

    def of(self, finding: Finding) -> Sequence[Drift] | None:
        """The drift of the thing, its parts and its neighbours that the check reads; None where nothing was compared.

        Empty is a failure that no drift explains: what the code leaves out and AWS has, or what may differ.
        """
        if self._drift is None:
            return None
        thing, check = finding.resource, finding.check
        close = [*self._about(thing), *(each for other in self._evidence(finding) for each in self._about(other))]
        return _read_by(check, close) or _read_by(check, self._elsewhere(thing))

    @cached_property
    def _by_name(self) -> About:
        found: About = defaultdict(list)
        for each in self._drift or ():
            if each.kind is not Kind.UNMANAGED:
                for name in _names(each.resource):
                    found[name].append(each)
        return found

    def _about(self, thing: Resource) -> Iterator[Drift]:
        for name in _names(thing):
            yield from (each for each in self._by_name.get(name, ()) if _share_a_region(each.resource, thing))

    def _elsewhere(self, thing: Resource) -> Iterator[Drift]:
        """What is missing beside it: an alarm, a trail; for an account or a region, whatever has drifted in it."""
        for (_, account, _), found in self._by_name.items():
            for each in found if account == thing.account else ():
                is_told = thing.type in SUBJECTS or each.kind is Kind.MISSING
                if is_told and _share_a_region(each.resource, thing):
                    yield each

    def _evidence(self, finding: Finding) -> Iterator[Resource]:
        """The neighbours that the evidence names, as in ``aws_s3_bucket_policy.logs.policy``."""
        for path in finding.evidence:
            type, _, rest = path.partition(".")
            named = self._neighbours(type) if rest and type.startswith("aws_") else {}
            parts = rest.split(".")
            for end in range(1, len(parts)):
                yield from named.get(".".join(parts[:end]), ())

    def _neighbours(self, type: str) -> dict[str, list[Resource]]:
        if type not in self._named:
            self._named[type] = defaultdict(list)
            for each in self._live.of(type):
                self._named[type][each.id].append(each)
        return self._named[type]

    @cached_property
    def _named(self) -> dict[str, dict[str, list[Resource]]]:
        return {}


def _names(resource: Resource) -> Iterator[tuple[str, str, str]]:
    for name in dict.fromkeys((resource.name, resource.id)):
        yield resource.type, resource.account, name
    schema = schemas().get(resource.type)
    if schema and schema.parent and (of := schema.parent.of(resource.attributes)):
        yield schema.parent.type, resource.account, of


def _share_a_region(one: Resource, other: Resource) -> bool:
    return GLOBAL in (one.region, other.region) or one.region == other.region


def _read_by(check: Check, drift: Iterable[Drift]) -> list[Drift]:
    """The drift that a check judges by, each once, with no other changes than those."""
    found = {each.id: _as_read(check, each) for each in drift}
    return [each for each in found.values() if each]


def _as_read(check: Check, drift: Drift) -> Drift | None:
    names = check.reads.get(drift.resource.type, check.reads.get(ALL))
    if drift.kind is Kind.MISSING:
        return None if names is None else drift
    changes = tuple(each for each in drift.changes if _is_read(check, names or frozenset(), drift, first(each.path)))
    return structs.replace(drift, changes=changes) if changes else None


def _is_read(check: Check, names: frozenset[str], drift: Drift, name: str) -> bool:
    return name in names or shown_under().get((drift.resource.type, name)) in check.reads
