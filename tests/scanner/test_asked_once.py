"""No call is made twice in one scan, whichever types begin with the same answer."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from typing import Any

import pytest

from scanner.aws.collect import collect
from scanner.aws.operations import LISTED, action
from scanner.aws.pacing import Pacing
from scanner.aws.session import Access, Aws
from scanner.aws.wire import Wire
from scanner.collectors import collectors
from tests.scanner.enforcing import REGION, Enforcing, Sent
from tests.scanner.test_iam_denied import ALWAYS, DECLARED

OF_OWN_BUCKET = "cloudfront:ListDistributions DistributionList.Items.Origins.Items.DomainName"
SAID: dict[str, Any] = {
    OF_OWN_BUCKET: "Name.s3.amazonaws.com",
    "organizations:ListAccountsForParent Accounts.Id": lambda asked: f"account of {asked['ParentId']}",
    "organizations:ListPolicies Policies.Id": lambda asked: asked["Filter"],
    "organizations:ListRoots Roots.Id": "Id",
}

OF_MANY = re.compile("thing(:|%3A)one", re.IGNORECASE)
"""All things have this ARN here, so that what is asked of one seems to be asked of another."""

WHERE_DECLARED = "asked for with whom snapshots are shared only where that is declared; "
TWICE = {
    "ec2:DescribeSnapshotAttribute": WHERE_DECLARED + "the few that are public are asked about before",
    "ec2:DescribeSnapshots": WHERE_DECLARED + "a hundred thousand are read page by page, and kept by nobody",
}
"""What goes out more than once, and why it must."""


async def sent(monkeypatch: pytest.MonkeyPatch) -> list[Sent]:
    """All that is asked of an account that has one thing of each kind."""
    aws = Enforcing(LISTED)
    aws.words, aws.may = ALWAYS | SAID, {action(each) for each in LISTED}
    async with aws.listening() as url, Wire(pacing=Pacing(1000), known=LISTED) as wire:
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
        async with Aws(Access(), wire=wire, allowed=LISTED) as account:
            await collect({account: [REGION, "eu-west-1"]}, collectors(), declared=DECLARED, paid=True)
    return aws.sent


def test_no_call_is_made_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    times = Counter(asyncio.run(sent(monkeypatch)))
    assert len(times) > 1000
    again = {each for each, count in times.items() if count > 1 and not OF_MANY.search(f"{each.path} {each.body!r}")}
    assert {each.operation for each in again} == TWICE.keys(), again
