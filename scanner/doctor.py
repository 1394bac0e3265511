"""What a scan would meet, found out before it: who asks, where, with which rights, and what is set up beside AWS.

It asks AWS what a scan asks, through the same collectors: of each listing the first page, and the details of
the first item on it, in one region. It changes nothing and records nothing.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import msgspec
from botocore.exceptions import ClientError

from scanner import chosen, iam_policy
from scanner.aws.collect import _items, _pages, collect
from scanner.aws.collector import Collector, Detail, Scope, Shared, getter
from scanner.aws.errors import TOLERATED, Elsewhere, Refused, explain
from scanner.aws.operations import action
from scanner.aws.order import call_of
from scanner.aws.pacing import Sent
from scanner.aws.place import Item, Place
from scanner.aws.session import Aws
from scanner.aws.tagging import INDEX
from scanner.aws.wire import Wire
from scanner.dry_run import operation_of, thing
from scanner.journey import declared_by
from scanner.reach import Reached, reach
from scanner.settings import Settings, SettingsError
from state import Gap
from state.history import History, HistoryError, check_writable
from state.migrations import migrations
from state.resource import ANYTHING
from state.terraform.errors import Unreadable
from state.terraform.remote import shown

RIGHT = 60
"""Seconds that a clock may be wrong by before it is said."""
WEBHOOK = "DRIFTLINE_SLACK_WEBHOOK"
POLICY = "`driftline iam-policy` prints all that it needs"
BUSY = 2.0
LACKING, UNTRIED = 20, 6
"""How many actions that are missing, and how many reasons for not trying others, are told one by one."""

SPARED = dict.fromkeys(iam_policy.SESSION, "regions have to be named") | {INDEX: "tags are asked for thing by thing"}
"""What has to be done without an action whose refusal hides nothing."""


class Mark(StrEnum):
    """What an answer means to a scan: nothing, nothing yet, something it will not see, or that it cannot run."""

    GOOD = "good"
    NOTE = "note"
    UNSEEN = "unseen"
    FATAL = "fatal"


class Answer(msgspec.Struct, frozen=True):
    """The answer to one question, and what to do about it."""

    about: str
    mark: Mark
    said: str
    do: str = ""


class Right(msgspec.Struct, frozen=True, kw_only=True):
    """An action of the generated policy: ``allowed``, ``refused``, ``failed`` for another reason, or ``not probed``.

    ``unseen`` are the types that go unseen without it, or of a type the attributes. ``accounts`` are those it
    is so in.
    """

    action: str
    status: str
    why: str = ""
    accounts: Sequence[str] = ()
    unseen: Mapping[str, Sequence[str]] = {}


class Diagnosis(msgspec.Struct, kw_only=True):
    """All answers, in the order in which a scan would come to ask."""

    account: str = ""
    caller: str = ""
    partition: str = ""
    regions: Sequence[str] = ()
    answers: list[Answer] = []
    rights: Sequence[Right] = ()

    @property
    def exit_code(self) -> int:
        marks = {each.mark for each in self.answers}
        return 2 if Mark.FATAL in marks else 3 if Mark.UNSEEN in marks else 0


async def examine(asked: Settings, db: Path) -> Diagnosis:
    """Ask all there is to ask; whatever goes wrong is an answer."""
    found, heard = Diagnosis(), Heard()
    async with Wire(scan_id="doctor", log=heard) as wire, AsyncExitStack() as stack:
        try:
            reached = await reach(asked, wire, stack)
            refused: Exception | None = None
        except (Refused, SettingsError) as error:
            reached, refused = None, error
        found.answers += _identity(asked, found, heard, refused)
        if reached is not None:
            found.answers += _accounts(reached, found)
            found.rights = await _rights(asked, reached, heard)
            found.answers += _permissions(found.rights, several=len(reached.regions) > 1)
    found.answers += [each async for each in _sources(asked)]
    found.answers += [_database(db), _slack()]
    return found


class Heard:
    """What AWS answered to each call: the last identity with the time it came, and of each call what became of it."""

    def __init__(self) -> None:
        self.identity: Item = {}
        self.off: float | None = None
        self.calls: dict[tuple[str, str], list[Sent]] = defaultdict(list)

    def write(self, sent: Sent) -> None:
        if sent.where.operation == "GetCallerIdentity":
            self.identity = self.identity or sent.answer or {}
            self.off = _seconds_off(sent.answer or getattr(sent.error, "response", None) or {})
        operation = f"{sent.where.service}:{sent.where.operation}"
        self.calls[sent.where.account, operation].append(sent)


def _seconds_off(answer: Item) -> float | None:
    """How far this machine's clock is ahead of AWS's, by the date of an answer that just came."""
    said = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
    try:
        return (datetime.now(UTC) - parsedate_to_datetime(said)).total_seconds()
    except (TypeError, ValueError):
        return None


# --- who, where and when --------------------------------------------------------------------------


def _identity(asked: Settings, found: Diagnosis, heard: Heard, refused: Exception | None) -> Iterator[Answer]:
    if heard.identity:
        found.account, found.caller = heard.identity["Account"], heard.identity["Arn"]
        found.partition = found.caller.split(":")[1]
        yield Answer("identity", Mark.GOOD, f"{found.caller}, of account {found.account}, by {_how(asked)}")
    if refused is not None:
        said, _, do = str(refused).partition("; ")
        yield Answer("accounts" if heard.identity else "identity", Mark.FATAL, said, do)
    yield from _clock(heard.off)


def _how(asked: Settings) -> str:
    several = asked.whole_organization or asked.role_name or asked.accounts
    profile, of_environment = os.environ.get("AWS_PROFILE"), os.environ.get("AWS_ACCESS_KEY_ID")
    if asked.profile or (profile and not of_environment):
        keys = f"profile {asked.profile or profile}"
    else:
        keys = "the credentials of the environment" if of_environment else "the default credentials"
    return f"{asked.role_arn}, assumed with {keys}" if asked.role_arn and not several else keys


def _clock(off: float | None) -> Iterator[Answer]:
    if off is None:
        return
    way = "ahead of" if off > 0 else "behind"
    if abs(off) <= RIGHT:
        yield Answer("clock", Mark.GOOD, "within a minute of AWS's")
    elif abs(off) <= TOLERATED:
        yield Answer("clock", Mark.NOTE, f"{abs(off):.0f} seconds {way} AWS's", "set it; past 5 minutes AWS refuses")
    else:
        said = f"{abs(off) / 60:.0f} minutes {way} AWS's, which tolerates 5"
        yield Answer("clock", Mark.FATAL, said, "set the clock, and repeat")


def _accounts(reached: Reached, found: Diagnosis) -> Iterator[Answer]:
    found.regions = sorted({name for names in reached.regions.values() for name in names})
    listed = ", ".join(found.regions)
    yield Answer("regions", Mark.GOOD, f"partition {found.partition}, {_many(len(found.regions), 'region')}: {listed}")
    if len(reached.accounts) > 1 or reached.gaps:
        mark = Mark.GOOD if reached.regions else Mark.FATAL
        yield Answer("accounts", mark, f"{len(reached.regions)} of {len(reached.accounts)} entered")
    for gap in sorted(reached.gaps, key=lambda each: each.account):
        said, _, do = gap.reason.partition("; ")
        yield Answer("accounts", Mark.UNSEEN, f"{reached.called(gap.account)}: {said}", do)
    yield from (Answer("accounts", Mark.NOTE, each) for each in reached.notes)


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


# --- with which rights ----------------------------------------------------------------------------


class _Sample:
    """Collectors that ask for one page of their listing, and for the details of the first item on it."""

    def __init__(self) -> None:
        self.pages: dict[Any, asyncio.Future[Any]] = {}
        self.found: set[str] = set()

    def of(self, each: Collector) -> Collector:
        async def first(place: Place) -> AsyncIterator[list[Item]]:
            page = await self._page(each, place)
            items = [] if page is None else _items(each, page)
            if items:
                self.found.add(each.type)
                await self._tags(each, place)
            yield [_whole(each, items)] if items else []

        return msgspec.structs.replace(each, fetch=first, details=_alone(each), joins={}, owned=None)

    async def _tags(self, each: Collector, place: Place) -> None:
        """The index of tags is asked once, for whichever service comes first."""
        listed = [detail.listed for detail in each.details if isinstance(detail, Detail) and detail.listed]
        asked = INDEX, place.account, place.region
        if listed and asked not in self.pages:
            self.pages[asked] = asyncio.ensure_future(listed[0].ask(place))
            await asyncio.shield(self.pages[asked])

    async def _page(self, each: Collector, place: Place) -> Any:
        """The listing's first page, as large as a scan asks for it: a small one may hold nothing of a type."""
        asked = call_of(each), place.account, place.region
        if asked not in self.pages:
            self.pages[asked] = asyncio.ensure_future(_first(each, place))
        return await asyncio.shield(self.pages[asked])


