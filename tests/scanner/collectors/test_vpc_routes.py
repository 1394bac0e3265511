import pytest

from scanner.aws.collector import joined
from scanner.collectors import vpc, vpc_routes
from scanner.collectors.ec2_interfaces import NETWORK_INTERFACE
from scanner.collectors.security_groups import SECURITY_GROUP
from scanner.collectors.vpc import VPC
from scanner.collectors.vpc_routes import (
    MAIN_ROUTE_TABLE_ASSOCIATION,
    ROUTE,
    ROUTE_TABLE,
    ROUTE_TABLE_ASSOCIATION,
    route_identity,
)
from state import Declaration, Inventory, Resource
from state.drift import drift
from state.terraform.settle import settle
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.compared import told, twin
from tests.scanner.corpus import assert_corpus_equals_itself

COLLECTORS = [*vpc_routes.COLLECTORS, *vpc.COLLECTORS]
SCHEMAS = {each.type: each.schema for each in COLLECTORS}
ARN = f"arn:aws:ec2:{REGION}:{ACCOUNT}"
EVERYWHERE = "0.0.0.0/0"
INLINE = {"cidr_block": "", "ipv6_cidr_block": "", "destination_prefix_list_id": "", "gateway_id": ""}


@pytest.fixture
def main(ec2):
    return ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]


@pytest.fixture
def gateway(ec2, main):
    id = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=id, VpcId=main)
    return id


@pytest.fixture
def table(ec2, main):
    tags = [{"ResourceType": "route-table", "Tags": [{"Key": "Name", "Value": "public"}]}]
    return ec2.create_route_table(VpcId=main, TagSpecifications=tags)["RouteTable"]["RouteTableId"]


@pytest.fixture
def routed(ec2, table, gateway):
    ec2.create_route(RouteTableId=table, DestinationCidrBlock=EVERYWHERE, GatewayId=gateway)
    return table


def one(found, type, id):
    return next(each for each in found.of(type) if each.id == id)


def declared_table(id, *routes, account=ACCOUNT):
    attributes = {"id": id, "owner_id": ACCOUNT, "route": list(routes), "arn": f"{ARN}:route-table/{id}"}
    return declared("aws_route_table", id, attributes, account)


def declared(type, id, attributes, account=ACCOUNT):
    return Resource(
        type=type,
        id=id,
        account=account,
        region=REGION,
        attributes=attributes,
        declared=Declaration(address=f"{type}.this", source="test"),
    )


def apart(table, destination, gateway):
    attributes = {"route_table_id": table, "destination_cidr_block": destination, "gateway_id": gateway}
    return declared("aws_route", "r-1", attributes)


def compare(*wanted):
    result = drift(read(*COLLECTORS), Inventory(settle(wanted, SCHEMAS)), SCHEMAS)
    changed = {(each.kind.value, each.resource.type, change.path) for each in result.drift for change in each.changes}
    return changed | {("missing", each.resource.type, "") for each in result.drift if each.kind == "missing"}


# --- tables -----------------------------------------------------------------------------------------


def test_route_table(table, main):
    made = one(read(*COLLECTORS), "aws_route_table", table)
    assert made.owner is None
    assert made.facts == {"main": False}
    assert made.attributes == {
        "arn": f"{ARN}:route-table/{table}",
        "owner_id": ACCOUNT,
        "propagating_vgws": None,
        "vpc_id": main,
        "tags": {"Name": "public"},
    }


def test_the_mark_of_fsx_on_a_table_is_nobodys(ec2, table):
    ec2.create_tags(Resources=[table], Tags=[{"Key": "AmazonFSx", "Value": "ManagedByAmazonFSx"}])
    assert one(read(*COLLECTORS), "aws_route_table", table)["tags"] == {"Name": "public"}


