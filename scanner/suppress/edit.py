"""Changes to a suppress file, which is people's own text: an entry is appended, one that is over is cut out.

All else stays as it is, to the byte: nothing is written that does not read back as exactly what was meant.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from scanner.settings import SettingsError
from scanner.suppress import text_of
from scanner.suppress.entries import (
    Accepted,
    AcceptedDrift,
    AcceptedFinding,
    AcceptedGap,
    Entry,
    Rule,
    parse,
    quoted,
    rules,
)

TABLES: Mapping[str, type[Entry]] = {"findings": AcceptedFinding, "drift": AcceptedDrift, "gaps": AcceptedGap}

_HEADER = re.compile(r"\s*\[\[\s*(\w+)\s*\]\]\s*(#.*)?")
_ANY_HEADER = re.compile(r"\s*\[")
_SAYS = re.compile(r"\s*[^\s#]")


def entry(table: str, values: Mapping[str, Any]) -> str:
    """An entry as text, of the values that say something: first what it is about, then what every entry says."""
    common = Accepted.__struct_fields__
    own = [name for name in TABLES[table].__struct_fields__ if name not in common]
    said = {name: values.get(name) for name in (*own, *common)}
    rows = (f"{name} = {quoted(value)}\n" for name, value in said.items() if value not in (None, "", "*"))
    return f"[[{table}]]\n{''.join(rows)}"


def appended(path: Path, text: str, today: date) -> Rule:
    """Append an entry to a file, made where there is none; the rule it has become. Raises SettingsError."""
    before = text_of(path) if path.exists() else ""
    between = "" if not before else "\n" if before.endswith("\n") else "\n\n"
    was = {each.name for each in rules(parse(before, str(path), today), str(path))}
    found = list(rules(parse(before + between + text, str(path), today), str(path)))
    [new] = [each for each in found if each.name not in was]
    if new.entry.expires < today:
        raise SettingsError(f"{path}: the entry would have expired on {new.entry.expires}; give a later --expires")
    try:
        with path.open("ab") as file:
            file.write((between + text).encode())
    except OSError as error:
        raise SettingsError(f"{path}: {(error.strerror or str(error)).lower()}") from error
    return new


def rules_of(path: Path, today: date) -> list[Rule]:
    """The entries of a file, in force or not. Raises SettingsError."""
    return list(rules(parse(text_of(path), str(path), today), str(path)))


def without(text: str, over: Sequence[Rule], file: str) -> str:
    """The text without some of its entries. Raises SettingsError where they cannot be told from the rest."""
    doomed = {(each.table, each.number - 1) for each in over}
    lines = re.findall(r"[^\n]*\n|[^\n]+", text)
    cut = {
        at for table, number, first, last in _blocks(lines) if (table, number) in doomed for at in range(first, last)
    }
    left = "".join(line for at, line in enumerate(lines) if at not in cut)
    if _said(left) != _less(_said(text), doomed):
        raise SettingsError(f"{file}: what has expired cannot be cut out without the rest; take it out by hand")
    return left


def pruned(path: Path, over: Sequence[Rule]) -> None:
    """Cut entries out of a file. Raises SettingsError."""
    left = without(text_of(path), over, str(path))
    try:
        path.write_bytes(left.encode())
    except OSError as error:
        raise SettingsError(f"{path}: {(error.strerror or str(error)).lower()}") from error


def _said(text: str) -> dict[str, Any] | None:
    try:
        return {name: value for name, value in tomllib.loads(text.removeprefix("\ufeff")).items() if value != []}
    except tomllib.TOMLDecodeError:
        return None


def _less(said: dict[str, Any] | None, doomed: set[tuple[str, int]]) -> dict[str, Any]:
    left = {
        name: [each for n, each in enumerate(value) if (name, n) not in doomed] if name in TABLES else value
        for name, value in (said or {}).items()
    }
    return {name: value for name, value in left.items() if value != []}


def _blocks(lines: Sequence[str]) -> Iterator[tuple[str, int, int, int]]:
    """Each entry's table, number, first line and the line after its last, the blank lines that follow it included.

    Comments under an entry's last value stay: they are of what follows.
    """
    counts: dict[str, int] = {}
    heads = list(_heads(lines))
    for (at, header), (following, _) in zip(heads, [*heads[1:], (len(lines), "")]):
        if not (found := _HEADER.fullmatch(header.strip("\r\n"))):
            continue
        end = max(n for n in range(at, following) if _SAYS.match(lines[n])) + 1
        while end < following and not lines[end].strip():
            end += 1
        number = counts.get(found[1], 0)
        counts[found[1]] = number + 1
        yield found[1], number, at, end


def _heads(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """The lines that begin a table; one within a text of several lines does not."""
    within = ""
    for at, line in enumerate(lines):
        if not within and _ANY_HEADER.match(line):
            yield at, line
        for quotes in re.findall(r'"""|\'\'\'', line):
            within = "" if within == quotes else within or quotes
