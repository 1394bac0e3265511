"""`driftline demo`: an embedded AWS account, a bad week in it, and what Driftline says of that.

Needs moto (the ``demo`` extra), and nothing else: no Docker, no network, no credentials. Real
credentials that are there are put out of reach before the first client is made.
"""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from rich.console import Console

from scanner.demo import changes, company
from scanner.gate import failed
from scanner.journey import scan
from scanner.outcome import Scan
from scanner.remembering import remember
from scanner.report import terminal
from scanner.settings import Settings, SettingsError
from state.history import History

CODE = Path(__file__).with_name("main.tf")
DATABASE = Path("history.sqlite")

DRIFT = {
    ("changed", "aws_security_group.web", "ingress[cidr=0.0.0.0/0,port=22]"),
    ("changed", "aws_db_instance.orders", "backup_retention_period"),
    ("changed", "aws_s3_bucket.invoices", "policy"),
    ("changed", 'aws_instance.web["b"]', "tags.cost-center"),
    ("changed", 'aws_instance.web["b"]', "tags.owner"),
    ("missing", "aws_s3_bucket_public_access_block.invoices", ""),
    ("missing", "aws_dynamodb_table.sessions", ""),
    ("unmanaged", "consultant", ""),
}
"""What the second scan has to find: (kind, address or id, path)."""

REGRESSED = {
    ("sg-ingress-ssh-world", "drifted"),
    ("rds-instance-backup-retention", "drifted"),
    ("s3-bucket-public-access", "drifted"),
    ("s3-bucket-public-access-block", "drifted"),
    ("tag-required-keys", "drifted"),
}
NEW = {("iam-role-trust-anyone", "unmanaged"), ("iam-policy-admin-inline", "unmanaged")}


def run(keep: Path | None, *, color: str = "auto") -> int:
    """Tell the story; 0 when every part of it came out as told, else 1."""
    console = terminal.stdout(color)
    folder = keep or Path(tempfile.mkdtemp(prefix="driftline-demo-"))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / DATABASE).unlink(missing_ok=True)
    try:
        with chdir(folder), _embedded_account() as aws:
            return asyncio.run(_story(aws, console))
    finally:
        if keep is None:
            shutil.rmtree(folder, ignore_errors=True)


async def _story(aws: company.Client, console: Console) -> int:
    _say(console, "Monday", "Acme's platform team applies its Terraform. The state lies in an S3 bucket.")
    company.build(aws)
    shutil.copy(CODE, "main.tf")
    applied = company.state((await scan(Settings(regions=(company.REGION,), types=company.TYPES), kinds=())).live)
    aws("s3").put_object(Bucket=company.STATE_BUCKET, Key=company.STATE_KEY, Body=applied)
    sources = (f"s3://{company.STATE_BUCKET}/{company.STATE_KEY}", ".")
    asked = Settings(sources=sources, regions=(company.REGION,), types=company.READ, parts=False)
    with History(DATABASE) as history:
        _say(console, "Tuesday", f"driftline scan --from {' --from '.join(sources)}")
        first = await _scan(asked, history, console)
        _say(console, "All week", "People change things by hand:")
        changes.make(aws)
        for each in changes.TOLD:
            console.print(f"  · {each}", highlight=False, markup=False)
        _say(console, "Friday", f"driftline scan --from {' --from '.join(sources)}")
        second = await _scan(asked, history, console)
    return _verdict(first, second, console)


async def _scan(asked: Settings, history: History, console: Console) -> Scan:
    found = await scan(asked)
    remember(found, history)
    terminal.show(found, failed(found, asked.fail_on), console=console)
    return found


def _say(console: Console, when: str, what: str) -> None:
    console.print()
    console.rule(f"[bold]{when}[/bold]", align="left")
    console.print(what, highlight=False, markup=False)


def _verdict(first: Scan, second: Scan, console: Console) -> int:
    """Whether the story came out as told, and what of it did not."""
    wrong = [*_differences(first, second)]
    for each in wrong:
        console.print(f"not as told: {each}", highlight=False, markup=False)
    if not wrong:
        _say(console, "The end", "As told: all that was changed by hand was found, and nothing else.")
    return 1 if wrong else 0


def _differences(first: Scan, second: Scan) -> Iterator[str]:
    yield from _unlike("drift right after the apply", set(), set(_drift(first)))
    if second.gaps:
        yield f"gaps: {[gap.reason for gap in second.gaps]}"
    yield from _unlike("drift", DRIFT, set(_drift(second)))
    digest = second.digest
    assert digest is not None
    for name, told in (("regressed", REGRESSED), ("new", NEW)):
        moves = [each.verdict for each in getattr(digest, name)]
        yield from _unlike(name, told, {(each.check, each.origin) for each in moves if each.kind == "finding"} & told)


def _drift(scan: Scan) -> Iterator[tuple[str, str, str]]:
    for each in scan.drift:
        name = each.declared.address if each.declared else each.resource.id
        if name == company.STATE_BUCKET:
            continue  # the state's own bucket: nobody's Terraform, as so often
        for path in [change.path for change in each.changes] or [""]:
            yield each.kind, name, path


def _unlike(what: str, told: set[Any], found: set[Any]) -> Iterator[str]:
    for each in sorted(told - found):
        yield f"{what} not found: {each}"
    for each in sorted(found - told):
        yield f"{what} not told of: {each}"


@contextmanager
def _embedded_account() -> Iterator[company.Client]:
    """An empty AWS account on a port of this machine; nothing of the caller's own is in reach meanwhile."""
    before = dict(os.environ)
    try:
        _put_real_credentials_out_of_reach()
        with _server() as endpoint:
            os.environ["AWS_ENDPOINT_URL"] = endpoint
            import boto3

            yield cache(boto3.Session(region_name=company.REGION).client)
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def _server() -> Iterator[str]:
    try:
        from moto.server import ThreadedMotoServer
    except ImportError as error:
        raise SettingsError("the demo needs moto: pip install 'driftline[demo]'") from error
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        yield f"http://127.0.0.1:{server.get_host_and_port()[1]}"
    finally:
        server.stop()


OF_THE_CALLER = ("AWS_", "BOTO_", "MOTO_", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


def _put_real_credentials_out_of_reach() -> None:
    """Every AWS setting of the caller's goes, proxies too; what is left leads nowhere but to this machine."""
    for name in [name for name in os.environ if name.upper().startswith(OF_THE_CALLER)]:
        del os.environ[name]
    os.environ.update(
        AWS_ENDPOINT_URL="http://127.0.0.1:9",
        AWS_ENDPOINT_URL_PRICING="http://127.0.0.1:9",  # moto has no Price List, and would say so at length
        AWS_ACCESS_KEY_ID="demo",
        AWS_SECRET_ACCESS_KEY="demo",  # noqa: S106  opens nothing
        AWS_DEFAULT_REGION=company.REGION,
        AWS_CONFIG_FILE=os.devnull,
        AWS_SHARED_CREDENTIALS_FILE=os.devnull,
        AWS_EC2_METADATA_DISABLED="true",
        MOTO_EC2_LOAD_DEFAULT_AMIS="false",  # hundreds, and as many snapshots
    )
