"""What every output for people says in the same words: places, origins, counts, gaps and verdicts."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

import msgspec

from checks import Check, Finding, Origin, Severity, Status
from scanner.outcome import Scan
from scanner.report._rows import declaration
from state import Declaration, Gap
from state.drift import Drift, Kind
from state.history import Digest, Move

SUBJECTS = ("account", "region")
"""Things that always exist to be judged, and that nobody made."""

MOVED = {
    "regressed": "regressed",
    "reopened": "reopened",
    "new": "new",
    "now_visible": "now visible",
    "newly_checked": "newly checked",
    "resolved": "resolved",
}

DRIFTED = {
    Kind.CHANGED: "an attribute differs",
    Kind.MISSING: "declared, not live",
    Kind.UNMANAGED: "live, declared nowhere",
}


def many(count: int, noun: str, plural: str = "") -> str:
    return f"{count:,} {noun if count == 1 else plural or f'{noun}s'}"


def resources(scan: Scan) -> int:
    """How many AWS things were seen."""
    return sum(each.type not in SUBJECTS for each in scan.live.resources)


def position(declared: Declaration | None) -> str:
    """``main.tf:12``; empty where nobody knows the file."""
    if declared is None or declared.file is None:
        return ""
    return declared.file if declared.line is None else f"{declared.file}:{declared.line}"


def origin(finding: Finding) -> str:
    """Where a failure comes from, and so who mends it; empty where nothing was declared to tell it by."""
    declared = declaration(finding)
    at = position(declared) or (declared.address if declared else "")
    match finding.origin:
        case Origin.DECLARED:
            return f"declared: fix the code at {at}" if at else "declared: fix the code"
        case Origin.DRIFTED:
            return f"drifted: re-apply {declared.address}" if declared else "drifted: re-apply"
        case Origin.UNMANAGED:
            always_there = finding.resource.type in SUBJECTS or finding.resource.id == finding.resource.account
            return "unmanaged: no code sets it" if always_there else "unmanaged: import it or delete it"
        case Origin.UNKNOWN:
            return "origin unknown: what the code declares could not be told"
    return ""


def by_check(findings: Iterable[Finding]) -> list[tuple[Check, list[Finding]]]:
    """Failures under their check, in the order given."""
    return [(check, list(found)) for check, found in groupby(findings, key=lambda each: each.check)]


def severities(findings: Iterable[Finding]) -> str:
    """``1 critical, 3 high``: never one number for the severities."""
    counts = Counter(each.check.severity for each in findings)
    return ", ".join(f"{counts[each]:,} {each}" for each in reversed(Severity) if counts[each])


def kinds(drift: Iterable[Drift]) -> str:
    """``1 changed, 2 missing``."""
    counts = Counter(each.kind for each in drift)
    return ", ".join(f"{counts[each]:,} {each}" for each in Kind if counts[each])


def worst_first(moves: Iterable[Move]) -> list[Move]:
    """Moves by severity; drift, which has none, after them."""
    ranks = {each.value: each.rank for each in Severity}
    return sorted(moves, key=lambda each: -ranks.get(each.verdict.severity, -1))


def moved(digest: Digest) -> dict[str, int]:
    """How many verdicts moved, by kind."""
    return {kind: len(getattr(digest, kind)) for kind in MOVED}


def compared(scan: Scan) -> str:
    """How much of what is declared could be compared."""
    said = f"{scan.compared:,} of {many(scan.attributes, 'declared attribute')} compared"
    if scan.unsure:
        said += f", {many(len(scan.unsure), 'managed resource')} not seen in whole"
    return f"{said}, {many(scan.outside, 'declared resource')} outside this scan" if scan.outside else said


def standing(scan: Scan) -> Iterator[tuple[str, str]]:
    """How things stand, moved or not: what was asked for, and what was seen of it."""
    if "drift" in scan.kinds:
        yield "drift", kinds(scan.drift) or ("none seen" if scan.sources else "nothing declared to compare with")
    if "check" in scan.kinds:
        yield "failing", severities(scan.failures) or ("none seen" if scan.findings else "no check was run")


def became(kind: str, move: Move) -> str:
    """What a verdict is now; one that was resolved without becoming good went with its resource."""
    return "gone" if kind == "resolved" and move.before == move.verdict.status else move.verdict.status


def turned(kind: str, move: Move) -> str:
    """``pass → fail``; at first sight ``fail``."""
    now = became(kind, move)
    return now if move.before is None else f"{move.before} → {now}"


def no_drift(scan: Scan) -> str:
    """What may be said where no drift was found."""
    if not scan.sources:
        return "Nothing was declared to compare with: name a Terraform state with --from."
    seen = "No drift" if not scan.gaps else "No drift in what could be seen"
    return f"{seen}: {many(scan.managed, 'managed resource')}, {compared(scan)}."


def no_failure(scan: Scan) -> str:
    """What may be said where no finding fails."""
    if not scan.findings:
        return "No check was run."
    seen = "No finding fails" if not (scan.gaps or scan.count(Status.UNKNOWN)) else "No finding fails in what was seen"
    return f"{seen}: {verdicts(scan)}."


def verdicts(scan: Scan) -> str:
    """``41 pass, 3 unknown, …``: every status but fail that there is."""
    counts = {each: scan.count(each) for each in Status if each is not Status.FAIL}
    return ", ".join(f"{count:,} {status}" for status, count in counts.items() if count)


class Unread(msgspec.Struct, frozen=True, kw_only=True):
    """Gaps that are one to the reader: the same reason, mended by the same permission."""

    kind: str
    reason: str
    permission: str | None
    accepted: bool
    places: list[str]


def unread(scan: Scan) -> list[Unread]:
    """What could not be seen, the same reason told once; gaps that were accepted come last."""
    accepted = set(scan.accepted)
    grouped: dict[tuple[bool, str, str, str | None], list[Gap]] = defaultdict(list)
    for gap in scan.gaps:
        grouped[gap in accepted, gap.kind, gap.reason, gap.permission].append(gap)
    rows = sorted(grouped.items(), key=lambda each: (each[0][0], -len(each[1])))
    return [
        Unread(kind=kind, reason=reason, permission=permission, accepted=taken, places=list(_places(gaps)))
        for (taken, kind, reason, permission), gaps in rows
    ]


def _places(gaps: list[Gap]) -> Iterator[str]:
    """``aws_db_instance in eu-west-1, us-east-1``; one resource by its id, one attribute by its name."""
    regions: Mapping[str, list[str]] = defaultdict(list)
    for gap in gaps:
        about = f"{gap.type} {gap.id}" if gap.id else gap.type
        regions[f"{gap.attribute} of {about}" if gap.attribute else about].append(gap.region)
    for about, where in regions.items():
        named = ", ".join(dict.fromkeys(each for each in where if each))
        yield f"{about} in {named}" if named else about


def unknowns(scan: Scan) -> list[tuple[str, int]]:
    """Why verdicts are unknown, and how many for each reason, the commonest first."""
    return Counter(each.message for each in scan.findings if each.status is Status.UNKNOWN).most_common()
