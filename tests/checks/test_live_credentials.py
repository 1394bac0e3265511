"""Checks of the root user, of keys, passwords and certificates: moto makes each of them today, a stand-in long ago."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from checks import Status
from tests.checks.live import FAIL, PASS, UNKNOWN, verdicts
from tests.conftest import ACCOUNT
from tests.scanner.aws.wire import Answer, xml
from tests.scanner.queries import said
from tests.scanner.standin import answering

ROOT = "<root_account>"
DEVICE = f"arn:aws:iam::{ACCOUNT}:mfa/root-account-mfa-device"


def ago(days: int) -> str:
    return f"{datetime.now(UTC) - timedelta(days=days):%Y-%m-%dT%H:%M:%S+00:00}"


def summary(**facts: int) -> Answer:
    entries = "".join(f"<entry><key>{name}</key><value>{value}</value></entry>" for name, value in facts.items())
    return xml("GetAccountSummary", f"<SummaryMap>{entries}</SummaryMap>")


def report(**rows: dict[str, str]) -> dict[str, Answer]:
    """The credential report, of these users and of root."""
    columns = sorted({column for row in rows.values() for column in row})
    lines = [["user", *columns], *([name, *(row.get(each, "N/A") for each in columns)] for name, row in rows.items())]
    content = b64encode("\n".join(map(",".join, lines)).encode()).decode()
    return said("iam", GenerateCredentialReport={"State": "COMPLETE"}, GetCredentialReport={"Content": content})


# --- root -----------------------------------------------------------------------------------------


def devices(*arns: str) -> dict[str, Answer]:
    found = [{"SerialNumber": arn, "User": {"Arn": f"arn:aws:iam::{ACCOUNT}:root", "UserId": ACCOUNT}} for arn in arns]
    return said("iam", ListVirtualMFADevices={"VirtualMFADevices": found}, ListMFADeviceTags={"Tags": []})


@contextmanager
def root(facts: dict[str, int], row: dict[str, str], *virtual: str) -> Iterator[None]:
    """An account with such a root user: its summary, its row of the credential report, its virtual devices."""
    rows = report(**{ROOT: {"password_enabled": "not_supported", **row}})
    with answering(devices(*virtual) | rows | {"GetAccountSummary": summary(**facts)}):
        yield


SUMMED = ("iam-root-mfa", "iam-root-access-key", "iam-root-hardware-mfa")
GUARDED = {"AccountMFAEnabled": 1, "AccountPasswordPresent": 1, "AccountAccessKeysPresent": 0}


@pytest.mark.parametrize(
    ("facts", "virtual", "wanted"),
    [
        (GUARDED, (), [PASS, PASS, PASS]),
        (GUARDED, (DEVICE,), [PASS, PASS, FAIL]),
        (GUARDED | {"AccountMFAEnabled": 0, "AccountAccessKeysPresent": 1}, (), [FAIL, FAIL, FAIL]),
        (GUARDED | {"AccountMFAEnabled": 0, "AccountPasswordPresent": 0}, (), [PASS, PASS, PASS]),
        ({}, (), [UNKNOWN, UNKNOWN, UNKNOWN]),
    ],
)
def test_what_guards_root(facts: dict[str, int], virtual: tuple[str, ...], wanted: list[Status]) -> None:
    with root(facts, {}, *virtual):
        found = verdicts(*SUMMED)
    assert found == {(check, ACCOUNT): status for check, status in zip(SUMMED, wanted, strict=True)}


@pytest.mark.parametrize(
    ("row", "status"),
    [
        ({"password_last_used": ago(29)}, FAIL),
        ({"access_key_2_last_used_date": ago(29)}, FAIL),
        ({"password_last_used": ago(31), "access_key_1_last_used_date": ago(400)}, PASS),
        ({"password_last_used": "no_information"}, PASS),
    ],
)
def test_when_root_was_used(row: dict[str, str], status: Status) -> None:
    with root(GUARDED, row):
        assert verdicts("iam-root-recent-use") == {("iam-root-recent-use", ACCOUNT): status}


# --- users ----------------------------------------------------------------------------------------

OF_USERS = ("iam-access-key-rotation", "iam-access-key-unused", "iam-user-console-unused")


def key(number: int, made: int, used: int | None = None, active: str = "true") -> dict[str, str]:
    """What the report says of a key, made and last used so many days ago."""
    last = {f"access_key_{number}_last_used_date": ago(used)} if used else {}
    return {f"access_key_{number}_active": active, f"access_key_{number}_last_rotated": ago(made), **last}


def password(made: int, used: int | None = None, enabled: str = "true") -> dict[str, str]:
    last = {"password_last_used": ago(used) if used else "no_information"}
    return {"password_enabled": enabled, "password_last_changed": ago(made), **last}


NOTHING = {"password_enabled": "false", "access_key_1_active": "false", "access_key_2_active": "false"}
USERS = {
    "old-key": key(2, made=91, used=1),
    "young-key": key(1, made=89, used=44),
    "idle-key": key(1, made=89, used=46),
    "new-key": key(1, made=46),
    "off": key(1, made=400, active="false") | password(made=400, enabled="false"),
    "signs-in": password(made=400, used=44),
    "gone": password(made=400, used=46),
    "never-came": password(made=46),
}


def test_keys_and_passwords_that_lie_about() -> None:
    users = [
        {"UserName": name, "UserId": f"AIDA{name}", "Arn": f"arn:aws:iam::{ACCOUNT}:user/{name}", "Path": "/"}
        for name in USERS
    ]
    rows = report(**{name: NOTHING | row for name, row in USERS.items()})
    with answering(rows | said("iam", GetAccountAuthorizationDetails={"UserDetailList": users})):
        found = verdicts(*OF_USERS)
    assert {name: [found[check, name] for check in OF_USERS] for name in USERS} == {
        "old-key": [FAIL, PASS, PASS],
        "young-key": [PASS, PASS, PASS],
        "idle-key": [PASS, FAIL, PASS],
        "new-key": [PASS, FAIL, PASS],
        "off": [PASS, PASS, PASS],
        "signs-in": [PASS, PASS, PASS],
        "gone": [PASS, PASS, FAIL],
        "never-came": [PASS, PASS, FAIL],
    }


def test_certificates_whose_time_is_over() -> None:
    def certificate(name: str, days: int) -> dict[str, Any]:
        arn = f"arn:aws:iam::{ACCOUNT}:server-certificate/{name}"
        about = {"Path": "/", "Arn": arn, "ServerCertificateName": name, "ServerCertificateId": name}
        return about | {"Expiration": ago(days)}

    listed = [certificate("over", 1), certificate("valid", -1)]
    answers = said("iam", ListServerCertificates={"ServerCertificateMetadataList": listed})
    check = "iam-server-certificate-expired"
    with answering(answers):
        assert verdicts(check) == {(check, "over"): FAIL, (check, "valid"): PASS}
