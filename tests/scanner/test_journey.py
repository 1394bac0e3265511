"""The whole journey as a coroutine: what a Scan says of what was asked."""

import asyncio
import json
import time
from collections import Counter
from pathlib import Path
from threading import Event

import boto3
import pytest

from checks import Origin, Status
from scanner import Scan, Settings, remember, scan
from scanner.aws.errors import Refused
from scanner.aws.stop import Stop
from scanner.gate import exit_code
from scanner.report import render
from state.history import History
from tests.scanner.between import between
from tests.scanner.endpoint import endpoint as standin
from tests.state.terraform.states import block, bucket, state

UNAWAITED = pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning")
"""Nothing that a stopped scan had begun may be left without anybody who waits for it."""
TYPES = ("aws_s3_bucket", "aws_s3_bucket_versioning")
ROLE = {"id": "ci", "name": "ci", "arn": "arn:aws:iam::123456789012:role/ci"}
WHOSE = block("aws_iam_role", "ci", [{"attributes": ROLE}])


@pytest.fixture
def s3(aws, here):
    client = aws("s3")
    for name in ("orders", "by-hand"):
        client.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    Path("state.tfstate").write_bytes(state(bucket("orders", tags={}), bucket("lost", "lost"), WHOSE))
    return client


def asked(**more):
    return Settings(
        **{"sources": ("state.tfstate",), "regions": ("eu-west-1",), "types": TYPES, "checks": ("s3-bucket-*",)} | more
    )


def run(settings, **about) -> Scan:
    return asyncio.run(scan(settings, **about))


def told(found):
    return [(str(each.kind), each.resource.id, each.note) for each in found.drift]


def test_the_coroutine_as_documented(s3):
    found = run(asked())
    assert told(found) == [("missing", "lost", ""), ("unmanaged", "by-hand", "")]
    assert [each.id for each in found.in_sync] == ["orders"]
    assert (found.account, found.partition, list(found.regions)) == ("123456789012", "aws", ["eu-west-1"])
    assert (found.managed, found.outside, found.kinds) == (1, 1, ("drift", "check"))
    assert 0 < found.compared <= found.attributes
    assert found.started < found.live.taken_at < found.ended
    assert found.calls > 0
    assert found.digest is None


def test_the_watcher_sees_it_through(s3):
    seen = []
    run(asked(parts=False), watch=lambda progress: seen.append((progress.done, progress.visits, progress.resources)))
    assert seen[-1][0] == seen[-1][1] > 0
    assert seen[-1][2] == 4, "two buckets and their versioning"


def test_only_drift_runs_no_check(s3):
    found = run(asked(checks=()), kinds=("drift",))
    assert (len(found.drift), list(found.findings)) == (2, [])


def test_only_checks_tell_no_drift(s3):
    found = run(asked(), kinds=("check",))
    assert (list(found.drift), list(found.in_sync)) == ([], [])
    assert {each.origin for each in found.failures} == {Origin.DECLARED, Origin.UNMANAGED}
    assert "rift" not in "".join(render("markdown", found)).replace("Driftline", "").replace("drifted", "")


def test_nothing_declared_is_no_origin_and_no_drift(s3):
    found = run(asked(sources=()))
    assert (list(found.drift), found.managed, found.attributes) == ([], 0, 0)
    assert {each.origin for each in found.findings} == {None}


def test_what_only_checks_saw_does_not_end_the_drift_in_history(s3):
    with History(Path("history.sqlite")) as history:
        remember(run(asked()), history)
        digest = remember(run(asked(), kinds=("check",)), history)
        assert list(digest.resolved) == []
        digest = remember(run(asked()), history)
    assert [list(getattr(digest, kind)) for kind in ("regressed", "reopened", "new", "resolved")] == [[], [], [], []]


def test_a_gap_in_what_is_declared_is_no_licence_to_delete(s3):
    """The broken state may declare what no other does: no origin says unmanaged."""
    Path("broken.tfstate").write_text('{"version": 4')
    found = run(asked(sources=(".",)))
    assert {each.origin for each in found.failures if each.resource.id == "by-hand"} == {Origin.UNKNOWN}
    (by_hand,) = [each for each in found.drift if each.resource.id == "by-hand"]
    assert by_hand.note.startswith("may be declared in broken.tfstate: the state is cut short")


