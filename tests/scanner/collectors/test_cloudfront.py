import pytest

from scanner.collectors.cloudfront import DISTRIBUTION, MONITORING_SUBSCRIPTION
from tests.conftest import ACCOUNT, read
from tests.scanner.compared import only, told, twin
from tests.scanner.standin import answering, in_xml
from tests.scanner.whole import whole

FORWARDED = {"QueryString": False, "Cookies": {"Forward": "none"}, "Headers": {"Quantity": 1, "Items": ["Origin"]}}
BEHAVIOR = {
    "TargetOriginId": "shop",
    "ViewerProtocolPolicy": "redirect-to-https",
    "AllowedMethods": {
        "Quantity": 2,
        "Items": ["GET", "HEAD"],
        "CachedMethods": {"Quantity": 2, "Items": ["HEAD", "GET"]},
    },
    "ForwardedValues": FORWARDED,
    "MinTTL": 10,
    "Compress": True,
}
ORIGIN = {
    "Id": "shop",
    "DomainName": "shop.example.com",
    "OriginPath": "/live",
    "CustomHeaders": {"Quantity": 1, "Items": [{"HeaderName": "X-Known-By", "HeaderValue": "a secret"}]},
    "CustomOriginConfig": {
        "HTTPPort": 80,
        "HTTPSPort": 443,
        "OriginProtocolPolicy": "https-only",
        "OriginSslProtocols": {"Quantity": 1, "Items": ["TLSv1.2"]},
        "OriginReadTimeout": 30,
        "OriginKeepaliveTimeout": 5,
    },
}


def config(**more):
    return {
        "CallerReference": "1",
        "Comment": "the shop",
        "Enabled": True,
        "Origins": {"Quantity": 1, "Items": [ORIGIN]},
        "DefaultCacheBehavior": BEHAVIOR,
        "PriceClass": "PriceClass_100",
        "HttpVersion": "http2",
        "IsIPV6Enabled": True,
        "DefaultRootObject": "index.html",
        "Aliases": {"Quantity": 1, "Items": ["shop.example.com"]},
        "Logging": {"Enabled": True, "IncludeCookies": False, "Bucket": "logs.s3.amazonaws.com", "Prefix": "shop/"},
        **more,
    }


def distribution(aws, **more):
    tags = {"Items": [{"Key": "team", "Value": "shop"}]}
    said = {"DistributionConfig": config(**more), "Tags": tags}
    return aws("cloudfront").create_distribution_with_tags(DistributionConfigWithTags=said)["Distribution"]


def test_distribution(aws):
    made = distribution(aws)
    found = only(read(DISTRIBUTION), DISTRIBUTION.type)
    assert (found.region, found.sensitive) == ("global", {"origin"})
    moved = ("domain_name", "etag", "hosted_zone_id", "last_modified_time", "status")
    assert {name: each for name, each in whole(found).items() if name not in moved} == {
        "its id": made["Id"],
        "its identity": made["Id"],
        "its arn": f"arn:aws:cloudfront::{ACCOUNT}:distribution/{made['Id']}",
        "its owner": None,
        "aliases": ["shop.example.com"],
        "arn": made["ARN"],
        "comment": "the shop",
        "default_cache_behavior": [
            {
                "allowed_methods": ["GET", "HEAD"],
                "cached_methods": ["HEAD", "GET"],
                "compress": True,
                "forwarded_values": [{"cookies": [{"forward": "none"}], "headers": ["Origin"], "query_string": False}],
                "default_ttl": 0,
                "max_ttl": 0,
                "min_ttl": 10,
                "smooth_streaming": False,
                "target_origin_id": "shop",
                "viewer_protocol_policy": "redirect-to-https",
            }
        ],
        "default_root_object": "index.html",
        "enabled": True,
        "http_version": "http2",
        "is_ipv6_enabled": True,
        "logging_config": [{"bucket": "logs.s3.amazonaws.com", "include_cookies": False, "prefix": "shop/"}],
        "origin": [
            {
                "connection_attempts": 3,
                "connection_timeout": 10,
                "custom_header": [{"name": "X-Known-By", "value": "a secret"}],
                "custom_origin_config": [
                    {
                        "http_port": 80,
                        "https_port": 443,
                        "origin_keepalive_timeout": 5,
                        "origin_protocol_policy": "https-only",
                        "origin_read_timeout": 30,
                        "origin_ssl_protocols": ["TLSv1.2"],
                    }
                ],
                "domain_name": "shop.example.com",
                "origin_id": "shop",
                "origin_path": "/live",
            }
        ],
        "price_class": "PriceClass_100",
        "restrictions": [{"geo_restriction": [{"restriction_type": "none"}]}],
        "tags": {"team": "shop"},
        "viewer_certificate": [
            {
                "cloudfront_default_certificate": True,
                "minimum_protocol_version": "TLSv1",
                "ssl_support_method": "sni-only",
            }
        ],
    }


