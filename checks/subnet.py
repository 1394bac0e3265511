"""Subnets."""

from __future__ import annotations

from checks.check import Category, Severity, check
from state import Inventory, Resource


@check("aws_subnet", severity=Severity.MEDIUM, category=Category.PUBLIC_EXPOSURE, fsbp="EC2.15", soc2="cc_6_6")
def subnet_auto_public_ip(subnet: Resource, inventory: Inventory) -> str | None:
    """Subnet gives every new interface a public address.

    Whatever starts in it is on the internet unless somebody thinks of saying no.

    Fix: set `map_public_ip_on_launch = false`, and ask for an address where one is needed.

    Fails:

        resource "aws_subnet" "web" {
          map_public_ip_on_launch = true
        }

    Passes:

        resource "aws_subnet" "web" {
          map_public_ip_on_launch = false
        }
    """
    return f"{subnet.id} gives every interface a public address" if subnet["map_public_ip_on_launch"] else None
