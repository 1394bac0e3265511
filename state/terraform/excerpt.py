"""The lines of code that declare a resource, as they stand in their file, without the secrets in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from state.resource import Declaration
from state.secret import looks, names
from state.terraform import provider
from state.terraform.provider import Attribute
from state.terraform.syntax import Block, Body, Expression, parse

HIDDEN = "(sensitive)"


class NoExcerpt(ValueError):
    """The lines cannot be shown; says why."""


def excerpt(declared: Declaration) -> list[str]:
    """The lines of the block. Raises NoExcerpt where there is no file, or it changed since it was read."""
    if declared.file is None or declared.line is None:
        raise NoExcerpt("the code was not read")
    if declared.file.endswith(".json"):
        raise NoExcerpt("JSON is not shown: where the secrets in it stand is not known")
    text, body = _read(declared.file)
    type = "removed" if declared.removed else "resource"
    block = next((each for each in body.blocks if each.line == declared.line and each.type == type), None)
    if block is None:
        raise NoExcerpt(f"{declared.file} changed since it was read")
    return _lines(text, block)


@lru_cache(maxsize=64)
def _read(file: str) -> tuple[str, Body]:
    try:
        text = Path(file).read_text("utf-8-sig")
        return text, parse(text, file)
    except (OSError, ValueError) as error:  # no HCL, no UTF-8, or no name of a file
        raise NoExcerpt(f"{file} could not be read") from error


def _lines(text: str, block: Block) -> list[str]:
    starts = [*_starts(text), len(text)]
    begin, end = starts[block.line - 1], starts[block.end]
    type = block.labels[0] if block.labels else ""
    named = (*block.body.attributes, *(each.type for each in block.body.blocks))
    hidden = _hidden(block.body, provider.sensitive(type, dict.fromkeys(named, "")), provider.attributes(type))
    shown = text[begin:end]
    for first, last in sorted(hidden, reverse=True):
        shown = f"{shown[: first - begin]}{HIDDEN}{shown[last - begin :]}"
    return [HIDDEN if looks(each) else each for each in shown.rstrip().splitlines()]


def _starts(text: str) -> list[int]:
    """Where each line begins."""
    return [0, *(place + 1 for place, each in enumerate(text) if each == "\n")]


def _hidden(body: Body, marked: frozenset[str], known: Mapping[str, Attribute]) -> Iterator[tuple[int, int]]:
    """Where values stand that are secrets, or may hold one: those that only refer to something do not.

    What the provider knows, and does not mark, is no secret for its name: ``http_tokens`` is ``required`` or not.
    """
    for name, expression in body.attributes.items():
        if _says(expression) and (name in marked or (name not in known and names(name)) or _holds(expression)):
            yield expression.tree.meta.start_pos, expression.tree.meta.start_pos + len(_written(expression))
    for block in body.blocks:
        inside = provider.sensitive("", dict.fromkeys(block.body.attributes, ""))
        all_of_it = frozenset(block.body.attributes) if block.type in marked else inside
        about = known.get(block.type)
        yield from _hidden(block.body, inside | all_of_it, about.inner or {} if about else {})


def _says(expression: Expression) -> bool:
    """Whether a text stands in it."""
    written = _written(expression)
    return '"' in written or "<<" in written


def _holds(expression: Expression) -> bool:
    return looks(_written(expression)) or any(names(key) for key in expression.entries())


def _written(expression: Expression) -> str:
    """As it stands there; a heredoc has the end of its last line too."""
    return expression.text[expression.tree.meta.start_pos : expression.tree.meta.end_pos].rstrip()
