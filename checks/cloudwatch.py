"""Amazon CloudWatch: alarms that nobody hears or that hear nothing, and what has none."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from checks.alarms import ALL, COMPOSITE, METRIC, above, on_balancer, on_database, rings, watches
from checks.check import Category, Fault, Severity, check
from checks.clock import moment
from checks.doubt import any_of, said
from state import Inventory, Resource

SILENT = timedelta(days=3)
OF_DATABASES = ("CPUUtilization", "FreeStorageSpace", "DatabaseConnections")
OF_INSTANCE = {
    "DBInstanceIdentifier": "identifier",
    "DatabaseClass": "instance_class",
    "EngineName": "engine",
}
"""What the metrics of a database are told by, and the attribute that says it."""
OF_BALANCERS = {
    "application": (
        "AWS/ApplicationELB",
        (
            "HTTPCode_ELB_5XX_Count",
            "HTTPCode_Target_5XX_Count",
            "HealthyHostCount",
            "RejectedConnectionCount",
            "TargetConnectionErrorCount",
            "UnHealthyHostCount",
            "UnhealthyRoutingRequestCount",
        ),
    ),
    "network": (
        "AWS/NetworkELB",
        ("HealthyHostCount", "PortAllocationErrorCount", "TCP_ELB_Reset_Count", "UnHealthyHostCount"),
    ),
    "gateway": ("AWS/GatewayELB", ("HealthyHostCount", "UnHealthyHostCount")),
}


@check(
    METRIC,
    COMPOSITE,
    severity=Severity.HIGH,
    category=Category.LOGGING,
    pci_4="10.2.1.1;10.4.1;10.4.1.1;10.4.2;10.4.3;10.6.3;10.7.1;10.7.2;11.5.2;11.6.1;12.10.5;A3.3.1;A3.5.1",
)
def cloudwatch_alarm_no_actions(alarm: Resource, inventory: Inventory) -> str | None:
    """Alarm's actions are missing or off, so no one hears it.

    It turns red on a page that nobody looks at. Other than with Prowler, an alarm that a composite alarm is made
    of needs no action of its own; the composite one does. What auto scaling made is exempt.

    Fix: set `alarm_actions` to a topic, and `actions_enabled = true`.

    Fails:

        resource "aws_cloudwatch_metric_alarm" "cpu" {
          alarm_name    = "cpu"
          alarm_actions = []
        }

    Fails:

        resource "aws_cloudwatch_metric_alarm" "cpu" {
          alarm_name      = "cpu"
          alarm_actions   = ["arn:aws:sns:eu-west-1:123456789012:ops"]
          actions_enabled = false
        }

    Passes:

        resource "aws_cloudwatch_metric_alarm" "cpu" {
          alarm_name    = "cpu"
          alarm_actions = ["arn:aws:sns:eu-west-1:123456789012:ops"]
        }

    Passes:

        resource "aws_cloudwatch_metric_alarm" "cpu" {
          alarm_name = "cpu"
        }

        resource "aws_cloudwatch_composite_alarm" "shop" {
          alarm_name    = "shop"
          alarm_rule    = "ALARM(cpu) OR ALARM(disk)"
          alarm_actions = ["arn:aws:sns:eu-west-1:123456789012:ops"]
        }
    """
    if alarm.owner or rings(alarm) or any(True for _ in above(alarm, inventory)):
        return None
    return f"{alarm.name} {'has no action' if not alarm['alarm_actions'] else 'has its actions switched off'}"


@check(METRIC, severity=Severity.MEDIUM, category=Category.LOGGING)
def cloudwatch_alarm_insufficient_data(alarm: Resource, inventory: Inventory) -> Fault | None:
    """Alarm has had no data for days, so it guards nothing.

    What it watched is gone, or was misspelt from the start. Three days without data count, so that a stop over
    a weekend does not.

    Fix: correct the metric and its dimensions, or delete the alarm.

    Fails:

        live "aws_cloudwatch_metric_alarm" "cpu" {
          alarm_name                   = "cpu"
          state_value                  = "INSUFFICIENT_DATA"
          state_transitioned_timestamp = "-4 days"
        }

    Passes:

        live "aws_cloudwatch_metric_alarm" "cpu" {
          alarm_name  = "cpu"
          state_value = "OK"
        }

    Passes:

        live "aws_cloudwatch_metric_alarm" "cpu" {
          alarm_name                   = "cpu"
          state_value                  = "INSUFFICIENT_DATA"
          state_transitioned_timestamp = "-2 days"
        }
    """
    if alarm.fact("state_value") != "INSUFFICIENT_DATA":
        return None
    since = alarm.fact("state_transitioned_timestamp") or alarm.fact("state_updated_timestamp")
    silent = inventory.taken_at - moment(since)
    return Fault(f"{alarm.name} has had no data for {silent.days} days") if silent > SILENT else None


@check("aws_db_instance", severity=Severity.MEDIUM, category=Category.LOGGING)
def cloudwatch_no_alarm_rds(db: Resource, inventory: Inventory) -> str | None:
    """Database has no alarm on CPU, storage or connections.

    A full disk stops a database, and nobody learns of it but from those whom it serves. One alarm on one of the
    three is enough, on the instance, on its class or engine, or on all; whether it has an action is told
    by `cloudwatch-alarm-no-actions`.

    Fix: declare an `aws_cloudwatch_metric_alarm` on `FreeStorageSpace` with the instance's `DBInstanceIdentifier`.

    Fails:

        resource "aws_db_instance" "orders" {
          identifier     = "orders"
          instance_class = "db.t3.micro"
          engine         = "mysql"
        }

    Passes:

        resource "aws_db_instance" "orders" {
          identifier     = "orders"
          instance_class = "db.t3.micro"
          engine         = "mysql"
        }

        resource "aws_cloudwatch_metric_alarm" "disk" {
          alarm_name  = "disk"
          namespace   = "AWS/RDS"
          metric_name = "FreeStorageSpace"
          dimensions  = { DBInstanceIdentifier = "orders" }
        }
    """

    def on_it(dimensions: Mapping[str, str]) -> bool:
        return all(name in OF_INSTANCE and db[OF_INSTANCE[name]] == value for name, value in dimensions.items())

    found = inventory.candidates(db, METRIC, on_database, ALL, db["identifier"])
    if any_of(lambda each: watches(each, "AWS/RDS", OF_DATABASES, on_it), found):
        return None
    return f"{db.name} has no alarm on CPU, storage or connections"


@check("aws_lb", severity=Severity.MEDIUM, category=Category.LOGGING)
def cloudwatch_no_alarm_lb(balancer: Resource, inventory: Inventory) -> str | None:
    """Load balancer has no alarm on errors or unhealthy targets.

    It is the first to know that a service is down. One alarm is enough, on the balancer, on one of its target
    groups or zones, or on all balancers.

    Fix: declare an `aws_cloudwatch_metric_alarm` on `HTTPCode_ELB_5XX_Count` or `UnHealthyHostCount` with the
    balancer's `arn_suffix` as `LoadBalancer`.

    Fails:

        live "aws_lb" "web" {
          arn_suffix         = "app/web/0a1b"
          load_balancer_type = "application"
        }

    Passes:

        live "aws_lb" "web" {
          arn_suffix         = "app/web/0a1b"
          load_balancer_type = "application"
        }

        resource "aws_cloudwatch_metric_alarm" "errors" {
          alarm_name  = "errors"
          namespace   = "AWS/ApplicationELB"
          metric_name = "HTTPCode_ELB_5XX_Count"
          dimensions  = { LoadBalancer = "app/web/0a1b" }
        }
    """
    namespace, names = OF_BALANCERS[said(balancer, "load_balancer_type") or "application"]

    def on_it(dimensions: Mapping[str, str]) -> bool:
        named = dimensions.get("LoadBalancer")
        return not named or named == balancer["arn_suffix"]

    found = inventory.candidates(balancer, METRIC, on_balancer, ALL, balancer["arn_suffix"])
    if any_of(lambda each: watches(each, namespace, names, on_it), found):
        return None
    return f"{balancer.name} has no alarm on errors or unhealthy targets"
