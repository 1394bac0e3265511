"""What of an instance the internet reaches: its address, its subnet's routes, network ACL and security groups together.

Each of them alone can shut the way, and one certain "shut" is enough, whatever could not be seen of the others.
Load balancers in front of an instance, and further network interfaces of it, are not looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from ipaddress import ip_network
from typing import Any, NamedTuple

from checks.doubt import all_of, any_of, both, either, left_out, said, unless
from checks.nat import is_main
from checks.sg import INGRESS, admits, listed, said_by, whole
from checks.zones import subnet
from state import Inventory, Resource, Unknown

LAST = 65535
EPHEMERAL = (50000, 50000)
"""A port that every system may answer to: a network ACL forgets who asked, and has to let the answers out."""


class Family(NamedTuple):
    """What the ranges of IPv4 or IPv6 are called in a group's rule, a route and a network ACL's rule."""

    rule: str
    route: str
    acl: str


IPV4 = Family("cidr_ipv4", "destination_cidr_block", "cidr_block")
IPV6 = Family("cidr_ipv6", "destination_ipv6_cidr_block", "ipv6_cidr_block")

Range = tuple[int, int]
Evidence = dict[str, Any]


def reached(instance: Resource, inventory: Inventory, ports: Iterable[int] | None = None) -> Evidence | None:
    """Evidence that anyone can reach one of these ports of an instance, or any port; None where nobody can."""
    wanted = None if ports is None else tuple(ports)
    return any_of(lambda family: _reached_by(instance, inventory, wanted, family), (IPV4, IPV6))


def _reached_by(instance: Resource, inventory: Inventory, ports: Any, family: Family) -> Evidence | None:
    def let_in(rule: Resource) -> Evidence | None:
        open_to_all = both(lambda: ranges(rule, ports), lambda: from_world(rule, family))
        if not open_to_all:
            return None
        place = subnet(instance, inventory, instance["subnet_id"])
        passes = passes_acl(place, inventory, family, str(rule["ip_protocol"]), ranges(rule, ports))
        return said_by(rule) if passes else None

    def by_group(group: str) -> Evidence | None:
        return any_of(let_in, inventory.near(instance, INGRESS, security_group_id=group))

    def shut() -> bool:
        return not both(
            lambda: has_address(instance, inventory, family), lambda: is_routed(instance, inventory, family)
        )

    groups = said(instance, "vpc_security_group_ids")
    if groups is None:
        raise Unknown(f"the security groups of {instance.id} are not said")
    return unless(shut, lambda: any_of(by_group, groups))


# --- security groups ----------------------------------------------------------------------------


def ranges(rule: Resource, ports: Iterable[int] | None) -> list[Range]:
    """What a rule of a security group admits of these ports, or of all."""
    if ports is not None:
        return [(port, port) for port in admits(rule, ports)]
    if rule["ip_protocol"] == "-1":
        return [(0, LAST)]
    if rule["ip_protocol"] not in ("tcp", "udp"):
        return []
    first, last = rule["from_port"], rule["to_port"]
    return [(first or 0, LAST if last is None else last)]


def from_world(rule: Resource, family: Family) -> bool:
    return either(lambda: whole(rule[family.rule]), lambda: listed(rule))


# --- addresses ----------------------------------------------------------------------------------


def has_public_address(instance: Resource, inventory: Inventory) -> bool:
    return bool(any_of(lambda family: has_address(instance, inventory, family), (IPV4, IPV6)))


def has_address(instance: Resource, inventory: Inventory, family: Family) -> bool:
    """Whether anyone can send to the instance; an address of IPv6 is always public."""
    asks = _ipv6(instance, inventory) if family is IPV6 else _ipv4(instance, inventory)
    return bool(any_of(lambda ask: ask(), asks))


def _ipv4(instance: Resource, inventory: Inventory) -> Iterator[Callable[[], object]]:
    yield lambda: said(instance, "public_ip")
    yield lambda: _chosen(instance, inventory, "associate_public_ip_address", "map_public_ip_on_launch")
    if left_out(instance, "public_ip"):
        yield lambda: any_of(lambda each: said(each, "instance") == instance.id, inventory.near(instance, "aws_eip"))
        attached = inventory.near(instance, "aws_eip_association")
        yield lambda: any_of(lambda each: said(each, "instance_id") == instance.id, attached)


def _ipv6(instance: Resource, inventory: Inventory) -> Iterator[Callable[[], object]]:
    yield lambda: said(instance, "ipv6_address_count")
    yield lambda: _chosen(instance, inventory, "ipv6_addresses", "assign_ipv6_address_on_creation")


def _chosen(instance: Resource, inventory: Inventory, own: str, by_subnet: str) -> object:
    """What the instance says, or what its subnet gives where code leaves it to that."""
    if left_out(instance, own):
        return subnet(instance, inventory, instance["subnet_id"])[by_subnet]
    return instance[own]


# --- routes -------------------------------------------------------------------------------------


def is_routed(instance: Resource, inventory: Inventory, family: Family) -> bool:
    return is_public(subnet(instance, inventory, instance["subnet_id"]), inventory, (family,))


def is_public(place: Resource, inventory: Inventory, families: Iterable[Family] = (IPV4, IPV6)) -> bool:
    """Whether a subnet's route table leads the whole internet's way to an internet gateway."""
    table = route_table(place, inventory)
    routes = inventory.near(place, "aws_route", route_table_id=table) if table else ()

    def leads_out(route: Resource) -> bool:
        return both(
            lambda: any(nearly_all(route[family.route]) for family in families),
            lambda: to_internet(route, inventory),
        )

    return bool(any_of(leads_out, routes))


def nearly_all(network: str | None) -> bool:
    """Whether a route is the default one, or one half of it."""
    return bool(network) and ip_network(str(network), strict=False).prefixlen <= 1


def to_internet(route: Resource, inventory: Inventory) -> bool:
    gateway = route["gateway_id"]
    if not gateway or (route.declared is None and route["state"] == "blackhole"):
        return False
    return gateway.startswith("igw-") or bool(inventory.near(route, "aws_internet_gateway", id=gateway))


def route_table(place: Resource, inventory: Inventory) -> str | None:
    """The id of a subnet's route table; None of the main one that AWS makes, where code leaves it as it is."""
    for each in inventory.near(place, "aws_route_table_association", subnet_id=place.id):
        return str(each["route_table_id"])
    tables = inventory.near(place, "aws_route_table", vpc_id=place["vpc_id"])
    if main := any_of(lambda table: table.id if is_main(table, inventory) else None, tables):
        return main
    if place.declared is None:
        raise Unknown(f"the route table of {place.id} was not read")
    return None


