"""Versions as AWS writes them, compared by their numbers."""

from __future__ import annotations

from state import Unknown

KUBERNETES = "of Kubernetes"


def numbers(version: object, kind: str = "that is known here", most: int | None = None) -> tuple[int, ...]:
    """The numbers of a version, or its first; raises Unknown, which says of what ``kind`` it is none."""
    try:
        return tuple(int(part) for part in str(version).split(".")[:most])
    except ValueError:
        raise Unknown(f"{version} is no version {kind}") from None
