"""What was read beside what is declared, for the tests of collectors."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from scanner.aws.collector import Collector
from state import Declaration, Inventory, Resource
from state.drift import drift
from state.terraform.settle import settle
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.provider import assert_value_types


def declared(type: str, id: str, /, **attributes: Any) -> Resource:
    """A thing as a state has it."""
    return Resource(
        type=type,
        id=id,
        account=ACCOUNT,
        region=REGION,
        attributes={"id": id, **attributes},
        declared=Declaration(address=f"{type}.this", source="test"),
    )


def twin(live: Resource, /, **changes: Any) -> Resource:
    """A live thing as Terraform would have declared it, but for some attributes."""
    return declared(live.type, live.id, **{**live.attributes, "tags_all": live.tags, **changes})


def as_declared(live: Resource, /, **changes: Any) -> Resource:
    """The same, its tags as a collector has them."""
    declaration = Declaration(address=f"{live.type}.here", source="terraform.tfstate")
    return live.replace(attributes={**live.attributes, **changes}, declared=declaration)


def told(found: Inventory, collectors: Iterable[Collector], *wanted: Resource) -> set[tuple[str, str, str]]:
    """(kind, type, path) of each difference."""
    schemas = {each.type: each.schema for each in collectors}
    result = drift(found, Inventory(settle(wanted, schemas)), schemas)
    return {
        (each.kind.value, each.resource.type, path)
        for each in result.drift
        for path in [change.path for change in each.changes] or [""]
    }


def noise(found: Inventory, collectors: Iterable[Collector], *wanted: Resource) -> dict[str, str]:
    """What differs and is no drift, by path, and the rule that says so."""
    schemas = {each.type: each.schema for each in collectors}
    result = drift(found, Inventory(settle(wanted, schemas)), schemas, everything=True)
    assert result.moved == sum(len(each.changes) for each in result.noise)
    return {change.path: change.noise for each in result.noise for change in each.changes}


def only(found: Inventory, type: str, owner: str | None = None) -> Resource:
    """The one thing of a type that nobody but us made."""
    [one] = [each for each in found.of(type) if each.owner == owner]
    return one


def one(collector: Collector) -> Resource:
    """The one thing of its type that a collector sees, every value as the provider types it."""
    inventory = read(collector)
    assert inventory.gaps == []
    [found] = inventory.of(collector.type)
    assert_value_types(found)
    return found
