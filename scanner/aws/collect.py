"""Run every collector in every region, once for each call, and remember where we were not let in."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from itertools import chain
from typing import Any

import msgspec
from botocore.exceptions import ClientError

from scanner.aws.asked import Asked, Code, Stages, Want, Wanted, costs
from scanner.aws.collector import Collector, Detail, Listing, Scope, Shared, Unnamed, Unplaced, getter, joined
from scanner.aws.errors import NotOffered, Stopped, code, explain
from scanner.aws.operations import action
from scanner.aws.order import by_answer, is_slow
from scanner.aws.place import Item, Place
from scanner.aws.session import Aws
from scanner.aws.stop import Stop
from scanner.aws.tagging import Listed, Tags
from scanner.aws.turns import ended, in_turn
from state import GLOBAL, Gap, Inventory, Resource

log = logging.getLogger("driftline")

ACCOUNTS_AT_ONCE, VISITS_AT_ONCE, PAGES_AT_ONCE, ITEMS_AT_ONCE = 8, 64, 2, 32
"""How much is begun: accounts, listings of an account in a region, and items of a page."""

HEAD_START = 0.2
"""So many seconds at most the listings that come first are heard alone: their details then wait for their turn while
all else is read."""

UNDER_WAY = 0.03
"""And so many more until the first of those details are sent, which would stand behind all that others begin with."""

PAGE_SECONDS = 900
"""How long one page of a listing may take, its details included."""

VISIT_SECONDS = 4 * 3600
"""How long a whole listing may take: a hundred thousand things are listed with their details by then, at the rates of
most APIs, and one whose pages do not end is ended."""


class Progress(msgspec.Struct):
    """How far a collection has come: of ``visits``, one for each listing, account and region, ``done`` are over."""

    visits: int = 0
    done: int = 0
    resources: int = 0
    gaps: int = 0
    calls: int = 0
    throttled: int = 0
    accounts: int = 0
    regions: int = 0
    last: str = ""


Watcher = Callable[[Progress], None]


Reach = Mapping[Aws, Sequence[str]]
"""The accounts to read, entered, and of each the regions."""


async def collect(
    reach: Reach,
    collectors: Iterable[Collector],
    *,
    declared: Inventory | None = None,
    wanted: Wanted = lambda collector, detail: Want.EACH,
    paid: bool = False,
    watch: Watcher = lambda progress: None,
    stop: Stop | None = None,
) -> Inventory:
    """Everything the collectors can see of these accounts, in their regions.

    Shape: an Inventory that holds the resources, one `account` and one `region` subject each, a
    Gap for each refusal, and what was read; a service that a region does not have was read there.
    Some types are looked for only as far as they are ``declared``.
    The answers that are not ``wanted`` are not asked for, and what they would tell is unknown; nor are those
    that cost money, unless ``paid``, and a type that cannot be read without them is left out. So is a thing of which
    an essential answer is wanted only where it is declared, and it is not. Raises nothing:
    what a call or the reading of its answer raises costs a gap, never the scan, and so does whatever ``stop``
    leaves undone.
    """
    groups, started = by_answer(each for each in collectors if paid or not costs(each)), datetime.now(UTC)
    visits = (1 if group[0].scope is Scope.GLOBAL else len(regions) for group in groups for regions in reach.values())
    progress = Progress(accounts=len(reach), regions=sum(map(len, reach.values())), visits=sum(visits))
    code = Code(declared or Inventory())
    asked = {each.type: Asked.of(each, wanted, paid=paid) for group in groups for each in group}
    read = [_Collection(aws, regions, code, asked, progress, watch, stop or Stop()) for aws, regions in reach.items()]
    await in_turn((each.run(groups) for each in read), ACCOUNTS_AT_ONCE)
    return Inventory(
        chain.from_iterable(each.resources for each in read),
        chain.from_iterable(each.gaps for each in read),
        read=chain.from_iterable(each.read for each in read),
        taken_at=started,
    )


class _Collection:
    """The reading of one account."""

    def __init__(
        self,
        aws: Aws,
        regions: Sequence[str],
        code: Code,
        asked: Mapping[str, Asked],
        progress: Progress,
        watch: Watcher,
        stop: Stop,
    ) -> None:
        self.aws, self.regions = aws, list(regions)
        self.code, self.asked, self.stop = code, asked, stop
        self.progress, self.watch = progress, watch
        self.resources: list[Resource] = []
        self.gaps: list[Gap] = []
        self.read: set[tuple[str, str, str]] = set()
        self.shared: dict[Any, asyncio.Future[Any]] = {}
        self.refusals: dict[Any, str] = {}
        self.ahead, self.others = 0, asyncio.Event()

    async def run(self, groups: list[list[Collector]]) -> None:
        collectors = [each for group in groups for each in group]
        firsts = zip(groups, map(is_slow, groups), strict=True)
        every = [(group, place, first) for group, first in firsts for place in self._places(group[0].scope)]
        self.ahead = sum(first for *_, first in every)
        asyncio.get_running_loop().call_later(HEAD_START if self.ahead else 0, self.others.set)
        visits = (self._visit(*each) for each in every)
        try:
            await in_turn(visits, VISITS_AT_ONCE)
        finally:
            await ended(self.shared.values())
        self.shared.clear()
        self._subjects()
        self._join([each for each in collectors if each.joins or each.owned])

    def _join(self, collectors: list[Collector]) -> None:
        """What only a resource's neighbours tell of it, now that all of them are read."""
        by_type = {each.type: each for each in collectors}
        seen = Inventory(self.resources, self.gaps, read=self.read)
        for index, each in enumerate(self.resources):
            if (collector := by_type.get(each.type)) is None:
                continue
            try:
                self.resources[index] = joined(each, collector, seen)
            except Exception as error:
                self._gap(collector, self.aws.at(each.region), error, id=each.id, region=each.region)

    def _places(self, scope: Scope) -> list[Place]:
        return [self.aws.at(name) for name in (["global"] if scope is Scope.GLOBAL else self.regions)]

    async def _visit(self, group: list[Collector], place: Place, first: bool) -> None:
        """One call, paged, for all collectors that read its answer; what it does not come to see is a gap."""
        if not first:
            await self.others.wait()
        end = asyncio.get_running_loop().time() + VISIT_SECONDS
        try:
            async with asyncio.timeout(PAGE_SECONDS) as limit:
                await self.stop.may_end(self._read(group, place, limit, end, first))
        except Exception as error:
            what, most = ("the listing", VISIT_SECONDS) if limit.when() == end else ("a page", PAGE_SECONDS)
            late = Stopped("timeout", f"{what} and its details took longer than {most} seconds")
            for each in group:
                if not self._is_nowhere(each, place, error):
                    self._gap(each, place, late if limit.expired() else error)
        for each in group:
            regions = self.regions if each.region else [self._region(each, place)]
            self.read.update((each.type, self.aws.account, region) for region in regions)
        self.progress.done += 1
        self._tell(f"{group[0].service} {place.region}")

    def _is_nowhere(self, collector: Collector, place: Place, error: Exception) -> bool:
        """Whether there is nothing of a type in a region, for want of its service; what is declared there is doubt."""
        if not isinstance(error, NotOffered) or (error.service, error.region) != (collector.service, place.region):
            return False
        near = {"", place.region}, {"", place.account}
        return not any(each.region in near[0] and each.account in near[1] for each in self.code.of(collector.type))

    async def _read(
        self, group: list[Collector], place: Place, limit: asyncio.Timeout, end: float, first: bool
    ) -> None:
        """The next page is asked for while details of those before still are, a few small pages at a time."""
        working: set[asyncio.Future[None]] = set()
        try:
            async with aclosing(_pages(group[0], place, self.code.of(group[0].type), self.regions)) as pages:
                async for page in pages:
                    limit.reschedule(min(asyncio.get_running_loop().time() + PAGE_SECONDS, end))
                    self._tell(f"{group[0].service} {place.region}")
                    working.add(asyncio.ensure_future(self._page(group, place, page)))
                    if first:
                        self._heard()
                    first = False
                    if len(working) >= (1 if _is_large(page) else PAGES_AT_ONCE):
                        done, working = await asyncio.wait(working, return_when=asyncio.FIRST_COMPLETED)
                        for each in done:
                            each.result()
            await asyncio.gather(*working)
        except Exception:
            await asyncio.gather(*working, return_exceptions=True)  # the pages that came are kept
            raise
        finally:
            await ended(working)

    def _heard(self) -> None:
        """One of those that come first has answered; after the last of them all others may."""
        self.ahead -= 1
        if not self.ahead:
            asyncio.get_running_loop().call_later(UNDER_WAY, self.others.set)

    async def _page(self, group: list[Collector], place: Place, page: Any) -> None:
        reading = _Page(self, place, group)
        await in_turn((reading.resources(each, page) for each in group), len(group))

    def found(self, last: str) -> None:
        """Another resource: told one by one, since the details of a page may take minutes."""
        self.progress.resources += 1
        self._tell(last)

    def _region(self, collector: Collector, place: Place) -> str:
        return GLOBAL if collector.scope is Scope.GLOBAL else place.region

    def _gap(self, collector: Collector, place: Place, error: BaseException, **about: Any) -> str:
        if isinstance(error, Unplaced):
            error = error.__cause__ or error
        kind, reason = explain(error)
        log.debug("%s %s: %s", collector.type, place.region, reason, exc_info=error)
        name = getattr(error, "operation_name", None)
        operation = f"{getattr(error, 'service', collector.service)}:{name}" if name else None
        gap = Gap(
            type=collector.type,
            account=self.aws.account,
            region=about.pop("region", None) or self._region(collector, place),
            reason=reason,
            kind=kind,
            operation=operation,
            permission=action(operation) if operation and kind == "denied" else None,
            **about,
        )
        self.gaps.append(gap)
        self.progress.gaps += 1
        return reason

    def _tell(self, last: str) -> None:
        wire = self.aws.wire
        self.progress.last, self.progress.calls, self.progress.throttled = last, wire.calls, wire.throttled
        self.watch(self.progress)

    def _subjects(self) -> None:
        """The account and each region read: they always exist to be judged."""
        account = self.aws.account
        if not any(each.type == "account" for each in self.resources):
            self.resources.append(Resource(type="account", id=account, account=account, region=GLOBAL))
        self.resources.extend(
            Resource(type="region", id=region, account=account, region=region) for region in self.regions
        )
        self.read.update(("region", account, region) for region in self.regions)
        self.read.add(("account", account, GLOBAL))


