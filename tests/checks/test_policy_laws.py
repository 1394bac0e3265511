"""What holds of every policy, whatever it says: more conditions and denials never open, more principals never close."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from checks.policy import Policy, grants_everything, opens_to_anyone, parse
from state import Unknown

Raw = dict[str, Any]
CLOSED, UNSURE, OPEN = range(3)
ASKED = ("s3:GetObject", "s3:Put*")

PRINCIPALS: list[Any] = [
    "*",
    {"AWS": "*"},
    {"AWS": "111122223333"},
    {"AWS": ["arn:aws:iam::111122223333:root", "*"]},
    {"Service": "cloudfront.amazonaws.com"},
]
ACTIONS: list[Any] = ["*", "s3:*", "s3:GetObject", ["s3:Get*", "s3:PutObject"], "sqs:SendMessage"]
RESOURCES: list[Any] = ["*", "arn:aws:s3:::acme/*", ["arn:aws:s3:::acme", "arn:aws:s3:::acme/logs/*"]]
TESTS: list[tuple[str, str, Any]] = [
    ("StringEquals", "aws:PrincipalOrgID", "o-a1b2c3d4e5"),
    ("StringNotEquals", "aws:PrincipalAccount", ["111122223333"]),
    ("StringEqualsIfExists", "aws:SourceVpce", "vpce-1"),
    ("StringLike", "aws:PrincipalArn", "*"),
    ("ForAllValues:StringEquals", "aws:PrincipalOrgPaths", ["o-a1b2/r-1/"]),
    ("Bool", "aws:SecureTransport", "false"),
    ("Bool", "aws:PrincipalIsAWSService", "true"),
    ("Null", "aws:SourceArn", "true"),
    ("IpAddress", "aws:SourceIp", ["0.0.0.0/1", "128.0.0.0/1"]),
    ("IpAddress", "aws:SourceIp", "203.0.113.0/24"),
    ("NotIpAddress", "aws:SourceIp", "203.0.113.0/24"),
    ("StringEquals", "acme:Unheard", "of"),
]


@st.composite
def conditions(draw: st.DrawFn) -> Raw:
    found: Raw = {}
    for operator, key, values in draw(st.lists(st.sampled_from(TESTS), max_size=2)):
        found.setdefault(operator, {})[key] = values
    return found


def part(draw: st.DrawFn, name: str, values: list[Any]) -> Raw:
    """A part of a statement, or now and then all but that."""
    negated = name != "Principal" and draw(st.integers(0, 5)) == 0
    return {f"Not{name}" if negated else name: draw(st.sampled_from(values))}


@st.composite
def statements(draw: st.DrawFn, *effects: str) -> Raw:
    whole = {"Effect": draw(st.sampled_from(effects)), "Condition": draw(conditions())}
    for name, values in (("Principal", PRINCIPALS), ("Action", ACTIONS), ("Resource", RESOURCES)):
        whole |= part(draw, name, values)
    return whole


POLICIES = st.lists(statements("Allow", "Allow", "Deny"), min_size=1, max_size=4)


def asked(ask: Callable[[Policy], object], policy: list[Raw]) -> int:
    try:
        return OPEN if ask(parse({"Statement": policy})) else CLOSED
    except Unknown:
        return UNSURE


def to_anyone(policy: list[Raw]) -> int:
    return asked(lambda each: opens_to_anyone(each, ASKED), policy)


def everything(policy: list[Raw]) -> int:
    return asked(grants_everything, policy)


ANSWERS = st.sampled_from([to_anyone, everything])
Answer = Callable[[list[Raw]], int]


@settings(max_examples=300)
@given(POLICIES, statements("Deny"), ANSWERS)
def test_a_denial_never_opens(policy: list[Raw], denial: Raw, answer: Answer) -> None:
    assert answer([*policy, denial]) <= answer(policy)


@settings(max_examples=300)
@given(POLICIES, st.sampled_from(TESTS), st.integers(0, 3), ANSWERS)
def test_a_condition_of_a_grant_never_opens(
    policy: list[Raw], test: tuple[str, str, Any], at: int, answer: Answer
) -> None:
    operator, key, values = test
    grant = policy[at % len(policy)]
    if grant["Effect"] == "Allow" and operator not in grant["Condition"]:
        narrower = grant | {"Condition": grant["Condition"] | {operator: {key: values}}}
        assert answer([narrower if each is grant else each for each in policy]) <= answer(policy)


@settings(max_examples=300)
@given(POLICIES, st.integers(0, 3), st.sampled_from(["Principal", "Action", "Resource"]))
def test_a_wider_grant_never_closes(policy: list[Raw], at: int, name: str) -> None:
    grant = policy[at % len(policy)]
    if grant["Effect"] == "Allow":
        wider = {each: value for each, value in grant.items() if each != f"Not{name}"} | {name: "*"}
        assert to_anyone([wider if each is grant else each for each in policy]) >= to_anyone(policy)


@settings(max_examples=300)
@given(POLICIES, st.randoms(use_true_random=False), ANSWERS)
def test_the_order_of_statements_says_nothing(policy: list[Raw], random: Any, answer: Answer) -> None:
    other = list(policy)
    random.shuffle(other)
    assert answer(other) == answer(policy)


def as_lists(value: Any, name: str = "") -> Any:
    """The same part with each text as a list of one."""
    if isinstance(value, dict):
        return {key: as_lists(each) for key, each in value.items()}
    return [value] if isinstance(value, str) and name not in ("Effect", "Principal") else value


@settings(max_examples=300)
@given(POLICIES, ANSWERS)
def test_a_text_is_a_list_of_one(policy: list[Raw], answer: Answer) -> None:
    assert answer([{key: as_lists(each, key) for key, each in one.items()} for one in policy]) == answer(policy)


def test_the_laws_meet_each_answer() -> None:
    """A law that only ever sees one answer holds of nothing."""
    public = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": {}}
    unheard = public | {"Condition": {"StringEquals": {"acme:Unheard": "of"}}}
    named = public | {"Principal": {"AWS": "111122223333"}, "Action": "s3:GetObject"}
    for answer in (to_anyone, everything):
        assert [answer([each]) for each in (public, unheard, named)][::2] == [OPEN, CLOSED]
    assert to_anyone([unheard]) == UNSURE
