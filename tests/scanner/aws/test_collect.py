"""What a collection asks for, and what becomes of an answer that is missing, refused or broken."""

import pytest

from scanner.aws.collect import collect
from scanner.aws.collector import Attribute, Collector, Detail, Listing, Scope, Shared, converted
from scanner.aws.session import Access, Aws
from state import GLOBAL, Unknown
from tests.conftest import ACCOUNT, REGION, read, run
from tests.scanner.aws.wire import RESET, SILENT, Answer, items, json, refusal, subnets, vpcs, xml

DENIED = refusal("UnauthorizedOperation", 403)


def ec2(type, operation, path, id, **about):
    about.setdefault("attributes", {"id": id})
    return Collector(type=type, service="ec2", fetch=Listing(operation, path), permissions=(), id=id, **about)


def vpc(type="aws_vpc", **about):
    return ec2(type, "describe_vpcs", "Vpcs", "VpcId", **about)


SUBNET = ec2("aws_subnet", "describe_subnets", "Subnets", "SubnetId")
TABLE = Collector(
    type="aws_dynamodb_table",
    service="dynamodb",
    fetch=Listing("list_tables", "TableNames[].{Name: @}"),
    permissions=(),
    id="Name",
    attributes={"name": "Name"},
)


def names(inventory, type="aws_vpc"):
    return sorted(each.id for each in inventory.of(type))


def gaps(inventory):
    """(kind, type, region, id, attribute) of each."""
    return [(each.kind, each.type, each.region, each.id, each.attribute) for each in inventory.gaps]


# --- what is asked, and how often -----------------------------------------------------------------


def test_a_listing_that_several_collectors_read_is_asked_for_once(wire):
    wire.answers["DescribeVpcs"] = vpcs("vpc-1")
    seen = read(vpc(), vpc("aws_default_vpc"))
    assert (names(seen), names(seen, "aws_default_vpc")) == (["vpc-1"], ["vpc-1"])
    assert wire.asked == ["DescribeVpcs"]


def test_another_argument_is_another_listing(wire):
    wire.answers["DescribeVpcs"] = vpcs("vpc-1")
    own = Listing("describe_vpcs", "Vpcs", (("VpcIds", ["vpc-1"]),))
    other = Collector(type="aws_own_vpc", service="ec2", fetch=own, permissions=(), id="VpcId", attributes={})
    read(vpc(), other)
    assert wire.asked == ["DescribeVpcs", "DescribeVpcs"]


def test_each_region_is_asked_and_a_global_thing_once(wire):
    wire.answers |= {"DescribeVpcs": vpcs("vpc-1"), "DescribeSubnets": subnets("subnet-1")}
    everywhere = ec2("aws_subnet", "describe_subnets", "Subnets", "SubnetId", scope=Scope.GLOBAL)
    seen = read(vpc(), everywhere, regions=("eu-west-1", "eu-central-1"))
    assert sorted(wire.asked) == ["DescribeSubnets", "DescribeVpcs", "DescribeVpcs"]
    assert sorted(each.region for each in seen.of("aws_vpc")) == ["eu-central-1", "eu-west-1"]
    assert [each.region for each in seen.of("aws_subnet")] == [GLOBAL]
    assert seen.read == {
        ("aws_vpc", ACCOUNT, "eu-west-1"),
        ("aws_vpc", ACCOUNT, "eu-central-1"),
        ("aws_subnet", ACCOUNT, GLOBAL),
        ("region", ACCOUNT, "eu-west-1"),
        ("region", ACCOUNT, "eu-central-1"),
        ("account", ACCOUNT, GLOBAL),
    }


def test_all_pages_are_read(wire):
    wire.answers["DescribeVpcs"] = lambda asked: (
        vpcs("vpc-2") if "NextToken" in asked.form else vpcs("vpc-1", token="2")
    )
    assert names(read(vpc())) == ["vpc-1", "vpc-2"]


