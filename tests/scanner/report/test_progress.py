"""How far a scan has come: a live line on a terminal, few plain ones in a log, nothing for who wants none."""

from io import StringIO

import pytest
from rich.console import Console

from scanner.aws.collect import Progress
from scanner.report import progress


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


class Terminal(StringIO):
    def isatty(self):
        return True


def seen(done, **about):
    return Progress(
        **{"visits": 200, "done": done, "accounts": 2, "regions": 4, "resources": 1204, "calls": 310} | about
    )


def test_what_is_told():
    assert progress.told(seen(96)) == "2 accounts, 4 regions · 1,204 resources · 310 calls"
    assert progress.told(seen(1, accounts=1, regions=1, resources=1, calls=1, throttled=3, gaps=1)) == (
        "1 account, 1 region · 1 resource · 1 call · 3 throttled · 1 gap"
    )


@pytest.mark.parametrize(
    ("done", "seconds", "still"),
    [(0, 10.0, None), (19, 10.0, None), (100, 2.9, None), (20, 10.0, 90.0), (100, 60.0, 60.0), (200, 60.0, 0.0)],
)
def test_the_time_left_is_told_once_it_can_be(done, seconds, still):
    assert progress.left(seen(done), seconds) == still


SEEN = "2 accounts, 4 regions · 1,204 resources · 310 calls"


def lines(watched, **about):
    file, clock = StringIO(), Clock()
    with progress.shown(Console(file=file, width=200), clock=clock, **about) as watch:
        for at, collected in watched:
            clock.now = at
            watch(collected)
    return file.getvalue().splitlines()


def test_a_log_hears_of_the_beginning_the_end_and_each_half_minute():
    watched = [
        (0, seen(0)),
        (1, seen(1)),
        (29, seen(50)),
        (31, seen(100)),
        (45, seen(150)),
        (62, seen(160)),
        (63, seen(200)),
    ]
    assert lines(watched, quiet=False) == [
        f"reading AWS: 0 of 200 listings · {SEEN}",
        f"reading AWS: 100 of 200 listings · about 0:31 left · {SEEN}",
        f"reading AWS: 160 of 200 listings · about 0:16 left · {SEEN}",
        f"reading AWS: 200 of 200 listings · {SEEN}",
    ]


def test_who_wants_it_quiet_hears_nothing():
    assert lines([(0, seen(0)), (63, seen(200))], quiet=True) == []


def test_a_terminal_of_eighty_columns_shows_it_and_is_cleared():
    file = Terminal()
    with progress.shown(Console(file=file, width=80, force_terminal=True), quiet=False) as watch:
        for done in range(0, 201, 50):
            watch(seen(done, throttled=2, gaps=1))
    told = file.getvalue()
    assert "reading AWS: 200 of 200 listings" in told
    assert f"{SEEN} · 2 throttled · 1 gap" in told
    assert told.endswith("\x1b[1A\x1b[2K\x1b[1A\x1b[2K")
