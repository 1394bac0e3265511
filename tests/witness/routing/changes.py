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


def separate_rule_widened(aws: Clients, state: State) -> None:
    aws("ec2").replace_network_acl_entry(
        NetworkAclId=_id(state, "network_acl.separate"),
        RuleNumber=200,
        Egress=False,
        Protocol="6",
        PortRange=SSH,
        RuleAction="allow",
        CidrBlock=WORLD,
    )


def separate_rule_deleted(aws: Clients, state: State) -> None:
    acl = _id(state, "network_acl.separate")
    aws("ec2").delete_network_acl_entry(NetworkAclId=acl, RuleNumber=200, Egress=True)


def default_rule_added(aws: Clients, state: State) -> None:
    _entry(aws, state, "default_network_acl.main", RuleNumber=50, PortRange=SSH)


def subnet_given_another_acl(aws: Clients, state: State) -> None:
    aws("ec2").replace_network_acl_association(
        AssociationId=_id(state, "network_acl_association.separate"),
        NetworkAclId=_id(state, "network_acl.inline"),
    )


def subnet_given_the_default_acl(aws: Clients, state: State) -> None:
    aws("ec2").replace_network_acl_association(
        AssociationId=_id(state, "network_acl_association.separate"),
        NetworkAclId=_id(state, "default_network_acl.main"),
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


def route_to_the_peer_deleted(aws: Clients, state: State) -> None:
    table = _id(state, "route_table.main")
    aws("ec2").delete_route(RouteTableId=table, DestinationCidrBlock="10.10.0.0/16")


def second_network_taken(aws: Clients, state: State) -> None:
    aws("ec2").disassociate_vpc_cidr_block(AssociationId=_id(state, "vpc_ipv4_cidr_block_association.main"))


def second_network_replaced(aws: Clients, state: State) -> None:
    second_network_taken(aws, state)
    aws("ec2").associate_vpc_cidr_block(VpcId=_id(state, "vpc.main"), CidrBlock="10.29.0.0/16")


def options_taken(aws: Clients, state: State) -> None:
    aws("ec2").associate_dhcp_options(DhcpOptionsId="default", VpcId=_id(state, "vpc.main"))


def options_named(aws: Clients, state: State) -> None:
    _tag(aws, state, "vpc_dhcp_options.main", "Name", "by-hand")


def options_retagged(aws: Clients, state: State) -> None:
    _tag(aws, state, "vpc_dhcp_options.main", "Team", "nobody")


def options_deleted(aws: Clients, state: State) -> None:
    options_taken(aws, state)
    aws("ec2").delete_dhcp_options(DhcpOptionsId=_id(state, "vpc_dhcp_options.main"))


def other_options_given(aws: Clients, state: State) -> None:
    given = [{"Key": "domain-name", "Values": ["elsewhere.example.net"]}]
    made = aws("ec2").create_dhcp_options(DhcpConfigurations=given)["DhcpOptions"]["DhcpOptionsId"]
    aws("ec2").associate_dhcp_options(DhcpOptionsId=made, VpcId=_id(state, "vpc.main"))


def _endpoint(aws: Clients, state: State, name: str, **settings: object) -> None:
    aws("ec2").modify_vpc_endpoint(VpcEndpointId=_id(state, f"vpc_endpoint.{name}"), **settings)


def endpoint_opened(aws: Clients, state: State) -> None:
    statement = '{"Effect": "Allow", "Action": "*", "Principal": "*", "Resource": "*"}'
    _endpoint(aws, state, "gateway", PolicyDocument=f'{{"Version": "2012-10-17", "Statement": [{statement}]}}')


def endpoint_taken_from_its_table(aws: Clients, state: State) -> None:
    _endpoint(aws, state, "gateway", RemoveRouteTableIds=[_id(state, "route_table.main")])


def separate_endpoint_taken_from_its_table(aws: Clients, state: State) -> None:
    _endpoint(aws, state, "separate", RemoveRouteTableIds=[_id(state, "route_table.main")])


def separate_endpoint_in_another_table(aws: Clients, state: State) -> None:
    separate_endpoint_taken_from_its_table(aws, state)
    _endpoint(aws, state, "separate", AddRouteTableIds=[_id(state, "default_route_table.main")])


def separate_endpoint_deleted(aws: Clients, state: State) -> None:
    separate_endpoint_taken_from_its_table(aws, state)
    aws("ec2").delete_vpc_endpoints(VpcEndpointIds=[_id(state, "vpc_endpoint.separate")])


def endpoint_in_another_subnet(aws: Clients, state: State) -> None:
    _endpoint(aws, state, "interface", AddSubnetIds=[state['aws_subnet.main["b"]']["id"]])


def peer_names_not_resolved(aws: Clients, state: State) -> None:
    aws("ec2").modify_vpc_peering_connection_options(
        VpcPeeringConnectionId=_id(state, "vpc_peering_connection.other"),
        RequesterPeeringConnectionOptions={"AllowDnsResolutionFromRemoteVpc": False},
    )


def peer_does_not_resolve_names(aws: Clients, state: State) -> None:
    aws("ec2").modify_vpc_peering_connection_options(
        VpcPeeringConnectionId=_id(state, "vpc_peering_connection.other"),
        AccepterPeeringConnectionOptions={"AllowDnsResolutionFromRemoteVpc": False},
    )


def peering_renamed(aws: Clients, state: State) -> None:
    _tag(aws, state, "vpc_peering_connection.other", "Name", "by-hand")


def peering_deleted(aws: Clients, state: State) -> None:
    peering = _id(state, "vpc_peering_connection.other")
    aws("ec2").delete_vpc_peering_connection(VpcPeeringConnectionId=peering)


def transit_gateway_changed(aws: Clients, state: State) -> None:
    aws("ec2").modify_transit_gateway(
        TransitGatewayId=_id(state, "ec2_transit_gateway.main"), Description="Mine", Options={"DnsSupport": "disable"}
    )


def transit_gateway_renamed(aws: Clients, state: State) -> None:
    _tag(aws, state, "ec2_transit_gateway.main", "Name", "by-hand")


def transit_gateway_accepts_nobody_by_itself(aws: Clients, state: State) -> None:
    gateway = _id(state, "ec2_transit_gateway.main")
    aws("ec2").modify_transit_gateway(TransitGatewayId=gateway, Options={"AutoAcceptSharedAttachments": "disable"})


def _attachment(aws: Clients, state: State, **settings: object) -> None:
    attachment = _id(state, "ec2_transit_gateway_vpc_attachment.main")
    aws("ec2").modify_transit_gateway_vpc_attachment(TransitGatewayAttachmentId=attachment, **settings)


def transit_reaches_another_subnet(aws: Clients, state: State) -> None:
    _attachment(aws, state, AddSubnetIds=[_id(state, 'subnet.main["b"]')])


def transit_keeps_the_way_back(aws: Clients, state: State) -> None:
    _attachment(aws, state, Options={"ApplianceModeSupport": "enable"})


def transit_attachment_deleted(aws: Clients, state: State) -> None:
    attachment = _id(state, "ec2_transit_gateway_vpc_attachment.main")
    aws("ec2").delete_transit_gateway_vpc_attachment(TransitGatewayAttachmentId=attachment)


def transit_table_renamed(aws: Clients, state: State) -> None:
    _tag(aws, state, "ec2_transit_gateway_route_table.main", "Name", "by-hand")


def transit_table_deleted(aws: Clients, state: State) -> None:
    table = _id(state, "ec2_transit_gateway_route_table.main")
    aws("ec2").delete_transit_gateway_route_table(TransitGatewayRouteTableId=table)


def _in_table(state: State) -> dict[str, str]:
    return {
        "TransitGatewayRouteTableId": _id(state, "ec2_transit_gateway_route_table.main"),
        "TransitGatewayAttachmentId": _id(state, "ec2_transit_gateway_vpc_attachment.main"),
    }


def transit_route_deleted(aws: Clients, state: State) -> None:
    table = _id(state, "ec2_transit_gateway_route_table.main")
    aws("ec2").delete_transit_gateway_route(TransitGatewayRouteTableId=table, DestinationCidrBlock=WORLD)


def transit_route_to_nowhere_deleted(aws: Clients, state: State) -> None:
    table = _id(state, "ec2_transit_gateway_route_table.main")
    aws("ec2").delete_transit_gateway_route(TransitGatewayRouteTableId=table, DestinationCidrBlock="10.200.0.0/16")


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


def network_taken_off_a_list(aws: Clients, state: State) -> None:
    _list(aws, state, "inline", RemoveEntries=[{"Cidr": "203.0.113.0/24"}])


def list_tag_removed(aws: Clients, state: State) -> None:
    _untag(aws, state, "ec2_managed_prefix_list.inline")


def list_deleted(aws: Clients, state: State) -> None:
    aws("ec2").delete_managed_prefix_list(PrefixListId=_id(state, "ec2_managed_prefix_list.inline"))


# --- tags, and things that go ---------------------------------------------------------------------


def _tag(aws: Clients, state: State, address: str, key: str, value: str) -> None:
    aws("ec2").create_tags(Resources=[_id(state, address)], Tags=[{"Key": key, "Value": value}])


def _untag(aws: Clients, state: State, address: str) -> None:
    aws("ec2").delete_tags(Resources=[_id(state, address)], Tags=[{"Key": "Team"}])


def office_renamed(aws: Clients, state: State) -> None:
    _tag(aws, state, "customer_gateway.office", "Name", "by-hand")


def office_tag_removed(aws: Clients, state: State) -> None:
    _untag(aws, state, "customer_gateway.office")


def office_deleted(aws: Clients, state: State) -> None:
    aws("ec2").delete_customer_gateway(CustomerGatewayId=_id(state, "customer_gateway.office"))


def way_out_tagged(aws: Clients, state: State) -> None:
    _tag(aws, state, "egress_only_internet_gateway.main", "Name", "by-hand")


def way_out_tag_removed(aws: Clients, state: State) -> None:
    _untag(aws, state, "egress_only_internet_gateway.main")


def way_out_deleted(aws: Clients, state: State) -> None:
    gateway = _id(state, "egress_only_internet_gateway.main")
    aws("ec2").delete_egress_only_internet_gateway(EgressOnlyInternetGatewayId=gateway)


def gateway_tag_removed(aws: Clients, state: State) -> None:
    _untag(aws, state, "internet_gateway.main")


def gateway_named(aws: Clients, state: State) -> None:
    _tag(aws, state, "internet_gateway.main", "Name", "by-hand")


def address_named(aws: Clients, state: State) -> None:
    _tag(aws, state, "eip.nat", "Name", "by-hand")


def translator_named(aws: Clients, state: State) -> None:
    _tag(aws, state, "nat_gateway.private", "Name", "by-hand")


def translator_tag_removed(aws: Clients, state: State) -> None:
    _untag(aws, state, "nat_gateway.main")


def translator_deleted(aws: Clients, state: State) -> None:
    aws("ec2").delete_nat_gateway(NatGatewayId=_id(state, "nat_gateway.private"))


def log_renamed(aws: Clients, state: State) -> None:
    _tag(aws, state, "flow_log.bucket", "Name", "all")


def log_tag_removed(aws: Clients, state: State) -> None:
    _untag(aws, state, "flow_log.group")


def log_deleted(aws: Clients, state: State) -> None:
    aws("ec2").delete_flow_logs(FlowLogIds=[_id(state, "flow_log.bucket")])


def subnet_gives_public_addresses(aws: Clients, state: State) -> None:
    subnet = _id(state, 'subnet.main["b"]')
    aws("ec2").modify_subnet_attribute(SubnetId=subnet, MapPublicIpOnLaunch={"Value": True})


def line_renamed(aws: Clients, state: State) -> None:
    _tag(aws, state, "vpn_gateway.apart", "Name", "by-hand")


def line_detached(aws: Clients, state: State) -> None:
    aws("ec2").detach_vpn_gateway(VpnGatewayId=_id(state, "vpn_gateway.main"), VpcId=_id(state, "vpc.main"))


def separate_line_deleted(aws: Clients, state: State) -> None:
    separate_line_detached(aws, state)
    aws("ec2").delete_vpn_gateway(VpnGatewayId=_id(state, "vpn_gateway.apart"))


def separate_line_moved(aws: Clients, state: State) -> None:
    line_detached(aws, state)
    separate_line_detached(aws, state)
    aws("ec2").attach_vpn_gateway(VpnGatewayId=_id(state, "vpn_gateway.apart"), VpcId=_id(state, "vpc.main"))


OWNER = "moto does not say whose options these are, and the provider spells their ARN with it"
LISTS = "moto's own lists of AWS's networks have another id each time it is started"
COPY = "the provider's copy of what has a resource of its own, which tells it too"
COUNT = "how often a list was changed; what was changed is told"

STILL = "moto goes on to tell the routes of a table that is gone"
LEFT = "a default ACL has the subnets that nobody gave another"
HAND = "Terraform never looks for what it does not manage"
PART = f"{HAND}: to us a part of something managed is a change of that"
ANOTHER = "another association is another thing to the provider; to us the network has other options"

GAPS = {"ec2:DescribeSecurityGroupVpcAssociations"}
"""The operations that moto does not have."""

ALWAYS = {"ours: changed aws_vpc_dhcp_options.main arn": OWNER}

AFTER = {
    "none": {
        "ours: changed aws_vpc_endpoint.gateway prefix_list_id": LISTS,
        "ours: changed aws_vpc_endpoint.separate prefix_list_id": LISTS,
    },
    "network_added_to_a_list": {"terraform: changed aws_ec2_managed_prefix_list.inline version": COUNT},
    "network_taken_off_a_list": {"terraform: changed aws_ec2_managed_prefix_list.inline version": COUNT},
    "options_taken": {"terraform: changed aws_vpc.main dhcp_options_id": COPY},
    "other_options_given": {
        "ours: changed aws_vpc_dhcp_options_association.main dhcp_options_id": ANOTHER,
        "ours: unmanaged aws_vpc_dhcp_options dopt-7c1b5d0eb704057e2": HAND,
        "terraform: changed aws_vpc.main dhcp_options_id": COPY,
        "terraform: missing aws_vpc_dhcp_options_association.main": ANOTHER,
    },
    "peer_does_not_resolve_names": {"terraform: changed aws_vpc_peering_connection.other accepter": COPY},
    "peer_names_not_resolved": {"terraform: changed aws_vpc_peering_connection.other requester": COPY},
    "route_led_elsewhere": {"terraform: changed aws_route_table.main route": COPY},
    "second_network_replaced": {"ours: changed aws_vpc.main ipv4_cidr_block_association": PART},
    "separate_endpoint_taken_from_its_table": {"terraform: changed aws_vpc_endpoint.separate route_table_ids": COPY},
    "separate_line_detached": {"terraform: changed aws_vpn_gateway.apart vpc_id": COPY},
    "route_to_the_peer_deleted": {"terraform: changed aws_route_table.main route": COPY},
    "separate_rule_deleted": {"terraform: changed aws_network_acl.separate egress": COPY},
    "separate_rule_widened": {"terraform: changed aws_network_acl.separate ingress": COPY},
    "separate_rule_turned": {"terraform: changed aws_network_acl.separate ingress": COPY},
    "transit_route_added": {
        "ours: changed aws_ec2_transit_gateway_route_table.main route": "to Terraform a table has no routes of its own"
    },
    "transit_table_deleted": {
        "ours: missing aws_ec2_transit_gateway_route.nowhere": STILL,
        "ours: missing aws_ec2_transit_gateway_route.out": STILL,
    },
    "subnet_given_the_default_acl": {
        "terraform: changed aws_default_network_acl.main subnet_ids": LEFT,
        "terraform: changed aws_network_acl.separate subnet_ids": COPY,
    },
    "subnet_given_another_acl": {"terraform: changed aws_network_acl.separate subnet_ids": COPY},
}

EXPLAINED: dict[str, dict[str, str]] = {
    name: ALWAYS | AFTER.get(name, {}) for name in ["none", *globals()] if name[0] != "_"
} | {"options_deleted": {"terraform: changed aws_vpc.main dhcp_options_id": COPY}}
"""What only one of the two says after a change, and why that is as it should be."""

LOST = "declared by itself, and told missing there"

VALUES: dict[str, dict[str, str]] = {
    "separate_endpoint_in_another_table": {"terraform: before aws_vpc_endpoint.separate route_table_ids": LOST},
    "separate_line_moved": {"terraform: before aws_vpn_gateway.apart vpc_id": LOST},
}
"""Where the two tell other values of what both call changed, and why that is as it should be."""
