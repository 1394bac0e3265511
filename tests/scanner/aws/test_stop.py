"""What is left of a collection that is ended: nothing seen is lost, and nothing unseen is called read."""

import asyncio
import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.aws import collect as collecting
from scanner.aws.collect import collect
from scanner.aws.collector import Collector, Shared, converted
from scanner.aws.errors import Stopped
from scanner.aws.session import Access, Aws
from scanner.aws.stop import Stop
from scanner.aws.turns import in_turn
from tests.conftest import ACCOUNT
from tests.scanner.aws.clock import timeless
from tests.scanner.aws.test_collect import DNS, support, vpc
from tests.scanner.aws.wire import SILENT, subnets, vpcs

REGIONS = ("eu-west-1", "eu-north-1")
REASON = "the scan was ended by Ctrl-C"
CTRL_C = ("interrupted", REASON)


class Account:
    """Listings of made-up pages, some seconds apart, with a reading shared by all; what was finished, and closed."""

    def __init__(self, pages):
        self.finished, self.open, self.shared = set(), 0, 0
        self.collectors = [self.collector(f"aws_{index}", each) for index, each in enumerate(pages)]

    def collector(self, type, pages):
        async def fetch(place):
            self.open += 1
            try:
                for number, (later, size) in enumerate(pages):
                    await asyncio.sleep(later)
                    yield [{"Name": f"{number}-{index}", "In": place.region} for index in range(size)]
            finally:
                try:
                    await asyncio.sleep(0)  # AWS's connections take a moment to close as well
                finally:
                    self.open -= 1

        async def owners(place):
            self.shared += 1
            try:
                await asyncio.sleep(1)
            finally:
                self.shared -= 1
            return {}

        return Collector(
            type=type,
            service="ec2",
            fetch=fetch,
            permissions=(),
            id="Name",
            attributes={"by": "Report", "at": converted("[In, Name]", lambda at: self.finished.add((type, *at)))},
            details=(Shared(ask=owners, by="Name", into="Report", some=True),),
        )

    def everything(self):
        aws = Aws(Access())
        aws.account = ACCOUNT
        return {aws: REGIONS}


pages = st.lists(st.lists(st.tuples(st.floats(0, 2), st.integers(0, 5)), max_size=4), min_size=1, max_size=6)
ended = st.sampled_from(["before", "Ctrl-C", "twice", "cancelled"])


@settings(max_examples=150)
@given(pages, ended, st.floats(0, 10))
def test_whenever_it_is_ended_what_was_seen_is_kept_and_the_rest_is_gaps(pages, how, moment):
    account, stop = Account(pages), Stop()

    async def happen():
        loop = asyncio.get_running_loop()
        if how == "before":
            stop(*CTRL_C)
        elif how != "cancelled":
            loop.call_later(moment, stop, *CTRL_C)
        if how == "twice":
            loop.call_later(moment + 0.001, stop, "timeout", "too late")
        task = asyncio.ensure_future(collect(account.everything(), account.collectors, stop=stop))
        if how == "cancelled":
            loop.call_later(moment, task.cancel)
        await asyncio.wait([task])
        assert (account.open, account.shared) == (0, 0), "nothing goes on behind our back"
        return None if task.cancelled() else task.result()

    seen = timeless(happen())
    if seen is None:
        assert how == "cancelled"
        return
    found = {(each.type, each.region, each.id) for each in seen.resources if each.type.startswith("aws_")}
    assert account.finished <= found
    everything = {
        (f"aws_{index}", region, f"{number}-{item}")
        for index, each in enumerate(pages)
        for region in REGIONS
        for number, (_, size) in enumerate(each)
        for item in range(size)
    }
    assert len(found) == len(seen.resources) - 3
    gaps = {(each.type, each.region) for each in seen.gaps}
    assert {(each.kind, each.reason, each.account) for each in seen.gaps} <= {(*CTRL_C, ACCOUNT)}
    assert len(gaps) == len(seen.gaps)
    assert {each for each in everything if each[:2] not in gaps} <= found <= everything
    assert all(seen.unseen(type, ACCOUNT, region) for type, region in gaps)
    assert {(type, region) for type, _, region in seen.read if type.startswith("aws_")} == {
        (f"aws_{index}", region) for index in range(len(pages)) for region in REGIONS
    }
    if how == "before":
        assert (found, len(gaps)) == (set(), 2 * len(pages))


def test_what_was_seen_of_a_page_is_kept_though_its_other_things_were_not(wire):
    """Details of one thing are there, and of the other never come."""
    stop = Stop()

    def dns(asked):
        if asked.form["VpcId"] == "vpc-1":
            return DNS
        time.sleep(0.5)
        stop("timeout", "the time limit of 1 seconds was reached")
        return SILENT

    wire.answers |= {"DescribeVpcs": vpcs("vpc-1", "vpc-2"), "DescribeSubnets": subnets("subnet-1")}
    wire.answers["DescribeVpcAttribute"] = dns
    slowly = vpc(**support())

    async def reading():
        async with Aws(Access()) as aws:
            return await collect({aws: ["eu-west-1"]}, [slowly], stop=stop)

    seen = asyncio.run(reading())
    assert [each.id for each in seen.of("aws_vpc")] == ["vpc-1"]
    assert [(each.type, each.kind, each.reason) for each in seen.gaps] == [
        ("aws_vpc", "timeout", "the time limit of 1 seconds was reached")
    ]


