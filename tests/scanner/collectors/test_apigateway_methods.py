import pytest

from scanner.collectors import apigateway, apigateway_methods
from scanner.collectors.apigateway_methods import (
    COLLECTORS,
    INTEGRATION,
    INTEGRATION_RESPONSE,
    METHOD,
    METHOD_RESPONSE,
)
from state import Declaration, Inventory
from state.drift import drift
from state.secret import Secret
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.aws.wire import json as answer
from tests.scanner.aws.wire import wire
from tests.scanner.corpus import assert_corpus_equals_itself
from tests.scanner.provider import assert_value_types

ALL = [apigateway.REST_API, *COLLECTORS]
SCHEMAS = {each.type: each.schema for each in ALL}


@pytest.fixture
def gateway(aws):
    return aws("apigateway")


@pytest.fixture
def api(gateway):
    return gateway.create_rest_api(name="shop")["id"]


@pytest.fixture
def root(gateway, api):
    return gateway.get_resources(restApiId=api)["items"][0]["id"]


@pytest.fixture
def orders(gateway, api, root):
    """A resource with a method, what it calls, and what both answer."""
    id = gateway.create_resource(restApiId=api, parentId=root, pathPart="orders")["id"]
    about = {"restApiId": api, "resourceId": id, "httpMethod": "GET"}
    gateway.put_method(
        **about,
        authorizationType="AWS_IAM",
        apiKeyRequired=True,
        operationName="orders",
        requestParameters={"method.request.querystring.page": True},
        requestModels={"application/json": "Empty"},
    )
    gateway.put_method_response(**about, statusCode="200", responseModels={"application/json": "Empty"})
    gateway.put_integration(
        **about,
        type="HTTP",
        integrationHttpMethod="POST",
        uri="https://example.com",
        requestTemplates={"application/json": "$input"},
        requestParameters={"integration.request.header.X-Key": "'hush'"},
        timeoutInMillis=5000,
        cacheNamespace="orders",
        passthroughBehavior="NEVER",
    )
    gateway.put_integration_response(
        **about, statusCode="200", selectionPattern="2..", responseTemplates={"application/json": "{}"}
    )
    return id


def found():
    inventory = read(*ALL)
    assert inventory.gaps == []
    return inventory


def one(collector):
    [each] = found().of(collector.type)
    assert_value_types(each)
    return each


def declared(resource):
    here = Declaration(address=f"{resource.type}.{resource.identity}", source="terraform.tfstate")
    return resource.replace(declared=here)


def test_resource(api, root, orders):
    resources = {each["path"]: each for each in found().of("aws_api_gateway_resource")}
    assert set(resources) == {"/", "/orders"}
    made = resources["/orders"]
    assert made.key == ("aws_api_gateway_resource", ACCOUNT, REGION, f"{api}/{orders}")
    assert made.id == orders
    assert made.attributes == {"parent_id": root, "path": "/orders", "path_part": "orders", "rest_api_id": api}


def test_method(api, orders):
    made = one(METHOD)
    assert (made.id, made.identity) == (f"agm-{api}-{orders}-GET", f"{api}/{orders}/GET")
    assert made.attributes == {
        "api_key_required": True,
        "authorization": "AWS_IAM",
        "authorization_scopes": None,
        "authorizer_id": None,
        "http_method": "GET",
        "operation_name": "orders",
        "request_models": {"application/json": "Empty"},
        "request_parameters": {"method.request.querystring.page": True},
        "request_validator_id": None,
        "resource_id": orders,
        "rest_api_id": api,
    }


def test_integration(api, orders):
    made = one(INTEGRATION)
    assert (made.id, made.identity) == (f"agi-{api}-{orders}-GET", f"{api}/{orders}/GET")
    assert "request_parameters" in made.sensitive
    assert made.attributes == {
        "cache_key_parameters": [],
        "cache_namespace": "orders",
        "connection_id": None,
        "connection_type": "INTERNET",
        "content_handling": None,
        "credentials": None,
        "http_method": "GET",
        "integration_http_method": "POST",
        "passthrough_behavior": "NEVER",
        "request_parameters": {"integration.request.header.X-Key": "'hush'"},
        "request_templates": {"application/json": "$input"},
        "resource_id": orders,
        "rest_api_id": api,
        "timeout_milliseconds": 5000,
        "tls_config": [],
        "type": "HTTP",
        "uri": "https://example.com",
    }


