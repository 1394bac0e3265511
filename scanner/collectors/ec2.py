"""Amazon EC2: instances, their disks, and the snapshots of these.

A disk has two homes in Terraform: blocks of its instance, which the provider also fills in where
the disk was attached apart, and aws_ebs_volume with aws_volume_attachment.
"""

from __future__ import annotations

import asyncio
import re
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha1
from typing import Any

from botocore.exceptions import ClientError

from scanner.aws.collector import (
    Attribute,
    Collector,
    Detail,
    Join,
    Listing,
    Shared,
    block,
    converted,
    unordered,
    volatile,
)
from scanner.aws.errors import code
from scanner.aws.place import Item, Place
from state import Inventory, Resource, Unknown
from state.forms import PLAIN, TAGS, Form, Pairwise, left_out, not_told
from state.schema import Home, Parent

# --- the disks of an instance -------------------------------------------------------------------


class Disks(Form, frozen=True, kw_only=True):
    """Disks compare with the one of the same volume, the root disk with the root disk.

    A disk that only one side has is told by its attachment. Tags that the block does not state
    may be stated by the instance's ``volume_tags``.
    """

    root: bool = False

    def differences(self, path: str, declared: Any, live: Any) -> Iterator[tuple[str, Any, Any]]:
        actual = {self._name(each): each for each in live or ()}
        for index, wanted in enumerate(declared or ()):
            twin = actual.get(self._name(wanted), {})
            for name in sorted(wanted.keys() & twin.keys()):
                if name != "tags_all" or wanted[name]:
                    form = TAGS if name == "tags_all" else PLAIN
                    yield from form.differences(f"{path}[{index}].{name}", wanted[name], twin[name])

    def _name(self, disk: Mapping[str, Any]) -> Any:
        return None if self.root else disk.get("volume_id")


def devices(root: bool) -> Callable[[Any], list[dict[str, Any]]]:
    """The disks of an instance as far as the instance tells; its root disk, or the others."""

    def of_instance(said: Any) -> list[dict[str, Any]]:
        name, mappings = said
        return [
            {
                "device_name": each["DeviceName"],
                "delete_on_termination": each["Ebs"].get("DeleteOnTermination"),
                "volume_id": each["Ebs"]["VolumeId"],
            }
            for each in mappings or ()
            if "Ebs" in each and (each["DeviceName"] == name) is root
        ]

    return of_instance


OF_DISK = {
    "encrypted": "encrypted",
    "iops": "iops",
    "kms_key_id": "kms_key_id",
    "snapshot_id": "snapshot_id",
    "tags_all": "tags",
    "throughput": "throughput",
    "volume_size": "size",
    "volume_type": "type",
}


def disks(attribute: str) -> Join:
    """The disks of an instance with what their volumes tell of them."""

    def of_volumes(instance: Resource, inventory: Inventory) -> list[dict[str, Any]]:
        told = OF_DISK if attribute == "ebs_block_device" else {k: v for k, v in OF_DISK.items() if k != "snapshot_id"}
        whole = []
        for disk in instance[attribute]:
            volume = volume_of(disk["volume_id"], instance, inventory)
            whole.append(disk | {name: volume[source] for name, source in told.items()})
        return whole

    return of_volumes


def volume_of(id: str, instance: Resource, inventory: Inventory) -> Resource:
    found = inventory.near(instance, "aws_ebs_volume", id=id)
    if not found:
        raise Unknown(f"volume {id} of {instance.id} was not listed")
    return found[0]


# --- instances ----------------------------------------------------------------------------------

INSTANCES = "Reservations[].Instances[] | [?State.Name!='terminated']"
PRIMARY = "NetworkInterfaces[?Attachment.DeviceIndex==`0`] | [0]"
DISKS = "[RootDeviceName, BlockDeviceMappings]"

SHORT_PAGES = (("PaginationConfig", {"PageSize": 200}),)
"""Reading a thousand of them takes as long as a dozen calls, and nothing else goes on meanwhile."""

