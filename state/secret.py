"""Secrets: a value that is never shown, and which names and texts say that one is such."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_NAMES = re.compile(
    r"passw|passphrase|secret|token|credential|api_?key|(access|private|auth|shared|signing)_?key|connection_?string"
)
"""People put these into a tag's name; over-careful is right, since nobody has to read them here."""

_LOOKS = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY"
    r"|\b[a-z][a-z0-9+.-]*://[^/\s:@]*:[^/\s@]+@"  # a password in a URL
    r"|\b(gh[pousr]_[A-Za-z0-9]{36}|github_pat_\w{22,}|glpat-[\w-]{20,}|xox[abeoprs]-[\w-]{10,}|sk_live_\w{16,})"
    r"|\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\."  # a JSON web token
    r"|hooks\.slack\.com/(services|workflows)/"
)


def names(tag: str) -> bool:
    """Whether the key of a tag names a secret: ``DB_PASSWORD``, ``apiKey``."""
    return _NAMES.search(snake(tag)) is not None


def snake(name: str) -> str:
    return re.sub(r"[\W_]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)).lower()


def looks(value: Any) -> bool:
    """Whether a text, or one in a list or a map, looks like a secret, whatever it is called."""
    if isinstance(value, str):
        return _LOOKS.search(value) is not None
    if isinstance(value, Mapping):
        return any(map(looks, value.values()))
    return isinstance(value, list | tuple) and any(map(looks, value))


class Secret:
    """A value that is compared but never shown: everything that prints it says ``(sensitive)``."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __repr__(self) -> str:
        return "(sensitive)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other.value == self.value

    def __hash__(self) -> int:
        return hash(repr(self.value))


_PAIR = re.compile(r"\[([^\]]+)\]\.value$")


def key_of(name: str, path: str, attributes: Mapping[str, Any]) -> str:
    """What somebody called the value at this path: the key of a tag, the name of a variable."""
    if name == "value":
        return str(attributes.get("key") or "")
    if path.endswith("[0].value"):
        return _called(_block(path.removesuffix(".value"), attributes))
    pair = _PAIR.search(path)
    return pair[1] if pair else path.removeprefix(f"{name}.") if isinstance(attributes.get(name), Mapping) else ""


def _block(path: str, attributes: Mapping[str, Any]) -> Mapping[str, Any]:
    """The one block in one block in … that a path leads to; empty where it leads elsewhere."""
    found = attributes
    for name in path.removesuffix("[0]").split("[0]."):
        blocks = found.get(name)
        if not (isinstance(blocks, list | tuple) and blocks and isinstance(blocks[0], Mapping)):
            return {}
        found = blocks[0]
    return found


def _called(block: Mapping[str, Any]) -> str:
    return str(block.get("key") or block.get("name") or "")


def veiled(value: Any, key: str = "", *, block: bool = False) -> Any:
    """A value, what may be a secret in it kept back.

    The keys of a map are people's words, those of a block the provider's.
    """
    if value is None or isinstance(value, Secret):
        return value
    if names(key) or (isinstance(value, str) and looks(value)):
        return Secret(value)
    if isinstance(value, Mapping):
        named = _called(value) if block else ""
        keys = {name: (named if name == "value" else "") if block else name for name in value}
        return {name: veiled(each, keys[name]) for name, each in value.items()}
    return [veiled(each, block=True) for each in value] if isinstance(value, list | tuple) else value


LONGEST_SHOWN = 200


def short(value: Any) -> str:
    """A value as a reader wants it in a line."""
    text = repr(value) if isinstance(value, Secret) else json.dumps(value, default=str, ensure_ascii=False)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"
