"""Application Auto Scaling: what may be scaled, by which policies and at what times.

Everything is asked for once for each kind of thing that can be scaled: AWS has no listing of all.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from botocore.exceptions import ClientError

from scanner.aws.collector import Attribute, Collector, Detail, block, volatile
from scanner.aws.errors import code
from scanner.aws.inside import Once, inside
from scanner.aws.place import Item, Place
from state import Inventory, Resource, Unknown
from state.forms import TO_THE_SECOND, UNORDERED, Form, defaulting
from state.noise import BY_TARGET, Difference, Rule

KINDS = (
    "appstream",
    "cassandra",
    "comprehend",
    "custom-resource",
    "dynamodb",
    "ec2",
    "ecs",
    "elasticache",
    "elasticmapreduce",
    "kafka",
    "lambda",
    "neptune",
    "rds",
    "sagemaker",
    "workspaces",
)


async def _kinds(place: Place) -> list[Item]:
    return [{"ServiceNamespace": each} for each in KINDS]


async def _or_none(asking: Awaitable[Item]) -> Item:
    """Nothing is scaled of a kind that AWS does not know, as in a region that has no such service."""
    try:
        return await asking
    except ClientError as error:
        if code(error) == "ValidationException" and "enum value set" in str(error):
            return {}
        raise


async def _targets(place: Place, kind: Item) -> Item:
    return await _or_none(place.whole("application-autoscaling", "describe_scalable_targets", **kind))


async def _policies(place: Place, kind: Item) -> Item:
    return await _or_none(place.whole("application-autoscaling", "describe_scaling_policies", **kind))


async def _actions(place: Place, kind: Item) -> Item:
    return await _or_none(place.whole("application-autoscaling", "describe_scheduled_actions", **kind))


def told(key: str) -> Callable[[Item, Item], Iterable[Item]]:
    return lambda answer, kind: answer.get(key) or ()


IDENTITY = ("service_namespace", "resource_id", "scalable_dimension")
ABOUT: dict[str, str | Attribute] = {
    "resource_id": "ResourceId",
    "scalable_dimension": "ScalableDimension",
    "service_namespace": "ServiceNamespace",
}

KINDS_ASKED = Once(_kinds)

TARGET = Collector(
    type="aws_appautoscaling_target",
    service="application-autoscaling",
    fetch=inside("scalable_targets", KINDS_ASKED, Once(_targets), told("ScalableTargets")),
    details=(
        Detail(
            operation="list_tags_for_resource",
            arguments={"ResourceARN": "ScalableTargetARN"},
            into="Tagging",
            unless="!ScalableTargetARN",
            gone=("ResourceNotFoundException",),
        ),
    ),
    permissions=("application-autoscaling:DescribeScalableTargets", "application-autoscaling:ListTagsForResource"),
    id="ResourceId",
    identity=IDENTITY,
    attributes={
        **ABOUT,
        "arn": "ScalableTargetARN",
        "max_capacity": "MaxCapacity",
        "min_capacity": "MinCapacity",
        "role_arn": "RoleARN",
        "suspended_state": block(
            "SuspendedState.{dynamic_scaling_in_suspended: DynamicScalingInSuspended, "
            "dynamic_scaling_out_suspended: DynamicScalingOutSuspended, "
            "scheduled_scaling_suspended: ScheduledScalingSuspended}"
        ),
    },
    facts={"creation_time": "CreationTime"},
    tags="Tagging.Tags",
)


def scaled(namespace: str, dimension: str, id: Callable[[Difference], str]) -> Rule:
    """The rule for a value that a live target says is scaled, and that scaling may have come to.

    Outside its target's bounds somebody set it, by hand or by another tool:
    https://aws.amazon.com/premiumsupport/knowledge-center/ecs-service-auto-scaling-issues/
    """

    def rule(found: Difference) -> str:
        about = {"service_namespace": namespace, "scalable_dimension": dimension, "resource_id": id(found)}
        targets = found.among.near(found.actual, "aws_appautoscaling_target", **about)
        return BY_TARGET if any(_is_within(found.live, each) for each in targets) else ""

    return rule


def _is_within(value: Any, target: Resource) -> bool:
    return bool(target["min_capacity"] <= (value or 0) <= target["max_capacity"])


def added(namespace: str, prefix: str) -> Callable[[Resource, Inventory], str | None]:
    """Who made a replica that is named as scaling names those it adds to a cluster, and takes away again.

    One of a cluster that nothing scales any more stays, and is somebody's to delete:
    https://github.com/claranet/terraform-aws-aurora/pull/13. Where targets could not be read its name decides.
    """

    def maker(replica: Resource, inventory: Inventory) -> str | None:
        of = replica["cluster_identifier"]
        if not replica.id.startswith(prefix):
            return None
        dimension = f"{namespace}:cluster:ReadReplicaCount"
        about = {"service_namespace": namespace, "scalable_dimension": dimension, "resource_id": f"cluster:{of}"}
        try:
            is_scaled = bool(inventory.near(replica, "aws_appautoscaling_target", **about))
        except Unknown:
            is_scaled = True
        return f"application-autoscaling: {of}" if is_scaled else None

    return maker


# --- metrics, as both auto scalings tell them ------------------------------------------------------

DIMENSIONS = "Dimensions[].{name: Name, value: Value}"


def bound(value: Any) -> str | None:
    """Where a step begins or ends: a number to AWS, a text to the provider."""
    return None if value is None else f"{value:g}"


def steps(found: Any) -> list[dict[str, Any]]:
    return [
        {
            "metric_interval_lower_bound": bound(each.get("MetricIntervalLowerBound")),
            "metric_interval_upper_bound": bound(each.get("MetricIntervalUpperBound")),
            "scaling_adjustment": each.get("ScalingAdjustment"),
        }
        for each in found or ()
    ]


def predefined(name: str) -> str:
    return f"{name} && [{name}.{{predefined_metric_type: PredefinedMetricType, resource_label: ResourceLabel}}]"


def stat(dimensions: str, more: str = "") -> str:
    """A metric and its statistic."""
    metric = f"{{{dimensions}: Metric.{DIMENSIONS}, metric_name: Metric.MetricName, namespace: Metric.Namespace}}"
    return f"MetricStat && [MetricStat.{{metric: [{metric}], stat: Stat, unit: Unit{more}}}]"


def query(dimensions: str, more: str = "") -> str:
    """One of several metrics that are reckoned with one another."""
    inner = stat(dimensions, more)
    return f"{{expression: Expression, id: Id, label: Label, metric_stat: {inner}, return_data: ReturnData}}"


def customized(name: str, queries: str, dimensions: str) -> str:
    return f"{name} && [{{{queries}: {name}.MetricDataQueries[].{query(dimensions)}}}]"


def specifications(queries: str, dimensions: str, target: str) -> str:
    """What a predictive policy foresees, and by what."""
    kinds = ", ".join(
        f"predefined_{name}_specification: {predefined(aws)}"
        for name, aws in {
            "load_metric": "PredefinedLoadMetricSpecification",
            "metric_pair": "PredefinedMetricPairSpecification",
            "scaling_metric": "PredefinedScalingMetricSpecification",
        }.items()
    )
    own = ", ".join(
        f"customized_{name}_specification: {customized(aws, queries, dimensions)}"
        for name, aws in {
            "capacity_metric": "CustomizedCapacityMetricSpecification",
            "load_metric": "CustomizedLoadMetricSpecification",
            "scaling_metric": "CustomizedScalingMetricSpecification",
        }.items()
    )
    return f"MetricSpecifications[].{{{kinds}, {own}, target_value: {target}}}"


def without_order(dimensions: str) -> Form:
    """The form of one metric reckoned with others."""
    metric = Form(inner={dimensions: UNORDERED})
    return Form(
        canonical=UNORDERED.canonical,
        inner={"metric_stat": Form(inner={"metric": metric}), "return_data": defaulting(True)},
    )


def foreseen(queries: str, dimensions: str) -> Form:
    inner = Form(inner={queries: without_order(dimensions)})
    names = ("capacity_metric", "load_metric", "scaling_metric")
    return Form(inner={f"customized_{name}_specification": inner for name in names})


# --- policies -------------------------------------------------------------------------------------


def by_steps(found: Item | None) -> list[Item]:
    if not found:
        return []
    return [
        {
            "adjustment_type": found.get("AdjustmentType"),
            "cooldown": found.get("Cooldown"),
            "metric_aggregation_type": found.get("MetricAggregationType"),
            "min_adjustment_magnitude": found.get("MinAdjustmentMagnitude"),
            "step_adjustment": steps(found.get("StepAdjustments")),
        }
    ]


def as_number(value: Any) -> Any:
    """A number that the provider keeps as a text."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return value


