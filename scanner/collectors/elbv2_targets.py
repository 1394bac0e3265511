"""Elastic Load Balancing v2: target groups, and what is registered in them.

Most targets are registered by whoever runs them, an auto scaling group or an ECS service, and come and go.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from scanner.aws.collector import Attribute, Collector, block, converted, volatile
from scanner.aws.inside import listing
from scanner.aws.place import Item
from scanner.collectors.elbv2 import GROUPS, TARGETS, attributes_of, flag, made_by_kubernetes, number, said, tags_of
from state import Inventory, Resource, Unknown
from state.forms import IF_DECLARED, IF_TOLD, Form, Pairwise, plain
from state.noise import APART
from state.schema import Parent


def told(pairs: list[Item] | None) -> dict[str, str]:
    return {each["Key"]: each["Value"] for each in pairs or ()}


def stickiness(pairs: list[Item] | None) -> list[Item]:
    said = told(pairs)
    if "stickiness.enabled" not in said:
        return []
    kind = said.get("stickiness.type")
    return [
        {
            "cookie_duration": number(said.get(f"stickiness.{kind}.duration_seconds")),
            "cookie_name": said.get("stickiness.app_cookie.cookie_name"),
            "enabled": said["stickiness.enabled"] == "true",
            "type": kind,
        }
    ]


def if_sticky(value: Any) -> Any:
    """What is off is nothing. Only a cookie has a duration, though Terraform keeps one for all."""
    on = [each for each in value or () if each.get("enabled")]
    return plain([each if "cookie" in str(each.get("type")) else {**each, "cookie_duration": None} for each in on])


def failover(pairs: list[Item] | None) -> list[Item]:
    said, names = told(pairs), ("on_deregistration", "on_unhealthy")
    return (
        [{name: said.get(f"target_failover.{name}") for name in names}]
        if "target_failover.on_unhealthy" in said
        else []
    )


def health(pairs: list[Item] | None) -> list[Item]:
    """How many targets have to be healthy: a text for the one, a number for the other, as the provider has it."""
    said = told(pairs)
    prefix, least = "target_group_health", "minimum_healthy_targets"
    if f"{prefix}.dns_failover.{least}.count" not in said:
        return []
    failover, routing = (
        {f"{least}_{name}": said.get(f"{prefix}.{where}.{least}.{name}") for name in ("count", "percentage")}
        for where in ("dns_failover", "unhealthy_state_routing")
    )
    count = number(routing[f"{least}_count"])
    return [{"dns_failover": [failover], "unhealthy_state_routing": [{**routing, f"{least}_count": count}]}]


def unhealthy(pairs: list[Item] | None) -> list[Item]:
    said, prefix = told(pairs), "target_health_state.unhealthy"
    ends = said.get(f"{prefix}.connection_termination.enabled")
    if ends is None:
        return []
    interval = number(said.get(f"{prefix}.draining_interval_seconds"))
    return [{"enable_unhealthy_connection_termination": ends == "true", "unhealthy_draining_interval": interval}]


IF_BOTH = Pairwise(agree=lambda declared, live: None in (declared, live))


def if_both_say(key: str) -> Attribute:
    """What the provider reads of some kinds of target groups only, and AWS tells of some."""
    return msgspec.structs.replace(said(key), form=IF_BOTH)


TARGET_GROUP = Collector(
    type="aws_lb_target_group",
    aliases=("aws_alb_target_group",),
    service="elbv2",
    fetch=listing("target_groups", GROUPS),
    details=(
        attributes_of("target_group", "TargetGroupArn"),
        tags_of("target_group_tags", GROUPS, "TargetGroupArn"),
    ),
    permissions=(
        "elasticloadbalancing:DescribeTargetGroups",
        "elasticloadbalancing:DescribeTargetGroupAttributes",
        "elasticloadbalancing:DescribeTags",
    ),
    id="TargetGroupArn",
    owner=made_by_kubernetes,
    attributes={
        "arn": "TargetGroupArn",
        "arn_suffix": converted("TargetGroupArn", lambda arn: arn.rpartition(":")[2]),
        "connection_termination": said("deregistration_delay.connection_termination.enabled", flag),
        "deregistration_delay": said("deregistration_delay.timeout_seconds"),
        "health_check": block(
            "{enabled: HealthCheckEnabled, healthy_threshold: HealthyThresholdCount, "
            "interval: HealthCheckIntervalSeconds, matcher: Matcher.HttpCode || Matcher.GrpcCode, "
            "path: HealthCheckPath, port: HealthCheckPort, protocol: HealthCheckProtocol, "
            "timeout: HealthCheckTimeoutSeconds, unhealthy_threshold: UnhealthyThresholdCount}"
        ),
        "ip_address_type": "IpAddressType",
        "lambda_multi_value_headers_enabled": said("lambda.multi_value_headers.enabled", flag),
        "load_balancer_arns": volatile("LoadBalancerArns", APART),  # told by the listeners that forward to it
        "load_balancing_algorithm_type": if_both_say("load_balancing.algorithm.type"),
        "load_balancing_anomaly_mitigation": if_both_say("load_balancing.algorithm.anomaly_mitigation"),
        "load_balancing_cross_zone_enabled": if_both_say("load_balancing.cross_zone.enabled"),
        "name": "TargetGroupName",
        "port": "Port",
        "preserve_client_ip": if_both_say("preserve_client_ip.enabled"),
        "protocol": "Protocol",
        "protocol_version": "ProtocolVersion",
        "proxy_protocol_v2": said("proxy_protocol_v2.enabled", flag),
        "slow_start": said("slow_start.duration_seconds", number),
        "stickiness": converted("Attributes.Attributes", stickiness, Form(canonical=if_sticky)),
        "target_failover": converted("Attributes.Attributes", failover, IF_TOLD),
        "target_group_health": converted("Attributes.Attributes", health, IF_TOLD),
        "target_health_state": converted("Attributes.Attributes", unhealthy, IF_TOLD),
        "target_type": "TargetType",
        "vpc_id": "VpcId",
    },
    tags="Tags",
)

# --- what is registered ---------------------------------------------------------------------------


def placed(attributes: Mapping[str, Any]) -> str | None:
    """A target by its group and, where it is said, its port: several may be of one machine."""
    group, target, port = (attributes.get(name) for name in ("target_group_arn", "target_id", "port"))
    return f"{group}/{target}/{port}" if port else f"{group}/{target}"


def registered_by(target: Resource, inventory: Inventory) -> str | None:
    """Who registers the targets of its group by themselves; where those could not be seen, it may be any of them."""
    group, id = target.attributes["target_group_arn"], target.attributes["target_id"]
    try:
        return _scaled(target, inventory, group, id) or _of_ecs(target, inventory, group)
    except Unknown as reason:
        return f"unknown: {reason}"


def _scaled(target: Resource, inventory: Inventory, group: str, id: str) -> str | None:
    for attached in inventory.near(target, "aws_autoscaling_attachment", lb_target_group_arn=group):
        name = attached["autoscaling_group_name"]
        for scaled in inventory.near(target, "aws_autoscaling_group", name=name):
            if id in (scaled.fact("instance_ids") or ()):
                return f"autoscaling: {name}"
    return None


def _of_ecs(target: Resource, inventory: Inventory, group: str) -> str | None:
    if reason := inventory.unseen("aws_ecs_service", target.account, target.region):
        raise Unknown(reason)
    for each in inventory.of("aws_ecs_service"):
        if any(one.get("target_group_arn") == group for one in each["load_balancer"] or ()):
            return f"ecs: {each['name']}"
    return None


TARGET = Collector(
    type="aws_lb_target_group_attachment",
    aliases=("aws_alb_target_group_attachment",),
    service="elbv2",
    fetch=listing("targets", TARGETS),
    permissions=("elasticloadbalancing:DescribeTargetHealth", "elasticloadbalancing:DescribeTargetGroups"),
    # Terraform's own is the moment it was made. A target whose port is not said has that of its group.
    id="Target.Port==Group.Port && join('/', [Group.TargetGroupArn, Target.Id]) "
    "|| join('/', [Group.TargetGroupArn, Target.Id, to_string(Target.Port)])",
    identity=placed,
    owned=registered_by,
    parent=Parent(type="aws_lb_target_group", by="target_group_arn", part="attachment"),
    attributes={
        "availability_zone": Attribute(path="Target.AvailabilityZone", form=IF_DECLARED),
        "port": Attribute(path="Target.Port", form=IF_DECLARED),
        "target_group_arn": "Group.TargetGroupArn",
        "target_id": "Target.Id",
    },
    facts={"health_state": "TargetHealth.State", "pending_deletion": "TargetHealth.State=='draining'"},
)

COLLECTORS = [TARGET_GROUP, TARGET]
