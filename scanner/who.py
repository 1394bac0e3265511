"""Who did it: CloudTrail asked about what has drifted and what fails, and about nothing else.

LookupEvents answers with whole requests, in which secrets may stand: of an event only who, when, by which call and its
id leave this module, and the address it came from where that was asked for. Event history cannot be switched off, but
it knows nothing of calls for data, nor of what is older than ninety days; and a name is matched whole.
https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
"""

from __future__ import annotations

import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from checks import Finding
from scanner.aws.collect import Reach
from scanner.aws.errors import Refused, Stopped, explain
from scanner.aws.operations import action
from scanner.aws.place import Item, Place
from scanner.aws.stop import Stop
from scanner.aws.turns import in_turn
from scanner.collectors import collectors, schemas
from scanner.outcome import Note, Scan, Who
from scanner.remembering import records
from state import Resource
from state.drift import Drift, Kind
from state.history import KEPT_DAYS, History
from state.moves import BAD, Verdict
from state.trail import LATE, Looked, Span, Trail, Write

PAGES = 4
"""How many answers, of fifty events each, are read about one name: what is read day and night has thousands."""

PLACES_AT_ONCE = 16
SECOND = timedelta(seconds=1)
"""CloudTrail's times are whole seconds, cut off, and so are the times that botocore sends."""

FAILED = (ClientError, BotoCoreError, OSError, TimeoutError, Refused)
PERMISSION = action("cloudtrail:LookupEvents")

UNIQUE = re.compile(r"[a-z]+(-[a-z]+)*-[0-9a-f]{8}([0-9a-f]{9})?")
"""Ids that AWS gives to one thing only, and CloudTrail calls it by: ``sg-0a1b…``."""

SOURCES = {"cloudwatch": "monitoring", "docdb": "rds", "neptune": "rds"}
"""Services that CloudTrail calls otherwise than boto3 and IAM do."""

MAY_BE_LATE = "CloudTrail tells of a call up to 15 minutes late: somebody may have written after those who are named"
MAKING = ("allocate", "copy", "create", "import", "publish", "put", "register", "request", "restore", "run")
ENDING = ("delete", "deregister", "release", "terminate")


class Undocumented(ValueError):
    """An event that cannot be read; it is not in the text, nor anywhere behind it."""


class Name(NamedTuple):
    """What CloudTrail may call a thing, and whether it can mean no other."""

    text: str
    sure: bool


class Asked(msgspec.Struct, kw_only=True):
    """A thing that CloudTrail is asked about, and what was found of it."""

    resource: Resource
    names: list[Name]
    verdicts: list[Verdict]


def trail(history: History | None, now: datetime, *, ip: bool) -> tuple[Trail, list[Note]]:
    """What CloudTrail said before, and what is to be said where the database does not let it be kept."""
    try:
        return Trail(history, now, ip=ip), []
    except sqlite3.Error as error:
        said = f"what CloudTrail says is not kept: {error}"
        return Trail(None, now, ip=ip), [Note("who", said)]


async def ask(found: Scan, reach: Reach, trail: Trail, stop: Stop, most: int) -> None:
    """Sets ``found.who`` for what has drifted and what fails, the worst first, of at most so many things.

    Raises nothing: where CloudTrail does not answer nobody is known, and a note says so.
    """
    wanted = list(_wanted(found))
    inquiry = _Inquiry(trail, found, stop)
    places: dict[Place, list[Asked]] = defaultdict(list)
    at = cache(lambda account, region: _place(reach, account, region))
    for each in wanted[:most]:
        if place := at(each.resource.account, each.resource.region):
            places[place].append(each)
    await in_turn((inquiry.run(place, things) for place, things in places.items()), PLACES_AT_ONCE)
    found.who = inquiry.who
    notes = [*inquiry.notes, *([MAY_BE_LATE] if inquiry.recent else ()), *_left_out(len(wanted), most)]
    found.notes = [*found.notes, *(Note("who", text) for text in notes)]


def _left_out(count: int, most: int) -> Iterator[str]:
    if count > most:
        yield f"CloudTrail was asked about the worst {most:,} of {count:,} things; --who-most asks about more"


def _place(reach: Reach, account: str, region: str) -> Place | None:
    """Where CloudTrail tells of a thing: of a global one, in the partition's main region."""
    aws = next((each for each in reach if each.account == account), None)
    return aws.at(region) if aws and region else None


# --- what is asked --------------------------------------------------------------------------------