def _alone(each: Collector) -> tuple[Detail | Shared, ...]:
    """The details, each asked for by itself: what the index of tags would tell as well."""
    return tuple(
        msgspec.structs.replace(detail, listed=None) if isinstance(detail, Detail) and detail.listed else detail
        for detail in each.details
    )


async def _first(each: Collector, place: Place) -> Any:
    async with aclosing(_pages(each, place)) as pages:
        async for page in pages:
            return page
    return None


def _whole(each: Collector, items: Sequence[Item]) -> Item:
    """An item of which all details are asked, if there is one."""
    skipped = [getter(detail.unless) for detail in each.details if isinstance(detail, Detail) and detail.unless]
    return next((item for item in items if not any(skip(item) for skip in skipped)), items[0])


async def _rights(asked: Settings, reached: Reached, heard: Heard) -> list[Right]:
    """What became of each action of the generated policy, when it was tried."""
    sample, reading = _Sample(), chosen.reading(asked)
    everywhere = await reached.caller.session.regions(reached.caller.partition)
    at_home = [sample.of(each) for each in reading if each.scope is Scope.GLOBAL]
    in_region = [sample.of(each) for each in reading if each.scope is Scope.REGION]
    # The first item of a global service may be in any region.
    seen = await collect(dict.fromkeys(reached.regions, everywhere), at_home)
    here = {aws: [_one(aws, names, asked)] for aws, names in reached.regions.items() if names}
    also = await collect(here, in_region)
    gaps = [*seen.gaps, *also.gaps]
    return [_right(each, heard, gaps, sample, reading) for each in iam_policy.actions(reading)]


