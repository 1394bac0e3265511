"""AWS DMS: the instances that copy databases."""

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
