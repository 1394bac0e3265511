"""Amazon Redshift: clusters, what of them is a resource of its own to the provider, and the groups they are made with.

AWS tells no ARNs here.
"""

from __future__ import annotations

from collections.abc import Iterator

from scanner.aws.collector import (
    Attribute,
    Collector,
    Detail,
    Listing,
    caseless,
    name_or_arn,
    unordered,
    volatile,
)
from scanner.collectors.rds_groups import made_by_aws, parameters
from state import Resource
from state.forms import IF_DECLARED, defaulting
from state.noise import APART
from state.schema import Parent, Projection

ARN = "arn:{partition}:redshift:{region}:{account}"
CLUSTERS = "describe_clusters"
DELETING = {"pending_deletion": "ClusterStatus=='deleting' || ClusterStatus=='final-snapshot'"}
GONE = ("ClusterNotFound", "ClusterParameterGroupNotFound")

CLUSTER = Collector(
    type="aws_redshift_cluster",
    service="redshift",
    fetch=Listing(CLUSTERS, "Clusters"),
    permissions=("redshift:DescribeClusters",),
    id="ClusterIdentifier",
    identity=("cluster_identifier",),
    arn=f"{ARN}:cluster:{{ClusterIdentifier}}",
    attributes={
        "allow_version_upgrade": "AllowVersionUpgrade",
        "automated_snapshot_retention_period": "AutomatedSnapshotRetentionPeriod",
        "availability_zone": volatile("AvailabilityZone"),  # AWS relocates clusters
        "availability_zone_relocation_enabled": "contains(['enabled', 'pending_enabling'], "
        "AvailabilityZoneRelocationStatus)",
        "cluster_identifier": caseless("ClusterIdentifier"),
        "cluster_namespace_arn": "ClusterNamespaceArn",
        "cluster_nodes": volatile(
            "ClusterNodes[].{node_role: NodeRole, private_ip_address: PrivateIPAddress, "
            "public_ip_address: PublicIPAddress}"
        ),
        "cluster_parameter_group_name": "ClusterParameterGroups[0].ParameterGroupName",
        "cluster_public_key": volatile("ClusterPublicKey"),
        "cluster_revision_number": volatile("ClusterRevisionNumber"),
        "cluster_subnet_group_name": "ClusterSubnetGroupName",
        "cluster_type": "NumberOfNodes > `1` && 'multi-node' || 'single-node'",
        "cluster_version": "ClusterVersion",
        "database_name": "DBName",
        "default_iam_role_arn": volatile("DefaultIamRoleArn"),  # told with the roles
        "dns_name": volatile("Endpoint.Address"),
        "elastic_ip": Attribute(path="ElasticIpStatus.ElasticIp", form=IF_DECLARED),
        "encrypted": "Encrypted",
        "endpoint": volatile("Endpoint && join(':', [Endpoint.Address, to_string(Endpoint.Port)])"),
        "enhanced_vpc_routing": "EnhancedVpcRouting",
        "iam_roles": volatile("IamRoles[].IamRoleArn", APART),  # a resource of their own
        "kms_key_id": name_or_arn("KmsKeyId"),
        "maintenance_track_name": Attribute(path="MaintenanceTrackName", form=defaulting("current")),
        "manage_master_password": volatile("MasterPasswordSecretArn && `true`"),
        "manual_snapshot_retention_period": Attribute(path="ManualSnapshotRetentionPeriod", form=defaulting(-1)),
        "master_password_secret_arn": volatile("MasterPasswordSecretArn"),
        "master_password_secret_kms_key_id": volatile("MasterPasswordSecretKmsKeyId"),
        "master_username": "MasterUsername",
        "multi_az": "contains(['Enabled', 'enabled'], MultiAZ)",
        "node_type": "NodeType",
        "number_of_nodes": "NumberOfNodes",
        "port": "Endpoint.Port",
        "preferred_maintenance_window": caseless("PreferredMaintenanceWindow"),
        "publicly_accessible": "PubliclyAccessible",
        "vpc_security_group_ids": unordered("VpcSecurityGroups[].VpcSecurityGroupId"),
    },
    facts={
        "cluster_create_time": "ClusterCreateTime",
        "cluster_status": "ClusterStatus",
        "vpc_id": "VpcId",
        **DELETING,
    },
    tags="Tags",
)

