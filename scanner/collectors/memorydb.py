"""Amazon MemoryDB: clusters, who may enter them, and the groups they are made with.

Parameters come without a word on which of them somebody set: the groups of defaults, which AWS keeps of each
family, tell.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from scanner.aws.collector import (
    Attribute,
    Collector,
    Detail,
    Listing,
    Shared,
    caseless,
    converted,
    name_or_arn,
    unordered,
    volatile,
)
from scanner.aws.inside import all_of, listing
from scanner.aws.place import Item, Place
from scanner.collectors.elasticache_users import AUTHENTICATION
from scanner.collectors.rds_groups import made_by_aws, with_declared
from state.forms import CASELESS, VERSION, Keyed, without_order
from state.noise import upgraded

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
    excuses={"engine_version": upgraded(lambda found: 1)},
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

DEFAULT = "starts_with(Name, 'default.')"
PARAMETER = "Told.Parameters[?Value!=`null`].{name: Name, value: Value}"


GROUPS = all_of("memorydb", "describe_parameter_groups", "ParameterGroups")


async def list_of_defaults(place: Place) -> Mapping[str, Mapping[str, str]]:
    """What the parameters of each family are where nobody set them."""
    kept = [each for each in await GROUPS(list_of_defaults, place) if each["Name"].startswith("default.")]
    asked = (place.whole("memorydb", "describe_parameters", ParameterGroupName=each["Name"]) for each in kept)
    answers = await asyncio.gather(*asked)
    return {
        group["Family"]: {each["Name"]: each.get("Value") for each in answer.get("Parameters") or ()}
        for group, answer in zip(kept, answers, strict=True)
    }


GROUPS.readers.add(list_of_defaults)


def set_by_somebody(found: Any) -> list[Item]:
    """The parameters that are not as their family's, and those that are declared."""
    told, defaults, names = found
    other = [each for each in told or () if (defaults or {}).get(each["name"]) != each["value"]]
    return with_declared([other, told, names])


PARAMETER_GROUP = Collector(
    type="aws_memorydb_parameter_group",
    service="memorydb",
    fetch=listing("parameter_groups", GROUPS),
    details=(
        Detail(
            operation="describe_parameters",
            arguments={"ParameterGroupName": "Name"},
            into="Told",
            gone=GONE,
            unless=DEFAULT,
        ),
        Shared(ask=list_of_defaults, by="Family", into="Defaults", only=f"!{DEFAULT}"),
        tagging(unless=DEFAULT),
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
            path=f"[{PARAMETER}, Defaults, Declared.parameter[].name]",
            form=Keyed(by="name", canonical=without_order, inner={"name": CASELESS}),
            convert=set_by_somebody,
        ),
    },
    minds=("parameter",),
    tags="Tagging.TagList",
)

COLLECTORS = [CLUSTER, SUBNET_GROUP, ACL, USER, PARAMETER_GROUP]
