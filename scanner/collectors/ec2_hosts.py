"""Amazon EC2: dedicated hosts, endpoints for consoles, carrier gateways, and groups that serve further networks."""

from __future__ import annotations

from scanner.aws.collector import Attribute, Collector, Listing, unordered
from scanner.collectors.vpc import another_account
from state.forms import IF_DECLARED, defaulting
from state.schema import Parent

HOST = Collector(
    type="aws_ec2_host",
    service="ec2",
    fetch=Listing("describe_hosts", "Hosts[?State!='released' && State!='released-permanent-failure']"),
    permissions=("ec2:DescribeHosts",),
    id="HostId",
    arn="arn:{partition}:ec2:{region}:{OwnerId}:dedicated-host/{HostId}",
    owned=another_account,
    attributes={
        "asset_id": "AssetId",
        "auto_placement": Attribute(path="AutoPlacement", form=defaulting("on")),
        "availability_zone": "AvailabilityZone",
        "host_recovery": Attribute(path="HostRecovery", form=defaulting("off")),
        "instance_family": "HostProperties.InstanceFamily",
        "instance_type": "HostProperties.InstanceType",
        "outpost_arn": "OutpostArn",
        "owner_id": "OwnerId",
    },
    facts={"allocation_time": "AllocationTime", "state": "State"},
    tags="Tags",
)

INSTANCE_CONNECT_ENDPOINT = Collector(
    type="aws_ec2_instance_connect_endpoint",
    service="ec2",
    fetch=Listing(
        "describe_instance_connect_endpoints",
        "InstanceConnectEndpoints[?State!='delete-complete' && State!='create-failed']",
    ),
    permissions=("ec2:DescribeInstanceConnectEndpoints",),
    id="InstanceConnectEndpointId",
    attributes={
        "arn": "InstanceConnectEndpointArn",
        "availability_zone": "AvailabilityZone",
        "dns_name": "DnsName",
        "fips_dns_name": "FipsDnsName",
        "ip_address_type": Attribute(path="IpAddressType", form=IF_DECLARED),
        "network_interface_ids": unordered("NetworkInterfaceIds"),
        "owner_id": "OwnerId",
        "preserve_client_ip": "PreserveClientIp",
        "security_group_ids": unordered("SecurityGroupIds"),
        "subnet_id": "SubnetId",
        "vpc_id": "VpcId",
    },
    facts={"created_at": "CreatedAt", "pending_deletion": "State=='delete-in-progress'", "state": "State"},
    tags="Tags",
)

CARRIER_GATEWAY = Collector(
    type="aws_ec2_carrier_gateway",
    service="ec2",
    fetch=Listing("describe_carrier_gateways", "CarrierGateways[?State!='deleted']"),
    permissions=("ec2:DescribeCarrierGateways",),
    id="CarrierGatewayId",
    arn="arn:{partition}:ec2:{region}:{OwnerId}:carrier-gateway/{CarrierGatewayId}",
    owned=another_account,
    attributes={"owner_id": "OwnerId", "vpc_id": "VpcId"},
    facts={"pending_deletion": "State=='deleting'", "state": "State"},
    tags="Tags",
)

SECURITY_GROUP_VPC_ASSOCIATION = Collector(
    type="aws_vpc_security_group_vpc_association",
    service="ec2",
    fetch=Listing(
        "describe_security_group_vpc_associations",
        "SecurityGroupVpcAssociations[?State=='associated' || State=='associating']",
    ),
    permissions=("ec2:DescribeSecurityGroupVpcAssociations",),
    id="join(',', [GroupId, VpcId])",
    identity=("security_group_id", "vpc_id"),
    parent=Parent(type="aws_security_group", by="security_group_id", part="vpc_association"),
    attributes={"security_group_id": "GroupId", "state": "State", "vpc_id": "VpcId"},
)

COLLECTORS = [HOST, INSTANCE_CONNECT_ENDPOINT, CARRIER_GATEWAY, SECURITY_GROUP_VPC_ASSOCIATION]
