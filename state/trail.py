"""Who wrote to a thing as CloudTrail told it, kept for ninety days, and between which two scans the thing turned bad.

CloudTrail tells of the last ninety days, and of the last quarter of an hour not yet with certainty:
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec
from sqlite_utils import Database

from state.history import KEPT_DAYS, History, forget, marks
from state.migrations import migrations
from state.moves import Verdict
from state.resource import GLOBAL, Gap

LATE = timedelta(minutes=15)
"""How long after a call CloudTrail may tell of it."""


class Looked(NamedTuple):
    """What CloudTrail is asked about: a name, in an account and region, among the calls to one of AWS's services."""

    account: str
    region: str
    service: str
    name: str


class Write(msgspec.Struct, frozen=True, kw_only=True):
    """A call that changed something, and all that is kept of it. ``source_ip`` only where it was asked for."""

    id: str
    time: datetime
    actor: str
    event: str
    source_ip: str | None = None


class Span(NamedTuple):
    since: datetime
    until: datetime


class Trail:
    """What CloudTrail said, in the database of past scans; without one, for as long as this lives.

    What was asked for with ``ip`` serves those who do not ask for it; not the other way round.
    """

    def __init__(self, history: History | None, now: datetime, *, ip: bool = False) -> None:
        self.now, self.ip = now, ip
        self.db = history.db if history else Database(memory=True)
        if history is None:
            migrations.apply(self.db)
        self._scans: dict[str, list[_Past]] = {}
        with self.db.conn as connection:
            forget(connection, now)

    @property
    def first(self) -> datetime:
        """Before this CloudTrail tells nothing."""
        return self.now - timedelta(days=KEPT_DAYS)

    # --- when it turned bad -----------------------------------------------------------------------

    def window(self, verdict: Verdict, types: Sequence[str]) -> tuple[datetime | None, datetime]:
        """When a scan last saw it otherwise, None where none did; and when one first saw it as it is now.

        ``types`` are all that have to be seen to judge it: its own, and those of its parts.
        """
        since = self._standing(verdict)
        past = self._past(verdict.account)
        first = next((each for each in past if each.n == since), None)
        others = (each for each in past if since is None or each.n < since)
        before = next((each for each in others if each.saw(verdict, types)), None)
        return before.started.replace(microsecond=0) if before else None, first.ended if first else self.now

    def _standing(self, verdict: Verdict) -> int | None:
        """The scan since which it has been just as it is; None where it was otherwise, or not there, at the last."""
        row = next(self.db.query(_STANDS, [verdict.id]), None)
        key = next(self.db.query("select value from meta where name = 'hmac'"))["value"]
        if row is None or (row["status"], row["marks"]) != (verdict.status, marks(verdict, key)):
            return None
        return int(row["valid_from"])

    def _past(self, account: str) -> list[_Past]:
        if account not in self._scans:
            rows = self.db.table("scans").rows_where("account = ?", [account], order_by="n desc")
            self._scans[account] = [_Past(row, self.db) for row in rows]
        return self._scans[account]

    # --- what CloudTrail said ---------------------------------------------------------------------

    def missing(self, looked: Looked, since: datetime, until: datetime) -> list[Span]:
        """The times of these that CloudTrail was not asked about yet, the later first."""
        known = self.known(looked)
        if known is None or known.until < since or known.since > until:
            return [Span(since, until)]
        spans = (Span(known.until, until), Span(since, known.since))
        return [each for each in spans if each.since < each.until]

    def known(self, looked: Looked) -> Span | None:
        """The time that CloudTrail was asked about."""
        row = next(self.db.query(_KNOWN, list(looked)), None)
        if row is None or (self.ip and not row["with_ip"]):
            return None
        return Span(datetime.fromisoformat(row["since"]), datetime.fromisoformat(row["until"]))

    def keep(self, looked: Looked, span: Span, writes: Iterable[Write]) -> None:
        """The writes of a time that CloudTrail was asked about, joined to what is known of it."""
        known = self.known(looked)
        whole = Span(span.since, min(span.until, self.now - LATE))
        if known and known.since <= whole.until and span.since <= known.until:
            whole = Span(min(known.since, span.since), max(known.until, whole.until))
        with self.db.conn as connection:
            connection.executemany(_WRITE, [(*looked, *_row(each)) for each in writes])
            is_older = known is not None and whole.until < known.since
            if whole.since < whole.until and not is_older:
                connection.execute(_LOOKUP, [*looked, whole.since.isoformat(), whole.until.isoformat(), self.ip])

    def writes(self, looked: Looked, since: datetime, until: datetime) -> list[Write]:
        """Who wrote to it in a time, the last first."""
        found = (_write(row, ip=self.ip) for row in self.db.query(_WROTE, list(looked)))
        return sorted((each for each in found if since <= each.time <= until), key=lambda each: each.time, reverse=True)


class _Past:
    """A scan of an account: when, and what it may have seen."""

    def __init__(self, row: dict[str, Any], db: Database) -> None:
        self.n: int = row["n"]
        self.started, self.ended = (datetime.fromisoformat(row[name]) for name in ("started", "ended"))
        self._row, self._db = row, db
        self._read: frozenset[tuple[str, str]] | None = None
        self._gaps: Sequence[Gap] = ()

    def saw(self, verdict: Verdict, types: Sequence[str]) -> bool:
        """Whether it judged this, or would have, had it been there."""
        if self._read is None:
            self._read = frozenset((type, region) for type, region in msgspec.json.decode(self._row["read"]))
            self._gaps = list(self._unseen())
        return verdict.check in msgspec.json.decode(self._row["checks"]) and all(
            {(type, verdict.region), (type, GLOBAL)} & self._read and not self._hides(type, verdict) for type in types
        )

    def _hides(self, type: str, verdict: Verdict) -> bool:
        """Whether a gap was there that may have hidden it; a part may be called by any name."""
        return any(
            each.covers(type, verdict.account, verdict.region, each.id)
            and (type != verdict.type or each.id in (None, verdict.identity, verdict.resource))
            for each in self._gaps
        )

    def _unseen(self) -> Iterator[Gap]:
        """Where it could not look. One attribute that was not seen is as good as the whole."""
        for row in self._db.query("select * from gaps where scan = ?", [self.n]):
            account = self._row["account"] if row["account"] is None else row["account"]
            where = {"type": row["type"], "account": account, "region": row["region"]}
            yield Gap(**where, id=row["resource"], reason=row["reason"])


def _row(write: Write) -> tuple[Any, ...]:
    return write.id, write.time.isoformat(), write.actor, write.event, write.source_ip


def _write(row: dict[str, Any], *, ip: bool) -> Write:
    return Write(
        id=row["id"],
        time=datetime.fromisoformat(row["time"]),
        actor=row["actor"],
        event=row["event"],
        source_ip=row["source_ip"] if ip else None,
    )


_KNOWN = "select * from lookups where account = ? and region = ? and service = ? and name = ?"
_WROTE = "select * from writes where account = ? and region = ? and service = ? and name = ?"
_STANDS = """
    select v.valid_from, v.status, v.marks
    from subjects s join verdicts v on v.subject = s.key and v.valid_to is null where s.id = ?
"""
_WRITE = "insert or replace into writes values (?, ?, ?, ?, ?, ?, ?, ?, ?)"
_LOOKUP = "insert or replace into lookups values (?, ?, ?, ?, ?, ?, ?)"
