import pytest

from scanner.collectors.ec2_interfaces import COLLECTORS, NETWORK_INTERFACE, SG_ATTACHMENT, maker
from state.forms import plain
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.compared import declared, told, twin
from tests.scanner.corpus import assert_corpus_equals_itself


@pytest.fixture
def subnet(ec2):
    vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    return ec2.create_subnet(VpcId=vpc, CidrBlock="10.1.1.0/24")["Subnet"]


@pytest.fixture
def groups(ec2, subnet):
    named = {"VpcId": subnet["VpcId"], "Description": "-"}
    return [ec2.create_security_group(GroupName=name, **named)["GroupId"] for name in ("a", "b")]


@pytest.fixture
def interface(ec2, subnet, groups):
    tags = [{"ResourceType": "network-interface", "Tags": [{"Key": "Name", "Value": "db"}]}]
    said = {"SubnetId": subnet["SubnetId"], "Groups": groups[:1], "PrivateIpAddress": "10.1.1.50"}
    made = ec2.create_network_interface(Description="ours", TagSpecifications=tags, **said)
    return made["NetworkInterface"]["NetworkInterfaceId"]


@pytest.fixture
def instance(ec2, subnet):
    ami = "ami-12345678"
    made = ec2.run_instances(ImageId=ami, MinCount=1, MaxCount=1, SubnetId=subnet["SubnetId"])
    return made["Instances"][0]["InstanceId"]


def one(found, type, **where):
    return next(each for each in found.of(type) if all(each[name] == value for name, value in where.items()))


def test_network_interface(interface, groups, subnet):
    made = one(found := read(*COLLECTORS), "aws_network_interface", description="ours")
    assert (made.id, made.owner, made.fact("vpc_id")) == (interface, None, subnet["VpcId"])
    assert {name: value for name, value in made.attributes.items() if plain(value)} == {
        "arn": f"arn:aws:ec2:{REGION}:{ACCOUNT}:network-interface/{interface}",
        "description": "ours",
        "interface_type": "interface",
        "mac_address": made["mac_address"],
        "owner_id": ACCOUNT,
        "private_ip": "10.1.1.50",
        "private_ip_list": ["10.1.1.50"],
        "private_ips": ["10.1.1.50"],
        "security_groups": groups[:1],
        "source_dest_check": True,
        "subnet_id": subnet["SubnetId"],
        "tags": {"Name": "db"},
    }
    assert told(found, COLLECTORS, twin(made)) == set()
    path = ("changed", "aws_network_interface", "source_dest_check")
    assert told(found, COLLECTORS, twin(made, source_dest_check=False)) == {path}


@pytest.mark.parametrize(
    ("said", "owner"),
    [
        ({"RequesterManaged": True, "InterfaceType": "lambda"}, "requester: lambda"),
        ({"RequesterManaged": True, "RequesterId": "amazon-elb"}, "requester: amazon-elb"),
        ({"Operator": {"Managed": True, "Principal": "eks.amazonaws.com"}}, "operator: eks.amazonaws.com"),
        ({"Attachment": {"InstanceId": "i-1", "DeleteOnTermination": True}}, "instance: i-1"),
        ({"Attachment": {"InstanceId": "i-1", "DeviceIndex": 0}}, "instance: i-1"),
        ({"Attachment": {"InstanceId": "i-1", "DeviceIndex": 1}}, None),
        ({"TagSet": [{"Key": "node.k8s.amazonaws.com/instance_id", "Value": "i-1"}]}, "eks node: i-1"),
        ({"InterfaceType": "interface"}, None),
    ],
)
def test_who_made_an_interface(said, owner):
    assert maker(said) == owner


def test_interfaces_of_instances_are_theirs(instance):
    found = read(*COLLECTORS)
    assert {each.owner for type in COLLECTORS for each in found.of(type.type)} == {f"instance: {instance}"}
    assert told(found, COLLECTORS) == set()


def test_groups_are_the_same_wherever_they_are_declared(ec2, interface, groups):
    ec2.modify_network_interface_attribute(NetworkInterfaceId=interface, Groups=groups)
    found = read(*COLLECTORS)
    second = one(found, "aws_network_interface_sg_attachment", security_group_id=groups[1])
    assert (second.id, second.identity) == (f"{groups[1]}_{interface}", f"{interface}/{groups[1]}")
    assert second.attributes == {"network_interface_id": interface, "security_group_id": groups[1]}
    made = one(found, "aws_network_interface", description="ours")
    both, first = twin(made), twin(made, security_groups=groups[:1])
    assert told(found, COLLECTORS, both) == told(found, COLLECTORS, first, twin(second)) == set()
    path = ("changed", "aws_network_interface", f"security_groups[{groups[1]}]")
    assert told(found, COLLECTORS, first) == {path}
    ec2.modify_network_interface_attribute(NetworkInterfaceId=interface, Groups=groups[:1])
    found = read(*COLLECTORS)
    assert told(found, COLLECTORS, both) == {path}
    lost = ("missing", "aws_network_interface_sg_attachment", "")
    assert told(found, COLLECTORS, first, twin(second)) == {lost}


def test_an_attachment_is_the_same_wherever_it_is_declared(ec2, interface, instance):
    id = ec2.attach_network_interface(NetworkInterfaceId=interface, InstanceId=instance, DeviceIndex=1)["AttachmentId"]
    found = read(*COLLECTORS)
    made = one(found, "aws_network_interface_attachment", network_interface_id=interface)
    assert (made.id, made.identity) == (id, f"{interface}/{instance}")
    assert made.attributes == {
        "attachment_id": id,
        "device_index": 1,
        "instance_id": instance,
        "network_card_index": 0,
        "network_interface_id": interface,
        "status": "attached",
    }
    owner = one(found, "aws_network_interface", description="ours")
    inline, bare = twin(owner), twin(owner, attachment=[])
    in_instance = declared(
        "aws_instance", instance, network_interface=[{"device_index": 1, "network_interface_id": interface}]
    )
    for home in ([inline], [bare, twin(made)], [bare, in_instance]):
        assert told(found, COLLECTORS, *home) == set()
    path = f"attachment[{instance}]"
    assert told(found, COLLECTORS, bare) == {("changed", "aws_network_interface", path)}
    ec2.detach_network_interface(AttachmentId=id)
    found = read(*COLLECTORS)
    assert told(found, COLLECTORS, inline) == {("changed", "aws_network_interface", path)}
    assert told(found, COLLECTORS, bare, twin(made)) == {("missing", "aws_network_interface_attachment", "")}


def test_denied_interfaces_are_a_gap(interface, allowed_only):
    with allowed_only():
        found = read(NETWORK_INTERFACE, SG_ATTACHMENT)
    assert {gap.permission for gap in found.gaps} == {"ec2:DescribeNetworkInterfaces"}
    assert told(found, COLLECTORS, declared("aws_network_interface", interface)) == set()


def test_corpus():
    assert_corpus_equals_itself(COLLECTORS)
