"""Amazon ECS task definitions: the newest active revision of each family.

A revision never changes: a change is a new one. AWS lists tens of thousands of them where each
deployment makes one, so that only the newest is asked for; it is the family that Terraform names.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from scanner.aws.collector import Attribute, Collector, Detail, Listing, block, blocks, to_json, unordered
from state.forms import IF_DECLARED, MAP, Form, defaulting, parsed, plain, sort_key
from state.noise import BY_PIPELINE, Difference

# --- containers -----------------------------------------------------------------------------------

NAMED = ("environment", "secrets", "dependsOn", "extraHosts", "resourceRequirements", "systemControls", "ulimits")
"""Lists of a container whose order says nothing."""

ANY = "any"


def _port(mapping: Any) -> Any:
    """TCP is what AWS takes where nothing is said; 0 is any port of the host."""
    if not isinstance(mapping, Mapping):
        return mapping
    host = mapping.get("hostPort")
    return {**mapping, "hostPort": ANY if host == 0 else host, "protocol": mapping.get("protocol") or "tcp"}


def _chosen(port: Any, other: Any) -> Any:
    """A port that leaves the host's to AWS, which takes the container's own, or any in the mode "bridge"."""
    if not isinstance(port, Mapping) or not isinstance(other, Mapping) or "hostPort" in port:
        return port
    host = other.get("hostPort")
    return {**port, "hostPort": host} if host in (ANY, other.get("containerPort")) and host else port


def _beside(one: Mapping[str, dict[str, Any]], other: Mapping[str, dict[str, Any]]) -> Mapping[str, dict[str, Any]]:
    """Containers, with what AWS chose as the other side has it."""
    return {name: _with_ports(each, other.get(name, {})) for name, each in one.items()}


def _with_ports(container: dict[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    ports, others = container.get("portMappings"), other.get("portMappings")
    if not isinstance(ports, list) or not isinstance(others, list) or len(ports) != len(others):
        return container
    return container | {"portMappings": [*map(_chosen, ports, others)]}


def _container(container: Mapping[str, Any]) -> dict[str, Any]:
    """A container without what says nothing: empty lists, and AWS's own defaults."""
    found = dict(container)
    found["essential"] = found.get("essential") is False and "no"
    if isinstance(found.get("portMappings"), Sequence):
        found["portMappings"] = [_port(each) for each in found["portMappings"]]
    for name in NAMED:
        if isinstance(found.get(name), list):
            found[name] = sorted(found[name], key=sort_key)
    return plain(found) or {}


def containers(value: Any) -> Any:
    """Containers by their names; a text that is no list of them is itself."""
    found = parsed(value)
    if not isinstance(found, list) or not all(isinstance(each, Mapping) for each in found):
        return plain(value)
    return {str(each.get("name")): _container(each) for each in found} or None


class Containers(Form, frozen=True, kw_only=True):
    """Container definitions, told container by container."""

    def differences(self, path: str, declared: Any, live: Any) -> Iterator[tuple[str, Any, Any]]:
        wanted, actual = containers(declared), containers(live)
        if isinstance(wanted, Mapping) and isinstance(actual, Mapping):
            wanted, actual = _beside(wanted, actual), _beside(actual, wanted)
        if wanted == actual:
            return
        if not (isinstance(wanted, Mapping) and isinstance(actual, Mapping)):
            yield path, declared, live
            return
        for name in sorted(wanted.keys() | actual.keys()):
            yield from _unlike(f"{path}[{name}]", wanted.get(name), actual.get(name))


def _unlike(path: str, wanted: Any, actual: Any) -> Iterator[tuple[str, Any, Any]]:
    """What one container has otherwise, or the container that only one side has."""
    if not (wanted and actual):
        yield path, wanted, actual
        return
    for name in sorted(wanted.keys() | actual.keys()):
        if wanted.get(name) != actual.get(name):
            yield f"{path}.{name}", wanted.get(name), actual.get(name)


def texts(properties: Any) -> Any:
    return {each.get("name"): each.get("value") for each in properties or ()}


