"""Amazon Route 53: hosted zones, the networks that they answer in, and every record set.

An association of a network with a private zone has two homes in Terraform: a ``vpc`` block of the zone and a
resource of its own. AWS tells it of a zone; of a zone of another account, it tells it of the network alone.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Container, Iterable, Iterator, Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from scanner.aws.collector import Attribute, Collector, Scope, Shared, block, converted, volatile
from scanner.aws.errors import code
from scanner.aws.inside import Once, inside, unless_gone
from scanner.aws.place import Item, Place
from scanner.aws.texts import last
from scanner.collectors.vpc import NETWORKS
from state import Resource
from state.forms import Form, Pairwise, plain, without_order
from state.schema import Parent

GONE = ("NoSuchHostedZone", "NoSuchHealthCheck")
AT_ONCE = 10
"""The most things that AWS tells the tags of in one answer."""

ZONES_ALLOWED = ("route53:ListHostedZones",)

# --- what there is ------------------------------------------------------------------------------


async def _zones(place: Place) -> list[Item]:
    answer = await place.whole("route53", "list_hosted_zones")
    return [{**each, "ZoneId": last(each["Id"])} for each in answer.get("HostedZones") or ()]


async def _records(place: Place, zone: Item) -> Item:
    return await unless_gone(place.whole("route53", "list_resource_record_sets", HostedZoneId=zone["ZoneId"]), GONE)


async def _zone(place: Place, zone: Item) -> Item:
    return await unless_gone(place.call("route53", "get_hosted_zone", Id=zone["ZoneId"]), GONE)


ZONES, WHOLE = Once(_zones), Once(_zone)


async def hosted_zones(place: Place) -> AsyncIterator[list[Item]]:
    yield await ZONES(hosted_zones, place)


async def tags_of(place: Place, kind: str, ids: list[str]) -> dict[str, list[Item]]:
    """The tags of zones or health checks, by id."""
    some = [ids[first : first + AT_ONCE] for first in range(0, len(ids), AT_ONCE)]
    answers = await asyncio.gather(*(_tags(place, kind, each) for each in some))
    return {one["ResourceId"]: one.get("Tags") or [] for answer in answers for one in answer}


async def _tags(place: Place, kind: str, ids: list[str]) -> list[Item]:
    """What AWS says of these; where one of them is gone it says nothing of the others, which are then asked singly."""
    try:
        answer = await place.call("route53", "list_tags_for_resources", ResourceType=kind, ResourceIds=ids)
        return list(answer.get("ResourceTagSets") or ())
    except ClientError as error:
        if code(error) not in GONE:
            raise
    if len(ids) == 1:
        return []
    return [one for answer in await asyncio.gather(*(_tags(place, kind, [id]) for id in ids)) for one in answer]


async def tags_of_zones(place: Place) -> Mapping[str, Any]:
    return await tags_of(place, "hostedzone", [each["ZoneId"] for each in await ZONES(tags_of_zones, place)])


async def whole_zones(place: Place) -> Mapping[str, Any]:
    """What is told of one zone at a time."""
    zones = await ZONES(whole_zones, place)
    answers = await asyncio.gather(*(WHOLE(whole_zones, place, each) for each in zones))
    return {zone["ZoneId"]: answer for zone, answer in zip(zones, answers, strict=True)}


ZONES.readers.update((hosted_zones, tags_of_zones, whole_zones))
WHOLE.readers.add(whole_zones)


# --- zones --------------------------------------------------------------------------------------


def made_by(item: Item) -> str | None:
    """The service that keeps a zone or a health check by itself (Cloud Map, Recovery Controller)."""
    linked = item.get("LinkedService") or {}
    return f"aws: {linked['ServicePrincipal'].partition('.')[0]}" if linked.get("ServicePrincipal") else None


ESCAPED = re.compile(r"\\([0-7]{3})")


def dns(name: Any) -> Any:
    """A name as people write it: without the last dot, in lower case, AWS's ``\\052`` a star, ``\\057`` a slash."""
    if not isinstance(name, str):
        return name
    return ESCAPED.sub(lambda found: chr(int(found[1], 8)), name.removesuffix(".")).lower()


NAME = Form(canonical=lambda name: plain(dns(name)))

