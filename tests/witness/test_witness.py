"""Drift as the real Terraform and AWS provider see it: nothing after an apply, the same after a change by hand."""

from __future__ import annotations

from collections.abc import Iterable, Set
from pathlib import Path

import boto3
import pytest

from checks.reads import texts
from scanner.collectors import collectors, schemas
from scanner.needs import needs
from state import Inventory, Resource
from state.drift import Drift, drift
from state.paths import first
from state.terraform.settle import settle
from tests.conftest import REGION, read
from tests.witness import values
from tests.witness.account import replay
from tests.witness.agreement import told
from tests.witness.case import NOTHING, Case, Row, cases, declared, terraforms
from tests.witness.fewer import FEWER
from tests.witness.not_made import NOT_MADE
from tests.witness.record import workspace
from tests.witness.terraform import Terraform, lacking, recorded

CASES = cases()
ROUNDS = [pytest.param(case, names, id=f"{case.name}-{n}") for case in CASES for n, names in enumerate(case.rounds, 1)]


def seen(wanted: Iterable[Resource], *, whole: bool = False) -> Inventory:
    """What is live of the types that a case declares, of their parts, and of the neighbours that tell noise from drift.

    As far as comparing takes, or the whole.
    """
    settled = settle(wanted, schemas())
    types = {each.type for each in settled}
    rules = [rule for type in types & schemas().keys() for rule in schemas()[type].excuses.values()]
    types |= {text for rule in rules for text in texts(rule) if text.startswith("aws_")}
    of_them = [each for each in collectors() if types & {each.type, each.parent and each.parent.type}]
    if whole:
        return read(*of_them, declared=settled)
    found = needs(of_them, [], Inventory(settled), drift=True, everything=False)
    return read(*found.collectors, declared=settled, wanted=found.want)


def compared(wanted: Iterable[Resource], live: Inventory) -> list[Drift]:
    comparison = drift(live, Inventory(settle(wanted, schemas())), schemas())
    assert comparison.gaps == []
    return comparison.drift


def unanswered(live: Inventory) -> Set[str | None]:
    return {each.operation for each in live.gaps}


def ours(found: Iterable[Drift]) -> set[Row]:
    rows: set[Row] = set()
    for each in found:
        name = each.resource.attributes.get("name") or each.resource.id
        address = each.declared.address if each.declared else f"{each.resource.type} {name}"
        attributes = {first(change.path) for change in each.changes} or {""}
        rows |= {(each.kind.value, address, attribute) for attribute in attributes}
    return rows


def apart(found: set[Row], reported: set[Row]) -> set[str]:
    """What only one of the two says, as changes.py explains it."""
    rows = {("ours", row) for row in found - reported} | {("terraform", row) for row in reported - found}
    return {f"{whose}: {' '.join(row)}".strip() for whose, row in rows}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_nothing_has_drifted_after_an_apply(aws, endpoint, case):
    replay(endpoint, case.account)
    live = seen(case.declared(), whole=True)
    for state in ("applied.tfstate", "terraform.tfstate"):
        assert apart(ours(compared(case.declared(state), live)), set()) == case.explained(NOTHING).keys()
    assert unanswered(live) == case.gaps


@pytest.mark.parametrize(("case", "changes"), ROUNDS)
def test_changes_by_hand_are_the_drift_that_terraform_reports(aws, endpoint, case, changes):
    replay(endpoint, case.account)
    for change in changes:
        case.changes[change](aws, case.state())
    live = seen(case.declared())
    found, reported = compared(case.declared(), live), [row for each in changes for row in case.drift(each)]
    assert apart(ours(found), terraforms(reported)) == {row for each in changes for row in case.explained(each)}, (
        changes
    )
    otherwise, explained = values.apart(found, reported), {leaf for each in changes for leaf in case.otherwise(each)}
    assert values.covered(otherwise, explained) == explained, changes
    assert unanswered(live) <= case.gaps, (
        "nothing else goes unseen; where the last of a kind went, nothing is asked about it"
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_change_that_neither_sees_would_show_nothing(case):
    assert [change for change in case.changes if not case.said(change) - case.always] == []


def test_each_type_is_held_or_says_why_it_is_not():
    collected = {each.type for each in collectors() if each.type.startswith("aws_")}
    held = told(CASES).keys() & collected
    assert sorted(collected - held) == sorted(NOT_MADE)


def test_each_type_is_changed_three_times_by_hand_or_says_why_it_is_not():
    collected = {each.type for each in collectors()}
    few = [type for type, about in told(CASES).items() if type in collected and len(about.changes) < 3]
    assert sorted(few) == sorted(FEWER)


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