# --- parts of clusters ----------------------------------------------------------------------------


def in_cluster(block: str, **names: str) -> Projection:
    """A part as the cluster's own block declares it, with our names for its attributes."""

    def parts(cluster: Resource) -> Iterator[Resource]:
        for each in cluster.attributes.get(block) or ():
            if each.get("enable", True):
                said = {names.get(name, name): value for name, value in each.items() if name != "enable"}
                yield cluster.replace(attributes={"cluster_identifier": _name(cluster), **said})

    return parts


def _name(cluster: Resource) -> str:
    return str(cluster.attributes.get("cluster_identifier") or cluster.id)


def part_of(name: str) -> Parent:
    return Parent(type="aws_redshift_cluster", by="cluster_identifier", part=name)


LOGGING = Collector(
    type="aws_redshift_logging",
    homes={"aws_redshift_cluster": in_cluster("logging")},
    parent=part_of("logging"),
    service="redshift",
    fetch=Listing(CLUSTERS, "Clusters"),
    details=(
        Detail(
            operation="describe_logging_status",
            arguments={"ClusterIdentifier": "ClusterIdentifier"},
            into="Logging",
            gone=GONE,
            holds="LoggingEnabled",
            essential=True,
        ),
    ),
    permissions=("redshift:DescribeClusters", "redshift:DescribeLoggingStatus"),
    id="ClusterIdentifier",
    identity=("cluster_identifier",),
    attributes={
        "bucket_name": "Logging.BucketName",
        "cluster_identifier": caseless("ClusterIdentifier"),
        "log_destination_type": Attribute(path="Logging.LogDestinationType", form=defaulting("s3")),
        "log_exports": unordered("Logging.LogExports"),
        "s3_key_prefix": "Logging.S3KeyPrefix",
    },
    facts=DELETING,
)

SNAPSHOT_COPY = Collector(
    type="aws_redshift_snapshot_copy",
    homes={"aws_redshift_cluster": in_cluster("snapshot_copy", grant_name="snapshot_copy_grant_name")},
    parent=part_of("snapshot_copy"),
    service="redshift",
    fetch=Listing(CLUSTERS, "Clusters[?ClusterSnapshotCopyStatus.DestinationRegion]"),
    permissions=("redshift:DescribeClusters",),
    id="ClusterIdentifier",
    identity=("cluster_identifier",),
    attributes={
        "cluster_identifier": caseless("ClusterIdentifier"),
        "destination_region": "ClusterSnapshotCopyStatus.DestinationRegion",
        "manual_snapshot_retention_period": Attribute(
            path="ClusterSnapshotCopyStatus.ManualSnapshotRetentionPeriod", form=IF_DECLARED
        ),
        "retention_period": Attribute(path="ClusterSnapshotCopyStatus.RetentionPeriod", form=defaulting(7)),
        "snapshot_copy_grant_name": "ClusterSnapshotCopyStatus.SnapshotCopyGrantName",
    },
    facts=DELETING,
)


def roles(cluster: Resource) -> Iterator[Resource]:
    """The roles that a cluster declares itself."""
    if found := cluster.attributes.get("iam_roles"):
        said = {"cluster_identifier": _name(cluster), "iam_role_arns": found}
        if default := cluster.attributes.get("default_iam_role_arn"):
            said["default_iam_role_arn"] = default
        yield cluster.replace(attributes=said)


IAM_ROLES = Collector(
    type="aws_redshift_cluster_iam_roles",
    homes={"aws_redshift_cluster": roles},
    parent=Parent(
        type="aws_redshift_cluster",
        by="cluster_identifier",
        part="iam_roles",
        paths={"iam_role_arns": "iam_roles", "default_iam_role_arn": "default_iam_role_arn"},
    ),
    service="redshift",
    fetch=Listing(CLUSTERS, "Clusters[?IamRoles]"),
    permissions=("redshift:DescribeClusters",),
    id="ClusterIdentifier",
    identity=("cluster_identifier",),
    attributes={
        "cluster_identifier": caseless("ClusterIdentifier"),
        "default_iam_role_arn": "DefaultIamRoleArn",
        "iam_role_arns": unordered("IamRoles[].IamRoleArn"),
    },
    facts=DELETING,
)

# --- groups ---------------------------------------------------------------------------------------

