"""The declared actions of every collector where IAM is enforced, over answers that hold one thing of each kind.

An action that is not declared is refused, and so all that a collector asks for is declared. Without one of those
that it asked for it misses that one, says so, and says nothing else; and no check passes that had not.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AsyncExitStack
from typing import Any, NamedTuple

import pytest

from checks import REGISTRY, Check, Status, Terms
from checks import run as judge
from scanner.aws.allowed import ALLOWED
from scanner.aws.collect import collect
from scanner.aws.collector import Collector
from scanner.aws.operations import LISTED, action
from scanner.aws.pacing import Pacing
from scanner.aws.session import Access, Aws
from scanner.aws.tagging import INDEX
from scanner.aws.wire import Wire
from scanner.collectors import collectors
from state import Inventory, Key
from tests.conftest import ACCOUNT
from tests.scanner.compared import declared
from tests.scanner.enforcing import REGION, Enforcing

WHO = "sts:GetCallerIdentity"
"""What is asked before anything is read."""

# --- what has to be said so that there is a thing of every type -------------------------------------

POLICY = json.dumps({"Version": "2012-10-17", "Statement": [{"Sid": "one", "Effect": "Allow", "Principal": "*"}]})


def units(asked: Mapping[str, Any]) -> list[dict[str, str]]:
    """A unit has none of its own."""
    return [{"Id": "unit", "Arn": "arn", "Name": "unit"}] if asked["ParentId"] == "Id" else []


ALWAYS: dict[str, Any] = {
    "acm:ListCertificates CertificateSummaryList.Status": "ISSUED",
    "apigateway:GetDomainNames items.domainNameId": None,
    "backup:ListBackupVaults BackupVaultList.Locked": True,
    "cloudfront:ListDistributions DistributionList.Items.Origins.Items.DomainName": "images.s3.amazonaws.com",
    "cloudtrail:DescribeTrails trailList.HasInsightSelectors": True,
    "cloudtrail:DescribeTrails trailList.HomeRegion": REGION,
    "ec2:DescribeInstanceAttribute UserData.Value": "e30=",
    "ec2:DescribeVpcs Vpcs.CidrBlockAssociationSet.CidrBlockState.State": "associated",
    "ec2:DescribeVpnConnections VpnConnections.CustomerGatewayConfiguration": "<vpn_connection/>",
    "ec2:DescribeVpnGateways VpnGateways.VpcAttachments.State": "attached",
    "ec2:GetIpamPoolCidrs IpamPoolCidrs.State": "provisioned",
    "ec2:SearchTransitGatewayRoutes Routes.PrefixListId": None,
    "elasticache:DescribeGlobalReplicationGroups GlobalReplicationGroups.Members.Role": "PRIMARY",
    "elasticache:DescribeGlobalReplicationGroups GlobalReplicationGroups.Members.ReplicationGroupRegion": REGION,
    "elb:DescribeLoadBalancers LoadBalancerDescriptions.ListenerDescriptions.PolicyNames": ["PolicyName"],
    "elbv2:DescribeRules Rules.Priority": "1",
    "events:ListEventBuses EventBuses.Policy": POLICY,
    "glue:GetDatabases DatabaseList.TargetDatabase": None,
    "iam:GenerateCredentialReport State": "COMPLETE",
    "kms:DescribeKey KeyMetadata.KeyManager": "CUSTOMER",
    "kms:DescribeKey KeyMetadata.KeySpec": "SYMMETRIC_DEFAULT",
    "lambda:GetPolicy Policy": POLICY,
    "lambda:ListEventSourceMappings EventSourceMappings.FilterCriteriaError": None,
    "lambda:ListFunctions Functions.Environment.Error": None,
    "organizations:ListOrganizationalUnitsForParent OrganizationalUnits": units,
    "rds:DescribeDBClusterEndpoints DBClusterEndpoints.EndpointType": "CUSTOM",
    "rds:DescribeDBClusterSnapshots DBClusterSnapshots.SnapshotType": "manual",
    "rds:DescribeDBInstanceAutomatedBackups DBInstanceAutomatedBackups.DBInstanceArn": "arn:aws:rds:eu-west-1:1:db:one",
    "rds:DescribeDBProxyTargetGroups TargetGroups.IsDefault": True,
    "rds:DescribeDBSnapshots DBSnapshots.SnapshotType": "manual",
    "redshift:DescribeLoggingStatus LoggingEnabled": True,
    "route53resolver:ListFirewallDomainLists FirewallDomainLists.ManagedOwnerName": None,
    "route53resolver:ListFirewallRuleGroupAssociations FirewallRuleGroupAssociations.ManagedOwnerName": None,
    "s3:GetBucketLocation LocationConstraint": "",
    "s3:ListBuckets Buckets.BucketRegion": None,
    "secretsmanager:ListSecrets SecretList.DeletedDate": None,
    "secretsmanager:ListSecrets SecretList.RotationEnabled": True,
    "sns:GetTopicAttributes Attributes": {"Policy": POLICY},
    "sqs:GetQueueAttributes Attributes": {"Policy": POLICY, "RedriveAllowPolicy": "{}", "RedrivePolicy": "{}"},
    "sts:GetCallerIdentity Account": ACCOUNT,
    "sts:GetCallerIdentity Arn": f"arn:aws:iam::{ACCOUNT}:user/auditor",
}
ENGINES = {
    "DescribeDBClusters DBClusters.Engine": "cluster",
    "DescribeDBInstances DBInstances.Engine": "cluster_instance",
    "DescribeDBClusterSnapshots DBClusterSnapshots.Engine": "cluster_snapshot",
    "DescribeDBClusterParameterGroups DBClusterParameterGroups.DBParameterGroupFamily": "cluster_parameter_group",
    "DescribeGlobalClusters GlobalClusters.Engine": "global_cluster",
}
ALONE = {"rds:DescribeDBInstances DBInstances.DBClusterIdentifier": None}
OF_TYPE: dict[str, dict[str, Any]] = {
    "aws_db_instance": ALONE,
    "aws_db_instance_role_association": ALONE,
    "aws_fsx_lustre_file_system": {"fsx:DescribeFileSystems FileSystems.FileSystemType": "LUSTRE"},
    "aws_fsx_ontap_file_system": {"fsx:DescribeFileSystems FileSystems.FileSystemType": "ONTAP"},
    "aws_fsx_openzfs_file_system": {"fsx:DescribeFileSystems FileSystems.FileSystemType": "OPENZFS"},
    "aws_iam_service_linked_role": {
        "iam:GetAccountAuthorizationDetails RoleDetailList.Path": "/aws-service-role/one/",
    },
    "aws_kms_external_key": {"kms:DescribeKey KeyMetadata.Origin": "EXTERNAL"},
    "aws_kms_replica_key": {
        "kms:DescribeKey KeyMetadata.MultiRegionConfiguration": {"MultiRegionKeyType": "REPLICA"},
    },
    "aws_main_route_table_association": {"ec2:DescribeRouteTables RouteTables.Associations.Main": True},
    "aws_msk_scram_secret_association": {
        "kafka:ListClustersV2 ClusterInfoList.Provisioned.ClientAuthentication.Sasl.Scram.Enabled": True,
    },
    "aws_msk_serverless_cluster": {"kafka:ListClustersV2 ClusterInfoList.ClusterType": "SERVERLESS"},
    "aws_neptune_parameter_group": {
        "rds:DescribeDBParameterGroups DBParameterGroups.DBParameterGroupFamily": "neptune"
    },
    "aws_route53_vpc_association_authorization": {"route53:ListHostedZones HostedZones.Config.PrivateZone": True},
    "aws_vpc_endpoint": {"ec2:DescribeVpcEndpoints VpcEndpoints.VpcEndpointType": "Gateway"},
    "aws_vpc_security_group_egress_rule": {"ec2:DescribeSecurityGroupRules SecurityGroupRules.IsEgress": True},
    **{
        f"aws_{engine}_{kind}": {f"rds:{path}": engine}
        for engine in ("docdb", "neptune")
        for path, kind in ENGINES.items()
    },
}
DECLARED = Inventory(
    [
        declared("aws_s3_object", "Key", bucket="Name", key="Key"),
        declared("aws_lambda_provisioned_concurrency_config", "it", function_name="FunctionName").replace(
            region=REGION
        ),
    ]
)
"""What is looked for only where it is declared."""

NEVER_ASKED: dict[tuple[str, str], str] = {}
"""What is declared and was not asked for all the same, and why."""

SAID_INSTEAD: dict[tuple[str, str], set[str]] = {
    # A bucket that one may not ask about is there: of one that nobody has, S3 says that to everybody.
    ("aws_cloudfront_distribution", "s3:GetBucketLocation"): set(),
    # The index of tags is a short cut: without it each thing is asked for its own.
    **{(each.type, INDEX): set() for each in collectors() if INDEX in each.permissions},
}
"""What is said of an action that is withheld, where that is not that it was denied."""


# --- reading ----------------------------------------------------------------------------------------


class Reading(NamedTuple):
    """What came of reading a collector, and the operations that it asked for."""

    seen: Inventory
    operations: frozenset[str]

    @property
    def asked(self) -> set[str]:
        return {action(each) for each in self.operations}

    @property
    def told(self) -> set[str | None]:
        """What was denied, and why else something was not seen."""
        return {each.permission if each.kind == "denied" else each.reason for each in self.seen.gaps}


class Account:
    """An account that is read by one who may do just what is said."""

    def __init__(self, aws: Enforcing, wire: Wire, loop: asyncio.Runner) -> None:
        self.aws, self.wire, self.loop = aws, wire, loop
        self._readings: dict[tuple[str, str], Reading] = {}

    def read(self, collector: Collector, withheld: str = "") -> Reading:
        """With all that it declares, or all but one; read once."""
        key = collector.type, withheld
        if key not in self._readings:
            may = {WHO, *collector.permissions} - {withheld}
            self._readings[key] = self.loop.run(self._read(collector, may))
        return self._readings[key]

    def seen_without(self, collector: Collector | None = None, withheld: str = "") -> Inventory:
        """All that is there, read by who may not do one thing of what one collector declares."""
        parts = [self.read(each, withheld if each is collector else "").seen for each in collectors()]
        return Inventory(
            {each.key: each for part in parts for each in part.resources}.values(),
            [each for part in parts for each in part.gaps],
            read={each for part in parts for each in part.read},
        )

    async def _read(self, collector: Collector, may: set[str]) -> Reading:
        self.aws.words, self.aws.may = ALWAYS | OF_TYPE.get(collector.type, {}), may
        seen = await self.seen([collector])
        return Reading(seen, frozenset(each.operation for each in self.aws.sent))

    async def seen(self, of: Iterable[Collector]) -> Inventory:
        async with Aws(Access(), wire=self.wire, allowed=LISTED) as aws:
            self.aws.sent.clear()
            return await collect({aws: [REGION]}, of, declared=DECLARED, paid=True)


@pytest.fixture(scope="module")
def account(environment: None) -> Iterator[Account]:
    with pytest.MonkeyPatch.context() as patch, asyncio.Runner() as loop:
        opened = AsyncExitStack()
        patch.setenv("AWS_MAX_ATTEMPTS", "1")
        aws = Enforcing(LISTED)
        patch.setenv("AWS_ENDPOINT_URL", loop.run(opened.enter_async_context(aws.listening())))
        wire = loop.run(opened.enter_async_context(Wire(pacing=Pacing(100))))
        yield Account(aws, wire, loop)
        loop.run(opened.aclose())


# --- the proof --------------------------------------------------------------------------------------


@pytest.mark.parametrize("collector", collectors(), ids=lambda each: each.type)
def test_what_is_declared_is_enough_and_what_is_withheld_is_missed(account: Account, collector: Collector) -> None:
    whole = account.read(collector)
    assert (whole.told, bool(whole.seen.of(collector.type))) == (set(), True)
    told = {action: account.read(collector, withheld=action).told for action in sorted(whole.asked)}
    assert told == {action: SAID_INSTEAD.get((collector.type, action), {action}) for action in told}


def test_every_action_that_is_declared_is_asked_for(account: Account) -> None:
    never = {(each.type, action) for each in collectors() for action in {*each.permissions} - account.read(each).asked}
    assert never == NEVER_ASKED.keys()


def test_every_operation_that_a_scan_may_call_was_tried(account: Account) -> None:
    tried = frozenset[str]().union(*(account.read(each).operations for each in collectors()))
    assert ALLOWED - tried == {WHO, "sts:AssumeRole"}


# --- what the checks make of it -------------------------------------------------------------------


def verdicts(seen: Inventory, checks: Iterable[Check]) -> Mapping[tuple[str, Key], Status]:
    return {(each.check.id, each.resource.key): each.status for each in judge(checks, seen, Terms())}


def test_what_is_withheld_lets_no_check_pass(account: Account) -> None:
    before, wrong = verdicts(account.seen_without(), REGISTRY.values()), []
    assert Counter(before.values())[Status.FAIL] > 200, "there is much that could pass"
    for collector in collectors():
        reading = [each for each in REGISTRY.values() if collector.type in (*each.reads, *each.types)]
        for withheld in sorted(account.read(collector).asked) if reading else ():
            after = verdicts(account.seen_without(collector, withheld), reading)
            passed = {each for each, status in after.items() if status is Status.PASS}
            wrong += [(withheld, *each) for each in passed if before.get(each) is not Status.PASS]
            unseen = not account.read(collector, withheld).seen.of(collector.type)
            judging = {each.id for each in reading if unseen and collector.type in each.types and not each.subjects}
            unknown = {id for (id, _), status in after.items() if status is Status.UNKNOWN}
            wrong += [(withheld, each) for each in judging - unknown]
    assert wrong == []


# --- no call twice ----------------------------------------------------------------------------------

OF_ONE_NAME = ("ListTags", "ListTagsForResource", "DescribeTags", "GetTags", "DescribePolicy", "ListTargetsForPolicy")
"""What is asked of a thing by its id or ARN: different things have the same ones here."""
TWICE = {
    # Each page of the snapshots is let go before the next comes; who may use them is asked only where that is declared.
    "ec2:DescribeSnapshots",
    "ec2:DescribeSnapshotAttribute",
}


def test_no_call_is_made_twice(account: Account) -> None:
    account.aws.words, account.aws.may = ALWAYS, {WHO, *map(action, LISTED)}
    seen = account.loop.run(account.seen(collectors()))
    calls = Counter(each for each in account.aws.sent if not each.operation.endswith(OF_ONE_NAME))
    assert (seen.gaps, {each.operation for each, times in calls.items() if times > 1}) == ([], TWICE)
