"""What of a resource is never printed: what is marked sensitive, named like a secret, or looks like one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from scanner.report._values import SENSITIVE
from state import Resource
from state.terraform import provider

_IN_A_TAG = re.compile(
    r"passw|passphrase|secret|token|credential|api_?key|(access|private|auth|shared|signing)_?key|connection_?string"
)
"""People put these into a tag's name; over-careful is right, since nobody has to read them here."""

_LOOKS_SECRET = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY"
    r"|\b[a-z][a-z0-9+.-]*://[^/\s:@]*:[^/\s@]+@"  # a password in a URL
    r"|\b(gh[pousr]_[A-Za-z0-9]{36}|github_pat_\w{22,}|glpat-[\w-]{20,}|xox[abeoprs]-[\w-]{10,}|sk_live_\w{16,})"
    r"|\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\."  # a JSON web token
    r"|hooks\.slack\.com/(services|workflows)/"
)


def attributes(resource: Resource) -> dict[str, Any]:
    """The attributes, whatever may be a secret in them kept back, however deep; tags are told by `tags`."""
    values = dict(resource.attributes.items())
    values.pop("tags", None)
    hidden = resource.sensitive | provider.sensitive(resource.type, values)
    return {name: _hidden(value) if name in hidden else shown(value) for name, value in values.items()}


def tags(resource: Resource) -> dict[str, str]:
    """The tags; the values of those whose name or value says that it is a secret are kept back."""
    return {name: SENSITIVE if _IN_A_TAG.search(_snake(name)) else shown(each) for name, each in resource.tags.items()}


def shown(value: Any) -> Any:
    """A value without the secrets in it."""
    if isinstance(value, str):
        return SENSITIVE if _LOOKS_SECRET.search(value) else value
    if isinstance(value, Mapping):
        return {name: _hidden(each) if _names_secret(name) else shown(each) for name, each in value.items()}
    return [shown(each) for each in value] if isinstance(value, list | tuple) else value


def _hidden(value: Any) -> Any:
    """That there is a value may be told; what it is may not."""
    return value if value is None or value in ("", [], {}) or isinstance(value, bool) else SENSITIVE


@cache
def _names_secret(name: str) -> bool:
    """Whether a key that somebody chose names a secret: ``DB_PASSWORD``, ``apiKey``."""
    name = _snake(name)
    return bool(provider.sensitive("", {name: ""}))


def _snake(name: str) -> str:
    return re.sub(r"[\W_]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)).lower()
