"""What people do to functions, and to the gateways before them, by hand."""

from __future__ import annotations

from tests.witness.case import Clients, State


def alias_turned_back(aws: Clients, state: State) -> None:
    aws("lambda").update_alias(FunctionName="worker", Name="live", FunctionVersion="$LATEST", Description="By hand")


def alias_deleted(aws: Clients, state: State) -> None:
    aws("lambda").delete_alias(FunctionName="worker", Name="live")


def permission_removed(aws: Clients, state: State) -> None:
    aws("lambda").remove_permission(FunctionName="worker", StatementId="topic")


def permission_given_by_hand(aws: Clients, state: State) -> None:
    aws("lambda").add_permission(
        FunctionName="worker", StatementId="everybody", Action="lambda:InvokeFunction", Principal="*"
    )


def permission_widened(aws: Clients, state: State) -> None:
    aws("lambda").remove_permission(FunctionName="worker", StatementId="topic")
    aws("lambda").add_permission(
        FunctionName="worker", StatementId="topic", Action="lambda:InvokeFunction", Principal="sns.amazonaws.com"
    )


def mapping_switched_off(aws: Clients, state: State) -> None:
    aws("lambda").update_event_source_mapping(UUID=state["aws_lambda_event_source_mapping.work"]["id"], Enabled=False)


def mapping_given_more(aws: Clients, state: State) -> None:
    aws("lambda").update_event_source_mapping(UUID=state["aws_lambda_event_source_mapping.work"]["id"], BatchSize=10)


def mapping_deleted(aws: Clients, state: State) -> None:
    aws("lambda").delete_event_source_mapping(UUID=state["aws_lambda_event_source_mapping.work"]["id"])


def invoke_config_deleted(aws: Clients, state: State) -> None:
    aws("lambda").delete_function_event_invoke_config(FunctionName="worker")


def layer_deleted(aws: Clients, state: State) -> None:
    aws("lambda").delete_layer_version(LayerName="common", VersionNumber=1)


def concurrency_freed(aws: Clients, state: State) -> None:
    aws("lambda").delete_function_concurrency(FunctionName="worker")


def function_given_more(aws: Clients, state: State) -> None:
    aws("lambda").update_function_configuration(FunctionName="worker", MemorySize=2048, Description="By hand")


# --- gateways of the first kind


def _api(state: State) -> str:
    return str(state["aws_api_gateway_rest_api.shop"]["id"])


def _replace(path: str, value: str) -> list[dict[str, str]]:
    return [{"op": "replace", "path": path, "value": value}]


def api_opened(aws: Clients, state: State) -> None:
    changes = _replace("/disableExecuteApiEndpoint", "false") + _replace("/description", "By hand")
    aws("apigateway").update_rest_api(restApiId=_api(state), patchOperations=changes)


def api_deleted(aws: Clients, state: State) -> None:
    aws("apigateway").delete_rest_api(restApiId=state["aws_api_gateway_rest_api.plain"]["id"])


def path_added(aws: Clients, state: State) -> None:
    api = _api(state)
    root = state["aws_api_gateway_rest_api.shop"]["root_resource_id"]
    aws("apigateway").create_resource(restApiId=api, parentId=root, pathPart="debug")


def authorizer_kept_longer(aws: Clients, state: State) -> None:
    aws("apigateway").update_authorizer(
        restApiId=_api(state),
        authorizerId=state["aws_api_gateway_authorizer.token"]["id"],
        patchOperations=_replace("/authorizerResultTtlInSeconds", "3600"),
    )


def authorizer_deleted(aws: Clients, state: State) -> None:
    authorizer = state["aws_api_gateway_authorizer.token"]["id"]
    aws("apigateway").delete_authorizer(restApiId=_api(state), authorizerId=authorizer)


def validator_weakened(aws: Clients, state: State) -> None:
    aws("apigateway").update_request_validator(
        restApiId=_api(state),
        requestValidatorId=state["aws_api_gateway_request_validator.body"]["id"],
        patchOperations=_replace("/validateRequestBody", "false"),
    )


def model_deleted(aws: Clients, state: State) -> None:
    aws("apigateway").delete_model(restApiId=_api(state), modelName="Order")


def integration_slowed(aws: Clients, state: State) -> None:
    aws("apigateway").put_integration(
        restApiId=_api(state),
        resourceId=state["aws_api_gateway_resource.order"]["id"],
        httpMethod="GET",
        type="AWS",
        integrationHttpMethod="POST",
        uri=state["aws_lambda_function.worker"]["invoke_arn"],
        passthroughBehavior="WHEN_NO_TEMPLATES",
        timeoutInMillis=29000,
    )


def refusal_said_otherwise(aws: Clients, state: State) -> None:
    aws("apigateway").put_gateway_response(
        restApiId=_api(state), responseType="UNAUTHORIZED", statusCode="200", responseTemplates={}
    )


