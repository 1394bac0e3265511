import pytest

from scanner.collectors import apigatewayv2
from scanner.collectors.apigatewayv2 import COLLECTORS
from state import Inventory
from state.drift import drift
from state.secret import Secret
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.aws.wire import json as answer
from tests.scanner.aws.wire import wire
from tests.scanner.compared import as_declared, one
from tests.scanner.corpus import assert_corpus_equals_itself

SCHEMAS = {each.type: each.schema for each in COLLECTORS}
ARN = f"arn:aws:apigateway:{REGION}::"


@pytest.fixture
def gateway(aws):
    return aws("apigatewayv2")


@pytest.fixture
def api(gateway):
    return gateway.create_api(
        Name="shop",
        ProtocolType="HTTP",
        Description="Shop",
        CorsConfiguration={"AllowOrigins": ["*"], "AllowHeaders": ["Date"], "MaxAge": 60},
        Tags={"team": "shop"},
    )["ApiId"]


def test_api(api):
    found = one(apigatewayv2.API)
    assert found.key == ("aws_apigatewayv2_api", ACCOUNT, REGION, api)
    assert found.attributes == {
        "api_endpoint": f"https://{api}.execute-api.{REGION}.amazonaws.com",
        "api_key_selection_expression": "$request.header.x-api-key",
        "arn": f"{ARN}/apis/{api}",
        "cors_configuration": [
            {
                "allow_credentials": None,
                "allow_headers": ["Date"],
                "allow_methods": None,
                "allow_origins": ["*"],
                "expose_headers": None,
                "max_age": 60,
            }
        ],
        "description": "Shop",
        "disable_execute_api_endpoint": False,
        "execution_arn": f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{api}",
        "ip_address_type": None,
        "name": "shop",
        "protocol_type": "HTTP",
        "route_selection_expression": "$request.method $request.path",
        "tags": {"team": "shop"},
        "version": found["version"],
    }


def test_integration(gateway, api):
    id = gateway.create_integration(
        ApiId=api,
        IntegrationType="HTTP_PROXY",
        IntegrationMethod="POST",
        IntegrationUri="https://example.com",
        PayloadFormatVersion="1.0",
        RequestParameters={"overwrite:header.x-key": "hush"},
        ResponseParameters={"200": {"overwrite:header.x": "y"}},
        TimeoutInMillis=5000,
        TlsConfig={"ServerNameToVerify": "example.com"},
    )["IntegrationId"]
    found = one(apigatewayv2.INTEGRATION)
    assert (found.id, found.identity) == (id, f"{api}/{id}")
    assert "request_parameters" in found.sensitive
    said = {name: value for name, value in found.attributes.items() if value}
    assert said == {
        "api_id": api,
        "integration_method": "POST",
        "integration_type": "HTTP_PROXY",
        "integration_uri": "https://example.com",
        "payload_format_version": "1.0",
        "request_parameters": {"overwrite:header.x-key": "hush"},
        "response_parameters": [{"mappings": {"overwrite:header.x": "y"}, "status_code": "200"}],
        "timeout_milliseconds": 5000,
        "tls_config": [{"server_name_to_verify": "example.com"}],
    }
    wanted = Inventory([as_declared(found)])
    assert drift(read(apigatewayv2.INTEGRATION), wanted, SCHEMAS).drift == []
    gateway.update_integration(ApiId=api, IntegrationId=id, RequestParameters={"overwrite:header.x-key": "other"})
    [row] = drift(read(apigatewayv2.INTEGRATION), wanted, SCHEMAS).drift
    assert [(each.path, each.declared, each.live) for each in row.changes] == [
        ("request_parameters.overwrite:header.x-key", Secret("hush"), Secret("other"))
    ]


def test_route(gateway, api):
    id = gateway.create_route(
        ApiId=api,
        RouteKey="GET /orders",
        AuthorizationType="JWT",
        AuthorizerId="a1",
        AuthorizationScopes=["read", "write"],
        RequestParameters={"route.request.header.x": {"Required": True}},
        Target="integrations/i1",
    )["RouteId"]
    found = one(apigatewayv2.ROUTE)
    assert (found.id, found.identity) == (id, f"{api}/{id}")
    assert found.attributes == {
        "api_id": api,
        "api_key_required": False,
        "authorization_scopes": ["read", "write"],
        "authorization_type": "JWT",
        "authorizer_id": "a1",
        "model_selection_expression": None,
        "operation_name": None,
        "request_models": {},
        "request_parameter": [{"request_parameter_key": "route.request.header.x", "required": True}],
        "route_key": "GET /orders",
        "route_response_selection_expression": None,
        "target": "integrations/i1",
    }
    gateway.update_route(ApiId=api, RouteId=id, AuthorizationType="NONE")
    [row] = drift(read(apigatewayv2.ROUTE), Inventory([as_declared(found)]), SCHEMAS).drift
    assert [each.text for each in row.changes] == ['authorization_type: "JWT" → "NONE"']


