"""What people do to engines by hand."""

from __future__ import annotations

from tests.witness.case import Clients, State


def told_otherwise(aws: Clients, state: State) -> None:
    for group, name, value in (("papers", "tls", "disabled"), ("graph", "neptune_enable_audit_log", "0")):
        given = [{"ParameterName": name, "ParameterValue": value, "ApplyMethod": "pending-reboot"}]
        aws("rds").modify_db_cluster_parameter_group(DBClusterParameterGroupName=group, Parameters=given)
    aws("rds").modify_db_cluster(DBClusterIdentifier="graph", BackupRetentionPeriod=1, DeletionProtection=True)
    nobody = [{"Key": "Team", "Value": "nobody"}]
    group = state['aws_db_parameter_group.orders["orders"]']["arn"]
    aws("rds").add_tags_to_resource(ResourceName=group, Tags=nobody)
    aws("rds").remove_tags_from_resource(ResourceName=state["aws_db_proxy.orders"]["arn"], TagKeys=["Team"])
    aws("rds").modify_db_instance(DBInstanceIdentifier="graph-1", DBInstanceClass="db.r5.xlarge", ApplyImmediately=True)


def things_deleted(aws: Clients, state: State) -> None:
    aws("rds").delete_db_parameter_group(DBParameterGroupName="sales")
    aws("rds").delete_db_parameter_group(DBParameterGroupName="graph-instances")
    aws("rds").delete_db_cluster_snapshot(DBClusterSnapshotIdentifier="graph-1")
    aws("rds").delete_event_subscription(SubscriptionName="failures")
    aws("rds").delete_db_cluster_parameter_group(DBClusterParameterGroupName="papers")
    aws("rds").delete_global_cluster(GlobalClusterIdentifier="all")


def _retagged(aws: Clients, state: State, address: str) -> None:
    nobody = [{"Key": "Team", "Value": "nobody"}]
    aws("rds").add_tags_to_resource(ResourceName=state[f"aws_{address}"]["arn"], Tags=nobody)


def _untagged(aws: Clients, state: State, address: str) -> None:
    aws("rds").remove_tags_from_resource(ResourceName=state[f"aws_{address}"]["arn"], TagKeys=["Team"])


def events_retagged(aws: Clients, state: State) -> None:
    _retagged(aws, state, "db_event_subscription.failures")


def events_tag_removed(aws: Clients, state: State) -> None:
    _untagged(aws, state, "db_event_subscription.failures")


def orders_written_more_slowly(aws: Clients, state: State) -> None:
    given = [{"ParameterName": "sync_binlog", "ParameterValue": "0", "ApplyMethod": "immediate"}]
    aws("rds").modify_db_parameter_group(DBParameterGroupName="orders", Parameters=given)


def proxy_retagged(aws: Clients, state: State) -> None:
    _retagged(aws, state, "db_proxy.orders")


def proxy_tagged(aws: Clients, state: State) -> None:
    by_hand = [{"Key": "Stage", "Value": "by-hand"}]
    aws("rds").add_tags_to_resource(ResourceName=state["aws_db_proxy.orders"]["arn"], Tags=by_hand)


def _pool(aws: Clients, **settings: object) -> None:
    config = {"MaxConnectionsPercent": 90, "MaxIdleConnectionsPercent": 45} | settings
    aws("rds").modify_db_proxy_target_group(
        TargetGroupName="default", DBProxyName="orders", ConnectionPoolConfig=config
    )


def proxy_holds_fewer_connections(aws: Clients, state: State) -> None:
    _pool(aws, MaxConnectionsPercent=10, MaxIdleConnectionsPercent=10)


def proxy_waits_longer(aws: Clients, state: State) -> None:
    _pool(aws, ConnectionBorrowTimeout=300)


def proxy_shares_more_connections(aws: Clients, state: State) -> None:
    _pool(aws, SessionPinningFilters=["EXCLUDE_VARIABLE_SETS"])


def papers_retagged(aws: Clients, state: State) -> None:
    _retagged(aws, state, "docdb_cluster_parameter_group.papers")


def graph_retagged(aws: Clients, state: State) -> None:
    _retagged(aws, state, "neptune_cluster.graph")


def graph_kept_at_another_hour(aws: Clients, state: State) -> None:
    aws("rds").modify_db_cluster(DBClusterIdentifier="graph", PreferredBackupWindow="03:00-04:00")


def graph_instance_retagged(aws: Clients, state: State) -> None:
    _retagged(aws, state, "neptune_cluster_instance.graph")


def graph_instance_deleted(aws: Clients, state: State) -> None:
    aws("rds").delete_db_instance(DBInstanceIdentifier="graph-1", SkipFinalSnapshot=True)


def graph_copied_by_hand(aws: Clients, state: State) -> None:
    aws("rds").create_db_cluster_snapshot(DBClusterIdentifier="graph", DBClusterSnapshotIdentifier="by-hand")


def graph_parameters_retagged(aws: Clients, state: State) -> None:
    _retagged(aws, state, "neptune_cluster_parameter_group.graph")


def graph_parameters_deleted(aws: Clients, state: State) -> None:
    aws("rds").delete_db_cluster_parameter_group(DBClusterParameterGroupName="graph")


def graph_instance_parameters_retagged(aws: Clients, state: State) -> None:
    _retagged(aws, state, "neptune_parameter_group.graph")


def graph_asked_without_end(aws: Clients, state: State) -> None:
    given = [{"ParameterName": "neptune_query_timeout", "ParameterValue": "2147483647", "ApplyMethod": "immediate"}]
    aws("rds").modify_db_parameter_group(DBParameterGroupName="graph-instances", Parameters=given)


def _all(aws: Clients, **settings: object) -> None:
    """Made anew: moto does not change one."""
    aws("rds").delete_global_cluster(GlobalClusterIdentifier="all")
    aws("rds").create_global_cluster(GlobalClusterIdentifier="all", Engine="neptune", **settings)


def all_kept_from_being_deleted(aws: Clients, state: State) -> None:
    _all(aws, DeletionProtection=True)


def all_made_anew_encrypted(aws: Clients, state: State) -> None:
    _all(aws, StorageEncrypted=True)


def cluster_deleted(aws: Clients, state: State) -> None:
    aws("rds").delete_db_cluster(DBClusterIdentifier="orders", SkipFinalSnapshot=True)


EXPLAINED: dict[str, dict[str, str]] = {
    "graph_copied_by_hand": {
        "ours: unmanaged aws_neptune_cluster_snapshot by-hand": "Terraform never looks for what it does not manage",
    },
    "graph_instance_deleted": {
        "terraform: changed aws_neptune_cluster.graph cluster_members": (
            "a cluster's own list of its members, each of which has a resource of its own and is told there"
        ),
    },
    "graph_kept_at_another_hour": {
        "terraform: changed aws_neptune_cluster_instance.graph preferred_backup_window": (
            "an instance's hour is that of its cluster, and told there"
        ),
    },
}
"""What only one of the two says after a change, and why that is as it should be."""
