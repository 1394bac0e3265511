"""What people do to a catalog by hand."""

from __future__ import annotations

import json
from typing import Any

from tests.witness.case import Clients, State


def _database_kept_elsewhere(aws: Clients, state: State) -> None:
    given = {"Name": "sales", "Description": "By hand", "LocationUri": "s3://elsewhere/sales"}
    aws("glue").update_database(Name="sales", DatabaseInput=given)


def _table(aws: Clients, **changed: Any) -> None:
    found = aws("glue").get_table(DatabaseName="sales", Name="orders")["Table"]
    kept = ("Name", "Description", "TableType", "Parameters", "PartitionKeys", "StorageDescriptor", "Retention")
    said = {name: found[name] for name in kept if name in found}
    aws("glue").update_table(DatabaseName="sales", TableInput=said | changed)


def _column_added(aws: Clients, state: State) -> None:
    found = aws("glue").get_table(DatabaseName="sales", Name="orders")["Table"]["StorageDescriptor"]
    _table(aws, StorageDescriptor=found | {"Columns": [*found["Columns"], {"Name": "card", "Type": "string"}]})


def _table_kept_elsewhere(aws: Clients, state: State) -> None:
    found = aws("glue").get_table(DatabaseName="sales", Name="orders")["Table"]["StorageDescriptor"]
    _table(aws, StorageDescriptor=found | {"Location": "s3://elsewhere/orders"}, Description="By hand")


def _table_deleted(aws: Clients, state: State) -> None:
    aws("glue").delete_table(DatabaseName="sales", Name="view")


def _crawler_deleted(aws: Clients, state: State) -> None:
    aws("glue").delete_crawler(Name="orders")


def _crawler_tag_removed(aws: Clients, state: State) -> None:
    aws("glue").untag_resource(ResourceArn=state["aws_glue_crawler.orders"]["arn"], TagsToRemove=["Team"])


def _job_deleted(aws: Clients, state: State) -> None:
    aws("glue").delete_job(JobName="shell")


def _job_tag_changed(aws: Clients, state: State) -> None:
    aws("glue").tag_resource(ResourceArn=state["aws_glue_job.clean"]["arn"], TagsToAdd={"Team": "nobody"})


def _trigger_stopped(aws: Clients, state: State) -> None:
    aws("glue").stop_trigger(Name="start")


def _trigger_deleted(aws: Clients, state: State) -> None:
    aws("glue").delete_trigger(Name="then")


def _workflow_runs_twice(aws: Clients, state: State) -> None:
    aws("glue").update_workflow(Name="daily", MaxConcurrentRuns=2, Description="By hand")


def _workflow_deleted(aws: Clients, state: State) -> None:
    aws("glue").delete_workflow(Name="daily")


def _registry_deleted(aws: Clients, state: State) -> None:
    aws("glue").delete_registry(RegistryId={"RegistryName": "events"})


def _seal_removed(aws: Clients, state: State) -> None:
    aws("glue").delete_security_configuration(Name="sealed")


def _catalog_no_longer_sealed(aws: Clients, state: State) -> None:
    given = {"EncryptionAtRest": {"CatalogEncryptionMode": "DISABLED"}}
    aws("glue").put_data_catalog_encryption_settings(DataCatalogEncryptionSettings=given)


def _anybody_reads_the_catalog(aws: Clients, state: State) -> None:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "glue:*", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    aws("glue").put_resource_policy(PolicyInJson=policy)


def _nobody_let_in_by_the_catalog(aws: Clients, state: State) -> None:
    aws("glue").delete_resource_policy()


def _group_of_askers_deleted(aws: Clients, state: State) -> None:
    aws("athena").delete_work_group(WorkGroup="plain", RecursiveDeleteOption=True)


def _stream(aws: Clients, name: str, **changed: Any) -> None:
    [found] = [aws("firehose").describe_delivery_stream(DeliveryStreamName=name)["DeliveryStreamDescription"]]
    aws("firehose").update_destination(
        DeliveryStreamName=name,
        CurrentDeliveryStreamVersionId=found["VersionId"],
        DestinationId=found["Destinations"][0]["DestinationId"],
        **changed,
    )


def _stream_kept_elsewhere(aws: Clients, state: State) -> None:
    given = {"RoleARN": state["aws_iam_role.glue"]["arn"], "BucketARN": "arn:aws:s3:::elsewhere", "Prefix": "in/"}
    _stream(aws, "lake", ExtendedS3DestinationUpdate=given)