def test_what_two_states_declare_is_said_where_only_one_says_its_account(s3):
    """A state of buckets alone says no account, and one with a role does."""
    Path("state.tfstate").write_bytes(state(bucket("orders", tags={})))
    Path("other.tfstate").write_bytes(state(bucket("orders", "again", tags={}), WHOSE, lineage="b"))
    found = run(asked(sources=("state.tfstate", "other.tfstate")))
    assert [each.text for each in found.notes] == [
        "aws_s3_bucket orders is declared in state.tfstate (as aws_s3_bucket.it) "
        "and again in other.tfstate (as aws_s3_bucket.again); the first counts"
    ]
    assert told(found) == [("unmanaged", "by-hand", "")]


def test_a_state_of_another_account_is_said(s3):
    strange = {"id": "ci", "name": "ci", "arn": "arn:aws:iam::999999999999:role/ci"}
    Path("state.tfstate").write_bytes(
        state(block("aws_iam_role", "ci", [{"attributes": strange}]), bucket("orders", tags={}))
    )
    found = run(asked())
    assert [each.text for each in found.notes] == [
        "2 declared resources are of account 999999999999, which this scan did not read"
    ]
    assert found.managed == 0
    assert found.outside == 2


@pytest.mark.parametrize("where", ["file", "s3"])
def test_a_state_that_moves_during_the_scan_makes_its_drift_doubtful(s3, where):
    first, second = (state(bucket("orders", tags={"a": "b"}), WHOSE, serial=serial) for serial in (1, 2))
    s3.put_object(Bucket="orders", Key="s", Body=first)
    Path("state.tfstate").write_bytes(first)
    source = "s3://orders/s" if where == "s3" else "state.tfstate"

    def move(progress):
        s3.put_object(Bucket="orders", Key="s", Body=second)
        Path("state.tfstate").write_bytes(second)

    assert told(run(asked(sources=(source,)))) == [("changed", "orders", ""), ("unmanaged", "by-hand", "")]
    found = run(asked(sources=(source,)), watch=move)
    assert told(found) == [
        ("changed", "orders", "the state may have changed during the scan"),
        ("unmanaged", "by-hand", f"may be declared by now in {source}, which may have changed during the scan"),
    ]
    assert [each.text for each in found.notes] == [
        f"{source} changed during the scan, or could not be read again; scan again to be sure"
    ]
    assert "the state may have changed during the scan" in "".join(render("terminal", found))


@pytest.mark.parametrize("silent", [False, True])
def test_an_s3_that_goes_away_during_the_scan_does_not_cost_it(s3, endpoint, monkeypatch, silent):
    """Or that says nothing until the time is up."""
    s3.put_object(Bucket="orders", Key="s", Body=state(bucket("orders", tags={}), WHOSE))
    over = Event()

    def away(request):
        if request.command != "HEAD" or request.path != "/orders/s":
            return None
        assert not silent or over.wait(60)
        return 403, {}, b""

    began = time.monotonic()
    with between(endpoint, away) as front:
        monkeypatch.setenv("AWS_ENDPOINT_URL", front)
        found = run(asked(sources=("s3://orders/s",), timeout=8 if silent else None))
        seconds = time.monotonic() - began
        over.set()
    assert seconds < 14
    assert (found.managed, found.interrupted) == (1, "")
    assert [each.text for each in found.notes] == [
        "s3://orders/s changed during the scan, or could not be read again; scan again to be sure"
    ]


@UNAWAITED
def test_a_scan_that_is_stopped_still_looks_at_files_again(s3):
    stop = Stop()
    found = run(asked(), watch=lambda progress: stop("interrupted", "enough"), stop=stop)
    assert [each.text for each in found.notes] == []


