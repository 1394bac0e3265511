"""What equal means: pairs that are, pairs that only look so, and the laws every form keeps."""

import json
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from state.documents import DOCUMENT, POLICY
from state.forms import (
    CASELESS,
    IF_DECLARED,
    MAP,
    NAME_OR_ARN,
    PLAIN,
    TAGS,
    UNORDERED,
    UNREAD,
    VERSION,
    Form,
    defaulting,
)

ARN = "arn:aws:rds:eu-west-1:123456789012:db:orders"
BLOCK = Form(inner={"ids": UNORDERED, "made": UNREAD, "mode": defaulting("off")})
BLOCKS = Form(canonical=UNORDERED.canonical, inner={"ids": UNORDERED})
ON = defaulting(True)


def same(form: Form, one: Any, other: Any) -> bool:
    return not list(form.differences("it", one, other))


EQUAL = [
    *[(PLAIN, one, other) for one in (None, "", 0, False, [], {}, [{}], [{"a": None}]) for other in (None, [{}])],
    (PLAIN, {"a": 1, "b": None}, {"a": 1, "c": ""}),
    (PLAIN, ("a", "b"), ["a", "b"]),
    (PLAIN, 443, 443.0),
    (UNORDERED, ["b", "a"], ("a", "b")),
    (UNORDERED, [{"a": 1, "b": None}, {"a": 2}], [{"a": 2}, {"a": 1}]),
    (UNORDERED, None, []),
    (BLOCKS, [{"ids": ["a", "b"]}, {"ids": ["c"]}], [{"ids": ["c"]}, {"ids": ["b", "a"]}]),
    (BLOCK, [{"ids": ["a", "b"], "made": "today"}], [{"ids": ["b", "a"], "made": "then"}]),
    (BLOCK, [{"mode": "off"}], [{"mode": None}]),
    (BLOCK, [{"mode": None}], []),
    (BLOCK, [{"port": 1}], [{"port": 1, "newer": True}]),
    (CASELESS, "Mon:03:00", "mon:03:00"),
    (CASELESS, "", None),
    (NAME_OR_ARN, "orders", ARN),
    (NAME_OR_ARN, "db:orders", ARN),
    (NAME_OR_ARN, "arn:aws:iam::123456789012:role/ops/ci", "ci"),
    (NAME_OR_ARN, None, ""),
    (VERSION, "8.0", "8.0.35"),
    (VERSION, "8", "8.0.35"),
    (VERSION, None, ""),
    (IF_DECLARED, None, "chosen"),
    (IF_DECLARED, [], [{"a": 1}]),
    (defaulting("Zip"), None, "Zip"),
    (defaulting("Zip"), "", "Zip"),
    (defaulting(35), 0, 35),
    (ON, None, True),
    (TAGS, {"a": "1", "aws:cloudformation:stack-name": "x"}, {"a": "1"}),
    (TAGS, {"a": None}, {}),
    (TAGS, {"port": 80, "on": True}, {"port": "80", "on": "true"}),
    (TAGS, None, {"aws:x": "y"}),
    (DOCUMENT, '{"a": [1, 2], "b": {}}', '{"b":{},"a":[1.0,2]}'),
    *[(DOCUMENT, one, other) for one in (None, "", "{}", "[]") for other in (None, "")],
    (DOCUMENT, {"a": 1}, '{"a":1}'),
]


@pytest.mark.parametrize(("form", "one", "other"), EQUAL)
def test_the_same(form: Form, one: Any, other: Any) -> None:
    assert list(form.differences("it", one, other)) == []


