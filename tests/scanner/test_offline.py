"""Checks of what is declared, without an account, and what a plan makes of the findings there are."""

import json
from pathlib import Path

import pytest

from tests.scanner.command import driftline
from tests.scanner.plans import change, plan, table
from tests.state.terraform.states import block, state

NOWHERE = {
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    "AWS_ACCESS_KEY_ID": None,
    "AWS_SECRET_ACCESS_KEY": None,
    "AWS_DEFAULT_REGION": None,
}
CHECK = ("--check", "dynamodb-deletion-protection")
LIVE = ("--region", "eu-west-1", "--type", "aws_dynamodb_table")
LATER = {"deletion_protection_enabled": True}
CODE = """
variable "protected" {}
resource "aws_dynamodb_table" "open" {
  name                        = "open"
  deletion_protection_enabled = false
}
resource "aws_dynamodb_table" "shut" {
  name                        = "shut"
  deletion_protection_enabled = true
}
resource "aws_dynamodb_table" "asked" {
  name                        = "asked"
  deletion_protection_enabled = var.protected
}
"""


def check(*arguments, env=NOWHERE):
    return driftline("check", *arguments, "--color", "never", env=env)


def told(*arguments, env=NOWHERE):
    """(exit code, the JSON document)."""
    found = check(*arguments, "--output", "json", env=env)
    return found.exit_code, json.loads(found.stdout)


def verdicts(document):
    return {each["id"]: each["status"] for each in document["findings"]}


@pytest.fixture
def code(here):
    Path("main.tf").write_text(CODE)
    return here


def write(*changes, name="plan.json", **about):
    Path(name).write_text(plan(*changes, **about))
    return name


# --- four sources ---------------------------------------------------------------------------------


def test_code_is_judged_and_what_it_does_not_say_is_unknown(code):
    exit_code, found = told("--offline", "--from", ".", *CHECK)
    assert (exit_code, verdicts(found)) == (0, {"open": "fail", "shut": "pass", "asked": "unknown"})
    [failing] = [each for each in found["findings"] if each["status"] == "fail"]
    where = [failing[name] for name in ("origin", "witness", "address", "file", "line")]
    assert where == ["declared", "code", "aws_dynamodb_table.open", "main.tf", 3]
    assert (found["scan"]["offline"], found["scan"]["counts"]["calls"]) == ("the code in .", 0)
    assert not Path("history.sqlite").exists(), "what is declared is no scan of an account"


def test_a_plan_is_judged_as_it_will_be(here):
    name = write(
        change("aws_dynamodb_table.open", table("open", True), table("open", False)),
        change("aws_dynamodb_table.shut", None, table("shut", True)),
        change("aws_dynamodb_table.later", None, table("later", None), LATER),
        change("aws_dynamodb_table.gone", table("gone", False), None),
    )
    exit_code, found = told("--from", name, *CHECK, "--fail-on", "medium")
    assert (exit_code, verdicts(found)) == (1, {"open": "fail", "shut": "pass", "later": "unknown"})
    assert [each["message"] for each in found["findings"] if each["id"] == "later"] == ["is known only after the apply"]
    assert {each["effect"] for each in found["findings"]} == {None}
    assert not Path("history.sqlite").exists()


def test_code_beside_a_plan_tells_the_line(code):
    name = write(change("aws_dynamodb_table.open", table("open", False), table("open", False)))
    _, found = told("--from", name, "--from", ".", *CHECK)
    assert [(each["id"], each["file"], each["line"], each["witness"]) for each in found["findings"]] == [
        ("open", "main.tf", 3, "plan")
    ]


def test_a_plan_through_a_pipe_is_read_once(here):
    import os
    import threading

    os.mkfifo("pipe")
    text = plan(change("aws_dynamodb_table.open", None, table("open", False)))
    writer = threading.Thread(target=lambda: Path("pipe").write_text(text))
    writer.start()
    exit_code, found = told("--from", "pipe", *CHECK)
    writer.join()
    assert (exit_code, verdicts(found)) == (0, {"open": "fail"})


