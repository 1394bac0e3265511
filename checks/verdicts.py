"""A set of checks run over an inventory: the verdicts, what they cost, and where a failure comes from."""

from __future__ import annotations

from collections import Counter, defaultdict
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


Kept = Told | Resource
"""A verdict without its check: of one that says no more than a message, the resource."""


class Run(msgspec.Struct):
    """Verdicts of one check, in the order in which they came.

    Of a bare one only the resource is kept: most are so, and as objects of their own they would take more memory than
    all that was read of an account. Before the resource of one that has a message and no more, as a skipped one has,
    stands what many say, kept once. ``counts`` are the verdicts of each status.
    """

    check: Check
    kept: list[Kept | Said] = []
    counts: dict[Status, int] = {}

    def add(self, said: Said, kept: Kept) -> None:
        if said is not BARE:
            self.kept.append(said)
        self.kept.append(kept)
        status = _status(said, kept)
        self.counts[status] = self.counts.get(status, 0) + 1

    def all(self) -> Iterator[tuple[Said, Kept]]:
        said = BARE
        for each in self.kept:
            if isinstance(each, tuple):
                said = each
            else:
                yield said, each
                said = BARE

    def __iter__(self) -> Iterator[Finding]:
        for said, each in self.all():
            yield self.finding(said, each)

    def finding(self, said: Said, kept: Kept) -> Finding:
        if isinstance(kept, Told):
            return kept.finding(self.check)
        return Finding(check=self.check, resource=kept, status=said[0], message=said[1])


def _status(said: Said, kept: Kept) -> Status:
    return kept.status if isinstance(kept, Told) else said[0]


def _resource(kept: Kept) -> Resource:
    return kept.resource if isinstance(kept, Told) else kept


class Findings(Sequence[Finding]):
    """Verdicts in the order in which they come, best check by check. What is made of them shares what is kept."""

    def __init__(self, found: Iterable[Finding] = ()) -> None:
        self._runs: list[Run] = []
        self._sayings: dict[Said, Said] = {BARE: BARE}
        for each in found:
            self.append(each)

    @classmethod
    def of(cls, found: Iterable[Finding]) -> Findings:
        """Themselves where they are kept so already."""
        return found if isinstance(found, Findings) else cls(found)

    @classmethod
    def _of_runs(cls, runs: Iterable[Run]) -> Findings:
        found = cls()
        found._runs.extend(runs)
        return found

    def append(self, finding: Finding) -> None:
        said = (finding.status, finding.message) if finding.is_brief else BARE
        kept = finding.resource if finding.is_brief else Told.of(finding)
        self._add(finding.check, self._sayings.setdefault(said, said), kept)

    def _add(self, check: Check, said: Said, kept: Kept) -> None:
        if not self._runs or self._runs[-1].check is not check:
            self._runs.append(Run(check))
        self._runs[-1].add(said, kept)

    def __iter__(self) -> Iterator[Finding]:
        return chain.from_iterable(self._runs)

    def __len__(self) -> int:
        return sum(sum(each.counts.values()) for each in self._runs)

    def __getitem__(self, index: Any) -> Any:
        return list(islice(self, *index.indices(len(self)))) if isinstance(index, slice) else list(self)[index]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and [*self] == [*other]

    __hash__ = None  # type: ignore[assignment]

    @property
    def counts(self) -> Counter[Status]:
        """How many verdicts there are of each status."""
        counts: Counter[Status] = Counter()
        for run in self._runs:
            counts.update(run.counts)
        return counts

    @property
    def checks(self) -> dict[str, Check]:
        """Whose verdicts they are, by their ids."""
        return {run.check.id: run.check for run in self._runs}

    def those(self, status: Status) -> Findings:
        """The verdicts of one status."""
        found = Findings()
        for run in self._runs:
            if status in run.counts:
                for said, each in run.all():
                    if _status(said, each) is status:
                        found._add(run.check, said, each)
        return found

    def by_check(self) -> list[tuple[Check, Findings]]:
        """The verdicts of each check, where they come check by check."""
        return [(run.check, self._of_runs([run])) for run in self._runs]

    def by_resource(self, of: Callable[[Resource], str]) -> dict[str, Findings]:
        """The verdicts of the resources of which the same is said."""
        found: dict[str, Findings] = defaultdict(Findings)
        for run in self._runs:
            for said, each in run.all():
                found[of(_resource(each))]._add(run.check, said, each)
        return found

    def sorted(self, by: Callable[[Check], Any]) -> Findings:
        """The checks in the order of what ``by`` says, and the verdicts of each in the order of their resources."""
        found, runs = Findings(), defaultdict[Any, list[Run]](list)
        for run in self._runs:
            runs[by(run.check)].append(run)
        for these in sorted(runs):
            every = [(run.check, *each) for run in runs[these] for each in run.all()]
            for each in sorted(every, key=lambda each: _resource(each[2]).key):
                found._add(*each)
        return found

    def revised(self, meant: Callable[[Check, Status], bool], revise: Callable[[Finding], Finding]) -> Findings:
        """The verdicts with those of some checks and statuses revised, one by one."""
        found = Findings()
        for run in self._runs:
            statuses = {each for each in run.counts if meant(run.check, each)}
            if not statuses:
                found._runs.append(run)
                continue
            for said, each in run.all():
                if _status(said, each) in statuses:
                    found.append(revise(run.finding(said, each)))
                else:
                    found._add(run.check, said, each)
        return found


def run(
    checks: Iterable[Check],
    inventory: Inventory,
    terms: Terms | None = None,
    revise: Callable[[Finding], Finding] = lambda each: each,
) -> Findings:
    """Every verdict of these checks over an inventory, revised as it comes, check by check.

    Those of the same types go through their resources in step, each of which is opened once for all of them.
    """
    found: dict[str, Findings] = {}
    in_step: dict[Any, list[Iterator[Finding]]] = defaultdict(list)
    for each in checks:
        found[each.id] = Findings()
        in_step[each.types].append(each.run(inventory, terms or Terms()))
    for runs in in_step.values():
        for finding in filter(None, chain.from_iterable(zip_longest(*runs))):
            found[finding.check.id].append(revise(finding))
    return Findings._of_runs(run for of in found.values() for run in of._runs)


def estimated(findings: Iterable[Finding], prices: Prices) -> Findings:
    """The findings, each failure with what it costs a month, where that can be told by these prices."""

    def costing(each: Finding) -> Finding:
        return msgspec.structs.replace(each, estimate=each.check.estimate(each.resource, prices))

    return Findings.of(findings).revised(
        lambda check, status: check.monthly is not None and status is Status.FAIL, costing
    )


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
