import json

from scanner.collectors.firehose import DELIVERY_STREAM, kind, without_defaults
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.aws.wire import json as as_json
from tests.scanner.compared import only, told, twin
from tests.scanner.standin import answering, refused
from tests.scanner.whole import whole

ARN = f"arn:aws:firehose:{REGION}:{ACCOUNT}:deliverystream/clicks"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/firehose"
S3 = {
    "RoleARN": ROLE,
    "BucketARN": "arn:aws:s3:::clicks",
    "Prefix": "raw/",
    "BufferingHints": {"SizeInMBs": 64, "IntervalInSeconds": 60},
    "CompressionFormat": "GZIP",
    "CloudWatchLoggingOptions": {"Enabled": False},
}


def test_delivery_stream(aws):
    tags = [{"Key": "team", "Value": "shop"}]
    aws("firehose").create_delivery_stream(
        DeliveryStreamName="clicks", ExtendedS3DestinationConfiguration=S3, Tags=tags
    )
    found = only(read(DELIVERY_STREAM), DELIVERY_STREAM.type)
    assert whole(found) == {
        "its id": ARN,
        "its identity": "clicks",
        "its arn": ARN,
        "its owner": None,
        "arn": ARN,
        "destination": "extended_s3",
        "destination_id": "destinationId-000000000001",
        "extended_s3_configuration": [
            {
                "bucket_arn": "arn:aws:s3:::clicks",
                "buffering_interval": 60,
                "buffering_size": 64,
                "cloudwatch_logging_options": [{"enabled": False}],
                "compression_format": "GZIP",
                "prefix": "raw/",
                "role_arn": ROLE,
            }
        ],
        "name": "clicks",
        "tags": {"team": "shop"},
        "version_id": "1",
    }
    block = {**found["extended_s3_configuration"][0], "cloudwatch_logging_options": []}
    wanted = twin(found, extended_s3_configuration=[block])
    assert told(read(DELIVERY_STREAM), [DELIVERY_STREAM], wanted) == set()
    assert told(
        read(DELIVERY_STREAM), [DELIVERY_STREAM], twin(found, extended_s3_configuration=[{**block, "prefix": "p/"}])
    ) == {("changed", DELIVERY_STREAM.type, "extended_s3_configuration[0].prefix")}


SPLUNK = {"HECEndpoint": "https://s.example", "HECToken": "hush", "S3DestinationDescription": {"BucketARN": "b"}}


def described(**destination):
    about = {"DeliveryStreamName": "a", "DeliveryStreamARN": ARN, "Destinations": [destination]}
    return {"DeliveryStreamDescription": about}


def test_more_pages_and_what_signs_in_is_not_read():
    pages = iter(
        [
            {"DeliveryStreamNames": ["a"], "HasMoreDeliveryStreams": True},
            {"DeliveryStreamNames": ["b"], "HasMoreDeliveryStreams": False},
        ]
    )
    answers = {
        "DescribeDeliveryStream": described(SplunkDestinationDescription=SPLUNK),
        "ListTagsForDeliveryStream": refused("AccessDeniedException"),
    }
    with answering(answers) as aws:
        aws.answers["ListDeliveryStreams"] = lambda asked: as_json(next(pages))
        found = read(DELIVERY_STREAM)
    assert aws.asked.count("DescribeDeliveryStream") == 2
    assert [json.loads(each.body) for each in aws.requests if each.action == "ListDeliveryStreams"] == [
        {"Limit": 1000},
        {"Limit": 1000, "ExclusiveStartDeliveryStreamName": "a"},
    ]
    one = found.of(DELIVERY_STREAM.type)[0]
    assert (one["destination"], list(one.unknown)) == ("splunk", ["tags"])
    assert whole(one)["splunk_configuration"] == [
        {"hec_endpoint": "https://s.example", "s3_configuration": [{"bucket_arn": "b"}]}
    ]
    assert "hush" not in repr(found.resources)


def test_what_aws_fills_into_processors():
    own = {"parameter_name": "LambdaArn", "parameter_value": "f"}
    filled = {"parameter_name": "NumberOfRetries", "parameter_value": "3"}
    assert without_defaults([{"type": "Lambda", "parameters": [filled, own]}]) == without_defaults(
        [{"type": "Lambda", "parameters": [own]}]
    )
    assert kind({}) is None
