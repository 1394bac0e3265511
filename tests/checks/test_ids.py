"""An id names one finding for good: no two things of a large organization share one, whatever they are called."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable

from checks import REGISTRY, Finding, Terms, run
from scanner.collectors import schemas
from scanner.demo.company import READ
from scanner.journey import scan
from scanner.settings import Settings
from state.drift import drift_id
from state.resource import Resource
from tests.bench.apart import SETTINGS, endpoint
from tests.bench.pairs import inventories
from tests.bench.world import World

COPIES = 3


def twice(ids: Iterable[str]) -> list[str]:
    return [id for id, times in Counter(ids).items() if times > 1]


def of_one_thing(findings: Iterable[Finding]) -> list[Finding]:
    """The findings but those of all that could not be read, and of nothing at all."""
    return [each for each in findings if each.resource.id != "*"]


def drifts(resources: Iterable[Resource]) -> list[str]:
    return [drift_id(each) for each in resources if each.type.startswith("aws_")]


def test_in_a_large_organization_where_every_account_uses_the_same_names(monkeypatch) -> None:
    with endpoint(World(size=700, regions=2, accounts=COPIES, latency=0, limited=False)) as aws:
        for name, value in (SETTINGS | {"AWS_ENDPOINT_URL": aws.url}).items():
            monkeypatch.setenv(name, value)
        found = asyncio.run(scan(Settings(org=True, role_name="driftline", pace=10, types=READ)))
    names = Counter((each.type, each.id) for each in found.live.resources)
    assert len(found.live.resources) > 700 * COPIES
    assert sum(times == COPIES for times in names.values()) > 500, "the accounts are alike"
    assert twice(each.id for each in of_one_thing(found.findings)) == []
    assert twice(drifts(found.live.resources)) == []


def test_over_things_of_every_type() -> None:
    live, _ = inventories(COPIES * len(schemas()), schemas())
    findings = of_one_thing(run(REGISTRY.values(), live, Terms()))
    assert len({each.resource.type for each in findings}) > 200
    assert twice(each.id for each in findings) == []
    assert twice(drifts(live.resources)) == []
    assert {each.id for each in findings}.isdisjoint(drifts(live.resources))
