"""Checks of containers, functions and APIs over a live account: made wrong, and made right beside it."""

import io
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from checks import REGISTRY, Status, Terms, run
from scanner.collectors import collectors
from state import Gap, Inventory, Resource
from tests.checks.live import FAIL, PASS, SKIPPED, UNKNOWN, as_expected, inventory_for, pairs, unread, verdicts
from tests.checks.test_live_network import network
from tests.checks.test_rules import judged, live
from tests.conftest import ACCOUNT, REGION, read

Client = Callable[..., Any]
VERSION = "2012-10-17"

# --- ECS ----------------------------------------------------------------------------------------

LAX = {
    "name": "web",
    "image": "shop:latest",
    "privileged": True,
    "memoryReservation": 64,
    "environment": [{"name": "DB_PASSWORD", "value": "hunter2"}],
}
STRICT = {
    "name": "web",
    "image": "shop:1.4.2",
    "privileged": False,
    "user": "1000",
    "readonlyRootFilesystem": True,
    "cpu": 256,
    "memory": 512,
    "healthCheck": {"command": ["CMD", "/bin/healthy"]},
    "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "shop"}},
}
TASKS = (
    "ecs-task-privileged",
    "ecs-task-root-user",
    "ecs-task-readonly-root",
    "ecs-task-env-secrets",
    "ecs-task-image-latest",
    "ecs-task-no-resource-limits",
    "ecs-task-no-health-check",
    "ecs-task-logging",
    "ecs-task-host-network",
    "ecs-task-host-pid",
)
SERVICES = (
    "ecs-service-public-ip",
    "ecs-service-single-task",
    "ecs-service-single-az",
)


def test_tasks(aws: Client) -> None:
    ecs = aws("ecs")
    ecs.register_task_definition(family="lax", containerDefinitions=[LAX], networkMode="host", pidMode="host")
    ecs.register_task_definition(family="strict", containerDefinitions=[STRICT], networkMode="awsvpc", pidMode="task")
    assert pairs(verdicts(*TASKS), "lax", "strict", *TASKS) == as_expected(*TASKS)
    assert unread("ecs-task-no-health-check", "aws_ecs_service") == {UNKNOWN, PASS}


def test_services(aws: Client) -> None:
    ecs, made = aws("ecs"), network(aws("ec2"), "10.0.0.0/16")
    ecs.create_cluster(clusterName="main", settings=[{"name": "containerInsights", "value": "enabled"}])
    ecs.create_cluster(clusterName="bare", settings=[{"name": "containerInsights", "value": "disabled"}])
    ecs.register_task_definition(family="strict", containerDefinitions=[STRICT], networkMode="awsvpc")

    def service(name: str, count: int, public: str, subnets: list[str], **deployment: Any) -> str:
        where = {"awsvpcConfiguration": {"subnets": subnets, "securityGroups": [], "assignPublicIp": public}}
        asked = {"cluster": "main", "serviceName": name, "taskDefinition": "strict", "desiredCount": count}
        made = ecs.create_service(**asked, networkConfiguration=where, deploymentConfiguration=deployment)
        return str(made["service"]["serviceArn"])

    lax = service("lax", 1, "ENABLED", [made["a"]])
    both = [made["a"], made["b"]]
    strict = service("strict", 2, "DISABLED", both)
    assert pairs(verdicts(*SERVICES), lax, strict, *SERVICES) == as_expected(*SERVICES)
    assert scaled("service/main/strict") == {lax: FAIL, strict: PASS}
    assert unread("ecs-service-autoscaling", *SCALING) == {UNKNOWN}
    arn = f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster"
    check = "ecs-cluster-insights"
    assert pairs(verdicts(check), f"{arn}/bare", f"{arn}/main", check) == as_expected(check)


SCALING = ("aws_appautoscaling_target", "aws_appautoscaling_policy")


def scaled(id: str) -> dict[str, Status]:
    """The verdict on scaling, as if this service were scaled: moto does not list targets as AWS does."""
    seen = inventory_for("ecs-service-autoscaling", without=SCALING).resources
    said = {"service_namespace": "ecs", "resource_id": id}
    made = [Resource(type=type, id=id, account=ACCOUNT, region=REGION, attributes=said) for type in SCALING]
    judged = run([REGISTRY["ecs-service-autoscaling"]], Inventory([*seen, *made]), Terms())
    return {each.resource.id: each.status for each in judged}


