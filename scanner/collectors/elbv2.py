"""Elastic Load Balancing v2: application, network and gateway load balancers, their listeners, rules and targets.

Tags are told for twenty things at a time, everything else that can be set as a list of keys and texts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from scanner.aws.collector import (
    Attribute,
    Collector,
    Detail,
    Shared,
    as_tags,
    block,
    blocks,
    converted,
    unordered,
)
from scanner.aws.errors import code
from scanner.aws.inside import Once, listing, unless_gone
from scanner.aws.place import Item, Place
from state.forms import IF_TOLD, Form, if_enabled

GONE = ("LoadBalancerNotFound", "ListenerNotFound", "RuleNotFound", "TargetGroupNotFound")
AT_ONCE = 20
"""The most things that AWS tells the tags of in one answer."""

# --- what there is ------------------------------------------------------------------------------


async def _of_each(things: Iterable[Item], ask: Callable[[Item], Awaitable[Item]]) -> list[tuple[Item, Item]]:
    """Each thing with what was answered of it; of one that went since it was listed, nothing."""
    asked = list(things)
    return list(zip(asked, await asyncio.gather(*(unless_gone(ask(each), GONE) for each in asked)), strict=True))


async def _load_balancers(place: Place) -> list[Item]:
    return list((await place.whole("elbv2", "describe_load_balancers")).get("LoadBalancers") or ())


async def _listeners(place: Place) -> list[Item]:
    async def ask(balancer: Item) -> Item:
        return await place.whole("elbv2", "describe_listeners", LoadBalancerArn=balancer["LoadBalancerArn"])

    answers = await _of_each(await BALANCERS(_listeners, place), ask)
    return [each for _, answer in answers for each in answer.get("Listeners") or ()]


async def _rules(place: Place) -> list[Item]:
    """The rules of all listeners, but for the last one of each, which is the listener's own."""

    async def ask(listener: Item) -> Item:
        return await place.whole("elbv2", "describe_rules", ListenerArn=listener["ListenerArn"])

    answers = await _of_each(await LISTENERS(_rules, place), ask)
    rules = [(listener, each) for listener, answer in answers for each in answer.get("Rules") or ()]
    return [{**each, "ListenerArn": listener["ListenerArn"]} for listener, each in rules if not each.get("IsDefault")]


async def _certificates(place: Place) -> list[Item]:
    """The certificates that were added to listeners; the first of each is the listener's own."""

    async def ask(listener: Item) -> Item:
        return await place.whole("elbv2", "describe_listener_certificates", ListenerArn=listener["ListenerArn"])

    secured = [each for each in await LISTENERS(_certificates, place) if each.get("Certificates")]
    answers = await _of_each(secured, ask)
    found = [(listener, each) for listener, answer in answers for each in answer.get("Certificates") or ()]
    return [{**each, "ListenerArn": listener["ListenerArn"]} for listener, each in found if not each.get("IsDefault")]


async def _target_groups(place: Place) -> list[Item]:
    return list((await place.whole("elbv2", "describe_target_groups")).get("TargetGroups") or ())


async def _targets(place: Place) -> list[Item]:
    async def ask(group: Item) -> Item:
        return await place.whole("elbv2", "describe_target_health", TargetGroupArn=group["TargetGroupArn"])

    answers = await _of_each(await GROUPS(_targets, place), ask)
    return [{**each, "Group": group} for group, told in answers for each in told.get("TargetHealthDescriptions") or ()]


BALANCERS, LISTENERS, GROUPS = Once(_load_balancers), Once(_listeners), Once(_target_groups)
RULES, CERTIFICATES, TARGETS = Once(_rules), Once(_certificates), Once(_targets)
BALANCERS.readers.add(_listeners)
LISTENERS.readers.update((_rules, _certificates))
GROUPS.readers.add(_targets)


def tags_of(name: str, things: Once, arn: str) -> Shared:
    """The tags of all these things, asked for once."""

    async def ask(place: Place) -> Mapping[str, Any]:
        arns = [each[arn] for each in await things(ask, place)]
        some = [arns[first : first + AT_ONCE] for first in range(0, len(arns), AT_ONCE)]
        answers = await asyncio.gather(*(_tags(place, each) for each in some))
        return {one["ResourceArn"]: one.get("Tags") or [] for answer in answers for one in answer}

    ask.__name__ = name
    things.readers.add(ask)
    return Shared(ask=ask, by=arn, into="Tags")


async def _tags(place: Place, arns: list[str]) -> list[Item]:
    """What AWS says of these; where one of them is gone it says nothing of the others, which are then asked singly."""
    try:
        return list((await place.call("elbv2", "describe_tags", ResourceArns=arns)).get("TagDescriptions") or ())
    except ClientError as error:
        if code(error) not in GONE:
            raise
    if len(arns) == 1:
        return []
    return [one for answer in await asyncio.gather(*(_tags(place, [arn]) for arn in arns)) for one in answer]


TAGGED_BY = {"elbv2.k8s.aws/cluster": "kubernetes", "kubernetes.io/service-name": "kubernetes"}


