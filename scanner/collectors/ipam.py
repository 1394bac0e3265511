"""Amazon VPC IP Address Manager: what plans addresses, its scopes, and the pools that ranges are given out of."""

from __future__ import annotations

from scanner.aws.collector import Attribute, Collector, Listing, as_tags, blocks, converted, volatile
from scanner.aws.inside import Once, inside, listing
from scanner.aws.place import Item, Place
from scanner.collectors.vpc import AWS, NETWORK
from state import Inventory, Resource
from state.forms import IF_DECLARED, MAP, defaulting, last_segment
from state.schema import Parent

LIVE = "[?State!='delete-complete']"
FACTS = {"pending_deletion": "State=='delete-in-progress'", "state": "State"}


def shared_by(found: Resource, inventory: Inventory) -> str | None:
    """The account whose it is: what is shared through RAM is listed here too."""
    owner = str(found.arn or "").split(":")[4:5]
    return f"account: {owner[0]}" if owner and owner[0] not in ("", found.account) else None


IPAM = Collector(
    type="aws_vpc_ipam",
    service="ec2",
    fetch=Listing("describe_ipams", f"Ipams{LIVE}"),
    permissions=("ec2:DescribeIpams",),
    id="IpamId",
    owned=shared_by,
    attributes={
        "arn": "IpamArn",
        "default_resource_discovery_association_id": "DefaultResourceDiscoveryAssociationId",
        "default_resource_discovery_id": "DefaultResourceDiscoveryId",
        "description": "Description",
        "enable_private_gua": "EnablePrivateGua",
        "metered_account": Attribute(path="MeteredAccount", form=IF_DECLARED),
        "operating_regions": blocks("OperatingRegions[].{region_name: RegionName}"),
        "private_default_scope_id": "PrivateDefaultScopeId",
        "public_default_scope_id": "PublicDefaultScopeId",
        "scope_count": volatile("ScopeCount"),
        "tier": Attribute(path="Tier", form=defaulting("advanced")),
    },
    facts=FACTS,
    tags="Tags",
)

SCOPE = Collector(
    type="aws_vpc_ipam_scope",
    service="ec2",
    fetch=Listing("describe_ipam_scopes", f"IpamScopes{LIVE}"),
    permissions=("ec2:DescribeIpamScopes",),
    id="IpamScopeId",
    owner=lambda scope: AWS if scope.get("IsDefault") else None,
    attributes={
        "arn": "IpamScopeArn",
        "description": "Description",
        "ipam_arn": "IpamArn",
        "ipam_id": converted("IpamArn", last_segment),
        "ipam_scope_type": "IpamScopeType",
        "is_default": "IsDefault",
        "pool_count": volatile("PoolCount"),
    },
    facts=FACTS,
    tags="Tags",
)


async def _pools(place: Place) -> list[Item]:
    found = (await place.whole("ec2", "describe_ipam_pools")).get("IpamPools") or ()
    return [each for each in found if each.get("State") != "delete-complete"]


POOLS = Once(_pools)

POOL = Collector(
    type="aws_vpc_ipam_pool",
    service="ec2",
    fetch=listing("ipam_pools", POOLS),
    permissions=("ec2:DescribeIpamPools",),
    id="IpamPoolId",
    owned=shared_by,
    attributes={
        "address_family": "AddressFamily",
        "allocation_default_netmask_length": Attribute(path="AllocationDefaultNetmaskLength", form=IF_DECLARED),
        "allocation_max_netmask_length": Attribute(path="AllocationMaxNetmaskLength", form=IF_DECLARED),
        "allocation_min_netmask_length": Attribute(path="AllocationMinNetmaskLength", form=IF_DECLARED),
        "allocation_resource_tags": Attribute(path="AllocationResourceTags", form=MAP, convert=as_tags),
        "arn": "IpamPoolArn",
        "auto_import": "AutoImport",
        "aws_service": "AwsService",
        "description": "Description",
        "ipam_scope_id": converted("IpamScopeArn", last_segment),
        "ipam_scope_type": "IpamScopeType",
        "locale": Attribute(path="Locale", form=defaulting("None")),
        "pool_depth": volatile("PoolDepth"),
        "public_ip_source": Attribute(path="PublicIpSource", form=IF_DECLARED),
        "publicly_advertisable": Attribute(path="PubliclyAdvertisable", form=IF_DECLARED),
        "source_ipam_pool_id": "SourceIpamPoolId",
        "state": volatile("State"),
    },
    facts=FACTS,
    tags="Tags",
)


async def _cidrs(place: Place, pool: Item) -> list[Item]:
    """What each of the account's own pools may give out."""
    if f":{place.account}:" not in pool["IpamPoolArn"]:
        return []
    answer = await place.whole("ec2", "get_ipam_pool_cidrs", IpamPoolId=pool["IpamPoolId"])
    live = (each for each in answer.get("IpamPoolCidrs") or () if str(each.get("State")).endswith("provisioned"))
    return [each | {"IpamPoolId": pool["IpamPoolId"]} for each in live if each["State"] != "deprovisioned"]


POOL_CIDR = Collector(
    type="aws_vpc_ipam_pool_cidr",
    service="ec2",
    fetch=inside("ipam_pool_cidrs", POOLS, Once(_cidrs), lambda answer, pool: answer),
    asks_parents=True,
    permissions=("ec2:DescribeIpamPools", "ec2:GetIpamPoolCidrs"),
    id="join('_', [Cidr, IpamPoolId])",
    identity=("ipam_pool_id", "cidr"),
    parent=Parent(type="aws_vpc_ipam_pool", by="ipam_pool_id", part="cidr"),
    attributes={
        "cidr": Attribute(path="Cidr", form=NETWORK),
        "ipam_pool_cidr_id": "IpamPoolCidrId",
        "ipam_pool_id": "IpamPoolId",
    },
)

COLLECTORS = [IPAM, SCOPE, POOL, POOL_CIDR]
