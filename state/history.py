"""Scans over time in SQLite: what each resource's verdicts were, from when to when, and what got worse."""

from __future__ import annotations

import hmac
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

import msgspec
from sqlite_utils import Database

from state.migrations import migrations
from state.resource import Gap

GOOD = frozenset({"pass", "in-sync", "suppressed"})
BAD = frozenset({"fail", "changed", "missing", "unmanaged"})
BUSY_SECONDS = 10
NOTHING_YET = "no scan is recorded yet; run `driftline scan` first"


class HistoryError(Exception):
    """The database could not be opened, read or written; the text says what to do."""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """One answer of one scan about one resource: a check's, or drift's.

    ``kind`` is "finding" or "drift". ``status`` is pass, fail, unknown, skipped or suppressed of a
    finding; in-sync, changed, missing, unmanaged or unknown of drift. ``check`` is "drift" for drift.
    ``severity`` of drift is empty. ``values`` are what drift found live, by path: kept only as marks
    under the database's own key, by which a further change is seen and nothing can be read.
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
    values: Mapping[str, Any] = {}


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


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """What history keeps of one scan.

    ``checks`` are the ids of the checks run, "drift" among them when states were compared.
    ``unseen`` tells of a (type, account, region, identity) whether the scan may not have seen it:
    verdicts of such things stay as they were.
    """

    id: str
    account: str
    started: datetime
    ended: datetime
    version: str
    regions: Sequence[str]
    sources: Sequence[str]
    checks: Sequence[str]
    read: Sequence[tuple[str, str]]
    counts: Mapping[str, int]
    verdicts: Sequence[Verdict]
    gaps: Sequence[Gap] = ()
    unseen: Callable[[str, str, str, str], bool]


class PastScan(msgspec.Struct, frozen=True, kw_only=True):
    """A scan as the history lists it."""

    n: int
    id: str
    account: str
    started: str
    ended: str
    version: str
    regions: list[str]
    sources: list[str]
    checks: list[str]
    read: list[tuple[str, str]]
    counts: dict[str, int]


class History:
    """The database of past scans. Use as a context manager.

    Opening to write creates the file with mode 0600 where there is none and brings its tables up to
    date; opening to read (``read_only``) changes nothing. Waits ``busy`` seconds for another scan to
    let go of it. Raises HistoryError when it cannot be opened as asked.
    """

    def __init__(self, path: Path, *, read_only: bool = False, busy: float = BUSY_SECONDS) -> None:
        self.path = path
        with _told(path):
            self.db = self._open_to_read(busy) if read_only else self._open_to_write(busy)

    def _open_to_read(self, busy: float) -> Database:
        if not self.path.exists():
            raise HistoryError(f"{self.path}: {NOTHING_YET}")
        uri = f"file:{quote(str(self.path.absolute()))}?mode=ro"
        db = Database(sqlite3.connect(uri, uri=True, timeout=busy))
        if migrations.pending(db):
            raise HistoryError(f"{self.path}: no database of this version; a `driftline scan` brings it up to date")
        return db

    def _open_to_write(self, busy: float) -> Database:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if not self.path.exists():
            self.path.touch(mode=0o600)
        connection = sqlite3.connect(self.path, timeout=busy)
        db = Database(connection)
        migrations.apply(db)
        connection.execute("begin immediate")
        connection.execute("update meta set value = value")
        connection.rollback()
        return db

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.db.conn.close()

    def scans(self, account: str | None = None, limit: int = 20) -> list[PastScan]:
        """The latest scans, newest first."""
        where, names = ("account = :account", {"account": account}) if account else ("1", {})
        with _told(self.path):
            rows = list(self.db.table("scans").rows_where(where, names, order_by="n desc", limit=limit))
        return [_past(row) for row in rows]

    def find(self, id: str) -> PastScan:
        """The scan of this id; raises HistoryError when there is none."""
        with _told(self.path):
            row = next(self.db.table("scans").rows_where("id = ?", [id]), None)
        if row is None:
            raise HistoryError(f"{self.path}: there is no scan {id}")
        return _past(row)

    def gaps(self, scan: int) -> list[Gap]:
        """Where a scan could not look."""
        with _told(self.path):
            rows = list(self.db.query(_GAPS, [scan]))
        return [
            Gap(
                type=row["type"],
                account=row["account"],
                region=row["region"],
                id=row["resource"],
                kind=row["kind"],
                reason=row["reason"],
            )
            for row in rows
        ]

    # --- writing --------------------------------------------------------------------------------

    def record(self, record: Record) -> Digest:
        """Keep a scan, in one transaction, and say what moved since the account's last one.

        Recording a scan that is there already changes nothing.
        """
        with _told(self.path), self.db.conn as connection:
            connection.execute("begin immediate")
            known = connection.execute("select n from scans where id = ?", [record.id]).fetchone()
            n = known[0] if known else self._write(connection, record)
        return self.digest(n)

    def _write(self, connection: sqlite3.Connection, record: Record) -> int:
        connection.execute(
            "insert into scans (id, account, started, ended, version, regions, sources, checks, read, counts)"
            " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                record.id,
                record.account,
                record.started.isoformat(),
                record.ended.isoformat(),
                record.version,
                *(_json(each) for each in (record.regions, record.sources, record.checks, record.read, record.counts)),
            ],
        )
        n = int(connection.execute("select last_insert_rowid()").fetchone()[0])
        connection.executemany(
            "insert into gaps values (?, ?, ?, ?, ?, ?)",
            [(n, gap.type, gap.region, gap.id, gap.kind, gap.reason) for gap in record.gaps],
        )
        self._subjects(connection, record)
        self._intervals(connection, record, n)
        return n

    def _subjects(self, connection: sqlite3.Connection, record: Record) -> None:
        connection.executemany(
            "insert or ignore into subjects (id, kind, check_id, type, identity, account, region)"
            " values (?, ?, ?, ?, ?, ?, ?)",
            [(v.id, v.kind, v.check, v.type, v.identity, v.account, v.region) for v in record.verdicts],
        )

    def _intervals(self, connection: sqlite3.Connection, record: Record, n: int) -> None:
        """Open an interval where a verdict is new or not what it was; close what is over."""
        key = connection.execute("select value from meta where name = 'hmac'").fetchone()[0]
        now = {each.id: _row(each, _marks(each.values, key)) for each in record.verdicts}
        closing, opening, refreshing = [], [], []
        for subject in connection.execute(_OPEN, [record.account]).fetchall():
            id, number, *where, status, marks = subject
            row = now.get(id)
            if row is not None and (row[0], row[-1]) == (status, marks):
                refreshing.append((*row[1:-1], number))
                continue
            if status is not None and (row is not None or _is_gone(record, *where)):
                closing.append((n, number))
            if row is not None:
                opening.append((number, n, *row))
        connection.executemany(_CLOSE, closing)
        connection.executemany(_REFRESH, refreshing)
        connection.executemany(_BEGIN, opening)

    # --- what moved -----------------------------------------------------------------------------

    def digest(self, scan: int | None = None, since: int | None = None) -> Digest:
        """What moved between two scans of one account: by default its last two."""
        with _told(self.path):
            later = self._scan(scan)
            earlier = self._before(later) if since is None else self._scan(since)
        if earlier is None:
            return Digest(scan=later.id)
        if earlier.account != later.account:
            raise HistoryError(f"scans {earlier.n} and {later.n} are of two accounts; compare scans of one")
        kinds: dict[str, list[Move]] = {name: [] for name in Digest.__struct_fields__ if name not in ("scan", "since")}
        with _told(self.path):
            for kind, move in self._moves(earlier, later):
                kinds[kind].append(move)
        return Digest(scan=later.id, since=earlier.id, **kinds)

    def _scan(self, n: int | None) -> PastScan:
        where, names = ("n = :n", {"n": n}) if n is not None else ("1", {})
        row = next(self.db.table("scans").rows_where(where, names, order_by="n desc", limit=1), None)
        if row is None:
            wanted = NOTHING_YET if n is None else f"there is no scan {n}"
            raise HistoryError(f"{self.path}: {wanted}")
        return _past(row)

    def _before(self, scan: PastScan) -> PastScan | None:
        names = {"account": scan.account, "n": scan.n}
        where = "account = :account and n < :n"
        row = next(self.db.table("scans").rows_where(where, names, order_by="n desc", limit=1), None)
        return _past(row) if row else None

    def _moves(self, earlier: PastScan, later: PastScan) -> Iterator[tuple[str, Move]]:
        """Each verdict that began between the two scans, and each bad one that ended."""
        rows = self.db.query(
            """
            select s.*, now.status, now.severity, now.title, now.resource, now.arn, now.message, now.address,
                   now.origin, now.marks, was.status as was_status, was.marks as was_marks, was.valid_to as was_to,
                   exists (select 1 from verdicts old where old.subject = s.key and old.valid_from <= :earlier
                           and old.status in ('fail', 'changed', 'missing', 'unmanaged')) as was_bad
            from verdicts now
            join subjects s on s.key = now.subject and s.account = :account
            left join verdicts was on was.subject = s.key and was.valid_from = (
                select max(valid_from) from verdicts old where old.subject = s.key and old.valid_from <= :earlier)
            where now.valid_from > :earlier and now.valid_from <= :later
              and (now.valid_to is null or now.valid_to > :later)
            order by s.check_id, s.type, s.identity
            """,
            {"account": later.account, "earlier": earlier.n, "later": later.n},
        )
        for row in rows:
            if kind := _kind(row, earlier):
                yield kind, Move(_verdict(row), row["was_status"])
        yield from self._ended(earlier, later)

    def _ended(self, earlier: PastScan, later: PastScan) -> Iterator[tuple[str, Move]]:
        """What was bad and whose resource is seen to be gone."""
        rows = self.db.query(
            """
            select s.*, was.status, was.severity, was.title, was.resource, was.arn, was.message, was.address, was.origin
            from verdicts was join subjects s on s.key = was.subject and s.account = :account
            where was.valid_from <= :earlier and was.valid_to > :earlier and was.valid_to <= :later
              and was.status in ('fail', 'changed', 'missing', 'unmanaged')
              and not exists (select 1 from verdicts now where now.subject = s.key and now.valid_from <= :later
                              and now.valid_from > :earlier and (now.valid_to is null or now.valid_to > :later))
            order by s.check_id, s.type, s.identity
            """,
            {"account": later.account, "earlier": earlier.n, "later": later.n},
        )
        for row in rows:
            yield "resolved", Move(_verdict(row), row["status"])


_OPEN = """
    select s.id, s.key, s.check_id, s.type, s.account, s.region, s.identity, v.status, v.marks
    from subjects s left join verdicts v on v.subject = s.key and v.valid_to is null where s.account = ?
