"""The journey of one scan: read what is declared, read what is live, compare, check, remember."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from checks import TAGGED, Check, Finding, Status, Terms, run, select, with_origin
from scanner import delivery, suppress
from scanner.aws.call_log import CallLog
from scanner.aws.collect import Stop, Watcher, collect
from scanner.aws.collector import Collector
from scanner.aws.errors import Refused, Stopped
from scanner.aws.pacing import Pacing
from scanner.aws.session import Access
from scanner.aws.wire import Wire
from scanner.collectors import collectors, schemas
from scanner.outcome import Note, Scan
from scanner.reach import Reached, reach
from scanner.report._values import line
from scanner.settings import Settings, SettingsError
from scanner.version import VERSION
from state import Gap, Inventory, Key, Resource
from state.drift import Comparison, Drift, Secret, drift, drift_id
from state.history import Digest, History, Record, Verdict
from state.terraform.errors import Unreadable
from state.terraform.sources import Declared, Hint, load, moved

log = logging.getLogger("driftline")


async def scan(
    settings: Settings | None = None,
    *,
    watch: Watcher = lambda progress: None,
    kinds: Sequence[str] = ("drift", "check"),
    stop: Stop | None = None,
) -> Scan:
    """Scan the AWS accounts asked for, and say what is not as declared and what breaks the rules.

    ``settings`` says what to read, as the command line and driftline.toml do; its defaults read
    every enabled region of the caller's account. ``watch`` is called as the collection goes on; ``stop``
    ends it when called, and what was seen by then is the scan.
    ``kinds`` leaves out the drift or the checks. Nothing is recorded: see `remember`.

    Raises scanner.aws.errors.Refused when AWS cannot be asked at all, SettingsError for a setting
    that cannot be used, and state.terraform.errors.Unreadable for a source that cannot be read.
    Whatever fails after that is a gap in the Scan.
    """
    asked, stop = settings or Settings(), stop or Stop()
    started = datetime.now(UTC)
    suppressions = suppress.read(asked.suppress, started.date())
    collecting, checks = _collectors(asked), chosen(asked) if "check" in kinds else []
    declared = await _declared(asked)
    scan_id = f"{started:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
    async with _wire(asked, scan_id) as wire, AsyncExitStack() as stack:
        with _time_limit(asked, stop):
            reached = await _reached(asked, wire, stack, stop)
            live = await collect(reached.regions, collecting, watch=watch, stop=stop)
    live = Inventory(live.resources, [*live.gaps, *reached.gaps], read=live.read, taken_at=live.taken_at)
    caller = reached.caller
    comparison = drift(live, declared.inventory, schemas(), everything=asked.everything) if asked.sources else NOTHING
    gaps = [*live.gaps, *declared.inventory.gaps, *comparison.gaps]
    _log(gaps)
    moving = await _moving(asked, declared)
    return Scan(
        id=scan_id,
        version=VERSION,
        started=started,
        account=caller.account,
        caller=caller.caller,
        partition=caller.partition,
        regions=sorted({name for names in reached.regions.values() for name in names}),
        accounts=reached.accounts,
        kinds=kinds,
        sources=asked.sources,
        live=live,
        drift=[_marked(each, moving) for each in comparison.drift] if "drift" in kinds else (),
        in_sync=_in_sync(comparison, live) if "drift" in kinds else (),
        unsure=[each for each in live.resources if "drift" in kinds and each.key in comparison.unseen],
        findings=_findings(asked, checks, live, declared, comparison),
        gaps=gaps,
        accepted=suppressions.accepted(gaps, started.date()),
        notes=[
            *(Note("account", text) for text in reached.notes),
            *_notes(declared, moving),
            *_strange_accounts(declared, {each.id for each in reached.accounts}),
        ],
        managed=len(comparison.pairs),
        attributes=comparison.attributes,
        compared=comparison.compared,
        outside=comparison.outside,
        calls=wire.calls,
        throttled=wire.throttled,
        interrupted=stop.reason,
        ended=datetime.now(UTC),
    )


# --- what is asked --------------------------------------------------------------------------------


def chosen(asked: Settings) -> list[Check]:
    """The checks that the selectors leave. Raises SettingsError for an unknown id, or where none is left."""
    for pattern in asked.checks:
        if not select(checks=[pattern]):
            raise SettingsError(f"--check {pattern}: there is no such check; `driftline checks list` names them all")
    types = [TAGGED, *(each.type for each in _collectors(asked))] if asked.services or asked.types else []
    found = select(checks=asked.checks, types=types, categories=asked.categories, severities=asked.severities)
    if not found:
        raise SettingsError("no check fits these selectors; `driftline checks list` names them all")
    return found


def _collectors(asked: Settings) -> list[Collector]:
    """The collectors that --service and --type leave; all where neither is given."""
    for type in asked.types:
        if not any(each.type == type for each in collectors()):
            raise SettingsError(f"--type {type}: no collector reads that type; see the list of types in README")
    for service in asked.services:
        if not any(_is_of(each, (service,)) for each in collectors()):
            known = ", ".join(sorted({each.service for each in collectors()}))
            raise SettingsError(f"--service {service}: no collector reads that service; choose from {known}")
    return [
        each
        for each in collectors()
        if (not asked.types or each.type in asked.types) and (not asked.services or _is_of(each, asked.services))
    ]


def _is_of(collector: Collector, services: Sequence[str]) -> bool:
    """S3's settings of an account as a whole are kept by another service, s3control."""
    return collector.service in services or collector.service.removesuffix("control") in services


