"""A baseline: what was known before fails no gate, and what is new does."""

import json
from pathlib import Path

import pytest

from tests.scanner.command import driftline
from tests.scanner.test_cli_suppress import LOST, TAGS, WHAT, kinds, notes, suppress, tags, tell, versioned
from tests.scanner.test_cli_suppress import s3 as s3

KNOWN = ("--baseline", "driftline.baseline.json")


@pytest.fixture
def baseline(s3):
    """What failed and had drifted, written down: a bucket without versions, its tag, and one that is gone."""
    tell(code=1)
    found = driftline("baseline")
    assert (found.exit_code, found.stdout) == (0, "")
    assert found.stderr.startswith("driftline: driftline.baseline.json: 3 known, of scan ")
    return s3


def test_what_is_written_down(baseline):
    said = json.loads(Path("driftline.baseline.json").read_text())
    assert (said["schema_version"], len(said["scans"])) == ("1.0", 1)
    rows = [(each["check"], each["status"], each["resource"], each["paths"]) for each in said["known"]]
    assert rows == [
        ("drift", "missing", "lost", []),
        ("drift", "changed", "orders", ["tags.by"]),
        ("s3-bucket-versioning", "fail", "orders", []),
    ]
    assert {tuple(each) for each in said["known"]} == {
        ("id", "check", "status", "type", "identity", "resource", "account", "region", "paths")
    }


def test_what_is_known_fails_no_gate_and_is_still_shown(baseline):
    tell(code=1)
    found = tell(*KNOWN, code=0)
    assert [(each["status"], each["known"]) for each in found["drift"]] == [("changed", True), ("missing", True)]
    assert [each["known"] for each in found["findings"] if each["status"] == "fail"] == [True]
    assert found["scan"]["counts"]["known"] == 3
    assert notes(found) == []
    said = driftline("scan", *WHAT, *KNOWN).stderr
    assert said.count("known before") == 4
    assert "GATE PASSED" in said
    assert driftline("check", *WHAT, *KNOWN, "-q").exit_code == 0
    assert driftline("drift", *WHAT[:6], "--from", "state.tfstate", *KNOWN, "-q").exit_code == 0
    assert "(known before)" in driftline("scan", *WHAT, *KNOWN, "-q", "--output", "markdown").stdout


def test_what_is_new_fails(baseline):
    baseline.create_bucket(Bucket="carts", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    said = driftline("scan", *WHAT, *KNOWN).stderr
    assert "GATE FAILED   1 finding of severity medium or worse" in said


def test_another_attribute_of_what_had_drifted_is_new(baseline):
    tags(baseline, by="someone", cost="1")
    found = tell(*KNOWN, code=1)
    assert [(each["id"], each["known"]) for each in found["drift"]] == [("orders", False), ("lost", True)]


def test_what_comes_back_is_known_by_its_id(baseline):
    versioned(baseline)
    tell(code=1)
    baseline.put_bucket_versioning(Bucket="orders", VersioningConfiguration={"Status": "Suspended"})
    found = tell(*KNOWN, "--fail-on", "regression,medium", code=0)
    assert [each["check"] for each in found["regressions"]["reopened"]] == ["s3-bucket-versioning"]


def test_what_is_no_longer_there_is_said(baseline):
    tags(baseline)
    assert notes(tell(*KNOWN, code=0)) == ["1 of 3 no longer there: drift of orders; renew the baseline"]
    baseline.delete_bucket(Bucket="orders")
    found = tell(*KNOWN, code=1)
    assert [(each["id"], each["status"], each["known"]) for each in found["drift"]] == [
        ("lost", "missing", True),
        ("orders", "missing", False),
    ]
    assert notes(found) == ["1 of 3 no longer there: s3-bucket-versioning of orders; renew the baseline"]


def test_nothing_unseen_is_called_gone(baseline, allowed_only):
    with allowed_only("ec2:DescribeRegions"):
        assert notes(tell(*KNOWN, "--fail-on", "never", code=3)) == []
    elsewhere = ("--region", "us-east-1", "--type", "aws_s3_bucket", "--check", "s3-bucket-versioning")
    found = driftline("check", *elsewhere, *KNOWN, "-q", "--output", "json")
    assert notes(json.loads(found.stdout)) == []
    other = driftline("check", "--region", "eu-west-1", "--check", "vpc-*", *KNOWN, "-q", "--output", "json")
    assert notes(json.loads(other.stdout)) == []


def test_what_is_suppressed_is_not_written_down(s3):
    suppress(TAGS, LOST)
    tell("--suppress", "s.toml", code=1)
    driftline("baseline", "1", "--file", "b.json")
    assert [each["check"] for each in json.loads(Path("b.json").read_text())["known"]] == ["s3-bucket-versioning"]
    assert kinds(tell("--suppress", "s.toml", "--baseline", "b.json", code=0)) == {}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (None, "b.json: no such file or directory"),
        ("{", "b.json: no baseline (*"),
        ("[]", "b.json: no baseline (Expected `object`, got `array`); `driftline baseline` writes one"),
        ('{"schema_version": "2.0", "scans": [], "taken": "", "known": []}',
         "b.json: a baseline of version 2.0; this reads 1.0"),
    ],
)  # fmt: skip
def test_a_baseline_that_cannot_be_used(here, text, line):
    if text is not None:
        Path("b.json").write_text(text)
    found = driftline("scan", "--baseline", "b.json", env={"AWS_ENDPOINT_URL": "http://127.0.0.1:9"})
    said = found.stderr.removeprefix("driftline: ").removesuffix("\n")
    assert found.exit_code == 2
    assert said.startswith(line[:-1]) if line.endswith("*") else said == line


def test_a_baseline_of_a_scan_that_is_not_there(here):
    found = driftline("baseline")
    assert (found.exit_code, Path("driftline.baseline.json").exists()) == (2, False)
    assert found.stderr.endswith("no scan is recorded yet; run `driftline scan` first\n")


def test_an_attribute_that_is_known_covers_what_lies_under_it(baseline):
    """One from a version that told a policy, or a map, as a whole."""
    path = Path("driftline.baseline.json")
    path.write_text(path.read_text().replace('"tags.by"', '"tags"'))
    tags(baseline, by="someone", cost="1")
    assert [each["known"] for each in tell(*KNOWN, code=0)["drift"]] == [True, True]
    path.write_text(path.read_text().replace('"tags"', '"tag"'))
    assert [each["known"] for each in tell(*KNOWN, code=1)["drift"]] == [False, True]
