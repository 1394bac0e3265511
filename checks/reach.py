"""What of an instance the internet reaches: its address, its subnet's routes, network ACL and security groups together.

Each of them alone can shut the way, and one certain "shut" is enough, whatever could not be seen of the others.
Load balancers in front of an instance, and further network interfaces of it, are not looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple

from checks import ranges
from checks.doubt import all_of, any_of, both, each_known, left_out, said, where
from checks.nat import is_main
from checks.ranges import Span
from checks.sg import INGRESS, admits, range_in, said_by
from checks.zones import subnet
from state import Inventory, Resource, Unknown

LAST = 65535
EPHEMERAL = (50000, 50000)
"""A port that every system may answer to: a network ACL forgets who asked, and has to let the answers out."""


class Family(NamedTuple):
    """What the ranges of IPv4 or IPv6 are called in a group's rule, a route and a network ACL's rule."""

    version: int
    rule: str
    route: str
    acl: str

    @property
    def last(self) -> int:
        """The last address of all."""
        return 2**32 - 1 if self.version == 4 else 2**128 - 1


IPV4 = Family(4, "cidr_ipv4", "destination_cidr_block", "cidr_block")
IPV6 = Family(6, "cidr_ipv6", "destination_ipv6_cidr_block", "ipv6_cidr_block")

Evidence = dict[str, Any]


def reached(instance: Resource, inventory: Inventory, ports: Iterable[int] | None = None) -> Evidence | None:
    """Evidence that anyone can reach one of these ports of an instance, or any port; None where nobody can."""
    wanted = None if ports is None else tuple(ports)
    return any_of(lambda family: _reached_by(instance, inventory, wanted, family), (IPV4, IPV6))


def _reached_by(instance: Resource, inventory: Inventory, ports: Any, family: Family) -> Evidence | None:
    def passes(way: tuple[Any, list[Resource]]) -> Evidence | None:
        (protocol, span), rules = way
        place = subnet(instance, inventory, instance["subnet_id"])
        return said_by(*rules) if passes_acl(place, inventory, family, protocol, [span]) else None

    def let_in() -> Evidence | None:
        rules = [each for id in groups for each in inventory.near(instance, INGRESS, security_group_id=id)]
        opens = partial(ways, edges=edges(rules, ports), ports=ports)
        return any_of(passes, ranges.opened(rules, opens, lambda rule: range_in(rule, family.rule)))

    def way() -> bool:
        return both(lambda: has_address(instance, inventory, family), lambda: is_routed(instance, inventory, family))

    groups = said(instance, "vpc_security_group_ids")
    if groups is None:
        raise Unknown(f"the security groups of {instance.id} are not said")
    return where(way, let_in)


# --- security groups ----------------------------------------------------------------------------


def spans(rule: Resource, ports: Iterable[int] | None) -> list[Span]:
    """What a rule of a security group admits of these ports, or of all."""
    if ports is not None:
        return [(port, port) for port in admits(rule, ports)]
    if rule["ip_protocol"] == "-1":
        return [(0, LAST)]
    if rule["ip_protocol"] not in ("tcp", "udp"):
        return []
    first, last = rule["from_port"], rule["to_port"]
    return [(first or 0, LAST if last is None else last)]


def ways(rule: Resource, edges: Sequence[int], ports: Iterable[int] | None) -> list[tuple[str, Span]]:
    """What a rule admits, by protocol, cut where another rule begins or ends."""
    found = spans(rule, ports)
    protocols = ("tcp", "udp") if rule["ip_protocol"] == "-1" else (rule["ip_protocol"],)
    parts = [part for start, end in pairwise((*edges, LAST + 1)) for part in ranges.within(found, (start, end - 1))]
    return [(protocol, part) for protocol in protocols for part in parts]


def edges(rules: Iterable[Resource], ports: Iterable[int] | None) -> list[int]:
    """Where the ports that rules admit begin, and where others do after them; of what could not be seen, none."""
    known = each_known(lambda rule: spans(rule, ports), rules)
    return sorted({0, *(edge for found in known for low, high in found for edge in (low, high + 1))} - {LAST + 1})


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
    """Whether a subnet's route table leads the internet's way, or half of it, to an internet gateway."""
    return bool(way_out(place, inventory, families))


def way_out(place: Resource, inventory: Inventory, families: Iterable[Family] = (IPV4, IPV6)) -> list[Resource]:
    """The routes that together lead from a subnet to the whole internet."""
    table = route_table(place, inventory)
    routes = inventory.near(place, "aws_route", route_table_id=table) if table else ()
    leads_out = partial(to_internet, inventory=inventory)

    def out(of: Family) -> list[Resource]:
        found = ranges.opened(routes, leads_out, lambda route: route[of.route])
        return next((by for _, by in found), [])

    return any_of(out, families) or []


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


def passes_acl(place: Resource, inventory: Inventory, family: Family, protocol: str, wanted: list[Span]) -> bool:
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


def lets(rules: Iterable[Resource], egress: bool, family: Family, protocol: str, ports: Span) -> list[Resource]:
    """The rules by which a network ACL lets one of these ports through from or to the internet."""
    own = in_order(rules, egress, family)
    known = each_known(lambda rule: _ports(rule, protocol), own)
    starts = {ports[0], *(edge for first, last in known for edge in (first, last + 1) if ports[0] <= edge <= ports[1])}

    def through(port: int) -> list[Resource]:
        return passing((rule for rule in own if ranges.within([_ports(rule, protocol)], (port, port))), family)

    return any_of(through, sorted(starts)) or []


def passing(rules: Iterable[Resource], family: Family) -> list[Resource]:
    """Those of some rules, in their order, that let the internet through; the first that fits an address decides."""
    left, open_to = [(0, family.last)], list[Span]()
    allowing = []
    for rule in rules:
        own = ranges.span(rule[family.acl])
        decided, left = ranges.within(left, own), ranges.without(left, own)
        if decided and allows(rule):
            open_to += decided
            allowing.append(rule)
            if ranges.is_half(open_to, family.version):
                return allowing
    return []


def in_order(rules: Iterable[Resource], egress: bool, family: Family) -> list[Resource]:
    """The rules of one direction and of one kind of addresses, by their numbers."""
    own = (each for each in rules if bool(each["egress"]) is egress and each[family.acl])
    return sorted(own, key=lambda each: int(each["rule_number"]))


def allows(rule: Resource) -> bool:
    return str(rule["rule_action"]).lower() == "allow"


def _ports(rule: Resource, protocol: str) -> Span:
    """The ports that a rule of a network ACL is about, as far as it is about this protocol."""
    own = NUMBERS.get(str(rule["protocol"]), str(rule["protocol"]))
    if own == "-1":
        return 0, LAST
    if own not in (("tcp", "udp") if protocol == "-1" else (protocol,)):
        return LAST + 1, LAST + 1
    return int(rule["from_port"] or 0), int(rule["to_port"] or 0)