def test_what_stood_on_the_first_page_stays_when_the_second_fails(wire):
    wire.answers["DescribeVpcs"] = lambda asked: DENIED if "NextToken" in asked.form else vpcs("vpc-1", token="2")
    seen = read(vpc(), vpc("aws_default_vpc"))
    assert (names(seen), names(seen, "aws_default_vpc")) == (["vpc-1"], ["vpc-1"])
    assert gaps(seen) == [("denied", type, REGION, None, None) for type in ("aws_vpc", "aws_default_vpc")]


def test_account_and_regions_are_always_there(wire):
    seen = read(vpc(), regions=("eu-west-1", "eu-central-1"))
    assert [(each.type, each.id, each.region) for each in seen.resources] == [
        ("account", ACCOUNT, GLOBAL),
        ("region", "eu-west-1", "eu-west-1"),
        ("region", "eu-central-1", "eu-central-1"),
    ]


def test_an_account_that_a_collector_reads_is_there_once(wire):
    wire.answers["DescribeVpcs"] = vpcs("vpc-1")
    seen = read(vpc("account", scope=Scope.GLOBAL))
    assert [(each.id, each.region) for each in seen.of("account")] == [("vpc-1", GLOBAL)]


def test_progress_adds_up(wire):
    wire.answers |= {"DescribeVpcs": vpcs("vpc-1", "vpc-2"), "DescribeSubnets": DENIED}
    told = []

    def watch(progress):
        told.append((progress.done, progress.visits, progress.resources, progress.gaps, progress.last))

    async def reading():
        async with Aws(Access()) as aws:
            seen = await collect({aws: ["eu-west-1", "eu-central-1"]}, [vpc(), SUBNET], watch=watch)
            assert aws.calls == len(wire.requests) == 5
            return seen

    run(reading())
    assert [each[:2] for each in told] == sorted(each[:2] for each in told), "it never goes back"
    assert {each[:2] for each in told} - {(0, 4)} == {(1, 4), (2, 4), (3, 4), (4, 4)}, "a page may come before any end"
    assert told[-1][2:4] == (4, 2)
    assert {each[-1] for each in told} == {"ec2 eu-west-1", "ec2 eu-central-1"}


def test_progress_is_told_while_details_are_asked_for(wire):
    wire.answers |= {"DescribeVpcs": vpcs("vpc-1", "vpc-2"), "DescribeVpcAttribute": xml("DescribeVpcAttribute")}
    told = []

    async def reading():
        async with Aws(Access()) as aws:
            watch = told.append
            await collect(
                {aws: [REGION]}, [vpc(**support())], watch=lambda now: watch((now.done, now.resources, now.calls))
            )

    run(reading())
    assert told == [(0, 0, 2), (0, 1, told[1][2]), (0, 2, 4), (1, 2, 4)]


# --- details --------------------------------------------------------------------------------------


def support(**about):
    """A VPC with one attribute that a further call tells."""
    detail = Detail(
        operation="describe_vpc_attribute",
        arguments={"VpcId": "VpcId", "Attribute": "'enableDnsSupport'"},
        into="Dns",
        **about,
    )
    return {"details": (detail,), "attributes": {"id": "VpcId", "dns": "Dns.EnableDnsSupport.Value"}}


DNS = xml("DescribeVpcAttribute", "<enableDnsSupport><value>true</value></enableDnsSupport>")


def test_collectors_that_ask_the_same_of_an_item_share_the_answer(wire):
    wire.answers |= {"DescribeVpcs": vpcs("vpc-1", "vpc-2"), "DescribeVpcAttribute": DNS}
    seen = read(vpc(**support()), vpc("aws_default_vpc", **support()))
    assert sorted(wire.asked) == ["DescribeVpcAttribute"] * 2 + ["DescribeVpcs"]
    assert [each["dns"] for each in (*seen.of("aws_vpc"), *seen.of("aws_default_vpc"))] == [True] * 4


