"""What people do to gates by hand."""

from __future__ import annotations

from typing import Any

from tests.witness.case import Clients, State


def _api(state: State) -> str:
    found: str = state["aws_apigatewayv2_api.talk"]["id"]
    return found


def led_elsewhere(aws: Clients, state: State) -> None:
    operations = [{"op": "replace", "path": "/basePath", "value": "v2"}]
    aws("apigateway").update_base_path_mapping(domainName="api.example.com", basePath="v1", patchOperations=operations)


def _orders(state: State) -> dict[str, str]:
    resource = state["aws_api_gateway_resource.orders"]
    return {"restApiId": resource["rest_api_id"], "resourceId": resource["id"]}


def _method(aws: Clients, state: State, **changed: Any) -> None:
    """The method put again, and what answers it as it was; moto cannot change one."""
    answers = aws("apigateway").get_integration(**_orders(state), httpMethod="GET")
    said = {"httpMethod": "GET", "authorizationType": "NONE"} | changed
    aws("apigateway").put_method(**_orders(state), **said)
    kept = {name: answers[name] for name in ("type", "uri", "requestTemplates") if name in answers}
    _integration(aws, state, **kept, **({"integrationHttpMethod": "GET"} if "uri" in kept else {}))


def _integration(aws: Clients, state: State, **changed: Any) -> None:
    said = {"httpMethod": "GET", "type": "MOCK", "timeoutInMillis": 29000} | changed
    aws("apigateway").put_integration(**_orders(state), **said)


def orders_signed_for(aws: Clients, state: State) -> None:
    _method(aws, state, authorizationType="AWS_IAM")


def orders_asked_with_a_key(aws: Clients, state: State) -> None:
    _method(aws, state, apiKeyRequired=True)


def orders_not_asked(aws: Clients, state: State) -> None:
    aws("apigateway").delete_method(**_orders(state), httpMethod="GET")


def orders_deleted(aws: Clients, state: State) -> None:
    aws("apigateway").delete_resource(**_orders(state))


def orders_answered_elsewhere(aws: Clients, state: State) -> None:
    _integration(aws, state, type="HTTP_PROXY", integrationHttpMethod="GET", uri="https://elsewhere.example.net")


def orders_answered_otherwise(aws: Clients, state: State) -> None:
    _integration(aws, state, requestTemplates={"application/json": "{}"})


def _stage(aws: Clients, state: State, path: str, value: str) -> None:
    api = state["aws_api_gateway_rest_api.shop"]["id"]
    operations = [{"op": "replace", "path": path, "value": value}]
    aws("apigateway").update_stage(restApiId=api, stageName="live", patchOperations=operations)


def stage_given_a_variable(aws: Clients, state: State) -> None:
    _stage(aws, state, "/variables/mode", "test")


def stage_told_otherwise(aws: Clients, state: State) -> None:
    _stage(aws, state, "/description", "By hand")


def deployed_anew(aws: Clients, state: State) -> None:
    api = state["aws_api_gateway_rest_api.shop"]["id"]
    made = aws("apigateway").create_deployment(restApiId=api, description="By hand")
    _stage(aws, state, "/deploymentId", made["id"])


def told_otherwise(aws: Clients, state: State) -> None:
    aws("apigatewayv2").update_vpc_link(VpcLinkId=state["aws_apigatewayv2_vpc_link.inside"]["id"], Name="by-hand")
    aws("apigatewayv2").update_integration_response(
        ApiId=_api(state),
        IntegrationId=state["aws_apigatewayv2_integration.mock"]["id"],
        IntegrationResponseId=state["aws_apigatewayv2_integration_response.mock"]["id"],
        IntegrationResponseKey="/400/",
        ResponseTemplates={"application/json": "{}"},
    )


def tag_changed(aws: Clients, state: State) -> None:
    arn = state["aws_apigatewayv2_vpc_link.inside"]["arn"]
    aws("apigatewayv2").tag_resource(ResourceArn=arn, Tags={"Team": "nobody"})


