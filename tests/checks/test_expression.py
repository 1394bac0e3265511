"""Conditions in JMESPath: what they read, what they refuse to guess, and what they make of what cannot be seen."""

from datetime import UTC, datetime
from typing import Any

import pytest

from checks.expression import NoCondition, condition
from state import LiveOnly, Resource, Unknown
from state.terraform.partial import Partial


def bucket(**attributes: Any) -> Resource:
    return Resource(
        type="aws_s3_bucket", id="orders", account="123456789012", region="eu-west-1", attributes=attributes
    )


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        ("attributes.bucket == 'a' || id == 'b'", ("bucket",)),
        ("attributes.rule[0].port", ("rule",)),
        ("attributes.rule[].port | [0]", ("rule",)),
        ("attributes.rule[?port == `22` && tags.x == attributes.y].name", ("rule",)),
        ("length(attributes.rule) > `1` && !(facts.last_used)", ("last_used", "rule")),
        ('tags."cost-center" == `null` || owner == `null`', ("owner", "tags")),
        ("sort_by(attributes.rule, &port)[0].name == name", ("rule",)),
        ("{a: attributes.x, b: [attributes.y]}.a", ("x", "y")),
    ],
)
def test_its_syntax_tree_tells_what_it_reads(text: str, reads: tuple[str, ...]) -> None:
    assert condition(text).reads == reads


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("attributes.", "got: eof: Parse error at column 11"),
        ("attributes", "name what it reads of attributes, as attributes.NAME"),
        ("attributes.*", "name what it reads of attributes"),
        ("keys(attributes)", "name what it reads of attributes"),
        ("attributes.[a, b]", "name what it reads of attributes, as attributes.NAME"),
        ("!tags.owner", "after a `!` in brackets: !(tags.NAME)"),
        ("@", "name what it reads"),
        ("[?a]", "name what it reads"),
        ("bucket == 'a'", "there is no bucket to read; write attributes.bucket"),
        ("attributes.a == true", "true is the name of a field; write `true`, in backticks"),
        ("attributes.a == null", "null is the name of a field; write `null`, in backticks"),
        ("attributes.a[?b == false]", "false is the name of a field"),
        ("lower(attributes.a)", "there is no function lower()"),
        ("`true`", "it reads nothing of the resource"),
        ("attributes.c", "no attribute c of this type is read"),
        ("tags.a", "no tags of this type are read"),
    ],
)
def test_what_cannot_judge_is_refused(text: str, why: str) -> None:
    with pytest.raises(NoCondition) as refused:
        condition(text, {"a", "b"}, tagged=False)
    assert why in str(refused.value)


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("attributes.versioning == `false`", True),
        ("attributes.days < `7`", True),
        ("attributes.days < `3`", False),
        ("attributes.unset", False),
        ("attributes.unset == `null`", True),
        ("attributes.rule[?port == `22`]", True),
        ("attributes.rule[?port == `23`]", False),
        ("!(tags.owner) && name == 'orders'", True),
        ("facts.used < '2026'", True),
    ],
)
def test_it_holds_where_jmespath_finds_something(text: str, holds: bool) -> None:
    found = bucket(versioning=False, days=3, unset=None, rule=[{"port": 22}], tags={"env": "dev"})
    found = found.replace(facts={"used": datetime(2025, 1, 1, tzinfo=UTC)})
    assert condition(text).holds(found) is holds


@pytest.mark.parametrize("text", ["attributes.seen || attributes.hidden", "attributes.hidden == `1`", "!(tags.owner)"])
def test_what_cannot_be_seen_is_unknown_whatever_else_is_said(text: str) -> None:
    hidden = bucket(seen=True).replace(unknown={"hidden": "denied", "tags": "denied"})
    with pytest.raises(Unknown, match="denied"):
        condition(text).holds(hidden)


def test_a_fact_is_live_only() -> None:
    from state import Declaration

    declared = bucket().replace(declared=Declaration(address="aws_s3_bucket.orders", source="x"))
    with pytest.raises(LiveOnly):
        condition("facts.used").holds(declared)


@pytest.mark.parametrize(
    "text",
    [
        "attributes.rule[0].port == `22`",
        "attributes.rule[?port == `22`]",
        "length(attributes.rule) == `0`",
        "attributes.rule[0].* | [0]",
        'attributes.rule[0] == `{"name": "web"}`',
    ],
)
def test_a_block_that_is_known_in_part_may_hold_anything(text: str) -> None:
    with pytest.raises(Unknown, match="apply will tell"):
        condition(text).holds(bucket(rule=[Partial({"name": "web"}, {"port": "apply will tell"})]))


def test_what_is_known_of_a_block_is_known() -> None:
    assert condition("attributes.rule[0].name == 'web'").holds(bucket(rule=[Partial({"name": "web"}, {"port": "?"})]))


def test_a_block_of_which_nothing_is_known_is_not_taken_for_none() -> None:
    with pytest.raises(Unknown):
        condition("attributes.rule[0]").holds(bucket(rule=[Partial({}, {"port": "?"})]))


def test_a_value_of_another_type_is_unknown() -> None:
    with pytest.raises(Unknown, match="the condition cannot be applied"):
        condition("contains(attributes.days, 'a')").holds(bucket(days=3))
