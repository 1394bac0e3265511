"""Checks of the second tier on what is set once for many: over a live account, made wrong and made right."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from checks import REGISTRY, Status, Terms, run
from scanner.collectors import collectors
from state import Inventory
from tests.checks.live import FAIL, PASS, SKIPPED, UNKNOWN, as_expected, inventory_for, pairs, unread, verdicts
from tests.checks.test_live_data import refused_all
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.aws.wire import Answer, items, xml
from tests.scanner.queries import said
from tests.scanner.standin import answering, refused

Client = Callable[..., Any]
ROLE = f"arn:aws:iam::{ACCOUNT}:role/it"


def test_groups_of_one_type_and_of_many(aws: Client) -> None:
    template = aws("ec2").create_launch_template(
        LaunchTemplateName="web", LaunchTemplateData={"ImageId": "ami-1", "InstanceType": "m7i.large"}
    )["LaunchTemplate"]["LaunchTemplateId"]
    groups = {"one": ["m7i.large"], "many": ["m7i.large", "m7a.large"], "silent": []}
    for name, types in groups.items():
        mixed = {
            "LaunchTemplateSpecification": {"LaunchTemplateId": template},
            "Overrides": [{"InstanceType": each} for each in types],
        }
        aws("autoscaling").create_auto_scaling_group(
            AutoScalingGroupName=name,
            MinSize=0,
            MaxSize=2,
            AvailabilityZones=[f"{REGION}a"],
            MixedInstancesPolicy={"LaunchTemplate": mixed},
        )
    aws("autoscaling").create_auto_scaling_group(
        AutoScalingGroupName="plain",
        MinSize=0,
        MaxSize=2,
        AvailabilityZones=[f"{REGION}a"],
        LaunchTemplate={"LaunchTemplateId": template},
    )
    check = "asg-mixed-instances"
    found = {name: status for (_, name), status in verdicts(check).items()}
    assert found == {"one": FAIL, "many": PASS, "silent": UNKNOWN, "plain": FAIL}


def test_logs_of_builds(aws: Client) -> None:
    off = {"cloudWatchLogs": {"status": "DISABLED"}}
    kept = off | {"s3Logs": {"status": "ENABLED", "location": "logs/builds"}}
    told = {"none": off, "in-s3": kept, "in-cloudwatch": {"cloudWatchLogs": {"status": "ENABLED"}}, "unsaid": None}
    for name, logs in told.items():
        aws("codebuild").create_project(
            name=name,
            source={"type": "S3", "location": "sources/it.zip"},
            artifacts={"type": "NO_ARTIFACTS"},
            environment={"type": "LINUX_CONTAINER", "image": "it", "computeType": "BUILD_GENERAL1_SMALL"},
            serviceRole=ROLE,
            **({"logsConfig": logs} if logs else {}),
        )
    found = {arn.rpartition("/")[2]: status for (_, arn), status in verdicts("codebuild-logging").items()}
    assert found == {"none": FAIL, "in-s3": PASS, "in-cloudwatch": PASS, "unsaid": PASS}


def test_keys_of_the_data_catalog(aws: Client) -> None:
    glue, check = aws("glue"), "glue-catalog-encryption"
    assert set(verdicts(check).values()) == {SKIPPED}
    glue.create_database(DatabaseInput={"Name": "shop"})
    assert set(verdicts(check).values()) == {FAIL}
    key = aws("kms").create_key()["KeyMetadata"]["Arn"]
    at_rest = {"EncryptionAtRest": {"CatalogEncryptionMode": "SSE-KMS", "SseAwsKmsKeyId": key}}
    passwords = {"ReturnConnectionPasswordEncrypted": True, "AwsKmsKeyId": key}
    for settings, wanted in ((at_rest, FAIL), (at_rest | {"ConnectionPasswordEncryption": passwords}, PASS)):
        glue.put_data_catalog_encryption_settings(DataCatalogEncryptionSettings=settings)
        assert set(verdicts(check).values()) == {wanted}


@pytest.mark.parametrize(("days", "wanted"), [(89, PASS), (91, FAIL)])
def test_roles_that_nobody_takes(aws: Client, days: int, wanted: Status) -> None:
    aws("iam").create_role(RoleName="it", AssumeRolePolicyDocument="{}")
    assert set(after(days, "iam-role-unused").values()) == {wanted}


def after(days: int, check: str) -> dict[str, Status]:
    """The verdicts of a check by id as they are that many days from now."""
    found = inventory_for(check)
    then = Inventory(found.resources, found.gaps, read=found.read, taken_at=datetime.now(UTC) + timedelta(days=days))
    return {each.resource.id: each.status for each in run([REGISTRY[check]], then, Terms())}


def test_roles_that_were_taken_long_ago() -> None:
    now = datetime.now(UTC)
    roles = [
        {
            "RoleName": name,
            "Path": "/",
            "RoleId": f"AROA{name}",
            "Arn": f"arn:aws:iam::{ACCOUNT}:role/{name}",
            "CreateDate": now - timedelta(days=400),
            "AssumeRolePolicyDocument": "{}",
            "RoleLastUsed": {"LastUsedDate": now - timedelta(days=days), "Region": REGION},
        }
        for name, days in (("long-ago", 91), ("lately", 2))
    ]
    with answering(said("iam", GetAccountAuthorizationDetails={"RoleDetailList": roles})):
        check = "iam-role-unused"
        assert pairs(verdicts(check), "long-ago", "lately", check) == as_expected(check)


EMPTY = {
    name: items(name, into)
    for name, into in (
        ("DescribeInstances", "reservationSet"),
        ("DescribeVolumes", "volumeSet"),
        ("DescribeSnapshots", "snapshotSet"),
    )
}
USED = EMPTY | {"DescribeVolumes": items("DescribeVolumes", "volumeSet", "<volumeId>vol-1</volumeId>")}
METADATA = "GetInstanceMetadataDefaults"
IMAGES = "GetImageBlockPublicAccessState"


def tokens(asked: str) -> dict[str, Answer]:
    return {METADATA: xml(METADATA, f"<accountLevel>{asked}</accountLevel>")}


def images(state: str) -> dict[str, Answer]:
    return {IMAGES: xml(IMAGES, f"<imageBlockPublicAccessState>{state}</imageBlockPublicAccessState>")}


@pytest.mark.parametrize(
    ("check", "answers", "wanted"),
    [
        ("ec2-imdsv2-account-default", tokens("") | USED, FAIL),
        ("ec2-imdsv2-account-default", tokens("<httpTokens>optional</httpTokens>") | USED, FAIL),
        ("ec2-imdsv2-account-default", tokens("<httpTokens>required</httpTokens>") | USED, PASS),
        ("ec2-imdsv2-account-default", tokens("") | EMPTY, SKIPPED),
        ("ec2-imdsv2-account-default", tokens(""), UNKNOWN),
        ("ec2-ami-block-public-access", images("unblocked") | USED, FAIL),
        ("ec2-ami-block-public-access", images("block-new-sharing") | USED, PASS),
        ("ec2-ami-block-public-access", images("unblocked") | EMPTY, SKIPPED),
        ("ec2-ami-block-public-access", images("unblocked"), UNKNOWN),
    ],
)
def test_what_a_region_asks_of_new_machines(check: str, answers: dict[str, Answer], wanted: Status) -> None:
    with answering(answers):
        found = read(*(each for each in collectors() if each.type in REGISTRY[check].reads))
    judged = run([REGISTRY[check]], found, Terms())
    assert [each.status for each in judged if each.check.id == check] == [wanted]


def clusters(**associations: list[str]) -> dict[str, Any]:
    """What AWS answers of clusters, each with an issuer, and of the pod identities in them."""
    answers: dict[str, Any] = {"GET /clusters": {"clusters": list(associations)}}
    for name, ids in associations.items():
        at, issuer = f"GET /clusters/{name}", f"https://{ISSUERS}/{name}"
        arn = f"arn:aws:eks:{REGION}:{ACCOUNT}:cluster/{name}"
        within = [{"clusterName": name, "associationId": id, "namespace": "it", "serviceAccount": id} for id in ids]
        answers |= {
            at: {"cluster": {"name": name, "arn": arn, "identity": {"oidc": {"issuer": issuer}}}},
            f"{at}/pod-identity-associations": {"associations": within},
        }
        for each in within:
            about = each | {"roleArn": ROLE}
            answers[f"{at}/pod-identity-associations/{each['associationId']}"] = {"association": about}
    return answers


ISSUERS = f"oidc.eks.{REGION}.amazonaws.com/id"


def trusting(*names: str) -> dict[str, Answer]:
    """What IAM answers of its providers, where one may be for the issuer of a cluster."""
    listed = [{"Arn": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{ISSUERS}/{name}"} for name in names]
    told = {"Url": f"{ISSUERS}/{names[0]}" if names else "x", "ClientIDList": ["sts.amazonaws.com"]}
    return said("iam", ListOpenIDConnectProviders={"OpenIDConnectProviderList": listed}, GetOpenIDConnectProvider=told)


def test_who_pods_are() -> None:
    check = "eks-oidc-irsa"
    with answering(clusters(lax=[], pods=["a-1"], issuer=[]) | trusting("issuer")):
        found = {name: status for (_, name), status in verdicts(check).items()}
        assert found == {"lax": FAIL, "pods": PASS, "issuer": PASS}
        assert unread(check, "aws_iam_openid_connect_provider") == {PASS, UNKNOWN}
        assert unread(check, "aws_eks_pod_identity_association") == {PASS, UNKNOWN}


def test_images_for_everyone() -> None:
    """Moto has no public gallery."""
    names, check = ("ledger", "shop-agent"), "ecr-public-repository"
    made = [{"repositoryName": each, "repositoryArn": f"arn:aws:ecr-public::1:repository/{each}"} for each in names]
    told: dict[str, Any] = {
        "DescribeRepositories": {"repositories": made},
        "GetRepositoryCatalogData": {"catalogData": {}},
        "ListTagsForResource": {"tags": []},
    }

    def found(listed: tuple[str, ...], answers: dict[str, Any]) -> dict[str, Status]:
        with answering(answers):
            seen = read(*(each for each in collectors() if each.type in REGISTRY[check].types), regions=("us-east-1",))
        return {
            each.resource.id: each.status for each in run([REGISTRY[check]], seen, Terms(public_repositories=listed))
        }

    assert found(("shop-*",), told) == {"ledger": FAIL, "shop-agent": PASS}
    assert found((), told) == {"ledger": FAIL, "shop-agent": FAIL}
    denied = dict.fromkeys(told, refused("AccessDeniedException", status=403))
    assert found((), denied) == {"*": UNKNOWN}


def test_updates_of_domains() -> None:
    """Moto never has one waiting."""
    waits = {"lax": True, "strict": False}
    domains = [
        {
            "ARN": f"arn:aws:es:{REGION}:{ACCOUNT}:domain/{name}",
            "DomainId": f"{ACCOUNT}/{name}",
            "DomainName": name,
            "ServiceSoftwareOptions": {"UpdateAvailable": waiting},
        }
        for name, waiting in waits.items()
    ]
    named = {"DomainNames": [{"DomainName": name, "EngineType": "OpenSearch"} for name in waits]}
    check = "opensearch-software-update"
    told = {
        "GET /2021-01-01/domain": named,
        "POST /2021-01-01/opensearch/domain-info": {"DomainStatusList": domains},
        "GET /2021-01-01/tags": {"TagList": []},
    }
    with answering(told):
        found = {arn.rpartition("/")[2]: status for (_, arn), status in verdicts(check).items()}
    assert found == {"lax": FAIL, "strict": PASS}
    assert refused_all(told, "aws_opensearch_domain", check) == {UNKNOWN}
