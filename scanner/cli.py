"""The command line: what is asked, handed on. Reports for people go to stderr, for machines to stdout."""

from __future__ import annotations

import sys
from collections.abc import Coroutine, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from scanner import options as ask
from scanner.ending import signals, told_early
from scanner.mending import INTERRUPTED, Failure, InOneLine
from scanner.mending import mendable as _mendable
from scanner.suppressing import suppress
from scanner.version import VERSION

if TYPE_CHECKING:
    from rich.console import Console

    from scanner.aws.stop import Stop
    from scanner.journey import Begun
    from scanner.outcome import Scan
    from scanner.report import Target
    from scanner.settings import Settings
    from state.history import History
    from state.terraform.sources import Declared

Result = TypeVar("Result")


def _run(work: Coroutine[Any, Any, Result]) -> Result:
    """What the work comes to; asyncio is a third of the time that `--version` takes, and so imported late."""
    import asyncio

    return asyncio.run(work)


@click.group(cls=InOneLine, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(VERSION, prog_name="driftline")
def main() -> None:
    """Drift and compliance scanner for live AWS accounts. Read-only.

    Exit codes: 0 clean, 1 the gate failed (--fail-on), 2 usage, settings or a fatal error,
    3 something could not be read and nothing else failed, 130 interrupted.
    """


@main.command()
@ask.options(
    ask.WHAT,
    ask.WHICH,
    ask.PARTS,
    ask.RULES,
    ask.OWNED,
    ask.NOISE,
    ask.WHO,
    ask.CALLS,
    ask.DRY_RUN,
    ask.STEPS,
    ask.HOW,
    ask.TALK,
)
@_mendable
def scan(**asked: Any) -> None:
    """Read the account, compare it with Terraform, run the checks, tell what got worse."""
    _scan(("drift", "check"), asked)


@main.command()
@ask.options(
    ask.WHAT, ask.WHICH, ask.PARTS, ask.OWNED, ask.NOISE, ask.WHO, ask.CALLS, ask.DRY_RUN, ask.STEPS, ask.HOW, ask.TALK
)
@_mendable
def drift(**asked: Any) -> None:
    """Only compare the account with what Terraform declares."""
    _scan(("drift",), asked)


@main.command()
@ask.options(
    ask.WHAT, ask.JUDGED, ask.WHICH, ask.RULES, ask.OWNED, ask.WHO, ask.CALLS, ask.DRY_RUN, ask.STEPS, ask.HOW, ask.TALK
)
@_mendable
def check(offline: bool, live: bool, **asked: Any) -> None:
    """Only run the checks; with --from, each failure says where it comes from.

    A plan (`terraform show -json`) is checked as what it leads to, without asking AWS; with --live, or a scan in
    the database, it is told what it makes worse: `--fail-on worse`. Of that nothing is recorded. States and code
    are checked themselves with --offline, and else tell where failures of the account come from.
    """
    from scanner import offline as apart
    from scanner.aws.stop import Stop
    from scanner.gate import exit_code
    from scanner.journey import Begun
    from scanner.report import terminal

    settings, outputs, stop, begun = _settings(asked), _targets(asked["outputs"]), Stop(), Begun.now()
    wanted = settings.sources or offline or live
    declared = _run(apart.read(settings, offline=offline, stop=stop, begun=begun)) if wanted else None
    if declared is None or not apart.judges(declared, settings, asked["fail_on"], offline=offline, live=live):
        return _scan(("check",), asked, stop, declared, begun)
    if asked["dry_run"]:
        raise Failure("--dry-run tells what AWS would be asked, and of what is declared it is asked nothing")
    console = terminal.stderr(asked["color"])
    with signals(stop) as heard:
        now = None
        if live:
            about = {"quiet": asked["quiet"], "declared": declared, "begun": begun}
            now = _looked(settings, ("check",), stop, heard, console, **about)
        before = None if live else apart.last(settings, declared, settings.db or _default_db())
        found = apart.scan(settings, declared, now=now, before=before)
        _tell(found, outputs, settings.fail_on, None if asked["quiet"] else console, steps=asked["steps"])
        sys.exit(INTERRUPTED if heard else exit_code(found, settings.fail_on))


def _scan(
    kinds: tuple[str, ...],
    asked: dict[str, Any],
    stop: Stop | None = None,
    declared: Declared | None = None,
    begun: Begun | None = None,
) -> None:
    from scanner.aws.stop import Stop
    from scanner.gate import exit_code
    from scanner.remembering import remember
    from scanner.report import terminal
    from scanner.seldom import seldom_collected
    from state.history import History

    settings = _settings(asked)
    if not settings.sources and "check" not in kinds:
        raise Failure("drift needs what is declared; name a state with --from")
    outputs, stop = _targets(asked["outputs"]), stop or Stop()
    if asked["dry_run"]:
        return _dry_run(settings, kinds, outputs, asked["color"])
    console = terminal.stderr(asked["color"])
    with seldom_collected(for_good=True), History(settings.db or _default_db()) as history, signals(stop) as heard:
        about = {"quiet": asked["quiet"], "declared": declared, "begun": begun}
        found = _looked(settings, kinds, stop, heard, console, history, **about)
        try:
            remember(found, history)
        finally:
            _tell(found, outputs, settings.fail_on, None if asked["quiet"] else console, steps=asked["steps"])
        sys.exit(INTERRUPTED if heard else exit_code(found, settings.fail_on))


def _looked(
    settings: Settings,
    kinds: Sequence[str],
    stop: Stop,
    heard: list[str],
    console: Console,
    history: History | None = None,
    *,
    quiet: bool,
    **read: Any,
) -> Scan:
    """The scan, of what was ``read`` for it before."""
    from scanner.journey import scan
    from scanner.report import progress

    with told_early(heard), progress.shown(console, quiet=quiet) as watch:
        return _run(scan(settings, watch=watch, kinds=kinds, stop=stop, history=history, **read))


def _dry_run(settings: Settings, kinds: tuple[str, ...], outputs: Sequence[Target], color: str) -> None:
    from scanner.dry_run import plan
    from scanner.report import dry_run as report
    from scanner.report import terminal

    if any(each.format != "json" for each in outputs):
        raise Failure("--dry-run is told in the terminal, or as JSON: --output json")
    found = _run(plan(settings, kinds, settings.db or _default_db()))
    for each in outputs:
        each.put([report.document(found)])
    if all(each.path for each in outputs):
        report.show(found, terminal.stdout(color))


def _tell(
    found: Scan, outputs: Iterable[Target], fail_on: Sequence[str], console: Console | None, *, steps: bool
) -> None:
    from scanner.gate import failed
    from scanner.report import terminal

    for each in outputs:
        each.write(found)
    if console:
        terminal.show(found, failed(found, fail_on), console=console, steps=steps)


def _targets(outputs: Sequence[str], known: Sequence[str] = ()) -> list[Target]:
    from scanner.report import target

    targets = [target(each, known) for each in outputs]
    if sum(each.path is None for each in targets) > 1:
        raise Failure("only one output can go to standard output; give the others a file: --output FMT://PATH")
    return targets


def _settings(asked: dict[str, Any]) -> Settings:
    from scanner.settings import from_flags, read

    return from_flags(read(Path(asked["config"]) if asked["config"] else None), asked)


def _default_db() -> Path:
    import platformdirs

    return Path(platformdirs.user_data_dir("driftline")) / "history.sqlite"


# --- what was -------------------------------------------------------------------------------------


@main.command()
@ask.options(ask.DB, ask.VERBOSE, ask.COLOR)
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="How many scans.")
@ask.text("--account", metavar="ID", help="Scans of this account only.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a scan.")
@_mendable
def history(db: str | None, color: str, limit: int, account: str | None, as_json: bool) -> None:
    """List the scans in the database, newest first."""
    from scanner.report import past, terminal

    with _history(db) as found:
        scans = found.scans(account, limit)
    if account and not (scans or as_json):
        raise Failure(f"no scan of account {account} is recorded; leave --account out to see all")
    past.show(scans, terminal.stdout(color), as_json=as_json)


