"""Frameworks in words: how each stands, control by control, for every report to lay out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from checks.frameworks import Assessed, Control, Standing
from scanner.outcome import Scan
from scanner.report._values import line
from scanner.report._words import many

if TYPE_CHECKING:
    from rich.table import Table

COLUMNS = ("CONTROL", "STANDING", "FAILING", "CHECKS")
STYLES = {Standing.FAILED: "bold red", Standing.UNKNOWN: "yellow", Standing.PASSED: "green"}
UNLISTED = "no score, since there is no whole list of its controls"


def heading(of: Assessed) -> str:
    """``17 passed, 3 failed; score 21 % of 81 controls``; without a whole list only how many are mapped."""
    counts = ", ".join(f"{count:,} {standing}" for standing, count in of.counts.items() if count)
    if of.listed is None:
        return f"{many(len(of.controls), 'mapped control')}: {counts}; {UNLISTED}"
    judged = len(of.controls) - of.counts[Standing.NOTHING]
    score = "nothing to judge" if of.score is None else f"score {of.score} % of {many(judged, 'control')}"
    return f"{counts}; {score}"


def about(of: Assessed) -> str:
    """What the score counts, and where the list of controls is from."""
    if of.listed is None:
        return ""
    since = len({each.id for each in of.controls} - {*of.listed.controls})
    newer = f", with {since:,} newer ones that checks are mapped to" if since else ""
    return f"{len(of.listed.controls):,} controls as listed in {of.listed.date}{newer}; only what passed counts"


def rows(of: Assessed) -> Iterator[tuple[Control, tuple[str, str, str, str]]]:
    """Each control that checks are mapped to: its id, how it stands, how many verdicts fail, and which checks."""
    for each in of.controls:
        if each.checks:
            failing = each.findings.get("fail", 0)
            yield each, (each.id, _standing(each), f"{failing:,}" if failing else "", ", ".join(_deciding(each)))


def table(of: Assessed) -> Table:
    """The rows, for the terminal."""
    from rich.table import Table
    from rich.text import Text

    found = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in COLUMNS:
        found.add_column(name, justify="right" if name == "FAILING" else "left", overflow="fold")
    for control, (id, standing, failing, checks) in rows(of):
        told = Text(standing, STYLES.get(control.standing, "dim"))
        found.add_row(Text(line(id)), told, failing, Text(line(checks, len(checks)), "dim"))
    return found


def manual(of: Assessed) -> str:
    """The controls that no check judges."""
    return ", ".join(each.id for each in of.controls if each.standing is Standing.MANUAL)


def document(scan: Scan) -> dict[str, dict[str, Any]]:
    """What programs get: by framework, by control."""
    return {each.name: _document(each) for each in scan.frameworks}


def _document(of: Assessed) -> dict[str, Any]:
    listed = of.listed
    return {
        "title": of.title,
        "score": of.score,
        "list": {"source": listed.source, "date": listed.date} if listed else None,
        "counts": {each.value.replace(" ", "_"): count for each, count in of.counts.items()},
        "controls": {
            each.id: {
                "standing": each.standing.replace(" ", "_"),
                "checks": each.checks,
                "findings": each.findings,
                "failed": each.failed,
                "not_run": each.not_run,
            }
            for each in of.controls
        },
    }


def _standing(control: Control) -> str:
    return f"{control.standing}, {many(len(control.not_run), 'check')} not run" if control.not_run else control.standing


def _deciding(control: Control) -> tuple[str, ...]:
    """The checks that failed, where some did; else all."""
    return control.failed or control.checks