def main_table(ec2, vpc):
    filters = [{"Name": "vpc-id", "Values": [vpc]}, {"Name": "association.main", "Values": ["true"]}]
    return ec2.describe_route_tables(Filters=filters)["RouteTables"][0]["RouteTableId"]


def owner(table):
    return one(read(*COLLECTORS), "aws_route_table", table).owner


def test_a_main_table_nobody_touched_is_aws_own(ec2, main, gateway):
    table = main_table(ec2, main)
    assert owner(table) == "aws: default"
    ec2.create_route(RouteTableId=table, DestinationCidrBlock=EVERYWHERE, GatewayId=gateway)
    assert owner(table) is None


def test_the_main_table_of_the_default_network_leads_to_the_internet(ec2):
    [default] = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=default["VpcId"])
    table = main_table(ec2, default["VpcId"])
    ec2.create_route(RouteTableId=table, DestinationCidrBlock=EVERYWHERE, GatewayId=gateway)
    assert owner(table) == "aws: default"
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="192.168.0.0/16", GatewayId=gateway)
    assert owner(table) is None


def test_denied_tables_are_a_gap_and_nothing_is_missing_there(routed, gateway, allowed_only):
    wanted = [declared_table(routed), apart(routed, EVERYWHERE, gateway)]
    with allowed_only("ec2:DescribeVpcs", "ec2:DescribeVpcAttribute"):
        found = read(vpc.VPC, *vpc_routes.COLLECTORS)
    assert {(gap.type, gap.permission) for gap in found.gaps} == {
        (each.type, "ec2:DescribeRouteTables") for each in vpc_routes.COLLECTORS
    }
    assert found.of("aws_vpc")
    result = drift(found, Inventory(settle(wanted, SCHEMAS)), SCHEMAS)
    assert {(each.kind, each.resource.type) for each in result.drift} == {("unmanaged", "aws_vpc")}


# --- routes -----------------------------------------------------------------------------------------


def test_route(routed, gateway):
    routes = {each.identity: each for each in read(ROUTE).of("aws_route") if each["route_table_id"] == routed}
    assert set(routes) == {f"{routed}/10.1.0.0/16", f"{routed}/0.0.0.0/0"}
    made = routes[f"{routed}/0.0.0.0/0"]
    assert made.id == f"{routed}_0.0.0.0/0"
    assert made.attributes == dict.fromkeys(ROUTE.attributes) | {
        "destination_cidr_block": EVERYWHERE,
        "gateway_id": gateway,
        "origin": "CreateRoute",
        "route_table_id": routed,
        "state": "active",
    }


def test_routes_that_nobody_declares_are_left_out():
    ours = {"DestinationCidrBlock": EVERYWHERE, "GatewayId": "igw-1", "Origin": "CreateRoute"}
    firewall = {"DestinationCidrBlock": "10.0.0.0/8", "GatewayId": "vpce-1", "Origin": "CreateRoute"}
    to_list = {"DestinationPrefixListId": "pl-1", "TransitGatewayId": "tgw-1", "Origin": "CreateRoute"}
    theirs = [
        {"DestinationCidrBlock": "10.9.0.0/16", "GatewayId": "vgw-1", "Origin": "EnableVgwRoutePropagation"},
        {"DestinationPrefixListId": "pl-2", "GatewayId": "vpce-2", "Origin": "CreateRoute"},
        {"DestinationPrefixListId": "pl-3", "GatewayId": "VpcLattice", "Origin": "CreateRoute"},
    ]
    page = {"RouteTables": [{"RouteTableId": "rtb-1", "Routes": [ours, *theirs, firewall, to_list]}]}
    assert [each["Item"] for each in ROUTE.fetch.found(page)] == [ours, firewall, to_list]


class Here:
    partition, region, account = "aws", REGION, ACCOUNT


LED = "route[10.9.0.9/32]"


