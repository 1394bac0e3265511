"""History over a few scans of one account: what moved, what did not, and what nobody can say."""

import os
import sqlite3
import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from state import Gap
from state.history import AT_ONCE, BAD, GOOD, Digest, History, HistoryError
from tests.state.scans import ACCOUNT, CHECK, DRIFT, moved, record, verdict


def test_the_first_scan_has_nothing_to_compare_with(history):
    assert history.record(record("a", verdict("orders", "fail"))) == Digest(scan="a")


def test_each_kind_is_told_apart(history):
    history.record(record("a", verdict("orders", "pass"), verdict("was-bad", "fail"), verdict("dark", "unknown")))
    history.record(record("b", verdict("orders", "pass"), verdict("was-bad", "pass"), verdict("dark", "unknown")))
    digest = history.record(
        record(
            "c",
            verdict("orders", "fail"),
            verdict("was-bad", "fail"),
            verdict("dark", "fail"),
            verdict("born", "fail"),
            verdict("orders", "fail", check="rds-instance-public"),
        )
    )
    assert (digest.since, digest.scan) == ("b", "c")
    assert moved(digest) == {
        "regressed": [("orders", "pass", "fail")],
        "reopened": [("was-bad", "pass", "fail")],
        "now_visible": [("dark", "unknown", "fail")],
        "new": [("born", None, "fail")],
        "newly_checked": [("orders", None, "fail")],
    }


def test_what_stays_bad_is_no_news(history):
    history.record(record("a", verdict("orders", "fail")))
    assert moved(history.record(record("b", verdict("orders", "fail", message="said otherwise")))) == {}


def test_a_mended_thing_and_one_that_is_gone_are_resolved(history):
    history.record(record("a", verdict("orders", "fail"), verdict("old", "fail")))
    digest = history.record(record("b", verdict("orders", "pass")))
    assert moved(digest) == {"resolved": [("orders", "fail", "pass"), ("old", "fail", "fail")]}


def test_nothing_in_a_gap_is_resolved(history):
    history.record(record("a", verdict("orders", "fail")))
    gap = Gap(type="aws_db_instance", account=ACCOUNT, region="eu-west-1", reason="denied", kind="denied")
    digest = history.record(record("b", checks=(CHECK,), unseen=lambda *where: True, gaps=[gap]))
    assert moved(digest) == {}
    assert moved(history.record(record("c", verdict("orders", "fail")))) == {}
    assert [(each.type, each.account, each.reason) for each in history.gaps(2)] == [
        ("aws_db_instance", ACCOUNT, "denied")
    ]


def test_a_check_that_did_not_run_resolves_nothing(history):
    history.record(record("a", verdict("orders", "fail")))
    assert moved(history.record(record("b", verdict("orders", "pass", check="rds-instance-public")))) == {}
    assert moved(history.digest(2)) == {}


def test_a_region_read_for_the_first_time_shows_what_was_there_before(history):
    history.record(record("a", verdict("orders", "fail"), read=[("aws_db_instance", "us-east-1")]))
    digest = history.record(record("b", verdict("orders", "fail"), verdict("billing", "fail")))
    assert moved(digest) == {"now_visible": [("billing", None, "fail")]}


def test_drift_that_goes_further_is_a_regression(history):
    history.record(record("a", verdict("orders", "in-sync", DRIFT)))
    first = verdict("orders", "changed", DRIFT, values={"multi_az": False})
    assert moved(history.record(record("b", first))) == {"regressed": [("orders", "in-sync", "changed")]}
    assert moved(history.record(record("c", first))) == {}
    further = verdict("orders", "changed", DRIFT, values={"multi_az": False, "password": "hunter2"})
    assert moved(history.record(record("d", further))) == {"regressed": [("orders", "changed", "changed")]}
    mended = verdict("orders", "changed", DRIFT, values={"password": "hunter2"})
    assert moved(history.record(record("e", mended))) == {}


def test_no_value_of_a_change_is_in_the_file(history):
    history.record(record("a", verdict("orders", "changed", DRIFT, values={"password": "hunter2"})))
    assert b"hunter2" not in history.path.read_bytes()


def test_the_same_scan_recorded_twice_is_recorded_once(history):
    history.record(record("a", verdict("orders", "pass")))
    once = history.record(record("b", verdict("orders", "fail")))
    assert history.record(record("b", verdict("orders", "fail"))) == once
    assert [each.id for each in history.scans()] == ["b", "a"]