def proxy(found: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    if not found:
        return []
    properties = texts(found.get("properties"))
    return [{"container_name": found.get("containerName"), "properties": properties, "type": found.get("type")}]


# --- task definitions -----------------------------------------------------------------------------

EFS = """efsVolumeConfiguration && [efsVolumeConfiguration.{
    authorization_config: authorizationConfig && [authorizationConfig.{
        access_point_id: accessPointId, iam: iam}],
    file_system_id: fileSystemId,
    root_directory: rootDirectory,
    transit_encryption: transitEncryption,
    transit_encryption_port: transitEncryptionPort}]"""

FSX = """fsxWindowsFileServerVolumeConfiguration && [fsxWindowsFileServerVolumeConfiguration.{
    authorization_config: authorizationConfig && [authorizationConfig.{
        credentials_parameter: credentialsParameter, domain: domain}],
    file_system_id: fileSystemId,
    root_directory: rootDirectory}]"""

VOLUME = f"""{{
    configure_at_launch: configuredAtLaunch,
    docker_volume_configuration: dockerVolumeConfiguration && [dockerVolumeConfiguration.{{
        autoprovision: autoprovision, driver: driver, driver_opts: driverOpts, labels: labels, scope: scope}}],
    efs_volume_configuration: {EFS},
    fsx_windows_file_server_volume_configuration: {FSX},
    host_path: host.sourcePath,
    name: name
}}"""

ON_EFS = Form(inner={"root_directory": defaulting("/"), "transit_encryption": defaulting("DISABLED")})
AT = "Described.taskDefinition"

DEFINED: dict[str, str | Attribute] = {
    "arn": f"{AT}.taskDefinitionArn",
    "container_definitions": Attribute(
        path=f"{AT}.containerDefinitions", form=Containers(), convert=to_json, sensitive=True
    ),
    "cpu": f"{AT}.cpu",
    "enable_fault_injection": f"{AT}.enableFaultInjection",
    "ephemeral_storage": block(f"{AT}.ephemeralStorage.{{size_in_gib: sizeInGiB}}"),
    "execution_role_arn": f"{AT}.executionRoleArn",
    "family": f"{AT}.family",
    "inference_accelerator": blocks(
        f"{AT}.inferenceAccelerators[].{{device_name: deviceName, device_type: deviceType}}"
    ),
    "ipc_mode": f"{AT}.ipcMode",
    "memory": f"{AT}.memory",
    "network_mode": Attribute(path=f"{AT}.networkMode", form=IF_DECLARED),
    "pid_mode": f"{AT}.pidMode",
    "placement_constraints": blocks(f"{AT}.placementConstraints[].{{expression: expression, type: type}}"),
    "proxy_configuration": Attribute(
        path=f"{AT}.proxyConfiguration", form=Form(inner={"properties": MAP}), convert=proxy
    ),
    "requires_compatibilities": unordered(f"{AT}.requiresCompatibilities"),
    "revision": f"{AT}.revision",
    "runtime_platform": block(
        f"{AT}.runtimePlatform.{{cpu_architecture: cpuArchitecture, operating_system_family: operatingSystemFamily}}"
    ),
    "task_role_arn": f"{AT}.taskRoleArn",
    "volume": blocks(f"{AT}.volumes[].{VOLUME}", efs_volume_configuration=ON_EFS),
}


def registered(found: Difference) -> str:
    """What a later revision says is no change of the declared one, which is what Terraform reads.

    Where it is told to follow the latest it reads that: internal/service/ecs/task_definition.go (track_latest).
    """
    said = found.wanted.attributes
    is_later = (found.actual["revision"] or 0) > (said.get("revision") or math.inf)
    is_followed = said.get("track_latest") is True and found.path not in ("arn", "revision")
    return BY_PIPELINE if is_later and not is_followed else ""


TASK_DEFINITION = Collector(
    type="aws_ecs_task_definition",
    service="ecs",
    fetch=Listing("list_task_definition_families", "families[].{Family: @}", (("status", "ACTIVE"),)),
    details=(
        Detail(
            operation="describe_task_definition",
            arguments={"taskDefinition": "Family", "include": '`["TAGS"]`'},
            into="Described",
            gone=("ClientException",),
            essential=True,
        ),
    ),
    permissions=("ecs:ListTaskDefinitionFamilies", "ecs:DescribeTaskDefinition"),
    id="Family",
    identity=("family",),
    attributes=DEFINED,
    excuses=dict.fromkeys((*DEFINED, "tags"), registered),
    facts={"registered_at": f"{AT}.registeredAt", "status": f"{AT}.status"},
    tags="Described.tags[].{Key: key, Value: value}",
)

COLLECTORS = [TASK_DEFINITION]
