"""Amazon CloudWatch: alarms on metrics and on other alarms, and dashboards."""

from __future__ import annotations

from typing import Any

from scanner.aws.collector import (
    Attribute,
    Collector,
    Detail,
    Listing,
    Scope,
    block,
    converted,
    document,
    unordered,
)
from scanner.aws.place import Item
from state.forms import MAP, Form, defaulting, without_order

ALARM_TYPES = (("AlarmTypes", ["MetricAlarm", "CompositeAlarm"]),)
GONE = ("ResourceNotFound", "ResourceNotFoundException")
TAGS = Detail(operation="list_tags_for_resource", arguments={"ResourceARN": "AlarmArn"}, into="Tagging", gone=GONE)
PERMISSIONS = ("cloudwatch:DescribeAlarms", "cloudwatch:ListTagsForResource")

ALARM: dict[str, str | Attribute] = {
    "actions_enabled": Attribute(path="ActionsEnabled", form=defaulting(True)),
    "alarm_actions": unordered("AlarmActions"),
    "alarm_description": "AlarmDescription",
    "alarm_name": "AlarmName",
    "arn": "AlarmArn",
    "insufficient_data_actions": unordered("InsufficientDataActions"),
    "ok_actions": unordered("OKActions"),
}
ALARM_FACTS = {
    "state_transitioned_timestamp": "StateTransitionedTimestamp",
    "state_updated_timestamp": "StateUpdatedTimestamp",
    "state_value": "StateValue",
}


def as_map(pairs: Any) -> dict[str, str]:
    return {each["Name"]: each["Value"] for each in pairs or ()}


def queries(found: Any) -> list[Any]:
    """Metric queries, the dimensions of each as a map."""
    return [
        {**query, "metric": [{**each, "dimensions": as_map(each["dimensions"])} for each in query["metric"] or ()]}
        for query in found or ()
    ]


def scaling(alarm: Item) -> str | None:
    """Auto scaling makes an alarm for each target that a policy tracks, and says so."""
    text = alarm.get("AlarmDescription") or ""
    mark = "DO NOT EDIT OR DELETE. For TargetTrackingScalingPolicy "
    return f"autoscaling: {text.removeprefix(mark).rstrip('.')}" if text.startswith(mark) else None


QUERY = """Metrics[].{
    account_id: AccountId,
    expression: Expression,
    id: Id,
    label: Label,
    metric: MetricStat && [MetricStat.{
        dimensions: Metric.Dimensions,
        metric_name: Metric.MetricName,
        namespace: Metric.Namespace,
        period: Period,
        stat: Stat,
        unit: Unit
    }],
    period: Period,
    return_data: ReturnData
}"""

METRIC_ALARM = Collector(
    type="aws_cloudwatch_metric_alarm",
    service="cloudwatch",
    fetch=Listing("describe_alarms", "MetricAlarms", ALARM_TYPES),
    details=(TAGS,),
    permissions=PERMISSIONS,
    id="AlarmName",
    identity=("alarm_name",),
    owner=scaling,
    attributes={
        **ALARM,
        "comparison_operator": "ComparisonOperator",
        "datapoints_to_alarm": "DatapointsToAlarm",
        "dimensions": converted("Dimensions", as_map, MAP),
        "evaluate_low_sample_count_percentiles": "EvaluateLowSampleCountPercentile",
        "evaluation_periods": "EvaluationPeriods",
        "extended_statistic": "ExtendedStatistic",
        "metric_name": "MetricName",
        "metric_query": Attribute(
            path=QUERY,
            form=Form(canonical=without_order, inner={"metric": Form(inner={"dimensions": MAP})}),
            convert=queries,
        ),
        "namespace": "Namespace",
        "period": "Period",
        "statistic": "Statistic",
        "threshold": "Threshold",
        "threshold_metric_id": "ThresholdMetricId",
        "treat_missing_data": Attribute(path="TreatMissingData", form=defaulting("missing")),
        "unit": "Unit",
    },
    facts=ALARM_FACTS,
    tags="Tagging.Tags",
)

COMPOSITE_ALARM = Collector(
    type="aws_cloudwatch_composite_alarm",
    service="cloudwatch",
    fetch=Listing("describe_alarms", "CompositeAlarms", ALARM_TYPES),
    details=(TAGS,),
    permissions=PERMISSIONS,
    id="AlarmName",
    identity=("alarm_name",),
    attributes={
        **ALARM,
        "actions_suppressor": block(
            "@.{alarm: ActionsSuppressor, extension_period: ActionsSuppressorExtensionPeriod, "
            "wait_period: ActionsSuppressorWaitPeriod}"
        ),
        "alarm_rule": "AlarmRule",
    },
    facts=ALARM_FACTS,
    tags="Tagging.Tags",
)

DASHBOARD = Collector(
    type="aws_cloudwatch_dashboard",
    service="cloudwatch",
    scope=Scope.GLOBAL,
    fetch=Listing("list_dashboards", "DashboardEntries"),
    details=(
        Detail(
            operation="get_dashboard",
            arguments={"DashboardName": "DashboardName"},
            into="Got",
            gone=("ResourceNotFound", "DashboardNotFoundError"),
        ),
    ),
    permissions=("cloudwatch:ListDashboards", "cloudwatch:GetDashboard"),
    id="DashboardName",
    identity=("dashboard_name",),
    arn="DashboardArn",
    attributes={
        "dashboard_arn": "DashboardArn",
        "dashboard_body": document("Got.DashboardBody"),
        "dashboard_name": "DashboardName",
    },
    facts={"last_modified": "LastModified"},
)

COLLECTORS = [METRIC_ALARM, COMPOSITE_ALARM, DASHBOARD]
