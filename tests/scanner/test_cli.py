"""A scan from the command line: where its answer goes, and what the process ends with."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.scanner.aws.wire import Answer, wire
from tests.scanner.command import PROGRAM, driftline, environment, program
from tests.state.terraform.states import block, bucket, state

REGION = ("--region", "eu-west-1")
ROLE = {"id": "ci", "name": "ci", "arn": "arn:aws:iam::123456789012:role/ci"}
WHOSE = block("aws_iam_role", "ci", [{"attributes": ROLE}])
"""Says the account of the buckets beside it, whose own ARNs do not."""

ORDERS = bucket("orders", tags={})

BUCKETS = ("--type", "aws_s3_bucket", "--type", "aws_s3_bucket_versioning")
VERSIONED = ("--check", "s3-bucket-versioning")
WHERE = (*REGION, *BUCKETS)
WHAT = (*WHERE, *VERSIONED)
ANSI = "\x1b["


@pytest.fixture
def s3(aws, here):
    """A bucket that is as state.tfstate declares it, but that it has no versions: one medium failure."""
    client = aws("s3")
    make(client, "orders")
    Path("state.tfstate").write_bytes(state(ORDERS))
    return client


def make(s3, name, versioned=False):
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    if versioned:
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})


def tell(*arguments, code):
    """The scan's JSON; nothing but JSON may be on standard output."""
    found = driftline(*arguments, "--output", "json", "-q")
    assert (found.exit_code, found.stderr) == (code, "")
    return json.loads(found.stdout)


def drift(found):
    return [(each["status"], each["address"] or each["id"]) for each in found["drift"]]


# --- where it is declared -------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["file", "folder", "glob"])
def test_a_state_on_the_disk(s3, kind):
    make(s3, "by-hand")
    source = {"file": "state.tfstate", "folder": ".", "glob": "**/*.tfstate"}[kind]
    found = tell("scan", *WHAT, "--from", source, code=0)
    assert found["schema_version"] == "1.0"
    assert drift(found) == [("unmanaged", "by-hand")]
    assert [(each["id"], each["origin"]) for each in found["findings"]] == [
        ("by-hand", "unmanaged"), ("orders", "declared")
    ]  # fmt: skip


@pytest.mark.parametrize("source", ["s3://states/prod/app.tfstate", "s3://states/prod/**", "S3://states/prod/"])
def test_a_state_in_s3(s3, source):
    make(s3, "states")
    s3.put_object(Bucket="states", Key="prod/app.tfstate", Body=state(ORDERS, bucket("lost", "lost"), WHOSE))
    found = tell("drift", *WHERE, "--from", source, code=1)
    assert drift(found) == [("missing", "aws_s3_bucket.lost"), ("unmanaged", "states")]
    assert found["findings"] == []


def test_a_state_on_a_server(s3):
    with wire() as server:
        server.answers = {"GET /app?sig=hunter2": Answer(state(ORDERS, bucket("lost", "lost"), WHOSE).decode())}
        found = tell("drift", *WHERE, "--from", f"{server.url}/app?sig=hunter2", code=1)
        assert [each.path for each in server.requests] == ["/app?sig=hunter2"] * 2
    assert drift(found) == [("missing", "aws_s3_bucket.lost")]
    assert found["scan"]["sources"] == [f"{server.url}/app?sig=…"]
    assert "hunter2" not in json.dumps(found)


def test_states_that_code_names_and_their_locks(s3):
    make(s3, "states")
    s3.put_object(Bucket="states", Key="app", Body=state(ORDERS, bucket("states", "states"), WHOSE))
    s3.put_object(Bucket="states", Key="app.tflock", Body=b"{}")
    Path("infra").mkdir()
    code = 'terraform {\n  backend "s3" {\n    bucket = "states"\n    key = "app"\n  }\n}\n'
    Path("infra/main.tf").write_text(code + 'resource "aws_s3_bucket" "it" {}\n')
    found = tell("drift", *WHERE, "--from", "infra", "--follow-backends", code=0)
    assert drift(found) == []
    locked = "s3://states/app is locked: Terraform is at work on it, or was stopped; it was read as it is"
    assert locked in " ".join(driftline("drift", *WHERE, "--from", "infra", "--follow-backends").stderr.split())


def test_code_beside_a_state_gives_the_line_and_what_it_ignores(s3):
    s3.put_bucket_tagging(Bucket="orders", Tagging={"TagSet": [{"Key": "by", "Value": "hand"}]})
    code = 'resource "aws_s3_bucket" "it" {\n  bucket = "orders"\n%s}\n'
    Path("main.tf").write_text(code % "")
    (found,) = tell("drift", *WHERE, "--from", ".", code=1)["drift"]
    assert (found["status"], found["file"], found["line"], found["evidence"]) == (
        "changed", "main.tf", 1, [{"path": "tags.by", "declared": None, "live": "hand"}]
    )  # fmt: skip
    Path("main.tf").write_text(code % "  lifecycle {\n    ignore_changes = [tags]\n  }\n")
    assert tell("drift", *WHERE, "--from", "state.tfstate", "--from", ".", code=0)["drift"] == []


