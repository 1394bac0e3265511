"""What an account has nowhere: told only where every region of it was looked into."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any, TypeVar

from checks.doubt import any_of, left_out
from state import GLOBAL, Inventory, Resource, Unknown
from state.resource import ANYTHING
from state.terraform.provider import attributes

Answer = TypeVar("Answer")

MEMBER = "aws_organizations_account"
SHOWN = 5
"""How many of those that do not suffice are shown."""


def evidence_among(type: str, found: Iterable[Resource], *names: str) -> dict[str, Any]:
    """Evidence of a Fault: what those found of a type say, none of which suffices; the type, unset, where none is."""
    few = list(islice(found, SHOWN))
    said = {f"{type}.{each.id}.{name}": value for each in few for name, value in _shown(each, names)}
    return said or {type: [each.name for each in few] or None}


def _shown(resource: Resource, names: Iterable[str]) -> Iterable[tuple[str, Any]]:
    """Attributes and facts that were seen, set or not."""
    for name in names:
        if left_out(resource, name):
            yield name, None
        elif name not in resource.unknown and (name in resource.attributes or name in resource.facts):
            value = resource.attributes.get(name, resource.facts.get(name))
            yield name, "(sensitive)" if name in resource.sensitive and value not in (None, "") else value


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
