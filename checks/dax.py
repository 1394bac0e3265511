"""Amazon DAX: where the nodes of clusters stand."""

from __future__ import annotations

from checks.check import Category, Severity, check
from state import Inventory, Resource, Unknown


@check(
    "aws_dax_cluster",
    severity=Severity.MEDIUM,
    category=Category.RESILIENCE,
)
def dax_single_az(cluster: Resource, inventory: Inventory) -> str | None:
    """DAX cluster lies in one Availability Zone.

    When that zone fails the cache is away, and all reads fall on the tables at once. A lone node lies in one
    zone, whichever.

    Fix: set `replication_factor` to 3, and `availability_zones` to as many zones.

    Fails:

        resource "aws_dax_cluster" "carts" {
          cluster_name       = "carts"
          replication_factor = 1
        }

    Fails:

        resource "aws_dax_cluster" "carts" {
          cluster_name       = "carts"
          replication_factor = 2
          availability_zones = ["eu-west-1a", "eu-west-1a"]
        }

    Passes:

        resource "aws_dax_cluster" "carts" {
          cluster_name       = "carts"
          replication_factor = 2
          availability_zones = ["eu-west-1a", "eu-west-1b"]
        }
    """
    if cluster["replication_factor"] == 1:
        return f"{cluster.name} has one node"
    zones = set(cluster["availability_zones"] or ())
    if not zones:
        raise Unknown("AWS chooses the zones of the nodes, and nobody saw which")
    return f"all nodes of {cluster.name} lie in one Availability Zone" if len(zones) == 1 else None
