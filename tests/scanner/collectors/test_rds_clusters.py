import pytest

from scanner.collectors import rds
from scanner.collectors.rds_clusters import (
    BACKUPS_REPLICATION,
    CLUSTER_ENDPOINT,
    CLUSTER_ROLE,
    COLLECTORS,
    DOCDB_GLOBAL_CLUSTER,
    INSTANCE_ROLE,
    NEPTUNE_GLOBAL_CLUSTER,
    RDS_GLOBAL_CLUSTER,
)
from state import GLOBAL
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.compared import declared, only, told, twin
from tests.scanner.corpus import assert_corpus_equals_itself
from tests.scanner.queries import said
from tests.scanner.standin import answering
from tests.scanner.whole import whole

ARN = f"arn:aws:rds:{REGION}:{ACCOUNT}"
TAGS = {"ListTagsForResource": {"TagList": [{"Key": "team", "Value": "shop"}]}}
ROLE = "arn:aws:iam::123456789012:role/import"
ROLES = [{"RoleArn": ROLE, "Status": "ACTIVE", "FeatureName": "s3Import"}]


def seen(*collectors, **answers):
    with answering(said("rds", **TAGS, **answers)):
        inventory = read(*collectors)
    assert inventory.gaps == []
    return inventory


def test_cluster_endpoint():
    of = {"DBClusterIdentifier": "aurora", "Status": "available", "Endpoint": "e"}
    custom = {
        "DBClusterEndpointIdentifier": "reports",
        "DBClusterEndpointArn": f"{ARN}:cluster-endpoint:reports",
        "EndpointType": "CUSTOM",
        "CustomEndpointType": "READER",
        "StaticMembers": ["aurora-1", "aurora-2"],
    }
    answer = {"DBClusterEndpoints": [of | {"EndpointType": "WRITER"}, of | custom]}
    live = seen(CLUSTER_ENDPOINT, DescribeDBClusterEndpoints=answer)
    found = only(live, "aws_rds_cluster_endpoint")
    assert whole(found) == {
        "its id": "reports",
        "its identity": "reports",
        "its arn": f"{ARN}:cluster-endpoint:reports",
        "its owner": None,
        "arn": f"{ARN}:cluster-endpoint:reports",
        "cluster_endpoint_identifier": "reports",
        "cluster_identifier": "aurora",
        "custom_endpoint_type": "READER",
        "endpoint": "e",
        "static_members": ["aurora-1", "aurora-2"],
        "tags": {"team": "shop"},
    }
    assert told(live, COLLECTORS, twin(found, static_members=["aurora-2", "aurora-1"])) == set()
    graph = {"cluster_endpoint_identifier": "reports", "cluster_identifier": "aurora", "endpoint_type": "READER"}
    older = declared("aws_neptune_cluster_endpoint", "aurora:reports", **graph)
    assert told(live, COLLECTORS, older) == set()
    writes = declared("aws_neptune_cluster_endpoint", "aurora:reports", **graph | {"endpoint_type": "ANY"})
    assert told(live, COLLECTORS, writes) == {("changed", "aws_rds_cluster_endpoint", "custom_endpoint_type")}


ENGINES = {
    "aurora-mysql": (RDS_GLOBAL_CLUSTER, {"endpoint": "e", "engine_version_actual": "5.0.0", "database_name": "shop"}),
    "docdb": (DOCDB_GLOBAL_CLUSTER, {"status": "available", "database_name": "shop"}),
    "neptune": (NEPTUNE_GLOBAL_CLUSTER, {"status": "available"}),
}


