"""Regions: where an account may have anything at all."""

from __future__ import annotations

from checks.absence import nothing_hidden
from checks.check import TAGGED, Category, Fault, Severity, Skip, Terms, check
from checks.tag import asked
from state import Inventory, Resource

SHOWN = 5
"""How many of many things stand in evidence."""


@check("region", reads=(TAGGED,), severity=Severity.MEDIUM, category=Category.GOVERNANCE)
def region_unexpected_use(region: Resource, inventory: Inventory, terms: Terms) -> Fault | None:
    """Resources exist in a region that is not on the allowed list.

    Where nobody works nobody looks, which is why whoever steals credentials starts machines there. What
    AWS makes in every region by itself, as the default network, does not count, and neither does what
    takes no tags. Without a list of allowed regions the check is skipped.

    Fix: find out who made it, and shut the region with a service control policy.

    Fails:

        region {}

        resource "aws_dynamodb_table" "carts" {
          tags = {}
        }

    Passes:

        region {}
    """
    if not terms.allowed_regions:
        raise Skip("no list of allowed regions is set")
    if region.region in terms.allowed_regions:
        return None
    own = (region.account, region.region)
    found = [each for each in inventory.resources if (each.account, each.region) == own and is_ours(each)]
    if found:
        evidence = {each.type: each.name for each in found[:SHOWN]}
        return Fault(f"{len(found)} resources are in {region.region}, which is not on the list", evidence)
    nothing_hidden(inventory, *own)
    return None


OF_AWS = ("default", "primary")
"""What AWS calls the event bus, the workgroup and the like that it puts into every region."""


def is_ours(resource: Resource) -> bool:
    return "tags" in resource.attributes and asked(resource) and resource.name not in OF_AWS