def _stream_sent_elsewhere(aws: Clients, state: State) -> None:
    given = {"EndpointConfiguration": {"Url": "https://elsewhere.example.net/in", "Name": "collector"}}
    _stream(aws, "web", HttpEndpointDestinationUpdate=given)


def _stream_tag_changed(aws: Clients, state: State) -> None:
    tags = [{"Key": "Stage", "Value": "live"}]
    aws("firehose").tag_delivery_stream(DeliveryStreamName="lake", Tags=tags)


def _stream_deleted(aws: Clients, state: State) -> None:
    aws("firehose").delete_delivery_stream(DeliveryStreamName="web")


def things_told_otherwise(aws: Clients, state: State) -> None:
    for change in (
        _database_kept_elsewhere,
        _column_added,
        _trigger_stopped,
        _workflow_runs_twice,
        _catalog_no_longer_sealed,
        _anybody_reads_the_catalog,
        _stream_kept_elsewhere,
        _stream_sent_elsewhere,
    ):
        change(aws, state)


def tags_and_places_changed(aws: Clients, state: State) -> None:
    for change in (_table_kept_elsewhere, _crawler_tag_removed, _job_tag_changed, _stream_tag_changed):
        change(aws, state)


def things_deleted(aws: Clients, state: State) -> None:
    for change in (
        _table_deleted,
        _crawler_deleted,
        _job_deleted,
        _trigger_deleted,
        _workflow_deleted,
        _registry_deleted,
        _seal_removed,
        _nobody_let_in_by_the_catalog,
        _group_of_askers_deleted,
        _stream_deleted,
    ):
        change(aws, state)


# --- one at a time: moto does not change most of them, so that they are made anew


def _tagged(aws: Clients, state: State, address: str, **tags: str) -> None:
    aws("glue").tag_resource(ResourceArn=state[f"aws_glue_{address}"]["arn"], TagsToAdd=tags)


def _untagged(aws: Clients, state: State, address: str) -> None:
    aws("glue").untag_resource(ResourceArn=state[f"aws_glue_{address}"]["arn"], TagsToRemove=["Team"])


def database_described_otherwise(aws: Clients, state: State) -> None:
    found = aws("glue").get_database(Name="sales")["Database"]
    given = {name: found[name] for name in ("Name", "LocationUri", "Parameters")}
    aws("glue").update_database(Name="sales", DatabaseInput=given | {"Description": "By hand"})


def database_deleted(aws: Clients, state: State) -> None:
    aws("glue").delete_database(Name="sales")


def connection_tag_changed(aws: Clients, state: State) -> None:
    _tagged(aws, state, "connection.orders", Team="nobody")


def connection_tagged(aws: Clients, state: State) -> None:
    _tagged(aws, state, "connection.orders", Stage="by-hand")


def connection_tag_removed(aws: Clients, state: State) -> None:
    _untagged(aws, state, "connection.orders")


def crawler_looks_elsewhere(aws: Clients, state: State) -> None:
    found = aws("glue").get_crawler(Name="orders")["Crawler"]
    kept = ("Name", "Role", "DatabaseName", "Description", "TablePrefix", "SchemaChangePolicy", "Configuration")
    given = {name: found[name] for name in kept} | {"Schedule": found["Schedule"]["ScheduleExpression"]}
    aws("glue").delete_crawler(Name="orders")
    targets = {"S3Targets": [{"Path": "s3://elsewhere/orders", "Exclusions": ["tmp/**", "old/**"]}]}
    aws("glue").create_crawler(**given, Targets=targets, Tags={"Team": "data"})


def passwords_sealed(aws: Clients, state: State) -> None:
    key = state["aws_kms_key.glue"]["arn"]
    passwords = {"ReturnConnectionPasswordEncrypted": True, "AwsKmsKeyId": key}
    rest = {"CatalogEncryptionMode": "SSE-KMS", "SseAwsKmsKeyId": key}
    given = {"ConnectionPasswordEncryption": passwords, "EncryptionAtRest": rest}
    aws("glue").put_data_catalog_encryption_settings(DataCatalogEncryptionSettings=given)


def catalog_sealed_with_another_key(aws: Clients, state: State) -> None:
    key = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000000"
    passwords = {"ReturnConnectionPasswordEncrypted": False}
    given = {"EncryptionAtRest": {"CatalogEncryptionMode": "SSE-KMS", "SseAwsKmsKeyId": key}}
    settings = given | {"ConnectionPasswordEncryption": passwords}
    aws("glue").put_data_catalog_encryption_settings(DataCatalogEncryptionSettings=settings)


