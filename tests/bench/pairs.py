"""As many live things as asked, each with what a state declares of it: of every type that has been read."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Any

import msgspec

from state.inventory import Inventory
from state.resource import GLOBAL, Declaration, Resource
from state.schema import Schema, Schemas
from state.terraform import provider
from tests.laws.readings import Reading, readings

ACCOUNT, REGION = "123456789012", "eu-west-1"
DRIFTED = 20
"""Every so many-th is not as it is declared."""

RUN = 100
"""So many of one type stand together: Terraform sorts the resources of each module by their types."""

Pair = tuple[Resource, Resource]


def of_states(schemas: Schemas) -> list[Reading]:
    return [each for each in readings().values() if each.type.startswith("aws_") and each.type in schemas]


def pairs(size: int, schemas: Schemas) -> Iterator[Pair]:
    """(live, declared), each type as often as any other, no value twice that names a thing.

    Type by type, as a scan reads them and a state lists them.
    """
    kinds = of_states(schemas)
    for at, reading in enumerate(kinds):
        made = _template(reading, schemas[reading.type])
        for n in range(size * at // len(kinds), size * (at + 1) // len(kinds)):
            yield _pair(n, reading, made(n), schemas)


_NAMES = rb"arn:aws:[^\":]*:[^\":]*:[0-9]+:[^\"\\]*|[a-z]+-[0-9a-f]{8,17}"


def _template(reading: Reading, schema: Schema) -> Callable[[int], dict[str, Any]]:
    """Its attributes with another number in all that names it, or a neighbour: each copy is a world of its own."""
    names = b"|".join([_NAMES, *(re.escape(msgspec.json.encode(each)[1:-1]) for each in known_by(reading, schema))])
    pieces = re.split(rb'(?<=")(' + names + rb')(?=\\?")', msgspec.json.encode(reading.attributes))

    def made(n: int) -> dict[str, Any]:
        number = b"-%06d" % n
        told = (each + number if at % 2 else each for at, each in enumerate(pieces))
        found: dict[str, Any] = msgspec.json.decode(b"".join(told))
        return found

    return made


def known_by(reading: Reading, schema: Schema) -> set[str]:
    """Its id, and what else it is looked up by."""
    names = schema.identity if isinstance(schema.identity, tuple) else ()
    values = {reading.id, *(reading.attributes.get(name) for name in names)}
    return {each for each in values if isinstance(each, str) and each}


def _pair(n: int, reading: Reading, attributes: dict[str, Any], schemas: Schemas) -> Pair:
    schema = schemas[reading.type]
    live = Resource(
        type=reading.type,
        id=f"{reading.id}-{n:06}",
        account=ACCOUNT,
        region=GLOBAL if schema.is_global else REGION,
        identity=f"{schema.identify(reading.id, reading.attributes)}-{n:06}",
        attributes=attributes,
    ).packed()
    said = live.replace(
        attributes=_declared(n, live.type, live.id, attributes),
        declared=Declaration(address=f"{reading.type}.this[{n}]", source="terraform.tfstate"),
    )
    return live, said


def _declared(n: int, type: str, id: str, attributes: Mapping[str, Any]) -> dict[str, Any]:
    """As a state has it: with all that the provider knows of the type, set or not, and all tags beside its own."""
    said = dict.fromkeys(provider.attributes(type)) | {"id": id} | attributes
    if "tags" in attributes:
        said["tags_all"] = attributes["tags"] or {}
    return said | _another(attributes) if n % DRIFTED == 1 else said


def _another(attributes: Mapping[str, Any]) -> dict[str, Any]:
    texts = (name for name, value in attributes.items() if isinstance(value, str) and name not in ("arn", "id"))
    return {name: f"{attributes[name]}-elsewhere" for name in list(texts)[:1]}


def inventories(size: int, schemas: Schemas) -> tuple[Inventory, Inventory]:
    live, declared = zip(*pairs(size, schemas), strict=True)
    return Inventory(live), Inventory(declared)


def differences(one: Any, other: Any, path: str = "") -> list[str]:
    """Where two values differ: nothing but their maps and lists gone through."""
    if isinstance(one, dict) and isinstance(other, dict):
        found = []
        for name in one.keys() | other.keys():
            found += differences(one.get(name), other.get(name), f"{path}.{name}")
        return found
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        found = []
        for n, each in enumerate(one):
            found += differences(each, other[n], f"{path}[{n}]")
        return found
    return [] if one == other else [path]


def plainly(live: Inventory, declared: Inventory) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """The attributes of each pair as dicts, declared and live."""
    return [
        (dict(said.attributes), dict(seen.attributes))
        for seen, said in zip(live.resources, declared.resources, strict=True)
    ]


HEAD = {"version": 4, "terraform_version": "1.11.0", "serial": 1, "lineage": "bench", "outputs": {}}


def write_state(path: Path, least: int, schemas: Schemas) -> int:
    """A state of at least so many bytes, laid out as Terraform writes it; how many resources it holds."""
    kinds = [(each, _template(each, schemas[each.type])) for each in of_states(schemas)]
    with path.open("wb") as file:
        file.write(_laid_out(HEAD).removesuffix(b"\n}") + b',\n  "resources": [')
        for n in count():
            reading, made = kinds[n // RUN % len(kinds)]
            _, said = _pair(n, reading, made(n), schemas)
            file.write((b",\n" if n else b"\n") + textwrap.indent(_laid_out(_block(n, said)).decode(), "    ").encode())
            if file.tell() >= least:
                break
        file.write(b'\n  ],\n  "check_results": null\n}\n')
    return n + 1


def _laid_out(value: Any) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=2)


def _block(n: int, said: Resource) -> dict[str, Any]:
    instance = {"schema_version": 0, "attributes": dict(said.attributes), "sensitive_attributes": []}
    return {
        "mode": "managed",
        "type": said.type,
        "name": f"r{n}",
        "provider": 'provider["registry.terraform.io/hashicorp/aws"]',
        "instances": [instance],
    }
