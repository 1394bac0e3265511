"""Amazon Neptune: clusters and their snapshots."""

from __future__ import annotations

from checks.check import Category, Fault, Severity, Terms, check
from checks.databases import days_kept, deletable, in_public_subnet, instances_in_one_zone, shared_with_all, unencrypted
from state import Inventory, Resource


@check(
    "aws_neptune_cluster",
    severity=Severity.HIGH,
    category=Category.ENCRYPTION,
    fsbp="Neptune.1",
    pci_4="3.5.1;8.3.2",
)
def neptune_unencrypted(cluster: Resource, inventory: Inventory) -> str | None:
    """Neptune cluster is not encrypted at rest.

    Its snapshots are not encrypted either, and can be copied and shared without any key.

    Fix: restore a snapshot into a cluster with `storage_encrypted = true` and switch over; encryption
    cannot be turned on in place.

    Fails:

        resource "aws_neptune_cluster" "graph" {
          storage_encrypted = false
        }

    Passes:

        resource "aws_neptune_cluster" "graph" {
          storage_encrypted = true
        }
    """
    return unencrypted(cluster)


@check(
    "aws_neptune_cluster",
    severity=Severity.MEDIUM,
    category=Category.RESILIENCE,
    fsbp="Neptune.9",
)
def neptune_single_az(cluster: Resource, inventory: Inventory) -> Fault | None:
    """Neptune cluster lies in one Availability Zone.

    Its storage spans three zones, but it answers only through instances: when all of them lie in one
    zone, or there is only one, the cluster is down with it.

    Fix: put the cluster's instances into at least two zones.

    Fails:

        resource "aws_neptune_cluster" "graph" {
          cluster_identifier = "graph"
        }

        resource "aws_neptune_cluster_instance" "only" {
          cluster_identifier = aws_neptune_cluster.graph.id
          availability_zone  = "eu-west-1a"
        }

    Fails:

        resource "aws_neptune_cluster" "graph" {
          cluster_identifier = "graph"
        }

        resource "aws_neptune_cluster_instance" "a" {
          cluster_identifier = aws_neptune_cluster.graph.id
          availability_zone  = "eu-west-1a"
        }

        resource "aws_neptune_cluster_instance" "b" {
          cluster_identifier = aws_neptune_cluster.graph.id
          availability_zone  = "eu-west-1a"
        }

    Passes:

        resource "aws_neptune_cluster" "graph" {
          cluster_identifier = "graph"
        }

        resource "aws_neptune_cluster_instance" "a" {
          cluster_identifier = aws_neptune_cluster.graph.id
          availability_zone  = "eu-west-1a"
        }

        resource "aws_neptune_cluster_instance" "b" {
          cluster_identifier = aws_neptune_cluster.graph.id
          availability_zone  = "eu-west-1b"
        }
    """
    return instances_in_one_zone(cluster, inventory, "aws_neptune_cluster_instance")


@check(
    "aws_neptune_cluster",
    severity=Severity.MEDIUM,
    category=Category.BACKUP,
    fsbp="Neptune.5",
    pci_4="10.3.3",
)
def neptune_backup_retention(cluster: Resource, inventory: Inventory, terms: Terms) -> str | None:
    """Neptune backups are kept under seven days.

    They are kept for one day unless told otherwise, which is too short for a mistake that is noticed
    after the weekend.

    Fix: set `backup_retention_period` to 7 or more.

    CLI: `aws neptune modify-db-cluster --db-cluster-identifier {cluster_identifier} --backup-retention-period 35`

    Fails:

        resource "aws_neptune_cluster" "graph" {
          backup_retention_period = 1
        }

    Passes:

        resource "aws_neptune_cluster" "graph" {
          backup_retention_period = 7
        }
    """
    return days_kept(cluster, terms)


@check(
    "aws_neptune_cluster",
    severity=Severity.MEDIUM,
    category=Category.BACKUP,
    fsbp="Neptune.4",
)
def neptune_deletion_protection(cluster: Resource, inventory: Inventory) -> str | None:
    """Neptune cluster can be deleted by one call.

    A wrong `terraform destroy` or a stray script then takes the data with it.

    Fix: set `deletion_protection = true`; whoever means it turns it off first.

    CLI: `aws neptune modify-db-cluster --db-cluster-identifier {cluster_identifier} --deletion-protection`

    Fails:

        resource "aws_neptune_cluster" "graph" {
          deletion_protection = false
        }

    Passes:

        resource "aws_neptune_cluster" "graph" {
          deletion_protection = true
        }
    """
    return deletable(cluster)


