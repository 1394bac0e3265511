"""A policy document as ``data "aws_iam_policy_document"`` writes it.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from state.terraform.functions import jsonencode

LISTS = {
    "actions": "Action",
    "not_actions": "NotAction",
    "resources": "Resource",
    "not_resources": "NotResource",
}
PRINCIPALS = {"principals": "Principal", "not_principals": "NotPrincipal"}


def document(block: Mapping[str, Any]) -> str:
    """The JSON of a document's block; raises Unknown where a value of it is not known."""
    statements = [_statement(each) for each in block.get("statement") or ()]
    before = [each for text in block.get("source_policy_documents") or () for each in _statements(text)]
    after = [each for text in block.get("override_policy_documents") or () for each in _statements(text)]
    written: dict[str, Any] = {"Version": block.get("version") or "2012-10-17"}
    if block.get("policy_id"):
        written["Id"] = block["policy_id"]
    return jsonencode(written | {"Statement": list(_overridden([*before, *statements], after))})


def _statements(text: str) -> list[Any]:
    found = msgspec.json.decode(text).get("Statement", [])
    return found if isinstance(found, list) else [found]


def _overridden(statements: Iterable[Any], others: list[Any]) -> Iterator[Any]:
    """A statement with the same Sid takes the other's place; the rest follow."""
    named = {each["Sid"]: each for each in others if each.get("Sid")}
    for each in statements:
        yield named.pop(each.get("Sid"), each)
    yield from (each for each in others if not each.get("Sid") or each["Sid"] in named)


def _statement(block: Mapping[str, Any]) -> dict[str, Any]:
    statement: dict[str, Any] = {"Effect": block.get("effect") or "Allow"}
    if block.get("sid"):
        statement["Sid"] = block["sid"]
    for name, written in LISTS.items():
        if values := block.get(name):
            statement[written] = _one_or_many(values)
    for name, written in PRINCIPALS.items():
        if blocks := block.get(name):
            statement[written] = _principals(blocks)
    if conditions := block.get("condition"):
        statement["Condition"] = _conditions(conditions)
    return statement


def _one_or_many(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else sorted(values)


def _principals(blocks: list[Mapping[str, Any]]) -> Any:
    if [(each["type"], each["identifiers"]) for each in blocks] == [("*", ["*"])]:
        return "*"
    found: dict[str, list[Any]] = {}
    for each in blocks:
        found.setdefault(each["type"], []).extend(each["identifiers"])
    return {type: _one_or_many(who) for type, who in found.items()}


def _conditions(blocks: list[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, list[Any]]] = {}
    for each in blocks:
        found.setdefault(each["test"], {}).setdefault(each["variable"], []).extend(each["values"])
    return {test: {name: _one_or_many(values) for name, values in tests.items()} for test, tests in found.items()}
