"""AWS CloudTrail: a trail's files, and the bucket that they lie in."""

from __future__ import annotations

from datetime import timedelta

from checks.check import Category, Fault, Severity, Skip, check, evidence_of
from checks.clock import moment
from checks.doubt import any_of
from checks.s3_access import READING, WRITING, opening
from checks.s3_settings import logs_accesses
from state import GLOBAL, Inventory, Resource, Unknown

DELIVERED = timedelta(days=1)


def bucket_of(trail: Resource, inventory: Inventory) -> Resource:
    """The bucket of a trail's files, in whichever account; raises Unknown where it was not read."""
    name = trail["s3_bucket_name"]
    found = any_of(lambda each: each if each["bucket"] == name else None, inventory.of("aws_s3_bucket"))
    if found:
        return found
    reason = inventory.unseen("aws_s3_bucket", trail.account, GLOBAL, name)
    raise Unknown(reason or f"the bucket {name} is of another account, which was not read, or is gone")


def _at_home(trail: Resource) -> None:
    """A member can change nothing of the organization's trail."""
    if trail.owner:
        raise Skip(f"{trail.name} is the organization's, and judged where that made it")


@check(
    "aws_cloudtrail",
    severity=Severity.MEDIUM,
    category=Category.LOGGING,
    cis_3_0="3.2",
    cis_5_0="3.2",
    cis_6_0="4.2",
    cis_7_0="4.2",
    fsbp="CloudTrail.4",
    pci_4="10.3.2;10.3.3;10.3.4;A1.2.1",
    soc2="cc_7_3;pi_1_3",
    nist_800_53_r5=(
        "au_9_a;cm_6_a;cm_9_b;pm_11_b;pm_17_b;sa_10_1;sa_1_1;sc_16_1;si_1_a_2;si_4_d;si_7_1;si_7_3;si_7_7;si_7_a"
    ),
    hipaa="164_308_a_1_ii_b;164_308_a_1_ii_d;164_312_b;164_312_c_1;164_312_c_2",
    gdpr="article_25;article_32",
    well_architected_security="SEC06-BP01;SEC06-BP06",
)
def cloudtrail_log_validation(trail: Resource, inventory: Inventory) -> str | None:
    """Trail's files carry no digest.

    Whoever may write to the bucket can then change what happened, and nobody can tell. With digests each
    hour's files are signed.

    Fix: set `enable_log_file_validation = true`.

    CLI: `aws cloudtrail update-trail --name {arn} --enable-log-file-validation`

    Fails:

        resource "aws_cloudtrail" "all" {
          name                       = "all"
          enable_log_file_validation = false
        }

    Passes:

        resource "aws_cloudtrail" "all" {
          name                       = "all"
          enable_log_file_validation = true
        }
    """
    _at_home(trail)
    return None if trail["enable_log_file_validation"] else f"the files of {trail.name} carry no digest"


@check(
    "aws_cloudtrail",
    severity=Severity.MEDIUM,
    category=Category.ENCRYPTION,
    cis_3_0="3.5",
    cis_5_0="3.5",
    cis_6_0="4.5",
    cis_7_0="4.5",
    fsbp="CloudTrail.2",
    pci_4="3.5.1;8.3.2;10.3.2;10.3.3;10.3.4;A1.2.1",
    nist_800_53_r5="au_9_3;cm_6_a;cm_9_b;cp_9_d;sc_13_a;sc_28_1;sc_8_3;sc_8_4;si_19_4",
    hipaa="164_308_a_1_ii_b;164_308_a_1_ii_d;164_308_a_4_ii_a;164_312_a_2_iv;164_312_c_1;164_312_c_2;164_312_e_2_ii",
    gdpr="article_25;article_30;article_32",
    well_architected_security="SEC08-BP02",
)
def cloudtrail_kms(trail: Resource, inventory: Inventory) -> str | None:
    """Trail's files are not encrypted with a KMS key.

    With a key of one's own, who may read the bucket still has to be let use the key, and each use of it is
    recorded.

    Fix: set `kms_key_id`, and let CloudTrail encrypt with the key.

    Fails:

        resource "aws_cloudtrail" "all" {
          name = "all"
        }

    Passes:

        resource "aws_cloudtrail" "all" {
          name       = "all"
          kms_key_id = "arn:aws:kms:eu-west-1:123456789012:key/0a1b"
        }
    """
    _at_home(trail)
    return None if trail["kms_key_id"] else f"the files of {trail.name} are not encrypted with a KMS key"


