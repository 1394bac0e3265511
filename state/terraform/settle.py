"""Declared resources in the shape the comparison and the checks know: one type, one identity, one home."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import msgspec

from state.packed import EMPTY, like, once
from state.resource import GLOBAL, Declaration, Gap, Key, Resource, Unknown
from state.schema import Schema, Schemas
from state.terraform import provider


def settle(declared: Iterable[Resource], schemas: Schemas) -> list[Resource]:
    """Aliased types under their own name, blocks of other resources as the resources they are.

    A thing declared both by itself and inside another resource's block (which is often only the
    provider's copy) is kept once, by itself. A type that no collector knows passes unchanged.
    """
    aliases = {alias: each.type for each in schemas.values() for alias in each.aliases}
    whole = _left_to_others([_settled(each, schemas, aliases.get(each.type, each.type)) for each in declared], schemas)
    homes = _homes(schemas)
    parts = (part for each in whole for schema in homes.get(each.type, ()) for part in _parts(each, schema, schemas))
    split = _split_types(schemas)
    kept = [each for each in whole if each.type not in split]
    own = {each.key for each in kept}
    separate: dict[Key, Resource] = {}
    inline: dict[Key, Resource] = {}
    for part in parts:
        if part.key not in own:
            (inline if declaration(part).part else separate)[part.key] = part
    return [*kept, *separate.values(), *(each for key, each in inline.items() if key not in separate)]


def _settled(each: Resource, schemas: Schemas, type: str) -> Resource:
    schema = schemas.get(type)
    hidden = each.sensitive | provider.sensitive(type, each.attributes)
    if schema is None:
        return msgspec.structs.replace(each, sensitive=once(hidden))
    attributes = each.attributes
    if schema.form("tags") is not None and isinstance(tags := attributes.get("tags_all"), dict):
        attributes = like(attributes, dict(attributes.items()) | {"tags": tags})
    return msgspec.structs.replace(
        each,
        type=schema.type,
        region=GLOBAL if schema.is_global else each.region,
        attributes=attributes,
        identity=schema.identify(each.id, attributes),
        sensitive=once(hidden | schema.sensitive),
    )


def _left_to_others(whole: list[Resource], schemas: Schemas) -> list[Resource]:
    """A place in a resource that another one declares is that one's alone to compare."""
    spots = [schema.spot(each.attributes) for each in whole if (schema := schemas.get(each.type)) and schema.spot]
    left: dict[str, list[str]] = defaultdict(list)
    for id, *paths in filter(None, spots):
        left[id] += paths
    return [_without(each, left[each.id]) if each.id in left else each for each in whole]


def _without(each: Resource, paths: list[str]) -> Resource:
    said = declaration(each)
    return msgspec.structs.replace(
        each, declared=msgspec.structs.replace(said, ignore_changes=said.ignore_changes.union(paths))
    )


def _homes(schemas: Schemas) -> Mapping[str, list[Schema]]:
    """The types that may be declared inside a block of each type."""
    found: dict[str, list[Schema]] = defaultdict(list)
    for schema in schemas.values():
        for home in schema.homes:
            found[home].append(schema)
    return found


def _parts(each: Resource, schema: Schema, schemas: Schemas) -> Iterator[Resource]:
    inline = each.type in schemas and each.type != schema.type
    return (_part(part, each, schema, inline=inline) for part in _split(each, schema).parts)


class _Split(NamedTuple):
    """What a block declares, by which attributes it says so, and why there may be more of it than that."""

    parts: list[Resource]
    asked: set[str]
    unseen: str | None


def _split(home: Resource, schema: Schema) -> _Split:
    asked = _Asked(home.attributes)
    try:
        found = list(schema.homes[home.type](msgspec.structs.replace(home, attributes=asked)))
    except Unknown as reason:
        return _Split([], set(), str(reason))
    if asked.names & home.sensitive:  # a mark on a block is one on all that stands in it
        found = [msgspec.structs.replace(each, sensitive=frozenset(each.attributes)) for each in found]
    unseen = (home.unknown[name] for name in sorted(asked.names & home.unknown.keys()))
    return _Split(found, asked.names, next((reason for reason in unseen if reason != provider.LEFT_OUT), None))


class _Asked(dict[str, Any]):
    """Attributes that remember which of them were asked for."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        super().__init__(values.items())
        self.names: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        self.names.add(name)
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:
        self.names.add(name)
        return super().get(name, default)


def unsure(declared: Iterable[Resource], schemas: Schemas) -> list[Gap]:
    """A gap for each block that could not be split, since the code or the plan does not say what it comes to.

    A block that is left out says nothing of what it might hold, and is no gap.
    """
    aliases = {alias: each.type for each in schemas.values() for alias in each.aliases}
    homes = _homes(schemas)
    return [
        Gap(type=schema.type, account=each.account, region=each.region or GLOBAL, reason=f"{_named(each)}: {reason}")
        for each in (msgspec.structs.replace(each, type=aliases.get(each.type, each.type)) for each in declared)
        for schema in homes.get(each.type, ())
        if each.unknown and (reason := _split(each, schema).unseen)
    ]


class Told(NamedTuple):
    """A declared resource, itself as it is compared, and those of its attributes that declare other resources.

    ``own`` is None where it only declares others, or where it is not ``collected``: no collector reads its type.
    """

    declared: Resource
    own: Resource | None
    blocks: set[str]
    collected: bool


def told(declared: Iterable[Resource], schemas: Schemas) -> Iterator[Told]:
    """As what each declared resource is compared, one by one."""
    aliases = {alias: each.type for each in schemas.values() for alias in each.aliases}
    homes, split = _homes(schemas), _split_types(schemas)
    for each in declared:
        own = _settled(each, schemas, aliases.get(each.type, each.type))
        blocks: set[str] = set().union(*(_split(own, schema).asked for schema in homes.get(own.type, ())))
        known = own.type in schemas
        yield Told(each, own if known and own.type not in split else None, blocks, known or own.type in homes)


def _named(each: Resource) -> str:
    return each.declared.address if each.declared else each.id


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
        attributes=like(home.attributes, part.attributes),
        tags=EMPTY,
        unknown=EMPTY,
        sensitive=once(part.sensitive | schema.sensitive | provider.sensitive(schema.type, part.attributes)),
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
