"""Frameworks in words: how each stands, control by control, for every report to lay out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from checks.frameworks import Assessed, Control, Standing
from scanner.outcome import Scan
from scanner.report._values import line
from scanner.report._words import many

if TYPE_CHECKING:
    from rich.table import Table

COLUMNS = ("CONTROL", "TITLE", "STANDING", "FAILING", "CHECKS")
STYLES = {Standing.FAILED: "bold red", Standing.UNKNOWN: "yellow", Standing.PASSED: "green"}
UNLISTED = "no score, since there is no whole list of its controls"
ASIDE = {
    Standing.NOTHING: "nothing to judge",
    Standing.UNCHECKED: "not checked, though they could be",
    Standing.MANUAL: "manual, which no check judges",
}
"""Standings of controls that no row is for, and what is said of them."""

FEW = 8
"""So many of them are told by title."""

DECIDING = 4
"""So many checks of a control are named in a terminal."""


def heading(of: Assessed) -> str:
    """``17 passed, 3 failed; score 21 % of 81 controls``; without a whole list only how many are mapped."""
    counts = _counted(of.counts)
    if of.listed is None:
        return f"{many(len(of.controls), 'mapped control')}: {counts}; {UNLISTED}"
    score = "nothing to judge" if of.score is None else f"score {of.score} % of {many(of.judged, 'control')}"
    return f"{counts}; {score}"


def about(of: Assessed) -> str:
    """What the score counts, where the list of controls is from, and how those stand that are not in it."""
    if of.listed is None:
        return ""
    scope = f" of {of.listed.scope}" if of.listed.scope else ""
    told = f"{sum(of.counts.values()):,} controls{scope} as of {of.listed.date}; only what passed counts"
    beside = sum(of.beside.values())
    others = f"{many(beside, 'other')} that checks are mapped to, beside the score: {_counted(of.beside)}"
    return f"{told}. {others}" if beside else told


def rows(of: Assessed) -> Iterator[tuple[Control, tuple[str, str, str, str, str]]]:
    """Each control that was judged, or should have been: its id and title, how it stands, what fails, which checks.

    Of those beside the list only what fails.
    """
    for each in of.controls:
        if each.standing is Standing.FAILED if each.beside else each.standing not in ASIDE:
            failing = each.findings.get("fail", 0)
            checks = ", ".join(_deciding(each))
            yield each, (each.id, each.title, _standing(each), f"{failing:,}" if failing else "", checks)


def aside(of: Assessed) -> Iterator[tuple[str, Sequence[str]]]:
    """Those that no row is for, by what is said of them: by id and title, or by id where they are many."""
    for standing, told in ASIDE.items():
        those = [each for each in of.controls if each.standing is standing and not each.beside]
        if those:
            yield told, [f"{each.id} {each.title}".strip() if len(those) <= FEW else each.id for each in those]


def table(of: Assessed) -> Table:
    """The rows, for the terminal, where a title and its checks share the room there is."""
    from rich.table import Table
    from rich.text import Text

    found = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in ("CONTROL", "STANDING", "FAILING", "TITLE AND CHECKS"):
        found.add_column(name, justify="right" if name == "FAILING" else "left", overflow="fold")
    for control, (id, title, standing, failing, _) in rows(of):
        told = Text(standing, STYLES.get(control.standing, "dim"))
        what = Text.assemble(line(title), "  " if title else "", (line(_first(control)), "dim"))
        found.add_row(Text(line(id)), told, failing, what)
    return found


def document(scan: Scan) -> dict[str, dict[str, Any]]:
    """What programs get: by framework, by control."""
    return {each.name: _document(each) for each in scan.frameworks}


def _document(of: Assessed) -> dict[str, Any]:
    listed = of.listed
    return {
        "title": of.title,
        "score": of.score,
        "list": {name: getattr(listed, name) for name in ("source", "second", "date", "scope")} if listed else None,
        "counts": {each.value.replace(" ", "_"): count for each, count in of.counts.items()},
        "beside": {each.value.replace(" ", "_"): count for each, count in of.beside.items()},
        "controls": {
            each.id: {
                "title": each.title,
                "standing": each.standing.replace(" ", "_"),
                "beside": each.beside,
                "checks": each.checks,
                "findings": each.findings,
                "failed": each.failed,
                "unsure": each.unsure,
                "not_run": each.not_run,
            }
            for each in of.controls
        },
    }


def _counted(counts: Mapping[Standing, int]) -> str:
    return ", ".join(f"{count:,} {standing}" for standing, count in counts.items() if count)


def _standing(control: Control) -> str:
    return f"{control.standing}, {len(control.not_run):,} not run" if control.not_run else control.standing


def _first(control: Control) -> str:
    checks = _deciding(control)
    more = f", … and {len(checks) - DECIDING:,} more" if checks[DECIDING:] else ""
    return ", ".join(checks[:DECIDING]) + more


def _deciding(control: Control) -> tuple[str, ...]:
    """The checks that failed, where some did; or those that are unsure or did not run; else all."""
    return control.failed or (*control.unsure, *control.not_run) or control.checks
