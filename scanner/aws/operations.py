"""The AWS operations a scan may call, by name; everything else is refused before it is sent.

A list and not a verb pattern: ``Get*`` would let in calls that return stored data or mint
credentials. Names are ``service:Operation`` as boto3 has them.
"""

from __future__ import annotations

from functools import cache

from botocore import xform_name

ALLOWED = frozenset(
    {
        "dynamodb:DescribeContinuousBackups",
        "dynamodb:DescribeTable",
        "dynamodb:DescribeTimeToLive",
        "dynamodb:ListTables",
        "dynamodb:ListTagsOfResource",
        "ec2:DescribeAddresses",
        "ec2:DescribeInstances",
        "ec2:DescribeInternetGateways",
        "ec2:DescribeNatGateways",
        "ec2:DescribeRegions",
        "ec2:DescribeRouteTables",
        "ec2:DescribeSecurityGroupRules",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSnapshotAttribute",
        "ec2:DescribeSnapshots",
        "ec2:DescribeSubnets",
        "ec2:DescribeVolumes",
        "ec2:DescribeVpcAttribute",
        "ec2:DescribeVpcs",
        "iam:GenerateCredentialReport",
        "iam:GetAccountAuthorizationDetails",
        "iam:GetAccountPasswordPolicy",
        "iam:GetAccountSummary",
        "iam:GetCredentialReport",
        "iam:GetInstanceProfile",
        "iam:GetPolicy",
        "iam:ListInstanceProfiles",
        "iam:ListRoles",
        "kms:DescribeKey",
        "lambda:ListFunctions",
        "lambda:ListTags",
        "rds:DescribeDBClusterSnapshotAttributes",
        "rds:DescribeDBClusterSnapshots",
        "rds:DescribeDBClusters",
        "rds:DescribeDBInstances",
        "rds:DescribeDBSnapshotAttributes",
        "rds:DescribeDBSnapshots",
        "s3:GetBucketAcl",
        "s3:GetBucketEncryption",
        "s3:GetBucketLifecycleConfiguration",
        "s3:GetBucketLocation",
        "s3:GetBucketLogging",
        "s3:GetBucketOwnershipControls",
        "s3:GetBucketPolicy",
        "s3:GetBucketTagging",
        "s3:GetBucketVersioning",
        "s3:GetPublicAccessBlock",
        "s3:ListBuckets",
        "s3control:GetPublicAccessBlock",
        "sts:AssumeRole",
        "sts:GetCallerIdentity",
    }
)

ORGANIZATION = frozenset(
    {
        "organizations:ListAccounts",
        "organizations:ListAccountsForParent",
        "organizations:ListOrganizationalUnitsForParent",
    }
)
"""What whoever scans a whole organization may call besides, in the account they ask from."""

DENIED = frozenset(
    {
        "dynamodb:BatchGetItem",
        "dynamodb:GetItem",
        "dynamodb:Query",
        "dynamodb:Scan",
        "codeartifact:GetAuthorizationToken",
        "ec2:GetConsoleOutput",
        "ec2:GetConsoleScreenshot",
        "ec2:GetPasswordData",
        "ecr:GetAuthorizationToken",
        "kms:Decrypt",
        "lambda:GetFunction",
        "lambda:GetLayerVersion",
        "lambda:Invoke",
        "logs:GetLogEvents",
        "logs:FilterLogEvents",
        "redshift:GetClusterCredentials",
        "redshift:GetClusterCredentialsWithIAM",
        "redshift-serverless:GetCredentials",
        "s3:GetObject",
        "secretsmanager:BatchGetSecretValue",
        "secretsmanager:GetSecretValue",
        "sqs:ReceiveMessage",
        "ssm:GetParameter",
        "ssm:GetParameters",
        "ssm:GetParametersByPath",
        "sts:GetFederationToken",
        "sts:GetSessionToken",
    }
)
"""Never allowed, whatever a declaration says: these return stored data or mint credentials."""

_COST_EXPLORER = "$0.01 a request, https://aws.amazon.com/aws-cost-management/aws-cost-explorer/pricing/"
_METRICS = "$0.01 per 1,000 metrics, https://aws.amazon.com/cloudwatch/pricing/"
_AFTER_A_MILLION = "$0.01 per 1,000 requests after a million a month, https://aws.amazon.com/cloudwatch/pricing/"

PAID = {
    "ce:GetCostAndUsage": _COST_EXPLORER,
    "ce:GetCostForecast": _COST_EXPLORER,
    "ce:GetDimensionValues": _COST_EXPLORER,
    "ce:GetReservationCoverage": _COST_EXPLORER,
    "ce:GetReservationUtilization": _COST_EXPLORER,
    "ce:GetSavingsPlansCoverage": _COST_EXPLORER,
    "ce:GetSavingsPlansUtilization": _COST_EXPLORER,
    "ce:GetTags": _COST_EXPLORER,
    "cloudwatch:GetMetricData": _METRICS,
    "cloudwatch:GetMetricStatistics": _AFTER_A_MILLION,
    "cloudwatch:ListMetrics": _AFTER_A_MILLION,
}
"""What AWS charges for reading, by operation: asked only with --paid.

S3 and KMS count requests too, but a thousand of those a scan makes cost less than a cent.
"""

_ACTIONS = {
    "s3:GetBucketEncryption": "s3:GetEncryptionConfiguration",
    "s3:GetBucketLifecycleConfiguration": "s3:GetLifecycleConfiguration",
    "s3:GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
    "s3:ListBuckets": "s3:ListAllMyBuckets",
    "s3control:GetPublicAccessBlock": "s3:GetAccountPublicAccessBlock",
}


def action(operation: str) -> str:
    """The IAM action that allows an operation (``rds:DescribeDBInstances``): its own name, but for S3.

    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
    """
    return _ACTIONS.get(operation, operation)


def named(service: str, call: str) -> str:
    """The operation that boto3 calls ``describe_db_instances``: ``rds:DescribeDBInstances``."""
    return _by_call().get((service, call), f"{service}:{call}")


@cache
def _by_call() -> dict[tuple[str, str], str]:
    parts = (each.partition(":") for each in (*ALLOWED, *ORGANIZATION, *PAID))
    return {(service, xform_name(name)): f"{service}:{name}" for service, _, name in parts}
