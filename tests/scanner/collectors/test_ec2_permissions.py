from __future__ import annotations

from scanner.collectors.ec2_permissions import AMI_LAUNCH_PERMISSION, COLLECTORS, SNAPSHOT_CREATE_VOLUME_PERMISSION
from tests.conftest import read
from tests.scanner.aws.wire import items, refusal
from tests.scanner.compared import declared, told, twin
from tests.scanner.standin import answering
from tests.scanner.whole import whole

OTHER = "210987654321"


def about(id: str, identity: str, **said: str) -> dict[str, str | None]:
    return {"its id": id, "its identity": identity, "its arn": None, "its owner": None, **said}


def test_launch_permissions(aws):
    ec2 = aws("ec2")
    instance = ec2.run_instances(ImageId="ami-1", MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
    image = ec2.create_image(InstanceId=instance, Name="shop")["ImageId"]
    made_by_backup = ec2.create_image(InstanceId=instance, Name="AwsBackup_1")["ImageId"]
    for each in (image, made_by_backup):
        ec2.modify_image_attribute(ImageId=each, LaunchPermission={"Add": [{"UserId": OTHER}, {"Group": "all"}]})
    found = read(AMI_LAUNCH_PERMISSION)
    to_all, to_other = sorted(
        found.of("aws_ami_launch_permission"), key=lambda each: str(each["account_id"]), reverse=True
    )
    assert whole(to_other) == about(f"{image}-{OTHER}", f"{image}/{OTHER}", image_id=image, account_id=OTHER)
    assert whole(to_all) == about(f"{image}-all", f"{image}/all", image_id=image, group="all")
    assert told(found, COLLECTORS, twin(to_all), twin(to_other)) == set()
    wanted = declared("aws_ami_launch_permission", "x", image_id=image, account_id="1")
    assert told(found, COLLECTORS, wanted) == {("missing", "aws_ami_launch_permission", "")}


def test_volume_permissions(aws):
    ec2 = aws("ec2")
    volume = ec2.create_volume(Size=1, AvailabilityZone="eu-west-1a")["VolumeId"]
    snapshot = ec2.create_snapshot(VolumeId=volume)["SnapshotId"]
    kept = ec2.create_snapshot(VolumeId=volume, Description="This snapshot is created by the AWS Backup service.")
    for each in (snapshot, kept["SnapshotId"]):
        ec2.modify_snapshot_attribute(
            SnapshotId=each, Attribute="createVolumePermission", OperationType="add", UserIds=[OTHER]
        )
    [made] = read(SNAPSHOT_CREATE_VOLUME_PERMISSION).of("aws_snapshot_create_volume_permission")
    assert whole(made) == about(f"{snapshot}-{OTHER}", f"{snapshot}/{OTHER}", snapshot_id=snapshot, account_id=OTHER)


def test_a_snapshot_that_went_permits_nobody_and_one_that_is_shut_is_a_gap():
    listed = items("DescribeSnapshots", "snapshotSet", "<snapshotId>snap-1</snapshotId>")
    for error, kinds in (("InvalidSnapshot.NotFound", []), ("UnauthorizedOperation", ["denied"])):
        with answering({"DescribeSnapshots": listed, "DescribeSnapshotAttribute": refusal(error)}):
            found = read(SNAPSHOT_CREATE_VOLUME_PERMISSION)
        assert list(found.of("aws_snapshot_create_volume_permission")) == []
        assert [gap.kind for gap in found.gaps] == kinds
