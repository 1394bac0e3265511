"""What the next apply does by itself is said of the drift, and no step stands in its way."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import hcl2
import msgspec
import pytest

from scanner.ahead import incoming
from scanner.collectors import schemas
from state import Inventory, Resource
from state.resource import GLOBAL
from state.terraform.refactoring import Import
from tests.conftest import ACCOUNT, REGION
from tests.scanner.command import driftline
from tests.state.terraform.states import block, bucket, state

WHAT = ("--region", REGION, "--type", "aws_s3_bucket", "--type", "aws_s3_bucket_versioning", "-q")
ROLE = {"id": "ci", "name": "ci", "arn": f"arn:aws:iam::{ACCOUNT}:role/ci"}
WHOSE = block("aws_iam_role", "ci", [{"attributes": ROLE}])


@pytest.fixture
def s3(aws: Any, here: Path) -> Any:
    client = aws("s3")
    for name in ("orders", "two"):
        client.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    client.put_bucket_tagging(Bucket="orders", Tagging={"TagSet": [{"Key": "by", "Value": "hand"}]})
    Path("state.tfstate").write_bytes(state(bucket("orders", "old", tags={}), WHOSE))
    return client


def row(kind: str, code: str) -> dict[str, Any]:
    """The one row of drift of a kind, beside this code."""
    Path("main.tf").write_text(code)
    found = json.loads(driftline("drift", *WHAT, "--from", ".", "--output", "json").stdout)
    (told,) = (each for each in found["drift"] if each["status"] == kind)
    return dict(told)


MOVED = "moved {\n  from = aws_s3_bucket.old\n  to   = aws_s3_bucket.new\n}\n"


def test_what_moved_is_told_at_its_new_address(s3: Any) -> None:
    """Terraform plans with neither address alone: "Moved resource instances excluded by targeting"."""
    found = row("changed", f'{MOVED}resource "aws_s3_bucket" "new" {{\n  bucket = "orders"\n}}\n')
    assert (found["address"], found["file"], found["line"]) == ("aws_s3_bucket.new", "main.tf", 5)
    assert found["message"] == "moved: the state has it as aws_s3_bucket.old until the next apply"
    step = found["next_step"]
    assert step["command"] == "terraform apply -target=aws_s3_bucket.new -target=aws_s3_bucket.old"
    assert step["hcl"].startswith('resource "aws_s3_bucket" "new" {')


def test_what_moved_heeds_its_new_block(s3: Any) -> None:
    code = MOVED + 'resource "aws_s3_bucket" "new" {\n  lifecycle {\n    ignore_changes = [tags]\n  }\n}\n'
    Path("main.tf").write_text(code)
    found = json.loads(driftline("drift", *WHAT, "--from", ".", "--output", "json").stdout)
    assert [each["status"] for each in found["drift"]] == ["unmanaged"]


def test_what_moved_and_is_gone_is_taken_out_of_the_state_under_its_old_address(s3: Any) -> None:
    s3.delete_bucket(Bucket="orders")
    found = row("missing", MOVED + 'resource "aws_s3_bucket" "new" {}\n')
    assert found["next_step"]["otherwise"] == "terraform state rm aws_s3_bucket.old"


def test_what_is_tainted_is_said_to_be_replaced(s3: Any) -> None:
    text = Path("state.tfstate").read_text()
    Path("state.tfstate").write_text(text.replace('"attributes"', '"status": "tainted", "attributes"', 1))
    found = row("changed", 'resource "aws_s3_bucket" "old" {}\n')
    assert found["message"] == "tainted: the next apply replaces it"


@pytest.mark.parametrize(("destroy", "verb"), [("false", "forgets"), ("true", "destroys")])
@pytest.mark.parametrize("kind", ["changed", "missing"])
def test_what_is_removed_is_not_applied_again(s3: Any, kind: str, destroy: str, verb: str) -> None:
    if kind == "missing":
        s3.delete_bucket(Bucket="orders")
    code = f"removed {{\n  from = aws_s3_bucket.old\n  lifecycle {{\n    destroy = {destroy}\n  }}\n}}\n"
    found = row(kind, code)
    said = f"the code {verb} it with its next apply"
    assert (found["message"], found["file"], found["line"]) == (said, "main.tf", 1)
    step = found["next_step"]
    assert step["what"] == (
        f"apply in the root folder whose state is state.tfstate: {said}; to keep it, take the block out of main.tf:1"
    )
    assert (step["command"], step["otherwise"], step["hcl"]) == ("terraform apply", None, None)


IMPORTS = {
    "id": 'import {\n  to = aws_s3_bucket.two\n  id = "two"\n}\n',
    "identity": f'import {{\n  to = aws_s3_bucket.a\n  identity = {{ bucket = "two", account_id = "{ACCOUNT}" }}\n}}\n',
    "for_each": 'import {\n  for_each = toset(["two"])\n  to = aws_s3_bucket.it[each.key]\n  id = each.key\n}\n',
}


@pytest.mark.parametrize("by", IMPORTS)
def test_what_an_import_block_brings_in_is_not_imported_twice(s3: Any, by: str) -> None:
    said = "an import block in main.tf:1 brings it in with the next apply"
    found = row("unmanaged", IMPORTS[by])
    assert (found["id"], found["message"]) == ("two", said)
    assert found["next_step"]["what"] == f"apply the code of main.tf:1: {said}"
    assert (found["next_step"]["command"], found["next_step"]["hcl"]) == ("terraform apply", None)
    blocks = driftline("import-blocks", *WHAT, "--from", ".").stdout
    assert hcl2.loads(blocks).get("import", []) == []
    assert f"# aws_s3_bucket two is not imported: {said}" in blocks


@pytest.mark.parametrize(
    "code",
    [
        'import {\n  to = aws_s3_bucket.it\n  id = "three"\n}\n',
        'import {\n  to = aws_s3_bucket_policy.it\n  id = "two"\n}\n',
        'import {\n  to = aws_s3_bucket.old\n  id = "two"\n}\n',
        'provider "aws" {\n  region = "us-east-1"\n}\nimport {\n  to = aws_s3_bucket.it\n  id = "two"\n}\n',
        f'import {{\n  to = aws_s3_bucket.it\n  identity = {{ account_id = "{ACCOUNT}", region = "{REGION}" }}\n}}\n',
    ],
    ids=["another", "another type", "its place is taken", "another region", "anything"],
)
def test_an_import_block_of_something_else_says_nothing(s3: Any, code: str) -> None:
    found = row("unmanaged", code)
    assert (found["message"], found["next_step"]["what"].split()[0]) == ("", "import")


def test_a_block_that_fits_several_is_of_none() -> None:
    things = [Resource(type="aws_iam_role", id="ci", account=each, region=GLOBAL) for each in ("1", "2")]
    blocks = [Import(address="aws_iam_role.ci", type="aws_iam_role", file="main.tf", line=1, id="ci")]
    assert incoming(blocks, Inventory(things), ()) == {}
    assert [*incoming(blocks, Inventory(things[:1]), ())] == [things[0].key]


def test_an_id_may_say_its_region() -> None:
    """https://registry.terraform.io/providers/hashicorp/aws/latest/docs/guides/enhanced-region-support"""
    things = [Resource(type="aws_vpc", id="vpc-1", account="1", region=each) for each in (REGION, "us-east-1")]
    block = Import(address="aws_vpc.it", type="aws_vpc", file="main.tf", line=1, id="vpc-1@us-east-1")
    assert [*incoming([block], Inventory(things), ())] == [things[1].key]


