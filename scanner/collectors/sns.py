"""Amazon SNS: topics, their policies, and who is subscribed to them.

AWS gives every topic a policy of its own, and every subscription that waits for its confirmation the same ARN.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from scanner.aws.collector import Attribute, Collector, Detail, Listing, converted, document, name_or_arn, policy
from scanner.aws.texts import last, number, truth
from state import Resource
from state.forms import IF_DECLARED, VOLATILE, Form, defaulting, parsed, plain
from state.schema import Parent

GONE = ("NotFound", "NotFoundException", "ResourceNotFound", "ResourceNotFoundException")
TOPICS = Listing("list_topics", "Topics")
TOLD = Detail(
    operation="get_topic_attributes", arguments={"TopicArn": "TopicArn"}, into="Told", gone=GONE, essential=True
)


def name_of(arn: Any) -> Any:
    return last(arn, ":")


def feedback() -> Iterator[tuple[str, str | Attribute]]:
    """Where each protocol's deliveries are told, and how many of them."""
    for ours, its in (
        ("application", "Application"),
        ("firehose", "Firehose"),
        ("http", "HTTP"),
        ("lambda", "Lambda"),
        ("sqs", "SQS"),
    ):
        yield f"{ours}_failure_feedback_role_arn", f"Told.Attributes.{its}FailureFeedbackRoleArn"
        yield f"{ours}_success_feedback_role_arn", f"Told.Attributes.{its}SuccessFeedbackRoleArn"
        rate = f"Told.Attributes.{its}SuccessFeedbackSampleRate"
        yield f"{ours}_success_feedback_sample_rate", converted(rate, number)


TOPIC = Collector(
    type="aws_sns_topic",
    service="sns",
    fetch=TOPICS,
    details=(
        TOLD,
        Detail(operation="list_tags_for_resource", arguments={"ResourceArn": "TopicArn"}, into="Tagging", gone=GONE),
    ),
    permissions=("sns:ListTopics", "sns:GetTopicAttributes", "sns:ListTagsForResource"),
    id="TopicArn",
    identity=("name",),
    attributes={
        **dict(feedback()),
        "archive_policy": document("Told.Attributes.ArchivePolicy"),
        "arn": "TopicArn",
        "beginning_archive_time": Attribute(path="Told.Attributes.BeginningArchiveTime", form=IF_DECLARED),
        "content_based_deduplication": converted("Told.Attributes.ContentBasedDeduplication", truth),
        "delivery_policy": document("Told.Attributes.DeliveryPolicy"),
        "display_name": "Told.Attributes.DisplayName",
        "fifo_throughput_scope": Attribute(path="Told.Attributes.FifoThroughputScope", form=IF_DECLARED),
        "fifo_topic": converted("Told.Attributes.FifoTopic", truth),
        "kms_master_key_id": name_or_arn("Told.Attributes.KmsMasterKeyId"),
        "name": converted("TopicArn", name_of),
        "owner": "Told.Attributes.Owner",
        "signature_version": converted("Told.Attributes.SignatureVersion", number, IF_DECLARED),
        "tracing_config": Attribute(path="Told.Attributes.TracingConfig", form=defaulting("PassThrough")),
    },
    facts={
        "subscriptions_confirmed": converted("Told.Attributes.SubscriptionsConfirmed", number),
        "subscriptions_pending": converted("Told.Attributes.SubscriptionsPending", number),
    },
    tags="Tagging.Tags",
)


# --- policies -------------------------------------------------------------------------------------


def policy_in_topic(topic: Resource) -> Iterator[Resource]:
    if said := topic.attributes.get("policy"):
        arn = topic.attributes.get("arn") or topic.id
        yield topic.replace(attributes={"arn": arn, "policy": said})


