"""Amazon API Gateway: what an account has for all of its REST APIs, such as keys, usage plans and links."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scanner.aws.collector import Attribute, Collector, Listing, block, volatile
from scanner.collectors.apigateway import ALLOWED, ARN, LARGEST
from state.forms import UNORDERED, VOLATILE, Form, defaulting, without_order

ACCOUNT = Collector(
    type="aws_api_gateway_account",
    service="apigateway",
    fetch=Listing("get_account", "@"),
    permissions=ALLOWED,
    id="'api-gateway-account'",
    identity=lambda account: "api-gateway-account",
    at_default=lambda account: not account.attributes.get("cloudwatch_role_arn"),
    attributes={
        "api_key_version": volatile("apiKeyVersion"),
        "cloudwatch_role_arn": "cloudwatchRoleArn",
        "features": volatile("features"),
        "throttle_settings": Attribute(
            path="throttleSettings.{burst_limit: burstLimit, rate_limit: rateLimit}",
            form=VOLATILE,  # what AWS grants the account
            convert=lambda limits: [limits] if limits else [],
        ),
    },
)

API_KEY = Collector(
    type="aws_api_gateway_api_key",
    service="apigateway",
    fetch=Listing("get_api_keys", "items", LARGEST),
    permissions=ALLOWED,
    id="id",
    arn=f"{ARN}/apikeys/{{id}}",
    attributes={
        "created_date": volatile("createdDate"),
        "customer_id": "customerId",
        "description": "description",
        "enabled": Attribute(path="enabled", form=defaulting(True)),
        "last_updated_date": volatile("lastUpdatedDate"),
        "name": "name",
    },
    facts={"stage_keys": "stageKeys"},
    tags="tags",
)


def in_stages(found: Any) -> list[Any]:
    """The stages of a plan; a method's own limits AWS keeps in a map by its path."""
    return [
        {"api_id": each.get("apiId"), "stage": each.get("stage"), "throttle": by_path(each.get("throttle") or {})}
        for each in found or ()
    ]


def by_path(limits: Mapping[str, Any]) -> list[Any]:
    return [
        {"burst_limit": each.get("burstLimit"), "path": path, "rate_limit": each.get("rateLimit")}
        for path, each in limits.items()
    ]


USAGE_PLAN = Collector(
    type="aws_api_gateway_usage_plan",
    service="apigateway",
    fetch=Listing("get_usage_plans", "items", LARGEST),
    permissions=ALLOWED,
    id="id",
    arn=f"{ARN}/usageplans/{{id}}",
    attributes={
        "api_stages": Attribute(
            path="apiStages",
            form=Form(canonical=without_order, inner={"throttle": UNORDERED}),
            convert=in_stages,
        ),
        "description": "description",
        "name": "name",
        "product_code": "productCode",
        "quota_settings": block("quota.{limit: limit, offset: offset, period: period}"),
        "throttle_settings": block("throttle.{burst_limit: burstLimit, rate_limit: rateLimit}"),
    },
    tags="tags",
)

VPC_LINK = Collector(
    type="aws_api_gateway_vpc_link",
    service="apigateway",
    fetch=Listing("get_vpc_links", "items", LARGEST),
    permissions=ALLOWED,
    id="id",
    arn=f"{ARN}/vpclinks/{{id}}",
    attributes={"description": "description", "name": "name", "target_arns": "targetArns"},
    facts={"pending_deletion": "status=='DELETING'", "status": "status"},
    tags="tags",
)

CLIENT_CERTIFICATE = Collector(
    type="aws_api_gateway_client_certificate",
    service="apigateway",
    fetch=Listing("get_client_certificates", "items", LARGEST),
    permissions=ALLOWED,
    id="clientCertificateId",
    arn=f"{ARN}/clientcertificates/{{clientCertificateId}}",
    attributes={
        "created_date": volatile("createdDate"),
        "description": "description",
        "expiration_date": volatile("expirationDate"),
        "pem_encoded_certificate": "pemEncodedCertificate",
    },
    tags="tags",
)

COLLECTORS = [ACCOUNT, API_KEY, CLIENT_CERTIFICATE, USAGE_PLAN, VPC_LINK]
