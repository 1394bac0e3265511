"""Amazon S3: how a bucket keeps and hands out its objects."""

from __future__ import annotations

from checks.absence import evidence_among
from checks.check import Category, Fault, Severity, check, evidence_of
from checks.doubt import any_of
from checks.policy import Statement, covers, parse
from state import Inventory, Resource

VERSIONING = "aws_s3_bucket_versioning"


@check(
    "aws_s3_bucket",
    severity=Severity.MEDIUM,
    category=Category.BACKUP,
    fsbp="S3.14",
    pci_4="10.3.4",
    soc2="cc_7_4;cc_a_1_1;cc_c_1_2;pi_1_5",
    nist_800_53_r5=(
        "au_9_2;cp_10;cp_10_2;cp_1_2;cp_2_5;cp_6_1;cp_6_2;cp_6_a;cp_9_a;cp_9_b;cp_9_c;pm_11_b;pm_17_b;sc_16_1;"
        "sc_5_2;si_13_5;si_1_a_2"
    ),
    hipaa=(
        "164_308_a_1_ii_b;164_308_a_7_i;164_308_a_7_ii_a;164_308_a_7_ii_b;164_308_a_7_ii_c;164_312_a_2_ii;"
        "164_312_c_1;164_312_c_2"
    ),
    well_architected_security="SEC08-BP04",
)
def s3_bucket_versioning(bucket: Resource, inventory: Inventory) -> Fault | None:
    """Versioning is not enabled on the bucket.

    Without versions an object that is overwritten or deleted is gone for good.

    Fix: declare an `aws_s3_bucket_versioning` with status Enabled, and a lifecycle rule that expires
    old versions.

    CLI: `aws s3api put-bucket-versioning --bucket {id} --versioning-configuration Status=Enabled`

    Fails:

        resource "aws_s3_bucket" "orders" {
          bucket = "acme-orders"
        }

        resource "aws_s3_bucket_versioning" "orders" {
          bucket = aws_s3_bucket.orders.id
          versioning_configuration {
            status = "Suspended"
          }
        }

    Passes:

        resource "aws_s3_bucket" "orders" {
          bucket = "acme-orders"
        }

        resource "aws_s3_bucket_versioning" "orders" {
          bucket = aws_s3_bucket.orders.id
          versioning_configuration {
            status = "Enabled"
          }
        }
    """
    found = inventory.near(bucket, VERSIONING, bucket=bucket["bucket"])
    if any_of(
        lambda each: any(block["status"] == "Enabled" for block in each["versioning_configuration"] or ()), found
    ):
        return None
    evidence = evidence_among(VERSIONING, found, "versioning_configuration")
    return Fault(f"versioning of {bucket.id} is not enabled", evidence)


@check(
    "aws_s3_bucket",
    severity=Severity.MEDIUM,
    category=Category.ENCRYPTION,
    pci_4="3.5.1;8.3.2",
    soc2="pi_1_4",
    nist_800_53_r5="au_9_3;cm_6_a;cm_9_b;cp_9_8;cp_9_d;pm_11_b;sc_13_a;sc_16_1;sc_28_1;sc_8_3;sc_8_4;si_19_4",
    hipaa="164_308_a_1_ii_b;164_308_a_4_ii_a;164_312_a_2_iv;164_312_c_1;164_312_c_2;164_312_e_2_ii",
    gdpr="article_32",
    well_architected_security="SEC08-BP03",
)
def s3_bucket_default_encryption(bucket: Resource, inventory: Inventory) -> str | None:
    """Bucket has no default encryption rule.

    Objects that come without a choice of their own are stored as the bucket's rule says. AWS gives
    every bucket a rule since January 2023, so code that declares none is no fault; a bucket that
    is seen without one is.

    Fix: declare an `aws_s3_bucket_server_side_encryption_configuration` with AES256 or aws:kms.

    CLI: `aws s3api put-bucket-encryption --bucket {id} --server-side-encryption-configuration
    'Rules=[{ApplyServerSideEncryptionByDefault={SSEAlgorithm=AES256}}]'`

    Fails:

        live "aws_s3_bucket" "orders" {
          bucket = "acme-orders"
        }

    Passes:

        live "aws_s3_bucket" "orders" {
          bucket = "acme-orders"
        }

        resource "aws_s3_bucket_server_side_encryption_configuration" "orders" {
          bucket = "acme-orders"
          rule {
            apply_server_side_encryption_by_default {
              sse_algorithm = "aws:kms"
            }
          }
        }
    """
    name = bucket["bucket"]
    found = inventory.near(bucket, "aws_s3_bucket_server_side_encryption_configuration", bucket=name)
    if bucket.declared or any_of(lambda each: each["rule"], found):
        return None
    return f"{bucket.id} has no default encryption"


