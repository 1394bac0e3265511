"""Frameworks: which of their controls the checks are mapped to, and how each control stands after a run.

Whole lists of controls, with their source and its date, are in ``frameworks.json``: ids only, since the text of
CIS and PCI is not ours to hold. A framework without a list has no score: nobody knows what was left out.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from functools import cache
from pathlib import Path

import msgspec

from checks.check import FRAMEWORKS, Check, Finding, Status

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
    """How a control stands. Only what was judged, and found well, has passed."""

    FAILED = "failed"
    UNKNOWN = "unknown"
    SUPPRESSED = "suppressed"
    PASSED = "passed"
    NOTHING = "nothing to judge"
    MANUAL = "manual"


class Listed(msgspec.Struct, frozen=True):
    """All controls of a framework, where they are listed, and of when that is."""

    source: str
    date: str
    controls: tuple[str, ...]


class Control(msgspec.Struct, frozen=True, kw_only=True):
    """One control: the checks that are mapped to it, how many verdicts they came to, and which did not run."""

    id: str
    standing: Standing
    checks: tuple[str, ...] = ()
    findings: Mapping[str, int] = {}
    failed: tuple[str, ...] = ()
    not_run: tuple[str, ...] = ()


class Assessed(msgspec.Struct, frozen=True, kw_only=True):
    """How a framework stands, control by control; ``listed`` is None where its whole list is not known."""

    name: str
    title: str
    controls: tuple[Control, ...]
    listed: Listed | None = None

    @property
    def counts(self) -> dict[Standing, int]:
        found = Counter(each.standing for each in self.controls)
        return {each: found[each] for each in Standing}

    @property
    def score(self) -> int | None:
        """Of all controls but those with nothing to judge, the share that passed, in whole percents, never rounded up.

        What is unknown, suppressed or manual has not passed. None without the whole list.
        """
        of = len(self.controls) - self.counts[Standing.NOTHING]
        return self.counts[Standing.PASSED] * 100 // of if self.listed and of else None


@cache
def lists() -> Mapping[str, Listed]:
    """The whole lists of controls that there are, by the framework's id."""
    data = Path(__file__).with_name("frameworks.json").read_bytes()
    return msgspec.json.decode(data, type=dict[str, Listed])


def assessed(name: str, checks: Iterable[Check], findings: Iterable[Finding]) -> Assessed:
    """How a framework, by the name that people call it, stands by the findings; ``checks`` are all there are."""
    id = NAMES[name]
    mapped: dict[str, list[str]] = defaultdict(list)
    for check in checks:
        for control in check.frameworks.get(id, ()):
            mapped[control].append(check.id)
    verdicts: dict[str, Counter[Status]] = defaultdict(Counter)
    for finding in findings:
        verdicts[finding.check.id][finding.status] += 1
    listed = lists().get(id)
    every = {*mapped, *(listed.controls if listed else ())}
    controls = (_control(each, sorted(mapped.get(each, ())), verdicts) for each in sorted(every, key=_in_order))
    return Assessed(name=name, title=FRAMEWORKS[id], controls=tuple(controls), listed=listed)


def _control(id: str, checks: Sequence[str], verdicts: Mapping[str, Counter[Status]]) -> Control:
    ran = [each for each in checks if each in verdicts]
    total = sum((verdicts[each] for each in ran), Counter[Status]())
    not_run = tuple(each for each in checks if each not in verdicts)
    return Control(
        id=id,
        standing=_standing(total, not_run) if checks else Standing.MANUAL,
        checks=tuple(checks),
        findings={str(each): total[each] for each in Status if total[each]},
        failed=tuple(each for each in ran if verdicts[each][Status.FAIL]),
        not_run=not_run,
    )


def _standing(total: Mapping[Status, int], not_run: Sequence[str]) -> Standing:
    if total.get(Status.FAIL):
        return Standing.FAILED
    if total.get(Status.UNKNOWN) or not_run:
        return Standing.UNKNOWN
    if total.get(Status.SUPPRESSED):
        return Standing.SUPPRESSED
    return Standing.PASSED if total.get(Status.PASS) else Standing.NOTHING


def _in_order(id: str) -> list[tuple[bool, int, str]]:
    """``1.9`` before ``1.10``, and ``EC2.1`` before ``S3.1``."""
    parts = re.findall(r"\d+|\D+", id)
    return [(not each.isdigit(), int(each) if each.isdigit() else 0, each.lower()) for each in parts]
