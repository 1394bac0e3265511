"""Amazon Aurora: what a cluster has to fail over to."""

from __future__ import annotations

from checks.check import Category, Severity, check
from state import Inventory, Resource


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
