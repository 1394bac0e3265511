import pytest

from scanner.collectors.config import COLLECTORS, CONFIG_RULE, DELIVERY_CHANNEL, RECORDER, RECORDER_STATUS
from tests.conftest import ACCOUNT, read
from tests.scanner.compared import only, told, twin
from tests.scanner.standin import answering, refused
from tests.scanner.whole import whole

ROLE = f"arn:aws:iam::{ACCOUNT}:role/config"
NAMED = {"its id": "default", "its identity": "default", "its arn": None, "its owner": None, "name": "default"}


def recording(aws):
    group = {"allSupported": True, "includeGlobalResourceTypes": True}
    recorder = {"name": "default", "roleARN": ROLE, "recordingGroup": group}
    aws("config").put_configuration_recorder(ConfigurationRecorder=recorder)
    aws("config").put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": "configs"})
    aws("config").start_configuration_recorder(ConfigurationRecorderName="default")


GROUP = {
    "all_supported": True,
    "include_global_resource_types": True,
    "recording_strategy": [{"use_only": "ALL_SUPPORTED_RESOURCE_TYPES"}],
}


@pytest.mark.parametrize(
    ("collector", "said"),
    [
        (RECORDER, {"recording_group": [GROUP], "role_arn": ROLE}),
        (RECORDER_STATUS, {"is_enabled": True}),
        (DELIVERY_CHANNEL, {"s3_bucket_name": "configs"}),
    ],
    ids=lambda each: getattr(each, "type", None),
)
def test_recording(aws, collector, said):
    recording(aws)
    assert whole(only(read(collector), collector.type)) == NAMED | said


def test_stopped_by_hand(aws):
    recording(aws)
    wanted = [twin(only(read(*COLLECTORS), each.type)) for each in (RECORDER, RECORDER_STATUS, DELIVERY_CHANNEL)]
    assert told(read(*COLLECTORS), COLLECTORS, *wanted) == set()
    aws("config").stop_configuration_recorder(ConfigurationRecorderName="default")
    assert told(read(*COLLECTORS), COLLECTORS, *wanted) == {
        ("changed", "aws_config_configuration_recorder_status", "is_enabled")
    }


def test_rule(aws):
    source = {"Owner": "AWS", "SourceIdentifier": "S3_BUCKET_VERSIONING_ENABLED"}
    rule = {"ConfigRuleName": "versioned", "Source": source, "InputParameters": '{"isMfaDeleteEnabled": "true"}'}
    rule["Scope"] = {"ComplianceResourceTypes": ["AWS::S3::Bucket"]}
    recording(aws)
    aws("config").put_config_rule(ConfigRule=rule, Tags=[{"Key": "team", "Value": "shop"}])
    found = only(read(CONFIG_RULE), "aws_config_config_rule")
    said = whole(found)
    assert said.pop("arn") == said.pop("its arn") == found.arn
    assert said.pop("rule_id")
    assert said == {
        "its id": "versioned",
        "its identity": "versioned",
        "its owner": None,
        "input_parameters": '{"isMfaDeleteEnabled": "true"}',
        "name": "versioned",
        "scope": [{"compliance_resource_types": ["AWS::S3::Bucket"]}],
        "source": [{"owner": "AWS", "source_identifier": "S3_BUCKET_VERSIONING_ENABLED"}],
        "tags": {"team": "shop"},
    }
    wanted = twin(found, evaluation_mode=[{"mode": "DETECTIVE"}], input_parameters='{"isMfaDeleteEnabled":"true"}')
    assert told(read(CONFIG_RULE), [CONFIG_RULE], wanted) == set()


def test_rules_of_services_are_theirs():
    rule = {"ConfigRuleName": "r", "ConfigRuleArn": "a", "CreatedBy": "securityhub.amazonaws.com"}
    answers = {
        "DescribeConfigRules": {"ConfigRules": [rule]},
        "ListTagsForResource": refused("AccessDeniedException"),
    }
    with answering(answers):
        found = read(CONFIG_RULE)
    assert list(only(found, "aws_config_config_rule", "securityhub.amazonaws.com").unknown) == ["tags"]
    assert [gap.permission for gap in found.gaps] == ["config:ListTagsForResource"]
