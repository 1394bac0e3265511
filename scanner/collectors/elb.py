"""Elastic Load Balancing as it was first: classic load balancers, and the instances behind them.

Instances have two homes in Terraform: an attribute of the load balancer, which the provider also fills
in where they were registered by others, and aws_elb_attachment.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from typing import Any

from scanner.aws.collector import Attribute, Collector, Detail, Shared, block, blocks, unordered, volatile
from scanner.aws.inside import Once, listing
from scanner.aws.place import Item, Place
from scanner.collectors.elbv2 import AT_ONCE, made_by_kubernetes
from state import Inventory, Resource, Unknown
from state.forms import CASELESS, Form, if_enabled
from state.noise import APART
from state.schema import Home, Parent, always

READ = ("elasticloadbalancing:DescribeLoadBalancers",)


async def _balancers(place: Place) -> list[Item]:
    return list((await place.whole("elb", "describe_load_balancers")).get("LoadBalancerDescriptions") or ())


BALANCERS = Once(_balancers)


async def classic_load_balancer_tags(place: Place) -> Mapping[str, Any]:
    names = [each["LoadBalancerName"] for each in await BALANCERS(classic_load_balancer_tags, place)]
    some = [names[first : first + AT_ONCE] for first in range(0, len(names), AT_ONCE)]
    answers = await asyncio.gather(*(place.call("elb", "describe_tags", LoadBalancerNames=each) for each in some))
    return {
        one["LoadBalancerName"]: one.get("Tags") or []
        for answer in answers
        for one in answer.get("TagDescriptions", ())
    }


BALANCERS.readers.add(classic_load_balancer_tags)

SAID = "Attributes.LoadBalancerAttributes"

BALANCER = Collector(
    type="aws_elb",
    service="elb",
    fetch=listing("classic_load_balancers", BALANCERS),
    details=(
        Detail(
            operation="describe_load_balancer_attributes",
            arguments={"LoadBalancerName": "LoadBalancerName"},
            into="Attributes",
            gone=("LoadBalancerNotFound",),
        ),
        Shared(ask=classic_load_balancer_tags, by="LoadBalancerName", into="Tags"),
    ),
    permissions=(
        *READ,
        "elasticloadbalancing:DescribeLoadBalancerAttributes",
        "elasticloadbalancing:DescribeTags",
    ),
    id="LoadBalancerName",
    identity=("name",),
    arn="arn:{partition}:elasticloadbalancing:{region}:{account}:loadbalancer/{LoadBalancerName}",
    owner=made_by_kubernetes,
    attributes={
        "access_logs": Attribute(
            path=f"{SAID}.AccessLog && [{SAID}.AccessLog.{{bucket: S3BucketName, bucket_prefix: S3BucketPrefix, "
            "enabled: Enabled, interval: EmitInterval}]",
            form=Form(canonical=if_enabled),
        ),
        "availability_zones": unordered("AvailabilityZones"),
        "connection_draining": f"{SAID}.ConnectionDraining.Enabled",
        "connection_draining_timeout": volatile(f"{SAID}.ConnectionDraining.Timeout"),  # kept by Terraform when off
        "cross_zone_load_balancing": f"{SAID}.CrossZoneLoadBalancing.Enabled",
        "desync_mitigation_mode": (f"{SAID}.AdditionalAttributes[?Key=='elb.http.desyncmitigationmode'].Value | [0]"),
        "dns_name": "DNSName",
        "health_check": block(
            "HealthCheck.{healthy_threshold: HealthyThreshold, interval: Interval, target: Target, "
            "timeout: Timeout, unhealthy_threshold: UnhealthyThreshold}",
            target=CASELESS,
        ),
        "idle_timeout": f"{SAID}.ConnectionSettings.IdleTimeout",
        "instances": volatile("Instances[].InstanceId", APART),  # told as attachments
        "internal": "Scheme=='internal'",
        "listener": blocks(
            "ListenerDescriptions[].Listener.{instance_port: InstancePort, instance_protocol: InstanceProtocol, "
            "lb_port: LoadBalancerPort, lb_protocol: Protocol, ssl_certificate_id: SSLCertificateId}",
            instance_protocol=CASELESS,
            lb_protocol=CASELESS,
        ),
        "name": "LoadBalancerName",
        "security_groups": unordered("SecurityGroups"),
        "source_security_group": volatile(
            "SourceSecurityGroup && join('/', [SourceSecurityGroup.OwnerAlias, SourceSecurityGroup.GroupName])"
        ),
        "subnets": unordered("Subnets"),
        "zone_id": "CanonicalHostedZoneNameID",
    },
    facts={
        "cookie_policies": "Policies.[AppCookieStickinessPolicies, LBCookieStickinessPolicies][][].PolicyName",
        "created_time": "CreatedTime",
        "listener_policies": (
            "ListenerDescriptions[].{lb_port: Listener.LoadBalancerPort, lb_protocol: Listener.Protocol, "
            "policy_names: PolicyNames}"
        ),
        "vpc_id": "VPCId",
    },
    tags="Tags",
)


# --- instances ------------------------------------------------------------------------------------


def instances_of(balancer: Resource) -> Iterator[Resource]:
    for each in balancer.attributes.get("instances") or ():
        attributes = {"elb": balancer.attributes.get("name"), "instance": each, "copied": True}
        yield balancer.replace(attributes=attributes)


def may_be_a_copy(attachment: Resource) -> bool:
    """An instance in the load balancer's own list: the provider's copy of who was there, more often than a wish."""
    return bool(attachment.attributes.get("copied"))


def registered_by(attachment: Resource, inventory: Inventory) -> str | None:
    """The auto scaling group that the instance is of, and which registers it by itself."""
    try:
        for scaled in inventory.near(attachment, "aws_autoscaling_attachment", elb=attachment["elb"]):
            name = scaled["autoscaling_group_name"]
            for group in inventory.near(attachment, "aws_autoscaling_group", name=name):
                if attachment["instance"] in (group.fact("instance_ids") or ()):
                    return f"autoscaling: {name}"
    except Unknown as reason:
        return f"unknown: {reason}"
    return None


async def _instances(place: Place) -> list[Item]:
    found = await BALANCERS(_instances, place)
    return [
        {**each, "LoadBalancerName": balancer["LoadBalancerName"]}
        for balancer in found
        for each in balancer.get("Instances") or ()
    ]


BALANCERS.readers.add(_instances)

ATTACHMENT = Collector(
    type="aws_elb_attachment",
    service="elb",
    fetch=listing("registered_instances", Once(_instances)),
    permissions=READ,
    id="join('/', [LoadBalancerName, InstanceId])",
    identity=("elb", "instance"),
    owned=registered_by,
    parent=Parent(type="aws_elb", by="elb", part="instances"),
    homes={"aws_elb": Home(project=instances_of, filled=always)},
    at_default=may_be_a_copy,
    attributes={"elb": "LoadBalancerName", "instance": "InstanceId"},
)

# --- cookies --------------------------------------------------------------------------------------


def stickiness(kind: str, name: str, attributes: dict[str, str]) -> Collector:
    """A policy by which a port keeps to one instance, once for each port that has it."""

    async def found(place: Place) -> list[Item]:
        return [item for balancer in await BALANCERS(found, place) for item in _applied(balancer, kind)]

    BALANCERS.readers.add(found)
    return Collector(
        type=f"aws_{name}",
        service="elb",
        fetch=listing(f"{name.replace('policy', 'policies')}", Once(found)),
        permissions=READ,
        id="join(':', [LoadBalancerName, to_string(Port), PolicyName])",
        identity=("load_balancer", "lb_port", "name"),
        parent=Parent(type="aws_elb", by="load_balancer", part=name),
        attributes={"lb_port": "Port", "load_balancer": "LoadBalancerName", "name": "PolicyName", **attributes},
    )


def _applied(balancer: Item, kind: str) -> Iterator[Item]:
    policies = {each["PolicyName"]: each for each in (balancer.get("Policies") or {}).get(kind) or ()}
    for listener in balancer.get("ListenerDescriptions") or ():
        for name in listener.get("PolicyNames") or ():
            if name in policies:
                about = {
                    "LoadBalancerName": balancer["LoadBalancerName"],
                    "Port": listener["Listener"]["LoadBalancerPort"],
                }
                yield policies[name] | about


APP_COOKIE = stickiness("AppCookieStickinessPolicies", "app_cookie_stickiness_policy", {"cookie_name": "CookieName"})
LB_COOKIE = stickiness(
    "LBCookieStickinessPolicies",
    "lb_cookie_stickiness_policy",
    {"cookie_expiration_period": "CookieExpirationPeriod"},
)

COLLECTORS = [APP_COOKIE, ATTACHMENT, BALANCER, LB_COOKIE]
