"""AWS Glue: who may use the data catalogue."""

from __future__ import annotations

from checks.check import Category, Severity, check
from checks.policy import opens_to_anyone, parse
from state import Inventory, Resource


@check(
    "aws_glue_resource_policy",
    severity=Severity.HIGH,
    category=Category.PUBLIC_EXPOSURE,
)
def glue_catalog_public(policy: Resource, inventory: Inventory) -> str | None:
    """Data catalogue's policy admits anyone.

    The catalogue says where all data lies and how it is read; whoever may change it sends jobs and
    queries elsewhere.

    Fix: name the accounts, or the organisation with `aws:PrincipalOrgID`.

    Fails:

        resource "aws_glue_resource_policy" "it" {
          policy = jsonencode({
            Version = "2012-10-17"
            Statement = [{
              Effect    = "Allow"
              Principal = "*"
              Action    = "glue:GetTable"
              Resource  = "arn:aws:glue:eu-west-1:123456789012:*"
            }]
          })
        }

    Passes:

        resource "aws_glue_resource_policy" "it" {
          policy = jsonencode({
            Version = "2012-10-17"
            Statement = [{
              Effect    = "Allow"
              Principal = "*"
              Action    = "glue:GetTable"
              Resource  = "arn:aws:glue:eu-west-1:123456789012:*"
              Condition = { StringEquals = { "aws:PrincipalOrgID" = "o-a1b2c3d4e5" } }
            }]
          })
        }
    """
    statement = opens_to_anyone(parse(policy["policy"]), ("glue:*",))
    return f"{statement.label} lets anyone into {policy.name}" if statement else None
