"""Amazon ECS: clusters, their capacity, services and the account's settings.

Clusters are told a hundred at a time, services ten. What runs in a service is in ecs_tasks.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from typing import Any

from scanner.aws.collector import (
    Attribute,
    Collector,
    Listing,
    as_block,
    block,
    blocks,
    name_or_arn,
    unordered,
    volatile,
)
from scanner.aws.inside import Once, inside, listing
from scanner.aws.place import Item, Place
from scanner.collectors.appautoscaling import scaled
from state import Resource
from state.forms import IF_TOLD, UNORDERED, VOLATILE, Form, Pairwise, defaulting, last_segment, plain
from state.noise import BY_DAEMON, BY_PIPELINE, Difference
from state.schema import Parent

CLUSTERS_AT_ONCE, SERVICES_AT_ONCE = 100, 10


def some(names: list[str], at_once: int) -> Iterator[list[str]]:
    return (names[first : first + at_once] for first in range(0, len(names), at_once))


async def _clusters(place: Place) -> list[Item]:
    arns = (await place.whole("ecs", "list_clusters")).get("clusterArns") or []
    about = ["CONFIGURATIONS", "SETTINGS", "TAGS"]
    asked = (
        place.call("ecs", "describe_clusters", clusters=each, include=about) for each in some(arns, CLUSTERS_AT_ONCE)
    )
    answers = await asyncio.gather(*asked)
    found = [each for answer in answers for each in answer.get("clusters") or ()]
    return [each for each in found if each.get("status") != "INACTIVE"]


CLUSTERS = Once(_clusters)
BATCH = re.compile(r"_Batch_[0-9a-f]{8}-[0-9a-f-]{27}$")


def made_for_batch(cluster: Item) -> str | None:
    """AWS Batch runs its jobs in clusters that it makes."""
    return f"batch: {cluster['clusterName']}" if BATCH.search(cluster["clusterName"]) else None


CLUSTER = Collector(
    type="aws_ecs_cluster",
    service="ecs",
    fetch=listing("ecs_clusters", CLUSTERS),
    permissions=("ecs:ListClusters", "ecs:DescribeClusters"),
    id="clusterArn",
    identity=("name",),
    owner=made_for_batch,
    attributes={
        "arn": "clusterArn",
        "configuration": block(
            "configuration.{execute_command_configuration: executeCommandConfiguration "
            "&& [executeCommandConfiguration.{kms_key_id: kmsKeyId, log_configuration: logConfiguration "
            "&& [logConfiguration.{cloud_watch_encryption_enabled: cloudWatchEncryptionEnabled, "
            "cloud_watch_log_group_name: cloudWatchLogGroupName, s3_bucket_encryption_enabled: s3EncryptionEnabled, "
            "s3_bucket_name: s3BucketName, s3_key_prefix: s3KeyPrefix}], logging: logging}], "
            "managed_storage_configuration: managedStorageConfiguration && [managedStorageConfiguration."
            "{fargate_ephemeral_storage_kms_key_id: fargateEphemeralStorageKmsKeyId, kms_key_id: kmsKeyId}]}"
        ),
        "name": "clusterName",
        "service_connect_defaults": block("serviceConnectDefaults.{namespace: namespace}"),
        "setting": blocks("settings[].{name: name, value: value}"),
    },
    facts={"pending_deletion": "status=='DEPROVISIONING'", "status": "status"},
    tags="tags[].{Key: key, Value: value}",
)

# --- capacity -------------------------------------------------------------------------------------

STRATEGY = "{base: base, capacity_provider: capacityProvider, weight: weight}"


def capacity_in_cluster(cluster: Resource) -> Iterator[Resource]:
    """What a cluster itself declared until version 5 of the provider."""
    about = cluster.attributes
    if about.get("capacity_providers") or about.get("default_capacity_provider_strategy"):
        names = ("capacity_providers", "default_capacity_provider_strategy")
        attributes = {"cluster_name": about.get("name"), **{name: about.get(name) for name in names}}
        yield cluster.replace(attributes=attributes)


def has_no_capacity(found: Resource) -> bool:
    return not (
        found.attributes.get("capacity_providers") or found.attributes.get("default_capacity_provider_strategy")
    )


CLUSTER_CAPACITY = Collector(
    type="aws_ecs_cluster_capacity_providers",
    service="ecs",
    fetch=listing("ecs_cluster_capacity", CLUSTERS),
    permissions=("ecs:ListClusters", "ecs:DescribeClusters"),
    id="clusterName",
    identity=("cluster_name",),
    owner=made_for_batch,
    parent=Parent(type="aws_ecs_cluster", by="cluster_name", part="capacity_providers"),
    homes={"aws_ecs_cluster": capacity_in_cluster},
    at_default=has_no_capacity,
    attributes={
        "capacity_providers": unordered("capacityProviders"),
        "cluster_name": "clusterName",
        "default_capacity_provider_strategy": blocks(f"defaultCapacityProviderStrategy[].{STRATEGY}"),
    },
)

SCALING = """managedScaling && [managedScaling.{
    instance_warmup_period: instanceWarmupPeriod,
    maximum_scaling_step_size: maximumScalingStepSize,
    minimum_scaling_step_size: minimumScalingStepSize,
    status: status,
    target_capacity: targetCapacity}]"""

CAPACITY_PROVIDER = Collector(
    type="aws_ecs_capacity_provider",
    service="ecs",
    fetch=Listing("describe_capacity_providers", "capacityProviders[?status!='INACTIVE']", (("include", ("TAGS",)),)),
    permissions=("ecs:DescribeCapacityProviders",),
    id="capacityProviderArn",
    identity=("name",),
    owner=lambda item: "aws" if item["name"] in ("FARGATE", "FARGATE_SPOT") else None,
    attributes={
        "arn": "capacityProviderArn",
        "auto_scaling_group_provider": block(
            "autoScalingGroupProvider.{auto_scaling_group_arn: autoScalingGroupArn, managed_draining: managedDraining, "
            f"managed_scaling: {SCALING}, managed_termination_protection: managedTerminationProtection}}"
        ),
        "cluster": name_or_arn("cluster"),
        "managed_instances_provider": Attribute(
            path="managedInstancesProvider.{infrastructure_role_arn: infrastructureRoleArn, "
            "propagate_tags: propagateTags}",
            form=VOLATILE,
            convert=as_block,
        ),
        "name": "name",
    },
    facts={"pending_deletion": "status=='DEPROVISIONING'"},
    tags="tags[].{Key: key, Value: value}",
)

# --- services -------------------------------------------------------------------------------------


async def _services(place: Place, cluster: Item) -> list[Item]:
    of = {"cluster": cluster["clusterArn"]}
    arns = (await place.whole("ecs", "list_services", **of)).get("serviceArns") or []
    asked = (
        place.call("ecs", "describe_services", services=each, include=["TAGS"], **of)
        for each in some(arns, SERVICES_AT_ONCE)
    )
    found = [each for answer in await asyncio.gather(*asked) for each in answer.get("services") or ()]
    return [{**each, "Primary": _primary(each)} for each in found if each.get("status") != "INACTIVE"]


def _primary(service: Item) -> Item | None:
    """The deployment that AWS is at, or has come to: some of what a service is only that tells."""
    return next((each for each in service.get("deployments") or () if each.get("status") == "PRIMARY"), None)


def services(found: list[Item], cluster: Item) -> Iterable[Item]:
    return found


def in_cluster(attributes: Mapping[str, Any]) -> str | None:
    name = attributes.get("name")
    return f"{last_segment(attributes.get('cluster')) or 'default'}/{name}" if name else None


def if_any_on(value: Any) -> Any:
    """A block whose switches are all off is no block."""
    return plain([each for each in value or () if each.get("enable")])


def unless_ecs(value: Any) -> Any:
    return plain([each for each in value or () if each.get("type") not in (None, "", "ECS")])


def same_revision(declared: Any, live: Any) -> bool:
    """A family alone is the newest of it; with a revision it is an ARN's end."""
    said, runs = last_segment_of_task(declared), last_segment_of_task(live)
    return said == runs or (":" not in said and runs.startswith(f"{said}:"))


