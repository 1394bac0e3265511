from __future__ import annotations

import json
from fnmatch import fnmatchcase
from itertools import pairwise
from pathlib import Path
from typing import Any

import botocore.session
import hcl2
import pytest

from scanner import delivery, iam_policy
from scanner.aws.allowed import ALLOWED
from scanner.aws.tagging import INDEX
from scanner.collectors import collectors
from tests.scanner.command import driftline
from tests.scanner.test_registry import action
from tests.witness.terraform import Terraform, lacking

FORMS = ("json", "terraform", "cloudformation")
ASSUMED_AS_ANOTHER = {"sts:AssumeRole"}  # by the identity that runs the task, before there is an auditor


def granted(policies: list[Any], effect: str = "Allow") -> list[str]:
    statements = [each for policy in policies for each in policy["Statement"] if each["Effect"] == effect]
    return sorted(action for each in statements for action in each["Action"])


# --- what is in it ------------------------------------------------------------------------------------


def test_it_is_what_a_scan_calls_and_no_more() -> None:
    called = {action(name) for name in ALLOWED - ASSUMED_AS_ANOTHER}
    assert set(iam_policy.actions()) == called
    assert granted(iam_policy.audit()) == sorted(called)


def test_who_did_it_may_be_asked_only_where_that_is_wanted() -> None:
    assert set(iam_policy.actions(who=True)) - set(iam_policy.actions()) == {"cloudtrail:LookupEvents"}
    assert granted(iam_policy.audit(who=True)) == iam_policy.actions(who=True)


@pytest.mark.parametrize(("check", "asks"), [("ebs-volume-gp2", True), ("ebs-volume-unencrypted", False)])
def test_prices_may_be_asked_where_a_check_tells_what_failures_cost(check: str, asks: bool) -> None:
    assert set(iam_policy.actions(prices=True)) - set(iam_policy.actions()) == {"pricing:GetProducts"}
    narrow = granted([json.loads(driftline("iam-policy", "--check", check).stdout)])
    assert ("pricing:GetProducts" in narrow) is asks


def test_what_costs_money_may_be_asked_only_where_that_is_wanted() -> None:
    assert set(iam_policy.actions(paid=True)) - set(iam_policy.actions()) == {"ce:ListCostAllocationTags"}
    arguments = ("iam-policy", "--check", "tag-cost-allocation-inactive")
    free, paid = (json.loads(driftline(*arguments, *more).stdout) for more in ((), ("--paid",)))
    assert set(granted([paid])) - set(granted([free])) == {"ce:ListCostAllocationTags"}


def test_it_changes_nothing() -> None:
    verbs = ("Describe", "Get", "List", "GET", "Search", "BatchGet", "View")
    others = [each for each in iam_policy.actions() if not each.partition(":")[2].startswith(verbs)]
    assert others == ["iam:GenerateCredentialReport"]


def test_the_task_may_do_what_it_calls_and_no_more() -> None:
    iam_names = {"s3:ListObjectsV2": "s3:ListBucket", "s3:HeadObject": "s3:GetObject"}
    called = {iam_names.get(each, each) for each in delivery.ASSUMING | delivery.DATABASE}
    assert set(granted([iam_policy.delivery()])) == called - {"sts:GetCallerIdentity"}  # which needs no permission


def test_each_action_is_of_a_service_as_iam_calls_it() -> None:
    """IAM calls a service as its requests are signed, but for CloudWatch and the index of tags."""
    services = {each.service for each in collectors()}
    models = (botocore.session.get_session().get_service_model(each) for each in services)
    signed = {each.signing_name for each in models}
    known = signed - {"monitoring"} | {"cloudwatch", "sts", "tag"}
    assert {each.partition(":")[0] for each in iam_policy.actions()} <= known


# --- IAM's limits -------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [iam_policy.MANAGED_POLICY_LIMIT, 1000, 400])
def test_it_is_split_where_it_would_be_too_large(limit: int) -> None:
    policies = iam_policy.audit(limit)
    assert max(map(iam_policy.size, policies)) <= limit
    assert granted(policies) == iam_policy.actions()
    for one, other in pairwise(policies):
        taken = {**other["Statement"][0], "Action": other["Statement"][0]["Action"][:1]}
        assert iam_policy.size({**one, "Statement": [*one["Statement"], taken]}) > limit
    for policy in policies:
        sids = [each["Sid"] for each in policy["Statement"]]
        assert len(sids) == len(set(sids))


def test_what_no_policy_can_hold_is_an_error() -> None:
    with pytest.raises(ValueError, match="alone is more than 100 characters"):
        iam_policy.audit(100)


def test_a_role_takes_all_of_its_policies() -> None:
    assert len(iam_policy.audit()) <= 10


def test_a_policy_is_as_long_as_iam_counts() -> None:
    [policy] = iam_policy.audit(of=[each for each in collectors() if each.service == "rds"])
    text = json.dumps(policy, indent=2)
    assert iam_policy.size(policy) == len("".join(text.split()))


