"""The functions of Terraform's language whose answer follows from their arguments alone.

https://developer.hashicorp.com/terraform/language/functions. None of these reads a file, the
clock or the network: the checkout is not trusted.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from itertools import chain
from typing import Any

import msgspec

from state.resource import Unknown

LARGEST = 1_000_000
"""How many values and characters an expression may come to: a text can double itself forty times."""


def text(value: Any) -> str:
    """A value as a template prints it; raises Unknown for what cannot stand in a text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | str):
        return str(value)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    raise Unknown("only a text, a number or a truth value can stand in a text")


def bounded(value: Any) -> Any:
    """The value itself; raises Unknown when it is too large to go on with."""
    left, waiting = LARGEST, [value]
    while waiting:
        each = waiting.pop()
        left -= len(each) + 1 if isinstance(each, str | list | Mapping) else 1
        if left < 0:
            raise Unknown("is too large")
        if isinstance(each, list):
            waiting.extend(each)
        elif isinstance(each, Mapping):
            waiting.extend(each.values())
    return value


def jsonencode(value: Any) -> str:
    """As Terraform writes JSON: compact, keys in order, and <, > and & escaped."""
    written = json.dumps(_plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    for each in "<>&\u2028\u2029":
        written = written.replace(each, f"\\u{ord(each):04x}")
    return written


def _plain(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return {key: _plain(each) for key, each in value.items()} if isinstance(value, Mapping) else value


def merge(*maps: Any) -> dict[str, Any]:
    return dict(chain.from_iterable(each.items() for each in maps if each is not None))


def concat(*lists: Any) -> list[Any]:
    return list(chain.from_iterable(_listed(each) for each in lists))


def join(separator: str, *lists: Any) -> str:
    parts = [text(each) for each in concat(*lists)]
    if len(separator) * len(parts) > LARGEST:
        raise Unknown("is too large")
    return separator.join(parts)


def replace(whole: str, old: str, new: str) -> str:
    if len(old) > 1 and old.startswith("/") and old.endswith("/"):
        raise Unknown("a regular expression is not tried")
    if whole.count(old) * len(new) > LARGEST:
        raise Unknown("is too large")
    return whole.replace(old, new)


_VERB = re.compile(r"%(?:%|(0?\d{0,2})([sdqv]))")


def format(pattern: str, *arguments: Any) -> str:
    """``%s``, ``%d``, ``%q`` and ``%v``, with a width; any other verb is not known."""
    if re.sub(_VERB, "", pattern).count("%"):
        raise Unknown("a format with other verbs than %s, %d, %q and %v")
    waiting = iter(arguments)

    def written(match: re.Match[str]) -> str:
        if match[0] == "%%":
            return "%"
        value = next(waiting)
        shown = jsonencode(value) if match[2] == "q" or isinstance(value, list | Mapping) else text(value)
        width = match[1] or ""
        return shown.rjust(int(width or 0), "0" if width.startswith("0") else " ")

    return _VERB.sub(written, pattern)


def lookup(map: Mapping[str, Any], key: str, *default: Any) -> Any:
    return map[key] if key in map or not default else default[0]


def coalesce(*values: Any) -> Any:
    return next(each for each in values if each not in (None, ""))


def flatten(value: list[Any]) -> list[Any]:
    return [inner for each in value for inner in (flatten(each) if isinstance(each, list) else [each])]


def distinct(value: list[Any]) -> list[Any]:
    kept: dict[str, Any] = {}
    for each in value:
        kept.setdefault(jsonencode(each), each)
    return list(kept.values())


def toset(value: Any) -> list[Any]:
    return sorted(distinct(_listed(value)), key=jsonencode)


def contains(members: list[Any], value: Any) -> bool:
    return any(type(each) is type(value) and each == value for each in members)


def element(members: list[Any], index: Any) -> Any:
    return members[int(index) % len(members)]


def tonumber(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return int(value) if re.fullmatch(r"-?\d{1,30}", value) else float(value)


def tobool(value: Any) -> Any:
    return {"true": True, "false": False}[value] if isinstance(value, str) else value


def _listed(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise Unknown("is no list")
    return value


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "base64encode": lambda value: base64.b64encode(value.encode()).decode(),
    "chomp": lambda value: value.rstrip("\r\n"),
    "coalesce": coalesce,
    "compact": lambda value: [each for each in value if each not in (None, "")],
    "concat": concat,
    "contains": contains,
    "distinct": distinct,
    "element": element,
    "flatten": flatten,
    "format": format,
    "join": join,
    "jsondecode": lambda value: msgspec.json.decode(value),
    "jsonencode": jsonencode,
    "keys": sorted,
    "length": len,
    "lookup": lookup,
    "lower": str.lower,
    "max": max,
    "merge": merge,
    "min": min,
    "nonsensitive": lambda value: value,
    "replace": replace,
    "reverse": lambda value: list(reversed(_listed(value))),
    "sensitive": lambda value: value,
    "sort": lambda value: sorted(map(text, value)),
    "split": lambda separator, value: value.split(separator) if separator else list(value),
    "title": lambda value: re.sub(r"\b[a-z]", lambda match: match[0].upper(), value),
    "tobool": tobool,
    "tolist": lambda value: list(_listed(value)),
    "tomap": dict,
    "tonumber": tonumber,
    "toset": toset,
    "tostring": lambda value: None if value is None else text(value),
    "trimprefix": str.removeprefix,
    "trimspace": str.strip,
    "trimsuffix": str.removesuffix,
    "upper": str.upper,
    "values": lambda value: [value[key] for key in sorted(value)],
}
