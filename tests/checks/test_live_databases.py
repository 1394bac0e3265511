"""Checks of databases on the RDS API over a live account: made wrong, and made right beside it."""

from collections.abc import Callable
from typing import Any

import pytest

from checks import REGISTRY, Status, Terms, run
from scanner.collectors import collectors
from state import Inventory, Resource
from tests.checks.live import (
    FAIL,
    PASS,
    SKIPPED,
    UNKNOWN,
    Verdicts,
    as_expected,
    inventory_for,
    pairs,
    unread,
    verdicts,
)
from tests.checks.test_examples import NOW
from tests.checks.test_rules import judged, live
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.queries import said
from tests.scanner.standin import answering, refused

Client = Callable[..., Any]
SELECTION, PLAN = "aws_backup_selection", "aws_backup_plan"
ARN = f"arn:aws:rds:{REGION}:{ACCOUNT}"

# --- instances ----------------------------------------------------------------------------------

INSTANCES = (
    "rds-instance-minor-upgrades",
    "rds-log-exports",
    "rds-copy-tags-to-snapshots",
    "rds-engine-deprecated",
    "rds-tls-not-enforced",
    "rds-instance-public",
    "rds-instance-single-az",
    "rds-instance-backup-retention",
    "rds-instance-unencrypted",
    "rds-instance-deletion-protection",
)


def instance(rds: Any, name: str, **more: Any) -> None:
    asked = {"DBInstanceIdentifier": name, "DBInstanceClass": "db.t3.micro", "AllocatedStorage": 20, "Port": 5432}
    rds.create_db_instance(**asked, MasterUsername="shop", MasterUserPassword="shop-shop", **more)


def by_name(*checks: str) -> Verdicts:
    """The verdicts by names: moto has one id for all databases."""
    judged = run([REGISTRY[check] for check in checks], inventory_for(*checks), Terms())
    return {(each.check.id, each.resource.name): each.status for each in judged}


def test_instances(aws: Client) -> None:
    rds = aws("rds")
    rds.create_db_parameter_group(DBParameterGroupName="safe", DBParameterGroupFamily="mysql8.4", Description="safe")
    force = {"ParameterName": "require_secure_transport", "ParameterValue": "1", "ApplyMethod": "immediate"}
    rds.modify_db_parameter_group(DBParameterGroupName="safe", Parameters=[force])
    instance(rds, "lax", Engine="mysql", EngineVersion="5.7.44", AutoMinorVersionUpgrade=False, PubliclyAccessible=True)
    instance(
        rds,
        "strict",
        Engine="mysql",
        EngineVersion="8.4.3",
        AutoMinorVersionUpgrade=True,
        CopyTagsToSnapshot=True,
        EnableCloudwatchLogsExports=["error"],
        DBParameterGroupName="safe",
        PubliclyAccessible=False,
        MultiAZ=True,
        **GUARDED,
    )
    assert pairs(by_name(*INSTANCES), "lax", "strict", *INSTANCES) == as_expected(*INSTANCES)
    assert unread("rds-tls-not-enforced", "aws_db_parameter_group") == {UNKNOWN}


def planned(check: str, *made: Resource, without: tuple[str, ...] = (SELECTION, PLAN)) -> dict[str, Status]:
    """The verdicts of a check, as if these were there too: moto has no selections of backup plans."""
    seen = inventory_for(check, without=without)
    judged = run([REGISTRY[check]], Inventory([*seen.resources, *made]), Terms())
    return {each.resource.name: each.status for each in judged}


def selection(*resources: str, **more: Any) -> Resource:
    none: dict[str, list[Any]] = {"not_resources": [], "selection_tag": [], "condition": []}
    return live(SELECTION, plan_id="plan-1", resources=resources, **none | more)


def plan(*destinations: str) -> Resource:
    rules = [{"schedule": None, "copy_action": [{"destination_vault_arn": each} for each in destinations]}]
    return live(PLAN, "plan-1", name="daily", rule=rules, arn=f"arn:aws:backup:{REGION}:{ACCOUNT}:backup-plan:plan-1")