# --- what an instance tells one by one --------------------------------------------------------------


def instance_attribute(name: str) -> Detail:
    """A call for each instance that declares it: no listing tells it."""
    return Detail(
        operation="describe_instance_attribute",
        arguments={"InstanceId": "InstanceId", "Attribute": f"'{name}'"},
        into=f"Told{name[0].upper()}{name[1:]}",
        gone=("InvalidInstanceID.NotFound",),
    )


async def unlimited_credits(place: Place) -> dict[str, str]:
    """The burstable instances that may go beyond their credits, now or once; of the others AWS says nothing.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceCreditSpecifications.html
    """
    asked = place.pages("ec2", "describe_instance_credit_specifications")
    return {
        each["InstanceId"]: each["CpuCredits"] async for page in asked for each in page["InstanceCreditSpecifications"]
    }


def credits(said: Any) -> list[dict[str, str]]:
    """Burstable types are the T ones, as T1, which has none, is not."""
    type, told = said
    burstable = str(type).partition(".")[0] in ("t2", "t3", "t3a", "t4g")
    return [{"cpu_credits": told or "standard"}] if burstable else []


def no_credits_to_speak_of(declared: Any, live: Any) -> bool:
    """Left out, or written for a type that is not burstable: the provider leaves it as it is written."""
    return not_told(declared, live) or left_out(declared, live)


HASHED = re.compile("[0-9a-f]{40}")


def hashed(value: Any) -> Any:
    """User data as provider 5 keeps it: its SHA-1, of the text where it is one. Provider 6 keeps the text.

    https://registry.terraform.io/providers/hashicorp/aws/5.100.0/docs/resources/instance#user_data
    """
    if not isinstance(value, str) or not value or HASHED.fullmatch(value):
        return value or None
    return sha1(value.encode(), usedforsecurity=False).hexdigest()


def decoded(value: str | None) -> str | None:
    """The user data of an answer, in Base64; the hash of its bytes, where they are no text."""
    if not value:
        return value
    data = b64decode(value)
    try:
        return data.decode()
    except UnicodeDecodeError:
        return sha1(data, usedforsecurity=False).hexdigest()


def hashed_bytes(value: Any) -> Any:
    """User data in Base64, which the provider keeps where it was written so: the SHA-1 of its bytes."""
    if not isinstance(value, str) or HASHED.fullmatch(value):
        return value
    try:
        return hashed(decoded(value))
    except ValueError:  # it is no Base64
        return hashed(value)


