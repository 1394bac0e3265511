"""Amazon ECR: who may use a repository of images."""

from __future__ import annotations

from checks.check import Category, Severity, check
from checks.policy import opens_to_anyone, parse
from state import Inventory, Resource


@check(
    "aws_ecr_repository_policy",
    severity=Severity.CRITICAL,
    category=Category.PUBLIC_EXPOSURE,
    well_architected_security="SEC03-BP07",
)
def ecr_repository_public(policy: Resource, inventory: Inventory) -> str | None:
    """Image registry policy admits anyone.

    Images hold code and often more; whoever can push one runs it where you deploy. A private registry's
    repository is meant for named accounts; images for everybody belong in ECR Public.

    Fix: name the accounts, or the organisation with `aws:PrincipalOrgID`.

    Fails:

        resource "aws_ecr_repository_policy" "it" {
          repository = "shop"
          policy = jsonencode({
            Version = "2012-10-17"
            Statement = [{
              Effect    = "Allow"
              Principal = "*"
              Action    = "ecr:BatchGetImage"
            }]
          })
        }

    Passes:

        resource "aws_ecr_repository_policy" "it" {
          repository = "shop"
          policy = jsonencode({
            Version = "2012-10-17"
            Statement = [{
              Effect    = "Allow"
              Principal = "*"
              Action    = "ecr:BatchGetImage"
              Condition = { StringEquals = { "aws:PrincipalOrgID" = "o-a1b2c3d4e5" } }
            }]
          })
        }
    """
    statement = opens_to_anyone(parse(policy["policy"]), ("ecr:*",))
    return f"{statement.label} lets anyone into {policy.name}" if statement else None