FAR = f"arn:aws:backup:eu-central-1:{ACCOUNT}:backup-vault:far"


def test_plans_for_instances_and_clusters(aws: Client) -> None:
    rds = aws("rds")
    for name in ("lax", "strict"):
        instance(rds, name, Engine="mysql")
        cluster(rds, f"{name}-cluster")
    instances, clusters = "rds-instance-backup-plan", "rds-cluster-backup-plan"
    assert planned(instances, selection(f"{ARN}:db:strict")) == {"lax": FAIL, "strict": PASS}
    assert planned(clusters, selection(f"{ARN}:cluster:strict-*")) == {"lax-cluster": FAIL, "strict-cluster": PASS}
    assert unread(instances, SELECTION) == unread(clusters, SELECTION) == {UNKNOWN}
    copied = "rds-cross-region-backup"
    assert planned(copied, selection(f"{ARN}:db:strict"), plan(FAR)) == {"lax": FAIL, "strict": PASS}
    assert planned(copied, selection(f"{ARN}:db:strict"), plan()) == {"lax": FAIL, "strict": FAIL}
    assert unread(copied, SELECTION, PLAN) == {UNKNOWN}


@pytest.mark.parametrize(("copies", "status"), [(["arn:aws:rds:eu-central-1:1:auto-backup:ab-1"], PASS), ([], FAIL)])
def test_backups_replicated_elsewhere(copies: list[str], status: Status) -> None:
    facts = {"db_instance_automated_backups_replications": copies}
    db = Resource(type="aws_db_instance", id="orders", attributes={"replicate_source_db": None}, facts=facts)
    assert judged("rds-cross-region-backup", db).status is status


@pytest.mark.parametrize(
    ("authority", "status"),
    [("rds-ca-2019", FAIL), ("rds-ca-rsa2048-g1", PASS), ("rds-ca-rsa2048-g9", UNKNOWN), (None, UNKNOWN)],
)
@pytest.mark.parametrize("type", ["aws_db_instance", "aws_rds_cluster_instance"])
def test_authorities(type: str, authority: str | None, status: Status) -> None:
    """Moto has each database with the same authority."""
    assert judged("rds-certificate-expiry", live(type, ca_cert_identifier=authority)).status is status


@pytest.mark.parametrize(
    ("engine", "version", "status"),
    [
        ("postgres", "9.6.24", FAIL),
        ("postgres", "8.4", FAIL),
        ("postgres", "12.22", FAIL),
        ("postgres", "17.2", PASS),
        ("postgres", "19.1", UNKNOWN),
        ("mysql", "8.0.46", FAIL),
        ("mysql", "9.0.1", UNKNOWN),
        ("mariadb", "10.11.14", PASS),
        ("aurora", "5.6.10a", FAIL),
        ("aurora-mysql", "5.7.mysql_aurora.2.11.1", FAIL),
        ("aurora-mysql", "8.0.mysql_aurora.3.05.2", PASS),
        ("aurora-postgresql", "beta", UNKNOWN),
        ("oracle-se2", "19.0.0.0", SKIPPED),
    ],
)
def test_versions(engine: str, version: str, status: Status) -> None:
    db = live("aws_db_instance", engine=engine, engine_version=version)
    found = REGISTRY["rds-engine-deprecated"].judge(db, Inventory([db], taken_at=NOW), Terms())
    assert found.status is status


