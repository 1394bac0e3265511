"""Amazon API Gateway: REST APIs with their stages, authorizers and models."""
# Its many paths are one action to IAM, apigateway:GET. The values of API keys come only to whoever asks
# for them: this never does.

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from scanner.aws.collector import (
    Attribute,
    Collector,
    block,
    converted,
    document,
    unordered,
    volatile,
)
from scanner.aws.inside import Once, all_of, inside, listing
from scanner.aws.place import Item, Place
from state import Inventory, Resource
from state.documents import POLICY
from state.forms import IF_TOLD, MAP, UNORDERED, Form, defaulting, plain
from state.schema import Parent

ALLOWED = ("apigateway:GET",)
LARGEST = (("limit", 500),)
"""The largest page there is; without it AWS answers 25 at a time."""
ARN = "arn:{partition}:apigateway:{region}::"

IN_API = Parent(type="aws_api_gateway_rest_api", by="rest_api_id", part="", whole="body")


def in_api(part: str) -> Parent:
    return msgspec.structs.replace(IN_API, part=part)


def number(default: int) -> Form:
    """A number that AWS has a default for, and of which 0 is a value like any other."""

    def canonical(value: Any) -> Any:
        kept = isinstance(value, int | float) and value != default
        return repr(float(value)) if kept else plain(None if value == default else value)

    return Form(canonical=canonical)


def mapping(path: str, *, hidden: bool = False) -> Attribute:
    """A map with keys of the user's; AWS's null in it is an empty text."""
    return Attribute(path=path, form=MAP, convert=texts, sensitive=hidden)


def texts(value: Any) -> Any:
    return {key: "" if each is None else each for key, each in (value or {}).items()}


def execution_arn(api: Resource, inventory: Inventory) -> str:
    """What permissions to call the API name it by."""
    partition = str(api.arn).split(":")[1]
    return f"arn:{partition}:execute-api:{api.region}:{api.account}:{api.id}"


# --- APIs ---------------------------------------------------------------------------------------


def compression(size: int | None) -> str | None:
    return None if size is None else str(size)


def unescaped(policy: str | None) -> str | None:
    """AWS answers a policy as the inside of a JSON string, its quotes escaped."""
    if not policy or not policy.startswith('{\\"'):
        return policy or None
    return str(json.loads(f'"{policy}"'))


REST_APIS = all_of("apigateway", "get_rest_apis", "items")

REST_API = Collector(
    type="aws_api_gateway_rest_api",
    service="apigateway",
    fetch=listing("rest_apis", REST_APIS),
    permissions=ALLOWED,
    id="id",
    arn=f"{ARN}/restapis/{{id}}",
    joins={"execution_arn": execution_arn},
    attributes={
        "api_key_source": Attribute(path="apiKeySource", form=defaulting("HEADER")),
        "binary_media_types": unordered("binaryMediaTypes"),
        "created_date": volatile("createdDate"),
        "description": "description",
        "disable_execute_api_endpoint": "disableExecuteApiEndpoint",
        "endpoint_configuration": block(
            "endpointConfiguration.{ip_address_type: ipAddressType, types: types, vpc_endpoint_ids: vpcEndpointIds}",
            ip_address_type=defaulting("ipv4"),
            vpc_endpoint_ids=UNORDERED,
        ),
        "minimum_compression_size": converted("minimumCompressionSize", compression, defaulting("-1")),
        "name": "name",
        "root_resource_id": "rootResourceId",
    },
    facts={"version": "version"},
    tags="tags",
)


def policy_in_api(api: Resource) -> Iterator[Resource]:
    if policy := api.attributes.get("policy"):
        yield api.replace(attributes={"rest_api_id": api.id, "policy": policy})


REST_API_POLICY = Collector(
    type="aws_api_gateway_rest_api_policy",
    service="apigateway",
    fetch=listing("rest_api_policies", REST_APIS, lambda api: bool(api.get("policy"))),
    permissions=ALLOWED,
    id="id",
    identity=("rest_api_id",),
    parent=Parent(type="aws_api_gateway_rest_api", by="rest_api_id", part="policy", paths={"policy": "policy"}),
    homes={"aws_api_gateway_rest_api": policy_in_api},
    attributes={"policy": converted("policy", unescaped, POLICY), "rest_api_id": "id"},
)


# --- what is in an API --------------------------------------------------------------------------


async def _authorizers(place: Place, api: Item) -> Item:
    return await place.whole("apigateway", "get_authorizers", restApiId=api["id"])


async def _deployments(place: Place, api: Item) -> Item:
    return await place.whole("apigateway", "get_deployments", restApiId=api["id"])


async def _gateway_responses(place: Place, api: Item) -> Item:
    return await place.whole("apigateway", "get_gateway_responses", restApiId=api["id"])


