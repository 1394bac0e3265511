"""Declared resources in the shape the comparison and the checks know: one type, one identity, one home."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import msgspec

from state.packed import EMPTY, once
from state.resource import GLOBAL, Declaration, Gap, Key, Resource, Unknown
from state.schema import Home, Schema, Schemas
from state.terraform import provider, shapes
from state.terraform.copies import Apart, Block, Reading


class Settled(NamedTuple):
    """What is declared, as it is compared, and a gap for each that is not: one that no provider writes so."""

    resources: list[Resource]
    gaps: list[Gap]


def settle(declared: Iterable[Resource], schemas: Schemas) -> list[Resource]:
    """What is declared, as it is compared; see `settled`."""
    return settled(declared, schemas).resources


def settled(declared: Iterable[Resource], schemas: Schemas) -> Settled:
    """Aliased types under their own name, blocks of other resources as the resources they are.

    A thing declared both by itself and inside another resource's block (which is often only the
    provider's copy) is kept once, by itself. A type that no collector knows passes unchanged.

    There is a gap for each resource of a shape that no provider writes, and for each block that could not be
    split: one of which the code or the plan does not say what it comes to. One that is left out says nothing
    of what it might hold, and is no gap.
    """
    gaps: list[Gap] = []
    whole = [_as_compared(each, schemas, type, read) for each, type, read in _sound(declared, schemas, gaps)]
    whole, homes, split = _left_to_others(whole, schemas), _homes(schemas), _split_types(schemas)
    apart = {part.key: part for each in whole for part in _apart(each, homes.get(each.type, ()), schemas)}
    kept = [each for each in whole if each.type not in split]
    own = {each.key for each in kept if each.type in schemas and schemas[each.type].homes}
    separate = [part for key, part in apart.items() if key not in own]
    inside = _Inside(schemas, homes, Apart((*kept, *separate), schemas), own | apart.keys())
    kept = [inside.split(each) for each in kept]
    return Settled(_unless_replaced([*kept, *separate, *inside.parts.values()]), gaps)


def _sound(
    declared: Iterable[Resource], schemas: Schemas, gaps: list[Gap]
) -> Iterator[tuple[Resource, str, Mapping[str, Any]]]:
    """Each with the type that it is settled under, and its attributes as the provider reads them.

    What keeps one from it, or a part of it, is added to the gaps.
    """
    aliases = {alias: each.type for each in schemas.values() for alias in each.aliases}
    homes = _homes(schemas)
    for each in declared:
        type = aliases.get(each.type, each.type)
        attributes, fault = each.attributes, ""
        if each.origin and each.origin.witness == "state":
            attributes, fault = shapes.as_read(each.type, attributes)
        if fault and (type in schemas or type in homes):
            gaps += _misshapen(each, [type] if type in schemas else [part.type for part in homes[type]], fault)
            continue
        if each.unknown:
            gaps += _unsplit(each.replace(type=type), homes.get(type, ()))
        yield each, type, attributes


class _Inside:
    """The parts that blocks of other things declare, each once; ``taken`` are those with a declaration of their own."""

    def __init__(
        self, schemas: Schemas, homes: Mapping[str, list[Schema]], apart: Apart, taken: Collection[Key]
    ) -> None:
        self.schemas, self.homes, self.apart, self.taken = schemas, homes, apart, taken
        self.parts: dict[Key, Resource] = {}

    def split(self, thing: Resource) -> Resource:
        """The thing itself, which knows of what parts it declares them all."""
        inline = [schema for schema in self.homes.get(thing.type, ()) if schema.type != thing.type]
        alone = frozenset(schema.type for schema in inline if self._split(thing, schema))
        if not alone or thing.origin is None or thing.origin.witness == "code":
            return thing
        return thing.replace(declared=msgspec.structs.replace(declaration(thing), alone=once(alone)))

    def _split(self, thing: Resource, schema: Schema) -> bool:
        """Whether the block declares all that there are to be."""
        found = _split(thing, schema)
        block = Block(thing, schema, found.asked, self.schemas)
        alone = not block.computed or block.written is True
        for part in (_part(each, thing, schema, inline=True) for each in found.parts):
            reading = block.reading(part, self.apart)
            alone |= reading in (Reading.DECLARED, Reading.DOUBTFUL)
            if reading is not Reading.COPY and part.key not in self.taken:
                self.parts[part.key] = _doubted(part, reading.doubt)
        return alone


def _doubted(part: Resource, doubt: str) -> Resource:
    if not doubt:
        return part
    return part.replace(declared=msgspec.structs.replace(declaration(part), doubt=doubt))


def _unless_replaced(settled: list[Resource]) -> list[Resource]:
    """What is deposed counts only where nothing has its name by now."""
    deposed = {each.key for each in settled if _is_deposed(each)}
    if not deposed:
        return settled
    current = deposed.intersection(each.key for each in settled if not _is_deposed(each))
    return [each for each in settled if not _is_deposed(each) or each.key not in current]


def _is_deposed(each: Resource) -> bool:
    return each.origin is not None and each.origin.deposed


def _as_compared(each: Resource, schemas: Schemas, type: str, attributes: Mapping[str, Any]) -> Resource:
    schema, hidden = schemas.get(type), each.sensitive | provider.sensitive(type, each.attributes)
    if schema is None:
        return each.replace(attributes=attributes, sensitive=once(hidden))
    if schema.form("tags") is not None and isinstance(tags := attributes.get("tags_all"), dict):
        attributes = attributes if attributes.get("tags") == tags else {**attributes, "tags": tags}
    attributes = _as_written(attributes, schema)
    return each.replace(
        type=schema.type,
        region=GLOBAL if schema.is_global else each.region,
        attributes=attributes,
        identity=schema.identify(each.id, attributes),
        sensitive=once(hidden | schema.sensitive),
    )


def _as_written(attributes: Mapping[str, Any], schema: Schema) -> Mapping[str, Any]:
    """Without what was written in the other of two attributes: that says all there is to say."""
    if not schema.either:
        return attributes
    idle = {one if attributes.get(other) and not attributes.get(one) else other for one, other in schema.either}
    return {name: each for name, each in attributes.items() if name not in idle or each}


def _left_to_others(whole: list[Resource], schemas: Schemas) -> list[Resource]:
    """A place in a resource that another one declares is that one's alone to compare."""
    spots = [schema.spot(each.attributes) for each in whole if (schema := schemas.get(each.type)) and schema.spot]
    left: dict[str, list[str]] = defaultdict(list)
    for id, *paths in filter(None, spots):
        left[id] += paths
    return [_without(each, left[each.id]) if each.id in left else each for each in whole]


