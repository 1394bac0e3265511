"""Whether a scan passes: what --fail-on names, against what was found, and the exit code it comes to.

What is suppressed fails nothing, and neither does what a baseline knows of.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from enum import IntEnum

from checks import Effect, Severity, Status
from scanner.outcome import Scan

MOVED = {"regression": ("regressed", "reopened"), "new": ("new",)}


class Exit(IntEnum):
    """What the process ends with."""

    CLEAN = 0
    GATE_FAILED = 1
    REFUSED = 2
    INCOMPLETE = 3


def failed(scan: Scan, fail_on: Sequence[str]) -> list[str]:
    """Each thing that fails the gate, in words: ``3 high findings or worse``. A severity means it and worse."""
    return [] if "never" in fail_on else [reason for word in fail_on for reason in _reasons(scan, word)]


def _reasons(scan: Scan, word: str) -> Iterator[str]:
    if word in list(Severity):
        rank = Severity(word).rank
        if count := sum(each.check.severity.rank >= rank and each.id not in scan.known for each in scan.failing):
            yield f"{_many(count, 'finding')} of severity {word}{'' if word == 'critical' else ' or worse'}"
    elif word in MOVED:
        digest = scan.digest
        moves = (move for name in MOVED[word] for move in getattr(digest, name, ()))
        if digest and (count := sum(move.verdict.id not in scan.known for move in moves)):
            yield _many(count, f"{word}" if word == "regression" else "new failure")
    elif word == "worse":
        yield from _worse(scan)
    elif word == "unknown":
        if count := scan.count(Status.UNKNOWN):
            yield _many(count, "unknown verdict")
    elif count := Counter(str(each.kind) for each in scan.drift if each.id not in scan.known)[word]:
        yield f"{_many(count, 'resource')} {word}"


def _worse(scan: Scan) -> Iterator[str]:
    """What fails by a plan. Where none was compared nobody knows, and that opens no gate."""
    if not scan.before:
        yield "no plan was compared with what there is"
    worse = (each for each in scan.failing if each.effect in (Effect.WORSE, Effect.NEW))
    if count := sum(each.id not in scan.known for each in worse):
        yield f"{_many(count, 'finding')} that the plan makes worse"


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def exit_code(scan: Scan, fail_on: Sequence[str]) -> Exit:
    """The gate first, in what was seen; then a gap nobody has accepted, or a failure that may be worse; then clean."""
    if failed(scan, fail_on):
        return Exit.GATE_FAILED
    unsure = "worse" in fail_on and any(each.effect is Effect.UNSURE for each in scan.failing)
    return Exit.INCOMPLETE if unsure or len(scan.gaps) > len(scan.accepted) else Exit.CLEAN
