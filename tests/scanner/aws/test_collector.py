"""A declaration turns an item of an answer into a resource: every word of the declaring language."""

import gc
from datetime import UTC, datetime, timedelta, timezone

import pytest

from scanner.aws.collector import (
    Attribute,
    Collector,
    Detail,
    Listing,
    Scope,
    Shared,
    Unnamed,
    Unplaced,
    as_block,
    as_tags,
    block,
    blocks,
    caseless,
    converted,
    document,
    getter,
    joined,
    name_or_arn,
    policy,
    sensitive,
    to_json,
    unordered,
    volatile,
)
from scanner.aws.errors import Malformed
from scanner.aws.owners import owner_by_tags
from scanner.aws.place import Place
from scanner.aws.session import HOME_REGION
from state import GLOBAL, Inventory, Resource, Unknown
from state.documents import DOCUMENT, POLICY
from state.forms import PLAIN, TAGS
from state.schema import Parent

WHEN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


class Account:
    """What a place needs to know of its account to say where it is."""

    account, partition = "111122223333", "aws-cn"

    def at(self, region):
        return Place(self, HOME_REGION["aws-cn"] if region == "global" else region)


HERE = Account().at("cn-northwest-1")


def collector(**about):
    whole = {"type": "aws_thing", "service": "ec2", "fetch": Listing("describe_vpcs", "Vpcs"), "id": "Id"}
    return Collector(**whole | {"permissions": (), "attributes": {}} | about)


# --- paths ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "item", "value"),
    [
        ("A", {"A": 1}, 1),
        ("A.B.C", {"A": {"B": {"C": 1}}}, 1),
        ("A", {}, None),
        ("A.B.C", {"A": None}, None),
        ("A.B.C", {"A": {"B": "text"}}, None),
        ("A.B", {"A": [{"B": 1}]}, None),
        ("A.B", None, None),
        ("A", {"A": WHEN}, "2026-01-02T03:04:05Z"),
        ("A", {"A": WHEN.astimezone(timezone(timedelta(hours=1)))}, "2026-01-02T04:04:05+01:00"),
        ("A[0]", {"A": [WHEN]}, "2026-01-02T03:04:05Z"),
        ("A[].B", {"A": [{"B": 1}, {}, {"B": 2}]}, [1, 2]),
        ("A[?B=='x'].C | [0]", {"A": [{"B": "y", "C": 1}, {"B": "x", "C": 2}]}, 2),
        ("'literal'", {}, "literal"),
        ("A || `[]`", {}, []),
        ('"a-b".C', {"a-b": {"C": 1}}, 1),
    ],
)
def test_a_path(path, item, value):
    assert getter(path)(item) == value


def test_a_path_that_is_none():
    with pytest.raises(ValueError, match="Invalid jmespath"):
        getter("A[")


def test_a_search_leaves_nothing_that_has_to_be_searched_for() -> None:
    get = getter("A[?B=='1'].C | [0]")
    get({"A": []})
    gc.collect()
    assert get({"A": [{"B": "1", "C": "found"}]}) == "found"
    assert gc.collect() == 0


@pytest.mark.parametrize(
    ("listing", "found"),
    [
        (Listing("x", "A"), [{"B": [1, 2]}, {"B": []}, {}]),
        (Listing("x", "A[0]"), [{"B": [1, 2]}]),
        (Listing("x", "Nothing"), []),
        (
            Listing("x", "B", within="A"),
            [{"Item": 1, "Parent": {"B": [1, 2]}}, {"Item": 2, "Parent": {"B": [1, 2]}}],
        ),
        (Listing("x", "B", within="Nothing"), []),
    ],
)
def test_the_items_of_a_page(listing, found):
    assert listing.found({"A": [{"B": [1, 2]}, {"B": []}, {}]}) == found


def test_listings_are_the_same_call_by_what_is_sent():
    assert Listing("x", "A").call == Listing("x", "B", within="C").call
    assert Listing("x", "A").call != Listing("x", "A", (("Owner", "self"),)).call != Listing("y", "A").call


