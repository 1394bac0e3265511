"""What a plan makes of what is there: which findings get worse, stay, are mended, or go with what they are of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from checks import Check, Effect, Finding, Status, Terms
from scanner.collectors import schemas
from scanner.declarations import Declarations
from scanner.outcome import Scan
from state import Gap, Resource
from state.history import History

GOES = "the plan deletes it, or lets the state forget it"

Rows = Mapping[tuple[str, str, str], Sequence[tuple[str, str, str]]]
"""(account, region, status) of each verdict by (check, type, identity)."""


class Before(msgspec.Struct, frozen=True, kw_only=True):
    """What the checks said before a plan is applied, and ``since`` when that is known."""

    since: str
    rows: Rows

    @classmethod
    def of_scan(cls, scan: Scan) -> Before:
        rows = ((each.check.id, *each.resource.key, str(each.status)) for each in scan.findings)
        return cls(since="the account as it is now", rows=_rows(rows))

    @classmethod
    def of_history(cls, history: History, accounts: Iterable[str]) -> Before | None:
        """The last scan of these accounts, or of any where none is known; None where there is none."""
        named = sorted({*accounts} - {""})
        scans = [each for id in named for each in history.scans(id, limit=1)] if named else history.scans(limit=1)
        if not scans:
            return None
        verdicts = (verdict for each in scans for verdict in history.findings(each))
        rows = ((each.check, each.type, each.account, each.region, each.identity, each.status) for each in verdicts)
        return cls(since=f"scan {', '.join(dict.fromkeys(each.run for each in scans))}", rows=_rows(rows))

    def status(self, check: str, resource: Resource) -> str | None:
        """None where nothing is known of it, or it may be one of two."""
        rows = self.rows.get((check, resource.type, resource.identity or resource.id), ())
        found = [status for account, region, status in rows if _is_at(resource, account, region)]
        return found[0] if len(found) == 1 else None


def _rows(verdicts: Iterable[tuple[str, ...]]) -> Rows:
    found: dict[tuple[str, str, str], list[tuple[str, str, str]]] = defaultdict(list)
    for check, type, account, region, identity, status in verdicts:
        found[check, type, identity].append((account, region, status))
    return found


def _is_at(resource: Resource, account: str, region: str) -> bool:
    """Whether it may be there; what is declared does not always say where."""
    return resource.account in ("", account) and resource.region in ("", region)


# --- what becomes of findings ---------------------------------------------------------------------


class _Standing:
    """What is there before a plan is applied, by its name and by its address."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        self.named: dict[tuple[str, str], list[Resource]] = defaultdict(list)
        self.placed: dict[Any, Resource] = {}
        for each in resources:
            self.named[each.type, each.identity or each.id].append(each)
            if each.declared and not each.declared.part:
                self.placed[_address(each)] = each

    def of(self, resource: Resource) -> Resource | None:
        """What a planned resource is now; None where it is not there yet."""
        same = self.named.get((resource.type, resource.identity or resource.id), ())
        found = next((each for each in same if _is_at(each, resource.account, resource.region)), None)
        if found is None and resource.declared and not resource.declared.part:
            found = self.placed.get(_address(resource))
        return found


def _address(resource: Resource) -> tuple[str, str, str]:
    said: Any = resource.declared
    return resource.type, said.source, said.address


def effects(
    findings: Iterable[Finding], standing: Sequence[Resource], before: Before, terms: Terms
) -> Iterator[Finding]:
    """The findings, each failure and each that is mended with what the plan makes of it."""
    there, world = _Standing(standing), Declarations(standing, (), schemas())
    for each in findings:
        effect = each.effect or _effect(each, there, before)
        twin = there.of(each.resource)
        if effect is Effect.MENDED and twin and each.check.judge(twin, world, terms).status is Status.PASS:
            effect = None  # what fails is not what the plan knows of, and so not what it changes
        yield msgspec.structs.replace(each, effect=effect) if effect else each


def _effect(finding: Finding, there: _Standing, before: Before) -> Effect | None:
    if finding.status not in (Status.FAIL, Status.PASS):
        return None
    twin = there.of(finding.resource)
    if twin is None:
        return Effect.NEW if finding.status is Status.FAIL else None
    was = before.status(finding.check.id, twin)
    failed = was in (Status.FAIL, Status.SUPPRESSED)
    if finding.status is Status.PASS:
        return Effect.MENDED if failed else None
    return Effect.AS_BEFORE if failed else Effect.WORSE if was == Status.PASS else Effect.UNSURE


def removed(
    checks: Iterable[Check], planned: Iterable[Resource], standing: Iterable[Resource], before: Before
) -> Iterator[Finding]:
    """What fails, of what will not be there any more; that is no mending."""
    kept = _Standing(planned)
    gone = [each for each in standing if not (each.declared and each.declared.deposed) and kept.of(each) is None]
    for check in checks:
        for each in gone:
            if before.status(check.id, each) == Status.FAIL:
                yield Finding(check=check, resource=each, status=Status.SKIPPED, message=GOES, effect=Effect.REMOVED)


# --- the account as it will be --------------------------------------------------------------------


def after(planned: Iterable[Resource], gaps: Sequence[Gap], standing: Iterable[Resource], now: Scan) -> Declarations:
    """The account as a plan leaves it: what is planned, beside all that is live and not in the plan."""
    there = _Standing(standing)
    live: dict[tuple[str, str], list[Resource]] = defaultdict(list)
    for each in now.live.resources:
        live[each.type, each.identity or each.id].append(each)
    placed = [_placed(each, there.of(each), live, now) for each in planned]
    others = [each for each in now.live.resources if there.of(each) is None]
    return Declarations([*others, *placed], [*now.live.gaps, *gaps], schemas(), beside=now.live)


def _placed(
    each: Resource, twin: Resource | None, live: Mapping[tuple[str, str], Sequence[Resource]], now: Scan
) -> Resource:
    """A planned resource where it is live, with what only AWS can say of it; a new one where there is but one place."""
    same = live.get((twin.type, twin.identity or twin.id), ()) if twin else ()
    found = [one for one in same if _is_at(each, one.account, one.region)]
    if len(found) == 1:
        facts = found[0].facts if twin and twin.identity == each.identity else each.facts
        return each.replace(account=found[0].account, region=found[0].region, facts=facts)
    account = now.account if len(now.accounts) < 2 else ""
    region = now.regions[0] if len(now.regions) == 1 else ""
    return each.placed(account, region)


def turned(check: Check, now: Scan | None, world: Declarations, terms: Terms) -> Iterator[Finding]:
    """The verdicts on accounts and regions that a plan turns, as one that deletes the only trail does."""
    if now is None:
        return
    was = {each.resource.key: each.status for each in now.findings if each.check.id == check.id}
    for each in world.resources:
        if each.type not in check.types or each.key not in was:
            continue
        found = check.judge(each, world, terms)
        if (was[each.key], found.status) == (Status.PASS, Status.FAIL):
            yield msgspec.structs.replace(found, effect=Effect.WORSE)
        elif (was[each.key], found.status) == (Status.FAIL, Status.PASS):
            yield msgspec.structs.replace(found, effect=Effect.MENDED)
