"""What a scan would ask: every operation, how often, with which permissions, and about how long it takes.

AWS is asked who is calling, which accounts there are and which regions are enabled in them, and nothing else.
How many things there are of a type is what the history tells of each account's last scan.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import msgspec

from checks import REGISTRY
from scanner import agreed, iam_policy
from scanner.aws.allowed import ALLOWED
from scanner.aws.asked import Want, costs
from scanner.aws.collect import ACCOUNTS_AT_ONCE
from scanner.aws.collector import Collector, Detail, Listing, Scope, Shared
from scanner.aws.operations import ORGANIZATION, PAID, PRICES, WHO, action, named
from scanner.aws.order import call_of
from scanner.aws.pacing import IN_FLIGHT
from scanner.aws.rates import Rate, rate
from scanner.aws.wire import Wire
from scanner.chosen import asks_prices, chosen, neighbours, reading
from scanner.collectors import collectors
from scanner.journey import call_log, declared_by
from scanner.needs import Needs, needs
from scanner.outcome import AccountRead
from scanner.own_checks import with_own_checks
from scanner.reach import reach
from scanner.settings import Settings
from state import GLOBAL, Inventory
from state.history import History, HistoryError
from state.terraform.remote import address, shown

TAGS = "resourcegroupstaggingapi:GetResources"
LATENCY = 0.1
"""Seconds that AWS takes for an answer, more or less."""
CHAIN = 4
"""Calls that wait for one another: who am I, the regions, a listing, a detail."""

Counts = Mapping[tuple[str, str], int]
"""How many things there are of each (type, region)."""


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """An operation and how often it is called: ``times`` an ``account``, a ``region``, or a thing of a type.

    ``about`` says that there may be fewer or more; of what is seldom called ``times`` is 0. ``calls`` are those of
    the whole scan, as far as they can be told; ``counted`` says whether all can. Pages after a listing's first are
    not counted.
    """

    operation: str
    per: str
    times: int
    calls: int
    counted: bool = True
    about: bool = False


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What a scan would do. ``refused`` are the accounts that could not be entered, and why.

    ``calls`` and ``seconds`` are the least there will be where not all is ``counted``. ``paid`` maps the
    operations that AWS charges for to their price: those that would be called with --paid, or are.
    """

    account: str
    caller: str
    partition: str
    kinds: Sequence[str]
    accounts: Sequence[AccountRead]
    refused: Mapping[str, str]
    notes: Sequence[str]
    operations: Sequence[Ask]
    calls: int
    counted: bool
    seconds: float
    pace: float
    actions: Sequence[str]
    paid: Mapping[str, str]
    paid_called: bool


@with_own_checks
async def plan(asked: Settings, kinds: Sequence[str], db: Path) -> Plan:
    """Raises what a scan raises before it reads: Refused, SettingsError, Unreadable."""
    needed, declared, notes = await _needed(asked, kinds)
    async with AsyncExitStack() as stack:
        log = stack.enter_context(call_log(asked.call_log))
        wire = await stack.enter_async_context(Wire(scan_id="dry-run", log=log))
        reached = await reach(asked, wire, stack)
    read = {aws.account: names for aws, names in reached.regions.items()}
    calls = _Calls(needed, declared, read, _counted(db, read))
    return Plan(
        account=reached.caller.account,
        caller=reached.caller.caller,
        partition=reached.caller.partition,
        kinds=kinds,
        accounts=reached.accounts,
        refused={gap.account: gap.reason for gap in reached.gaps},
        notes=[*notes, *_who(asked), *_prices(asked, kinds), *reached.notes],
        operations=calls.asks,
        calls=sum(each.calls for each in calls.asks),
        counted=all(each.counted for each in calls.asks),
        seconds=round(calls.seconds(asked.pace), 1),
        pace=asked.pace,
        actions=sorted(
            {*iam_policy.SESSION, *_besides(asked, kinds), *(action(each.operation) for each in calls.asks)}
        ),
        paid={each: PAID[each] for each in sorted(_priced(asked, kinds))},
        paid_called=asked.paid,
    )


def _besides(asked: Settings, kinds: Sequence[str]) -> Iterator[str]:
    """The actions that are needed to enter accounts, and to ask who did it and what things cost."""
    yield from _entering(asked)
    yield from map(action, WHO if asked.who else ())
    yield from map(action, PRICES if asks_prices(asked, kinds) else ())


