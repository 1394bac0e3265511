"""Policies worked out by hand: what each of them lets anyone do, and whether it is everything."""

import json
from typing import Any

import pytest

from checks.policy import covers, grants_everything, matches, opens_to_anyone, parse
from state import Unknown

READ = ("s3:GetObject", "s3:ListBucket")
BUCKET = "arn:aws:s3:::acme"
OBJECTS = "arn:aws:s3:::acme/*"
ORG = {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}


def allow(**parts: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": OBJECTS} | parts


def deny(**parts: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": [BUCKET, OBJECTS]} | parts


def when(operator: str, key: str, *values: Any) -> dict[str, Any]:
    return allow(Condition={operator: {key: list(values)}})


def unless(operator: str, key: str, *values: Any) -> list[dict[str, Any]]:
    return [allow(), deny(Condition={operator: {key: list(values)}})]


def principal(who: Any) -> dict[str, Any]:
    return allow(Principal=who)


NOT_ANYONE = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": OBJECTS}
YES, NO, UNSURE = "public", "closed", "unsure"

ACCESS: list[tuple[str, Any, str]] = [
    # who
    ("a star", allow(), YES),
    ("a star among AWS principals", principal({"AWS": ["111122223333", "*"]}), YES),
    ("an account", principal({"AWS": "arn:aws:iam::111122223333:root"}), NO),
    ("a service", principal({"Service": "cloudfront.amazonaws.com"}), NO),
    ("everyone but one", NOT_ANYONE | {"NotPrincipal": {"AWS": "111122223333"}}, YES),
    ("nobody: an identity's policy names none", NOT_ANYONE, NO),
    # what
    ("an action by wildcard, its case wrong", allow(Action=["S3:get*"]), YES),
    ("another action", allow(Action="s3:PutObject"), NO),
    ("all but another action", {k: v for k, v in allow(NotAction="s3:PutObject").items() if k != "Action"}, YES),
    ("all but what is asked", {k: v for k, v in allow(NotAction="s3:*").items() if k != "Action"}, NO),
    ("one of the two actions asked", allow(Action="s3:ListBucket", Resource=BUCKET), YES),
    # conditions that only the right caller can meet
    ("an organisation", allow(Condition=ORG), NO),
    ("an organisation by its own variable", when("StringEquals", "aws:PrincipalOrgID", "${aws:ResourceOrgID}"), NO),
    ("a variable of the caller's", when("StringEquals", "aws:PrincipalAccount", "${aws:PrincipalTag/a}"), UNSURE),
    ("any organisation", when("StringLike", "aws:PrincipalOrgID", "*"), YES),
    ("a path of an organisation", when("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-a1b2/r-1/*"), NO),
    (
        "paths of any, as the key may be left out",
        when("ForAllValues:StringLike", "aws:PrincipalOrgPaths", "o-1/*"),
        YES,
    ),
    ("an organisation, if the caller has one", when("StringEqualsIfExists", "aws:PrincipalOrgID", "o-a1b2"), YES),
    ("a source account", when("StringEquals", "AWS:SourceAccount", "111122223333"), NO),
    ("all accounts but one", when("StringNotEquals", "aws:SourceAccount", "111122223333"), YES),
    ("an endpoint", when("StringEquals", "aws:SourceVpce", "vpce-1a2b3c4d"), NO),
    ("any endpoint", when("StringLike", "aws:SourceVpce", "vpce-*"), YES),
    ("any endpoint, by Null", when("Null", "aws:SourceVpce", "false"), YES),
    ("roles of an account", when("ArnLike", "aws:PrincipalArn", "arn:aws:iam::111122223333:role/*"), NO),
    ("a role of any account", when("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/deployer"), YES),
    ("a bucket as the source", when("ArnEquals", "aws:SourceArn", "arn:aws:s3:::acme-logs"), NO),
    ("any bucket as the source", when("ArnLike", "aws:SourceArn", "arn:aws:s3:::*"), YES),
    ("a star taken literally matches nobody", when("StringEquals", "aws:SourceAccount", "*"), NO),
    ("sessions of a role", when("StringLike", "aws:userid", "AROAEXAMPLEEXAMPLE1:*"), NO),
    # addresses
    ("an office", when("IpAddress", "aws:SourceIp", "203.0.113.0/24"), NO),
    ("an office and the world", when("IpAddress", "aws:SourceIp", "203.0.113.0/24", "0.0.0.0/0"), YES),
    ("half the world", when("IpAddress", "aws:SourceIp", "0.0.0.0/1"), YES),
    ("a network of IPv6", when("IpAddress", "aws:SourceIp", "2001:db8::/32"), NO),
    ("a wide network of IPv6", when("IpAddress", "aws:SourceIp", "2000::/3"), YES),
    ("an address that is none", when("IpAddress", "aws:SourceIp", "office"), UNSURE),
    # conditions that anyone can meet
    ("TLS", when("Bool", "aws:SecureTransport", True), YES),
    ("a referrer, which callers write themselves", when("StringLike", "aws:Referer", "https://acme.example/*"), YES),
    ("a prefix", when("StringEquals", "s3:prefix", "public/"), YES),
    ("a tag that callers give themselves", when("StringEquals", "aws:PrincipalTag/team", "shop"), YES),
    ("an external id, which is no secret", when("StringEquals", "sts:ExternalId", "1234"), YES),
    ("a key that nobody knows", when("StringEquals", "acme:Door", "open"), UNSURE),
    ("an unknown key beside a known one", allow(Condition=ORG | {"Bool": {"acme:Door": "open"}}), NO),
    ("an operator that nobody knows", when("Sounds", "aws:SourceVpce", "vpce-1"), UNSURE),
    # denials
    ("denied to all", [allow(), deny()], NO),
    ("denied to one", [allow(), deny(Principal={"AWS": "111122223333"})], YES),
    (
        "denied to all but one",
        [allow(), {k: v for k, v in deny(NotPrincipal={"AWS": "111122223333"}).items() if k != "Principal"}],
        NO,
    ),
    ("denied outside an endpoint", unless("StringNotEquals", "aws:SourceVpce", "vpce-1"), NO),
    ("denied outside an office", unless("NotIpAddress", "aws:SourceIp", "203.0.113.0/24"), NO),
    ("denied outside the world", unless("NotIpAddress", "aws:SourceIp", "0.0.0.0/0"), YES),
    ("denied inside an endpoint", unless("StringEquals", "aws:SourceVpce", "vpce-1"), YES),
    ("denied without TLS", unless("Bool", "aws:SecureTransport", "false"), YES),
    ("denied by an unknown key", unless("Bool", "acme:Door", "shut"), UNSURE),
    (
        "denied with a hole for who leaves the key out",
        unless("ForAnyValue:StringNotLike", "aws:PrincipalOrgPaths", "o-1/*"),
        YES,
    ),
    (
        "denied outside an endpoint and an office: both stay",
        [
            allow(),
            deny(
                Condition={
                    "StringNotEquals": {"aws:SourceVpce": "vpce-1"},
                    "NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"},
                }
            ),
        ],
        NO,
    ),
    ("another action denied", [allow(), deny(Action="s3:PutObject")], YES),
    ("another place denied", [allow(), deny(Resource="arn:aws:s3:::acme/private/*")], YES),
    ("one of two actions denied", [allow(Action="s3:*", Resource=[BUCKET, OBJECTS]), deny(Action="s3:GetObject")], YES),
    ("an unknown condition, and denied to all", [when("Bool", "acme:Door", "open"), deny()], NO),
    # forms
    ("closed beside open", [allow(Condition=ORG), allow(Sid="second")], YES),
    ("no statement at all", [], NO),
]


def verdict(statements: Any) -> str:
    try:
        found = opens_to_anyone(parse({"Version": "2012-10-17", "Statement": statements}), READ)
    except Unknown:
        return UNSURE
    return YES if found else NO


@pytest.mark.parametrize(("statements", "expected"), [case[1:] for case in ACCESS], ids=[case[0] for case in ACCESS])
def test_who_is_let_in(statements: Any, expected: str) -> None:
    assert verdict(statements) == expected


EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}

