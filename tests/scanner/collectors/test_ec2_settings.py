import pytest

from scanner.collectors.ec2_settings import COLLECTORS
from tests.conftest import REGION, read
from tests.scanner.aws.wire import refusal, wire, xml
from tests.scanner.compared import declared, only, told, twin

NONE = "<accountLevel/>"
LIMITED = "<httpTokens>required</httpTokens><httpPutResponseHopLimit>2</httpPutResponseHopLimit>"
SOME = f"<accountLevel>{LIMITED}</accountLevel>"
METADATA = dict.fromkeys(("http_endpoint", "http_tokens", "instance_metadata_tags"), "no-preference")
LIMIT = "http_put_response_hop_limit"
KEY = "arn:aws:kms:eu-west-1:123456789012:key/1"

# The type, its call, the answer at AWS's default and after somebody set it, and what each comes to.
SETTINGS = [
    (
        "aws_ebs_encryption_by_default",
        "GetEbsEncryptionByDefault",
        ("<ebsEncryptionByDefault>false</ebsEncryptionByDefault>", {"enabled": False}),
        ("<ebsEncryptionByDefault>true</ebsEncryptionByDefault>", {"enabled": True}),
    ),
    (
        "aws_ebs_default_kms_key",
        "GetEbsDefaultKmsKeyId",
        ("<kmsKeyId>alias/aws/ebs</kmsKeyId>", {"key_arn": "alias/aws/ebs"}),
        (f"<kmsKeyId>{KEY}</kmsKeyId>", {"key_arn": KEY}),
    ),
    (
        "aws_ebs_snapshot_block_public_access",
        "GetSnapshotBlockPublicAccessState",
        ("<state>unblocked</state>", {"state": "unblocked"}),
        ("<state>block-all-sharing</state>", {"state": "block-all-sharing"}),
    ),
    (
        "aws_ec2_serial_console_access",
        "GetSerialConsoleAccessStatus",
        ("<serialConsoleAccessEnabled>false</serialConsoleAccessEnabled>", {"enabled": False}),
        ("<serialConsoleAccessEnabled>true</serialConsoleAccessEnabled>", {"enabled": True}),
    ),
    (
        "aws_ec2_image_block_public_access",
        "GetImageBlockPublicAccessState",
        ("<imageBlockPublicAccessState>unblocked</imageBlockPublicAccessState>", {"state": "unblocked"}),
        ("<imageBlockPublicAccessState>x</imageBlockPublicAccessState>", {"state": "x"}),
    ),
    (
        "aws_ec2_instance_metadata_defaults",
        "GetInstanceMetadataDefaults",
        (NONE, METADATA | {LIMIT: -1}),
        (SOME, METADATA | {"http_tokens": "required", LIMIT: 2}),
    ),
]


@pytest.fixture
def aws_says(monkeypatch):
    with wire() as it:
        monkeypatch.setenv("AWS_ENDPOINT_URL", it.url)
        yield it.answers


@pytest.mark.parametrize(("type", "call", "default", "chosen"), SETTINGS, ids=[each[0] for each in SETTINGS])
def test_setting(aws_says, type, call, default, chosen):
    collectors = [each for each in COLLECTORS if each.type == type]
    aws_says[call] = xml(call, default[0])
    found = read(*collectors)
    at_default = only(found, type)
    assert (at_default.attributes, at_default.identity) == (default[1], type.removeprefix("aws_"))
    assert told(found, collectors) == set()
    aws_says[call] = xml(call, chosen[0])
    found = read(*collectors)
    by_hand = only(found, type)
    assert by_hand.attributes == chosen[1]
    assert told(found, collectors) == {("unmanaged", type, "")}
    old = declared(type, "terraform-20200101000000000000000001", **chosen[1])
    assert told(found, collectors, old) == set()
    kinds = {(kind, type) for kind, type, _ in told(found, collectors, twin(at_default))}
    # For which key an alias stands, only the aliases tell, which are not read here.
    assert kinds == (set() if type == "aws_ebs_default_kms_key" else {("changed", type)})


def test_ids():
    class Here:
        partition, region, account = "aws", REGION, "123456789012"

    item = {"RegionName": REGION, "Said": {"KmsKeyId": KEY}}
    made = {each.type: each.resource(item, Here(), {}) for each in COLLECTORS}
    assert made["aws_ebs_snapshot_block_public_access"].id == REGION
    assert made["aws_ebs_default_kms_key"].id == KEY


def test_denied_settings_are_gaps(aws_says):
    for _, call, *_ in SETTINGS:
        aws_says[call] = refusal("UnauthorizedOperation", 403)
    found = read(*COLLECTORS)
    assert {gap.permission for gap in found.gaps} == {f"ec2:{call}" for _, call, *_ in SETTINGS}
    wanted = (declared(type, "terraform-2020", **chosen) for type, _, _, (_, chosen) in SETTINGS)
    assert told(found, COLLECTORS, *wanted) == set()
