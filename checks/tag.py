"""Tags: whether a thing says whose it is."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from functools import lru_cache

from checks.absence import nothing_hidden
from checks.check import TAGGED, Category, Fault, Severity, Skip, Terms, check
from checks.doubt import any_of
from state import Inventory, Resource, Unknown
from state.inventory import OUTSIDE

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


@lru_cache(maxsize=1024)
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
    lacking = [key for key in terms.of(resource, "required_tags") if bare(key) not in present]
    return f"{resource.name} lacks {', '.join(lacking)}" if lacking else None


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
    return f"{resource.name} has no tags" if asked(resource) and not own_tags(resource) else None


@check(TAGGED, severity=Severity.LOW, category=Category.TAGGING)
def tag_value_not_allowed(resource: Resource, inventory: Inventory, terms: Terms) -> str | None:
    """Tag value is not on the allowed list or breaks its pattern.

    `prod`, `Prod` and `production` are three environments to whoever adds up a bill. The patterns are
    `allowed_tag_values` in the settings, by key: `environment = "live|test|dev"`; a value has to fit whole. A key
    that is not there is told by `tag-required-keys`. What AWS or another service made is not asked.

    Fix: set the tag in the provider's `default_tags`, from one variable with a `validation`.

    Fails:

        resource "aws_dynamodb_table" "carts" {
          tags = { Environment = "Production" }
        }

    Passes:

        resource "aws_dynamodb_table" "carts" {
          tags = { Environment = "live", owner = "shop" }
        }
    """
    if not (allowed := terms.of(resource, "allowed_tag_values")):
        raise Skip("no allowed_tag_values are set")
    if not asked(resource):
        return None
    patterns = {bare(key): pattern for key, pattern in allowed.items()}
    for key, value in own_tags(resource).items():
        if bare(key) in patterns and not re.fullmatch(patterns[bare(key)], value):
            return f"{key} of {resource.name} is {value}, which does not fit {patterns[bare(key)]}"
    return None


SHOWN = 5
"""How many of many spellings stand in evidence."""


@check("account", reads=(TAGGED,), severity=Severity.LOW, category=Category.TAGGING)
def tag_key_case_variants(account: Resource, inventory: Inventory) -> Fault | None:
    """Same key is spelled in several ways across the account.

    AWS takes `CostCenter`, `costcenter` and `cost-center` for three keys: a report by one of them leaves out what
    has the others, and a policy on it lets them through. Keys of what AWS or another service made do not
    count.

    Fix: choose one spelling, and set it in the provider's `default_tags`.

    Fails:

        account {}

        resource "aws_dynamodb_table" "carts" {
          tags = { CostCenter = "4711" }
        }

        resource "aws_dynamodb_table" "orders" {
          tags = { cost-center = "4711" }
        }

    Passes:

        account {}

        resource "aws_dynamodb_table" "carts" {
          tags = { CostCenter = "4711" }
        }

        resource "aws_dynamodb_table" "orders" {
          tags = { CostCenter = "4712", owner = "shop" }
        }
    """
    spelled: dict[str, dict[str, str]] = defaultdict(dict)

    own = [each for each in inventory.resources if each.account == account.account and _has_tags(each)]
    for each in own:
        if "tags" not in each.unknown:
            for key in own_tags(each):
                spelled[bare(key)].setdefault(key, f"{each.type} {each.name}")
    variants = [each for each in spelled.values() if len(each) > 1]
    if not variants:
        any_of(lambda each: each["tags"] and None, own)  # of one that could not be seen nobody can say
        nothing_hidden(inventory, account.account, account.region)
        return None
    names = "; ".join(", ".join(sorted(each)) for each in variants[:SHOWN])
    return Fault(f"{len(variants)} keys are spelled in several ways: {names}", dict(list(variants[0].items())[:SHOWN]))


def _has_tags(resource: Resource) -> bool:
    return ("tags" in resource.attributes or "tags" in resource.unknown) and asked(resource)


COST_TAG, PAID = "aws_ce_cost_allocation_tag", "AWS charges for reading it: --paid"


@check("account", severity=Severity.LOW, category=Category.TAGGING)
def tag_cost_allocation_inactive(account: Resource, inventory: Inventory, terms: Terms) -> Fault | None:
    """Required cost tag is not active for cost allocation.

    AWS splits the bill by a tag only from the day on which somebody activates its key; what was spent before stays
    unsplit. Asked of the required keys that are about cost (`cost-center`): where there is none, the check is
    skipped. Each request for them costs money, so that it is unknown without `--paid`; an organization's member
    account is not told at all.

    Fix: declare an `aws_ce_cost_allocation_tag` with `status = "Active"` in the management account.

    Fails:

        account {}

        resource "aws_ce_cost_allocation_tag" "cost" {
          tag_key = "cost-center"
          status  = "Inactive"
        }

    Passes:

        account {}

        resource "aws_ce_cost_allocation_tag" "cost" {
          tag_key = "CostCenter"
          status  = "Active"
        }
    """
    wanted = [key for key in terms.required_tags if "cost" in bare(key)]
    if not wanted:
        raise Skip("no required tag is about cost")
    reason = inventory.unseen(COST_TAG, account.account, account.region)
    if reason and reason.endswith(OUTSIDE):
        raise Unknown(f"{reason}; {PAID}")
    known = {
        bare(each["tag_key"]): status
        for status in ("Inactive", "Active")
        for each in inventory.near(account, COST_TAG, status=status)
    }
    lacking = [key for key in wanted if known.get(bare(key)) != "Active"]
    evidence = {f"{COST_TAG}.{key}.status": known.get(bare(key)) for key in lacking}
    return Fault(f"the bill of {account.id} is not split by {', '.join(lacking)}", evidence) if lacking else None
