"""What import takes: every name that an id is made of is one that the collector reads."""

from __future__ import annotations

import re

import pytest

from scanner.collectors import collectors
from scanner.import_ids import IDS, NOT_SUPPORTED, NoImport, import_id
from state import Resource

TYPES = {each.type: each for each in collectors()}
TEMPLATES = {type: how for type, how in IDS.items() if isinstance(how, str)}
FULL = {
    "aws_route_table_association": (
        {"subnet_id": "subnet-1", "gateway_id": "", "route_table_id": "rtb-1"},
        "subnet-1/rtb-1",
    ),
    "aws_ecs_service": (
        {"cluster": "arn:aws:ecs:eu-west-1:123456789012:cluster/shop", "name": "web"},
        "shop/web",
    ),
    "aws_lambda_permission": (
        {"function_name": "f", "qualifier": "live", "statement_id": "sid"},
        "f:live/sid",
    ),
    "aws_ami_launch_permission": ({"group": "all", "image_id": "ami-1"}, "all/ami-1"),
    "aws_iam_user_ssh_key": ({"username": "ann", "ssh_public_key_id": "APKA"}, "ann:APKA:SSH"),
    "aws_ec2_client_vpn_authorization_rule": ({}, "id"),
    "aws_network_acl_rule": (
        {"network_acl_id": "acl-1", "rule_number": 100, "protocol": "6", "egress": False},
        "acl-1:100:6:false",
    ),
}


def resource(type: str, **fields: object) -> Resource:
    return Resource(type=type, id="id", **fields)  # type: ignore[arg-type]


def test_only_types_that_are_read_have_rules():
    assert {*IDS, *NOT_SUPPORTED} - TYPES.keys() == set()
    assert NOT_SUPPORTED & IDS.keys() == set()


@pytest.mark.parametrize("type", TEMPLATES)
def test_an_id_is_made_of_what_is_read(type):
    names = {*re.findall(r"{(\w+)}", TEMPLATES[type])} - {"id"}
    assert names <= {*TYPES[type].schema.forms}


@pytest.mark.parametrize("type", FULL)
def test_ids_that_are_worked_out(type):
    attributes, id = FULL[type]
    assert import_id(resource(type, attributes=attributes)) == id


def test_the_others_are_imported_by_the_id_in_their_state():
    assert import_id(resource("aws_vpc")) == "id"


def test_what_was_not_seen_is_not_guessed():
    with pytest.raises(NoImport, match="its arn was not seen"):
        import_id(resource("aws_ecs_task_definition", unknown={"arn": "denied"}))
    with pytest.raises(NoImport, match="does not import this type"):
        import_id(resource("aws_elb_attachment"))
