"""What people do to the ways of a network by hand."""

from __future__ import annotations

from tests.witness.case import Clients, State

WORLD = "0.0.0.0/0"


def _id(state: State, address: str) -> str:
    return state[f"aws_{address}"]["id"]


def _entry(aws: Clients, state: State, acl: str, **settings: object) -> None:
    entry = {"Egress": False, "Protocol": "6", "RuleAction": "allow", "CidrBlock": WORLD} | settings
    aws("ec2").create_network_acl_entry(NetworkAclId=_id(state, acl), **entry)


SSH = {"From": 22, "To": 22}


def inline_rule_added(aws: Clients, state: State) -> None:
    _entry(aws, state, "network_acl.inline", RuleNumber=50, PortRange=SSH)


def inline_rule_widened(aws: Clients, state: State) -> None:
    aws("ec2").replace_network_acl_entry(
        NetworkAclId=_id(state, "network_acl.inline"),
        RuleNumber=100,
        Egress=False,
        Protocol="-1",
        RuleAction="allow",
        CidrBlock=WORLD,
    )


def separate_rule_added(aws: Clients, state: State) -> None:
    _entry(aws, state, "network_acl.separate", RuleNumber=50, PortRange=SSH)


def separate_rule_turned(aws: Clients, state: State) -> None:
    aws("ec2").replace_network_acl_entry(
        NetworkAclId=_id(state, "network_acl.separate"),
        RuleNumber=200,
        Egress=False,
        Protocol="6",
        PortRange=SSH,
        RuleAction="deny",
        CidrBlock="10.0.0.0/8",
    )


def default_rule_added(aws: Clients, state: State) -> None:
    _entry(aws, state, "default_network_acl.main", RuleNumber=50, PortRange=SSH)


def subnet_given_another_acl(aws: Clients, state: State) -> None:
    aws("ec2").replace_network_acl_association(
        AssociationId=_id(state, "network_acl_association.separate"),
        NetworkAclId=_id(state, "network_acl.inline"),
    )


def default_group_opened(aws: Clients, state: State) -> None:
    rule = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": WORLD}]}
    aws("ec2").authorize_security_group_ingress(GroupId=_id(state, "default_security_group.main"), IpPermissions=[rule])


def route_led_elsewhere(aws: Clients, state: State) -> None:
    aws("ec2").replace_route(
        RouteTableId=_id(state, "route_table.main"),
        DestinationCidrBlock=WORLD,
        GatewayId=_id(state, "internet_gateway.main"),
    )


def second_network_taken(aws: Clients, state: State) -> None:
    aws("ec2").disassociate_vpc_cidr_block(AssociationId=_id(state, "vpc_ipv4_cidr_block_association.main"))


def options_taken(aws: Clients, state: State) -> None:
    aws("ec2").associate_dhcp_options(DhcpOptionsId="default", VpcId=_id(state, "vpc.main"))


def _endpoint(aws: Clients, state: State, name: str, **settings: object) -> None:
    aws("ec2").modify_vpc_endpoint(VpcEndpointId=_id(state, f"vpc_endpoint.{name}"), **settings)


def endpoint_opened(aws: Clients, state: State) -> None:
    statement = '{"Effect": "Allow", "Action": "*", "Principal": "*", "Resource": "*"}'
    _endpoint(aws, state, "gateway", PolicyDocument=f'{{"Version": "2012-10-17", "Statement": [{statement}]}}')


def endpoint_taken_from_its_table(aws: Clients, state: State) -> None:
    _endpoint(aws, state, "gateway", RemoveRouteTableIds=[_id(state, "route_table.main")])


def separate_endpoint_taken_from_its_table(aws: Clients, state: State) -> None:
    _endpoint(aws, state, "separate", RemoveRouteTableIds=[_id(state, "route_table.main")])


def endpoint_in_another_subnet(aws: Clients, state: State) -> None:
    _endpoint(aws, state, "interface", AddSubnetIds=[state['aws_subnet.main["b"]']["id"]])


