import json

from scanner.collectors.secretsmanager import COLLECTORS, POLICY, ROTATION, SECRET, rules, secret_name
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.compared import only, told, twin
from tests.scanner.standin import answering, refused
from tests.scanner.whole import whole

ARN = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret"
DOCUMENT = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}]}
)


def secret(aws, name="token"):
    tags = [{"Key": "team", "Value": "shop"}]
    return aws("secretsmanager").create_secret(Name=name, Description="T", SecretString="hush", Tags=tags)["ARN"]


def test_secret(aws):
    arn = secret(aws)
    found = read(*COLLECTORS)
    assert whole(only(found, "aws_secretsmanager_secret")) == {
        "its id": arn,
        "its identity": "token",
        "its arn": arn,
        "its owner": None,
        "arn": arn,
        "description": "T",
        "name": "token",
        "tags": {"team": "shop"},
    }
    assert "hush" not in repr(found.resources)
    assert found.gaps == []


def test_changed_by_hand(aws):
    arn = secret(aws)
    before = twin(only(read(SECRET), "aws_secretsmanager_secret"))
    assert told(read(*COLLECTORS), COLLECTORS, before) == set()
    aws("secretsmanager").update_secret(SecretId=arn, Description="Another")
    aws("secretsmanager").put_resource_policy(SecretId=arn, ResourcePolicy=DOCUMENT)
    assert told(read(*COLLECTORS), COLLECTORS, before) == {
        ("changed", "aws_secretsmanager_secret", "description"),
        ("changed", "aws_secretsmanager_secret", "policy"),
    }


def test_policy(aws):
    arn = secret(aws)
    aws("secretsmanager").put_resource_policy(SecretId=arn, ResourcePolicy=DOCUMENT)
    found = only(read(POLICY), "aws_secretsmanager_secret_policy")
    assert whole(found) == {
        "its id": arn,
        "its identity": arn,
        "its arn": None,
        "its owner": None,
        "policy": DOCUMENT,
        "secret_arn": arn,
    }


def test_secret_that_is_to_be_deleted_is_gone_for_drift(aws):
    arn = secret(aws)
    before = twin(only(read(SECRET), "aws_secretsmanager_secret"))
    aws("secretsmanager").delete_secret(SecretId=arn)
    found = read(*COLLECTORS)
    assert only(found, "aws_secretsmanager_secret").fact("pending_deletion") is True
    assert told(found, [SECRET], before) == {("missing", "aws_secretsmanager_secret", "")}


def listed(**more):
    return {"ARN": f"{ARN}:token-AbCdEf", "Name": "token", **more}


def test_rotation():
    rotated = listed(
        RotationEnabled=True,
        RotationLambdaARN="arn:aws:lambda:f",
        RotationRules={"AutomaticallyAfterDays": 30, "Duration": "2h", "ScheduleExpression": "rate(30 days)"},
    )
    with answering({"ListSecrets": {"SecretList": [rotated, listed(Name="still")]}}):
        found = only(read(ROTATION), "aws_secretsmanager_secret_rotation")
    assert whole(found) == {
        "its id": f"{ARN}:token-AbCdEf",
        "its identity": "token",
        "its arn": None,
        "its owner": None,
        "rotation_enabled": True,
        "rotation_lambda_arn": "arn:aws:lambda:f",
        "rotation_rules": [{"duration": "2h", "schedule_expression": "rate(30 days)"}],
        "secret_id": f"{ARN}:token-AbCdEf",
    }


def test_who_made_it():
    secrets = [listed(OwningService="rds"), listed(PrimaryRegion=REGION), listed(PrimaryRegion="us-east-1")]
    with answering({"ListSecrets": {"SecretList": secrets}, "DescribeSecret": listed()}):
        found = read(SECRET)
    owners = [each.owner for each in found.of("aws_secretsmanager_secret")]
    assert sorted(map(str, owners)) == ["None", "rds", "secretsmanager: us-east-1"]


def test_copies_are_unknown_to_whoever_may_not_ask():
    answers = {"ListSecrets": {"SecretList": [listed()]}, "DescribeSecret": refused("AccessDeniedException")}
    with answering(answers):
        found = read(SECRET)
    assert list(only(found, "aws_secretsmanager_secret").unknown) == ["replica"]
    assert [gap.permission for gap in found.gaps] == ["secretsmanager:DescribeSecret"]


def test_names():
    assert secret_name(f"{ARN}:a/token-AbCdEf") == secret_name("a/token") == "a/token"
    assert rules({"automatically_after_days": 7, "schedule_expression": None}) == [
        {"automatically_after_days": 7, "schedule_expression": None}
    ]