# --- types that only declare others ---------------------------------------------------------------


def live_rule(group: str, **about: Any) -> Resource:
    about = {"security_group_id": group, "ip_protocol": "tcp", "from_port": 80, "to_port": 80} | about
    type = "aws_vpc_security_group_ingress_rule"
    identity = schemas()[type].identify("sgr-1", about)
    where = {"account": ACCOUNT, "region": REGION}
    return Resource(type=type, id=f"sgr-{identity}", identity=identity, attributes=about, **where)


def live_thing(type: str, **about: str) -> Resource:
    identity = schemas()[type].identify("it", about)
    return Resource(type=type, id="it", account=ACCOUNT, region=REGION, identity=identity, attributes=about)


RULE = "aws_security_group_rule"
OFFICE, OFFICE_6, SELF, LIST, OTHER = (
    live_rule("sg-1", **about)
    for about in (
        {"cidr_ipv4": "10.0.0.0/8"},
        {"cidr_ipv6": "2001:db8::/48"},
        {"referenced_security_group_id": "sg-1"},
        {"prefix_list_id": "pl-1"},
        {"referenced_security_group_id": "sg-2"},
    )
)
ELSEWHERE = live_rule("sg-9", cidr_ipv4="10.0.0.0/8")
RULES = [OFFICE, OFFICE_6, SELF, LIST, OTHER, ELSEWHERE]


