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


def _tag(aws: Clients, state: State, address: str, key: str, value: str) -> None:
    aws("ec2").create_tags(Resources=[state[f"aws_{address}"]["id"]], Tags=[{"Key": key, "Value": value}])


def image_tagged(aws: Clients, state: State) -> None:
    _tag(aws, state, "ami.main", "Name", "by-hand")


def image_given_to_others(aws: Clients, state: State) -> None:
    aws("ec2").modify_image_attribute(
        ImageId=state["aws_ami.main"]["id"],
        LaunchPermission={"Remove": [{"UserId": "210987654321"}], "Add": [{"Group": "all"}]},
    )


def snapshot_tagged(aws: Clients, state: State) -> None:
    _tag(aws, state, "ebs_snapshot.main", "Name", "by-hand")


def carrier_tag_removed(aws: Clients, state: State) -> None:
    aws("ec2").delete_tags(Resources=[state["aws_ec2_carrier_gateway.main"]["id"]], Tags=[{"Key": "Name"}])


def host_renamed(aws: Clients, state: State) -> None:
    _tag(aws, state, "ec2_host.main", "Name", "by-hand")


def separate_tag_changed(aws: Clients, state: State) -> None:
    _tag(aws, state, "vpc.main", "Found", "by-hand")


def _main(aws: Clients, state: State) -> str:
    vpc = [{"Name": "vpc-id", "Values": [state["aws_vpc.main"]["id"]]}]
    tables = aws("ec2").describe_route_tables(Filters=vpc)["RouteTables"]
    [found] = [each for table in tables for each in table["Associations"] if each["Main"]]
    return str(found["RouteTableAssociationId"])


def main_table_turned_back(aws: Clients, state: State) -> None:
    table = state["aws_main_route_table_association.main"]["original_route_table_id"]
    aws("ec2").replace_route_table_association(AssociationId=_main(aws, state), RouteTableId=table)


def main_table_replaced(aws: Clients, state: State) -> None:
    made = aws("ec2").create_route_table(VpcId=state["aws_vpc.main"]["id"])["RouteTable"]["RouteTableId"]
    aws("ec2").replace_route_table_association(AssociationId=_main(aws, state), RouteTableId=made)


def _queues(aws: Clients, state: State, **settings: object) -> None:
    aws("ec2").modify_vpc_endpoint(VpcEndpointId=state["aws_vpc_endpoint.queues"]["id"], **settings)


def endpoint_in_another_subnet(aws: Clients, state: State) -> None:
    one, other = (state[f'aws_subnet.main["{each}"]']["id"] for each in "ab")
    _queues(aws, state, RemoveSubnetIds=[one], AddSubnetIds=[other])


def endpoint_in_another_group(aws: Clients, state: State) -> None:
    one, other = (state[f'aws_security_group.link["{each}"]']["id"] for each in ("one", "two"))
    _queues(aws, state, RemoveSecurityGroupIds=[one], AddSecurityGroupIds=[other])


def endpoint_lets_less_in(aws: Clients, state: State) -> None:
    policy = json.loads(state["aws_vpc_endpoint_policy.queues"]["policy"])
    policy["Statement"][0]["Action"] = ["sqs:SendMessage"]
    _queues(aws, state, PolicyDocument=json.dumps(policy))


def endpoint_deleted(aws: Clients, state: State) -> None:
    aws("ec2").delete_vpc_endpoints(VpcEndpointIds=[state["aws_vpc_endpoint.queues"]["id"]])


def shop_renamed(aws: Clients, state: State) -> None:
    _tag(aws, state, "vpc_endpoint_service.shop", "Name", "by-hand")


def interface_in_no_separate_group(aws: Clients, state: State) -> None:
    aws("ec2").modify_network_interface_attribute(
        NetworkInterfaceId=state["aws_network_interface.main"]["id"],
        Groups=[state["aws_vpc.main"]["default_security_group_id"]],
    )


def interface_deleted(aws: Clients, state: State) -> None:
    aws("ec2").delete_network_interface(NetworkInterfaceId=state["aws_network_interface.main"]["id"])


def transit_attachment_deleted(aws: Clients, state: State) -> None:
    attachment = state["aws_ec2_transit_gateway_vpc_attachment.main"]["id"]
    aws("ec2").delete_transit_gateway_vpc_attachment(TransitGatewayAttachmentId=attachment)


def transit_table_deleted(aws: Clients, state: State) -> None:
    table = state["aws_ec2_transit_gateway_route_table.main"]["id"]
    aws("ec2").delete_transit_gateway_route_table(TransitGatewayRouteTableId=table)


GAPS = {"ec2:DescribeSecurityGroupVpcAssociations"}
"""The operations that moto does not have."""

COPY = "the provider's copy of what has a resource of its own, which tells it too"

HAND = "Terraform never looks for what it does not manage: to us a part of something managed is a change of that"

ALWAYS = {
    "ours: unmanaged aws_route_table rtb-f68d9dcbd7a085a36": "Terraform never looks for what it does not manage",
}

ANOTHER = "another association is another thing to the provider; to us the network has another main table"

MAIN = {
    "ours: changed aws_main_route_table_association.main route_table_id": ANOTHER,
    "terraform: changed aws_vpc.main default_route_table_id": COPY,
    "terraform: changed aws_vpc.main main_route_table_id": COPY,
    "terraform: missing aws_main_route_table_association.main": ANOTHER,
}

AFTER = {
    "endpoint_lets_less_in": {"terraform: changed aws_vpc_endpoint.queues policy": COPY},
    "image_given_to_others": {"ours: changed aws_ami.main launch_permission": HAND},
    "main_table_replaced": MAIN,
    "separate_tag_changed": {"terraform: changed aws_vpc.main tags": COPY},
    "things_unjoined": {
        "terraform: changed aws_network_interface.main security_groups": COPY,
        "terraform: changed aws_vpc.main tags": COPY,
        "terraform: changed aws_vpc_endpoint.queues security_group_ids": COPY,
        "terraform: changed aws_vpc_endpoint.queues subnet_ids": COPY,
    },
    "told_otherwise": {"terraform: changed aws_vpc_endpoint.queues policy": COPY},
    "transit_table_deleted": {
        "ours: missing aws_ec2_transit_gateway_route_table_propagation.main": (
            "moto goes on to tell what is joined to a table that is gone"
        ),
    },
}

EXPLAINED: dict[str, dict[str, str]] = {
    name: ALWAYS | AFTER.get(name, {}) for name in ["none", *globals()] if name[0] != "_"
} | {"main_table_turned_back": MAIN}
"""What only one of the two says after a change, and why that is as it should be."""

LOST = "declared by itself, and told missing there"

VALUES: dict[str, dict[str, str]] = {
    "endpoint_in_another_group": {"terraform: before aws_vpc_endpoint.queues security_group_ids": LOST},
    "endpoint_in_another_subnet": {"terraform: before aws_vpc_endpoint.queues subnet_ids": LOST},
    "interface_in_no_separate_group": {"terraform: before aws_network_interface.main security_groups": LOST},
}
"""Where the two tell other values of what both call changed, and why that is as it should be."""
