"""Amazon VPC endpoints, what is associated with each, and the services that are offered through them.

What an endpoint is associated with has two homes in Terraform: attributes of the endpoint, which the
provider also fills in where the association is a resource of its own, and that resource.
"""

from __future__ import annotations

from collections.abc import Iterator

from scanner.aws.collector import (
    Attribute,
    Collector,
    Detail,
    Listing,
    Shared,
    block,
    policy,
    to_json,
    unordered,
    volatile,
)
from scanner.aws.place import Item, Place
from scanner.collectors.vpc import another_account
from state import Resource
from state.documents import POLICY
from state.forms import UNREAD, VOLATILE, Form
from state.noise import APART
from state.schema import Home, Parent, Projection

ENDPOINTS = "VpcEndpoints[?State!='deleted' && State!='Deleted']"


async def prefix_lists(place: Place) -> dict[str, Item]:
    """AWS's own lists of addresses, by the service whose they are: gateway endpoints route to them."""
    pages = place.pages("ec2", "describe_prefix_lists")
    return {each["PrefixListName"]: each async for page in pages for each in page.get("PrefixLists") or ()}


def requested(endpoint: Item) -> str | None:
    """An endpoint that another of AWS's services made for itself."""
    return f"aws: {endpoint.get('ServiceName')}" if endpoint.get("RequesterManaged") else None


ENDPOINT = Collector(
    type="aws_vpc_endpoint",
    service="ec2",
    fetch=Listing("describe_vpc_endpoints", ENDPOINTS),
    details=(
        Shared(
            ask=prefix_lists,
            by="ServiceName",
            into="PrefixList",
            some=True,
            only="VpcEndpointType=='Gateway'",
        ),
    ),
    permissions=("ec2:DescribeVpcEndpoints", "ec2:DescribePrefixLists"),
    id="VpcEndpointId",
    arn="arn:{partition}:ec2:{region}:{account}:vpc-endpoint/{VpcEndpointId}",
    owner=requested,
    owned=another_account,
    attributes={
        "cidr_blocks": volatile("PrefixList.Cidrs"),
        "dns_entry": Attribute(
            path="DnsEntries[].{dns_name: DnsName, hosted_zone_id: HostedZoneId} || `[]`", form=VOLATILE
        ),
        "dns_options": block(
            "DnsOptions.{dns_record_ip_type: DnsRecordIpType, "
            "private_dns_only_for_inbound_resolver_endpoint: PrivateDnsOnlyForInboundResolverEndpoint}"
        ),
        "ip_address_type": "IpAddressType",
        "network_interface_ids": volatile("NetworkInterfaceIds"),
        "owner_id": "OwnerId",
        "policy": Attribute(path="PolicyDocument", form=VOLATILE, convert=to_json),  # told as its policy
        "prefix_list_id": "PrefixList.PrefixListId",
        "private_dns_enabled": "PrivateDnsEnabled",
        "requester_managed": "RequesterManaged",
        "resource_configuration_arn": "ResourceConfigurationArn",
        "route_table_ids": volatile("RouteTableIds", APART),  # told as associations, and so are the next two
        "security_group_ids": volatile("Groups[].GroupId", APART),
        "service_name": "ServiceName",
        "service_network_arn": "ServiceNetworkArn",
        "service_region": "ServiceRegion",
        "state": volatile("State"),
        "subnet_ids": volatile("SubnetIds", APART),
        "vpc_endpoint_type": "VpcEndpointType",
        "vpc_id": "VpcId",
    },
    facts={"pending_deletion": "State=='deleting' || State=='Deleting'"},
    tags="Tags",
)

# --- associations -------------------------------------------------------------------------------


def by_aws(endpoint: Resource, part: Resource) -> bool:
    """An endpoint that nobody gave a security group gets that of its network."""
    return part.type == "aws_vpc_endpoint_security_group_association"


def stated(many: str, one: str) -> Projection:
    def project(endpoint: Resource) -> Iterator[Resource]:
        for each in endpoint.attributes.get(many) or ():
            yield endpoint.replace(attributes={"vpc_endpoint_id": endpoint.id, one: each})

    return project


