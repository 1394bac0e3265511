"""What people do to queues, topics, buses, schedules, pipes and machines by hand."""

from __future__ import annotations

import json

from tests.witness.case import Clients, State


def _set(aws: Clients, state: State, queue: str, **attributes: str) -> None:
    aws("sqs").set_queue_attributes(QueueUrl=_url(aws, state, queue), Attributes=attributes)


def _url(aws: Clients, state: State, queue: str) -> str:
    """Of the account made anew, which answers at another address."""
    return aws("sqs").get_queue_url(QueueName=state[f"aws_sqs_queue.{queue}"]["name"])["QueueUrl"]


def _allow(resource: str, action: str) -> str:
    statement = {"Effect": "Allow", "Principal": "*", "Action": action, "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def messages_kept_shorter(aws: Clients, state: State) -> None:
    _set(aws, state, "orders", MessageRetentionPeriod="60")


def messages_hidden_longer(aws: Clients, state: State) -> None:
    _set(aws, state, "orders", VisibilityTimeout="600", ReceiveMessageWaitTimeSeconds="0")


def queue_no_longer_encrypted(aws: Clients, state: State) -> None:
    _set(aws, state, "orders", KmsMasterKeyId="")


def queue_opened(aws: Clients, state: State) -> None:
    _set(aws, state, "plain", Policy=_allow(state["aws_sqs_queue.plain"]["arn"], "sqs:*"))


def split_queue_opened(aws: Clients, state: State) -> None:
    _set(aws, state, "split", Policy=_allow(state["aws_sqs_queue.split"]["arn"], "sqs:*"))


def split_queue_opened_to_other_topics(aws: Clients, state: State) -> None:
    document = json.loads(state["aws_sqs_queue_policy.split"]["policy"])
    del document["Statement"][0]["Condition"]
    _set(aws, state, "split", Policy=json.dumps(document))


def split_queue_policy_dropped(aws: Clients, state: State) -> None:
    _set(aws, state, "split", Policy="")


def queue_policy_given_by_hand(aws: Clients, state: State) -> None:
    _set(aws, state, "dead", Policy=_allow(state["aws_sqs_queue.dead"]["arn"], "sqs:SendMessage"))


def failures_tried_longer(aws: Clients, state: State) -> None:
    policy = {"deadLetterTargetArn": state["aws_sqs_queue.dead"]["arn"], "maxReceiveCount": 100}
    _set(aws, state, "orders", RedrivePolicy=json.dumps(policy))


def failures_sent_elsewhere(aws: Clients, state: State) -> None:
    policy = {"deadLetterTargetArn": state["aws_sqs_queue.plain"]["arn"], "maxReceiveCount": 3}
    given = state["aws_sqs_queue_policy.split"]["policy"]
    _set(aws, state, "split", RedrivePolicy=json.dumps(policy), Policy=given)


def failures_given_up_sooner(aws: Clients, state: State) -> None:
    policy = {"deadLetterTargetArn": state["aws_sqs_queue.dead"]["arn"], "maxReceiveCount": 1}
    given = state["aws_sqs_queue_policy.split"]["policy"]
    _set(aws, state, "split", RedrivePolicy=json.dumps(policy), Policy=given)


def failures_no_longer_kept(aws: Clients, state: State) -> None:
    _set(aws, state, "split", RedrivePolicy="", Policy=state["aws_sqs_queue_policy.split"]["policy"])


def queue_tag_changed(aws: Clients, state: State) -> None:
    aws("sqs").tag_queue(QueueUrl=_url(aws, state, "orders"), Tags={"Stage": "live"})


def queue_deleted(aws: Clients, state: State) -> None:
    aws("sqs").delete_queue(QueueUrl=_url(aws, state, "ordered"))


def topic_no_longer_encrypted(aws: Clients, state: State) -> None:
    arn = state["aws_sns_topic.orders"]["arn"]
    aws("sns").set_topic_attributes(TopicArn=arn, AttributeName="KmsMasterKeyId", AttributeValue="")


def inline_topic_opened(aws: Clients, state: State) -> None:
    arn = state["aws_sns_topic.inline"]["arn"]
    aws("sns").set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=_allow(arn, "sns:*"))


def plain_topic_opened(aws: Clients, state: State) -> None:
    arn = state["aws_sns_topic.plain"]["arn"]
    aws("sns").set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=_allow(arn, "sns:*"))


def _publishing(aws: Clients, state: State, **changed: object) -> None:
    document = json.loads(state["aws_sns_topic_policy.orders"]["policy"])
    document["Statement"][0].update(changed)
    arn = state["aws_sns_topic.orders"]["arn"]
    aws("sns").set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=json.dumps(document))


def orders_published_by_others(aws: Clients, state: State) -> None:
    _publishing(aws, state, Principal={"AWS": "210987654321"})


