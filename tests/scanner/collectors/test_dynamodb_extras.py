import json

from scanner.collectors.dynamodb_extras import (
    COLLECTORS,
    CONTRIBUTOR_INSIGHTS,
    RESOURCE_POLICY,
    STREAMING_DESTINATION,
)
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.aws.wire import json as json_answer
from tests.scanner.compared import only, told, twin
from tests.scanner.standin import answering, refused
from tests.scanner.whole import whole

TABLE = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders"
STREAM = f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/orders"
STATEMENT = {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "dynamodb:GetItem", "Resource": TABLE}
POLICY = json.dumps({"Version": "2012-10-17", "Statement": [STATEMENT]})


def test_streaming_destination():
    destinations = [
        {"StreamArn": STREAM, "DestinationStatus": "ACTIVE", "ApproximateCreationDateTimePrecision": "MILLISECOND"},
        {"StreamArn": f"{STREAM}-old", "DestinationStatus": "DISABLED"},
    ]
    answers = {
        "ListTables": {"TableNames": ["orders"]},
        "DescribeKinesisStreamingDestination": {"KinesisDataStreamDestinations": destinations},
    }
    with answering(answers):
        live = read(STREAMING_DESTINATION)
    found = only(live, STREAMING_DESTINATION.type)
    assert whole(found) == {
        "its id": f"orders,{STREAM}",
        "its identity": f"orders/{STREAM}",
        "its arn": None,
        "its owner": None,
        "approximate_creation_date_time_precision": "MILLISECOND",
        "stream_arn": STREAM,
        "table_name": "orders",
    }
    assert told(live, COLLECTORS, twin(found, approximate_creation_date_time_precision=None)) == set()
    finer = twin(found, approximate_creation_date_time_precision="MICROSECOND")
    path = "approximate_creation_date_time_precision"
    assert told(live, COLLECTORS, finer) == {("changed", STREAMING_DESTINATION.type, path)}
    with answering(answers | {"DescribeKinesisStreamingDestination": refused("AccessDeniedException")}):
        inventory = read(STREAMING_DESTINATION)
    assert [each.permission for each in inventory.gaps] == ["dynamodb:DescribeKinesisStreamingDestination"]


def test_resource_policy(aws, allowed_only):
    key = {"AttributeName": "id", "AttributeType": "S"}
    for name in ("orders", "plain"):
        aws("dynamodb").create_table(
            TableName=name,
            AttributeDefinitions=[key],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
        )
    put = aws("dynamodb").put_resource_policy(ResourceArn=TABLE, Policy=POLICY)
    with allowed_only(*RESOURCE_POLICY.permissions):
        live = read(RESOURCE_POLICY)
    assert live.gaps == []
    found = only(live, RESOURCE_POLICY.type)
    assert whole(found) == {
        "its id": TABLE,
        "its identity": TABLE,
        "its arn": None,
        "its owner": None,
        "policy": POLICY,
        "resource_arn": TABLE,
        "revision_id": put["RevisionId"],
    }
    shut = json.dumps({"Version": "2012-10-17", "Statement": [STATEMENT | {"Effect": "Deny"}]})
    assert told(live, COLLECTORS, twin(found, policy=shut)) == {
        ("changed", RESOURCE_POLICY.type, "policy.Statement[0].Effect")
    }


def test_contributor_insights():
    off = {"TableName": "plain", "ContributorInsightsStatus": "DISABLED"}
    on = {"TableName": "orders", "ContributorInsightsStatus": "ENABLED"}
    pages = iter(
        [
            {"ContributorInsightsSummaries": [off, on], "NextToken": "more"},
            {"ContributorInsightsSummaries": [on | {"IndexName": "by-day"}]},
        ]
    )
    with answering({}) as it:
        it.answers["ListContributorInsights"] = lambda asked: json_answer(next(pages))
        live = read(CONTRIBUTOR_INSIGHTS)
    assert live.gaps == []
    table, index = sorted(live.of(CONTRIBUTOR_INSIGHTS.type), key=lambda each: each["index_name"])
    assert (table.id, table["table_name"], table["index_name"]) == (f"name:orders/index:/{ACCOUNT}", "orders", "")
    assert (index.id, index["index_name"]) == (f"name:orders/index:by-day/{ACCOUNT}", "by-day")
    assert told(live, COLLECTORS, twin(table), twin(index)) == set()
    assert told(live, COLLECTORS, twin(table)) == {("unmanaged", CONTRIBUTOR_INSIGHTS.type, "")}
