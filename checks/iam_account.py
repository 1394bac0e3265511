"""AWS IAM: the account's root user and its password policy."""

from __future__ import annotations

from checks.absence import evidence_among
from checks.check import Category, Fault, Severity, Skip, check
from checks.iam_users import told
from state import Inventory, Resource

LEAST_LENGTH = 14
PASSWORDS = "aws_iam_account_password_policy"

# China's accounts have no root user, and GovCloud's cannot sign in, so that AWS takes no device for it; keys it has:
# https://docs.amazonaws.cn/en_us/IAM/latest/UserGuide/id_root-user.html
# https://docs.aws.amazon.com/govcloud-us/latest/UserGuide/govcloud-account-root-user.html
CHINA, GOVCLOUD = "cn-", "us-gov-"


def without_policy(account: Resource) -> Fault:
    return Fault(f"{account.id} has no password policy", {PASSWORDS: None})


def asks_for_device(account: Resource, inventory: Inventory) -> None:
    """Raises Skip where the root user cannot have MFA, whatever the account's summary says of it."""
    if lies_in(account, inventory, CHINA, GOVCLOUD):
        raise Skip("the root user cannot sign in, in this partition")


def lies_in(account: Resource, inventory: Inventory, *partitions: str) -> bool:
    """Whether an account is of a partition, by how the names of its regions begin."""
    own = [each.region for each in inventory.of("region") if each.account == account.account]
    return bool(own) and all(region.startswith(partitions) for region in own)


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
    nist_800_53_r5=(
        "ac_24;ac_2_1;ac_3_12_a;ac_3_13;ac_3_15_a;ac_3_15_b;ac_3_2;ac_3_3;ac_3_3_a;ac_3_3_b_1;ac_3_3_b_2;"
        "ac_3_3_b_3;ac_3_3_b_4;ac_3_3_b_5;ac_3_3_c;ac_3_4;ac_3_4_a;ac_3_4_b;ac_3_4_c;ac_3_4_d;ac_3_4_e;ac_3_8;"
        "ac_4_28;ac_7_4;ac_7_4_a;cm_6_a;cm_9_b;ia_2_1;ia_2_2;ia_2_6;ia_2_6_a;ia_2_8;sc_23_3"
    ),
    hipaa="164_308_a_3_ii_a;164_312_d",
    gdpr="article_25",
    well_architected_security="SEC01-BP02",
)
def iam_root_mfa(account: Resource, inventory: Inventory) -> str | None:
    """Root user has no MFA.

    No policy of the account binds its root user; a password alone is all that guards it. A root user
    that has no password, as in organisations with central root access, is exempt. In China and in GovCloud,
    where root cannot sign in, the check is skipped.

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
    asks_for_device(account, inventory)
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
    nist_800_53_r5=(
        "ac_24;ac_2_1;ac_2_6;ac_3_12_a;ac_3_13;ac_3_15_a;ac_3_15_b;ac_3_3;ac_3_3_a;ac_3_3_b_1;ac_3_3_b_2;"
        "ac_3_3_b_3;ac_3_3_b_4;ac_3_3_b_5;ac_3_3_c;ac_3_4;ac_3_4_a;ac_3_4_b;ac_3_4_c;ac_3_4_d;ac_3_4_e;ac_3_7;"
        "ac_3_8;ac_4_28;ac_6;ac_6_10;ac_6_2;cm_5_1_a;cm_6_a;cm_9_b;ia_2;ia_4_4;ia_4_8;ia_4_b;ia_5_8;mp_2;sc_23_3;"
        "sc_25"
    ),
    hipaa="164_308_a_1_ii_b;164_308_a_3_i;164_308_a_3_ii_b;164_308_a_4_ii_c;164_312_a_2_i",
    gdpr="article_25",
    well_architected_security="SEC01-BP02",
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
    nist_800_53_r5=(
        "ac_24;ac_2_1;ac_2_3;ac_2_3_a;ac_2_3_b;ac_2_3_c;ac_2_3_d;ac_2_d_1;ac_3_12_a;ac_3_13;ac_3_15_a;ac_3_15_b;"
        "ac_3_3;ac_3_3_a;ac_3_3_b_1;ac_3_3_b_2;ac_3_3_b_3;ac_3_3_b_4;ac_3_3_b_5;ac_3_3_c;ac_3_4;ac_3_4_a;ac_3_4_b;"
        "ac_3_4_c;ac_3_4_d;ac_3_4_e;ac_3_8;ac_4_28;ac_7_4;ac_7_4_a;cm_12_b;cm_5_1_a;cm_6_a;cm_9_b;ia_4_d;ia_5;"
        "ia_5_18_a;ia_5_18_b;ia_5_1_f;ia_5_1_g;ia_5_1_h;ia_5_b;ia_5_c;ia_5_d;ia_5_f;ia_5_h;ia_8_2_b;ma_4_c;sc_23_3"
    ),
    hipaa="164_308_a_5_ii_d",
    gdpr="article_25",
    well_architected_security="SEC02-BP01",
)
def iam_password_policy_length(account: Resource, inventory: Inventory) -> Fault | None:
    """Password policy allows fewer than 14 characters, or there is none.

    Short passwords are guessed. Without a policy AWS asks for eight characters. CIS asks for 14, where
    AWS's own control is content with 8.

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
    found = inventory.near(account, PASSWORDS)
    if not found:
        return without_policy(account)
    length = found[0]["minimum_password_length"] or 0
    if length >= LEAST_LENGTH:
        return None
    return Fault(
        f"{account.id} accepts {length} characters", evidence_among(PASSWORDS, found, "minimum_password_length")
    )
