from base64 import b64encode
from hashlib import sha1

import pytest

from scanner.collectors import ec2 as module
from scanner.collectors.ec2 import INSTANCE, SNAPSHOT, VOLUME, VOLUME_ATTACHMENT, maker
from state import Declaration, Inventory, Resource, Unknown
from state.drift import drift
from state.forms import plain
from state.terraform.settle import settle
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.corpus import assert_corpus_equals_itself

COLLECTORS = [INSTANCE, VOLUME, VOLUME_ATTACHMENT]
SCHEMAS = {each.type: each.schema for each in COLLECTORS}
ARN = f"arn:aws:ec2:{REGION}:{ACCOUNT}"
ZONE = f"{REGION}a"
ROOT = {"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": 20, "VolumeType": "gp3", "DeleteOnTermination": False}}
KEPT = {"DeviceName": "/dev/sdf", "Ebs": {"VolumeSize": 5, "VolumeType": "gp2", "DeleteOnTermination": False}}
ENDING = {"DeviceName": "/dev/sdg", "Ebs": {"VolumeSize": 6, "VolumeType": "gp2", "DeleteOnTermination": True}}


@pytest.fixture
def network(ec2):
    vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.1.1.0/24", AvailabilityZone=ZONE)["Subnet"]["SubnetId"]
    group = ec2.create_security_group(GroupName="web", Description="A group", VpcId=vpc)["GroupId"]
    return {"vpc": vpc, "subnet": subnet, "group": group}


def start(ec2, network, *disks, **about):
    said = {
        "ImageId": "ami-12c6146b",
        "InstanceType": "t3.micro",
        "SubnetId": network["subnet"],
        "SecurityGroupIds": [network["group"]],
        "BlockDeviceMappings": list(disks),
        "TagSpecifications": [{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "web"}]}],
    }
    return ec2.run_instances(MinCount=1, MaxCount=1, **said | about)["Instances"][0]["InstanceId"]


@pytest.fixture
def web(ec2, network):
    return start(ec2, network, ROOT, KEPT, ENDING)


def one(found, type, id):
    return next(each for each in found.of(type) if each.id == id)


def declared(each, **attributes):
    return Resource(
        type=each.type,
        id=each.id,
        account=each.account,
        region=each.region,
        attributes={"id": each.id, **each.attributes, **attributes},
        declared=Declaration(address=f"{each.type}.this", source="test"),
    )


def compare(*wanted, found=None):
    result = drift(found or read(*COLLECTORS), Inventory(settle(wanted, SCHEMAS)), SCHEMAS)
    changed = {(each.resource.type, change.path) for each in result.drift for change in each.changes}
    return changed | {(each.resource.type, each.kind.value) for each in result.drift if each.kind != "changed"}


# --- instances --------------------------------------------------------------------------------------


def test_instance(aws, ec2, network):
    aws("iam").create_instance_profile(InstanceProfileName="web")
    ec2.modify_subnet_attribute(SubnetId=network["subnet"], MapPublicIpOnLaunch={"Value": True})
    options = {"HttpTokens": "required", "HttpPutResponseHopLimit": 2}
    profile = {"Name": "web"}
    id = start(ec2, network, ROOT, MetadataOptions=options, IamInstanceProfile=profile, EbsOptimized=True)
    [seen] = ec2.describe_instances(InstanceIds=[id])["Reservations"][0]["Instances"]
    [interface] = seen["NetworkInterfaces"]
    made = one(read(*COLLECTORS), "aws_instance", id)
    assert made.key == ("aws_instance", ACCOUNT, REGION, id)
    assert (made.owner, made.unknown) == (None, {})
    [root] = made["root_block_device"]
    assert {name: value for name, value in made.attributes.items() if plain(value)} == {
        "ami": "ami-12c6146b",
        "arn": f"{ARN}:instance/{id}",
        "associate_public_ip_address": True,
        "availability_zone": ZONE,
        "credit_specification": [{"cpu_credits": "standard"}],
        "ebs_optimized": True,
        "iam_instance_profile": "web",
        "instance_initiated_shutdown_behavior": "stop",
        "instance_state": "running",
        "instance_type": "t3.micro",
        "metadata_options": [
            {
                "http_endpoint": "enabled",
                "http_protocol_ipv6": "disabled",
                "http_put_response_hop_limit": 2,
                "http_tokens": "required",
                "instance_metadata_tags": "disabled",
            }
        ],
        "primary_network_interface_id": interface["NetworkInterfaceId"],
        "private_dns": seen["PrivateDnsName"],
        "private_ip": seen["PrivateIpAddress"],
        "public_dns": seen["PublicDnsName"],
        "public_ip": seen["PublicIpAddress"],
        "root_block_device": [root],
        "source_dest_check": True,
        "subnet_id": network["subnet"],
        "tags": {"Name": "web"},
        "tenancy": "default",
        "vpc_security_group_ids": [network["group"]],
    }
    assert root | {"iops": None, "throughput": None} == {
        "delete_on_termination": False,
        "device_name": "/dev/sda1",
        "encrypted": False,
        "iops": None,
        "kms_key_id": None,
        "tags_all": {},
        "throughput": None,
        "volume_id": seen["BlockDeviceMappings"][0]["Ebs"]["VolumeId"],
        "volume_size": 20,
        "volume_type": "gp3",
    }
    assert made["monitoring"] is False
    assert made.fact("vpc_id") == network["vpc"]
    assert made.fact("pending_deletion") is False


