"""AWS IAM: what an account asks of passwords besides their length."""

from __future__ import annotations

from checks.absence import evidence_among
from checks.check import Category, Fault, Severity, check
from checks.doubt import each_yes
from checks.iam_account import PASSWORDS, without_policy
from state import Inventory, Resource

CLASSES = {
    "require_lowercase_characters": "a lower-case letter",
    "require_uppercase_characters": "an upper-case letter",
    "require_numbers": "a digit",
    "require_symbols": "a symbol",
}


@check(
    "account",
    severity=Severity.LOW,
    category=Category.IAM,
    fsbp="IAM.7;IAM.10",
    hipaa="164_308_a_5_ii_d",
    gdpr="article_25",
    well_architected_security="SEC02-BP01",
)
def iam_password_policy_complexity(account: Resource, inventory: Inventory) -> Fault | None:
    """Password policy does not ask for every character class.

    Auditors still ask for small and capital letters, digits and symbols; length does more. Without a policy AWS
    asks for three of the four.

    Fix: set `require_lowercase_characters`, `require_uppercase_characters`, `require_numbers` and `require_symbols` in
    the `aws_iam_account_password_policy`.

    Fails:

        account {}

        resource "aws_iam_account_password_policy" "this" {
          require_lowercase_characters = true
          require_uppercase_characters = true
          require_numbers              = true
          require_symbols              = false
        }

    Fails:

        account {}

    Passes:

        account {}

        resource "aws_iam_account_password_policy" "this" {
          require_lowercase_characters = true
          require_uppercase_characters = true
          require_numbers              = true
          require_symbols              = true
        }
    """
    found = inventory.near(account, PASSWORDS)
    if not found:
        return without_policy(account)
    missing = each_yes(lambda name: None if found[0][name] else name, CLASSES)
    if not missing:
        return None
    wants = ", ".join(CLASSES[each] for each in missing)
    return Fault(f"passwords of {account.id} need not have {wants}", evidence_among(PASSWORDS, found, *missing))


@check(
    "account",
    severity=Severity.LOW,
    category=Category.IAM,
    fsbp="IAM.7;IAM.10",
    pci_4="8.3.6;8.6.3",
    well_architected_security="SEC03-BP06",
)
def iam_password_policy_expiry(account: Resource, inventory: Inventory) -> Fault | None:
    """Password policy never makes passwords expire.

    One that was found years ago still opens the door. NIST no longer asks for it where MFA guards as well; PCI does,
    every 90 days.

    Fix: set `max_password_age` in the `aws_iam_account_password_policy`.

    Fails:

        account {}

        resource "aws_iam_account_password_policy" "this" {
          max_password_age = 0
        }

    Fails:

        account {}

    Passes:

        account {}

        resource "aws_iam_account_password_policy" "this" {
          max_password_age = 90
        }
    """
    found = inventory.near(account, PASSWORDS)
    if not found:
        return without_policy(account)
    if found[0]["max_password_age"]:
        return None
    return Fault(f"passwords of {account.id} never end", evidence_among(PASSWORDS, found, "max_password_age"))
