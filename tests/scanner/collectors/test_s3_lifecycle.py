from __future__ import annotations

from typing import Any

import pytest

from scanner.collectors import s3, s3_lifecycle
from state.drift import Kind
from tests.scanner.collectors.test_s3 import bucket, compare, declared, old, only, told, told_of_bucket

ALL = [s3.BUCKET, s3_lifecycle.LIFECYCLE]

TIER = {
    "ID": "tier",
    "Status": "Enabled",
    "Filter": {"Prefix": ""},
    "Transitions": [{"Days": 90, "StorageClass": "GLACIER"}, {"Days": 30, "StorageClass": "STANDARD_IA"}],
    "Expiration": {"Days": 365},
}
SMALL = {
    "ID": "small",
    "Status": "Disabled",
    "Filter": {
        "And": {
            "Prefix": "tmp/",
            "Tags": [{"Key": "kind", "Value": "tmp"}, {"Key": "by", "Value": "batch"}],
        }
    },
    "NoncurrentVersionExpiration": {"NoncurrentDays": 10},
    "NoncurrentVersionTransitions": [{"NoncurrentDays": 5, "StorageClass": "GLACIER"}],
    "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
}
DATED = {"ID": "dated", "Status": "Enabled", "Filter": {"Tag": {"Key": "kind", "Value": "log"}}, "Expiration": {}}

NO_SCOPE = {"prefix": None, "object_size_greater_than": None, "object_size_less_than": None}
NOTHING: dict[str, Any] = {
    "abort_incomplete_multipart_upload": [],
    "expiration": [],
    "filter": [],
    "noncurrent_version_expiration": [],
    "noncurrent_version_transition": [],
    "prefix": None,
    "status": "Enabled",
    "transition": [],
}


def keep(aws: Any, *rules: Any) -> Any:
    client = bucket(aws)
    put(client, *rules)
    return client


def put(client: Any, *rules: Any) -> None:
    client.put_bucket_lifecycle_configuration(Bucket="orders", LifecycleConfiguration={"Rules": list(rules)})


def days(number: int) -> list[dict[str, Any]]:
    return [{"date": None, "days": number, "expired_object_delete_marker": None}]


def test_rules(aws):
    keep(aws, TIER, SMALL, DATED | {"Expiration": {"Date": "2030-01-01T00:00:00Z"}})
    found = only(s3_lifecycle.LIFECYCLE).attributes
    both = {"prefix": "tmp/", "tags": {"kind": "tmp", "by": "batch"}}
    assert found == {
        "bucket": "orders",
        "rule": [
            NOTHING
            | {
                "id": "tier",
                "filter": [NO_SCOPE | {"prefix": "", "and": [], "tag": []}],
                "expiration": days(365),
                "transition": [
                    {"date": None, "days": 90, "storage_class": "GLACIER"},
                    {"date": None, "days": 30, "storage_class": "STANDARD_IA"},
                ],
            },
            NOTHING
            | {
                "id": "small",
                "status": "Disabled",
                "filter": [NO_SCOPE | {"and": [NO_SCOPE | both], "tag": []}],
                "noncurrent_version_expiration": [{"newer_noncurrent_versions": None, "noncurrent_days": 10}],
                "noncurrent_version_transition": [
                    {"newer_noncurrent_versions": None, "noncurrent_days": 5, "storage_class": "GLACIER"}
                ],
                "abort_incomplete_multipart_upload": [{"days_after_initiation": 7}],
            },
            NOTHING
            | {
                "id": "dated",
                "filter": [NO_SCOPE | {"and": [], "tag": [{"key": "kind", "value": "log"}]}],
                "expiration": [{"date": "2030-01-01T00:00:00Z", "days": None, "expired_object_delete_marker": None}],
            },
        ],
        "transition_default_minimum_object_size": "all_storage_classes_128K",
    }


def alone(*rules: Any, **about: Any) -> list[Any]:
    return [old(), declared("aws_s3_bucket_lifecycle_configuration", bucket="orders", rule=list(rules), **about)]


WANTED = NOTHING | {
    "id": "tier",
    "filter": [{"and": [], "prefix": "", "tag": []}],
    "expiration": [{"date": None, "days": 365, "expired_object_delete_marker": False}],
    "prefix": "",
    "transition": [
        {"date": None, "days": 30, "storage_class": "STANDARD_IA"},
        {"date": "", "days": 90, "storage_class": "GLACIER"},
    ],
}


def test_the_order_of_rules_and_transitions_says_nothing(aws):
    keep(aws, SMALL, TIER)
    small = only(s3_lifecycle.LIFECYCLE)["rule"][0]
    wanted = alone(WANTED, small, transition_default_minimum_object_size=None)
    assert told(compare(*wanted, collectors=ALL)) == []


@pytest.mark.parametrize("scope", [[], [{}], [None], [{"prefix": "", "and": [], "tag": []}]])
def test_an_empty_filter_is_an_empty_prefix(aws, scope):
    keep(aws, TIER)
    assert told(compare(*alone(WANTED | {"filter": scope}), collectors=ALL)) == []


def test_a_prefix_beside_the_filter_is_one_in_it(aws):
    keep(aws, TIER | {"Filter": {"Prefix": "raw/"}})
    assert told(compare(*alone(WANTED | {"filter": [], "prefix": "raw/"}), collectors=ALL)) == []


