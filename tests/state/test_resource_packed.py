"""A packed resource is the resource it was made of, in fewer bytes."""

import sys
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from state import Declaration, Resource
from state.packed import AT_HAND, FIRST
from state.resource import FIELDS
from state.terraform.partial import Partial
from tests.state.test_packed import SCALARS, VALUES, kinds

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
TOLD = st.dictionaries(TEXTS, TEXTS, max_size=3)
DECLARATIONS = st.builds(
    Declaration,
    address=TEXTS,
    source=TEXTS,
    member=TEXTS,
    file=st.none() | TEXTS,
    line=st.none() | st.integers(0, 10**6),
    ignore_changes=st.frozensets(TEXTS, max_size=2),
)
RESOURCES = st.builds(
    Resource,
    type=TEXTS,
    id=TEXTS,
    account=TEXTS,
    region=TEXTS,
    identity=TEXTS,
    arn=st.none() | TEXTS,
    attributes=st.dictionaries(TEXTS, VALUES, max_size=4),
    tags=TOLD,
    facts=st.dictionaries(TEXTS, SCALARS, max_size=3),
    unknown=TOLD,
    sensitive=st.frozensets(TEXTS, max_size=2),
    owner=st.none() | TEXTS,
    declared=st.none() | DECLARATIONS,
)
QUEUE = Resource(type="aws_sqs_queue", id="https://q/orders", identity="orders", attributes={"name": "orders"})


def said(resource: Resource) -> dict[str, Any]:
    """All that it says, with the type of each value: True is not 1."""
    fields = {name: getattr(resource, name) for name in FIELDS}
    inside = {name: kinds(dict(fields[name])) for name in ("attributes", "tags", "facts", "unknown")}
    kind, *row = resource.row
    return fields | inside | {"key": resource.key, "name": resource.name, "row": [kind.names, *row]}


@given(RESOURCES)
def test_law_nothing_is_lost(resource: Resource) -> None:
    packed = resource.packed()
    assert said(packed) == said(resource)
    assert packed == resource and hash(packed) == hash(resource)
    assert packed.row[3] is resource.row[3] is (not resource.unknown)
    assert packed.row[2] == len(resource.attributes) - list(resource.attributes.values()).count(None)
    assert packed.packed() is packed
    assert said(packed.opened()) == said(packed)


@given(*[TEXTS] * 4)
@example("aws_vpc", "module.a.", "shop[0]", "aws_default_vpc")
@example("aws_vpc", "module.aws_vpc.", "aws_vpc.a", "a")
@example("aws_vpc", "\x1c", "\x1c\x1c", "\x1c")
def test_law_an_address_is_told_as_it_was_given(type: str, before: str, after: str, other: str) -> None:
    for address in (f"{before}{type}.{after}", before):
        declared = Declaration(address=address, source="state")
        resource = Resource(type=type, id="it", declared=declared)
        assert resource.declared == resource.packed().declared == declared
        assert resource.packed().replace(type=other).declared == resource.replace(type=other).declared == declared


@given(st.lists(st.tuples(SCALARS, VALUES), min_size=FIRST + 1, max_size=FIRST + 9))
def test_law_nothing_is_lost_of_things_with_the_same_names(things: list[tuple[Any, Any]]) -> None:
    many = [Resource(type="t", id=str(n), attributes={"a": a, "b": b}) for n, (a, b) in enumerate(things)]
    assert [said(each.packed()) for each in many] == [said(each) for each in many]


@given(RESOURCES, RESOURCES, st.sets(st.sampled_from(FIELDS)))
def test_law_replaced_is_replaced_whether_or_not_it_is_packed(one: Resource, other: Resource, names: set[str]) -> None:
    changes = {name: getattr(other, name) for name in names}
    open = one.replace(**changes)
    assert not open.is_packed
    assert said(open) == said(Resource(**{name: getattr(one, name) for name in FIELDS} | changes))
    assert said(one.packed().replace(**changes)) == said(open)


def test_what_is_packed_stays_so_and_what_is_open_too() -> None:
    packed = QUEUE.packed()
    assert packed.is_packed and not QUEUE.is_packed
    for changes in ({"account": "1"}, {"id": "b"}, {"attributes": {"name": "b"}}, {"unknown": {"name": "denied"}}):
        assert packed.replace(**changes).is_packed
        assert not packed.opened(**changes).is_packed
        assert not QUEUE.replace(**changes).is_packed


@pytest.mark.parametrize(
    "fields",
    [
        {"id": "a\x1eb"},
        {"id": "\x1d"},
        {"identity": "\ud800"},
        {"id": "long" * 20_000},
        {"attributes": {"size": 2**70}},
        {"attributes": {"any": object()}},
        {"tags": {"a": "\ud800"}},
        {"facts": {"any": {1}.union}},
        {"declared": Declaration(address="a\x1eb", source="")},
    ],
)
def test_what_cannot_be_packed_stays_as_it_is(fields: dict[str, Any]) -> None:
    resource = QUEUE.replace(**fields)
    assert resource.packed() is resource
    assert said(QUEUE.packed().replace(**fields)) == said(resource)


def test_things_that_are_alike_take_little_room() -> None:
    text = "alike in " + " ".join(map(str, range(200)))
    made = [Resource(type="t", id=f"{n}", arn=f"arn:aws:t:::{n}", attributes={"text": text}) for n in range(99)]
    first, *_, last = [each.packed() for each in made]
    assert sys.getsizeof(last._kept) < sys.getsizeof(first._kept) / 4


def test_more_things_than_are_at_hand() -> None:
    many = [Resource(type="t", id=f"{n}", attributes={"n": n}).packed() for n in range(AT_HAND + 10)]
    assert [each["n"] for each in many] == list(range(AT_HAND + 10)) == [each["n"] for each in many]


def test_a_value_that_is_known_in_part_stays_one() -> None:
    part = Partial({"a": 1}, {"b": "is an expression"})
    assert type(QUEUE.replace(attributes={"block": part})["block"]) is Partial


def test_it_cannot_be_changed() -> None:
    for resource in (QUEUE, QUEUE.packed()):
        with pytest.raises(AttributeError):
            resource.id = "another"  # type: ignore[misc]
        with pytest.raises(AttributeError):
            resource.more = 1  # type: ignore[attr-defined]