DIFFERENT = [
    *[(PLAIN, empty, set) for empty in (None, "", 0, False, [], {}) for set in (True, 1, "x", [1], {"a": 1})],
    (PLAIN, ["a", "b"], ["b", "a"]),
    (PLAIN, [0, 443], [443]),
    (PLAIN, [0], []),
    (PLAIN, [False, True], [True]),
    (PLAIN, "a", ["a"]),
    (PLAIN, "443", 443),
    (PLAIN, "A", "a"),
    (PLAIN, [{}], [{"a": 1}]),
    (UNORDERED, ["a"], ["a", "b"]),
    (UNORDERED, ["a", "a"], ["a"]),
    (UNORDERED, [0, 1], [1]),
    (UNORDERED, [1, 2], ["1", "2"]),
    (BLOCKS, [{"ids": ["a", "b"]}], [{"ids": ["a"]}, {"ids": ["b"]}]),
    (BLOCK, [{"mode": "off"}], [{"mode": "on"}]),
    (BLOCK, [], [{"mode": "on"}]),
    (CASELESS, "a", "b"),
    (CASELESS, None, "a"),
    (NAME_OR_ARN, "orders", "ders"),
    (NAME_OR_ARN, "ders", ARN),
    (NAME_OR_ARN, "a/orders", "b/orders"),
    (NAME_OR_ARN, ARN, ARN.replace("123456789012", "210987654321")),
    (NAME_OR_ARN, ARN, ARN.replace("eu-west-1", "us-east-1")),
    (NAME_OR_ARN, "", ARN),
    (NAME_OR_ARN, None, ARN),
    (VERSION, "8.0", "8.01"),
    (VERSION, "8.0.35", "8.0"),
    (VERSION, "", "8.0"),
    (VERSION, None, "8.0"),
    (IF_DECLARED, "chosen", None),
    (IF_DECLARED, "chosen", "other"),
    (IF_DECLARED, False, True),
    (IF_DECLARED, 0, 1),
    (Form(inner={"on": ON}), [{"on": False}], [{"on": True}]),
    (Form(inner={"on": ON}), [{"on": False}], []),
    (defaulting("Zip"), "Image", "Zip"),
    (defaulting("Zip"), None, "Image"),
    (defaulting(35), None, 7),
    (ON, False, True),
    (ON, None, False),
    (TAGS, {"a": ""}, {}),
    (TAGS, {"a": "1"}, {"A": "1"}),
    (TAGS, {"a": 0}, {"a": ""}),
    (TAGS, {"awsome": "1"}, {}),
    (DOCUMENT, '{"a": [1, 2]}', '{"a": [2, 1]}'),
    (DOCUMENT, '{"a": 0}', "{}"),
    (DOCUMENT, '{"a": [{"exists": false}]}', '{"a": []}'),
    (DOCUMENT, '{"ResultPath": null}', "{}"),
    (DOCUMENT, '{"a": true}', '{"a": 1}'),
    (DOCUMENT, '{"a": 1}', '{"a": "1"}'),
    (DOCUMENT, '{"a": 1, "a": 2}', '{"a": 2}'),
    (DOCUMENT, "{", "{}"),
    (DOCUMENT, "[" * 100_000, "[" * 90_000),
    (DOCUMENT, "[" * 900 + "]" * 900, "[" * 900 + "0" + "]" * 900),
]


@pytest.mark.parametrize(("form", "one", "other"), DIFFERENT)
def test_not_the_same(form: Form, one: Any, other: Any) -> None:
    assert list(form.differences("it", one, other)) != []


