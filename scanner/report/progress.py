"""How far a scan has come, on standard error: a live line on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import Progress, ProgressColumn, SpinnerColumn, Task
from rich.text import Text

from scanner.asking import drawing

if TYPE_CHECKING:
    from scanner.aws.collect import Progress as Collected

Watch = Callable[["Collected"], None]

A_SECOND = 4
"""How often the live line is drawn anew; what happens between two of them costs nothing."""
SECONDS = 30.0
"""How long a log hears nothing."""


@contextmanager
def shown(console: Console, *, quiet: bool, clock: Callable[[], float] = monotonic) -> Iterator[Watch]:
    """A watcher for the collection, and its display for as long as the block lasts."""
    if quiet:
        yield lambda collected: None
    elif console.is_terminal and console.file.isatty():  # --color always makes a log no terminal
        with _live(console) as watch:
            yield watch
    else:
        yield _Lines(console, clock)


def listings(collected: Collected) -> str:
    """``96 of 184 listings``"""
    return f"{collected.done:,} of {_many(collected.visits, 'listing')}"


def told(collected: Collected) -> str:
    """``2 accounts, 4 regions · 1,204 resources · 310 calls``, and what went wrong."""
    parts = [
        f"{_many(collected.accounts, 'account')}, {_many(collected.regions, 'region')}",
        _many(collected.resources, "resource"),
        _many(collected.calls, "call"),
        f"{collected.throttled:,} throttled" if collected.throttled else "",
        _many(collected.gaps, "gap") if collected.gaps else "",
    ]
    return " · ".join(filter(None, parts))


def _many(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def left(collected: Collected, seconds: float) -> float | None:
    """The seconds still to come, if the rest goes as what is done went; None before that can be told."""
    if seconds < 3 or collected.done * 10 < collected.visits:
        return None
    return seconds * (collected.visits - collected.done) / collected.done


class _Lines:
    """A line when it begins, one every half a minute, and one when all is read: for a log."""

    def __init__(self, console: Console, clock: Callable[[], float]) -> None:
        self.console, self.clock = console, clock
        self.began = self.last = clock()
        self.silent = True

    def __call__(self, collected: Collected) -> None:
        now, over = self.clock(), collected.done == collected.visits
        if not (self.silent or over or now - self.last >= SECONDS):
            return
        self.silent, self.last = False, now
        begun = f"reading AWS: {listings(collected)}{_still(collected, now - self.began)} · {told(collected)}"
        self.console.print(begun, markup=False, highlight=False, soft_wrap=True)


@contextmanager
def _live(console: Console) -> Iterator[Watch]:
    columns = (SpinnerColumn(), _Told())
    with Progress(*columns, console=console, transient=True, refresh_per_second=A_SECOND) as bar:
        task = bar.add_task("", total=None)

        @contextmanager
        def paused() -> Iterator[None]:
            bar.stop()
            try:
                yield
            finally:
                bar.start()

        def watch(collected: Collected) -> None:
            bar.update(task, total=collected.visits, completed=collected.done, seen=collected)

        with drawing(paused):
            yield watch


class _Told(ProgressColumn):
    """What was seen, and how long it still takes, in two lines; worked out when it is drawn."""

    def render(self, task: Task) -> Text:
        collected: Any = task.fields.get("seen")
        if collected is None:
            return Text("finding out who is asking")
        begun = f"reading AWS: {listings(collected)}{_still(collected, task.elapsed or 0.0)}"
        return Text(f"{begun}\n{told(collected)}", overflow="ellipsis", no_wrap=True)


def _still(collected: Collected, seconds: float) -> str:
    rest = left(collected, seconds)
    return f" · about {_clock(rest)} left" if rest else ""


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"
