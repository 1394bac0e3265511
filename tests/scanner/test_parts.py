"""A scan of some types reads the parts of these too, or says that it does not."""

import asyncio
import json
from pathlib import Path

import pytest

from scanner import Scan, Settings, scan
from scanner.collectors import collectors
from tests.scanner.command import driftline
from tests.state.terraform.states import block, state

GROUP, INGRESS = "aws_security_group", "aws_vpc_security_group_ingress_rule"
SSH = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
WHERE = ("--from", "state.tfstate", "--region", "eu-west-1", "-q")


@pytest.fixture
def by_hand(aws, here):
    """What is declared, and what somebody added to it: a rule of a group, a target of a target group."""
    ec2, elb = aws("ec2"), aws("elbv2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    group = ec2.create_security_group(VpcId=vpc, GroupName="web", Description="Web")["GroupId"]
    made = elb.create_target_group(Name="web", Protocol="HTTP", Port=80, VpcId=vpc, TargetType="ip")
    arn = made["TargetGroups"][0]["TargetGroupArn"]
    declared = {GROUP: {"id": group, "name": "web"}, "aws_lb_target_group": {"id": arn, "arn": arn, "name": "web"}}
    blocks = (block(type, "web", [{"attributes": each}]) for type, each in declared.items())
    Path("state.tfstate").write_bytes(state(*blocks))
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[SSH])
    elb.register_targets(TargetGroupArn=arn, Targets=[{"Id": "10.0.0.9", "Port": 80}])


def run(*types: str, **more: object) -> Scan:
    asked = {"sources": ("state.tfstate",), "regions": ("eu-west-1",), "types": types}
    return asyncio.run(scan(Settings(**asked | more), kinds=("drift",)))


def told(found: Scan) -> list[str]:
    return [change.path for each in found.drift if each.declared for change in each.changes]


def parts_of(type: str) -> set[str]:
    return {each.type for each in collectors() if each.parent and each.parent.type == type}


def notes(found: Scan) -> list[str]:
    return [each.text for each in found.notes if each.about == "parts"]


@pytest.mark.parametrize(
    ("type", "path"),
    [(GROUP, "ingress[cidr=0.0.0.0/0,port=22]"), ("aws_lb_target_group", "attachment[10.0.0.9/80]")],
)
def test_what_was_added_to_a_thing_of_the_type_is_told(by_hand, type, path):
    found = run(type)
    assert path in told(found)
    assert notes(found) == []
    assert {each.type for each in found.live.resources if each.type.startswith("aws_")} <= {type, *parts_of(type)}
    assert driftline("drift", *WHERE, "--type", type).exit_code == 1


def test_whoever_wants_no_parts_is_told_what_is_not_told(by_hand):
    found = run(GROUP, parts=False)
    assert (told(found), notes(found)) == (
        [],
        [f"parts of {GROUP} were not read (--no-parts): what was added to them is not told"],
    )
    found = driftline("drift", *WHERE, "--type", GROUP, "--no-parts", "--output", "json")
    assert (found.exit_code, [each["about"] for each in json.loads(found.stdout)["notes"]]) == (0, ["parts"])


def test_parts_without_what_they_are_parts_of_are_said(by_hand):
    assert notes(run(INGRESS)) == [f"{INGRESS}: one that was added is told as drift of its {GROUP}; add --type {GROUP}"]
    assert notes(run(INGRESS, everything=True)) == []
    assert [each.resource.type for each in run(INGRESS, everything=True).drift] == [INGRESS]


def test_nothing_is_said_of_what_nobody_declares(by_hand):
    assert notes(run("aws_s3_bucket_policy", "aws_iam_role", parts=False)) == []


def test_parts_of_parts_are_read(here):
    asked = ("--type", "aws_globalaccelerator_accelerator")
    Path("state.tfstate").write_bytes(state())
    policies = (driftline("iam-policy", *asked).stdout, driftline("iam-policy", "--type", GROUP).stdout)
    assert "globalaccelerator:ListEndpointGroups" in policies[0]
    assert "ec2:DescribeSecurityGroupRules" in policies[1]


