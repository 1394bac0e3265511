"""JSON Lines: one finding, one drifted resource or one gap a line, each line whole in itself."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from scanner.outcome import Scan
from scanner.report import _rows
from scanner.report._values import to_json


def render(scan: Scan) -> Iterator[str]:
    for row in chain(_rows.drift(scan), _rows.noise(scan), _rows.findings(scan), _rows.gaps(scan)):
        yield f"{to_json(row)}\n"
