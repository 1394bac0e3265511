"""What `import` takes for a resource: its id in the state, but for the types named here.

Terraform's import speaks another language than its state in one type of six: names where the state has ARNs,
and parts in another order. What it takes is what the provider itself asks for when it is given something else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from state import Resource

Says = Callable[[Resource], str]


class NoImport(ValueError):
    """The provider imports no resource of this type, or what it takes could not be seen."""


def import_id(resource: Resource) -> str:
    """What to give to `import` for it. Raises NoImport, which says why there is nothing."""
    if resource.type in NOT_SUPPORTED:
        raise NoImport("the provider does not import this type")
    how = IDS.get(resource.type, "")
    if callable(how):
        return how(resource)
    if not how:
        return resource.id
    said = {name: _told(resource, name) for name in _names(how)}
    return how.format_map(said)


def _names(template: str) -> list[str]:
    return [each.partition("}")[0] for each in template.split("{")[1:]]


def _told(resource: Resource, name: str) -> str:
    value = resource.id if name == "id" else resource.attributes.get(name)
    if name in resource.unknown or value is None or isinstance(value, list | Mapping):
        raise NoImport(f"its {name} was not seen")
    return str(value).lower() if isinstance(value, bool) else str(value)


def _last(text: str) -> str:
    return text.rpartition("/")[2]


def _service(service: Resource) -> str:
    return f"{_last(_told(service, 'cluster'))}/{_told(service, 'name')}"


def _association(association: Resource) -> str:
    end = "subnet_id" if association.attributes.get("subnet_id") else "gateway_id"
    return f"{_told(association, end)}/{_told(association, 'route_table_id')}"


def _permission(permission: Resource) -> str:
    function, qualifier = _told(permission, "function_name"), permission.attributes.get("qualifier")
    return f"{function}{f':{qualifier}' if qualifier else ''}/{_told(permission, 'statement_id')}"


def _launch_permission(permission: Resource) -> str:
    ends = ("account_id", "group", "organization_arn", "organizational_unit_arn")
    end = next((name for name in ends if permission.attributes.get(name)), "account_id")
    return f"{_told(permission, end)}/{_told(permission, 'image_id')}"


def _key_of_user(key: Resource) -> str:
    """The encoding is how the key is shown, and not a thing of AWS's."""
    return f"{_told(key, 'username')}:{_told(key, 'ssh_public_key_id')}:SSH"


def _without_last_comma(rule: Resource) -> str:
    return rule.id.rstrip(",")


