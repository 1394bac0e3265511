"""Tier-2 checks of machines, containers, functions and pipelines: over a live account, else over what was read."""

import io
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from checks import REGISTRY, Status, Terms
from state import Inventory, Resource
from tests.checks.live import FAIL, PASS, SKIPPED, UNKNOWN, as_expected, pairs, unread, verdicts
from tests.checks.test_live_network import network
from tests.checks.test_rules import judged, live, unseen
from tests.conftest import ACCOUNT, REGION

Client = Callable[..., Any]
ROLE = f"arn:aws:iam::{ACCOUNT}:role/shop"


def facts(resource: Resource, **said: Any) -> Resource:
    return resource.replace(facts=said)


# --- over a live account ------------------------------------------------------------------------


def test_functions(aws: Client) -> None:
    iam, functions = aws("iam"), aws("lambda")
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    text = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    every = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as package:
        package.writestr("main.py", "def run(event, context): ...")
    key = aws("kms").create_key()["KeyMetadata"]["Arn"]
    queue = aws("sqs").create_queue(QueueName="failed")["QueueUrl"]
    arn = aws("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    for name, more in {"lax": {}, "strict": {"KMSKeyArn": key}}.items():
        role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=text)["Role"]["Arn"]
        functions.create_function(
            FunctionName=name,
            Runtime="python3.13",
            Role=role,
            Handler="main.run",
            Code={"ZipFile": code.getvalue()},
            Environment={"Variables": {"STAGE": "live"}},
            **more,
        )
        functions.add_permission(
            FunctionName=name,
            StatementId="bucket",
            Action="lambda:InvokeFunction",
            Principal="s3.amazonaws.com",
            SourceArn="arn:aws:s3:::uploads",
        )
    functions.put_function_event_invoke_config(
        FunctionName="strict", DestinationConfig={"OnFailure": {"Destination": arn}}
    )
    iam.put_role_policy(RoleName="lax", PolicyName="all", PolicyDocument=json.dumps(every))
    checks = ("lambda-shared-admin-role", "lambda-env-cmk", "lambda-dead-letter")
    assert pairs(verdicts(*checks), "lax", "strict", *checks) == as_expected(*checks)
    assert unread("lambda-shared-admin-role", "aws_iam_role_policy_attachment") == {FAIL, UNKNOWN}
    assert unread("lambda-dead-letter", "aws_lambda_permission") == {UNKNOWN, PASS}


def test_clusters(aws: Client) -> None:
    eks, made = aws("eks"), network(aws("ec2"), "10.0.0.0/16")
    subnets = [made["a"], made["b"]]
    for name, private in (("lax", False), ("strict", True)):
        within = {"subnetIds": subnets, "endpointPrivateAccess": private}
        eks.create_cluster(name=name, version="1.34", roleArn=ROLE, resourcesVpcConfig=within)
        eks.create_nodegroup(
            clusterName=name,
            nodegroupName="main",
            subnets=subnets,
            nodeRole=ROLE,
            scalingConfig={"minSize": 2, "maxSize": 6 if private else 2, "desiredSize": 2},
        )
    check = "eks-nodegroup-scaling"
    assert pairs(verdicts(check), "lax:main", "strict:main", check) == as_expected(check)
    check = "eks-private-endpoint"
    assert pairs(verdicts(check), "lax", "strict", check) == as_expected(check)


def test_machines(aws: Client) -> None:
    ec2 = aws("ec2")

    def machine(type: str, watched: bool) -> str:
        asked = {"ImageId": "ami-1", "InstanceType": type, "Monitoring": {"Enabled": watched}}
        return str(ec2.run_instances(MinCount=1, MaxCount=1, **asked)["Instances"][0]["InstanceId"])

    lax, strict = machine("m3.large", False), machine("m7i.large", True)
    checks = ("ec2-instance-detailed-monitoring", "ec2-instance-previous-generation")
    found = verdicts(*checks, "ec2-instance-too-old")
    assert pairs(found, lax, strict, *checks) == as_expected(*checks)
    assert found["ec2-instance-too-old", lax] is PASS  # just started
    made = [ec2.create_security_group(GroupName=name, Description="x") for name in ("launch-wizard-3", "web")]
    wizard, web = (str(each["GroupId"]) for each in made)
    check = "sg-launch-wizard"
    assert pairs(verdicts(check), wizard, web, check) == as_expected(check)


