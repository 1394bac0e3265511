import json

import pytest

from scanner.collectors.kms import ALIAS, COLLECTORS, EXTERNAL_KEY, KEY, KEY_POLICY, REPLICA_KEY, target_arn
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.compared import declared, only, told, twin
from tests.scanner.corpus import assert_corpus_equals_itself
from tests.scanner.standin import answering, refused
from tests.scanner.whole import whole

ARN = f"arn:aws:kms:{REGION}:{ACCOUNT}"
ID = "72693cd0-1bb2-44c8-a8e9-3cd861a0579d"
POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
                "Action": "kms:*",
                "Resource": "*",
            }
        ],
    }
)


def key(aws, **about):
    return aws("kms").create_key(Policy=POLICY, **about)["KeyMetadata"]["KeyId"]


def test_key(aws):
    id = key(aws, Description="orders", Tags=[{"TagKey": "team", "TagValue": "shop"}])
    aws("kms").enable_key_rotation(KeyId=id)
    found = only(read(KEY), "aws_kms_key")
    assert whole(found) == {
        "its id": id,
        "its identity": id,
        "its arn": f"{ARN}:key/{id}",
        "its owner": None,
        "arn": f"{ARN}:key/{id}",
        "customer_master_key_spec": "SYMMETRIC_DEFAULT",
        "description": "orders",
        "enable_key_rotation": True,
        "is_enabled": True,
        "key_id": id,
        "tags": {"team": "shop"},
    }
    aws("kms").disable_key_rotation(KeyId=id)
    assert told(read(KEY), [KEY], twin(found)) == {("changed", "aws_kms_key", "enable_key_rotation")}


def test_key_that_is_to_be_deleted_is_gone_for_drift(aws):
    id = key(aws)
    before = twin(only(read(KEY), "aws_kms_key"))
    aws("kms").schedule_key_deletion(KeyId=id)
    found = read(KEY)
    assert only(found, "aws_kms_key").fact("pending_deletion") is True
    assert told(found, [KEY], before) == {("missing", "aws_kms_key", "")}


def test_brought_material_and_replicas_are_types_of_their_own(aws):
    brought = key(aws, Origin="EXTERNAL")
    home = key(aws, MultiRegion=True)
    aws("kms").replicate_key(KeyId=home, ReplicaRegion="eu-central-1")
    here = read(KEY, EXTERNAL_KEY, REPLICA_KEY)
    assert {each.type: each.id for each in here.resources if each.type.startswith("aws_")} == {
        "aws_kms_external_key": brought,
        "aws_kms_key": home,
    }
    there = read(KEY, EXTERNAL_KEY, REPLICA_KEY, regions=("eu-central-1",))
    assert only(there, "aws_kms_replica_key")["primary_key_arn"] == f"{ARN}:key/{home}"


def test_policy_is_told_once_wherever_it_is_declared(aws):
    id = key(aws)
    copied = declared("aws_kms_key", id, key_id=id, policy=POLICY.replace("kms:*", "kms:Encrypt"))
    own, alone = (declared(type, id, key_id=id, policy=POLICY) for type in ("aws_kms_key", "aws_kms_key_policy"))
    found = read(*COLLECTORS)
    assert told(found, COLLECTORS, own) == told(found, COLLECTORS, copied, alone) == set()
    aws("kms").put_key_policy(KeyId=id, PolicyName="default", Policy=POLICY.replace("kms:*", "kms:Decrypt"))
    found = read(*COLLECTORS)
    assert told(found, COLLECTORS, own) == {("changed", "aws_kms_key", "policy.Statement[0].Action")}
    assert told(found, COLLECTORS, copied, alone) == {("changed", "aws_kms_key_policy", "policy.Statement[0].Action")}


def test_keys_of_aws_are_its_own_and_asked_no_more_than_that():
    about = {"KeyId": ID, "Arn": f"{ARN}:key/{ID}", "KeyManager": "AWS", "KeySpec": "SYMMETRIC_DEFAULT"}
    answers = {"ListKeys": {"Keys": [{"KeyId": ID, "KeyArn": about["Arn"]}]}, "DescribeKey": {"KeyMetadata": about}}
    with answering(answers) as aws:
        found = read(*(each for each in COLLECTORS if each is not ALIAS))
    assert only(found, "aws_kms_key", "aws").unknown == {}
    assert (list(found.of("aws_kms_key_policy")), found.gaps) == ([], [])
    assert aws.asked == ["ListKeys", "DescribeKey"]


def test_denied_is_unknown():
    about = {"KeyId": ID, "KeyManager": "CUSTOMER", "KeySpec": "SYMMETRIC_DEFAULT", "Origin": "AWS_KMS"}
    answers = {"ListKeys": {"Keys": [{"KeyId": ID, "KeyArn": ""}]}, "DescribeKey": {"KeyMetadata": about}}
    denied = dict.fromkeys(
        ("GetKeyPolicy", "GetKeyRotationStatus", "ListResourceTags"), refused("AccessDeniedException")
    )
    with answering(answers | denied):
        found = read(KEY, KEY_POLICY)
    unknown = ["enable_key_rotation", "next_rotation_date", "rotation_period_in_days", "tags"]
    assert sorted(only(found, "aws_kms_key").unknown) == unknown
    assert {gap.permission for gap in found.gaps} == {f"kms:{each}" for each in denied}


def test_material_lasts_until_a_second():
    about = {
        "KeyId": ID,
        "Arn": f"{ARN}:key/{ID}",
        "KeyManager": "CUSTOMER",
        "Origin": "EXTERNAL",
        "ValidTo": 1800000000.5,
    }
    answers = {"ListKeys": {"Keys": [{"KeyId": ID, "KeyArn": about["Arn"]}]}, "DescribeKey": {"KeyMetadata": about}}
    with answering(answers | {"ListResourceTags": {"Tags": []}}):
        found = read(EXTERNAL_KEY)
    key = only(found, "aws_kms_external_key")
    assert told(found, [EXTERNAL_KEY], twin(key, valid_to="2027-01-15T08:00:00Z")) == set()
    assert told(found, [EXTERNAL_KEY], twin(key, valid_to="2027-01-15T08:00:01Z")) == {
        ("changed", "aws_kms_external_key", "valid_to")
    }


def test_alias(aws):
    id = key(aws)
    aws("kms").create_alias(AliasName="alias/orders", TargetKeyId=id)
    found = read(ALIAS)
    assert whole(only(found, "aws_kms_alias")) == {
        "its id": "alias/orders",
        "its identity": "alias/orders",
        "its arn": f"{ARN}:alias/orders",
        "its owner": None,
        "arn": f"{ARN}:alias/orders",
        "name": "alias/orders",
        "target_key_arn": f"{ARN}:key/{id}",
        "target_key_id": id,
    }
    assert {each.owner for each in found.of("aws_kms_alias") if each.id.startswith("alias/aws/")} == {"aws"}
    other = key(aws)
    aws("kms").update_alias(AliasName="alias/orders", TargetKeyId=other)
    assert told(read(ALIAS), [ALIAS], twin(only(found, "aws_kms_alias"))) == {
        ("changed", "aws_kms_alias", "target_key_arn"),
        ("changed", "aws_kms_alias", "target_key_id"),
    }


@pytest.mark.parametrize("found", [[None, "k"], [f"{ARN}:alias/a", None]])
def test_alias_of_no_key(found):
    assert target_arn(found) is None


def test_corpus():
    assert_corpus_equals_itself(COLLECTORS)
