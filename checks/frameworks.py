"""Frameworks: which of their controls the checks are mapped to, and how each control stands after a run.

Whole lists of controls, with their sources, are in ``frameworks.json``: ids, and titles of our own, since the text
of CIS and PCI is not ours to hold. A framework without a list has no score: nobody knows what was left out.

Manual is what no reading of an account tells. Of PCI, NIST, SOC 2 and HIPAA that is what Prowler 5.46, too, has no
check for; of CIS and Well-Architected it was judged control by control. GDPR is without a list, since few of its
articles are about systems, and Well-Architected security, since AWS has renumbered it after checks were mapped to it.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from functools import cache
from pathlib import Path

import msgspec

from checks.check import FRAMEWORKS, LIVE_ONLY, Check, Finding, Status

Verdicts = Mapping[str, Counter[Status | None]]
"""How many each check came to; under None those that it did not come to, since nobody looked at what is live."""

NAMES = {
    "cis-3.0": "cis_3_0",
    "cis-5.0": "cis_5_0",
    "cis-6.0": "cis_6_0",
    "cis-7.0": "cis_7_0",
    "fsbp": "fsbp",
    "pci-4.0": "pci_4",
    "nist-800-53-r5": "nist_800_53_r5",
    "soc2": "soc2",
    "hipaa": "hipaa",
    "gdpr": "gdpr",
    "well-architected-reliability": "well_architected_reliability",
    "well-architected-security": "well_architected_security",
    "well-architected-cost": "well_architected_cost",
}
"""What people call a framework, and its id in FRAMEWORKS and in the findings."""


class Standing(StrEnum):
    """How a control stands. Only what was judged, and found well, has passed.

    Not checked is what could be, and no check of ours does.
    """

    FAILED = "failed"
    UNKNOWN = "unknown"
    SUPPRESSED = "suppressed"
    PASSED = "passed"
    NOTHING = "nothing to judge"
    UNCHECKED = "not checked"
    MANUAL = "manual"


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """All controls of a framework by their ids, with titles, and where they are listed.

    ``date`` is that of the list, or the day on which it was read; ``second`` is what it was compared with. ``scope``
    says which controls these are, where a framework has more. Checks may be mapped to parts of a control: the match
    of ``part`` in such an id is the control.
    """

    source: str
    date: str
    controls: Mapping[str, str]
    manual: Mapping[str, str] = {}
    second: str = ""
    scope: str = ""
    part: str = ""

    def title(self, control: str) -> str | None:
        """None where it is not in the list."""
        return self.controls.get(control, self.manual.get(control))

    def control(self, mapped: str) -> str:
        """The control that a check is mapped to, be it to a part of it."""
        found = re.match(self.part, mapped) if self.part else None
        return found[0] if found else mapped


class Control(msgspec.Struct, frozen=True, kw_only=True):
    """One control: the checks that are mapped to it, and how many verdicts they came to; those that failed, that were
    unsure of something, and that did not run, or judge what is live, and nobody looked at that.

    It is ``beside`` the list where checks are mapped to it and the list does not have it.
    """

    id: str
    standing: Standing
    title: str = ""
    beside: bool = False
    checks: tuple[str, ...] = ()
    findings: Mapping[str, int] = {}
    failed: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()
    not_run: tuple[str, ...] = ()


class Assessed(msgspec.Struct, frozen=True, kw_only=True):
    """How a framework stands, control by control; ``listed`` is None where its whole list is not known."""

    name: str
    title: str
    controls: tuple[Control, ...]
    listed: Listed | None = None

    @property
    def counts(self) -> dict[Standing, int]:
        """How many controls of the list stand how; of all, where there is no list."""
        return _counts(each for each in self.controls if not each.beside)

    @property
    def beside(self) -> dict[Standing, int]:
        """How those stand that checks are mapped to and the list does not have: newer ones, or of a wider scope."""
        return _counts(each for each in self.controls if each.beside)

    @property
    def judged(self) -> int:
        """How many controls the score is of: all of the list but those with nothing to judge."""
        return sum(self.counts.values()) - self.counts[Standing.NOTHING]

    @property
    def score(self) -> int | None:
        """The share of these that passed, in whole percents, never rounded up.

        What is unknown, suppressed, not checked or manual has not passed. None without the whole list.
        """
        return self.counts[Standing.PASSED] * 100 // self.judged if self.listed and self.judged else None


@cache
def lists() -> Mapping[str, Listed]:
    """The whole lists of controls that there are, by the framework's id."""
    data = Path(__file__).with_name("frameworks.json").read_bytes()
    return msgspec.json.decode(data, type=dict[str, Listed])


