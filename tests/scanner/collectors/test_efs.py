import json

import pytest

from scanner.collectors.efs import (
    ACCESS_POINT,
    BACKUP_POLICY,
    COLLECTORS,
    FILE_SYSTEM,
    FILE_SYSTEM_POLICY,
    MOUNT_TARGET,
    REPLICATION,
)
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.compared import only, told, twin
from tests.scanner.standin import answering, refused
from tests.scanner.whole import whole

ARN = f"arn:aws:elasticfilesystem:{REGION}:{ACCOUNT}"
OF = "/2015-02-01/file-systems"
DOCUMENT = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "*"}]})
ANSWERS = {
    f"GET {OF}": {
        "FileSystems": [
            {
                "FileSystemId": "fs-1",
                "FileSystemArn": f"{ARN}:file-system/fs-1",
                "OwnerId": ACCOUNT,
                "CreationToken": "t",
                "CreationTime": 1,
                "LifeCycleState": "available",
                "Name": "shop",
                "NumberOfMountTargets": 1,
                "SizeInBytes": {"Value": 6144, "ValueInIA": 0, "ValueInStandard": 6144},
                "PerformanceMode": "generalPurpose",
                "ThroughputMode": "bursting",
                "Encrypted": True,
                "KmsKeyId": "arn:aws:kms:eu-west-1:1:key/k",
                "Tags": [{"Key": "Name", "Value": "shop"}],
                "FileSystemProtection": {"ReplicationOverwriteProtection": "ENABLED"},
            }
        ]
    },
    f"GET {OF}/fs-1/lifecycle-configuration": {
        "LifecyclePolicies": [
            {"TransitionToIA": "AFTER_30_DAYS"},
            {"TransitionToPrimaryStorageClass": "AFTER_1_ACCESS"},
        ]
    },
    f"GET {OF}/fs-1/policy": {"FileSystemId": "fs-1", "Policy": DOCUMENT},
    f"GET {OF}/fs-1/backup-policy": {"BackupPolicy": {"Status": "ENABLING"}},
    f"GET {OF}/replication-configurations": {
        "Replications": [
            {
                "SourceFileSystemId": "fs-1",
                "SourceFileSystemRegion": REGION,
                "SourceFileSystemArn": f"{ARN}:file-system/fs-1",
                "OriginalSourceFileSystemArn": f"{ARN}:file-system/fs-1",
                "CreationTime": 1,
                "Destinations": [{"Status": "ENABLED", "FileSystemId": "fs-2", "Region": "eu-central-1"}],
            }
        ]
    },
    "GET /2015-02-01/mount-targets": {
        "MountTargets": [
            {
                "MountTargetId": "fsmt-1",
                "FileSystemId": "fs-1",
                "SubnetId": "subnet-1",
                "LifeCycleState": "available",
                "IpAddress": "10.0.0.9",
                "NetworkInterfaceId": "eni-1",
                "AvailabilityZoneId": "euw1-az1",
                "AvailabilityZoneName": "eu-west-1a",
                "OwnerId": ACCOUNT,
            }
        ]
    },
    "GET /2015-02-01/mount-targets/fsmt-1/security-groups": {"SecurityGroups": ["sg-2", "sg-1"]},
    "GET /2015-02-01/access-points": {
        "AccessPoints": [
            {
                "AccessPointId": "fsap-1",
                "AccessPointArn": f"{ARN}:access-point/fsap-1",
                "FileSystemId": "fs-1",
                "OwnerId": ACCOUNT,
                "PosixUser": {"Uid": 0, "Gid": 1000, "SecondaryGids": [2, 1]},
                "RootDirectory": {"Path": "/", "CreationInfo": {"OwnerUid": 0, "OwnerGid": 0, "Permissions": "0755"}},
                "LifeCycleState": "available",
                "Tags": [{"Key": "team", "Value": "shop"}],
            }
        ]
    },
}


def seen(*collectors, **changed):
    with answering(ANSWERS | {f"GET {OF}/fs-1/{name.replace('_', '-')}": each for name, each in changed.items()}):
        return read(*collectors)


def test_file_system():
    found = only(seen(FILE_SYSTEM), FILE_SYSTEM.type)
    assert whole(found) == {
        "its id": "fs-1",
        "its identity": "fs-1",
        "its arn": "arn:aws:elasticfilesystem:eu-west-1:123456789012:file-system/fs-1",
        "its owner": None,
        "arn": "arn:aws:elasticfilesystem:eu-west-1:123456789012:file-system/fs-1",
        "creation_token": "t",
        "encrypted": True,
        "kms_key_id": "arn:aws:kms:eu-west-1:1:key/k",
        "lifecycle_policy": [
            {"transition_to_ia": "AFTER_30_DAYS"},
            {"transition_to_primary_storage_class": "AFTER_1_ACCESS"},
        ],
        "name": "shop",
        "number_of_mount_targets": 1,
        "owner_id": "123456789012",
        "performance_mode": "generalPurpose",
        "protection": [{"replication_overwrite": "ENABLED"}],
        "size_in_bytes": [{"value": 6144, "value_in_ia": 0, "value_in_standard": 6144}],
        "throughput_mode": "bursting",
        "tags": {"Name": "shop"},
    }
    said = twin(found, lifecycle_policy=found["lifecycle_policy"][::-1], protection=[], throughput_mode=None)
    assert told(seen(FILE_SYSTEM), COLLECTORS, said) == set()
    sooner = {"LifecyclePolicies": [{"TransitionToIA": "AFTER_7_DAYS"}]}
    assert told(seen(FILE_SYSTEM, lifecycle_configuration=sooner), COLLECTORS, said) == {
        ("changed", FILE_SYSTEM.type, "lifecycle_policy")
    }