ZONE = Collector(
    type="aws_route53_zone",
    service="route53",
    scope=Scope.GLOBAL,
    fetch=hosted_zones,
    details=(
        Shared(ask=whole_zones, by="ZoneId", into="Whole"),
        Shared(ask=tags_of_zones, by="ZoneId", into="Tagging"),
    ),
    permissions=(*ZONES_ALLOWED, "route53:GetHostedZone", "route53:ListTagsForResources"),
    id="ZoneId",
    arn="arn:{partition}:route53:::hostedzone/{ZoneId}",
    owner=made_by,
    attributes={
        "comment": "Config.Comment",
        "delegation_set_id": converted("Whole.DelegationSet.Id", last),
        "name": Attribute(path="Name", form=NAME, convert=dns),
        "name_servers": volatile("Whole.DelegationSet.NameServers"),  # a private zone tells them in its records alone
        "zone_id": "ZoneId",
    },
    facts={"private_zone": "Config.PrivateZone", "resource_record_set_count": "ResourceRecordSetCount"},
    tags="Tagging",
)


# --- the networks that private zones answer in ----------------------------------------------------


def networks(answer: Item, zone: Item) -> list[Item]:
    """The networks of one of the account's own zones; a public one has none."""
    return [
        {**each, "ZoneId": zone["ZoneId"], "LinkedService": zone.get("LinkedService")}
        for each in answer.get("VPCs") or ()
    ]


async def _in_region(place: Place, region: str) -> list[Item]:
    """What the networks of one region have to do with zones of other accounts and of services."""
    answer = await NETWORKS(zone_networks, place.at(region))
    return await _of_networks(place, ((each["VpcId"], region) for each in answer.get("Vpcs") or ()))


async def _of_networks(place: Place, networks: Iterable[tuple[str, str]]) -> list[Item]:
    found = await asyncio.gather(*(_of_network(place, *each) for each in networks))
    return [one for some in found for one in some]


async def _of_network(place: Place, vpc: str, region: str) -> list[Item]:
    found = []
    network = {"VPCId": vpc, "VPCRegion": region}
    async for page in place.pages("route53", "list_hosted_zones_by_vpc", **network):
        for each in page.get("HostedZoneSummaries") or ():
            owner = each.get("Owner") or {}
            if owner.get("OwningAccount") != place.account:
                linked = {"ServicePrincipal": owner.get("OwningService")}
                beside = {"OwningAccount": owner.get("OwningAccount"), "LinkedService": linked}
                found.append({**network, **beside, "ZoneId": last(each["HostedZoneId"])})
    return found


async def zone_networks(
    place: Place, declared: Sequence[Resource] = (), regions: Sequence[str] = ()
) -> AsyncIterator[list[Item]]:
    """Of the account's own zones, and then of its networks in the regions that are read: a zone may be another's.

    Of a network elsewhere AWS is asked where an association with it is declared, which would be missing otherwise.
    """
    async for some in OWN_NETWORKS(place):
        yield [{**each, "OwningAccount": place.account} for each in some]
    asked = [_in_region(place, each) for each in regions]
    own = {each["ZoneId"] for each in await ZONES(zone_networks, place)}
    ours = (each.attributes for each in declared if each.account in ("", place.account))
    beyond = _of_networks(place, sorted(_elsewhere((each for each in ours if each.get("zone_id") not in own), regions)))
    for each in await asyncio.gather(*asked, beyond, return_exceptions=True):
        if isinstance(each, BaseException):
            raise each
        yield each


def _elsewhere(associations: Iterable[Mapping[str, Any]], regions: Container[str]) -> set[tuple[str, str]]:
    """The networks that are declared to be in regions that are not read."""
    said = ((each.get("vpc_id"), each.get("vpc_region")) for each in associations)
    return {(vpc, region) for vpc, region in said if vpc and region and region not in regions}


OWN_NETWORKS = inside("own_networks", ZONES, WHOLE, networks)
ZONES.readers.add(zone_networks)
NETWORKS.readers.add(zone_networks)


def networks_of_zone(zone: Resource) -> Iterator[Resource]:
    """A zone's ``vpc`` blocks, which the provider fills with all of them."""
    for each in zone.attributes.get("vpc") or ():
        said = {"vpc_id": each.get("vpc_id"), "vpc_region": each.get("vpc_region"), "zone_id": zone.id}
        yield zone.replace(attributes=said)


ZONE_ASSOCIATION = Collector(
    type="aws_route53_zone_association",
    service="route53",
    scope=Scope.GLOBAL,
    fetch=zone_networks,
    spans=True,
    permissions=(*ZONES_ALLOWED, "route53:GetHostedZone", "route53:ListHostedZonesByVPC", "ec2:DescribeVpcs"),
    id="join(':', [ZoneId, VPCId])",
    identity=("zone_id", "vpc_id"),
    owner=made_by,
    parent=Parent(type="aws_route53_zone", by="zone_id", part="vpc"),
    homes={"aws_route53_zone": networks_of_zone},
    attributes={
        "owning_account": "OwningAccount",
        "vpc_id": "VPCId",
        "vpc_region": "VPCRegion",
        "zone_id": "ZoneId",
    },
)