def assessed(name: str, checks: Iterable[Check], findings: Iterable[Finding]) -> Assessed:
    """How a framework, by the name that people call it, stands by the findings; ``checks`` are all there are."""
    id = NAMES[name]
    listed = lists().get(id)
    mapped = _mapped(id, listed, checks)
    verdicts = _verdicts(findings)
    every = sorted({*mapped, *(listed.controls if listed else ()), *(listed.manual if listed else ())}, key=_in_order)
    controls = tuple(_control(each, sorted(mapped.get(each, ())), verdicts, listed) for each in every)
    return Assessed(name=name, title=FRAMEWORKS[id], controls=controls, listed=listed)


def _mapped(id: str, listed: Listed | None, checks: Iterable[Check]) -> dict[str, set[str]]:
    """The checks that are mapped to each control, or to parts of it."""
    found: dict[str, set[str]] = defaultdict(set)
    for check in checks:
        for control in check.frameworks.get(id, ()):
            found[listed.control(control) if listed else control].add(check.id)
    return found


def _verdicts(findings: Iterable[Finding]) -> Verdicts:
    found: dict[str, Counter[Status | None]] = defaultdict(Counter)
    for each in findings:
        unseen = each.status is Status.SKIPPED and each.message.startswith(LIVE_ONLY)
        found[each.check.id][None if unseen else each.status] += 1
    return found


def _control(id: str, checks: Sequence[str], verdicts: Verdicts, listed: Listed | None) -> Control:
    ran = [each for each in checks if each in verdicts]
    total = sum((verdicts[each] for each in ran), Counter[Status | None]())
    not_run = tuple(each for each in checks if each not in verdicts or verdicts[each][None])
    unmapped = Standing.MANUAL if listed and id in listed.manual else Standing.UNCHECKED
    title = listed.title(id) if listed else None
    return Control(
        id=id,
        standing=_standing(total, not_run) if checks else unmapped,
        title=title or "",
        beside=listed is not None and title is None,
        checks=tuple(checks),
        findings={str(each): total[each] for each in Status if total[each]},
        failed=tuple(each for each in ran if verdicts[each][Status.FAIL]),
        unsure=tuple(each for each in ran if verdicts[each][Status.UNKNOWN]),
        not_run=not_run,
    )


def _standing(total: Mapping[Status | None, int], not_run: Sequence[str]) -> Standing:
    if total.get(Status.FAIL):
        return Standing.FAILED
    if total.get(Status.UNKNOWN) or not_run:
        return Standing.UNKNOWN
    if total.get(Status.SUPPRESSED):
        return Standing.SUPPRESSED
    return Standing.PASSED if total.get(Status.PASS) else Standing.NOTHING


def _counts(controls: Iterable[Control]) -> dict[Standing, int]:
    found = Counter(each.standing for each in controls)
    return {each: found[each] for each in Standing}


def _in_order(id: str) -> list[tuple[bool, int, str]]:
    """``1.9`` before ``1.10``, and ``EC2.1`` before ``S3.1``."""
    parts = re.findall(r"\d+|\D+", id)
    return [(not each.isdigit(), int(each) if each.isdigit() else 0, each.lower()) for each in parts]
