"""AWS Site-to-Site VPN: gateways on either side, what they are attached to, and the connections between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree import ElementTree

from scanner.aws.collector import Attribute, Collector, Listing, block, converted, sensitive, unordered, volatile
from scanner.collectors.vpc import attachment_of
from state import Resource
from state.forms import VOLATILE
from state.schema import Parent


def text(value: Any) -> str | None:
    """A number that the provider keeps as text."""
    return None if value is None else str(value)


CUSTOMER_GATEWAY = Collector(
    type="aws_customer_gateway",
    service="ec2",
    fetch=Listing("describe_customer_gateways", "CustomerGateways[?State!='deleted']"),
    permissions=("ec2:DescribeCustomerGateways",),
    id="CustomerGatewayId",
    arn="arn:{partition}:ec2:{region}:{account}:customer-gateway/{CustomerGatewayId}",
    attributes={
        "bgp_asn": converted("BgpAsn", text),
        "bgp_asn_extended": converted("BgpAsnExtended", text),
        "certificate_arn": "CertificateArn",
        "device_name": "DeviceName",
        "ip_address": "IpAddress",
        "type": "Type",
    },
    facts={"pending_deletion": "State=='deleting'", "state": "State"},
    tags="Tags",
)

# --- virtual private gateways -------------------------------------------------------------------

GATEWAYS = "VpnGateways[?State!='deleted']"
ATTACHED = "VpcAttachments[?State=='attached']"

GATEWAY = Collector(
    type="aws_vpn_gateway",
    service="ec2",
    fetch=Listing("describe_vpn_gateways", GATEWAYS),
    permissions=("ec2:DescribeVpnGateways",),
    id="VpnGatewayId",
    arn="arn:{partition}:ec2:{region}:{account}:vpn-gateway/{VpnGatewayId}",
    attributes={
        "amazon_side_asn": converted("AmazonSideAsn", text),
        "availability_zone": "AvailabilityZone",
        "vpc_id": volatile(f"{ATTACHED}.VpcId | [0]"),  # told as its attachment
    },
    facts={"pending_deletion": "State=='deleting'", "state": "State"},
    tags="Tags",
)

GATEWAY_ATTACHMENT = attachment_of(
    "aws_vpn_gateway",
    Listing("describe_vpn_gateways", ATTACHED, within=GATEWAYS),
    "ec2:DescribeVpnGateways",
    named="VpnGatewayId",
    between="/",
)


def propagations_in_table(table: Resource) -> Iterator[Resource]:
    for gateway in table.attributes.get("propagating_vgws") or ():
        yield table.replace(attributes={"route_table_id": table.id, "vpn_gateway_id": gateway})


GATEWAY_ROUTE_PROPAGATION = Collector(
    type="aws_vpn_gateway_route_propagation",
    service="ec2",
    fetch=Listing("describe_route_tables", "PropagatingVgws", within="RouteTables"),
    permissions=("ec2:DescribeRouteTables",),
    id="join('_', [Item.GatewayId, Parent.RouteTableId])",
    identity=("vpn_gateway_id", "route_table_id"),
    parent=Parent(type="aws_route_table", by="route_table_id", part="propagating_vgws"),
    homes={"aws_route_table": propagations_in_table},
    attributes={"route_table_id": "Parent.RouteTableId", "vpn_gateway_id": "Item.GatewayId"},
)

# --- connections --------------------------------------------------------------------------------

IN_XML = {
    "bgp_asn": "vpn_gateway/bgp/asn",
    "bgp_holdtime": "vpn_gateway/bgp/hold_time",
    "cgw_inside_address": "customer_gateway/tunnel_inside_address/ip_address",
    "vgw_inside_address": "vpn_gateway/tunnel_inside_address/ip_address",
}
OUTSIDE = "vpn_gateway/tunnel_outside_address/ip_address"


def in_configuration(number: int, name: str) -> Attribute:
    """What only the XML for the customer's device tells of a tunnel, found by the tunnel's outside address."""

    def told(said: list[Any]) -> Any:
        configuration, address = said
        if not configuration or not address:
            return None
        tunnels = ElementTree.fromstring(configuration).iter("ipsec_tunnel")  # noqa: S314 (of AWS; expat bounds entities)
        found = next((each.findtext(IN_XML[name]) for each in tunnels if each.findtext(OUTSIDE) == address), None)
        return int(found) if found and name == "bgp_holdtime" else found

    return converted(f"[CustomerGatewayConfiguration, Options.TunnelOptions[{number - 1}].OutsideIpAddress]", told)


SETS = {
    "ike_versions": "IkeVersions",
    "phase1_dh_group_numbers": "Phase1DHGroupNumbers",
    "phase1_encryption_algorithms": "Phase1EncryptionAlgorithms",
    "phase1_integrity_algorithms": "Phase1IntegrityAlgorithms",
    "phase2_dh_group_numbers": "Phase2DHGroupNumbers",
    "phase2_encryption_algorithms": "Phase2EncryptionAlgorithms",
    "phase2_integrity_algorithms": "Phase2IntegrityAlgorithms",
}
VALUES = {
    "address": "OutsideIpAddress",
    "dpd_timeout_action": "DpdTimeoutAction",
    "dpd_timeout_seconds": "DpdTimeoutSeconds",
    "enable_tunnel_lifecycle_control": "EnableTunnelLifecycleControl",
    "inside_cidr": "TunnelInsideCidr",
    "inside_ipv6_cidr": "TunnelInsideIpv6Cidr",
    "phase1_lifetime_seconds": "Phase1LifetimeSeconds",
    "phase2_lifetime_seconds": "Phase2LifetimeSeconds",
    "rekey_fuzz_percentage": "RekeyFuzzPercentage",
    "rekey_margin_time_seconds": "RekeyMarginTimeSeconds",
    "replay_window_size": "ReplayWindowSize",
    "startup_action": "StartupAction",
}
LOGS = (
    "LogOptions.{cloudwatch_log_options: CloudWatchLogOptions && [CloudWatchLogOptions.{log_enabled: LogEnabled, "
    "log_group_arn: LogGroupArn, log_output_format: LogOutputFormat}]}"
)


def tunnel(number: int) -> Mapping[str, str | Attribute]:
    """One of a connection's two tunnels."""
    options, names = f"Options.TunnelOptions[{number - 1}]", f"tunnel{number}_"
    return {
        **{names + name: f"{options}.{path}" for name, path in VALUES.items()},
        **{names + name: unordered(f"{options}.{path}[].Value") for name, path in SETS.items()},
        **{names + name: in_configuration(number, name) for name in IN_XML},
        f"{names}log_options": block(f"{options}.{LOGS}"),
        f"{names}preshared_key": sensitive(f"{options}.PreSharedKey"),
    }


