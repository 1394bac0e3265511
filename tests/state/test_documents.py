"""Policies and other documents: where two of them differ is told part by part."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from state.documents import DOCUMENT, POLICY
from tests.state.inventories import compare, live, wanted

READ = {"Sid": "Read", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Principal": "*"}
WRITE = {"Effect": "Allow", "Action": ["s3:PutObject"], "Resource": ["a", "b"]}
ROOT = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "123456789012"}}


def policy(*statements: Any, **about: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)} | about)


def told(one: Any, other: Any) -> list[tuple[str, Any, Any]]:
    return list(POLICY.differences("policy", one, other))


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        (
            policy(WRITE, READ),
            policy(READ | {"Action": ["s3:GetObject", "s3:*"]}, WRITE),
            [("policy.Statement[Sid=Read].Action", ["s3:GetObject"], ["s3:GetObject", "s3:*"])],
        ),
        (
            policy(READ),
            policy(READ | {"Principal": {"AWS": ["999999999999"], "Service": "sns.amazonaws.com"}}),
            [
                ("policy.Statement[Sid=Read].Principal.AWS", ["*"], ["999999999999"]),
                ("policy.Statement[Sid=Read].Principal.Service", None, ["sns.amazonaws.com"]),
            ],
        ),
        (
            policy(WRITE, ROOT),
            policy(ROOT | {"Condition": {"StringEquals": {"aws:x": "1"}}}, WRITE),
            [("policy.Statement[1].Condition.StringEquals[aws:x]", None, ["1"])],
        ),
        (policy(READ, WRITE), policy(WRITE), [("policy.Statement[Sid=Read]", READ, None)]),
        (policy(WRITE), policy(WRITE, ROOT), [("policy.Statement[1]", None, ROOT)]),
        (
            policy(READ),
            policy(READ | {"Sid": "Other"}),
            [
                ("policy.Statement[Sid=Other]", None, READ | {"Sid": "Other"}),
                ("policy.Statement[Sid=Read]", READ, None),
            ],
        ),
        (
            policy(READ),
            policy(READ | {"Effect": "Deny"}, Version="2008-10-17"),
            [
                ("policy.Version", "2012-10-17", "2008-10-17"),
                ("policy.Statement[Sid=Read].Effect", "Allow", "Deny"),
            ],
        ),
        (policy(READ), None, [("policy", policy(READ), None)]),
    ],
)
def test_a_changed_policy_is_told_by_its_statements(one: Any, other: Any, found: list[tuple[str, Any, Any]]) -> None:
    assert told(one, other) == found


def test_a_document_is_told_by_its_keys() -> None:
    one, other = ({"a": {"b": each, "c": [1]}, "password": each} for each in (1, 2))
    found = [(path, str(said)) for path, said, _ in DOCUMENT.differences("it", json.dumps(one), json.dumps(other))]
    assert found == [("it.a.b", "1"), ("it.password", "(sensitive)")]


TEXTS = st.sampled_from(["a", "A", "123456789012", "arn:aws:iam::123456789012:root", "*"])
LISTED = st.one_of(TEXTS, st.lists(TEXTS, max_size=3), st.booleans(), st.none())
PRINCIPALS = st.one_of(LISTED, st.dictionaries(st.sampled_from(["AWS", "Service"]), LISTED, max_size=2))
NAMED = st.dictionaries(st.sampled_from(["aws:x", "AWS:X", "k"]), LISTED, max_size=2)
CONDITIONS = st.one_of(LISTED, st.dictionaries(st.sampled_from(["Bool", "bool", "Null"]), st.one_of(NAMED, LISTED)))
STATEMENTS = st.one_of(
    TEXTS,
    st.fixed_dictionaries(
        {},
        optional={
            "Sid": st.sampled_from(["", "x", "y", 1]),
            "Effect": st.sampled_from(["Allow", "Deny"]),
            "Action": LISTED,
            "NotResource": LISTED,
            "Principal": PRINCIPALS,
            "Condition": CONDITIONS,
            "Else": st.one_of(LISTED, st.just({"a": 1})),
        },
    ),
)
POLICIES = st.fixed_dictionaries(
    {"Statement": st.one_of(STATEMENTS, st.lists(STATEMENTS, max_size=4))},
    optional={"Version": st.sampled_from(["2008-10-17", "2012-10-17"]), "Id": st.sampled_from(["", "i"])},
)


@given(POLICIES, POLICIES)
def test_what_is_told_is_what_the_form_calls_unequal(one: Any, other: Any) -> None:
    found = told(json.dumps(one), json.dumps(other))
    assert bool(found) == (POLICY.settle(json.dumps(one)) != POLICY.settle(json.dumps(other)))
    assert len({path for path, _, _ in found}) == len(found)
    assert all(path == "policy" or path.startswith("policy.") for path, _, _ in found)


@given(POLICIES, st.randoms(use_true_random=False))
def test_a_policy_that_is_only_written_otherwise_has_no_path(one: Any, random: Any) -> None:
    rows = one["Statement"] if isinstance(one["Statement"], list) else [one["Statement"]]
    other = one | {"Statement": random.sample(rows, len(rows))}
    assert told(json.dumps(one), json.dumps(other)) == []


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(0, 1), st.sampled_from(["a", ""])),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(st.sampled_from("ab."), inner, max_size=2)),
)


@given(JSON, JSON)
def test_of_documents_too(one: Any, other: Any) -> None:
    found = list(DOCUMENT.differences("it", json.dumps(one), json.dumps(other)))
    assert bool(found) == (DOCUMENT.settle(json.dumps(one)) != DOCUMENT.settle(json.dumps(other)))


def test_ignore_changes_of_the_policy_covers_its_parts() -> None:
    seen = live("group", "web", policy=policy(READ))
    said = wanted("group", "web", policy=policy(READ | {"Effect": "Deny"}))
    ignored = wanted("group", "web", ignore=["policy"], policy=policy(WRITE))
    [found] = compare([seen], [said]).drift
    assert [each.path for each in found.changes] == ["policy.Statement[Sid=Read].Effect"]
    assert compare([seen], [ignored]).drift == []


def test_of_a_hidden_policy_not_even_the_parts_are_told() -> None:
    seen = live("group", "web", policy=policy(READ), sensitive=frozenset({"policy"}))
    [found] = compare([seen], [wanted("group", "web", policy=policy(WRITE, ROOT))]).drift
    assert [(each.path, str(each.declared), str(each.live)) for each in found.changes] == [
        ("policy", "(sensitive)", "(sensitive)")
    ]


def test_a_policy_that_holds_what_looks_like_a_secret_is_told_whole() -> None:
    key = "-----BEGIN PRIVATE KEY"
    one, other = policy(READ), policy(READ | {"Resource": key})
    assert told(one, other) == [("policy", one, other)]
