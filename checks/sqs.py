"""Amazon SQS: how queues keep their messages."""

from __future__ import annotations

from checks.check import Category, Severity, check
from checks.doubt import left_out
from state import Inventory, Resource


@check(
    "aws_sqs_queue",
    severity=Severity.MEDIUM,
    category=Category.ENCRYPTION,
    fsbp="SQS.1",
    well_architected_security="SEC08-BP02",
)
def sqs_queue_unencrypted(queue: Resource, inventory: Inventory) -> str | None:
    """Queue is not encrypted at rest.

    A key of SQS's own is enough, and costs nothing; new queues have it since October 2022 where nothing else is
    said, which is why code that says nothing is no fault.

    Fix: set `sqs_managed_sse_enabled = true`, or `kms_master_key_id`.

    CLI: `aws sqs set-queue-attributes --queue-url {id} --attributes SqsManagedSseEnabled=true`

    Fails:

        resource "aws_sqs_queue" "orders" {
          name                    = "orders"
          sqs_managed_sse_enabled = false
        }

    Passes:

        resource "aws_sqs_queue" "orders" {
          name = "orders"
        }

    Passes:

        resource "aws_sqs_queue" "orders" {
          name                    = "orders"
          sqs_managed_sse_enabled = false
          kms_master_key_id       = "alias/queues"
        }
    """
    if queue["kms_master_key_id"] or left_out(queue, "sqs_managed_sse_enabled") or queue["sqs_managed_sse_enabled"]:
        return None
    return f"{queue.name} is not encrypted"