@pytest.mark.parametrize(
    ("about", "answer", "dns"),
    [
        ({}, DNS, True),
        ({"absent": ("Nope",)}, refusal("Nope"), None),
        ({"holds": "EnableDnsHostnames"}, DNS, None),
        ({"holds": "EnableDnsSupport"}, DNS, True),
        ({"essential": True}, DNS, True),
    ],
    ids=["told", "absent", "does not hold", "holds", "essential"],
)
def test_a_detail(wire, about, answer, dns):
    wire.answers |= {"DescribeVpcs": vpcs("vpc-1"), "DescribeVpcAttribute": answer}
    seen = read(vpc(**support(**about)))
    assert [each["dns"] for each in seen.of("aws_vpc")] == [dns]
    assert gaps(seen) == []


@pytest.mark.parametrize(
    ("about", "answer"),
    [
        ({"gone": ("Nope",)}, refusal("Nope")),
        ({"absent": ("Nope",), "essential": True}, refusal("Nope")),
        ({"holds": "EnableDnsHostnames", "essential": True}, DNS),
    ],
    ids=["gone", "essential and absent", "essential and empty"],
)
def test_what_is_no_resource_leaves_no_gap(wire, about, answer):
    wire.answers |= {"DescribeVpcs": vpcs("vpc-1"), "DescribeVpcAttribute": answer}
    seen = read(vpc(**support(**about)))
    assert (names(seen), gaps(seen)) == ([], [])


def one_refused(asked):
    return DENIED if asked.form["VpcId"] == "vpc-1" else DNS


def test_a_refused_detail_is_unknown_and_a_gap_of_one_attribute(wire):
    wire.answers |= {"DescribeVpcs": vpcs("vpc-1", "vpc-2"), "DescribeVpcAttribute": one_refused}
    seen = read(vpc(**support(absent=("Nope",))))
    first, second = sorted(seen.of("aws_vpc"), key=lambda each: each.id)
    with pytest.raises(Unknown, match="DescribeVpcAttribute: access denied"):
        first["dns"]
    assert (first["id"], second["dns"]) == ("vpc-1", True)
    assert gaps(seen) == [("denied", "aws_vpc", REGION, "vpc-1", "dns")]
    assert (seen.gaps[0].operation, seen.gaps[0].permission) == ("ec2:DescribeVpcAttribute", "ec2:DescribeVpcAttribute")


def test_a_refused_essential_detail_is_a_gap_of_one_resource(wire):
    wire.answers |= {"DescribeVpcs": vpcs("vpc-1", "vpc-2"), "DescribeVpcAttribute": one_refused}
    seen = read(vpc(**support(essential=True)))
    assert names(seen) == ["vpc-2"]
    assert gaps(seen) == [("denied", "aws_vpc", REGION, "vpc-1", None)]


def test_a_detail_is_not_asked_for_where_the_item_says_it_already(wire):
    wire.answers |= {"DescribeVpcs": vpcs("vpc-1", "vpc-2"), "DescribeVpcAttribute": DNS}
    seen = read(vpc(**support(unless="VpcId == 'vpc-1'")))
    assert {each.id: each["dns"] for each in seen.of("aws_vpc")} == {"vpc-1": None, "vpc-2": True}
    assert wire.asked == ["DescribeVpcs", "DescribeVpcAttribute"]


# --- readings shared by all items -----------------------------------------------------------------


async def owners(place):
    answer = await place.call("ec2", "describe_subnets")
    return {each["SubnetId"]: {"Owner": "me"} for each in answer["Subnets"]}


def owned(**about):
    return {
        "details": (Shared(ask=owners, by="VpcId", into="Report", **about),),
        "attributes": {"id": "VpcId", "by": "Report.Owner"},
    }


def test_a_shared_reading_is_asked_for_once(wire):
    wire.answers |= {"DescribeVpcs": vpcs("a", "b"), "DescribeSubnets": subnets("a", "b")}
    seen = read(vpc(**owned()), vpc("aws_default_vpc", **owned()))
    assert [each["by"] for each in (*seen.of("aws_vpc"), *seen.of("aws_default_vpc"))] == ["me"] * 4
    assert wire.asked == ["DescribeVpcs", "DescribeSubnets"]