@check(
    "aws_s3_bucket",
    severity=Severity.MEDIUM,
    category=Category.ENCRYPTION,
    cis_3_0="2.1.1",
    cis_5_0="2.1.1",
    cis_6_0="3.1.1",
    cis_7_0="3.1.1",
    fsbp="S3.5",
    pci_4="1.2.5;2.2.5;2.2.7;4.2.1;4.2.1.1;8.3.2",
    nist_800_53_r5=(
        "ac_17_2;ac_24_1;ac_4;ac_4_22;au_9_3;ca_9_b;cm_6_a;cm_9_b;ia_5_1_c;pm_11_b;pm_17_b;sc_13_a;sc_16_1;sc_23;"
        "sc_7_4_b;sc_7_4_g;sc_7_5;sc_8;sc_8_1;sc_8_2;sc_8_3;sc_8_4;sc_8_5;si_1_a_2"
    ),
    hipaa="164_308_a_1_ii_b;164_312_a_2_iv;164_312_c_1;164_312_c_2;164_312_e_1;164_312_e_2_i;164_312_e_2_ii",
    gdpr="article_32",
    well_architected_security="SEC09-BP02",
)
def s3_bucket_tls_only(bucket: Resource, inventory: Inventory) -> str | Fault | None:
    """Bucket policy does not refuse requests made over plain HTTP.

    S3 answers over plain HTTP too: what is read or written so can be read and changed on the way. A
    refusal of uploads alone leaves the reading open, and is not enough here, other than with Prowler.

    Fix: deny `s3:*` on the bucket and its objects to everyone where `aws:SecureTransport` is false.

    Fails:

        resource "aws_s3_bucket" "orders" {
          bucket = "acme-orders"
        }

    Fails:

        resource "aws_s3_bucket" "orders" {
          bucket = "acme-orders"
        }

        resource "aws_s3_bucket_policy" "orders" {
          bucket = aws_s3_bucket.orders.id
          policy = jsonencode({
            Version = "2012-10-17"
            Statement = [{
              Effect    = "Deny"
              Principal = "*"
              Action    = "s3:*"
              Resource  = "arn:aws:s3:::acme-orders"
              Condition = { Bool = { "aws:SecureTransport" = "false" } }
            }]
          })
        }

    Passes:

        resource "aws_s3_bucket" "orders" {
          bucket = "acme-orders"
        }

        resource "aws_s3_bucket_policy" "orders" {
          bucket = aws_s3_bucket.orders.id
          policy = jsonencode({
            Version = "2012-10-17"
            Statement = [{
              Effect    = "Deny"
              Principal = "*"
              Action    = "s3:*"
              Resource  = ["arn:aws:s3:::acme-orders", "arn:aws:s3:::acme-orders/*"]
              Condition = { Bool = { "aws:SecureTransport" = "false" } }
            }]
          })
        }
    """
    name = bucket["bucket"]
    found = inventory.near(bucket, "aws_s3_bucket_policy", bucket=name)
    if not found:
        return f"{bucket.id} has no policy, so it answers over plain HTTP"
    refusals = [each for each in parse(found[0]["policy"]) if refuses_plain_http(each)]
    if all(any(_reaches(each, part) for each in refusals) for part in (name, f"{name}/*")):
        return None
    return Fault(f"the policy of {bucket.id} does not refuse plain HTTP", evidence_of(found[0], "policy"))


def refuses_plain_http(statement: Statement, actions: str = "s3:*") -> bool:
    """Whether a statement denies everyone all of these actions where TLS is missing, with no way round."""
    if statement.allows or "*" not in statement.principals or len(statement.conditions) != 1:
        return False
    [only] = statement.conditions
    plain = only.key == "aws:securetransport" and only.operator == "bool" and only.values == ("false",)
    return plain and any(covers(action.lower(), actions) for action in statement.actions)


def _reaches(statement: Statement, part: str) -> bool:
    """Whether a statement's resources hold this bucket or its objects, in whichever partition."""
    own = (each.rpartition(":::")[2] for each in statement.resources)
    return any(covers(each, part) for each in own)