class Here:
    partition, region, account = "aws", REGION, ACCOUNT


def test_what_only_some_instances_say():
    item = {
        "InstanceId": "i-1",
        "State": {"Name": "shutting-down"},
        "Monitoring": {"State": "pending"},
        "CpuOptions": {"CoreCount": 2, "ThreadsPerCore": 1},
        "EnclaveOptions": {"Enabled": True},
        "MaintenanceOptions": {"AutoRecovery": "default"},
        "CapacityReservationSpecification": {"CapacityReservationPreference": "open"},
        "PrivateDnsNameOptions": {"HostnameType": "ip-name", "EnableResourceNameDnsARecord": True},
        "Placement": {"Tenancy": "host", "HostId": "h-1", "GroupName": "near", "PartitionNumber": 3},
        "NetworkInterfaces": [
            {"NetworkInterfaceId": "eni-2", "Attachment": {"DeviceIndex": 1}},
            {
                "NetworkInterfaceId": "eni-1",
                "Attachment": {"DeviceIndex": 0},
                "Ipv6Addresses": [{"Ipv6Address": "2001:db8::1"}],
                "PrivateIpAddresses": [
                    {"PrivateIpAddress": "10.0.0.1", "Primary": True},
                    {"PrivateIpAddress": "10.0.0.2", "Primary": False},
                ],
            },
        ],
    }
    made = INSTANCE.resource(item, Here(), {})
    assert made.fact("pending_deletion") is True
    assert {name: value for name, value in made.attributes.items() if plain(value)} == {
        "arn": f"{ARN}:instance/i-1",
        "capacity_reservation_specification": [
            {"capacity_reservation_preference": "open", "capacity_reservation_target": None}
        ],
        "cpu_core_count": 2,
        "cpu_options": [{"amd_sev_snp": None, "core_count": 2, "threads_per_core": 1}],
        "cpu_threads_per_core": 1,
        "enclave_options": [{"enabled": True}],
        "host_id": "h-1",
        "instance_state": "shutting-down",
        "ipv6_address_count": 1,
        "ipv6_addresses": ["2001:db8::1"],
        "maintenance_options": [{"auto_recovery": "default"}],
        "monitoring": True,
        "placement_group": "near",
        "placement_partition_number": 3,
        "primary_network_interface_id": "eni-1",
        "private_dns_name_options": [
            {
                "enable_resource_name_dns_a_record": True,
                "enable_resource_name_dns_aaaa_record": None,
                "hostname_type": "ip-name",
            }
        ],
        "secondary_private_ips": ["10.0.0.2"],
        "tenancy": "host",
    }


def test_a_terminated_instance_is_absent(ec2, web):
    wanted = declared(one(read(*COLLECTORS), "aws_instance", web))
    assert compare(wanted) == set()
    ec2.terminate_instances(InstanceIds=[web])
    assert read(INSTANCE).of("aws_instance") == ()
    assert ("aws_instance", "missing") in compare(wanted)


def test_changes_by_hand_of_an_instance(ec2, network, web):
    wanted = declared(one(read(*COLLECTORS), "aws_instance", web))
    ec2.modify_instance_metadata_options(InstanceId=web, HttpTokens="required", HttpEndpoint="enabled")
    ec2.create_tags(Resources=[web], Tags=[{"Key": "Name", "Value": "other"}])
    [root] = wanted.attributes["root_block_device"]
    ec2.modify_volume(VolumeId=root["volume_id"], Size=40)
    told = compare(wanted)
    assert {path for type, path in told if type == "aws_instance" and "http_tokens" not in path} >= {
        "root_block_device[0].volume_size",
        "tags.Name",
    }
    assert ("aws_instance", "metadata_options[0].http_tokens") in told


