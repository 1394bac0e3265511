import pytest

from scanner.collectors.fsx import BACKUP, COLLECTORS, LUSTRE, ONTAP, OPENZFS, WINDOWS
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.compared import only, told, twin
from tests.scanner.standin import answering, refused
from tests.scanner.whole import whole

ARN = f"arn:aws:fsx:{REGION}:{ACCOUNT}"
KEPT = {"AutomaticBackupRetentionDays": 7, "DailyAutomaticBackupStartTime": "01:00", "ThroughputCapacity": 128}


def file_system(id, type, **configuration):
    about = {"FileSystemId": id, "FileSystemType": type, "ResourceARN": f"{ARN}:file-system/{id}", "OwnerId": ACCOUNT}
    where = {"StorageCapacity": 1200, "StorageType": "SSD", "SubnetIds": ["subnet-1"], "VpcId": "vpc-1"}
    return about | where | {"Lifecycle": "AVAILABLE", "Tags": [{"Key": "team", "Value": "shop"}]} | configuration


FILE_SYSTEMS = [
    file_system(
        "fs-l",
        "LUSTRE",
        FileSystemTypeVersion="2.15",
        LustreConfiguration={
            "DeploymentType": "PERSISTENT_2",
            "PerUnitStorageThroughput": 125,
            "MountName": "m",
            "DataCompressionType": "NONE",
            "LogConfiguration": {"Level": "DISABLED"},
            "MetadataConfiguration": {"Mode": "AUTOMATIC", "Iops": 1500},
        },
    ),
    file_system(
        "fs-w",
        "WINDOWS",
        WindowsConfiguration=KEPT
        | {
            "DeploymentType": "SINGLE_AZ_2",
            "PreferredSubnetId": "subnet-1",
            "Aliases": [{"Name": "b", "Lifecycle": "AVAILABLE"}, {"Name": "a", "Lifecycle": "AVAILABLE"}],
            "SelfManagedActiveDirectoryConfiguration": {"DomainName": "d", "UserName": "u", "DnsIps": ["2", "1"]},
            "AuditLogConfiguration": {
                "FileAccessAuditLogLevel": "DISABLED",
                "FileShareAccessAuditLogLevel": "DISABLED",
            },
        },
    ),
    file_system(
        "fs-n",
        "ONTAP",
        OntapConfiguration=KEPT
        | {
            "DeploymentType": "MULTI_AZ_1",
            "DiskIopsConfiguration": {"Mode": "AUTOMATIC", "Iops": 3600},
            "HAPairs": 1,
            "RouteTableIds": ["rtb-1"],
            "FsxAdminPassword": "hush",
        },
    ),
    file_system(
        "fs-z",
        "OPENZFS",
        OpenZFSConfiguration=KEPT
        | {"DeploymentType": "SINGLE_AZ_1", "RootVolumeId": "fsvol-1", "DiskIopsConfiguration": {"Mode": "AUTOMATIC"}},
    ),
]
BACKUPS = [
    {
        "BackupId": "backup-1",
        "Type": "USER_INITIATED",
        "ResourceARN": f"{ARN}:backup/backup-1",
        "Lifecycle": "AVAILABLE",
    },
    {"BackupId": "backup-2", "Type": "AUTOMATIC", "ResourceARN": f"{ARN}:backup/backup-2", "Lifecycle": "AVAILABLE"},
]
ANSWERS = {
    "DescribeFileSystems": {"FileSystems": FILE_SYSTEMS},
    "DescribeBackups": {"Backups": [{**each, "FileSystem": {"FileSystemId": "fs-w"}} for each in BACKUPS]},
}


def seen(*collectors, **changed):
    with answering(ANSWERS | changed):
        return read(*collectors)


def test_lustre():
    found = only(seen(LUSTRE), LUSTRE.type)
    assert whole(found) == {
        "its id": "fs-l",
        "its identity": "fs-l",
        "its arn": "arn:aws:fsx:eu-west-1:123456789012:file-system/fs-l",
        "its owner": None,
        "arn": "arn:aws:fsx:eu-west-1:123456789012:file-system/fs-l",
        "owner_id": "123456789012",
        "storage_capacity": 1200,
        "storage_type": "SSD",
        "subnet_ids": ["subnet-1"],
        "vpc_id": "vpc-1",
        "data_compression_type": "NONE",
        "deployment_type": "PERSISTENT_2",
        "file_system_type_version": "2.15",
        "log_configuration": [{"level": "DISABLED"}],
        "metadata_configuration": [{"iops": 1500, "mode": "AUTOMATIC"}],
        "mount_name": "m",
        "per_unit_storage_throughput": 125,
        "tags": {"team": "shop"},
    }
    said = twin(found, log_configuration=[], data_compression_type=None, metadata_configuration=[{"mode": "AUTOMATIC"}])
    assert told(seen(LUSTRE), COLLECTORS, said) == set()
    assert told(seen(LUSTRE), COLLECTORS, twin(found, per_unit_storage_throughput=250)) == {
        ("changed", LUSTRE.type, "per_unit_storage_throughput")
    }