SUBNET_GROUP = Collector(
    type="aws_redshift_subnet_group",
    service="redshift",
    fetch=Listing("describe_cluster_subnet_groups", "ClusterSubnetGroups"),
    permissions=("redshift:DescribeClusterSubnetGroups",),
    id="ClusterSubnetGroupName",
    identity=("name",),
    arn=f"{ARN}:subnetgroup:{{ClusterSubnetGroupName}}",
    owner=made_by_aws("ClusterSubnetGroupName", "default."),
    attributes={
        "description": "Description",
        "name": "ClusterSubnetGroupName",
        "subnet_ids": unordered("Subnets[].SubnetIdentifier"),
    },
    facts={"vpc_id": "VpcId"},
    tags="Tags",
)

PARAMETER_GROUP = Collector(
    type="aws_redshift_parameter_group",
    service="redshift",
    fetch=Listing("describe_cluster_parameter_groups", "ParameterGroups"),
    details=(
        Detail(
            operation="describe_cluster_parameters",
            arguments={"ParameterGroupName": "ParameterGroupName", "Source": "'user'"},
            into="Told",
            gone=GONE,
            unless="starts_with(ParameterGroupName, 'default.')",
        ),
    ),
    permissions=("redshift:DescribeClusterParameterGroups", "redshift:DescribeClusterParameters"),
    id="ParameterGroupName",
    identity=("name",),
    arn=f"{ARN}:parametergroup:{{ParameterGroupName}}",
    owner=made_by_aws("ParameterGroupName", "default."),
    attributes={
        "description": "Description",
        "family": "ParameterGroupFamily",
        "name": "ParameterGroupName",
        "parameter": parameters(),
    },
    tags="Tags",
)

# --- schedules and subscriptions ------------------------------------------------------------------

SNAPSHOT_SCHEDULE = Collector(
    type="aws_redshift_snapshot_schedule",
    service="redshift",
    fetch=Listing("describe_snapshot_schedules", "SnapshotSchedules"),
    permissions=("redshift:DescribeSnapshotSchedules",),
    id="ScheduleIdentifier",
    identity=("identifier",),
    arn=f"{ARN}:snapshotschedule:{{ScheduleIdentifier}}",
    attributes={
        "definitions": unordered("ScheduleDefinitions"),
        "description": "ScheduleDescription",
        "identifier": "ScheduleIdentifier",
    },
    tags="Tags",
)

SNAPSHOT_SCHEDULE_ASSOCIATION = Collector(
    type="aws_redshift_snapshot_schedule_association",
    service="redshift",
    fetch=Listing("describe_snapshot_schedules", "AssociatedClusters", within="SnapshotSchedules"),
    permissions=("redshift:DescribeSnapshotSchedules",),
    id="join('/', [Item.ClusterIdentifier, Parent.ScheduleIdentifier])",
    identity=("cluster_identifier", "schedule_identifier"),
    attributes={
        "cluster_identifier": caseless("Item.ClusterIdentifier"),
        "schedule_identifier": "Parent.ScheduleIdentifier",
    },
    facts={"schedule_association_state": "Item.ScheduleAssociationState"},
)

EVENT_SUBSCRIPTION = Collector(
    type="aws_redshift_event_subscription",
    service="redshift",
    fetch=Listing("describe_event_subscriptions", "EventSubscriptionsList"),
    permissions=("redshift:DescribeEventSubscriptions",),
    id="CustSubscriptionId",
    identity=("name",),
    arn=f"{ARN}:eventsubscription:{{CustSubscriptionId}}",
    attributes={
        "customer_aws_id": "CustomerAwsId",
        "enabled": "Enabled",
        "event_categories": unordered("EventCategoriesList"),
        "name": "CustSubscriptionId",
        "severity": Attribute(path="Severity", form=defaulting("INFO")),
        "sns_topic_arn": "SnsTopicArn",
        "source_ids": unordered("SourceIdsList"),
        "source_type": "SourceType",
        "status": volatile("Status"),
    },
    tags="Tags",
)

COLLECTORS = [
    CLUSTER,
    LOGGING,
    SNAPSHOT_COPY,
    IAM_ROLES,
    SUBNET_GROUP,
    PARAMETER_GROUP,
    SNAPSHOT_SCHEDULE,
    SNAPSHOT_SCHEDULE_ASSOCIATION,
    EVENT_SUBSCRIPTION,
]
