"""Amazon EC2: who else may start an image, or make a disk of a snapshot."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from scanner.aws.collector import Collector
from scanner.aws.errors import code
from scanner.aws.place import Item, Place
from scanner.collectors import ec2, ec2_images
from state.schema import Identity, Parent

WHO = ("account_id", "group", "organization_arn", "organizational_unit_arn")


def permitted(what: str) -> Identity:
    """``ami-1/123456789012``: the thing, and the one who may use it."""

    def identify(said: Mapping[str, Any]) -> str | None:
        who = next((said[name] for name in WHO if said.get(name)), None)
        return f"{said[what]}/{who}" if said.get(what) and who else None

    return identify


async def of_each(items: list[Item], name: str, answer: Callable[[str], Any], gone: str) -> list[Item]:
    """The permissions that each of these things says, with its id; one that went since says none."""

    async def one(id: str) -> list[Item]:
        try:
            return [each | {name: id} for each in await answer(id)]
        except ClientError as error:
            if code(error) != gone:
                raise
            return []

    return [each for found in await asyncio.gather(*(one(item[name]) for item in items)) for each in found]


async def launch_permissions(place: Place) -> AsyncIterator[list[Item]]:
    """Of the account's images, those left out that others make on schedule."""

    async def ask(id: str) -> list[Item]:
        answer = await place.call("ec2", "describe_image_attribute", ImageId=id, Attribute="launchPermission")
        return list(answer.get("LaunchPermissions") or ())

    async for page in place.pages("ec2", "describe_images", Owners=["self"]):
        images = [each for each in page.get("Images") or () if ec2_images.maker(each) is None]
        yield await of_each(images, "ImageId", ask, "InvalidAMIID.NotFound")


AMI_LAUNCH_PERMISSION = Collector(
    type="aws_ami_launch_permission",
    service="ec2",
    fetch=launch_permissions,
    asks_parents=True,
    permissions=("ec2:DescribeImages", "ec2:DescribeImageAttribute"),
    id="join('-', [ImageId, UserId || Group || OrganizationArn || OrganizationalUnitArn])",
    identity=permitted("image_id"),
    parent=Parent(type="aws_ami", by="image_id", part="launch_permission"),
    attributes={
        "account_id": "UserId",
        "group": "Group",
        "image_id": "ImageId",
        "organization_arn": "OrganizationArn",
        "organizational_unit_arn": "OrganizationalUnitArn",
    },
)


async def volume_permissions(place: Place) -> AsyncIterator[list[Item]]:
    """Of the account's snapshots, those left out that others make on schedule."""

    async def ask(id: str) -> list[Item]:
        asked = {"SnapshotId": id, "Attribute": "createVolumePermission"}
        answer = await place.call("ec2", "describe_snapshot_attribute", **asked)
        return [each for each in answer.get("CreateVolumePermissions") or () if each.get("UserId")]

    async for page in place.pages("ec2", "describe_snapshots", OwnerIds=["self"]):
        snapshots = [each for each in page.get("Snapshots") or () if ec2.maker(each) is None]
        yield await of_each(snapshots, "SnapshotId", ask, "InvalidSnapshot.NotFound")


SNAPSHOT_CREATE_VOLUME_PERMISSION = Collector(
    type="aws_snapshot_create_volume_permission",
    service="ec2",
    fetch=volume_permissions,
    asks_parents=True,
    permissions=("ec2:DescribeSnapshots", "ec2:DescribeSnapshotAttribute"),
    id="join('-', [SnapshotId, UserId])",
    identity=permitted("snapshot_id"),
    parent=Parent(type="aws_ebs_snapshot", by="snapshot_id", part="create_volume_permission"),
    attributes={"account_id": "UserId", "snapshot_id": "SnapshotId"},
)

COLLECTORS = [AMI_LAUNCH_PERMISSION, SNAPSHOT_CREATE_VOLUME_PERMISSION]
