"""What people do to a network by hand."""

from __future__ import annotations

from tests.witness.case import Clients, State

WORLD = "0.0.0.0/0"


def _rule(port: int, cidr: str) -> dict:
    return {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": cidr}]}


def _group(state: State, name: str) -> str:
    return state[f"aws_security_group.{name}"]["id"]


def ssh_opened_to_the_world(aws: Clients, state: State) -> None:
    aws("ec2").authorize_security_group_ingress(GroupId=_group(state, "web"), IpPermissions=[_rule(22, WORLD)])


def ssh_opened_where_rules_are_separate(aws: Clients, state: State) -> None:
    aws("ec2").authorize_security_group_ingress(GroupId=_group(state, "app"), IpPermissions=[_rule(22, WORLD)])


def ssh_opened_where_rules_are_single(aws: Clients, state: State) -> None:
    aws("ec2").authorize_security_group_ingress(GroupId=_group(state, "db"), IpPermissions=[_rule(22, WORLD)])


def ssh_opened_where_nothing_was(aws: Clients, state: State) -> None:
    aws("ec2").authorize_security_group_ingress(GroupId=_group(state, "idle"), IpPermissions=[_rule(22, WORLD)])


def rule_removed(aws: Clients, state: State) -> None:
    aws("ec2").revoke_security_group_ingress(GroupId=_group(state, "web"), IpPermissions=[_rule(443, WORLD)])


def one_source_of_a_rule_removed(aws: Clients, state: State) -> None:
    aws("ec2").revoke_security_group_ingress(GroupId=_group(state, "web"), IpPermissions=[_rule(80, "192.168.0.0/16")])


def one_source_of_a_separate_rule_removed(aws: Clients, state: State) -> None:
    aws("ec2").revoke_security_group_ingress(GroupId=_group(state, "app"), IpPermissions=[_rule(22, "10.9.0.0/16")])


def separate_rule_removed(aws: Clients, state: State) -> None:
    permission = {
        "IpProtocol": "tcp",
        "FromPort": 8080,
        "ToPort": 8081,
        "UserIdGroupPairs": [{"GroupId": _group(state, "web")}],
    }
    aws("ec2").revoke_security_group_ingress(GroupId=_group(state, "app"), IpPermissions=[permission])


def single_rule_removed(aws: Clients, state: State) -> None:
    id = state["aws_vpc_security_group_ingress_rule.db_from_app"]["security_group_rule_id"]
    aws("ec2").revoke_security_group_ingress(GroupId=_group(state, "db"), SecurityGroupRuleIds=[id])


def single_rule_widened(aws: Clients, state: State) -> None:
    id = state["aws_vpc_security_group_ingress_rule.db_from_app"]["security_group_rule_id"]
    wide = {"IpProtocol": "tcp", "FromPort": 0, "ToPort": 65535, "ReferencedGroupId": _group(state, "app")}
    aws("ec2").modify_security_group_rules(
        GroupId=_group(state, "db"), SecurityGroupRules=[{"SecurityGroupRuleId": id, "SecurityGroupRule": wide}]
    )


def _single(aws: Clients, state: State, name: str, **changed: str) -> None:
    """A rule of its own changed in one thing."""
    id = state[f"aws_vpc_security_group_{name}"]["security_group_rule_id"]
    [found] = aws("ec2").describe_security_group_rules(SecurityGroupRuleIds=[id])["SecurityGroupRules"]
    rule = {key: found[key] for key in ("IpProtocol", "FromPort", "ToPort", "CidrIpv4", "Description") if key in found}
    if other := found.get("ReferencedGroupInfo"):
        rule["ReferencedGroupId"] = other["GroupId"]
    aws("ec2").modify_security_group_rules(
        GroupId=found["GroupId"],
        SecurityGroupRules=[{"SecurityGroupRuleId": id, "SecurityGroupRule": rule | changed}],
    )


def single_rule_told_otherwise(aws: Clients, state: State) -> None:
    _single(aws, state, "ingress_rule.db_from_app", Description="By hand")


def way_out_narrowed(aws: Clients, state: State) -> None:
    _single(aws, state, "egress_rule.db_out", CidrIpv4="10.0.0.0/8")


def way_out_told_otherwise(aws: Clients, state: State) -> None:
    _single(aws, state, "egress_rule.db_out", Description="By hand")


def way_out_shut(aws: Clients, state: State) -> None:
    id = state["aws_vpc_security_group_egress_rule.db_out"]["security_group_rule_id"]
    aws("ec2").revoke_security_group_egress(GroupId=_group(state, "db"), SecurityGroupRuleIds=[id])


def everything_out_forbidden(aws: Clients, state: State) -> None:
    permission = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": WORLD}]}
    aws("ec2").revoke_security_group_egress(GroupId=_group(state, "web"), IpPermissions=[permission])


def group_deleted(aws: Clients, state: State) -> None:
    aws("ec2").delete_security_group(GroupId=_group(state, "idle"))


def group_made_by_hand(aws: Clients, state: State) -> None:
    aws("ec2").create_security_group(GroupName="temporary", Description="?", VpcId=state["aws_vpc.main"]["id"])


def route_changed(aws: Clients, state: State) -> None:
    subnet = state['aws_subnet.public["a"]']["id"]
    interface = aws("ec2").create_network_interface(SubnetId=subnet)["NetworkInterface"]["NetworkInterfaceId"]
    aws("ec2").replace_route(
        RouteTableId=state["aws_route_table.inline"]["id"],
        DestinationCidrBlock=WORLD,
        NetworkInterfaceId=interface,
    )


def route_added(aws: Clients, state: State) -> None:
    aws("ec2").create_route(
        RouteTableId=state["aws_route_table.inline"]["id"],
        DestinationCidrBlock="10.50.0.0/16",
        GatewayId=state["aws_internet_gateway.main"]["id"],
    )


def separate_route_deleted(aws: Clients, state: State) -> None:
    aws("ec2").delete_route(RouteTableId=state["aws_route_table.separate"]["id"], DestinationCidrBlock=WORLD)


def separate_route_led_elsewhere(aws: Clients, state: State) -> None:
    subnet = state['aws_subnet.public["a"]']["id"]
    interface = aws("ec2").create_network_interface(SubnetId=subnet)["NetworkInterface"]["NetworkInterfaceId"]
    aws("ec2").replace_route(
        RouteTableId=state["aws_route_table.separate"]["id"],
        DestinationCidrBlock=WORLD,
        NetworkInterfaceId=interface,
    )


def subnet_taken_from_its_table(aws: Clients, state: State) -> None:
    aws("ec2").disassociate_route_table(AssociationId=state["aws_route_table_association.a"]["id"])


def subnet_given_another_table(aws: Clients, state: State) -> None:
    aws("ec2").replace_route_table_association(
        AssociationId=state["aws_route_table_association.a"]["id"],
        RouteTableId=state["aws_route_table.separate"]["id"],
    )


def subnet_put_in_no_table(aws: Clients, state: State) -> None:
    subnet = state["aws_route_table_association.a"]["subnet_id"]
    aws("ec2").disassociate_route_table(AssociationId=state["aws_route_table_association.a"]["id"])
    aws("ec2").delete_subnet(SubnetId=subnet)


def subnet_retagged(aws: Clients, state: State) -> None:
    _named(aws, state['aws_subnet.public["b"]']["id"])


def _named(aws: Clients, id: str) -> None:
    aws("ec2").create_tags(Resources=[id], Tags=[{"Key": "Name", "Value": "nobody"}])


def subnet_deleted(aws: Clients, state: State) -> None:
    aws("ec2").delete_subnet(SubnetId=state['aws_subnet.public["b"]']["id"])


def public_addresses_switched_off(aws: Clients, state: State) -> None:
    aws("ec2").modify_subnet_attribute(
        SubnetId=state['aws_subnet.public["a"]']["id"], MapPublicIpOnLaunch={"Value": False}
    )


def host_names_switched_off(aws: Clients, state: State) -> None:
    aws("ec2").modify_vpc_attribute(VpcId=state["aws_vpc.main"]["id"], EnableDnsHostnames={"Value": False})


def tag_changed(aws: Clients, state: State) -> None:
    aws("ec2").create_tags(Resources=[state["aws_vpc.main"]["id"]], Tags=[{"Key": "Name", "Value": "old"}])


def default_tag_removed(aws: Clients, state: State) -> None:
    aws("ec2").delete_tags(Resources=[_group(state, "db")], Tags=[{"Key": "Team"}])


def gateway_detached(aws: Clients, state: State) -> None:
    aws("ec2").detach_internet_gateway(
        InternetGatewayId=state["aws_internet_gateway.main"]["id"], VpcId=state["aws_vpc.main"]["id"]
    )


def gateway_retagged(aws: Clients, state: State) -> None:
    _named(aws, state["aws_internet_gateway.main"]["id"])


COPY = "the provider's copy of a rule or route that has a resource of its own, which tells it too"
PART = "Terraform never looks for what it does not manage: to us a part of something managed is a change of that"

GAPS = {"ec2:DescribeSecurityGroupVpcAssociations"}
"""The operations that moto does not have."""

EXPLAINED: dict[str, dict[str, str]] = {
    "group_made_by_hand": {
        "ours: unmanaged aws_security_group temporary": "Terraform never looks for what it does not manage",
    },
    "one_source_of_a_separate_rule_removed": {"terraform: changed aws_security_group.app ingress": COPY},
    "separate_route_deleted": {"terraform: changed aws_route_table.separate route": COPY},
    "separate_route_led_elsewhere": {"terraform: changed aws_route_table.separate route": COPY},
    "separate_rule_removed": {"terraform: changed aws_security_group.app ingress": COPY},
    "single_rule_removed": {"terraform: changed aws_security_group.db ingress": COPY},
    "single_rule_widened": {"terraform: changed aws_security_group.db ingress": COPY},
    "subnet_given_another_table": {"ours: changed aws_route_table.separate association": PART},
    "way_out_narrowed": {"terraform: changed aws_security_group.db egress": COPY},
    "way_out_shut": {"terraform: changed aws_security_group.db egress": COPY},
    "way_out_told_otherwise": {"terraform: changed aws_security_group.db egress": COPY},
}
"""What only one of the two says after a change, and why that is as it should be."""

SOURCE = "a rule is told source by source, each with its ports; the block keeps its ports for those that are left"

VALUES: dict[str, dict[str, str]] = {
    "one_source_of_a_rule_removed": {
        f"ours: before aws_security_group.web ingress.{name}": SOURCE for name in ("from_port", "protocol", "to_port")
    },
}
"""Where the two tell other values of what both call changed, and why that is as it should be."""