def last_segment_of_task(value: Any) -> str:
    return str(value or "").rpartition("/")[2]


def deployed(found: Difference) -> str:
    """A later revision of the family that is declared; to go back to an earlier one is no pipeline's way."""
    (said, _, before), (runs, _, after) = (
        last_segment_of_task(each).partition(":") for each in (found.declared, found.live)
    )
    is_later = said == runs and before.isdecimal() and after.isdecimal() and int(after) > int(before)
    return BY_PIPELINE if is_later else ""


def as_resource(found: Difference) -> str:
    """A service as a scalable target names it."""
    return f"service/{last_segment(found.actual['cluster'])}/{found.actual['name']}"


SCALED = scaled("ecs", "ecs:service:DesiredCount", as_resource)


def counted(found: Difference) -> str:
    """How many tasks a daemon has is not the service's to say: internal/service/ecs/service.go (desired_count)."""
    return BY_DAEMON if found.actual["scheduling_strategy"] == "DAEMON" else SCALED(found)


CONNECT = """Primary.serviceConnectConfiguration.{
    enabled: enabled,
    log_configuration: logConfiguration && [logConfiguration.{
        log_driver: logDriver, options: options, secret_option: secretOptions[].{name: name, value_from: valueFrom}}],
    namespace: namespace,
    service: services[].{
        client_alias: clientAliases[].{dns_name: dnsName, port: port},
        discovery_name: discoveryName,
        ingress_port_override: ingressPortOverride,
        port_name: portName,
        timeout: timeout && [timeout.{
            idle_timeout_seconds: idleTimeoutSeconds, per_request_timeout_seconds: perRequestTimeoutSeconds}],
        tls: tls && [tls.{
            issuer_cert_authority: issuerCertificateAuthority && [{
                aws_pca_authority_arn: issuerCertificateAuthority.awsPcaAuthorityArn}],
            kms_key: kmsKey, role_arn: roleArn}]}
}"""

