"""Amazon VPC: DHCP options, further address ranges, flow logs, egress-only gateways and prefix lists."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

from botocore.exceptions import ClientError

from scanner.aws.collector import Attribute, Collector, Listing, block, converted
from scanner.aws.errors import code
from scanner.aws.place import Item, Place
from scanner.collectors.vpc import AWS, NETWORK, NETWORKS, another_account
from state import Resource
from state.forms import VOLATILE, Form, plain
from state.schema import Home, Parent, always

# --- DHCP options -------------------------------------------------------------------------------


def listed(value: Any) -> Any:
    """aws_default_vpc_dhcp_options holds in one text what other options hold in a list."""
    return plain([each.strip() for each in value.split(",")] if isinstance(value, str) and value else value)


LISTED = Form(canonical=listed)


def values(name: str) -> str:
    return f"(DhcpConfigurations[?Key=='{name}'] | [0]).Values[].Value"


def as_aws_makes_them(options: Item) -> str | None:
    """The options that a region has by itself are told by nothing but what they say."""
    said = {each["Key"]: [value.get("Value") for value in each["Values"]] for each in options["DhcpConfigurations"]}
    domain = (said.pop("domain-name", None) or [""])[0]
    amazons = domain == "ec2.internal" or domain.endswith(".compute.internal")
    return AWS if amazons and said == {"domain-name-servers": ["AmazonProvidedDNS"]} else None


DHCP_OPTIONS = Collector(
    type="aws_vpc_dhcp_options",
    aliases=("aws_default_vpc_dhcp_options",),
    service="ec2",
    fetch=Listing("describe_dhcp_options", "DhcpOptions"),
    permissions=("ec2:DescribeDhcpOptions",),
    id="DhcpOptionsId",
    arn="arn:{partition}:ec2:{region}:{account}:dhcp-options/{DhcpOptionsId}",
    owner=as_aws_makes_them,
    owned=another_account,
    attributes={
        "domain_name": f"{values('domain-name')} | [0]",
        "domain_name_servers": Attribute(path=values("domain-name-servers"), form=LISTED),
        "ipv6_address_preferred_lease_time": f"{values('ipv6-address-preferred-lease-time')} | [0]",
        "netbios_name_servers": Attribute(path=values("netbios-name-servers"), form=LISTED),
        "netbios_node_type": f"{values('netbios-node-type')} | [0]",
        "ntp_servers": Attribute(path=values("ntp-servers"), form=LISTED),
        "owner_id": "OwnerId",
    },
    tags="Tags",
)


NO_OPTIONS = "default"
"""What AWS says in the place of an id where a network has no options, and takes from those who want it to have none.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateDhcpOptions.html
"""


def none_are_wanted(association: Resource) -> bool:
    return bool(association.attributes.get("dhcp_options_id") == NO_OPTIONS)


def options_of_vpc(vpc: Resource) -> Iterator[Resource]:
    if (said := vpc.attributes.get("dhcp_options_id")) and said != NO_OPTIONS:
        yield vpc.replace(attributes={"vpc_id": vpc.id, "dhcp_options_id": said})


DHCP_OPTIONS_ASSOCIATION = Collector(
    type="aws_vpc_dhcp_options_association",
    service="ec2",
    fetch=Listing("describe_vpcs", f"Vpcs[?DhcpOptionsId && DhcpOptionsId!='{NO_OPTIONS}']", once=NETWORKS),
    permissions=("ec2:DescribeVpcs",),
    id="join('-', [DhcpOptionsId, VpcId])",
    identity=("vpc_id",),
    parent=Parent(type="aws_vpc", by="vpc_id", part="dhcp_options_id", paths={"dhcp_options_id": "dhcp_options_id"}),
    homes={"aws_vpc": Home(project=options_of_vpc, filled=always)},
    at_default=none_are_wanted,
    attributes={"dhcp_options_id": "DhcpOptionsId", "vpc_id": "VpcId"},
)

# --- address ranges -----------------------------------------------------------------------------

IPV4_CIDR_BLOCK_ASSOCIATION = Collector(
    type="aws_vpc_ipv4_cidr_block_association",
    service="ec2",
    fetch=Listing(
        "describe_vpcs", "CidrBlockAssociationSet[?CidrBlockState.State=='associated']", within="Vpcs", once=NETWORKS
    ),
    permissions=("ec2:DescribeVpcs",),
    id="Item.AssociationId",
    parent=Parent(type="aws_vpc", by="vpc_id", part="ipv4_cidr_block_association"),
    owner=lambda found: AWS if found["Parent"].get("IsDefault") else None,
    at_default=lambda found: found.facts.get("vpc_cidr_block") == found.attributes.get("cidr_block"),
    attributes={"cidr_block": Attribute(path="Item.CidrBlock", form=NETWORK), "vpc_id": "Parent.VpcId"},
    facts={"vpc_cidr_block": "Parent.CidrBlock"},
)

# --- flow logs ----------------------------------------------------------------------------------


def of_kind(*begins: str, but: str = "\0") -> Attribute:
    """What is logged, where its id says that it is of this kind."""

    def named(id: str | None) -> str | None:
        return id if id and id.startswith(begins) and not id.startswith(but) else None

    return converted("ResourceId", named)


def without_streams(arn: Any) -> Any:
    """A log group's ARN may end in ``:*``, which stands for all of its streams."""
    return arn.removesuffix(":*") if isinstance(arn, str) and arn else plain(arn)


