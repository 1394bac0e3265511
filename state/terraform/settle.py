"""Declared resources in the shape the comparison and the checks know: one type, one identity, one home."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from state.resource import GLOBAL, Declaration, Resource
from state.schema import Schema, Schemas


def settle(declared: Iterable[Resource], schemas: Schemas) -> list[Resource]:
    """Aliased types under their own name, blocks of other resources as the resources they are.

    A thing declared both by itself and inside another resource's block (which is often only the
    provider's copy) is kept once, by itself. A type that no collector knows passes unchanged.
    """
    aliases = {alias: each.type for each in schemas.values() for alias in each.aliases}
    whole = [_settled(each, schemas, aliases.get(each.type, each.type)) for each in declared]
    parts = [part for each in whole for part in _parts(each, schemas)]
    kept = [each for each in whole if each.type not in _split_types(schemas)]
    own = {each.key for each in kept}
    separate = {each.key: each for each in parts if not declaration(each).part and each.key not in own}
    own |= separate.keys()
    inline = {each.key: each for each in parts if declaration(each).part and each.key not in own}
    return kept + list(separate.values()) + list(inline.values())


def _settled(each: Resource, schemas: Schemas, type: str) -> Resource:
    schema = schemas.get(type)
    if schema is None:
        return each
    attributes = dict(each.attributes)
    if schema.form("tags") is not None and isinstance(attributes.get("tags_all"), dict):
        attributes["tags"] = attributes["tags_all"]
    return msgspec.structs.replace(
        each,
        type=type,
        region=GLOBAL if schema.is_global else each.region,
        attributes=attributes,
        identity=schema.identify(each.id, attributes),
        sensitive=each.sensitive | schema.sensitive,
    )


def _parts(each: Resource, schemas: Schemas) -> Iterator[Resource]:
    for schema in schemas.values():
        project = schema.homes.get(each.type)
        for part in project(each) if project else ():
            yield _part(part, each, schema, inline=each.type in schemas and each.type != schema.type)


def _part(part: Resource, home: Resource, schema: Schema, *, inline: bool) -> Resource:
    name = schema.parent.part if inline and schema.parent else ""
    id = part.id if part.id != home.id else str(part.attributes.get("id") or home.id)
    declared: Any = home.declared and msgspec.structs.replace(home.declared, part=name)
    return msgspec.structs.replace(
        part,
        type=schema.type,
        region=GLOBAL if schema.is_global else part.region,
        id=id,
        identity=schema.identify(id, part.attributes),
        arn=None,
        tags={},
        unknown={},
        declared=declared,
    )


def _split_types(schemas: Schemas) -> frozenset[str]:
    """Types that only declare others (aws_security_group_rule), or many of their own: once split, they are gone."""
    return frozenset(
        home for each in schemas.values() for home in each.homes if home not in schemas or home == each.type
    )


def declaration(each: Resource) -> Declaration:
    """Where a declared resource is declared; raises ValueError for a live one."""
    if each.declared is None:
        raise ValueError(f"{each.type} {each.id} was seen, not declared")
    return each.declared
