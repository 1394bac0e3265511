"""The account: whom AWS turns to when something is wrong with it."""

from __future__ import annotations

from checks.absence import evidence_among
from checks.check import Category, Fault, Severity, check
from checks.doubt import any_of
from state import Inventory, Resource, Unknown

PRIMARY, ALTERNATE = "aws_account_primary_contact", "aws_account_alternate_contact"


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
def account_security_contact(account: Resource, inventory: Inventory) -> Fault | None:
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
    found = inventory.near(account, ALTERNATE, alternate_contact_type="SECURITY")
    return None if found else Fault(f"{account.id} has no security contact", {f"{ALTERNATE}.SECURITY": None})


@check(
    "account",
    severity=Severity.LOW,
    category=Category.GOVERNANCE,
    well_architected_security="SEC03-BP03;SEC10-BP01",
)
def account_contact_details(account: Resource, inventory: Inventory) -> Fault | None:
    """Account's main contact details need review.

    AWS settles with the main contact whose the account is. Without a company it is that person's own, and where
    every other contact has the same telephone, nobody is left to call when that person is gone. Whether the
    details are current only people can tell: therefore this check is not counted for CIS's control on them,
    which stays manual.

    Fix: set the company and a telephone that a team answers in an `aws_account_primary_contact`, and declare
    an `aws_account_alternate_contact` for others.

    Fails:

        account {}

        resource "aws_account_primary_contact" "main" {
          full_name    = "Ann"
          phone_number = "+35312345678"
        }

    Fails:

        account {}

        resource "aws_account_primary_contact" "main" {
          company_name = "Acme"
          full_name    = "Ann"
          phone_number = "+35312345678"
        }

        resource "aws_account_alternate_contact" "security" {
          alternate_contact_type = "SECURITY"
          phone_number           = "+353 1234-5678"
        }

    Passes:

        account {}

        resource "aws_account_primary_contact" "main" {
          company_name = "Acme"
          full_name    = "Operations"
          phone_number = "+35312345678"
        }

        resource "aws_account_alternate_contact" "security" {
          alternate_contact_type = "SECURITY"
          phone_number           = "+35387654321"
        }
    """
    main = inventory.near(account, PRIMARY)
    if not main:
        raise Unknown(f"the main contact of {account.id} is not said")

    def at_fault(contact: Resource) -> Fault | None:
        if not contact["company_name"]:
            return Fault(
                f"the main contact of {account.id} names no company",
                evidence_among(PRIMARY, [contact], "company_name", "full_name"),
            )
        others = inventory.near(account, ALTERNATE)
        if any_of(lambda each: digits(each) != digits(contact), others):
            return None
        alone = "no other contact stands beside it" if not others else "every other contact has the same telephone"
        return Fault(
            f"{account.id} is reached by one telephone: {alone}", evidence_among(PRIMARY, [contact], "phone_number")
        )

    return any_of(at_fault, main)


def digits(contact: Resource) -> str:
    """A telephone number without what people put between its digits."""
    return "".join(filter(str.isdigit, str(contact["phone_number"])))
