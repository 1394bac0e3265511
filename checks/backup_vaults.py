"""AWS Backup: whether a region has anywhere to keep copies."""

from __future__ import annotations

from checks.check import Category, Fault, Severity, check
from checks.doubt import any_of
from state import Inventory, Resource

STORES = ("aws_db_instance", "aws_rds_cluster", "aws_dynamodb_table", "aws_efs_file_system", "aws_ebs_volume")


@check(
    "region",
    severity=Severity.LOW,
    category=Category.BACKUP,
)
def backup_vault_exists(region: Resource, inventory: Inventory) -> Fault | None:
    """Region with data stores has no backup vault.

    Copies that lie with the data go with it. Data stores are databases, tables, file systems and volumes; a region
    without any passes. Whoever keeps copies otherwise accepts this finding.

    Fix: declare an `aws_backup_vault` and an `aws_backup_plan` that fills it.

    Fails:

        region {}

        resource "aws_dynamodb_table" "orders" {
          name = "orders"
        }

    Passes:

        region {}

        resource "aws_dynamodb_table" "orders" {
          name = "orders"
        }

        resource "aws_backup_vault" "main" {
          name = "main"
        }

    Passes:

        region {}
    """
    if inventory.near(region, "aws_backup_vault"):
        return None
    store = any_of(lambda type: next(iter(inventory.near(region, type)), None), STORES)
    if not store:
        return None
    evidence = {"aws_backup_vault": None, store.type: store.name}
    return Fault(f"{region.id} has no backup vault, and {store.name} is there", evidence)
