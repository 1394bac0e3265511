"""AWS IAM Access Analyzer: whether a region has one that looks for access from outside."""

from __future__ import annotations

from checks.absence import evidence_among
from checks.check import Category, Fault, Severity, check
from checks.doubt import any_of, both, said
from state import Inventory, Resource

ANALYZER = "aws_accessanalyzer_analyzer"
OF_OUTSIDE = (None, "ACCOUNT", "ORGANIZATION")


@check(
    "region",
    severity=Severity.MEDIUM,
    category=Category.IAM,
    cis_3_0="1.20",
    cis_5_0="1.19",
    cis_6_0="2.19",
    cis_7_0="2.18",
)
def accessanalyzer_enabled(region: Resource, inventory: Inventory) -> Fault | None:
    """Region has no external access analyzer.

    It costs nothing and tells which buckets, roles, keys, queues and secrets somebody outside can use. One that
    looks for unused or for internal access is another thing. An analyzer of the organization works in
    the account that it was made in, and is told of that account alone.

    Fix: declare an `aws_accessanalyzer_analyzer` of type `ACCOUNT` in each region.

    CLI: `aws accessanalyzer create-analyzer --analyzer-name account --type ACCOUNT`

    Fails:

        region {}

    Fails:

        region {}

        resource "aws_accessanalyzer_analyzer" "it" {
          analyzer_name = "unused"
          type          = "ACCOUNT_UNUSED_ACCESS"
        }

    Passes:

        region {}

        resource "aws_accessanalyzer_analyzer" "it" {
          analyzer_name = "outside"
          type          = "ACCOUNT"
        }
    """

    def is_at_work(analyzer: Resource) -> bool:
        return analyzer.declared is not None or analyzer.fact("status") == "ACTIVE"

    found = inventory.near(region, ANALYZER)
    if any_of(lambda each: both(lambda: said(each, "type") in OF_OUTSIDE, lambda: is_at_work(each)), found):
        return None
    evidence = evidence_among(ANALYZER, found, "type", "status")
    return Fault(f"no analyzer of external access is at work in {region.id}", evidence)
