"""The generated policy under moto's enforcement: enough for every collector, no action too many, and no write.

Each collector is read alone, with the actions that it declares and no other, and then with one of them
withheld at a time. So whoever declares an action is who misses it, and nobody else does. What moto does not have
is held to the same by a stand-in that has all: see test_iam_denied.py.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto.iam.access_control import IAMRequestBase
from moto.iam.models import iam_backends

from scanner import iam_policy
from scanner.aws.collect import collect
from scanner.aws.collector import Collector
from scanner.aws.pacing import Pacing
from scanner.aws.session import Access, Aws
from scanner.aws.tagging import INDEX
from scanner.aws.wire import Wire
from scanner.collectors import collectors
from scanner.demo import changes, company
from state import Gap
from tests.conftest import ACCOUNT, REGION, auditor, enforce, on_this_machine, reset, run

LISTING = (
    *("BucketObjectLockConfiguration", "BucketOwnershipControls", "BucketPublicAccessBlock", "BucketRequestPayment"),
    *("AnalyticsConfiguration", "EncryptionConfiguration", "IntelligentTieringConfiguration"),
    *("InventoryConfiguration", "MetricsConfiguration", "ReplicationConfiguration"),
)
AS_MOTO_ASKS = {
    "budgets:ViewBudget": "budgets:DescribeBudgets",
    "apigateway:GET": "apigateway:Get*",
    "s3:GetAccountPublicAccessBlock": "s3:GetPublicAccessBlock",
    "tag:GetResources": "tagging:GetResources",
    **{f"s3:Get{each}": "s3:ListBucket" for each in LISTING},
}
"""The action that moto asks for, where IAM asks for another."""


_WITHOUT_MOTO = """
    accessanalyzer_analyzer account_primary_contact api_gateway_client_certificate
    autoscaling_notification cloudfront_cache_policy cloudfront_continuous_deployment_policy
    cloudfront_field_level_encryption_config cloudfront_field_level_encryption_profile
    cloudfront_origin_access_identity cloudfront_origin_request_policy cloudfront_realtime_log_config
    cloudfront_response_headers_policy cloudfront_vpc_origin codebuild_report_group codebuild_source_credential
    codecommit_repository dax_parameter_group dax_subnet_group db_option_group db_proxy_endpoint
    dynamodb_contributor_insights dynamodb_kinesis_streaming_destination ebs_default_kms_key
    ebs_snapshot_block_public_access ec2_capacity_reservation ec2_client_vpn_authorization_rule
    ec2_client_vpn_endpoint ec2_client_vpn_network_association ec2_client_vpn_route ec2_image_block_public_access
    ec2_instance_connect_endpoint ec2_instance_metadata_defaults ec2_serial_console_access
    ecr_pull_through_cache_rule ecs_capacity_provider efs_replication_configuration
    elasticache_global_replication_group elasticache_parameter_group elasticache_serverless_cache
    elasticache_user_group elasticache_user_group_association globalaccelerator_accelerator
    globalaccelerator_endpoint_group globalaccelerator_listener glue_schema iam_service_specific_credential
    lambda_code_signing_config lambda_function_url memorydb_acl memorydb_parameter_group msk_configuration
    placement_group rds_cluster_endpoint redshift_event_subscription redshift_snapshot_schedule
    redshift_snapshot_schedule_association redshiftserverless_namespace redshiftserverless_workgroup
    route53_cidr_collection route53_cidr_location route53_resolver_config route53_resolver_firewall_config
    route53_resolver_firewall_domain_list route53_resolver_firewall_rule route53_resolver_firewall_rule_group
    route53_resolver_firewall_rule_group_association securityhub_standards_subscription sesv2_configuration_set
    sesv2_email_identity sesv2_email_identity_feedback_attributes sesv2_email_identity_mail_from_attributes
    shield_protection_group signer_signing_profile ssm_service_setting transfer_workflow vpc_ipam vpc_ipam_pool
    vpc_ipam_pool_cidr vpc_ipam_scope vpc_security_group_vpc_association