# --- values ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "tags"),
    [
        (None, {}),
        ([], {}),
        ({"Team": "shop"}, {"Team": "shop"}),
        ([{"Key": "Team", "Value": "shop"}, {"Key": "Empty"}], {"Team": "shop", "Empty": ""}),
        ([{"TagKey": "Team", "TagValue": "shop"}], {"Team": "shop"}),
    ],
)
def test_tags_as_a_map(value, tags):
    assert as_tags(value) == tags


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (None, []),
        ([], []),
        ({"a": 1, "b": None}, [{"a": 1, "b": None}]),
        ({"a": False}, [{"a": False}]),
        ({"a": None, "b": None}, []),
        ([{"a": 1}, {"a": 2}], [{"a": 1}, {"a": 2}]),
    ],
)
def test_a_block_is_a_list(value, found):
    assert as_block(value) == found


@pytest.mark.parametrize(
    ("value", "text"), [(None, None), ("{}", "{}"), ({"a": [1]}, '{"a":[1]}'), ({}, "{}"), ([], "[]")]
)
def test_a_document_is_a_string(value, text):
    assert to_json(value) == text


@pytest.mark.parametrize(
    ("tags", "owner"),
    [
        ({}, None),
        ({"Team": "shop"}, None),
        ({"aws:cloudformation:stack-name": "shop"}, "cloudformation: shop"),
        ({"aws:autoscaling:groupName": "web", "eks:cluster-name": "prod"}, "autoscaling: web"),
        ({"karpenter.sh/nodepool": "default"}, "karpenter: default"),
    ],
)
def test_an_owner_by_tags(tags, owner):
    assert owner_by_tags(tags) == owner


@pytest.mark.parametrize(
    ("attribute", "one", "other", "same"),
    [
        (unordered("A"), ["a", "b"], ["b", "a"], True),
        (Attribute(path="A"), ["a", "b"], ["b", "a"], False),
        (caseless("A"), "GP3", "gp3", True),
        (name_or_arn("A"), "key-1", "arn:aws:kms:eu-west-1:111122223333:key/key-1", True),
        (document("A"), '{"a": 1}', '{"a":1}', True),
        (blocks("A"), [{"a": 1}, {"a": 2}], [{"a": 2}, {"a": 1}], True),
        (block("A"), [{"a": 1}, {"a": 2}], [{"a": 2}, {"a": 1}], False),
        (policy("A"), '{"Statement":{"Action":["a"]}}', '{"Statement":[{"Action":"a"}]}', True),
        (blocks("A", b=unordered("B").form), [{"b": [1, 2]}], [{"b": [2, 1]}], True),
    ],
)
def test_how_values_compare(attribute, one, other, same):
    assert (list(attribute.form.differences("a", one, other)) == []) is same


def test_what_an_attribute_says_of_itself():
    assert (bool(volatile("A").form.noise), sensitive("A").sensitive, Attribute(path="A").sensitive) == (
        True,
        True,
        False,
    )
    assert (document("A").form, policy("A").form, converted("A", len).form) == (DOCUMENT, POLICY, PLAIN)


# --- the resource ---------------------------------------------------------------------------------


def test_an_item_becomes_a_resource():
    thing = collector(
        attributes={"name": "Name", "size": converted("Size", int), "secret": sensitive("Secret")},
        facts={"made": "Made"},
        identity=("name",),
        tags="Tags",
        arn="Arn",
    )
    item = {
        "Id": 7,
        "Name": "orders",
        "Size": "3",
        "Secret": "s",
        "Made": WHEN,
        "Arn": "arn:aws:x",
        "Tags": [{"Key": "eks:cluster-name", "Value": "prod"}],
    }
    tags = {"eks:cluster-name": "prod"}
    assert thing.resource(item, HERE, {}) == Resource(
        type="aws_thing",
        id="7",
        account="111122223333",
        region="cn-northwest-1",
        identity="orders",
        arn="arn:aws:x",
        attributes={"name": "orders", "size": 3, "secret": "s", "tags": tags},
        tags=tags,
        facts={"made": "2026-01-02T03:04:05Z"},
        sensitive=frozenset({"secret"}),
        owner="eks: prod",
    )


