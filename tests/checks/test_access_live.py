"""Who gets in, over what the collectors read of a live account: opened to anyone, then to one organisation."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from checks import REGISTRY, Status, Terms, run
from scanner.collectors import collectors
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.standin import answering, refused

Client = Callable[..., Any]
FAIL, PASS, UNKNOWN = Status.FAIL, Status.PASS, Status.UNKNOWN
ORG = {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}


def verdicts(check: str, terms: Terms | None = None) -> dict[str, Status]:
    """The verdict of a check on each thing by id, after reading the types that it looks at."""
    inventory = read(*(each for each in collectors() if each.type in REGISTRY[check].reads))
    return {each.resource.id: each.status for each in run([REGISTRY[check]], inventory, terms or Terms())}


def document(action: str, *, closed: bool, **parts: Any) -> str:
    statement = {"Sid": "it", "Effect": "Allow", "Principal": "*", "Action": action, "Resource": "*", **parts}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement | ({"Condition": ORG} if closed else {})]})


def queue(aws: Client) -> Callable[[bool], Any]:
    url = aws("sqs").create_queue(QueueName="orders")["QueueUrl"]

    def put(closed: bool) -> None:
        policy = document("sqs:SendMessage", closed=closed)
        aws("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})

    return put


def topic(aws: Client) -> Callable[[bool], Any]:
    arn = aws("sns").create_topic(Name="orders")["TopicArn"]

    def put(closed: bool) -> None:
        policy = document("sns:Publish", closed=closed)
        aws("sns").set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=policy)

    return put


def key(aws: Client) -> Callable[[bool], Any]:
    id = aws("kms").create_key()["KeyMetadata"]["KeyId"]
    return lambda closed: aws("kms").put_key_policy(
        KeyId=id, PolicyName="default", Policy=document("kms:*", closed=closed)
    )


def images(aws: Client) -> Callable[[bool], Any]:
    aws("ecr").create_repository(repositoryName="shop")
    return lambda closed: aws("ecr").set_repository_policy(
        repositoryName="shop", policyText=document("ecr:BatchGetImage", closed=closed)
    )


def secret(aws: Client) -> Callable[[bool], Any]:
    aws("secretsmanager").create_secret(Name="db", SecretString="x")
    return lambda closed: aws("secretsmanager").put_resource_policy(
        SecretId="db", ResourcePolicy=document("secretsmanager:GetSecretValue", closed=closed)
    )


def files(aws: Client) -> Callable[[bool], Any]:
    id = aws("efs").create_file_system(CreationToken="a")["FileSystemId"]
    return lambda closed: aws("efs").put_file_system_policy(
        FileSystemId=id, Policy=document("elasticfilesystem:ClientMount", closed=closed)
    )


def domain(aws: Client) -> Callable[[bool], Any]:
    aws("opensearch").create_domain(DomainName="logs")
    return lambda closed: aws("opensearch").update_domain_config(
        DomainName="logs", AccessPolicies=document("es:*", closed=closed)
    )


def catalogue(aws: Client) -> Callable[[bool], Any]:
    return lambda closed: aws("glue").put_resource_policy(PolicyInJson=document("glue:GetTable", closed=closed))


@pytest.mark.parametrize(
    ("check", "thing"),
    [
        ("sqs-queue-public", queue),
        ("sns-topic-public", topic),
        ("kms-key-public", key),
        ("ecr-repository-public", images),
        ("secretsmanager-public", secret),
        ("efs-policy-public", files),
        ("opensearch-public", domain),
        ("glue-catalog-public", catalogue),
    ],
)
def test_opened_and_closed(aws: Client, check: str, thing: Callable[[Client], Callable[[bool], Any]]) -> None:
    put = thing(aws)
    put(False)
    assert set(verdicts(check).values()) == {FAIL}
    put(True)
    assert set(verdicts(check).values()) == {PASS}


@pytest.mark.parametrize("closed", [False, True])
def test_a_vault(closed: bool) -> None:
    vaults = {"BackupVaultList": [{"BackupVaultName": "orders", "BackupVaultArn": "a"}]}
    said = {"Policy": document("backup:CopyIntoBackupVault", closed=closed)}
    with answering({"GET /backup-vaults": vaults, "GET /backup-vaults/orders/access-policy": said}):
        assert verdicts("backup-vault-policy-public") == {"orders": PASS if closed else FAIL}


def test_a_policy_that_nobody_may_read_is_unknown() -> None:
    vaults = {"BackupVaultList": [{"BackupVaultName": "orders", "BackupVaultArn": "a"}]}
    denied = refused("AccessDeniedException")
    with answering({"GET /backup-vaults": vaults, "GET /backup-vaults/orders/access-policy": denied}):
        assert set(verdicts("backup-vault-policy-public").values()) == {UNKNOWN}


@pytest.mark.parametrize(
    "check",
    [
        "sqs-queue-public",
        "sns-topic-public",
        "kms-key-public",
        "ecr-repository-public",
        "secretsmanager-public",
        "efs-policy-public",
        "eventbridge-bus-public",
        "opensearch-public",
        "glue-catalog-public",
        "lambda-policy-public",
        "s3-bucket-policy-other-accounts",
        "iam-role-cross-account-unknown",
        "iam-role-oidc-trust-unscoped",
    ],
)
def test_what_is_denied_is_unknown(aws: Client, allowed_only: Any, check: str) -> None:
    with allowed_only("organizations:ListAccounts"):
        assert set(verdicts(check).values()) == {UNKNOWN}


# --- Lambda, EventBridge ----------------------------------------------------------------------------


@pytest.fixture
def function(aws: Client) -> Any:
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    role = aws("iam").create_role(
        RoleName="a", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    )["Role"]["Arn"]
    aws("lambda").create_function(
        FunctionName="hook", Runtime="python3.13", Role=role, Handler="a.b", Code={"ZipFile": b"x"}
    )
    return aws("lambda")


@pytest.mark.parametrize(
    ("parts", "status"),
    [
        ({"Principal": "*"}, FAIL),
        ({"Principal": "*", "PrincipalOrgID": "o-a1b2c3d4e5"}, PASS),
        ({"Principal": "*", "SourceAccount": ACCOUNT}, PASS),
        ({"Principal": "*", "SourceArn": "arn:aws:s3:::*"}, FAIL),
        ({"Principal": "s3.amazonaws.com"}, FAIL),
        ({"Principal": "s3.amazonaws.com", "SourceArn": "arn:aws:s3:::acme"}, PASS),
        ({"Principal": "s3.amazonaws.com", "SourceAccount": ACCOUNT}, PASS),
        ({"Principal": "events.amazonaws.com"}, PASS),
        ({"Principal": "444455556666"}, PASS),
    ],
)
def test_who_invokes_a_function(function: Any, parts: dict[str, str], status: Status) -> None:
    function.add_permission(FunctionName="hook", StatementId="it", Action="lambda:InvokeFunction", **parts)
    assert verdicts("lambda-policy-public") == {"it": status}


@pytest.mark.parametrize(("type", "status"), [("NONE", FAIL), ("AWS_IAM", PASS)])
def test_the_url_of_a_function(type: str, status: Status) -> None:
    functions = {"Functions": [{"FunctionName": "hook", "FunctionArn": "arn:aws:lambda:eu-west-1:1:function:hook"}]}
    url = {"FunctionUrl": "https://a.lambda-url.eu-west-1.on.aws/", "AuthType": type}
    url |= {"FunctionArn": "arn:aws:lambda:eu-west-1:1:function:hook"}
    urls = {"FunctionUrlConfigs": [url]}
    with answering({"GET /2015-03-31/functions": functions, "GET /2021-10-31/functions/hook/urls": urls}):
        assert verdicts("lambda-url-public") == {"hook": status}


def test_a_bus(aws: Client) -> None:
    events = aws("events")
    events.create_event_bus(Name="orders")
    events.put_permission(EventBusName="orders", Policy=document("events:PutEvents", closed=False))
    assert verdicts("eventbridge-bus-public") == {"orders/it": FAIL, "orders": PASS}
    events.put_permission(EventBusName="orders", Policy=document("events:PutEvents", closed=True))
    assert verdicts("eventbridge-bus-public") == {"orders/it": PASS, "orders": PASS}


# --- other accounts ---------------------------------------------------------------------------------

STRANGER = "444455556666"


@pytest.mark.parametrize(
    ("principal", "terms", "status"),
    [
        ({"AWS": f"arn:aws:iam::{STRANGER}:root"}, Terms(), FAIL),
        ({"AWS": f"arn:aws:iam::{STRANGER}:root"}, Terms(partner_accounts=(STRANGER,)), PASS),
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, Terms(), PASS),
        ({"AWS": "arn:aws:iam::156460612806:root"}, Terms(), PASS),  # load balancing in eu-west-1
        ({"Service": "cloudtrail.amazonaws.com"}, Terms(), PASS),
        ({"CanonicalUser": "0" * 64}, Terms(), UNKNOWN),
        ("*", Terms(), PASS),  # found as public
    ],
)
def test_a_bucket_for_another_account(aws: Client, principal: Any, terms: Terms, status: Status) -> None:
    aws("s3").create_bucket(Bucket="acme", CreateBucketConfiguration={"LocationConstraint": REGION})
    policy = document("s3:GetObject", closed=False, Principal=principal, Resource="arn:aws:s3:::acme/*")
    aws("s3").put_bucket_policy(Bucket="acme", Policy=policy)
    assert verdicts("s3-bucket-policy-other-accounts", terms) == {"acme": status}


def test_an_account_of_our_organisation(aws: Client) -> None:
    aws("organizations").create_organization(FeatureSet="ALL")
    about = aws("organizations").create_account(AccountName="shared", Email="a@example.com")["CreateAccountStatus"]
    role(aws, {"AWS": about["AccountId"]})
    assert verdicts("iam-role-cross-account-unknown")["it"] is PASS
    assert verdicts("iam-role-cross-account-no-external-id")["it"] is PASS


def role(aws: Client, principal: Any, action: str = "sts:AssumeRole", **condition: Any) -> None:
    trust: dict[str, Any] = {"Effect": "Allow", "Principal": principal, "Action": action}
    if condition:
        trust["Condition"] = condition
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    aws("iam").create_role(RoleName="it", AssumeRolePolicyDocument=document)


@pytest.mark.parametrize(
    ("condition", "unasked", "unknown"),
    [
        ({}, FAIL, FAIL),
        ({"StringEquals": {"sts:ExternalId": "a1b2"}}, PASS, FAIL),
        ({"StringLike": {"sts:ExternalId": "*"}}, FAIL, FAIL),
        ({"StringEqualsIfExists": {"sts:ExternalId": "a1b2"}}, FAIL, FAIL),
        ({"Bool": {"aws:MultiFactorAuthPresent": "true"}}, PASS, FAIL),
        ({"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}, FAIL, FAIL),
        ({"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}, PASS, PASS),
        ({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, FAIL, FAIL),
    ],
)
def test_a_role_for_another_account(aws: Client, condition: Any, unasked: Status, unknown: Status) -> None:
    role(aws, {"AWS": STRANGER}, **condition)
    assert verdicts("iam-role-cross-account-no-external-id") == {"it": unasked}
    assert verdicts("iam-role-cross-account-unknown") == {"it": unknown}
    partner = Terms(partner_accounts=(STRANGER,))
    assert verdicts("iam-role-cross-account-no-external-id", partner) == {"it": unasked}
    assert verdicts("iam-role-cross-account-unknown", partner) == {"it": PASS}


# --- identity providers -----------------------------------------------------------------------------

GITHUB = "token.actions.githubusercontent.com"
EKS = "oidc.eks.eu-west-1.amazonaws.com/id/ABC"


def like(host: str, *subjects: str) -> dict[str, Any]:
    return {"StringLike": {f"{host}:sub": list(subjects)}}


@pytest.mark.parametrize(
    ("provider", "condition", "status"),
    [
        (GITHUB, {}, FAIL),
        (GITHUB, {"StringEquals": {f"{GITHUB}:aud": "sts.amazonaws.com"}}, FAIL),
        (GITHUB, {"StringEquals": {f"{GITHUB}:sub": "repo:acme/shop:ref:refs/heads/main"}}, PASS),
        (GITHUB, {"ForAnyValue:StringEquals": {f"{GITHUB}:Sub": "repo:acme/shop:ref:refs/heads/main"}}, PASS),
        (GITHUB, like(GITHUB, "repo:acme/*"), PASS),
        (GITHUB, like(GITHUB, "repo:acme*"), FAIL),
        (GITHUB, like(GITHUB, "repo:*"), FAIL),
        (GITHUB, like(GITHUB, "*"), FAIL),
        (GITHUB, like(GITHUB, "repo:acme/*", "repo:*/shop:*"), FAIL),
        (GITHUB, like(GITHUB, "repository_owner:acme:*"), PASS),
        (GITHUB, {"StringNotEquals": {f"{GITHUB}:sub": "repo:evil/*"}}, FAIL),
        (GITHUB, like("gitlab.com", "project_path:acme/*"), FAIL),
        (GITHUB + "/acme", like(GITHUB + "/acme", "repo:acme/*"), PASS),
        ("gitlab.com", like("gitlab.com", "project_path:acme/*"), PASS),
        ("gitlab.com", like("gitlab.com", "project_path:*"), FAIL),
        ("app.terraform.io", like("app.terraform.io", "organization:acme:project:*"), PASS),
        ("app.terraform.io", like("app.terraform.io", "organization:ac*"), FAIL),
        (EKS, {"StringEquals": {f"{EKS}:aud": "sts.amazonaws.com"}}, FAIL),
        (EKS, {"StringEquals": {f"{EKS}:sub": "system:serviceaccount:shop:web"}}, PASS),
    ],
)
def test_whom_a_provider_vouches_for(aws: Client, provider: str, condition: Any, status: Status) -> None:
    who = {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{provider}"}
    role(aws, who, "sts:AssumeRoleWithWebIdentity", **condition)
    assert verdicts("iam-role-oidc-trust-unscoped") == {"it": status}


@pytest.mark.parametrize(
    ("who", "condition", "status"),
    [
        ("cognito-identity.amazonaws.com", {}, FAIL),
        ("cognito-identity.amazonaws.com", {"StringEquals": {"cognito-identity.amazonaws.com:aud": "eu:1"}}, PASS),
        (f"arn:aws:iam::{ACCOUNT}:saml-provider/people", {}, PASS),
        ("id.acme.example", {}, UNKNOWN),
    ],
)
def test_other_providers(aws: Client, who: str, condition: Any, status: Status) -> None:
    role(aws, {"Federated": who}, "sts:AssumeRoleWithWebIdentity", **condition)
    assert verdicts("iam-role-oidc-trust-unscoped") == {"it": status}
