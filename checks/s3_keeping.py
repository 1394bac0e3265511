"""Amazon S3: under whose key a bucket's objects lie, how long their versions stay, and whether they are locked."""

from __future__ import annotations

from checks.absence import evidence_among
from checks.check import Category, Fault, Severity, check, evidence_of
from checks.doubt import any_of, said, said_in
from state import Inventory, Resource

BY_KMS = ("aws:kms", "aws:kms:dsse")
ON = ("Enabled",)


@check(
    "aws_s3_bucket",
    severity=Severity.MEDIUM,
    category=Category.PUBLIC_EXPOSURE,
)
def s3_bucket_website_public(bucket: Resource, inventory: Inventory) -> Fault | None:
    """Static website hosting is on for a bucket that is not fronted by a CDN.

    A website endpoint of S3 speaks no HTTPS, and works only where everybody may read the bucket. One that
    redirects all requests is exempt. A distribution that lies in another account is not seen.

    Fix: put an `aws_cloudfront_distribution` before the bucket, and take the website away.

    Fails:

        resource "aws_s3_bucket" "site" {
          bucket = "acme-site"
        }

        resource "aws_s3_bucket_website_configuration" "site" {
          bucket = aws_s3_bucket.site.id

          index_document {
            suffix = "index.html"
          }
        }

    Passes:

        resource "aws_s3_bucket" "site" {
          bucket = "acme-site"
        }

        resource "aws_s3_bucket_website_configuration" "site" {
          bucket = aws_s3_bucket.site.id

          index_document {
            suffix = "index.html"
          }
        }

        resource "aws_cloudfront_distribution" "site" {
          origin {
            domain_name = "acme-site.s3-website-eu-west-1.amazonaws.com"
            origin_id   = "site"
          }
        }

    Passes:

        resource "aws_s3_bucket" "orders" {
          bucket = "acme-orders"
        }
    """
    name = bucket["bucket"]

    def serves(website: Resource) -> Resource | None:
        return None if said(website, "redirect_all_requests_to") else website

    def fronts(distribution: Resource) -> bool:
        return any(str(each["domain_name"]).startswith(f"{name}.s3") for each in distribution["origin"] or ())

    found = any_of(serves, inventory.near(bucket, "aws_s3_bucket_website_configuration", bucket=name))
    if found is None or any_of(fronts, inventory.near(bucket, "aws_cloudfront_distribution")):
        return None
    return Fault(f"{bucket.id} is a website with no CDN before it", evidence_of(found, "index_document"))


@check(
    "aws_s3_bucket",
    severity=Severity.LOW,
    category=Category.ENCRYPTION,
    fsbp="S3.17",
    pci_4="3.5.1;8.3.2",
    soc2="pi_1_4",
)
def s3_bucket_kms_encryption(bucket: Resource, inventory: Inventory) -> str | Fault | None:
    """Bucket's default encryption does not use a KMS key.

    S3's own key decrypts for whoever may read the object; a KMS key's policy decides too, and its use shows in
    CloudTrail. Buckets that take logs of load balancers or of S3 itself cannot have one: accept the finding there.

    Fix: declare an `aws_s3_bucket_server_side_encryption_configuration` with `sse_algorithm = "aws:kms"`.

    Fails:

        resource "aws_s3_bucket" "orders" {
          bucket = "acme-orders"
        }

    Passes:

        resource "aws_s3_bucket" "orders" {
          bucket = "acme-orders"
        }

        resource "aws_s3_bucket_server_side_encryption_configuration" "orders" {
          bucket = aws_s3_bucket.orders.id

          rule {
            apply_server_side_encryption_by_default {
              sse_algorithm = "aws:kms"
            }
          }
        }
    """

    def by_kms(setting: Resource) -> bool:
        rules = (
            each for rule in setting["rule"] or () for each in rule["apply_server_side_encryption_by_default"] or ()
        )
        return any(each["sse_algorithm"] in BY_KMS for each in rules)

    type = "aws_s3_bucket_server_side_encryption_configuration"
    found = inventory.near(bucket, type, bucket=bucket["bucket"])
    if any_of(by_kms, found):
        return None
    return Fault(f"{bucket.id} is not encrypted with a KMS key", evidence_among(type, found, "rule"))


@check(
    "aws_s3_bucket",
    severity=Severity.LOW,
    category=Category.BACKUP,
    fsbp="S3.15",
    pci_4="10.3.4",
    soc2="pi_1_5",
)
def s3_bucket_object_lock(bucket: Resource, inventory: Inventory) -> str | None:
    """Object Lock is not enabled on the bucket.

    Without it whoever may delete, deletes backups and logs as well; with it nobody does until their time is over. For
    data that is to be deleted on request, accept this finding.

    Fix: declare an `aws_s3_bucket_object_lock_configuration`, with a retention that you can live with.

    Fails:

        resource "aws_s3_bucket" "backups" {
          bucket = "acme-backups"
        }

    Passes:

        resource "aws_s3_bucket" "backups" {
          bucket = "acme-backups"
        }

        resource "aws_s3_bucket_object_lock_configuration" "backups" {
          bucket              = aws_s3_bucket.backups.id
          object_lock_enabled = "Enabled"
        }
    """
    found = inventory.near(bucket, "aws_s3_bucket_object_lock_configuration", bucket=bucket["bucket"])
    if any_of(lambda each: said(each, "object_lock_enabled") in (None, *ON), found):
        return None
    return f"{bucket.id} has no Object Lock"


@check(
    "aws_s3_bucket",
    severity=Severity.LOW,
    category=Category.COST,
    fsbp="S3.10",
)
def s3_bucket_noncurrent_expiry(bucket: Resource, inventory: Inventory) -> Fault | None:
    """Versioned bucket never expires old object versions.

    Each object that is written over or deleted stays, and is paid for, without end and unseen. A rule counts that is
    switched on, whichever objects it is about. A bucket without versions passes.

    Fix: add a `noncurrent_version_expiration` to the bucket's `aws_s3_bucket_lifecycle_configuration`.

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
            status = "Enabled"
          }
        }

        resource "aws_s3_bucket_lifecycle_configuration" "orders" {
          bucket = aws_s3_bucket.orders.id

          rule {
            id     = "old"
            status = "Enabled"

            noncurrent_version_expiration {
              noncurrent_days = 30
            }
          }
        }

    Passes:

        resource "aws_s3_bucket" "scratch" {
          bucket = "acme-scratch"
        }
    """

    def keeps(versioning: Resource) -> Resource | None:
        blocks = versioning["versioning_configuration"] or ()
        return versioning if any(each["status"] in ON for each in blocks) else None

    def ends(lifecycle: Resource) -> bool:
        rules = lifecycle["rule"] or ()
        return any(each["status"] in ON and bool(said_in(each, "noncurrent_version_expiration")) for each in rules)

    name = bucket["bucket"]
    kept = any_of(keeps, inventory.near(bucket, "aws_s3_bucket_versioning", bucket=name))
    if kept is None or any_of(ends, inventory.near(bucket, "aws_s3_bucket_lifecycle_configuration", bucket=name)):
        return None
    return Fault(f"{bucket.id} never expires old versions", evidence_of(kept, "versioning_configuration"))
