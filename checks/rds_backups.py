"""Amazon RDS: in which backup plans databases are, and where their backups are kept."""

from __future__ import annotations

from checks.check import Category, Fault, Severity, check
from checks.doubt import either
from checks.protection import arn_of, copied_away, unprotected
from state import GLOBAL, Inventory, Resource, Unknown

REPLICATION = "aws_db_instance_automated_backups_replication"


@check(
    "aws_db_instance",
    severity=Severity.MEDIUM,
    category=Category.BACKUP,
    fsbp="RDS.26",
    pci_4="10.3.3",
)
def rds_instance_backup_plan(db: Resource, inventory: Inventory) -> Fault | None:
    """Database instance is in no backup plan.

    Its own backups are deleted with it and by whoever may delete it, and end after 35 days; those of AWS
    Backup lie in a vault that can be locked. Read replicas are exempt: their source is what is kept.

    Fix: select the database, or a tag that it has, in an `aws_backup_selection`.

    Fails:

        resource "aws_db_instance" "orders" {
          replicate_source_db = null
          tags                = {}
        }

    Passes:

        resource "aws_db_instance" "orders" {
          replicate_source_db = null
          tags                = {}
        }

        resource "aws_backup_selection" "databases" {
          plan_id       = "plan-1"
          resources     = [aws_db_instance.orders.arn]
          not_resources = []
        }
    """
    return None if db["replicate_source_db"] else unprotected(db, inventory)


@check(
    "aws_rds_cluster",
    severity=Severity.MEDIUM,
    category=Category.BACKUP,
    pci_4="10.3.3",
)
def rds_cluster_backup_plan(cluster: Resource, inventory: Inventory) -> Fault | None:
    """Database cluster is in no backup plan.

    Its own backups are deleted with it and by whoever may delete it, and end after 35 days; those of AWS
    Backup lie in a vault that can be locked. Of Aurora, AWS Backup takes only what the region's settings opt
    in to, which is not looked at.

    Fix: select the cluster, or a tag that it has, in an `aws_backup_selection`.

    Fails:

        resource "aws_rds_cluster" "orders" {
          tags = { backup = "no" }
        }

        resource "aws_backup_selection" "databases" {
          plan_id       = "plan-1"
          not_resources = []
          selection_tag {
            type  = "STRINGEQUALS"
            key   = "backup"
            value = "yes"
          }
        }

    Passes:

        resource "aws_rds_cluster" "orders" {
          tags = { backup = "yes" }
        }

        resource "aws_backup_selection" "databases" {
          plan_id       = "plan-1"
          not_resources = []
          selection_tag {
            type  = "STRINGEQUALS"
            key   = "backup"
            value = "yes"
          }
        }
    """
    return unprotected(cluster, inventory)


@check(
    "aws_db_instance",
    severity=Severity.LOW,
    category=Category.BACKUP,
)
def rds_cross_region_backup(db: Resource, inventory: Inventory) -> Fault | None:
    """No copy of the database's backups is kept in another region.

    What takes the region away takes the backups too. Replicated automated backups will do, and so will a
    backup plan that copies elsewhere; a read replica in another region is no backup, as it repeats every
    mistake. Read replicas themselves are exempt.

    Fix: add an `aws_db_instance_automated_backups_replication` in another region.

    Fails:

        resource "aws_db_instance" "orders" {
          replicate_source_db = null
          tags                = {}
        }

    Passes:

        resource "aws_db_instance" "orders" {
          replicate_source_db = null
          tags                = {}
        }

        resource "aws_db_instance_automated_backups_replication" "far" {
          source_db_instance_arn = aws_db_instance.orders.arn
          retention_period       = 7
        }

    Passes:

        resource "aws_db_instance" "orders" {
          replicate_source_db = null
          tags                = {}
        }

        live "aws_backup_selection" "all" {
          plan_id       = "plan-1"
          resources     = ["*"]
          not_resources = []
          selection_tag = []
          condition     = []
        }

        live "aws_backup_plan" "far" {
          id   = "plan-1"
          arn  = "arn:aws:backup:eu-west-1:123456789012:backup-plan:plan-1"
          rule = [{
            copy_action = [{ destination_vault_arn = "arn:aws:backup:eu-central-1:123456789012:backup-vault:far" }]
          }]
        }
    """
    if db["replicate_source_db"] or either(lambda: replicated(db, inventory), lambda: copied_away(db, inventory)):
        return None
    return Fault(f"the backups of {db.name} stay in its region", {REPLICATION: None})


def replicated(db: Resource, inventory: Inventory) -> bool:
    """Whether automated backups go to another region, which AWS tells of the source and Terraform of the copy."""
    if db.declared is None:
        return bool(db.fact("db_instance_automated_backups_replications"))
    if reason := inventory.unseen(REPLICATION, db.account, GLOBAL):
        raise Unknown(reason)
    return any(each["source_db_instance_arn"] == arn_of(db) for each in inventory.of(REPLICATION))