def test_stacks_and_builds(aws: Client) -> None:
    resources = {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {}}}
    ids = [
        aws("cloudformation").create_stack(
            StackName=name,
            TemplateBody=json.dumps({"Resources": resources}),
            EnableTerminationProtection=name == "strict",
        )["StackId"]
        for name in ("lax", "strict")
    ]
    check = "cloudformation-termination-protection"
    assert pairs(verdicts(check), *ids, check) == as_expected(check)
    for name, level in (("lax", "OFF"), ("strict", "ERROR")):
        aws("stepfunctions").create_state_machine(
            name=name,
            definition=json.dumps({"StartAt": "End", "States": {"End": {"Type": "Succeed"}}}),
            roleArn=ROLE,
            loggingConfiguration={"level": level},
        )
    check, arn = "stepfunctions-logging", f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine"
    assert pairs(verdicts(check), f"{arn}:lax", f"{arn}:strict", check) == as_expected(check)
    athena = aws("athena")
    encrypted = {"EncryptionConfiguration": {"EncryptionOption": "SSE_S3"}, "OutputLocation": "s3://results/"}
    for name, result in (("lax", {"OutputLocation": "s3://results/"}), ("strict", encrypted)):
        asked = {"EnforceWorkGroupConfiguration": True, "ResultConfiguration": result}
        athena.create_work_group(Name=name, Configuration=asked)
    check = "athena-workgroup-encryption"
    found = verdicts(check)
    assert pairs(found, "lax", "strict", check) == as_expected(check)
    assert found[check, "primary"] is SKIPPED


# --- over what was read -------------------------------------------------------------------------

CLUSTER = live("aws_eks_cluster", "main", name="main", version="1.35")
ON = [{"encryption_at_rest": [{"catalog_encryption_mode": "SSE-KMS"}]}]
TASK = live("aws_ecs_task_definition", "shop", arn="arn:shop", runtime_platform=[])


@pytest.mark.parametrize(
    ("check", "type", "attributes", "others", "verdict"),
    [
        ("ecs-service-platform-version", "aws_ecs_service", {"platform_version": "1.2.0"}, (), FAIL),
        ("ecs-service-platform-version", "aws_ecs_service", {"platform_version": None}, (), PASS),
        ("ecs-service-platform-version", "aws_ecs_service", {"platform_version": "2.0.0"}, (), UNKNOWN),
        (
            "ecs-service-platform-version",
            "aws_ecs_service",
            {"platform_version": "1.0.0", "task_definition": "arn:shop"},
            (TASK,),
            FAIL,
        ),
        (
            "ecs-service-platform-version",
            "aws_ecs_service",
            {"platform_version": "1.0.0", "task_definition": "arn:other"},
            (TASK,),
            UNKNOWN,
        ),
        ("ecs-service-exec-enabled", "aws_ecs_service", {"enable_execute_command": True}, (), FAIL),
        ("ecs-service-exec-enabled", "aws_ecs_service", {"enable_execute_command": False}, (), PASS),
        ("tag-ecs-propagation", "aws_ecs_service", {"propagate_tags": "NONE"}, (), FAIL),
        ("tag-ecs-propagation", "aws_ecs_service", {"propagate_tags": "TASK_DEFINITION"}, (), PASS),
        ("eks-deletion-protection", "aws_eks_cluster", {"deletion_protection": None}, (), FAIL),
        ("eks-deletion-protection", "aws_eks_cluster", {"deletion_protection": True}, (), PASS),
        (
            "eks-nodegroup-version-skew",
            "aws_eks_node_group",
            {"cluster_name": "main", "version": "1.9"},
            (CLUSTER,),
            FAIL,
        ),
        (
            "eks-nodegroup-version-skew",
            "aws_eks_node_group",
            {"cluster_name": "main", "version": "1.35"},
            (CLUSTER,),
            PASS,
        ),
        (
            "eks-nodegroup-version-skew",
            "aws_eks_node_group",
            {"cluster_name": "main", "version": None},
            (CLUSTER,),
            UNKNOWN,
        ),
        (
            "eks-nodegroup-version-skew",
            "aws_eks_node_group",
            {"cluster_name": "other", "version": "1.35"},
            (CLUSTER,),
            UNKNOWN,
        ),
        ("eks-nodegroup-scaling", "aws_eks_node_group", {"scaling_config": [{"min_size": 1}]}, (), UNKNOWN),
        (
            "glue-catalog-encryption",
            "aws_glue_data_catalog_encryption_settings",
            {"data_catalog_encryption_settings": []},
            (),
            SKIPPED,
        ),
        (
            "glue-catalog-encryption",
            "aws_glue_data_catalog_encryption_settings",
            {"data_catalog_encryption_settings": ON},
            (live("aws_glue_connection"),),
            FAIL,
        ),
        ("codebuild-logging", "aws_codebuild_project", {"logs_config": []}, (), PASS),
        ("asg-mixed-instances", "aws_autoscaling_group", {"mixed_instances_policy": []}, (), FAIL),
        (
            "asg-mixed-instances",
            "aws_autoscaling_group",
            {"mixed_instances_policy": [{"launch_template": [{"override": []}]}]},
            (),
            UNKNOWN,
        ),
        ("ec2-imdsv2-account-default", "aws_ec2_instance_metadata_defaults", {"http_tokens": "optional"}, (), SKIPPED),
        (
            "ec2-ami-block-public-access",
            "aws_ec2_image_block_public_access",
            {"state": "unblocked"},
            (live("aws_instance"),),
            FAIL,
        ),
    ],
)
def test_what_the_examples_leave_out(
    check: str, type: str, attributes: dict[str, Any], others: tuple[Resource, ...], verdict: Status
) -> None:
    assert judged(check, live(type, name="it", **attributes), *others).status is verdict


