"""botocore's models of the services, as much of them as is asked for: whole ones, with their prose, take far more."""

from __future__ import annotations

import gzip
from collections.abc import Container, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from botocore.loaders import JSONFileLoader, Loader, create_loader

OPERATIONS = "service-2"
EXTRAS = "service-2.sdk-extras"
WHOLE = frozenset({"signin", "sso", "sso-oidc", "sts"})
"""Services that botocore itself gets credentials from, by operations of its choice."""

ITS_OWN = frozenset({"s3:CreateSession", "s3:HeadBucket"})
"""What botocore calls without being asked."""

PROSE = "documentation"


class Ref(msgspec.Struct):
    """Where a shape names another one."""

    shape: str


class Parts(msgspec.Struct):
    """What a shape is made of."""

    members: dict[str, Ref] = {}
    member: Ref | None = None
    key: Ref | None = None
    value: Ref | None = None

    def __iter__(self) -> Iterator[str]:
        named = (*self.members.values(), self.member, self.key, self.value)
        return (each.shape for each in named if each is not None)


class Signature(msgspec.Struct):
    """The shapes that an operation names."""

    input: Ref | None = None
    output: Ref | None = None
    errors: list[Ref] = []

    def __iter__(self) -> Iterator[str]:
        return (each.shape for each in (self.input, self.output, *self.errors) if each is not None)


@cache
def loader(folders: str | None, allowed: frozenset[str]) -> Loader:
    """botocore's loader, one for all sessions of a process: it keeps what it has read, and nobody changes that.

    ``folders`` are further ones to look in, as AWS_DATA_PATH names them.
    """
    found = create_loader(folders)
    found.file_loader = Models(allowed)
    return found


class Models:
    """Reads the files of botocore's loader; of a service only the ``allowed`` operations, and the shapes they need."""

    def __init__(self, allowed: Container[str]) -> None:
        self.allowed = allowed
        self.exists = JSONFileLoader().exists

    def load_file(self, path: str) -> Any:
        """What the file holds; None where there is none."""
        if (data := _contents(path)) is None:
            return None
        file = Path(path)
        if file.name == OPERATIONS:
            return self._service(file.parents[1].name, data)
        found = msgspec.json.decode(data)
        return _whole(found) if file.name == EXTRAS else found

    def _service(self, service: str, data: bytes) -> dict[str, Any]:
        model = _raw.decode(data)
        operations, shapes = _raw.decode(model["operations"]), _raw.decode(model["shapes"])
        kept = {name: each for name, each in operations.items() if self._is_known(f"{service}:{name}")}
        if service in WHOLE or not kept:
            kept = operations
        needed = _needed(kept.values(), shapes)
        less = {"operations": kept, "shapes": {name: each for name, each in shapes.items() if name in needed}}
        told = {name: each for name, each in model.items() if name != PROSE}
        return {name: _told(less[name]) if name in less else msgspec.json.decode(each) for name, each in told.items()}

    def _is_known(self, operation: str) -> bool:
        return operation in self.allowed or operation in ITS_OWN


def _whole(extras: dict[str, Any]) -> dict[str, Any]:
    """What botocore adds to a model, without the members that it adds to shapes: to such as only writing takes.

    Where the shape was left out, they would be one without a type, and no error of the service could be read.
    """
    merge = extras.get("merge", {})
    shapes = {name: each for name, each in merge.get("shapes", {}).items() if "type" in each}
    return extras | {"merge": merge | {"shapes": shapes}}


_raw = msgspec.json.Decoder(dict[str, msgspec.Raw])


def _contents(path: str) -> bytes | None:
    plain, packed = Path(f"{path}.json"), Path(f"{path}.json.gz")
    if plain.is_file():
        return plain.read_bytes()
    return gzip.decompress(packed.read_bytes()) if packed.is_file() else None


def _needed(operations: Iterable[msgspec.Raw], shapes: Mapping[str, msgspec.Raw]) -> set[str]:
    """The names of all shapes that these operations come to."""
    needed: set[str] = set()
    left = [name for each in operations for name in msgspec.json.decode(each, type=Signature)]
    while left:
        if (name := left.pop()) not in needed:
            needed.add(name)
            left.extend(msgspec.json.decode(shapes[name], type=Parts))
    return needed


def _told(parts: Mapping[str, msgspec.Raw]) -> dict[str, Any]:
    return {name: _terse(msgspec.json.decode(each)) for name, each in parts.items()}


def _terse(value: Any) -> Any:
    """Without the prose; a member of that name is no text."""
    if isinstance(value, dict):
        return {name: _terse(each) for name, each in value.items() if name != PROSE or not isinstance(each, str)}
    return value
