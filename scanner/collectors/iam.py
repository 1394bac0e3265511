"""AWS IAM: users, groups, roles, the account's own managed policies and instance profiles.

One call, GetAccountAuthorizationDetails, answers for nearly all of it. What it leaves out of a role
(its description and longest session) ListRoles has; what it leaves out of a policy (its description
and tags), and ListInstanceProfiles of a profile (its tags), is asked for one by one.
"""

from __future__ import annotations

from itertools import chain

from scanner.aws.collector import Collector, Detail, Listing, Scope, Shared, converted, policy, volatile
from scanner.aws.place import Item, Place
from scanner.collectors.iam_account import CREDENTIALS, REPORT_PERMISSIONS, credential_report
from state.forms import last_segment

DETAILS = "iam:GetAccountAuthorizationDetails"
GONE = ("NoSuchEntity",)


def details(items: str, within: str | None = None) -> Listing:
    """A part of the account's authorization details; AWS's own policies, over a thousand, are left out."""
    arguments = (("Filter", ["User", "Group", "Role", "LocalManagedPolicy"]),)
    return Listing("get_account_authorization_details", items, arguments, within)


# --- who made it --------------------------------------------------------------------------------

OWNED_PATHS = {
    "aws-service-role/": "aws: service-linked role",
    "aws-reserved/sso.amazonaws.com/": "aws: sso",
    "aws-reserved/": "aws: reserved",
}
OWNED_NAMES = {
    "AWSControlTower": "aws: control tower",
    "aws-controltower-": "aws: control tower",
    "stacksets-exec-": "aws: stack sets",
}


def owner(item: Item) -> str | None:
    """Which service of AWS made a user, group, role, policy or profile, as its path or name tells."""
    path = str(item["Arn"]).partition("/")[2]
    name = path.rpartition("/")[2]
    if name == "OrganizationAccountAccessRole":
        return "aws: organizations"
    by_path = (who for start, who in OWNED_PATHS.items() if path.startswith(start))
    by_name = (who for start, who in OWNED_NAMES.items() if name.startswith(start))
    return next(chain(by_path, by_name), None)


# --- principals ---------------------------------------------------------------------------------

USER = Collector(
    type="aws_iam_user",
    service="iam",
    scope=Scope.GLOBAL,
    fetch=details("UserDetailList"),
    details=(Shared(ask=credential_report, by="UserName", into="Credentials"),),
    permissions=(DETAILS, *REPORT_PERMISSIONS),
    id="UserName",
    identity=("name",),
    owner=owner,
    attributes={
        "arn": "Arn",
        "name": "UserName",
        "path": "Path",
        "permissions_boundary": "PermissionsBoundary.PermissionsBoundaryArn",
        "unique_id": "UserId",
    },
    facts={"create_date": "CreateDate"} | {name: f"Credentials.{name}" for name in CREDENTIALS},
    tags="Tags",
)

GROUP = Collector(
    type="aws_iam_group",
    service="iam",
    scope=Scope.GLOBAL,
    fetch=details("GroupDetailList"),
    permissions=(DETAILS,),
    id="GroupName",
    identity=("name",),
    owner=owner,
    attributes={
        "arn": "Arn",
        "name": "GroupName",
        "path": "Path",
        "unique_id": "GroupId",
    },
    facts={"create_date": "CreateDate"},
)


async def list_of_roles(place: Place) -> dict[str, Item]:
    """Each role as ListRoles tells it, by name."""
    pages = place.pages("iam", "list_roles")
    return {role["RoleName"]: role async for page in pages for role in page["Roles"]}


ROLE = Collector(
    type="aws_iam_role",
    service="iam",
    scope=Scope.GLOBAL,
    fetch=details("RoleDetailList"),
    details=(Shared(ask=list_of_roles, by="RoleName", into="Listed"),),
    permissions=(DETAILS, "iam:ListRoles"),
    id="RoleName",
    identity=("name",),
    owner=owner,
    attributes={
        "arn": "Arn",
        "assume_role_policy": policy("AssumeRolePolicyDocument"),
        "create_date": volatile("CreateDate"),
        "description": "Listed.Description",
        "max_session_duration": "Listed.MaxSessionDuration",
        "name": "RoleName",
        "path": "Path",
        "permissions_boundary": "PermissionsBoundary.PermissionsBoundaryArn",
        "unique_id": "RoleId",
    },
    facts={"last_used_date": "RoleLastUsed.LastUsedDate", "last_used_region": "RoleLastUsed.Region"},
    tags="Tags",
)


# --- managed policies and instance profiles ------------------------------------------------------

POLICY = Collector(
    type="aws_iam_policy",
    service="iam",
    scope=Scope.GLOBAL,
    fetch=details("Policies"),
    details=(Detail(operation="get_policy", arguments={"PolicyArn": "Arn"}, into="Whole", gone=GONE),),
    permissions=(DETAILS, "iam:GetPolicy"),
    id="Arn",
    identity=("arn",),
    owner=owner,
    attributes={
        "arn": "Arn",
        "attachment_count": volatile("AttachmentCount"),
        "description": "Whole.Policy.Description",
        "name": converted("Arn", last_segment),
        "path": "Path",
        "policy": policy("PolicyVersionList[?IsDefaultVersion].Document | [0]"),
        "policy_id": "PolicyId",
    },
    facts={
        "create_date": "CreateDate",
        "default_version_id": "DefaultVersionId",
        "permissions_boundary_usage_count": "PermissionsBoundaryUsageCount",
        "update_date": "UpdateDate",
    },
    tags="Whole.Policy.Tags",
)

INSTANCE_PROFILE = Collector(
    type="aws_iam_instance_profile",
    service="iam",
    scope=Scope.GLOBAL,
    fetch=Listing("list_instance_profiles", "InstanceProfiles"),
    details=(
        Detail(
            operation="get_instance_profile",
            arguments={"InstanceProfileName": "InstanceProfileName"},
            into="Whole",
            gone=GONE,
        ),
    ),
    permissions=("iam:ListInstanceProfiles", "iam:GetInstanceProfile"),
    id="InstanceProfileName",
    identity=("name",),
    owner=owner,
    attributes={
        "arn": "Arn",
        "create_date": volatile("CreateDate"),
        "name": "InstanceProfileName",
        "path": "Path",
        "role": "Roles[0].RoleName",
        "unique_id": "InstanceProfileId",
    },
    tags="Whole.InstanceProfile.Tags",
)

COLLECTORS = [USER, GROUP, ROLE, POLICY, INSTANCE_PROFILE]
