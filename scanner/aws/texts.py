"""What some of AWS says in text, and Terraform as a number or a boolean; and pages that botocore does not know of."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from scanner.aws.place import Item, Place


def number(text: Any) -> int | None:
    """``"30"`` is 30."""
    return None if text in (None, "") else int(float(text))


def truth(text: Any) -> bool | None:
    """``"true"`` is true."""
    return None if text in (None, "") else str(text).lower() == "true"


def last(name: Any, mark: str = "/") -> Any:
    """What follows the last mark of a name or an ARN."""
    return name.rsplit(mark, 1)[-1] if isinstance(name, str) else name


async def pages(
    place: Place, call: str, operation: str, after: str = "NextToken", **arguments: Any
) -> AsyncIterator[Item]:
    """Every page of an operation that botocore takes for one that does not page."""
    answer = await place.call(call, operation, **arguments)
    yield answer
    while answer.get(after):
        answer = await place.call(call, operation, **arguments | {after: answer[after]})
        yield answer
