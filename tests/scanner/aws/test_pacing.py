"""How fast calls are sent, how many at once, and how often again: laws, in a time of their own."""

import asyncio
import gc
import weakref
from itertools import pairwise

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.aws import pacing as paces
from scanner.aws.allowed import ALLOWED
from scanner.aws.errors import Refused
from scanner.aws.operations import ORGANIZATION, WHO
from scanner.aws.pacing import IN_FLIGHT, IN_FLIGHT_PER_API, Bucket, Budget, Pacing, Where
from scanner.aws.rates import NAMED, TOGETHER, UNDOCUMENTED, Rate, rate
from tests.cases import every
from tests.scanner.aws.clock import timeless

VPCS = Where("123456789012", "eu-west-1", "ec2", "DescribeVpcs")
NOW = asyncio.sleep
rates = st.builds(Rate, st.floats(0.25, 200), st.floats(0.25, 200))


@pytest.fixture(autouse=True)
def as_often_as_by_default(monkeypatch):
    monkeypatch.delenv("AWS_MAX_ATTEMPTS")


def now():
    return asyncio.get_running_loop().time()


def refused(code, status=400):
    return ClientError({"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}, "DescribeVpcs")


THROTTLED = refused("RequestLimitExceeded", 503)
BROKEN = refused("InternalError", 500)
SILENT = ReadTimeoutError(endpoint_url="https://ec2")


# --- a bucket -------------------------------------------------------------------------------------

moments = st.tuples(st.floats(0, 3), st.sampled_from(["take", "take", "take", "leave", "throttled", "answered"]))


@settings(max_examples=150)
@given(rates, st.lists(moments, max_size=60))
def test_a_bucket_gives_out_no_more_than_its_burst_and_its_rate_in_the_order_asked(full, happenings):
    given_out = []

    async def take(bucket, number):
        await bucket.take()
        given_out.append((number, now()))

    async def happen():
        bucket, tasks, left = Bucket(full), [], set()
        for number, (later, what) in enumerate(happenings):
            await asyncio.sleep(later)
            if what == "take":
                tasks.append((number, asyncio.ensure_future(take(bucket, number))))
            elif what == "leave" and tasks and not tasks[-1][1].done():
                left.add(tasks[-1][0])
                tasks[-1][1].cancel()
            elif what != "leave":
                getattr(bucket, what)()
            assert 0 < bucket.per_second <= full.per_second
        await asyncio.gather(*(task for _, task in tasks), return_exceptions=True)
        assert {number for number, _ in tasks} - left == {number for number, _ in given_out}

    timeless(happen())
    assert given_out == sorted(given_out)
    times = [time for _, time in given_out]
    for first, began in enumerate(times):
        for last, ended in enumerate(times[first:], 1):
            assert last <= max(full.burst, 1) + full.per_second * (ended - began) + 1e-6


def test_after_a_refusal_nothing_is_given_out_at_once_however_long_nothing_was_asked_for():
    async def happen():
        bucket = Bucket(Rate(100, 20))
        await asyncio.sleep(1000)
        bucket.throttled()
        before = now()
        await bucket.take()
        return bucket.per_second, now() - before

    assert timeless(happen()) == (10, pytest.approx(0.1))


def test_refusals_of_what_was_in_flight_together_are_one():
    async def happen():
        bucket = Bucket(Rate(100, 20))
        for _ in range(12):
            bucket.throttled()
        await asyncio.sleep(1)
        bucket.throttled()
        slowed = bucket.per_second
        for _ in range(1000):
            bucket.answered()
        return slowed, bucket.per_second

    assert timeless(happen()) == (5, 20)


def test_a_bucket_never_stands_still():
    async def happen():
        bucket = Bucket(Rate(100, 20))
        for _ in range(30):
            await asyncio.sleep(1)
            bucket.throttled()
        return bucket.per_second

    assert timeless(happen()) == 0.5


# --- a budget -------------------------------------------------------------------------------------


@given(st.lists(st.one_of(st.none(), st.floats(0, 600)), max_size=300))
def test_a_budget_is_never_overspent_nor_overfull(happenings):
    budget = Budget()
    for cost in happenings:
        before = budget.left
        if cost is None:
            budget.answered()
        else:
            assert budget.spend(cost) is (cost <= before)
            assert budget.left == (before - cost if cost <= before else before)
        assert 0 <= budget.left <= paces.CAPACITY


# --- AWS, as it counts ------------------------------------------------------------------------------


class Counting:
    """An API of AWS's that refuses what is more than its rate, 40 ms away."""

    def __init__(self, real: Rate) -> None:
        self.bucket, self.sent, self.throttled = Bucket(real), 0, 0

    async def __call__(self):
        await asyncio.sleep(0.02)
        self.bucket._fill()
        self.sent += 1
        refused = self.bucket.tokens < 1
        self.bucket.tokens -= not refused
        await asyncio.sleep(0.02)
        if refused:
            self.throttled += 1
            raise THROTTLED
        return {}


def asked(where, real, calls, pace=0.5):
    """(share refused, seconds, how many calls came to nothing) of so many calls at once."""

    async def happen():
        pacing, aws, began = Pacing(pace), Counting(real), now()
        found = await asyncio.gather(*(pacing.ask(aws, where) for _ in range(calls)), return_exceptions=True)
        return aws.throttled / aws.sent, now() - began, sum(each is THROTTLED for each in found)

    return timeless(happen())


@pytest.mark.parametrize(
    ("operation", "calls", "seconds"),
    [
        ("ec2:DescribeSnapshotAttribute", 2000, 195),
        ("lambda:GetPolicy", 500, 66),
        ("dynamodb:ListTagsOfResource", 500, 99),
    ],
)
def test_at_its_own_pace_aws_refuses_nothing(operation, calls, seconds):
    service, name = operation.split(":")
    real = rate(service, name)[1]
    share, took, failed = asked(Where("1", "eu-west-1", service, name), real, calls)
    assert (share, failed) == (0, 0)
    assert took == pytest.approx(seconds, rel=0.02)


def test_at_the_whole_rate_aws_refuses_hardly_anything():
    share, took, failed = asked(VPCS, Rate(100, 20), 2000, pace=1)
    assert (share < 0.01, failed) == (True, 0)
    assert took == pytest.approx(95, rel=0.1)


@pytest.mark.parametrize("real", [Rate(5, 5), Rate(10, 20), Rate(50, 45)])
def test_a_rate_that_nobody_documented_is_found_out(real):
    """50 a second is our guess."""
    where = Where("1", "eu-west-1", "sqs", "GetQueueAttributes")
    assert rate("sqs", "GetQueueAttributes")[1] == UNDOCUMENTED
    share, took, failed = asked(where, real, 5000)
    assert (share < 0.02, failed) == (True, 0)
    assert took < 1.7 * 5000 / real.per_second


def test_the_rate_falls_and_recovers():
    async def happen():
        pacing = Pacing(0.5)
        bucket = pacing._bucket(VPCS)
        for _ in range(3):
            await asyncio.sleep(1)
            bucket.throttled()
        fallen, began = bucket.per_second, now()
        while bucket.per_second < 10:
            await pacing.ask(lambda: NOW(0, {}), VPCS)
        return fallen, now() - began

    fallen, seconds = timeless(happen())
    assert fallen == 10 / 8
    assert 60 < seconds < 180


# --- in flight --------------------------------------------------------------------------------------


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(st.sampled_from("ABCDEFGH"), st.floats(0, 2), st.one_of(st.none(), st.floats(0, 3))), max_size=300
    )
)
def test_no_more_are_in_flight_than_may_be_and_no_place_is_lost(calls):
    flying, most = {}, {"all": 0}

    async def send(name, seconds):
        flying[name] = flying.get(name, 0) + 1
        most[name] = max(most.get(name, 0), flying[name])
        most["all"] = max(most["all"], sum(flying.values()))
        try:
            await asyncio.sleep(seconds)
        finally:
            flying[name] -= 1
        return {}

    async def happen():
        pacing = Pacing()
        tasks = []
        for name, seconds, leave in calls:
            where = Where("1", "eu-west-1", "sqs", name)
            task = asyncio.ensure_future(pacing.ask(lambda name=name, seconds=seconds: send(name, seconds), where))
            tasks.append(task)
            if leave is not None:
                asyncio.get_running_loop().call_later(leave, task.cancel)
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(*(pacing.ask(lambda: send("last", 1), VPCS) for _ in range(IN_FLIGHT)))

    timeless(happen())
    assert sum(flying.values()) == 0
    assert most.pop("all") <= IN_FLIGHT
    assert max(most.values()) <= IN_FLIGHT_PER_API