def _who(asked: Settings) -> Iterator[str]:
    if asked.who:
        yield f"--who asks CloudTrail about at most {asked.who_most:,} things besides; not counted here"


def _prices(asked: Settings, kinds: Sequence[str]) -> Iterator[str]:
    if asks_prices(asked, kinds):
        yield "prices of what costs money and fails are asked of the AWS Price List, for nothing; not counted here"


# --- what is needed -------------------------------------------------------------------------------


async def _needed(asked: Settings, kinds: Sequence[str]) -> tuple[Needs, Inventory, list[str]]:
    """The collectors and details that a scan would run, without those that cost money if it may not; what is declared.

    States that are no files are not read: then whatever they may declare is asked for.
    """
    collecting, checks = reading(asked, kinds), chosen(asked) if "check" in kinds else []
    beside = neighbours(collecting, kinds)
    remote = [shown(each) for each in asked.sources if asked.follow_backends or address(each) is not None]
    notes = [f"{', '.join(remote)}: not read; what they do not declare may need fewer calls"] if remote else []
    inventory = Inventory()
    if remote:
        run = (*collecting, *beside)
        found = Needs(run, frozenset((each.type, detail.into) for each in run for detail in each.details))
    else:
        inventory = (await declared_by(asked)).inventory
        tags, compares = agreed.by_tag(asked), "drift" in kinds
        everything = asked.everything
        found = needs(collecting, checks, inventory, drift=compares, everything=everything, tags=tags, beside=beside)
    return (found if asked.paid else _for_nothing(found)), inventory, notes


def _for_nothing(found: Needs) -> Needs:
    """What is left when nothing may cost money."""
    run = tuple(each for each in found.collectors if not costs(each))
    paid = {(each.type, detail.into) for each in run for detail in each.details if operation_of(each, detail) in PAID}
    return Needs(run, found.details - paid, found.near - paid)


def _priced(asked: Settings, kinds: Sequence[str]) -> set[str]:
    """The operations of the selected types that AWS charges for."""
    every = (operation_of(each, call) for each in reading(asked, kinds) for call in (each.fetch, *each.details))
    return {each for each in every if each in PAID}


def operation_of(collector: Collector, call: Any) -> str:
    """The operation that a listing or a detail calls; no operation's name for a function of our own."""
    return named(collector.service, getattr(call, "operation", ""))


def _entering(asked: Settings) -> Iterator[str]:
    """What whoever asks needs besides, to find the accounts and to enter them."""
    if asked.role_arn or asked.role_name or asked.accounts:
        yield "sts:AssumeRole"
    if asked.whole_organization:
        yield from ORGANIZATION if asked.ous else ("organizations:ListAccounts",)


def _counted(db: Path, accounts: Iterable[str]) -> dict[str, Counts]:
    """What each account held when it was last scanned; of a type that is always judged, and was not, nothing."""
    try:
        with History(db, read_only=True) as history:
            read = {tuple(each) for scan in history.scans() for each in scan.read}
            judged = {type for each in REGISTRY.values() for type in each.types}
            none = {(type, region): 0 for type, region in read if type in judged}
            live = {account: history.live(account) for account in accounts}
            return {account: none | found if found else {} for account, found in live.items()}
    except HistoryError:
        return {account: {} for account in accounts}


# --- how often ------------------------------------------------------------------------------------


