"""What looks like a secret and what does not; and that it is never told."""

import base64
import gzip

import pytest
from hypothesis import given
from hypothesis.strategies import data, from_regex

from checks import Status, secrets
from tests.checks.test_rules import judged, live

FAIL, PASS, UNKNOWN = Status.FAIL, Status.PASS, Status.UNKNOWN

# Put together here, so that nobody's own scanner takes this file for a leak.
KEY = "AKIA" + "QWERTYUIOPASDFGH"
FORMED = [
    (KEY, "an AWS access key"),
    ("-----BEGIN RSA " + "PRIVATE KEY-----", "a private key"),
    ("-----BEGIN " + "PRIVATE KEY-----", "a private key"),
    ("ghp_" + "a1" * 18, "a GitHub token"),
    ("github_pat_" + "a1" * 11, "a GitHub token"),
    ("glpat-" + "a1" * 10, "a GitLab token"),
    ("xoxb-" + "1234567890-abc", "a Slack token"),
    ("https://hooks.slack.com/services/" + "T1/B1/xyz", "a Slack webhook"),
    ("sk_live_" + "a1" * 8, "a Stripe key"),
    ("AIza" + "a" * 35, "a Google API key"),
    ("npm_" + "a1" * 18, "an npm token"),
    ("sk-ant-" + "a1" * 10, "an API key of a language model"),
    ("eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0In0." + "abcdefghijkl", "a signed token"),
    ("postgres://shop:" + "hunter2@db.internal/shop", "a password in a URL"),
]


@pytest.mark.parametrize("form", secrets.FORMS.values(), ids=secrets.FORMS.keys())
@given(text=data())
def test_law_whatever_has_a_form_has_one_of_the_signs(form, text):
    found = form.search(text.draw(from_regex(form)))
    assert found is None or secrets.formed(found.string) is not None


@pytest.mark.parametrize(("text", "kind"), FORMED)
def test_a_form_tells(text: str, kind: str) -> None:
    assert secrets.formed(f"x {text} y") == kind


@pytest.mark.parametrize(
    "text",
    [
        "echo hello",
        "AKIAIOSFODNN7EXAMPLE",
        "d41d8cd98f00b204e9800998ecf8427e",
        "Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4",
        "postgres://shop:$PASSWORD@db.internal/shop",
        "postgres://db.internal:5432/shop",
        "https://example.com/a:b@c",
        "-----BEGIN CERTIFICATE-----",
    ],
)
def test_what_only_looks_random_does_not(text: str) -> None:
    assert secrets.formed(text) is None


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("DB_PASSWORD", "hunter2", True),
        ("dbPassword", "hunter2", True),
        ("Db-Passwd", "hunter2", True),
        ("API_KEY", "abc", True),
        ("ECS_ENGINE_AUTH_DATA", '{"acme.example":{"auth":"dTpw"}}', True),
        ("apikey", "abc", True),
        ("CLIENT_SECRET", "abc", True),
        ("AWS_SECRET_ACCESS_KEY", "abc", True),
        ("GITHUB_TOKEN", "abc", True),
        ("TOKEN_1", "abc", True),
        ("credentials", "a:b", True),
        ("ANYTHING", KEY, True),
        ("DB_PASSWORD", "", False),
        ("DB_PASSWORD", None, False),
        ("USE_PASSWORD", "true", False),
        ("DB_PASSWORD", "arn:aws:secretsmanager:eu-west-1:1:secret:db", False),
        ("DB_PASSWORD", "{{resolve:secretsmanager:db}}", False),
        ("DB_PASSWORD", "${DB_PASSWORD}", False),
        ("DB_PASSWORD", "/run/secrets/db", False),
        ("DB_PASSWORD", "****", False),
        ("DB_PASSWORD_ARN", "abc", False),
        ("PASSWORD_LENGTH", "16", False),
        ("SECRET_NAME", "shop/db", False),
        ("TOKEN_URL", "https://example.com", False),
        ("MAX_TOKENS", "4096", False),
        ("PUBLIC_KEY", "abc", False),
        ("KEYBOARD", "abc", False),
        ("MONKEY", "abc", False),
        ("COMPASSWORDS", "abc", False),
    ],
)
def test_a_name_tells(name: str, value: str | None, found: bool) -> None:
    assert bool(secrets.in_pair(name, value)) is found


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("export DB_PASSWORD=hunter2", True),
        ('DB_PASSWORD="hunter2"', True),
        ("password: hunter2", True),
        ('{"password": "hunter2"}', True),
        ("mysql -u shop --password=hunter2", True),
        ("mysql -u shop --password hunter2", True),
        ("export DB_PASSWORD=$(aws ssm get-parameter --name /db)", False),
        ('DB_PASSWORD="${1}"', False),
        ("# the password is in Secrets Manager", False),
        ("yum install -y passwd", False),
    ],
)
def test_a_line_tells(line: str, found: bool) -> None:
    assert bool(list(secrets.in_text("user_data", line))) is found


