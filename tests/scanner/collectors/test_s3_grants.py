from __future__ import annotations

from typing import Any

import pytest

from scanner.collectors import s3, s3_grants
from state.drift import Kind
from tests.scanner.collectors.test_s3 import bucket, compare, declared, old, only, told, told_of_bucket

ALL = [s3.BUCKET, *s3_grants.COLLECTORS]
OWNER = "75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a"  # of every bucket of moto's
ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers"


def to_owner(**about: str) -> dict[str, Any]:
    return {"grantee": [{"type": "CanonicalUser", "id": OWNER, **about}], "permission": "FULL_CONTROL"}


def to_all(**about: str) -> dict[str, Any]:
    return {"grantee": [{"type": "Group", "uri": ALL_USERS, **about}], "permission": "READ"}


def access(*grants: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"grant": list(grants), "owner": [{"id": OWNER, "display_name": "somebody"}]}]


def names(rows: Any) -> set[Any]:
    return s3_grants.granted(rows)


def test_an_acl(aws):
    bucket(aws).put_bucket_acl(Bucket="orders", ACL="public-read")
    nobody = {"display_name": None, "email_address": None}
    found = dict(only(s3_grants.ACL).attributes)
    [policy] = found.pop("access_control_policy")
    assert found == {"bucket": "orders", "acl": "public-read"}
    assert policy["owner"] == [{"display_name": "webfile", "id": OWNER}]
    assert sorted(policy["grant"], key=str) == sorted(
        [
            {
                "grantee": [{**nobody, "id": OWNER, "type": "CanonicalUser", "uri": None}],
                "permission": "FULL_CONTROL",
            },
            {"grantee": [{**nobody, "id": None, "type": "Group", "uri": ALL_USERS}], "permission": "READ"},
        ],
        key=str,
    )


LOG_DELIVERY = "http://acs.amazonaws.com/groups/s3/LogDelivery"
USERS = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"

# In full, since moto keeps one of the two grants of public-read-write and of log-delivery-write.
IN_FULL = {
    "private": [],
    "public-read": [(ALL_USERS, "READ")],
    "public-read-write": [(ALL_USERS, "WRITE"), (ALL_USERS, "READ")],
    "authenticated-read": [(USERS, "READ")],
    "log-delivery-write": [(LOG_DELIVERY, "READ_ACP"), (LOG_DELIVERY, "WRITE")],
}


def grant(client: Any, name: str, *to: tuple[str, str]) -> None:
    owner = {"Grantee": {"Type": "CanonicalUser", "ID": OWNER}, "Permission": "FULL_CONTROL"}
    groups = [{"Grantee": {"Type": "Group", "URI": uri}, "Permission": permission} for uri, permission in to]
    policy = {"Grants": [owner, *groups], "Owner": {"ID": OWNER}}
    client.put_bucket_acl(Bucket=name, AccessControlPolicy=policy)


@pytest.mark.parametrize("name", IN_FULL)
def test_a_canned_acl_is_known_by_its_grants(aws, name):
    grant(bucket(aws), "orders", *IN_FULL[name])
    assert only(s3_grants.ACL)["acl"] == name
    assert told(compare(old(acl=name, grant=[]), collectors=ALL)) == []


@pytest.mark.parametrize("name", ["bucket-owner-read", "bucket-owner-full-control"])
def test_a_canned_acl_of_objects_says_nothing_of_the_bucket(aws, name):
    bucket(aws)
    assert told(compare(old(acl=name, grant=[]), collectors=ALL)) == []


def test_grants_that_are_no_canned_acl(aws):
    grants = [{"Grantee": {"Type": "CanonicalUser", "ID": "another"}, "Permission": "READ"}]
    bucket(aws).put_bucket_acl(Bucket="orders", AccessControlPolicy={"Grants": grants, "Owner": {"ID": OWNER}})
    assert only(s3_grants.ACL)["acl"] is None


def test_an_acl_declared_by_itself(aws):
    client = bucket(aws)
    client.put_bucket_acl(Bucket="orders", ACL="public-read")
    policy = access(to_all(display_name="", id=""), to_owner(display_name="", uri=""))
    acl = declared("aws_s3_bucket_acl", bucket="orders", id="orders,public-read", access_control_policy=policy)
    wanted = [old(acl=None, grant=[{"id": OWNER, "type": "CanonicalUser", "permissions": ["FULL_CONTROL"]}]), acl]
    assert told(compare(*wanted, collectors=ALL)) == []
    client.put_bucket_acl(Bucket="orders", ACL="private")
    [[kind, type, [[path, before, after]]]] = told(compare(*wanted, collectors=ALL))
    assert (kind, type, path) == (Kind.CHANGED, "aws_s3_bucket_acl", "access_control_policy[0].grant")
    assert names(before) - names(after) == {("Group", ALL_USERS, "READ")}


