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


EXPLAINED: dict[str, dict[str, str]] = {}
"""What only one of the two says after a change, and why that is as it should be."""
