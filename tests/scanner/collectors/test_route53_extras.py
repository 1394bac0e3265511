import pytest

from scanner.collectors import route53_extras
from scanner.collectors.route53_extras import (
    CIDR_COLLECTION,
    CIDR_LOCATION,
    DELEGATION_SET,
    HEALTH_CHECK,
    HOSTED_ZONE_DNSSEC,
    KEY_SIGNING_KEY,
    QUERY_LOG,
    VPC_ASSOCIATION_AUTHORIZATION,
)
from tests.scanner.standin import assert_one, in_xml

CIDR_COLLECTIONS = {
    "GET /2013-04-01/cidrcollection": in_xml(
        "route53",
        "ListCidrCollections",
        {"CidrCollections": [{"Arn": "arn:cidr", "Id": "c1", "Name": "offices", "Version": 2}]},
    )
}
HOSTED_ZONES = {
    "GET /2013-04-01/hostedzone": in_xml(
        "route53",
        "ListHostedZones",
        {
            "HostedZones": [
                {
                    "Id": "/hostedzone/Z1",
                    "Name": "example.com.",
                    "CallerReference": "1",
                    "Config": {"PrivateZone": False},
                },
                {
                    "Id": "/hostedzone/Z2",
                    "Name": "inside.test.",
                    "CallerReference": "2",
                    "Config": {"PrivateZone": True},
                },
            ],
            "Marker": "",
            "IsTruncated": False,
            "MaxItems": "100",
        },
    )
}
DNSSEC = {
    "GET /2013-04-01/hostedzone/Z1/dnssec": in_xml(
        "route53",
        "GetDNSSEC",
        {
            "Status": {"ServeSignature": "SIGNING"},
            "KeySigningKeys": [
                {
                    "Name": "first",
                    "KmsArn": "arn:key",
                    "Flag": 257,
                    "SigningAlgorithmMnemonic": "ECDSAP256SHA256",
                    "SigningAlgorithmType": 13,
                    "DigestAlgorithmMnemonic": "SHA-256",
                    "DigestAlgorithmType": 2,
                    "KeyTag": 1,
                    "DigestValue": "d",
                    "PublicKey": "p",
                    "DSRecord": "ds",
                    "DNSKEYRecord": "key",
                    "Status": "ACTIVE",
                }
            ],
        },
    )
}
CASES = [
    (
        HEALTH_CHECK,
        {
            "GET /2013-04-01/healthcheck": in_xml(
                "route53",
                "ListHealthChecks",
                {
                    "HealthChecks": [
                        {
                            "Id": "h1",
                            "CallerReference": "1",
                            "HealthCheckVersion": 1,
                            "HealthCheckConfig": {
                                "Type": "HTTPS_STR_MATCH",
                                "FullyQualifiedDomainName": "www.example.com",
                                "Port": 443,
                                "ResourcePath": "/up",
                                "SearchString": "ok",
                                "RequestInterval": 30,
                                "FailureThreshold": 3,
                                "MeasureLatency": True,
                                "Inverted": False,
                                "Disabled": False,
                                "EnableSNI": True,
                                "Regions": ["us-east-1", "eu-west-1", "us-west-2"],
                            },
                        }
                    ],
                    "Marker": "",
                    "IsTruncated": False,
                    "MaxItems": "100",
                },
            ),
            "POST /2013-04-01/tags/healthcheck": in_xml(
                "route53",
                "ListTagsForResources",
                {
                    "ResourceTagSets": [
                        {"ResourceType": "healthcheck", "ResourceId": "h1", "Tags": [{"Key": "team", "Value": "web"}]}
                    ]
                },
            ),
        },
        {
            "its id": "h1",
            "its identity": "h1",
            "its arn": "arn:aws:route53:::healthcheck/h1",
            "its owner": None,
            "disabled": False,
            "enable_sni": True,
            "failure_threshold": 3,
            "fqdn": "www.example.com",
            "invert_healthcheck": False,
            "measure_latency": True,
            "port": 443,
            "regions": ["us-east-1", "eu-west-1", "us-west-2"],
            "request_interval": 30,
            "resource_path": "/up",
            "search_string": "ok",
            "type": "HTTPS_STR_MATCH",
            "tags": {"team": "web"},
            "arn": "arn:aws:route53:::healthcheck/h1",
        },
        {"failure_threshold": 5},
    ),
    (
        DELEGATION_SET,
        {
            "GET /2013-04-01/delegationset": in_xml(
                "route53",
                "ListReusableDelegationSets",
                {
                    "DelegationSets": [
                        {"Id": "/delegationset/N1", "CallerReference": "1", "NameServers": ["ns-2.test", "ns-1.test"]}
                    ],
                    "Marker": "",
                    "IsTruncated": False,
                    "MaxItems": "100",
                },
            )
        },
        {
            "its id": "N1",
            "its identity": "N1",
            "its arn": "arn:aws:route53:::delegationset/N1",
            "its owner": None,
            "name_servers": ["ns-2.test", "ns-1.test"],
            "arn": "arn:aws:route53:::delegationset/N1",
        },
        {"name_servers": ["ns-9.test"]},
    ),
    (
        QUERY_LOG,
        {
            "GET /2013-04-01/queryloggingconfig": in_xml(
                "route53",
                "ListQueryLoggingConfigs",
                {
                    "QueryLoggingConfigs": [
                        {"Id": "q1", "HostedZoneId": "Z1", "CloudWatchLogsLogGroupArn": "arn:logs:*"}
                    ]
                },
            )
        },
        {
            "its id": "q1",
            "its identity": "q1",
            "its arn": "arn:aws:route53:::queryloggingconfig/q1",
            "its owner": None,
            "cloudwatch_log_group_arn": "arn:logs:*",
            "zone_id": "Z1",
            "arn": "arn:aws:route53:::queryloggingconfig/q1",
        },
        {"cloudwatch_log_group_arn": "arn:other"},
    ),
    (
        CIDR_COLLECTION,
        {**CIDR_COLLECTIONS},
        {
            "its id": "c1",
            "its identity": "c1",
            "its arn": "arn:cidr",
            "its owner": None,
            "arn": "arn:cidr",
            "name": "offices",
            "version": 2,
        },
        {"name": "homes"},
    ),
    (
        CIDR_LOCATION,
        {
            **CIDR_COLLECTIONS,
            "GET /2013-04-01/cidrcollection/c1/cidrblocks": in_xml(
                "route53",
                "ListCidrBlocks",
                {
                    "CidrBlocks": [
                        {"CidrBlock": "192.0.2.0/24", "LocationName": "delft"},
                        {"CidrBlock": "198.51.100.0/24", "LocationName": "delft"},
                    ]
                },
            ),
        },
        {
            "its id": "c1,delft",
            "its identity": "c1/delft",
            "its arn": None,
            "its owner": None,
            "cidr_blocks": ["192.0.2.0/24", "198.51.100.0/24"],
            "cidr_collection_id": "c1",
            "name": "delft",
        },
        {"cidr_blocks": ["192.0.2.0/24"]},
    ),
    (
        VPC_ASSOCIATION_AUTHORIZATION,
        {
            **HOSTED_ZONES,
            "GET /2013-04-01/hostedzone/Z2/authorizevpcassociation": in_xml(
                "route53",
                "ListVPCAssociationAuthorizations",
                {"HostedZoneId": "Z2", "VPCs": [{"VPCId": "vpc-1", "VPCRegion": "eu-west-1"}]},
            ),
        },
        {
            "its id": "Z2:vpc-1",
            "its identity": "Z2/vpc-1",
            "its arn": None,
            "its owner": None,
            "vpc_id": "vpc-1",
            "vpc_region": "eu-west-1",
            "zone_id": "Z2",
        },
        {"vpc_region": "us-east-1"},
    ),
    (
        HOSTED_ZONE_DNSSEC,
        {**HOSTED_ZONES, **DNSSEC},
        {
            "its id": "Z1",
            "its identity": "Z1",
            "its arn": None,
            "its owner": None,
            "hosted_zone_id": "Z1",
            "signing_status": "SIGNING",
        },
        {"signing_status": "NOT_SIGNING"},
    ),
    (
        KEY_SIGNING_KEY,
        {**HOSTED_ZONES, **DNSSEC},
        {
            "its id": "Z1,first",
            "its identity": "Z1/first",
            "its arn": None,
            "its owner": None,
            "digest_algorithm_mnemonic": "SHA-256",
            "digest_algorithm_type": 2,
            "digest_value": "d",
            "dnskey_record": "key",
            "ds_record": "ds",
            "flag": 257,
            "hosted_zone_id": "Z1",
            "key_management_service_arn": "arn:key",
            "key_tag": 1,
            "name": "first",
            "public_key": "p",
            "signing_algorithm_mnemonic": "ECDSAP256SHA256",
            "signing_algorithm_type": 13,
            "status": "ACTIVE",
        },
        {"status": "INACTIVE"},
    ),
]


@pytest.mark.parametrize(
    ("collector", "answers", "wanted", "change"), CASES, ids=lambda each: getattr(each, "type", "")
)
def test_type(collector, answers, wanted, change):
    assert_one(collector, answers, wanted, change)


def test_each_type_is_tested():
    assert {each.type for each in route53_extras.COLLECTORS} == {case[0].type for case in CASES}


@pytest.mark.parametrize(("declared", "same"), [("arn:logs", True), ("arn:logs:*", True), ("arn:other:*", False)])
def test_the_star_after_a_group_of_logs_says_nothing(declared: str, same: bool) -> None:
    form = QUERY_LOG.schema.forms["cloudwatch_log_group_arn"]
    assert (list(form.differences("it", declared, "arn:logs:*")) == []) is same
