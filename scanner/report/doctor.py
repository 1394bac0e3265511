"""What the doctor found: a line an answer for people, a document for programs."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from scanner.doctor import Answer, Diagnosis, Mark
from scanner.report._rows import SCHEMA_VERSION
from scanner.report._values import line, to_json
from scanner.report._words import many
from scanner.version import VERSION

SIGN = {
    Mark.GOOD: ("✓", "green"),
    Mark.NOTE: ("!", "yellow"),
    Mark.UNSEEN: ("✗", "bold red"),
    Mark.FATAL: ("✗", "bold red"),
}
RESULT = {
    0: ("A scan will see all that it asks for.", "bold green"),
    2: ("A scan cannot run.", "bold red"),
    3: ("A scan will run, and not see everything.", "bold yellow"),
}
LONGEST = 2000


def show(found: Diagnosis, console: Console) -> None:
    """A line an answer, what to do about it below, and what it comes to."""
    table = Table.grid(padding=(0, 2, 0, 0))
    for _ in range(2):
        table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    before = ""
    for each in found.answers:
        sign, style = SIGN[each.mark]
        table.add_row(Text(sign, style), Text("" if each.about == before else each.about, "bold"), _said(each))
        before = each.about
    console.print(table, highlight=False, markup=False, emoji=False)
    console.print(Text(_comes_to(found), RESULT[found.exit_code][1]), highlight=False)


def _comes_to(found: Diagnosis) -> str:
    """What was not tried is not called allowed."""
    untried = sum(each.status == "not probed" for each in found.rights)
    if found.exit_code == 0 and untried:
        return f"A scan will see all that was tried; {many(untried, 'action')} could not be tried, and may be refused."
    return RESULT[found.exit_code][0]


def _said(answer: Answer) -> Text:
    said = Text(line(answer.said, LONGEST), overflow="fold")
    return said.append(f"\n→ {line(answer.do, LONGEST)}", "cyan") if answer.do else said


def document(found: Diagnosis) -> str:
    """The whole of it as JSON."""
    about = {
        "schema_version": SCHEMA_VERSION,
        "version": VERSION,
        "exit_code": found.exit_code,
        "account": found.account,
        "caller": found.caller,
        "partition": found.partition,
        "regions": found.regions,
        "answers": found.answers,
        "permissions": found.rights,
    }
    return f"{to_json(about)}\n"
