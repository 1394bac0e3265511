"""The default network, which AWS puts into every region: nobody made it, and where nothing runs it harms nobody."""

from __future__ import annotations

from typing import TypeVar

from checks.check import Skip
from state import Inventory, Resource

Verdict = TypeVar("Verdict")


def is_default(vpc: Resource) -> bool:
    """Whether AWS made it with the account."""
    if vpc.declared is not None:
        return "aws_default_vpc." in vpc.declared.address
    return bool(vpc.fact("is_default"))


def interfaces(vpc: Resource, inventory: Inventory) -> list[Resource]:
    """What runs in a network, by its network interfaces."""
    subnets = inventory.near(vpc, "aws_subnet", vpc_id=vpc.id)
    return [each for place in subnets for each in inventory.near(vpc, "aws_network_interface", subnet_id=place.id)]


def where_used(thing: Resource, inventory: Inventory, fault: Verdict | None) -> Verdict | None:
    """What is wrong with a network or a thing in it; raises Skip where that is a default one in which nothing runs.

    What code declares was somebody's choice.
    """
    if fault is None or thing.declared is not None:
        return fault
    network = thing.id if thing.type == "aws_vpc" else thing["vpc_id"]
    for each in inventory.near(thing, "aws_vpc", id=network):
        if is_default(each) and not interfaces(each, inventory):
            raise Skip(f"nothing runs in the default network {each.id}")
    return fault
