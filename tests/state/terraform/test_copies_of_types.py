"""The blocks of the collected types that the provider fills with copies: none hides what was made by hand."""

from typing import Any

import pytest

from scanner.collectors import schemas
from state import GLOBAL, Declaration, Inventory, Resource
from state.drift import drift
from state.terraform import provider
from state.terraform.copies import BEGAN, DOUBT
from state.terraform.settle import settle

SCHEMAS = schemas()
RULE = {"protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": ["0.0.0.0/0"]}
ENTRY = {"action": "allow", "cidr_block": "0.0.0.0/0", "from_port": 22, "protocol": "tcp", "rule_no": 7, "to_port": 22}
POLICY = '{"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
BUCKET = {"bucket": "logs"}
DISK = {"device_name": "/dev/sdh", "volume_id": "vol-1", "delete_on_termination": False}

CASES: list[tuple[str, dict[str, Any], str, str]] = [
    # the thing, its copy, what code would write, the path
    ("aws_security_group", {"ingress": [RULE]}, "ingress", "ingress[cidr=0.0.0.0/0,port=22]"),
    ("aws_security_group", {"egress": [RULE]}, "egress", "egress[cidr=0.0.0.0/0,port=22]"),
    ("aws_network_acl", {"ingress": [ENTRY]}, "ingress", "ingress[7]"),
    ("aws_network_acl", {"subnet_ids": ["subnet-1"]}, "subnet_ids", "subnet_ids[subnet-1]"),
    ("aws_route_table", {"route": [{"cidr_block": "0.0.0.0/0", "gateway_id": "igw-1"}]}, "route", "route[0.0.0.0/0]"),
    ("aws_route_table", {"propagating_vgws": ["vgw-1"]}, "propagating_vgws", "[vgw-1"),
    ("aws_iam_role", {"name": "web", "managed_policy_arns": [ADMIN]}, "managed_policy_arns", ADMIN),
    ("aws_iam_role", {"name": "web", "inline_policy": [{"name": "a", "policy": POLICY}]}, "inline_policy", "[a]"),
    ("aws_s3_bucket", BUCKET | {"policy": POLICY}, "policy", "policy"),
    ("aws_s3_bucket", BUCKET | {"versioning": [{"enabled": True}]}, "versioning", "versioning"),
    ("aws_s3_bucket", BUCKET | {"cors_rule": [{"allowed_methods": ["GET"]}]}, "cors_rule", "cors_rule"),
    ("aws_sqs_queue", {"url": "it-1", "policy": POLICY}, "policy", "policy"),
    ("aws_sns_topic", {"arn": "it-1", "policy": POLICY}, "policy", "policy"),
    ("aws_secretsmanager_secret", {"arn": "it-1", "policy": POLICY}, "policy", "policy"),
    ("aws_eip", {"association_id": "eipassoc-1", "instance": "i-1"}, "instance", "instance"),
    ("aws_internet_gateway", {"vpc_id": "vpc-1"}, "vpc_id", "vpc_id"),
    ("aws_instance", {"ebs_block_device": [DISK]}, "ebs_block_device", "ebs_block_device[vol-1]"),
]
IDS = [f"{type}.{written}" for type, _, written, _ in CASES]
FILLED: list[tuple[str, dict[str, Any], str]] = [
    ("aws_instance", {"ebs_block_device": [DISK | {"delete_on_termination": True}]}, "ebs_block_device[vol-1]"),
    ("aws_kms_key", {"key_id": "it-1", "policy": POLICY}, "policy"),
    ("aws_vpc", {"dhcp_options_id": "dopt-1"}, "dhcp_options_id"),
    ("aws_network_interface", {"security_groups": ["sg-1"]}, "security_groups[sg-1]"),
    ("aws_vpc_endpoint", {"security_group_ids": ["sg-1"]}, "security_group_ids[sg-1]"),
]


def thing(type: str, attributes: dict[str, Any], written: frozenset[str] | None) -> Resource:
    where = Declaration(address=f"{type}.it", source="s", written=written)
    region = GLOBAL if SCHEMAS[type].is_global else "r"
    id = str(attributes.get("name") or attributes.get("bucket") or "it-1")
    said = {"id": id} | attributes
    return Resource(type=type, id=id, account="1", region=region, attributes=said, declared=where)


