"""AWS DMS: replication instances, where they stand, what they copy, from where and to where.

Passwords of endpoints are never told. Certificates are not read: their answer holds wallets, with keys in them.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any

from scanner.aws.collector import (
    Attribute,
    Collector,
    Detail,
    Listing,
    arn,
    as_block,
    caseless,
    document,
    name_or_arn,
    to_json,
    unordered,
    volatile,
)
from scanner.aws.place import Item, Place
from scanner.collectors.cognito import if_said
from state import Resource
from state.documents import DOCUMENT
from state.forms import IF_DECLARED, VERSION, Pairwise, defaulting, parsed

GONE = ("ResourceNotFoundFault",)


def tags_of(arn: str) -> Detail:
    return Detail(operation="list_tags_for_resource", arguments={"ResourceArn": arn}, into="Tagging", gone=GONE)


# --- instances ------------------------------------------------------------------------------------

INSTANCE = Collector(
    type="aws_dms_replication_instance",
    service="dms",
    fetch=Listing("describe_replication_instances", "ReplicationInstances"),
    details=(tags_of("ReplicationInstanceArn"),),
    permissions=("dms:DescribeReplicationInstances", "dms:ListTagsForResource"),
    id="ReplicationInstanceIdentifier",
    identity=("replication_instance_id",),
    arn="ReplicationInstanceArn",
    attributes={
        "allocated_storage": "AllocatedStorage",
        "auto_minor_version_upgrade": "AutoMinorVersionUpgrade",
        "availability_zone": "AvailabilityZone",
        "dns_name_servers": "DnsNameServers",
        "engine_version": Attribute(path="EngineVersion", form=VERSION),
        "kms_key_arn": name_or_arn("KmsKeyId"),
        "multi_az": "MultiAZ",
        "network_type": Attribute(path="NetworkType", form=defaulting("IPV4")),
        "preferred_maintenance_window": caseless("PreferredMaintenanceWindow"),
        "publicly_accessible": "PubliclyAccessible",
        "replication_instance_arn": "ReplicationInstanceArn",
        "replication_instance_class": "ReplicationInstanceClass",
        "replication_instance_id": "ReplicationInstanceIdentifier",
        "replication_instance_private_ips": volatile("ReplicationInstancePrivateIpAddresses"),
        "replication_instance_public_ips": volatile("ReplicationInstancePublicIpAddresses"),
        "replication_subnet_group_id": "ReplicationSubnetGroup.ReplicationSubnetGroupIdentifier",
        "vpc_security_group_ids": unordered("VpcSecurityGroups[].VpcSecurityGroupId"),
    },
    facts={
        "instance_create_time": "InstanceCreateTime",
        "pending_deletion": "ReplicationInstanceStatus=='deleting'",
        "replication_instance_status": "ReplicationInstanceStatus",
    },
    tags="Tagging.TagList",
)


async def replication_subnet_groups(place: Place) -> AsyncIterator[list[Item]]:
    """The groups of subnets, with their ARNs, which AWS does not say."""
    here = arn(place, "dms", "subgrp")
    async for page in place.pages("dms", "describe_replication_subnet_groups"):
        found = page.get("ReplicationSubnetGroups") or ()
        yield [{**each, "Arn": f"{here}:{each['ReplicationSubnetGroupIdentifier']}"} for each in found]


def of_the_default_vpc(group: Resource) -> bool:
    """Made with the first instance that names none."""
    return str(group.id).startswith("default-vpc-")


SUBNET_GROUP = Collector(
    type="aws_dms_replication_subnet_group",
    service="dms",
    fetch=replication_subnet_groups,
    details=(tags_of("Arn"),),
    permissions=("dms:DescribeReplicationSubnetGroups", "dms:ListTagsForResource"),
    id="ReplicationSubnetGroupIdentifier",
    identity=("replication_subnet_group_id",),
    arn="Arn",
    at_default=of_the_default_vpc,
    attributes={
        "replication_subnet_group_arn": "Arn",
        "replication_subnet_group_description": "ReplicationSubnetGroupDescription",
        "replication_subnet_group_id": "ReplicationSubnetGroupIdentifier",
        "subnet_ids": unordered("Subnets[].SubnetIdentifier"),
        "vpc_id": "VpcId",
    },
    tags="Tagging.TagList",
)

# --- endpoints ------------------------------------------------------------------------------------

SETTINGS = {
    "elasticsearch_settings": (
        "ElasticsearchSettings",
        "endpoint_uri error_retry_duration full_load_error_percentage service_access_role_arn use_new_mapping_type",
    ),
    "kafka_settings": (
        "KafkaSettings",
        "broker include_control_details include_null_and_empty include_partition_value "
        "include_table_alter_operations include_transaction_details message_format message_max_bytes no_hex_prefix "
        "partition_include_schema_table sasl_mechanism sasl_username security_protocol ssl_ca_certificate_arn "
        "ssl_client_certificate_arn ssl_client_key_arn topic",
    ),
    "kinesis_settings": (
        "KinesisSettings",
        "include_control_details include_null_and_empty include_partition_value include_table_alter_operations "
        "include_transaction_details message_format partition_include_schema_table service_access_role_arn stream_arn "
        "use_large_integer_value",
    ),
    "mongodb_settings": (
        "MongoDbSettings",
        "auth_mechanism auth_source auth_type docs_to_investigate extract_doc_id nesting_level",
    ),
    "postgres_settings": (
        "PostgreSQLSettings",
        "after_connect_script authentication_method babelfish_database_name capture_ddls database_mode "
        "ddl_artifacts_schema execute_timeout fail_tasks_on_lob_truncation heartbeat_enable heartbeat_frequency "
        "heartbeat_schema map_boolean_as_boolean map_jsonb_as_clob map_long_varchar_as max_file_size plugin_name "
        "service_access_role_arn slot_name",
    ),
    "redis_settings": (
        "RedisSettings",
        "auth_type auth_user_name port server_name ssl_ca_certificate_arn ssl_security_protocol",
    ),
    "redshift_settings": (
        "RedshiftSettings",
        "bucket_folder bucket_name encryption_mode server_side_encryption_kms_key_id service_access_role_arn",
    ),
    "s3_settings": (
        "S3Settings",
        "add_column_name bucket_folder bucket_name canned_acl_for_objects cdc_inserts_and_updates cdc_inserts_only "
        "cdc_max_batch_interval cdc_min_file_size cdc_path compression_type csv_delimiter csv_no_sup_value "
        "csv_null_value csv_row_delimiter data_format data_page_size date_partition_delimiter date_partition_enabled "
        "date_partition_sequence dict_page_size_limit enable_statistics encoding_type encryption_mode "
        "external_table_definition glue_catalog_generation ignore_header_rows include_op_for_full_load max_file_size "
        "parquet_timestamp_in_millisecond parquet_version preserve_transactions rfc_4180 row_group_length "
        "server_side_encryption_kms_key_id service_access_role_arn timestamp_column_name use_csv_no_sup_value "
        "use_task_start_time_for_full_load_timestamp",
    ),
}
"""Of each kind of endpoint what may be set and is no secret, which AWS names alike but for the case."""


def camel(name: str) -> str:
    return "".join(word.title() for word in name.split("_"))


def settings(of: str, names: str) -> Attribute:
    """Settings of a kind of endpoint: what is left out is as AWS chose."""
    members = names.split()
    path = ", ".join(f"{each}: {camel(each)}" for each in members)
    return Attribute(path=f"{of}.{{{path}}}", form=if_said(**dict.fromkeys(members, IF_DECLARED)), convert=as_block)


KEPT_IN_SECRETS = (
    "DocDb",
    "GcpMySQL",
    "IBMDb2",
    "MicrosoftSQLServer",
    "MongoDb",
    "MySQL",
    "Oracle",
    "PostgreSQL",
    "Redshift",
    "Sybase",
)
"""The engines whose credentials may stand in Secrets Manager, each told among its own settings."""


def secret(name: str) -> str:
    return " || ".join(f"{engine}Settings.{name}" for engine in KEPT_IN_SECRETS)


CONNECTED = {
    "IBMDb2": ("db2", "db2-zos"),
    "MicrosoftSQLServer": ("babelfish", "sqlserver"),
    "MongoDb": ("mongodb",),
    "MySQL": ("aurora", "mariadb", "mysql"),
    "Oracle": ("oracle",),
    "PostgreSQL": ("aurora-postgresql", "postgres"),
    "Redshift": ("redshift",),
    "Sybase": ("sybase",),
}
"""Of which engines the provider reads among their own settings where the database is."""

NO_DATABASES = ("dynamodb", "elasticsearch", "kafka", "kinesis", "opensearch", "redis", "s3")


def runs(engines: Iterable[str]) -> str:
    return f"contains(`{json.dumps(engines)}`, EngineName)"


def connection(name: str) -> str:
    """Where a database is: what its engine's settings say, where it has any, and else the endpoint itself.

    https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/dms/endpoint.go
    (resourceEndpointSetState)
    """
    settings = " || ".join(f"{runs(engines)} && {of}Settings" for of, engines in CONNECTED.items())
    return f"!{runs(NO_DATABASES)} && ({settings} || @).{name} || `null`"


ENDPOINT = Collector(
    type="aws_dms_endpoint",
    service="dms",
    fetch=Listing("describe_endpoints", "Endpoints"),
    details=(tags_of("EndpointArn"),),
    permissions=("dms:DescribeEndpoints", "dms:ListTagsForResource"),
    id="EndpointIdentifier",
    identity=("endpoint_id",),
    arn="EndpointArn",
    attributes={
        "certificate_arn": "CertificateArn",
        "database_name": connection("DatabaseName"),
        "endpoint_arn": "EndpointArn",
        "endpoint_id": "EndpointIdentifier",
        "endpoint_type": caseless("EndpointType"),
        "engine_name": "EngineName",
        "kms_key_arn": name_or_arn("KmsKeyId"),
        "port": connection("Port"),
        "secrets_manager_access_role_arn": secret("SecretsManagerAccessRoleArn"),
        "secrets_manager_arn": secret("SecretsManagerSecretId"),
        "server_name": connection("ServerName"),
        "service_access_role": Attribute(path="ServiceAccessRoleArn", form=IF_DECLARED),
        "ssl_mode": Attribute(path="SslMode", form=defaulting("none")),
        "username": connection("Username"),
        **{name: settings(*about) for name, about in SETTINGS.items()},
    },
    facts={"pending_deletion": "Status=='deleting'", "status": "Status"},
    tags="Tagging.TagList",
)

# --- tasks ----------------------------------------------------------------------------------------


def holds(live: Any, declared: Any) -> bool:
    """Whether all that is declared is so: AWS fills in the rest of the settings."""
    if isinstance(declared, Mapping):
        return isinstance(live, Mapping) and all(holds(live.get(name), each) for name, each in declared.items())
    return bool(live == declared)


def filled_in(declared: Any, live: Any) -> bool:
    return not declared or holds(parsed(live), parsed(declared))


TASK = Collector(
    type="aws_dms_replication_task",
    service="dms",
    fetch=Listing("describe_replication_tasks", "ReplicationTasks"),
    details=(tags_of("ReplicationTaskArn"),),
    permissions=("dms:DescribeReplicationTasks", "dms:ListTagsForResource"),
    id="ReplicationTaskIdentifier",
    identity=("replication_task_id",),
    arn="ReplicationTaskArn",
    attributes={
        "cdc_start_position": Attribute(path="CdcStartPosition", form=IF_DECLARED),
        "migration_type": "MigrationType",
        "replication_instance_arn": "ReplicationInstanceArn",
        "replication_task_arn": "ReplicationTaskArn",
        "replication_task_id": "ReplicationTaskIdentifier",
        "replication_task_settings": Attribute(
            path="ReplicationTaskSettings",
            form=Pairwise(canonical=DOCUMENT.canonical, agree=filled_in),
            convert=to_json,
        ),
        "source_endpoint_arn": "SourceEndpointArn",
        "status": volatile("Status"),
        "table_mappings": document("TableMappings"),
        "target_endpoint_arn": "TargetEndpointArn",
    },
    facts={"pending_deletion": "Status=='deleting'", "stop_reason": "StopReason"},
    tags="Tagging.TagList",
)

COLLECTORS = [ENDPOINT, INSTANCE, SUBNET_GROUP, TASK]
