"""Amazon SQS: queues, and what stands in a queue and is a resource of its own to the provider."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scanner.aws.collector import Attribute, Collector, Detail, Listing, converted, name_or_arn, policy
from scanner.aws.texts import last, number, truth
from state import Resource
from state.forms import IF_DECLARED, Form, defaulting, parsed, sort_key, without_order
from state.schema import Parent, Projection

GONE = ("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist")
QUEUES = Listing("list_queues", "QueueUrls[].{QueueUrl: @}")


def answer(holds: str | None = None) -> Detail:
    """All that a queue says of itself, in one call however many types read it."""
    return Detail(
        operation="get_queue_attributes",
        arguments={"QueueUrl": "QueueUrl", "AttributeNames": "['All']"},
        into="Told",
        gone=GONE,
        holds=holds,
        essential=True,
    )


def numbered(name: str, form: Form) -> Attribute:
    return converted(f"Told.Attributes.{name}", number, form)


QUEUE = Collector(
    type="aws_sqs_queue",
    service="sqs",
    fetch=QUEUES,
    details=(
        answer(),
        Detail(operation="list_queue_tags", arguments={"QueueUrl": "QueueUrl"}, into="Tagging", gone=GONE),
    ),
    permissions=("sqs:ListQueues", "sqs:GetQueueAttributes", "sqs:ListQueueTags"),
    id="QueueUrl",
    identity=("name",),
    attributes={
        "arn": "Told.Attributes.QueueArn",
        "content_based_deduplication": converted("Told.Attributes.ContentBasedDeduplication", truth),
        "deduplication_scope": Attribute(path="Told.Attributes.DeduplicationScope", form=IF_DECLARED),
        "delay_seconds": converted("Told.Attributes.DelaySeconds", number),
        "fifo_queue": converted("Told.Attributes.FifoQueue", truth),
        "fifo_throughput_limit": Attribute(path="Told.Attributes.FifoThroughputLimit", form=IF_DECLARED),
        "kms_data_key_reuse_period_seconds": numbered("KmsDataKeyReusePeriodSeconds", defaulting(300)),
        "kms_master_key_id": name_or_arn("Told.Attributes.KmsMasterKeyId"),
        "max_message_size": numbered("MaximumMessageSize", IF_DECLARED),
        "message_retention_seconds": numbered("MessageRetentionPeriod", defaulting(345600)),
        "name": converted("QueueUrl", last),
        "receive_wait_time_seconds": converted("Told.Attributes.ReceiveMessageWaitTimeSeconds", number),
        # On for new queues since October 2022, where nothing else is said.
        "sqs_managed_sse_enabled": converted("Told.Attributes.SqsManagedSseEnabled", truth, IF_DECLARED),
        "url": converted("QueueUrl", str, Form(canonical=last)),
        "visibility_timeout_seconds": numbered("VisibilityTimeout", IF_DECLARED),
    },
    facts={
        "approximate_number_of_messages": converted("Told.Attributes.ApproximateNumberOfMessages", number),
        "created_timestamp": converted("Told.Attributes.CreatedTimestamp", number),
        "last_modified_timestamp": converted("Told.Attributes.LastModifiedTimestamp", number),
    },
    tags="Tagging.Tags",
)


# --- what stands in a queue -----------------------------------------------------------------------


def queue_name(said: Mapping[str, Any]) -> str | None:
    """The queue's name: one queue may have more than one URL."""
    url = said.get("queue_url")
    return last(url) or None if isinstance(url, str) else None


def in_queue(name: str) -> Projection:
    """A part as the queue's own attribute declares it."""

    def parts(queue: Resource) -> Iterator[Resource]:
        if said := queue.attributes.get(name):
            url = queue.attributes.get("url") or queue.id
            yield queue.replace(attributes={"queue_url": url, name: said})

    return parts


def part(type: str, name: str, attribute: str, said: Attribute, **about: Any) -> Collector:
    return Collector(
        type=type,
        service="sqs",
        fetch=QUEUES,
        details=(answer(holds=f"Attributes.{attribute}"),),
        permissions=("sqs:ListQueues", "sqs:GetQueueAttributes"),
        id="QueueUrl",
        identity=queue_name,
        parent=Parent(type="aws_sqs_queue", by="queue_url", part=name, paths={name: name}),
        homes={"aws_sqs_queue": in_queue(name)},
        attributes={"queue_url": converted("QueueUrl", str, Form(canonical=last)), name: said},
        **about,
    )


def members(text: Any) -> Any:
    """Whether a count is written as a number or as a text, and in which order sources stand, says nothing."""
    found = parsed(text)
    if not isinstance(found, Mapping):
        return found or None
    return sort_key({key: without_order(each) if isinstance(each, list) else str(each) for key, each in found.items()})


MEMBERS = Form(canonical=members)


def redrive(attribute: str) -> Attribute:
    return Attribute(path=f"Told.Attributes.{attribute}", form=MEMBERS)


def allows_all(allow: Resource) -> bool:
    """Any queue may send its failed messages here, which is what AWS does where nothing is said."""
    said = parsed(allow.attributes.get("redrive_allow_policy"))
    return isinstance(said, Mapping) and said.get("redrivePermission") == "allowAll"


POLICY = part("aws_sqs_queue_policy", "policy", "Policy", policy("Told.Attributes.Policy"))
REDRIVE_POLICY = part("aws_sqs_queue_redrive_policy", "redrive_policy", "RedrivePolicy", redrive("RedrivePolicy"))
REDRIVE_ALLOW_POLICY = part(
    "aws_sqs_queue_redrive_allow_policy",
    "redrive_allow_policy",
    "RedriveAllowPolicy",
    redrive("RedriveAllowPolicy"),
    at_default=allows_all,
)

COLLECTORS = [QUEUE, POLICY, REDRIVE_POLICY, REDRIVE_ALLOW_POLICY]
