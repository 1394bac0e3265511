import pytest

from scanner.collectors import vpc
from scanner.collectors.security_groups import SECURITY_GROUP
from scanner.collectors.vpc import (
    EIP,
    EIP_ASSOCIATION,
    INTERNET_GATEWAY,
    INTERNET_GATEWAY_ATTACHMENT,
    NAT_GATEWAY,
    SUBNET,
    VPC,
    network,
)
from scanner.collectors.vpc_acls import NETWORK_ACL
from scanner.collectors.vpc_routes import ROUTE, ROUTE_TABLE
from state import Declaration, Inventory, Resource, Unknown
from state.drift import drift
from state.forms import plain
from state.terraform.settle import settle
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.compared import only, told, twin
from tests.scanner.corpus import assert_corpus_equals_itself

ARN = f"arn:aws:ec2:{REGION}:{ACCOUNT}"
NAMED = [{"Key": "Name", "Value": "main"}]


def tagged(kind):
    return [{"ResourceType": kind, "Tags": NAMED}]


@pytest.fixture
def ec2(aws):
    return aws("ec2")


@pytest.fixture
def main(ec2):
    return ec2.create_vpc(CidrBlock="10.1.0.0/16", TagSpecifications=tagged("vpc"))["Vpc"]["VpcId"]


@pytest.fixture
def subnet(ec2, main):
    made = ec2.create_subnet(VpcId=main, CidrBlock="10.1.1.0/24", AvailabilityZone=f"{REGION}a")
    return made["Subnet"]["SubnetId"]


def one(found, type, id):
    return next(each for each in found.of(type) if each.id == id)


def theirs(found, type):
    return {each.id: each.owner for each in found.of(type)}


def declared(each, **attributes):
    return Resource(
        type=each.type,
        id=each.id,
        account=each.account,
        region=each.region,
        attributes={"id": each.id, **each.attributes, **attributes},
        declared=Declaration(address=f"{each.type}.this", source="test"),
    )


def compare(found, *wanted, collectors=tuple(vpc.COLLECTORS)):
    schemas = {each.type: each.schema for each in collectors}
    result = drift(found, Inventory(settle(wanted, schemas)), schemas)
    return {(each.kind.value, each.resource.type, change.path) for each in result.drift for change in each.changes} | {
        (each.kind.value, each.resource.type, "") for each in result.drift if each.kind == "missing"
    }


# --- networks -------------------------------------------------------------------------------------


def test_vpc(ec2, main):
    ec2.modify_vpc_attribute(VpcId=main, EnableDnsHostnames={"Value": True})
    found = read(VPC, NETWORK_ACL, ROUTE_TABLE, SECURITY_GROUP)
    made = one(found, "aws_vpc", main)
    mine = [{"Name": "vpc-id", "Values": [main]}]
    [table] = ec2.describe_route_tables(Filters=mine)["RouteTables"]
    [group] = ec2.describe_security_groups(Filters=mine)["SecurityGroups"]
    [acl] = ec2.describe_network_acls(Filters=mine)["NetworkAcls"]
    assert made.key == ("aws_vpc", ACCOUNT, REGION, main)
    assert made.arn == f"{ARN}:vpc/{main}"
    assert made.owner is None
    assert made.unknown == {}
    assert made.facts == {"is_default": False}
    assert made.attributes == {
        "arn": f"{ARN}:vpc/{main}",
        "assign_generated_ipv6_cidr_block": False,
        "cidr_block": "10.1.0.0/16",
        "default_network_acl_id": acl["NetworkAclId"],
        "default_route_table_id": table["RouteTableId"],
        "default_security_group_id": group["GroupId"],
        "dhcp_options_id": made["dhcp_options_id"],
        "enable_dns_hostnames": True,
        "enable_dns_support": True,
        "enable_network_address_usage_metrics": False,
        "instance_tenancy": "default",
        "ipv6_association_id": None,
        "ipv6_cidr_block": None,
        "ipv6_cidr_block_network_border_group": None,
        "main_route_table_id": table["RouteTableId"],
        "owner_id": ACCOUNT,
        "tags": {"Name": "main"},
    }


def test_vpc_with_ipv6(ec2):
    made = ec2.create_vpc(CidrBlock="10.1.0.0/16", AmazonProvidedIpv6CidrBlock=True)["Vpc"]
    [range] = made["Ipv6CidrBlockAssociationSet"]
    seen = one(read(VPC), "aws_vpc", made["VpcId"])
    assert seen["assign_generated_ipv6_cidr_block"] is True
    assert seen["ipv6_cidr_block"] == range["Ipv6CidrBlock"]
    assert seen["ipv6_association_id"] == range["AssociationId"]


