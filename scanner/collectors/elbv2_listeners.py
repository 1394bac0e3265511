"""Elastic Load Balancing v2: listeners, their rules and certificates, and what these do with a request.

One target group has two homes in an action, ``target_group_arn`` and a ``forward`` block; AWS answers
with both, and Terraform keeps the one that was written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scanner.aws.collector import Attribute, Collector, as_block, blocks, converted
from scanner.aws.inside import listing
from scanner.collectors.elbv2 import (
    CERTIFICATES,
    LISTENERS,
    RULES,
    attributes_of,
    flag,
    made_by_kubernetes,
    number,
    said,
    tags_of,
)
from state.forms import PLAIN, UNORDERED, Form, Keyed, defaulting, plain
from state.schema import Parent

# --- actions --------------------------------------------------------------------------------------

OIDC = (
    "authentication_request_extra_params: AuthenticationRequestExtraParams, "
    "authorization_endpoint: AuthorizationEndpoint, client_id: ClientId, issuer: Issuer, "
    "on_unauthenticated_request: OnUnauthenticatedRequest, scope: Scope, session_cookie_name: SessionCookieName, "
    "session_timeout: SessionTimeout, token_endpoint: TokenEndpoint, user_info_endpoint: UserInfoEndpoint"
)
COGNITO = (
    "authentication_request_extra_params: AuthenticationRequestExtraParams, "
    "on_unauthenticated_request: OnUnauthenticatedRequest, scope: Scope, session_cookie_name: SessionCookieName, "
    "session_timeout: SessionTimeout, user_pool_arn: UserPoolArn, user_pool_client_id: UserPoolClientId, "
    "user_pool_domain: UserPoolDomain"
)
GROUPS = "target_group: TargetGroups[].{arn: TargetGroupArn, weight: Weight}"
STICKINESS = (
    "stickiness: TargetGroupStickinessConfig "
    "&& [TargetGroupStickinessConfig.{duration: DurationSeconds, enabled: Enabled}]"
)

ACTION = f"""{{
    authenticate_cognito: AuthenticateCognitoConfig && [AuthenticateCognitoConfig.{{{COGNITO}}}],
    authenticate_oidc: AuthenticateOidcConfig && [AuthenticateOidcConfig.{{{OIDC}}}],
    fixed_response: FixedResponseConfig && [FixedResponseConfig.{{
        content_type: ContentType, message_body: MessageBody, status_code: StatusCode}}],
    forward: ForwardConfig && [ForwardConfig.{{{GROUPS}, {STICKINESS}}}],
    order: Order,
    redirect: RedirectConfig && [RedirectConfig.{{
        host: Host, path: Path, port: Port, protocol: Protocol, query: Query, status_code: StatusCode}}],
    target_group_arn: TargetGroupArn,
    type: Type
}}"""

SESSION = {"scope": "openid", "session_cookie_name": "AWSELBAuthSessionCookie", "session_timeout": 604800}
SAME = {"host": "#{host}", "path": "/#{path}", "port": "#{port}", "protocol": "#{protocol}", "query": "#{query}"}
DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "authenticate_cognito": SESSION,
    "authenticate_oidc": SESSION,
    "fixed_response": {},
    "redirect": SAME,
}
"""The blocks of an action, and what AWS takes for what they leave out."""


def _first(value: Any) -> Mapping[str, Any]:
    return next((each for each in value or () if isinstance(each, Mapping)), {})


def _targets(forward: Mapping[str, Any], action: Mapping[str, Any]) -> tuple[str | None, list[Any] | None]:
    """The one target group, or the weights of several."""
    groups = {each["arn"]: each.get("weight") for each in forward.get("target_group") or ()}
    if len(groups) > 1:
        return None, [{"arn": arn, "weight": 1 if groups[arn] is None else groups[arn]} for arn in sorted(groups)]
    return next(iter(groups), action.get("target_group_arn") or None), None


def _action(action: Mapping[str, Any]) -> dict[str, Any]:
    """An action by what it does. The secret of an OIDC client is never told by AWS."""
    forward = _first(action.get("forward"))
    arn, weights = _targets(forward, action)
    kept = [each.get("duration") for each in forward.get("stickiness") or () if each.get("enabled")]
    stickiness = [{"duration": each, "enabled": True} for each in kept] or None
    return {
        "type": action.get("type"),
        "target_group_arn": arn,
        "forward": [{"target_group": weights, "stickiness": stickiness}] if weights or stickiness else None,
        **{name: _settled(_first(action.get(name)), defaults) for name, defaults in DEFAULTS.items()},
    }


def _settled(inner: Mapping[str, Any], defaults: Mapping[str, Any]) -> Any:
    known = {key: value for key, value in inner.items() if key != "client_secret"}
    return plain({key: None if value == defaults.get(key) else value for key, value in known.items()})


def actions(value: Any) -> list[dict[str, Any]] | None:
    """Actions in their order, which AWS numbers and Terraform may leave out."""
    found = [each for each in value or () if isinstance(each, Mapping)]
    placed = sorted(enumerate(found), key=lambda pair: (pair[1].get("order") or pair[0] + 1, pair[0]))
    return [_action(each) for _, each in placed] or None


class Actions(Form, frozen=True, kw_only=True):
    """Actions, told attribute by attribute where there is one."""

    def differences(self, path: str, declared: Any, live: Any) -> Iterator[tuple[str, Any, Any]]:
        wanted, actual = actions(declared), actions(live)
        if wanted == actual:
            return
        if wanted and actual and len(wanted) == len(actual) == 1:
            for name in wanted[0]:
                form = FORWARD if name == "forward" else PLAIN
                yield from form.differences(f"{path}[0].{name}", wanted[0][name], actual[0][name])
        else:
            yield path, wanted, actual


FORWARD = Form(inner={"target_group": Keyed(by="arn")})
ACTIONS = Actions(canonical=actions)


def unless_off(value: Any) -> Any:
    """Clients that need no certificate: AWS says "off", older providers nothing."""
    return plain([each for each in value or () if each.get("mode") not in (None, "", "off")])


MUTUAL = Form(canonical=unless_off, inner={"advertise_trust_store_ca_names": defaulting("off")})

# --- listeners ------------------------------------------------------------------------------------

HEADERS = (
    *(
        f"routing.http.request.x_amzn_mtls_clientcert{name}.header_name"
        for name in ("", "_issuer", "_leaf", "_serial_number", "_subject", "_validity")
    ),
    "routing.http.request.x_amzn_tls_cipher_suite.header_name",
    "routing.http.request.x_amzn_tls_version.header_name",
    *(
        f"routing.http.response.{name}.header_value"
        for name in (
            "access_control_allow_credentials",
            "access_control_allow_headers",
            "access_control_allow_methods",
            "access_control_allow_origin",
            "access_control_expose_headers",
            "access_control_max_age",
            "content_security_policy",
            "strict_transport_security",
            "x_content_type_options",
            "x_frame_options",
        )
    ),
)

LISTENER = Collector(
    type="aws_lb_listener",
    aliases=("aws_alb_listener",),
    service="elbv2",
    fetch=listing("listeners", LISTENERS),
    details=(
        attributes_of("listener", "ListenerArn"),
        tags_of("listener_tags", LISTENERS, "ListenerArn"),
    ),
    permissions=(
        "elasticloadbalancing:DescribeListeners",
        "elasticloadbalancing:DescribeListenerAttributes",
        "elasticloadbalancing:DescribeLoadBalancers",
        "elasticloadbalancing:DescribeTags",
    ),
    id="ListenerArn",
    owner=made_by_kubernetes,
    attributes={
        "alpn_policy": "AlpnPolicy[0]",
        "arn": "ListenerArn",
        "certificate_arn": "Certificates[0].CertificateArn",
        "default_action": Attribute(path=f"DefaultActions[].{ACTION}", form=ACTIONS, convert=as_block),
        "load_balancer_arn": "LoadBalancerArn",
        "mutual_authentication": Attribute(
            path="MutualAuthentication.{advertise_trust_store_ca_names: AdvertiseTrustStoreCaNames, "
            "ignore_client_certificate_expiry: IgnoreClientCertificateExpiry, mode: Mode, "
            "trust_store_arn: TrustStoreArn}",
            form=MUTUAL,
            convert=as_block,
        ),
        "port": "Port",
        "protocol": "Protocol",
        **{name.replace(".", "_"): said(name) for name in HEADERS},
        "routing_http_response_server_enabled": said("routing.http.response.server.enabled", flag),
        "ssl_policy": "SslPolicy",
        "tcp_idle_timeout_seconds": said("tcp.idle_timeout.seconds", number),
    },
    tags="Tags",
)

ANY_ORDER = Form(inner={"regex_values": UNORDERED, "values": UNORDERED})


def tested(name: str, more: str = "") -> str:
    """A condition's block, where it tests this."""
    return f"{name} && [{name}.{{values: Values{more}}}]"