async def _models(place: Place, api: Item) -> Item:
    return await place.whole("apigateway", "get_models", restApiId=api["id"])


async def _stages(place: Place, api: Item) -> Item:
    return await place.whole("apigateway", "get_stages", restApiId=api["id"])


async def _validators(place: Place, api: Item) -> Item:
    return await place.whole("apigateway", "get_request_validators", restApiId=api["id"])


STAGES = Once(_stages)


def items(answer: Item, api: Item) -> Iterable[Item]:
    return [{**each, "RestApiId": api["id"]} for each in answer.get("items") or ()]


AUTHORIZER = Collector(
    type="aws_api_gateway_authorizer",
    service="apigateway",
    fetch=inside("rest_api_authorizers", REST_APIS, Once(_authorizers), items),
    permissions=ALLOWED,
    id="id",
    identity=("rest_api_id", "id"),
    arn=f"{ARN}/restapis/{{RestApiId}}/authorizers/{{id}}",
    parent=in_api("authorizer"),
    attributes={
        "authorizer_credentials": "authorizerCredentials",
        "authorizer_result_ttl_in_seconds": Attribute(path="authorizerResultTtlInSeconds", form=number(300)),
        "authorizer_uri": "authorizerUri",
        "identity_source": Attribute(path="identitySource", form=defaulting("method.request.header.Authorization")),
        "identity_validation_expression": "identityValidationExpression",
        "name": "name",
        "provider_arns": unordered("providerARNs"),
        "rest_api_id": "RestApiId",
        "type": Attribute(path="type", form=defaulting("TOKEN")),
    },
)


def history(deployment: Resource, inventory: Inventory) -> str | None:
    """A deployment that no stage runs is one of those that AWS keeps to go back to."""
    api = deployment.attributes["rest_api_id"]
    stages = inventory.near(deployment, "aws_api_gateway_stage", rest_api_id=api, deployment_id=deployment.id)
    return None if stages else "apigateway: earlier deployments"


DEPLOYMENT = Collector(
    type="aws_api_gateway_deployment",
    service="apigateway",
    fetch=inside("rest_api_deployments", REST_APIS, Once(_deployments), items),
    permissions=ALLOWED,
    id="id",
    identity=("rest_api_id", "id"),
    parent=in_api("deployment"),
    owned=history,
    attributes={
        "created_date": volatile("createdDate"),
        "description": "description",
        "rest_api_id": "RestApiId",
    },
)


def changed_responses(answer: Item, api: Item) -> Iterable[Item]:
    """The answers to failed calls that somebody changed: AWS lists all two dozen kinds, most as it made them."""
    return [each for each in items(answer, api) if not each.get("defaultResponse")]


GATEWAY_RESPONSE = Collector(
    type="aws_api_gateway_gateway_response",
    service="apigateway",
    fetch=inside("rest_api_gateway_responses", REST_APIS, Once(_gateway_responses), changed_responses),
    permissions=ALLOWED,
    id="join('-', ['aggr', RestApiId, responseType])",
    identity=("rest_api_id", "response_type"),
    parent=in_api("gateway_response"),
    attributes={
        "response_parameters": mapping("responseParameters"),
        "response_templates": mapping("responseTemplates"),
        "response_type": "responseType",
        "rest_api_id": "RestApiId",
        "status_code": "statusCode",
    },
)


def made_with_the_api(model: Resource) -> bool:
    """Each API begins with two models, Empty and Error."""
    described = str(model.attributes.get("description") or "")
    return model.attributes.get("name") in ("Empty", "Error") and described.startswith("This is a default ")


MODEL = Collector(
    type="aws_api_gateway_model",
    service="apigateway",
    fetch=inside("rest_api_models", REST_APIS, Once(_models), items),
    permissions=ALLOWED,
    id="id",
    identity=("rest_api_id", "name"),
    parent=in_api("model"),
    at_default=made_with_the_api,
    attributes={
        "content_type": "contentType",
        "description": "description",
        "name": "name",
        "rest_api_id": "RestApiId",
        "schema": document("schema"),
    },
)

REQUEST_VALIDATOR = Collector(
    type="aws_api_gateway_request_validator",
    service="apigateway",
    fetch=inside("rest_api_validators", REST_APIS, Once(_validators), items),
    permissions=ALLOWED,
    id="id",
    identity=("rest_api_id", "id"),
    parent=in_api("request_validator"),
    attributes={
        "name": "name",
        "rest_api_id": "RestApiId",
        "validate_request_body": "validateRequestBody",
        "validate_request_parameters": "validateRequestParameters",
    },
)


# --- stages -------------------------------------------------------------------------------------


