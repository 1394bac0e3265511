import pytest

from scanner.collectors import shield
from scanner.collectors.shield import AUTOMATIC_RESPONSE, HEALTH_CHECK_ASSOCIATION, PROTECTION, PROTECTION_GROUP
from tests.scanner.standin import assert_one

PROTECTIONS = {
    "ListProtections": {
        "Protections": [
            {
                "Id": "p1",
                "Name": "shop",
                "ResourceArn": "arn:lb",
                "HealthCheckIds": ["h1"],
                "ProtectionArn": "arn:protection/p1",
                "ApplicationLayerAutomaticResponseConfiguration": {"Status": "ENABLED", "Action": {"Block": {}}},
            }
        ]
    }
}
TAGS = {"ListTagsForResource": {"Tags": [{"Key": "team", "Value": "web"}]}}
CASES = [
    (
        PROTECTION,
        {**PROTECTIONS, **TAGS},
        {
            "its id": "p1",
            "its identity": "p1",
            "its arn": "arn:protection/p1",
            "its owner": None,
            "arn": "arn:protection/p1",
            "name": "shop",
            "resource_arn": "arn:lb",
            "tags": {"team": "web"},
        },
        {"name": "other"},
    ),
    (
        AUTOMATIC_RESPONSE,
        {**PROTECTIONS},
        {
            "its id": "arn:lb",
            "its identity": "arn:lb",
            "its arn": None,
            "its owner": None,
            "action": "BLOCK",
            "resource_arn": "arn:lb",
        },
        {"action": "COUNT"},
    ),
    (
        HEALTH_CHECK_ASSOCIATION,
        {**PROTECTIONS},
        {
            "its id": "p1+arn:aws:route53:::healthcheck/h1",
            "its identity": "p1/arn:aws:route53:::healthcheck/h1",
            "its arn": None,
            "its owner": None,
            "health_check_arn": "arn:aws:route53:::healthcheck/h1",
            "shield_protection_id": "p1",
        },
        {},
    ),
    (
        PROTECTION_GROUP,
        {
            **TAGS,
            "ListProtectionGroups": {
                "ProtectionGroups": [
                    {
                        "ProtectionGroupId": "all",
                        "Aggregation": "MAX",
                        "Pattern": "ARBITRARY",
                        "Members": ["arn:lb"],
                        "ProtectionGroupArn": "arn:group",
                    }
                ]
            },
        },
        {
            "its id": "all",
            "its identity": "all",
            "its arn": "arn:group",
            "its owner": None,
            "aggregation": "MAX",
            "members": ["arn:lb"],
            "pattern": "ARBITRARY",
            "protection_group_arn": "arn:group",
            "protection_group_id": "all",
            "tags": {"team": "web"},
        },
        {"members": []},
    ),
]


@pytest.mark.parametrize(
    ("collector", "answers", "wanted", "change"), CASES, ids=lambda each: getattr(each, "type", "")
)
def test_type(collector, answers, wanted, change):
    assert_one(collector, answers, wanted, change)


def test_each_type_is_tested():
    assert {each.type for each in shield.COLLECTORS} == {case[0].type for case in CASES}
