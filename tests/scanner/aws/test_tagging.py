"""The index of tags is asked once for all things; where it may be wrong, or cannot be read, the service is."""

import msgspec
import pytest

from scanner.aws.collector import Collector, Detail, Listing
from scanner.aws.tagging import Listed
from state import Declaration, Resource
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.aws.test_collect import gaps
from tests.scanner.aws.wire import json, refusal

TABLE = Collector(
    type="aws_dynamodb_table",
    service="dynamodb",
    fetch=Listing("list_tables", "TableNames[].{Name: @, Arn: join('/', ['arn', @])}"),
    details=(
        Detail(
            operation="list_tags_of_resource",
            arguments={"ResourceArn": "Arn"},
            into="Tagging",
            listed=Listed("dynamodb", "Arn"),
        ),
    ),
    permissions=(),
    id="Name",
    identity=("name",),
    attributes={"name": "Name"},
    tags="Tagging.Tags",
)
OWN = "ListTagsOfResource"


def pairs(tags):
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def index(tags, token=""):
    """An answer of the index, of tables by name."""
    told = [{"ResourceARN": f"arn/{name}", "Tags": pairs(each)} for name, each in tags.items()]
    return json({"ResourceTagMappingList": told, "PaginationToken": token})


def tables(wire, listed, own):
    """Tables with tags of their own, of which the index lists other ones."""

    def tell(asked):
        name = msgspec.json.decode(asked.body)["ResourceArn"].rpartition("/")[2]
        return json({"Tags": pairs(own[name])})

    wire.answers |= {"ListTables": json({"TableNames": sorted(own)}), "GetResources": index(listed), OWN: tell}


def declared(name, tags, source="terraform.tfstate", **about):
    said = Declaration(address=f"aws_dynamodb_table.{name}", source=source)
    attributes = {"name": name, "tags_all": tags}
    where = {"account": ACCOUNT, "region": REGION}
    return Resource(type="aws_dynamodb_table", id=name, attributes=attributes, declared=said, **where | about)


def tags(seen):
    return {each.id: each.tags for each in seen.of("aws_dynamodb_table")}


def test_the_index_tells_the_tags_of_all_and_what_it_leaves_out_has_none(wire):
    tables(wire, {"orders": {"team": "shop"}, "once": {}}, own={"orders": {}, "once": {}, "never": {}})
    seen = read(TABLE)
    assert tags(seen) == {"orders": {"team": "shop"}, "once": {}, "never": {}}
    assert (sorted(wire.asked), gaps(seen)) == (["GetResources", "ListTables"], [])
    (asked,) = [each for each in wire.requests if each.action == "GetResources"]
    assert msgspec.json.decode(asked.body) == {"ResourceTypeFilters": ["dynamodb"], "ResourcesPerPage": 100}


def test_all_pages_of_the_index_are_read(wire):
    tables(wire, {}, own={"orders": {}, "carts": {}})
    more = {"": index({"orders": {"n": "1"}}, "more"), "more": index({"carts": {"n": "2"}})}
    wire.answers["GetResources"] = lambda asked: more[msgspec.json.decode(asked.body).get("PaginationToken", "")]
    assert tags(read(TABLE)) == {"orders": {"n": "1"}, "carts": {"n": "2"}}
    assert OWN not in wire.asked


def test_an_arn_may_mean_all_that_is_inside(wire):
    tables(wire, {"orders:*": {"team": "shop"}}, own={"orders": {}})
    assert tags(read(TABLE)) == {"orders": {"team": "shop"}}


def test_each_region_has_an_index(wire):
    tables(wire, {"orders": {"team": "shop"}}, own={"orders": {}})
    seen = read(TABLE, regions=(REGION, "us-east-1"))
    assert [each.tags for each in seen.of("aws_dynamodb_table")] == [{"team": "shop"}] * 2
    assert sorted(wire.asked) == ["GetResources"] * 2 + ["ListTables"] * 2


@pytest.mark.parametrize(
    "answer",
    [
        refusal("AccessDeniedException", 400),
        refusal("InvalidParameterException"),
        json({"ResourceTagMappingList": [{"Tags": []}]}),
        json({"ResourceTagMappingList": "none"}),
    ],
    ids=["denied", "refused", "nameless", "malformed"],
)
def test_without_the_index_each_is_asked_and_nothing_goes_unseen(wire, answer):
    tables(wire, {}, own={"orders": {"team": "shop"}, "carts": {}})
    wire.answers["GetResources"] = answer
    seen = read(TABLE)
    assert (tags(seen), gaps(seen)) == ({"orders": {"team": "shop"}, "carts": {}}, [])
    assert wire.asked.count(OWN) == 2


@pytest.mark.parametrize(
    ("said", "own", "asked"),
    [
        ([declared("orders", {"team": "shop"})], {"team": "shop"}, 0),
        ([declared("orders", {"team": "pay"})], {"team": "pay"}, 1),
        ([declared("orders", {"team": "pay"})], {}, 1),
        ([declared("orders", None)], {}, 1),
        ([declared("orders", {"team": "shop"}), declared("orders", {"team": "pay"}, source="b")], {"team": "pay"}, 1),
        ([declared("orders", {"team": "pay"}, account="")], {"team": "pay"}, 1),
        ([declared("", {"team": "pay"})], {"team": "pay"}, 1),
        ([declared("carts", {"team": "pay"})], {}, 0),
    ],
    ids=["as-listed", "applied-since", "taken-off-since", "without", "in-two-states", "anywhere", "any", "another"],
)
def test_where_the_code_declares_other_tags_the_service_is_asked(wire, said, own, asked):
    listed = {"team": "shop"}
    tables(wire, {"orders": listed}, own={"orders": own})
    seen = read(TABLE, declared=said)
    assert tags(seen) == {"orders": own if asked else listed}
    assert (wire.asked.count(OWN), gaps(seen)) == (asked, [])


@pytest.mark.parametrize("said", [{"team": "shop"}, {}], ids=["applied", "by-hand"])
def test_what_was_tagged_before_the_index_heard_of_it_is_seen_where_it_is_declared(wire, said):
    tables(wire, {}, own={"orders": {"team": "shop"}})
    assert tags(read(TABLE, declared=[declared("orders", said)])) == {"orders": {"team": "shop"}}
