import json

import pytest

from scanner.aws.collector import Unnamed
from scanner.collectors import schemas
from scanner.collectors.iam import COLLECTORS, GROUP, INSTANCE_PROFILE, POLICY, ROLE, USER, owner
from state import Declaration, Gap, Inventory, Resource, Unknown
from state.drift import drift
from tests.conftest import ACCOUNT, read

TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
ALL = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
LESS = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "logs:*", "Resource": "*"}]}
NO_CREDENTIALS = {
    "access_key_1_active": False,
    "access_key_1_last_rotated": None,
    "access_key_1_last_used_date": None,
    "access_key_1_last_used_region": None,
    "access_key_1_last_used_service": None,
    "access_key_2_active": False,
    "access_key_2_last_rotated": None,
    "access_key_2_last_used_date": None,
    "access_key_2_last_used_region": None,
    "access_key_2_last_used_service": None,
    "cert_1_active": False,
    "cert_1_last_rotated": None,
    "cert_2_active": False,
    "cert_2_last_rotated": None,
    "mfa_active": False,
    "password_enabled": False,
    "password_last_used": None,
    "password_next_rotation": None,
}


def text(time):
    return time.isoformat().replace("+00:00", "Z")


def test_user(aws):
    made = aws("iam").create_user(UserName="ann", Path="/people/", Tags=[{"Key": "team", "Value": "core"}])["User"]
    [user] = read(USER).of("aws_iam_user")
    assert user.key == ("aws_iam_user", ACCOUNT, "global", "ann")
    assert user.arn == f"arn:aws:iam::{ACCOUNT}:user/people/ann"
    assert user.attributes == {
        "arn": user.arn,
        "name": "ann",
        "path": "/people/",
        "permissions_boundary": None,
        "unique_id": made["UserId"],
        "tags": {"team": "core"},
    }
    created = text(made["CreateDate"])
    assert user.facts == {"create_date": created, "password_last_changed": created[:19] + "Z", **NO_CREDENTIALS}


def test_user_with_a_key(aws):
    iam = aws("iam")
    iam.create_user(UserName="ci")
    iam.create_login_profile(UserName="ci", Password="correct horse battery staple")
    made = iam.create_access_key(UserName="ci")["AccessKey"]
    [user] = read(USER).of("aws_iam_user")
    assert user.fact("access_key_1_active") is True
    assert user.fact("access_key_1_last_rotated") == text(made["CreateDate"])[:19] + "Z"
    assert user.fact("access_key_1_last_used_date") is None
    assert user.fact("access_key_2_active") is False
    assert (user.fact("password_enabled"), user.fact("password_last_used")) == (True, None)


def test_group(aws):
    made = aws("iam").create_group(GroupName="dev", Path="/people/")["Group"]
    [group] = read(GROUP).of("aws_iam_group")
    assert group.key == ("aws_iam_group", ACCOUNT, "global", "dev")
    assert group.attributes == {
        "arn": f"arn:aws:iam::{ACCOUNT}:group/people/dev",
        "name": "dev",
        "path": "/people/",
        "unique_id": made["GroupId"],
    }
    assert group.facts == {"create_date": text(made["CreateDate"])}


def test_what_is_made_again_under_its_name_is_another(aws):
    aws("iam").create_group(GroupName="dev")
    [was] = read(GROUP).of("aws_iam_group")
    aws("iam").delete_group(GroupName="dev")
    aws("iam").create_group(GroupName="dev")
    declared = Resource(
        type="aws_iam_group",
        id="dev",
        account=ACCOUNT,
        region="global",
        attributes=was.attributes,
        declared=Declaration(address="aws_iam_group.dev", source="test"),
    )
    [found] = drift(read(GROUP), Inventory([declared]), schemas()).drift
    assert [each.path for each in found.changes] == ["unique_id"]


def test_role(aws):
    boundary = aws("iam").create_policy(PolicyName="boundary", PolicyDocument=json.dumps(ALL))["Policy"]["Arn"]
    made = aws("iam").create_role(
        RoleName="deployer",
        Path="/ci/",
        Description="Deploys",
        MaxSessionDuration=7200,
        AssumeRolePolicyDocument=json.dumps(TRUST),
        PermissionsBoundary=boundary,
        Tags=[{"Key": "team", "Value": "core"}],
    )["Role"]
    found = read(ROLE)
    [role] = found.of("aws_iam_role")
    assert (found.gaps, role.unknown) == ([], {})
    assert role.key == ("aws_iam_role", ACCOUNT, "global", "deployer")
    assert json.loads(role["assume_role_policy"]) == TRUST
    assert role.attributes == {
        "arn": f"arn:aws:iam::{ACCOUNT}:role/ci/deployer",
        "assume_role_policy": role["assume_role_policy"],
        "create_date": text(made["CreateDate"]),
        "description": "Deploys",
        "max_session_duration": 7200,
        "name": "deployer",
        "path": "/ci/",
        "permissions_boundary": boundary,
        "unique_id": made["RoleId"],
        "tags": {"team": "core"},
    }
    assert role.facts == {"last_used_date": None, "last_used_region": None}


