import json

import pytest

from scanner.collectors import apigateway
from scanner.collectors.apigateway import COLLECTORS, unescaped
from state import Inventory, Unknown
from state.drift import drift
from state.secret import Secret
from state.terraform.settle import settle
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.aws.wire import json as answer
from tests.scanner.aws.wire import wire
from tests.scanner.compared import as_declared, one
from tests.scanner.corpus import assert_corpus_equals_itself

SCHEMAS = {each.type: each.schema for each in COLLECTORS}
ARN = f"arn:aws:apigateway:{REGION}::"
POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke"}]}
VOLATILE = ("created_date", "last_updated_date")


@pytest.fixture
def gateway(aws):
    return aws("apigateway")


@pytest.fixture
def api(gateway):
    id = gateway.create_rest_api(
        name="shop",
        description="Shop",
        minimumCompressionSize=100,
        endpointConfiguration={"types": ["REGIONAL"]},
        policy=json.dumps(POLICY),
        tags={"team": "shop"},
    )["id"]
    png = {"op": "add", "path": "/binaryMediaTypes", "value": "image/png"}
    gateway.update_rest_api(restApiId=id, patchOperations=[png])
    return id


@pytest.fixture
def deployed(gateway, api):
    """An API with a method, and its deployment."""
    root = gateway.get_resources(restApiId=api)["items"][0]["id"]
    about = {"restApiId": api, "resourceId": root, "httpMethod": "GET"}
    gateway.put_method(**about, authorizationType="NONE")
    gateway.put_integration(**about, type="MOCK")
    return gateway.create_deployment(restApiId=api, description="first")["id"]


def values(resource):
    return {name: value for name, value in resource.attributes.items() if name not in VOLATILE}


def changes(*wanted):
    """What has drifted from these, as (address, path)."""
    found = drift(read(*COLLECTORS), Inventory(settle(wanted, SCHEMAS)), SCHEMAS).drift
    return {(each.declared.address, change.path) for each in found if each.declared for change in each.changes}


# --- APIs -------------------------------------------------------------------------------------------


def test_rest_api(gateway, api):
    found = one(apigateway.REST_API)
    assert found.key == ("aws_api_gateway_rest_api", ACCOUNT, REGION, api)
    assert found.arn == f"{ARN}/restapis/{api}"
    assert found.tags == {"team": "shop"}
    assert values(found) == {
        "api_key_source": "HEADER",
        "arn": f"{ARN}/restapis/{api}",
        "binary_media_types": ["image/png"],
        "description": "Shop",
        "disable_execute_api_endpoint": False,
        "endpoint_configuration": [{"ip_address_type": None, "types": ["REGIONAL"], "vpc_endpoint_ids": None}],
        "execution_arn": f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{api}",
        "minimum_compression_size": "100",
        "name": "shop",
        "root_resource_id": gateway.get_rest_api(restApiId=api)["rootResourceId"],
        "tags": {"team": "shop"},
    }


def test_rest_api_policy(api):
    found = one(apigateway.REST_API_POLICY)
    assert (found.id, found.identity, found["rest_api_id"]) == (api, api, api)
    assert json.loads(found["policy"]) == POLICY


def test_policy_is_the_same_in_both_of_its_homes(gateway, api):
    bare = as_declared(one(apigateway.REST_API))
    inside = as_declared(bare, policy=json.dumps(POLICY, indent=2))
    apart = as_declared(one(apigateway.REST_API_POLICY))
    for home in ([inside], [bare, apart], [inside, apart]):
        assert changes(*home) == set()
    assert changes(bare) == {("aws_api_gateway_rest_api.here", "policy")}
    patch = {"op": "replace", "path": "/policy", "value": json.dumps({"Version": "2012-10-17", "Statement": []})}
    gateway.update_rest_api(restApiId=api, patchOperations=[patch])
    assert changes(inside) == {("aws_api_gateway_rest_api.here", "policy.Statement[0]")}
    assert changes(bare, apart) == {("aws_api_gateway_rest_api_policy.here", "policy.Statement[0]")}