def test_two_scans_by_number(history):
    history.record(record("a", verdict("orders", "pass")))
    history.record(record("b", verdict("orders", "pass")))
    history.record(record("c", verdict("orders", "fail")))
    assert moved(history.digest(3, 1)) == {"regressed": [("orders", "pass", "fail")]}
    assert moved(history.digest(2, 1)) == {}


def test_accounts_do_not_mix(history):
    history.record(record("a", verdict("orders", "fail")))
    assert history.record(record("b", account="210987654321")) == Digest(scan="b")
    with pytest.raises(HistoryError, match="scans 1 and 2 are of two accounts; compare scans of one"):
        history.digest(2, 1)


def test_the_file_is_the_owners_alone(tmp_path):
    with History(tmp_path / "deep" / "history.sqlite") as opened:
        assert stat.S_IMODE(opened.path.stat().st_mode) == 0o600


def test_a_file_that_is_no_database(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("not a database, but long enough to look like a file of some kind" * 20)
    with pytest.raises(HistoryError) as told:
        History(path)
    assert str(told.value) == (
        f"{path}: not a Driftline database (file is not a database); name another file with --db"
    )


def test_a_locked_database(tmp_path):
    with History(tmp_path / "history.sqlite") as opened:
        opened.db.conn.execute("begin exclusive")
        with pytest.raises(HistoryError) as told:
            History(opened.path, busy=0.1)
    assert str(told.value) == (
        f"{opened.path}: the database is locked by another scan; wait for it, or name another file with --db"
    )


def as_nobody(path: Path) -> str:
    """What opening the database says to a user who may read it and not write it."""
    reading, writing = os.pipe()
    if os.fork() == 0:
        if os.geteuid() == 0:
            os.setuid(65534)
        try:
            History(path)
        except HistoryError as error:
            os.write(writing, str(error).encode())
        os._exit(0)
    os.close(writing)
    os.wait()
    with os.fdopen(reading) as said:
        return said.read()


def test_a_read_only_database(tmp_path):
    with History(tmp_path / "history.sqlite") as opened:
        path = opened.path
    for folder in (tmp_path, *tmp_path.parents[:3]):
        folder.chmod(folder.stat().st_mode | 0o555)
    path.chmod(0o444)
    told = as_nobody(path)
    assert told == f"{path}: the database may not be written; mend its permissions, or name another file with --db"


def test_a_database_is_read_without_a_change_to_it(history):
    history.record(record("a", verdict("orders", "fail")))
    before = history.path.read_bytes()
    with History(history.path, read_only=True) as opened:
        assert [each.id for each in opened.scans()] == ["a"]
        with pytest.raises(HistoryError, match="the database may not be written"):
            opened.record(record("b"))
    assert history.path.read_bytes() == before


def test_a_database_of_another_version_is_not_read(tmp_path):
    path = tmp_path / "history.sqlite"
    sqlite3.connect(path).execute("create table scans (n)").connection.close()
    with pytest.raises(HistoryError, match="no database of this version; a `driftline scan` brings it up to date"):
        History(path, read_only=True)


def test_a_database_that_is_not_there(tmp_path):
    with pytest.raises(HistoryError, match="no scan is recorded yet; run `driftline scan` first"):
        History(tmp_path / "history.sqlite", read_only=True)


def test_what_is_back_but_not_as_declared_is_no_regression(history):
    history.record(record("a", verdict("orders", "missing", DRIFT)))
    changed = verdict("orders", "changed", DRIFT, values={"multi_az": False})
    assert moved(history.record(record("b", changed))) == {}
    gone = history.record(record("c", verdict("orders", "missing", DRIFT)))
    assert moved(gone) == {"regressed": [("orders", "changed", "missing")]}


def test_a_scan_that_is_not_there(history):
    with pytest.raises(HistoryError, match=r"no scan is recorded yet; run `driftline scan` first"):
        history.digest()
    history.record(record("a"))
    with pytest.raises(HistoryError, match="there is no scan 7"):
        history.digest(7)


STATUSES = st.lists(st.sampled_from(["pass", "fail", "unknown", None]), min_size=2, max_size=8)


def last_known(statuses: list[str | None]) -> str | None:
    """The last status that was seen to be good or bad since the resource was last not there."""
    for status in reversed(statuses):
        if status != "unknown":
            return status
    return None


@settings(max_examples=60)
@given(STATUSES)
def test_law_the_digest_follows_the_last_two_scans(tmp_path_factory, statuses):
    """Whatever the past: bad after good is a regression or a reopening, and never both or neither."""
    with History(tmp_path_factory.mktemp("law") / "history.sqlite") as opened:
        for n, status in enumerate(statuses):
            verdicts = [verdict("orders", status)] if status else []
            digest = opened.record(record(str(n), *verdicts, checks=(CHECK,)))
    was, now = statuses[-2:]
    kinds = moved(digest)
    back = was is None and any(statuses[:-2])
    known = last_known(statuses[:-1])
    worse = now in BAD and was is not None and known in GOOD
    assert ("regressed" in kinds) == (worse and "fail" not in statuses[:-1])
    assert ("reopened" in kinds) == ((worse or (back and now in BAD)) and "fail" in statuses[:-1])
    assert ("new" in kinds) == (now in BAD and was is None and "fail" not in statuses[:-1])
    assert ("resolved" in kinds) == (was is not None and known in BAD and now in GOOD | {None})
    assert ("now_visible" in kinds) == (now in BAD and was == "unknown" and known not in GOOD)
    if was == now:
        assert kinds == {}
    rows = sqlite3.connect(opened.path).execute("select count(*) from verdicts where valid_to is null").fetchone()
    assert rows[0] == (statuses[-1] is not None)


# --- what was last known ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statuses", "told"),
    [
        (["pass", "unknown", "fail"], {"regressed": [("orders", "pass", "fail")]}),
        (["pass", "unknown", "skipped", "unknown", "fail"], {"regressed": [("orders", "pass", "fail")]}),
        (["suppressed", "unknown", "fail"], {"unsuppressed": [("orders", "suppressed", "fail")]}),
        (["fail", "pass", "unknown", "fail"], {"reopened": [("orders", "pass", "fail")]}),
        (["fail", "unknown", "fail"], {"now_visible": [("orders", "unknown", "fail")]}),
        (["unknown", "fail"], {"now_visible": [("orders", "unknown", "fail")]}),
        (["skipped", "unknown", "fail"], {"now_visible": [("orders", "unknown", "fail")]}),
        (["pass", None, "unknown", "fail"], {"now_visible": [("orders", "unknown", "fail")]}),
        (["fail", "unknown", "pass"], {"resolved": [("orders", "fail", "pass")]}),
        (["fail", "unknown", None], {"resolved": [("orders", "fail", "fail")]}),
        (["fail", None, "unknown", "pass"], {}),
        (["pass", "unknown"], {}),
        (["fail", "unknown"], {}),
        (["pass", "unknown", "pass"], {}),
    ],
)
def test_the_dark_between_two_scans_hides_no_move(history, statuses, told):
    assert moved(scanned(history, statuses)) == told


