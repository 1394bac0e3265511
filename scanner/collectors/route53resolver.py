"""Amazon Route 53 Resolver: endpoints, rules and query logs; what AWS makes for each network by itself is AWS's."""

from __future__ import annotations

from typing import Any

from scanner.aws.collector import Attribute, Collector, Detail, Listing, blocks, unordered, volatile
from scanner.aws.place import Item
from scanner.collectors.vpc import another_account
from state import Resource
from state.forms import Form, plain

GONE = ("ResourceNotFoundException",)
AUTODEFINED = "rslvr-autodefined-"


def tags_of(arn: str = "Arn", unless: str | None = None) -> Detail:
    """The tags of a thing; those of a thing that another account shares are that account's."""
    return Detail(
        operation="list_tags_for_resource", arguments={"ResourceArn": arn}, into="Tagging", gone=GONE, unless=unless
    )


TAGS_ALLOWED = "route53resolver:ListTagsForResource"
SHARED = "ShareStatus=='SHARED_WITH_ME'"


def autodefined(item: Item) -> str | None:
    """Resolver's own rules, for names that it answers by itself, and its associations of them."""
    return "aws: route53resolver" if item["Id"].startswith(AUTODEFINED) else None


def dns(name: Any) -> Any:
    """A name without its last dot; that of the root is nothing else."""
    return plain(name.rstrip(".").lower() or ".") if isinstance(name, str) and name else plain(name)


ENDPOINT = Collector(
    type="aws_route53_resolver_endpoint",
    service="route53resolver",
    fetch=Listing("list_resolver_endpoints", "ResolverEndpoints"),
    details=(
        Detail(
            operation="list_resolver_endpoint_ip_addresses",
            arguments={"ResolverEndpointId": "Id"},
            into="Addresses",
            gone=GONE,
        ),
        tags_of(),
    ),
    permissions=(
        "route53resolver:ListResolverEndpoints",
        "route53resolver:ListResolverEndpointIpAddresses",
        TAGS_ALLOWED,
    ),
    id="Id",
    attributes={
        "arn": "Arn",
        "direction": "Direction",
        "host_vpc_id": "HostVPCId",
        "ip_address": blocks("Addresses.IpAddresses[].{ip: Ip, ip_id: IpId, ipv6: Ipv6, subnet_id: SubnetId}"),
        "name": "Name",
        "protocols": unordered("Protocols"),
        "resolver_endpoint_type": "ResolverEndpointType",
        "security_group_ids": unordered("SecurityGroupIds"),
    },
    facts={"status": "Status", "pending_deletion": "Status=='DELETING'"},
    tags="Tagging.Tags",
)

RULE = Collector(
    type="aws_route53_resolver_rule",
    service="route53resolver",
    fetch=Listing("list_resolver_rules", "ResolverRules"),
    details=(tags_of(unless=f"{SHARED} || starts_with(Id, '{AUTODEFINED}')"),),
    permissions=("route53resolver:ListResolverRules", TAGS_ALLOWED),
    id="Id",
    owner=autodefined,
    owned=another_account,
    attributes={
        "arn": "Arn",
        "domain_name": Attribute(path="DomainName", form=Form(canonical=dns)),
        "name": "Name",
        "owner_id": "OwnerId",
        "resolver_endpoint_id": "ResolverEndpointId",
        "rule_type": "RuleType",
        "share_status": volatile("ShareStatus"),
        "target_ip": blocks("TargetIps[].{ip: Ip, ipv6: Ipv6, port: Port, protocol: Protocol}"),
    },
    facts={"pending_deletion": "Status=='DELETING'"},
    tags="Tagging.Tags",
)

RULE_ASSOCIATION = Collector(
    type="aws_route53_resolver_rule_association",
    service="route53resolver",
    fetch=Listing("list_resolver_rule_associations", "ResolverRuleAssociations"),
    permissions=("route53resolver:ListResolverRuleAssociations",),
    id="Id",
    owner=autodefined,
    attributes={"name": "Name", "resolver_rule_id": "ResolverRuleId", "vpc_id": "VPCId"},
    facts={"pending_deletion": "Status=='DELETING'"},
)