@pytest.mark.parametrize("text", ['{\\"a\\":\\"b\\\\\\"c\\"}', '{"a":"b\\"c"}'])
def test_policy_is_read_however_many_quotes_are_escaped(text):
    assert json.loads(unescaped(text)) == {"a": 'b"c'}


# --- what is in an API --------------------------------------------------------------------------------


def test_authorizer(gateway, api):
    id = gateway.create_authorizer(
        restApiId=api,
        name="pool",
        type="COGNITO_USER_POOLS",
        providerARNs=["arn:aws:cognito-idp:pool"],
        identitySource="method.request.header.Token",
        authorizerResultTtlInSeconds=0,
    )["id"]
    found = one(apigateway.AUTHORIZER)
    assert (found.id, found.identity) == (id, f"{api}/{id}")
    assert values(found) == {
        "arn": f"{ARN}/restapis/{api}/authorizers/{id}",
        "authorizer_credentials": None,
        "authorizer_result_ttl_in_seconds": found["authorizer_result_ttl_in_seconds"],
        "authorizer_uri": None,
        "identity_source": "method.request.header.Token",
        "identity_validation_expression": None,
        "name": "pool",
        "provider_arns": ["arn:aws:cognito-idp:pool"],
        "rest_api_id": api,
        "type": "COGNITO_USER_POOLS",
    }


def test_deployment_and_stage(gateway, api, deployed):
    gateway.create_stage(
        restApiId=api,
        stageName="live",
        deploymentId=deployed,
        tracingEnabled=True,
        variables={"password": "hush"},
        tags={"team": "shop"},
    )
    logs = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:api"
    patches = [
        {"op": "replace", "path": "/accessLogSettings/destinationArn", "value": logs},
        {"op": "replace", "path": "/accessLogSettings/format", "value": "$context.requestId"},
        {"op": "replace", "path": "/*/*/logging/loglevel", "value": "INFO"},
    ]
    gateway.update_stage(restApiId=api, stageName="live", patchOperations=patches)
    deployment = one(apigateway.DEPLOYMENT)
    assert (deployment.id, deployment.identity) == (deployed, f"{api}/{deployed}")
    assert values(deployment) == {"description": "first", "rest_api_id": api}
    stage = one(apigateway.STAGE)
    assert (stage.id, stage.identity) == (f"ags-{api}-live", f"{api}/live")
    assert (stage.arn, stage.tags) == (f"{ARN}/restapis/{api}/stages/live", {"team": "shop"})
    assert {"variables", "canary_settings"} <= stage.sensitive
    assert values(stage) == {
        "access_log_settings": [{"destination_arn": logs, "format": "$context.requestId"}],
        "arn": f"{ARN}/restapis/{api}/stages/live",
        "cache_cluster_enabled": False,
        "cache_cluster_size": None,
        "canary_settings": [],
        "client_certificate_id": None,
        "deployment_id": deployed,
        "description": "",
        "documentation_version": None,
        "execution_arn": f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{api}/live",
        "rest_api_id": api,
        "stage_name": "live",
        "tags": {"team": "shop"},
        "variables": {"password": "hush"},
        "web_acl_arn": None,
        "xray_tracing_enabled": True,
    }
    settings = one(apigateway.METHOD_SETTINGS)
    assert (settings.id, settings.identity) == (f"{api}-live-*/*", f"{api}/live/*/*")
    assert settings["settings"][0]["logging_level"] == "INFO"


def test_stage_variable_is_compared_and_never_shown(gateway, api, deployed):
    gateway.create_stage(restApiId=api, stageName="live", deploymentId=deployed, variables={"password": "hush"})
    wanted = as_declared(one(apigateway.STAGE))
    patch = {"op": "replace", "path": "/variables/password", "value": "other"}
    gateway.update_stage(restApiId=api, stageName="live", patchOperations=[patch])
    [found] = drift(read(apigateway.STAGE), Inventory([wanted]), SCHEMAS).drift
    assert [(each.path, each.declared, each.live) for each in found.changes] == [
        ("variables.password", Secret("hush"), Secret("other"))
    ]
    assert "hush" not in repr(found.changes) and "other" not in repr(found.changes)