@pytest.mark.parametrize(
    ("interfaces", "differs"),
    [
        ([{"InstanceOwnerId": "727180483921"}], set()),
        ([{"InstanceOwnerId": ACCOUNT}], {("changed", "aws_route_table", LED)}),
        ([], {("changed", "aws_route_table", LED)}),
    ],
    ids=["of-a-service", "our-own", "unseen"],
)
def test_a_route_to_what_a_service_runs_is_of_that(interfaces, differs):
    """As FSx makes them; the provider overlooks those too. One to an interface that was not seen may be anybody's."""
    of_network = {"RouteTableId": "rtb-1", "VpcId": "vpc-1", "OwnerId": ACCOUNT}
    led = {"Item": {"DestinationCidrBlock": "10.9.0.9/32", "NetworkInterfaceId": "eni-1"}, "Parent": of_network}
    by_id = {"NetworkInterfaceId": "eni-1", "OwnerId": ACCOUNT}
    table, route = ROUTE_TABLE.resource(of_network, Here(), {}), ROUTE.resource(led, Here(), {})
    attached = [NETWORK_INTERFACE.resource(by_id | {"Attachment": each}, Here(), {}) for each in interfaces]
    read = {(each, ACCOUNT, REGION) for each in ("aws_route", "aws_route_table", *(made.type for made in attached))}
    seen = Inventory([table, *attached], read=read)
    live = Inventory([*seen.resources, joined(route, ROUTE, seen)], read=read)
    assert told(live, COLLECTORS, twin(table)) == differs


def test_an_endpoint_stands_where_a_gateway_would():
    route = {"DestinationCidrBlock": EVERYWHERE, "GatewayId": "vpce-1"}
    made = ROUTE.resource({"Item": route, "Parent": {"RouteTableId": "rtb-1"}}, Here(), {})
    assert (made["gateway_id"], made["vpc_endpoint_id"]) == (None, "vpce-1")


@pytest.mark.parametrize(
    ("route", "identity"),
    [
        ({"route_table_id": "rtb-1", "destination_ipv6_cidr_block": "0::0/0"}, "rtb-1/::/0"),
        ({"route_table_id": "rtb-1", "destination_prefix_list_id": "pl-1"}, "rtb-1/pl-1"),
        ({"route_table_id": "rtb-1", "destination_cidr_block": ""}, None),
    ],
)
def test_route_identity(route, identity):
    assert route_identity(route) == identity


HOMES = ["inline", "separate", "both"]


def homes(home, table, gateway):
    block = INLINE | {"cidr_block": EVERYWHERE, "gateway_id": gateway}
    inline, bare, route = declared_table(table, block), declared_table(table), apart(table, EVERYWHERE, gateway)
    return {"inline": [inline], "separate": [bare, route], "both": [inline, route]}[home]


@pytest.mark.parametrize("home", HOMES)
def test_a_route_is_the_same_wherever_it_is_declared(routed, gateway, home):
    assert compare(*homes(home, routed, gateway)) == set()


@pytest.mark.parametrize("home", HOMES)
def test_a_lost_route_is_told_once(ec2, routed, gateway, home):
    ec2.delete_route(RouteTableId=routed, DestinationCidrBlock=EVERYWHERE)
    inline = home == "inline"
    told = ("changed", "aws_route_table", f"route[{EVERYWHERE}]") if inline else ("missing", "aws_route", "")
    assert compare(*homes(home, routed, gateway)) == {told}


@pytest.mark.parametrize("home", HOMES)
def test_an_added_route_is_a_change_of_its_table(ec2, routed, gateway, home):
    ec2.create_route(RouteTableId=routed, DestinationCidrBlock="192.168.0.0/16", GatewayId=gateway)
    assert compare(*homes(home, routed, gateway)) == {("changed", "aws_route_table", "route[192.168.0.0/16]")}


