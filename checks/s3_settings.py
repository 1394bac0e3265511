"""Amazon S3: what a bucket keeps besides its objects' latest state: logs, copies, old versions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from checks.absence import evidence_among
from checks.check import Category, Fault, Severity, check, evidence_of
from checks.doubt import any_of, said_in
from state import Inventory, Resource

REPLICATION, LIFECYCLE = "aws_s3_bucket_replication_configuration", "aws_s3_bucket_lifecycle_configuration"


def logs_accesses(bucket: Resource, inventory: Inventory) -> bool:
    """Whether a bucket's server access logs are kept somewhere."""
    found = inventory.near(bucket, "aws_s3_bucket_logging", bucket=bucket["bucket"])
    return bool(any_of(lambda each: each["target_bucket"], found))


@check(
    "aws_s3_bucket",
    severity=Severity.MEDIUM,
    category=Category.PUBLIC_EXPOSURE,
    fsbp="S3.12",
    pci_4="7.2.1;7.2.2;7.2.5;7.3.1;7.3.2;7.3.3;8.2.7;8.2.8;8.3.4",
    well_architected_security="SEC05-BP02",
)
def s3_bucket_acl_in_use(bucket: Resource, inventory: Inventory) -> Fault | str | None:
    """Bucket still relies on ACLs rather than owner-enforced ownership.

    Where ACLs hold, each object can have one of its own, written by whoever wrote it: nobody sees from the
    policy who may read. Buckets made since April 2023 have them switched off, so code that says nothing is no
    fault; a bucket that is seen without the setting is.

    Fix: declare an `aws_s3_bucket_ownership_controls` with `object_ownership = "BucketOwnerEnforced"`.

    Fails:

        resource "aws_s3_bucket" "orders" {
          bucket = "acme-orders"
        }

        resource "aws_s3_bucket_ownership_controls" "orders" {
          bucket = aws_s3_bucket.orders.id

          rule {
            object_ownership = "BucketOwnerPreferred"
          }
        }

    Fails:

        live "aws_s3_bucket" "old" {
          bucket = "acme-old"
        }

    Passes:

        resource "aws_s3_bucket" "orders" {
          bucket = "acme-orders"
        }

        resource "aws_s3_bucket_ownership_controls" "orders" {
          bucket = aws_s3_bucket.orders.id

          rule {
            object_ownership = "BucketOwnerEnforced"
          }
        }
    """
    found = inventory.near(bucket, "aws_s3_bucket_ownership_controls", bucket=bucket["bucket"])
    if not found:
        return None if bucket.declared else f"{bucket.id} is of the time when ACLs held, and says nothing else"
    if all(rule["object_ownership"] == "BucketOwnerEnforced" for rule in found[0]["rule"] or ()):
        return None
    return Fault(f"ACLs hold for the objects of {bucket.id}", evidence_of(found[0], "rule"))


@check(
    "aws_s3_bucket",
    severity=Severity.LOW,
    category=Category.BACKUP,
    cis_3_0="2.1.2",
    cis_5_0="2.1.2",
    cis_6_0="3.1.2",
    cis_7_0="3.1.2",
    fsbp="S3.20",
    pci_4="3.5.1.3;8.4.1;8.4.2;8.4.3;10.3.2;A1.1.2;A3.4.1",
    well_architected_security="SEC05-BP02",
)
def s3_bucket_mfa_delete(bucket: Resource, inventory: Inventory) -> Fault | None:
    """Versioned bucket does not ask for MFA to delete versions.

    Stolen keys are then enough to delete every version, or to stop versioning. A bucket without versions is
    told by `s3-bucket-versioning`. S3 takes no lifecycle rules together with it, and only root can turn it on.

    Fix: as root, `aws s3api put-bucket-versioning` with `MFADelete=Enabled`; or lock the objects
    (`aws_s3_bucket_object_lock_configuration`), and accept this finding.

    Fails:

        resource "aws_s3_bucket" "orders" {
          bucket = "acme-orders"
        }

        resource "aws_s3_bucket_versioning" "orders" {
          bucket = aws_s3_bucket.orders.id

          versioning_configuration {
            status = "Enabled"
          }
        }

    Passes:

        resource "aws_s3_bucket" "orders" {
          bucket = "acme-orders"
        }

        resource "aws_s3_bucket_versioning" "orders" {
          bucket = aws_s3_bucket.orders.id

          versioning_configuration {
            status     = "Enabled"
            mfa_delete = "Enabled"
          }
        }

    Passes:

        resource "aws_s3_bucket" "scratch" {
          bucket = "acme-scratch"
        }
    """

    def lax(versioning: Resource) -> Resource | None:
        blocks = versioning["versioning_configuration"] or ()
        found = any(each["status"] == "Enabled" and said_in(each, "mfa_delete") != "Enabled" for each in blocks)
        return versioning if found else None

    found = any_of(lax, inventory.near(bucket, "aws_s3_bucket_versioning", bucket=bucket["bucket"]))
    if not found:
        return None
    return Fault(f"versions in {bucket.id} can be deleted without MFA", evidence_of(found, "versioning_configuration"))


