"""Driftline goes and looks, and tells: ``from scanner import scan`` is the whole journey as a coroutine.

    import asyncio
    from scanner import Settings, scan

    found = asyncio.run(scan(Settings(sources=("s3://acme-tf/prod/**",), regions=("eu-west-1",))))
    for drift in found.drift:
        print(drift.kind, drift.resource.arn, drift.changes)

Names are imported when they are first asked for: the journey loads aioboto3, which takes its time.
"""

from __future__ import annotations

import logging
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scanner.journey import scan
    from scanner.outcome import Scan
    from scanner.remembering import remember
    from scanner.settings import Settings

logging.getLogger("driftline").addHandler(logging.NullHandler())  # whoever wants to hear adds their own

__all__ = ["Scan", "Settings", "remember", "scan"]

_HOMES = {
    "Scan": "scanner.outcome",
    "Settings": "scanner.settings",
    "remember": "scanner.remembering",
    "scan": "scanner.journey",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