def test_what_a_vpc_does_not_say_by_itself_is_unknown_where_its_neighbours_were_not_read(ec2, main):
    made = one(read(VPC), "aws_vpc", main)
    for name in ("main_route_table_id", "default_route_table_id", "default_security_group_id"):
        with pytest.raises(Unknown, match="outside this scan"):
            made[name]


def test_vpc_attributes_denied_leave_the_rest(aws, main, allowed_only):
    with allowed_only("ec2:DescribeVpcs", "ec2:DescribeSubnets"):
        found = read(VPC, SUBNET)
    made = one(found, "aws_vpc", main)
    assert made["cidr_block"] == "10.1.0.0/16"
    assert {gap.attribute for gap in found.gaps if gap.id == main} == {
        "enable_dns_hostnames",
        "enable_dns_support",
        "enable_network_address_usage_metrics",
    }
    assert {(gap.kind, gap.permission) for gap in found.gaps} == {("denied", "ec2:DescribeVpcAttribute")}
    with pytest.raises(Unknown):
        made["enable_dns_support"]


def test_subnet(ec2, main, subnet):
    ec2.modify_subnet_attribute(SubnetId=subnet, MapPublicIpOnLaunch={"Value": True})
    made = one(read(SUBNET), "aws_subnet", subnet)
    assert (made.arn, made.owner) == (f"{ARN}:subnet/{subnet}", None)
    assert made.facts == {"available_ip_address_count": 251, "default_for_az": False}
    assert {name: value for name, value in made.attributes.items() if plain(value)} == {
        "arn": made.arn,
        "availability_zone": f"{REGION}a",
        "availability_zone_id": made["availability_zone_id"],
        "cidr_block": "10.1.1.0/24",
        "map_public_ip_on_launch": True,
        "owner_id": ACCOUNT,
        "private_dns_hostname_type_on_launch": "ip-name",
        "vpc_id": main,
    }


def test_the_network_that_aws_made_is_its_own(ec2, main, subnet):
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=main)
    found = read(VPC, SUBNET, INTERNET_GATEWAY)
    [default] = [each.id for each in found.of("aws_vpc") if each.fact("is_default")]
    assert theirs(found, "aws_vpc") == {default: "aws: default", main: None}
    owners = theirs(found, "aws_subnet")
    assert owners.pop(subnet) is None
    assert set(owners.values()) == {"aws: default"}
    assert theirs(found, "aws_internet_gateway")[gateway] is None


def test_the_gateway_of_the_default_network_is_aws_own(ec2, main):
    [default] = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
    loose, attached = (ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"] for _ in range(2))
    ec2.attach_internet_gateway(InternetGatewayId=attached, VpcId=default["VpcId"])
    found = read(VPC, INTERNET_GATEWAY)
    assert theirs(found, "aws_internet_gateway") == {loose: None, attached: "aws: default"}


def test_whose_gateway_it_is_nobody_knows_where_networks_are_denied(ec2, allowed_only):
    [default] = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=default["VpcId"])
    with allowed_only("ec2:DescribeInternetGateways"):
        found = read(VPC, INTERNET_GATEWAY)
    assert theirs(found, "aws_internet_gateway") == {gateway: None}
    assert [(gap.type, gap.kind, gap.permission) for gap in found.gaps] == [("aws_vpc", "denied", "ec2:DescribeVpcs")]


def test_a_default_vpc_that_is_declared_is_compared(ec2):
    found = read(VPC)
    [default] = found.of("aws_vpc")
    wanted = declared(default, tags_all={"Name": "mine"}, enable_dns_support=False)
    assert compare(found) == set()
    assert compare(found, wanted) == {
        ("changed", "aws_vpc", "enable_dns_support"),
        ("changed", "aws_vpc", "tags.Name"),
    }


# --- gateways ---------------------------------------------------------------------------------------


def test_internet_gateway(ec2, main):
    id = ec2.create_internet_gateway(TagSpecifications=tagged("internet-gateway"))["InternetGateway"]
    ec2.attach_internet_gateway(InternetGatewayId=id["InternetGatewayId"], VpcId=main)
    [made] = read(INTERNET_GATEWAY).of("aws_internet_gateway")
    assert made.attributes == {
        "arn": f"{ARN}:internet-gateway/{id['InternetGatewayId']}",
        "owner_id": ACCOUNT,
        "vpc_id": main,
        "tags": {"Name": "main"},
    }


