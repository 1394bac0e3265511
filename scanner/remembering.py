"""What history keeps of a scan, account by account, and a recorded scan as it is told again."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import chain
from typing import Any, TypeVar

import msgspec

from checks import Finding, Findings, Status
from checks.check import finding_id
from scanner.outcome import AccountRead, Scan, SuppressedDrift
from state import GLOBAL, Inventory, Resource
from state.drift import Change, Drift, drift_id
from state.history import Digest, History, Record, Verdict
from state.moves import SUPPRESSED
from state.packed import EMPTY
from state.resource import ANYTHING, Key
from state.secret import Secret

T = TypeVar("T")

KNOWN = 8_000
"""Of how many resources is kept what each verdict on them says: a check goes through all of a type, as the last did."""


def remember(scan: Scan, history: History) -> Digest:
    """Record a scan, and say what moved since each account's last one; sets ``scan.digest``."""
    scan.digest = history.record(*records(scan))
    return scan.digest


def records(scan: Scan) -> list[Record]:
    """What history keeps of a scan, for each of its accounts."""
    accounts = scan.accounts or [AccountRead(id=scan.account, regions=scan.regions)]
    checks = sorted({*scan.findings.checks} | ({"drift"} if _compared(scan) else set()))
    ids = dict.fromkeys(each.id for each in accounts)
    resources = Counter(_one_of(ids, each.account) for each in scan.live.resources if each.type.startswith("aws_"))
    seen = _by_account(ids, sorted(_seen(scan.live)), lambda read: read[1])
    gaps = _by_account(ids, scan.gaps, lambda gap: gap.account)
    verdicts = _verdicts(ids, scan)
    return [
        Record(
            id=f"{scan.id}/{each.id}" if len(accounts) > 1 else scan.id,
            account=each.id,
            name=each.name,
            started=scan.started,
            ended=scan.ended,
            version=scan.version,
            regions=each.regions,
            sources=scan.sources,
            checks=checks,
            read=[(type, region) for type, _, region in seen[each.id]],
            counts={
                "resources": resources[each.id],
                "gaps": len(gaps[each.id]),
                **verdicts[each.id].counts(),
            },
            verdicts=verdicts[each.id],
            gaps=gaps[each.id],
            unseen=lambda type, account, region, id: scan.live.unseen(type, account, region, id) is not None,
        )
        for each in accounts
    ]


def _compared(scan: Scan) -> bool:
    return bool(scan.sources) and "drift" in scan.kinds


def _seen(live: Inventory) -> set[tuple[str, str, str]]:
    """What was read but for what lies in a gap as a whole."""
    gaps = [each for each in live.gaps if each.attribute is None and each.id is None]
    dark = {(each.type, each.account, each.region) for each in gaps}
    return {
        (type, account, region)
        for type, account, region in live.read or ()
        if not dark & {(of, account, where) for of in (type, ANYTHING) for where in (region, GLOBAL)}
    }


def _one_of(ids: Mapping[str, None], account: str) -> str:
    """The account that keeps what is of an account: the first one where it is none of them."""
    return account if account in ids else next(iter(ids))


def _by_account(ids: Mapping[str, None], things: Iterable[T], account: Callable[[T], str]) -> dict[str, list[T]]:
    found: dict[str, list[T]] = {id: [] for id in ids}
    for thing in things:
        found[_one_of(ids, account(thing))].append(thing)
    return found


class _Verdicts(msgspec.Struct, frozen=True):
    """The verdicts of one account, made as often as they are gone through: hundreds of thousands are not kept."""

    findings: Findings
    drift: list[Drift]
    suppressed: list[SuppressedDrift]
    in_sync: list[Resource]
    unsure: list[Resource]

    def counts(self) -> dict[str, int]:
        statuses = self.findings.counts
        found = {"drift": len(self.drift), "failing": statuses[Status.FAIL], "unknown": statuses[Status.UNKNOWN]}
        suppressed = len(self.suppressed) + statuses[Status.SUPPRESSED]
        return found | {"suppressed": suppressed}

    def __iter__(self) -> Iterator[Verdict]:
        return chain(_finding_verdicts(self.findings), _drift_verdicts(self))