def parts(type: str, attributes: dict[str, Any]) -> list[Resource]:
    """The parts that the copies show, as AWS reports them."""
    written = frozenset(attributes)
    found = [each for each in settle([thing(type, attributes, written)], SCHEMAS) if each.type != type]
    return [each for each in found if SCHEMAS[each.type].parent]


def live(*resources: Resource) -> Inventory:
    found = []
    for each in resources:
        identity = SCHEMAS[each.type].identify(each.id, each.attributes)
        found.append(
            Resource(
                type=each.type,
                id=each.id,
                account="1",
                region=each.region,
                identity=identity,
                attributes=dict(each.attributes),
            )
        )
    return Inventory(found)


def paths(seen: Inventory, *declared: Resource) -> list[tuple[str, bool, str]]:
    found = drift(seen, Inventory(settle(declared, SCHEMAS)), SCHEMAS).drift
    return [(change.path, change.stays, each.note) for each in found for change in each.changes]


@pytest.mark.parametrize(("type", "copy", "written", "path"), CASES, ids=IDS)
def test_a_copy_hides_nothing_where_the_code_leaves_the_block_out(
    type: str, copy: dict[str, Any], written: str, path: str
) -> None:
    said = thing(type, copy, frozenset({"tags"}))
    seen = live(said, *parts(type, copy))
    [(told, stays, note), *_] = paths(seen, said)
    assert path in told and stays and not note
    assert paths(live(said), said) == []


@pytest.mark.parametrize(("type", "copy", "written", "path"), CASES, ids=IDS)
def test_what_code_writes_is_declared(type: str, copy: dict[str, Any], written: str, path: str) -> None:
    said = thing(type, copy, frozenset({written}))
    assert paths(live(said, *parts(type, copy)), said) == []
    lost = paths(live(said), said)
    assert lost and all(path in told and not note for told, _, note in lost[:1])


@pytest.mark.parametrize(("type", "copy", "written", "path"), CASES, ids=IDS)
def test_without_code_the_doubt_is_said(type: str, copy: dict[str, Any], written: str, path: str) -> None:
    said = thing(type, copy, None)
    assert paths(live(said, *parts(type, copy)), said) == []
    assert {note for _, _, note in paths(live(said), said)} == {DOUBT}


@pytest.mark.parametrize(("type", "copy", "path"), FILLED, ids=[each[0] for each in FILLED])
@pytest.mark.parametrize("written", [None, frozenset[str]()])
def test_what_comes_with_a_thing_is_no_drift(
    type: str, copy: dict[str, Any], path: str, written: frozenset[str] | None
) -> None:
    said = thing(type, copy, written)
    assert paths(live(said, *parts(type, copy)), said) == []
    assert {note for _, _, note in paths(live(said), said)} == {BEGAN}


def test_every_block_that_aws_may_fill_is_held_here() -> None:
    """A new one has to be thought of: is it a copy, or does it come with the thing?"""
    told = {(type, name) for type, copy, *_ in (*CASES, *FILLED) for name in copy}
    left = {
        (home, schema.type)
        for schema in SCHEMAS.values()
        for home in schema.homes
        if schema.parent and home in SCHEMAS and home != schema.type and provider.attributes(home)
        if not any(type == home and name.startswith(schema.parent.part.partition("[")[0]) for type, name in told)
    }
    assert {home for home, _ in left} <= LIKE_THESE


LIKE_THESE = {
    "aws_api_gateway_deployment",
    "aws_api_gateway_rest_api",
    "aws_autoscaling_group",
    "aws_ec2_managed_prefix_list",
    "aws_ecs_cluster",
    "aws_eip",
    "aws_elasticache_user_group",
    "aws_elb",
    "aws_instance",
    "aws_kms_external_key",
    "aws_kms_replica_key",
    "aws_network_acl",
    "aws_network_interface",
    "aws_opensearch_domain",
    "aws_rds_cluster",
    "aws_redshift_cluster",
    "aws_route53_zone",
    "aws_s3_access_point",
    "aws_s3_bucket",
    "aws_sqs_queue",
    "aws_vpc_endpoint",
    "aws_vpc_peering_connection",
    "aws_vpn_gateway",
}
