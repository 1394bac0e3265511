"""HCL as text, laid out as `terraform fmt` leaves it: nothing that a value holds is ever evaluated.

In a quoted text ``${`` and ``%{`` begin a template; doubling the first character says that they do not. After
another ``$`` that doubling would be read the other way round, so that there the character stands as its number.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

LONGEST = 100
"""Characters of a list that stands on one line."""


class Expression(msgspec.Struct, frozen=True):
    """Words of Terraform's language, as they are to stand there: ``var.password``."""

    text: str


class Document(msgspec.Struct, frozen=True):
    """A value that Terraform is to write as JSON."""

    value: Any


class Argument(msgspec.Struct, frozen=True):
    name: str
    value: Any


class Comment(msgspec.Struct, frozen=True):
    text: str


class Block(msgspec.Struct, frozen=True):
    """``type "label" { … }``; its arguments and comments come before its blocks."""

    type: str
    labels: tuple[str, ...] = ()
    items: tuple[Item, ...] = ()


Item = Argument | Comment | Block


def text(items: Iterable[Item]) -> str:
    """The items as HCL, blocks apart from what is before them; ends with a line break where there is any."""
    return "".join(f"{line}\n" for line in _lines(items, ""))


def _lines(items: Iterable[Item], indent: str) -> Iterator[str]:
    said = list(items)
    flat = [each for each in said if not isinstance(each, Block)]
    lines = list(_flat(flat, indent))
    yield from lines
    for number, block in enumerate(each for each in said if isinstance(each, Block)):
        if lines or number:
            yield ""
        head = " ".join([block.type, *map(quoted, block.labels)])
        inner = list(_lines(block.items, f"{indent}  "))
        yield from [f"{indent}{head} {{", *inner, f"{indent}}}"] if inner else [f"{indent}{head} {{}}"]


def _flat(items: Sequence[Argument | Comment], indent: str) -> Iterator[str]:
    rows = (
        each if isinstance(each, Comment) else (each.name, written(each.value, indent, len(each.name) + 3))
        for each in items
    )
    for row in _aligned(rows):
        yield f"{indent}{row}" if isinstance(row, str) else f"{indent}# {_one_line(row.text)}"


def _aligned(rows: Iterable[tuple[str, str] | Comment]) -> Iterator[str | Comment]:
    """``name = value``, the signs of neighbouring lines under one another, as far as their values are on one line."""
    run: list[tuple[str, str]] = []
    for row in rows:
        if isinstance(row, tuple) and "\n" not in row[1]:
            run.append(row)
            continue
        yield from _run(run)
        run = []
        yield row if isinstance(row, Comment) else f"{row[0]} = {row[1]}"
    yield from _run(run)


def _run(rows: Sequence[tuple[str, str]]) -> Iterator[str]:
    width = max((len(name) for name, _ in rows), default=0)
    return (f"{name:<{width}} = {value}" for name, value in rows)


def _one_line(text: str) -> str:
    return "".join(each if each.isprintable() else " " for each in text)


# --- values ---------------------------------------------------------------------------------------


def written(value: Any, indent: str = "", column: int = 0) -> str:
    """A value as an expression; what follows its first line is indented from ``indent`` on."""
    if isinstance(value, Expression):
        return value.text
    if isinstance(value, Document):
        return f"jsonencode({written(value.value, indent, column + 12)})"
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, Mapping):
        return _object(value, indent)
    if isinstance(value, list | tuple | set | frozenset):
        return _list(list(value), indent, column)
    return json.dumps(value)


def _list(values: Sequence[Any], indent: str, column: int) -> str:
    if not values:
        return "[]"
    inner = [written(each, f"{indent}  ") for each in values]
    line = f"[{', '.join(inner)}]"
    if not any("\n" in each for each in inner) and len(indent) + column + len(line) <= LONGEST:
        return line
    if len(inner) == 1 and inner[0].startswith("{"):
        return f"[{written(values[0], indent)}]"
    return "\n".join(["[", *(f"{indent}  {each}," for each in inner), f"{indent}]"])


def _object(values: Mapping[str, Any], indent: str) -> str:
    if not values:
        return "{}"
    inner = f"{indent}  "
    rows = ((key(name), written(each, inner, len(name) + 3)) for name, each in values.items())
    return "\n".join(["{", *(f"{inner}{row}" for row in _aligned(rows)), f"{indent}}}"])


_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_WORDS = frozenset({"null", "true", "false", "for", "if", "in", "else", "endif", "endfor"})


def key(name: Any) -> str:
    """The key of a map: as it is where it reads as a name, else quoted."""
    return str(name) if _NAME.fullmatch(str(name)) and name not in _WORDS else quoted(str(name))


_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_TEMPLATE = re.compile(r"([$%])(\1*)\{")


def quoted(text: str) -> str:
    """A text in quotes, whatever it holds; half a surrogate pair, which HCL cannot say, as the mark for that."""
    escaped = "".join(_ESCAPES.get(each) or (each if each.isprintable() else _code(each)) for each in text)
    return f'"{_TEMPLATE.sub(_no_template, escaped)}"'


def _code(character: str) -> str:
    number = ord(character)
    if 0xD800 <= number <= 0xDFFF:
        return "\\ufffd"
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"


def _no_template(found: re.Match[str]) -> str:
    """The signs that begin a template, spelled: doubled, as HCL has it too, not every reader takes them in a key."""
    return f"\\u{ord(found[1]):04x}" * (1 + len(found[2])) + "{"
