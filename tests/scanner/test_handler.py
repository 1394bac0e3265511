from __future__ import annotations

import json
import logging
import stat
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from scanner.aws.session import Access
from scanner.delivery import own
from scanner.handler import Kept, handler, main
from scanner.settings import SettingsError
from state.history import Digest, History, HistoryError, Record
from state.terraform.errors import Forbidden, NotFound, Unreadable
from tests.conftest import ACCOUNT, REGION, run
from tests.scanner import deployment
from tests.scanner.between import Answer, Between, between
from tests.scanner.cloudtrail import cloudtrail, event
from tests.scanner.deployment import DATABASE
from tests.scanner.notify.standin import Channel, channel


@pytest.fixture
def slack() -> Iterator[Channel]:
    with channel() as it:
        yield it


@pytest.fixture
def deployed(aws: Any, slack: Channel, monkeypatch: pytest.MonkeyPatch) -> Any:
    for name, value in deployment.make(aws, slack.url).items():
        monkeypatch.setenv(name, value)
    return aws


def database(aws: Any, path: Path) -> History:
    """What the bucket keeps, opened."""
    path.write_bytes(aws("s3").get_object(Bucket="acme-driftline", Key="history.sqlite")["Body"].read())
    return History(path)


def scans(aws: Any, folder: Path) -> list[str]:
    """The ids of the scans in the bucket's database, oldest first."""
    with database(aws, folder / "seen.sqlite") as history:
        return [each.id for each in reversed(history.scans())]


def told(slack: Channel) -> str:
    return json.dumps(slack.taken[-1]["blocks"])


