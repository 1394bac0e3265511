"""Amazon EFS: file systems, where they are mounted, by which ways they are entered, and who may."""

from __future__ import annotations

from typing import Any

from scanner.aws.collector import (
    Attribute,
    Collector,
    Detail,
    Listing,
    as_block,
    block,
    name_or_arn,
    policy,
    unordered,
    volatile,
)
from scanner.aws.inside import Once, all_of, inside, listing
from scanner.aws.place import Item, Place
from state import Resource
from state.forms import UNORDERED, UNREAD, Form, defaulting, said
from state.schema import Parent

GONE = ("FileSystemNotFound", "MountTargetNotFound", "IncorrectFileSystemLifeCycleState")

SYSTEMS = all_of("efs", "describe_file_systems", "FileSystems")
FILE_SYSTEMS = listing("file_systems", SYSTEMS)
OF_FILE_SYSTEM = {"FileSystemId": "FileSystemId"}


def of_file_system(part: str) -> Parent:
    return Parent(type="aws_efs_file_system", by="file_system_id", part=part)


def one_each(policies: Any) -> list[Any]:
    """Each rule is a block of its own, as AWS tells them too; the provider's order is that of their names."""
    return [each for each in policies or () if any(each.values())]


def going(state: str) -> str:
    return f"contains(['deleting', 'deleted'], {state})"


FILE_SYSTEM = Collector(
    type="aws_efs_file_system",
    service="efs",
    fetch=FILE_SYSTEMS,
    details=(
        Detail(operation="describe_lifecycle_configuration", arguments=OF_FILE_SYSTEM, into="Lifecycle", gone=GONE[:1]),
    ),
    permissions=("elasticfilesystem:DescribeFileSystems", "elasticfilesystem:DescribeLifecycleConfiguration"),
    id="FileSystemId",
    attributes={
        "arn": "FileSystemArn",
        "availability_zone_id": "AvailabilityZoneId",
        "availability_zone_name": "AvailabilityZoneName",
        "creation_token": "CreationToken",
        "encrypted": "Encrypted",
        "kms_key_id": name_or_arn("KmsKeyId"),
        "lifecycle_policy": Attribute(
            path="Lifecycle.LifecyclePolicies[].{transition_to_archive: TransitionToArchive, "
            "transition_to_ia: TransitionToIA, "
            "transition_to_primary_storage_class: TransitionToPrimaryStorageClass}",
            form=UNORDERED,
            convert=one_each,
        ),
        "name": volatile("Name"),
        "number_of_mount_targets": volatile("NumberOfMountTargets"),
        "owner_id": "OwnerId",
        "performance_mode": Attribute(path="PerformanceMode", form=defaulting("generalPurpose")),
        "protection": block(
            "FileSystemProtection.{replication_overwrite: ReplicationOverwriteProtection}",
            replication_overwrite=defaulting("ENABLED"),
        ),
        "provisioned_throughput_in_mibps": "ProvisionedThroughputInMibps",
        "size_in_bytes": volatile(
            "SizeInBytes && [SizeInBytes.{value: Value, value_in_ia: ValueInIA, value_in_standard: ValueInStandard}]"
        ),
        "throughput_mode": Attribute(path="ThroughputMode", form=defaulting("bursting")),
    },
    facts={
        "creation_time": "CreationTime",
        "life_cycle_state": "LifeCycleState",
        "pending_deletion": going("LifeCycleState"),
    },
    tags="Tags",
)


async def _mount_targets(place: Place, file_system: Item) -> Item:
    if not file_system.get("NumberOfMountTargets"):
        return {}
    return await place.whole("efs", "describe_mount_targets", FileSystemId=file_system["FileSystemId"])


def mount_targets(answer: Item, file_system: Item) -> list[Item]:
    return list(answer.get("MountTargets") or ())


MOUNT_TARGET = Collector(
    type="aws_efs_mount_target",
    service="efs",
    fetch=inside("mount_targets", SYSTEMS, Once(_mount_targets), mount_targets),
    details=(
        Detail(
            operation="describe_mount_target_security_groups",
            arguments={"MountTargetId": "MountTargetId"},
            into="Guarded",
            gone=GONE[1:2],
            absent=GONE[2:],
        ),
    ),
    permissions=(
        "elasticfilesystem:DescribeFileSystems",
        "elasticfilesystem:DescribeMountTargets",
        "elasticfilesystem:DescribeMountTargetSecurityGroups",
    ),
    id="MountTargetId",
    attributes={
        "availability_zone_id": "AvailabilityZoneId",
        "availability_zone_name": "AvailabilityZoneName",
        "file_system_id": "FileSystemId",
        "ip_address": "IpAddress",
        "ipv6_address": "Ipv6Address",
        "network_interface_id": volatile("NetworkInterfaceId"),
        "owner_id": "OwnerId",
        "security_groups": unordered("Guarded.SecurityGroups"),
        "subnet_id": "SubnetId",
    },
    facts={
        "life_cycle_state": "LifeCycleState",
        "pending_deletion": going("LifeCycleState"),
        "vpc_id": "VpcId",
    },
)

