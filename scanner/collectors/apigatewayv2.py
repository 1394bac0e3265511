"""Amazon API Gateway: HTTP and WebSocket APIs with their stages, routes and integrations."""
# AWS calls the two apigatewayv2; their domain names are those of REST APIs, in apigateway_domains.

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import Any

import msgspec

from scanner.aws.collector import Attribute, Collector, block, converted, document, unordered
from scanner.aws.inside import Once, all_of, inside, listing
from scanner.aws.place import Item, Place
from scanner.collectors.apigateway import ALLOWED, ARN, execution_arn, mapping, number
from state import Inventory, Resource
from state.forms import IF_TOLD, MAP, UNORDERED, Form, caseless_set, defaulting, without_order
from state.schema import Parent

IN_API = Parent(type="aws_apigatewayv2_api", by="api_id", part="", whole="body")


def in_api(part: str) -> Parent:
    return msgspec.structs.replace(IN_API, part=part)


def quick(item: Item) -> str | None:
    """An API made of one target gets a route, a stage and an integration that AWS made, and keeps."""
    return "apigateway: quick create" if item.get("ApiGatewayManaged") else None


# --- APIs ---------------------------------------------------------------------------------------


HEADERS = Form(canonical=caseless_set)

APIS = all_of("apigatewayv2", "get_apis", "Items")

API = Collector(
    type="aws_apigatewayv2_api",
    service="apigatewayv2",
    fetch=listing("http_apis", APIS),
    permissions=ALLOWED,
    id="ApiId",
    arn=f"{ARN}/apis/{{ApiId}}",
    owner=quick,
    joins={"execution_arn": execution_arn},
    attributes={
        "api_endpoint": "ApiEndpoint",
        "api_key_selection_expression": Attribute(
            path="ApiKeySelectionExpression", form=defaulting("$request.header.x-api-key")
        ),
        "cors_configuration": block(
            "CorsConfiguration.{allow_credentials: AllowCredentials, allow_headers: AllowHeaders, "
            "allow_methods: AllowMethods, allow_origins: AllowOrigins, expose_headers: ExposeHeaders, "
            "max_age: MaxAge}",
            allow_headers=HEADERS,
            allow_methods=HEADERS,
            allow_origins=HEADERS,
            expose_headers=HEADERS,
        ),
        "description": "Description",
        "disable_execute_api_endpoint": "DisableExecuteApiEndpoint",
        "ip_address_type": Attribute(path="IpAddressType", form=defaulting("ipv4")),
        "name": "Name",
        "protocol_type": "ProtocolType",
        "route_selection_expression": Attribute(
            path="RouteSelectionExpression", form=defaulting("$request.method $request.path")
        ),
        "version": "Version",
    },
    tags="Tags",
)


# --- what is in an API --------------------------------------------------------------------------


async def _authorizers(place: Place, api: Item) -> Item:
    return await place.whole("apigatewayv2", "get_authorizers", ApiId=api["ApiId"])


async def _deployments(place: Place, api: Item) -> Item:
    return await place.whole("apigatewayv2", "get_deployments", ApiId=api["ApiId"])


async def _integrations(place: Place, api: Item) -> Item:
    return await place.whole("apigatewayv2", "get_integrations", ApiId=api["ApiId"])


async def _models(place: Place, api: Item) -> Item:
    return await place.whole("apigatewayv2", "get_models", ApiId=api["ApiId"])


async def _routes(place: Place, api: Item) -> Item:
    return await place.whole("apigatewayv2", "get_routes", ApiId=api["ApiId"])


async def _stages(place: Place, api: Item) -> Item:
    return await place.whole("apigatewayv2", "get_stages", ApiId=api["ApiId"])


