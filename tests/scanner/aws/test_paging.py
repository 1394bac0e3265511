"""How our operations are paged, held to botocore's models: every page is asked for, as large as it may be."""

from __future__ import annotations

import asyncio
import html
import re
from functools import cache
from json import loads
from typing import Any

import pytest
from botocore.exceptions import DataNotFoundError, PaginationError, UnknownServiceError
from botocore.model import OperationModel, Shape

from scanner.aws import paging
from scanner.aws.session import Access, Aws
from scanner.collectors import collectors
from tests.cases import every
from tests.conftest import REGION
from tests.scanner.aws.wire import Answer, Asked, json, xml
from tests.scanner.standin import answering, in_xml
from tests.scanner.test_registry import PAGED, SESSION, called, full_name, operation, written

MORE = re.compile(
    r"next\w*(token|marker)|(next)?page(Token|Marker)|paginationtoken|marker|position|istruncated|hasmore\w*|"
    r"lastevaluated(?!at)\w*|\w*continuationtoken|additional\w*available",
    re.IGNORECASE,
)
"""How AWS names what says that there is more."""


# Operations that tell of a next page, by no token that would be followed for them.
BY_HAND = {
    "firehose:ListDeliveryStreams": "begins after the last name of the page before",
    "route53:ListReusableDelegationSets": "Marker is what was asked with, NextMarker the way on",
    **dict.fromkeys(
        (
            "s3:ListBucketAnalyticsConfigurations",
            "s3:ListBucketIntelligentTieringConfigurations",
            "s3:ListBucketInventoryConfigurations",
            "s3:ListBucketMetricsConfigurations",
        ),
        "ContinuationToken is what was asked with, NextContinuationToken the way on",
    ),
    **dict.fromkeys(
        (
            "cloudfront:ListCachePolicies",
            "cloudfront:ListContinuousDeploymentPolicies",
            "cloudfront:ListFieldLevelEncryptionConfigs",
            "cloudfront:ListFieldLevelEncryptionProfiles",
            "cloudfront:ListFunctions",
            "cloudfront:ListKeyGroups",
            "cloudfront:ListOriginRequestPolicies",
            "cloudfront:ListRealtimeLogConfigs",
            "cloudfront:ListResponseHeadersPolicies",
            "cloudfront:ListVpcOrigins",
        ),
        "the token stands in a map, and is called otherwise than in the request: by_marker follows it",
    ),
}
NO_MORE = {
    "ec2:SearchTransitGatewayRoutes": "has no further pages: a table with more routes is a gap",
    "firehose:DescribeDeliveryStream": "a stream has one destination",
    "firehose:ListTagsForDeliveryStream": "asked for 50, and a stream has no more",
    "iam:ListServiceSpecificCredentials": "of one user: two of each service, and a page has a hundred",
    "kinesis:ListTagsForStream": "asked for 50, and a stream has no more",
    "s3:ListObjectsV2": "one object is looked for by its key",
}


@cache
def whole() -> set[str]:
    """The operations whose pages are all asked for, as far as it is known how."""
    return {full_name(model) for each in collectors() for model in called(each)} | written(*PAGED)


def model(name: str) -> OperationModel:
    return operation(*name.split(":"))


def paginator(name: str) -> dict[str, Any]:
    """What botocore knows of an operation's pages."""
    service, _, short = name.partition(":")
    try:
        return dict(SESSION.get_paginator_model(service).get_paginator(short))
    except (UnknownServiceError, DataNotFoundError, ValueError):
        return {}


def says_more(name: str) -> bool:
    """Whether an answer may say that there is more than it tells."""
    shape = model(name).output_shape
    top = shape.members if shape else {}
    within = {inner for each in top.values() if each.type_name == "structure" for inner in each.members}
    return any(MORE.fullmatch(each) for each in {*top, *within})


def test_every_page_is_asked_for() -> None:
    followed = {name for name in whole() if paginator(name) or paging.token(model(name))}
    asked_once = (whole() - followed) | written("call")
    assert {name for name in asked_once if says_more(name) or paginator(name)} == BY_HAND.keys() | NO_MORE.keys()


# --- how large they are -----------------------------------------------------------------------------

MOST = re.compile(
    r"(?:between [\d,]+ and|through|range is [\d,]+ to|from [\d,]+ to|limit maximum is|returns a maximum of|"
    r"maximum(?: value| accepted value| allowed page size)?(?: is| of)?|"
    r"(?:value|number)(?: is)? greater than|no more than) ([1-9][\d,]*)",
    re.IGNORECASE,
)
DEFAULT = re.compile(r"(?i:default)(?: value| setting)?(?: is|:) (?:up to )?(\d+)|returns up to (\d+) results")