def test_a_block_of_an_older_provider_has_fewer_attributes(web):
    live = one(read(*COLLECTORS), "aws_instance", web)
    [options], [root] = live["metadata_options"], live["root_block_device"]
    fewer = {name: value for name, value in options.items() if name != "http_protocol_ipv6"}
    older = {name: value for name, value in root.items() if name != "tags_all"} | {"tags": {}}
    assert compare(declared(live, metadata_options=[fewer], root_block_device=[older])) == set()
    assert compare(declared(live, metadata_options=[fewer | {"http_tokens": "required"}])) == {
        ("aws_instance", "metadata_options[0].http_tokens")
    }


def test_denied_volumes_leave_the_rest_of_an_instance(web, allowed_only):
    wanted = declared(one(read(*COLLECTORS), "aws_instance", web))
    others = ("ec2:DescribeInstanceAttribute", "ec2:DescribeInstanceCreditSpecifications")
    with allowed_only("ec2:DescribeInstances", *others):
        found = read(*COLLECTORS)
    made = one(found, "aws_instance", web)
    assert [(gap.type, gap.permission) for gap in found.gaps] == [("aws_ebs_volume", "ec2:DescribeVolumes")]
    assert set(made.unknown) == {"ebs_block_device", "root_block_device"}
    with pytest.raises(Unknown, match="DescribeVolumes: access denied"):
        made["root_block_device"]
    assert made["instance_type"] == "t3.micro"
    assert compare(wanted, found=found) == set()


def test_a_volume_that_no_listing_named_is_unknown():
    mapping = {"DeviceName": "/dev/sda1", "Ebs": {"VolumeId": "vol-1"}}
    item = {"InstanceId": "i-1", "RootDeviceName": "/dev/sda1", "BlockDeviceMappings": [mapping]}
    instance = INSTANCE.resource(item, Here(), {})
    with pytest.raises(Unknown, match="vol-1 of i-1 was not listed"):
        INSTANCE.joins["root_block_device"](instance, Inventory([instance]))


def test_what_an_instance_tells_one_by_one(ec2, network, web):
    """moto answers "stop" and no user data, whatever was set, and knows of no credits beyond the standard."""
    ec2.modify_instance_attribute(InstanceId=web, DisableApiTermination={"Value": True})
    made = one(read(*COLLECTORS), "aws_instance", web)
    assert made["disable_api_termination"] is True
    assert "user_data" in made.sensitive


@pytest.mark.parametrize(
    ("type", "told", "expected"),
    [
        ("t3.micro", None, [{"cpu_credits": "standard"}]),
        ("t2.nano", "unlimited", [{"cpu_credits": "unlimited"}]),
        ("t1.micro", None, []),
        ("m5.large", None, []),
    ],
)
def test_credits_are_of_burstable_types(type, told, expected):
    item = {"InstanceId": "i-1", "InstanceType": type, "Credits": told}
    assert INSTANCE.resource(item, Here(), {})["credit_specification"] == expected


SCRIPT = "#!/bin/sh\necho hello\n"


@pytest.mark.parametrize(("kept", "same"), [("text", True), ("hash", True), ("another", False)])
def test_user_data_is_compared_as_either_provider_keeps_it(kept, same):
    item = {"InstanceId": "i-1", "ToldUserData": {"UserData": {"Value": b64encode(SCRIPT.encode()).decode()}}}
    live = INSTANCE.resource(item, Here(), {})
    said = {"text": SCRIPT, "hash": sha1(SCRIPT.encode()).hexdigest(), "another": f"{SCRIPT}reboot"}[kept]
    form = INSTANCE.schema.forms["user_data"]
    assert (list(form.differences("user_data", said, live["user_data"])) == []) is same


@pytest.mark.parametrize(
    ("said", "changed"),
    [
        ({"user_data": None, "user_data_base64": b64encode(SCRIPT.encode()).decode()}, []),
        ({"user_data": None, "user_data_base64": b64encode(b"reboot").decode()}, ["user_data_base64"]),
        ({"user_data": SCRIPT, "user_data_base64": None}, []),
        ({"user_data": "reboot", "user_data_base64": ""}, ["user_data"]),
        ({"user_data": None, "user_data_base64": None}, ["user_data"]),
    ],
)
def test_user_data_is_compared_where_it_was_written(said, changed):
    item = {"InstanceId": "i-1", "ToldUserData": {"UserData": {"Value": b64encode(SCRIPT.encode()).decode()}}}
    live = INSTANCE.resource(item, Here(), {})
    found = compare(declared(live, **said), found=Inventory([live]))
    assert found == {("aws_instance", path) for path in changed}


