"""The handle that calls are made through. Knows nothing of how: what only declares calls need not wait for that."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scanner.aws.credentials import Keys
    from scanner.aws.session import Aws
    from scanner.aws.wire import Session

Item = dict[str, Any]
"""A thing as AWS tells it, and an answer."""


class Place:
    """One account in one region: the handle that calls are made through, and the only way to make one.

    Its account, region and credentials are bound in it. ``keys`` are the account's own unless given.
    """

    __slots__ = ("_keys", "aws", "region")

    def __init__(self, aws: Aws, region: str, keys: Keys | None = None) -> None:
        self.aws, self.region, self._keys = aws, region, keys

    @property
    def keys(self) -> Keys:
        return self._keys or self.aws.keys

    @property
    def account(self) -> str:
        return self.aws.account

    @property
    def partition(self) -> str:
        return self.aws.partition

    @property
    def session(self) -> Session:
        return self.aws.session

    @property
    def allowed(self) -> frozenset[str]:
        return self.aws.allowed

    def at(self, region: str) -> Place:
        return self.aws.at(region)

    async def call(self, service: str, operation: str, **arguments: Any) -> Item:
        """One answer of a boto3 operation (``describe_regions``); raises what botocore raises."""
        return await self.aws.wire.ask(self, service, operation, arguments)

    def pages(self, service: str, operation: str, **arguments: Any) -> AsyncIterator[Item]:
        """Every page of an operation, one at a time; one page where the API does not page."""
        return self.aws.wire.pages(self, service, operation, arguments)

    async def whole(self, service: str, operation: str, **arguments: Any) -> Item:
        """All pages of an operation as one answer, their lists joined; nothing of the way they came."""
        answer: Item = {}
        async for page in self.pages(service, operation, **arguments):
            page.pop("ResponseMetadata", None)
            answer = _joined(answer, page)
        return answer


def _joined(first: Any, more: Any) -> Any:
    """Two pages as one. CloudFront's lists stand in a map, beside what is told of each page."""
    if isinstance(first, list) and isinstance(more, list):
        return first + more
    if isinstance(first, dict) and isinstance(more, dict):
        return first | {name: _joined(first.get(name), value) for name, value in more.items()}
    return more
