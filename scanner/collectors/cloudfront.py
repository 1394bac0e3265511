"""Amazon CloudFront: distributions, and what watches them.

The listing tells nearly all of a distribution; its logs, its first page and its staging are asked for one by one.
S3 tells of any bucket, whoever owns it, whether it is there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from scanner.aws.collector import (
    Attribute,
    Collector,
    Detail,
    Scope,
    Shared,
    as_block,
    block,
    caseless,
    unordered,
    volatile,
)
from scanner.aws.errors import Elsewhere, code
from scanner.aws.inside import Once, listing
from scanner.aws.place import Item, Place
from scanner.collectors.s3 import LOCATION
from state import Resource
from state.addresses import bucket_in
from state.forms import IF_DECLARED, UNORDERED, Form, Keyed, defaulting, without_order
from state.schema import Parent

GONE = ("NoSuchDistribution", "NoSuchResource")


async def _distributions(place: Place) -> list[Item]:
    listed = (await place.whole("cloudfront", "list_distributions")).get("DistributionList") or {}
    return list(listed.get("Items") or ())


LISTED = Once(_distributions)
DISTRIBUTIONS = listing("distributions", LISTED)
CONFIG = "Whole.Distribution.DistributionConfig"

# --- how requests are answered ----------------------------------------------------------------------

BEHAVIOR = (
    "allowed_methods: AllowedMethods.Items, cache_policy_id: CachePolicyId, "
    "cached_methods: AllowedMethods.CachedMethods.Items, compress: Compress, default_ttl: DefaultTTL, "
    "field_level_encryption_id: FieldLevelEncryptionId, "
    "forwarded_values: ForwardedValues && [ForwardedValues.{"
    "cookies: [Cookies.{forward: Forward, whitelisted_names: WhitelistedNames.Items}], "
    "headers: Headers.Items, query_string: QueryString, query_string_cache_keys: QueryStringCacheKeys.Items}], "
    "function_association: FunctionAssociations.Items[].{event_type: EventType, function_arn: FunctionARN}, "
    "grpc_config: GrpcConfig && [GrpcConfig.{enabled: Enabled}], "
    "lambda_function_association: LambdaFunctionAssociations.Items[].{event_type: EventType, "
    "include_body: IncludeBody, lambda_arn: LambdaFunctionARN}, "
    "max_ttl: MaxTTL, min_ttl: MinTTL, origin_request_policy_id: OriginRequestPolicyId, "
    "realtime_log_config_arn: RealtimeLogConfigArn, response_headers_policy_id: ResponseHeadersPolicyId, "
    "smooth_streaming: SmoothStreaming, target_origin_id: TargetOriginId, "
    "trusted_key_groups: TrustedKeyGroups.Items, trusted_signers: TrustedSigners.Items, "
    "viewer_protocol_policy: ViewerProtocolPolicy"
)
COOKIES = Form(inner={"whitelisted_names": UNORDERED})
FORWARDED = Form(inner={"cookies": COOKIES, "headers": UNORDERED, "query_string_cache_keys": UNORDERED})
SETS = (
    "allowed_methods",
    "cached_methods",
    "function_association",
    "lambda_function_association",
    "trusted_key_groups",
    "trusted_signers",
)
ANSWERED = {**dict.fromkeys(SETS, UNORDERED), "forwarded_values": FORWARDED}

# --- where answers come from --------------------------------------------------------------------------

ORIGINS = (
    "Origins.Items[].{connection_attempts: ConnectionAttempts, connection_timeout: ConnectionTimeout, "
    "custom_header: CustomHeaders.Items[].{name: HeaderName, value: HeaderValue}, "
    "custom_origin_config: CustomOriginConfig && [CustomOriginConfig.{http_port: HTTPPort, https_port: HTTPSPort, "
    "origin_keepalive_timeout: OriginKeepaliveTimeout, origin_protocol_policy: OriginProtocolPolicy, "
    "origin_read_timeout: OriginReadTimeout, origin_ssl_protocols: OriginSslProtocols.Items}], "
    "domain_name: DomainName, origin_access_control_id: OriginAccessControlId, origin_id: Id, "
    "origin_path: OriginPath, "
    "origin_shield: OriginShield.Enabled && [OriginShield.{enabled: Enabled, "
    "origin_shield_region: OriginShieldRegion}] || null, "
    "s3_origin_config: S3OriginConfig.OriginAccessIdentity && "
    "[S3OriginConfig.{origin_access_identity: OriginAccessIdentity}] || null, "
    "vpc_origin_config: VpcOriginConfig && [VpcOriginConfig.{origin_keepalive_timeout: OriginKeepaliveTimeout, "
    "origin_read_timeout: OriginReadTimeout, vpc_origin_id: VpcOriginId}]}"
).replace("|| null", "|| `null`")
CUSTOM = Form(inner={"origin_ssl_protocols": UNORDERED})


async def missing_buckets(place: Place) -> Mapping[str, Any]:
    """The buckets that each distribution gets its answers from and that nobody has."""
    wanted = {each["Id"]: sorted(_buckets(each)) for each in await LISTED(missing_buckets, place)}
    names = sorted({name for some in wanted.values() for name in some})
    there = dict(zip(names, await asyncio.gather(*(_is_there(place, name) for name in names)), strict=True))
    return {id: [name for name in some if not there[name]] for id, some in wanted.items()}


LISTED.readers.add(missing_buckets)
LOCATION.readers.add(missing_buckets)


def _buckets(distribution: Item) -> set[str]:
    domains = (each["DomainName"] for each in (distribution.get("Origins") or {}).get("Items") or ())
    return {bucket for bucket in map(bucket_in, domains) if bucket}


async def _is_there(place: Place, bucket: str) -> bool:
    """Whether anybody has a bucket of this name: S3 refuses to tell of others' buckets, but not that there is none."""
    try:
        await LOCATION(missing_buckets, place, {"Bucket": bucket})
    except Elsewhere:
        return True
    except ClientError as error:
        if code(error) not in ("NoSuchBucket", "AccessDenied"):
            raise
        return code(error) == "AccessDenied"
    return True


