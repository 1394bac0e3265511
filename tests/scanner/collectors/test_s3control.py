from __future__ import annotations

from typing import Any

import pytest

from scanner.collectors.s3control import ACCOUNT_PUBLIC_ACCESS_BLOCK
from state import GLOBAL, Inventory, Resource
from state.drift import drift
from state.resource import Declaration
from state.terraform.settle import settle
from tests.conftest import ACCOUNT, read
from tests.scanner.provider import assert_value_types

SHUT = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
SCHEMAS = {ACCOUNT_PUBLIC_ACCESS_BLOCK.type: ACCOUNT_PUBLIC_ACCESS_BLOCK.schema}


@pytest.fixture
def control(aws: Any) -> Any:
    return aws("s3control")


def shut(control: Any, **parts: bool) -> None:
    control.put_public_access_block(AccountId=ACCOUNT, PublicAccessBlockConfiguration=parts)


def block(**attributes: Any) -> Resource:
    return Resource(
        type=ACCOUNT_PUBLIC_ACCESS_BLOCK.type,
        id=ACCOUNT,
        attributes={"account_id": ACCOUNT, **attributes},
        declared=Declaration(address="aws_s3_account_public_access_block.this", source="test"),
    )


def compare(*declared: Resource) -> list[Any]:
    result = drift(read(ACCOUNT_PUBLIC_ACCESS_BLOCK), Inventory(settle(declared, SCHEMAS)), SCHEMAS)
    return [(each.kind, [(c.path, c.declared, c.live) for c in each.changes]) for each in result.drift]


def test_an_account_that_never_had_a_block_has_one_that_shuts_nothing(control):
    found = read(ACCOUNT_PUBLIC_ACCESS_BLOCK)
    assert found.gaps == []
    assert list(found.of("aws_s3_account_public_access_block")) == [
        Resource(
            type="aws_s3_account_public_access_block",
            id=ACCOUNT,
            account=ACCOUNT,
            region=GLOBAL,
            identity=ACCOUNT,
            attributes={"account_id": ACCOUNT} | dict.fromkeys(SHUT, False),
        )
    ]
    assert compare() == []
    assert compare(block(**dict.fromkeys(SHUT, False))) == []


def test_the_accounts_block(control):
    shut(control, BlockPublicAcls=True, BlockPublicPolicy=True)
    [found] = read(ACCOUNT_PUBLIC_ACCESS_BLOCK).of("aws_s3_account_public_access_block")
    assert_value_types(found)
    half = {"block_public_acls": True, "block_public_policy": True}
    assert found.attributes == {"account_id": ACCOUNT} | dict.fromkeys(SHUT, False) | half
    assert compare(block(**half)) == []
    assert compare(block(**dict.fromkeys(SHUT, True))) == [
        ("changed", [("ignore_public_acls", True, False), ("restrict_public_buckets", True, False)])
    ]
    assert compare() == [("unmanaged", [])]
