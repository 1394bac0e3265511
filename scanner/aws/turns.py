"""Much work, begun in turn, so many pieces of it at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any, TypeVar

T = TypeVar("T")


async def in_turn(work: Iterable[Coroutine[Any, Any, T]], at_once: int) -> list[T]:
    """What each piece of work comes to, begun in turn, so many at a time.

    Raises what the first to fail raises; none goes on then, and none is begun.
    """
    found: dict[int, T] = {}
    left = enumerate(work)

    async def go_on() -> None:
        for index, each in left:
            found[index] = await each

    tasks = [asyncio.ensure_future(go_on()) for _ in range(max(at_once, 1))]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    finally:
        await ended(tasks)
    for each in tasks:
        if not each.cancelled():
            each.result()
    return [found[index] for index in sorted(found)]


async def ended(tasks: Iterable[asyncio.Future[Any]]) -> None:
    """Cancels what still runs, and waits until it has let go of all it held."""
    running = [each for each in tasks if not each.done()]
    for each in running:
        each.cancel()
    if running:
        await asyncio.wait(running)