TRACKING = f"""TargetTrackingScalingPolicyConfiguration.{{
    customized_metric_specification: CustomizedMetricSpecification && [CustomizedMetricSpecification.{{
        dimensions: {DIMENSIONS},
        metric_name: MetricName,
        metrics: Metrics[].{query("dimensions")},
        namespace: Namespace,
        statistic: Statistic,
        unit: Unit}}],
    disable_scale_in: DisableScaleIn,
    predefined_metric_specification: {predefined("PredefinedMetricSpecification")},
    scale_in_cooldown: ScaleInCooldown,
    scale_out_cooldown: ScaleOutCooldown,
    target_value: TargetValue
}}"""

PREDICTIVE = f"""PredictiveScalingPolicyConfiguration.{{
    max_capacity_breach_behavior: MaxCapacityBreachBehavior,
    max_capacity_buffer: MaxCapacityBuffer,
    metric_specification: {specifications("metric_data_query", "dimension", "to_string(TargetValue)")},
    mode: Mode,
    scheduling_buffer_time: SchedulingBufferTime
}}"""

FORESEEN = foreseen("metric_data_query", "dimension")

POLICY = Collector(
    type="aws_appautoscaling_policy",
    service="application-autoscaling",
    fetch=inside("application_scaling_policies", KINDS_ASKED, Once(_policies), told("ScalingPolicies")),
    permissions=("application-autoscaling:DescribeScalingPolicies",),
    id="PolicyName",
    identity=(*IDENTITY, "name"),
    attributes={
        **ABOUT,
        "alarm_arns": volatile("Alarms[].AlarmARN"),  # made anew by AWS with each change
        "arn": "PolicyARN",
        "name": "PolicyName",
        "policy_type": "PolicyType",
        "predictive_scaling_policy_configuration": block(
            PREDICTIVE, metric_specification=Form(inner={**FORESEEN.inner, "target_value": Form(canonical=as_number)})
        ),
        "step_scaling_policy_configuration": Attribute(
            path="StepScalingPolicyConfiguration", form=Form(inner={"step_adjustment": UNORDERED}), convert=by_steps
        ),
        "target_tracking_scaling_policy_configuration": block(
            TRACKING,
            customized_metric_specification=Form(
                inner={"dimensions": UNORDERED, "metrics": without_order("dimensions")}
            ),
        ),
    },
    facts={"creation_time": "CreationTime"},
)

# --- times ----------------------------------------------------------------------------------------

SCHEDULED_ACTION = Collector(
    type="aws_appautoscaling_scheduled_action",
    service="application-autoscaling",
    fetch=inside("application_scheduled_actions", KINDS_ASKED, Once(_actions), told("ScheduledActions")),
    permissions=("application-autoscaling:DescribeScheduledActions",),
    id="join('-', [ScheduledActionName, ServiceNamespace, ResourceId])",
    identity=(*IDENTITY, "name"),
    attributes={
        **ABOUT,
        "arn": "ScheduledActionARN",
        "end_time": Attribute(path="EndTime", form=TO_THE_SECOND),
        "name": "ScheduledActionName",
        "scalable_target_action": block(
            "ScalableTargetAction.{max_capacity: MaxCapacity && to_string(MaxCapacity), "
            "min_capacity: MinCapacity && to_string(MinCapacity)}"
        ),
        "schedule": "Schedule",
        "start_time": Attribute(path="StartTime", form=TO_THE_SECOND),
        "timezone": Attribute(path="Timezone", form=defaulting("UTC")),
    },
    facts={"creation_time": "CreationTime"},
)

COLLECTORS = [POLICY, SCHEDULED_ACTION, TARGET]
