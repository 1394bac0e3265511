"""The scans in the database, and what moved between two of them."""

from __future__ import annotations

import json
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from scanner.report._values import line
from state.history import PastScan

COUNTS = {"SEEN": "resources", "DRIFT": "drift", "FAIL": "failing", "UNKNOWN": "unknown", "GAPS": "gaps"}


def show(scans: Sequence[PastScan], console: Console, *, as_json: bool) -> None:
    """A row a scan, or a JSON object a line."""
    if as_json:
        for each in scans:
            row = {name: getattr(each, name) for name in each.__struct_fields__ if name not in ("checks", "read")}
            console.out(json.dumps(row), highlight=False)
        return
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    for name in ("SCAN", "WHEN", "ACCOUNT", "REGIONS"):
        table.add_column(name, no_wrap=name != "REGIONS", overflow="fold")
    for name in COUNTS:
        table.add_column(name, justify="right", no_wrap=True)
    for each in scans:
        counts = (f"{each.counts.get(name, 0):,}" for name in COUNTS.values())
        when = each.started[:16].replace("T", " ")
        table.add_row(str(each.n), when, line(each.account), _regions(each.regions), *counts)
    console.print(table, markup=False, highlight=False)


def _regions(names: Sequence[str]) -> str:
    return line(", ".join(names)) if len(names) < 3 else f"{len(names)} regions"
