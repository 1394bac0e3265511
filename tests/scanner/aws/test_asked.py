"""A detail that only comparing takes is asked for where something is declared, and what is missing from it is not."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest

from scanner.aws.asked import NOT_ASKED
from scanner.collectors import collectors, schemas
from scanner.needs import needs
from state import Inventory, Resource
from state.drift import Comparison, drift
from tests.conftest import ACCOUNT, REGION, read

STORES = [
    each
    for each in collectors()
    if each.type in {"aws_dynamodb_table", "aws_s3_bucket", "aws_s3_bucket_policy", "aws_s3_bucket_versioning"}
]
QUEUES = [each for each in collectors() if each.service == "sqs"]


OPEN = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}],
}


def table(name: str, **about: Any) -> Resource:
    return Resource(type="aws_dynamodb_table", **({"id": name, "identity": name} | about), attributes={"ttl": []})


def bucket(name: str, **about: Any) -> Resource:
    return Resource(type="aws_s3_bucket", **({"id": name, "identity": name} | about), attributes={"bucket": name})


@pytest.fixture
def stores(aws: Any) -> None:
    """Two of each, all of them changed by hand."""
    dynamodb, s3 = aws("dynamodb"), aws("s3")
    for name in ("ours", "theirs"):
        dynamodb.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        )
        expiry = {"Enabled": True, "AttributeName": "until"}
        dynamodb.update_time_to_live(TableName=name, TimeToLiveSpecification=expiry)
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})


def looked(declared: Iterable[Resource], of: Any = STORES, *, everything: bool = False) -> Inventory:
    """What a scan for drift sees."""
    state = Inventory(declared)
    found = needs(of, [], state, drift=True, everything=everything)
    return read(*found.collectors, declared=state.resources, wanted=found.want)


def rows(live: Inventory, declared: Iterable[Resource]) -> list[tuple[str, str, list[str]]]:
    found: Comparison = drift(live, Inventory(declared), schemas())
    return [(each.kind.value, each.resource.name, [change.path for change in each.changes]) for each in found.drift]


def unasked(live: Inventory) -> dict[str, set[str]]:
    """The attributes of each table that nobody asked for."""
    tables = live.of("aws_dynamodb_table")
    return {each.name: {name for name, why in each.unknown.items() if why == NOT_ASKED} for each in tables}


def test_what_is_not_declared_is_listed_and_its_details_are_not_asked_for(stores: None) -> None:
    declared = [table("ours"), bucket("ours")]
    live = looked(declared)
    assert "ttl" not in unasked(live)["ours"]
    assert "ttl" in unasked(live)["theirs"]
    assert [each.name for each in live.of("aws_s3_bucket_versioning")] == ["ours"]
    assert sorted(each.name for each in live.of("aws_s3_bucket")) == ["ours", "theirs"]
    assert live.gaps == []
    assert rows(live, declared) == rows(read(*STORES), declared)


def test_parts_count_as_unmanaged_where_everything_is_asked_for(stores: None) -> None:
    live = looked([bucket("ours")], everything=True)
    assert sorted(each.name for each in live.of("aws_s3_bucket_versioning")) == ["ours", "theirs"]


@pytest.mark.parametrize(
    "ours",
    [
        {},
        {"id": "", "identity": "ours"},
        {"id": "of another form", "identity": "ours"},
        {"id": "ours", "identity": "of another form"},
    ],
)
def test_what_is_declared_is_told_by_any_of_its_names(stores: None, ours: dict[str, str]) -> None:
    assert "ttl" not in unasked(looked([table("ours", **ours)]))["ours"]


def test_a_thing_that_is_declared_without_an_id_may_be_any_of_them(stores: None) -> None:
    live = looked([table("planned", id="", identity="")])
    assert {name: "ttl" in names for name, names in unasked(live).items()} == {"ours": False, "theirs": False}


def test_a_setting_that_is_declared_alone_is_looked_for_where_it_is(stores: None) -> None:
    """The bucket itself may be declared in a state that nobody named."""
    versioning = Resource(type="aws_s3_bucket_versioning", id="theirs", identity="theirs", attributes={})
    live = looked([versioning])
    assert [each.name for each in live.of("aws_s3_bucket_versioning")] == ["theirs"]
    assert [row for row in rows(live, [versioning]) if row[0] == "missing"] == []


def test_a_policy_added_by_hand_to_a_queue_that_is_declared_by_another_address(aws: Any) -> None:
    """A queue's URL has had several forms; its policy is found all the same."""
    sqs = aws("sqs")
    for name in ("ours", "theirs"):
        sqs.create_queue(QueueName=name, Attributes={"Policy": json.dumps(OPEN)})
    url = f"https://{REGION}.queue.amazonaws.com/{ACCOUNT}/ours"
    queue = Resource(type="aws_sqs_queue", id=url, identity="ours", account=ACCOUNT, region=REGION)
    live = looked([queue], QUEUES)
    assert [each.name.rpartition("/")[2] for each in live.of("aws_sqs_queue_policy")] == ["ours"]