class _Page:
    """The items of one page, with their details; one answer serves all who ask the same of an item."""

    def __init__(self, collection: _Collection, place: Place, group: Iterable[Collector]) -> None:
        self.collection, self.place = collection, place
        self.others = {each.type: each for each in group}
        self.asking = Counter(each.operation for of in group for each in of.details if isinstance(each, Detail))
        self.answers: dict[Any, asyncio.Future[Item]] = {}
        self.served: Counter[Any] = Counter()

    async def resources(self, collector: Collector, page: Any) -> None:
        """The items of a page become resources, which stay if the rest is ended."""
        try:
            items = _items(collector, page)
        except Exception as error:
            self.collection._gap(collector, self.place, error)
            return
        found: dict[int, Resource] = {}
        where = f"{collector.service} {self.place.region}"

        async def become(index: int, item: Item) -> None:
            if resource := await self._resource(collector, item):
                found[index] = resource
                self.collection.found(where)

        try:
            at_once = min(len(items), ITEMS_AT_ONCE if collector.details else 1)
            await in_turn((become(index, item) for index, item in enumerate(items)), at_once)
        finally:
            self.collection.resources.extend(found[index] for index in sorted(found))

    async def _resource(self, collector: Collector, item: Item) -> Resource | None:
        """One item's resource; None where it is none, is of no region that is read, or is a gap."""
        place = None
        try:
            place = collector.place(item, self.place)
            if collector.region and place.region not in self.collection.regions:
                return None
            return await self._whole(collector, dict(item), place)
        except Exception as error:
            region = place and _own_region(collector, place)
            self.collection._gap(collector, self.place, error, id=_name(collector, item), region=region)
            return None

    async def _whole(self, collector: Collector, item: Item, place: Place) -> Resource | None:
        """The resource, its details asked for. Raises what an essential one raises."""
        asked, code = self.collection.asked[collector.type], self.collection.code
        unknown = dict(asked.unknown)
        if collector.minds:
            item["Declared"] = code.minded(collector, collector.id_of(item), place)
        is_near = bool(asked.near) and code.has(collector.type, _name(collector, item))
        if not await self._ask(asked.both if is_near else asked.each, collector, item, place, unknown):
            return None
        if asked.near and not is_near:
            far = unknown | asked.far
            if code.is_near(collector, item, place, far, self.others):
                if not await self._ask(asked.near, collector, item, place, unknown):
                    return None
            elif asked.told:
                unknown = far
            else:
                return None
        unknown |= self._withheld(collector, item, place)
        return collector.resource(item, place, unknown)

    async def _ask(
        self, stages: Stages, collector: Collector, item: Item, place: Place, unknown: dict[str, str]
    ) -> bool:
        """Put the answers into the item, and what none tells into ``unknown``; False where there is no such thing."""
        for stage in stages:
            answers = await self._answers(collector, stage, item, place)
            for detail, answer in zip(stage, answers):
                if _is_gone(detail, answer):
                    return False
                if isinstance(answer, Exception):
                    unknown |= self._unknown(collector, detail, item, place, answer)
                else:
                    item[detail.into] = answer
        return True

    async def _answers(
        self, collector: Collector, details: Sequence[Detail | Shared], item: Item, place: Place
    ) -> list[Any]:
        """What each detail comes to: an answer, or the error in its place. Raises an essential one's."""
        if len(details) == 1:
            return [await self._tried(collector, details[0], item, place)]
        return await in_turn((self._tried(collector, each, item, place) for each in details), len(details))

    async def _tried(self, collector: Collector, detail: Detail | Shared, item: Item, place: Place) -> Any:
        try:
            return await self._detail(collector, detail, item, place)
        except Exception as error:
            if detail.essential and code(error) not in detail.gone:
                raise
            return error

    def _withheld(self, collector: Collector, item: Item, place: Place) -> dict[str, str]:
        """The attributes that AWS left out of this item, each a gap, and why."""
        about = {"id": collector.id_of(item), "region": _own_region(collector, place)}
        return {
            name: self.collection._gap(collector, place, left, attribute=name, **about)
            for name, left in collector.withheld(item)
        }

    async def _detail(self, collector: Collector, detail: Detail | Shared, item: Item, place: Place) -> Any:
        if isinstance(detail, Shared):
            if detail.only and not getter(detail.only)(item):
                return None
            return detail.of(await self._shared(detail.ask, place), item)
        if detail.spared(item):
            return None
        if detail.listed and (tags := await self._listed(collector, detail.listed, item, place)) is not None:
            return {detail.listed.name: tags}
        arguments = {name: getter(path)(item) for name, path in detail.arguments.items()}
        try:
            answer = await self._answer(collector.service, detail.operation, arguments, place)
        except ClientError as error:
            if code(error) in detail.absent:
                return None
            raise
        return answer if detail.holds is None or getter(detail.holds)(answer) else None

    def _answer(self, service: str, operation: str, arguments: Item, place: Place) -> Awaitable[Item]:
        """The one answer for all who ask the same; it is not kept any longer, as a page may have a thousand items."""
        asked = operation, place.region, repr(arguments)
        if asked not in self.answers:
            self.answers[asked] = asyncio.ensure_future(place.whole(service, operation, **arguments))
        self.served[asked] += 1
        if self.served[asked] < self.asking[operation]:
            return self.answers[asked]
        del self.served[asked]
        return self.answers.pop(asked)

    async def _listed(self, collector: Collector, listed: Listed, item: Item, place: Place) -> Tags | None:
        """The tags that are listed of an item, or that it has none; None where the code declares it otherwise."""
        if (every := await self._shared(listed.ask, place)) is None:
            return None
        tags: Tags | None = every.get(getter(listed.arn)(item))
        unknown = [name for each in collector.details if each.into not in item for name in collector.reads(each)]
        names = collector.names(item, place, unknown)
        return (tags or {}) if self.collection.code.has_tags(collector.type, names, tags) else None

    async def _shared(self, ask: Callable[[Place], Awaitable[Any]], place: Place) -> Any:
        """The one answer for all items, asked for once a region however many collectors read it."""
        shared, asked = self.collection.shared, (ask, place.region)
        if asked not in shared:
            shared[asked] = asyncio.ensure_future(ask(place))
        return await asyncio.shield(shared[asked])

    def _unknown(
        self, collector: Collector, detail: Detail | Shared, item: Item, place: Place, error: BaseException
    ) -> dict[str, str]:
        names = collector.reads(detail)
        if isinstance(error, Unnamed):
            return dict.fromkeys(names, str(error))
        id = None if isinstance(detail, Shared) else collector.id_of(item)
        told = collector.type, place.region, detail.into, id
        if told not in self.collection.refusals:
            attribute, region = ", ".join(sorted(names)), _own_region(collector, place)
            self.collection.refusals[told] = self.collection._gap(
                collector, place, error, id=id, attribute=attribute, region=region
            )
        return dict.fromkeys(names, self.collection.refusals[told])


