"""What AWS and the network can answer, as a kind of gap and a sentence."""

import pytest
from botocore import exceptions
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

from scanner.aws.errors import DENIED, EXPIRED, INVALID, THROTTLED, UNSUPPORTED, Elsewhere, Malformed, code, explain

URL = "https://ec2.eu-west-1.amazonaws.com/"


def answered(name, status=400):
    return ClientError(
        {"Error": {"Code": name, "Message": "m"}, "ResponseMetadata": {"HTTPStatusCode": status}}, "DescribeVpcs"
    )


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
            "DescribeVpcs: An error occurred ({}) when calling the DescribeVpcs operation: m",
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
        (ConnectionResetError(), ("error", "ConnectionResetError")),
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