ACCESS_POINT = Collector(
    type="aws_efs_access_point",
    service="efs",
    fetch=Listing("describe_access_points", "AccessPoints"),
    permissions=("elasticfilesystem:DescribeAccessPoints",),
    id="AccessPointId",
    attributes={
        "arn": "AccessPointArn",
        "file_system_id": "FileSystemId",
        "owner_id": "OwnerId",
        "posix_user": block(
            "PosixUser.{gid: Gid, secondary_gids: SecondaryGids, uid: Uid}",
            gid=Form(canonical=said),
            secondary_gids=UNORDERED,
            uid=Form(canonical=said),
        ),
        "root_directory": Attribute(
            path="RootDirectory.{creation_info: CreationInfo && [CreationInfo.{owner_gid: OwnerGid, "
            "owner_uid: OwnerUid, permissions: Permissions}], path: Path}",
            form=Form(inner={"path": defaulting("/")}),
            convert=as_block,
        ),
    },
    facts={"life_cycle_state": "LifeCycleState", "pending_deletion": going("LifeCycleState")},
    tags="Tags",
)

FILE_SYSTEM_POLICY = Collector(
    type="aws_efs_file_system_policy",
    service="efs",
    fetch=FILE_SYSTEMS,
    details=(
        Detail(
            operation="describe_file_system_policy",
            arguments=OF_FILE_SYSTEM,
            into="Policing",
            absent=("PolicyNotFound",),
            gone=GONE,
            essential=True,
        ),
    ),
    permissions=("elasticfilesystem:DescribeFileSystems", "elasticfilesystem:DescribeFileSystemPolicy"),
    id="FileSystemId",
    identity=("file_system_id",),
    parent=of_file_system("policy"),
    attributes={"file_system_id": "FileSystemId", "policy": policy("Policing.Policy")},
)


def by_itself(policy: Resource) -> bool:
    """Off; or on, of a file system in one zone: AWS backs that up unless it is told not to."""
    said: Any = (policy.attributes.get("backup_policy") or [{}])[0]
    off = said.get("status") in (None, "DISABLED", "DISABLING")
    return off or policy.facts.get("availability_zone_name") is not None


def settled(status: Any) -> Any:
    """Being switched is as good as switched."""
    return {"DISABLED": None, "DISABLING": None, "ENABLING": "ENABLED"}.get(status, status)


BACKUP_POLICY = Collector(
    type="aws_efs_backup_policy",
    service="efs",
    fetch=FILE_SYSTEMS,
    details=(
        Detail(
            operation="describe_backup_policy",
            arguments=OF_FILE_SYSTEM,
            into="Backed",
            absent=("PolicyNotFound",),
            gone=GONE,
            essential=True,
        ),
    ),
    permissions=("elasticfilesystem:DescribeFileSystems", "elasticfilesystem:DescribeBackupPolicy"),
    id="FileSystemId",
    identity=("file_system_id",),
    parent=of_file_system("backup_policy"),
    at_default=by_itself,
    facts={"availability_zone_name": "AvailabilityZoneName"},
    attributes={
        "backup_policy": block("Backed.BackupPolicy.{status: Status}", status=Form(canonical=settled)),
        "file_system_id": "FileSystemId",
    },
)

REPLICATION = Collector(
    type="aws_efs_replication_configuration",
    service="efs",
    fetch=Listing("describe_replication_configurations", "Replications"),
    permissions=("elasticfilesystem:DescribeReplicationConfigurations",),
    id="SourceFileSystemId",
    identity=("source_file_system_id",),
    attributes={
        "creation_time": volatile("CreationTime"),
        "destination": block(
            "Destinations[].{file_system_id: FileSystemId, region: Region, status: Status}",
            status=UNREAD,
        ),
        "original_source_file_system_arn": "OriginalSourceFileSystemArn",
        "source_file_system_arn": "SourceFileSystemArn",
        "source_file_system_id": "SourceFileSystemId",
        "source_file_system_region": "SourceFileSystemRegion",
    },
)

COLLECTORS = [ACCESS_POINT, BACKUP_POLICY, FILE_SYSTEM, FILE_SYSTEM_POLICY, MOUNT_TARGET, REPLICATION]
