import json

import pytest

from scanner.collectors.sqs import COLLECTORS, POLICY, QUEUE, REDRIVE_ALLOW_POLICY, REDRIVE_POLICY, allows_all, members
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.aws.wire import json as as_json
from tests.scanner.compared import declared, only, told, twin
from tests.scanner.corpus import assert_corpus_equals_itself
from tests.scanner.standin import answering
from tests.scanner.whole import whole

ARN = f"arn:aws:sqs:{REGION}:{ACCOUNT}"
STATEMENT = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage"}
DOCUMENT = json.dumps({"Version": "2012-10-17", "Statement": [STATEMENT | {"Resource": "*"}]})
REDRIVE = json.dumps({"deadLetterTargetArn": f"{ARN}:dead", "maxReceiveCount": 4})


def queue(aws, name="jobs", tags=None, **attributes):
    return aws("sqs").create_queue(QueueName=name, Attributes=attributes, tags=tags or {})["QueueUrl"]


def test_queue(aws):
    url = queue(
        aws,
        "jobs.fifo",
        {"team": "shop"},
        FifoQueue="true",
        ContentBasedDeduplication="true",
        DelaySeconds="5",
        MessageRetentionPeriod="86400",
        KmsMasterKeyId="alias/aws/sqs",
        VisibilityTimeout="60",
    )
    assert whole(only(read(QUEUE), "aws_sqs_queue")) == {
        "its id": url,
        "its identity": "jobs.fifo",
        "its arn": f"{ARN}:jobs.fifo",
        "its owner": None,
        "arn": f"{ARN}:jobs.fifo",
        "content_based_deduplication": True,
        "deduplication_scope": "queue",
        "delay_seconds": 5,
        "fifo_queue": True,
        "fifo_throughput_limit": "perQueue",
        "kms_data_key_reuse_period_seconds": 300,
        "kms_master_key_id": "alias/aws/sqs",
        "max_message_size": 1048576,
        "message_retention_seconds": 86400,
        "name": "jobs.fifo",
        "receive_wait_time_seconds": 0,
        "sqs_managed_sse_enabled": True,
        "tags": {"team": "shop"},
        "url": url,
        "visibility_timeout_seconds": 60,
    }


@pytest.mark.parametrize(
    ("collector", "attribute", "name", "said"),
    [
        (POLICY, "Policy", "policy", DOCUMENT),
        (REDRIVE_POLICY, "RedrivePolicy", "redrive_policy", REDRIVE),
    ],
    ids=lambda each: getattr(each, "type", None),
)
def test_parts(aws, collector, attribute, name, said):
    queue(aws, "dead")
    url = queue(aws, "jobs", **{attribute: said})
    found = whole(only(read(collector), collector.type))
    assert json.loads(found.pop(name)) == json.loads(said)
    assert found == {"its id": url, "its identity": "jobs", "its arn": None, "its owner": None, "queue_url": url}


def test_who_may_send_here():
    """moto keeps no such setting."""
    said, url = '{"redrivePermission":"denyAll"}', "https://sqs/1/dead"
    answers = {"ListQueues": {"QueueUrls": [url]}, "GetQueueAttributes": {"Attributes": {"RedriveAllowPolicy": said}}}
    with answering(answers):
        found = only(read(REDRIVE_ALLOW_POLICY), REDRIVE_ALLOW_POLICY.type)
    assert (found.identity, found["queue_url"], found["redrive_allow_policy"]) == ("dead", url, said)


@pytest.mark.parametrize("permission", ["allowAll", "denyAll"])
def test_to_let_all_send_here_is_the_default(permission):
    said = declared(REDRIVE_ALLOW_POLICY.type, "u", redrive_allow_policy=f'{{"redrivePermission": "{permission}"}}')
    assert allows_all(said) is (permission == "allowAll")


def test_policy_may_be_declared_in_the_queue_or_by_itself(aws):
    url = queue(aws, "jobs", Policy=DOCUMENT)
    found = read(*COLLECTORS)
    whole = twin(only(found, "aws_sqs_queue"), policy=DOCUMENT)
    alone = declared("aws_sqs_queue_policy", url, queue_url=url, policy=DOCUMENT)
    assert told(found, COLLECTORS, whole) == set()
    assert told(found, COLLECTORS, twin(only(found, "aws_sqs_queue")), alone) == set()
    assert told(found, COLLECTORS, twin(only(found, "aws_sqs_queue"))) == {("changed", "aws_sqs_queue", "policy")}


def test_changed_by_hand(aws):
    queue(aws, "dead")
    url = queue(aws, "jobs", RedrivePolicy=REDRIVE)
    before = read(*COLLECTORS)
    queues = [twin(each) for each in before.of("aws_sqs_queue")]
    redrive = twin(only(before, "aws_sqs_queue_redrive_policy"))
    assert told(before, COLLECTORS, *queues, redrive) == set()
    changes = {"VisibilityTimeout": "90", "RedrivePolicy": REDRIVE.replace("4}", "5}")}
    aws("sqs").set_queue_attributes(QueueUrl=url, Attributes=changes)
    assert told(read(*COLLECTORS), COLLECTORS, *queues, redrive) == {
        ("changed", "aws_sqs_queue", "visibility_timeout_seconds"),
        ("changed", "aws_sqs_queue_redrive_policy", "redrive_policy"),
    }


def test_members():
    assert members('{"maxReceiveCount": "4", "a": ["y", "x"]}') == members('{"a": ["x", "y"], "maxReceiveCount": 4}')
    assert members('{"maxReceiveCount": 4}') != members('{"maxReceiveCount": 5}')
    assert members("") is None


def test_tags_denied_are_unknown(aws, allowed_only):
    queue(aws)
    with allowed_only("sqs:ListQueues", "sqs:GetQueueAttributes"):
        found = read(QUEUE)
    assert list(only(found, "aws_sqs_queue").unknown) == ["tags"]
    assert [gap.permission for gap in found.gaps] == ["sqs:ListQueueTags"]


def test_corpus():
    assert_corpus_equals_itself(COLLECTORS)


def test_queues_after_the_first_thousand():
    """SQS tells whoever does not say how many they want of a thousand, and gives no token."""

    def page(asked):
        said = json.loads(asked.body)
        url = "https://sqs/1/later" if "NextToken" in said else "https://sqs/1/jobs"
        more = {"NextToken": "1000"} if said.get("MaxResults") == 1000 and "NextToken" not in said else {}
        return as_json({"QueueUrls": [url], **more})

    with answering({"ListQueues": page, "GetQueueAttributes": {"Attributes": {}}, "ListQueueTags": {}}):
        found = read(QUEUE)
    assert sorted(each.identity for each in found.of(QUEUE.type)) == ["jobs", "later"]
    assert found.gaps == []
