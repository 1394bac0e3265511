"""Smaller checks of databases, caches, brokers and file systems over a live account: made wrong, and made right."""

from collections.abc import Callable
from typing import Any

import pytest

from checks import REGISTRY, Status, Terms
from state import Inventory
from tests.checks.live import FAIL, PASS, UNKNOWN, as_expected, pairs, verdicts
from tests.checks.test_live_data import KEY, TABLE, UNITS, domain, refused_all, warehouse
from tests.checks.test_live_databases import by_name
from tests.checks.test_rules import judged, live
from tests.conftest import ACCOUNT, REGION
from tests.scanner.queries import said
from tests.scanner.standin import answering

Client = Callable[..., Any]

# --- RDS ----------------------------------------------------------------------------------------

ROLE = f"arn:aws:iam::{ACCOUNT}:role/monitoring"
INSTANCES = (
    "rds-iam-authentication",
    "rds-default-admin-name",
    "rds-enhanced-monitoring",
    "rds-storage-autoscaling",
    "rds-gp2-storage",
)


def instance(rds: Any, name: str, **more: Any) -> None:
    asked = {"DBInstanceIdentifier": name, "DBInstanceClass": "db.t3.micro", "AllocatedStorage": 20}
    rds.create_db_instance(**asked, Engine="postgres", MasterUserPassword="shop-shop", **more)


def test_instances(aws: Client) -> None:
    rds = aws("rds")
    instance(rds, "lax", MasterUsername="postgres", StorageType="gp2")
    good = {
        "EnableIAMDatabaseAuthentication": True,
        "MonitoringInterval": 60,
        "MonitoringRoleArn": ROLE,
        "MaxAllocatedStorage": 100,
    }
    instance(rds, "strict", MasterUsername="keeper", StorageType="gp3", **good)
    assert pairs(by_name(*INSTANCES), "lax", "strict", *INSTANCES) == as_expected(*INSTANCES)


CLUSTERS = (
    "rds-cluster-iam-authentication",
    "rds-default-admin-name",
    "rds-cluster-minor-upgrades",
    "aurora-backtrack",
)


def test_clusters() -> None:
    modes = {
        "lax": {"MasterUsername": "admin", "AutoMinorVersionUpgrade": False},
        "strict": {
            "MasterUsername": "keeper",
            "AutoMinorVersionUpgrade": True,
            "BacktrackWindow": 86400,
            "IAMDatabaseAuthenticationEnabled": True,
        },
    }
    clusters = [
        {"DBClusterIdentifier": name, "Engine": "aurora-mysql", "EngineMode": "provisioned"} | each
        for name, each in modes.items()
    ]
    answers = said("rds", DescribeDBClusters={"DBClusters": clusters}, DescribeDBInstances={"DBInstances": []})
    with answering(answers):
        assert pairs(verdicts(*CLUSTERS), "lax", "strict", *CLUSTERS) == as_expected(*CLUSTERS)
    assert refused_all(answers, "aws_rds_cluster", *CLUSTERS) == {UNKNOWN}


@pytest.mark.parametrize(
    ("shared", "status"),
    [
        ([], PASS),
        (["all"], PASS),
        ([ACCOUNT], PASS),
        (["111122223333"], PASS),
        (["222233334444"], PASS),
        (["111122223333", "999999999999"], FAIL),
    ],
)
@pytest.mark.parametrize("type", ["aws_db_snapshot", "aws_db_cluster_snapshot"])
def test_whom_snapshots_are_shared_with(type: str, shared: list[str], status: Status) -> None:
    member = live("aws_organizations_account", "111122223333")
    terms = Terms(partner_accounts=("222233334444",))
    snapshot = live(type, shared_accounts=shared)
    assert judged("rds-snapshot-shared-unknown", snapshot, member, terms=terms).status is status


