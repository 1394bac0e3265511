"""EC2 Auto Scaling: groups, what they are attached to, their tags, and launch configurations.

Three parts of a group have two homes in Terraform: attachments (also as aws_autoscaling_traffic_source_attachment)
and tags, which may each be a resource of their own; hooks are in autoscaling_policies.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import msgspec

from scanner.aws.collector import (
    Attribute,
    Collector,
    Listing,
    as_tags,
    block,
    converted,
    unordered,
    volatile,
)
from scanner.aws.inside import Fetch, Once, listing
from scanner.aws.owners import owner_by_tags
from scanner.aws.place import Item, Place
from scanner.collectors.ec2_launch import KINDS, REQUIREMENTS
from state import Resource
from state.forms import UNORDERED, Form, Pairwise, defaulting, plain, said
from state.noise import APART, BY_GROUP, Difference
from state.schema import Parent

READ = ("autoscaling:DescribeAutoScalingGroups",)


async def _groups(place: Place) -> list[Item]:
    return list((await place.whole("autoscaling", "describe_auto_scaling_groups")).get("AutoScalingGroups") or ())


GROUPS = Once(_groups)


def parts(name: str, of: Callable[[Item], Iterable[Item]]) -> Fetch:
    """The fetch, under this name, of parts of all groups, each with the name of its group."""

    async def found(place: Place) -> list[Item]:
        groups = await GROUPS(found, place)
        return [
            {**each, "AutoScalingGroupName": group["AutoScalingGroupName"]} for group in groups for each in of(group)
        ]

    GROUPS.readers.add(found)
    return listing(name, Once(found))


def made_by(group: Item) -> str | None:
    return owner_by_tags(as_tags(group.get("Tags")))


# --- mixed instances ------------------------------------------------------------------------------

SPECIFICATION = "{launch_template_id: LaunchTemplateId, launch_template_name: LaunchTemplateName, version: Version}"

OVERRIDE = f"""{{
    instance_requirements: InstanceRequirements && [InstanceRequirements.{REQUIREMENTS}],
    instance_type: InstanceType,
    launch_template_specification: LaunchTemplateSpecification && [LaunchTemplateSpecification.{SPECIFICATION}],
    weighted_capacity: WeightedCapacity
}}"""

MIXED = f"""MixedInstancesPolicy && [MixedInstancesPolicy.{{
    instances_distribution: InstancesDistribution && [InstancesDistribution.{{
        on_demand_allocation_strategy: OnDemandAllocationStrategy,
        on_demand_base_capacity: OnDemandBaseCapacity,
        on_demand_percentage_above_base_capacity: OnDemandPercentageAboveBaseCapacity,
        spot_allocation_strategy: SpotAllocationStrategy,
        spot_instance_pools: SpotInstancePools,
        spot_max_price: SpotMaxPrice}}],
    launch_template: LaunchTemplate && [LaunchTemplate.{{
        launch_template_specification: LaunchTemplateSpecification && [LaunchTemplateSpecification.{SPECIFICATION}],
        override: Overrides[].{OVERRIDE}}}]
}}]"""


def percentage(value: Any) -> Any:
    """All of them on demand is what AWS does where nothing is said; none is another wish."""
    return None if value in (None, 100) else repr(said(value))


DISTRIBUTION = Form(
    inner={
        "on_demand_allocation_strategy": defaulting("prioritized"),
        "on_demand_percentage_above_base_capacity": Form(canonical=percentage),
        "spot_allocation_strategy": defaulting("lowest-price"),
    }
)
ANY_ORDER = Form(inner=dict.fromkeys(KINDS, UNORDERED))
MIXED_FORM = Form(
    inner={
        "instances_distribution": DISTRIBUTION,
        "launch_template": Form(inner={"override": Form(inner={"instance_requirements": ANY_ORDER})}),
    }
)


# --- groups ---------------------------------------------------------------------------------------


def subnets(text: str | None) -> list[str]:
    return [each.strip() for each in (text or "").split(",") if each.strip()]


def policies(value: Any) -> Any:
    """AWS's own way to choose who goes first is no wish of anybody's."""
    return None if list(value or ()) == ["Default"] else plain(value)


TEMPLATE = "{id: LaunchTemplateId, name: LaunchTemplateName, version: Version}"

WARM_POOL = """WarmPoolConfiguration.{
    instance_reuse_policy: InstanceReusePolicy && [{reuse_on_scale_in: InstanceReusePolicy.ReuseOnScaleIn}],
    max_group_prepared_capacity: MaxGroupPreparedCapacity,
    min_size: MinSize,
    pool_state: PoolState
}"""

RESERVATION = """CapacityReservationSpecification.{
    capacity_reservation_preference: CapacityReservationPreference,
    capacity_reservation_target: CapacityReservationTarget && [CapacityReservationTarget.{
        capacity_reservation_ids: CapacityReservationIds,
        capacity_reservation_resource_group_arns: CapacityReservationResourceGroupArns}]
}"""


def sized(found: Difference) -> str:
    """What a group is for, unless it has one size."""
    return BY_GROUP if found.actual["min_size"] != found.actual["max_size"] else ""


GROUP = Collector(
    type="aws_autoscaling_group",
    service="autoscaling",
    fetch=listing("auto_scaling_groups", GROUPS),
    permissions=READ,
    id="AutoScalingGroupName",
    identity=("name",),
    owner=made_by,
    attributes={
        "arn": "AutoScalingGroupARN",
        "availability_zone_distribution": block(
            "AvailabilityZoneDistribution.{capacity_distribution_strategy: CapacityDistributionStrategy}",
            capacity_distribution_strategy=defaulting("balanced-best-effort"),
        ),
        "availability_zones": unordered("AvailabilityZones"),
        "capacity_rebalance": "CapacityRebalance",
        "capacity_reservation_specification": block(RESERVATION, capacity_reservation_preference=defaulting("default")),
        "context": "Context",
        "default_cooldown": "DefaultCooldown",
        "default_instance_warmup": "DefaultInstanceWarmup",
        "desired_capacity": "DesiredCapacity",
        "desired_capacity_type": "DesiredCapacityType",
        "enabled_metrics": unordered("EnabledMetrics[].Metric"),
        "health_check_grace_period": "HealthCheckGracePeriod",
        "health_check_type": "HealthCheckType",
        "instance_maintenance_policy": block(
            "InstanceMaintenancePolicy.{max_healthy_percentage: MaxHealthyPercentage, "
            "min_healthy_percentage: MinHealthyPercentage}"
        ),
        "launch_configuration": "LaunchConfigurationName",
        "launch_template": block(f"LaunchTemplate.{TEMPLATE}"),
        "load_balancers": volatile("LoadBalancerNames", APART),  # told as attachments, and so is what follows
        "max_instance_lifetime": "MaxInstanceLifetime",
        "max_size": "MaxSize",
        "metrics_granularity": Attribute(path="EnabledMetrics[0].Granularity || '1Minute'", form=defaulting("1Minute")),
        "min_size": "MinSize",
        "mixed_instances_policy": Attribute(path=MIXED, form=MIXED_FORM),
        "name": "AutoScalingGroupName",
        "placement_group": "PlacementGroup",
        "predicted_capacity": volatile("PredictedCapacity"),
        "protect_from_scale_in": "NewInstancesProtectedFromScaleIn",
        "service_linked_role_arn": "ServiceLinkedRoleARN",
        "suspended_processes": unordered("SuspendedProcesses[].ProcessName"),
        # Told as tags of their own.
        "tag": volatile("Tags[].{key: Key, propagate_at_launch: PropagateAtLaunch, value: Value} || `[]`", APART),
        "target_group_arns": volatile("TargetGroupARNs", APART),
        "termination_policies": Attribute(path="TerminationPolicies", form=Form(canonical=policies)),
        "traffic_source": volatile("TrafficSources[].{identifier: Identifier, type: Type} || `[]`", APART),
        "vpc_zone_identifier": converted("VPCZoneIdentifier", subnets, UNORDERED),
        "warm_pool": block(WARM_POOL, max_group_prepared_capacity=defaulting(-1), pool_state=defaulting("Stopped")),
        "warm_pool_size": volatile("WarmPoolSize"),
    },
    excuses={"desired_capacity": sized},
    facts={
        "created_time": "CreatedTime",
        "instance_ids": "Instances[].InstanceId",
        "pending_deletion": "contains(Status || '', 'Delete')",
        "tags": Attribute(path="Tags", convert=as_tags),
    },
)

# --- what a group is attached to ------------------------------------------------------------------

OF_GROUP = Parent(type="aws_autoscaling_group", by="autoscaling_group_name", part="")


def targets(group: Item) -> Iterator[Item]:
    yield from ({"TargetGroupARN": each} for each in group.get("TargetGroupARNs") or ())
    yield from ({"LoadBalancerName": each} for each in group.get("LoadBalancerNames") or ())
    for each in group.get("TrafficSources") or ():
        if each.get("Type") == "vpc-lattice":
            yield {"TargetGroupARN": each["Identifier"]}


def attached(attributes: Mapping[str, Any]) -> str | None:
    """A group and what it is attached to, by whichever name the provider had for it."""
    names = ("lb_target_group_arn", "alb_target_group_arn", "elb")
    target = next((attributes[name] for name in names if attributes.get(name)), None)
    group = attributes.get("autoscaling_group_name")
    return f"{group}/{target}" if group and target else None


def _attachment(home: Resource, group: Any, **target: Any) -> Resource:
    return home.replace(attributes={"autoscaling_group_name": group, **target})


def in_group(group: Resource) -> Iterator[Resource]:
    name = group.attributes.get("name")
    for each in group.attributes.get("target_group_arns") or ():
        yield _attachment(group, name, lb_target_group_arn=each)
    for each in group.attributes.get("load_balancers") or ():
        yield _attachment(group, name, elb=each)


def traffic_source(home: Resource) -> Iterator[Resource]:
    name = home.attributes.get("autoscaling_group_name")
    for each in home.attributes.get("traffic_source") or ():
        kind = "elb" if each.get("type") == "elb" else "lb_target_group_arn"
        yield _attachment(home, name, **{kind: each.get("identifier")})


ATTACHMENT = Collector(
    type="aws_autoscaling_attachment",
    service="autoscaling",
    fetch=parts("group_attachments", targets),
    permissions=READ,
    id="join('/', [AutoScalingGroupName, TargetGroupARN || LoadBalancerName])",
    identity=attached,
    parent=msgspec.structs.replace(
        OF_GROUP, part="attachment", paths={"elb": "load_balancers", "lb_target_group_arn": "target_group_arns"}
    ),
    homes={"aws_autoscaling_group": in_group, "aws_autoscaling_traffic_source_attachment": traffic_source},
    attributes={
        "autoscaling_group_name": "AutoScalingGroupName",
        "elb": "LoadBalancerName",
        "lb_target_group_arn": "TargetGroupARN",
    },
)

# --- tags -----------------------------------------------------------------------------------------


def own_tags(group: Item) -> Iterator[Item]:
    """Those that people set; AWS's own begin with aws:."""
    return (each for each in group.get("Tags") or () if not each["Key"].startswith("aws:"))