def stages(answer: Item, api: Item) -> Iterable[Item]:
    return [{**each, "RestApiId": api["id"]} for each in answer.get("item") or ()]


def method_settings(answer: Item, api: Item) -> Iterable[Item]:
    for stage in stages(answer, api):
        for path, settings in (stage.get("methodSettings") or {}).items():
            yield {**settings, "MethodPath": path, "RestApiId": api["id"], "StageName": stage["stageName"]}


def stage_of_deployment(deployment: Resource) -> Iterator[Resource]:
    """A deployment that names a stage makes it too."""
    declared = deployment.attributes
    if name := declared.get("stage_name"):
        stage = {"rest_api_id": declared.get("rest_api_id"), "stage_name": name, "deployment_id": deployment.id}
        variables = {"variables": declared["variables"]} if declared.get("variables") else {}
        yield deployment.replace(attributes=stage | variables)


def size(cache: list[Any]) -> str | None:
    """Of a cache that is off AWS still says how large it was; Terraform keeps what it was to be."""
    on, large = cache
    return large if on else None


def stage_arn(stage: Resource, inventory: Inventory) -> str:
    partition, name = str(stage.arn).split(":")[1], stage.attributes["stage_name"]
    return f"arn:{partition}:execute-api:{stage.region}:{stage.account}:{stage.attributes['rest_api_id']}/{name}"


STAGE = Collector(
    type="aws_api_gateway_stage",
    service="apigateway",
    fetch=inside("rest_api_stages", REST_APIS, STAGES, stages),
    permissions=ALLOWED,
    id="join('-', ['ags', RestApiId, stageName])",
    identity=("rest_api_id", "stage_name"),
    arn=f"{ARN}/restapis/{{RestApiId}}/stages/{{stageName}}",
    parent=in_api("stage"),
    homes={"aws_api_gateway_deployment": stage_of_deployment},
    joins={"execution_arn": stage_arn},
    attributes={
        "access_log_settings": block("accessLogSettings.{destination_arn: destinationArn, format: format}"),
        "cache_cluster_enabled": "cacheClusterEnabled",
        "cache_cluster_size": converted("[cacheClusterEnabled, cacheClusterSize]", size, IF_TOLD),
        "canary_settings": Attribute(
            path="canarySettings.{deployment_id: deploymentId, percent_traffic: percentTraffic, "
            "stage_variable_overrides: stageVariableOverrides, use_stage_cache: useStageCache}",
            form=Form(inner={"stage_variable_overrides": MAP}),
            convert=lambda canary: [canary] if canary else [],
            sensitive=True,
        ),
        "client_certificate_id": "clientCertificateId",
        "deployment_id": "deploymentId",
        "description": "description",
        "documentation_version": "documentationVersion",
        "rest_api_id": "RestApiId",
        "stage_name": "stageName",
        "variables": mapping("variables", hidden=True),
        "web_acl_arn": volatile("webAclArn"),  # told by the web ACL's association
        "xray_tracing_enabled": "tracingEnabled",
    },
    facts={"cache_cluster_status": "cacheClusterStatus", "last_updated_date": "lastUpdatedDate"},
    tags="tags",
)

METHOD_SETTINGS = Collector(
    type="aws_api_gateway_method_settings",
    service="apigateway",
    fetch=inside("rest_api_method_settings", REST_APIS, STAGES, method_settings),
    permissions=ALLOWED,
    id="join('-', [RestApiId, StageName, MethodPath])",
    identity=("rest_api_id", "stage_name", "method_path"),
    parent=in_api("method_settings"),
    attributes={
        "method_path": "MethodPath",
        "rest_api_id": "RestApiId",
        "settings": block(
            "{cache_data_encrypted: cacheDataEncrypted, cache_ttl_in_seconds: cacheTtlInSeconds, "
            "caching_enabled: cachingEnabled, data_trace_enabled: dataTraceEnabled, logging_level: loggingLevel, "
            "metrics_enabled: metricsEnabled, "
            "require_authorization_for_cache_control: requireAuthorizationForCacheControl, "
            "throttling_burst_limit: throttlingBurstLimit, throttling_rate_limit: throttlingRateLimit, "
            "unauthorized_cache_control_header_strategy: unauthorizedCacheControlHeaderStrategy}",
            cache_ttl_in_seconds=number(300),
            logging_level=defaulting("OFF"),
            throttling_burst_limit=number(-1),
            throttling_rate_limit=number(-1),
        ),
        "stage_name": "StageName",
    },
)

COLLECTORS = [
    AUTHORIZER,
    DEPLOYMENT,
    GATEWAY_RESPONSE,
    METHOD_SETTINGS,
    MODEL,
    REQUEST_VALIDATOR,
    REST_API,
    REST_API_POLICY,
    STAGE,
]
