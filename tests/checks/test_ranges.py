"""How much of the internet ranges of addresses are, and what of numbers is left."""

import pytest

from checks.ranges import is_world, within, without
from state import Unknown


@pytest.mark.parametrize(
    ("ranges", "world"),
    [
        (["0.0.0.0/0"], True),
        (["0.0.0.0/1", "128.0.0.0/1"], True),
        (["0.0.0.0/2", "64.0.0.0/2"], True),
        (["0.0.0.0/2", "0.0.0.0/2", "10.0.0.0/8"], False),
        ([f"{first}.0.0.0/8" for first in range(1, 224) if first not in (10, 127)], True),
        (["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"], False),
        (["::/0"], True),
        (["2000::/3"], True),
        (["2000::/4"], True),
        (["2000::/5"], False),
        (["8000::/1"], False),
        (["0.0.0.0/2", "2000::/5"], False),
        ([None, ""], False),
    ],
)
def test_ranges_that_are_the_internet(ranges: list[str | None], world: bool) -> None:
    assert is_world(ranges) is world


def test_what_is_no_range_is_unknown() -> None:
    with pytest.raises(Unknown, match="the address range everywhere is none"):
        is_world(["everywhere"])


def test_numbers_in_a_span_and_beside_it() -> None:
    assert within([(0, 9), (20, 29)], (5, 24)) == [(5, 9), (20, 24)]
    assert without([(0, 9), (20, 29)], (5, 24)) == [(0, 4), (25, 29)]
    assert without([(0, 9)], (20, 29)) == [(0, 9)]