INSTANCE = Collector(
    type="aws_instance",
    service="ec2",
    fetch=Listing("describe_instances", INSTANCES, SHORT_PAGES),
    details=(
        *map(instance_attribute, ("disableApiStop", "disableApiTermination", "instanceInitiatedShutdownBehavior")),
        instance_attribute("userData"),
        Shared(ask=unlimited_credits, by="InstanceId", into="Credits", some=True),
    ),
    permissions=(
        "ec2:DescribeInstances",
        "ec2:DescribeInstanceAttribute",
        "ec2:DescribeInstanceCreditSpecifications",
    ),
    id="InstanceId",
    arn="arn:{partition}:ec2:{region}:{account}:instance/{InstanceId}",
    joins={"ebs_block_device": disks("ebs_block_device"), "root_block_device": disks("root_block_device")},
    attributes={
        "ami": "ImageId",
        "associate_public_ip_address": volatile(f"({PRIMARY}).Association.PublicIp != `null`"),
        "availability_zone": "Placement.AvailabilityZone",
        "capacity_reservation_specification": block(
            "CapacityReservationSpecification.{capacity_reservation_preference: CapacityReservationPreference, "
            "capacity_reservation_target: CapacityReservationTarget && [CapacityReservationTarget.{"
            "capacity_reservation_id: CapacityReservationId, "
            "capacity_reservation_resource_group_arn: CapacityReservationResourceGroupArn}]}"
        ),
        "cpu_core_count": "CpuOptions.CoreCount",
        "cpu_options": block(
            "CpuOptions.{amd_sev_snp: AmdSevSnp, core_count: CoreCount, threads_per_core: ThreadsPerCore}"
        ),
        "cpu_threads_per_core": "CpuOptions.ThreadsPerCore",
        "credit_specification": converted("[InstanceType, Credits]", credits, Pairwise(agree=no_credits_to_speak_of)),
        "disable_api_stop": "ToldDisableApiStop.DisableApiStop.Value",
        "disable_api_termination": "ToldDisableApiTermination.DisableApiTermination.Value",
        "ebs_block_device": Attribute(path=DISKS, convert=devices(root=False), form=Disks()),
        "ebs_optimized": "EbsOptimized",
        "enclave_options": block("EnclaveOptions.{enabled: Enabled}"),
        "hibernation": "HibernationOptions.Configured",
        "host_id": "Placement.HostId",
        "host_resource_group_arn": "Placement.HostResourceGroupArn",
        "iam_instance_profile": converted("IamInstanceProfile.Arn", lambda arn: arn and arn.rsplit("/", 1)[-1]),
        "instance_initiated_shutdown_behavior": (
            "ToldInstanceInitiatedShutdownBehavior.InstanceInitiatedShutdownBehavior.Value"
        ),
        "instance_lifecycle": "InstanceLifecycle",
        "instance_state": "State.Name",
        "instance_type": "InstanceType",
        "ipv6_address_count": f"length(({PRIMARY}).Ipv6Addresses || `[]`)",
        "ipv6_addresses": unordered(f"({PRIMARY}).Ipv6Addresses[].Ipv6Address"),
        "key_name": "KeyName",
        "maintenance_options": block("MaintenanceOptions.{auto_recovery: AutoRecovery}"),
        "metadata_options": block(
            "MetadataOptions.{http_endpoint: HttpEndpoint, http_protocol_ipv6: HttpProtocolIpv6, "
            "http_put_response_hop_limit: HttpPutResponseHopLimit, http_tokens: HttpTokens, "
            "instance_metadata_tags: InstanceMetadataTags}"
        ),
        "monitoring": "Monitoring.State=='enabled' || Monitoring.State=='pending'",
        "outpost_arn": "OutpostArn",
        "placement_group": "Placement.GroupName",
        "placement_partition_number": "Placement.PartitionNumber",
        "primary_network_interface_id": f"({PRIMARY}).NetworkInterfaceId",
        "private_dns": "PrivateDnsName",
        "private_dns_name_options": block(
            "PrivateDnsNameOptions.{enable_resource_name_dns_a_record: EnableResourceNameDnsARecord, "
            "enable_resource_name_dns_aaaa_record: EnableResourceNameDnsAAAARecord, hostname_type: HostnameType}"
        ),
        "private_ip": "PrivateIpAddress",
        "public_dns": volatile("PublicDnsName"),
        "public_ip": volatile("PublicIpAddress"),
        "root_block_device": Attribute(path=DISKS, convert=devices(root=True), form=Disks(root=True)),
        "secondary_private_ips": unordered(f"({PRIMARY}).PrivateIpAddresses[?!Primary].PrivateIpAddress"),
        "source_dest_check": "SourceDestCheck",
        "spot_instance_request_id": "SpotInstanceRequestId",
        "subnet_id": "SubnetId",
        "tenancy": "Placement.Tenancy",
        "user_data": Attribute(
            path="ToldUserData.UserData.Value", form=Form(canonical=hashed), convert=decoded, sensitive=True
        ),
        "user_data_base64": Attribute(
            path="ToldUserData.UserData.Value",
            form=Form(canonical=hashed_bytes),
            convert=hashed_bytes,
            sensitive=True,
        ),
        "vpc_security_group_ids": unordered("SecurityGroups[].GroupId"),
    },
    facts={
        "launch_time": "LaunchTime",
        "pending_deletion": "State.Name=='shutting-down'",
        "platform_details": "PlatformDetails",
        "root_device_type": "RootDeviceType",
        "state_transition_reason": "StateTransitionReason",
        "vpc_id": "VpcId",
    },
    tags="Tags",
    either=(("user_data", "user_data_base64"),),
)


