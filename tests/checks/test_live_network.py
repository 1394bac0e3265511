"""Checks of networks over a live account: made wrong, and made right beside it."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.checks.live import FAIL, PASS, SKIPPED, UNKNOWN, as_expected, pairs, unread, verdicts
from tests.conftest import REGION

Client = Callable[..., Any]
WORLD = {"CidrIp": "0.0.0.0/0"}


def network(ec2: Any, cidr: str) -> dict[str, str]:
    """A network with a subnet in each of two zones."""
    vpc = ec2.create_vpc(CidrBlock=cidr)["Vpc"]["VpcId"]
    begin = cidr.rsplit(".", 2)[0]
    made = {"vpc": vpc}
    for number, zone in enumerate("ab"):
        place = {"CidrBlock": f"{begin}.{number}.0/24", "AvailabilityZone": f"{REGION}{zone}"}
        made[zone] = ec2.create_subnet(VpcId=vpc, **place)["Subnet"]["SubnetId"]
    return made


def lead_out(ec2: Any, vpc: str, *subnets: str) -> str:
    """A route table that leads these subnets to the internet."""
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    for subnet in subnets:
        ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
    return str(table)


def group(ec2: Any, vpc: str, name: str, port: int, source: dict[str, str]) -> str:
    id = ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"]
    rule = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [source]}
    ec2.authorize_security_group_ingress(GroupId=id, IpPermissions=[rule])
    return str(id)


def machine(ec2: Any, subnet: str, *groups: str, public: bool, **more: Any) -> str:
    """An instance; moto gives an address by what its subnet says, and knows no groups of an interface's."""
    ec2.modify_subnet_attribute(SubnetId=subnet, MapPublicIpOnLaunch={"Value": public})
    image = ec2.register_image(Name=f"image-{subnet}-{public}-{len(groups)}", RootDeviceName="/dev/sda1")["ImageId"]
    asked = {"ImageId": image, "MinCount": 1, "MaxCount": 1, "InstanceType": "t3.micro", "SubnetId": subnet}
    given = {"SecurityGroupIds": list(groups)} if groups else {}
    return str(ec2.run_instances(**asked | given | more)["Instances"][0]["InstanceId"])


REACHED = ("ec2-instance-admin-port-public", "ec2-instance-data-port-public", "ec2-instance-file-share-public")


def test_a_machine_on_the_internet(aws: Client) -> None:
    ec2, iam = aws("ec2"), aws("iam")
    made = network(ec2, "10.0.0.0/16")
    lead_out(ec2, made["vpc"], made["a"])
    open_to_all = [group(ec2, made["vpc"], f"open-{port}", port, WORLD) for port in (22, 445, 5432)]
    iam.create_instance_profile(InstanceProfileName="web")
    role = {"IamInstanceProfile": {"Name": "web"}}
    public = machine(ec2, made["a"], *open_to_all, public=True, **role)
    inside = machine(ec2, made["b"], *open_to_all, public=False, **role)
    unrouted = machine(ec2, made["b"], *open_to_all, public=True)
    checks = (*REACHED, "ec2-instance-public-ip", "ec2-instance-public-with-role")
    found = verdicts(*checks, "ec2-instance-role-missing")
    assert pairs(found, public, inside, *checks) == as_expected(*checks)
    assert {found[check, unrouted] for check in REACHED} == {PASS}
    assert pairs(found, unrouted, public, "ec2-instance-role-missing") == as_expected("ec2-instance-role-missing")


@pytest.mark.parametrize("type", ["aws_subnet", "aws_route", "aws_network_acl_rule"])
def test_a_way_that_was_not_read(aws: Client, type: str) -> None:
    ec2 = aws("ec2")
    made = network(ec2, "10.0.0.0/16")
    lead_out(ec2, made["vpc"], made["a"])
    machine(ec2, made["a"], group(ec2, made["vpc"], "open", 22, WORLD), public=True)
    assert unread("ec2-instance-admin-port-public", type) == {UNKNOWN}


def test_a_network_acl_that_shuts_a_port(aws: Client) -> None:
    ec2 = aws("ec2")
    made = network(ec2, "10.0.0.0/16")
    lead_out(ec2, made["vpc"], made["a"])
    login = machine(ec2, made["a"], group(ec2, made["vpc"], "open", 22, WORLD), public=True)
    assert verdicts(REACHED[0])[REACHED[0], login] is FAIL
    [acl] = ec2.describe_network_acls(Filters=[{"Name": "vpc-id", "Values": [made["vpc"]]}])["NetworkAcls"]
    entry = {"NetworkAclId": acl["NetworkAclId"], "Egress": False, "Protocol": "6", "CidrBlock": "0.0.0.0/0"}
    ec2.create_network_acl_entry(RuleNumber=50, RuleAction="deny", PortRange={"From": 22, "To": 22}, **entry)
    assert verdicts(REACHED[0])[REACHED[0], login] is PASS


