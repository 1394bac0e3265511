"""What people do to other ways by hand."""

from __future__ import annotations

from typing import Any

from tests.witness.case import Clients, State


def _id(state: State, address: str) -> str:
    found: str = state[f"aws_{address}"]["id"]
    return found


def gateways_taken_off(aws: Clients, state: State) -> None:
    main = {"InternetGatewayId": _id(state, "internet_gateway.main"), "VpcId": _id(state, "vpc.main")}
    aws("ec2").detach_internet_gateway(**main)
    third = {"VpnGatewayId": _id(state, "vpn_gateway.least[0]"), "VpcId": _id(state, "vpc.third")}
    aws("ec2").detach_vpn_gateway(**third)
    carrier = _id(state, "ec2_carrier_gateway.least")
    aws("ec2").delete_carrier_gateway(CarrierGatewayId=carrier)


def gateway_in_another_network(aws: Clients, state: State) -> None:
    gateway = _id(state, "internet_gateway.main")
    aws("ec2").detach_internet_gateway(InternetGatewayId=gateway, VpcId=_id(state, "vpc.main"))
    aws("ec2").attach_internet_gateway(InternetGatewayId=gateway, VpcId=_id(state, "vpc.third"))


def table_taken_from_the_gateway(aws: Clients, state: State) -> None:
    aws("ec2").disassociate_route_table(AssociationId=_id(state, "route_table_association.edge"))
    aws("ec2").disassociate_route_table(AssociationId=_id(state, "route_table_association.main[1]"))
    aws("ec2").delete_route(
        RouteTableId=_id(state, "route_table.other"),
        DestinationIpv6CidrBlock=state["aws_route.six"]["destination_ipv6_cidr_block"],
    )


def what_was_empty_is_filled(aws: Clients, state: State) -> None:
    """The table, the group, the list of rules and the list of networks that hold nothing."""
    rule = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}
    aws("ec2").authorize_security_group_ingress(GroupId=_id(state, "default_security_group.main"), IpPermissions=[rule])
    aws("ec2").authorize_security_group_egress(GroupId=_id(state, "security_group.inline"), IpPermissions=[rule])
    aws("ec2").create_route(
        RouteTableId=_id(state, "default_route_table.main"),
        DestinationCidrBlock="0.0.0.0/0",
        GatewayId=_id(state, "internet_gateway.main"),
    )
    aws("ec2").create_network_acl_entry(
        NetworkAclId=_id(state, "default_network_acl.main"),
        RuleNumber=100,
        Protocol="-1",
        RuleAction="allow",
        Egress=False,
        CidrBlock="0.0.0.0/0",
    )
    empty = state["aws_ec2_managed_prefix_list.empty"]
    aws("ec2").modify_managed_prefix_list(
        PrefixListId=empty["id"],
        PrefixListName=empty["name"],
        CurrentVersion=empty["version"],
        AddEntries=[{"Cidr": "10.77.0.0/16", "Description": "Home"}],
    )


def options_given_where_none_were_wanted(aws: Clients, state: State) -> None:
    aws("ec2").associate_dhcp_options(DhcpOptionsId=_id(state, "vpc_dhcp_options.full"), VpcId=_id(state, "vpc.other"))


def _rule(state: State, name: str) -> dict[str, Any]:
    return {"GroupId": _id(state, "security_group.main[0]"), "SecurityGroupRuleIds": [_id(state, name)]}


def rules_taken(aws: Clients, state: State) -> None:
    for each in ("list", "esp"):
        aws("ec2").revoke_security_group_ingress(**_rule(state, f'vpc_security_group_ingress_rule.main["{each}"]'))
    aws("ec2").revoke_security_group_egress(**_rule(state, "vpc_security_group_egress_rule.main[1]"))
    six = {"IpProtocol": "icmpv6", "FromPort": -1, "ToPort": -1, "Ipv6Ranges": [{"CidrIpv6": "::/0"}]}
    aws("ec2").revoke_security_group_ingress(GroupId=_id(state, "security_group.main[1]"), IpPermissions=[six])
    names = {"IpProtocol": "udp", "FromPort": 53, "ToPort": 53, "IpRanges": [{"CidrIp": "10.21.0.0/16"}]}
    aws("ec2").revoke_security_group_ingress(GroupId=_id(state, "security_group.inline"), IpPermissions=[names])


def interface_left_by_a_group(aws: Clients, state: State) -> None:
    aws("ec2").modify_network_interface_attribute(
        NetworkInterfaceId=_id(state, "network_interface.main"), Groups=[_id(state, "security_group.main[1]")]
    )
    aws("ec2").disassociate_address(AssociationId=_id(state, "eip_association.main"))


def endpoints_pulled_apart(aws: Clients, state: State) -> None:
    aws("ec2").modify_vpc_endpoint(
        VpcEndpointId=_id(state, 'vpc_endpoint.bare["sns"]'),
        RemoveSubnetIds=[_id(state, "subnet.main[0]")],
        PolicyDocument='{"Version": "2012-10-17", "Statement": []}',
    )
    aws("ec2").modify_vpc_endpoint(
        VpcEndpointId=_id(state, 'vpc_endpoint.bare["logs"]'),
        RemoveSecurityGroupIds=[_id(state, "security_group.main[1]")],
    )
    aws("ec2").modify_vpc_endpoint(
        VpcEndpointId=_id(state, "vpc_endpoint.gateway"), RemoveRouteTableIds=[_id(state, "route_table.edge")]
    )


