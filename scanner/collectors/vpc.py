"""Amazon VPC: networks, subnets, gateways and the addresses they use.

AWS puts a whole default network into every region. It is reported like any other, with AWS as its
owner. A subnet shared through RAM is listed in both accounts; it belongs to one.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_network
from typing import Any

from scanner.aws.collector import Collector, Detail, Listing, unordered, volatile
from scanner.aws.inside import Once
from scanner.aws.place import Item, Place
from state import Inventory, Resource, Unknown
from state.forms import Form, plain
from state.resource import DEFAULT
from state.schema import Home, Parent

AWS = DEFAULT


def network(value: Any) -> Any:
    """An address range as AWS writes it: 2001:DB8:0::/32 is 2001:db8::/32."""
    try:
        return str(ip_network(value, strict=False))
    except ValueError:
        return plain(value)


NETWORK = Form(canonical=network)


def another_account(resource: Resource, inventory: Inventory | None = None) -> str | None:
    """The account that shares a thing with this one."""
    owner = resource.attributes.get("owner_id")
    return f"account: {owner}" if owner and owner != resource.account else None


# --- networks -----------------------------------------------------------------------------------


def main_route_table(vpc: Resource, inventory: Inventory) -> str:
    tables = inventory.near(vpc, "aws_route_table", vpc_id=vpc.id)
    return one_of(vpc, [each for each in tables if each.fact("main")], "main route table")


def default_network_acl(vpc: Resource, inventory: Inventory) -> str:
    acls = inventory.near(vpc, "aws_network_acl", vpc_id=vpc.id)
    return one_of(vpc, [each for each in acls if each.facts.get("is_default")], "default network ACL")


def default_security_group(vpc: Resource, inventory: Inventory) -> str:
    groups = inventory.near(vpc, "aws_security_group", vpc_id=vpc.id, name="default")
    return one_of(vpc, groups, "default security group")


def one_of(vpc: Resource, found: Any, what: str) -> str:
    if not found:
        raise Unknown(f"the {what} of {vpc.id} was not listed")
    return str(found[0].id)


def vpc_attribute(name: str) -> Detail:
    return Detail(
        operation="describe_vpc_attribute",
        arguments={"VpcId": "VpcId", "Attribute": f"'{name}'"},
        into=name[0].upper() + name[1:],
    )


IPV6 = "Ipv6CidrBlockAssociationSet[?Ipv6CidrBlockState.State=='associated'] | [0]"


async def _networks(place: Place) -> Item:
    return await place.whole("ec2", "describe_vpcs")


NETWORKS = Once(_networks, "ec2:describe_vpcs")
NETWORKS.readers.add(Listing)

VPC = Collector(
    type="aws_vpc",
    aliases=("aws_default_vpc",),
    service="ec2",
    fetch=Listing("describe_vpcs", "Vpcs", once=NETWORKS),
    details=(
        vpc_attribute("enableDnsHostnames"),
        vpc_attribute("enableDnsSupport"),
        vpc_attribute("enableNetworkAddressUsageMetrics"),
    ),
    permissions=("ec2:DescribeVpcs", "ec2:DescribeVpcAttribute"),
    id="VpcId",
    arn="arn:{partition}:ec2:{region}:{OwnerId}:vpc/{VpcId}",
    owner=lambda vpc: AWS if vpc.get("IsDefault") else None,
    owned=another_account,
    joins={
        "default_network_acl_id": default_network_acl,
        "default_route_table_id": main_route_table,
        "default_security_group_id": default_security_group,
        "main_route_table_id": main_route_table,
    },
    attributes={
        "assign_generated_ipv6_cidr_block": f"{IPV6}.Ipv6Pool=='Amazon'",
        "cidr_block": "CidrBlock",
        "dhcp_options_id": volatile("DhcpOptionsId"),  # told as an association
        "enable_dns_hostnames": "EnableDnsHostnames.EnableDnsHostnames.Value",
        "enable_dns_support": "EnableDnsSupport.EnableDnsSupport.Value",
        "enable_network_address_usage_metrics": (
            "EnableNetworkAddressUsageMetrics.EnableNetworkAddressUsageMetrics.Value"
        ),
        "instance_tenancy": "InstanceTenancy",
        "ipv6_association_id": f"{IPV6}.AssociationId",
        "ipv6_cidr_block": f"{IPV6}.Ipv6CidrBlock",
        "ipv6_cidr_block_network_border_group": f"{IPV6}.NetworkBorderGroup",
        "owner_id": "OwnerId",
    },
    facts={"is_default": "IsDefault"},
    tags="Tags",
)

SUBNET = Collector(
    type="aws_subnet",
    aliases=("aws_default_subnet",),
    service="ec2",
    fetch=Listing("describe_subnets", "Subnets"),
    permissions=("ec2:DescribeSubnets",),
    id="SubnetId",
    owner=lambda subnet: AWS if subnet.get("DefaultForAz") else None,
    owned=another_account,
    attributes={
        "arn": "SubnetArn",
        "assign_ipv6_address_on_creation": "AssignIpv6AddressOnCreation",
        "availability_zone": "AvailabilityZone",
        "availability_zone_id": "AvailabilityZoneId",
        "cidr_block": "CidrBlock",
        "customer_owned_ipv4_pool": "CustomerOwnedIpv4Pool",
        "enable_dns64": "EnableDns64",
        "enable_lni_at_device_index": "EnableLniAtDeviceIndex",
        "enable_resource_name_dns_a_record_on_launch": "PrivateDnsNameOptionsOnLaunch.EnableResourceNameDnsARecord",
        "enable_resource_name_dns_aaaa_record_on_launch": (
            "PrivateDnsNameOptionsOnLaunch.EnableResourceNameDnsAAAARecord"
        ),
        "ipv6_cidr_block": f"{IPV6}.Ipv6CidrBlock",
        "ipv6_cidr_block_association_id": f"{IPV6}.AssociationId",
        "ipv6_native": "Ipv6Native",
        "map_customer_owned_ip_on_launch": "MapCustomerOwnedIpOnLaunch",
        "map_public_ip_on_launch": "MapPublicIpOnLaunch",
        "outpost_arn": "OutpostArn",
        "owner_id": "OwnerId",
        "private_dns_hostname_type_on_launch": "PrivateDnsNameOptionsOnLaunch.HostnameType",
        "vpc_id": "VpcId",
    },
    facts={"available_ip_address_count": "AvailableIpAddressCount", "default_for_az": "DefaultForAz"},
    tags="Tags",
)


# --- gateways -----------------------------------------------------------------------------------


def in_default_vpc(resource: Resource, inventory: Inventory) -> bool:
    """Whether it is in the network that AWS made; raises Unknown where the networks were not read."""
    vpcs = inventory.near(resource, "aws_vpc", id=resource["vpc_id"]) if resource["vpc_id"] else ()
    return any(each.owner == AWS for each in vpcs)


def of_default_vpc(gateway: Resource, inventory: Inventory) -> str | None:
    return AWS if in_default_vpc(gateway, inventory) else another_account(gateway)


INTERNET_GATEWAY = Collector(
    type="aws_internet_gateway",
    service="ec2",
    fetch=Listing("describe_internet_gateways", "InternetGateways"),
    permissions=("ec2:DescribeInternetGateways",),
    id="InternetGatewayId",
    arn="arn:{partition}:ec2:{region}:{OwnerId}:internet-gateway/{InternetGatewayId}",
    owned=of_default_vpc,
    attributes={"owner_id": "OwnerId", "vpc_id": volatile("Attachments[0].VpcId")},  # told as its attachment
    tags="Tags",
)


def attachment_of(gateway: str, fetch: Listing, permission: str, *, named: str, between: str) -> Collector:
    """The network that a gateway is attached to, which the gateway shows as its own ``vpc_id`` as well."""
    own = f"{gateway.removeprefix('aws_')}_id"

    def shown(home: Resource) -> Iterator[Resource]:
        if vpc := home.attributes.get("vpc_id"):
            yield home.replace(attributes={own: home.id, "vpc_id": vpc})

    return Collector(
        type=f"{gateway}_attachment",
        service="ec2",
        fetch=fetch,
        permissions=(permission,),
        id=f"join('{between}', [Parent.{named}, Item.VpcId])",
        identity=(own, "vpc_id"),
        parent=Parent(type=gateway, by=own, part="vpc_id", paths={"vpc_id": "vpc_id"}),
        homes={gateway: shown},
        attributes={own: f"Parent.{named}", "vpc_id": "Item.VpcId"},
    )


INTERNET_GATEWAY_ATTACHMENT = attachment_of(
    "aws_internet_gateway",
    Listing("describe_internet_gateways", "Attachments", within="InternetGateways"),
    "ec2:DescribeInternetGateways",
    named="InternetGatewayId",
    between=":",
)

PRIMARY = "(NatGatewayAddresses[?IsPrimary] || NatGatewayAddresses)[0]"
OTHERS = "(NatGatewayAddresses[?IsPrimary] && NatGatewayAddresses[?!IsPrimary] || NatGatewayAddresses[1:])"

NAT_GATEWAY = Collector(
    type="aws_nat_gateway",
    service="ec2",
    fetch=Listing("describe_nat_gateways", "NatGateways[?State!='deleted']"),
    permissions=("ec2:DescribeNatGateways",),
    id="NatGatewayId",
    arn="arn:{partition}:ec2:{region}:{account}:natgateway/{NatGatewayId}",
    attributes={
        "allocation_id": f"{PRIMARY}.AllocationId",
        "association_id": f"{PRIMARY}.AssociationId",
        "connectivity_type": "ConnectivityType",
        "network_interface_id": f"{PRIMARY}.NetworkInterfaceId",
        "private_ip": f"{PRIMARY}.PrivateIp",
        "public_ip": f"{PRIMARY}.PublicIp",
        "secondary_allocation_ids": unordered(f"{OTHERS}[].AllocationId"),
        "secondary_private_ip_address_count": f"length({OTHERS} || `[]`)",
        "secondary_private_ip_addresses": unordered(f"{OTHERS}[].PrivateIp"),
        "subnet_id": "SubnetId",
    },
    facts={"pending_deletion": "State=='deleting'", "state": "State", "vpc_id": "VpcId"},
    tags="Tags",
)


# --- addresses ----------------------------------------------------------------------------------
#
# What an address is attached to has two homes in Terraform: ``instance`` and ``network_interface`` of the
# address, which the provider also fills in where the attachment is a resource of its own, and aws_eip_association.

EIP = Collector(
    type="aws_eip",
    service="ec2",
    fetch=Listing("describe_addresses", "Addresses"),
    permissions=("ec2:DescribeAddresses",),
    id="AllocationId || PublicIp",
    arn="arn:{partition}:ec2:{region}:{account}:elastic-ip/{AllocationId}",
    attributes={
        "allocation_id": "AllocationId",
        "association_id": volatile("AssociationId"),
        "carrier_ip": "CarrierIp",
        "customer_owned_ip": "CustomerOwnedIp",
        "customer_owned_ipv4_pool": "CustomerOwnedIpv4Pool",
        "domain": "Domain",
        "instance": volatile("InstanceId"),
        "network_border_group": "NetworkBorderGroup",
        "network_interface": volatile("NetworkInterfaceId"),
        "private_ip": volatile("PrivateIpAddress"),
        "public_ip": "PublicIp",
        "public_ipv4_pool": "PublicIpv4Pool",
        "vpc": "Domain=='vpc'",
    },
    tags="Tags",
)


def association_in_address(address: Resource) -> Iterator[Resource]:
    """The attachment that an address states; before an attachment of its own was made it states none."""
    said = address.attributes
    if said.get("association_id"):
        attributes = {
            "id": said["association_id"],
            "allocation_id": address.id,
            "instance_id": said.get("instance"),
            "network_interface_id": said.get("network_interface"),
        }
        yield address.replace(attributes=attributes)


def attached_by_nat_gateway(association: Resource, inventory: Inventory) -> str | None:
    """A NAT gateway attaches its addresses by itself."""
    for nat in inventory.near(association, "aws_nat_gateway"):
        if association["allocation_id"] in (nat["allocation_id"], *(nat["secondary_allocation_ids"] or ())):
            return f"nat gateway: {nat.id}"
    return None


IN_ADDRESS = {
    "instance_id": "instance",
    "network_interface_id": "network_interface",
    "private_ip_address": "private_ip",
}

EIP_ASSOCIATION = Collector(
    type="aws_eip_association",
    service="ec2",
    fetch=Listing("describe_addresses", "Addresses[?AssociationId]"),
    permissions=("ec2:DescribeAddresses",),
    id="AssociationId",
    parent=Parent(type="aws_eip", by="allocation_id", part="association", paths=IN_ADDRESS),
    homes={"aws_eip": Home(project=association_in_address, written=("instance", "network_interface"))},
    owned=attached_by_nat_gateway,
    attributes={
        "allocation_id": "AllocationId",
        "instance_id": "InstanceId",
        "network_interface_id": "NetworkInterfaceId",
        "private_ip_address": "PrivateIpAddress",
        "public_ip": "PublicIp",
    },
)

COLLECTORS = [VPC, SUBNET, INTERNET_GATEWAY, INTERNET_GATEWAY_ATTACHMENT, NAT_GATEWAY, EIP, EIP_ASSOCIATION]
