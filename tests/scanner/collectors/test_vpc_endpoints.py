import json

import pytest

from scanner.collectors.vpc_endpoints import COLLECTORS, ENDPOINT, ENDPOINT_POLICY, SERVICE
from state.forms import plain
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.compared import declared, only, told, twin
from tests.scanner.corpus import assert_corpus_equals_itself

S3 = f"com.amazonaws.{REGION}.s3"
ALL = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*", "Principal": "*"}]}
READ = {"Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Principal": "*"}]}


@pytest.fixture
def tables(ec2, vpc):
    return [ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"] for _ in range(2)]


def gateway(ec2, vpc, tables, policy=ALL):
    tags = [{"ResourceType": "vpc-endpoint", "Tags": [{"Key": "Name", "Value": "s3"}]}]
    said = {"VpcId": vpc, "ServiceName": S3, "RouteTableIds": tables, "PolicyDocument": json.dumps(policy)}
    return ec2.create_vpc_endpoint(VpcEndpointType="Gateway", TagSpecifications=tags, **said)["VpcEndpoint"]


def test_gateway_endpoint(ec2, vpc, tables):
    id = gateway(ec2, vpc, tables[:1])["VpcEndpointId"]
    lists = {each["PrefixListName"]: each["PrefixListId"] for each in ec2.describe_prefix_lists()["PrefixLists"]}
    made = only(read(*COLLECTORS), "aws_vpc_endpoint")
    assert (made.id, made.identity, made.unknown) == (id, id, {})
    assert (
        {name: value for name, value in made.attributes.items() if plain(value)}
        == {
            "arn": f"arn:aws:ec2:{REGION}:{ACCOUNT}:vpc-endpoint/{id}",
            "owner_id": ACCOUNT,
            "policy": json.dumps(ALL),
            "private_dns_enabled": True,  # moto says so of gateways too
            "prefix_list_id": lists[S3],
            "route_table_ids": tables[:1],
            "service_name": S3,
            "state": "available",
            "vpc_endpoint_type": "Gateway",
            "vpc_id": vpc,
            "tags": {"Name": "s3"},
        }
    )


def test_interface_endpoint():
    class Here:
        partition, region, account = "aws", REGION, ACCOUNT

    item = {
        "VpcEndpointId": "vpce-1",
        "VpcEndpointType": "Interface",
        "ServiceName": "com.amazonaws.vpce",
        "RequesterManaged": True,
        "State": "deleting",
        "SubnetIds": ["subnet-1"],
        "Groups": [{"GroupId": "sg-1", "GroupName": "web"}],
        "NetworkInterfaceIds": ["eni-1"],
        "PrivateDnsEnabled": True,
        "DnsEntries": [{"DnsName": "x.vpce.amazonaws.com", "HostedZoneId": "Z1"}],
        "DnsOptions": {"DnsRecordIpType": "ipv4"},
        "PrefixList": None,
    }
    made = ENDPOINT.resource(item, Here(), {})
    assert (made.owner, made.fact("pending_deletion")) == ("aws: com.amazonaws.vpce", True)
    assert made["security_group_ids"] == ["sg-1"]
    assert made["dns_entry"] == [{"dns_name": "x.vpce.amazonaws.com", "hosted_zone_id": "Z1"}]
    assert made["dns_options"] == [
        {"dns_record_ip_type": "ipv4", "private_dns_only_for_inbound_resolver_endpoint": None}
    ]


def test_a_denied_listing_of_prefix_lists_leaves_the_rest(ec2, vpc, tables, allowed_only):
    gateway(ec2, vpc, tables)
    with allowed_only("ec2:DescribeVpcEndpoints"):
        found = read(ENDPOINT)
    made = only(found, "aws_vpc_endpoint")
    assert set(made.unknown) == {"cidr_blocks", "prefix_list_id"}
    assert made["service_name"] == S3
    assert {gap.permission for gap in found.gaps} == {"ec2:DescribePrefixLists"}


def test_an_association_is_the_same_wherever_it_is_declared(ec2, vpc, tables):
    id = gateway(ec2, vpc, tables)["VpcEndpointId"]
    found = read(*COLLECTORS)
    one = next(each for each in found.of("aws_vpc_endpoint_route_table_association"))
    assert (one.id, one.identity) == (f"{id}/{tables[0]}", f"{id}/{tables[0]}")
    assert one.attributes == {"route_table_id": tables[0], "vpc_endpoint_id": id}
    endpoint = only(found, "aws_vpc_endpoint")
    both, first = twin(endpoint), twin(endpoint, route_table_ids=tables[:1])
    apart = declared(
        "aws_vpc_endpoint_route_table_association", "a-vpce1", route_table_id=tables[1], vpc_endpoint_id=id
    )
    assert told(found, COLLECTORS, both) == told(found, COLLECTORS, first, apart) == set()
    path = ("changed", "aws_vpc_endpoint", f"route_table_ids[{tables[1]}]")
    assert told(found, COLLECTORS, first) == {path}
    ec2.modify_vpc_endpoint(VpcEndpointId=id, RemoveRouteTableIds=[tables[1]])
    found = read(*COLLECTORS)
    assert told(found, COLLECTORS, both) == {path}
    lost = ("missing", "aws_vpc_endpoint_route_table_association", "")
    assert told(found, COLLECTORS, first, apart) == {lost}


@pytest.mark.parametrize("kind", ["subnet", "security_group"])
def test_what_an_interface_endpoint_is_associated_with(ec2, vpc, kind):
    ids = {
        "subnet": ec2.create_subnet(VpcId=vpc, CidrBlock="10.1.1.0/24")["Subnet"]["SubnetId"],
        "security_group": ec2.create_security_group(VpcId=vpc, GroupName="web", Description="web")["GroupId"],
    }
    said = {"VpcId": vpc, "ServiceName": S3, "VpcEndpointType": "Interface"}
    asked = {"SubnetIds": [ids["subnet"]], "SecurityGroupIds": [ids["security_group"]]}
    id = ec2.create_vpc_endpoint(**said, **asked)["VpcEndpoint"]["VpcEndpointId"]
    found = read(*COLLECTORS)
    [one] = found.of(f"aws_vpc_endpoint_{kind}_association")
    assert (one.id, one.identity) == (f"{id}/{ids[kind]}", f"{id}/{ids[kind]}")
    assert one.attributes == {f"{kind}_id": ids[kind], "vpc_endpoint_id": id}
    endpoint = only(found, "aws_vpc_endpoint")
    assert told(found, COLLECTORS, twin(endpoint)) == set()
    other = told(found, COLLECTORS, twin(endpoint, **{f"{kind}_ids": ["another"]}))
    assert other == {("changed", "aws_vpc_endpoint", f"{kind}_ids[{each}]") for each in (ids[kind], "another")}


def test_a_policy_is_the_same_wherever_it_is_declared(ec2, vpc, tables):
    id = gateway(ec2, vpc, tables, READ)["VpcEndpointId"]
    found = read(*COLLECTORS)
    made = only(found, "aws_vpc_endpoint_policy")
    assert (made.id, made.attributes) == (id, {"policy": json.dumps(READ), "vpc_endpoint_id": id})
    endpoint = only(found, "aws_vpc_endpoint")
    inline, copy = twin(endpoint, policy=json.dumps(READ)), twin(endpoint, policy=json.dumps(ALL))
    apart = declared("aws_vpc_endpoint_policy", id, policy=json.dumps(READ), vpc_endpoint_id=id)
    assert told(found, COLLECTORS, inline) == told(found, COLLECTORS, copy, apart) == set()
    ec2.modify_vpc_endpoint(VpcEndpointId=id, PolicyDocument=json.dumps(ALL))
    found = read(*COLLECTORS)
    assert told(found, COLLECTORS, inline) == {("changed", "aws_vpc_endpoint", "policy.Statement[0].Action")}
    assert told(found, COLLECTORS, copy, apart) == {
        ("changed", "aws_vpc_endpoint_policy", "policy.Statement[0].Action")
    }
    assert told(found, COLLECTORS, twin(endpoint, policy=None)) == set()


def test_vpc_endpoint_service(ec2, aws, vpc):
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.1.1.0/24")["Subnet"]["SubnetId"]
    balancer = aws("elbv2").create_load_balancer(Name="nlb", Subnets=[subnet], Type="network")["LoadBalancers"][0]
    made = ec2.create_vpc_endpoint_service_configuration(
        NetworkLoadBalancerArns=[balancer["LoadBalancerArn"]], AcceptanceRequired=True
    )["ServiceConfiguration"]
    id, principal = made["ServiceId"], f"arn:aws:iam::{ACCOUNT}:root"
    ec2.modify_vpc_endpoint_service_permissions(ServiceId=id, AddAllowedPrincipals=[principal])
    seen = only(found := read(SERVICE), "aws_vpc_endpoint_service")
    assert seen.id == id
    assert {name: value for name, value in seen.attributes.items() if plain(value)} == {
        "acceptance_required": True,
        "allowed_principals": [principal],
        "arn": f"arn:aws:ec2:{REGION}:{ACCOUNT}:vpc-endpoint-service/{id}",
        "availability_zones": seen["availability_zones"],
        "base_endpoint_dns_names": made["BaseEndpointDnsNames"],
        "network_load_balancer_arns": [balancer["LoadBalancerArn"]],
        "service_name": made["ServiceName"],
        "service_type": "Interface",
        "state": "Available",
    }
    path = ("changed", "aws_vpc_endpoint_service", "acceptance_required")
    assert told(found, [SERVICE], twin(seen)) == set()
    assert told(found, [SERVICE], twin(seen, acceptance_required=False)) == {path}


def test_one_call_serves_endpoints_and_what_is_theirs():
    theirs = [each for each in COLLECTORS if each.type not in (SERVICE.type,)]
    assert {each.fetch.call for each in theirs} == {ENDPOINT_POLICY.fetch.call}


def test_corpus():
    assert_corpus_equals_itself(COLLECTORS)
