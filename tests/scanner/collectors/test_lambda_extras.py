import io
import json
import zipfile

import pytest

from scanner.collectors import lambda_extras
from scanner.collectors.lambda_extras import COLLECTORS, target
from scanner.collectors.lambda_functions import FUNCTION
from state import Declaration, Inventory, Resource, Unknown
from state.drift import drift
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.aws.wire import json as answer
from tests.scanner.aws.wire import refusal, wire
from tests.scanner.compared import as_declared, one
from tests.scanner.corpus import assert_corpus_equals_itself
from tests.scanner.provider import assert_value_types

SCHEMAS = {each.type: each.schema for each in [FUNCTION, *COLLECTORS]}
ARN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:resize"
QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:jobs"
TRUST = {
    "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}]
}


def code():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("main.py", "def handler(event, context): ...")
    return {"ZipFile": buffer.getvalue()}


@pytest.fixture
def functions(aws):
    """Lambda with a function, resize, published once and known as live."""
    role = aws("iam").create_role(RoleName="fn", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    about = {"Role": role, "Runtime": "python3.12", "Handler": "main.handler", "Code": code()}
    aws("lambda").create_function(FunctionName="resize", Publish=True, **about)
    aws("lambda").create_alias(FunctionName="resize", Name="live", FunctionVersion="1", Description="Live")
    return aws("lambda")


def rows(collector, *wanted):
    found = drift(read(collector), Inventory(wanted), SCHEMAS).drift
    return [(str(each.kind), [change.path for change in each.changes]) for each in found]


def test_alias(functions):
    found = one(lambda_extras.ALIAS)
    assert found.key == ("aws_lambda_alias", ACCOUNT, REGION, "resize/live")
    assert (found.id, found.arn) == (f"{ARN}:live", f"{ARN}:live")
    assert found.attributes == {
        "arn": f"{ARN}:live",
        "description": "Live",
        "function_name": "resize",
        "function_version": "1",
        "invoke_arn": f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{ARN}:live/invocations",
        "name": "live",
        "routing_config": [],
    }
    wanted = as_declared(found, function_name=ARN)
    assert rows(lambda_extras.ALIAS, wanted) == []
    functions.update_alias(FunctionName="resize", Name="live", FunctionVersion="$LATEST")
    assert rows(lambda_extras.ALIAS, wanted) == [("changed", ["function_version"])]


def test_permissions(functions):
    about = {"FunctionName": "resize", "Action": "lambda:InvokeFunction"}
    functions.add_permission(
        **about, StatementId="rule", Principal="events.amazonaws.com", SourceArn="arn:aws:events:rule", Qualifier="live"
    )
    functions.add_permission(
        **about,
        StatementId="account",
        Principal="210987654321",
        SourceAccount="210987654321",
        PrincipalOrgID="o-1234567890",
    )
    found = {each.id: each for each in read(lambda_extras.PERMISSION).of("aws_lambda_permission")}
    for each in found.values():
        assert_value_types(each)
    assert {each.identity for each in found.values()} == {"resize:live/rule", "resize/account"}
    common = dict.fromkeys(lambda_extras.PERMISSION.attributes)
    common |= {"action": "lambda:InvokeFunction", "function_name": "resize"}
    assert found["rule"].attributes == common | {
        "principal": "events.amazonaws.com",
        "qualifier": "live",
        "source_arn": "arn:aws:events:rule",
        "statement_id": "rule",
    }
    assert found["account"].attributes == common | {
        "principal": "210987654321",
        "qualifier": "",
        "source_account": "210987654321",
        "statement_id": "account",
    }


def test_permission_added_by_hand_is_a_change_of_its_function(functions):
    both = [FUNCTION, lambda_extras.PERMISSION]
    wanted = Inventory([as_declared(each) for each in read(FUNCTION).of("aws_lambda_function")])
    about = {"FunctionName": "resize", "Action": "lambda:InvokeFunction", "Principal": "*"}
    functions.add_permission(**about, StatementId="all")
    [row] = drift(read(*both), wanted, SCHEMAS).drift
    assert [(each.path, each.live["principal"]) for each in row.changes] == [("permission[all]", "*")]


def test_permission_that_was_removed_is_missing(functions):
    here = Declaration(address="aws_lambda_permission.here", source="terraform.tfstate")
    gone = Resource(
        type="aws_lambda_permission",
        id="gone",
        identity="resize/gone",
        account=ACCOUNT,
        region=REGION,
        attributes={"function_name": "resize", "statement_id": "gone"},
        declared=here,
    )
    of_version = gone.replace(attributes={**gone.attributes, "qualifier": "3"}, identity="resize:3/gone")
    assert rows(lambda_extras.PERMISSION, gone, of_version) == [("missing", [])]


def test_event_invoke_config(functions):
    functions.put_function_event_invoke_config(
        FunctionName="resize",
        MaximumRetryAttempts=0,
        MaximumEventAgeInSeconds=60,
        DestinationConfig={"OnFailure": {"Destination": QUEUE}},
    )
    found = one(lambda_extras.INVOKE_CONFIG)
    assert (found.id, found.identity) == ("resize", "resize")
    assert found.attributes == {
        "destination_config": [{"on_failure": [{"destination": QUEUE}], "on_success": None}],
        "function_name": "resize",
        "maximum_event_age_in_seconds": 60,
        "maximum_retry_attempts": 0,
        "qualifier": "",
    }
    wanted = as_declared(found, qualifier="$LATEST", function_name=ARN)
    assert rows(lambda_extras.INVOKE_CONFIG, wanted) == []
    functions.delete_function_event_invoke_config(FunctionName="resize")
    functions.put_function_event_invoke_config(FunctionName="resize", MaximumRetryAttempts=2)
    assert rows(lambda_extras.INVOKE_CONFIG, wanted) == [
        ("changed", ["destination_config", "maximum_event_age_in_seconds", "maximum_retry_attempts"])
    ]


def test_event_source_mapping(aws, functions):
    aws("sqs").create_queue(QueueName="jobs")
    uuid = functions.create_event_source_mapping(
        FunctionName="resize",
        EventSourceArn=QUEUE,
        BatchSize=5,
        FilterCriteria={"Filters": [{"Pattern": '{"body": {"a": [1]}}'}]},
    )["UUID"]
    found = one(lambda_extras.EVENT_SOURCE_MAPPING)
    assert (found.id, found.identity, found.fact("pending_deletion")) == (uuid, uuid, False)
    assert {name: value for name, value in found.attributes.items() if value} == {
        "arn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:event-source-mapping:{uuid}",
        "batch_size": 5,
        "enabled": True,
        "event_source_arn": QUEUE,
        "filter_criteria": [{"filter": [{"pattern": '{"body": {"a": [1]}}'}]}],
        "function_arn": ARN,
        "function_name": ARN,
        "last_modified": found["last_modified"],
        "state": "Enabled",
        "state_transition_reason": "User initiated",
        "uuid": uuid,
    }
    wanted = as_declared(
        found, function_name="resize", filter_criteria=[{"filter": [{"pattern": '{"body":{"a":[1]}}'}]}]
    )
    assert rows(lambda_extras.EVENT_SOURCE_MAPPING, wanted) == []
    functions.update_event_source_mapping(UUID=uuid, BatchSize=9, Enabled=False)
    assert rows(lambda_extras.EVENT_SOURCE_MAPPING, wanted) == [("changed", ["batch_size", "enabled"])]


def test_layer_versions_before_the_newest_are_history(functions):
    about = {"LayerName": "tools", "Content": code(), "CompatibleRuntimes": ["python3.12"], "LicenseInfo": "MIT"}
    for description in ("first", "second"):
        functions.publish_layer_version(**about, Description=description)
    found = {each["version"]: each for each in read(lambda_extras.LAYER_VERSION).of("aws_lambda_layer_version")}
    assert {version: each.owner for version, each in found.items()} == {"1": "lambda: earlier versions", "2": None}
    assert_value_types(found["2"])
    layer = f"arn:aws:lambda:{REGION}:{ACCOUNT}:layer:tools"
    assert found["2"].id == f"{layer}:2"
    assert found["2"].attributes == {
        "arn": f"{layer}:2",
        "compatible_architectures": None,
        "compatible_runtimes": ["python3.12"],
        "created_date": found["2"]["created_date"],
        "description": "second",
        "layer_arn": layer,
        "layer_name": "tools",
        "license_info": "MIT",
        "version": "2",
    }


# --- what moto does not answer --------------------------------------------------------------------------

FUNCTIONS = "GET /2015-03-31/functions?MaxItems=50"
OF = "/functions/resize"


@pytest.fixture
def stand_in(monkeypatch):
    """Lambda with one function, resize; of the unforeseen it says that it is denied."""
    with wire() as it:
        monkeypatch.setenv("AWS_ENDPOINT_URL", it.url)
        it.answers[FUNCTIONS] = answer({"Functions": [{"FunctionName": "resize", "FunctionArn": ARN}]})
        yield it


def test_function_urls(stand_in):
    cors = {"AllowOrigins": ["*"], "AllowHeaders": ["date"], "MaxAge": 60}
    url = {
        "FunctionArn": ARN,
        "FunctionUrl": "https://abc.lambda-url.eu-west-1.on.aws/",
        "AuthType": "NONE",
        "Cors": cors,
    }
    of_alias = {**url, "FunctionArn": f"{ARN}:live", "AuthType": "AWS_IAM", "InvokeMode": "RESPONSE_STREAM"}
    stand_in.answers[f"GET /2021-10-31{OF}/urls?MaxItems=50"] = answer({"FunctionUrlConfigs": [url, of_alias]})
    found = {each.identity: each for each in read(lambda_extras.URL).of("aws_lambda_function_url")}
    assert {identity: each.id for identity, each in found.items()} == {"resize": "resize", "resize:live": "resize/live"}
    assert_value_types(found["resize"])
    assert found["resize"].attributes == {
        "authorization_type": "NONE",
        "cors": [
            {
                "allow_credentials": None,
                "allow_headers": ["date"],
                "allow_methods": None,
                "allow_origins": ["*"],
                "expose_headers": None,
                "max_age": 60,
            }
        ],
        "function_arn": ARN,
        "function_name": "resize",
        "function_url": "https://abc.lambda-url.eu-west-1.on.aws/",
        "invoke_mode": None,
        "qualifier": "",
        "url_id": "abc",
    }
    assert (found["resize:live"]["qualifier"], found["resize:live"]["invoke_mode"]) == ("live", "RESPONSE_STREAM")


def test_code_signing_config(stand_in):
    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:code-signing-config:csc-1"
    row = {
        "CodeSigningConfigId": "csc-1",
        "CodeSigningConfigArn": arn,
        "AllowedPublishers": {"SigningProfileVersionArns": ["arn:profile"]},
        "CodeSigningPolicies": {"UntrustedArtifactOnDeployment": "Enforce"},
    }
    stand_in.answers["GET /2020-04-22/code-signing-configs?MaxItems=1000"] = answer({"CodeSigningConfigs": [row]})
    stand_in.answers[f"GET /2017-03-31/tags/{arn.replace(':', '%3A')}"] = answer({"Tags": {"a": "b"}})
    found = one(lambda_extras.CODE_SIGNING_CONFIG)
    assert found.id == arn
    assert found.attributes == {
        "allowed_publishers": [{"signing_profile_version_arns": ["arn:profile"]}],
        "arn": arn,
        "config_id": "csc-1",
        "description": None,
        "last_modified": None,
        "policies": [{"untrusted_artifact_on_deployment": "Enforce"}],
        "tags": {"a": "b"},
    }


def test_function_without_a_policy_has_no_permissions(stand_in):
    stand_in.answers[f"GET /2015-03-31{OF}/aliases?MaxItems=1000"] = answer({"Aliases": []})
    nothing = refusal("ResourceNotFoundException", 404)._replace(
        headers={"x-amzn-ErrorType": "ResourceNotFoundException"}
    )
    stand_in.answers[f"GET /2015-03-31{OF}/policy"] = nothing
    found = read(lambda_extras.PERMISSION)
    assert (list(found.of("aws_lambda_permission")), found.gaps) == ([], [])


def test_permission_as_aws_words_it(stand_in):
    tests = {
        "StringEquals": {
            "aws:PrincipalOrgID": "o-1",
            "lambda:FunctionUrlAuthType": "NONE",
            "AWS:SourceAccount": ACCOUNT,
        },
        "ArnLike": {"AWS:SourceArn": "arn:aws:sns:topic"},
    }
    principal = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    said = {"Sid": "url", "Effect": "Allow", "Principal": principal, "Action": "lambda:InvokeFunctionUrl"}
    policy = {"Version": "2012-10-17", "Statement": [{**said, "Resource": ARN, "Condition": tests}]}
    stand_in.answers[f"GET /2015-03-31{OF}/aliases?MaxItems=1000"] = answer({"Aliases": []})
    stand_in.answers[f"GET /2015-03-31{OF}/policy"] = answer({"Policy": json.dumps(policy)})
    assert one(lambda_extras.PERMISSION).attributes == dict.fromkeys(lambda_extras.PERMISSION.attributes) | {
        "action": "lambda:InvokeFunctionUrl",
        "function_name": "resize",
        "function_url_auth_type": "NONE",
        "principal": f"arn:aws:iam::{ACCOUNT}:root",
        "principal_org_id": "o-1",
        "qualifier": "",
        "source_account": ACCOUNT,
        "source_arn": "arn:aws:sns:topic",
        "statement_id": "url",
    }


def test_refused_policy_is_a_gap_and_its_permissions_are_not_missing(stand_in):
    stand_in.answers[f"GET /2015-03-31{OF}/aliases?MaxItems=1000"] = answer({"Aliases": []})
    found = read(lambda_extras.PERMISSION)
    [gap] = found.gaps
    assert (gap.type, gap.kind, gap.permission) == ("aws_lambda_permission", "denied", "lambda:GetPolicy")
    with pytest.raises(Unknown):
        near = Resource(type="aws_lambda_function", id="resize", account=ACCOUNT, region=REGION)
        found.near(near, "aws_lambda_permission", function_name="resize")


def test_filters_that_may_not_be_decrypted_are_unknown_and_not_none(stand_in):
    row = {"UUID": "u1", "State": "Updating", "FilterCriteriaError": {"ErrorCode": "x", "Message": "no key"}}
    page = answer({"EventSourceMappings": [row]})
    stand_in.answers["GET /2015-03-31/event-source-mappings?MaxItems=100"] = page
    [found] = read(lambda_extras.EVENT_SOURCE_MAPPING).of("aws_lambda_event_source_mapping")
    with pytest.raises(Unknown, match="no key"):
        found["filter_criteria"]
    assert found["enabled"] is None


# --- forms ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("function", "qualifier", "meant"),
    [
        ("resize", None, ("resize", "")),
        ("resize:live", "", ("resize", "live")),
        (ARN, "live", ("resize", "live")),
        (f"{ARN}:live", None, ("resize", "live")),
        (f"{ARN}:$LATEST", "", ("resize", "")),
        (f"{ACCOUNT}:function:resize", "$LATEST", ("resize", "")),
    ],
)
def test_target(function, qualifier, meant):
    assert target(function, qualifier) == meant