@pytest.mark.parametrize(
    ("statuses", "told"),
    [
        (["fail", "suppressed"], {}),
        (["pass", "suppressed"], {}),
        (["fail", "suppressed", "fail"], {"unsuppressed": [("orders", "suppressed", "fail")]}),
        (["pass", "suppressed", "fail"], {"unsuppressed": [("orders", "suppressed", "fail")]}),
        (["suppressed", "fail"], {"unsuppressed": [("orders", "suppressed", "fail")]}),
        (["suppressed", "fail", "fail"], {}),
        (["fail", "suppressed", "pass"], {"resolved": [("orders", "suppressed", "pass")]}),
        (["fail", "suppressed", "pass", "pass"], {}),
        (["suppressed", None], {"resolved": [("orders", "suppressed", "suppressed")]}),
        (["suppressed", "pass", "fail"], {"reopened": [("orders", "pass", "fail")]}),
        (["suppressed", None, "fail"], {"reopened": [("orders", "suppressed", "fail")]}),
    ],
)
def test_what_is_suppressed_is_neither_fine_nor_a_failure(history, statuses, told):
    assert moved(scanned(history, statuses)) == told


@pytest.mark.parametrize(
    ("was", "now", "kind"),
    [
        (({"a": 1}, {}), ({"a": 1}, {}), None),
        (({"a": 1}, {}), ({}, {"a": 1}), None),
        (({}, {"a": 1}), ({"a": 1}, {}), "unsuppressed"),
        (({"a": 1}, {"b": 1}), ({"a": 1, "b": 1}, {}), "unsuppressed"),
        (({"a": 1, "b": 1}, {}), ({"a": 1}, {"b": 1}), None),
        (({"a": 1}, {"b": 1}), ({"a": 1}, {"b": 2}), None),
        (({}, {"a": 1}), ({"a": 2}, {}), "regressed"),
        (({}, {"a": 1}), ({"b": 1}, {"a": 1}), "regressed"),
        (({"a": 1}, {"b": 1}), ({"a": 1, "c": 1}, {"b": 1}), "regressed"),
    ],
)
def test_drift_that_is_suppressed_in_part(history, was, now, kind):
    """Each side as the values that stand, and those that are suppressed."""
    for n, (values, accepted) in enumerate((was, now)):
        status = "changed" if values else "suppressed"
        digest = history.record(record(str(n), verdict("orders", status, DRIFT, values=values, accepted=accepted)))
    assert list(moved(digest)) == ([kind] if kind else [])


