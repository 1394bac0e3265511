import io
import json
import re
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from scanner.collectors.lambda_functions import COLLECTORS, FUNCTION
from state import Declaration, Inventory, Unknown
from state.drift import drift
from state.noise import NOT_ASKED
from state.secret import Secret
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.command import driftline
from tests.scanner.corpus import assert_corpus_equals_itself
from tests.scanner.provider import assert_value_types
from tests.state.terraform.states import block, state

ARN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function"
HERE = Declaration(address="aws_lambda_function.here", source="terraform.tfstate")
TRUST = {
    "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}]
}


def code():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("main.py", "def handler(event, context): ...")
    return {"ZipFile": buffer.getvalue()}


def make(aws, name, **more):
    roles = {each["RoleName"]: each["Arn"] for each in aws("iam").list_roles()["Roles"]}
    if "fn" not in roles:
        made = aws("iam").create_role(RoleName="fn", AssumeRolePolicyDocument=json.dumps(TRUST))
        roles["fn"] = made["Role"]["Arn"]
    return aws("lambda").create_function(
        FunctionName=name, Role=roles["fn"], Runtime="python3.12", Handler="main.handler", Code=code(), **more
    )


def function(name):
    [found] = [each for each in read(FUNCTION).of("aws_lambda_function") if each.id == name]
    assert_value_types(found)
    return found


def network(ec2):
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    return subnet, ec2.create_security_group(GroupName="fn", Description="fn", VpcId=vpc)["GroupId"]


def test_function(aws):
    subnet, group = network(aws("ec2"))
    layer = aws("lambda").publish_layer_version(LayerName="one", Content=code())["LayerVersionArn"]
    made = make(
        aws,
        "resize",
        Description="Resizes",
        MemorySize=256,
        Timeout=30,
        Architectures=["arm64"],
        Layers=[layer],
        Environment={"Variables": {"TABLE": "orders"}},
        VpcConfig={"SubnetIds": [subnet], "SecurityGroupIds": [group]},
        TracingConfig={"Mode": "Active"},
        EphemeralStorage={"Size": 1024},
        Tags={"team": "shop"},
    )
    found = function("resize")
    assert found.key == ("aws_lambda_function", ACCOUNT, REGION, "resize")
    assert found.attributes == {
        "architectures": ["arm64"],
        "arn": f"{ARN}:resize",
        "code_sha256": made["CodeSha256"],
        "dead_letter_config": [],
        "description": "Resizes",
        "environment": [{"variables": {"TABLE": "orders"}}],
        "ephemeral_storage": [{"size": 1024}],
        "file_system_config": [],
        "function_name": "resize",
        "handler": "main.handler",
        "image_config": [],
        "invoke_arn": f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{ARN}:resize/invocations",
        "kms_key_arn": None,
        "last_modified": found["last_modified"],
        "layers": [layer],
        "logging_config": [],
        "memory_size": 256,
        "package_type": "Zip",
        "qualified_arn": f"{ARN}:resize:$LATEST",
        "qualified_invoke_arn": (
            f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{ARN}:resize:$LATEST/invocations"
        ),
        "reserved_concurrent_executions": -1,
        "role": f"arn:aws:iam::{ACCOUNT}:role/fn",
        "runtime": "python3.12",
        "signing_job_arn": None,
        "signing_profile_version_arn": None,
        "snap_start": [],
        "source_code_hash": made["CodeSha256"],
        "source_code_size": made["CodeSize"],
        "timeout": 30,
        "tracing_config": [{"mode": "Active"}],
        "version": "$LATEST",
        "vpc_config": [
            {
                "ipv6_allowed_for_dual_stack": None,
                "security_group_ids": [group],
                "subnet_ids": [subnet],
                "vpc_id": made["VpcConfig"]["VpcId"],
            }
        ],
        "tags": {"team": "shop"},
    }
    assert (found.fact("state"), found.fact("last_update_status")) == ("Active", "Successful")


def test_function_with_nothing_set(aws):
    make(aws, "plain")
    found = function("plain")
    assert found["vpc_config"] == found["environment"] == found["dead_letter_config"] == found["layers"] == []
    assert (found["memory_size"], found["timeout"], found["architectures"]) == (128, 3, ["x86_64"])


