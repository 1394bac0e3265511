"""Real states, where a folder of them is at hand: what every collector's declared side has to stand."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from scanner.aws.collector import Collector
from state import Inventory, Resource
from state.drift import drift
from state.terraform.errors import NotState
from state.terraform.settle import settle
from state.terraform.statefile import parse, resources
from tests.shared import FOLDER, STATES


def assert_corpus_equals_itself(collectors: Iterable[Collector]) -> None:
    """Every real resource of these types settles, and has not drifted from itself."""
    if not STATES:
        pytest.skip(f"no real states in {FOLDER}")
    schemas = {each.type: each.schema for each in collectors}
    read = 0
    for path in STATES:
        try:
            found = settle(resources(parse(path.read_bytes(), path.name), path.name), schemas)
        except NotState:
            continue
        declared = [_placed(each) for each in found if each.type in schemas]
        live = [each.replace(declared=None) for each in declared]
        result = drift(Inventory(live), Inventory(declared), schemas)
        assert (path.name, result.drift, result.gaps) == (path.name, [], [])
        assert all(each.identity for each in declared)
        read += len(result.pairs)
    assert read > 0


def _placed(each: Resource) -> Resource:
    return each.replace(account=each.account or "1", region=each.region or "r")
