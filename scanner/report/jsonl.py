"""JSON Lines: one finding, one drifted resource or one gap a line, each line whole in itself."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from scanner.outcome import Scan
from scanner.report import _rows
from scanner.report._values import to_json


def render(scan: Scan) -> Iterator[str]:
    rows = (_rows.drift, _rows.noise, _rows.suppressed, _rows.findings, _rows.gaps)
    for row in chain.from_iterable(each(scan) for each in rows):
        yield f"{to_json(row)}\n"