def orders_read_by_others(aws: Clients, state: State) -> None:
    _publishing(aws, state, Action=["SNS:Publish", "SNS:Subscribe"])


def topic_deleted(aws: Clients, state: State) -> None:
    aws("sns").delete_topic(TopicArn=state["aws_sns_topic.inline"]["arn"])


def topic_tag_removed(aws: Clients, state: State) -> None:
    aws("sns").untag_resource(ResourceArn=state["aws_sns_topic.orders"]["arn"], TagKeys=["Team"])


def _filter(aws: Clients, state: State, name: str, value: str) -> None:
    arn = state["aws_sns_topic_subscription.queue"]["arn"]
    aws("sns").set_subscription_attributes(SubscriptionArn=arn, AttributeName=name, AttributeValue=value)


def subscription_filter_changed(aws: Clients, state: State) -> None:
    _filter(aws, state, "FilterPolicy", json.dumps({"kind": ["order"]}))


def messages_wrapped(aws: Clients, state: State) -> None:
    _filter(aws, state, "RawMessageDelivery", "false")


def subscriber_gone(aws: Clients, state: State) -> None:
    aws("sns").unsubscribe(SubscriptionArn=state["aws_sns_topic_subscription.body"]["arn"])


def bus_opened(aws: Clients, state: State) -> None:
    aws("events").put_permission(EventBusName="shop", StatementId="everybody", Principal="*", Action="events:PutEvents")


def shared_bus_opened(aws: Clients, state: State) -> None:
    document = json.loads(state["aws_cloudwatch_event_bus_policy.shared"]["policy"])
    document["Statement"][0]["Principal"] = "*"
    aws("events").put_permission(EventBusName="shared", Policy=json.dumps(document))


def shared_bus_closed(aws: Clients, state: State) -> None:
    aws("events").remove_permission(EventBusName="shared", RemoveAllPermissions=True)


def others_make_rules(aws: Clients, state: State) -> None:
    document = json.loads(state["aws_cloudwatch_event_bus_policy.shared"]["policy"])
    document["Statement"][0]["Action"] = ["events:PutEvents", "events:PutRule"]
    aws("events").put_permission(EventBusName="shared", Policy=json.dumps(document))


def bus_tag_changed(aws: Clients, state: State) -> None:
    arn = state["aws_cloudwatch_event_bus.shop"]["arn"]
    aws("events").tag_resource(ResourceARN=arn, Tags=[{"Key": "Team", "Value": "nobody"}])


def bus_deleted(aws: Clients, state: State) -> None:
    aws("events").delete_event_bus(Name="shared")


def bus_told_otherwise(aws: Clients, state: State) -> None:
    """Deleted and made again; moto cannot change one."""
    aws("events").delete_event_bus(Name="shared")
    aws("events").create_event_bus(Name="shared", Description="By hand", Tags=[{"Key": "Stage", "Value": "live"}])
    aws("events").put_permission(
        EventBusName="shared", Policy=state["aws_cloudwatch_event_bus_policy.shared"]["policy"]
    )


def partner_removed(aws: Clients, state: State) -> None:
    aws("events").remove_permission(EventBusName="shop", StatementId="partner")


def other_partner_let_in(aws: Clients, state: State) -> None:
    aws("events").remove_permission(EventBusName="default", StatementId="default")
    aws("events").put_permission(StatementId="default", Principal="111122223333", Action="events:PutEvents")


def rule_given_other_pattern(aws: Clients, state: State) -> None:
    aws("events").put_rule(
        Name="orders", EventBusName="shop", Description="Each order", EventPattern='{"source": ["shop"]}'
    )


def sleeping_rule_woken(aws: Clients, state: State) -> None:
    aws("events").enable_rule(Name=state["aws_cloudwatch_event_rule.asleep"]["name"])


def target_retried(aws: Clients, state: State) -> None:
    target = {
        "Id": state["aws_cloudwatch_event_target.queue"]["target_id"],
        "Arn": state["aws_sqs_queue.ordered"]["arn"],
        "SqsParameters": {"MessageGroupId": "orders"},
        "RetryPolicy": {"MaximumEventAgeInSeconds": 3600, "MaximumRetryAttempts": 10},
    }
    aws("events").put_targets(Rule="orders", EventBusName="shop", Targets=[target])


def target_given_other_text(aws: Clients, state: State) -> None:
    target = {
        "Id": "transformed",
        "Arn": state["aws_sns_topic.plain"]["arn"],
        "InputTransformer": {"InputPathsMap": {"id": "$.detail.number"}, "InputTemplate": '"order <id>"'},
    }
    aws("events").put_targets(Rule="orders", EventBusName="shop", Targets=[target])


def target_removed(aws: Clients, state: State) -> None:
    aws("events").remove_targets(Rule="orders", EventBusName="shop", Ids=["transformed"])


