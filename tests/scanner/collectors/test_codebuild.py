from scanner.collectors.codebuild import COLLECTORS, PROJECT, REPORT_GROUP, SOURCE_CREDENTIAL, WEBHOOK
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.compared import only, told, twin
from tests.scanner.standin import answering, refused
from tests.scanner.whole import whole

ARN = f"arn:aws:codebuild:{REGION}:{ACCOUNT}"
SHOP = {
    "name": "shop",
    "arn": f"{ARN}:project/shop",
    "source": {
        "type": "GITHUB",
        "location": "https://github.com/o/r",
        "gitCloneDepth": 1,
        "auth": {"type": "CODECONNECTIONS", "resource": "arn:c"},
    },
    "artifacts": {"type": "S3", "location": "out", "packaging": "NONE", "namespaceType": "NONE"},
    "cache": {"type": "NO_CACHE"},
    "environment": {
        "type": "LINUX_CONTAINER",
        "image": "aws/codebuild/standard:7.0",
        "computeType": "BUILD_GENERAL1_SMALL",
        "environmentVariables": [{"name": "STAGE", "value": "prod", "type": "PLAINTEXT"}],
        "imagePullCredentialsType": "CODEBUILD",
        "privilegedMode": False,
    },
    "serviceRole": f"arn:aws:iam::{ACCOUNT}:role/build",
    "timeoutInMinutes": 60,
    "queuedTimeoutInMinutes": 480,
    "encryptionKey": f"arn:aws:kms:{REGION}:{ACCOUNT}:alias/aws/s3",
    "logsConfig": {
        "cloudWatchLogs": {"status": "ENABLED"},
        "s3Logs": {"status": "DISABLED", "encryptionDisabled": False},
    },
    "vpcConfig": {"vpcId": "vpc-1", "subnets": ["subnet-2", "subnet-1"], "securityGroupIds": ["sg-1"]},
    "badge": {"badgeEnabled": False},
    "projectVisibility": "PRIVATE",
    "tags": [{"key": "team", "value": "shop"}],
    "webhook": {
        "url": "https://api.github.com/hook",
        "payloadUrl": "https://codebuild/x",
        "secret": "hush",
        "filterGroups": [
            [
                {"type": "EVENT", "pattern": "PUSH"},
                {"type": "HEAD_REF", "pattern": "main", "excludeMatchedPattern": False},
            ],
            [{"type": "EVENT", "pattern": "PULL_REQUEST_MERGED"}],
        ],
        "buildType": "BUILD",
    },
}
REPORTS = {
    "name": "tests",
    "arn": f"{ARN}:report-group/tests",
    "type": "TEST",
    "status": "ACTIVE",
    "exportConfig": {
        "exportConfigType": "S3",
        "s3Destination": {"bucket": "out", "packaging": "NONE", "encryptionKey": "arn:k"},
    },
    "tags": [{"key": "team", "value": "shop"}],
}
ANSWERS = {
    "ListProjects": {"projects": ["shop"]},
    "BatchGetProjects": {"projects": [SHOP]},
    "ListReportGroups": {"reportGroups": [REPORTS["arn"]]},
    "BatchGetReportGroups": {"reportGroups": [REPORTS]},
    "ListSourceCredentials": {
        "sourceCredentialsInfos": [
            {"arn": f"{ARN}:token/github", "serverType": "GITHUB", "authType": "PERSONAL_ACCESS_TOKEN"}
        ]
    },
}


def seen(*collectors, **changed):
    with answering(ANSWERS | changed):
        return read(*collectors)


