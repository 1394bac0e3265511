"""A command in a terminal: as wide as it is, or over lines that a shell joins again when they are pasted."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from scanner.report._values import inert

JOINED = " \\"
TOO_WIDE = "(its command is too wide for these columns: --output json tells it)"


class Command:
    """Never folded as prose is: a shell would run the first line of it as if that were all."""

    def __init__(self, words: str) -> None:
        self._words = inert(words)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        lines = list(_lines(self._words, options.max_width))
        if any(cell_len(each) > options.max_width for each in lines):
            yield Text(TOO_WIDE, "dim")
            return
        for each in lines:
            yield Text(each, "bold", no_wrap=True)


def _lines(words: str, width: int) -> Iterator[str]:
    if cell_len(words) <= width:
        yield words
        return
    said: Sequence[str] = [shlex.quote(each) for each in shlex.split(words)]
    now = said[0]
    for each in said[1:]:
        if cell_len(f"{now} {each}{JOINED}") > width:
            yield now + JOINED
            now = each
        else:
            now = f"{now} {each}"
    yield now