async def _integration_responses(place: Place, api: Item) -> Item:
    """Of all integrations of a WebSocket API; those of an HTTP API have none."""
    if api.get("ProtocolType") != "WEBSOCKET":
        return {}

    async def ask(part: Item) -> Item:
        about = {"ApiId": api["ApiId"], "IntegrationId": part["IntegrationId"]}
        return await place.whole("apigatewayv2", "get_integration_responses", **about)

    return await _of_all(await INTEGRATIONS(_integration_responses, place, api), "IntegrationId", ask)


async def _route_responses(place: Place, api: Item) -> Item:
    """Of all routes of a WebSocket API; those of an HTTP API have none."""
    if api.get("ProtocolType") != "WEBSOCKET":
        return {}

    async def ask(part: Item) -> Item:
        about = {"ApiId": api["ApiId"], "RouteId": part["RouteId"]}
        return await place.whole("apigatewayv2", "get_route_responses", **about)

    return await _of_all(await ROUTES(_route_responses, place, api), "RouteId", ask)


async def _of_all(answer: Item, name: str, ask: Callable[[Item], Awaitable[Item]]) -> Item:
    """What is answered of each part, with the part's own name."""
    parts = answer.get("Items") or []
    pairs = zip(parts, await asyncio.gather(*map(ask, parts)), strict=True)
    return {"Items": [{**each, name: part[name]} for part, found in pairs for each in found.get("Items") or ()]}


INTEGRATIONS, ROUTES = Once(_integrations), Once(_routes)
INTEGRATIONS.readers.add(_integration_responses)
ROUTES.readers.add(_route_responses)


def items(answer: Item, api: Item) -> Iterable[Item]:
    return [{**each, "ApiId": api["ApiId"]} for each in answer.get("Items") or ()]


AUTHORIZER = Collector(
    type="aws_apigatewayv2_authorizer",
    service="apigatewayv2",
    fetch=inside("http_api_authorizers", APIS, Once(_authorizers), items),
    permissions=ALLOWED,
    id="AuthorizerId",
    identity=("api_id", "id"),
    parent=in_api("authorizer"),
    attributes={
        "api_id": "ApiId",
        "authorizer_credentials_arn": "AuthorizerCredentialsArn",
        "authorizer_payload_format_version": "AuthorizerPayloadFormatVersion",
        "authorizer_result_ttl_in_seconds": Attribute(path="AuthorizerResultTtlInSeconds", form=number(300)),
        "authorizer_type": "AuthorizerType",
        "authorizer_uri": "AuthorizerUri",
        "enable_simple_responses": "EnableSimpleResponses",
        "identity_sources": unordered("IdentitySource"),
        "jwt_configuration": block("JwtConfiguration.{audience: Audience, issuer: Issuer}", audience=UNORDERED),
        "name": "Name",
    },
)


def history(deployment: Resource, inventory: Inventory) -> str | None:
    """A deployment that no stage runs is one of those that AWS keeps to go back to."""
    api = deployment.attributes["api_id"]
    running = inventory.near(deployment, "aws_apigatewayv2_stage", api_id=api)
    in_use = any(stage.fact("deployment_id") == deployment.id for stage in running)
    return None if in_use else "apigateway: earlier deployments"


DEPLOYMENT = Collector(
    type="aws_apigatewayv2_deployment",
    service="apigatewayv2",
    fetch=inside("http_api_deployments", APIS, Once(_deployments), items),
    permissions=ALLOWED,
    id="DeploymentId",
    identity=("api_id", "id"),
    parent=in_api("deployment"),
    owner=lambda deployment: "apigateway: automatic deployment" if deployment.get("AutoDeployed") else None,
    owned=history,
    attributes={"api_id": "ApiId", "auto_deployed": "AutoDeployed", "description": "Description"},
    facts={"deployment_status": "DeploymentStatus"},
)

