"""Amazon Route 53: health checks, signing, query logs, and what other accounts may do with a zone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any

from scanner.aws.collector import Attribute, Collector, Listing, Scope, Shared, converted, unordered, volatile
from scanner.aws.inside import Once, inside, unless_gone
from scanner.aws.place import Item, Place
from scanner.aws.texts import last
from scanner.collectors.route53 import GONE, ZONES, ZONES_ALLOWED, made_by, tags_of
from state import Resource
from state.forms import Form, defaulting

# --- health checks --------------------------------------------------------------------------------


async def _health_checks(place: Place) -> list[Item]:
    return list((await place.whole("route53", "list_health_checks")).get("HealthChecks") or ())


HEALTH_CHECKS = Once(_health_checks)


async def health_checks(place: Place) -> AsyncIterator[list[Item]]:
    yield await HEALTH_CHECKS(health_checks, place)


async def tags_of_health_checks(place: Place) -> Mapping[str, Any]:
    ids = [each["Id"] for each in await HEALTH_CHECKS(tags_of_health_checks, place)]
    return await tags_of(place, "healthcheck", ids)


HEALTH_CHECKS.readers.update((health_checks, tags_of_health_checks))

HEALTH_CHECK = Collector(
    type="aws_route53_health_check",
    service="route53",
    scope=Scope.GLOBAL,
    fetch=health_checks,
    details=(Shared(ask=tags_of_health_checks, by="Id", into="Tagging"),),
    permissions=("route53:ListHealthChecks", "route53:ListTagsForResources"),
    id="Id",
    arn="arn:{partition}:route53:::healthcheck/{Id}",
    owner=made_by,
    attributes={
        "child_health_threshold": "HealthCheckConfig.HealthThreshold",
        "child_healthchecks": unordered("HealthCheckConfig.ChildHealthChecks"),
        "cloudwatch_alarm_name": "HealthCheckConfig.AlarmIdentifier.Name",
        "cloudwatch_alarm_region": "HealthCheckConfig.AlarmIdentifier.Region",
        "disabled": "HealthCheckConfig.Disabled",
        "enable_sni": "HealthCheckConfig.EnableSNI",
        "failure_threshold": "HealthCheckConfig.FailureThreshold",
        "fqdn": "HealthCheckConfig.FullyQualifiedDomainName",
        "insufficient_data_health_status": "HealthCheckConfig.InsufficientDataHealthStatus",
        "invert_healthcheck": "HealthCheckConfig.Inverted",
        "ip_address": "HealthCheckConfig.IPAddress",
        "measure_latency": "HealthCheckConfig.MeasureLatency",
        "port": "HealthCheckConfig.Port",
        "regions": unordered("HealthCheckConfig.Regions"),
        "request_interval": "HealthCheckConfig.RequestInterval",
        "resource_path": "HealthCheckConfig.ResourcePath",
        "routing_control_arn": "HealthCheckConfig.RoutingControlArn",
        "search_string": "HealthCheckConfig.SearchString",
        "type": "HealthCheckConfig.Type",
    },
    tags="Tagging",
)

# --- delegation sets, query logs, blocks of addresses -----------------------------------------------


async def delegation_sets(place: Place) -> AsyncIterator[list[Item]]:
    """Every page: botocore knows none for this call."""
    more: Item = {}
    while True:
        answer = await place.call("route53", "list_reusable_delegation_sets", **more)
        yield [{**each, "SetId": last(each["Id"])} for each in answer.get("DelegationSets") or ()]
        if not answer.get("IsTruncated"):
            return
        more = {"Marker": answer["NextMarker"]}


DELEGATION_SET = Collector(
    type="aws_route53_delegation_set",
    service="route53",
    scope=Scope.GLOBAL,
    fetch=delegation_sets,
    permissions=("route53:ListReusableDelegationSets",),
    id="SetId",
    arn="arn:{partition}:route53:::delegationset/{SetId}",
    attributes={"name_servers": unordered("NameServers")},
)


def _bare(group: Any) -> Any:
    """Terraform's ARN of a group of logs; AWS takes it, and tells it, with ``:*`` as well."""
    return group.removesuffix(":*") if isinstance(group, str) else group


QUERY_LOG = Collector(
    type="aws_route53_query_log",
    service="route53",
    scope=Scope.GLOBAL,
    fetch=Listing("list_query_logging_configs", "QueryLoggingConfigs"),
    permissions=("route53:ListQueryLoggingConfigs",),
    id="Id",
    arn="arn:{partition}:route53:::queryloggingconfig/{Id}",
    attributes={
        "cloudwatch_log_group_arn": Attribute(path="CloudWatchLogsLogGroupArn", form=Form(canonical=_bare)),
        "zone_id": converted("HostedZoneId", last),
    },
)


async def _cidr_collections(place: Place) -> list[Item]:
    return list((await place.whole("route53", "list_cidr_collections")).get("CidrCollections") or ())


async def _cidr_blocks(place: Place, collection: Item) -> Item:
    return await place.whole("route53", "list_cidr_blocks", CollectionId=collection["Id"])


CIDR_COLLECTIONS = Once(_cidr_collections)


async def cidr_collections(place: Place) -> AsyncIterator[list[Item]]:
    yield await CIDR_COLLECTIONS(cidr_collections, place)


CIDR_COLLECTIONS.readers.add(cidr_collections)