def test_user_data_that_is_no_text_is_known_by_its_hash():
    data = b"\x1f\x8b\x08\xff"
    item = {"InstanceId": "i-1", "ToldUserData": {"UserData": {"Value": b64encode(data).decode()}}}
    assert INSTANCE.resource(item, Here(), {})["user_data"] == sha1(data).hexdigest()


# --- volumes ----------------------------------------------------------------------------------------


@pytest.fixture
def volume(ec2):
    tags = [{"ResourceType": "volume", "Tags": [{"Key": "Name", "Value": "data"}]}]
    made = ec2.create_volume(
        AvailabilityZone=ZONE, Size=10, VolumeType="gp3", Iops=4000, Throughput=200, TagSpecifications=tags
    )
    return made["VolumeId"]


def test_volume(volume):
    made = one(read(VOLUME), "aws_ebs_volume", volume)
    assert made.owner is None
    assert made.attributes == {
        "arn": f"{ARN}:volume/{volume}",
        "availability_zone": ZONE,
        "create_time": made["create_time"],
        "encrypted": False,
        "iops": 4000,
        "kms_key_id": None,
        "multi_attach_enabled": made["multi_attach_enabled"],
        "outpost_arn": None,
        "size": 10,
        "snapshot_id": made["snapshot_id"],
        "tags": {"Name": "data"},
        "throughput": 200,
        "type": "gp3",
    }
    assert made.facts == {"attachments": [], "pending_deletion": False, "state": "available"}


def disks(found, instance):
    shown = one(found, "aws_instance", instance)
    return {
        each["device_name"]: each["volume_id"] for each in (*shown["root_block_device"], *shown["ebs_block_device"])
    }


def test_who_made_a_volume(web, volume):
    found = read(*COLLECTORS)
    named = disks(found, web)
    assert {each.id: each.owner for each in found.of("aws_ebs_volume")} == {
        named["/dev/sda1"]: f"instance: {web}",
        named["/dev/sdf"]: None,
        named["/dev/sdg"]: f"instance: {web}",
        volume: None,
    }


def test_a_volume_that_ends_with_its_instance_is_its_own_where_instances_are_denied(ec2, web, allowed_only):
    item = {"VolumeId": "vol-1", "Attachments": [{"InstanceId": "i-1", "DeleteOnTermination": True}]}
    assert VOLUME.resource(item, Here(), {}).owner == "instance: i-1"
    with allowed_only("ec2:DescribeVolumes"):
        found = read(VOLUME, INSTANCE)
    assert {gap.type for gap in found.gaps} == {"aws_instance"}
    assert len(found.of("aws_ebs_volume")) == 3


def test_a_disk_that_outlives_its_instance_is_declared_in_it(web, volume):
    live = one(read(*COLLECTORS), "aws_instance", web)
    assert compare(declared(live)) == {("aws_ebs_volume", "unmanaged")}
    assert {each.id for each in module.kept_disks(declared(live))} == {web}
    assert [each.attributes["id"] for each in module.kept_disks(declared(live))] == [
        each["volume_id"] for each in live["ebs_block_device"] if each["device_name"] == "/dev/sdf"
    ]


# --- attachments ------------------------------------------------------------------------------------


@pytest.fixture
def attached(ec2, web, volume):
    ec2.attach_volume(InstanceId=web, VolumeId=volume, Device="/dev/sdh")
    return volume


def test_attachment(web, attached):
    found = read(*COLLECTORS)
    attachments = found.of("aws_volume_attachment")
    assert {each["device_name"]: each.owner for each in attachments} == {
        "/dev/sda1": "root disk",
        "/dev/sdf": None,
        "/dev/sdg": None,
        "/dev/sdh": None,
    }
    made = one(found, "aws_volume_attachment", f"{web}/{attached}")
    assert made.identity == f"{web}/{attached}"
    assert made.attributes == {"device_name": "/dev/sdh", "instance_id": web, "volume_id": attached}


@pytest.mark.parametrize("home", ["inline", "separate", "both"])
def test_an_attachment_is_the_same_wherever_it_is_declared(web, attached, home):
    found = read(*COLLECTORS)
    instance, volume = one(found, "aws_instance", web), one(found, "aws_ebs_volume", attached)
    attachment = declared(one(found, "aws_volume_attachment", f"{web}/{attached}"))
    own = [each for each in instance["ebs_block_device"] if each["volume_id"] != attached]
    bare, refreshed = declared(instance, ebs_block_device=own), declared(instance)
    wanted = {"inline": [refreshed], "separate": [bare, attachment], "both": [refreshed, attachment]}[home]
    assert compare(declared(volume), *wanted) == set()


