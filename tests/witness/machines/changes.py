"""What people do to machines by hand."""

from __future__ import annotations

from tests.witness.case import Clients, State


def _id(state: State, address: str) -> str:
    return state[f"aws_{address}"]["id"]


def _modify(aws: Clients, id: str, **settings: object) -> None:
    aws("ec2").modify_instance_attribute(InstanceId=id, **settings)


def machine_made_larger(aws: Clients, state: State) -> None:
    aws("ec2").stop_instances(InstanceIds=[_id(state, "instance.web")])
    _modify(aws, _id(state, "instance.web"), InstanceType={"Value": "m5.large"})
    aws("ec2").start_instances(InstanceIds=[_id(state, "instance.web")])


def machine_ended(aws: Clients, state: State) -> None:
    aws("ec2").terminate_instances(InstanceIds=[_id(state, "instance.plain")])


def machine_given_another_group(aws: Clients, state: State) -> None:
    _modify(aws, _id(state, "instance.web"), Groups=[state['aws_security_group.main["other"]']["id"]])


def old_metadata_let_in(aws: Clients, state: State) -> None:
    aws("ec2").modify_instance_metadata_options(
        InstanceId=_id(state, "instance.web"), HttpTokens="optional", HttpPutResponseHopLimit=5
    )


def machine_given_no_role(aws: Clients, state: State) -> None:
    associations = aws("ec2").describe_iam_instance_profile_associations()["IamInstanceProfileAssociations"]
    for each in associations:
        aws("ec2").disassociate_iam_instance_profile(AssociationId=each["AssociationId"])


def default_tag_removed(aws: Clients, state: State) -> None:
    aws("ec2").delete_tags(Resources=[_id(state, "ebs_volume.data")], Tags=[{"Key": "Team"}])


def separate_disk_made_larger(aws: Clients, state: State) -> None:
    aws("ec2").modify_volume(VolumeId=_id(state, "ebs_volume.plain"), Size=50, VolumeType="gp3")


def inline_disk_made_larger(aws: Clients, state: State) -> None:
    disk = next(each for each in state["aws_instance.web"]["ebs_block_device"] if each["device_name"] == "/dev/sdg")
    aws("ec2").modify_volume(VolumeId=disk["volume_id"], Size=77)


def root_disk_made_larger(aws: Clients, state: State) -> None:
    volume = state["aws_instance.web"]["root_block_device"][0]["volume_id"]
    aws("ec2").modify_volume(VolumeId=volume, Size=99)


def separate_disk_detached(aws: Clients, state: State) -> None:
    aws("ec2").detach_volume(VolumeId=_id(state, "ebs_volume.data"), InstanceId=_id(state, "instance.plain"))


def separate_disk_attached_elsewhere(aws: Clients, state: State) -> None:
    disk = _id(state, "ebs_volume.data")
    aws("ec2").detach_volume(VolumeId=disk, InstanceId=_id(state, "instance.plain"))
    aws("ec2").attach_volume(VolumeId=disk, InstanceId=_id(state, "instance.on_interface"), Device="/dev/sdf")


def inline_disk_detached(aws: Clients, state: State) -> None:
    disk = next(each for each in state["aws_instance.web"]["ebs_block_device"] if each["device_name"] == "/dev/sdg")
    aws("ec2").detach_volume(VolumeId=disk["volume_id"], InstanceId=_id(state, "instance.web"))


def disk_attached_by_hand(aws: Clients, state: State) -> None:
    aws("ec2").attach_volume(
        VolumeId=_id(state, "ebs_volume.plain"), InstanceId=_id(state, "instance.web"), Device="/dev/sdp"
    )


def snapshot_deleted(aws: Clients, state: State) -> None:
    aws("ec2").delete_snapshot(SnapshotId=_id(state, "ebs_snapshot_copy.plain"))


def snapshot_retagged(aws: Clients, state: State) -> None:
    _named(aws, _id(state, "ebs_snapshot.plain"))


def _named(aws: Clients, id: str) -> None:
    aws("ec2").create_tags(Resources=[id], Tags=[{"Key": "Name", "Value": "nobody"}])


def image_deleted(aws: Clients, state: State) -> None:
    aws("ec2").deregister_image(ImageId=_id(state, "ami_copy.golden"))


def image_retagged(aws: Clients, state: State) -> None:
    _named(aws, _id(state, "ami.own"))


def own_image_deleted(aws: Clients, state: State) -> None:
    aws("ec2").deregister_image(ImageId=_id(state, "ami.own"))


def address_taken_from_its_machine(aws: Clients, state: State) -> None:
    aws("ec2").disassociate_address(AssociationId=state["aws_eip.inline"]["association_id"])


def separate_address_moved(aws: Clients, state: State) -> None:
    aws("ec2").associate_address(
        AllocationId=_id(state, "eip.apart"), InstanceId=_id(state, "instance.on_interface"), AllowReassociation=True
    )


def separate_address_taken(aws: Clients, state: State) -> None:
    aws("ec2").disassociate_address(AssociationId=_id(state, "eip_association.apart"))


def separate_address_given_up(aws: Clients, state: State) -> None:
    aws("ec2").disassociate_address(AssociationId=_id(state, "eip_association.apart"))
    aws("ec2").release_address(AllocationId=_id(state, "eip.apart"))


def idle_address_given_up(aws: Clients, state: State) -> None:
    aws("ec2").release_address(AllocationId=_id(state, "eip.idle"))


def interface_detached(aws: Clients, state: State) -> None:
    aws("ec2").detach_network_interface(
        AttachmentId=state["aws_network_interface_attachment.second"]["attachment_id"], Force=True
    )