def test_responses(api, orders):
    of_method, of_integration = one(METHOD_RESPONSE), one(INTEGRATION_RESPONSE)
    common = {"http_method": "GET", "resource_id": orders, "rest_api_id": api, "status_code": "200"}
    assert (of_method.id, of_integration.id) == (f"agmr-{api}-{orders}-GET-200", f"agir-{api}-{orders}-GET-200")
    assert of_method.identity == of_integration.identity == f"{api}/{orders}/GET/200"
    assert of_method.attributes == common | {
        "response_models": {"application/json": "Empty"},
        "response_parameters": {},
    }
    assert of_integration.attributes == common | {
        "content_handling": None,
        "response_parameters": {},
        "response_templates": {"application/json": "{}"},
        "selection_pattern": "2..",
    }


def test_nothing_drifts_from_itself_and_a_change_by_hand_does(gateway, api, orders):
    wanted = [declared(each) for each in found().resources if each.type in SCHEMAS]
    assert drift(found(), Inventory(wanted), SCHEMAS).drift == []
    about = {"restApiId": api, "resourceId": orders, "httpMethod": "GET"}
    gateway.delete_integration_response(**about, statusCode="200")
    gateway.put_integration(
        **about, type="MOCK", requestParameters={"integration.request.header.X-Key": "'other'"}, timeoutInMillis=5000
    )
    gateway.put_method(**about | {"httpMethod": "POST"}, authorizationType="NONE")
    rows = drift(found(), Inventory(wanted), SCHEMAS).drift
    told = {(each.resource.type, change.path) for each in rows for change in each.changes or [None] if change}
    assert ("aws_api_gateway_rest_api", f"method[{orders}/POST]") in told
    assert {("aws_api_gateway_integration", path) for path in ("type", "uri", "integration_http_method")} <= told
    assert {each.resource.type for each in rows if each.kind == "missing"} >= {"aws_api_gateway_integration_response"}
    [key] = [change for each in rows for change in each.changes if "X-Key" in change.path]
    assert (key.declared, key.live) == (Secret("'hush'"), Secret("'other'"))


def test_the_root_is_nobodys(api):
    wanted = [declared(each) for each in found().of("aws_api_gateway_rest_api")]
    assert drift(found(), Inventory(wanted), SCHEMAS).drift == []


def test_one_answer_about_an_api_tells_all_its_parts(monkeypatch):
    """``methods`` is asked to be embedded, in the largest pages."""
    method = {"httpMethod": "GET", "methodIntegration": {"type": "MOCK", "requestTemplates": {"a/b": None}}}
    resource = {"id": "r1", "path": "/", "resourceMethods": {"GET": method}}
    with wire() as it:
        monkeypatch.setenv("AWS_ENDPOINT_URL", it.url)
        it.answers["GET /restapis?limit=500"] = answer({"item": [{"id": "a1"}]})
        it.answers["GET /restapis/a1/resources?embed=methods&limit=500"] = answer({"item": [resource]})
        [made] = read(*COLLECTORS).of("aws_api_gateway_integration")
        assert sorted(it.asked) == ["GET /restapis/a1/resources?embed=methods&limit=500", "GET /restapis?limit=500"]
    assert made["request_templates"] == {"a/b": ""}


SAME = [("connection_type", "", "INTERNET"), ("timeout_milliseconds", 29000, None), ("request_templates", {}, None)]
NOT_SAME = [("request_templates", {"a/b": ""}, {}), ("passthrough_behavior", "NEVER", "WHEN_NO_MATCH")]


def test_forms():
    forms = apigateway_methods.INTEGRATION.schema.forms
    assert [list(forms[name].differences(name, *values)) for name, *values in SAME] == [[], [], []]
    assert [] not in [list(forms[name].differences(name, *values)) for name, *values in NOT_SAME]


def test_corpus():
    assert_corpus_equals_itself(COLLECTORS)
