"""Amazon S3: who gets into a bucket."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from checks.check import Category, Fault, Severity, check, evidence_of
from checks.doubt import all_of, any_of, unless
from checks.policy import opens_to_anyone, parse
from state import Inventory, Resource, Unknown

SWITCHES = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")

READING = tuple(
    f"s3:{name}"
    for name in (
        "GetBucketAcl",
        "GetBucketLocation",
        "GetBucketPolicy",
        "GetObject",
        "GetObjectAcl",
        "GetObjectAttributes",
        "GetObjectTagging",
        "GetObjectTorrent",
        "GetObjectVersion",
        "ListBucket",
        "ListBucketMultipartUploads",
        "ListBucketVersions",
        "ListMultipartUploadParts",
    )
)
WRITING = tuple(
    f"s3:{name}"
    for name in (
        "AbortMultipartUpload",
        "DeleteBucket",
        "DeleteBucketPolicy",
        "DeleteObject",
        "DeleteObjectTagging",
        "DeleteObjectVersion",
        "PutBucketAcl",
        "PutBucketPolicy",
        "PutBucketPublicAccessBlock",
        "PutEncryptionConfiguration",
        "PutLifecycleConfiguration",
        "PutObject",
        "PutObjectAcl",
        "PutObjectTagging",
        "PutReplicationConfiguration",
        "ReplicateObject",
        "RestoreObject",
    )
)

EVERYONE = ("/groups/global/AllUsers", "/groups/global/AuthenticatedUsers")  # the second is anyone with any AWS account
CANNED = {
    "public-read": ("READ",),
    "authenticated-read": ("READ",),
    "public-read-write": ("READ", "WRITE"),
}


def blocks(bucket: Resource, inventory: Inventory) -> Iterator[Callable[[], Sequence[Resource]]]:
    """The Block Public Access settings that hold for a bucket, each read only when asked: its own, the account's."""
    yield lambda: inventory.near(bucket, "aws_s3_bucket_public_access_block", bucket=bucket["bucket"])
    yield lambda: inventory.near(bucket, "aws_s3_account_public_access_block")


def shut(bucket: Resource, inventory: Inventory, switch: str) -> bool:
    """Whether the bucket's or the account's Block Public Access has this switch on."""
    return bool(any_of(lambda read: any_of(lambda each: each[switch], read()), blocks(bucket, inventory)))


def by_policy(bucket: Resource, inventory: Inventory, actions: Sequence[str]) -> Fault | None:
    """The bucket policy that lets anyone in."""
    for each in inventory.near(bucket, "aws_s3_bucket_policy", bucket=bucket["bucket"]):
        if statement := opens_to_anyone(parse(each["policy"]), actions):
            return Fault(f"{statement.label} of the bucket policy lets anyone in", evidence_of(each, "policy"))
    return None


def by_acl(bucket: Resource, inventory: Inventory, permission: str) -> Fault | None:
    """The ACL that lets anyone in."""
    for each in inventory.near(bucket, "aws_s3_bucket_acl", bucket=bucket["bucket"]):
        if permission in _granted_to_everyone(each):
            return Fault("the bucket's ACL lets anyone in", evidence_of(each, "acl", "access_control_policy"))
    return None


def _granted_to_everyone(acl: Resource) -> set[str]:
    """What an ACL lets everyone do."""
    written = _grants(acl)
    if written is None:
        return set(CANNED.get(acl["acl"], ()))
    found = {
        grant["permission"]
        for block in written
        for grant in block.get("grant") or ()
        for grantee in grant.get("grantee") or ()
        if str(grantee.get("uri") or "").endswith(EVERYONE)
    }
    return found | {"READ", "WRITE"} if "FULL_CONTROL" in found else found


def _grants(acl: Resource) -> Any:
    """The grants in full; None where code only names a canned ACL, which leaves them to AWS."""
    try:
        return acl["access_control_policy"] or ()
    except Unknown:
        if acl["acl"]:
            return None
        raise


def opening(bucket: Resource, inventory: Inventory, actions: Sequence[str], permission: str) -> Fault | None:
    """What lets anyone in, by policy or by ACL, where Block Public Access does not shut that way."""
    ways: Sequence[tuple[str, Callable[[], Fault | None]]] = (
        ("restrict_public_buckets", lambda: by_policy(bucket, inventory, actions)),
        ("ignore_public_acls", lambda: by_acl(bucket, inventory, permission)),
    )
    return any_of(lambda way: unless(lambda: shut(bucket, inventory, way[0]), way[1]), ways)


