"""The commands about what is accepted: driftline suppress add, list, prune and import-prowler."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scanner.mending import Failure
from scanner.mending import mendable as _mendable
from scanner.options import COLOR, SUPPRESS, VERBOSE
from scanner.options import options as _options
from scanner.options import text as _text

if TYPE_CHECKING:
    from scanner.suppress.entries import Rule

FOUND = "driftline.suppress.toml"
DAYS = 90


def _today() -> date:
    from datetime import UTC, datetime

    return datetime.now(UTC).date()


@click.group()
def suppress() -> None:
    """What is accepted for a time: the entries of ./driftline.suppress.toml, or of the file that --suppress names."""


@suppress.command("add")
@_options(SUPPRESS)
@_text("--check", metavar="GLOB", help="Findings of these checks.")
@click.option("--drift", is_flag=True, help="Drift, instead of findings.")
@_text("--resource", metavar="GLOB", help="Address, ARN, id or name.")
@_text("--type", metavar="GLOB", help="Terraform type.")
@_text("--attribute", metavar="GLOB", help="With --drift: path of what has changed.")
@click.option("--kind", type=click.Choice(["changed", "missing", "unmanaged"]), help="With --drift: only that.")
@_text("--account", metavar="GLOB", help="Account's id.")
@_text("--region", metavar="GLOB", help="Region.")
@_text("--reason", required=True, help="Why it is accepted.")
@click.option("--expires", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="Last day in force.")
@click.option("--days", type=click.IntRange(0), help=f"The same, in days from now; {DAYS} by default.")
@_text("--owner", help="Who answers for it.")
@_text("--ticket", help="Where it is followed up.")
@_options(VERBOSE)
@_mendable
def add(suppress: Sequence[str], drift: bool, days: int | None, expires: Any, **said: Any) -> None:
    """Append an entry; what stands in the file stays as it is."""
    from scanner.report._values import line
    from scanner.report.suppressions import state
    from scanner.suppress import edit

    if len(suppress) > 1:
        raise Failure("an entry goes into one file; name it with --suppress")
    if drift and said["check"]:
        raise Failure("an entry is about findings (--check) or about --drift; add two")
    if not drift and (said["attribute"] or said["kind"]):
        raise Failure("--attribute and --kind are about drift; add --drift")
    if expires and days is not None:
        raise Failure("give --expires or --days, not both")
    if any(not value.isprintable() for value in said.values() if value):
        raise Failure("an entry holds plain text of one line")
    end = expires.date() if expires else _today() + timedelta(days=DAYS if days is None else days)
    text = edit.entry("drift" if drift else "findings", {**said, "expires": end})
    rule = edit.appended(_toml(suppress)[0], text, _today())
    click.echo(f"driftline: {line(f'{rule.name}: {rule.about}; {state(rule, _today())}')}", err=True)


@suppress.command("list")
@_options(SUPPRESS, VERBOSE, COLOR)
@_mendable
def list_(suppress: Sequence[str], color: str) -> None:
    """List the entries, and how each of them stands."""
    from scanner.report import suppressions, terminal
    from scanner.suppress import read

    found = read([Path(each) for each in suppress or [FOUND]], _today())
    suppressions.show([*found.expired, *found.rules], found.ignored, _today(), terminal.stdout(color))


@suppress.command("prune")
@_options(SUPPRESS, VERBOSE)
@_mendable
def prune(suppress: Sequence[str]) -> None:
    """Cut out what has expired; all else stays as it is, to the byte."""
    from scanner.report._values import line
    from scanner.suppress import edit

    for path in _toml(suppress):
        over = [each for each in edit.rules_of(path, _today()) if each.entry.expires < _today()]
        for each in over:
            click.echo(f"driftline: {line(_told(each))}", err=True)
        if over:
            edit.pruned(path, over)
        click.echo(f"driftline: {path}: {len(over) or 'nothing'} cut out", err=True)


def _told(rule: Rule) -> str:
    owner = f", owner {rule.entry.owner}" if rule.entry.owner else ""
    return f"{rule.name} ({rule.about}{owner}) expired on {rule.entry.expires}"


@suppress.command("import-prowler")
@click.argument("file", type=click.Path())
@click.option("--days", type=click.IntRange(1), default=DAYS, show_default=True, help="How long the entries hold.")
@_options(VERBOSE)
@_mendable
def import_prowler(file: str, days: int) -> None:
    """Print the entries that a Prowler mutelist comes to; what has none is said on standard error."""
    from scanner.report._values import line
    from scanner.suppress import prowler, text_of

    found = prowler.imported(text_of(Path(file)), file, _today() + timedelta(days=days))
    click.echo("\n".join(found.entries), nl=False)
    for each in found.left_out:
        click.echo(f"driftline: left out {line(each)}", err=True)
    if found.entries:
        click.echo("driftline: names have to fit whole, where Prowler searches in them; read the entries", err=True)


def _toml(named: Sequence[str]) -> list[Path]:
    """The files of entries among those that are named."""
    from scanner.suppress.driftignore import NAME

    paths = [Path(each) for each in named or [FOUND] if not each.endswith(NAME)]
    if not paths:
        raise Failure(f"a {NAME} holds no entries; name a file of them with --suppress")
    return paths
