"""Amazon CloudFront: policies of what is cached, asked of an origin and told a viewer; AWS has some of its own."""

from __future__ import annotations

from scanner.aws.collector import Attribute, Collector, Scope, as_block, block, volatile
from scanner.aws.place import Item, Place
from scanner.collectors.cloudfront_parts import ITEMS, Pages, by_marker
from state.forms import UNORDERED, Form, Keyed, without_order


def managed(item: Item) -> str | None:
    """CloudFront's own policies stand in every account."""
    return "aws: cloudfront" if item.get("Type") == "managed" else None


ASKED = (
    "cookies_config: [CookiesConfig.{cookie_behavior: CookieBehavior, cookies: Cookies && [Cookies.{items: Items}]}], "
    "headers_config: [HeadersConfig.{header_behavior: HeaderBehavior, headers: Headers && [Headers.{items: Items}]}], "
    "query_strings_config: [QueryStringsConfig.{query_string_behavior: QueryStringBehavior, "
    "query_strings: QueryStrings && [QueryStrings.{items: Items}]}]"
)
ASKED_FORMS = {
    "cookies_config": Form(inner={"cookies": ITEMS}),
    "headers_config": Form(inner={"headers": ITEMS}),
    "query_strings_config": Form(inner={"query_strings": ITEMS}),
}


def cache_policies(place: Place) -> Pages:
    return by_marker(lambda **more: place.call("cloudfront", "list_cache_policies", **more), "CachePolicyList")


CACHE_POLICY = Collector(
    type="aws_cloudfront_cache_policy",
    service="cloudfront",
    scope=Scope.GLOBAL,
    fetch=cache_policies,
    permissions=("cloudfront:ListCachePolicies",),
    id="CachePolicy.Id",
    arn="arn:{partition}:cloudfront::{account}:cache-policy/{CachePolicy[Id]}",
    owner=managed,
    attributes={
        "comment": "CachePolicy.CachePolicyConfig.Comment",
        "default_ttl": "CachePolicy.CachePolicyConfig.DefaultTTL",
        "max_ttl": "CachePolicy.CachePolicyConfig.MaxTTL",
        "min_ttl": "CachePolicy.CachePolicyConfig.MinTTL",
        "name": "CachePolicy.CachePolicyConfig.Name",
        "parameters_in_cache_key_and_forwarded_to_origin": block(
            "CachePolicy.CachePolicyConfig.ParametersInCacheKeyAndForwardedToOrigin."
            "{enable_accept_encoding_brotli: EnableAcceptEncodingBrotli, "
            f"enable_accept_encoding_gzip: EnableAcceptEncodingGzip, {ASKED}}}",
            **ASKED_FORMS,
        ),
    },
)


def origin_request_policies(place: Place) -> Pages:
    return by_marker(
        lambda **more: place.call("cloudfront", "list_origin_request_policies", **more), "OriginRequestPolicyList"
    )


SENT = "OriginRequestPolicy.OriginRequestPolicyConfig"

ORIGIN_REQUEST_POLICY = Collector(
    type="aws_cloudfront_origin_request_policy",
    service="cloudfront",
    scope=Scope.GLOBAL,
    fetch=origin_request_policies,
    permissions=("cloudfront:ListOriginRequestPolicies",),
    id="OriginRequestPolicy.Id",
    arn="arn:{partition}:cloudfront::{account}:origin-request-policy/{OriginRequestPolicy[Id]}",
    owner=managed,
    attributes={
        "comment": f"{SENT}.Comment",
        "cookies_config": block(
            f"{SENT}.CookiesConfig.{{cookie_behavior: CookieBehavior, cookies: Cookies && [Cookies.{{items: Items}}]}}",
            cookies=ITEMS,
        ),
        "headers_config": block(
            f"{SENT}.HeadersConfig.{{header_behavior: HeaderBehavior, headers: Headers && [Headers.{{items: Items}}]}}",
            headers=ITEMS,
        ),
        "name": f"{SENT}.Name",
        "query_strings_config": block(
            f"{SENT}.QueryStringsConfig.{{query_string_behavior: QueryStringBehavior, "
            "query_strings: QueryStrings && [QueryStrings.{items: Items}]}",
            query_strings=ITEMS,
        ),
    },
)


def response_headers_policies(place: Place) -> Pages:
    return by_marker(
        lambda **more: place.call("cloudfront", "list_response_headers_policies", **more), "ResponseHeadersPolicyList"
    )


SAID = "ResponseHeadersPolicy.ResponseHeadersPolicyConfig"
CORS = ("access_control_allow_headers", "access_control_allow_methods", "access_control_allow_origins")
NAMED = Form(inner={"items": Keyed(canonical=without_order, by="header")})