def test_nobody_can_say_whose_an_account_is() -> None:
    code = live("aws_db_snapshot", shared_accounts=["111122223333"]).replace(account="")
    assert judged("rds-snapshot-shared-unknown", code).status is UNKNOWN


def test_shared_snapshots(aws: Client) -> None:
    rds = aws("rds")
    instance(rds, "shop", MasterUsername="keeper")
    for name, account in (("lax", "999999999999"), ("strict", ACCOUNT)):
        rds.create_db_snapshot(DBSnapshotIdentifier=name, DBInstanceIdentifier="shop")
        restore = {"AttributeName": "restore", "ValuesToAdd": [account]}
        rds.modify_db_snapshot_attribute(DBSnapshotIdentifier=name, **restore)
    check = "rds-snapshot-shared-unknown"
    found = verdicts(check, without=("aws_organizations_account", "aws_db_cluster_snapshot", "account"))
    assert pairs(found, "lax", "strict", check) == as_expected(check)


@pytest.mark.parametrize(
    ("type", "check", "attributes", "status"),
    [
        ("aws_db_instance", "rds-default-admin-name", {"username": "Admin", "replicate_source_db": "shop"}, PASS),
        ("aws_db_instance", "rds-default-admin-name", {"username": "Admin", "replicate_source_db": None}, FAIL),
        ("aws_db_instance", "rds-default-admin-name", {"username": None, "replicate_source_db": None}, UNKNOWN),
        ("aws_fsx_windows_file_system", "fsx-windows-single-az", {"deployment_type": None}, FAIL),
        ("aws_dax_cluster", "dax-single-az", {"replication_factor": 2, "availability_zones": None}, UNKNOWN),
        ("aws_mq_broker", "mq-broker-logging", {"broker_name": "it", "logs": [{"audit": "true"}]}, PASS),
        ("aws_mq_broker", "mq-broker-logging", {"broker_name": "it", "logs": [{"audit": "false"}]}, FAIL),
        (
            "aws_rds_cluster",
            "aurora-backtrack",
            {"engine": "aurora-mysql", "engine_mode": "serverless", "backtrack_window": 0},
            PASS,
        ),
    ],
)
def test_odd_ones(type: str, check: str, attributes: dict[str, Any], status: Status) -> None:
    assert judged(check, live(type, **attributes)).status is status


@pytest.mark.parametrize(
    ("type", "check", "fact"),
    [
        ("aws_rds_cluster", "rds-cluster-minor-upgrades", "auto_minor_version_upgrade"),
        ("aws_elasticache_replication_group", "elasticache-auth", "auth_token_enabled"),
    ],
)
def test_what_aws_does_not_say(type: str, check: str, fact: str) -> None:
    silent = live(type, user_group_ids=[]).replace(facts={fact: None})
    assert REGISTRY[check].judge(silent, Inventory([silent]), Terms()).status is UNKNOWN


# --- DynamoDB, OpenSearch and Redshift ----------------------------------------------------------


def test_tables(aws: Client) -> None:
    dynamodb = aws("dynamodb")
    dynamodb.create_table(**TABLE, TableName="lax", ProvisionedThroughput=UNITS)
    dynamodb.create_table(
        **TABLE, TableName="strict", ProvisionedThroughput=UNITS, SSESpecification={"Enabled": True, "SSEType": "KMS"}
    )
    check = "dynamodb-cmk"
    assert pairs(verdicts(check), "lax", "strict", check) == as_expected(check)