def association(kind: str, items: str, path: str) -> Collector:
    """What an endpoint is associated with, one at a time: its route tables, its subnets or its security groups."""
    one, many = f"{kind}_id", f"{kind}_ids"
    return Collector(
        type=f"aws_vpc_endpoint_{kind}_association",
        service="ec2",
        fetch=Listing("describe_vpc_endpoints", items, within=ENDPOINTS),
        permissions=("ec2:DescribeVpcEndpoints",),
        id=f"join('/', [Parent.VpcEndpointId, {path}])",
        identity=("vpc_endpoint_id", one),
        parent=Parent(type="aws_vpc_endpoint", by="vpc_endpoint_id", part=many),
        homes={"aws_vpc_endpoint": Home(project=stated(many, one), filled=by_aws, mixed=True)},
        owner=lambda found: requested(found["Parent"]),
        attributes={one: path, "vpc_endpoint_id": "Parent.VpcEndpointId"},
    )


# --- policies -----------------------------------------------------------------------------------

EVERYTHING = '{"Statement": [{"Action": "*", "Effect": "Allow", "Principal": "*", "Resource": "*"}]}'


def lets_all_through(found: Resource) -> bool:
    """The policy that AWS gives an endpoint by itself."""
    return bool(POLICY.canonical(found.attributes.get("policy")) == POLICY.canonical(EVERYTHING))


def policy_of_endpoint(endpoint: Resource) -> Iterator[Resource]:
    if said := endpoint.attributes.get("policy"):
        attributes = {"vpc_endpoint_id": endpoint.id, "policy": said}
        yield endpoint.replace(attributes=attributes)


ENDPOINT_POLICY = Collector(
    type="aws_vpc_endpoint_policy",
    service="ec2",
    fetch=Listing("describe_vpc_endpoints", "VpcEndpoints[?State!='deleted' && State!='Deleted' && PolicyDocument]"),
    permissions=("ec2:DescribeVpcEndpoints",),
    id="VpcEndpointId",
    parent=Parent(type="aws_vpc_endpoint", by="vpc_endpoint_id", part="policy", paths={"policy": "policy"}),
    homes={"aws_vpc_endpoint": policy_of_endpoint},
    owner=requested,
    at_default=lets_all_through,
    attributes={"policy": policy("PolicyDocument"), "vpc_endpoint_id": "VpcEndpointId"},
)

# --- services -----------------------------------------------------------------------------------

SERVICE = Collector(
    type="aws_vpc_endpoint_service",
    service="ec2",
    fetch=Listing("describe_vpc_endpoint_service_configurations", "ServiceConfigurations[?ServiceState!='Deleted']"),
    details=(
        Detail(
            operation="describe_vpc_endpoint_service_permissions",
            arguments={"ServiceId": "ServiceId"},
            into="Permissions",
            gone=("InvalidVpcEndpointServiceId.NotFound",),
        ),
    ),
    permissions=("ec2:DescribeVpcEndpointServiceConfigurations", "ec2:DescribeVpcEndpointServicePermissions"),
    id="ServiceId",
    arn="arn:{partition}:ec2:{region}:{account}:vpc-endpoint-service/{ServiceId}",
    attributes={
        "acceptance_required": "AcceptanceRequired",
        "allowed_principals": unordered("Permissions.AllowedPrincipals[].Principal"),
        "availability_zones": volatile("AvailabilityZones"),
        "base_endpoint_dns_names": unordered("BaseEndpointDnsNames"),
        "gateway_load_balancer_arns": unordered("GatewayLoadBalancerArns"),
        "manages_vpc_endpoints": "ManagesVpcEndpoints",
        "network_load_balancer_arns": unordered("NetworkLoadBalancerArns"),
        "private_dns_name": "PrivateDnsName",
        "private_dns_name_configuration": Attribute(
            path="PrivateDnsNameConfiguration && "
            "[PrivateDnsNameConfiguration.{name: Name, state: State, type: Type, value: Value}] || `[]`",
            form=Form(inner={"state": UNREAD}),
        ),
        "service_name": "ServiceName",
        "service_type": "ServiceType[0].ServiceType",
        "state": volatile("ServiceState"),
        "supported_ip_address_types": unordered("SupportedIpAddressTypes"),
        "supported_regions": unordered("SupportedRegions[].Region"),
    },
    facts={"pending_deletion": "ServiceState=='Deleting'"},
    tags="Tags",
)

COLLECTORS = [
    ENDPOINT,
    association("route_table", "RouteTableIds", "Item"),
    association("subnet", "SubnetIds", "Item"),
    association("security_group", "Groups", "Item.GroupId"),
    ENDPOINT_POLICY,
    SERVICE,
]
