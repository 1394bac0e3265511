import pytest

from scanner.collectors.vpc import VPC
from scanner.collectors.vpc_options import (
    COLLECTORS,
    DHCP_OPTIONS,
    DHCP_OPTIONS_ASSOCIATION,
    EGRESS_ONLY_INTERNET_GATEWAY,
    FLOW_LOG,
    IPV4_CIDR_BLOCK_ASSOCIATION,
    PREFIX_LIST,
    PREFIX_LIST_ENTRY,
    as_aws_makes_them,
)
from state.forms import plain
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.compared import declared, only, told, twin
from tests.scanner.corpus import assert_corpus_equals_itself

ARN = f"arn:aws:ec2:{REGION}:{ACCOUNT}"


def tagged(kind):
    return [{"ResourceType": kind, "Tags": [{"Key": "Name", "Value": "main"}]}]


# --- DHCP options ---------------------------------------------------------------------------------


@pytest.fixture
def options(ec2):
    servers = {"domain-name-servers": ["10.1.0.2", "10.1.0.3"], "ntp-servers": ["10.1.0.4"]}
    said = {"domain-name": ["corp.example"], **servers}
    rows = [{"Key": key, "Values": values} for key, values in said.items()]
    id = ec2.create_dhcp_options(DhcpConfigurations=rows)["DhcpOptions"]["DhcpOptionsId"]
    ec2.create_tags(Resources=[id], Tags=[{"Key": "Name", "Value": "main"}])
    return id


def test_dhcp_options(options):
    found = read(DHCP_OPTIONS)
    made = next(each for each in found.of("aws_vpc_dhcp_options") if each.id == options)
    assert made.attributes == {
        "arn": f"{ARN}:dhcp-options/{options}",
        "domain_name": "corp.example",
        "domain_name_servers": ["10.1.0.2", "10.1.0.3"],
        "ipv6_address_preferred_lease_time": None,
        "netbios_name_servers": None,
        "netbios_node_type": None,
        "ntp_servers": ["10.1.0.4"],
        "owner_id": None,  # moto leaves it out
        "tags": {"Name": "main"},
    }
    assert told(found, [DHCP_OPTIONS], twin(made)) == set()
    path = ("changed", "aws_vpc_dhcp_options", "domain_name_servers")
    assert told(found, [DHCP_OPTIONS], twin(made, domain_name_servers=["10.1.0.2"])) == {path}
    adopted = declared("aws_default_vpc_dhcp_options", options, domain_name_servers="10.1.0.2, 10.1.0.3")
    assert told(found, [DHCP_OPTIONS], adopted) == set()


@pytest.mark.parametrize(
    ("domain", "servers", "owner"),
    [
        ("ec2.internal", ["AmazonProvidedDNS"], "aws: default"),
        ("eu-west-1.compute.internal", ["AmazonProvidedDNS"], "aws: default"),
        ("corp.example", ["AmazonProvidedDNS"], None),
        ("ec2.internal", ["10.0.0.2"], None),
    ],
)
def test_the_options_that_aws_makes(domain, servers, owner):
    said = {"domain-name": [domain], "domain-name-servers": servers}
    rows = [{"Key": key, "Values": [{"Value": value} for value in values]} for key, values in said.items()]
    assert as_aws_makes_them({"DhcpConfigurations": rows}) == owner


def test_dhcp_options_association(ec2, vpc, options):
    ec2.associate_dhcp_options(DhcpOptionsId=options, VpcId=vpc)
    both = [VPC, DHCP_OPTIONS_ASSOCIATION]
    found = read(*both)
    made = next(each for each in found.of("aws_vpc_dhcp_options_association") if each["vpc_id"] == vpc)
    assert (made.id, made.identity) == (f"{options}-{vpc}", vpc)
    assert made.attributes == {"dhcp_options_id": options, "vpc_id": vpc}
    wanted = declared("aws_vpc", vpc, dhcp_options_id=options)
    assert told(found, both, wanted, twin(made)) == told(found, both, wanted) == set()
    other = declared("aws_vpc_dhcp_options_association", made.id, vpc_id=vpc, dhcp_options_id="dopt-1")
    path = ("changed", "aws_vpc_dhcp_options_association", "dhcp_options_id")
    assert told(found, both, wanted, other) == {path}
    none = declared("aws_vpc_dhcp_options_association", f"default-{vpc}", vpc_id=vpc, dhcp_options_id="default")
    assert told(found, both, wanted, none) == {path}
    ec2.associate_dhcp_options(DhcpOptionsId="default", VpcId=vpc)
    assert told(read(*both), both, declared("aws_vpc", vpc), none) == set()


