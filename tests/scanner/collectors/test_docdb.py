import pytest

from scanner.collectors import docdb, neptune, rds
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.collectors.test_rds_groups import CLUSTER_GROUPS
from tests.scanner.compared import only, told, twin
from tests.scanner.queries import said
from tests.scanner.standin import answering
from tests.scanner.whole import whole

COLLECTORS = [*docdb.COLLECTORS, *neptune.COLLECTORS, *rds.COLLECTORS]
ARN = f"arn:aws:rds:{REGION}:{ACCOUNT}"
ENGINES = ("aurora-mysql", "docdb", "neptune")
SHOP = [{"Key": "team", "Value": "shop"}]


def cluster(engine):
    return {
        "DBClusterIdentifier": engine,
        "DBClusterArn": f"{ARN}:cluster:{engine}",
        "DbClusterResourceId": "cluster-1",
        "Engine": engine,
        "EngineVersion": "5.0.0",
        "Status": "available",
        "AvailabilityZones": ["eu-west-1a"],
        "BackupRetentionPeriod": 5,
        "DBClusterMembers": [{"DBInstanceIdentifier": f"{engine}-1", "IsClusterWriter": True}],
        "DBClusterParameterGroup": "docs",
        "DBSubnetGroup": "main",
        "DeletionProtection": True,
        "EnabledCloudwatchLogsExports": ["audit"],
        "Endpoint": "e",
        "ReaderEndpoint": "r",
        "KmsKeyId": "arn:key",
        "MasterUsername": "shop",
        "Port": 27017,
        "PreferredBackupWindow": "03:00-04:00",
        "PreferredMaintenanceWindow": "mon:05:00-mon:06:00",
        "StorageEncrypted": True,
        "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-1"}],
        "AssociatedRoles": [{"RoleArn": "arn:role"}],
        "ServerlessV2ScalingConfiguration": {"MinCapacity": 1.0, "MaxCapacity": 8.0},
        "TagList": SHOP,
    }


def instance(engine):
    return {
        "DBInstanceIdentifier": f"{engine}-1",
        "DBInstanceArn": f"{ARN}:db:{engine}-1",
        "DBClusterIdentifier": engine,
        "DbiResourceId": "db-1",
        "Engine": engine,
        "EngineVersion": "5.0.0",
        "DBInstanceClass": "db.r6g.large",
        "AutoMinorVersionUpgrade": True,
        "AvailabilityZone": "eu-west-1a",
        "DBSubnetGroup": {"DBSubnetGroupName": "main"},
        "DBParameterGroups": [{"DBParameterGroupName": "small"}],
        "Endpoint": {"Address": "e", "Port": 27017},
        "KmsKeyId": "arn:key",
        "PreferredMaintenanceWindow": "mon:05:00-mon:06:00",
        "PromotionTier": 1,
        "PubliclyAccessible": False,
        "StorageEncrypted": True,
        "TagList": SHOP,
    }


def snapshot(engine):
    return {
        "DBClusterSnapshotIdentifier": f"{engine}-before",
        "DBClusterSnapshotArn": f"{ARN}:cluster-snapshot:{engine}-before",
        "DBClusterIdentifier": engine,
        "Engine": engine,
        "SnapshotType": "manual",
        "Status": "available",
        "StorageEncrypted": True,
        "TagList": SHOP,
    }


SHARING = {"AttributeName": "restore", "AttributeValues": ["all"]}
ANSWERS = said(
    "rds",
    DescribeDBClusters={"DBClusters": [cluster(each) for each in ENGINES]},
    DescribeDBInstances={"DBInstances": [instance(each) for each in ENGINES]},
    DescribeDBClusterSnapshots={"DBClusterSnapshots": [snapshot(each) for each in ENGINES]},
    DescribeDBClusterSnapshotAttributes={
        "DBClusterSnapshotAttributesResult": {"DBClusterSnapshotAttributes": [SHARING]}
    },
    DescribeDBSnapshots={},
    DescribeDBParameterGroups={
        "DBParameterGroups": [
            {
                "DBParameterGroupName": name,
                "DBParameterGroupFamily": family,
                "DBParameterGroupArn": f"{ARN}:pg:{name}",
            }
            for name, family in {"graph-1": "neptune1.3", "pg": "postgres15"}.items()
        ]
    },
    DescribeDBParameters={"Parameters": [{"ParameterName": "neptune_query_timeout", "ParameterValue": "25"}]},
)


@pytest.fixture(scope="module")
def live():
    """All of them, read at once."""
    with answering(CLUSTER_GROUPS | ANSWERS) as it:
        inventory = read(*COLLECTORS)
    assert inventory.gaps == []
    once = ("DescribeDBClusters", "DescribeDBInstances", "DescribeDBClusterSnapshots")
    assert [it.asked.count(each) for each in once] == [1, 1, 1]
    return inventory


