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


def member_kept_up_at_another_time(aws: Clients, state: State) -> None:
    aws("rds").modify_db_instance(
        DBInstanceIdentifier="aurora-0", PreferredMaintenanceWindow="sun:01:00-sun:01:30", ApplyImmediately=True
    )


def _tagged(aws: Clients, arn: str) -> None:
    aws("rds").add_tags_to_resource(ResourceName=arn, Tags=[{"Key": "Team", "Value": "nobody"}])


def member_retagged(aws: Clients, state: State) -> None:
    _tagged(aws, state["aws_rds_cluster_instance.main[0]"]["arn"])


def parameters_changed(aws: Clients, state: State) -> None:
    parameter = {"ParameterName": "rds.force_ssl", "ParameterValue": "0", "ApplyMethod": "immediate"}
    aws("rds").modify_db_cluster_parameter_group(DBClusterParameterGroupName="aurora", Parameters=[parameter])


def parameters_retagged(aws: Clients, state: State) -> None:
    _tagged(aws, state["aws_rds_cluster_parameter_group.main"]["arn"])


def parameters_deleted(aws: Clients, state: State) -> None:
    aws("rds").delete_db_cluster_parameter_group(DBClusterParameterGroupName="aurora")


def _places(aws: Clients, state: State, description: str, subnets: list[str]) -> None:
    """The group made again; moto forgets one that is changed."""
    group = state["aws_db_subnet_group.main"]
    aws("rds").delete_db_subnet_group(DBSubnetGroupName=group["name"])
    aws("rds").create_db_subnet_group(
        DBSubnetGroupName=group["name"],
        DBSubnetGroupDescription=description,
        SubnetIds=subnets,
        Tags=[{"Key": "Team", "Value": "data"}],
    )


def places_told_otherwise(aws: Clients, state: State) -> None:
    _places(aws, state, "By hand", list(state["aws_db_subnet_group.main"]["subnet_ids"]))


def place_given_up(aws: Clients, state: State) -> None:
    _places(aws, state, "Two zones", [state['aws_subnet.main["a"]']["id"]])


def places_retagged(aws: Clients, state: State) -> None:
    _tagged(aws, state["aws_db_subnet_group.main"]["arn"])


def snapshot_retagged(aws: Clients, state: State) -> None:
    _tagged(aws, state["aws_db_cluster_snapshot.main"]["db_cluster_snapshot_arn"])


def snapshot_shared_with_all(aws: Clients, state: State) -> None:
    aws("rds").modify_db_cluster_snapshot_attribute(
        DBClusterSnapshotIdentifier="aurora-before", AttributeName="restore", ValuesToAdd=["all"]
    )


def snapshot_deleted(aws: Clients, state: State) -> None:
    aws("rds").delete_db_cluster_snapshot(DBClusterSnapshotIdentifier="aurora-before")


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
