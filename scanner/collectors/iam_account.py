"""The account as IAM knows it: its summary, its root user, its credential report and its password policy."""

from __future__ import annotations

import asyncio
import csv
import time
from collections.abc import AsyncIterator
from typing import Any

from scanner.aws.collector import Collector, Detail, Scope, Shared, converted
from scanner.aws.place import Item, Place

# --- the credential report ----------------------------------------------------------------------

REPORT_SECONDS = 120
ROOT = "<root_account>"
NOTHING = {"", "N/A", "no_information", "not_supported"}
WORDS = {"true": True, "false": False}

CREDENTIALS = (
    "mfa_active",
    "password_enabled",
    "password_last_changed",
    "password_last_used",
    "password_next_rotation",
    *(
        f"access_key_{n}_{what}"
        for n in (1, 2)
        for what in ("active", "last_rotated", "last_used_date", "last_used_region", "last_used_service")
    ),
    *(f"cert_{n}_{what}" for n in (1, 2) for what in ("active", "last_rotated")),
)
"""The report's columns, of each user and of root."""


async def credential_report(place: Place, seconds: float = REPORT_SECONDS) -> dict[str, Item]:
    """What the report says of each user, by name. AWS makes a new one at most every four hours.

    Raises TimeoutError when AWS does not finish it in ``seconds``.
    """
    deadline, pause = time.monotonic() + seconds, 0.25
    while (await place.call("iam", "generate_credential_report"))["State"] != "COMPLETE":
        if time.monotonic() > deadline:
            raise TimeoutError(f"the credential report was not made within {seconds} seconds")
        await asyncio.sleep(pause)
        pause = min(2 * pause, 5)
    answer = await place.call("iam", "get_credential_report")
    return {row["user"]: _said(row) for row in csv.DictReader(answer["Content"].decode().splitlines())}


def _said(row: dict[str, str]) -> Item:
    return {name: _value(row.get(name) or "") for name in CREDENTIALS}


def _value(text: str) -> Any:
    """True, false, a time as RFC 3339, or None for each of the report's ways to say nothing."""
    if text in NOTHING:
        return None
    return WORDS.get(text.lower(), text.replace("+00:00", "Z"))


REPORT_PERMISSIONS = ("iam:GenerateCredentialReport", "iam:GetCredentialReport")


# --- the account --------------------------------------------------------------------------------


async def account(place: Place) -> AsyncIterator[list[Item]]:
    """The account itself, which is there whatever may be asked about it."""
    yield [{"Account": place.account}]


async def enabled_regions(place: Place) -> dict[str, Any]:
    """The regions that are enabled for the account, those too that a scan was told to leave out."""
    return {place.account: sorted(await place.aws.listed_regions())}


def flag(name: str) -> Any:
    """A yes or no that the summary gives as 1 or 0; None where this partition does not say."""
    return converted(f"Summary.SummaryMap.{name}", lambda value: None if value is None else bool(value))


ACCOUNT = Collector(
    type="account",
    service="iam",
    scope=Scope.GLOBAL,
    fetch=account,
    details=(
        Detail(operation="get_account_summary", arguments={}, into="Summary"),
        Shared(ask=credential_report, by=f"'{ROOT}'", into="Credentials"),
        Shared(ask=enabled_regions, by="Account", into="Regions"),
    ),
    permissions=("iam:GetAccountSummary", *REPORT_PERMISSIONS, "ec2:DescribeRegions"),
    id="Account",
    attributes={},
    facts={
        "account_access_keys_present": "Summary.SummaryMap.AccountAccessKeysPresent",
        "account_mfa_enabled": flag("AccountMFAEnabled"),
        "account_password_present": flag("AccountPasswordPresent"),
        "account_signing_certificates_present": "Summary.SummaryMap.AccountSigningCertificatesPresent",
        "enabled_regions": "Regions",
        "groups": "Summary.SummaryMap.Groups",
        "mfa_devices": "Summary.SummaryMap.MFADevices",
        "mfa_devices_in_use": "Summary.SummaryMap.MFADevicesInUse",
        "policies": "Summary.SummaryMap.Policies",
        "providers": "Summary.SummaryMap.Providers",
        "roles": "Summary.SummaryMap.Roles",
        "server_certificates": "Summary.SummaryMap.ServerCertificates",
        "users": "Summary.SummaryMap.Users",
    }
    | {f"root_{name}": f"Credentials.{name}" for name in CREDENTIALS},
)

PASSWORD_POLICY = Collector(
    type="aws_iam_account_password_policy",
    service="iam",
    scope=Scope.GLOBAL,
    fetch=account,
    details=(
        Detail(
            operation="get_account_password_policy",
            arguments={},
            into="Policy",
            absent=("NoSuchEntity",),
            essential=True,
        ),
    ),
    permissions=("iam:GetAccountPasswordPolicy",),
    id="'iam-account-password-policy'",
    attributes={
        "allow_users_to_change_password": "Policy.PasswordPolicy.AllowUsersToChangePassword",
        "expire_passwords": "Policy.PasswordPolicy.ExpirePasswords",
        "hard_expiry": "Policy.PasswordPolicy.HardExpiry",
        "max_password_age": "Policy.PasswordPolicy.MaxPasswordAge",
        "minimum_password_length": "Policy.PasswordPolicy.MinimumPasswordLength",
        "password_reuse_prevention": "Policy.PasswordPolicy.PasswordReusePrevention",
        "require_lowercase_characters": "Policy.PasswordPolicy.RequireLowercaseCharacters",
        "require_numbers": "Policy.PasswordPolicy.RequireNumbers",
        "require_symbols": "Policy.PasswordPolicy.RequireSymbols",
        "require_uppercase_characters": "Policy.PasswordPolicy.RequireUppercaseCharacters",
    },
)

COLLECTORS = [ACCOUNT, PASSWORD_POLICY]