@pytest.mark.parametrize(
    ("task", "verdict"),
    [
        ({"task_role_arn": None}, FAIL),
        ({"task_role_arn": "a", "execution_role_arn": "a"}, FAIL),
        ({"task_role_arn": "a", "execution_role_arn": None}, PASS),
    ],
)
def test_roles_of_tasks(task: dict[str, Any], verdict: Status) -> None:
    found = live("aws_ecs_task_definition", family="shop", **task)
    assert judged("ecs-task-role-missing", found).status is verdict
    assert judged("ecs-task-role-missing", unseen(found, "task_role_arn")).status is UNKNOWN


def test_a_role_that_five_functions_share() -> None:
    functions = [live("aws_lambda_function", str(n), function_name=str(n), role=ROLE) for n in range(5)]
    assert judged("lambda-shared-admin-role", *functions).status is FAIL
    assert judged("lambda-shared-admin-role", *functions[:4]).status is PASS


@pytest.mark.parametrize(("day", "verdict"), [(1, FAIL), (20, PASS)])
def test_old_machines(day: int, verdict: Status) -> None:
    month = 1 if verdict is FAIL else 11
    found = facts(live("aws_instance", instance_state="running"), launch_time=f"2026-{month:02}-{day:02}T00:00:00Z")
    inventory = Inventory([found], taken_at=datetime(2026, 11, 21, tzinfo=UTC))
    assert REGISTRY["ec2-instance-too-old"].judge(found, inventory, Terms()).status is verdict


@pytest.mark.parametrize(("tags", "verdict"), [({}, FAIL), ({"Owner": "shop"}, PASS)])
def test_snapshots_of_an_instances_volume(tags: dict[str, str], verdict: Status) -> None:
    snapshot = live("aws_ebs_snapshot", "snap-1", volume_id="vol-1", tags=tags)
    volume = facts(live("aws_ebs_volume", "vol-1", tags=tags), attachments=[{"instance_id": "i-1"}])
    machine = live("aws_instance", "i-1", tags={"owner": "shop"})
    check = "tag-volume-snapshot-inherit"
    assert judged(check, snapshot, volume, machine).status is verdict
    assert judged(check, volume, machine).status is verdict
    assert judged(check, volume).status is UNKNOWN
