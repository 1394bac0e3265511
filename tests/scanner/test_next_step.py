"""Next steps: what to copy for each drift and each failure, and nothing of it secret or ours to run."""

from __future__ import annotations

from typing import Any

import hcl2
import msgspec
import pytest

from checks import REGISTRY, Finding, Origin, Status
from scanner.behind import Behind
from scanner.collectors import schemas
from scanner.next_step import NextStep, NextSteps
from scanner.report._words import origin as origin_of
from state import Declaration, Inventory, Resource
from state.drift import Change, Drift, Kind
from state.secret import Secret
from tests.conftest import ACCOUNT, REGION
from tests.scanner.report.sample import bare

SECRET = "hunter2-5f1d"
ADDRESS = 'module.shop.aws_db_instance.orders["it\'s"]'
QUOTED = """'module.shop.aws_db_instance.orders["it'"'"'s"]'"""
CODE = Declaration(address=ADDRESS, source="prod.tfstate", file="shop/main.tf", line=12)
ROOT = "in the root folder whose state is prod.tfstate"


def resource(type: str, id: str, **fields: Any) -> Resource:
    return Resource(type=type, id=id, account=ACCOUNT, region=REGION, **fields)


def step(drift: Drift, *beside: Resource) -> NextStep:
    return NextSteps(bare(live=Inventory([drift.resource, *beside]), drift=[drift])).of_drift(drift)


def changed(type: str, attributes: dict[str, Any], *changes: Change, **fields: Any) -> Drift:
    declared = Declaration(address=f"{type}.it", source="prod.tfstate", file="main.tf", line=3)
    it = resource(type, "it", attributes=attributes, **fields)
    return Drift(kind=Kind.CHANGED, resource=it, declared=declared, changes=changes)


def test_what_changed_is_applied_again_or_accepted():
    live = {
        "identifier": "orders",
        "multi_az": False,
        "tags": {"Owner": "ann"},
        "restore_to_point_in_time": [],
        "vpc_security_group_ids": ["sg-1", "sg-2"],
        "password": SECRET,
    }
    found = step(
        changed(
            "aws_db_instance",
            live,
            Change("multi_az", True, False),
            Change("tags.Owner", "bob", "ann"),
            Change("vpc_security_group_ids", ["sg-1"], ["sg-1", "sg-2"]),
            Change("password", Secret("old"), Secret(SECRET)),
        )
    )
    assert found == NextStep(
        what=f"re-apply it {ROOT}, or accept it in main.tf:3",
        command="terraform apply -target=aws_db_instance.it",
        hcl=(
            'resource "aws_db_instance" "it" {\n'
            "  multi_az = false\n"
            '  tags = {\n    Owner = "ann"\n  }\n'
            '  vpc_security_group_ids = ["sg-1", "sg-2"]\n'
            "  # password: sensitive: take it from where secrets are kept\n"
            "}\n"
        ),
    )


def test_tags_that_are_left_to_others_are_not_written_into_the_code():
    drift = changed("aws_vpc", {"tags": {"Owner": "x", "auto/a": "x", "by": "hand"}}, Change("tags.by", None, "hand"))
    said = msgspec.structs.replace(drift.declared, ignore_changes=frozenset({"tags.Owner", "tags.auto/*"}))
    found = step(msgspec.structs.replace(drift, declared=said))
    assert found.hcl == 'resource "aws_vpc" "it" {\n  tags = {\n    by = "hand"\n  }\n}\n'


def test_of_two_words_for_one_thing_the_newer_is_accepted():
    """The provider refuses them beside one another: internal/service/events/rule.go (ConflictsWith)."""
    both = Change("is_enabled", True, False), Change("state", "ENABLED", "DISABLED")
    found = step(changed("aws_cloudwatch_event_rule", {"is_enabled": False, "state": "DISABLED"}, *both))
    assert found.hcl == (
        'resource "aws_cloudwatch_event_rule" "it" {\n  # is_enabled: not for code to set\n  state = "DISABLED"\n}\n'
    )


def test_a_nested_block_is_accepted_as_a_block():
    options = [{"http_tokens": "optional", "http_endpoint": "enabled"}]
    change = Change("metadata_options[0].http_tokens", "required", "optional")
    assert step(changed("aws_instance", {"metadata_options": options}, change)).hcl == (
        'resource "aws_instance" "it" {\n'
        '  metadata_options {\n    http_endpoint = "enabled"\n    http_tokens   = "optional"\n  }\n}\n'
    )


OTHER, RULE = {"cidr_ipv4": None, "description": None}, "aws_vpc_security_group_ingress_rule"
RULES = [
    {"cidr_ipv4": "0.0.0.0/0", "ip_protocol": "tcp", "from_port": 22, "to_port": 22},
    {"cidr_ipv4": "10.0.0.0/8", "ip_protocol": "tcp", "from_port": 443, "to_port": 443, "description": "shop"},
    {"referenced_security_group_id": "it", "ip_protocol": "-1", "from_port": None, "to_port": None},
    {"prefix_list_id": "pl-1", "ip_protocol": "udp", "from_port": 53, "to_port": 53},
]


