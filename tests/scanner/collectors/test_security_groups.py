import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.collectors.security_groups import COLLECTORS, SECURITY_GROUP, protocol, rule_identity
from state import Inventory
from state.drift import drift
from state.terraform.settle import settle
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.compared import declared
from tests.scanner.corpus import assert_corpus_equals_itself

SCHEMAS = {each.type: each.schema for each in COLLECTORS}
INGRESS = next(each for each in COLLECTORS if "ingress" in each.type)
ARN = f"arn:aws:ec2:{REGION}:{ACCOUNT}"
EMPTY = {
    "cidr_blocks": [],
    "description": "",
    "ipv6_cidr_blocks": [],
    "prefix_list_ids": [],
    "security_groups": [],
    "self": False,
}
ALL_OUT = EMPTY | {"protocol": "-1", "from_port": 0, "to_port": 0, "cidr_blocks": ["0.0.0.0/0"]}


@pytest.fixture
def main(ec2):
    return ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]


@pytest.fixture
def web(ec2, main):
    return group(ec2, main, "web")


def group(ec2, vpc, name):
    tags = [{"ResourceType": "security-group", "Tags": [{"Key": "Name", "Value": name}]}]
    return ec2.create_security_group(GroupName=name, Description="A group", VpcId=vpc, TagSpecifications=tags)[
        "GroupId"
    ]


def admit(ec2, group, protocol, first, last, **source):
    permission = {"IpProtocol": protocol, "FromPort": first, "ToPort": last, **source}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[permission])


def cidr(*ranges, **about):
    return {"IpRanges": [{"CidrIp": each, **about} for each in ranges]}


def block(protocol, first, last, **said):
    return EMPTY | {"protocol": protocol, "from_port": first, "to_port": last} | said


def whole(id, ingress=(), egress=(ALL_OUT,)):
    return declared("aws_security_group", id, ingress=list(ingress), egress=list(egress), owner_id=ACCOUNT)


def told(found, *wanted):
    result = drift(found, Inventory(settle(wanted, SCHEMAS)), SCHEMAS)
    changed = {(each.resource.type, change.path) for each in result.drift for change in each.changes}
    return changed | {(each.resource.type, "missing") for each in result.drift if each.kind == "missing"}


def compare(*wanted):
    return told(read(*COLLECTORS), *wanted)


def of_group(path):
    return ("aws_security_group", path)


# --- groups -----------------------------------------------------------------------------------------


def test_security_group(web, main):
    made = next(each for each in read(*COLLECTORS).of("aws_security_group") if each.id == web)
    assert made.key == ("aws_security_group", ACCOUNT, REGION, web)
    assert made.owner is None
    assert made.attributes == {
        "arn": f"{ARN}:security-group/{web}",
        "description": "A group",
        "name": "web",
        "owner_id": ACCOUNT,
        "tags": {"Name": "web"},
        "vpc_id": main,
    }


def test_a_default_group_is_aws_own_and_so_are_its_rules(main):
    found = read(*COLLECTORS)
    defaults = [each for each in found.of("aws_security_group") if each["name"] == "default"]
    assert {each.owner for each in defaults} == {"aws: default"}
    assert any(each["vpc_id"] == main for each in defaults)
    assert drift(found, Inventory([]), SCHEMAS).drift == []


def test_a_group_that_a_classic_load_balancer_got_is_aws_own(ec2, main):
    made = ec2.create_security_group(GroupName="default_elb_6513270e", Description="Made by ELB", VpcId=main)["GroupId"]
    found = read(*COLLECTORS)
    assert [each.owner for each in found.of("aws_security_group") if each.id == made] == ["aws: default"]
    assert drift(found, Inventory([]), SCHEMAS).drift == []


def test_an_adopted_default_group_has_the_rules_it_declares(ec2, main):
    filters = [{"Name": "vpc-id", "Values": [main]}]
    [default] = ec2.describe_security_groups(Filters=filters)["SecurityGroups"]
    id = default["GroupId"]
    shut = declared("aws_default_security_group", id, ingress=[], egress=[])
    open_out = declared("aws_default_security_group", id, ingress=[], egress=[ALL_OUT])
    assert of_group("egress[cidr=0.0.0.0/0,protocol=all]") in compare(shut)
    assert of_group("egress[cidr=0.0.0.0/0,protocol=all]") not in compare(open_out)


def test_a_managed_group_does_not_get_the_default_egress_for_free(web):
    assert compare(whole(web)) == set()
    assert compare(whole(web, egress=[])) == {of_group("egress[cidr=0.0.0.0/0,protocol=all]")}