@contextmanager
def _logged(path: Path | None) -> Iterator[CallLog | None]:
    try:
        with CallLog(path) if path else nullcontext() as log:
            yield log
    except OSError as error:
        raise SettingsError(f"--call-log {path}: {(error.strerror or str(error)).lower()}") from error


@asynccontextmanager
async def _wire(asked: Settings, scan_id: str) -> AsyncIterator[Wire]:
    """The way to AWS, at the pace asked for, its calls logged."""
    with _logged(asked.call_log) as log:
        async with Wire(scan_id=scan_id, pacing=Pacing(asked.pace), log=log) as wire:
            yield wire


@contextmanager
def _time_limit(asked: Settings, stop: Stop) -> Iterator[None]:
    if asked.timeout is None:
        yield
        return
    reason = f"the time limit of {asked.timeout:g} seconds was reached"
    alarm = asyncio.get_running_loop().call_later(asked.timeout, stop, "timeout", reason)
    try:
        yield
    finally:
        alarm.cancel()


async def _reached(asked: Settings, wire: Wire, stack: AsyncExitStack, stop: Stop) -> Reached:
    try:
        return await stop.may_end(reach(asked, wire, stack))
    except Stopped as error:
        raise Refused(f"{error}, before any account could be read") from error


# --- what is declared -----------------------------------------------------------------------------

NOTHING = Comparison(drift=[], gaps=[], pairs={}, attributes=0, compared=0, outside=0)


async def _declared(asked: Settings) -> Declared:
    """What the sources declare, read as the caller: the role that is assumed to scan may not reach them."""
    if not asked.sources:
        return Declared(inventory=Inventory(), states=[], configurations=[], notes=[])
    hints = [Hint(source=each.source, account=each.account, region=each.region) for each in asked.states]
    async with delivery.objects(asked.sources, Access(profile=asked.profile)) as objects:
        return await load(asked.sources, schemas(), objects=objects, hints=hints)


async def _moving(asked: Settings, declared: Declared) -> Sequence[str]:
    """The states that changed while we looked, or that could not be read again to tell."""
    sources = [each.source for each in declared.states]
    try:
        async with delivery.objects(sources, Access(profile=asked.profile)) as objects:
            return await moved(declared, objects)
    except Unreadable:
        return sources


def _marked(found: Drift, moving: Sequence[str]) -> Drift:
    """Drift by a state that changed while we looked is less than certain, and so is what no state declared."""
    if not moving:
        return found
    if found.declared is None:
        said = f"may be declared by now in {', '.join(moving)}, which may have changed during the scan"
    elif found.declared.source in moving:
        said = "the state may have changed during the scan"
    else:
        return found
    return msgspec.structs.replace(found, note="; ".join(filter(None, (found.note, said))))


def _notes(declared: Declared, moving: Sequence[str]) -> Iterator[Note]:
    for source in moving:
        yield Note("state", f"{source} changed during the scan, or could not be read again; scan again to be sure")
    for text in declared.notes:
        yield Note("state", text)


def _strange_accounts(declared: Declared, read: Collection[str]) -> Iterator[Note]:
    """A state beside the wrong credentials is the commonest of mistakes, and finds everything unmanaged."""
    counts = Counter(each.account for each in declared.inventory.resources if each.account not in ("", *read))
    for other, count in sorted(counts.items()):
        many = "1 declared resource is" if count == 1 else f"{count:,} declared resources are"
        yield Note("account", f"{many} of account {other}, which this scan did not read")


# --- what is found --------------------------------------------------------------------------------


def _log(gaps: Iterable[Gap]) -> None:
    for each in gaps:
        log.warning("%s %s %s not read: %s", *map(line, (each.type, each.account, each.region, each.reason)))


