"""What moves with nobody's hand on it: the rules by which a difference is noise, told apart and never drift."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from state.inventory import Inventory
from state.resource import Resource

BY_ITSELF = "AWS moves it by itself"
TIME = "a time that AWS keeps"
STATE = "how it is doing, which AWS says"
ADDRESS = "an address that AWS gives it"
APART = "told as resources of their own"
NOT_ASKED = "code is deployed apart from Terraform: ignore_code_hashes"
AWAITED = "AWS will make it so in the maintenance window"
UPGRADED = "AWS upgrades to minor versions by itself (auto_minor_version_upgrade)"
BY_TARGET = "Application Auto Scaling moves it within its target's bounds"
BY_GROUP = "scaling moves it between min_size and max_size"
BY_STORAGE = "storage grows by itself up to max_allocated_storage"
BY_PIPELINE = "a later revision of the same family, as pipelines make them"
BY_DAEMON = "of a daemon AWS runs a task on each instance"

_BY_NAME = (
    (TIME, re.compile(r"(.+_)?(at|created|date|start_time|time|timestamp|till|updated|after|before)")),
    (STATE, re.compile(r"(.+_)?(state|status)")),
    (ADDRESS, re.compile(r"(.+_)?(address|addresses|dns|dns_name|endpoint|endpoint_v2|ip|ips|name_servers|url)")),
)


def named(rule: str, attribute: str) -> str:
    """The rule for what AWS moves by itself, as far as an attribute's name says more."""
    found = (said for said, names in _BY_NAME if names.fullmatch(attribute))
    return next(found, rule) if rule == BY_ITSELF else rule


class Difference(NamedTuple):
    """One place where a declared thing and its live twin differ, both of them, and all else that is live."""

    path: str
    declared: Any
    live: Any
    wanted: Resource
    actual: Resource
    among: Inventory


SAME = "the same under another name"
"""What a rule says of a difference that is none, neither drift nor noise."""

Rule = Callable[[Difference], str]
"""The rule by which a difference is noise, as a reader is told it; empty where it is drift.

It raises Unknown where what would tell could not be seen: that is neither, and the thing is not seen in whole.
"""


def either(*rules: Rule) -> Rule:
    """What the first of them says that says something."""

    def rule(found: Difference) -> str:
        return next(filter(None, (each(found) for each in rules)), "")

    return rule


def awaited(fact: str) -> Rule:
    """What is declared is on its way: a live fact says which value that will be."""

    def rule(found: Difference) -> str:
        is_coming = found.declared is not None and found.actual.facts.get(fact) == found.declared
        return AWAITED if is_coming else ""

    return rule


def allows_upgrades(found: Difference) -> bool:
    """Some types write it as a text."""
    return str(found.actual["auto_minor_version_upgrade"]).lower() == "true"


def upgraded(major: Callable[[Difference], int], is_on: Callable[[Difference], bool] = allows_upgrades) -> Rule:
    """A later version, where AWS upgrades by itself: the first numbers of it are the major one, and stay."""

    def rule(found: Difference) -> str:
        said, runs, own = numbers(found.declared), numbers(found.live), major(found)
        is_later = len(said) > own and said[:own] == runs[:own] and said < runs
        return UPGRADED if is_later and is_on(found) else ""

    return rule


def numbers(version: Any) -> tuple[int, ...]:
    """``8.0.mysql_aurora.3.04.0`` as numbers, of which the larger are the later."""
    return tuple(map(int, re.findall(r"\d+", str(version or ""))))
