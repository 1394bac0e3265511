"""Scans over time in SQLite: what each resource's verdicts were, from when to when, and what got worse."""

from __future__ import annotations

import errno
import hmac
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from itertools import groupby, islice
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

import msgspec
from sqlite_utils import Database

from state.migrations import migrations, newer
from state.moves import (
    ACCEPTED,
    BAD,
    GOOD,
    KINDS,
    SUPPRESSED,
    Digest,
    Move,
    Past,
    Verdict,
    before,
    kind_of,
    past_of,
    run_of,
    standing,
    together,
)
from state.resource import Gap

__all__ = ["BAD", "GOOD", "Digest", "History", "HistoryError", "Move", "PastScan", "Record", "Verdict"]

AT_ONCE = 5_000
"""How many verdicts are held in memory while a scan is written."""

KEPT_DAYS = 90
"""How long it is kept who wrote to a thing, which is as long as CloudTrail tells it."""

BUSY_SECONDS = 10
NOTHING_YET = "no scan is recorded yet; run `driftline scan` first"


class HistoryError(Exception):
    """The database could not be opened, read or written; the text says what to do."""


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """What history keeps of one scan, or of one of the accounts that a scan read.

    ``checks`` are the ids of the checks run, "drift" among them when states were compared. ``read`` are
    the types and regions that were seen; none where the account could not be entered. ``verdicts`` may
    be gone through more than once. ``unseen`` tells of a (type, account, region, identity) whether the
    scan may not have seen it: verdicts of such things stay as they were.
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
    verdicts: Iterable[Verdict]
    gaps: Sequence[Gap] = ()
    name: str = ""
    unseen: Callable[[str, str, str, str], bool]


class PastScan(msgspec.Struct, frozen=True, kw_only=True):
    """A scan, or what a scan read of one of its accounts, as the history lists it."""

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
    name: str = ""

    @property
    def run(self) -> str:
        """The id of the scan, whichever of its accounts this is."""
        return run_of(self.id)


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
        self._refuse_newer(db)
        if migrations.pending(db):
            raise HistoryError(f"{self.path}: no database of this version; a `driftline scan` brings it up to date")
        return db

    def _open_to_write(self, busy: float) -> Database:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if not self.path.exists():
            self.path.touch(mode=0o600)
        connection = sqlite3.connect(self.path, timeout=busy)
        db = Database(connection)
        self._refuse_newer(db)
        migrations.apply(db)
        connection.execute("begin immediate")
        connection.execute("update meta set value = value")
        connection.rollback()
        return db

    def _refuse_newer(self, db: Database) -> None:
        if newer(db):
            raise HistoryError(
                f"{self.path}: a newer driftline made this database; update this one, or name another file with --db"
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.db.conn.close()

    def scans(self, account: str | None = None, limit: int = 20) -> list[PastScan]:
        """The latest scans, newest first; of a scan of several accounts each account."""
        where, names = ("account = :account", {"account": account}) if account else ("1", {})
        found: list[PastScan] = []
        with _told(self.path):
            for runs, (_, rows) in enumerate(groupby(self._rows(where, names), lambda row: run_of(row["id"]))):
                if runs == limit:
                    break
                found += map(_past, rows)
        return found

    def run(self, scan: int | None = None) -> list[PastScan]:
        """The last scan, account by account as they were read; or the one that is numbered so."""
        if scan is not None:
            with _told(self.path):
                return [self._scan(scan)]
        return self.scans(limit=1)[::-1] or [self._scan(None)]

    def _rows(self, where: str, names: dict[str, Any]) -> Iterator[dict[str, Any]]:
        rows: Iterator[dict[str, Any]] = self.db.table("scans").rows_where(where, names, order_by="n desc")
        return rows

    def count(self) -> int:
        """How many scans are recorded."""
        with _told(self.path):
            return int(self.db.table("scans").count)

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
                account=row["owner"] if row["account"] is None else row["account"],
                region=row["region"],
                id=row["resource"],
                attribute=row["attribute"],
                kind=row["kind"],
                reason=row["reason"],
                permission=row["permission"],
            )
            for row in rows
        ]

    def bad(self, scan: PastScan) -> list[tuple[Verdict, list[str]]]:
        """What failed or had drifted when an account was scanned, and of what had changed the paths."""
        names = {"account": scan.account, "n": scan.n}
        with _told(self.path):
            rows = [row for row in self.db.query(_AS_OF, names) if row["status"] in BAD]
        return [(_verdict(row), sorted(each.rpartition("=")[0] for each in standing(row))) for row in rows]

    def findings(self, scan: PastScan) -> list[Verdict]:
        """What the checks said of an account when it was scanned."""
        with _told(self.path):
            rows = list(self.db.query(_AS_OF, {"account": scan.account, "n": scan.n}))
        return [_verdict(row) for row in rows if row["kind"] == "finding"]

    def live(self, account: str) -> dict[tuple[str, str], int]:
        """How many things of each (type, region) an account held when it was last seen, of those that were judged."""
        with _told(self.path):
            return {(row["type"], row["region"]): row["n"] for row in self.db.query(_LIVE, [account])}

    # --- writing --------------------------------------------------------------------------------

    def record(self, *records: Record) -> Digest:
        """Keep a scan, in one transaction, and say what moved since each account's last one.

        A scan of several accounts has a record of each. Recording a scan that is there already changes nothing.
        """
        with _told(self.path), self.db.conn as connection:
            connection.execute("begin immediate")
            numbers = [self._recorded(connection, each) for each in records]
            forget(connection, datetime.now(UTC))
        return self.digests([(each.account, n) for each, n in zip(records, numbers) if each.read], records[0].id)

    def _recorded(self, connection: sqlite3.Connection, record: Record) -> int:
        known = connection.execute("select n from scans where id = ?", [record.id]).fetchone()
        return int(known[0]) if known else self._write(connection, record)

    def _write(self, connection: sqlite3.Connection, record: Record) -> int:
        connection.execute(
            "insert into scans (id, account, name, started, ended, version, regions, sources, checks, read, counts)"
            " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                record.id,
                record.account,
                record.name,
                record.started.isoformat(),
                record.ended.isoformat(),
                record.version,
                *(_json(each) for each in (record.regions, record.sources, record.checks, record.read, record.counts)),
            ],
        )
        n = int(connection.execute("select last_insert_rowid()").fetchone()[0])
        connection.executemany(
            "insert into gaps (scan, type, account, region, resource, attribute, kind, reason, permission)"
            " values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [(n, g.type, g.account, g.region, g.id, g.attribute, g.kind, g.reason, g.permission) for g in record.gaps],
        )
        self._intervals(connection, record, n)
        return n

    def _intervals(self, connection: sqlite3.Connection, record: Record, n: int) -> None:
        """Open an interval where a verdict is new or not what it was; close what is over."""
        key = connection.execute("select value from meta where name = 'hmac'").fetchone()[0]
        connection.execute("create temp table seen (subject integer primary key)")
        verdicts = iter(record.verdicts)
        while some := {each.id: each for each in islice(verdicts, AT_ONCE)}:
            self._keep(connection, n, {id: _row(each, marks(each, key)) for id, each in some.items()}, some)
        standing = connection.execute(_STANDING, [record.account, n])
        gone = [(n, subject, n) for subject, *where in standing if _is_gone(record, *where)]
        connection.executemany(_CLOSE, gone)
        connection.execute("drop table seen")

    def _keep(
        self, connection: sqlite3.Connection, n: int, rows: dict[str, tuple[Any, ...]], verdicts: dict[str, Verdict]
    ) -> None:
        """The rows of some verdicts by their ids: those that say what stands already cost nothing."""
        standing = connection.execute(_WAS, [_json(list(rows))]).fetchall()
        known = {id for id, *_ in standing}
        last = connection.execute("select coalesce(max(key), 0) from subjects").fetchone()[0]
        new = list(enumerate((each for id, each in verdicts.items() if id not in known), last + 1))
        connection.executemany(
            _SUBJECT, [(key, v.id, v.kind, v.check, v.type, v.identity, v.account, v.region) for key, v in new]
        )
        opening = [(key, n, *rows[each.id]) for key, each in new]
        closing, refreshing = [], []
        for id, subject, *was in standing:
            row = rows[id]
            if (row[0], row[-1]) != (was[0], was[-1]):
                closing.append((n, subject, n))
                opening.append((subject, n, *row))
            elif row != tuple(was):
                refreshing.append((*row[1:-1], subject))
        connection.executemany(_SEEN, ((subject,) for _, subject, *_ in standing))
        connection.executemany(_CLOSE, closing)
        connection.executemany(_REFRESH, refreshing)
        connection.executemany(_BEGIN, opening)

    # --- what moved -----------------------------------------------------------------------------

    def digest(self, scan: int | None = None, since: int | None = None) -> Digest:
        """What moved between two scans of one account: by default its last two that saw something of it."""
        with _told(self.path):
            later = self._scan(scan)
            earlier = self._before(later) if since is None else self._scan(since)
        if earlier is None:
            return Digest(scan=later.id)
        if earlier.account != later.account:
            raise HistoryError(f"scans {earlier.n} and {later.n} are of two accounts; compare scans of one")
        kinds: dict[str, Any] = {name: [] for name in KINDS}
        with _told(self.path):
            for kind, move in self._moves(earlier, later):
                kinds[kind].append(move)
        return Digest(scan=later.id, since=earlier.id, **kinds)

    def digests(self, scans: Sequence[tuple[str, int]], id: str) -> Digest:
        """What moved in a scan of several accounts: (account, scan) of each that was read."""
        if run_of(id) == id and len(scans) == 1:
            return self.digest(scans[0][1])
        return together(run_of(id), ((account, self.digest(n)) for account, n in scans))

    def _scan(self, n: int | None) -> PastScan:
        where, names = ("n = :n", {"n": n}) if n is not None else ("1", {})
        row = next(self.db.table("scans").rows_where(where, names, order_by="n desc", limit=1), None)
        if row is None:
            wanted = NOTHING_YET if n is None else f"there is no scan {n}"
            raise HistoryError(f"{self.path}: {wanted}")
        return _past(row)

    def _before(self, scan: PastScan) -> PastScan | None:
        """The last scan before that saw something of the account."""
        names = {"account": scan.account, "n": scan.n}
        row = next(self._rows("account = :account and n < :n and read != '[]'", names), None)
        return _past(row) if row else None

    def _moves(self, earlier: PastScan, later: PastScan) -> Iterator[tuple[str, Move]]:
        """Each verdict that began between the two scans, and each bad one that ended with its resource."""
        names = {"account": later.account, "earlier": earlier.n, "later": later.n}
        for row in self.db.query(_BEGUN, names):
            past = self._past_of(row, earlier)
            if kind := kind_of(row, past, earlier.checks, earlier.read):
                yield kind, Move(_verdict(row), before(kind, past))
        for row in self.db.query(_ENDED, names):
            if (known := self._past_of(row, earlier).known) and known["status"] in {*BAD, SUPPRESSED}:
                yield "resolved", Move(_verdict({**row, **known}), known["status"])

    def _past_of(self, subject: Mapping[str, Any], earlier: PastScan) -> Past:
        return past_of(list(self.db.query(_UNTIL, [subject["key"], earlier.n])), earlier.n)


def forget(connection: sqlite3.Connection, now: datetime) -> None:
    """Take out who wrote to a thing so long ago that CloudTrail itself has forgotten it."""
    last = (now - timedelta(days=KEPT_DAYS)).isoformat()
    connection.execute("delete from writes where time < ?", [last])
    connection.execute("delete from lookups where until < ?", [last])


def check_writable(path: Path, busy: float = BUSY_SECONDS) -> None:
    """Raises HistoryError where a scan could not be recorded; changes nothing, and makes no file."""
    with _told(path):
        folder = next(each for each in path.absolute().parents if each.exists())
        if not folder.is_dir():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
        for each in (path, folder):
            if each.exists() and not os.access(each, os.W_OK, effective_ids=os.access in os.supports_effective_ids):
                raise sqlite3.OperationalError("readonly")
        if path.exists():
            with closing(sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode=rw", uri=True, timeout=busy)) as db:
                db.execute("begin immediate")
                db.rollback()


_SUBJECT = """
    insert into subjects (key, id, kind, check_id, type, identity, account, region) values (?, ?, ?, ?, ?, ?, ?, ?)
