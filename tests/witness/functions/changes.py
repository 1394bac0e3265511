"""What people do to functions, and to the gateways before them, by hand."""

from __future__ import annotations

from pathlib import Path

from tests.witness.case import Clients, State


def alias_turned_back(aws: Clients, state: State) -> None:
    aws("lambda").update_alias(FunctionName="worker", Name="live", FunctionVersion="$LATEST", Description="By hand")


def alias_shared_with_a_trial(aws: Clients, state: State) -> None:
    trial = {"AdditionalVersionWeights": {"$LATEST": 0.5}}
    aws("lambda").update_alias(FunctionName="worker", Name="live", RoutingConfig=trial)


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


def _invoke_config(aws: Clients, **settings: object) -> None:
    aws("lambda").delete_function_event_invoke_config(FunctionName="worker")  # moto would tell the first
    aws("lambda").put_function_event_invoke_config(FunctionName="worker", MaximumEventAgeInSeconds=120, **settings)


def failures_tried_again(aws: Clients, state: State) -> None:
    told = {"OnFailure": {"Destination": state["aws_sns_topic.failed"]["arn"]}}
    _invoke_config(aws, MaximumRetryAttempts=2, DestinationConfig=told)


def failures_told_to_nobody(aws: Clients, state: State) -> None:
    _invoke_config(aws, MaximumRetryAttempts=0)


def invoke_config_deleted(aws: Clients, state: State) -> None:
    aws("lambda").delete_function_event_invoke_config(FunctionName="worker")


def layer_made_by_hand(aws: Clients, state: State) -> None:
    code = (Path(__file__).parent / "worker.zip").read_bytes()
    aws("lambda").publish_layer_version(LayerName="common", Description="By hand", Content={"ZipFile": code})


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


def log_writer_changed(aws: Clients, state: State) -> None:
    role = "arn:aws:iam::123456789012:role/other"
    aws("apigateway").update_account(patchOperations=_replace("/cloudwatchRoleArn", role))


def log_writer_taken(aws: Clients, state: State) -> None:
    aws("apigateway").update_account(patchOperations=_replace("/cloudwatchRoleArn", ""))


def usage_planned(aws: Clients, state: State) -> None:
    changes = [{"op": "add", "path": "/features", "value": "UsagePlans"}]
    aws("apigateway").update_account(patchOperations=changes)


def api_opened(aws: Clients, state: State) -> None:
    changes = _replace("/disableExecuteApiEndpoint", "false") + _replace("/description", "By hand")
    aws("apigateway").update_rest_api(restApiId=_api(state), patchOperations=changes)


def api_deleted(aws: Clients, state: State) -> None:
    aws("apigateway").delete_rest_api(restApiId=state["aws_api_gateway_rest_api.plain"]["id"])


def path_added(aws: Clients, state: State) -> None:
    api = _api(state)
    root = state["aws_api_gateway_rest_api.shop"]["root_resource_id"]
    aws("apigateway").create_resource(restApiId=api, parentId=root, pathPart="debug")


def path_deleted(aws: Clients, state: State) -> None:
    aws("apigateway").delete_resource(restApiId=_api(state), resourceId=_at(state)["resourceId"])


def paths_deleted(aws: Clients, state: State) -> None:
    for path in ("order", "orders"):
        resource = state[f"aws_api_gateway_resource.{path}"]["id"]
        aws("apigateway").delete_resource(restApiId=_api(state), resourceId=resource)


def _at(state: State, path: str = "order", method: str = "GET") -> dict[str, str]:
    resource = state[f"aws_api_gateway_resource.{path}"]["id"]
    return {"restApiId": _api(state), "resourceId": resource, "httpMethod": method}


