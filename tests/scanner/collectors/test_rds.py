import msgspec
import pytest

from scanner.collectors.rds import CLUSTER, CLUSTER_INSTANCE, COLLECTORS, DB_CLUSTER_SNAPSHOT, DB_INSTANCE, DB_SNAPSHOT
from state import Declaration, Inventory, Unknown
from state.drift import drift
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.compared import twin
from tests.scanner.corpus import assert_corpus_equals_itself
from tests.scanner.provider import assert_value_types
from tests.scanner.queries import said
from tests.scanner.standin import answering

ARN = f"arn:aws:rds:{REGION}:{ACCOUNT}"
HERE = Declaration(address="aws_db_instance.orders", source="terraform.tfstate")


def database(rds, name="orders", **more):
    asked = {
        "Engine": "postgres",
        "EngineVersion": "15.4",
        "DBInstanceClass": "db.t3.micro",
        "AllocatedStorage": 20,
        "MasterUsername": "shop",
        "MasterUserPassword": "correct-horse",
        "PubliclyAccessible": False,
    }
    return rds.create_db_instance(DBInstanceIdentifier=name, **asked | more)["DBInstance"]


def cluster(rds, name="aurora", engine="aurora-postgresql", **more):
    asked = {"Engine": engine, "EngineVersion": "15.4", "MasterUsername": "shop", "MasterUserPassword": "correct-horse"}
    return rds.create_db_cluster(DBClusterIdentifier=name, **asked | more)["DBCluster"]


def member(rds, of="aurora", engine="aurora-postgresql", **more):
    asked = {"DBInstanceIdentifier": f"{of}-1", "DBInstanceClass": "db.r6g.large", "PubliclyAccessible": False}
    return rds.create_db_instance(DBClusterIdentifier=of, Engine=engine, **asked | more)["DBInstance"]


def found(collector, **where):
    rows = [each for each in read(collector).of(collector.type) if where.items() <= each.attributes.items()]
    [resource] = rows
    assert_value_types(resource)
    return resource


def subnet_group(aws):
    ec2, rds = aws("ec2"), aws("rds")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    zones = {"10.0.1.0/24": f"{REGION}a", "10.0.2.0/24": f"{REGION}b"}
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=block, AvailabilityZone=zone)["Subnet"]["SubnetId"]
        for block, zone in zones.items()
    ]
    rds.create_db_subnet_group(DBSubnetGroupName="main", DBSubnetGroupDescription="main", SubnetIds=subnets)
    return vpc, subnets, ec2.create_security_group(GroupName="db", Description="db", VpcId=vpc)["GroupId"]


def test_instance(aws):
    vpc, subnets, group = subnet_group(aws)
    made = database(
        aws("rds"),
        DBName="orders",
        DBSubnetGroupName="main",
        VpcSecurityGroupIds=[group],
        BackupRetentionPeriod=7,
        PreferredBackupWindow="03:00-04:00",
        PreferredMaintenanceWindow="mon:05:00-mon:06:00",
        EnableCloudwatchLogsExports=["postgresql", "upgrade"],
        MaxAllocatedStorage=100,
        StorageType="gp3",
        MultiAZ=True,
        StorageEncrypted=True,
        KmsKeyId=f"arn:aws:kms:{REGION}:{ACCOUNT}:key/k",
        DeletionProtection=True,
        CopyTagsToSnapshot=True,
        EnableIAMDatabaseAuthentication=True,
        Tags=[{"Key": "team", "Value": "shop"}],
    )
    orders = found(DB_INSTANCE)
    assert orders.key == ("aws_db_instance", ACCOUNT, REGION, "orders")
    assert (orders.id, orders.arn) == (made["DbiResourceId"], f"{ARN}:db:orders")
    assert orders.attributes == dict.fromkeys(DB_INSTANCE.attributes) | {
        "address": made["Endpoint"]["Address"],
        "allocated_storage": 20,
        "arn": f"{ARN}:db:orders",
        "auto_minor_version_upgrade": True,
        "availability_zone": made["AvailabilityZone"],
        "backup_retention_period": 7,
        "backup_window": "03:00-04:00",
        "ca_cert_identifier": "rds-ca-default",
        "copy_tags_to_snapshot": True,
        "db_name": "orders",
        "db_subnet_group_name": "main",
        "deletion_protection": True,
        "enabled_cloudwatch_logs_exports": ["postgresql", "upgrade"],
        "endpoint": f"{made['Endpoint']['Address']}:5432",
        "engine": "postgres",
        "engine_version": "15.4",
        "engine_version_actual": "15.4",
        "iam_database_authentication_enabled": True,
        "identifier": "orders",
        "instance_class": "db.t3.micro",
        "kms_key_id": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/k",
        "latest_restorable_time": orders["latest_restorable_time"],
        "license_model": "general-public-license",
        "listener_endpoint": [],
        "maintenance_window": "mon:05:00-mon:06:00",
        "master_user_secret": [],
        "max_allocated_storage": 100,
        "monitoring_interval": 0,
        "multi_az": True,
        "option_group_name": made["OptionGroupMemberships"][0]["OptionGroupName"],
        "parameter_group_name": made["DBParameterGroups"][0]["DBParameterGroupName"],
        "port": 5432,
        "publicly_accessible": False,
        "replicas": [],
        "resource_id": made["DbiResourceId"],
        "status": "available",
        "storage_encrypted": True,
        "storage_type": "gp3",
        "username": "shop",
        "vpc_security_group_ids": [group],
        "tags": {"team": "shop"},
    }
    assert (orders.fact("vpc_id"), orders.fact("subnet_ids")) == (vpc, subnets)
    assert orders.fact("pending_deletion") is False