# --- address ranges -------------------------------------------------------------------------------


def test_ipv4_cidr_block_association(ec2, vpc):
    made = ec2.associate_vpc_cidr_block(VpcId=vpc, CidrBlock="10.2.0.0/16")["CidrBlockAssociation"]
    both = [VPC, IPV4_CIDR_BLOCK_ASSOCIATION]
    found = read(*both)
    second = next(each for each in found.of("aws_vpc_ipv4_cidr_block_association") if each.id == made["AssociationId"])
    assert second.attributes == {"cidr_block": "10.2.0.0/16", "vpc_id": vpc}
    wanted = declared("aws_vpc", vpc, cidr_block="10.1.0.0/16")
    assert told(found, both, wanted, twin(second)) == set()
    added = ("changed", "aws_vpc", f"ipv4_cidr_block_association[{second.id}]")
    assert told(found, both, wanted) == {added}
    ec2.disassociate_vpc_cidr_block(AssociationId=second.id)
    lost = ("missing", "aws_vpc_ipv4_cidr_block_association", "")
    assert told(read(*both), both, wanted, twin(second)) == {lost}


# --- flow logs ------------------------------------------------------------------------------------


def test_flow_log(aws, ec2, vpc):
    aws("s3").create_bucket(Bucket="flows", CreateBucketConfiguration={"LocationConstraint": REGION})
    [id] = ec2.create_flow_logs(
        ResourceIds=[vpc],
        ResourceType="VPC",
        TrafficType="ALL",
        LogDestinationType="s3",
        LogDestination="arn:aws:s3:::flows",
        MaxAggregationInterval=60,
        TagSpecifications=tagged("vpc-flow-log"),
    )["FlowLogIds"]
    made = only(found := read(FLOW_LOG), "aws_flow_log")
    assert {name: value for name, value in made.attributes.items() if plain(value)} == {
        "arn": f"{ARN}:vpc-flow-log/{id}",
        "log_destination": "arn:aws:s3:::flows",
        "log_destination_type": "s3",
        "log_format": made["log_format"],
        "max_aggregation_interval": 60,
        "traffic_type": "ALL",
        "vpc_id": vpc,
        "tags": {"Name": "main"},
    }
    assert told(found, [FLOW_LOG], twin(made, log_destination="arn:aws:s3:::flows:*")) == set()
    assert told(found, [FLOW_LOG], twin(made, traffic_type="REJECT")) == {("changed", "aws_flow_log", "traffic_type")}


@pytest.mark.parametrize(
    ("id", "name", "traffic"),
    [
        ("eni-1", "eni_id", "ALL"),
        ("subnet-1", "subnet_id", "ALL"),
        ("tgw-1", "transit_gateway_id", None),
        ("tgw-attach-1", "transit_gateway_attachment_id", None),
        ("nat-1", "regional_nat_gateway_id", "ALL"),
    ],
)
def test_what_is_logged(id, name, traffic):
    class Here:
        partition, region, account = "aws", REGION, ACCOUNT

    said = FLOW_LOG.resource({"FlowLogId": "fl-1", "ResourceId": id, "TrafficType": "ALL"}, Here(), {})
    kinds = ("eni_id", "subnet_id", "vpc_id", "transit_gateway_id", "transit_gateway_attachment_id")
    assert {each: said[each] for each in (*kinds, "regional_nat_gateway_id") if said[each]} == {name: id}
    assert said["traffic_type"] == traffic


# --- egress-only gateways -------------------------------------------------------------------------


