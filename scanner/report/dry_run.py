"""What a scan would ask: the accounts, the calls and the permissions, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from scanner.dry_run import Ask, Plan
from scanner.report._rows import SCHEMA_VERSION
from scanner.report._values import line, to_json
from scanner.report._words import many
from scanner.report.terminal import _title
from scanner.version import VERSION

LISTED = 20


def show(plan: Plan, console: Console) -> None:
    for part in _parts(plan):
        console.print(part, highlight=False, markup=False, emoji=False)


def document(plan: Plan) -> str:
    """The whole of it as JSON."""
    about = {"schema_version": SCHEMA_VERSION, "version": VERSION, "dry_run": True}
    return f"{to_json(about | msgspec.structs.asdict(plan))}\n"


def _parts(plan: Plan) -> Iterator[RenderableType]:
    yield Text.assemble(("Driftline", "bold"), (f" {VERSION}   ", "dim"), "would ask as ", line(plan.caller))
    yield Text("Asked so far: who that is, the accounts, their regions. Nothing else was.", "dim")
    yield _title("Accounts", many(len(plan.accounts), "account"))
    yield from _accounts(plan)
    yield from (_in(Text(line(each), "yellow")) for each in plan.notes)
    yield _title("Calls", _expected(plan))
    yield _in(_calls(plan))
    yield _title("Permissions", many(len(plan.actions), "IAM action"))
    yield _in(Text(", ".join(plan.actions)))
    yield _title("Cost")
    yield from map(_in, _cost(plan))


def _in(part: RenderableType) -> RenderableType:
    return Padding(part, (0, 0, 0, 2))


def _accounts(plan: Plan) -> Iterator[RenderableType]:
    grid = _grid(2)
    for each in plan.accounts[:LISTED]:
        name = Text.assemble((each.id, "bold"), f" {line(each.name)}" if each.name else "")
        reason = plan.refused.get(each.id)
        grid.add_row(name, Text(f"not entered: {line(reason)}", "yellow") if reason else Text(", ".join(each.regions)))
    yield _in(grid)
    if len(plan.accounts) > LISTED:
        yield _in(Text(f"… and {len(plan.accounts) - LISTED:,} more (see --output json)", "dim italic"))


def _expected(plan: Plan) -> str:
    how = "about" if plan.counted else "at least"
    seconds = f"{plan.seconds:,.0f} s" if plan.seconds >= 1 else "1 s"
    known = "" if plan.counted else "; things of a type (+) were not counted by a scan yet"
    return f"{how} {many(plan.calls, 'call')}, {how} {seconds} at pace {plan.pace:g}{known}"


def _calls(plan: Plan) -> RenderableType:
    grid = _grid(3)
    grid.columns[2].justify = "right"
    for each in plan.operations:
        calls = f"{each.calls:,}" if each.counted else f"{each.calls:,}+"
        grid.add_row(Text(each.operation), Text(in_words(each), "dim"), Text(calls))
    return grid


def in_words(ask: Ask) -> str:
    """``1 a region``, ``about 1 an account``, ``3 each aws_vpc``, ``seldom each aws_vpc``."""
    of = {"account": "an account", "region": "a region"}.get(ask.per, f"each {ask.per}")
    return f"{'about ' if ask.about else ''}{ask.times} {of}" if ask.times else f"seldom {of}"


def _cost(plan: Plan) -> Iterator[Text]:
    if not plan.paid:
        yield Text("No call that AWS charges a cent or more a thousand for.")
        return
    yield Text("Called, as --paid says:" if plan.paid_called else "Left out without --paid:")
    yield from (Text(f"{name}  {price}") for name, price in plan.paid.items())


def _grid(columns: int) -> Table:
    grid = Table.grid(padding=(0, 2, 0, 0))
    for _ in range(columns):
        grid.add_column(overflow="fold")
    return grid
