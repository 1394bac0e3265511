"""What AWS says of one thing that is asked for by name, and of the account itself; with places for words.

Where there are several answers, the things have them in turn. A Fault is how AWS says "there is none".
"""

from __future__ import annotations

import json
from urllib.parse import quote

from tests.bench.answers import Fault
from tests.bench.things import ARN, KEY, Said, tags

# --- IAM ------------------------------------------------------------------------------------------


def document(*statements: Said) -> str:
    """A policy as IAM answers it: encoded for a URL."""
    return quote(json.dumps({"Version": "2012-10-17", "Statement": statements}), safe="~")


TRUST = document({"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"})
READS = document(
    {"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": "arn:aws:s3:::bench-~account~-~n~/*"},
    {"Effect": "Allow", "Action": ["dynamodb:GetItem", "dynamodb:Query"], "Resource": "*"},
)
IAM = "arn:aws:iam::~account~:"
_ATTACHED = [{"PolicyName": "~policy~", "PolicyArn": IAM + "policy/~policy~"}]

USER = {
    "Path": "/",
    "UserName": "person-~n~",
    "UserId": "AIDAQQQQQQQQQ~n~",
    "Arn": IAM + "user/person-~n~",
    "CreateDate": "~time~",
    "GroupList": ["~team~"],
    "AttachedManagedPolicies": [],
    "Tags": tags("person-~n~"),
}
GROUP = {
    "Path": "/",
    "GroupName": "team-~n~",
    "GroupId": "AGPAQQQQQQQQQ~n~",
    "Arn": IAM + "group/team-~n~",
    "CreateDate": "~time~",
    "GroupPolicyList": [],
    "AttachedManagedPolicies": _ATTACHED,
}
_ROLE = {
    "Path": "/",
    "RoleName": "app-role-~n~",
    "RoleId": "AROAQQQQQQQQQ~n~",
    "Arn": IAM + "role/app-role-~n~",
    "CreateDate": "~time~",
    "AssumeRolePolicyDocument": TRUST,
}
ROLE = _ROLE | {
    "InstanceProfileList": [],
    "RolePolicyList": [{"PolicyName": "reads", "PolicyDocument": READS}],
    "AttachedManagedPolicies": _ATTACHED,
    "Tags": tags("app-role-~n~"),
    "RoleLastUsed": {"LastUsedDate": "~later~", "Region": "~region~"},
}
LISTED_ROLE = _ROLE | {"Description": "what app ~n~ may do", "MaxSessionDuration": 3600}
_POLICY = {
    "PolicyName": "app-policy-~n~",
    "PolicyId": "ANPAQQQQQQQQQ~n~",
    "Arn": IAM + "policy/app-policy-~n~",
    "Path": "/",
    "DefaultVersionId": "v1",
    "AttachmentCount": 2,
    "PermissionsBoundaryUsageCount": 0,
    "IsAttachable": True,
    "CreateDate": "~time~",
    "UpdateDate": "~later~",
}
POLICY = _POLICY | {
    "PolicyVersionList": [{"Document": READS, "VersionId": "v1", "IsDefaultVersion": True, "CreateDate": "~time~"}]
}
_PROFILE = {
    "Path": "/",
    "InstanceProfileName": "app-profile-~n~",
    "InstanceProfileId": "AIPAQQQQQQQQQ~n~",
    "Arn": IAM + "instance-profile/app-profile-~n~",
    "CreateDate": "~time~",
    "Roles": [_ROLE],
}
PROFILE = _PROFILE

# --- one thing ------------------------------------------------------------------------------------