INTEGRATION = Collector(
    type="aws_apigatewayv2_integration",
    service="apigatewayv2",
    fetch=inside("http_api_integrations", APIS, INTEGRATIONS, items),
    permissions=ALLOWED,
    id="IntegrationId",
    identity=("api_id", "id"),
    parent=in_api("integration"),
    owner=quick,
    attributes={
        "api_id": "ApiId",
        "connection_id": "ConnectionId",
        "connection_type": Attribute(path="ConnectionType", form=defaulting("INTERNET")),
        "content_handling_strategy": "ContentHandlingStrategy",
        "credentials_arn": "CredentialsArn",
        "description": "Description",
        "integration_method": "IntegrationMethod",
        "integration_response_selection_expression": "IntegrationResponseSelectionExpression",
        "integration_subtype": "IntegrationSubtype",
        "integration_type": "IntegrationType",
        "integration_uri": "IntegrationUri",
        "passthrough_behavior": Attribute(path="PassthroughBehavior", form=defaulting("WHEN_NO_MATCH")),
        "payload_format_version": Attribute(path="PayloadFormatVersion", form=defaulting("1.0")),
        # The place for a header that proves the API to its backend.
        "request_parameters": mapping("RequestParameters", hidden=True),
        "request_templates": mapping("RequestTemplates"),
        "response_parameters": converted(
            "ResponseParameters",
            lambda found: [{"mappings": each, "status_code": status} for status, each in (found or {}).items()],
            Form(canonical=without_order, inner={"mappings": MAP}),
        ),
        "template_selection_expression": "TemplateSelectionExpression",
        "timeout_milliseconds": "TimeoutInMillis",
        "tls_config": block("TlsConfig.{server_name_to_verify: ServerNameToVerify}"),
    },
)

INTEGRATION_RESPONSE = Collector(
    type="aws_apigatewayv2_integration_response",
    service="apigatewayv2",
    fetch=inside("http_api_integration_responses", APIS, Once(_integration_responses), items),
    permissions=ALLOWED,
    id="IntegrationResponseId",
    identity=("api_id", "integration_id", "id"),
    parent=in_api("integration_response"),
    attributes={
        "api_id": "ApiId",
        "content_handling_strategy": "ContentHandlingStrategy",
        "integration_id": "IntegrationId",
        "integration_response_key": "IntegrationResponseKey",
        "response_templates": mapping("ResponseTemplates"),
        "template_selection_expression": "TemplateSelectionExpression",
    },
)

MODEL = Collector(
    type="aws_apigatewayv2_model",
    service="apigatewayv2",
    fetch=inside("http_api_models", APIS, Once(_models), items),
    permissions=ALLOWED,
    id="ModelId",
    identity=("api_id", "id"),
    parent=in_api("model"),
    attributes={
        "api_id": "ApiId",
        "content_type": "ContentType",
        "description": "Description",
        "name": "Name",
        "schema": document("Schema"),
    },
)


def required(found: Any) -> list[Any]:
    return [{"request_parameter_key": key, "required": each.get("Required")} for key, each in (found or {}).items()]


ROUTE = Collector(
    type="aws_apigatewayv2_route",
    service="apigatewayv2",
    fetch=inside("http_api_routes", APIS, ROUTES, items),
    permissions=ALLOWED,
    id="RouteId",
    identity=("api_id", "id"),
    parent=in_api("route"),
    owner=quick,
    attributes={
        "api_id": "ApiId",
        "api_key_required": "ApiKeyRequired",
        "authorization_scopes": unordered("AuthorizationScopes"),
        "authorization_type": Attribute(path="AuthorizationType", form=defaulting("NONE")),
        "authorizer_id": "AuthorizerId",
        "model_selection_expression": "ModelSelectionExpression",
        "operation_name": "OperationName",
        "request_models": mapping("RequestModels"),
        "request_parameter": converted("RequestParameters", required, UNORDERED),
        "route_key": "RouteKey",
        "route_response_selection_expression": "RouteResponseSelectionExpression",
        "target": "Target",
    },
)