def test_a_check_without_anything_declared_says_no_origin(s3):
    found = tell("check", *WHAT, code=0)
    assert (found["scan"]["kinds"], found["drift"]) == (["check"], [])
    assert [(each["status"], each["origin"]) for each in found["findings"]] == [("fail", None)]


def test_a_check_with_a_state_says_origins_and_nothing_of_drift(s3):
    make(s3, "by-hand")
    found = tell("check", *WHAT, "--from", "state.tfstate", code=0)
    assert (found["drift"], [each["origin"] for each in found["findings"]]) == ([], ["unmanaged", "declared"])
    told = driftline("check", *WHAT, "--from", "state.tfstate").stderr
    assert "Findings" in told
    assert "Drift ─" not in told
    assert "drift: " not in told


# --- where the answer goes ------------------------------------------------------------------------


def test_people_read_standard_error_and_programs_standard_output(s3):
    found = driftline("scan", *WHAT, "--from", "state.tfstate", "--output", "jsonl", "--output", "json://report.json")
    assert [json.loads(each)["kind"] for each in found.stdout.splitlines()] == ["finding"]
    assert json.loads(Path("report.json").read_text())["scan"]["sources"] == ["state.tfstate"]
    assert "GATE PASSED" in found.stderr
    assert ANSI not in found.output


def test_without_an_output_standard_output_is_empty(s3):
    found = driftline("scan", *WHAT)
    assert found.stdout == ""
    assert "Driftline" in found.stderr


def test_quiet_says_nothing_but_what_was_asked_for(s3):
    found = program("scan", *WHAT, "-q")
    assert (found.returncode, found.stdout, found.stderr) == (0, "", "")


def test_colour_only_where_it_is_wanted(s3):
    ci = {"TERM": "dumb", "NO_COLOR": "1"}
    told = {each: program("scan", *WHAT, "--color", each, env=ci).stderr for each in ("auto", "always", "never")}
    assert [ANSI in told[each] for each in told] == [False, True, False]
    assert "\x1b[?25l" not in told["always"], "no live display where nothing is a terminal"


def test_all_formats_at_once(s3):
    formats = ("json", "jsonl", "markdown", "slack", "terminal")
    outputs = [part for each in formats for part in ("--output", f"{each}://out.{each}")]
    assert driftline("scan", *WHAT, *outputs, "-q").output == ""
    assert all(Path(f"out.{each}").stat().st_size for each in formats)


def test_verbose_says_more(s3, aws):
    found = driftline("scan", *WHAT, "-vv")
    assert "DEBUG botocore" in found.stderr


# --- which -----------------------------------------------------------------------------------------


def test_selectors(s3):
    kinds = ("--service", "s3", "--category", "public-exposure", "--severity", "high")
    found = tell("check", *REGION, *kinds, code=1)
    assert {each["severity"] for each in found["findings"]} <= {"high", "critical"}
    assert "s3-bucket-public-access" in {each["check"] for each in found["findings"]}
    assert {each["check"].split("-")[0] for each in found["findings"]} == {"s3"}


def test_a_type_by_itself_is_also_judged_by_its_tags(s3):
    found = tell("check", *REGION, "--type", "aws_s3_bucket", code=0)
    assert {"tag-untagged", "tag-required-keys"} <= {each["check"] for each in found["findings"]}


def test_a_region_left_out(s3):
    wanted = ("--region", "eu-west-1", "--region", "us-east-1", "--exclude-region", "us-east-1")
    assert tell("check", *wanted, *BUCKETS, *VERSIONED, code=0)["scan"]["regions"] == ["eu-west-1"]


def test_all_enabled_regions_are_read_where_no_region_is_set(s3, monkeypatch):
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    found = tell("check", *BUCKETS, *VERSIONED, code=0)
    assert {"eu-west-1", "us-east-1", "ap-southeast-2"} < set(found["scan"]["regions"])
    assert found["scan"]["counts"]["findings"]["fail"] == 1


def test_a_profile_a_role_and_its_external_id(s3, monkeypatch):
    Path("config").write_text("[profile audit]\naws_access_key_id = a\naws_secret_access_key = b\nregion = eu-west-1\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", "config")
    role = ("--role-arn", "arn:aws:iam::111122223333:role/audit", "--external-id", "acme", "--account", "111122223333")
    found = tell("check", *WHAT, "--profile", "audit", *role, code=0)
    assert (found["scan"]["account"], found["scan"]["caller"].split("/")[:2]) == (
        "111122223333", ["arn:aws:sts::111122223333:assumed-role", "audit"]
    )  # fmt: skip


