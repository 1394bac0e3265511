"""What AWS, and whatever stands before it, can do to a reading: what is kept, what is a gap, what was asked again."""

import json as plain_json
import socket
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from scanner.aws.collect import collect
from scanner.aws.collector import Collector, Detail, Listing
from scanner.aws.pacing import PACE, Pacing
from scanner.aws.rates import Rate
from scanner.aws.session import Access, Aws
from scanner.aws.wire import Wire
from tests.conftest import REGION, read, run
from tests.scanner.aws.wire import DRIP, RESET, SHORT, SILENT, Answer, json, refusal, subnets, vpcs

FAR = "eu-north-1"


def ec2(type, operation, path, id, **about):
    about.setdefault("attributes", {"id": id})
    return Collector(type=type, service="ec2", fetch=Listing(operation, path), permissions=(), id=id, **about)


VPC = ec2("aws_vpc", "describe_vpcs", "Vpcs", "VpcId")
SUBNET = ec2("aws_subnet", "describe_subnets", "Subnets", "SubnetId")
TABLE = Collector(
    type="aws_dynamodb_table",
    service="dynamodb",
    fetch=Listing("list_tables", "TableNames[].{Name: @}"),
    permissions=(),
    id="Name",
    attributes={"name": "Name"},
)


def told(inventory):
    """What was kept, and each gap: (type, region, kind, reason)."""
    kept = sorted((each.type, each.region, each.id) for each in inventory.resources if each.type.startswith("aws_"))
    return kept, sorted((each.type, each.region, each.kind, each.reason) for each in inventory.gaps)


def kept(*ids, type="aws_vpc", region=REGION):
    return [(type, region, id) for id in ids]


def gap(kind, reason, type="aws_vpc", region=REGION):
    return [(type, region, kind, reason)]


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setenv("DRIFTLINE_READ_TIMEOUT", "0.4")


def often(monkeypatch, attempts):
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", str(attempts))


# --- pages ------------------------------------------------------------------------------------------


def second(answer):
    return lambda asked: answer if "NextToken" in asked.form else vpcs("vpc-1", "vpc-2", token="2")


@pytest.mark.parametrize(
    ("answer", "kind", "reason"),
    [
        (refusal("UnauthorizedOperation", 403), "denied", "DescribeVpcs: access denied (UnauthorizedOperation)"),
        (
            refusal("RequestLimitExceeded", 503),
            "throttled",
            "DescribeVpcs: throttled after every retry (RequestLimitExceeded)",
        ),
        (Answer("<html>log in</html>"), "malformed", "DescribeVpcs: the answer could not be read (it is a web page)"),
        (Answer(""), "malformed", "DescribeVpcs: the answer could not be read (it is empty)"),
        (SILENT, "timeout", "no answer in time (ReadTimeoutError)"),
        (
            vpcs("vpc-3", token="2"),
            "malformed",
            "the pages do not end: one pointed back to one that was read",
        ),
    ],
    ids=["denied", "throttled", "html", "empty", "silent", "the same token twice"],
)
def test_what_the_first_page_told_is_kept_when_the_second_fails(wire, impatient, answer, kind, reason):
    wire.answers["DescribeVpcs"] = second(answer)
    found, gaps = told(read(VPC))
    assert (found[:2], gaps) == (kept("vpc-1", "vpc-2"), gap(kind, reason))
    assert found[2:] in ([], kept("vpc-3"))
    assert wire.asked == ["DescribeVpcs"] * 2


def test_pages_that_lead_round_in_a_circle_are_a_gap(wire):
    after = {None: "2", "2": "3", "3": "4", "4": "2"}
    wire.answers["DescribeVpcs"] = lambda asked: vpcs(
        f"vpc-{asked.form.get('NextToken')}", token=after[asked.form.get("NextToken")]
    )
    found, gaps = told(read(VPC))
    assert (found, gaps) == (
        kept("vpc-2", "vpc-3", "vpc-4", "vpc-None"),
        gap("malformed", "the pages do not end: one pointed back to one that was read"),
    )
    assert len(wire.asked) == 4


