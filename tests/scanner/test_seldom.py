"""What a span without garbage collection leaves: nothing of its own, and Python's settings as they were."""

from __future__ import annotations

import gc
import subprocess
import sys
import weakref
from typing import Any

import pytest

from scanner.seldom import seldom_collected


class Cycle:
    def __init__(self) -> None:
        self.itself = self


def garbage() -> weakref.ref[Any]:
    return weakref.ref(Cycle())


@pytest.mark.parametrize(("for_good", "is_gone"), [(False, True), (True, False)])
def test_garbage_goes_at_the_end_unless_the_process_does(for_good: bool, is_gone: bool) -> None:
    before = gc.get_threshold()
    with seldom_collected(for_good=for_good):
        left = garbage()
        assert gc.get_threshold() > before and gc.get_freeze_count() > 0
    assert (left() is None, gc.get_threshold(), gc.get_freeze_count()) == (is_gone, before, 0)


ENDING = """
from scanner.seldom import seldom_collected

class Cycle:
    def __init__(self):
        self.itself = self
    def __del__(self):
        print("looked at")

with seldom_collected(for_good={for_good}):
    Cycle()
print("ending")
"""


@pytest.mark.parametrize(("for_good", "said"), [(False, ["looked at", "ending"]), (True, ["ending"])])
def test_a_process_that_ends_looks_for_no_garbage(for_good: bool, said: list[str]) -> None:
    command = [sys.executable, "-c", ENDING.format(for_good=for_good)]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines() == said


def test_a_span_within_another_leaves_it_to_that() -> None:
    with seldom_collected():
        seldom = gc.get_threshold()
        with seldom_collected():
            left = garbage()
        assert left() is not None
        assert (gc.get_threshold(), gc.get_freeze_count() > 0) == (seldom, True)
    assert left() is None


def test_what_fails_inside_is_cleaned_up_after_too() -> None:
    before = gc.get_threshold()
    with pytest.raises(ValueError), seldom_collected():
        raise ValueError
    assert (gc.get_threshold(), gc.get_freeze_count()) == (before, 0)
