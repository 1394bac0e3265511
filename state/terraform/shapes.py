"""The attributes of a state in the shape that the provider's schema gives them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import msgspec

from state.terraform.provider import Attribute, Attributes, attributes, shaped


def typed(type: str, flat: Mapping[str, Any]) -> dict[str, Any]:
    """Attributes that Terraform 0.11 wrote as texts, as the numbers and truth values that they are."""
    return _typed(flat, attributes(type))


def _typed(values: Mapping[str, Any], about: Attributes) -> dict[str, Any]:
    return {name: _value(each, about[name]) if name in about else each for name, each in values.items()}


def _value(value: Any, about: Attribute) -> Any:
    if about.inner is None or not isinstance(value, list):
        return shaped(value, about.type)
    return [_typed(each, about.inner) if isinstance(each, Mapping) else each for each in value]


CONTAINERS = {"list": list, "set": list, "map": dict, "object": dict, "single": dict}
"""What JSON has for each kind of type. Texts, numbers and truth values were one another in some version or other."""


class Shape(msgspec.Struct, frozen=True):
    """Of a type, or of a block: what its attributes are (None for a plain value), and what is in its blocks."""

    containers: Mapping[str, type | None]
    blocks: Mapping[str, Shape]


@cache
def of(type: str) -> Shape:
    return _shape(attributes(type))


def _shape(about: Attributes) -> Shape:
    return Shape(
        containers={name: CONTAINERS.get(each.type.partition("(")[0]) for name, each in about.items()},
        blocks={name: _shape(each.inner) for name, each in about.items() if each.inner is not None},
    )


def fault(type: str, values: Mapping[str, Any]) -> str:
    """What is not of the provider's shape: a text where a list of blocks belongs. Empty where all is."""
    return next(_faults(values, of(type), ""), "")


def _faults(values: Mapping[str, Any], shape: Shape, path: str) -> Iterator[str]:
    for name, value in values.items():
        if value is None or name not in shape.containers:
            continue
        wanted = shape.containers[name]
        if not (isinstance(value, wanted) if wanted else not isinstance(value, list | dict)):
            yield f"{path}{name} is no {_word(wanted, name in shape.blocks)}"
        elif name in shape.blocks:
            yield from _faulty_blocks(value, shape.blocks[name], path + name)


def _word(wanted: type | None, is_block: bool) -> str:
    return {list: "list of blocks" if is_block else "list", dict: "map"}.get(wanted or str, "text or number")


def _faulty_blocks(value: Any, shape: Shape, path: str) -> Iterator[str]:
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, dict):
            yield from _faults(each, shape, f"{path}.")
        elif each is not None:
            yield f"{path} is no list of blocks"
            return


def without_holes(type: str, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """The attributes without the nulls in lists of blocks, which is how the provider writes an empty block."""
    return _whole(values, of(type))


def _whole(values: Mapping[str, Any], shape: Shape) -> Mapping[str, Any]:
    """Itself where it has no hole, as nearly all have none."""
    filled = {
        name: found
        for name, inner in shape.blocks.items()
        if isinstance(each := values.get(name), list) and (found := _blocks(each, inner)) is not each
    }
    return {**values, **filled} if filled else values


def _blocks(blocks: list[Any], shape: Shape) -> list[Any]:
    found = [_whole(each, shape) if isinstance(each, dict) else each for each in blocks if each is not None]
    same = len(found) == len(blocks) and all(one is other for one, other in zip(found, blocks, strict=True))
    return blocks if same else found