def _in_sync(comparison: Comparison, live: Inventory) -> list[Resource]:
    drifted = {each.resource.key for each in comparison.drift}
    whole = {key for key, twin in comparison.pairs.items() if not (twin.declared and twin.declared.part)}
    return [each for each in live.resources if each.key in whole - drifted - comparison.unseen]


def _findings(
    asked: Settings, checks: Iterable[Check], live: Inventory, declared: Declared, comparison: Comparison
) -> list[Finding]:
    terms = Terms(required_tags=asked.required_tags)
    twins = _placed_twins(comparison.pairs)
    witness = _witness(declared.inventory, twins) if asked.sources else None
    return [with_origin(each, twins, witness, terms) for each in run(checks, live, terms)]


def _placed_twins(pairs: dict[Key, Resource]) -> dict[Key, Resource]:
    """Declared twins in the account and region where they were found, so that neighbours join."""
    return {key: msgspec.structs.replace(twin, account=key[1], region=key[2]) for key, twin in pairs.items()}


def _witness(declared: Inventory, twins: dict[Key, Resource]) -> Inventory:
    """The declared side as a place to look for neighbours in."""
    placed = {id(twin.declared): twin for twin in twins.values()}
    return Inventory(
        [placed.get(id(each.declared), each) for each in declared.resources], declared.gaps, taken_at=declared.taken_at
    )


# --- remembering ----------------------------------------------------------------------------------


def remember(scan: Scan, history: History) -> Digest:
    """Record a scan, and say what moved since the account's last one; sets ``scan.digest``."""
    scan.digest = history.record(record(scan))
    return scan.digest


def record(scan: Scan) -> Record:
    """What history keeps of a scan."""
    checks = {each.check.id for each in scan.findings} | (
        {"drift"} if scan.sources and "drift" in scan.kinds else set()
    )
    return Record(
        id=scan.id,
        account=scan.account,
        started=scan.started,
        ended=scan.ended,
        version=scan.version,
        regions=scan.regions,
        sources=scan.sources,
        checks=sorted(checks),
        read=sorted((type, region) for type, _, region in scan.live.read or ()),
        counts={
            "resources": sum(each.type.startswith("aws_") for each in scan.live.resources),
            "drift": len(scan.drift),
            "failing": len(scan.failures),
            "unknown": scan.count(Status.UNKNOWN),
            "gaps": len(scan.gaps),
        },
        verdicts=[*_finding_verdicts(scan.findings), *_drift_verdicts(scan)],
        gaps=scan.gaps,
        unseen=lambda type, account, region, id: scan.live.unseen(type, account, region, id) is not None,
    )


def _finding_verdicts(findings: Iterable[Finding]) -> Iterable[Verdict]:
    for each in findings:
        if each.resource.id == "*":
            continue
        type, account, region, identity = each.resource.key
        yield Verdict(
            id=each.id,
            kind="finding",
            check=each.check.id,
            title=each.check.title,
            severity=each.check.severity,
            type=type,
            identity=identity,
            resource=each.resource.name,
            account=account,
            region=region,
            status=each.status,
            message=each.message,
            arn=each.resource.arn,
            address=each.declared.address if each.declared else None,
            origin=each.origin,
        )


def _drift_verdicts(scan: Scan) -> Iterable[Verdict]:
    """Each drifted resource, each managed one that is as declared, and each that nobody can say it of."""
    for each in scan.drift:
        yield _drift_verdict(each.resource, each.kind, each)
    for resource in scan.in_sync:
        yield _drift_verdict(resource, "in-sync", None)
    for resource in scan.unsure:
        yield _drift_verdict(resource, "unknown", None)


def _drift_verdict(resource: Resource, status: str, drift: Drift | None) -> Verdict:
    type, account, region, identity = resource.key
    changes = drift.changes if drift else ()
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
        message=", ".join(each.path for each in changes),
        arn=resource.arn,
        address=drift.declared.address if drift and drift.declared else None,
        values={each.path: each.live.value if isinstance(each.live, Secret) else each.live for each in changes},
    )


def recalled(history: History, scan: int | None = None, since: int | None = None) -> Scan:
    """A recorded scan (the last) with what moved since another (the one before), for a digest."""
    digest = history.digest(scan, since)
    past = history.find(digest.scan)
    return Scan(
        id=past.id,
        version=past.version,
        started=datetime.fromisoformat(past.started),
        ended=datetime.fromisoformat(past.ended),
        account=past.account,
        caller="",
        partition="",
        regions=past.regions,
        kinds=(),
        sources=past.sources,
        live=Inventory(),
        gaps=history.gaps(past.n),
        digest=digest,
    )