ADMIN: list[tuple[str, Any, str]] = [
    ("a star on a star", EVERYTHING, YES),
    ("stars in a list", EVERYTHING | {"Action": ["s3:Get*", "*:*"], "Resource": ["arn:aws:s3:::a", "*"]}, YES),
    ("every ARN", EVERYTHING | {"Resource": "arn:aws:*:*:*:*"}, YES),
    ("all but some resources", {"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::a"}, YES),
    ("one bucket", EVERYTHING | {"Resource": "arn:aws:s3:::*"}, NO),
    ("one service", EVERYTHING | {"Action": "s3:*"}, NO),
    ("one service that begins like a partition", EVERYTHING | {"Action": "aws-marketplace:*"}, NO),
    ("all but some actions", {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}, NO),
    ("denied", {"Effect": "Deny", "Action": "*", "Resource": "*"}, NO),
    ("with MFA", EVERYTHING | {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}, YES),
    ("in a region", EVERYTHING | {"Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}}, YES),
    ("on what has a tag", EVERYTHING | {"Condition": {"StringEquals": {"aws:ResourceTag/team": "shop"}}}, NO),
    ("where one service is asked", EVERYTHING | {"Condition": {"StringEquals": {"s3:DataAccess": "x"}}}, NO),
    ("by an unknown key of AWS", EVERYTHING | {"Condition": {"Bool": {"aws:Unheard": "true"}}}, UNSURE),
    ("some denied beside", [EVERYTHING, {"Effect": "Deny", "Action": "iam:*", "Resource": "*"}], YES),
    ("all denied beside", [EVERYTHING, {"Effect": "Deny", "Action": "*", "Resource": "*"}], NO),
    ("half and half", [EVERYTHING | {"Action": "s3:*"}, EVERYTHING | {"Resource": "arn:aws:s3:::a"}], NO),
]


@pytest.mark.parametrize(("statements", "expected"), [case[1:] for case in ADMIN], ids=[case[0] for case in ADMIN])
def test_what_is_everything(statements: Any, expected: str) -> None:
    try:
        found = YES if grants_everything(parse({"Statement": statements})) else NO
    except Unknown:
        found = UNSURE
    assert found == expected


def test_a_policy_is_read_as_text_and_as_a_map() -> None:
    document = {"Version": "2012-10-17", "Statement": allow(Sid="Public")}
    assert parse(json.dumps(document)) == parse(document)
    assert [each.label for each in parse(document)] == ["statement Public"]


@pytest.mark.parametrize("none", [None, "", {}])
def test_no_policy_has_no_statements(none: Any) -> None:
    assert parse(none) == ()


@pytest.mark.parametrize(
    "document",
    [
        "{",
        "[]",
        '"text"',
        {"Version": "2012-10-17"},
        {"Statement": ["text"]},
        {"Statement": [{"Action": "*"}]},
        {"Statement": [{"Effect": "Allow", "Resource": "*"}]},
        {"Statement": [{"Effect": "allow", "Action": "*", "Resource": "*"}]},
        {"Statement": [allow(Action={"a": 1})]},
        {"Statement": [allow(Condition=["a"])]},
        {"Statement": [allow(Condition={"Bool": "true"})]},
    ],
)
def test_what_is_no_policy_is_unknown(document: Any) -> None:
    with pytest.raises(Unknown, match="policy"):
        parse(document)


@pytest.mark.parametrize(
    ("pattern", "action", "expected"),
    [
        ("s3:GetObject", "S3:getobject", True),
        ("s3:Get?bject", "s3:GetObject", True),
        ("s3:*", "s3-outposts:GetObject", False),
        ("s3:Get[O]bject", "s3:GetObject", False),
        ("*", "iam:PassRole", True),
    ],
)
def test_an_action_and_a_pattern(pattern: str, action: str, expected: bool) -> None:
    assert matches(pattern, action) is expected


@pytest.mark.parametrize(
    ("pattern", "other", "expected"),
    [("a/*", "a/b/*", True), ("a/b/*", "a/*", False), ("a?c", "a*c", False), ("A", "a", False)],
)
def test_a_pattern_and_a_pattern(pattern: str, other: str, expected: bool) -> None:
    assert covers(pattern, other) is expected