@check("aws_s3_bucket", severity=Severity.LOW, category=Category.BACKUP, fsbp="S3.7")
def s3_bucket_replication(bucket: Resource, inventory: Inventory) -> str | Fault | None:
    """Bucket is not replicated to another region.

    What lies in one region is out of reach while that region is. A rule counts that is switched on; where the
    bucket it copies to was read and lies in the same region, it does not.

    Fix: declare an `aws_s3_bucket_replication_configuration` to a bucket in another region; for data that
    can be made again, accept this finding.

    Fails:

        resource "aws_s3_bucket" "orders" {
          bucket = "acme-orders"
        }

    Passes:

        resource "aws_s3_bucket" "orders" {
          bucket = "acme-orders"
        }

        resource "aws_s3_bucket_replication_configuration" "orders" {
          bucket = aws_s3_bucket.orders.id
          role   = "arn:aws:iam::123456789012:role/replication"

          rule {
            status = "Enabled"

            destination {
              bucket = "arn:aws:s3:::acme-orders-copy"
            }
          }
        }
    """

    def copies(setting: Resource) -> bool:
        return bool(any_of(lambda to: _is_elsewhere(to, bucket, inventory), _destinations(setting)))

    found = inventory.near(bucket, REPLICATION, bucket=bucket["bucket"])
    if any_of(copies, found):
        return None
    evidence = evidence_among(REPLICATION, found, "rule")
    return Fault(f"{bucket.id} is not replicated to another region", evidence)


def _destinations(setting: Resource) -> Iterator[Mapping[str, Any]]:
    for rule in setting["rule"] or ():
        if rule["status"] == "Enabled":
            yield from rule.get("destination") or ()


def _is_elsewhere(to: Mapping[str, Any], bucket: Resource, inventory: Inventory) -> bool:
    """Whether a rule leads out of the bucket's region: a bucket that is not seen in it lies elsewhere."""
    same = inventory.near(bucket, "aws_s3_bucket", bucket=str(to["bucket"]).rpartition(":::")[2])
    return not (same and bucket.region)


@check(
    "aws_s3_bucket",
    severity=Severity.LOW,
    category=Category.LOGGING,
    fsbp="S3.9",
    pci_4="5.3.4;10.2.1;10.2.1.1;10.2.1.2;10.2.1.3;10.2.1.4;10.2.1.5;10.2.1.6;10.2.1.7;10.2.2;10.3.1;10.6.3;A1.2.1",
    soc2="cc_7_2;cc_7_3;cc_a_1_1",
    nist_800_53_r5=(
        "ac_2_4;ac_3_1;ac_3_10;ac_4_26;ac_6_9;au_10;au_12_1;au_12_2;au_12_3;au_12_4;au_12_a;au_12_c;au_14_3;"
        "au_14_a;au_14_b;au_2_b;au_3_a;au_3_b;au_3_c;au_3_d;au_3_e;au_3_f;au_6_3;au_6_4;au_6_6;au_6_9;au_8_b;"
        "ca_7_b;cm_5_1_b;cm_6_a;cm_9_b;ia_3_3_b;ma_4_1_a;pm_14_a_1;pm_14_b;pm_31;sc_7_9_b;si_10_1_c;si_1_1_c;"
        "si_3_8_b;si_4_17;si_4_2;si_4_20;si_7_8"
    ),
    hipaa="164_308_a_1_ii_d;164_308_a_3_ii_a;164_308_a_6_ii;164_312_b;164_312_e_2_i",
    well_architected_security="SEC04-BP01",
)
def s3_bucket_access_logging(bucket: Resource, inventory: Inventory) -> str | None:
    """Server access logs of the bucket are not kept.

    Who read what is nowhere else but in data events, which cost more. A bucket that keeps the logs of others
    is exempt, other than with Prowler: its own log would grow of itself.

    Fix: declare an `aws_s3_bucket_logging` to a bucket for logs.

    Fails:

        resource "aws_s3_bucket" "orders" {
          bucket = "acme-orders"
        }

    Passes:

        resource "aws_s3_bucket" "orders" {
          bucket = "acme-orders"
        }

        resource "aws_s3_bucket_logging" "orders" {
          bucket        = aws_s3_bucket.orders.id
          target_bucket = "acme-access-logs"
          target_prefix = "orders/"
        }

    Passes:

        resource "aws_s3_bucket" "logs" {
          bucket = "acme-access-logs"
        }

        resource "aws_s3_bucket_logging" "orders" {
          bucket        = "acme-orders"
          target_bucket = aws_s3_bucket.logs.id
          target_prefix = "orders/"
        }
    """
    if logs_accesses(bucket, inventory):
        return None
    keeps = inventory.near(bucket, "aws_s3_bucket_logging", target_bucket=bucket["bucket"])
    return None if keeps else f"{bucket.id} logs no accesses"


@check(
    "aws_s3_bucket",
    severity=Severity.LOW,
    category=Category.COST,
    fsbp="S3.13",
    pci_4="3.2.1;3.3.1.1;3.3.1.3;3.3.2;3.3.3;10.5.1",
)
def s3_bucket_lifecycle(bucket: Resource, inventory: Inventory) -> Fault | None:
    """Bucket has no lifecycle rule, so old data is kept and paid for without end.

    Unfinished uploads, old versions and logs of years add up unseen. A rule counts that is switched on.

    Fix: declare an `aws_s3_bucket_lifecycle_configuration`, at the least one that ends unfinished uploads.

    Fails:

        resource "aws_s3_bucket" "orders" {
          bucket = "acme-orders"
        }

    Passes:

        resource "aws_s3_bucket" "orders" {
          bucket = "acme-orders"
        }

        resource "aws_s3_bucket_lifecycle_configuration" "orders" {
          bucket = aws_s3_bucket.orders.id

          rule {
            id     = "uploads"
            status = "Enabled"

            abort_incomplete_multipart_upload {
              days_after_initiation = 7
            }
          }
        }
    """
    found = inventory.near(bucket, LIFECYCLE, bucket=bucket["bucket"])
    if any_of(lambda each: any(rule["status"] == "Enabled" for rule in each["rule"] or ()), found):
        return None
    evidence = evidence_among(LIFECYCLE, found, "rule")
    return Fault(f"{bucket.id} has no lifecycle rule", evidence)