def test_a_hundred_calls_that_all_wait_for_new_credentials_go_on():
    """The call that renews them is one more, and there is no place left in flight."""

    async def happen():
        pacing, renewed = Pacing(), asyncio.Event()
        renewing = asyncio.Lock()

        async def send():
            async with renewing:
                if not renewed.is_set():
                    await pacing.ask(lambda: NOW(0.1, {}), Where("1", "eu-west-1", "sts", "AssumeRole"))
                    renewed.set()
            return {"answered": True}

        wheres = [Where("1", "eu-west-1", "sqs", f"Get{number % 10}") for number in range(100)]
        found = await asyncio.gather(*(pacing.ask(send, where) for where in wheres))
        return len(found), now()

    number, seconds = timeless(happen())
    assert (number, seconds < 2) == (100, True)


def test_few_calls_wait_with_a_token_in_hand():
    """While AWS is silent no more is saved up than may be in flight; it would all be sent at once."""

    async def happen():
        pacing, times = Pacing(), []

        async def send():
            times.append(now())
            await asyncio.sleep(15 if now() < 1 else 0.01)
            return {}

        await asyncio.gather(*(pacing.ask(send, VPCS) for _ in range(400)))
        return times

    times = timeless(happen())
    assert all(later - sooner >= -1e-9 for sooner, later in pairwise(times))
    for moment in times:
        assert sum(moment <= each < moment + 1 for each in times) <= 50 + 10 + IN_FLIGHT_PER_API


