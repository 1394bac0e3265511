"""AWS DMS: the instances that copy databases, and where they connect to."""

from __future__ import annotations

from checks.check import Category, Severity, check
from state import Inventory, Resource


@check(
    "aws_dms_replication_instance",
    severity=Severity.CRITICAL,
    category=Category.PUBLIC_EXPOSURE,
    fsbp="DMS.1",
    pci_4="1.2.8;1.3.1;1.3.2;1.4.2;1.5.1;3.5.1.3;10.3.2;A1.1.2;A1.1.3;A3.4.1",
)
def dms_instance_public(instance: Resource, inventory: Inventory) -> str | None:
    """Replication instance is publicly accessible.

    It holds the credentials of the databases that it copies and sees all that passes between them; with
    a public address one open security group or network ACL is all that is missing to reach it.

    Fix: make it anew with `publicly_accessible = false`, and reach sources elsewhere over a VPN, a
    peering connection or a NAT gateway.

    Fails:

        resource "aws_dms_replication_instance" "move" {
          publicly_accessible = true
        }

    Passes:

        resource "aws_dms_replication_instance" "move" {
          publicly_accessible = false
        }
    """
    return f"{instance.name} has a public address" if instance["publicly_accessible"] else None


WITHOUT_MODE = frozenset({"dynamodb", "elasticsearch", "kafka", "kinesis", "neptune", "opensearch", "redis", "s3"})
"""Engines whose endpoints have no `ssl_mode`: AWS's own speak TLS, others say it in settings of their own."""


@check(
    "aws_dms_endpoint",
    severity=Severity.HIGH,
    category=Category.ENCRYPTION,
    fsbp="DMS.9",
    pci_4="2.2.7;4.2.1;4.2.1.1;8.3.2",
)
def dms_endpoint_tls(endpoint: Resource, inventory: Inventory) -> str | None:
    """Replication endpoint connects without TLS.

    The password of the database and all that is copied then pass for everyone on the way to read. Engines that have
    no such mode are exempt.

    Fix: set `ssl_mode` to `require`, or `verify-full` with a `certificate_arn`.

    Fails:

        resource "aws_dms_endpoint" "orders" {
          endpoint_id = "orders"
          engine_name = "postgres"
          ssl_mode    = "none"
        }

    Passes:

        resource "aws_dms_endpoint" "orders" {
          endpoint_id = "orders"
          engine_name = "postgres"
          ssl_mode    = "require"
        }

    Passes:

        resource "aws_dms_endpoint" "lake" {
          endpoint_id = "lake"
          engine_name = "s3"
          ssl_mode    = "none"
        }
    """
    if endpoint["ssl_mode"] != "none" or str(endpoint["engine_name"]).lower() in WITHOUT_MODE:
        return None
    return f"{endpoint.name} connects without TLS"


@check(
    "aws_dms_replication_instance",
    severity=Severity.MEDIUM,
    category=Category.RESILIENCE,
)
def dms_instance_single_az(instance: Resource, inventory: Inventory) -> str | None:
    """Replication instance lies in one zone.

    When its zone fails, what it copies stands still; a source that keeps its log for it may fill up
    meanwhile.

    Fix: set `multi_az = true`.

    CLI: `aws dms modify-replication-instance --replication-instance-arn {replication_instance_arn} --multi-az`

    Fails:

        resource "aws_dms_replication_instance" "move" {
          multi_az = false
        }

    Passes:

        resource "aws_dms_replication_instance" "move" {
          multi_az = true
        }
    """
    return None if instance["multi_az"] else f"{instance.name} runs in one Availability Zone"
