"""Texts of hundreds of megabytes, in pages that are given back to the system as the text is gone through.

A file is not mapped: Terraform writes a local state over the old one, and what is mapped and gone ends the process.
"""

from __future__ import annotations

import mmap

LARGE = 8 << 20
"""From here on pages are worth their while."""

Text = bytes | mmap.mmap | memoryview


class Room:
    """Where bytes are put as they come. ``size`` is how many there will be, where that is known."""

    def __init__(self, size: int | None = None) -> None:
        paged = size is not None and size >= LARGE and hasattr(mmap, "MADV_DONTNEED")
        self._pages = mmap.mmap(-1, size or 0, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) if paged else None
        self._pieces: list[bytes] = []
        self.length = 0

    def add(self, piece: bytes) -> None:
        end = self.length + len(piece)
        if self._pages is not None and end > len(self._pages):
            self._pieces, self._pages = [self._pages[: self.length]], None
        if self._pages is not None:
            self._pages[self.length : end] = piece
        else:
            self._pieces.append(piece)
        self.length = end

    def text(self) -> bytes | mmap.mmap:
        if self._pages is None:
            return b"".join(self._pieces)
        return self._pages if self.length == len(self._pages) else self._pages[: self.length]


class Passing:
    """Gives back the pages of a text up to where it was read. What stands there must not be looked at again."""

    STEP = 4 << 20

    def __init__(self, text: Text) -> None:
        within = text.obj if isinstance(text, memoryview) else text
        self._pages = within if isinstance(within, mmap.mmap) else None
        self._passed = self._given = 0

    def pass_by(self, size: int) -> None:
        """So many more bytes were read, of which some may stand further on: never more than that is given back."""
        self._passed += size
        if self._pages is not None and self._passed - self._given >= self.STEP:
            end = self._passed - self._passed % mmap.PAGESIZE
            self._pages.madvise(mmap.MADV_DONTNEED, self._given, end - self._given)
            self._given = end
