"""AWS Config: whether a region's resources are recorded."""

from __future__ import annotations

from checks.absence import evidence_among
from checks.check import Category, Fault, Severity, check
from checks.doubt import any_of, both
from state import Inventory, Resource

STATUS = "aws_config_configuration_recorder_status"


@check(
    "region",
    severity=Severity.MEDIUM,
    category=Category.LOGGING,
    cis_3_0="3.3",
    cis_5_0="3.3",
    cis_6_0="4.3",
    cis_7_0="4.3",
    fsbp="Config.1",
    soc2="cc_2_1;cc_3_1;cc_3_4;cc_8_1;pi_1_3",
    hipaa="164_308_a_1_ii_a",
    gdpr="article_25;article_30",
    well_architected_security="SEC04-BP02",
)
def config_recorder(region: Resource, inventory: Inventory) -> Fault | None:
    """Region's Config recorder is absent, stopped or failing.

    Without it nobody can say what a resource looked like last week, and the controls of Security Hub that
    ask Config stay silent. What a service records for itself alone does not count. Failing is a recorder
    whose last delivery failed. Which types it records is left to whoever pays for them, as with Prowler;
    AWS's own control wants them all.

    Fix: declare `aws_config_configuration_recorder`, `aws_config_delivery_channel` and
    `aws_config_configuration_recorder_status` with `is_enabled = true`.

    Fails:

        region {}

    Fails:

        region {}

        resource "aws_config_configuration_recorder_status" "it" {
          name       = "default"
          is_enabled = false
        }

    Passes:

        region {}

        resource "aws_config_configuration_recorder_status" "it" {
          name       = "default"
          is_enabled = true
        }
    """
    own = [each for each in inventory.near(region, STATUS) if not each.owner]
    if any_of(lambda each: both(lambda: each["is_enabled"], lambda: not _fails(each)), own):
        return None
    if not own:
        return Fault(f"no recorder of Config in {region.id}", {STATUS: None})
    evidence = evidence_among(STATUS, own[:1], "is_enabled") | (
        {"last_error_code": _fails(own[0])} if _fails(own[0]) else {}
    )
    return Fault(f"the recorder of Config in {region.id} is {'failing' if _fails(own[0]) else 'stopped'}", evidence)


def _fails(recorder: Resource) -> str | None:
    """The error of a recorder that fails; what is declared does not fail yet."""
    if recorder.declared is not None or str(recorder.fact("last_status")).upper() != "FAILURE":
        return None
    return str(recorder.fact("last_error_code") or "failure")
