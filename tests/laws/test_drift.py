"""The laws of drift for every collected type: no false drift, nothing unseen, and nothing said of what was not read."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanner.aws.asked import Code
from scanner.collectors import collectors, schemas
from state import Declaration, Gap, Inventory, Resource
from state.drift import Comparison, Kind, drift
from state.forms import parsed
from state.resource import GLOBAL
from state.schema import Schemas
from state.terraform.settle import settle
from tests.cases import every
from tests.conftest import ACCOUNT, REGION
from tests.laws.readings import Reading, readings
from tests.laws.writing import LOOKED_UP_BY_ID, written

TYPES = sorted(each.type for each in collectors() if each.type.startswith("aws_"))
every_type = every({type: type for type in TYPES})


def test_there_is_a_reading_of_every_type() -> None:
    assert sorted(type for type in readings() if type.startswith("aws_")) == TYPES


@cache
def around(type: str) -> Schemas:
    """The type's own schema, those of what it declares in blocks, and of what it is a part of."""
    known = schemas()
    near = {type} | {each.type for each in known.values() if type in each.homes}
    near |= {each.parent.type for each in map(known.get, near) if each and each.parent}
    return {each: known[each] for each in near}


def declared(reading: Reading, attributes: Mapping[str, Any], id: str | None = None) -> Resource:
    return Resource(
        type=reading.type,
        id=id or reading.id,
        account=ACCOUNT,
        region=GLOBAL if schemas()[reading.type].is_global else REGION,
        arn=reading.arn,
        attributes=dict(attributes),
        declared=Declaration(address=f"{reading.type}.this", source="law"),
    )


def alive(things: Iterable[Resource]) -> list[Resource]:
    return [each.replace(declared=None) for each in things]


@cache
def live(type: str) -> tuple[Resource, ...]:
    """The thing that was read, and what it declares in blocks."""
    reading = readings()[type]
    return tuple(alive(settle([declared(reading, as_state(reading))], around(type))))


def as_state(reading: Reading) -> dict[str, Any]:
    tags = reading.attributes.get("tags")
    return reading.attributes if tags is None else reading.attributes | {"tags_all": tags}


def of(
    type: str, seen: Iterable[Resource], said: Iterable[Resource], *gaps: Gap, everything: bool = False
) -> Comparison:
    wanted = Inventory(settle(said, around(type)))
    return drift(Inventory(list(seen), list(gaps)), wanted, around(type), everything=everything)


PARTS = 12
"""How many tests share the types. Each example writes all that are its own: for one alone, hypothesis works longer
than the comparison does, and the more so the fewer ways there are to write it."""

_in_sync: set[int] = set()
"""What was written so before, and had not drifted: it is not compared again."""


@pytest.mark.parametrize("part", range(PARTS))
@settings(max_examples=200, suppress_health_check=list(HealthCheck), database=None)
@given(seed=st.integers(0, 2**64 - 1))
def test_what_the_provider_wrote_otherwise_has_not_drifted(part: int, seed: int) -> None:
    told = {}
    for type in TYPES[part::PARTS]:
        random = Random(f"{seed} {type}")
        said = written(random, readings()[type])
        id = None if type in LOOKED_UP_BY_ID else random.choice((None, "as-another-version-had-it"))
        form = hash((type, msgspec.json.encode(said), id))
        if form not in _in_sync:
            told[type] = wrong(type, said, id)
            _in_sync.update([] if told[type] else [form])
    assert {type: each for type, each in told.items() if each} == {}


def wrong(type: str, said: dict[str, Any], id: str | None) -> list[Any]:
    """What has drifted, is in no pair, or would not be asked for."""
    found = of(type, live(type), [declared(readings()[type], said, id)])
    code = Code(Inventory(found.pairs.values()))
    unasked = [each for each in found.pairs if not code.has(each.type, each.id, each.identity)]
    return [*found.drift, *unasked, *([] if found.pairs else ["nothing is paired"])]


@every_type
def test_each_value_changed_is_one_drift_with_its_path(type: str) -> None:
    """Or noise, where a rule says so: told all the same to who asks for everything."""
    reading = readings()[type]
    own, *parts = live(type)
    said = [declared(reading, as_state(reading))]
    told = {}
    for name in mutable(type, own):
        changed = dict(own.attributes) | {name: other(own.attributes[name])}
        seen = own.replace(attributes=changed)
        found = of(type, [seen, *parts], said, everything=name in schemas()[type].excuses)
        told[name] = [
            (each.kind, each.declared and each.declared.address, {path(change.path) for change in each.changes})
            for each in found.drift or found.noise
        ]
    expected = {name: [(Kind.CHANGED, f"{type}.this", {name})] for name in told}
    assert told == expected


ANOTHER_WAY = {
    ("aws_instance", "ebs_block_device"): "disks are told by their volumes and attachments",
    ("aws_sfn_state_machine", "encryption_configuration"): "without a key it is AWS's own, whatever it is called",
    (
        "aws_wafv2_web_acl",
        "default_action",
    ): "a choice of blocks that hold nothing",
}
"""Attributes that are compared, but not by a value of the same shape."""


def mutable(type: str, own: Resource) -> list[str]:
    """The attributes that are compared, are set, and are not what the thing is known by."""
    schema = schemas()[type]
    by = schema.identity if isinstance(schema.identity, tuple) else ()
    return [
        name
        for name, form in schema.compared.items()
        if not (form.noise or name in by or (type, name) in ANOTHER_WAY or is_empty(own.attributes.get(name)))
    ]


def is_empty(value: Any) -> bool:
    return value is None or value in ("", [], {})


def path(text: str) -> str:
    return text.partition(".")[0].partition("[")[0]


def other(value: Any) -> Any:
    """A value of the same shape of which every part is another."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 7
    if isinstance(value, str):
        return _other_text(value)
    if isinstance(value, list):
        return [other(each) for each in value]
    return value and {name: other(each) for name, each in value.items()}


def _other_text(text: str) -> str:
    if re.match(r"[0-9]{4}-[0-9]{2}-", text):
        return f"2042{text[4:]}"
    document = parsed(text)
    if not isinstance(document, dict | list):
        return f"{text}-2"
    changed = other(document)
    return json.dumps({"another": 1} if changed == document else changed)


HIDES: Mapping[str, Callable[[Resource], Gap]] = {
    "the type": lambda one: Gap(type=one.type, account=ACCOUNT, region=one.region, reason="denied", kind="denied"),
    "the region": lambda one: Gap(type="*", account=ACCOUNT, region=GLOBAL, reason="denied", kind="denied"),
    "the thing": lambda one: Gap(
        type=one.type, account=ACCOUNT, region=one.region, id=one.id, reason="denied", kind="denied"
    ),
}


@every({f"{type}-{hidden}": (type, hidden) for type in TYPES for hidden in HIDES})
def test_what_could_not_be_read_is_not_missing(type: str, hidden: str) -> None:
    reading = readings()[type]
    own = live(type)[0]
    found = of(type, [], [declared(reading, as_state(reading))], HIDES[hidden](own))
    assert [each for each in found.drift if each.resource.type == type] == []


@every_type
def test_what_was_looked_for_and_is_not_there_is_missing(type: str) -> None:
    reading = readings()[type]
    said = declared(reading, as_state(reading))
    found = of(type, [], [said])
    as_without_it = schemas()[type].at_default(settle([said], around(type))[0])
    assert ((Kind.MISSING, type) in {(each.kind, each.resource.type) for each in found.drift}) is not as_without_it
