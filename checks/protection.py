"""What AWS Backup protects, told by what the plans of its account and region select.

Resources and tags of a selection are alternatives to each other; its conditions narrow both. That tags and
patterns reach only the kinds of resources that a region's settings opt in to is not looked at.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from checks.check import Fault
from checks.doubt import any_of, both, either, said
from state import Inventory, Resource, Unknown

SELECTION = "aws_backup_selection"
OF_TAG = "aws:ResourceTag/"

Test = Callable[[str | None, str], bool]
TESTS: Mapping[str, Test] = {
    "string_equals": lambda value, wanted: value == wanted,
    "string_like": lambda value, wanted: value is not None and fits(wanted, value),
    "string_not_equals": lambda value, wanted: value != wanted,
    "string_not_like": lambda value, wanted: value is None or not fits(wanted, value),
}


def unprotected(resource: Resource, inventory: Inventory) -> Fault | None:
    """What is wrong with a resource that no backup plan selects."""
    if protected(resource, inventory):
        return None
    return Fault(f"{resource.name} is in no backup plan", {"arn": arn_of(resource), SELECTION: None})


def protected(resource: Resource, inventory: Inventory) -> Resource | None:
    """The selection of a backup plan that a resource is in."""
    return any_of(lambda each: each if selects(each, resource) else None, candidates(resource, inventory))


ANY = "*"


def candidates(resource: Resource, inventory: Inventory) -> Iterator[Resource]:
    """The selections that may take a resource: by its ARN, by a tag of its own, or by a pattern."""
    if not inventory.near(resource, SELECTION):
        return iter(())
    try:
        tags = {key: str(value) for key, value in (resource["tags"] or {}).items()}
        own = [ANY, arn_of(resource), *tags.items(), *((key,) for key in tags)]
    except Unknown:
        return iter(inventory.near(resource, SELECTION))
    return inventory.candidates(resource, SELECTION, picks, *own)


def picks(selection: Resource) -> Iterator[Any]:
    """What a resource has to have to be taken: the key of a tag that is a condition; else an ARN, a tag, or nothing."""
    for test, asked in conditions(selection):
        if test in ("string_equals", "string_like"):
            yield (_tag(asked)[0],)
            return
    yield from (ANY if "*" in each else each for each in selection["resources"] or ())
    yield from (_tag(each) for each in selection["selection_tag"] or ())


def _tag(asked: Mapping[str, Any]) -> tuple[str, str]:
    return str(asked["key"]).removeprefix(OF_TAG), str(asked["value"])


def selects(selection: Resource, resource: Resource) -> bool:
    """Whether a selection takes a resource of its own account and region."""
    return both(
        lambda: either(
            lambda: named(selection["resources"], resource),
            lambda: any_of(lambda tag: tagged(tag, resource, "string_equals"), selection["selection_tag"] or ()),
        ),
        lambda: all(tagged(tag, resource, test) for test, tag in conditions(selection)),
        lambda: not named(said(selection, "not_resources"), resource),
    )


def conditions(selection: Resource) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each condition on tags, with the name of its test."""
    for block in selection["condition"] or ():
        for test in TESTS:
            for each in block.get(test) or ():
                yield test, each


def tagged(asked: Mapping[str, Any], resource: Resource, test: str) -> bool:
    """Whether a resource has a tag as it is asked for."""
    key, value = _tag(asked)
    return TESTS[test]((resource["tags"] or {}).get(key), value)


def named(patterns: Iterable[str] | None, resource: Resource) -> bool:
    """Whether ARNs, or patterns of them, name a resource."""
    return bool(patterns) and any(fits(each, arn_of(resource)) for each in patterns or ())


def arn_of(resource: Resource) -> str:
    """A resource's ARN; in code, what stands for it."""
    found = resource.arn or resource.attributes.get("arn")
    if not found:
        raise Unknown(f"{resource.type} {resource.id} was read without its ARN")
    return str(found)


def fits(pattern: str, text: str) -> bool:
    """Whether a text is as a pattern has it, in which a star stands for anything."""
    return _pattern(pattern).fullmatch(text) is not None if "*" in pattern else pattern == text


@cache
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, text.split("*"))), re.DOTALL)


def copied_away(resource: Resource, inventory: Inventory) -> bool:
    """Whether a backup plan keeps copies of a resource's backups in another region or account."""

    def copies(plan: Resource) -> bool:
        selections = inventory.near(plan, SELECTION, plan_id=plan.id)
        return both(lambda: leads_away(plan), lambda: any_of(lambda each: selects(each, resource), selections))

    if not inventory.near(resource, SELECTION):
        return False
    return bool(any_of(copies, inventory.candidates(resource, "aws_backup_plan", ways_out, True)))


def ways_out(plan: Resource) -> list[bool]:
    return [True] if leads_away(plan) else []


def leads_away(plan: Resource) -> bool:
    """Whether a rule of a plan copies to another region or account than the plan's own."""
    actions = [action for rule in plan["rule"] or () for action in rule.get("copy_action") or ()]
    return bool(any_of(lambda each: place_of(each["destination_vault_arn"]) != place_of(arn_of(plan)), actions))


def place_of(arn: str) -> tuple[str, str]:
    """The region and the account in an ARN."""
    parts = arn.split(":")
    if len(parts) < 6:
        raise Unknown(f"which region {arn} lies in is not known here")
    return parts[3], parts[4]