def test_what_a_shared_reading_does_not_name_is_unknown_and_no_gap(wire):
    wire.answers |= {"DescribeVpcs": vpcs("a", "b"), "DescribeSubnets": subnets("a")}
    seen = read(vpc(**owned()))
    found = {each.id: each for each in seen.of("aws_vpc")}
    with pytest.raises(Unknown, match="the owners does not name b"):
        found["b"]["by"]
    assert (found["a"]["by"], gaps(seen)) == ("me", [])


def test_a_shared_reading_that_names_some_says_none_of_the_others(wire):
    wire.answers |= {"DescribeVpcs": vpcs("a", "b"), "DescribeSubnets": subnets("a")}
    seen = read(vpc(**owned(some=True)))
    assert {each.id: each["by"] for each in seen.of("aws_vpc")} == {"a": "me", "b": None}


def test_a_refused_shared_reading_is_one_gap(wire):
    wire.answers |= {"DescribeVpcs": vpcs("a", "b"), "DescribeSubnets": DENIED}
    seen = read(vpc(**owned()))
    assert gaps(seen) == [("denied", "aws_vpc", REGION, None, "by")]
    assert [each.unknown for each in seen.of("aws_vpc")] == [{"by": seen.gaps[0].reason}] * 2
    assert wire.asked == ["DescribeVpcs", "DescribeSubnets"]


def test_a_shared_reading_is_asked_for_only_if_somebody_needs_it(wire):
    wire.answers |= {"DescribeVpcs": vpcs("a", "b"), "DescribeSubnets": subnets("a", "b")}
    assert [each["by"] for each in read(vpc(**owned(only="VpcId == 'c'"))).of("aws_vpc")] == [None, None]
    assert wire.asked == ["DescribeVpcs"]
    seen = read(vpc(**owned(only="VpcId == 'a'")))
    assert {each.id: each["by"] for each in seen.of("aws_vpc")} == {"a": "me", "b": None}


# --- what AWS leaves out, and what neighbours tell ------------------------------------------------


def test_a_value_that_aws_withholds_is_unknown_and_a_gap(wire):
    state = "<vpcId>vpc-1</vpcId><state>no key</state>"
    wire.answers["DescribeVpcs"] = items("DescribeVpcs", "vpcSet", state, "<vpcId>vpc-2</vpcId>")
    cidr = Attribute(path="CidrBlock", withheld="State")
    seen = read(vpc(attributes={"id": "VpcId", "cidr": cidr}))
    assert {each.id: each.unknown for each in seen.of("aws_vpc")} == {"vpc-1": {"cidr": "no key"}, "vpc-2": {}}
    assert gaps(seen) == [("error", "aws_vpc", REGION, "vpc-1", "cidr")]


def many(resource, inventory):
    return len(inventory.near(resource, "aws_subnet"))


def test_what_only_the_neighbours_tell(wire):
    wire.answers |= {"DescribeVpcs": vpcs("vpc-1"), "DescribeSubnets": subnets("subnet-1", "subnet-2")}
    joined = vpc(joins={"subnets": many}, owned=lambda resource, inventory: f"team: {many(resource, inventory)}")
    (seen,) = read(joined, SUBNET).of("aws_vpc")
    assert (seen["subnets"], seen.owner) == (2, "team: 2")


def test_what_neighbours_unseen_would_tell_is_unknown(wire):
    wire.answers |= {"DescribeVpcs": vpcs("vpc-1"), "DescribeSubnets": DENIED}
    joined = vpc(joins={"subnets": many}, owned=lambda resource, inventory: f"team: {many(resource, inventory)}")
    (seen,) = read(joined, SUBNET).of("aws_vpc")
    with pytest.raises(Unknown, match="could not read aws_subnet: DescribeSubnets: access denied"):
        seen["subnets"]
    assert seen.owner is None


# --- what breaks costs a gap, and nothing of the others -------------------------------------------