def test_what_is_unknown_is_not_unset():
    thing = collector(attributes={"name": "Name", "size": converted("Size", int)}, facts={"made": "Made"}, tags="Tags")
    seen = thing.resource({"Id": "a"}, HERE, dict.fromkeys(("size", "made", "tags"), "denied"))
    assert (dict(seen.attributes), dict(seen.facts), dict(seen.tags)) == ({"name": None}, {}, {})
    for name in ("size", "tags"):
        with pytest.raises(Unknown, match="denied"):
            seen[name]
    with pytest.raises(Unknown, match="denied"):
        seen.fact("made")


def test_an_identity_that_is_not_whole_is_the_id():
    thing = collector(attributes={"name": "Name"}, identity=("name", "id"))
    assert thing.resource({"Id": "a", "Name": "n"}, HERE, {}).identity == "n/a"
    assert thing.resource({"Id": "a"}, HERE, {}).identity == "a"


def test_the_id_may_not_be_missing():
    with pytest.raises(Malformed, match="a thing of type aws_thing has no Id"):
        collector().id_of({"Name": "orders"})
    assert (collector().id_of({"Id": 0}), collector(id="'only'").id_of({})) == ("0", "only")


def test_an_arn_that_aws_does_not_say_is_put_together():
    thing = collector(arn="arn:{partition}:ec2:{region}:{account}:thing/{Id}")
    seen = thing.resource({"Id": "a"}, HERE, {})
    assert seen.arn == seen["arn"] == "arn:aws-cn:ec2:cn-northwest-1:111122223333:thing/a"
    assert thing.schema.form("arn") == PLAIN
    named = collector(arn="arn:{partition}:s3:::{Id}").resource({"Id": "a", "account": "own"}, HERE, {})
    assert named.arn == "arn:aws-cn:s3:::a"


def test_an_arn_among_the_attributes_is_the_arn():
    assert collector(attributes={"arn": "Arn"}).resource({"Id": "a", "Arn": "arn:x"}, HERE, {}).arn == "arn:x"
    assert collector().resource({"Id": "a"}, HERE, {}).arn is None


@pytest.mark.parametrize(
    ("about", "region"),
    [
        ({}, "cn-northwest-1"),
        ({"scope": Scope.GLOBAL}, GLOBAL),
        ({"scope": Scope.GLOBAL, "region": "In"}, "cn-north-1"),
    ],
)
def test_the_region_of_a_resource(about, region):
    thing, item = collector(**about), {"Id": "a", "In": "cn-north-1"}
    assert thing.resource(item, thing.place(item, HERE), {}).region == region


def test_an_item_that_does_not_say_its_region():
    denied = PermissionError("not told")
    with pytest.raises(Unplaced, match="a does not say its region") as error:
        collector(region="In").place({"Id": "a", "RegionError": denied}, HERE)
    assert error.value.__cause__ is denied


def test_who_made_it_is_said_by_the_declaration_first():
    thing = collector(owner=lambda item: item.get("By"), tags="Tags")
    tags = {"eks:cluster-name": "prod"}
    assert thing.resource({"Id": "a", "By": "aws", "Tags": tags}, HERE, {}).owner == "aws"
    assert thing.resource({"Id": "a", "Tags": tags}, HERE, {}).owner == "eks: prod"


def test_a_value_that_was_withheld():
    thing = collector(attributes={"key": Attribute(path="Key", withheld="KeyError"), "name": "Name"})
    assert [(name, str(why)) for name, why in thing.withheld({"Id": "a", "KeyError": "denied"})] == [("key", "denied")]
    assert list(thing.withheld({"Id": "a", "Key": "k"})) == []


# --- details --------------------------------------------------------------------------------------


def test_what_a_detail_tells():
    detail, other = (Detail(operation="x", arguments={}, into=into) for into in ("Dns", "Else"))
    thing = collector(
        details=(detail, other),
        attributes={
            "plain": "Name",
            "told": "Dns.Value",
            "counted": "length(Dns.Values || `[]`)",
            "other": "DnsName",
            "inside": "Name.Dns2",
        },
        facts={"seen": "Dns.Seen"},
        tags="Dns.Tags",
    )
    assert thing.reads(detail) == {"told", "counted", "seen", "tags"}
    assert thing.reads(other) == set()


