"""The AWS CLI command that mends a failing resource, as text to copy: nothing of it is ever run by us."""

from __future__ import annotations

import re
import shlex

from checks import Check
from state import GLOBAL, Resource

_PLACE = re.compile(r"\{([a-z_]+)\}")
_OBEYED = re.compile(r"-|fileb?://")
"""How a word begins that the AWS CLI takes for an option, or for a file to send."""

FIELDS = ("id", "arn", "account", "region")


class Withheld(ValueError):
    """A value that belongs into the command is not there, or nobody should paste it."""


def command(check: Check, resource: Resource) -> str | None:
    """The check's command for this resource; None where it has none, or a value of it is withheld."""
    if not check.command:
        return None
    try:
        words = [_filled(each, resource) for each in shlex.split(check.command)]
        if resource.region != GLOBAL:
            words += ["--region", _value("region", resource)]
    except Withheld:
        return None
    return shlex.join(words)


def _filled(word: str, resource: Resource) -> str:
    """A value is a word of its own: nothing that it holds can be read as another option, or a part of one."""
    place = _PLACE.fullmatch(word)
    return _value(place[1], resource) if place else word


def _value(name: str, resource: Resource) -> str:
    found = getattr(resource, name) if name in FIELDS else resource.attributes.get(name)
    if not isinstance(found, str) or name in resource.sensitive:
        raise Withheld(name)
    if not found or not found.isprintable() or _OBEYED.match(found):
        raise Withheld(name)
    return found
