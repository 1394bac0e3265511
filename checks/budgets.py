"""AWS Budgets: whether anybody learns of what an account costs before the bill comes."""

from __future__ import annotations

from checks.absence import evidence_among
from checks.check import Category, Fault, Severity, check
from checks.doubt import any_of
from state import Inventory, Resource

BUDGET = "aws_budgets_budget"


@check("account", severity=Severity.LOW, category=Category.COST)
def budgets_missing(account: Resource, inventory: Inventory) -> Fault | None:
    """Account has no cost budget with a notice.

    A forgotten cluster, or a stranger's miners, show on the bill of next month otherwise. A budget that tells
    nobody does not count, nor does one of use or of coverage. Where the organization's management account
    keeps the budgets of all, accept this finding.

    Fix: declare an `aws_budgets_budget` of type `COST` with a `notification`.

    Fails:

        account {}

    Fails:

        account {}

        resource "aws_budgets_budget" "month" {
          name         = "month"
          budget_type  = "COST"
          limit_amount = "100"
          limit_unit   = "USD"
          time_unit    = "MONTHLY"
        }

    Passes:

        account {}

        resource "aws_budgets_budget" "month" {
          name         = "month"
          budget_type  = "COST"
          limit_amount = "100"
          limit_unit   = "USD"
          time_unit    = "MONTHLY"

          notification {
            comparison_operator        = "GREATER_THAN"
            threshold                  = 80
            threshold_type             = "PERCENTAGE"
            notification_type          = "ACTUAL"
            subscriber_email_addresses = ["ops@example.com"]
          }
        }
    """
    found = inventory.near(account, BUDGET, budget_type="COST")
    if any_of(lambda each: each["notification"], found):
        return None
    evidence = evidence_among(BUDGET, found, "notification") if found else {f"{BUDGET}.COST": None}
    return Fault(f"{account.id} has no cost budget with a notice", evidence)