def _wanted(found: Scan) -> Iterator[Asked]:
    """What changed or is missing, what fails, and last what nobody declares; each thing once."""
    bad: list[Drift | Finding] = [*found.drift, *found.failures]
    resources = {each.id: each.resource for each in bad}
    verdicts = {each.id: each for record in records(found) for each in record.verdicts if each.status in BAD}
    bad.sort(key=lambda each: isinstance(each, Drift) and each.kind is Kind.UNMANAGED)
    things: dict[Any, Asked] = {}
    for id in (each.id for each in bad):
        if id not in verdicts:
            continue
        resource = resources[id]
        if resource.key not in things and (names := _names(resource)):
            things[resource.key] = Asked(resource=resource, names=names, verdicts=[])
        if resource.key in things:
            things[resource.key].verdicts.append(verdicts[id])
    return iter(things.values())


def _names(resource: Resource) -> list[Name]:
    """What CloudTrail may call it: by an id of its own, by its ARN and its name; a part by what it is a part of."""
    schema = schemas().get(resource.type)
    if schema is None:
        return []
    if UNIQUE.fullmatch(resource.id):
        return [Name(resource.id, True)]
    of = schema.parent.of(resource.attributes) if schema.parent else None
    arn, only = resource.arn, of or resource.name
    is_bucket = (arn or "").endswith(f":s3:::{only}")
    found = [Name(only, is_bucket or bool(of and UNIQUE.fullmatch(of)))]
    return [Name(arn, True), *found] if arn and not is_bucket and arn != only else found


@cache
def _services() -> dict[str, str]:
    return {each.type: each.service for each in collectors()}


@cache
def _sources(service: str) -> frozenset[str]:
    """What CloudTrail calls a service: ``elasticloadbalancing.amazonaws.com``."""
    named = {service, action(f"{service}:Any").partition(":")[0], SOURCES.get(service, service)}
    return frozenset(f"{each}.amazonaws.com" for each in named)


@cache
def _types(type: str) -> tuple[str, ...]:
    """The type, and those of its parts."""
    return (type, *(each.type for each in schemas().values() if each.parent and each.parent.type == type))


# --- asking ---------------------------------------------------------------------------------------


class _Inquiry:
    """The asking, place by place; a place that does not answer is not asked again."""

    def __init__(self, trail: Trail, found: Scan, stop: Stop) -> None:
        self.trail, self.found, self.stop = trail, found, stop
        self.who: dict[str, Who] = {}
        self.notes: list[str] = []
        self.recent = False

    async def run(self, place: Place, things: Sequence[Asked]) -> None:
        left = list(things)
        try:
            while left:
                await self.stop.may_end(self._look(place, left[0]))
                del left[0]
        except (*FAILED, Stopped) as error:
            kind, why = explain(error)
            allow = f"; allow {PERMISSION}" if kind == "denied" else ""
            self.notes.append(f"{place.account} {place.region}: nobody knows who did it: {why}{allow}")
            self._nobody(left, why)
        except sqlite3.Error as error:
            self.notes.append(f"{place.account} {place.region}: what CloudTrail said could not be kept: {error}")
            self._nobody(left, "what CloudTrail said could not be kept")

    def _nobody(self, left: Sequence[Asked], why: str) -> None:
        self.who |= {verdict.id: Who(why=why) for each in left for verdict in each.verdicts}

    async def _look(self, place: Place, thing: Asked) -> None:
        """Who did what was found of one thing. An event that cannot be read is only this thing's loss."""
        windows = [self.trail.window(verdict, self._needed(verdict)) for verdict in thing.verdicts]
        since = max(min(start or self.trail.first for start, _ in windows), self.trail.first)
        until = max(max(end for _, end in windows), since)
        try:
            seen, whole = await self._writes(place, thing, since, until)
        except Undocumented as error:
            self._nobody([thing], str(error))
            return
        for verdict, (start, end) in zip(thing.verdicts, windows, strict=True):
            writes = [(write, sure) for write, sure in seen if (start or self.trail.first) <= write.time <= end]
            recent = end > self.trail.now - LATE
            self.recent = self.recent or (recent and bool(writes))
            self.who[verdict.id] = judged(verdict, writes, start, whole=whole, recent=recent)

    def _needed(self, verdict: Verdict) -> list[str]:
        """The types that this verdict rests on, as far as this scan read them: of drift those of the parts too."""
        types = _types(verdict.type) if verdict.kind == "drift" else (verdict.type,)
        read = {type for type, account, _ in self.found.live.read or () if account == verdict.account}
        return [each for each in types if each in read or each == verdict.type]

    async def _writes(
        self, place: Place, thing: Asked, since: datetime, until: datetime
    ) -> tuple[list[tuple[Write, bool]], bool]:
        """The writes to a thing, the last first, and whether these are all."""
        found: dict[str, tuple[Write, bool]] = {}
        service, whole = _services()[thing.resource.type], True
        for name in thing.names:
            looked = Looked(place.account, place.region, service, name.text)
            for span in self.trail.missing(looked, since, until):
                writes, back_to = await _asked(place, looked, span, ip=self.trail.ip)
                self.trail.keep(looked, Span(back_to, span.until), writes)
                whole = whole and back_to == span.since
            for write in self.trail.writes(looked, since, until):
                found.setdefault(write.id, (write, name.sure))
        return sorted(found.values(), key=lambda each: each[0].time, reverse=True), whole


