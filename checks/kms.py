"""AWS KMS: how keys are kept."""

from __future__ import annotations

from checks.check import Category, Fault, Severity, check
from checks.doubt import said
from state import Inventory, Resource

SYMMETRIC = "SYMMETRIC_DEFAULT"


@check(
    "aws_kms_key",
    severity=Severity.MEDIUM,
    category=Category.ENCRYPTION,
    cis_3_0="3.6",
    cis_5_0="3.6",
    cis_6_0="4.6",
    cis_7_0="4.6",
    fsbp="KMS.4",
    pci_4="3.7.4;3.7.5",
    nist_800_53_r5="cm_6_a;cm_9_b;sa_9_6;sc_12;sc_12_2;sc_12_6",
    soc2="pi_1_5",
    hipaa="164_312_a_2_iv",
    gdpr="article_25;article_30",
    well_architected_security="SEC02-BP05",
)
def kms_rotation(key: Resource, inventory: Inventory) -> str | None:
    """Symmetric customer key does not rotate.

    Without rotation all that was ever encrypted hangs on one key's material. Keys that AWS cannot rotate
    by itself are exempt: asymmetric and HMAC ones, those of custom key stores and those of AWS's services,
    and so are keys that are switched off or about to be deleted.

    Fix: set `enable_key_rotation = true`; older material stays, and nothing has to be encrypted anew.

    CLI: `aws kms enable-key-rotation --key-id {id}`

    Fails:

        resource "aws_kms_key" "data" {
          customer_master_key_spec = "SYMMETRIC_DEFAULT"
          enable_key_rotation      = false
        }

    Passes:

        resource "aws_kms_key" "data" {
          customer_master_key_spec = "SYMMETRIC_DEFAULT"
          enable_key_rotation      = true
        }

    Passes:

        resource "aws_kms_key" "signing" {
          customer_master_key_spec = "RSA_4096"
          enable_key_rotation      = false
        }
    """
    if key["enable_key_rotation"] or _never_rotates(key):
        return None
    return f"{key.name} does not rotate"


def _never_rotates(key: Resource) -> bool:
    """Whether AWS would not rotate it, or nobody uses it."""
    if key.owner == "aws" or said(key, "customer_master_key_spec") not in (None, SYMMETRIC):
        return True
    return bool(key["custom_key_store_id"]) or key["is_enabled"] is False


@check(
    "aws_kms_key",
    "aws_kms_replica_key",
    "aws_kms_external_key",
    severity=Severity.CRITICAL,
    category=Category.ENCRYPTION,
    fsbp="KMS.3",
    pci_4="3.5.1.1;3.5.1.3;3.6.1;3.6.1.2;3.6.1.3;3.6.1.4;3.7.1;3.7.2;3.7.4;3.7.6;3.7.7;4.2.1.1",
)
def kms_key_pending_deletion(key: Resource, inventory: Inventory) -> Fault | None:
    """Key is scheduled for deletion.

    When its waiting time is over the key is gone for good, and with it everything that it encrypted,
    backups as well. Until then one call keeps it.

    Fix: if anything may still need it, cancel the deletion and enable the key again; else watch for
    its use in CloudTrail until the day comes.

    Fails:

        live "aws_kms_key" "data" {
          pending_deletion = true
          deletion_date    = "+10 days"
        }

    Passes:

        live "aws_kms_key" "data" {
          pending_deletion = false
          deletion_date    = null
        }
    """
    if not key.fact("pending_deletion"):
        return None
    day = str(key.fact("deletion_date") or "")[:10]
    return Fault(f"{key.name} will be deleted on {day}" if day else f"{key.name} will be deleted")
