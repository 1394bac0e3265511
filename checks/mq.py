"""Amazon MQ: where brokers stand, and how many of them."""

from __future__ import annotations

from checks.check import Category, Severity, check
from state import Inventory, Resource

SINGLE = "SINGLE_INSTANCE"


@check(
    "aws_mq_broker",
    severity=Severity.HIGH,
    category=Category.PUBLIC_EXPOSURE,
)
def mq_broker_public(broker: Resource, inventory: Inventory) -> str | None:
    """Message broker is publicly accessible.

    Its console and its queues then answer to the internet, guarded by user names and passwords alone. A
    public RabbitMQ has not even a security group.

    Fix: make the broker anew with `publicly_accessible = false`; it cannot be changed in place.

    Fails:

        resource "aws_mq_broker" "orders" {
          broker_name         = "orders"
          publicly_accessible = true
        }

    Passes:

        resource "aws_mq_broker" "orders" {
          broker_name         = "orders"
          publicly_accessible = false
        }
    """
    return f"{broker['broker_name']} has a public address" if broker["publicly_accessible"] else None


@check(
    "aws_mq_broker",
    severity=Severity.MEDIUM,
    category=Category.RESILIENCE,
)
def mq_broker_single_instance(broker: Resource, inventory: Inventory) -> str | None:
    """Message broker has no standby or cluster in a second zone.

    A single broker is down for as long as its zone is, and at each maintenance, and what waits in its
    queues waits with it.

    Fix: make the broker anew with `deployment_mode` ACTIVE_STANDBY_MULTI_AZ (ActiveMQ) or
    CLUSTER_MULTI_AZ (RabbitMQ).

    Fails:

        resource "aws_mq_broker" "orders" {
          broker_name     = "orders"
          deployment_mode = "SINGLE_INSTANCE"
        }

    Passes:

        resource "aws_mq_broker" "orders" {
          broker_name     = "orders"
          deployment_mode = "ACTIVE_STANDBY_MULTI_AZ"
        }
    """
    mode = broker["deployment_mode"] or SINGLE
    return f"{broker['broker_name']} is a single broker" if mode.upper() == SINGLE else None
