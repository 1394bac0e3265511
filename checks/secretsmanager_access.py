"""AWS Secrets Manager: who may read a secret."""

from __future__ import annotations

from checks.check import Category, Severity, check
from checks.policy import opens_to_anyone, parse
from state import Inventory, Resource


@check(
    "aws_secretsmanager_secret_policy",
    severity=Severity.CRITICAL,
    category=Category.PUBLIC_EXPOSURE,
    cis_7_0="2.21",
)
def secretsmanager_public(policy: Resource, inventory: Inventory) -> str | None:
    """Secret's policy admits anyone.

    A secret that any AWS account may read is none. AWS refuses such a policy only where whoever writes
    it asks for that (`block_public_policy`).

    Fix: name the principals, and set `block_public_policy`.

    Fails:

        resource "aws_secretsmanager_secret_policy" "it" {
          secret_arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf"
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

        resource "aws_secretsmanager_secret_policy" "it" {
          secret_arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf"
          policy = jsonencode({
            Version = "2012-10-17"
            Statement = [{
              Effect    = "Allow"
              Principal = "*"
              Action    = "secretsmanager:GetSecretValue"
              Resource  = "*"
              Condition = { StringEquals = { "aws:PrincipalOrgID" = "o-a1b2c3d4e5" } }
            }]
          })
        }
    """
    statement = opens_to_anyone(parse(policy["policy"]), ("secretsmanager:*",))
    return f"{statement.label} lets anyone into {policy.name}" if statement else None
