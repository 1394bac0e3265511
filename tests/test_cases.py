"""Of many cases in one test, each one that fails is told."""

import pytest

from tests.cases import every


def test_all_are_tried_and_each_that_fails_is_named():
    tried = []

    @every({"one": 1, "two": (2,), "three": 3, "four": 4})
    def it_is_odd(number: int) -> None:
        tried.append(number)
        assert number % 2
        if number == 3:
            pytest.fail("three is too many")

    with pytest.raises(BaseExceptionGroup, match="3 of 4: two, three, four") as told:
        it_is_odd()
    assert tried == [1, 2, 3, 4]
    assert [each.__notes__ for each in told.value.exceptions] == [
        ["The case: two"],
        ["The case: three"],
        ["The case: four"],
    ]


def test_a_test_of_which_every_case_passes_says_nothing():
    @every({"one": 1})
    def it_is_odd(number: int) -> None:
        assert number % 2

    it_is_odd()
    assert it_is_odd.__name__ == "it_is_odd"
