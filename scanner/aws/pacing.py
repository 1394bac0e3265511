"""When a call may be sent: token buckets at a share of AWS's rates, limits in flight, and when to ask again.

An account's rates are shared with its own controllers, and so only half of each is used unless told
otherwise. A bucket halves when AWS finds a call too many, and recovers by small steps.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Awaitable, Callable
from itertools import count
from time import monotonic
from typing import Any, NamedTuple

import msgspec

from scanner.aws.errors import Refused, Trouble, trouble

IN_FLIGHT, IN_FLIGHT_PER_PLACE = 64, 12
PACE = 0.5
ATTEMPTS = 5
CAPACITY, COST, COST_OF_TIMEOUT = 500.0, 5.0, 10.0
"""A retry budget as AWS's own clients keep one: an answer pays one back."""
LONGEST_WAIT = 20.0  # seconds between two attempts
SLOWEST = 0.5  # calls a second

Item = dict[str, Any]


def attempts() -> int:
    """How often a call is tried, the first time included: AWS_MAX_ATTEMPTS, as for AWS's own tools."""
    said = os.environ.get("AWS_MAX_ATTEMPTS", "")
    if said and not said.isdecimal():
        raise Refused(f"AWS_MAX_ATTEMPTS: {said!r} is no number of attempts")
    return max(int(said or ATTEMPTS), 1)


class Where(NamedTuple):
    """Whose limits a call is under; ``service`` and ``operation`` as boto3 and the API name them."""

    account: str
    region: str
    service: str
    operation: str


class Rate(NamedTuple):
    """A token bucket of AWS's: how many calls at once, and how many a second from then on."""

    burst: float
    per_second: float


UNDOCUMENTED = Rate(100, 100)

RATES = {
    "cloudtrail:LookupEvents": Rate(2, 2),
    "dynamodb:DescribeContinuousBackups": Rate(10, 10),
    "dynamodb:ListTagsOfResource": Rate(10, 10),
    "ec2:*": Rate(100, 20),
    "lambda:*": Rate(15, 15),
    "lambda:GetPolicy": Rate(15, 15),
    "organizations:*": Rate(5, 5),
}
"""What AWS documents, for paged or filtered calls.

https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeContinuousBackups.html
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ListTagsOfResource.html
"""

TOGETHER = frozenset({"lambda", "organizations"})
"""Services whose operations share one bucket, but for those that are named."""


def rate(service: str, operation: str) -> tuple[str, Rate]:
    """The name of the bucket that a call draws from, and its documented rate."""
    name = f"{service}:{operation}"
    if name in RATES:
        return name, RATES[name]
    whole = f"{service}:*"
    return whole if service in TOGETHER else name, RATES.get(whole, UNDOCUMENTED)


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one attempt at a call. ``status`` is HTTP's, None where no answer came; ``seconds`` it took."""

    where: Where
    attempt: int
    seconds: float
    answer: Item | None = None
    error: Exception | None = None


class Bucket:
    """Tokens for one API of one account and region, given out in the order asked."""

    def __init__(self, full: Rate) -> None:
        self.full, self.per_second, self.tokens = full, full.per_second, full.burst
        self.at = self.slowed = monotonic()
        self._turn = asyncio.Lock()

    async def take(self) -> None:
        async with self._turn:
            self._fill()
            while self.tokens < 1:
                await asyncio.sleep((1 - self.tokens) / self.per_second)
                self._fill()
            self.tokens -= 1

    def _fill(self) -> None:
        now = monotonic()
        self.tokens = min(max(self.full.burst, 1.0), self.tokens + (now - self.at) * self.per_second)
        self.at = now

    def throttled(self) -> None:
        """Half as fast, and nothing at once; what was in flight together counts as one refusal."""
        now = monotonic()
        self.tokens = min(self.tokens, 0.0)
        if now - self.slowed >= 1 or self.per_second == self.full.per_second:
            self.per_second, self.slowed = max(self.per_second / 2, min(SLOWEST, self.full.per_second)), now

    def answered(self) -> None:
        self.per_second = min(self.full.per_second, self.per_second + self.full.per_second / 50)


class Budget:
    """What may still be spent on asking again; a storm of errors uses it up, and answers pay it back."""

    def __init__(self) -> None:
        self.left = CAPACITY

    def spend(self, cost: float) -> bool:
        if self.left < cost:
            return False
        self.left -= cost
        return True

    def answered(self) -> None:
        self.left = min(CAPACITY, self.left + 1)


class Pacing:
    """The limits of one process. ``pace`` is the share of each documented rate to use, above 0 and up to 1."""

    def __init__(self, pace: float = PACE) -> None:
        self.pace, self.attempts = pace, attempts()
        self._in_flight = asyncio.Semaphore(IN_FLIGHT)
        self._turnstiles: dict[tuple[str, str, str], asyncio.Semaphore] = {}
        self._budgets: dict[tuple[str, str, str], Budget] = {}
        self._buckets: dict[tuple[str, str, str], Bucket] = {}

    async def ask(
        self, send: Callable[[], Awaitable[Item]], where: Where, tell: Callable[[Sent], None] = lambda sent: None
    ) -> Item:
        """The answer of a call, sent again where AWS or the network was busy. Raises what the last try raised."""
        bucket, budget = self._bucket(where), self._budgets.setdefault(where[:3], Budget())
        for attempt in count(1):
            await bucket.take()
            found = await self._once(send, where, attempt)
            tell(found)
            if found.error is None:
                bucket.answered()
                budget.answered()
                return found.answer or {}
            kind = trouble(found.error)
            if kind is Trouble.THROTTLED:
                bucket.throttled()
            if kind is None or attempt >= self.attempts or not budget.spend(_cost(kind)):
                raise found.error
            await asyncio.sleep(_wait(kind, attempt))
        raise AssertionError("unreachable")

    async def _once(self, send: Callable[[], Awaitable[Item]], where: Where, attempt: int) -> Sent:
        turnstile = self._turnstiles.setdefault(where[:3], asyncio.Semaphore(IN_FLIGHT_PER_PLACE))
        async with turnstile, self._in_flight:
            began = monotonic()
            try:
                answer, error = await send(), None
            except Exception as raised:
                answer, error = None, raised
        return Sent(where=where, attempt=attempt, seconds=monotonic() - began, answer=answer, error=error)

    def _bucket(self, where: Where) -> Bucket:
        name, full = rate(where.service, where.operation)
        key = where.account, where.region, name
        if key not in self._buckets:
            self._buckets[key] = Bucket(Rate(full.burst * self.pace, full.per_second * self.pace))
        return self._buckets[key]


def _cost(kind: Trouble) -> float:
    return COST_OF_TIMEOUT if kind is Trouble.TIMEOUT else COST


def _wait(kind: Trouble, attempt: int) -> float:
    """Full jitter: https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/"""
    first = 1.0 if kind is Trouble.THROTTLED else 0.2
    return random.uniform(0, min(LONGEST_WAIT, first * 2 ** (attempt - 1)))  # noqa: S311  spreads, hides nothing