@check(
    "aws_s3_account_public_access_block",
    severity=Severity.HIGH,
    category=Category.PUBLIC_EXPOSURE,
    cis_3_0="2.1.4",
    cis_5_0="2.1.4",
    cis_6_0="3.1.4",
    cis_7_0="3.1.4",
    fsbp="S3.1",
    pci_4="1.2.8;1.3.1;1.3.2;1.4.2;1.5.1;3.5.1.3;10.3.2;A1.1.2;A1.1.3;A3.4.1",
    nist_800_53_r5=(
        "ac_17_1;ac_17_10;ac_17_4_a;ac_17_9;ac_17_b;ac_2_6;ac_3;ac_3_7;ac_4_21;ac_6;cm_6_a;cm_9_b;mp_2;sc_25;"
        "sc_7_11;sc_7_12;sc_7_16;sc_7_2;sc_7_20;sc_7_21;sc_7_24_b;sc_7_25;sc_7_26;sc_7_27;sc_7_28;sc_7_3;sc_7_7;"
        "sc_7_9_a;sc_7_a;sc_7_b;sc_7_c"
    ),
    hipaa="164_308_a_1_ii_b;164_308_a_3_i",
    well_architected_security="SEC03-BP07",
)
def s3_account_public_access_block(block: Resource, inventory: Inventory) -> str | None:
    """Account-wide S3 Block Public Access is off or only partly on.

    The account's setting overrules every bucket's policy and ACL, those of buckets yet to be made
    included. Without it one wrong policy is enough to publish a bucket.

    Fix: declare one `aws_s3_account_public_access_block` an account, with all four arguments true.

    CLI: `aws s3control put-public-access-block --account-id {account} --public-access-block-configuration
    BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true`

    Fails:

        resource "aws_s3_account_public_access_block" "this" {
          block_public_acls       = true
          block_public_policy     = true
          ignore_public_acls      = true
          restrict_public_buckets = false
        }

    Passes:

        resource "aws_s3_account_public_access_block" "this" {
          block_public_acls       = true
          block_public_policy     = true
          ignore_public_acls      = true
          restrict_public_buckets = true
        }
    """
    off = any_of(lambda switch: None if block[switch] else switch, SWITCHES)
    return f"{block.account or block.id} leaves {off} off for its buckets" if off else None


@check(
    "aws_s3_bucket",
    severity=Severity.HIGH,
    category=Category.PUBLIC_EXPOSURE,
    cis_3_0="2.1.4",
    cis_5_0="2.1.4",
    cis_6_0="3.1.4",
    cis_7_0="3.1.4",
    fsbp="S3.8",
)
def s3_bucket_public_access_block(bucket: Resource, inventory: Inventory) -> str | None:
    """Bucket has no complete Block Public Access setting and the account's does not cover it.

    With all four switches on, neither a policy nor an ACL can open the bucket to the world by
    mistake. A switch that is on for the whole account counts for each of its buckets.

    Fix: declare an `aws_s3_bucket_public_access_block` for the bucket with all four arguments true,
    or `aws_s3_account_public_access_block` once for the account.

    CLI: `aws s3api put-public-access-block --bucket {id} --public-access-block-configuration
    BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true`

    Fails:

        resource "aws_s3_bucket" "logs" {
          bucket = "acme-logs"
        }

    Fails:

        resource "aws_s3_bucket" "logs" {
          bucket = "acme-logs"
        }

        resource "aws_s3_bucket_public_access_block" "logs" {
          bucket                  = aws_s3_bucket.logs.id
          block_public_acls       = true
          block_public_policy     = false
          ignore_public_acls      = true
          restrict_public_buckets = true
        }

    Passes:

        resource "aws_s3_bucket" "logs" {
          bucket = "acme-logs"
        }

        resource "aws_s3_bucket_public_access_block" "logs" {
          bucket                  = aws_s3_bucket.logs.id
          block_public_acls       = true
          block_public_policy     = true
          ignore_public_acls      = true
          restrict_public_buckets = true
        }

    Passes:

        resource "aws_s3_bucket" "logs" {
          bucket = "acme-logs"
        }

        resource "aws_s3_account_public_access_block" "this" {
          block_public_acls       = true
          block_public_policy     = true
          ignore_public_acls      = true
          restrict_public_buckets = true
        }
    """
    if all_of(lambda switch: shut(bucket, inventory, switch), SWITCHES):
        return None
    return f"{bucket.id} is not wholly covered by Block Public Access"


