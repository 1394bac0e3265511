"""What may be asked on the command line: the options, in groups that commands share."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])


def text(*names: str, help: str, **more: Any) -> Callable[[Command], Command]:
    return click.option(*names, help=help, metavar=more.pop("metavar", "TEXT"), callback=_said, **more)


def _said(context: click.Context, option: click.Parameter, given: Any) -> Any:
    """What was given, if it says anything: an unset variable of a pipeline is no folder to read, and no region."""
    if given == "" or (isinstance(given, tuple) and "" in given):
        raise click.UsageError(f"{option.opts[0]} is empty: say what it names, or leave it out")
    return given


DECLARED = (
    text(
        "--from", "sources", multiple=True, metavar="SOURCE", help="State, plan or .tf folder; or s3:, https:, tfc://."
    ),
    click.option("--follow-backends", is_flag=True, default=None, help="Read states that code in --from names."),
    text("--allow-backend", "allow_backends", multiple=True, metavar="GLOB", help="Host or role that code may name."),
)
PROFILE = (text("--profile", help="AWS profile."),)
REACH = (
    text("--region", "regions", multiple=True, help="Region to read; all that are enabled by default."),
    text("--exclude-region", "exclude_regions", multiple=True, help="Region to leave out."),
    text("--account", multiple=True, metavar="ID", help="Account to read, by --role-name; else the one expected."),
    text("--role-arn", metavar="ARN", help="Role to assume in the account to scan."),
    text("--role-name", help="Role to assume in each account of --account or --org."),
    text("--external-id", help="External id the role asks for."),
    text("--session-name", help="What the session of an assumed role is called, before our own name."),
    click.option("--org", is_flag=True, default=None, help="Read all active accounts of the organization."),
    text("--ou", "ous", multiple=True, metavar="ID", help="With --org: units whose accounts to read, inner ones too."),
)
WHAT = (*DECLARED, *PROFILE, *REACH)
CALLS = (
    click.option("--pace", type=float, help="Share of AWS's documented rates to use; 0.5 by default."),
    click.option("--timeout", type=float, metavar="SECONDS", help="Stop collecting after so long; the rest is gaps."),
    text("--call-log", metavar="FILE", help="Write a line of JSON for each call to AWS."),
    click.option("--paid", is_flag=True, default=None, help="Also ask APIs that AWS charges for."),
)
DRY_RUN = (
    click.option("--dry-run", is_flag=True, help="Say what would be asked, how often and with which permissions."),
)
SERVICE = (text("--service", "services", multiple=True, help="AWS service to read, as boto3 names it."),)
WHICH = (*SERVICE, text("--type", "types", multiple=True, help="Terraform type to read."))
PARTS = (
    click.option(
        "--no-parts",
        "parts",
        flag_value=False,
        type=bool,
        default=None,
        help="Leave out the parts of what --type names: rules, attachments, settings.",
    ),
)
TYPES = (text("--type", "types", multiple=True, metavar="GLOB", help="Terraform type."),)
WANTED = (
    *TYPES,
    text("--tag", "tags", multiple=True, metavar="KEY[=VALUE]", help="Tag that a thing has; of several, all."),
    text("--owner", "owners", multiple=True, metavar="GLOB", help="Who made it: cloudformation, `eks: shop`, none."),
    text("--where", metavar="JMESPATH", help="What holds of a thing as JSON tells it: attributes.engine == 'mysql'."),
)
OWNED = (click.option("--all", "everything", is_flag=True, default=None, help="Show AWS's own and the suppressed."),)
NOISE = (
    click.option("--ignore-code-hashes", is_flag=True, default=None, help="Other code of a function is no drift."),
)
WHO = (
    click.option("--who", is_flag=True, default=None, help="Ask CloudTrail who did it: 90 days, a call a second."),
    click.option("--who-ip", is_flag=True, default=None, help="As --who, and from which IP address."),
    click.option("--who-most", type=int, metavar="N", help="Of how many things at most; 200 by default."),
)
STEPS = (click.option("--steps", is_flag=True, help="Tell the next step of each, and show the lines that declare it."),)
CHECK = (text("--check", "checks", multiple=True, metavar="GLOB", help="Check to run, by id."),)
OWN_CHECKS = (
    text("--checks", "own_checks", multiple=True, metavar="FILE", help="Checks of your own: .py, which is run; .toml."),
)
RULES = (
    *CHECK,
    text("--category", "categories", multiple=True, help="Category of checks to run."),
    text("--severity", "severities", multiple=True, help="Severity of checks to run; means it and worse."),
    text("--framework", "frameworks", multiple=True, metavar="NAME", help="Checks to run, by framework: cis-7.0."),
    *OWN_CHECKS,
)
JUDGED = (
    click.option("--offline", is_flag=True, help="Check what --from declares, be it state or code; not the account."),
    click.option("--live", is_flag=True, help="With a plan: read the account too, and tell what the plan makes worse."),
)
OUTPUT = (text("--output", "outputs", multiple=True, metavar="FMT[://PATH]", help="Report to stdout or to a file."),)
DB = (text("--db", metavar="FILE", help="Database of past scans.", envvar="DRIFTLINE_DB"),)
CONFIG = (text("--config", metavar="FILE", help="Settings file to trust; ./driftline.toml is read, but not trusted."),)
SUPPRESS = (
    text(
        "--suppress",
        multiple=True,
        type=click.Path(),
        metavar="FILE",
        help="What is accepted for a time: TOML, or a .driftignore.",
        envvar="DRIFTLINE_SUPPRESS",
    ),
)
GATE = (
    *SUPPRESS,
    text("--baseline", metavar="FILE", help="What was known before, and fails nothing: see `driftline baseline`."),
    text("--fail-on", metavar="LIST", help="What exits 1; default high,changed,missing. `never` for nothing."),
)
HOW = (*OUTPUT, *DB, *CONFIG, *GATE)
VERBOSE = (
    click.option(
        "-v",
        "--verbose",
        count=True,
        expose_value=False,
        callback=lambda context, option, count: _logging(count),
        help="Say more, and where an error happened; twice, what botocore does.",
    ),
)
COLOR = (click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True),)
TALK = (*VERBOSE, *COLOR, click.option("-q", "--quiet", is_flag=True, help="No progress and no summary."))


def options(*groups: Sequence[Callable[[Any], Any]]) -> Callable[[Command], Command]:
    def add(command: Command) -> Command:
        for option in reversed([each for group in groups for each in group]):
            command = option(command)
        return command

    return add


def _logging(verbose: int) -> None:
    """Gaps and errors stand in the report; the log tells them again only to who asks for more."""
    level = {0: logging.CRITICAL, 1: logging.INFO}.get(verbose, logging.DEBUG)
    told = logging.StreamHandler(sys.stderr)
    told.setLevel(level)
    logging.basicConfig(level=level, handlers=[told], format="%(levelname)s %(name)s: %(message)s", force=True)
    if verbose < 2:
        for noisy in ("botocore", "aiobotocore", "asyncio", "urllib3"):
            logging.getLogger(noisy).setLevel(logging.CRITICAL)
