"""Tags: whether a thing says whose it is."""

from __future__ import annotations

from collections.abc import Mapping

from checks.check import TAGGED, Category, Severity, Terms, check
from state import Inventory, Resource, Unknown

PARTS = frozenset(
    {
        "aws_iam_instance_profile",
        "aws_route_table_association",
        "aws_vpc_security_group_egress_rule",
        "aws_vpc_security_group_ingress_rule",
    }
)
"""Types that can carry tags but belong to something that does."""


def asked(resource: Resource) -> bool:
    """Whether anybody could be asked to tag it: not a part, and not what AWS or another service made.

    What CloudFormation made is asked for: a stack's tags are its author's choice.
    """
    made_by_other = resource.owner and not resource.owner.startswith("cloudformation:")
    return resource.type not in PARTS and not made_by_other


def own_tags(resource: Resource) -> dict[str, str]:
    """The tags that people set; AWS sets those that begin with ``aws:``."""
    tags = resource["tags"] or {}
    if not isinstance(tags, Mapping):
        raise Unknown(f"the tags of {resource.id} are no map")  # an Auto Scaling group's were a list of blocks once
    return {key: value for key, value in tags.items() if not key.startswith("aws:")}


def bare(key: str) -> str:
    """A key without what teams write differently: CostCenter, cost-center, cost_center."""
    return "".join(each for each in key.lower() if each.isalnum())


@check(TAGGED, severity=Severity.MEDIUM, category=Category.TAGGING)
def tag_required_keys(resource: Resource, inventory: Inventory, terms: Terms) -> str | None:
    """Resource lacks one of the required tag keys (owner, environment, cost centre, service by default).

    Cost, alarms and clean-up all start with the question whose it is. The case of a key and the
    signs between its words do not count. What AWS or another service made is not asked.

    Fix: set the tags in the provider's `default_tags`, so that each resource of the code has them.

    Fails:

        resource "aws_dynamodb_table" "carts" {
          tags = { Owner = "shop", environment = "live", CostCenter = "" }
        }

    Passes:

        resource "aws_dynamodb_table" "carts" {
          tags = { Owner = "shop", environment = "live", CostCenter = "4711", service = "carts" }
        }
    """
    if not asked(resource):
        return None
    present = {bare(key) for key, value in own_tags(resource).items() if value}
    lacking = [key for key in terms.required_tags if bare(key) not in present]
    return f"{resource.id} lacks {', '.join(lacking)}" if lacking else None


@check(TAGGED, severity=Severity.MEDIUM, category=Category.TAGGING)
def tag_untagged(resource: Resource, inventory: Inventory) -> str | None:
    """Resource has no tags at all.

    Nobody can tell what it is for, who pays for it, or whether it may go. Tags that AWS itself sets
    do not count, and what AWS or another service made is not asked.

    Fix: set the provider's `default_tags`.

    Fails:

        resource "aws_dynamodb_table" "carts" {
          tags = {}
        }

    Passes:

        resource "aws_dynamodb_table" "carts" {
          tags = { owner = "shop" }
        }
    """
    return f"{resource.id} has no tags" if asked(resource) and not own_tags(resource) else None