@pytest.mark.parametrize("how", [RESET, SHORT, DRIP])
def test_a_second_page_that_breaks_off_is_asked_for_again(wire, monkeypatch, impatient, how):
    often(monkeypatch, 3)
    pages = iter([vpcs("vpc-1", token="2"), how, how, vpcs("vpc-2")])
    wire.answers["DescribeVpcs"] = lambda asked: next(pages)
    assert told(read(VPC)) == (kept("vpc-1", "vpc-2"), [])
    assert [each.form.get("NextToken") for each in wire.requests if each.action == "DescribeVpcs"] == [None, *"222"]


# --- answers that do not come -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("how", "kinds"),
    [(RESET, {"unreachable"}), (SHORT, {"unreachable"}), (DRIP, {"timeout"}), (SILENT, {"timeout"})],
)
def test_an_answer_that_breaks_off_is_a_gap_and_ends(wire, monkeypatch, impatient, how, kinds):
    often(monkeypatch, 2)
    wire.answers |= {"DescribeVpcs": how, "DescribeSubnets": subnets("subnet-1")}
    began = time.monotonic()
    found, gaps = told(read(VPC, SUBNET))
    assert time.monotonic() - began < 10
    assert found == kept("subnet-1", type="aws_subnet")
    assert [(type, region) for type, region, *_ in gaps] == [("aws_vpc", REGION)]
    assert {kind for *_, kind, _ in gaps} == kinds
    assert Counter(wire.asked) == {"DescribeVpcs": 2, "DescribeSubnets": 1}


def test_a_drip_of_answers_ends_though_a_byte_comes_in_time(wire, impatient):
    """Each byte would begin the read time-out anew."""
    wire.answers["DescribeVpcs"] = DRIP
    began = time.monotonic()
    assert told(read(VPC)) == ([], gap("timeout", "no answer in time (TimeoutError)"))
    assert 1.2 <= time.monotonic() - began < 5


def test_a_server_that_never_says_hello_ends(wire, monkeypatch, impatient):
    """TCP is open, and TLS hangs."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", f"https://127.0.0.1:{server.getsockname()[1]}")
        wire.answers["DescribeVpcs"] = vpcs("vpc-1")
        began = time.monotonic()
        found, gaps = told(read(VPC, TABLE))
    assert (found, [(type, kind) for type, _, kind, _ in gaps]) == (kept("vpc-1"), [("aws_dynamodb_table", "timeout")])
    assert time.monotonic() - began < 10


def test_a_region_that_is_not_reachable_costs_itself_only(wire, monkeypatch, impatient):
    often(monkeypatch, 2)

    def far(answer):
        return lambda asked: RESET if asked.signed.region == FAR else answer

    wire.answers |= {"DescribeVpcs": far(vpcs("vpc-1")), "DescribeSubnets": far(subnets("subnet-1"))}
    seen = read(VPC, SUBNET, regions=(REGION, FAR))
    found, gaps = told(seen)
    assert found == [*kept("subnet-1", type="aws_subnet"), *kept("vpc-1")]
    assert [each[:3] for each in gaps] == [("aws_subnet", FAR, "unreachable"), ("aws_vpc", FAR, "unreachable")]
    assert Counter(wire.asked) == {"DescribeVpcs": 3, "DescribeSubnets": 3}
    assert {(type, region) for type, _, region in seen.read} >= {("aws_vpc", FAR), ("aws_vpc", REGION)}


# --- storms -----------------------------------------------------------------------------------------


def tables(detail, **about):
    """Tables with a further call for each."""
    return Collector(
        type="aws_dynamodb_table",
        service="dynamodb",
        fetch=Listing("list_tables", "TableNames[].{Name: @}"),
        permissions=(),
        id="Name",
        details=(detail,),
        **about,
    )


TTL = tables(
    Detail(operation="describe_time_to_live", arguments={"TableName": "Name"}, into="Ttl"),
    attributes={"ttl": "Ttl.TimeToLiveDescription.TimeToLiveStatus"},
)
TAGGED = tables(
    Detail(operation="list_tags_of_resource", arguments={"ResourceArn": "Name"}, into="Tags"),
    attributes={"name": "Name"},
    tags="Tags.Tags",
)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (json({"__type": "InternalServerError"})._replace(status=500), "DescribeTimeToLive: InternalServerError"),
        (Answer("<html>Service Unavailable</html>", 503), "DescribeTimeToLive: Service Unavailable (503)"),
    ],
    ids=["InternalServerError", "503"],
)
def test_a_storm_of_errors_is_not_answered_with_one_of_requests(wire, monkeypatch, answer, reason):
    """60 calls, 5 attempts each, would be 300; the budget is good for 100 more than 60, and one for the listing."""
    often(monkeypatch, 5)
    names = [f"table-{number:02}" for number in range(60)]
    wire.answers |= {"ListTables": json({"TableNames": names}), "DescribeTimeToLive": answer}
    seen = read(TTL)
    assert Counter(wire.asked) == {"ListTables": 1, "DescribeTimeToLive": 160}
    assert sorted(each.id for each in seen.of("aws_dynamodb_table")) == names
    assert [(each.kind, each.attribute) for each in seen.gaps] == [("error", "ttl")] * 60
    assert {each.reason for each in seen.gaps} == {reason}
    assert all(list(each.unknown) == ["ttl"] for each in seen.of("aws_dynamodb_table"))


class Limited:
    """An answer, for those that are not too many: AWS's own token bucket over HTTP."""

    def __init__(self, real, answer):
        self.real, self.answer, self.tokens, self.at, self.sent, self.refused = real, answer, real.burst, 0.0, 0, 0

    def __call__(self, asked):
        now = time.monotonic()
        self.tokens = min(self.real.burst, self.tokens + (now - (self.at or now)) * self.real.per_second)
        self.at, self.sent = now, self.sent + 1
        if self.tokens < 1:
            self.refused += 1
            return json({"__type": "ThrottlingException"})._replace(status=400)
        self.tokens -= 1
        return self.answer


