"""History over scans of several accounts: one digest, in which each account moves as it does alone."""

import msgspec
import pytest
import sqlite_utils
from hypothesis import given, settings
from hypothesis import strategies as st

from state import Gap
from state.history import History, Record
from state.migrations import migrations
from state.moves import KINDS
from tests.state.scans import ACCOUNT, CHECK, WHEN, moved, record, verdict

OTHER = "210987654321"


def of(account: str, scan: str, *statuses: str | None, entered: bool = True) -> Record:
    """An account's record of a scan that read several; nothing of it where it was not entered."""
    names = (f"db-{n}" for n in range(len(statuses)))
    found = [(name, status) for name, status in zip(names, statuses) if status and entered]
    gap = Gap(type="*", account=account, region="global", reason="denied", kind="denied")
    return record(
        f"{scan}/{account}",
        *(msgspec.structs.replace(verdict(name, s), id=f"{account}/{name}", account=account) for name, s in found),
        account=account,
        name=f"team {account[0]}",
        checks=(CHECK,),
        gaps=() if entered else [gap],
        unseen=lambda *where: not entered,
        **({} if entered else {"read": (), "regions": ()}),
    )


def test_a_scan_of_several_accounts_is_one_digest(history):
    first = history.record(of(ACCOUNT, "a", "pass", "fail"), of(OTHER, "a", "fail"))
    assert (first.scan, first.since, first.sinces, moved(first)) == ("a", None, {ACCOUNT: None, OTHER: None}, {})
    digest = history.record(of(ACCOUNT, "b", "fail", "pass"), of(OTHER, "b", "fail", "fail"))
    assert (digest.scan, digest.since, digest.sinces) == ("b", "a", {ACCOUNT: "a", OTHER: "a"})
    assert moved(digest) == {
        "regressed": [("db-0", "pass", "fail")],
        "resolved": [("db-1", "fail", "pass")],
        "new": [("db-1", None, "fail")],
    }
    assert {each.verdict.account for each in digest.new} == {OTHER}


def test_nothing_moves_in_an_account_that_could_not_be_entered(history):
    history.record(of(ACCOUNT, "a", "pass"), of(OTHER, "a", "fail", "pass"))
    dark = history.record(of(ACCOUNT, "b", "pass"), of(OTHER, "b", entered=False))
    assert (dark.since, dark.sinces, moved(dark)) == ("a", {ACCOUNT: "a"}, {})
    digest = history.record(of(ACCOUNT, "c", "pass"), of(OTHER, "c", "fail", "fail"))
    assert moved(digest) == {"regressed": [("db-1", "pass", "fail")]}
    assert (digest.since, digest.sinces) == (None, {ACCOUNT: "b", OTHER: "a"})


def test_what_is_recorded_twice_is_recorded_once_for_each_account(history):
    history.record(of(ACCOUNT, "a", "pass"), of(OTHER, "a", "pass"))
    once = history.record(of(ACCOUNT, "b", "fail"), of(OTHER, "b", "pass"))
    assert history.record(of(ACCOUNT, "b", "fail"), of(OTHER, "b", "pass")) == once
    assert len(history.scans()) == 4


def test_a_scan_that_breaks_off_while_it_is_recorded_is_not_there(history):
    class Broken:
        def __iter__(self):
            yield verdict("db-0", "pass")
            raise ValueError("no more")

    broken = msgspec.structs.replace(of(OTHER, "a"), verdicts=Broken())
    with pytest.raises(ValueError, match="no more"):
        history.record(of(ACCOUNT, "a", "pass"), broken)
    assert history.scans() == []
    assert moved(history.record(of(ACCOUNT, "a", "pass"), of(OTHER, "a", "pass"))) == {}


def test_scans_are_counted_whole(history):
    for scan in "ab":
        history.record(of(ACCOUNT, scan, "pass"), of(OTHER, scan, "pass"))
    history.record(record("c", verdict("db-0", "pass")))
    assert [each.id for each in history.scans(limit=2)] == ["c", f"b/{OTHER}", f"b/{ACCOUNT}"]
    assert [each.id for each in history.scans(OTHER)] == [f"b/{OTHER}", f"a/{OTHER}"]
    assert [(each.id, each.name) for each in history.run()] == [("c", "")]
    assert [(each.id, each.name, each.run) for each in history.run(4)] == [(f"b/{OTHER}", "team 2", "b")]


ACCOUNTS = st.lists(st.tuples(st.lists(st.sampled_from(["pass", "fail", "unknown", None]), max_size=2), st.booleans()))


@settings(max_examples=40)
@given(st.lists(st.tuples(ACCOUNTS.map(lambda found: found[:2])), min_size=1, max_size=5))
def test_law_accounts_read_together_move_as_each_does_alone(tmp_path_factory, scans):
    """And a scan that did not enter an account is, for that account, as if it had not been."""
    folder = tmp_path_factory.mktemp("law")
    alone: dict[str, dict[str, list]] = {}
    for account, index in ((ACCOUNT, 0), (OTHER, 1)):
        with History(folder / f"{account}.sqlite") as opened:
            for n, (found,) in enumerate(scans):
                if index < len(found) and found[index][1]:
                    alone[f"{n}/{account}"] = moved(opened.record(of(account, str(n), *found[index][0])))
    with History(folder / "both.sqlite") as opened:
        for n, (found,) in enumerate(scans):
            read = [of(account, str(n), *each[0], entered=each[1]) for account, each in zip((ACCOUNT, OTHER), found)]
            if read:
                together = moved(opened.record(*read))
                each = [alone.get(each.id, {}) for each in read]
                whole = {kind: [move for one in each for move in one.get(kind, [])] for kind in KINDS}
                assert together == {kind: moves for kind, moves in whole.items() if moves}


def test_a_database_of_before_there_were_several_accounts(tmp_path):
    path = tmp_path / "history.sqlite"
    old = sqlite_utils.Database(path)
    migrations.apply(old, stop_before="several_accounts")
    about = {"version": "0", "regions": "[]", "sources": "[]", "checks": f'["{CHECK}"]', "counts": "{}"}
    when = {"started": WHEN.isoformat(), "ended": WHEN.isoformat(), "read": '[["aws_db_instance","eu-west-1"]]'}
    old.table("scans").insert({"n": 1, "id": "a", "account": ACCOUNT} | about | when)
    gap = {"scan": 1, "type": "aws_vpc", "region": "eu-west-1", "resource": None, "kind": "denied", "reason": "denied"}
    old.table("gaps").insert(gap)
    old.close()
    with History(path) as opened:
        assert [(each.id, each.name) for each in opened.scans()] == [("a", "")]
        assert opened.gaps(1) == [
            Gap(type="aws_vpc", account=ACCOUNT, region="eu-west-1", reason="denied", kind="denied")
        ]
        assert moved(opened.record(record("b", verdict("orders", "fail")))) == {"new": [("orders", None, "fail")]}
