"""Amazon Inspector: whether what runs in a region is searched for known flaws."""

from __future__ import annotations

from checks.absence import evidence_among
from checks.check import Category, Fault, Severity, check
from checks.doubt import any_of
from state import Inventory, Resource

ENABLER = "aws_inspector2_enabler"
SCANNED = (
    ("aws_instance", ("EC2",)),
    ("aws_ecr_repository", ("ECR",)),
    ("aws_lambda_function", ("LAMBDA", "LAMBDA_CODE")),
)


@check(
    "region",
    severity=Severity.MEDIUM,
    category=Category.LOGGING,
)
def inspector_enabled(region: Resource, inventory: Inventory) -> Fault | None:
    """Region's instances, images or functions are not scanned by Inspector.

    A flaw that everybody knows of is what is tried first. It counts what the region has: machines, repositories of
    images, functions. Whoever scans otherwise accepts this finding.

    Fix: declare an `aws_inspector2_enabler` with the `resource_types` that are there.

    Fails:

        region {}

        resource "aws_instance" "web" {
          instance_type = "t3.micro"
        }

    Passes:

        region {}
    """

    def scans(kinds: tuple[str, ...]) -> bool:
        def one(enabler: Resource) -> bool:
            return any(kind in (enabler["resource_types"] or ()) for kind in kinds)

        return bool(any_of(one, inventory.near(region, ENABLER)))

    def missing(need: tuple[str, tuple[str, ...]]) -> Fault | None:
        type, kinds = need
        there = inventory.near(region, type)
        if not there or scans(kinds):
            return None
        enablers = inventory.near(region, ENABLER)
        evidence = evidence_among(ENABLER, enablers, "resource_types")
        return Fault(f"{there[0].name} in {region.id} is not scanned by Inspector", evidence)

    return any_of(missing, SCANNED)