class _Calls:
    """Each operation with how often it is called, in all, and in each account and region."""

    def __init__(
        self, needed: Needs, declared: Inventory, read: Mapping[str, Sequence[str]], counts: Mapping[str, Counts]
    ) -> None:
        self.needed, self.declared, self.read, self.counts = needed, declared, read, counts
        self.at: dict[tuple[str, str, str], int] = Counter()
        self.asks = sorted([*self._listings(), *self._details()], key=lambda each: (each.operation, each.per))

    def _listings(self) -> Iterator[Ask]:
        """The listings, and what functions of our own call, however many collectors read the answer."""
        found: dict[tuple[str, str], set[Any]] = defaultdict(set)
        inside = set()
        for each in self.needed.collectors:
            per = _once(each)
            if isinstance(each.fetch, Listing):
                found[operation_of(each, each.fetch), per].add(call_of(each))
            inside |= {(name, per) for name in self._inside(each)}
        for (operation, per), calls in found.items():
            yield self._ask(operation, per, len(calls))
        for operation, per in inside - found.keys():
            yield self._ask(operation, per, 1, about=True)

    def _inside(self, each: Collector) -> set[str]:
        """What the functions of a collector call, by its permissions: its listing, its readings shared by all items."""
        shared = (detail for detail in each.details if isinstance(detail, Shared) and self._want(each, detail))
        if isinstance(each.fetch, Listing) and next(shared, None) is None:
            return set()
        declared = {operation_of(each, call) for call in (each.fetch, *each.details)} | {TAGS}
        return {name for name in ALLOWED if action(name) in each.permissions} - declared

    def _details(self) -> Iterator[Ask]:
        """The further calls for each thing; those that ask the same of the same thing are asked once."""
        asked: dict[tuple[str, str], set[str]] = defaultdict(set)
        spared, everywhere, listed = set(), set(), set()
        of: dict[tuple[str, str], list[Collector]] = defaultdict(list)
        for each in self.needed.collectors:
            for detail in each.details:
                if isinstance(detail, Detail) and (want := self._want(each, detail)):
                    key = operation_of(each, detail), thing(each).type if detail.arguments else _once(each)
                    asked[key] |= set() if detail.lacking else {repr(dict(detail.arguments))}
                    of[key].append(each)
                    everywhere |= {key} if want is Want.EACH else set()
                    spared |= {key} if detail.unless or detail.lacking else set()
                    listed |= {key} if detail.listed else set()
        for (operation, per), arguments in asked.items():
            key, times = (operation, per), 0 if (operation, per) in listed else len(arguments)
            yield self._ask(*key, times, of[key], about=key in spared | listed, near=key not in everywhere)
        if listed:
            yield self._ask(TAGS, "region", len(listed), about=True)

    def _want(self, collector: Collector, detail: Detail | Shared) -> Want | None:
        want = self.needed.want(collector, detail)
        return None if want is Want.NONE else want

    def _ask(
        self,
        operation: str,
        per: str,
        times: int,
        of: Sequence[Collector] = (),
        *,
        about: bool = False,
        near: bool = False,
    ) -> Ask:
        how_many = self._near if near else self._count
        counts = [
            (account, region, how_many(account, region, per, of))
            for account, regions in self.read.items()
            for region in ([GLOBAL] if per == "account" or any(each.schema.is_global for each in of) else regions)
        ]
        for account, region, count in counts:
            self.at[account, region, operation] += times * (count or 0)
        return Ask(
            operation=operation,
            per=per,
            times=times,
            about=about,
            calls=sum(times * (count or 0) for _, _, count in counts),
            counted=all(count is not None for _, _, count in counts),
        )

    def _count(self, account: str, region: str, per: str, of: Iterable[Collector]) -> int | None:
        """How many there are of what is asked; None of things that nobody counted."""
        if per in ("account", "region"):
            return 1
        counts = self.counts[account]
        known = [counts[type, region] for type in {per, *(each.type for each in of)} if (type, region) in counts]
        return max(known, default=None)

    def _near(self, account: str, region: str, per: str, of: Iterable[Collector]) -> int | None:
        """How many there may be of those that are declared, or are parts of what is."""
        types = {type for each in of for type in (each.type, each.parent.type if each.parent else each.type)}
        every = (each for type in types for each in self.declared.of(type))
        near = {each.name for each in every if each.account in ("", account) and each.region in ("", region)}
        known = self._count(account, region, per, of)
        return len(near) if known is None else min(known, len(near))

    def seconds(self, pace: float) -> float:
        """As long as the slowest API takes at this share of its rate, or all calls take, so many under way at once."""
        buckets: dict[tuple[str, str, str, Rate], int] = Counter()
        for (account, region, operation), calls in self.at.items():
            service, _, name = operation.partition(":")
            bucket, full = rate(service, name)
            buckets[account, region, f"{service} {bucket}", full] += calls
        waits: dict[str, float] = defaultdict(float)
        for (account, _, _, full), calls in buckets.items():
            waits[account] = max(waits[account], (calls - full.burst * pace) / (full.per_second * pace))
        paced = max([*waits.values(), sum(waits.values()) / ACCOUNTS_AT_ONCE], default=0.0)
        return max(paced, sum(self.at.values()) * LATENCY / IN_FLIGHT) + CHAIN * LATENCY


def _once(collector: Collector) -> str:
    return "account" if collector.scope is Scope.GLOBAL else "region"


def thing(collector: Collector) -> Collector:
    """What a collector's listing lists: of a bucket's settings, the bucket."""
    if collector.parent is None:
        return collector
    same = (each for each in collectors() if call_of(each) == call_of(collector) and each.parent is None)
    return next(same, collector)
