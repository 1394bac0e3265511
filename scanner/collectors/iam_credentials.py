"""What a user signs in or calls with: keys, passwords, certificates and devices. Their secrets AWS never tells."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from scanner.aws.collector import Attribute, Collector, Detail, Listing, Scope, converted, volatile
from scanner.aws.inside import Fetch, Once, all_of, inside
from scanner.aws.place import Item, Place
from scanner.collectors.iam import DETAILS, GONE, details
from scanner.collectors.iam_providers import PEM
from state.forms import defaulting, last_segment
from state.schema import Parent

Ask = Callable[[Place, Item], Awaitable[Item]]

ACTIVE = Attribute(path="Status", form=defaulting("Active"))

USERS = all_of("iam", "list_users", "Users")


async def _access_keys(place: Place, user: Item) -> Item:
    return await place.whole("iam", "list_access_keys", UserName=user["UserName"])


async def _ssh_keys(place: Place, user: Item) -> Item:
    return await place.whole("iam", "list_ssh_public_keys", UserName=user["UserName"])


async def _signing_certificates(place: Place, user: Item) -> Item:
    return await place.whole("iam", "list_signing_certificates", UserName=user["UserName"])


async def _service_credentials(place: Place, user: Item) -> Item:
    return await place.call("iam", "list_service_specific_credentials", UserName=user["UserName"])


def of_users(name: str, ask: Ask, items: str) -> Fetch:
    """What each user has of something; a user who went since the listing has nothing."""
    return inside(name, USERS, Once(ask), lambda answer, user: answer.get(items) or (), gone=GONE)


def credential(type: str, by: str, part: str, fetch: Any, permission: str, **about: Any) -> Collector:
    """One of a user's many."""
    return Collector(
        type=type,
        service="iam",
        scope=Scope.GLOBAL,
        fetch=fetch,
        asks_parents=True,
        permissions=("iam:ListUsers", permission, *about.pop("also", ())),
        parent=Parent(type="aws_iam_user", by=by, part=part),
        **about,
    )


ACCESS_KEY = credential(
    "aws_iam_access_key",
    "user",
    "access_key",
    of_users("access_keys", _access_keys, "AccessKeyMetadata"),
    "iam:ListAccessKeys",
    also=("iam:GetAccessKeyLastUsed",),
    id="AccessKeyId",
    details=(
        Detail(operation="get_access_key_last_used", arguments={"AccessKeyId": "AccessKeyId"}, into="Used", gone=GONE),
    ),
    attributes={"create_date": volatile("CreateDate"), "status": ACTIVE, "user": "UserName"},
    facts={
        "last_used_date": "Used.AccessKeyLastUsed.LastUsedDate",
        "last_used_region": "Used.AccessKeyLastUsed.Region",
        "last_used_service": "Used.AccessKeyLastUsed.ServiceName",
    },
)

SSH_KEY = credential(
    "aws_iam_user_ssh_key",
    "username",
    "ssh_key",
    of_users("ssh_keys", _ssh_keys, "SSHPublicKeys"),
    "iam:ListSSHPublicKeys",
    also=("iam:GetSSHPublicKey",),
    id="SSHPublicKeyId",
    identity=("username", "ssh_public_key_id"),
    details=(
        Detail(
            operation="get_ssh_public_key",
            arguments={"UserName": "UserName", "SSHPublicKeyId": "SSHPublicKeyId", "Encoding": "'SSH'"},
            into="Whole",
            gone=GONE,
        ),
    ),
    attributes={
        # The key itself stands in whichever encoding the code asks for; its fingerprint is the same in each.
        "fingerprint": "Whole.SSHPublicKey.Fingerprint",
        "ssh_public_key_id": "SSHPublicKeyId",
        "status": ACTIVE,
        "username": "UserName",
    },
    facts={"upload_date": "UploadDate"},
)

SIGNING_CERTIFICATE = credential(
    "aws_iam_signing_certificate",
    "user_name",
    "signing_certificate",
    of_users("signing_certificates", _signing_certificates, "Certificates"),
    "iam:ListSigningCertificates",
    id="join(':', [CertificateId, UserName])",
    identity=("user_name", "certificate_id"),
    attributes={
        "certificate_body": Attribute(path="CertificateBody", form=PEM),
        "certificate_id": "CertificateId",
        "status": ACTIVE,
        "user_name": "UserName",
    },
    facts={"upload_date": "UploadDate"},
)

SERVICE_CREDENTIAL = credential(
    "aws_iam_service_specific_credential",
    "user_name",
    "service_specific_credential",
    of_users("service_credentials", _service_credentials, "ServiceSpecificCredentials"),
    "iam:ListServiceSpecificCredentials",
    id="join(':', [ServiceName, UserName, ServiceSpecificCredentialId])",
    identity=("user_name", "service_specific_credential_id"),
    attributes={
        "service_name": "ServiceName",
        "service_specific_credential_id": "ServiceSpecificCredentialId",
        "service_user_name": "ServiceUserName",
        "status": ACTIVE,
        "user_name": "UserName",
    },
    facts={"create_date": "CreateDate"},
)

LOGIN_PROFILE = Collector(
    type="aws_iam_user_login_profile",
    service="iam",
    scope=Scope.GLOBAL,
    fetch=details("UserDetailList"),
    details=(
        Detail(
            operation="get_login_profile", arguments={"UserName": "UserName"}, into="Login", absent=GONE, essential=True
        ),
    ),
    permissions=(DETAILS, "iam:GetLoginProfile"),
    id="UserName",
    identity=("user",),
    parent=Parent(type="aws_iam_user", by="user", part="login_profile"),
    attributes={
        # The user's next sign-in takes it back.
        "password_reset_required": volatile("Login.LoginProfile.PasswordResetRequired"),
        "user": "UserName",
    },
    facts={"create_date": "Login.LoginProfile.CreateDate"},
)

# --- devices --------------------------------------------------------------------------------------


def bearer(device: Item) -> str | None:
    """A device is made by the user who signs in with it."""
    user = device.get("User") or {}
    return f"user: {user.get('UserName') or 'root'}" if user else None


def path_of(arn: Any) -> str:
    """``arn:aws:iam::1:mfa/team/ann`` is at ``/team/``."""
    inner = str(arn).partition(":mfa/")[2].rpartition("/")[0]
    return f"/{inner}/" if inner else "/"


VIRTUAL_MFA_DEVICE = Collector(
    type="aws_iam_virtual_mfa_device",
    service="iam",
    scope=Scope.GLOBAL,
    fetch=Listing("list_virtual_mfa_devices", "VirtualMFADevices"),
    details=(
        Detail(
            operation="list_mfa_device_tags",
            arguments={"SerialNumber": "SerialNumber"},
            into="Tagging",
            gone=GONE,
        ),
    ),
    permissions=("iam:ListVirtualMFADevices", "iam:ListMFADeviceTags"),
    id="SerialNumber",
    identity=("arn",),
    owner=bearer,
    attributes={
        "arn": "SerialNumber",
        "enable_date": volatile("EnableDate"),
        "path": converted("SerialNumber", path_of),
        "user_name": volatile("User.UserName"),
        "virtual_mfa_device_name": converted("SerialNumber", last_segment),
    },
    tags="Tagging.Tags",
)

COLLECTORS = [ACCESS_KEY, SSH_KEY, SIGNING_CERTIFICATE, SERVICE_CREDENTIAL, LOGIN_PROFILE, VIRTUAL_MFA_DEVICE]