VOLUME = """Primary.volumeConfigurations[].{
    managed_ebs_volume: managedEBSVolume && [managedEBSVolume.{
        encrypted: encrypted, file_system_type: filesystemType, iops: iops, kms_key_id: kmsKeyId, role_arn: roleArn,
        size_in_gb: sizeInGiB, snapshot_id: snapshotId, throughput: throughput, volume_type: volumeType}],
    name: name
}"""


def enabled(value: str | None) -> bool | None:
    return None if value is None else value == "ENABLED"


def network(found: Item | None) -> list[Item]:
    inner = (found or {}).get("awsvpcConfiguration")
    if not inner:
        return []
    names = {"security_groups": "securityGroups", "subnets": "subnets"}
    public = enabled(inner.get("assignPublicIp"))
    return [{"assign_public_ip": public, **{name: inner.get(path) for name, path in names.items()}}]


SERVICE = Collector(
    type="aws_ecs_service",
    service="ecs",
    fetch=inside("ecs_services", CLUSTERS, Once(_services), services),
    permissions=("ecs:ListClusters", "ecs:DescribeClusters", "ecs:ListServices", "ecs:DescribeServices"),
    id="serviceArn",
    identity=in_cluster,
    attributes={
        "alarms": Attribute(
            path="deploymentConfiguration.alarms.{alarm_names: alarmNames, enable: enable, rollback: rollback}",
            form=Form(canonical=if_any_on, inner={"alarm_names": UNORDERED}),
            convert=as_block,
        ),
        "arn": "serviceArn",
        "availability_zone_rebalancing": Attribute(path="availabilityZoneRebalancing", form=defaulting("DISABLED")),
        "capacity_provider_strategy": blocks(f"capacityProviderStrategy[].{STRATEGY}"),
        "cluster": name_or_arn("clusterArn"),
        "deployment_circuit_breaker": block(
            "deploymentConfiguration.deploymentCircuitBreaker.{enable: enable, rollback: rollback}"
        ),
        "deployment_controller": Attribute(
            path="deploymentController.{type: type}", form=Form(canonical=unless_ecs), convert=as_block
        ),
        "deployment_maximum_percent": Attribute(path="deploymentConfiguration.maximumPercent", form=IF_TOLD),
        "deployment_minimum_healthy_percent": Attribute(
            path="deploymentConfiguration.minimumHealthyPercent", form=IF_TOLD
        ),
        "desired_count": "desiredCount",
        "enable_ecs_managed_tags": "enableECSManagedTags",
        "enable_execute_command": "enableExecuteCommand",
        "health_check_grace_period_seconds": "healthCheckGracePeriodSeconds",
        "iam_role": volatile("roleArn"),
        "launch_type": "launchType",
        "load_balancer": blocks(
            "loadBalancers[].{container_name: containerName, container_port: containerPort, "
            "elb_name: loadBalancerName, target_group_arn: targetGroupArn}"
        ),
        "name": "serviceName",
        "network_configuration": Attribute(
            path="networkConfiguration",
            form=Form(inner={"security_groups": UNORDERED, "subnets": UNORDERED}),
            convert=network,
        ),
        "ordered_placement_strategy": Attribute(
            path="placementStrategy[].{field: field, type: type}", convert=as_block
        ),
        "placement_constraints": blocks("placementConstraints[].{expression: expression, type: type}"),
        "platform_version": "platformVersion",
        "propagate_tags": Attribute(path="propagateTags", form=defaulting("NONE")),
        "scheduling_strategy": Attribute(path="schedulingStrategy", form=defaulting("REPLICA")),
        "service_connect_configuration": block(CONNECT),
        "service_registries": Attribute(
            path="serviceRegistries[].{container_name: containerName, container_port: containerPort, port: port, "
            "registry_arn: registryArn}",
            convert=as_block,
        ),
        "task_definition": Attribute(path="taskDefinition", form=Pairwise(agree=same_revision)),
        "volume_configuration": Attribute(path=VOLUME, convert=as_block),
    },
    excuses={"desired_count": counted, "task_definition": deployed},
    facts={"created_at": "createdAt", "pending_deletion": "status=='DRAINING'", "running_count": "runningCount"},
    tags="tags[].{Key: key, Value: value}",
)

# --- the account ----------------------------------------------------------------------------------


async def account_settings(place: Place) -> AsyncIterator[list[Item]]:
    """What was set for the account as a whole, whose principal is its root."""
    root = f"arn:{place.partition}:iam::{place.account}:root"
    async for page in place.pages("ecs", "list_account_settings", principalArn=root):
        yield [{"principalArn": root, **each} for each in page.get("settings") or ()]


SETTING = Collector(
    type="aws_ecs_account_setting_default",
    service="ecs",
    fetch=account_settings,
    permissions=("ecs:ListAccountSettings",),
    id="principalArn",
    identity=("name",),
    owner=lambda item: "aws" if item.get("type") == "aws_managed" else None,
    attributes={"name": "name", "principal_arn": "principalArn", "value": "value"},
)

COLLECTORS = [CAPACITY_PROVIDER, CLUSTER, CLUSTER_CAPACITY, SERVICE, SETTING]
