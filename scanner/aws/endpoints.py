"""Where calls go, worked out once: botocore keeps what its rules come to, but a hundred for all clients of a process.

A scan of a few regions asks for more by turns, and a quarter of a small call's time is spent in these rules.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

BY_NAME = frozenset({"s3", "s3control"})
"""Services whose calls go where a name in them says, and where botocore has learnt since that it is to be found."""

MOST = 20_000
"""Endpoints kept of such a service: each of its buckets has one."""


def remember(client: Any) -> None:
    """Let a client keep the endpoints of its calls."""
    resolver = client._ruleset_resolver
    if client.meta.service_model.service_name in BY_NAME:
        rules = lru_cache(MOST)(resolver._provider.resolve_endpoint)
        resolver._provider = SimpleNamespace(resolve_endpoint=rules)
    elif resolver is not None:
        resolver.construct_endpoint = Known(resolver.construct_endpoint)


class Known:
    """What a resolver came to, for each region, operation, and what of its arguments the rules look at."""

    def __init__(self, resolve: Callable[..., Any]) -> None:
        self._resolve = resolve
        self._found: dict[tuple[Any, ...], Any] = {}

    async def __call__(self, operation_model: Any, call_args: Mapping[str, Any], request_context: Any) -> Any:
        looked_at = [call_args.get(each.member_name) for each in operation_model.context_parameters]
        key = request_context["client_region"], operation_model.name, repr(looked_at)
        if key not in self._found:
            self._found[key] = await self._resolve(operation_model, call_args, request_context)
        return self._found[key]
