"""AWS IAM: users whose passwords, keys or policies nobody needs."""

from __future__ import annotations

from datetime import datetime, timedelta

from checks.check import Category, Fault, Severity, Terms, check, evidence_of
from checks.doubt import all_of, any_of, each_yes
from checks.iam_users import told
from state import Inventory, Resource

TOGETHER = timedelta(minutes=5)
OF_KEYS = [f"access_key_{number}_{what}" for number in (1, 2) for what in ("active", "last_rotated", "last_used_date")]


@check(
    "aws_iam_user",
    severity=Severity.MEDIUM,
    category=Category.IAM,
    cis_3_0="1.12",
    cis_5_0="1.11",
    cis_6_0="2.11",
    cis_7_0="2.11",
    fsbp="IAM.8;IAM.22",
    soc2="cc_1_3",
    nist_800_53_r5=(
        "ac_24;ac_2_1;ac_2_3;ac_2_3_a;ac_2_3_b;ac_2_3_c;ac_2_3_d;ac_2_6;ac_2_g;ac_2_j;ac_3;ac_3_12_a;ac_3_13;"
        "ac_3_15_a;ac_3_15_b;ac_3_3;ac_3_3_a;ac_3_3_b_1;ac_3_3_b_2;ac_3_3_b_3;ac_3_3_b_4;ac_3_3_b_5;ac_3_3_c;"
        "ac_3_4;ac_3_4_a;ac_3_4_b;ac_3_4_c;ac_3_4_d;ac_3_4_e;ac_3_7;ac_3_8;ac_4_28;ac_6;cm_5_1_a;cm_6_a;cm_9_b;"
        "mp_2;sc_23_3"
    ),
    hipaa="164_308_a_3_ii_b;164_308_a_4_ii_c;164_308_a_5_ii_d",
    gdpr="article_25",
)
def iam_user_console_unused(user: Resource, inventory: Inventory, terms: Terms) -> str | None:
    """Console password has not been used for 45 days.

    A password that nobody uses is missed by nobody when somebody else does. One that was never used
    counts from the day it was made.

    Fix: take the password away, or the user.

    Fails:

        live "aws_iam_user" "ann" {
          password_enabled      = true
          password_last_used    = "-46 days"
          password_last_changed = "-46 days"
        }

    Fails:

        live "aws_iam_user" "bob" {
          password_enabled      = true
          password_last_used    = null
          password_last_changed = "-60 days"
        }

    Passes:

        live "aws_iam_user" "ann" {
          password_enabled      = true
          password_last_used    = "-3 days"
          password_last_changed = "-400 days"
        }

    Passes:

        live "aws_iam_user" "ci" {
          password_enabled      = false
          password_last_used    = null
          password_last_changed = null
        }
    """
    if not told(user, "password_enabled"):
        return None
    used = user.fact("password_last_used")
    idle = inventory.taken_at - datetime.fromisoformat(used or told(user, "password_last_changed"))
    if idle <= timedelta(days=terms.days(user, "unused_days")):
        return None
    return f"the password of {user.id} was {'last used' if used else 'made and never used'} {idle.days} days ago"


@check(
    "aws_iam_user",
    severity=Severity.MEDIUM,
    category=Category.IAM,
    cis_3_0="1.12",
    cis_5_0="1.11",
    cis_6_0="2.11",
    cis_7_0="2.11",
    fsbp="IAM.8;IAM.22",
    pci_4="7.2.4;7.2.5.1;8.2.6;A3.4.1",
    soc2="cc_1_3",
    reads=OF_KEYS,
    nist_800_53_r5=(
        "ac_24;ac_2_1;ac_2_3;ac_2_3_a;ac_2_3_b;ac_2_3_c;ac_2_3_d;ac_2_6;ac_2_g;ac_2_j;ac_3;ac_3_12_a;ac_3_13;"
        "ac_3_15_a;ac_3_15_b;ac_3_3;ac_3_3_a;ac_3_3_b_1;ac_3_3_b_2;ac_3_3_b_3;ac_3_3_b_4;ac_3_3_b_5;ac_3_3_c;"
        "ac_3_4;ac_3_4_a;ac_3_4_b;ac_3_4_c;ac_3_4_d;ac_3_4_e;ac_3_7;ac_3_8;ac_4_28;ac_6;cm_5_1_a;cm_6_a;cm_9_b;"
        "mp_2;sc_23_3"
    ),
    hipaa="164_308_a_3_ii_b;164_308_a_4_ii_c;164_308_a_5_ii_d",
    gdpr="article_25",
)
def iam_access_key_unused(user: Resource, inventory: Inventory, terms: Terms) -> str | None:
    """Access key has not been used for 45 days.

    A key that nobody uses lies somewhere all the same, and is missed by nobody when somebody else uses
    it. One that was never used counts from the day it was made. Keys that are switched off are exempt.
    A key counts as unused after 45 days, as CIS has it; AWS's own control IAM.8 waits for 90.

    Fix: switch the key off, wait, and delete it.

    Fails:

        live "aws_iam_user" "ci" {
          access_key_1_active         = true
          access_key_1_last_used_date = "-46 days"
          access_key_1_last_rotated   = "-80 days"
          access_key_2_active         = false
        }

    Fails:

        live "aws_iam_user" "ci" {
          access_key_1_active         = false
          access_key_2_active         = true
          access_key_2_last_used_date = null
          access_key_2_last_rotated   = "-80 days"
        }

    Passes:

        live "aws_iam_user" "ci" {
          access_key_1_active         = true
          access_key_1_last_used_date = "-1 days"
          access_key_1_last_rotated   = "-80 days"
          access_key_2_active         = false
        }
    """

    def idle(number: int) -> str | None:
        if not told(user, f"access_key_{number}_active"):
            return None
        used = user.fact(f"access_key_{number}_last_used_date")
        days = inventory.taken_at - datetime.fromisoformat(used or told(user, f"access_key_{number}_last_rotated"))
        if days <= timedelta(days=terms.days(user, "unused_days")):
            return None
        since = "last used" if used else "made and never used"
        return f"access key {number} of {user.id} was {since} {days.days} days ago"

    return "; ".join(each_yes(idle, (1, 2))) or None


