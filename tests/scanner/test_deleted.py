"""A principal that was deleted is drift of the policy that names it, and is said to be gone."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from scanner.deleted import noted
from state import Resource
from state.drift import Change, Drift, Kind
from state.secret import Secret
from tests.conftest import ACCOUNT
from tests.scanner.command import driftline
from tests.state.terraform.states import block, state

GONE = "AROAJ5KBSYXEXAMPLEID1"
USER = "AIDACKCEVSQ6C2EXAMPLE"


def drifted(path, live, note=""):
    it = Resource(type="aws_s3_bucket_policy", id="logs", account="1", region="r")
    return Drift(kind=Kind.CHANGED, resource=it, changes=(Change(path, "arn:aws:iam::1:role/ci", live),), note=note)


def note(path, live):
    return noted(drifted(path, live)).note


def test_ids_of_principals_are_said():
    said = f"deleted since, and told by id: {GONE}"
    path = "policy.Statement[Sid=Read].Principal"
    assert note(f"{path}.AWS", [GONE, "arn:aws:iam::1:role/ci"]) == said
    assert note("policy.Statement[0].NotPrincipal", {"AWS": GONE}) == said
    assert note("policy.Statement[0]", {"Effect": "Allow", "Principal": {"AWS": [USER, GONE]}}).endswith(
        f"{USER}, {GONE}"
    )
    assert noted(drifted(f"{path}.AWS", GONE, note="moved")).note == f"moved; {said}"


def test_what_only_looks_like_one_is_not():
    path = "policy.Statement[0]"
    untouched = drifted(f"{path}.Condition.StringLike[aws:userid]", [f"{GONE}:*", GONE])
    assert noted(untouched) is untouched
    for live in ("arn:aws:iam::1:role/AROA", "123456789012", None, Secret(GONE), "AKIAIOSFODNN7EXAMPLE"):
        assert note(f"{path}.Principal.AWS", live) == ""


def test_of_what_is_accepted_nothing_is_said(aws, here):
    """A note is about what stands."""
    iam = aws("iam")
    trust = {"Version": "2012-10-17", "Statement": [{"Sid": "A", "Effect": "Allow", "Action": "sts:AssumeRole"}]}
    trust["Statement"][0]["Principal"] = {"AWS": "*"}
    own = {"id": "ci", "name": "ci", "arn": f"arn:aws:iam::{ACCOUNT}:role/ci", "assume_role_policy": json.dumps(trust)}
    Path("state.tfstate").write_bytes(state(block("aws_iam_role", "ci", [{"attributes": own | {"description": "x"}}])))
    trust["Statement"][0]["Principal"] = {"AWS": GONE}
    iam.create_role(RoleName="ci", AssumeRolePolicyDocument=json.dumps(trust), Description="y")
    asked = (
        "drift",
        "--from",
        "state.tfstate",
        "--region",
        "eu-west-1",
        "--type",
        "aws_iam_role",
        "-q",
        "--output",
        "json",
    )
    [found] = json.loads(driftline(*asked).stdout)["drift"]
    assert found["message"] == f"deleted since, and told by id: {GONE}"
    end = (datetime.now(UTC) + timedelta(days=9)).date()
    Path("s.toml").write_text(f'[[drift]]\nattribute = "assume_role_policy"\nreason = "r"\nexpires = {end}\n')
    [found] = json.loads(driftline(*asked, "--suppress", "s.toml").stdout)["drift"]
    assert (found["message"], [each["path"] for each in found["evidence"]]) == ("", ["description"])


def test_all_else_of_the_drift_stays():
    found = drifted("policy.Statement[0].Principal.AWS", GONE)
    assert msgspec.structs.replace(noted(found), note="") == found
