"""What moved between two scans: each verdict that is not what it was, by the kind of its move."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from state.packed import EMPTY

GOOD = frozenset({"pass", "in-sync"})
BAD = frozenset({"fail", "changed", "missing", "unmanaged"})
SUPPRESSED = "suppressed"
"""Bad, and accepted for a time: neither a failure nor fine."""

KINDS = ("regressed", "reopened", "new", "unsuppressed", "now_visible", "newly_checked", "resolved")

ACCEPTED = "~"
"""How the mark begins of a value that drifted and is suppressed; the paths of Terraform's attributes never do."""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """One answer of one scan about one resource: a check's, or drift's.

    ``kind`` is "finding" or "drift". ``status`` is pass, fail, unknown, skipped or suppressed of a
    finding; in-sync, changed, missing, unmanaged, unknown or suppressed of drift. ``check`` is "drift" for drift.
    ``severity`` of drift is empty. ``values`` are what drift found live, by path, and ``accepted`` those of
    it that are suppressed: kept only as marks under the database's own key, by which a further change is
    seen and nothing can be read.
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
    values: Mapping[str, Any] = EMPTY
    accepted: Mapping[str, Any] = EMPTY


class Move(msgspec.Struct, frozen=True):
    """A verdict that is not what it was.

    ``before`` is what it was when it was last known, of what is now visible when it was last asked for;
    None at first sight.
    """

    verdict: Verdict
    before: str | None


class Digest(msgspec.Struct, frozen=True, kw_only=True):
    """What moved between two scans. Never one number for the kinds.

    ``regressed``: was fine (pass, in-sync) when it was last known, is not. ``reopened``: the same, and had
    been bad before. ``new``: bad at the first sight of a new resource. ``unsuppressed``: bad as it was, and
    no longer suppressed. ``now_visible``: bad, and was unknown. ``newly_checked``: bad by a check newer than
    the last scan. ``resolved``: was bad, suppressed or not, and is fine, or the resource was seen to be gone.
    ``scan`` and ``since`` are the two scans' ids. Of a scan of several accounts the lists follow one another
    in the accounts' order, and ``sinces`` tells for each account that was read the scan it is compared with:
    the last one that read it. ``since`` is None at the first scan, and where these are not all of one scan.
    """

    scan: str
    since: str | None = None
    sinces: Mapping[str, str | None] = EMPTY
    regressed: Sequence[Move] = ()
    reopened: Sequence[Move] = ()
    new: Sequence[Move] = ()
    unsuppressed: Sequence[Move] = ()
    now_visible: Sequence[Move] = ()
    newly_checked: Sequence[Move] = ()
    resolved: Sequence[Move] = ()


def together(scan: str, digests: Iterable[tuple[str, Digest]]) -> Digest:
    """The digests of the accounts that one scan read, each with its account, as one."""
    each = dict(digests)
    sinces = {account: digest.since and run_of(digest.since) for account, digest in each.items()}
    common = set(sinces.values())
    moves = {kind: [move for digest in each.values() for move in getattr(digest, kind)] for kind in KINDS}
    return Digest(scan=scan, since=common.pop() if len(common) == 1 else None, sinces=sinces, **moves)


def run_of(id: str) -> str:
    """The scan that a record is of: of several accounts each has one, ``<scan>/<account>``."""
    return id.partition("/")[0]


Row = Mapping[str, Any]


class Past(msgspec.Struct, frozen=True):
    """What a verdict was until a scan.

    ``was`` is its last interval, ``known`` the last one in the same life of its resource in which it was
    seen to be good, bad or suppressed. ``over``: its resource was gone by then. ``had_been_bad``: at any time.
    """

    was: Row | None
    known: Row | None
    over: bool
    had_been_bad: bool


def past_of(intervals: Sequence[Row], scan: int) -> Past:
    """The past of a verdict, of its intervals until a scan, the latest first."""
    was = next(iter(intervals), None)
    over = was is not None and was["valid_to"] is not None and was["valid_to"] <= scan
    return Past(was, _known(intervals), over, any(each["status"] in {*BAD, SUPPRESSED} for each in intervals))


def _known(intervals: Sequence[Row]) -> Row | None:
    began = None
    for each in intervals:
        if began is not None and each["valid_to"] != began:
            return None
        if each["status"] in {*GOOD, *BAD, SUPPRESSED}:
            return each
        began = each["valid_from"]
    return None


def kind_of(row: Row, past: Past, checks: Collection[str], read: Iterable[tuple[str, str]]) -> str:
    """Which of the digest's lists a verdict that began since belongs to; empty for none.

    ``checks`` are those that ran in the earlier scan, ``read`` the types and regions that it saw.
    """
    now, known = row["status"], past.known and past.known["status"]
    if now in GOOD:
        return "resolved" if known in {*BAD, SUPPRESSED} and not past.over else ""
    if now not in BAD:
        return ""
    if past.was is None:
        return _first_sight(row, checks, read)
    if past.over:
        return "reopened" if past.had_been_bad else "new"
    if past.was["status"] in BAD:
        return "regressed" if _is_worse(past.was, row) else "unsuppressed" if _came_back(past.was, row) else ""
    if past.known and known == SUPPRESSED:
        return "regressed" if _outgrew(past.known, row) else "unsuppressed"
    if known not in GOOD:
        return "now_visible"
    return "reopened" if past.had_been_bad else "regressed"


def before(kind: str, past: Past) -> str | None:
    """What a verdict was, as its move tells it."""
    told = past.was if kind == "now_visible" else past.known or past.was
    return told["status"] if told else None


def _is_worse(was: Row, now: Row) -> bool:
    """Whether what was bad has got worse: it is gone, or has drifted further."""
    if was["status"] != now["status"]:
        return bool(now["status"] == "missing")
    return bool(standing(now) - standing(was) - _accepted(was))


def _came_back(was: Row, now: Row) -> bool:
    """Whether some of what was suppressed of it no longer is."""
    return bool(standing(now) & _accepted(was))


def _outgrew(was: Row, now: Row) -> bool:
    """Whether what was suppressed has become more than that: the drifted thing is gone, or differs elsewhere."""
    covered = _accepted(was)
    return bool(covered) and (now["status"] == "missing" or bool(standing(now) - covered))


def standing(row: Row) -> set[str]:
    """The marks of what drifted and is not suppressed."""
    return {each for each in _marked(row) if not each.startswith(ACCEPTED)}


def _accepted(row: Row) -> set[str]:
    return {each.removeprefix(ACCEPTED) for each in _marked(row) if each.startswith(ACCEPTED)}


def _marked(row: Row) -> Iterable[str]:
    found: list[str] = msgspec.json.decode(row["marks"] or "[]")
    return found


def _first_sight(row: Mapping[str, Any], checks: Collection[str], read: Iterable[tuple[str, str]]) -> str:
    if row["check_id"] not in checks:
        return "newly_checked"
    regions = {region for type, region in read if type == row["type"]}
    return "new" if regions & {row["region"], "global"} else "now_visible"