def test_the_calls_that_read_states_are_the_scans_as_well(s3, endpoint, monkeypatch):
    """One caller for all states, each of its calls logged and named after the scan."""
    s3.put_object(Bucket="orders", Key="s", Body=state(bucket("orders", tags={}), WHOSE))
    agents = []

    def heard(request):
        agents.append((request.headers["User-Agent"], request.command, request.path, request.body))

    with between(endpoint, heard) as front:
        monkeypatch.setenv("AWS_ENDPOINT_URL", front)
        found = run(asked(sources=("s3://orders/s",), call_log=Path("calls.jsonl")))
    assert [each[1:] for each in agents if f"scan/{found.id}" not in each[0]] == []
    calls = [json.loads(line)["operation"] for line in Path("calls.jsonl").read_text().splitlines()]
    assert len(calls) == len(agents)
    told = Counter(calls)
    assert (told["s3:GetObject"], told["s3:HeadObject"], told["sts:GetCallerIdentity"]) == (1, 1, 2)


def test_denied_leaves_verdicts_unknown_and_nothing_missing(s3, allowed_only):
    with allowed_only("ec2:DescribeRegions"):
        found = run(asked())
    assert list(found.drift) == []
    assert {each.status for each in found.findings} == {Status.UNKNOWN}
    assert {each.kind for each in found.gaps} == {"denied"}


def test_drift_that_can_no_longer_be_seen_is_not_resolved(s3, allowed_only):
    s3.put_bucket_tagging(Bucket="orders", Tagging={"TagSet": [{"Key": "by", "Value": "hand"}]})
    with History(Path("history.sqlite")) as history:
        seen = run(asked())
        assert ("changed", "orders", "") in told(seen)
        remember(seen, history)
        with allowed_only("ec2:DescribeRegions", "s3:ListAllMyBuckets", "s3:GetBucketLocation"):
            unseen = run(asked())
        assert ([each.id for each in unseen.in_sync], [each.id for each in unseen.unsure]) == ([], ["orders"])
        assert list(remember(unseen, history).resolved) == []


def test_a_region_not_read_costs_no_gap(s3, aws):
    found = run(asked(regions=("us-east-1",)))
    assert (list(found.gaps), list(found.drift)) == ([], [])


# --- several accounts -----------------------------------------------------------------------------

OWN, SHOP = "123456789012", "222222222222"


def role(account):
    arn = f"arn:aws:iam::{account}:role/admin"
    attributes = {"id": "admin", "name": "admin", "arn": arn, "description": "as declared", "path": "/"}
    return block("aws_iam_role", f"admin_{account}", [{"attributes": attributes}])


def trusting(principal):
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture
def both(aws, endpoint, here):
    """A role ``admin`` in each of two accounts: as declared in the caller's, for anyone in the other."""
    key = aws("sts").assume_role(RoleArn=f"arn:aws:iam::{SHOP}:role/audit", RoleSessionName="test")["Credentials"]
    names = {"aws_access_key_id": "AccessKeyId", "aws_secret_access_key": "SecretAccessKey"}
    session = {name: key[said] for name, said in names.items()} | {"aws_session_token": key["SessionToken"]}
    shop = boto3.client("iam", endpoint_url=endpoint, **session)
    ec2 = {"Service": "ec2.amazonaws.com"}
    aws("iam").create_role(RoleName="admin", Description="as declared", AssumeRolePolicyDocument=trusting(ec2))
    shop.create_role(RoleName="admin", Description="by hand", AssumeRolePolicyDocument=trusting({"AWS": "*"}))
    return aws


def in_both(*states, **more):
    Path("state.tfstate").write_bytes(state(*states))
    roles = {"types": ("aws_iam_role",), "checks": ("iam-role-trust-anyone",)}
    return asked(**roles | {"account": (OWN, SHOP), "role_name": "audit"} | more)


def in_accounts(found):
    return [(str(each.kind), each.resource.account, each.resource.name) for each in found.drift]


def verdicts(found):
    return [(each.resource.account, each.resource.id, str(each.status), each.origin) for each in found.findings]


def test_things_of_one_name_in_two_accounts_are_two(both):
    found = run(in_both(role(OWN)))
    assert [(each.id, each.entered, each.regions) for each in found.accounts] == [
        (OWN, True, ["eu-west-1"]), (SHOP, True, ["eu-west-1"])
    ]  # fmt: skip
    assert (found.account, list(found.gaps), found.managed) == (OWN, [], 1)
    assert in_accounts(found) == [("unmanaged", SHOP, "admin")]
    assert sorted(verdicts(found)) == [(OWN, "admin", "pass", None), (SHOP, "admin", "fail", Origin.UNMANAGED)]
    found = run(in_both(role(OWN), role(SHOP)))
    assert in_accounts(found) == [("changed", SHOP, "admin")]
    assert {each.origin for each in found.failures} == {Origin.UNKNOWN}, "the state does not say who may assume it"


