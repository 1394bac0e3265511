"""A packed mapping is the mapping it was made of, in fewer bytes."""

import sys
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from state.packed import AT_HAND, EMPTY, FIRST, Packed, once, packed

NUMBERS = st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False)
SCALARS = st.none() | st.booleans() | NUMBERS | st.text()
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8)


def kinds(value: Any) -> Any:
    """A value with the type of everything in it: True is not 1."""
    if isinstance(value, dict):
        return {name: kinds(each) for name, each in value.items()}
    return [kinds(each) for each in value] if isinstance(value, list) else (type(value), value)


@given(st.dictionaries(st.text(), VALUES))
def test_law_nothing_is_lost(values: dict[str, Any]) -> None:
    made = packed(values)
    assert isinstance(made, Packed) or not values
    assert made == values and values == made and list(made) == list(values) and len(made) == len(values)
    assert kinds(dict(made.items())) == kinds(values)
    assert [made[name] for name in made] == list(made.values()) == list(values.values())
    assert all(name in made for name in values)


@given(st.lists(st.tuples(VALUES, VALUES), min_size=FIRST + 1, max_size=FIRST + 9))
def test_law_nothing_is_lost_of_things_with_the_same_names(things: list[tuple[Any, Any]]) -> None:
    many = [{"id": id, "set of the law": each} for id, each in things]
    made = [packed(each) for each in many]
    assert [kinds(dict(each.items())) for each in made] == [kinds(each) for each in many]


def test_things_that_are_alike_take_little_room() -> None:
    first, *_, last = [packed({"arn": f"arn:aws:sns:eu-west-1:1:{n}", "much": "alike " * 40}) for n in range(99)]
    assert isinstance(first, Packed) and isinstance(last, Packed)
    assert sys.getsizeof(last._kept) < sys.getsizeof(first._kept) / 4


@pytest.mark.parametrize(
    "value", ["half of a pair: \ud800", 2**70, {"id": {"\udfff": 1}}, object(), {1, 2}.union, [[[object()]]]]
)
def test_what_cannot_be_packed_stays_as_it_is(value: Any) -> None:
    values = {"fine": 1, "odd": value}
    assert packed(values) is values


def test_times_stay_times() -> None:
    when = datetime(2026, 11, 21, 1, 2, 3, 456, tzinfo=UTC)
    assert packed({"at": [{"when": when}]})["at"] == [{"when": when}]


def test_what_is_not_there_is_no_value() -> None:
    made = packed({"a": None})
    assert (made.get("a", 1), made.get("b", 1), "b" in made) == (None, 1, False)
    with pytest.raises(KeyError):
        made["b"]


def test_nothing_it_holds_is_printed() -> None:
    assert repr(packed({"user": "ann", "password": "hunter2"})) == "<user, password>"


def test_more_things_than_are_at_hand() -> None:
    many = [packed({"n": n, "name": f"thing {n}"}) for n in range(AT_HAND + 10)]
    assert [each["n"] for each in many] == list(range(AT_HAND + 10)) == [each["n"] for each in many]


def test_empty_mappings_are_one() -> None:
    assert packed({}) is packed(EMPTY) is EMPTY
    assert EMPTY == {}


def test_equal_values_are_kept_once() -> None:
    first, second = (frozenset(["a", name]) for name in ("b", "b"))
    assert first is not second
    assert once(first) is once(second)


def test_what_is_not_there_is_none_and_what_is_none_is_no_default() -> None:
    thing = packed({"name": None})
    assert (thing.get("name", 1), thing.get("size"), thing.get("size", 1)) == (None, None, 1)
