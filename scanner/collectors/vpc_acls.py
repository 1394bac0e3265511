"""Amazon VPC's network ACLs, their rules one at a time, and the subnets that they guard.

One live rule has two homes in Terraform: ``ingress`` and ``egress`` of its ACL, which the provider
also fills in where the rule is a resource of its own, and aws_network_acl_rule. Every subnet has an
ACL: that of its network by itself, until somebody gives it another.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scanner.aws.collector import Attribute, Collector, Listing, caseless, converted, volatile
from scanner.collectors.security_groups import PROTOCOL, protocol
from scanner.collectors.vpc import AWS, NETWORK, another_account
from state import Resource
from state.noise import APART
from state.schema import Parent

ACLS = "describe_network_acls"

NETWORK_ACL = Collector(
    type="aws_network_acl",
    aliases=("aws_default_network_acl",),
    service="ec2",
    fetch=Listing(ACLS, "NetworkAcls"),
    permissions=("ec2:DescribeNetworkAcls",),
    id="NetworkAclId",
    arn="arn:{partition}:ec2:{region}:{OwnerId}:network-acl/{NetworkAclId}",
    owner=lambda acl: AWS if acl.get("IsDefault") else None,
    owned=another_account,
    attributes={
        "owner_id": "OwnerId",
        "subnet_ids": volatile("Associations[].SubnetId", APART),  # told as associations
        "vpc_id": "VpcId",
    },
    facts={"is_default": "IsDefault"},
    tags="Tags",
)

# --- rules --------------------------------------------------------------------------------------

# The last rule of each direction, which denies the rest, is AWS's and cannot be changed.
NUMBERED = "Entries[?RuleNumber < `32767`]"
DIRECTION = "Item.Egress && 'egress' || 'ingress'"


def rule_identity(rule: Mapping[str, Any]) -> str | None:
    """``acl-1/ingress/100``: the ACL, the direction and the number."""
    acl, number = rule.get("network_acl_id"), rule.get("rule_number")
    if not acl or number is None:
        return None
    return f"{acl}/{'egress' if rule.get('egress') else 'ingress'}/{int(number)}"


INLINE = {"rule_action": "action", "rule_number": "rule_no"}
SAME = ("cidr_block", "from_port", "icmp_code", "icmp_type", "ipv6_cidr_block", "protocol", "to_port")


def rules_in_acl(acl: Resource) -> Iterator[Resource]:
    for direction in ("ingress", "egress"):
        for block in acl.attributes.get(direction) or ():
            said = {name: block.get(name) for name in SAME} | {to: block.get(name) for to, name in INLINE.items()}
            attributes = said | {"network_acl_id": acl.id, "egress": direction == "egress"}
            yield acl.replace(attributes=attributes)


NETWORK_ACL_RULE = Collector(
    type="aws_network_acl_rule",
    service="ec2",
    fetch=Listing(ACLS, NUMBERED, within="NetworkAcls"),
    permissions=("ec2:DescribeNetworkAcls",),
    id=f"join('/', [Parent.NetworkAclId, {DIRECTION}, to_string(Item.RuleNumber)])",
    identity=rule_identity,
    parent=Parent(type="aws_network_acl", by="network_acl_id", part="rule", parts=("egress", "ingress")),
    homes={"aws_network_acl": rules_in_acl},
    owner=lambda rule: AWS if rule["Parent"].get("IsDefault") else None,
    attributes={
        "cidr_block": Attribute(path="Item.CidrBlock", form=NETWORK),
        "egress": "Item.Egress",
        "from_port": "Item.PortRange.From",
        "icmp_code": "Item.IcmpTypeCode.Code",
        "icmp_type": "Item.IcmpTypeCode.Type",
        "ipv6_cidr_block": Attribute(path="Item.Ipv6CidrBlock", form=NETWORK),
        "network_acl_id": "Parent.NetworkAclId",
        "protocol": converted("Item.Protocol", protocol, PROTOCOL),
        "rule_action": caseless("Item.RuleAction"),
        "rule_number": "Item.RuleNumber",
        "to_port": "Item.PortRange.To",
    },
)

# --- subnets ------------------------------------------------------------------------------------


def subnets_of_acl(acl: Resource) -> Iterator[Resource]:
    """The subnets that an ACL states; a default ACL has those that nobody gave another."""
    if acl.attributes.get("default_network_acl_id"):
        return
    for subnet in acl.attributes.get("subnet_ids") or ():
        yield acl.replace(attributes={"network_acl_id": acl.id, "subnet_id": subnet})


NETWORK_ACL_ASSOCIATION = Collector(
    type="aws_network_acl_association",
    service="ec2",
    fetch=Listing(ACLS, "Associations", within="NetworkAcls"),
    permissions=("ec2:DescribeNetworkAcls",),
    id="Item.NetworkAclAssociationId",
    identity=("network_acl_id", "subnet_id"),
    parent=Parent(type="aws_network_acl", by="network_acl_id", part="subnet_ids"),
    homes={"aws_network_acl": subnets_of_acl},
    at_default=lambda association: association.facts.get("is_default") is True,
    attributes={"network_acl_id": "Item.NetworkAclId", "subnet_id": "Item.SubnetId"},
    facts={"is_default": "Parent.IsDefault"},
)

COLLECTORS = [NETWORK_ACL, NETWORK_ACL_RULE, NETWORK_ACL_ASSOCIATION]
