"""AWS KMS: keys that nobody uses."""

from __future__ import annotations

from checks.check import Category, Severity, check
from checks.doubt import said
from state import Inventory, Resource


@check(
    "aws_kms_key",
    severity=Severity.LOW,
    category=Category.COST,
    well_architected_security="SEC08-BP01",
)
def kms_key_disabled(key: Resource, inventory: Inventory) -> str | None:
    """Customer key is disabled yet still paid for.

    It encrypts and decrypts nothing, and costs as much as one in use. A key that is about to be deleted costs
    nothing, and is told by `kms-key-pending-deletion`.

    Fix: schedule the key's deletion, once CloudTrail shows that nobody asks for it; or enable it.

    Fails:

        resource "aws_kms_key" "data" {
          is_enabled = false
        }

    Passes:

        resource "aws_kms_key" "data" {
          is_enabled = true
        }
    """
    if key.owner == "aws" or said(key, "is_enabled") is not False:
        return None
    return None if key.declared is None and key.fact("pending_deletion") else f"{key.name} is disabled"
