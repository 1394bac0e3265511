"""Amazon Neptune: clusters, their instances, parameters and snapshots; RDS tells of them all in its own lists."""

from __future__ import annotations

from scanner.aws.collector import Attribute, Collector, Listing, block, caseless, name_or_arn, unordered, volatile
from scanner.collectors.appautoscaling import added
from scanner.collectors.docdb import cluster_snapshot
from scanner.collectors.rds import DELETING, ENGINE_VERSION, GROUPS, INSTANCE_FACTS, LOGS, cluster_upgrades
from scanner.collectors.rds_groups import cluster_parameter_group, of_families, parameter_group
from state.forms import defaulting
from state.noise import APART, upgraded

ENGINE = "Engine=='neptune'"
STORAGE = Attribute(path="StorageType", form=defaulting("standard"))  # of which AWS says nothing

# Of 1.3.0.0 the major version is 1.3: https://docs.aws.amazon.com/neptune/latest/userguide/release-types.html
UPGRADED = {"engine_version": upgraded(lambda found: 2, cluster_upgrades("aws_neptune_cluster_instance"))}

CLUSTER = Collector(
    type="aws_neptune_cluster",
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
        "cluster_members": volatile("DBClusterMembers[].DBInstanceIdentifier", APART),  # each is a resource of its own
        "cluster_resource_id": "DbClusterResourceId",
        "copy_tags_to_snapshot": "CopyTagsToSnapshot",
        "deletion_protection": "DeletionProtection",
        "enable_cloudwatch_logs_exports": LOGS,
        "endpoint": volatile("Endpoint"),
        "engine": "Engine",
        "engine_version": ENGINE_VERSION,
        "hosted_zone_id": volatile("HostedZoneId"),
        "iam_database_authentication_enabled": "IAMDatabaseAuthenticationEnabled",
        "iam_roles": unordered("AssociatedRoles[].RoleArn"),
        "kms_key_arn": "KmsKeyId",
        "neptune_cluster_parameter_group_name": "DBClusterParameterGroup",
        "neptune_subnet_group_name": "DBSubnetGroup",
        "port": "Port",
        "preferred_backup_window": "PreferredBackupWindow",
        "preferred_maintenance_window": caseless("PreferredMaintenanceWindow"),
        "reader_endpoint": volatile("ReaderEndpoint"),
        "replication_source_identifier": name_or_arn("ReplicationSourceIdentifier"),
        "serverless_v2_scaling_configuration": block(
            "ServerlessV2ScalingConfiguration.{max_capacity: MaxCapacity, min_capacity: MinCapacity}",
            max_capacity=defaulting(128),
            min_capacity=defaulting(2.5),
        ),
        "storage_encrypted": "StorageEncrypted",
        "storage_type": STORAGE,
        "vpc_security_group_ids": GROUPS,
    },
    excuses=UPGRADED,
    facts={
        "cluster_create_time": "ClusterCreateTime",
        "multi_az": "MultiAZ",
        "pending_deletion": f"Status=={DELETING}",
        "status": "Status",
    },
    tags="TagList",
)

CLUSTER_INSTANCE = Collector(
    type="aws_neptune_cluster_instance",
    service="rds",
    fetch=Listing("describe_db_instances", f"DBInstances[?{ENGINE}]"),
    permissions=("rds:DescribeDBInstances",),
    id="DBInstanceIdentifier",
    identity=("identifier",),
    # https://docs.aws.amazon.com/neptune/latest/userguide/manage-console-autoscaling.html
    owned=added("neptune", "autoscaled-reader-"),
    attributes={
        "address": volatile("Endpoint.Address"),
        "arn": "DBInstanceArn",
        "auto_minor_version_upgrade": "AutoMinorVersionUpgrade",
        "availability_zone": volatile("AvailabilityZone"),
        "cluster_identifier": caseless("DBClusterIdentifier"),
        "dbi_resource_id": "DbiResourceId",
        "endpoint": volatile("Endpoint && join(':', [Endpoint.Address, to_string(Endpoint.Port)])"),
        "engine": "Engine",
        "engine_version": ENGINE_VERSION,
        "identifier": caseless("DBInstanceIdentifier"),
        "instance_class": "DBInstanceClass",
        "kms_key_arn": "KmsKeyId",
        "neptune_parameter_group_name": "DBParameterGroups[0].DBParameterGroupName",
        "neptune_subnet_group_name": "DBSubnetGroup.DBSubnetGroupName",
        "port": "Endpoint.Port || DbInstancePort",
        "preferred_backup_window": volatile("PreferredBackupWindow"),  # the cluster's
        "preferred_maintenance_window": caseless("PreferredMaintenanceWindow"),
        "promotion_tier": "PromotionTier",
        "publicly_accessible": "PubliclyAccessible",
        "storage_encrypted": "StorageEncrypted",
        "storage_type": volatile("StorageType"),  # the cluster's
    },
    excuses=UPGRADED,
    facts=INSTANCE_FACTS,
    tags="TagList",
)

CLUSTER_PARAMETER_GROUP = cluster_parameter_group("aws_neptune_cluster_parameter_group", of_families("neptune"))
PARAMETER_GROUP = parameter_group("aws_neptune_parameter_group", of_families("neptune"))
CLUSTER_SNAPSHOT = cluster_snapshot("aws_neptune_cluster_snapshot", ENGINE)

COLLECTORS = [CLUSTER, CLUSTER_INSTANCE, CLUSTER_PARAMETER_GROUP, PARAMETER_GROUP, CLUSTER_SNAPSHOT]
