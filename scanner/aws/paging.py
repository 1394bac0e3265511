"""How an operation is paged: how many things are asked for at once, and by which token the next ones are."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

from botocore.exceptions import PaginationError
from botocore.model import OperationModel

from scanner.aws.place import Item

LARGEST = 1000
"""Things in a page, where AWS would give even more."""

OF_SERVICE = {"apigateway": 500, "autoscaling": 100, "dax": 100, "ec2": LARGEST}
"""The largest pages, where botocore's models say so in prose alone. EC2 halves the rate of whoever asks for none."""

OF_OPERATION = {
    "config:ListTagsForResource": 50,
    "ec2:DescribeHosts": 500,
    "ec2:DescribeLaunchTemplateVersions": 200,
    "ecs:ListServices": 100,
    "kinesis:ListStreams": 100,
    "kms:ListAliases": 100,
    "kms:ListGrants": 100,
    "kms:ListResourceTags": 50,
    "lambda:ListEventSourceMappings": 100,
    "lambda:ListFunctions": 50,
    "mq:ListConfigurations": 100,
    "resourcegroupstaggingapi:GetResources": 100,
    "route53:ListHealthChecks": LARGEST,
    "s3control:ListMultiRegionAccessPoints": None,
    "sesv2:ListEmailIdentities": LARGEST,
    "sqs:ListQueues": LARGEST,
}
"""And where that differs from what else is known. None is for a number that must not be sent.

SQS gives no token to whoever sends none, and so nothing after the first thousand queues.
"""

LIMITS = ("MaxResults", "maxResults", "Limit", "PageSize")
TOKENS = ("NextToken", "nextToken", "NextMarker")
"""What an answer calls the way to the next page, and the next request as well."""


def token(model: OperationModel) -> str | None:
    """The token of an operation that botocore takes for one that does not page; None where it does not indeed."""
    asked, told = model.input_shape, model.output_shape
    both = set(asked.members if asked else ()) & set(told.members if told else ())
    return next((each for each in TOKENS if each in both), None)


def size(model: OperationModel, limit: str | None) -> int | None:
    """The largest page that an operation gives, asked for in ``limit``; None where that is nowhere said."""
    if limit is None:
        return None
    service = model.service_model.service_name
    told = model.input_shape.members[limit].metadata.get("max") or OF_SERVICE.get(service)
    return OF_OPERATION.get(f"{service}:{model.name}", min(told, LARGEST) if told else None)


def limit(model: OperationModel) -> str | None:
    """Where it is said how many things a page of such an operation may have; None where it has no pages."""
    return next((each for each in LIMITS if token(model) and each in model.input_shape.members), None)


def onward(ask: Callable[..., Awaitable[Item]]) -> Callable[..., Awaitable[Item]]:
    """The same asking, of each page once. Raises PaginationError where one leads back to one that was read.

    botocore sees only where it leads to itself.
    """
    read: set[int] = set()

    def once(**page: Any) -> Awaitable[Item]:
        if (asked := hash(repr(page))) in read:
            raise PaginationError(message="The same next token was received twice")
        read.add(asked)
        return ask(**page)

    return once


async def by_token(
    ask: Callable[..., Awaitable[Item]], model: OperationModel, arguments: Mapping[str, Any]
) -> AsyncIterator[Item]:
    """Every page of such an operation."""
    name, asked = token(model), dict(arguments)
    if (most := limit(model)) and (largest := size(model, most)):
        asked = {most: largest} | asked
    while True:
        answer = await ask(**asked)
        yield answer
        if name is None or not (after := answer.get(name)):
            return
        asked[name] = after
