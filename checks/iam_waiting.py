"""AWS IAM: rights that nobody uses and anybody could take up, and those that live too long."""

from __future__ import annotations

from datetime import timedelta

from checks.check import Category, Fault, Severity, check
from checks.clock import moment
from checks.doubt import any_of, each_yes, unless
from checks.iam_policies import INLINE, attached, made_by_aws
from checks.iam_rights import beyond, only_bounds
from checks.iam_users import told
from checks.policy import Policy, Statement, grants_everything, parse
from checks.rights import allowed
from state import Inventory, Resource

IDLE = timedelta(days=90)
DECRYPTING = ("kms:Decrypt", "kms:ReEncryptFrom")
OF_KEYS = [f"access_key_{number}_{what}" for number in (1, 2) for what in ("active", "last_used_service")]
NEEDS_KEYS = ("iam", "sts")


@check(
    "aws_iam_policy",
    severity=Severity.MEDIUM,
    category=Category.IAM,
    well_architected_security="SEC03-BP02;SEC03-BP04",
)
def iam_policy_admin_unattached(policy: Resource, inventory: Inventory) -> str | None:
    """Unused customer policy allows everything and could be attached at any time.

    Whoever may attach policies has then no need to write one that would be noticed. A policy that is a
    permissions boundary is in use, and passes.

    Fix: delete it.

    Fails:

        resource "aws_iam_policy" "all" {
          policy = jsonencode({
            Version   = "2012-10-17"
            Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }]
          })
        }

    Passes:

        resource "aws_iam_policy" "all" {
          policy = jsonencode({
            Version   = "2012-10-17"
            Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }]
          })
        }

        resource "aws_iam_role_policy_attachment" "all" {
          role       = "deployer"
          policy_arn = aws_iam_policy.all.arn
        }

    Passes:

        resource "aws_iam_policy" "logs" {
          policy = jsonencode({
            Version   = "2012-10-17"
            Statement = [{ Effect = "Allow", Action = ["logs:*"], Resource = "*" }]
          })
        }
    """

    def found() -> str | None:
        statement = grants_everything(parse(policy["policy"]))
        if statement is None or attached(policy, inventory) or only_bounds(policy, inventory):
            return None
        return f"{statement.label} of {policy.name} allows everything to whomever it is attached to"

    return unless(lambda: made_by_aws(policy), found)


@check(
    "aws_iam_policy",
    *INLINE,
    severity=Severity.MEDIUM,
    category=Category.IAM,
    fsbp="KMS.1;KMS.2",
)
def iam_policy_kms_decrypt_all(policy: Resource, inventory: Inventory) -> str | None:
    """Policy allows decryption with every KMS key.

    Whoever holds it reads whatever is encrypted, and a key's own policy is then all that is between. A condition
    that lets some uses only, as `kms:ViaService`, makes it less. A policy that allows everything is told by
    `iam-policy-admin-attached`, and one that only bounds what others allow passes.

    Fix: name the keys in `Resource`.

    Fails:

        resource "aws_iam_policy" "reader" {
          name = "reader"
          policy = jsonencode({
            Version   = "2012-10-17"
            Statement = [{ Effect = "Allow", Action = ["kms:Decrypt"], Resource = "*" }]
          })
        }

    Fails:

        resource "aws_iam_role_policy" "reader" {
          role = "reader"
          policy = jsonencode({
            Version   = "2012-10-17"
            Statement = [{ Effect = "Allow", Action = ["kms:Decrypt"], Resource = "*" }]
          })
        }

    Passes:

        resource "aws_iam_role_policy" "reader" {
          role = "reader"
          policy = jsonencode({
            Version = "2012-10-17"
            Statement = [{
              Effect   = "Allow"
              Action   = ["kms:Decrypt"]
              Resource = "arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d"
            }]
          })
        }

    Passes:

        resource "aws_iam_policy" "bound" {
          name = "bound"
          policy = jsonencode({
            Version   = "2012-10-17"
            Statement = [{ Effect = "Allow", Action = ["kms:Decrypt"], Resource = "*" }]
          })
        }

        resource "aws_iam_role" "reader" {
          name                 = "reader"
          permissions_boundary = aws_iam_policy.bound.arn
        }
    """
    statement = beyond(policy, inventory, _decrypts)
    return f"{statement.label} of {policy.name} decrypts with every key" if statement else None


def _decrypts(policy: Policy) -> Statement | None:
    return any_of(lambda action: allowed(policy, action), DECRYPTING)


@check(
    "aws_iam_user",
    reads=OF_KEYS,
    severity=Severity.MEDIUM,
    category=Category.IAM,
)
def iam_user_long_lived_keys(user: Resource, inventory: Inventory) -> str | None:
    """User works with long-lived keys on services other than IAM and STS.

    Such a key lives until somebody ends it, and whoever finds it works with it from anywhere. IAM and STS are what a
    key is still for: to get credentials that end. Judged is the service that AWS saw it used on last.

    Fix: let people sign in with IAM Identity Center, machines take a role, and others come by OIDC or Roles Anywhere.

    Fails:

        live "aws_iam_user" "ci" {
          access_key_1_active            = true
          access_key_1_last_used_service = "s3"
          access_key_2_active            = false
        }

    Passes:

        live "aws_iam_user" "ci" {
          access_key_1_active            = true
          access_key_1_last_used_service = "sts"
          access_key_2_active            = false
        }

    Passes:

        live "aws_iam_user" "ci" {
          access_key_1_active            = true
          access_key_1_last_used_service = null
          access_key_2_active            = false
        }
    """

    def works(number: int) -> str | None:
        if not told(user, f"access_key_{number}_active"):
            return None
        service = user.fact(f"access_key_{number}_last_used_service")
        if not service or service in NEEDS_KEYS:
            return None
        return f"access key {number} of {user.id} was last used on {service}"

    return "; ".join(each_yes(works, (1, 2))) or None


@check(
    "aws_iam_role",
    severity=Severity.LOW,
    category=Category.IAM,
)
def iam_role_unused(role: Resource, inventory: Inventory) -> Fault | None:
    """Role has not been used for 90 days.

    What it may do is then missed by nobody, and used by whoever finds a way to it. One that was never taken
    counts from the day it was made. Roles that AWS made are exempt.

    Fix: delete the role, after a look at what its trust policy says of who may need it.

    Fails:

        live "aws_iam_role" "migration" {
          create_date    = "-400 days"
          last_used_date = "-91 days"
        }

    Fails:

        live "aws_iam_role" "migration" {
          create_date    = "-91 days"
          last_used_date = null
        }

    Passes:

        live "aws_iam_role" "deployer" {
          create_date    = "-400 days"
          last_used_date = "-2 days"
        }
    """

    def found() -> Fault | None:
        used = role.fact("last_used_date")
        idle = inventory.taken_at - moment(used or role["create_date"])
        if idle <= IDLE:
            return None
        return Fault(f"{role.name} was {'last taken' if used else 'made and never taken'} {idle.days} days ago")

    return unless(lambda: made_by_aws(role), found)
