"""AWS Secrets Manager: whether a secret's policy keeps to those who are ours."""

from __future__ import annotations

from checks.accounts import strangers
from checks.check import Category, Severity, Terms, check
from checks.policy import opens_to_anyone, parse
from state import Inventory, Resource


@check(
    "aws_secretsmanager_secret_policy",
    severity=Severity.MEDIUM,
    category=Category.IAM,
)
def secretsmanager_policy_broad(policy: Resource, inventory: Inventory, terms: Terms) -> str | None:
    """Secret's policy is not limited to our principals.

    A secret is read by whom its policy lets in, whatever their own account thinks of it. Ours are the accounts of
    this reading and those of our organisation, and partners are listed in the settings; who a condition binds to
    an organisation is exempt. Other than Prowler we ask for no Deny beside it: what nobody allows is denied.

    Fix: name your own principals in the policy, or list the account as a partner's.

    Fails:

        live "aws_secretsmanager_secret_policy" "db" {
          secret_arn = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-AbCdEf"
          policy = jsonencode({
            Version = "2012-10-17"
            Statement = [{
              Effect    = "Allow"
              Principal = { AWS = "arn:aws:iam::444455556666:root" }
              Action    = "secretsmanager:GetSecretValue"
              Resource  = "*"
            }]
          })
        }

        live "aws_organizations_account" "own" {
          id = "111122223333"
        }

    Fails:

        resource "aws_secretsmanager_secret_policy" "db" {
          secret_arn = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-AbCdEf"
          policy = jsonencode({
            Version = "2012-10-17"
            Statement = [{
              Effect    = "Allow"
              Principal = "*"
              Action    = "secretsmanager:GetSecretValue"
              Resource  = "*"
            }]
          })
        }

    Passes:

        live "aws_secretsmanager_secret_policy" "db" {
          secret_arn = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-AbCdEf"
          policy = jsonencode({
            Version = "2012-10-17"
            Statement = [{
              Effect    = "Allow"
              Principal = { AWS = "arn:aws:iam::111122223333:role/orders" }
              Action    = "secretsmanager:GetSecretValue"
              Resource  = "*"
            }]
          })
        }

        live "aws_organizations_account" "own" {
          id = "111122223333"
        }
    """
    statements = parse(policy["policy"])
    if statement := opens_to_anyone(statements, ("secretsmanager:*",)):
        return f"{statement.label} lets anyone into {policy.name}"
    for account, each in strangers(statements, policy, inventory, terms):
        return f"{each.label} lets account {account} into {policy.name}"
    return None