def test_a_state_is_judged_offline(here):
    Path("prod.tfstate").write_bytes(state(block("aws_dynamodb_table", "open", [{"attributes": table("open", False)}])))
    exit_code, found = told("--offline", "--from", "prod.tfstate", *CHECK)
    assert (exit_code, verdicts(found)) == (0, {"open": "fail"})
    assert [each["witness"] for each in found["findings"]] == ["state"]


def test_plans_are_judged_apart_and_beside_states(here):
    """Two plans have the same addresses for things that are not the same."""
    vpc = change("aws_vpc.main", None, {"cidr_block": "10.0.0.0/16"}, {"id": True})
    log = {"traffic_type": "ALL", "vpc_id": None}
    references = {"expressions": {"vpc_id": {"references": ["aws_vpc.main.id", "aws_vpc.main"]}}}
    resources = [{"address": "aws_flow_log.main"} | references]
    about = {"configuration": {"root_module": {"resources": resources}}}
    write(vpc, change("aws_flow_log.main", None, log, {"id": True, "vpc_id": True}), name="a.json", **about)
    write(vpc, name="b.json")
    _, found = told("--from", "a.json", "--from", "b.json", "--check", "vpc-flow-logs")
    assert [(each["source"], each["status"]) for each in found["findings"]] == [("a.json", "pass"), ("b.json", "fail")]
    assert found["scan"]["offline"] == "the plan a.json, the plan b.json"


def test_an_account_is_not_judged_by_a_plan(here):
    name = write(change("aws_dynamodb_table.open", None, table("open", False)))
    _, found = told("--from", name, "--check", "cloudtrail-*", "--check", "iam-user-*")
    said = {each["message"] for each in found["findings"]}
    assert {each["status"] for each in found["findings"]} == {"skipped"}
    assert "live only: no account is read" in said


# --- what may be elsewhere ------------------------------------------------------------------------


def test_what_is_not_declared_here_is_absent_only_of_what_is_new(here):
    old = {"id": "vpc-1", "arn": "arn:aws:ec2:eu-west-1:123456789012:vpc/vpc-1", "cidr_block": "10.0.0.0/16"}
    name = write(
        change("aws_vpc.old", old, old),
        change("aws_vpc.new", None, {"cidr_block": "10.1.0.0/16"}, {"id": True, "arn": True}),
    )
    _, found = told("--from", name, "--check", "vpc-flow-logs")
    assert {each["address"]: (each["status"], each["message"]) for each in found["findings"]} == {
        "aws_vpc.old": ("unknown", "aws_flow_log may be declared elsewhere, or be there undeclared"),
        "aws_vpc.new": ("fail", "${aws_vpc.new} has no active flow log"),
    }


def test_what_aws_makes_along_with_a_thing_is_not_taken_for_absent(here):
    name = write(change("aws_s3_bucket.new", None, {"bucket": "new"}, {"id": True, "arn": True}))
    _, found = told("--from", name, "--check", "s3-bucket-public-access-block")
    assert verdicts(found) == {"new": "unknown"}


def test_a_module_kept_elsewhere_is_a_gap(code):
    Path("more.tf").write_text('module "vpc" {\n  source = "terraform-aws-modules/vpc/aws"\n}\n')
    exit_code, found = told("--offline", "--from", ".", *CHECK)
    assert [(each["status"], each["message"]) for each in found["gaps"]] == [
        (
            "unsupported",
            "more.tf:1: module vpc is kept elsewhere and is not fetched; what it declares only a plan tells",
        )
    ]
    assert exit_code == 3


def test_a_plan_that_broke_off_is_refused(here):
    found = check("--from", write(change("aws_dynamodb_table.a", None, table("a", True)), errored=True))
    assert (found.exit_code, found.stderr) == (
        2,
        "driftline: plan.json: is a plan that broke off in an error, and tells only a part; plan again\n",
    )


# --- what does not go together --------------------------------------------------------------------

