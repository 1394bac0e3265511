"""The credentials of machines: an instance's, a container's and those of a web identity."""

import json as text

from tests.scanner.aws.session import scanning
from tests.scanner.aws.test_credentials import ROLE, VPCS, in_time, keys, listening
from tests.scanner.aws.wire import Answer, assumed, json

__all__ = ["listening"]


def test_an_ec2_instance_is_asked_with_a_token(listening, config):
    """As one that refuses whoever has none: IMDSv2."""
    name = "GET /latest/meta-data/iam/security-credentials/"

    def told(body):
        return lambda asked: Answer(body) if asked.headers["x-aws-ec2-metadata-token"] == "imds" else Answer("", 401)

    given = {"Code": "Success", "AccessKeyId": "ASIAEC2", "SecretAccessKey": "s", "Token": "t"}
    listening.answers |= {
        "PUT /latest/api/token": Answer("imds"),
        name: told("audit"),
        f"{name}audit": told(text.dumps(given | {"Expiration": in_time(hours=6)})),
    }
    metadata = {"AWS_EC2_METADATA_DISABLED": "false", "AWS_EC2_METADATA_SERVICE_ENDPOINT": listening.url}
    config("", AWS_ENDPOINT_URL=listening.url, **metadata)
    scanning(VPCS)
    assert listening.asked[:3] == ["PUT /latest/api/token", name, f"{name}audit"]
    assert keys(listening) == ["ASIAEC2"]


def test_a_container(listening, config):
    given = {"AccessKeyId": "ASIAECS", "SecretAccessKey": "s", "Token": "t", "Expiration": in_time(hours=6)}
    listening.answers["GET /credentials"] = json(given)
    container = {
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{listening.url}/credentials",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN": "let me in",
    }
    config("", AWS_ENDPOINT_URL=listening.url, **container)
    scanning(VPCS)
    assert listening.requests[0].headers["Authorization"] == "let me in"
    assert keys(listening) == ["ASIAECS"]


def test_web_identity(listening, config, tmp_path):
    listening.answers["AssumeRoleWithWebIdentity"] = assumed("ASIAWEB", action="AssumeRoleWithWebIdentity")
    (tmp_path / "token").write_text("eyJ0")
    web = {"AWS_WEB_IDENTITY_TOKEN_FILE": str(tmp_path / "token"), "AWS_ROLE_ARN": ROLE}
    config("", AWS_ENDPOINT_URL=listening.url, **web)
    scanning(VPCS)
    assert listening.requests[0].form["WebIdentityToken"] == "eyJ0"
    assert listening.requests[0].headers["Authorization"] is None
    assert keys(listening) == ["ASIAWEB"]
