"""Amazon EventBridge: which other accounts put events on a bus."""

from __future__ import annotations

from checks.accounts import strangers
from checks.check import Category, Severity, Terms, check
from checks.policy import parse
from state import Inventory, Resource


@check(
    "aws_cloudwatch_event_bus_policy",
    severity=Severity.MEDIUM,
    category=Category.IAM,
)
def eventbridge_bus_cross_account(policy: Resource, inventory: Inventory, terms: Terms) -> str | None:
    """Event bus policy admits another account.

    That account puts events on the bus that your rules then act on. Ours are the accounts of this reading and
    those of our organisation; partners are listed in the settings. Whom a condition binds to an organisation is
    exempt, other than with Prowler. Who admits everyone is told by `eventbridge-bus-public`. The policy is judged as
    a whole, however many `aws_cloudwatch_event_permission` it was made of.

    Fix: take the account out of the policy, or list it as a partner's.

    Fails:

        live "aws_cloudwatch_event_bus_policy" "orders" {
          event_bus_name = "orders"
          policy = jsonencode({
            Version = "2012-10-17"
            Statement = [{
              Effect    = "Allow"
              Principal = { AWS = "arn:aws:iam::444455556666:root" }
              Action    = "events:PutEvents"
              Resource  = "*"
            }]
          })
        }

        live "aws_organizations_account" "own" {
          id = "111122223333"
        }

    Passes:

        live "aws_cloudwatch_event_bus_policy" "orders" {
          event_bus_name = "orders"
          policy = jsonencode({
            Version = "2012-10-17"
            Statement = [{
              Effect    = "Allow"
              Principal = { AWS = "arn:aws:iam::444455556666:root" }
              Action    = "events:PutEvents"
              Resource  = "*"
            }]
          })
        }

        live "aws_organizations_account" "shared" {
          id = "444455556666"
        }
    """
    for account, statement in strangers(parse(policy["policy"]), policy, inventory, terms):
        return f"{statement.label} lets account {account} put events on {policy['event_bus_name']}"
    return None
