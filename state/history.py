"""Scans over time in SQLite: what each resource's verdicts were, from when to when, and what got worse."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """One answer of one scan about one resource: a check's, or drift's.

    ``kind`` is "finding" or "drift". ``status`` is pass, fail, unknown, skipped or suppressed of a
    finding; in-sync, changed, missing, unmanaged or unknown of drift. ``check`` is "drift" for drift.
    ``severity`` of drift is empty.
    """

    id: str
    kind: str
    check: str
    title: str
    severity: str
    type: str
    identity: str
    resource: str
    account: str
    region: str
    status: str
    message: str = ""
    arn: str | None = None
    address: str | None = None
    origin: str | None = None


class Move(msgspec.Struct, frozen=True):
    """A verdict that is not what it was: ``before`` is None at first sight."""

    verdict: Verdict
    before: str | None


class Digest(msgspec.Struct, frozen=True, kw_only=True):
    """What moved between two scans. Never one number for the kinds.

    ``regressed``: was fine (pass, in-sync), is not. ``reopened``: the same, and had been bad before.
    ``new``: bad at the first sight of a new resource. ``now_visible``: bad, and was unknown.
    ``newly_checked``: bad by a check newer than the last scan. ``resolved``: was bad, is fine, or
    the resource was seen to be gone. ``since`` and ``scan`` are the two scans' ids; ``since`` is
    None at the first scan.
    """

    scan: str
    since: str | None = None
    regressed: Sequence[Move] = ()
    reopened: Sequence[Move] = ()
    new: Sequence[Move] = ()
    now_visible: Sequence[Move] = ()
    newly_checked: Sequence[Move] = ()
    resolved: Sequence[Move] = ()