def limit(name: str) -> str | None:
    """The argument that says how large a page may be."""
    known = paginator(name)
    return known.get("limit_key") if known else paging.limit(model(name))


def prose(shape: Shape) -> str:
    return " ".join(html.unescape(re.sub("<[^>]+>", " ", shape.documentation)).split())


def numbers(pattern: re.Pattern[str], text: str) -> list[int]:
    return [int("".join(filter(None, each.groups())).replace(",", "")) for each in pattern.finditer(text)]


def most(shape: Shape) -> int | None:
    """The largest page that AWS documents, in the bounds of the argument or in prose."""
    told = [*numbers(MOST, prose(shape)), *filter(None, [shape.metadata.get("max")])]
    return min(told) if told and "Do not use this parameter" not in prose(shape) else None


@every(lambda: {name: name for name in sorted(whole()) if limit(name)})
def test_pages_are_as_large_as_aws_documents_and_no_larger(name: str) -> None:
    shape = model(name).input_shape.members[limit(name)]
    sent, largest = paging.size(model(name), limit(name)), most(shape)
    if largest is None:
        # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/Query-Requests.html#api-pagination
        assert sent == (paging.LARGEST if name.startswith("ec2:") else None)
    elif sent is None:
        assert largest in numbers(DEFAULT, prose(shape)), "what is given to whoever asks for none"
    else:
        assert sent == min(largest, paging.LARGEST)
        assert sent >= shape.metadata.get("min", 0)


def test_no_number_is_kept_for_what_is_not_asked() -> None:
    assert paging.OF_OPERATION.keys() <= whole()
    assert paging.OF_SERVICE.keys() <= {name.partition(":")[0] for name in whole()}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "This value can be between 5 and 500. If maxResults is larger, you receive an error.",
            500,
        ),
        ("Default: 100 Constraints: Minimum 20, maximum 100.", 100),
        ("The default value is 50 and the maximum value is <code>100</code>.", 100),
        ("If the value is greater than 1,000, we return only 1,000 items.", 1000),
        ("This parameter value must be greater than 0.", None),
        ("Not currently used. Do not use this parameter. Between 1 and 5.", None),
    ],
)
def test_what_aws_says_of_a_number_is_understood(text: str, told: int | None) -> None:
    assert most(Shape("MaxResults", {"type": "integer", "documentation": text})) == told


# --- what is sent -----------------------------------------------------------------------------------


def answered(service: str, name: str, **arguments: Any) -> Any:
    """All pages of an operation as one answer."""

    async def asking() -> Any:
        async with Aws(Access()) as session:
            return await session.at(REGION).whole(service, name, **arguments)

    return asyncio.run(asking())


def test_a_token_is_followed_where_botocore_knows_of_none() -> None:
    pages = [{"EventBuses": [{"Name": "a"}], "NextToken": "2"}, {"EventBuses": [{"Name": "b"}], "NextToken": ""}]
    with answering({"ListEventBuses": lambda asked: json(pages["NextToken" in asked.body])}) as aws:
        assert answered("events", "list_event_buses", NamePrefix="x")["EventBuses"] == [{"Name": "a"}, {"Name": "b"}]
    assert [loads(each.body) for each in aws.requests if each.action == "ListEventBuses"] == [
        {"NamePrefix": "x", "Limit": 100},
        {"NamePrefix": "x", "Limit": 100, "NextToken": "2"},
    ]


def test_an_operation_that_takes_nothing_and_has_no_pages_is_asked_once() -> None:
    with answering({"GetAccountSummary": xml("GetAccountSummary")}) as aws:
        assert answered("iam", "get_account_summary") == {}
    assert aws.asked == ["GetAccountSummary"]


def test_a_page_that_leads_to_itself_is_no_end() -> None:
    again = {"ListEventBuses": {"EventBuses": [], "NextToken": "2"}}
    with answering(again), pytest.raises(PaginationError, match="same next token was received twice"):
        answered("events", "list_event_buses")


def test_a_list_in_a_map_is_joined_too() -> None:
    pages = [
        {"KeyValueStoreList": {"MaxItems": 1, "Quantity": 1, "NextMarker": "2", "Items": [{"Name": "a"}]}},
        {"KeyValueStoreList": {"MaxItems": 1, "Quantity": 1, "Items": [{"Name": "b"}]}},
    ]

    def page(asked: Asked) -> Answer:
        return in_xml("cloudfront", "ListKeyValueStores", pages["Marker" in asked.path])

    with answering({"GET /2020-05-31/key-value-store": page}):
        found = answered("cloudfront", "list_key_value_stores")["KeyValueStoreList"]
    assert found["Items"] == [{"Name": "a"}, {"Name": "b"}]