def _method(aws: Clients, state: State, **settings: object) -> None:
    """Put anew with what is below it: moto has no other way to change it."""
    was = aws("apigateway").get_method(**_at(state))
    kept = ("authorizationType", "authorizerId", "apiKeyRequired", "requestValidatorId", "requestParameters")
    said = {name: was[name] for name in (*kept, "requestModels")}
    aws("apigateway").put_method(**_at(state), **said | settings)
    for response in was.get("methodResponses", {}).values():
        aws("apigateway").put_method_response(**_at(state), **response)
    unsaid = ("httpMethod", "integrationResponses", "cacheNamespace", "cacheKeyParameters")
    integration = {name: each for name, each in was["methodIntegration"].items() if name not in unsaid}
    aws("apigateway").put_integration(**_at(state), integrationHttpMethod="POST", **integration)
    for answer in was["methodIntegration"].get("integrationResponses", {}).values():
        aws("apigateway").put_integration_response(**_at(state), **answer)


def order_asked_for_by_anybody(aws: Clients, state: State) -> None:
    _method(aws, state, authorizationType="NONE", authorizerId="")


def order_asked_for_without_a_key(aws: Clients, state: State) -> None:
    _method(aws, state, apiKeyRequired=False)


def preflight_no_longer_answered(aws: Clients, state: State) -> None:
    aws("apigateway").delete_method(**_at(state, "orders", "OPTIONS"))


def _response(aws: Clients, state: State, **settings: object) -> None:
    aws("apigateway").put_method_response(**_at(state), statusCode="200", **settings)


def answer_without_its_header(aws: Clients, state: State) -> None:
    _response(aws, state, responseModels={"application/json": "Empty"})


def answer_of_another_shape(aws: Clients, state: State) -> None:
    _response(
        aws,
        state,
        responseModels={"application/json": "Order"},
        responseParameters={"method.response.header.Colour": True},
    )


def answer_chosen_otherwise(aws: Clients, state: State) -> None:
    aws("apigateway").put_integration_response(
        **_at(state), statusCode="200", selectionPattern=".*", responseTemplates={"application/json": "{}"}
    )


def answer_translated_otherwise(aws: Clients, state: State) -> None:
    aws("apigateway").put_integration_response(
        **_at(state), statusCode="200", selectionPattern="ok.*", responseTemplates={"application/json": "$input"}
    )


def answer_no_longer_translated(aws: Clients, state: State) -> None:
    aws("apigateway").delete_integration_response(**_at(state), statusCode="200")


def _authorizer(aws: Clients, state: State, path: str, value: str) -> None:
    authorizer = state["aws_api_gateway_authorizer.token"]["id"]
    changes = _replace(path, value)
    aws("apigateway").update_authorizer(restApiId=_api(state), authorizerId=authorizer, patchOperations=changes)


def authorizer_kept_longer(aws: Clients, state: State) -> None:
    _authorizer(aws, state, "/authorizerResultTtlInSeconds", "3600")


def authorizer_lets_any_token_in(aws: Clients, state: State) -> None:
    _authorizer(aws, state, "/identityValidationExpression", ".*")


def authorizer_deleted(aws: Clients, state: State) -> None:
    authorizer = state["aws_api_gateway_authorizer.token"]["id"]
    aws("apigateway").delete_authorizer(restApiId=_api(state), authorizerId=authorizer)


def _validator(aws: Clients, state: State, path: str, value: str) -> None:
    validator = state["aws_api_gateway_request_validator.body"]["id"]
    aws("apigateway").update_request_validator(
        restApiId=_api(state), requestValidatorId=validator, patchOperations=_replace(path, value)
    )


def validator_weakened(aws: Clients, state: State) -> None:
    _validator(aws, state, "/validateRequestBody", "false")


def validator_asks_more(aws: Clients, state: State) -> None:
    _validator(aws, state, "/validateRequestParameters", "true")


def _model(aws: Clients, state: State, **settings: str) -> None:
    """Made anew: moto does not change one."""
    aws("apigateway").delete_model(restApiId=_api(state), modelName="Order")
    said = {"contentType": "application/json", "schema": state["aws_api_gateway_model.order"]["schema"]} | settings
    aws("apigateway").create_model(restApiId=_api(state), name="Order", **said)


def model_asks_less(aws: Clients, state: State) -> None:
    _model(aws, state, schema='{"type": "object"}')


def model_described_otherwise(aws: Clients, state: State) -> None:
    _model(aws, state, description="By hand")


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


