"""What people do to databases, tables and functions by hand."""

from __future__ import annotations

from tests.witness.case import Clients, State


def _modify(aws: Clients, **settings: object) -> None:
    aws("rds").modify_db_instance(DBInstanceIdentifier="orders", ApplyImmediately=True, **settings)


def backups_switched_off(aws: Clients, state: State) -> None:
    _modify(aws, BackupRetentionPeriod=0)


def database_made_public(aws: Clients, state: State) -> None:
    _modify(aws, PubliclyAccessible=True)


def database_resized(aws: Clients, state: State) -> None:
    _modify(aws, DBInstanceClass="db.t3.large")


def database_deleted(aws: Clients, state: State) -> None:
    _modify(aws, DeletionProtection=False)
    aws("rds").delete_db_instance(DBInstanceIdentifier="orders", SkipFinalSnapshot=True)


def deletion_let_in(aws: Clients, state: State) -> None:
    _modify(aws, DeletionProtection=False)


def database_tag_removed(aws: Clients, state: State) -> None:
    aws("rds").remove_tags_from_resource(ResourceName=state["aws_db_instance.orders"]["arn"], TagKeys=["Team"])


def table_deleted(aws: Clients, state: State) -> None:
    aws("dynamodb").delete_table(TableName="locks")


def table_made_by_hand(aws: Clients, state: State) -> None:
    aws("dynamodb").create_table(
        TableName="temporary",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )


def recovery_switched_off(aws: Clients, state: State) -> None:
    aws("dynamodb").update_continuous_backups(
        TableName="orders", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False}
    )


def expiry_switched_off(aws: Clients, state: State) -> None:
    aws("dynamodb").update_time_to_live(
        TableName="orders", TimeToLiveSpecification={"Enabled": False, "AttributeName": "expires"}
    )


def capacity_raised(aws: Clients, state: State) -> None:
    aws("dynamodb").update_table(
        TableName="locks", ProvisionedThroughput={"ReadCapacityUnits": 50, "WriteCapacityUnits": 1}
    )


def table_tag_changed(aws: Clients, state: State) -> None:
    aws("dynamodb").tag_resource(
        ResourceArn=state["aws_dynamodb_table.orders"]["arn"], Tags=[{"Key": "Team", "Value": "nobody"}]
    )


def timeout_lengthened(aws: Clients, state: State) -> None:
    aws("lambda").update_function_configuration(FunctionName="worker", Timeout=900)


def environment_changed(aws: Clients, state: State) -> None:
    aws("lambda").update_function_configuration(
        FunctionName="worker", Environment={"Variables": {"STAGE": "test", "QUEUE": "orders"}}
    )


def function_deleted(aws: Clients, state: State) -> None:
    aws("lambda").delete_function(FunctionName="worker")


def permission_removed(aws: Clients, state: State) -> None:
    aws("lambda").remove_permission(FunctionName="worker", StatementId="events")


GAPS = {"ec2:DescribeSecurityGroupVpcAssociations", "lambda:ListFunctionUrlConfigs"}
"""The operations that moto does not have."""

EXPLAINED: dict[str, dict[str, str]] = {
    "table_made_by_hand": {
        "ours: unmanaged aws_dynamodb_table temporary": "Terraform never looks for what it does not manage",
    },
}
"""What only one of the two says after a change, and why that is as it should be."""
