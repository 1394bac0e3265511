"""A scan of one account or of many, as history keeps it and tells it again."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from checks import REGISTRY, run
from scanner.outcome import AccountRead, Scan
from scanner.remembering import recalled, records, remember
from state import GLOBAL, Gap, Inventory, Resource
from state.history import History
from state.moves import KINDS, Digest
from state.resource import ANYTHING

ONE, TWO = "111111111111", "222222222222"
REGION, TYPE, CHECK = "eu-west-1", "aws_ebs_volume", "ebs-volume-unencrypted"
WHEN = datetime(2026, 11, 21, tzinfo=UTC)

Volumes = dict[str, bool]
"""The volumes of an account: whether each is encrypted."""


def dark(account: str, type: str = ANYTHING, region: str = GLOBAL) -> Gap:
    return Gap(type=type, account=account, region=region, reason=f"{account} let us not in", kind="denied")


def scan(id: str, accounts: dict[str, Volumes | None], *gaps: Gap) -> Scan:
    """A scan that read these accounts, and could not enter those that are None."""
    read = {account: found for account, found in accounts.items() if found is not None}
    gaps = (*gaps, *(dark(account) for account in accounts.keys() - read.keys()))
    live = Inventory(
        [
            Resource(type=TYPE, id=name, account=account, region=REGION, attributes={"encrypted": encrypted})
            for account, volumes in read.items()
            for name, encrypted in volumes.items()
        ],
        gaps,
        read=[(type, account, region) for account in read for type, region in ((TYPE, REGION), ("account", GLOBAL))],
    )
    return Scan(
        id=id,
        version="1",
        started=WHEN,
        ended=WHEN,
        account=ONE,
        caller="",
        partition="aws",
        regions=[REGION],
        accounts=[
            AccountRead(id=each, name=f"team-{each[0]}", regions=[REGION] if each in read else [], entered=each in read)
            for each in accounts
        ],
        live=live,
        findings=list(run([REGISTRY[CHECK]], live)),
        gaps=gaps,
    )


def moved(digest: Digest | None) -> dict[str, list[tuple[str, str]]]:
    lists = {kind: [(m.verdict.account, m.verdict.resource) for m in getattr(digest, kind)] for kind in KINDS}
    return {kind: moves for kind, moves in lists.items() if moves}


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    with History(tmp_path / "history.sqlite") as opened:
        yield opened


def test_one_account_is_one_record_under_the_scans_own_id() -> None:
    [only] = records(scan("s", {TWO: {"a": True, "b": False}}))
    assert (only.id, only.account, only.name, only.regions) == ("s", TWO, "team-2", [REGION])
    assert only.counts == {"resources": 2, "gaps": 0, "drift": 0, "failing": 1, "unknown": 0, "suppressed": 0}
    assert only.read == [("account", GLOBAL), (TYPE, REGION)]


def test_a_scan_that_names_no_account_is_of_the_callers() -> None:
    found = scan("s", {ONE: {"a": True}})
    found.accounts = ()
    assert [(each.id, each.account, each.regions) for each in records(found)] == [("s", ONE, [REGION])]


def test_each_account_has_a_record_of_its_own() -> None:
    found = records(scan("s", {ONE: {"a": True}, TWO: {"b": False, "c": False}}, dark(TWO, "aws_vpc", REGION)))
    assert [(each.id, each.account) for each in found] == [(f"s/{ONE}", ONE), (f"s/{TWO}", TWO)]
    assert [sorted(verdict.resource for verdict in each.verdicts) for each in found] == [["a"], ["b", "c"]]
    assert [[gap.type for gap in each.gaps] for each in found] == [[], ["aws_vpc"]]
    assert [(each.counts["resources"], each.counts["failing"], each.counts["gaps"]) for each in found] == [
        (1, 0, 0),
        (2, 2, 1),
    ]


def test_verdicts_may_be_gone_through_again() -> None:
    [only] = records(scan("s", {ONE: {"a": True, "b": False}}))
    assert list(only.verdicts) == list(only.verdicts) != []


def test_a_gap_of_no_account_is_told_once() -> None:
    found = records(scan("s", {ONE: {}, TWO: {}}, dark("")))
    assert [len(each.gaps) for each in found] == [1, 0]


def test_what_lay_in_a_gap_as_a_whole_was_not_read() -> None:
    narrow = Gap(type=TYPE, account=ONE, region=REGION, id="a", reason="denied")
    assert records(scan("s", {ONE: {}}, narrow))[0].read == [("account", GLOBAL), (TYPE, REGION)]
    for gap in (dark(ONE, TYPE, REGION), dark(ONE, TYPE)):
        assert records(scan("s", {ONE: {}}, gap))[0].read == [("account", GLOBAL)]
    assert records(scan("s", {ONE: {}}, dark(TWO, TYPE, REGION)))[0].read == [("account", GLOBAL), (TYPE, REGION)]


def test_what_moved_in_several_accounts_is_one_digest(history: History) -> None:
    remember(scan("a", {ONE: {"x": True}, TWO: {"x": False}}), history)
    found = scan("b", {ONE: {"x": False}, TWO: {"x": True, "y": False}})
    digest = remember(found, history)
    assert found.digest == digest
    assert (digest.scan, digest.since, digest.sinces) == ("b", "a", {ONE: "a", TWO: "a"})
    assert moved(digest) == {"regressed": [(ONE, "x")], "resolved": [(TWO, "x")], "new": [(TWO, "y")]}


def test_an_account_that_was_not_entered_keeps_what_was_known_of_it(history: History) -> None:
    remember(scan("a", {ONE: {"x": True}, TWO: {"x": False, "y": True}}), history)
    unread = remember(scan("b", {ONE: {"x": False}, TWO: None}), history)
    assert (moved(unread), unread.sinces) == ({"regressed": [(ONE, "x")]}, {ONE: "a"})
    again = remember(scan("c", {ONE: {"x": False}, TWO: {"y": False}}), history)
    assert moved(again) == {"regressed": [(TWO, "y")], "resolved": [(TWO, "x")]}
    assert (again.since, again.sinces) == (None, {ONE: "b", TWO: "a"})


def test_an_account_entered_at_last_has_nothing_to_compare_with(history: History) -> None:
    remember(scan("a", {ONE: {}, TWO: None}), history)
    digest = remember(scan("b", {ONE: {}, TWO: {"x": False}}), history)
    assert (moved(digest), digest.sinces) == ({}, {ONE: "a", TWO: None})


def test_an_account_alone_and_then_among_others_is_the_same(history: History) -> None:
    remember(scan("a", {TWO: {"x": True}}), history)
    digest = remember(scan("b", {ONE: {}, TWO: {"x": False}}), history)
    assert (moved(digest), digest.sinces) == ({"regressed": [(TWO, "x")]}, {ONE: None, TWO: "a"})


def test_what_an_interrupted_scan_did_not_come_to_is_neither_mended_nor_new(history: History) -> None:
    remember(scan("a", {ONE: {"x": False}}), history)
    ended = Gap(type=TYPE, account=ONE, region=REGION, reason="the scan was ended by Ctrl-C", kind="interrupted")
    assert moved(remember(scan("b", {ONE: {}}, ended), history)) == {}
    digest = remember(scan("c", {ONE: {"x": False, "y": False}}), history)
    assert moved(digest) == {"now_visible": [(ONE, "y")]}


def test_the_last_scan_is_recalled_with_all_of_its_accounts(history: History) -> None:
    remember(scan("a", {ONE: {"x": True}, TWO: {"x": False}}), history)
    found = scan("b", {ONE: {"x": False}, TWO: None})
    digest = remember(found, history)
    again = recalled(history)
    assert (again.id, again.account, list(again.accounts)) == ("b", ONE, list(found.accounts))
    assert (again.regions, again.digest) == ([REGION], digest)
    assert [(gap.type, gap.account, gap.reason) for gap in again.gaps] == [(ANYTHING, TWO, f"{TWO} let us not in")]


def test_gaps_are_recalled_as_they_were(history: History) -> None:
    one = {"type": TYPE, "account": ONE, "region": REGION, "id": "x", "attribute": "kms_key_id", "kind": "denied"}
    gaps = (dark(""), Gap(**one, reason="denied", permission="kms:DescribeKey"))  # type: ignore[arg-type]
    remember(scan("a", {ONE: {}, TWO: None}, *gaps), history)
    assert recalled(history).gaps == [*gaps, dark(TWO)]


def test_a_number_recalls_one_account(history: History) -> None:
    for id in "ab":
        remember(scan(id, {ONE: {"x": id == "a"}, TWO: {"x": False}}), history)
    again = recalled(history, 3)
    assert (again.id, [each.id for each in again.accounts]) == (f"b/{ONE}", [ONE])
    assert moved(again.digest) == {"regressed": [(ONE, "x")]}
    assert moved(recalled(history, 4, 2).digest) == {}


def test_one_account_is_recalled_as_it_always_was(history: History) -> None:
    for id in "ab":
        remember(scan(id, {ONE: {"x": id == "a"}}), history)
    again: Any = recalled(history)
    assert (again.id, again.digest.scan, again.digest.since, again.digest.sinces) == ("b", "b", "a", {})
