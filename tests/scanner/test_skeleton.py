"""Skeletons: the arguments that are set, in words of the provider's, and no secret."""

from __future__ import annotations

import json
from typing import Any

import pytest

from scanner.skeleton import skeleton
from state import Resource
from state.terraform.writing import text

SECRET = "hunter2-5f1d"


def written(type: str, attributes: dict[str, Any], wanted: set[str] | None = None, **fields: Any) -> str:
    resource = Resource(type=type, id="it", attributes=attributes, **fields)
    found = skeleton(resource, wanted)
    return text(found.items if wanted else found.body())


def test_what_nobody_writes_is_left_out():
    attributes = {
        "arn": "arn:aws:ec2:eu-west-1:123456789012:vpc/vpc-1",
        "cidr_block": "10.0.0.0/16",
        "enable_dns_support": True,
        "enable_dns_hostnames": False,
        "ipv6_cidr_block": "",
        "instance_tenancy": "default",
        "tags": {"Name": "shop", "aws:cloudformation:stack-name": "x", "empty": ""},
    }
    assert written("aws_vpc", attributes) == (
        'cidr_block = "10.0.0.0/16"\ntags = {\n  Name  = "shop"\n  empty = ""\n}\n'
    )


def test_blocks_are_blocks_and_documents_are_documents():
    rule = {"apply_server_side_encryption_by_default": [{"sse_algorithm": "aws:kms"}], "bucket_key_enabled": True}
    encryption = {"bucket": "logs", "rule": [rule]}
    assert written("aws_s3_bucket_server_side_encryption_configuration", encryption) == (
        'bucket = "logs"\n\nrule {\n  bucket_key_enabled = true\n\n'
        '  apply_server_side_encryption_by_default {\n    sse_algorithm = "aws:kms"\n  }\n}\n'
    )
    assert written("aws_s3_bucket_policy", {"bucket": "logs", "policy": '{"Version": "2012-10-17"}'}) == (
        'bucket = "logs"\npolicy = jsonencode({\n  Version = "2012-10-17"\n})\n'
    )


def test_a_text_that_is_json_by_chance_stays_as_it_is():
    attributes = {"name": "x", "description": '{"b": 1, "a": 2}', "subnet_ids": ["subnet-1"]}
    assert '"{\\"b\\": 1, \\"a\\": 2}"' in written("aws_db_subnet_group", attributes)


def test_a_block_that_lacks_what_it_has_to_say_is_left_out():
    said = written("aws_lb", {"name": "web", "connection_logs": [{"enabled": False, "bucket": "", "prefix": ""}]})
    assert said == 'name = "web"\n'


KEPT = "  # kept as it is: not shown here\n"


def test_secrets_are_kept_as_they_are_and_not_shown():
    attributes = {"identifier": "orders", "instance_class": "db.t4g.micro", "password": SECRET}
    assert written("aws_db_instance", attributes) == (
        "# password: sensitive: take it from where secrets are kept\n"
        'identifier     = "orders"\ninstance_class = "db.t4g.micro"\n\n'
        f"lifecycle {{\n{KEPT}  ignore_changes = [password]\n}}\n"
    )


def test_variables_and_tags_that_are_secret():
    environment = [{"variables": {"COLOUR": SECRET}}]
    said = written(
        "aws_lambda_function",
        {"function_name": "f", "role": "r", "environment": environment, "tags": {"DB_PASSWORD": SECRET, "a": "b"}},
    )
    assert SECRET not in said
    assert 'ignore_changes = [environment, tags["DB_PASSWORD"], filename]' in said
    assert 'DB_PASSWORD = "(sensitive)"' in said


def test_a_document_of_containers_without_what_their_variables_hold():
    container = {"name": "web", "command": [SECRET], "environment": [{"name": "COLOUR", "value": SECRET}]}
    containers = json.dumps([container])
    said = written("aws_ecs_task_definition", {"family": "web", "container_definitions": containers})
    assert SECRET not in said
    assert 'jsonencode([{\n  name = "web"\n}])' in said
    assert "ignore_changes = [container_definitions]" in said


@pytest.mark.parametrize("looks", [f"postgres://admin:{SECRET}@db/users", "ghp_" + "a" * 36])
def test_what_looks_like_a_secret_is_one(looks):
    said = written("aws_sns_topic", {"name": "x", "display_name": looks})
    assert looks not in said
    assert "ignore_changes = [display_name]" in said


def test_what_was_not_seen_is_kept_as_it_is():
    said = written("aws_vpc", {}, unknown={"cidr_block": "DescribeVpcs: access denied"})
    assert said == (
        f"# cidr_block: DescribeVpcs: access denied\n\nlifecycle {{\n{KEPT}  ignore_changes = [cidr_block]\n}}\n"
    )


def test_attributes_that_are_asked_for_are_told_when_they_are_unset():
    assert written("aws_db_instance", {"multi_az": False, "domain": None}, {"multi_az", "domain"}) == (
        "domain   = null\nmulti_az = false\n"
    )
