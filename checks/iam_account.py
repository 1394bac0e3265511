"""AWS IAM: the account's root user and its password policy."""

from __future__ import annotations

from checks.check import Category, Fault, Severity, check, evidence_of
from checks.iam_users import told
from state import Inventory, Resource

LEAST_LENGTH = 14


@check(
    "account",
    severity=Severity.CRITICAL,
    category=Category.IAM,
    cis_3_0="1.5",
    cis_5_0="1.4",
    cis_6_0="2.4",
    cis_7_0="2.5",
    fsbp="IAM.9",
    pci_4="8.4.1;8.4.2;8.4.3",
)
def iam_root_mfa(account: Resource, inventory: Inventory) -> str | None:
    """Root user has no MFA.

    No policy of the account binds its root user; a password alone is all that guards it. A root user
    that has no password, as in organisations with central root access, is exempt.

    Fix: sign in as root and register a hardware key, or take the root credentials away centrally.

    Fails:

        account {
          account_mfa_enabled      = false
          account_password_present = true
        }

    Passes:

        account {
          account_mfa_enabled = true
        }

    Passes:

        account {
          account_mfa_enabled      = false
          account_password_present = false
        }
    """
    if told(account, "account_mfa_enabled") or account.fact("account_password_present") is False:
        return None
    return f"the root user of {account.id} has no MFA"


@check(
    "account",
    severity=Severity.CRITICAL,
    category=Category.IAM,
    cis_3_0="1.4",
    cis_5_0="1.3",
    cis_6_0="2.3",
    cis_7_0="2.4",
    fsbp="IAM.4",
    pci_4="7.2.1;7.2.2;7.2.3;8.2.1;8.2.2;8.2.4;8.2.5;8.3.11",
)
def iam_root_access_key(account: Resource, inventory: Inventory) -> str | None:
    """Root user has an access key.

    Whoever has that key can do everything, and nothing in the account can stop them.

    Fix: replace what uses the key by a role, then delete the key.

    Fails:

        account {
          account_access_keys_present = 1
        }

    Passes:

        account {
          account_access_keys_present = 0
        }
    """
    return f"the root user of {account.id} has an access key" if told(account, "account_access_keys_present") else None


@check(
    "account",
    severity=Severity.MEDIUM,
    category=Category.IAM,
    cis_3_0="1.8",
    cis_5_0="1.7",
    cis_6_0="2.7",
    cis_7_0="2.8",
    fsbp="IAM.7;IAM.10",
)
def iam_password_policy_length(account: Resource, inventory: Inventory) -> str | Fault | None:
    """Password policy allows fewer than 14 characters, or there is none.

    Short passwords are guessed. Without a policy AWS asks for eight characters.

    Fix: declare an `aws_iam_account_password_policy` with `minimum_password_length` of 14 or more.

    Fails:

        account {}

    Fails:

        account {}

        resource "aws_iam_account_password_policy" "this" {
          minimum_password_length = 8
        }

    Passes:

        account {}

        resource "aws_iam_account_password_policy" "this" {
          minimum_password_length = 14
        }
    """
    found = inventory.near(account, "aws_iam_account_password_policy")
    if not found:
        return f"{account.id} has no password policy"
    length = found[0]["minimum_password_length"] or 0
    if length >= LEAST_LENGTH:
        return None
    return Fault(f"{account.id} accepts {length} characters", evidence_of(found[0], "minimum_password_length"))
