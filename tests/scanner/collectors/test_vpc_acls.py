import pytest

from scanner.collectors.vpc_acls import (
    COLLECTORS,
    NETWORK_ACL,
    NETWORK_ACL_ASSOCIATION,
    NETWORK_ACL_RULE,
    rule_identity,
)
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.compared import declared, only, told
from tests.scanner.corpus import assert_corpus_equals_itself

OPEN = {"rule_no": 100, "action": "allow", "protocol": "tcp", "cidr_block": "10.0.0.0/8", "from_port": 443}
OPEN |= {"to_port": 443, "ipv6_cidr_block": "", "icmp_code": 0, "icmp_type": 0}


@pytest.fixture
def acl(ec2, vpc):
    tags = [{"ResourceType": "network-acl", "Tags": [{"Key": "Name", "Value": "web"}]}]
    id = ec2.create_network_acl(VpcId=vpc, TagSpecifications=tags)["NetworkAcl"]["NetworkAclId"]
    add(ec2, id, 100)
    return id


def add(ec2, acl, number, **more):
    rule = {"Egress": False, "Protocol": "6", "RuleAction": "allow", "CidrBlock": "10.0.0.0/8"}
    ports = {"PortRange": {"From": 443, "To": 443}}
    ec2.create_network_acl_entry(NetworkAclId=acl, RuleNumber=number, **{**rule, **ports, **more})


def test_network_acl(acl, vpc):
    made = only(read(*COLLECTORS), "aws_network_acl")
    assert (made.id, made.identity, made.facts) == (acl, acl, {"is_default": False})
    assert made.attributes == {
        "arn": f"arn:aws:ec2:{REGION}:{ACCOUNT}:network-acl/{acl}",
        "owner_id": ACCOUNT,
        "subnet_ids": [],
        "vpc_id": vpc,
        "tags": {"Name": "web"},
    }


def test_the_acl_that_aws_made_is_its_own(acl):
    found = read(NETWORK_ACL)
    assert {each.owner for each in found.of("aws_network_acl") if each.fact("is_default")} == {"aws: default"}
    assert told(found, [NETWORK_ACL]) == {("unmanaged", "aws_network_acl", "")}


def test_network_acl_rule(acl):
    made = only(read(NETWORK_ACL_RULE), "aws_network_acl_rule")
    assert (made.id, made.identity) == (f"{acl}/ingress/100", f"{acl}/ingress/100")
    assert made.attributes == {
        "cidr_block": "10.0.0.0/8",
        "egress": False,
        "from_port": 443,
        "icmp_code": None,
        "icmp_type": None,
        "ipv6_cidr_block": None,
        "network_acl_id": acl,
        "protocol": "tcp",
        "rule_action": "allow",
        "rule_number": 100,
        "to_port": 443,
    }


def homes(home, acl):
    apart = {name: value for name, value in OPEN.items() if name not in ("rule_no", "action")} | {"protocol": "6"}
    apart |= {"network_acl_id": acl, "egress": False, "rule_number": 100.0, "rule_action": "ALLOW"}
    inline, bare = (declared("aws_network_acl", acl, ingress=rows, egress=[]) for rows in ([OPEN], []))
    rule = declared("aws_network_acl_rule", "nacl-4038077630", **apart)
    return {"inline": [inline], "separate": [bare, rule], "both": [inline, rule]}[home]


@pytest.mark.parametrize("home", ["inline", "separate", "both"])
def test_a_rule_is_the_same_wherever_it_is_declared(ec2, acl, home):
    assert told(read(*COLLECTORS), COLLECTORS, *homes(home, acl)) == set()
    add(ec2, acl, 200, Egress=True)
    added = ("changed", "aws_network_acl", "egress[200]")
    assert told(read(*COLLECTORS), COLLECTORS, *homes(home, acl)) == {added}
    ec2.delete_network_acl_entry(NetworkAclId=acl, RuleNumber=100, Egress=False)
    lost = ("changed", "aws_network_acl", "ingress[100]")
    lost = lost if home == "inline" else ("missing", "aws_network_acl_rule", "")
    assert told(read(*COLLECTORS), COLLECTORS, *homes(home, acl)) == {added, lost}


