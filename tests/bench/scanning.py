"""The scanner as the bench uses it: the one module to change where the scanner's own interface does."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, NamedTuple

from scanner.aws.collect import collect
from scanner.aws.pacing import Pacing
from scanner.aws.session import Access, Aws
from scanner.aws.wire import Wire
from scanner.collectors import collectors
from scanner.demo.company import READ
from scanner.journey import scan
from scanner.outcome import Scan
from scanner.settings import FASTEST, Settings

__all__ = ["FASTEST", "Called", "answers", "called", "clients", "collected", "pace", "place"]

FREE = 10_000.0
"""A pace that holds nothing back."""


def pace() -> float:
    """The share of AWS's rates that a scan takes by default."""
    return Settings().pace


async def collected(regions: Sequence[str], **settings: Any) -> Scan:
    """Everything in these regions, checked; a scan without checks leaves out what only they read."""
    return await scan(Settings(**{"regions": tuple(regions), "types": READ} | settings))


class Called(NamedTuple):
    """A call, as boto3 names it."""

    region: str
    service: str
    operation: str
    arguments: dict[str, Any]


class _Remembering(Wire):
    """A wire that keeps what it was asked."""

    def __init__(self) -> None:
        super().__init__(pacing=Pacing(FREE))
        self.asked: list[Called] = []

    async def ask(self, place: Any, service: str, operation: str, arguments: Any) -> Any:
        self.asked.append(Called(place.region, service, operation, dict(arguments)))
        return await super().ask(place, service, operation, arguments)


async def called(regions: Sequence[str]) -> list[Called]:
    """All that reading these regions asks, as fast as it can be."""
    async with _Remembering() as wire, Aws(Access(), wire=wire) as aws:
        wire.asked.clear()
        await collect({aws: regions}, [each for each in collectors() if each.type in READ])
        return wire.asked


@asynccontextmanager
async def place(region: str) -> AsyncIterator[Any]:
    """A handle with ``call(service, operation, **arguments)``, as fast as it can be."""
    async with Wire(pacing=Pacing(FREE)) as wire, Aws(Access(), wire=wire) as aws:
        yield aws.at(region)


async def clients(services: Iterable[str], regions: Sequence[str], accounts: Sequence[str]) -> AsyncIterator[None]:
    """Everything that calls need but the calls, for each service in each region of each account; one step each."""
    async with Wire() as wire, AsyncExitStack() as stack:
        for account in accounts:
            access = Access(role_arn=f"arn:aws:iam::{account}:role/driftline")
            aws = await stack.enter_async_context(Aws(access, wire=wire))
            for service in services:
                for region in regions:
                    await wire.client(aws.session, service, region)
                    yield


async def answers(
    asked: Iterable[tuple[str, str]], regions: Sequence[str], accounts: Sequence[str]
) -> AsyncIterator[Any]:
    """What each (service, operation) answers in each region of each account, all clients kept open."""
    async with Wire() as wire, AsyncExitStack() as stack:
        for account in accounts:
            access = Access(role_arn=f"arn:aws:iam::{account}:role/driftline")
            aws = await stack.enter_async_context(Aws(access, wire=wire))
            for region in regions:
                for service, operation in asked:
                    yield await aws.at(region).call(service, operation)