def test_policy_is_its_default_version(aws):
    iam = aws("iam")
    made = iam.create_policy(
        PolicyName="logs",
        Path="/app/",
        Description="Writes logs",
        PolicyDocument=json.dumps(LESS),
        Tags=[{"Key": "team", "Value": "core"}],
    )["Policy"]
    iam.create_policy_version(PolicyArn=made["Arn"], PolicyDocument=json.dumps(ALL), SetAsDefault=True)
    [policy] = read(POLICY).of("aws_iam_policy")
    assert policy.key == ("aws_iam_policy", ACCOUNT, "global", f"arn:aws:iam::{ACCOUNT}:policy/app/logs")
    assert json.loads(policy["policy"]) == ALL
    assert policy.attributes == {
        "arn": policy.id,
        "attachment_count": 0,
        "description": "Writes logs",
        "name": "logs",
        "path": "/app/",
        "policy": policy["policy"],
        "policy_id": None,  # moto leaves it out of the authorization details
        "tags": {"team": "core"},
    }
    assert policy.fact("default_version_id") == "v2"


def test_instance_profile(aws):
    iam = aws("iam")
    iam.create_role(RoleName="web", AssumeRolePolicyDocument=json.dumps(TRUST))
    made = iam.create_instance_profile(InstanceProfileName="web", Path="/app/", Tags=[{"Key": "team", "Value": "core"}])
    iam.add_role_to_instance_profile(InstanceProfileName="web", RoleName="web")
    [profile] = read(INSTANCE_PROFILE).of("aws_iam_instance_profile")
    assert profile.key == ("aws_iam_instance_profile", ACCOUNT, "global", "web")
    assert profile.attributes == {
        "arn": f"arn:aws:iam::{ACCOUNT}:instance-profile/app/web",
        "create_date": text(made["InstanceProfile"]["CreateDate"]),
        "name": "web",
        "path": "/app/",
        "role": "web",
        "unique_id": made["InstanceProfile"]["InstanceProfileId"],
        "tags": {"team": "core"},
    }


@pytest.mark.parametrize(
    ("path", "who"),
    [
        ("role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS", "aws: service-linked role"),
        ("role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_1", "aws: sso"),
        ("role/OrganizationAccountAccessRole", "aws: organizations"),
        ("role/AWSControlTowerExecution", "aws: control tower"),
        ("role/stacksets-exec-0f", "aws: stack sets"),
        ("role/service-role/lambda-made-in-the-console", None),
        ("role/deployer", None),
        ("user/OrganizationAccountAccessRoles", None),
    ],
)
def test_owner(path, who):
    assert owner({"Arn": f"arn:aws-us-gov:iam::{ACCOUNT}:{path}"}) == who


def test_one_listing_serves_all(aws):
    assert len({each.fetch.call for each in COLLECTORS if each is not INSTANCE_PROFILE}) == 1


def test_permissions_suffice(aws, allowed_only):
    aws("iam").create_role(RoleName="web", AssumeRolePolicyDocument=json.dumps(TRUST))
    aws("iam").create_policy(PolicyName="logs", PolicyDocument=json.dumps(ALL))
    aws("iam").create_instance_profile(InstanceProfileName="web")
    with allowed_only(*(name for each in COLLECTORS for name in each.permissions)):
        found = read(*COLLECTORS)
    assert found.gaps == []
    assert [each.id for each in found.of("aws_iam_user")] == ["auditor"]


def test_refused_credential_report_costs_its_facts_only(aws, allowed_only):
    aws("iam").create_user(UserName="ann")
    with allowed_only("iam:GetAccountAuthorizationDetails"):
        found = read(USER, GROUP)
    assert sorted(each.id for each in found.of("aws_iam_user")) == ["ann", "auditor"]
    ann = next(each for each in found.of("aws_iam_user") if each.id == "ann")
    assert ann["path"] == "/"
    with pytest.raises(Unknown, match="GenerateCredentialReport: access denied"):
        ann.fact("mfa_active")
    assert found.gaps == [
        Gap(
            type="aws_iam_user",
            account=ACCOUNT,
            region="global",
            reason="GenerateCredentialReport: access denied (AccessDenied)",
            kind="denied",
            attribute=", ".join(sorted([*NO_CREDENTIALS, "password_last_changed"])),
            operation="iam:GenerateCredentialReport",
            permission="iam:GenerateCredentialReport",
        )
    ]


def test_user_newer_than_the_report_is_unknown():
    """AWS makes a report at most every four hours; moto at every call."""
    with pytest.raises(Unnamed, match="the credential report does not name bob"):
        USER.details[0].of({"ann": {}}, {"UserName": "bob"})


def test_refused_details_of_roles_and_policies(aws, allowed_only):
    aws("iam").create_role(RoleName="web", AssumeRolePolicyDocument=json.dumps(TRUST))
    aws("iam").create_policy(PolicyName="logs", PolicyDocument=json.dumps(ALL))
    with allowed_only("iam:GetAccountAuthorizationDetails"):
        found = read(ROLE, POLICY, INSTANCE_PROFILE)
    [role], [policy] = found.of("aws_iam_role"), found.of("aws_iam_policy")
    assert set(role.unknown) == {"description", "max_session_duration"}
    assert set(policy.unknown) == {"description", "tags"}
    assert sorted((gap.type, gap.permission) for gap in found.gaps) == [
        ("aws_iam_instance_profile", "iam:ListInstanceProfiles"),
        ("aws_iam_policy", "iam:GetPolicy"),
        ("aws_iam_role", "iam:ListRoles"),
    ]


def test_refused_listing_is_a_gap_and_not_an_empty_account(aws, allowed_only):
    aws("iam").create_instance_profile(InstanceProfileName="web")
    profiles = INSTANCE_PROFILE.permissions
    with allowed_only(*profiles):
        found = read(*COLLECTORS)
    assert [each.id for each in found.of("aws_iam_instance_profile")] == ["web"]
    assert found.unseen("aws_iam_role", ACCOUNT, "global") is not None
    assert {gap.type for gap in found.gaps} == {"aws_iam_user", "aws_iam_group", "aws_iam_role", "aws_iam_policy"}