@pytest.mark.parametrize("engine", ENGINES)
def test_global_cluster(engine):
    clusters = [
        {
            "GlobalClusterIdentifier": f"world-{each}",
            "GlobalClusterResourceId": "cluster-1",
            "GlobalClusterArn": f"arn:aws:rds::{ACCOUNT}:global-cluster:world-{each}",
            "Status": "available",
            "Engine": each,
            "EngineVersion": "5.0.0",
            "DatabaseName": "shop",
            "Endpoint": "e",
            "StorageEncrypted": True,
            "DeletionProtection": True,
            "GlobalClusterMembers": [{"DBClusterArn": "arn:c", "IsWriter": True}],
            "TagList": [{"Key": "team", "Value": "shop"}],
        }
        for each in ENGINES
    ]
    collector, more = ENGINES[engine]
    live = seen(collector, DescribeGlobalClusters={"GlobalClusters": clusters})
    found, id = only(live, collector.type), f"world-{engine}"
    assert found.region == GLOBAL
    assert whole(found) == {
        "its id": id,
        "its identity": id,
        "its arn": f"arn:aws:rds::{ACCOUNT}:global-cluster:{id}",
        "its owner": None,
        "arn": f"arn:aws:rds::{ACCOUNT}:global-cluster:{id}",
        "deletion_protection": True,
        "engine": engine,
        "engine_version": "5.0.0",
        "global_cluster_identifier": id,
        "global_cluster_members": [{"db_cluster_arn": "arn:c", "is_writer": True}],
        "global_cluster_resource_id": "cluster-1",
        "storage_encrypted": True,
        "tags": {"team": "shop"},
        **more,
    }
    open_to_deletion = {("changed", collector.type, "deletion_protection")}
    assert told(live, COLLECTORS, twin(found, deletion_protection=False)) == open_to_deletion


def test_backups_that_come_from_another_region():
    backups = [
        {
            "DBInstanceArn": f"arn:aws:rds:{region}:{ACCOUNT}:db:orders",
            "DBInstanceAutomatedBackupsArn": f"{ARN}:auto-backup:ab-{region}",
            "BackupRetentionPeriod": 7,
            "KmsKeyId": "arn:key",
            "Region": region,
        }
        for region in (REGION, "us-east-1")
    ]
    live = seen(BACKUPS_REPLICATION, DescribeDBInstanceAutomatedBackups={"DBInstanceAutomatedBackups": backups})
    assert whole(only(live, BACKUPS_REPLICATION.type)) == {
        "its id": f"{ARN}:auto-backup:ab-us-east-1",
        "its identity": f"{ARN}:auto-backup:ab-us-east-1",
        "its arn": f"{ARN}:auto-backup:ab-us-east-1",
        "its owner": None,
        "kms_key_id": "arn:key",
        "retention_period": 7,
        "source_db_instance_arn": f"arn:aws:rds:us-east-1:{ACCOUNT}:db:orders",
    }


def test_role_of_an_instance():
    instances = [
        {"DBInstanceIdentifier": "orders", "Engine": "postgres", "AssociatedRoles": ROLES},
        {"DBInstanceIdentifier": "plain", "Engine": "postgres"},
    ]
    live = seen(INSTANCE_ROLE, DescribeDBInstances={"DBInstances": instances})
    assert whole(only(live, INSTANCE_ROLE.type)) == {
        "its id": f"orders,{ROLE}",
        "its identity": f"orders/{ROLE}",
        "its arn": None,
        "its owner": None,
        "db_instance_identifier": "orders",
        "feature_name": "s3Import",
        "role_arn": ROLE,
    }


def test_role_of_a_cluster_is_declared_by_itself_or_by_the_cluster():
    cluster = {"DBClusterIdentifier": "aurora", "Engine": "aurora-mysql", "AssociatedRoles": ROLES}
    live = seen(CLUSTER_ROLE, rds.CLUSTER, DescribeDBClusters={"DBClusters": [cluster]})
    found, whole_cluster = only(live, CLUSTER_ROLE.type), only(live, "aws_rds_cluster")
    assert whole(found) == {
        "its id": f"aurora,{ROLE}",
        "its identity": f"aurora/{ROLE}",
        "its arn": None,
        "its owner": None,
        "db_cluster_identifier": "aurora",
        "feature_name": "s3Import",
        "role_arn": ROLE,
    }
    kinds, bare = [*COLLECTORS, rds.CLUSTER], twin(whole_cluster, iam_roles=[])
    assert told(live, kinds, twin(whole_cluster)) == set()
    assert told(live, kinds, bare, twin(found)) == set()
    assert told(live, kinds, bare) == {("changed", "aws_rds_cluster", f"iam_roles[{ROLE}]")}
    more = twin(whole_cluster, iam_roles=[ROLE, "arn:other"])
    assert told(live, kinds, more) == {("changed", "aws_rds_cluster", "iam_roles[arn:other]")}
    assert told(live, kinds, bare, twin(found, feature_name="x")) == {("changed", CLUSTER_ROLE.type, "feature_name")}


def test_real_states():
    assert_corpus_equals_itself([*COLLECTORS, *rds.COLLECTORS])