@main.command()
@click.argument("scans", nargs=-1, type=int, metavar="[SCAN [SCAN]]")
@ask.options(ask.OUTPUT, ask.DB, ask.VERBOSE, ask.COLOR)
@_mendable
def diff(scans: tuple[int, ...], outputs: tuple[str, ...], db: str | None, color: str) -> None:
    """What moved between the last two scans, or between two by their numbers (see history)."""
    from scanner.remembering import recalled
    from scanner.report import terminal

    if len(scans) > 2:
        raise Failure("diff compares two scans; give one number or two (see `driftline history`)")
    targets = _targets(outputs)
    with _history(db) as found:
        later = recalled(found, max(scans, default=None), min(scans) if len(scans) == 2 else None)
    for each in targets:
        each.write(later)
    if not targets:
        terminal.show_moved(later, terminal.stdout(color))


@main.command()
@click.argument("scan", required=False, type=int)
@ask.options(ask.DB)
@ask.text("--file", default="driftline.baseline.json", show_default=True, metavar="FILE", help="File to write.")
@_mendable
def baseline(scan: int | None, db: str | None, file: str) -> None:
    """Write down what fails and has drifted in the last scan, or in one by its number, for --baseline."""
    from scanner import baseline
    from scanner.report import Target

    with _history(db) as found:
        known = baseline.of([(each, found.bad(each)) for each in found.run(scan)])
    Target("json", Path(file)).put(baseline.written(known))
    click.echo(f"driftline: {file}: {len(known.known):,} known, of scan {known.scans[-1]}", err=True)


