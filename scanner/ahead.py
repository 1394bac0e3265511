"""What the next apply will do by itself, since the code says so in `moved`, `removed` and `import` blocks."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence

import msgspec

from scanner.import_homes import declared_by
from scanner.import_ids import NoImport, import_id
from state import GLOBAL, Declaration, Inventory, Resource
from state.drift import Drift
from state.resource import Key
from state.terraform.refactoring import DESTROYED, Import

PLACE = frozenset({"account_id", "region"})
"""What the identity of any resource may hold, and none is known by alone."""


def incoming(imports: Sequence[Import], live: Inventory, paired: Container[Resource]) -> Mapping[Key, Declaration]:
    """The live things, declared nowhere, that import blocks bring in; none for a block that fits several."""
    inside = [declared_by(each) for each in imports]
    types = {each.type for each in imports} | {part.type for parts in inside for part in parts}
    loose = [each for each in live.resources if each.type in types and each not in paired]
    found: dict[Key, Declaration] = {}
    for each, parts in zip(imports, inside):
        place = Declaration(address=each.address, source=each.file, witness="code", file=each.file, line=each.line)
        fitting = [[thing for thing in loose if _is_of(thing, each)]]
        fitting = [[thing for thing in loose if _is_same(thing, part)] for part in parts] or fitting
        found |= {things[0].key: place for things in fitting if len(things) == 1 and things[0].key not in found}
    return found


def _is_same(thing: Resource, part: Resource) -> bool:
    """One that a block of another type declares says no account, and the region only where the code does."""
    return (thing.type, thing.name) == (part.type, part.name) and part.region in ("", thing.region)


def _is_of(thing: Resource, block: Import) -> bool:
    if thing.type != block.type or (block.region and thing.region not in (block.region, GLOBAL)):
        return False
    if block.identity:
        return _fits(thing, block.identity)
    ids = {*_ids(thing)}
    return block.id in ids | {f"{each}@{thing.region}" for each in ids}


def _ids(thing: Resource) -> Iterator[str]:
    yield thing.id
    try:
        yield import_id(thing)
    except NoImport:
        return


def _fits(thing: Resource, identity: Mapping[str, object]) -> bool:
    """https://developer.hashicorp.com/terraform/language/block/import#identity: what is null is not asked."""
    said = {name: str(value) for name, value in identity.items() if value is not None}
    own = {"account_id": thing.account, "region": thing.region, "id": thing.id, "arn": thing.arn}
    if thing.region == GLOBAL:
        said.pop("region", None)
    seen = {name: own.get(name) or thing.attributes.get(name) for name in said}
    return not said.keys() <= PLACE and all(seen[name] is not None and str(seen[name]) == said[name] for name in said)


def noted(found: Drift, incoming: Mapping[Key, Declaration]) -> Drift:
    """The drift, and what the next apply will do about it."""
    said = "; ".join(filter(None, (found.note, *_notes(found, incoming))))
    return found if said == found.note else msgspec.structs.replace(found, note=said)


def _notes(found: Drift, incoming: Mapping[Key, Declaration]) -> Iterator[str]:
    declared = found.declared
    if declared is None:
        if block := incoming.get(found.resource.key):
            yield brought_in(block)
        return
    if declared.moved:
        yield f"moved: the state has it as {declared.moved} until the next apply"
    if declared.removed:
        yield fate(declared)
    elif declared.tainted:
        yield "tainted: the next apply replaces it"


def brought_in(block: Declaration) -> str:
    return f"an import block in {block.file}:{block.line} brings it in with the next apply"


def fate(declared: Declaration) -> str:
    """What becomes of a thing that the code has taken out."""
    verb = "destroys" if declared.removed == DESTROYED else "forgets"
    return f"the code {verb} it with its next apply"