# --- network ACLs -------------------------------------------------------------------------------


def passes_acl(place: Resource, inventory: Inventory, family: Family, protocol: str, wanted: list[Range]) -> bool:
    """Whether a subnet's network ACL lets one of these ports in from anywhere, and the answers out."""
    acl = acl_of(place, inventory)
    rules = inventory.near(place, "aws_network_acl_rule", network_acl_id=acl)
    if acl is None:
        return True  # the one that AWS makes lets everything through
    return all_of(
        lambda way: any_of(lambda ports: lets(rules, way[0], family, protocol, ports), way[1]),
        ((False, wanted), (True, [EPHEMERAL])),
    )


def acl_of(place: Resource, inventory: Inventory) -> str | None:
    """The id of a subnet's network ACL; None of the one that AWS makes, where code leaves it as it is."""
    for each in inventory.near(place, "aws_network_acl_association", subnet_id=place.id):
        return str(each["network_acl_id"])
    if place.declared is None:
        raise Unknown(f"the network ACL of {place.id} was not read")
    acls = inventory.near(place, "aws_network_acl", vpc_id=place["vpc_id"])
    return any_of(lambda acl: acl.id if is_default_acl(acl) else None, acls)


def is_default_acl(acl: Resource) -> bool:
    if acl.declared is not None:
        return "aws_default_network_acl." in acl.declared.address
    return bool(acl.fact("is_default"))


NUMBERS = {"6": "tcp", "17": "udp", "all": "-1"}


def lets(rules: Iterable[Resource], egress: bool, family: Family, protocol: str, ports: Range) -> Resource | None:
    """The rule by which a network ACL lets one of these ports through from or to the whole internet.

    Rules are asked by their numbers, and the first that fits decides. One for fewer addresses decides nothing here.
    """
    left = [ports]
    for rule in in_order(rules, egress, family):
        first, last = _ports(rule, protocol)
        if not any(first <= high and low <= last for low, high in left):
            continue
        if allows(rule):
            return rule
        left = [each for range in left for each in _without(range, (first, last))]
    return None


def in_order(rules: Iterable[Resource], egress: bool, family: Family) -> list[Resource]:
    """The rules of one direction that are about every address, by their numbers."""
    own = (each for each in rules if bool(each["egress"]) is egress and whole(each[family.acl]))
    return sorted(own, key=lambda each: int(each["rule_number"]))


def allows(rule: Resource) -> bool:
    return str(rule["rule_action"]).lower() == "allow"


def _ports(rule: Resource, protocol: str) -> Range:
    """The ports that a rule of a network ACL is about, as far as it is about this protocol."""
    own = NUMBERS.get(str(rule["protocol"]), str(rule["protocol"]))
    if own == "-1":
        return 0, LAST
    if own not in (("tcp", "udp") if protocol == "-1" else (protocol,)):
        return LAST + 1, LAST + 1
    return int(rule["from_port"] or 0), int(rule["to_port"] or 0)


def _without(range: Range, taken: Range) -> Iterator[Range]:
    if range[0] < taken[0]:
        yield range[0], min(range[1], taken[0] - 1)
    if taken[1] < range[1]:
        yield max(range[0], taken[1] + 1), range[1]