REFUSED = {
    ("--offline",): "--offline checks what is declared; name a plan, a state or a folder of code with --from",
    ("--live", "--from", "it.tfstate"): "--live compares a plan with the account: name plans with --from, and leave "
    "out --offline",
    ("--live", "--offline", "--from", "plan.json"): "--live compares a plan with the account: name plans with --from, "
    "and leave out --offline",
    ("--from", "plan.json", "--from", "it.tfstate"): "--from names a plan and a state: add --offline to check what "
    "both declare, or name only one of them",
    ("--from", "plan.json", "--fail-on", "changed"): "--fail-on changed: what is declared has not drifted and is in no "
    "history; choose from critical, high, medium, low, worse, unknown, never",
    ("--offline", "--from", "it.tfstate", "--fail-on", "worse"): "--fail-on worse is of a plan, and --from names none",
    ("--from", "it.tfstate", "--fail-on", "worse"): "--fail-on worse is of a plan: name one with --from",
    ("--from", "plan.json", "--fail-on", "worse"): "--fail-on worse: {db} has no scan to compare the plan with; scan "
    "first, or add --live",
    ("--from", "plan.json", "--dry-run"): "--dry-run tells what AWS would be asked, and of what is declared it is "
    "asked nothing",
}


@pytest.mark.parametrize("arguments", REFUSED, ids=" ".join)
def test_what_does_not_go_together_is_refused(here, arguments):
    write(change("aws_dynamodb_table.open", None, table("open", False)))
    Path("it.tfstate").write_bytes(state())
    found = check(*arguments)
    said = REFUSED[arguments].format(db=here / "history.sqlite")
    assert (found.exit_code, found.stderr) == (2, f"driftline: {said}\n")


# --- what a plan makes of it ----------------------------------------------------------------------

PLANNED = (
    change("aws_dynamodb_table.worse", table("worse", True), table("worse", False)),
    change("aws_dynamodb_table.same", table("same", False), table("same", False)),
    change("aws_dynamodb_table.mended", table("mended", False), table("mended", True)),
    change("aws_dynamodb_table.gone", table("gone", False), None),
    change("aws_dynamodb_table.fine", table("fine", True), table("fine", True)),
    change("aws_dynamodb_table.unseen", table("unseen", True), table("unseen", False)),
    change("aws_dynamodb_table.new", None, {"name": "new", "deletion_protection_enabled": False}, {"id": True}),
)
EFFECTS = {
    "worse": ("fail", "worse"),
    "same": ("fail", "as before"),
    "mended": ("pass", "mended"),
    "gone": ("skipped", "removed"),
    "fine": ("pass", None),
    "unseen": ("fail", "unsure"),
    "new": ("fail", "new"),
}


@pytest.fixture
def tables(aws, here):
    for name, protected in {"worse": True, "same": False, "mended": False, "gone": False, "fine": True}.items():
        aws("dynamodb").create_table(
            TableName=name,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
            DeletionProtectionEnabled=protected,
        )
    write(*PLANNED)
    return here


def effects(document):
    return {each["id"]: (each["status"], each["effect"]) for each in document["findings"]}


def test_the_account_as_it_is_tells_what_gets_worse(tables):
    exit_code, found = told("--from", "plan.json", "--live", *LIVE, *CHECK, "--fail-on", "worse", env=None)
    assert (exit_code, effects(found)) == (1, EFFECTS)
    assert found["scan"]["before"] == "the account as it is now"
    assert found["scan"]["counts"]["effects"] == {
        "worse": 1, "new": 1, "as before": 1, "unsure": 1, "mended": 1, "removed": 1
    }  # fmt: skip
    assert not Path("history.sqlite").exists()


def test_so_does_the_last_scan_without_asking_aws(tables):
    assert driftline("check", *LIVE, *CHECK, "--fail-on", "never").exit_code == 0
    exit_code, found = told("--from", "plan.json", *CHECK, "--fail-on", "worse")
    assert (exit_code, effects(found)) == (1, EFFECTS)
    assert found["scan"]["before"].startswith("scan 2")
    assert found["scan"]["counts"]["calls"] == 0


