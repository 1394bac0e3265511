"""States and code in files: one file, a folder, or a pattern."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from state.terraform.errors import Forbidden, NotFound, Unreadable
from state.terraform.incoming import PIECE, Room, Rooms
from state.terraform.remote import Blob

STATE = ".tfstate"
NOT_STATES = (".backup", ".tflock", ".lock.info")
NOT_ENTERED = frozenset({".git", ".terraform", ".terragrunt-cache", "node_modules"})


async def read(path: Path, rooms: Rooms = Room) -> Blob:
    """A file's content. Raises NotFound, Forbidden or Unreadable."""
    room, version = rooms(), _version_of()
    with _told(path), await asyncio.to_thread(path.open, "rb") as file:
        is_file = await asyncio.to_thread(path.is_file)
        while piece := await asyncio.to_thread(file.read, PIECE):
            version.update(piece)
            room.add(piece)
    return Blob(room.text(), version.hexdigest() if is_file else "")


def version(path: Path) -> str:
    """The version of a file that need not be held in memory for it."""
    with _told(path), path.open("rb") as file:
        return hashlib.file_digest(file, _version_of).hexdigest()


def _version_of() -> Any:
    return hashlib.blake2b(digest_size=16)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """The file system's words as ours."""
    try:
        yield
    except FileNotFoundError as error:
        raise NotFound(str(path), "there is no such file or folder; check the path given to --from") from error
    except PermissionError as error:
        raise Forbidden(str(path), "may not be read; give the user who runs the scan the right to read it") from error
    except OSError as error:
        raise Unreadable(str(path), f"cannot be read: {error.strerror or error}; check the disk it is on") from error


def is_locked(path: Path) -> bool:
    """Whether Terraform says beside a state that it is at work on it."""
    return path.with_name(f".{path.name}.lock.info").exists()


# --- which files ----------------------------------------------------------------------------------


def is_pattern(text: str) -> bool:
    return "*" in text or "?" in text


def is_chosen(name: str, pattern: str) -> bool:
    """``**`` crosses folders, ``*`` does not; a pattern that ends in ``**`` means the states there."""
    if name.endswith(NOT_STATES) or not _compiled(pattern).fullmatch(name):
        return False
    return name.endswith(STATE) or pattern.rsplit("/", 1)[-1] != "**"


def _compiled(pattern: str) -> re.Pattern[str]:
    signs = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    pieces = re.split(r"(\*\*/|\*\*|\*|\?)", pattern)
    return re.compile("".join(signs.get(each, re.escape(each)) for each in pieces), re.S)


def matches(pattern: str) -> list[Path]:
    """Where a pattern's first sign stands, the folder to look in ends."""
    wanted = str(Path(pattern))
    parts = Path(pattern).parts
    fixed = next(n for n, part in enumerate(parts) if is_pattern(part))
    return sorted(path for path in walk(Path(*parts[:fixed])) if is_chosen(str(path), wanted))


def inside(folder: Path) -> tuple[list[Path], list[Path]]:
    """The states below a folder, and the folders that hold code of their own: the folder itself, those
    with a state beside it, and those with a backend."""
    paths = list(walk(folder))
    states = sorted(path for path in paths if path.name.endswith(STATE))
    code = {path.parent for path in paths if is_code(path)}
    roots = {each for each in code if each == folder or any(state.parent == each for state in states)}
    roots |= {path.parent for path in paths if is_code(path) and _names_backend(path)}
    return states, sorted(roots)


def is_code(path: Path) -> bool:
    return path.name.endswith((".tf", ".tofu", ".tf.json", ".tofu.json"))


def walk(folder: Path) -> Iterator[Path]:
    """Every file below a folder, links to folders not followed."""
    for here, folders, files in os.walk(folder, onerror=_raise):
        folders[:] = sorted(each for each in folders if each not in NOT_ENTERED)
        yield from (Path(here) / each for each in sorted(files))


def _raise(error: OSError) -> None:
    if isinstance(error, FileNotFoundError):
        raise NotFound(str(error.filename), "there is no such folder; check the path given to --from") from error
    raise Forbidden(
        str(error.filename), "may not be read; give the user who runs the scan the right to read it"
    ) from error


_BACKEND = re.compile(rb'(?:^|\{)\s*(?:backend\s+"[a-z0-9]+"|cloud)\s*\{|"(?:backend|cloud)"\s*:\s*[\[{]', re.M)


def _names_backend(path: Path) -> bool:
    try:
        return path.is_file() and _BACKEND.search(path.read_bytes()) is not None
    except OSError:
        return False