def test_what_was_suppressed_for_an_attribute_and_is_gone_has_got_worse(history):
    history.record(record("a", verdict("orders", "suppressed", DRIFT, accepted={"tags": 1})))
    gone = history.record(record("b", verdict("orders", "missing", DRIFT)))
    assert moved(gone) == {"regressed": [("orders", "suppressed", "missing")]}


def test_what_is_missing_and_no_longer_suppressed_has_not_got_worse(history):
    history.record(record("a", verdict("orders", "suppressed", DRIFT)))
    shown = history.record(record("b", verdict("orders", "missing", DRIFT)))
    assert moved(shown) == {"unsuppressed": [("orders", "suppressed", "missing")]}


def test_what_was_bad_at_a_scan_is_told_again(history):
    history.record(
        record(
            "a",
            verdict("orders", "changed", DRIFT, values={"tags[b=c]": 1}, accepted={"acl": 2}),
            verdict("billing", "fail"),
            verdict("users", "suppressed"),
            verdict("carts", "pass"),
        )
    )
    history.record(record("b", verdict("orders", "in-sync", DRIFT), checks=("drift",)))
    for number, told in ((1, [("billing", []), ("orders", ["tags[b=c]"])]), (2, [("billing", [])])):
        [scan] = history.run(number)
        assert sorted((each.resource, paths) for each, paths in history.bad(scan)) == told


def scanned(history, statuses) -> Digest:
    """The digest of the last of some scans that saw one resource so; None where it was gone."""
    for n, status in enumerate(statuses):
        digest = history.record(record(str(n), *([verdict("orders", status)] if status else []), checks=(CHECK,)))
    return digest


def test_drift_in_the_dark_is_a_regression_once_it_is_seen(history):
    for n, status in enumerate(["in-sync", "unknown", "changed"]):
        digest = history.record(record(str(n), verdict("orders", status, DRIFT)))
    assert moved(digest) == {"regressed": [("orders", "in-sync", "changed")]}


# --- many verdicts ------------------------------------------------------------------------------------


def test_more_verdicts_than_are_held_at_once(history):
    names = [f"db-{n}" for n in range(2 * AT_ONCE + 1)]
    history.record(record("a", *(verdict(name, "pass") for name in names)))
    again = [verdict(name, "fail" if name == names[-1] else "pass") for name in names]
    assert moved(history.record(record("b", *again))) == {"regressed": [(names[-1], "pass", "fail")]}
    rows = history.db.execute("select status, count(*) from verdicts where valid_to is null group by 1").fetchall()
    assert dict(rows) == {"pass": len(names) - 1, "fail": 1}


def test_of_two_verdicts_with_one_id_the_last_counts_however_far_apart(history):
    between = [verdict(f"db-{n}", "pass") for n in range(AT_ONCE)]
    history.record(record("a", verdict("orders", "pass")))
    twice = record("b", verdict("orders", "fail"), *between, verdict("orders", "pass"))
    assert moved(history.record(twice)) == {}
    assert moved(history.record(record("c", verdict("orders", "fail"), *between))) == {
        "regressed": [("orders", "pass", "fail")]
    }
