"""What people do by hand to functions and gateways that are written otherwise."""

from __future__ import annotations

from tests.witness.case import Clients, State


def _trial_widened(aws: Clients, state: State) -> None:
    aws("lambda").update_alias(
        FunctionName="plain", Name="shared", RoutingConfig={"AdditionalVersionWeights": {"2": 0.9}}
    )


def _trial_ended(aws: Clients, state: State) -> None:
    aws("lambda").update_alias(FunctionName="plain", Name="shared", RoutingConfig={"AdditionalVersionWeights": {}})


def _organization_no_longer_asked_for(aws: Clients, state: State) -> None:
    aws("lambda").remove_permission(FunctionName="plain", StatementId="organization")
    aws("lambda").add_permission(
        FunctionName="plain", StatementId="organization", Action="lambda:GetFunction", Principal="*"
    )


def _stream_heard_late(aws: Clients, state: State) -> None:
    aws("lambda").update_event_source_mapping(
        UUID=state["aws_lambda_event_source_mapping.late"]["id"], Enabled=True, BatchSize=7
    )


def _successes_told_to_nobody(aws: Clients, state: State) -> None:
    aws("lambda").delete_function_event_invoke_config(FunctionName="plain")
    failed = {"OnFailure": {"Destination": state["aws_sns_topic.failed"]["arn"]}}
    aws("lambda").put_function_event_invoke_config(
        FunctionName="plain", MaximumEventAgeInSeconds=60, DestinationConfig=failed
    )


def _image_run_otherwise(aws: Clients, state: State) -> None:
    groups = [state["aws_security_group.main[0]"]["id"]]
    subnets = [state['aws_subnet.main["a"]']["id"]]
    aws("lambda").update_function_configuration(
        FunctionName="image",
        VpcConfig={"SubnetIds": subnets, "SecurityGroupIds": groups},
        Environment={"Variables": {"NUMBER": "2", "SWITCH": "true", "TEXT": " a"}},
        ImageConfig={"Command": ["app.other"], "WorkingDirectory": "/srv"},
    )


def _plain_given_variables(aws: Clients, state: State) -> None:
    aws("lambda").update_function_configuration(FunctionName="plain", Environment={"Variables": {"KEY": "1"}})


# --- gateways of the first kind


def _api(state: State, name: str = "ways") -> str:
    return str(state[f"aws_api_gateway_rest_api.{name}"]["id"])


def _replace(path: str, value: str) -> list[dict[str, str]]:
    return [{"op": "replace", "path": path, "value": value}]


def _asked_for_less(aws: Clients, state: State) -> None:
    changes = _replace("/identitySource", "method.request.header.Token") + _replace(
        "/authorizerResultTtlInSeconds", "300"
    )
    aws("apigateway").update_authorizer(
        restApiId=_api(state), authorizerId=state["aws_api_gateway_authorizer.asked"]["id"], patchOperations=changes
    )


def _cache_open(aws: Clients, state: State) -> None:
    changes = _replace("/one/POST/caching/dataEncrypted", "false") + _replace("/one/POST/caching/ttlInSeconds", "9")
    aws("apigateway").update_stage(restApiId=_api(state), stageName="cached", patchOperations=changes)


def _test_logged(aws: Clients, state: State) -> None:
    aws("apigateway").update_stage(
        restApiId=_api(state), stageName="test", patchOperations=_replace("/*/*/logging/loglevel", "INFO")
    )


def _key_let_in(aws: Clients, state: State) -> None:
    aws("apigateway").update_api_key(
        apiKey=state["aws_api_gateway_api_key.given"]["id"],
        patchOperations=_replace("/enabled", "true") + _replace("/description", "By hand"),
    )


def _plain_plan_limited(aws: Clients, state: State) -> None:
    aws("apigateway").update_usage_plan(
        usagePlanId=state["aws_api_gateway_usage_plan.plain"]["id"],
        patchOperations=_replace("/throttle/rateLimit", "1") + _replace("/throttle/burstLimit", "2"),
    )


def _every_refusal_told(aws: Clients, state: State) -> None:
    allowed = {"gatewayresponse.header.Access-Control-Allow-Origin": "'https://example.org'"}
    aws("apigateway").put_gateway_response(
        restApiId=_api(state), responseType="DEFAULT_5XX", responseParameters=allowed, responseTemplates={}
    )