def test_a_page_that_takes_too_long_is_a_gap_and_a_long_list_is_none():
    page = collecting.PAGE_SECONDS - 100
    quick = Account([[(page, 1)] * 4])
    seen = timeless(collect(quick.everything(), quick.collectors))
    assert (len(seen.of("aws_0")), seen.gaps) == (8, [])
    slow = Account([[(1, 1), (collecting.PAGE_SECONDS + 1, 1)]])
    seen = timeless(collect(slow.everything(), slow.collectors))
    assert len(seen.of("aws_0")) == 2
    assert {(each.kind, each.reason) for each in seen.gaps} == {
        ("timeout", f"a page and its details took longer than {collecting.PAGE_SECONDS} seconds")
    }


def test_a_listing_that_does_not_end_is_ended_and_what_came_is_kept(monkeypatch):
    monkeypatch.setattr(collecting, "VISIT_SECONDS", 100)
    endless = Account([[(3, 1)] * 1000, [(3, 1)] * 30])
    seen = timeless(collect(endless.everything(), endless.collectors))
    assert (len(seen.of("aws_0")), len(seen.of("aws_1"))) == (2 * 33, 2 * 30)
    assert {(each.type, each.kind, each.reason) for each in seen.gaps} == {
        ("aws_0", "timeout", "the listing and its details took longer than 100 seconds")
    }


def test_it_may_be_ended_from_another_thread(wire):
    """And so from a signal handler."""
    stop = Stop()
    wire.answers["DescribeVpcs"] = SILENT

    async def reading():
        async with Aws(Access()) as aws:
            threading.Timer(0.3, stop, CTRL_C).start()
            return await collect({aws: ["eu-west-1"]}, [vpc()], stop=stop)

    assert [(each.kind, each.reason) for each in asyncio.run(reading()).gaps] == [CTRL_C]


def test_what_is_done_in_time_comes_to_something():
    async def happen():
        stop = Stop()
        found = await stop.may_end(asyncio.sleep(1, "done"))
        stop(*CTRL_C)
        with pytest.raises(Stopped, match=REASON):
            await stop.may_end(asyncio.sleep(1, "late"))
        return found

    assert timeless(happen()) == "done"


# --- so many at a time ------------------------------------------------------------------------------


@given(st.lists(st.floats(0, 5), max_size=30), st.integers(0, 8))
def test_in_turn(seconds, at_once):
    working = most = 0

    async def work(index, later):
        nonlocal working, most
        working += 1
        most = max(most, working)
        await asyncio.sleep(later)
        working -= 1
        return index

    found = timeless(in_turn((work(*each) for each in enumerate(seconds)), at_once))
    assert found == list(range(len(seconds)))
    assert most == min(len(seconds), max(at_once, 1))


def test_one_that_fails_ends_the_others_and_none_is_begun():
    begun, ended = [], []

    async def work(number):
        begun.append(number)
        try:
            await asyncio.sleep(1)
            if number == 1:
                raise ValueError("one")
            await asyncio.sleep(10)
        finally:
            ended.append(number)

    with pytest.raises(ValueError, match="one"):
        timeless(in_turn((work(number) for number in range(9)), 3))
    assert (begun, sorted(ended)) == ([0, 1, 2], [0, 1, 2])


def test_many_accounts_are_not_begun_all_at_once():
    """20 accounts, 17 regions, 30 listings: 10,200 visits, and few tasks at a time."""
    most = visits = 0

    async def fetch(place):
        nonlocal most, visits
        visits += 1
        most = max(most, len(asyncio.all_tasks()) if visits % 50 == 0 else 0)
        await asyncio.sleep(0.01)
        yield []

    def of(number):
        async def own(place):
            async for page in fetch(place):
                yield page

        return Collector(type=f"aws_{number}", service="ec2", fetch=own, permissions=(), id="I", attributes={})

    accounts = {}
    for number in range(20):
        aws = Aws(Access())
        aws.account = f"{number:012}"
        accounts[aws] = [f"eu-west-{region}" for region in range(17)]
    seen = timeless(collect(accounts, [of(number) for number in range(30)]))
    assert (len(seen.read), seen.gaps) == (20 * (17 * 30 + 17 + 1), [])
    assert most <= 2 + collecting.ACCOUNTS_AT_ONCE * (1 + 2 * collecting.VISITS_AT_ONCE)


def test_the_account_and_its_regions_are_there_however_it_ended():
    stop = Stop()
    stop(*CTRL_C)
    account = Account([[(1, 1)]])
    seen = timeless(collect(account.everything(), account.collectors, stop=stop))
    assert sorted(each.type for each in seen.resources) == ["account", "region", "region"]
