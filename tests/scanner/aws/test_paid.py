"""Calls that AWS charges for are made only by who says so."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from scanner.aws.allowed import ALLOWED
from scanner.aws.collect import collect
from scanner.aws.collector import Collector, Detail, Listing, Scope
from scanner.aws.operations import DENIED, PAID, action, named
from scanner.aws.place import Item, Place
from scanner.aws.session import Access, Aws
from scanner.collectors import collectors
from state import Inventory
from tests.conftest import run
from tests.scanner.command import driftline
from tests.scanner.standin import answering

NOW = datetime(2026, 7, 1, tzinfo=UTC)


async def one(place: Place) -> AsyncIterator[list[Item]]:
    yield [{"Name": "it", "Start": NOW, "End": NOW + timedelta(hours=1), "Seconds": 60, "Statistics": ["Sum"]}]


STATISTICS = Detail(
    operation="get_metric_statistics",
    arguments={
        "Namespace": "Name",
        "MetricName": "Name",
        "StartTime": "Start",
        "EndTime": "End",
        "Period": "Seconds",
        "Statistics": "Statistics",
    },
    into="Said",
)
MEASURED = Collector(
    type="measured",
    service="cloudwatch",
    scope=Scope.GLOBAL,
    fetch=one,
    details=(STATISTICS,),
    permissions=("cloudwatch:GetMetricStatistics",),
    id="Name",
    attributes={"name": "Name", "label": "Said.Label"},
)
LISTED = Collector(
    type="metric",
    service="cloudwatch",
    fetch=Listing("list_metrics", "Metrics"),
    permissions=("cloudwatch:ListMetrics",),
    id="MetricName",
    attributes={},
)
WHOLE = msgspec.structs.replace(
    MEASURED, type="only measured", details=(msgspec.structs.replace(STATISTICS, essential=True),)
)


def asking(*which: Collector, **about: Any) -> tuple[Inventory, list[tuple[str, Any]], int]:
    """What was seen, what of it is unknown, and the calls that were sent beside who is calling."""

    async def reading() -> tuple[Inventory, int]:
        async with Aws(Access(), allowed=ALLOWED | frozenset(PAID)) as session:
            return await collect({session: ["eu-west-1"]}, which, **about), session.calls - 1

    seen, calls = run(reading())
    told = [(each.type, dict(each.unknown)) for each in seen.resources if each.type not in ("account", "region")]
    return seen, told, calls


@pytest.mark.usefixtures("aws")
def test_a_detail_that_costs_money_is_left_out_and_what_it_tells_is_unknown() -> None:
    seen, told, calls = asking(MEASURED)
    assert (told, calls) == ([("measured", {"label": "costs money; use --paid"})], 0)
    assert list(seen.gaps) == []


@pytest.mark.usefixtures("aws")
def test_a_type_that_cannot_be_read_for_nothing_is_outside_the_scan() -> None:
    seen, told, calls = asking(LISTED, WHOLE)
    assert (told, calls) == ([], 0)
    assert seen.unseen("metric", "123456789012", "eu-west-1") is not None
    assert seen.unseen("only measured", "123456789012", "global") is not None


@pytest.mark.usefixtures("aws")
def test_who_says_so_pays() -> None:
    _, told, calls = asking(MEASURED, LISTED, WHOLE, paid=True)
    assert (told, calls) == ([("measured", {}), ("only measured", {})], 2), "each page once, each answer once"


@pytest.mark.parametrize(("more", "asked", "status"), [((), False, "unknown"), (("--paid",), True, "fail")])
def test_a_scan_asks_what_costs_money_only_if_told_to(more: tuple[str, ...], asked: bool, status: str) -> None:
    with answering({"ListCostAllocationTags": {"CostAllocationTags": []}}) as wire:
        told = driftline("check", "--check", "tag-cost-allocation-inactive", "--output", "json", "-q", *more)
    assert ("ListCostAllocationTags" in wire.asked) is asked
    assert [each["status"] for each in json.loads(told.stdout)["findings"]] == [status]


def test_what_costs_money_is_asked_for_by_declaration_alone() -> None:
    """A function of a collector's own would ask for it unasked."""
    for each in collectors():
        declared = {named(each.service, getattr(call, "operation", "")) for call in (each.fetch, *each.details)}
        priced = {action(name) for name in PAID} & set(each.permissions)
        assert priced <= {action(name) for name in declared}


def test_each_price_has_its_source() -> None:
    assert not PAID.keys() & DENIED
    assert all(", https://aws.amazon.com/" in price for price in PAID.values())