@check(
    "aws_cloudtrail",
    severity=Severity.LOW,
    category=Category.LOGGING,
    fsbp="CloudTrail.5",
    pci_4=(
        "5.3.4;10.2.1;10.2.1.1;10.2.1.2;10.2.1.3;10.2.1.4;10.2.1.5;10.2.1.6;10.2.1.7;10.2.2;10.3.1;10.4.1.1;10.6.3;"
        "11.5.2;11.6.1;12.10.5;A1.2.1;A3.3.1;A3.5.1"
    ),
    soc2="cc_7_2;cc_7_3;cc_a_1_1;pi_1_3",
    nist_800_53_r5=(
        "ac_2_4;ac_3_1;ac_3_10;ac_4_26;ac_6_9;au_10;au_12_1;au_12_2;au_12_3;au_12_4;au_12_a;au_12_c;au_14_3;"
        "au_14_a;au_14_b;au_16;au_2_b;au_3_a;au_3_b;au_3_c;au_3_d;au_3_e;au_3_f;au_4_1;au_6_1;au_6_3;au_6_4;"
        "au_6_5;au_6_6;au_6_9;au_7_1;au_8_b;au_9_7;ca_7_b;cm_5_1_b;cm_6_a;cm_9_b;ia_3_3_b;ma_4_1_a;pm_14_a_1;"
        "pm_14_b;pm_31;sc_7_9_b;si_10_1_c;si_1_1_c;si_3_8_b;si_4_17;si_4_2;si_4_20;si_7_8"
    ),
    hipaa="164_308_a_1_ii_d;164_308_a_6_ii;164_312_b;164_312_e_2_i",
    gdpr="article_25;article_30",
    well_architected_reliability="REL06-BP01",
    well_architected_security="SEC04-BP01",
)
def cloudtrail_cloudwatch(trail: Resource, inventory: Inventory) -> str | Fault | None:
    """Trail does not reach CloudWatch Logs.

    Files in a bucket are read after the fact; alarms hang on a log group. A trail that has one, and whose
    last delivery was more than a day ago, does not reach it either.

    Fix: set `cloud_watch_logs_group_arn` and a role that may write to it.

    Fails:

        resource "aws_cloudtrail" "all" {
          name = "all"
        }

    Fails:

        live "aws_cloudtrail" "all" {
          name                                 = "all"
          cloud_watch_logs_group_arn           = "arn:aws:logs:eu-west-1:123456789012:log-group:trail:*"
          latest_cloud_watch_logs_delivery_time = "-3 days"
        }

    Passes:

        resource "aws_cloudtrail" "all" {
          name                       = "all"
          cloud_watch_logs_group_arn = "arn:aws:logs:eu-west-1:123456789012:log-group:trail:*"
        }

    Passes:

        live "aws_cloudtrail" "all" {
          name                                 = "all"
          cloud_watch_logs_group_arn           = "arn:aws:logs:eu-west-1:123456789012:log-group:trail:*"
          latest_cloud_watch_logs_delivery_time = "-1 hours"
        }
    """
    if not trail["cloud_watch_logs_group_arn"]:
        return f"{trail.name} does not write to CloudWatch Logs"
    if trail.declared is not None or trail.owner:  # what the organization's trail delivers is known at its home
        return None
    last = trail.fact("latest_cloud_watch_logs_delivery_time")
    if last and inventory.taken_at - moment(last) <= DELIVERED:
        return None
    return (
        f"{trail.name} last wrote to CloudWatch Logs {last}" if last else f"{trail.name} never wrote to its log group"
    )


@check(
    "aws_cloudtrail",
    severity=Severity.CRITICAL,
    category=Category.PUBLIC_EXPOSURE,
    fsbp="CloudTrail.6",
    gdpr="article_25",
    well_architected_security="SEC03-BP07",
)
def cloudtrail_bucket_public(trail: Resource, inventory: Inventory) -> Fault | None:
    """Bucket with the trail's files is public.

    The files name every user, role, address and resource of the account: a map for whoever wants in. Who
    may write to it can also wipe out what they did. Policies, ACLs and Block Public Access count as they do
    for any bucket.

    Fix: declare an `aws_s3_bucket_public_access_block` with all four arguments true.

    Fails:

        resource "aws_cloudtrail" "all" {
          s3_bucket_name = aws_s3_bucket.trail.id
        }

        resource "aws_s3_bucket" "trail" {
          bucket = "acme-trail"
        }

        resource "aws_s3_bucket_acl" "trail" {
          bucket = aws_s3_bucket.trail.id
          acl    = "public-read"
        }

    Passes:

        resource "aws_cloudtrail" "all" {
          s3_bucket_name = aws_s3_bucket.trail.id
        }

        resource "aws_s3_bucket" "trail" {
          bucket = "acme-trail"
        }

        resource "aws_s3_bucket_acl" "trail" {
          bucket = aws_s3_bucket.trail.id
          acl    = "private"
        }
    """
    bucket = bucket_of(trail, inventory)
    ways = ((READING, "READ"), (WRITING, "WRITE"))
    found = any_of(lambda way: opening(bucket, inventory, *way), ways)
    return Fault(f"{bucket.id} with the files of {trail.name}: {found.message}", found.evidence) if found else None


@check(
    "aws_cloudtrail",
    severity=Severity.LOW,
    category=Category.LOGGING,
    cis_3_0="3.4",
    cis_5_0="3.4",
    cis_6_0="4.4",
    cis_7_0="4.4",
    fsbp="CloudTrail.7",
    soc2="cc_a_1_1",
    gdpr="article_25",
    well_architected_security="SEC04-BP01",
)
def cloudtrail_bucket_logging(trail: Resource, inventory: Inventory) -> Fault | None:
    """Bucket with the trail's files logs no accesses.

    Who read the trail, or deleted of it, is in the bucket's own log only.

    Fix: declare an `aws_s3_bucket_logging` for the bucket, to a bucket of other owners.

    Fails:

        resource "aws_cloudtrail" "all" {
          s3_bucket_name = aws_s3_bucket.trail.id
        }

        resource "aws_s3_bucket" "trail" {
          bucket = "acme-trail"
        }

    Passes:

        resource "aws_cloudtrail" "all" {
          s3_bucket_name = aws_s3_bucket.trail.id
        }

        resource "aws_s3_bucket" "trail" {
          bucket = "acme-trail"
        }

        resource "aws_s3_bucket_logging" "trail" {
          bucket        = aws_s3_bucket.trail.id
          target_bucket = "acme-access-logs"
          target_prefix = "trail/"
        }
    """
    bucket = bucket_of(trail, inventory)
    if logs_accesses(bucket, inventory):
        return None
    return Fault(f"{bucket.id} with the files of {trail.name} logs no accesses", evidence_of(bucket, "bucket"))
