"""An event loop whose time passes only when nothing is left to do, and then at once."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any


class Timeless(asyncio.SelectorEventLoop):
    """Raises RuntimeError where a real loop would wait for ever: a wake-up was lost."""

    def __init__(self) -> None:
        super().__init__(Ahead(self))
        self.passed = 0.0

    def time(self) -> float:
        return self.passed


class Ahead(selectors.DefaultSelector):  # type: ignore[misc,valid-type]
    def __init__(self, loop: Timeless) -> None:
        super().__init__()
        self.loop = loop

    def select(self, timeout: float | None = None) -> Any:
        if ready := super().select(0):
            return ready
        if timeout is None:
            raise RuntimeError("nothing will ever happen again")
        self.loop.passed += max(timeout, 0)
        return []


def timeless(work: Coroutine[Any, Any, Any]) -> Any:
    """What the work comes to; whatever it left running is a defect."""

    async def alone() -> Any:
        try:
            return await work
        finally:
            assert asyncio.all_tasks() == {asyncio.current_task()}

    with asyncio.Runner(loop_factory=Timeless) as runner:
        return runner.run(alone())