CLUSTER = {
    "availability_zones": ["eu-west-1a"],
    "backup_retention_period": 5,
    "cluster_resource_id": "cluster-1",
    "deletion_protection": True,
    "endpoint": "e",
    "engine_version": "5.0.0",
    "port": 27017,
    "preferred_backup_window": "03:00-04:00",
    "preferred_maintenance_window": "mon:05:00-mon:06:00",
    "reader_endpoint": "r",
    "serverless_v2_scaling_configuration": [{"max_capacity": 8.0, "min_capacity": 1.0}],
    "storage_encrypted": True,
    "vpc_security_group_ids": ["sg-1"],
}
INSTANCE = {
    "auto_minor_version_upgrade": True,
    "availability_zone": "eu-west-1a",
    "dbi_resource_id": "db-1",
    "engine_version": "5.0.0",
    "instance_class": "db.r6g.large",
    "port": 27017,
    "preferred_maintenance_window": "mon:05:00-mon:06:00",
    "promotion_tier": 1,
    "publicly_accessible": False,
    "storage_encrypted": True,
}
MORE = {
    "aws_docdb_cluster": CLUSTER
    | {
        "arn": f"{ARN}:cluster:docdb",
        "cluster_identifier": "docdb",
        "cluster_members": ["docdb-1"],
        "db_cluster_parameter_group_name": "docs",
        "db_subnet_group_name": "main",
        "enabled_cloudwatch_logs_exports": ["audit"],
        "engine": "docdb",
        "kms_key_id": "arn:key",
        "master_username": "shop",
    },
    "aws_neptune_cluster": CLUSTER
    | {
        "arn": f"{ARN}:cluster:neptune",
        "cluster_identifier": "neptune",
        "cluster_members": ["neptune-1"],
        "enable_cloudwatch_logs_exports": ["audit"],
        "engine": "neptune",
        "iam_roles": ["arn:role"],
        "kms_key_arn": "arn:key",
        "neptune_cluster_parameter_group_name": "docs",
        "neptune_subnet_group_name": "main",
    },
    "aws_docdb_cluster_instance": INSTANCE
    | {
        "arn": f"{ARN}:db:docdb-1",
        "cluster_identifier": "docdb",
        "db_subnet_group_name": "main",
        "endpoint": "e",
        "engine": "docdb",
        "identifier": "docdb-1",
        "kms_key_id": "arn:key",
    },
    "aws_neptune_cluster_instance": INSTANCE
    | {
        "address": "e",
        "arn": f"{ARN}:db:neptune-1",
        "cluster_identifier": "neptune",
        "endpoint": "e:27017",
        "engine": "neptune",
        "identifier": "neptune-1",
        "kms_key_arn": "arn:key",
        "neptune_parameter_group_name": "small",
        "neptune_subnet_group_name": "main",
    },
    **{
        f"aws_{engine}_cluster_snapshot": {
            "db_cluster_identifier": engine,
            "db_cluster_snapshot_arn": f"{ARN}:cluster-snapshot:{engine}-before",
            "db_cluster_snapshot_identifier": f"{engine}-before",
            "engine": engine,
            "snapshot_type": "manual",
            "status": "available",
            "storage_encrypted": True,
        }
        for engine in ("docdb", "neptune")
    },
    **{
        f"aws_{engine}_cluster_parameter_group": {
            "arn": f"{ARN}:cluster-pg:{name}",
            "description": "shop",
            "family": family,
            "name": name,
            "parameter": [{"apply_method": "pending-reboot", "name": "audit_logs", "value": "enabled"}],
        }
        for engine, name, family in (("docdb", "docs", "docdb5.0"), ("neptune", "graph", "neptune1.3"))
    },
    "aws_neptune_parameter_group": {
        "arn": f"{ARN}:pg:graph-1",
        "family": "neptune1.3",
        "name": "graph-1",
        "parameter": [{"name": "neptune_query_timeout", "value": "25"}],
    },
}


@pytest.mark.parametrize("type", MORE)
def test_each(live, type):
    found, names = only(live, type), ("cluster_identifier", "name", "db_cluster_snapshot_identifier")
    id = MORE[type].get("identifier") or next(MORE[type][name] for name in names if name in MORE[type])
    arn = MORE[type].get("arn") or MORE[type]["db_cluster_snapshot_arn"]
    its = {"its id": id, "its identity": id, "its arn": arn, "its owner": None, "tags": {"team": "shop"}}
    assert whole(found) == its | MORE[type]
    assert told(live, COLLECTORS, twin(found, **dict.fromkeys(("endpoint", "status"), "moved"))) == told(
        live, COLLECTORS, twin(found)
    )


CHANGES = {
    "aws_docdb_cluster": {"deletion_protection": False},
    "aws_docdb_cluster_instance": {"instance_class": "db.t4g.medium"},
    "aws_neptune_cluster": {"iam_roles": []},
    "aws_neptune_cluster_instance": {"neptune_parameter_group_name": "default.neptune1.3"},
    "aws_neptune_cluster_snapshot": {"kms_key_id": "arn:other"},
}


@pytest.mark.parametrize("type", CHANGES)
def test_changed_by_hand(live, type):
    [name] = CHANGES[type]
    changes = told(live, COLLECTORS, twin(only(live, type), **CHANGES[type]))
    assert {each for each in changes if each[0] == "changed"} == {("changed", type, name)}


def test_each_engine_is_one_type(live):
    assert [each.id for each in live.of("aws_rds_cluster")] == ["aurora-mysql"]
    assert [each.id for each in live.of("aws_rds_cluster_instance")] == ["aurora-mysql-1"]
    assert [each.id for each in live.of("aws_db_instance")] == []
    assert [each.id for each in live.of("aws_db_cluster_snapshot")] == ["aurora-mysql-before"]


def test_whom_a_snapshot_is_shared_with_is_a_fact(live):
    for type in ("aws_docdb_cluster_snapshot", "aws_neptune_cluster_snapshot"):
        assert only(live, type).fact("shared_accounts") == ["all"]
