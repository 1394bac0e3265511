import pytest

from scanner.collectors.wafv2 import IP_SET, REGEX_PATTERN_SET, RULE_GROUP, WEB_ACL, spoken, worded
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.compared import only, told, twin
from tests.scanner.standin import answering
from tests.scanner.whole import whole

ARN = f"arn:aws:wafv2:{REGION}:{ACCOUNT}:regional"
SEEN = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "shop"}
SEEN_AS = [{"cloudwatch_metrics_enabled": True, "metric_name": "shop", "sampled_requests_enabled": True}]
TAGS = [{"Key": "team", "Value": "shop"}]
COMMON = {
    "Name": "common",
    "Priority": 1,
    "Statement": {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": "AWSManagedRulesCommonRuleSet"}},
    "OverrideAction": {"None": {}},
    "VisibilityConfig": SEEN,
}
FLOOD = {
    "Name": "flood",
    "Priority": 2,
    "Statement": {"RateBasedStatement": {"Limit": 1000, "AggregateKeyType": "IP"}},
    "Action": {"Block": {}},
    "VisibilityConfig": SEEN,
}


def web_acl(aws, *rules, region=REGION, scope="REGIONAL", **more):
    said = {"Name": "shop", "Scope": scope, "DefaultAction": {"Allow": {}}, "Description": "ours", "Tags": TAGS}
    return aws("wafv2", region).create_web_acl(Rules=list(rules), VisibilityConfig=SEEN, **said | more)["Summary"]


def test_web_acl(aws):
    made = web_acl(aws, COMMON, FLOOD)
    found = only(read(WEB_ACL), WEB_ACL.type)
    assert found.sensitive == {"rule"}
    assert whole(found) == {
        "its id": made["Id"],
        "its identity": made["Id"],
        "its arn": f"{ARN}/webacl/shop/{made['Id']}",
        "its owner": None,
        "arn": made["ARN"],
        "capacity": 3,
        "default_action": [{"allow": [{}]}],
        "description": "ours",
        "lock_token": made["LockToken"],
        "name": "shop",
        "rule": [
            {
                "name": "common",
                "override_action": [{"none": [{}]}],
                "priority": 1,
                "statement": [
                    {"managed_rule_group_statement": [{"name": "AWSManagedRulesCommonRuleSet", "vendor_name": "AWS"}]}
                ],
                "visibility_config": SEEN_AS,
            },
            {
                "action": [{"block": [{}]}],
                "name": "flood",
                "priority": 2,
                "statement": [{"rate_based_statement": [{"aggregate_key_type": "IP", "limit": 1000}]}],
                "visibility_config": SEEN_AS,
            },
        ],
        "scope": "REGIONAL",
        "tags": {"team": "shop"},
        "visibility_config": SEEN_AS,
    }


def test_a_block_says_something_by_being_there(aws):
    """As the provider keeps them: all kinds of a block, most of them empty, in any order."""
    web_acl(aws, COMMON, FLOOD)
    found = read(WEB_ACL)
    one = only(found, WEB_ACL.type)
    common, flood = one["rule"]
    rules = [
        flood | {"action": [{"allow": [], "block": [{"custom_response": []}], "count": []}], "captcha_config": []},
        common | {"override_action": [{"count": [], "none": [{}]}], "rule_label": []},
    ]
    allowing = [{"allow": [{"custom_request_handling": []}], "block": []}]
    assert told(found, [WEB_ACL], twin(one, rule=rules, default_action=allowing, rule_json=None)) == set()
    blocking = [{"allow": [], "block": [{"custom_response": []}]}]
    assert told(found, [WEB_ACL], twin(one, default_action=blocking)) == {("changed", WEB_ACL.type, "default_action")}


@pytest.mark.parametrize(
    ("rules", "path"),
    [
        ([COMMON | {"OverrideAction": {"Count": {}}}, FLOOD], "rule[common].override_action"),
        ([COMMON, FLOOD | {"Action": {"Count": {}}}], "rule[flood].action"),
        ([COMMON, FLOOD | {"Priority": 9}], "rule[flood].priority"),
        ([COMMON], "rule[flood]"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_rules_changed_by_hand(aws, rules, path):
    made = web_acl(aws, COMMON, FLOOD)
    wanted = twin(only(read(WEB_ACL), WEB_ACL.type))
    about = {"Name": "shop", "Scope": "REGIONAL", "Id": made["Id"], "LockToken": made["LockToken"]}
    said = {"DefaultAction": {"Allow": {}}, "VisibilityConfig": SEEN, "Description": "ours"}
    aws("wafv2").update_web_acl(Rules=rules, **about, **said)
    assert {each for _, _, each in told(read(WEB_ACL), [WEB_ACL], wanted)} == {path}


def test_those_of_cloudfront_are_in_one_region(aws):
    web_acl(aws, region="us-east-1", scope="CLOUDFRONT")
    assert list(read(WEB_ACL).of(WEB_ACL.type)) == []
    [found] = read(WEB_ACL, regions=("us-east-1", REGION)).of(WEB_ACL.type)
    assert (found.region, found["scope"]) == ("us-east-1", "CLOUDFRONT")


def test_ip_set(aws):
    said = {"Addresses": ["192.0.2.0/24", "198.51.100.0/24"], "Description": "ours", "Tags": TAGS}
    made = aws("wafv2").create_ip_set(Name="offices", Scope="REGIONAL", IPAddressVersion="IPV4", **said)["Summary"]
    found = read(IP_SET)
    one = only(found, IP_SET.type)
    assert whole(one) == {
        "its id": made["Id"],
        "its identity": made["Id"],
        "its arn": made["ARN"],
        "its owner": None,
        "addresses": ["192.0.2.0/24", "198.51.100.0/24"],
        "arn": made["ARN"],
        "description": "ours",
        "ip_address_version": "IPV4",
        "lock_token": made["LockToken"],
        "name": "offices",
        "scope": "REGIONAL",
        "tags": {"team": "shop"},
    }
    assert told(found, [IP_SET], twin(one, addresses=one["addresses"][::-1])) == set()
    assert told(found, [IP_SET], twin(one, addresses=["192.0.2.0/24"])) == {("changed", IP_SET.type, "addresses")}


def test_regex_pattern_set(aws):
    said = {"RegularExpressionList": [{"RegexString": "^bad"}, {"RegexString": "worse$"}], "Tags": TAGS}
    made = aws("wafv2").create_regex_pattern_set(Name="bad", Scope="REGIONAL", **said)["Summary"]
    found = read(REGEX_PATTERN_SET)
    one = only(found, REGEX_PATTERN_SET.type)
    assert (one.id, one.tags, one["regular_expression"]) == (
        made["Id"],
        {"team": "shop"},
        [{"regex_string": "^bad"}, {"regex_string": "worse$"}],
    )
    fewer = twin(one, regular_expression=one["regular_expression"][:1])
    assert told(found, [REGEX_PATTERN_SET], fewer) == {("changed", REGEX_PATTERN_SET.type, "regular_expression")}


def test_rule_group(aws):
    said = {"Capacity": 10, "Rules": [FLOOD], "VisibilityConfig": SEEN, "Tags": TAGS}
    made = aws("wafv2").create_rule_group(Name="ours", Scope="REGIONAL", **said)["Summary"]
    found = read(RULE_GROUP)
    one = only(found, RULE_GROUP.type)
    assert (one.id, one.arn, one.tags, one["capacity"]) == (made["Id"], made["ARN"], {"team": "shop"}, 10)
    assert [each["name"] for each in one["rule"]] == ["flood"]
    assert told(found, [RULE_GROUP], twin(one, rule=[])) == {("changed", RULE_GROUP.type, "rule[flood]")}


# --- what moto does not do --------------------------------------------------------------------------

FIELDS = {"PhoneNumberFields": [{"Identifier": "/a"}, {"Identifier": "/b"}], "UsernameField": {"Identifier": "/u"}}
WORDS = [
    (
        {"SearchString": b"admin", "FieldToMatch": {"Method": {}}},
        {"search_string": "admin", "field_to_match": [{"method": [{}]}]},
    ),
    ({"CustomKeys": [{"Header": {"Name": "x"}}]}, {"custom_key": [{"header": [{"name": "x"}]}]}),
    ({"ARN": "a", "IPSetForwardedIPConfig": {}}, {"arn": "a", "ip_set_forwarded_ip_config": [{}]}),
    (FIELDS, {"phone_number_fields": [{"identifiers": ["/a", "/b"]}], "username_field": [{"identifier": "/u"}]}),
    ({"RequestBody": {"API_GATEWAY": {"Limit": 1}}}, {"request_body": [{"api_gateway": [{"limit": 1}]}]}),
]


@pytest.mark.parametrize(("said", "wanted"), WORDS, ids=lambda each: next(iter(each)))
def test_words(said, wanted):
    assert worded(said) == [wanted]


def test_what_an_older_provider_does_not_know_is_no_difference():
    assert spoken([{"limit": 1, "evaluation_window_sec": 300}]) == spoken([{"limit": 1}])
    assert spoken([{"limit": 1, "evaluation_window_sec": 60}]) != spoken([{"limit": 1}])


def listed(**more):
    acl = {"Name": "FM", "Id": "w1", "ARN": "arn:acl", "DefaultAction": {"Allow": {}}, "VisibilityConfig": SEEN, **more}
    listing = {"WebACLs": [{"Name": "FM", "Id": "w1", "ARN": "arn:acl", "LockToken": "t"}]}
    return {"ListWebACLs": listing, "GetWebACL": {"WebACL": acl}}


def test_firewall_manager_makes_some_and_shield_adds_rules():
    shields = FLOOD | {"Name": "ShieldMitigationRuleGroup_1_2"}
    bodies = {"sorry": {"Content": "later", "ContentType": "TEXT_PLAIN"}}
    with answering(listed(ManagedByFirewallManager=True, Rules=[shields, FLOOD], CustomResponseBodies=bodies)):
        found = read(WEB_ACL)
    one = only(found, WEB_ACL.type, owner="aws: firewall manager")
    assert [each["name"] for each in one["rule"]] == ["flood"]
    assert one["custom_response_body"] == [{"content": "later", "content_type": "TEXT_PLAIN", "key": "sorry"}]
    assert list(one.unknown) == ["tags"]


def test_denied_acl_is_a_gap():
    with answering({"ListWebACLs": listed()["ListWebACLs"]}):
        found = read(WEB_ACL)
    assert list(found.of(WEB_ACL.type)) == []
    assert "wafv2:GetWebACL" in {each.permission for each in found.gaps}


def test_a_captcha_without_a_time_says_nothing():
    with answering(listed(CaptchaConfig={}, Rules=[FLOOD | {"CaptchaConfig": {}}])):
        found = read(WEB_ACL)
    one = only(found, WEB_ACL.type)
    rules = [{**one["rule"][0], "captcha_config": []}]
    assert told(found, [WEB_ACL], twin(one, rule=rules, captcha_config=[])) == set()
    timed = [{"immunity_time_property": [{"immunity_time": 60}]}]
    wanted = twin(one, rule=rules, captcha_config=timed)
    assert told(found, [WEB_ACL], wanted) == {("changed", WEB_ACL.type, "captcha_config")}