@pytest.mark.parametrize(
    ("answer", "kind", "reason"),
    [
        (Answer("<html>log in"), "malformed", "DescribeVpcs: the answer could not be read (it is a web page)"),
        (
            Answer("<!DOCTYPE html><html><body>log in</body></html>"),
            "malformed",
            "DescribeVpcs: the answer could not be read (it is a web page)",
        ),
        (Answer("<ok/>"), "malformed", "DescribeVpcs: the answer could not be read (it is not of AWS)"),
        (
            Answer("<DescribeVpcsResponse"),
            "malformed",
            "DescribeVpcs: the answer could not be read (ResponseParserError)",
        ),
        (Answer(""), "malformed", "DescribeVpcs: the answer could not be read (it is empty)"),
        (Answer("<html>", 302, {"Location": "/login"}), "malformed", "DescribeVpcs: the answer could not be read"),
        (Answer("not well", 503), "malformed", "DescribeVpcs: the answer could not be read (ResponseParserError)"),
        (Answer("<html>not well", 503), "error", "DescribeVpcs: Service Unavailable (503)"),
        (refusal("InternalError", 500), "error", "DescribeVpcs: "),
        (refusal("RequestLimitExceeded", 503), "throttled", "DescribeVpcs: throttled after every retry"),
        (refusal("OptInRequired"), "unsupported", "DescribeVpcs: not offered here (OptInRequired)"),
        (RESET, "unreachable", "C"),
        (SILENT, "timeout", "no answer in time (ReadTimeoutError)"),
    ],
    ids=lambda value: "" if isinstance(value, Answer) else str(value)[:40],
)
def test_an_answer_that_is_none_is_a_gap(wire, monkeypatch, answer, kind, reason):
    monkeypatch.setenv("DRIFTLINE_READ_TIMEOUT", "0.3")
    wire.answers |= {"DescribeVpcs": answer, "DescribeSubnets": subnets("subnet-1")}
    seen = read(vpc(), SUBNET)
    assert (names(seen), names(seen, "aws_subnet")) == ([], ["subnet-1"])
    assert gaps(seen) == [(kind, "aws_vpc", REGION, None, None)]
    assert seen.gaps[0].reason.startswith(reason)
    assert seen.unseen("aws_vpc", ACCOUNT, REGION)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("<html>log in</html>", "it is not JSON"),
        ('{"TableNames": ["orders"', "it is not JSON"),
        ('["orders"]', "it is not JSON"),
        ('{"message": "log in"}', "it is not of AWS"),
        ("", "it is empty"),
        ('{"TableNames": 7}', "TypeError"),
    ],
)
def test_a_broken_json_answer_is_a_gap_and_not_an_empty_account(wire, body, reason):
    wire.answers["ListTables"] = Answer(body)
    seen = read(TABLE)
    assert names(seen, "aws_dynamodb_table") == []
    assert [(each.kind, each.reason) for each in seen.gaps] == [
        ("malformed", f"ListTables: the answer could not be read ({reason})")
    ]


def test_json_with_half_a_pair_of_surrogates_is_json(wire):
    wire.answers["ListTables"] = Answer('{"TableNames": ["orders"], "Odd": "\\ud800"}')
    assert names(read(TABLE), "aws_dynamodb_table") == ["orders"]


def test_an_empty_list_is_no_gap(wire):
    wire.answers |= {"ListTables": json({"TableNames": []}), "DescribeVpcs": vpcs()}
    assert read(TABLE, vpc()).gaps == []
    wire.answers["ListTables"] = json({})
    assert read(TABLE).gaps == []


