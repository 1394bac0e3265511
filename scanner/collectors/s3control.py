"""Amazon S3's settings of a whole account."""

from __future__ import annotations

from collections.abc import AsyncIterator

from botocore.exceptions import ClientError

from scanner.aws.collector import Collector, Scope
from scanner.aws.errors import code
from scanner.aws.place import Item, Place
from scanner.collectors.s3 import SHUT
from state import Resource


async def public_access_block(place: Place) -> AsyncIterator[list[Item]]:
    """The account's one block; an account that never had one shuts nothing."""
    try:
        found = (await place.call("s3control", "get_public_access_block", AccountId=place.account)).get(
            "PublicAccessBlockConfiguration", {}
        )
    except ClientError as error:
        if code(error) != "NoSuchPublicAccessBlockConfiguration":
            raise
        found = {}
    yield [{"AccountId": place.account} | {path: found.get(path, False) for path in SHUT.values()}]


def nothing_shut(block: Resource) -> bool:
    return not any(block.attributes.get(name) for name in SHUT)


ACCOUNT_PUBLIC_ACCESS_BLOCK = Collector(
    type="aws_s3_account_public_access_block",
    service="s3control",
    scope=Scope.GLOBAL,
    fetch=public_access_block,
    permissions=("s3:GetAccountPublicAccessBlock",),
    id="AccountId",
    attributes={"account_id": "AccountId"} | SHUT,
    at_default=nothing_shut,
)

COLLECTORS = [ACCOUNT_PUBLIC_ACCESS_BLOCK]
