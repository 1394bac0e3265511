"""What `terraform show -json` prints: the resources that a plan leads to, or those of a state.

https://developer.hashicorp.com/terraform/internals/json-format. What the plan says is "known after
apply" is unknown, at whatever depth; a list with one such element is not a whole list, and unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from state.resource import Declaration, Resource, Unknown
from state.schema import Schemas
from state.terraform.partial import block
from state.terraform.settle import declaration
from state.terraform.statefile import located, without_keys

LATER = "is known only after the apply"
Json = Mapping[str, Any]


def leads(document: Json) -> bool:
    """Whether it is a plan, and no state that was shown."""
    return "planned_values" in document or "resource_changes" in document


def resources(
    document: Json, source: str, schemas: Schemas, *, applied: bool = True, before: bool = False
) -> Iterator[Resource]:
    """The managed AWS resources as they will be, in a plan; as they are, in a state that was shown.

    Not ``applied``, a plan's are those that should be there now: what it creates is left out, and
    what it deletes or replaces is as it was. With ``before`` all of them are as they were.
    """
    if "resource_changes" not in document:
        shown = _modules((document.get("values") or {}).get("root_module") or {})
        rows = [each | {"witness": "state"} for _, module in shown for each in module.get("resources") or ()]
        yield from located([_resource(each, source) for each in rows if _is_ours(each)])
        return
    changes = [_changed(each, applied, before) for each in document["resource_changes"] if _is_ours(each)]
    found = {_at(each): _resource(each, source) for each in changes if each["values"] is not None}
    yield from located(_Naming(found, dict(_references(document)), schemas).all())


def _is_ours(each: Json) -> bool:
    return each.get("mode") == "managed" and str(each.get("provider_name", "")).endswith("hashicorp/aws")


def _at(each: Json) -> str:
    """What was replaced and is still to be deleted has the address of what stands in its place."""
    return f"{each['address']} ({each['deposed']})" if each.get("deposed") else str(each["address"])


def _changed(each: Json, applied: bool, before: bool) -> Json:
    """A change as the row that a state would show; no values where the thing is not there."""
    change = each.get("change") or {}
    row = {**each, "witness": "plan"}
    if before or (not applied and {"create", "delete", "forget"} & set(change.get("actions") or ())):
        return row | {"values": change.get("before"), "sensitive_values": change.get("before_sensitive")}
    values, unknown, marks = (change.get(name) for name in ("after", "after_unknown", "after_sensitive"))
    new = "create" in (change.get("actions") or ())
    return row | {"values": values, "unknown": unknown, "sensitive_values": marks, "new": new}


def _resource(each: Json, source: str) -> Resource:
    known, unknown = _values(each.get("values") or {}, each.get("unknown") or {})
    tags, marks = known.get("tags_all") or known.get("tags"), each.get("sensitive_values")
    return Resource(
        type=str(each["type"]),
        id=str(known.get("id") or ""),
        arn=known.get("arn") or None,
        attributes=known,
        tags=tags if isinstance(tags, dict) else {},
        unknown=unknown,
        sensitive=frozenset(name for name, mark in marks.items() if _is_marked(mark))
        if isinstance(marks, Mapping)
        else frozenset(),
        declared=Declaration(
            address=str(each["address"]),
            source=source,
            witness=str(each["witness"]),
            deposed=bool(each.get("deposed") or each.get("deposed_key")),
            new=bool(each.get("new")),
        ),
    )


def _is_marked(mark: Any) -> bool:
    """Whether something is marked, at whatever depth; what is not stands there as ``false``, or as nothing."""
    if isinstance(mark, Mapping | list):
        return any(map(_is_marked, mark.values() if isinstance(mark, Mapping) else mark))
    return bool(mark)


def _values(after: Json, unknown: Json) -> tuple[dict[str, Any], dict[str, str]]:
    known: dict[str, Any] = {}
    later: dict[str, str] = {}
    for name in {**after, **unknown}:
        try:
            known[name] = _value(after.get(name), unknown.get(name))
        except Unknown as reason:
            later[name] = str(reason)
    return known, later


def _value(after: Any, unknown: Any) -> Any:
    if unknown is True:
        raise Unknown(LATER)
    if isinstance(after, list) and isinstance(unknown, list):
        return [_value(each, unknown[n] if n < len(unknown) else None) for n, each in enumerate(after)]
    if isinstance(after, Mapping) and isinstance(unknown, Mapping):
        return block(*_values(after, unknown))
    return after


# --- references: what one resource to be created takes from another ---------------------------------


_REFERENCE = re.compile(r"([a-z0-9_]+\.[\w-]+(?:\[.+\])?)\.(id|arn|bucket|name|identifier)")


class _Naming:
    """Resources under the names that they have of their own, of one another, or by a token until they have one."""

    def __init__(self, found: Mapping[str, Resource], references: Mapping[str, Json], schemas: Schemas) -> None:
        self.found, self.references, self.schemas = found, references, schemas
        self.named: dict[str, Resource] = {}

    def all(self) -> list[Resource]:
        return [each for address in self.found if (each := self.one(address))]

    def one(self, address: str) -> Resource | None:
        if address in self.found and address not in self.named:
            self.named[address] = self._named(self.found[address])  # for those that refer to themselves
            self.named[address] = self._named(self._joined(self.found[address], address))
        return self.named.get(address)

    def _named(self, each: Resource) -> Resource:
        """What is not named yet goes by a token; its name, where the plan says it, is its id."""
        schema, token = self.schemas.get(each.type), f"${{{declaration(each).address}}}"
        name = schema.identity[0] if schema and not callable(schema.identity) and len(schema.identity) == 1 else "id"
        id = each.id or str(each.attributes.get(name) or token)
        tokens = {"id": id, name: id} | ({"arn": token} if "arn" in each.unknown else {})
        return _with(each, {key: value for key, value in tokens.items() if each.attributes.get(key) is None}, id)

    def _joined(self, each: Resource, address: str) -> Resource:
        """An attribute to be known later that refers to another resource's name is that name."""
        prefix = address[: address.rindex(f"{each.type}.")]
        found: dict[str, Any] = {}
        for name, said in self.references.get(without_keys(address), {}).items():
            first = (said.get("references") or [""])[0] if isinstance(said, Mapping) else ""
            match = _REFERENCE.fullmatch(first) if name in each.unknown and _is_name(name) else None
            if match and (target := self.one(prefix + match[1])) and target.attributes.get(match[2]) is not None:
                found[name] = target.attributes[match[2]]
        return _with(each, found, each.id)


def _with(each: Resource, values: Json, id: str) -> Resource:
    unknown = {name: reason for name, reason in each.unknown.items() if name not in values}
    return each.replace(id=id, attributes={**each.attributes, **values}, unknown=unknown)


def _is_name(name: str) -> bool:
    """An attribute that holds one name, rather than a document or a text with a name in it."""
    return name.endswith(("_id", "_arn", "_identifier", "_name")) or name in ("bucket", "role", "user", "group")


def _references(document: Json) -> Iterator[tuple[str, Json]]:
    for prefix, module in _modules((document.get("configuration") or {}).get("root_module") or {}):
        for each in module.get("resources") or ():
            yield f"{prefix}{each.get('address')}", each.get("expressions") or {}


def _modules(root: Json) -> Iterator[tuple[str, Json]]:
    """A module and all below it, each with its prefix; nothing is deep enough to recurse into."""
    waiting = [("", root)]
    while waiting:
        prefix, module = waiting.pop()
        yield prefix, module
        waiting.extend(("", each) for each in module.get("child_modules") or ())
        for name, call in (module.get("module_calls") or {}).items():
            waiting.append((f"{prefix}module.{name}.", call.get("module") or {}))
