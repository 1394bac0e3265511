"""What people do by hand to who looks on, where that is written otherwise."""

from __future__ import annotations

import json

from tests.witness.case import Clients, State


def _trail_started(aws: Clients, state: State) -> None:
    aws("cloudtrail").start_logging(Name="full")


def _trail_looks_elsewhere(aws: Clients, state: State) -> None:
    aws("cloudtrail").put_insight_selectors(TrailName="full", InsightSelectors=[{"InsightType": "ApiCallRateInsight"}])
    aws("cloudtrail").put_event_selectors(
        TrailName="full",
        AdvancedEventSelectors=[{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]}],
    )


def _recorder_records_all(aws: Clients, state: State) -> None:
    recorder = state["aws_config_configuration_recorder.some"]
    aws("config").put_configuration_recorder(
        ConfigurationRecorder={
            "name": recorder["name"],
            "roleARN": recorder["role_arn"],
            "recordingGroup": {"allSupported": True, "includeGlobalResourceTypes": True},
        }
    )


def _recorder_started(aws: Clients, state: State) -> None:
    name = state["aws_config_configuration_recorder.some"]["name"]
    aws("config").start_configuration_recorder(ConfigurationRecorderName=name)


def _channel_given_a_rhythm(aws: Clients, state: State) -> None:
    aws("config").put_delivery_channel(
        DeliveryChannel={
            "name": state["aws_config_delivery_channel.bare"]["name"],
            "s3BucketName": "driftline-watches-config",
            "configSnapshotDeliveryProperties": {"deliveryFrequency": "One_Hour"},
        }
    )


def _warnings_sent_too(aws: Clients, state: State) -> None:
    sent = state["aws_cloudwatch_log_subscription_filter.spaced"]
    aws("logs").put_subscription_filter(
        logGroupName=sent["log_group_name"],
        filterName="spaced",
        filterPattern='{ $.level = "ERROR" || $.level = "WARN" }',
        destinationArn=sent["destination_arn"],
        roleArn=sent["role_arn"],
    )


def _logs_written_by_more(aws: Clients, state: State) -> None:
    policy = json.loads(state['aws_cloudwatch_log_resource_policy.all["text"]']["policy_document"])
    policy["Statement"]["Principal"] = {"Service": ["es.amazonaws.com", "events.amazonaws.com"]}
    aws("logs").put_resource_policy(policyName="text", policyDocument=json.dumps(policy))


def _others_subscribe(aws: Clients, state: State) -> None:
    policy = json.loads(state["aws_cloudwatch_log_destination_policy.bare"]["access_policy"])
    policy["Statement"][0]["Principal"]["AWS"] = "*"
    aws("logs").put_destination_policy(destinationName="bare", accessPolicy=json.dumps(policy))


def _logs_kept_for_ever(aws: Clients, state: State) -> None:
    aws("logs").delete_retention_policy(logGroupName="/watches/kept")


def _alarm(aws: Clients, name: str, **changed: object) -> None:
    [found] = aws("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
    told = ("AlarmArn", "AlarmConfigurationUpdatedTimestamp", "StateUpdatedTimestamp", "StateTransitionedTimestamp")
    kept = {key: each for key, each in found.items() if key not in told and not key.startswith("State")}
    aws("cloudwatch").put_metric_alarm(**kept | changed)


def _alarm_tells_nobody(aws: Clients, state: State) -> None:
    _alarm(aws, "full", ActionsEnabled=False, AlarmActions=[], TreatMissingData="ignore", DatapointsToAlarm=3)


def _band_widened(aws: Clients, state: State) -> None:
    [found] = aws("cloudwatch").describe_alarms(AlarmNames=["queries"])["MetricAlarms"]
    metrics = found["Metrics"]
    [band] = [each for each in metrics if each["Id"] == "band"]
    band["Expression"] = "ANOMALY_DETECTION_BAND(rate, 20)"
    _alarm(aws, "queries", Metrics=metrics)


def _share_counted_otherwise(aws: Clients, state: State) -> None:
    [found] = aws("cloudwatch").describe_alarms(AlarmNames=["maths"])["MetricAlarms"]
    metrics = found["Metrics"]
    [errors] = [each for each in metrics if each["Id"] == "errors"]
    errors["MetricStat"]["Period"] = 60
    _alarm(aws, "maths", Metrics=metrics, Threshold=0.2)


def _dashboard_widened(aws: Clients, state: State) -> None:
    body = json.loads(state['aws_cloudwatch_dashboard.all["order"]']["dashboard_body"])
    body["widgets"][0]["width"] = 24
    aws("cloudwatch", "us-east-1").put_dashboard(DashboardName="order", DashboardBody=json.dumps(body))


def _agents_no_longer_kept(aws: Clients, state: State) -> None:
    off = [{"Name": "EKS_ADDON_MANAGEMENT", "Status": "DISABLED"}]
    aws("guardduty").update_detector(
        DetectorId=state["aws_guardduty_detector.bare"]["id"],
        Features=[{"Name": "EKS_RUNTIME_MONITORING", "Status": "ENABLED", "AdditionalConfiguration": off}],
    )


def _machines_inspected(aws: Clients, state: State) -> None:
    aws("inspector2").enable(accountIds=["123456789012"], resourceTypes=["EC2"])


def trail_told_otherwise(aws: Clients, state: State) -> None:
    _trail_looks_elsewhere(aws, state)
    _recorder_records_all(aws, state)
    _channel_given_a_rhythm(aws, state)
    _warnings_sent_too(aws, state)
    _logs_written_by_more(aws, state)


def watchers_started(aws: Clients, state: State) -> None:
    _trail_started(aws, state)
    _recorder_started(aws, state)
    _others_subscribe(aws, state)
    _logs_kept_for_ever(aws, state)
    _machines_inspected(aws, state)


def alarms_told_otherwise(aws: Clients, state: State) -> None:
    _alarm_tells_nobody(aws, state)
    _band_widened(aws, state)
    _share_counted_otherwise(aws, state)
    _dashboard_widened(aws, state)
    _agents_no_longer_kept(aws, state)


GAPS: frozenset[str] = frozenset()
"""The operations that moto does not have."""

ALWAYS = {
    "ours: changed aws_cloudtrail.full insight_selector": (
        "moto never says that a trail has insights of its own, so that nobody looks"
    ),
}

AFTER: dict[str, dict[str, str]] = {
    "trail_told_otherwise": {
        "ours: changed aws_cloudtrail.full advanced_event_selector": (
            "moto never says that a trail has selectors of its own, so that the provider does not look"
        ),
    },
}

EXPLAINED: dict[str, dict[str, str]] = {
    name: ALWAYS | AFTER.get(name, {}) for name in ["none", *globals()] if name[0] != "_"
}
"""What only one of the two says after a change, and why that is as it should be."""