CONNECTIONS = "VpnConnections[?State!='deleted']"

CONNECTION = Collector(
    type="aws_vpn_connection",
    service="ec2",
    fetch=Listing("describe_vpn_connections", CONNECTIONS),
    permissions=("ec2:DescribeVpnConnections",),
    id="VpnConnectionId",
    arn="arn:{partition}:ec2:{region}:{account}:vpn-connection/{VpnConnectionId}",
    attributes={
        "core_network_arn": "CoreNetworkArn",
        "core_network_attachment_arn": "CoreNetworkAttachmentArn",
        "customer_gateway_configuration": sensitive("CustomerGatewayConfiguration", form=VOLATILE),
        "customer_gateway_id": "CustomerGatewayId",
        "enable_acceleration": "Options.EnableAcceleration",
        "local_ipv4_network_cidr": "Options.LocalIpv4NetworkCidr",
        "local_ipv6_network_cidr": "Options.LocalIpv6NetworkCidr",
        "outside_ip_address_type": "Options.OutsideIpAddressType",
        "preshared_key_arn": "PreSharedKeyArn",
        "remote_ipv4_network_cidr": "Options.RemoteIpv4NetworkCidr",
        "remote_ipv6_network_cidr": "Options.RemoteIpv6NetworkCidr",
        "routes": volatile("Routes[].{destination_cidr_block: DestinationCidrBlock, source: Source, state: State}"),
        "static_routes_only": "Options.StaticRoutesOnly",
        "transit_gateway_id": "TransitGatewayId",
        "transport_transit_gateway_attachment_id": "Options.TransportTransitGatewayAttachmentId",
        **tunnel(1),
        **tunnel(2),
        "tunnel_inside_ip_version": "Options.TunnelInsideIpVersion",
        "type": "Type",
        "vgw_telemetry": volatile(
            "VgwTelemetry[].{accepted_route_count: AcceptedRouteCount, certificate_arn: CertificateArn, "
            "outside_ip_address: OutsideIpAddress, status: Status, status_message: StatusMessage}"
        ),
        "vpn_gateway_id": "VpnGatewayId",
    },
    facts={"pending_deletion": "State=='deleting'", "state": "State"},
    tags="Tags",
)

CONNECTION_ROUTE = Collector(
    type="aws_vpn_connection_route",
    service="ec2",
    fetch=Listing("describe_vpn_connections", "Routes[?State!='deleted' && State!='deleting']", within=CONNECTIONS),
    permissions=("ec2:DescribeVpnConnections",),
    id="join(':', [Item.DestinationCidrBlock, Parent.VpnConnectionId])",
    identity=("vpn_connection_id", "destination_cidr_block"),
    parent=Parent(type="aws_vpn_connection", by="vpn_connection_id", part="routes"),
    attributes={"destination_cidr_block": "Item.DestinationCidrBlock", "vpn_connection_id": "Parent.VpnConnectionId"},
)

COLLECTORS = [
    CUSTOMER_GATEWAY,
    GATEWAY,
    GATEWAY_ATTACHMENT,
    GATEWAY_ROUTE_PROPAGATION,
    CONNECTION,
    CONNECTION_ROUTE,
]
