"""What the internet reaches of an instance: each part of the way shut by itself, or unseen."""

from typing import Any

import pytest

from checks import Status
from state import Gap, Resource
from tests.checks.test_rules import judged, live, unseen

FAIL, PASS, UNKNOWN = Status.FAIL, Status.PASS, Status.UNKNOWN
NONE = dict.fromkeys(("cidr_ipv4", "cidr_ipv6", "prefix_list_id", "from_port", "to_port", "description"))
SSH = {"ip_protocol": "tcp", "from_port": 22, "to_port": 22}
ANY = {"ip_protocol": "-1"}
RANGES = dict.fromkeys(("cidr_block", "ipv6_cidr_block"))
WORLD = {"cidr_ipv4": "0.0.0.0/0"}


def instance(**attributes: Any) -> Resource:
    said = dict.fromkeys(("public_ip", "associate_public_ip_address", "ipv6_addresses", "ipv6_address_count"))
    return live("aws_instance", "i-1", **said | {"vpc_security_group_ids": ["sg-1"], "subnet_id": "s-1"} | attributes)


def ingress(**attributes: Any) -> Resource:
    return live("aws_vpc_security_group_ingress_rule", "sgr-1", **NONE | {"security_group_id": "sg-1"} | attributes)


def route(**attributes: Any) -> Resource:
    said = {"destination_cidr_block": "0.0.0.0/0", "destination_ipv6_cidr_block": None, "gateway_id": "igw-1"}
    return live("aws_route", "r-1", **said | {"route_table_id": "rtb-1", "state": "active"} | attributes)


def acl_rule(number: int, action: str, **attributes: Any) -> Resource:
    said = {"network_acl_id": "acl-1", "egress": False, "protocol": "-1", "cidr_block": "0.0.0.0/0"}
    said |= {"ipv6_cidr_block": None, "from_port": None, "to_port": None, "rule_number": number, "rule_action": action}
    return live("aws_network_acl_rule", f"{number}", **said | attributes)


OUT = acl_rule(1, "allow", egress=True)
OPEN = (acl_rule(100, "allow"), OUT)
DENIED = {"protocol": "tcp", "from_port": 22, "to_port": 22}
SUBNET = live("aws_subnet", "s-1", vpc_id="vpc-1")
PLACES = (
    live("aws_route_table_association", "rtbassoc-1", subnet_id="s-1", route_table_id="rtb-1"),
    live("aws_network_acl_association", "aclassoc-1", subnet_id="s-1", network_acl_id="acl-1"),
)
PUBLIC = instance(public_ip="192.0.2.1")


@pytest.mark.parametrize(
    ("machine", "rule", "way", "acl", "status"),
    [
        (PUBLIC, ingress(**SSH, **WORLD), route(), OPEN, FAIL),
        (PUBLIC, ingress(**ANY, **WORLD), route(), OPEN, FAIL),
        (instance(), ingress(**SSH, **WORLD), route(), OPEN, PASS),
        (PUBLIC, ingress(ip_protocol="tcp", from_port=443, to_port=443, **WORLD), route(), OPEN, PASS),
        (PUBLIC, ingress(**SSH, cidr_ipv4="10.0.0.0/8"), route(), OPEN, PASS),
        (PUBLIC, ingress(**SSH, **WORLD), route(gateway_id=None), OPEN, PASS),
        (PUBLIC, ingress(**SSH, **WORLD), route(gateway_id="vgw-1"), OPEN, PASS),
        (PUBLIC, ingress(**SSH, **WORLD), route(state="blackhole"), OPEN, PASS),
        (PUBLIC, ingress(**SSH, **WORLD), route(destination_cidr_block="198.51.100.0/24"), OPEN, PASS),
        (PUBLIC, ingress(**SSH, **WORLD), route(destination_cidr_block="0.0.0.0/1"), OPEN, FAIL),
        (PUBLIC, ingress(**SSH, **WORLD), route(route_table_id="rtb-2"), OPEN, PASS),
        (PUBLIC, ingress(**SSH, **WORLD), route(), (acl_rule(50, "deny", **DENIED), *OPEN), PASS),
        (PUBLIC, ingress(**SSH, **WORLD), route(), (acl_rule(150, "deny", **DENIED), *OPEN), FAIL),
        (PUBLIC, ingress(**ANY, **WORLD), route(), (acl_rule(50, "deny", **DENIED), *OPEN), FAIL),
        (PUBLIC, ingress(**SSH, **WORLD), route(), (acl_rule(50, "deny", **DENIED | {"protocol": "6"}), *OPEN), PASS),
        (PUBLIC, ingress(**SSH, **WORLD), route(), (acl_rule(50, "deny", cidr_block="10.0.0.0/8"), *OPEN), FAIL),
        (PUBLIC, ingress(**SSH, **WORLD), route(), (acl_rule(100, "allow"),), PASS),
        (PUBLIC, ingress(**SSH, **WORLD), route(), (), PASS),
        # IPv6 has ranges of its own all along the way.
        (instance(ipv6_addresses=["2001:db8::1"]), ingress(**SSH, **WORLD), route(), OPEN, PASS),
        (instance(ipv6_addresses=["2001:db8::1"]), ingress(**SSH, cidr_ipv6="::/0"), route(), OPEN, PASS),
        # What could not be seen leaves the verdict open, unless the way is shut elsewhere.
        (unseen(PUBLIC, "public_ip"), ingress(**SSH, **WORLD), route(), OPEN, UNKNOWN),
        (unseen(PUBLIC, "public_ip"), ingress(**SSH, **WORLD), route(gateway_id=None), OPEN, PASS),
        (PUBLIC, unseen(ingress(**SSH), "cidr_ipv4"), route(), OPEN, UNKNOWN),
        (instance(), unseen(ingress(**SSH), "cidr_ipv4"), route(), OPEN, PASS),
        (PUBLIC, ingress(**SSH, prefix_list_id="pl-1"), route(), OPEN, UNKNOWN),
        (PUBLIC, ingress(**SSH, **WORLD), unseen(route(), "gateway_id"), OPEN, UNKNOWN),
        (PUBLIC, ingress(**SSH, **WORLD), route(), (unseen(OPEN[0], "rule_action"), OUT), UNKNOWN),
    ],
)
def test_a_login_that_the_internet_reaches(
    machine: Resource, rule: Resource, way: Resource, acl: tuple[Resource, ...], status: Status
) -> None:
    found = judged("ec2-instance-admin-port-public", machine, rule, way, SUBNET, *PLACES, *acl)
    assert found.status is status