def test_denied_rules_are_a_gap_and_nothing_is_missing_there(web, allowed_only):
    wanted = whole(web, ingress=[block("tcp", 22, 22, cidr_blocks=["10.0.0.0/8"])])
    with allowed_only("ec2:DescribeSecurityGroups"):
        found = read(*COLLECTORS)
    assert {(gap.type, gap.kind, gap.permission) for gap in found.gaps} == {
        (f"aws_vpc_security_group_{each}_rule", "denied", "ec2:DescribeSecurityGroupRules")
        for each in ("ingress", "egress")
    }
    assert any(each.id == web for each in found.of("aws_security_group"))
    assert told(found, wanted) == set()


# --- rules ------------------------------------------------------------------------------------------


def test_rule(ec2, web):
    admit(ec2, web, "tcp", 22, 22, **cidr("0.0.0.0/0", Description="ssh"))
    [made] = read(INGRESS).of("aws_vpc_security_group_ingress_rule")
    assert made.id.startswith("sgr-")
    assert made.identity == f"{web}/cidr=0.0.0.0/0,port=22"
    assert made.arn == f"{ARN}:security-group-rule/{made.id}"
    assert made.attributes == {
        "arn": made.arn,
        "cidr_ipv4": "0.0.0.0/0",
        "cidr_ipv6": None,
        "description": "ssh",
        "from_port": 22,
        "ip_protocol": "tcp",
        "prefix_list_id": None,
        "referenced_security_group_id": None,
        "security_group_id": web,
        "security_group_rule_id": made.id,
        "tags": {},
        "to_port": 22,
    }


ICMP6 = {"ip_protocol": "icmpv6", "from_port": -1, "to_port": -1}


@pytest.mark.parametrize(
    ("rule", "label"),
    [
        (
            {"cidr_ipv4": "10.0.0.0/8", "ip_protocol": "tcp", "from_port": 80, "to_port": 90},
            "cidr=10.0.0.0/8,port=80-90",
        ),
        ({"cidr_ipv4": "10.0.0.0/8", "ip_protocol": "6", "from_port": 0, "to_port": 0}, "cidr=10.0.0.0/8,port=0"),
        ({"cidr_ipv4": "0.0.0.0/0", "ip_protocol": "-1"}, "cidr=0.0.0.0/0,protocol=all"),
        ({"cidr_ipv4": "0.0.0.0/0", "ip_protocol": "all", "from_port": 0, "to_port": 0}, "cidr=0.0.0.0/0,protocol=all"),
        (
            {"cidr_ipv6": "0::/0", "ip_protocol": "UDP", "from_port": 53, "to_port": 53},
            "cidr6=::/0,protocol=udp,port=53",
        ),
        ({"cidr_ipv6": "::/0", **ICMP6}, "cidr6=::/0,protocol=icmpv6"),
        ({"cidr_ipv6": "::/0", **ICMP6, "from_port": 128}, "cidr6=::/0,protocol=icmpv6,type=128"),
        (
            {"cidr_ipv4": "10.0.0.0/8", "ip_protocol": "1", "from_port": 0, "to_port": 0},
            "cidr=10.0.0.0/8,protocol=icmp,type=0,code=0",
        ),
        ({"cidr_ipv4": "10.0.0.0/8", "ip_protocol": "50", "from_port": 0, "to_port": 0}, "cidr=10.0.0.0/8,protocol=50"),
        ({"prefix_list_id": "pl-1", "ip_protocol": "tcp", "from_port": 1, "to_port": 1}, "prefix_list=pl-1,port=1"),
        (
            {"referenced_security_group_id": "210987654321/sg-2", "ip_protocol": "-1"},
            "group=210987654321/sg-2,protocol=all",
        ),
    ],
)
def test_rule_identity(rule, label):
    assert rule_identity({"security_group_id": "sg-1", **rule}) == f"sg-1/{label}"


@pytest.mark.parametrize("rule", [{"cidr_ipv4": "10.0.0.0/8"}, {"security_group_id": "sg-1", "cidr_ipv4": ""}])
def test_a_rule_without_group_or_source_has_no_identity_of_its_own(rule):
    assert rule_identity(rule) is None


@pytest.mark.parametrize(("said", "meant"), [("TCP", "tcp"), (58, "icmpv6"), ("-1", "-1"), ("all", "-1"), (None, None)])
def test_protocol(said, meant):
    assert protocol(said) == meant


class Here:
    partition, region, account = "aws", REGION, ACCOUNT


def referring(account):
    item = {
        "SecurityGroupRuleId": "sgr-1",
        "GroupId": "sg-1",
        "GroupOwnerId": ACCOUNT,
        "IpProtocol": "tcp",
        "FromPort": 22,
        "ToPort": 22,
        "ReferencedGroupInfo": {"GroupId": "sg-2", "UserId": account},
    }
    return INGRESS.resource(item, Here(), {})


