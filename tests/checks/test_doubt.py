"""Yes, no and unseen taken together: in whichever order they are asked for, and with nothing left behind."""

from __future__ import annotations

import gc
from collections.abc import Callable
from itertools import product

import pytest

from checks.doubt import any_of, unless, where
from state import Unknown


def told(answer: object) -> object:
    if isinstance(answer, Unknown):
        raise Unknown(*answer.args)
    return answer


def come_to(ask: Callable[[], object]) -> object:
    try:
        return ask()
    except Unknown as reason:
        return str(reason)


@pytest.mark.parametrize(
    ("shut", "found"), list(product((True, False, Unknown("the way")), ("a door", None, Unknown("the door"))))
)
def test_it_comes_to_the_same_whether_the_way_is_asked_for_first_or_last(shut: object, found: object) -> None:
    last = come_to(lambda: unless(lambda: told(shut), lambda: told(found)))
    first = come_to(lambda: where(lambda: not told(shut), lambda: told(found)))
    assert first == last


@pytest.mark.parametrize(("answers", "answer"), [((Unknown("one"), "yes"), "yes"), ((Unknown("one"), None), "one")])
def test_a_doubt_is_no_garbage_that_has_to_be_searched_for(answers: tuple[object, ...], answer: object) -> None:
    gc.collect()
    assert come_to(lambda: any_of(told, answers)) == answer
    assert gc.collect() == 0
