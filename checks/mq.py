"""Amazon MQ: where brokers stand, how many of them, and what they log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from checks.check import Category, Severity, check
from checks.doubt import any_of
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


@check(
    "aws_mq_broker",
    severity=Severity.LOW,
    category=Category.LOGGING,
    pci_4="5.3.4;10.2.1;10.2.1.1;10.2.1.2;10.2.1.3;10.2.1.4;10.2.1.5;10.2.1.6;10.2.1.7;10.2.2;10.3.1;10.6.3;A1.2.1",
    soc2="cc_a_1_1",
)
def mq_broker_logging(broker: Resource, inventory: Inventory) -> str | None:
    """Message broker writes no general or audit log.

    Why a broker refused a client, and who changed its queues, is then not to be found out. Either log is
    enough to pass; RabbitMQ has no audit log.

    Fix: set `general = true` in `logs`, and `audit = true` with ActiveMQ.

    Fails:

        resource "aws_mq_broker" "orders" {
          broker_name = "orders"
        }

    Fails:

        resource "aws_mq_broker" "orders" {
          broker_name = "orders"
          logs {
            general = false
          }
        }

    Passes:

        resource "aws_mq_broker" "orders" {
          broker_name = "orders"
          logs {
            general = true
          }
        }
    """

    def written(logs: Mapping[str, Any]) -> bool:
        return any_of(lambda name: str(logs.get(name)).lower() == "true", ("general", "audit")) is not None

    if any_of(written, broker["logs"] or ()):
        return None
    return f"{broker['broker_name']} writes no log"
