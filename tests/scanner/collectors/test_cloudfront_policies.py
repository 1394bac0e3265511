import pytest

from scanner.collectors import cloudfront_policies
from scanner.collectors.cloudfront_policies import (
    CACHE_POLICY,
    CONTINUOUS_DEPLOYMENT_POLICY,
    ORIGIN_REQUEST_POLICY,
    RESPONSE_HEADERS_POLICY,
)
from tests.scanner.standin import assert_one, in_xml

CASES = [
    (
        CACHE_POLICY,
        {
            "GET /2020-05-31/cache-policy": in_xml(
                "cloudfront",
                "ListCachePolicies",
                {
                    "CachePolicyList": {
                        "MaxItems": 100,
                        "Quantity": 1,
                        "Items": [
                            {
                                "Type": "custom",
                                "CachePolicy": {
                                    "Id": "p1",
                                    "LastModifiedTime": "2026-01-01T00:00:00Z",
                                    "CachePolicyConfig": {
                                        "Comment": "ours",
                                        "Name": "pages",
                                        "DefaultTTL": 60,
                                        "MaxTTL": 600,
                                        "MinTTL": 1,
                                        "ParametersInCacheKeyAndForwardedToOrigin": {
                                            "EnableAcceptEncodingGzip": True,
                                            "EnableAcceptEncodingBrotli": False,
                                            "HeadersConfig": {
                                                "HeaderBehavior": "whitelist",
                                                "Headers": {"Quantity": 2, "Items": ["Origin", "Accept"]},
                                            },
                                            "CookiesConfig": {"CookieBehavior": "none"},
                                            "QueryStringsConfig": {
                                                "QueryStringBehavior": "whitelist",
                                                "QueryStrings": {"Quantity": 1, "Items": ["page"]},
                                            },
                                        },
                                    },
                                },
                            }
                        ],
                    }
                },
            )
        },
        {
            "its id": "p1",
            "its identity": "p1",
            "its arn": "arn:aws:cloudfront::123456789012:cache-policy/p1",
            "its owner": None,
            "comment": "ours",
            "default_ttl": 60,
            "max_ttl": 600,
            "min_ttl": 1,
            "name": "pages",
            "parameters_in_cache_key_and_forwarded_to_origin": [
                {
                    "enable_accept_encoding_brotli": False,
                    "enable_accept_encoding_gzip": True,
                    "cookies_config": [{"cookie_behavior": "none"}],
                    "headers_config": [{"header_behavior": "whitelist", "headers": [{"items": ["Origin", "Accept"]}]}],
                    "query_strings_config": [
                        {"query_string_behavior": "whitelist", "query_strings": [{"items": ["page"]}]}
                    ],
                }
            ],
            "arn": "arn:aws:cloudfront::123456789012:cache-policy/p1",
        },
        {"max_ttl": 6},
    ),
    (
        ORIGIN_REQUEST_POLICY,
        {
            "GET /2020-05-31/origin-request-policy": in_xml(
                "cloudfront",
                "ListOriginRequestPolicies",
                {
                    "OriginRequestPolicyList": {
                        "MaxItems": 100,
                        "Quantity": 1,
                        "Items": [
                            {
                                "Type": "custom",
                                "OriginRequestPolicy": {
                                    "Id": "p2",
                                    "LastModifiedTime": "2026-01-01T00:00:00Z",
                                    "OriginRequestPolicyConfig": {
                                        "Name": "all",
                                        "Comment": "",
                                        "HeadersConfig": {
                                            "HeaderBehavior": "whitelist",
                                            "Headers": {"Quantity": 2, "Items": ["Origin", "Accept"]},
                                        },
                                        "CookiesConfig": {"CookieBehavior": "none"},
                                        "QueryStringsConfig": {
                                            "QueryStringBehavior": "whitelist",
                                            "QueryStrings": {"Quantity": 1, "Items": ["page"]},
                                        },
                                    },
                                },
                            }
                        ],
                    }
                },
            )
        },
        {
            "its id": "p2",
            "its identity": "p2",
            "its arn": "arn:aws:cloudfront::123456789012:origin-request-policy/p2",
            "its owner": None,
            "cookies_config": [{"cookie_behavior": "none"}],
            "headers_config": [{"header_behavior": "whitelist", "headers": [{"items": ["Origin", "Accept"]}]}],
            "name": "all",
            "query_strings_config": [{"query_string_behavior": "whitelist", "query_strings": [{"items": ["page"]}]}],
            "arn": "arn:aws:cloudfront::123456789012:origin-request-policy/p2",
        },
        {"headers_config": []},
    ),
    (
        RESPONSE_HEADERS_POLICY,
        {
            "GET /2020-05-31/response-headers-policy": in_xml(
                "cloudfront",
                "ListResponseHeadersPolicies",
                {
                    "ResponseHeadersPolicyList": {
                        "MaxItems": 100,
                        "Quantity": 1,
                        "Items": [
                            {
                                "Type": "custom",
                                "ResponseHeadersPolicy": {
                                    "Id": "p3",
                                    "LastModifiedTime": "2026-01-01T00:00:00Z",
                                    "ResponseHeadersPolicyConfig": {
                                        "Name": "strict",
                                        "CorsConfig": {
                                            "AccessControlAllowOrigins": {"Quantity": 1, "Items": ["*"]},
                                            "AccessControlAllowHeaders": {"Quantity": 1, "Items": ["*"]},
                                            "AccessControlAllowMethods": {"Quantity": 2, "Items": ["GET", "HEAD"]},
                                            "AccessControlAllowCredentials": False,
                                            "AccessControlMaxAgeSec": 600,
                                            "OriginOverride": True,
                                        },
                                        "SecurityHeadersConfig": {
                                            "XSSProtection": {"Override": True, "Protection": True, "ModeBlock": True},
                                            "FrameOptions": {"Override": True, "FrameOption": "DENY"},
                                            "ReferrerPolicy": {"Override": True, "ReferrerPolicy": "same-origin"},
                                            "ContentSecurityPolicy": {
                                                "Override": True,
                                                "ContentSecurityPolicy": "default-src 'self'",
                                            },
                                            "ContentTypeOptions": {"Override": True},
                                            "StrictTransportSecurity": {
                                                "Override": True,
                                                "IncludeSubdomains": True,
                                                "Preload": True,
                                                "AccessControlMaxAgeSec": 31536000,
                                            },
                                        },
                                        "ServerTimingHeadersConfig": {"Enabled": True, "SamplingRate": 1.5},
                                        "CustomHeadersConfig": {
                                            "Quantity": 1,
                                            "Items": [{"Header": "X-Team", "Value": "web", "Override": True}],
                                        },
                                        "RemoveHeadersConfig": {"Quantity": 1, "Items": [{"Header": "Server"}]},
                                    },
                                },
                            }
                        ],
                    }
                },
            )
        },
        {
            "its id": "p3",
            "its identity": "p3",
            "its arn": "arn:aws:cloudfront::123456789012:response-headers-policy/p3",
            "its owner": None,
            "cors_config": [
                {
                    "access_control_allow_credentials": False,
                    "access_control_allow_headers": [{"items": ["*"]}],
                    "access_control_allow_methods": [{"items": ["GET", "HEAD"]}],
                    "access_control_allow_origins": [{"items": ["*"]}],
                    "access_control_max_age_sec": 600,
                    "origin_override": True,
                }
            ],
            "custom_headers_config": [{"items": [{"header": "X-Team", "override": True, "value": "web"}]}],
            "name": "strict",
            "remove_headers_config": [{"items": [{"header": "Server"}]}],
            "security_headers_config": [
                {
                    "content_security_policy": [{"content_security_policy": "default-src 'self'", "override": True}],
                    "content_type_options": [{"override": True}],
                    "frame_options": [{"frame_option": "DENY", "override": True}],
                    "referrer_policy": [{"override": True, "referrer_policy": "same-origin"}],
                    "strict_transport_security": [
                        {
                            "access_control_max_age_sec": 31536000,
                            "include_subdomains": True,
                            "override": True,
                            "preload": True,
                        }
                    ],
                    "xss_protection": [{"mode_block": True, "override": True, "protection": True}],
                }
            ],
            "server_timing_headers_config": [{"enabled": True, "sampling_rate": 1.5}],
            "arn": "arn:aws:cloudfront::123456789012:response-headers-policy/p3",
        },
        {"remove_headers_config": []},
    ),
    (
        CONTINUOUS_DEPLOYMENT_POLICY,
        {
            "GET /2020-05-31/continuous-deployment-policy": in_xml(
                "cloudfront",
                "ListContinuousDeploymentPolicies",
                {
                    "ContinuousDeploymentPolicyList": {
                        "MaxItems": 100,
                        "Quantity": 1,
                        "Items": [
                            {
                                "ContinuousDeploymentPolicy": {
                                    "Id": "d1",
                                    "LastModifiedTime": "2026-01-01T00:00:00Z",
                                    "ContinuousDeploymentPolicyConfig": {
                                        "StagingDistributionDnsNames": {"Quantity": 1, "Items": ["d1.cloudfront.net"]},
                                        "Enabled": True,
                                        "TrafficConfig": {
                                            "SingleWeightConfig": {
                                                "Weight": 0.05,
                                                "SessionStickinessConfig": {"IdleTTL": 300, "MaximumTTL": 600},
                                            },
                                            "Type": "SingleWeight",
                                        },
                                    },
                                }
                            }
                        ],
                    }
                },
            )
        },
        {
            "its id": "d1",
            "its identity": "d1",
            "its arn": "arn:aws:cloudfront::123456789012:continuous-deployment-policy/d1",
            "its owner": None,
            "enabled": True,
            "last_modified_time": "2026-01-01T00:00:00Z",
            "staging_distribution_dns_names": [{"items": ["d1.cloudfront.net"], "quantity": 1}],
            "traffic_config": [
                {
                    "single_weight_config": [
                        {"session_stickiness_config": [{"idle_ttl": 300, "maximum_ttl": 600}], "weight": 0.05}
                    ],
                    "type": "SingleWeight",
                }
            ],
            "arn": "arn:aws:cloudfront::123456789012:continuous-deployment-policy/d1",
        },
        {"enabled": False},
    ),
]


@pytest.mark.parametrize(
    ("collector", "answers", "wanted", "change"), CASES, ids=lambda each: getattr(each, "type", "")
)
def test_type(collector, answers, wanted, change):
    assert_one(collector, answers, wanted, change)


def test_each_type_is_tested():
    assert {each.type for each in cloudfront_policies.COLLECTORS} == {case[0].type for case in CASES}
