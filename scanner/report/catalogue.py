"""The checks there are, as a list and one by one."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.syntax import Syntax
from rich.table import Table

from checks import FRAMEWORKS, Check
from scanner.report.terminal import SEVERITY


def show_all(checks: Sequence[Check], console: Console) -> None:
    """A line a check: id, severity, category, title."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in ("CHECK", "SEVERITY", "CATEGORY", "TITLE"):
        table.add_column(name, no_wrap=name != "TITLE", overflow="fold")
    for each in sorted(checks, key=lambda each: each.id):
        table.add_row(each.id, f"[{SEVERITY[each.severity]}]{each.severity}[/]", each.category, escape(each.title))
    console.print(table)


def show_one(check: Check, console: Console) -> None:
    """Everything there is to know of a check."""
    console.print(f"[bold]{check.id}[/]  [{SEVERITY[check.severity]}] {check.severity.upper()} [/]  {check.category}")
    console.print(f"\n{escape(check.title)}.\n", highlight=False)
    console.print(f"{escape(check.rationale)}\n", highlight=False)
    if check.remediation:
        console.print(f"[bold green]Fix:[/] {escape(check.remediation)}\n", highlight=False)
    if check.command:
        console.print(f"[bold green]CLI:[/] {escape(check.command)}\n", highlight=False, soft_wrap=True)
    console.print(f"[dim]reads[/]  {', '.join(check.types)}", highlight=False)
    for name, ids in check.frameworks.items():
        console.print(f"[dim]{FRAMEWORKS[name]}[/]  {', '.join(ids)}", highlight=False)
    _, _, examples = (inspect.getdoc(check.rule) or "").partition("\nFails:")
    if examples:
        console.print("\n[bold]Fails:[/]", end="")
        console.print(Syntax(textwrap.dedent(examples), "terraform", background_color="default", word_wrap=True))