def job_runs_another_script(aws: Clients, state: State) -> None:
    found = aws("glue").get_job(JobName="shell")["Job"]
    kept = ("Name", "Role", "MaxCapacity")
    aws("glue").delete_job(JobName="shell")
    command = found["Command"] | {"ScriptLocation": "s3://elsewhere/shell.py"}
    aws("glue").create_job(**{name: found[name] for name in kept}, Command=command, Tags={"Team": "data"})


def registry_described_otherwise(aws: Clients, state: State) -> None:
    aws("glue").delete_registry(RegistryId={"RegistryName": "events"})
    aws("glue").create_registry(RegistryName="events", Description="By hand", Tags={"Team": "data"})


def registry_made_by_hand(aws: Clients, state: State) -> None:
    aws("glue").create_registry(RegistryName="by-hand")


def tables_dropped_by_whom_the_catalog_lets_in(aws: Clients, state: State) -> None:
    policy = json.loads(state["aws_glue_resource_policy.all"]["policy"])
    policy["Statement"][0]["Action"].append("glue:DeleteTable")
    aws("glue").put_resource_policy(PolicyInJson=json.dumps(policy))


def _sealed(aws: Clients, **settings: Any) -> None:
    found = aws("glue").get_security_configuration(Name="sealed")["SecurityConfiguration"]["EncryptionConfiguration"]
    aws("glue").delete_security_configuration(Name="sealed")
    aws("glue").create_security_configuration(Name="sealed", EncryptionConfiguration=found | settings)


def results_no_longer_sealed(aws: Clients, state: State) -> None:
    _sealed(aws, S3Encryption=[{"S3EncryptionMode": "DISABLED"}])


def logs_sealed(aws: Clients, state: State) -> None:
    key = state["aws_kms_key.glue"]["arn"]
    _sealed(aws, CloudWatchEncryption={"CloudWatchEncryptionMode": "SSE-KMS", "KmsKeyArn": key})


def trigger_tag_removed(aws: Clients, state: State) -> None:
    _untagged(aws, state, "trigger.then")


def workflow_given_another_day(aws: Clients, state: State) -> None:
    aws("glue").update_workflow(Name="daily", DefaultRunProperties={"day": "yesterday"})


def _askers(aws: Clients, state: State, **configuration: Any) -> None:
    found = aws("athena").get_work_group(WorkGroup="analysts")["WorkGroup"]
    aws("athena").delete_work_group(WorkGroup="analysts")
    aws("athena").create_work_group(
        Name="analysts",
        Description=found["Description"],
        Configuration=found["Configuration"] | configuration,
        Tags=[{"Key": "Team", "Value": "data"}],
    )


def answers_kept_open(aws: Clients, state: State) -> None:
    _askers(aws, state, ResultConfiguration={"OutputLocation": "s3://driftline-witness-lake/answers/"})


def askers_choose_for_themselves(aws: Clients, state: State) -> None:
    _askers(aws, state, EnforceWorkGroupConfiguration=False)


def data_catalog_tag_changed(aws: Clients, state: State) -> None:
    arn = state["aws_athena_data_catalog.other"]["arn"]
    aws("athena").tag_resource(ResourceARN=arn, Tags=[{"Key": "Team", "Value": "nobody"}])


def data_catalog_tagged(aws: Clients, state: State) -> None:
    arn = state["aws_athena_data_catalog.other"]["arn"]
    aws("athena").tag_resource(ResourceARN=arn, Tags=[{"Key": "Stage", "Value": "by-hand"}])


def data_catalog_tag_removed(aws: Clients, state: State) -> None:
    arn = state["aws_athena_data_catalog.other"]["arn"]
    aws("athena").untag_resource(ResourceARN=arn, TagKeys=["Team"])


COUNTED = "counted up with each content, which is told itself"

EXPLAINED: dict[str, dict[str, str]] = {
    "registry_made_by_hand": {
        "ours: unmanaged aws_glue_registry arn:aws:glue:eu-west-1:123456789012:registry/by-hand": (
            "Terraform never looks for what it does not manage"
        ),
    },
    "things_told_otherwise": {
        "terraform: changed aws_glue_trigger.start state": "what is asked for is told, as enabled",
        "terraform: changed aws_kinesis_firehose_delivery_stream.lake version_id": COUNTED,
        "terraform: changed aws_kinesis_firehose_delivery_stream.web version_id": COUNTED,
    },
}
"""What only one of the two says after a change, and why that is as it should be."""
