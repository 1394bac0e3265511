"""What people do to clusters of databases by hand."""

from __future__ import annotations

from tests.witness.case import Clients, State


def _cluster(aws: Clients, **settings: object) -> None:
    aws("rds").modify_db_cluster(DBClusterIdentifier="aurora", ApplyImmediately=True, **settings)


def cluster_deletion_let_in(aws: Clients, state: State) -> None:
    _cluster(aws, DeletionProtection=False)


def cluster_backups_shortened(aws: Clients, state: State) -> None:
    _cluster(aws, BackupRetentionPeriod=1, CopyTagsToSnapshot=False)


def cluster_given_another_group(aws: Clients, state: State) -> None:
    _cluster(aws, VpcSecurityGroupIds=[state['aws_security_group.main["other"]']["id"]])


def cluster_logs_no_longer_sent(aws: Clients, state: State) -> None:
    _cluster(aws, CloudwatchLogsExportConfiguration={"DisableLogTypes": ["postgresql"]})


def cluster_tag_changed(aws: Clients, state: State) -> None:
    aws("rds").add_tags_to_resource(
        ResourceName=state["aws_rds_cluster.main"]["arn"], Tags=[{"Key": "Name", "Value": "old"}]
    )


def cluster_made_larger(aws: Clients, state: State) -> None:
    aws("rds").modify_db_cluster(
        DBClusterIdentifier=state["aws_rds_cluster.serverless"]["id"],
        ServerlessV2ScalingConfiguration={"MinCapacity": 8, "MaxCapacity": 128},
        ApplyImmediately=True,
    )


def member_deleted(aws: Clients, state: State) -> None:
    aws("rds").delete_db_instance(DBInstanceIdentifier="aurora-1", SkipFinalSnapshot=True)


def member_added(aws: Clients, state: State) -> None:
    aws("rds").create_db_instance(
        DBInstanceIdentifier="aurora-by-hand",
        DBClusterIdentifier="aurora",
        DBInstanceClass="db.r6g.large",
        Engine="aurora-postgresql",
    )


EXPLAINED: dict[str, dict[str, str]] = {}
"""What only one of the two says after a change, and why that is as it should be."""
