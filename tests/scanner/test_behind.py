"""Which drift a failure comes of: what is to be applied again is seldom the thing that fails."""

from __future__ import annotations

from typing import Any

import pytest

from checks import REGISTRY, Finding, Origin, Status
from scanner.behind import Behind
from scanner.next_step import NextStep, NextSteps
from scanner.report._words import origin
from state import GLOBAL, Declaration, Inventory, Resource
from state.drift import Change, Drift, Kind
from tests.conftest import ACCOUNT, REGION
from tests.scanner.report.sample import bare

ROOT = "in the root folder whose state is prod.tfstate"
POLICY = '{"Statement":[]}'


def declared(address: str) -> Declaration:
    return Declaration(address=address, source="prod.tfstate", file="main.tf", line=3)


def resource(type: str, id: str, region: str = REGION, **attributes: Any) -> Resource:
    return Resource(type=type, id=id, account=ACCOUNT, region=region, attributes=attributes)


LOGS = resource("aws_s3_bucket", "logs", bucket="logs")
GROUP = resource("aws_security_group", "sg-1", name="web")
RULE = resource("aws_vpc_security_group_ingress_rule", "sgr-1", security_group_id="sg-1")


def missing(type: str, id: str, region: str = REGION, **attributes: Any) -> Drift:
    return Drift(
        kind=Kind.MISSING, resource=resource(type, id, region, **attributes), declared=declared(f"{type}.{id}")
    )


def changed(thing: Resource, *paths: str, stays: bool = False) -> Drift:
    changes = tuple(Change(each, None, "x", stays=stays) for each in paths)
    return Drift(kind=Kind.CHANGED, resource=thing, declared=declared(f"{thing.type}.{thing.name}"), changes=changes)


BLOCK = missing("aws_s3_bucket_public_access_block", "logs", bucket="logs")
OTHERS = missing("aws_s3_bucket_public_access_block", "other", bucket="other")
VERSIONS = changed(resource("aws_s3_bucket_versioning", "logs", bucket="logs"), "versioning_configuration[0].status")
ADDED = changed(LOGS, "policy", stays=True)
BOTH = Drift(
    kind=Kind.CHANGED,
    resource=LOGS,
    declared=declared("aws_s3_bucket.logs"),
    changes=(*ADDED.changes, Change("tags.owner", "ann", "bob")),
)
OPENED = changed(GROUP, "ingress[cidr=0.0.0.0/0,port=22]")
TRAIL = missing("aws_cloudtrail", "all", GLOBAL)


def failing(check: str, thing: Resource, evidence: dict[str, Any] | None = None) -> Finding:
    twin = thing.replace(declared=declared(f"{thing.type}.{thing.name}")) if thing.type != "account" else thing
    return Finding(
        check=REGISTRY[check],
        resource=thing,
        status=Status.FAIL,
        origin=Origin.DRIFTED,
        twin=twin,
        evidence=evidence or {},
    )


ADMITTED = {"aws_vpc_security_group_ingress_rule.sgr-1.from_port": 22}


@pytest.mark.parametrize(
    ("finding", "drift", "said"),
    [
        (
            failing("s3-bucket-public-access-block", LOGS),
            [BLOCK, OTHERS, VERSIONS],
            "re-apply aws_s3_bucket_public_access_block.logs",
        ),
        (failing("s3-bucket-versioning", LOGS), [BLOCK, VERSIONS], "re-apply aws_s3_bucket_versioning.logs"),
        (
            failing("s3-bucket-public-access", LOGS),
            [BLOCK, BOTH],
            "re-apply aws_s3_bucket_public_access_block.logs; "
            "policy was added to aws_s3_bucket.logs: delete or import it",
        ),
        (failing("tag-required-keys", LOGS), [BOTH], "re-apply aws_s3_bucket.logs"),
        (failing("sg-ingress-ssh-world", GROUP, ADMITTED), [OPENED, BLOCK], "re-apply aws_security_group.sg-1"),
        (
            failing("ec2-instance-admin-port-public", resource("aws_instance", "i-1"), ADMITTED),
            [OPENED, TRAIL],
            "re-apply aws_security_group.sg-1",
        ),
        (
            failing("cloudtrail-multi-region", resource("account", ACCOUNT, GLOBAL)),
            [OPENED, TRAIL],
            "re-apply aws_cloudtrail.all",
        ),
        (
            failing("s3-bucket-acl-in-use", LOGS),
            [VERSIONS],
            "nothing that is compared differs; say it in main.tf:3",
        ),
    ],
    ids=["missing part", "changed part", "part added", "tags", "rule", "neighbour's rule", "account", "no drift"],
)
def test_what_is_to_be_applied_is_what_drifted(finding, drift, said):
    scan = bare(live=Inventory([LOGS, GROUP, RULE]), differing=drift)
    assert origin(finding, Behind(scan)) == f"drifted: {said}"


def test_without_a_comparison_it_is_the_thing_itself():
    assert Behind(bare()).of(failing("s3-bucket-versioning", LOGS)) is None
    assert origin(failing("s3-bucket-versioning", LOGS), Behind(bare())) == "drifted: re-apply aws_s3_bucket.logs"


def test_what_nobody_declares_is_behind_nothing():
    strange = Drift(kind=Kind.UNMANAGED, resource=VERSIONS.resource)
    assert Behind(bare(differing=[strange])).of(failing("s3-bucket-versioning", LOGS)) == []


def step(check: str, *drift: Drift) -> NextStep | None:
    policy = resource("aws_s3_bucket_policy", "logs", bucket="logs", policy=POLICY)
    scan = bare(live=Inventory([LOGS, policy]), drift=drift, differing=drift)
    return NextSteps(scan).of_finding(failing(check, LOGS))


def test_the_command_applies_what_drifted():
    assert step("s3-bucket-public-access-block", BLOCK) == NextStep(
        what=f"re-apply it {ROOT}", command="terraform apply -target=aws_s3_bucket_public_access_block.logs"
    )


def test_what_was_added_is_imported_or_deleted():
    found = step("s3-bucket-public-access", ADDED)
    assert found is not None
    assert (found.what, found.command) == ("policy stays whatever is applied: import it, or delete it", None)
    assert "to = aws_s3_bucket_policy.logs" in (found.hcl or "")


def test_what_no_drift_explains_is_said_in_the_code():
    found = step("s3-bucket-acl-in-use", VERSIONS)
    assert found is not None
    assert found.what.startswith("nothing that is compared differs: say it in main.tf:3: declare an ")
    assert found.command is None
