"""The attributes of a state in the shape that the provider's schema gives them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from types import NoneType
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


LIST, MAP, PLAIN = "list", "map", "text or number"
KINDS = {"list": LIST, "set": LIST, "map": MAP, "object": MAP, "single": MAP}
VALUES: Mapping[str, Any] = {"string": str, "number": (int, float), "bool": bool}
"""What a value of each type is in JSON."""
NOT: Mapping[str, tuple[type, ...]] = {LIST: (str, int, float, dict), MAP: (str, int, float, list), PLAIN: (list, dict)}
"""What a value of each kind is not. Texts, numbers and truth values were one another in some version or other."""


class Shape(msgspec.Struct, frozen=True, eq=False):
    """Of a type, or of a block: of what kind its attributes are, those that are one value, and its blocks."""

    kinds: Mapping[str, str]
    values: Mapping[str, str]
    blocks: Mapping[str, Shape]


@cache
def of(type: str) -> Shape:
    return _shape(attributes(type))


def _shape(about: Attributes) -> Shape:
    return Shape(
        kinds={name: KINDS.get(each.type.partition("(")[0], PLAIN) for name, each in about.items()},
        values={name: each.type for name, each in about.items() if each.type in VALUES},
        blocks={name: _shape(each.inner) for name, each in about.items() if each.inner is not None},
    )


def _is_usual(values: Mapping[str, Any], shape: Shape) -> bool:
    """Whether all is as the provider writes it, blocks too: nearly always, and so to be told in a moment."""
    if not _fits(shape, tuple(values), tuple(map(type, values.values()))):
        return False
    listed = (
        (each, inner) for name, inner in shape.blocks.items() if (found := values.get(name)) for each in _listed(found)
    )
    return all(isinstance(each, dict) and _is_usual(each, inner) for each, inner in listed)


def _listed(blocks: Any) -> list[Any]:
    return blocks if isinstance(blocks, list) else [blocks]


@lru_cache(10_000)
def _fits(shape: Shape, names: tuple[str, ...], types: tuple[type, ...]) -> bool:
    """Whether these are the types of the values that the provider writes under these names."""
    for name, found in zip(names, types, strict=True):
        value, kind = VALUES.get(shape.values.get(name, "")), shape.kinds.get(name)
        if found is NoneType:
            continue
        if (kind and issubclass(found, NOT[kind])) or (value and not issubclass(found, value)):
            return False
        if name in shape.blocks and not issubclass(found, list | dict):
            return False
    return True


def _faults(values: Mapping[str, Any], shape: Shape, path: str) -> Iterator[str]:
    for name, value in values.items():
        kind = shape.kinds.get(name)
        if kind and isinstance(value, NOT[kind]):
            yield f"{path}{name} is no {kind}{' of blocks' if name in shape.blocks else ''}"
        elif name in shape.blocks and value is not None:
            yield from _faulty_blocks(value, shape.blocks[name], path + name)


def _faulty_blocks(value: Any, shape: Shape, path: str) -> Iterator[str]:
    for each in _listed(value):
        if isinstance(each, dict):
            yield from _faults(each, shape, f"{path}.")
        elif each is not None:
            yield f"{path} is no list of blocks"
            return


def as_read(type: str, values: Mapping[str, Any]) -> tuple[Mapping[str, Any], str]:
    """The attributes as the provider reads them out of a state, and what is not of its shape, if anything.

    The nulls in lists of blocks, which is how it writes an empty block, are none; a value that another version
    of it had as a number or a truth value is the text that it is now. A text where a list of blocks belongs is
    none of its shape.
    """
    shape = of(type)
    return (values, "") if _is_usual(values, shape) else (_whole(values, shape), next(_faults(values, shape, ""), ""))


def _whole(values: Mapping[str, Any], shape: Shape) -> Mapping[str, Any]:
    """Itself where nothing is otherwise, as of nearly all."""
    changed = {
        name: found
        for name, inner in shape.blocks.items()
        if isinstance(each := values.get(name), list) and (found := _blocks(each, inner)) is not each
    }
    for name, value in values.items():
        if (type := shape.values.get(name)) and value is not None and not isinstance(value, VALUES[type]):
            changed[name] = shaped(value, type)
    return {**values, **changed} if changed else values


def _blocks(blocks: list[Any], shape: Shape) -> list[Any]:
    found = [_whole(each, shape) if isinstance(each, dict) else each for each in blocks if each is not None]
    same = len(found) == len(blocks) and all(one is other for one, other in zip(found, blocks, strict=True))
    return blocks if same else found