def made_by_kubernetes(item: Item) -> str | None:
    tags = as_tags(item.get("Tags"))
    return next((f"{owner}: {tags[key]}" for key, owner in TAGGED_BY.items() if key in tags), None)


# --- attributes: a list of keys and texts ---------------------------------------------------------


def flag(value: str | None) -> bool | None:
    return None if value is None else value == "true"


def number(value: str | None) -> int | None:
    return None if value is None else int(value)


def said(key: str, convert: Callable[[Any], Any] | None = None) -> Attribute:
    return Attribute(path=f"Attributes.Attributes[?Key=='{key}'].Value | [0]", convert=convert, form=IF_TOLD)


def logs(prefix: str) -> Attribute:
    """Where logs go."""

    def convert(pairs: list[Item] | None) -> list[Item]:
        told = {each["Key"]: each["Value"] for each in pairs or ()}
        if f"{prefix}.enabled" not in told:
            return []
        where = {name: told.get(f"{prefix}.{name}") for name in ("bucket", "prefix")}
        return [{**where, "enabled": told[f"{prefix}.enabled"] == "true"}]

    return converted("Attributes.Attributes", convert, Form(canonical=if_enabled))


def suffix(word: str) -> Callable[[str], str]:
    """What follows in an ARN: CloudWatch's name of a load balancer or a target group."""
    return lambda arn: arn.partition(f":{word}")[2]


def attributes_of(what: str, arn: str) -> Detail:
    return Detail(operation=f"describe_{what}_attributes", arguments={arn: arn}, into="Attributes", gone=GONE)


# --- load balancers -------------------------------------------------------------------------------

BALANCER = Collector(
    type="aws_lb",
    aliases=("aws_alb",),
    service="elbv2",
    fetch=listing("load_balancers", BALANCERS),
    details=(
        attributes_of("load_balancer", "LoadBalancerArn"),
        tags_of("load_balancer_tags", BALANCERS, "LoadBalancerArn"),
    ),
    permissions=(
        "elasticloadbalancing:DescribeLoadBalancers",
        "elasticloadbalancing:DescribeLoadBalancerAttributes",
        "elasticloadbalancing:DescribeTags",
    ),
    id="LoadBalancerArn",
    owner=made_by_kubernetes,
    attributes={
        "access_logs": logs("access_logs.s3"),
        "arn": "LoadBalancerArn",
        "arn_suffix": converted("LoadBalancerArn", suffix("loadbalancer/")),
        "client_keep_alive": said("client_keep_alive.seconds", number),
        "connection_logs": logs("connection_logs.s3"),
        "customer_owned_ipv4_pool": "CustomerOwnedIpv4Pool",
        "desync_mitigation_mode": said("routing.http.desync_mitigation_mode"),
        "dns_name": "DNSName",
        "dns_record_client_routing_policy": said("dns_record.client_routing_policy"),
        "drop_invalid_header_fields": said("routing.http.drop_invalid_header_fields.enabled", flag),
        "enable_cross_zone_load_balancing": said("load_balancing.cross_zone.enabled", flag),
        "enable_deletion_protection": said("deletion_protection.enabled", flag),
        "enable_http2": said("routing.http2.enabled", flag),
        "enable_tls_version_and_cipher_suite_headers": said(
            "routing.http.x_amzn_tls_version_and_cipher_suite.enabled", flag
        ),
        "enable_waf_fail_open": said("waf.fail_open.enabled", flag),
        "enable_xff_client_port": said("routing.http.xff_client_port.enabled", flag),
        "enable_zonal_shift": said("zonal_shift.config.enabled", flag),
        "enforce_security_group_inbound_rules_on_private_link_traffic": (
            "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic"
        ),
        "health_check_logs": logs("health_check_logs.s3"),
        "idle_timeout": said("idle_timeout.timeout_seconds", number),
        "internal": "Scheme=='internal'",
        "ip_address_type": "IpAddressType",
        "ipam_pools": block("IpamPools.{ipv4_ipam_pool_id: Ipv4IpamPoolId}"),
        "load_balancer_type": "Type",
        "name": "LoadBalancerName",
        "preserve_host_header": said("routing.http.preserve_host_header.enabled", flag),
        "secondary_ips_auto_assigned_per_subnet": said("secondary_ips.auto_assigned.per_subnet", number),
        "security_groups": unordered("SecurityGroups"),
        "subnet_mapping": blocks(
            "AvailabilityZones[].{allocation_id: LoadBalancerAddresses[0].AllocationId, "
            "ipv6_address: LoadBalancerAddresses[0].IPv6Address, outpost_id: OutpostId, "
            "private_ipv4_address: LoadBalancerAddresses[0].PrivateIPv4Address, subnet_id: SubnetId}"
        ),
        "subnets": unordered("AvailabilityZones[].SubnetId"),
        "vpc_id": "VpcId",
        "xff_header_processing_mode": said("routing.http.xff_header_processing.mode"),
        "zone_id": "CanonicalHostedZoneId",
    },
    facts={"created_time": "CreatedTime", "state": "State.Code"},
    tags="Tags",
)

COLLECTORS = [BALANCER]
