from __future__ import annotations

import pytest

from scanner.collectors.client_vpn import COLLECTORS
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.aws.wire import items
from tests.scanner.compared import only, told, twin
from tests.scanner.standin import answering
from tests.scanner.whole import whole

ID = "cvpn-endpoint-1"
OF = f"<clientVpnEndpointId>{ID}</clientVpnEndpointId>"
ENDPOINT = f"""{OF}<status><code>available</code></status><clientCidrBlock>10.9.0.0/22</clientCidrBlock>
<serverCertificateArn>arn:cert</serverCertificateArn><splitTunnel>true</splitTunnel><vpcId>vpc-1</vpcId>
<transportProtocol>udp</transportProtocol><vpnPort>443</vpnPort><sessionTimeoutHours>24</sessionTimeoutHours>
<description>staff</description><dnsServer><item>10.0.0.2</item></dnsServer>
<securityGroupIdSet><item>sg-1</item></securityGroupIdSet>
<authenticationOptions><item><type>certificate-authentication</type><mutualAuthentication>
<clientRootCertificateChain>arn:root</clientRootCertificateChain></mutualAuthentication></item></authenticationOptions>
<connectionLogOptions><Enabled>true</Enabled><CloudwatchLogGroup>vpn</CloudwatchLogGroup></connectionLogOptions>
<clientLoginBannerOptions><enabled>true</enabled><bannerText>hello</bannerText></clientLoginBannerOptions>
<tagSet><item><key>Team</key><value>shop</value></item></tagSet>"""
LIVE = "<status><code>active</code></status>"
ANSWERS = {
    "DescribeClientVpnEndpoints": items("DescribeClientVpnEndpoints", "clientVpnEndpoint", ENDPOINT),
    "DescribeClientVpnTargetNetworks": items(
        "DescribeClientVpnTargetNetworks",
        "clientVpnTargetNetworks",
        f"{OF}<associationId>cvpn-assoc-1</associationId><targetNetworkId>subnet-1</targetNetworkId>"
        "<vpcId>vpc-1</vpcId><status><code>associated</code></status>",
        f"{OF}<associationId>cvpn-assoc-2</associationId><status><code>disassociated</code></status>",
    ),
    "DescribeClientVpnRoutes": items(
        "DescribeClientVpnRoutes",
        "routes",
        f"{OF}<destinationCidr>10.0.0.0/16</destinationCidr><targetSubnet>subnet-1</targetSubnet>"
        f"<type>Nat</type><origin>associate</origin>{LIVE}",
        f"{OF}<destinationCidr>0.0.0.0/0</destinationCidr><targetSubnet>subnet-1</targetSubnet>"
        f"<type>Nat</type><origin>add-route</origin><description>out</description>{LIVE}",
    ),
    "DescribeClientVpnAuthorizationRules": items(
        "DescribeClientVpnAuthorizationRules",
        "authorizationRule",
        f"{OF}<destinationCidr>10.0.0.0/16</destinationCidr><accessAll>true</accessAll>{LIVE}",
        f"{OF}<destinationCidr>10.1.0.0/16</destinationCidr><groupId>S-1</groupId><accessAll>false</accessAll>{LIVE}",
    ),
}


@pytest.fixture
def found():
    with answering(ANSWERS):
        yield read(*COLLECTORS)


def about(id, identity, **said):
    return {"its id": id, "its identity": identity, "its arn": None, "its owner": None, **said}


def test_endpoint(found):
    made = only(found, "aws_ec2_client_vpn_endpoint")
    arn = f"arn:aws:ec2:{REGION}:{ACCOUNT}:client-vpn-endpoint/{ID}"
    assert whole(made) == about(
        ID,
        ID,
        arn=arn,
        authentication_options=[{"type": "certificate-authentication", "root_certificate_chain_arn": "arn:root"}],
        client_cidr_block="10.9.0.0/22",
        client_login_banner_options=[{"enabled": True, "banner_text": "hello"}],
        connection_log_options=[{"enabled": True, "cloudwatch_log_group": "vpn"}],
        description="staff",
        dns_servers=["10.0.0.2"],
        security_group_ids=["sg-1"],
        self_service_portal="disabled",
        server_certificate_arn="arn:cert",
        session_timeout_hours=24,
        split_tunnel=True,
        tags={"Team": "shop"},
        transport_protocol="udp",
        vpc_id="vpc-1",
        vpn_port=443,
    ) | {"its arn": arn}


def test_parts(found):
    of = {"client_vpn_endpoint_id": ID}
    network = only(found, "aws_ec2_client_vpn_network_association")
    assert whole(network) == about(
        "cvpn-assoc-1", f"{ID}/subnet-1", association_id="cvpn-assoc-1", subnet_id="subnet-1", vpc_id="vpc-1", **of
    )
    out = next(each for each in found.of("aws_ec2_client_vpn_route") if each["origin"] == "add-route")
    assert whole(out) == about(
        f"{ID},subnet-1,0.0.0.0/0",
        f"{ID}/subnet-1/0.0.0.0/0",
        description="out",
        destination_cidr_block="0.0.0.0/0",
        origin="add-route",
        target_vpc_subnet_id="subnet-1",
        type="Nat",
        **of,
    )
    to_all, to_group = sorted(found.of("aws_ec2_client_vpn_authorization_rule"), key=lambda each: each.id)
    assert whole(to_all) == about(
        f"{ID},10.0.0.0/16,", f"{ID}/10.0.0.0/16", authorize_all_groups=True, target_network_cidr="10.0.0.0/16", **of
    )
    assert to_group.identity == f"{ID}/10.1.0.0/16/S-1"
    endpoint = twin(only(found, "aws_ec2_client_vpn_endpoint"))
    everything = [endpoint, *(twin(each) for each in (network, out, to_all, to_group))]
    assert told(found, COLLECTORS, *everything) == set()
    assert told(found, COLLECTORS, *everything[:-1]) == {
        ("changed", endpoint.type, "authorization_rule[10.1.0.0/16/S-1]")
    }
