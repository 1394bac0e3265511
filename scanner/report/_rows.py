"""The one shape in which programs get a finding, a drifted resource or a gap: a row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import msgspec

from checks import FRAMEWORKS, Check, Finding, Status
from checks.prices import Estimate
from scanner.iac_coverage import Share
from scanner.judged import Judged
from scanner.next_step import NextStep, NextSteps
from scanner.outcome import Scan, Suppression, Who
from scanner.report._values import SENSITIVE
from state import Declaration, Gap, Resource
from state.drift import Drift
from state.history import Digest, Move

SCHEMA_VERSION = "1.0"
MOVES = ("regressed", "reopened", "new", "unsuppressed", "now_visible", "newly_checked", "resolved")


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A finding, a drifted resource, one with noise, or a gap; every row has every field.

    ``status`` is a finding's status, drift's kind or a gap's kind. ``evidence`` maps what a check
    read to its value; of drift it lists {path, declared, live}, of noise the ``rule`` too; of a gap it
    names what was asked. ``who`` did it, where CloudTrail was asked. ``next_step`` is what to do about what fails or
    drifted, as text to copy.
    ``judged_by`` are the checks that judge by what has drifted, the most severe first.
    ``effect`` says what a plan makes of it, where that was compared: worse, new, as before, unsure, mended, removed.
    ``estimate`` is what a failure costs a month, or mending it saves, where prices are known.
    ``suppression`` says why, by whom and until when it is accepted; ``known`` whether a baseline knows of it.
    """

    kind: str
    check: str | None = None
    status: str
    severity: str | None = None
    title: str | None = None
    message: str
    arn: str | None = None
    id: str | None
    finding_id: str | None = None
    type: str
    account: str
    region: str
    address: str | None = None
    origin: str | None = None
    source: str | None = None
    witness: str | None = None
    file: str | None = None
    line: int | None = None
    why: str | None = None
    fix: str | None = None
    frameworks: Mapping[str, Sequence[str]] = {}
    evidence: Mapping[str, Any] | Sequence[Mapping[str, Any]] = {}
    suppression: Suppression | None = None
    known: bool = False
    effect: str | None = None
    estimate: Estimate | None = None
    judged_by: Sequence[str] = ()
    who: Who | None = None
    next_step: NextStep | None = None


def findings(scan: Scan) -> Iterator[Row]:
    """Every finding of every status, in an order that two scans share."""
    steps = NextSteps(scan)
    for each in scan.findings.sorted(lambda check: check.id):
        row = _finding(each, steps.of_finding(each))
        if each.status is Status.SUPPRESSED:
            row = msgspec.structs.replace(row, suppression=scan.suppressions.get(row.finding_id or ""))
        yield _marked(row, scan)


def drift(scan: Scan) -> Iterator[Row]:
    steps, judged = NextSteps(scan), Judged(scan)
    for each in scan.drift:
        row, by = _marked(_drift(each, steps.of_drift(each)), scan), judged.by(each)
        yield msgspec.structs.replace(row, judged_by=[check.id for check in by]) if by else row


def _marked(row: Row, scan: Scan) -> Row:
    """The row with who did it, and whether it was known before."""
    id = row.finding_id or ""
    if id not in scan.known and id not in scan.who:
        return row
    return msgspec.structs.replace(row, known=id in scan.known, who=scan.who.get(id))


def suppressed(scan: Scan) -> Iterator[Row]:
    """The drift that is accepted; of one resource some changes may be, and the rest is drift."""
    for each in scan.suppressed:
        yield msgspec.structs.replace(_drift(each.drift), kind="suppressed", suppression=each.by)


def noise(scan: Scan) -> Iterator[Row]:
    """What differs by nobody's doing, where it was asked for; each change names the rule by which it is no drift."""
    return (msgspec.structs.replace(_drift(each), kind="noise", finding_id=None) for each in scan.noise)


def gaps(scan: Scan) -> Iterator[Row]:
    accepted = set(scan.accepted)
    return (_gap(each, each in accepted) for each in scan.gaps)


def moves(digest: Digest | None) -> dict[str, Any] | None:
    """What moved since the last scan, by kind; None where there is no history to tell it."""
    if digest is None:
        return None
    kinds = {kind: [_move(each) for each in getattr(digest, kind)] for kind in MOVES}
    return {"scan": digest.scan, "since": digest.since, "sinces": dict(digest.sinces), **kinds}


