"""A nested block of which not everything is known: to read what is not raises Unknown, not "not set"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from state.resource import Unknown


class Partial(dict[str, Any]):
    """A block as a plain dict of what is known, with the reason for each value that is not."""

    def __init__(self, known: Mapping[str, Any], unknown: Mapping[str, str]) -> None:
        super().__init__(known)
        self.unknown = unknown

    def __missing__(self, name: str) -> Any:
        if name in self.unknown:
            raise Unknown(self.unknown[name])
        raise KeyError(name)

    def get(self, name: str, default: Any = None) -> Any:
        return self[name] if name in self or name in self.unknown else default


def block(known: Mapping[str, Any], unknown: Mapping[str, str]) -> dict[str, Any]:
    """A block with what is not known of it; a plain dict where all is."""
    return Partial(known, unknown) if unknown else dict(known)
