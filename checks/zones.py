"""Availability Zones: in how many of them something lies, told by its subnets."""

from __future__ import annotations

from collections.abc import Iterable

from checks.check import Fault
from state import Inventory, Resource, Unknown


def subnet(resource: Resource, inventory: Inventory, id: str) -> Resource:
    """A neighbouring subnet; raises Unknown where it was not read."""
    for found in inventory.near(resource, "aws_subnet", id=id):
        return found
    raise Unknown(f"the subnet {id} was not read")


def in_one_zone(resource: Resource, inventory: Inventory, subnets: Iterable[str] | None) -> Fault | None:
    """What is wrong where all of these subnets lie in one zone; nothing where there are none.

    Two zones that are known are enough for a pass, whatever the other subnets are.
    """
    zones: dict[str, str] = {}
    doubt: Unknown | None = None
    for id in subnets or ():
        try:
            zones[id] = subnet(resource, inventory, id)["availability_zone"]
        except Unknown as reason:
            doubt = doubt or reason
    if len(set(zones.values())) > 1:
        return None
    if doubt:
        raise doubt
    evidence = {f"aws_subnet.{id}.availability_zone": zone for id, zone in zones.items()}
    return Fault(f"{resource.name} lies in {next(iter(zones.values()))} alone", evidence) if zones else None
