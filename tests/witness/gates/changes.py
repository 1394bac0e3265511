"""What people do to gates by hand."""

from __future__ import annotations

from tests.witness.case import Clients, State


def _api(state: State) -> str:
    found: str = state["aws_apigatewayv2_api.talk"]["id"]
    return found


def led_elsewhere(aws: Clients, state: State) -> None:
    operations = [{"op": "replace", "path": "/basePath", "value": "v2"}]
    aws("apigateway").update_base_path_mapping(domainName="api.example.com", basePath="v1", patchOperations=operations)


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


GAPS = {"apigatewayv2:GetAuthorizers", "apigatewayv2:GetDeployments", "apigatewayv2:GetModels"}
"""The operations that moto does not have."""

EXPLAINED: dict[str, dict[str, str]] = {
    "led_elsewhere": {
        "ours: changed aws_api_gateway_domain_name.shop mapping": "Terraform never looks for what it does not manage",
    },
}
"""What only one of the two says after a change, and why that is as it should be."""
