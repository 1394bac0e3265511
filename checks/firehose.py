"""Amazon Data Firehose: delivery streams."""

from __future__ import annotations

from checks.check import Category, Severity, check
from state import Inventory, Resource


@check(
    "aws_kinesis_firehose_delivery_stream",
    severity=Severity.MEDIUM,
    category=Category.ENCRYPTION,
)
def firehose_unencrypted(stream: Resource, inventory: Inventory) -> str | None:
    """Delivery stream is not encrypted at rest.

    What is sent to it waits on AWS's disks as it is until it is delivered. A stream that reads from another
    one (Kinesis, MSK) keeps nothing of its own, cannot be encrypted itself, and is exempt.

    Fix: set `server_side_encryption` with `enabled = true`.

    CLI: `aws firehose start-delivery-stream-encryption --delivery-stream-name {name}`

    Fails:

        resource "aws_kinesis_firehose_delivery_stream" "events" {
          destination = "extended_s3"
        }

    Passes:

        resource "aws_kinesis_firehose_delivery_stream" "events" {
          destination = "extended_s3"

          server_side_encryption {
            enabled = true
          }
        }

    Passes:

        resource "aws_kinesis_firehose_delivery_stream" "events" {
          destination = "extended_s3"

          kinesis_source_configuration {
            kinesis_stream_arn = "arn:aws:kinesis:eu-west-1:123456789012:stream/orders"
            role_arn           = "arn:aws:iam::123456789012:role/firehose"
          }
        }
    """
    encrypted = any(each.get("enabled") for each in stream["server_side_encryption"] or ())
    if encrypted or stream["kinesis_source_configuration"]:
        return None
    if stream.declared is None and stream.fact("delivery_stream_type") != "DirectPut":
        return None
    return f"{stream.name} is not encrypted"
