"""The journey of one scan: read what is declared, read what is live, compare, check."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, AsyncExitStack, asynccontextmanager, contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import msgspec

from checks import REGISTRY, Check, Findings, Terms, run, with_origin
from checks.frameworks import assessed
from checks.secrets import in_attributes
from scanner import agreed, ahead, baseline, deleted, delivery, price_list, suppress, who
from scanner.aws.call_log import CallLog, Log
from scanner.aws.collect import Reach, Watcher, collect
from scanner.aws.collector import Collector
from scanner.aws.errors import Stopped
from scanner.aws.order import services_first
from scanner.aws.pacing import Pacing, read_timeout
from scanner.aws.session import Access
from scanner.aws.stop import Stop
from scanner.aws.wire import Wire
from scanner.chosen import chosen, left_out, neighbours, reading
from scanner.collectors import collectors, schemas, without_code_hashes
from scanner.iac_coverage import IacCoverage, iac_coverage
from scanner.needs import Needs, everything_of, needs, with_neighbours
from scanner.outcome import Note, Scan
from scanner.own_checks import with_own_checks
from scanner.reach import before_all, reach
from scanner.report._values import line
from scanner.settings import Settings, SettingsError
from scanner.suppress.applied import Applied, apply
from scanner.suppress.unused import unused
from scanner.version import VERSION
from state import Gap, Inventory, Resource
from state.drift import Comparison, Drift, drift
from state.history import History
from state.terraform.remote import shown
from state.terraform.sources import Declared, Follow, Hint, Web, declared_twice, load, moved

log = logging.getLogger("driftline")


@with_own_checks
async def scan(
    settings: Settings | None = None,
    *,
    watch: Watcher = lambda progress: None,
    kinds: Sequence[str] = ("drift", "check"),
    stop: Stop | None = None,
    declared: Declared | None = None,
    history: History | None = None,
    begun: Begun | None = None,
) -> Scan:
    """Scan the AWS accounts asked for, and say what is not as declared and what breaks the rules.

    ``settings`` says what to read, as the command line and driftline.toml do; its defaults read
    every enabled region of the caller's account. ``watch`` is called as the collection goes on; ``stop``
    ends it when called, and what was seen by then is the scan.
    ``kinds`` leaves out the drift or the checks, or asks for the ``inventory`` instead, or for all that
    ``imports`` want to know. ``declared`` is what the sources declare, where they were read already, since the scan
    had ``begun``.
    Nothing is recorded: see scanner.remember; only what CloudTrail says of who did it is kept in ``history``,
    which also tells since when something is as it is.

    Raises scanner.aws.errors.Refused when AWS cannot be asked at all, SettingsError for a setting
    that cannot be used, and state.terraform.errors.Unreadable for a source that cannot be read.
    Whatever fails after that is a gap in the Scan.
    """
    asked, stop, begun = settings or Settings(), stop or Stop(), begun or Begun.now()
    suppressions = suppress.read(asked.suppress, begun.at.date())
    before = baseline.read(asked.baseline)
    collecting, checks = reading(asked, kinds), chosen(asked) if "check" in kinds else []
    beside = neighbours(collecting, kinds)
    async with _outset(asked, begun, stop) as (log, states), AsyncExitStack() as stack:
        if declared is None:
            declared = await before_all(stop, _read(asked, states))
        by_tag = suppressions.tags is not None or agreed.by_tag(asked)
        needed = _needed(asked, kinds, collecting, beside, checks, declared, tags=by_tag)
        wire = await stack.enter_async_context(Wire(scan_id=begun.id, pacing=Pacing(asked.pace), log=log))
        reached = await reach(asked, wire, stack, services_first(needed.collectors), stop)
        seen = await collect(
            reached.regions,
            needed.collectors,
            declared=declared.inventory,
            wanted=needed.want,
            paid=asked.paid,
            watch=watch,
            stop=stop,
        )
        ended_by = stop.reason
        live = _asked_for(seen, beside, reached.gaps)
        caller = reached.caller
        compares = bool(asked.sources) or "imports" in kinds  # where nothing is declared, everything is to import
        known = without_code_hashes(schemas()) if asked.ignore_code_hashes else schemas()
        comparison = NOTHING
        if compares:
            comparison = drift(live, declared.inventory, known, everything=asked.everything, among=seen)
        gaps = [*live.gaps, *declared.inventory.gaps, *comparison.gaps]
        _log(gaps)
        moving = await _moving(declared, states, stop)
        incoming = ahead.incoming(declared.imports, live, comparison.pairs)
        applied = apply(
            suppressions,
            _findings(asked, checks, live, declared, comparison),
            [_marked(ahead.noted(each, incoming), moving) for each in comparison.drift] if "drift" in kinds else (),
        )
        found = Scan(
            id=begun.id,
            version=VERSION,
            started=begun.at,
            account=caller.account,
            caller=caller.caller,
            partition=caller.partition,
            regions=sorted({name for names in reached.regions.values() for name in names}),
            accounts=reached.accounts,
            kinds=kinds,
            sources=tuple(map(shown, asked.sources)),
            live=live,
            drift=[deleted.noted(each) for each in applied.drift],
            differing=comparison.drift if compares else None,
            suppressed=applied.suppressed,
            suppressions=applied.suppressions,
            everything=asked.everything,
            noise=comparison.noise if "drift" in kinds else (),
            in_sync=_in_sync(comparison, live) if "drift" in kinds else (),
            unsure=_unsure(comparison, live) if "drift" in kinds else (),
            findings=applied.findings,
            frameworks=[assessed(each, REGISTRY.values(), applied.findings) for each in asked.frameworks],
            incoming=incoming,
            gaps=gaps,
            accepted=suppressions.accepted(gaps),
            notes=[
                *(Note("account", text) for text in reached.notes),
                *(agreed.notes(asked) if "check" in kinds else ()),
                *_unlogged(log),
                *_not_offered(wire.nowhere),
                *_notes(declared, moving),
                *(Note("state", text) for text in declared_twice(comparison.twice)),
                *(Note("parts", text) for text in (left_out(asked, declared.inventory) if "drift" in kinds else ())),
                *_strange_accounts(declared, {each.id for each in reached.accounts}),
            ],
            managed=len(comparison.pairs),
            attributes=comparison.attributes,
            compared=comparison.compared,
            outside=comparison.outside,
            moved=comparison.moved,
            code=_in_code(asked, live, comparison, len(gaps)) if compares and "drift" in kinds else None,
            owner_tags=asked.owner_tags,
            interrupted=ended_by,
            ended=begun.at,
        )
        await price_list.estimate(found, reached.regions, stop)
        await _who(asked, found, reached.regions, history, stop)
        found.calls, found.throttled, found.ended = wire.calls, wire.throttled, datetime.now(UTC)
    return _settled(found, asked, suppressions, applied, before)


# --- what is asked --------------------------------------------------------------------------------


def _needed(
    asked: Settings,
    kinds: Sequence[str],
    collecting: list[Collector],
    beside: list[Collector],
    checks: list[Check],
    declared: Declared,
    *,
    tags: bool = False,
) -> Needs:
    """What of it the drift and the checks need; without either, an inventory for its own sake, all of it.

    ``tags`` of all that is judged are needed where they may suppress.
    """
    if not kinds:
        return everything_of(collecting)
    if {"inventory", "imports"} & {*kinds}:
        return with_neighbours(collectors(), [each.type for each in collecting])
    wanted, everything = "drift" in kinds, asked.everything
    return needs(collecting, checks, declared.inventory, drift=wanted, everything=everything, tags=tags, beside=beside)


def _asked_for(live: Inventory, beside: Collection[Collector], gaps: Iterable[Gap]) -> Inventory:
    """What was read, without what was only read to tell whose the rest is: that is outside this scan."""
    types = {each.type for each in beside}
    return Inventory(
        (each for each in live.resources if each.type not in types),
        [*live.gaps, *gaps],
        read=(each for each in live.read or () if each[0] not in types),
        taken_at=live.taken_at,
    )


def call_log(path: Path | None) -> AbstractContextManager[CallLog | None]:
    try:
        return CallLog(path) if path else nullcontext()
    except OSError as error:
        raise SettingsError(f"--call-log {path}: {(error.strerror or str(error)).lower()}") from error


def _unlogged(log: Log | None) -> Iterator[Note]:
    if isinstance(log, CallLog) and log.lost:
        calls = "1 call is" if log.lost == 1 else f"{log.lost:,} calls are"
        yield Note("call log", f"{calls} not in {log.path}: {log.why}")


def _not_offered(nowhere: Iterable[tuple[str, str]]) -> Iterator[Note]:
    regions = defaultdict(list)
    for service, region in sorted(nowhere):
        regions[service].append(region)
    for service, names in regions.items():
        yield Note(
            "region",
            f"{service} is not offered in {', '.join(names)}: botocore lists it only in others, and "
            "there is no such host",
        )


class Begun(NamedTuple):
    """When a scan began, and the id that all its calls carry, those too that were made before it to read states."""

    at: datetime
    id: str

    @classmethod
    def now(cls) -> Begun:
        at = datetime.now(UTC)
        return cls(at, f"{at:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}")


@asynccontextmanager
async def _outset(asked: Settings, begun: Begun, stop: Stop) -> AsyncIterator[tuple[CallLog | None, delivery.Objects]]:
    """The log of all calls and the one way to the states, while the time runs."""
    access = Access(profile=asked.profile)
    with _time_limit(asked, stop), call_log(asked.call_log) as log:
        async with delivery.objects(access, scan_id=begun.id, log=log) as states:
            yield log, states


@contextmanager
def _time_limit(asked: Settings, stop: Stop) -> Iterator[None]:
    """Of all that is done with this ``stop``: what was read before the scan takes from its time."""
    if asked.timeout is None:
        yield
        return
    loop, reason = asyncio.get_running_loop(), f"the time limit of {asked.timeout:g} seconds was reached"
    stop.until = stop.until or loop.time() + asked.timeout
    alarm = loop.call_at(stop.until, stop, "timeout", reason)
    try:
        yield
    finally:
        alarm.cancel()


# --- what is declared -----------------------------------------------------------------------------

NOTHING = Comparison(drift=[], gaps=[], pairs={}, attributes=0, compared=0, outside=0)


async def declared_by(asked: Settings, stop: Stop | None = None, begun: Begun | None = None) -> Declared:
    """What the sources declare, read before a scan, in its time and under its id, or for none."""
    stop = stop or Stop()
    async with _outset(asked, begun or Begun.now(), stop) as (_, states):
        return await before_all(stop, _read(asked, states))


async def _read(asked: Settings, states: delivery.Objects) -> Declared:
    """What the sources declare, read as the caller: the role that is assumed to scan may not reach them."""
    if not asked.sources:
        return Declared(inventory=Inventory(), states=[], configurations=[], notes=[])
    hints = [Hint(source=each.source, account=each.account, region=each.region) for each in asked.states]
    follow = Follow(asked.allow_backends) if asked.follow_backends else None
    await states.enter(asked.sources)
    web = Web(read_timeout())
    return await load(
        asked.sources, schemas(), objects=states, web=web, hints=hints, follow=follow, inspect=in_attributes
    )


async def _moving(declared: Declared, states: delivery.Objects, stop: Stop) -> Sequence[str]:
    """The states that changed while we looked, or that could not be read again to tell, for want of time too."""
    away = [each for each in declared.states if each.at]
    here = [each for each in declared.states if not each.at]
    found = await moved(msgspec.structs.replace(declared, states=here), None)
    try:
        return found + await stop.may_end(
            moved(msgspec.structs.replace(declared, states=away), states, Web(read_timeout()))
        )
    except Stopped:
        return found + [each.source for each in away if each.version]


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


def _settled(
    found: Scan,
    asked: Settings,
    suppressions: suppress.Suppressions,
    applied: Applied,
    before: baseline.Baseline | None,
) -> Scan:
    """The scan with what its suppressions and its baseline make of it."""
    idle = unused(suppressions, applied.used, found, asked)
    notes = [*found.notes, *applied.notes, *suppressions.over(), *idle]
    if before is not None:
        found.known = baseline.known(before, found)
        notes += baseline.gone(before, found)
    found.notes = notes
    return found


def _unsure(comparison: Comparison, live: Inventory) -> list[Resource]:
    return [each for each in live.resources if each.key in comparison.unseen] if comparison.unseen else []


def _in_sync(comparison: Comparison, live: Inventory) -> list[Resource]:
    other = {each.resource.key for each in comparison.drift} | comparison.unseen
    twins = ((each, comparison.pairs.get(each)) for each in live.resources)
    return [each for each, twin in twins if twin and not twin.is_part and each.key not in other]


def _findings(
    asked: Settings, checks: Iterable[Check], live: Inventory, declared: Declared, comparison: Comparison
) -> Findings:
    terms = msgspec.structs.replace(terms_of(asked), states=tuple(declared.kept))
    placed = _placed(comparison.pairs)
    pairs = (
        {live: placed.get(id(twin), twin) for live, twin in comparison.pairs.items()} if placed else comparison.pairs
    )
    witness = _witness(declared.inventory, placed) if asked.sources else None
    severe = agreed.severe(asked.severity)
    return run(checks, live, terms, lambda each: severe(with_origin(each, pairs, witness, terms)))


def terms_of(asked: Settings) -> Terms:
    """What the team has agreed on."""
    return Terms(
        required_tags=asked.required_tags,
        allowed_regions=asked.allowed_regions,
        name_pattern=asked.name_pattern,
        partner_accounts=asked.partner_accounts,
        public_load_balancers=asked.public_load_balancers,
        public_repositories=asked.public_repositories,
        owners=asked.owners,
        owner_tags=asked.owner_tags,
        delegated_administrators=asked.delegated_administrators,
        thresholds=asked.thresholds,
        narrowed=agreed.thresholds(asked.threshold),
        allowed_tag_values=asked.allowed_tag_values,
        conventions=agreed.conventions(asked.tags),
    )


def _in_code(asked: Settings, live: Inventory, comparison: Comparison, gaps: int) -> IacCoverage:
    return iac_coverage(live, comparison, schemas(), asked.owner_tags, gaps)


async def _who(asked: Settings, found: Scan, reached: Reach, history: History | None, stop: Stop) -> None:
    """Asks who did it, where that is wanted."""
    if asked.who:
        trail, notes = who.trail(history, datetime.now(UTC), ip=asked.who_ip)
        found.notes = [*found.notes, *notes]
        await who.ask(found, reached, trail, stop, asked.who_most)


def _placed(pairs: Mapping[Resource, Resource]) -> dict[int, Resource]:
    """Declared twins that do not say it, as in the account and region where they were found, by `id`."""
    return {
        id(twin): twin.replace(account=live.account, region=live.region)
        for live, twin in pairs.items()
        if (twin.account, twin.region) != (live.account, live.region)
    }


def _witness(declared: Inventory, placed: Mapping[int, Resource]) -> Inventory:
    """The declared side as a place to look for neighbours in, which join by account and region."""
    if not placed:
        return declared
    found = (placed.get(id(each), each) for each in declared.resources)
    return Inventory(found, declared.gaps, taken_at=declared.taken_at)
