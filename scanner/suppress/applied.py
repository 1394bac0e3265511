"""Suppressions applied to what a scan found: findings are kept as suppressed, drift is set apart."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from checks import REGISTRY, Finding, Findings, Status
from scanner.outcome import Note, SuppressedDrift, Suppression
from scanner.suppress import ABOUT, Suppressions
from scanner.suppress.entries import AcceptedDrift, AcceptedFinding, Rule
from state import Resource
from state.drift import Change, Drift

TAG = "driftline:suppress"
SHOWN = 5


class Applied(msgspec.Struct, kw_only=True):
    """What stands, and what is suppressed by which entries; ``used`` are the names of those that covered something."""

    findings: Findings = msgspec.field(default_factory=Findings)
    drift: list[Drift] = []
    suppressed: list[SuppressedDrift] = []
    suppressions: dict[str, Suppression] = {}
    used: set[str] = set()
    notes: list[Note] = []


def apply(suppressions: Suppressions, findings: Iterable[Finding], drift: Iterable[Drift]) -> Applied:
    """What stands of a scan's findings and drift once what is accepted is set apart."""
    found = Applied()
    rules = suppressions.of(AcceptedFinding)

    def standing(each: Finding) -> Finding:
        if (by := _covering(found, each, rules) or _tagged(suppressions, each)) is None:
            return each
        found.suppressions[each.id] = by
        return _suppressed(each, by)

    found.findings = Findings.of(findings)
    if rules or suppressions.tags:
        found.findings = found.findings.revised(lambda check, status: status is Status.FAIL, standing)
    for drifted in drift:
        _set_apart(found, drifted, suppressions)
    found.notes = list(_strange_tags(suppressions, found.findings))
    return found


# --- findings -------------------------------------------------------------------------------------


def _covering(found: Applied, finding: Finding, rules: Sequence[Rule]) -> Suppression | None:
    covering = [each for each in rules if _covers(each, finding)]
    found.used.update(each.name for each in covering)
    return covering[0].suppression if covering else None


def _covers(rule: Rule, finding: Finding) -> bool:
    entry = rule.entry
    return isinstance(entry, AcceptedFinding) and entry.covers(finding.check.id, finding.resource, finding.declared)


def _suppressed(finding: Finding, by: Suppression) -> Finding:
    message = f"{finding.message}; suppressed until {by.expires}: {by.reason}"
    return msgspec.structs.replace(finding, status=Status.SUPPRESSED, message=message)


def _tagged(suppressions: Suppressions, finding: Finding) -> Suppression | None:
    """By the resource's own tag, which names whole checks and no globs."""
    if suppressions.tags is None or finding.check.id not in _named(finding.resource):
        return None
    by = suppressions.tags
    return msgspec.structs.replace(by, entry=f"{by.entry}, tag {TAG}", owner=finding.resource.tags.get("owner", ""))


def _named(resource: Resource) -> list[str]:
    """The checks that a resource's tag names; many services take no comma in a tag, so that spaces part them too."""
    return re.findall(r"[^\s,]+", str(resource.tags.get(TAG) or ""))


def _strange_tags(suppressions: Suppressions, findings: Iterable[Finding]) -> Iterator[Note]:
    """What tags name that is no check, and so suppresses nothing."""
    if suppressions.tags is None:
        return
    judged = {each.resource.key: each.resource for each in findings if TAG in each.resource.tags}
    strange = sorted({(each, it.name) for it in judged.values() for each in _named(it) if each not in REGISTRY})
    for word, name in strange[:SHOWN]:
        yield Note(ABOUT, f"the tag {TAG} of {name} names {word!r}, which is no check; it suppresses nothing")
    if len(strange) > SHOWN:
        yield Note(ABOUT, f"{len(strange) - SHOWN:,} more words in tags {TAG} are no checks")


# --- drift ----------------------------------------------------------------------------------------


def _set_apart(found: Applied, drift: Drift, suppressions: Suppressions) -> None:
    if not drift.changes:
        by = _reason(found, drift, None, suppressions)
        found.suppressed += [SuppressedDrift(drift, by)] if by else []
        found.drift += [] if by else [drift]
        return
    standing: list[Change] = []
    hidden: dict[Suppression, list[Change]] = {}
    for change in drift.changes:
        by = _reason(found, drift, change.path, suppressions)
        (hidden.setdefault(by, []) if by else standing).append(change)
    if standing:
        found.drift.append(_with(drift, standing))
    found.suppressed += [SuppressedDrift(_with(drift, changes), by) for by, changes in hidden.items()]


def _with(drift: Drift, changes: list[Change]) -> Drift:
    whole = len(changes) == len(drift.changes)
    return drift if whole else msgspec.structs.replace(drift, changes=tuple(changes))


def _reason(found: Applied, drift: Drift, path: str | None, suppressions: Suppressions) -> Suppression | None:
    """Why a drift, or one of its changes, is accepted: the first entry that covers it, else a line that ignores it."""
    rules = suppressions.of(AcceptedDrift)
    covering = [each for each in rules if isinstance(each.entry, AcceptedDrift) and each.entry.covers(drift, path)]
    found.used.update(each.name for each in covering)
    if covering:
        return covering[0].suppression
    for file in suppressions.ignored:
        if line := file.line(drift, path):
            by = file.suppression(line)
            found.used.add(by.entry)
            return by
    return None
