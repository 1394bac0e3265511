"""Amazon EC2's settings of an account in a region, each there by itself, at AWS's default until somebody sets it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping

from scanner.aws.collector import Attribute, Collector, Detail, converted, name_or_arn
from scanner.aws.place import Item, Place
from state import Resource
from state.forms import defaulting


async def ec2_region(place: Place) -> AsyncIterator[list[Item]]:
    """The region itself, in which each setting is whatever may be asked about it."""
    yield [{"RegionName": place.region}]


def setting(
    type: str,
    operation: str,
    attributes: Mapping[str, str | Attribute],
    at_default: Callable[[Resource], bool],
    *,
    id: str = "Said && RegionName",  # so that a refusal has no id, and is a gap whatever the declared one is called
) -> Collector:
    """A setting that a region has once. Provider 5 names some by the time of their making, so no id is an identity."""
    action = "".join(word.title() for word in operation.split("_"))
    return Collector(
        type=type,
        service="ec2",
        fetch=ec2_region,
        details=(Detail(operation=operation, arguments={}, into="Said", essential=True),),
        permissions=(f"ec2:{action}",),
        id=id,
        identity=lambda attributes: type.removeprefix("aws_"),
        attributes=attributes,
        at_default=at_default,
    )


def off(found: Resource) -> bool:
    return not found.attributes.get("enabled")


def of_aws(found: Resource) -> bool:
    return str(found.attributes.get("key_arn")).endswith("alias/aws/ebs")


def in_state(*states: str) -> Callable[[Resource], bool]:
    return lambda found: found.attributes.get("state") in states


NO_PREFERENCE = "no-preference"
PREFERENCES = {
    "http_endpoint": "HttpEndpoint",
    "http_tokens": "HttpTokens",
    "instance_metadata_tags": "InstanceMetadataTags",
}


def preference(path: str) -> Attribute:
    """A choice for new instances, which AWS leaves out where there is none."""
    return converted(f"Said.AccountLevel.{path}", lambda value: value or NO_PREFERENCE, defaulting(NO_PREFERENCE))


def no_preferences(found: Resource) -> bool:
    chosen = {found.attributes.get(name) for name in PREFERENCES}
    return chosen <= {None, NO_PREFERENCE} and found.attributes.get("http_put_response_hop_limit") in (None, 0, -1)


COLLECTORS = [
    setting(
        "aws_ebs_encryption_by_default",
        "get_ebs_encryption_by_default",
        {"enabled": "Said.EbsEncryptionByDefault"},
        off,
    ),
    setting(
        "aws_ebs_default_kms_key",
        "get_ebs_default_kms_key_id",
        {"key_arn": name_or_arn("Said.KmsKeyId")},
        of_aws,
        id="Said.KmsKeyId",
    ),
    setting(
        "aws_ebs_snapshot_block_public_access",
        "get_snapshot_block_public_access_state",
        {"state": "Said.State"},
        in_state("unblocked"),
    ),
    setting(
        "aws_ec2_serial_console_access",
        "get_serial_console_access_status",
        {"enabled": "Said.SerialConsoleAccessEnabled"},
        off,
    ),
    setting(
        "aws_ec2_image_block_public_access",
        "get_image_block_public_access_state",
        {"state": "Said.ImageBlockPublicAccessState"},
        in_state("unblocked", "block-new-sharing"),  # the first in accounts from before 2023
    ),
    setting(
        "aws_ec2_instance_metadata_defaults",
        "get_instance_metadata_defaults",
        {name: preference(path) for name, path in PREFERENCES.items()}
        | {
            "http_put_response_hop_limit": converted(
                "Said.AccountLevel.HttpPutResponseHopLimit", lambda limit: limit or -1, defaulting(-1)
            )
        },
        no_preferences,
    ),
]
