"""Checks of the second tier on access, keeping and watching, over a live account: made wrong, and made right."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from checks import REGISTRY, Status, Terms, run
from state import GLOBAL, Inventory, Resource
from tests.checks.live import FAIL, PASS, UNKNOWN, as_expected, pairs, unread, verdicts
from tests.checks.test_rules import judged, live, unseen
from tests.conftest import ACCOUNT, REGION

Client = Callable[..., Any]


def document(**statement: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})


def trusting(**principal: str) -> str:
    return document(Principal=principal, Action="sts:AssumeRole")


def test_roles_and_policies(aws: Client) -> None:
    iam = aws("iam")
    abroad = trusting(AWS="arn:aws:iam::444455556666:root")
    for name, trust in (("bad", abroad), ("good", trusting(AWS=f"arn:aws:iam::{ACCOUNT}:root"))):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)
        iam.put_role_policy(
            RoleName=name,
            PolicyName="it",
            PolicyDocument=document(Action="kms:Decrypt" if name == "bad" else "sns:Publish", Resource="*"),
        )
        iam.create_policy(
            PolicyName=name, PolicyDocument=document(Action="*" if name == "bad" else "s3:Get*", Resource="*")
        )
    reader = iam.create_policy(PolicyName="ReadOnlyAccess", PolicyDocument=document(Action="s3:Get*", Resource="*"))[
        "Policy"
    ]["Arn"]
    iam.attach_role_policy(RoleName="good", PolicyArn=reader)
    iam.create_role(RoleName="trail", AssumeRolePolicyDocument=trusting(Service="cloudtrail.amazonaws.com"))
    names = ("iam-role-confused-deputy", "iam-role-unused", "iam-policy-admin-unattached", "iam-policy-kms-decrypt-all")
    found = verdicts(*names)
    assert (found["iam-role-confused-deputy", "trail"], found["iam-role-confused-deputy", "good"]) == (FAIL, PASS)
    assert found["iam-role-unused", "good"] is PASS
    arn = f"arn:aws:iam::{ACCOUNT}:policy"
    assert pairs(found, f"{arn}/bad", f"{arn}/good", names[2]) == as_expected(names[2])
    inline = sorted(str(status) for (name, id), status in found.items() if name == names[3] and arn not in id)
    assert inline == ["fail", "pass"]


ABROAD = live(
    "aws_iam_role",
    "partner",
    name="partner",
    arn=f"arn:aws:iam::{ACCOUNT}:role/partner",
    assume_role_policy=trusting(AWS="arn:aws:iam::444455556666:root"),
)


@pytest.mark.parametrize(
    ("policy", "wanted"), [("ReadOnlyAccess", FAIL), ("SecurityAudit", PASS), ("AmazonS3ReadOnlyAccess", PASS)]
)
def test_who_reads_everything_from_outside(policy: str, wanted: Status) -> None:
    held = live("aws_iam_role_policy_attachment", role="partner", policy_arn=f"arn:aws:iam::aws:policy/{policy}")
    check = "iam-role-cross-account-readonly"
    assert judged(check, ABROAD, held).status is wanted
    assert judged(check, unseen(ABROAD, "assume_role_policy"), held).status in (wanted, UNKNOWN)
    assert judged(check, ABROAD, unseen(held, "policy_arn")).status is UNKNOWN


@pytest.mark.parametrize(("service", "wanted"), [("s3", FAIL), ("sts", PASS), ("iam", PASS), (None, PASS)])
def test_what_a_key_is_used_on(service: str | None, wanted: Status) -> None:
    facts = {"access_key_1_active": True, "access_key_1_last_used_service": service, "access_key_2_active": False}
    user = Resource(type="aws_iam_user", id="ci", account=ACCOUNT, region=GLOBAL, facts=facts)
    assert judged("iam-user-long-lived-keys", user).status is wanted


def test_passwords(aws: Client) -> None:
    names = ("iam-password-policy-complexity", "iam-password-policy-expiry")
    assert set(verdicts(*names).values()) == {FAIL}
    classes = ("LowercaseCharacters", "UppercaseCharacters", "Numbers", "Symbols")
    aws("iam").update_account_password_policy(**{f"Require{each}": True for each in classes}, MaxPasswordAge=90)
    assert set(verdicts(*names).values()) == {PASS}


def test_organizations(aws: Client) -> None:
    names = ("organizations-region-guardrail", "organizations-tag-policies", "account-in-organization")
    assert verdicts(names[2])[names[2], ACCOUNT] is FAIL
    organizations = aws("organizations")
    organizations.create_organization(FeatureSet="ALL")
    assert {each: status for (each, _), status in verdicts(*names).items()} == {
        names[0]: FAIL,
        names[1]: FAIL,
        names[2]: PASS,
    }
    root = organizations.list_roots()["Roots"][0]["Id"]
    shut = {"StringNotEquals": {"aws:RequestedRegion": [REGION]}}
    deny = {"Effect": "Deny", "NotAction": ["iam:*"], "Resource": "*", "Condition": shut}
    kinds = {
        "SERVICE_CONTROL_POLICY": {"Version": "2012-10-17", "Statement": [deny]},
        "TAG_POLICY": {"tags": {"owner": {"tag_key": {"@@assign": "owner"}}}},
    }
    for kind, content in kinds.items():
        organizations.enable_policy_type(RootId=root, PolicyType=kind)
        made = organizations.create_policy(Content=json.dumps(content), Description="", Name=kind, Type=kind)
        organizations.attach_policy(PolicyId=made["Policy"]["PolicySummary"]["Id"], TargetId=root)
    assert set(verdicts(*names).values()) == {PASS}


def test_buckets(aws: Client) -> None:
    s3 = aws("s3")
    for name in ("bad", "good"):
        s3.create_bucket(
            Bucket=name,
            CreateBucketConfiguration={"LocationConstraint": REGION},
            ObjectLockEnabledForBucket=name == "good",
        )
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_website(Bucket="bad", WebsiteConfiguration={"IndexDocument": {"Suffix": "index.html"}})
    by = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}
    s3.put_bucket_encryption(Bucket="good", ServerSideEncryptionConfiguration={"Rules": [by]})
    ends = {"ID": "old", "Status": "Enabled", "Filter": {}, "NoncurrentVersionExpiration": {"NoncurrentDays": 30}}
    s3.put_bucket_lifecycle_configuration(Bucket="good", LifecycleConfiguration={"Rules": [ends]})
    names = [f"s3-bucket-{each}" for each in ("website-public", "kms-encryption", "object-lock", "noncurrent-expiry")]
    assert pairs(verdicts(*names), "bad", "good", *names) == as_expected(*names)
    assert unread(names[0], "aws_cloudfront_distribution") == {UNKNOWN, PASS}


def test_keys_and_groups(aws: Client) -> None:
    kms, logs = aws("kms"), aws("logs")
    off, on = (kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(2))
    kms.disable_key(KeyId=off)
    assert pairs(verdicts("kms-key-disabled"), off, on, "kms-key-disabled") == as_expected("kms-key-disabled")
    logs.create_log_group(logGroupName="bad")
    logs.create_log_group(logGroupName="good", kmsKeyId=f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{on}")
    assert pairs(verdicts("logs-kms"), "bad", "good", "logs-kms") == as_expected("logs-kms")


POLICIES = [("dynamodb-cross-account", "aws_dynamodb_resource_policy")]
POLICIES += [("secretsmanager-policy-broad", "aws_secretsmanager_secret_policy")]


@pytest.mark.parametrize(("check", "type"), POLICIES)
@pytest.mark.parametrize(("account", "wanted"), [("444455556666", FAIL), (ACCOUNT, PASS)])
def test_policies_of_things(check: str, type: str, account: str, wanted: Status) -> None:
    said = document(Principal={"AWS": f"arn:aws:iam::{account}:root"}, Action="*", Resource="*")
    policy = live(type, policy=said)
    assert judged(check, policy).status is wanted
    assert judged(check, unseen(policy, "policy")).status is UNKNOWN
    assert judged(check, policy, terms=Terms(partner_accounts=("444455556666",))).status is PASS


@pytest.mark.parametrize(
    ("role", "wanted"),
    [
        ("role/config", FAIL),
        ("role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig", PASS),
    ],
)
def test_as_whom_config_looks(role: str, wanted: Status) -> None:
    recorder = live("aws_config_configuration_recorder", role_arn=f"arn:aws:iam::{ACCOUNT}:{role}")
    assert judged("config-recorder-role", recorder).status is wanted
    assert judged("config-recorder-role", unseen(recorder, "role_arn")).status is UNKNOWN


HERE = live("region", "eu-west-1")
TABLE, FUNCTION, BUCKET = (
    live("aws_dynamodb_table"),
    live("aws_lambda_function", function_name="it"),
    live("aws_s3_bucket"),
)
VAULT, MACIE = live("aws_backup_vault"), live("aws_macie2_account", status="ENABLED")
SCANS, OTHERS = (live("aws_inspector2_enabler", resource_types=[each]) for each in ("LAMBDA", "EC2"))


@pytest.mark.parametrize(
    ("check", "there", "wanted"),
    [
        ("backup-vault-exists", (TABLE,), FAIL),
        ("backup-vault-exists", (TABLE, VAULT), PASS),
        ("backup-vault-exists", (), PASS),
        ("macie-enabled", (BUCKET,), FAIL),
        ("macie-enabled", (BUCKET, MACIE), PASS),
        ("macie-enabled", (BUCKET, unseen(MACIE, "status")), UNKNOWN),
        ("inspector-enabled", (FUNCTION,), FAIL),
        ("inspector-enabled", (FUNCTION, OTHERS), FAIL),
        ("inspector-enabled", (FUNCTION, SCANS), PASS),
        ("inspector-enabled", (FUNCTION, unseen(SCANS, "resource_types")), UNKNOWN),
    ],
)
def test_regions(check: str, there: tuple[Resource, ...], wanted: Status) -> None:
    assert judged(check, HERE, *there).status is wanted


DETECTOR = live("aws_guardduty_detector", enable=True, datasources=[])


def feature(name: str, status: str) -> Resource:
    return live("aws_guardduty_detector_feature", name, detector_id="it", name=name, status=status)


@pytest.mark.parametrize(("status", "wanted"), [("ENABLED", PASS), ("DISABLED", FAIL)])
def test_what_a_detector_watches(status: str, wanted: Status) -> None:
    assert judged("guardduty-s3-protection", DETECTOR, feature("S3_DATA_EVENTS", status)).status is wanted
    functions = feature("LAMBDA_NETWORK_LOGS", status)
    assert judged("guardduty-protections", DETECTOR, functions, FUNCTION).status is wanted
    assert judged("guardduty-protections", DETECTOR, functions).status is PASS


def test_functions_and_dead_letters(aws: Client) -> None:
    sqs = aws("sqs")
    urls = {}
    for name in ("bad", "good"):
        sqs.create_queue(QueueName=name)
        to = {"deadLetterTargetArn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}", "maxReceiveCount": 3}
        urls[name] = sqs.get_queue_url(QueueName=name)["QueueUrl"]
        sqs.create_queue(QueueName=f"for-{name}", Attributes={"RedrivePolicy": json.dumps(to)})
    aws("cloudwatch").put_metric_alarm(
        AlarmName="deep",
        Namespace="AWS/SQS",
        MetricName="ApproximateNumberOfMessagesVisible",
        Dimensions=[{"Name": "QueueName", "Value": "good"}],
        Period=300,
        Statistic="Sum",
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
    )
    check = "cloudwatch-no-alarm-dlq"
    assert pairs(verdicts(check), urls["bad"], urls["good"], check) == as_expected(check)


def alarm(namespace: str, metric: str, **dimensions: str) -> Resource:
    said = {"namespace": namespace, "metric_name": metric, "dimensions": dimensions, "metric_query": []}
    return live("aws_cloudwatch_metric_alarm", "alarm", **said)


SERVICE = live("aws_ecs_service", name="shop", cluster=f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/main")


@pytest.mark.parametrize(
    ("check", "thing", "watched", "wanted"),
    [
        ("lambda", FUNCTION, alarm("AWS/Lambda", "Errors", FunctionName="it"), PASS),
        ("lambda", FUNCTION, alarm("AWS/Lambda", "Errors"), PASS),
        ("lambda", FUNCTION, alarm("AWS/Lambda", "Errors", FunctionName="other"), FAIL),
        ("lambda", FUNCTION, alarm("AWS/Lambda", "Duration", FunctionName="it"), FAIL),
        ("ecs", SERVICE, alarm("AWS/ECS", "CPUUtilization", ClusterName="main", ServiceName="shop"), PASS),
        ("ecs", SERVICE, alarm("AWS/ECS", "MemoryUtilization", ClusterName="main"), PASS),
        ("ecs", SERVICE, alarm("AWS/ECS", "CPUUtilization", ClusterName="other", ServiceName="shop"), FAIL),
        ("lambda", FUNCTION, unseen(alarm("AWS/Lambda", "Errors"), "namespace"), UNKNOWN),
    ],
)
def test_what_has_an_alarm(check: str, thing: Resource, watched: Resource, wanted: Status) -> None:
    assert judged(f"cloudwatch-no-alarm-{check}", thing, watched).status is wanted


@pytest.mark.parametrize(
    ("launched", "state", "wanted"),
    [
        ("2026-01-01T00:00:00+00:00", "running", FAIL),
        ("2026-11-01T00:00:00+00:00", "running", PASS),
        ("2026-01-01T00:00:00+00:00", "stopped", PASS),
    ],
)
def test_instances_that_stay(launched: str, state: str, wanted: Status) -> None:
    machine = Resource(
        type="aws_instance",
        id="i-1",
        account=ACCOUNT,
        region=REGION,
        attributes={"instance_state": state},
        facts={"launch_time": launched},
    )
    found = Inventory([machine], taken_at=datetime(2026, 11, 21, tzinfo=UTC))
    [verdict] = run([REGISTRY["cloudwatch-no-alarm-ec2"]], found, Terms())
    assert verdict.status is wanted