def test_only_what_a_plan_makes_worse_need_fail_the_gate(tables):
    write(*PLANNED[1:5])
    assert check("--from", "plan.json", "--live", *LIVE, *CHECK, "--fail-on", "worse", env=None).exit_code == 0
    assert check("--from", "plan.json", "--live", *LIVE, *CHECK, "--fail-on", "medium", env=None).exit_code == 1


def test_what_nobody_knows_the_past_of_is_not_clean(tables):
    write(PLANNED[1], PLANNED[5])
    asked = ("--from", "plan.json", "--live", *LIVE, *CHECK, "--fail-on")
    assert [check(*asked, word, env=None).exit_code for word in ("worse", "high")] == [3, 0]


def test_people_are_told_what_a_plan_makes_of_it(tables):
    found = check("--from", "plan.json", "--live", *LIVE, *CHECK, "--output", "markdown", env=None)
    said = "against the account as it is now: 1 worse, 1 new, 1 as before, 1 not known before, 1 mended"
    assert said in " ".join(found.stderr.split())
    assert "### What the plan makes of it\n\nagainst the account as it is now: 1 worse, 1 new" in found.stdout
    assert "| mended | `mended` | `dynamodb-deletion-protection` | medium |" in found.stdout
    assert "| medium (worse) |" in found.stdout


def test_what_is_live_and_not_in_the_plan_is_a_neighbour(aws, here):
    """A flow log that another root has made is there after the apply too."""
    aws("s3").create_bucket(Bucket="flows", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    vpc = aws("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    aws("ec2").create_flow_logs(
        ResourceIds=[vpc],
        ResourceType="VPC",
        TrafficType="ALL",
        LogDestinationType="s3",
        LogDestination="arn:aws:s3:::flows",
    )
    arn = f"arn:aws:ec2:eu-west-1:123456789012:vpc/{vpc}"
    row = {"id": vpc, "arn": arn, "cidr_block": "10.0.0.0/16", "tags_all": {}}
    write(change("aws_vpc.main", row, row))
    asked = ("--from", "plan.json", "--check", "vpc-flow-logs")
    assert verdicts(told(*asked)[1]) == {vpc: "unknown"}
    _, found = told(*asked, "--live", "--region", "eu-west-1", env=None)
    assert effects(found) == {vpc: ("pass", None)}


def rule(cidr):
    lists = ("ipv6_cidr_blocks", "prefix_list_ids", "security_groups")
    about = {"from_port": 22, "to_port": 22, "protocol": "tcp", "self": False, "description": ""}
    return about | {name: [] for name in lists} | {"cidr_blocks": [cidr]}


@pytest.mark.parametrize(
    ("was", "will_be", "becomes"),
    [
        ("0.0.0.0/0", "10.0.0.0/8", ("pass", "mended")),
        ("10.0.0.0/8", "0.0.0.0/0", ("fail", "worse")),
        ("0.0.0.0/0", "0.0.0.0/0", ("fail", "as before")),
        ("10.0.0.0/8", "10.0.0.0/8", ("pass", None)),
    ],
)
def test_a_rule_in_a_block_goes_as_it_comes(aws, here, was, will_be, becomes):
    vpc = aws("ec2").describe_vpcs()["Vpcs"][0]["VpcId"]
    group = aws("ec2").create_security_group(GroupName="web", Description="w", VpcId=vpc)["GroupId"]
    aws("ec2").authorize_security_group_ingress(GroupId=group, IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp=was)
    arn = f"arn:aws:ec2:eu-west-1:123456789012:security-group/{group}"
    row = {"id": group, "name": "web", "arn": arn, "vpc_id": vpc, "tags_all": {}, "egress": []}
    write(change("aws_security_group.web", row | {"ingress": [rule(was)]}, row | {"ingress": [rule(will_be)]}))
    _, found = told(
        "--from", "plan.json", "--live", "--region", "eu-west-1", "--check", "sg-ingress-ssh-world", env=None
    )
    assert effects(found) == {group: becomes}