def test_the_values_of_api_keys_are_denied_by_their_paths() -> None:
    [denied] = [each for policy in iam_policy.audit() for each in policy["Statement"] if each["Effect"] == "Deny"]
    paths = [pattern.rpartition("::")[2] for pattern in denied["Resource"]]
    assert denied["Action"] == ["apigateway:GET"]
    for path in ("/apikeys/a1b2", "/usageplans/c3d4/keys", "/usageplans/c3d4/keys/a1b2"):
        assert any(fnmatchcase(path, pattern) for pattern in paths), path
    for path in ("/apikeys", "/usageplans", "/usageplans/c3d4", "/restapis/e5f6/resources/keys"):
        assert not any(fnmatchcase(path, pattern) for pattern in paths), path
    assert "Deny" not in json.dumps(iam_policy.audit(of=[each for each in collectors() if each.service == "rds"]))


SCALES = "application-autoscaling:DescribeScalableTargets"


@pytest.mark.parametrize(
    ("arguments", "needs"),
    [
        (("--type", "aws_dynamodb_table"), ["dynamodb:ListTables", "kms:DescribeKey", INDEX, SCALES]),
        (("--type", "aws_internet_gateway"), ["ec2:DescribeInternetGateways", "ec2:DescribeVpcs"]),
        (("--check", "rds-instance-single-az"), ["rds:DescribeDBInstances"]),
    ],
)
def test_it_is_narrowed_to_what_is_selected(arguments: tuple[str, ...], needs: list[str]) -> None:
    narrow = granted([json.loads(driftline("iam-policy", *arguments).stdout)])
    assert {*needs, *iam_policy.SESSION} <= set(narrow) < set(iam_policy.actions())
    assert {each.partition(":")[0] for each in narrow} == {"ec2", "sts", *(each.partition(":")[0] for each in needs)}


OWN = """
from checks import Category, Severity, check


@check("aws_sqs_queue", severity=Severity.LOW, category=Category.GOVERNANCE)
def acme_queue(queue, inventory):
    \"\"\"Ours.\"\"\"
    return None if queue["fifo_queue"] else "not in order"
"""


def test_checks_of_ones_own_need_what_they_read(tmp_path: Path) -> None:
    own = tmp_path / "own.py"
    own.write_text(OWN)
    found = driftline("iam-policy", "--check", "acme-queue", "--checks", str(own))
    narrow = granted([json.loads(found.stdout)])
    assert {each.partition(":")[0] for each in narrow} == {"ec2", "sts", "sqs"}
    assert "sqs:GetQueueAttributes" in narrow
    assert driftline("iam-policy", "--check", "acme-queue").exit_code == 2


# --- how it is written --------------------------------------------------------------------------------


def documents(form: str, text: str) -> list[Any]:
    """The policies in a rendering."""
    if form == "terraform":
        strings = {"strip_string_quotes": True, "explicit_blocks": False, "with_comments": False}
        parsed = hcl2.loads(text, serialization_options=hcl2.SerializationOptions(**strings))
        found = [each for data in parsed["data"] for each in data["aws_iam_policy_document"].values()]
        return [{"Statement": [statement_of(each) for each in document["statement"]]} for document in found]
    whole = json.loads(text)
    if form == "json":
        return whole if isinstance(whole, list) else [whole]
    assert whole["AWSTemplateFormatVersion"] == "2010-09-09"
    assert {each["Type"] for each in whole["Resources"].values()} == {"AWS::IAM::ManagedPolicy"}
    return [each["Properties"]["PolicyDocument"] for each in whole["Resources"].values()]


def statement_of(block: Any) -> dict[str, Any]:
    return {"Action": block["actions"], "Resource": block["resources"], "Effect": block.get("effect", "Allow")}


@pytest.mark.parametrize("limit", [iam_policy.MANAGED_POLICY_LIMIT, 1000])
@pytest.mark.parametrize("form", FORMS)
def test_each_form_holds_the_same_policies(form: str, limit: int) -> None:
    found = documents(form, iam_policy.render(form, limit=limit))
    assert [granted([each]) for each in found] == [granted([each]) for each in iam_policy.audit(limit)]
    statements = [each for policy in found for each in policy["Statement"]]
    assert {json.dumps(each["Resource"]) for each in statements if each["Effect"] == "Allow"} <= {'"*"', '["*"]'}
    assert [each["Resource"] for each in statements if each["Effect"] == "Deny"] == [iam_policy.NO_KEYS["Resource"]]


@pytest.mark.parametrize("form", FORMS)
def test_each_form_asks_for_the_arns_of_the_tasks_own(form: str) -> None:
    text = iam_policy.render(form, for_delivery=True)
    [document] = documents(form, text)
    assert granted([document]) == granted([iam_policy.delivery()])
    said = {"json": "STATE_BUCKET_ARN/*", "terraform": "${var.state_bucket_arn}/*"}
    assert (said.get(form) or "${StateBucketArn}/*") in json.dumps(document)
    assert "Given(" not in text


@pytest.mark.terraform
@pytest.mark.skipif(bool(lacking()), reason=lacking() or "all is there")
@pytest.mark.parametrize(("for_delivery", "limit"), [(False, 6144), (False, 1000), (True, 6144)])
def test_terraform_takes_it(tmp_path: Path, for_delivery: bool, limit: int) -> None:
    text = iam_policy.render("terraform", for_delivery=for_delivery, limit=limit)
    (tmp_path / "policy.tf").write_text(text)
    terraform = Terraform(tmp_path, "http://127.0.0.1:9")
    assert terraform("fmt", "-check") == ""
    assert "The configuration is valid" in terraform("validate")