QUERY_LOG_CONFIG = Collector(
    type="aws_route53_resolver_query_log_config",
    service="route53resolver",
    fetch=Listing("list_resolver_query_log_configs", "ResolverQueryLogConfigs"),
    details=(tags_of(unless=SHARED),),
    permissions=("route53resolver:ListResolverQueryLogConfigs", TAGS_ALLOWED),
    id="Id",
    owned=another_account,
    attributes={
        "arn": "Arn",
        "destination_arn": "DestinationArn",
        "name": "Name",
        "owner_id": "OwnerId",
        "share_status": volatile("ShareStatus"),
    },
    facts={"pending_deletion": "Status=='DELETING'"},
    tags="Tagging.Tags",
)

QUERY_LOG_CONFIG_ASSOCIATION = Collector(
    type="aws_route53_resolver_query_log_config_association",
    service="route53resolver",
    fetch=Listing("list_resolver_query_log_config_associations", "ResolverQueryLogConfigAssociations"),
    permissions=("route53resolver:ListResolverQueryLogConfigAssociations",),
    id="Id",
    attributes={"resolver_query_log_config_id": "ResolverQueryLogConfigId", "resource_id": "ResourceId"},
    facts={"status": "Status", "pending_deletion": "Status=='DELETING'"},
)

# --- what Resolver does in a network: a network that nobody set is as AWS makes it -------------------


def off(setting: Resource) -> bool:
    """Neither reverse names nor signatures are otherwise than AWS has them in every network."""
    said = setting.attributes
    return said.get("validation_status", "DISABLED") == "DISABLED" and said.get("firewall_fail_open") != "ENABLED"


def as_made(setting: Resource) -> bool:
    return setting.attributes.get("autodefined_reverse_flag") == "ENABLE"


DNSSEC_CONFIG = Collector(
    type="aws_route53_resolver_dnssec_config",
    service="route53resolver",
    fetch=Listing("list_resolver_dnssec_configs", "ResolverDnssecConfigs"),
    permissions=("route53resolver:ListResolverDnssecConfigs",),
    id="Id",
    identity=("resource_id",),
    arn="arn:{partition}:route53resolver:{region}:{account}:resolver-dnssec-config/{ResourceId}",
    at_default=off,
    attributes={"owner_id": "OwnerId", "resource_id": "ResourceId", "validation_status": "ValidationStatus"},
)

CONFIG = Collector(
    type="aws_route53_resolver_config",
    service="route53resolver",
    fetch=Listing(
        "list_resolver_configs",
        "ResolverConfigs[].{Id: Id, OwnerId: OwnerId, ResourceId: ResourceId, "
        "Reverse: (starts_with(AutodefinedReverse, 'DISABL') && 'DISABLE') || 'ENABLE'}",
    ),
    permissions=("route53resolver:ListResolverConfigs",),
    id="Id",
    identity=("resource_id",),
    at_default=as_made,
    attributes={"autodefined_reverse_flag": "Reverse", "owner_id": "OwnerId", "resource_id": "ResourceId"},
)

FIREWALL_CONFIG = Collector(
    type="aws_route53_resolver_firewall_config",
    service="route53resolver",
    fetch=Listing("list_firewall_configs", "FirewallConfigs"),
    permissions=("route53resolver:ListFirewallConfigs",),
    id="Id",
    identity=("resource_id",),
    at_default=off,
    attributes={"firewall_fail_open": "FirewallFailOpen", "owner_id": "OwnerId", "resource_id": "ResourceId"},
)

COLLECTORS = [
    CONFIG,
    DNSSEC_CONFIG,
    ENDPOINT,
    FIREWALL_CONFIG,
    QUERY_LOG_CONFIG,
    QUERY_LOG_CONFIG_ASSOCIATION,
    RULE,
    RULE_ASSOCIATION,
]
