"""One scheduled scan, as an AWS Lambda handler and as an ECS command: settings from the environment.

    DRIFTLINE_FROM          what --from names, one a line
    DRIFTLINE_SETTINGS      driftline.toml, as text; trusted, as the environment is
    DRIFTLINE_ROLE_ARN      the audit role to assume, and
    DRIFTLINE_EXTERNAL_ID   what it asks for
    DRIFTLINE_DATABASE      s3://bucket/key of the database
    DRIFTLINE_SLACK_SECRET  ARN of the secret that holds the webhook's URL; no digest without one

It returns a summary. A failed gate is part of that and no error: an error makes the scheduler scan
again, and the second scan would find the same.
"""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from scanner import delivery
from scanner.aws.session import Access
from scanner.gate import failed
from scanner.journey import record, scan
from scanner.notify import slack
from scanner.outcome import Scan
from scanner.report import slack as blocks
from scanner.settings import Settings, SettingsError, parse
from state.history import Digest, History

TRIES = 5


def handler(event: Any, context: Any) -> dict[str, Any]:
    """Scan once. The event is not read: what to scan is the deployment's to say, not the caller's."""
    return asyncio.run(_run(os.environ))


def main() -> None:
    """The ECS command: scan once, and print the summary as a line of JSON."""
    print(json.dumps(handler(None, None)))  # noqa: T201  the task's log


async def _run(environment: Mapping[str, str]) -> dict[str, Any]:
    settings = settings_from(environment)
    database = environment.get("DRIFTLINE_DATABASE", "")
    if not database.startswith("s3://"):
        raise SettingsError("DRIFTLINE_DATABASE: set it to s3://bucket/key, where the database is kept")
    async with delivery.own(Access(profile=settings.profile)) as own:
        webhook = await _webhook(own, environment.get("DRIFTLINE_SLACK_SECRET"))
        found = await scan(settings)
        found.digest = await keep(own, database, found)
    if webhook:
        await slack.post(webhook, list(blocks.render(found)))
    return summary(found, settings)


def settings_from(environment: Mapping[str, str]) -> Settings:
    """The settings that the environment spells out. Raises SettingsError for one that cannot be used."""
    settings = parse(environment.get("DRIFTLINE_SETTINGS", ""), "DRIFTLINE_SETTINGS")
    sources = tuple(line.strip() for line in environment.get("DRIFTLINE_FROM", "").splitlines() if line.strip())
    return msgspec.structs.replace(
        settings,
        sources=sources or settings.sources,
        role_arn=environment.get("DRIFTLINE_ROLE_ARN") or settings.role_arn,
        external_id=environment.get("DRIFTLINE_EXTERNAL_ID") or settings.external_id,
    )


async def _webhook(own: delivery.Objects, secret: str | None) -> str | None:
    """Read before the scan: a secret that may not be read should not cost a scan."""
    return await own.secret(secret) if secret else None


async def keep(own: delivery.Objects, database: str, found: Scan) -> Digest:
    """Record the scan in the database of the bucket, put back only over the version it was read from.

    When another scan was faster the newer database is fetched and the scan recorded in that. Raises
    SettingsError when that happened five times.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "history.sqlite"
        for _ in range(TRIES):
            fetched = await own.fetch(database)
            path.unlink(missing_ok=True)
            if fetched:
                path.write_bytes(fetched[0])
            with History(path) as history:
                digest = history.record(record(found))
            if await own.put_back(database, path.read_bytes(), fetched[1] if fetched else None):
                return digest
    raise SettingsError(f"{database}: other scans kept writing it; schedule them apart")


def summary(found: Scan, settings: Settings) -> dict[str, Any]:
    """What the scheduler's log should show: counts, and what failed the gate."""
    digest = found.digest
    moved = ("regressed", "reopened", "new", "now_visible", "newly_checked", "resolved")
    return {
        "scan": found.id,
        "account": found.account,
        "regions": list(found.regions),
        "seconds": round(found.seconds, 1),
        "resources": len(found.live.resources),
        "drift": dict(Counter(str(each.kind) for each in found.drift)),
        "failing": dict(Counter(str(each.check.severity) for each in found.failures)),
        "gaps": len(found.gaps),
        "moved": {name: len(getattr(digest, name)) for name in moved} if digest else {},
        "failed": failed(found, settings.fail_on),
    }
