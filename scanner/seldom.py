"""Garbage collection for a process that holds hundreds of thousands of things and few cycles among them."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_begun = False
"""Whether such a span has begun: to ask within it how much is frozen would count all that there is, one by one."""


@contextmanager
def seldom_collected(*, for_good: bool = False) -> Iterator[None]:
    """Python would look for cycles all the time, each time through all that there is.

    What is garbage by the end, the clients above all, goes then, without a look at what was there before; not where
    the process ends with it (``for_good``). Within another such span it is nothing: that one sees to it.
    """
    global _begun
    if _begun or gc.get_freeze_count():
        yield
        return
    before, _begun = gc.get_threshold(), True
    gc.freeze()
    gc.set_threshold(50_000, 10, 5)
    try:
        yield
    finally:
        _begun = False
        gc.set_threshold(*before)
        if not for_good:
            gc.collect()
        gc.unfreeze()
