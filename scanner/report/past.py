"""The scans in the database, and what moved between two of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import groupby

from rich.console import Console
from rich.table import Table

from scanner.report._values import line
from state.history import PastScan

COUNTS = {"SEEN": "resources", "DRIFT": "drift", "FAIL": "failing", "UNKNOWN": "unknown", "GAPS": "gaps"}


def show(scans: Sequence[PastScan], console: Console, *, as_json: bool) -> None:
    """A row a scan, its accounts together; or a JSON object a line, for each account that it read."""
    if as_json:
        for each in scans:
            row = {name: getattr(each, name) for name in each.__struct_fields__ if name not in ("checks", "read")}
            console.out(json.dumps(row | {"run": each.run, "entered": bool(each.read)}), highlight=False)
        return
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    for name in ("SCAN", "WHEN", "ACCOUNT", "REGIONS"):
        table.add_column(name, no_wrap=name != "REGIONS", overflow="fold")
    for name in COUNTS:
        table.add_column(name, justify="right", no_wrap=True)
    for _, run in groupby(scans, lambda each: each.run):
        table.add_row(*_row(list(run)))
    console.print(table, markup=False, highlight=False)


def _row(read: Sequence[PastScan]) -> list[str]:
    """One scan: its numbers, the last account's first, and its counts over all of its accounts."""
    last, first = read[0], read[-1]
    numbers = str(last.n) if last is first else f"{first.n}–{last.n}"
    counts = (f"{sum(each.counts.get(name, 0) for each in read):,}" for name in COUNTS.values())
    regions = sorted({region for each in read for region in each.regions})
    return [numbers, first.started[:16].replace("T", " "), _accounts(read), _regions(regions), *counts]


def _accounts(read: Sequence[PastScan]) -> str:
    """The account, or how many there were and how many of them could not be entered."""
    dark = sum(not each.read for each in read)
    if len(read) == 1:
        return f"{line(read[0].account)}{' not entered' if dark else ''}"
    return f"{len(read)} accounts{f', {dark} not entered' if dark else ''}"


def _regions(names: Sequence[str]) -> str:
    return line(", ".join(names)) if len(names) < 3 else f"{len(names)} regions"
