"""An AWS that refuses, throttles, keeps silent or is not there: what ends a scan, and what only leaves a gap."""

import json
from pathlib import Path

import pytest

from tests.scanner.command import driftline, program
from tests.scanner.endpoint import endpoint, refusal

VPC = ("--region", "eu-west-1", "--type", "aws_vpc")


@pytest.fixture
def standin(here, monkeypatch):
    with endpoint() as it:
        monkeypatch.setenv("AWS_ENDPOINT_URL", it.url)
        yield it


def told(*arguments, **about):
    """The one line of a refusal."""
    found = driftline(*arguments, **about)
    assert (found.exit_code, found.stdout) == (2, "")
    (line,) = found.stderr.splitlines()
    return line.removeprefix("driftline: ")


# --- what ends a scan before it begins ------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("ExpiredToken", "the AWS credentials have expired; log in again (`aws sso login`) and repeat the scan"),
        (
            "InvalidClientTokenId",
            "eu-west-1 knows no such credentials (InvalidClientTokenId); for China or GovCloud name a --region of it",
        ),
    ],
)
def test_credentials_that_are_refused(standin, code, line):
    standin.answers["GetCallerIdentity"] = refusal(code, 403)
    assert told("scan", *VPC) == line


def test_no_credentials(here):
    nobody = {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None}
    said = "no AWS credentials found; set AWS_PROFILE, use --profile, or run `aws sso login`"
    assert told("scan", *VPC, env=nobody) == said
    assert told("scan", *VPC, "--from", "s3://states/a.tfstate", env=nobody) == f"s3://states/a.tfstate: {said}"


def test_an_unknown_profile(here):
    assert told("scan", *VPC, "--profile", "nope") == "there is no AWS profile 'nope' in your AWS config"
    assert told("scan", *VPC, env={"AWS_PROFILE": "nope"}) == "there is no AWS profile 'nope' in your AWS config"


def test_another_account_than_expected(standin):
    assert told("scan", *VPC, "--account", "999999999999") == (
        "the credentials are for account 123456789012, not 999999999999; use the profile or the role of that account"
    )


def test_a_role_that_may_not_be_assumed(standin):
    standin.answers["AssumeRole"] = refusal("AccessDenied", 403)
    assert told("scan", *VPC, "--role-arn", "arn:aws:iam::111122223333:role/audit") == (
        "role arn:aws:iam::111122223333:role/audit could not be assumed: AssumeRole: access denied (AccessDenied); "
        "check its trust policy and external id"
    )


def test_a_region_that_is_not_enabled(standin):
    assert told("scan", "--region", "us-east-1", "--type", "aws_vpc") == (
        "region us-east-1 is not enabled for account 123456789012; enable it, or leave it out"
    )


def test_regions_that_may_not_be_listed(standin):
    standin.answers["DescribeRegions"] = refusal("UnauthorizedOperation", 403)
    assert told("scan", "--type", "aws_vpc") == (
        "the account's regions could not be listed: DescribeRegions: access denied (UnauthorizedOperation); "
        "allow ec2:DescribeRegions, or name them with --region"
    )
    assert driftline("scan", *VPC, "-q").exit_code == 3


