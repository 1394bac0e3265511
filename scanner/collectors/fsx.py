"""Amazon FSx: file systems of four kinds, which one listing tells, and their backups."""

from __future__ import annotations

from collections.abc import Mapping

from scanner.aws.collector import Attribute, Collector, Listing, block, name_or_arn, unordered, volatile
from scanner.aws.place import Item
from state.forms import IF_DECLARED, UNORDERED, defaulting

COMMON: dict[str, str | Attribute] = {
    "arn": "ResourceARN",
    "dns_name": volatile("DNSName"),
    "kms_key_id": name_or_arn("KmsKeyId"),
    "network_interface_ids": volatile("NetworkInterfaceIds"),
    "owner_id": "OwnerId",
    "storage_capacity": "StorageCapacity",
    "storage_type": Attribute(path="StorageType", form=defaulting("SSD")),
    "subnet_ids": "SubnetIds",
    "vpc_id": "VpcId",
}
BACKED_UP = {
    "automatic_backup_retention_days": "AutomaticBackupRetentionDays",
    "daily_automatic_backup_start_time": "DailyAutomaticBackupStartTime",
    "weekly_maintenance_start_time": "WeeklyMaintenanceStartTime",
}


def iops(at: str) -> Attribute:
    return block(
        f"{at}.DiskIopsConfiguration.{{iops: Iops, mode: Mode}}", iops=IF_DECLARED, mode=defaulting("AUTOMATIC")
    )


def file_system(kind: str, name: str, attributes: Mapping[str, str | Attribute]) -> Collector:
    """A kind of file system: what only it has stands in a configuration of its own."""
    at = f"{name}Configuration"
    return Collector(
        type=f"aws_fsx_{kind}_file_system",
        service="fsx",
        fetch=Listing("describe_file_systems", f"FileSystems[?FileSystemType=='{name.upper()}']"),
        permissions=("fsx:DescribeFileSystems",),
        id="FileSystemId",
        attributes={**COMMON, **{each: f"{at}.{path}" for each, path in BACKED_UP.items()}, **attributes},
        facts={
            "creation_time": "CreationTime",
            "lifecycle": "Lifecycle",
            "pending_deletion": "Lifecycle=='DELETING'",
        },
        tags="Tags",
    )


L, W, N, Z = (f"{name}Configuration" for name in ("Lustre", "Windows", "Ontap", "OpenZFS"))

LUSTRE = file_system(
    "lustre",
    "Lustre",
    {
        "auto_import_policy": f"{L}.DataRepositoryConfiguration.AutoImportPolicy",
        "copy_tags_to_backups": f"{L}.CopyTagsToBackups",
        "data_compression_type": Attribute(path=f"{L}.DataCompressionType", form=defaulting("NONE")),
        "data_read_cache_configuration": block(
            f"{L}.DataReadCacheConfiguration.{{size: SizeGiB, sizing_mode: SizingMode}}", size=IF_DECLARED
        ),
        "deployment_type": Attribute(path=f"{L}.DeploymentType", form=defaulting("SCRATCH_1")),
        "drive_cache_type": Attribute(path=f"{L}.DriveCacheType", form=defaulting("NONE")),
        "efa_enabled": f"{L}.EfaEnabled",
        "export_path": f"{L}.DataRepositoryConfiguration.ExportPath",
        "file_system_type_version": "FileSystemTypeVersion",
        "import_path": f"{L}.DataRepositoryConfiguration.ImportPath",
        "imported_file_chunk_size": f"{L}.DataRepositoryConfiguration.ImportedFileChunkSize",
        "log_configuration": block(
            f"{L}.LogConfiguration.{{destination: Destination, level: Level}}",
            destination=IF_DECLARED,
            level=defaulting("DISABLED"),
        ),
        "metadata_configuration": block(
            f"{L}.MetadataConfiguration.{{iops: Iops, mode: Mode}}", iops=IF_DECLARED, mode=IF_DECLARED
        ),
        "mount_name": f"{L}.MountName",
        "per_unit_storage_throughput": f"{L}.PerUnitStorageThroughput",
        "root_squash_configuration": block(
            f"{L}.RootSquashConfiguration.{{no_squash_nids: NoSquashNids, root_squash: RootSquash}}",
            no_squash_nids=UNORDERED,
        ),
        "throughput_capacity": f"{L}.ThroughputCapacity",
    },
)

