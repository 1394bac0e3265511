"""Amazon RDS: instances, clusters and snapshots."""

from __future__ import annotations

from collections.abc import Sequence

from checks.check import Category, Severity, check
from state import Inventory, Resource

LEAST_DAYS = 7


def days_kept(database: Resource) -> str | None:
    days = database["backup_retention_period"] or 0
    if days >= LEAST_DAYS:
        return None
    return f"{database.name} keeps backups for {days} days" if days else f"{database.name} keeps no backups"


@check(
    "aws_db_instance",
    severity=Severity.CRITICAL,
    category=Category.PUBLIC_EXPOSURE,
    cis_3_0="2.3.3",
    cis_5_0="2.2.3",
    cis_6_0="3.2.3",
    cis_7_0="3.2.3",
    fsbp="RDS.2",
    pci_4="1.2.8;1.3.1;1.3.2;1.4.2;1.5.1;3.5.1.3;10.3.2;A1.1.2;A1.1.3;A3.4.1",
    soc2="cc_6_2",
)
def rds_instance_public(db: Resource, inventory: Inventory) -> str | None:
    """Database instance is publicly accessible.

    Its name resolves to a public address, so that one open security group or network ACL is all
    that is missing between the internet and the data.

    Fix: set `publicly_accessible = false` and reach the database from inside the VPC.

    Fails:

        resource "aws_db_instance" "orders" {
          publicly_accessible = true
        }

    Passes:

        resource "aws_db_instance" "orders" {
          publicly_accessible = false
        }
    """
    return f"{db.name} has a public address" if db["publicly_accessible"] else None


@check(
    "aws_db_snapshot",
    "aws_db_cluster_snapshot",
    severity=Severity.CRITICAL,
    category=Category.PUBLIC_EXPOSURE,
    fsbp="RDS.1",
    pci_4="3.5.1.3;10.3.2;A1.1.2;A3.4.1",
)
def rds_snapshot_public(snapshot: Resource, inventory: Inventory) -> str | None:
    """Database snapshot is shared with everyone.

    Whoever has an AWS account can restore a public snapshot and read all the data in it.

    Fix: take `all` out of the accounts that the snapshot is shared with.

    Fails:

        resource "aws_db_snapshot" "orders" {
          db_snapshot_identifier = "orders-2026"
          shared_accounts        = ["all"]
        }

    Fails:

        resource "aws_db_cluster_snapshot" "orders" {
          db_cluster_snapshot_identifier = "orders-2026"
          shared_accounts                = ["all"]
        }

    Passes:

        resource "aws_db_snapshot" "orders" {
          db_snapshot_identifier = "orders-2026"
          shared_accounts        = ["123456789012"]
        }
    """
    return f"{snapshot.name} can be restored by anyone" if "all" in (snapshot["shared_accounts"] or ()) else None


@check(
    "aws_db_instance",
    severity=Severity.MEDIUM,
    category=Category.RESILIENCE,
    cis_5_0="2.2.4",
    cis_6_0="3.2.4",
    cis_7_0="3.2.4",
    fsbp="RDS.5",
)
def rds_instance_single_az(db: Resource, inventory: Inventory) -> str | None:
    """Database instance runs in a single Availability Zone.

    A single-AZ instance is down for as long as its zone is, and comes back from its last backup
    rather than from a standby. Read replicas are exempt: the source is what fails over.

    Fix: set `multi_az = true`; RDS makes the standby without an outage.

    Fails:

        resource "aws_db_instance" "orders" {
          multi_az = false
        }

    Passes:

        resource "aws_db_instance" "orders" {
          multi_az = true
        }

    Passes:

        resource "aws_db_instance" "replica" {
          multi_az            = false
          replicate_source_db = "orders"
        }
    """
    if db["multi_az"] or db["replicate_source_db"]:
        return None
    return f"{db.name} runs in one Availability Zone"


