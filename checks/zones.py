"""Availability Zones: in how many of them something lies, told by its subnets."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from checks.check import Fault
from state import Inventory, Resource, Unknown

Thing = TypeVar("Thing")


def subnet(resource: Resource, inventory: Inventory, id: str) -> Resource:
    """A neighbouring subnet; raises Unknown where it was not read."""
    for found in inventory.near(resource, "aws_subnet", id=id):
        return found
    raise Unknown(f"the subnet {id} was not read")


def in_one_zone(resource: Resource, inventory: Inventory, subnets: Iterable[str] | None) -> Fault | None:
    """What is wrong where all of these subnets lie in one zone; nothing where there are none."""

    def placed(id: str) -> tuple[str, str]:
        return f"aws_subnet.{id}.availability_zone", subnet(resource, inventory, id)["availability_zone"]

    zones = alone(subnets or (), placed)
    return Fault(f"{resource.name} lies in {next(iter(zones.values()))} alone", zones) if zones else None


def alone(things: Iterable[Thing], placed: Callable[[Thing], tuple[str, str] | None]) -> dict[str, str]:
    """What says in which zone each lies, where that is one for all; nothing where none of them lies anywhere.

    Two zones that are known are enough for a pass, whatever the others are. Raises Unknown where another zone that
    could not be seen may be a second.
    """
    zones: dict[str, str] = {}
    doubt: Unknown | None = None
    for each in things:
        try:
            zones.update([found] if (found := placed(each)) else ())
        except Unknown as reason:
            doubt = doubt or reason
    if len(set(zones.values())) > 1:
        return {}
    if doubt:
        raise doubt
    return zones
