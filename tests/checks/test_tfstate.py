"""The buckets that states lie in, judged by a scan of a live account that was told of them."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from checks import Finding, Status
from scanner import Scan, Settings, remember, scan
from scanner.report import render
from state.history import History
from tests.conftest import REGION
from tests.state.terraform.states import block, bucket, state

FAIL, PASS, UNKNOWN, SKIPPED = Status.FAIL, Status.PASS, Status.UNKNOWN, Status.SKIPPED
ALL = ("bucket-encryption", "bucket-logging", "bucket-public", "bucket-versioning", "lock-missing", "secrets-plain")
SOURCE = "s3://acme-state/live.tfstate"
PASSWORD = "correct horse" + " battery"
BACKEND = """
terraform {
  backend "s3" {
    bucket = "%s"
    key    = "live.tfstate"
    region = "eu-west-1"
    %s
  }
}
"""


@pytest.fixture
def s3(aws: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A bucket with a state, as AWS makes one: open to what its policy says, without versions."""
    monkeypatch.chdir(tmp_path)
    client = aws("s3")
    client.create_bucket(Bucket="acme-state", CreateBucketConfiguration={"LocationConstraint": REGION})
    return client


def put(s3: Any, *blocks: dict[str, Any], key: str = "live.tfstate", **outputs: Any) -> None:
    document = json.loads(state(*blocks)) | {"outputs": {name: {"value": each} for name, each in outputs.items()}}
    s3.put_object(Bucket="acme-state", Key=key, Body=json.dumps(document).encode())


def scanned(*sources: str, **more: Any) -> Scan:
    asked = Settings(sources=sources, regions=(REGION,), services=("s3",), checks=("tfstate-*",), **more)
    return asyncio.run(scan(asked, kinds=("check",)))


def told(found: Scan) -> dict[str, tuple[str, Status]]:
    return {each.check.id.removeprefix("tfstate-"): (each.resource.id, each.status) for each in found.findings}


def of(found: Scan, check: str) -> Finding:
    [finding] = [each for each in found.findings if each.check.id == f"tfstate-{check}"]
    return finding


def code(bucket: str = "acme-state", lock: str = "") -> str:
    Path("infra").mkdir()
    Path("infra/main.tf").write_text(BACKEND % (bucket, lock) + 'resource "aws_s3_bucket" "it" {}\n')
    return "infra"


def harden(s3: Any) -> None:
    s3.put_bucket_versioning(Bucket="acme-state", VersioningConfiguration={"Status": "Enabled"})
    switches = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    s3.put_public_access_block(Bucket="acme-state", PublicAccessBlockConfiguration=dict.fromkeys(switches, True))
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}
    s3.put_bucket_encryption(Bucket="acme-state", ServerSideEncryptionConfiguration={"Rules": [rule]})
    log(s3)


def log(s3: Any) -> None:
    """A bucket of another name keeps who read the state."""
    s3.create_bucket(
        Bucket="access-logs",
        CreateBucketConfiguration={"LocationConstraint": REGION},
        ObjectOwnership="BucketOwnerPreferred",
    )
    s3.put_bucket_acl(Bucket="access-logs", ACL="log-delivery-write")
    to = {"LoggingEnabled": {"TargetBucket": "access-logs", "TargetPrefix": "state/"}}
    s3.put_bucket_logging(Bucket="acme-state", BucketLoggingStatus=to)


DATABASE = block("aws_db_instance", "orders", [{"attributes": {"id": "orders", "password": PASSWORD}}])


def test_a_bucket_as_aws_makes_it_fails_and_a_hardened_one_passes(s3: Any) -> None:
    s3.create_bucket(Bucket="by-hand", CreateBucketConfiguration={"LocationConstraint": REGION})
    put(s3, bucket("acme-state"), DATABASE)
    infra = code()
    one_region = {"bucket-logging": ("acme-state", UNKNOWN)}  # a trail of another may record what is read
    assert told(scanned(SOURCE, infra)) == dict.fromkeys(ALL, ("acme-state", FAIL)) | one_region
    harden(s3)
    put(s3, bucket("acme-state"))
    Path("infra/main.tf").write_text(BACKEND % ("acme-state", "use_lockfile = true"))
    assert told(scanned(SOURCE, infra)) == dict.fromkeys(ALL, ("acme-state", PASS))


def test_what_is_wrong_names_the_state(s3: Any) -> None:
    put(s3, bucket("acme-state"))
    put(s3, key="test.tfstate")
    found = scanned("s3://acme-state/")
    assert of(found, "bucket-versioning").message == (
        f"versioning of acme-state is not enabled; it holds {SOURCE} and s3://acme-state/test.tfstate"
    )


def test_without_its_code_nobody_knows_of_a_lock(s3: Any) -> None:
    put(s3)
    found = of(scanned(SOURCE), "lock-missing")
    assert (found.status, SOURCE in found.message) == (UNKNOWN, True)


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("", FAIL),
        ("use_lockfile = false", FAIL),
        ('dynamodb_table = ""', FAIL),
        ("use_lockfile = null", UNKNOWN),
        ("use_lockfile = var.locked", UNKNOWN),
        ("use_lockfile = true", PASS),
        ('dynamodb_table = "locks"', PASS),
    ],
)
def test_a_lock_is_what_the_backend_says(s3: Any, said: str, status: Status) -> None:
    put(s3)
    found = of(scanned(SOURCE, code(lock=said)), "lock-missing")
    assert found.status is status
    assert dict(found.evidence) == (
        {"infra/main.tf:3": "neither use_lockfile nor dynamodb_table"} if status is FAIL else {}
    )


