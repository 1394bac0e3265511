"""Amazon EKS: clusters, what runs them, and who may enter.

AWS lists everything by name, one cluster at a time, and describes one thing at a time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from botocore.exceptions import ClientError

from scanner.aws.collector import Attribute, Collector, Detail, as_block, block, blocks, document, unordered, volatile
from scanner.aws.errors import code
from scanner.aws.inside import Fetch, Once, inside, listing
from scanner.aws.place import Item, Place
from state.forms import MAP, UNORDERED, VERSION, Form, defaulting, if_enabled, plain
from state.noise import BY_GROUP, Difference

GONE = ("ResourceNotFoundException", "NotFoundException")
NONE = (*GONE, "InvalidRequestException")
"""A cluster that is being made, or that lets nobody in by access entries, answers that it has none to list."""


async def _clusters(place: Place) -> list[Item]:
    return [{"Cluster": each} for each in (await place.whole("eks", "list_clusters")).get("clusters") or ()]


async def _or_none(asking: Awaitable[Item]) -> Item:
    try:
        return await asking
    except ClientError as error:
        if code(error) not in NONE:
            raise
        return {}


async def _node_groups(place: Place, cluster: Item) -> Item:
    return await place.whole("eks", "list_nodegroups", clusterName=cluster["Cluster"])


async def _addons(place: Place, cluster: Item) -> Item:
    return await place.whole("eks", "list_addons", clusterName=cluster["Cluster"])


async def _profiles(place: Place, cluster: Item) -> Item:
    return await place.whole("eks", "list_fargate_profiles", clusterName=cluster["Cluster"])


async def _entries(place: Place, cluster: Item) -> Item:
    return await _or_none(place.whole("eks", "list_access_entries", clusterName=cluster["Cluster"]))


async def _providers(place: Place, cluster: Item) -> Item:
    return await place.whole("eks", "list_identity_provider_configs", clusterName=cluster["Cluster"])


async def _associations(place: Place, cluster: Item) -> Item:
    return await place.whole("eks", "list_pod_identity_associations", clusterName=cluster["Cluster"])


async def _policies(place: Place, cluster: Item) -> list[Item]:
    """The access policies of all entries of a cluster."""
    principals = (await ENTRIES(_policies, place, cluster)).get("accessEntries") or ()
    of = {"clusterName": cluster["Cluster"]}
    asked = (
        _or_none(place.whole("eks", "list_associated_access_policies", principalArn=each, **of)) for each in principals
    )
    return await asyncio.gather(*asked)


CLUSTERS, ENTRIES = Once(_clusters), Once(_entries)
ENTRIES.readers.add(_policies)


def named(name: str, asked: Callable[[Place, Item], Awaitable[Item]] | Once, key: str) -> Fetch:
    """The fetch of what is in clusters and is listed by name: the cluster's name and its own."""

    def parts(answer: Item, cluster: Item) -> Iterable[Item]:
        return [{"Cluster": cluster["Cluster"], "Name": each} for each in answer.get(key) or ()]

    return inside(name, CLUSTERS, asked if isinstance(asked, Once) else Once(asked), parts)


def described(operation: str, **arguments: str) -> Detail:
    return Detail(operation=operation, arguments=arguments, into="Described", gone=GONE, essential=True)


IN_CLUSTER = "join(':', [Cluster, Name])"


def deleting(thing: str) -> dict[str, str]:
    return {
        "created_at": f"Described.{thing}.createdAt",
        "pending_deletion": f"Described.{thing}.status=='DELETING'",
    }


# --- clusters -------------------------------------------------------------------------------------

NETWORK = Form(inner={"elastic_load_balancing": Form()})
AT = "Described.cluster"


def if_stored(value: Any) -> Any:
    """Storage that is off is no storage."""
    return plain([each for each in value or () if if_enabled(each.get("block_storage"))])


