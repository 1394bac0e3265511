"""`.tf.json` as the blocks and expressions that it stands for, each with the line of its name.

https://developer.hashicorp.com/terraform/language/syntax/json. Whether an object is a block or a value only the
schema of its type says. A text is a template, as between quotes in HCL; where names stand in HCL it is those names.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import msgspec

from state.resource import Unknown
from state.terraform.expressions import pieces
from state.terraform.provider import Attributes, attributes
from state.terraform.syntax import DEEPEST, MOST_CHARACTERS, Block, Body, Malformed, is_expression, parse
from state.terraform.writing import key, quoted

LABELS = {"resource": 2, "data": 2, "live": 2, "variable": 1, "output": 1, "module": 1, "provider": 1, "check": 1}
LABELS |= dict.fromkeys(("locals", "terraform", "moved", "removed", "import", "account", "region"), 0)
"""The blocks of a file, and how many names each has."""

DOCUMENT = dict.fromkeys(("statement", "principals", "not_principals", "condition"), 0)
OF_RESOURCE = {"lifecycle": 0, "dynamic": 1, "connection": 0, "provisioner": 1, "timeouts": 0}
OF_PROVIDER = dict.fromkeys(("assume_role", "default_tags", "endpoints", "ignore_tags"), 0)


class Inside(msgspec.Struct, frozen=True):
    """What is known of a block: the blocks in it, with how many labels; what holds names, and what no template."""

    blocks: Mapping[str, int] = {}
    names: frozenset[str] = frozenset()
    literal: str = ""
    about: Attributes = {}

    def of(self, name: str) -> Inside:
        """The same of a block in it."""
        if name == "lifecycle":
            return Inside(names=frozenset({"ignore_changes", "replace_triggered_by"}))
        inner = self.about[name].inner if name in self.about else None
        return Inside(blocks=DOCUMENT) if self.blocks is DOCUMENT else Inside(about=inner or {})

    def holds(self, member: Member) -> bool:
        """Whether a member of it is blocks. A text in their place may be a reference to all there are."""
        known = member.name in self.blocks or (member.name in self.about and self.about[member.name].inner is not None)
        found = member.value if type(member.value) is list else [member.value]
        return known and bool(found) and all(isinstance(each, Members) for each in found)


META = frozenset({"depends_on", "provider", "providers"})
PLACES = frozenset({"to", "from"})
INSIDE = {
    "terraform": Inside(blocks={"backend": 1, "cloud": 0, "required_providers": 0}),
    "provider": Inside(OF_PROVIDER),
    "removed": Inside({"lifecycle": 0}, PLACES),
    "moved": Inside(names=PLACES),
    "import": Inside(names=PLACES | META),
    "module": Inside(names=META),
    "output": Inside(names=META),
    "variable": Inside(literal="default"),
}


def _inside(type: str, labels: tuple[str, ...]) -> Inside:
    if type == "resource":
        return Inside(OF_RESOURCE, META, about=attributes(labels[0]))
    if type == "data":
        return Inside(DOCUMENT if labels[0] == "aws_iam_policy_document" else OF_RESOURCE, META)
    return INSIDE.get(type, Inside())


class Members(list["Member"]):
    """An object: one name may stand in it more than once."""


class Member(NamedTuple):
    name: str
    value: Any
    line: int
    end: int


def parse_json(text: str, file: str = "") -> Body:
    """The blocks of a `.tf.json` file; raises Malformed."""
    return _Reading(file).whole(text, _file)


def parse_values(text: str, file: str = "") -> Body:
    """The values of a `.tfvars.json` file, which are what they are; raises Malformed."""
    return _Reading(file).whole(text, _values)


class _Reading:
    """The expressions of a file are read at once: HCL's reader is slow to begin."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.found: list[tuple[Body, str, str, int]] = []

    def whole(self, text: str, read: Callable[[_Reading, Members], Body]) -> Body:
        try:
            body = read(self, _members(text))
            self._fill()
        except RecursionError:
            raise Malformed("is nested too deeply to be read") from None
        return body

    def expression(self, body: Body, member: Member, written: str) -> None:
        self.found.append((body, member.name, written, member.line))

    def _fill(self) -> None:
        said = "".join(f"e{number} = {written}\n" for number, (_, _, written, _) in enumerate(self.found))
        try:
            read = parse(said).attributes if said else {}
        except Malformed:
            raise Malformed(self._fault()) from None
        for number, (body, name, _, line) in enumerate(self.found):
            body.attributes[name] = msgspec.structs.replace(read[f"e{number}"], line=line)

    def _fault(self) -> str:
        for _, _, written, line in self.found:
            if not is_expression(written):
                return f"line {line} holds an expression that is not HCL"
        return "is not HCL"

    def block(self, type: str, labels: tuple[str, ...], body: Body, member: Member) -> Block:
        return Block(type, labels, body, member.line, self.file, member.end)


# --- blocks ---------------------------------------------------------------------------------------


def _file(reading: _Reading, members: Members) -> Body:
    body = Body()
    for each in _named(members):
        if each.name in LABELS:
            body.blocks += _labelled(reading, each.name, LABELS[each.name], each, ())
    return body


def _named(members: Members) -> Iterator[Member]:
    return (each for each in members if each.name != "//")


