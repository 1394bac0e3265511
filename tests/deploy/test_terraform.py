"""deploy/ through the real terraform and AWS provider: what it makes in moto, and a scan that runs on that."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scanner.aws.operations import ORGANIZATION
from scanner.handler import handler, settings_from
from tests.conftest import ACCOUNT, REGION, enforce
from tests.scanner import deployment
from tests.witness.terraform import Terraform, lacking

pytestmark = [pytest.mark.terraform, pytest.mark.skipif(bool(lacking()), reason=lacking() or "all is there")]

DEPLOY = Path(__file__).parents[2] / "deploy"
IMAGE = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/driftline@sha256:{'0' * 64}"
AUDIT = f"arn:aws:iam::{ACCOUNT}:role/driftline-audit"


WITHOUT_LIFECYCLE = 'resource "aws_s3_bucket_lifecycle_configuration" "database" { count = 0 }'
"""The provider looks at a new one for 50 seconds, to see that it stays as it is."""


def applied(endpoint: str, folder: Path, **variables: Any) -> dict[str, Any]:
    """The outputs of deploy/ once it is applied."""
    shutil.copytree(DEPLOY, folder)
    asked = {"image": IMAGE, "external_id": "as-agreed", "states": ["s3://acme-tf/logs.tfstate"]}
    asked |= {"state_buckets": ["arn:aws:s3:::acme-tf"], "settings": deployment.SETTINGS}
    (folder / "terraform.tfvars.json").write_text(json.dumps(asked | variables))
    (folder / "faster_override.tf").write_text(WITHOUT_LIFECYCLE)
    terraform = Terraform(folder, endpoint)
    terraform("apply", "-auto-approve", "-input=false")
    return {name: each["value"] for name, each in json.loads(terraform("output", "-json")).items()}


def test_it_is_formatted_and_valid(tmp_path: Path) -> None:
    shutil.copytree(DEPLOY, tmp_path / "deploy")
    terraform = Terraform(tmp_path / "deploy", "http://127.0.0.1:9")
    assert terraform("fmt", "-check", "-recursive") == ""
    assert "The configuration is valid" in terraform("validate")
    assert "The configuration is valid" in Terraform(tmp_path / "deploy/member-roles", "http://127.0.0.1:9")("validate")


def statements(iam: Any, role: str) -> dict[str, tuple[list[str], list[str]]]:
    """(actions, resources) of each inline statement of a role."""
    found = {}
    for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
        for each in iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]["Statement"]:
            found[each.get("Sid") or str(each["Action"])] = many(each["Action"]), many(each["Resource"])
    return found


def many(value: Any) -> list[str]:
    return sorted(value) if isinstance(value, list) else [value]


def trust(iam: Any, role: str) -> Any:
    [statement] = iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]["Statement"]
    return statement["Principal"], statement.get("Condition")


def attached(iam: Any, role: str) -> list[Any]:
    """The documents of a role's managed policies."""
    found = []
    for each in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]:
        versions = iam.list_policy_versions(PolicyArn=each["PolicyArn"])["Versions"]
        found += [version["Document"] for version in versions if version["IsDefaultVersion"]]
    return found


def target(aws: Any) -> Any:
    return aws("scheduler").get_schedule(Name="driftline")["Target"]


