"""What people do to databases by hand."""

from __future__ import annotations

import json

from tests.witness.case import Clients, State


def _modify(aws: Clients, **settings: object) -> None:
    aws("rds").modify_db_instance(DBInstanceIdentifier="main", ApplyImmediately=True, **settings)


def second_zone_given_up(aws: Clients, state: State) -> None:
    _modify(aws, MultiAZ=False)


def disk_made_larger(aws: Clients, state: State) -> None:
    _modify(aws, AllocatedStorage=200, MaxAllocatedStorage=1000)


def upgraded_within_its_version(aws: Clients, state: State) -> None:
    _modify(aws, EngineVersion="8.0.99")


def upgraded_to_another_version(aws: Clients, state: State) -> None:
    _modify(aws, EngineVersion="8.4.3", AllowMajorVersionUpgrade=True)


def logs_no_longer_sent(aws: Clients, state: State) -> None:
    _modify(aws, CloudwatchLogsExportConfiguration={"DisableLogTypes": ["error"]})


def database_given_another_group(aws: Clients, state: State) -> None:
    _modify(aws, VpcSecurityGroupIds=[state['aws_security_group.main["other"]']["id"]])


def default_tag_removed(aws: Clients, state: State) -> None:
    aws("rds").remove_tags_from_resource(ResourceName=state["aws_db_instance.main"]["arn"], TagKeys=["Team"])


def copy_deleted(aws: Clients, state: State) -> None:
    aws("rds").delete_db_snapshot(DBSnapshotIdentifier="before-the-move")


def copy_shared_with_all(aws: Clients, state: State) -> None:
    aws("rds").modify_db_snapshot_attribute(
        DBSnapshotIdentifier="before-the-move", AttributeName="restore", ValuesToAdd=["all"]
    )


def copy_retagged(aws: Clients, state: State) -> None:
    arn = state["aws_db_snapshot.main"]["db_snapshot_arn"]
    aws("rds").add_tags_to_resource(ResourceName=arn, Tags=[{"Key": "Team", "Value": "nobody"}])


def _table(aws: Clients, **settings: object) -> None:
    aws("dynamodb").update_table(TableName="full", **settings)


def table_protection_removed(aws: Clients, state: State) -> None:
    _table(aws, DeletionProtectionEnabled=False)


def stream_switched_on(aws: Clients, state: State) -> None:
    _table(aws, StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"})


def index_deleted(aws: Clients, state: State) -> None:
    _table(aws, GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "keys-of-kind"}}])


def index_given_more(aws: Clients, state: State) -> None:
    more = {"IndexName": "by-kind", "ProvisionedThroughput": {"ReadCapacityUnits": 50, "WriteCapacityUnits": 3}}
    _table(aws, GlobalSecondaryIndexUpdates=[{"Update": more}])


def expiry_by_another_attribute(aws: Clients, state: State) -> None:
    aws("dynamodb").update_time_to_live(
        TableName="on-demand", TimeToLiveSpecification={"Enabled": True, "AttributeName": "gone"}
    )


def table_opened(aws: Clients, state: State) -> None:
    policy = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "dynamodb:*", "Principal": "*"}]}'
    aws("dynamodb").put_resource_policy(ResourceArn=state["aws_dynamodb_table.on_demand"]["arn"], Policy=policy)


def table_written_by_others(aws: Clients, state: State) -> None:
    document = json.loads(state["aws_dynamodb_resource_policy.full"]["policy"])
    document["Statement"][0]["Action"] = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"]
    arn = state["aws_dynamodb_table.on_demand"]["arn"]
    aws("dynamodb").put_resource_policy(ResourceArn=arn, Policy=json.dumps(document))


def table_shut(aws: Clients, state: State) -> None:
    aws("dynamodb").delete_resource_policy(ResourceArn=state["aws_dynamodb_table.on_demand"]["arn"])


RUNNING = "the version that runs, which AWS upgrades by itself within the one that is declared"
GROWN = "within the most that is set storage grows by itself, and who made it grow nobody can tell: noise"

GAPS = {"ec2:DescribeSecurityGroupVpcAssociations"}
"""The operations that moto does not have."""

EXPLAINED: dict[str, dict[str, str]] = {
    "disk_made_larger": {"terraform: changed aws_db_instance.main allocated_storage": GROWN},
    "upgraded_to_another_version": {"terraform: changed aws_db_instance.main engine_version_actual": RUNNING},
    "upgraded_within_its_version": {"terraform: changed aws_db_instance.main engine_version_actual": RUNNING},
}
"""What only one of the two says after a change, and why that is as it should be."""
