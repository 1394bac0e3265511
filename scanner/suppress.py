"""driftline.suppress.toml: the gaps a team has accepted, each with a reason and an end.

Read only when named by --suppress (or DRIFTLINE_SUPPRESS): what lowers the gate is never taken from
a file that merely lies in the checkout.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from datetime import date, timedelta
from fnmatch import fnmatchcase
from pathlib import Path

import msgspec

from scanner.settings import SettingsError
from state import Gap

LONGEST = timedelta(days=180)


class AcceptedGap(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A [[gaps]] entry: globs of what is known not to be seen, why, and until when."""

    type: str = "*"
    account: str = "*"
    region: str = "*"
    reason: str
    expires: date

    def covers(self, gap: Gap, today: date) -> bool:
        return self.expires >= today and all(
            fnmatchcase(value, pattern)
            for value, pattern in ((gap.type, self.type), (gap.account, self.account), (gap.region, self.region))
        )


class Suppressions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    gaps: tuple[AcceptedGap, ...] = ()

    def accepted(self, gaps: Iterable[Gap], today: date) -> list[Gap]:
        """The gaps that an entry still in force covers."""
        return [gap for gap in gaps if any(each.covers(gap, today) for each in self.gaps)]


def read(path: Path | None, today: date) -> Suppressions:
    """The file's entries. Raises SettingsError for one without a reason or an end within 180 days."""
    if path is None:
        return Suppressions()
    try:
        found = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8-sig")), Suppressions)
    except OSError as error:
        raise SettingsError(f"{path}: {(error.strerror or str(error)).lower()}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: not TOML: {error}") from error
    except msgspec.ValidationError as error:
        raise SettingsError(f"{path}: {error}") from error
    for each in found.gaps:
        if each.expires > today + LONGEST:
            raise SettingsError(f"{path}: an entry expires {each.expires}, over {LONGEST.days} days from now; renew it")
        if not each.reason.strip():
            raise SettingsError(f"{path}: an entry gives no reason")
    return found
