"""Principals of policies that were deleted: AWS tells them by ids that no name belongs to any more."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from state.drift import Drift

_ID = re.compile(r"A(?:GPA|IDA|ROA)[A-Z0-9]{12,}")
"""Of groups, users and roles: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html"""


def noted(found: Drift) -> Drift:
    """The drift, and which principals that it shows are gone.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html: a role that is made
    anew under the same name is another one.
    """
    gone = sorted({id for each in found.changes for id in _ids(each.path, each.live)})
    if not gone:
        return found
    said = f"deleted since, and told by id: {', '.join(gone)}"
    return msgspec.structs.replace(found, note="; ".join(filter(None, (found.note, said))))


def _ids(path: str, live: Any) -> Iterator[str]:
    if isinstance(live, Mapping):
        for name, value in live.items():
            yield from _ids(f"{path}.{name}", value)
    elif isinstance(live, list | tuple):
        for each in live:
            yield from _ids(path, each)
    elif isinstance(live, str) and "Principal" in path:
        yield from (live,) if _ID.fullmatch(live) else ()
