from __future__ import annotations

import json
from typing import Any

import pytest

from scanner.collectors import s3, s3_grants, s3_lifecycle
from state import Inventory, Resource
from state.drift import Comparison, Kind, drift
from state.resource import Declaration
from state.terraform.settle import settle
from tests.conftest import ACCOUNT, read, run
from tests.scanner.corpus import assert_corpus_equals_itself
from tests.scanner.provider import assert_value_types

ALL = s3.COLLECTORS
OPEN = json.dumps({"Statement": {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}})
KMS = [{"kms_master_key_id": "alias/orders", "sse_algorithm": "aws:kms"}]
S3_KEYS = [{"kms_master_key_id": None, "sse_algorithm": "AES256"}]


def bucket(aws: Any, name: str = "orders", region: str = "eu-west-1") -> Any:
    located = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    aws("s3", region).create_bucket(Bucket=name, **located)
    return aws("s3", region)


def encrypt(client: Any, name: str = "orders") -> None:
    way = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "alias/orders"}
    rules = [{"ApplyServerSideEncryptionByDefault": way, "BucketKeyEnabled": True}]
    client.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": rules})


def declared(type: str, **attributes: Any) -> Resource:
    """As a state of buckets alone declares it: without an account."""
    id = attributes.get("id", attributes["bucket"])
    declaration = Declaration(address=f"{type}.this", source="test")
    return Resource(type=type, id=id, region="eu-west-1", attributes=attributes, declared=declaration)


def compare(*wanted: Resource, collectors: Any = ALL) -> Comparison:
    schemas = {each.type: each.schema for each in collectors}
    return drift(read(*collectors), Inventory(settle(wanted, schemas)), schemas)


def told(result: Comparison) -> list[Any]:
    """(kind, type, changes) of what drifted, and of the gaps the kind."""
    rows = [
        (each.kind, each.resource.type, [(c.path, c.declared, c.live) for c in each.changes]) for each in result.drift
    ]
    return rows + [each.kind for each in result.gaps]


def only(collector: Any) -> Resource:
    found = read(collector)
    assert found.gaps == []
    [resource] = found.of(collector.type)
    assert_value_types(resource)
    return resource


# --- each type ------------------------------------------------------------------------------------


def test_a_bucket(aws):
    client = bucket(aws)
    client.put_bucket_tagging(Bucket="orders", Tagging={"TagSet": [{"Key": "Team", "Value": "shop"}]})
    found = only(s3.BUCKET)
    created = found.fact("creation_date")
    assert found == Resource(
        type="aws_s3_bucket",
        id="orders",
        account=ACCOUNT,
        region="eu-west-1",
        identity="orders",
        arn="arn:aws:s3:::orders",
        attributes={
            "arn": "arn:aws:s3:::orders",
            "bucket": "orders",
            "bucket_domain_name": "orders.s3.amazonaws.com",
            "bucket_regional_domain_name": "orders.s3.eu-west-1.amazonaws.com",
            "region": "eu-west-1",
            "tags": {"Team": "shop"},
        },
        tags={"Team": "shop"},
        facts={"creation_date": created},
    )
    assert created.endswith("Z")


def test_a_public_access_block(aws):
    shut = {"BlockPublicAcls": True, "IgnorePublicAcls": False, "BlockPublicPolicy": True}
    bucket(aws).put_public_access_block(
        Bucket="orders", PublicAccessBlockConfiguration=shut | {"RestrictPublicBuckets": False}
    )
    assert only(s3.PUBLIC_ACCESS_BLOCK).attributes == {
        "bucket": "orders",
        "block_public_acls": True,
        "block_public_policy": True,
        "ignore_public_acls": False,
        "restrict_public_buckets": False,
    }


@pytest.mark.parametrize("status", ["Disabled", "Enabled", "Suspended"])
def test_versioning(aws, status):
    client = bucket(aws)
    if status != "Disabled":
        client.put_bucket_versioning(Bucket="orders", VersioningConfiguration={"Status": status})
    assert only(s3.VERSIONING).attributes == {
        "bucket": "orders",
        "versioning_configuration": [{"status": status, "mfa_delete": None}],
    }


def test_encryption(aws):
    encrypt(bucket(aws))
    assert only(s3.ENCRYPTION).attributes == {
        "bucket": "orders",
        "rule": [{"apply_server_side_encryption_by_default": KMS, "bucket_key_enabled": True}],
    }


