"""A reading as the provider may have written it: in another order, with other empty forms, of another version.

What has no order is what the provider's schema calls a set; which texts are documents, the reading shows.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from random import Random
from typing import Any

from scanner.collectors import schemas
from state.forms import NAME_OR_ARN
from state.terraform.provider import Attribute, attributes
from tests.laws.readings import Reading

LOOKED_UP_BY_ID = {each.type for each in schemas().values() if callable(each.identity) or "id" in each.identity}
"""Types that are not told without the state's id."""

EMPTY: Mapping[str, tuple[Any, ...]] = {
    "string": (None, ""),
    "list": (None, []),
    "set": (None, []),
    "map": (None, {}),
    "single": (None, {}),
}
INDENT: tuple[int | None, ...] = (None, 2)
ANYONE: tuple[Any, ...] = ("*", {"AWS": "*"}, {"AWS": ["*"]})
ROOT = re.compile(r"arn:aws:iam::([0-9]{12}):root")


def written(random: Random, reading: Reading) -> dict[str, Any]:
    """The attributes as a state has them."""
    known = attributes(reading.type)
    said = {name: _value(random, each, known.get(name)) for name, each in reading.attributes.items()}
    said |= {name: _named(random, said[name]) for name in _references(reading.type) if isinstance(said.get(name), str)}
    return _tagged(random, said) | ({"region": "eu-west-1"} if _either(random) and "region" not in known else {})


def _either(random: Random) -> bool:
    return random.random() < 0.5


def _tagged(random: Random, said: dict[str, Any]) -> dict[str, Any]:
    """Some tags come from the provider's default_tags: the resource has those of its own, and all beside them."""
    if (tags := said.get("tags")) is None:
        return said
    mine = {name: tags[name] for name in sorted(tags) if _either(random)} or random.choice(EMPTY["map"])
    return said | {"tags": mine, "tags_all": tags}


@cache
def _references(type: str) -> list[str]:
    """The attributes that name another thing, by its name or its ARN."""
    return [name for name, form in schemas()[type].forms.items() if form is NAME_OR_ARN]


def _named(random: Random, value: str) -> str:
    """Another's ARN, or the id or name that it ends with."""
    return random.choice((value, re.split("[:/]", value)[-1])) if value.startswith("arn:") else value


def _value(random: Random, value: Any, kind: Attribute | None) -> Any:
    """The value of an attribute of this kind, said otherwise."""
    outer = kind.type.partition("(")[0] if kind else ""
    if value in (None, "", [], {}) and value is not False and value != 0:
        return random.choice(EMPTY[outer]) if outer in EMPTY else value
    if isinstance(value, list):
        rows = [_row(random, each, kind) for each in value]
        return random.sample(rows, len(rows)) if outer == "set" and len(rows) > 1 else rows
    if isinstance(value, Mapping) and kind and kind.inner:
        return _row(random, value, kind)
    return _text(random, value) if isinstance(value, str) else value


def _row(random: Random, row: Any, kind: Attribute | None) -> Any:
    if not isinstance(row, Mapping) or kind is None or kind.inner is None:
        return row
    return {name: _value(random, each, kind.inner.get(name)) for name, each in row.items()}


# --- documents ------------------------------------------------------------------------------------


def _text(random: Random, text: str) -> str:
    if not text.startswith(("{", "[")):
        return text
    try:
        found = json.loads(text)
    except ValueError:
        return text
    policy = isinstance(found, dict) and "Statement" in found
    said = _policy(random, found) if policy else found
    return json.dumps(said, indent=random.choice(INDENT), sort_keys=_either(random))


def _policy(random: Random, policy: dict[str, Any]) -> dict[str, Any]:
    many = policy["Statement"] if isinstance(policy["Statement"], list) else [policy["Statement"]]
    rows = [_statement(random, each) for each in many]
    rows = random.sample(rows, len(rows)) if len(rows) > 1 else rows
    alone = len(rows) == 1 and _either(random)
    return policy | {"Statement": rows[0] if alone else rows}


def _statement(random: Random, statement: Any) -> Any:
    if not isinstance(statement, dict):
        return statement
    said = {name: _one_or_many(random, name, each) for name, each in statement.items()}
    return {"Sid": ""} | said if "Sid" not in said and _either(random) else said


def _one_or_many(random: Random, name: str, value: Any) -> Any:
    if name in ("Action", "NotAction", "Resource", "NotResource"):
        many = value if isinstance(value, list) else [value]
        return _many(random, [each.upper() if "Action" in name and _either(random) else each for each in many])
    if name in ("Principal", "NotPrincipal"):
        if value == "*":
            return random.choice(ANYONE)
        return {kind: _principals(random, each) for kind, each in value.items()}
    if name == "Condition":
        return {test: {key: _many(random, each) for key, each in keys.items()} for test, keys in value.items()}
    return value


def _principals(random: Random, value: Any) -> Any:
    """An account is its root user: AWS takes either for the other."""
    many = value if isinstance(value, list) else [value]
    return _many(random, [_account(each) if _either(random) else each for each in many])


def _account(principal: str) -> str:
    found = ROOT.fullmatch(principal)
    return (
        found[1] if found else f"arn:aws:iam::{principal}:root" if re.fullmatch(r"[0-9]{12}", principal) else principal
    )


def _many(random: Random, value: Any) -> Any:
    """In any order; one of them alone, or in a list."""
    many = value if isinstance(value, list) else [value]
    many = random.sample(many, len(many))
    return many[0] if len(many) == 1 and _either(random) else many