# --- again ------------------------------------------------------------------------------------------


def attempts(*errors):
    """What a call came to that fails so before it is answered, and what was told of each attempt."""
    left, told = list(errors), []

    async def send():
        if left:
            raise left.pop(0)
        return {"answered": True}

    async def happen():
        pacing = Pacing()
        try:
            return await pacing.ask(send, VPCS, told.append)
        except ClientError as error:
            return error
        except Exception as error:
            return type(error)

    found = timeless(happen())
    return found, [(each.attempt, type(each.error).__name__ if each.error else None) for each in told]


def test_what_may_pass_is_asked_again():
    gone = EndpointConnectionError(endpoint_url="https://ec2")
    found, told = attempts(THROTTLED, BROKEN, SILENT, gone)
    assert found == {"answered": True}
    assert told == [
        (1, "ClientError"),
        (2, "ClientError"),
        (3, "ReadTimeoutError"),
        (4, "EndpointConnectionError"),
        (5, None),
    ]


def test_the_last_attempt_is_what_is_told():
    assert attempts(*[BROKEN] * 4, THROTTLED)[0] is THROTTLED
    assert attempts(denied := refused("AccessDenied", 403)) == (denied, [(1, "ClientError")])


def test_the_environment_says_how_often(monkeypatch):
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "2")
    assert attempts(*[BROKEN] * 2) == (BROKEN, [(1, "ClientError"), (2, "ClientError")])
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "many")
    with pytest.raises(Refused, match="AWS_MAX_ATTEMPTS: 'many' is no number of attempts"):
        attempts()


