"""What `terraform show -json` prints: the resources that a plan leads to, or those of a state.

https://developer.hashicorp.com/terraform/internals/json-format. What the plan says is "known after
apply" is unknown, at whatever depth; a list with one such element is not a whole list, and unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from state.resource import Declaration, Resource, Unknown
from state.schema import Schemas
from state.terraform.partial import block
from state.terraform.statefile import located, without_keys

LATER = "is known only after the apply"
Json = Mapping[str, Any]


def resources(document: Json, source: str, schemas: Schemas) -> Iterator[Resource]:
    """The managed AWS resources as they will be, in a plan; as they are, in a state that was shown."""
    if "resource_changes" not in document:
        shown = _modules((document.get("values") or {}).get("root_module") or {})
        rows = [each | {"witness": "state"} for _, module in shown for each in module.get("resources") or ()]
        yield from located([_resource(each, source) for each in rows if _is_ours(each)])
        return
    found = [_resource(_changed(each), source) for each in document["resource_changes"] if _is_ours(each)]
    kept = [each for each in found if each.declared and each.attributes]
    named = {each.declared.address: _named(each, schemas) for each in kept if each.declared}
    references = dict(_references(document))
    yield from located([_joined(each, references, named) for each in named.values()])


def _is_ours(each: Json) -> bool:
    return each.get("mode") == "managed" and str(each.get("provider_name", "")).endswith("hashicorp/aws")


def _changed(each: Json) -> Json:
    """A change as the row that a state would show; ``after`` is null where the thing is deleted or forgotten."""
    change = each.get("change") or {}
    return each | {  # type: ignore[operator,no-any-return]
        "witness": "plan",
        "values": change.get("after"),
        "unknown": change.get("after_unknown"),
        "sensitive_values": change.get("after_sensitive"),
    }


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
        sensitive=frozenset(name for name, mark in marks.items() if mark)
        if isinstance(marks, Mapping)
        else frozenset(),
        declared=Declaration(address=str(each["address"]), source=source, witness=str(each["witness"])),
    )


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


def _named(each: Resource, schemas: Schemas) -> Resource:
    """What is not named yet goes by a token; its name, where the plan says it, is its id."""
    schema, token = schemas.get(each.type), f"${{{each.declared.address}}}" if each.declared else ""
    name = schema.identity[0] if schema and not callable(schema.identity) and len(schema.identity) == 1 else "id"
    id = each.id or str(each.attributes.get(name) or token)
    tokens = {"id": id, name: id} | ({"arn": token} if "arn" in each.unknown else {})
    attributes = {**each.attributes, **{k: v for k, v in tokens.items() if each.attributes.get(k) is None}}
    unknown = {key: reason for key, reason in each.unknown.items() if key not in attributes}
    return msgspec.structs.replace(each, id=id, attributes=attributes, unknown=unknown)


_REFERENCE = re.compile(r"((?:[a-z0-9_]+)\.[\w-]+(?:\[.+\])?)\.(id|arn|bucket|name|identifier)")


def _joined(each: Resource, references: Mapping[str, Json], named: Mapping[str, Resource]) -> Resource:
    """An attribute to be known later that refers to another resource's name is that name."""
    address = each.declared.address if each.declared else ""
    prefix = address[: address.rindex(f"{each.type}.")]
    found: dict[str, Any] = {}
    for name, said in references.get(without_keys(address), {}).items():
        first = (said.get("references") or [""])[0] if isinstance(said, Mapping) else ""
        match = _REFERENCE.fullmatch(first) if name in each.unknown and _is_name(name) else None
        if match and (target := named.get(prefix + match[1])):
            found[name] = target.attributes.get(match[2])
    found = {name: value for name, value in found.items() if value is not None}
    unknown = {name: reason for name, reason in each.unknown.items() if name not in found}
    return msgspec.structs.replace(each, attributes={**each.attributes, **found}, unknown=unknown)


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
