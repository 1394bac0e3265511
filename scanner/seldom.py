"""Garbage collection for a process that holds hundreds of thousands of things and few cycles among them."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def seldom_collected(begun: int = 50_000) -> Iterator[None]:
    """Python would look for cycles all the time, each time through all that there is; here, where so much is ``begun``.

    What is garbage by the end, the clients above all, goes then, without a look at what was there before; not within
    another such span, which sees to it.
    """
    before, outermost = gc.get_threshold(), gc.get_freeze_count() == 0
    gc.freeze()
    gc.set_threshold(begun, 10, 5)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        if outermost:
            gc.collect()
            gc.unfreeze()
