"""Which checks and which types the selectors leave: --check, --service, --type, --category and --framework."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from checks import REGISTRY, TAGGED, Check, select
from checks.frameworks import NAMES
from checks.reads import texts
from scanner import agreed
from scanner.aws.collector import Collector
from scanner.collectors import collectors, schemas
from scanner.near import meant
from scanner.needs import needs, with_neighbours
from scanner.settings import Settings, SettingsError
from state import Inventory
from state.schema import types_inside

ALL_CHECKS = "`driftline checks list` names them all"


def chosen(asked: Settings) -> list[Check]:
    """The checks that the selectors leave. Raises SettingsError for an unknown id, or where none is left."""
    for pattern in asked.checks:
        if not select(checks=[pattern]):
            raise SettingsError(f"--check {pattern}: there is no such check{meant(pattern, REGISTRY, ALL_CHECKS)}")
    for name in asked.frameworks:
        if not select(frameworks=[NAMES[name]]):
            raise SettingsError(f"--framework {name}: no check is mapped to it; {ALL_CHECKS}")
    agreed.check_named(asked, REGISTRY)
    if found := _fitting(asked):
        return found
    raise SettingsError(f"no check fits these selectors; {ALL_CHECKS}")


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
    types = {each.type for each in collectors()}
    for type in asked.types:
        if type not in types:
            near = meant(type, types, "scanner/collectors/README.md names them all")
            raise SettingsError(f"--type {type}: no collector reads that type{near}")
    for service in asked.services:
        if not any(_is_of(each, (service,)) for each in collectors()):
            known = sorted({each.service for each in collectors()})
            near = meant(service, known, f"choose from {', '.join(known)}")
            raise SettingsError(f"--service {service}: no collector reads that service{near}")
    return [
        each
        for each in collectors()
        if (not asked.types or each.type in asked.types) and (not asked.services or _is_of(each, asked.services))
    ]


def reading(asked: Settings, kinds: Sequence[str] = ("drift",)) -> list[Collector]:
    """Those that a scan has to run: for drift also those of the parts, since a rule added to a group is its drift."""
    found = collectors_of(asked)
    return _with_parts(found) if "drift" in kinds and asked.parts else found


def _with_parts(found: Iterable[Collector]) -> list[Collector]:
    types, inside = {each.type for each in found}, types_inside(schemas())
    while more := {part for type in types for part in inside.get(type, ())} - types:
        types |= more
    return [each for each in collectors() if each.type in types]


def neighbours(found: Iterable[Collector], kinds: Sequence[str] = ("drift",)) -> list[Collector]:
    """Those besides that tell whose these things are, and by whose doing they are not as declared.

    A target that an Auto Scaling group registered is no drift, nor is a number within the bounds of what scales it.
    To know what ``imports`` want to, all neighbours are read.
    """
    if "drift" not in kinds or "imports" in kinds:
        return []
    known = {each.type: each for each in collectors()}
    asked = {each.type for each in found}
    types = set(asked)
    while more := {each for type in types for each in _tell_owner(known[type]) & known.keys()} - types:
        types |= more
    rules = [rule for type in asked for rule in known[type].schema.excuses.values()]
    types |= {each for rule in rules for each in texts(rule) & known.keys()}
    return [each for each in collectors() if each.type in types - asked]


def _tell_owner(collector: Collector) -> frozenset[str]:
    return texts(collector.owned) if collector.owned else frozenset()


def left_out(asked: Settings, declared: Inventory) -> Iterator[str]:
    """Of what is declared, the parts of which those that somebody added are not told, as these selectors want it."""
    read, inside = {each.type for each in reading(asked)}, types_inside(schemas())
    of_managed = {type: parts for type, parts in inside.items() if declared.of(type)}
    if some := [type for type, parts in of_managed.items() if type in read and not read.issuperset(parts)]:
        yield f"parts of {', '.join(sorted(some))} were not read (--no-parts): what was added to them is not told"
    for type, parts in of_managed.items():
        if type not in read and not asked.everything and (alone := read.intersection(parts)):
            yield f"{', '.join(sorted(alone))}: one that was added is told as drift of its {type}; add --type {type}"


def runs(asked: Settings) -> Sequence[Collector]:
    """The collectors that scans and inventories by these selectors run; for --check those that checks read."""
    if asked.checks:
        return needs(collectors_of(asked), chosen(asked), None, drift=False, everything=False).collectors
    found = reading(asked)
    return with_neighbours(collectors(), [each.type for each in (*found, *neighbours(found))]).collectors


def _is_of(collector: Collector, services: Sequence[str]) -> bool:
    """S3's settings of an account as a whole are kept by another service, s3control."""
    return collector.service in services or collector.service.removesuffix("control") in services
