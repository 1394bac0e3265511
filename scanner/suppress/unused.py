"""Entries that covered nothing in a scan which really looked at what they are about.

A glob of accounts or regions is about those that the scan was asked to read. Whatever lay in a gap, was not
asked for or could not be judged says nothing: what was not seen is never called unused.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from checks import REGISTRY, TAGGED, Check, Status
from scanner.outcome import Note, Scan
from scanner.settings import Settings
from scanner.suppress import ABOUT, Suppressions
from scanner.suppress.entries import AcceptedDrift, AcceptedFinding, AcceptedGap, Entry, Rule, is_about
from scanner.suppress.globs import is_exact, matches
from state import GLOBAL, Gap
from state.drift import Kind
from state.resource import ANYTHING


def unused(suppressions: Suppressions, used: Collection[str], scan: Scan, asked: Settings) -> list[Note]:
    """A note for each entry, and each line of a .driftignore, that this scan could have used and did not."""
    if not (suppressions.rules or suppressions.ignored):
        return []
    looked = _Looked(scan, asked)
    idle = [each for each in suppressions.rules if each.name not in used and looked.at(each.entry)]
    return [*map(_note, idle), *_idle_lines(suppressions, used, looked)]


def _note(rule: Rule) -> Note:
    if isinstance(rule.entry, AcceptedFinding) and not _checks(rule.entry):
        return Note(ABOUT, f"{rule.name} is unused: there is no check {rule.entry.check}")
    return Note(ABOUT, f"{rule.name} ({rule.about}) is unused: it covered nothing in this scan")


def _idle_lines(suppressions: Suppressions, used: Collection[str], looked: _Looked) -> Iterator[Note]:
    if not looked.at_all_drift():
        return
    for file in suppressions.ignored:
        idle = [each for each in file.lines if each.ignores and file.suppression(each).entry not in used]
        for line in idle:
            name = f"{file.file} line {line.number} ({line.text})"
            yield Note(ABOUT, f"{name} is unused: it covered nothing in this scan")


def _checks(entry: AcceptedFinding) -> list[Check]:
    return [each for each in REGISTRY.values() if matches(entry.check, each.id)]


class _Looked:
    """What a scan looked at, as far as an entry's globs reach."""

    def __init__(self, scan: Scan, asked: Settings) -> None:
        self.scan, self.asked = scan, asked
        self.ran = {each.check.id for each in scan.findings}
        self.unknown = [each for each in scan.findings if each.status is Status.UNKNOWN]

    def at(self, entry: Entry) -> bool:
        if isinstance(entry, AcceptedFinding):
            return self._at_findings(entry)
        return self._at_gaps(entry) if isinstance(entry, AcceptedGap) else self._at_drift(entry)

    def at_all_drift(self) -> bool:
        """Whether all drift there is would have been found."""
        scan = self.scan
        return self._compared and not (scan.gaps or scan.unsure or scan.outside or self._narrowed or self._some_regions)

    @property
    def _compared(self) -> bool:
        return bool(self.scan.sources) and "drift" in self.scan.kinds

    @property
    def _narrowed(self) -> bool:
        return bool(self.asked.types or self.asked.services)

    @property
    def _some_regions(self) -> bool:
        return bool(self.asked.regions or self.asked.exclude_regions)

    def _at_findings(self, entry: AcceptedFinding) -> bool:
        if "check" not in self.scan.kinds:
            return False
        checks = _checks(entry)
        if not checks:
            return True
        types = {type for each in checks for type in each.types if type != TAGGED and matches(entry.type, type)}
        if not {each.id for each in checks} <= self.ran or not self._at_place(entry, types):
            return False
        if any(TAGGED in each.types for each in checks) and self._narrowed:
            return False
        return not any(
            matches(entry.check, each.check.id)
            and (each.resource.id == "*" or is_about(entry, each.resource, each.declared))
            for each in self.unknown
        )

    def _at_drift(self, entry: AcceptedDrift) -> bool:
        exact = is_exact(entry.type) and is_exact(entry.region)
        if not self._compared or (self.scan.outside and not exact) or (self._narrowed and not is_exact(entry.type)):
            return False
        types = {entry.type} if is_exact(entry.type) else set()
        return self._at_place(entry, types) and not self._may_be_unsure(entry)

    def _may_be_unsure(self, entry: AcceptedDrift) -> bool:
        """Whether what it is about was not seen in whole, or may be declared in a state that was not given."""
        nobodys = (each.resource for each in self.scan.drift if each.kind is Kind.UNMANAGED)
        return any(is_about(entry, each, each.declared) for each in (*self.scan.unsure, *nobodys))

    def _at_gaps(self, entry: AcceptedGap) -> bool:
        """A gap is where a scan tried to look: it did where something of it was read."""
        types = {entry.type} if is_exact(entry.type) and entry.type != ANYTHING else set()
        asked = self.asked
        some = asked.checks or asked.categories or asked.severities or asked.frameworks or asked.disabled
        return not (some or self._narrowed) and self._at_place(entry, types)

    def _at_place(self, entry: Entry, types: Collection[str]) -> bool:
        """Whether each of these types was read in every account and region that the entry is about."""
        exact = is_exact(entry.region)
        if self._some_regions if not exact else entry.region not in (GLOBAL, *self.scan.regions):
            return False
        accounts = [each for each in self._accounts() if matches(entry.account, each)]
        read = {(t, a) for t, a, region in self.scan.live.read or () if not exact or region in (entry.region, GLOBAL)}
        wanted = {(type, account) for type in types if type.startswith("aws_") for account in accounts}
        hidden = any(_hides(gap, entry, types) for gap in self.scan.gaps)
        return wanted <= read and not hidden and {*accounts} <= {account for _, account in read} and bool(accounts)

    def _accounts(self) -> list[str]:
        return [each.id for each in self.scan.accounts] or [self.scan.account]


def _hides(gap: Gap, entry: Entry, types: Collection[str]) -> bool:
    """Whether something that an entry is about may lie unseen in a gap."""
    return (
        (gap.type in (ANYTHING, *types) if types else gap.type == ANYTHING or matches(entry.type, gap.type))
        and (not gap.account or matches(entry.account, gap.account))
        and (GLOBAL in (gap.region, entry.region) or not gap.region or matches(entry.region, gap.region))
    )
