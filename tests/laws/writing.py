"""A reading as the provider may have written it: in another order, with other empty forms, of another version.

What has no order is what the provider's schema calls a set; which texts are documents, the reading shows.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from hypothesis import strategies as st

from scanner.collectors import schemas
from state.forms import NAME_OR_ARN
from state.terraform.provider import Attribute, attributes
from tests.laws.readings import Reading

Draw = st.DrawFn
Drawn = Any

LOOKED_UP_BY_ID = {each.type for each in schemas().values() if callable(each.identity) or "id" in each.identity}
"""Types that are not told without the state's id."""

EMPTY: Mapping[str, st.SearchStrategy[Any]] = {
    "string": st.sampled_from([None, ""]),
    "list": st.sampled_from([None, []]),
    "set": st.sampled_from([None, []]),
    "map": st.sampled_from([None, {}]),
    "single": st.sampled_from([None, {}]),
}
INDENT, ANYONE = st.sampled_from([None, 2]), st.sampled_from(["*", {"AWS": "*"}, {"AWS": ["*"]}])
"""Made once: hypothesis looks each one through before it draws from it the first time."""
ROOT = re.compile(r"arn:aws:iam::([0-9]{12}):root")


@st.composite
def written(draw: Draw, reading: Reading) -> dict[str, Any]:
    """The attributes as a state has them."""
    known = attributes(reading.type)
    said = {name: _value(draw, each, known.get(name)) for name, each in reading.attributes.items()}
    said |= {name: _named(draw, said[name]) for name in _references(reading.type) if isinstance(said.get(name), str)}
    return _tagged(draw, said) | ({"region": "eu-west-1"} if draw(st.booleans()) and "region" not in known else {})


def _tagged(draw: Draw, said: dict[str, Any]) -> dict[str, Any]:
    """Some tags come from the provider's default_tags: the resource has those of its own, and all beside them."""
    if (tags := said.get("tags")) is None:
        return said
    own = draw(_some(tuple(sorted(tags)))) if tags else set()
    mine = {name: tags[name] for name in sorted(own)} or draw(EMPTY["map"])
    return said | {"tags": mine, "tags_all": tags}


@cache
def _references(type: str) -> list[str]:
    """The attributes that name another thing, by its name or its ARN."""
    return [name for name, form in schemas()[type].forms.items() if form is NAME_OR_ARN]


def _named(draw: Draw, value: str) -> str:
    """Another's ARN, or the id or name that it ends with."""
    return draw(st.sampled_from((value, re.split("[:/]", value)[-1]))) if value.startswith("arn:") else value


@cache
def _some(names: tuple[str, ...]) -> st.SearchStrategy[set[str]]:
    return st.sets(st.sampled_from(names))


def _value(draw: Draw, value: Any, kind: Attribute | None) -> Any:
    """The value of an attribute of this kind, said otherwise."""
    outer = kind.type.partition("(")[0] if kind else ""
    if value in (None, "", [], {}) and value is not False and value != 0:
        return draw(EMPTY[outer]) if outer in EMPTY else value
    if isinstance(value, list):
        rows = [_row(draw, each, kind) for each in value]
        return draw(st.permutations(rows)) if outer == "set" and len(rows) > 1 else rows
    if isinstance(value, Mapping) and kind and kind.inner:
        return _row(draw, value, kind)
    return _text(draw, value) if isinstance(value, str) else value


def _row(draw: Draw, row: Any, kind: Attribute | None) -> Any:
    if not isinstance(row, Mapping) or kind is None or kind.inner is None:
        return row
    return {name: _value(draw, each, kind.inner.get(name)) for name, each in row.items()}


# --- documents ------------------------------------------------------------------------------------


def _text(draw: Draw, text: str) -> str:
    if not text.startswith(("{", "[")):
        return text
    try:
        found = json.loads(text)
    except ValueError:
        return text
    policy = isinstance(found, dict) and "Statement" in found
    said = _policy(draw, found) if policy else found
    return json.dumps(said, indent=draw(INDENT), sort_keys=draw(st.booleans()))


def _policy(draw: Draw, policy: dict[str, Any]) -> dict[str, Any]:
    many = policy["Statement"] if isinstance(policy["Statement"], list) else [policy["Statement"]]
    rows = [_statement(draw, each) for each in many]
    rows = draw(st.permutations(rows)) if len(rows) > 1 else rows
    alone = len(rows) == 1 and draw(st.booleans())
    return policy | {"Statement": rows[0] if alone else rows}


def _statement(draw: Draw, statement: Any) -> Any:
    if not isinstance(statement, dict):
        return statement
    said = {name: _one_or_many(draw, name, each) for name, each in statement.items()}
    return {"Sid": ""} | said if "Sid" not in said and draw(st.booleans()) else said


def _one_or_many(draw: Draw, name: str, value: Any) -> Any:
    if name in ("Action", "NotAction", "Resource", "NotResource"):
        many = value if isinstance(value, list) else [value]
        return _many(draw, [each.upper() if "Action" in name and draw(st.booleans()) else each for each in many])
    if name in ("Principal", "NotPrincipal"):
        return draw(ANYONE) if value == "*" else {kind: _principals(draw, each) for kind, each in value.items()}
    if name == "Condition":
        return {test: {key: _many(draw, each) for key, each in keys.items()} for test, keys in value.items()}
    return value


def _principals(draw: Draw, value: Any) -> Any:
    """An account is its root user: AWS takes either for the other."""
    many = value if isinstance(value, list) else [value]
    return _many(draw, [_account(each) if draw(st.booleans()) else each for each in many])


def _account(principal: str) -> str:
    found = ROOT.fullmatch(principal)
    return (
        found[1] if found else f"arn:aws:iam::{principal}:root" if re.fullmatch(r"[0-9]{12}", principal) else principal
    )


def _many(draw: Draw, value: Any) -> Any:
    """In any order; one of them alone, or in a list."""
    many = draw(st.permutations(value if isinstance(value, list) else [value]))
    return many[0] if len(many) == 1 and draw(st.booleans()) else many
