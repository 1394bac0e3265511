"""What both sides know, picked from either's row."""

from __future__ import annotations

from state.common import Common

SAID, SEEN = ("id", "tags_all", "name", "size", "alone"), ("size", "name", "seen")


def test_values_stand_beside_one_another() -> None:
    common = Common.of(["name", "size", "alone", "seen"], SAID, SEEN)
    assert common.names == ["name", "size"]
    assert list(common.said(["i", {}, "a", 1, "x"])) == list(common.seen([1, "a", "y"])) == ["a", 1]


def test_what_either_could_not_see_is_left_out() -> None:
    common = Common.of(["name", "size"], SAID, SEEN)
    one = common.without({"size": "denied"}, {})
    assert (one.names, list(one.said(["i", {}, "a", 1, "x"])), list(one.seen([1, "b", "y"]))) == (
        ["name"],
        ["a"],
        ["b"],
    )
    none = common.without({"size": "denied"}, {"name": "denied"})
    assert (none.names, list(none.said(["i", {}, "a", 1, "x"]))) == ([], [])


def test_all_tags_tell_nothing_twice() -> None:
    common = Common.of(["name"], SAID, SEEN)
    assert common.is_twice(["i", {"a": "b"}, "a", None, None])
    assert not common.is_twice(["i", None, "a", None, None])