def test_mount_target():
    found = only(seen(MOUNT_TARGET), MOUNT_TARGET.type)
    assert whole(found) == {
        "its id": "fsmt-1",
        "its identity": "fsmt-1",
        "its arn": None,
        "its owner": None,
        "availability_zone_id": "euw1-az1",
        "availability_zone_name": "eu-west-1a",
        "file_system_id": "fs-1",
        "ip_address": "10.0.0.9",
        "network_interface_id": "eni-1",
        "owner_id": "123456789012",
        "security_groups": ["sg-2", "sg-1"],
        "subnet_id": "subnet-1",
    }
    assert told(seen(MOUNT_TARGET), COLLECTORS, twin(found, security_groups=["sg-1", "sg-2"])) == set()
    assert told(seen(MOUNT_TARGET), COLLECTORS, twin(found, security_groups=["sg-1"])) == {
        ("changed", MOUNT_TARGET.type, "security_groups")
    }


def test_access_point():
    found = only(seen(ACCESS_POINT), ACCESS_POINT.type)
    assert whole(found) == {
        "its id": "fsap-1",
        "its identity": "fsap-1",
        "its arn": "arn:aws:elasticfilesystem:eu-west-1:123456789012:access-point/fsap-1",
        "its owner": None,
        "arn": "arn:aws:elasticfilesystem:eu-west-1:123456789012:access-point/fsap-1",
        "file_system_id": "fs-1",
        "owner_id": "123456789012",
        "posix_user": [{"gid": 1000, "secondary_gids": [2, 1], "uid": 0}],
        "root_directory": [{"creation_info": [{"owner_gid": 0, "owner_uid": 0, "permissions": "0755"}], "path": "/"}],
        "tags": {"team": "shop"},
    }
    as_root = [found["posix_user"][0] | {"uid": 7, "secondary_gids": [1, 2]}]
    assert told(seen(ACCESS_POINT), COLLECTORS, twin(found, posix_user=as_root)) == {
        ("changed", ACCESS_POINT.type, "posix_user[0].uid")
    }


def test_policies():
    found = seen(FILE_SYSTEM_POLICY, BACKUP_POLICY)
    assert whole(only(found, FILE_SYSTEM_POLICY.type)) == {
        "its id": "fs-1",
        "its identity": "fs-1",
        "its arn": None,
        "its owner": None,
        "file_system_id": "fs-1",
        "policy": '{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "*"}]}',
    }
    assert whole(only(found, BACKUP_POLICY.type)) == {
        "its id": "fs-1",
        "its identity": "fs-1",
        "its arn": None,
        "its owner": None,
        "backup_policy": [{"status": "ENABLING"}],
        "file_system_id": "fs-1",
    }
    on = twin(only(found, BACKUP_POLICY.type), backup_policy=[{"status": "ENABLED"}])
    policed = twin(only(found, FILE_SYSTEM_POLICY.type))
    assert told(found, COLLECTORS, on, policed) == set()
    none = seen(FILE_SYSTEM_POLICY, BACKUP_POLICY, policy=refused("PolicyNotFound", status=404), backup_policy={})
    assert told(none, COLLECTORS, policed) == {("missing", FILE_SYSTEM_POLICY.type, "")}


def test_replication():
    found = only(seen(REPLICATION), REPLICATION.type)
    assert whole(found) == {
        "its id": "fs-1",
        "its identity": "fs-1",
        "its arn": None,
        "its owner": None,
        "creation_time": "1970-01-01T00:00:01Z",
        "destination": [{"file_system_id": "fs-2", "region": "eu-central-1", "status": "ENABLED"}],
        "original_source_file_system_arn": "arn:aws:elasticfilesystem:eu-west-1:123456789012:file-system/fs-1",
        "source_file_system_arn": "arn:aws:elasticfilesystem:eu-west-1:123456789012:file-system/fs-1",
        "source_file_system_id": "fs-1",
        "source_file_system_region": "eu-west-1",
    }
    [to] = found["destination"]
    assert (
        told(seen(REPLICATION), COLLECTORS, twin(found, destination=[to | {"status": "PAUSED", "kms_key_id": "k"}]))
        == set()
    )
    assert told(seen(REPLICATION), COLLECTORS, twin(found, destination=[to | {"region": "eu-north-1"}])) == {
        ("changed", REPLICATION.type, "destination[0].region")
    }


@pytest.mark.parametrize(
    ("detail", "collector", "unknown"),
    [("lifecycle_configuration", FILE_SYSTEM, [["lifecycle_policy"]]), ("policy", FILE_SYSTEM_POLICY, [])],
)
def test_denied(detail, collector, unknown):
    found = seen(collector, **{detail: refused("AccessDeniedException", status=403)})
    assert [gap.kind for gap in found.gaps] == ["denied"]
    assert [list(each.unknown) for each in found.of(collector.type)] == unknown


def test_a_file_system_in_one_zone_is_backed_up_by_itself(aws):
    aws("efs").create_file_system(CreationToken="t", AvailabilityZoneName="eu-west-1a")
    found = read(FILE_SYSTEM, BACKUP_POLICY)
    assert only(found, BACKUP_POLICY.type)["backup_policy"] == [{"status": "ENABLED"}]
    assert told(found, COLLECTORS, twin(only(found, FILE_SYSTEM.type))) == set()
    declared = twin(only(found, BACKUP_POLICY.type), backup_policy=[{"status": "DISABLED"}])
    assert told(found, COLLECTORS, twin(only(found, FILE_SYSTEM.type)), declared) == {
        ("changed", BACKUP_POLICY.type, "backup_policy[0].status")
    }