def test_logs_of_domains(aws: Client) -> None:
    api = aws("opensearch")
    lax, strict = (domain(api, name, True, "Policy-Min-TLS-1-2-2019-07") for name in ("lax", "strict"))
    log = {"CloudWatchLogsLogGroupArn": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:search", "Enabled": True}
    api.update_domain_config(DomainName="strict", LogPublishingOptions={"ES_APPLICATION_LOGS": log})
    check = "opensearch-error-logs"
    assert pairs(verdicts(check), lax, strict, check) == as_expected(check)


WAREHOUSES = ("redshift-upgrades", "redshift-vpc-routing")


def test_warehouses(aws: Client) -> None:
    redshift = aws("redshift")
    warehouse(redshift, "lax", AllowVersionUpgrade=False, EnhancedVpcRouting=False)
    warehouse(redshift, "strict", AllowVersionUpgrade=True, EnhancedVpcRouting=True)
    checks = WAREHOUSES
    assert pairs(verdicts(*checks), "lax", "strict", *checks) == as_expected(*checks)


def test_logs_of_warehouses() -> None:
    """Moto has no logs of them."""
    check, log = "redshift-audit-log", "aws_redshift_logging"
    subject = live("aws_redshift_cluster", cluster_identifier="facts")
    assert judged(check, subject).status is FAIL
    assert judged(check, subject, live(log, "other", cluster_identifier="other")).status is FAIL
    assert judged(check, subject, live(log, "facts", cluster_identifier="facts")).status is PASS


# --- what moto has not, as AWS tells it ---------------------------------------------------------


@pytest.mark.parametrize(
    ("engine", "check", "off", "on"),
    [
        (
            "docdb",
            "docdb-log-exports",
            {"EnabledCloudwatchLogsExports": ["profiler"]},
            {"EnabledCloudwatchLogsExports": ["audit", "profiler"]},
        ),
        ("neptune", "neptune-copy-tags", {"CopyTagsToSnapshot": False}, {"CopyTagsToSnapshot": True}),
        ("neptune", "neptune-snapshot-unencrypted", {"StorageEncrypted": False}, {"StorageEncrypted": True}),
    ],
)
def test_other_engines(engine: str, check: str, off: dict[str, Any], on: dict[str, Any]) -> None:
    modes = {"lax": off, "strict": on}
    clusters = [{"DBClusterIdentifier": name, "Engine": engine} | each for name, each in modes.items()]
    snapshots = [
        {
            "DBClusterSnapshotIdentifier": name,
            "Engine": engine,
            "SnapshotType": "manual",
            "StorageEncrypted": each.get("StorageEncrypted", True),
        }
        for name, each in modes.items()
    ]
    answers = said(
        "rds",
        DescribeDBClusters={"DBClusters": clusters},
        DescribeDBClusterSnapshots={"DBClusterSnapshots": snapshots},
        DescribeDBClusterSnapshotAttributes={"DBClusterSnapshotAttributesResult": {}},
    )
    with answering(answers):
        assert pairs(verdicts(check), "lax", "strict", check) == as_expected(check)
    [type] = REGISTRY[check].types
    assert refused_all(answers, type, check) == {UNKNOWN}


CACHES = ("elasticache-auth", "elasticache-minor-upgrades")


def test_caches() -> None:
    arn = f"arn:aws:elasticache:{REGION}:{ACCOUNT}"
    modes = {"lax": False, "strict": True}
    groups = [
        {"ReplicationGroupId": name, "ARN": f"{arn}:replicationgroup:{name}", "AuthTokenEnabled": on}
        for name, on in modes.items()
    ]
    clusters = [
        {"CacheClusterId": name, "ARN": f"{arn}:cluster:{name}", "Engine": "redis", "AutoMinorVersionUpgrade": on}
        for name, on in modes.items()
    ]
    answers = said(
        "elasticache",
        DescribeReplicationGroups={"ReplicationGroups": groups},
        DescribeCacheClusters={"CacheClusters": clusters},
        ListTagsForResource={"TagList": []},
    )
    with answering(answers):
        assert pairs(verdicts(*CACHES), "lax", "strict", *CACHES) == as_expected(*CACHES)


def kafka(name: str, key: str, level: str) -> dict[str, Any]:
    provisioned = {
        "encryptionInfo": {"encryptionAtRest": {"dataVolumeKMSKeyId": key}},
        "enhancedMonitoring": level,
    }
    return {"clusterType": "PROVISIONED", "clusterArn": name, "clusterName": name, "provisioned": provisioned}


def test_kafka() -> None:
    check = "msk-monitoring"
    clusters = [kafka("lax", KEY, "DEFAULT"), kafka("strict", KEY, "PER_TOPIC_PER_BROKER")]
    answers: dict[str, Any] = {"GET /api/v2/clusters": {"clusterInfoList": clusters}}
    with answering(answers):
        assert pairs(verdicts(check), "lax", "strict", check) == as_expected(check)
    assert refused_all(answers, "aws_msk_cluster", check, "msk-cmk") == {UNKNOWN}


@pytest.mark.parametrize(("owner", "status"), [("aws", FAIL), (None, PASS)])
def test_whose_key_kafka_has(owner: str | None, status: Status) -> None:
    subject = live("aws_msk_cluster", cluster_name="it", encryption_info=[{"encryption_at_rest_kms_key_arn": KEY}])
    key = live("aws_kms_key", arn=KEY).replace(owner=owner)
    assert judged("msk-cmk", subject, key).status is status
    assert judged("msk-cmk", subject).status is UNKNOWN


def test_brokers() -> None:
    check = "mq-broker-logging"
    arn = f"arn:aws:mq:{REGION}:{ACCOUNT}:broker"
    answers: dict[str, Any] = {
        f"GET /v1/brokers/{name}": {
            "brokerId": name,
            "brokerName": name,
            "brokerArn": f"{arn}:{name}",
            "logs": {"general": on},
        }
        for name, on in (("lax", False), ("strict", True))
    }
    answers["GET /v1/brokers"] = {"brokerSummaries": [{"brokerId": name} for name in ("lax", "strict")]}
    with answering(answers):
        assert pairs(verdicts(check), "lax", "strict", check) == as_expected(check)


def test_replication_instances() -> None:
    check = "dms-instance-single-az"
    instances = [
        {"ReplicationInstanceIdentifier": name, "ReplicationInstanceArn": name, "MultiAZ": on}
        for name, on in (("lax", False), ("strict", True))
    ]
    answers: dict[str, Any] = {
        "DescribeReplicationInstances": {"ReplicationInstances": instances},
        "ListTagsForResource": {"TagList": []},
    }
    with answering(answers):
        assert pairs(verdicts(check), "lax", "strict", check) == as_expected(check)


def test_file_systems_of_windows() -> None:
    check = "fsx-windows-single-az"
    systems = [
        {"FileSystemId": name, "FileSystemType": "WINDOWS", "WindowsConfiguration": {"DeploymentType": kind}}
        for name, kind in (("lax", "SINGLE_AZ_2"), ("strict", "MULTI_AZ_1"))
    ]
    answers: dict[str, Any] = {"DescribeFileSystems": {"FileSystems": systems}}
    with answering(answers):
        assert pairs(verdicts(check), "lax", "strict", check) == as_expected(check)
    assert refused_all(answers, "aws_fsx_windows_file_system", check) == {UNKNOWN}


def test_caches_of_tables() -> None:
    check = "dax-single-az"
    clusters = [
        {
            "ClusterName": name,
            "ClusterArn": f"arn:aws:dax:{REGION}:{ACCOUNT}:cache/{name}",
            "TotalNodes": 2,
            "Nodes": [{"NodeId": zone, "AvailabilityZone": zone} for zone in zones],
        }
        for name, zones in (("lax", "aa"), ("strict", "ab"))
    ]
    answers: dict[str, Any] = {"DescribeClusters": {"Clusters": clusters}, "ListTags": {"Tags": []}}
    with answering(answers):
        assert pairs(verdicts(check), "lax", "strict", check) == as_expected(check)
    assert refused_all(answers, "aws_dax_cluster", check) == {UNKNOWN}