def test_a_name_that_two_accounts_have_is_not_guessed(both):
    nowhere = block("aws_iam_role", "admin", [{"attributes": {"id": "admin", "name": "admin"}}])
    found = run(in_both(nowhere))
    assert in_accounts(found) == []
    assert [(each.kind, each.id) for each in found.gaps] == [("which-account", "admin")]


def test_an_account_that_was_not_entered_is_neither_clean_nor_empty(both, endpoint, monkeypatch):
    def refused(request):
        wanted = b"Action=AssumeRole" in request.body and SHOP.encode() in request.body
        return (403, {}, b"<R><Error><Code>AccessDenied</Code></Error></R>") if wanted else None

    with between(endpoint, refused) as front:
        monkeypatch.setenv("AWS_ENDPOINT_URL", front)
        found = run(in_both(role(OWN), role(SHOP)))
    assert [(each.id, each.entered, each.regions) for each in found.accounts] == [
        (OWN, True, ["eu-west-1"]), (SHOP, False, ())
    ]  # fmt: skip
    assert [(each.type, each.account, each.kind, each.permission) for each in found.gaps] == [
        ("*", SHOP, "denied", "sts:AssumeRole")
    ]
    assert in_accounts(found) == []
    assert verdicts(found) == [(OWN, "admin", "pass", None), (SHOP, "*", "unknown", None)]
    assert exit_code(found, ["high"]) == 3
    assert exit_code(found, ["unknown"]) == 1


def test_an_organization_with_an_account_that_was_closed(both):
    organizations = both("organizations", "us-east-1")
    organizations.create_organization(FeatureSet="ALL")
    made = [
        organizations.create_account(AccountName=f"team-{n}", Email=f"{n}@example.com")["CreateAccountStatus"]
        for n in range(23)
    ]
    closed = made[0]["AccountId"]
    organizations.close_account(AccountId=closed)
    found = run(in_both(account=(), org=True, sources=()))
    assert [each.id for each in found.accounts] == sorted([OWN, *(each["AccountId"] for each in made[1:])])
    assert {each.name for each in found.accounts} == {"master", *(f"team-{n}" for n in range(1, 23))}
    assert [each.text for each in found.notes] == [f"1 account is suspended and was not read: {closed} (team-0)"]
    assert list(found.gaps) == []
    read = [each.account for each in found.live.of("account")]
    assert sorted(read) == [each.id for each in found.accounts]


# --- stopped --------------------------------------------------------------------------------------


@UNAWAITED
def test_a_scan_that_is_stopped_keeps_what_it_saw(s3):
    stop = Stop()
    found = run(asked(), watch=lambda progress: stop("interrupted", "enough"), stop=stop)
    assert found.interrupted == "enough"
    assert {(each.kind, each.reason) for each in found.gaps} == {("interrupted", "enough")}
    assert "missing" not in {each.kind for each in found.drift}


@pytest.fixture
def silent(here, monkeypatch):
    """An AWS that says who is calling, and nothing else."""
    with standin() as it:
        it.otherwise = lambda action: None
        monkeypatch.setenv("AWS_ENDPOINT_URL", it.url)
        yield it


def test_a_time_limit_that_is_reached_is_said(silent):
    found = run(Settings(regions=("eu-west-1",), timeout=4))
    assert found.interrupted == "the time limit of 4 seconds was reached"
    assert {(each.kind, each.reason) for each in found.gaps} == {("timeout", found.interrupted)}
    assert Status.PASS not in {each.status for each in found.findings}


def test_a_time_limit_that_leaves_no_time_to_begin_is_refused(silent):
    silent.answers["GetCallerIdentity"] = None
    with pytest.raises(Refused) as told:
        run(Settings(timeout=0.2))
    assert str(told.value) == "the time limit of 0.2 seconds was reached, before any account could be read"


def test_the_rows_of_a_scan_are_json(s3):
    answer = json.loads("".join(render("json", run(asked()))))
    assert (answer["scan"]["kinds"], len(answer["drift"])) == (["drift", "check"], 2)
