"""AWS Secrets Manager: secrets that are never changed, or that nobody reads."""

from __future__ import annotations

from datetime import datetime, timedelta

from checks import estimates
from checks.absence import evidence_among
from checks.check import Category, Fault, Severity, check
from checks.clock import moment
from checks.doubt import any_of, said
from state import Inventory, Resource, Unknown

ROTATION = "aws_secretsmanager_secret_rotation"
LONGEST_UNREAD = timedelta(days=90)
GRACE = timedelta(days=1)


def is_ours(secret: Resource) -> bool:
    """Whether a secret is the account's own: no service's, no copy of another region's, not on its way out."""
    return not secret.owner and (secret.declared is not None or not secret.fact("pending_deletion"))


@check(
    "aws_secretsmanager_secret",
    severity=Severity.MEDIUM,
    category=Category.SECRETS,
    fsbp="SecretsManager.1",
    pci_4="3.5.1;8.2.2;8.3.2;8.3.5;8.3.7;8.3.9;8.3.10.1;8.6.3",
    nist_800_53_r5=(
        "ac_24;ac_2_1;ac_3_12_a;ac_3_13;ac_3_15_a;ac_3_15_b;ac_3_3;ac_3_3_a;ac_3_3_b_1;ac_3_3_b_2;ac_3_3_b_3;"
        "ac_3_3_b_4;ac_3_3_b_5;ac_3_3_c;ac_3_4;ac_3_4_a;ac_3_4_b;ac_3_4_c;ac_3_4_d;ac_3_4_e;ac_3_8;ac_4_28;"
        "cm_5_1_a;sc_23_3"
    ),
    hipaa="164_308_a_4_ii_c",
    well_architected_security="SEC02-BP05",
)
def secretsmanager_rotation(secret: Resource, inventory: Inventory) -> Fault | None:
    """Secret has no automatic rotation.

    A secret that never changes is good for whoever copied it once, for as long as they like. What a service
    made for itself, copies of other regions and what is about to be deleted are exempt.

    Fix: declare an `aws_secretsmanager_secret_rotation`; for a key that its issuer does not let a function
    renew, accept this finding.

    Fails:

        resource "aws_secretsmanager_secret" "db" {
          name = "db"
        }

    Passes:

        resource "aws_secretsmanager_secret" "db" {
          name = "db"
        }

        resource "aws_secretsmanager_secret_rotation" "db" {
          secret_id           = aws_secretsmanager_secret.db.id
          rotation_lambda_arn = "arn:aws:lambda:eu-west-1:123456789012:function:rotate"

          rotation_rules {
            automatically_after_days = 30
          }
        }
    """
    if not is_ours(secret):
        return None
    found = inventory.near(secret, ROTATION, secret_id=secret.id)
    if any_of(lambda each: said(each, "rotation_enabled") is not False, found):
        return None
    return Fault(f"{secret.name} is never rotated", evidence_among(ROTATION, found, "rotation_enabled"))


@check(
    "aws_secretsmanager_secret_rotation",
    severity=Severity.HIGH,
    category=Category.SECRETS,
    fsbp="SecretsManager.2;SecretsManager.4",
)
def secretsmanager_rotation_overdue(rotation: Resource, inventory: Inventory) -> Fault | None:
    """Secret was not rotated in time, or its rotation failed.

    AWS says by when a secret is to be rotated next, and leaves that day where it is when rotation fails: a day
    in the past says so. Whoever relies on rotation then has a secret that never changes, and no notice of it.

    Fix: read the log of the function that rotates, mend it, and `aws secretsmanager rotate-secret`.

    Fails:

        live "aws_secretsmanager_secret_rotation" "db" {
          secret_id          = "db"
          next_rotation_date = "-3 days"
          last_rotated_date  = "-33 days"
        }

    Passes:

        live "aws_secretsmanager_secret_rotation" "db" {
          secret_id          = "db"
          next_rotation_date = "+10 days"
          last_rotated_date  = "-20 days"
        }
    """
    due = due_by(rotation)
    if inventory.taken_at - due <= GRACE:
        return None
    return Fault(f"{rotation.name} was to be rotated by {due:%Y-%m-%d}")


def due_by(rotation: Resource) -> datetime:
    """When a secret is to be rotated at the latest; where AWS does not say, told by its last rotation."""
    if said_day := rotation.fact("next_rotation_date"):
        return moment(said_day)
    last = rotation.fact("last_rotated_date")
    days = [each.get("automatically_after_days") for each in rotation["rotation_rules"] or ()]
    if not last or not days or not days[0]:
        raise Unknown(f"AWS does not say when {rotation.name} is to be rotated")
    return moment(last) + timedelta(days=int(days[0]))


@check(
    "aws_secretsmanager_secret",
    severity=Severity.LOW,
    category=Category.COST,
    monthly=estimates.secret,
    fsbp="SecretsManager.3",
    pci_4="7.2.4;7.2.5.1;8.2.2;8.2.6;A3.4.1",
)
def secretsmanager_unused(secret: Resource, inventory: Inventory) -> Fault | None:
    """Secret has not been read for 90 days.

    What nobody reads is paid for, and works for whoever finds it. A secret that was never read counts from the
    day it was made. What a service made for itself, copies of other regions and what is about to be
    deleted are exempt.

    Fix: revoke what the secret is good for, and delete it.

    Fails:

        live "aws_secretsmanager_secret" "db" {
          name               = "db"
          created_date       = "-400 days"
          last_accessed_date = "-91 days"
          pending_deletion   = false
        }

    Fails:

        live "aws_secretsmanager_secret" "db" {
          name               = "db"
          created_date       = "-100 days"
          last_accessed_date = null
          pending_deletion   = false
        }

    Passes:

        live "aws_secretsmanager_secret" "db" {
          name               = "db"
          created_date       = "-400 days"
          last_accessed_date = "-1 days"
          pending_deletion   = false
        }
    """
    if not is_ours(secret):
        return None
    read = secret.fact("last_accessed_date")
    idle = inventory.taken_at - moment(read or secret.fact("created_date"))
    if idle <= LONGEST_UNREAD:
        return None
    return Fault(f"{secret.name} was {'last read' if read else 'made and never read'} {idle.days} days ago")
