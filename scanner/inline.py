"""A live part of a thing as the block in that thing that would declare it: a rule as its group's ``ingress``.

What the collectors take apart, so that one part has one form, is put together again for people to paste.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from scanner.collectors import schemas
from scanner.collectors.security_groups import INLINE_SOURCES
from state import Resource

Row = dict[str, Any]
Written = Callable[[Mapping[str, Any]], Row]
"""What a part's attributes are in the block; whatever the block does not have is left out."""


def renamed(**others: str) -> Written:
    """The part's attributes, some under the names that the block has for them."""

    def written(part: Mapping[str, Any]) -> Row:
        return {**part, **{inside: part.get(name) for inside, name in others.items()}}

    return written


def _ports(part: Mapping[str, Any]) -> Row:
    """In a block both ports are said, also of a protocol that has none."""
    return {name: part.get(name) or 0 for name in ("from_port", "to_port")}


def rule_of_group(rule: Mapping[str, Any]) -> Row:
    said: Row = {many: [rule[one]] for many, one in INLINE_SOURCES.items() if rule.get(one)}
    if rule.get("referenced_security_group_id") == rule.get("security_group_id"):
        said = {"self": True}
    return {"description": rule.get("description"), "protocol": rule.get("ip_protocol"), **_ports(rule), **said}


def rule_of_acl(rule: Mapping[str, Any]) -> Row:
    return {**renamed(rule_no="rule_number", action="rule_action")(rule), **_ports(rule)}


BLOCKS: Mapping[tuple[str, str], Written] = {
    ("aws_ec2_managed_prefix_list", "entry"): renamed(),
    ("aws_iam_role", "inline_policy"): renamed(),
    ("aws_network_acl", "egress"): rule_of_acl,
    ("aws_network_acl", "ingress"): rule_of_acl,
    ("aws_route53_zone", "vpc"): renamed(),
    ("aws_route_table", "route"): renamed(
        cidr_block="destination_cidr_block", ipv6_cidr_block="destination_ipv6_cidr_block"
    ),
    ("aws_security_group", "egress"): rule_of_group,
    ("aws_security_group", "ingress"): rule_of_group,
}
"""By a thing's type and the name of the block."""


def rows(thing: Resource, name: str, parts: Iterable[Resource], paths: Iterable[str]) -> list[Row]:
    """The parts at these paths of a thing, or in them, as rows of its block of that name; empty for a block unknown."""
    written, wanted = BLOCKS.get((thing.type, name)), set(paths)
    if written is None:
        return []
    shown = ((_path(part), part) for part in parts)
    changed = (part for path, part in shown if any(each == path or each.startswith(f"{path}.") for each in wanted))
    return [written(dict(part.attributes.items())) for part in changed]


def members(name: str, parts: Iterable[Resource]) -> list[str]:
    """What a list of this name would hold: of ``managed_policy_arns[arn:…]`` the ARNs."""
    shown = map(_path, parts)
    return sorted(each[len(name) + 1 : -1] for each in shown if each.startswith(f"{name}[") and each.endswith("]"))


def _path(part: Resource) -> str:
    """Where the thing that it is a part of shows it."""
    parent = schemas()[part.type].parent
    return parent.path(part) if parent else ""
