"""The database's tables, as the steps that made them; a step is never changed once released."""

from __future__ import annotations

import secrets
import sqlite3
from contextlib import closing

from sqlite_utils import Database, Migrations

migrations = Migrations("driftline")


def newer(db: Database) -> list[str]:
    """The steps that a database has taken and this version does not know: a newer one made it."""
    with closing(sqlite3.connect(":memory:")) as empty:
        known = {each.name for each in migrations.pending(Database(empty))}
    return [each.name for each in migrations.applied(db) if each.name not in known]


@migrations()
def scans_subjects_and_verdicts(db: Database) -> None:
    """Intervals: a verdict holds from one scan until, and not including, another; open ones have no end."""
    db.table("meta").create({"name": str, "value": bytes}, pk="name")
    db.table("meta").insert({"name": "hmac", "value": secrets.token_bytes(32)})
    db.table("scans").create(
        {
            "n": int,
            "id": str,
            "account": str,
            "started": str,
            "ended": str,
            "version": str,
            "regions": str,
            "sources": str,
            "checks": str,
            "read": str,
            "counts": str,
        },
        pk="n",
        not_null={"id", "account", "started"},
    )
    db.table("scans").create_index(["id"], unique=True)
    db.table("scans").create_index(["account", "n"])
    db.table("subjects").create(
        {
            "key": int,
            "id": str,
            "kind": str,
            "check_id": str,
            "type": str,
            "identity": str,
            "account": str,
            "region": str,
        },
        pk="key",
    )
    db.table("subjects").create_index(["id"], unique=True)
    db.table("verdicts").create(
        {
            "subject": int,
            "valid_from": int,
            "valid_to": int,
            "status": str,
            "severity": str,
            "title": str,
            "resource": str,
            "arn": str,
            "message": str,
            "address": str,
            "origin": str,
            "marks": str,
        },
        pk=("subject", "valid_from"),
        foreign_keys=[("subject", "subjects", "key")],
    )
    db.table("verdicts").create_index(["valid_to", "subject"])
    db.table("verdicts").create_index(["valid_from"])
    db.table("gaps").create({"scan": int, "type": str, "region": str, "resource": str, "kind": str, "reason": str})
    db.table("gaps").create_index(["scan"])


@migrations()
def several_accounts(db: Database) -> None:
    """What an account was called when it was read; and of a gap whose it is, which may be nobody's."""
    db.table("scans").add_column("name", str, not_null_default="")
    for column in ("account", "attribute", "permission"):
        db.table("gaps").add_column(column, str)


@migrations()
def who_wrote(db: Database) -> None:
    """What CloudTrail said of a thing, and of which time it was asked. It names people, and is forgotten in time."""
    of = {"account": str, "region": str, "service": str, "name": str}
    db.table("lookups").create(of | {"since": str, "until": str, "with_ip": int}, pk=tuple(of))
    told = {"id": str, "time": str, "actor": str, "event": str, "source_ip": str}
    db.table("writes").create(of | told, pk=(*of, "id"))