def test_a_policy(aws):
    bucket(aws).put_bucket_policy(Bucket="orders", Policy=OPEN)
    assert only(s3.POLICY).attributes == {"bucket": "orders", "policy": OPEN}


def test_ownership(aws):
    rules = [{"ObjectOwnership": "BucketOwnerPreferred"}]
    bucket(aws).put_bucket_ownership_controls(Bucket="orders", OwnershipControls={"Rules": rules})
    assert only(s3.OWNERSHIP).attributes == {"bucket": "orders", "rule": [{"object_ownership": "BucketOwnerPreferred"}]}


def test_a_bucket_without_a_setting_has_none_of_its_resource(aws):
    bucket(aws)
    found = read(*ALL)
    assert found.gaps == []
    assert [len(found.of(each.type)) for each in (s3.PUBLIC_ACCESS_BLOCK, s3.POLICY, s3.OWNERSHIP)] == [0, 0, 0]


# --- where ----------------------------------------------------------------------------------------


def test_buckets_of_two_regions(aws):
    bucket(aws)
    bucket(aws, "first", "us-east-1")
    bucket(aws, "far", "ap-south-1")
    found = read(*ALL, regions=("eu-west-1", "us-east-1"))
    assert {(each.id, each.region) for each in found.of("aws_s3_bucket")} == {
        ("orders", "eu-west-1"),
        ("first", "us-east-1"),
    }
    assert {each.id for each in found.of("aws_s3_bucket_versioning")} == {"orders", "first"}
    assert found.gaps == []
    assert found.unseen("aws_s3_bucket", ACCOUNT, "ap-south-1", "far") is not None


def test_a_bucket_elsewhere_is_not_missing(aws):
    bucket(aws, "far", "ap-south-1")
    far = Resource(type="aws_s3_bucket", id="far", account=ACCOUNT, region="ap-south-1", attributes={"bucket": "far"})
    assert told(compare(far)) == []


# --- what AWS does by itself ------------------------------------------------------------------------


def test_what_aws_makes_by_itself_is_nobodys_drift(aws):
    client = bucket(aws)
    all_on = dict.fromkeys(s3.SHUT.values(), True)
    client.put_public_access_block(Bucket="orders", PublicAccessBlockConfiguration=all_on)
    rules = [{"ObjectOwnership": "BucketOwnerEnforced"}]
    client.put_bucket_ownership_controls(Bucket="orders", OwnershipControls={"Rules": rules})
    assert told(compare(declared("aws_s3_bucket", bucket="orders"))) == []


def test_a_block_that_shuts_half_is_somebodys(aws):
    half = {"BlockPublicAcls": True, "IgnorePublicAcls": True}
    bucket(aws).put_public_access_block(
        Bucket="orders", PublicAccessBlockConfiguration=half | {"BlockPublicPolicy": False}
    )
    shown = {"block_public_acls": True, "ignore_public_acls": True, "block_public_policy": False}
    [[kind, type, [[path, before, after]]]] = told(compare(declared("aws_s3_bucket", bucket="orders")))
    assert (kind, type, path, before) == (Kind.CHANGED, "aws_s3_bucket", "public_access_block", None)
    assert shown.items() <= after.items()


def test_a_removed_block_is_missing_though_it_was_as_aws_makes_it(aws):
    bucket(aws)
    all_on = dict.fromkeys(s3.SHUT, True)
    result = compare(
        declared("aws_s3_bucket", bucket="orders"),
        declared("aws_s3_bucket_public_access_block", bucket="orders", **all_on),
    )
    assert told(result) == [(Kind.MISSING, "aws_s3_bucket_public_access_block", [])]
    assert result.drift[0].resource.account == ACCOUNT


def test_a_block_that_shuts_nothing_is_no_block(aws):
    bucket(aws)
    all_off = dict.fromkeys(s3.SHUT, False)
    block = declared("aws_s3_bucket_public_access_block", bucket="orders", **all_off)
    assert told(compare(declared("aws_s3_bucket", bucket="orders"), block)) == []


def test_ownership_that_is_gone_is_missing(aws):
    bucket(aws)
    rule = [{"object_ownership": "BucketOwnerEnforced"}]
    result = compare(
        declared("aws_s3_bucket", bucket="orders"),
        declared("aws_s3_bucket_ownership_controls", bucket="orders", rule=rule),
    )
    assert told(result) == [(Kind.MISSING, "aws_s3_bucket_ownership_controls", [])]