@pytest.mark.parametrize(
    ("form", "declared", "live", "found"),
    [
        (PLAIN, 1, 2, [("it", 1, 2)]),
        (PLAIN, {"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "c": 3}, "d": 4}, [("it.a.c", 2, 3), ("it.d", None, 4)]),
        (PLAIN, {"a": 1}, None, [("it", {"a": 1}, None)]),
        (BLOCK, [{"a": 1, "b": [{"c": 1}]}], [{"a": 2, "b": [{"c": 2}]}], [("it[0].a", 1, 2), ("it[0].b[0].c", 1, 2)]),
        (BLOCK, [{"ids": ["b", "a"]}], [{"ids": ["c"]}], [("it[0].ids", ["b", "a"], ["c"])]),
        (BLOCK, [{"a": 1}], [{"a": 1}, {"a": 2}], [("it", [{"a": 1}], [{"a": 1}, {"a": 2}])]),
        (BLOCK, [{}], [{"a": 1}], [("it", [{}], [{"a": 1}])]),
        (BLOCK, {"mode": "off", "x": 1}, {"mode": None, "x": 2}, [("it.x", 1, 2)]),
        (UNORDERED, {"a": 1}, {"a": 2}, [("it", {"a": 1}, {"a": 2})]),
        (
            TAGS,
            {"a": "1", "b": "2", "aws:x": "0"},
            {"a": "3", "c": ""},
            [("it.a", "1", "3"), ("it.b", "2", None), ("it.c", None, "")],
        ),
        (TAGS, None, {"a": "1"}, [("it.a", None, "1")]),
    ],
)
def test_where_they_differ(form: Form, declared: Any, live: Any, found: list[Any]) -> None:
    assert list(form.differences("it", declared, live)) == found


# --- IAM policy documents -------------------------------------------------------------------------

ROOT = "arn:aws:iam::123456789012:root"


def document(**statement: Any) -> str:
    said = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"} | statement
    return json.dumps({"Version": "2012-10-17", "Statement": [{k: v for k, v in said.items() if v != "-"}]})


UNVERSIONED = document().replace('"Version": "2012-10-17", ', "")


def principal(who: Any, name: str = "Principal") -> str:
    return document(**{name: who})


def condition(**tests: Any) -> str:
    return document(Condition=tests)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (document(), document().replace(" ", "")),
        (document(Action=["s3:GetObject"]), document(Action="S3:getobject")),
        (document(Action=["a", "b", "a"]), document(Action=["b", "a"])),
        (document(Resource=["y", "x"]), document(Resource=["x", "y"])),
        (document(Action="-", NotAction="iam:*"), document(Action="-", NotAction=["IAM:*"])),
        (document(Resource="-", NotResource=["x"]), document(Resource="-", NotResource="x")),
        (document(Sid=""), document()),
        (document(Sid=None), document()),
        (document(Condition={}), document()),
        (document().replace("[{", "{").replace("}]", "}"), document()),
        (document().replace("2012", "2008"), UNVERSIONED),
        (document()[:-1] + ', "Id": ""}', document()),
        (principal("*"), principal({"AWS": "*"})),
        (principal({"AWS": [ROOT]}), principal({"AWS": "123456789012"})),
        (principal({"AWS": "arn:aws-cn:iam::123456789012:root"}), principal({"AWS": ["123456789012"]})),
        (principal({"AWS": "arn:aws-us-gov:iam::123456789012:root"}), principal({"AWS": ["123456789012"]})),
        (principal({"AWS": ["x", ROOT]}), principal({"AWS": ["123456789012", "x"]})),
        (principal("*", "NotPrincipal"), principal({"AWS": ["*"]}, "NotPrincipal")),
        (principal({"AWS": ROOT}, "NotPrincipal"), principal({"AWS": "123456789012"}, "NotPrincipal")),
        (condition(Bool={"aws:SecureTransport": False}), condition(Bool={"aws:SecureTransport": "false"})),
        (condition(Bool={"aws:SecureTransport": [True]}), condition(bool={"AWS:securetransport": "true"})),
        (condition(NumericLessThan={"s3:max-keys": 10.0}), condition(NumericLessThan={"s3:max-keys": ["10"]})),
        (condition(StringEquals={"k": ["a", "b"]}), condition(StringEquals={"k": ["b", "a", "a"]})),
        ("", None),
        ("{}", None),
    ],
)  # fmt: skip
def test_the_same_policy(one: Any, other: Any) -> None:
    assert same(POLICY, one, other)
    assert same(POLICY, other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (document(), None),
        (document(), ""),
        (document(Effect="Deny"), document()),
        (document(Effect="allow"), document()),
        (document(Sid="a"), document()),
        (document(Sid="a"), document(Sid="A")),
        (document(Action="-", NotAction="s3:GetObject"), document()),
        (document(Resource="-", NotResource="*"), document()),
        (document(Resource="arn:aws:s3:::Logs"), document(Resource="arn:aws:s3:::logs")),
        (document().replace("2012", "2008"), document()),
        (UNVERSIONED, document()),
        (document()[:-1] + ', "Id": "x"}', document()),
        (document()[:-1] + ', "Statement": []}', document()),
        ('{"Version": "2012-10-17", "Statement": []}', document()),
        (principal("*"), document()),
        (principal("*"), principal("*", "NotPrincipal")),
        (principal({"AWS": "*"}), principal({"Service": "*"})),
        (principal({"AWS": "x", "Service": "y"}), principal({"AWS": "x"})),
        (principal({"AWS": ROOT}), principal({"AWS": ROOT.replace("root", "user/root")})),
        (principal({"AWS": ROOT}), principal({"AWS": "210987654321"})),
        (principal({"AWS": "arn:aws:x::1:root"}), principal({"AWS": "1"})),
        (condition(Bool={"aws:SecureTransport": False}), document()),
        (condition(Bool={"aws:SecureTransport": False}), condition(Bool={"aws:SecureTransport": True})),
        (condition(Null={"aws:PrincipalOrgID": False}), condition(Null={})),
        (condition(NumericLessThan={"s3:max-keys": 0}), document()),
        (condition(StringEquals={"aws:PrincipalTag/team": ""}), document()),
        (condition(StringEquals={"k": []}), document()),
        (condition(StringEquals={"k": "a"}), condition(StringEquals={"k": "A"})),
        (condition(StringEquals={"k": "a"}), condition(StringLike={"k": "a"})),
        (condition(StringEquals={"k": "a"}), condition(StringEquals={"j": "a"})),
        (condition(StringEquals={"k": "a"}, stringequals={"k": "b"}), condition(stringequals={"k": "b"})),
        (condition(StringEquals={"k": "a", "K": "b"}), condition(StringEquals={"K": "b"})),
        (condition(Bool="yes"), document()),
        ('{"Statement": ["x"]}', '{"Statement": []}'),
        ('{"Statement": []}', ""),
        (document(), document()[:-1]),
        ("{", "["),
        ('{"Version": "2012-10-17"}', None),
        ('{"Statement": ' + "[" * 900 + "]" * 900 + "}", document()),
    ],
)  # fmt: skip
def test_another_policy(one: Any, other: Any) -> None:
    assert not same(POLICY, one, other)
    assert not same(POLICY, other, one)


