"""Amazon ElastiCache: clusters, replication groups, serverless caches, and the groups they are made with.

What the nodes of a replication group have in common AWS tells of each node, and not of the group.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

from scanner.aws.collector import (
    Attribute,
    Collector,
    Detail,
    Listing,
    Shared,
    block,
    blocks,
    caseless,
    converted,
    name_or_arn,
    unordered,
    volatile,
)
from scanner.aws.inside import Once, listing
from scanner.aws.place import Item, Place
from scanner.collectors.appautoscaling import scaled
from scanner.collectors.rds_groups import made_by_aws, parameters
from state.forms import Pairwise, some_version_of
from state.noise import BY_TARGET, Difference, allows_upgrades, numbers, upgraded

GONE = (
    "CacheClusterNotFound",
    "CacheParameterGroupNotFound",
    "CacheSubnetGroupNotFoundFault",
    "ReplicationGroupNotFoundFault",
    "ServerlessCacheNotFoundFault",
    "UserGroupNotFound",
    "UserNotFound",
)


def tagging(unless: str | None = None) -> Detail:
    return Detail(
        operation="list_tags_for_resource", arguments={"ResourceName": "ARN"}, into="Tagging", gone=GONE, unless=unless
    )


async def _clusters(place: Place) -> list[Item]:
    answer = await place.whole("elasticache", "describe_cache_clusters", ShowCacheNodeInfo=True)
    return list(answer.get("CacheClusters") or ())


CLUSTERS = Once(_clusters)


async def first_nodes(place: Place) -> Mapping[str, Any]:
    """A node of each replication group."""
    nodes = reversed(await CLUSTERS(first_nodes, place))
    return {each["ReplicationGroupId"]: each for each in nodes if each.get("ReplicationGroupId")}


CLUSTERS.readers.add(first_nodes)


def in_words(value: Any) -> str | None:
    """The provider writes some switches as text."""
    return None if value is None else str(value).lower()


def same_version(declared: Any, live: Any) -> bool:
    """ "7.1" is any 7.1.x, and "6.x" any 6."""
    return some_version_of(declared.removesuffix(".x") if isinstance(declared, str) else declared, live)


def engine_version(path: str) -> Attribute:
    return Attribute(path=path, form=Pairwise(agree=same_version))


def allows_minor_upgrades(found: Difference) -> bool:
    """Valkey, and Redis since 6.0, have them, and what else there is has not, whatever is set.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CacheCluster.html
    """
    has = found.actual["engine"] in ("redis", "valkey") and numbers(found.declared) >= (6,)
    return has and allows_upgrades(found)


UPGRADED = {"engine_version": upgraded(lambda found: 1, allows_minor_upgrades)}

LOGS = blocks(
    "LogDeliveryConfigurations[].{"
    "destination: DestinationDetails.CloudWatchLogsDetails.LogGroup"
    " || DestinationDetails.KinesisFirehoseDetails.DeliveryStream, "
    "destination_type: DestinationType, log_format: LogFormat, log_type: LogType}"
)


def topic(of: str = "") -> str:
    """The topic that is told of events, while it is."""
    at = f"{of}NotificationConfiguration"
    return f"{at}.TopicStatus=='active' && {at}.TopicArn || `null`"


# --- clusters -------------------------------------------------------------------------------------


def made_by_group(cluster: Item) -> str | None:
    """The nodes of a replication group are made by it."""
    group = cluster.get("ReplicationGroupId")
    return f"elasticache: {group}" if group else None


def as_cluster(found: Difference) -> str:
    """A cluster as a scalable target names it."""
    return f"cache-cluster/{found.actual['cluster_id']}"


CLUSTER = Collector(
    type="aws_elasticache_cluster",
    service="elasticache",
    fetch=listing("cache_clusters", CLUSTERS),
    details=(tagging(),),
    permissions=("elasticache:DescribeCacheClusters", "elasticache:ListTagsForResource"),
    id="CacheClusterId",
    identity=("cluster_id",),
    owner=made_by_group,
    attributes={
        "arn": "ARN",
        "auto_minor_version_upgrade": converted("AutoMinorVersionUpgrade", in_words),
        "availability_zone": "PreferredAvailabilityZone",
        "az_mode": "PreferredAvailabilityZone=='Multiple' && 'cross-az' || 'single-az'",
        "cache_nodes": volatile(
            "CacheNodes[].{address: Endpoint.Address, availability_zone: CustomerAvailabilityZone, id: CacheNodeId, "
            "outpost_arn: CustomerOutpostArn, port: Endpoint.Port}"
        ),
        "cluster_address": volatile("ConfigurationEndpoint.Address"),
        "cluster_id": caseless("CacheClusterId"),
        "configuration_endpoint": volatile(
            "ConfigurationEndpoint && join(':', [ConfigurationEndpoint.Address, to_string(ConfigurationEndpoint.Port)])"
        ),
        "engine": caseless("Engine"),
        "engine_version": engine_version("EngineVersion"),
        "engine_version_actual": volatile("EngineVersion"),
        "ip_discovery": "IpDiscovery",
        "log_delivery_configuration": LOGS,
        "maintenance_window": caseless("PreferredMaintenanceWindow"),
        "network_type": "NetworkType",
        "node_type": "CacheNodeType",
        "notification_topic_arn": topic(),
        "num_cache_nodes": "NumCacheNodes",
        "parameter_group_name": "CacheParameterGroup.CacheParameterGroupName",
        "port": "ConfigurationEndpoint.Port || CacheNodes[0].Endpoint.Port",
        "preferred_outpost_arn": "PreferredOutpostArn",
        "replication_group_id": "ReplicationGroupId",
        "security_group_ids": unordered("SecurityGroups[].SecurityGroupId"),
        "snapshot_retention_limit": "SnapshotRetentionLimit",
        "snapshot_window": "SnapshotWindow",
        "subnet_group_name": "CacheSubnetGroupName",
        "transit_encryption_enabled": "TransitEncryptionEnabled",
    },
    excuses={**UPGRADED, "num_cache_nodes": scaled("elasticache", "elasticache:cache-cluster:Nodes", as_cluster)},
    facts={
        "at_rest_encryption_enabled": "AtRestEncryptionEnabled",
        "auth_token_enabled": "AuthTokenEnabled",
        "cache_cluster_create_time": "CacheClusterCreateTime",
        "cache_cluster_status": "CacheClusterStatus",
        "pending_deletion": "CacheClusterStatus=='deleting'",
    },
    tags="Tagging.TagList",
)

# --- replication groups ---------------------------------------------------------------------------


def replicas(node_groups: Any) -> int | None:
    """All members of a shard but its primary."""
    return len(node_groups[0].get("NodeGroupMembers") or ()) - 1 if node_groups else None


def switched_on(path: str) -> str:
    return f"contains(['enabled', 'enabling'], {path})"


def as_group(found: Difference) -> str:
    """A replication group as a scalable target names it."""
    return f"replication-group/{found.actual['replication_group_id']}"


SCALED = {
    "num_node_groups": scaled("elasticache", "elasticache:replication-group:NodeGroups", as_group),
    "replicas_per_node_group": scaled("elasticache", "elasticache:replication-group:Replicas", as_group),
}


def nodes_scaled(found: Difference) -> str:
    """How many nodes there are comes of the shards, and of the replicas of each: one more in one of them is drift."""
    live = {name: found.actual[name] or 0 for name in SCALED}
    moved = [name for name in SCALED if found.wanted.attributes.get(name) != live[name]]
    shards, each = live.values()
    if not moved or found.live != shards * (each + 1):
        return ""
    told = [SCALED[name](found._replace(path=name, live=live[name])) for name in moved]
    return BY_TARGET if all(told) else ""


REPLICATION_GROUP = Collector(
    type="aws_elasticache_replication_group",
    service="elasticache",
    fetch=Listing("describe_replication_groups", "ReplicationGroups"),
    details=(tagging(), Shared(ask=first_nodes, by="ReplicationGroupId", into="Node", some=True)),
    permissions=(
        "elasticache:DescribeReplicationGroups",
        "elasticache:DescribeCacheClusters",
        "elasticache:ListTagsForResource",
    ),
    id="ReplicationGroupId",
    identity=("replication_group_id",),
    attributes={
        "arn": "ARN",
        "at_rest_encryption_enabled": converted("AtRestEncryptionEnabled", in_words),
        "auto_minor_version_upgrade": converted("AutoMinorVersionUpgrade", in_words),
        "automatic_failover_enabled": switched_on("AutomaticFailover"),
        "cluster_enabled": "ClusterEnabled",
        "cluster_mode": "ClusterMode",
        "configuration_endpoint_address": volatile("ConfigurationEndpoint.Address"),
        "data_tiering_enabled": switched_on("DataTiering"),
        "description": "Description",
        "engine": caseless("Engine || Node.Engine"),
        "engine_version": engine_version("Node.EngineVersion"),
        "engine_version_actual": volatile("Node.EngineVersion"),
        "global_replication_group_id": "GlobalReplicationGroupInfo.GlobalReplicationGroupId",
        "ip_discovery": "IpDiscovery",
        "kms_key_id": name_or_arn("KmsKeyId"),
        "log_delivery_configuration": LOGS,
        "maintenance_window": caseless("Node.PreferredMaintenanceWindow"),
        "member_clusters": volatile("MemberClusters"),  # as many as num_cache_clusters says
        "multi_az_enabled": switched_on("MultiAZ"),
        "network_type": "NetworkType",
        "node_type": "CacheNodeType",
        "notification_topic_arn": topic("Node."),
        "num_cache_clusters": "length(MemberClusters || `[]`)",
        "num_node_groups": "length(NodeGroups || `[]`)",
        "parameter_group_name": "Node.CacheParameterGroup.CacheParameterGroupName",
        "port": "ConfigurationEndpoint.Port || NodeGroups[0].PrimaryEndpoint.Port",
        "primary_endpoint_address": volatile("NodeGroups[0].PrimaryEndpoint.Address"),
        "reader_endpoint_address": volatile("NodeGroups[0].ReaderEndpoint.Address"),
        "replicas_per_node_group": converted("NodeGroups", replicas),
        "replication_group_id": caseless("ReplicationGroupId"),
        "security_group_ids": unordered("Node.SecurityGroups[].SecurityGroupId"),
        "snapshot_retention_limit": "SnapshotRetentionLimit",
        "snapshot_window": "SnapshotWindow",
        "subnet_group_name": "Node.CacheSubnetGroupName",
        "transit_encryption_enabled": "TransitEncryptionEnabled",
        "transit_encryption_mode": "TransitEncryptionMode",
        "user_group_ids": unordered("UserGroupIds"),
    },
    excuses={**UPGRADED, **SCALED, "num_cache_clusters": nodes_scaled},
    facts={
        "auth_token_enabled": "AuthTokenEnabled",
        "pending_deletion": "Status=='deleting'",
        "replication_group_create_time": "ReplicationGroupCreateTime",
        "status": "Status",
    },
    tags="Tagging.TagList",
)


async def global_datastores(place: Place) -> AsyncIterator[list[Item]]:
    """The global datastores whose primary is in this region: the provider makes them there."""
    async for page in place.pages("elasticache", "describe_global_replication_groups", ShowMemberInfo=True):
        found = [{**each, "Primary": _primary(each)} for each in page.get("GlobalReplicationGroups") or ()]
        yield [each for each in found if each["Primary"].get("ReplicationGroupRegion") == place.region]


def _primary(datastore: Item) -> Item:
    members = datastore.get("Members") or ()
    return next((each for each in members if each.get("Role") == "PRIMARY"), {})


GLOBAL_REPLICATION_GROUP = Collector(
    type="aws_elasticache_global_replication_group",
    service="elasticache",
    fetch=global_datastores,
    permissions=("elasticache:DescribeGlobalReplicationGroups",),
    id="GlobalReplicationGroupId",
    attributes={
        "arn": "ARN",
        "at_rest_encryption_enabled": "AtRestEncryptionEnabled",
        "auth_token_enabled": "AuthTokenEnabled",
        "automatic_failover_enabled": switched_on("Primary.AutomaticFailover"),
        "cache_node_type": "CacheNodeType",
        "cluster_enabled": "ClusterEnabled",
        "engine": caseless("Engine"),
        "engine_version": engine_version("EngineVersion"),
        "engine_version_actual": volatile("EngineVersion"),
        "global_node_groups": volatile("GlobalNodeGroups[].{global_node_group_id: GlobalNodeGroupId, slots: Slots}"),
        "global_replication_group_description": "GlobalReplicationGroupDescription",
        "global_replication_group_id": "GlobalReplicationGroupId",
        "num_node_groups": "length(GlobalNodeGroups || `[]`)",
        "primary_replication_group_id": volatile("Primary.ReplicationGroupId"),  # changes at each failover
        "transit_encryption_enabled": "TransitEncryptionEnabled",
    },
    facts={"pending_deletion": "Status=='deleting'", "status": "Status"},
)

# --- serverless -----------------------------------------------------------------------------------


def endpoint(path: str) -> Attribute:
    return volatile(f"{path} && [{path}.{{address: Address, port: Port}}]")


SERVERLESS_CACHE = Collector(
    type="aws_elasticache_serverless_cache",
    service="elasticache",
    fetch=Listing("describe_serverless_caches", "ServerlessCaches"),
    details=(tagging(),),
    permissions=("elasticache:DescribeServerlessCaches", "elasticache:ListTagsForResource"),
    id="ServerlessCacheName",
    identity=("name",),
    attributes={
        "arn": "ARN",
        "cache_usage_limits": block(
            "CacheUsageLimits.{"
            "data_storage: DataStorage && [DataStorage.{maximum: Maximum, minimum: Minimum, unit: Unit}], "
            "ecpu_per_second: ECPUPerSecond && [ECPUPerSecond.{maximum: Maximum, minimum: Minimum}]}"
        ),
        "create_time": volatile("CreateTime"),
        "daily_snapshot_time": "DailySnapshotTime",
        "description": "Description",
        "endpoint": endpoint("Endpoint"),
        "engine": caseless("Engine"),
        "full_engine_version": volatile("FullEngineVersion"),
        "kms_key_id": name_or_arn("KmsKeyId"),
        "major_engine_version": "MajorEngineVersion",
        "name": "ServerlessCacheName",
        "reader_endpoint": endpoint("ReaderEndpoint"),
        "security_group_ids": unordered("SecurityGroupIds"),
        "snapshot_retention_limit": "SnapshotRetentionLimit",
        "status": volatile("Status"),
        "subnet_ids": unordered("SubnetIds"),
        "user_group_id": "UserGroupId",
    },
    facts={"pending_deletion": "Status=='deleting'"},
    tags="Tagging.TagList",
)

# --- subnets and parameters -----------------------------------------------------------------------

SUBNET_GROUP = Collector(
    type="aws_elasticache_subnet_group",
    service="elasticache",
    fetch=Listing("describe_cache_subnet_groups", "CacheSubnetGroups"),
    details=(tagging(unless="CacheSubnetGroupName=='default'"),),
    permissions=("elasticache:DescribeCacheSubnetGroups", "elasticache:ListTagsForResource"),
    id="CacheSubnetGroupName",
    identity=("name",),
    owner=made_by_aws("CacheSubnetGroupName", "default."),
    attributes={
        "arn": "ARN",
        "description": "CacheSubnetGroupDescription",
        "name": caseless("CacheSubnetGroupName"),
        "subnet_ids": unordered("Subnets[].SubnetIdentifier"),
        "vpc_id": "VpcId",
    },
    tags="Tagging.TagList",
)


def made_for_datastore(group: Item) -> str | None:
    """AWS makes groups of defaults, and copies the group of a global datastore to its other regions."""
    copied = "elasticache: global datastore" if group.get("IsGlobal") else None
    return made_by_aws("CacheParameterGroupName", "default.")(group) or copied


DEFAULT = "starts_with(CacheParameterGroupName, 'default.')"

PARAMETER_GROUP = Collector(
    type="aws_elasticache_parameter_group",
    service="elasticache",
    fetch=Listing("describe_cache_parameter_groups", "CacheParameterGroups"),
    details=(
        Detail(
            operation="describe_cache_parameters",
            arguments={"CacheParameterGroupName": "CacheParameterGroupName", "Source": "'user'"},
            into="Told",
            gone=GONE,
            unless=DEFAULT,
        ),
        tagging(unless=DEFAULT),
    ),
    permissions=(
        "elasticache:DescribeCacheParameterGroups",
        "elasticache:DescribeCacheParameters",
        "elasticache:ListTagsForResource",
    ),
    id="CacheParameterGroupName",
    identity=("name",),
    owner=made_for_datastore,
    attributes={
        "arn": "ARN",
        "description": "Description",
        "family": "CacheParameterGroupFamily",
        "name": caseless("CacheParameterGroupName"),
        "parameter": parameters(),
    },
    tags="Tagging.TagList",
)

COLLECTORS = [
    CLUSTER,
    REPLICATION_GROUP,
    GLOBAL_REPLICATION_GROUP,
    SERVERLESS_CACHE,
    SUBNET_GROUP,
    PARAMETER_GROUP,
]
