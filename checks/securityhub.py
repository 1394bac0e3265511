"""AWS Security Hub: whether a region has it, and a standard to judge by."""

from __future__ import annotations

from checks.absence import evidence_among
from checks.check import Category, Fault, Severity, check
from checks.doubt import any_of
from state import Inventory, Resource

HUB, STANDARD = "aws_securityhub_account", "aws_securityhub_standards_subscription"


@check(
    "region",
    severity=Severity.MEDIUM,
    category=Category.LOGGING,
    cis_3_0="4.16",
    cis_5_0="4.16",
    cis_6_0="5.16",
    cis_7_0="5.16",
    pci_4="10.2.1.1;10.4.1;10.4.1.1;10.4.2;10.6.3;10.7.1;10.7.2;A3.3.1;A3.5.1",
    soc2="cc_3_1;cc_6_8;cc_7_1;cc_7_2;cc_7_3;cc_7_4",
    nist_800_53_r5="au_12_3;au_14_a;au_14_b;au_6_1;au_6_5;ca_2_d;ca_7;ca_7_b;pm_14_a_1;pm_14_b;pm_31",
    hipaa=(
        "164_308_a_1_ii_d;164_308_a_3_ii_a;164_308_a_5_ii_c;164_308_a_6_i;164_308_a_6_ii;164_308_a_8;164_312_b;"
        "164_312_e_2_i"
    ),
    well_architected_security="SEC04-BP04",
)
def securityhub_enabled(region: Resource, inventory: Inventory) -> Fault | None:
    """Region has no Security Hub with a standard switched on.

    It gathers what GuardDuty, Inspector and the rest find; without a standard it judges nothing by itself.
    A standard on its way out does not count.

    Fix: declare `aws_securityhub_account` and an `aws_securityhub_standards_subscription` in each region.

    CLI: `aws securityhub enable-security-hub --enable-default-standards`

    Fails:

        region {}

    Fails:

        region {}

        resource "aws_securityhub_account" "it" {}

    Passes:

        region {}

        resource "aws_securityhub_account" "it" {}

        resource "aws_securityhub_standards_subscription" "fsbp" {
          standards_arn = "arn:aws:securityhub:eu-west-1::standards/aws-foundational-security-best-practices/v/1.0.0"
        }
    """
    if not inventory.near(region, HUB):
        return Fault(f"no Security Hub in {region.id}", {HUB: None})
    found = inventory.near(region, STANDARD)
    if any_of(_is_on, found):
        return None
    evidence = evidence_among(STANDARD, found, "standards_arn", "standards_status")
    return Fault(f"Security Hub in {region.id} follows no standard", evidence)


def _is_on(standard: Resource) -> bool:
    return standard.declared is not None or standard.fact("standards_status") not in ("DELETING", "FAILED")
