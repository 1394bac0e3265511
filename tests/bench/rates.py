"""How fast AWS lets itself be asked: a token bucket for each (account, region, API).

EC2: https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
Lambda: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
DynamoDB: the reference of DescribeContinuousBackups and of ListTagsOfResource
"""

from __future__ import annotations

from typing import NamedTuple


class Rate(NamedTuple):
    """So many calls at once, then so many a second."""

    burst: float
    per_second: float


DESCRIBE = Rate(100, 20)
UNQUALIFIED = Rate(50, 10)
"""Of a Describe of EC2's that names neither a page size nor a filter."""
LAMBDA = Rate(15, 15)
STATED = {
    "cloudtrail:LookupEvents": Rate(2, 2),
    "dynamodb:DescribeContinuousBackups": Rate(10, 10),
    "dynamodb:ListTagsOfResource": Rate(10, 10),
}
UNDOCUMENTED = Rate(1000, 500)
"""Of the APIs that AWS states no rate of: much, but not without end."""


def rated(api: str, unqualified: bool = False) -> tuple[str, Rate]:
    """The name of an API's bucket, and its rate. Lambda's control plane is one bucket, but for GetPolicy."""
    of, _, operation = api.partition(":")
    if of == "ec2" and operation.startswith("Describe"):
        return (f"{api} unqualified", UNQUALIFIED) if unqualified else (api, DESCRIBE)
    if of == "lambda":
        return ("lambda:GetPolicy" if operation == "GetPolicy" else "lambda:*"), LAMBDA
    return api, STATED.get(api, UNDOCUMENTED)


class Bucket:
    """Tokens that come back with time; ``now`` is in seconds."""

    def __init__(self, rate: Rate, now: float) -> None:
        self.rate, self.tokens, self.at = rate, rate.burst, now

    def take(self, now: float) -> bool:
        """Whether there was a token."""
        self.tokens = min(self.rate.burst, self.tokens + (now - self.at) * self.rate.per_second)
        self.at = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True
