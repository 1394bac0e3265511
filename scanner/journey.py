"""The journey of one scan: read what is declared, read what is live, compare, check, remember."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import msgspec
from state.terraform.sources import Declared, Hint, load, moved

from checks import Finding, Status, Terms, run, select, with_origin
from scanner import delivery, suppress
from scanner.aws.collect import Watcher, collect
from scanner.aws.collector import Collector
from scanner.aws.session import Access, Aws
from scanner.collectors import collectors, schemas
from scanner.outcome import Note, Scan
from scanner.settings import Settings, SettingsError
from scanner.version import VERSION
from state import Inventory, Key, Resource
from state.drift import Comparison, Drift, Secret, drift, drift_id
from state.history import Digest, History, Record, Verdict


async def scan(
    settings: Settings | None = None,
    *,
    watch: Watcher = lambda progress: None,
    kinds: Sequence[str] = ("drift", "check"),
) -> Scan:
    """Scan one AWS account, and say what is not as declared and what breaks the rules.

    ``settings`` says what to read, as the command line and driftline.toml do; its defaults read
    every enabled region of the caller's account. ``watch`` is called as the collection goes on.
    ``kinds`` leaves out the drift or the checks. Nothing is recorded: see `remember`.

    Raises scanner.aws.errors.Refused when AWS cannot be asked at all, SettingsError for a setting
    that cannot be used, and state.terraform.errors.Unreadable for a source that cannot be read.
    Whatever fails after that is a gap in the Scan.
    """
    asked = settings or Settings()
    started = datetime.now(UTC)
    accepted = suppress.read(asked.suppress, started.date())
    chosen = _collectors(asked)
    declared = await _declared(asked) if asked.sources else None
    scan_id = f"{started:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
    access = Access(
        profile=asked.profile, role_arn=asked.role_arn, external_id=asked.external_id, account=asked.account
    )
    async with Aws(access, scan_id=scan_id) as aws:
        regions = await aws.regions(asked.regions, asked.exclude_regions)
        live = await collect(aws, chosen, regions, watch)
    comparison = drift(live, declared.inventory, schemas(), everything=asked.everything) if declared else None
    gaps = [*live.gaps, *(declared.inventory.gaps if declared else ()), *(comparison.gaps if comparison else ())]
    return Scan(
        id=scan_id,
        version=VERSION,
        started=started,
        ended=datetime.now(UTC),
        account=aws.account,
        caller=aws.caller,
        partition=aws.partition,
        regions=regions,
        kinds=kinds,
        sources=asked.sources,
        live=live,
        drift=await _drift(comparison, declared) if comparison and declared and "drift" in kinds else (),
        findings=_findings(asked, live, comparison, declared) if "check" in kinds else (),
        gaps=gaps,
        accepted=accepted.accepted(gaps, started.date()),
        notes=[Note("state", text) for text in declared.notes] if declared else (),
        in_sync=_in_sync(comparison, live) if comparison and "drift" in kinds else (),
        managed=len(comparison.pairs) if comparison else 0,
        attributes=comparison.attributes if comparison else 0,
        compared=comparison.compared if comparison else 0,
        outside=comparison.outside if comparison else 0,
        calls=aws.calls,
    )


def _collectors(asked: Settings) -> list[Collector]:
    """The collectors that --service and --type leave; all where neither is given."""
    known = {each.type for each in collectors()}
    for type in asked.types:
        if type not in known:
            raise SettingsError(f"--type {type}: no collector reads that type; see the reference of types in README")
    for service in asked.services:
        if not any(each.service.startswith(service) for each in collectors()):
            raise SettingsError(f"--service {service}: no collector reads that service")
    return [
        each
        for each in collectors()
        if (not asked.types or each.type in asked.types)
        and (not asked.services or each.service.startswith(asked.services))
    ]


async def _declared(asked: Settings) -> Declared:
    hints = [Hint(source=each.source, account=each.account, region=each.region) for each in asked.states]
    access = Access(profile=asked.profile)
    async with delivery.objects(asked.sources, access) as objects:
        return await load(asked.sources, schemas(), objects=objects, hints=hints)


async def _drift(comparison: Comparison, declared: Declared) -> list[Drift]:
    """The drift, rows of a state that moved while we looked marked as such."""
    async with delivery.objects([each.source for each in declared.states], Access()) as objects:
        changed = frozenset(await moved(declared, objects))
    return [
        msgspec.structs.replace(each, note="the state changed during the scan")
        if each.declared and each.declared.source in changed
        else each
        for each in comparison.drift
    ]


def _in_sync(comparison: Comparison, live: Inventory) -> list[Resource]:
    drifted = {each.resource.key for each in comparison.drift}
    whole = {key for key, twin in comparison.pairs.items() if not (twin.declared and twin.declared.part)}
    return [each for each in live.resources if each.key in whole - drifted]


def _findings(
    asked: Settings, live: Inventory, comparison: Comparison | None, declared: Declared | None
) -> list[Finding]:
    terms = Terms(required_tags=asked.required_tags)
    types = [each.type for each in _collectors(asked)] if asked.services or asked.types else []
    chosen = select(checks=asked.checks, types=types, categories=asked.categories, severities=asked.severities)
    if not chosen:
        raise SettingsError("no check fits these selectors; `driftline checks list` names them all")
    twins = _placed_twins(comparison.pairs) if comparison else {}
    witness = _witness(declared.inventory, twins) if declared else None
    return [with_origin(each, twins, witness, terms) for each in run(chosen, live, terms)]


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
            "resources": len(scan.live.resources),
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
            resource=each.resource.id,
            account=account,
            region=region,
            status=each.status,
            message=each.message,
            arn=each.resource.arn,
            address=each.declared.address if each.declared else None,
            origin=each.origin,
        )


def _drift_verdicts(scan: Scan) -> Iterable[Verdict]:
    """Each drifted resource, and each managed one that is as declared."""
    for each in scan.drift:
        yield _drift_verdict(each.resource, each.kind, each)
    for resource in scan.in_sync:
        yield _drift_verdict(resource, "in-sync", None)


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
        resource=resource.id,
        account=account,
        region=region,
        status=status,
        message="; ".join(each.text for each in changes),
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
        sources=past.sources,
        live=Inventory(),
        gaps=history.gaps(past.n),
        digest=digest,
    )
