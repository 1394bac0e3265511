"""A set of checks run over an inventory: the verdicts, what they cost, and where a failure comes from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice, zip_longest
from typing import Any

import msgspec

from checks.check import Check, Effect, Finding, Origin, Status, Terms
from checks.prices import Estimate, Prices
from state import Inventory, Resource
from state.packed import EMPTY, packed
from state.resource import SUBJECTS

Said = tuple[Status, str]
"""All that a brief verdict says of its resource."""

BARE: Said = Status.PASS, ""


class Told(msgspec.Struct, frozen=True, gc=False):
    """A verdict that says more, its words packed: the evidence, and before it, without a name, the message."""

    resource: Resource
    status: Status
    words: Mapping[str, Any]
    origin: Origin | None
    twin: Resource | None
    effect: Effect | None
    estimate: Estimate | None

    @classmethod
    def of(cls, told: Finding) -> Told:
        words = packed({"": told.message} | dict(told.evidence))
        return cls(told.resource, told.status, words, told.origin, told.twin, told.effect, told.estimate)

    def finding(self, check: Check) -> Finding:
        words = dict(self.words)
        return Finding(
            check=check,
            resource=self.resource,
            status=self.status,
            message=words.pop(""),
            evidence=words or EMPTY,
            origin=self.origin,
            twin=self.twin,
            effect=self.effect,
            estimate=self.estimate,
        )


class Run(msgspec.Struct):
    """Verdicts of one check, in the order in which they came: of a bare one only the resource is kept.

    Most are so, and as objects of their own they would take more memory than all that was read of an account. Before
    the resource of one that has a message and no more, as a skipped one has, stands what many say, kept once.
    """

    check: Check
    kept: list[Told | Resource | Said] = []
    count: int = 0

    def append(self, finding: Finding, sayings: dict[Said, Said]) -> None:
        said = finding.status, finding.message
        if not finding.is_brief:
            self.kept.append(Told.of(finding))
        elif said == BARE:
            self.kept.append(finding.resource)
        else:
            self.kept.extend((sayings.setdefault(said, said), finding.resource))
        self.count += 1

    def __iter__(self) -> Iterator[Finding]:
        said = BARE
        for each in self.kept:
            if isinstance(each, Resource):
                yield Finding(check=self.check, resource=each, status=said[0], message=said[1])
                said = BARE
            elif isinstance(each, Told):
                yield each.finding(self.check)
            else:
                said = each


class Findings(Sequence[Finding]):
    """Verdicts in the order in which they come, best check by check."""

    def __init__(self, found: Iterable[Finding] = ()) -> None:
        self._runs: list[Run] = []
        self._sayings: dict[Said, Said] = {}
        self.extend(found)

    @classmethod
    def of(cls, found: Iterable[Finding]) -> Findings:
        """Themselves where they are kept so already."""
        return found if isinstance(found, Findings) else cls(found)

    def append(self, finding: Finding) -> None:
        if not self._runs or self._runs[-1].check is not finding.check:
            self._runs.append(Run(finding.check))
        self._runs[-1].append(finding, self._sayings)

    def extend(self, found: Iterable[Finding]) -> None:
        for each in found:
            self.append(each)

    def __iter__(self) -> Iterator[Finding]:
        return chain.from_iterable(self._runs)

    def __len__(self) -> int:
        return sum(each.count for each in self._runs)

    def __getitem__(self, index: Any) -> Any:
        return list(islice(self, *index.indices(len(self)))) if isinstance(index, slice) else list(self)[index]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and [*self] == [*other]

    __hash__ = None  # type: ignore[assignment]

    def revised(self, judges: Callable[[Check], bool], revise: Callable[[Finding], Finding]) -> Findings:
        """The verdicts with those of some checks revised, one by one."""
        found = Findings()
        for run in self._runs:
            if judges(run.check):
                found.extend(map(revise, run))
            else:
                found._runs.append(run)
        return found

    def sorted(self, by: Callable[[Check], Any]) -> Iterator[Finding]:
        """The checks in the order of what ``by`` says, and the verdicts of each in the order of their resources."""
        of: dict[Any, list[Run]] = defaultdict(list)
        for run in self._runs:
            of[by(run.check)].append(run)
        for each in sorted(of):
            yield from sorted(chain.from_iterable(of[each]), key=lambda finding: finding.resource.key)


def run(checks: Iterable[Check], inventory: Inventory, terms: Terms | None = None) -> Iterator[Finding]:
    """Every verdict of these checks over an inventory, check by check.

    Those of the same types go through their resources in step, each of which is opened once for all of them.
    """
    found: dict[str, Findings] = {}
    in_step: dict[Any, list[Iterator[Finding]]] = defaultdict(list)
    for each in checks:
        found[each.id] = Findings()
        in_step[each.types].append(each.run(inventory, terms or Terms()))
    for runs in in_step.values():
        for finding in filter(None, chain.from_iterable(zip_longest(*runs))):
            found[finding.check.id].append(finding)
    while found:  # and none of it is held for longer than it takes
        yield from found.pop(next(iter(found)))


def estimated(findings: Iterable[Finding], prices: Prices) -> Findings:
    """The findings, each failure with what it costs a month, where that can be told by these prices."""

    def costing(each: Finding) -> Finding:
        if each.status is not Status.FAIL:
            return each
        return msgspec.structs.replace(each, estimate=each.check.estimate(each.resource, prices))

    return Findings.of(findings).revised(lambda check: check.monthly is not None, costing)


def with_origin(
    finding: Finding, pairs: Mapping[Resource, Resource], declared: Inventory | None, terms: Terms | None = None
) -> Finding:
    """The failure with where it comes from, told by the same check on the declared twin.

    The twin fails: the code declares it so. It passes: someone drifted it. It cannot say: unknown.
    No twin: no code owns it, unless it may lie in a state that could not be read, which is unknown too.
    Without any declared side (None) nothing can be said.
    """
    if finding.status is not Status.FAIL or declared is None:
        return finding
    twin = _twin(finding.resource, pairs)
    if twin is None:
        hidden = declared.unseen(*finding.resource.key[:3], finding.resource.key[3], finding.resource.id)
        return msgspec.structs.replace(finding, origin=Origin.UNKNOWN if hidden else Origin.UNMANAGED)
    status = finding.check.judge(twin, declared, terms or Terms()).status
    origin = {Status.FAIL: Origin.DECLARED, Status.PASS: Origin.DRIFTED}.get(status, Origin.UNKNOWN)
    if not twin.is_declared and origin is not Origin.DRIFTED:
        origin = Origin.UNMANAGED
    return msgspec.structs.replace(finding, origin=origin, twin=twin)


def _twin(resource: Resource, pairs: Mapping[Resource, Resource]) -> Resource | None:
    """The declared twin; an account or a region, which nobody declares, is its own."""
    return resource if resource.type in SUBJECTS else pairs.get(resource)
