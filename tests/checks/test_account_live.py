"""Checks of an account's contacts and of how its bill is split, over what a stand-in says of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from checks import REGISTRY, Finding, Status, Terms
from scanner.collectors import collectors
from tests.checks.live import FAIL, PASS, SKIPPED, UNKNOWN
from tests.conftest import read
from tests.scanner.standin import answering, refused

MAIN = {"CompanyName": "Acme", "FullName": "Ann", "PhoneNumber": "+353 1 234"}
NONE = refused("ResourceNotFoundException", status=404)


def of_account(
    check: str, answers: Mapping[str, Any], *types: str, paid: bool = False, terms: Terms | None = None
) -> Finding:
    with answering(answers):
        found = read(*(each for each in collectors() if each.type in types), paid=paid)
    [account] = found.of("account")
    return REGISTRY[check].judge(account, found, terms or Terms())


@pytest.mark.parametrize(
    ("main", "other", "status", "evidence"),
    [
        (MAIN, {"PhoneNumber": "+3535"}, PASS, {}),
        (MAIN, {"PhoneNumber": "+3531234"}, FAIL, {"aws_account_primary_contact.default.phone_number": "(sensitive)"}),
        (MAIN, None, FAIL, {"aws_account_primary_contact.default.phone_number": "(sensitive)"}),
        (
            MAIN | {"CompanyName": ""},
            {"PhoneNumber": "+3535"},
            FAIL,
            {
                "aws_account_primary_contact.default.company_name": "",
                "aws_account_primary_contact.default.full_name": "(sensitive)",
            },
        ),
    ],
)
def test_the_main_contact(main: Any, other: Any, status: Status, evidence: dict[str, str]) -> None:
    said = {"AlternateContact": {"AlternateContactType": "BILLING", **other}} if other else NONE
    answers = {"POST /getContactInformation": {"ContactInformation": main}, "POST /getAlternateContact": said}
    types = ("aws_account_primary_contact", "aws_account_alternate_contact")
    found = of_account("account-contact-details", answers, *types)
    assert (found.status, found.evidence) == (status, evidence)


def test_a_contact_nobody_may_read_is_unknown() -> None:
    answers = {"POST /getContactInformation": refused("AccessDeniedException", status=403)}
    found = of_account("account-contact-details", answers, "aws_account_primary_contact")
    said = "could not read aws_account_primary_contact: GetContactInformation: access denied (AccessDeniedException)"
    assert (found.status, found.message) == (UNKNOWN, said)


TAG = "aws_ce_cost_allocation_tag"


def tag(status: str) -> dict[str, Any]:
    return {"ListCostAllocationTags": {"CostAllocationTags": [{"TagKey": "CostCenter", "Status": status}]}}


@pytest.mark.parametrize(
    ("answers", "status", "evidence"),
    [
        (tag("Active"), PASS, {}),
        (tag("Inactive"), FAIL, {f"{TAG}.cost-center.status": "Inactive"}),
        ({"ListCostAllocationTags": {"CostAllocationTags": []}}, FAIL, {f"{TAG}.cost-center.status": None}),
        ({"ListCostAllocationTags": refused("AccessDeniedException")}, UNKNOWN, {}),
    ],
)
def test_what_the_bill_is_split_by(answers: Any, status: Status, evidence: dict[str, str]) -> None:
    found = of_account("tag-cost-allocation-inactive", answers, TAG, paid=True)
    assert (found.status, found.evidence) == (status, evidence)


def test_it_is_asked_only_by_who_pays_and_has_such_a_tag() -> None:
    found = of_account("tag-cost-allocation-inactive", tag("Active"), TAG)
    assert (found.status, found.message.rpartition("; ")[2]) == (UNKNOWN, "AWS charges for reading it: --paid")
    other = of_account("tag-cost-allocation-inactive", tag("Active"), TAG, terms=Terms(required_tags=("owner",)))
    assert other.status is SKIPPED
