from __future__ import annotations

import json
from typing import Any

import pytest

from scanner.collectors.s3_access_points import (
    ACCESS_POINT,
    ACCESS_POINT_POLICY,
    MULTI_REGION_ACCESS_POINT,
    MULTI_REGION_ACCESS_POINT_POLICY,
)
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.compared import only, told, twin
from tests.scanner.whole import whole

BOTH = [ACCESS_POINT, ACCESS_POINT_POLICY]
SHUT = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": False}
BLOCK = {
    "block_public_acls": True,
    "block_public_policy": True,
    "ignore_public_acls": True,
    "restrict_public_buckets": False,
}
POLICY = json.dumps({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}]})


@pytest.fixture
def point(aws: Any) -> Any:
    client = aws("s3control")
    made = client.create_access_point(
        AccountId=ACCOUNT, Name="readers", Bucket="orders", PublicAccessBlockConfiguration=SHUT
    )
    return client, made["AccessPointArn"]


def test_access_point(point):
    _, arn = point
    made = only(read(ACCESS_POINT), "aws_s3_access_point")
    assert whole(made) == {
        "its id": f"{ACCOUNT}:readers",
        "its identity": arn,
        "its arn": arn,
        "its owner": None,
        "account_id": ACCOUNT,
        "alias": made["alias"],
        "arn": arn,
        "bucket": "orders",
        "bucket_account_id": ACCOUNT,
        "endpoints": made["endpoints"],
        "has_public_access_policy": False,
        "name": "readers",
        "network_origin": "Internet",
        "public_access_block_configuration": [BLOCK],
    }
    found = read(*BOTH)
    assert told(found, BOTH, twin(made, policy="")) == told(found, BOTH, twin(made, policy="{}")) == set()
    wider = twin(made, public_access_block_configuration=[BLOCK | {"restrict_public_buckets": True}])
    path = "public_access_block_configuration[0].restrict_public_buckets"
    assert told(found, BOTH, wider) == {("changed", "aws_s3_access_point", path)}


def test_policy_has_two_homes(point):
    client, arn = point
    client.put_access_point_policy(AccountId=ACCOUNT, Name="readers", Policy=POLICY)
    found = read(*BOTH)
    made, policy = only(found, "aws_s3_access_point"), only(found, "aws_s3control_access_point_policy")
    assert whole(policy) | {"policy": POLICY} == {
        "its id": arn,
        "its identity": arn,
        "its arn": None,
        "its owner": None,
        "access_point_arn": arn,
        "policy": POLICY,
    }
    assert told(found, BOTH, twin(made, policy=POLICY)) == told(found, BOTH, twin(made), twin(policy)) == set()
    assert told(found, BOTH, twin(made, policy="")) == {("changed", "aws_s3_access_point", "policy")}


def test_multi_region_access_point(aws):
    client = aws("s3control", "us-west-2")
    client.create_multi_region_access_point(
        AccountId=ACCOUNT,
        ClientToken="once",
        Details={
            "Name": "everywhere",
            "PublicAccessBlock": SHUT,
            "Regions": [{"Bucket": "orders"}, {"Bucket": "copies"}],
        },
    )
    made = only(read(MULTI_REGION_ACCESS_POINT, regions=(REGION,)), "aws_s3control_multi_region_access_point")
    regions = made["details"][0]["region"]
    assert {each["bucket"] for each in regions} == {"orders", "copies"}
    assert whole(made) == {
        "its id": f"{ACCOUNT}:everywhere",
        "its identity": "everywhere",
        "its arn": f"arn:aws:s3::{ACCOUNT}:accesspoint/{made['alias']}",
        "its owner": None,
        "account_id": ACCOUNT,
        "alias": made["alias"],
        "arn": made.arn,
        "details": whole(made)["details"],
        "domain_name": f"{made['alias']}.accesspoint.s3-global.amazonaws.com",
        "status": made["status"],
    }
    assert list(read(MULTI_REGION_ACCESS_POINT_POLICY).of("aws_s3control_multi_region_access_point_policy")) == []
    client.put_multi_region_access_point_policy(
        AccountId=ACCOUNT, ClientToken="two", Details={"Name": "everywhere", "Policy": POLICY}
    )
    policy = only(read(MULTI_REGION_ACCESS_POINT_POLICY), "aws_s3control_multi_region_access_point_policy")
    assert (policy.id, policy.identity) == (made.id, "everywhere")
    assert policy["details"] == [{"name": "everywhere", "policy": POLICY}]
    both = [MULTI_REGION_ACCESS_POINT, MULTI_REGION_ACCESS_POINT_POLICY]
    spaced = [{"name": "everywhere", "policy": json.dumps(json.loads(POLICY), indent=2)}]
    backwards = [made["details"][0] | {"region": regions[::-1]}]
    assert told(read(*both), both, twin(policy, details=spaced), twin(made, details=backwards)) == set()
