"""What people do to caches by hand."""

from __future__ import annotations

from tests.witness.case import Clients, State


def tags_changed(aws: Clients, state: State) -> None:
    tags = [{"Key": "Team", "Value": "nobody"}]
    aws("memorydb").tag_resource(ResourceArn=state["aws_memorydb_cluster.stock"]["arn"], Tags=tags)
    aws("elasticache").add_tags_to_resource(ResourceName=state["aws_elasticache_cluster.sessions"]["arn"], Tags=tags)


def things_deleted(aws: Clients, state: State) -> None:
    aws("elasticache").delete_cache_cluster(CacheClusterId="sessions")
    aws("memorydb").delete_cluster(ClusterName="stock")
    aws("dax").delete_cluster(ClusterName="orders")


PLACES = "addresses and nodes that AWS gives by itself, and no drift"
AWAY = "what is on its way out is missing to us"

ALWAYS = {
    "terraform: changed aws_dax_cluster.orders cluster_address": PLACES,
    "terraform: changed aws_dax_cluster.orders configuration_endpoint": PLACES,
    "terraform: changed aws_dax_cluster.orders nodes": PLACES,
}

EXPLAINED: dict[str, dict[str, str]] = {
    "tags_changed": ALWAYS | {"terraform: changed aws_memorydb_cluster.stock shards": PLACES},
    "things_deleted": ALWAYS
    | {
        "ours: missing aws_dax_cluster.orders": AWAY,
        "ours: missing aws_elasticache_cluster.sessions": AWAY,
    },
}
"""What only one of the two says after a change, and why that is as it should be."""
