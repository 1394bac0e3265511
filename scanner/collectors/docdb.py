"""Amazon DocumentDB: clusters, their instances, parameters and snapshots; RDS tells of them all in its own lists."""

from __future__ import annotations

import msgspec

from scanner.aws.collector import Attribute, Collector, Listing, block, caseless, volatile
from scanner.collectors.rds import (
    DB_CLUSTER_SNAPSHOT,
    DELETING,
    ENGINE_VERSION,
    GROUPS,
    INSTANCE_FACTS,
    LOGS,
    MANAGED_PASSWORD,
    SECRET,
)
from scanner.collectors.rds_groups import cluster_parameter_group, of_families
from state.forms import defaulting

ENGINE = "Engine=='docdb'"
SHARED = DB_CLUSTER_SNAPSHOT.attributes["shared_accounts"]

CLUSTER = Collector(
    type="aws_docdb_cluster",
    service="rds",
    fetch=Listing("describe_db_clusters", f"DBClusters[?{ENGINE}]"),
    permissions=("rds:DescribeDBClusters",),
    id="DBClusterIdentifier",
    identity=("cluster_identifier",),
    attributes={
        "arn": "DBClusterArn",
        "availability_zones": volatile("AvailabilityZones"),  # filled up to three by AWS
        "backup_retention_period": "BackupRetentionPeriod",
        "cluster_identifier": caseless("DBClusterIdentifier"),
        "cluster_members": volatile("DBClusterMembers[].DBInstanceIdentifier"),  # each is a resource of its own
        "cluster_resource_id": "DbClusterResourceId",
        "db_cluster_parameter_group_name": "DBClusterParameterGroup",
        "db_subnet_group_name": "DBSubnetGroup",
        "deletion_protection": "DeletionProtection",
        "enabled_cloudwatch_logs_exports": LOGS,
        "endpoint": volatile("Endpoint"),
        "engine": "Engine",
        "engine_version": ENGINE_VERSION,
        "hosted_zone_id": volatile("HostedZoneId"),
        "kms_key_id": "KmsKeyId",
        "manage_master_user_password": MANAGED_PASSWORD,
        "master_user_secret": SECRET,
        "master_username": "MasterUsername",
        "network_type": Attribute(path="NetworkType", form=defaulting("IPV4")),
        "port": "Port",
        "preferred_backup_window": "PreferredBackupWindow",
        "preferred_maintenance_window": caseless("PreferredMaintenanceWindow"),
        "reader_endpoint": volatile("ReaderEndpoint"),
        "serverless_v2_scaling_configuration": block(
            "ServerlessV2ScalingConfiguration.{max_capacity: MaxCapacity, min_capacity: MinCapacity}"
        ),
        "storage_encrypted": "StorageEncrypted",
        "storage_type": Attribute(path="StorageType", form=defaulting("standard")),
        "vpc_security_group_ids": GROUPS,
    },
    facts={
        "cluster_create_time": "ClusterCreateTime",
        "multi_az": "MultiAZ",
        "pending_deletion": f"Status=={DELETING}",
        "status": "Status",
    },
    tags="TagList",
)

CLUSTER_INSTANCE = Collector(
    type="aws_docdb_cluster_instance",
    service="rds",
    fetch=Listing("describe_db_instances", f"DBInstances[?{ENGINE}]"),
    permissions=("rds:DescribeDBInstances",),
    id="DBInstanceIdentifier",
    identity=("identifier",),
    attributes={
        "arn": "DBInstanceArn",
        # DocumentDB never upgrades an instance by itself, whatever is said here.
        "auto_minor_version_upgrade": "AutoMinorVersionUpgrade",
        "availability_zone": volatile("AvailabilityZone"),
        "ca_cert_identifier": volatile("CACertificateIdentifier"),  # rotated by AWS
        "cluster_identifier": caseless("DBClusterIdentifier"),
        "copy_tags_to_snapshot": "CopyTagsToSnapshot",
        "db_subnet_group_name": "DBSubnetGroup.DBSubnetGroupName",
        "dbi_resource_id": "DbiResourceId",
        # The provider writes what was asked for, and never reads what is.
        "enable_performance_insights": volatile("PerformanceInsightsEnabled"),
        "endpoint": volatile("Endpoint.Address"),
        "engine": "Engine",
        "engine_version": volatile("EngineVersion"),  # the cluster's
        "identifier": caseless("DBInstanceIdentifier"),
        "instance_class": "DBInstanceClass",
        "kms_key_id": "KmsKeyId",
        "performance_insights_kms_key_id": volatile("PerformanceInsightsKMSKeyId"),
        "port": "Endpoint.Port || DbInstancePort",
        "preferred_backup_window": volatile("PreferredBackupWindow"),  # the cluster's
        "preferred_maintenance_window": caseless("PreferredMaintenanceWindow"),
        "promotion_tier": "PromotionTier",
        "publicly_accessible": "PubliclyAccessible",
        "storage_encrypted": "StorageEncrypted",
    },
    facts=INSTANCE_FACTS,
    tags="TagList",
)


def cluster_snapshot(type: str, engine: str, *without: str) -> Collector:
    """Snapshots of another engine's clusters. Whom they are shared with the provider does not tell: it is a fact."""
    attributes = {
        name: each for name, each in DB_CLUSTER_SNAPSHOT.attributes.items() if name not in (*without, "shared_accounts")
    }
    return msgspec.structs.replace(
        DB_CLUSTER_SNAPSHOT,
        type=type,
        fetch=Listing("describe_db_cluster_snapshots", f"DBClusterSnapshots[?{engine}]"),
        attributes=attributes,
        facts={**DB_CLUSTER_SNAPSHOT.facts, "shared_accounts": SHARED},
    )


CLUSTER_PARAMETER_GROUP = cluster_parameter_group("aws_docdb_cluster_parameter_group", of_families("docdb"))
CLUSTER_SNAPSHOT = cluster_snapshot("aws_docdb_cluster_snapshot", ENGINE, "allocated_storage", "license_model")

COLLECTORS = [CLUSTER, CLUSTER_INSTANCE, CLUSTER_PARAMETER_GROUP, CLUSTER_SNAPSHOT]