def test_words_for_the_same(aws):
    distribution(aws)
    found = read(DISTRIBUTION)
    one = only(found, DISTRIBUTION.type)
    [behavior], [origin] = one["default_cache_behavior"], one["origin"]
    turned = behavior | {"cached_methods": ["GET", "HEAD"], "trusted_signers": [], "min_ttl": 10, "grpc_config": []}
    certificate = [{"cloudfront_default_certificate": True, "minimum_protocol_version": "", "ssl_support_method": ""}]
    wanted = twin(
        one,
        default_cache_behavior=[turned],
        origin=[origin | {"s3_origin_config": [], "origin_shield": []}],
        viewer_certificate=certificate,
        http_version="HTTP2",
        retain_on_delete=False,
        wait_for_deployment=True,
    )
    assert told(found, [DISTRIBUTION], wanted) == set()


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"Comment": "theirs"}, "comment"),
        ({"Enabled": False}, "enabled"),
        ({"Logging": {"Enabled": False, "IncludeCookies": False, "Bucket": "", "Prefix": ""}}, "logging_config"),
        (
            {"DefaultCacheBehavior": BEHAVIOR | {"ViewerProtocolPolicy": "allow-all"}},
            "default_cache_behavior[0].viewer_protocol_policy",
        ),
        ({"Origins": {"Quantity": 1, "Items": [ORIGIN | {"DomainName": "evil.test"}]}}, "origin[shop].domain_name"),
        (
            {"Origins": {"Quantity": 1, "Items": [ORIGIN | {"CustomHeaders": {"Quantity": 0}}]}},
            "origin[shop].custom_header",
        ),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_changed_by_hand(aws, change, path):
    made = distribution(aws)
    wanted = twin(only(read(DISTRIBUTION), DISTRIBUTION.type))
    etag = aws("cloudfront").get_distribution(Id=made["Id"])["ETag"]
    aws("cloudfront").update_distribution(Id=made["Id"], IfMatch=etag, DistributionConfig=config(**change))
    assert told(read(DISTRIBUTION), [DISTRIBUTION], wanted) == {("changed", DISTRIBUTION.type, path)}


# --- what moto does not do --------------------------------------------------------------------------

LISTED = {
    "Id": "E1",
    "ARN": f"arn:aws:cloudfront::{ACCOUNT}:distribution/E1",
    "Status": "Deployed",
    "LastModifiedTime": "2026-01-01T00:00:00Z",
    **config(),
    "DomainName": "d1.cloudfront.net",
    "HttpVersion": "HTTP2",
    "ViewerCertificate": {"CloudFrontDefaultCertificate": True, "SSLSupportMethod": "vip"},
    "CustomErrorResponses": {
        "Quantity": 1,
        "Items": [{"ErrorCode": 404, "ResponsePagePath": "/404", "ResponseCode": "200", "ErrorCachingMinTTL": 5}],
    },
    "OriginGroups": {
        "Quantity": 1,
        "Items": [
            {
                "Id": "both",
                "FailoverCriteria": {"StatusCodes": {"Quantity": 1, "Items": [500]}},
                "Members": {"Quantity": 2, "Items": [{"OriginId": "shop"}, {"OriginId": "spare"}]},
            }
        ],
    },
}
LIST = {"Marker": "", "MaxItems": 100, "IsTruncated": False, "Quantity": 1, "Items": [LISTED]}
LISTING = {"GET /2020-05-31/distribution": in_xml("cloudfront", "ListDistributions", {"DistributionList": LIST})}


def test_denied_details_are_unknown_and_the_rest_is_not():
    with answering(LISTING):
        found = read(DISTRIBUTION)
    one = only(found, DISTRIBUTION.type)
    denied = {"continuous_deployment_policy_id", "default_root_object", "etag", "logging_config", "tags"}
    assert set(one.unknown) == denied
    assert {each.permission for each in found.gaps} == {"cloudfront:GetDistribution", "cloudfront:ListTagsForResource"}
    told = whole(one)
    assert told["custom_error_response"] == [
        {"error_caching_min_ttl": 5, "error_code": 404, "response_code": 200, "response_page_path": "/404"}
    ]
    assert told["origin_group"] == [
        {
            "failover_criteria": [{"status_codes": [500]}],
            "member": [{"origin_id": "shop"}, {"origin_id": "spare"}],
            "origin_id": "both",
        }
    ]
    assert told["viewer_certificate"] == [{"cloudfront_default_certificate": True, "ssl_support_method": "vip"}]


SUBSCRIBED = {"RealtimeMetricsSubscriptionConfig": {"RealtimeMetricsSubscriptionStatus": "Enabled"}}


def test_monitoring_subscription():
    said = in_xml("cloudfront", "GetMonitoringSubscription", {"MonitoringSubscription": SUBSCRIBED})
    with answering({**LISTING, "GET /2020-05-31/distributions/E1/monitoring-subscription": said}):
        found = read(MONITORING_SUBSCRIPTION)
    one = only(found, MONITORING_SUBSCRIPTION.type)
    status = {"realtime_metrics_subscription_status": "Enabled"}
    assert whole(one) == {
        "its id": "E1",
        "its identity": "E1",
        "its arn": None,
        "its owner": None,
        "distribution_id": "E1",
        "monitoring_subscription": [{"realtime_metrics_subscription_config": [status]}],
    }
    assert told(found, [MONITORING_SUBSCRIPTION], twin(one, monitoring_subscription=[])) == {
        ("changed", MONITORING_SUBSCRIPTION.type, "monitoring_subscription")
    }


def test_distributions_of_every_page():
    pages = [
        LIST | {"IsTruncated": True, "NextMarker": "E1"},
        LIST | {"Marker": "E1", "Items": [LISTED | {"Id": "E2", "ARN": LISTED["ARN"].replace("E1", "E2")}]},
    ]

    def page(asked):
        return in_xml("cloudfront", "ListDistributions", {"DistributionList": pages["Marker=E1" in asked.path]})

    with answering({"GET /2020-05-31/distribution": page}):
        found = read(DISTRIBUTION)
    assert sorted(each.id for each in found.of(DISTRIBUTION.type)) == ["E1", "E2"]