def coverage(scan: Scan) -> dict[str, Any] | None:
    """How much of what is live Terraform declares; None where nothing was compared."""
    if (code := scan.code) is None:
        return None
    return {
        "percent": code.percent,
        "declared": code.declared,
        "unmanaged": code.unmanaged,
        "undecided": code.undecided,
        "elsewhere": code.elsewhere,
        "gaps": code.gaps,
        "accounts": list(map(_share, code.accounts)),
        "types": list(map(_share, code.types)),
        "owners": list(map(_share, code.owners)),
    }


def _share(share: Share) -> dict[str, Any]:
    return {"name": share.name, "percent": share.percent, "declared": share.declared, "unmanaged": share.unmanaged}


class Words(msgspec.Struct, frozen=True):
    """What a check's docstring says, read out of it once."""

    title: str
    why: str
    fix: str
    frameworks: str


@cache
def words(check: Check) -> Words:
    ids = (f"{FRAMEWORKS[name]} {', '.join(ids)}" for name, ids in check.frameworks.items())
    return Words(check.title, check.rationale, check.remediation, " · ".join(ids))


def declaration(of: Finding | Drift) -> Declaration | None:
    """Where the code declares it; a resource read from code carries that itself."""
    return of.declared or of.resource.declared


def evidence(finding: Finding) -> dict[str, Any]:
    """What the check read, whatever is marked sensitive kept back."""
    hidden = finding.resource.sensitive
    return {name: SENSITIVE if name in hidden else value for name, value in finding.evidence.items()}


def changes(drift: Drift) -> list[dict[str, Any]]:
    """Where the two sides differ, whatever is marked sensitive kept back."""
    hidden = drift.resource.sensitive
    return [
        (
            {"path": each.path, "declared": SENSITIVE, "live": SENSITIVE}
            if each.path.partition(".")[0].partition("[")[0] in hidden
            else {"path": each.path, "declared": each.declared, "live": each.live}
        )
        | ({"rule": each.noise} if each.noise else {})
        for each in drift.changes
    ]


def _finding(finding: Finding, next_step: NextStep | None) -> Row:
    said = words(finding.check)
    return Row(
        kind="finding",
        check=finding.check.id,
        status=finding.status,
        severity=finding.check.severity,
        title=said.title,
        message=finding.message,
        finding_id=finding.id,
        origin=finding.origin,
        why=said.why or None if finding.status is Status.FAIL else None,
        fix=said.fix or None if finding.status is Status.FAIL else None,
        frameworks=finding.check.frameworks,
        evidence=evidence(finding),
        effect=finding.effect,
        estimate=finding.estimate,
        next_step=next_step,
        **_place(finding.resource, declaration(finding)),
    )


def _drift(drift: Drift, next_step: NextStep | None = None) -> Row:
    return Row(
        kind="drift",
        check="drift",
        status=drift.kind,
        message=drift.note,
        finding_id=drift.id,
        evidence=changes(drift),
        next_step=next_step,
        **_place(drift.resource, declaration(drift)),
    )


def _gap(gap: Gap, accepted: bool) -> Row:
    return Row(
        kind="gap",
        status=gap.kind,
        message=gap.reason,
        id=gap.id,
        type=gap.type,
        account=gap.account,
        region=gap.region,
        evidence={
            "attribute": gap.attribute,
            "operation": gap.operation,
            "permission": gap.permission,
            "accepted": accepted,
        },
    )


def _place(resource: Resource, declared: Declaration | None) -> dict[str, Any]:
    return {
        "id": resource.id,
        "arn": resource.arn,
        "type": resource.type,
        "account": resource.account,
        "region": resource.region,
        "address": declared.address if declared else None,
        "source": declared.source if declared else None,
        "witness": declared.witness if declared else None,
        "file": declared.file if declared else None,
        "line": declared.line if declared else None,
    }


def _move(move: Move) -> dict[str, Any]:
    """A verdict's ``values`` stay behind: they are what the account holds, secrets too."""
    verdict = move.verdict
    return {
        "kind": verdict.kind,
        "check": verdict.check,
        "before": move.before,
        "status": verdict.status,
        "severity": verdict.severity or None,
        "title": verdict.title or None,
        "message": verdict.message,
        "arn": verdict.arn,
        "id": verdict.resource,
        "finding_id": verdict.id,
        "type": verdict.type,
        "account": verdict.account,
        "region": verdict.region,
        "address": verdict.address,
        "origin": verdict.origin,
    }