"""
_WAS = """
    select s.id, s.key, v.status, v.severity, v.title, v.resource, v.arn, v.message, v.address, v.origin, v.marks
    from json_each(?) asked join subjects s on s.id = asked.value
    left join verdicts v on v.subject = s.key and v.valid_to is null
"""
_SEEN = "insert or ignore into seen values (?)"
_CLOSE = "update verdicts set valid_to = ? where subject = ? and valid_to is null and valid_from < ?"
_REFRESH = """
    update verdicts set severity = ?, title = ?, resource = ?, arn = ?, message = ?, address = ?, origin = ?
    where subject = ? and valid_to is null
"""
_BEGIN = """
    insert or replace into verdicts
    (subject, valid_from, status, severity, title, resource, arn, message, address, origin, marks)
    values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_STANDING = """
    select s.key, s.check_id, s.type, s.account, s.region, s.identity
    from scans join verdicts v on v.valid_from = scans.n and +v.valid_to is null join subjects s on s.key = v.subject
    where scans.account = ? and scans.n < ? and s.account = scans.account and s.key not in (select subject from seen)
"""
_BEGUN = """
    select s.*, now.status, now.severity, now.title, now.resource, now.arn, now.message, now.address,
           now.origin, now.marks
    from verdicts now join subjects s on s.key = now.subject and s.account = :account
    where now.valid_from in (select n from scans where account = :account and n > :earlier and n <= :later)
      and (now.valid_to is null or now.valid_to > :later)
    order by s.check_id, s.type, s.identity
"""
_ENDED = """
    select s.*
    from verdicts was join subjects s on s.key = was.subject and s.account = :account
    where was.valid_to in (select n from scans where account = :account and n > :earlier and n <= :later)
      and was.valid_from <= :earlier
      and not exists (select 1 from verdicts now where now.subject = s.key and now.valid_from <= :later
                      and now.valid_from > :earlier and (now.valid_to is null or now.valid_to > :later))
    order by s.check_id, s.type, s.identity
"""
_AS_OF = """
    select s.*, v.status, v.severity, v.title, v.resource, v.arn, v.message, v.address, v.origin, v.marks
    from verdicts v join subjects s on s.key = v.subject and s.account = :account
    where v.valid_from <= :n and (v.valid_to is null or v.valid_to > :n)
    order by s.check_id, s.type, s.identity, s.region
"""
_UNTIL = "select * from verdicts where subject = ? and valid_from <= ? order by valid_from desc"
_LIVE = """
    select s.type, s.region, count(distinct s.identity) as n
    from subjects s join verdicts v on v.subject = s.key and v.valid_to is null
    where s.account = ? and v.status != 'missing' group by s.type, s.region
"""
_GAPS = "select g.*, s.account as owner from gaps g join scans s on s.n = g.scan where s.n = ?"


