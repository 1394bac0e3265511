"""How much of what is live Terraform declares, and where the rest may come from."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from scanner.iac_coverage import NO_TAG, UNSEEN, IacCoverage, Share, groups, iac_coverage, owner_of
from state import Declaration, Gap, Inventory, Resource
from state.drift import drift
from state.forms import PLAIN
from state.resource import ANYTHING
from state.schema import Parent, Schema

ACCOUNT, OTHER, REGION = "123456789012", "222222222222", "eu-west-1"
BUCKET = Schema(
    type="aws_s3_bucket", identity=("bucket",), forms={"bucket": PLAIN}, at_default=lambda each: each.id == "as-made"
)
VERSIONING = Schema(
    type="aws_s3_bucket_versioning",
    identity=("bucket",),
    forms={"bucket": PLAIN},
    parent=Parent(type="aws_s3_bucket", by="bucket", part="versioning"),
)
QUEUE = Schema(type="aws_sqs_queue", forms={"name": PLAIN})
SCHEMAS = {each.type: each for each in (BUCKET, VERSIONING, QUEUE)}
TAGS = ("owner", "team")


def bucket(name: str, type: str = "aws_s3_bucket", account: str = ACCOUNT, **more: Any) -> Resource:
    return Resource(type=type, id=name, account=account, region=REGION, attributes={"bucket": name}, **more)


def declared(name: str, **more: Any) -> Resource:
    return bucket(name, declared=Declaration(address=f"aws_s3_bucket.{name}", source="prod.tfstate"), **more)


def counted(live: list[Resource], said: list[Resource], gaps: tuple[Gap, ...] = (), **more: Any) -> IacCoverage:
    here, there = Inventory(live), Inventory(said, gaps)
    return iac_coverage(here, drift(here, there, SCHEMAS, **more), SCHEMAS, TAGS, len(gaps))


LIVE = [
    bucket("orders", tags={"Owner": "shop"}),
    bucket("orders", "aws_s3_bucket_versioning"),
    bucket("by-hand", tags={"team": "shop"}),
    bucket("by-hand", "aws_s3_bucket_versioning"),
    bucket("as-made"),
    bucket("stack", owner="cloudformation: shop"),
    bucket("config", owner="aws"),
    bucket("jobs", "aws_sqs_queue", OTHER),
    bucket("over", facts={"pending_deletion": True}),
    Resource(type="account", id=ACCOUNT, account=ACCOUNT),
]


@pytest.mark.parametrize("everything", [False, True])
def test_what_somebody_could_declare_is_counted_and_nothing_else(everything):
    assert counted(LIVE, [declared("orders"), declared("lost")], everything=everything) == IacCoverage(
        declared=1,
        unmanaged=2,
        undecided=0,
        elsewhere={"cloudformation": 1, "aws": 1},
        accounts=[Share(name=ACCOUNT, declared=1, unmanaged=1), Share(name=OTHER, unmanaged=1)],
        types=[Share(name="aws_s3_bucket", declared=1, unmanaged=1), Share(name="aws_sqs_queue", unmanaged=1)],
        owners=[Share(name="shop", declared=1, unmanaged=1), Share(name=NO_TAG, unmanaged=1)],
        gaps=0,
    )


def test_what_another_service_made_counts_where_it_is_declared_all_the_same():
    found = counted([bucket("stack", owner="cloudformation: shop")], [declared("stack")])
    assert (found.declared, found.percent, dict(found.elsewhere)) == (1, 100, {})


@pytest.mark.parametrize("type", [ANYTHING, "aws_s3_bucket"])
def test_what_an_unread_state_may_declare_is_not_called_unmanaged(type):
    gap = Gap(type=type, account=ACCOUNT, region=REGION, reason="broken.tfstate: cut short")
    found = counted([bucket("orders"), bucket("by-hand")], [declared("orders")], (gap,))
    assert (found.declared, found.unmanaged, found.undecided, found.gaps, found.percent) == (1, 0, 1, 1, 100)


@pytest.mark.parametrize(("declared", "unmanaged", "percent"), [(999, 1, 99), (1, 0, 100), (0, 3, 0), (0, 0, None)])
def test_a_hundred_percent_is_all(declared, unmanaged, percent):
    nothing: dict[str, Any] = {"undecided": 0, "elsewhere": {}, "accounts": [], "types": [], "owners": [], "gaps": 0}
    assert IacCoverage(declared=declared, unmanaged=unmanaged, **nothing).percent == percent


@pytest.mark.parametrize(
    ("tags", "owner"),
    [({"TEAM": "b", "Owner": "a"}, "a"), ({"team": "b", "owner": ""}, "b"), ({"Name": "x"}, NO_TAG), ({}, NO_TAG)],
)
def test_whose_it_is_says_the_first_tag_of_those_asked_for(tags, owner):
    assert owner_of(bucket("a", tags=tags), TAGS) == owner


def test_a_tag_that_was_not_seen_is_not_missing():
    assert owner_of(bucket("a", unknown={"tags": "denied"}), TAGS) == UNSEEN


# --- where it may come from -----------------------------------------------------------------------


def grouped(*resources: Resource) -> Counter[tuple[str, str]]:
    return Counter({(each.owner, each.origin): len(each.resources) for each in groups(resources, TAGS)})


@pytest.mark.parametrize("tag", ["aws:createdBy", "created-by", "CreatedBy", "managed_by", "Creator", "provisioner"])
def test_a_tag_tells_what_made_it(tag):
    assert grouped(bucket("a", tags={tag: "pulumi", "owner": "shop"})) == {("shop", f"{tag}: pulumi"): 1}


def test_the_service_that_made_it_comes_before_what_tags_say():
    it = bucket("a", owner="cloudformation: shop", tags={"created-by": "ann"})
    assert grouped(it) == {(NO_TAG, "cloudformation: shop"): 1}


def test_names_that_begin_alike_are_of_one_origin_from_three_on():
    three = [bucket(name) for name in ("load-test-1", "load-test-2", "load_3", "load-4", "shop-a", "shop-b", "alone")]
    assert grouped(*three) == {(NO_TAG, "named load-…"): 3, (NO_TAG, ""): 4}


def test_an_id_that_aws_made_up_is_no_name_but_its_tag_is():
    ids = [bucket(f"sg-0a1b2c3d{n}", "aws_security_group") for n in range(4)]
    named = [bucket(f"sg-0a1b2c3e{n}", "aws_security_group", tags={"Name": f"web-{n}"}) for n in range(3)]
    assert grouped(*ids, *named) == {(NO_TAG, ""): 4, (NO_TAG, "named web-…"): 3}


def test_names_of_two_accounts_are_not_alike():
    assert grouped(bucket("a-1"), bucket("a-2"), bucket("a-3", account=OTHER)) == {(NO_TAG, ""): 3}


def test_the_largest_group_comes_first_and_tells_its_types():
    found = groups([bucket("a"), bucket("b"), bucket("q", "aws_sqs_queue"), bucket("c", tags={"owner": "shop"})], TAGS)
    assert [each.types for each in found] == [[("aws_s3_bucket", 2), ("aws_sqs_queue", 1)], [("aws_s3_bucket", 1)]]