def test_as_a_lambda_function(aws: Callable[..., Any], endpoint: str, tmp_path: Path) -> None:
    made = applied(endpoint, tmp_path / "deploy")
    bucket = made["database"].removeprefix("s3://").partition("/")[0]
    function = aws("lambda").get_function_configuration(FunctionName="driftline")
    assert function["Environment"]["Variables"] == {
        "DRIFTLINE_FROM": "s3://acme-tf/logs.tfstate",
        "DRIFTLINE_SETTINGS": deployment.SETTINGS,
        "DRIFTLINE_ROLE_ARN": AUDIT,
        "DRIFTLINE_EXTERNAL_ID": "as-agreed",
        "DRIFTLINE_DATABASE": made["database"],
        "DRIFTLINE_SLACK_SECRET": made["slack_secret"],
    }
    assert function["Role"] == made["task_role"]
    assert (target(aws)["Arn"], target(aws)["RetryPolicy"]["MaximumRetryAttempts"]) == (function["FunctionArn"], 0)
    asynchronous = aws("lambda").get_function_event_invoke_config(FunctionName="driftline")
    assert asynchronous["MaximumRetryAttempts"] == 0
    iam = aws("iam")
    log = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/driftline:*"
    assert statements(iam, "driftline-task") == {
        "FindStates": (["s3:ListBucket"], ["arn:aws:s3:::acme-tf"]),
        "ReadStates": (["s3:GetObject"], ["arn:aws:s3:::acme-tf/*"]),
        "FindDatabase": (["s3:ListBucket"], [f"arn:aws:s3:::{bucket}"]),
        "KeepDatabase": (["s3:GetObject", "s3:PutObject"], [f"arn:aws:s3:::{bucket}/history.sqlite"]),
        "ReadSlackWebhook": (["secretsmanager:GetSecretValue"], [made["slack_secret"]]),
        "Look": (["sts:AssumeRole"], [AUDIT]),
        "Log": (["logs:CreateLogStream", "logs:PutLogEvents"], [log]),
    }
    assert statements(iam, "driftline-schedule") == {
        "lambda:InvokeFunction": (["lambda:InvokeFunction"], [function["FunctionArn"]])
    }
    assert attached(iam, "driftline-audit") == json.loads((DEPLOY / "member-role/audit-policy.json").read_text())
    assert trust(iam, "driftline-audit") == (
        {"AWS": made["task_role"]},
        {"StringEquals": {"sts:ExternalId": "as-agreed"}},
    )
    assert trust(iam, "driftline-task") == ({"Service": "lambda.amazonaws.com"}, None)
    assert_kept(aws("s3"), bucket)