def _verdicts(ids: Mapping[str, None], scan: Scan) -> dict[str, _Verdicts]:
    every = scan.findings
    parted = every.by_resource(lambda each: _one_of(ids, each.account)) if len(ids) > 1 else dict.fromkeys(ids, every)
    findings = {id: parted.get(id, Findings()) for id in ids}
    drift = _by_account(ids, scan.drift, lambda each: each.resource.account)
    suppressed = _by_account(ids, scan.suppressed, lambda each: each.drift.resource.account)
    in_sync, unsure = (_by_account(ids, found, lambda each: each.account) for found in (scan.in_sync, scan.unsure))
    return {id: _Verdicts(findings[id], drift[id], suppressed[id], in_sync[id], unsure[id]) for id in ids}


def _finding_verdicts(findings: Iterable[Finding]) -> Iterator[Verdict]:
    told = lru_cache(KNOWN)(_told)
    for each in findings:
        id, key, arn = told(each.resource)
        if id == "*":
            continue
        type, account, region, identity = key
        yield Verdict(
            id=finding_id(each.check.id, key),
            kind="finding",
            check=each.check.id,
            title=each.check.title,
            severity=each.check.severity,
            type=type,
            identity=identity,
            resource=identity,
            account=account,
            region=region,
            status=each.status,
            message=each.message,
            arn=arn,
            address=each.declared.address if each.declared else None,
            origin=each.origin,
        )


def _told(resource: Resource) -> tuple[str, Key, str | None]:
    """What each verdict on a resource says of it: its id, its key and its ARN."""
    return resource.id, resource.key, resource.arn


def _drift_verdicts(found: _Verdicts) -> Iterator[Verdict]:
    """Each drifted resource, each managed one that is as declared, and each that nobody can say it of."""
    accepted: dict[str, list[SuppressedDrift]] = defaultdict(list)
    for hidden in found.suppressed:
        accepted[hidden.drift.id].append(hidden)
    for each in found.drift:
        yield _drift_verdict(each.resource, each.kind, each, accepted.pop(each.id, ()))
    for left in accepted.values():
        yield _drift_verdict(left[0].drift.resource, SUPPRESSED, None, left)
    for resource in found.in_sync:
        yield _drift_verdict(resource, "in-sync", None)
    for resource in found.unsure:
        yield _drift_verdict(resource, "unknown", None)


def _drift_verdict(
    resource: Resource, status: str, drift: Drift | None, accepted: Sequence[SuppressedDrift] = ()
) -> Verdict:
    type, account, region, identity = resource.key
    changes = drift.changes if drift else ()
    hidden = [change for each in accepted for change in each.drift.changes]
    said = drift or (accepted[0].drift if accepted else None)
    return Verdict(
        id=drift_id(resource),
        kind="drift",
        check="drift",
        title="",
        severity="",
        type=type,
        identity=identity,
        resource=resource.name,
        account=account,
        region=region,
        status=status,
        message=", ".join(each.path for each in changes or hidden),
        arn=resource.arn,
        address=said.declared.address if said and said.declared else None,
        values=_live_values(changes) if changes else EMPTY,
        accepted=_live_values(hidden) if hidden else EMPTY,
    )


def _live_values(changes: Iterable[Change]) -> dict[str, Any]:
    return {each.path: each.live.value if isinstance(each.live, Secret) else each.live for each in changes}


def recalled(history: History, scan: int | None = None, since: int | None = None) -> Scan:
    """A recorded scan with what moved since another (the one before), for a digest.

    By default it is the last scan, all of its accounts; ``scan`` is the number of one account's.
    """
    past = history.run(scan)
    read = [(each.account, each.n) for each in past if each.read]
    last = past[-1]
    return Scan(
        id=last.id if len(past) == 1 else last.run,
        version=last.version,
        started=datetime.fromisoformat(last.started),
        ended=datetime.fromisoformat(last.ended),
        account=past[0].account,
        caller="",
        partition="",
        regions=sorted({region for each in past for region in each.regions}),
        accounts=[
            AccountRead(id=each.account, name=each.name, regions=each.regions, entered=bool(each.read)) for each in past
        ],
        kinds=(),
        sources=last.sources,
        live=Inventory(),
        gaps=[gap for each in past for gap in history.gaps(each.n)],
        digest=history.digest(last.n, since) if len(past) == 1 else history.digests(read, last.id),
    )