def service_opened_to_fewer(aws: Clients, state: State) -> None:
    aws("ec2").modify_vpc_endpoint_service_permissions(
        ServiceId=_id(state, "vpc_endpoint_service.open"), RemoveAllowedPrincipals=["*"]
    )


def networks_joined_otherwise(aws: Clients, state: State) -> None:
    aws("ec2").modify_vpc_peering_connection_options(
        VpcPeeringConnectionId=_id(state, "vpc_peering_connection.third"),
        RequesterPeeringConnectionOptions={"AllowDnsResolutionFromRemoteVpc": True},
    )
    aws("ec2").modify_vpc_peering_connection_options(
        VpcPeeringConnectionId=_id(state, "vpc_peering_connection.least"),
        AccepterPeeringConnectionOptions={"AllowDnsResolutionFromRemoteVpc": False},
    )
    aws("ec2").modify_transit_gateway(
        TransitGatewayId=_id(state, "ec2_transit_gateway.main"), Options={"DnsSupport": "enable"}
    )
    aws("ec2").disable_transit_gateway_route_table_propagation(
        TransitGatewayRouteTableId=_id(state, "ec2_transit_gateway_route_table.main[1]"),
        TransitGatewayAttachmentId=_id(state, "ec2_transit_gateway_vpc_attachment.main"),
    )


def found_again_elsewhere(aws: Clients, state: State) -> None:
    tag = [{"Key": "Found", "Value": "twice"}]
    aws("ec2").create_tags(Resources=[_id(state, "subnet.other")], Tags=tag)
    aws("ec2").disassociate_vpc_cidr_block(AssociationId=_id(state, "vpc_ipv4_cidr_block_association.more[1]"))
    aws("ec2").delete_customer_gateway(CustomerGatewayId=_id(state, "customer_gateway.sealed"))


GAPS = {"ec2:DescribeSecurityGroupVpcAssociations"}
"""The operations that moto does not have."""

OWNER = "moto does not say whose options these are, and the provider spells their ARN with it"
LISTS = "moto's own lists of AWS's networks have another id each time it is started"
COPY = "the provider's copy of what has a resource of its own, which tells it too"
HAND = "Terraform never looks for what it does not manage"
COUNT = "how often a list was changed; what was changed is told"

ALWAYS = {
    "ours: changed aws_vpc_dhcp_options.full arn": OWNER,
    "ours: unmanaged aws_route_table rtb-6656c90bd5482a90a": HAND,
}

ANOTHER = "another association is another thing to the provider; to us the network has other options"

AFTER = {
    "none": {"ours: changed aws_vpc_endpoint.gateway prefix_list_id": LISTS},
    "endpoints_pulled_apart": {
        'terraform: changed aws_vpc_endpoint.bare["logs"] security_group_ids': COPY,
        'terraform: changed aws_vpc_endpoint.bare["sns"] policy': COPY,
        'terraform: changed aws_vpc_endpoint.bare["sns"] subnet_ids': COPY,
        "terraform: changed aws_vpc_endpoint.gateway route_table_ids": COPY,
    },
    "found_again_elsewhere": {"terraform: changed aws_subnet.other tags": COPY},
    "gateways_taken_off": {
        "terraform: changed aws_internet_gateway.main vpc_id": COPY,
        "terraform: changed aws_vpn_gateway.least[0] vpc_id": COPY,
    },
    "interface_left_by_a_group": {
        f"terraform: changed aws_eip.main {name}": COPY
        for name in ("association_id", "network_interface", "private_ip")
    },
    "networks_joined_otherwise": {
        "terraform: changed aws_vpc_peering_connection.third requester": COPY,
        "terraform: changed aws_vpc_peering_connection_accepter.third requester": COPY,
    },
    "options_given_where_none_were_wanted": {
        "ours: changed aws_vpc_dhcp_options_association.other dhcp_options_id": ANOTHER,
        "terraform: changed aws_vpc.other dhcp_options_id": COPY,
        "terraform: missing aws_vpc_dhcp_options_association.other": ANOTHER,
    },
    "rules_taken": {
        "terraform: changed aws_security_group.main[0] egress": COPY,
        "terraform: changed aws_security_group.main[0] ingress": COPY,
        "terraform: changed aws_security_group.main[1] ingress": COPY,
    },
    "table_taken_from_the_gateway": {"terraform: changed aws_route_table.other route": COPY},
    "what_was_empty_is_filled": {"terraform: changed aws_ec2_managed_prefix_list.empty version": COUNT},
}

EXPLAINED: dict[str, dict[str, str]] = {
    name: ALWAYS | AFTER.get(name, {}) for name in ["none", *globals()] if name[0] != "_"
}
"""What only one of the two says after a change, and why that is as it should be."""

LOST = "declared by itself, and told missing there"
SOURCE = "a rule is told source by source, each with its ports; the block keeps its ports for those that are left"

VALUES: dict[str, dict[str, str]] = {
    "gateway_in_another_network": {"terraform: before aws_internet_gateway.main vpc_id": LOST},
    "interface_left_by_a_group": {"terraform: before aws_network_interface.main security_groups": LOST},
    "rules_taken": {
        f"ours: before aws_security_group.inline ingress.{name}": SOURCE
        for name in ("description", "from_port", "protocol", "to_port")
    },
}
"""Where the two tell other values of what both call changed, and why that is as it should be."""
