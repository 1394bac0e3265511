"""The AWS CLI command of a failure: whole and quoted, or none at all."""

from __future__ import annotations

import re
import shlex
from typing import Any

import boto3
import pytest

from checks import REGISTRY, run
from scanner.aws_command import FIELDS, command
from scanner.collectors import collectors
from state import GLOBAL, Resource
from tests.checks.live import FAIL, inventory_for
from tests.conftest import ACCOUNT, REGION

TABLE = REGISTRY["dynamodb-deletion-protection"]


def table(name: Any, **fields: Any) -> Resource:
    at = {"account": ACCOUNT, "region": REGION} | fields
    return Resource(type="aws_dynamodb_table", id="t", attributes={"name": name}, **at)


def test_it_is_filled_in_and_names_its_region():
    wanted = f"aws dynamodb update-table --table-name orders --deletion-protection-enabled --region {REGION}"
    assert command(TABLE, table("orders")) == wanted


def test_what_a_shell_reads_is_quoted():
    name = "it's $(id); `id` | x > y #"
    words = shlex.split(command(TABLE, table(name)) or "")
    assert words[:5] == ["aws", "dynamodb", "update-table", "--table-name", name]
    assert len(words) == 8


HOSTILE = ["a\nb", "a\x1b]0;x", "a\u202eb", "", "-x", "--endpoint-url=https://x", "file:///etc/passwd", "fileb://x"]


@pytest.mark.parametrize("name", [*HOSTILE, None, 3, ["a"]])
def test_what_nobody_should_paste_is_in_no_command(name):
    assert command(TABLE, table(name)) is None


def test_what_is_sensitive_or_unread_is_in_no_command():
    assert command(TABLE, table("orders", sensitive=frozenset({"name"}))) is None
    assert command(TABLE, Resource(type="aws_dynamodb_table", id="t", account=ACCOUNT, region=REGION)) is None


def test_a_region_is_told_where_there_is_one():
    account = REGISTRY["s3-account-public-access-block"]
    of = Resource(type=account.types[0], id=ACCOUNT, account=ACCOUNT, region=GLOBAL)
    told = command(account, of) or ""
    assert told.startswith(f"aws s3control put-public-access-block --account-id {ACCOUNT} ")
    assert "--region" not in told
    assert command(TABLE, table("orders", region="")) is None


def test_a_check_without_one_has_none():
    bucket = Resource(type="aws_s3_bucket", id="b", account=ACCOUNT, region=REGION)
    assert command(REGISTRY["s3-bucket-lifecycle"], bucket) is None


def test_what_stands_in_quotes_stays_as_it_is():
    bucket = Resource(type="aws_s3_bucket", id="b", account=ACCOUNT, region=REGION)
    rules = "'Rules=[{ApplyServerSideEncryptionByDefault={SSEAlgorithm=AES256}}]'"
    start = "aws s3api put-bucket-encryption --bucket b --server-side-encryption-configuration"
    assert command(REGISTRY["s3-bucket-default-encryption"], bucket) == f"{start} {rules} --region {REGION}"


def test_every_attribute_that_is_filled_in_is_read_of_a_type_of_the_check():
    read_of = {each.type: each.attributes for each in collectors()}
    places = {check: {*re.findall(r"\{([a-z_]+)\}", check.command)} - {*FIELDS} for check in REGISTRY.values()}
    unread = [
        (check.id, name)
        for check, names in places.items()
        for name in names
        if not any(name in read_of[type] for type in check.types)
    ]
    assert any(places.values())
    assert unread == []


def test_it_names_a_live_thing_as_aws_does(aws):
    boto3.client("dynamodb").create_table(
        TableName="orders",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
    )
    boto3.client("kinesis").create_stream(StreamName="clicks", ShardCount=1)
    boto3.client("rds").create_db_instance(DBInstanceIdentifier="shop", DBInstanceClass="db.t3.micro", Engine="mysql")
    key = boto3.client("kms").create_key()["KeyMetadata"]["KeyId"]
    checks = ("dynamodb-pitr", "kinesis-unencrypted", "kms-rotation", "rds-instance-deletion-protection")
    failing = [each for each in run([REGISTRY[id] for id in checks], inventory_for(*checks)) if each.status is FAIL]
    told = {each.check.id: shlex.split(command(each.check, each.resource) or "") for each in failing}
    assert {id: (words[4], words[-1]) for id, words in told.items()} == {
        "dynamodb-pitr": ("orders", REGION),
        "kinesis-unencrypted": ("clicks", REGION),
        "kms-rotation": (key, REGION),
        "rds-instance-deletion-protection": ("shop", REGION),
    }