@check(
    "aws_s3_bucket",
    severity=Severity.CRITICAL,
    category=Category.PUBLIC_EXPOSURE,
    fsbp="S3.2",
    pci_4="1.2.8;1.3.1;1.3.2;1.4.2;1.5.1;3.5.1.3;10.3.2;10.3.3;10.3.4;A1.1.2;A1.1.3;A1.2.1;A3.4.1",
    soc2="cc_6_1",
    nist_800_53_r5=(
        "ac_17_1;ac_17_10;ac_17_4_a;ac_17_9;ac_17_b;ac_2_6;ac_3;ac_3_7;ac_4_21;ac_6;cm_6_a;cm_9_b;mp_2;sc_25;"
        "sc_7_11;sc_7_12;sc_7_16;sc_7_2;sc_7_20;sc_7_21;sc_7_24_b;sc_7_25;sc_7_26;sc_7_27;sc_7_28;sc_7_3;sc_7_7;"
        "sc_7_9_a;sc_7_a;sc_7_b;sc_7_c"
    ),
    hipaa="164_308_a_1_ii_b;164_308_a_3_i;164_312_a_1;164_312_a_2_i",
    well_architected_security="SEC03-BP07",
)
def s3_bucket_public_access(bucket: Resource, inventory: Inventory) -> Fault | None:
    """Anyone can read the bucket through its ACL or its policy.

    Whatever lies in a bucket that anyone can read is published, and is found within hours. A
    statement for `*` is not public where a condition leaves it to named accounts, organisations,
    endpoints or a narrow range of addresses, where a Deny does, or where Block Public Access
    overrules it. A condition on the bucket's own account (`s3:ResourceAccount`) says nothing of the
    caller, and closes nothing here, other than with Prowler.

    Fix: name the principals in the policy, serve the content through CloudFront with origin access
    control, and turn on Block Public Access.

    Fails:

        resource "aws_s3_bucket" "logs" {
          bucket = "acme-logs"
        }

        resource "aws_s3_bucket_policy" "logs" {
          bucket = aws_s3_bucket.logs.id
          policy = jsonencode({
            Version = "2012-10-17"
            Statement = [{
              Effect    = "Allow"
              Principal = "*"
              Action    = "s3:GetObject"
              Resource  = "arn:aws:s3:::acme-logs/*"
            }]
          })
        }

    Fails:

        resource "aws_s3_bucket" "logs" {
          bucket = "acme-logs"
        }

        resource "aws_s3_bucket_acl" "logs" {
          bucket = aws_s3_bucket.logs.id
          acl    = "public-read"
        }

    Passes:

        resource "aws_s3_bucket" "logs" {
          bucket = "acme-logs"
        }

        resource "aws_s3_bucket_policy" "logs" {
          bucket = aws_s3_bucket.logs.id
          policy = jsonencode({
            Version = "2012-10-17"
            Statement = [{
              Effect    = "Allow"
              Principal = "*"
              Action    = "s3:GetObject"
              Resource  = "arn:aws:s3:::acme-logs/*"
              Condition = { StringEquals = { "aws:PrincipalOrgID" = "o-a1b2c3d4e5" } }
            }]
          })
        }

    Passes:

        resource "aws_s3_bucket" "logs" {
          bucket = "acme-logs"
        }

        resource "aws_s3_bucket_acl" "logs" {
          bucket = aws_s3_bucket.logs.id
          acl    = "public-read"
        }

        resource "aws_s3_bucket_public_access_block" "logs" {
          bucket             = aws_s3_bucket.logs.id
          ignore_public_acls = true
        }
    """
    return opening(bucket, inventory, READING, "READ")


@check(
    "aws_s3_bucket",
    severity=Severity.CRITICAL,
    category=Category.PUBLIC_EXPOSURE,
    cis_7_0="2.21",
    fsbp="S3.3",
    pci_4="1.2.8;1.3.1;1.3.2;1.4.2;1.5.1;3.5.1.3;10.3.2;A1.1.2;A1.1.3;A3.4.1",
    nist_800_53_r5=(
        "ac_17_1;ac_17_10;ac_17_4_a;ac_17_9;ac_17_b;ac_2_6;ac_3;ac_3_7;ac_4_21;ac_6;cm_6_a;cm_9_b;mp_2;sc_25;"
        "sc_7_11;sc_7_12;sc_7_16;sc_7_2;sc_7_20;sc_7_21;sc_7_24_b;sc_7_25;sc_7_26;sc_7_27;sc_7_28;sc_7_3;sc_7_7;"
        "sc_7_9_a;sc_7_a;sc_7_b;sc_7_c"
    ),
    hipaa="164_308_a_1_ii_b;164_308_a_3_i;164_312_a_1",
    well_architected_security="SEC03-BP07",
)
def s3_bucket_public_write(bucket: Resource, inventory: Inventory) -> Fault | None:
    """Anyone can write to the bucket through its ACL or its policy.

    Strangers can replace what others trust, delete it, or store theirs at your cost. Conditions,
    denials and Block Public Access count as they do for reading.

    Fix: name the principals in the policy; give uploaders presigned URLs.

    Fails:

        resource "aws_s3_bucket" "drop" {
          bucket = "acme-drop"
        }

        resource "aws_s3_bucket_policy" "drop" {
          bucket = aws_s3_bucket.drop.id
          policy = jsonencode({
            Version = "2012-10-17"
            Statement = {
              Effect    = "Allow"
              Principal = { AWS = "*" }
              Action    = "s3:Put*"
              Resource  = "arn:aws:s3:::acme-drop/*"
            }
          })
        }

    Passes:

        resource "aws_s3_bucket" "drop" {
          bucket = "acme-drop"
        }

        resource "aws_s3_bucket_policy" "drop" {
          bucket = aws_s3_bucket.drop.id
          policy = jsonencode({
            Version = "2012-10-17"
            Statement = [
              { Effect = "Allow", Principal = "*", Action = "s3:PutObject", Resource = "arn:aws:s3:::acme-drop/*" },
              {
                Effect    = "Deny"
                Principal = "*"
                Action    = "s3:*"
                Resource  = "arn:aws:s3:::acme-drop/*"
                Condition = { StringNotEquals = { "aws:SourceVpce" = "vpce-1a2b3c4d" } }
              },
            ]
          })
        }
    """
    return opening(bucket, inventory, WRITING, "WRITE")