DISTRIBUTION = Collector(
    type="aws_cloudfront_distribution",
    service="cloudfront",
    scope=Scope.GLOBAL,
    fetch=DISTRIBUTIONS,
    details=(
        Detail(operation="get_distribution", arguments={"Id": "Id"}, into="Whole", gone=GONE),
        Detail(operation="list_tags_for_resource", arguments={"Resource": "ARN"}, into="Tagging", gone=GONE),
        Shared(ask=missing_buckets, by="Id", into="Missing"),
    ),
    permissions=(
        "cloudfront:ListDistributions",
        "cloudfront:GetDistribution",
        "cloudfront:ListTagsForResource",
        "s3:GetBucketLocation",
    ),
    id="Id",
    attributes={
        "aliases": unordered("Aliases.Items"),
        "arn": "ARN",
        "comment": "Comment",
        "continuous_deployment_policy_id": f"{CONFIG}.ContinuousDeploymentPolicyId",
        "custom_error_response": Attribute(
            path="CustomErrorResponses.Items[].{error_caching_min_ttl: ErrorCachingMinTTL, error_code: ErrorCode, "
            "response_code: to_number(ResponseCode || ''), response_page_path: ResponsePagePath}",
            form=Keyed(canonical=without_order, by="error_code"),
            convert=as_block,
        ),
        "default_cache_behavior": block(f"DefaultCacheBehavior.{{{BEHAVIOR}}}", **ANSWERED),
        "default_root_object": f"{CONFIG}.DefaultRootObject",
        "domain_name": "DomainName",
        "enabled": "Enabled",
        "etag": volatile("Whole.ETag"),
        "hosted_zone_id": volatile("ends_with(DomainName, '.cn') && 'Z3RFFRIM2A3IF5' || 'Z2FDTNDATAQYW2'"),
        "http_version": caseless("HttpVersion"),
        "is_ipv6_enabled": "IsIPV6Enabled",
        "last_modified_time": volatile("LastModifiedTime"),
        "logging_config": block(
            f"{CONFIG}.Logging.Enabled && "
            f"{CONFIG}.Logging.{{bucket: Bucket, include_cookies: IncludeCookies, prefix: Prefix}}"
        ),
        "ordered_cache_behavior": block(
            f"CacheBehaviors.Items[].{{path_pattern: PathPattern, {BEHAVIOR}}}", **ANSWERED
        ),
        # What a distribution says to its origins to be known by is a secret of the two.
        "origin": Attribute(
            path=ORIGINS,
            form=Keyed(
                canonical=without_order,
                by="origin_id",
                inner={"custom_header": UNORDERED, "custom_origin_config": CUSTOM},
            ),
            convert=as_block,
            sensitive=True,
        ),
        "origin_group": Attribute(
            path="OriginGroups.Items[].{failover_criteria: [FailoverCriteria.{status_codes: StatusCodes.Items}], "
            "member: Members.Items[].{origin_id: OriginId}, origin_id: Id}",
            form=Keyed(
                canonical=without_order,
                by="origin_id",
                inner={"failover_criteria": Form(inner={"status_codes": UNORDERED})},
            ),
            convert=as_block,
        ),
        "price_class": "PriceClass",
        "restrictions": block(
            "Restrictions.{geo_restriction: [GeoRestriction.{locations: Items, restriction_type: RestrictionType}]}",
            geo_restriction=Form(inner={"locations": UNORDERED}),
        ),
        "staging": "Staging",
        "status": volatile("Status"),
        "viewer_certificate": block(
            "ViewerCertificate.{acm_certificate_arn: ACMCertificateArn, "
            "cloudfront_default_certificate: CloudFrontDefaultCertificate, iam_certificate_id: IAMCertificateId, "
            "minimum_protocol_version: MinimumProtocolVersion, "
            "ssl_support_method: SSLSupportMethod}",
            minimum_protocol_version=defaulting("TLSv1"),
            ssl_support_method=IF_DECLARED,  # of its own certificate CloudFront says one that nobody chose
        ),
        "web_acl_id": "WebACLId",
    },
    facts={"missing_buckets": "Missing"},
    tags="Tagging.Tags.Items",
)