def test_windows():
    found = only(seen(WINDOWS), WINDOWS.type)
    assert whole(found) == {
        "its id": "fs-w",
        "its identity": "fs-w",
        "its arn": "arn:aws:fsx:eu-west-1:123456789012:file-system/fs-w",
        "its owner": None,
        "arn": "arn:aws:fsx:eu-west-1:123456789012:file-system/fs-w",
        "owner_id": "123456789012",
        "storage_capacity": 1200,
        "storage_type": "SSD",
        "subnet_ids": ["subnet-1"],
        "vpc_id": "vpc-1",
        "automatic_backup_retention_days": 7,
        "daily_automatic_backup_start_time": "01:00",
        "aliases": ["b", "a"],
        "audit_log_configuration": [
            {"file_access_audit_log_level": "DISABLED", "file_share_access_audit_log_level": "DISABLED"}
        ],
        "deployment_type": "SINGLE_AZ_2",
        "preferred_subnet_id": "subnet-1",
        "self_managed_active_directory": [{"dns_ips": ["2", "1"], "domain_name": "d", "username": "u"}],
        "throughput_capacity": 128,
        "tags": {"team": "shop"},
    }
    joined = [found["self_managed_active_directory"][0] | {"password": "hush", "dns_ips": ["1", "2"]}]
    said = twin(found, self_managed_active_directory=joined, aliases=["a", "b"], audit_log_configuration=[])
    assert told(seen(WINDOWS), COLLECTORS, said) == set()


def test_ontap():
    found = only(seen(ONTAP), ONTAP.type)
    assert whole(found) == {
        "its id": "fs-n",
        "its identity": "fs-n",
        "its arn": "arn:aws:fsx:eu-west-1:123456789012:file-system/fs-n",
        "its owner": None,
        "arn": "arn:aws:fsx:eu-west-1:123456789012:file-system/fs-n",
        "owner_id": "123456789012",
        "storage_capacity": 1200,
        "storage_type": "SSD",
        "subnet_ids": ["subnet-1"],
        "vpc_id": "vpc-1",
        "automatic_backup_retention_days": 7,
        "daily_automatic_backup_start_time": "01:00",
        "deployment_type": "MULTI_AZ_1",
        "disk_iops_configuration": [{"iops": 3600, "mode": "AUTOMATIC"}],
        "ha_pairs": 1,
        "route_table_ids": ["rtb-1"],
        "throughput_capacity": 128,
        "tags": {"team": "shop"},
    }
    assert "hush" not in str(found.attributes)
    assert (
        told(
            seen(ONTAP),
            COLLECTORS,
            twin(found, fsx_admin_password="hush", disk_iops_configuration=[{"mode": "AUTOMATIC"}]),
        )
        == set()
    )


def test_openzfs():
    found = only(seen(OPENZFS), OPENZFS.type)
    assert whole(found) == {
        "its id": "fs-z",
        "its identity": "fs-z",
        "its arn": "arn:aws:fsx:eu-west-1:123456789012:file-system/fs-z",
        "its owner": None,
        "arn": "arn:aws:fsx:eu-west-1:123456789012:file-system/fs-z",
        "owner_id": "123456789012",
        "storage_capacity": 1200,
        "storage_type": "SSD",
        "subnet_ids": ["subnet-1"],
        "vpc_id": "vpc-1",
        "automatic_backup_retention_days": 7,
        "daily_automatic_backup_start_time": "01:00",
        "deployment_type": "SINGLE_AZ_1",
        "disk_iops_configuration": [{"mode": "AUTOMATIC"}],
        "root_volume_id": "fsvol-1",
        "throughput_capacity": 128,
        "tags": {"team": "shop"},
    }
    assert told(seen(OPENZFS), COLLECTORS, twin(found, automatic_backup_retention_days=30)) == {
        ("changed", OPENZFS.type, "automatic_backup_retention_days")
    }


def test_backup():
    found = seen(BACKUP)
    assert whole(only(found, BACKUP.type)) == {
        "its id": "backup-1",
        "its identity": "backup-1",
        "its arn": "arn:aws:fsx:eu-west-1:123456789012:backup/backup-1",
        "its owner": None,
        "arn": "arn:aws:fsx:eu-west-1:123456789012:backup/backup-1",
        "file_system_id": "fs-w",
        "type": "USER_INITIATED",
    }
    assert [each.owner for each in found.of(BACKUP.type)] == [None, "fsx"]
    assert told(found, COLLECTORS) == {("unmanaged", BACKUP.type, "")}


@pytest.mark.parametrize(("operation", "collector"), [("DescribeFileSystems", ONTAP), ("DescribeBackups", BACKUP)])
def test_denied(operation, collector):
    found = seen(collector, **{operation: refused("AccessDeniedException")})
    assert [gap.permission for gap in found.gaps] == [f"fsx:{operation}"]