def test_details_are_asked_at_once_but_for_those_that_need_an_answer():
    first = Detail(operation="describe", arguments={"Name": "Name"}, into="Described")
    beside = Detail(operation="backups", arguments={"Name": "Name"}, into="Backups")
    then = Detail(operation="tags", arguments={"Arn": "Described.Arn"}, into="Tags")
    last = Shared(ask=credential_report, by="Name", into="Report", only="Tags.Whole")
    assert collector(details=(last, then, first, beside)).stages == ((first, beside), (then,), (last,))


def test_details_that_wait_for_each_other_are_asked_in_the_order_declared():
    one = Detail(operation="one", arguments={"Name": "Two.Name"}, into="One")
    two = Detail(operation="two", arguments={"Name": "One.Name"}, into="Two")
    assert collector(details=(one, two)).stages == ((one,), (two,))


async def credential_report(place):
    return {}


def test_what_a_shared_reading_says_of_an_item():
    whole = Shared(ask=credential_report, by="Name", into="Report")
    assert whole.of({"ci": 1}, {"Name": "ci"}) == 1
    with pytest.raises(Unnamed, match="the credential report does not name ci"):
        whole.of({}, {"Name": "ci"})
    assert Shared(ask=credential_report, by="Name", into="Report", some=True).of({}, {"Name": "ci"}) is None


# --- what the comparison is told ------------------------------------------------------------------


def test_the_schema_follows_from_the_declaration():
    parent = Parent(type="aws_vpc", by="vpc_id", part="thing")
    homes = {"aws_vpc": lambda resource: ()}
    thing = collector(
        attributes={"name": "Name", "secret": sensitive("Secret"), "rules": unordered("Rules")},
        facts={"made": "Made"},
        tags="Tags",
        joins={"main": lambda resource, inventory: None},
        arn="arn:{partition}:x",
        identity=("name",),
        aliases=("aws_old_thing",),
        parent=parent,
        homes=homes,
    )
    forms = {
        "main": PLAIN,
        "arn": PLAIN,
        "name": PLAIN,
        "secret": PLAIN,
        "rules": unordered("Rules").form,
        "tags": TAGS,
    }
    assert thing.schema.forms == forms
    assert (thing.schema.type, thing.schema.identity, thing.schema.aliases) == (
        "aws_thing",
        ("name",),
        ("aws_old_thing",),
    )
    assert (thing.schema.parent, thing.schema.homes, thing.schema.sensitive) == (parent, homes, {"secret"})
    assert thing.schema.at_default(Resource(type="aws_thing", id="a")) is False


@pytest.mark.parametrize(
    ("about", "is_global"),
    [({}, False), ({"scope": Scope.GLOBAL}, True), ({"scope": Scope.GLOBAL, "region": "In"}, False)],
)
def test_a_thing_without_a_region_is_global(about, is_global):
    assert collector(**about).schema.is_global is is_global


def test_no_arn_is_compared_that_aws_said_itself_elsewhere():
    assert collector(arn="Arn").schema.form("arn") is None


# --- neighbours -----------------------------------------------------------------------------------


def unseen(resource, inventory):
    raise Unknown("not seen")


def test_what_neighbours_tell():
    thing = collector(
        joins={"count": lambda resource, inventory: len(inventory.resources), "who": unseen},
        owned=lambda resource, inventory: "aws",
    )
    bare = Resource(type="aws_thing", id="a", attributes={"name": "n"}, unknown={"size": "denied"})
    told = joined(bare, thing, Inventory([bare]))
    assert (told.attributes, told.unknown, told.owner) == (
        {"name": "n", "count": 1},
        {"size": "denied", "who": "not seen"},
        "aws",
    )


def test_an_owner_that_only_neighbours_unseen_would_tell():
    bare = Resource(type="aws_thing", id="a")
    assert joined(bare, collector(owned=unseen), Inventory()).owner is None
    owned = Resource(type="aws_thing", id="a", owner="eks: prod")
    assert joined(owned, collector(owned=lambda resource, inventory: "aws"), Inventory()).owner == "eks: prod"
