"""The scanner as the bench uses it: the one module to change where the scanner's own interface does."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from scanner.aws.pacing import Pacing
from scanner.aws.session import Access, Aws
from scanner.aws.wire import Wire
from scanner.demo.company import READ
from scanner.journey import scan
from scanner.outcome import Scan
from scanner.settings import FASTEST, Settings

__all__ = ["FASTEST", "answers", "clients", "collected", "pace", "place"]

FREE = 10_000.0
"""A pace that holds nothing back."""


def pace() -> float:
    """The share of AWS's rates that a scan takes by default."""
    return Settings().pace


async def collected(regions: Sequence[str], **settings: Any) -> Scan:
    """Everything in these regions, checked; a scan without checks leaves out what only they read."""
    return await scan(Settings(**{"regions": tuple(regions), "types": READ} | settings))


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
