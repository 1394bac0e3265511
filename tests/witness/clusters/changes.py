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


MEMBERS = "a cluster's own list of its members, each of which has a resource of its own and is told there"

GAPS = {"ec2:DescribeSecurityGroupVpcAssociations"}
"""The operations that moto does not have."""

EXPLAINED: dict[str, dict[str, str]] = {
    "member_added": {
        "ours: unmanaged aws_rds_cluster_instance aurora-by-hand": "Terraform never looks for what it does not manage",
        "terraform: changed aws_rds_cluster.main cluster_members": MEMBERS,
    },
    "member_deleted": {"terraform: changed aws_rds_cluster.main cluster_members": MEMBERS},
}
"""What only one of the two says after a change, and why that is as it should be."""
