"""When a call may be sent: token buckets at a share of AWS's rates, limits in flight, and when to ask again.

An account's rates are shared with its own controllers, and so only half of each is used unless told
otherwise. A bucket halves when AWS finds a call too many, and recovers by small steps: where AWS's own
rate lies below what we think, fewer than one call in a hundred finds that out.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from functools import partial
from itertools import count
from typing import Any, NamedTuple

import msgspec

from scanner.aws.errors import Refused, Trouble, trouble
from scanner.aws.rates import Rate, rate

IN_FLIGHT, IN_FLIGHT_PER_API = 64, 32
"""Of one API no more than that wait for an answer: were AWS silent, they and a full bucket would be sent in a second,
which at half its rate EC2's own bucket still holds. And no API keeps all others out."""
PACE = 0.5
ATTEMPTS = 5
READ_TIMEOUT = 20  # seconds without a byte
READS = 3
"""How many read time-outs a call may take in all, however its answer drips."""
CAPACITY, COST, COST_OF_TIMEOUT = 500.0, 5.0, 10.0
"""A retry budget as AWS's own clients keep one: an answer pays one back."""
LONGEST_WAIT = 20.0  # seconds between two attempts
SHORTEST = 0.001  # seconds; less would not always bring a clock forward
SLOWEST = 0.5  # calls a second
STEP, STEPS = 0.02, 200
"""By how many calls a second an answer makes a slowed bucket faster, or by which share of its rate, if that is more."""

RENEWING = "sts"

Item = dict[str, Any]


def attempts() -> int:
    """How often a call is tried, the first time included: AWS_MAX_ATTEMPTS, as for AWS's own tools."""
    said = os.environ.get("AWS_MAX_ATTEMPTS", "")
    if said and not said.isdecimal():
        raise Refused(f"AWS_MAX_ATTEMPTS: {said!r} is no number of attempts")
    return max(int(said or ATTEMPTS), 1)


def read_timeout() -> float:
    """Seconds to wait for an answer: DRIFTLINE_READ_TIMEOUT, for networks slower than most."""
    said = os.environ.get("DRIFTLINE_READ_TIMEOUT", "")
    try:
        found = float(said or READ_TIMEOUT)
    except ValueError as error:
        raise Refused(f"DRIFTLINE_READ_TIMEOUT: {said!r} is no number of seconds") from error
    if not 0 < found < float("inf"):
        raise Refused(f"DRIFTLINE_READ_TIMEOUT: {said!r} is no number of seconds to wait")
    return found


class Where(NamedTuple):
    """Whose limits a call is under; ``service`` and ``operation`` as boto3 and the API name them."""

    account: str
    region: str
    service: str
    operation: str


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one attempt at a call, and the ``seconds`` it took; CancelledError where it was not waited for."""

    where: Where
    attempt: int
    seconds: float
    answer: Item | None = None
    error: BaseException | None = None


class Bucket:
    """Tokens for one API of one account and region, given out in the order asked, and how many are used at once."""

    def __init__(self, full: Rate) -> None:
        self.full, self.per_second = full, full.per_second
        self.tokens = self.most = max(full.burst, 1.0)
        self.in_flight = asyncio.Semaphore(max(1, min(IN_FLIGHT_PER_API, int(full.burst))))
        self.at = self.slowed = _now()
        self._turn = asyncio.Lock()

    async def take(self) -> None:
        async with self._turn:
            self._fill()
            while self.tokens < 1:
                await asyncio.sleep(max((1 - self.tokens) / self.per_second, SHORTEST))
                self._fill()
            self.tokens -= 1

    def _fill(self) -> None:
        now = _now()
        self.tokens = min(self.most, self.tokens + (now - self.at) * self.per_second)
        self.at = now

    def throttled(self) -> None:
        """Half as fast, and nothing at once; what was in flight together counts as one refusal."""
        self._fill()
        self.tokens = min(self.tokens, 0.0)
        if self.at - self.slowed >= 1 or self.per_second == self.full.per_second:
            self.per_second = max(self.per_second / 2, min(SLOWEST, self.full.per_second))
            self.slowed = self.at

    def answered(self) -> None:
        self._fill()
        self.per_second = min(self.full.per_second, self.per_second + max(STEP, self.per_second / STEPS))


def _now() -> float:
    return asyncio.get_running_loop().time()


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
        self.pace, self.attempts, self.longest = pace, attempts(), READS * read_timeout()
        self._in_flight = asyncio.Semaphore(IN_FLIGHT)
        self._budgets: dict[tuple[str, str, str], Budget] = {}
        self._buckets: dict[tuple[str, str, str], Bucket] = {}

    async def ask(
        self, send: Callable[[], Awaitable[Item]], where: Where, tell: Callable[[Sent], None] = lambda sent: None
    ) -> Item:
        """The answer of a call, sent again where AWS or the network was busy. Raises what the last try raised."""
        bucket, budget = self._bucket(where), self._budgets.setdefault(where[:3], Budget())
        for attempt in count(1):
            found = await self._once(send, where, attempt, bucket, tell)
            if found.error is None:
                bucket.answered()
                budget.answered()
                return found.answer or {}
            kind = trouble(found.error)
            if kind is Trouble.THROTTLED:
                bucket.throttled()
            if kind is None or attempt >= self.attempts or not budget.spend(_cost(kind)):
                try:
                    raise found.error
                finally:
                    del found  # an error and a frame that hold each other stay until the next search for garbage
            await asyncio.sleep(_wait(kind, attempt))
        raise AssertionError("unreachable")

    async def _once(
        self,
        send: Callable[[], Awaitable[Item]],
        where: Where,
        attempt: int,
        bucket: Bucket,
        tell: Callable[[Sent], None],
    ) -> Sent:
        """One attempt, in its turn. Few wait with a token in hand: sent all at once, those would be too many."""
        async with bucket.in_flight:
            await bucket.take()
            async with self._free(where.service):
                sent = partial(Sent, where=where, attempt=attempt)
                began = _now()
                try:
                    answer, error = await _tried(send, self.longest)
                    found = sent(answer=answer, error=error, seconds=_now() - began)
                except asyncio.CancelledError as error:
                    tell(sent(error=error, seconds=_now() - began))
                    raise
        tell(found)
        return found

    def _free(self, service: str) -> AbstractAsyncContextManager[Any]:
        """A place among the calls in flight. A call whose credentials are renewed has one, and renews them by another.

        Were they to wait for each other, nothing would go on.
        """
        return nullcontext() if service == RENEWING else self._in_flight

    def _bucket(self, where: Where) -> Bucket:
        name, full = rate(where.service, where.operation)
        key = where.account, where.region, name
        if key not in self._buckets:
            self._buckets[key] = Bucket(Rate(full.burst * self.pace, full.per_second * self.pace))
        return self._buckets[key]


async def _tried(send: Callable[[], Awaitable[Item]], longest: float) -> tuple[Item | None, Exception | None]:
    try:
        async with asyncio.timeout(longest):
            return await send(), None
    except Exception as error:
        return None, error


def _cost(kind: Trouble) -> float:
    return COST_OF_TIMEOUT if kind is Trouble.TIMEOUT else COST


def _wait(kind: Trouble, attempt: int) -> float:
    """Full jitter: https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/"""
    first = 1.0 if kind is Trouble.THROTTLED else 0.2
    return random.uniform(0, min(LONGEST_WAIT, first * 2 ** (attempt - 1)))  # noqa: S311  spreads, hides nothing