def test_passwords_are_never_read(aws):
    database(aws("rds"))
    assert "correct-horse" not in repr(read(*COLLECTORS).resources)


def test_replica_names_its_source(aws):
    database(aws("rds"))
    aws("rds").create_db_instance_read_replica(DBInstanceIdentifier="copy", SourceDBInstanceIdentifier="orders")
    assert found(DB_INSTANCE, identifier="copy")["replicate_source_db"] == "orders"
    assert found(DB_INSTANCE, identifier="orders")["replicas"] == ["copy"]


def test_member_of_a_cluster_is_no_instance(aws):
    cluster(aws("rds"))
    made = member(aws("rds"), PromotionTier=3, Tags=[{"Key": "team", "Value": "shop"}])
    assert list(read(DB_INSTANCE).of("aws_db_instance")) == []
    one = found(CLUSTER_INSTANCE)
    assert one.key == ("aws_rds_cluster_instance", ACCOUNT, REGION, "aurora-1")
    assert one.owner is None
    assert one.attributes == dict.fromkeys(CLUSTER_INSTANCE.attributes) | {
        "arn": f"{ARN}:db:aurora-1",
        "auto_minor_version_upgrade": True,
        "availability_zone": made["AvailabilityZone"],
        "ca_cert_identifier": "rds-ca-default",
        "cluster_identifier": "aurora",
        "copy_tags_to_snapshot": False,
        "db_parameter_group_name": made["DBParameterGroups"][0]["DBParameterGroupName"],
        "dbi_resource_id": made["DbiResourceId"],
        "endpoint": made["Endpoint"]["Address"],
        "engine": "aurora-postgresql",
        "engine_version": made["EngineVersion"],
        "engine_version_actual": made["EngineVersion"],
        "identifier": "aurora-1",
        "instance_class": "db.r6g.large",
        "kms_key_id": made.get("KmsKeyId"),
        "monitoring_interval": 0,
        "port": 5432,
        "preferred_backup_window": made["PreferredBackupWindow"],
        "preferred_maintenance_window": made["PreferredMaintenanceWindow"],
        "promotion_tier": 3,
        "publicly_accessible": False,
        "storage_encrypted": False,
        "tags": {"team": "shop"},
    }


