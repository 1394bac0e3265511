"""Amazon VPC peering: connections of two networks, seen alike from either side.

One connection is listed in both accounts and both regions. To the provider the network of the account
that asks is ``vpc_id``, whoever requested the connection; within one account it is the requester's.
"""

from __future__ import annotations

from collections.abc import Iterator

from scanner.aws.collector import Collector, Join, Listing, block, volatile
from state import Inventory, Resource
from state.schema import Parent

OVER = "'deleted', 'expired', 'failed', 'rejected'"
CONNECTIONS = f"VpcPeeringConnections[?!contains([{OVER}], Status.Code)]"
SIDE = "{owner_id: OwnerId, region: Region, vpc_id: VpcId}"
RANGES = (
    "[RequesterVpcInfo.CidrBlock, RequesterVpcInfo.CidrBlockSet[].CidrBlock, "
    "RequesterVpcInfo.Ipv6CidrBlockSet[].Ipv6CidrBlock, AccepterVpcInfo.CidrBlock, "
    "AccepterVpcInfo.CidrBlockSet[].CidrBlock, AccepterVpcInfo.Ipv6CidrBlockSet[].Ipv6CidrBlock][] | [?@]"
)
OPTIONS = "PeeringOptions.{allow_remote_vpc_dns_resolution: AllowDnsResolutionFromRemoteVpc}"


def side(name: str, *, peer: bool) -> Join:
    """What a connection says of its own network, or of the peer's."""

    def told(connection: Resource, inventory: Inventory) -> str | None:
        requester, accepter = connection.fact("requester") or {}, connection.fact("accepter") or {}
        accepting = connection.account == accepter.get("owner_id") != requester.get("owner_id")
        found: str | None = (accepter if accepting is not peer else requester).get(name)
        return found

    return told


CONNECTION = Collector(
    type="aws_vpc_peering_connection",
    aliases=("aws_vpc_peering_connection_accepter",),
    service="ec2",
    fetch=Listing("describe_vpc_peering_connections", CONNECTIONS),
    permissions=("ec2:DescribeVpcPeeringConnections",),
    id="VpcPeeringConnectionId",
    joins={
        "peer_owner_id": side("owner_id", peer=True),
        "peer_vpc_id": side("vpc_id", peer=True),
        "vpc_id": side("vpc_id", peer=False),
    },
    attributes={
        # The state of whoever asks is as old as the asking: who accepts it comes after.
        "accept_status": volatile("Status.Code"),
        "peer_region": "AccepterVpcInfo.Region",
    },
    facts={
        "accepter": f"AccepterVpcInfo.{SIDE}",
        "cidr_blocks": RANGES,
        "pending_deletion": "Status.Code=='deleting'",
        "requester": f"RequesterVpcInfo.{SIDE}",
    },
    tags="Tags",
)

SIDES = ("accepter", "requester")


def options_in_connection(connection: Resource) -> Iterator[Resource]:
    said = {name: connection.attributes.get(name) for name in SIDES}
    yield connection.replace(attributes={"vpc_peering_connection_id": connection.id} | said)


CONNECTION_OPTIONS = Collector(
    type="aws_vpc_peering_connection_options",
    service="ec2",
    fetch=Listing("describe_vpc_peering_connections", CONNECTIONS),
    permissions=("ec2:DescribeVpcPeeringConnections",),
    id="VpcPeeringConnectionId",
    parent=Parent(
        type="aws_vpc_peering_connection",
        by="vpc_peering_connection_id",
        part="options",
        paths={name: name for name in SIDES},
    ),
    homes={"aws_vpc_peering_connection": options_in_connection},
    attributes={
        "accepter": block(f"AccepterVpcInfo.{OPTIONS}"),
        "requester": block(f"RequesterVpcInfo.{OPTIONS}"),
        "vpc_peering_connection_id": "VpcPeeringConnectionId",
    },
)

COLLECTORS = [CONNECTION, CONNECTION_OPTIONS]
