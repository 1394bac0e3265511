"""A key that two sides name differently is one key, as far as the aliases that were read tell it."""

import pytest

from scanner.collectors import schemas
from scanner.collectors.kms import ALIAS
from scanner.collectors.rds import DB_INSTANCE
from scanner.collectors.s3 import ENCRYPTION
from scanner.collectors.sqs import QUEUE
from state import Inventory
from state.drift import drift
from state.terraform.settle import settle
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.compared import declared, noise, only, told, twin

HERE = f"arn:aws:kms:{REGION}:{ACCOUNT}"
NAME = "kms_master_key_id"
CHANGED = {("changed", QUEUE.type, NAME)}


@pytest.fixture
def keys(aws):
    """Two keys, of which the first has a name, by id."""
    kms = aws("kms")
    made = [kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(2)]
    kms.create_alias(AliasName="alias/shop", TargetKeyId=made[0])
    return made


def queue(aws, key):
    aws("sqs").create_queue(QueueName="orders", Attributes={"KmsMasterKeyId": key})
    return only(read(QUEUE), QUEUE.type)


def forms(key):
    return [key, f"{HERE}:key/{key}"]


def test_an_alias_and_its_key(aws, keys):
    own, other = keys
    for live in (*forms(own), "alias/shop", f"{HERE}:alias/shop"):
        found = queue(aws, live)
        seen = Inventory([found, *read(ALIAS).resources])
        for said in (*forms(own), "alias/shop", f"{HERE}:alias/shop"):
            wanted = twin(found, **{NAME: said})
            assert (told(seen, [QUEUE], wanted), noise(seen, [QUEUE], wanted)) == (set(), {})
        for said in (*forms(other), "alias/other", f"{HERE}:alias/shop2", "", None):
            assert told(seen, [QUEUE], twin(found, **{NAME: said})) == CHANGED
        aws("sqs").delete_queue(QueueUrl=found["url"])


def test_the_same_id_elsewhere_is_another_key(aws, keys):
    found = queue(aws, f"{HERE}:key/{keys[0]}")
    seen = Inventory([found, *read(ALIAS).resources])
    for said in (
        f"arn:aws:kms:us-east-1:{ACCOUNT}:key/{keys[0]}",
        f"arn:aws:kms:{REGION}:1234{ACCOUNT[4:]}:key/{keys[0]}",
    ):
        if said != found[NAME]:
            assert told(seen, [QUEUE], twin(found, **{NAME: said})) == CHANGED


def unsure(live, wanted):
    """Whether it is neither drift nor in sync."""
    found = drift(live, Inventory(settle([wanted], schemas())), schemas())
    return not [each for each in found.drift if each.declared] and found.unseen == {only(live, QUEUE.type).key}


def test_where_the_aliases_could_not_be_read_it_is_neither_drift_nor_in_sync(aws, keys, allowed_only):
    found = queue(aws, keys[0])
    wanted = twin(found, **{NAME: "alias/shop"})
    with allowed_only(*QUEUE.permissions):
        assert unsure(read(QUEUE, ALIAS), wanted)
    assert told(Inventory([found]), [QUEUE], twin(found, **{NAME: keys[1]})) == CHANGED, "no alias is asked for"
    far = twin(found, **{NAME: f"arn:aws:kms:{REGION}:999999999999:alias/shop"})
    assert unsure(Inventory([found, *read(ALIAS).resources]), far)


def test_a_key_inside_a_block(aws, keys):
    s3 = aws("s3")
    s3.create_bucket(Bucket="shop", CreateBucketConfiguration={"LocationConstraint": REGION})
    way = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": keys[0]}
    s3.put_bucket_encryption(
        Bucket="shop",
        ServerSideEncryptionConfiguration={"Rules": [{"ApplyServerSideEncryptionByDefault": way}]},
    )
    live = read(ENCRYPTION, ALIAS)
    [rule] = only(live, ENCRYPTION.type)["rule"]
    said = {"kms_master_key_id": "alias/shop", "sse_algorithm": "aws:kms"}
    rules = [rule | {"apply_server_side_encryption_by_default": [said]}]
    wanted = declared(ENCRYPTION.type, "shop", bucket="shop", rule=rules)
    assert told(live, [ENCRYPTION], wanted) == set()
    other = declared(ENCRYPTION.type, "shop", bucket="shop", rule=[{**rules[0], "bucket_key_enabled": True}])
    assert told(live, [ENCRYPTION], other) == {("changed", ENCRYPTION.type, "rule[0].bucket_key_enabled")}


def test_each_attribute_that_is_a_key_has_the_rule():
    assert {"kms_key_id", "performance_insights_kms_key_id"} <= DB_INSTANCE.schema.excuses.keys()
    assert "allocated_storage" in DB_INSTANCE.schema.excuses
    assert "encryption_key" in schemas()["aws_codebuild_project"].excuses
    assert "key_id" in schemas()["aws_ssm_parameter"].excuses
    assert "tags" not in QUEUE.schema.excuses