def test_where_a_service_does_not_exist(wire, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:9")
    wire.answers["DescribeVpcs"] = vpcs("vpc-1")
    seen = read(TABLE, vpc())
    assert names(seen) == ["vpc-1"]
    assert gaps(seen) == [("unreachable", "aws_dynamodb_table", REGION, None, None)]


def test_an_operation_that_is_not_listed_is_a_gap_and_is_never_sent(wire):
    wire.answers["DescribeVpcs"] = vpcs("vpc-1")
    seen = read(ec2("aws_instance", "get_password_data", "@", "InstanceId"), vpc())
    assert (names(seen), wire.asked) == (["vpc-1"], ["DescribeVpcs"])
    assert [(each.kind, each.type) for each in seen.gaps] == [("error", "aws_instance")]


# --- faults of a declaration's own ----------------------------------------------------------------


def odd(value):
    if value == "vpc-1":
        raise AttributeError("'NoneType' object has no attribute 'get'")
    return value


@pytest.mark.parametrize("fails", [odd, lambda value: ["b"][value == "vpc-1"], lambda value: 1 / (value != "vpc-1")])
def test_a_converter_that_fails_costs_one_resource(wire, fails):
    wire.answers["DescribeVpcs"] = vpcs("vpc-1", "vpc-2")
    seen = read(vpc(attributes={"cidr": converted("VpcId", fails)}), vpc("aws_default_vpc"))
    assert (names(seen), names(seen, "aws_default_vpc")) == (["vpc-2"], ["vpc-1", "vpc-2"])
    assert gaps(seen) == [("error", "aws_vpc", REGION, "vpc-1", None)]
    assert seen.unseen("aws_vpc", ACCOUNT, REGION, "vpc-1")
    assert seen.unseen("aws_vpc", ACCOUNT, REGION, "vpc-2") is None


def test_a_thing_without_its_id_is_a_gap_and_not_called_none(wire):
    wire.answers["DescribeVpcs"] = items("DescribeVpcs", "vpcSet", "<state>available</state>", "<vpcId>vpc-2</vpcId>")
    seen = read(vpc())
    assert names(seen) == ["vpc-2"]
    assert gaps(seen) == [("malformed", "aws_vpc", REGION, None, None)]
    assert seen.gaps[0].reason == "the answer could not be read (a thing of type aws_vpc has no VpcId)"


def test_a_path_that_fails_on_a_page_costs_its_own_collector_only(wire):
    wire.answers["DescribeVpcs"] = vpcs("vpc-1")
    wrong = ec2("aws_default_vpc", "describe_vpcs", "abs(Vpcs)", "VpcId")
    seen = read(wrong, vpc())
    assert (names(seen, "aws_default_vpc"), names(seen)) == ([], ["vpc-1"])
    assert gaps(seen) == [("error", "aws_default_vpc", REGION, None, None)]


def test_a_generator_that_fails_costs_its_own_collector_only(wire):
    async def failing(place):
        yield [{"VpcId": "vpc-0"}]
        raise AttributeError("no such attribute")

    wire.answers["DescribeVpcs"] = vpcs("vpc-1")
    wrong = Collector(type="aws_default_vpc", service="ec2", fetch=failing, permissions=(), id="VpcId", attributes={})
    seen = read(wrong, vpc())
    assert (names(seen, "aws_default_vpc"), names(seen)) == (["vpc-0"], ["vpc-1"])
    assert [(each.type, each.reason) for each in seen.gaps] == [
        ("aws_default_vpc", "AttributeError: no such attribute")
    ]


def test_a_join_that_fails_costs_a_gap(wire):
    wire.answers["DescribeVpcs"] = vpcs("vpc-1")
    seen = read(vpc(joins={"subnets": lambda resource, inventory: {}["none"]}))
    assert gaps(seen) == [("error", "aws_vpc", REGION, "vpc-1", None)]


# --- listings that span regions -------------------------------------------------------------------


async def buckets(place):
    yield [{"Name": "here", "In": REGION}, {"Name": "there", "In": "eu-north-1"}]
    yield [{"Name": "denied", "RegionError": PermissionError("not told")}]


BUCKET = Collector(
    type="aws_s3_bucket",
    service="s3",
    scope=Scope.GLOBAL,
    region="In",
    fetch=buckets,
    permissions=(),
    id="Name",
    attributes={"cidr": converted("Name", lambda name: 1 / (name != "here"))},
)


def test_a_thing_is_of_its_own_region_and_of_no_other(wire):
    seen = read(BUCKET)
    assert names(seen, "aws_s3_bucket") == []
    assert gaps(seen) == [
        ("error", "aws_s3_bucket", REGION, "here", None),
        ("error", "aws_s3_bucket", GLOBAL, "denied", None),
    ]
    assert seen.gaps[1].reason == "not told"
    assert seen.read == {
        ("aws_s3_bucket", ACCOUNT, REGION),
        ("region", ACCOUNT, REGION),
        ("account", ACCOUNT, GLOBAL),
    }