def test_internet_gateway_and_its_attachment(ec2, main):
    both = [INTERNET_GATEWAY, INTERNET_GATEWAY_ATTACHMENT]
    id = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=id, VpcId=main)
    found = read(*both)
    attached = only(found, "aws_internet_gateway_attachment")
    assert (attached.id, attached.identity) == (f"{id}:{main}", f"{id}/{main}")
    assert attached.attributes == {"internet_gateway_id": id, "vpc_id": main}
    gateway, apart = only(found, "aws_internet_gateway"), twin(attached)
    inline, before_it = twin(gateway), twin(gateway, vpc_id="")
    assert told(found, both, inline) == told(found, both, before_it, apart) == set()
    assert told(found, both, before_it) == {("changed", "aws_internet_gateway", "vpc_id")}
    ec2.detach_internet_gateway(InternetGatewayId=id, VpcId=main)
    found = read(*both)
    assert told(found, both, inline) == {("changed", "aws_internet_gateway", "vpc_id")}
    assert told(found, both, before_it, apart) == {("missing", "aws_internet_gateway_attachment", "")}


@pytest.fixture
def nat(ec2, subnet):
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    named = tagged("natgateway")
    return ec2.create_nat_gateway(
        AllocationId=address, SubnetId=subnet, ConnectivityType="public", TagSpecifications=named
    )["NatGateway"]


def test_nat_gateway(ec2, main, nat, subnet):
    [seen] = ec2.describe_nat_gateways()["NatGateways"]
    [address] = seen["NatGatewayAddresses"]
    [made] = read(NAT_GATEWAY).of("aws_nat_gateway")
    assert made.attributes == {
        "allocation_id": address["AllocationId"],
        "arn": f"{ARN}:natgateway/{nat['NatGatewayId']}",
        "association_id": address.get("AssociationId"),
        "connectivity_type": "public",
        "network_interface_id": address["NetworkInterfaceId"],
        "private_ip": address["PrivateIp"],
        "public_ip": address["PublicIp"],
        "secondary_allocation_ids": [],
        "secondary_private_ip_address_count": 0,
        "secondary_private_ip_addresses": [],
        "subnet_id": subnet,
        "tags": {"Name": "main"},
    }
    assert made.facts == {"pending_deletion": False, "state": "available", "vpc_id": main}


def test_nat_gateway_tells_its_first_address_from_the_others():
    item = {
        "NatGatewayId": "nat-1",
        "State": "deleting",
        "NatGatewayAddresses": [
            {"AllocationId": "eipalloc-2", "PrivateIp": "10.0.0.2", "IsPrimary": False},
            {"AllocationId": "eipalloc-1", "PrivateIp": "10.0.0.1", "IsPrimary": True},
        ],
    }
    made = NAT_GATEWAY.resource(item, Elsewhere(), {})
    assert made["allocation_id"] == "eipalloc-1"
    assert made["secondary_allocation_ids"] == ["eipalloc-2"]
    assert made["secondary_private_ip_addresses"] == ["10.0.0.2"]
    assert made["secondary_private_ip_address_count"] == 1
    assert made.fact("pending_deletion") is True


class Elsewhere:
    partition, region, account = "aws-cn", "cn-north-1", "210987654321"


def test_an_arn_is_of_the_items_partition_and_owner():
    item = {"VpcId": "vpc-1", "OwnerId": "111122223333"}
    assert VPC.resource(item, Elsewhere(), {}).arn == "arn:aws-cn:ec2:cn-north-1:111122223333:vpc/vpc-1"


def test_a_network_that_another_account_shares_is_that_accounts():
    shared = SUBNET.resource({"SubnetId": "subnet-1", "OwnerId": "111122223333"}, Elsewhere(), {})
    own = SUBNET.resource({"SubnetId": "subnet-2", "OwnerId": "210987654321"}, Elsewhere(), {})
    assert [vpc.another_account(each) for each in (shared, own)] == ["account: 111122223333", None]


def test_a_deleted_nat_gateway_is_absent(ec2, nat):
    found = read(NAT_GATEWAY)
    ec2.delete_nat_gateway(NatGatewayId=nat["NatGatewayId"])
    wanted = declared(found.of("aws_nat_gateway")[0])
    assert compare(read(NAT_GATEWAY), wanted, collectors=[NAT_GATEWAY]) == {("missing", "aws_nat_gateway", "")}


# --- addresses --------------------------------------------------------------------------------------


@pytest.fixture
def interface(ec2, subnet):
    return ec2.create_network_interface(SubnetId=subnet)["NetworkInterface"]["NetworkInterfaceId"]


