"""What ends a scan before its end, and what of it may be ended."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from scanner.aws.errors import Stopped

T = TypeVar("T")


class Stop:
    """Ends a collection before its end, for Ctrl-C and the time limit: what was seen is kept, the rest is gaps.

    May be called from a signal handler and from any thread. ``until`` is when time is up, by the loop's clock, once
    it runs.
    """

    def __init__(self) -> None:
        self.kind = self.reason = ""
        self.until = 0.0
        self._running: set[asyncio.Future[Any]] = set()

    def __call__(self, kind: str, reason: str) -> None:
        """Cancels what is going on, and what would begin. Only the first call does: the rest is coming to its end."""
        if self.reason:
            return
        self.kind, self.reason = kind, reason
        for each in list(self._running):
            each.get_loop().call_soon_threadsafe(each.cancel)

    async def may_end(self, work: Coroutine[Any, Any, T]) -> T:
        """What the work comes to. Raises Stopped where it was ended first."""
        task = asyncio.ensure_future(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        if self.reason:
            task.cancel()
        try:
            return await task
        except asyncio.CancelledError:
            if self.reason and task.cancelled() and not _cancelled():
                raise Stopped(self.kind, self.reason) from None
            task.cancel()
            raise


def _cancelled() -> bool:
    """Whether the running task itself is to end, and not only what it waits for."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
