"""What people do to caches by hand."""

from __future__ import annotations

from tests.witness.case import Clients, State


def tags_changed(aws: Clients, state: State) -> None:
    tags = [{"Key": "Team", "Value": "nobody"}]
    aws("memorydb").tag_resource(ResourceArn=state["aws_memorydb_cluster.stock"]["arn"], Tags=tags)
    aws("elasticache").add_tags_to_resource(ResourceName=state["aws_elasticache_cluster.sessions"]["arn"], Tags=tags)


def _retagged(aws: Clients, arn: str) -> None:
    aws("elasticache").add_tags_to_resource(ResourceName=arn, Tags=[{"Key": "Team", "Value": "nobody"}])


def group_retagged(aws: Clients, state: State) -> None:
    _retagged(aws, state["aws_elasticache_subnet_group.main"]["arn"])


def group_tag_removed(aws: Clients, state: State) -> None:
    arn = state["aws_elasticache_subnet_group.main"]["arn"]
    aws("elasticache").remove_tags_from_resource(ResourceName=arn, TagKeys=["Team"])


def user_tagged(aws: Clients, state: State) -> None:
    _retagged(aws, state["aws_elasticache_user.open"]["arn"])


def other_user_tagged(aws: Clients, state: State) -> None:
    _retagged(aws, state["aws_elasticache_user.reader"]["arn"])


def sessions_tag_removed(aws: Clients, state: State) -> None:
    arn = state["aws_elasticache_cluster.sessions"]["arn"]
    aws("elasticache").remove_tags_from_resource(ResourceName=arn, TagKeys=["Team"])


def stock_told_otherwise(aws: Clients, state: State) -> None:
    aws("memorydb").update_cluster(ClusterName="stock", Description="By hand")


def stock_kept_shorter(aws: Clients, state: State) -> None:
    aws("memorydb").update_cluster(ClusterName="stock", SnapshotRetentionLimit=1)


def stock_made_larger(aws: Clients, state: State) -> None:
    aws("memorydb").update_cluster(ClusterName="stock", NodeType="db.r7g.large")


def places_retagged(aws: Clients, state: State) -> None:
    arn = state["aws_memorydb_subnet_group.main"]["arn"]
    aws("memorydb").tag_resource(ResourceArn=arn, Tags=[{"Key": "Team", "Value": "nobody"}])


def places_tag_removed(aws: Clients, state: State) -> None:
    aws("memorydb").untag_resource(ResourceArn=state["aws_memorydb_subnet_group.main"]["arn"], TagKeys=["Team"])


def places_deleted(aws: Clients, state: State) -> None:
    aws("memorydb").delete_cluster(ClusterName="stock")
    aws("memorydb").delete_subnet_group(SubnetGroupName="main")


def reader_may_write(aws: Clients, state: State) -> None:
    aws("memorydb").update_user(UserName="reader", AccessString="on ~* &* +@all")


def reader_tagged(aws: Clients, state: State) -> None:
    tags = [{"Key": "Team", "Value": "nobody"}]
    aws("memorydb").tag_resource(ResourceArn=state["aws_memorydb_user.reader"]["arn"], Tags=tags)


def reader_deleted(aws: Clients, state: State) -> None:
    aws("memorydb").delete_user(UserName="reader")


def orders_made_larger(aws: Clients, state: State) -> None:
    aws("dax").increase_replication_factor(ClusterName="orders", NewReplicationFactor=3)


def orders_tagged(aws: Clients, state: State) -> None:
    arn = state["aws_dax_cluster.orders"]["arn"]
    aws("dax").tag_resource(ResourceName=arn, Tags=[{"Key": "Team", "Value": "nobody"}])


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

WITH_STOCK = {"terraform: changed aws_memorydb_cluster.stock shards": PLACES}

AFTER = {
    "things_deleted": {
        "ours: missing aws_dax_cluster.orders": AWAY,
        "ours: missing aws_elasticache_cluster.sessions": AWAY,
    },
    "places_deleted": {},
}

EXPLAINED: dict[str, dict[str, str]] = {
    name: ALWAYS | AFTER.get(name, WITH_STOCK) for name in [*globals()] if name[0] != "_"
}
"""What only one of the two says after a change, and why that is as it should be."""
