"""The resources that `.tf` code declares, as far as the code alone says what they are.

A value that only an apply could tell is unknown, never "not set". A reference to another resource
is that resource's own name, or a token that stands for it on both sides, so that neighbours join.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from state.inventory import Inventory
from state.resource import GLOBAL, SUBJECTS, Declaration, Gap, Resource, Unknown
from state.schema import Schemas
from state.terraform import configuration
from state.terraform.configuration import Configuration, ignored, said
from state.terraform.expressions import Allowance
from state.terraform.ignored_tags import alias_of
from state.terraform.modules import Instance, Scope, Shared
from state.terraform.provider import LEFT_OUT, Attributes, attributes, sensitive
from state.terraform.settle import settled
from state.terraform.syntax import Block

HIDDEN = "an expression that cannot be known from the code"


def read(source: str | Path | Configuration, schemas: Schemas, *, now: datetime | None = None) -> Inventory:
    """The settled resources of a text or a folder, with a gap for each thing that could not be read."""
    written = _configuration(source)
    found = settled(resources(written, schemas, live=isinstance(source, str), now=now), schemas)
    return Inventory(found.resources, [*found.gaps, *_gaps(written.faults, schemas)], taken_at=now)


def resources(
    source: str | Path | Configuration, schemas: Schemas, *, live: bool = False, now: datetime | None = None
) -> Iterator[Resource]:
    """Each resource that the code declares, under the provider's types and not yet settled.

    With ``live`` (or from a text) the blocks ``live "type" "name"``, ``account`` and ``region`` are
    read too: they give the facts that Terraform has no attribute for. Raises what reading raises.
    """
    written = _configuration(source)
    scope = root_scope(written, schemas)
    found = {each.declared.address: each for each in _of_module(scope, written) if each.declared}
    if live or isinstance(source, str):
        for each in _live(scope, found, now):
            found[each.declared.address if each.declared else f"{each.type}.{each.id}"] = each
    yield from found.values()


def root_scope(written: Configuration, schemas: Schemas) -> Scope:
    """What the names in the root module stand for."""
    aliases = {alias: each.type for each in schemas.values() for alias in each.aliases}
    inputs = {name: (lambda each=each: _literal(each)) for name, each in written.inputs.items()}
    return Scope(written.root, Shared(schemas, aliases, Allowance()), inputs)


def _configuration(source: str | Path | Configuration) -> Configuration:
    if isinstance(source, Configuration):
        return source
    return configuration.read(source) if isinstance(source, Path) else configuration.of_text(source, "main.tf")


def _literal(expression: Any) -> Any:
    value = said(expression)
    if value is None:
        raise Unknown("is not a literal")
    return value


def _gaps(faults: list[str], schemas: Schemas) -> Iterator[Gap]:
    """What stands in a file that cannot be read may be of any type."""
    for fault in faults:
        for type in schemas:
            yield Gap(type=type, account="", region=GLOBAL, reason=fault, kind="malformed")


# --- resource blocks ----------------------------------------------------------------------------


def _of_module(scope: Scope, written: Configuration) -> Iterator[Resource]:
    for block in scope.resources.values():
        if block.labels[0].startswith("aws_"):
            for instance in scope.instances(block):
                yield _resource(scope, block, instance, written)
    for name in scope.module.calls:
        for _, child in scope.instances_of(name):
            yield from _of_module(child, written)


def _resource(scope: Scope, block: Block, instance: Instance, written: Configuration) -> Resource:
    type, name = block.labels
    about = attributes(type)
    known, unknown = scope.block(block.body, about, scope.bound(instance))
    _tag(known, unknown, about, _provider_tags(scope, block, written))
    _name(scope, block, instance, known, unknown)
    secret = sensitive(type, {**known, **dict.fromkeys(unknown)})
    return Resource(
        type=type,
        id=str(known["id"]),
        region=provider_region(scope, block, written),
        arn=str(known["arn"]) if "arn" in known else None,
        attributes=known,
        tags=known.get("tags_all") or known.get("tags") or {},
        unknown=unknown | {name: HIDDEN for name in secret if unknown.get(name, LEFT_OUT) != LEFT_OUT},
        sensitive=secret,
        declared=Declaration(
            address=f"{scope.address}{type}.{name}{instance.key}",
            source=block.file,
            witness="code",
            file=block.file,
            line=block.line,
            ignore_changes=ignored(block),
        ),
    )


def _name(scope: Scope, block: Block, instance: Instance, known: dict[str, Any], unknown: dict[str, str]) -> None:
    """What identifies a resource is known by its token at least."""
    about = attributes(block.labels[0])
    for name in ("id", scope.identity(block.labels[0]), "arn" if "arn" in about else None):
        if name and known.get(name) is None:
            known[name] = scope.attribute(block, instance, name)
            unknown.pop(name, None)


def _tag(known: dict[str, Any], unknown: dict[str, str], about: Attributes, defaults: Mapping[str, str] | None) -> None:
    """The provider writes its default tags on whatever takes tags."""
    if "tags_all" not in about or "tags" in unknown:
        return
    if defaults is None:
        unknown["tags"] = unknown["tags_all"] = "the provider's default_tags cannot be known from the code"
        known.pop("tags", None)
        return
    known["tags_all"] = {**defaults, **(known.get("tags") or {})}
    unknown.pop("tags_all", None)


def _provider(scope: Scope, block: Block, written: Configuration) -> Block | None:
    """The provider's block; a module's is the root's, unless its call says otherwise."""
    if scope.address and any("providers" in each.body.attributes for each in written.root.of("module")):
        return None
    blocks = [each for each in written.root.of("provider") if each.labels == ("aws",)]
    return next((each for each in blocks if (said(each.body.attributes.get("alias")) or "") == alias_of(block)), None)


