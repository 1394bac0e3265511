import json

import pytest

from scanner.collectors.dms import COLLECTORS, ENDPOINT, INSTANCE, SUBNET_GROUP, TASK, camel
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.compared import only, told, twin
from tests.scanner.standin import answering, refused
from tests.scanner.whole import whole

ARN = f"arn:aws:dms:{REGION}:{ACCOUNT}"
SETTINGS = {"TargetMetadata": {"SupportLobs": True, "LobMaxSize": 32}, "Logging": {"EnableLogging": False}}
ANSWERS = {
    "ListTagsForResource": {"TagList": [{"Key": "team", "Value": "shop"}]},
    "DescribeReplicationInstances": {
        "ReplicationInstances": [
            {
                "ReplicationInstanceIdentifier": "copier",
                "ReplicationInstanceArn": f"{ARN}:rep:1",
                "ReplicationInstanceClass": "dms.t3.micro",
                "ReplicationInstanceStatus": "available",
                "AllocatedStorage": 50,
                "EngineVersion": "3.5.3",
                "AutoMinorVersionUpgrade": True,
                "MultiAZ": False,
                "PubliclyAccessible": False,
                "NetworkType": "IPV4",
                "PreferredMaintenanceWindow": "sun:10:30-sun:14:30",
                "ReplicationSubnetGroup": {"ReplicationSubnetGroupIdentifier": "inside"},
                "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-2"}, {"VpcSecurityGroupId": "sg-1"}],
            }
        ]
    },
    "DescribeReplicationSubnetGroups": {
        "ReplicationSubnetGroups": [
            {
                "ReplicationSubnetGroupIdentifier": "inside",
                "ReplicationSubnetGroupDescription": "d",
                "VpcId": "vpc-1",
                "Subnets": [{"SubnetIdentifier": "subnet-2"}, {"SubnetIdentifier": "subnet-1"}],
            }
        ]
    },
    "DescribeEndpoints": {
        "Endpoints": [
            {
                "EndpointIdentifier": "orders",
                "EndpointArn": f"{ARN}:endpoint:1",
                "EndpointType": "SOURCE",
                "EngineName": "postgres",
                "SslMode": "require",
                "Status": "active",
                "PostgreSQLSettings": {
                    "SecretsManagerSecretId": "arn:s",
                    "SecretsManagerAccessRoleArn": "arn:r",
                    "Password": "hush",
                    "DatabaseName": "orders",
                    "SlotName": "dms",
                    "MapBooleanAsBoolean": True,
                },
            },
            {
                "EndpointIdentifier": "lake",
                "EndpointArn": f"{ARN}:endpoint:2",
                "EndpointType": "TARGET",
                "EngineName": "s3",
                "SslMode": "none",
                "S3Settings": {
                    "BucketName": "lake",
                    "Rfc4180": True,
                    "CsvDelimiter": ",",
                    "ServiceAccessRoleArn": "arn:r",
                },
            },
        ]
    },
    "DescribeReplicationTasks": {
        "ReplicationTasks": [
            {
                "ReplicationTaskIdentifier": "copy",
                "ReplicationTaskArn": f"{ARN}:task:1",
                "ReplicationInstanceArn": f"{ARN}:rep:1",
                "SourceEndpointArn": f"{ARN}:endpoint:1",
                "TargetEndpointArn": f"{ARN}:endpoint:2",
                "MigrationType": "full-load",
                "TableMappings": '{"rules": []}',
                "ReplicationTaskSettings": json.dumps(SETTINGS),
                "Status": "ready",
            }
        ]
    },
}


def seen(*collectors, **changed):
    with answering(ANSWERS | changed):
        return read(*collectors)


def test_instance():
    found = only(seen(INSTANCE), INSTANCE.type)
    assert whole(found) == {
        "its id": "copier",
        "its identity": "copier",
        "its arn": "arn:aws:dms:eu-west-1:123456789012:rep:1",
        "its owner": None,
        "allocated_storage": 50,
        "auto_minor_version_upgrade": True,
        "engine_version": "3.5.3",
        "multi_az": False,
        "network_type": "IPV4",
        "preferred_maintenance_window": "sun:10:30-sun:14:30",
        "publicly_accessible": False,
        "replication_instance_arn": "arn:aws:dms:eu-west-1:123456789012:rep:1",
        "replication_instance_class": "dms.t3.micro",
        "replication_instance_id": "copier",
        "replication_subnet_group_id": "inside",
        "vpc_security_group_ids": ["sg-2", "sg-1"],
        "tags": {"team": "shop"},
    }
    said = twin(found, engine_version="3.5", preferred_maintenance_window="Sun:10:30-Sun:14:30", network_type=None)
    assert told(seen(INSTANCE), COLLECTORS, said) == set()
    assert told(seen(INSTANCE), COLLECTORS, twin(found, publicly_accessible=True)) == {
        ("changed", INSTANCE.type, "publicly_accessible")
    }


def test_subnet_group():
    found = only(seen(SUBNET_GROUP), SUBNET_GROUP.type)
    assert whole(found) == {
        "its id": "inside",
        "its identity": "inside",
        "its arn": "arn:aws:dms:eu-west-1:123456789012:subgrp:inside",
        "its owner": None,
        "replication_subnet_group_arn": "arn:aws:dms:eu-west-1:123456789012:subgrp:inside",
        "replication_subnet_group_description": "d",
        "replication_subnet_group_id": "inside",
        "subnet_ids": ["subnet-2", "subnet-1"],
        "vpc_id": "vpc-1",
        "tags": {"team": "shop"},
    }
    default = {"ReplicationSubnetGroups": [{"ReplicationSubnetGroupIdentifier": "default-vpc-1", "Subnets": []}]}
    assert told(seen(SUBNET_GROUP, DescribeReplicationSubnetGroups=default), COLLECTORS) == set()