def tags_in_group(group: Resource) -> Iterator[Resource]:
    """The blocks of a group; until version 5 of the provider also a list of maps."""
    for each in [*(group.attributes.get("tag") or ()), *_old_tags(group.attributes.get("tags"))]:
        at_launch = each.get("propagate_at_launch") in (True, "true", "1")
        block = {"key": each.get("key"), "propagate_at_launch": at_launch, "value": each.get("value")}
        attributes = {"autoscaling_group_name": group.attributes.get("name"), "tag": [block]}
        yield group.replace(attributes=attributes)


def _old_tags(value: Any) -> list[Any]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def tagged(attributes: Mapping[str, Any]) -> str | None:
    key = next((each.get("key") for each in attributes.get("tag") or ()), None)
    return f"{attributes.get('autoscaling_group_name')}/{key}" if key else None


GROUP_TAG = Collector(
    type="aws_autoscaling_group_tag",
    service="autoscaling",
    fetch=parts("group_tags", own_tags),
    permissions=READ,
    id="join(',', [AutoScalingGroupName, Key])",
    identity=tagged,
    parent=msgspec.structs.replace(OF_GROUP, part="tag", block="tag"),
    homes={"aws_autoscaling_group": tags_in_group},
    attributes={
        "autoscaling_group_name": "AutoScalingGroupName",
        "tag": block("{key: Key, propagate_at_launch: PropagateAtLaunch, value: Value}"),
    },
)