RESPONSE_HEADERS_POLICY = Collector(
    type="aws_cloudfront_response_headers_policy",
    service="cloudfront",
    scope=Scope.GLOBAL,
    fetch=response_headers_policies,
    permissions=("cloudfront:ListResponseHeadersPolicies",),
    id="ResponseHeadersPolicy.Id",
    arn="arn:{partition}:cloudfront::{account}:response-headers-policy/{ResponseHeadersPolicy[Id]}",
    owner=managed,
    attributes={
        "comment": f"{SAID}.Comment",
        "cors_config": block(
            f"{SAID}.CorsConfig.{{access_control_allow_credentials: AccessControlAllowCredentials, "
            "access_control_allow_headers: [AccessControlAllowHeaders.{items: Items}], "
            "access_control_allow_methods: [AccessControlAllowMethods.{items: Items}], "
            "access_control_allow_origins: [AccessControlAllowOrigins.{items: Items}], "
            "access_control_expose_headers: AccessControlExposeHeaders && "
            "[AccessControlExposeHeaders.{items: Items}], "
            "access_control_max_age_sec: AccessControlMaxAgeSec, origin_override: OriginOverride}",
            **dict.fromkeys((*CORS, "access_control_expose_headers"), ITEMS),
        ),
        "custom_headers_config": block(
            f"{SAID}.CustomHeadersConfig.{{items: Items[].{{header: Header, override: Override, value: Value}}}}",
            items=NAMED.inner["items"],
        ),
        "name": f"{SAID}.Name",
        "remove_headers_config": block(
            f"{SAID}.RemoveHeadersConfig.{{items: Items[].{{header: Header}}}}", items=NAMED.inner["items"]
        ),
        "security_headers_config": block(
            f"{SAID}.SecurityHeadersConfig.{{content_security_policy: ContentSecurityPolicy && "
            "[ContentSecurityPolicy.{content_security_policy: ContentSecurityPolicy, override: Override}], "
            "content_type_options: ContentTypeOptions && [ContentTypeOptions.{override: Override}], "
            "frame_options: FrameOptions && [FrameOptions.{frame_option: FrameOption, override: Override}], "
            "referrer_policy: ReferrerPolicy && "
            "[ReferrerPolicy.{override: Override, referrer_policy: ReferrerPolicy}], "
            "strict_transport_security: StrictTransportSecurity && [StrictTransportSecurity."
            "{access_control_max_age_sec: AccessControlMaxAgeSec, include_subdomains: IncludeSubdomains, "
            "override: Override, preload: Preload}], "
            "xss_protection: XSSProtection && [XSSProtection.{mode_block: ModeBlock, override: Override, "
            "protection: Protection, report_uri: ReportUri}]}"
        ),
        "server_timing_headers_config": block(
            f"{SAID}.ServerTimingHeadersConfig.{{enabled: Enabled, sampling_rate: SamplingRate}}"
        ),
    },
)


def continuous_deployment_policies(place: Place) -> Pages:
    return by_marker(
        lambda **more: place.call("cloudfront", "list_continuous_deployment_policies", **more),
        "ContinuousDeploymentPolicyList",
    )


STAGED = "ContinuousDeploymentPolicy.ContinuousDeploymentPolicyConfig"

CONTINUOUS_DEPLOYMENT_POLICY = Collector(
    type="aws_cloudfront_continuous_deployment_policy",
    service="cloudfront",
    scope=Scope.GLOBAL,
    fetch=continuous_deployment_policies,
    permissions=("cloudfront:ListContinuousDeploymentPolicies",),
    id="ContinuousDeploymentPolicy.Id",
    arn="arn:{partition}:cloudfront::{account}:continuous-deployment-policy/{ContinuousDeploymentPolicy[Id]}",
    attributes={
        "enabled": f"{STAGED}.Enabled",
        "last_modified_time": volatile("ContinuousDeploymentPolicy.LastModifiedTime"),
        "staging_distribution_dns_names": block(
            f"{STAGED}.StagingDistributionDnsNames.{{items: Items, quantity: Quantity}}", items=UNORDERED
        ),
        "traffic_config": Attribute(
            path=f"{STAGED}.TrafficConfig.{{single_header_config: SingleHeaderConfig && "
            "[SingleHeaderConfig.{header: Header, value: Value}], "
            "single_weight_config: SingleWeightConfig && [SingleWeightConfig.{session_stickiness_config: "
            "SessionStickinessConfig && [SessionStickinessConfig.{idle_ttl: IdleTTL, maximum_ttl: MaximumTTL}], "
            "weight: Weight}], type: Type}",
            convert=as_block,
        ),
    },
)

COLLECTORS = [CACHE_POLICY, CONTINUOUS_DEPLOYMENT_POLICY, ORIGIN_REQUEST_POLICY, RESPONSE_HEADERS_POLICY]
