"""Amazon RDS: instances, clusters and their members, snapshots.

RDS, DocumentDB and Neptune answer for one another; Engine tells them apart. Cluster members are
aws_rds_cluster_instance to the provider, and so to us.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from scanner.aws.collector import (
    Attribute,
    Collector,
    Detail,
    Listing,
    as_block,
    block,
    caseless,
    name_or_arn,
    unordered,
    volatile,
)
from scanner.aws.place import Item
from scanner.collectors.appautoscaling import added
from state.forms import VERSION, VOLATILE
from state.noise import APART, BY_STORAGE, Difference, awaited, either, upgraded

OWN = "Engine!='docdb' && Engine!='neptune'"
DELETING = "'deleting'"

ENGINE_VERSION = Attribute(path="EngineVersion", form=VERSION)
PENDING_VERSION = {"pending_engine_version": "PendingModifiedValues.EngineVersion"}
# A version that is declared and waits for the maintenance window is kept by the provider.
IS_AWAITED = awaited("pending_engine_version")
GROUPS = unordered("VpcSecurityGroups[].VpcSecurityGroupId")
LOGS = unordered("EnabledCloudwatchLogsExports")
# Terraform keeps whether it asked for a managed password, not whether there is one.
MANAGED_PASSWORD = volatile("MasterUserSecret && `true`")
SECRET = Attribute(
    path="MasterUserSecret.{kms_key_id: KmsKeyId, secret_arn: SecretArn, secret_status: SecretStatus}",
    form=VOLATILE,
    convert=as_block,
)

# What an instance says of itself, alone or in a cluster.
MEMBER: dict[str, str | Attribute] = {
    "arn": "DBInstanceArn",
    "auto_minor_version_upgrade": "AutoMinorVersionUpgrade",
    "availability_zone": volatile("AvailabilityZone"),  # changes places with the standby's at each failover
    "ca_cert_identifier": volatile("CACertificateIdentifier"),  # rotated by AWS
    "copy_tags_to_snapshot": "CopyTagsToSnapshot",
    "custom_iam_instance_profile": "CustomIamInstanceProfile",
    "db_subnet_group_name": "DBSubnetGroup.DBSubnetGroupName",
    "engine": caseless("Engine"),
    "engine_version": ENGINE_VERSION,
    "engine_version_actual": volatile("EngineVersion"),
    "identifier": caseless("DBInstanceIdentifier"),
    "instance_class": "DBInstanceClass",
    "kms_key_id": "KmsKeyId",
    "monitoring_interval": "MonitoringInterval",
    "monitoring_role_arn": "MonitoringRoleArn",
    "network_type": "NetworkType",
    "performance_insights_enabled": "PerformanceInsightsEnabled",
    "performance_insights_kms_key_id": "PerformanceInsightsKMSKeyId",
    "performance_insights_retention_period": "PerformanceInsightsRetentionPeriod",
    "port": "Endpoint.Port || DbInstancePort",
    "publicly_accessible": "PubliclyAccessible",
    "storage_encrypted": "StorageEncrypted",
}

INSTANCE_FACTS = {
    "certificate_valid_till": "CertificateDetails.ValidTill",
    "instance_create_time": "InstanceCreateTime",
    "pending_deletion": f"DBInstanceStatus=={DELETING}",
    "read_replica_source_db_cluster_identifier": "ReadReplicaSourceDBClusterIdentifier",
    "secondary_availability_zone": "SecondaryAvailabilityZone",
    "subnet_ids": "DBSubnetGroup.Subnets[].SubnetIdentifier",
    "vpc_id": "DBSubnetGroup.VpcId",
}

# --- what RDS does by itself ----------------------------------------------------------------------


def major(found: Difference) -> int:
    """How many numbers of a version are the major one: PostgreSQL 9.6 and 16, and two of every other engine.

    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_UpgradeDBInstance.Upgrading.html
    """
    has_one = "postgres" in str(found.actual["engine"]) and not str(found.declared).startswith("9.")
    return 1 if has_one else 2


def cluster_upgrades(member: str) -> Callable[[Difference], bool]:
    """A cluster is upgraded in whole, where every instance of it allows that, and it is part of no global one.

    https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Maintenance.AMVU.html
    """

    def is_on(found: Difference) -> bool:
        of = found.actual["cluster_identifier"]
        if found.actual.attributes.get("global_cluster_identifier"):
            return False
        members = found.among.near(found.actual, member, cluster_identifier=of)
        return bool(members) and all(each["auto_minor_version_upgrade"] for each in members)

    return is_on


CLUSTER_UPGRADED = either(IS_AWAITED, upgraded(major, cluster_upgrades("aws_rds_cluster_instance")))


def grown(found: Difference) -> str:
    """Storage that scales grows, and never shrinks: internal/service/rds/instance.go (allocated_storage)."""
    said, has, most = found.declared or 0, found.live or 0, found.actual["max_allocated_storage"] or 0
    return BY_STORAGE if said < has <= most else ""


DB_INSTANCE = Collector(
    type="aws_db_instance",
    service="rds",
    fetch=Listing("describe_db_instances", f"DBInstances[?!DBClusterIdentifier && {OWN}]"),
    permissions=("rds:DescribeDBInstances",),
    id="DbiResourceId",
    identity=("identifier",),
    attributes={
        **MEMBER,
        "address": volatile("Endpoint.Address"),
        "allocated_storage": "AllocatedStorage",
        "backup_retention_period": "BackupRetentionPeriod",
        "backup_target": "BackupTarget",
        "backup_window": "PreferredBackupWindow",
        "character_set_name": "CharacterSetName",
        "customer_owned_ip_enabled": "CustomerOwnedIpEnabled",
        "database_insights_mode": "DatabaseInsightsMode",
        "db_name": "DBName",
        "dedicated_log_volume": "DedicatedLogVolume",
        "deletion_protection": "DeletionProtection",
        "domain": "DomainMemberships[0].Domain",
        "domain_auth_secret_arn": "DomainMemberships[0].AuthSecretArn",
        "domain_dns_ips": "DomainMemberships[0].DnsIps",
        "domain_fqdn": "DomainMemberships[0].FQDN",
        "domain_iam_role_name": "DomainMemberships[0].IAMRoleName",
        "domain_ou": "DomainMemberships[0].OU",
        "enabled_cloudwatch_logs_exports": LOGS,
        "endpoint": volatile("Endpoint && join(':', [Endpoint.Address, to_string(Endpoint.Port)])"),
        "engine_lifecycle_support": "EngineLifecycleSupport",
        "hosted_zone_id": volatile("Endpoint.HostedZoneId"),
        "iam_database_authentication_enabled": "IAMDatabaseAuthenticationEnabled",
        "iops": "Iops",
        "latest_restorable_time": volatile("LatestRestorableTime"),
        "license_model": "LicenseModel",
        "listener_endpoint": Attribute(
            path="ListenerEndpoint.{address: Address, hosted_zone_id: HostedZoneId, port: Port}",
            form=VOLATILE,
            convert=as_block,
        ),
        "maintenance_window": caseless("PreferredMaintenanceWindow"),
        "manage_master_user_password": MANAGED_PASSWORD,
        "master_user_secret": SECRET,
        "master_user_secret_kms_key_id": volatile("MasterUserSecret.KmsKeyId"),
        "max_allocated_storage": "MaxAllocatedStorage",
        "multi_az": "MultiAZ",
        "nchar_character_set_name": "NcharCharacterSetName",
        "option_group_name": "OptionGroupMemberships[0].OptionGroupName",
        "parameter_group_name": "DBParameterGroups[0].DBParameterGroupName",
        "replica_mode": "ReplicaMode",
        "replicas": volatile("ReadReplicaDBInstanceIdentifiers", APART),  # each is an instance of its own
        "replicate_source_db": name_or_arn("ReadReplicaSourceDBInstanceIdentifier"),
        "resource_id": "DbiResourceId",
        "status": volatile("DBInstanceStatus"),
        "storage_throughput": "StorageThroughput",
        "storage_type": caseless("StorageType"),
        "timezone": "Timezone",
        "username": "MasterUsername",
        "vpc_security_group_ids": GROUPS,
    },
    excuses={"allocated_storage": grown, "engine_version": either(IS_AWAITED, upgraded(major))},
    facts={
        **INSTANCE_FACTS,
        **PENDING_VERSION,
        "db_instance_automated_backups_replications": (
            "DBInstanceAutomatedBackupsReplications[].DBInstanceAutomatedBackupsArn"
        ),
    },
    tags="TagList",
)


def made_by_cluster(member: Item) -> str | None:
    """The members of a multi-AZ cluster of MySQL or PostgreSQL are made by RDS; those of Aurora by you."""
    return None if member["Engine"].startswith("aurora") else f"rds: {member['DBClusterIdentifier']}"


CLUSTER_INSTANCE = Collector(
    type="aws_rds_cluster_instance",
    service="rds",
    fetch=Listing("describe_db_instances", f"DBInstances[?DBClusterIdentifier && {OWN}]"),
    permissions=("rds:DescribeDBInstances",),
    id="DBInstanceIdentifier",
    identity=("identifier",),
    owner=made_by_cluster,
    owned=added("rds", "application-autoscaling-"),
    attributes={
        **MEMBER,
        "cluster_identifier": caseless("DBClusterIdentifier"),
        "db_parameter_group_name": "DBParameterGroups[0].DBParameterGroupName",
        "dbi_resource_id": "DbiResourceId",
        "endpoint": volatile("Endpoint.Address"),
        "preferred_backup_window": "PreferredBackupWindow",
        "preferred_maintenance_window": caseless("PreferredMaintenanceWindow"),
        "promotion_tier": "PromotionTier",
    },
    excuses={"engine_version": CLUSTER_UPGRADED},
    facts=INSTANCE_FACTS | PENDING_VERSION,
    tags="TagList",
)

CLUSTER = Collector(
    type="aws_rds_cluster",
    service="rds",
    fetch=Listing("describe_db_clusters", f"DBClusters[?{OWN}]"),
    permissions=("rds:DescribeDBClusters",),
    id="DBClusterIdentifier",
    identity=("cluster_identifier",),
    attributes={
        "allocated_storage": "AllocatedStorage",
        "arn": "DBClusterArn",
        "availability_zones": Attribute(path="AvailabilityZones", form=VOLATILE),  # filled up to three by AWS
        "backtrack_window": "BacktrackWindow",
        "backup_retention_period": "BackupRetentionPeriod",
        "ca_certificate_identifier": volatile("CertificateDetails.CAIdentifier"),
        "ca_certificate_valid_till": volatile("CertificateDetails.ValidTill"),
        "cluster_identifier": caseless("DBClusterIdentifier"),
        "cluster_members": volatile("DBClusterMembers[].DBInstanceIdentifier", APART),  # each is a resource of its own
        "cluster_resource_id": "DbClusterResourceId",
        "cluster_scalability_type": "ClusterScalabilityType",
        "copy_tags_to_snapshot": "CopyTagsToSnapshot",
        "database_insights_mode": "DatabaseInsightsMode",
        "database_name": "DatabaseName",
        "db_cluster_instance_class": "DBClusterInstanceClass",
        "db_cluster_parameter_group_name": "DBClusterParameterGroup",
        "db_subnet_group_name": "DBSubnetGroup",
        "db_system_id": "DBSystemId",
        "deletion_protection": "DeletionProtection",
        "domain": "DomainMemberships[0].Domain",
        "domain_iam_role_name": "DomainMemberships[0].IAMRoleName",
        "enable_global_write_forwarding": "GlobalWriteForwardingRequested",
        "enable_http_endpoint": "HttpEndpointEnabled",
        "enable_local_write_forwarding": "contains(['enabled', 'enabling', 'requested'], LocalWriteForwardingStatus)",
        "enabled_cloudwatch_logs_exports": LOGS,
        "endpoint": volatile("Endpoint"),
        "engine": caseless("Engine"),
        "engine_lifecycle_support": "EngineLifecycleSupport",
        "engine_mode": "EngineMode",
        "engine_version": ENGINE_VERSION,
        "engine_version_actual": volatile("EngineVersion"),
        "global_cluster_identifier": "GlobalClusterIdentifier",
        "hosted_zone_id": volatile("HostedZoneId"),
        "iam_database_authentication_enabled": "IAMDatabaseAuthenticationEnabled",
        "iam_roles": volatile("AssociatedRoles[].RoleArn", APART),  # each is an association of its own
        "iops": "Iops",
        "kms_key_id": "KmsKeyId",
        "manage_master_user_password": MANAGED_PASSWORD,
        "master_user_secret": SECRET,
        "master_user_secret_kms_key_id": volatile("MasterUserSecret.KmsKeyId"),
        "master_username": "MasterUsername",
        "monitoring_interval": "MonitoringInterval",
        "monitoring_role_arn": "MonitoringRoleArn",
        "network_type": "NetworkType",
        "performance_insights_enabled": "PerformanceInsightsEnabled",
        "performance_insights_kms_key_id": "PerformanceInsightsKMSKeyId",
        "performance_insights_retention_period": "PerformanceInsightsRetentionPeriod",
        "port": "Port",
        "preferred_backup_window": "PreferredBackupWindow",
        "preferred_maintenance_window": caseless("PreferredMaintenanceWindow"),
        "reader_endpoint": volatile("ReaderEndpoint"),
        "replication_source_identifier": name_or_arn("ReplicationSourceIdentifier"),
        "scaling_configuration": block(
            "ScalingConfigurationInfo.{auto_pause: AutoPause, max_capacity: MaxCapacity, min_capacity: MinCapacity, "
            "seconds_before_timeout: SecondsBeforeTimeout, seconds_until_auto_pause: SecondsUntilAutoPause, "
            "timeout_action: TimeoutAction}"
        ),
        "serverlessv2_scaling_configuration": block(
            "ServerlessV2ScalingConfiguration.{max_capacity: MaxCapacity, min_capacity: MinCapacity, "
            "seconds_until_auto_pause: SecondsUntilAutoPause}"
        ),
        "storage_encrypted": "StorageEncrypted",
        "storage_type": caseless("StorageType"),
        "vpc_security_group_ids": GROUPS,
    },
    excuses={"engine_version": CLUSTER_UPGRADED},
    facts={
        **PENDING_VERSION,
        "auto_minor_version_upgrade": "AutoMinorVersionUpgrade",
        "cluster_create_time": "ClusterCreateTime",
        "multi_az": "MultiAZ",
        "pending_deletion": f"Status=={DELETING}",
        "publicly_accessible": "PubliclyAccessible",
        "status": "Status",
    },
    tags="TagList",
)


# --- snapshots ----------------------------------------------------------------------------------


def made_by_schedule(snapshot: Item) -> str | None:
    """Only a manual snapshot is anybody's; ``awsbackup`` ones are AWS Backup's, the rest of the daily backup."""
    owners = {"manual": None, "awsbackup": "backup", "automated": "rds: automated backup"}
    kind: Any = snapshot["SnapshotType"]
    return owners.get(kind, f"aws: {kind}")


def shared_with(what: str, arguments: dict[str, str]) -> Detail:
    """The accounts that may restore a snapshot (``all`` is everybody); only manual ones can be shared."""
    return Detail(
        operation=f"describe_{what}_attributes",
        arguments=arguments,
        into="Sharing",
        unless="SnapshotType!='manual'",
        gone=("DBSnapshotNotFound", "DBSnapshotNotFoundFault", "DBClusterSnapshotNotFoundFault"),
    )


DB_SNAPSHOT = Collector(
    type="aws_db_snapshot",
    service="rds",
    fetch=Listing("describe_db_snapshots", f"DBSnapshots[?{OWN}]"),
    details=(shared_with("db_snapshot", {"DBSnapshotIdentifier": "DBSnapshotIdentifier"}),),
    permissions=("rds:DescribeDBSnapshots", "rds:DescribeDBSnapshotAttributes"),
    id="DBSnapshotIdentifier",
    identity=("db_snapshot_identifier",),
    arn="DBSnapshotArn",
    owner=made_by_schedule,
    attributes={
        "allocated_storage": "AllocatedStorage",
        "availability_zone": "AvailabilityZone",
        "db_instance_identifier": caseless("DBInstanceIdentifier"),
        "db_snapshot_arn": "DBSnapshotArn",
        "db_snapshot_identifier": caseless("DBSnapshotIdentifier"),
        "encrypted": "Encrypted",
        "engine": "Engine",
        "engine_version": "EngineVersion",
        "iops": "Iops",
        "kms_key_id": "KmsKeyId",
        "license_model": "LicenseModel",
        "option_group_name": "OptionGroupName",
        "port": "Port",
        "shared_accounts": unordered(
            "Sharing.DBSnapshotAttributesResult.DBSnapshotAttributes[?AttributeName=='restore'].AttributeValues[]"
        ),
        "snapshot_type": "SnapshotType",
        "source_db_snapshot_identifier": "SourceDBSnapshotIdentifier",
        "source_region": "SourceRegion",
        "status": volatile("Status"),
        "storage_type": caseless("StorageType"),
        "vpc_id": "VpcId",
    },
    facts={"snapshot_create_time": "SnapshotCreateTime", "pending_deletion": f"Status=={DELETING}"},
    tags="TagList",
)

DB_CLUSTER_SNAPSHOT = Collector(
    type="aws_db_cluster_snapshot",
    service="rds",
    fetch=Listing("describe_db_cluster_snapshots", f"DBClusterSnapshots[?{OWN}]"),
    details=(shared_with("db_cluster_snapshot", {"DBClusterSnapshotIdentifier": "DBClusterSnapshotIdentifier"}),),
    permissions=("rds:DescribeDBClusterSnapshots", "rds:DescribeDBClusterSnapshotAttributes"),
    id="DBClusterSnapshotIdentifier",
    identity=("db_cluster_snapshot_identifier",),
    arn="DBClusterSnapshotArn",
    owner=made_by_schedule,
    attributes={
        "allocated_storage": "AllocatedStorage",
        "availability_zones": unordered("AvailabilityZones"),
        "db_cluster_identifier": caseless("DBClusterIdentifier"),
        "db_cluster_snapshot_arn": "DBClusterSnapshotArn",
        "db_cluster_snapshot_identifier": caseless("DBClusterSnapshotIdentifier"),
        "engine": "Engine",
        "engine_version": "EngineVersion",
        "kms_key_id": "KmsKeyId",
        "license_model": "LicenseModel",
        "port": "Port",
        "shared_accounts": unordered(
            "Sharing.DBClusterSnapshotAttributesResult"
            ".DBClusterSnapshotAttributes[?AttributeName=='restore'].AttributeValues[]"
        ),
        "snapshot_type": "SnapshotType",
        "source_db_cluster_snapshot_arn": "SourceDBClusterSnapshotArn",
        "status": volatile("Status"),
        "storage_encrypted": "StorageEncrypted",
        "vpc_id": "VpcId",
    },
    facts={"snapshot_create_time": "SnapshotCreateTime", "pending_deletion": f"Status=={DELETING}"},
    tags="TagList",
)

COLLECTORS = [CLUSTER, CLUSTER_INSTANCE, DB_CLUSTER_SNAPSHOT, DB_INSTANCE, DB_SNAPSHOT]