"""
NOT_IN_MOTO = {f"aws_{each}" for each in _WITHOUT_MOTO.split()}
"""The types of which moto does not have every operation: it refuses none, and those it has are tried as all others."""


def as_moto_asks(action: str) -> str:
    """CloudWatch signs as monitoring, and that is the name by which moto knows it."""
    return AS_MOTO_ASKS.get(action, action.replace("cloudwatch:", "monitoring:"))


class Reading:
    """What came of reading one collector: where it could not look, and what moto was asked."""

    def __init__(self, gaps: Sequence[Gap], asked: Sequence[str]) -> None:
        self.asked = {"apigateway:Get*" if each.startswith("apigateway:Get") else each for each in asked}
        self.denied = {each.permission for each in gaps if each.kind == "denied"}
        self.unanswered = [each.reason for each in gaps if each.kind != "denied"]

    def was_asked(self, action: str) -> bool:
        return as_moto_asks(action) in self.asked


class Enforced:
    """An account whose auditor may do just what is said, and what moto was asked on its behalf."""

    def __init__(self, endpoint: str, patch: pytest.MonkeyPatch) -> None:
        self.asked: list[str] = []
        reset(endpoint)
        furnish(endpoint)
        iam = client(endpoint, "iam")
        key = auditor(iam, ["*"])
        patch.setenv("AWS_ENDPOINT_URL", endpoint)
        patch.setenv("AWS_ACCESS_KEY_ID", key["AccessKeyId"])
        patch.setenv("AWS_SECRET_ACCESS_KEY", key["SecretAccessKey"])
        patch.setenv("AWS_MAX_ATTEMPTS", "1")
        patch.setattr(logging.getLogger("werkzeug"), "disabled", True)
        self._heed(patch)
        enforce(endpoint, "0")

    def _heed(self, patch: pytest.MonkeyPatch) -> None:
        """moto counts the signature of every GET otherwise than AWS, and refuses it; the actions are what matters."""
        permitted = IAMRequestBase.check_action_permitted

        def check(request: Any, resource: str) -> None:
            self.asked.append(request._action)
            permitted(request, resource)

        patch.setattr(IAMRequestBase, "check_signature", lambda request: None)
        patch.setattr(IAMRequestBase, "check_action_permitted", check)

    def allow(self, actions: Sequence[str]) -> None:
        named = [as_moto_asks(each) for each in (*iam_policy.SESSION, *actions)]
        statement = {"Effect": "Allow", "Action": named, "Resource": "*"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        iam_backends[ACCOUNT]["aws"].put_user_policy("auditor", "audit", document)

    async def readings(self, collector: Collector) -> dict[str, Reading]:
        """Of all that it declares, and of all but each action that it asked for, by that action."""
        async with Wire(pacing=Pacing(1)) as wire:
            whole = await self._read(wire, collector)
            asked = [each for each in collector.permissions if each not in iam_policy.SESSION and whole.was_asked(each)]
            return {"": whole} | {action: await self._read(wire, collector, withheld=action) for action in asked}

    async def _read(self, wire: Wire, collector: Collector, withheld: str = "") -> Reading:
        self.allow([action for action in collector.permissions if action != withheld])
        async with Aws(Access(), wire=wire) as aws:
            self.asked.clear()
            return Reading((await collect({aws: [REGION]}, [collector])).gaps, self.asked)


@pytest.fixture(scope="module")
def account(endpoint: str, environment: None) -> Iterator[Enforced]:
    with pytest.MonkeyPatch.context() as patch:
        yield Enforced(endpoint, patch)
        enforce(endpoint, "inf")


def client(endpoint: str, service: str, region: str = REGION) -> Any:
    found = boto3.Session().client(service, region_name=region, endpoint_url=endpoint)
    found.meta.events.register_first("before-sign", on_this_machine)
    return found


def furnish(endpoint: str) -> None:
    """One thing at least of what has a listing and details of its own."""

    def aws(service: str, region: str = REGION) -> Any:
        return client(endpoint, service, region)

    company.build(aws)
    changes.make(aws)
    volume = aws("ec2").create_volume(AvailabilityZone=f"{REGION}a", Size=1)["VolumeId"]
    aws("ec2").create_snapshot(VolumeId=volume)
    aws("ec2").allocate_address()
    aws("iam").create_instance_profile(InstanceProfileName="web")
    login = {"MasterUsername": "admin", "MasterUserPassword": "hunter2hunter2"}
    aws("rds").create_db_cluster(DBClusterIdentifier="orders", Engine="aurora-postgresql", **login)
    aws("rds").create_db_cluster_snapshot(DBClusterIdentifier="orders", DBClusterSnapshotIdentifier="monday")
    aws("sqs").create_queue(QueueName="jobs")
    aws("sns").create_topic(Name="alarms")
    aws("kms").create_key()
    aws("logs").create_log_group(logGroupName="app")
    aws("secretsmanager").create_secret(Name="token", SecretString="x")
    aws("ssm").put_parameter(Name="flag", Value="on", Type="String")
    aws("ecr").create_repository(repositoryName="app")
    aws("kinesis").create_stream(StreamName="clicks", ShardCount=1)
    aws("ecs").create_cluster(clusterName="app")
    aws("events").put_rule(Name="nightly", ScheduleExpression="rate(1 day)")


# --- the proof ------------------------------------------------------------------------------------


@pytest.mark.parametrize("collector", collectors(), ids=lambda each: each.type)
def test_what_is_declared_is_enough_and_what_is_withheld_is_missed(account: Enforced, collector: Collector) -> None:
    found = run(account.readings(collector))
    whole = found.pop("")
    assert whole.denied == set()
    assert {action: each.denied for action, each in found.items()} == {
        action: set() if action == INDEX else {action} for action in found
    }  # without the index of tags each thing is asked for its own
    assert bool(whole.unanswered) is (collector.type in NOT_IN_MOTO), whole.unanswered


# --- no write -------------------------------------------------------------------------------------

WRITES = {
    "s3": ("delete_bucket", {"Bucket": "acme-shop-invoices"}),
    "ec2": ("create_vpc", {"CidrBlock": "10.0.0.0/16"}),
    "iam": ("create_user", {"UserName": "another"}),
    "rds": ("delete_db_cluster", {"DBClusterIdentifier": "orders"}),
    "dynamodb": ("create_backup", {"TableName": "carts", "BackupName": "mine"}),
    "sqs": ("create_queue", {"QueueName": "mine"}),
    "kms": ("create_key", {}),
    "lambda": ("delete_function", {"FunctionName": "checkout"}),
    "secretsmanager": ("get_secret_value", {"SecretId": "token"}),
    "ssm": ("put_parameter", {"Name": "mine", "Value": "x", "Type": "String"}),
}
REFUSALS = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "403")


@pytest.mark.parametrize("service", WRITES)
def test_who_has_the_whole_policy_may_write_nothing_and_read_no_secret(account: Enforced, service: str) -> None:
    operation, arguments = WRITES[service]
    account.allow(iam_policy.actions())
    with pytest.raises(ClientError) as refused:
        getattr(boto3.Session().client(service, region_name=REGION), operation)(**arguments)
    assert refused.value.response["Error"]["Code"] in REFUSALS
