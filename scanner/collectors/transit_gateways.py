"""AWS Transit Gateway: gateways, what is attached to them, and their route tables.

A gateway shared through RAM is listed in both accounts, and so is an attachment of one account's network
to another's gateway; route tables are seen by the gateway's owner alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scanner.aws.collector import Attribute, Collector, Join, Listing, unordered
from scanner.aws.inside import Once, inside, listing
from scanner.aws.place import Item, Place
from scanner.collectors.vpc import AWS, NETWORK, another_account, network
from state import Inventory, Resource, Unknown
from state.schema import Parent

TRANSIT_GATEWAY = Collector(
    type="aws_ec2_transit_gateway",
    service="ec2",
    fetch=Listing("describe_transit_gateways", "TransitGateways[?State!='deleted']"),
    permissions=("ec2:DescribeTransitGateways",),
    id="TransitGatewayId",
    owned=another_account,
    attributes={
        "amazon_side_asn": "Options.AmazonSideAsn",
        "arn": "TransitGatewayArn",
        "association_default_route_table_id": "Options.AssociationDefaultRouteTableId",
        "auto_accept_shared_attachments": "Options.AutoAcceptSharedAttachments",
        "default_route_table_association": "Options.DefaultRouteTableAssociation",
        "default_route_table_propagation": "Options.DefaultRouteTablePropagation",
        "description": "Description",
        "dns_support": "Options.DnsSupport",
        "multicast_support": "Options.MulticastSupport",
        "owner_id": "OwnerId",
        "propagation_default_route_table_id": "Options.PropagationDefaultRouteTableId",
        "security_group_referencing_support": "Options.SecurityGroupReferencingSupport",
        "transit_gateway_cidr_blocks": unordered("Options.TransitGatewayCidrBlocks"),
        "vpn_ecmp_support": "Options.VpnEcmpSupport",
    },
    facts={"pending_deletion": "State=='deleting'", "state": "State"},
    tags="Tags",
)

# --- attachments --------------------------------------------------------------------------------


def of_another_vpc(attachment: Resource, inventory: Inventory) -> str | None:
    """The account whose network is attached to a gateway of this one."""
    owner = attachment.attributes.get("vpc_owner_id")
    return f"account: {owner}" if owner and owner != attachment.account else None


def in_default_table(option: str, kind: str) -> Join:
    """Whether a network is in its gateway's default table; to the provider it is, where another account has that."""

    def told(attachment: Resource, inventory: Inventory) -> bool:
        id = attachment["transit_gateway_id"]
        gateways = inventory.near(attachment, TRANSIT_GATEWAY.type, id=id)
        if not gateways:
            raise Unknown(f"gateway {id} of {attachment.id} was not listed")
        if gateways[0]["owner_id"] != attachment.account:
            return True
        table = gateways[0][option]
        where = {"transit_gateway_route_table_id": table, "transit_gateway_attachment_id": attachment.id}
        return bool(table and inventory.near(attachment, f"aws_ec2_transit_gateway_route_table_{kind}", **where))

    return told


VPC_ATTACHMENT = Collector(
    type="aws_ec2_transit_gateway_vpc_attachment",
    aliases=("aws_ec2_transit_gateway_vpc_attachment_accepter",),
    service="ec2",
    fetch=Listing(
        "describe_transit_gateway_vpc_attachments",
        "TransitGatewayVpcAttachments[?!contains(['deleted', 'failed', 'rejected'], State)]",
    ),
    permissions=("ec2:DescribeTransitGatewayVpcAttachments",),
    id="TransitGatewayAttachmentId",
    arn="arn:{partition}:ec2:{region}:{account}:transit-gateway-attachment/{TransitGatewayAttachmentId}",
    owned=of_another_vpc,
    joins={
        "transit_gateway_default_route_table_association": in_default_table(
            "association_default_route_table_id", "association"
        ),
        "transit_gateway_default_route_table_propagation": in_default_table(
            "propagation_default_route_table_id", "propagation"
        ),
    },
    attributes={
        "appliance_mode_support": "Options.ApplianceModeSupport",
        "dns_support": "Options.DnsSupport",
        "ipv6_support": "Options.Ipv6Support",
        "security_group_referencing_support": "Options.SecurityGroupReferencingSupport",
        "subnet_ids": unordered("SubnetIds"),
        "transit_gateway_id": "TransitGatewayId",
        "vpc_id": "VpcId",
        "vpc_owner_id": "VpcOwnerId",
    },
    facts={"pending_deletion": "State=='deleting'", "state": "State"},
    tags="Tags",
)

# --- route tables -------------------------------------------------------------------------------


async def _tables(place: Place) -> list[Item]:
    answer = await place.whole("ec2", "describe_transit_gateway_route_tables")
    return [each for each in answer.get("TransitGatewayRouteTables") or () if each["State"] != "deleted"]


def told(answer: list[Item], table: Item) -> list[Item]:
    return answer


TABLES = Once(_tables)


def made_with_gateway(table: Item) -> str | None:
    """A gateway's default table is made with it."""
    by_default = table.get("DefaultAssociationRouteTable") or table.get("DefaultPropagationRouteTable")
    return AWS if by_default else None


