"""Amazon SNS: who may use a topic."""

from __future__ import annotations

from checks.check import Category, Severity, check
from checks.policy import opens_to_anyone, parse
from state import Inventory, Resource


@check(
    "aws_sns_topic_policy",
    severity=Severity.HIGH,
    category=Category.PUBLIC_EXPOSURE,
    cis_7_0="2.21",
    fsbp="SNS.4",
    well_architected_security="SEC03-BP07",
)
def sns_topic_public(policy: Resource, inventory: Inventory) -> str | None:
    """Topic policy admits anyone.

    Anyone can publish to whoever is subscribed, or subscribe and read along. The policy that AWS gives
    a new topic names everyone too, and is closed by its condition on the owner's account. A condition
    on the protocol closes nothing, one on the domain of the endpoint does.

    Fix: name the principals or the service in the policy, with `aws:SourceArn` or `aws:SourceOwner`.

    Fails:

        resource "aws_sns_topic_policy" "it" {
          arn = "arn:aws:sns:eu-west-1:123456789012:orders"
          policy = jsonencode({
            Version = "2012-10-17"
            Statement = [{
              Effect    = "Allow"
              Principal = "*"
              Action    = "sns:Publish"
              Resource  = "arn:aws:sns:eu-west-1:123456789012:orders"
            }]
          })
        }

    Passes:

        resource "aws_sns_topic_policy" "it" {
          arn = "arn:aws:sns:eu-west-1:123456789012:orders"
          policy = jsonencode({
            Version = "2012-10-17"
            Statement = [{
              Effect    = "Allow"
              Principal = "*"
              Action    = "sns:Publish"
              Resource  = "arn:aws:sns:eu-west-1:123456789012:orders"
              Condition = { StringEquals = { "AWS:SourceOwner" = "123456789012" } }
            }]
          })
        }
    """
    statement = opens_to_anyone(parse(policy["policy"]), ("sns:*",))
    return f"{statement.label} lets anyone into {policy.name}" if statement else None