def part(type: str, id: str, **attributes: Any) -> Resource:
    return resource(type, id, attributes=attributes, identity=schemas()[type].identify(id, attributes))


def test_rules_inline_are_accepted_as_the_blocks_they_are():
    rules = [part(RULE, f"sgr-{n}", security_group_id="it", **OTHER | rule) for n, rule in enumerate(RULES)]
    drift = changed(
        "aws_security_group",
        {"name": "web"},
        Change("ingress[cidr=0.0.0.0/0,port=22]", None, {"cidr_ipv4": "0.0.0.0/0"}),
        Change("ingress[cidr=10.0.0.0/8,port=443].description", None, "shop"),
        Change("ingress[cidr=10.1.0.0/16,port=22]", {"cidr_ipv4": "10.1.0.0/16"}, None),
        Change("ingress[group=it,protocol=all]", None, {"ip_protocol": "-1"}),
    )
    found = step(drift, *rules)
    assert found.command == "terraform apply -target=aws_security_group.it"
    assert found.hcl == (
        'resource "aws_security_group" "it" {\n'
        "  # ingress: only what changed; the other blocks stay as they are\n"
        "  # ingress[cidr=10.1.0.0/16,port=22]: no longer live, take it out\n\n"
        '  ingress {\n    cidr_blocks = ["0.0.0.0/0"]\n    from_port   = 22\n    protocol    = "tcp"\n'
        "    to_port     = 22\n  }\n\n"
        '  ingress {\n    cidr_blocks = ["10.0.0.0/8"]\n    description = "shop"\n    from_port   = 443\n'
        '    protocol    = "tcp"\n    to_port     = 443\n  }\n\n'
        '  ingress {\n    from_port = 0\n    protocol  = "-1"\n    self      = true\n    to_port   = 0\n  }\n'
        "}\n"
    )
    assert hcl2.loads(found.hcl)


@pytest.mark.parametrize(
    ("type", "path", "live", "block"),
    [
        (
            "aws_route_table",
            "route[1.0.0.0/8]",
            part("aws_route", "r", route_table_id="it", destination_cidr_block="1.0.0.0/8", nat_gateway_id="nat-1"),
            'route {\n    cidr_block     = "1.0.0.0/8"\n    nat_gateway_id = "nat-1"\n  }',
        ),
        (
            "aws_iam_role",
            "inline_policy[more]",
            part("aws_iam_role_policy", "it:more", role="it", name="more", policy='{"Statement": []}'),
            'inline_policy {\n    name   = "more"\n    policy = "{\\"Statement\\": []}"\n  }',
        ),
        (
            "aws_network_acl",
            "ingress[100]",
            part(
                "aws_network_acl_rule",
                "r",
                network_acl_id="it",
                egress=False,
                rule_number=100,
                rule_action="allow",
                protocol="-1",
                cidr_block="10.0.0.0/8",
                from_port=None,
                to_port=None,
            ),
            'ingress {\n    action     = "allow"\n    cidr_block = "10.0.0.0/8"\n    from_port  = 0\n'
            '    protocol   = "-1"\n    rule_no    = 100\n    to_port    = 0\n  }',
        ),
    ],
)
def test_other_parts_are_accepted_as_blocks_too(type: str, path: str, live: Resource, block: str):
    found = step(changed(type, {}, Change(path, None, {"x": 1})), live)
    comment = f"# {path.partition('[')[0]}: only what changed; the other blocks stay as they are"
    assert found.hcl == f'resource "{type}" "it" {{\n  {comment}\n\n  {block}\n}}\n'
    assert hcl2.loads(found.hcl)


def test_a_list_of_parts_is_accepted_whole():
    arns = ["arn:aws:iam::aws:policy/B", "arn:aws:iam::aws:policy/A"]
    parts = [part("aws_iam_role_policy_attachment", f"it/{each}", role="it", policy_arn=each) for each in arns]
    drift = changed("aws_iam_role", {}, Change(f"managed_policy_arns[{arns[0]}]", None, {"policy_arn": arns[0]}))
    assert step(drift, *parts).hcl == (
        'resource "aws_iam_role" "it" {\n'
        '  managed_policy_arns = ["arn:aws:iam::aws:policy/A", "arn:aws:iam::aws:policy/B"]\n}\n'
    )


def test_a_policy_in_a_queue_is_accepted_in_it():
    drift = changed("aws_sqs_queue", {"name": "it"}, Change("policy", None, '{"Statement": []}'))
    assert step(drift).hcl == ('resource "aws_sqs_queue" "it" {\n  policy = "{\\"Statement\\": []}"\n}\n')


