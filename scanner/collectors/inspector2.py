"""Amazon Inspector: what it scans in the region.

One resource of the provider may switch it on for many accounts; each account tells of its own.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

from scanner.aws.collector import Collector, converted, unordered
from scanner.aws.place import Item, Place
from state import Resource
from state.forms import UNORDERED

KINDS = {
    "codeRepository": "CODE_REPOSITORY",
    "ec2": "EC2",
    "ecr": "ECR",
    "lambda": "LAMBDA",
    "lambdaCode": "LAMBDA_CODE",
}
ON = ("ENABLED", "ENABLING")


async def inspected_accounts(place: Place) -> AsyncIterator[list[Item]]:
    answer = await place.call("inspector2", "batch_get_account_status", accountIds=[place.account])
    yield answer.get("accounts") or []


def scanned(found: Any) -> list[str]:
    """The kinds of things that are scanned."""
    return sorted(KINDS[kind] for kind, each in (found or {}).items() if kind in KINDS and each.get("status") in ON)


def account(said: Mapping[str, Any]) -> str | None:
    return "/".join(sorted(map(str, said.get("account_ids") or ()))) or None


def by_account(enabler: Resource) -> Iterator[Resource]:
    for each in enabler.attributes.get("account_ids") or ():
        said = {"account_ids": [each], "resource_types": enabler.attributes.get("resource_types")}
        yield enabler.replace(account=str(each), attributes=said)


def off(enabler: Resource) -> bool:
    """Nothing is scanned, as in an account that has no Inspector."""
    return not enabler.attributes.get("resource_types")


ENABLER = Collector(
    type="aws_inspector2_enabler",
    service="inspector2",
    fetch=inspected_accounts,
    permissions=("inspector2:BatchGetAccountStatus",),
    id="accountId",
    identity=account,
    homes={"aws_inspector2_enabler": by_account},
    at_default=off,
    attributes={
        "account_ids": unordered("[accountId]"),
        "resource_types": converted("resourceState", scanned, UNORDERED),
    },
    facts={"status": "state.status"},
)

COLLECTORS = [ENABLER]
