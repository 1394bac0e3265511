"""The account: whether an organization stands above it."""

from __future__ import annotations

from checks.check import Category, Fault, Severity, check
from state import Inventory, Resource

ORGANIZATION = "aws_organizations_organization"


@check(
    "account",
    severity=Severity.MEDIUM,
    category=Category.GOVERNANCE,
    pci_4="7.2.1;7.2.2;7.2.5;7.3.1;7.3.2;7.3.3;8.2.7;8.2.8;8.3.4",
    well_architected_security="SEC01-BP01;SEC03-BP05;SEC08-BP04",
)
def account_in_organization(account: Resource, inventory: Inventory) -> Fault | None:
    """Account belongs to no organization.

    Nothing then binds its administrators, root's included, and its trail, its bill and its contacts are its own
    matter. A member's own organization is known by that member, or by the management account in the same reading.

    Fix: invite it into your organization.

    Fails:

        account {}

    Passes:

        account {}

        resource "aws_organizations_organization" "it" {
          feature_set = "ALL"
        }
    """
    if any(each.id == account.id for each in inventory.of("aws_organizations_account")):
        return None
    if inventory.near(account, ORGANIZATION):
        return None
    return Fault(f"{account.id} is in no organization", {ORGANIZATION: None})