def test_what_cloudtrail_said_is_kept_in_the_bucket(
    deployed: Any, endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRIFTLINE_SETTINGS", f"who_ip = true\n{deployment.SETTINGS}")
    deployment.suspend_versioning(deployed)
    with cloudtrail(endpoint) as trail:
        trail.events = [event("PutBucketVersioning", datetime.now(UTC).replace(microsecond=0), "acme-logs")]
        assert handler(None, None)["drift"]["changed"] == 1
    with database(deployed, tmp_path / "seen.sqlite") as history:
        kept = {(row["name"], row["event"], row["source_ip"]) for row in history.db.query("select * from writes")}
    assert kept == {("acme-logs", "PutBucketVersioning", "192.0.2.7")}


def test_what_was_changed_by_hand_between_two_runs_is_told(deployed: Any, slack: Channel, tmp_path: Path) -> None:
    first = handler(None, None)
    assert first["moved"] == dict.fromkeys(first["moved"], 0)
    deployment.suspend_versioning(deployed)
    second = handler({"ignored": True}, None)
    assert second == {
        "schema_version": "1.0",
        "scan": second["scan"],
        "account": ACCOUNT,
        "regions": [REGION],
        "accounts": 1,
        "not_entered": [],
        "interrupted": None,
        "seconds": second["seconds"],
        "resources": first["resources"],
        "drift": {"changed": 1} | {"unmanaged": first["drift"]["unmanaged"]},
        "failing": {"medium": first["failing"]["medium"] + 1},
        "gaps": 0,
        "moved": {"regressed": 2, "reopened": 0, "new": 0, "unsuppressed": 0}
        | {"now_visible": 0, "newly_checked": 0, "resolved": 0},
        "failed": ["1 resource changed"],
        "digest_error": None,
    }
    assert scans(deployed, tmp_path) == [first["scan"], second["scan"]]
    assert len(slack.taken) == 2
    assert "aws_s3_bucket_versioning.logs" in told(slack)


class Context:
    """What Lambda tells of a call: the milliseconds that are left of its time."""

    def __init__(self, left: int) -> None:
        self.left = left

    def get_remaining_time_in_millis(self) -> int:
        return self.left


@pytest.fixture
def endless(deployed: Any, endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An S3 that never comes to an end of its list of buckets."""
    over = Event()

    def wait(request: Between) -> Answer | None:
        if not (request.command == "GET" and urlsplit(request.path).path == "/"):
            return None
        over.wait()
        return 503, {}, b""

    with between(endpoint, wait) as front:
        monkeypatch.setenv("AWS_ENDPOINT_URL", front)
        yield
        over.set()


@pytest.mark.parametrize(("left", "asked", "limit"), [(1_000, "", "1"), (600_000, "timeout = 0.5", "0.5")])
def test_what_lambdas_time_does_not_suffice_for_is_a_gap_and_the_rest_is_told(
    endless: None, deployed: Any, slack: Channel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    left: int, asked: str, limit: str,
) -> None:  # fmt: skip
    monkeypatch.setenv("DRIFTLINE_SETTINGS", f"{asked}\n{deployment.SETTINGS}")
    done = handler(None, Context(left))
    assert done["interrupted"] == f"the time limit of {limit} seconds was reached"
    assert (done["gaps"], done["drift"], done["failed"]) == (22, {}, []), done
    assert scans(deployed, tmp_path) == [done["scan"]]
    assert f"*The time limit of {limit} seconds was reached*: what was not read by then is not known." in told(slack)


def test_an_organization_with_an_account_that_refuses(
    deployed: Any, slack: Channel, endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    organizations = deployed("organizations", "us-east-1")
    organizations.create_organization(FeatureSet="ALL")
    shop, old = (
        organizations.create_account(AccountName=name, Email=f"{name}@example.com")["CreateAccountStatus"]["AccountId"]
        for name in ("shop", "old")
    )
    monkeypatch.setenv("DRIFTLINE_SETTINGS", f'org = true\nrole_name = "audit"\n{deployment.SETTINGS}')
    monkeypatch.setenv("DRIFTLINE_ROLE_ARN", f"arn:aws:iam::{ACCOUNT}:role/own-audit")
    monkeypatch.setenv("DRIFTLINE_EXTERNAL_ID", "as-agreed")
    assumed: list[dict[str, str]] = []

    def refused(request: Between) -> Answer | None:
        form = dict(parse_qsl(request.body.decode(errors="replace")))
        if form.get("Action") != "AssumeRole":
            return None
        assumed.append(form)
        return (403, {}, b"<R><Error><Code>AccessDenied</Code></Error></R>") if old in form["RoleArn"] else None

    with between(endpoint, refused) as front:
        monkeypatch.setenv("AWS_ENDPOINT_URL", front)
        done = handler(None, None)
    assert (done["account"], done["accounts"], done["not_entered"], done["gaps"]) == (ACCOUNT, 3, [old], 1)
    assert {(each["RoleArn"].split(":", 4)[4], each["ExternalId"]) for each in assumed} == {
        (f"{ACCOUNT}:role/own-audit", "as-agreed"),
        (f"{shop}:role/audit", "as-agreed"),
        (f"{old}:role/audit", "as-agreed"),
    }
    assert slack.taken[-1]["text"].startswith("Driftline: 3 accounts, 1 not entered: ")
    with database(deployed, tmp_path / "seen.sqlite") as history:
        assert {each.account for each in history.scans()} >= {ACCOUNT, shop}


# --- the database ------------------------------------------------------------------------------------


def a_scan(id: str) -> Record:
    now = datetime.now(UTC)
    return Record(
        id=id,
        account=ACCOUNT,
        started=now,
        ended=now,
        version="1",
        regions=[REGION],
        sources=(),
        checks=(),
        read=[("account", "global")],
        counts={},
        verdicts=(),
        unseen=lambda *key: True,
    )


def keep(folder: Path, id: str) -> Digest:
    """Record a scan as the handler does."""

    async def keeping() -> Digest:
        async with own(Access(), "DRIFTLINE_DATABASE") as objects:
            kept = Kept(objects, DATABASE, folder / "kept.sqlite")
            await kept.fetch()
            return await kept.record(a_scan(id))

    done: Digest = run(keeping())
    return done


def rival(aws: Any, path: Path, id: str) -> None:
    """Another scan that comes first with its own, straight to moto."""
    with database(aws, path) as history:
        history.record(a_scan(id))
    aws("s3").put_object(Bucket="acme-driftline", Key="history.sqlite", Body=path.read_bytes())


@pytest.fixture
def before_writing(deployed: Any, endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Callable[..., Any]]]:
    """What happens before each attempt to put the database back: the first of these, then the second, …"""
    doing: list[Callable[..., Any]] = []

    def hook(request: Between) -> Any:
        return doing.pop(0)(request) if doing and request.command == "PUT" else None

    with between(endpoint, hook) as front:
        monkeypatch.setenv("AWS_ENDPOINT_URL", front)
        yield doing


@pytest.mark.parametrize("times", [1, 4])
def test_another_scan_that_is_faster_loses_nothing(
    deployed: Any, before_writing: Any, tmp_path: Path, times: int
) -> None:
    keep(tmp_path, "first")
    rivals = [f"rival-{n}" for n in range(times)]
    before_writing += [lambda _, id=id: rival(deployed, tmp_path / "rival.sqlite", id) for id in rivals]
    digest = keep(tmp_path, "second")
    assert scans(deployed, tmp_path) == ["first", *rivals, "second"]
    assert (digest.since, digest.scan) == (rivals[-1], "second")


def test_a_database_that_others_keep_writing_is_an_error(deployed: Any, before_writing: Any, tmp_path: Path) -> None:
    keep(tmp_path, "first")
    rivals = [f"rival-{n}" for n in range(9)]
    before_writing += [lambda _, id=id: rival(deployed, tmp_path / "rival.sqlite", id) for id in rivals]
    with pytest.raises(HistoryError) as lost:
        keep(tmp_path, "second")
    assert str(lost.value) == (
        f"{DATABASE}: 5 times another scan wrote the database first, and this scan is not recorded; "
        "schedule the scans further apart"
    )
    assert scans(deployed, tmp_path) == ["first", *rivals[:5]]


def test_the_first_database_is_not_put_over_that_of_another(deployed: Any, before_writing: Any, tmp_path: Path) -> None:
    with History(tmp_path / "other.sqlite"):
        pass

    def first_one_of_another(_: Between) -> None:
        empty = (tmp_path / "other.sqlite").read_bytes()
        deployed("s3").put_object(Bucket="acme-driftline", Key="history.sqlite", Body=empty)
        rival(deployed, tmp_path / "other.sqlite", "rival")

    before_writing.append(first_one_of_another)
    keep(tmp_path, "first")
    assert scans(deployed, tmp_path) == ["rival", "first"]


def conflict(_: Between) -> Answer:
    return 409, {}, b"<Error><Code>ConditionalRequestConflict</Code><Message>A conflicting operation</Message></Error>"


def answer_lost(request: Between) -> Answer:
    request.forward()
    return 500, {}, b"<Error><Code>InternalError</Code><Message>Try again</Message></Error>"


@pytest.mark.parametrize("happens", [conflict, answer_lost])
def test_a_write_that_s3_does_not_confirm_is_tried_again(
    deployed: Any, before_writing: Any, tmp_path: Path, happens: Any
) -> None:
    for id in ("first", "second"):
        before_writing.append(happens)
        keep(tmp_path, id)
        assert before_writing == []
    assert scans(deployed, tmp_path) == ["first", "second"]


def test_a_database_that_is_deleted_meanwhile_is_begun_again(
    deployed: Any, before_writing: Any, tmp_path: Path
) -> None:
    keep(tmp_path, "first")

    def deleted(_: Between) -> None:
        deployed("s3").delete_object(Bucket="acme-driftline", Key="history.sqlite")

    before_writing.append(deleted)
    keep(tmp_path, "second")
    assert scans(deployed, tmp_path) == ["second"]


def test_nobody_else_may_read_the_copy_and_none_is_left(
    deployed: Any, before_writing: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    modes: list[tuple[str, str]] = []

    def look(_: Between) -> None:
        modes.extend(sorted((stat.filemode(each.stat().st_mode), each.suffix) for each in tmp_path.rglob("*")))

    before_writing.append(look)
    handler(None, None)
    before_writing.append(look)
    handler(None, None)
    assert modes == [("-rw-------", ".sqlite"), ("drwx------", "")] * 2
    assert list(tmp_path.iterdir()) == []


# --- what can be wrong -------------------------------------------------------------------------------


def no_bucket(aws: Any) -> None:
    aws("s3").delete_bucket(Bucket="acme-driftline")


def no_database(aws: Any) -> None:
    aws("s3").put_object(Bucket="acme-driftline", Key="history.sqlite", Body=b"never a database, but long enough" * 99)


def no_secret(aws: Any) -> None:
    aws("secretsmanager").delete_secret(SecretId="slack", ForceDeleteWithoutRecovery=True)


def empty_secret(aws: Any) -> None:
    aws("secretsmanager").put_secret_value(SecretId="slack", SecretBinary=b"https://hooks.slack.com/")


@pytest.mark.parametrize(
    ("wrong", "kind", "said"),
    [
        (no_bucket, NotFound, f"{DATABASE}: there is no such bucket; check the name given to DRIFTLINE_DATABASE"),
        (
            no_database,
            HistoryError,
            f"{DATABASE}: the database cannot be used (file is not a database); restore an earlier version of the "
            "object, or name another in DRIFTLINE_DATABASE",
        ),
        (no_secret, NotFound, "there is no such secret, or nothing in it yet; put the webhook's URL into it"),
        (empty_secret, NotFound, "the secret holds no text; put the webhook's URL into it"),
    ],
)
def test_what_is_wrong_with_the_deployment_is_said_before_the_scan(
    deployed: Any, slack: Channel, wrong: Any, kind: type[Exception], said: str
) -> None:
    wrong(deployed)
    with pytest.raises(kind) as error:
        handler(None, None)
    assert str(error.value).endswith(said)
    assert slack.taken == []


@pytest.mark.parametrize(
    ("operation", "kind", "said"),
    [
        ("secretsmanager.GetSecretValue", Forbidden, "allow secretsmanager:GetSecretValue on it"),
        ("GET /acme-driftline/", Forbidden, f"allow s3:GetObject on {DATABASE}, and kms:Decrypt if it is encrypted"),
        ("PUT /acme-driftline/", Forbidden, f"allow s3:PutObject on {DATABASE}, and kms:Decrypt if it is encrypted"),
        ("GET /acme-tf/", Unreadable, "allow s3:GetObject on s3://acme-tf/logs.tfstate, and kms:Decrypt"),
    ],
)
def test_what_is_denied_is_said_with_what_to_allow(
    deployed: Any, endpoint: str, monkeypatch: pytest.MonkeyPatch, operation: str, kind: type[Exception], said: str
) -> None:
    def hook(request: Between) -> Answer | None:
        if operation not in f"{request.command} {request.path} {request.headers.get('X-Amz-Target')}":
            return None
        if "secret" in operation:
            return 400, {}, b'{"__type": "AccessDeniedException"}'
        return 403, {}, b"<Error><Code>AccessDenied</Code></Error>"

    with between(endpoint, hook) as front, pytest.raises(kind) as error:
        monkeypatch.setenv("AWS_ENDPOINT_URL", front)
        handler(None, None)
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("DRIFTLINE_DATABASE", "", "DRIFTLINE_DATABASE: set it to s3://bucket/key, not ''"),
        ("DRIFTLINE_DATABASE", "s3://bucket", "DRIFTLINE_DATABASE: set it to s3://bucket/key, not 's3://bucket'"),
        ("DRIFTLINE_DATABASE", "s3://b/k/", "DRIFTLINE_DATABASE: set it to s3://bucket/key, not 's3://b/k/'"),
        ("DRIFTLINE_SETTINGS", "regions", "DRIFTLINE_SETTINGS: not TOML: "),
        ("DRIFTLINE_SETTINGS", "colour = 1", "DRIFTLINE_SETTINGS:1: there is no setting colour"),
        ("DRIFTLINE_ROLE_ARN", "audit", "DRIFTLINE_ROLE_ARN: role_arn: 'audit' is no role's ARN"),
        ("DRIFTLINE_SETTINGS", 'fail_on = ["all"]', "DRIFTLINE_SETTINGS: 'all' is nothing to fail on"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(
    deployed: Any, monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as error:
        handler(None, None)
    assert str(error.value).startswith(said)


def test_a_digest_that_slack_does_not_take_costs_no_scan(
    deployed: Any, slack: Channel, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    slack.first = [(404, "no_service", {})]
    done = handler(None, None)
    refused = "127.0.0.1 refused the digest: no_service (404): the webhook was removed or its app is disabled"
    assert done["digest_error"] == f"{refused}; make a new one"
    assert scans(deployed, tmp_path) == [done["scan"]]
    [warning] = [each for each in caplog.records if each.name == "driftline"]
    assert warning.levelno == logging.WARNING
    assert warning.getMessage() == (
        f"scan {done['scan']} is recorded, but its digest did not arrive: {done['digest_error']}"
    )


def test_the_webhook_is_in_no_log_and_in_no_summary(
    deployed: Any, slack: Channel, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    done = handler(None, None)
    slack.first = [(500, "no", {})] * 9
    refused = handler(None, None)
    assert len(slack.taken) == 1
    assert refused["digest_error"]
    said = caplog.text + json.dumps([done, refused]) + "".join(capsys.readouterr())
    assert "GetSecretValue" in said
    assert "s3cr3t" not in said


def test_without_a_secret_there_is_no_digest(
    deployed: Any, slack: Channel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DRIFTLINE_SLACK_SECRET")
    done = handler(None, None)
    assert (done["digest_error"], slack.asked) == (None, 0)
    assert scans(deployed, tmp_path) == [done["scan"]]


# --- the command of the task -------------------------------------------------------------------------


def test_the_task_prints_the_summary_as_a_line(
    deployed: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    main()
    out, err = capsys.readouterr()
    assert out.count("\n") == 1
    assert scans(deployed, tmp_path) == [json.loads(out)["scan"]]
    assert err == ""


def test_a_task_that_cannot_scan_says_why_in_a_line(deployed: Any, capsys: pytest.CaptureFixture[str]) -> None:
    no_bucket(deployed)
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 2
    assert capsys.readouterr() == (
        "",
        f"driftline-task: {DATABASE}: there is no such bucket; check the name given to DRIFTLINE_DATABASE\n",
    )