# --- volumes ------------------------------------------------------------------------------------


def kept_disks(instance: Resource) -> Iterator[Resource]:
    """Disks of an instance that outlive it: declared there, though AWS does not tell by whom they were made."""
    for disk in instance.attributes.get("ebs_block_device") or ():
        if disk.get("volume_id") and not disk.get("delete_on_termination"):
            yield instance.replace(attributes={"id": disk["volume_id"]})


def of_instance(volume: Item) -> str | None:
    """A disk that ends with its instance was made for it."""
    ending = (each["InstanceId"] for each in volume.get("Attachments") or () if each.get("DeleteOnTermination"))
    return next((f"instance: {instance}" for instance in ending), None)


def made_with_instance(volume: Resource, inventory: Inventory) -> str | None:
    """A root disk was made for its instance too, whether or not it ends with it."""
    for attached in volume.fact("attachments"):
        for instance in inventory.near(volume, "aws_instance", id=attached["instance_id"]):
            ending = [disk for disk in instance["ebs_block_device"] if disk["delete_on_termination"]]
            if any(disk["volume_id"] == volume.id for disk in [*instance["root_block_device"], *ending]):
                return f"instance: {instance.id}"
    return None


VOLUME = Collector(
    type="aws_ebs_volume",
    service="ec2",
    fetch=Listing("describe_volumes", "Volumes[?State!='deleted']"),
    permissions=("ec2:DescribeVolumes",),
    id="VolumeId",
    arn="arn:{partition}:ec2:{region}:{account}:volume/{VolumeId}",
    homes={"aws_instance": kept_disks},
    owner=of_instance,
    owned=made_with_instance,
    attributes={
        "availability_zone": "AvailabilityZone",
        "create_time": volatile("CreateTime"),
        "encrypted": "Encrypted",
        "iops": "Iops",
        "kms_key_id": "KmsKeyId",
        "multi_attach_enabled": "MultiAttachEnabled",
        "outpost_arn": "OutpostArn",
        "size": "Size",
        "snapshot_id": "SnapshotId",
        "throughput": "Throughput",
        "type": "VolumeType",
    },
    facts={
        "attachments": "Attachments[].{delete_on_termination: DeleteOnTermination, device: Device, "
        "instance_id: InstanceId} || `[]`",
        "pending_deletion": "State=='deleting'",
        "state": "State",
    },
    tags="Tags",
)


def attachments_in_instance(instance: Resource) -> Iterator[Resource]:
    for disk in instance.attributes.get("ebs_block_device") or ():
        attributes = {
            "device_name": disk.get("device_name"),
            "instance_id": instance.id,
            "volume_id": disk.get("volume_id"),
        }
        yield instance.replace(attributes=attributes)


def of_image(instance: Resource, attachment: Resource) -> bool:
    """A disk that an image brings ends with its instance; one attached by hand stays, unless somebody asks."""
    disks = instance.attributes.get("ebs_block_device") or ()
    volume = attachment.attributes["volume_id"]
    return any(disk.get("volume_id") == volume and disk.get("delete_on_termination") for disk in disks)


