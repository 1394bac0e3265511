"""One scheduled scan, as an AWS Lambda handler and as an ECS command: settings from the environment.

    DRIFTLINE_FROM          what --from names, one a line
    DRIFTLINE_SETTINGS      driftline.toml, as text; trusted, as the environment is: org, role_name, [[accounts]] …
    DRIFTLINE_ROLE_ARN      the audit role to assume; where there are several accounts, in the account it is of
    DRIFTLINE_EXTERNAL_ID   what the roles ask for
    DRIFTLINE_DATABASE      s3://bucket/key of the database
    DRIFTLINE_SLACK_SECRET  ARN of the secret that holds the webhook's URL; no digest without one

It returns a summary. An error makes Lambda scan again, so that only what a second scan may mend is
one: a failed gate stands in the summary under ``failed``, and a digest that Slack did not take,
when the scan is already recorded, under ``digest_error``. What can be wrong with the secret and the
database is found out before the scan.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from scanner import delivery
from scanner.aws.errors import Refused
from scanner.aws.session import Access
from scanner.gate import failed
from scanner.journey import scan
from scanner.notify import NotDelivered, slack
from scanner.outcome import Scan
from scanner.remembering import records
from scanner.report import slack as blocks
from scanner.seldom import seldom_collected
from scanner.settings import Settings, SettingsError, check_accounts, parse
from state.history import Digest, History, HistoryError, Record
from state.terraform.errors import Unreadable

log = logging.getLogger("driftline")

TRIES = 5
SCHEMA_VERSION = "1.0"


def handler(event: Any, context: Any) -> dict[str, Any]:
    """Scan once. The event is not read: what to scan is the deployment's to say, not the caller's.

    Raises Refused, SettingsError, HistoryError or Unreadable where there can be no scan; its text
    says what to do.
    """
    return asyncio.run(_run(os.environ, _seconds_left(context)))


def main() -> None:
    """The ECS command: scan once, and print the summary as a line of JSON. Exits 2 where there can be no scan."""
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s")
    try:
        print(json.dumps(handler(None, None)))  # noqa: T201  the task's log
    except (Refused, SettingsError, HistoryError, Unreadable) as error:
        print(f"driftline-task: {error}", file=sys.stderr)  # noqa: T201
        sys.exit(2)


def _seconds_left(context: Any) -> float | None:
    """How long to collect, so that Lambda's time limit leaves enough to compare, record and tell; None without one."""
    left = getattr(context, "get_remaining_time_in_millis", None)
    return max(left() / 1000 * 0.8, 1.0) if left else None


async def _run(environment: Mapping[str, str], seconds: float | None = None) -> dict[str, Any]:
    settings = settings_from(environment)
    limits = [each for each in (settings.timeout, seconds) if each is not None]
    settings = msgspec.structs.replace(settings, timeout=min(limits, default=None))
    source = delivery.named(environment.get("DRIFTLINE_DATABASE", ""), "DRIFTLINE_DATABASE")
    secret = environment.get("DRIFTLINE_SLACK_SECRET")
    with seldom_collected(), tempfile.TemporaryDirectory(prefix="driftline-") as folder:
        async with delivery.own(Access(profile=settings.profile), "DRIFTLINE_DATABASE") as own:
            webhook = await own.secret(secret) if secret else None
            kept = Kept(own, source, Path(folder) / "history.sqlite")
            await kept.fetch()
            found = await kept.scan(settings)
            found.digest = await kept.record(*records(found))
    return summary(found, settings, await _digest_error(webhook, found))


async def _digest_error(webhook: str | None, found: Scan) -> str | None:
    """Post the digest; why it did not arrive, where it did not."""
    if webhook is None:
        return None
    try:
        await slack.post(webhook, blocks.render(found))
    except NotDelivered as error:
        log.warning("scan %s is recorded, but its digest did not arrive: %s", found.id, error)
        return str(error)
    return None


def settings_from(environment: Mapping[str, str]) -> Settings:
    """The settings that the environment spells out. Raises SettingsError for one that cannot be used."""
    settings = parse(environment.get("DRIFTLINE_SETTINGS", ""), "DRIFTLINE_SETTINGS")
    sources = tuple(line.strip() for line in environment.get("DRIFTLINE_FROM", "").splitlines() if line.strip())
    found = msgspec.structs.replace(
        settings,
        sources=sources or settings.sources,
        role_arn=environment.get("DRIFTLINE_ROLE_ARN") or settings.role_arn,
        external_id=environment.get("DRIFTLINE_EXTERNAL_ID") or settings.external_id,
    )
    check_accounts(found, "DRIFTLINE_ROLE_ARN: ")
    return found


class Kept:
    """The database of a bucket, by way of a copy at ``path``, which should lie where only its owner may look."""

    def __init__(self, own: delivery.Objects, source: str, path: Path) -> None:
        self.own, self.source, self.path = own, source, path
        self.etag: str | None = None

    async def fetch(self) -> None:
        """Copy what the bucket has now, if anything, and open it. Raises HistoryError for what is no database."""
        fetched = await self.own.fetch(self.source)
        self.path.unlink(missing_ok=True)
        self.etag = None
        if fetched:
            data, self.etag = fetched
            self.path.touch(mode=0o600)
            self.path.write_bytes(data)
        with self._opened():
            pass

    async def scan(self, settings: Settings) -> Scan:
        """A scan; what it asks CloudTrail is kept in the copy, and put back when the scan is recorded."""
        if not settings.who:
            return await scan(settings)
        with self._opened() as history:
            return await scan(settings, history=history)

    async def record(self, *accounts: Record) -> Digest:
        """Record a scan, and put the database back only over the version it was copied from.

        Where another scan was faster, its database is fetched and this scan recorded in that. Raises
        HistoryError when that happened five times.
        """
        for attempt in range(TRIES):
            if attempt:
                await self.fetch()
            with self._opened() as history:
                digest = history.record(*accounts)
            if await self.own.put_back(self.source, self.path.read_bytes(), self.etag):
                return digest
        raise HistoryError(
            f"{self.source}: {TRIES} times another scan wrote the database first, and this scan is not recorded; "
            "schedule the scans further apart"
        )

    @contextmanager
    def _opened(self) -> Iterator[History]:
        try:
            with History(self.path) as history:
                yield history
        except HistoryError as error:
            raise HistoryError(
                f"{self.source}: the database cannot be used ({error.__cause__ or error}); restore an earlier "
                "version of the object, or name another in DRIFTLINE_DATABASE"
            ) from error


def summary(found: Scan, settings: Settings, digest_error: str | None = None) -> dict[str, Any]:
    """What the scheduler's log should show: counts, what failed the gate, and what of it was not told."""
    digest = found.digest
    moved = ("regressed", "reopened", "new", "unsuppressed", "now_visible", "newly_checked", "resolved")
    return {
        "schema_version": SCHEMA_VERSION,
        "scan": found.id,
        "account": found.account,
        "regions": list(found.regions),
        "accounts": len(found.accounts),
        "not_entered": [each.id for each in found.accounts if not each.entered],
        "interrupted": found.interrupted or None,
        "seconds": round(found.seconds, 1),
        "resources": len(found.live.resources),
        "drift": dict(Counter(str(each.kind) for each in found.drift)),
        "failing": dict(Counter(str(each.check.severity) for each in found.failing)),
        "gaps": len(found.gaps),
        "moved": {name: len(getattr(digest, name)) for name in moved} if digest else {},
        "failed": failed(found, settings.fail_on),
        "digest_error": digest_error,
    }