# --- laws -----------------------------------------------------------------------------------------

FORMS = [PLAIN, UNORDERED, DOCUMENT, CASELESS, NAME_OR_ARN, VERSION, IF_DECLARED, TAGS, POLICY, BLOCK, BLOCKS, ON]
ONE_WAY = [VERSION, IF_DECLARED]

leaves = st.none() | st.booleans() | st.integers(-2, 70000) | st.floats(allow_nan=False) | st.text(max_size=5)
values = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
)
documents = values.map(json.dumps)
anything = values | documents | st.sampled_from([ARN, "orders", "Orders", "8.0", "8.0.1", "", "{}", "{"])
words = st.text("abAB:*/", min_size=1, max_size=4)
some = st.lists(words, min_size=1, max_size=3)
statements = st.fixed_dictionaries(
    {"Effect": st.sampled_from(["Allow", "Deny"]), "Action": some, "Resource": some},
    optional={
        "Sid": words,
        "Principal": st.dictionaries(st.sampled_from(["AWS", "Service"]), some, min_size=1),
        "Condition": st.dictionaries(
            st.sampled_from(["Bool", "StringLike"]), st.dictionaries(words.map(str.lower), some, min_size=1), min_size=1
        ),
    },
)
policies = st.lists(statements, min_size=1, max_size=3)


