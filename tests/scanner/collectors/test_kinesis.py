from scanner.collectors.kinesis import STREAM, shards
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.compared import only, told, twin
from tests.scanner.standin import answering, refused
from tests.scanner.whole import whole

ARN = f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/clicks"


def test_stream(aws):
    aws("kinesis").create_stream(StreamName="clicks", ShardCount=2)
    aws("kinesis").add_tags_to_stream(StreamName="clicks", Tags={"team": "shop"})
    aws("kinesis").enable_enhanced_monitoring(StreamName="clicks", ShardLevelMetrics=["IncomingBytes"])
    found = only(read(STREAM), "aws_kinesis_stream")
    assert whole(found) == {
        "its id": ARN,
        "its identity": "clicks",
        "its arn": ARN,
        "its owner": None,
        "arn": ARN,
        "encryption_type": "NONE",
        "name": "clicks",
        "retention_period": 24,
        "shard_count": 2,
        "shard_level_metrics": ["IncomingBytes"],
        "stream_mode_details": [{"stream_mode": "PROVISIONED"}],
        "tags": {"team": "shop"},
    }
    wanted = twin(found, encryption_type="KMS", kms_key_id="alias/aws/kinesis", stream_mode_details=[])
    assert told(read(STREAM), [STREAM], wanted) == {
        ("changed", "aws_kinesis_stream", "encryption_type"),
        ("changed", "aws_kinesis_stream", "kms_key_id"),
    }


def test_streams_on_demand_have_no_count():
    assert (shards(["ON_DEMAND", 4]), shards(["PROVISIONED", 4]), shards([None, 4])) == (None, 4, 4)


def test_denied_tags_are_unknown():
    told = {"StreamDescriptionSummary": {"StreamName": "a", "StreamARN": ARN}}
    denied = refused("AccessDeniedException")
    listed = {"StreamNames": ["a"], "HasMoreStreams": False}
    with answering({"ListStreams": listed, "DescribeStreamSummary": told, "ListTagsForStream": denied}):
        found = read(STREAM)
    assert list(only(found, "aws_kinesis_stream").unknown) == ["tags"]
    assert [gap.permission for gap in found.gaps] == ["kinesis:ListTagsForStream"]
