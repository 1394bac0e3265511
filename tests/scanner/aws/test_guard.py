"""What may not leave: an operation that is not listed, and a call that is not its own account's and region's."""

import pytest
from aiobotocore.credentials import AioCredentials
from botocore import UNSIGNED
from botocore.exceptions import ClientError

from scanner.aws.allowed import ALLOWED
from scanner.aws.errors import Elsewhere, Refused
from scanner.aws.guard import hosted_in, signature
from scanner.aws.operations import DENIED
from scanner.aws.session import Access
from tests.conftest import REGION
from tests.scanner.aws import wire as wires
from tests.scanner.aws.session import calling, scanning
from tests.scanner.aws.wire import Answer, identity


@pytest.mark.parametrize(
    ("service", "operation", "arguments"),
    [
        ("ec2", "terminate_instances", {"InstanceIds": ["i-1"]}),
        ("iam", "create_user", {"UserName": "mallory"}),
        ("ec2", "get_password_data", {"InstanceId": "i-1"}),
        ("secretsmanager", "get_secret_value", {"SecretId": "slack"}),
        ("s3", "get_object", {"Bucket": "states", "Key": "a.tfstate"}),
        ("sts", "get_session_token", {}),
    ],
)
def test_an_operation_that_is_not_listed_is_never_sent(wire, service, operation, arguments):
    with pytest.raises(Refused, match=rf"^{service}:\w+ is not on the list of operations that a scan may call$"):
        scanning(calling(service, operation, **arguments))
    assert wire.asked == []


def test_nothing_is_both_allowed_and_denied():
    assert not ALLOWED & DENIED


def mistaken(event, mistake):
    """A call whose request goes wrong on its way to the guard."""

    async def work(aws):
        client = await aws.wire.client(aws.session, "ec2", REGION)
        client.meta.events.register_first(event, mistake)
        await aws.at(REGION).call("ec2", "describe_vpcs")

    return work


def test_a_request_signed_for_another_region_is_never_sent(wire):
    def elsewhere(request, **_):
        request.context["signing"]["region"] = "eu-central-1"

    with pytest.raises(Elsewhere, match="a call meant for eu-west-1 was signed for eu-central-1"):
        scanning(mistaken("before-sign", elsewhere))
    assert wire.asked == []


def test_a_request_signed_with_the_key_of_another_account_is_never_sent(wire):
    def by_another(request, **_):
        request.context["signing"]["request_credentials"] = AioCredentials("AKIAOTHER", "s")

    with pytest.raises(Refused, match="a call to ec2 was not signed with its account's own credentials"):
        scanning(mistaken("before-sign", by_another))
    assert wire.asked == []


def test_a_request_that_is_not_signed_is_never_sent(wire):
    with pytest.raises(Refused, match="not signed"):
        scanning(mistaken("choose-signer", lambda **_: UNSIGNED))
    assert wire.asked == []


def test_a_call_without_a_place_is_never_sent(wire):
    async def ambient(aws):
        await (await aws.wire.client(aws.session, "ec2", REGION)).describe_vpcs()

    with pytest.raises(Refused, match="a call was made without a place to make it from"):
        scanning(ambient)
    assert wire.asked == []


def test_a_request_for_the_host_of_another_region_is_never_sent(wire, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL_EC2", "https://ec2.us-east-1.amazonaws.com")
    with pytest.raises(Refused, match=r"meant for eu-west-1 was addressed to ec2\.us-east-1\.amazonaws\.com"):
        scanning(calling("ec2", "describe_vpcs"))


@pytest.mark.parametrize(
    ("partition", "home", "region"),
    [
        ("aws-us-gov", "us-gov-west-1", "us-west-2"),
        ("aws-cn", "cn-north-1", "us-west-2"),
        ("aws-cn", "cn-north-1", "us-gov-west-1"),
        ("aws", REGION, "cn-northwest-1"),
    ],
)
def test_a_request_for_a_region_of_another_partition_is_never_sent(wire, partition, home, region):
    """Who is asking, and with which token, is no business of another partition's."""
    wire.answers["GetCallerIdentity"] = identity(f"arn:{partition}:iam::123456789012:user/ci")
    with pytest.raises(Refused, match=f"^a call of an account in partition {partition} was meant for {region}$"):
        scanning(calling("ec2", "describe_vpcs", region), Access(region=home))
    assert wire.asked == []


@pytest.mark.parametrize(
    ("url", "region"),
    [
        ("https://ec2.eu-west-1.amazonaws.com/", "eu-west-1"),
        ("https://my-data-prod-1.s3.eu-west-1.amazonaws.com/", "eu-west-1"),
        ("https://s3.dualstack.ap-southeast-2.amazonaws.com/", "ap-southeast-2"),
        ("https://ec2-fips.us-gov-west-1.amazonaws.com/", "us-gov-west-1"),
        ("https://sts.cn-north-1.amazonaws.com.cn/", "cn-north-1"),
        ("https://123456789012.ddb.eu-west-1.api.aws/", "eu-west-1"),
        ("https://vpce-0a-b.ec2.us-east-1.vpce.amazonaws.com/", "us-east-1"),
        ("https://iam.eusc-de-east-1.amazonaws.eu/", "eusc-de-east-1"),
        ("https://iam.amazonaws.com/", None),
        ("https://iam.us-gov.amazonaws.com/", None),
        ("https://iam.global.api.aws/", None),
        ("https://data-prod-1.s3.amazonaws.com/", None),
        ("http://127.0.0.1:5000/", None),
        ("https://minio.corp-dc-1.example.com/", None),
    ],
)
def test_the_region_in_a_host(url, region):
    assert hosted_in(url) == region


@pytest.mark.parametrize("header", [None, "", "Bearer abc", "AWS4-HMAC-SHA256 Credential=AKIA/20260101/eu-west-1"])
def test_what_is_no_signature(header):
    assert signature(header) is None


def test_a_signature_says_its_key_and_its_region():
    text = "AWS4-HMAC-SHA256 Credential=AKIA/20260101/eu-west-1/ec2/aws4_request, SignedHeaders=host, Signature=0"
    assert signature(text) == signature(text.encode()) == ("AKIA", "eu-west-1")


# --- S3 sends elsewhere ---------------------------------------------------------------------------

BLOCK = ("s3", "get_public_access_block")


@pytest.mark.parametrize("region", ["eu-central-1", "us-east-1"])
def test_s3_does_not_send_a_call_on_to_another_region(wire, region):
    error = "<Error><Code>PermanentRedirect</Code><Message>m</Message></Error>"
    wire.answers["GET /orders?publicAccessBlock"] = Answer(error, 301, {"x-amz-bucket-region": region})
    with pytest.raises(Elsewhere) as sent_on:
        scanning(calling(*BLOCK, Bucket="orders"))
    assert sent_on.value.region == region
    assert wire.asked == ["GET /orders?publicAccessBlock"]


def test_nobody_is_followed_to_another_host(wire):
    with wires.wire() as stranger:
        away = Answer("<Error><Code>TemporaryRedirect</Code></Error>", 307, {"Location": f"{stranger.url}/orders"})
        wire.answers |= {"GET /orders?publicAccessBlock": away, "DescribeVpcs": away}
        for ask in (calling(*BLOCK, Bucket="orders"), calling("ec2", "describe_vpcs")):
            with pytest.raises((Refused, ClientError)):
                scanning(ask)
        assert stranger.requests == []
