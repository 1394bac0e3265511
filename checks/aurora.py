"""Amazon Aurora: what a cluster has to fail over to, and whether it can be wound back."""

from __future__ import annotations

from checks.check import Category, Severity, check
from checks.doubt import said
from state import Inventory, Resource

WOUND_BACK = frozenset({"aurora", "aurora-mysql"})


@check("aws_rds_cluster", severity=Severity.MEDIUM, category=Category.RESILIENCE)
def aurora_single_instance(cluster: Resource, inventory: Inventory) -> str | None:
    """Aurora cluster has one instance, so no replica to fail over to.

    When the only instance is lost, Aurora makes a new one, which takes ten minutes or more; a
    replica takes over in less than one.

    Fix: add a second `aws_rds_cluster_instance` to the cluster, in another zone.

    Fails:

        resource "aws_rds_cluster" "orders" {
          cluster_identifier = "orders"
          engine             = "aurora-postgresql"
        }

        resource "aws_rds_cluster_instance" "only" {
          cluster_identifier = aws_rds_cluster.orders.id
        }

    Passes:

        resource "aws_rds_cluster" "orders" {
          cluster_identifier = "orders"
          engine             = "aurora-postgresql"
        }

        resource "aws_rds_cluster_instance" "writer" {
          cluster_identifier = aws_rds_cluster.orders.id
        }

        resource "aws_rds_cluster_instance" "reader" {
          cluster_identifier = aws_rds_cluster.orders.id
        }
    """
    if not cluster["engine"].startswith("aurora"):
        return None
    members = inventory.near(cluster, "aws_rds_cluster_instance", cluster_identifier=cluster["cluster_identifier"])
    return f"{cluster.name} has one instance" if len(members) == 1 else None


@check(
    "aws_rds_cluster",
    severity=Severity.LOW,
    category=Category.BACKUP,
    fsbp="RDS.14",
)
def aurora_backtrack(cluster: Resource, inventory: Inventory) -> str | None:
    """Aurora MySQL cluster cannot be wound back in time.

    A mistake then costs a restore into a new cluster, where winding back takes minutes in place. Only Aurora
    MySQL can do it; serverless clusters of the first version cannot.

    Fix: restore a snapshot into a cluster with a `backtrack_window` of up to 259200 seconds; it cannot be
    turned on in place.

    Fails:

        resource "aws_rds_cluster" "orders" {
          engine           = "aurora-mysql"
          engine_mode      = "provisioned"
          backtrack_window = 0
        }

    Passes:

        resource "aws_rds_cluster" "orders" {
          engine           = "aurora-mysql"
          backtrack_window = 86400
        }

    Passes:

        resource "aws_rds_cluster" "orders" {
          engine           = "aurora-postgresql"
          backtrack_window = 0
        }
    """
    if cluster["backtrack_window"] or cluster["engine"].lower() not in WOUND_BACK:
        return None
    return None if said(cluster, "engine_mode") == "serverless" else f"{cluster.name} cannot be wound back"
