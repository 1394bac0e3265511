"""AWS KMS: who may use a key."""

from __future__ import annotations

from checks.check import Category, Severity, check
from checks.policy import opens_to_anyone, parse
from state import Inventory, Resource


@check(
    "aws_kms_key_policy",
    severity=Severity.CRITICAL,
    category=Category.PUBLIC_EXPOSURE,
    cis_7_0="2.21",
    fsbp="KMS.5",
    well_architected_security="SEC03-BP07",
)
def kms_key_public(policy: Resource, inventory: Inventory) -> str | None:
    """Key policy admits anyone.

    Whoever may use the key reads what it encrypts, from any AWS account. `kms:ViaService` and an
    encryption context close nothing by themselves: strangers call through services and choose contexts
    too. `kms:CallerAccount` does, as in the policies of AWS's own keys.

    Fix: name the principals in the key policy, or `kms:CallerAccount` beside `kms:ViaService`.

    Fails:

        resource "aws_kms_key_policy" "it" {
          key_id = "1234abcd-12ab-34cd-56ef-1234567890ab"
          policy = jsonencode({
            Version = "2012-10-17"
            Statement = [{
              Effect    = "Allow"
              Principal = "*"
              Action    = "kms:Decrypt"
              Resource  = "*"
            }]
          })
        }

    Passes:

        resource "aws_kms_key_policy" "it" {
          key_id = "1234abcd-12ab-34cd-56ef-1234567890ab"
          policy = jsonencode({
            Version = "2012-10-17"
            Statement = [{
              Effect    = "Allow"
              Principal = "*"
              Action    = "kms:Decrypt"
              Resource  = "*"
              Condition = { StringEquals = { "kms:CallerAccount" = "123456789012" } }
            }]
          })
        }
    """
    statement = opens_to_anyone(parse(policy["policy"]), ("kms:*",))
    return f"{statement.label} lets anyone into {policy.name}" if statement else None
