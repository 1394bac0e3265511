"""What a scan would ask, said beforehand; and that the scan then asks just that."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from scanner.aws.operations import PAID, PRICES
from scanner.demo import company
from tests.scanner.aws import wire as wires
from tests.scanner.aws.wire import refusal
from tests.scanner.command import ACME, driftline
from tests.scanner.test_reach import LEGACY, OWN, SHOP, Estate, estate  # noqa: F401
from tests.state.terraform.states import bucket, state

REGION = ("--region", "eu-west-1")
VERSIONING = ("--type", "aws_s3_bucket", "--type", "aws_s3_bucket_versioning", "--check", "s3-bucket-versioning")
FIRST = {"sts:GetCallerIdentity", "ec2:DescribeRegions"}


def planned(*arguments: object, command: str = "scan") -> Any:
    found = driftline(command, *arguments, "--dry-run", "--output", "json")
    assert (found.exit_code, found.stderr) == (0, "")
    return json.loads(found.stdout)


def calls(plan: Any, *, about: bool = False) -> dict[str, int]:
    return {each["operation"]: each["calls"] for each in plan["operations"] if each["about"] is about and each["calls"]}


WHOLE = """\
Driftline 0.1.0   would ask as arn:aws:iam::123456789012:user/ci
Asked so far: who that is, the accounts, their regions. Nothing else was.

Accounts ───────────────────────────────────────────────────────────────────────
  1 account
  123456789012  eu-west-1

Calls ──────────────────────────────────────────────────────────────────────────
  at least 3 calls, at least 1 s at pace 0.5; things of a type (+) were not
  counted by a scan yet
  ec2:DescribeVpcs         1 a region           1
  s3:GetBucketLocation     about 1 an account   1
  s3:GetBucketTagging      1 each aws_s3_bucket 0+
  s3:ListBuckets           about 1 an account   1

Permissions ────────────────────────────────────────────────────────────────────
  6 IAM actions
  ec2:DescribeRegions, ec2:DescribeVpcs, s3:GetBucketLocation,
  s3:GetBucketTagging, s3:ListAllMyBuckets, sts:GetCallerIdentity

Cost ───────────────────────────────────────────────────────────────────────────
  No call that AWS charges a cent or more a thousand for.
