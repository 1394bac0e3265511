import pytest

from scanner.collectors.cloudtrail import COLLECTORS, TRAIL, chosen
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.aws.wire import json
from tests.scanner.compared import only, told, twin
from tests.scanner.corpus import assert_corpus_equals_itself
from tests.scanner.standin import answering, refused
from tests.scanner.whole import whole

ARN = f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/audit"
OBJECTS = {"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}


def trail(aws):
    aws("s3", "us-east-1").create_bucket(Bucket="audit-logs")
    made = aws("cloudtrail")
    made.create_trail(Name="audit", S3BucketName="audit-logs", TagsList=[{"Key": "team", "Value": "shop"}])
    made.start_logging(Name="audit")
    selector = {"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": [OBJECTS]}
    made.put_event_selectors(TrailName="audit", EventSelectors=[selector])


def test_trail(aws):
    trail(aws)
    found = only(read(TRAIL), "aws_cloudtrail")
    assert whole(found) == {
        "its id": ARN,
        "its identity": "audit",
        "its arn": ARN,
        "its owner": None,
        "arn": ARN,
        "enable_log_file_validation": False,
        "enable_logging": True,
        "event_selector": [
            {
                "data_resource": [{"type": "AWS::S3::Object", "values": ["arn:aws:s3"]}],
                "include_management_events": True,
                "read_write_type": "All",
            }
        ],
        "home_region": REGION,
        "include_global_service_events": True,
        "is_multi_region_trail": False,
        "is_organization_trail": False,
        "name": "audit",
        "s3_bucket_name": "audit-logs",
        "tags": {"team": "shop"},
    }
    assert found.fact("latest_delivery_error") is None


def test_stopped_by_hand(aws):
    trail(aws)
    wanted = twin(only(read(TRAIL), "aws_cloudtrail"))
    aws("cloudtrail").stop_logging(Name="audit")
    aws("cloudtrail").put_event_selectors(
        TrailName="audit", EventSelectors=[{"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True}]
    )
    assert {path.partition("[")[0] for _, _, path in told(read(TRAIL), [TRAIL], wanted)} == {
        "enable_logging",
        "event_selector",
    }


@pytest.mark.parametrize(
    ("selectors", "meant"),
    [
        ([{"include_management_events": True, "read_write_type": "All", "data_resource": []}], None),
        ([{"include_management_events": True, "read_write_type": None}], None),
        ([{"include_management_events": False}], [{"include_management_events": "none"}]),
        ([{"include_management_events": True, "read_write_type": "ReadOnly"}], [{"read_write_type": "ReadOnly"}]),
        (None, None),
    ],
)
def test_to_record_all_management_events_is_the_default(selectors, meant):
    assert chosen(selectors) == meant


def test_trail_of_the_organization():
    """It is a shadow in each of the organization's other accounts, in every region; told where it is at home."""
    listed = {"Name": "all", "TrailARN": f"arn:aws:cloudtrail:{REGION}:999999999999:trail/all", "HomeRegion": REGION}

    def describe(asked):
        shadow = listed | {"IsOrganizationTrail": True, "IsMultiRegionTrail": True, "HasInsightSelectors": False}
        return json({"trailList": [shadow] if '"includeShadowTrails": true' in asked.body else []})

    answers = {
        "DescribeTrails": describe,
        "GetTrailStatus": {"IsLogging": True},
        "GetEventSelectors": refused("AccessDeniedException"),
        "ListTags": {"ResourceTagList": []},
    }
    with answering(answers):
        found = read(TRAIL, regions=(REGION, "eu-central-1"))
    one = only(found, "aws_cloudtrail", "organizations: 999999999999")
    assert (one.region, one["is_multi_region_trail"]) == (REGION, True)
    assert sorted(one.unknown) == ["advanced_event_selector", "event_selector"]
    assert [gap.permission for gap in found.gaps] == ["cloudtrail:GetEventSelectors"]


def test_corpus():
    assert_corpus_equals_itself(COLLECTORS)
