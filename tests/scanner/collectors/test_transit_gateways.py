import pytest

from scanner.collectors.transit_gateways import (
    COLLECTORS,
    PROPAGATION,
    ROUTE,
    ROUTE_TABLE,
    TRANSIT_GATEWAY,
    VPC_ATTACHMENT,
    of_another_vpc,
)
from state import Inventory
from state.forms import plain
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.aws.wire import items, wire, xml
from tests.scanner.compared import declared, only, told, twin

ARN = f"arn:aws:ec2:{REGION}:{ACCOUNT}"
NAMED = [{"Key": "Name", "Value": "hub"}]


@pytest.fixture
def gateway(ec2):
    tags = [{"ResourceType": "transit-gateway", "Tags": NAMED}]
    made = ec2.create_transit_gateway(Description="hub", TagSpecifications=tags)
    return made["TransitGateway"]["TransitGatewayId"]


@pytest.fixture
def subnet(ec2):
    vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    return ec2.create_subnet(VpcId=vpc, CidrBlock="10.1.1.0/24")["Subnet"]


@pytest.fixture
def attachment(ec2, gateway, subnet):
    made = ec2.create_transit_gateway_vpc_attachment(
        TransitGatewayId=gateway, VpcId=subnet["VpcId"], SubnetIds=[subnet["SubnetId"]]
    )
    return made["TransitGatewayVpcAttachment"]["TransitGatewayAttachmentId"]


@pytest.fixture
def table(ec2, gateway):
    made = ec2.create_transit_gateway_route_table(TransitGatewayId=gateway)
    return made["TransitGatewayRouteTable"]["TransitGatewayRouteTableId"]


def test_transit_gateway(gateway):
    made = only(found := read(TRANSIT_GATEWAY), "aws_ec2_transit_gateway")
    assert (made.id, made.fact("pending_deletion")) == (gateway, False)
    assert {name: value for name, value in made.attributes.items() if plain(value)} == {
        "amazon_side_asn": 64512,
        "arn": made["arn"],
        "association_default_route_table_id": made["association_default_route_table_id"],
        "auto_accept_shared_attachments": "disable",
        "default_route_table_association": "enable",
        "default_route_table_propagation": "enable",
        "description": "hub",
        "dns_support": "enable",
        "multicast_support": "disable",
        "owner_id": ACCOUNT,
        "propagation_default_route_table_id": made["propagation_default_route_table_id"],
        "vpn_ecmp_support": "enable",
        "tags": {"Name": "hub"},
    }
    path = ("changed", "aws_ec2_transit_gateway", "dns_support")
    assert told(found, [TRANSIT_GATEWAY], twin(made)) == set()
    assert told(found, [TRANSIT_GATEWAY], twin(made, dns_support="disable")) == {path}


def test_vpc_attachment(gateway, attachment, subnet):
    made = only(found := read(VPC_ATTACHMENT), "aws_ec2_transit_gateway_vpc_attachment")
    assert made.id == attachment
    assert {name: value for name, value in made.attributes.items() if plain(value)} == {
        "arn": f"{ARN}:transit-gateway-attachment/{attachment}",
        "dns_support": "enable",
        "ipv6_support": "disable",
        "appliance_mode_support": "disable",
        "security_group_referencing_support": "enable",
        "subnet_ids": [subnet["SubnetId"]],
        "transit_gateway_id": gateway,
        "vpc_id": subnet["VpcId"],
        "vpc_owner_id": ACCOUNT,
    }
    wanted = declared("aws_ec2_transit_gateway_vpc_attachment_accepter", attachment, vpc_id=subnet["VpcId"])
    assert told(found, [VPC_ATTACHMENT], wanted) == told(found, [VPC_ATTACHMENT], twin(made)) == set()
    path = ("changed", "aws_ec2_transit_gateway_vpc_attachment", "subnet_ids")
    assert told(found, [VPC_ATTACHMENT], twin(made, subnet_ids=["subnet-1"])) == {path}
    theirs = declared(made.type, "tgw-attach-2", vpc_owner_id="210987654321")
    assert of_another_vpc(theirs, Inventory()) == "account: 210987654321"