@pytest.mark.parametrize(("real", "most"), [(Rate(10, 10), 0), (Rate(2, 2), 8)])
def test_a_scan_keeps_below_the_rate_and_finds_out_a_lower_one(wire, monkeypatch, real, most):
    often(monkeypatch, 8)
    limited = Limited(real, json({"Tags": [{"Key": "by", "Value": "us"}]}))
    names = [f"table-{number:02}" for number in range(10)]
    wire.answers |= {"ListTables": json({"TableNames": names}), "ListTagsOfResource": limited}
    seen = read(TAGGED, pace=PACE)
    assert seen.gaps == []
    assert {each.id: dict(each.tags) for each in seen.of("aws_dynamodb_table")} == {
        name: {"by": "us"} for name in names
    }
    assert limited.refused <= most
    assert limited.sent == 10 + limited.refused


def test_what_was_throttled_is_counted(wire, monkeypatch):
    often(monkeypatch, 2)
    answers = iter([refusal("RequestLimitExceeded", 503), vpcs("vpc-1")])
    wire.answers["DescribeVpcs"] = lambda asked: next(answers)

    async def reading():
        async with Wire(pacing=Pacing()) as way, Aws(Access(), wire=way) as aws:
            seen = await collect({aws: [REGION]}, [VPC])
            return told(seen), way.calls, way.throttled

    assert run(reading()) == ((kept("vpc-1"), []), 3, 1)


# --- time, and credentials --------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["RequestTimeTooSkewed", "SignatureDoesNotMatch"])
@pytest.mark.parametrize(
    ("ahead", "said"), [(7200, "this machine's clock is 120 minutes ahead of AWS's"), (-900, "15 minutes behind")]
)
def test_a_clock_that_is_wrong_is_called_so(wire, code, ahead, said):
    date = format_datetime(datetime.now(UTC) - timedelta(seconds=ahead), usegmt=True)
    wire.answers["DescribeVpcs"] = refusal(code, 403)._replace(headers={"Date": date})
    ((type, region, kind, reason),) = told(read(VPC))[1]
    assert (type, region, kind) == ("aws_vpc", REGION, "expired")
    assert said in reason
    assert reason.endswith(f"({code})")


def test_credentials_that_expire_in_mid_scan_are_gaps_from_then_on(wire):
    expired = plain_json.dumps({"__type": "com.amazon.coral.service#ExpiredTokenException", "message": "expired"})
    wire.answers |= {
        "DescribeVpcs": second(refusal("ExpiredToken")),
        "DescribeSubnets": refusal("RequestExpired"),
        "ListTables": Answer(expired, 400),
    }
    found, gaps = told(read(VPC, SUBNET, TABLE))
    assert found == kept("vpc-1", "vpc-2")
    assert [(type, region, kind) for type, region, kind, _ in gaps] == [
        ("aws_dynamodb_table", REGION, "expired"),
        ("aws_subnet", REGION, "expired"),
        ("aws_vpc", REGION, "expired"),
    ]
