"""Texts as they come, of which the resources of a large state are given on before the rest has come."""

from __future__ import annotations

from collections.abc import Callable

PIECE = 1 << 18
"""Of a state as Terraform writes one no more is held at once than a few times this many bytes."""

START, BEGIN, CLOSE = b'{\n  "version": 4,', b'\n  "resources": [\n', b"\n    }"
BETWEEN, END = CLOSE + b",\n", CLOSE + b"\n  ]"
"""What stands around the resources: no text in JSON holds the end of a line."""

Text = bytes | bytearray | memoryview
Take = Callable[[bytes], None]


class Room:
    """Where a text is put as it comes.

    ``take`` is given the resources of a large state, many at a time, a comma between two; what is left is the state
    without them. Of one of less than ``at_once`` bytes, or one that is laid out otherwise, all is left.
    """

    def __init__(self, take: Take | None = None, at_once: int = PIECE) -> None:
        self._take, self._text = take, bytearray()
        self._begin, self._at_once, self._enough = 0, at_once, max(at_once, len(START))
        self.length = 0

    def add(self, piece: bytes) -> None:
        self.length += len(piece)
        self._text += piece
        if self._take and len(self._text) > self._enough:
            self._give(self._take)
            self._enough = len(self._text) + self._at_once

    def _give(self, take: Take) -> None:
        text = self._text
        if not text.startswith(START):
            self._take = None
            return
        if not self._begin and (at := text.find(BEGIN)) > 0:
            self._begin = at + len(BEGIN)
        if self._begin and (end := text.find(END, self._begin)) > 0:
            self._cut(take, end, len(CLOSE))
            self._take = None
        elif self._begin and (last := text.rfind(BETWEEN, self._begin)) > 0:
            self._cut(take, last, len(BETWEEN))

    def _cut(self, take: Take, at: int, size: int) -> None:
        take(bytes(self._text[self._begin : at + len(CLOSE)]))
        del self._text[self._begin : at + size]

    def text(self) -> bytes | bytearray:
        return self._text if len(self._text) > PIECE else bytes(self._text)


Rooms = Callable[[], Room]
"""Makes room for a text: for each attempt to fetch it anew."""