CLUSTER = Collector(
    type="aws_eks_cluster",
    service="eks",
    fetch=listing("eks_clusters", CLUSTERS),
    details=(described("describe_cluster", name="Cluster"),),
    permissions=("eks:ListClusters", "eks:DescribeCluster"),
    id="Cluster",
    identity=("name",),
    attributes={
        "access_config": block(f"{AT}.accessConfig.{{authentication_mode: authenticationMode}}"),
        "arn": f"{AT}.arn",
        "certificate_authority": volatile(f"{AT}.certificateAuthority && [{AT}.certificateAuthority.{{data: data}}]"),
        "cluster_id": f"{AT}.id",
        "compute_config": block(
            f"{AT}.computeConfig.{{enabled: enabled, node_pools: nodePools, node_role_arn: nodeRoleArn}}",
            node_pools=UNORDERED,
        ),
        "created_at": volatile(f"{AT}.createdAt"),
        "deletion_protection": f"{AT}.deletionProtection",
        "enabled_cluster_log_types": unordered(f"{AT}.logging.clusterLogging[?enabled].types[] || `[]`"),
        "encryption_config": Attribute(
            path=f"{AT}.encryptionConfig[].{{provider: [{{key_arn: provider.keyArn}}], resources: resources}}",
            form=Form(inner={"resources": UNORDERED}),
            convert=as_block,
        ),
        "endpoint": volatile(f"{AT}.endpoint"),
        "identity": volatile(f"{AT}.identity && [{{oidc: [{{issuer: {AT}.identity.oidc.issuer}}]}}]"),
        "kubernetes_network_config": block(
            f"{AT}.kubernetesNetworkConfig.{{elastic_load_balancing: elasticLoadBalancing "
            "&& [elasticLoadBalancing.{enabled: enabled}], ip_family: ipFamily, "
            "service_ipv4_cidr: serviceIpv4Cidr, service_ipv6_cidr: serviceIpv6Cidr}"
        ),
        "name": f"{AT}.name",
        "outpost_config": block(
            f"{AT}.outpostConfig.{{control_plane_instance_type: controlPlaneInstanceType, "
            "control_plane_placement: controlPlanePlacement && [controlPlanePlacement.{group_name: groupName}], "
            "outpost_arns: outpostArns}",
            outpost_arns=UNORDERED,
        ),
        "platform_version": volatile(f"{AT}.platformVersion"),
        "remote_network_config": block(
            f"{AT}.remoteNetworkConfig.{{remote_node_networks: remoteNodeNetworks[].{{cidrs: cidrs}}, "
            "remote_pod_networks: remotePodNetworks[].{cidrs: cidrs}}"
        ),
        "role_arn": f"{AT}.roleArn",
        "status": volatile(f"{AT}.status"),
        "storage_config": Attribute(
            path=f"{AT}.storageConfig.{{block_storage: blockStorage && [blockStorage.{{enabled: enabled}}]}}",
            form=Form(canonical=if_stored),
            convert=as_block,
        ),
        "upgrade_policy": block(
            f"{AT}.upgradePolicy.{{support_type: supportType}}", support_type=defaulting("EXTENDED")
        ),
        "version": f"{AT}.version",
        "vpc_config": block(
            f"{AT}.resourcesVpcConfig.{{cluster_security_group_id: clusterSecurityGroupId, "
            "endpoint_private_access: endpointPrivateAccess, endpoint_public_access: endpointPublicAccess, "
            "public_access_cidrs: publicAccessCidrs, security_group_ids: securityGroupIds, "
            "subnet_ids: subnetIds, vpc_id: vpcId}",
            endpoint_public_access=defaulting(True),
            public_access_cidrs=UNORDERED,
            security_group_ids=UNORDERED,
            subnet_ids=UNORDERED,
        ),
        "zonal_shift_config": Attribute(
            path=f"{AT}.zonalShiftConfig.{{enabled: enabled}}", form=Form(canonical=if_enabled), convert=as_block
        ),
    },
    facts=deleting("cluster"),
    tags=f"{AT}.tags",
)

# --- nodes ----------------------------------------------------------------------------------------

OF_NODES = "Described.nodegroup"


def sized(found: Difference) -> str:
    """Whatever scales the cluster moves the size of a group that has not just one."""
    if found.path != "scaling_config[0].desired_size":
        return ""
    [bounds] = found.actual["scaling_config"]
    return BY_GROUP if bounds["min_size"] != bounds["max_size"] else ""