def test_network_acls(aws: Client) -> None:
    ec2 = aws("ec2")
    vpc = network(ec2, "10.0.0.0/16")["vpc"]
    lax, strict = (ec2.create_network_acl(VpcId=vpc)["NetworkAcl"]["NetworkAclId"] for _ in range(2))
    allow = {"RuleNumber": 100, "RuleAction": "allow", "Egress": False, "CidrBlock": "0.0.0.0/0"}
    ec2.create_network_acl_entry(NetworkAclId=lax, Protocol="-1", **allow)
    ec2.create_network_acl_entry(NetworkAclId=strict, Protocol="6", PortRange={"From": 443, "To": 443}, **allow)
    checks = ("nacl-ingress-admin-world", "nacl-ingress-any-world")
    found = verdicts(*checks)
    assert pairs(found, lax, strict, *checks) == as_expected(*checks)
    [default] = ec2.describe_network_acls(
        Filters=[{"Name": "default", "Values": ["true"]}, {"Name": "vpc-id", "Values": [vpc]}]
    )["NetworkAcls"]
    assert [found[check, default["NetworkAclId"]] for check in checks] == [FAIL, PASS]
    assert unread("nacl-ingress-any-world", "aws_network_acl_rule") <= {UNKNOWN, PASS}  # the default one is exempt
    assert unread("nacl-ingress-admin-world", "aws_network_acl_rule") == {UNKNOWN}


def test_the_default_network_is_not_asked_where_nothing_runs_in_it(aws: Client) -> None:
    checks = ("sg-default-restricts", "nacl-ingress-admin-world", "subnet-auto-public-ip", "vpc-flow-logs")
    found = verdicts(*checks)
    assert ({check for check, _ in found}, set(found.values())) == ({*checks}, {SKIPPED})
    ec2 = aws("ec2")
    [place, *_] = ec2.describe_subnets(Filters=[{"Name": "default-for-az", "Values": ["true"]}])["Subnets"]
    ec2.create_network_interface(SubnetId=place["SubnetId"])
    assert set(verdicts(*checks).values()) == {FAIL}
    assert [unread(each, "aws_network_interface") for each in checks] == [{UNKNOWN}] * 4


def test_groups(aws: Client) -> None:
    ec2 = aws("ec2")
    made = network(ec2, "10.0.0.0/16")
    telnet = group(ec2, made["vpc"], "telnet", 23, WORLD)
    web = group(ec2, made["vpc"], "web", 443, WORLD)
    machine(ec2, made["a"], web, public=False)
    checks = ("sg-ingress-legacy-world", "sg-ingress-any-port-world", "sg-unused")
    assert pairs(verdicts(*checks), telnet, web, *checks) == as_expected(*checks)
    assert FAIL not in unread("sg-unused", "aws_network_interface_sg_attachment")


def test_ports_open_to_the_world(aws: Client) -> None:
    ec2 = aws("ec2")
    vpc = network(ec2, "10.0.0.0/16")["vpc"]
    checks = tuple(f"sg-ingress-{each}-world" for each in ("rdp", "all-ports", "database"))
    desktop, data = (group(ec2, vpc, f"open-{port}", port, WORLD) for port in (3389, 5432))
    inside = group(ec2, vpc, "inside", 5432, {"CidrIp": "10.0.0.0/8"})
    anything = group(ec2, vpc, "anything", 443, WORLD)
    every = {"IpProtocol": "-1", "Ipv6Ranges": [{"CidrIpv6": "::/0"}]}
    ec2.authorize_security_group_ingress(GroupId=anything, IpPermissions=[every])
    found = verdicts(*checks)
    assert [[found[check, each] for check in checks] for each in (desktop, anything, data, inside)] == [
        [FAIL, PASS, PASS],
        [FAIL, FAIL, FAIL],
        [PASS, PASS, FAIL],
        [PASS, PASS, PASS],
    ]
    assert [unread(check, "aws_vpc_security_group_ingress_rule") for check in checks] == [{UNKNOWN}] * 3


