"""What people do to identities by hand."""

from __future__ import annotations

import json

from tests.witness.case import Clients, State


def _allow(*actions: str) -> str:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def policy_attached(aws: Clients, state: State) -> None:
    aws("iam").attach_role_policy(RoleName="app", PolicyArn=state["aws_iam_policy.audit"]["arn"])


def policy_detached(aws: Clients, state: State) -> None:
    aws("iam").detach_role_policy(RoleName="app", PolicyArn=state["aws_iam_policy.queue"]["arn"])


def policy_deleted(aws: Clients, state: State) -> None:
    arn = state["aws_iam_policy.audit"]["arn"]
    aws("iam").detach_role_policy(RoleName="audit", PolicyArn=arn)
    aws("iam").delete_policy(PolicyArn=arn)


def inline_policy_changed(aws: Clients, state: State) -> None:
    aws("iam").put_role_policy(RoleName="app", PolicyName="read-orders", PolicyDocument=_allow("s3:*"))


def inline_policy_deleted(aws: Clients, state: State) -> None:
    aws("iam").delete_role_policy(RoleName="app", PolicyName="read-orders")


def inline_policy_widened(aws: Clients, state: State) -> None:
    document = json.loads(state["aws_iam_role_policy.app"]["policy"])
    document["Statement"][0]["Resource"] = "*"
    aws("iam").put_role_policy(RoleName="app", PolicyName="read-orders", PolicyDocument=json.dumps(document))


def inline_policy_added(aws: Clients, state: State) -> None:
    aws("iam").put_role_policy(RoleName="app", PolicyName="debug", PolicyDocument=_allow("*"))


def managed_policy_rewritten(aws: Clients, state: State) -> None:
    aws("iam").create_policy_version(
        PolicyArn=state["aws_iam_policy.queue"]["arn"], PolicyDocument=_allow("sqs:*"), SetAsDefault=True
    )


def role_deleted(aws: Clients, state: State) -> None:
    aws("iam").detach_role_policy(RoleName="audit", PolicyArn=state["aws_iam_policy.audit"]["arn"])
    aws("iam").delete_role(RoleName="audit")


def role_made_by_hand(aws: Clients, state: State) -> None:
    aws("iam").create_role(
        RoleName="temporary", AssumeRolePolicyDocument=state["aws_iam_role.app"]["assume_role_policy"]
    )


def trust_changed(aws: Clients, state: State) -> None:
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "*"}}
    aws("iam").update_assume_role_policy(
        RoleName="app", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    )


def session_lengthened(aws: Clients, state: State) -> None:
    aws("iam").update_role(RoleName="app", MaxSessionDuration=43200)


def boundary_set(aws: Clients, state: State) -> None:
    aws("iam").put_role_permissions_boundary(RoleName="app", PermissionsBoundary=state["aws_iam_policy.audit"]["arn"])


def tag_changed(aws: Clients, state: State) -> None:
    aws("iam").tag_user(UserName="ci", Tags=[{"Key": "Team", "Value": "nobody"}])


def user_left_its_group(aws: Clients, state: State) -> None:
    aws("iam").remove_user_from_group(UserName="ci", GroupName="staff")


def group_deleted(aws: Clients, state: State) -> None:
    aws("iam").remove_user_from_group(UserName="ci", GroupName="staff")
    aws("iam").delete_group(GroupName="staff")


def group_renamed(aws: Clients, state: State) -> None:
    aws("iam").update_group(GroupName="staff", NewGroupName="everybody")


def group_moved(aws: Clients, state: State) -> None:
    """The group made again; moto cannot move one."""
    group_deleted(aws, state)
    aws("iam").create_group(GroupName="staff", Path="/people/")
    aws("iam").add_user_to_group(UserName="ci", GroupName="staff")


def user_joined_another_group(aws: Clients, state: State) -> None:
    aws("iam").create_group(GroupName="admins")
    aws("iam").add_user_to_group(UserName="ci", GroupName="admins")