def test_cluster(aws):
    _, _, group = subnet_group(aws)
    made = cluster(
        aws("rds"),
        DatabaseName="shop",
        DBSubnetGroupName="main",
        VpcSecurityGroupIds=[group],
        BackupRetentionPeriod=5,
        DeletionProtection=True,
        CopyTagsToSnapshot=True,
        ServerlessV2ScalingConfiguration={"MinCapacity": 0.5, "MaxCapacity": 4},
        EnableCloudwatchLogsExports=["postgresql"],
        EnableIAMDatabaseAuthentication=True,
        StorageEncrypted=True,
        Tags=[{"Key": "team", "Value": "shop"}],
    )
    member(aws("rds"))
    aurora = found(CLUSTER)
    assert aurora.key == ("aws_rds_cluster", ACCOUNT, REGION, "aurora")
    assert aurora.attributes == dict.fromkeys(CLUSTER.attributes) | {
        "allocated_storage": 1,
        "arn": f"{ARN}:cluster:aurora",
        "availability_zones": [f"{REGION}{zone}" for zone in "abc"],
        "backtrack_window": 0,
        "backup_retention_period": 5,
        "cluster_identifier": "aurora",
        "cluster_members": ["aurora-1"],
        "cluster_resource_id": made["DbClusterResourceId"],
        "copy_tags_to_snapshot": True,
        "database_name": "shop",
        "db_cluster_parameter_group_name": made["DBClusterParameterGroup"],
        "db_subnet_group_name": "main",
        "deletion_protection": True,
        "enable_global_write_forwarding": False,
        "enable_http_endpoint": False,
        "enable_local_write_forwarding": False,
        "enabled_cloudwatch_logs_exports": ["postgresql"],
        "endpoint": made["Endpoint"],
        "engine": "aurora-postgresql",
        "engine_mode": "provisioned",
        "engine_version": "15.4",
        "engine_version_actual": "15.4",
        "hosted_zone_id": made["HostedZoneId"],
        "iam_database_authentication_enabled": True,
        "iam_roles": [],
        "kms_key_id": made["KmsKeyId"],
        "master_user_secret": [],
        "master_username": "shop",
        "network_type": "IPV4",
        "port": 5432,
        "preferred_backup_window": made["PreferredBackupWindow"],
        "preferred_maintenance_window": made["PreferredMaintenanceWindow"],
        "reader_endpoint": made["ReaderEndpoint"],
        "scaling_configuration": [],
        "serverlessv2_scaling_configuration": [
            {"min_capacity": 0.5, "max_capacity": 4.0, "seconds_until_auto_pause": None}
        ],
        "storage_encrypted": True,
        "storage_type": "gp2",
        "vpc_security_group_ids": [group],
        "tags": {"team": "shop"},
    }
    assert (aurora.fact("multi_az"), aurora.fact("status")) == (False, "available")


def test_neptune_answers_here_and_is_another_type(aws):
    cluster(aws("rds"), "graph", "neptune", EngineVersion="1.2.0.0")
    assert [each["Engine"] for each in aws("rds").describe_db_clusters()["DBClusters"]] == ["neptune"]
    assert list(read(CLUSTER).of("aws_rds_cluster")) == []


def test_members_that_rds_makes_have_an_owner(aws):
    cluster(
        aws("rds"),
        "three",
        "mysql",
        EngineVersion="8.0.35",
        DBClusterInstanceClass="db.m6gd.large",
        AllocatedStorage=100,
        StorageType="io1",
        Iops=1000,
    )
    member(aws("rds"), "three", "mysql", EngineVersion="8.0.35")
    assert found(CLUSTER_INSTANCE, engine="mysql").owner == "rds: three"


# --- snapshots --------------------------------------------------------------------------------------


def test_snapshot(aws):
    database(aws("rds"), KmsKeyId="k", StorageEncrypted=True)
    aws("rds").create_db_snapshot(
        DBInstanceIdentifier="orders", DBSnapshotIdentifier="before", Tags=[{"Key": "team", "Value": "shop"}]
    )
    before = found(DB_SNAPSHOT, snapshot_type="manual")
    assert before.key == ("aws_db_snapshot", ACCOUNT, REGION, "before")
    assert (before.arn, before.owner) == (f"{ARN}:snapshot:before", None)
    assert before.attributes == dict.fromkeys(DB_SNAPSHOT.attributes) | {
        "allocated_storage": 20,
        "db_instance_identifier": "orders",
        "db_snapshot_arn": f"{ARN}:snapshot:before",
        "db_snapshot_identifier": "before",
        "encrypted": True,
        "engine": "postgres",
        "engine_version": "15.4",
        "kms_key_id": "k",
        "port": 5432,
        "shared_accounts": [],
        "snapshot_type": "manual",
        "status": "available",
        "tags": {"team": "shop"},
    }


