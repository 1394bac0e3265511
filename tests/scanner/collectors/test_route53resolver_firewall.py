import pytest

from scanner.collectors import route53resolver_firewall
from scanner.collectors.route53resolver_firewall import DOMAIN_LIST, RULE, RULE_GROUP, RULE_GROUP_ASSOCIATION
from tests.scanner.standin import assert_one

ARN = "arn:aws:route53resolver:eu-west-1:123456789012"
TAGS = {"ListTagsForResource": {"Tags": [{"Key": "team", "Value": "web"}]}}
FIREWALL_RULE_GROUPS = {
    "ListFirewallRuleGroups": {
        "FirewallRuleGroups": [
            {
                "Id": "rslvr-frg-1",
                "Arn": f"{ARN}:firewall-rule-group/rslvr-frg-1",
                "Name": "ours",
                "OwnerId": "123456789012",
                "ShareStatus": "NOT_SHARED",
            }
        ]
    }
}
CASES = [
    (
        DOMAIN_LIST,
        {
            **TAGS,
            "ListFirewallDomainLists": {
                "FirewallDomainLists": [
                    {
                        "Id": "rslvr-fdl-1",
                        "Arn": f"{ARN}:firewall-domain-list/rslvr-fdl-1",
                        "Name": "bad",
                    }
                ]
            },
            "ListFirewallDomains": {"Domains": ["bad.test.", "*.worse.test."]},
        },
        {
            "its id": "rslvr-fdl-1",
            "its identity": "rslvr-fdl-1",
            "its arn": f"{ARN}:firewall-domain-list/rslvr-fdl-1",
            "its owner": None,
            "arn": f"{ARN}:firewall-domain-list/rslvr-fdl-1",
            "domains": ["bad.test", "*.worse.test"],
            "name": "bad",
            "tags": {"team": "web"},
        },
        {"domains": ["bad.test"]},
    ),
    (
        RULE_GROUP,
        {**TAGS, **FIREWALL_RULE_GROUPS},
        {
            "its id": "rslvr-frg-1",
            "its identity": "rslvr-frg-1",
            "its arn": f"{ARN}:firewall-rule-group/rslvr-frg-1",
            "its owner": None,
            "arn": f"{ARN}:firewall-rule-group/rslvr-frg-1",
            "name": "ours",
            "owner_id": "123456789012",
            "share_status": "NOT_SHARED",
            "tags": {"team": "web"},
        },
        {"name": "theirs"},
    ),
    (
        RULE,
        {
            **FIREWALL_RULE_GROUPS,
            "ListFirewallRules": {
                "FirewallRules": [
                    {
                        "FirewallRuleGroupId": "rslvr-frg-1",
                        "FirewallDomainListId": "rslvr-fdl-1",
                        "Name": "no",
                        "Priority": 10,
                        "Action": "BLOCK",
                        "BlockResponse": "OVERRIDE",
                        "BlockOverrideDomain": "sink.test",
                        "BlockOverrideDnsType": "CNAME",
                        "BlockOverrideTtl": 60,
                        "FirewallDomainRedirectionAction": "INSPECT_REDIRECTION_DOMAIN",
                    }
                ]
            },
        },
        {
            "its id": "rslvr-frg-1:rslvr-fdl-1",
            "its identity": "rslvr-frg-1:rslvr-fdl-1",
            "its arn": None,
            "its owner": None,
            "action": "BLOCK",
            "block_override_dns_type": "CNAME",
            "block_override_domain": "sink.test",
            "block_override_ttl": 60,
            "block_response": "OVERRIDE",
            "firewall_domain_list_id": "rslvr-fdl-1",
            "firewall_domain_redirection_action": "INSPECT_REDIRECTION_DOMAIN",
            "firewall_rule_group_id": "rslvr-frg-1",
            "name": "no",
            "priority": 10,
        },
        {},
    ),
    (
        RULE_GROUP_ASSOCIATION,
        {
            **TAGS,
            "ListFirewallRuleGroupAssociations": {
                "FirewallRuleGroupAssociations": [
                    {
                        "Id": "rslvr-frgassoc-1",
                        "Arn": f"{ARN}:firewall-rule-group-association/rslvr-frgassoc-1",
                        "FirewallRuleGroupId": "rslvr-frg-1",
                        "VpcId": "vpc-1",
                        "Name": "ours",
                        "Priority": 101,
                        "MutationProtection": "DISABLED",
                        "Status": "COMPLETE",
                    }
                ]
            },
        },
        {
            "its id": "rslvr-frgassoc-1",
            "its identity": "rslvr-frgassoc-1",
            "its arn": f"{ARN}:firewall-rule-group-association/rslvr-frgassoc-1",
            "its owner": None,
            "arn": f"{ARN}:firewall-rule-group-association/rslvr-frgassoc-1",
            "firewall_rule_group_id": "rslvr-frg-1",
            "mutation_protection": "DISABLED",
            "name": "ours",
            "priority": 101,
            "vpc_id": "vpc-1",
            "tags": {"team": "web"},
        },
        {"priority": 102},
    ),
]


@pytest.mark.parametrize(
    ("collector", "answers", "wanted", "change"), CASES, ids=lambda each: getattr(each, "type", "")
)
def test_type(collector, answers, wanted, change):
    assert_one(collector, answers, wanted, change)


def test_each_type_is_tested():
    assert {each.type for each in route53resolver_firewall.COLLECTORS} == {case[0].type for case in CASES}
