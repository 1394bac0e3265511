"""What an account has nowhere: told only where every region of it was looked into."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from checks.doubt import any_of
from state import GLOBAL, Inventory, Resource, Unknown
from state.resource import ANYTHING
from state.terraform.provider import attributes

Answer = TypeVar("Answer")

MEMBER = "aws_organizations_account"


def anywhere(
    judge: Callable[[Resource], Answer | None], account: Resource, inventory: Inventory, type: str
) -> Answer | None:
    """The first yes among all that an account has of a type; None where there is none in any of its regions.

    One yes is enough, whatever could not be seen beside it. Raises Unknown where there is no yes and a region
    was not read.
    """
    own = (each for each in inventory.of(type) if each.account == account.account)
    if answer := any_of(judge, own):
        return answer
    read_everywhere(account, inventory, type)
    return None


def read_everywhere(resource: Resource, inventory: Inventory, type: str) -> None:
    """Raises Unknown where a region of a resource's account was not read for a type; a state has no outside."""
    own = inventory.near(resource, "account")
    enabled = own[0].fact("enabled_regions") if own and inventory.read is not None else ()
    for region in (GLOBAL, *enabled):
        if reason := inventory.unseen(type, resource.account, region):
            raise Unknown(reason)


def every_account_read(resource: Resource, inventory: Inventory) -> None:
    """Raises Unknown where our organization has an account that was not read, or may have."""
    read = {each.id for each in inventory.of("account")}
    members = inventory.of(MEMBER)
    for each in members:
        if each.id not in read and not each.fact("pending_deletion"):
            raise Unknown(f"account {each.id} of the organization was not read")
    if not members and (reason := inventory.unseen(MEMBER, resource.account, GLOBAL)):
        raise Unknown(reason)


def nothing_hidden(inventory: Inventory, account: str, region: str) -> None:
    """Raises Unknown where something that takes tags could not be read."""
    for gap in inventory.gaps:
        if gap.attribute is None and takes_tags(gap.type) and gap.covers(gap.type, account, region, gap.id):
            raise Unknown(f"could not read {gap.type}: {gap.reason}")


def takes_tags(type: str) -> bool:
    return type == ANYTHING or "tags" in attributes(type)
