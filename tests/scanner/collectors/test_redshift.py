import pytest

from scanner.collectors.redshift import COLLECTORS, LOGGING, PARAMETER_GROUP
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.compared import only, told, twin
from tests.scanner.queries import said
from tests.scanner.standin import answering
from tests.scanner.whole import whole

ARN = f"arn:aws:redshift:{REGION}:{ACCOUNT}"
SHOP = [{"Key": "team", "Value": "shop"}]
CLUSTER = {
    "ClusterIdentifier": "dw",
    "NodeType": "ra3.xlplus",
    "ClusterStatus": "available",
    "MasterUsername": "root",
    "DBName": "dev",
    "Endpoint": {"Address": "e", "Port": 5439},
    "AutomatedSnapshotRetentionPeriod": 7,
    "ManualSnapshotRetentionPeriod": -1,
    "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-1", "Status": "active"}],
    "ClusterParameterGroups": [{"ParameterGroupName": "own"}],
    "ClusterSubnetGroupName": "main",
    "VpcId": "vpc-1",
    "AvailabilityZone": "eu-west-1a",
    "PreferredMaintenanceWindow": "mon:05:00-mon:05:30",
    "ClusterVersion": "1.0",
    "AllowVersionUpgrade": True,
    "NumberOfNodes": 2,
    "PubliclyAccessible": False,
    "Encrypted": True,
    "KmsKeyId": "arn:key",
    "EnhancedVpcRouting": True,
    "IamRoles": [{"IamRoleArn": "arn:role", "ApplyStatus": "in-sync"}],
    "DefaultIamRoleArn": "arn:role",
    "ClusterSnapshotCopyStatus": {
        "DestinationRegion": "us-east-1",
        "RetentionPeriod": 7,
        "ManualSnapshotRetentionPeriod": -1,
    },
    "MaintenanceTrackName": "current",
    "AvailabilityZoneRelocationStatus": "disabled",
    "ClusterNamespaceArn": f"{ARN}:namespace:1",
    "MultiAZ": "Disabled",
    "Tags": SHOP,
}
ANSWERS = said(
    "redshift",
    DescribeClusters={"Clusters": [CLUSTER]},
    DescribeLoggingStatus={"LoggingEnabled": True, "LogDestinationType": "cloudwatch", "LogExports": ["userlog"]},
    DescribeClusterSubnetGroups={
        "ClusterSubnetGroups": [
            {
                "ClusterSubnetGroupName": "main",
                "Description": "shop",
                "VpcId": "vpc-1",
                "Subnets": [{"SubnetIdentifier": "subnet-1"}],
                "Tags": SHOP,
            }
        ]
    },
    DescribeClusterParameterGroups={
        "ParameterGroups": [
            {"ParameterGroupName": name, "ParameterGroupFamily": "redshift-1.0", "Description": "shop", "Tags": SHOP}
            for name in ("own", "default.redshift-1.0")
        ]
    },
    DescribeClusterParameters={
        "Parameters": [
            {"ParameterName": "require_ssl", "ParameterValue": "true", "Source": "user"},
            {"ParameterName": "auto_analyze", "ParameterValue": "true", "Source": "engine-default"},
        ]
    },
    DescribeSnapshotSchedules={
        "SnapshotSchedules": [
            {
                "ScheduleIdentifier": "nightly",
                "ScheduleDefinitions": ["rate(12 hours)"],
                "ScheduleDescription": "shop",
                "AssociatedClusters": [{"ClusterIdentifier": "dw", "ScheduleAssociationState": "ACTIVE"}],
                "Tags": SHOP,
            }
        ]
    },
    DescribeEventSubscriptions={
        "EventSubscriptionsList": [
            {
                "CustSubscriptionId": "alarms",
                "SnsTopicArn": "arn:topic",
                "CustomerAwsId": ACCOUNT,
                "Status": "active",
                "SourceType": "cluster",
                "SourceIdsList": ["dw"],
                "EventCategoriesList": ["security"],
                "Severity": "ERROR",
                "Enabled": True,
                "Tags": SHOP,
            }
        ]
    },
)
EXPECTED = {
    "aws_redshift_cluster": {
        "its id": "dw",
        "its arn": f"{ARN}:cluster:dw",
        "allow_version_upgrade": True,
        "automated_snapshot_retention_period": 7,
        "availability_zone": "eu-west-1a",
        "availability_zone_relocation_enabled": False,
        "cluster_identifier": "dw",
        "cluster_namespace_arn": f"{ARN}:namespace:1",
        "cluster_parameter_group_name": "own",
        "cluster_subnet_group_name": "main",
        "cluster_type": "multi-node",
        "cluster_version": "1.0",
        "database_name": "dev",
        "default_iam_role_arn": "arn:role",
        "dns_name": "e",
        "encrypted": True,
        "endpoint": "e:5439",
        "enhanced_vpc_routing": True,
        "iam_roles": ["arn:role"],
        "kms_key_id": "arn:key",
        "maintenance_track_name": "current",
        "manual_snapshot_retention_period": -1,
        "master_username": "root",
        "multi_az": False,
        "node_type": "ra3.xlplus",
        "number_of_nodes": 2,
        "port": 5439,
        "preferred_maintenance_window": "mon:05:00-mon:05:30",
        "publicly_accessible": False,
        "vpc_security_group_ids": ["sg-1"],
    },
    "aws_redshift_logging": {
        "its id": "dw",
        "cluster_identifier": "dw",
        "log_destination_type": "cloudwatch",
        "log_exports": ["userlog"],
    },
    "aws_redshift_snapshot_copy": {
        "its id": "dw",
        "cluster_identifier": "dw",
        "destination_region": "us-east-1",
        "manual_snapshot_retention_period": -1,
        "retention_period": 7,
    },
    "aws_redshift_cluster_iam_roles": {
        "its id": "dw",
        "cluster_identifier": "dw",
        "default_iam_role_arn": "arn:role",
        "iam_role_arns": ["arn:role"],
    },
    "aws_redshift_subnet_group": {
        "its id": "main",
        "its arn": f"{ARN}:subnetgroup:main",
        "description": "shop",
        "name": "main",
        "subnet_ids": ["subnet-1"],
    },
    "aws_redshift_parameter_group": {
        "its id": "own",
        "its arn": f"{ARN}:parametergroup:own",
        "description": "shop",
        "family": "redshift-1.0",
        "name": "own",
        "parameter": [{"name": "require_ssl", "value": "true"}],
    },
    "aws_redshift_snapshot_schedule": {
        "its id": "nightly",
        "its arn": f"{ARN}:snapshotschedule:nightly",
        "definitions": ["rate(12 hours)"],
        "description": "shop",
        "identifier": "nightly",
    },
    "aws_redshift_snapshot_schedule_association": {
        "its id": "dw/nightly",
        "cluster_identifier": "dw",
        "schedule_identifier": "nightly",
    },
    "aws_redshift_event_subscription": {
        "its id": "alarms",
        "its arn": f"{ARN}:eventsubscription:alarms",
        "customer_aws_id": ACCOUNT,
        "enabled": True,
        "event_categories": ["security"],
        "name": "alarms",
        "severity": "ERROR",
        "sns_topic_arn": "arn:topic",
        "source_ids": ["dw"],
        "source_type": "cluster",
        "status": "active",
    },
}
OF_CLUSTER = ("aws_redshift_logging", "aws_redshift_snapshot_copy", "aws_redshift_cluster_iam_roles")


