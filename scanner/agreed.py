"""What a team agreed on about checks: another severity, or threshold, for some resources, and checks switched off.

Of several [[severity]] entries that fit a finding the last decides, and of [[threshold]] and [[tags]] entries the
same. A tag that could not be seen fits no severity; a threshold, or what tags have to be, that hangs on it is unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from typing import Any, TypeVar

import msgspec

from checks import Check, Finding, Severity, Thresholds
from scanner.near import meant
from scanner.outcome import Note
from scanner.settings import Settings, SettingsError, SeverityOf, TagsOf, ThresholdOf
from state import Resource, Unknown

Rule = TypeVar("Rule", bound=ThresholdOf | TagsOf)
CONVENTIONS = ("required_tags", "allowed_tag_values", "name_pattern")


def kept(checks: Iterable[Check], asked: Settings) -> list[Check]:
    """The checks that are not switched off, and that can be as severe as is asked for."""
    least = min((Severity(each).rank for each in asked.severities), default=0)
    return [
        each
        for each in checks
        if not any(fnmatchcase(each.id, off.check) for off in asked.disabled) and _worst(each, asked.severity) >= least
    ]


def _worst(check: Check, rules: Sequence[SeverityOf]) -> int:
    """How severe a finding of a check may be."""
    ranks = [check.severity.rank]
    for each in rules:
        if fnmatchcase(check.id, each.check):
            ranks = [*(ranks if each.narrowed else ()), each.severity.rank]
    return max(ranks)


def severe(rules: Sequence[SeverityOf]) -> Callable[[Finding], Finding]:
    """What gives a finding the severity that was agreed on; it stays a finding of the same check."""
    known: dict[tuple[str, Severity], Check] = {}

    if not rules:
        return lambda finding: finding

    def agreed(finding: Finding) -> Finding:
        fitting = [each.severity for each in rules if _fits(each, finding)]
        if not fitting or fitting[-1] is finding.check.severity:
            return finding
        at = finding.check.id, fitting[-1]
        if at not in known:
            known[at] = msgspec.structs.replace(finding.check, severity=fitting[-1])
        return msgspec.structs.replace(finding, check=known[at])

    return agreed


def _fits(rule: SeverityOf, finding: Finding) -> bool:
    resource = finding.resource
    return (
        fnmatchcase(finding.check.id, rule.check)
        and _about(rule, resource)
        and (not rule.tag or _tagged(resource, rule.tag))
    )


def _about(rule: SeverityOf | ThresholdOf | TagsOf, resource: Resource) -> bool:
    return fnmatchcase(resource.account, rule.account) and fnmatchcase(resource.type, rule.type)


def thresholds(rules: Sequence[ThresholdOf]) -> Callable[[Resource, str], int | None] | None:
    """What gives a resource a number of days of its own; None where nobody asks for that."""

    def agreed(resource: Resource, name: str) -> int | None:
        found = _last((each for each in rules if each.name == name), resource, name)
        return found.days if found else None

    return agreed if rules else None


def conventions(rules: Sequence[TagsOf]) -> Callable[[Resource, str], Any] | None:
    """What gives a resource tags that are required, values that are allowed, and a pattern of names of its own."""

    def agreed(resource: Resource, name: str) -> Any:
        found = _last((each for each in rules if getattr(each, name) is not None), resource, name)
        return getattr(found, name) if found else None

    return agreed if rules else None


def _last(rules: Iterable[Rule], resource: Resource, name: str) -> Rule | None:
    """The last that fits. Raises Unknown where that hangs on a tag that could not be seen."""
    for each in reversed([*rules]):
        if _about(each, resource):
            if each.tag and "tags" in resource.unknown:
                raise Unknown(f"{name} hangs on the tag {each.tag}: {resource.unknown['tags']}")
            if not each.tag or _tagged(resource, each.tag):
                return each
    return None


def by_tag(asked: Settings) -> bool:
    """Whether the tags of whatever is judged have to be read."""
    rules: list[SeverityOf | ThresholdOf | TagsOf] = [*asked.severity, *asked.threshold, *asked.tags]
    return any(each.tag for each in rules)


def _tagged(resource: Resource, wanted: str) -> bool:
    key, _, value = wanted.partition("=")
    return key in resource.tags and fnmatchcase(str(resource.tags[key]), value or "*")


def notes(asked: Settings) -> Iterator[Note]:
    """Of each check that is switched off, why; of each threshold that is another than ours, which."""
    for off in asked.disabled:
        yield Note("checks", f"{off.check} is switched off: {off.reason}")
    usual = msgspec.structs.asdict(Thresholds())
    for name, days in msgspec.structs.asdict(asked.thresholds).items():
        if days != usual[name]:
            yield Note("checks", f"{name} is {days}, where checks and what they are mapped to ask for {usual[name]}")
    for each in asked.threshold:
        yield Note("checks", f"{each.name} is {each.days} for {_chosen(each)}")
    for of_tags in asked.tags:
        said = [name for name in CONVENTIONS if getattr(of_tags, name) is not None]
        yield Note("checks", f"{', '.join(said) or 'nothing'} of its own for {_chosen(of_tags)}")


def _chosen(rule: ThresholdOf | TagsOf) -> str:
    chosen = {"account": rule.account, "type": rule.type, "tag": rule.tag}
    return ", ".join(f"{what} {said}" for what, said in chosen.items() if said not in ("*", "")) or "everything"


def check_named(asked: Settings, ids: Iterable[str]) -> None:
    """Raises SettingsError for an entry about a check that there is none of."""
    known = list(ids)
    for table, entries in (("severity", asked.severity), ("disabled", asked.disabled)):
        for each in entries:
            if not any(fnmatchcase(id, each.check) for id in known):
                near = meant(each.check, known, "`driftline checks list` names them all")
                raise SettingsError(f"[[{table}]] {each.check}: there is no such check{near}")