def test_deployment_that_no_stage_runs_is_history(gateway, api, deployed):
    wanted = as_declared(one(apigateway.REST_API), policy=json.dumps(POLICY))
    assert changes(wanted) == set()
    gateway.create_stage(restApiId=api, stageName="live", deploymentId=deployed)
    assert changes(wanted) == {
        ("aws_api_gateway_rest_api.here", f"deployment[{deployed}]"),
        ("aws_api_gateway_rest_api.here", "stage[live]"),
    }


def test_deployment_that_names_a_stage_declares_it(gateway, api, deployed):
    gateway.create_stage(restApiId=api, stageName="live", deploymentId=deployed, variables={"a": "b"})
    home = as_declared(one(apigateway.REST_API), policy=json.dumps(POLICY))
    both = as_declared(one(apigateway.DEPLOYMENT), stage_name="live", variables={"a": "b"})
    assert changes(home, both) == set()
    patch = {"op": "replace", "path": "/variables/a", "value": "c"}
    gateway.update_stage(restApiId=api, stageName="live", patchOperations=[patch])
    assert changes(home, both) == {("aws_api_gateway_rest_api.here", "stage[live].variables.a")}
    gateway.delete_stage(restApiId=api, stageName="live")
    assert changes(home, both) == {("aws_api_gateway_rest_api.here", "stage[live]")}


def test_gateway_response(gateway, api):
    gateway.put_gateway_response(
        restApiId=api,
        responseType="UNAUTHORIZED",
        statusCode="401",
        responseParameters={"gatewayresponse.header.X": "'x'"},
        responseTemplates={"application/json": "{}"},
    )
    found = one(apigateway.GATEWAY_RESPONSE)
    assert (found.id, found.identity) == (f"aggr-{api}-UNAUTHORIZED", f"{api}/UNAUTHORIZED")
    assert values(found) == {
        "response_parameters": {"gatewayresponse.header.X": "'x'"},
        "response_templates": {"application/json": "{}"},
        "response_type": "UNAUTHORIZED",
        "rest_api_id": api,
        "status_code": "401",
    }


def test_model_and_validator(gateway, api):
    gateway.create_model(restApiId=api, name="order", contentType="application/json", schema='{"type": "object"}')
    id = gateway.create_request_validator(restApiId=api, name="all", validateRequestBody=True)["id"]
    model, validator = one(apigateway.MODEL), one(apigateway.REQUEST_VALIDATOR)
    assert model.identity == f"{api}/order"
    assert values(model) == {
        "content_type": "application/json",
        "description": None,
        "name": "order",
        "rest_api_id": api,
        "schema": '{"type": "object"}',
    }
    assert (validator.id, validator.identity) == (id, f"{api}/{id}")
    assert values(validator) == {
        "name": "all",
        "rest_api_id": api,
        "validate_request_body": True,
        "validate_request_parameters": validator["validate_request_parameters"],
    }


def test_part_made_by_hand_is_a_change_of_its_api(gateway, api):
    wanted = as_declared(one(apigateway.REST_API), policy=json.dumps(POLICY))
    gateway.create_model(restApiId=api, name="order", contentType="application/json", schema="{}")
    gateway.create_model(
        restApiId=api, name="Empty", description="This is a default empty schema model", contentType="application/json"
    )
    assert changes(wanted) == {("aws_api_gateway_rest_api.here", "model[order]")}


# --- what moto does not answer --------------------------------------------------------------------------


@pytest.fixture
def answers(monkeypatch):
    with wire() as it:
        monkeypatch.setenv("AWS_ENDPOINT_URL", it.url)
        yield it.answers


STAGE = {
    "stageName": "live",
    "deploymentId": "d1",
    "cacheClusterEnabled": False,
    "cacheClusterSize": "0.5",
    "canarySettings": {"deploymentId": "d2", "percentTraffic": 10.5, "stageVariableOverrides": {"a": "b"}},
}


