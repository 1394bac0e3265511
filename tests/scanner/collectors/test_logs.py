import json

import pytest

from scanner.collectors.logs import (
    COLLECTORS,
    DESTINATION,
    DESTINATION_POLICY,
    LOG_GROUP,
    METRIC_FILTER,
    RESOURCE_POLICY,
    SUBSCRIPTION_FILTER,
    made_by,
)
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.compared import only, told, twin
from tests.scanner.corpus import assert_corpus_equals_itself
from tests.scanner.standin import answering, refused
from tests.scanner.whole import whole

ARN = f"arn:aws:logs:{REGION}:{ACCOUNT}"
STREAM = f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/logs"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/logs"
DOCUMENT = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*"}]})


def group(aws, **more):
    aws("logs").create_log_group(logGroupName="/app", tags={"team": "shop"}, **more)
    aws("logs").put_retention_policy(logGroupName="/app", retentionInDays=7)


def test_group(aws):
    group(aws)
    found = only(read(LOG_GROUP), "aws_cloudwatch_log_group")
    assert whole(found) == {
        "its id": "/app",
        "its identity": "/app",
        "its arn": f"{ARN}:log-group:/app",
        "its owner": None,
        "arn": f"{ARN}:log-group:/app",
        "name": "/app",
        "retention_in_days": 7,
        "tags": {"team": "shop"},
    }
    wanted = twin(found, arn=f"{ARN}:log-group:/app:*", log_group_class="STANDARD")
    assert told(read(LOG_GROUP), [LOG_GROUP], wanted) == set()
    aws("logs").delete_retention_policy(logGroupName="/app")
    assert told(read(LOG_GROUP), [LOG_GROUP], wanted) == {("changed", "aws_cloudwatch_log_group", "retention_in_days")}


def metric_filter(aws, name="errors"):
    about = {"metricName": "errors", "metricNamespace": "app", "metricValue": "1", "defaultValue": 0}
    aws("logs").put_metric_filter(
        logGroupName="/app", filterName=name, filterPattern="ERROR", metricTransformations=[about]
    )


def test_metric_filter(aws):
    group(aws)
    metric_filter(aws)
    found = read(LOG_GROUP, METRIC_FILTER)
    assert whole(only(found, "aws_cloudwatch_log_metric_filter")) == {
        "its id": "errors",
        "its identity": "/app/errors",
        "its arn": None,
        "its owner": None,
        "log_group_name": "/app",
        "metric_transformation": [{"default_value": "0", "name": "errors", "namespace": "app", "value": "1"}],
        "name": "errors",
        "pattern": "ERROR",
    }
    wanted = [twin(only(found, each.type)) for each in (LOG_GROUP, METRIC_FILTER)]
    metric_filter(aws, "by-hand")
    assert told(read(LOG_GROUP, METRIC_FILTER), [LOG_GROUP, METRIC_FILTER], *wanted) == {
        ("changed", "aws_cloudwatch_log_group", "metric_filter[by-hand]")
    }


def test_subscription_filter(aws):
    group(aws)
    aws("kinesis").create_stream(StreamName="logs", ShardCount=1)
    aws("logs").put_subscription_filter(
        logGroupName="/app", filterName="all", filterPattern="", destinationArn=STREAM, roleArn=ROLE
    )
    assert whole(only(read(SUBSCRIPTION_FILTER), "aws_cloudwatch_log_subscription_filter")) == {
        "its id": "cwlsf-943231613",
        "its identity": "/app/all",
        "its arn": None,
        "its owner": None,
        "destination_arn": STREAM,
        "distribution": "ByLogStream",
        "log_group_name": "/app",
        "name": "all",
        "role_arn": ROLE,
    }


def test_resource_policy(aws):
    aws("logs").put_resource_policy(policyName="open", policyDocument=DOCUMENT)
    found = whole(only(read(RESOURCE_POLICY), "aws_cloudwatch_log_resource_policy"))
    assert found == {
        "its id": "open",
        "its identity": "open",
        "its arn": None,
        "its owner": None,
        "policy_document": DOCUMENT,
        "policy_name": "open",
    }


def test_destination(aws):
    aws("logs").put_destination(destinationName="all", targetArn=STREAM, roleArn=ROLE, tags={"team": "shop"})
    aws("logs").put_destination_policy(destinationName="all", accessPolicy=DOCUMENT)
    found = read(DESTINATION, DESTINATION_POLICY)
    assert whole(only(found, "aws_cloudwatch_log_destination")) == {
        "its id": "all",
        "its identity": "all",
        "its arn": f"{ARN}:destination:all",
        "its owner": None,
        "arn": f"{ARN}:destination:all",
        "name": "all",
        "role_arn": ROLE,
        "tags": {"team": "shop"},
        "target_arn": STREAM,
    }
    assert only(found, "aws_cloudwatch_log_destination_policy")["access_policy"] == DOCUMENT


@pytest.mark.parametrize(
    ("name", "owner"),
    [
        ("/aws/lambda/resize", "lambda: resize"),
        ("/aws/ecs/containerinsights/shop/performance", "containerinsights: shop/performance"),
        ("/aws/mine", None),
        ("app", None),
    ],
)
def test_who_made_it(name, owner):
    assert made_by({"logGroupName": name}) == owner


def test_denied_is_unknown():
    groups = {"logGroups": [{"logGroupName": "a", "arn": f"{ARN}:log-group:a:*"}]}
    denied = refused("AccessDeniedException")
    answers = {"DescribeLogGroups": groups, "ListTagsForResource": denied, "DescribeSubscriptionFilters": denied}
    with answering(answers) as aws:
        found = read(LOG_GROUP, SUBSCRIPTION_FILTER)
    assert list(only(found, "aws_cloudwatch_log_group").unknown) == ["tags"]
    assert sorted(gap.permission for gap in found.gaps) == [
        "logs:DescribeSubscriptionFilters",
        "logs:ListTagsForResource",
    ]
    assert aws.asked.count("DescribeLogGroups") == 1


def test_corpus():
    assert_corpus_equals_itself(COLLECTORS)