def test_a_group_of_another_account_is_named_with_it():
    theirs, ours = referring("210987654321"), referring(ACCOUNT)
    assert theirs["referenced_security_group_id"] == "210987654321/sg-2"
    assert ours["referenced_security_group_id"] == "sg-2"
    live = SECURITY_GROUP.resource({"GroupId": "sg-1", "GroupName": "a", "OwnerId": ACCOUNT}, Here(), {})
    blocks = [block("tcp", 22, 22, security_groups=["210987654321/sg-2", f"{ACCOUNT}/sg-2"])]
    assert told(Inventory([live, theirs, ours]), whole("sg-1", ingress=blocks, egress=[])) == set()


# --- homes ------------------------------------------------------------------------------------------


def some_rules(ec2, main, web):
    """Live rules of every kind, and the blocks that declare them."""
    lb = group(ec2, main, "lb")
    admit(ec2, web, "tcp", 443, 443, **cidr("10.0.0.0/8", "172.16.0.0/12"))
    admit(ec2, web, "tcp", 443, 443, UserIdGroupPairs=[{"GroupId": lb}, {"GroupId": web}])
    admit(ec2, web, "tcp", 443, 443, Ipv6Ranges=[{"CidrIpv6": "2001:db8::/32"}])
    admit(ec2, web, "icmp", 8, -1, **cidr("0.0.0.0/0"))
    admit(ec2, web, "-1", -1, -1, **cidr("192.168.0.0/16"))
    https = {"cidr_blocks": ["172.16.0.0/12", "10.0.0.0/8"], "ipv6_cidr_blocks": ["2001:DB8::/32"]}
    return [
        block("6", 443, 443, **https, security_groups=[lb], self=True),
        block("icmp", 8, -1, cidr_blocks=["0.0.0.0/0"]),
        block("-1", 0, 0, cidr_blocks=["192.168.0.0/16"]),
    ]


def apart(web, blocks):
    """The same as aws_security_group_rule, which names its source's group or itself, never both."""
    for number, each in enumerate(blocks):
        common = {"security_group_id": web, "type": "ingress", **each, "description": None}
        groups = common.pop("security_groups")
        ranges = ("cidr_blocks", "ipv6_cidr_blocks", "prefix_list_ids")
        yield declared("aws_security_group_rule", f"sgrule-{number}", **common | {"self": False})
        for group in [*groups, *([web] if each["self"] else [])]:
            alone = common | dict.fromkeys(ranges) | {"self": group == web}
            source = None if group == web else group
            yield declared("aws_security_group_rule", f"{number}-{group}", **alone, source_security_group_id=source)


def finest(found, web):
    for type in ("aws_vpc_security_group_ingress_rule",):
        for each in found.of(type):
            if each["security_group_id"] == web:
                yield declared(type, each.id, **each.attributes)


@pytest.mark.parametrize("home", ["inline", "classic", "finest", "inline and classic", "inline and finest"])
def test_rules_are_the_same_wherever_they_are_declared(ec2, main, web, home):
    blocks = some_rules(ec2, main, web)
    found = read(*COLLECTORS)
    inline = whole(web, ingress=blocks if "inline" in home else ())
    separate = apart(web, blocks) if "classic" in home else finest(found, web) if "finest" in home else ()
    assert told(found, inline, *separate) == set()


def test_an_added_rule_is_a_change_of_its_group(ec2, web):
    admit(ec2, web, "tcp", 22, 22, **cidr("0.0.0.0/0"))
    [change] = [
        each.changes[0] for each in drift(read(*COLLECTORS), Inventory(settle([whole(web)], SCHEMAS)), SCHEMAS).drift
    ]
    assert change.path == "ingress[cidr=0.0.0.0/0,port=22]"
    assert (change.declared, change.live) == (
        None,
        {"cidr_ipv4": "0.0.0.0/0", "from_port": 22, "ip_protocol": "tcp", "to_port": 22},
    )


SSH = block("tcp", 22, 22, cidr_blocks=["10.0.0.0/8"], description="ssh")


@pytest.mark.parametrize(
    ("live", "path"),
    [
        (None, "ingress[cidr=10.0.0.0/8,port=22]"),
        ({"protocol": "tcp", "first": 22, "last": 23, "description": "ssh"}, "ingress[cidr=10.0.0.0/8,port=22-23]"),
        (
            {"protocol": "udp", "first": 22, "last": 22, "description": "ssh"},
            "ingress[cidr=10.0.0.0/8,protocol=udp,port=22]",
        ),
        (
            {"protocol": "tcp", "first": 22, "last": 22, "description": "?"},
            "ingress[cidr=10.0.0.0/8,port=22].description",
        ),
        ({"protocol": "tcp", "first": 22, "last": 22}, "ingress[cidr=10.0.0.0/8,port=22].description"),
    ],
)
def test_a_rule_emptied_or_changed_is_a_change_of_its_group(ec2, web, live, path):
    if live:
        about = {"Description": live["description"]} if "description" in live else {}
        admit(ec2, web, live["protocol"], live["first"], live["last"], **cidr("10.0.0.0/8", **about))
    assert of_group(path) in compare(whole(web, ingress=[SSH]))