def test_a_route_that_leads_elsewhere(routed, gateway):
    block = INLINE | {"cidr_block": EVERYWHERE, "gateway_id": "igw-other"}
    assert compare(declared_table(routed, block)) == {("changed", "aws_route_table", f"route[{EVERYWHERE}].gateway_id")}
    assert compare(declared_table(routed), apart(routed, EVERYWHERE, "igw-other")) == {
        ("changed", "aws_route", "gateway_id")
    }


def test_the_local_route_may_be_declared(routed, gateway):
    local = INLINE | {"cidr_block": "10.1.0.0/16", "gateway_id": "local"}
    out = INLINE | {"cidr_block": EVERYWHERE, "gateway_id": gateway}
    assert compare(declared_table(routed, local, out)) == set()


def test_a_lost_route_of_a_table_that_does_not_say_its_account(table, gateway):
    block = INLINE | {"cidr_block": EVERYWHERE, "gateway_id": gateway}
    assert compare(declared_table(table, block, account="")) == {("changed", "aws_route_table", f"route[{EVERYWHERE}]")}


def test_a_default_route_table_is_a_route_table(ec2, main, gateway):
    table = main_table(ec2, main)
    ec2.create_route(RouteTableId=table, DestinationCidrBlock=EVERYWHERE, GatewayId=gateway)
    adopted = declared("aws_default_route_table", table, {"default_route_table_id": table, "route": []})
    assert compare(adopted) == {("changed", "aws_route_table", f"route[{EVERYWHERE}]")}


# --- associations -----------------------------------------------------------------------------------


def test_route_table_association(ec2, table, main):
    subnet = ec2.create_subnet(VpcId=main, CidrBlock="10.1.1.0/24")["Subnet"]["SubnetId"]
    id = ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)["AssociationId"]
    [made] = read(ROUTE_TABLE_ASSOCIATION).of("aws_route_table_association")
    assert made.id == id
    assert made.attributes == {"gateway_id": None, "route_table_id": table, "subnet_id": subnet}
    wanted = declared("aws_route_table_association", id, dict(made.attributes))
    assert compare(declared_table(table), wanted) == set()
    assert compare(declared_table(table)) == {("changed", "aws_route_table", f"association[{id}]")}
    ec2.disassociate_route_table(AssociationId=id)
    assert compare(declared_table(table), wanted) == {("missing", "aws_route_table_association", "")}


def test_one_call_serves_tables_routes_and_associations():
    assert {each.fetch.call for each in (ROUTE_TABLE, ROUTE, ROUTE_TABLE_ASSOCIATION)} == {ROUTE_TABLE.fetch.call}


def test_corpus():
    assert_corpus_equals_itself(COLLECTORS)


def test_main_route_table(aws):
    """Where another table was made the main one, the network's own state was read before."""
    ec2, both = aws("ec2"), [VPC, MAIN_ROUTE_TABLE_ASSOCIATION, ROUTE_TABLE, SECURITY_GROUP]
    id = ec2.create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"]
    [live] = [each for each in read(*both).of("aws_vpc") if each.id == id]
    table = ec2.create_route_table(VpcId=id)["RouteTable"]["RouteTableId"]
    [main] = [each for each in read(*both).of("aws_main_route_table_association") if each["vpc_id"] == id]
    ec2.replace_route_table_association(AssociationId=main.id, RouteTableId=table)
    found = read(*both)
    [made] = [each for each in found.of("aws_main_route_table_association") if each["vpc_id"] == id]
    assert (made.identity, made.attributes) == (id, {"route_table_id": table, "vpc_id": id})

    def changed(*wanted):
        return {each for each in told(found, both, *wanted) if each[0] != "unmanaged"}

    assert changed(twin(live), twin(made)) == set()
    assert changed(twin(live)) == {
        ("changed", "aws_vpc", "default_route_table_id"),
        ("changed", "aws_vpc", "main_route_table_id"),
    }
    wanted = twin(made, route_table_id="rtb-other")
    assert changed(twin(live), wanted) == {("changed", "aws_main_route_table_association", "route_table_id")}
