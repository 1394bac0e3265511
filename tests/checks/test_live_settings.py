"""Checks that one setting of a thing decides, over a live account: made wrong, and made right beside it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from checks import REGISTRY, Status, Terms, run
from scanner.collectors import collectors
from tests.checks.live import FAIL, PASS, UNKNOWN, inventory_for, verdicts
from tests.checks.test_rules import judged, live
from tests.conftest import ACCOUNT, REGION, read

Client = Callable[..., Any]
ROLE = f"arn:aws:iam::{ACCOUNT}:role/it"
BOTH = (FAIL, PASS)


def project(aws: Client, name: str, location: str, privileged: bool) -> None:
    machine = {"type": "LINUX_CONTAINER", "image": "it", "computeType": "BUILD_GENERAL1_SMALL"}
    aws("codebuild").create_project(
        name=name,
        source={"type": "BITBUCKET", "location": location},
        artifacts={"type": "NO_ARTIFACTS"},
        environment=machine | {"privilegedMode": privileged},
        serviceRole=ROLE,
    )


def projects(aws: Client) -> None:
    project(aws, "a-wrong", "https://ci:hunter2@bitbucket.org/acme/shop.git", True)
    project(aws, "b-right", "https://ci@bitbucket.org/acme/shop.git", False)


def subscriptions(aws: Client) -> None:
    for name, protocol in (("a-wrong", "http"), ("b-right", "https")):
        topic = aws("sns").create_topic(Name=name)["TopicArn"]
        aws("sns").subscribe(TopicArn=topic, Protocol=protocol, Endpoint=f"{protocol}://shop.example.com")


def gateways(aws: Client) -> None:
    for accepts in ("enable", "disable"):
        aws("ec2").create_transit_gateway(Options={"AutoAcceptSharedAttachments": accepts})


def log_policies(aws: Client) -> None:
    for name, principal in (("a-wrong", "*"), ("b-right", {"Service": "route53.amazonaws.com"})):
        said = {"Effect": "Allow", "Principal": principal, "Action": "logs:PutLogEvents", "Resource": "*"}
        aws("logs").put_resource_policy(
            policyName=name, policyDocument=json.dumps({"Version": "2012-10-17", "Statement": [said]})
        )


def templates(aws: Client) -> None:
    for name, public, tokens in (("a-wrong", True, "optional"), ("b-right", False, "required")):
        interface = {"DeviceIndex": 0, "AssociatePublicIpAddress": public}
        said = {"NetworkInterfaces": [interface], "MetadataOptions": {"HttpTokens": tokens}}
        aws("ec2").create_launch_template(LaunchTemplateName=name, LaunchTemplateData=said)


def points(aws: Client) -> None:
    names = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
    for name, shut in (("a-wrong", False), ("b-right", True)):
        block = dict.fromkeys(names, True) | {"BlockPublicPolicy": shut}
        aws("s3control").create_access_point(
            AccountId=ACCOUNT, Name=name, Bucket="orders", PublicAccessBlockConfiguration=block
        )


def domains(aws: Client) -> None:
    logs = {"CloudWatchLogsLogGroupArn": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:it", "Enabled": True}
    for name, right in (("a-wrong", False), ("b-right", True)):
        aws("opensearch").create_domain(
            DomainName=name,
            AdvancedSecurityOptions={"Enabled": right, "InternalUserDatabaseEnabled": False},
            LogPublishingOptions={"AUDIT_LOGS" if right else "INDEX_SLOW_LOGS": logs},
        )


def node_groups(aws: Client) -> None:
    eks = aws("eks")
    eks.create_cluster(name="main", roleArn=ROLE, resourcesVpcConfig={"subnetIds": []})
    for name, more in (("a-wrong", {}), ("b-right", {"sourceSecurityGroups": ["sg-1"]})):
        eks.create_nodegroup(
            clusterName="main", nodegroupName=name, subnets=[], nodeRole=ROLE, remoteAccess={"ec2SshKey": "ops"} | more
        )


def stages(aws: Client) -> None:
    gateway = aws("apigateway")
    api = gateway.create_rest_api(name="shop")["id"]
    root = gateway.get_resources(restApiId=api)["items"][0]["id"]
    gateway.put_method(restApiId=api, resourceId=root, httpMethod="GET", authorizationType="NONE")
    gateway.put_integration(restApiId=api, resourceId=root, httpMethod="GET", type="MOCK")
    deployment = gateway.create_deployment(restApiId=api)["id"]
    for name, value in (("a_wrong", "hunter2"), ("b_right", "arn:aws:secretsmanager:eu-west-1:1:secret:it")):
        gateway.create_stage(restApiId=api, stageName=name, deploymentId=deployment, variables={"db_password": value})


def endpoints(aws: Client) -> None:
    for name, mode in (("a-wrong", "none"), ("b-right", "require")):
        aws("dms").create_endpoint(
            EndpointIdentifier=name, EndpointType="source", EngineName="postgres", SslMode=mode, ServerName="db"
        )


def definitions(aws: Client) -> None:
    for family, encryption in (("a-wrong", "DISABLED"), ("b-right", "ENABLED")):
        mount = {"fileSystemId": "fs-1", "transitEncryption": encryption}
        aws("ecs").register_task_definition(
            family=family,
            containerDefinitions=[{"name": "shop", "image": "shop:1", "memory": 128}],
            volumes=[{"name": "files", "efsVolumeConfiguration": mount}],
        )


def jobs(aws: Client) -> None:
    for name, arguments in (("a-wrong", {"--db-password": "hunter2"}), ("b-right", {"--db-secret-arn": "arn:it"})):
        aws("glue").create_job(Name=name, Role=ROLE, Command={"Name": "glueetl"}, DefaultArguments=arguments)


def documents(aws: Client) -> None:
    content = json.dumps({"schemaVersion": "2.2", "mainSteps": []})
    for name, account in (("a-wrong", "All"), ("b-right", "111111111111")):
        aws("ssm").create_document(Name=name, Content=content, DocumentType="Command")
        aws("ssm").modify_document_permission(Name=name, PermissionType="Share", AccountIdsToAdd=[account])


def ways_into_files(aws: Client) -> None:
    files = aws("efs").create_file_system(CreationToken="it")["FileSystemId"]
    for path, more in (("/", {}), ("/shop", {"PosixUser": {"Uid": 1000, "Gid": 1000}})):
        aws("efs").create_access_point(ClientToken=path, FileSystemId=files, RootDirectory={"Path": path}, **more)


MADE: dict[str, Callable[[Client], None]] = {
    "apigateway-stage-secrets": stages,
    "codebuild-privileged": projects,
    "codebuild-source-credentials": projects,
    "dms-endpoint-tls": endpoints,
    "ec2-launch-template-imdsv2": templates,
    "ec2-launch-template-public-ip": templates,
    "ecs-task-efs-no-tls": definitions,
    "efs-access-point-root": ways_into_files,
    "eks-nodegroup-remote-access": node_groups,
    "glue-job-secrets": jobs,
    "logs-public": log_policies,
    "opensearch-audit-logs": domains,
    "opensearch-fine-grained-access": domains,
    "s3-access-point-public-access-block": points,
    "sns-http-subscription": subscriptions,
    "ssm-document-public": documents,
    "transit-gateway-auto-accept": gateways,
}
NOT_IN_MOTO = {"ec2-launch-template-imdsv2": ("aws_ec2_instance_metadata_defaults",)}


@pytest.mark.parametrize("check", MADE)
def test_wrong_and_right(aws: Client, check: str) -> None:
    MADE[check](aws)
    found = verdicts(check, without=NOT_IN_MOTO.get(check, ()))
    assert sorted(found.values()) == sorted(BOTH)


@pytest.mark.parametrize("check", MADE)
def test_what_may_not_be_read_is_unknown(aws: Client, allowed_only: Any, check: str) -> None:
    MADE[check](aws)
    types = REGISTRY[check].types
    with allowed_only():
        found = read(*(each for each in collectors() if each.type in types))
    assert {each.status for each in run([REGISTRY[check]], found, Terms())} == {UNKNOWN}


@pytest.mark.parametrize(
    ("check", "made", "attribute"),
    [
        ("codebuild-source-credentials", projects, "source"),
        ("glue-job-secrets", jobs, "default_arguments"),
        ("apigateway-stage-secrets", stages, "variables"),
    ],
)
def test_a_secret_does_not_stand_in_evidence(
    aws: Client, check: str, made: Callable[[Client], None], attribute: str
) -> None:
    made(aws)
    [found] = [each for each in run([REGISTRY[check]], inventory_for(check), Terms()) if each.status is FAIL]
    assert found.evidence[attribute] == "(sensitive)"
    assert "hunter2" not in repr(found.evidence) + found.message


@pytest.mark.parametrize(("visibility", "status"), [("PUBLIC_READ", FAIL), ("PRIVATE", PASS), (None, PASS)])
def test_a_build_that_everyone_sees(visibility: str | None, status: Status) -> None:
    found = judged("codebuild-public", live("aws_codebuild_project", project_visibility=visibility))
    assert found.status is status
