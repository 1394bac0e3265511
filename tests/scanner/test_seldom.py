"""What a span without garbage collection leaves: nothing of its own, and Python's settings as they were."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import pytest

from scanner.seldom import seldom_collected


class Cycle:
    def __init__(self) -> None:
        self.itself = self


def garbage() -> weakref.ref[Any]:
    return weakref.ref(Cycle())


def test_garbage_goes_at_the_end() -> None:
    before = gc.get_threshold()
    with seldom_collected():
        left = garbage()
        assert gc.get_threshold() > before and gc.get_freeze_count() > 0
        assert left() is not None
    assert (left(), gc.get_threshold(), gc.get_freeze_count()) == (None, before, 0)


def test_a_span_within_another_leaves_it_to_that() -> None:
    with seldom_collected():
        seldom = gc.get_threshold()
        with seldom_collected():
            left = garbage()
        assert left() is not None
        assert (gc.get_threshold(), gc.get_freeze_count() > 0) == (seldom, True)
    assert left() is None


def test_what_somebody_else_froze_stays_so() -> None:
    before = gc.get_threshold()
    gc.freeze()
    try:
        with seldom_collected():
            assert gc.get_threshold() == before
        assert gc.get_freeze_count() > 0
    finally:
        gc.unfreeze()


def test_what_fails_inside_is_cleaned_up_after_too() -> None:
    before = gc.get_threshold()
    with pytest.raises(ValueError), seldom_collected():
        raise ValueError
    assert (gc.get_threshold(), gc.get_freeze_count()) == (before, 0)


def test_a_program_that_ends_looks_for_no_garbage() -> None:
    before = gc.get_threshold()
    with seldom_collected(for_good=True):
        left = garbage()
    assert left() is not None
    assert (gc.get_threshold(), gc.get_freeze_count()) == (before, 0)
    gc.collect()
    assert left() is None
