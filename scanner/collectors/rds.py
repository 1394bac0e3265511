"""Amazon RDS. Cluster members are aws_rds_cluster_instance to the provider, and so to us.

RDS, DocumentDB and Neptune answer for one another; Engine tells them apart.
"""

from scanner.aws.collector import Collector, Listing, caseless, unordered, volatile

OWN_ENGINES = "Engine!='docdb' && Engine!='neptune'"

DB_INSTANCE = Collector(
    type="aws_db_instance",
    service="rds",
    fetch=Listing("describe_db_instances", f"DBInstances[?!DBClusterIdentifier && {OWN_ENGINES}]"),
    permissions=("rds:DescribeDBInstances",),
    id="DbiResourceId",
    identity=("identifier",),
    attributes={
        "allocated_storage": "AllocatedStorage",
        "arn": "DBInstanceArn",
        "auto_minor_version_upgrade": "AutoMinorVersionUpgrade",
        "availability_zone": "AvailabilityZone",
        "backup_retention_period": "BackupRetentionPeriod",
        "backup_window": "PreferredBackupWindow",
        "copy_tags_to_snapshot": "CopyTagsToSnapshot",
        "db_name": "DBName",
        "deletion_protection": "DeletionProtection",
        "enabled_cloudwatch_logs_exports": unordered("EnabledCloudwatchLogsExports"),
        "engine": "Engine",
        "engine_version": "EngineVersion",
        "identifier": caseless("DBInstanceIdentifier"),
        "instance_class": "DBInstanceClass",
        "iops": "Iops",
        "kms_key_id": "KmsKeyId",
        "maintenance_window": caseless("PreferredMaintenanceWindow"),
        "multi_az": "MultiAZ",
        "publicly_accessible": "PubliclyAccessible",
        "replicate_source_db": "ReadReplicaSourceDBInstanceIdentifier",
        "status": volatile("DBInstanceStatus"),
        "storage_encrypted": "StorageEncrypted",
        "storage_type": "StorageType",
        "vpc_security_group_ids": unordered("VpcSecurityGroups[].VpcSecurityGroupId"),
    },
    tags="TagList",
)

COLLECTORS = [DB_INSTANCE]
