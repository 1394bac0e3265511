"""Amazon DocumentDB: clusters and their snapshots."""

from __future__ import annotations

from checks.check import Category, Fault, Severity, Terms, check
from checks.databases import days_kept, deletable, instances_in_one_zone, shared_with_all, unencrypted
from state import Inventory, Resource


@check(
    "aws_docdb_cluster",
    severity=Severity.HIGH,
    category=Category.ENCRYPTION,
    fsbp="DocumentDB.1",
    pci_4="3.5.1;8.3.2",
)
def docdb_unencrypted(cluster: Resource, inventory: Inventory) -> str | None:
    """DocumentDB cluster is not encrypted at rest.

    Its snapshots are not encrypted either, and can be copied and shared without any key.

    Fix: restore a snapshot into a cluster with `storage_encrypted = true` and switch over; encryption
    cannot be turned on in place.

    Fails:

        resource "aws_docdb_cluster" "carts" {
          storage_encrypted = false
        }

    Passes:

        resource "aws_docdb_cluster" "carts" {
          storage_encrypted = true
        }
    """
    return unencrypted(cluster)


@check(
    "aws_docdb_cluster",
    severity=Severity.MEDIUM,
    category=Category.RESILIENCE,
)
def docdb_single_az(cluster: Resource, inventory: Inventory) -> Fault | None:
    """DocumentDB cluster lies in one Availability Zone.

    Its storage spans three zones, but it answers only through instances: when all of them lie in one
    zone, or there is only one, the cluster is down with it.

    Fix: put the cluster's instances into at least two zones.

    Fails:

        resource "aws_docdb_cluster" "carts" {
          cluster_identifier = "carts"
        }

        resource "aws_docdb_cluster_instance" "only" {
          cluster_identifier = aws_docdb_cluster.carts.id
          availability_zone  = "eu-west-1a"
        }

    Fails:

        resource "aws_docdb_cluster" "carts" {
          cluster_identifier = "carts"
        }

        resource "aws_docdb_cluster_instance" "a" {
          cluster_identifier = aws_docdb_cluster.carts.id
          availability_zone  = "eu-west-1a"
        }

        resource "aws_docdb_cluster_instance" "b" {
          cluster_identifier = aws_docdb_cluster.carts.id
          availability_zone  = "eu-west-1a"
        }

    Passes:

        resource "aws_docdb_cluster" "carts" {
          cluster_identifier = "carts"
        }

        resource "aws_docdb_cluster_instance" "a" {
          cluster_identifier = aws_docdb_cluster.carts.id
          availability_zone  = "eu-west-1a"
        }

        resource "aws_docdb_cluster_instance" "b" {
          cluster_identifier = aws_docdb_cluster.carts.id
          availability_zone  = "eu-west-1b"
        }
    """
    return instances_in_one_zone(cluster, inventory, "aws_docdb_cluster_instance")


@check(
    "aws_docdb_cluster",
    severity=Severity.MEDIUM,
    category=Category.BACKUP,
    fsbp="DocumentDB.2",
    pci_4="3.2.1;3.3.1.1;3.3.1.3;3.3.2;3.3.3;10.5.1",
)
def docdb_backup_retention(cluster: Resource, inventory: Inventory, terms: Terms) -> str | None:
    """DocumentDB backups are kept under seven days.

    They are kept for one day unless told otherwise, which is too short for a mistake that is noticed
    after the weekend.

    Fix: set `backup_retention_period` to 7 or more.

    CLI: `aws docdb modify-db-cluster --db-cluster-identifier {cluster_identifier} --backup-retention-period 35`

    Fails:

        resource "aws_docdb_cluster" "carts" {
          backup_retention_period = 1
        }

    Passes:

        resource "aws_docdb_cluster" "carts" {
          backup_retention_period = 7
        }
    """
    return days_kept(cluster, terms)


@check(
    "aws_docdb_cluster",
    severity=Severity.MEDIUM,
    category=Category.BACKUP,
    fsbp="DocumentDB.5",
)
def docdb_deletion_protection(cluster: Resource, inventory: Inventory) -> str | None:
    """DocumentDB cluster can be deleted by one call.

    A wrong `terraform destroy` or a stray script then takes the data with it.

    Fix: set `deletion_protection = true`; whoever means it turns it off first.

    CLI: `aws docdb modify-db-cluster --db-cluster-identifier {cluster_identifier} --deletion-protection`

    Fails:

        resource "aws_docdb_cluster" "carts" {
          deletion_protection = false
        }

    Passes:

        resource "aws_docdb_cluster" "carts" {
          deletion_protection = true
        }
    """
    return deletable(cluster)


@check(
    "aws_docdb_cluster_snapshot",
    severity=Severity.CRITICAL,
    category=Category.PUBLIC_EXPOSURE,
    fsbp="DocumentDB.3",
    pci_4="1.2.8;1.3.1;1.3.2;1.4.2;1.5.1;3.5.1.3;10.3.2;A1.1.2;A1.1.3;A3.4.1",
)
def docdb_snapshot_public(snapshot: Resource, inventory: Inventory) -> str | None:
    """DocumentDB snapshot is shared with everyone.

    Whoever has an AWS account can restore a public snapshot and read all the data in it. Terraform
    does not tell whom it is shared with; AWS does.

    Fix: take `all` out of the accounts that the snapshot is shared with.

    CLI: `aws docdb modify-db-cluster-snapshot-attribute --db-cluster-snapshot-identifier
    {db_cluster_snapshot_identifier} --attribute-name restore --values-to-remove all`

    Fails:

        live "aws_docdb_cluster_snapshot" "carts" {
          shared_accounts = ["all"]
        }

    Passes:

        live "aws_docdb_cluster_snapshot" "carts" {
          shared_accounts = ["123456789012"]
        }
    """
    return shared_with_all(snapshot)


@check(
    "aws_docdb_cluster",
    severity=Severity.MEDIUM,
    category=Category.LOGGING,
    fsbp="DocumentDB.4",
    pci_4="5.3.4;10.2.1;10.2.1.1;10.2.1.2;10.2.1.3;10.2.1.4;10.2.1.5;10.2.1.6;10.2.1.7;10.2.2;10.3.1;10.6.3;A1.2.1",
)
def docdb_log_exports(cluster: Resource, inventory: Inventory) -> str | None:
    """DocumentDB cluster exports no audit log.

    Who signed in, and who made or dropped what, is then not to be found out. The profiler's log does not tell
    it.

    Fix: add `audit` to `enabled_cloudwatch_logs_exports`, and set `audit_logs` in the cluster's parameter
    group.

    Fails:

        resource "aws_docdb_cluster" "carts" {
          enabled_cloudwatch_logs_exports = ["profiler"]
        }

    Passes:

        resource "aws_docdb_cluster" "carts" {
          enabled_cloudwatch_logs_exports = ["audit"]
        }
    """
    exported = cluster["enabled_cloudwatch_logs_exports"] or ()
    return None if "audit" in exported else f"{cluster.name} exports no audit log"
