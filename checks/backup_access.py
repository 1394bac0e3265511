"""AWS Backup: who may use a vault."""

from __future__ import annotations

from checks.check import Category, Severity, check
from checks.policy import opens_to_anyone, parse
from state import Inventory, Resource


@check(
    "aws_backup_vault_policy",
    severity=Severity.CRITICAL,
    category=Category.PUBLIC_EXPOSURE,
)
def backup_vault_policy_public(policy: Resource, inventory: Inventory) -> str | None:
    """Backup vault policy admits any principal.

    Anyone may copy into the vault, or take or delete what is kept for the worst day. A policy that only
    denies, as most do, opens nothing.

    Fix: name the accounts, or the organisation with `aws:PrincipalOrgID`.

    Fails:

        resource "aws_backup_vault_policy" "it" {
          backup_vault_name = "orders"
          policy = jsonencode({
            Version = "2012-10-17"
            Statement = [{
              Effect    = "Allow"
              Principal = "*"
              Action    = "backup:CopyIntoBackupVault"
              Resource  = "*"
            }]
          })
        }

    Passes:

        resource "aws_backup_vault_policy" "it" {
          backup_vault_name = "orders"
          policy = jsonencode({
            Version = "2012-10-17"
            Statement = [{
              Effect    = "Allow"
              Principal = "*"
              Action    = "backup:CopyIntoBackupVault"
              Resource  = "*"
              Condition = { StringEquals = { "aws:PrincipalOrgID" = "o-a1b2c3d4e5" } }
            }]
          })
        }
    """
    statement = opens_to_anyone(parse(policy["policy"]), ("backup:*",))
    return f"{statement.label} lets anyone into {policy.name}" if statement else None