def integration_turned_elsewhere(aws: Clients, state: State) -> None:
    aws("apigateway").put_integration(
        **_at(state, "orders", "OPTIONS"),
        type="HTTP",
        integrationHttpMethod="POST",
        uri="https://elsewhere.example.net",
        timeoutInMillis=29000,
    )


def preflight_turned_nowhere(aws: Clients, state: State) -> None:
    aws("apigateway").delete_integration(**_at(state, "orders", "OPTIONS"))


def refusal_said_otherwise(aws: Clients, state: State) -> None:
    aws("apigateway").put_gateway_response(
        restApiId=_api(state), responseType="UNAUTHORIZED", statusCode="200", responseTemplates={}
    )


def refusal_says_more(aws: Clients, state: State) -> None:
    aws("apigateway").put_gateway_response(
        restApiId=_api(state),
        responseType="UNAUTHORIZED",
        statusCode="401",
        responseTemplates=state["aws_api_gateway_gateway_response.denied"]["response_templates"],
        responseParameters={"gatewayresponse.header.Access-Control-Allow-Origin": "'*'"},
    )


def refusal_deleted(aws: Clients, state: State) -> None:
    aws("apigateway").delete_gateway_response(restApiId=_api(state), responseType="UNAUTHORIZED")


def shop_deleted(aws: Clients, state: State) -> None:
    aws("apigateway").delete_rest_api(restApiId=_api(state))


def stage_retuned(aws: Clients, state: State) -> None:
    changes = _replace("/tracingEnabled", "false") + _replace("/variables/colour", "green")
    aws("apigateway").update_stage(restApiId=_api(state), stageName="live", patchOperations=changes)


def stage_calls_no_longer_logged(aws: Clients, state: State) -> None:
    changes = [{"op": "remove", "path": "/accessLogSettings"}]
    aws("apigateway").update_stage(restApiId=_api(state), stageName="live", patchOperations=changes)


def stage_calls_no_longer_counted(aws: Clients, state: State) -> None:
    changes = _replace("/*/*/metrics/enabled", "false")
    aws("apigateway").update_stage(restApiId=_api(state), stageName="live", patchOperations=changes)


def stage_calls_unlimited(aws: Clients, state: State) -> None:
    changes = _replace("/*/*/throttling/rateLimit", "100000") + _replace("/*/*/logging/loglevel", "OFF")
    aws("apigateway").update_stage(restApiId=_api(state), stageName="live", patchOperations=changes)


def stage_deleted(aws: Clients, state: State) -> None:
    aws("apigateway").delete_stage(restApiId=_api(state), stageName="live")


def _plan(aws: Clients, state: State, *changes: dict[str, str]) -> None:
    plan = state["aws_api_gateway_usage_plan.partner"]["id"]
    aws("apigateway").update_usage_plan(usagePlanId=plan, patchOperations=changes)


def partner_renamed(aws: Clients, state: State) -> None:
    _plan(aws, state, *_replace("/name", "by hand"))


def partner_asks_without_end(aws: Clients, state: State) -> None:
    _plan(aws, state, {"op": "remove", "path": "/quota"})


def partner_asks_faster(aws: Clients, state: State) -> None:
    _plan(aws, state, *_replace("/throttle/rateLimit", "10000"))


def partner_kept_from_the_shop(aws: Clients, state: State) -> None:
    _plan(aws, state, {"op": "remove", "path": "/apiStages", "value": f"{_api(state)}:live"})


def partner_key_described_otherwise(aws: Clients, state: State) -> None:
    key = state["aws_api_gateway_api_key.partner"]["id"]
    aws("apigateway").update_api_key(apiKey=key, patchOperations=_replace("/description", "By hand"))


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


def route_led_elsewhere(aws: Clients, state: State) -> None:
    route = state["aws_apigatewayv2_route.order"]["id"]
    target = f"integrations/{state['aws_apigatewayv2_integration.elsewhere']['id']}"
    aws("apigatewayv2").update_route(ApiId=_web(state), RouteId=route, Target=target)


