"""AWS Shield Advanced: what is protected, and how; without a subscription there is nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator

from botocore.exceptions import ClientError

from scanner.aws.collector import Collector, Detail, Scope, unordered
from scanner.aws.errors import code
from scanner.aws.inside import Once, unless_gone
from scanner.aws.place import Item, Place

GONE = ("ResourceNotFoundException",)


async def _protections(place: Place) -> list[Item]:
    return list((await unless_gone(place.whole("shield", "list_protections"), GONE)).get("Protections") or ())


PROTECTIONS = Once(_protections)


async def protections(place: Place) -> AsyncIterator[list[Item]]:
    yield await PROTECTIONS(protections, place)


async def automatic_responses(place: Place) -> AsyncIterator[list[Item]]:
    kept = "ApplicationLayerAutomaticResponseConfiguration"
    found = await PROTECTIONS(automatic_responses, place)
    yield [each for each in found if (each.get(kept) or {}).get("Status") == "ENABLED"]


async def protection_health_checks(place: Place) -> AsyncIterator[list[Item]]:
    found = await PROTECTIONS(protection_health_checks, place)
    arn = f"arn:{place.partition}:route53:::healthcheck/"
    yield [{**each, "HealthCheckArn": arn + id} for each in found for id in each.get("HealthCheckIds") or ()]


async def protection_groups(place: Place) -> AsyncIterator[list[Item]]:
    try:
        async for page in place.pages("shield", "list_protection_groups"):
            yield page.get("ProtectionGroups") or []
    except ClientError as error:
        if code(error) not in GONE:
            raise


PROTECTIONS.readers.update((protections, automatic_responses, protection_health_checks))


def tags_of(arn: str) -> Detail:
    return Detail(operation="list_tags_for_resource", arguments={"ResourceARN": arn}, into="Tagging", gone=GONE)


PROTECTION = Collector(
    type="aws_shield_protection",
    service="shield",
    scope=Scope.GLOBAL,
    fetch=protections,
    details=(tags_of("ProtectionArn"),),
    permissions=("shield:ListProtections", "shield:ListTagsForResource"),
    id="Id",
    attributes={"arn": "ProtectionArn", "name": "Name", "resource_arn": "ResourceArn"},
    tags="Tagging.Tags",
)

PROTECTION_GROUP = Collector(
    type="aws_shield_protection_group",
    service="shield",
    scope=Scope.GLOBAL,
    fetch=protection_groups,
    details=(tags_of("ProtectionGroupArn"),),
    permissions=("shield:ListProtectionGroups", "shield:ListTagsForResource"),
    id="ProtectionGroupId",
    arn="ProtectionGroupArn",
    attributes={
        "aggregation": "Aggregation",
        "members": unordered("Members"),
        "pattern": "Pattern",
        "protection_group_arn": "ProtectionGroupArn",
        "protection_group_id": "ProtectionGroupId",
        "resource_type": "ResourceType",
    },
    tags="Tagging.Tags",
)

AUTOMATIC_RESPONSE = Collector(
    type="aws_shield_application_layer_automatic_response",
    service="shield",
    scope=Scope.GLOBAL,
    fetch=automatic_responses,
    permissions=("shield:ListProtections",),
    id="ResourceArn",
    identity=("resource_arn",),
    attributes={
        "action": "ApplicationLayerAutomaticResponseConfiguration.Action.Block != `null` && 'BLOCK' || 'COUNT'",
        "resource_arn": "ResourceArn",
    },
)

HEALTH_CHECK_ASSOCIATION = Collector(
    type="aws_shield_protection_health_check_association",
    service="shield",
    scope=Scope.GLOBAL,
    fetch=protection_health_checks,
    permissions=("shield:ListProtections",),
    id="join('+', [Id, HealthCheckArn])",
    identity=("shield_protection_id", "health_check_arn"),
    attributes={"health_check_arn": "HealthCheckArn", "shield_protection_id": "Id"},
)

COLLECTORS = [AUTOMATIC_RESPONSE, HEALTH_CHECK_ASSOCIATION, PROTECTION, PROTECTION_GROUP]
