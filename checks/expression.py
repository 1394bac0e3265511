"""A condition over one resource, written in JMESPath, with the names that it reads told by its syntax tree.

A condition sees ``attributes``, ``facts`` and ``tags``, each by name, and what a resource always has (PLAIN).
JMESPath takes ``true``, ``false`` and ``null`` without backticks for names of fields, which are never there, and
``!tags.owner`` for ``(!tags).owner``: both would pass whatever they are asked of, and are refused. What is not set is
null, and neither less nor more than anything: whoever asks for a size says too what becomes of null.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

import msgspec

from state import Resource, Unknown
from state.terraform.partial import Partial

HOLDERS = ("attributes", "facts", "tags")
PLAIN = ("id", "name", "arn", "type", "account", "region", "owner")
LITERALS = ("true", "false", "null")
OPAQUE = frozenset({"value_projection", "function_expression", "multi_select_dict", "multi_select_list"})
"""What may look at a block as a whole, and so at what is not known of it."""

Node = Mapping[str, Any]
Name = tuple[str, str]
"""What holds a value, one of HOLDERS, and under which name; of PLAIN the field, and no name."""


class NoCondition(ValueError):
    """An expression that no resource can be judged by; the text says why."""


class Condition(msgspec.Struct, frozen=True):
    """What has to hold of a resource, and all that this reads of it."""

    text: str
    names: frozenset[Name]
    search: Callable[[Mapping[str, Any]], Any]
    opaque: bool

    @property
    def reads(self) -> tuple[str, ...]:
        """The attributes, facts and fields to ask for, as a check's ``reads``."""
        held = {name for holder, name in self.names if holder in ("attributes", "facts")}
        return tuple(sorted(held | {holder for holder, _ in self.names if holder in ("tags", "owner")}))

    def holds(self, resource: Resource) -> bool:
        """Whether it does. Raises Unknown where anything that it reads is, whatever else it says."""
        from jmespath.exceptions import JMESPathError

        row = _row(resource, self.names)
        self._known(row)
        try:
            return self.search(row) not in (None, False, "", [], {})
        except JMESPathError as error:
            raise Unknown(f"the condition cannot be applied: {_line(error)}") from error

    def _known(self, row: Mapping[str, Any]) -> None:
        """A block tells of a value that is not known when it is asked for that; JMESPath does not always ask."""
        for block in _partial(row):
            if self.opaque or not block:
                raise Unknown(next(iter(block.unknown.values())))


def condition(text: str, known: Iterable[str] | None = None, *, tagged: bool = True) -> Condition:
    """The condition in a text; ``known`` are the attributes and facts of its type, None where any may be.

    Raises NoCondition for a text that is no JMESPath, or that does not tell what it reads.
    """
    import jmespath
    from jmespath.exceptions import JMESPathError, JMESPathTypeError

    try:
        found = jmespath.compile(text)
        names, nodes = frozenset(_reads(found.parsed)), list(_nodes(found.parsed))
        _sound(nodes, names, None if known is None else frozenset(known), tagged)
        with suppress(JMESPathTypeError):  # of nothing at all; what there is may be of the type
            found.search({})
    except JMESPathError as error:
        raise NoCondition(_line(error)) from error
    literal = any(each["type"] == "literal" and isinstance(each["value"], dict | list) for each in nodes)
    return Condition(text, names, found.search, literal or any(each["type"] in OPAQUE for each in nodes))


def _sound(nodes: list[Node], names: frozenset[Name], known: frozenset[str] | None, tagged: bool) -> None:
    from jmespath.functions import Functions

    for each in nodes:
        if each["type"] == "field" and each["value"] in LITERALS:
            raise NoCondition(f"{each['value']} is the name of a field; write `{each['value']}`, in backticks")
        if each["type"] == "function_expression" and each["value"] not in Functions.FUNCTION_TABLE:
            raise NoCondition(f"there is no function {each['value']}()")
    if not names:
        raise NoCondition("it reads nothing of the resource")
    for holder, name in sorted(names):
        if holder == "tags" and not tagged:
            raise NoCondition("no tags of this type are read")
        if known is not None and holder in ("attributes", "facts") and name not in known:
            raise NoCondition(f"no {holder[:-1]} {name} of this type is read")


# --- what it reads --------------------------------------------------------------------------------


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    for each in node["children"]:
        yield from _nodes(each)


def _reads(node: Node) -> Iterator[Name]:
    """What a part of the tree that is applied to the resource itself reads of it."""
    kind, children = node["type"], node["children"]
    if kind == "field":
        yield _plain(node["value"])
    elif kind in ("current", "identity"):
        raise NoCondition(f"name what it reads, as attributes.NAME, facts.NAME, tags.NAME or {', '.join(PLAIN)}")
    elif kind == "subexpression" and children[0]["type"] == "field" and children[0]["value"] in HOLDERS:
        yield children[0]["value"], _lead(children[1], children[0]["value"])
    elif kind in ("subexpression", "index_expression", "pipe") or kind.endswith(("projection", "flatten")):
        yield from _reads(children[0])  # the others are applied to what the first comes to
    elif kind != "expref":
        for each in children:
            yield from _reads(each)


def _plain(name: str) -> Name:
    if name in HOLDERS:
        raise NoCondition(f"name what it reads of {name}, as {name}.NAME; after a `!` in brackets: !({name}.NAME)")
    if name not in (*PLAIN, *LITERALS):
        raise NoCondition(f"there is no {name} to read; write attributes.{name}, facts.{name} or tags.{name}")
    return name, ""


def _lead(node: Node, holder: str) -> str:
    """The name that a path begins with: ``rule`` of ``rule[0].port``."""
    if node["type"] == "field":
        return str(node["value"])
    if node["type"] in ("index_expression", "projection", "flatten", "filter_projection") and node["children"]:
        return _lead(node["children"][0], holder)
    raise NoCondition(f"name what it reads of {holder}, as {holder}.NAME")


# --- what it is applied to ------------------------------------------------------------------------


def _row(resource: Resource, names: Iterable[Name]) -> dict[str, Any]:
    """What is read of a resource, and no more. Raises Unknown for what could not be seen."""
    row: dict[str, Any] = {holder: {} for holder in HOLDERS}
    for holder, name in sorted(names):
        if holder == "attributes":
            row[holder][name] = resource[name]
        elif holder == "facts":
            row[holder][name] = _told(resource.fact(name))
        elif holder == "tags":
            row[holder] = resource["tags"] or {}
        elif holder in PLAIN:
            row[holder] = getattr(resource, holder)
    return row


def _told(value: Any) -> Any:
    """A time as text, which JMESPath can compare with another."""
    return value.isoformat() if isinstance(value, datetime) else value


def _partial(value: Any) -> Iterator[Partial]:
    """The blocks in a value of which not everything is known."""
    if isinstance(value, Partial):
        yield value
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list | tuple) else ()
    for each in inner:
        yield from _partial(each)


def _line(error: Exception) -> str:
    return str(error).partition("\n")[0].rstrip(": ")
