"""Amazon EC2 security groups, and their rules one source at a time.

One live rule has three homes in Terraform: inline blocks of its group, aws_security_group_rule
(one block, many sources) and aws_vpc_security_group_*_rule (one source each). The last is the
finest form: AWS answers in it, and the others are split into it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scanner.aws.collector import Attribute, Collector, Listing, converted, volatile
from scanner.aws.place import Item
from scanner.collectors.vpc import AWS, NETWORK, another_account, network
from state import Resource
from state.forms import Form, plain
from state.schema import Parent, Projection


def made_by_aws(group: Item) -> str | None:
    """A network's default group, and the one that classic load balancers get to which nobody gave any."""
    name = str(group["GroupName"])
    return AWS if name == "default" or name.startswith("default_elb_") else None


SECURITY_GROUP = Collector(
    type="aws_security_group",
    aliases=("aws_default_security_group",),
    service="ec2",
    fetch=Listing("describe_security_groups", "SecurityGroups"),
    permissions=("ec2:DescribeSecurityGroups",),
    id="GroupId",
    arn="arn:{partition}:ec2:{region}:{OwnerId}:security-group/{GroupId}",
    owner=made_by_aws,
    owned=another_account,
    attributes={
        "description": "Description",
        "name": "GroupName",
        "owner_id": "OwnerId",
        "vpc_id": "VpcId",
    },
    tags="Tags",
)

# --- what a rule says ---------------------------------------------------------------------------

PROTOCOLS = {"6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6", "all": "-1"}
WITH_PORTS = ("tcp", "udp", "icmp", "icmpv6")
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
    """A port; None for all of them, which AWS writes as -1."""
    return None if value == -1 else value


def ports(rule: Mapping[str, Any]) -> tuple[Any, Any]:
    """The ports, or the type and code of ICMP; other protocols have none, whatever the rule says."""
    has_ports = protocol(rule.get("ip_protocol")) in WITH_PORTS
    return (port(rule.get("from_port")), port(rule.get("to_port"))) if has_ports else (None, None)


def rule_identity(rule: Mapping[str, Any]) -> str | None:
    """``sg-1/cidr=0.0.0.0/0,port=22``: the group, the one source, the protocol if not TCP, the ports if not all."""
    source = next(((label, rule[name]) for name, label in SOURCES.items() if rule.get(name)), None)
    if source is None or not rule.get("security_group_id"):
        return None
    label, name = f"{source[0]}={network(source[1])}", protocol(rule.get("ip_protocol"))
    if name != "tcp":
        label += ",protocol=all" if name == "-1" else f",protocol={name}"
    return f"{rule['security_group_id']}/{label}{_ports_label(name, *ports(rule))}"


def _ports_label(protocol: str | None, first: Any, last: Any) -> str:
    if first is None:
        return ""
    if protocol in ("icmp", "icmpv6"):
        return f",type={first}" + ("" if last is None else f",code={last}")
    return f",port={first}" if first == last else f",port={first}-{last}"


# --- the other homes of a rule --------------------------------------------------------------------


def split(rule: Mapping[str, Any], group: str, account: str) -> Iterator[dict[str, Any]]:
    """A rule block of many sources as rules of one source each."""
    common = {
        "security_group_id": group,
        "ip_protocol": protocol(rule.get("protocol")),
        "from_port": rule.get("from_port"),
        "to_port": rule.get("to_port"),
        "description": rule.get("description") or None,
    }
    common["from_port"], common["to_port"] = ports(common)
    for to, source in dict.fromkeys(_sources(rule, group, account)):
        yield common | dict.fromkeys(SOURCES) | {to: source}


def _sources(rule: Mapping[str, Any], group: str, account: str) -> Iterator[tuple[str, str]]:
    for many, to in INLINE_SOURCES.items():
        for source in rule.get(many) or ():
            yield to, own_group(source, account)
    if rule.get("source_security_group_id"):
        yield "referenced_security_group_id", own_group(rule["source_security_group_id"], account)
    if rule.get("self"):
        yield "referenced_security_group_id", group


def own_group(source: str, account: str) -> str:
    """A group is named with its account where that is another one: ``210987654321/sg-1``."""
    return source.removeprefix(f"{account}/") if account else source


def inline_rules(direction: str) -> Projection:
    def project(group: Resource) -> Iterator[Resource]:
        account = str(group.attributes.get("owner_id") or group.account)
        for block in group.attributes.get(direction) or ():
            for attributes in split(block, group.id, account):
                yield group.replace(attributes=attributes)

    return project


def separate_rules(direction: str) -> Projection:
    def project(rule: Resource) -> Iterator[Resource]:
        if rule.attributes.get("type") == direction:
            for attributes in split(rule.attributes, rule.attributes.get("security_group_id") or "", rule.account):
                yield rule.replace(attributes=attributes)

    return project


# --- rules --------------------------------------------------------------------------------------


def referenced(said: list[str | None]) -> str | None:
    """A referenced group, with its account where that is not the rule's own."""
    own, account, group = said
    return f"{account}/{group}" if group and account and own and account != own else group


PORT = Form(canonical=lambda value: plain(port(value)))
PROTOCOL = Form(canonical=protocol)


def rules(direction: str) -> Collector:
    egress = "IsEgress" if direction == "egress" else "!IsEgress"
    return Collector(
        type=f"aws_vpc_security_group_{direction}_rule",
        service="ec2",
        fetch=Listing("describe_security_group_rules", f"SecurityGroupRules[?{egress}]"),
        permissions=("ec2:DescribeSecurityGroupRules",),
        id="SecurityGroupRuleId",
        arn="arn:{partition}:ec2:{region}:{account}:security-group-rule/{SecurityGroupRuleId}",
        identity=rule_identity,
        parent=Parent(type="aws_security_group", by="security_group_id", part=direction),
        homes={"aws_security_group": inline_rules(direction), "aws_security_group_rule": separate_rules(direction)},
        attributes={
            "arn": volatile("SecurityGroupRuleArn"),
            "cidr_ipv4": Attribute(path="CidrIpv4", form=NETWORK),
            "cidr_ipv6": Attribute(path="CidrIpv6", form=NETWORK),
            "description": "Description",
            "from_port": converted("FromPort", port, PORT),
            "ip_protocol": converted("IpProtocol", protocol, PROTOCOL),
            "prefix_list_id": "PrefixListId",
            "referenced_security_group_id": converted(
                "[GroupOwnerId, ReferencedGroupInfo.UserId, ReferencedGroupInfo.GroupId]", referenced
            ),
            "security_group_id": "GroupId",
            "security_group_rule_id": volatile("SecurityGroupRuleId"),
            "to_port": converted("ToPort", port, PORT),
        },
        tags="Tags",
    )


COLLECTORS = [SECURITY_GROUP, rules("ingress"), rules("egress")]
