"""What CloudTrail said, kept for a while, and between which two scans something turned bad."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from state import Gap
from state.history import History
from state.trail import LATE, Looked, Span, Trail, Write
from tests.state.scans import ACCOUNT, DRIFT, WHEN, record, verdict

NOW = WHEN + timedelta(days=10)
ORDERS = Looked(ACCOUNT, "eu-west-1", "rds", "orders")
OTHER = ORDERS._replace(name="billing")
TYPE = "aws_db_instance"


@pytest.fixture
def history(tmp_path: Path):
    with History(tmp_path / "history.sqlite") as opened:
        yield opened


def day(n: float) -> datetime:
    return WHEN + timedelta(days=n)


def write(id: str, time: datetime, **more: str) -> Write:
    return Write(id=id, time=time, actor="ann", event="ModifyDBInstance", **more)


# --- between which scans --------------------------------------------------------------------------


def changed(value: int = 1):
    return verdict("orders", "changed", DRIFT, values={"port": value})


def scanned(history: History, n: int, *verdicts, **more) -> None:
    history.record(record(f"scan-{n}", *verdicts, started=day(n), ended=day(n + 0.1), checks=(DRIFT,), **more))


def window(history: History | None, what=None, types=(TYPE,)):
    return Trail(history, NOW).window(what or changed(), types)


def test_without_a_scan_before_nobody_knows_since_when(history):
    assert window(history) == window(None) == (None, NOW)


def test_it_turned_bad_after_the_last_scan_that_saw_it_otherwise(history):
    scanned(history, 1, verdict("orders", "in-sync", DRIFT))
    assert window(history) == (day(1), NOW)


def test_what_stands_as_it_did_turned_bad_before_the_first_scan_that_saw_it_so(history):
    scanned(history, 1, verdict("orders", "in-sync", DRIFT))
    scanned(history, 2, changed())
    scanned(history, 3, changed())
    assert window(history) == (day(1), day(2.1))


def test_what_changed_again_turned_so_since_the_last_scan(history):
    scanned(history, 1, verdict("orders", "in-sync", DRIFT))
    scanned(history, 2, changed())
    assert window(history, changed(2)) == (day(2), NOW)


def test_what_is_new_came_after_the_last_scan_that_would_have_seen_it(history):
    scanned(history, 1)
    assert window(history, verdict("orders", "unmanaged", DRIFT)) == (day(1), NOW)


@pytest.mark.parametrize(
    ("unseen", "hides"),
    [
        ({"read": []}, True),
        ({"checks": ("other",)}, True),
        ({"gaps": [{}]}, True),
        ({"gaps": [{"id": "orders"}]}, True),
        ({"gaps": [{"type": "*", "region": "global"}]}, True),
        ({"gaps": [{"type": "aws_db_part", "id": "a"}]}, True),
        ({"gaps": [{"id": "billing"}]}, False),
        ({"gaps": [{"region": "us-east-1"}]}, False),
        ({"gaps": [{"type": "aws_s3_bucket"}]}, False),
    ],
)
def test_a_scan_that_could_not_see_it_does_not_count(history, unseen, hides):
    both = [(TYPE, "eu-west-1"), ("aws_db_part", "eu-west-1")]
    where = {"type": TYPE, "account": ACCOUNT, "region": "eu-west-1", "reason": "denied"}
    unseen |= {"gaps": [Gap(**where | each) for each in unseen["gaps"]]} if "gaps" in unseen else {}
    history.record(record("scan-1", started=day(1), ended=day(1.1), checks=(DRIFT,), read=both))
    history.record(record("scan-2", started=day(2), ended=day(2.1), **{"checks": (DRIFT,), "read": both} | unseen))
    assert window(history, types=(TYPE, "aws_db_part")) == (day(1) if hides else day(2), NOW)


# --- what was asked -------------------------------------------------------------------------------


def test_only_what_was_not_asked_is_missing(history):
    trail = Trail(history, NOW)
    assert trail.missing(ORDERS, day(2), day(4)) == [Span(day(2), day(4))]
    trail.keep(ORDERS, Span(day(2), day(4)), [write("a", day(3))])
    assert trail.missing(ORDERS, day(2), day(4)) == []
    assert trail.missing(ORDERS, day(1), day(5)) == [Span(day(4), day(5)), Span(day(1), day(2))]
    assert trail.missing(ORDERS, day(5), day(6)) == [Span(day(5), day(6))]
    assert trail.missing(OTHER, day(2), day(4)) == [Span(day(2), day(4))]


def test_times_that_touch_are_one(history):
    trail = Trail(history, NOW)
    for since, until in ((2, 4), (4, 5), (1, 2)):
        trail.keep(ORDERS, Span(day(since), day(until)), [])
    assert trail.known(ORDERS) == Span(day(1), day(5))


def test_of_times_apart_the_later_is_remembered(history):
    trail = Trail(history, NOW)
    trail.keep(ORDERS, Span(day(4), day(5)), [])
    trail.keep(ORDERS, Span(day(1), day(2)), [])
    assert trail.known(ORDERS) == Span(day(4), day(5))


def test_what_may_still_come_late_is_asked_again(history):
    trail = Trail(history, NOW)
    trail.keep(ORDERS, Span(day(2), NOW), [write("a", NOW)])
    assert trail.missing(ORDERS, day(2), NOW) == [Span(NOW - LATE, NOW)]
    assert [each.id for each in trail.writes(ORDERS, day(2), NOW)] == ["a"]
    trail.keep(ORDERS, Span(NOW - LATE / 2, NOW), [])
    assert trail.known(ORDERS) == Span(day(2), NOW - LATE)


def test_writes_are_told_once_the_last_first_and_of_the_time_asked(history):
    trail = Trail(history, NOW)
    found = [write("a", day(3)), write("b", day(4)), write("c", day(6))]
    trail.keep(ORDERS, Span(day(2), day(7)), found)
    trail.keep(ORDERS, Span(day(2), day(7)), found)
    assert trail.writes(ORDERS, day(2), day(5)) == [found[1], found[0]]
    assert trail.writes(OTHER, day(2), day(5)) == []


def test_what_was_kept_without_addresses_does_not_serve_who_asks_for_them(history):
    plain, with_ip = Trail(history, NOW), Trail(history, NOW, ip=True)
    plain.keep(ORDERS, Span(day(2), day(4)), [write("a", day(3))])
    assert with_ip.missing(ORDERS, day(2), day(4)) == [Span(day(2), day(4))]
    with_ip.keep(ORDERS, Span(day(2), day(4)), [write("a", day(3), source_ip="192.0.2.7")])
    assert [each.source_ip for each in with_ip.writes(ORDERS, day(2), day(4))] == ["192.0.2.7"]
    assert [each.source_ip for each in plain.writes(ORDERS, day(2), day(4))] == [None]


def test_after_ninety_days_it_is_forgotten(history):
    Trail(history, NOW).keep(ORDERS, Span(day(1), day(4)), [write("a", day(2)), write("b", day(4))])
    later = Trail(history, day(93))
    assert later.first == day(3)
    assert [each["id"] for each in history.db.query("select id from writes")] == ["b"]
    assert Trail(history, day(95)).known(ORDERS) is None
    assert list(history.db.query("select * from writes")) == []


def test_a_scan_that_asks_nobody_forgets_too(history):
    long_ago = datetime.now(UTC) - timedelta(days=91)
    Trail(history, long_ago).keep(ORDERS, Span(long_ago - timedelta(days=1), long_ago), [write("a", long_ago)])
    history.record(record("scan-1"))
    assert [list(history.db.query(f"select * from {table}")) for table in ("writes", "lookups")] == [[], []]
