"""What Terraform and AWS write differently, type by type: the same, or another; and what an older provider wrote."""

from __future__ import annotations

from base64 import b64decode
from hashlib import sha1
from typing import Any

import pytest

from scanner.collectors import collectors, schemas
from state.terraform.settle import settle
from state.terraform.statefile import parse, resources
from tests.conftest import ACCOUNT
from tests.state.terraform.states import block, state

WINDOW, Window = "mon:03:00-mon:04:00", "Mon:03:00-Mon:04:00"
QUEUE = '{{"deadLetterTargetArn": "arn:aws:sqs:eu-west-1:1:dlq", "maxReceiveCount": {}}}'
ALL = '{{"Statement": [{{"Action": "sqs:*", "Effect": "Allow", "Principal": {}, "Resource": "*"}}]}}'
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
OFF = {"mode": "off", "advertise_trust_store_ca_names": "", "ignore_client_certificate_expiry": False}
TO_ONE = {"target_group": [{"arn": "arn:tg", "weight": 1}], "stickiness": [{"enabled": False, "duration": 0}]}
TEXT_LOGS = {"log_format": "Text", "log_group": "/aws/lambda/f", "application_log_level": "", "system_log_level": ""}
OWN = {"rest.action.multi.allow_explicit_index": "true"}
PORT = '[{{"name": "web", "portMappings": [{{"containerPort": 80{}}}]}}]'
PACKED, OTHERWISE_PACKED = "H4sI/wA=", "H4sI/wE="
ALIAS = {"zone_id": "Z", "evaluate_target_health": False}