def peer_names_not_resolved(aws: Clients, state: State) -> None:
    aws("ec2").modify_vpc_peering_connection_options(
        VpcPeeringConnectionId=_id(state, "vpc_peering_connection.other"),
        RequesterPeeringConnectionOptions={"AllowDnsResolutionFromRemoteVpc": False},
    )


def transit_gateway_changed(aws: Clients, state: State) -> None:
    aws("ec2").modify_transit_gateway(
        TransitGatewayId=_id(state, "ec2_transit_gateway.main"), Description="Mine", Options={"DnsSupport": "disable"}
    )


def _in_table(state: State) -> dict[str, str]:
    return {
        "TransitGatewayRouteTableId": _id(state, "ec2_transit_gateway_route_table.main"),
        "TransitGatewayAttachmentId": _id(state, "ec2_transit_gateway_vpc_attachment.main"),
    }


def transit_route_deleted(aws: Clients, state: State) -> None:
    table = _id(state, "ec2_transit_gateway_route_table.main")
    aws("ec2").delete_transit_gateway_route(TransitGatewayRouteTableId=table, DestinationCidrBlock=WORLD)


def transit_route_added(aws: Clients, state: State) -> None:
    aws("ec2").create_transit_gateway_route(**_in_table(state), DestinationCidrBlock="10.201.0.0/16")


def separate_line_detached(aws: Clients, state: State) -> None:
    aws("ec2").detach_vpn_gateway(VpnGatewayId=_id(state, "vpn_gateway.apart"), VpcId=_id(state, "vpc.other"))


def _list(aws: Clients, state: State, name: str, **settings: object) -> None:
    attributes = state[f"aws_ec2_managed_prefix_list.{name}"]
    aws("ec2").modify_managed_prefix_list(
        PrefixListId=attributes["id"],
        PrefixListName=attributes["name"],
        CurrentVersion=attributes["version"],
        **settings,
    )


def network_added_to_a_list(aws: Clients, state: State) -> None:
    _list(aws, state, "inline", AddEntries=[{"Cidr": "10.77.0.0/16", "Description": "Home"}])


OWNER = "moto does not say whose options these are, and the provider spells their ARN with it"
LISTS = "moto's own lists of AWS's networks have another id each time it is started"
COPY = "the provider's copy of what has a resource of its own, which tells it too"
COUNT = "how often a list was changed; what was changed is told"

GAPS = {"ec2:DescribeSecurityGroupVpcAssociations"}
"""The operations that moto does not have."""

ALWAYS = {"ours: changed aws_vpc_dhcp_options.main arn": OWNER}

AFTER = {
    "none": {
        "ours: changed aws_vpc_endpoint.gateway prefix_list_id": LISTS,
        "ours: changed aws_vpc_endpoint.separate prefix_list_id": LISTS,
    },
    "network_added_to_a_list": {"terraform: changed aws_ec2_managed_prefix_list.inline version": COUNT},
    "options_taken": {"terraform: changed aws_vpc.main dhcp_options_id": COPY},
    "peer_names_not_resolved": {"terraform: changed aws_vpc_peering_connection.other requester": COPY},
    "route_led_elsewhere": {"terraform: changed aws_route_table.main route": COPY},
    "separate_endpoint_taken_from_its_table": {"terraform: changed aws_vpc_endpoint.separate route_table_ids": COPY},
    "separate_line_detached": {"terraform: changed aws_vpn_gateway.apart vpc_id": COPY},
    "separate_rule_turned": {"terraform: changed aws_network_acl.separate ingress": COPY},
    "transit_route_added": {
        "ours: changed aws_ec2_transit_gateway_route_table.main route": "to Terraform a table has no routes of its own"
    },
    "subnet_given_another_acl": {"terraform: changed aws_network_acl.separate subnet_ids": COPY},
}

EXPLAINED: dict[str, dict[str, str]] = {
    name: ALWAYS | AFTER.get(name, {}) for name in ["none", *globals()] if name[0] != "_"
}
"""What only one of the two says after a change, and why that is as it should be."""
