"""Alarms of CloudWatch: what they watch, and whether anybody hears them."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from checks.doubt import any_of, both, either, said
from state import Inventory, Resource, Unknown

METRIC, COMPOSITE = "aws_cloudwatch_metric_alarm", "aws_cloudwatch_composite_alarm"
TOPIC = re.compile(r"arn:[^:]+:sns:[^:]*:(\d*):.*|\$\{aws_sns_topic\..*")
MACHINES = re.compile(r"arn:[^:]+:(automate|autoscaling|swf):.*")
"""Actions that stop an instance or change how many there are: nobody hears of it."""


Where = Callable[[Mapping[str, str]], bool]
"""Whether an alarm with these dimensions is on the thing in question."""


def watches(alarm: Resource, namespace: str, names: Collection[str], where: Where = lambda dimensions: True) -> bool:
    """Whether an alarm is on one of these metrics; of a query over all of the namespace (``SELECT … FROM
    SCHEMA("AWS/RDS", …)``) it is enough to name one.
    """

    def fits(metric: Mapping[str, Any]) -> bool:
        wanted = metric["namespace"] == namespace and metric["metric_name"] in names
        return wanted and where(metric["dimensions"] or {})

    def asks(query: Mapping[str, Any]) -> bool:
        text = str(query.get("expression") or "")
        return namespace in text and any(name in text for name in names)

    return either(lambda: any_of(fits, _metrics(alarm)), lambda: any_of(asks, said(alarm, "metric_query") or ()))


def _metrics(alarm: Resource) -> Iterator[Mapping[str, Any]]:
    if alarm["metric_name"]:
        yield {name: alarm[name] for name in ("metric_name", "namespace", "dimensions")}
    for query in said(alarm, "metric_query") or ():
        yield from query.get("metric") or ()


def rings(alarm: Resource) -> bool:
    """Whether an alarm does anything when it goes off."""
    return both(lambda: said(alarm, "actions_enabled") is not False, lambda: bool(alarm["alarm_actions"]))


def above(alarm: Resource, inventory: Inventory) -> Iterator[Resource]:
    """The composite alarms whose rule names an alarm."""
    names = (alarm["alarm_name"], alarm["arn"])
    for each in inventory.candidates(alarm, COMPOSITE, names_in, *names):
        if not names_in(each).isdisjoint(names):
            yield each


NAME = re.compile(r"""\(\s*(?:"([^"]*)"|'([^']*)'|([^()\s"']+))\s*\)""")


def names_in(composite: Resource) -> set[str]:
    """The alarms that a rule names, by name or ARN, quoted or not: ``ALARM("disk is full") OR ALARM(cpu)``."""
    return {"".join(each) for each in NAME.findall(composite["alarm_rule"] or "")}


def actions(alarm: Resource) -> list[str]:
    return alarm["alarm_actions"] or []


ALL = "*"


def on_database(alarm: Resource) -> list[str]:
    """The instances that an alarm of RDS names; ALL where it names none."""
    return list(_named(alarm, ("AWS/RDS",), "DBInstanceIdentifier"))


def on_balancer(alarm: Resource) -> list[str]:
    return list(_named(alarm, ("AWS/ApplicationELB", "AWS/GatewayELB", "AWS/NetworkELB"), "LoadBalancer"))


def on_function(alarm: Resource) -> list[str]:
    return list(_named(alarm, ("AWS/Lambda",), "FunctionName"))


def on_instance(alarm: Resource) -> list[str]:
    return list(_named(alarm, ("AWS/EC2",), "InstanceId"))


def on_queue(alarm: Resource) -> list[str]:
    return list(_named(alarm, ("AWS/SQS",), "QueueName"))


def on_service(alarm: Resource) -> list[str]:
    return list(_named(alarm, ("AWS/ECS",), "ServiceName"))


def _named(alarm: Resource, namespaces: Sequence[str], dimension: str) -> Iterator[str]:
    for metric in _metrics(alarm):
        if metric["namespace"] in namespaces:
            yield (metric["dimensions"] or {}).get(dimension, ALL)
    for query in said(alarm, "metric_query") or ():
        if any(each in str(query.get("expression") or "") for each in namespaces):
            yield ALL


def is_heard(alarm: Resource, inventory: Inventory) -> bool:
    """Whether an alarm, or one that is made of it, tells somebody: a topic that has a subscriber, or a function."""

    def tells(each: Resource) -> bool:
        return both(lambda: rings(each), lambda: any_of(lambda to: reaches(each, inventory, to), each["alarm_actions"]))

    return either(lambda: tells(alarm), lambda: any_of(tells, above(alarm, inventory)))


def reaches(alarm: Resource, inventory: Inventory, action: str) -> bool:
    """Whether an action of an alarm reaches somebody."""
    topic = TOPIC.fullmatch(action)
    return has_subscriber(alarm, inventory, action, topic[1]) if topic else not MACHINES.fullmatch(action)


def has_subscriber(near: Resource, inventory: Inventory, topic: str, account: str | None = None) -> bool:
    """Whether a topic has a subscriber who confirmed; raises Unknown of another account's."""
    if account and near.account and account != near.account:
        raise Unknown(f"who is subscribed to {topic} is known in account {account}")
    return bool(any_of(is_confirmed, inventory.near(near, "aws_sns_topic_subscription", topic_arn=topic)))


def is_confirmed(subscription: Resource) -> bool:
    if subscription.declared is not None:
        return not said(subscription, "pending_confirmation")
    return not (subscription.fact("waits_for_confirmation") or subscription.fact("pending_deletion"))