def test_stage(gateway, api):
    gateway.create_stage(
        ApiId=api,
        StageName="live",
        AutoDeploy=True,
        AccessLogSettings={"DestinationArn": "arn:log", "Format": "$context.requestId"},
        DefaultRouteSettings={"DetailedMetricsEnabled": True, "ThrottlingBurstLimit": 10},
        RouteSettings={"GET /orders": {"ThrottlingRateLimit": 2.5}},
        StageVariables={"password": "hush"},
        Tags={"team": "shop"},
    )
    found = one(apigatewayv2.STAGE)
    empty = dict.fromkeys(apigatewayv2.SETTINGS)
    assert (found.id, found.identity, found.arn) == ("live", f"{api}/live", f"{ARN}/apis/{api}/stages/live")
    assert "stage_variables" in found.sensitive
    assert found.attributes == {
        "access_log_settings": [{"destination_arn": "arn:log", "format": "$context.requestId"}],
        "api_id": api,
        "arn": f"{ARN}/apis/{api}/stages/live",
        "auto_deploy": True,
        "client_certificate_id": None,
        "default_route_settings": [empty | {"detailed_metrics_enabled": True, "throttling_burst_limit": 10}],
        "deployment_id": None,
        "description": None,
        "execution_arn": f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{api}/live",
        "name": "live",
        "route_settings": [{"route_key": "GET /orders"} | empty | {"throttling_rate_limit": 2.5}],
        "stage_variables": {"password": "hush"},
        "tags": {"team": "shop"},
    }


def test_part_made_by_hand_is_a_change_of_its_api(gateway, api):
    wanted = Inventory([as_declared(one(apigatewayv2.API))])
    gateway.create_stage(ApiId=api, StageName="live")
    id = gateway.create_route(ApiId=api, RouteKey="ANY /")["RouteId"]
    [row] = drift(read(apigatewayv2.API, apigatewayv2.ROUTE, apigatewayv2.STAGE), wanted, SCHEMAS).drift
    assert [each.path for each in row.changes] == [f"route[{id}]", "stage[live]"]


def test_vpc_link(gateway):
    about = {"SecurityGroupIds": ["sg-1"], "SubnetIds": ["subnet-1", "subnet-2"], "Tags": {"a": "b"}}
    id = gateway.create_vpc_link(Name="link", **about)["VpcLinkId"]
    found = one(apigatewayv2.VPC_LINK)
    assert found.fact("pending_deletion") is False
    assert found.attributes == {
        "arn": f"{ARN}/vpclinks/{id}",
        "name": "link",
        "security_group_ids": ["sg-1"],
        "subnet_ids": ["subnet-1", "subnet-2"],
        "tags": {"a": "b"},
    }


# --- what moto does not answer --------------------------------------------------------------------------

HTTP = {"apiId": "h1", "name": "h", "protocolType": "HTTP"}
SOCKET = {"apiId": "w1", "name": "w", "protocolType": "WEBSOCKET"}
MADE = {"apiGatewayManaged": True}


@pytest.fixture
def stand_in(monkeypatch):
    with wire() as it:
        monkeypatch.setenv("AWS_ENDPOINT_URL", it.url)
        it.answers["GET /v2/apis"] = answer({"items": [HTTP, SOCKET]})
        yield it


def tell(it, path, *rows):
    it.answers[f"GET /v2/apis/{path}"] = answer({"items": rows})


def test_authorizer(stand_in):
    row = {
        "authorizerId": "a1",
        "authorizerType": "JWT",
        "name": "jwt",
        "identitySource": ["$request.header.Authorization"],
        "jwtConfiguration": {"audience": ["a", "b"], "issuer": "https://issuer"},
    }
    tell(stand_in, "h1/authorizers", row)
    tell(stand_in, "w1/authorizers")
    found = one(apigatewayv2.AUTHORIZER)
    assert (found.id, found.identity) == ("a1", "h1/a1")
    assert {name: value for name, value in found.attributes.items() if value is not None} == {
        "api_id": "h1",
        "authorizer_type": "JWT",
        "identity_sources": ["$request.header.Authorization"],
        "jwt_configuration": [{"audience": ["a", "b"], "issuer": "https://issuer"}],
        "name": "jwt",
    }


def test_deployments_have_an_owner_unless_a_stage_runs_one_made_by_hand(stand_in):
    rows = [{"deploymentId": id, "autoDeployed": id == "d1"} for id in ("d1", "d2", "d3")]
    tell(stand_in, "h1/deployments", *rows)
    tell(stand_in, "h1/stages", {"stageName": "live", "deploymentId": "d2"})
    tell(stand_in, "w1/deployments")
    tell(stand_in, "w1/stages")
    found = read(apigatewayv2.DEPLOYMENT, apigatewayv2.STAGE).of("aws_apigatewayv2_deployment")
    assert {each.id: each.owner for each in found} == {
        "d1": "apigateway: automatic deployment",
        "d2": None,
        "d3": "apigateway: earlier deployments",
    }
    assert found[1].attributes == {"api_id": "h1", "auto_deployed": False, "description": None}


