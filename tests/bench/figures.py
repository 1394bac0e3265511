"""Figures and their goals, and the least time that a scan's calls can take."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from tests.bench.counts import Counts
from tests.bench.rates import UNDOCUMENTED

IN_FLIGHT = 64
"""What one process is to keep in flight: more only adds latency on one core."""


class Figure(msgspec.Struct, frozen=True):
    """What was measured, and the most it is to be."""

    of: str
    name: str
    value: float
    unit: str = ""
    goal: float | None = None

    @property
    def reached(self) -> bool | None:
        return None if self.goal is None else self.value <= self.goal


def bounds(counts: Counts, latency: float, cpu: float, pace: float) -> dict[str, float]:
    """The least wall time by each of what limits it; the largest is the bound.

    What was throttled was asked in vain and counts for nothing; an undocumented rate is nobody's to share.
    """
    asked: dict[tuple[str, str, str], float] = defaultdict(float)
    limits: dict[tuple[str, str, str], tuple[float, float]] = {}
    for row in counts.rows:
        key = row.account, row.region, row.bucket
        asked[key] += row.calls - row.throttled
        share = 1.0 if (row.burst, row.per_second) == UNDOCUMENTED else pace
        limits[key] = row.burst * share, row.per_second * share
    waits = [(asked[key] - burst) / per_second for key, (burst, per_second) in limits.items()]
    return {
        "rates": max(0.0, *waits) if waits else 0.0,
        "pages": counts.chain * latency,
        "calls": (counts.total("calls") - counts.total("throttled")) * latency / IN_FLIGHT,
        "cpu": cpu / (os.cpu_count() or 1),
    }


STEEP, LITTLE = 2.0, 0.05
"""A check is steep that takes so many times as long a verdict as with a tenth; and is not, with so few seconds."""

Spent = Mapping[str, tuple[int, float]]


def steeper(few: Spent, many: Spent) -> Iterator[tuple[str, float]]:
    """The checks of which a verdict costs more where there are more things, and how much."""
    for name, (verdicts, cpu) in many.items():
        before, was = few[name]
        growth = (cpu / verdicts) / max(was / before, 1e-9)
        if growth > STEEP and cpu > LITTLE:
            yield name, growth


def table(figures: Iterable[Figure]) -> str:
    """The figures beside their goals."""
    rows = [("", "measured", "goal", ""), *map(_row, figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return "\n".join(
        f"{name:<{widths[0]}}  {value:>{widths[1]}}  {goal:>{widths[2]}}  {said}".rstrip()
        for name, value, goal, said in rows
    )


def _row(figure: Figure) -> tuple[str, str, str, str]:
    goal = "" if figure.goal is None else f"≤ {_number(figure.goal)} {figure.unit}".rstrip()
    said = {None: "", True: "ok", False: "MISSED"}[figure.reached]
    return f"{figure.of}: {figure.name}", f"{_number(figure.value)} {figure.unit}".rstrip(), goal, said


def _number(value: float) -> str:
    if value == int(value) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.2f}" if abs(value) < 100 else f"{value:.1f}"