def test_a_settings_file_that_is_named(s3):
    Path("mine.toml").write_text(
        'from = ["state.tfstate"]\nregions = ["eu-west-1"]\nchecks = ["s3-bucket-versioning"]\nfail_on = ["medium"]\n'
        'types = ["aws_s3_bucket", "aws_s3_bucket_versioning"]\ndb = "mine.sqlite"\n'
    )
    found = driftline("drift", "--config", "mine.toml", "-q", "--output", "json", env={"DRIFTLINE_DB": None})
    assert (found.exit_code, json.loads(found.stdout)["scan"]["sources"]) == (0, ["state.tfstate"])
    assert Path("mine.sqlite").exists()
    assert driftline("check", env={"DRIFTLINE_CONFIG": "mine.toml"}).exit_code == 1


# --- what the process ends with -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fail_on", "code"),
    [
        ("critical", 0), ("high", 0), ("medium", 1), ("low", 1), ("unmanaged", 1), ("changed", 0), ("missing", 0),
        ("unknown", 0), ("never", 0), ("changed, low", 1),
    ],
)  # fmt: skip
def test_the_gate_fails_on_what_it_is_told_to(s3, fail_on, code):
    make(s3, "by-hand")
    assert driftline("scan", *WHAT, "--from", "state.tfstate", "--fail-on", fail_on, "-q").exit_code == code


def test_the_gate_on_what_moved(s3):
    s3.put_bucket_versioning(Bucket="orders", VersioningConfiguration={"Status": "Enabled"})
    assert driftline("check", *WHAT, "--fail-on", "regression,new", "-q").exit_code == 0
    s3.put_bucket_versioning(Bucket="orders", VersioningConfiguration={"Status": "Suspended"})
    assert driftline("check", *WHAT, "--fail-on", "new", "-q").exit_code == 0
    make(s3, "by-hand")
    s3.put_bucket_versioning(Bucket="orders", VersioningConfiguration={"Status": "Enabled"})
    assert driftline("check", *WHAT, "--fail-on", "regression", "-q").exit_code == 0
    s3.put_bucket_versioning(Bucket="orders", VersioningConfiguration={"Status": "Suspended"})
    assert driftline("check", *WHAT, "--fail-on", "regression", "-q").exit_code == 1
    make(s3, "another")
    assert driftline("check", *WHAT, "--fail-on", "new", "-q").exit_code == 1


def test_changed_and_missing_fail_by_default(s3):
    s3.put_bucket_tagging(Bucket="orders", Tagging={"TagSet": [{"Key": "by", "Value": "hand"}]})
    Path("state.tfstate").write_bytes(state(ORDERS, bucket("lost", "lost"), WHOSE))
    found = driftline("drift", *WHERE, "--from", "state.tfstate")
    assert found.exit_code == 1
    assert "GATE FAILED   1 resource changed; 1 resource missing" in found.stderr


def test_what_was_not_asked_for_is_no_gap(s3):
    far = bucket("far", "far", region="us-east-1")
    Path("state.tfstate").write_bytes(state(ORDERS, WHOSE, far))
    found = tell("drift", *WHERE, "--from", "state.tfstate", code=0)
    assert (found["drift"], found["gaps"], found["scan"]["counts"]["outside"]) == ([], [], 2)


def test_a_gap_is_neither_clean_nor_a_failure_until_it_is_accepted(s3, allowed_only):
    denied = (*WHAT, "--fail-on", "high,changed,missing")
    with allowed_only("ec2:DescribeRegions", "s3:ListAllMyBuckets", "s3:GetBucketLocation"):
        found = tell("scan", *denied, "--from", "state.tfstate", code=3)
        assert {each["status"] for each in found["gaps"]} == {"denied"}
        assert found["drift"] == []
        Path("accepted.toml").write_text(
            f'[[gaps]]\ntype = "aws_s3_*"\nreason = "the auditor may not"\nexpires = {soon()}\n'
        )
        found = tell("scan", *denied, "--from", "state.tfstate", "--suppress", "accepted.toml", code=0)
        assert found["scan"]["counts"]["accepted"] == found["scan"]["counts"]["gaps"] > 0
        assert driftline("scan", *denied, "--fail-on", "unknown", "-q").exit_code == 1


def soon():
    from datetime import date, timedelta

    return date.today() + timedelta(days=30)


def test_whoever_stops_reading_is_not_told_of_it(s3):
    command = f"'{PROGRAM}' scan {' '.join(WHAT)} -q --output json | true; echo ${{PIPESTATUS[0]}}"
    told = subprocess.run(["bash", "-c", command], capture_output=True, text=True, env=environment({}))
    assert (told.stdout, told.stderr) in {("0\n", ""), ("2\n", "")}


def test_the_exit_codes_of_a_real_process(s3):
    assert program("check", *WHAT, "-q").returncode == 0
    assert program("check", *WHAT, "-q", "--fail-on", "medium").returncode == 1
    assert program("check", *WHAT, "--no-such-option").returncode == 2


def test_help_and_version():
    assert re.fullmatch(r"driftline, version \d+\.\d+\.\d+\n", driftline("--version").stdout)
    assert "Exit codes: 0 clean, 1 the gate failed" in driftline("--help").stdout