main.add_command(suppress)


def _history(db: str | None) -> Any:
    from state.history import History

    return History(Path(db) if db else _default_db(), read_only=True)


# --- telling --------------------------------------------------------------------------------------


@main.group()
def notify() -> None:
    """Send the digest of what moved in the last recorded scan."""


@notify.command()
@ask.options(ask.DB, ask.VERBOSE)
@ask.text("--webhook", envvar="DRIFTLINE_SLACK_WEBHOOK", metavar="URL", help="Better left to DRIFTLINE_SLACK_WEBHOOK.")
@_mendable
def slack(db: str | None, webhook: str | None) -> None:
    """Post it to a Slack channel, as Block Kit, through an incoming webhook."""
    from scanner.notify import slack as channel
    from scanner.remembering import recalled
    from scanner.report import slack as blocks

    if not webhook:
        raise Failure("set DRIFTLINE_SLACK_WEBHOOK to the channel's incoming webhook")
    with _history(db) as found:
        messages = list(blocks.render(recalled(found)))
    _run(channel.post(webhook, messages))


# --- what there is --------------------------------------------------------------------------------


@main.group()
def checks() -> None:
    """The checks there are."""


@checks.command("list")
@ask.options(ask.RULES, ask.VERBOSE, ask.COLOR)
@_mendable
def checks_list(color: str, **asked: Any) -> None:
    """List the checks: id, severity, category, title."""
    from scanner.chosen import chosen
    from scanner.own_checks import own_checks
    from scanner.report import catalogue, terminal
    from scanner.settings import Settings, from_flags

    settings = from_flags(Settings(), asked)
    with own_checks(settings):
        catalogue.show_all(chosen(settings), terminal.stdout(color))


@checks.command("show")
@click.argument("id")
@ask.options(ask.OWN_CHECKS, ask.VERBOSE, ask.COLOR)
@_mendable
def checks_show(id: str, color: str, **asked: Any) -> None:
    """Show one check: why it matters, how to mend it, framework ids, examples."""
    from checks import REGISTRY
    from scanner.near import meant
    from scanner.own_checks import own_checks
    from scanner.report import catalogue, terminal
    from scanner.settings import Settings, from_flags

    with own_checks(from_flags(Settings(), asked)):
        if id not in REGISTRY:
            raise Failure(f"there is no check {id!r}{meant(id, REGISTRY, '`driftline checks list` names them all')}")
        catalogue.show_one(REGISTRY[id], terminal.stdout(color))


@main.command()
@ask.options(ask.WHAT, ask.WHICH, ask.PARTS, ask.DB, ask.CONFIG, ask.VERBOSE, ask.COLOR)
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@_mendable
def doctor(color: str, as_json: bool, **asked: Any) -> None:
    """Say what a scan would meet: who asks, where, which permissions are missing, what is set up. Changes nothing.

    Exit codes: 0 all well, 2 a scan cannot run, 3 a scan will not see everything.
    """
    from scanner.doctor import examine
    from scanner.report import doctor as report
    from scanner.report import terminal

    settings = _settings(asked)
    found = _run(examine(settings, settings.db or _default_db()))
    if as_json:
        click.echo(report.document(found), nl=False)
    else:
        report.show(found, terminal.stdout(color))
    sys.exit(found.exit_code)


@main.command()
@ask.options(ask.WANTED, ask.PROFILE, ask.REACH, ask.SERVICE, ask.CALLS, ask.OUTPUT, ask.CONFIG, ask.TALK)
@_mendable
def inventory(tags: Sequence[str], owners: Sequence[str], where: str | None, **asked: Any) -> None:
    """List what there is, counts first. Always asks AWS: the database keeps verdicts, not what they are of.

    Exit codes: 0 told, 2 usage or a fatal error, 3 something could not be seen, 130 interrupted.
    """
    from scanner import inventory
    from scanner.aws.stop import Stop
    from scanner.report import inventory as report
    from scanner.report import terminal

    settings, targets, stop = _settings(asked), _targets(asked["outputs"], tuple(report.FORMATS)), Stop()
    settings = inventory.settled(settings)
    wanted = inventory.wanted(settings, tags, owners, where)
    console = terminal.stderr(asked["color"])
    with signals(stop) as heard:
        scan = _looked(settings, ("inventory",), stop, heard, console, quiet=asked["quiet"])
        found = inventory.listed(scan, wanted)
        people = terminal.stdout(asked["color"]) if all(each.path for each in targets) else None
        if people or not asked["quiet"]:
            report.show_counts(found, people or console)
        if people and not targets:
            report.show(found, people)
        for each in targets:
            each.put(report.FORMATS[each.format](found, scan))
        if not asked["quiet"]:
            report.show_reading(found, scan, console)
        sys.exit(INTERRUPTED if heard else 3 if found.incomplete else 0)