def assert_kept(s3: Any, bucket: str) -> None:
    """Versions, encryption, no public access, TLS only."""
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    assert set(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values()) == {True}
    [rule] = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "aws:kms"}
    [statement] = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])["Statement"]
    assert (statement["Effect"], statement["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})


def test_for_an_organization(aws: Callable[..., Any], endpoint: str, tmp_path: Path) -> None:
    applied(endpoint, tmp_path / "deploy", org=True, slack=False)
    variables = aws("lambda").get_function_configuration(FunctionName="driftline")["Environment"]["Variables"]
    settings = settings_from(variables)
    assert (settings.org, settings.role_name, settings.role_arn) == (True, "driftline-audit", AUDIT)
    assert settings.external_id == "as-agreed"
    assert settings.types == settings_from({"DRIFTLINE_SETTINGS": deployment.SETTINGS}).types
    may = statements(aws("iam"), "driftline-task")
    assert may["Look"] == (["sts:AssumeRole"], sorted([AUDIT, "arn:aws:iam::*:role/driftline-audit"]))
    assert may["FindAccounts"] == (sorted(ORGANIZATION), ["*"])


def test_accounts_by_a_role_of_another_name(aws: Callable[..., Any], endpoint: str, tmp_path: Path) -> None:
    applied(endpoint, tmp_path / "deploy", member_role="auditors/driftline", slack=False)
    variables = aws("lambda").get_function_configuration(FunctionName="driftline")["Environment"]["Variables"]
    assert (settings_from(variables).org, settings_from(variables).role_name) == (False, "auditors/driftline")
    may = statements(aws("iam"), "driftline-task")
    assert may["Look"] == (["sts:AssumeRole"], sorted([AUDIT, "arn:aws:iam::*:role/auditors/driftline"]))
    assert "FindAccounts" not in may


def test_the_role_of_every_account_is_that_of_one(aws: Callable[..., Any], endpoint: str, tmp_path: Path) -> None:
    """moto makes no stacks of a StackSet in an organization; its template is applied as a stack."""
    shutil.copytree(DEPLOY, tmp_path / "deploy")
    folder = tmp_path / "deploy/member-roles"
    asked = {"trusted": f"arn:aws:iam::{ACCOUNT}:role/driftline-task", "external_id": "as-agreed", "units": ["r-acme"]}
    (folder / "terraform.tfvars.json").write_text(json.dumps(asked))
    plan = Terraform(folder, endpoint)
    plan("plan", "-input=false", "-out=plan")
    planned = json.loads(plan("show", "-json", "plan"))["planned_values"]["root_module"]["resources"]
    made = {each["type"]: each["values"] for each in planned}
    roles, instance = made["aws_cloudformation_stack_set"], made["aws_cloudformation_stack_set_instance"]
    assert (roles["permission_model"], roles["capabilities"]) == ("SERVICE_MANAGED", ["CAPABILITY_NAMED_IAM"])
    assert instance["deployment_targets"][0]["organizational_unit_ids"] == ["r-acme"]
    stacks, iam = aws("cloudformation"), aws("iam")
    stacks.create_stack(StackName="x", TemplateBody=roles["template_body"], Capabilities=roles["capabilities"])
    assert attached(iam, "driftline-audit") == json.loads((DEPLOY / "member-role/audit-policy.json").read_text())
    assert trust(iam, "driftline-audit") == (
        {"AWS": asked["trusted"]},
        {"StringEquals": {"sts:ExternalId": "as-agreed"}},
    )


def as_moto_sees_it(aws: Callable[..., Any], made: dict[str, Any]) -> None:
    """moto has no TLS, and takes a session of a role for another principal than the role."""
    aws("s3").delete_bucket_policy(Bucket=made["database"].removeprefix("s3://").partition("/")[0])
    document = aws("iam").get_role(RoleName="driftline-audit")["Role"]["AssumeRolePolicyDocument"]
    document["Statement"][0]["Principal"]["AWS"] = f"arn:aws:sts::{ACCOUNT}:assumed-role/driftline-task/task"
    aws("iam").update_assume_role_policy(RoleName="driftline-audit", PolicyDocument=json.dumps(document))


def test_as_a_fargate_task_whose_role_is_all_that_a_scan_needs(
    aws: Callable[..., Any], endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployment.make(aws, "https://hooks.slack.com/services/x")
    variables = {"compute": "fargate", "subnets": ["subnet-1"], "slack": False}
    made = applied(endpoint, tmp_path / "deploy", **variables)
    [task] = [
        aws("ecs").describe_task_definition(taskDefinition=arn)["taskDefinition"]
        for arn in aws("ecs").list_task_definitions()["taskDefinitionArns"]
    ]
    [container] = task["containerDefinitions"]
    assert (container["image"], container["entryPoint"]) == (IMAGE, ["driftline-task"])
    assert task["taskRoleArn"] == made["task_role"]
    assert "slack_secret" not in made
    ecs = target(aws)["EcsParameters"]
    assert (ecs["TaskDefinitionArn"], ecs["LaunchType"]) == (task["taskDefinitionArn"], "FARGATE")
    iam = aws("iam")
    assert trust(iam, "driftline-task") == (
        {"Service": "ecs-tasks.amazonaws.com"},
        {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
    )
    assert {"ReadSlackWebhook", "Log"} & statements(iam, "driftline-task").keys() == set()

    for each in container["environment"]:
        monkeypatch.setenv(each["name"], each["value"])
    key = aws("sts").assume_role(RoleArn=made["task_role"], RoleSessionName="task")["Credentials"]
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", key["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", key["SecretAccessKey"])
    monkeypatch.setenv("AWS_SESSION_TOKEN", key["SessionToken"])
    as_moto_sees_it(aws, made)
    enforce(endpoint, "0")
    try:
        done = handler(None, None)
    finally:
        enforce(endpoint, "inf")
    assert (done["gaps"], done["failed"]) == (0, [])
