"""What people do to logs, alarms, events and topics by hand."""

from __future__ import annotations

from tests.witness.case import Clients, State


def alarm_silenced(aws: Clients, state: State) -> None:
    aws("cloudwatch").disable_alarm_actions(AlarmNames=["errors"])


def alarm_rung_later(aws: Clients, state: State) -> None:
    [found] = aws("cloudwatch").describe_alarms(AlarmNames=["errors"])["MetricAlarms"]
    kept = ("AlarmName", "AlarmActions", "MetricName", "Namespace", "Statistic", "Dimensions", "Period")
    aws("cloudwatch").put_metric_alarm(
        **{name: found[name] for name in kept},
        EvaluationPeriods=2,
        Threshold=5000,
        ComparisonOperator="GreaterThanThreshold",
    )


def alarm_deleted(aws: Clients, state: State) -> None:
    aws("cloudwatch").delete_alarms(AlarmNames=["errors"])


def logs_kept_for_ever(aws: Clients, state: State) -> None:
    aws("logs").delete_retention_policy(logGroupName="/app")


def metric_filter_deleted(aws: Clients, state: State) -> None:
    aws("logs").delete_metric_filter(logGroupName="/app", filterName="errors")


def fewer_errors_counted(aws: Clients, state: State) -> None:
    """The filter made again; moto keeps one that is changed beside what it was."""
    [found] = aws("logs").describe_metric_filters(logGroupName="/app", filterNamePrefix="errors")["metricFilters"]
    aws("logs").delete_metric_filter(logGroupName="/app", filterName="errors")
    aws("logs").put_metric_filter(
        logGroupName="/app",
        filterName="errors",
        filterPattern="FATAL",
        metricTransformations=found["metricTransformations"],
    )


def rule_switched_off(aws: Clients, state: State) -> None:
    aws("events").disable_rule(Name="nightly")


def target_given_other_input(aws: Clients, state: State) -> None:
    target = {"Id": "alerts", "Arn": state["aws_sns_topic.alerts"]["arn"], "Input": '{"kind": "hourly"}'}
    aws("events").put_targets(Rule="nightly", Targets=[target])


def topic_renamed_on_display(aws: Clients, state: State) -> None:
    arn = state["aws_sns_topic.alerts"]["arn"]
    aws("sns").set_topic_attributes(TopicArn=arn, AttributeName="DisplayName", AttributeValue="Pages")


def topic_policy_replaced(aws: Clients, state: State) -> None:
    arn = state["aws_sns_topic.alerts"]["arn"]
    aws("sns").set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=_OPEN)


def topic_deleted(aws: Clients, state: State) -> None:
    aws("sns").delete_topic(TopicArn=state["aws_sns_topic.alerts"]["arn"])


_OPEN = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sns:Publish"}]}'

COPY = "The topic's own copy of a policy that is declared by itself: told once, where it is declared"

EXPLAINED: dict[str, dict[str, str]] = {
    "topic_policy_replaced": {"terraform: changed aws_sns_topic.alerts policy": COPY},
}
"""What only one of the two says after a change, and why that is as it should be."""