IDS: Mapping[str, str | Says] = {
    "aws_ami_launch_permission": _launch_permission,
    "aws_api_gateway_authorizer": "{rest_api_id}/{id}",
    "aws_api_gateway_deployment": "{rest_api_id}/{id}",
    "aws_api_gateway_gateway_response": "{rest_api_id}/{response_type}",
    "aws_api_gateway_integration": "{rest_api_id}/{resource_id}/{http_method}",
    "aws_api_gateway_integration_response": "{rest_api_id}/{resource_id}/{http_method}/{status_code}",
    "aws_api_gateway_method": "{rest_api_id}/{resource_id}/{http_method}",
    "aws_api_gateway_method_response": "{rest_api_id}/{resource_id}/{http_method}/{status_code}",
    "aws_api_gateway_method_settings": "{rest_api_id}/{stage_name}/{method_path}",
    "aws_api_gateway_model": "{rest_api_id}/{name}",
    "aws_api_gateway_request_validator": "{rest_api_id}/{id}",
    "aws_api_gateway_resource": "{rest_api_id}/{id}",
    "aws_api_gateway_stage": "{rest_api_id}/{stage_name}",
    "aws_apigatewayv2_authorizer": "{api_id}/{id}",
    "aws_apigatewayv2_deployment": "{api_id}/{id}",
    "aws_apigatewayv2_integration": "{api_id}/{id}",
    "aws_apigatewayv2_integration_response": "{api_id}/{integration_id}/{id}",
    "aws_apigatewayv2_model": "{api_id}/{id}",
    "aws_apigatewayv2_route": "{api_id}/{id}",
    "aws_apigatewayv2_route_response": "{api_id}/{route_id}/{id}",
    "aws_apigatewayv2_stage": "{api_id}/{name}",
    "aws_appautoscaling_policy": "{service_namespace}/{resource_id}/{scalable_dimension}/{name}",
    "aws_appautoscaling_target": "{service_namespace}/{resource_id}/{scalable_dimension}",
    "aws_autoscaling_lifecycle_hook": "{autoscaling_group_name}/{name}",
    "aws_autoscaling_policy": "{autoscaling_group_name}/{name}",
    "aws_autoscaling_schedule": "{autoscaling_group_name}/{scheduled_action_name}",
    "aws_backup_selection": "{plan_id}|{id}",
    "aws_cloudformation_stack": "{name}",
    "aws_cloudfront_key_value_store": "{name}",
    "aws_cloudwatch_event_target": "{event_bus_name}/{rule}/{target_id}",
    "aws_cloudwatch_log_metric_filter": "{log_group_name}:{name}",
    "aws_cloudwatch_log_subscription_filter": "{log_group_name}|{name}",
    "aws_codebuild_project": "{name}",
    "aws_codedeploy_app": "{name}",
    "aws_codedeploy_deployment_group": "{app_name}:{deployment_group_name}",
    "aws_cognito_user_pool_client": "{user_pool_id}/{id}",
    "aws_db_instance": "{identifier}",
    "aws_ec2_client_vpn_authorization_rule": _without_last_comma,
    "aws_ec2_client_vpn_network_association": "{client_vpn_endpoint_id},{id}",
    "aws_ecs_account_setting_default": "{name}",
    "aws_ecs_cluster": "{name}",
    "aws_ecs_service": _service,
    "aws_ecs_task_definition": "{arn}",
    "aws_eks_pod_identity_association": "{cluster_name},{association_id}",
    "aws_iam_server_certificate": "{name}",
    "aws_iam_user_ssh_key": _key_of_user,
    "aws_kinesis_stream": "{name}",
    "aws_lambda_alias": "{function_name}/{name}",
    "aws_lambda_permission": _permission,
    "aws_network_acl_rule": "{network_acl_id}:{rule_number}:{protocol}:{egress}",
    "aws_network_interface_sg_attachment": "{network_interface_id}_{security_group_id}",
    "aws_opensearch_domain": "{domain_name}",
    "aws_route_table_association": _association,
    "aws_volume_attachment": "{device_name}:{volume_id}:{instance_id}",
    "aws_vpc_dhcp_options_association": "{vpc_id}",
    "aws_wafv2_ip_set": "{id}/{name}/{scope}",
    "aws_wafv2_regex_pattern_set": "{id}/{name}/{scope}",
    "aws_wafv2_rule_group": "{id}/{name}/{scope}",
    "aws_wafv2_web_acl": "{id}/{name}/{scope}",
}

NOT_SUPPORTED = frozenset(
    {
        "aws_acm_certificate_validation",
        "aws_appautoscaling_scheduled_action",
        "aws_autoscaling_attachment",
        "aws_autoscaling_notification",
        "aws_ec2_image_block_public_access",
        "aws_ec2_instance_metadata_defaults",
        "aws_elb_attachment",
        "aws_guardduty_detector_feature",
        "aws_inspector2_enabler",
        "aws_lb_cookie_stickiness_policy",
        "aws_lb_target_group_attachment",
        "aws_main_route_table_association",
        "aws_opensearch_domain_policy",
        "aws_snapshot_create_volume_permission",
        "aws_vpn_connection_route",
        "aws_vpn_gateway_attachment",
        "aws_vpn_gateway_route_propagation",
    }
)
"""Types of which the provider (5.100) says so itself."""