@main.command("import-blocks")
@ask.options(ask.WHAT, ask.WHICH, ask.OWNED, ask.CALLS, ask.CONFIG, ask.TALK)
@_mendable
def import_blocks(**asked: Any) -> None:
    """Print Terraform that adopts what nobody declares: import blocks and skeletons. Nothing of it is run.

    Without --from nothing counts as declared. Exit codes: 0 told, 2 usage or a fatal error, 3 something could not
    be seen, 130 interrupted.
    """
    from scanner import import_blocks
    from scanner.aws.stop import Stop
    from scanner.journey import Begun, declared_by
    from scanner.report import Target, terminal
    from scanner.report import import_blocks as report

    settings, stop, begun = _settings(asked), Stop(), Begun.now()
    console = terminal.stderr(asked["color"])
    with signals(stop) as heard:
        with told_early(heard):
            declared, kinds = _run(declared_by(settings, stop, begun)), import_blocks.KINDS
        about = {"quiet": asked["quiet"], "declared": declared, "begun": begun}
        scan = _looked(import_blocks.reading(settings), kinds, stop, heard, console, **about)
        found = import_blocks.adoption(scan, settings.types, declared)
        Target("hcl").put(report.hcl(found))
        if not asked["quiet"]:
            report.show(found, console)
        sys.exit(INTERRUPTED if heard else 3 if found.gaps else 0)


@main.command()
@ask.options(ask.DECLARED, ask.PROFILE, ask.OUTPUT, ask.CONFIG, ask.VERBOSE, ask.COLOR)
@_mendable
def coverage(color: str, outputs: tuple[str, ...], **asked: Any) -> None:
    """Say how much of what Terraform declares is read and compared, and what is not and why. Asks nothing of AWS.

    Exit codes: 0 told, 2 a source cannot be read, 3 one of many could not be read.
    """
    from scanner.coverage import coverage as count
    from scanner.report import coverage as report
    from scanner.report import terminal

    settings, targets = _settings(asked), _targets(outputs, ("json",))
    if not settings.sources:
        raise Failure("coverage is of what is declared; name a state with --from")
    found = _run(count(settings))
    for each in targets:
        each.put([report.document(found)])
    if all(each.path for each in targets):
        report.show(found, terminal.stdout(color))
    sys.exit(3 if found.gaps else 0)


@main.command("iam-policy")
@click.option("--format", "form", type=click.Choice(["json", "terraform", "cloudformation"]), default="json")
@click.option("--delivery", is_flag=True, help="The policy of who reads states and sends digests, not of who scans.")
@click.option("--who", is_flag=True, help="Also what --who of a scan asks.")
@click.option("--paid", is_flag=True, help="Also what --paid of a scan asks.")
@ask.options(ask.TYPES, ask.CHECK, ask.OWN_CHECKS, ask.VERBOSE)
@_mendable
def iam_policy(form: str, delivery: bool, who: bool, paid: bool, **asked: Any) -> None:
    """Print the least-privilege policy that a scan needs, generated from what it reads.

    A list of policies where one would be too large for IAM; --type and --check narrow it.
    """
    from scanner import iam_policy
    from scanner.chosen import asks_prices, runs
    from scanner.inventory import settled
    from scanner.own_checks import own_checks
    from scanner.settings import Settings, from_flags

    settings = settled(from_flags(Settings(), asked))
    with own_checks(settings):
        selected = runs(settings)
        prices = asks_prices(settings)
    said = iam_policy.render(form, for_delivery=delivery, of=selected, who=who, paid=paid, prices=prices)
    click.echo(said, nl=False)


@main.command()
@click.option("--keep", metavar="FOLDER", help="Keep the account's Terraform and the database there.")
@ask.options(ask.VERBOSE, ask.COLOR)
@_mendable
def demo(keep: str | None, color: str) -> None:
    """Watch Driftline find what people changed by hand in an embedded AWS account."""
    from scanner import demo

    sys.exit(demo.run(Path(keep) if keep else None, color=color))