@pytest.mark.parametrize(
    ("engine", "version", "value", "status"),
    [
        ("postgres", "14.9", None, FAIL),
        ("postgres", "15.4", None, PASS),
        ("postgres", "15.4", "0", FAIL),
        ("postgres", "14.9", "1", PASS),
        ("mysql", "8.4.3", None, FAIL),
        ("mysql", "8.4.3", "ON", PASS),
        ("mariadb", "11.4.8", None, FAIL),
        ("mariadb", "11.8.3", None, PASS),
        ("sqlserver-ex", "15.00", None, FAIL),
        ("sqlserver-ex", "15.00", "1", PASS),
        ("oracle-se2", "19.0.0.0", None, SKIPPED),
        ("custom-sqlserver-se", "15.00", None, SKIPPED),
    ],
)
def test_tls(engine: str, version: str, value: str | None, status: Status) -> None:
    name = "require_secure_transport" if engine in ("mysql", "mariadb") else "rds.force_ssl"
    parameters = [{"name": name, "value": value}] if value else [{"name": "other", "value": "1"}]
    db = live("aws_db_instance", engine=engine, engine_version=version, parameter_group_name="own")
    group = live("aws_db_parameter_group", "own", name="own", parameter=parameters)
    assert judged("rds-tls-not-enforced", db, group).status is status


@pytest.mark.parametrize(("name", "status"), [("own", UNKNOWN), ("default.mysql8.4", FAIL)])
def test_a_group_that_is_not_there(name: str, status: Status) -> None:
    db = live("aws_db_instance", engine="mysql", engine_version="8.4.3", parameter_group_name=name)
    assert judged("rds-tls-not-enforced", db).status is status


# --- clusters -----------------------------------------------------------------------------------

FAMILY = ("unencrypted", "backup-retention", "deletion-protection")
GUARDED = {"StorageEncrypted": True, "BackupRetentionPeriod": 7, "DeletionProtection": True}
CLUSTERS = (*(f"rds-cluster-{each}" for each in FAMILY), "rds-cluster-log-exports")


def cluster(rds: Any, name: str, engine: str = "aurora-mysql", **more: Any) -> None:
    login = {"MasterUsername": "shop", "MasterUserPassword": "shop-shop"}
    rds.create_db_cluster(DBClusterIdentifier=name, Engine=engine, **login, **more)


def test_clusters(aws: Client) -> None:
    rds = aws("rds")
    cluster(rds, "lax")
    cluster(rds, "strict", **GUARDED, EnableCloudwatchLogsExports=["audit"], CopyTagsToSnapshot=True)
    assert pairs(verdicts(*CLUSTERS), "lax", "strict", *CLUSTERS) == as_expected(*CLUSTERS)
    copied = "rds-copy-tags-to-snapshots"
    assert pairs(verdicts(copied), "lax", "strict", copied) == as_expected(copied)


def test_the_instances_of_aurora(aws: Client) -> None:
    rds = aws("rds")
    for name, places in (("alone", "a"), ("near", "aa"), ("spread", "ab")):
        cluster(rds, name)
        for number, zone in enumerate(places):
            place = {"DBClusterIdentifier": name, "AvailabilityZone": f"{REGION}{zone}"}
            asked = {"DBInstanceIdentifier": f"{name}-{number}", "DBInstanceClass": "db.r6g.large"}
            rds.create_db_instance(Engine="aurora-mysql", **asked, **place)
    single, zones = "aurora-single-instance", "rds-cluster-single-az"
    assert verdicts(single, zones) == {
        (single, "alone"): FAIL,
        (single, "near"): PASS,
        (single, "spread"): PASS,
        (zones, "alone"): FAIL,
        (zones, "near"): FAIL,
        (zones, "spread"): PASS,
    }
    assert unread(single, "aws_rds_cluster_instance") == unread(zones, "aws_rds_cluster_instance") == {UNKNOWN}


