"""The entries of suppress files, and how each of them stands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from rich.console import Console
from rich.table import Table
from rich.text import Text

from scanner.report._values import line
from scanner.report._words import many
from scanner.suppress.driftignore import Ignored
from scanner.suppress.entries import Rule

SOON = 30
STYLE = {"expired": "bold red", "expires": "yellow"}


def state(rule: Rule, today: date) -> str:
    """``in force until 2027-01-31``, ``expires in 3 days``, ``expired on 2026-11-01``."""
    end = rule.entry.expires
    days = (end - today).days
    if days < 0:
        return f"expired on {end}"
    if days == 0:
        return "expires today"
    return f"expires in {many(days, 'day')}" if days <= SOON else f"in force until {end}"


def show(rules: Sequence[Rule], ignored: Sequence[Ignored], today: date, console: Console) -> None:
    """Print them, those that end first in front."""
    if not rules and not any(each.lines for each in ignored):
        console.print("Nothing is suppressed.", highlight=False, markup=False)
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in ("ENTRY", "ABOUT", "STATE", "OWNER", "TICKET", "REASON"):
        table.add_column(name, overflow="fold")
    for each in sorted(rules, key=lambda each: (each.entry.expires, each.name)):
        stands, entry = state(each, today), each.entry
        cells = (each.name, each.about, stands, entry.owner, entry.ticket, entry.reason)
        table.add_row(*(Text(line(cell), STYLE.get(stands.split()[0], "") if cell is stands else "") for cell in cells))
    for file in ignored:
        for said in file.lines:
            stands = "ignores, without end" if said.ignores else "takes back"
            table.add_row(Text(line(f"{file.file} line {said.number}")), Text(line(said.text)), stands, "", "", "")
    console.print(table, markup=False, highlight=False, emoji=False)