def _one(aws: Aws, names: Sequence[str], asked: Settings) -> str:
    return aws.home if aws.home in names and not asked.regions else names[0]


def _right(name: str, heard: Heard, gaps: Sequence[Gap], sample: _Sample, reading: Sequence[Collector]) -> Right:
    became: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for (account, operation), calls in heard.calls.items():
        if action(operation) == name:
            for sent in calls:
                status, why = _became(sent)
                became[status].append((account, why))
    status = next((each for each in ("refused", "allowed", "failed") if became[each]), "not probed")
    if status == "not probed":
        return Right(action=name, status=status, why=_not_probed(name, gaps, sample, reading))
    about = became[status]
    return Right(
        action=name,
        status=status,
        why=about[0][1],
        accounts=sorted({account for account, _ in about}),
        unseen=_unseen(name, gaps, reading) if status != "allowed" else {},
    )


def _became(sent: Sent) -> tuple[str, str]:
    """What a call says of the right to make it. An answer that there is none of a thing was allowed."""
    if sent.error is None or isinstance(sent.error, Elsewhere):
        return "allowed", ""
    kind, reason = explain(sent.error)
    if kind == "denied":
        return "refused", _by_what(sent.error)
    return ("allowed", "") if kind == "error" and isinstance(sent.error, ClientError) else ("failed", reason)