# --- declared by itself ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "drifted"),
    [
        ("Disabled", None, []),
        ("Disabled", "Suspended", [("versioning_configuration[0].status", "Disabled", "Suspended")]),
        ("Enabled", "Suspended", [("versioning_configuration[0].status", "Enabled", "Suspended")]),
    ],
)
def test_versioning_declared_by_itself(aws, before, after, drifted):
    client = bucket(aws)
    if after:
        client.put_bucket_versioning(Bucket="orders", VersioningConfiguration={"Status": after})
    configuration = [{"mfa_delete": "", "status": before}]
    wanted = declared("aws_s3_bucket_versioning", bucket="orders", versioning_configuration=configuration)
    expected = [(Kind.CHANGED, "aws_s3_bucket_versioning", drifted)] if drifted else []
    assert told(compare(declared("aws_s3_bucket", bucket="orders"), wanted)) == expected


def test_the_setting_declared_by_itself_wins_over_the_buckets_copy(aws):
    client = bucket(aws)
    client.put_bucket_versioning(Bucket="orders", VersioningConfiguration={"Status": "Enabled"})
    encrypt(client)
    client.put_bucket_policy(Bucket="orders", Policy=OPEN)
    stale = {"versioning": [{"enabled": False}], "server_side_encryption_configuration": [], "policy": ""}
    rule = [{"apply_server_side_encryption_by_default": KMS, "bucket_key_enabled": True}]
    status = [{"mfa_delete": "", "status": "Enabled"}]
    result = compare(
        declared("aws_s3_bucket", bucket="orders", **stale),
        declared("aws_s3_bucket_versioning", bucket="orders", versioning_configuration=status),
        declared("aws_s3_bucket_server_side_encryption_configuration", bucket="orders", rule=rule),
        declared("aws_s3_bucket_policy", bucket="orders", policy=json.dumps(json.loads(OPEN), indent=4)),
    )
    assert told(result) == []


# --- declared in the bucket -------------------------------------------------------------------------


def old(**settings: Any) -> Resource:
    return declared("aws_s3_bucket", bucket="orders", id="orders", **settings)


def told_of_bucket(*changes: Any) -> list[Any]:
    return [(Kind.CHANGED, "aws_s3_bucket", list(changes))]


@pytest.mark.parametrize("status", [None, "Suspended"])
def test_a_copy_that_says_not_enabled_knows_no_more(aws, status):
    client = bucket(aws)
    if status:
        client.put_bucket_versioning(Bucket="orders", VersioningConfiguration={"Status": status})
    assert told(compare(old(versioning=[{"enabled": False, "mfa_delete": False}]))) == []


def test_versioning_in_the_bucket(aws):
    client = bucket(aws)
    client.put_bucket_versioning(Bucket="orders", VersioningConfiguration={"Status": "Enabled"})
    assert told(compare(old(versioning=[{"enabled": True, "mfa_delete": False}]))) == []
    assert told(compare(old(versioning=[{"enabled": False, "mfa_delete": False}]))) == told_of_bucket(
        ("versioning[0].status", None, "Enabled")
    )
    client.put_bucket_versioning(Bucket="orders", VersioningConfiguration={"Status": "Suspended"})
    assert told(compare(old(versioning=[{"enabled": True, "mfa_delete": False}]))) == told_of_bucket(
        ("versioning[0].status", "Enabled", "Suspended")
    )


def test_encryption_in_the_bucket(aws):
    client = bucket(aws)
    by_s3 = {"apply_server_side_encryption_by_default": S3_KEYS, "bucket_key_enabled": False}
    copy = old(server_side_encryption_configuration=[{"rule": [by_s3]}])
    bare = old(server_side_encryption_configuration=[])
    assert told(compare(copy)) == told(compare(bare)) == []
    encrypt(client)
    rule = {"apply_server_side_encryption_by_default": KMS, "bucket_key_enabled": True}
    at = "server_side_encryption_configuration[0]"
    way = f"{at}.rule[0].apply_server_side_encryption_by_default[0]"
    assert told(compare(copy)) == told_of_bucket(
        (f"{way}.kms_master_key_id", None, "alias/orders"),
        (f"{way}.sse_algorithm", "AES256", "aws:kms"),
        (f"{at}.rule[0].bucket_key_enabled", False, True),
    )
    assert told(compare(bare)) == told_of_bucket((at, None, {"rule": [rule]}))


