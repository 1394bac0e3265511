"""AWS IAM: the root user, its devices and its use."""

from __future__ import annotations

from datetime import datetime, timedelta

from checks.check import Category, Fault, Severity, check, evidence_of
from checks.iam_account import asks_for_device
from checks.iam_users import told
from state import Inventory, Resource

ROOT = "user: root"  # as the collector says whose device it is
ROOT_DEVICE = ":mfa/root-account-mfa-device"
LATELY = timedelta(days=30)
USES = ("root_password_last_used", "root_access_key_1_last_used_date", "root_access_key_2_last_used_date")


@check(
    "account",
    severity=Severity.MEDIUM,
    category=Category.IAM,
    cis_3_0="1.6",
    cis_5_0="1.5",
    cis_6_0="2.5",
    cis_7_0="2.6",
    fsbp="IAM.6",
    pci_4="8.4.1;8.4.2;8.4.3",
    nist_800_53_r5=(
        "ac_24;ac_2_1;ac_3_12_a;ac_3_13;ac_3_15_a;ac_3_15_b;ac_3_2;ac_3_3;ac_3_3_a;ac_3_3_b_1;ac_3_3_b_2;"
        "ac_3_3_b_3;ac_3_3_b_4;ac_3_3_b_5;ac_3_3_c;ac_3_4;ac_3_4_a;ac_3_4_b;ac_3_4_c;ac_3_4_d;ac_3_4_e;ac_3_8;"
        "ac_4_28;ac_7_4;ac_7_4_a;cm_5_1_a;cm_6_a;cm_9_b;ia_2_1;ia_2_2;ia_2_6;ia_2_6_a;ia_2_8;sc_23_3"
    ),
    hipaa="164_308_a_3_ii_a;164_312_d",
    gdpr="article_25",
    well_architected_security="SEC01-BP02",
)
def iam_root_hardware_mfa(account: Resource, inventory: Inventory) -> str | Fault | None:
    """Root user's MFA is not a hardware device.

    A virtual device is a secret on a phone that is copied with its backup. A root user without any MFA
    fails too; one that has no password, as in organisations with central root access, is exempt, and the
    check is skipped in China and in GovCloud, where root cannot sign in. Where
    root has several devices, each must be a hardware one: an attacker needs only one.

    Fix: sign in as root, register a hardware key or a passkey on one, and remove the virtual device.

    Fails:

        account {
          account_mfa_enabled      = true
          account_password_present = true
        }

        live "aws_iam_virtual_mfa_device" "root" {
          arn       = "arn:aws:iam::123456789012:mfa/root-account-mfa-device"
          user_name = null
        }

    Fails:

        account {
          account_mfa_enabled      = false
          account_password_present = true
        }

    Passes:

        account {
          account_mfa_enabled      = true
          account_password_present = true
        }

        live "aws_iam_virtual_mfa_device" "ann" {
          arn       = "arn:aws:iam::123456789012:mfa/ann"
          user_name = "ann"
        }
    """
    if account.fact("account_password_present") is False:
        return None
    if not told(account, "account_mfa_enabled"):
        asks_for_device(account, inventory)
        return f"the root user of {account.id} has no MFA"
    for each in inventory.near(account, "aws_iam_virtual_mfa_device"):
        if each.owner == ROOT or each["arn"].endswith(ROOT_DEVICE):
            return Fault(f"the root user of {account.id} has a virtual MFA device", evidence_of(each, "arn"))
    return None


@check(
    "account",
    severity=Severity.HIGH,
    category=Category.IAM,
    cis_3_0="1.7",
    cis_5_0="1.6",
    cis_6_0="2.6",
    cis_7_0="2.7",
    well_architected_security="SEC02-BP01",
)
def iam_root_recent_use(account: Resource, inventory: Inventory) -> str | None:
    """Root user signed in or used a key lately.

    The root user is for the few tasks that only it can do. When it was used in the last 30 days, somebody
    works with what no policy limits, or somebody else does.

    Fix: find in CloudTrail who it was, and give them a role for their task.

    Fails:

        account {
          root_password_last_used          = "-3 days"
          root_access_key_1_last_used_date = null
          root_access_key_2_last_used_date = null
        }

    Passes:

        account {
          root_password_last_used          = "-400 days"
          root_access_key_1_last_used_date = null
          root_access_key_2_last_used_date = null
        }
    """
    for name in USES:
        used = account.fact(name)
        if used and inventory.taken_at - datetime.fromisoformat(used) < LATELY:
            return f"the root user of {account.id} was last used on {used[:10]} ({name})"
    return None
