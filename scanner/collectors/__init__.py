"""Every collector, one module per AWS service, found by being in this folder."""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import import_module

import msgspec

from scanner.aws.collector import Collector
from state.noise import NOT_ASKED
from state.schema import Schema


@cache
def collectors() -> tuple[Collector, ...]:
    """Each module's COLLECTORS, in the order of their types."""
    modules = (import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__))
    return tuple(sorted((each for module in modules for each in module.COLLECTORS), key=lambda each: each.type))


@cache
def schemas() -> Mapping[str, Schema]:
    """What the readers and the comparison need to know of each type; a subject is never declared, and so has none."""
    return {each.type: each.schema for each in collectors() if each.type.startswith("aws_")}


def without_code_hashes(known: Mapping[str, Schema]) -> Mapping[str, Schema]:
    """Where functions are deployed apart from Terraform: what code they run is told apart from drift."""
    function = known["aws_lambda_function"]
    excuses = dict.fromkeys(("code_sha256", "source_code_hash"), lambda found: NOT_ASKED)
    return {**known, function.type: msgspec.structs.replace(function, excuses={**function.excuses, **excuses})}