_OWNER = {"DisplayName": "owner", "ID": "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"}
_RULE = {
    "ID": "tidy",
    "Filter": {"Prefix": "tmp/"},
    "Status": "Enabled",
    "Expiration": {"Days": 30},
    "NoncurrentVersionExpiration": {"NoncurrentDays": 7},
}
_BUCKET_POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "TlsOnly",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": "arn:aws:s3:::bench-~account~-~n~/*",
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        ],
    }
)
_TABLE = {
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "TableName": "sessions-~n~",
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "TableStatus": "ACTIVE",
    "CreationDateTime": "~epoch~",
    "ProvisionedThroughput": {"NumberOfDecreasesToday": 0, "ReadCapacityUnits": 0, "WriteCapacityUnits": 0},
    "TableSizeBytes": 734003,
    "ItemCount": 4711,
    "TableArn": ARN.format("dynamodb") + "table/sessions-~n~",
    "TableId": "7f2a1c3e-55d0-4c1b-8e2f-~n~",
    "BillingModeSummary": {"BillingMode": "PAY_PER_REQUEST", "LastUpdateToPayPerRequestDateTime": "~epoch~"},
    "SSEDescription": {"Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": KEY},
    "DeletionProtectionEnabled": True,
    "TableClassSummary": {"TableClass": "STANDARD"},
}
_BACKUPS = {
    "ContinuousBackupsStatus": "ENABLED",
    "PointInTimeRecoveryDescription": {
        "PointInTimeRecoveryStatus": "ENABLED",
        "RecoveryPeriodInDays": 35,
        "EarliestRestorableDateTime": "~epoch~",
        "LatestRestorableDateTime": "~epoch~",
    },
}
_SHARED = [{"AttributeName": "restore", "AttributeValues": []}]
_SHUT = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True}

TABLE_TAGS = {"ResourceARN": _TABLE["TableArn"], "Tags": tags("sessions-~n~")}
FUNCTION_TAGS = {"ResourceARN": ARN.format("lambda") + "function:thumbnailer-~n~", "Tags": tags("thumbnailer-~n~")}

ONE: dict[str, tuple[str, str, tuple[Said | Fault, ...]]] = {
    "dynamodb:DescribeContinuousBackups": (
        "aws_dynamodb_table",
        "TableName",
        ({"ContinuousBackupsDescription": _BACKUPS},),
    ),
    "dynamodb:DescribeTable": ("aws_dynamodb_table", "TableName", ({"Table": _TABLE},)),
    "dynamodb:DescribeTimeToLive": (
        "aws_dynamodb_table",
        "TableName",
        (
            {"TimeToLiveDescription": {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires"}},
            {"TimeToLiveDescription": {"TimeToLiveStatus": "DISABLED"}},
        ),
    ),
    "dynamodb:ListTagsOfResource": ("aws_dynamodb_table", "ResourceArn", ({"Tags": TABLE_TAGS["Tags"]},)),
    "ec2:DescribeSnapshotAttribute": ("aws_ebs_snapshot", "SnapshotId", ({"CreateVolumePermissions": []},)),
    "ec2:DescribeVpcAttribute": (
        "aws_vpc",
        "VpcId",
        (
            {
                "VpcId": "vpc-0~hex~",
                "EnableDnsHostnames": {"Value": True},
                "EnableDnsSupport": {"Value": True},
                "EnableNetworkAddressUsageMetrics": {"Value": False},
            },
        ),
    ),
    "iam:GetInstanceProfile": (
        "aws_iam_instance_profile",
        "InstanceProfileName",
        ({"InstanceProfile": _PROFILE | {"Tags": tags("app-profile-~n~")}},),
    ),
    "iam:GetPolicy": (
        "aws_iam_policy",
        "PolicyArn",
        ({"Policy": _POLICY | {"Description": "what app ~n~ may read", "Tags": tags("app-policy-~n~")}},),
    ),
    "lambda:ListTags": (
        "aws_lambda_function",
        "Resource",
        ({"Tags": {each["Key"]: each["Value"] for each in FUNCTION_TAGS["Tags"]}},),
    ),
    "rds:DescribeDBClusterSnapshotAttributes": (
        "aws_db_cluster_snapshot",
        "DBClusterSnapshotIdentifier",
        (
            {
                "DBClusterSnapshotAttributesResult": {
                    "DBClusterSnapshotIdentifier": "ledger-before-upgrade-~n~",
                    "DBClusterSnapshotAttributes": _SHARED,
                }
            },
        ),
    ),
    "rds:DescribeDBSnapshotAttributes": (
        "aws_db_snapshot",
        "DBSnapshotIdentifier",
        (
            {
                "DBSnapshotAttributesResult": {
                    "DBSnapshotIdentifier": "before-upgrade-~n~",
                    "DBSnapshotAttributes": _SHARED,
                }
            },
        ),
    ),
}

OF_BUCKET: dict[str, tuple[Said | Fault, ...]] = {
    "GetBucketAcl": (
        {
            "Owner": _OWNER,
            "Grants": [{"Grantee": _OWNER | {"Type": "CanonicalUser"}, "Permission": "FULL_CONTROL"}],
        },
    ),
    "GetBucketEncryption": (
        {
            "ServerSideEncryptionConfiguration": {
                "Rules": [
                    {
                        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY},
                        "BucketKeyEnabled": True,
                    }
                ]
            }
        },
    ),
    "GetBucketLifecycleConfiguration": ({"Rules": [_RULE]}, Fault("NoSuchLifecycleConfiguration", 404)),
    "GetBucketLocation": ({"LocationConstraint": "~region~"},),
    "GetBucketLogging": (
        {"LoggingEnabled": {"TargetBucket": "bench-~account~-000000", "TargetPrefix": "log/~n~/"}},
        {},
        {},
    ),
    "GetBucketOwnershipControls": ({"OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}},),
    "GetBucketPolicy": ({"Policy": _BUCKET_POLICY}, Fault("NoSuchBucketPolicy", 404)),
    "GetBucketTagging": ({"TagSet": tags("bucket-~n~")},),
    "GetBucketVersioning": ({"Status": "Enabled"}, {}),
    "GetPublicAccessBlock": ({"PublicAccessBlockConfiguration": _SHUT},),
}
ONE |= {f"s3:{operation}": ("aws_s3_bucket", "Bucket", answers) for operation, answers in OF_BUCKET.items()}

# --- the account ----------------------------------------------------------------------------------

ACCOUNT: dict[str, Said | Fault] = {
    "account:GetAlternateContact": Fault("ResourceNotFoundException", 404),
    "account:GetContactInformation": {"ContactInformation": {"CompanyName": "Shop", "FullName": "Ann"}},
    "ec2:GetEbsDefaultKmsKeyId": {"KmsKeyId": "alias/aws/ebs"},
    "ecr:DescribeRegistry": {"registryId": "~account~", "replicationConfiguration": {"rules": []}},
    "ecr:GetRegistryPolicy": Fault("RegistryPolicyNotFoundException"),
    "ecr:GetRegistryScanningConfiguration": {
        "registryId": "~account~",
        "scanningConfiguration": {"scanType": "BASIC", "rules": []},
    },
    "iam:GenerateCredentialReport": {"State": "COMPLETE"},
    "iam:GetAccountPasswordPolicy": {
        "PasswordPolicy": {
            "MinimumPasswordLength": 14,
            "RequireSymbols": True,
            "RequireNumbers": True,
            "RequireUppercaseCharacters": True,
            "RequireLowercaseCharacters": True,
            "AllowUsersToChangePassword": True,
            "ExpirePasswords": False,
            "PasswordReusePrevention": 24,
        }
    },
    "iam:GetAccountSummary": {
        "SummaryMap": {
            "AccountMFAEnabled": 1,
            "AccountAccessKeysPresent": 0,
            "AccountPasswordPresent": 1,
            "AccountSigningCertificatesPresent": 0,
            "MFADevices": 3,
            "MFADevicesInUse": 3,
            "Providers": 0,
            "ServerCertificates": 0,
        }
    },
    "kms:DescribeKey": {"KeyMetadata": {"KeyId": "1234abcd-12ab-34cd-56ef-1234567890ab", "Arn": KEY, "Enabled": True}},
    "lambda:GetPolicy": Fault("ResourceNotFoundException", 404),
    "s3control:GetPublicAccessBlock": {"PublicAccessBlockConfiguration": _SHUT},
    "ssm:GetServiceSetting": {
        "ServiceSetting": {
            "SettingId": "/ssm/setting",
            "SettingValue": "Off",
            "Status": "Default",
            "ARN": f"{ARN.format('ssm')}servicesetting/ssm/setting",
        }
    },
}