"""
_CLOSE = "update verdicts set valid_to = ? where subject = ? and valid_to is null"
_REFRESH = """
    update verdicts set severity = ?, title = ?, resource = ?, arn = ?, message = ?, address = ?, origin = ?
    where subject = ? and valid_to is null
"""
_BEGIN = """
    insert into verdicts (subject, valid_from, status, severity, title, resource, arn, message, address, origin, marks)
    values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_GAPS = "select g.*, s.account from gaps g join scans s on s.n = g.scan where s.n = ?"


def _kind(row: Mapping[str, Any], earlier: PastScan) -> str | None:
    """Which of the digest's lists a verdict that began since belongs to."""
    was, now = row["was_status"], row["status"]
    over = row["was_to"] is not None and row["was_to"] <= earlier.n
    if now in GOOD:
        return "resolved" if was in BAD and not over else None
    if now not in BAD:
        return None
    if was is None:
        return _first_sight(row, earlier)
    if over:
        return "reopened" if row["was_bad"] else "new"
    if was in BAD:
        return "regressed" if _is_worse(row) else None
    if was not in GOOD | BAD:
        return "now_visible"
    return "reopened" if row["was_bad"] else "regressed"


def _is_worse(row: Mapping[str, Any]) -> bool:
    """Whether what was bad has got worse: it is gone, or has drifted further."""
    if row["was_status"] != row["status"]:
        return bool(row["status"] == "missing")
    return bool(set(_marked(row["marks"])) - set(_marked(row["was_marks"])))


