"""The terminal while somebody is asked something on it: nothing draws there, and it is left as it was found."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from typing import Any

try:
    import termios
except ImportError:  # Windows, where getpass changes no settings
    termios = None  # type: ignore[assignment]

_drawing: list[Callable[[], AbstractContextManager[None]]] = []
_found: list[tuple[int, list[Any]]] = []


@contextmanager
def drawing(pause: Callable[[], AbstractContextManager[None]]) -> Iterator[None]:
    """Whatever draws for as long as the block lasts; within ``pause`` it does not."""
    _drawing.append(pause)
    try:
        yield
    finally:
        _drawing.remove(pause)


@contextmanager
def asking() -> Iterator[None]:
    """While somebody is asked, and types unseen."""
    with ExitStack() as stack:
        for each in _drawing:
            stack.enter_context(each())
        stack.enter_context(_kept())
        yield


@contextmanager
def _kept() -> Iterator[None]:
    """The terminal's settings are remembered, where there is a terminal."""
    if termios is None:
        yield
        return
    with ExitStack() as stack:
        with suppress(OSError, termios.error):
            terminal = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
            stack.callback(os.close, terminal)
            _found.append((terminal, termios.tcgetattr(terminal)))
            stack.callback(_found.pop)
        yield


def leave() -> None:
    """The terminal as it was found, for whoever ends the program in the middle of a question."""
    for terminal, settings in _found:
        with suppress(OSError, termios.error):
            termios.tcsetattr(terminal, termios.TCSANOW, settings)
