"""Who did it: what CloudTrail is asked, what is believed of its answers, and what is kept of them."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from scanner import Scan, Settings, remember, scan
from scanner.outcome import Who
from scanner.report import render
from scanner.who import MAY_BE_LATE
from state.history import History
from tests.scanner.cloudtrail import SECRET, cloudtrail, event
from tests.scanner.command import driftline
from tests.state.terraform.states import block, bucket, state

ANN, BOB = "arn:aws:iam::123456789012:user/ann", "arn:aws:sts::123456789012:assumed-role/admin/bob"
AS_BOB = {"type": "AssumedRole", "arn": BOB}
ROLE = {"id": "ci", "name": "ci", "arn": "arn:aws:iam::123456789012:role/ci"}
ASKED: dict[str, Any] = {
    "sources": ("state.tfstate",),
    "regions": ("eu-west-1",),
    "types": ("aws_s3_bucket",),
    "checks": ("s3-bucket-*",),
    "who": True,
    "pace": 1.0,
}
LOCKED = "what CloudTrail says is not kept: database is locked"
LAST_WRITE = "the last write to it; no earlier scan saw it otherwise"


@pytest.fixture
def trail(aws, endpoint, here):
    """An account with a bucket as declared, and one by hand; a declared one is gone."""
    s3 = aws("s3")
    for name in ("orders", "by-hand"):
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    whose = block("aws_iam_role", "ci", [{"attributes": ROLE}])
    Path("state.tfstate").write_bytes(state(bucket("orders", tags={}), bucket("lost", "lost"), whose))
    with cloudtrail(endpoint) as it:
        it.s3 = s3
        yield it


def ago(**since: float) -> datetime:
    """A time as CloudTrail tells it, in whole seconds."""
    return (datetime.now(UTC) - timedelta(**since)).replace(microsecond=0)


def run(history: History | None = None, **more: Any) -> Scan:
    return asyncio.run(scan(Settings(**ASKED | more), kinds=("drift",), history=history))


def by_name(found: Scan) -> dict[str, Who]:
    return {each.resource.name: found.who[each.id] for each in found.drift}


def change(s3: Any, value: str = "hand") -> None:
    s3.put_bucket_tagging(Bucket="orders", Tagging={"TagSet": [{"Key": "by", "Value": value}]})


# --- what is believed -----------------------------------------------------------------------------


def test_the_last_write_is_only_probable_and_the_call_that_made_or_ended_it_is_not(trail):
    change(trail.s3)
    made, ended, tagged = ago(days=3), ago(days=2), ago(hours=1)
    trail.events = [
        event("CreateBucket", made, "by-hand"),
        event("PutBucketTagging", ago(days=1), "by-hand", by=AS_BOB),
        event("DeleteBucket", ended, "lost", by=AS_BOB),
        event("PutBucketTagging", tagged, "orders", by=AS_BOB),
        event("PutBucketAcl", ago(hours=2), "orders"),
    ]
    assert by_name(run()) == {
        "orders": Who(
            actor=BOB,
            time=tagged,
            event="PutBucketTagging",
            event_id=f"PutBucketTagging-{tagged:%H%M%S%f}",
            probable=True,
            why=f"{LAST_WRITE}; 1 other wrote to it too",
        ),
        "by-hand": Who(actor=ANN, time=made, event="CreateBucket", event_id=f"CreateBucket-{made:%H%M%S%f}"),
        "lost": Who(actor=BOB, time=ended, event="DeleteBucket", event_id=f"DeleteBucket-{ended:%H%M%S%f}"),
    }


def test_the_only_write_since_a_scan_saw_it_fine_did_it(trail):
    with History(Path("history.sqlite")) as history:
        remember(run(history), history)
        change(trail.s3)
        trail.events = [
            event("PutBucketAcl", ago(days=5), "orders"),
            event("PutBucketTagging", ago(), "orders", by=AS_BOB),
        ]
        found = run(history)
    who = by_name(found)["orders"]
    assert (who.actor, who.event, who.probable, who.why) == (BOB, "PutBucketTagging", False, "")
    assert [each.text for each in found.notes if each.about == "who"] == [MAY_BE_LATE]


def test_a_write_before_a_scan_that_saw_it_fine_did_not_do_it(trail):
    trail.events = [event("PutBucketTagging", ago(hours=1), "orders")]
    with History(Path("history.sqlite")) as history:
        first = run(history)
        remember(first, history)
        change(trail.s3)
        who = by_name(run(history))["orders"]
    since = f"CloudTrail tells of no write to it since the scan of {first.started:%Y-%m-%d %H:%M} UTC"
    assert who == Who(why=f"{since}; it may be 15 minutes late")


def test_what_reads_is_refused_or_was_done_to_a_namesake_did_nothing(trail):
    trail.events = [
        event("GetBucketAcl", ago(hours=1), "by-hand") | {"ReadOnly": "true"},
        event("DeleteBucket", ago(hours=2), "by-hand", errorCode="AccessDenied"),
        event("DeleteQueue", ago(hours=3), "by-hand", source="sqs"),
    ]
    said = "CloudTrail tells of no write to it in the last 90 days; it may be 15 minutes late"
    assert by_name(run())["by-hand"] == Who(why=said)


def test_what_was_found_by_a_name_is_only_probable(trail, aws):
    aws("iam").create_role(RoleName="deploy", AssumeRolePolicyDocument="{}")
    trail.events = [event("CreateRole", ago(days=1), "deploy", source="iam")]
    who = by_name(run(types=("aws_iam_role",)))["deploy"]
    assert (who.actor, who.event, who.probable) == (ANN, "CreateRole", True)
    assert who.why == "found by a name that other things may have"
    assert trail.regions == {"us-east-1"}
    assert set(trail.names) >= {"deploy", "arn:aws:iam::123456789012:role/deploy"}


@pytest.mark.parametrize(
    ("identity", "actor"),
    [
        ({"type": "SAMLUser", "userName": "eve@example.com"}, "eve@example.com"),
        ({"type": "AWSService", "invokedBy": "autoscaling.amazonaws.com"}, "autoscaling.amazonaws.com"),
        ({}, "ann"),
    ],
)
def test_whoever_has_no_arn_is_called_by_name(trail, identity, actor):
    trail.events = [event("CreateBucket", ago(days=1), "by-hand", by=identity)]
    assert by_name(run())["by-hand"].actor == actor


def test_a_thing_that_is_read_day_and_night_is_not_read_to_the_end(trail):
    reads = [event("GetBucketAcl", ago(hours=n + 1), "by-hand") | {"ReadOnly": "true"} for n in range(260)]
    trail.events = [*reads, event("CreateBucket", ago(days=60), "by-hand")]
    found = run()
    assert trail.names.count("by-hand") == 4
    assert by_name(found)["by-hand"].why.startswith(
        "CloudTrail tells of no write to it in the last 90 days, as far as it was read"
    )


# --- what cannot be known -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "why", "advice"),
    [
        (
            "AccessDeniedException",
            "LookupEvents: access denied (AccessDeniedException)",
            "; allow cloudtrail:LookupEvents",
        ),
        ("ThrottlingException", "LookupEvents: throttled after every retry (ThrottlingException)", ""),
        ("UnsupportedOperationException", "LookupEvents: not offered here (UnsupportedOperationException)", ""),
    ],
)
def test_a_cloudtrail_that_does_not_answer_is_said_and_nobody_is_named(trail, error, why, advice):
    trail.error = error
    found = run()
    assert by_name(found) == {name: Who(why=why) for name in ("by-hand", "lost")}
    assert [each.text for each in found.notes if each.about == "who"] == [
        f"123456789012 eu-west-1: nobody knows who did it: {why}{advice}"
    ]
    assert len({*trail.names}) == 1, "who refuses once is not asked about anything else"


def test_an_event_that_cannot_be_read_is_that_things_loss_and_is_told_nowhere(trail):
    broken = event("PutBucketAcl", ago(hours=1), "by-hand") | {"CloudTrailEvent": f'{{"{SECRET}'}
    trail.events = [broken, event("DeleteBucket", ago(hours=1), "lost")]
    found = run()
    assert by_name(found)["by-hand"] == Who(why="CloudTrail told of an event in a way that could not be read")
    assert by_name(found)["lost"].actor == ANN
    assert SECRET not in "".join(render("json", found))


def test_no_more_things_are_asked_about_than_is_allowed(trail):
    found = run(who_most=1)
    assert trail.names == ["lost"], "what is missing comes before what nobody declares"
    assert [each.text for each in found.notes if each.about == "who"] == [
        "CloudTrail was asked about the worst 1 of 2 things; --who-most asks about more"
    ]


def test_who_does_not_ask_is_told_nothing_and_may_ask_nothing(trail):
    found = run(who=False)
    assert (dict(found.who), trail.asked) == ({}, [])
    assert json.loads(next(iter(render("jsonl", found))))["who"] is None


# --- what is kept ---------------------------------------------------------------------------------


def test_what_was_asked_once_is_not_asked_again(trail):
    trail.events = [event("CreateBucket", ago(days=3), "by-hand")]
    with History(Path("history.sqlite")) as history:
        first = run(history)
        remember(first, history)
        trail.asked.clear()
        again = run(history)
    assert by_name(again)["by-hand"].actor == ANN
    began = {name: each["StartTime"] for name, each in zip(trail.names, trail.asked, strict=True)}
    assert set(began) == {"by-hand", "lost"}
    quarter = (first.started - timedelta(minutes=15)).timestamp()
    assert all(abs(each - quarter) < 60 for each in began.values()), "only what may have come late"


def test_nothing_but_who_when_and_which_call_is_kept(trail):
    trail.events = [event("CreateBucket", ago(days=3), "by-hand")]
    with History(Path("history.sqlite")) as history:
        remember(run(history), history)
    kept = Path("history.sqlite").read_bytes()
    assert ANN.encode() in kept
    assert not any(each in kept for each in (SECRET.encode(), b"192.0.2.7", b"requestParameters"))


def test_an_address_is_kept_and_told_where_it_is_asked_for(trail):
    trail.events = [event("CreateBucket", ago(days=3), "by-hand")]
    with History(Path("history.sqlite")) as history:
        assert by_name(run(history))["by-hand"].source_ip is None
        assert by_name(run(history, who_ip=True))["by-hand"].source_ip == "192.0.2.7"
        assert by_name(run(history))["by-hand"].source_ip is None
    with sqlite3.connect("history.sqlite") as db:
        assert [row[0] for row in db.execute("select distinct source_ip from writes")] == ["192.0.2.7"]


def test_a_database_that_another_scan_holds_costs_only_what_would_be_kept(trail):
    trail.events = [event("CreateBucket", ago(days=3), "by-hand")]
    with History(Path("history.sqlite"), busy=0.1) as history, sqlite3.connect("history.sqlite") as other:
        other.execute("begin immediate")
        found = run(history)
    assert by_name(found)["by-hand"].actor == ANN
    assert [each.text for each in found.notes] == [LOCKED, MAY_BE_LATE]


# --- the command ----------------------------------------------------------------------------------

FLAGS = ("--from", "state.tfstate", "--region", "eu-west-1", "--type", "aws_s3_bucket")


def test_the_command_tells_who_under_each_row(trail):
    made = ago(days=3)
    trail.events = [event("CreateBucket", made, "by-hand")]
    found = driftline("drift", *FLAGS, "--who-ip", "--output", "json", "--output", "markdown://report.md")
    by_hand = next(each for each in json.loads(found.stdout)["drift"] if each["id"] == "by-hand")
    assert by_hand["who"] == {
        "actor": ANN,
        "time": f"{made:%Y-%m-%dT%H:%M:%SZ}",
        "event": "CreateBucket",
        "event_id": f"CreateBucket-{made:%H%M%S%f}",
        "source_ip": "192.0.2.7",
        "probable": False,
        "why": "",
    }
    said = f"{ANN} from 192.0.2.7: CreateBucket {made:%Y-%m-%d %H:%M} UTC"
    assert f"who {said}" in " ".join(found.stderr.split())
    assert said in Path("report.md").read_text().replace("&#58;", ":")
    assert "nobody knows: CloudTrail tells of no write to it in the last 90 days" in " ".join(found.stderr.split())


def test_failing_findings_have_somebody_too(trail):
    trail.events = [event("CreateBucket", ago(days=3), "by-hand"), event("PutBucketAcl", ago(days=1), "orders")]
    versions = ("--type", "aws_s3_bucket_versioning", "--check", "s3-bucket-versioning")
    found = driftline("check", *FLAGS, *versions, "--who", "--output", "json", "--quiet")
    rows = [each for each in json.loads(found.stdout)["findings"] if each["status"] == "fail"]
    assert {each["id"]: (each["who"]["event"], each["who"]["probable"]) for each in rows} == {
        "orders": ("PutBucketAcl", True),
        "by-hand": ("CreateBucket", True),
    }


def test_the_policy_lets_cloudtrail_be_asked_only_where_that_is_wanted():
    with_it, without = (driftline("iam-policy", "--type", "aws_vpc", *more).stdout for more in (["--who"], []))
    assert ("cloudtrail:LookupEvents" in with_it, "cloudtrail:LookupEvents" in without) == (True, False)


def test_a_dry_run_says_what_else_is_asked(trail):
    told = json.loads(driftline("drift", *FLAGS, "--who", "--dry-run", "--output", "json").stdout)
    assert "cloudtrail:LookupEvents" in told["actions"]
    assert "--who asks CloudTrail about at most 200 things besides; not counted here" in told["notes"]
    assert trail.asked == []