FLOW_LOG = Collector(
    type="aws_flow_log",
    service="ec2",
    fetch=Listing("describe_flow_logs", "FlowLogs"),
    permissions=("ec2:DescribeFlowLogs",),
    id="FlowLogId",
    arn="arn:{partition}:ec2:{region}:{account}:vpc-flow-log/{FlowLogId}",
    attributes={
        "deliver_cross_account_role": "DeliverCrossAccountRole",
        "destination_options": block(
            "DestinationOptions.{file_format: FileFormat, hive_compatible_partitions: HiveCompatiblePartitions, "
            "per_hour_partition: PerHourPartition}"
        ),
        "eni_id": of_kind("eni-"),
        "iam_role_arn": "DeliverLogsPermissionArn",
        "log_destination": Attribute(path="LogDestination", form=Form(canonical=without_streams)),
        "log_destination_type": "LogDestinationType",
        "log_format": "LogFormat",
        "log_group_name": "LogGroupName",
        "max_aggregation_interval": "MaxAggregationInterval",
        "regional_nat_gateway_id": of_kind("nat-"),
        "subnet_id": of_kind("subnet-"),
        "traffic_type": converted(
            "[ResourceId, TrafficType]", lambda said: None if str(said[0]).startswith("tgw-") else said[1]
        ),
        "transit_gateway_attachment_id": of_kind("tgw-attach-"),
        "transit_gateway_id": of_kind("tgw-", but="tgw-attach-"),
        "vpc_id": of_kind("vpc-"),
    },
    facts={
        "creation_time": "CreationTime",
        "deliver_logs_error_message": "DeliverLogsErrorMessage",
        "deliver_logs_status": "DeliverLogsStatus",
        "flow_log_status": "FlowLogStatus",
    },
    tags="Tags",
)

# --- egress-only gateways -----------------------------------------------------------------------

EGRESS_ONLY_INTERNET_GATEWAY = Collector(
    type="aws_egress_only_internet_gateway",
    service="ec2",
    fetch=Listing("describe_egress_only_internet_gateways", "EgressOnlyInternetGateways"),
    permissions=("ec2:DescribeEgressOnlyInternetGateways",),
    id="EgressOnlyInternetGatewayId",
    attributes={"vpc_id": "Attachments[0].VpcId"},
    tags="Tags",
)

# --- prefix lists -------------------------------------------------------------------------------
#
# AWS's own lists are listed beside those of the account and those that others share with it.

PREFIX_LIST = Collector(
    type="aws_ec2_managed_prefix_list",
    service="ec2",
    fetch=Listing("describe_managed_prefix_lists", "PrefixLists[?State!='delete-complete']"),
    permissions=("ec2:DescribeManagedPrefixLists",),
    id="PrefixListId",
    owner=lambda found: "aws" if found.get("OwnerId") == "AWS" else None,
    owned=another_account,
    attributes={
        "address_family": "AddressFamily",
        "arn": "PrefixListArn",
        "max_entries": "MaxEntries",
        "name": "PrefixListName",
        "owner_id": "OwnerId",
        "version": Attribute(path="Version", form=VOLATILE),  # moves with each entry
    },
    facts={"pending_deletion": "State=='delete-in-progress'", "state": "State"},
    tags="Tags",
)


async def prefix_list_entries(place: Place) -> AsyncIterator[list[Item]]:
    """The entries of the account's own prefix lists."""
    own = [{"Name": "owner-id", "Values": [place.account]}]
    async for page in place.pages("ec2", "describe_managed_prefix_lists", Filters=own):
        lists = [each["PrefixListId"] for each in page.get("PrefixLists") or () if each["State"] != "delete-complete"]
        for found in await asyncio.gather(*(_entries(place, each) for each in lists)):
            yield found


async def _entries(place: Place, id: str) -> list[Item]:
    try:
        answer = await place.whole("ec2", "get_managed_prefix_list_entries", PrefixListId=id)
    except ClientError as error:
        if code(error) != "InvalidPrefixListID.NotFound":  # deleted since
            raise
        return []
    return [each | {"PrefixListId": id} for each in answer.get("Entries") or ()]


def entries_in_list(found: Resource) -> Iterator[Resource]:
    for entry in found.attributes.get("entry") or ():
        said = {"cidr": entry.get("cidr"), "description": entry.get("description")}
        yield found.replace(attributes={"prefix_list_id": found.id} | said)


PREFIX_LIST_ENTRY = Collector(
    type="aws_ec2_managed_prefix_list_entry",
    service="ec2",
    fetch=prefix_list_entries,
    permissions=("ec2:DescribeManagedPrefixLists", "ec2:GetManagedPrefixListEntries"),
    id="join(',', [PrefixListId, Cidr])",
    identity=("prefix_list_id", "cidr"),
    parent=Parent(type="aws_ec2_managed_prefix_list", by="prefix_list_id", part="entry"),
    homes={"aws_ec2_managed_prefix_list": entries_in_list},
    attributes={"cidr": "Cidr", "description": "Description", "prefix_list_id": "PrefixListId"},
)

COLLECTORS = [
    DHCP_OPTIONS,
    DHCP_OPTIONS_ASSOCIATION,
    IPV4_CIDR_BLOCK_ASSOCIATION,
    FLOW_LOG,
    EGRESS_ONLY_INTERNET_GATEWAY,
    PREFIX_LIST,
    PREFIX_LIST_ENTRY,
]