@pytest.mark.parametrize(
    ("id", "found"),
    [
        ("sg-1_ingress_tcp_80_80_10.0.0.0/8", [OFFICE]),
        ("sg-1_ingress_tcp_80_80_self_2001:db8::/48", [SELF, OFFICE_6]),
        ("sg-1_ingress_6_80_80_pl-1", [LIST]),
        ("sg-1_ingress_tcp_80_80_sg-2", [OTHER]),
        ("sg-1_egress_tcp_80_80_10.0.0.0/8", []),
        ("sg-1_ingress_udp_80_80_10.0.0.0/8", []),
        ("sgrule-123", []),
    ],
)
def test_an_import_of_a_rule_of_many_sources_brings_in_each(id: str, found: list[Resource]) -> None:
    block = Import(address=f"{RULE}.it", type=RULE, file="main.tf", line=3, id=id, region=REGION)
    assert set(incoming([block], Inventory(RULES), ())) == {each.key for each in found}


@pytest.mark.parametrize(
    ("type", "id", "thing"),
    [
        ("aws_elasticsearch_domain", "logs", live_thing("aws_opensearch_domain", domain_name="logs")),
        ("aws_docdb_event_subscription", "shop", live_thing("aws_db_event_subscription", name="shop")),
        (
            "aws_neptune_cluster_endpoint",
            "graph:readers",
            live_thing("aws_rds_cluster_endpoint", cluster_endpoint_identifier="readers"),
        ),
        ("aws_ses_domain_identity", "acme.org", live_thing("aws_sesv2_email_identity", email_identity="acme.org")),
        ("aws_ses_configuration_set", "shop", live_thing("aws_sesv2_configuration_set", configuration_set_name="shop")),
        ("aws_apigatewayv2_domain_name", "acme.org", live_thing("aws_api_gateway_domain_name", domain_name="acme.org")),
    ],
)  # fmt: skip
def test_an_import_under_another_types_name(type: str, id: str, thing: Resource) -> None:
    block = Import(address=f"{type}.it", type=type, file="main.tf", line=3, id=id)
    assert set(incoming([block], Inventory([thing]), ())) == {thing.key}
    assert not incoming([msgspec.structs.replace(block, id=f"{id}x")], Inventory([thing]), ())


def test_memberships_that_are_imported_at_once() -> None:
    type = "aws_iam_user_group_membership"
    shop, pay, ops = (
        Resource(
            type=type,
            id=f"ann/{each}",
            account=ACCOUNT,
            region=GLOBAL,
            identity=f"ann/{each}",
            attributes={"user": "ann", "groups": [each]},
        )
        for each in ("shop", "pay", "ops")
    )
    block = Import(address=f"{type}.it", type=type, file="main.tf", line=3, id="ann/shop/pay", region=REGION)
    assert set(incoming([block], Inventory([shop, pay, ops]), ())) == {shop.key, pay.key}


def test_a_rule_that_was_added_and_is_to_be_imported_is_not_to_be_deleted(aws: Any, here: Path) -> None:
    ec2 = aws("ec2")
    group = ec2.create_security_group(GroupName="web", Description="Web")["GroupId"]
    ec2.revoke_security_group_egress(
        GroupId=group, IpPermissions=[{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    )
    own = block("aws_security_group", "web", [{"attributes": {"id": group, "name": "web", "region": REGION}}])
    Path("state.tfstate").write_bytes(state(own, WHOSE))
    for port in (22, 80):
        ec2.authorize_security_group_ingress(
            GroupId=group, IpProtocol="tcp", FromPort=port, ToPort=port, CidrIp="10.0.0.0/8"
        )
    imports = [
        f'import {{\n  to = {RULE}.p{port}\n  id = "{group}_ingress_tcp_{port}_{port}_10.0.0.0/8"\n}}\n'
        for port in (22, 80)
    ]

    def step(*code: str) -> dict[str, Any]:
        Path("main.tf").write_text("".join(code) + 'resource "aws_security_group" "web" {}\n')
        asked = ("drift", "--region", REGION, "--type", "aws_security_group", "-q", "--from", ".", "--output", "json")
        (told,) = (each for each in json.loads(driftline(*asked).stdout)["drift"] if each["status"] == "changed")
        return dict(told["next_step"])

    paths = "ingress[cidr=10.0.0.0/8,port=22], ingress[cidr=10.0.0.0/8,port=80]"
    said = [f"an import block in main.tf:{line} brings it in with the next apply" for line in (1, 5)]
    assert step()["what"].startswith(f"{paths} stays whatever is applied: import it, or delete it")
    assert "delete it" in step(imports[0])["what"]
    found = step(*imports)
    assert found["what"] == f"{paths}: {'; '.join(said)}"
    assert (found["command"], "import {" in found["hcl"]) == ("terraform apply", False)