def test_a_disk_attached_by_hand_is_a_change_of_its_instance(ec2, web, volume):
    found = read(*COLLECTORS)
    wanted = [declared(one(found, "aws_instance", web)), declared(one(found, "aws_ebs_volume", volume))]
    ec2.attach_volume(InstanceId=web, VolumeId=volume, Device="/dev/sdh")
    assert compare(*wanted) == {("aws_instance", f"ebs_block_device[{volume}]")}


def test_a_disk_taken_away_is_told_where_it_is_declared(web, attached):
    found = read(*COLLECTORS)
    instance, volume = one(found, "aws_instance", web), one(found, "aws_ebs_volume", attached)
    attachment = one(found, "aws_volume_attachment", f"{web}/{attached}")
    own = [each for each in instance["ebs_block_device"] if each["volume_id"] != attached]
    left = Inventory([each for each in found.resources if each != attachment], read=found.read)
    inline = [declared(instance), declared(volume)]
    separate = [declared(instance, ebs_block_device=own), declared(volume), declared(attachment)]
    assert compare(*inline, found=left) == {("aws_instance", f"ebs_block_device[{attached}]")}
    assert compare(*separate, found=left) == {("aws_volume_attachment", "missing")}


def test_tags_of_a_disk_are_compared_where_its_block_states_them(ec2, web):
    live = one(read(*COLLECTORS), "aws_instance", web)
    [root] = live["root_block_device"]
    ec2.create_tags(Resources=[root["volume_id"]], Tags=[{"Key": "Name", "Value": "other"}])
    assert compare(declared(live)) == set()
    stated = declared(live, root_block_device=[root | {"tags_all": {"Name": "root"}}])
    assert compare(stated) == {("aws_instance", "root_block_device[0].tags_all.Name")}


# --- snapshots --------------------------------------------------------------------------------------


def test_snapshot(ec2, volume):
    id = ec2.create_snapshot(VolumeId=volume, Description="of the data")["SnapshotId"]
    ec2.modify_snapshot_attribute(
        SnapshotId=id, Attribute="createVolumePermission", OperationType="add", GroupNames=["all"]
    )
    made = one(read(SNAPSHOT), "aws_ebs_snapshot", id)
    assert (made.owner, made.unknown) == (None, {})
    assert {name: value for name, value in made.attributes.items() if plain(value)} == {
        "arn": f"arn:aws:ec2:{REGION}::snapshot/{id}",
        "description": "of the data",
        "owner_id": ACCOUNT,
        "storage_tier": "standard",
        "volume_id": volume,
        "volume_size": 10,
    }
    assert made.facts == {
        "public": True,
        "start_time": made.fact("start_time"),
        "state": "completed",
    }


def test_whom_a_snapshot_is_shared_with_is_unknown_where_denied(ec2, volume, allowed_only):
    id = ec2.create_snapshot(VolumeId=volume)["SnapshotId"]
    with allowed_only("ec2:DescribeSnapshots"):
        found = read(SNAPSHOT)
    made = one(found, "aws_ebs_snapshot", id)
    assert made["volume_id"] == volume
    with pytest.raises(Unknown, match="access denied"):
        made.fact("public")
    [gap] = [gap for gap in found.gaps if gap.id in (id, None)]
    assert (gap.attribute, gap.permission) == ("public", "ec2:DescribeSnapshotAttribute")


@pytest.mark.parametrize(
    ("snapshot", "owner"),
    [
        ({"Description": "of the data"}, None),
        ({}, None),
        ({"Description": "Created by CreateImage(i-1) for ami-1"}, "image: ami-1"),
        (
            {"Description": "Copied for DestinationAmi ami-2 from SourceAmi ami-1 for SourceSnapshot snap-1."},
            "image: ami-2",
        ),
        ({"Description": "This snapshot is created by the AWS Backup service."}, "backup"),
        ({"Tags": [{"Key": "aws:dlm:lifecycle-policy-id", "Value": "policy-1"}]}, "dlm: policy-1"),
    ],
)
def test_who_made_a_snapshot(snapshot, owner):
    assert maker(snapshot) == owner


def test_corpus():
    assert_corpus_equals_itself(COLLECTORS)
