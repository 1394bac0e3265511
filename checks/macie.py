"""Amazon Macie: whether somebody knows what personal data lies in buckets."""

from __future__ import annotations

from checks.check import Category, Fault, Severity, check, evidence_of
from checks.doubt import any_of, said
from state import Inventory, Resource

SESSION = "aws_macie2_account"


@check(
    "region",
    severity=Severity.LOW,
    category=Category.LOGGING,
    cis_3_0="2.1.3",
    cis_5_0="2.1.3",
    cis_6_0="3.1.3",
    cis_7_0="3.1.3",
    fsbp="Macie.1",
    pci_4="A3.2.5.1;A3.2.5.2",
    well_architected_security="SEC04-BP04",
)
def macie_enabled(region: Resource, inventory: Inventory) -> Fault | None:
    """Region's buckets are not classified by Macie.

    Names and card numbers lie where nobody meant them to: in logs, exports, uploads. A region without buckets
    passes.

    Fix: declare an `aws_macie2_account` in the region; where another tool looks for such data, accept this finding.

    Fails:

        region {}

        resource "aws_s3_bucket" "orders" {
          bucket = "acme-orders"
        }

    Fails:

        region {}

        resource "aws_s3_bucket" "orders" {
          bucket = "acme-orders"
        }

        resource "aws_macie2_account" "it" {
          status = "PAUSED"
        }

    Passes:

        region {}

        resource "aws_s3_bucket" "orders" {
          bucket = "acme-orders"
        }

        resource "aws_macie2_account" "it" {
          status = "ENABLED"
        }

    Passes:

        region {}
    """
    if not inventory.near(region, "aws_s3_bucket"):
        return None
    found = inventory.near(region, SESSION)
    if any_of(lambda each: said(each, "status") in (None, "ENABLED"), found):
        return None
    if not found:
        return Fault(f"no Macie in {region.id}, which has buckets", {SESSION: None})
    return Fault(f"Macie is paused in {region.id}", evidence_of(found[0], "status"))