@check(
    "aws_iam_user",
    severity=Severity.MEDIUM,
    category=Category.IAM,
    cis_3_0="1.11",
    cis_5_0="1.10",
    cis_6_0="2.10",
    reads=OF_KEYS,
    well_architected_security="SEC02-BP01",
)
def iam_access_key_never_used(user: Resource, inventory: Inventory) -> str | None:
    """Access key was made with the user and never used.

    The console used to make a key with every user, wanted or not. It counts where the user has a
    password, was made within minutes of the key, and the key was never used.

    Fix: delete the key; make one when it is asked for.

    Fails:

        live "aws_iam_user" "ann" {
          create_date                 = "-10 days"
          password_enabled            = true
          access_key_1_active         = true
          access_key_1_last_rotated   = "-10 days"
          access_key_1_last_used_date = null
          access_key_2_active         = false
        }

    Passes:

        live "aws_iam_user" "ann" {
          create_date                 = "-10 days"
          password_enabled            = true
          access_key_1_active         = true
          access_key_1_last_rotated   = "-10 days"
          access_key_1_last_used_date = "-1 days"
          access_key_2_active         = false
        }

    Passes:

        live "aws_iam_user" "ann" {
          create_date                 = "-10 days"
          password_enabled            = true
          access_key_1_active         = true
          access_key_1_last_rotated   = "-5 days"
          access_key_1_last_used_date = null
          access_key_2_active         = false
        }
    """

    def unwanted(number: int) -> int | None:
        if not told(user, f"access_key_{number}_active") or user.fact(f"access_key_{number}_last_used_date"):
            return None
        made = datetime.fromisoformat(told(user, f"access_key_{number}_last_rotated"))
        return number if abs(made - datetime.fromisoformat(told(user, "create_date"))) <= TOGETHER else None

    number = any_of(unwanted, (1, 2)) if told(user, "password_enabled") else None
    return f"access key {number} of {user.id} was made with the user and never used" if number else None


@check(
    "aws_iam_user",
    severity=Severity.MEDIUM,
    category=Category.IAM,
    cis_3_0="1.13",
    cis_5_0="1.12",
    cis_6_0="2.12",
    reads=OF_KEYS,
    well_architected_security="SEC02-BP01",
)
def iam_user_two_active_keys(user: Resource, inventory: Inventory) -> str | None:
    """User has two active access keys.

    The second key is for the days of a change; kept on, it is one more to leak, and leaves no room for
    the next change.

    Fix: find out which of the two is in use, and delete the other.

    Fails:

        live "aws_iam_user" "ci" {
          access_key_1_active = true
          access_key_2_active = true
        }

    Passes:

        live "aws_iam_user" "ci" {
          access_key_1_active = true
          access_key_2_active = false
        }
    """
    two = all_of(lambda number: told(user, f"access_key_{number}_active"), (1, 2))
    return f"both access keys of {user.id} are active" if two else None


@check(
    "aws_iam_user",
    severity=Severity.LOW,
    category=Category.IAM,
    cis_3_0="1.15",
    cis_5_0="1.14",
    cis_6_0="2.14",
    cis_7_0="2.13",
    fsbp="IAM.2",
    pci_4="7.2.1;7.2.2;7.2.5;7.3.1;7.3.2;7.3.3;8.2.1;8.2.2;8.2.4;8.2.5;8.2.7;8.2.8;8.3.4;8.3.11",
    soc2="cc_1_3",
    nist_800_53_r5=(
        "ac_24;ac_2_1;ac_2_6;ac_2_i_2;ac_3;ac_3_12_a;ac_3_13;ac_3_15_a;ac_3_15_b;ac_3_3;ac_3_3_a;ac_3_3_b_1;"
        "ac_3_3_b_2;ac_3_3_b_3;ac_3_3_b_4;ac_3_3_b_5;ac_3_3_c;ac_3_4;ac_3_4_a;ac_3_4_b;ac_3_4_c;ac_3_4_d;ac_3_4_e;"
        "ac_3_7;ac_3_8;ac_4_28;ac_6;ac_6_3;cm_5_1_a;cm_6_a;cm_9_b;mp_2;sc_23_3"
    ),
    well_architected_security="SEC02-BP06",
)
def iam_user_direct_policies(user: Resource, inventory: Inventory) -> Fault | None:
    """User holds policies directly rather than through groups.

    What each person may do is then written in as many places as there are people, and nobody sees who may
    do what. Policies belong to groups and roles.

    Fix: move the policies to a group, or better, the person to IAM Identity Center.

    Fails:

        resource "aws_iam_user" "ann" {
          name = "ann"
        }

        resource "aws_iam_user_policy_attachment" "ann" {
          user       = aws_iam_user.ann.name
          policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
        }

    Passes:

        resource "aws_iam_user" "ann" {
          name = "ann"
        }

        resource "aws_iam_user_group_membership" "ann" {
          user   = aws_iam_user.ann.name
          groups = ["developers"]
        }
    """

    def of(type: str) -> Resource | None:
        return next(iter(inventory.near(user, type, user=user["name"])), None)

    found = any_of(of, ("aws_iam_user_policy", "aws_iam_user_policy_attachment"))
    return Fault(f"{user.name} holds policies directly", evidence_of(found, "name", "policy_arn")) if found else None