def test_model(stand_in):
    tell(stand_in, "h1/models")
    tell(stand_in, "w1/models", {"modelId": "m1", "name": "m", "contentType": "application/json", "schema": "{}"})
    found = one(apigatewayv2.MODEL)
    assert (found.id, found.identity) == ("m1", "w1/m1")
    assert found.attributes == {
        "api_id": "w1",
        "content_type": "application/json",
        "description": None,
        "name": "m",
        "schema": "{}",
    }


def test_responses_are_asked_for_of_web_sockets_only(stand_in):
    tell(stand_in, "w1/routes", {"routeId": "r1", "routeKey": "$default"})
    tell(stand_in, "w1/routes/r1/routeresponses", {"routeResponseId": "p1", "routeResponseKey": "$default"})
    tell(stand_in, "w1/integrations", {"integrationId": "i1"})
    reply = {"integrationResponseId": "q1", "integrationResponseKey": "/200/", "responseTemplates": {"a/b": "c"}}
    tell(stand_in, "w1/integrations/i1/integrationresponses", reply)
    route, integration = one(apigatewayv2.ROUTE_RESPONSE), one(apigatewayv2.INTEGRATION_RESPONSE)
    assert (route.identity, integration.identity) == ("w1/r1/p1", "w1/i1/q1")
    assert route.attributes == {
        "api_id": "w1",
        "model_selection_expression": None,
        "response_models": {},
        "route_id": "r1",
        "route_response_key": "$default",
    }
    assert integration.attributes == {
        "api_id": "w1",
        "content_handling_strategy": None,
        "integration_id": "i1",
        "integration_response_key": "/200/",
        "response_templates": {"a/b": "c"},
        "template_selection_expression": None,
    }
    assert not [each for each in stand_in.asked if "/h1/" in each]


def test_what_quick_create_made_has_an_owner(stand_in):
    tell(stand_in, "h1/routes", {"routeId": "r1", "routeKey": "$default"} | MADE)
    tell(stand_in, "w1/routes", {"routeId": "r2", "routeKey": "$default"})
    found = read(apigatewayv2.ROUTE).of("aws_apigatewayv2_route")
    assert {each.id: each.owner for each in found} == {"r1": "apigateway: quick create", "r2": None}


def test_all_pages_of_vpc_links(stand_in):
    rows = [
        {"vpcLinkId": id, "name": id, "vpcLinkStatus": status}
        for id, status in (("l1", "AVAILABLE"), ("l2", "DELETING"))
    ]
    stand_in.answers["GET /v2/vpclinks"] = answer({"items": rows[:1], "nextToken": "2"})
    stand_in.answers["GET /v2/vpclinks?nextToken=2"] = answer({"items": rows[1:]})
    found = read(apigatewayv2.VPC_LINK).of("aws_apigatewayv2_vpc_link")
    assert {each.id: each.fact("pending_deletion") for each in found} == {"l1": False, "l2": True}


def test_refused_routes_are_a_gap(stand_in):
    found = read(apigatewayv2.ROUTE)
    [gap] = found.gaps
    assert (gap.type, gap.kind, gap.permission) == ("aws_apigatewayv2_route", "denied", "apigateway:GET")


# --- forms ----------------------------------------------------------------------------------------------

QUIET = {"detailed_metrics_enabled": False, "logging_level": "", "throttling_burst_limit": 0}
SAME = [
    ("API", "cors_configuration", [{"allow_headers": ["Date", "X"]}], [{"allow_headers": ["x", "date"]}]),
    ("API", "route_selection_expression", "", "$request.method $request.path"),
    ("INTEGRATION", "passthrough_behavior", "", "WHEN_NO_MATCH"),
    ("ROUTE", "authorization_type", None, "NONE"),
    ("STAGE", "deployment_id", "d1", None),
    ("STAGE", "default_route_settings", [], [QUIET]),
    ("STAGE", "default_route_settings", [QUIET], [{"logging_level": "OFF"}]),
]
NOT_SAME = [
    ("AUTHORIZER", "authorizer_result_ttl_in_seconds", 0, 300),
    ("INTEGRATION", "payload_format_version", "2.0", "1.0"),
    ("STAGE", "deployment_id", "d1", "d2"),
    ("STAGE", "default_route_settings", [{"logging_level": "INFO"}], [{"logging_level": "OFF"}]),
    ("STAGE", "stage_variables", {"a": ""}, {}),
]


def differences(name, attribute, declared, live):
    return list(getattr(apigatewayv2, name).schema.forms[attribute].differences(attribute, declared, live))


@pytest.mark.parametrize("case", SAME)
def test_the_same_said_otherwise(case):
    assert differences(*case) == []


@pytest.mark.parametrize("case", NOT_SAME)
def test_not_the_same(case):
    assert differences(*case) != []


def test_corpus():
    assert_corpus_equals_itself(COLLECTORS)
