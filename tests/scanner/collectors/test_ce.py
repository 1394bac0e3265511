from scanner.collectors.ce import COST_ALLOCATION_TAG
from tests.conftest import read
from tests.scanner.aws.wire import json
from tests.scanner.compared import only, told, twin
from tests.scanner.standin import answering
from tests.scanner.whole import whole

LISTED = {"TagKey": "cost-center", "Type": "UserDefined", "Status": "Active", "LastUsedDate": "2026-11-01T00:00:00Z"}


def test_a_tag_that_the_bill_is_split_by():
    with answering({"ListCostAllocationTags": {"CostAllocationTags": [LISTED]}}):
        found = read(COST_ALLOCATION_TAG, paid=True)
    one = only(found, "aws_ce_cost_allocation_tag")
    assert whole(one) == {
        "its id": "cost-center",
        "its identity": "cost-center",
        "its arn": None,
        "its owner": None,
        "status": "Active",
        "tag_key": "cost-center",
        "type": "UserDefined",
    }
    assert {path for _, _, path in told(found, [COST_ALLOCATION_TAG], twin(one, status="Inactive"))} == {"status"}


def test_it_is_not_asked_for_nothing():
    with answering({}) as wire:
        found = read(COST_ALLOCATION_TAG)
    assert (wire.asked, list(found.gaps), found.of(COST_ALLOCATION_TAG.type)) == ([], [], ())


def test_tags_of_every_page():
    pages = [{"CostAllocationTags": [LISTED], "NextToken": "2"}, {"CostAllocationTags": [LISTED | {"TagKey": "team"}]}]
    with answering({"ListCostAllocationTags": lambda asked: json(pages["NextToken" in asked.body])}):
        found = read(COST_ALLOCATION_TAG, paid=True)
    assert sorted(each.id for each in found.of(COST_ALLOCATION_TAG.type)) == ["cost-center", "team"]