def _answer_not_found_turned(aws: Clients, state: State) -> None:
    aws("apigateway").put_integration_response(
        restApiId=_api(state),
        resourceId=state['aws_api_gateway_resource.all["one"]']["id"],
        httpMethod="POST",
        statusCode="404",
        selectionPattern="404",
        responseParameters={"method.response.header.Colour": "'red'"},
    )


# --- gateways of the second kind


def _talk_answered_as_it_is(aws: Clients, state: State) -> None:
    answer = state['aws_apigatewayv2_integration_response.talk["$default"]']
    aws("apigatewayv2").update_integration_response(
        ApiId=answer["api_id"],
        IntegrationId=answer["integration_id"],
        IntegrationResponseId=answer["id"],
        ContentHandlingStrategy="CONVERT_TO_BINARY",
    )


def _connecting_without_a_key(aws: Clients, state: State) -> None:
    route = state['aws_apigatewayv2_route.talk["$connect"]']
    aws("apigatewayv2").update_route(ApiId=route["api_id"], RouteId=route["id"], ApiKeyRequired=False)


def _quick_way_added(aws: Clients, state: State) -> None:
    aws("apigatewayv2").create_route(ApiId=state["aws_apigatewayv2_api.quick"]["id"], RouteKey="GET /debug")


def _clock_told_otherwise(aws: Clients, state: State) -> None:
    aws("application-autoscaling").put_scheduled_action(
        ServiceNamespace="lambda",
        ScheduledActionName="once",
        ResourceId="function:plain:shared",
        ScalableDimension="lambda:function:ProvisionedConcurrency",
        Schedule="at(2040-01-01T08:00:00)",
        Timezone="UTC",
        ScalableTargetAction={"MinCapacity": 1, "MaxCapacity": 50},
    )


def functions_run_otherwise(aws: Clients, state: State) -> None:
    _trial_widened(aws, state)
    _organization_no_longer_asked_for(aws, state)
    _stream_heard_late(aws, state)
    _image_run_otherwise(aws, state)


def functions_told_otherwise(aws: Clients, state: State) -> None:
    _trial_ended(aws, state)
    _successes_told_to_nobody(aws, state)
    _plain_given_variables(aws, state)
    _clock_told_otherwise(aws, state)


def ways_opened(aws: Clients, state: State) -> None:
    _asked_for_less(aws, state)
    _cache_open(aws, state)
    _key_let_in(aws, state)
    _every_refusal_told(aws, state)


def ways_told_otherwise(aws: Clients, state: State) -> None:
    _test_logged(aws, state)
    _plain_plan_limited(aws, state)
    _answer_not_found_turned(aws, state)


def talk_told_otherwise(aws: Clients, state: State) -> None:
    _talk_answered_as_it_is(aws, state)
    _connecting_without_a_key(aws, state)
    _quick_way_added(aws, state)


GAPS = {
    "apigatewayv2:GetAuthorizers",
    "apigatewayv2:GetDeployments",
    "apigatewayv2:GetModels",
    "apigatewayv2:GetRouteResponses",
    "ec2:DescribeSecurityGroupVpcAssociations",
    "lambda:ListFunctionUrlConfigs",
}
"""The operations that moto does not have."""

EXPLAINED: dict[str, dict[str, str]] = {
    "functions_run_otherwise": {
        "ours: changed aws_lambda_permission.organization principal_org_id": (
            "the provider leaves a condition in the state that a statement no longer has"
        ),
        "terraform: changed aws_lambda_event_source_mapping.late state": "what is asked for is told, as enabled",
    },
    "functions_told_otherwise": {
        "terraform: changed aws_lambda_function_event_invoke_config.both maximum_retry_attempts": (
            "left out, it is AWS's default, which the provider declares, and reads as none"
        ),
    },
    "talk_told_otherwise": {
        "ours: changed aws_apigatewayv2_api.quick route": (
            "Terraform never looks for what it does not manage: to us a part of something managed is a change of that"
        ),
    },
}
"""What only one of the two says after a change, and why that is as it should be."""