NODE_GROUP = Collector(
    type="aws_eks_node_group",
    service="eks",
    fetch=named("node_groups", _node_groups, "nodegroups"),
    details=(described("describe_nodegroup", clusterName="Cluster", nodegroupName="Name"),),
    permissions=("eks:ListClusters", "eks:ListNodegroups", "eks:DescribeNodegroup"),
    id=IN_CLUSTER,
    identity=("cluster_name", "node_group_name"),
    attributes={
        "ami_type": f"{OF_NODES}.amiType",
        "arn": f"{OF_NODES}.nodegroupArn",
        "capacity_type": f"{OF_NODES}.capacityType",
        "cluster_name": f"{OF_NODES}.clusterName",
        "disk_size": f"{OF_NODES}.diskSize",
        "instance_types": f"{OF_NODES}.instanceTypes",
        "labels": Attribute(path=f"{OF_NODES}.labels", form=MAP),
        "launch_template": block(f"{OF_NODES}.launchTemplate.{{id: id, name: name, version: version}}"),
        "node_group_name": f"{OF_NODES}.nodegroupName",
        "node_repair_config": Attribute(
            path=f"{OF_NODES}.nodeRepairConfig.{{enabled: enabled}}", form=Form(canonical=if_enabled), convert=as_block
        ),
        "node_role_arn": f"{OF_NODES}.nodeRole",
        "release_version": f"{OF_NODES}.releaseVersion",
        "remote_access": block(
            f"{OF_NODES}.remoteAccess.{{ec2_ssh_key: ec2SshKey, source_security_group_ids: sourceSecurityGroups}}",
            source_security_group_ids=UNORDERED,
        ),
        "resources": volatile(
            f"{OF_NODES}.resources && [{{autoscaling_groups: {OF_NODES}.resources.autoScalingGroups[].{{name: name}}, "
            f"remote_access_security_group_id: {OF_NODES}.resources.remoteAccessSecurityGroup}}]"
        ),
        "scaling_config": block(
            f"{OF_NODES}.scalingConfig.{{desired_size: desiredSize, max_size: maxSize, min_size: minSize}}"
        ),
        "status": volatile(f"{OF_NODES}.status"),
        "subnet_ids": unordered(f"{OF_NODES}.subnets"),
        "taint": blocks(f"{OF_NODES}.taints[].{{effect: effect, key: key, value: value}}"),
        "update_config": block(
            f"{OF_NODES}.updateConfig.{{max_unavailable: maxUnavailable, "
            "max_unavailable_percentage: maxUnavailablePercentage}"
        ),
        "version": Attribute(path=f"{OF_NODES}.version", form=VERSION),
    },
    excuses={"scaling_config": sized},
    facts=deleting("nodegroup"),
    tags=f"{OF_NODES}.tags",
)

PROFILE = "Described.fargateProfile"

FARGATE_PROFILE = Collector(
    type="aws_eks_fargate_profile",
    service="eks",
    fetch=named("fargate_profiles", _profiles, "fargateProfileNames"),
    details=(described("describe_fargate_profile", clusterName="Cluster", fargateProfileName="Name"),),
    permissions=("eks:ListClusters", "eks:ListFargateProfiles", "eks:DescribeFargateProfile"),
    id=IN_CLUSTER,
    identity=("cluster_name", "fargate_profile_name"),
    attributes={
        "arn": f"{PROFILE}.fargateProfileArn",
        "cluster_name": f"{PROFILE}.clusterName",
        "fargate_profile_name": f"{PROFILE}.fargateProfileName",
        "pod_execution_role_arn": f"{PROFILE}.podExecutionRoleArn",
        "selector": blocks(f"{PROFILE}.selectors[].{{labels: labels, namespace: namespace}}", labels=MAP),
        "status": volatile(f"{PROFILE}.status"),
        "subnet_ids": unordered(f"{PROFILE}.subnets"),
    },
    facts=deleting("fargateProfile"),
    tags=f"{PROFILE}.tags",
)

ADDON_AT = "Described.addon"

ADDON = Collector(
    type="aws_eks_addon",
    service="eks",
    fetch=named("eks_addons", _addons, "addons"),
    details=(described("describe_addon", clusterName="Cluster", addonName="Name"),),
    permissions=("eks:ListClusters", "eks:ListAddons", "eks:DescribeAddon"),
    id=IN_CLUSTER,
    identity=("cluster_name", "addon_name"),
    attributes={
        "addon_name": f"{ADDON_AT}.addonName",
        "addon_version": f"{ADDON_AT}.addonVersion",
        "arn": f"{ADDON_AT}.addonArn",
        "cluster_name": f"{ADDON_AT}.clusterName",
        "configuration_values": document(f"{ADDON_AT}.configurationValues"),
        "created_at": volatile(f"{ADDON_AT}.createdAt"),
        "modified_at": volatile(f"{ADDON_AT}.modifiedAt"),
        "service_account_role_arn": f"{ADDON_AT}.serviceAccountRoleArn",
    },
    facts={"pending_deletion": f"{ADDON_AT}.status=='DELETING'", "status": f"{ADDON_AT}.status"},
    tags=f"{ADDON_AT}.tags",
)

COLLECTORS = [ADDON, CLUSTER, FARGATE_PROFILE, NODE_GROUP]
