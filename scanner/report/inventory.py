"""What there is, counts first: a table for people, JSON Lines and CSV for programs, a resource at a time."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from io import StringIO
from itertools import groupby, islice

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from scanner.inventory import Listed, as_json
from scanner.outcome import Scan
from scanner.report import _rows, terminal
from scanner.report._secrets import tags
from scanner.report._values import inert, line, to_json
from scanner.report._words import many
from scanner.version import VERSION
from state import Resource

AT_ONCE = 500
"""Rows of a table that are laid out together: more would be held in memory for their widths."""

MOST = 30
"""Counts of a kind that people are told."""


def jsonl(found: Listed, scan: Scan) -> Iterator[str]:
    """A line of counts, a line a resource, a line a gap; ``kind`` tells them apart."""
    about = {"kind": "counts", "schema_version": _rows.SCHEMA_VERSION, "version": VERSION, "scan": scan.id}
    counts = {"resources": len(found.resources), "gaps": len(found.gaps), "left_out": found.left_out}
    yield f"{to_json(about | counts | found.counts())}\n"
    for resource in found.resources:
        yield f"{to_json({'kind': 'resource'} | as_json(resource))}\n"
    for gap in _gaps(found, scan):
        yield f"{to_json(gap)}\n"


def _gaps(found: Listed, scan: Scan) -> Iterator[_rows.Row]:
    return _rows.gaps(msgspec.structs.replace(scan, gaps=found.gaps))


# --- CSV ------------------------------------------------------------------------------------------

COLUMNS = ("type", "id", "name", "arn", "account", "region", "owner", "tags", "attributes", "facts", "unknown")
_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "|", "%")


def csv_rows(found: Listed, scan: Scan) -> Iterator[str]:
    """A row a resource, under the names of the columns; what is no text stands as JSON in its cell."""
    yield _row(COLUMNS)
    for resource in found.resources:
        yield _row(_cell(value) for value in as_json(resource).values())


def _row(cells: Iterable[str]) -> str:
    text = StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue()


def _cell(value: object) -> str:
    """Text that no spreadsheet takes for a formula: an apostrophe before it says that it is text."""
    if value is None:
        return ""
    text = inert(value) if isinstance(value, str) else to_json(value)
    return f"'{text}" if text.lstrip().startswith(_FORMULA) else text


FORMATS: Mapping[str, Callable[[Listed, Scan], Iterator[str]]] = {"jsonl": jsonl, "csv": csv_rows}


# --- for people -----------------------------------------------------------------------------------


def show_counts(found: Listed, console: Console) -> None:
    """How many there are, by type, region, account and owner."""
    _print(console, Text(many(len(found.resources), "resource"), "bold"))
    for name, counts in found.counts().items():
        if len(counts) < 2 and name != "types":
            continue
        grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
        grid.add_column(name.upper(), overflow="fold")
        grid.add_column("", justify="right", no_wrap=True)
        for label, count in islice(counts.items(), MOST):
            grid.add_row(Text(line(label)), f"{count:,}")
        if len(counts) > MOST:
            grid.add_row(Text(f"… and {len(counts) - MOST:,} more", "dim italic"), f"{sum(counts.values()):,}")
        _print(console, Text(""), grid)


def show(found: Listed, console: Console) -> None:
    """A table a type, its things in the order of their accounts, regions and names."""
    for type, of_type in groupby(found.resources, lambda each: each.type):
        _print(console, Text(""), Text(line(type), "bold"))
        while rows := list(islice(of_type, AT_ONCE)):
            _print(console, _table(rows))


def _table(rows: Sequence[Resource]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 2), show_header=False)
    for _ in range(4):
        table.add_column(overflow="fold")
    for each in rows:
        named = ", ".join(f"{key}={value}" for key, value in tags(each).items())
        where = f"{each.account} {each.region}".strip()
        table.add_row(Text(line(each.name)), where, Text(line(each.owner or ""), "magenta"), Text(line(named), "dim"))
    return table


def show_reading(found: Listed, scan: Scan, console: Console) -> None:
    """Who was read, what could not be seen, and of how many it cannot be told whether they are asked for."""
    terminal.show_reading(msgspec.structs.replace(scan, gaps=found.gaps), console)
    for reason, count in found.left_out.items():
        _print(console, Text(f"{many(count, 'resource')} left out that may be asked for: {line(reason)}", "yellow"))


def _print(console: Console, *parts: object) -> None:
    for part in parts:
        console.print(part, highlight=False, markup=False, emoji=False)
