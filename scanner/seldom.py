"""Garbage collection for a process that holds hundreds of thousands of things and few cycles among them."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Python would look for cycles all the time, each time through all that there is."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(50_000, 10, 5)
    try:
        yield
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)
