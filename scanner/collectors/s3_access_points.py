"""Amazon S3's access points: other ways into a bucket, each with a policy of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from scanner.aws.collector import Attribute, Collector, Detail, Scope, block, policy, volatile
from scanner.aws.errors import code
from scanner.aws.inside import Once, inside, listing
from scanner.aws.place import Item, Place
from scanner.collectors.s3 import SHUT
from state import Resource
from state.documents import POLICY
from state.forms import UNORDERED, VOLATILE, Form, defaulting
from state.schema import Parent

GONE = ("NoSuchAccessPoint",)
NO_POLICY = ("NoSuchAccessPointPolicy",)
NAMED = {"AccountId": "AccountId", "Name": "Name"}
SHUT_BLOCK = ", ".join(f"{name}: {path}" for name, path in SHUT.items())


async def access_points(place: Place) -> AsyncIterator[list[Item]]:
    async for page in place.pages("s3control", "list_access_points", AccountId=place.account):
        yield [each | {"AccountId": place.account} for each in page.get("AccessPointList") or ()]


ACCESS_POINT = Collector(
    type="aws_s3_access_point",
    service="s3control",
    fetch=access_points,
    details=(
        Detail(operation="get_access_point", arguments=NAMED, into="Whole", gone=GONE),
        Detail(operation="get_access_point_policy_status", arguments=NAMED, into="Open", absent=NO_POLICY, gone=GONE),
    ),
    permissions=("s3:ListAccessPoints", "s3:GetAccessPoint", "s3:GetAccessPointPolicyStatus"),
    id="join(':', [AccountId, Name])",
    identity=("arn",),
    attributes={
        "account_id": "AccountId",
        "alias": "Alias",
        "arn": "AccessPointArn",
        "bucket": "Bucket",
        "bucket_account_id": "BucketAccountId || AccountId",
        "endpoints": "Whole.Endpoints",
        "has_public_access_policy": volatile("Open.PolicyStatus.IsPublic || `false`"),
        "name": "Name",
        "network_origin": "NetworkOrigin",
        "public_access_block_configuration": block(
            f"Whole.PublicAccessBlockConfiguration.{{{SHUT_BLOCK}}}", **dict.fromkeys(SHUT, defaulting(True))
        ),
        "vpc_configuration": block("VpcConfiguration.{vpc_id: VpcId}"),
    },
    facts={"creation_date": "Whole.CreationDate"},
)


def policy_in_point(point: Resource) -> Iterator[Resource]:
    """``{}`` is how the provider writes that the policy is declared by itself, or that there is none."""
    said = point.attributes.get("policy")
    if said and said != "{}":
        arn = point.attributes.get("arn")
        yield point.replace(attributes={"access_point_arn": arn, "policy": said})


ACCESS_POINT_POLICY = Collector(
    type="aws_s3control_access_point_policy",
    service="s3control",
    fetch=access_points,
    details=(
        Detail(
            operation="get_access_point_policy",
            arguments=NAMED,
            into="Policy",
            absent=NO_POLICY,
            gone=GONE,
            essential=True,
        ),
    ),
    permissions=("s3:ListAccessPoints", "s3:GetAccessPointPolicy"),
    id="AccessPointArn",
    identity=("access_point_arn",),
    parent=Parent(type="aws_s3_access_point", by="access_point_arn", part="policy", paths={"policy": "policy"}),
    homes={"aws_s3_access_point": policy_in_point},
    attributes={"access_point_arn": "AccessPointArn", "policy": policy("Policy.Policy")},
)

# --- of many regions ------------------------------------------------------------------------------

ANSWERING = "us-west-2"
"""Where requests about access points of many regions are answered, whatever regions these are."""


async def _of_many_regions(place: Place) -> list[Item]:
    """The account's; there are none in China and GovCloud."""
    if place.partition != "aws":
        return []
    asked = place.at(ANSWERING).pages("s3control", "list_multi_region_access_points", AccountId=place.account)
    return [each | {"AccountId": place.account} async for page in asked for each in page.get("AccessPoints") or ()]


POINTS = Once(_of_many_regions)


async def _policy(place: Place, point: Item) -> Item | None:
    """A point with its policy: that which is there, and the one that is on its way to all of its regions."""
    asked = {"AccountId": place.account, "Name": point["Name"]}
    try:
        answer = await place.at(ANSWERING).call("s3control", "get_multi_region_access_point_policy", **asked)
    except ClientError as error:
        if code(error) in ("NoSuchMultiRegionAccessPoint", *NO_POLICY):
            return None
        raise
    said = answer.get("Policy") or {}
    return point | {"Policy": said} if (said.get("Proposed") or said.get("Established") or {}).get("Policy") else None


def name_in_details(said: Mapping[str, Any]) -> str | None:
    """Its name: the id is ``account:name``."""
    return next((each.get("name") for each in said.get("details") or () if each), None)


MULTI_REGION_ACCESS_POINT = Collector(
    type="aws_s3control_multi_region_access_point",
    service="s3control",
    scope=Scope.GLOBAL,
    fetch=listing("multi_region_access_points", POINTS),
    permissions=("s3:ListMultiRegionAccessPoints",),
    id="join(':', [AccountId, Name])",
    identity=name_in_details,
    arn="arn:{partition}:s3::{account}:accesspoint/{Alias}",
    attributes={
        "account_id": "AccountId",
        "alias": "Alias",
        "details": block(
            "@.{name: Name, "
            f"public_access_block: PublicAccessBlock && [PublicAccessBlock.{{{SHUT_BLOCK}}}], "
            "region: Regions[].{bucket: Bucket, bucket_account_id: BucketAccountId, region: Region}}",
            public_access_block=Form(inner=dict.fromkeys(SHUT, defaulting(True))),
            region=UNORDERED,
        ),
        "domain_name": "join('', [Alias, '.accesspoint.s3-global.amazonaws.com'])",
        "status": volatile("Status"),
    },
    facts={"created_at": "CreatedAt", "pending_deletion": "Status=='DELETING'"},
)

MULTI_REGION_ACCESS_POINT_POLICY = Collector(
    type="aws_s3control_multi_region_access_point_policy",
    service="s3control",
    scope=Scope.GLOBAL,
    fetch=inside(
        "multi_region_access_point_policies", POINTS, Once(_policy), lambda found, point: [found] if found else []
    ),
    permissions=("s3:ListMultiRegionAccessPoints", "s3:GetMultiRegionAccessPointPolicy"),
    id="join(':', [AccountId, Name])",
    identity=name_in_details,
    attributes={
        "account_id": "AccountId",
        "details": Attribute(
            path="[{name: Name, policy: Policy.Proposed.Policy || Policy.Established.Policy}]",
            form=Form(inner={"policy": POLICY}),
        ),
        "established": Attribute(path="Policy.Established.Policy", form=VOLATILE),
        "proposed": Attribute(path="Policy.Proposed.Policy", form=VOLATILE),
    },
)

COLLECTORS = [ACCESS_POINT, ACCESS_POINT_POLICY, MULTI_REGION_ACCESS_POINT, MULTI_REGION_ACCESS_POINT_POLICY]
