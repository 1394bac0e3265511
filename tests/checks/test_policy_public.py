"""Resources' policies worked out by hand, most after what AWS's own pages call public: each with its verdict and why.

S3: access-control-block-public-access.html, "The meaning of public". EFS: the page of the same name. SNS, SQS, KMS,
ECR, Lambda, Secrets Manager, EventBridge, OpenSearch: the examples of their pages on resource-based policies.
"""

from typing import Any

import pytest

from checks.policy import opens_to_anyone, parse
from state import Unknown

YES, NO, UNSURE = "public", "closed", "unsure"
OURS, THEIRS = "111122223333", "444455556666"
ROOT = f"arn:aws:iam::{THEIRS}:root"
ALL = {"AWS": "*"}


def grant(action: Any, **parts: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": "*", "Action": action, "Resource": "*"} | parts


def refuse(action: Any, **parts: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Principal": "*", "Action": action, "Resource": "*"} | parts


def when(action: Any, operator: str, key: str, *values: Any, who: Any = "*") -> dict[str, Any]:
    return grant(action, Principal=who, Condition={operator: {key: list(values)}})


def both(action: Any, **tests: dict[str, Any]) -> dict[str, Any]:
    return grant(action, Condition=tests)


GET, SEND, PUBLISH, USE = "s3:GetObject", "sqs:SendMessage", "sns:Publish", "kms:Decrypt"
MOUNT, PULL, SECRET = "elasticfilesystem:ClientMount", "ecr:BatchGetImage", "secretsmanager:GetSecretValue"
TOPIC = f"arn:aws:sns:eu-west-1:{OURS}:orders"

TABLE: list[tuple[str, str, Any, str]] = [
    # S3's page: what makes a policy non-public is a fixed value of one of these
    ("s3", "the page's first example: everyone, TLS or not", grant(GET), YES),
    ("s3", "the page's fix: one VPC", when(GET, "StringEquals", "aws:SourceVpc", "vpc-91237329"), NO),
    ("s3", "a VPC by a pattern is any VPC", when(GET, "StringLike", "aws:SourceVpc", "vpc-*"), YES),
    ("s3", "a VPC by a pattern of its id", when(GET, "StringLike", "aws:SourceVpc", "vpc-9123*"), YES),
    (
        "s3",
        "the ARN of one VPC",
        when(GET, "ArnEquals", "aws:SourceVpcArn", f"arn:aws:ec2:eu-west-1:{OURS}:vpc/vpc-1"),
        NO,
    ),
    ("s3", "endpoints of an account", when(GET, "StringEquals", "aws:VpceAccount", OURS), NO),
    ("s3", "endpoints of an organisation", when(GET, "StringEquals", "aws:VpceOrgID", "o-a1b2c3d4e5"), NO),
    ("s3", "a user id outside AROLEID:*", when(GET, "StringEquals", "aws:userid", "AIDAEXAMPLEID"), NO),
    ("s3", "any user id", when(GET, "StringLike", "aws:userid", "*"), YES),
    ("s3", "an access point of an account", when(GET, "StringEquals", "s3:DataAccessPointAccount", OURS), NO),
    (
        "s3",
        "all access points of an account",
        when(GET, "ArnLike", "s3:DataAccessPointArn", f"arn:aws:s3:eu-west-1:{OURS}:accesspoint/*"),
        NO,
    ),
    (
        "s3",
        "access points of any account",
        when(GET, "ArnLike", "s3:DataAccessPointArn", "arn:aws:s3:eu-west-1:*:accesspoint/a"),
        YES,
    ),
    ("s3", "the page's IPv4 limit, /8", when(GET, "IpAddress", "aws:SourceIp", "11.0.0.0/8"), NO),
    ("s3", "broader than /8", when(GET, "IpAddress", "aws:SourceIp", "12.0.0.0/7"), YES),
    ("s3", "the page's IPv6 limit, /32", when(GET, "IpAddress", "aws:SourceIp", "2001:db8::/32"), NO),
    ("s3", "broader than /32", when(GET, "IpAddress", "aws:SourceIp", "2001:d00::/31"), YES),
    (
        "s3",
        "half the world in small pieces",
        when(GET, "IpAddress", "aws:SourceIp", *(f"{n}.0.0.0/8" for n in range(128))),
        YES,
    ),
    ("s3", "one piece, many times over", when(GET, "IpAddress", "aws:SourceIp", *["11.0.0.0/8"] * 200), NO),
    ("s3", "private addresses, from which nobody calls", when(GET, "IpAddress", "aws:SourceIp", "10.0.0.0/8"), NO),
    ("s3", "one address, but only if there is one", when(GET, "IpAddressIfExists", "aws:SourceIp", "203.0.113.7"), YES),
    ("s3", "an address inside anybody's VPC", when(GET, "IpAddress", "aws:VpcSourceIp", "10.1.2.0/24"), YES),
    (
        "s3",
        "a bucket whose ARN has no account, as S3 notifies",
        when(GET, "ArnLike", "aws:SourceArn", "arn:aws:s3:*:*:acme-logs"),
        NO,
    ),
    ("s3", "buckets that begin alike", when(GET, "ArnLike", "aws:SourceArn", "arn:aws:s3:*:*:acme-*"), YES),
    ("s3", "a service's principal is fixed", grant(GET, Principal={"Service": "cloudtrail.amazonaws.com"}), NO),
    ("s3", "any of AWS's services", when(GET, "Bool", "aws:PrincipalIsAWSService", "true"), NO),
    ("s3", "anyone but AWS's services", when(GET, "Bool", "aws:PrincipalIsAWSService", "false"), YES),
    (
        "s3",
        "one of AWS's services by name",
        when(GET, "StringEquals", "aws:PrincipalServiceName", "delivery.logs.amazonaws.com"),
        NO,
    ),
    ("s3", "a call through a service, from anyone's account", when(GET, "Bool", "aws:ViaAWSService", "true"), YES),
    (
        "s3",
        "through Athena, from anyone's account",
        when(GET, "StringEquals", "aws:CalledVia", "athena.amazonaws.com"),
        YES,
    ),
    (
        "s3",
        "one's own account, which is every caller's resource",
        when(GET, "StringEquals", "aws:ResourceAccount", OURS),
        YES,
    ),
    ("s3", "a time nobody here can tell", when(GET, "DateLessThan", "aws:CurrentTime", "2030-01-01T00:00:00Z"), UNSURE),
    (
        "s3",
        "an ACL that the writer chooses",
        when("s3:PutObject", "StringEquals", "s3:x-amz-acl", "bucket-owner-full-control"),
        YES,
    ),
    (
        "s3",
        "an origin access control names its distribution",
        when(
            GET,
            "StringEquals",
            "AWS:SourceArn",
            f"arn:aws:cloudfront::{OURS}:distribution/E1",
            who={"Service": "cloudfront.amazonaws.com"},
        ),
        NO,
    ),
    (
        "s3",
        "an organisation, MFA beside it",
        both(GET, StringEquals={"aws:PrincipalOrgID": "o-1a2b3c4d5e"}, Bool={"aws:MultiFactorAuthPresent": "true"}),
        NO,
    ),
    (
        "s3",
        "the page's Deny: all but one endpoint",
        [grant(GET), refuse("s3:*", Condition={"StringNotEquals": {"aws:SourceVpce": "vpce-1"}})],
        NO,
    ),
    (
        "s3",
        "spared: an endpoint, or a call through a service",
        [
            grant(GET),
            refuse(
                "s3:*",
                Condition={"StringNotEquals": {"aws:SourceVpce": "vpce-1"}, "Bool": {"aws:ViaAWSService": "false"}},
            ),
        ],
        YES,
    ),
    (
        "s3",
        "spared: an organisation, or AWS's services",
        [
            grant(GET),
            refuse(
                "s3:*",
                Condition={
                    "StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-1"},
                    "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
                },
            ),
        ],
        NO,
    ),
    (
        "s3",
        "denied: all but other actions",
        [grant(GET), {"Effect": "Deny", "Principal": "*", "NotAction": "s3:PutObject", "Resource": "*"}],
        NO,
    ),
    (
        "s3",
        "denied: all but this action",
        [grant(GET), {"Effect": "Deny", "Principal": "*", "NotAction": "s3:Get*", "Resource": "*"}],
        YES,
    ),
    (
        "s3",
        "denied outside another bucket",
        [
            grant(GET, Resource="arn:aws:s3:::a/*"),
            {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "NotResource": "arn:aws:s3:::b/*"},
        ],
        NO,
    ),
    (
        "s3",
        "denied outside what is granted",
        [
            grant(GET, Resource="arn:aws:s3:::a/*"),
            {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "NotResource": "arn:aws:s3:::a/public/*"},
        ],
        YES,
    ),
    (
        "s3",
        "granted on all but one place",
        {"Effect": "Allow", "Principal": "*", "Action": GET, "NotResource": "arn:aws:s3:::a/private/*"},
        YES,
    ),
    # SQS
    ("sqs", "anyone may send", grant(SEND), YES),
    ("sqs", "the page's example: one account", grant(SEND, Principal={"AWS": [OURS]}), NO),
    (
        "sqs",
        "the page's example: anonymous, in office hours of an address",
        when("sqs:ReceiveMessage", "IpAddress", "aws:SourceIp", "192.0.2.0/24"),
        NO,
    ),
    ("sqs", "the page's example: a topic sends", when(SEND, "ArnEquals", "aws:SourceArn", TOPIC), NO),
    ("sqs", "topics of any account", when(SEND, "ArnLike", "aws:SourceArn", "arn:aws:sns:eu-west-1:*:orders"), YES),
    (
        "sqs",
        "S3's page, as it once was: everyone, with a bucket's ARN",
        when(SEND, "ArnLike", "aws:SourceArn", "arn:aws:s3:*:*:awsexamplebucket1", who=ALL),
        NO,
    ),
    ("sqs", "all of SQS, spelled as the console once did", grant("SQS:*", Principal=ALL), YES),
    ("sqs", "an action of another service does nothing here", grant("sns:Publish"), NO),
    (
        "sqs",
        "all is denied without TLS only",
        [grant(SEND), refuse("sqs:*", Condition={"Bool": {"aws:SecureTransport": "false"}})],
        YES,
    ),
    (
        "sqs",
        "all is denied outside the organisation",
        [grant("sqs:*"), refuse("sqs:*", Condition={"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}})],
        NO,
    ),
    ("sqs", "part of what is granted is denied", [grant("sqs:*"), refuse("sqs:SendMessage")], YES),
    ("sqs", "what is granted is denied by a wider pattern", [grant("sqs:Send*"), refuse("sqs:*")], NO),
    # SNS
    (
        "sns",
        "the policy that AWS gives a topic",
        when(["SNS:Publish", "SNS:Subscribe"], "StringEquals", "AWS:SourceOwner", OURS, who=ALL),
        NO,
    ),
    ("sns", "the console's: everyone publishes", grant("SNS:Publish", Principal=ALL), YES),
    ("sns", "the page's example: by HTTPS only", when("sns:Subscribe", "StringEquals", "sns:Protocol", "https"), YES),
    ("sns", "to addresses of one domain", when("sns:Subscribe", "StringLike", "sns:Endpoint", "*@example.com"), NO),
    ("sns", "to one host", when("sns:Subscribe", "StringLike", "sns:Endpoint", "https://hooks.acme.example/*"), NO),
    ("sns", "to addresses of any domain", when("sns:Subscribe", "StringLike", "sns:Endpoint", "*@*.com"), YES),
    ("sns", "to any host", when("sns:Subscribe", "StringLike", "sns:Endpoint", "https://*"), YES),
    (
        "sns",
        "a bucket publishes",
        both(PUBLISH, ArnLike={"aws:SourceArn": "arn:aws:s3:*:*:bucket"}, StringEquals={"aws:SourceAccount": OURS}),
        NO,
    ),
    (
        "sns",
        "an alarm of the account",
        when(
            PUBLISH,
            "ArnLike",
            "aws:SourceArn",
            f"arn:aws:cloudwatch:eu-west-1:{OURS}:alarm:*",
            who={"Service": "cloudwatch.amazonaws.com"},
        ),
        NO,
    ),
    # KMS
    ("kms", "the default: the account's root", grant("kms:*", Principal={"AWS": f"arn:aws:iam::{OURS}:root"}), NO),
    ("kms", "everyone", grant("kms:*", Principal=ALL), YES),
    (
        "kms",
        "AWS's own keys: a service, for an account",
        when(USE, "StringEquals", "kms:CallerAccount", OURS, who=ALL)
        | {"Condition": {"StringEquals": {"kms:CallerAccount": OURS, "kms:ViaService": "s3.eu-west-1.amazonaws.com"}}},
        NO,
    ),
    (
        "kms",
        "a service alone, for anybody",
        when(USE, "StringEquals", "kms:ViaService", "s3.eu-west-1.amazonaws.com"),
        YES,
    ),
    ("kms", "a context that callers choose", when(USE, "StringEquals", "kms:EncryptionContext:team", "shop"), YES),
    (
        "kms",
        "grants for AWS's resources, anybody's",
        when("kms:CreateGrant", "Bool", "kms:GrantIsForAWSResource", "true"),
        YES,
    ),
    ("kms", "a key of KMS that nobody here knows", when(USE, "StringEquals", "kms:Unheard", "x"), UNSURE),
    # ECR, Secrets Manager
    ("ecr", "everyone pulls", {"Effect": "Allow", "Principal": "*", "Action": PULL}, YES),
    (
        "ecr",
        "the page's example: another account pulls",
        {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": PULL},
        NO,
    ),
    (
        "ecr",
        "Lambda pulls for functions of an account",
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": PULL,
            "Condition": {"StringLike": {"aws:sourceArn": f"arn:aws:lambda:eu-west-1:{OURS}:function:*"}},
        },
        NO,
    ),
    (
        "ecr",
        "an organisation pulls",
        {
            "Effect": "Allow",
            "Principal": "*",
            "Action": PULL,
            "Condition": {"StringEquals": {"aws:PrincipalOrgID": ["o-1"]}},
        },
        NO,
    ),
    ("secretsmanager", "everyone reads", grant(SECRET), YES),
    (
        "secretsmanager",
        "the page's example: a role of another account",
        grant(SECRET, Principal={"AWS": f"arn:aws:iam::{THEIRS}:role/app"}),
        NO,
    ),
    (
        "secretsmanager",
        "the current version only, which all ask for",
        when(SECRET, "ForAnyValue:StringEquals", "secretsmanager:VersionStage", "AWSCURRENT"),
        YES,
    ),
    (
        "secretsmanager",
        "a principal's tag, which strangers set",
        when(SECRET, "StringEquals", "aws:PrincipalTag/team", "shop"),
        YES,
    ),
    # EFS's page
    ("elasticfilesystem", "everyone mounts", grant(MOUNT, Principal=ALL), YES),
    (
        "elasticfilesystem",
        "the page's fix: by a mount target",
        when(MOUNT, "Bool", "elasticfilesystem:AccessedViaMountTarget", "true", who=ALL),
        NO,
    ),
    (
        "elasticfilesystem",
        "not by a mount target",
        when(MOUNT, "Bool", "elasticfilesystem:AccessedViaMountTarget", "false", who=ALL),
        YES,
    ),
    (
        "elasticfilesystem",
        "the console's: all is denied without TLS",
        [grant(MOUNT, Principal=ALL), refuse("*", Condition={"Bool": {"aws:SecureTransport": "false"}})],
        YES,
    ),
    (
        "elasticfilesystem",
        "all is denied but by a mount target",
        [grant(MOUNT), refuse("*", Condition={"Bool": {"elasticfilesystem:AccessedViaMountTarget": "false"}})],
        NO,
    ),
    (
        "elasticfilesystem",
        "an access point that clients choose",
        when(
            MOUNT,
            "StringEquals",
            "elasticfilesystem:AccessPointArn",
            f"arn:aws:elasticfilesystem:eu-west-1:{OURS}:access-point/fsap-1",
        ),
        YES,
    ),
    # Lambda, EventBridge, OpenSearch, Backup, Glue
    (
        "lambda",
        "a URL that asks for nothing",
        when("lambda:InvokeFunctionUrl", "StringEquals", "lambda:FunctionUrlAuthType", "NONE"),
        YES,
    ),
    (
        "lambda",
        "a URL that asks who one is, and takes anyone",
        when("lambda:InvokeFunctionUrl", "StringEquals", "lambda:FunctionUrlAuthType", "AWS_IAM"),
        YES,
    ),
    (
        "lambda",
        "the page's example: an organisation",
        when("lambda:InvokeFunction", "StringEquals", "aws:PrincipalOrgID", "o-a1b2c3d4e5f"),
        NO,
    ),
    (
        "lambda",
        "another function of ours",
        when(
            "lambda:InvokeFunction",
            "ArnEquals",
            "lambda:SourceFunctionArn",
            f"arn:aws:lambda:eu-west-1:{OURS}:function:a",
        ),
        NO,
    ),
    ("events", "everyone puts events", grant("events:PutEvents"), YES),
    (
        "events",
        "events that say where they are from",
        when("events:PutEvents", "StringEquals", "events:source", "acme.shop"),
        YES,
    ),
    (
        "events",
        "rules that our account made",
        when("events:PutRule", "StringEqualsIfExists", "events:creatorAccount", OURS),
        YES,
    ),
    ("es", "everyone", grant("es:*", Principal=ALL), YES),
    (
        "es",
        "the page's example: addresses",
        when("es:ESHttp*", "IpAddress", "aws:SourceIp", "192.0.2.0/24", who=ALL),
        NO,
    ),
    ("backup", "a policy that only denies", refuse("backup:DeleteRecoveryPoint"), NO),
    (
        "glue",
        "all but one action",
        {"Effect": "Allow", "Principal": "*", "NotAction": "glue:DeleteTable", "Resource": "*"},
        YES,
    ),
    (
        "glue",
        "all actions of any other service",
        {"Effect": "Allow", "Principal": "*", "NotAction": "glue:*", "Resource": "*"},
        NO,
    ),
    # forms
    ("s3", "a kind of principal that nobody knows", grant(GET, Principal={"Robot": "*"}), UNSURE),
    (
        "s3",
        "a principal by a wildcard, which AWS refuses",
        grant(GET, Principal={"AWS": "arn:aws:iam::*:root"}),
        UNSURE,
    ),
    (
        "s3",
        "everyone but an account",
        {"Effect": "Allow", "NotPrincipal": {"AWS": ROOT}, "Action": GET, "Resource": "*"},
        YES,
    ),
    (
        "s3",
        "everyone, denied to all but an account",
        [grant(GET), {"Effect": "Deny", "NotPrincipal": {"AWS": ROOT}, "Action": "*", "Resource": "*"}],
        NO,
    ),
]


@pytest.mark.parametrize(
    ("prefix", "why", "statements", "expected"), TABLE, ids=[f"{row[0]}: {row[1]}" for row in TABLE]
)
def test_who_gets_in(prefix: str, why: str, statements: Any, expected: str) -> None:
    try:
        found = YES if opens_to_anyone(parse({"Statement": statements}), (f"{prefix}:*",)) else NO
    except Unknown as reason:
        found = UNSURE
        assert str(reason)
    assert found == expected


def test_every_service_of_the_table_has_both() -> None:
    assert len(TABLE) >= 100
    assert {row[0] for row in TABLE if row[3] == YES} >= {"s3", "sqs", "sns", "kms", "ecr", "secretsmanager", "lambda"}
