"""The list of scans: a row a scan, whatever number of accounts it read."""

import json
from io import StringIO

from rich.console import Console

from scanner.report import past
from state.history import PastScan


def scanned(n: int, id: str, account: str, read: bool = True, region: str = "eu-west-1", **about: object) -> PastScan:
    return PastScan(
        n=n,
        id=id,
        account=account,
        started="2026-11-21T06:00:00+00:00",
        ended="2026-11-21T06:01:00+00:00",
        version="1",
        regions=[region] if read else [],
        sources=[],
        checks=[],
        read=[("account", "global")] if read else [],
        counts={"resources": 1000, "drift": 1, "failing": 2, "unknown": 0, "gaps": 0} if read else {"gaps": 1},
        **about,  # type: ignore[arg-type]
    )


SCANS = [
    scanned(5, "c/222222222222", "222222222222", read=False, name="shop"),
    scanned(4, "c/111111111111", "111111111111", region="us-east-1"),
    scanned(3, "c/333333333333", "333333333333"),
    scanned(2, "b", "222222222222", read=False),
    scanned(1, "a", "111111111111"),
]


def shown(as_json: bool) -> list[str]:
    console = Console(file=StringIO(), width=140)
    past.show(SCANS, console, as_json=as_json)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]  # type: ignore[attr-defined]


def test_the_accounts_of_a_scan_are_one_row() -> None:
    rows = [" ".join(row.split()) for row in shown(False)]
    assert rows == [
        "SCAN WHEN ACCOUNT REGIONS SEEN DRIFT FAIL UNKNOWN GAPS",
        "3–5 2026-11-21 06:00 3 accounts, 1 not entered eu-west-1, us-east-1 2,000 2 4 0 1",
        "2 2026-11-21 06:00 222222222222 not entered 0 0 0 0 1",
        "1 2026-11-21 06:00 111111111111 eu-west-1 1,000 1 2 0 0",
    ]


def test_each_account_is_a_line_of_json() -> None:
    rows = [json.loads(line) for line in shown(True)]
    assert [(row["n"], row["run"], row["account"], row["name"], row["entered"]) for row in rows] == [
        (5, "c", "222222222222", "shop", False),
        (4, "c", "111111111111", "", True),
        (3, "c", "333333333333", "", True),
        (2, "b", "222222222222", "", False),
        (1, "a", "111111111111", "", True),
    ]
