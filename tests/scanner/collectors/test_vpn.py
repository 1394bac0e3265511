import pytest

from scanner.collectors.vpc_routes import ROUTE_TABLE
from scanner.collectors.vpn import (
    COLLECTORS,
    CONNECTION,
    CONNECTION_ROUTE,
    CUSTOMER_GATEWAY,
    GATEWAY,
    GATEWAY_ATTACHMENT,
    GATEWAY_ROUTE_PROPAGATION,
)
from state import Inventory
from state.drift import drift
from state.forms import plain
from state.secret import Secret
from state.terraform.settle import settle
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.compared import declared, only, told, twin

ARN = f"arn:aws:ec2:{REGION}:{ACCOUNT}"
NAMED = [{"Key": "Name", "Value": "office"}]


@pytest.fixture
def customer(ec2):
    tags = [{"ResourceType": "customer-gateway", "Tags": NAMED}]
    made = ec2.create_customer_gateway(BgpAsn=65000, IpAddress="203.0.113.12", Type="ipsec.1", TagSpecifications=tags)
    return made["CustomerGateway"]["CustomerGatewayId"]


@pytest.fixture
def gateway(ec2):
    tags = [{"ResourceType": "vpn-gateway", "Tags": NAMED}]
    made = ec2.create_vpn_gateway(Type="ipsec.1", AmazonSideAsn=65002, TagSpecifications=tags)
    return made["VpnGateway"]["VpnGatewayId"]


def test_customer_gateway(customer):
    made = only(found := read(CUSTOMER_GATEWAY), "aws_customer_gateway")
    assert made.id == customer
    assert {name: value for name, value in made.attributes.items() if value is not None} == {
        "arn": f"{ARN}:customer-gateway/{customer}",
        "bgp_asn": "65000",
        "ip_address": "203.0.113.12",
        "type": "ipsec.1",
        "tags": {"Name": "office"},
    }
    path = ("changed", "aws_customer_gateway", "ip_address")
    assert told(found, [CUSTOMER_GATEWAY], twin(made)) == set()
    assert told(found, [CUSTOMER_GATEWAY], twin(made, ip_address="203.0.113.13")) == {path}


def test_vpn_gateway_and_its_attachment(ec2, gateway):
    both = [GATEWAY, GATEWAY_ATTACHMENT]
    vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    ec2.attach_vpn_gateway(VpnGatewayId=gateway, VpcId=vpc)
    found = read(*both)
    made = only(found, "aws_vpn_gateway")
    assert (made.id, made.facts) == (gateway, {"pending_deletion": False, "state": "available"})
    assert made.attributes == {
        "amazon_side_asn": "65002",
        "arn": f"{ARN}:vpn-gateway/{gateway}",
        "availability_zone": made["availability_zone"],
        "vpc_id": vpc,
        "tags": {"Name": "office"},
    }
    attached = only(found, "aws_vpn_gateway_attachment")
    assert (attached.id, attached.identity) == (f"{gateway}/{vpc}", f"{gateway}/{vpc}")
    assert attached.attributes == {"vpc_id": vpc, "vpn_gateway_id": gateway}
    inline, bare = twin(made), twin(made, vpc_id=None)
    apart = declared("aws_vpn_gateway_attachment", "vpn-attachment-1", vpc_id=vpc, vpn_gateway_id=gateway)
    assert told(found, both, inline) == told(found, both, bare, apart) == set()
    assert told(found, both, bare) == {("changed", "aws_vpn_gateway", "vpc_id")}
    ec2.detach_vpn_gateway(VpnGatewayId=gateway, VpcId=vpc)
    found = read(*both)
    assert told(found, both, inline) == {("changed", "aws_vpn_gateway", "vpc_id")}
    assert told(found, both, bare, apart) == {("missing", "aws_vpn_gateway_attachment", "")}


def test_vpn_gateway_route_propagation():
    class Here:
        partition, region, account = "aws", REGION, ACCOUNT

    page = {"RouteTables": [{"RouteTableId": "rtb-1", "VpcId": "vpc-1", "PropagatingVgws": [{"GatewayId": "vgw-1"}]}]}
    [item] = GATEWAY_ROUTE_PROPAGATION.fetch.found(page)
    made = GATEWAY_ROUTE_PROPAGATION.resource(item, Here(), {})
    assert GATEWAY_ROUTE_PROPAGATION.fetch.call == ROUTE_TABLE.fetch.call
    assert (made.id, made.identity) == ("vgw-1_rtb-1", "vgw-1/rtb-1")
    assert made.attributes == {"route_table_id": "rtb-1", "vpn_gateway_id": "vgw-1"}
    table = declared("aws_route_table", "rtb-1", propagating_vgws=["vgw-1"])
    live = Inventory([made, twin(table)])
    assert told(live, [GATEWAY_ROUTE_PROPAGATION], table, twin(made)) == set()


# --- connections ----------------------------------------------------------------------------------


def xml(outside, inside):
    """A tunnel of AWS's configuration for the customer's device."""
    return f"""<ipsec_tunnel>
      <customer_gateway><tunnel_inside_address><ip_address>{inside}.2</ip_address></tunnel_inside_address>
      </customer_gateway>
      <vpn_gateway><tunnel_outside_address><ip_address>{outside}</ip_address></tunnel_outside_address>
        <tunnel_inside_address><ip_address>{inside}.1</ip_address></tunnel_inside_address>
        <bgp><asn>64512</asn><hold_time>30</hold_time></bgp></vpn_gateway>
      <ike><pre_shared_key>s3cret</pre_shared_key></ike></ipsec_tunnel>"""