SAME = [
    ("PERMISSION", "principal", "210987654321", "arn:aws:iam::210987654321:root"),
    ("PERMISSION", "function_name", f"{ARN}:live", "resize"),
    ("EVENT_SOURCE_MAPPING", "function_name", "resize:live", f"{ARN}:live"),
    ("EVENT_SOURCE_MAPPING", "maximum_retry_attempts", None, -1),
    ("URL", "invoke_mode", None, "BUFFERED"),
    ("URL", "qualifier", "", None),
    ("LAYER_VERSION", "layer_name", "tools", f"arn:aws:lambda:{REGION}:{ACCOUNT}:layer:tools"),
]
NOT_SAME = [
    ("PERMISSION", "principal", "210987654321", "*"),
    ("PERMISSION", "function_name", "resize", "other"),
    ("EVENT_SOURCE_MAPPING", "function_name", "resize", f"{ARN}:live"),
    ("EVENT_SOURCE_MAPPING", "enabled", True, False),
    ("INVOKE_CONFIG", "maximum_retry_attempts", 0, 2),
    ("ALIAS", "routing_config", [], [{"additional_version_weights": {"2": 0.1}}]),
]


def differences(name, attribute, declared, live):
    return list(getattr(lambda_extras, name).schema.forms[attribute].differences(attribute, declared, live))


@pytest.mark.parametrize("case", SAME)
def test_the_same_said_otherwise(case):
    assert differences(*case) == []


@pytest.mark.parametrize("case", NOT_SAME)
def test_not_the_same(case):
    assert differences(*case) != []


def test_corpus():
    assert_corpus_equals_itself(COLLECTORS)