HERE = {"DatabaseName": "d", "Port": 1, "ServerName": "s", "Username": "u"}
AS_DECLARED = {"database_name": "d", "port": 1, "server_name": "s", "username": "u"}


@pytest.mark.parametrize(
    ("about", "told_of_it"),
    [
        ({"EngineName": "mysql", **HERE}, AS_DECLARED),
        ({"EngineName": "mysql", "MySQLSettings": HERE, "Port": 2}, AS_DECLARED),
        ({"EngineName": "oracle", "OracleSettings": {"Username": "u"}, **HERE}, {"username": "u"}),
        ({"EngineName": "docdb", "DocDbSettings": {"Port": 2}, **HERE}, AS_DECLARED),
        ({"EngineName": "redis", "RedisSettings": {"Port": 2}, **HERE}, {}),
        ({"EngineName": "s3", **HERE}, {}),
    ],
)
def test_where_a_database_is_found_is_compared_as_the_provider_reads_it(about, told_of_it):
    one = {"EndpointIdentifier": "e", "EndpointArn": f"{ARN}:endpoint:9", "EndpointType": "SOURCE", **about}
    found = seen(ENDPOINT, DescribeEndpoints={"Endpoints": [one]})
    bare = twin(only(found, ENDPOINT.type), **dict.fromkeys(AS_DECLARED))
    assert told(found, COLLECTORS, twin(bare, **told_of_it)) == set()
    assert {path for *_, path in told(found, COLLECTORS, bare)} == told_of_it.keys()


def test_endpoints():
    found = seen(ENDPOINT)
    orders, lake = found.of(ENDPOINT.type)
    assert whole(orders) == {
        "its id": "orders",
        "its identity": "orders",
        "its arn": "arn:aws:dms:eu-west-1:123456789012:endpoint:1",
        "its owner": None,
        "database_name": "orders",
        "endpoint_arn": "arn:aws:dms:eu-west-1:123456789012:endpoint:1",
        "endpoint_id": "orders",
        "endpoint_type": "SOURCE",
        "engine_name": "postgres",
        "secrets_manager_access_role_arn": "arn:r",
        "secrets_manager_arn": "arn:s",
        "ssl_mode": "require",
        "postgres_settings": [{"map_boolean_as_boolean": True, "slot_name": "dms"}],
        "tags": {"team": "shop"},
    }
    assert whole(lake) == {
        "its id": "lake",
        "its identity": "lake",
        "its arn": "arn:aws:dms:eu-west-1:123456789012:endpoint:2",
        "its owner": None,
        "endpoint_arn": "arn:aws:dms:eu-west-1:123456789012:endpoint:2",
        "endpoint_id": "lake",
        "endpoint_type": "TARGET",
        "engine_name": "s3",
        "ssl_mode": "none",
        "s3_settings": [
            {"bucket_name": "lake", "csv_delimiter": ",", "rfc_4180": True, "service_access_role_arn": "arn:r"}
        ],
        "tags": {"team": "shop"},
    }
    assert "hush" not in str(orders.attributes)
    said = [twin(orders, password="hush", endpoint_type="source", postgres_settings=[{"slot_name": "dms"}]), twin(lake)]
    assert told(found, COLLECTORS, *said) == set()
    other = [twin(orders, secrets_manager_arn="arn:t"), twin(lake, s3_settings=[{"bucket_name": "pond"}])]
    assert told(found, COLLECTORS, *other) == {
        ("changed", ENDPOINT.type, "s3_settings[0].bucket_name"),
        ("changed", ENDPOINT.type, "secrets_manager_arn"),
    }
    assert (camel("rfc_4180"), camel("cdc_min_file_size")) == ("Rfc4180", "CdcMinFileSize")


def test_task():
    found = only(seen(TASK), TASK.type)
    assert whole(found) == {
        "its id": "copy",
        "its identity": "copy",
        "its arn": "arn:aws:dms:eu-west-1:123456789012:task:1",
        "its owner": None,
        "migration_type": "full-load",
        "replication_instance_arn": "arn:aws:dms:eu-west-1:123456789012:rep:1",
        "replication_task_arn": "arn:aws:dms:eu-west-1:123456789012:task:1",
        "replication_task_id": "copy",
        "replication_task_settings": '{"TargetMetadata": {"SupportLobs": true, "LobMaxSize": 32}, '
        '"Logging": {"EnableLogging": false}}',
        "source_endpoint_arn": "arn:aws:dms:eu-west-1:123456789012:endpoint:1",
        "status": "ready",
        "table_mappings": '{"rules": []}',
        "target_endpoint_arn": "arn:aws:dms:eu-west-1:123456789012:endpoint:2",
        "tags": {"team": "shop"},
    }
    said = twin(
        found, replication_task_settings='{"TargetMetadata": {"SupportLobs": true}}', table_mappings='{"rules":[]}'
    )
    assert told(seen(TASK), COLLECTORS, said) == set()
    other = twin(found, replication_task_settings='{"TargetMetadata": {"SupportLobs": false}}')
    assert told(seen(TASK), COLLECTORS, other) == {("changed", TASK.type, "replication_task_settings")}


def test_denied():
    found = seen(INSTANCE, ListTagsForResource=refused("AccessDeniedException"))
    assert [gap.permission for gap in found.gaps] == ["dms:ListTagsForResource"]
    assert list(only(found, INSTANCE.type).unknown) == ["tags"]