def route_deleted(aws: Clients, state: State) -> None:
    aws("apigatewayv2").delete_route(ApiId=_web(state), RouteId=state["aws_apigatewayv2_route.order"]["id"])


def route_added(aws: Clients, state: State) -> None:
    aws("apigatewayv2").create_route(ApiId=_web(state), RouteKey="GET /debug")


def calls_sent_elsewhere(aws: Clients, state: State) -> None:
    integration = state["aws_apigatewayv2_integration.elsewhere"]["id"]
    aws("apigatewayv2").update_integration(
        ApiId=_web(state), IntegrationId=integration, IntegrationUri="https://example.com", TimeoutInMillis=1000
    )


def calls_given_less_time(aws: Clients, state: State) -> None:
    integration = state["aws_apigatewayv2_integration.web"]["id"]
    aws("apigatewayv2").update_integration(ApiId=_web(state), IntegrationId=integration, TimeoutInMillis=50)


def integration_deleted(aws: Clients, state: State) -> None:
    integration = state["aws_apigatewayv2_integration.web"]["id"]
    aws("apigatewayv2").delete_integration(ApiId=_web(state), IntegrationId=integration)


def _stage(aws: Clients, state: State, **settings: object) -> None:
    """Made anew: moto does not change one."""
    was = aws("apigatewayv2").get_stage(ApiId=_web(state), StageName="$default")
    aws("apigatewayv2").delete_stage(ApiId=_web(state), StageName="$default")
    kept = ("StageName", "AutoDeploy", "Description", "StageVariables", "AccessLogSettings", "DefaultRouteSettings")
    said = {name: was[name] for name in kept} | {"Tags": {"Stage": "live"}} | settings
    aws("apigatewayv2").create_stage(ApiId=_web(state), **said)


def web_no_longer_logged(aws: Clients, state: State) -> None:
    _stage(aws, state, AccessLogSettings={})


def web_slowed(aws: Clients, state: State) -> None:
    _stage(aws, state, DefaultRouteSettings={"ThrottlingBurstLimit": 1, "ThrottlingRateLimit": 1})


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

NO_INTEGRATION = "moto tells an empty integration where there is none; AWS says that there is none"

EMPTY = {
    "ours: missing aws_api_gateway_integration.orders": NO_INTEGRATION,
    "terraform: changed aws_api_gateway_integration.orders timeout_milliseconds": NO_INTEGRATION,
    "terraform: changed aws_api_gateway_integration.orders type": NO_INTEGRATION,
}

EXPLAINED: dict[str, dict[str, str]] = {
    "alias_deleted": {
        "terraform: missing aws_lambda_permission.bucket": (
            "moto keeps one policy for a function and all its aliases, and so the permission of an alias that is gone"
        ),
    },
    "layer_made_by_hand": {
        "ours: unmanaged aws_lambda_layer_version arn:aws:lambda:eu-west-1:123456789012:layer:common:2": (
            "Terraform never looks for what it does not manage"
        ),
    },
    "mapping_switched_off": {
        "terraform: changed aws_lambda_event_source_mapping.work state": "what is asked for is told, as enabled",
    },
    "partner_asks_without_end": {
        "ours: changed aws_api_gateway_usage_plan.partner quota_settings": (
            "the provider leaves a block in the state that a plan no longer has"
        ),
    },
    "path_added": {"ours: changed aws_api_gateway_rest_api.shop resource": UNMANAGED},
    "permission_given_by_hand": {"ours: changed aws_lambda_function.worker permission": UNMANAGED},
    "permission_widened": {
        "ours: changed aws_lambda_permission.topic source_arn": (
            "the provider leaves a condition in the state that a statement no longer has"
        ),
    },
    "preflight_no_longer_answered": EMPTY,
    "preflight_turned_nowhere": EMPTY,
    "usage_planned": {
        "terraform: changed aws_api_gateway_account.all features": "what AWS switches on by itself, and no drift",
    },
    "route_added": {"ours: changed aws_apigatewayv2_api.web route": UNMANAGED},
}
"""What only one of the two says after a change, and why that is as it should be."""
