"""AWS IAM: users and their credentials, as the credential report tells of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from checks.check import Category, Fault, Severity, Terms, check, evidence_of
from checks.doubt import any_of, both, each_yes
from checks.iam_escalation import document
from checks.policy import grants_everything, parse
from state import Inventory, Resource, Unknown


def told(resource: Resource, name: str) -> Any:
    """A fact that has to be there: the report says nothing of some credentials, which is neither yes nor no."""
    value = resource.fact(name)
    if value is None:
        raise Unknown(f"AWS does not say {name} of {resource.id}")
    return value


@check(
    "aws_iam_user",
    severity=Severity.HIGH,
    category=Category.IAM,
    cis_3_0="1.10",
    cis_5_0="1.9",
    cis_6_0="2.9",
    cis_7_0="2.10",
    fsbp="IAM.5",
    pci_4="8.4.1;8.4.2;8.4.3",
    nist_800_53_r5=(
        "ac_24;ac_2_1;ac_3_12_a;ac_3_13;ac_3_15_a;ac_3_15_b;ac_3_2;ac_3_3;ac_3_3_a;ac_3_3_b_1;ac_3_3_b_2;"
        "ac_3_3_b_3;ac_3_3_b_4;ac_3_3_b_5;ac_3_3_c;ac_3_4;ac_3_4_a;ac_3_4_b;ac_3_4_c;ac_3_4_d;ac_3_4_e;ac_3_8;"
        "ac_4_28;ac_7_4;ac_7_4_a;cm_5_1_a;cm_6_a;cm_9_b;ia_2_1;ia_2_2;ia_2_6;ia_2_6_a;ia_2_8;sc_23_3"
    ),
    hipaa="164_308_a_3_ii_a;164_312_a_1;164_312_d",
    gdpr="article_25",
    well_architected_security="SEC02-BP01",
)
def iam_user_mfa_console(user: Resource, inventory: Inventory) -> str | None:
    """User with a console password has no MFA.

    A password alone is guessed, phished or reused. Users without a password are exempt: they cannot
    sign in to the console.

    Fix: have the user register a device, or better, move people to IAM Identity Center.

    Fails:

        live "aws_iam_user" "ann" {
          password_enabled = true
          mfa_active       = false
        }

    Passes:

        live "aws_iam_user" "ann" {
          password_enabled = true
          mfa_active       = true
        }

    Passes:

        live "aws_iam_user" "ci" {
          password_enabled = false
          mfa_active       = false
        }
    """
    if not told(user, "password_enabled") or told(user, "mfa_active"):
        return None
    return f"{user.id} signs in with a password alone"


@check(
    "aws_iam_user",
    severity=Severity.MEDIUM,
    category=Category.IAM,
    cis_3_0="1.14",
    cis_5_0="1.13",
    cis_6_0="2.13",
    cis_7_0="2.12",
    fsbp="IAM.3",
    pci_4="8.3.5;8.3.7;8.3.9;8.3.10.1;8.6.3",
    reads=[f"access_key_{number}_{what}" for number in (1, 2) for what in ("active", "last_rotated")],
    nist_800_53_r5=(
        "ac_24;ac_2_1;ac_3_12_a;ac_3_13;ac_3_15_a;ac_3_15_b;ac_3_3;ac_3_3_a;ac_3_3_b_1;ac_3_3_b_2;ac_3_3_b_3;"
        "ac_3_3_b_4;ac_3_3_b_5;ac_3_3_c;ac_3_4;ac_3_4_a;ac_3_4_b;ac_3_4_c;ac_3_4_d;ac_3_4_e;ac_3_8;ac_4_28;"
        "cm_5_1_a;cm_6_a;cm_9_b;sc_23_3"
    ),
    hipaa="164_308_a_3_ii_c;164_308_a_4_ii_c;164_308_a_5_ii_d",
    gdpr="article_25",
    well_architected_security="SEC02-BP02;SEC02-BP05",
)
def iam_access_key_rotation(user: Resource, inventory: Inventory, terms: Terms) -> str | None:
    """Active access key is older than 90 days.

    A key that leaked works until it is taken away; the older it is, the more places hold it.

    Fix: use a role where that is possible; else make a second key, switch over, and delete the first.

    Fails:

        live "aws_iam_user" "ci" {
          access_key_1_active       = false
          access_key_1_last_rotated = null
          access_key_2_active       = true
          access_key_2_last_rotated = "2020-01-31T12:00:00Z"
        }

    Passes:

        live "aws_iam_user" "ci" {
          access_key_1_active       = true
          access_key_1_last_rotated = "2999-01-31T12:00:00Z"
          access_key_2_active       = false
          access_key_2_last_rotated = "2020-01-31T12:00:00Z"
        }
    """

    def old(number: int) -> str | None:
        if not told(user, f"access_key_{number}_active"):
            return None
        age = inventory.taken_at - datetime.fromisoformat(told(user, f"access_key_{number}_last_rotated"))
        kept_too_long = age > timedelta(days=terms.days(user, "access_key_days"))
        return f"access key {number} of {user.id} is {age.days} days old" if kept_too_long else None

    return "; ".join(each_yes(old, (1, 2))) or None


@check("aws_iam_user", severity=Severity.HIGH, category=Category.IAM)
def iam_admin_group_mfa(user: Resource, inventory: Inventory) -> Fault | None:
    """Member of an administrator group has no MFA.

    Who guesses, phishes or finds this one password, or access key, owns the account. A group is an administrators'
    where its policies, AWS's or your own, attached or inline, allow everything; Prowler looks for AWS's
    AdministratorAccess alone. A user who cannot sign in counts as well, as there: an access key is a password too.

    Fix: have the user register a device, or better, give people a role of IAM Identity Center.

    Fails:

        live "aws_iam_user" "ann" {
          name       = "ann"
          mfa_active = false
        }

        resource "aws_iam_user_group_membership" "ann" {
          user   = "ann"
          groups = ["ops"]
        }

        resource "aws_iam_group_policy_attachment" "ops" {
          group      = "ops"
          policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
        }

    Fails:

        live "aws_iam_user" "ann" {
          name       = "ann"
          mfa_active = false
        }

        resource "aws_iam_group_membership" "ops" {
          name  = "ops"
          group = "ops"
          users = ["ann"]
        }

        resource "aws_iam_group_policy_attachment" "ops" {
          group      = "ops"
          policy_arn = aws_iam_policy.all.arn
        }

        resource "aws_iam_policy" "all" {
          policy = jsonencode({
            Version   = "2012-10-17"
            Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }]
          })
        }

    Passes:

        live "aws_iam_user" "ann" {
          name       = "ann"
          mfa_active = true
        }

        resource "aws_iam_user_group_membership" "ann" {
          user   = "ann"
          groups = ["ops"]
        }

        resource "aws_iam_group_policy_attachment" "ops" {
          group      = "ops"
          policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
        }

    Passes:

        live "aws_iam_user" "ann" {
          name       = "ann"
          mfa_active = false
        }

        resource "aws_iam_user_group_membership" "ann" {
          user   = "ann"
          groups = ["readers"]
        }

        resource "aws_iam_group_policy_attachment" "readers" {
          group      = "readers"
          policy_arn = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
        }
    """

    def rules_all() -> Fault | None:
        memberships = inventory.near(user, "aws_iam_user_group_membership", user=user["name"])
        groups = dict.fromkeys(group for each in memberships for group in each["groups"] or ())
        return any_of(lambda group: administers(user, group, inventory), groups)

    without = both(lambda: not told(user, "mfa_active"), rules_all)
    return rules_all() if without else None


def administers(user: Resource, group: str, inventory: Inventory) -> Fault | None:
    """What is wrong with a member of a group of which one policy allows everything."""
    inline, attached = "aws_iam_group_policy", "aws_iam_group_policy_attachment"

    def whole(part: Resource) -> Resource | None:
        own = part.type == inline
        policy = parse(part["policy"]) if own else document(part["policy_arn"], part, inventory)
        return part if grants_everything(policy) else None

    def by(type: str) -> Resource | None:
        return any_of(whole, inventory.near(user, type, group=group))

    if (part := any_of(by, (inline, attached))) is None:
        return None
    evidence = evidence_of(part, "policy", "policy_arn")
    return Fault(f"{user.id} is an administrator by group {group} and has no MFA", evidence)
