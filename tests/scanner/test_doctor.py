"""What the doctor says, line by line, and what it ends with; that it asks little, and changes nothing."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from scanner import iam_policy
from scanner.aws.tagging import INDEX
from scanner.collectors import collectors
from scanner.demo import company
from state.history import History, HistoryError, check_writable
from state.migrations import migrations
from tests.scanner.auditing import as_auditor  # noqa: F401
from tests.scanner.aws.wire import Answer as Held
from tests.scanner.aws.wire import refusal, wire
from tests.scanner.between import Answer, Between, between
from tests.scanner.command import ACME, driftline
from tests.scanner.endpoint import endpoint as standin
from tests.scanner.test_reach import LEGACY, OWN, SHOP, Estate, estate  # noqa: F401
from tests.state.terraform.states import bucket, state

AuditorMay = Callable[[list[str]], AbstractContextManager[None]]

REGION = ("--region", "eu-west-1")
BY = "of account 123456789012, by the credentials of the environment"
AUDITOR = f"✓ identity arn:aws:iam::123456789012:user/auditor, {BY}"
MOTO = f"✓ identity arn:aws:sts::123456789012:user/moto, {BY}"
CLOCK = "✓ clock within a minute of AWS's"
REGIONS = "✓ regions partition aws, 1 region: eu-west-1"
NOTHING_DECLARED = ["! declared nothing named to compare with", "→ name a state, a folder or a glob: --from"]
NO_SLACK = ["! slack DRIFTLINE_SLACK_WEBHOOK is not set", "→ needed only for `driftline notify slack`"]
PARTLY = "A scan will run, and not see everything."
NOT = "A scan cannot run."
POLICY = "→ allow it; `driftline iam-policy` prints all that it needs"
NOBODY: dict[str, str | None] = {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None}
NO_CREDENTIALS = ["✗ identity no AWS credentials found", "→ set AWS_PROFILE, use --profile, or run `aws sso login`"]
VERSION = len(list(migrations.pending(Database(memory=True))))
NEEDED = iam_policy.actions(each for each in collectors() if each.type in company.READ)
ACTIONS = len(NEEDED)


def no_database(here: Path) -> str:
    return f"✓ database {here}/history.sqlite: the first scan will make it"


def lines(*arguments: object, code: int, env: dict[str, str | None] | None = None) -> list[str]:
    """The whole of what is said, white space aside."""
    found = driftline("doctor", *ACME, *arguments, env={"COLUMNS": "1000"} | (env or {}))
    assert (found.exit_code, found.stderr) == (code, "")
    return [" ".join(line.split()) for line in found.stdout.splitlines()]


def about(name: str, said: list[str]) -> list[str]:
    """The lines that answer one question."""
    begin = next(n for n, line in enumerate(said) if line[2:].startswith(f"{name} "))
    more = [line for line in said[begin + 1 :] if line.startswith("→")]
    return [said[begin], *more[:1]] if said[begin + 1].startswith("→") else [said[begin]]


# --- with which rights ----------------------------------------------------------------------------


def test_with_the_generated_policy_all_is_well(as_auditor: AuditorMay, here: Path) -> None:  # noqa: F811
    with as_auditor(NEEDED):
        assert lines(*REGION, code=0) == [
            AUDITOR,
            CLOCK,
            REGIONS,
            f"✓ permissions {ACTIONS - 2} of the policy's {ACTIONS} actions tried and allowed",
            "! not probed, what was tried does not need it: kms:DescribeKey, rds:DescribeDBSnapshotAttributes",
            *NOTHING_DECLARED,
            no_database(here),
            *NO_SLACK,
            "A scan will see all that was tried; 2 actions could not be tried, and may be refused.",
        ]
    assert list(here.iterdir()) == [], "nothing is recorded"


BEHIND = {"ec2:DescribeInstances": 2}
"""How many actions are of things that only this one names."""


@pytest.mark.parametrize(
    ("missing", "unseen"),
    [
        ("ec2:DescribeInstances", "aws_instance, aws_volume_attachment"),
        ("iam:GetAccountPasswordPolicy", "aws_iam_account_password_policy"),
        ("iam:ListRoles", "description, max_session_duration of aws_iam_role"),
        ("lambda:ListTags", "tags of aws_lambda_function"),
        ("s3:GetBucketAcl", "aws_s3_bucket_acl"),
        ("s3:GetBucketTagging", "tags of aws_s3_bucket"),
    ],
)
def test_an_action_that_is_missing_is_named_with_what_goes_unseen(
    as_auditor: AuditorMay,  # noqa: F811
    here: Path,
    missing: str,
    unseen: str,
) -> None:
    with as_auditor([each for each in NEEDED if each != missing]):
        found = lines(*REGION, code=3)
    assert found[3:6] == [
        f"✗ permissions {ACTIONS - 3 - BEHIND.get(missing, 0)} of the policy's {ACTIONS} actions tried and allowed",
        f"✗ {missing} refused; unseen: {unseen}",
        POLICY,
    ]
    assert found[-1] == PARTLY


def test_without_the_index_of_tags_nothing_goes_unseen(as_auditor: AuditorMay, here: Path) -> None:  # noqa: F811
    with as_auditor([each for each in NEEDED if each != INDEX]):
        assert lines(*REGION, code=0)[3:6] == [
            f"✓ permissions {ACTIONS - 3} of the policy's {ACTIONS} actions tried and allowed",
            "! tag:GetResources refused; without it tags are asked for thing by thing",
            POLICY,
        ]


def test_details_of_what_may_not_be_listed_are_not_called_needless(as_auditor: AuditorMay, here: Path) -> None:  # noqa: F811
    with as_auditor([each for each in NEEDED if each != "dynamodb:ListTables"]):
        found = lines(*REGION, code=3)
    details = ("ContinuousBackups", "Table", "TimeToLive")
    assert found[4:7] == [
        "✗ dynamodb:ListTables refused; unseen: aws_dynamodb_table",
        POLICY,
        "! not probed, aws_dynamodb_table could not be listed: "
        + ", ".join(
            [*(f"dynamodb:Describe{each}" for each in details), "dynamodb:ListTagsOfResource", "kms:DescribeKey"]
        ),
    ]


def test_regions_that_may_not_be_listed_hide_nothing_where_they_are_named(as_auditor: AuditorMay, here: Path) -> None:  # noqa: F811
    with as_auditor([each for each in NEEDED if each != "ec2:DescribeRegions"]):
        assert lines(*REGION, code=0)[4:6] == [
            "! ec2:DescribeRegions refused; without it regions have to be named", POLICY
        ]  # fmt: skip
        found = lines(code=2)
    assert found[:4] == [
        AUDITOR,
        "✗ accounts the account's regions could not be listed: DescribeRegions: access denied (AccessDenied)",
        "→ allow ec2:DescribeRegions, or name them with --region",
        CLOCK,
    ]
    assert found[-1] == NOT


def test_who_refused_is_said_where_aws_says_it(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = "with an explicit deny in a service control policy"
    with standin() as it:
        monkeypatch.setenv("AWS_ENDPOINT_URL", it.url)
        error = f"<Code>UnauthorizedOperation</Code><Message>not authorized {said}</Message>"
        it.otherwise = lambda action: (403, f"<Response><Errors><Error>{error}</Error></Errors></Response>")
        found = lines(*REGION, code=3)
    assert (
        "✗ ec2:DescribeInstances refused by the service control policy; unseen: aws_instance, aws_volume_attachment"
        in found
    )


def test_one_page_and_one_thing_is_asked_of(
    aws: Any, endpoint: str, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(3):
        name = f"orders-{n}"
        aws("s3").create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    asked = []

    def hook(request: Between) -> Answer | None:
        asked.append(f"{request.command} {request.path}")
        return None

    with between(endpoint, hook) as front:
        monkeypatch.setenv("AWS_ENDPOINT_URL", front)
        lines(*REGION, code=0)
    assert [each for each in asked if each.endswith("?versioning")] == ["GET /orders-0?versioning"]
    assert sum("orders-" in each and "?location" not in each for each in asked) == 9
    assert {each for each in asked if asked.count(each) > 1} == {"POST /"}


# --- who and when ---------------------------------------------------------------------------------


def test_without_credentials_no_scan_can_run(here: Path) -> None:
    assert lines(code=2, env=NOBODY) == [*NO_CREDENTIALS, *NOTHING_DECLARED, no_database(here), *NO_SLACK, NOT]


@contextmanager
def off_by(endpoint: str, seconds: float) -> Iterator[str]:
    """An AWS whose clock is so far ahead of ours."""

    def hook(request: Between) -> Answer:
        date = format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)
        request.date_time_string = lambda timestamp=None: date  # type: ignore[method-assign]
        status, headers, body = request.forward()
        return status, {name: value for name, value in headers.items() if name.lower() != "date"}, body

    with between(endpoint, hook) as front:
        yield front


@pytest.mark.parametrize(
    ("seconds", "code", "said"),
    [
        (20, 0, [CLOCK]),
        (200, 0, ["! clock 200 seconds behind AWS's", "→ set it; past 5 minutes AWS refuses"]),
        (-200, 0, ["! clock 200 seconds ahead of AWS's", "→ set it; past 5 minutes AWS refuses"]),
        (600, 2, ["✗ clock 10 minutes behind AWS's, which tolerates 5", "→ set the clock, and repeat"]),
    ],
)
def test_the_clock_is_held_to_awss(
    aws: Any, endpoint: str, here: Path, monkeypatch: pytest.MonkeyPatch, seconds: int, code: int, said: list[str]
) -> None:
    with off_by(endpoint, seconds) as front:
        monkeypatch.setenv("AWS_ENDPOINT_URL", front)
        found = lines(*REGION, code=code)
    told = about("clock", found)
    assert [line.replace("199", "200").replace("201", "200") for line in told] == said
    assert found[0] == MOTO


# --- several accounts -----------------------------------------------------------------------------


def test_of_three_accounts_the_one_that_refuses_is_named(estate: Estate, here: Path) -> None:  # noqa: F811
    estate.refusals[LEGACY] = refusal("AccessDenied", 403)
    found = lines("--org", "--role-name", "audit", *REGION, code=3)
    assert found[:6] == [
        f"✓ identity arn:aws:sts::{OWN}:assumed-role/any/one, of account {OWN}, by the credentials of the environment",
        CLOCK,
        REGIONS,
        "✓ accounts 2 of 3 entered",
        f"✗ {LEGACY} (old): role arn:aws:iam::{LEGACY}:role/audit could not be assumed: "
        "AssumeRole: access denied (AccessDenied)",
        "→ check its trust policy and external id",
    ]
    assert f"✗ ec2:DescribeVpcs refused in {OWN}, {SHOP}; unseen: aws_vpc" in found
    assert found[-1] == PARTLY


# --- beside AWS -----------------------------------------------------------------------------------


def test_what_is_declared_is_counted(aws: Any, here: Path) -> None:
    Path("a.tfstate").write_bytes(state(bucket("orders"), bucket("lost", "lost")))
    Path("code").mkdir()
    Path("code/main.tf").write_text('resource "aws_s3_bucket" "it" {}\n')
    found = lines(*REGION, "--from", "a.tfstate", "--from", "code", code=0)
    begin = found.index("✓ declared a.tfstate: 2 resources in 1 state")
    assert found[begin + 1] == "✓ code: code, beside the states that the others name"


def test_a_state_that_is_missing_or_broken_is_told(aws: Any, here: Path) -> None:
    found = lines(*REGION, "--from", "nope.tfstate", code=2)
    assert about("declared", found) == [
        "✗ declared nope.tfstate: there is no such file or folder", "→ check the path given to --from"
    ]  # fmt: skip
    assert found[-1] == NOT
    Path("a.tfstate").write_bytes(state(bucket("orders")))
    Path("b.tfstate").write_text('{"version": 4')
    (said,) = about("declared", lines(*REGION, "--from", "*.tfstate", code=3))
    assert said.startswith("✗ declared *.tfstate: 1 resource in 1 state; not read: b.tfstate: the state is cut short")


def test_a_state_in_s3_is_read_as_a_scan_reads_it(aws: Any, here: Path) -> None:
    aws("s3").create_bucket(Bucket="states", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    aws("s3").put_object(Bucket="states", Key="a.tfstate", Body=state(bucket("orders")))
    found = lines(*REGION, "--from", "s3://states/a.tfstate", code=0)
    assert about("declared", found) == ["✓ declared s3://states/a.tfstate: 1 resource in 1 state"]


def test_a_state_on_a_server_is_read_as_a_scan_reads_it(aws: Any, here: Path) -> None:
    with wire() as server:
        server.answers = {"GET /a": Held(state(bucket("orders")).decode()), "GET /b?sig=hunter2": Held("", 401)}
        found = lines(*REGION, "--from", f"{server.url}/a", code=0)
        assert about("declared", found) == [f"✓ declared {server.url}/a: 1 resource in 1 state"]
        found = lines(*REGION, "--from", f"{server.url}/b?sig=hunter2", code=2)
        assert about("declared", found) == [
            f"✗ declared {server.url}/b?sig=…: 127.0.0.1 asks who we are (401)",
            "→ set TF_HTTP_USERNAME and TF_HTTP_PASSWORD, or name the host in ~/.netrc",
        ]


def test_states_that_code_names_are_read_as_a_scan_reads_them(aws: Any, here: Path) -> None:
    aws("s3").create_bucket(Bucket="states", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    aws("s3").put_object(Bucket="states", Key="a", Body=state(bucket("orders")))
    for name, kept in {"a": 's3" {\n bucket = "states"\n key = "a"\n', "b": 'gcs" {'}.items():
        (here / "infra" / name).mkdir(parents=True)
        (here / "infra" / name / "main.tf").write_text(f'terraform {{\n backend "{kept}}}\n}}\n')
    (said,) = about("declared", lines(*REGION, "--from", "infra", "--follow-backends", code=3))
    assert said == (
        "✗ declared infra: 1 resource in 1 state; not read: infra/b/main.tf:2: keeps its state in gcs, "
        "which is not read; fetch it with `terraform state pull > FILE` and name the FILE"
    ).replace("✗", said[0])


def test_a_database_that_is_there_is_counted_and_left_as_it_is(here: Path) -> None:
    with History(here / "history.sqlite"):
        pass
    before = (here / "history.sqlite").read_bytes()
    assert about("database", lines(code=2, env=NOBODY)) == [
        f"✓ database {here}/history.sqlite: 0 scans, version {VERSION}"
    ]
    assert (here / "history.sqlite").read_bytes() == before
    assert [each.name for each in here.iterdir()] == ["history.sqlite"]


def test_a_database_that_another_scan_holds(aws: Any, here: Path) -> None:
    with History(here / "history.sqlite"):
        pass
    with sqlite3.connect("history.sqlite") as other:
        other.execute("begin immediate")
        found = lines(*REGION, code=2)
    assert about("database", found) == [
        f"✗ database {here}/history.sqlite: the database is locked by another scan",
        "→ wait for it, or name another file with --db",
    ]
    assert found[-1] == NOT


def test_a_database_that_may_not_be_written(here: Path) -> None:
    with History(here / "history.sqlite"):
        pass
    Path("history.sqlite").chmod(0o444)
    with as_nobody(here), pytest.raises(HistoryError) as refused:
        check_writable(here / "history.sqlite")
    assert str(refused.value) == (
        f"{here}/history.sqlite: the database may not be written; mend its permissions, or name another file with --db"
    )
    assert about("database", lines("--db", "history.sqlite/inside", code=2, env=NOBODY)) == [
        "✗ database history.sqlite/inside: file exists", "→ name another file with --db"
    ]  # fmt: skip


@contextmanager
def as_nobody(here: Path) -> Iterator[None]:
    """As a user whom permissions bind: root may write everywhere."""
    root = os.geteuid() == 0
    if root:
        for folder in (here, here.parent, here.parent.parent, here.parent.parent.parent):
            folder.chmod(0o755)
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


def test_a_webhook_that_is_set_is_not_shown(here: Path) -> None:
    found = lines(code=2, env=NOBODY | {"DRIFTLINE_SLACK_WEBHOOK": "https://hooks.slack.com/services/T/B/secret"})
    assert about("slack", found) == ["✓ slack DRIFTLINE_SLACK_WEBHOOK is set; nothing was posted"]


# --- as a document --------------------------------------------------------------------------------


def test_the_document_names_every_action(as_auditor: AuditorMay, here: Path) -> None:  # noqa: F811
    with as_auditor([each for each in NEEDED if each != "s3:GetBucketAcl"]):
        found = driftline("doctor", *ACME, *REGION, "--json")
    told = json.loads(found.stdout)
    assert (found.exit_code, found.stderr, told["schema_version"], told["exit_code"]) == (3, "", "1.0", 3)
    assert [each["action"] for each in told["permissions"]] == NEEDED
    (acl,) = [each for each in told["permissions"] if each["status"] == "refused"]
    assert acl == {
        "action": "s3:GetBucketAcl", "status": "refused", "why": "", "accounts": ["123456789012"],
        "unseen": {"aws_s3_bucket_acl": []},
    }  # fmt: skip
    assert {each["about"]: each["mark"] for each in told["answers"] if each["about"] != "permissions"} == {
        "identity": "good", "clock": "good", "regions": "good", "declared": "note", "database": "good", "slack": "note"
    }  # fmt: skip
