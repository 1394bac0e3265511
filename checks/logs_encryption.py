"""Amazon CloudWatch Logs: under whose key log groups lie."""

from __future__ import annotations

from checks.check import Category, Severity, check
from state import Inventory, Resource


@check(
    "aws_cloudwatch_log_group",
    severity=Severity.LOW,
    category=Category.ENCRYPTION,
    pci_4="3.5.1;8.3.2;10.3.2;10.3.3;10.3.4;A1.2.1",
    nist_800_53_r5="au_9_3;cp_9_d;sc_13_a;sc_28_1;sc_8_3;sc_8_4;si_19_4",
    soc2="cc_7_3;pi_1_4",
    hipaa="164_308_a_1_ii_b;164_308_a_4_ii_a;164_312_a_2_iv;164_312_e_2_ii",
    gdpr="article_32",
    well_architected_security="SEC08-BP02",
)
def logs_kms(group: Resource, inventory: Inventory) -> str | None:
    """Log group is not encrypted with a KMS key.

    AWS encrypts every group with a key of its own, which is enough for most; a customer key's policy decides too
    who reads, and its use shows in CloudTrail.

    Fix: set `kms_key_id` to the ARN of a key whose policy lets CloudWatch Logs use it.

    Fails:

        resource "aws_cloudwatch_log_group" "shop" {
          name = "shop"
        }

    Passes:

        resource "aws_cloudwatch_log_group" "shop" {
          name       = "shop"
          kms_key_id = "arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d"
        }
    """
    return None if group["kms_key_id"] else f"{group.name} is not encrypted with a KMS key"