def as_aws_makes_it(given: Resource) -> bool:
    """The policy of a topic for which nobody wrote one: its own account may use it."""
    said = parsed(given.attributes.get("policy"))
    statements = said.get("Statement") if isinstance(said, Mapping) else None
    if not isinstance(statements, list) or len(statements) != 1 or not isinstance(statements[0], Mapping):
        return False
    owned = {"StringEquals": {"AWS:SourceOwner": str(given.attributes.get("arn") or given.id).split(":")[4:5]}}
    condition = statements[0].get("Condition")
    return statements[0].get("Sid") == "__default_statement_ID" and _lists(condition) == owned


def _lists(condition: Any) -> Any:
    """A condition with its values in lists."""
    if not isinstance(condition, Mapping):
        return None
    return {
        operator: {key: each if isinstance(each, list) else [each] for key, each in dict(tests).items()}
        for operator, tests in condition.items()
    }


POLICY = Collector(
    type="aws_sns_topic_policy",
    service="sns",
    fetch=TOPICS,
    details=(msgspec.structs.replace(TOLD, holds="Attributes.Policy"),),
    permissions=("sns:ListTopics", "sns:GetTopicAttributes"),
    id="TopicArn",
    identity=("arn",),
    parent=Parent(type="aws_sns_topic", by="arn", part="policy", paths={"policy": "policy"}),
    homes={"aws_sns_topic": policy_in_topic},
    at_default=as_aws_makes_it,
    attributes={"arn": "TopicArn", "owner": "Told.Attributes.Owner", "policy": policy("Told.Attributes.Policy")},
)


# --- subscriptions ----------------------------------------------------------------------------------


PASSWORD = re.compile(r"(?<=://)([^/@:]*):[^/@]*@")


def without_password(endpoint: Any) -> Any:
    """AWS never tells the password in an address."""
    return PASSWORD.sub(r"\1:****@", endpoint) if isinstance(endpoint, str) else plain(endpoint)


def subscribed(said: Mapping[str, Any]) -> str | None:
    """Who is subscribed to what: SNS keeps one subscription of each, whose ARN it tells once it is confirmed."""
    found = [said.get("topic_arn"), said.get("protocol"), without_password(said.get("endpoint"))]
    return "/".join(found) if all(isinstance(each, str) and each for each in found) else None


SUBSCRIPTION = Collector(
    type="aws_sns_topic_subscription",
    service="sns",
    fetch=Listing("list_subscriptions", "Subscriptions"),
    details=(
        Detail(
            operation="get_subscription_attributes",
            arguments={"SubscriptionArn": "SubscriptionArn"},
            into="Told",
            gone=GONE,
        ),
    ),
    permissions=("sns:ListSubscriptions", "sns:GetSubscriptionAttributes"),
    id="SubscriptionArn",
    identity=subscribed,
    attributes={
        # All that wait for their confirmation have one ARN, which is none.
        "arn": Attribute(path="SubscriptionArn", form=VOLATILE),
        "confirmation_was_authenticated": converted("Told.Attributes.ConfirmationWasAuthenticated", truth, VOLATILE),
        "delivery_policy": document("Told.Attributes.DeliveryPolicy"),
        "endpoint": converted("Endpoint", without_password, Form(canonical=without_password)),
        "filter_policy": document("Told.Attributes.FilterPolicy"),
        "filter_policy_scope": Attribute(
            path="Told.Attributes.FilterPolicyScope", form=defaulting("MessageAttributes")
        ),
        "owner_id": "Owner",
        "pending_confirmation": converted("Told.Attributes.PendingConfirmation", truth, VOLATILE),
        "protocol": "Protocol",
        "raw_message_delivery": converted("Told.Attributes.RawMessageDelivery", truth),
        "redrive_policy": document("Told.Attributes.RedrivePolicy"),
        "replay_policy": document("Told.Attributes.ReplayPolicy"),
        "subscription_role_arn": "Told.Attributes.SubscriptionRoleArn",
        "topic_arn": "TopicArn",
    },
    facts={
        "pending_deletion": "SubscriptionArn=='Deleted'",
        "waits_for_confirmation": "SubscriptionArn=='PendingConfirmation'",
    },
)

COLLECTORS = [TOPIC, POLICY, SUBSCRIPTION]
