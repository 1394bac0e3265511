"""Amazon EC2: the account's own images, its key pairs, its placement groups and its reserved capacity."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from scanner.aws.collector import Attribute, Collector, Listing, as_tags, blocks, converted, volatile
from scanner.aws.place import Item
from scanner.collectors.vpc import another_account
from state.forms import CASELESS, Form, plain

# --- images -------------------------------------------------------------------------------------


def maker(image: Item) -> str | None:
    """Who made an image, by its name or by the tags of those who make them on schedule."""
    tags = as_tags(image.get("Tags"))
    if policy := tags.get("aws:dlm:lifecycle-policy-id") or tags.get("dlm:managed"):
        return f"dlm: {policy}"
    if tags.get("CreatedBy") == "EC2 Image Builder":
        return f"image builder: {tags.get('Ec2ImageBuilderArn', '')}".rstrip(": ")
    return "backup" if str(image.get("Name")).startswith("AwsBackup_") else None


def of_root(name: str) -> Callable[[Any], Any]:
    """A value of the disk that an image starts from."""

    def told(said: Any) -> Any:
        root, mappings = said
        return next(
            (each["Ebs"].get(name) for each in mappings or () if each.get("DeviceName") == root and "Ebs" in each),
            None,
        )

    return told


EBS = (
    "delete_on_termination: Ebs.DeleteOnTermination, device_name: DeviceName, encrypted: Ebs.Encrypted, "
    "iops: Ebs.Iops, outpost_arn: Ebs.OutpostArn, snapshot_id: Ebs.SnapshotId, throughput: Ebs.Throughput, "
    "volume_size: Ebs.VolumeSize, volume_type: Ebs.VolumeType"
)

AMI = Collector(
    type="aws_ami",
    aliases=("aws_ami_copy", "aws_ami_from_instance"),
    service="ec2",
    fetch=Listing(
        "describe_images", "Images[?State!='deregistered']", (("IncludeDisabled", True), ("Owners", ["self"]))
    ),
    permissions=("ec2:DescribeImages",),
    id="ImageId",
    arn="arn:{partition}:ec2:{region}::image/{ImageId}",
    owner=maker,
    attributes={
        "architecture": "Architecture",
        "boot_mode": "BootMode",
        "deprecation_time": "DeprecationTime",
        "description": "Description",
        "ebs_block_device": blocks(f"BlockDeviceMappings[?Ebs].{{{EBS}}}"),
        "ena_support": "EnaSupport",
        "ephemeral_block_device": blocks(
            "BlockDeviceMappings[?VirtualName].{device_name: DeviceName, virtual_name: VirtualName}"
        ),
        "hypervisor": "Hypervisor",
        "image_location": "ImageLocation",
        "image_owner_alias": "ImageOwnerAlias",
        "image_type": "ImageType",
        "imds_support": "ImdsSupport",
        "kernel_id": "KernelId",
        "last_launched_time": volatile("LastLaunchedTime"),
        "name": "Name",
        "owner_id": "OwnerId",
        "platform": "Platform",
        "platform_details": "PlatformDetails",
        "public": "Public",
        "ramdisk_id": "RamdiskId",
        "root_device_name": "RootDeviceName",
        "root_snapshot_id": converted("[RootDeviceName, BlockDeviceMappings]", of_root("SnapshotId")),
        "sriov_net_support": "SriovNetSupport",
        "tpm_support": "TpmSupport",
        "usage_operation": "UsageOperation",
        "virtualization_type": "VirtualizationType",
    },
    facts={
        "creation_date": "CreationDate",
        "deregistration_protection": "DeregistrationProtection",
        "source_image_id": "SourceImageId",
        "source_image_region": "SourceImageRegion",
        "source_instance_id": "SourceInstanceId",
        "state": "State",
    },
    tags="Tags",
)

# --- key pairs ----------------------------------------------------------------------------------


def without_comment(key: Any) -> Any:
    """A public key is its kind and its value; AWS keeps a comment of its own."""
    return key.split()[:2] if isinstance(key, str) and key.strip() else plain(key)


KEY_PAIR = Collector(
    type="aws_key_pair",
    service="ec2",
    fetch=Listing("describe_key_pairs", "KeyPairs", (("IncludePublicKey", True),)),
    permissions=("ec2:DescribeKeyPairs",),
    id="KeyName",
    identity=("key_name",),
    arn="arn:{partition}:ec2:{region}:{account}:key-pair/{KeyName}",
    attributes={
        "fingerprint": "KeyFingerprint",
        "key_name": "KeyName",
        "key_pair_id": "KeyPairId",
        "key_type": "KeyType",
        "public_key": Attribute(path="PublicKey", form=Form(canonical=without_comment)),
    },
    facts={"create_time": "CreateTime"},
    tags="Tags",
)

# --- placement and capacity ---------------------------------------------------------------------

PLACEMENT_GROUP = Collector(
    type="aws_placement_group",
    service="ec2",
    fetch=Listing("describe_placement_groups", "PlacementGroups[?State!='deleted']"),
    permissions=("ec2:DescribePlacementGroups",),
    id="GroupName",
    identity=("name",),
    attributes={
        "arn": "GroupArn",
        "name": "GroupName",
        "partition_count": "PartitionCount",
        "placement_group_id": "GroupId",
        "spread_level": "SpreadLevel",
        "strategy": "Strategy",
    },
    facts={"pending_deletion": "State=='deleting'", "state": "State"},
    tags="Tags",
)

CAPACITY_RESERVATION = Collector(
    type="aws_ec2_capacity_reservation",
    service="ec2",
    fetch=Listing(
        "describe_capacity_reservations", "CapacityReservations[?!contains(['cancelled', 'expired'], State)]"
    ),
    permissions=("ec2:DescribeCapacityReservations",),
    id="CapacityReservationId",
    owner=lambda found: (
        f"fleet: {found['CapacityReservationFleetId']}" if found.get("CapacityReservationFleetId") else None
    ),
    owned=another_account,
    attributes={
        "arn": "CapacityReservationArn",
        "availability_zone": "AvailabilityZone",
        "ebs_optimized": "EbsOptimized",
        "end_date": "EndDate",
        "end_date_type": "EndDateType",
        "ephemeral_storage": "EphemeralStorage",
        "instance_count": "TotalInstanceCount",
        "instance_match_criteria": "InstanceMatchCriteria",
        "instance_platform": Attribute(path="InstancePlatform", form=CASELESS),
        "instance_type": "InstanceType",
        "outpost_arn": "OutpostArn",
        "owner_id": "OwnerId",
        "placement_group_arn": "PlacementGroupArn",
        "tenancy": "Tenancy",
    },
    facts={"available_instance_count": "AvailableInstanceCount", "state": "State"},
    tags="Tags",
)

COLLECTORS = [AMI, KEY_PAIR, PLACEMENT_GROUP, CAPACITY_RESERVATION]