@pytest.fixture(scope="module")
def live():
    """All of them, read at once."""
    with answering(ANSWERS) as it:
        inventory = read(*COLLECTORS)
    assert inventory.gaps == []
    assert [it.asked.count(each) for each in ("DescribeClusters", "DescribeSnapshotSchedules")] == [1, 1]
    return inventory


@pytest.mark.parametrize("type", EXPECTED)
def test_each(live, type):
    expected = {"its arn": None, "its owner": None, "its identity": EXPECTED[type]["its id"]} | EXPECTED[type]
    if expected["its arn"]:
        expected |= {"arn": expected["its arn"], "tags": {"team": "shop"}}
    assert whole(only(live, type)) == expected


def test_default_group_is_made_by_aws(live):
    assert only(live, PARAMETER_GROUP.type, "aws").id == "default.redshift-1.0"


@pytest.mark.parametrize(
    ("said", "path"),
    [
        ({"availability_zone": "eu-west-1b", "maintenance_track_name": None}, None),
        ({"publicly_accessible": True}, "publicly_accessible"),
        ({"logging": [{"enable": True, "log_destination_type": "cloudwatch", "log_exports": ["userlog"]}]}, None),
        ({"logging": [{"enable": True, "log_destination_type": "s3", "bucket_name": "b"}]}, "logging.bucket_name"),
        ({"logging": [{"enable": False}]}, "logging"),
        ({"snapshot_copy": [{"destination_region": "us-west-2"}]}, "snapshot_copy.destination_region"),
        ({"iam_roles": ["arn:other"]}, "iam_roles"),
    ],
)
def test_parts_are_declared_by_themselves_or_by_the_cluster(live, said, path):
    cluster = only(live, "aws_redshift_cluster")
    blocks = {
        "logging": [{"enable": True, "log_destination_type": "cloudwatch", "log_exports": ["userlog"]}],
        "snapshot_copy": [{"destination_region": "us-east-1", "retention_period": 7}],
    }
    others = [twin(each) for each in live.resources if each.type in EXPECTED and each.type not in OF_CLUSTER]
    rest = [each for each in others if each.type != "aws_redshift_cluster" and each.id[:7] != "default"]
    changes = told(live, COLLECTORS, twin(cluster, **blocks | said), *rest)
    found = {each for _, of, each in changes if of == "aws_redshift_cluster"}
    assert {of for _, of, _ in changes} <= {"aws_redshift_cluster"}
    assert path in found if path else found == set()
    alone = [twin(only(live, each)) for each in OF_CLUSTER]
    assert told(live, COLLECTORS, twin(cluster, iam_roles=[]), *alone, *rest) == set()