def written(statements: list[Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


@pytest.mark.parametrize("form", FORMS)
@given(value=anything)
def test_a_value_is_itself(form: Form, value: Any) -> None:
    assert same(form, value, json.loads(json.dumps(value)))


@pytest.mark.parametrize("form", [each for each in FORMS if each not in ONE_WAY])
@given(one=anything, other=anything)
def test_neither_side_is_special(form: Form, one: Any, other: Any) -> None:
    back = sorted(repr((path, before, after)) for path, after, before in form.differences("it", other, one))
    assert sorted(map(repr, form.differences("it", one, other))) == back


@pytest.mark.parametrize("form", [PLAIN, UNORDERED, CASELESS, TAGS, MAP, ON])
@given(value=anything)
def test_what_is_settled_stays(form: Form, value: Any) -> None:
    assert form.canonical(form.canonical(value)) == form.canonical(value)


@pytest.mark.parametrize("form", [each for each in FORMS if each is not TAGS])
@pytest.mark.parametrize("off", [False, 0])
@given(value=st.just(True) | st.integers(1) | st.integers(max_value=-1))
def test_off_is_never_on(form: Form, off: Any, value: Any) -> None:
    assert not same(form, off, value)
    assert form is IF_DECLARED or not same(form, value, off)


@given(members=st.lists(values, max_size=4), data=st.data())
def test_a_set_has_no_order(members: list[Any], data: st.DataObject) -> None:
    assert same(UNORDERED, members, data.draw(st.permutations(members)))


@given(members=st.lists(st.integers() | st.text(min_size=1), max_size=4), more=st.integers() | st.text(min_size=1))
def test_one_more_is_another_set(members: list[Any], more: Any) -> None:
    assert not same(UNORDERED, members, [*members, more])


@given(value=values)
def test_a_document_says_what_it_says_however_it_is_written(value: Any) -> None:
    assert same(DOCUMENT, json.dumps(value), json.dumps(value, indent=3, sort_keys=True))


@given(one=values, other=values)
def test_two_documents_are_two(one: Any, other: Any) -> None:
    assume(json.dumps(one, sort_keys=True) != json.dumps(other, sort_keys=True))
    assume(one != other and one not in ("", [], {}, None) and not isinstance(one, str))
    assert not same(DOCUMENT, json.dumps(one), json.dumps(other))


def shuffled(value: Any, data: st.DataObject) -> Any:
    """The same policy in another order: of members, of keys, of one or many."""
    if isinstance(value, dict):
        return {key: shuffled(value[key], data) for key in data.draw(st.permutations(list(value)))}
    if isinstance(value, list):
        order = [shuffled(each, data) for each in data.draw(st.permutations(value))]
        return order[0] if len(order) == 1 and data.draw(st.booleans()) else order
    return value


@given(policy=policies, data=st.data())
def test_the_order_of_a_policy_says_nothing(policy: list[Any], data: st.DataObject) -> None:
    assert same(POLICY, written(policy), written(shuffled(policy, data)))


def flip(statement: Any) -> Any:
    return statement | {"Effect": "Deny" if statement["Effect"] == "Allow" else "Allow"}


CHANGES = {
    "effect flipped": flip,
    "action added": lambda each: each | {"Action": [*each["Action"], "x:New"]},
    "action excepted": lambda each: {k: v for k, v in each.items() if k != "Action"} | {"NotAction": each["Action"]},
    "resource added": lambda each: each | {"Resource": [*each["Resource"], "x"]},
    "principal added": lambda each: each | {"Principal": {"AWS": "x", **each.get("Principal", {}), "Federated": "x"}},
    "condition added": lambda each: each | {"Condition": {**each.get("Condition", {}), "Null": {"x": False}}},
    "condition's value": lambda each: each | {"Condition": {"Bool": {"x": ["x"]}}},
    "condition dropped": lambda each: {k: v for k, v in each.items() if k != "Condition"},
    "sid": lambda each: each | {"Sid": "x"},
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@given(policy=policies, data=st.data())
def test_a_change_of_a_policy_is_seen(change: Any, policy: list[Any], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(policy) - 1))
    changed = [change(each) if index == at else each for index, each in enumerate(policy)]
    assume(changed != policy)
    assert not same(POLICY, written(policy), written(changed))


@given(policy=policies, extra=statements)
def test_a_statement_more_is_another_policy(policy: list[Any], extra: Any) -> None:
    assert not same(POLICY, written(policy), written([*policy, extra]))


def test_a_variable_that_is_set_to_nothing_is_set() -> None:
    form = Form(inner={"variables": MAP})
    assert list(form.differences("environment", [{"variables": {}}], [{"variables": {"DEBUG": ""}}])) == [
        ("environment[0].variables.DEBUG", None, "")
    ]
    assert list(form.differences("environment", [{"variables": None}], [{"variables": {}}])) == []
    assert list(form.differences("environment", [], [{"variables": {}}])) == []