def test_things_that_are_called_alike_have_a_name_each_in_all_steps():
    things = [resource("aws_vpc", f"vpc-{n}", tags={"Name": "Shop"}) for n in range(2)]
    drift = [Drift(kind=Kind.UNMANAGED, resource=each) for each in things]
    steps = NextSteps(bare(live=Inventory(things), drift=drift))
    for _ in range(2):
        said = [steps.of_drift(each).hcl or "" for each in reversed(drift)]
        assert [each.partition('"aws_vpc" ')[2].split()[0] for each in said] == ['"shop_2"', '"shop"']


def test_what_a_re_apply_leaves_is_imported_or_deleted():
    rule = resource(
        "aws_vpc_security_group_ingress_rule",
        "sgr-1",
        identity="sg-1/0.0.0.0/0/tcp/22/22",
        attributes={
            "security_group_id": "sg-1",
            "cidr_ipv4": "0.0.0.0/0",
            "ip_protocol": "tcp",
            "from_port": 22,
            "to_port": 22,
        },
    )
    declared = Declaration(address="aws_security_group.web", source="prod.tfstate")
    path = "ingress[0.0.0.0/0/tcp/22/22]"
    drift = Drift(
        kind=Kind.CHANGED,
        resource=resource("aws_security_group", "sg-1"),
        declared=declared,
        changes=(Change(path, None, {"cidr_ipv4": "0.0.0.0/0"}, stays=True),),
    )
    found = step(drift, rule)
    assert (found.what, found.command) == (f"{path} stays whatever is applied: import it, or delete it", None)
    assert found.hcl == (
        "import {\n"
        "  to = aws_vpc_security_group_ingress_rule.sg_1_0_0_0_0_0_tcp_22_22\n"
        '  id = "sgr-1"\n}\n\n'
        'resource "aws_vpc_security_group_ingress_rule" "sg_1_0_0_0_0_0_tcp_22_22" {\n'
        '  cidr_ipv4         = "0.0.0.0/0"\n'
        "  from_port         = 22\n"
        '  ip_protocol       = "tcp"\n'
        '  security_group_id = "sg-1"\n'
        "  to_port           = 22\n}\n"
    )


def test_what_is_missing_is_made_again_or_forgotten():
    assert step(Drift(kind=Kind.MISSING, resource=resource("aws_db_instance", "orders"), declared=CODE)) == NextStep(
        what=f"re-create it {ROOT}, or let its state forget it and take it out of shop/main.tf:12",
        command=f"terraform apply -target={QUOTED}",
        otherwise=f"terraform state rm {QUOTED}",
    )


def test_an_address_that_a_terminal_obeys_is_in_no_command():
    declared = Declaration(address='aws_vpc.a["\x1b]0;x\n"]', source="prod.tfstate")
    found = step(Drift(kind=Kind.MISSING, resource=resource("aws_vpc", "vpc-1"), declared=declared))
    assert (found.command, found.otherwise) == (None, None)


def test_what_nobody_declares_is_imported_or_deleted():
    queue = resource("aws_sqs_queue", "https://sqs/1/q", attributes={"name": "q"}, identity="q")
    found = step(Drift(kind=Kind.UNMANAGED, resource=queue))
    assert found.hcl == (
        'import {\n  to = aws_sqs_queue.q\n  id = "https://sqs/1/q"\n}\n\n'
        'resource "aws_sqs_queue" "q" {\n  name = "q"\n}\n'
    )
    other = resource("aws_elb_attachment", "a/b")
    assert step(Drift(kind=Kind.UNMANAGED, resource=other)) == NextStep(
        what="delete it, or declare it anew: the provider does not import this type"
    )


# --- findings -------------------------------------------------------------------------------------


def finding(
    check: str, of: Resource, origin: Origin | None, declared: Declaration | None = None, **fields: Any
) -> NextStep | None:
    twin = of.replace(declared=declared) if declared else None
    found = Finding(check=REGISTRY[check], resource=of, status=Status.FAIL, origin=origin, twin=twin, **fields)
    return NextSteps(bare()).of_finding(found)


ORDERS = resource("aws_db_instance", "db-1", identity="orders", attributes={"identifier": "orders"})


MULTI_AZ = f"aws rds modify-db-instance --db-instance-identifier orders --multi-az --region {REGION}"


def test_a_declared_failure_says_which_attribute_to_change():
    found = finding("rds-instance-single-az", ORDERS, Origin.DECLARED, evidence={"multi_az": False}, declared=CODE)
    assert found is not None
    assert found.what.startswith("change multi_az in shop/main.tf:12: ")
    assert found.hcl == 'resource "aws_db_instance" "orders" {\n  multi_az = true\n}\n'