def test_networks(aws: Client) -> None:
    ec2 = aws("ec2")
    [default] = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
    bare, good = network(ec2, "10.0.0.0/16"), network(ec2, "10.1.0.0/16")
    lead_out(ec2, bare["vpc"], bare["a"], bare["b"])
    lead_out(ec2, good["vpc"], good["a"])
    bucket = "arn:aws:s3:::logs"
    aws("s3").create_bucket(Bucket="logs", CreateBucketConfiguration={"LocationConstraint": REGION})
    ec2.create_flow_logs(
        ResourceIds=[good["vpc"]], ResourceType="VPC", TrafficType="ALL", LogDestinationType="s3", LogDestination=bucket
    )
    private = network(ec2, "10.2.0.0/16")
    ec2.create_vpc_endpoint(VpcId=good["vpc"], ServiceName=f"com.amazonaws.{REGION}.s3", VpcEndpointType="Gateway")
    found = verdicts("vpc-flow-logs", "vpc-no-private-subnet", "vpc-endpoint-gateway-missing", "vpc-default-in-use")
    pair = ("vpc-flow-logs", "vpc-no-private-subnet")
    assert pairs(found, bare["vpc"], good["vpc"], *pair) == as_expected(*pair)
    endpoint = "vpc-endpoint-gateway-missing"
    assert pairs(found, private["vpc"], good["vpc"], endpoint) == as_expected(endpoint)
    assert found[endpoint, bare["vpc"]] is PASS
    assert found["vpc-default-in-use", default["VpcId"]] is PASS
    [place, *_] = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [default["VpcId"]]}])["Subnets"]
    ec2.create_network_interface(SubnetId=place["SubnetId"])
    assert verdicts("vpc-default-in-use")["vpc-default-in-use", default["VpcId"]] is FAIL
    assert unread("vpc-flow-logs", "aws_flow_log") == {UNKNOWN}
    assert UNKNOWN in unread("vpc-no-private-subnet", "aws_route")


def test_subnets_addresses_and_interfaces(aws: Client) -> None:
    ec2 = aws("ec2")
    made = network(ec2, "10.0.0.0/16")
    ec2.modify_subnet_attribute(SubnetId=made["a"], MapPublicIpOnLaunch={"Value": True})
    found = verdicts("subnet-auto-public-ip")
    assert pairs(found, made["a"], made["b"], "subnet-auto-public-ip") == as_expected("subnet-auto-public-ip")
    free, used = (ec2.allocate_address(Domain="vpc")["AllocationId"] for _ in range(2))
    alone, card = (ec2.create_network_interface(SubnetId=made["a"])["NetworkInterface"] for _ in range(2))
    ec2.associate_address(AllocationId=used, NetworkInterfaceId=card["NetworkInterfaceId"])
    running = machine(ec2, made["b"], public=False)
    ec2.attach_network_interface(NetworkInterfaceId=card["NetworkInterfaceId"], InstanceId=running, DeviceIndex=1)
    found = verdicts("eip-unattached", "eni-unattached")
    assert pairs(found, free, used, "eip-unattached") == as_expected("eip-unattached")
    cards = alone["NetworkInterfaceId"], card["NetworkInterfaceId"]
    assert pairs(found, *cards, "eni-unattached") == as_expected("eni-unattached")


def test_endpoints_and_peers(aws: Client) -> None:
    ec2 = aws("ec2")
    made, other = network(ec2, "10.0.0.0/16"), network(ec2, "10.1.0.0/16")
    asked = {"VpcId": made["vpc"], "VpcEndpointType": "Interface", "ServiceName": f"com.amazonaws.{REGION}.ecr.api"}
    one = ec2.create_vpc_endpoint(SubnetIds=[made["a"]], **asked)["VpcEndpoint"]["VpcEndpointId"]
    both = ec2.create_vpc_endpoint(SubnetIds=[made["a"], made["b"]], **asked)["VpcEndpoint"]["VpcEndpointId"]
    found = verdicts("vpc-endpoint-single-az")
    assert pairs(found, one, both, "vpc-endpoint-single-az") == as_expected("vpc-endpoint-single-az")
    peers = {"VpcId": made["vpc"], "PeerVpcId": other["vpc"]}
    peering = ec2.create_vpc_peering_connection(**peers)["VpcPeeringConnection"]["VpcPeeringConnectionId"]
    ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=peering)
    table = ec2.create_route_table(VpcId=made["vpc"])["RouteTable"]["RouteTableId"]
    wide = "vpc-peering-routes-wide"
    for cidr, status in (("10.1.3.0/24", PASS), ("10.1.0.0/16", FAIL)):
        ec2.create_route(RouteTableId=table, DestinationCidrBlock=cidr, VpcPeeringConnectionId=peering)
        assert verdicts(wide)[wide, peering] is status
    assert unread(wide, "aws_route") == {UNKNOWN}