def test_project():
    found = only(seen(PROJECT), PROJECT.type)
    assert whole(found) == {
        "its id": "arn:aws:codebuild:eu-west-1:123456789012:project/shop",
        "its identity": "shop",
        "its arn": "arn:aws:codebuild:eu-west-1:123456789012:project/shop",
        "its owner": None,
        "arn": "arn:aws:codebuild:eu-west-1:123456789012:project/shop",
        "artifacts": [{"location": "out", "namespace_type": "NONE", "packaging": "NONE", "type": "S3"}],
        "badge_enabled": False,
        "build_timeout": 60,
        "cache": [{"type": "NO_CACHE"}],
        "encryption_key": "arn:aws:kms:eu-west-1:123456789012:alias/aws/s3",
        "environment": [
            {
                "compute_type": "BUILD_GENERAL1_SMALL",
                "environment_variable": [{"name": "STAGE", "type": "PLAINTEXT", "value": "prod"}],
                "image": "aws/codebuild/standard:7.0",
                "image_pull_credentials_type": "CODEBUILD",
                "privileged_mode": False,
                "type": "LINUX_CONTAINER",
            }
        ],
        "logs_config": [
            {
                "cloudwatch_logs": [{"status": "ENABLED"}],
                "s3_logs": [{"encryption_disabled": False, "status": "DISABLED"}],
            }
        ],
        "name": "shop",
        "project_visibility": "PRIVATE",
        "queued_timeout": 480,
        "service_role": "arn:aws:iam::123456789012:role/build",
        "source": [
            {
                "auth": [{"resource": "arn:c", "type": "CODECONNECTIONS"}],
                "git_clone_depth": 1,
                "location": "https://github.com/o/r",
                "type": "GITHUB",
            }
        ],
        "vpc_config": [{"security_group_ids": ["sg-1"], "subnets": ["subnet-2", "subnet-1"], "vpc_id": "vpc-1"}],
        "tags": {"team": "shop"},
    }
    bare = {"cache": [], "logs_config": [], "build_timeout": None, "queued_timeout": None, "project_visibility": None}
    assert told(seen(PROJECT), COLLECTORS, twin(found, **bare)) == set()
    exposed = SHOP | {"environment": SHOP["environment"] | {"privilegedMode": True}, "projectVisibility": "PUBLIC_READ"}
    assert told(seen(PROJECT, BatchGetProjects={"projects": [exposed]}), COLLECTORS, twin(found)) == {
        ("changed", PROJECT.type, "environment[0].privileged_mode"),
        ("changed", PROJECT.type, "project_visibility"),
    }


def test_webhook():
    found = seen(PROJECT, WEBHOOK)
    hook = only(found, WEBHOOK.type)
    assert whole(hook) == {
        "its id": "shop",
        "its identity": "shop",
        "its arn": None,
        "its owner": None,
        "build_type": "BUILD",
        "filter_group": [
            {
                "filter": [
                    {"pattern": "PUSH", "type": "EVENT"},
                    {"exclude_matched_pattern": False, "pattern": "main", "type": "HEAD_REF"},
                ]
            },
            {"filter": [{"pattern": "PULL_REQUEST_MERGED", "type": "EVENT"}]},
        ],
        "payload_url": "https://codebuild/x",
        "project_name": "shop",
        "url": "https://api.github.com/hook",
    }
    assert "hush" not in str(hook.attributes)
    project = twin(only(found, PROJECT.type))
    said = twin(hook, filter_group=hook["filter_group"][::-1], secret="hush", build_type=None)
    assert told(found, COLLECTORS, project, said) == set()
    assert told(found, COLLECTORS, project, twin(hook, filter_group=hook["filter_group"][:1])) == {
        ("changed", WEBHOOK.type, "filter_group")
    }
    assert told(found, COLLECTORS, project) == {("changed", PROJECT.type, "webhook")}


def test_report_group():
    found = only(seen(REPORT_GROUP), REPORT_GROUP.type)
    assert whole(found) == {
        "its id": "arn:aws:codebuild:eu-west-1:123456789012:report-group/tests",
        "its identity": "tests",
        "its arn": "arn:aws:codebuild:eu-west-1:123456789012:report-group/tests",
        "its owner": None,
        "arn": "arn:aws:codebuild:eu-west-1:123456789012:report-group/tests",
        "export_config": [
            {"s3_destination": [{"bucket": "out", "encryption_key": "arn:k", "packaging": "NONE"}], "type": "S3"}
        ],
        "name": "tests",
        "type": "TEST",
        "tags": {"team": "shop"},
    }
    assert told(seen(REPORT_GROUP), COLLECTORS, twin(found, export_config=[{"type": "NO_EXPORT"}])) == {
        ("changed", REPORT_GROUP.type, "export_config[0].type")
    }


def test_source_credential():
    found = only(seen(SOURCE_CREDENTIAL), SOURCE_CREDENTIAL.type)
    assert whole(found) == {
        "its id": "arn:aws:codebuild:eu-west-1:123456789012:token/github",
        "its identity": "GITHUB/PERSONAL_ACCESS_TOKEN",
        "its arn": "arn:aws:codebuild:eu-west-1:123456789012:token/github",
        "its owner": None,
        "arn": "arn:aws:codebuild:eu-west-1:123456789012:token/github",
        "auth_type": "PERSONAL_ACCESS_TOKEN",
        "server_type": "GITHUB",
    }
    assert told(seen(SOURCE_CREDENTIAL), COLLECTORS, twin(found, token="hush")) == set()


def test_denied():
    found = seen(*COLLECTORS, BatchGetProjects=refused("AccessDeniedException"))
    assert {(gap.type, gap.permission) for gap in found.gaps} == {
        (each.type, "codebuild:BatchGetProjects") for each in (PROJECT, WEBHOOK)
    }
