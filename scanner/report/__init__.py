"""What a scan is told in: each module of this folder with a ``render(scan)`` is a format by its own name.

ReportError
  UnknownFormat      an output in a format that no module renders
  NotWritten         the file of an output could not be written
"""

from __future__ import annotations

import os
import pkgutil
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from types import ModuleType

import msgspec

from scanner.outcome import Scan


class ReportError(Exception):
    """A scan could not be told as asked."""


class UnknownFormat(ReportError):
    """An output was asked for in a format that no module of this folder renders."""


class NotWritten(ReportError):
    """A report could not be written to its file."""


def formats() -> Mapping[str, ModuleType]:
    """Each format's module by its name; imports them all."""
    found = ((name, import_module(f"{__name__}.{name}")) for name in _names())
    return {name: module for name, module in found if hasattr(module, "render")}


def render(format: str, scan: Scan) -> Iterator[str]:
    """The scan in a format, as pieces of text. Raises UnknownFormat, which names those there are."""
    pieces: Iterator[str] = _module(format).render(scan)
    return pieces


class Target(msgspec.Struct, frozen=True):
    """A format and the file it goes to; standard output where there is no path."""

    format: str
    path: Path | None = None

    def write(self, scan: Scan) -> None:
        """Write the report. Raises NotWritten."""
        self.put(render(self.format, scan))

    def put(self, text: Iterable[str]) -> None:
        """Write a text; a file is there whole or not at all. Raises NotWritten."""
        pieces = (each.encode(errors="backslashreplace") for each in text)
        if self.path is None:
            sys.stdout.flush()
            sys.stdout.buffer.writelines(pieces)
            sys.stdout.buffer.flush()
            return
        try:
            _replace(self.path, pieces)
        except OSError as error:
            raise NotWritten(f"{self.path}: the report could not be written: {error.strerror or error}") from error


def target(asked: str, known: Collection[str] = ()) -> Target:
    """``json`` or ``json://path/to/report.json``. Raises UnknownFormat or NotWritten before anything is scanned.

    A command whose answer is no scan has formats of its own: those ``known``.
    """
    format, _, path = asked.partition("://")
    if known and format not in known:
        raise UnknownFormat(f"there is no output {format!r} of this; there are: {', '.join(known)}")
    if not known:
        _module(format)
    if path and not (Path(path).parent.is_dir() and os.access(Path(path).parent, os.W_OK)):
        raise NotWritten(f"{path}: the report cannot be written: {Path(path).parent} is no folder to write in")
    return Target(format, Path(path) if path else None)


def _names() -> Iterator[str]:
    return (each.name for each in pkgutil.iter_modules(__path__) if not each.name.startswith("_"))


def _module(format: str) -> ModuleType:
    """The one module asked for, so that no other format's libraries are imported."""
    module = import_module(f"{__name__}.{format}") if format in _names() else None
    if module is None or not hasattr(module, "render"):
        raise UnknownFormat(f"there is no output {format!r}; there are: {', '.join(sorted(formats()))}")
    return module


def _replace(path: Path, pieces: Iterator[bytes]) -> None:
    if path.exists() and not path.is_file():  # /dev/stdout, a pipe: nothing to replace
        path.write_bytes(b"".join(pieces))
        return
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with partial.open("xb") as file:
            file.writelines(pieces)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