def told(engine: str) -> dict[str, Any]:
    """A lax and a strict cluster of an engine, as AWS tells them: moto has none of DocumentDB, and shares nothing."""
    lax = {"StorageEncrypted": False, "BackupRetentionPeriod": 1, "DeletionProtection": False}
    clusters = [{"DBClusterIdentifier": each, "Engine": engine} for each in ("lax", "strict")]
    places = [("lax", "a"), ("lax", "a"), ("strict", "a"), ("strict", "b")]
    instances = [
        {"DBInstanceIdentifier": f"i-{number}", "DBClusterIdentifier": name, "Engine": engine, "AvailabilityZone": zone}
        for number, (name, zone) in enumerate(places)
    ]
    snapshot = {"DBClusterSnapshotIdentifier": "lax", "Engine": engine, "SnapshotType": "manual"}
    shared = [{"AttributeName": "restore", "AttributeValues": ["all"]}]
    return said(
        "rds",
        DescribeDBClusters={"DBClusters": [clusters[0] | lax, clusters[1] | GUARDED]},
        DescribeDBInstances={"DBInstances": instances},
        DescribeDBClusterSnapshots={"DBClusterSnapshots": [snapshot]},
        DescribeDBClusterSnapshotAttributes={
            "DBClusterSnapshotAttributesResult": {"DBClusterSnapshotAttributes": shared}
        },
    )


@pytest.mark.parametrize("engine", ["docdb", "neptune"])
def test_other_engines(engine: str) -> None:
    checks = tuple(f"{engine}-{each}" for each in (*FAMILY, "single-az"))
    public = f"{engine}-snapshot-public"
    with answering(told(engine)):
        found = verdicts(*checks, public)
        assert unread(f"{engine}-single-az", f"aws_{engine}_cluster_instance") == {UNKNOWN}
    assert pairs(found, "lax", "strict", *checks) == as_expected(*checks)
    assert found[public, "lax"] is FAIL
    denied = refused("AccessDenied", status=403)
    with answering(dict.fromkeys(told(engine), denied)):
        gone = read(*(each for each in collectors() if each.type.startswith(f"aws_{engine}_cluster")))
    assert {each.status for check in checks for each in run([REGISTRY[check]], gone, Terms())} == {UNKNOWN}


@pytest.mark.parametrize("name", ["docdb", "neptune"])
@pytest.mark.parametrize(("zones", "status"), [("a", FAIL), ("aa", FAIL), ("ab", PASS), ("", PASS)])
def test_zones(name: str, zones: str, status: Status) -> None:
    """Moto puts every instance into one zone."""
    members = [
        live(f"aws_{name}_cluster_instance", str(number), cluster_identifier="it", availability_zone=zone)
        for number, zone in enumerate(zones)
    ]
    finding = judged(f"{name}-single-az", live(f"aws_{name}_cluster", cluster_identifier="it"), *members)
    assert finding.status is status
    path = f"aws_{name}_cluster_instance.0.availability_zone"
    assert (path in finding.evidence) is (status is FAIL)


@pytest.mark.parametrize("name", ["docdb", "neptune"])
def test_snapshots_for_everyone(name: str) -> None:
    """Moto has no attributes of cluster snapshots."""
    shared = [("all", FAIL), ("123456789012", PASS)]
    type, check = f"aws_{name}_cluster_snapshot", f"{name}-snapshot-public"
    found = [Resource(type=type, id="orders", facts={"shared_accounts": [account]}) for account, _ in shared]
    assert [judged(check, each).status for each in found] == [status for _, status in shared]
    unseen = Resource(type=type, id="orders", unknown={"shared_accounts": "nobody may look"})
    assert judged(check, unseen).status is UNKNOWN


def test_snapshots(aws: Client) -> None:
    rds = aws("rds")
    for name, encrypted in (("lax", False), ("strict", True)):
        instance(rds, name, Engine="mysql", StorageEncrypted=encrypted)
        rds.create_db_snapshot(DBSnapshotIdentifier=name, DBInstanceIdentifier=name)
    check = "rds-snapshot-unencrypted"
    found = verdicts(check)
    assert pairs(found, "lax", "strict", check) == as_expected(check)
    daily = live("aws_db_snapshot", encrypted=False, snapshot_type="automated")
    assert judged(check, daily).status is PASS