DEFAULTS = [f"transit_gateway_default_route_table_{kind}" for kind in ("association", "propagation")]


def test_the_default_tables_of_an_attachment(ec2, gateway, attachment):
    """To AWS an attachment's routes go to the default table by themselves; moto has to be told."""
    table = only(read(TRANSIT_GATEWAY), "aws_ec2_transit_gateway")["propagation_default_route_table_id"]
    ec2.enable_transit_gateway_route_table_propagation(
        TransitGatewayRouteTableId=table, TransitGatewayAttachmentId=attachment
    )
    made = only(found := read(*COLLECTORS), "aws_ec2_transit_gateway_vpc_attachment")
    assert [made[each] for each in DEFAULTS] == [True, True]
    assert told(found, [VPC_ATTACHMENT], twin(made, **dict.fromkeys(DEFAULTS, False))) == {
        ("changed", "aws_ec2_transit_gateway_vpc_attachment", each) for each in DEFAULTS
    }
    alone = only(read(VPC_ATTACHMENT), "aws_ec2_transit_gateway_vpc_attachment")
    assert set(alone.unknown) == set(DEFAULTS)


@pytest.mark.parametrize(("owner", "table", "said"), [("210987654321", "tgw-rtb-1", True), (ACCOUNT, None, False)])
def test_default_tables_of_gateways_without_one_or_of_others(owner, table, said):
    class Here:
        partition, region, account = "aws", REGION, ACCOUNT

    options = {"AssociationDefaultRouteTableId": table}
    gateway = TRANSIT_GATEWAY.resource({"TransitGatewayId": "tgw-1", "OwnerId": owner, "Options": options}, Here(), {})
    item = {"TransitGatewayAttachmentId": "tgw-attach-1", "TransitGatewayId": "tgw-1"}
    made = VPC_ATTACHMENT.resource(item, Here(), {})
    assert VPC_ATTACHMENT.joins[DEFAULTS[0]](made, Inventory([gateway])) is said


def test_route_table(gateway, table):
    found = read(ROUTE_TABLE)
    made = only(found, "aws_ec2_transit_gateway_route_table")
    assert {each.owner for each in found.of("aws_ec2_transit_gateway_route_table")} == {None, "aws: default"}
    assert (made.id, made.attributes) == (
        table,
        {
            "arn": f"{ARN}:transit-gateway-route-table/{table}",
            "default_association_route_table": False,
            "default_propagation_route_table": False,
            "transit_gateway_id": gateway,
            "tags": {},
        },
    )


def test_route(ec2, table, attachment):
    asked = {"TransitGatewayRouteTableId": table}
    ec2.create_transit_gateway_route(DestinationCidrBlock="10.9.0.0/16", Blackhole=True, **asked)
    both = [ROUTE_TABLE, ROUTE]
    found = read(*both)
    made = only(found, "aws_ec2_transit_gateway_route")
    assert (made.id, made.identity) == (f"{table}_10.9.0.0/16", f"{table}/10.9.0.0/16")
    assert made.attributes == {
        "blackhole": True,
        "destination_cidr_block": "10.9.0.0/16",
        "transit_gateway_attachment_id": None,
        "transit_gateway_route_table_id": table,
    }
    mine = twin(only(found, "aws_ec2_transit_gateway_route_table"))
    assert told(found, both, mine, twin(made)) == set()
    added = ("changed", "aws_ec2_transit_gateway_route_table", "route[10.9.0.0/16]")
    assert told(found, both, mine) == {added}
    path = ("changed", "aws_ec2_transit_gateway_route", "transit_gateway_attachment_id")
    assert told(found, both, mine, twin(made, transit_gateway_attachment_id=attachment)) == {path}


