"""What there is: the resources of a scan that somebody asks for, each as JSON has it, and how many there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from fnmatch import fnmatchcase
from typing import Any

import jmespath
import msgspec
from jmespath.exceptions import JMESPathError, JMESPathTypeError

from scanner.chosen import collectors_of
from scanner.collectors import collectors
from scanner.outcome import Scan
from scanner.report._secrets import attributes, shown, tags
from scanner.settings import Settings, SettingsError
from state import Gap, Resource
from state.resource import ANYTHING

NOBODY = "none"
"""What --owner calls a thing of which AWS does not say that anything but a person made it."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which resources are asked for: those that have all of the tags, one of the owners, and fit the expression."""

    types: frozenset[str]
    tags: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    where: str | None = None


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """The resources asked for, in the order of their types; what could not be seen of these types.

    ``left_out`` says of how many that were left out it cannot be told whether they should be, by reason.
    """

    resources: Sequence[Resource]
    gaps: Sequence[Gap]
    left_out: Mapping[str, int] = {}

    @property
    def incomplete(self) -> bool:
        """Whether there may be more than this."""
        return bool(self.gaps or self.left_out)

    def counts(self) -> dict[str, dict[str, int]]:
        """How many there are by type, region, account and owner, the most first."""
        by = {
            "types": Counter(each.type for each in self.resources),
            "regions": Counter(each.region for each in self.resources),
            "accounts": Counter(each.account for each in self.resources),
            "owners": Counter(each.owner or NOBODY for each in self.resources),
        }
        return {name: dict(sorted(found.items(), key=lambda row: (-row[1], row[0]))) for name, found in by.items()}


def as_json(resource: Resource) -> dict[str, Any]:
    """A resource as it is printed, and as --where sees it: no secret is in it."""
    return {
        "type": resource.type,
        "id": resource.id,
        "name": resource.name,
        "arn": resource.arn,
        "account": resource.account,
        "region": resource.region,
        "owner": resource.owner,
        "tags": tags(resource),
        "attributes": attributes(resource),
        "facts": shown(dict(resource.facts.items())),
        "unknown": dict(resource.unknown.items()),
    }


# --- what is asked --------------------------------------------------------------------------------


def settled(settings: Settings) -> Settings:
    """The settings with patterns of types as the types that fit. Raises SettingsError for one that none fits."""
    found: dict[str, None] = {}
    for pattern in settings.types:
        fitting = [each for each in _things() if fnmatchcase(each, pattern)]
        if not fitting:
            raise SettingsError(f"--type {pattern}: no collector lists such a type; see scanner/collectors/README.md")
        found.update(dict.fromkeys(fitting))
    return msgspec.structs.replace(settings, types=tuple(found), sources=())


def _things() -> Iterator[str]:
    """Every type that can be listed, but the subjects: that there is an account is no news."""
    return (each.type for each in collectors() if each.type.startswith("aws_") and not each.sought)


def wanted(settings: Settings, tags: Sequence[str], owners: Sequence[str], where: str | None) -> Wanted:
    """What is asked for, known to be sound before AWS is asked. Raises SettingsError for an expression that is not."""
    if where is not None:
        with suppress(Untold):  # of nothing at all; of what there is it may hold
            fits(where, as_json(Resource(type="", id="")))
    types = frozenset(each.type for each in collectors_of(settings)) & {*_things()}
    return Wanted(types=types, tags=tuple(tags), owners=tuple(owners), where=where)


class Untold(ValueError):
    """An expression wants a value of a type that this resource's is not of."""


def fits(where: str, row: Mapping[str, Any]) -> bool:
    """Whether a JMESPath expression holds of a resource. Raises Untold, and SettingsError for one that is none."""
    try:
        return jmespath.search(where, row) not in (None, False, "", [], {})
    except JMESPathTypeError as error:
        raise Untold(f"--where: {_line(error)}") from error
    except (JMESPathError, RecursionError) as error:
        raise SettingsError(f"--where: {_line(error)}; see https://jmespath.org") from error


def _line(error: Exception) -> str:
    """The first line: those below draw where in the expression it is."""
    return next(iter(str(error).splitlines()), type(error).__name__).rstrip(":").removesuffix(", for expression")


# --- what is there --------------------------------------------------------------------------------


def listed(scan: Scan, wanted: Wanted) -> Listed:
    """The resources of a scan that are asked for. Raises SettingsError for an expression found to be none."""
    left_out: Counter[str] = Counter()
    found = []
    for each in scan.live.resources:
        if each.type not in wanted.types:
            continue
        try:
            if _is_wanted(each, wanted):
                found.append(each)
            elif reason := _may_be_wanted(each, wanted):
                left_out[reason] += 1
        except Untold as error:
            left_out[str(error)] += 1
    return Listed(
        resources=sorted(found, key=lambda each: each.key),
        gaps=[each for each in scan.gaps if each.type == ANYTHING or each.type in wanted.types],
        left_out=left_out,
    )


def _is_wanted(each: Resource, wanted: Wanted) -> bool:
    return (
        all(_has_tag(each.tags, tag) for tag in wanted.tags)
        and (not wanted.owners or any(_is_owned(each.owner, owner) for owner in wanted.owners))
        and (wanted.where is None or fits(wanted.where, as_json(each)))
    )


def _has_tag(tags: Mapping[str, str], asked: str) -> bool:
    """``key``, or ``key=value``; a key may hold a = itself."""
    return asked in tags or any(tags.get(asked[:n]) == asked[n + 1 :] for n, sign in enumerate(asked) if sign == "=")


def _is_owned(owner: str | None, asked: str) -> bool:
    """``cloudformation``, ``cloudformation: shop``, a pattern of either, or ``none``."""
    if owner is None:
        return asked == NOBODY
    return fnmatchcase(owner, asked) or fnmatchcase(owner.partition(":")[0], asked)


def _may_be_wanted(each: Resource, wanted: Wanted) -> str:
    """Why one that does not fit may do so all the same, had it been seen whole."""
    if wanted.tags and "tags" in each.unknown:
        return "tags could not be seen"
    return "some attributes could not be seen" if wanted.where is not None and each.unknown else ""