# --- what tells whether a difference is drift -----------------------------------------------------

SERVICE, TARGET = "aws_ecs_service", "aws_appautoscaling_target"


@pytest.fixture
def scaled(aws, here):
    """A service of which code says two tasks, and its target up to four: AWS runs three."""
    ecs = aws("ecs")
    ecs.create_cluster(clusterName="shop")
    ecs.register_task_definition(family="web", containerDefinitions=[{"name": "web", "image": "nginx", "memory": 128}])
    ecs.create_service(cluster="shop", serviceName="web", taskDefinition="web:1", desiredCount=3)
    about = {"ServiceNamespace": "ecs", "ScalableDimension": "ecs:service:DesiredCount"}
    aws("application-autoscaling").register_scalable_target(
        **about, ResourceId="service/shop/web", MinCapacity=1, MaxCapacity=4
    )
    arn = "arn:aws:ecs:eu-west-1:123456789012"
    said = {"name": "web", "cluster": f"{arn}:cluster/shop", "desired_count": 2}
    of_web = {"id": f"{arn}:service/shop/web", "arn": f"{arn}:service/shop/web"} | said
    gone = {"resource_id": "service/shop/gone", "service_namespace": "ecs", "id": "service/shop/gone"}
    target = {"scalable_dimension": "ecs:service:DesiredCount", "region": "eu-west-1", **gone}
    blocks = (block(SERVICE, "web", [{"attributes": of_web}]), block(TARGET, "gone", [{"attributes": target}]))
    Path("state.tfstate").write_bytes(state(*blocks))
    return ecs


def test_what_scales_a_thing_of_the_type_is_read_with_it(scaled):
    found = run(SERVICE)
    assert (found.drift, found.moved, found.gaps) == ([], 1, [])
    assert [each.type for each in found.in_sync] == [SERVICE]
    assert {each.type for each in found.live.resources} <= {SERVICE, "account", "region", *parts_of(SERVICE)}
    assert found.outside == 1, "the target that is declared and gone is not of this type"
    scaled.update_service(cluster="shop", service="web", desiredCount=5)
    assert told(run(SERVICE)) == ["desired_count"]


def test_what_may_not_be_read_of_it_leaves_the_count_unsure(scaled, allowed_only):
    asked = {each.type: each for each in collectors()}[SERVICE].permissions
    with allowed_only(*asked, "ec2:DescribeRegions"):
        found = run(SERVICE)
    assert (found.drift, [each.type for each in found.unsure]) == ([], [SERVICE])
    assert [(each.type, each.kind) for each in found.gaps] == [(TARGET, "denied")] * len(found.gaps)


def test_only_what_is_declared_needs_what_tells_of_its_differences(scaled):
    assert "DescribeScalableTargets" in driftline("drift", *WHERE, "--type", SERVICE, "--dry-run").stdout
    assert "DescribeScalableTargets" in driftline("iam-policy", "--type", SERVICE).stdout
    Path("state.tfstate").write_bytes(state(block("aws_rds_cluster", "db", [{"attributes": {"id": "db"}}])))
    assert "DescribeScalableTargets" not in driftline("drift", *WHERE, "--type", SERVICE, "--dry-run").stdout


@pytest.mark.parametrize(
    ("key", "reads"), [("alias/shop", True), ("444f70a0-8d54-4403-ac15-bb43d438229a", False), ("", False)]
)
def test_aliases_are_read_with_what_is_declared_by_one(aws, here, key, reads):
    url = "https://sqs.eu-west-1.amazonaws.com/123456789012/orders"
    said = {"id": url, "url": url, "name": "orders", "kms_master_key_id": key}
    Path("state.tfstate").write_bytes(state(block("aws_sqs_queue", "q", [{"attributes": said}])))
    found = driftline("drift", *WHERE, "--type", "aws_sqs_queue", "--dry-run").stdout
    assert ("kms:ListAliases" in found) is reads
