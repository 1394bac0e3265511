"""Settling declared resources: aliases, homes and marks, and what never changes by it."""

from collections.abc import Iterator, Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from state import GLOBAL, Declaration, Resource
from state.forms import PLAIN, TAGS
from state.schema import Parent, Schema
from state.terraform.provider import LEFT_OUT
from state.terraform.settle import settle, settled

SECRET = "hunter2"


def rows(home: Resource) -> Iterator[Resource]:
    for row in home.attributes.get("rows") or ():
        yield home.replace(attributes={"box": home.id} | row)


SCHEMAS = {
    each.type: each
    for each in (
        Schema(type="box", aliases=("default_box",), forms={"size": PLAIN, "tags": TAGS}),
        Schema(
            type="row",
            identity=("box", "n"),
            forms={"n": PLAIN, "text": PLAIN},
            parent=Parent(type="box", by="box", part="rows"),
            homes={"box": rows, "rows": rows, "row": lambda row: [row]},
        ),
        Schema(type="user", is_global=True),
    )
}


def said(type: str, id: str, address: str = "", **about: Any) -> Resource:
    fields = {name: about.pop(name) for name in [*about] if name in ("unknown", "sensitive", "arn")}
    where = Declaration(address=address or f"{type}.{id}", source="s")
    return Resource(type=type, id=id, account="1", region="r", attributes=about, declared=where, **fields)


def short(settled: Sequence[Resource]) -> list[tuple[str, str, str]]:
    return [(each.type, each.name, each.declared.part) for each in settled if each.declared]


def test_an_alias_is_the_type_it_is() -> None:
    assert short(settle([said("default_box", "a", rows=None)], SCHEMAS)) == [("box", "a", "")]


def test_a_type_without_a_schema_passes() -> None:
    [alien] = settle([said("alien", "a", password=SECRET)], SCHEMAS)
    assert (alien.type, alien.attributes, alien.sensitive) == ("alien", {"password": SECRET}, {"password"})


def test_what_belongs_to_an_account_is_global() -> None:
    assert [each.region for each in settle([said("user", "ann")], SCHEMAS)] == [GLOBAL]


def test_tags_are_the_merged_ones() -> None:
    [box] = settle([said("box", "a", rows=None, tags=None, tags_all={"by": "tf"})], SCHEMAS)
    assert box.attributes["tags"] == {"by": "tf"}


def test_a_part_is_declared_once_and_best_by_itself() -> None:
    box = said("box", "a", rows=[{"n": 1}, {"n": 2}, {"n": 3}])
    by_many, by_itself = said("rows", "a", rows=[{"n": 2}]), said("row", "x", box="a", n=3)
    assert short(settle([box, by_many, by_itself], SCHEMAS)) == [
        ("box", "a", ""),
        ("row", "a/2", ""),
        ("row", "a/3", ""),
        ("row", "a/1", "rows"),
    ]


def test_a_part_is_not_its_home() -> None:
    box = said("box", "a", rows=[{"n": 1, "text": "t"}], arn="arn:box", unknown={"size": "var.size"})
    part = settle([box], SCHEMAS)[1]
    assert (part.arn, part.tags, part.unknown) == (None, {}, {})


def test_a_mark_on_a_block_is_one_on_its_parts() -> None:
    marked = said("box", "a", rows=[{"n": 1, "text": SECRET}], sensitive=frozenset({"rows"}))
    assert settle([marked], SCHEMAS)[1].sensitive == {"box", "n", "text"}
    other = said("box", "a", rows=[{"n": 1, "text": SECRET}], sensitive=frozenset({"size"}))
    assert "text" not in settle([other], SCHEMAS)[1].sensitive


def test_a_part_named_like_a_secret_is_one() -> None:
    part = settle([said("box", "a", rows=[{"n": 1, "password": SECRET}])], SCHEMAS)[1]
    assert "password" in part.sensitive


def test_a_block_nobody_can_split_is_a_gap() -> None:
    unseen = said("box", "a", unknown={"rows": "a dynamic block"})
    left_out = said("box", "b", rows=None, unknown={"rows": LEFT_OUT})
    assert short(settle([unseen], SCHEMAS)) == [("box", "a", "")]
    [gap] = settled([unseen, left_out], SCHEMAS).gaps
    assert (gap.type, gap.account, gap.region, gap.id, gap.reason) == ("row", "1", "r", None, "box.a: a dynamic block")


numbers = st.lists(st.integers(1, 3).map(lambda n: {"n": n}), max_size=3)
boxes = st.builds(lambda id, rows: said("box", id, rows=rows), st.sampled_from("ab"), st.none() | numbers)
many = st.builds(lambda id, rows: said("rows", id, rows=rows), st.sampled_from("ab"), numbers)
singles = st.builds(lambda id, n: said("row", f"{id}{n}", box=id, n=n), st.sampled_from("ab"), st.integers(1, 3))
declared = st.lists(boxes | many | singles, max_size=5, unique_by=lambda each: (each.type, each.id))


def outline(settled: Sequence[Resource]) -> list[tuple[str, str, str]]:
    return sorted(short(settled))


@given(world=declared)
def test_every_row_is_declared_and_none_is_invented(world: list[Resource]) -> None:
    wanted = {(each.id, row["n"]) for each in world if each.type != "row" for row in each.attributes["rows"] or ()}
    wanted |= {(each["box"], each["n"]) for each in world if each.type == "row"}
    parts = [each for each in settle(world, SCHEMAS) if each.type == "row"]
    assert sorted((each["box"], each["n"]) for each in parts) == sorted(wanted)
    own = {(each["box"], each["n"]) for each in world if each.type == "row"}
    assert all(each.declared and (each.declared.part == "" or (each["box"], each["n"]) not in own) for each in parts)


@given(world=declared, data=st.data())
def test_order_says_nothing(world: list[Resource], data: st.DataObject) -> None:
    assert outline(settle(data.draw(st.permutations(world)), SCHEMAS)) == outline(settle(world, SCHEMAS))