def test_a_cluster_without_logs_has_no_logging():
    off = said("redshift", DescribeLoggingStatus={"LoggingEnabled": False})
    with answering(ANSWERS | off):
        inventory = read(LOGGING)
    assert (list(inventory.of(LOGGING.type)), inventory.gaps) == ([], [])


def test_refused_logging_is_a_gap():
    with answering({name: each for name, each in ANSWERS.items() if name != "DescribeLoggingStatus"}):
        inventory = read(LOGGING)
    assert [each.permission for each in inventory.gaps] == ["redshift:DescribeLoggingStatus"]


def test_permissions_suffice(aws, allowed_only):
    api = aws("redshift")
    asked = {"NodeType": "ra3.large", "MasterUsername": "root", "MasterUserPassword": "Correct-horse1"}
    api.create_cluster(ClusterIdentifier="dw", Tags=SHOP, **asked)
    api.create_cluster_parameter_group(ParameterGroupName="own", ParameterGroupFamily="redshift-1.0", Description="d")
    kinds = [each for each in COLLECTORS if each.type in ("aws_redshift_cluster", PARAMETER_GROUP.type)]
    with allowed_only(*{name for each in kinds for name in each.permissions}):
        inventory = read(*kinds)
    assert inventory.gaps == []
    cluster = only(inventory, "aws_redshift_cluster")
    assert (cluster.arn, cluster.tags, cluster["database_name"]) == (f"{ARN}:cluster:dw", {"team": "shop"}, "dev")
    assert "Correct-horse1" not in repr(inventory.resources)
