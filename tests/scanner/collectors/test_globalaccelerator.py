import pytest

from scanner.aws.collect import collect
from scanner.aws.session import Access, Aws
from scanner.collectors import globalaccelerator
from scanner.collectors.globalaccelerator import ACCELERATOR, ENDPOINT_GROUP, LISTENER
from tests.conftest import run
from tests.scanner.aws.wire import identity
from tests.scanner.standin import answering, assert_one

EDGE = "arn:aws:globalaccelerator::123456789012:accelerator/a1"
ACCELERATORS = {
    "ListAccelerators": {
        "Accelerators": [
            {
                "AcceleratorArn": EDGE,
                "Name": "edge",
                "IpAddressType": "IPV4",
                "Enabled": True,
                "IpSets": [{"IpFamily": "IPv4", "IpAddresses": ["192.0.2.1", "192.0.2.2"]}],
                "DnsName": "a1.awsglobalaccelerator.com",
                "Status": "DEPLOYED",
            }
        ]
    }
}
LISTENERS = {
    "ListListeners": {
        "Listeners": [
            {
                "ListenerArn": f"{EDGE}/listener/l1",
                "PortRanges": [{"FromPort": 443, "ToPort": 443}],
                "Protocol": "TCP",
                "ClientAffinity": "NONE",
            }
        ]
    }
}
CASES = [
    (
        ACCELERATOR,
        {
            **ACCELERATORS,
            "ListTagsForResource": {"Tags": [{"Key": "team", "Value": "web"}]},
            "DescribeAcceleratorAttributes": {
                "AcceleratorAttributes": {
                    "FlowLogsEnabled": True,
                    "FlowLogsS3Bucket": "logs",
                    "FlowLogsS3Prefix": "edge/",
                }
            },
        },
        {
            "its id": EDGE,
            "its identity": EDGE,
            "its arn": EDGE,
            "its owner": None,
            "arn": EDGE,
            "attributes": [{"flow_logs_enabled": True, "flow_logs_s3_bucket": "logs", "flow_logs_s3_prefix": "edge/"}],
            "dns_name": "a1.awsglobalaccelerator.com",
            "enabled": True,
            "hosted_zone_id": "Z2BJ6XQ5FK7U4H",
            "ip_address_type": "IPV4",
            "ip_sets": [{"ip_addresses": ["192.0.2.1", "192.0.2.2"], "ip_family": "IPv4"}],
            "name": "edge",
            "tags": {"team": "web"},
        },
        {"enabled": False},
    ),
    (
        LISTENER,
        {**ACCELERATORS, **LISTENERS},
        {
            "its id": f"{EDGE}/listener/l1",
            "its identity": f"{EDGE}/listener/l1",
            "its arn": f"{EDGE}/listener/l1",
            "its owner": None,
            "accelerator_arn": EDGE,
            "arn": f"{EDGE}/listener/l1",
            "client_affinity": "NONE",
            "port_range": [{"from_port": 443, "to_port": 443}],
            "protocol": "TCP",
        },
        {"protocol": "UDP"},
    ),
    (
        ENDPOINT_GROUP,
        {
            **ACCELERATORS,
            **LISTENERS,
            "ListEndpointGroups": {
                "EndpointGroups": [
                    {
                        "EndpointGroupArn": f"{EDGE}/listener/l1/endpoint-group/e1",
                        "EndpointGroupRegion": "eu-west-1",
                        "EndpointDescriptions": [
                            {
                                "EndpointId": "arn:lb",
                                "Weight": 128,
                                "HealthState": "HEALTHY",
                                "ClientIPPreservationEnabled": True,
                            }
                        ],
                        "TrafficDialPercentage": 100.0,
                        "HealthCheckPort": 443,
                        "HealthCheckProtocol": "TCP",
                        "HealthCheckIntervalSeconds": 30,
                        "ThresholdCount": 3,
                        "PortOverrides": [{"ListenerPort": 443, "EndpointPort": 8443}],
                    }
                ]
            },
        },
        {
            "its id": f"{EDGE}/listener/l1/endpoint-group/e1",
            "its identity": f"{EDGE}/listener/l1/endpoint-group/e1",
            "its arn": f"{EDGE}/listener/l1/endpoint-group/e1",
            "its owner": None,
            "arn": f"{EDGE}/listener/l1/endpoint-group/e1",
            "endpoint_configuration": [
                {"client_ip_preservation_enabled": True, "endpoint_id": "arn:lb", "weight": 128}
            ],
            "endpoint_group_region": "eu-west-1",
            "health_check_interval_seconds": 30,
            "health_check_port": 443,
            "health_check_protocol": "TCP",
            "listener_arn": f"{EDGE}/listener/l1",
            "port_override": [{"endpoint_port": 8443, "listener_port": 443}],
            "threshold_count": 3,
            "traffic_dial_percentage": 100.0,
        },
        {"traffic_dial_percentage": 50},
    ),
]


@pytest.mark.parametrize(
    ("collector", "answers", "wanted", "change"), CASES, ids=lambda each: getattr(each, "type", "")
)
def test_type(collector, answers, wanted, change):
    assert_one(collector, answers, wanted, change)


@pytest.mark.parametrize(("partition", "home"), [("aws-us-gov", "us-gov-west-1"), ("aws-cn", "cn-north-1")])
def test_where_there_is_none_nothing_is_asked(partition, home):
    async def reading():
        async with Aws(Access(region=home)) as aws:
            return await collect({aws: [home]}, globalaccelerator.COLLECTORS)

    with answering({"GetCallerIdentity": identity(f"arn:{partition}:iam::123456789012:user/ci")}) as wire:
        found = run(reading())
    assert (found.gaps, wire.asked) == ([], [])


def test_each_type_is_tested():
    assert {each.type for each in globalaccelerator.COLLECTORS} == {case[0].type for case in CASES}
