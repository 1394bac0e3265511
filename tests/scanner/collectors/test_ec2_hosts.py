from __future__ import annotations

from scanner.collectors.ec2_hosts import (
    CARRIER_GATEWAY,
    COLLECTORS,
    HOST,
    INSTANCE_CONNECT_ENDPOINT,
    SECURITY_GROUP_VPC_ASSOCIATION,
)
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.aws.wire import items
from tests.scanner.compared import only, told, twin
from tests.scanner.standin import answering
from tests.scanner.whole import whole

ARN = f"arn:aws:ec2:{REGION}:{ACCOUNT}"
TAGGED = "<tagSet><item><key>Team</key><value>shop</value></item></tagSet>"


def test_host(aws):
    [id] = aws("ec2").allocate_hosts(
        AvailabilityZone=f"{REGION}a", InstanceType="m5.large", Quantity=1, AutoPlacement="on", HostRecovery="on"
    )["HostIds"]
    found = read(HOST)
    made = only(found, "aws_ec2_host")
    assert made.id == id
    assert {name: made[name] for name in ("auto_placement", "availability_zone", "host_recovery", "instance_type")} == {
        "auto_placement": "on",
        "availability_zone": f"{REGION}a",
        "host_recovery": "on",
        "instance_type": "m5.large",
    }
    assert told(found, COLLECTORS, twin(made, auto_placement=None)) == set()
    assert told(found, COLLECTORS, twin(made, host_recovery=None)) == {("changed", "aws_ec2_host", "host_recovery")}


def test_carrier_gateway(aws):
    vpc = aws("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    id = aws("ec2").create_carrier_gateway(VpcId=vpc)["CarrierGateway"]["CarrierGatewayId"]
    made = only(read(CARRIER_GATEWAY), "aws_ec2_carrier_gateway")
    assert whole(made) == {
        "its id": id,
        "its identity": id,
        "its arn": f"{ARN}:carrier-gateway/{id}",
        "its owner": None,
        "arn": made.arn,
        "owner_id": ACCOUNT,
        "vpc_id": vpc,
    }


ENDPOINT = (
    "<instanceConnectEndpointId>eice-1</instanceConnectEndpointId><state>create-complete</state>"
    f"<instanceConnectEndpointArn>{ARN}:instance-connect-endpoint/eice-1</instanceConnectEndpointArn>"
    "<dnsName>eice-1.example</dnsName><subnetId>subnet-1</subnetId><vpcId>vpc-1</vpcId><ownerId>1</ownerId>"
    "<preserveClientIp>false</preserveClientIp><securityGroupIdSet><item>sg-1</item></securityGroupIdSet>"
    f"<networkInterfaceIdSet><item>eni-1</item></networkInterfaceIdSet>{TAGGED}"
)
GONE = "<instanceConnectEndpointId>eice-2</instanceConnectEndpointId><state>delete-complete</state>"


def test_instance_connect_endpoint():
    listed = items("DescribeInstanceConnectEndpoints", "instanceConnectEndpointSet", ENDPOINT, GONE)
    with answering({"DescribeInstanceConnectEndpoints": listed}):
        made = only(read(INSTANCE_CONNECT_ENDPOINT), "aws_ec2_instance_connect_endpoint")
    arn = f"{ARN}:instance-connect-endpoint/eice-1"
    assert whole(made) == {
        "its id": "eice-1",
        "its identity": "eice-1",
        "its arn": arn,
        "its owner": None,
        "arn": arn,
        "dns_name": "eice-1.example",
        "network_interface_ids": ["eni-1"],
        "owner_id": "1",
        "preserve_client_ip": False,
        "security_group_ids": ["sg-1"],
        "subnet_id": "subnet-1",
        "tags": {"Team": "shop"},
        "vpc_id": "vpc-1",
    }


def test_security_group_vpc_association():
    def said(vpc, state):
        return f"<groupId>sg-1</groupId><vpcId>{vpc}</vpcId><state>{state}</state>"

    rows = [said("vpc-1", "associated"), said("vpc-2", "disassociated")]
    listed = items("DescribeSecurityGroupVpcAssociations", "securityGroupVpcAssociationSet", *rows)
    with answering({"DescribeSecurityGroupVpcAssociations": listed}):
        made = only(read(SECURITY_GROUP_VPC_ASSOCIATION), "aws_vpc_security_group_vpc_association")
    assert whole(made) == {
        "its id": "sg-1,vpc-1",
        "its identity": "sg-1/vpc-1",
        "its arn": None,
        "its owner": None,
        "security_group_id": "sg-1",
        "state": "associated",
        "vpc_id": "vpc-1",
    }
