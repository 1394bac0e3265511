"""What people do to links by hand."""

from __future__ import annotations

import json

from tests.witness.case import Clients, State


def told_otherwise(aws: Clients, state: State) -> None:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
    aws("ec2").modify_vpc_endpoint(
        VpcEndpointId=state["aws_vpc_endpoint.queues"]["id"],
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )
    aws("ec2").modify_hosts(HostIds=[state["aws_ec2_host.main"]["id"]], AutoPlacement="on", HostRecovery="off")
    aws("ec2").modify_vpc_endpoint_service_configuration(
        ServiceId=state["aws_vpc_endpoint_service.shop"]["id"], AcceptanceRequired=False
    )
    aws("ec2").create_tags(
        Resources=[state["aws_ec2_carrier_gateway.main"]["id"]], Tags=[{"Key": "Name", "Value": "by-hand"}]
    )


def things_unjoined(aws: Clients, state: State) -> None:
    endpoint = state["aws_vpc_endpoint.queues"]["id"]
    aws("ec2").modify_vpc_endpoint(
        VpcEndpointId=endpoint,
        RemoveSubnetIds=[state['aws_subnet.main["a"]']["id"]],
        RemoveSecurityGroupIds=[state['aws_security_group.link["one"]']["id"]],
    )
    aws("ec2").modify_image_attribute(
        ImageId=state["aws_ami.main"]["id"], LaunchPermission={"Remove": [{"UserId": "210987654321"}]}
    )
    aws("ec2").modify_network_interface_attribute(
        NetworkInterfaceId=state["aws_network_interface.main"]["id"],
        Groups=[state['aws_security_group.link["one"]']["id"]],
    )
    aws("ec2").disable_transit_gateway_route_table_propagation(
        TransitGatewayRouteTableId=state["aws_ec2_transit_gateway_route_table.main"]["id"],
        TransitGatewayAttachmentId=state["aws_ec2_transit_gateway_vpc_attachment.main"]["id"],
    )
    aws("ec2").release_hosts(HostIds=[state["aws_ec2_host.main"]["id"]])
    aws("ec2").delete_carrier_gateway(CarrierGatewayId=state["aws_ec2_carrier_gateway.main"]["id"])
    aws("ec2").delete_vpc_endpoint_service_configurations(ServiceIds=[state["aws_vpc_endpoint_service.shop"]["id"]])
    aws("ec2").delete_tags(Resources=[state["aws_vpc.main"]["id"]], Tags=[{"Key": "Found"}])


GAPS = {"ec2:DescribeSecurityGroupVpcAssociations"}
"""The operations that moto does not have."""

COPY = "the provider's copy of what has a resource of its own, which tells it too"

ALWAYS = {
    "ours: unmanaged aws_route_table rtb-f68d9dcbd7a085a36": "Terraform never looks for what it does not manage",
}

EXPLAINED: dict[str, dict[str, str]] = {
    "none": ALWAYS,
    "things_unjoined": ALWAYS
    | {
        "terraform: changed aws_network_interface.main security_groups": COPY,
        "terraform: changed aws_vpc.main tags": COPY,
        "terraform: changed aws_vpc_endpoint.queues security_group_ids": COPY,
        "terraform: changed aws_vpc_endpoint.queues subnet_ids": COPY,
    },
    "told_otherwise": ALWAYS | {"terraform: changed aws_vpc_endpoint.queues policy": COPY},
}
"""What only one of the two says after a change, and why that is as it should be."""
