"""AWS Client VPN: endpoints, the networks behind them, and who may go where."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from scanner.aws.collector import Attribute, Collector, block, blocks, unordered
from scanner.aws.inside import Fetch, Once, inside, listing
from scanner.aws.place import Item, Place
from scanner.collectors.vpc import NETWORK, network
from state.forms import IF_DECLARED, defaulting
from state.schema import Parent

LIVE = "ClientVpnEndpoints[?Status.Code!='deleted']"


async def _endpoints(place: Place) -> list[Item]:
    found = (await place.whole("ec2", "describe_client_vpn_endpoints")).get("ClientVpnEndpoints") or ()
    return [each for each in found if each["Status"]["Code"] != "deleted"]


ENDPOINTS = Once(_endpoints)

ENDPOINT = Collector(
    type="aws_ec2_client_vpn_endpoint",
    service="ec2",
    fetch=listing("client_vpn_endpoints", ENDPOINTS),
    permissions=("ec2:DescribeClientVpnEndpoints",),
    id="ClientVpnEndpointId",
    arn="arn:{partition}:ec2:{region}:{account}:client-vpn-endpoint/{ClientVpnEndpointId}",
    attributes={
        "authentication_options": blocks(
            "AuthenticationOptions[].{active_directory_id: ActiveDirectory.DirectoryId, "
            "root_certificate_chain_arn: MutualAuthentication.ClientRootCertificateChain, "
            "saml_provider_arn: FederatedAuthentication.SamlProviderArn, "
            "self_service_saml_provider_arn: FederatedAuthentication.SelfServiceSamlProviderArn, type: Type}"
        ),
        "client_cidr_block": Attribute(path="ClientCidrBlock", form=NETWORK),
        "client_connect_options": block(
            "ClientConnectOptions.{enabled: Enabled, lambda_function_arn: LambdaFunctionArn}"
        ),
        "client_login_banner_options": block("ClientLoginBannerOptions.{banner_text: BannerText, enabled: Enabled}"),
        "client_route_enforcement_options": block("ClientRouteEnforcementOptions.{enforced: Enforced}"),
        "connection_log_options": block(
            "ConnectionLogOptions.{cloudwatch_log_group: CloudwatchLogGroup, "
            "cloudwatch_log_stream: CloudwatchLogStream, enabled: Enabled}",
            cloudwatch_log_stream=IF_DECLARED,
        ),
        "description": "Description",
        "disconnect_on_session_timeout": "DisconnectOnSessionTimeout",
        "dns_name": "DnsName",
        "dns_servers": "DnsServers",
        "security_group_ids": unordered("SecurityGroupIds"),
        "self_service_portal": Attribute(
            path="SelfServicePortalUrl && 'enabled' || 'disabled'", form=defaulting("disabled")
        ),
        "self_service_portal_url": "SelfServicePortalUrl",
        "server_certificate_arn": "ServerCertificateArn",
        "session_timeout_hours": Attribute(path="SessionTimeoutHours", form=defaulting(24)),
        "split_tunnel": "SplitTunnel",
        "transport_protocol": Attribute(path="TransportProtocol", form=defaulting("udp")),
        "vpc_id": "VpcId",
        "vpn_port": Attribute(path="VpnPort", form=defaulting(443)),
    },
    facts={"creation_time": "CreationTime", "pending_deletion": "Status.Code=='deleting'", "status": "Status.Code"},
    tags="Tags",
)

# --- what stands behind an endpoint ---------------------------------------------------------------


async def _target_networks(place: Place, endpoint: Item) -> Item:
    about = {"ClientVpnEndpointId": endpoint["ClientVpnEndpointId"]}
    return await place.whole("ec2", "describe_client_vpn_target_networks", **about)


async def _client_routes(place: Place, endpoint: Item) -> Item:
    about = {"ClientVpnEndpointId": endpoint["ClientVpnEndpointId"]}
    return await place.whole("ec2", "describe_client_vpn_routes", **about)


async def _authorization_rules(place: Place, endpoint: Item) -> Item:
    about = {"ClientVpnEndpointId": endpoint["ClientVpnEndpointId"]}
    return await place.whole("ec2", "describe_client_vpn_authorization_rules", **about)


def of_endpoints(name: str, ask: Callable[[Place, Item], Awaitable[Item]], items: str) -> Fetch:
    """What each endpoint answers; one that went since the listing has nothing."""

    def live(answer: Item, endpoint: Item) -> list[Item]:
        over = ("disassociated", "deleted", "revoking", "deleting", "disassociating", "failed")
        return [each for each in answer.get(items) or () if (each.get("Status") or {}).get("Code") not in over]

    return inside(name, ENDPOINTS, Once(ask), live, gone=("InvalidClientVpnEndpointId.NotFound",))


def part(type: str, name: str, fetch: Any, permission: str, **about: Any) -> Collector:
    return Collector(
        type=type,
        service="ec2",
        fetch=fetch,
        asks_parents=True,
        permissions=("ec2:DescribeClientVpnEndpoints", permission),
        parent=Parent(type="aws_ec2_client_vpn_endpoint", by="client_vpn_endpoint_id", part=name),
        **about,
    )


NETWORK_ASSOCIATION = part(
    "aws_ec2_client_vpn_network_association",
    "network_association",
    of_endpoints("target_networks", _target_networks, "ClientVpnTargetNetworks"),
    "ec2:DescribeClientVpnTargetNetworks",
    id="AssociationId",
    identity=("client_vpn_endpoint_id", "subnet_id"),
    attributes={
        "association_id": "AssociationId",
        "client_vpn_endpoint_id": "ClientVpnEndpointId",
        "subnet_id": "TargetNetworkId",
        "vpc_id": "VpcId",
    },
)


def route_identity(route: Mapping[str, Any]) -> str | None:
    """``cvpn-endpoint-1/subnet-1/10.0.0.0/16``: the endpoint, the subnet and the destination."""
    known = [route.get(each) for each in ("client_vpn_endpoint_id", "target_vpc_subnet_id", "destination_cidr_block")]
    return "/".join([str(known[0]), str(known[1]), network(known[2])]) if all(known) else None


ROUTE = part(
    "aws_ec2_client_vpn_route",
    "route",
    of_endpoints("client_routes", _client_routes, "Routes"),
    "ec2:DescribeClientVpnRoutes",
    id="join(',', [ClientVpnEndpointId, TargetSubnet, DestinationCidr])",
    identity=route_identity,
    # Each subnet that is associated brings a route to its own network.
    at_default=lambda route: route.attributes.get("origin") == "associate",
    attributes={
        "client_vpn_endpoint_id": "ClientVpnEndpointId",
        "description": "Description",
        "destination_cidr_block": Attribute(path="DestinationCidr", form=NETWORK),
        "origin": "Origin",
        "target_vpc_subnet_id": "TargetSubnet",
        "type": "Type",
    },
)


def rule_identity(rule: Mapping[str, Any]) -> str | None:
    """``cvpn-endpoint-1/10.0.0.0/16/group``: the endpoint, the network, and the group if not all."""
    endpoint, target = rule.get("client_vpn_endpoint_id"), rule.get("target_network_cidr")
    if not endpoint or not target:
        return None
    return "/".join(filter(None, (endpoint, network(target), rule.get("access_group_id"))))


AUTHORIZATION_RULE = part(
    "aws_ec2_client_vpn_authorization_rule",
    "authorization_rule",
    of_endpoints("authorization_rules", _authorization_rules, "AuthorizationRules"),
    "ec2:DescribeClientVpnAuthorizationRules",
    id="join(',', [ClientVpnEndpointId, DestinationCidr, GroupId || ''])",
    identity=rule_identity,
    attributes={
        "access_group_id": "GroupId",
        "authorize_all_groups": "AccessAll",
        "client_vpn_endpoint_id": "ClientVpnEndpointId",
        "description": "Description",
        "target_network_cidr": Attribute(path="DestinationCidr", form=NETWORK),
    },
)

COLLECTORS = [ENDPOINT, NETWORK_ASSOCIATION, ROUTE, AUTHORIZATION_RULE]