def answers_shaped_otherwise(aws: Clients, state: State) -> None:
    aws("apigatewayv2").update_integration_response(
        ApiId=_api(state),
        IntegrationId=state["aws_apigatewayv2_integration.mock"]["id"],
        IntegrationResponseId=state["aws_apigatewayv2_integration_response.mock"]["id"],
        TemplateSelectionExpression="200",
    )


def _talk(state: State) -> dict[str, str]:
    return {"ApiId": _api(state), "IntegrationId": state["aws_apigatewayv2_integration.mock"]["id"]}


def talk_answered_otherwise(aws: Clients, state: State) -> None:
    aws("apigatewayv2").update_integration(**_talk(state), Description="By hand")


def talk_not_answered(aws: Clients, state: State) -> None:
    aws("apigatewayv2").delete_integration(**_talk(state))


def things_deleted(aws: Clients, state: State) -> None:
    aws("apigateway").delete_base_path_mapping(domainName="api.example.com", basePath="v1")
    aws("apigateway").delete_vpc_link(vpcLinkId=state["aws_api_gateway_vpc_link.inside"]["id"])
    aws("apigatewayv2").delete_vpc_link(VpcLinkId=state["aws_apigatewayv2_vpc_link.inside"]["id"])
    aws("apigatewayv2").delete_integration_response(
        ApiId=_api(state),
        IntegrationId=state["aws_apigatewayv2_integration.mock"]["id"],
        IntegrationResponseId=state["aws_apigatewayv2_integration_response.mock"]["id"],
    )


def name_deleted(aws: Clients, state: State) -> None:
    aws("apigateway").delete_domain_name(domainName="api.example.com")


def old_ciphers_let_in(aws: Clients, state: State) -> None:
    """The name made again; moto cannot change one."""
    name = state["aws_api_gateway_domain_name.shop"]
    aws("apigateway").delete_domain_name(domainName="api.example.com")
    aws("apigateway").create_domain_name(
        domainName="api.example.com",
        regionalCertificateArn=name["regional_certificate_arn"],
        endpointConfiguration={"types": ["REGIONAL"]},
        securityPolicy="TLS_1_0",
        tags={"Team": "shop"},
    )


def link_made_anew(aws: Clients, state: State) -> None:
    """Deleted and made again; moto cannot change one."""
    link = state["aws_api_gateway_vpc_link.inside"]
    aws("apigateway").delete_vpc_link(vpcLinkId=link["id"])
    aws("apigateway").create_vpc_link(name="by-hand", targetArns=list(link["target_arns"]))


GAPS = {"apigatewayv2:GetAuthorizers", "apigatewayv2:GetDeployments", "apigatewayv2:GetModels"}
"""The operations that moto does not have."""

UNMANAGED = "Terraform never looks for what it does not manage"
EMPTY = "moto tells of an integration whose method is gone, and nothing in it"
PLACES = "addresses and nodes that AWS gives by itself, and no drift"

PART = "Terraform never looks for what it does not manage: to us a part of something managed is a change of that"

EXPLAINED: dict[str, dict[str, str]] = {
    "deployed_anew": {"ours: changed aws_api_gateway_rest_api.shop deployment": PART},
    "led_elsewhere": {"ours: changed aws_api_gateway_domain_name.shop mapping": UNMANAGED},
    "link_made_anew": {"ours: unmanaged aws_api_gateway_vpc_link by-hand": UNMANAGED},
    "old_ciphers_let_in": {
        "terraform: changed aws_api_gateway_domain_name.shop cloudfront_domain_name": PLACES,
        "terraform: changed aws_api_gateway_domain_name.shop regional_domain_name": PLACES,
    },
    "orders_not_asked": {
        "ours: missing aws_api_gateway_integration.orders": EMPTY,
        "terraform: changed aws_api_gateway_integration.orders timeout_milliseconds": EMPTY,
        "terraform: changed aws_api_gateway_integration.orders type": EMPTY,
    },
}
"""What only one of the two says after a change, and why that is as it should be."""
