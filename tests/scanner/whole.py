"""A resource as one value, for the tests of collectors: what it is known by, and all that is set of it."""

from __future__ import annotations

from typing import Any

from state import Resource
from tests.scanner.provider import assert_value_types

EMPTY = (None, "", [], {})


def whole(resource: Resource) -> dict[str, Any]:
    """Id, identity, ARN, tags, owner, what is unknown, and the attributes that say something."""
    assert_value_types(resource)
    known = {"id": resource.id, "identity": resource.identity, "arn": resource.arn, "owner": resource.owner}
    told = {**resource.attributes, "tags": resource.tags, "unknown": sorted(resource.unknown)}
    return {f"its {name}": each for name, each in known.items()} | {
        name: trimmed(each) for name, each in told.items() if trimmed(each) not in EMPTY
    }


def trimmed(value: Any) -> Any:
    """A block without the members that say nothing."""
    if isinstance(value, dict):
        return {name: trimmed(each) for name, each in value.items() if trimmed(each) not in EMPTY}
    return [trimmed(each) for each in value] if isinstance(value, list) else value
