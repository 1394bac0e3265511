from __future__ import annotations

import pytest

from scanner.collectors import kms
from scanner.collectors.kms_grants import GRANT, maker
from scanner.needs import needs
from state import Inventory
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.compared import declared, only, told, twin
from tests.scanner.standin import answering, refused
from tests.scanner.whole import whole

ARN = f"arn:aws:kms:{REGION}:{ACCOUNT}:key"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/agent"
OTHER = "arn:aws:iam::210987654321:root"
COLLECTORS = [*kms.COLLECTORS, GRANT]
OWN, OF_AWS = "72693cd0-1bb2-44c8-a8e9-3cd861a0579d", "11111111-1bb2-44c8-a8e9-3cd861a0579d"
BY = f"arn:aws:iam::{ACCOUNT}:root"


def test_grant(aws):
    key = aws("kms").create_key()["KeyMetadata"]["KeyId"]
    grant = aws("kms").create_grant(
        KeyId=key,
        Name="agent",
        GranteePrincipal=ROLE,
        RetiringPrincipal=OTHER,
        Operations=["Decrypt", "Encrypt"],
        Constraints={"EncryptionContextSubset": {"Department": "Sales"}},
    )["GrantId"]
    found = only(read(GRANT), "aws_kms_grant")
    assert whole(found) == {
        "its id": f"{key}:{grant}",
        "its identity": f"{key}/{grant}",
        "its arn": None,
        "its owner": None,
        "constraints": [{"encryption_context_subset": {"Department": "Sales"}}],
        "grant_id": grant,
        "grantee_principal": ROLE,
        "key_id": key,
        "name": "agent",
        "operations": ["Decrypt", "Encrypt"],
        "retiring_principal": OTHER,
    }
    by_arn = twin(found, key_id=f"{ARN}/{key}", id=f"{ARN}/{key}:{grant}", operations=["Encrypt", "Decrypt"])
    assert told(read(GRANT), COLLECTORS, by_arn) == set()
    aws("kms").revoke_grant(KeyId=key, GrantId=grant)
    assert told(read(GRANT), COLLECTORS, by_arn) == {("missing", "aws_kms_grant", "")}


def test_a_grant_by_hand_is_drift_of_its_key_and_one_of_a_service_is_not(aws):
    id = aws("kms").create_key()["KeyMetadata"]["KeyId"]
    before = read(*COLLECTORS)
    key = twin(only(before, "aws_kms_key"))
    assert told(before, COLLECTORS, key) == set()
    aws("kms").create_grant(KeyId=id, GranteePrincipal=f"rds.{REGION}.amazonaws.com", Operations=["Decrypt"])
    assert told(read(*COLLECTORS), COLLECTORS, key) == set()
    grant = aws("kms").create_grant(KeyId=id, GranteePrincipal=OTHER, Operations=["Decrypt"])["GrantId"]
    assert told(read(*COLLECTORS), COLLECTORS, key) == {("changed", "aws_kms_key", f"grant[{grant}]")}
    assert told(read(*COLLECTORS), COLLECTORS) == {("unmanaged", "aws_kms_key", "")}


@pytest.mark.parametrize(
    ("grant", "owner"),
    [
        ({"GranteePrincipal": OTHER}, None),
        ({"GranteePrincipal": ROLE, "RetiringPrincipal": OTHER, "IssuingAccount": BY}, None),
        ({"GranteePrincipal": f"dynamodb.{REGION}.amazonaws.com"}, "dynamodb"),
        ({"GranteePrincipal": "sns.amazonaws.com.cn"}, "sns"),
        ({"GranteePrincipal": ROLE, "RetiringPrincipal": "fsx.amazonaws.com"}, "fsx"),
        ({"GranteePrincipal": f"arn:aws:sts::{ACCOUNT}:assumed-role/aws:ec2-infrastructure/i-1"}, "ec2"),
        (
            {
                "GranteePrincipal": ROLE,
                "IssuingAccount": BY,
                "Constraints": {"EncryptionContextEquals": {"aws:lambda:FunctionArn": "arn:f"}},
            },
            "lambda",
        ),
        (
            {
                "GranteePrincipal": OTHER,
                "IssuingAccount": BY,
                "Constraints": {"EncryptionContextEquals": {"aws:lambda:FunctionArn": "arn:f"}},
            },
            None,
        ),
        (
            {
                "GranteePrincipal": ROLE,
                "IssuingAccount": BY,
                "Constraints": {"EncryptionContextSubset": {"Department": "aws:x:"}},
            },
            None,
        ),
        (
            {
                "GranteePrincipal": f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/autoscaling.amazonaws.com/Scaling",
                "IssuingAccount": BY,
            },
            None,
        ),
        ({"GranteePrincipal": "arn:aws:iam::1:user/x.amazonaws.com"}, None),
        ({}, None),
    ],
)
def test_who_made_it(grant, owner):
    assert maker(grant) == owner


def answers(**grants):
    keys = [{"KeyId": each, "KeyArn": f"{ARN}/{each}"} for each in (OWN, OF_AWS)]
    aliases = [{"AliasName": "alias/aws/ebs", "TargetKeyId": OF_AWS}, {"AliasName": "alias/aws/never-used"}]
    return {"ListKeys": {"Keys": keys}, "ListAliases": {"Aliases": aliases}, **grants}


def test_keys_of_aws_are_not_asked_and_nothing_is_asked_twice():
    granted = {"Grants": [{"GrantId": "g", "KeyId": f"{ARN}/{OWN}", "GranteePrincipal": ROLE}], "Truncated": False}
    with answering(answers(ListGrants=granted)) as aws:
        found = read(GRANT, kms.ALIAS)
    assert only(found, "aws_kms_grant").id == f"{OWN}:g"
    assert sorted(aws.asked) == ["ListAliases", "ListGrants", "ListKeys"]


@pytest.mark.parametrize(("error", "kinds"), [("AccessDeniedException", ["denied"]), ("NotFoundException", [])])
def test_refused_is_a_gap_and_a_key_that_went_has_none(error, kinds):
    with answering(answers(ListGrants=refused(error))):
        found = read(GRANT)
    assert (list(found.of("aws_kms_grant")), [gap.kind for gap in found.gaps]) == ([], kinds)


@pytest.mark.parametrize(("type", "asked"), [("aws_kms_key", True), ("aws_kms_grant", True), ("aws_s3_bucket", False)])
def test_they_are_asked_for_where_a_key_or_a_grant_is_declared(type, asked):
    found = needs(COLLECTORS, [], Inventory([declared(type, "x")]), drift=True, everything=False)
    assert (GRANT in found.collectors) is asked
