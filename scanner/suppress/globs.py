"""Globs over addresses, ARNs and paths: ``*`` is any text, ``?`` one character, and all else means itself.

A bracket means itself too: ``aws_subnet.private[0]`` and ``ingress[cidr=0.0.0.0/0]`` are what Terraform calls things.
"""

from __future__ import annotations

import re
from functools import lru_cache


def matches(pattern: str, *texts: str | None) -> bool:
    """Whether one of the texts fits the pattern whole."""
    if is_anything(pattern):
        return True
    found = _compiled(pattern)
    return any(text is not None and found.fullmatch(text) is not None for text in texts)


def covers(pattern: str, path: str) -> bool:
    """Whether a path of an attribute is the pattern's, or lies under it: ``tags`` covers ``tags.Name``."""
    return is_anything(pattern) or _under(pattern).fullmatch(path) is not None


def is_anything(pattern: str) -> bool:
    """Whether a pattern leaves nothing out, however it is written."""
    return "*" in pattern and not pattern.strip("*?")


def is_exact(pattern: str) -> bool:
    return not {"*", "?"} & set(pattern)


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(_expression(pattern), re.DOTALL)


@lru_cache(maxsize=4096)
def _under(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"{_expression(pattern)}(?:[.\[].*)?", re.DOTALL)


def _expression(pattern: str) -> str:
    """The pattern as a regular expression; stars that follow one another are one, which keeps matching linear."""
    wild = {"*": ".*", "?": "."}
    return "".join(wild.get(each) or re.escape(each) for each in re.sub(r"\*+", "*", pattern))
