"""Amazon EC2: networks, security groups and their rules, instances, volumes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from scanner.aws.collector import Collector, Listing, converted, volatile
from state import Resource
from state.schema import Parent

SECURITY_GROUP = Collector(
    type="aws_security_group",
    aliases=("aws_default_security_group",),
    service="ec2",
    fetch=Listing("describe_security_groups", "SecurityGroups", (("PaginationConfig", {"PageSize": 1000}),)),
    permissions=("ec2:DescribeSecurityGroups",),
    id="GroupId",
    arn="SecurityGroupArn",
    owner=lambda group: "aws: default" if group["GroupName"] == "default" else None,
    attributes={
        "arn": "SecurityGroupArn",
        "description": "Description",
        "name": "GroupName",
        "owner_id": "OwnerId",
        "vpc_id": "VpcId",
    },
    tags="Tags",
)


# --- security-group rules -----------------------------------------------------------------------
#
# One live thing with three homes in Terraform: inline blocks of the group, aws_security_group_rule
# (one block, many sources) and aws_vpc_security_group_*_rule (one source each). The last is the
# finest form: AWS answers in it, and the others are split into it.

PROTOCOLS = {"6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6", "all": "-1"}
SOURCES = {
    "cidr_ipv4": "cidr",
    "cidr_ipv6": "cidr6",
    "prefix_list_id": "prefix_list",
    "referenced_security_group_id": "group",
}
INLINE_SOURCES = {
    "cidr_blocks": "cidr_ipv4",
    "ipv6_cidr_blocks": "cidr_ipv6",
    "prefix_list_ids": "prefix_list_id",
    "security_groups": "referenced_security_group_id",
}


def protocol(value: Any) -> str | None:
    """A protocol's name where it has one: AWS and Terraform take numbers and names alike."""
    return None if value is None else PROTOCOLS.get(str(value).lower(), str(value).lower())


def port(value: Any) -> Any:
    """A port, None for "every port": AWS says -1, Terraform 0 or nothing where the protocol is all."""
    return None if value == -1 else value


def rule_identity(rule: Mapping[str, Any]) -> str | None:
    """``sg-1/cidr=0.0.0.0/0,port=22``: the group, the one source, the protocol if not TCP, the ports if not all."""
    label = next((f"{label}={rule[name]}" for name, label in SOURCES.items() if rule.get(name)), None)
    if label is None or not rule.get("security_group_id"):
        return None
    name, first, last = rule.get("ip_protocol"), rule.get("from_port"), rule.get("to_port")
    if name != "tcp":
        label += ",protocol=all" if name == "-1" else f",protocol={name}"
    if first is not None and name != "-1":
        label += f",port={first}" if first == last else f",port={first}-{last}"
    return f"{rule['security_group_id']}/{label}"


def split(rule: Mapping[str, Any], group: str) -> Iterator[dict[str, Any]]:
    """A rule block of many sources as rules of one source each."""
    name = protocol(rule.get("protocol"))
    ports = (None, None) if name == "-1" else (rule.get("from_port"), rule.get("to_port"))
    common = {
        "security_group_id": group,
        "ip_protocol": name,
        "from_port": ports[0],
        "to_port": ports[1],
        "description": rule.get("description") or None,
    }
    sources = [(to, source) for many, to in INLINE_SOURCES.items() for source in rule.get(many) or ()]
    if rule.get("source_security_group_id"):
        sources.append(("referenced_security_group_id", rule["source_security_group_id"]))
    if rule.get("self"):
        sources.append(("referenced_security_group_id", group))
    for to, source in dict.fromkeys(sources):
        yield common | dict.fromkeys(SOURCES) | {to: source}


def inline_rules(direction: str) -> Any:
    def project(group: Resource) -> Iterator[Resource]:
        for block in group.attributes.get(direction) or ():
            for attributes in split(block, group.id):
                yield msgspec.structs.replace(group, attributes=attributes)

    return project


def separate_rules(direction: str) -> Any:
    def project(rule: Resource) -> Iterator[Resource]:
        if rule.attributes.get("type") == direction:
            for attributes in split(rule.attributes, rule.attributes.get("security_group_id") or ""):
                yield msgspec.structs.replace(rule, attributes=attributes)

    return project


def rules(direction: str) -> Collector:
    egress = "IsEgress" if direction == "egress" else "!IsEgress"
    return Collector(
        type=f"aws_vpc_security_group_{direction}_rule",
        service="ec2",
        fetch=Listing(
            "describe_security_group_rules",
            f"SecurityGroupRules[?{egress}]",
            (("PaginationConfig", {"PageSize": 1000}),),
        ),
        permissions=("ec2:DescribeSecurityGroupRules",),
        id="SecurityGroupRuleId",
        identity=rule_identity,
        parent=Parent(type="aws_security_group", by="security_group_id", part=direction),
        homes={"aws_security_group": inline_rules(direction), "aws_security_group_rule": separate_rules(direction)},
        attributes={
            "arn": volatile("SecurityGroupRuleArn"),
            "cidr_ipv4": "CidrIpv4",
            "cidr_ipv6": "CidrIpv6",
            "description": "Description",
            "from_port": converted("FromPort", port),
            "ip_protocol": converted("IpProtocol", protocol),
            "prefix_list_id": "PrefixListId",
            "referenced_security_group_id": "ReferencedGroupInfo.GroupId",
            "security_group_id": "GroupId",
            "security_group_rule_id": volatile("SecurityGroupRuleId"),
            "to_port": converted("ToPort", port),
        },
        tags="Tags",
    )


COLLECTORS = [SECURITY_GROUP, rules("ingress"), rules("egress")]