def test_a_lost_rule_of_its_own_is_missing(ec2, web):
    rule = {"security_group_id": web, "cidr_ipv4": "10.0.0.0/8", "ip_protocol": "tcp", "from_port": 22, "to_port": 22}
    classic = {"security_group_id": web, "type": "ingress", "protocol": "tcp", "from_port": 22, "to_port": 22}
    missing = {("aws_vpc_security_group_ingress_rule", "missing")}
    assert compare(whole(web), declared("aws_vpc_security_group_ingress_rule", "sgr-1", **rule)) == missing
    classic |= {"cidr_blocks": ["10.0.0.0/8"]}
    assert compare(whole(web), declared("aws_security_group_rule", "sgrule-1", **classic)) == missing


def test_tags_of_a_rule_are_compared_where_it_is_its_own(ec2, web):
    admit(ec2, web, "tcp", 22, 22, **cidr("10.0.0.0/8", Description="ssh"))
    [rule] = read(INGRESS).of("aws_vpc_security_group_ingress_rule")
    ec2.create_tags(Resources=[rule.id], Tags=[{"Key": "Name", "Value": "other"}])
    tagged = declared(rule.type, rule.id, **rule.attributes, tags_all={"Name": "ssh"})
    assert compare(whole(web, ingress=[SSH]), tagged) == {(rule.type, "tags.Name")}
    assert compare(whole(web, ingress=[SSH])) == set()


# --- the order and grouping of inline rules say nothing -----------------------------------------------

RANGES = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "0.0.0.0/0"]
RANGES6 = ["::/0", "2001:db8::/32"]
SOURCE = st.one_of(
    st.sampled_from(RANGES).map(lambda each: ("cidr_blocks", each)),
    st.sampled_from(RANGES6).map(lambda each: ("ipv6_cidr_blocks", each)),
    st.sampled_from(["sg-2", f"{ACCOUNT}/sg-3", "210987654321/sg-2"]).map(lambda each: ("security_groups", each)),
    st.just(("prefix_list_ids", "pl-1")),
    st.just(("self", True)),
)
MATCH = st.sampled_from(
    [("tcp", 22, 22), ("udp", 53, 53), ("tcp", 0, 65535), ("icmp", -1, -1), ("icmp", 0, 0), ("-1", 0, 0)]
)
RULES = st.sets(st.tuples(MATCH, SOURCE), min_size=1, max_size=12)


def grouped(rules, together):
    """Rule blocks for these rules; those of one match may share a block."""
    blocks = {}
    for number, (match, (kind, source)) in enumerate(rules):
        key = match if together[number % len(together)] else (match, number)
        said = blocks.setdefault(key, block(*match))
        said[kind] = True if kind == "self" else [*said[kind], source]
    return list(blocks.values())


def as_seen(settled):
    return Inventory([each.replace(id=each.identity, declared=None) for each in settled])


@given(rules=RULES, together=st.lists(st.booleans(), min_size=1), order=st.randoms(use_true_random=False))
def test_shuffled_and_regrouped_rules_are_the_same(rules, together, order):
    shuffled = sorted(rules)
    order.shuffle(shuffled)
    one = settle([whole("sg-1", ingress=grouped(sorted(rules), [True]))], SCHEMAS)
    other = settle([whole("sg-1", ingress=grouped(shuffled, together))], SCHEMAS)
    result = drift(as_seen(one), Inventory(other), SCHEMAS)
    assert result.drift == []
    assert len(result.pairs) == len(one) == len(rules) + 2


@given(rules=RULES, lost=st.data())
def test_a_rule_less_is_always_told(rules, lost):
    gone = lost.draw(st.sampled_from(sorted(rules)))
    live = settle([whole("sg-1", ingress=grouped(sorted(rules - {gone}), [True]))], SCHEMAS)
    wanted = settle([whole("sg-1", ingress=grouped(sorted(rules), [True]))], SCHEMAS)
    [row] = drift(as_seen(live), Inventory(wanted), SCHEMAS).drift
    assert (row.resource.type, len(row.changes)) == ("aws_security_group", 1)


def test_corpus():
    assert_corpus_equals_itself(COLLECTORS)