# --- launch configurations ------------------------------------------------------------------------


def digest(encoded: str | None) -> str | None:
    """What the provider keeps of user data: the SHA-1 of the text."""
    if not encoded:
        return None
    try:
        return hashlib.sha1(base64.b64decode(encoded, validate=True), usedforsecurity=False).hexdigest()
    except binascii.Error:
        return hashlib.sha1(encoded.encode(), usedforsecurity=False).hexdigest()


def same_data(declared: Any, live: Any) -> bool:
    """Written in the other of two attributes, or as a text that has this digest."""
    if declared in (None, ""):
        return True
    return bool(hashlib.sha1(str(declared).encode(), usedforsecurity=False).hexdigest() == live)


USER_DATA = Pairwise(agree=same_data)

# It cannot be changed once it is made: what is compared is that it is still the one.
LAUNCH_CONFIGURATION = Collector(
    type="aws_launch_configuration",
    service="autoscaling",
    fetch=Listing("describe_launch_configurations", "LaunchConfigurations[]"),
    permissions=("autoscaling:DescribeLaunchConfigurations",),
    id="LaunchConfigurationName",
    identity=("name",),
    attributes={
        "arn": "LaunchConfigurationARN",
        "associate_public_ip_address": "AssociatePublicIpAddress",
        # Which of them is the root device only the image tells.
        "ebs_block_device": volatile(
            "BlockDeviceMappings[?Ebs].{delete_on_termination: Ebs.DeleteOnTermination, device_name: DeviceName, "
            "encrypted: Ebs.Encrypted, iops: Ebs.Iops, snapshot_id: Ebs.SnapshotId, throughput: Ebs.Throughput, "
            "volume_size: Ebs.VolumeSize, volume_type: Ebs.VolumeType} || `[]`"
        ),
        "ebs_optimized": "EbsOptimized",
        "enable_monitoring": "InstanceMonitoring.Enabled",
        "ephemeral_block_device": volatile(
            "BlockDeviceMappings[?VirtualName].{device_name: DeviceName, virtual_name: VirtualName} || `[]`"
        ),
        "iam_instance_profile": "IamInstanceProfile",
        "image_id": "ImageId",
        "instance_type": "InstanceType",
        "key_name": "KeyName",
        "metadata_options": block(
            "MetadataOptions.{http_endpoint: HttpEndpoint, "
            "http_put_response_hop_limit: HttpPutResponseHopLimit, http_tokens: HttpTokens}"
        ),
        "name": "LaunchConfigurationName",
        "placement_tenancy": "PlacementTenancy",
        "security_groups": unordered("SecurityGroups"),
        "spot_price": "SpotPrice",
        "user_data": Attribute(path="UserData", form=USER_DATA, convert=digest, sensitive=True),
        "user_data_base64": Attribute(path="UserData", form=USER_DATA, sensitive=True),
    },
    facts={"created_time": "CreatedTime"},
)

COLLECTORS = [ATTACHMENT, GROUP, GROUP_TAG, LAUNCH_CONFIGURATION]
