"""What AWS and the network can answer, as a kind of gap and a sentence."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from botocore import exceptions
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

from scanner.aws.errors import (
    DENIED,
    EXPIRED,
    INVALID,
    PASSING,
    SKEWED,
    THROTTLED,
    UNSUPPORTED,
    Elsewhere,
    Malformed,
    Stopped,
    Trouble,
    code,
    explain,
    skew,
    trouble,
)

URL = "https://ec2.eu-west-1.amazonaws.com/"


def answered(name, status=400):
    return ClientError(
        {"Error": {"Code": name, "Message": "m"}, "ResponseMetadata": {"HTTPStatusCode": status}}, "DescribeVpcs"
    )


PAGE = {"Error": {"Code": "502", "Message": "<!doctype html>\n<h1>Bad gateway"}}


def test_a_page_of_a_proxy_is_not_quoted():
    error = ClientError(PAGE | {"ResponseMetadata": {"HTTPStatusCode": 502}}, "ListKeys")
    assert explain(error) == ("error", "ListKeys: a page came back, and no answer of AWS's (HTTP 502)")
    assert explain(ClientError({"Error": {"Code": "NotHere"}}, "ListKeys")) == ("error", "ListKeys: NotHere")


@pytest.mark.parametrize(
    ("names", "kind", "reason"),
    [
        (DENIED, "denied", "DescribeVpcs: access denied ({})"),
        (EXPIRED, "expired", "DescribeVpcs: the credentials expired"),
        (
            INVALID,
            "unsupported",
            "DescribeVpcs: the credentials are not valid here; the region may not be enabled ({})",
        ),
        (THROTTLED, "throttled", "DescribeVpcs: throttled after every retry ({})"),
        (UNSUPPORTED, "unsupported", "DescribeVpcs: not offered here ({})"),
        (
            {"InternalError", "ValidationError"},
            "error",
            "DescribeVpcs: m ({})",
        ),
        ({"RequestTimeout"}, "timeout", "DescribeVpcs: no answer in time ({})"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_aws_answers(names, kind, reason):
    assert {name: explain(answered(name)) for name in names} == {name: (kind, reason.format(name)) for name in names}


def test_no_code_is_of_two_kinds():
    codes = [*DENIED, *EXPIRED, *INVALID, *THROTTLED, *UNSUPPORTED]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (
            exceptions.EndpointConnectionError(endpoint_url=URL),
            ("unreachable", f'Could not connect to the endpoint URL: "{URL}"'),
        ),
        (
            exceptions.ConnectionClosedError(endpoint_url=URL),
            ("unreachable", f'Connection was closed before we received a valid response from endpoint URL: "{URL}".'),
        ),
        (
            exceptions.ProxyConnectionError(proxy_url="http://proxy:1"),
            ("unreachable", 'Failed to connect to proxy URL: "http://proxy:1"'),
        ),
        (
            exceptions.SSLError(endpoint_url=URL, error="self-signed"),
            ("unreachable", f"SSL validation failed for {URL} self-signed"),
        ),
        (exceptions.ReadTimeoutError(endpoint_url=URL), ("timeout", "no answer in time (ReadTimeoutError)")),
        (exceptions.ConnectTimeoutError(endpoint_url=URL), ("timeout", "no answer in time (ConnectTimeoutError)")),
        (TimeoutError(), ("timeout", "no answer in time (TimeoutError)")),
        (exceptions.NoRegionError(), ("error", "You must specify a region.")),
        (
            Malformed("it is empty", "DescribeVpcs"),
            ("malformed", "DescribeVpcs: the answer could not be read (it is empty)"),
        ),
        (Malformed("it is empty"), ("malformed", "the answer could not be read (it is empty)")),
        (
            Elsewhere("eu-west-1", "us-east-1"),
            ("error", "a call meant for eu-west-1 was signed for us-east-1"),
        ),
        (ConnectionResetError(), ("unreachable", "ConnectionResetError")),
        (
            exceptions.PaginationError(message="The same next token was received twice: {'Marker': 'secret'}"),
            ("malformed", "the pages do not end: one pointed back to one that was read"),
        ),
        (Stopped("interrupted", "the scan was ended by Ctrl-C"), ("interrupted", "the scan was ended by Ctrl-C")),
        (OSError("disk full"), ("error", "disk full")),
        (KeyError("Vpcs"), ("error", "KeyError: 'Vpcs'")),
        (AttributeError("no get"), ("error", "AttributeError: no get")),
        (ResponseParserError("no"), ("error", "no")),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else "",
)
def test_what_the_network_answers(error, told):
    assert explain(error) == told


@pytest.mark.parametrize(
    ("response", "name"),
    [
        ({"Error": {"Code": "AccessDenied"}, "ResponseMetadata": {"HTTPStatusCode": 403}}, "AccessDenied"),
        ({"Error": {}, "ResponseMetadata": {"HTTPStatusCode": 404}}, "404"),
        ({"Error": {"Code": ""}, "ResponseMetadata": {"HTTPStatusCode": 502}}, "502"),
        ({"Error": {"Code": 403}}, "403"),
        ({"ResponseMetadata": {"HTTPStatusCode": 403}}, "403"),
        ({}, "Unknown"),
    ],
)
def test_the_code_of_an_answer(response, name):
    assert code(ClientError(response, "DescribeVpcs")) == name


def test_the_code_of_what_is_no_answer():
    assert code(ConnectionResetError()) == "ConnectionResetError"
    assert explain(ClientError({"ResponseMetadata": {"HTTPStatusCode": 403}}, "HeadBucket")) == (
        "denied",
        "HeadBucket: access denied (403)",
    )


# --- what may be over when the same is asked again --------------------------------------------------


@pytest.mark.parametrize(
    ("errors", "why"),
    [
        ([answered(name) for name in THROTTLED], Trouble.THROTTLED),
        ([answered("RequestLimitExceeded", 503)], Trouble.THROTTLED),
        ([answered(name, 500) for name in PASSING], Trouble.PASSING),
        ([answered("Odd", status) for status in (500, 502, 503, 504)], Trouble.PASSING),
        (
            [
                exceptions.ReadTimeoutError(endpoint_url=URL),
                exceptions.ConnectTimeoutError(endpoint_url=URL),
                TimeoutError(),
            ],
            Trouble.TIMEOUT,
        ),
        (
            [
                exceptions.EndpointConnectionError(endpoint_url=URL),
                exceptions.ConnectionClosedError(endpoint_url=URL),
                exceptions.HTTPClientError(error="cut off"),
                ConnectionResetError(),
                Malformed("it is empty"),
            ],
            Trouble.PASSING,
        ),
        (
            [
                exceptions.SSLError(endpoint_url=URL, error="self-signed"),
                exceptions.ProxyConnectionError(proxy_url="http://p"),
                exceptions.NoRegionError(),
                KeyError("Vpcs"),
                Elsewhere("eu-west-1", "us-east-1"),
                *(answered(name, 403) for name in (*DENIED, *EXPIRED, *INVALID, *UNSUPPORTED)),
            ],
            None,
        ),
    ],
)
def test_whether_to_ask_again(errors, why):
    assert {trouble(each) for each in errors} == {why}


# --- a clock that is wrong --------------------------------------------------------------------------


def at(seconds, name="RequestTimeTooSkewed"):
    date = format_datetime(datetime.now(UTC) - timedelta(seconds=seconds), usegmt=True)
    about = {"HTTPStatusCode": 403, "HTTPHeaders": {"date": date}}
    return ClientError({"Error": {"Code": name, "Message": "m"}, "ResponseMetadata": about}, "DescribeVpcs")


@pytest.mark.parametrize("name", sorted(SKEWED))
def test_a_wrong_clock_is_told_of(name):
    assert explain(at(7210, name)) == (
        "expired",
        f"DescribeVpcs: this machine's clock is 120 minutes ahead of AWS's ({name})",
    )
    assert "10 minutes behind" in explain(at(-610, name))[1]
    assert "clock" not in explain(at(60, name))[1]


@pytest.mark.parametrize("said", [None, "", "yesterday", "Tue, 99 Foo 2026 00:00:00 GMT"])
def test_a_date_that_is_none_says_nothing_of_the_clock(said):
    error = at(0)
    error.response["ResponseMetadata"]["HTTPHeaders"] = {} if said is None else {"date": said}
    assert skew(error) is None
    assert skew(KeyError()) is None
