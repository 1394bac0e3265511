""".driftignore, as driftctl reads it: what of the drift nobody wants to hear of, a line each.

A line is ``type.id`` or ``type.id.path.to.attribute``; ``*`` is any text, a backslash takes the next character
(a dot within an id) as it is, ``!`` in front takes back what earlier lines ignored, ``#`` in front is a comment.
A type alone is all of it. The last line that fits decides. driftctl asks for no reason and knows no end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from scanner.outcome import Suppression
from scanner.settings import SettingsError
from scanner.suppress.globs import is_anything
from state.drift import Drift

NAME = ".driftignore"

_PIECE = re.compile(r"\\(.)|(\*+)|(\.)|([^\\*.]+)|(\\)$")


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line: expressions that a type, an id and a path of an attribute have to fit whole."""

    number: int
    text: str
    ignores: bool
    type: re.Pattern[str]
    id: re.Pattern[str]
    path: re.Pattern[str] | None

    def covers(self, drift: Drift, path: str | None) -> bool:
        it = drift.resource
        if not (self.type.fullmatch(it.type) and any(self.id.fullmatch(each) for each in (it.id, it.name))):
            return False
        return self.path is None or (path is not None and self.path.fullmatch(path) is not None)


class Ignored(msgspec.Struct, frozen=True, kw_only=True):
    """The lines of one file."""

    file: str
    lines: tuple[Line, ...]

    def line(self, drift: Drift, path: str | None) -> Line | None:
        """The line by which a drift, or one of its changes, is ignored."""
        last = next((each for each in reversed(self.lines) if each.covers(drift, path)), None)
        return last if last and last.ignores else None

    def suppression(self, line: Line) -> Suppression:
        return Suppression(reason=f"ignored by {line.text}", entry=f"{self.file} line {line.number}")


def parse(text: str, file: str) -> Ignored:
    """The lines of a file. Raises SettingsError for one that would silence everything."""
    written = ((n, each.rstrip()) for n, each in enumerate(text.removeprefix("\ufeff").splitlines(), 1))
    lines = tuple(_line(n, each) for n, each in written if each and not each.startswith("#"))
    for at, each in enumerate(lines):
        everything = each.ignores and is_anything(each.text.replace(".", ""))
        if everything and all(later.ignores for later in lines[at:]):
            raise SettingsError(f"{file} line {each.number} would silence everything; narrow it, or take back with !")
    return Ignored(file=file, lines=lines)


def _line(number: int, text: str) -> Line:
    said = text.removeprefix("!")
    type, id, *path = [*_segments(said), ".*"][: max(2, len(_segments(said)))]
    under = r"\.".join(path) + r"(?:[.\[].*)?" if path else None
    return Line(
        number=number,
        text=text,
        ignores=not text.startswith("!"),
        type=re.compile(type, re.DOTALL),
        id=re.compile(id, re.DOTALL),
        path=re.compile(under, re.DOTALL) if under else None,
    )


def _segments(text: str) -> list[str]:
    """What stands between the dots that are not escaped, each as a regular expression."""
    found = [""]
    for escaped, stars, dot, plain, slash in _pieces(text):
        if dot:
            found.append("")
        else:
            found[-1] += ".*" if stars else re.escape(escaped or plain or slash)
    return found


def _pieces(text: str) -> Iterator[tuple[str, ...]]:
    return (tuple(each or "" for each in match.groups()) for match in _PIECE.finditer(text))
