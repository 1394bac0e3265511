from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from checks import REGISTRY, Category, Check, Finding, Origin, Severity, Status, Terms, run, select, with_origin
from checks.check import evidence_of
from state import Declaration, Gap, Inventory, Resource

ACCOUNT, REGION = "123456789012", "eu-west-1"
PUBLIC = REGISTRY["rds-instance-public"]


def db(name: str = "orders", **about: Any) -> Resource:
    attributes = {"publicly_accessible": True} | about.pop("attributes", {})
    return Resource(type="aws_db_instance", id=name, account=ACCOUNT, region=REGION, attributes=attributes, **about)


def declared(**attributes: Any) -> Resource:
    return db(attributes=attributes, declared=Declaration(address="aws_db_instance.orders", source="main.tf"))


def statuses(check: Check, inventory: Inventory) -> list[tuple[str, Status, str]]:
    return [(each.resource.id, each.status, each.message) for each in run([check], inventory)]


def test_a_type_with_no_instance_is_skipped_and_not_passed() -> None:
    assert statuses(PUBLIC, Inventory([])) == [("*", Status.SKIPPED, "no aws_db_instance")]
    assert statuses(REGISTRY["tag-untagged"], Inventory([])) == [("*", Status.SKIPPED, "no resource that takes tags")]


def test_a_place_that_could_not_be_read_is_unknown() -> None:
    gap = Gap(type="aws_db_instance", account=ACCOUNT, region=REGION, reason="access denied")
    narrow = msgspec.structs.replace(gap, id="orders", attribute="multi_az")
    assert statuses(PUBLIC, Inventory([], [gap, narrow])) == [("*", Status.UNKNOWN, "access denied")]


def test_evidence_is_what_the_rule_read_and_hides_secrets() -> None:
    [finding] = PUBLIC.run(Inventory([db(attributes={"username": "ann"})]), Terms())
    assert finding.evidence == {"publicly_accessible": True}
    [finding] = PUBLIC.run(Inventory([db(sensitive=frozenset({"publicly_accessible"}))]), Terms())
    assert finding.evidence == {"publicly_accessible": "(sensitive)"}


def test_evidence_of_a_neighbour_says_whose_it_is_and_hides_secrets() -> None:
    neighbour = db(attributes={"username": "ann", "port": None}, sensitive=frozenset({"username"}))
    assert evidence_of(neighbour, "publicly_accessible", "username", "port") == {
        "aws_db_instance.orders.publicly_accessible": True,
        "aws_db_instance.orders.username": "(sensitive)",
    }


def test_a_rule_that_raises_costs_one_verdict() -> None:
    def breaks(resource: Resource, inventory: Inventory) -> str | None:
        return f"{1 // resource['divisor']}"

    check = Check(rule=breaks, types=("aws_db_instance",), severity=Severity.LOW, category=Category.COST)
    broken, whole = db("broken", attributes={"divisor": 0}), db("whole", attributes={"divisor": 1})
    assert statuses(check, Inventory([broken, whole])) == [
        (
            "broken",
            Status.UNKNOWN,
            "the check could not judge it: ZeroDivisionError: integer division or modulo by zero",
        ),
        ("whole", Status.FAIL, "1"),
    ]


def test_a_fact_asked_of_a_declaration_is_skipped() -> None:
    user = Resource(type="aws_iam_user", id="ann", declared=Declaration(address="aws_iam_user.ann", source="main.tf"))
    assert statuses(REGISTRY["iam-user-mfa-console"], Inventory([user])) == [("ann", Status.SKIPPED, "live only")]


def origin(twin: Resource | None, *others: Resource, known: bool = True) -> Finding:
    live = db()
    [finding] = PUBLIC.run(Inventory([live]), Terms())
    pairs = {live: twin} if twin else {}
    return with_origin(finding, pairs, Inventory([each for each in (twin, *others) if each]) if known else None)


def test_the_code_declares_it() -> None:
    finding = origin(declared())
    assert (finding.origin, finding.declared) == (Origin.DECLARED, declared().declared)


def test_somebody_drifted_it() -> None:
    assert origin(declared(publicly_accessible=False)).origin is Origin.DRIFTED


def test_the_code_does_not_say() -> None:
    twin = declared().replace(unknown={"publicly_accessible": "var.public"})
    assert origin(twin).origin is Origin.UNKNOWN


def test_no_code_owns_it() -> None:
    assert origin(None).origin is Origin.UNMANAGED


def test_without_code_nothing_is_said_of_origin() -> None:
    assert origin(None, known=False).origin is None