def unwatched(subscription: Resource) -> bool:
    said = subscription.attributes.get("monitoring_subscription") or [{}]
    return "'Enabled'" not in repr(said)


MONITORING_SUBSCRIPTION = Collector(
    type="aws_cloudfront_monitoring_subscription",
    service="cloudfront",
    scope=Scope.GLOBAL,
    fetch=DISTRIBUTIONS,
    details=(
        Detail(
            operation="get_monitoring_subscription",
            arguments={"DistributionId": "Id"},
            into="Subscription",
            absent=("NoSuchMonitoringSubscription", *GONE),
            essential=True,
        ),
    ),
    permissions=("cloudfront:ListDistributions", "cloudfront:GetMonitoringSubscription"),
    id="Id",
    identity=("distribution_id",),
    parent=Parent(type="aws_cloudfront_distribution", by="distribution_id", part="monitoring_subscription"),
    at_default=unwatched,
    attributes={
        "distribution_id": "Id",
        "monitoring_subscription": block(
            "Subscription.MonitoringSubscription.{realtime_metrics_subscription_config: "
            "[RealtimeMetricsSubscriptionConfig.{realtime_metrics_subscription_status: "
            "RealtimeMetricsSubscriptionStatus}]}"
        ),
    },
)

COLLECTORS = [DISTRIBUTION, MONITORING_SUBSCRIPTION]
