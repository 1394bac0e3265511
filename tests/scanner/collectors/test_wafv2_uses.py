import pytest

from scanner.collectors import wafv2_uses
from scanner.collectors.wafv2_uses import WEB_ACL_ASSOCIATION, WEB_ACL_LOGGING_CONFIGURATION
from tests.scanner.standin import assert_one

CASES = [
    (
        WEB_ACL_ASSOCIATION,
        {
            "ListWebACLs": {
                "WebACLs": [{"Name": "shop", "Id": "w1", "Description": "ours", "LockToken": "t", "ARN": "arn:acl"}]
            },
            "ListResourcesForWebACL": {"ResourceArns": ["arn:lb"]},
        },
        {
            "its id": "arn:acl,arn:lb",
            "its identity": "arn:lb",
            "its arn": None,
            "its owner": None,
            "resource_arn": "arn:lb",
            "web_acl_arn": "arn:acl",
        },
        {"web_acl_arn": "arn:other"},
    ),
    (
        WEB_ACL_LOGGING_CONFIGURATION,
        {
            "ListLoggingConfigurations": {
                "LoggingConfigurations": [
                    {
                        "ResourceArn": "arn:acl",
                        "LogDestinationConfigs": ["arn:logs"],
                        "RedactedFields": [{"SingleHeader": {"Name": "authorization"}}, {"Method": {}}],
                        "LoggingFilter": {
                            "Filters": [
                                {
                                    "Behavior": "KEEP",
                                    "Requirement": "MEETS_ANY",
                                    "Conditions": [
                                        {"ActionCondition": {"Action": "BLOCK"}},
                                        {"LabelNameCondition": {"LabelName": "awswaf:x"}},
                                    ],
                                }
                            ],
                            "DefaultBehavior": "DROP",
                        },
                    }
                ]
            }
        },
        {
            "its id": "arn:acl",
            "its identity": "arn:acl",
            "its arn": None,
            "its owner": None,
            "log_destination_configs": ["arn:logs"],
            "logging_filter": [
                {
                    "filter": [
                        {
                            "behavior": "KEEP",
                            "requirement": "MEETS_ANY",
                            "condition": [
                                {"action_condition": [{"action": "BLOCK"}]},
                                {"label_name_condition": [{"label_name": "awswaf:x"}]},
                            ],
                        }
                    ],
                    "default_behavior": "DROP",
                }
            ],
            "redacted_fields": [{"single_header": [{"name": "authorization"}]}, {"method": [{}]}],
            "resource_arn": "arn:acl",
        },
        {"redacted_fields": []},
    ),
]


@pytest.mark.parametrize(
    ("collector", "answers", "wanted", "change"), CASES, ids=lambda each: getattr(each, "type", "")
)
def test_type(collector, answers, wanted, change):
    assert_one(collector, answers, wanted, change)


def test_each_type_is_tested():
    assert {each.type for each in wafv2_uses.COLLECTORS} == {case[0].type for case in CASES}
