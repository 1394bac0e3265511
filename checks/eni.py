"""Elastic network interfaces."""

from __future__ import annotations

from checks.check import Category, Severity, check
from state import Inventory, Resource


@check("aws_network_interface", severity=Severity.LOW, category=Category.COST)
def eni_unattached(interface: Resource, inventory: Inventory) -> str | None:
    """Network interface is attached to nothing.

    It holds an address of its subnet and keeps its security groups from being deleted. Those that a
    service of AWS made for itself are exempt: it takes them away by itself.

    Fix: delete it.

    Fails:

        live "aws_network_interface" "old" {
          status            = "available"
          requester_managed = false
        }

    Passes:

        live "aws_network_interface" "web" {
          status            = "in-use"
          requester_managed = false
        }
    """
    if interface.fact("status") != "available" or interface.fact("requester_managed"):
        return None
    return f"{interface.id} is attached to nothing"