def _first_sight(row: Mapping[str, Any], earlier: PastScan) -> str:
    if row["check_id"] not in earlier.checks:
        return "newly_checked"
    regions = {region for type, region in earlier.read if type == row["type"]}
    return "new" if regions & {row["region"], "global"} else "now_visible"


def _is_gone(record: Record, check: str, type: str, account: str, region: str, identity: str) -> bool:
    """Whether a scan that has no verdict on something would have had one, were it still there."""
    return check in record.checks and not record.unseen(type, account, region, identity)


def _verdict(row: Mapping[str, Any]) -> Verdict:
    names = [name for name in Verdict.__struct_fields__ if name not in ("values", "check")]
    return Verdict(check=row["check_id"], **{name: row[name] for name in names})


def _row(verdict: Verdict, marks: str) -> tuple[Any, ...]:
    return (
        verdict.status,
        verdict.severity,
        verdict.title,
        verdict.resource,
        verdict.arn,
        verdict.message,
        verdict.address,
        verdict.origin,
        marks,
    )


def _marks(values: Mapping[str, Any], key: bytes) -> str:
    """``path=mac`` of each live value: enough to see that it changed again, and nothing to read."""
    return _json(sorted(f"{path}={_mac(value, key)}" for path, value in values.items()))


def _mac(value: Any, key: bytes) -> str:
    return hmac.new(key, _json(value).encode(), "sha256").hexdigest()[:16]


def _marked(marks: str | None) -> Iterable[str]:
    found: list[str] = msgspec.json.decode(marks or "[]")
    return found


def _json(value: Any) -> str:
    return msgspec.json.encode(value, enc_hook=lambda each: getattr(each, "value", None) or str(each)).decode()


def _past(row: Mapping[str, Any]) -> PastScan:
    lists = ("regions", "sources", "checks", "read", "counts")
    return msgspec.convert(dict(row) | {name: msgspec.json.decode(row[name]) for name in lists}, PastScan)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """SQLite's and the file system's words as ours."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise HistoryError(f"{path}: {_advice(str(error))}") from error
    except sqlite3.DatabaseError as error:
        raise HistoryError(f"{path}: not a Driftline database ({error}); name another file with --db") from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise HistoryError(f"{path}: {reason.lower()}; name another file with --db") from error


def _advice(problem: str) -> str:
    if "locked" in problem:
        return "the database is locked by another scan; wait for it, or name another file with --db"
    if "readonly" in problem or "read-only" in problem:
        return "the database may not be written; mend its permissions, or name another file with --db"
    return f"the database could not be used ({problem}); name another file with --db"
