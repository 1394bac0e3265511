"""Amazon MemoryDB: clusters, who may enter them, and the groups they are made with.

Parameters come without a word on which of them somebody set.
"""

from __future__ import annotations

from typing import Any

from scanner.aws.collector import (
    Attribute,
    Collector,
    Detail,
    Listing,
    as_block,
    caseless,
    converted,
    name_or_arn,
    unordered,
    volatile,
)
from scanner.aws.session import Item
from scanner.collectors.elasticache_users import AUTHENTICATION
from scanner.collectors.rds_groups import made_by_aws
from state.forms import VERSION, Pairwise, pairs_as_declared

GONE = (
    "ACLNotFoundFault",
    "ClusterNotFoundFault",
    "ParameterGroupNotFoundFault",
    "SubnetGroupNotFoundFault",
    "UserNotFoundFault",
)
DELETING = "Status=='deleting'"


def tagging(unless: str | None = None) -> Detail:
    return Detail(operation="list_tags", arguments={"ResourceArn": "ARN"}, into="Tagging", gone=GONE, unless=unless)


def replicas(shards: Any) -> int | None:
    """All nodes of a shard but its primary."""
    return len(shards[0].get("Nodes") or ()) - 1 if shards else None


CLUSTER = Collector(
    type="aws_memorydb_cluster",
    service="memorydb",
    fetch=Listing("describe_clusters", "Clusters", arguments=(("ShowShardDetails", True),)),
    details=(tagging(),),
    permissions=("memorydb:DescribeClusters", "memorydb:ListTags"),
    id="Name",
    identity=("name",),
    attributes={
        "acl_name": "ACLName",
        "arn": "ARN",
        "auto_minor_version_upgrade": "AutoMinorVersionUpgrade",
        "cluster_endpoint": volatile("ClusterEndpoint && [ClusterEndpoint.{address: Address, port: Port}]"),
        "data_tiering": "DataTiering=='true'",
        "description": "Description",
        "engine": caseless("Engine"),
        "engine_patch_version": volatile("EnginePatchVersion"),
        "engine_version": Attribute(path="EngineVersion", form=VERSION),
        "kms_key_arn": name_or_arn("KmsKeyId"),
        "maintenance_window": caseless("MaintenanceWindow"),
        "multi_region_cluster_name": "MultiRegionClusterName",
        "name": "Name",
        "node_type": "NodeType",
        "num_replicas_per_shard": converted("Shards", replicas),
        "num_shards": "NumberOfShards",
        "parameter_group_name": "ParameterGroupName",
        "port": "ClusterEndpoint.Port",
        "security_group_ids": unordered("SecurityGroups[].SecurityGroupId"),
        "shards": volatile(
            "Shards[].{name: Name, nodes: Nodes[].{availability_zone: AvailabilityZone, create_time: CreateTime, "
            "endpoint: Endpoint && [Endpoint.{address: Address, port: Port}], name: Name}, "
            "num_nodes: NumberOfNodes, slots: Slots}"
        ),
        "snapshot_retention_limit": "SnapshotRetentionLimit",
        "snapshot_window": "SnapshotWindow",
        "sns_topic_arn": "SnsTopicStatus=='ACTIVE' && SnsTopicArn || `null`",
        "subnet_group_name": "SubnetGroupName",
        "tls_enabled": "TLSEnabled",
    },
    facts={"availability_mode": "AvailabilityMode", "pending_deletion": DELETING, "status": "Status"},
    tags="Tagging.TagList",
)

SUBNET_GROUP = Collector(
    type="aws_memorydb_subnet_group",
    service="memorydb",
    fetch=Listing("describe_subnet_groups", "SubnetGroups"),
    details=(tagging(),),
    permissions=("memorydb:DescribeSubnetGroups", "memorydb:ListTags"),
    id="Name",
    identity=("name",),
    owner=made_by_aws("Name", "default."),
    attributes={
        "arn": "ARN",
        "description": "Description",
        "name": "Name",
        "subnet_ids": unordered("Subnets[].Identifier"),
        "vpc_id": "VpcId",
    },
    tags="Tagging.TagList",
)

# --- who may enter --------------------------------------------------------------------------------


def made_with_account(list_: Item) -> str | None:
    return "aws" if list_["Name"] == "open-access" else None


ACL = Collector(
    type="aws_memorydb_acl",
    service="memorydb",
    fetch=Listing("describe_acls", "ACLs"),
    details=(tagging(unless="Name=='open-access'"),),
    permissions=("memorydb:DescribeACLs", "memorydb:ListTags"),
    id="Name",
    identity=("name",),
    owner=made_with_account,
    attributes={
        "arn": "ARN",
        "minimum_engine_version": volatile("MinimumEngineVersion"),
        "name": "Name",
        "user_names": unordered("UserNames"),
    },
    facts={"clusters": unordered("Clusters"), "pending_deletion": DELETING, "status": "Status"},
    tags="Tagging.TagList",
)

USER = Collector(
    type="aws_memorydb_user",
    service="memorydb",
    fetch=Listing("describe_users", "Users"),
    details=(tagging(unless="Name=='default'"),),
    permissions=("memorydb:DescribeUsers", "memorydb:ListTags"),
    id="Name",
    identity=("user_name",),
    owner=made_by_aws("Name", "default."),
    attributes={
        "access_string": "AccessString",
        "arn": "ARN",
        "authentication_mode": AUTHENTICATION,
        "minimum_engine_version": volatile("MinimumEngineVersion"),
        "user_name": "Name",
    },
    facts={"pending_deletion": DELETING, "status": "Status"},
    tags="Tagging.TagList",
)

# --- parameters -----------------------------------------------------------------------------------


PARAMETER_GROUP = Collector(
    type="aws_memorydb_parameter_group",
    service="memorydb",
    fetch=Listing("describe_parameter_groups", "ParameterGroups"),
    details=(
        Detail(
            operation="describe_parameters",
            arguments={"ParameterGroupName": "Name"},
            into="Told",
            gone=GONE,
            unless="starts_with(Name, 'default.')",
        ),
        tagging(unless="starts_with(Name, 'default.')"),
    ),
    permissions=("memorydb:DescribeParameterGroups", "memorydb:DescribeParameters", "memorydb:ListTags"),
    id="Name",
    identity=("name",),
    owner=made_by_aws("Name", "default."),
    attributes={
        "arn": "ARN",
        "description": "Description",
        "family": "Family",
        "name": "Name",
        "parameter": Attribute(
            path="Told.Parameters[?Value!=`null`].{name: Name, value: Value}",
            form=Pairwise(agree=pairs_as_declared("name", "value")),
            convert=as_block,
        ),
    },
    tags="Tagging.TagList",
)

COLLECTORS = [CLUSTER, SUBNET_GROUP, ACL, USER, PARAMETER_GROUP]
