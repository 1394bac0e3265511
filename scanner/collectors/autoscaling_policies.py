"""EC2 Auto Scaling: policies, schedules, hooks and notifications of groups."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from typing import Any

import msgspec

from scanner.aws.collector import Attribute, Collector, Listing, block, converted, unordered, volatile
from scanner.aws.inside import Once, inside
from scanner.aws.place import Item, Place
from scanner.collectors.appautoscaling import (
    DIMENSIONS,
    foreseen,
    predefined,
    query,
    specifications,
    steps,
    without_order,
)
from scanner.collectors.autoscaling import GROUPS
from state import Resource
from state.forms import TO_THE_SECOND, UNORDERED, Form, said
from state.schema import Parent

OF_GROUP = Parent(type="aws_autoscaling_group", by="autoscaling_group_name", part="")

TRACKING = f"""TargetTrackingConfiguration.{{
    customized_metric_specification: CustomizedMetricSpecification && [CustomizedMetricSpecification.{{
        metric_dimension: {DIMENSIONS},
        metric_name: MetricName,
        metrics: Metrics[].{query("dimensions", ", period: Period")},
        namespace: Namespace,
        period: Period,
        statistic: Statistic,
        unit: Unit}}],
    disable_scale_in: DisableScaleIn,
    predefined_metric_specification: {predefined("PredefinedMetricSpecification")},
    target_value: TargetValue
}}"""

PREDICTIVE = f"""PredictiveScalingConfiguration.{{
    max_capacity_breach_behavior: MaxCapacityBreachBehavior,
    max_capacity_buffer: MaxCapacityBuffer && to_string(MaxCapacityBuffer),
    metric_specification: {specifications("metric_data_queries", "dimensions", "TargetValue")},
    mode: Mode,
    scheduling_buffer_time: SchedulingBufferTime && to_string(SchedulingBufferTime)
}}"""

OWN_METRIC = Form(inner={"metric_dimension": UNORDERED, "metrics": without_order("dimensions")})

POLICY = Collector(
    type="aws_autoscaling_policy",
    service="autoscaling",
    fetch=Listing("describe_policies", "ScalingPolicies[]"),
    permissions=("autoscaling:DescribePolicies",),
    id="PolicyName",
    identity=("autoscaling_group_name", "name"),
    attributes={
        "adjustment_type": "AdjustmentType",
        "arn": "PolicyARN",
        "autoscaling_group_name": "AutoScalingGroupName",
        "cooldown": "Cooldown",
        "enabled": "Enabled",
        "estimated_instance_warmup": "EstimatedInstanceWarmup",
        "metric_aggregation_type": "MetricAggregationType",
        "min_adjustment_magnitude": "MinAdjustmentMagnitude",
        "name": "PolicyName",
        "policy_type": "PolicyType",
        "predictive_scaling_configuration": block(
            PREDICTIVE, metric_specification=foreseen("metric_data_queries", "dimensions")
        ),
        "scaling_adjustment": "ScalingAdjustment",
        "step_adjustment": converted("StepAdjustments", steps, UNORDERED),
        "target_tracking_configuration": block(TRACKING, customized_metric_specification=OWN_METRIC),
    },
)


def unless_unset(value: Any) -> Any:
    """A size that the schedule leaves alone is -1 to the provider; 0 is a size."""
    return None if value in (None, -1) else said(value)


def size(path: str) -> Attribute:
    return Attribute(path=path, convert=lambda found: -1 if found is None else found, form=Form(canonical=unless_unset))


SCHEDULE = Collector(
    type="aws_autoscaling_schedule",
    service="autoscaling",
    fetch=Listing("describe_scheduled_actions", "ScheduledUpdateGroupActions[]"),
    permissions=("autoscaling:DescribeScheduledActions",),
    id="ScheduledActionName",
    identity=("autoscaling_group_name", "scheduled_action_name"),
    attributes={
        "arn": "ScheduledActionARN",
        "autoscaling_group_name": "AutoScalingGroupName",
        "desired_capacity": size("DesiredCapacity"),
        "end_time": Attribute(path="EndTime", form=TO_THE_SECOND),
        "max_size": size("MaxSize"),
        "min_size": size("MinSize"),
        "recurrence": "Recurrence",
        "scheduled_action_name": "ScheduledActionName",
        "start_time": volatile("StartTime"),  # of one that recurs it is when it is next
        "time_zone": "TimeZone",
    },
)

# --- hooks ----------------------------------------------------------------------------------------


async def _hooks(place: Place, group: Item) -> Item:
    return await place.call(
        "autoscaling", "describe_lifecycle_hooks", AutoScalingGroupName=group["AutoScalingGroupName"]
    )


def hooks(answer: Item, group: Item) -> Iterable[Item]:
    return answer.get("LifecycleHooks") or ()


def initial_hooks(group: Resource) -> Iterator[Resource]:
    for each in group.attributes.get("initial_lifecycle_hook") or ():
        attributes = {**each, "autoscaling_group_name": group.attributes.get("name")}
        yield group.replace(attributes=attributes)


HOOK = Collector(
    type="aws_autoscaling_lifecycle_hook",
    service="autoscaling",
    fetch=inside("lifecycle_hooks", GROUPS, Once(_hooks), hooks),
    permissions=("autoscaling:DescribeLifecycleHooks", "autoscaling:DescribeAutoScalingGroups"),
    id="LifecycleHookName",
    identity=("autoscaling_group_name", "name"),
    parent=msgspec.structs.replace(OF_GROUP, part="initial_lifecycle_hook"),
    homes={"aws_autoscaling_group": initial_hooks},
    attributes={
        "autoscaling_group_name": "AutoScalingGroupName",
        "default_result": "DefaultResult",
        "heartbeat_timeout": "HeartbeatTimeout",
        "lifecycle_transition": "LifecycleTransition",
        "name": "LifecycleHookName",
        "notification_metadata": "NotificationMetadata",
        "notification_target_arn": "NotificationTargetARN",
        "role_arn": "RoleARN",
    },
)

# --- notifications --------------------------------------------------------------------------------


async def notifications(place: Place) -> AsyncIterator[list[Item]]:
    """What each topic is told of each group; AWS answers with one row for each kind of event."""
    rows: dict[tuple[str, str], list[str]] = defaultdict(list)
    async for page in place.pages("autoscaling", "describe_notification_configurations"):
        for each in page.get("NotificationConfigurations") or ():
            rows[each["TopicARN"], each["AutoScalingGroupName"]].append(each["NotificationType"])
    yield [
        {"TopicARN": topic, "AutoScalingGroupName": group, "NotificationTypes": kinds}
        for (topic, group), kinds in rows.items()
    ]


def of_each_group(notification: Resource) -> Iterator[Resource]:
    """Terraform's names a topic and many groups."""
    for group in notification.attributes.get("group_names") or ():
        attributes = {**notification.attributes, "group_names": [group]}
        yield notification.replace(attributes=attributes)


def told_of(attributes: Mapping[str, Any]) -> str:
    return "/".join([str(attributes.get("topic_arn")), *map(str, attributes.get("group_names") or ())])


NOTIFICATION = Collector(
    type="aws_autoscaling_notification",
    service="autoscaling",
    fetch=notifications,
    permissions=("autoscaling:DescribeNotificationConfigurations",),
    id="TopicARN",
    identity=told_of,
    homes={"aws_autoscaling_notification": of_each_group},
    attributes={
        "group_names": unordered("[AutoScalingGroupName]"),
        "notifications": unordered("NotificationTypes"),
        "topic_arn": "TopicARN",
    },
)

COLLECTORS = [HOOK, NOTIFICATION, POLICY, SCHEDULE]
