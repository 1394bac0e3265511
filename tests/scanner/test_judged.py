"""Drift of what a check judges by says which check that is."""

import json

import pytest

from scanner.judged import Judged
from scanner.report import render
from state import Resource
from state.drift import Change, Drift, Kind
from state.history import Digest
from tests.scanner.report import sample


def changed(type, *paths):
    resource = Resource(type=type, id="it")
    return Drift(kind=Kind.CHANGED, resource=resource, changes=tuple(Change(each, 1, 2) for each in paths))


def judges(drift, kinds=("drift",)):
    scan = sample.scan()
    scan.kinds = kinds
    return Judged(scan).by(drift)


def ids(drift):
    return [each.id for each in judges(drift)]


@pytest.mark.parametrize(
    ("type", "path", "check"),
    [
        ("aws_db_instance", "publicly_accessible", "rds-instance-public"),
        ("aws_security_group", "ingress[cidr=0.0.0.0/0,port=22]", "sg-ingress-ssh-world"),
        ("aws_s3_bucket_public_access_block", "block_public_acls", "s3-bucket-public-access-block"),
        ("aws_iam_role", "assume_role_policy.Statement[0].Principal", "iam-role-trust-anyone"),
    ],
)
def test_a_check_that_reads_it_judges_by_it(type, path, check):
    assert check in ids(changed(type, path))


def test_the_most_severe_comes_first():
    ranks = [each.severity.rank for each in judges(changed("aws_security_group", "ingress[a]"))]
    assert ranks == sorted(ranks, reverse=True) != []


def test_where_checks_were_run_only_they_are_named():
    found = changed("aws_security_group", "ingress[a]")
    assert (bool(judges(found)), judges(found, ("drift", "check"))) == (True, [])


def test_people_and_programs_are_told():
    scan = sample.scan()
    scan.kinds, scan.drift = ("drift",), [changed("aws_db_instance", "publicly_accessible")]
    for format in ("terminal", "markdown"):
        assert "critical: rds-instance-public" in "".join(render(format, scan))
    [row] = json.loads("".join(render("json", scan)))["drift"]
    assert (row["judged_by"][0], row["severity"]) == ("rds-instance-public", None)


def test_what_no_check_reads_and_tags_are_only_different():
    assert ids(changed("aws_db_instance", "apply_immediately", "tags.owner")) == []
    assert ids(Drift(kind=Kind.UNMANAGED, resource=Resource(type="aws_s3_bucket", id="it"))) == []


def test_what_a_severe_check_judges_by_is_told_first():
    """A report names some and counts the rest."""
    few = [changed("aws_db_instance", "port"), changed("aws_db_instance", "publicly_accessible")]
    lost = Drift(kind=Kind.MISSING, resource=Resource(type="aws_db_instance", id="lost"))
    many = [changed("aws_sns_topic", "display_name")] * 30
    scan = sample.scan()
    scan.kinds, scan.drift = ("drift",), [*many, lost, *few]
    assert Judged(scan).worst_first(scan.drift)[0] is few[1]
    for format in ("terminal", "markdown"):
        told = "".join(render(format, scan))
        assert told.index("publicly_accessible") < told.index("declared, not live") < told.index("display_name")


def test_the_first_scan_has_nothing_to_be_compared_with():
    scan = sample.scan(digest=Digest(scan="a", since=None))
    for format in ("terminal", "markdown"):
        assert "this is the first scan: the next one is compared with it\n" in "".join(render(format, scan))