def provider_region(scope: Scope, block: Block, written: Configuration) -> str:
    """The region of the provider configuration that a block is under; empty where the code does not say it."""
    provider = _provider(scope, block, written)
    expression = provider.body.attributes.get("region") if provider else None
    try:
        return str(scope.value(expression)) if expression is not None and not scope.address else ""
    except Unknown:
        return ""


def _provider_tags(scope: Scope, block: Block, written: Configuration) -> Mapping[str, str] | None:
    """The default tags; None where the code has some and does not say which."""
    provider = _provider(scope, block, written)
    if provider is None or not list(provider.body.of("default_tags")):
        return {}
    return written.default_tags.get(alias_of(block))


# --- live blocks --------------------------------------------------------------------------------


def _live(scope: Scope, found: Mapping[str, Resource], now: datetime | None) -> Iterator[Resource]:
    for block in scope.module.of("live"):
        type, name = block.labels
        known = _moments(scope.block(block.body, {}, scope.names)[0], now)
        facts = {key: value for key, value in known.items() if key not in attributes(type)}
        declared = found.get(f"{type}.{name}")
        if declared is not None:
            yield declared.replace(facts={**declared.facts, **known})
        else:
            yield _only_live(scope, type, name, known, facts)
    for subject in sorted(SUBJECTS):
        for block in scope.module.of(subject):
            facts = _moments(scope.block(block.body, {}, scope.names)[0], now)
            yield Resource(type=subject, id=subject, region=GLOBAL if subject == "account" else "", facts=facts)


def _only_live(scope: Scope, type: str, name: str, known: dict[str, Any], facts: dict[str, Any]) -> Resource:
    values = {key: value for key, value in known.items() if key not in facts}
    identity = scope.identity(type)
    id = str(values.get("id") or values.get(identity or "id") or f"${{{type}.{name}}}")
    values |= {"id": id} | ({identity: id} if identity else {})
    return Resource(type=type, id=id, attributes=values, tags=values.get("tags") or {}, facts=facts)


_AGO = re.compile(r"([+-]\d{1,5}) (second|minute|hour|day|week)s?")


def _moments(value: Any, now: datetime | None) -> Any:
    """ "-91 days" as the moment it is, in RFC 3339."""
    if isinstance(value, dict):
        return {name: _moments(each, now) for name, each in value.items()}
    if isinstance(value, list):
        return [_moments(each, now) for each in value]
    if now is None or not isinstance(value, str) or not (match := _AGO.fullmatch(value)):
        return value
    moment = now + timedelta(**{f"{match[2]}s": int(match[1])})
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