def test_a_policy_in_the_bucket(aws):
    client = bucket(aws)
    shut = OPEN.replace("Allow", "Deny")
    assert told(compare(old(policy=""))) == []
    assert told(compare(old(policy=OPEN))) == told_of_bucket(("policy", OPEN, None))
    client.put_bucket_policy(Bucket="orders", Policy=shut)
    assert told(compare(old(policy=shut))) == []
    assert told(compare(old(policy=None))) == told_of_bucket(("policy", None, shut))
    assert told(compare(old(policy=OPEN))) == told_of_bucket(("policy.Statement[0].Effect", "Allow", "Deny"))


def test_a_copy_that_terraform_is_told_to_ignore(aws):
    bucket(aws)
    declaration = Declaration(address="aws_s3_bucket.this", source="test", ignore_changes=frozenset({"policy"}))
    wanted = Resource(
        type="aws_s3_bucket", id="orders", attributes={"bucket": "orders", "policy": OPEN}, declared=declaration
    )
    assert told(compare(wanted)) == []


def test_a_deleted_bucket_is_missing_with_its_settings(aws):
    wanted = [
        declared("aws_s3_bucket", bucket="orders"),
        declared("aws_s3_bucket_policy", bucket="orders", policy=OPEN),
    ]
    assert told(compare(*wanted)) == ["which-account", "which-account"]
    placed = [
        Resource(type=each.type, id=each.id, account=ACCOUNT, region="eu-west-1", attributes=each.attributes)
        for each in wanted
    ]
    assert told(compare(*placed)) == [
        (Kind.MISSING, "aws_s3_bucket", []),
        (Kind.MISSING, "aws_s3_bucket_policy", []),
    ]


def test_a_tag_of_the_bucket(aws):
    client = bucket(aws)
    tags = [{"Key": "Team", "Value": "shop"}, {"Key": "aws:cloudformation:stack-id", "Value": "x"}]
    client.put_bucket_tagging(Bucket="orders", Tagging={"TagSet": tags[:1]})
    wanted = old(tags=None, tags_all={"Team": "web"})
    assert told(compare(wanted)) == told_of_bucket(("tags.Team", "web", "shop"))


# --- what moto cannot show ----------------------------------------------------------------------------


class Room:
    """A place of another partition."""

    account, region, partition = "111122223333", "cn-north-1", "aws-cn"
    aws = property(lambda self: self)

    async def whole(self, service: str, operation: str, **arguments: Any) -> Any:
        assert (service, operation, arguments) == ("s3", "list_buckets", {})
        return {"Buckets": [{"Name": "orders", "BucketRegion": "cn-north-1"}, {"Name": "old"}, {"Name": "older"}]}

    async def call(self, service: str, operation: str, **arguments: Any) -> Any:
        return {"LocationConstraint": {"old": "EU", "older": None}[arguments["Bucket"]]}


def test_a_bucket_of_another_partition():
    async def listed() -> Any:
        return [each async for page in s3.buckets(Room()) for each in page]  # type: ignore[arg-type]

    found = run(listed())
    assert [each["BucketRegion"] for each in found] == ["cn-north-1", "eu-west-1", "us-east-1"]
    resource = s3.BUCKET.resource(found[0], Room(), {})  # type: ignore[arg-type]
    assert resource.arn == "arn:aws-cn:s3:::orders"
    assert resource["bucket_domain_name"] == "orders.s3.amazonaws.com.cn"
    assert resource["bucket_regional_domain_name"] == "orders.s3.cn-north-1.amazonaws.com.cn"


def test_mfa_delete_that_was_never_asked_for_is_off():
    form = s3.VERSIONING.schema.forms["versioning_configuration"]
    on, off, never = ([{"status": "Enabled", "mfa_delete": each}] for each in ("Enabled", "Disabled", ""))
    assert list(form.differences("x", never, off)) == []
    assert list(form.differences("x", never, on)) == [("x[0].mfa_delete", "", "Enabled")]


def test_what_a_later_provider_says_of_encryption_is_not_compared():
    form = s3.ENCRYPTION.schema.forms["rule"]
    rule = {"apply_server_side_encryption_by_default": S3_KEYS, "bucket_key_enabled": None}
    assert list(form.differences("x", [rule | {"blocked_encryption_types": ["SSE-C"]}], [rule])) == []


def test_real_states():
    assert_corpus_equals_itself(ALL + s3_grants.COLLECTORS + s3_lifecycle.COLLECTORS)