def test_a_rule_that_was_changed(ec2, acl):
    changed = {"PortRange": {"From": 1, "To": 443}}
    ec2.delete_network_acl_entry(NetworkAclId=acl, RuleNumber=100, Egress=False)
    add(ec2, acl, 100, **changed)
    found = read(*COLLECTORS)
    inside = ("changed", "aws_network_acl", "ingress[100].from_port")
    assert told(found, COLLECTORS, *homes("inline", acl)) == {inside}
    assert told(found, COLLECTORS, *homes("separate", acl)) == {("changed", "aws_network_acl_rule", "from_port")}


def test_rules_of_a_default_acl_that_is_declared(ec2, vpc):
    found = read(*COLLECTORS)
    acl = next(each for each in found.of("aws_network_acl") if each["vpc_id"] == vpc)
    adopted = declared("aws_default_network_acl", acl.id, default_network_acl_id=acl.id, ingress=[], egress=[])
    paths = {f"{direction}[100]" for direction in ("ingress", "egress")}
    assert told(found, COLLECTORS, adopted) == {("changed", "aws_network_acl", path) for path in paths}


def test_the_last_rule_and_incomplete_ones():
    entries = [{"RuleNumber": number, "Egress": True} for number in (1, 32766, 32767, 32768)]
    page = {"NetworkAcls": [{"NetworkAclId": "acl-1", "Entries": entries}]}
    assert [each["Item"]["RuleNumber"] for each in NETWORK_ACL_RULE.fetch.found(page)] == [1, 32766]
    assert rule_identity({"network_acl_id": "acl-1", "rule_number": None}) is None


def test_network_acl_association(ec2, vpc, acl):
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.1.1.0/24")["Subnet"]["SubnetId"]
    default = next(
        each
        for acl in ec2.describe_network_acls()["NetworkAcls"]
        for each in acl["Associations"]
        if each["SubnetId"] == subnet
    )
    id = ec2.replace_network_acl_association(AssociationId=default["NetworkAclAssociationId"], NetworkAclId=acl)[
        "NewAssociationId"
    ]
    found = read(*COLLECTORS)
    made = next(each for each in found.of("aws_network_acl_association") if each["network_acl_id"] == acl)
    assert (made.id, made.identity, made.facts) == (id, f"{acl}/{subnet}", {"is_default": False})
    assert made.attributes == {"network_acl_id": acl, "subnet_id": subnet}
    bare = declared("aws_network_acl", acl, ingress=[OPEN])
    inline = declared("aws_network_acl", acl, ingress=[OPEN], subnet_ids=[subnet])
    apart = declared("aws_network_acl_association", id, network_acl_id=acl, subnet_id=subnet)
    assert told(found, COLLECTORS, inline) == told(found, COLLECTORS, bare, apart) == set()
    path = ("changed", "aws_network_acl", f"subnet_ids[{subnet}]")
    assert told(found, COLLECTORS, bare) == {path}
    ec2.replace_network_acl_association(
        AssociationId=id,
        NetworkAclId=next(each.id for each in found.of("aws_network_acl") if each["vpc_id"] == vpc and each.owner),
    )
    found = read(*COLLECTORS)
    assert told(found, COLLECTORS, inline) == {path}
    assert told(found, COLLECTORS, bare, apart) == {("missing", "aws_network_acl_association", "")}


def test_denied_acls_are_a_gap(acl, allowed_only):
    with allowed_only():
        found = read(*COLLECTORS)
    assert {(gap.type, gap.permission) for gap in found.gaps} == {
        (each.type, "ec2:DescribeNetworkAcls") for each in COLLECTORS
    }
    assert told(found, COLLECTORS, *homes("both", acl)) == set()


def test_one_call_serves_acls_rules_and_associations():
    assert {each.fetch.call for each in (NETWORK_ACL_RULE, NETWORK_ACL_ASSOCIATION)} == {NETWORK_ACL.fetch.call}


def test_corpus():
    assert_corpus_equals_itself(COLLECTORS)