SCRIPT = "#!/bin/sh\nexport DB_PASSWORD=hunter2\n"
MANY = (
    "Content-Type: multipart/mixed; boundary=b\nMIME-Version: 1.0\n\n--b\nContent-Type: text/x-shellscript\n"
    f"Content-Transfer-Encoding: base64\n\n{base64.b64encode(SCRIPT.encode()).decode()}\n--b--\n"
)


@pytest.mark.parametrize("data", [SCRIPT.encode(), gzip.compress(SCRIPT.encode(), mtime=0), MANY.encode()])
def test_user_data_is_looked_into_however_it_is_packed(data: bytes) -> None:
    template = live("aws_launch_template", "lt-1", user_data=base64.b64encode(data).decode())
    found = judged("ec2-launch-template-secrets", template)
    assert found.status is FAIL
    assert "hunter2" not in found.message + repr(found.evidence)


def test_a_digest_alone_leaves_it_open() -> None:
    template = live("aws_launch_template", "lt-1", user_data="da39a3ee5e6b4b0d3255bfef95601890afd80709")
    assert judged("ec2-launch-template-secrets", template).status is UNKNOWN


@pytest.mark.parametrize(
    ("check", "type", "attributes", "place"),
    [
        ("lambda-env-secrets", "aws_lambda_function", {"environment": [{"variables": {"TOKEN": "hunter2"}}]}, "TOKEN"),
        ("cloudformation-output-secrets", "aws_cloudformation_stack", {"outputs": {"Token": "hunter2"}}, "Token"),
        (
            "codebuild-env-secrets",
            "aws_codebuild_project",
            {"environment": [{"environment_variable": [{"name": "TOKEN", "value": "hunter2", "type": "PLAINTEXT"}]}]},
            "TOKEN",
        ),
        (
            "ecs-task-env-secrets",
            "aws_ecs_task_definition",
            {"container_definitions": '[{"name":"web","environment":[{"name":"TOKEN","value":"hunter2"}]}]'},
            "container_definitions[web].environment.TOKEN",
        ),
    ],
)
def test_the_place_is_told_and_the_value_never(
    check: str, type: str, attributes: dict[str, object], place: str
) -> None:
    resource = live(type, "it").replace(attributes=attributes, sensitive=frozenset(attributes))
    found = judged(check, resource.packed())
    assert found.status is FAIL
    assert any(path.endswith(place) for path in found.evidence)
    assert "hunter2" not in found.message + repr(dict(found.evidence))


def test_containers_that_cannot_be_read_are_unknown() -> None:
    for text in ("{", '"text"', "[1]"):
        task = live("aws_ecs_task_definition", "shop", container_definitions=text)
        assert judged("ecs-task-env-secrets", task).status is UNKNOWN


def test_attributes_are_looked_into_by_name_by_form_and_by_type_and_in_json_too() -> None:
    attributes = {
        "id": KEY,
        "password": "hunter2",
        "encrypted_password": "hunter2",
        "secret_arn": "hunter2",
        "tags": {"note": f"key {KEY}", "token": "n/a"},
        "headers": [{"name": "x-api-key", "value": "hunter2"}, {"name": "x-trace", "value": "on"}],
        "policy": '{"Statement": [{"Password": "hunter2", "Deep": ' + "[" * 50 + "]" * 50 + "}]}",
        "broken": '{"password": "hunter2"',
    }
    assert dict(secrets.in_attributes("aws_thing", attributes)) == {
        "password": "a secret by its name",
        "tags.note": "an AWS access key",
        "headers[0].x-api-key": "a secret by its name",
        "policy.Statement[0].Password": "a secret by its name",
    }
    kept = {"secret_string": '{"user": "shop"}', "id": "a"}
    assert dict(secrets.in_attributes("aws_secretsmanager_secret_version", kept)) == {
        "secret_string": "a secret by its type"
    }
