"""Amazon SQS: how queues keep their messages."""

from __future__ import annotations

from checks.check import Category, Fault, Severity, check
from checks.doubt import any_of, left_out
from state import Inventory, Resource

REDRIVE = "aws_sqs_queue_redrive_policy"


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


@check(
    "aws_sqs_queue",
    severity=Severity.LOW,
    category=Category.RESILIENCE,
)
def sqs_no_dead_letter(queue: Resource, inventory: Inventory) -> Fault | None:
    """Queue has no dead-letter queue.

    A message that no worker can handle then comes back until it expires, and is lost without a trace; in a FIFO
    queue it holds up all that is behind it. Queues that others send their failed messages to are exempt.

    Fix: set `redrive_policy` with a `deadLetterTargetArn` and a `maxReceiveCount` of some attempts.

    Fails:

        resource "aws_sqs_queue" "orders" {
          name = "orders"
        }

    Passes:

        resource "aws_sqs_queue" "orders" {
          name = "orders"
          redrive_policy = jsonencode({
            deadLetterTargetArn = "arn:aws:sqs:eu-west-1:123456789012:orders-failed"
            maxReceiveCount     = 5
          })
        }

    Passes:

        live "aws_sqs_queue" "failed" {
          name = "failed"
          url  = "https://sqs.eu-west-1.amazonaws.com/123456789012/failed"
          arn  = "arn:aws:sqs:eu-west-1:123456789012:failed"
        }

        live "aws_sqs_queue_redrive_policy" "orders" {
          queue_url      = "https://sqs.eu-west-1.amazonaws.com/123456789012/orders"
          redrive_policy = jsonencode({ deadLetterTargetArn = "arn:aws:sqs:eu-west-1:123456789012:failed" })
        }
    """
    if inventory.near(queue, REDRIVE, queue_url=queue.id):
        return None
    if any_of(lambda each: f'"{queue["arn"]}"' in str(each["redrive_policy"]), inventory.near(queue, REDRIVE)):
        return None
    return Fault(f"{queue.name} has no dead-letter queue", {REDRIVE: None})