def test_environment_is_compared_and_never_shown(aws):
    make(aws, "resize", Environment={"Variables": {"TOKEN": "hush", "TABLE": "orders"}})
    found = function("resize")
    declared = Inventory([found.replace(declared=HERE)])
    aws("lambda").update_function_configuration(
        FunctionName="resize", Environment={"Variables": {"TOKEN": "other", "TABLE": "orders"}}
    )
    [changed] = drift(read(FUNCTION), declared, {FUNCTION.type: FUNCTION.schema}).drift
    [change] = changed.changes
    assert "environment" in found.sensitive
    assert change.path == "environment[0].variables.TOKEN"
    assert (change.declared, change.live) == (Secret("hush"), Secret("other"))
    assert "hush" not in repr(changed.changes)
    assert "other" not in repr(changed.changes)


# --- what moto does not answer ----------------------------------------------------------------------
#
# It takes no user's signature for Lambda, and knows no function with half of its settings.

LISTED = {
    "FunctionName": "resize",
    "FunctionArn": f"{ARN}:resize",
    "Version": "$LATEST",
    "CodeSha256": "x",
    "MemorySize": 128,
    "PackageType": "Image",
    "DeadLetterConfig": {"TargetArn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:dead"},
    "Environment": {"Error": {"ErrorCode": "AccessDeniedException", "Message": "Lambda was unable to decrypt"}},
    "FileSystemConfigs": [{"Arn": "access-point/a", "LocalMountPath": "/mnt/a"}],
    "ImageConfigResponse": {"ImageConfig": {"Command": ["run"]}},
    "LoggingConfig": {"LogFormat": "JSON", "SystemLogLevel": "WARN", "LogGroup": "/resize"},
    "SnapStart": {"ApplyOn": "None", "OptimizationStatus": "Off"},
    "VpcConfig": {"SubnetIds": [], "SecurityGroupIds": [], "VpcId": "", "Ipv6AllowedForDualStack": False},
    "MasterArn": f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:edge:1",
}


LIMITS = {"/concurrency": {"ReservedConcurrentExecutions": 0}}


class Lambda(BaseHTTPRequestHandler):
    """ListFunctions and ListTags as AWS answers them, and no index; ``tags`` is the status and body of the latter."""

    tags = 200, {"Tags": {"team": "shop"}}

    def do_GET(self):
        listing = self.path.startswith("/2015-03-31/functions")
        status, body = (200, {"Functions": [LISTED]}) if listing else self.tags
        if found := next((each for name, each in LIMITS.items() if self.path.endswith(name)), None):
            status, body = 200, found
        self.send_response(status)
        if "__type" in body:
            self.send_header("x-amzn-ErrorType", body["__type"])
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def do_POST(self):
        self.send_response(400)
        self.send_header("x-amzn-ErrorType", "AccessDeniedException")
        self.end_headers()

    def log_message(self, *words):
        pass


@pytest.fixture
def answered(aws, monkeypatch):
    """What we read of a Lambda that answers ListTags so."""

    def reading(status=200, body=Lambda.tags[1]):
        with ThreadingHTTPServer(("127.0.0.1", 0), type("Answers", (Lambda,), {"tags": (status, body)})) as server:
            Thread(target=server.serve_forever).start()
            for service in ("LAMBDA", "RESOURCE_GROUPS_TAGGING_API"):
                monkeypatch.setenv(f"AWS_ENDPOINT_URL_{service}", f"http://127.0.0.1:{server.server_port}")
            try:
                return read(FUNCTION)
            finally:
                server.shutdown()

    return reading


def test_settings_that_moto_does_not_keep(answered):
    [found] = answered().of("aws_lambda_function")
    assert_value_types(found)
    assert found["dead_letter_config"] == [{"target_arn": LISTED["DeadLetterConfig"]["TargetArn"]}]
    assert found["file_system_config"] == [{"arn": "access-point/a", "local_mount_path": "/mnt/a"}]
    assert found["image_config"] == [{"command": ["run"], "entry_point": None, "working_directory": None}]
    assert found["logging_config"] == [
        {"application_log_level": None, "log_format": "JSON", "log_group": "/resize", "system_log_level": "WARN"}
    ]
    assert found["tags"] == {"team": "shop"}
    assert found["reserved_concurrent_executions"] == 0  # it may not run at all


def test_setting_that_is_off_is_none(answered):
    [found] = answered().of("aws_lambda_function")
    assert found["snap_start"] == found["vpc_config"] == []