def test_ipv6_reaches_what_is_open_to_it_all_the_way() -> None:
    machine, rule = instance(ipv6_addresses=["2001:db8::1"]), ingress(**SSH, cidr_ipv6="::/0")
    way = route(destination_cidr_block=None, destination_ipv6_cidr_block="::/0")
    acl = [each.replace(attributes={**each.attributes, "ipv6_cidr_block": "::/0"}) for each in OPEN]
    found = judged("ec2-instance-admin-port-public", machine, rule, way, SUBNET, *PLACES, *acl)
    assert (found.status, found.evidence["aws_vpc_security_group_ingress_rule.sgr-1.cidr_ipv6"]) == (FAIL, "::/0")


def halves(make: Any, name: str, **more: Any) -> list[Resource]:
    made = [make(**{name: half}, **more) for half in ("0.0.0.0/1", "128.0.0.0/1")]
    return [each.replace(id=f"{each.id}-{n}") for n, each in enumerate(made)]


def test_ranges_that_together_are_the_internet_all_the_way() -> None:
    rules = halves(ingress, "cidr_ipv4", **SSH)
    routes = halves(route, "destination_cidr_block")
    acl = [acl_rule(n, "allow", cidr_block=half) for n, half in enumerate(("0.0.0.0/1", "128.0.0.0/1"))]
    found = judged("ec2-instance-admin-port-public", PUBLIC, *rules, *routes, SUBNET, *PLACES, *acl, OUT)
    ranges = [value for path, value in found.evidence.items() if path.endswith("cidr_ipv4")]
    assert (found.status, ranges) == (FAIL, ["0.0.0.0/1", "128.0.0.0/1"])
    other = rules[1].replace(attributes={**rules[1].attributes, "from_port": 80, "to_port": 80})
    narrow = [
        each.replace(attributes={**each.attributes, "cidr_ipv4": cidr})
        for each, cidr in zip((rules[0], other), ("0.0.0.0/2", "64.0.0.0/2"), strict=True)
    ]
    around = (*routes, SUBNET, *PLACES, *acl, OUT)
    assert judged("ec2-instance-admin-port-public", PUBLIC, *narrow, *around).status is PASS


@pytest.mark.parametrize(
    "type",
    ["aws_subnet", "aws_route", "aws_route_table_association", "aws_network_acl_rule", "aws_network_acl_association"],
)
def test_a_part_of_the_way_that_nobody_may_read(type: str) -> None:
    rest = [each for each in (ingress(**SSH, **WORLD), route(), SUBNET, *PLACES, *OPEN) if each.type != type]
    gap = Gap(type=type, account="123456789012", region="eu-west-1", reason="denied")
    assert judged("ec2-instance-admin-port-public", PUBLIC, *rest, gaps=(gap,)).status is UNKNOWN
    closed = instance()
    assert judged("ec2-instance-admin-port-public", closed, *rest, gaps=(gap,)).status is PASS


@pytest.mark.parametrize(
    ("port", "check"),
    [(445, "file-share-public"), (21, "file-share-public"), (5432, "data-port-public"), (27017, "data-port-public")],
)
def test_what_else_should_not_be_reached(port: int, check: str) -> None:
    rule = ingress(ip_protocol="tcp", from_port=port, to_port=port, **WORLD)
    around = (rule, route(), SUBNET, *PLACES, *OPEN)
    assert judged(f"ec2-instance-{check}", PUBLIC, *around).status is FAIL
    assert judged("ec2-instance-admin-port-public", PUBLIC, *around).status is PASS


def test_the_main_route_table_serves_a_subnet_without_one_of_its_own() -> None:
    main = Resource(
        type="aws_route_table",
        id="rtb-1",
        account="123456789012",
        region="eu-west-1",
        attributes={"vpc_id": "vpc-1"},
        facts={"main": True},
    )
    around = (ingress(**SSH, **WORLD), route(), SUBNET, PLACES[1], *OPEN)
    assert judged("ec2-instance-admin-port-public", PUBLIC, *around, main).status is FAIL
    assert judged("ec2-instance-admin-port-public", PUBLIC, *around).status is UNKNOWN
