import pytest

from scanner.collectors import route53resolver
from scanner.collectors.route53resolver import (
    CONFIG,
    DNSSEC_CONFIG,
    ENDPOINT,
    FIREWALL_CONFIG,
    QUERY_LOG_CONFIG,
    QUERY_LOG_CONFIG_ASSOCIATION,
    RULE,
    RULE_ASSOCIATION,
)
from tests.scanner.standin import assert_one

TAGS = {"ListTagsForResource": {"Tags": [{"Key": "team", "Value": "web"}]}}
CASES = [
    (
        ENDPOINT,
        {
            **TAGS,
            "ListResolverEndpoints": {
                "ResolverEndpoints": [
                    {
                        "Id": "rslvr-out-1",
                        "Arn": "arn:aws:route53resolver:eu-west-1:123456789012:resolver-endpoint/rslvr-out-1",
                        "Name": "out",
                        "SecurityGroupIds": ["sg-1"],
                        "Direction": "OUTBOUND",
                        "IpAddressCount": 2,
                        "HostVPCId": "vpc-1",
                        "Status": "OPERATIONAL",
                        "ResolverEndpointType": "IPV4",
                        "Protocols": ["Do53"],
                    }
                ]
            },
            "ListResolverEndpointIpAddresses": {
                "IpAddresses": [{"IpId": "rni-1", "SubnetId": "subnet-1", "Ip": "10.0.0.10", "Status": "ATTACHED"}]
            },
        },
        {
            "its id": "rslvr-out-1",
            "its identity": "rslvr-out-1",
            "its arn": "arn:aws:route53resolver:eu-west-1:123456789012:resolver-endpoint/rslvr-out-1",
            "its owner": None,
            "arn": "arn:aws:route53resolver:eu-west-1:123456789012:resolver-endpoint/rslvr-out-1",
            "direction": "OUTBOUND",
            "host_vpc_id": "vpc-1",
            "ip_address": [{"ip": "10.0.0.10", "ip_id": "rni-1", "subnet_id": "subnet-1"}],
            "name": "out",
            "protocols": ["Do53"],
            "resolver_endpoint_type": "IPV4",
            "security_group_ids": ["sg-1"],
            "tags": {"team": "web"},
        },
        {"security_group_ids": ["sg-1", "sg-2"]},
    ),
    (
        RULE,
        {
            **TAGS,
            "ListResolverRules": {
                "ResolverRules": [
                    {
                        "Id": "rslvr-rr-1",
                        "Arn": "arn:aws:route53resolver:eu-west-1:123456789012:resolver-rule/rslvr-rr-1",
                        "DomainName": "office.test.",
                        "Status": "COMPLETE",
                        "RuleType": "FORWARD",
                        "Name": "office",
                        "TargetIps": [{"Ip": "192.0.2.53", "Port": 53, "Protocol": "Do53"}],
                        "ResolverEndpointId": "rslvr-out-1",
                        "OwnerId": "123456789012",
                        "ShareStatus": "NOT_SHARED",
                    }
                ]
            },
        },
        {
            "its id": "rslvr-rr-1",
            "its identity": "rslvr-rr-1",
            "its arn": "arn:aws:route53resolver:eu-west-1:123456789012:resolver-rule/rslvr-rr-1",
            "its owner": None,
            "arn": "arn:aws:route53resolver:eu-west-1:123456789012:resolver-rule/rslvr-rr-1",
            "domain_name": "office.test.",
            "name": "office",
            "owner_id": "123456789012",
            "resolver_endpoint_id": "rslvr-out-1",
            "rule_type": "FORWARD",
            "share_status": "NOT_SHARED",
            "target_ip": [{"ip": "192.0.2.53", "port": 53, "protocol": "Do53"}],
            "tags": {"team": "web"},
        },
        {},
    ),
    (
        RULE_ASSOCIATION,
        {
            "ListResolverRuleAssociations": {
                "ResolverRuleAssociations": [
                    {
                        "Id": "rslvr-rrassoc-1",
                        "ResolverRuleId": "rslvr-rr-1",
                        "Name": "office",
                        "VPCId": "vpc-1",
                        "Status": "COMPLETE",
                    }
                ]
            }
        },
        {
            "its id": "rslvr-rrassoc-1",
            "its identity": "rslvr-rrassoc-1",
            "its arn": None,
            "its owner": None,
            "name": "office",
            "resolver_rule_id": "rslvr-rr-1",
            "vpc_id": "vpc-1",
        },
        {"name": "other"},
    ),
    (
        QUERY_LOG_CONFIG,
        {
            **TAGS,
            "ListResolverQueryLogConfigs": {
                "ResolverQueryLogConfigs": [
                    {
                        "Id": "rqlc-1",
                        "OwnerId": "123456789012",
                        "Status": "CREATED",
                        "ShareStatus": "NOT_SHARED",
                        "Arn": "arn:aws:route53resolver:eu-west-1:123456789012:resolver-query-log-config/rqlc-1",
                        "Name": "all",
                        "DestinationArn": "arn:logs",
                    }
                ]
            },
        },
        {
            "its id": "rqlc-1",
            "its identity": "rqlc-1",
            "its arn": "arn:aws:route53resolver:eu-west-1:123456789012:resolver-query-log-config/rqlc-1",
            "its owner": None,
            "arn": "arn:aws:route53resolver:eu-west-1:123456789012:resolver-query-log-config/rqlc-1",
            "destination_arn": "arn:logs",
            "name": "all",
            "owner_id": "123456789012",
            "share_status": "NOT_SHARED",
            "tags": {"team": "web"},
        },
        {"destination_arn": "arn:bucket"},
    ),
    (
        QUERY_LOG_CONFIG_ASSOCIATION,
        {
            "ListResolverQueryLogConfigAssociations": {
                "ResolverQueryLogConfigAssociations": [
                    {"Id": "rqlca-1", "ResolverQueryLogConfigId": "rqlc-1", "ResourceId": "vpc-1", "Status": "ACTIVE"}
                ]
            }
        },
        {
            "its id": "rqlca-1",
            "its identity": "rqlca-1",
            "its arn": None,
            "its owner": None,
            "resolver_query_log_config_id": "rqlc-1",
            "resource_id": "vpc-1",
        },
        {"resource_id": "vpc-2"},
    ),
    (
        DNSSEC_CONFIG,
        {
            "ListResolverDnssecConfigs": {
                "ResolverDnssecConfigs": [
                    {"Id": "rdsc-1", "OwnerId": "123456789012", "ResourceId": "vpc-1", "ValidationStatus": "ENABLED"}
                ]
            }
        },
        {
            "its id": "rdsc-1",
            "its identity": "vpc-1",
            "its arn": "arn:aws:route53resolver:eu-west-1:123456789012:resolver-dnssec-config/vpc-1",
            "its owner": None,
            "owner_id": "123456789012",
            "resource_id": "vpc-1",
            "validation_status": "ENABLED",
            "arn": "arn:aws:route53resolver:eu-west-1:123456789012:resolver-dnssec-config/vpc-1",
        },
        {"validation_status": "DISABLED"},
    ),
    (
        CONFIG,
        {
            "ListResolverConfigs": {
                "ResolverConfigs": [
                    {"Id": "rrc-1", "OwnerId": "123456789012", "ResourceId": "vpc-1", "AutodefinedReverse": "DISABLED"}
                ]
            }
        },
        {
            "its id": "rrc-1",
            "its identity": "vpc-1",
            "its arn": None,
            "its owner": None,
            "autodefined_reverse_flag": "DISABLE",
            "owner_id": "123456789012",
            "resource_id": "vpc-1",
        },
        {"autodefined_reverse_flag": "ENABLE"},
    ),
    (
        FIREWALL_CONFIG,
        {
            "ListFirewallConfigs": {
                "FirewallConfigs": [
                    {"Id": "fc-1", "OwnerId": "123456789012", "ResourceId": "vpc-1", "FirewallFailOpen": "ENABLED"}
                ]
            }
        },
        {
            "its id": "fc-1",
            "its identity": "vpc-1",
            "its arn": None,
            "its owner": None,
            "firewall_fail_open": "ENABLED",
            "owner_id": "123456789012",
            "resource_id": "vpc-1",
        },
        {"firewall_fail_open": "DISABLED"},
    ),
]


@pytest.mark.parametrize(
    ("collector", "answers", "wanted", "change"), CASES, ids=lambda each: getattr(each, "type", "")
)
def test_type(collector, answers, wanted, change):
    assert_one(collector, answers, wanted, change)


def test_each_type_is_tested():
    assert {each.type for each in route53resolver.COLLECTORS} == {case[0].type for case in CASES}