# --- records ------------------------------------------------------------------------------------


def records(answer: Item, zone: Item) -> Iterable[Item]:
    beside = {"ZoneId": zone["ZoneId"], "ZoneName": zone["Name"], "LinkedService": zone.get("LinkedService")}
    return [{**bare(each), **beside, "Fqdn": dns(each["Name"])} for each in answer.get("ResourceRecordSets") or ()]


def bare(record: Item) -> Item:
    """Terraform writes the outer quotes of a text by itself, and keeps it without them.

    https://github.com/hashicorp/terraform-provider-aws/blob/v5.100.0/internal/service/route53/record.go
    """
    if record["Type"] not in ("TXT", "SPF"):
        return record
    texts = (each["Value"] for each in record.get("ResourceRecords") or ())
    return {**record, "ResourceRecords": [{"Value": re.sub(r'^"(.*)"$', r"\1", each)} for each in texts]}


def record_owner(record: Item) -> str | None:
    """Route 53 makes the first NS and SOA of a zone, a traffic policy its own, a service those of its zones."""
    if record["Type"] in ("NS", "SOA") and record["Fqdn"] == dns(record["ZoneName"]):
        return "aws: route53"
    if record.get("TrafficPolicyInstanceId"):
        return f"traffic policy: {record['TrafficPolicyInstanceId']}"
    return made_by(record)


def record_identity(record: Mapping[str, Any]) -> str | None:
    """``Z1_www.example.com_A_blue``: the name whole, however Terraform has it."""
    name, of_set = dns(record.get("fqdn") or record.get("name")), record.get("set_identifier")
    parts = [record.get("zone_id"), name, record.get("type")]
    return None if None in parts else "_".join([str(part) for part in parts] + ([str(of_set)] if of_set else []))


def begins(declared: Any, live: Any) -> bool:
    """A name may be declared without that of its zone, which the identity holds all the same."""
    short, whole = dns(declared), dns(live)
    return isinstance(short, str) and (short == "" or whole == short or str(whole).startswith(f"{short}."))


def unquoted(values: Any) -> Any:
    """Texts: Terraform leaves the outer quotes off, and AWS takes any space between the pieces of a long one."""
    if not isinstance(values, list):
        return values
    return without_order(
        [re.sub(r'"\s*"', '""', each.strip('"')) if isinstance(each, str) else each for each in values]
    )


def target(name: Any) -> Any:
    """Terraform leaves ``dualstack.`` off the name of a load balancer."""
    return plain(dns(name).removeprefix("dualstack.")) if isinstance(name, str) else plain(name)


RECORD = Collector(
    type="aws_route53_record",
    service="route53",
    scope=Scope.GLOBAL,
    fetch=inside("record_sets", ZONES, Once(_records), records),
    permissions=(*ZONES_ALLOWED, "route53:ListResourceRecordSets"),
    id="join('_', [ZoneId, Fqdn, Type, SetIdentifier][?@])",
    identity=record_identity,
    owner=record_owner,
    attributes={
        "alias": block(
            "AliasTarget.{evaluate_target_health: EvaluateTargetHealth, name: DNSName, zone_id: HostedZoneId}",
            name=Form(canonical=target),
        ),
        "cidr_routing_policy": block("CidrRoutingConfig.{collection_id: CollectionId, location_name: LocationName}"),
        "failover_routing_policy": block("{type: Failover}"),
        "fqdn": Attribute(path="Fqdn", form=NAME),
        "geolocation_routing_policy": block(
            "GeoLocation.{continent: ContinentCode, country: CountryCode, subdivision: SubdivisionCode}"
        ),
        "geoproximity_routing_policy": block(
            "GeoProximityLocation.{aws_region: AWSRegion, bias: Bias, "
            "coordinates: Coordinates && [Coordinates.{latitude: Latitude, longitude: Longitude}], "
            "local_zone_group: LocalZoneGroup}"
        ),
        "health_check_id": "HealthCheckId",
        "latency_routing_policy": block("{region: Region}"),
        "multivalue_answer_routing_policy": "MultiValueAnswer",
        "name": Attribute(path="Fqdn", form=Pairwise(agree=begins)),
        "records": Attribute(path="ResourceRecords[].Value", form=Form(canonical=unquoted)),
        "set_identifier": "SetIdentifier",
        "ttl": "TTL",
        "type": "Type",
        "weighted_routing_policy": block("{weight: Weight}"),
        "zone_id": "ZoneId",
    },
)

COLLECTORS = [RECORD, ZONE, ZONE_ASSOCIATION]
