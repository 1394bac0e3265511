"""What a team agreed on about checks: another severity for some findings, and checks that are switched off.

Of several [[severity]] entries that fit a finding the last decides. A tag that could not be seen fits none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from fnmatch import fnmatchcase

import msgspec

from checks import Check, Finding, Severity, Thresholds
from scanner.outcome import Note
from scanner.settings import Settings, SettingsError, SeverityOf
from state import Resource


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
        and fnmatchcase(resource.account, rule.account)
        and fnmatchcase(resource.type, rule.type)
        and (not rule.tag or _tagged(resource, rule.tag))
    )


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


def check_named(asked: Settings, ids: Iterable[str]) -> None:
    """Raises SettingsError for an entry about a check that there is none of."""
    known = list(ids)
    for table, entries in (("severity", asked.severity), ("disabled", asked.disabled)):
        for each in entries:
            if not any(fnmatchcase(id, each.check) for id in known):
                raise SettingsError(
                    f"[[{table}]] {each.check}: there is no such check; `driftline checks list` names them all"
                )
