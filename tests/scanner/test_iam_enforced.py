"""The generated policy under moto's enforcement: its actions are enough, and they are the ones; and no write.

Collectors are read alone, with the actions that they declare and no other, and then with one of them withheld at
a time. moto names the action of an operation by itself, which our own stand-in cannot (test_iam_denied.py): so
each action is tried here once, and there for every collector. What moto does not have, it does not refuse.
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
    **{f"s3:Get{each}": "s3:ListBucket" for each in LISTING},
}
"""The action that moto asks for, where IAM asks for another."""


def as_moto_asks(action: str) -> str:
    """CloudWatch signs as monitoring, and that is the name by which moto knows it."""
    return AS_MOTO_ASKS.get(action, action.replace("cloudwatch:", "monitoring:"))


class Reading:
    """What came of reading one collector: where it could not look, and what moto was asked."""

    def __init__(self, gaps: Sequence[Gap], asked: Sequence[str]) -> None:
        self.asked = {"apigateway:Get*" if each.startswith("apigateway:Get") else each for each in asked}
        self.denied = {each.permission for each in gaps if each.kind == "denied"}

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


def covering() -> Iterator[Collector]:
    """Collectors that together declare every action."""
    left = set(iam_policy.actions())
    for each in sorted(collectors(), key=lambda each: (-len(each.permissions), each.type)):
        if left & {*each.permissions}:
            left -= {*each.permissions}
            yield each


@pytest.mark.parametrize("collector", list(covering()), ids=lambda each: each.type)
def test_what_is_declared_is_enough_and_what_is_withheld_is_missed(account: Enforced, collector: Collector) -> None:
    found = run(account.readings(collector))
    whole = found.pop("")
    assert whole.denied == set()
    assert {action: each.denied for action, each in found.items()} == {action: {action} for action in found}


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