def test_the_origin_of_a_pass_is_not_asked() -> None:
    [finding] = PUBLIC.run(Inventory([db(attributes={"publicly_accessible": False})]), Terms())
    assert with_origin(finding, {}, Inventory([])) is finding


def test_the_origin_hangs_on_the_declared_neighbours() -> None:
    """The group is declared without the rule that somebody added: its origin is drift."""
    group = Resource(type="aws_security_group", id="sg-1", account=ACCOUNT, region=REGION)
    twin = group.replace(declared=Declaration(address="aws_security_group.web", source="main.tf"))
    rule = Resource(
        type="aws_vpc_security_group_ingress_rule",
        id="sgr-1",
        account=ACCOUNT,
        region=REGION,
        attributes={
            "security_group_id": "sg-1",
            "ip_protocol": "tcp",
            "from_port": 22,
            "to_port": 22,
            "cidr_ipv4": "0.0.0.0/0",
            "cidr_ipv6": None,
            "prefix_list_id": None,
            "description": None,
        },
    )
    ssh = REGISTRY["sg-ingress-ssh-world"]
    [finding] = ssh.run(Inventory([group, rule]), Terms())
    assert finding.evidence == {
        "aws_vpc_security_group_ingress_rule.sgr-1.ip_protocol": "tcp",
        "aws_vpc_security_group_ingress_rule.sgr-1.from_port": 22,
        "aws_vpc_security_group_ingress_rule.sgr-1.to_port": 22,
        "aws_vpc_security_group_ingress_rule.sgr-1.cidr_ipv4": "0.0.0.0/0",
    }
    assert with_origin(finding, {group: twin}, Inventory([twin])).origin is Origin.DRIFTED
    written = rule.replace(declared=twin.declared)
    assert with_origin(finding, {group: twin}, Inventory([twin, written])).origin is Origin.DECLARED


def account(**facts: Any) -> Resource:
    return Resource(type="account", id=ACCOUNT, account=ACCOUNT, region="global", facts=facts)


def test_what_nobody_declares_is_unmanaged_unless_the_code_says_better() -> None:
    check = REGISTRY["iam-password-policy-length"]
    [finding] = check.run(Inventory([account()]), Terms())
    assert with_origin(finding, {}, Inventory([])).origin is Origin.UNMANAGED
    policy = Resource(
        type="aws_iam_account_password_policy",
        id="iam-account-password-policy",
        account=ACCOUNT,
        region="global",
        attributes={"minimum_password_length": 14},
    )
    assert with_origin(finding, {}, Inventory([policy])).origin is Origin.DRIFTED


def test_the_clock_of_a_check_is_the_reading() -> None:
    key = {
        "access_key_1_active": True,
        "access_key_1_last_rotated": "2026-01-01T00:00:00Z",
        "access_key_2_active": False,
    }
    user = Resource(type="aws_iam_user", id="ci", account=ACCOUNT, region="global", facts=key)
    check = REGISTRY["iam-access-key-rotation"]

    def at(month: int) -> Status:
        return next(check.run(Inventory([user], taken_at=datetime(2026, month, 1, tzinfo=UTC)), Terms())).status

    assert [at(3), at(5)] == [Status.PASS, Status.FAIL]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"checks": ["rds-instance-public"]}, {"rds-instance-public"}),
        (
            {"checks": ["iam-root-*"]},
            {"iam-root-mfa", "iam-root-access-key", "iam-root-hardware-mfa", "iam-root-recent-use"},
        ),
        ({"types": ["aws_nat_gateway"]}, {"nat-gateway-idle", "nat-gateway-single-az"}),
        ({"categories": ["cost"], "types": ["aws_nat_gateway"]}, {"nat-gateway-idle"}),
        ({"categories": ["tagging"], "types": ["aws_nat_gateway"]}, set()),
    ],
)
def test_checks_are_selected(wanted: dict[str, list[str]], expected: set[str]) -> None:
    assert {each.id for each in select(**wanted)} == expected


def test_tags_of_what_could_not_be_listed_are_unknown_and_not_skipped() -> None:
    refused = [
        Gap(type=type, account="123456789012", region="eu-west-1", reason="access denied", kind="denied")
        for type in ("aws_vpc", "aws_route")  # a route takes no tags
    ]
    found = list(run([REGISTRY["tag-untagged"]], Inventory(gaps=refused)))
    assert [(each.resource.type, each.status, each.message) for each in found] == [
        ("aws_vpc", Status.UNKNOWN, "access denied")
    ]
