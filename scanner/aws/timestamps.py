"""Times in AWS's answers, read as botocore reads them but many times as fast: it tries formats one by one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from botocore.utils import parse_timestamp


def timestamp(value: Any) -> datetime:
    """The moment a timestamp names, in UTC: RFC 3339 text, seconds since 1970, or what botocore knows besides.

    Raises what botocore's own raises for what is none.
    """
    if isinstance(value, str) and "T" in value:
        try:
            found = datetime.fromisoformat(value)
        except ValueError:
            return _slow(value)
        return found if found.tzinfo is UTC else _slow(value)
    return _slow(value)


def _slow(value: Any) -> datetime:
    found: datetime = parse_timestamp(value)
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
