"""What the AWS provider says of an attribute that nobody wrote, and which attributes hold secrets.

``provider.json`` is generated from the provider's schema and from a plan that it made. A state
needs none of this: it holds what the provider made of the code.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import msgspec

from state.resource import Unknown
from state.terraform.functions import text

LEFT_OUT = "is left out of the code, so that AWS or the provider chooses it"


class Attribute(msgspec.Struct, frozen=True):
    """``flags``: r required, o optional, c computed, s sensitive, d deprecated. ``inner`` is set for a block."""

    type: str
    flags: str
    default: Any = None
    inner: Mapping[str, Attribute] | None = None

    def left_out(self) -> Any:
        """What it comes to when nobody writes it; raises Unknown where AWS decides."""
        if self.default is not None:
            return self.default
        if "c" in self.flags or "r" in self.flags:
            raise Unknown(LEFT_OUT)
        return None if self.inner is None else []


Attributes = Mapping[str, Attribute]


@cache
def _types() -> Mapping[str, Any]:
    data = Path(__file__).with_name("provider.json").read_bytes()
    types: Mapping[str, Any] = msgspec.json.decode(data)["types"]
    return types


@cache
def attributes(type: str) -> Attributes:
    """The attributes and blocks of a type; empty for one that is not known."""
    return _block(_types().get(type, {}))


def _block(block: Mapping[str, Any]) -> Attributes:
    return {name: _attribute(each) for name, each in block.items()}


def _attribute(each: Any) -> Attribute:
    if isinstance(each, list):
        nesting, _, flags = each[0].partition(" ")
        return Attribute(nesting, flags, inner=_block(each[1]))
    about, default = (each["is"], each["default"]) if isinstance(each, Mapping) else (each, None)
    type, _, flags = about.rpartition(" ")
    return Attribute(type, flags, default, _object(type))


_FIELD = re.compile(r"(\w+):((?:list|set|map)\(\w+\)|\w+)")


def _object(type: str) -> Attributes | None:
    """The fields of ``set(object(a:string,…))``: an attribute that is written as a block."""
    _, found, fields = type.partition("(object(")
    if not found:
        return None
    return {name: Attribute(field, "o") for name, field in _FIELD.findall(fields)}


def shaped(value: Any, type: str) -> Any:
    """A value as the provider keeps it: Terraform turns texts, numbers and truth values into one another."""
    if value is None:
        return None
    kind, _, inner = type.removesuffix(")").partition("(")
    if kind in ("list", "set") and isinstance(value, list):
        return [shaped(each, inner) for each in value]
    if kind == "map" and isinstance(value, Mapping):
        return {key: shaped(each, inner) for key, each in value.items()}
    if kind == "string" and isinstance(value, bool | int | float):
        return text(value)
    if kind == "bool" and value in ("true", "false"):
        return value == "true"
    return _numbered(value) if kind == "number" and isinstance(value, str) else value


def _numbered(value: str) -> Any:
    try:
        number = float(value)
    except ValueError:
        return value
    return int(number) if number.is_integer() else number


# --- secrets ----------------------------------------------------------------------------------

_SECRET = re.compile(
    r"(^|_)(password|passwd|passphrase|secret|secrets|secret_string|secret_binary|token|credentials|api_key|"
    r"private_key|secret_key|auth_key|shared_key|preshared_key|user_data|user_data_base64|ses_smtp_password_v\d|"
    r"password_wo|secret_string_wo|connection_string)$"
)

HOLDERS: Mapping[str, frozenset[str]] = {
    "aws_cloudformation_stack": frozenset({"outputs", "parameters"}),
    "aws_codebuild_project": frozenset({"environment"}),
    "aws_ecs_task_definition": frozenset({"container_definitions"}),
    "aws_lambda_function": frozenset({"environment"}),
}
"""Attributes whose values hold what people put into environment variables."""


@cache
def _marked(type: str) -> frozenset[str]:
    named = {name for name, each in attributes(type).items() if _secret(each)}
    return HOLDERS.get(type, frozenset()) | named


def _secret(attribute: Attribute) -> bool:
    return "s" in attribute.flags or any(_secret(each) for each in (attribute.inner or {}).values())


@cache
def _sounds_secret(name: str) -> bool:
    return _SECRET.search(name) is not None


def sensitive(type: str, values: Mapping[str, Any]) -> frozenset[str]:
    """Those attributes that hold a secret: marked by the provider, or named like one, however deep."""
    return _marked(type).intersection(values) | _secrets(values)


def _secrets(values: Mapping[str, Any], within: bool = False) -> frozenset[str]:
    """The names that hold one; ``within`` a block, a map is not one of its values."""
    told, lists = _told_by_name(tuple(values), tuple(map(_kind, values.values())), within)
    deep = (name for name in lists if any(_secrets(each, True) for each in values[name] if isinstance(each, Mapping)))
    return told.union(deep) if lists else told


_kind = type


@lru_cache(10_000)
def _told_by_name(
    names: tuple[str, ...], kinds: tuple[type, ...], within: bool
) -> tuple[frozenset[str], tuple[str, ...]]:
    """Those names of values of these kinds that alone tell of a secret, and the lists that have to be looked into."""
    of = dict(zip(names, kinds, strict=True))
    told = frozenset(
        name for name, kind in of.items() if _sounds_secret(name) and kind is not bool and not (within and kind is dict)
    )
    return told, tuple(name for name, kind in of.items() if kind is list and name not in told)
