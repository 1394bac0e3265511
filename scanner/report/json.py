"""JSON: the whole scan as one object, one row a line, so that two scans can be compared line by line.

Within a major ``schema_version`` fields are only added.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from checks import Effect, Severity, Status
from checks.prices import total
from scanner.outcome import Scan
from scanner.report import _rows, frameworks
from scanner.report._values import to_json
from scanner.report._words import resources
from state.drift import Kind

ACCOUNT = ("id", "name", "regions", "entered")


def render(scan: Scan) -> Iterator[str]:
    yield f'{{\n"schema_version": "{_rows.SCHEMA_VERSION}",\n"scan": {to_json(about(scan))}'
    yield f',\n"coverage": {to_json(_rows.coverage(scan))}'
    yield from _list("drift", _rows.drift(scan))
    yield from _list("noise", _rows.noise(scan))
    yield from _list("suppressed", _rows.suppressed(scan))
    yield from _list("findings", _rows.findings(scan))
    yield from _list("gaps", _rows.gaps(scan))
    yield from _list("notes", scan.notes)
    yield f',\n"frameworks": {to_json(frameworks.document(scan))}'
    yield f',\n"regressions": {to_json(_rows.moves(scan.digest))}\n}}\n'


def _list(name: str, rows: Iterable[Any]) -> Iterator[str]:
    yield f',\n"{name}": ['
    between = "\n"
    for row in rows:
        yield f"{between}{to_json(row)}"
        between = ",\n"
    yield "]" if between == "\n" else "\n]"


def about(scan: Scan) -> dict[str, Any]:
    """The scan but for its rows: who, where, when, and how much of what."""
    return {
        "id": scan.id,
        "version": scan.version,
        "started": scan.started,
        "ended": scan.ended,
        "seconds": scan.seconds,
        "interrupted": bool(scan.interrupted),
        "interrupted_by": scan.interrupted or None,
        "account": scan.account,
        "caller": scan.caller,
        "partition": scan.partition,
        "regions": scan.regions,
        "accounts": [{name: getattr(each, name) for name in ACCOUNT} for each in scan.accounts],
        "kinds": scan.kinds,
        "sources": scan.sources,
        "offline": scan.offline or None,
        "before": scan.before or None,
        "counts": _counts(scan),
    }


def _estimate(scan: Scan) -> dict[str, Any] | None:
    """What failures cost a month, nothing twice; None where no price is known."""
    told = [each.estimate for each in scan.failing if each.estimate]
    return {"amount": total(told), "currency": told[0].currency, "findings": len(told)} if told else None


def _counts(scan: Scan) -> dict[str, Any]:
    by_kind = Counter(each.kind for each in scan.drift)
    by_status = scan.findings.counts
    by_effect = Counter(each.effect for each in scan.findings)
    by_severity = Counter(each.check.severity for each in scan.failing)
    return {
        "resources": resources(scan),
        "managed": scan.managed,
        "attributes": scan.attributes,
        "compared": scan.compared,
        "outside": scan.outside,
        "moved": scan.moved,
        "unsure": len(scan.unsure),
        "calls": scan.calls,
        "throttled": scan.throttled,
        "drift": {each.value: by_kind[each] for each in Kind},
        "findings": {each.value: by_status[each] for each in Status},
        "failing": {each.value: by_severity[each] for each in reversed(Severity)},
        "gaps": len(scan.gaps),
        "accepted": len(scan.accepted),
        "suppressed": len(scan.suppressed),
        "known": len(scan.known),
        "estimate": _estimate(scan),
        "effects": {each.value: by_effect[each] for each in Effect},
    }
