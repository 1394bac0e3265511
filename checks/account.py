"""The account: whom AWS turns to when something is wrong with it."""

from __future__ import annotations

from checks.check import Category, Severity, check
from state import Inventory, Resource


@check(
    "account",
    severity=Severity.MEDIUM,
    category=Category.GOVERNANCE,
    cis_3_0="1.2",
    cis_5_0="1.2",
    cis_6_0="2.2",
    cis_7_0="2.3",
    fsbp="Account.1",
    pci_4="A1.2.3",
    well_architected_security="SEC03-BP03;SEC10-BP01",
)
def account_security_contact(account: Resource, inventory: Inventory) -> str | None:
    """Account has no security contact.

    What AWS finds (a key on the internet, a machine that attacks others) then goes to the address of the root user,
    which few read.

    Fix: declare an `aws_account_alternate_contact` of type `SECURITY`, with an address that a team reads.

    Fails:

        account {}

        resource "aws_account_alternate_contact" "bills" {
          alternate_contact_type = "BILLING"
        }

    Passes:

        account {}

        resource "aws_account_alternate_contact" "security" {
          alternate_contact_type = "SECURITY"
        }
    """
    found = inventory.near(account, "aws_account_alternate_contact", alternate_contact_type="SECURITY")
    return None if found else f"{account.id} has no security contact"