def user_deleted(aws: Clients, state: State) -> None:
    aws("iam").remove_user_from_group(UserName="ci", GroupName="staff")
    aws("iam").delete_user(UserName="ci")


def passwords_weakened(aws: Clients, state: State) -> None:
    aws("iam").update_account_password_policy(
        MinimumPasswordLength=6,
        RequireSymbols=True,
        RequireNumbers=True,
        RequireLowercaseCharacters=True,
        RequireUppercaseCharacters=True,
        AllowUsersToChangePassword=True,
    )


def passwords_no_longer_held(aws: Clients, state: State) -> None:
    aws("iam").delete_account_password_policy()


def passwords_kept_for_a_month(aws: Clients, state: State) -> None:
    aws("iam").update_account_password_policy(
        MinimumPasswordLength=14,
        RequireSymbols=True,
        RequireNumbers=True,
        RequireLowercaseCharacters=True,
        RequireUppercaseCharacters=True,
        AllowUsersToChangePassword=True,
        MaxPasswordAge=30,
        PasswordReusePrevention=3,
    )


def role_taken_from_its_profile(aws: Clients, state: State) -> None:
    aws("iam").remove_role_from_instance_profile(InstanceProfileName="app", RoleName="app")


def profile_tagged(aws: Clients, state: State) -> None:
    aws("iam").tag_instance_profile(InstanceProfileName="app", Tags=[{"Key": "Team", "Value": "nobody"}])


def profile_deleted(aws: Clients, state: State) -> None:
    aws("iam").remove_role_from_instance_profile(InstanceProfileName="app", RoleName="app")
    aws("iam").delete_instance_profile(InstanceProfileName="app")


COPY = "the provider's copy in the role of a policy that has a resource of its own, which tells it too"
UNMANAGED = "Terraform never looks for what it does not manage"
PART = "Terraform never looks for what it does not manage: to us a part of something managed is a change of that"
COUNT = "a count of the policy's users, told by the role that began or ceased to use it"

GAPS = {"iam:ListServiceSpecificCredentials"}
"""The operations that moto does not have."""

DRAWN = "moto draws another id of a policy each time that it makes one"
AUDIT = {"ours: changed aws_iam_policy.audit policy_id": DRAWN}
QUEUE = {"ours: changed aws_iam_policy.queue policy_id": DRAWN}

AFTER: dict[str, dict[str, str]] = {
    "inline_policy_changed": {"terraform: changed aws_iam_role.app inline_policy": COPY},
    "inline_policy_deleted": {"terraform: changed aws_iam_role.app inline_policy": COPY},
    "inline_policy_widened": {"terraform: changed aws_iam_role.app inline_policy": COPY},
    "group_renamed": {
        "ours: changed aws_iam_user.ci groups": PART,
        "ours: unmanaged aws_iam_group everybody": UNMANAGED,
    },
    "policy_attached": {"terraform: changed aws_iam_policy.audit attachment_count": COUNT},
    "policy_deleted": {"terraform: changed aws_iam_role.audit managed_policy_arns": COPY},
    "policy_detached": {
        "terraform: changed aws_iam_policy.queue attachment_count": COUNT,
        "terraform: changed aws_iam_role.app managed_policy_arns": COPY,
    },
    "role_deleted": {"terraform: changed aws_iam_policy.audit attachment_count": COUNT},
    "role_made_by_hand": {
        "ours: unmanaged aws_iam_role temporary": UNMANAGED,
    },
    "user_joined_another_group": {
        "ours: changed aws_iam_user.ci groups": PART,
        "ours: unmanaged aws_iam_group admins": UNMANAGED,
    },
}

EXPLAINED: dict[str, dict[str, str]] = {
    name: ({} if name == "policy_deleted" else AUDIT) | QUEUE | AFTER.get(name, {})
    for name in ["none", *globals()]
    if name[0] != "_"
}
"""What only one of the two says after a change, and why that is as it should be."""
