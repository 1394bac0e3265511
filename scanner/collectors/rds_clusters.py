"""Amazon RDS: what goes with clusters and instances: endpoints, roles, copies of backups, clusters of many regions.

AWS tells of global clusters in whatever region it is asked. Neptune's custom endpoints stand in the
same list as Aurora's, and nothing in it tells them apart.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

from scanner.aws.collector import Attribute, Collector, Listing, Scope, caseless, unordered, volatile
from scanner.aws.place import Item, Place
from scanner.collectors.rds import DELETING, OWN
from scanner.collectors.rds_groups import tagging, under_other_names
from state import Resource
from state.forms import VERSION
from state.schema import Parent

CLUSTER_ENDPOINT = Collector(
    type="aws_rds_cluster_endpoint",
    homes={"aws_neptune_cluster_endpoint": under_other_names(endpoint_type="custom_endpoint_type")},
    service="rds",
    fetch=Listing("describe_db_cluster_endpoints", "DBClusterEndpoints[?EndpointType=='CUSTOM']"),
    details=(tagging("DBClusterEndpointArn"),),
    permissions=("rds:DescribeDBClusterEndpoints", "rds:ListTagsForResource"),
    id="DBClusterEndpointIdentifier",
    identity=("cluster_endpoint_identifier",),
    attributes={
        "arn": "DBClusterEndpointArn",
        "cluster_endpoint_identifier": caseless("DBClusterEndpointIdentifier"),
        "cluster_identifier": caseless("DBClusterIdentifier"),
        "custom_endpoint_type": caseless("CustomEndpointType"),
        "endpoint": volatile("Endpoint"),
        "excluded_members": unordered("ExcludedMembers"),
        "static_members": unordered("StaticMembers"),
    },
    facts={"pending_deletion": f"Status=={DELETING}", "status": "Status"},
    tags="Tagging.TagList",
)

# --- global clusters ------------------------------------------------------------------------------

GLOBAL_CLUSTER: dict[str, str | Attribute] = {
    "arn": "GlobalClusterArn",
    "deletion_protection": "DeletionProtection",
    "engine": "Engine",
    "engine_version": Attribute(path="EngineVersion", form=VERSION),
    "global_cluster_identifier": "GlobalClusterIdentifier",
    # Which of them writes changes at each switchover.
    "global_cluster_members": volatile("GlobalClusterMembers[].{db_cluster_arn: DBClusterArn, is_writer: IsWriter}"),
    "global_cluster_resource_id": "GlobalClusterResourceId",
    "storage_encrypted": "StorageEncrypted",
}


def global_cluster(type: str, engine: str, **more: str | Attribute) -> Collector:
    return Collector(
        type=type,
        service="rds",
        fetch=Listing("describe_global_clusters", f"GlobalClusters[?{engine}]"),
        permissions=("rds:DescribeGlobalClusters",),
        scope=Scope.GLOBAL,
        id="GlobalClusterIdentifier",
        identity=("global_cluster_identifier",),
        attributes=GLOBAL_CLUSTER | more,
        facts={"pending_deletion": f"Status=={DELETING}", "status": "Status"},
        tags="TagList",
    )


RDS_GLOBAL_CLUSTER = global_cluster(
    "aws_rds_global_cluster",
    OWN,
    database_name="DatabaseName",
    endpoint=volatile("Endpoint"),
    engine_lifecycle_support="EngineLifecycleSupport",
    engine_version_actual=volatile("EngineVersion"),
)
DOCDB_GLOBAL_CLUSTER = global_cluster(
    "aws_docdb_global_cluster", "Engine=='docdb'", database_name="DatabaseName", status=volatile("Status")
)
NEPTUNE_GLOBAL_CLUSTER = global_cluster("aws_neptune_global_cluster", "Engine=='neptune'", status=volatile("Status"))

# --- copies of backups ----------------------------------------------------------------------------


async def replicated_backups(place: Place) -> AsyncIterator[list[Item]]:
    """The backups that come from instances of another region; the rest are of instances here."""
    async for page in place.pages("rds", "describe_db_instance_automated_backups"):
        backups = page.get("DBInstanceAutomatedBackups") or ()
        yield [each for each in backups if _region(each.get("DBInstanceArn")) not in ("", place.region)]


def _region(arn: str | None) -> str:
    return arn.split(":")[3] if arn else ""


BACKUPS_REPLICATION = Collector(
    type="aws_db_instance_automated_backups_replication",
    service="rds",
    fetch=replicated_backups,
    permissions=("rds:DescribeDBInstanceAutomatedBackups",),
    id="DBInstanceAutomatedBackupsArn",
    arn="DBInstanceAutomatedBackupsArn",
    attributes={
        "kms_key_id": "KmsKeyId",
        "retention_period": "BackupRetentionPeriod",
        "source_db_instance_arn": "DBInstanceArn",
    },
    facts={"restore_window_latest_time": "RestoreWindow.LatestTime", "status": "Status"},
)

# --- roles ----------------------------------------------------------------------------------------

INSTANCE_ROLE = Collector(
    type="aws_db_instance_role_association",
    service="rds",
    fetch=Listing("describe_db_instances", "AssociatedRoles", within=f"DBInstances[?!DBClusterIdentifier && {OWN}]"),
    permissions=("rds:DescribeDBInstances",),
    id="join(',', [Parent.DBInstanceIdentifier, Item.RoleArn])",
    identity=("db_instance_identifier", "role_arn"),
    attributes={
        "db_instance_identifier": caseless("Parent.DBInstanceIdentifier"),
        "feature_name": "Item.FeatureName",
        "role_arn": "Item.RoleArn",
    },
    facts={"status": "Item.Status"},
)


def roles(cluster: Resource) -> Iterator[Resource]:
    """The roles that a cluster declares itself: of none of them it says what for."""
    name = cluster.attributes.get("cluster_identifier") or cluster.id
    for role in cluster.attributes.get("iam_roles") or ():
        said = {"db_cluster_identifier": name, "role_arn": role}
        yield cluster.replace(id=f"{name},{role}", attributes=said)


CLUSTER_ROLE = Collector(
    type="aws_rds_cluster_role_association",
    service="rds",
    fetch=Listing("describe_db_clusters", "AssociatedRoles", within=f"DBClusters[?{OWN}]"),
    permissions=("rds:DescribeDBClusters",),
    id="join(',', [Parent.DBClusterIdentifier, Item.RoleArn])",
    identity=("db_cluster_identifier", "role_arn"),
    parent=Parent(type="aws_rds_cluster", by="db_cluster_identifier", part="iam_roles"),
    homes={"aws_rds_cluster": roles},
    attributes={
        "db_cluster_identifier": caseless("Parent.DBClusterIdentifier"),
        "feature_name": "Item.FeatureName",
        "role_arn": "Item.RoleArn",
    },
    facts={"status": "Item.Status"},
)

COLLECTORS = [
    CLUSTER_ENDPOINT,
    RDS_GLOBAL_CLUSTER,
    DOCDB_GLOBAL_CLUSTER,
    NEPTUNE_GLOBAL_CLUSTER,
    BACKUPS_REPLICATION,
    INSTANCE_ROLE,
    CLUSTER_ROLE,
]