# Of sizes and numbers of versions moto keeps nothing.
SIZED = {
    "ID": "sized",
    "Filter": {"And": {"ObjectSizeGreaterThan": 10, "ObjectSizeLessThan": 1000}},
    "NoncurrentVersionExpiration": {"NoncurrentDays": 10, "NewerNoncurrentVersions": 2},
}
AS_TEXT = {
    "id": "sized",
    "filter": [{"and": [{"object_size_greater_than": "10", "object_size_less_than": "1000"}]}],
    "noncurrent_version_expiration": [{"newer_noncurrent_versions": "2", "noncurrent_days": 10}],
}


def test_numbers_were_text_once():
    live = s3_lifecycle.rules([SIZED])
    [scope] = live[0]["filter"]
    assert scope["and"] == [
        {"prefix": None, "object_size_greater_than": 10, "object_size_less_than": 1000, "tags": None}
    ]
    assert live[0]["noncurrent_version_expiration"] == [{"newer_noncurrent_versions": 2, "noncurrent_days": 10}]
    form = s3_lifecycle.LIFECYCLE.schema.forms["rule"]
    wanted = live[0] | AS_TEXT
    assert list(form.differences("rule", [wanted], live)) == []
    less = wanted | {"noncurrent_version_expiration": [{"newer_noncurrent_versions": "", "noncurrent_days": 10}]}
    assert list(form.differences("rule", [less], live)) == [
        ("rule[0].noncurrent_version_expiration[0].newer_noncurrent_versions", "", 2)
    ]


def test_what_changed_in_a_rule(aws):
    keep(aws, TIER | {"Expiration": {"Days": 1}, "Filter": {"Tag": {"Key": "kind", "Value": ""}}}, SMALL)
    gone = NOTHING | {"id": "gone"}
    small = only(s3_lifecycle.LIFECYCLE)["rule"][1]
    assert told(compare(*alone(gone, WANTED), collectors=ALL)) == [
        (
            Kind.CHANGED,
            "aws_s3_bucket_lifecycle_configuration",
            [
                ("rule[0]", gone, None),
                ("rule[1].expiration[0].days", 365, 1),
                ("rule[1].filter[0].tags", None, {"kind": ""}),
                ("rule[small]", None, small),
            ],
        )
    ]


COPY = {
    "abort_incomplete_multipart_upload_days": 0,
    "enabled": True,
    "expiration": [{"date": "", "days": 365, "expired_object_delete_marker": False}],
    "id": "tier",
    "noncurrent_version_expiration": [],
    "noncurrent_version_transition": [],
    "prefix": "",
    "tags": None,
    "transition": [
        {"date": "", "days": 30, "storage_class": "STANDARD_IA"},
        {"date": "", "days": 90, "storage_class": "GLACIER"},
    ],
}


def test_rules_in_the_bucket(aws):
    dated = DATED | {"Expiration": {"Date": "2030-01-01T00:00:00Z"}}
    versions = {
        "ID": "versions",
        "Status": "Disabled",
        "Filter": {"And": {"Prefix": "old/", "Tags": [{"Key": "kind", "Value": "old"}]}},
        "NoncurrentVersionExpiration": {"NoncurrentDays": 7},
        "NoncurrentVersionTransitions": [{"NoncurrentDays": 3, "StorageClass": "GLACIER"}],
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 3},
    }
    client = keep(aws, TIER, dated, versions)
    copies = [
        COPY,
        COPY
        | {
            "id": "dated",
            "transition": [],
            "tags": {"kind": "log"},
            "expiration": [{"date": "2030-01-01", "days": 0, "expired_object_delete_marker": False}],
        },
        COPY
        | {
            "id": "versions",
            "enabled": False,
            "expiration": [],
            "transition": [],
            "prefix": "old/",
            "tags": {"kind": "old"},
            "noncurrent_version_expiration": [{"days": 7}],
            "noncurrent_version_transition": [{"days": 3, "storage_class": "GLACIER"}],
            "abort_incomplete_multipart_upload_days": 3,
        },
    ]
    assert told(compare(old(lifecycle_rule=copies), collectors=ALL)) == []
    put(client, TIER | {"Expiration": {"Days": 1}}, dated, versions | {"Status": "Enabled"})
    assert told(compare(old(lifecycle_rule=copies), collectors=ALL)) == told_of_bucket(
        ("lifecycle_rule[0].expiration[0].days", 365, 1), ("lifecycle_rule[2].status", "Disabled", "Enabled")
    )


def test_rules_that_came_and_went(aws):
    client = keep(aws, TIER)
    [rule] = only(s3_lifecycle.LIFECYCLE)["rule"]
    assert told(compare(old(lifecycle_rule=[]), collectors=ALL)) == told_of_bucket(("lifecycle_rule", None, [rule]))
    client.delete_bucket_lifecycle(Bucket="orders")
    [[kind, type, [[path, before, after]]]] = told(compare(old(lifecycle_rule=[COPY]), collectors=ALL))
    assert (kind, type, path, after) == (Kind.CHANGED, "aws_s3_bucket", "lifecycle_rule", None)
    assert [each["id"] for each in before] == ["tier"]
    assert told(compare(*alone(WANTED), collectors=ALL)) == [
        (Kind.MISSING, "aws_s3_bucket_lifecycle_configuration", [])
    ]