def stage_retuned(aws: Clients, state: State) -> None:
    changes = _replace("/tracingEnabled", "false") + _replace("/variables/colour", "green")
    aws("apigateway").update_stage(restApiId=_api(state), stageName="live", patchOperations=changes)


def stage_calls_unlimited(aws: Clients, state: State) -> None:
    aws("apigateway").update_stage(
        restApiId=_api(state),
        stageName="live",
        patchOperations=_replace("/*/*/throttling/rateLimit", "100000") + _replace("/*/*/logging/loglevel", "OFF"),
    )


def stage_deleted(aws: Clients, state: State) -> None:
    aws("apigateway").delete_stage(restApiId=_api(state), stageName="live")


def partner_renamed(aws: Clients, state: State) -> None:
    plan = state["aws_api_gateway_usage_plan.partner"]["id"]
    aws("apigateway").update_usage_plan(usagePlanId=plan, patchOperations=_replace("/name", "by hand"))


def partner_shut_out(aws: Clients, state: State) -> None:
    key = state["aws_api_gateway_api_key.partner"]["id"]
    aws("apigateway").update_api_key(apiKey=key, patchOperations=_replace("/enabled", "false"))


def partner_key_deleted(aws: Clients, state: State) -> None:
    aws("apigateway").delete_api_key(apiKey=state["aws_api_gateway_api_key.partner"]["id"])


# --- gateways of the second kind


def _web(state: State) -> str:
    return str(state["aws_apigatewayv2_api.web"]["id"])


def any_origin_let_in(aws: Clients, state: State) -> None:
    cors = {"AllowOrigins": ["*"], "AllowMethods": ["*"], "MaxAge": 300, "AllowHeaders": ["content-type"]}
    aws("apigatewayv2").update_api(ApiId=_web(state), CorsConfiguration=cors)


def chat_chosen_otherwise(aws: Clients, state: State) -> None:
    api = state["aws_apigatewayv2_api.chat"]["id"]
    aws("apigatewayv2").update_api(ApiId=api, RouteSelectionExpression="$request.body.kind", Description="By hand")


def chat_deleted(aws: Clients, state: State) -> None:
    aws("apigatewayv2").delete_api(ApiId=state["aws_apigatewayv2_api.chat"]["id"])


def route_opened(aws: Clients, state: State) -> None:
    route = state["aws_apigatewayv2_route.rest"]["id"]
    aws("apigatewayv2").update_route(ApiId=_web(state), RouteId=route, AuthorizationType="NONE")


def route_deleted(aws: Clients, state: State) -> None:
    aws("apigatewayv2").delete_route(ApiId=_web(state), RouteId=state["aws_apigatewayv2_route.order"]["id"])


def route_added(aws: Clients, state: State) -> None:
    aws("apigatewayv2").create_route(ApiId=_web(state), RouteKey="GET /debug")


def calls_sent_elsewhere(aws: Clients, state: State) -> None:
    integration = state["aws_apigatewayv2_integration.elsewhere"]["id"]
    aws("apigatewayv2").update_integration(
        ApiId=_web(state), IntegrationId=integration, IntegrationUri="https://example.com", TimeoutInMillis=1000
    )


def web_stage_deleted(aws: Clients, state: State) -> None:
    aws("apigatewayv2").delete_stage(ApiId=_web(state), StageName="$default")


def web_retagged(aws: Clients, state: State) -> None:
    aws("apigatewayv2").tag_resource(ResourceArn=state["aws_apigatewayv2_api.web"]["arn"], Tags={"Team": "nobody"})


GAPS = {
    "apigatewayv2:GetAuthorizers",
    "apigatewayv2:GetDeployments",
    "apigatewayv2:GetModels",
    "lambda:ListFunctionUrlConfigs",
}
"""The operations that moto does not have."""

UNMANAGED = "Terraform never looks for what it does not manage: to us a part of something managed is a change of that"

EXPLAINED: dict[str, dict[str, str]] = {
    "alias_deleted": {
        "terraform: missing aws_lambda_permission.bucket": (
            "moto keeps one policy for a function and all its aliases, and so the permission of an alias that is gone"
        ),
    },
    "mapping_switched_off": {
        "terraform: changed aws_lambda_event_source_mapping.work state": "what is asked for is told, as enabled",
    },
    "path_added": {"ours: changed aws_api_gateway_rest_api.shop resource": UNMANAGED},
    "permission_given_by_hand": {"ours: changed aws_lambda_function.worker permission": UNMANAGED},
    "permission_widened": {
        "ours: changed aws_lambda_permission.topic source_arn": (
            "the provider leaves a condition in the state that a statement no longer has"
        ),
    },
    "route_added": {"ours: changed aws_apigatewayv2_api.web route": UNMANAGED},
}
"""What only one of the two says after a change, and why that is as it should be."""
