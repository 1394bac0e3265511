"""Which accounts a resource's policy lets in by name, worked out by hand."""

from typing import Any

import pytest

from checks.policy import accounts_let_in, parse
from tests.checks.test_policy_public import GET, OURS, ROOT, THEIRS, grant, refuse, when

NAMED: list[tuple[str, Any, set[str]]] = [
    ("a root", grant(GET, Principal={"AWS": ROOT}), {THEIRS}),
    ("a number", grant(GET, Principal={"AWS": THEIRS}), {THEIRS}),
    (
        "a role, and a session of one",
        grant(GET, Principal={"AWS": [f"arn:aws:iam::{OURS}:role/a", f"arn:aws:sts::{THEIRS}:assumed-role/a/b"]}),
        {OURS, THEIRS},
    ),
    ("another partition's", grant(GET, Principal={"AWS": f"arn:aws-cn:iam::{THEIRS}:root"}), {THEIRS}),
    ("a service", grant(GET, Principal={"Service": "s3.amazonaws.com"}), set()),
    (
        "an origin access identity",
        grant(GET, Principal={"AWS": "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"}),
        set(),
    ),
    (
        "an identity provider of the own account",
        grant("sts:AssumeRoleWithSAML", Principal={"Federated": f"arn:aws:iam::{THEIRS}:saml-provider/a"}),
        set(),
    ),
    ("denied", refuse(GET, Principal={"AWS": ROOT}), set()),
    ("everyone, of one account", when(GET, "StringEquals", "aws:PrincipalAccount", THEIRS), {THEIRS}),
    ("everyone, one role", when(GET, "ArnLike", "aws:PrincipalArn", f"arn:aws:iam::{THEIRS}:role/*"), {THEIRS}),
    ("everyone, but not of one account", when(GET, "StringNotEquals", "aws:PrincipalAccount", THEIRS), set()),
    ("everyone", grant(GET), set()),
]


@pytest.mark.parametrize(("statement", "accounts"), [row[1:] for row in NAMED], ids=[row[0] for row in NAMED])
def test_which_accounts_are_named(statement: Any, accounts: set[str]) -> None:
    assert {name for name, _ in accounts_let_in(parse({"Statement": statement}))} == accounts