def interface_attached_elsewhere(aws: Clients, state: State) -> None:
    _reattached(aws, state, _id(state, "instance.web"), 1)


def interface_put_in_another_place(aws: Clients, state: State) -> None:
    _reattached(aws, state, _id(state, "instance.plain"), 2)


def _reattached(aws: Clients, state: State, instance: str, place: int) -> None:
    attachment = state["aws_network_interface_attachment.second"]["attachment_id"]
    aws("ec2").detach_network_interface(AttachmentId=attachment, Force=True)
    aws("ec2").attach_network_interface(
        NetworkInterfaceId=_id(state, "network_interface.second"), InstanceId=instance, DeviceIndex=place
    )


def interface_given_another_group(aws: Clients, state: State) -> None:
    aws("ec2").modify_network_interface_attribute(
        NetworkInterfaceId=_id(state, "network_interface.first"),
        Groups=[state['aws_security_group.main["other"]']["id"]],
    )


def key_replaced(aws: Clients, state: State) -> None:
    name = state["aws_key_pair.prefixed"]["key_name"]
    aws("ec2").delete_key_pair(KeyName=name)
    aws("ec2").create_key_pair(KeyName=name)


def key_deleted(aws: Clients, state: State) -> None:
    aws("ec2").delete_key_pair(KeyName="ops")


def key_retagged(aws: Clients, state: State) -> None:
    _named(aws, state["aws_key_pair.ops"]["key_pair_id"])


def gateway_deleted(aws: Clients, state: State) -> None:
    gateway = _id(state, "internet_gateway.main")
    aws("ec2").detach_internet_gateway(InternetGatewayId=gateway, VpcId=_id(state, "vpc.main"))
    aws("ec2").delete_internet_gateway(InternetGatewayId=gateway)


def disks_no_longer_encrypted(aws: Clients, state: State) -> None:
    aws("ec2").disable_ebs_encryption_by_default()


COPY = "the provider's copy of what has a resource of its own, which tells it too"
AGAIN = "what was taken off and put on again is another to the provider; to us it is the same machine's, elsewhere"
MOVED = "what AWS says of an address that goes where its machine or interface goes: told by that"

GAPS = {"ec2:DescribeSecurityGroupVpcAssociations"}
"""The operations that moto does not have."""

EXPLAINED: dict[str, dict[str, str]] = {
    "address_taken_from_its_machine": {
        "terraform: changed aws_eip.inline association_id": MOVED,
        "terraform: changed aws_eip.inline private_ip": MOVED,
        "terraform: changed aws_instance.web public_dns": MOVED,
        "terraform: changed aws_instance.web public_ip": MOVED,
    },
    "inline_disk_detached": {
        "ours: unmanaged aws_ebs_volume vol-58382e484e5bc43ea": "a disk on its own that no code declares"
    },
    "interface_detached": {"terraform: changed aws_network_interface.second attachment": COPY},
    "interface_put_in_another_place": {
        "ours: changed aws_network_interface_attachment.second device_index": AGAIN,
        "terraform: changed aws_network_interface.second attachment": COPY,
        "terraform: missing aws_network_interface_attachment.second": AGAIN,
    },
    "key_replaced": {"ours: changed aws_key_pair.prefixed public_key": "the provider reads the key's print only"},
    "separate_address_moved": {
        "terraform: changed aws_eip.apart association_id": MOVED,
        "terraform: changed aws_eip.apart private_dns": MOVED,
        "terraform: changed aws_instance.on_interface public_dns": MOVED,
        "terraform: changed aws_instance.on_interface public_ip": MOVED,
    },
    "separate_address_given_up": {
        "terraform: changed aws_instance.plain public_dns": MOVED,
        "terraform: changed aws_instance.plain public_ip": MOVED,
    },
    "separate_address_taken": {
        "terraform: changed aws_eip.apart association_id": MOVED,
        "terraform: changed aws_eip.apart instance": COPY,
        "terraform: changed aws_eip.apart network_interface": COPY,
        "terraform: changed aws_eip.apart private_ip": MOVED,
        "terraform: changed aws_instance.plain public_dns": MOVED,
        "terraform: changed aws_instance.plain public_ip": MOVED,
    },
    "separate_disk_attached_elsewhere": {
        "terraform: changed aws_instance.plain ebs_block_device": COPY,
        "terraform: changed aws_instance.plain volume_tags": COPY,
    },
    "separate_disk_detached": {
        "terraform: changed aws_instance.plain ebs_block_device": COPY,
        "terraform: changed aws_instance.plain volume_tags": COPY,
    },
}
"""What only one of the two says after a change, and why that is as it should be."""

LOST = "declared by itself, and told missing there"
DISK = "a disk is a resource of its own, which tells what it is: here is told that it hangs on the machine"
WORDS = "told in the words of the attachment, a resource of its own, as what it is now"

VALUES: dict[str, dict[str, str]] = {
    "disk_attached_by_hand": {"terraform: after aws_instance.web ebs_block_device": DISK},
    "inline_disk_detached": {"terraform: before aws_instance.web ebs_block_device": DISK},
    "interface_attached_elsewhere": {
        "ours: after aws_network_interface.second attachment": WORDS,
        "terraform: after aws_network_interface.second attachment": WORDS,
        "terraform: before aws_network_interface.second attachment": LOST,
    },
    "separate_address_moved": {
        f"terraform: before aws_eip.apart {name}": LOST for name in ("instance", "network_interface", "private_ip")
    },
    "separate_disk_attached_elsewhere": {"terraform: after aws_instance.on_interface ebs_block_device": DISK},
}
"""Where the two tell other values of what both call changed, and why that is as it should be."""