ROUTE_RESPONSE = Collector(
    type="aws_apigatewayv2_route_response",
    service="apigatewayv2",
    fetch=inside("http_api_route_responses", APIS, Once(_route_responses), items),
    permissions=ALLOWED,
    id="RouteResponseId",
    identity=("api_id", "route_id", "id"),
    parent=in_api("route_response"),
    attributes={
        "api_id": "ApiId",
        "model_selection_expression": "ModelSelectionExpression",
        "response_models": mapping("ResponseModels"),
        "route_id": "RouteId",
        "route_response_key": "RouteResponseKey",
    },
)


# --- stages -------------------------------------------------------------------------------------

SETTINGS = {
    "data_trace_enabled": "DataTraceEnabled",
    "detailed_metrics_enabled": "DetailedMetricsEnabled",
    "logging_level": "LoggingLevel",
    "throttling_burst_limit": "ThrottlingBurstLimit",
    "throttling_rate_limit": "ThrottlingRateLimit",
}
QUIET = {"logging_level": defaulting("OFF")}


def by_route(found: Any) -> list[Any]:
    """A route's own settings AWS keeps in a map by its key."""
    return [
        {"route_key": key} | {name: each.get(aws) for name, aws in SETTINGS.items()}
        for key, each in (found or {}).items()
    ]


def by_hand(deployed: list[Any]) -> str | None:
    """The deployment that a stage runs, where that is somebody's choice."""
    automatic, id = deployed
    return None if automatic else id


def stage_arn(stage: Resource, inventory: Inventory) -> str:
    partition, said = str(stage.arn).split(":")[1], stage.attributes
    return f"arn:{partition}:execute-api:{stage.region}:{stage.account}:{said['api_id']}/{said['name']}"


STAGE = Collector(
    type="aws_apigatewayv2_stage",
    service="apigatewayv2",
    fetch=inside("http_api_stages", APIS, Once(_stages), items),
    permissions=ALLOWED,
    id="StageName",
    identity=("api_id", "name"),
    arn=f"{ARN}/apis/{{ApiId}}/stages/{{StageName}}",
    parent=in_api("stage"),
    owner=quick,
    joins={"execution_arn": stage_arn},
    attributes={
        "access_log_settings": block("AccessLogSettings.{destination_arn: DestinationArn, format: Format}"),
        "api_id": "ApiId",
        "auto_deploy": "AutoDeploy",
        "client_certificate_id": "ClientCertificateId",
        "default_route_settings": block(
            f"DefaultRouteSettings.{{{', '.join(f'{name}: {aws}' for name, aws in SETTINGS.items())}}}", **QUIET
        ),
        "deployment_id": converted("[AutoDeploy, DeploymentId]", by_hand, IF_TOLD),
        "description": "Description",
        "name": "StageName",
        "route_settings": converted("RouteSettings", by_route, Form(canonical=without_order, inner=QUIET)),
        "stage_variables": mapping("StageVariables", hidden=True),
    },
    facts={"deployment_id": "DeploymentId", "last_deployment_status_message": "LastDeploymentStatusMessage"},
    tags="Tags",
)


async def http_vpc_links(place: Place) -> AsyncIterator[list[Item]]:
    async for page in place.pages("apigatewayv2", "get_vpc_links"):
        yield page.get("Items") or []


VPC_LINK = Collector(
    type="aws_apigatewayv2_vpc_link",
    service="apigatewayv2",
    fetch=http_vpc_links,
    permissions=ALLOWED,
    id="VpcLinkId",
    arn=f"{ARN}/vpclinks/{{VpcLinkId}}",
    attributes={
        "name": "Name",
        "security_group_ids": unordered("SecurityGroupIds"),
        "subnet_ids": unordered("SubnetIds"),
    },
    facts={"pending_deletion": "VpcLinkStatus=='DELETING'", "vpc_link_status": "VpcLinkStatus"},
    tags="Tags",
)

COLLECTORS = [
    API,
    AUTHORIZER,
    DEPLOYMENT,
    INTEGRATION,
    INTEGRATION_RESPONSE,
    MODEL,
    ROUTE,
    ROUTE_RESPONSE,
    STAGE,
    VPC_LINK,
]