def test_cluster_snapshot(aws):
    cluster(aws("rds"))
    aws("rds").create_db_cluster_snapshot(DBClusterIdentifier="aurora", DBClusterSnapshotIdentifier="before")
    before = found(DB_CLUSTER_SNAPSHOT, snapshot_type="manual")
    assert before.key == ("aws_db_cluster_snapshot", ACCOUNT, REGION, "before")
    assert before.attributes == dict.fromkeys(DB_CLUSTER_SNAPSHOT.attributes) | {
        "allocated_storage": 1,
        "db_cluster_identifier": "aurora",
        "db_cluster_snapshot_arn": f"{ARN}:cluster-snapshot:before",
        "db_cluster_snapshot_identifier": "before",
        "engine": "aurora-postgresql",
        "engine_version": "15.4",
        "kms_key_id": before["kms_key_id"],
        "port": 5432,
        "shared_accounts": [],
        "snapshot_type": "manual",
        "status": "available",
        "storage_encrypted": False,
        "tags": {},
    }


def test_whom_snapshots_are_shared_with(aws):
    rds = aws("rds")
    database(rds)
    cluster(rds)
    rds.create_db_snapshot(DBInstanceIdentifier="orders", DBSnapshotIdentifier="open")
    rds.create_db_cluster_snapshot(DBClusterIdentifier="aurora", DBClusterSnapshotIdentifier="lent")
    rds.modify_db_snapshot_attribute(DBSnapshotIdentifier="open", AttributeName="restore", ValuesToAdd=["all"])
    rds.modify_db_cluster_snapshot_attribute(
        DBClusterSnapshotIdentifier="lent", AttributeName="restore", ValuesToAdd=["111122223333"]
    )
    assert found(DB_SNAPSHOT, snapshot_type="manual")["shared_accounts"] == ["all"]
    assert found(DB_CLUSTER_SNAPSHOT, snapshot_type="manual")["shared_accounts"] == ["111122223333"]


def test_automated_snapshots_have_an_owner_and_are_not_asked_whom_they_are_shared_with(aws, allowed_only):
    database(aws("rds"), BackupRetentionPeriod=1)
    with allowed_only("rds:DescribeDBSnapshots"):
        inventory = read(DB_SNAPSHOT)
    [daily] = inventory.of("aws_db_snapshot")
    assert (daily.owner, daily["snapshot_type"], daily["shared_accounts"]) == (
        "rds: automated backup",
        "automated",
        None,
    )
    assert inventory.gaps == []


@pytest.mark.parametrize("kind", [DB_SNAPSHOT, DB_CLUSTER_SNAPSHOT], ids=lambda kind: kind.type)
def test_refused_sharing_is_unknown_and_not_private(aws, allowed_only, kind):
    database(aws("rds"))
    cluster(aws("rds"))
    aws("rds").create_db_snapshot(DBInstanceIdentifier="orders", DBSnapshotIdentifier="before")
    aws("rds").create_db_cluster_snapshot(DBClusterIdentifier="aurora", DBClusterSnapshotIdentifier="before")
    with allowed_only(kind.permissions[0]):
        inventory = read(kind)
    [before] = [each for each in inventory.of(kind.type) if each["snapshot_type"] == "manual"]
    assert set(before.unknown) == {"shared_accounts"}
    assert before["port"] == 5432
    with pytest.raises(Unknown, match="access denied"):
        before["shared_accounts"]
    [gap] = inventory.gaps
    assert (gap.id, gap.attribute, gap.kind, gap.permission) == (
        "before",
        "shared_accounts",
        "denied",
        kind.permissions[1],
    )


def test_permissions_suffice(aws, allowed_only):
    database(aws("rds"))
    cluster(aws("rds"))
    aws("rds").create_db_snapshot(DBInstanceIdentifier="orders", DBSnapshotIdentifier="before")
    aws("rds").create_db_cluster_snapshot(DBClusterIdentifier="aurora", DBClusterSnapshotIdentifier="before")
    with allowed_only(*(name for each in COLLECTORS for name in each.permissions)):
        assert read(*COLLECTORS).gaps == []


async def a_ghost(place):
    """A listing that names a snapshot which is gone by the time it is asked about."""
    yield [{"DBSnapshotIdentifier": "ghost", "DBClusterSnapshotIdentifier": "ghost", "SnapshotType": "manual"}]


