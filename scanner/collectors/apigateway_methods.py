"""Amazon API Gateway's resources with their methods, integrations and responses: one answer about an API tells all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scanner.aws.collector import Attribute, Collector, block, unordered
from scanner.aws.inside import Once, inside
from scanner.aws.place import Item, Place
from scanner.collectors.apigateway import ALLOWED, REST_APIS, in_api, items, mapping
from state import Resource
from state.forms import defaulting

OF_METHOD = ("rest_api_id", "resource_id", "http_method")


async def _resources(place: Place, api: Item) -> Item:
    return await place.whole("apigateway", "get_resources", restApiId=api["id"], embed=["methods"])


RESOURCES = Once(_resources)


def methods(answer: Item, api: Item) -> Iterator[Item]:
    for resource in items(answer, api):
        beside = {"RestApiId": api["id"], "ResourceId": resource["id"]}
        for name, method in (resource.get("resourceMethods") or {}).items():
            yield {"httpMethod": name} | method | beside


def integrations(answer: Item, api: Item) -> Iterator[Item]:
    return (method for method in methods(answer, api) if method.get("methodIntegration"))


def _responses(method: Item, found: Any) -> Iterator[Item]:
    beside = {name: method[name] for name in ("RestApiId", "ResourceId")} | {"HttpMethod": method["httpMethod"]}
    for status, response in (found or {}).items():
        yield {"statusCode": status} | response | beside


def method_responses(answer: Item, api: Item) -> Iterator[Item]:
    for method in methods(answer, api):
        yield from _responses(method, method.get("methodResponses"))


def integration_responses(answer: Item, api: Item) -> Iterator[Item]:
    for method in integrations(answer, api):
        yield from _responses(method, method["methodIntegration"].get("integrationResponses"))


def is_root(resource: Resource) -> bool:
    """Each API begins with its root, which is not declared."""
    return resource.attributes.get("path") == "/"


RESOURCE = Collector(
    type="aws_api_gateway_resource",
    service="apigateway",
    fetch=inside("rest_api_resources", REST_APIS, RESOURCES, items),
    permissions=ALLOWED,
    id="id",
    identity=("rest_api_id", "id"),
    parent=in_api("resource"),
    at_default=is_root,
    attributes={
        "parent_id": "parentId",
        "path": "path",
        "path_part": "pathPart",
        "rest_api_id": "RestApiId",
    },
)

METHOD = Collector(
    type="aws_api_gateway_method",
    service="apigateway",
    fetch=inside("rest_api_methods", REST_APIS, RESOURCES, methods),
    permissions=ALLOWED,
    id="join('-', ['agm', RestApiId, ResourceId, httpMethod])",
    identity=OF_METHOD,
    parent=in_api("method"),
    attributes={
        "api_key_required": "apiKeyRequired",
        "authorization": "authorizationType",
        "authorization_scopes": unordered("authorizationScopes"),
        "authorizer_id": "authorizerId",
        "http_method": "httpMethod",
        "operation_name": "operationName",
        "request_models": mapping("requestModels"),
        "request_parameters": mapping("requestParameters"),
        "request_validator_id": "requestValidatorId",
        "resource_id": "ResourceId",
        "rest_api_id": "RestApiId",
    },
)

METHOD_RESPONSE = Collector(
    type="aws_api_gateway_method_response",
    service="apigateway",
    fetch=inside("rest_api_method_responses", REST_APIS, RESOURCES, method_responses),
    permissions=ALLOWED,
    id="join('-', ['agmr', RestApiId, ResourceId, HttpMethod, statusCode])",
    identity=(*OF_METHOD, "status_code"),
    parent=in_api("method_response"),
    attributes={
        "http_method": "HttpMethod",
        "resource_id": "ResourceId",
        "response_models": mapping("responseModels"),
        "response_parameters": mapping("responseParameters"),
        "rest_api_id": "RestApiId",
        "status_code": "statusCode",
    },
)

INTEGRATION = Collector(
    type="aws_api_gateway_integration",
    service="apigateway",
    fetch=inside("rest_api_integrations", REST_APIS, RESOURCES, integrations),
    permissions=ALLOWED,
    id="join('-', ['agi', RestApiId, ResourceId, httpMethod])",
    identity=OF_METHOD,
    parent=in_api("integration"),
    attributes={
        "cache_key_parameters": unordered("methodIntegration.cacheKeyParameters"),
        "cache_namespace": "methodIntegration.cacheNamespace",
        "connection_id": "methodIntegration.connectionId",
        "connection_type": Attribute(
            path="methodIntegration.connectionType || 'INTERNET'", form=defaulting("INTERNET")
        ),
        "content_handling": "methodIntegration.contentHandling",
        "credentials": "methodIntegration.credentials",
        "http_method": "httpMethod",
        "integration_http_method": "methodIntegration.httpMethod",
        "passthrough_behavior": Attribute(
            path="methodIntegration.passthroughBehavior", form=defaulting("WHEN_NO_MATCH")
        ),
        # The place for a header that proves the API to its backend.
        "request_parameters": mapping("methodIntegration.requestParameters", hidden=True),
        "request_templates": mapping("methodIntegration.requestTemplates"),
        "resource_id": "ResourceId",
        "rest_api_id": "RestApiId",
        "timeout_milliseconds": Attribute(path="methodIntegration.timeoutInMillis", form=defaulting(29000)),
        "tls_config": block("methodIntegration.tlsConfig.{insecure_skip_verification: insecureSkipVerification}"),
        "type": "methodIntegration.type",
        "uri": "methodIntegration.uri",
    },
)

INTEGRATION_RESPONSE = Collector(
    type="aws_api_gateway_integration_response",
    service="apigateway",
    fetch=inside("rest_api_integration_responses", REST_APIS, RESOURCES, integration_responses),
    permissions=ALLOWED,
    id="join('-', ['agir', RestApiId, ResourceId, HttpMethod, statusCode])",
    identity=(*OF_METHOD, "status_code"),
    parent=in_api("integration_response"),
    attributes={
        "content_handling": "contentHandling",
        "http_method": "HttpMethod",
        "resource_id": "ResourceId",
        "response_parameters": mapping("responseParameters"),
        "response_templates": mapping("responseTemplates"),
        "rest_api_id": "RestApiId",
        "selection_pattern": "selectionPattern",
        "status_code": "statusCode",
    },
)

COLLECTORS = [INTEGRATION, INTEGRATION_RESPONSE, METHOD, METHOD_RESPONSE, RESOURCE]
