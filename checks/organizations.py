"""AWS Organizations: what its policies hold its accounts to."""

from __future__ import annotations

from typing import Any

from checks.absence import SHOWN, evidence_among
from checks.check import Category, Fault, Severity, Skip, Terms, check
from checks.doubt import any_of, said
from checks.policy import Statement, parse
from state import Inventory, Resource
from state.inventory import Words

POLICY, ATTACHMENT = "aws_organizations_policy", "aws_organizations_policy_attachment"
REGION = "aws:requestedregion"
NEGATED = frozenset({"stringnotequals", "stringnotequalsignorecase", "stringnotlike"})


def _not_in_force(organization: Resource, inventory: Inventory, words: Words, wanted: Any, fault: str) -> Fault | None:
    """The fault where nothing of the organization is held to a policy of which a word is the one wanted."""
    loose: list[Resource] = []

    def held(policy: Resource) -> bool:
        loose.append(policy)
        return bool(inventory.near(organization, ATTACHMENT, policy_id=policy.id))

    found = inventory.candidates(organization, POLICY, words, wanted)
    if any_of(lambda each: wanted in words(each) and held(each), found):
        return None
    unattached = {f"{ATTACHMENT}.{each.id}": None for each in loose[:SHOWN]}
    return Fault(fault, unattached or evidence_among(POLICY, inventory.near(organization, POLICY), "type"))


@check(
    "aws_organizations_organization",
    severity=Severity.MEDIUM,
    category=Category.GOVERNANCE,
)
def organizations_region_guardrail(organization: Resource, inventory: Inventory) -> Fault | None:
    """No SCP limits the regions in use.

    Whoever steals credentials starts machines where nobody looks. It counts that a policy denies what is asked for
    in regions other than those it names, and that it is attached to something; to what, and which services
    it spares, is left to whoever wrote it.

    Fix: attach an `aws_organizations_policy` that denies on `StringNotEquals` of `aws:RequestedRegion`.

    Fails:

        live "aws_organizations_organization" "it" {
          feature_set = "ALL"
        }

        live "aws_organizations_policy" "regions" {
          id      = "p-1"
          type    = "SERVICE_CONTROL_POLICY"
          content = jsonencode({
            Version = "2012-10-17"
            Statement = [{
              Effect    = "Deny"
              NotAction = ["iam:*"]
              Resource  = "*"
              Condition = { StringNotEquals = { "aws:RequestedRegion" = ["eu-west-1"] } }
            }]
          })
        }

    Passes:

        live "aws_organizations_organization" "it" {
          feature_set = "ALL"
        }

        live "aws_organizations_policy" "regions" {
          id      = "p-1"
          type    = "SERVICE_CONTROL_POLICY"
          content = jsonencode({
            Version = "2012-10-17"
            Statement = [{
              Effect    = "Deny"
              NotAction = ["iam:*"]
              Resource  = "*"
              Condition = { StringNotEquals = { "aws:RequestedRegion" = ["eu-west-1"] } }
            }]
          })
        }

        live "aws_organizations_policy_attachment" "regions" {
          policy_id = "p-1"
          target_id = "r-a1b2"
        }
    """
    fault = f"no policy of {organization.id} limits the regions in use"
    return _not_in_force(organization, inventory, _limits_regions, True, fault)


def _limits_regions(policy: Resource) -> list[bool]:
    if policy.owner == "aws" or said(policy, "type") not in (None, "SERVICE_CONTROL_POLICY"):
        return [False]
    return [any(map(_shuts_regions, parse(policy["content"])))]


def _shuts_regions(statement: Statement) -> bool:
    tests = [each for each in statement.conditions if each.name == REGION]
    return not statement.allows and any(each.operator in NEGATED and each.values for each in tests)


@check(
    "aws_organizations_organization",
    severity=Severity.LOW,
    category=Category.TAGGING,
)
def organizations_tag_policies(organization: Resource, inventory: Inventory) -> Fault | None:
    """Organization has no tag policy in force.

    Each account then writes `Owner`, `owner` and `team` as it likes, and the bill cannot be told apart by
    any of them. It counts that a tag policy is attached to something.

    Fix: attach an `aws_organizations_policy` of type `TAG_POLICY` to the root.

    Fails:

        live "aws_organizations_organization" "it" {
          feature_set = "ALL"
        }

        live "aws_organizations_policy" "regions" {
          id   = "p-1"
          type = "SERVICE_CONTROL_POLICY"
        }

        live "aws_organizations_policy_attachment" "regions" {
          policy_id = "p-1"
          target_id = "r-a1b2"
        }

    Passes:

        live "aws_organizations_organization" "it" {
          feature_set = "ALL"
        }

        live "aws_organizations_policy" "tags" {
          id   = "p-1"
          type = "TAG_POLICY"
        }

        live "aws_organizations_policy_attachment" "tags" {
          policy_id = "p-1"
          target_id = "r-a1b2"
        }
    """
    fault = f"no tag policy is in force in {organization.id}"
    return _not_in_force(organization, inventory, _type, "TAG_POLICY", fault)


def _type(policy: Resource) -> list[Any]:
    return [said(policy, "type")]


@check(
    "aws_organizations_delegated_administrator",
    severity=Severity.HIGH,
    category=Category.GOVERNANCE,
    cis_7_0="2.1.5;2.1.6",
)
def organizations_delegated_admins(administrator: Resource, inventory: Inventory, terms: Terms) -> str | None:
    """Organization has an unlisted delegated administrator.

    Such an account does for one service what only the management account could: of some, as of stack sets and
    Identity Center, in every other account. Those who may are `delegated_administrators` in the settings, by
    account id; without that list the check is skipped.

    Fix: deregister the account for the service, or put it on the list.

    Fails:

        resource "aws_organizations_delegated_administrator" "it" {
          account_id        = "999988887777"
          service_principal = "guardduty.amazonaws.com"
        }

    Passes:

        resource "aws_organizations_delegated_administrator" "it" {
          account_id        = "111122223333"
          service_principal = "guardduty.amazonaws.com"
        }
    """
    if not terms.delegated_administrators:
        raise Skip("no delegated_administrators are set")
    if administrator["account_id"] in terms.delegated_administrators:
        return None
    return f"{administrator['account_id']} administers {administrator['service_principal']} and is not on the list"
