"""driftline.baseline.json: what failed and had drifted on the day a team began, so that only what is new fails.

Findings are known by their ids, and drift by its id, its kind and the paths that had changed: a further change of
such a path, and one of what lies under it, is known too; another path or another kind is not. Read only when named
by --baseline.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from checks import Finding, Status
from scanner.outcome import Note, Scan
from scanner.settings import SettingsError
from state.drift import Drift, drift_id
from state.history import PastScan, Verdict
from state.paths import covers

FOUND = "driftline.baseline.json"
SCHEMA_VERSION = "1.0"
ABOUT = "baseline"


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """A finding that failed, or something that had drifted; ``paths`` are those of drift that changed."""

    id: str
    check: str
    status: str
    type: str
    identity: str
    resource: str
    account: str
    region: str
    paths: tuple[str, ...] = ()


class Baseline(msgspec.Struct, frozen=True, kw_only=True):
    """What is known, of which scans."""

    schema_version: str
    scans: tuple[str, ...]
    taken: str
    known: tuple[Known, ...]


def read(path: Path | None) -> Baseline | None:
    """The baseline in a file. Raises SettingsError for one that cannot be used."""
    if path is None:
        return None
    try:
        found = msgspec.json.decode(path.read_bytes(), type=Baseline)
    except OSError as error:
        raise SettingsError(f"{path}: {(error.strerror or str(error)).lower()}") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SettingsError(f"{path}: no baseline ({error}); `driftline baseline` writes one") from error
    if found.schema_version.partition(".")[0] != SCHEMA_VERSION.partition(".")[0]:
        raise SettingsError(f"{path}: a baseline of version {found.schema_version}; this reads {SCHEMA_VERSION}")
    return found


def of(scans: Sequence[tuple[PastScan, Sequence[tuple[Verdict, Sequence[str]]]]]) -> Baseline:
    """The baseline of recorded scans: what was bad when each of these accounts was scanned."""
    return Baseline(
        schema_version=SCHEMA_VERSION,
        scans=tuple(scan.id for scan, _ in scans),
        taken=scans[-1][0].started,
        known=tuple(_known(verdict, paths) for _, bad in scans for verdict, paths in bad),
    )


def _known(verdict: Verdict, paths: Sequence[str]) -> Known:
    about = {name: getattr(verdict, name) for name in Known.__struct_fields__ if name != "paths"}
    return Known(**about, paths=tuple(paths))


def written(baseline: Baseline) -> Iterator[str]:
    """The file's text, a row a line, so that two of them can be compared line by line."""
    head = {"schema_version": baseline.schema_version, "scans": baseline.scans, "taken": baseline.taken}
    yield f'{msgspec.json.encode(head).decode()[:-1]},\n"known": ['
    between = "\n"
    for each in baseline.known:
        yield f"{between}{msgspec.json.encode(each).decode()}"
        between = ",\n"
    yield "\n]}\n"


# --- a scan against it ----------------------------------------------------------------------------


def known(baseline: Baseline, scan: Scan) -> frozenset[str]:
    """The ids of what fails or drifts in a scan as the baseline has it."""
    rows = {each.id: each for each in baseline.known}
    failing = {each.id for each in scan.failing if each.id in rows}
    return frozenset(failing | {each.id for each in scan.drift if _as_before(each, rows.get(each.id))})


def _as_before(drift: Drift, row: Known | None) -> bool:
    return row is not None and row.status == drift.kind and all(_is_in(row, each.path) for each in drift.changes)


def _is_in(row: Known, path: str) -> bool:
    """Of an attribute that had changed as a whole, a part is nothing new."""
    return any(covers(each, path) for each in row.paths)


def gone(baseline: Baseline, scan: Scan) -> list[Note]:
    """What is in the baseline and was seen not to be so any more, as one note; none where nothing is."""
    seen = _Seen(scan)
    rows = [each for each in baseline.known if seen.not_there(each)]
    if not rows:
        return []
    named = ", ".join(f"{each.check} of {each.resource}" for each in rows[:SHOWN])
    more = f" and {len(rows) - SHOWN:,} more" if len(rows) > SHOWN else ""
    return [Note(ABOUT, f"{len(rows):,} of {len(baseline.known):,} no longer there: {named}{more}; renew the baseline")]


SHOWN = 8


class _Seen:
    """What a scan saw of the things that a baseline knows."""

    def __init__(self, scan: Scan) -> None:
        self.scan = scan
        self.findings: dict[str, Finding] = {each.id: each for each in scan.findings if each.resource.id != "*"}
        self.ran = {each.check.id for each in scan.findings}
        self.live = {each.key for each in scan.live.resources}
        self.drifted = {each.id for each in scan.drift} | {each.drift.id for each in scan.suppressed}
        self.in_sync = {drift_id(each) for each in scan.in_sync}

    def not_there(self, row: Known) -> bool:
        return self._drift_is_over(row) if row.check == "drift" else self._finding_is_over(row)

    def _finding_is_over(self, row: Known) -> bool:
        found = self.findings.get(row.id)
        if found is not None:
            return found.status is Status.PASS
        return row.check in self.ran and self._is_gone(row)

    def _drift_is_over(self, row: Known) -> bool:
        """It is as declared; or it is no longer live, which ends no drift of what was missing."""
        if row.id in self.drifted or "drift" not in self.scan.kinds or not self.scan.sources:
            return False
        return row.id in self.in_sync or (row.status != "missing" and self._is_gone(row))

    def _is_gone(self, row: Known) -> bool:
        key: Any = (row.type, row.account, row.region, row.identity)
        return key not in self.live and self.scan.live.unseen(*key) is None
