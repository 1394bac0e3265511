import base64

import pytest

from scanner.collectors.ec2_launch import COLLECTORS, LAUNCH_TEMPLATE
from state import Inventory
from state.drift import drift
from state.forms import plain
from state.secret import Secret
from state.terraform.settle import settle
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.compared import only, told, twin
from tests.scanner.corpus import assert_corpus_equals_itself
from tests.scanner.provider import fits

SCRIPT = base64.b64encode(b"export TOKEN=hunter2").decode()
DATA = {
    "ImageId": "ami-1",
    "InstanceType": "t3.small",
    "UserData": SCRIPT,
    "EbsOptimized": True,
    "SecurityGroupIds": ["sg-1"],
    "BlockDeviceMappings": [
        {"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 20, "Encrypted": True, "DeleteOnTermination": False}}
    ],
    "MetadataOptions": {"HttpTokens": "required", "HttpEndpoint": "enabled"},
    "IamInstanceProfile": {"Name": "web"},
    "Monitoring": {"Enabled": True},
    "TagSpecifications": [{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "web"}]}],
}


class Here:
    partition, region, account = "aws", REGION, ACCOUNT


def template(data, **more):
    item = {"LaunchTemplateId": "lt-1", "LaunchTemplateName": "web", "Version": {"LaunchTemplateData": data}}
    return LAUNCH_TEMPLATE.resource(item | more, Here(), {})


@pytest.fixture
def made(ec2):
    said = {"LaunchTemplateName": "web", "VersionDescription": "first", "LaunchTemplateData": DATA}
    return ec2.create_launch_template(**said)["LaunchTemplate"]["LaunchTemplateId"]


def test_launch_template(made):
    seen = only(found := read(LAUNCH_TEMPLATE), "aws_launch_template")
    assert (seen.id, seen.unknown, found.gaps) == (made, {}, [])
    assert {name: value for name, value in seen.attributes.items() if plain(value)} == {
        "arn": f"arn:aws:ec2:{REGION}:{ACCOUNT}:launch-template/{made}",
        "block_device_mappings": seen["block_device_mappings"],
        "default_version": 1,
        "description": "first",
        "ebs_optimized": "true",
        "iam_instance_profile": [{"arn": None, "name": "web"}],
        "image_id": "ami-1",
        "instance_type": "t3.small",
        "latest_version": 1,
        "metadata_options": seen["metadata_options"],
        "monitoring": [{"enabled": True}],
        "name": "web",
        "tag_specifications": [{"resource_type": "instance", "tags": {"Name": "web"}}],
        "user_data": SCRIPT,
        "vpc_security_group_ids": ["sg-1"],
    }
    [disk] = seen["block_device_mappings"]
    assert plain(disk) == {
        "device_name": "/dev/xvda",
        "ebs": [{"delete_on_termination": "false", "encrypted": "true", "volume_size": 20}],
    }
    assert plain(seen["metadata_options"]) == [{"http_endpoint": "enabled", "http_tokens": "required"}]


def test_a_new_version_is_drift(ec2, made):
    first = twin(only(read(LAUNCH_TEMPLATE), "aws_launch_template"))
    ec2.create_launch_template_version(LaunchTemplateId=made, LaunchTemplateData=DATA | {"InstanceType": "t3.large"})
    found = read(LAUNCH_TEMPLATE)
    assert told(found, COLLECTORS, first) == {
        ("changed", "aws_launch_template", path) for path in ("description", "instance_type", "latest_version")
    }


def test_user_data_is_compared_and_never_shown():
    live = template(DATA)
    schemas = {LAUNCH_TEMPLATE.type: LAUNCH_TEMPLATE.schema}
    wanted = settle([twin(live, user_data="b2xk")], schemas)
    [change] = drift(Inventory([live]), Inventory(wanted), schemas).drift[0].changes
    assert (change.path, type(change.declared), type(change.live)) == ("user_data", Secret, Secret)


def test_blocks_inside_blocks():
    data = {
        "NetworkInterfaces": [
            {
                "AssociatePublicIpAddress": False,
                "DeviceIndex": 0,
                "Groups": ["sg-1", "sg-2"],
                "Ipv6Addresses": [{"Ipv6Address": "2001:db8::1"}],
                "ConnectionTrackingSpecification": {"UdpTimeout": 60},
                "EnaSrdSpecification": {"EnaSrdEnabled": True, "EnaSrdUdpSpecification": {"EnaSrdUdpEnabled": True}},
            }
        ],
        "InstanceRequirements": {
            "MemoryMiB": {"Min": 2048},
            "VCpuCount": {"Min": 1, "Max": 4},
            "BareMetal": "excluded",
        },
        "InstanceMarketOptions": {"MarketType": "spot", "SpotOptions": {"MaxPrice": "0.1"}},
        "CapacityReservationSpecification": {"CapacityReservationTarget": {"CapacityReservationId": "cr-1"}},
        "LicenseSpecifications": [{"LicenseConfigurationArn": "arn:aws:license"}],
    }
    live = template(data)
    named = ("network_interfaces", "instance_requirements", "instance_market_options", "license_specification")
    assert {name: plain(live[name]) for name in named} == {
        "network_interfaces": [
            {
                "associate_public_ip_address": "false",
                "connection_tracking_specification": [{"udp_timeout": 60}],
                "ena_srd_specification": [
                    {"ena_srd_enabled": True, "ena_srd_udp_specification": [{"ena_srd_udp_enabled": True}]}
                ],
                "ipv6_addresses": ["2001:db8::1"],
                "security_groups": ["sg-1", "sg-2"],
            }
        ],
        "instance_requirements": [
            {"bare_metal": "excluded", "memory_mib": [{"min": 2048}], "vcpu_count": [{"max": 4, "min": 1}]}
        ],
        "instance_market_options": [{"market_type": "spot", "spot_options": [{"max_price": "0.1"}]}],
        "license_specification": [{"license_configuration_arn": "arn:aws:license"}],
    }
    [interface] = live["network_interfaces"]
    turned = interface | {"security_groups": ["sg-2", "sg-1"]}
    assert told(Inventory([live]), COLLECTORS, twin(live, network_interfaces=[turned])) == set()
    wrong = interface | {"associate_public_ip_address": "true"}
    assert told(Inventory([live]), COLLECTORS, twin(live, network_interfaces=[wrong])) == {
        ("changed", "aws_launch_template", "network_interfaces[0].associate_public_ip_address")
    }


def test_a_template_without_anything_has_blocks_of_nothing():
    live = template({})
    assert [name for name, value in live.attributes.items() if plain(value)] == ["name", "arn"]
    assert fits(live["network_interfaces"], ["list", {}])
    assert template({}, Tags=[{"Key": "team", "Value": "net"}]).tags == {"team": "net"}
    assert template({}, Operator={"Principal": "eks.amazonaws.com"}).owner == "operator: eks.amazonaws.com"


def test_denied_versions_leave_the_rest(made, allowed_only):
    with allowed_only("ec2:DescribeLaunchTemplates"):
        found = read(LAUNCH_TEMPLATE)
    seen = only(found, "aws_launch_template")
    assert (seen["name"], seen["latest_version"]) == ("web", 1)
    assert {"user_data", "image_id", "network_interfaces"} <= set(seen.unknown)
    assert {gap.permission for gap in found.gaps} == {"ec2:DescribeLaunchTemplateVersions"}


def test_corpus():
    assert_corpus_equals_itself(COLLECTORS)