_BLAMED = re.compile(r"(?:explicit deny in an? |because no )([a-z ,-]{3,40}?(?:policy|boundary))")
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html"""


def _by_what(error: BaseException) -> str:
    """Which kind of policy refused, where AWS says so."""
    response: Any = getattr(error, "response", None) or {}
    blamed = _BLAMED.search(str(response.get("Error", {}).get("Message", "")))
    return f"by the {blamed[1]}" if blamed else ""


def _unseen(name: str, gaps: Iterable[Gap], reading: Iterable[Collector]) -> dict[str, list[str]]:
    """The types that a call for this action left unseen; a type with attributes is seen but for these."""
    permissions = {each.type: each for each in reading}
    found: dict[str, set[str]] = defaultdict(set)
    whole = set()
    for gap in gaps:
        collector = permissions.get(gap.type)
        if collector is None or name not in collector.permissions or not _is_of(gap, name):
            continue
        found[gap.type].update(gap.attribute.split(", ") if gap.attribute else ())
        whole |= set() if gap.attribute else {gap.type}
    return {type: [] if type in whole else sorted(found[type]) for type in sorted(found)}


def _is_of(gap: Gap, name: str) -> bool:
    """Whether a gap is of a call for this action. It names its collector's service, which is not always the call's."""
    if gap.operation is None:
        return False
    operation = gap.operation.partition(":")[2]
    return name in (action(gap.operation), f"{name.partition(':')[0]}:{operation}")


def _not_probed(name: str, gaps: Iterable[Gap], sample: _Sample, reading: Iterable[Collector]) -> str:
    """Why a call was not made: its things were not listed, there are none, or what was tried does not need it."""
    unlisted = {gap.type for gap in gaps if gap.id is None and gap.attribute is None}
    of = [each for each in reading if name in each.permissions and each.type not in sample.found]
    if any(each.type in unlisted for each in of):
        return f"{next(thing(each).type for each in of if each.type in unlisted)} could not be listed"
    details = (each for each in of for detail in each.details if action(operation_of(each, detail)) == name)
    lacking = next(details, None)
    return f"no {thing(lacking).type} on the first page" if lacking else "what was tried does not need it"


def _permissions(rights: Sequence[Right], *, several: bool) -> Iterator[Answer]:
    allowed = sum(each.status == "allowed" for each in rights)
    bad = [_lacking(each, several=several) for each in rights if each.status in ("refused", "failed")]
    mark = Mark.UNSEEN if any(each.mark is Mark.UNSEEN for each in bad) else Mark.GOOD
    yield Answer("permissions", mark, f"{allowed} of the policy's {_many(len(rights), 'action')} tried and allowed")
    yield from bad[:LACKING]
    if (more := len(bad) - LACKING) > 0:
        yield Answer("permissions", Mark.UNSEEN, f"{_many(more, 'action')} more, as --json lists", POLICY)
    yield from _untried(each for each in rights if each.status == "not probed")


def _untried(rights: Iterable[Right]) -> Iterator[Answer]:
    by_reason: dict[str, list[str]] = defaultdict(list)
    for each in rights:
        by_reason[each.why].append(each.action)
    told = sorted(by_reason.items(), key=lambda each: -len(each[1]))
    for why, names in told[:UNTRIED]:
        yield Answer("permissions", Mark.NOTE, f"not probed, {why}: {', '.join(names)}")
    if more := sum(len(names) for _, names in told[UNTRIED:]):
        yield Answer("permissions", Mark.NOTE, f"not probed, for such reasons: {_many(more, 'action')} more (--json)")


def _lacking(right: Right, *, several: bool) -> Answer:
    """What is lost by a refusal: of some, nothing."""
    refused = right.status == "refused"
    where = f" in {', '.join(right.accounts)}" if several else ""
    why = f" {right.why}" if refused and right.why else "" if refused else f" ({right.why})"
    said = f"{right.action} {'refused' if refused else 'could not be tried'}{where}{why}"
    do = f"allow it; {POLICY}" if refused else ""
    if right.action in SPARED:
        return Answer("permissions", Mark.NOTE, f"{said}; without it {SPARED[right.action]}", do)
    lost = ", ".join(_lost(*each) for each in right.unseen.items())
    return Answer("permissions", Mark.UNSEEN, f"{said}; unseen: {lost}" if lost else said, do)


def _lost(type: str, attributes: Sequence[str]) -> str:
    return f"{', '.join(attributes)} of {type}" if attributes else type


# --- beside AWS -----------------------------------------------------------------------------------


async def _sources(asked: Settings) -> AsyncIterator[Answer]:
    if not asked.sources:
        yield Answer("declared", Mark.NOTE, "nothing named to compare with", "name a state, a folder or a glob: --from")
    for source in asked.sources:
        yield await _source(asked, source)


async def _source(asked: Settings, source: str) -> Answer:
    try:
        found = await declared_by(msgspec.structs.replace(asked, sources=(source,), timeout=None))
    except Unreadable as error:
        if await _is_code_beside(asked, source):
            return Answer("declared", Mark.GOOD, f"{shown(source)}: code, beside the states that the others name")
        said, _, do = str(error).partition("; ")
        return Answer("declared", Mark.FATAL, said, do)
    resources, states = sum(each.instances for each in found.states), len(found.states)
    said = f"{shown(source)}: {_many(resources, 'resource')} in {_many(states, 'state')}"
    broken = [each.reason for each in found.inventory.gaps if each.type == ANYTHING]
    if not broken:
        return Answer("declared", Mark.GOOD, said)
    return Answer("declared", Mark.UNSEEN, f"{said}; not read: {'; '.join(broken)}")


async def _is_code_beside(asked: Settings, source: str) -> bool:
    """Whether a source that says nothing by itself is well beside the others: a folder of code."""
    if len(asked.sources) == 1:
        return False
    try:
        await declared_by(msgspec.structs.replace(asked, timeout=None))
    except Unreadable:
        return False
    return True


def _database(path: Path) -> Answer:
    try:
        check_writable(path, BUSY)
        if not path.exists():
            return Answer("database", Mark.GOOD, f"{path}: the first scan will make it")
        with History(path, read_only=True, busy=BUSY) as history:
            said = f"{path}: {_many(history.count(), 'scan')}, version {len(migrations.applied(history.db))}"
            return Answer("database", Mark.GOOD, said)
    except HistoryError as error:
        said, _, do = str(error).partition("; ")
        return Answer("database", Mark.NOTE if "brings it up to date" in do + said else Mark.FATAL, said, do)


def _slack() -> Answer:
    if os.environ.get(WEBHOOK):
        return Answer("slack", Mark.GOOD, f"{WEBHOOK} is set; nothing was posted")
    return Answer("slack", Mark.NOTE, f"{WEBHOOK} is not set", "needed only for `driftline notify slack`")
