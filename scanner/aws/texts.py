"""What some of AWS says in text, and Terraform as a number or a boolean."""

from __future__ import annotations

from typing import Any


def number(text: Any) -> int | None:
    """``"30"`` is 30."""
    return None if text in (None, "") else int(float(text))


def truth(text: Any) -> bool | None:
    """``"true"`` is true."""
    return None if text in (None, "") else str(text).lower() == "true"


def last(name: Any, mark: str = "/") -> Any:
    """What follows the last mark of a name or an ARN."""
    return name.rsplit(mark, 1)[-1] if isinstance(name, str) else name
