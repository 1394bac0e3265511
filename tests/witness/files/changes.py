"""What people do to file systems by hand."""

from __future__ import annotations

import json

from tests.witness.case import Clients, State


def _files(state: State) -> str:
    found: str = state["aws_efs_file_system.shop"]["id"]
    return found


def files_kept_where_they_are(aws: Clients, state: State) -> None:
    aws("efs").put_lifecycle_configuration(FileSystemId=_files(state), LifecyclePolicies=[])
    aws("efs").modify_mount_target_security_groups(
        MountTargetId=state['aws_efs_mount_target.shop["b"]']["id"],
        SecurityGroups=[state["aws_security_group.files"]["id"]],
    )


def anybody_mounts(aws: Clients, state: State) -> None:
    statement = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    aws("efs").put_file_system_policy(FileSystemId=_files(state), Policy=policy)


def _sealed(aws: Clients, state: State, **changed: object) -> None:
    policy = json.loads(state["aws_efs_file_system_policy.shop"]["policy"])
    policy["Statement"][0] |= changed
    aws("efs").put_file_system_policy(FileSystemId=_files(state), Policy=json.dumps(policy))


def files_read_in_the_open(aws: Clients, state: State) -> None:
    _sealed(aws, state, Action="elasticfilesystem:ClientWrite")


def files_sealed_for_one(aws: Clients, state: State) -> None:
    _sealed(aws, state, Principal={"AWS": "arn:aws:iam::123456789012:root"})


def tags_changed(aws: Clients, state: State) -> None:
    aws("efs").tag_resource(ResourceId=_files(state), Tags=[{"Key": "Team", "Value": "nobody"}])
    aws("efs").untag_resource(ResourceId=state["aws_efs_access_point.shop"]["id"], TagKeys=["Name"])


def point_retagged(aws: Clients, state: State) -> None:
    point = state["aws_efs_access_point.shop"]["id"]
    aws("efs").tag_resource(ResourceId=point, Tags=[{"Key": "Team", "Value": "nobody"}])


def files_reached_through_the_default_group(aws: Clients, state: State) -> None:
    default = {"Name": "group-name", "Values": ["default"]}
    own = {"Name": "vpc-id", "Values": [state["aws_vpc.main"]["id"]]}
    [group] = aws("ec2").describe_security_groups(Filters=[default, own])["SecurityGroups"]
    aws("efs").modify_mount_target_security_groups(
        MountTargetId=state['aws_efs_mount_target.shop["a"]']["id"], SecurityGroups=[group["GroupId"]]
    )


def things_deleted(aws: Clients, state: State) -> None:
    aws("efs").delete_access_point(AccessPointId=state["aws_efs_access_point.plain"]["id"])
    aws("efs").delete_mount_target(MountTargetId=state['aws_efs_mount_target.shop["a"]']["id"])
    aws("efs").delete_file_system(FileSystemId=state["aws_efs_file_system.plain"]["id"])


GAPS = {"ec2:DescribeSecurityGroupVpcAssociations"}
"""The operations that moto does not have."""

EXPLAINED: dict[str, dict[str, str]] = {
    "things_deleted": {
        "terraform: changed aws_efs_file_system.shop number_of_mount_targets": "a count that AWS keeps, and no drift",
    },
}
"""What only one of the two says after a change, and why that is as it should be."""
