import pytest

from scanner.collectors.ec2_images import AMI, CAPACITY_RESERVATION, COLLECTORS, KEY_PAIR, PLACEMENT_GROUP, maker
from state.forms import plain
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.compared import declared, only, told, twin
from tests.scanner.corpus import assert_corpus_equals_itself

NAMED = [{"Key": "Name", "Value": "golden"}]


class Here:
    partition, region, account = "aws", REGION, ACCOUNT


# --- images ---------------------------------------------------------------------------------------


@pytest.fixture
def image(ec2):
    disks = [
        {"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 8, "SnapshotId": "snap-1", "VolumeType": "gp3"}},
        {"DeviceName": "/dev/xvdb", "VirtualName": "ephemeral0"},
    ]
    said = {"Architecture": "x86_64", "RootDeviceName": "/dev/xvda", "VirtualizationType": "hvm", "EnaSupport": True}
    id = ec2.register_image(Name="golden", Description="base", BlockDeviceMappings=disks, **said)["ImageId"]
    ec2.create_tags(Resources=[id], Tags=NAMED)
    return id


def test_ami(image):
    made = only(found := read(AMI), "aws_ami")
    assert (made.id, made.arn) == (image, f"arn:aws:ec2:{REGION}::image/{image}")
    assert (made["name"], made["owner_id"], made["public"], made.tags) == ("golden", ACCOUNT, False, {"Name": "golden"})
    assert told(found, [AMI], twin(made)) == set()
    assert told(found, [AMI], declared("aws_ami_copy", image, name="golden")) == set()
    assert told(found, [AMI], twin(made, description="other")) == {("changed", "aws_ami", "description")}


def test_the_disks_of_an_image():
    ebs = {"DeleteOnTermination": True, "Encrypted": True, "SnapshotId": "snap-1", "VolumeSize": 8}
    mappings = [
        {"DeviceName": "/dev/xvdb", "VirtualName": "ephemeral0"},
        {"DeviceName": "/dev/xvda", "Ebs": ebs | {"VolumeType": "gp3", "Iops": 3000, "Throughput": 125}},
    ]
    item = {"ImageId": "ami-1", "RootDeviceName": "/dev/xvda", "BlockDeviceMappings": mappings}
    made = AMI.resource(item, Here(), {})
    assert {name: value for name, value in made.attributes.items() if plain(value)} == {
        "arn": f"arn:aws:ec2:{REGION}::image/ami-1",
        "ebs_block_device": [
            {
                "delete_on_termination": True,
                "device_name": "/dev/xvda",
                "encrypted": True,
                "iops": 3000,
                "outpost_arn": None,
                "snapshot_id": "snap-1",
                "throughput": 125,
                "volume_size": 8,
                "volume_type": "gp3",
            }
        ],
        "ephemeral_block_device": [{"device_name": "/dev/xvdb", "virtual_name": "ephemeral0"}],
        "root_device_name": "/dev/xvda",
        "root_snapshot_id": "snap-1",
    }


@pytest.mark.parametrize(
    ("said", "owner"),
    [
        ({"Name": "AwsBackup_i-1"}, "backup"),
        ({"Tags": [{"Key": "aws:dlm:lifecycle-policy-id", "Value": "policy-1"}]}, "dlm: policy-1"),
        ({"Tags": [{"Key": "CreatedBy", "Value": "EC2 Image Builder"}]}, "image builder"),
        ({"Name": "golden"}, None),
    ],
)
def test_who_made_an_image(said, owner):
    assert maker(said) == owner


# --- key pairs ------------------------------------------------------------------------------------


def test_key_pair(ec2):
    key = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQC8V7KtkfKmbUIHsYHwJ8rkFyRVLZcHsXPHMtKKEGnhVsdQ"
    made = ec2.create_key_pair(KeyName="ops", TagSpecifications=[{"ResourceType": "key-pair", "Tags": NAMED}])
    found = read(KEY_PAIR)
    seen = only(found, "aws_key_pair")
    assert (seen.id, seen.identity) == ("ops", "ops")
    assert {name: value for name, value in seen.attributes.items() if name not in ("public_key", "key_type")} == {
        "arn": f"arn:aws:ec2:{REGION}:{ACCOUNT}:key-pair/ops",
        "fingerprint": made["KeyFingerprint"],
        "key_name": "ops",
        "key_pair_id": made["KeyPairId"],
        "tags": {"Name": "golden"},
    }
    assert told(found, [KEY_PAIR], twin(seen)) == set()
    assert told(found, [KEY_PAIR], twin(seen, fingerprint="aa:bb")) == {("changed", "aws_key_pair", "fingerprint")}
    form = KEY_PAIR.schema.forms["public_key"]
    assert list(form.differences("public_key", f"{key} irfan@laptop", f"{key} ops\n")) == []
    assert list(form.differences("public_key", key, f"{key}x ops")) != []


# --- placement and capacity -----------------------------------------------------------------------


def test_placement_group():
    item = {"GroupName": "hpc", "GroupId": "pg-1", "GroupArn": "arn:aws:ec2:x", "Strategy": "partition"}
    made = PLACEMENT_GROUP.resource(item | {"PartitionCount": 3, "State": "available", "Tags": NAMED}, Here(), {})
    assert (made.id, made.identity) == ("hpc", "hpc")
    assert made.facts == {"pending_deletion": False, "state": "available"}
    assert made.attributes == {
        "arn": "arn:aws:ec2:x",
        "name": "hpc",
        "partition_count": 3,
        "placement_group_id": "pg-1",
        "spread_level": None,
        "strategy": "partition",
        "tags": {"Name": "golden"},
    }


def test_capacity_reservation():
    item = {
        "CapacityReservationId": "cr-1",
        "CapacityReservationArn": "arn:aws:ec2:x",
        "OwnerId": ACCOUNT,
        "InstanceType": "m5.large",
        "InstancePlatform": "Linux/UNIX",
        "AvailabilityZone": f"{REGION}a",
        "TotalInstanceCount": 2,
        "EndDateType": "unlimited",
        "InstanceMatchCriteria": "open",
        "Tenancy": "default",
        "State": "active",
        "Tags": NAMED,
    }
    over = [item | {"State": state} for state in ("cancelled", "expired")]
    assert CAPACITY_RESERVATION.fetch.found({"CapacityReservations": [item, *over]}) == [item]
    made = CAPACITY_RESERVATION.resource(item, Here(), {})
    assert {name: value for name, value in made.attributes.items() if plain(value)} == {
        "arn": "arn:aws:ec2:x",
        "availability_zone": f"{REGION}a",
        "end_date_type": "unlimited",
        "instance_count": 2,
        "instance_match_criteria": "open",
        "instance_platform": "Linux/UNIX",
        "instance_type": "m5.large",
        "owner_id": ACCOUNT,
        "tenancy": "default",
        "tags": {"Name": "golden"},
    }
    fleet = CAPACITY_RESERVATION.resource(item | {"CapacityReservationFleetId": "crf-1"}, Here(), {})
    assert (made.owner, fleet.owner) == (None, "fleet: crf-1")


@pytest.mark.parametrize("each", COLLECTORS, ids=lambda each: each.type)
def test_denied_listings_are_gaps(ec2, allowed_only, each):
    with allowed_only():
        found = read(each)
    assert [(gap.type, gap.kind) for gap in found.gaps if each in (AMI, KEY_PAIR)] == [
        (each.type, "denied") for _ in [0] if each in (AMI, KEY_PAIR)
    ]
    assert told(found, [each], declared(each.type, "x", name="x")) == set()


def test_corpus():
    assert_corpus_equals_itself(COLLECTORS)
