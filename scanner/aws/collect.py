"""Run every collector in every region, once for each call, and remember where we were not let in."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from botocore.exceptions import ClientError

from scanner.aws.collector import Collector, Detail, Listing, Scope, Shared, Unnamed, Unplaced, getter, joined
from scanner.aws.errors import code, explain
from scanner.aws.operations import action
from scanner.aws.session import Aws, Item, Place
from state import GLOBAL, Gap, Inventory, Resource

log = logging.getLogger("driftline")


class Progress(msgspec.Struct):
    """How far a collection has come."""

    visits: int = 0
    done: int = 0
    resources: int = 0
    gaps: int = 0
    calls: int = 0
    last: str = ""


Watcher = Callable[[Progress], None]


async def collect(
    aws: Aws, collectors: Iterable[Collector], regions: Sequence[str], watch: Watcher = lambda progress: None
) -> Inventory:
    """Everything the collectors can see of one account in these regions.

    Shape: an Inventory that holds the resources, one `account` and one `region` subject each, a
    Gap for each refusal, and what was read. Raises nothing: what a call or the reading of its
    answer raises costs a gap, never the scan.
    """
    return await _Collection(aws, regions, watch).run(list(collectors))


class _Collection:
    def __init__(self, aws: Aws, regions: Sequence[str], watch: Watcher) -> None:
        self.aws, self.regions, self.watch = aws, list(regions), watch
        self.taken_at = datetime.now(UTC)
        self.resources: list[Resource] = []
        self.gaps: list[Gap] = []
        self.read: set[tuple[str, str, str]] = set()
        self.progress = Progress()
        self.shared: dict[Any, asyncio.Future[Any]] = {}
        self.refusals: dict[Any, str] = {}

    async def run(self, collectors: list[Collector]) -> Inventory:
        groups: dict[Any, list[Collector]] = defaultdict(list)
        for each in collectors:
            groups[_call(each)].append(each)
        visits = [(group, place) for group in groups.values() for place in self._places(group[0].scope)]
        self.progress.visits = len(visits)
        async with asyncio.TaskGroup() as tasks:
            for group, place in visits:
                tasks.create_task(self._visit(group, place))
        self._subjects()
        self._join([each for each in collectors if each.joins or each.owned])
        return self._inventory()

    def _inventory(self) -> Inventory:
        return Inventory(self.resources, self.gaps, read=self.read, taken_at=self.taken_at)

    def _join(self, collectors: list[Collector]) -> None:
        """What only a resource's neighbours tell of it, now that all of them are read."""
        by_type = {each.type: each for each in collectors}
        seen = self._inventory()
        for index, each in enumerate(self.resources):
            if (collector := by_type.get(each.type)) is None:
                continue
            try:
                self.resources[index] = joined(each, collector, seen)
            except Exception as error:
                self._gap(collector, self.aws.at(each.region), error, id=each.id, region=each.region)

    def _places(self, scope: Scope) -> list[Place]:
        return [self.aws.at(name) for name in (["global"] if scope is Scope.GLOBAL else self.regions)]

    async def _visit(self, group: list[Collector], place: Place) -> None:
        """One call, paged, for all collectors that read its answer."""
        try:
            async for page in _pages(group[0], place):
                reading = _Page(self, place)
                for found in await asyncio.gather(*(reading.resources(each, page) for each in group)):
                    self.resources.extend(found)
        except Exception as error:
            for each in group:
                self._gap(each, place, error)
        for each in group:
            regions = self.regions if each.region else [self._region(each, place)]
            self.read.update((each.type, self.aws.account, region) for region in regions)
        self._tell(f"{group[0].service} {place.region}")

    def _region(self, collector: Collector, place: Place) -> str:
        return GLOBAL if collector.scope is Scope.GLOBAL else place.region

    def _gap(self, collector: Collector, place: Place, error: BaseException, **about: Any) -> str:
        kind, reason = explain(error)
        log.debug("%s %s: %s", collector.type, place.region, reason, exc_info=error)
        operation = getattr(error, "operation_name", None)
        gap = Gap(
            type=collector.type,
            account=self.aws.account,
            region=about.pop("region", None) or self._region(collector, place),
            reason=reason,
            kind=kind,
            operation=f"{collector.service}:{operation}" if operation else None,
            permission=action(f"{collector.service}:{operation}") if operation and kind == "denied" else None,
            **about,
        )
        self.gaps.append(gap)
        return reason

    def _tell(self, last: str) -> None:
        progress = self.progress
        progress.done, progress.last, progress.calls = progress.done + 1, last, self.aws.calls
        progress.resources, progress.gaps = len(self.resources), len(self.gaps)
        self.watch(progress)

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

    def __init__(self, collection: _Collection, place: Place) -> None:
        self.collection, self.place = collection, place
        self.answers: dict[Any, asyncio.Future[Item]] = {}

    async def resources(self, collector: Collector, page: Any) -> list[Resource]:
        try:
            items = _items(collector, page)
        except Exception as error:
            self.collection._gap(collector, self.place, error)
            return []
        found = await asyncio.gather(*(self._resource(collector, item) for item in items))
        return [resource for resource in found if resource is not None]

    async def _resource(self, collector: Collector, item: Item) -> Resource | None:
        """One item's resource; None where it is none, is of no region that is read, or is a gap."""
        place = None
        try:
            place = collector.place(item, self.place)
            if collector.region and place.region not in self.collection.regions:
                return None
            return await self._whole(collector, dict(item), place)
        except Exception as error:
            cause = (error.__cause__ or error) if isinstance(error, Unplaced) else error
            region = place and _own_region(collector, place)
            self.collection._gap(collector, self.place, cause, id=_name(collector, item), region=region)
            return None

    async def _whole(self, collector: Collector, item: Item, place: Place) -> Resource | None:
        """The resource, its details asked for. Raises what an essential one raises."""
        unknown: dict[str, str] = {}
        for detail in collector.details:
            try:
                item[detail.into] = await self._detail(collector, detail, item, place)
            except Exception as error:
                if code(error) in detail.gone:
                    return None
                if detail.essential:
                    raise
                unknown |= self._unknown(collector, detail, item, place, error)
            else:
                if detail.essential and item[detail.into] is None:
                    return None
        unknown |= self._withheld(collector, item, place)
        return collector.resource(item, place, unknown)

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
            return detail.of(await self._shared(detail, place), item)
        if detail.unless and getter(detail.unless)(item):
            return None
        arguments = {name: getter(path)(item) for name, path in detail.arguments.items()}
        asked = detail.operation, place.region, repr(arguments)
        if asked not in self.answers:
            self.answers[asked] = asyncio.ensure_future(place.whole(collector.service, detail.operation, **arguments))
        try:
            answer = await self.answers[asked]
        except ClientError as error:
            if code(error) in detail.absent:
                return None
            raise
        return answer if detail.holds is None or getter(detail.holds)(answer) else None

    async def _shared(self, detail: Shared, place: Place) -> Any:
        """The one answer for all items, asked for once a region however many collectors read it."""
        shared, asked = self.collection.shared, (detail.ask, place.region)
        if asked not in shared:
            shared[asked] = asyncio.ensure_future(detail.ask(place))
        return await shared[asked]

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


async def _pages(collector: Collector, place: Place) -> AsyncIterator[Any]:
    fetch = collector.fetch
    if isinstance(fetch, Listing):
        async for page in place.pages(collector.service, fetch.operation, **dict(fetch.arguments)):
            yield page
    else:
        async for items in fetch(place):
            yield items


def _call(collector: Collector) -> Any:
    fetch = collector.fetch
    asked = fetch.call if isinstance(fetch, Listing) else id(fetch)
    return collector.service, collector.scope, asked