@pytest.fixture
def address(ec2):
    return ec2.allocate_address(Domain="vpc", TagSpecifications=tagged("elastic-ip"))


def test_address(ec2, address):
    [made] = read(EIP).of("aws_eip")
    assert {name: value for name, value in made.attributes.items() if plain(value)} == {
        "allocation_id": address["AllocationId"],
        "arn": f"{ARN}:elastic-ip/{address['AllocationId']}",
        "domain": "vpc",
        "public_ip": address["PublicIp"],
        "vpc": True,
        "tags": {"Name": "main"},
    } | {name: made[name] for name in ("network_border_group", "public_ipv4_pool") if made[name]}
    assert made.id == address["AllocationId"]


def test_address_association(ec2, address, interface):
    made = ec2.associate_address(AllocationId=address["AllocationId"], NetworkInterfaceId=interface)
    found = read(EIP, EIP_ASSOCIATION)
    [seen] = found.of("aws_eip_association")
    assert (seen.id, seen.owner) == (made["AssociationId"], None)
    assert {name: value for name, value in seen.attributes.items() if value} == {
        "allocation_id": address["AllocationId"],
        "network_interface_id": interface,
        "private_ip_address": found.of("aws_eip")[0]["private_ip"],
        "public_ip": address["PublicIp"],
    }


@pytest.mark.parametrize("home", ["inline", "separate", "both", "before"])
def test_an_association_is_told_once_wherever_it_is_declared(ec2, address, interface, home):
    ec2.associate_address(AllocationId=address["AllocationId"], NetworkInterfaceId=interface)
    found = read(EIP, EIP_ASSOCIATION)
    [eip], [association] = found.of("aws_eip"), found.of("aws_eip_association")
    blank = {"association_id": "", "instance": "", "network_interface": "", "private_ip": ""}
    whole, bare, apart = declared(eip), declared(eip, **blank), declared(association)
    wanted = {"inline": [whole], "separate": [bare, apart], "both": [whole, apart], "before": [bare]}[home]
    added = {("changed", "aws_eip", name) for name in ("network_interface", "private_ip")}
    assert compare(found, *wanted) == (added if home == "before" else set())
    ec2.disassociate_address(AssociationId=association.id)
    gone = {
        "inline": {("changed", "aws_eip", "network_interface")},
        "separate": {("missing", "aws_eip_association", "")},
        "both": {("missing", "aws_eip_association", "")},
        "before": set(),
    }
    assert compare(read(EIP, EIP_ASSOCIATION), *wanted) == gone[home]


def test_a_nat_gateway_attaches_its_addresses_itself(ec2, nat):
    [before] = ec2.describe_addresses()["Addresses"]
    found = read(EIP, EIP_ASSOCIATION, NAT_GATEWAY)
    [association] = found.of("aws_eip_association")
    assert association["allocation_id"] == before["AllocationId"]
    assert association.owner == f"nat gateway: {nat['NatGatewayId']}"
    blank = {"association_id": "", "instance": "", "network_interface": ""}
    assert compare(found, declared(found.of("aws_eip")[0], **blank)) == set()


# --- forms ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("10.0.0.0/8", "10.0.0.0/8"),
        ("10.1.2.3/8", "10.0.0.0/8"),
        ("2001:DB8:0:0::/32", "2001:db8::/32"),
        ("0:0:0:0:0:0:0:0/0", "::/0"),
        ("pl-1", "pl-1"),
        ("", None),
        (None, None),
    ],
)
def test_network(written, meant):
    assert network(written) == meant


def test_corpus():
    assert_corpus_equals_itself([*vpc.COLLECTORS, ROUTE_TABLE, ROUTE])


def test_default_network_is_adopted(aws):
    """aws_default_vpc and aws_default_subnet are the network that AWS made, under other names."""
    made = [VPC, SUBNET, ROUTE_TABLE, ROUTE, SECURITY_GROUP]
    found = read(*made)
    [network], subnets = found.of("aws_vpc"), found.of("aws_subnet")
    adopted = [
        twin(each).replace(type=f"aws_default_{kind}")
        for kind, those in (("vpc", [network]), ("subnet", subnets))
        for each in those
    ]
    assert len(adopted) > 1
    assert told(found, made, *adopted) == set()
    aws("ec2").modify_subnet_attribute(SubnetId=adopted[1].id, MapPublicIpOnLaunch={"Value": False})
    assert told(read(*made), made, *adopted) == {("changed", "aws_subnet", "map_public_ip_on_launch")}
