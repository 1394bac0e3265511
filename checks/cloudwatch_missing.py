"""Amazon CloudWatch: what runs without an alarm on it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

import msgspec

from checks.alarms import ALL, METRIC, on_function, on_instance, on_queue, on_service, watches
from checks.check import Category, Severity, check
from checks.clock import moment
from checks.doubt import any_of
from state import Inventory, Resource, Unknown

SHORT_LIVED = timedelta(days=30)


def _has_alarm(found: Iterable[Resource], namespace: str, names: Sequence[str], on: Mapping[str, Any]) -> bool:
    """Whether an alarm is on one of these metrics, of a thing that has these dimensions, or of all such things."""

    def on_it(dimensions: Mapping[str, str]) -> bool:
        return all(on.get(name) == value for name, value in dimensions.items())

    return bool(any_of(lambda each: watches(each, namespace, names, on_it), found))


@check(
    "aws_lambda_function",
    severity=Severity.LOW,
    category=Category.LOGGING,
)
def cloudwatch_no_alarm_lambda(function: Resource, inventory: Inventory) -> str | None:
    """Function has no alarm on errors.

    A function that fails says so in a log that nobody reads, and whoever called it may not wait for an answer. An
    alarm on all functions does; whether it has an action is told by `cloudwatch-alarm-no-actions`.

    Fix: declare an `aws_cloudwatch_metric_alarm` on `Errors` of `AWS/Lambda` with the `FunctionName`.

    Fails:

        resource "aws_lambda_function" "orders" {
          function_name = "orders"
        }

    Passes:

        resource "aws_lambda_function" "orders" {
          function_name = "orders"
        }

        resource "aws_cloudwatch_metric_alarm" "errors" {
          alarm_name  = "errors"
          namespace   = "AWS/Lambda"
          metric_name = "Errors"
          dimensions  = { FunctionName = "orders" }
        }
    """
    on = {"FunctionName": function["function_name"]}
    found = inventory.candidates(function, METRIC, on_function, ALL, function["function_name"])
    if _has_alarm(found, "AWS/Lambda", ("Errors",), on):
        return None
    return f"{function.name} has no alarm on errors"


@check(
    "aws_instance",
    severity=Severity.LOW,
    category=Category.LOGGING,
)
def cloudwatch_no_alarm_ec2(instance: Resource, inventory: Inventory) -> str | None:
    """Long-lived instance has no alarm on its status checks.

    A machine whose status checks fail is gone for those whom it serves, and runs on for the bill. It counts where a
    machine has run for 30 days or more; those that auto scaling replaces are exempt.

    Fix: declare an `aws_cloudwatch_metric_alarm` on `StatusCheckFailed` with the `InstanceId`.

    Fails:

        live "aws_instance" "web" {
          id             = "i-1"
          instance_state = "running"
          launch_time    = "-31 days"
        }

    Passes:

        live "aws_instance" "web" {
          id             = "i-1"
          instance_state = "running"
          launch_time    = "-31 days"
        }

        resource "aws_cloudwatch_metric_alarm" "status" {
          alarm_name  = "status"
          namespace   = "AWS/EC2"
          metric_name = "StatusCheckFailed"
          dimensions  = { InstanceId = "i-1" }
        }

    Passes:

        live "aws_instance" "web" {
          id             = "i-1"
          instance_state = "running"
          launch_time    = "-3 days"
        }
    """
    if instance.owner or instance["instance_state"] not in ("pending", "running"):
        return None
    if inventory.taken_at - moment(instance.fact("launch_time")) <= SHORT_LIVED:
        return None
    names = ("StatusCheckFailed", "StatusCheckFailed_Instance", "StatusCheckFailed_System")
    found = inventory.candidates(instance, METRIC, on_instance, ALL, instance.id)
    if _has_alarm(found, "AWS/EC2", names, {"InstanceId": instance.id}):
        return None
    return f"{instance.name} has no alarm on its status checks"


@check(
    "aws_ecs_service",
    severity=Severity.LOW,
    category=Category.LOGGING,
)
def cloudwatch_no_alarm_ecs(service: Resource, inventory: Inventory) -> str | None:
    """Service has no alarm on CPU or memory.

    A service that runs out of memory is started over and over. One alarm on one of the two is enough, on the
    service, on its cluster or on all.

    Fix: declare an `aws_cloudwatch_metric_alarm` on `MemoryUtilization` of `AWS/ECS` with `ClusterName` and
    `ServiceName`.

    Fails:

        resource "aws_ecs_service" "shop" {
          name    = "shop"
          cluster = "arn:aws:ecs:eu-west-1:111122223333:cluster/main"
        }

    Passes:

        resource "aws_ecs_service" "shop" {
          name    = "shop"
          cluster = "arn:aws:ecs:eu-west-1:111122223333:cluster/main"
        }

        resource "aws_cloudwatch_metric_alarm" "memory" {
          alarm_name  = "memory"
          namespace   = "AWS/ECS"
          metric_name = "MemoryUtilization"
          dimensions  = { ClusterName = "main", ServiceName = "shop" }
        }
    """
    cluster = str(service["cluster"] or "default").rpartition("/")[2]
    on = {"ClusterName": cluster, "ServiceName": service["name"]}
    found = inventory.candidates(service, METRIC, on_service, ALL, service["name"])
    if _has_alarm(found, "AWS/ECS", ("CPUUtilization", "MemoryUtilization"), on):
        return None
    return f"{service.name} has no alarm on CPU or memory"


@check(
    "aws_sqs_queue",
    severity=Severity.MEDIUM,
    category=Category.LOGGING,
)
def cloudwatch_no_alarm_dlq(queue: Resource, inventory: Inventory) -> str | None:
    """Dead-letter queue has no alarm on its depth.

    What lies in it has failed again and again, and is deleted when its time is over. A queue is one where another
    queue of the region says so; those of functions and topics are not looked for.

    Fix: declare an `aws_cloudwatch_metric_alarm` on `ApproximateNumberOfMessagesVisible` with the `QueueName`.

    Fails:

        resource "aws_sqs_queue" "dead" {
          name = "dead"
          arn  = "arn:aws:sqs:eu-west-1:111122223333:dead"
        }

        resource "aws_sqs_queue_redrive_policy" "orders" {
          queue_url      = "https://sqs.eu-west-1.amazonaws.com/111122223333/orders"
          redrive_policy = jsonencode({
            deadLetterTargetArn = "arn:aws:sqs:eu-west-1:111122223333:dead"
            maxReceiveCount     = 3
          })
        }

    Passes:

        resource "aws_sqs_queue" "dead" {
          name = "dead"
          arn  = "arn:aws:sqs:eu-west-1:111122223333:dead"
        }

        resource "aws_sqs_queue_redrive_policy" "orders" {
          queue_url      = "https://sqs.eu-west-1.amazonaws.com/111122223333/orders"
          redrive_policy = jsonencode({
            deadLetterTargetArn = "arn:aws:sqs:eu-west-1:111122223333:dead"
            maxReceiveCount     = 3
          })
        }

        resource "aws_cloudwatch_metric_alarm" "dead" {
          alarm_name  = "dead"
          namespace   = "AWS/SQS"
          metric_name = "ApproximateNumberOfMessagesVisible"
          dimensions  = { QueueName = "dead" }
        }

    Passes:

        resource "aws_sqs_queue" "orders" {
          name = "orders"
          arn  = "arn:aws:sqs:eu-west-1:111122223333:orders"
        }
    """
    arn = queue["arn"]
    sources = inventory.candidates(queue, "aws_sqs_queue_redrive_policy", _dead_letters, arn)
    if not any_of(lambda each: arn in _dead_letters(each), sources):
        return None
    names = ("ApproximateNumberOfMessagesVisible",)
    found = inventory.candidates(queue, METRIC, on_queue, ALL, queue["name"])
    if _has_alarm(found, "AWS/SQS", names, {"QueueName": queue["name"]}):
        return None
    return f"{queue.name} holds what failed, and has no alarm on its depth"


def _dead_letters(redrive: Resource) -> Iterator[str]:
    """Where a queue sends what failed."""
    said = redrive["redrive_policy"]
    if isinstance(said, str) and said.strip():
        try:
            said = msgspec.json.decode(said)
        except msgspec.DecodeError as error:
            raise Unknown(f"the redrive policy is not JSON: {error}") from error
    if isinstance(said, Mapping) and said.get("deadLetterTargetArn"):
        yield str(said["deadLetterTargetArn"])