LOGS = {"LogEnabled": True, "LogGroupArn": "arn:aws:logs:x", "LogOutputFormat": "json"}
ITEM = {
    "VpnConnectionId": "vpn-1",
    "State": "available",
    "Type": "ipsec.1",
    "CustomerGatewayId": "cgw-1",
    "VpnGatewayId": "vgw-1",
    "CustomerGatewayConfiguration": "<vpn_connection>"
    + xml("198.51.100.2", "169.254.2")
    + xml("198.51.100.1", "169.254.1")
    + "</vpn_connection>",
    "Options": {
        "StaticRoutesOnly": True,
        "TunnelOptions": [
            {
                "OutsideIpAddress": f"198.51.100.{number}",
                "TunnelInsideCidr": f"169.254.{number}.0/30",
                "PreSharedKey": f"key{number}",
                "IkeVersions": [{"Value": "ikev2"}],
                "Phase1DHGroupNumbers": [{"Value": 14}, {"Value": 2}],
                "LogOptions": {"CloudWatchLogOptions": LOGS},
            }
            for number in (1, 2)
        ],
    },
    "Routes": [{"DestinationCidrBlock": "10.9.0.0/16", "Source": "Static", "State": "available"}],
}


class Here:
    partition, region, account = "aws", REGION, ACCOUNT


def test_vpn_connection():
    made = CONNECTION.resource(ITEM, Here(), {})
    log = {"log_enabled": True, "log_group_arn": "arn:aws:logs:x", "log_output_format": "json"}
    tunnels = {
        f"tunnel{number}_{name}": value
        for number in (1, 2)
        for name, value in {
            "address": f"198.51.100.{number}",
            "bgp_asn": "64512",
            "bgp_holdtime": 30,
            "cgw_inside_address": f"169.254.{number}.2",
            "ike_versions": ["ikev2"],
            "inside_cidr": f"169.254.{number}.0/30",
            "log_options": [{"cloudwatch_log_options": [log]}],
            "phase1_dh_group_numbers": [14, 2],
            "preshared_key": f"key{number}",
            "vgw_inside_address": f"169.254.{number}.1",
        }.items()
    }
    assert {name: value for name, value in made.attributes.items() if plain(value)} == tunnels | {
        "arn": f"{ARN}:vpn-connection/vpn-1",
        "customer_gateway_configuration": ITEM["CustomerGatewayConfiguration"],
        "customer_gateway_id": "cgw-1",
        "routes": [{"destination_cidr_block": "10.9.0.0/16", "source": "Static", "state": "available"}],
        "static_routes_only": True,
        "type": "ipsec.1",
        "vpn_gateway_id": "vgw-1",
    }


def test_a_changed_key_is_drift_and_never_shown():
    made = CONNECTION.resource(ITEM, Here(), {})
    schemas = {CONNECTION.type: CONNECTION.schema}
    secrets = {"tunnel1_preshared_key", "tunnel2_preshared_key", "customer_gateway_configuration"}
    assert made.sensitive == secrets
    wanted = twin(made, tunnel1_preshared_key="other", customer_gateway_configuration="<old/>")
    [found] = drift(Inventory([made]), Inventory(settle([wanted], schemas)), schemas).drift
    [change] = found.changes
    assert (change.path, type(change.declared), type(change.live)) == ("tunnel1_preshared_key", Secret, Secret)
    assert "key1" not in change.text + repr(made)


def test_vpn_connection_in_moto(ec2, customer, gateway):
    made = ec2.create_vpn_connection(CustomerGatewayId=customer, Type="ipsec.1", VpnGatewayId=gateway)
    id = made["VpnConnection"]["VpnConnectionId"]
    seen = only(found := read(CONNECTION, CONNECTION_ROUTE), "aws_vpn_connection")
    assert (seen.id, seen["customer_gateway_id"], seen["vpn_gateway_id"]) == (id, customer, gateway)
    assert told(found, COLLECTORS, twin(seen)) == set()


def test_vpn_connection_route():
    [item] = CONNECTION_ROUTE.fetch.found({"VpnConnections": [ITEM]})
    route, connection = CONNECTION_ROUTE.resource(item, Here(), {}), CONNECTION.resource(ITEM, Here(), {})
    assert (route.id, route.identity) == ("10.9.0.0/16:vpn-1", "vpn-1/10.9.0.0/16")
    assert route.attributes == {"destination_cidr_block": "10.9.0.0/16", "vpn_connection_id": "vpn-1"}
    live, both = Inventory([route, connection]), [CONNECTION, CONNECTION_ROUTE]
    assert told(live, both, twin(connection), twin(route)) == set()
    assert told(live, both, twin(connection)) == {("changed", "aws_vpn_connection", "routes[10.9.0.0/16]")}
    lost = ("missing", "aws_vpn_connection_route", "")
    assert told(Inventory([connection]), both, twin(connection), twin(route)) == {lost}


def test_denied_connections_are_a_gap(allowed_only, ec2):
    with allowed_only():
        found = read(CONNECTION)
    assert [(gap.type, gap.permission) for gap in found.gaps] == [("aws_vpn_connection", "ec2:DescribeVpnConnections")]
