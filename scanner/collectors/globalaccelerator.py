"""AWS Global Accelerator: accelerators, their listeners and groups of endpoints; the whole world is asked in Oregon.

China, GovCloud and the other partitions have none: https://docs.aws.amazon.com/general/latest/gr/global_accelerator.html
lists AWS's own regions alone, and so does botocore.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any

from scanner.aws.collector import Collector, Scope, Shared, block, blocks, converted, volatile
from scanner.aws.inside import Once, inside, unless_gone
from scanner.aws.place import Item, Place
from state.schema import Parent

HOME = "us-west-2"
GONE = ("AcceleratorNotFoundException", "ListenerNotFoundException")


async def _accelerators(place: Place) -> list[Item]:
    if place.partition != "aws":
        return []
    return list((await place.at(HOME).whole("globalaccelerator", "list_accelerators")).get("Accelerators") or ())


async def _listeners(place: Place) -> list[Item]:
    accelerators = await ACCELERATORS(_listeners, place)
    asked = (_of_accelerator(place, each["AcceleratorArn"]) for each in accelerators)
    return [one for found in await asyncio.gather(*asked) for one in found]


async def _of_accelerator(place: Place, arn: str) -> list[Item]:
    asking = place.at(HOME).whole("globalaccelerator", "list_listeners", AcceleratorArn=arn)
    answer = await unless_gone(asking, GONE)
    return list(answer.get("Listeners") or ())


async def _groups(place: Place, listener: Item) -> Item:
    arn = listener["ListenerArn"]
    return await unless_gone(place.at(HOME).whole("globalaccelerator", "list_endpoint_groups", ListenerArn=arn), GONE)


ACCELERATORS, LISTENERS = Once(_accelerators), Once(_listeners)
ACCELERATORS.readers.add(_listeners)


async def accelerators(place: Place) -> AsyncIterator[list[Item]]:
    yield await ACCELERATORS(accelerators, place)


async def accelerator_attributes(place: Place) -> Mapping[str, Any]:
    """Where each accelerator logs to, by ARN."""
    arns = [each["AcceleratorArn"] for each in await ACCELERATORS(accelerator_attributes, place)]
    asked = (
        place.at(HOME).call("globalaccelerator", "describe_accelerator_attributes", AcceleratorArn=arn) for arn in arns
    )
    return dict(zip(arns, await asyncio.gather(*asked), strict=True))


async def tags_of_accelerators(place: Place) -> Mapping[str, Any]:
    arns = [each["AcceleratorArn"] for each in await ACCELERATORS(tags_of_accelerators, place)]
    asked = (place.at(HOME).call("globalaccelerator", "list_tags_for_resource", ResourceArn=arn) for arn in arns)
    return dict(zip(arns, await asyncio.gather(*asked), strict=True))


async def accelerator_listeners(place: Place) -> AsyncIterator[list[Item]]:
    yield await LISTENERS(accelerator_listeners, place)


ACCELERATORS.readers.update((accelerators, accelerator_attributes, tags_of_accelerators))
LISTENERS.readers.add(accelerator_listeners)

ACCELERATOR = Collector(
    type="aws_globalaccelerator_accelerator",
    service="globalaccelerator",
    scope=Scope.GLOBAL,
    fetch=accelerators,
    details=(
        Shared(ask=accelerator_attributes, by="AcceleratorArn", into="Logs"),
        Shared(ask=tags_of_accelerators, by="AcceleratorArn", into="Tagging"),
    ),
    permissions=(
        "globalaccelerator:ListAccelerators",
        "globalaccelerator:DescribeAcceleratorAttributes",
        "globalaccelerator:ListTagsForResource",
    ),
    id="AcceleratorArn",
    attributes={
        "arn": "AcceleratorArn",
        "attributes": block(
            "Logs.AcceleratorAttributes.{flow_logs_enabled: FlowLogsEnabled, "
            "flow_logs_s3_bucket: FlowLogsS3Bucket, flow_logs_s3_prefix: FlowLogsS3Prefix}"
        ),
        "dns_name": volatile("DnsName"),
        "dual_stack_dns_name": volatile("DualStackDnsName"),
        "enabled": "Enabled",
        "hosted_zone_id": volatile("'Z2BJ6XQ5FK7U4H'"),
        "ip_address_type": "IpAddressType",
        "ip_sets": volatile("IpSets[].{ip_addresses: IpAddresses, ip_family: IpFamily}"),
        "name": "Name",
    },
    tags="Tagging.Tags",
)


def before(mark: str) -> Any:
    """The ARN of what a thing is in: its own begins with it."""
    return lambda arn: arn.partition(mark)[0] if isinstance(arn, str) else arn


LISTENER = Collector(
    type="aws_globalaccelerator_listener",
    service="globalaccelerator",
    scope=Scope.GLOBAL,
    fetch=accelerator_listeners,
    permissions=("globalaccelerator:ListAccelerators", "globalaccelerator:ListListeners"),
    id="ListenerArn",
    parent=Parent(type="aws_globalaccelerator_accelerator", by="accelerator_arn", part="listener"),
    attributes={
        "accelerator_arn": converted("ListenerArn", before("/listener/")),
        "arn": "ListenerArn",
        "client_affinity": "ClientAffinity",
        "port_range": blocks("PortRanges[].{from_port: FromPort, to_port: ToPort}"),
        "protocol": "Protocol",
    },
)


def groups(answer: Item, listener: Item) -> Iterable[Item]:
    return answer.get("EndpointGroups") or ()


ENDPOINT_GROUP = Collector(
    type="aws_globalaccelerator_endpoint_group",
    service="globalaccelerator",
    scope=Scope.GLOBAL,
    fetch=inside("endpoint_groups", LISTENERS, Once(_groups), groups),
    permissions=(
        "globalaccelerator:ListAccelerators",
        "globalaccelerator:ListListeners",
        "globalaccelerator:ListEndpointGroups",
    ),
    id="EndpointGroupArn",
    parent=Parent(type="aws_globalaccelerator_listener", by="listener_arn", part="endpoint_group"),
    attributes={
        "arn": "EndpointGroupArn",
        "endpoint_configuration": blocks(
            "EndpointDescriptions[].{client_ip_preservation_enabled: ClientIPPreservationEnabled, "
            "endpoint_id: EndpointId, weight: Weight}"
        ),
        "endpoint_group_region": "EndpointGroupRegion",
        "health_check_interval_seconds": "HealthCheckIntervalSeconds",
        "health_check_path": "HealthCheckPath",
        "health_check_port": "HealthCheckPort",
        "health_check_protocol": "HealthCheckProtocol",
        "listener_arn": converted("EndpointGroupArn", before("/endpoint-group/")),
        "port_override": blocks("PortOverrides[].{endpoint_port: EndpointPort, listener_port: ListenerPort}"),
        "threshold_count": "ThresholdCount",
        "traffic_dial_percentage": "TrafficDialPercentage",
    },
)

COLLECTORS = [ACCELERATOR, ENDPOINT_GROUP, LISTENER]
