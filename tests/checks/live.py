"""Verdicts over what is read of a live account: of each check, all that its rule reads and no more."""

from __future__ import annotations

from checks import REGISTRY, TAGGED, Status, Terms, run
from scanner.collectors import collectors
from state import Inventory
from tests.conftest import read

FAIL, PASS, UNKNOWN, SKIPPED = Status.FAIL, Status.PASS, Status.UNKNOWN, Status.SKIPPED
Verdicts = dict[tuple[str, str], Status]


def inventory_for(*checks: str, without: tuple[str, ...] = ()) -> Inventory:
    wanted = {type for check in checks for type in REGISTRY[check].reads} - set(without)
    found = read(*(each for each in collectors() if each.type in wanted or (TAGGED in wanted and each.tags)))
    assert [each for each in found.gaps if each.attribute is None] == []
    return found


def verdicts(*checks: str, terms: Terms | None = None, without: tuple[str, ...] = ()) -> Verdicts:
    """The verdict by check and id, after one reading for all of these checks, of all but what moto has not."""
    found = inventory_for(*checks, without=without)
    judged = run([REGISTRY[check] for check in checks], found, terms or Terms())
    return {(each.check.id, each.resource.id): each.status for each in judged}


def unread(check: str, *types: str) -> set[Status]:
    """The verdicts of a check where these types were not read."""
    found = inventory_for(check, without=types)
    return {each.status for each in run([REGISTRY[check]], found, Terms())}


def pairs(found: Verdicts, failing: str, passing: str, *checks: str) -> list[tuple[str, Status, Status]]:
    """What each check says of the thing that is wrong and of the one that is right."""
    return [(check, found[check, failing], found[check, passing]) for check in checks]


def as_expected(*checks: str) -> list[tuple[str, Status, Status]]:
    return [(check, FAIL, PASS) for check in checks]