def test_grants_in_the_bucket(aws):
    client = bucket(aws)
    grant = [{"id": OWNER, "type": "CanonicalUser", "uri": "", "permissions": ["FULL_CONTROL"]}]
    assert told(compare(old(acl="private", grant=grant), collectors=ALL)) == []
    client.put_bucket_acl(Bucket="orders", ACL="public-read")
    for wanted in (old(acl="private", grant=grant), old(acl="private", grant=[])):
        [[kind, type, [[path, _, after]]]] = told(compare(wanted, collectors=ALL))
        assert (kind, type, path) == (Kind.CHANGED, "aws_s3_bucket", "grant")
        assert ("Group", ALL_USERS, "READ") in names(after)


def test_an_acl_that_nobody_declares_is_a_change_unless_it_is_private(aws):
    client = bucket(aws)
    assert told(compare(old(), collectors=ALL)) == []
    client.put_bucket_acl(Bucket="orders", ACL="public-read")
    [[kind, type, [[path, before, _]]]] = told(compare(old(), collectors=ALL))
    assert (kind, type, path, before) == (Kind.CHANGED, "aws_s3_bucket", "grant", None)


# --- logging --------------------------------------------------------------------------------------


def log(aws: Any, **about: Any) -> Any:
    client = bucket(aws)
    grant(bucket(aws, "logs"), "logs", *IN_FULL["log-delivery-write"])
    enabled = {"TargetBucket": "logs", "TargetPrefix": "orders/", **about}
    client.put_bucket_logging(Bucket="orders", BucketLoggingStatus={"LoggingEnabled": enabled})
    return client


def test_logging(aws):
    log(aws, TargetGrants=[{"Grantee": {"Type": "Group", "URI": ALL_USERS}, "Permission": "READ"}])
    nobody = {"display_name": "", "email_address": None, "id": ""}
    assert only(s3_grants.LOGGING).attributes == {
        "bucket": "orders",
        "target_bucket": "logs",
        "target_grant": [{"grantee": [{**nobody, "type": "Group", "uri": ALL_USERS}], "permission": "READ"}],
        "target_object_key_format": [],
        "target_prefix": "orders/",
    }


def test_logging_declared_by_itself(aws):
    client = log(aws)
    wanted = declared(
        "aws_s3_bucket_logging",
        bucket="orders",
        target_bucket="logs",
        target_grant=[],
        target_object_key_format=[{"partitioned_prefix": [], "simple_prefix": [None]}],
        target_prefix="orders/",
    )
    both = [old(logging=[]), wanted]
    assert told(compare(*both, collectors=[s3.BUCKET, s3_grants.LOGGING]))[1:] == []
    client.put_bucket_logging(Bucket="orders", BucketLoggingStatus={})
    result = told(compare(*both, collectors=[s3.BUCKET, s3_grants.LOGGING]))
    assert (Kind.MISSING, "aws_s3_bucket_logging", []) in result


def test_logging_in_the_bucket(aws):
    client = log(aws)
    logs = declared("aws_s3_bucket", bucket="logs", acl="log-delivery-write")
    copy = {"target_bucket": "logs", "target_prefix": "orders/"}
    assert told(compare(old(logging=[copy]), logs, collectors=ALL)) == []
    assert told(compare(old(logging=[]), logs, collectors=ALL)) == told_of_bucket(("logging[0]", None, copy))
    assert told(compare(old(logging=[copy | {"target_prefix": ""}]), logs, collectors=ALL)) == told_of_bucket(
        ("logging[0].target_prefix", "", "orders/")
    )
    client.put_bucket_logging(Bucket="orders", BucketLoggingStatus={})
    assert told(compare(old(logging=[copy]), logs, collectors=ALL)) == told_of_bucket(("logging[0]", copy, None))


def test_partitioned_keys_are_not_simple_ones():
    form = s3_grants.LOGGING.schema.forms["target_object_key_format"]
    by_event = [{"partitioned_prefix": [{"partition_date_source": "EventTime"}], "simple_prefix": []}]
    by_delivery = [{"partitioned_prefix": [{"partition_date_source": "DeliveryTime"}], "simple_prefix": None}]
    simple = [{"partitioned_prefix": [], "simple_prefix": [{}]}]
    assert list(form.differences("x", simple, [])) == []
    assert list(form.differences("x", by_event, [by_event[0] | {"simple_prefix": None}])) == []
    assert list(form.differences("x", by_event, by_delivery)) != []
    assert list(form.differences("x", simple, by_event)) != []