# moto answers of associations and propagations by half, and of routes never in part.

TABLES = items(
    "DescribeTransitGatewayRouteTables",
    "transitGatewayRouteTables",
    "<transitGatewayRouteTableId>tgw-rtb-1</transitGatewayRouteTableId><state>available</state>",
    "<transitGatewayRouteTableId>tgw-rtb-2</transitGatewayRouteTableId><state>deleted</state>",
)
WHAT = (
    "<transitGatewayAttachmentId>tgw-attach-1</transitGatewayAttachmentId>"
    "<resourceId>vpc-1</resourceId><resourceType>vpc</resourceType>"
)
IN_TABLE = {
    "resource_id": "vpc-1",
    "resource_type": "vpc",
    "transit_gateway_attachment_id": "tgw-attach-1",
    "transit_gateway_route_table_id": "tgw-rtb-1",
}


@pytest.fixture
def aws_says(monkeypatch):
    with wire() as it:
        monkeypatch.setenv("AWS_ENDPOINT_URL", it.url)
        it.answers["DescribeTransitGatewayRouteTables"] = TABLES
        yield it.answers


def associated(state):
    within = f"<transitGatewayRouteTableId>tgw-rtb-1</transitGatewayRouteTableId><state>{state}</state>"
    return f"{WHAT}<association>{within}</association>"


def test_what_is_associated_and_propagated(aws_says):
    call, into = "DescribeTransitGatewayAttachments", "transitGatewayAttachments"
    aws_says[call] = items(call, into, associated("associated"), associated("disassociating"), WHAT)
    call = "GetTransitGatewayRouteTablePropagations"
    rows = (f"{WHAT}<state>{state}</state>" for state in ("enabled", "disabled"))
    aws_says[call] = items(call, "transitGatewayRouteTablePropagations", *rows)
    found = read(*COLLECTORS)
    for kind in ("association", "propagation"):
        made = only(found, f"aws_ec2_transit_gateway_route_table_{kind}")
        assert (made.id, made.identity) == ("tgw-rtb-1_tgw-attach-1", "tgw-rtb-1/tgw-attach-1")
        assert made.attributes == IN_TABLE
        table = declared("aws_ec2_transit_gateway_route_table", "tgw-rtb-1")
        both = [ROUTE_TABLE, *(each for each in COLLECTORS if each.type == made.type)]
        assert told(found, both, table, twin(made)) == set()
        path = f"{kind}[tgw-attach-1]"
        assert told(found, both, table) == {("changed", "aws_ec2_transit_gateway_route_table", path)}
        lost = declared(made.type, "x", **IN_TABLE | {"transit_gateway_attachment_id": "tgw-attach-2"})
        assert told(found, both, table, twin(made), lost) == {("missing", made.type, "")}


def test_more_routes_than_aws_tells_are_a_gap(aws_says):
    routes = "<routeSet><item><destinationCidrBlock>10.0.0.0/8</destinationCidrBlock></item></routeSet>"
    call = "SearchTransitGatewayRoutes"
    aws_says[call] = xml(call, f"{routes}<additionalRoutesAvailable>true</additionalRoutesAvailable>")
    found = read(ROUTE)
    assert [gap.reason for gap in found.gaps] == ["tgw-rtb-1 has more static routes than AWS tells"]
    wanted = {"transit_gateway_route_table_id": "tgw-rtb-1", "destination_cidr_block": "10.0.0.0/8"}
    assert told(found, [ROUTE], declared("aws_ec2_transit_gateway_route", "x", **wanted)) == set()


def test_denied_propagations_are_a_gap(aws_says):
    found = read(PROPAGATION)
    assert [gap.permission for gap in found.gaps] == ["ec2:GetTransitGatewayRouteTablePropagations"]
    wanted = declared("aws_ec2_transit_gateway_route_table_propagation", "x", **IN_TABLE)
    assert told(found, [PROPAGATION], wanted) == set()
