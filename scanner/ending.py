"""How a command that scans is ended early: by Ctrl-C or SIGTERM, once for what was seen, twice to leave at once."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from scanner.asking import leave
from scanner.mending import INTERRUPTED

if TYPE_CHECKING:
    from scanner.aws.stop import Stop

SHOW_CURSOR = b"\x1b[?25h"


@contextlib.contextmanager
def signals(stop: Stop) -> Iterator[list[str]]:
    """SIGINT and SIGTERM end the collecting early, with what was seen; a second one ends the program at once.

    Those that were heard, as they come. Python hears them between any two steps of its own, and so also
    while it compares and checks, which it goes on with; a database is whole, or as it was.
    """
    heard: list[str] = []

    def hear(number: int, _: object) -> None:
        if heard:
            leave()
            os.write(2, SHOW_CURSOR if os.isatty(2) else b"")
            os._exit(INTERRUPTED)
        heard.append("Ctrl-C" if number == signal.SIGINT else "SIGTERM")
        os.write(2, b"driftline: stopping; what was seen is kept (once more to leave at once)\n")
        stop("interrupted", f"the scan was ended by {heard[0]}")

    before = {each: signal.signal(each, hear) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield heard
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


@contextlib.contextmanager
def told_early(heard: list[str]) -> Iterator[None]:
    """The end of the program where it was told to stop before any account was read."""
    from scanner.aws.errors import Refused

    try:
        yield
    except Refused as error:
        if not heard:
            raise
        click.echo(f"driftline: {error}; nothing was recorded", err=True)
        sys.exit(INTERRUPTED)
