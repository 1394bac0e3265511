import json

import pytest

from scanner.collectors.sns import COLLECTORS, POLICY, SUBSCRIPTION, TOPIC, as_aws_makes_it, subscribed
from state import Resource
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.aws.wire import refusal, xml
from tests.scanner.compared import only, told, twin
from tests.scanner.corpus import assert_corpus_equals_itself
from tests.scanner.standin import answering
from tests.scanner.whole import whole

ARN = f"arn:aws:sns:{REGION}:{ACCOUNT}:orders"
QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:jobs"
OPEN = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*"}]})


def topic(aws, **attributes):
    made = aws("sns").create_topic(Name="orders", Attributes=attributes, Tags=[{"Key": "team", "Value": "shop"}])
    return made["TopicArn"]


def test_topic(aws):
    topic(aws, KmsMasterKeyId="alias/aws/sns", DisplayName="Orders")
    assert whole(only(read(TOPIC), "aws_sns_topic")) == {
        "its id": ARN,
        "its identity": "orders",
        "its arn": ARN,
        "its owner": None,
        "arn": ARN,
        "display_name": "Orders",
        "kms_master_key_id": "alias/aws/sns",
        "name": "orders",
        "owner": ACCOUNT,
        "tags": {"team": "shop"},
    }


def test_policy_that_aws_makes_is_nobodys(aws):
    topic(aws)
    found = read(*COLLECTORS)
    assert as_aws_makes_it(only(found, "aws_sns_topic_policy"))
    bare = twin(only(found, "aws_sns_topic"))
    assert told(found, COLLECTORS, bare) == set()
    aws("sns").set_topic_attributes(TopicArn=ARN, AttributeName="Policy", AttributeValue=OPEN)
    assert told(read(*COLLECTORS), COLLECTORS, bare) == {("changed", "aws_sns_topic", "policy")}


@pytest.mark.parametrize("policy", [None, "", "not json", OPEN, '{"Statement": []}', '{"Statement": ["x"]}'])
def test_any_other_policy_is_somebodys(policy):
    said = Resource(type=POLICY.type, id=ARN, account=ACCOUNT, region=REGION, attributes={"arn": ARN, "policy": policy})
    assert not as_aws_makes_it(said)


def test_policy_of_another_owner_is_somebodys():
    condition = {"StringEquals": {"AWS:SourceOwner": "111111111111"}}
    policy = json.dumps({"Statement": [{"Sid": "__default_statement_ID", "Condition": condition}]})
    said = Resource(type=POLICY.type, id=ARN, account=ACCOUNT, region=REGION, attributes={"arn": ARN, "policy": policy})
    assert not as_aws_makes_it(said)


def test_subscription(aws):
    topic(aws)
    settings = {"RawMessageDelivery": "true", "FilterPolicy": '{"kind": ["new"]}'}
    made = aws("sns").subscribe(TopicArn=ARN, Protocol="sqs", Endpoint=QUEUE, Attributes=settings)["SubscriptionArn"]
    found = only(read(SUBSCRIPTION), "aws_sns_topic_subscription")
    assert whole(found) == {
        "its id": made,
        "its identity": f"{ARN}/sqs/{QUEUE}",
        "its arn": made,
        "its owner": None,
        "arn": made,
        "confirmation_was_authenticated": True,
        "endpoint": QUEUE,
        "filter_policy": '{"kind": ["new"]}',
        "filter_policy_scope": "MessageAttributes",
        "owner_id": ACCOUNT,
        "pending_confirmation": False,
        "protocol": "sqs",
        "raw_message_delivery": True,
        "topic_arn": ARN,
    }
    aws("sns").set_subscription_attributes(
        SubscriptionArn=made, AttributeName="RawMessageDelivery", AttributeValue="false"
    )
    changed = told(read(SUBSCRIPTION), [SUBSCRIPTION], twin(found))
    assert changed == {("changed", "aws_sns_topic_subscription", "raw_message_delivery")}


def listed(arn, endpoint):
    member = {"SubscriptionArn": arn, "Owner": ACCOUNT, "Protocol": "https", "Endpoint": endpoint, "TopicArn": ARN}
    inside = "".join(f"<{name}>{each}</{name}>" for name, each in member.items())
    return f"<member>{inside}</member>"


def test_what_waits_for_its_confirmation_is_known_by_its_endpoint():

    waiting = listed("PendingConfirmation", "https://u:****@a.example") + listed("Deleted", "https://b.example")
    answers = {
        "ListSubscriptions": xml("ListSubscriptions", f"<Subscriptions>{waiting}</Subscriptions>"),
        "GetSubscriptionAttributes": refusal("InvalidParameter"),
    }
    with answering(answers):
        found = read(SUBSCRIPTION)
    [pending, deleted] = sorted(found.of("aws_sns_topic_subscription"), key=lambda each: each["endpoint"], reverse=True)
    assert pending.identity == f"{ARN}/https/https://u:****@a.example"
    assert "raw_message_delivery" in pending.unknown
    assert deleted.fact("pending_deletion") is True
    wanted = twin(pending, endpoint="https://u:hush@a.example", raw_message_delivery=True)
    assert told(found, [SUBSCRIPTION], wanted) == set()


def test_passwords_in_addresses():
    said = {"topic_arn": "t", "protocol": "https", "endpoint": "https://u:hush@a.example/x"}
    assert subscribed(said) == "t/https/https://u:****@a.example/x"
    assert subscribed({"topic_arn": "t", "protocol": "https", "endpoint": None}) is None


def test_denied_topic_is_a_gap():
    answers = {
        "ListTopics": xml("ListTopics", f"<Topics><member><TopicArn>{ARN}</TopicArn></member></Topics>"),
        "GetTopicAttributes": refusal("AuthorizationError", 403),
    }
    with answering(answers):
        found = read(TOPIC, POLICY)
    assert list(found.of("aws_sns_topic")) == []
    assert sorted((gap.type, gap.id) for gap in found.gaps) == [("aws_sns_topic", ARN), ("aws_sns_topic_policy", ARN)]


def test_corpus():
    assert_corpus_equals_itself(COLLECTORS)