def locations(answer: Item, collection: Item) -> Iterable[Item]:
    """The blocks of each location together."""
    found: dict[str, list[str]] = {}
    for each in answer.get("CidrBlocks") or ():
        found.setdefault(each["LocationName"], []).append(each["CidrBlock"])
    return [{"CollectionId": collection["Id"], "LocationName": name, "Blocks": all} for name, all in found.items()]


CIDR_COLLECTION = Collector(
    type="aws_route53_cidr_collection",
    service="route53",
    scope=Scope.GLOBAL,
    fetch=cidr_collections,
    permissions=("route53:ListCidrCollections",),
    id="Id",
    attributes={"arn": "Arn", "name": "Name", "version": volatile("Version")},
)

CIDR_LOCATION = Collector(
    type="aws_route53_cidr_location",
    service="route53",
    scope=Scope.GLOBAL,
    fetch=inside("cidr_locations", CIDR_COLLECTIONS, Once(_cidr_blocks), locations),
    permissions=("route53:ListCidrCollections", "route53:ListCidrBlocks"),
    id="join(',', [CollectionId, LocationName])",
    identity=("cidr_collection_id", "name"),
    attributes={
        "cidr_blocks": unordered("Blocks"),
        "cidr_collection_id": "CollectionId",
        "name": "LocationName",
    },
)

# --- who else may answer in a private zone, and how a public one is signed ----------------------------


def private(zone: Item) -> bool:
    return bool((zone.get("Config") or {}).get("PrivateZone"))


async def _authorizations(place: Place, zone: Item) -> Item:
    if not private(zone):
        return {}
    id = zone["ZoneId"]
    return await unless_gone(place.whole("route53", "list_vpc_association_authorizations", HostedZoneId=id), GONE)


async def _signing(place: Place, zone: Item) -> Item:
    """Only a public zone can be signed."""
    if private(zone):
        return {}
    return await unless_gone(place.call("route53", "get_dnssec", HostedZoneId=zone["ZoneId"]), GONE)


SIGNING = Once(_signing)


def authorized(answer: Item, zone: Item) -> Iterable[Item]:
    return [{**each, "ZoneId": zone["ZoneId"]} for each in answer.get("VPCs") or ()]


def status(answer: Item, zone: Item) -> Iterable[Item]:
    return [{**answer["Status"], "ZoneId": zone["ZoneId"]}] if answer.get("Status") else []


def keys(answer: Item, zone: Item) -> Iterable[Item]:
    return [{**each, "ZoneId": zone["ZoneId"]} for each in answer.get("KeySigningKeys") or ()]


VPC_ASSOCIATION_AUTHORIZATION = Collector(
    type="aws_route53_vpc_association_authorization",
    service="route53",
    scope=Scope.GLOBAL,
    fetch=inside("vpc_authorizations", ZONES, Once(_authorizations), authorized),
    permissions=(*ZONES_ALLOWED, "route53:ListVPCAssociationAuthorizations"),
    id="join(':', [ZoneId, VPCId])",
    identity=("zone_id", "vpc_id"),
    attributes={"vpc_id": "VPCId", "vpc_region": "VPCRegion", "zone_id": "ZoneId"},
)


def unsigned(zone: Resource) -> bool:
    return zone.attributes.get("signing_status") == "NOT_SIGNING"


HOSTED_ZONE_DNSSEC = Collector(
    type="aws_route53_hosted_zone_dnssec",
    service="route53",
    scope=Scope.GLOBAL,
    fetch=inside("signed_zones", ZONES, SIGNING, status),
    permissions=(*ZONES_ALLOWED, "route53:GetDNSSEC"),
    id="ZoneId",
    at_default=unsigned,
    attributes={
        "hosted_zone_id": "ZoneId",
        "signing_status": Attribute(path="ServeSignature", form=defaulting("SIGNING")),
    },
    facts={"status_message": "StatusMessage"},
)

KEY_SIGNING_KEY = Collector(
    type="aws_route53_key_signing_key",
    service="route53",
    scope=Scope.GLOBAL,
    fetch=inside("signing_keys", ZONES, SIGNING, keys),
    permissions=(*ZONES_ALLOWED, "route53:GetDNSSEC"),
    id="join(',', [ZoneId, Name])",
    identity=("hosted_zone_id", "name"),
    attributes={
        "digest_algorithm_mnemonic": volatile("DigestAlgorithmMnemonic"),
        "digest_algorithm_type": volatile("DigestAlgorithmType"),
        "digest_value": volatile("DigestValue"),
        "dnskey_record": volatile("DNSKEYRecord"),
        "ds_record": volatile("DSRecord"),
        "flag": volatile("Flag"),
        "hosted_zone_id": "ZoneId",
        "key_management_service_arn": "KmsArn",
        "key_tag": volatile("KeyTag"),
        "name": "Name",
        "public_key": volatile("PublicKey"),
        "signing_algorithm_mnemonic": volatile("SigningAlgorithmMnemonic"),
        "signing_algorithm_type": volatile("SigningAlgorithmType"),
        "status": Attribute(path="Status", form=defaulting("ACTIVE")),
    },
    facts={"pending_deletion": "Status=='DELETING'"},
)

COLLECTORS = [
    CIDR_COLLECTION,
    CIDR_LOCATION,
    DELEGATION_SET,
    HEALTH_CHECK,
    HOSTED_ZONE_DNSSEC,
    KEY_SIGNING_KEY,
    QUERY_LOG,
    VPC_ASSOCIATION_AUTHORIZATION,
]