@pytest.mark.parametrize(
    ("breaker", "least", "rolls_back", "stays_up"),
    [
        ([], 0, FAIL, FAIL),
        ([{"enable": True, "rollback": False}], 1, FAIL, PASS),
        ([{"enable": True, "rollback": True}], 100, PASS, PASS),
    ],
)
def test_deployments(breaker: list[Any], least: int, rolls_back: Status, stays_up: Status) -> None:
    """Moto forgets how a service is deployed."""
    said = {"deployment_controller": [], "alarms": [], "scheduling_strategy": "REPLICA"}
    said |= {"deployment_circuit_breaker": breaker, "deployment_minimum_healthy_percent": least}
    service = live("aws_ecs_service", "shop", **said)
    assert judged("ecs-service-circuit-breaker", service).status is rolls_back
    assert judged("ecs-service-min-healthy", service).status is stays_up


# --- ECR and EKS --------------------------------------------------------------------------------


def test_repositories(aws: Client) -> None:
    ecr = aws("ecr")
    ecr.create_repository(repositoryName="lax")
    ecr.create_repository(
        repositoryName="strict",
        imageTagMutability="IMMUTABLE",
        imageScanningConfiguration={"scanOnPush": True},
    )
    rule = {
        "rulePriority": 1,
        "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 9},
        "action": {"type": "expire"},
    }
    ecr.put_lifecycle_policy(repositoryName="strict", lifecyclePolicyText=json.dumps({"rules": [rule]}))
    checks = ("ecr-scan-on-push", "ecr-tag-immutability", "ecr-lifecycle")
    assert pairs(verdicts(*checks), "lax", "strict", *checks) == as_expected(*checks)
    assert unread("ecr-lifecycle", "aws_ecr_lifecycle_policy") == {UNKNOWN}
    every = {"repositoryFilters": [{"filter": "*", "filterType": "WILDCARD"}], "scanFrequency": "CONTINUOUS_SCAN"}
    ecr.put_registry_scanning_configuration(scanType="ENHANCED", rules=[every])
    assert verdicts("ecr-scan-on-push")["ecr-scan-on-push", "lax"] is PASS


