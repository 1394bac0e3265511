"""The commands beside the scan: what was, what there is, and telling a channel."""

import json
import re

import pytest

from checks import REGISTRY
from tests.scanner.command import driftline
from tests.scanner.notify.standin import channel

WHAT = ("--region", "eu-west-1", "--type", "aws_s3_bucket", "--type", "aws_s3_bucket_versioning")
VERSIONED = ("--check", "s3-bucket-versioning")


@pytest.fixture
def moved(aws, here):
    """Two scans, and one verdict of each kind between them: bucket by bucket."""
    s3 = aws("s3")
    for name in ("worse", "again", "mended", "gone", "tagless"):
        make(s3, name)
    versions(s3, "Enabled", "worse", "again")
    scan(*VERSIONED)
    versions(s3, "Suspended", "again")
    scan(*VERSIONED)
    versions(s3, "Enabled", "again")
    scan(*VERSIONED)
    versions(s3, "Suspended", "worse", "again")
    versions(s3, "Enabled", "mended")
    s3.delete_bucket(Bucket="gone")
    make(s3, "fresh")
    scan(*VERSIONED, "--check", "tag-untagged")
    return s3


def make(s3, name):
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})


def versions(s3, status, *names):
    for name in names:
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": status})


def scan(*selectors):
    assert driftline("check", *WHAT, *selectors, "-q").output == ""


def test_diff_tells_each_kind_apart(moved):
    found = driftline("diff", "--output", "json")
    answer = json.loads(found.stdout)
    told = {
        kind: [(each["id"], each["check"], each["before"], each["status"]) for each in rows]
        for kind, rows in answer["regressions"].items()
        if kind not in ("scan", "since", "sinces")
    }
    versioning = "s3-bucket-versioning"
    untagged = [(name, "tag-untagged", None, "fail") for name in ("again", "fresh", "mended", "tagless", "worse")]
    assert told == {
        "regressed": [("worse", versioning, "pass", "fail")],
        "reopened": [("again", versioning, "pass", "fail")],
        "new": [("fresh", versioning, None, "fail")],
        "unsuppressed": [],
        "now_visible": [],
        "newly_checked": untagged,
        "resolved": [("mended", versioning, "fail", "pass"), ("gone", versioning, "fail", "fail")],
    }
    assert (answer["scan"]["kinds"], answer["drift"], answer["findings"]) == ([], [], [])


def test_diff_for_people(moved):
    found = driftline("diff", env={"COLUMNS": "140"})
    lines = [line.split("  ") for line in found.stdout.splitlines()]
    rows = [tuple(each for each in line if each.strip())[:3] for line in lines]
    stripped = [tuple(each.strip() for each in row) for row in rows]
    assert ("regressed", "worse", "pass → fail") in stripped
    assert ("reopened", "again", "pass → fail") in stripped
    assert ("new", "fresh", "fail") in stripped
    assert ("resolved", "mended", "fail → pass") in stripped
    assert ("resolved", "gone", "fail → gone") in stripped
    assert found.stderr == ""


def test_diff_between_two_that_are_named(moved):
    told = json.loads(driftline("diff", "3", "1", "--output", "json").stdout)["regressions"]
    assert [len(told[kind]) for kind in ("regressed", "reopened", "new", "resolved")] == [0, 0, 0, 0]
    assert driftline("diff", "9").stderr.endswith("history.sqlite: there is no scan 9\n")


def test_what_became_visible_is_not_a_regression(aws, here, allowed_only):
    make(aws("s3"), "orders")
    listing = ("s3:ListAllMyBuckets", "s3:GetBucketLocation", "ec2:DescribeRegions")
    with allowed_only(*listing, "s3:GetBucketTagging"):
        scan(*VERSIONED)
    scan(*VERSIONED)
    told = json.loads(driftline("diff", "--output", "json").stdout)["regressions"]
    assert [(each["before"], each["status"]) for each in told["now_visible"]] == [("unknown", "fail")]
    assert told["regressed"] == told["new"] == []


