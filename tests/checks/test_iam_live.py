"""Rights, users and the root user, over what the collectors read of a live account."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from checks import Status
from tests.checks.test_access_live import verdicts
from tests.conftest import ACCOUNT, reset

Client = Callable[..., Any]
FAIL, PASS, UNKNOWN = Status.FAIL, Status.PASS, Status.UNKNOWN
VERSION = "2012-10-17"


def document(*actions: str, resource: str = "*") -> str:
    return json.dumps({"Version": VERSION, "Statement": [{"Effect": "Allow", "Action": actions, "Resource": resource}]})


@pytest.fixture
def iam(aws: Client) -> Any:
    """An account with a role, a group and a user in it."""
    trust = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    found = aws("iam")
    found.create_role(RoleName="web", AssumeRolePolicyDocument=json.dumps({"Version": VERSION, "Statement": [trust]}))
    found.create_group(GroupName="ops")
    found.create_user(UserName="ann")
    found.add_user_to_group(GroupName="ops", UserName="ann")
    return found


ONE = "arn:aws:iam::123456789012:role/task"


@pytest.mark.parametrize(
    ("check", "bad", "good"),
    [
        ("iam-policy-service-wildcard", document("sqs:*"), document("sqs:Get*")),
        ("iam-policy-passrole-wildcard", document("iam:PassRole"), document("iam:PassRole", resource=ONE)),
        ("iam-policy-assume-any-role", document("sts:AssumeRole"), document("sts:AssumeRole", resource=ONE)),
        ("iam-privilege-escalation-inline", document("iam:Put*"), document("iam:Get*")),
        ("iam-privilege-escalation-inline", document("iam:Put*"), document("*")),
    ],
)
def test_a_policy_inside_a_role(iam: Any, check: str, bad: str, good: str) -> None:
    for said, status in ((bad, FAIL), (good, PASS)):
        iam.put_role_policy(RoleName="web", PolicyName="it", PolicyDocument=said)
        assert verdicts(check) == {"web:it": status}


ADMINISTRATOR, SHELL, SUPPORT, READ = (
    f"arn:aws:iam::aws:policy/{name}"
    for name in ("AdministratorAccess", "AWSCloudShellFullAccess", "AWSSupportAccess", "ReadOnlyAccess")
)


def all_but(*actions: str, resource: str = "*") -> str:
    said = {"Effect": "Allow", "NotAction": actions, "Resource": resource}
    return json.dumps({"Version": VERSION, "Statement": [said]})


@pytest.mark.parametrize(
    ("check", "bad", "good"),
    [
        ("iam-policy-admin-inline", document("*"), document("s3:*")),
        ("iam-policy-notaction-allow", all_but("iam:*"), all_but("iam:*", resource="arn:aws:s3:::acme")),
    ],
)
def test_policies_inside_each_kind_of_principal(iam: Any, check: str, bad: str, good: str) -> None:
    for said, status in ((bad, FAIL), (good, PASS)):
        iam.put_role_policy(RoleName="web", PolicyName="it", PolicyDocument=said)
        iam.put_group_policy(GroupName="ops", PolicyName="it", PolicyDocument=said)
        iam.put_user_policy(UserName="ann", PolicyName="it", PolicyDocument=said)
        assert verdicts(check) == {"web:it": status, "ops:it": status, "ann:it": status}


OF_AWS = [
    ("iam-policy-admin-aws-managed", ADMINISTRATOR, {"web", "ops", "ann"}),
    ("iam-policy-cloudshell-full", SHELL, {"web", "ops", "ann"}),
    ("iam-role-administrator-access", ADMINISTRATOR, {"web"}),
    ("iam-group-administrator-access", ADMINISTRATOR, {"ops"}),
    ("iam-user-administrator-access", ADMINISTRATOR, {"ann"}),
]


@pytest.fixture
def policies_of_aws(aws: Client, endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """AWS's own policies, a thousand, which moto has only if asked before it is emptied."""
    monkeypatch.setenv("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")
    reset(endpoint)


@pytest.mark.usefixtures("policies_of_aws")
def test_policies_of_aws_that_are_held(iam: Any) -> None:
    for kind, name in (("role", "web"), ("group", "ops"), ("user", "ann")):
        for arn in (ADMINISTRATOR, SHELL, READ):
            getattr(iam, f"attach_{kind}_policy")(**{f"{kind.title()}Name": name, "PolicyArn": arn})
    for check, wrong, holders in OF_AWS:
        held = {(name, arn): FAIL if arn == wrong else PASS for name in holders for arn in (ADMINISTRATOR, SHELL, READ)}
        assert verdicts(check) == {f"{name}/{arn}": status for (name, arn), status in held.items()}


@pytest.mark.usefixtures("policies_of_aws")
def test_who_may_ask_for_support(iam: Any) -> None:
    check = "iam-support-role"
    namesake = iam.create_policy(PolicyName="AWSSupportAccess", PolicyDocument=document("s3:*"))["Policy"]["Arn"]
    for arn, status in ((namesake, FAIL), (SUPPORT, PASS)):
        iam.attach_group_policy(GroupName="ops", PolicyArn=arn)
        assert verdicts(check) == {ACCOUNT: status}