def _is_gone(detail: Detail | Shared, answer: Any) -> bool:
    """Whether there is no such thing, or none any more."""
    if isinstance(answer, Exception):
        return code(answer) in detail.gone
    return detail.essential and answer is None


def _own_region(collector: Collector, place: Place) -> str | None:
    return place.region if collector.region else None


def _name(collector: Collector, item: Item) -> str | None:
    """The item's id; None where it has none to be told by."""
    try:
        return collector.id_of(item)
    except Exception:
        return None


def _items(collector: Collector, page: Any) -> list[Item]:
    return collector.fetch.found(page) if isinstance(collector.fetch, Listing) else list(page)


def _pages(collector: Collector, place: Place, declared: Sequence[Resource] = (), regions: Sequence[str] = ()) -> Any:
    """The pages of a listing, or of a generator's own making."""
    fetch = collector.fetch
    if not isinstance(fetch, Listing):
        return fetch(place, *((declared, regions) if collector.spans else (declared,) if collector.sought else ()))
    if fetch.once:
        return _page_of(fetch.once, place)
    return place.pages(collector.service, fetch.operation, **dict(fetch.arguments))


async def _page_of(asking: Callable[..., Awaitable[Item]], place: Place) -> AsyncIterator[Item]:
    """Begun only when the page is asked for: what is stopped before leaves nothing begun behind."""
    yield await asking(Listing, place)


def _is_large(page: Any) -> bool:
    """Whether a page has so many items that the next one, and the memory that it takes, can wait."""
    lists = page.values() if isinstance(page, Mapping) else [page]
    return any(isinstance(each, list) and len(each) > PAGES_AT_ONCE * ITEMS_AT_ONCE for each in lists)