def test_clusters(aws: Client) -> None:
    eks, made = aws("eks"), network(aws("ec2"), "10.0.0.0/16")
    role = f"arn:aws:iam::{ACCOUNT}:role/eks"
    every = ["api", "audit", "authenticator", "controllerManager", "scheduler"]
    key = {"resources": ["secrets"], "provider": {"keyArn": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1"}}
    eks.create_cluster(
        name="lax",
        version="1.29",
        roleArn=role,
        resourcesVpcConfig={"subnetIds": [made["a"]], "endpointPublicAccess": True, "publicAccessCidrs": ["0.0.0.0/0"]},
    )
    eks.create_cluster(
        name="strict",
        version="1.35",
        roleArn=role,
        resourcesVpcConfig={"subnetIds": [made["a"], made["b"]], "endpointPublicAccess": False},
        logging={"clusterLogging": [{"types": every, "enabled": True}]},
        encryptionConfig=[key],
    )
    checks = (
        "eks-endpoint-public",
        "eks-version-unsupported",
        "eks-control-plane-logging",
        "eks-secrets-encryption",
        "eks-single-az",
    )
    found = inventory_for(*checks)
    dated = Inventory(found.resources, found.gaps, read=found.read, taken_at=datetime(2026, 11, 21, tzinfo=UTC))
    judged = run([REGISTRY[check] for check in checks], dated, Terms())
    seen = {(each.check.id, each.resource.id): each.status for each in judged}
    assert pairs(seen, "lax", "strict", *checks) == as_expected(*checks)
    assert unread("eks-single-az", "aws_subnet") == {UNKNOWN}


# --- functions ----------------------------------------------------------------------------------


def package() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("main.py", "")
    return packed.getvalue()


def test_functions(aws: Client) -> None:
    ec2, iam, functions = aws("ec2"), aws("iam"), aws("lambda")
    made = network(ec2, "10.0.0.0/16")
    group = ec2.create_security_group(GroupName="shop", Description="shop", VpcId=made["vpc"])["GroupId"]
    allowed = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": VERSION, "Statement": [allowed]})
    role = iam.create_role(RoleName="shop", AssumeRolePolicyDocument=trust)["Role"]["Arn"]

    def function(name: str, runtime: str, subnets: list[str], **variables: str) -> None:
        functions.create_function(
            FunctionName=name,
            Runtime=runtime,
            Role=role,
            Handler="main.run",
            Code={"ZipFile": package()},
            Environment={"Variables": variables},
            VpcConfig={"SubnetIds": subnets, "SecurityGroupIds": [group]},
        )

    function("lax", "python3.8", [made["a"]], DB_PASSWORD="hunter2")
    function("strict", "python3.13", [made["a"], made["b"]], DB_PASSWORD_ARN="arn:aws:secretsmanager:eu-west-1:1:db")
    checks = ("lambda-env-secrets", "lambda-runtime-deprecated", "lambda-vpc-single-az")
    assert pairs(verdicts(*checks), "lax", "strict", *checks) == as_expected(*checks)
    assert unread("lambda-vpc-single-az", "aws_subnet") == {UNKNOWN}
    assert verdicts("sg-unused")["sg-unused", group] is PASS


# --- secrets in other places --------------------------------------------------------------------


def test_secrets_elsewhere(aws: Client) -> None:
    build, stacks, ssm = aws("codebuild"), aws("cloudformation"), aws("ssm")
    for name, kind in (("lax", "PLAINTEXT"), ("strict", "SECRETS_MANAGER")):
        build.create_project(
            name=name,
            source={"type": "S3", "location": "bucket/path"},
            artifacts={"type": "NO_ARTIFACTS"},
            environment={
                "type": "LINUX_CONTAINER",
                "image": "aws/codebuild/standard:7.0",
                "computeType": "BUILD_GENERAL1_SMALL",
                "environmentVariables": [{"name": "NPM_TOKEN", "value": "hunter2", "type": kind}],
            },
            serviceRole=f"arn:aws:iam::{ACCOUNT}:role/service-role/build",
        )
        resources = {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": name}}}
        outputs = {"DbPassword" if name == "lax" else "Topic": {"Value": "hunter2"}}
        stacks.create_stack(StackName=name, TemplateBody=json.dumps({"Resources": resources, "Outputs": outputs}))
        ssm.put_parameter(Name=f"/{name}/password", Value="hunter2", Type="String" if name == "lax" else "SecureString")
    arn = f"arn:aws:codebuild:{REGION}:{ACCOUNT}:project"
    found = verdicts("codebuild-env-secrets", "cloudformation-output-secrets", "ssm-parameter-plain-secret")
    check = "codebuild-env-secrets"
    assert pairs(found, f"{arn}/lax", f"{arn}/strict", check) == as_expected(check)
    check = "ssm-parameter-plain-secret"
    assert pairs(found, "/lax/password", "/strict/password", check) == as_expected(check)
    of_stacks = {id.split("/")[1]: status for (name, id), status in found.items() if name.startswith("cloudformation")}
    assert of_stacks == {"lax": FAIL, "strict": PASS}


# --- APIs ---------------------------------------------------------------------------------------


def rest_api(gateway: Any, name: str, kind: str, authorization: str) -> str:
    api = gateway.create_rest_api(name=name, endpointConfiguration={"types": [kind]})["id"]
    root = gateway.get_resources(restApiId=api)["items"][0]["id"]
    method = {"restApiId": api, "resourceId": root, "httpMethod": "GET"}
    gateway.put_method(**method, authorizationType=authorization)
    gateway.put_integration(**method, type="MOCK")
    gateway.put_integration_response(**method, statusCode="200")
    deployment = gateway.create_deployment(restApiId=api)["id"]
    gateway.create_stage(restApiId=api, stageName="live", deploymentId=deployment)
    return str(api)


def test_rest_apis(aws: Client) -> None:
    gateway = aws("apigateway")
    free = rest_api(gateway, "free", "REGIONAL", "NONE")
    guarded = rest_api(gateway, "guarded", "REGIONAL", "AWS_IAM")
    inside = rest_api(gateway, "inside", "PRIVATE", "NONE")
    level = [{"op": "replace", "path": "/*/*/logging/loglevel", "value": "ERROR"}]
    gateway.update_stage(restApiId=guarded, stageName="live", patchOperations=level)
    found = verdicts("apigateway-authorizer", "apigateway-logging", "apigateway-waf", without=ASSOCIATION)
    methods = {id.split("-")[1]: status for (check, id), status in found.items() if check.endswith("authorizer")}
    assert methods == {free: FAIL, guarded: PASS, inside: PASS}
    stages = {id: status for (check, id), status in found.items() if check.endswith("logging")}
    assert sorted(stages.values()) == [FAIL, FAIL, PASS]
    waf = [status for (check, _), status in found.items() if check.endswith("waf")]
    assert sorted(waf) == [FAIL, FAIL, PASS]
    assert UNKNOWN in unread("apigateway-authorizer", "aws_api_gateway_rest_api")
    assert UNKNOWN in unread("apigateway-logging", "aws_api_gateway_method_settings")


ASSOCIATION = ("aws_wafv2_web_acl_association",)
"""Moto does not tell which resources a web ACL guards; a stage says so itself."""


def test_http_apis(aws: Client) -> None:
    gateway = aws("apigatewayv2")
    api = gateway.create_api(Name="shop", ProtocolType="HTTP")["ApiId"]
    free, guarded = (
        gateway.create_route(ApiId=api, RouteKey=f"GET /{kind}", AuthorizationType=kind)["RouteId"]
        for kind in ("NONE", "AWS_IAM")
    )
    log = {"DestinationArn": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:api", "Format": "$context.requestId"}
    gateway.create_stage(ApiId=api, StageName="quiet")
    gateway.create_stage(ApiId=api, StageName="live", AccessLogSettings=log)
    found = verdicts("apigatewayv2-authorizer", "apigatewayv2-access-logs")
    check = "apigatewayv2-authorizer"
    assert pairs(found, free, guarded, check) == as_expected(check)
    check = "apigatewayv2-access-logs"
    assert pairs(found, "quiet", "live", check) == as_expected(check)
    assert unread("apigatewayv2-authorizer", "aws_apigatewayv2_api") == {UNKNOWN, PASS}


# --- places and names ---------------------------------------------------------------------------


PLACES = ("aws_vpc", "aws_subnet", "aws_security_group", "aws_network_acl", "aws_route_table", "aws_dynamodb_table")
NEAR_THEM = ("aws_internet_gateway", "aws_route", "aws_route_table_association", "region")


def test_an_untouched_region_and_one_that_is_used(aws: Client) -> None:
    def judged(*allowed: str) -> set[Status]:
        found = read(*(each for each in collectors() if each.type in (*PLACES, *NEAR_THEM)))
        return {each.status for each in run([REGISTRY[UNEXPECTED]], found, Terms(allowed_regions=allowed))}

    assert judged("eu-central-1") == {PASS}
    make_table(aws, "carts")
    assert [judged("eu-central-1"), judged(REGION), judged()] == [{FAIL}, {PASS}, {SKIPPED}]


UNEXPECTED = "region-unexpected-use"


def test_a_region_in_which_not_everything_could_be_read() -> None:
    region = Resource(type="region", id=REGION, account=ACCOUNT, region=REGION)
    terms = Terms(allowed_regions=("eu-central-1",))
    for where, status in ((REGION, UNKNOWN), ("us-east-1", PASS)):
        gap = Gap(type="aws_instance", account=ACCOUNT, region=where, reason="denied")
        assert REGISTRY[UNEXPECTED].judge(region, Inventory([region], [gap]), terms).status is status


def make_table(aws: Client, name: str) -> None:
    aws("dynamodb").create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )


def test_names(aws: Client) -> None:
    for name in ("Carts_2", "live-shop-carts"):
        make_table(aws, name)
    found = read(*(each for each in collectors() if each.type == "aws_dynamodb_table"))

    def judged(terms: Terms) -> dict[str, Status]:
        return {each.resource.id: each.status for each in run([REGISTRY["name-convention"]], found, terms)}

    terms = Terms(name_pattern="[a-z0-9]+(-[a-z0-9]+){2,}")
    assert judged(terms) == {"Carts_2": FAIL, "live-shop-carts": PASS}
    assert set(judged(Terms()).values()) == {Status.SKIPPED}
