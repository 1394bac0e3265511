"""HCL text as what it is made of: blocks, attributes and expressions, each with its line.

python-hcl2's own dictionaries make ``ami`` and ``"ami"`` look alike and lose the lines, so its
parse tree is read instead. The parser builds a cache of its grammar the first time it runs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec

MOST_CHARACTERS = 4_000_000
DEEPEST = 30


class Malformed(ValueError):
    """A text that is no HCL; says the line and nothing of what stands there."""


class Expression(msgspec.Struct, frozen=True):
    """What stands right of an equals sign: a parse tree, and the text it was made of."""

    tree: Any
    text: str
    line: int

    @property
    def words(self) -> str:
        """The expression as it is written, on one line, and not too long to be shown."""
        written = self._written(self.tree)
        return written if len(written) <= 120 else f"{written[:117]}…"

    def members(self) -> list[str]:
        """Each member of a list as it is written; the whole of anything else."""
        tree = self.tree
        while tree.data == "expr_term" and len(tree.children) == 1:
            tree = tree.children[0]
        parts = [
            each for each in tree.children if getattr(each, "data", "new_line_or_comment") != "new_line_or_comment"
        ]
        return [self._written(each) for each in parts] if tree.data == "tuple" else [self._written(tree)]

    def entries(self) -> dict[str, Expression]:
        """The values of an object by their names as they are written; none of anything else."""
        tree = self.tree
        while tree.data == "expr_term" and len(tree.children) == 1:
            tree = tree.children[0]
        parts = [each.children for each in tree.children if getattr(each, "data", "") == "object_elem"]
        named = [[each for each in part if getattr(each, "data", "") != "new_line_or_comment"] for part in parts]
        return {
            self._written(key).strip('"'): Expression(value, self.text, value.meta.line) for key, *_, value in named
        }

    def _written(self, tree: Any) -> str:
        return " ".join(self.text[tree.meta.start_pos : tree.meta.end_pos].split())


class Body(msgspec.Struct):
    """What stands between two braces, or in a file."""

    attributes: dict[str, Expression] = {}
    blocks: list[Block] = []

    def of(self, type: str) -> Iterator[Block]:
        return (each for each in self.blocks if each.type == type)


class Block(msgspec.Struct, frozen=True):
    """``type "label" "label" { … }``, up to the line ``end``; ``file`` is set by whoever read it from one."""

    type: str
    labels: tuple[str, ...]
    body: Body
    line: int
    file: str = ""
    end: int = 0

    @property
    def sets(self) -> str:
        """What it sets in the block that it stands in: a ``dynamic`` one, the blocks that it makes."""
        return self.labels[0] if self.type == "dynamic" and self.labels else self.type


def parse(text: str, file: str = "") -> Body:
    """The blocks and attributes of a text; raises Malformed."""
    if len(text) > MOST_CHARACTERS:
        raise Malformed("is too large to be read as HCL")
    return _body(_tree(text).children[0], text, file, 0)


def parse_expression(text: str) -> Expression:
    """One expression by itself, as it may stand inside a heredoc."""
    return parse(f"it = {text}").attributes["it"]


def is_expression(text: str) -> bool:
    """Whether a text can stand right of an equals sign."""
    try:
        parse(f"it = {text}\n")
    except Malformed:
        return False
    return True


def _tree(text: str) -> Any:
    import hcl2
    from lark.exceptions import LarkError

    try:
        return hcl2.parses_to_tree(text)
    except LarkError as error:
        line = getattr(error, "line", None)
        raise Malformed(f"line {line} is not HCL" if isinstance(line, int) and line > 0 else "is not HCL") from None
    except RecursionError:
        raise Malformed("is nested too deeply to be read") from None


def _body(tree: Any, text: str, file: str, depth: int) -> Body:
    if depth > DEEPEST:
        raise Malformed("is nested too deeply to be read")
    body = Body()
    for node in tree.children:
        if node.data == "attribute":
            name, expression = _word(node.children[0]), node.children[-1]
            body.attributes[name] = Expression(expression, text, node.meta.line)
        elif node.data == "block":
            body.blocks.append(_block(node, text, file, depth))
    return body


def _block(node: Any, text: str, file: str, depth: int) -> Block:
    heads = [each for each in node.children if getattr(each, "data", "") in ("identifier", "string", "keyword")]
    inner = next(each for each in node.children if getattr(each, "data", "") == "body")
    type, *labels = map(_word, heads)
    return Block(type, tuple(labels), _body(inner, text, file, depth + 1), node.meta.line, file, node.meta.end_line)


def _word(node: Any) -> str:
    """An identifier, or the label that a string without anything to work out is."""
    if node.data != "string":
        return str(node.children[0])
    return "".join(literal(part.children[0]) for part in node.children[1:-1])


_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


def literal(token: Any) -> str:
    """The text that a piece of a quoted string stands for."""
    text = str(token)
    if getattr(token, "type", "") in ("ESCAPED_INTERPOLATION", "ESCAPED_DIRECTIVE"):
        text = text[1:]
    return re.sub(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", _unescaped, text, flags=re.S)


def _unescaped(match: re.Match[str]) -> str:
    code = match[1] or match[2]
    if code is None:
        return _ESCAPES.get(match[3], match[3])
    number = int(code, 16)
    return chr(number) if number <= 0x10FFFF and not 0xD800 <= number <= 0xDFFF else "\ufffd"
