"""What a team has accepted for a time, taken out of what fails: gaps, findings and drift.

Read only when named by --suppress (or DRIFTLINE_SUPPRESS): what lowers the gate is never taken from
a file that merely lies in the checkout. Tags of live resources count only where such a file allows them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

import msgspec

from scanner.outcome import Note, Suppression
from scanner.settings import SettingsError
from scanner.suppress import driftignore, entries
from scanner.suppress.entries import AcceptedDrift, AcceptedFinding, AcceptedGap, Policy, Rule
from state import Gap

ABOUT = "suppress"
"""What notes about suppressions are about."""


class Suppressions(msgspec.Struct, frozen=True, kw_only=True):
    """The entries of all files that are named, those that are over apart; ``tags`` where tags may suppress too."""

    rules: tuple[Rule, ...] = ()
    expired: tuple[Rule, ...] = ()
    ignored: tuple[driftignore.Ignored, ...] = ()
    tags: Suppression | None = None
    tags_over: tuple[str, ...] = ()

    def of(self, kind: type[AcceptedFinding | AcceptedDrift | AcceptedGap]) -> list[Rule]:
        return [each for each in self.rules if isinstance(each.entry, kind)]

    def accepted(self, gaps: Iterable[Gap]) -> list[Gap]:
        """The gaps that an entry still in force covers."""
        entries = [each.entry for each in self.rules if isinstance(each.entry, AcceptedGap)]
        return [gap for gap in gaps if any(each.covers(gap) for each in entries)]

    def over(self) -> list[Note]:
        """Of each entry that has come to its end, which, whose and since when."""
        return [*map(_over, self.expired), *(Note(ABOUT, said) for said in self.tags_over)]


def _over(rule: Rule) -> Note:
    named = {"owner": rule.entry.owner, "ticket": rule.entry.ticket}
    said = ", ".join([rule.about, *(f"{name} {value}" for name, value in named.items() if value)])
    return Note(ABOUT, f"{rule.name} ({said}) expired on {rule.entry.expires}; what it hid is back")


def read(paths: Sequence[Path], today: date) -> Suppressions:
    """The entries of the files. Raises SettingsError for one that cannot be used, in one line."""
    found = Suppressions()
    for path in paths:
        text = text_of(path)
        if path.name.endswith(driftignore.NAME):
            ignored = driftignore.parse(text, str(path))
            found = msgspec.structs.replace(found, ignored=(*found.ignored, ignored))
        else:
            found = _with(found, entries.parse(text, str(path), today), str(path), today)
    return found


def text_of(path: Path) -> str:
    """A file's text, to the byte. Raises SettingsError where it cannot be read."""
    try:
        return path.read_bytes().decode()
    except OSError as error:
        raise SettingsError(f"{path}: {(error.strerror or str(error)).lower()}") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path}: not UTF-8: {error}") from error


def _with(found: Suppressions, written: entries.Written, file: str, today: date) -> Suppressions:
    rules = list(entries.rules(written, file))
    end = written.policy.resource_tags_expire
    over = bool(written.policy.allow_resource_tags and end and end < today)
    told = f"{file} [policy] resource_tags_expire was {end}; tags suppress nothing any more"
    return msgspec.structs.replace(
        found,
        rules=(*found.rules, *(each for each in rules if each.entry.expires >= today)),
        expired=(*found.expired, *(each for each in rules if each.entry.expires < today)),
        tags=found.tags or (None if over else _tags(written.policy, file)),
        tags_over=(*found.tags_over, told) if over else found.tags_over,
    )


def _tags(policy: Policy, file: str) -> Suppression | None:
    if not policy.allow_resource_tags:
        return None
    return Suppression(
        reason=policy.resource_tags_reason, expires=policy.resource_tags_expire, entry=f"{file} [policy]"
    )