async def _asked(place: Place, looked: Looked, span: Span, *, ip: bool) -> tuple[list[Write], datetime]:
    """The writes that CloudTrail tells of, and how far back it was read."""
    by = [{"AttributeKey": "ResourceName", "AttributeValue": looked.name}]
    writes: list[Write] = []
    count = 0
    async for page in place.pages(
        "cloudtrail", "lookup_events", LookupAttributes=by, StartTime=span.since, EndTime=span.until + SECOND
    ):
        events, count = page.get("Events") or [], count + 1
        writes += (each for event in events if (each := _write(event, _sources(looked.service), ip=ip)))
        if count == PAGES and events and page.get("NextToken"):
            return writes, max(min(each["EventTime"] for each in events), span.since)
    return writes, span.since


def _write(event: Item, sources: frozenset[str], *, ip: bool) -> Write | None:
    """What is kept of an event; None of what reads, what was refused, and what was done to a namesake elsewhere."""
    if event.get("ReadOnly") != "false" or event.get("EventSource") not in sources:
        return None
    try:
        told = msgspec.json.decode(event.get("CloudTrailEvent") or "{}")
        if told.get("errorCode"):
            return None
        return Write(
            id=event["EventId"],
            time=event["EventTime"],
            actor=_actor(told.get("userIdentity") or {}) or event.get("Username") or "an unnamed caller",
            event=event["EventName"],
            source_ip=told.get("sourceIPAddress") if ip else None,
        )
    except (msgspec.DecodeError, AttributeError, KeyError):
        pass  # the error holds the event, and that must not leave this function
    raise Undocumented("CloudTrail told of an event in a way that could not be read")


def _actor(identity: Mapping[str, Any]) -> str:
    """An ARN, a user's name, or the service that did it by itself.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
    """
    names = ("arn", "userName", "invokedBy", "principalId")
    return next((str(identity[name]) for name in names if identity.get(name)), "")


# --- judging --------------------------------------------------------------------------------------


def judged(
    verdict: Verdict,
    writes: Sequence[tuple[Write, bool]],
    fine: datetime | None,
    *,
    whole: bool = True,
    recent: bool = False,
) -> Who:
    """Who did it, of those who wrote, the last first; ``fine`` is when a scan last saw it otherwise."""
    if not writes:
        return Who(why=_nobody(fine, whole=whole, recent=recent))
    (write, sure), doubts = writes[0], []
    fitting = _fitting(verdict, writes)
    if fitting:
        write, sure = fitting
    else:
        doubts = list(_doubts(write, writes, fine, whole=whole))
    if not sure:
        doubts.append("found by a name that other things may have")
    return Who(
        actor=write.actor,
        time=write.time,
        event=write.event,
        event_id=write.id,
        source_ip=write.source_ip,
        probable=bool(doubts),
        why="; ".join(doubts),
    )


def _doubts(write: Write, writes: Sequence[tuple[Write, bool]], fine: datetime | None, *, whole: bool) -> Iterator[str]:
    if fine is None:
        yield "the last write to it; no earlier scan saw it otherwise"
    if others := {each.actor for each, _ in writes} - {write.actor}:
        yield f"{len(others):,} other{'' if len(others) == 1 else 's'} wrote to it too"
    if not whole:
        yield "older events were not read"


def _fitting(verdict: Verdict, writes: Sequence[tuple[Write, bool]]) -> tuple[Write, bool] | None:
    """The call that made what nobody declares, or that ended what is missing; no other call can have done so."""
    verbs = {"unmanaged": MAKING, "missing": ENDING}.get(verdict.status, ())
    return next((each for each in writes if _is_of(verdict.type, each[0].event, verbs)), None)


def _is_of(type: str, event: str, verbs: Sequence[str]) -> bool:
    """Whether a call is one of these and about the thing itself: ``CreateDBInstance`` of an aws_db_instance.

    Lambda's have a date at their end.
    """
    name = event.rstrip("0123456789").lower()
    verb = next((each for each in verbs if name.startswith(each)), None)
    noun = name.removeprefix(verb or "").removesuffix("s")
    return verb is not None and bool(noun) and type.replace("_", "").removesuffix("s").endswith(noun)


def _nobody(fine: datetime | None, *, whole: bool, recent: bool) -> str:
    """Nobody is known, which is not to say that nobody did it."""
    since = f"since the scan of {fine:%Y-%m-%d %H:%M} UTC" if fine else f"in the last {KEPT_DAYS} days"
    said = f"CloudTrail tells of no write to it {since}"
    if not whole:
        said += ", as far as it was read"
    return f"{said}; it may be 15 minutes late" if recent else said