def test_egress_only_internet_gateway(ec2, vpc):
    made = ec2.create_egress_only_internet_gateway(VpcId=vpc, TagSpecifications=tagged("egress-only-internet-gateway"))
    seen = only(found := read(EGRESS_ONLY_INTERNET_GATEWAY), "aws_egress_only_internet_gateway")
    assert seen.id == made["EgressOnlyInternetGateway"]["EgressOnlyInternetGatewayId"]
    assert seen.attributes == {"vpc_id": vpc, "tags": {"Name": "main"}}
    assert told(found, [EGRESS_ONLY_INTERNET_GATEWAY], twin(seen)) == set()
    assert told(read(EGRESS_ONLY_INTERNET_GATEWAY), [EGRESS_ONLY_INTERNET_GATEWAY]) == {
        ("unmanaged", "aws_egress_only_internet_gateway", "")
    }


# --- prefix lists ---------------------------------------------------------------------------------

LISTS = [PREFIX_LIST, PREFIX_LIST_ENTRY]
HQ, LAB = {"cidr": "192.0.2.0/24", "description": "hq"}, {"cidr": "198.51.100.0/24", "description": ""}


@pytest.fixture
def prefixes(ec2):
    entries = [{"Cidr": "192.0.2.0/24", "Description": "hq"}, {"Cidr": "198.51.100.0/24"}]
    said = {"PrefixListName": "office", "AddressFamily": "IPv4", "MaxEntries": 5, "Entries": entries}
    return ec2.create_managed_prefix_list(**said, TagSpecifications=tagged("prefix-list"))["PrefixList"]["PrefixListId"]


def test_managed_prefix_list(prefixes):
    found = read(*LISTS)
    made = only(found, "aws_ec2_managed_prefix_list")
    assert (made.id, made.facts) == (prefixes, {"pending_deletion": False, "state": "create-complete"})
    assert made.attributes == {
        "address_family": "IPv4",
        "arn": f"{ARN}:prefix-list/{prefixes}",
        "max_entries": 5,
        "name": "office",
        "owner_id": ACCOUNT,
        "version": 1,
        "tags": {"Name": "main"},
    }
    assert {each.owner for each in found.of("aws_ec2_managed_prefix_list")} == {None, "aws"}
    entries = {each.identity: each for each in found.of("aws_ec2_managed_prefix_list_entry")}
    assert set(entries) == {f"{prefixes}/{each['cidr']}" for each in (HQ, LAB)}
    hq = entries[f"{prefixes}/192.0.2.0/24"]
    assert (hq.id, hq.attributes) == (f"{prefixes},192.0.2.0/24", HQ | {"prefix_list_id": prefixes})


def test_an_entry_is_the_same_wherever_it_is_declared(ec2, prefixes):
    found = read(*LISTS)
    made = only(found, "aws_ec2_managed_prefix_list")
    lab = declared("aws_ec2_managed_prefix_list_entry", f"{prefixes},x", prefix_list_id=prefixes, **LAB)
    inline, mixed = twin(made, entry=[LAB, HQ]), twin(made, entry=[HQ])
    assert told(found, LISTS, inline) == told(found, LISTS, mixed, lab) == set()
    path = "entry[198.51.100.0/24]"
    assert told(found, LISTS, mixed) == {("changed", "aws_ec2_managed_prefix_list", path)}
    renamed = twin(made, entry=[HQ, LAB | {"description": "lab"}])
    assert told(found, LISTS, renamed) == {("changed", "aws_ec2_managed_prefix_list", f"{path}.description")}
    less = {"CurrentVersion": 1, "RemoveEntries": [{"Cidr": LAB["cidr"]}]}
    ec2.modify_managed_prefix_list(PrefixListId=prefixes, PrefixListName="office", **less)
    found = read(*LISTS)
    assert told(found, LISTS, inline) == {("changed", "aws_ec2_managed_prefix_list", path)}
    assert told(found, LISTS, mixed, lab) == {("missing", "aws_ec2_managed_prefix_list_entry", "")}


def test_denied_entries_are_a_gap(prefixes, allowed_only):
    with allowed_only("ec2:DescribeManagedPrefixLists"):
        found = read(*LISTS)
    gaps = [(gap.type, gap.permission) for gap in found.gaps]
    assert gaps == [("aws_ec2_managed_prefix_list_entry", "ec2:GetManagedPrefixListEntries")]
    assert told(found, LISTS, twin(only(found, "aws_ec2_managed_prefix_list"), entry=[HQ])) == set()


def test_corpus():
    assert_corpus_equals_itself([VPC, *COLLECTORS])