def _schedule(aws: Clients, state: State, **changed: object) -> None:
    found = aws("scheduler").get_schedule(Name="nightly", GroupName="shop")
    taken = ("ResponseMetadata", "Arn", "CreationDate", "LastModificationDate")
    aws("scheduler").update_schedule(**{k: v for k, v in found.items() if k not in taken} | changed)


def schedule_switched_on(aws: Clients, state: State) -> None:
    _schedule(aws, state, State="ENABLED")


def schedule_moved(aws: Clients, state: State) -> None:
    _schedule(aws, state, ScheduleExpressionTimezone="UTC", FlexibleTimeWindow={"Mode": "OFF"})


def schedule_given_other_input(aws: Clients, state: State) -> None:
    found = aws("scheduler").get_schedule(Name="nightly", GroupName="shop")
    _schedule(aws, state, Target=found["Target"] | {"Input": '{"kind": "hourly"}'})


def schedule_deleted(aws: Clients, state: State) -> None:
    aws("scheduler").delete_schedule(Name="plain")


def schedule_group_tag_changed(aws: Clients, state: State) -> None:
    arn = state["aws_scheduler_schedule_group.shop"]["arn"]
    aws("scheduler").tag_resource(ResourceArn=arn, Tags=[{"Key": "Team", "Value": "nobody"}])


def schedule_group_tag_removed(aws: Clients, state: State) -> None:
    arn = state["aws_scheduler_schedule_group.shop"]["arn"]
    aws("scheduler").untag_resource(ResourceArn=arn, TagKeys=["Stage"])


def schedule_group_deleted(aws: Clients, state: State) -> None:
    aws("scheduler").delete_schedule(Name="nightly", GroupName="shop")
    aws("scheduler").delete_schedule_group(Name="shop")


def pipe_started(aws: Clients, state: State) -> None:
    aws("pipes").start_pipe(Name="orders")


def pipe_turned_elsewhere(aws: Clients, state: State) -> None:
    aws("pipes").update_pipe(
        Name="orders",
        RoleArn=state["aws_iam_role.all"]["arn"],
        Target=state["aws_sqs_queue.dead"]["arn"],
        Description="By hand",
        DesiredState="STOPPED",
    )


def pipe_deleted(aws: Clients, state: State) -> None:
    aws("pipes").delete_pipe(Name="orders")


def machine_given_other_states(aws: Clients, state: State) -> None:
    definition = {"StartAt": "Done", "States": {"Done": {"Type": "Fail"}}}
    arn = state["aws_sfn_state_machine.plain"]["arn"]
    aws("stepfunctions").update_state_machine(stateMachineArn=arn, definition=json.dumps(definition))


def machine_not_logged(aws: Clients, state: State) -> None:
    aws("stepfunctions").update_state_machine(
        stateMachineArn=state["aws_sfn_state_machine.orders"]["arn"],
        loggingConfiguration={"level": "OFF"},
        tracingConfiguration={"enabled": False},
    )


def machine_deleted(aws: Clients, state: State) -> None:
    aws("stepfunctions").delete_state_machine(stateMachineArn=state["aws_sfn_state_machine.orders"]["arn"])


def machine_tag_removed(aws: Clients, state: State) -> None:
    arn = state["aws_sfn_state_machine.orders"]["arn"]
    aws("stepfunctions").untag_resource(resourceArn=arn, tagKeys=["Team"])


COPY = "the queue's own copy of what is declared by itself: told once, where it is declared"
OF_TOPIC = "The topic's own copy of a policy that is declared by itself: told once, where it is declared"

EXPLAINED: dict[str, dict[str, str]] = {
    "bus_opened": {
        "ours: unmanaged aws_cloudwatch_event_permission shop/everybody": (
            "Terraform never looks for what it does not manage"
        ),
    },
    "failures_given_up_sooner": {"terraform: changed aws_sqs_queue.split redrive_policy": COPY},
    "failures_no_longer_kept": {"terraform: changed aws_sqs_queue.split redrive_policy": COPY},
    "failures_sent_elsewhere": {"terraform: changed aws_sqs_queue.split redrive_policy": COPY},
    "orders_published_by_others": {"terraform: changed aws_sns_topic.orders policy": OF_TOPIC},
    "orders_read_by_others": {"terraform: changed aws_sns_topic.orders policy": OF_TOPIC},
    "split_queue_opened": {"terraform: changed aws_sqs_queue.split policy": COPY},
    "split_queue_opened_to_other_topics": {"terraform: changed aws_sqs_queue.split policy": COPY},
    "split_queue_policy_dropped": {"terraform: changed aws_sqs_queue.split policy": COPY},
    "target_retried": {
        "ours: changed aws_cloudwatch_event_target.queue dead_letter_config": (
            "the provider leaves a block in the state that a target no longer has"
        ),
    },
}
"""What only one of the two says after a change, and why that is as it should be."""
