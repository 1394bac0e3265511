"""Amazon GuardDuty: whether a region is watched."""

from __future__ import annotations

from checks.check import Category, Fault, Severity, check, evidence_of
from checks.doubt import any_of, said
from state import Inventory, Resource

DETECTOR = "aws_guardduty_detector"


@check(
    "region",
    severity=Severity.HIGH,
    category=Category.LOGGING,
    fsbp="GuardDuty.1",
    pci_4="11.5.1;11.5.1.1",
    soc2="cc_3_1;cc_3_2;cc_4_2;cc_6_8;cc_7_1;cc_7_2;cc_7_3;cc_7_4",
    nist_800_53_r5=(
        "ac_2_12_a;ac_3_12_b;au_12_3;au_14_a;au_14_b;au_3_1;au_6_1;au_6_5;ca_2_d;ca_7;ca_7_b;cm_8_3_a;pe_6_2;"
        "pe_6_4;pm_14_a_1;pm_14_b;pm_16;pm_31;ra_10_a;ra_10_a_1;ra_10_a_2;ra_1_a;ra_1_a_1;ra_1_a_2;ra_3_4;"
        "ra_3_a_1;ra_5_4;ra_5_a;sc_43_b;sc_5_1;sc_5_3_a;sc_5_3_b;sc_5_a;sc_5_b;si_3_8_a;si_4_1;si_4_10;si_4_13_a;"
        "si_4_14;si_4_2;si_4_23;si_4_25;si_4_3;si_4_4_a;si_4_4_b;si_4_a;si_4_a_1;si_4_a_2;si_4_b;si_4_c;si_5_1;"
        "si_5_b"
    ),
    hipaa=(
        "164_308_a_1_ii_a;164_308_a_1_ii_d;164_308_a_3_ii_a;164_308_a_5_ii_c;164_308_a_6_i;164_308_a_6_ii;"
        "164_308_a_8;164_312_b;164_312_e_2_i"
    ),
    well_architected_security="SEC04-BP04;SEC05-BP04",
)
def guardduty_enabled(region: Resource, inventory: Inventory) -> Fault | None:
    """Region has no active GuardDuty detector.

    Stolen credentials are used where nobody works, which is why a region without anything in it counts too.
    A detector that is suspended watches nothing.

    Fix: declare an `aws_guardduty_detector` in each region, best from the organization's administrator.

    CLI: `aws guardduty create-detector --enable`

    Fails:

        region {}

    Fails:

        region {}

        resource "aws_guardduty_detector" "it" {
          enable = false
        }

    Passes:

        region {}

        resource "aws_guardduty_detector" "it" {
          enable = true
        }
    """
    found = inventory.near(region, DETECTOR)
    if any_of(lambda each: said(each, "enable") is not False, found):
        return None
    if not found:
        return Fault(f"no detector of GuardDuty in {region.id}", {DETECTOR: None})
    return Fault(f"the detector of GuardDuty in {region.id} is suspended", evidence_of(found[0], "enable"))