WINDOWS = file_system(
    "windows",
    "Windows",
    {
        "active_directory_id": f"{W}.ActiveDirectoryId",
        "aliases": unordered(f"{W}.Aliases[].Name"),
        "audit_log_configuration": block(
            f"{W}.AuditLogConfiguration.{{audit_log_destination: AuditLogDestination, "
            "file_access_audit_log_level: FileAccessAuditLogLevel, "
            "file_share_access_audit_log_level: FileShareAccessAuditLogLevel}",
            audit_log_destination=IF_DECLARED,
            file_access_audit_log_level=defaulting("DISABLED"),
            file_share_access_audit_log_level=defaulting("DISABLED"),
        ),
        "copy_tags_to_backups": f"{W}.CopyTagsToBackups",
        "deployment_type": Attribute(path=f"{W}.DeploymentType", form=defaulting("SINGLE_AZ_1")),
        "disk_iops_configuration": iops(W),
        "preferred_file_server_ip": volatile(f"{W}.PreferredFileServerIp"),
        "preferred_subnet_id": f"{W}.PreferredSubnetId",
        "remote_administration_endpoint": volatile(f"{W}.RemoteAdministrationEndpoint"),
        # The password that it was joined with is nobody's to read.
        "self_managed_active_directory": block(
            f"{W}.SelfManagedActiveDirectoryConfiguration.{{dns_ips: DnsIps, domain_name: DomainName, "
            "file_system_administrators_group: FileSystemAdministratorsGroup, "
            "organizational_unit_distinguished_name: OrganizationalUnitDistinguishedName, username: UserName}",
            dns_ips=UNORDERED,
            file_system_administrators_group=defaulting("Domain Admins"),
        ),
        "throughput_capacity": f"{W}.ThroughputCapacity",
    },
)

ADDRESSES = "dns_name: DNSName, ip_addresses: IpAddresses"

ONTAP = file_system(
    "ontap",
    "Ontap",
    {
        "deployment_type": f"{N}.DeploymentType",
        "disk_iops_configuration": iops(N),
        "endpoint_ip_address_range": f"{N}.EndpointIpAddressRange",
        "endpoints": volatile(
            f"{N}.Endpoints && [{N}.Endpoints.{{intercluster: Intercluster && [Intercluster.{{{ADDRESSES}}}], "
            f"management: Management && [Management.{{{ADDRESSES}}}]}}]"
        ),
        "ha_pairs": f"{N}.HAPairs",
        "preferred_subnet_id": f"{N}.PreferredSubnetId",
        "route_table_ids": unordered(f"{N}.RouteTableIds"),
        "throughput_capacity": f"{N}.ThroughputCapacity",
        "throughput_capacity_per_ha_pair": f"{N}.ThroughputCapacityPerHAPair",
    },
)

OPENZFS = file_system(
    "openzfs",
    "OpenZFS",
    {
        "copy_tags_to_backups": f"{Z}.CopyTagsToBackups",
        "copy_tags_to_volumes": f"{Z}.CopyTagsToVolumes",
        "deployment_type": f"{Z}.DeploymentType",
        "disk_iops_configuration": iops(Z),
        "endpoint_ip_address": volatile(f"{Z}.EndpointIpAddress"),
        "endpoint_ip_address_range": f"{Z}.EndpointIpAddressRange",
        "preferred_subnet_id": f"{Z}.PreferredSubnetId",
        "read_cache_configuration": block(
            f"{Z}.ReadCacheConfiguration.{{size: SizeGiB, sizing_mode: SizingMode}}", size=IF_DECLARED
        ),
        "root_volume_id": f"{Z}.RootVolumeId",
        "route_table_ids": unordered(f"{Z}.RouteTableIds"),
        "throughput_capacity": f"{Z}.ThroughputCapacity",
    },
)


def made_by(backup: Item) -> str | None:
    """The daily ones are FSx's, those of a plan AWS Backup's."""
    return {"AUTOMATIC": "fsx", "AWS_BACKUP": "backup"}.get(backup.get("Type", ""))


BACKUP = Collector(
    type="aws_fsx_backup",
    service="fsx",
    fetch=Listing("describe_backups", "Backups"),
    permissions=("fsx:DescribeBackups",),
    id="BackupId",
    owner=made_by,
    attributes={
        "arn": "ResourceARN",
        "file_system_id": "FileSystem.FileSystemId",
        "kms_key_id": name_or_arn("KmsKeyId"),
        "owner_id": "OwnerId",
        "type": "Type",
        "volume_id": "Volume.VolumeId",
    },
    facts={"creation_time": "CreationTime", "lifecycle": "Lifecycle", "pending_deletion": "Lifecycle=='DELETED'"},
    tags="Tags",
)

COLLECTORS = [BACKUP, LUSTRE, ONTAP, OPENZFS, WINDOWS]
