"""How far a scan has come, on standard error: a live line on a terminal, nothing elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

if TYPE_CHECKING:
    from scanner.aws.collect import Progress as Collected


@contextmanager
def shown(console: Console, *, quiet: bool) -> Iterator[Callable[[Collected], None]]:
    """A watcher for the collection, and its display for as long as the block lasts."""
    if quiet or not (console.is_terminal and console.file.isatty()):  # --color always makes a log no terminal
        yield lambda collected: None
        return
    columns = (
        SpinnerColumn(),
        TextColumn("reading AWS"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TextColumn("{task.description}", markup=False),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=None)

        def watch(collected: Collected) -> None:
            told = f"{collected.resources:,} resources  {collected.calls:,} calls  {collected.gaps:,} gaps"
            bar.update(task, total=collected.visits, completed=collected.done, description=f"{told}  {collected.last}")

        yield watch
