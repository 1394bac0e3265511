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


class Shape(msgspec.Struct, frozen=True):
    """Of a type, or of a block: which names hold lists, maps and blocks, and which only code can fill."""

    lists: frozenset[str]
    maps: frozenset[str]
    blocks: Mapping[str, Shape]
    optional: frozenset[str]


@cache
def of(type: str) -> Shape:
    return _shape(attributes(type))


def _shape(about: Attributes) -> Shape:
    plain = {name: each.type for name, each in about.items() if each.inner is None}
    return Shape(
        lists=frozenset(name for name, type in plain.items() if type.startswith(("list", "set"))),
        maps=frozenset(name for name, type in plain.items() if type.startswith("map")),
        blocks={name: _shape(each.inner) for name, each in about.items() if each.inner is not None},
        optional=frozenset(name for name, each in about.items() if each.flags == "o" and each.inner is None),
    )


def fault(type: str, values: Mapping[str, Any]) -> str:
    """What is not of the provider's shape: a text where a list of blocks belongs. Empty where all is."""
    return next(_faults(values, of(type), ""), "")


def _faults(values: Mapping[str, Any], shape: Shape, path: str) -> Iterator[str]:
    for name in shape.lists & values.keys():
        if not isinstance(values[name], list | None):
            yield f"{path}{name} is no list"
    for name in shape.maps & values.keys():
        if not isinstance(values[name], Mapping | None):
            yield f"{path}{name} is no map"
    for name in shape.blocks.keys() & values.keys():
        yield from _faulty_blocks(values[name], shape.blocks[name], path + name)


def _faulty_blocks(value: Any, shape: Shape, path: str) -> Iterator[str]:
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, Mapping):
            yield from _faults(each, shape, f"{path}.")
        elif each is not None:
            yield f"{path} is no list of blocks"
            return


def completed(type: str, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """With null for what blocks leave out that only code can fill: AWS sets it by itself no more than a null.

    A block's other attributes may be such as the state's version of the provider does not have.
    """
    return _with_blocks(values, of(type))


def _with_blocks(values: Mapping[str, Any], shape: Shape) -> Mapping[str, Any]:
    inner = {
        name: whole
        for name in shape.blocks.keys() & values.keys()
        if isinstance(value := values[name], list) and (whole := _completed(value, shape.blocks[name])) != value
    }
    return {**values, **inner} if inner else values


def _completed(blocks: list[Any], shape: Shape) -> list[Any]:
    """An empty block is written as null."""
    return [_block(each, shape) for each in blocks if each is not None]


def _block(block: Any, shape: Shape) -> Any:
    if type(block) is not dict:
        return block  # one of which not everything is known
    return {**dict.fromkeys(shape.optional - block.keys()), **_with_blocks(block, shape)}
