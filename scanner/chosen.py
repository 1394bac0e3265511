"""Which checks and which types the selectors leave: --check, --service, --type, --category and --framework."""

from __future__ import annotations

from collections.abc import Sequence

from checks import REGISTRY, TAGGED, Check, select
from checks.frameworks import NAMES
from scanner import agreed
from scanner.aws.collector import Collector
from scanner.collectors import collectors
from scanner.needs import needs, with_neighbours
from scanner.settings import Settings, SettingsError


def chosen(asked: Settings) -> list[Check]:
    """The checks that the selectors leave. Raises SettingsError for an unknown id, or where none is left."""
    for pattern in asked.checks:
        if not select(checks=[pattern]):
            raise SettingsError(f"--check {pattern}: there is no such check; `driftline checks list` names them all")
    for name in asked.frameworks:
        if not select(frameworks=[NAMES[name]]):
            raise SettingsError(f"--framework {name}: no check is mapped to it; `driftline checks list` names them all")
    agreed.check_named(asked, REGISTRY)
    if found := _fitting(asked):
        return found
    raise SettingsError("no check fits these selectors; `driftline checks list` names them all")


def _fitting(asked: Settings) -> list[Check]:
    types = [TAGGED, *(each.type for each in collectors_of(asked))] if asked.services or asked.types else []
    frameworks = [NAMES[each] for each in asked.frameworks]
    fitting = select(checks=asked.checks, types=types, categories=asked.categories, frameworks=frameworks)
    return agreed.kept(fitting, asked)


def asks_prices(asked: Settings, kinds: Sequence[str] = ("check",)) -> bool:
    """Whether a check that the selectors leave tells what a failure costs."""
    return "check" in kinds and any(each.monthly for each in _fitting(asked))


def collectors_of(asked: Settings) -> list[Collector]:
    """The collectors that --service and --type leave; all where neither is given."""
    for type in asked.types:
        if not any(each.type == type for each in collectors()):
            raise SettingsError(f"--type {type}: no collector reads that type; see scanner/collectors/README.md")
    for service in asked.services:
        if not any(_is_of(each, (service,)) for each in collectors()):
            known = ", ".join(sorted({each.service for each in collectors()}))
            raise SettingsError(f"--service {service}: no collector reads that service; choose from {known}")
    return [
        each
        for each in collectors()
        if (not asked.types or each.type in asked.types) and (not asked.services or _is_of(each, asked.services))
    ]


def runs(asked: Settings) -> Sequence[Collector]:
    """The collectors that a scan, or an inventory, by these selectors runs; for --check those that checks read."""
    if asked.checks:
        return needs(collectors_of(asked), chosen(asked), None, drift=False, everything=False).collectors
    return with_neighbours(collectors(), [each.type for each in collectors_of(asked)]).collectors


def _is_of(collector: Collector, services: Sequence[str]) -> bool:
    """S3's settings of an account as a whole are kept by another service, s3control."""
    return collector.service in services or collector.service.removesuffix("control") in services