# fmt: off
SAME: list[tuple[str, str, Any, Any]] = [
    # lists whose order AWS does not keep
    ("aws_lb", "subnets", ["b", "a"], ["a", "b"]),
    ("aws_acm_certificate", "subject_alternative_names", ["a.example.com", "b"], ["b", "a.example.com"]),
    # a pinned version, which some are given of by AWS
    ("aws_db_instance", "engine_version", "8.0", "8.0.35"),
    ("aws_rds_cluster", "engine_version", "15", "15.4"),
    ("aws_rds_cluster_instance", "engine_version", "15", "15.4"),
    ("aws_docdb_cluster", "engine_version", "5.0", "5.0.0"),
    ("aws_neptune_cluster", "engine_version", "1.3", "1.3.0.0"),
    ("aws_elasticache_cluster", "engine_version", "6.x", "6.2.6"),
    ("aws_elasticache_replication_group", "engine_version", "7.1", "7.1.0"),
    ("aws_mq_broker", "engine_version", "5.18", "5.18.4"),
    # text whose case says nothing
    ("aws_db_instance", "engine", "MySQL", "mysql"),
    ("aws_db_instance", "identifier", "Orders", "orders"),
    ("aws_db_instance", "storage_type", "GP3", "gp3"),
    ("aws_elasticache_cluster", "cluster_id", "Shop", "shop"),
    ("aws_redshift_cluster", "cluster_identifier", "Shop", "shop"),
    ("aws_acm_certificate", "domain_name", "Shop.Example.com", "shop.example.com"),
    ("aws_route53_zone", "name", "Example.com.", "example.com"),
    ("aws_db_instance", "maintenance_window", Window, WINDOW),
    *((type, "preferred_maintenance_window", Window, WINDOW) for type in (
        "aws_rds_cluster", "aws_rds_cluster_instance", "aws_docdb_cluster", "aws_docdb_cluster_instance",
        "aws_neptune_cluster", "aws_neptune_cluster_instance", "aws_redshift_cluster", "aws_dms_replication_instance",
    )),
    ("aws_elasticache_replication_group", "maintenance_window", Window, WINDOW),
    # names in DNS
    ("aws_route53_record", "name", "*.Example.com", "\\052.example.com."),
    ("aws_route53_record", "alias", [ALIAS | {"name": "dualstack.a.elb"}], [ALIAS | {"name": "A.elb."}]),
    ("aws_route53_record", "ttl", None, 0),
    # documents
    ("aws_sqs_queue_redrive_policy", "redrive_policy", QUEUE.format('"5"'), QUEUE.format(5)),
    ("aws_sqs_queue_policy", "policy", ALL.format('"*"'), ALL.format('{"AWS": ["*"]}')),
    ("aws_sqs_queue_policy", "policy", ALL.format(f'{{"AWS": "{ACCOUNT}"}}'), ALL.format(f'{{"AWS": "{ROOT}"}}')),
    # what is off, and what is as AWS has it where nothing is said
    ("aws_lb", "access_logs", [{"enabled": False, "bucket": ""}], []),
    ("aws_lb_listener", "mutual_authentication", [], [{"mode": "off"}]),
    ("aws_lb_listener", "mutual_authentication", [OFF], [{"mode": "off"}]),
    ("aws_lb_listener", "default_action", [{"type": "forward", "target_group_arn": "arn:tg", "order": 1}],
     [{"type": "forward", "target_group_arn": "arn:tg", "forward": [TO_ONE]}]),
    ("aws_lb_listener", "default_action", [{"type": "forward", "forward": [TO_ONE]}],
     [{"type": "forward", "target_group_arn": "arn:tg"}]),
    ("aws_lb_target_group", "stickiness", [], [{"enabled": False, "type": "lb_cookie", "cookie_duration": 86400}]),
    ("aws_lambda_function", "environment", [{"variables": {}}], []),
    ("aws_lambda_function", "architectures", None, ["x86_64"]),
    ("aws_lambda_function", "package_type", None, "Zip"),
    ("aws_lambda_function", "ephemeral_storage", [], [{"size": 512}]),
    ("aws_lambda_function", "tracing_config", [], [{"mode": "PassThrough"}]),
    ("aws_lambda_function", "logging_config", [], [TEXT_LOGS]),
    ("aws_sns_topic", "lambda_success_feedback_sample_rate", None, 0),
    ("aws_sns_topic_subscription", "filter_policy_scope", None, "MessageAttributes"),
    ("aws_opensearch_domain", "cognito_options", [{"enabled": False}], []),
    ("aws_opensearch_domain", "advanced_options", {}, OWN),
    ("aws_opensearch_domain", "cluster_config", [{"warm_count": None}], [{"warm_count": 0}]),
    ("aws_ecs_service", "propagate_tags", "", "NONE"),
    ("aws_ecs_service", "task_definition", "web", "arn:aws:ecs:eu-west-1:1:task-definition/web:7"),
    ("aws_ecs_task_definition", "container_definitions", PORT.format(""), PORT.format(', "hostPort": 80')),
    ("aws_ecs_task_definition", "container_definitions", PORT.format(""), PORT.format(', "hostPort": 0')),
    ("aws_instance", "user_data_base64", PACKED, sha1(b64decode(PACKED)).hexdigest()),
    ("aws_autoscaling_group", "target_group_arns", [], None),
    ("aws_autoscaling_group", "max_instance_lifetime", 0, None),
    ("aws_iam_role", "permissions_boundary", "", None),
    ("aws_vpc", "ipv6_cidr_block", "", None),
    ("aws_vpc", "enable_network_address_usage_metrics", None, False),
    ("aws_cloudwatch_event_rule", "state", None, "ENABLED"),
    ("aws_launch_template", "network_interfaces", [{"associate_public_ip_address": "", "device_index": 0}],
     [{"associate_public_ip_address": None, "device_index": 0}]),
    ("aws_flow_log", "log_destination", "arn:aws:logs:eu-west-1:1:log-group:f:*",
     "arn:aws:logs:eu-west-1:1:log-group:f"),
    ("aws_lb", "idle_timeout", 60.0, 60),
]

OTHER: list[tuple[str, str, Any, Any]] = [
    ("aws_db_instance", "engine_version", "8.0", "8.4.3"),
    ("aws_eks_cluster", "version", "1.27", "1.28"),
    ("aws_opensearch_domain", "engine_version", "OpenSearch_2.5", "OpenSearch_2.7"),
    ("aws_db_instance", "maintenance_window", WINDOW, "tue:03:00-tue:04:00"),
    ("aws_route53_record", "name", "*.example.com", "www.example.com"),
    ("aws_sqs_queue_redrive_policy", "redrive_policy", QUEUE.format('"5"'), QUEUE.format(6)),
    ("aws_sqs_queue_policy", "policy", ALL.format(f'{{"AWS": "{ACCOUNT}"}}'), ALL.format('"*"')),
    ("aws_lb_listener", "mutual_authentication", [], [{"mode": "verify"}]),
    ("aws_lb_listener", "default_action", [{"type": "forward", "forward": [TO_ONE]}],
     [{"type": "forward", "target_group_arn": "arn:other"}]),
    ("aws_lambda_function", "layers", ["a", "b"], ["b", "a"]),
    ("aws_lambda_function", "tracing_config", [], [{"mode": "Active"}]),
    ("aws_lambda_function", "ephemeral_storage", [], [{"size": 1024}]),
    ("aws_sns_topic_subscription", "filter_policy_scope", None, "MessageBody"),
    ("aws_opensearch_domain", "advanced_options", {}, OWN | {"indices.query.bool.max_clause_count": "9"}),
    ("aws_ecs_service", "task_definition", "web", "arn:aws:ecs:eu-west-1:1:task-definition/shop:7"),
    ("aws_ecs_task_definition", "container_definitions", PORT.format(', "hostPort": 0'),
     PORT.format(', "hostPort": 80')),
    ("aws_ecs_task_definition", "container_definitions", PORT.format(""), PORT.format(', "hostPort": 81')),
    ("aws_instance", "user_data_base64", PACKED, sha1(b64decode(OTHERWISE_PACKED)).hexdigest()),
    ("aws_cloudwatch_event_rule", "state", "ENABLED", "DISABLED"),
]
# fmt: on


