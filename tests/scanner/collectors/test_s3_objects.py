"""Objects of buckets: those that are declared, and no others."""

from __future__ import annotations

import pytest

from scanner.collectors.s3_objects import OBJECT
from state import GLOBAL, Inventory
from tests.conftest import REGION, read
from tests.scanner.collectors.test_s3_denied import Refuse, refuse
from tests.scanner.compared import declared, told, twin

__all__ = ["refuse"]
KEYS = ("index.html", "a/b", "a/b/c", "a//b")


@pytest.fixture
def shop(aws):
    aws("s3").create_bucket(Bucket="shop", CreateBucketConfiguration={"LocationConstraint": REGION})
    for key in KEYS:
        aws("s3").put_object(Bucket="shop", Key=key, Body=key.encode())
    return aws("s3")


def wanted(key: str, bucket: str = "shop", **more):
    return declared("aws_s3_object", key, bucket=bucket, key=key, **more)


def sought(*things) -> Inventory:
    return read(OBJECT, declared=things)


def found(*things) -> list[str]:
    live = sought(*things)
    assert live.gaps == []
    return [each.id for each in live.of("aws_s3_object")]


def test_object(shop):
    [live] = sought(wanted("index.html")).of("aws_s3_object")
    assert (live.id, live.identity, live.region) == ("shop/index.html", "shop/index.html", REGION)
    assert live.arn == "arn:aws:s3:::shop/index.html"
    assert live.facts["size"] == 10
    assert live.attributes == {
        "arn": live.arn,
        "bucket": "shop",
        "etag": "eacf331f0ffc35d4b482f1d15a887d3b",
        "key": "index.html",
        "storage_class": "STANDARD",
        "tags": {},
    }


def test_only_what_is_declared_is_looked_for(shop):
    assert found() == []
    assert found(wanted("a/b"), wanted("a/b")) == ["shop/a/b"]
    assert found(wanted("a/b/c"), wanted("index.html")) == ["shop/a/b/c", "shop/index.html"]


def test_a_key_is_not_one_that_begins_with_it(shop):
    assert found(wanted("a"), wanted("index"), wanted("z")) == []


def test_the_provider_knows_no_empty_folders(shop):
    assert found(wanted("/a//b")) == ["shop/a/b"]
    [live] = sought(wanted("a/b")).of("aws_s3_object")
    assert told(Inventory([live]), [OBJECT], twin(live, key="/a//b")) == set()


def test_what_went_and_what_was_replaced(shop):
    def differences():
        return told(sought(*things), [OBJECT], *things)

    things = [wanted("a/b", etag="b9b6d4a3a0b2e2bd2e6f3c7e9a4b1c55"), wanted("index.html"), wanted("gone")]
    [live] = sought(wanted("a/b")).of("aws_s3_object")
    things[0] = twin(live)
    assert differences() == {("missing", "aws_s3_object", "")}
    shop.put_object(Bucket="shop", Key="a/b", Body=b"by hand", StorageClass="STANDARD_IA")
    shop.delete_object(Bucket="shop", Key="gone")
    assert differences() == {
        ("changed", "aws_s3_object", "etag"),
        ("changed", "aws_s3_object", "storage_class"),
        ("missing", "aws_s3_object", ""),
    }


def test_tags(shop):
    shop.put_object_tagging(Bucket="shop", Key="a/b", Tagging={"TagSet": [{"Key": "team", "Value": "shop"}]})
    seen = sought(wanted("a/b"), wanted("index.html")).of("aws_s3_object")
    assert [each.tags for each in seen] == [{"team": "shop"}, {}]
    things = [twin(each) for each in seen]
    shop.put_object_tagging(Bucket="shop", Key="a/b", Tagging={"TagSet": [{"Key": "team", "Value": "nobody"}]})
    assert told(sought(*things), [OBJECT], *things) == {("changed", "aws_s3_object", "tags.team")}


def test_who_may_not_read_tags_sees_the_object_all_the_same(shop, refuse: Refuse):
    refuse("/shop/index.html?tagging")
    seen = sought(wanted("index.html"))
    [live], [gap] = seen.of("aws_s3_object"), seen.gaps
    assert (gap.id, gap.attribute, gap.permission) == ("shop/index.html", "tags", "s3:GetObjectTagging")
    assert (live["etag"], "tags" in live.attributes) == ("eacf331f0ffc35d4b482f1d15a887d3b", False)


def test_an_object_in_a_bucket_of_somebody_else_is_not_seen(shop):
    live = sought(wanted("index.html"), wanted("index.html", bucket="theirs"))
    [gap] = live.gaps
    assert (gap.id, "may be in that of another" in gap.reason) == ("theirs/index.html", True)
    assert told(live, [OBJECT], wanted("index.html"), wanted("index.html", bucket="theirs")) == set()


def test_who_may_not_list_a_bucket_has_gaps_of_its_objects(shop, refuse: Refuse):
    refuse("/shop?list-type=2&prefix=index.html&max-keys=1&encoding-type=url")
    live = sought(wanted("index.html"), wanted("a/b"))
    [gap] = live.gaps
    assert (gap.type, gap.id, gap.region) == ("aws_s3_object", "shop/index.html", GLOBAL)
    assert gap.permission == "s3:ListBucket"
    assert told(live, [OBJECT], wanted("index.html"), wanted("a/b")) == set()