def _without(each: Resource, paths: list[str]) -> Resource:
    said = declaration(each)
    return each.replace(declared=msgspec.structs.replace(said, ignore_changes=said.ignore_changes.union(paths)))


def _homes(schemas: Schemas) -> Mapping[str, list[Schema]]:
    """The types that may be declared inside a block of each type."""
    found: dict[str, list[Schema]] = defaultdict(list)
    for schema in schemas.values():
        for home in schema.homes:
            found[home].append(schema)
    return found


def _apart(home: Resource, parts: Iterable[Schema], schemas: Schemas) -> Iterator[Resource]:
    """What a resource that only declares others declares: these are resources of their own, at its address."""
    for schema in (each for each in parts if home.type not in schemas or home.type == each.type):
        for part in _split(home, schema).parts:
            yield _member(_part(part, home, schema, inline=False), home, schema.home(home.type))


def _member(part: Resource, home: Resource, by: Home) -> Resource:
    """A part of which the home says in a list that there is one: ``users[ann]``."""
    listed = home.attributes.get(by.members) or () if by.members else ()
    values = [each for value in part.attributes.values() for each in (value if isinstance(value, list) else [value])]
    label = next((each for each in listed if each in values), None)
    if label is None or part.declared is None:
        return part
    holder = (home.type, home.id or part.declared.address)
    said = msgspec.structs.replace(part.declared, member=f"{by.members}[{label}]", holder=holder, lasts=by.lasts)
    return part.replace(declared=said)


class _Split(NamedTuple):
    """What a block declares, by which attributes it says so, and why there may be more of it than that."""

    parts: list[Resource]
    asked: set[str]
    unseen: str | None


def _split(home: Resource, schema: Schema) -> _Split:
    asked = _Asked(home.attributes)
    try:
        found = list(schema.homes[home.type](home.opened(attributes=asked)))
    except Unknown as reason:
        return _Split([], set(), str(reason))
    if asked.names & home.sensitive:  # a mark on a block is one on all that stands in it
        found = [each.replace(sensitive=frozenset(each.attributes)) for each in found]
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


def _misshapen(each: Resource, types: Iterable[str], fault: str) -> Iterator[Gap]:
    """One that only declares others, with an id that none of them has, leaves a gap for each type of them."""
    reason = f"{_named(each)}: {fault}, which no provider writes; restore the state from a backup"
    for type in types:
        gap = Gap(type=type, account=each.account, region=each.region or GLOBAL, reason=reason, kind="malformed")
        yield msgspec.structs.replace(gap, id=each.id or None) if type == each.type else gap


def _unsplit(home: Resource, parts: Iterable[Schema]) -> Iterator[Gap]:
    for schema in parts:
        if reason := _split(home, schema).unseen:
            region = home.region or GLOBAL
            yield Gap(type=schema.type, account=home.account, region=region, reason=f"{_named(home)}: {reason}")


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
    homes, split = _homes(schemas), _split_types(schemas)
    current = (each for each in declared if not _is_deposed(each))
    for each, type, attributes in _sound(current, schemas, []):
        own = _as_compared(each, schemas, type, attributes)
        blocks: set[str] = set().union(*(_split(own, schema).asked for schema in homes.get(own.type, ())))
        known = own.type in schemas
        yield Told(each, own if known and own.type not in split else None, blocks, known or own.type in homes)


def _named(each: Resource) -> str:
    return each.declared.address if each.declared else each.id


def _part(part: Resource, home: Resource, schema: Schema, *, inline: bool) -> Resource:
    name = schema.parent.part if inline and schema.parent else ""
    id = part.id if part.id != home.id else str(part.attributes.get("id") or home.id)
    declared: Any = home.declared and msgspec.structs.replace(home.declared, part=name)
    made = part.replace(
        type=schema.type,
        region=GLOBAL if schema.is_global else part.region,
        id=id,
        identity=schema.identify(id, part.attributes),
        arn=None,
        attributes=part.attributes,
        tags=EMPTY,
        unknown=EMPTY,
        sensitive=once(part.sensitive | schema.sensitive | provider.sensitive(schema.type, part.attributes)),
        declared=declared,
    )
    return made.packed() if home.is_packed else made


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