def test_history(moved):
    rows = driftline("history", "--limit", "2", env={"COLUMNS": "120"}).stdout.splitlines()
    assert rows[0].split() == ["SCAN", "WHEN", "ACCOUNT", "REGIONS", "SEEN", "DRIFT", "FAIL", "UNKNOWN", "GAPS"]
    assert [row.split()[0] for row in rows[1:]] == ["4", "3"]
    assert rows[1].split()[3:] == ["123456789012", "eu-west-1", "10", "0", "9", "0", "0"]
    whole = [json.loads(line) for line in driftline("history", "--json").stdout.splitlines()]
    assert [each["n"] for each in whole] == [4, 3, 2, 1]
    assert driftline("history", "--account", "999999999999", "--json").stdout == ""
    other = driftline("history", "--account", "999999999999")
    assert (other.exit_code, other.stdout) == (2, "")
    assert other.stderr == "driftline: no scan of account 999999999999 is recorded; leave --account out to see all\n"


def test_history_fits_a_narrow_terminal(moved):
    told = driftline("history", env={"COLUMNS": "80"}).stdout
    assert max(map(len, told.splitlines())) <= 80
    assert "…" not in told


def test_notify_slack_tells_what_moved_and_nothing_it_does_not_know(moved):
    with channel() as slack:
        found = driftline("notify", "slack", env={"DRIFTLINE_SLACK_WEBHOOK": slack.url})
    assert (found.exit_code, found.output) == (0, "")
    text = json.dumps(slack.taken, ensure_ascii=False)
    assert all(f"*{kind}*\\n1" in text for kind in ("regressed", "reopened", "new"))
    assert "`worse`" in text
    assert "*drift*" not in text
    assert "*failing*" not in text


def test_a_channel_that_is_not_there(moved):
    found = driftline("notify", "slack", env={"DRIFTLINE_SLACK_WEBHOOK": "http://127.0.0.1:9/services/s3cr3t"})
    assert found.exit_code == 2
    assert found.stderr.startswith("driftline: 127.0.0.1 could not be reached with the digest: ")
    assert "s3cr3t" not in found.output


def test_checks_list():
    rows = driftline("checks", "list", env={"COLUMNS": "200"}).stdout.splitlines()
    assert rows[0].split() == ["CHECK", "SEVERITY", "CATEGORY", "TITLE"]
    assert [row.split()[0] for row in rows[1:]] == sorted(REGISTRY)
    few = driftline("checks", "list", "--check", "s3-*", "--severity", "critical", env={"COLUMNS": "200"}).stdout
    assert {row.split()[1] for row in few.splitlines()[1:]} == {"critical"}


@pytest.mark.parametrize("id", ["s3-bucket-versioning", "sg-ingress-ssh-world"])
def test_checks_show(id):
    told = driftline("checks", "show", id, env={"COLUMNS": "100"}).stdout
    assert told.startswith(f"{id}  ")
    assert all(word in told for word in (REGISTRY[id].title, "Fix:", "Fails:", "Passes:", "resource"))


def test_checks_show_the_command_that_mends():
    told = driftline("checks", "show", "s3-bucket-versioning", env={"COLUMNS": "60"}).stdout
    command = "aws s3api put-bucket-versioning --bucket {id} --versioning-configuration Status=Enabled"
    assert f"\nCLI: {command}\n" in told
    assert "CLI:" not in driftline("checks", "show", "sg-ingress-ssh-world").stdout


def test_every_check_can_be_shown():
    for id in REGISTRY:
        assert driftline("checks", "show", id).exit_code == 0


def test_iam_policy():
    policies = json.loads(driftline("iam-policy").stdout)
    actions = [action for policy in policies for each in policy["Statement"] for action in each["Action"]]
    assert {"ec2:DescribeRegions", "s3:ListAllMyBuckets"} < set(actions)
    assert not [each for each in actions if re.search(r":(Put|Create|Delete|Update|Modify)", each)]
    for form in ("terraform", "cloudformation"):
        assert "ec2:DescribeRegions" in driftline("iam-policy", "--format", form).stdout
    assert "s3:PutObject" in driftline("iam-policy", "--delivery").stdout
