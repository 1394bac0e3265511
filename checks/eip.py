"""Elastic IP addresses."""

from __future__ import annotations

from checks import estimates
from checks.check import Category, Severity, check
from checks.doubt import any_of
from state import Inventory, Resource


@check(
    "aws_eip",
    severity=Severity.LOW,
    category=Category.COST,
    monthly=estimates.address,
    fsbp="EC2.12",
    well_architected_security="SEC03-BP06",
)
def eip_unattached(address: Resource, inventory: Inventory) -> str | None:
    """Elastic IP is attached to nothing.

    AWS takes money for every public address, used or not, and an address that nobody uses is often one
    that a DNS name still points to.

    Fix: release it, after a look for DNS records that name it.

    Fails:

        live "aws_eip" "old" {
          association_id    = null
          instance          = null
          network_interface = null
        }

    Passes:

        resource "aws_eip" "web" {
          instance = "i-1"
        }
    """
    attached = any_of(lambda name: address[name], ("association_id", "instance", "network_interface"))
    return None if attached else f"{address.id} is attached to nothing"