@check(
    "aws_neptune_cluster_snapshot",
    severity=Severity.CRITICAL,
    category=Category.PUBLIC_EXPOSURE,
    fsbp="Neptune.3",
    pci_4="3.5.1.3;10.3.2;A1.1.2;A3.4.1",
)
def neptune_snapshot_public(snapshot: Resource, inventory: Inventory) -> str | None:
    """Neptune snapshot is shared with everyone.

    Whoever has an AWS account can restore a public snapshot and read all the data in it. Terraform
    does not tell whom it is shared with; AWS does.

    Fix: take `all` out of the accounts that the snapshot is shared with.

    CLI: `aws neptune modify-db-cluster-snapshot-attribute --db-cluster-snapshot-identifier
    {db_cluster_snapshot_identifier} --attribute-name restore --values-to-remove all`

    Fails:

        live "aws_neptune_cluster_snapshot" "graph" {
          shared_accounts = ["all"]
        }

    Passes:

        live "aws_neptune_cluster_snapshot" "graph" {
          shared_accounts = ["123456789012"]
        }
    """
    return shared_with_all(snapshot)


@check(
    "aws_neptune_cluster_snapshot",
    severity=Severity.MEDIUM,
    category=Category.ENCRYPTION,
    fsbp="Neptune.6",
    pci_4="3.5.1;8.3.2",
    soc2="cc_7_5",
)
def neptune_snapshot_unencrypted(snapshot: Resource, inventory: Inventory) -> str | None:
    """Neptune snapshot is not encrypted.

    It can be copied and shared without any key. Those of the daily backup are exempt: the cluster they are of
    is told as not encrypted itself, and they go with time.

    Fix: restore the snapshot into an encrypted cluster, and delete the one that has no key.

    Fails:

        live "aws_neptune_cluster_snapshot" "graph" {
          snapshot_type     = "manual"
          storage_encrypted = false
        }

    Passes:

        live "aws_neptune_cluster_snapshot" "graph" {
          storage_encrypted = true
        }

    Passes:

        live "aws_neptune_cluster_snapshot" "graph" {
          snapshot_type     = "automated"
          storage_encrypted = false
        }
    """
    if snapshot["storage_encrypted"] or snapshot["snapshot_type"] == "automated":
        return None
    return f"{snapshot.name} is not encrypted"


@check(
    "aws_neptune_cluster",
    severity=Severity.LOW,
    category=Category.TAGGING,
    fsbp="Neptune.8",
    soc2="cc_7_5",
)
def neptune_copy_tags(cluster: Resource, inventory: Inventory) -> str | None:
    """Neptune cluster does not copy its tags to snapshots.

    Nobody can tell then whose a snapshot is and what it costs, and policies that go by tags do not reach it.

    Fix: set `copy_tags_to_snapshot = true`; it holds for snapshots made from then on.

    CLI: `aws neptune modify-db-cluster --db-cluster-identifier {cluster_identifier} --copy-tags-to-snapshot`

    Fails:

        resource "aws_neptune_cluster" "graph" {
          copy_tags_to_snapshot = false
        }

    Passes:

        resource "aws_neptune_cluster" "graph" {
          copy_tags_to_snapshot = true
        }
    """
    return None if cluster["copy_tags_to_snapshot"] else f"{cluster.name} does not copy its tags to snapshots"


@check("aws_neptune_cluster", severity=Severity.HIGH, category=Category.PUBLIC_EXPOSURE)
def neptune_public_subnet(cluster: Resource, inventory: Inventory) -> Fault | None:
    """Neptune cluster lies in a subnet with a route to the internet.

    An instance in such a subnet needs only a public endpoint, or one break-in at a neighbour, to be reached, and
    unless IAM authentication is on the graph asks nobody for a password. One public subnet in the cluster's group is
    enough to fail, since AWS may put an instance into any of them.

    Fix: make a subnet group of private subnets alone, and restore a snapshot into it.

    Fails:

        resource "aws_neptune_cluster" "graph" {
          neptune_subnet_group_name = aws_neptune_subnet_group.graph.name
        }

        resource "aws_neptune_subnet_group" "graph" {
          name       = "graph"
          subnet_ids = [aws_subnet.a.id]
        }

        resource "aws_subnet" "a" {
          vpc_id = "vpc-1"
        }

        resource "aws_internet_gateway" "out" {
          vpc_id = "vpc-1"
        }

        resource "aws_route_table" "public" {
          vpc_id = "vpc-1"

          route {
            cidr_block = "0.0.0.0/0"
            gateway_id = aws_internet_gateway.out.id
          }
        }

        resource "aws_route_table_association" "a" {
          subnet_id      = aws_subnet.a.id
          route_table_id = aws_route_table.public.id
        }

    Passes:

        resource "aws_neptune_cluster" "graph" {
          neptune_subnet_group_name = aws_neptune_subnet_group.graph.name
        }

        resource "aws_neptune_subnet_group" "graph" {
          name       = "graph"
          subnet_ids = [aws_subnet.a.id]
        }

        resource "aws_subnet" "a" {
          vpc_id = "vpc-1"
        }

        resource "aws_route_table" "private" {
          vpc_id = "vpc-1"
          route  = []
        }

        resource "aws_route_table_association" "a" {
          subnet_id      = aws_subnet.a.id
          route_table_id = aws_route_table.private.id
        }
    """
    return in_public_subnet(cluster, inventory, "aws_db_subnet_group", cluster["neptune_subnet_group_name"])