def test_stage_as_aws_words_it(answers):
    answers["GET /restapis?limit=500"] = answer({"item": [{"id": "a1"}]})
    answers["GET /restapis/a1/stages"] = answer({"item": [STAGE]})
    found = one(apigateway.STAGE)
    assert found["cache_cluster_size"] is None
    assert found["canary_settings"] == [
        {
            "deployment_id": "d2",
            "percent_traffic": 10.5,
            "stage_variable_overrides": {"a": "b"},
            "use_stage_cache": None,
        }
    ]


def test_refused_apis_are_a_gap_of_all_that_is_in_them(answers):
    kinds = [apigateway.REST_API, apigateway.STAGE, apigateway.METHOD_SETTINGS, apigateway.MODEL]
    found = read(*kinds)
    assert {(gap.type, gap.kind, gap.permission) for gap in found.gaps} == {
        (each.type, "denied", "apigateway:GET") for each in kinds
    }


def test_stages_refused_for_one_api_do_not_hide_those_of_another(answers):
    answers["GET /restapis?limit=500"] = answer({"item": [{"id": "a1"}, {"id": "a2"}]})
    answers["GET /restapis/a2/stages"] = answer({"item": [STAGE]})
    found = read(apigateway.STAGE)
    assert [each.id for each in found.of("aws_api_gateway_stage")] == ["ags-a2-live"]
    [gap] = found.gaps
    assert (gap.type, gap.operation, gap.id) == ("aws_api_gateway_stage", "apigateway:GetStages", None)


def test_stages_nobody_saw_leave_a_deployment_unowned(answers):
    answers["GET /restapis?limit=500"] = answer({"item": [{"id": "a1"}]})
    answers["GET /restapis/a1/deployments?limit=500"] = answer({"item": [{"id": "d1"}]})
    [found] = read(apigateway.DEPLOYMENT, apigateway.STAGE).of("aws_api_gateway_deployment")
    assert found.owner is None
    with pytest.raises(Unknown):
        found["invoke_url"]


# --- forms ----------------------------------------------------------------------------------------------

SAME = [
    ("STAGE", "cache_cluster_size", "0.5", None),
    ("AUTHORIZER", "authorizer_result_ttl_in_seconds", None, 300),
    ("AUTHORIZER", "identity_source", "", "method.request.header.Authorization"),
    ("REST_API", "binary_media_types", ["a", "b"], ["b", "a"]),
    ("REST_API", "endpoint_configuration", [{"types": ["EDGE"]}], [{"types": ["EDGE"], "ip_address_type": "ipv4"}]),
    ("REST_API", "minimum_compression_size", "-1", None),
    ("METHOD_SETTINGS", "settings", [{"throttling_rate_limit": 5}], [{"throttling_rate_limit": 5.0}]),
    ("METHOD_SETTINGS", "settings", [{"metrics_enabled": False, "cache_ttl_in_seconds": None}], [{}]),
    ("MODEL", "schema", '{"a":1}', '{ "a": 1 }'),
]
NOT_SAME = [
    ("STAGE", "cache_cluster_size", "0.5", "1.6"),
    ("AUTHORIZER", "authorizer_result_ttl_in_seconds", 0, 300),
    ("REST_API", "minimum_compression_size", None, "0"),
    ("METHOD_SETTINGS", "settings", [{"throttling_rate_limit": -1}], [{"throttling_rate_limit": 0.0}]),
    ("GATEWAY_RESPONSE", "response_templates", {"application/json": ""}, {}),
]


def differences(name, attribute, declared, live):
    return list(getattr(apigateway, name).schema.forms[attribute].differences(attribute, declared, live))


@pytest.mark.parametrize("case", SAME)
def test_the_same_said_otherwise(case):
    assert differences(*case) == []


@pytest.mark.parametrize("case", NOT_SAME)
def test_not_the_same(case):
    assert differences(*case) != []


def test_corpus():
    assert_corpus_equals_itself(COLLECTORS)
