"""Drift as the real Terraform and AWS provider see it: nothing after an apply, the same after a change by hand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Set
from pathlib import Path

import boto3
import pytest

from scanner.collectors import collectors, schemas
from state import Inventory, Resource
from state.drift import Comparison, drift
from state.terraform.settle import settle
from tests.conftest import REGION, read
from tests.witness.account import replay
from tests.witness.case import Case, Row, cases, declared, terraforms
from tests.witness.record import workspace
from tests.witness.terraform import Terraform, lacking, recorded

CASES = cases()
CHANGES = [(case, change) for case in CASES for change in case.changes]


def compared(wanted: Iterable[Resource]) -> tuple[Comparison, Set[str | None]]:
    """Of the types that a case declares, and of their parts; and the operations that were not answered."""
    settled = settle(wanted, schemas())
    types = {each.type for each in settled}
    live = read(*(each for each in collectors() if types & {each.type, each.parent and each.parent.type}))
    comparison = drift(live, Inventory(settled), schemas())
    assert comparison.gaps == []
    return comparison, {each.operation for each in live.gaps}


def ours(comparison: Comparison) -> set[Row]:
    rows: set[Row] = set()
    for each in comparison.drift:
        name = each.resource.attributes.get("name") or each.resource.id
        address = each.declared.address if each.declared else f"{each.resource.type} {name}"
        attributes = {re.split(r"[.\[]", change.path)[0] for change in each.changes} or {""}
        rows |= {(each.kind.value, address, attribute) for attribute in attributes}
    return rows


def apart(found: set[Row], reported: set[Row]) -> set[str]:
    """What only one of the two says, as changes.py explains it."""
    rows = {("ours", row) for row in found - reported} | {("terraform", row) for row in reported - found}
    return {f"{whose}: {' '.join(row)}".strip() for whose, row in rows}


@pytest.mark.parametrize("state", ["applied.tfstate", "terraform.tfstate"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_nothing_has_drifted_after_an_apply(aws, endpoint, case, state):
    replay(endpoint, case.account)
    comparison, gaps = compared(case.declared(state))
    assert apart(ours(comparison), set()) == case.explained("none").keys()
    assert gaps == case.gaps


@pytest.mark.parametrize(("case", "change"), CHANGES, ids=lambda each: getattr(each, "name", each))
def test_a_change_by_hand_is_the_drift_that_terraform_reports(aws, endpoint, case, change):
    replay(endpoint, case.account)
    case.changes[change](aws, case.state())
    comparison, gaps = compared(case.declared())
    found, reported = ours(comparison), terraforms(case.drift(change))
    assert apart(found, reported) == case.explained(change).keys()
    assert gaps <= case.gaps, "nothing else goes unseen; where the last of a kind went, nothing is asked about it"
    assert found | reported, "a change that neither sees shows nothing"


def shape(declared: Iterable[Resource]) -> dict[str, list[str]]:
    return {each.declared.address: sorted(each.attributes) for each in declared if each.declared}


@pytest.mark.terraform
@pytest.mark.skipif(bool(lacking()), reason=lacking() or "all is there")
def test_the_real_provider_says_it_again(aws):
    case = Case("roles")
    with workspace(case) as folder, recorded() as (endpoint, _):
        terraform = Terraform(Path(folder), endpoint)
        terraform.apply()
        assert shape(declared(Path(folder) / "terraform.tfstate")) == shape(case.declared("applied.tfstate"))
        assert terraform.drift() == case.drift("none")
        terraform.adopt()
        case.changes["trust_changed"](lambda name: boto3.client(name, REGION, endpoint_url=endpoint), case.state())
        assert terraform.drift() == case.drift("trust_changed")