def test_a_backend_holds_for_its_workspaces_and_where_it_is_followed(s3: Any) -> None:
    put(s3, key="env:/test/live.tfstate")
    infra = code(lock="use_lockfile = true")
    assert of(scanned("s3://acme-state/env:/test/live.tfstate", infra), "lock-missing").status is PASS
    put(s3)
    assert of(scanned(infra, follow_backends=True), "lock-missing").status is PASS


def test_a_bucket_that_only_code_names_is_judged_and_its_state_is_not(s3: Any) -> None:
    Path("local.tfstate").write_bytes(state(bucket("acme-state")))
    harden(s3)
    expected = dict.fromkeys(ALL, ("acme-state", PASS)) | {"secrets-plain": ("acme-state", UNKNOWN)}
    assert told(scanned("local.tfstate", code(lock="use_lockfile = true"))) == expected


def test_a_bucket_of_another_account_is_unknown_and_its_lock_is_not(s3: Any) -> None:
    Path("local.tfstate").write_bytes(state(bucket("acme-state")))
    found = scanned("local.tfstate", code("not-ours"))
    expected = dict.fromkeys(ALL, ("not-ours", UNKNOWN)) | {"lock-missing": ("not-ours", FAIL)}
    assert told(found) == expected
    assert of(found, "bucket-public").message == (
        "the bucket not-ours is in none of the accounts and regions that were read"
    )
    with History(Path("history.sqlite")) as history:
        remember(found, history)
    assert "not-ours" in "".join(render("markdown", found))


def test_denied_is_unknown(s3: Any, allowed_only: Any) -> None:
    put(s3, DATABASE)
    harden(s3)
    with allowed_only("s3:GetObject", "s3:ListBucket"):
        found = scanned(SOURCE)
    assert told(found) == dict.fromkeys(ALL, ("acme-state", UNKNOWN)) | {"secrets-plain": ("acme-state", FAIL)}
    assert "could not read aws_s3_bucket: " in of(found, "bucket-public").message


def test_a_setting_that_may_not_be_read_is_unknown(s3: Any, allowed_only: Any) -> None:
    put(s3)
    harden(s3)
    with allowed_only("s3:GetObject", "s3:ListBucket", "s3:ListAllMyBuckets", "s3:GetBucketLocation"):
        assert of(scanned(SOURCE), "bucket-versioning").status is UNKNOWN


@pytest.mark.parametrize("sources", [(), ("local.tfstate",)])
def test_where_no_state_lies_in_s3_there_is_nothing_to_judge(s3: Any, sources: tuple[str, ...]) -> None:
    Path("local.tfstate").write_bytes(state(bucket("acme-state"), DATABASE))
    found = scanned(*sources)
    assert told(found) == dict.fromkeys(ALL, ("*", SKIPPED))
    assert {each.message for each in found.findings} == {"no state buckets"}


def test_secrets_are_told_by_their_place_wherever_they_stand_and_by_nothing_else(s3: Any) -> None:
    key = "AKIA" + "QWERTYUIOPASDFGH"
    task, named = "aws_ecs_task_definition", "a secret by its name"
    env = json.dumps([{"name": "web", "environment": [{"name": "API_TOKEN", "value": PASSWORD}]}])
    put(
        s3,
        DATABASE,
        block("aws_iam_access_key", "ci", [{"attributes": {"id": key, "secret": PASSWORD}}]),
        block(task, "web", [{"attributes": {"id": "web", "container_definitions": env}}]),
        block("aws_ssm_parameter", "open", [{"attributes": {"id": "a", "type": "String", "value": PASSWORD}}]),
        block("aws_ssm_parameter", "shut", [{"attributes": {"id": "b", "type": "SecureString", "value": PASSWORD}}]),
        block(
            "random_password",
            "it",
            [{"attributes": {"id": "none", "result": PASSWORD}, "index_key": 0}],
            provider='provider["registry.terraform.io/hashicorp/random"]',
        ),
        block("aws_secretsmanager_secret_version", "db", [{"attributes": {"secret_string": PASSWORD}}])
        | {"mode": "data"},
        url=f"postgres://shop:{PASSWORD.replace(' ', '')}@db/shop",
        names=["password"],
    )
    found = of(scanned(SOURCE), "secrets-plain")
    assert dict(found.evidence) == {
        f"{SOURCE} aws_db_instance.orders.password": named,
        f"{SOURCE} aws_iam_access_key.ci.secret": named,
        f"{SOURCE} {task}.web.container_definitions[0].environment[0].API_TOKEN": named,
        f"{SOURCE} aws_ssm_parameter.shut.value": "a secret by its type",
        f"{SOURCE} random_password.it[0].result": "a secret by its type",
        f"{SOURCE} data.aws_secretsmanager_secret_version.db.secret_string": "a secret by its type",
        f"{SOURCE} output.url": "a password in a URL",
    }  # fmt: skip
    assert found.message == (
        f"{SOURCE} holds in 7 places what looks like a password in a URL, a secret by its name, a secret by its type"
    )


def test_the_secret_is_in_no_output(s3: Any) -> None:
    put(s3, DATABASE, token=PASSWORD)
    found = scanned(SOURCE)
    assert of(found, "secrets-plain").status is FAIL
    for format in ("json", "jsonl", "markdown", "terminal"):
        assert PASSWORD not in "".join(render(format, found))


def test_hostile_names_do_not_break_out(s3: Any) -> None:
    name = "<script>\x1b[31m"
    put(
        s3,
        block("aws_db_instance", name, [{"attributes": {"id": "a", "password": PASSWORD}}]),
        **{f"{name}_token": PASSWORD},
    )
    found = scanned(SOURCE)
    assert of(found, "secrets-plain").status is FAIL
    assert "\x1b" not in "".join(render("terminal", found))
    assert "<script>" not in "".join(render("markdown", found))