VOLUME_ATTACHMENT = Collector(
    type="aws_volume_attachment",
    service="ec2",
    fetch=Listing(
        "describe_instances",
        "BlockDeviceMappings[?Ebs.VolumeId]",
        SHORT_PAGES,
        within=INSTANCES,
    ),
    permissions=("ec2:DescribeInstances",),
    id="join('/', [Parent.InstanceId, Item.Ebs.VolumeId])",
    identity=("instance_id", "volume_id"),
    parent=Parent(type="aws_instance", by="instance_id", part="ebs_block_device"),
    homes={"aws_instance": Home(project=attachments_in_instance, filled=of_image, mixed=True)},
    owner=lambda disk: "root disk" if disk["Item"]["DeviceName"] == disk["Parent"].get("RootDeviceName") else None,
    attributes={
        "device_name": "Item.DeviceName",
        "instance_id": "Parent.InstanceId",
        "volume_id": "Item.Ebs.VolumeId",
    },
)


# --- snapshots ----------------------------------------------------------------------------------

MADE_BY = (
    ("Created by CreateImage(", "image"),
    ("Copied for DestinationAmi ", "image"),
    ("This snapshot is created by the AWS Backup service.", "backup"),
    ("Auto-created snapshot for AMI ", "image"),
)


def maker(snapshot: Item) -> str | None:
    """Who made a snapshot, by its description or by the tags of Data Lifecycle Manager."""
    text = snapshot.get("Description") or ""
    if made := next((owner for begin, owner in MADE_BY if text.startswith(begin)), None):
        image = next((word.strip("().,") for word in text.split() if word.startswith("ami-")), None)
        return f"{made}: {image}" if image else made
    tags = {tag["Key"]: tag["Value"] for tag in snapshot.get("Tags") or ()}
    policy = tags.get("aws:dlm:lifecycle-policy-id") or tags.get("dlm:managed")
    return f"dlm: {policy}" if policy else None


async def public_snapshots(place: Place) -> dict[str, bool]:
    """Our snapshots that everyone may restore: one listing, each of the few it holds then asked for itself."""
    asked = {"OwnerIds": ["self"], "RestorableByUserIds": ["all"]}
    pages = place.pages("ec2", "describe_snapshots", **asked)
    ids = [each["SnapshotId"] async for page in pages for each in page.get("Snapshots") or ()]
    return dict(zip(ids, await asyncio.gather(*(_restorable_by_all(place, id) for id in ids)), strict=True))


async def _restorable_by_all(place: Place, id: str) -> bool:
    asked = {"SnapshotId": id, "Attribute": "createVolumePermission"}
    try:
        answer = await place.call("ec2", "describe_snapshot_attribute", **asked)
    except ClientError as error:
        if code(error) != "InvalidSnapshot.NotFound":  # deleted since
            raise
        return False
    return any(each.get("Group") == "all" for each in answer.get("CreateVolumePermissions") or ())


SNAPSHOT = Collector(
    type="aws_ebs_snapshot",
    aliases=("aws_ebs_snapshot_copy", "aws_ebs_snapshot_import"),
    service="ec2",
    fetch=Listing("describe_snapshots", "Snapshots", (("OwnerIds", ["self"]),)),
    details=(Shared(ask=public_snapshots, by="SnapshotId", into="Public", some=True),),
    permissions=("ec2:DescribeSnapshots", "ec2:DescribeSnapshotAttribute"),
    id="SnapshotId",
    arn="arn:{partition}:ec2:{region}::snapshot/{SnapshotId}",
    owner=maker,
    attributes={
        "data_encryption_key_id": "DataEncryptionKeyId",
        "description": "Description",
        "encrypted": "Encrypted",
        "kms_key_id": "KmsKeyId",
        "outpost_arn": "OutpostArn",
        "owner_alias": "OwnerAlias",
        "owner_id": "OwnerId",
        "storage_tier": "StorageTier",
        "volume_id": "VolumeId",
        "volume_size": "VolumeSize",
    },
    facts={
        "public": converted("Public", bool),
        "start_time": "StartTime",
        "state": "State",
    },
    tags="Tags",
)

COLLECTORS = [INSTANCE, VOLUME, VOLUME_ATTACHMENT, SNAPSHOT]