ROUTE_TABLE = Collector(
    type="aws_ec2_transit_gateway_route_table",
    service="ec2",
    fetch=listing("transit_gateway_tables", TABLES),
    permissions=("ec2:DescribeTransitGatewayRouteTables",),
    id="TransitGatewayRouteTableId",
    arn="arn:{partition}:ec2:{region}:{account}:transit-gateway-route-table/{TransitGatewayRouteTableId}",
    owner=made_with_gateway,
    attributes={
        "default_association_route_table": "DefaultAssociationRouteTable",
        "default_propagation_route_table": "DefaultPropagationRouteTable",
        "transit_gateway_id": "TransitGatewayId",
    },
    facts={"pending_deletion": "State=='deleting'", "state": "State"},
    tags="Tags",
)


def in_table(part: str) -> Parent:
    return Parent(type="aws_ec2_transit_gateway_route_table", by="transit_gateway_route_table_id", part=part)


ASSOCIATED = "Association.State=='associated' || Association.State=='associating'"
ATTACHMENT_IN_TABLE = ("transit_gateway_route_table_id", "transit_gateway_attachment_id")

ASSOCIATION = Collector(
    type="aws_ec2_transit_gateway_route_table_association",
    service="ec2",
    fetch=Listing("describe_transit_gateway_attachments", f"TransitGatewayAttachments[?{ASSOCIATED}]"),
    permissions=("ec2:DescribeTransitGatewayAttachments",),
    id="join('_', [Association.TransitGatewayRouteTableId, TransitGatewayAttachmentId])",
    identity=ATTACHMENT_IN_TABLE,
    parent=in_table("association"),
    attributes={
        "resource_id": "ResourceId",
        "resource_type": "ResourceType",
        "transit_gateway_attachment_id": "TransitGatewayAttachmentId",
        "transit_gateway_route_table_id": "Association.TransitGatewayRouteTableId",
    },
)


async def _propagations(place: Place, table: Item) -> list[Item]:
    """What is propagated to a route table."""
    if table["State"] == "deleting":
        return []
    asked = {"TransitGatewayRouteTableId": table["TransitGatewayRouteTableId"]}
    answer = await place.whole("ec2", "get_transit_gateway_route_table_propagations", **asked)
    found = answer.get("TransitGatewayRouteTablePropagations") or ()
    return [each | asked for each in found if each.get("State") in ("enabled", "enabling")]


PROPAGATION = Collector(
    type="aws_ec2_transit_gateway_route_table_propagation",
    service="ec2",
    fetch=inside("propagations", TABLES, Once(_propagations), told),
    permissions=(
        "ec2:DescribeTransitGatewayRouteTables",
        "ec2:GetTransitGatewayRouteTablePropagations",
    ),
    id="join('_', [TransitGatewayRouteTableId, TransitGatewayAttachmentId])",
    identity=ATTACHMENT_IN_TABLE,
    parent=in_table("propagation"),
    attributes={
        "resource_id": "ResourceId",
        "resource_type": "ResourceType",
        "transit_gateway_attachment_id": "TransitGatewayAttachmentId",
        "transit_gateway_route_table_id": "TransitGatewayRouteTableId",
    },
)

# --- routes -------------------------------------------------------------------------------------


class TooManyRoutes(Exception):
    """AWS answers with a thousand routes of a table, and has no further pages."""


async def _static_routes(place: Place, table: Item) -> list[Item]:
    """The routes that somebody wrote into a table. Raises TooManyRoutes where AWS does not tell all."""
    if table["State"] == "deleting":
        return []
    static = [{"Name": "type", "Values": ["static"]}]
    asked = {"TransitGatewayRouteTableId": table["TransitGatewayRouteTableId"]}
    answer = await place.call("ec2", "search_transit_gateway_routes", Filters=static, **asked)
    if answer.get("AdditionalRoutesAvailable"):
        raise TooManyRoutes(f"{asked['TransitGatewayRouteTableId']} has more static routes than AWS tells")
    live = (each for each in answer.get("Routes") or () if each.get("State") not in ("deleting", "deleted"))
    return [each | asked for each in live if not each.get("PrefixListId")]


def route_identity(route: Mapping[str, Any]) -> str | None:
    """``tgw-rtb-1/10.0.0.0/8``: the table and the destination."""
    table, destination = route.get("transit_gateway_route_table_id"), route.get("destination_cidr_block")
    return f"{table}/{network(destination)}" if table and destination else None


ROUTE = Collector(
    type="aws_ec2_transit_gateway_route",
    service="ec2",
    fetch=inside("static_routes", TABLES, Once(_static_routes), told),
    permissions=("ec2:DescribeTransitGatewayRouteTables", "ec2:SearchTransitGatewayRoutes"),
    id="join('_', [TransitGatewayRouteTableId, DestinationCidrBlock])",
    identity=route_identity,
    parent=in_table("route"),
    attributes={
        "blackhole": "!TransitGatewayAttachments",
        "destination_cidr_block": Attribute(path="DestinationCidrBlock", form=NETWORK),
        "transit_gateway_attachment_id": "TransitGatewayAttachments[0].TransitGatewayAttachmentId",
        "transit_gateway_route_table_id": "TransitGatewayRouteTableId",
    },
)

COLLECTORS = [TRANSIT_GATEWAY, VPC_ATTACHMENT, ROUTE_TABLE, ASSOCIATION, PROPAGATION, ROUTE]