CONDITION = f"""{{
    host_header: {tested("HostHeaderConfig", ", regex_values: RegexValues")},
    http_header: {tested("HttpHeaderConfig", ", http_header_name: HttpHeaderName, regex_values: RegexValues")},
    http_request_method: {tested("HttpRequestMethodConfig")},
    path_pattern: {tested("PathPatternConfig", ", regex_values: RegexValues")},
    query_string: QueryStringConfig.Values[].{{key: Key, value: Value}},
    source_ip: {tested("SourceIpConfig")}
}}"""

REWRITES = "Rewrites[].{regex: Regex, replace: Replace}"

RULE = Collector(
    type="aws_lb_listener_rule",
    aliases=("aws_alb_listener_rule",),
    service="elbv2",
    fetch=listing("listener_rules", RULES),
    details=(tags_of("listener_rule_tags", RULES, "RuleArn"),),
    permissions=(
        "elasticloadbalancing:DescribeRules",
        "elasticloadbalancing:DescribeListeners",
        "elasticloadbalancing:DescribeLoadBalancers",
        "elasticloadbalancing:DescribeTags",
    ),
    id="RuleArn",
    owner=made_by_kubernetes,
    attributes={
        "action": Attribute(path=f"Actions[].{ACTION}", form=ACTIONS, convert=as_block),
        "arn": "RuleArn",
        "condition": blocks(
            f"Conditions[].{CONDITION}",
            **dict.fromkeys(("host_header", "http_header", "http_request_method", "path_pattern"), ANY_ORDER),
            query_string=UNORDERED,
            source_ip=ANY_ORDER,
        ),
        "listener_arn": "ListenerArn",
        "priority": converted("Priority", number),
        "transform": blocks(
            "Transforms[].{type: Type, host_header_rewrite_config: HostHeaderRewriteConfig "
            f"&& [{{rewrite: HostHeaderRewriteConfig.{REWRITES}}}], "
            f"url_rewrite_config: UrlRewriteConfig && [{{rewrite: UrlRewriteConfig.{REWRITES}}}]}}"
        ),
    },
    tags="Tags",
)

CERTIFICATE = Collector(
    type="aws_lb_listener_certificate",
    aliases=("aws_alb_listener_certificate",),
    service="elbv2",
    fetch=listing("listener_certificates", CERTIFICATES),
    permissions=(
        "elasticloadbalancing:DescribeListenerCertificates",
        "elasticloadbalancing:DescribeListeners",
        "elasticloadbalancing:DescribeLoadBalancers",
    ),
    id="join('_', [ListenerArn, CertificateArn])",
    identity=("listener_arn", "certificate_arn"),
    parent=Parent(type="aws_lb_listener", by="listener_arn", part="certificate"),
    attributes={"certificate_arn": "CertificateArn", "listener_arn": "ListenerArn"},
)

COLLECTORS = [CERTIFICATE, LISTENER, RULE]