@pytest.mark.parametrize("said", ["soon", "0", "-1", "nan", "inf"])
def test_a_read_timeout_is_a_time(monkeypatch, said):
    monkeypatch.setenv("DRIFTLINE_READ_TIMEOUT", said)
    with pytest.raises(Refused, match=f"DRIFTLINE_READ_TIMEOUT: '{said}' is no number of seconds"):
        attempts()


@pytest.mark.parametrize(("error", "again"), [(BROKEN, 100), (THROTTLED, 100), (SILENT, 50)])
def test_in_a_storm_the_budget_ends_the_asking_again(error, again):
    async def happen():
        pacing, sent = Pacing(), 0

        async def send():
            nonlocal sent
            sent += 1
            raise error

        found = await asyncio.gather(*(pacing.ask(send, VPCS) for _ in range(300)), return_exceptions=True)
        return sent, set(found)

    assert timeless(happen()) == (300 + again, {error})


def test_an_answer_that_never_ends_is_given_up_and_asked_for_again():
    async def happen():
        pacing, sent = Pacing(), 0

        async def send():
            nonlocal sent
            sent += 1
            await asyncio.sleep(10_000)

        with pytest.raises(TimeoutError):
            await pacing.ask(send, VPCS)
        return sent, now()

    sent, seconds = timeless(happen())
    assert sent == 5
    assert 300 <= seconds < 310


def test_a_call_that_is_not_waited_for_is_told_of():
    async def happen():
        pacing, told = Pacing(), []
        task = asyncio.ensure_future(pacing.ask(lambda: NOW(10), VPCS, told.append))
        await asyncio.sleep(1)
        task.cancel()
        await asyncio.wait([task])
        return [(each.attempt, type(each.error).__name__, each.seconds) for each in told]

    assert timeless(happen()) == [(1, "CancelledError", 1)]


# --- what AWS documents -----------------------------------------------------------------------------


def test_a_rate_is_of_an_operation_a_few_or_a_whole_service():
    assert rate("ec2", "DescribeVpcs") == ("ec2:DescribeVpcs", Rate(100, 20))
    assert rate("ec2", "DescribeStaleSecurityGroups")[1] == Rate(20, 5)
    assert rate("lambda", "ListFunctions") == rate("lambda", "ListTags") == ("lambda", Rate(15, 15))
    assert rate("lambda", "GetPolicy") == ("lambda:GetPolicy", Rate(15, 15))
    assert rate("apigateway", "GetRestApis")[0] == rate("apigatewayv2", "GetApis")[0]
    assert rate("ecs", "ListServices") == rate("ecs", "DescribeServices")
    assert rate("ecs", "DescribeTasks")[0] != rate("ecs", "DescribeServices")[0]
    assert rate("ecs", "ListTagsForResource") == ("ecs:ListTagsForResource", Rate(50, 20))
    assert rate("sqs", "GetQueueAttributes") == ("sqs:GetQueueAttributes", UNDOCUMENTED)


def test_rates_are_of_services_and_operations_that_there_are():
    from botocore.session import Session

    session = Session()
    for name in " ".join(NAMED).split():
        service, operation = name.split(":")
        assert operation in session.get_service_model(service).operation_names, name
    assert set(" ".join(TOGETHER).split()) <= set(session.get_available_services())


@every({name: name for name in sorted(ALLOWED | ORGANIZATION | WHO)})
def test_half_of_every_rate_still_moves(name):
    found = rate(*name.split(":"))[1]
    assert found.burst > 0
    assert found.per_second > 0


def test_an_error_that_was_told_is_held_by_nothing():
    """Not even by its own frames, which only a search for garbage would find: there may be an error for each thing."""

    async def denied():
        raise refused("AccessDenied", 403)

    async def told():
        try:
            await Pacing().ask(denied, VPCS)
        except ClientError as error:
            return weakref.ref(error)

    gc.disable()
    try:
        assert timeless(told())() is None
    finally:
        gc.enable()