def _is_gone(record: Record, check: str, type: str, account: str, region: str, identity: str) -> bool:
    """Whether a scan that has no verdict on something would have had one, were it still there."""
    return check in record.checks and not record.unseen(type, account, region, identity)


def _verdict(row: Mapping[str, Any]) -> Verdict:
    names = [name for name in Verdict.__struct_fields__ if name not in ("values", "accepted", "check")]
    return Verdict(check=row["check_id"], **{name: row[name] for name in names})


def _row(verdict: Verdict, marked: str) -> tuple[Any, ...]:
    return (
        verdict.status,
        verdict.severity,
        verdict.title,
        verdict.resource,
        verdict.arn,
        verdict.message,
        verdict.address,
        verdict.origin,
        marked,
    )


def marks(verdict: Verdict, key: bytes) -> str:
    """``path=mac`` of each live value: enough to see that it changed again, and nothing to read."""
    if not (verdict.values or verdict.accepted):
        return "[]"
    standing = [f"{path}={_mac(value, key)}" for path, value in verdict.values.items()]
    accepted = [f"{ACCEPTED}{path}={_mac(value, key)}" for path, value in verdict.accepted.items()]
    return _json(sorted(standing + accepted))


def _mac(value: Any, key: bytes) -> str:
    return hmac.new(key, _json(value).encode(), "sha256").hexdigest()[:16]


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
