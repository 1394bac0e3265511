"""Amazon EC2's network interfaces, and what each is attached to and guarded by.

Most interfaces are made by something else for itself: an instance, a load balancer, a function. What is
attached to an interface has two homes in Terraform: its ``attachment`` and ``security_groups``, which the
provider also fills in where the attachment is a resource of its own, and that resource.
"""

from __future__ import annotations

from collections.abc import Iterator

from scanner.aws.collector import Collector, Listing, as_tags, unordered, volatile
from scanner.aws.place import Item
from scanner.collectors.vpc import another_account
from state import Resource
from state.schema import Home, Parent, always

INTERFACES = "describe_network_interfaces"
NODE = "node.k8s.amazonaws.com/instance_id"


def maker(interface: Item) -> str | None:
    """Who made an interface, where it was not a person or Terraform."""
    kind, attached = interface.get("InterfaceType") or "interface", interface.get("Attachment") or {}
    if interface.get("RequesterManaged"):
        return f"requester: {interface.get('RequesterId') if kind == 'interface' else kind}"
    if principal := (interface.get("Operator") or {}).get("Principal"):
        return f"operator: {principal}"
    if attached.get("InstanceId") and (attached.get("DeleteOnTermination") or attached.get("DeviceIndex") == 0):
        return f"instance: {attached['InstanceId']}"
    node = as_tags(interface.get("TagSet")).get(NODE)  # by Amazon's network plugin for Kubernetes
    return f"eks node: {node}" if node else None


NETWORK_INTERFACE = Collector(
    type="aws_network_interface",
    service="ec2",
    fetch=Listing(INTERFACES, "NetworkInterfaces"),
    permissions=("ec2:DescribeNetworkInterfaces",),
    id="NetworkInterfaceId",
    arn="arn:{partition}:ec2:{region}:{OwnerId}:network-interface/{NetworkInterfaceId}",
    owner=maker,
    owned=another_account,
    attributes={
        "attachment": volatile(  # told as its attachment
            "Attachment.InstanceId && [Attachment.{attachment_id: AttachmentId, device_index: DeviceIndex, "
            "instance: InstanceId}] || `[]`"
        ),
        "description": "Description",
        "interface_type": "InterfaceType",
        "ipv4_prefix_count": "length(Ipv4Prefixes || `[]`)",
        "ipv4_prefixes": unordered("Ipv4Prefixes[].Ipv4Prefix"),
        "ipv6_address_count": "length(Ipv6Addresses || `[]`)",
        "ipv6_address_list": unordered("Ipv6Addresses[].Ipv6Address"),
        "ipv6_addresses": unordered("Ipv6Addresses[].Ipv6Address"),
        "ipv6_prefix_count": "length(Ipv6Prefixes || `[]`)",
        "ipv6_prefixes": unordered("Ipv6Prefixes[].Ipv6Prefix"),
        "mac_address": "MacAddress",
        "outpost_arn": "OutpostArn",
        "owner_id": "OwnerId",
        "private_dns_name": "PrivateDnsName",
        "private_ip": "PrivateIpAddress",
        "private_ip_list": unordered("PrivateIpAddresses[].PrivateIpAddress"),
        "private_ips": unordered("PrivateIpAddresses[].PrivateIpAddress"),
        "private_ips_count": "length((PrivateIpAddresses || `[]`)[1:])",
        "security_groups": volatile("Groups[].GroupId"),  # told as attachments of groups
        "source_dest_check": "SourceDestCheck",
        "subnet_id": "SubnetId",
    },
    facts={
        "association": "Association.{allocation_id: AllocationId, ip_owner_id: IpOwnerId, public_ip: PublicIp}",
        "availability_zone": "AvailabilityZone",
        "instance_owner_id": "Attachment.InstanceOwnerId",
        "requester_managed": "RequesterManaged",
        "status": "Status",
        "vpc_id": "VpcId",
    },
    tags="TagSet",
)

# --- security groups ----------------------------------------------------------------------------


def groups_of_interface(interface: Resource) -> Iterator[Resource]:
    for group in interface.attributes.get("security_groups") or ():
        attributes = {"network_interface_id": interface.id, "security_group_id": group}
        yield interface.replace(attributes=attributes)


SG_ATTACHMENT = Collector(
    type="aws_network_interface_sg_attachment",
    service="ec2",
    fetch=Listing(INTERFACES, "Groups", within="NetworkInterfaces"),
    permissions=("ec2:DescribeNetworkInterfaces",),
    id="join('_', [Item.GroupId, Parent.NetworkInterfaceId])",
    identity=("network_interface_id", "security_group_id"),
    parent=Parent(type="aws_network_interface", by="network_interface_id", part="security_groups"),
    homes={"aws_network_interface": Home(project=groups_of_interface, filled=always)},
    owner=lambda group: maker(group["Parent"]),
    attributes={"network_interface_id": "Parent.NetworkInterfaceId", "security_group_id": "Item.GroupId"},
)

# --- attachments --------------------------------------------------------------------------------


def attachment_in_interface(interface: Resource) -> Iterator[Resource]:
    for said in interface.attributes.get("attachment") or ():
        attributes = {
            "id": said.get("attachment_id"),
            "device_index": said.get("device_index"),
            "instance_id": said.get("instance"),
            "network_interface_id": interface.id,
        }
        yield interface.replace(attributes=attributes)


def attachments_in_instance(instance: Resource) -> Iterator[Resource]:
    for said in instance.attributes.get("network_interface") or ():
        attributes = {
            "device_index": said.get("device_index"),
            "instance_id": instance.id,
            "network_interface_id": said.get("network_interface_id"),
        }
        yield instance.replace(attributes=attributes)


ATTACHMENT = Collector(
    type="aws_network_interface_attachment",
    service="ec2",
    fetch=Listing(INTERFACES, "NetworkInterfaces[?Attachment.InstanceId]"),
    permissions=("ec2:DescribeNetworkInterfaces",),
    id="Attachment.AttachmentId",
    identity=("network_interface_id", "instance_id"),
    parent=Parent(type="aws_network_interface", by="network_interface_id", part="attachment"),
    homes={"aws_instance": attachments_in_instance, "aws_network_interface": attachment_in_interface},
    owner=maker,
    attributes={
        "attachment_id": volatile("Attachment.AttachmentId"),
        "device_index": "Attachment.DeviceIndex",
        "instance_id": "Attachment.InstanceId",
        "network_card_index": "Attachment.NetworkCardIndex",
        "network_interface_id": "NetworkInterfaceId",
        "status": volatile("Attachment.Status"),
    },
)

COLLECTORS = [NETWORK_INTERFACE, SG_ATTACHMENT, ATTACHMENT]