def test_a_managed_policy_counts_once_it_is_held(iam: Any) -> None:
    arn = iam.create_policy(PolicyName="keys", PolicyDocument=document("iam:CreateAccessKey"))["Policy"]["Arn"]
    assert verdicts("iam-privilege-escalation-managed") == {arn: PASS}
    iam.attach_group_policy(GroupName="ops", PolicyArn=arn)
    assert verdicts("iam-privilege-escalation-managed") == {arn: FAIL}


def test_a_boundary_is_no_grant(iam: Any) -> None:
    arn = iam.create_policy(PolicyName="most", PolicyDocument=document("sqs:*"))["Policy"]["Arn"]
    assert verdicts("iam-policy-service-wildcard") == {arn: FAIL}
    iam.put_role_permissions_boundary(RoleName="web", PermissionsBoundary=arn)
    assert verdicts("iam-policy-service-wildcard") == {arn: PASS}
    iam.attach_role_policy(RoleName="web", PolicyArn=arn)
    assert verdicts("iam-policy-service-wildcard") == {arn: FAIL}


def test_all_policies_of_a_principal_together(iam: Any) -> None:
    check = "iam-privilege-escalation-principal"
    assert verdicts(check) == {"ann": PASS, "ops": PASS, "web": PASS}
    iam.put_user_policy(UserName="ann", PolicyName="pass", PolicyDocument=document("iam:PassRole"))
    assert verdicts(check) == {"ann": PASS, "ops": PASS, "web": PASS}
    machines = iam.create_policy(PolicyName="run", PolicyDocument=document("ec2:RunInstances"))["Policy"]["Arn"]
    iam.attach_group_policy(GroupName="ops", PolicyArn=machines)
    assert verdicts(check) == {"ann": FAIL, "ops": PASS, "web": PASS}
    iam.attach_role_policy(RoleName="web", PolicyArn=machines)
    iam.put_role_policy(RoleName="web", PolicyName="pass", PolicyDocument=document("iam:PassRole"))
    assert verdicts(check) == {"ann": FAIL, "ops": PASS, "web": FAIL}
    bound = iam.create_policy(PolicyName="bound", PolicyDocument=document("ec2:*"))["Policy"]["Arn"]
    iam.put_role_permissions_boundary(RoleName="web", PermissionsBoundary=bound)
    assert verdicts(check) == {"ann": FAIL, "ops": PASS, "web": PASS}
    iam.put_group_policy(GroupName="ops", PolicyName="all", PolicyDocument=document("*"))
    assert verdicts(check)["ops"] is PASS  # found as an administrator


def test_where_people_come_from(iam: Any) -> None:
    check = "iam-federation-missing"
    assert set(verdicts(check).values()) == {FAIL}
    iam.create_saml_provider(Name="people", SAMLMetadataDocument="a" * 1000)
    assert set(verdicts(check).values()) == {PASS}


def test_passwords_that_are_remembered(iam: Any) -> None:
    check = "iam-password-policy-reuse"
    assert set(verdicts(check).values()) == {FAIL}
    iam.update_account_password_policy(PasswordReusePrevention=5)
    assert set(verdicts(check).values()) == {FAIL}
    iam.update_account_password_policy(PasswordReusePrevention=24)
    assert set(verdicts(check).values()) == {PASS}


def test_a_user_who_holds_policies(iam: Any) -> None:
    assert verdicts("iam-user-direct-policies") == {"ann": PASS}
    iam.put_user_policy(UserName="ann", PolicyName="it", PolicyDocument=document("s3:Get*"))
    assert verdicts("iam-user-direct-policies") == {"ann": FAIL}


def test_the_keys_and_the_password_of_a_user(iam: Any) -> None:
    unused = ("iam-user-console-unused", "iam-access-key-unused", "iam-user-two-active-keys")
    never = "iam-access-key-never-used"
    assert [verdicts(each) for each in (*unused, never)] == [{"ann": PASS}] * 4
    iam.create_login_profile(UserName="ann", Password="not-a-secret")
    keys = [iam.create_access_key(UserName="ann")["AccessKey"]["AccessKeyId"] for _ in (1, 2)]
    assert [verdicts(each) for each in (*unused, never)] == [{"ann": PASS}, {"ann": PASS}, {"ann": FAIL}, {"ann": FAIL}]
    for key in keys:
        iam.update_access_key(UserName="ann", AccessKeyId=key, Status="Inactive")
    assert [verdicts(each) for each in (*unused, never)] == [{"ann": PASS}] * 4


@pytest.mark.parametrize(
    "check",
    [
        "iam-privilege-escalation-principal",
        "iam-privilege-escalation-managed",
        "iam-policy-service-wildcard",
        "iam-policy-cloudshell-full",
        "iam-support-role",
        "iam-federation-missing",
        "iam-password-policy-reuse",
        "iam-user-console-unused",
        "iam-user-direct-policies",
        "iam-access-key-unused",
        "iam-server-certificate-expired",
        "iam-root-hardware-mfa",
        "iam-root-recent-use",
    ],
)
def test_what_is_denied_is_unknown(aws: Client, allowed_only: Any, check: str) -> None:
    with allowed_only("organizations:ListAccounts"):
        assert set(verdicts(check).values()) == {UNKNOWN}