"""


def test_it_says_what_would_be_asked_and_asks_nothing_more(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("a.tfstate").write_bytes(state(bucket("orders", tags={})))
    where = (*REGION, "--type", "aws_vpc", "--type", "aws_s3_bucket", "--from", "a.tfstate")
    with wires.wire() as it:
        monkeypatch.setenv("AWS_ENDPOINT_URL", it.url)
        found = driftline("drift", *where, "--no-parts", "--dry-run", env={"COLUMNS": "80"})
        assert [each.action for each in it.requests] == ["GetCallerIdentity", "DescribeRegions"]
    assert (found.exit_code, found.stderr) == (0, "")
    assert tidy(found.stdout) == tidy(WHOLE)
    assert [each.name for each in here.iterdir()] == ["a.tfstate"], "nothing is recorded"


def test_its_own_calls_are_logged(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with wires.wire() as it:
        monkeypatch.setenv("AWS_ENDPOINT_URL", it.url)
        planned(*REGION, "--call-log", "calls.jsonl")
        asked = [each.action for each in it.requests]
    logged = [json.loads(line)["operation"] for line in Path("calls.jsonl").read_text().splitlines()]
    assert [each.partition(":")[2] for each in logged] == asked == ["GetCallerIdentity", "DescribeRegions"]


def test_it_counts_the_calls_for_the_parts_of_what_is_declared(aws: Any, here: Path) -> None:
    Path("a.tfstate").write_bytes(state(bucket("orders", tags={})))
    where = (*REGION, "--type", "aws_s3_bucket", "--from", "a.tfstate")
    plans = (planned(*where, *more, command="drift") for more in ((), ("--no-parts",)))
    whole, narrow = ({each["operation"] for each in plan["operations"]} for plan in plans)
    assert {"s3:GetBucketPolicy", "s3:GetBucketVersioning"} <= whole - narrow


def tidy(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines()]


def test_the_document(aws: Any, here: Path) -> None:
    plan = planned(*REGION, *VERSIONING, "--pace", "1", command="check")
    operations = plan.pop("operations")
    assert plan == {
        "schema_version": "1.0",
        "version": "0.1.0",
        "dry_run": True,
        "account": "123456789012",
        "caller": "arn:aws:sts::123456789012:user/moto",
        "partition": "aws",
        "kinds": ["check"],
        "accounts": [{"id": "123456789012", "name": "", "regions": ["eu-west-1"], "entered": True}],
        "refused": {},
        "notes": [],
        "calls": 2,
        "counted": False,
        "seconds": 0.4,
        "pace": 1.0,
        "actions": [
            "ec2:DescribeRegions", "s3:GetBucketLocation", "s3:GetBucketVersioning", "s3:ListAllMyBuckets",
            "sts:GetCallerIdentity",
        ],
        "paid": {},
        "paid_called": False,
    }  # fmt: skip
    assert operations[1] == {
        "operation": "s3:GetBucketVersioning", "per": "aws_s3_bucket", "times": 1, "calls": 0, "counted": False,
        "about": False,
    }  # fmt: skip


@pytest.mark.parametrize(("check", "asks"), [("eip-unattached", True), ("ebs-volume-unencrypted", False)])
def test_prices_are_asked_where_a_check_tells_what_failures_cost(aws: Any, here: Path, check: str, asks: bool) -> None:
    plan = planned(*REGION, "--check", check, command="check")
    assert ("pricing:GetProducts" in plan["actions"], any("Price List" in each for each in plan["notes"])) == (
        asks,
        asks,
    )


def test_a_scan_asks_what_was_said(aws: Any, here: Path) -> None:
    """Counted by the first scan, the second is foretold call by call."""
    company.build(aws)
    where = (*REGION, "--region", "us-east-1", *ACME)
    driftline("scan", *where, "-q", "--call-log", "calls.jsonl")
    log = [json.loads(line)["operation"] for line in Path("calls.jsonl").read_text().splitlines()]
    asked = {name: count for name, count in Counter(log).items() if name not in FIRST | PRICES}
    plan = planned(*where)
    about = {each["operation"] for each in plan["operations"] if each["about"]}
    assert {name: count for name, count in asked.items() if name not in about} == calls(plan)
    assert asked.keys() - calls(plan).keys() <= about
    assert plan["counted"] is (not any(each["counted"] is False for each in plan["operations"]))


def test_drift_asks_details_of_what_is_declared_alone(aws: Any, here: Path) -> None:
    for name in ("orders", "theirs", "others"):
        aws("s3").create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    (here / "terraform.tfstate").write_bytes(state(bucket("orders")))
    asked = ("--from", "terraform.tfstate", "--type", "aws_s3_bucket", "--type", "aws_s3_bucket_versioning", *REGION)
    driftline("drift", *asked, "--call-log", "calls.jsonl", "--fail-on", "never")
    log = [json.loads(line)["operation"] for line in (here / "calls.jsonl").read_text().splitlines()]
    made = Counter(each for each in log if each not in FIRST)
    said = calls(planned(*asked, command="drift"))
    assert (made["s3:GetBucketVersioning"], made["s3:GetBucketTagging"]) == (1, 3)
    assert {name: count for name, count in made.items() if name in said} == said


def test_more_things_take_longer_where_aws_says_how_fast_it_lets_itself_be_asked(aws: Any, here: Path) -> None:
    for n in range(30):
        aws("dynamodb").create_table(
            TableName=f"orders-{n}",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        )
    tables = (*REGION, "--type", "aws_dynamodb_table", "--check", "dynamodb-pitr")
    driftline("check", *tables, "-q")
    slow, fast = (planned(*tables, "--pace", pace, command="check") for pace in ("0.5", "1"))
    assert calls(slow)["dynamodb:DescribeContinuousBackups"] == 30
    assert (slow["counted"], slow["calls"]) == (True, 62)  # one of them of KMS, which no table here needs
    assert (slow["seconds"], fast["seconds"]) == (5.4, 2.4)  # 10 a second, after 10 at once; half of that


def test_an_organization_is_told_account_by_account(estate: Estate, here: Path) -> None:  # noqa: F811
    estate.refusals[LEGACY] = refusal("AccessDenied", 403)
    plan = planned("--org", "--role-name", "audit", "--type", "aws_vpc", "--check", "vpc-*")
    assert [(each["id"], each["name"], each["regions"], each["entered"]) for each in plan["accounts"]] == [
        (OWN, "main", ["eu-west-1", "us-east-1"], True),
        (SHOP, "shop", ["eu-west-1", "us-east-1"], True),
        (LEGACY, "old", [], False),
    ]
    assert plan["refused"].keys() == {LEGACY}
    assert calls(plan) == {"ec2:DescribeVpcs": 4}
    assert plan["actions"][-3:] == ["organizations:ListAccounts", "sts:AssumeRole", "sts:GetCallerIdentity"]
    found = driftline("scan", "--org", "--role-name", "audit", "--type", "aws_vpc", "--check", "vpc-*", "--dry-run")
    assert "333333333333 old not entered: role arn:aws:iam::333333333333:role/audit could not be" in " ".join(
        found.stdout.split()
    )


def test_states_in_s3_are_not_read_and_that_is_said(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with wires.wire() as it:
        monkeypatch.setenv("AWS_ENDPOINT_URL", it.url)
        plan = planned(*REGION, "--type", "aws_vpc", "--from", "s3://states/a.tfstate")
        assert it.asked == ["DescribeRegions"]
    assert plan["notes"] == ["s3://states/a.tfstate: not read; what they do not declare may need fewer calls"]
    assert [(each["operation"], each["times"], each["per"]) for each in plan["operations"]] == [
        ("ec2:DescribeVpcAttribute", 3, "aws_vpc"), ("ec2:DescribeVpcs", 1, "region")
    ]  # fmt: skip


def test_nothing_that_costs_money_is_among_it(aws: Any, here: Path) -> None:
    assert not {each["operation"] for each in planned(*REGION)["operations"]} & PAID.keys()


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("scan", "--output", "markdown"), "--dry-run is told in the terminal, or as JSON: --output json"),
        (("drift",), "drift needs what is declared; name a state with --from"),
        (
            ("scan", "--type", "aws_no"),
            "--type aws_no: no collector reads that type; scanner/collectors/README.md names them all",
        ),
        (
            ("scan", "--from", "no.tfstate"),
            "no.tfstate: there is no such file or folder; check the path given to --from",
        ),
    ],
)
def test_what_a_scan_refuses_is_refused_here(aws: Any, here: Path, arguments: tuple[str, ...], line: str) -> None:
    found = driftline(*arguments, "--dry-run")
    assert (found.exit_code, found.stdout, found.stderr) == (2, "", f"driftline: {line}\n")


def test_both_the_terminal_and_a_file(aws: Any, here: Path) -> None:
    found = driftline("scan", *REGION, *VERSIONING, "--dry-run", "--output", "json://plan.json")
    assert "would ask as" in found.stdout
    assert json.loads(Path("plan.json").read_text())["dry_run"] is True