def _labelled(reading: _Reading, type: str, left: int, member: Member, labels: tuple[str, ...]) -> Iterator[Block]:
    """The blocks of a type: at each name there may be an object, or several of them in a list."""
    for each in _objects(member):
        if left == 0:
            yield reading.block(type, labels, _body(reading, each, _inside(type, labels)), member)
            continue
        for named in _named(each):
            yield from _labelled(reading, type, left - 1, named, (*labels, named.name))


def _objects(member: Member) -> list[Members]:
    found = [each for each in (member.value if type(member.value) is list else [member.value]) if each is not None]
    if not all(isinstance(each, Members) for each in found):
        raise Malformed(f"line {member.line} is no block")
    return found


def _body(reading: _Reading, members: Members, inside: Inside, depth: int = 0) -> Body:
    if depth > DEEPEST:
        raise Malformed("is nested too deeply to be read")
    body = Body()
    for each in _named(members):
        if inside.holds(each):
            body.blocks += _inner(reading, each, inside, depth + 1)
        elif each.name in inside.names:
            reading.expression(body, each, _names(each.value))
        else:
            reading.expression(body, each, _written(each.value, quoted if each.name == inside.literal else _template))
    return body


def _inner(reading: _Reading, member: Member, inside: Inside, depth: int) -> Iterator[Block]:
    for each in _objects(member):
        if not inside.blocks.get(member.name):
            yield reading.block(member.name, (), _body(reading, each, inside.of(member.name), depth), member)
            continue
        for named in _named(each):
            dynamic = Inside({"content": 0}) if member.name == "dynamic" else Inside()
            for one in _objects(named):
                body = _body(reading, Members(it for it in one if it.name != "content"), dynamic, depth)
                content = (it for it in one if it.name == "content" and dynamic.blocks)
                body.blocks += (_content(reading, it, inside.of(named.name), depth + 1) for it in content)
                yield reading.block(member.name, (named.name,), body, named)


def _content(reading: _Reading, member: Member, inside: Inside, depth: int) -> Block:
    """What is in each block that a dynamic one makes."""
    body = Body()
    for each in _objects(member):
        body = _body(reading, each, inside, depth)
    return reading.block("content", (), body, member)


def _values(reading: _Reading, members: Members) -> Body:
    body = Body()
    for each in members:
        reading.expression(body, each, _written(each.value, quoted))
    return body


# --- values as HCL --------------------------------------------------------------------------------


def _written(value: Any, text: Callable[[str], str]) -> str:
    if isinstance(value, Members):
        inner = (f"{_key(each.name, text)} = {_written(each.value, text)}" for each in value)
        return f"{{{', '.join(inner)}}}"
    if isinstance(value, list):
        return f"[{', '.join(_written(each, text) for each in value)}]"
    return text(value) if isinstance(value, str) else json.dumps(value)


def _key(name: str, text: Callable[[str], str]) -> str:
    return f"({text(name)})" if "{" in name else key(name)


def _template(said: str) -> str:
    """A text between quotes, its expressions as they stand."""
    try:
        parts = [f"${{{_on_one_line(piece)}}}" if code else quoted(piece)[1:-1] for piece, code in pieces(said)]
    except (Unknown, Malformed):
        return "template_that_is_not_worked_out()"
    return f'"{"".join(parts)}"'


def _on_one_line(code: str) -> str:
    return re.sub(r"[\r\n]+", " ", code)


def _names(value: Any) -> str:
    """``["ami", "tags[\\"x\\"]"]`` as ``[ami, tags["x"]]``."""
    if isinstance(value, Members):
        return f"{{{', '.join(f'{each.name} = {_names(each.value)}' for each in value)}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_names, value))}]"
    return value if isinstance(value, str) and _NAME.fullmatch(value) else _written(value, _template)


_NAME = re.compile(r'[A-Za-z_][\w.\-]*(?:\[(?:\d+|"[^"\\]*"|each\.[\w.]+)\][\w.\-]*)*')


# --- JSON with its lines --------------------------------------------------------------------------


def _members(text: str) -> Members:
    """The object that a text is. Raises Malformed, which says the line and nothing of what stands there."""
    if len(text) > MOST_CHARACTERS:
        raise Malformed("is too large to be read as JSON")
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        raise Malformed(f"line {error.lineno} is not JSON") from None
    found = _Tokens(text).value()
    if not isinstance(found, Members):
        raise Malformed("holds no object, and so no configuration")
    return found


_TOKEN = re.compile(r'("(?:[^"\\]|\\.)*")|([{}\[\]:,])|([^\s{}\[\]:,"]+)')


class _Tokens:
    """What is JSON, as the standard library found, read once more for the lines of its names."""

    def __init__(self, text: str) -> None:
        self.text, self.found = text, _TOKEN.finditer(text)
        self.line, self.at = 1, 0

    def next(self) -> str:
        sign = next(self.found)
        self.line += self.text.count("\n", self.at, sign.start())
        self.at = sign.start()
        return sign[0]

    def value(self) -> Any:
        sign = self.next()
        if sign == "{":
            return self._object()
        return self._list() if sign == "[" else json.loads(sign)

    def _object(self) -> Members:
        members = Members()
        while (sign := self.next()) != "}":
            if sign != ",":
                name, line = json.loads(sign), self.line
                self.next()
                members.append(Member(name, self.value(), line, self.line))
        return members

    def _list(self) -> list[Any]:
        values: list[Any] = []
        while (sign := self.next()) != "]":
            if sign == "{":
                values.append(self._object())
            elif sign == "[":
                values.append(self._list())
            elif sign != ",":
                values.append(json.loads(sign))
        return values
