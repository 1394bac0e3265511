"""Amazon SQS: who may use a queue."""

from __future__ import annotations

from checks.check import Category, Severity, check
from checks.policy import opens_to_anyone, parse
from state import Inventory, Resource


@check(
    "aws_sqs_queue_policy",
    severity=Severity.CRITICAL,
    category=Category.PUBLIC_EXPOSURE,
    cis_7_0="2.21",
    well_architected_security="SEC03-BP07",
)
def sqs_queue_public(policy: Resource, inventory: Inventory) -> str | None:
    """Queue policy admits anyone.

    Anyone with an AWS account, or without one, can send what your workers then obey, or read and delete
    what waits for them. A statement for `*` is closed by a condition on a source (a topic, a bucket, an
    account), on an organisation or on an endpoint, also by one that names another account as well, where
    Prowler has it for public; one on TLS closes nothing.

    Fix: name the principals or the service in the policy, with `aws:SourceArn` for a service.

    Fails:

        resource "aws_sqs_queue_policy" "it" {
          queue_url = "https://sqs.eu-west-1.amazonaws.com/123456789012/orders"
          policy = jsonencode({
            Version = "2012-10-17"
            Statement = [{
              Effect    = "Allow"
              Principal = "*"
              Action    = "sqs:SendMessage"
              Resource  = "arn:aws:sqs:eu-west-1:123456789012:orders"
            }]
          })
        }

    Passes:

        resource "aws_sqs_queue_policy" "it" {
          queue_url = "https://sqs.eu-west-1.amazonaws.com/123456789012/orders"
          policy = jsonencode({
            Version = "2012-10-17"
            Statement = [{
              Effect    = "Allow"
              Principal = "*"
              Action    = "sqs:SendMessage"
              Resource  = "arn:aws:sqs:eu-west-1:123456789012:orders"
              Condition = { ArnEquals = { "aws:SourceArn" = "arn:aws:sns:eu-west-1:123456789012:orders" } }
            }]
          })
        }
    """
    statement = opens_to_anyone(parse(policy["policy"]), ("sqs:*",))
    return f"{statement.label} lets anyone into {policy.name}" if statement else None