@check(
    "aws_rds_cluster",
    severity=Severity.MEDIUM,
    category=Category.RESILIENCE,
    cis_5_0="2.2.4",
    cis_6_0="3.2.4",
    cis_7_0="3.2.4",
    fsbp="RDS.15",
)
def rds_cluster_single_az(cluster: Resource, inventory: Inventory) -> str | None:
    """Database cluster runs in a single Availability Zone.

    The storage of Aurora spans three zones, but it answers only through instances: when all of them
    lie in one zone, the cluster is down with it. Clusters of MySQL and PostgreSQL without Aurora
    are always spread; serverless ones of the first version have no instances.

    Fix: put the cluster's instances into at least two zones.

    Fails:

        resource "aws_rds_cluster" "orders" {
          cluster_identifier = "orders"
          engine             = "aurora-mysql"
          engine_mode        = "provisioned"
        }

        resource "aws_rds_cluster_instance" "writer" {
          cluster_identifier = aws_rds_cluster.orders.id
          availability_zone  = "eu-west-1a"
        }

        resource "aws_rds_cluster_instance" "reader" {
          cluster_identifier = aws_rds_cluster.orders.id
          availability_zone  = "eu-west-1a"
        }

    Passes:

        resource "aws_rds_cluster" "orders" {
          cluster_identifier = "orders"
          engine             = "aurora-mysql"
          engine_mode        = "provisioned"
        }

        resource "aws_rds_cluster_instance" "writer" {
          cluster_identifier = aws_rds_cluster.orders.id
          availability_zone  = "eu-west-1a"
        }

        resource "aws_rds_cluster_instance" "reader" {
          cluster_identifier = aws_rds_cluster.orders.id
          availability_zone  = "eu-west-1b"
        }
    """
    if not cluster["engine"].startswith("aurora") or cluster["engine_mode"] == "serverless":
        return None
    name = cluster["cluster_identifier"]
    members = inventory.near(cluster, "aws_rds_cluster_instance", cluster_identifier=name)
    return f"all instances of {cluster.name} lie in one Availability Zone" if in_one_zone(members) else None


def in_one_zone(members: Sequence[Resource]) -> bool:
    """A lone instance lies in one zone, whichever; without any nothing lies anywhere."""
    return len(members) == 1 or (bool(members) and len({each["availability_zone"] for each in members}) == 1)


@check(
    "aws_db_instance",
    severity=Severity.HIGH,
    category=Category.BACKUP,
    fsbp="RDS.11",
    pci_4="10.3.3",
    soc2="cc_7_4;cc_a_1_1",
)
def rds_instance_backup_retention(db: Resource, inventory: Inventory) -> str | None:
    """Automated backups are off or kept under seven days.

    A mistake that is noticed after the weekend needs a backup from before it. Read replicas are
    exempt: their source is what is restored.

    Fix: set `backup_retention_period` to 7 or more.

    Fails:

        resource "aws_db_instance" "orders" {
          backup_retention_period = 1
        }

    Passes:

        resource "aws_db_instance" "orders" {
          backup_retention_period = 7
        }

    Passes:

        resource "aws_db_instance" "replica" {
          backup_retention_period = 0
          replicate_source_db     = "orders"
        }
    """
    fault = days_kept(db)
    return fault if fault and not db["replicate_source_db"] else None


@check("aws_rds_cluster", severity=Severity.HIGH, category=Category.BACKUP)
def rds_cluster_backup_retention(cluster: Resource, inventory: Inventory) -> str | None:
    """Cluster backups are kept under seven days.

    Aurora keeps them for one day unless told otherwise, which is too short for a mistake that is
    noticed after the weekend.

    Fix: set `backup_retention_period` to 7 or more.

    Fails:

        resource "aws_rds_cluster" "orders" {
          backup_retention_period = 1
        }

    Passes:

        resource "aws_rds_cluster" "orders" {
          backup_retention_period = 14
        }
    """
    return days_kept(cluster)


@check(
    "aws_db_instance",
    severity=Severity.HIGH,
    category=Category.ENCRYPTION,
    cis_3_0="2.3.1",
    cis_5_0="2.2.1",
    cis_6_0="3.2.1",
    cis_7_0="3.2.1",
    fsbp="RDS.3",
    pci_4="3.5.1;8.3.2",
    nist_800_53_r5="au_9_3;cp_9_8;cp_9_d;sc_13_a;sc_28_1;sc_8_3;sc_8_4;si_19_4",
    soc2="pi_1_5",
)
def rds_instance_unencrypted(db: Resource, inventory: Inventory) -> str | None:
    """Database instance storage is not encrypted.

    Its snapshots are not encrypted either, and can be copied and shared without any key.

    Fix: copy a snapshot with a KMS key, restore it with `storage_encrypted = true`, and switch over;
    encryption cannot be turned on in place.

    Fails:

        resource "aws_db_instance" "orders" {
          storage_encrypted = false
        }

    Passes:

        resource "aws_db_instance" "orders" {
          storage_encrypted = true
        }
    """
    return None if db["storage_encrypted"] else f"{db.name} is not encrypted"


@check(
    "aws_db_instance",
    severity=Severity.MEDIUM,
    category=Category.BACKUP,
    fsbp="RDS.8",
    soc2="cc_c_1_1",
)
def rds_instance_deletion_protection(db: Resource, inventory: Inventory) -> str | None:
    """Database instance can be deleted by one call.

    A wrong `terraform destroy` or a stray script then takes the data with it.

    Fix: set `deletion_protection = true`; whoever means it turns it off first.

    Fails:

        resource "aws_db_instance" "orders" {
          deletion_protection = false
        }

    Passes:

        resource "aws_db_instance" "orders" {
          deletion_protection = true
        }
    """
    return None if db["deletion_protection"] else f"{db.name} can be deleted by one call"