def test_a_fix_inside_a_block_is_told_in_that_block():
    launch = resource("aws_launch_template", "lt-1")
    declared = Declaration(address="aws_launch_template.web", source="prod.tfstate")
    checks = [each.id for each in REGISTRY.values() if '`http_tokens = "required"`' in each.remediation]
    steps = [finding(each, launch, Origin.DECLARED, declared=declared) for each in checks]
    assert steps
    assert {each and each.hcl for each in steps} == {
        'resource "aws_launch_template" "web" {\n  metadata_options {\n    http_tokens = "required"\n  }\n}\n'
    }


def test_a_drifted_failure_is_applied_again():
    assert finding("rds-instance-single-az", ORDERS, Origin.DRIFTED, declared=CODE) == NextStep(
        what=f"re-apply it {ROOT}", command=f"terraform apply -target={QUOTED}"
    )


@pytest.mark.parametrize("origin", [Origin.UNKNOWN, None])
def test_where_nobody_knows_whose_it_is_the_fix_is_told(origin):
    found = finding("rds-instance-single-az", ORDERS, origin)
    assert found == NextStep(what=REGISTRY["rds-instance-single-az"].remediation, command=MULTI_AZ)


def test_an_unmanaged_failure_is_imported_and_an_account_is_not():
    found = finding("rds-instance-single-az", ORDERS, Origin.UNMANAGED)
    assert found is not None
    assert 'id = "orders"' in (found.hcl or "")
    assert found.what == "import it (`import-blocks` prints it whole), or delete it; the command mends it as it stands"
    assert found.command == MULTI_AZ
    account = resource("account", ACCOUNT)
    root = next(each for each in REGISTRY.values() if "account" in each.types)
    assert finding(root.id, account, Origin.UNMANAGED) == NextStep(what=root.remediation)


def test_what_a_service_made_is_neither_imported_nor_deleted():
    disk = resource("aws_ebs_volume", "vol-1", owner="instance: i-1")
    check = REGISTRY["ebs-volume-unencrypted"]
    found = Finding(check=check, resource=disk, status=Status.FAIL, origin=Origin.UNMANAGED)
    wanted = f"mend it in instance: i-1, which made it: {check.remediation}"
    assert NextSteps(bare()).of_finding(found) == NextStep(what=wanted)
    assert origin_of(found, Behind(bare())) == "unmanaged: made by instance: i-1, to be mended there"


@pytest.mark.parametrize(
    ("check", "thing"),
    [
        ("nacl-ingress-admin-world", resource("aws_network_acl", "acl-1", owner="aws: default")),
        (
            "ebs-default-encryption",
            resource("aws_ebs_encryption_by_default", REGION, identity="ebs_encryption_by_default"),
        ),
        ("ebs-default-encryption", resource("aws_ebs_default_kms_key", "arn:aws:k", identity="ebs_default_kms_key")),
    ],
)
def test_what_every_network_and_region_has_is_neither_imported_nor_deleted(check, thing):
    found = Finding(check=REGISTRY[check], resource=thing, status=Status.FAIL, origin=Origin.UNMANAGED)
    assert origin_of(found, Behind(bare())) == "unmanaged: no code sets it"
    step = NextSteps(bare()).of_finding(found)
    assert step is not None
    assert step.what == REGISTRY[check].remediation


@pytest.mark.parametrize("origin", [Origin.UNKNOWN, Origin.DECLARED, None])
def test_what_code_owns_is_not_mended_past_it(origin):
    found = finding("rds-instance-single-az", ORDERS, origin, declared=CODE)
    assert found is not None
    assert found.command is None


@pytest.mark.parametrize("origin", [Origin.DECLARED, Origin.DRIFTED])
def test_where_the_code_is_not_at_hand_it_is_not_mended_past_it_either(origin):
    found = finding("rds-instance-single-az", ORDERS, origin)
    assert found == NextStep(what=REGISTRY["rds-instance-single-az"].remediation)


def test_what_a_stack_owns_is_not_mended_past_it():
    stacked = ORDERS.replace(owner="cloudformation: shop")
    found = finding("rds-instance-single-az", stacked, None)
    assert found == NextStep(what=REGISTRY["rds-instance-single-az"].remediation)


def test_a_region_is_mended_by_a_command():
    region = Resource(type="region", id=REGION, account=ACCOUNT, region=REGION)
    found = finding("guardduty-enabled", region, Origin.UNMANAGED)
    wanted = f"aws guardduty create-detector --enable --region {REGION}"
    assert found == NextStep(what=REGISTRY["guardduty-enabled"].remediation, command=wanted)


def test_what_does_not_fail_has_no_next_step():
    passing = Finding(check=REGISTRY["rds-instance-single-az"], resource=ORDERS, status=Status.PASS)
    assert NextSteps(bare()).of_finding(passing) is None
