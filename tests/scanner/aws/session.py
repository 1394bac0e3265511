"""A session's beginning and end around a piece of work, for a test to say only what it wants to know."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from scanner.aws.errors import Refused
from scanner.aws.session import Access, Aws
from tests.conftest import REGION, run

Work = Callable[[Aws], Awaitable[Any]]
PLAIN = Access()


def scanning(work: Work, access: Access = PLAIN, **about: Any) -> Any:
    """What a piece of work finds out within a session."""

    async def inside() -> Any:
        async with Aws(access, **about) as aws:
            return await work(aws)

    return run(inside())


def refused(access: Access = PLAIN, **about: Any) -> str:
    """Why a session does not begin."""

    async def nothing(aws: Aws) -> None:
        raise AssertionError(aws.caller)

    with pytest.raises(Refused) as error:
        scanning(nothing, access, **about)
    return str(error.value)


def calling(service: str, operation: str, region: str = REGION, **arguments: Any) -> Work:
    return lambda aws: aws.at(region).call(service, operation, **arguments)
