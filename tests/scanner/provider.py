"""The Terraform provider's schema, and whether what we say of a resource fits it."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from state import Resource

ROOT = Path(__file__).parents[2]
PYTHON = {"string": str, "bool": bool, "number": (int, float)}


@cache
def provider_schema() -> dict[str, dict[str, Any]]:
    """Attributes of provider 5 and 6 by type: ``string``, ``string!`` if sensitive, ``["list", {…}]`` for a block."""
    five = json.loads((ROOT / "state/terraform/provider.json").read_text())["types"]
    six = json.loads((ROOT / "tests/data/provider_6.json").read_text())
    return {name: merged({key: kind(each) for key, each in five[name].items()}, six.get(name, {})) for name in five}


def kind(each: Any) -> Any:
    """Of "type flags", of such a thing with its default, or of [nesting, block]."""
    if isinstance(each, list):
        return [each[0].split()[0], {name: kind(inner) for name, inner in each[1].items()}]
    name, _, flags = (each["is"] if isinstance(each, dict) else each).partition(" ")
    return f"{name}!" if "s" in flags else name


def merged(five: dict[str, Any], six: dict[str, Any]) -> dict[str, Any]:
    """The attributes of both, blocks by their attributes."""
    whole = five | six
    for name in five.keys() & six.keys():
        whole[name] = [five[name][0], merged(five[name][1], six[name][1])]
    return whole


def assert_value_types(resource: Resource) -> None:
    """Every attribute has a value of the type that the provider gives it, or none."""
    schema = provider_schema()[resource.type]
    wrong = {
        f"{resource.type}.{name}: {value!r} is no {schema[name]}"
        for name, value in resource.attributes.items()
        if name in schema and not fits(value, schema[name])
    }
    assert wrong == set()


def fits(value: Any, kind: Any) -> bool:
    """Whether a value is of a type: ``string``, ``set(string)``, ``["list", {…}]`` for a block, …"""
    if value is None:
        return True
    if not isinstance(kind, str):
        return _rows(value, kind[1]) if kind[0] != "single" else _row(value, kind[1])
    outer, inner = re.fullmatch(r"(\w+)(?:\((.*)\))?!?", kind).groups()  # type: ignore[union-attr]
    if outer in ("list", "set"):
        return isinstance(value, list) and all(fits(each, inner) for each in value)
    if outer == "map":
        return isinstance(value, dict) and all(fits(each, inner) for each in value.values())
    if outer == "object":
        return _row(value, dict(field.split(":", 1) for field in _fields(inner)))
    return isinstance(value, PYTHON[outer]) and (outer == "bool") == isinstance(value, bool)


def _rows(value: Any, attributes: dict[str, Any]) -> bool:
    return isinstance(value, list) and all(_row(each, attributes) for each in value)


def _row(value: Any, attributes: dict[str, Any]) -> bool:
    return isinstance(value, dict) and all(
        name in attributes and fits(each, attributes[name]) for name, each in value.items()
    )


def _fields(text: str) -> list[str]:
    """``a:string,b:list(object(c:number,d:bool))`` at its outer commas."""
    found, depth = [""], 0
    for letter in text:
        depth += (letter == "(") - (letter == ")")
        if letter == "," and not depth:
            found.append("")
        else:
            found[-1] += letter
    return found
