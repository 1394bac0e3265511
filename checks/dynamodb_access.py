"""Amazon DynamoDB: who else may use a table."""

from __future__ import annotations

from checks.accounts import strangers
from checks.check import Category, Severity, Terms, check
from checks.policy import parse
from state import Inventory, Resource


@check(
    "aws_dynamodb_resource_policy",
    severity=Severity.MEDIUM,
    category=Category.IAM,
)
def dynamodb_cross_account(policy: Resource, inventory: Inventory, terms: Terms) -> str | None:
    """Table's resource policy admits another account.

    An account that left the project, or a slip in its number, reads on unseen. Ours are the accounts of this
    reading and those of our organisation, and partners are listed in the settings; who a condition binds to an
    organisation is exempt.

    Fix: take the account out of the policy, or list it as a partner's.

    Fails:

        live "aws_dynamodb_resource_policy" "orders" {
          resource_arn = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"
          policy = jsonencode({
            Version = "2012-10-17"
            Statement = [{
              Effect    = "Allow"
              Principal = { AWS = "arn:aws:iam::444455556666:root" }
              Action    = "dynamodb:GetItem"
              Resource  = "*"
            }]
          })
        }

        live "aws_organizations_account" "own" {
          id = "111122223333"
        }

    Passes:

        live "aws_dynamodb_resource_policy" "orders" {
          resource_arn = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"
          policy = jsonencode({
            Version = "2012-10-17"
            Statement = [{
              Effect    = "Allow"
              Principal = { AWS = "arn:aws:iam::111122223333:role/orders" }
              Action    = "dynamodb:GetItem"
              Resource  = "*"
            }]
          })
        }

        live "aws_organizations_account" "own" {
          id = "111122223333"
        }
    """
    for account, statement in strangers(parse(policy["policy"]), policy, inventory, terms):
        return f"{statement.label} lets account {account} into {policy.name}"
    return None
