"""Amazon VPC's route tables, their routes and what they are associated with.

One live route has two homes in Terraform: a ``route`` block of its table, which the provider also
fills in where the route is a resource of its own, and aws_route.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scanner.aws.collector import Attribute, Collector, Listing, converted, unordered
from scanner.collectors.vpc import AWS, NETWORK, another_account, in_default_vpc, network
from state import Inventory, Resource
from state.schema import Parent


def as_aws_made_it(table: Resource, inventory: Inventory) -> str | None:
    """A main route table that nobody added a route to; the default network's leads to the internet."""
    if not table.fact("main"):
        return another_account(table)
    routes = [each for each in inventory.near(table, "aws_route", route_table_id=table.id) if not is_local(each)]
    untouched = not routes or (in_default_vpc(table, inventory) and [*map(to_internet, routes)] == [True])
    return AWS if untouched else another_account(table)


def is_local(route: Resource) -> bool:
    """The route within the network: it cannot be removed, and Terraform rarely names it."""
    return route.attributes.get("gateway_id") == "local"


def to_internet(route: Resource) -> bool:
    said = route.attributes
    return said["destination_cidr_block"] == "0.0.0.0/0" and str(said["gateway_id"]).startswith("igw-")


ROUTE_TABLE = Collector(
    type="aws_route_table",
    aliases=("aws_default_route_table",),
    service="ec2",
    fetch=Listing("describe_route_tables", "RouteTables"),
    permissions=("ec2:DescribeRouteTables",),
    id="RouteTableId",
    arn="arn:{partition}:ec2:{region}:{OwnerId}:route-table/{RouteTableId}",
    owned=as_aws_made_it,
    attributes={
        "owner_id": "OwnerId",
        "propagating_vgws": unordered("PropagatingVgws[].GatewayId"),
        "vpc_id": "VpcId",
    },
    facts={"main": "length(Associations[?Main] || `[]`) > `0`"},
    tags="Tags[?Key!='AmazonFSx']",  # FSx marks the tables that it adds routes to, and the provider overlooks it
)


# --- routes -------------------------------------------------------------------------------------

DESTINATIONS = {
    "destination_cidr_block": "cidr_block",
    "destination_ipv6_cidr_block": "ipv6_cidr_block",
    "destination_prefix_list_id": "destination_prefix_list_id",
}
TARGETS = (
    "carrier_gateway_id",
    "core_network_arn",
    "egress_only_gateway_id",
    "gateway_id",
    "local_gateway_id",
    "nat_gateway_id",
    "network_interface_id",
    "transit_gateway_id",
    "vpc_endpoint_id",
    "vpc_peering_connection_id",
)


def route_identity(route: Mapping[str, Any]) -> str | None:
    """``rtb-1/0.0.0.0/0``: the table and the one destination."""
    destination = next((network(route[name]) for name in DESTINATIONS if route.get(name)), None)
    table = route.get("route_table_id")
    return f"{table}/{destination}" if table and destination else None


def routes_in_table(table: Resource) -> Iterator[Resource]:
    for block in table.attributes.get("route") or ():
        destination = {name: block.get(inline) for name, inline in DESTINATIONS.items()}
        targets = {name: block[name] for name in TARGETS if name in block}
        yield table.replace(attributes={"route_table_id": table.id} | destination | targets)


def endpoint(gateway: str | None) -> str | None:
    """AWS names an endpoint in the place of a gateway."""
    return gateway if gateway and gateway.startswith("vpce-") else None


def no_endpoint(gateway: str | None) -> str | None:
    return None if endpoint(gateway) else gateway


# A virtual gateway propagates routes, Lattice and gateway endpoints add theirs: none is anybody's to declare.
OWN_ROUTES = (
    "Routes[?Origin!='EnableVgwRoutePropagation' && GatewayId!='VpcLattice' && "
    "!(DestinationPrefixListId && starts_with(GatewayId || '', 'vpce-'))]"
)