def test_environment_that_may_not_be_decrypted_is_unknown_and_not_empty(answered):
    inventory = answered()
    [found] = inventory.of("aws_lambda_function")
    with pytest.raises(Unknown, match="unable to decrypt"):
        found["environment"]
    [gap] = inventory.gaps
    assert (gap.id, gap.region, gap.attribute) == ("resize", REGION, "environment")


def test_copy_at_the_edge_has_an_owner(answered):
    [found] = answered().of("aws_lambda_function")
    assert found.owner == f"cloudfront: {LISTED['MasterArn']}"


def test_refused_tags_hide_the_tags_only(answered):
    inventory = answered(403, {"__type": "AccessDeniedException", "Message": "no"})
    [found] = inventory.of("aws_lambda_function")
    assert set(found.unknown) == {"tags", "environment"}
    assert found["memory_size"] == 128
    with pytest.raises(Unknown, match="access denied"):
        found["tags"]
    [gap] = [each for each in inventory.gaps if each.attribute == "tags"]
    assert (gap.id, gap.kind, gap.permission) == ("resize", "denied", "lambda:ListTags")


def test_function_deleted_since_it_was_listed_is_no_gap(answered):
    inventory = answered(404, {"__type": "ResourceNotFoundException", "Message": "gone"})
    assert (list(inventory.of("aws_lambda_function")), inventory.gaps) == ([], [])


# --- forms ------------------------------------------------------------------------------------------

TEXT = [{"application_log_level": "", "log_format": "Text", "log_group": "/aws/lambda/f", "system_log_level": ""}]
SAME = [
    ("architectures", None, ["x86_64"]),
    ("package_type", "", "Zip"),
    ("ephemeral_storage", [], [{"size": 512}]),
    ("tracing_config", [], [{"mode": "PassThrough"}]),
    ("logging_config", [], TEXT),
    ("source_code_hash", "", "abc"),
    ("environment", [{"variables": {}}], []),
]
NOT_SAME = [
    ("architectures", None, ["arm64"]),
    ("ephemeral_storage", [{"size": 512}], [{"size": 1024}]),
    ("tracing_config", [{"mode": "Active"}], [{"mode": "PassThrough"}]),
    ("logging_config", TEXT, [{**TEXT[0], "log_group": "/aws/lambda/g"}]),
    ("source_code_hash", "abc", "def"),
    ("layers", ["a", "b"], ["b", "a"]),
]


def differences(name, declared, live):
    return list(FUNCTION.schema.forms[name].differences(name, declared, live))


@pytest.mark.parametrize(("name", "declared", "live"), SAME)
def test_the_same_said_otherwise(name, declared, live):
    assert differences(name, declared, live) == []


@pytest.mark.parametrize(("name", "declared", "live"), NOT_SAME)
def test_not_the_same(name, declared, live):
    assert differences(name, declared, live) != []


def test_corpus():
    assert_corpus_equals_itself(COLLECTORS)


def test_other_code_is_no_drift_where_that_was_asked_for(aws, here):
    make(aws, "resize")
    said = {"id": "resize", "function_name": "resize", "arn": f"{ARN}:resize", "memory_size": 512}
    said |= {"code_sha256": "another", "source_code_hash": "another"}
    Path("state.tfstate").write_bytes(state(block("aws_lambda_function", "here", [{"attributes": said}])))
    asked = ("drift", "--region", REGION, "--type", "aws_lambda_function", "--from", "state.tfstate", "--all")

    def paths(*flags):
        found = json.loads(driftline(*asked, *flags, "--output", "json", "-q").stdout)
        return [
            {change["path"]: change.get("rule", "") for each in found[kind] for change in each["evidence"]}
            for kind in ("drift", "noise")
        ]

    assert paths() == [dict.fromkeys(("code_sha256", "memory_size", "source_code_hash"), ""), {}]
    hashes = dict.fromkeys(("code_sha256", "source_code_hash"), NOT_ASKED)
    assert paths("--ignore-code-hashes") == [{"memory_size": ""}, hashes]
    Path("ours.toml").write_text("ignore_code_hashes = true\n")
    assert paths("--config", "ours.toml") == [{"memory_size": ""}, hashes]
    told = driftline(*asked, "--ignore-code-hashes").stderr
    assert re.search(f"source_code_hash.*{NOT_ASKED}", " ".join(told.split()))
