"""The laws of drift, over any two inventories."""

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from state import GLOBAL, Declaration, Gap, Resource
from state.drift import Kind
from state.resource import ANYTHING
from tests.state.inventories import ACCOUNT, OTHER, REGION, SCHEMAS, compare, gap, live

names = st.sampled_from(["a", "b", "c", "d"])
texts = st.none() | st.sampled_from(["", "x", "y", 0, 7, False, True])
tags = st.dictionaries(names, st.sampled_from(["", "1", "2"]), max_size=2)
places = st.tuples(st.sampled_from([ACCOUNT, OTHER]), st.sampled_from([REGION, "us-east-1"]))


@st.composite
def worlds(draw: st.DrawFn) -> list[Resource]:
    """Groups and users in two accounts and two regions, groups with rules."""
    groups = draw(
        st.dictionaries(
            st.tuples(names, places),
            st.fixed_dictionaries({"name": texts, "ids": st.none() | st.lists(names, unique=True), "tags": tags}),
            max_size=4,
        )
    )
    found = [live("group", id, *place, **attributes) for (id, place), attributes in groups.items()]
    for group in [*found]:
        ports = draw(st.lists(st.integers(1, 3), unique=True, max_size=2))
        found += [
            live(
                "rule", f"r-{group.id}-{port}", group.account, group.region, group=group.id, port=port, cidr=draw(texts)
            )
            for port in ports
        ]
    return found + [live("user", id, ACCOUNT, GLOBAL, name=draw(texts)) for id in draw(st.sets(names, max_size=2))]


def declared(world: Sequence[Resource], parts: bool = False) -> list[Resource]:
    def said(each: Resource) -> Declaration:
        part = "ingress" if parts and each.type == "rule" else ""
        return Declaration(address=f"{each.type}.{each.id}.{each.account}.{each.region}", source="s", part=part)

    return [each.replace(declared=said(each)) for each in world]


GAPS = st.builds(
    lambda type, place, id: gap(type, *place, id=id),
    st.sampled_from(["group", "rule", "user", ANYTHING]),
    st.tuples(st.sampled_from(["", ACCOUNT, OTHER]), st.sampled_from([REGION, "us-east-1", GLOBAL])),
    st.none() | names,
)


@given(world=worlds(), parts=st.booleans(), data=st.data())
def test_a_world_declared_as_it_is_has_not_drifted(world: list[Resource], parts: bool, data: st.DataObject) -> None:
    found = compare(world, data.draw(st.permutations(declared(world, parts))), everything=True)
    assert (found.drift, found.gaps, len(found.pairs), found.outside) == ([], [], len(world), 0)
    assert found.attributes == found.compared


@given(world=worlds(), gaps=st.lists(GAPS, max_size=2), data=st.data())
def test_what_is_not_seen_is_missing_if_no_gap_may_hide_it(
    world: list[Resource], gaps: list[Gap], data: st.DataObject
) -> None:
    seen = data.draw(st.lists(st.sampled_from(world), unique_by=lambda each: each.key)) if world else []
    keys = {each.key for each in seen}
    expected = {
        each.key
        for each in world
        if each.key not in keys
        and not any(hole.covers(*each.key[:3], id) for hole in gaps for id in (each.id, each.identity))
    }
    found = compare(seen, declared(world), *gaps)
    assert {each.resource.key for each in found.drift} == expected
    assert {each.kind for each in found.drift} <= {Kind.MISSING}


@given(world=worlds(), parts=st.booleans())
def test_where_every_reading_was_denied_nothing_is_said(world: list[Resource], parts: bool) -> None:
    denied = [gap(type, account, GLOBAL) for type in SCHEMAS for account in (ACCOUNT, OTHER)]
    assert compare([], declared(world, parts), *denied).drift == []
    assert compare([], declared(world, parts), read=[]).drift == []


@given(world=worlds(), parts=st.booleans(), data=st.data())
def test_one_value_changed_is_one_change(world: list[Resource], parts: bool, data: st.DataObject) -> None:
    chances = [(each, name) for each in world for name in each.attributes if name in ("name", "cidr", "ids")]
    if not chances:
        return
    changed, name = data.draw(st.sampled_from(chances))
    after = ["other"] if name == "ids" else "other"
    attributes = {**changed.attributes, name: after}
    seen = [each.replace(attributes=attributes) if each is changed else each for each in world]
    [row] = compare(seen, declared(world, parts)).drift
    [change] = row.changes
    inner = parts and changed.type == "rule"
    assert change.path == (f"ingress[{changed.attributes['port']}].{name}" if inner else name)
    assert (change.declared, change.live) == (changed.attributes[name], after)
    parent = ("group", changed.account, changed.region, changed.attributes["group"]) if inner else changed.key
    assert (row.kind, row.resource.key) == (Kind.CHANGED, parent)
    assert row.declared
    assert row.declared.address.startswith(f"{parent[0]}.") and row.declared.address.endswith(
        f"{parent[1]}.{parent[2]}"
    )


@settings(max_examples=200)
@given(before=worlds(), now=worlds(), parts=st.booleans(), everything=st.booleans(), data=st.data())
def test_order_says_nothing(
    before: list[Resource], now: list[Resource], parts: bool, everything: bool, data: st.DataObject
) -> None:
    said = declared(before, parts)
    found = compare(now, said, everything=everything)
    again = compare(data.draw(st.permutations(now)), data.draw(st.permutations(said)), everything=everything)
    assert again.drift == found.drift
    assert (again.pairs, again.attributes, again.compared) == (found.pairs, found.attributes, found.compared)


@given(before=worlds(), now=worlds(), parts=st.booleans())
def test_every_live_thing_is_paired_told_or_a_part(before: list[Resource], now: list[Resource], parts: bool) -> None:
    found = compare(now, declared(before, parts), everything=True)
    unmanaged = {each.resource.key for each in found.drift if each.kind == Kind.UNMANAGED}
    paired = {each.key for each in found.pairs}
    rest = {each.key for each in now} - paired - unmanaged
    assert not paired & unmanaged
    assert all(key[0] == "rule" for key in rest)
    rows = sum(
        change.path.startswith("ingress[") and change.declared is None for d in found.drift for change in d.changes
    )
    assert rows >= len(rest)