def of_service(route: Resource, inventory: Inventory) -> str | None:
    """FSx and others lead to their own instances by interfaces of ours; the provider leaves such routes out."""
    interface = route["network_interface_id"]
    for each in inventory.near(route, "aws_network_interface", id=interface) if interface else ():
        owner = each.fact("instance_owner_id")
        if owner and owner != each["owner_id"]:
            return f"aws: {owner}"
    return None


DESTINATION = "Item.DestinationCidrBlock || Item.DestinationIpv6CidrBlock || Item.DestinationPrefixListId"

ROUTE = Collector(
    type="aws_route",
    service="ec2",
    fetch=Listing("describe_route_tables", OWN_ROUTES, within="RouteTables"),
    permissions=("ec2:DescribeRouteTables",),
    id=f"join('_', [Parent.RouteTableId, {DESTINATION}])",
    identity=route_identity,
    parent=Parent(type="aws_route_table", by="route_table_id", part="route"),
    homes={"aws_route_table": routes_in_table},
    at_default=is_local,
    owned=of_service,
    attributes={
        "carrier_gateway_id": "Item.CarrierGatewayId",
        "core_network_arn": "Item.CoreNetworkArn",
        "destination_cidr_block": Attribute(path="Item.DestinationCidrBlock", form=NETWORK),
        "destination_ipv6_cidr_block": Attribute(path="Item.DestinationIpv6CidrBlock", form=NETWORK),
        "destination_prefix_list_id": "Item.DestinationPrefixListId",
        "egress_only_gateway_id": "Item.EgressOnlyInternetGatewayId",
        "gateway_id": converted("Item.GatewayId", no_endpoint),
        "instance_id": "Item.InstanceId",
        "instance_owner_id": "Item.InstanceOwnerId",
        "local_gateway_id": "Item.LocalGatewayId",
        "nat_gateway_id": "Item.NatGatewayId",
        "network_interface_id": "Item.NetworkInterfaceId",
        "origin": "Item.Origin",
        "route_table_id": "Parent.RouteTableId",
        "state": "Item.State",
        "transit_gateway_id": "Item.TransitGatewayId",
        "vpc_endpoint_id": converted("Item.GatewayId", endpoint),
        "vpc_peering_connection_id": "Item.VpcPeeringConnectionId",
    },
)

ROUTE_TABLE_ASSOCIATION = Collector(
    type="aws_route_table_association",
    service="ec2",
    fetch=Listing(
        "describe_route_tables",
        "RouteTables[].Associations[] | [?!Main && (SubnetId || GatewayId)]",
    ),
    permissions=("ec2:DescribeRouteTables",),
    id="RouteTableAssociationId",
    parent=Parent(type="aws_route_table", by="route_table_id", part="association"),
    attributes={"gateway_id": "GatewayId", "route_table_id": "RouteTableId", "subnet_id": "SubnetId"},
)


def main_of_vpc(said: Mapping[str, Any]) -> tuple[str, ...] | None:
    """A network's main table, which the network's own state may have been read before."""
    vpc = said.get("vpc_id")
    return (vpc, "default_route_table_id", "main_route_table_id") if vpc else None


MAIN_ROUTE_TABLE_ASSOCIATION = Collector(
    type="aws_main_route_table_association",
    service="ec2",
    fetch=Listing("describe_route_tables", "Associations[?Main]", within="RouteTables"),
    permissions=("ec2:DescribeRouteTables",),
    id="Item.RouteTableAssociationId",
    identity=("vpc_id",),
    spot=main_of_vpc,
    attributes={"route_table_id": "Item.RouteTableId", "vpc_id": "Parent.VpcId"},
)

COLLECTORS = [ROUTE_TABLE, ROUTE, ROUTE_TABLE_ASSOCIATION, MAIN_ROUTE_TABLE_ASSOCIATION]
