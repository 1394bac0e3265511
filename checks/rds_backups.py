"""Amazon RDS: in which backup plans databases are, and where their backups are kept."""

from __future__ import annotations

from datetime import timedelta

from checks.check import Category, Fault, Severity, check
from checks.clock import moment
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


OLD = timedelta(days=365)
SOURCES = {
    "aws_db_snapshot": ("db_instance_identifier", "aws_db_instance", "identifier"),
    "aws_db_cluster_snapshot": ("db_cluster_identifier", "aws_rds_cluster", "cluster_identifier"),
}
OF_CLUSTERS = frozenset({"aurora", "aurora-mysql", "aurora-postgresql", "mysql", "postgres"})
"""Engines of clusters that are RDS's own: AWS lists the snapshots of DocumentDB and Neptune among them."""


@check("aws_db_snapshot", "aws_db_cluster_snapshot", severity=Severity.LOW, category=Category.COST)
def rds_snapshot_old_manual(snapshot: Resource, inventory: Inventory) -> Fault | None:
    """Manual database snapshot is over a year old or its database is gone.

    Nothing ever deletes it, and each gigabyte is paid for every month. The last snapshot of a database that is gone
    may be meant to stay: suppress it, with the day on which it may go. Those that AWS Backup or the daily backup made
    go by themselves; of a copy from another region the database is not looked for.

    Fix: delete it, or export what has to be kept to S3.

    Fails:

        live "aws_db_snapshot" "orders" {
          db_instance_identifier        = "orders"
          source_db_snapshot_identifier = null
          snapshot_create_time          = "-400 days"
        }

        live "aws_db_instance" "orders" {
          identifier = "orders"
        }

    Fails:

        live "aws_db_snapshot" "orders" {
          db_instance_identifier        = "orders"
          source_db_snapshot_identifier = null
          snapshot_create_time          = "-4 days"
        }

    Fails:

        live "aws_db_cluster_snapshot" "orders" {
          db_cluster_identifier          = "orders"
          engine                         = "aurora-mysql"
          source_db_cluster_snapshot_arn = null
          snapshot_create_time           = "-4 days"
        }

    Passes:

        live "aws_db_snapshot" "orders" {
          db_instance_identifier        = "orders"
          source_db_snapshot_identifier = null
          snapshot_create_time          = "-4 days"
        }

        live "aws_db_instance" "orders" {
          identifier = "orders"
        }
    """
    if snapshot.owner:
        return None
    age = inventory.taken_at - moment(snapshot.fact("snapshot_create_time"))
    if age > OLD:
        return Fault(f"{snapshot.name} is {age.days} days old")
    if _from_elsewhere(snapshot):
        return None
    named, type, identifier = SOURCES[snapshot.type]
    source = snapshot[named]
    if inventory.near(snapshot, type, **{identifier: source}):
        return None
    return Fault(f"{snapshot.name} is of {source}, which is gone", {f"{type}.{source}": None})


def _from_elsewhere(snapshot: Resource) -> bool:
    """Whether it is a copy of another region's or account's snapshot, or of a database of another kind."""
    if snapshot.type == "aws_db_cluster_snapshot":
        origin = snapshot["source_db_cluster_snapshot_arn"]
        return bool(origin) or snapshot["engine"] not in OF_CLUSTERS
    return bool(snapshot["source_db_snapshot_identifier"])