@pytest.mark.parametrize("kind", [DB_SNAPSHOT, DB_CLUSTER_SNAPSHOT], ids=lambda kind: kind.type)
def test_snapshot_deleted_since_it_was_listed_is_no_gap(aws, kind):
    inventory = read(msgspec.structs.replace(kind, fetch=a_ghost))
    assert (list(inventory.of(kind.type)), inventory.gaps) == ([], [])


# --- drift ------------------------------------------------------------------------------------------


def changes(live, **declared):
    """The paths at which a live instance differs from itself with other attributes declared."""
    schemas = {DB_INSTANCE.type: DB_INSTANCE.schema}
    wanted = live.replace(attributes={**live.attributes, **declared}, declared=HERE)
    return [each.path for row in drift(Inventory([live]), Inventory([wanted]), schemas).drift for each in row.changes]


def test_version_declared_in_part_is_any_that_begins_so(aws):
    database(aws("rds"))
    live = found(DB_INSTANCE)
    assert changes(live, engine_version="15") == []
    assert changes(live, engine_version="15.4") == []
    for other in ("1", "15.", "15.40", "14", "15.4.1", None):
        assert changes(live, engine_version=other) == ["engine_version"]


def test_what_aws_moves_by_itself_is_no_drift(aws):
    database(aws("rds"))
    live = found(DB_INSTANCE)
    moved = {"ca_cert_identifier": "rds-ca-2019", "latest_restorable_time": "x", "engine_version_actual": "15.3"}
    assert changes(live, **moved, status="backing-up", replicas=["copy"], availability_zone="x") == []


def test_case_and_arns_are_no_drift(aws):
    database(aws("rds"), PreferredMaintenanceWindow="mon:05:00-mon:06:00")
    live = found(DB_INSTANCE)
    assert changes(live, maintenance_window="Mon:05:00-Mon:06:00", engine="Postgres") == []
    assert changes(live, maintenance_window="Tue:05:00-Tue:06:00") == ["maintenance_window"]


async def on_its_way_out(place):
    """The listing of an instance that is being deleted, which moto deletes at once."""
    yield [{"DBInstanceIdentifier": "orders", "DbiResourceId": "db-A", "DBInstanceStatus": "deleting"}]


def test_an_instance_being_deleted_is_seen_and_absent_for_drift(aws):
    inventory = read(msgspec.structs.replace(DB_INSTANCE, fetch=on_its_way_out))
    [live] = inventory.of("aws_db_instance")
    assert live.fact("pending_deletion") is True
    declared = Inventory([live.replace(declared=HERE)])
    [row] = drift(inventory, declared, {DB_INSTANCE.type: DB_INSTANCE.schema}).drift
    assert row.kind == "missing"


def test_corpus():
    assert_corpus_equals_itself(COLLECTORS)


LIST = {"DBInstances": "DBInstanceIdentifier", "DBClusters": "DBClusterIdentifier"}


@pytest.mark.parametrize(
    ("collector", "listed", "more"),
    [
        (DB_INSTANCE, "DBInstances", {"DbiResourceId": "db-1"}),
        (CLUSTER_INSTANCE, "DBInstances", {"DBClusterIdentifier": "aurora"}),
        (CLUSTER, "DBClusters", {}),
    ],
)
@pytest.mark.parametrize(
    ("declared_version", "pending", "moved"),
    [("8.0.36", "8.0.36", 1), ("8.0.36", "8.4.1", 0), ("8.0.36", None, 0), ("8.0.35", "8.0.36", None)],
)
def test_a_version_that_waits_for_the_window_is_no_drift(collector, listed, more, declared_version, pending, moved):
    row = {LIST[listed]: "orders", "Engine": "mysql", "EngineVersion": "8.0.35", **more}
    row |= {"PendingModifiedValues": {"EngineVersion": pending}} if pending else {}
    with answering(said("rds", **{f"Describe{listed}": {listed: [row]}})):
        live = read(collector)
    [one] = live.of(collector.type)
    assert one["engine_version"] == one["engine_version_actual"] == "8.0.35"
    wanted = Inventory([twin(one, engine_version=declared_version)])
    result = drift(live, wanted, {collector.type: collector.schema}, everything=True)
    paths = [(change.path, change.noise) for each in (*result.drift, *result.noise) for change in each.changes]
    told_apart = ("engine_version", "AWS will make it so in the maintenance window" if moved else "")
    assert (paths, result.moved) == (([], 0) if moved is None else ([told_apart], moved))
