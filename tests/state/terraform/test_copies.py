"""Blocks of a state: which are declarations, and which are the provider's copies of what AWS reports."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from state import Declaration, Inventory, Resource
from state.drift import Drift, drift
from state.forms import PLAIN
from state.schema import Home, Parent, Schema, always
from state.terraform.copies import BEGAN, DOUBT, Reading, doubts, reading
from state.terraform.settle import settle

# --- the table ------------------------------------------------------------------------------------

TABLE = [
    # computed, written, filled, apart
    ((False, None, False, False), Reading.DECLARED),
    ((False, False, True, True), Reading.DECLARED),
    ((True, True, False, False), Reading.DECLARED),
    ((True, True, True, True), Reading.DECLARED),
    ((True, False, True, False), Reading.BEGINNING),
    ((True, None, True, True), Reading.BEGINNING),
    ((True, False, False, False), Reading.COPY),
    ((True, False, False, True), Reading.COPY),
    ((True, None, False, True), Reading.COPY),
    ((True, None, False, False), Reading.DOUBTFUL),
]


@pytest.mark.parametrize(("told", "expected"), TABLE)
def test_what_a_part_in_a_block_is(told: tuple[bool, bool | None, bool, bool], expected: Reading) -> None:
    computed, written, filled, apart = told
    assert reading(computed=computed, written=written, filled=filled, apart=apart) is expected


def test_only_a_doubt_is_said() -> None:
    assert {each: each.doubt for each in Reading} == {
        Reading.DECLARED: "",
        Reading.BEGINNING: BEGAN,
        Reading.COPY: "",
        Reading.DOUBTFUL: DOUBT,
    }


# --- groups and rules: the types of the provider, in schemas of our own -----------------------------

GROUP, RULE, ELSEWHERE = "aws_security_group", "aws_vpc_security_group_ingress_rule", "aws_security_group_rule"


def inside(group: Resource) -> Iterator[Resource]:
    for port in group.attributes.get("ingress") or ():
        yield group.replace(attributes={"security_group_id": group.id, "from_port": port["from_port"]})


def elsewhere(rule: Resource) -> Iterator[Resource]:
    for port in rule.attributes["ports"]:
        said = {"security_group_id": rule.attributes["security_group_id"], "from_port": port}
        yield rule.replace(attributes=said)


def schemas(**home: Any) -> dict[str, Schema]:
    rule = Schema(
        type=RULE,
        identity=("security_group_id", "from_port"),
        forms={"from_port": PLAIN, "security_group_id": PLAIN},
        parent=Parent(type=GROUP, by="security_group_id", part="ingress"),
        homes={GROUP: Home(project=inside, **home), ELSEWHERE: elsewhere},
    )
    return {GROUP: Schema(type=GROUP, forms={"name": PLAIN}), RULE: rule}


SCHEMAS = schemas()


def said(type: str, id: str, written: Sequence[str] | None = None, source: str = "a", **attributes: Any) -> Resource:
    code = None if written is None else frozenset(written)
    where = Declaration(address=f"{type}.{id}", source=source, written=code)
    return Resource(type=type, id=id, account="1", region="r", identity=id, attributes=attributes, declared=where)


def group(*ports: int, written: Sequence[str] | None = None, id: str = "sg-1") -> Resource:
    return said(GROUP, id, written, name="web", ingress=[{"from_port": port} for port in ports])


def rule(port: int, of: str = "sg-1", source: str = "a") -> Resource:
    return said(RULE, f"sgr-{port}", source=source, security_group_id=of, from_port=port)


def live(*ports: int, of: str = "sg-1") -> Inventory:
    rules = [rule(port, of).replace(identity=f"{of}/{port}", declared=None) for port in ports]
    return Inventory([said(GROUP, of, name="web").replace(declared=None), *rules])


def found(seen: Inventory, *declared: Resource, by: dict[str, Schema] = SCHEMAS) -> list[Drift]:
    return drift(seen, Inventory(settle(declared, by)), by).drift


def told(seen: Inventory, *declared: Resource, by: dict[str, Schema] = SCHEMAS) -> list[tuple[str, str, bool]]:
    """(path or kind, note, whether a re-apply leaves it) of all drift."""
    return [
        (change.path, each.note, change.stays)
        for each in found(seen, *declared, by=by)
        for change in each.changes or [None]
        if change
    ] + [(str(each.kind), each.note, False) for each in found(seen, *declared, by=by) if not each.changes]


BY_HAND = ("ingress[443]", "", True)


def test_a_rule_by_hand_beside_separate_rules_is_told_before_and_after_a_refresh() -> None:
    assert told(live(80, 443), group(), rule(80)) == [BY_HAND]
    assert told(live(80, 443), group(80, 443), rule(80)) == [BY_HAND]
    assert told(live(80, 443), group(80, 443), said(ELSEWHERE, "x", security_group_id="sg-1", ports=[80])) == [BY_HAND]


def test_separate_rules_of_any_state_tell() -> None:
    assert told(live(80, 443), group(80, 443), rule(80, source="another")) == [BY_HAND]
    placeless = rule(80).replace(account="", region="")
    assert told(live(80, 443), group(80, 443), placeless) == [BY_HAND]


def test_separate_rules_of_another_group_tell_nothing() -> None:
    assert told(live(80, 443), group(80, 443), rule(22, of="sg-2")) == [("missing", "", False)]
    abroad = rule(80).replace(region="elsewhere")
    assert told(live(80, 443), group(80, 443), abroad) == [("missing", "", False)]


def test_code_that_leaves_the_block_out_makes_it_a_copy() -> None:
    assert told(live(443), group(443, written=["name"])) == [BY_HAND]
    assert told(live(443), group(written=["name"])) == [BY_HAND]


def test_code_that_writes_the_block_makes_it_a_declaration() -> None:
    assert told(live(80), group(80, written=["name", "ingress"])) == []
    assert told(live(80, 443), group(80, written=["ingress"])) == [("ingress[443]", "", False)]
    assert told(live(443), group(written=["ingress"])) == [("ingress[443]", "", False)]


def test_a_stale_copy_is_no_loss() -> None:
    assert told(live(443), group(80), rule(443)) == []
    assert told(live(), group(80, written=["name"])) == []


def test_where_nothing_tells_the_doubt_is_said() -> None:
    assert told(live(80), group(80)) == []
    assert told(live(), group(80)) == [("ingress[80]", DOUBT, False)]
    assert told(live(80, 443), group(80)) == [("ingress[443]", "", False)]
    [line] = doubts(settle([group(80, 443)], SCHEMAS), SCHEMAS)
    assert line.startswith("aws_security_group.sg-1: ingress may be only the provider's copy")
    [line] = doubts(settle([group(80), group(22, id="sg-2")], SCHEMAS), SCHEMAS)
    assert line.startswith("aws_security_group.sg-1: ingress and 1 more may be")
    for clear in ([group(80, written=["ingress"])], [group(80, written=[])], [group(80), rule(80)], [group()]):
        assert doubts(settle(clear, SCHEMAS), SCHEMAS) == []


def test_what_comes_with_the_thing_itself_counts_unless_code_says() -> None:
    filled = schemas(filled=always)
    assert told(live(80), group(80, written=["name"]), by=filled) == []
    assert told(live(), group(80, written=["name"]), by=filled) == [("ingress[80]", BEGAN, False)]
    assert told(live(80, 443), group(80), by=filled) == [BY_HAND]


def test_blocks_that_may_stand_beside_parts_of_their_own() -> None:
    mixed = schemas(mixed=True)
    assert told(live(80, 443), group(443), rule(80), by=mixed) == []
    assert told(live(80, 443), group(443, written=["name"]), rule(80), by=mixed) == [BY_HAND]


def test_code_may_ask_for_a_block_by_another_name() -> None:
    asked = schemas(written=("instance",))
    assert told(live(80), group(80, written=["instance"]), by=asked) == []
    assert told(live(80), group(80, written=["ingress"]), by=asked) == [("ingress[80]", "", True)]


def test_the_origin_of_a_rule_by_hand_is_no_declaration() -> None:
    pairs = drift(live(80, 443), Inventory(settle([group(80, 443), rule(80)], SCHEMAS)), SCHEMAS).pairs
    assert {each.name for each in pairs} == {"sg-1", "sg-1/80"}


# --- the laws -------------------------------------------------------------------------------------

ports = st.sets(st.integers(1, 6), max_size=4)


@given(apart=ports, copies=ports, seen=ports, code=st.sampled_from([None, [], ["name"]]))
def test_whatever_the_copies_say_the_separate_rules_decide(
    apart: set[int], copies: set[int], seen: set[int], code: list[str] | None
) -> None:
    if code is None and not apart:
        return  # the one combination of which nothing tells
    changes = found(live(*seen), group(*copies, written=code), *map(rule, apart))
    rows = {change.path for each in changes for change in each.changes}
    assert rows == {f"ingress[{port}]" for port in seen - apart}
    assert {each.resource.name for each in changes if each.kind == "missing"} == {f"sg-1/{n}" for n in apart - seen}
    assert all(change.stays for each in changes for change in each.changes)


@given(block=ports, seen=ports)
def test_what_code_writes_is_what_there_is_to_be(block: set[int], seen: set[int]) -> None:
    changes = found(live(*seen), group(*block, written=["ingress"]))
    rows = {change.path: change.stays for each in changes for change in each.changes}
    assert set(rows) == {f"ingress[{port}]" for port in seen ^ block}
    assert not any(rows.values())
