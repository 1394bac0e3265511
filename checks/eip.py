"""Elastic IP addresses."""

from __future__ import annotations

from checks.check import Category, Severity, check
from state import Inventory, Resource


@check("aws_eip", severity=Severity.LOW, category=Category.COST, fsbp="EC2.12")
def eip_unattached(address: Resource, inventory: Inventory) -> str | None:
    """Elastic IP is attached to nothing.

    AWS takes money for every public address, used or not, and an address that nobody uses is often one
    that a DNS name still points to.

    Fix: release it, after a look for DNS records that name it.

    Fails:

        live "aws_eip" "old" {
          association_id = null
        }

    Passes:

        live "aws_eip" "web" {
          association_id = "eipassoc-1"
        }
    """
    return None if address["association_id"] else f"{address.id} is attached to nothing"