def differing(type: str, name: str, declared: Any, live: Any) -> list[str]:
    form = schemas()[type].form(name)
    assert form is not None
    return [path for path, _, _ in form.differences(name, declared, live)]


@pytest.mark.parametrize(("type", "name", "declared", "live"), SAME)
def test_the_same_in_other_words(type: str, name: str, declared: Any, live: Any) -> None:
    assert differing(type, name, declared, live) == []


@pytest.mark.parametrize(("type", "name", "declared", "live"), OTHER)
def test_another_in_nearly_the_same_words(type: str, name: str, declared: Any, live: Any) -> None:
    assert len(differing(type, name, declared, live)) == 1


EBS = {"volume_size": 8, "iops": 0}


# fmt: off
TYPES: list[tuple[str, dict[str, Any], Any]] = [
    # what was a truth value or a number before, and is a text in provider 5
    ("aws_elasticache_cluster", {"auto_minor_version_upgrade": True}, "true"),
    ("aws_elasticache_replication_group", {"auto_minor_version_upgrade": False}, "false"),
    ("aws_elasticache_replication_group", {"at_rest_encryption_enabled": True}, "true"),
    ("aws_lb_target_group", {"preserve_client_ip": True}, "true"),
    ("aws_api_gateway_rest_api", {"minimum_compression_size": 1024}, "1024"),
    ("aws_api_gateway_rest_api", {"minimum_compression_size": -1}, None),
    ("aws_launch_template", {"ebs_optimized": True}, "true"),
    ("aws_launch_template", {"block_device_mappings": [{"device_name": "a", "ebs": [{"encrypted": True, **EBS}]}]},
     [{"device_name": "a", "ebs": [{"encrypted": "true", **EBS}]}]),
    # and the other way round
    ("aws_lb_target_group", {"port": "80"}, 80),
    ("aws_subnet", {"map_public_ip_on_launch": "true"}, True),
]
# fmt: on


@pytest.mark.parametrize(("type", "said", "live"), TYPES)
def test_a_value_of_another_provider_s_type_is_the_same(type: str, said: dict[str, Any], live: Any) -> None:
    text = state(block(type, "it", [{"attributes": {"id": "it-1", **said}}]))
    [found] = settle(list(resources(parse(text, "s"), "s")), schemas())
    [name] = said
    assert differing(type, name, found.attributes[name], live) == []
    assert differing(type, name, found.attributes[name], "other") != []


LONG_GONE = {
    "aws_db_instance": ("name", "security_group_names"),
    "aws_vpc": ("enable_classiclink", "enable_classiclink_dns_support", "region"),
    "aws_elasticache_replication_group": ("number_cache_clusters", "replication_group_description"),
    "aws_secretsmanager_secret": ("rotation_enabled", "rotation_lambda_arn"),
    "aws_subnet": ("region",),
}


@pytest.mark.parametrize("type", LONG_GONE)
def test_what_another_version_of_the_provider_has_is_not_compared(type: str) -> None:
    assert [name for name in LONG_GONE[type] if schemas()[type].form(name)] == []


def test_the_region_of_a_resource_is_where_it_is_and_no_attribute() -> None:
    """Provider 6 writes it into nearly all; of buckets alone it told the same before."""
    assert {each.type for each in collectors() if "region" in each.attributes} == {"aws_s3_bucket"}
