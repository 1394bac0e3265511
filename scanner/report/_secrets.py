"""What of a resource is never printed: what is marked sensitive, named like a secret, or looks like one."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from scanner.report._values import SENSITIVE
from state import Resource, secret
from state.terraform import provider


def attributes(resource: Resource) -> dict[str, Any]:
    """The attributes, whatever may be a secret in them kept back, however deep; tags are told by `tags`."""
    values = dict(resource.attributes.items())
    values.pop("tags", None)
    hidden = resource.sensitive | provider.sensitive(resource.type, values)
    return {name: _hidden(value) if name in hidden else shown(value) for name, value in values.items()}


def tags(resource: Resource) -> dict[str, str]:
    """The tags; the values of those whose name or value says that it is a secret are kept back."""
    return {name: SENSITIVE if secret.names(name) else shown(each) for name, each in resource.tags.items()}


def shown(value: Any) -> Any:
    """A value without the secrets in it."""
    if isinstance(value, str):
        return SENSITIVE if secret.looks(value) else value
    if isinstance(value, Mapping):
        return {name: _hidden(each) if _names_secret(name) else shown(each) for name, each in value.items()}
    return [shown(each) for each in value] if isinstance(value, list | tuple) else value


def _hidden(value: Any) -> Any:
    """That there is a value may be told; what it is may not."""
    return value if value is None or value in ("", [], {}) or isinstance(value, bool) else SENSITIVE


@cache
def _names_secret(name: str) -> bool:
    """Whether a key that somebody chose names a secret: ``DB_PASSWORD``, ``apiKey``."""
    return bool(provider.sensitive("", {secret.snake(name): ""}))