def test_nobody_at_the_endpoint(here):
    assert told("scan", *VPC, env={"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}) == (
        'AWS could not be asked who is calling: Could not connect to the endpoint URL: "http://127.0.0.1:9/"'
    )


# --- what leaves a gap ----------------------------------------------------------------------------


def gaps(*arguments, code=3, **about):
    found = driftline(*arguments, "--output", "json", "-q", **about)
    assert (found.exit_code, found.stderr) == (code, "")
    return [(each["status"], each["message"]) for each in json.loads(found.stdout)["gaps"]]


@pytest.mark.parametrize(
    ("answer", "gap"),
    [
        (refusal("UnauthorizedOperation", 403), ("denied", "DescribeVpcs: access denied (UnauthorizedOperation)")),
        (
            refusal("RequestLimitExceeded", 503),
            ("throttled", "DescribeVpcs: throttled after every retry (RequestLimitExceeded)"),
        ),
        (refusal("OptInRequired"), ("unsupported", "DescribeVpcs: not offered here (OptInRequired)")),
        (refusal("ExpiredToken"), ("expired", "DescribeVpcs: the credentials expired")),
        ((200, "<html>log in"), ("malformed", "DescribeVpcs: the answer could not be read (it is a web page)")),
        (None, ("timeout", "no answer in time (ReadTimeoutError)")),
    ],
    ids=["denied", "throttled", "unsupported", "expired", "malformed", "silent"],
)
def test_what_one_service_refuses_leaves_a_gap_and_the_scan_goes_on(standin, answer, gap):
    standin.otherwise = lambda action: answer if action == "DescribeVpcs" else refusal("UnauthorizedOperation", 403)
    both = (*VPC, "--type", "aws_subnet", "--fail-on", "never")
    found = gaps("scan", *both, env={"AWS_MAX_ATTEMPTS": "1", "DRIFTLINE_READ_TIMEOUT": "1"})
    assert gap in found
    assert ("denied", "DescribeSubnets: access denied (UnauthorizedOperation)") in found


def test_what_was_denied_is_not_empty(standin):
    """No VPC was seen, and no check of one may pass or be skipped for it."""
    found = driftline("check", *VPC, "--check", "vpc-*", "--output", "json", "-q")
    verdicts = {each["status"] for each in json.loads(found.stdout)["findings"]}
    assert (found.exit_code, verdicts) == (3, {"unknown"})


def test_the_gaps_stand_in_the_summary_with_what_to_allow(standin):
    found = driftline("check", *VPC)
    assert "denied  DescribeVpcs: access denied (UnauthorizedOperation)" in found.stderr
    assert "allow ec2:DescribeVpcs" in found.stderr
    assert "GATE PASSED   in what was seen" in found.stderr


def test_a_database_that_breaks_during_the_scan_costs_the_memory_and_not_the_report(standin):
    def broken(action):
        Path("history.sqlite").write_bytes(b"no database" * 1000)
        return refusal("UnauthorizedOperation", 403)

    standin.otherwise = broken
    found = driftline("check", *VPC, "--output", "json://report.json", "-q")
    assert found.exit_code == 2
    assert found.stderr.startswith(f"driftline: {Path.cwd()}/history.sqlite: ")
    assert found.stderr.count("\n") == 1
    assert json.loads(Path("report.json").read_text())["scan"]["counts"]["gaps"] == 1


# --- who is contacted -----------------------------------------------------------------------------

GUARD = """
import sys
def seen(event, about):
    if event == "socket.connect":
        print(about[1], file=open({log!r}, "a"))
    elif event == "socket.getaddrinfo":
        print(("name", about[0]), file=open({log!r}, "a"))
sys.addaudithook(seen)
"""


def test_no_host_is_contacted_but_the_endpoint(aws, here, endpoint):
    """Python itself reports every look-up of a name and every connection."""
    from tests.state.terraform.states import bucket, state

    log = here / "connections"
    (here / "sitecustomize.py").write_text(GUARD.format(log=str(log)))
    aws("s3").create_bucket(Bucket="states", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    aws("s3").put_object(Bucket="states", Key="a.tfstate", Body=state(bucket("orders")))
    found = program("scan", "--region", "eu-west-1", "--from", "s3://states/**", "-q", env={"PYTHONPATH": str(here)})
    assert (found.stderr, found.returncode in (0, 1, 3)) == ("", True)
    port = int(endpoint.rpartition(":")[2])
    lines = set(log.read_text().splitlines())
    assert lines <= {str(("127.0.0.1", port)), str(("name", "127.0.0.1"))}
    assert str(("127.0.0.1", port)) in lines
    assert not Path("driftline.toml").exists()
