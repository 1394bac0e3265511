from __future__ import annotations

from typing import Any

import pytest

from scanner.collectors.iam import USER
from scanner.collectors.iam_credentials import (
    ACCESS_KEY,
    COLLECTORS,
    LOGIN_PROFILE,
    SERVICE_CREDENTIAL,
    SIGNING_CERTIFICATE,
    SSH_KEY,
    VIRTUAL_MFA_DEVICE,
    bearer,
    path_of,
)
from tests.conftest import ACCOUNT, read
from tests.scanner.aws.wire import refusal, xml
from tests.scanner.compared import declared, only, told, twin
from tests.scanner.standin import answering
from tests.scanner.whole import whole

BODY = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----"


@pytest.fixture
def iam(aws: Any) -> Any:
    aws("iam").create_user(UserName="ann")
    return aws("iam")


def about(id: str, identity: str, **said: Any) -> dict[str, Any]:
    return {"its id": id, "its identity": identity, "its arn": None, "its owner": None, **said}


def test_access_key(iam):
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    found = read(USER, ACCESS_KEY)
    made, user = only(found, "aws_iam_access_key"), only(found, "aws_iam_user")
    id = key["AccessKeyId"]
    assert whole(made) == about(id, id, create_date=made["create_date"], status="Active", user="ann")
    assert key["SecretAccessKey"] not in repr(found.resources)
    both = [USER, ACCESS_KEY]
    assert told(found, both, twin(user), twin(made, status=None)) == set()
    assert told(found, both, twin(made, status="Inactive")) >= {("changed", "aws_iam_access_key", "status")}
    assert told(found, both, twin(user)) == {("changed", "aws_iam_user", f"access_key[{id}]")}


def test_ssh_key(iam):
    key = iam.upload_ssh_public_key(UserName="ann", SSHPublicKeyBody="ssh-rsa AAAA ann")["SSHPublicKey"]
    made = only(read(SSH_KEY), "aws_iam_user_ssh_key")
    id = key["SSHPublicKeyId"]
    assert whole(made) == about(
        id, f"ann/{id}", fingerprint=key["Fingerprint"], ssh_public_key_id=id, status="Active", username="ann"
    )


def test_login_profile(iam):
    assert list(read(LOGIN_PROFILE).of("aws_iam_user_login_profile")) == []
    iam.create_login_profile(UserName="ann", Password="Hush-hush-1", PasswordResetRequired=True)
    found = read(USER, LOGIN_PROFILE)
    made, user = only(found, "aws_iam_user_login_profile"), only(found, "aws_iam_user")
    assert whole(made) == about("ann", "ann", password_reset_required=made["password_reset_required"], user="ann")
    both = [USER, LOGIN_PROFILE]
    assert told(found, both, twin(user), twin(made, password_reset_required=None)) == set()
    assert told(found, both, twin(user)) == {("changed", "aws_iam_user", "login_profile")}
    iam.delete_login_profile(UserName="ann")
    gone = declared("aws_iam_user_login_profile", "ann", user="ann")
    assert told(read(*both), both, twin(user), gone) == {("missing", "aws_iam_user_login_profile", "")}


def test_virtual_mfa_device(iam):
    serial = iam.create_virtual_mfa_device(Path="/team/", VirtualMFADeviceName="ann")["VirtualMFADevice"][
        "SerialNumber"
    ]
    [made] = read(VIRTUAL_MFA_DEVICE).of("aws_iam_virtual_mfa_device")
    assert (made.id, made.identity, made.owner) == (serial, serial, None)
    assert made["path"] == "/team/"
    assert made["virtual_mfa_device_name"] == "ann"
    assert path_of(f"arn:aws:iam::{ACCOUNT}:mfa/ann") == "/"
    assert bearer({"User": {"UserName": "ann"}}) == "user: ann"
    assert bearer({"User": {"Arn": f"arn:aws:iam::{ACCOUNT}:root"}}) == "user: root"


LISTED = xml("ListUsers", "<Users><member><UserName>ann</UserName></member></Users>")
CREDENTIAL = (
    "<ServiceSpecificCredentials><member><UserName>ann</UserName><Status>Inactive</Status>"
    "<ServiceUserName>ann-at-1</ServiceUserName><ServiceSpecificCredentialId>ACCA1</ServiceSpecificCredentialId>"
    "<ServiceName>codecommit.amazonaws.com</ServiceName></member></ServiceSpecificCredentials>"
)


def test_service_credential():
    answers = {
        "ListUsers": LISTED,
        "ListServiceSpecificCredentials": xml("ListServiceSpecificCredentials", CREDENTIAL),
    }
    with answering(answers):
        made = only(read(SERVICE_CREDENTIAL), "aws_iam_service_specific_credential")
    assert whole(made) == about(
        "codecommit.amazonaws.com:ann:ACCA1",
        "ann/ACCA1",
        service_name="codecommit.amazonaws.com",
        service_specific_credential_id="ACCA1",
        service_user_name="ann-at-1",
        status="Inactive",
        user_name="ann",
    )


def test_signing_certificate():
    told_of = f"<UserName>ann</UserName><CertificateId>C1</CertificateId><CertificateBody>{BODY}</CertificateBody>"
    inner = f"<Certificates><member>{told_of}<Status>Active</Status></member></Certificates>"
    with answering({"ListUsers": LISTED, "ListSigningCertificates": xml("ListSigningCertificates", inner)}):
        made = only(found := read(SIGNING_CERTIFICATE), "aws_iam_signing_certificate")
    assert whole(made) == about(
        "C1:ann", "ann/C1", certificate_body=BODY, certificate_id="C1", status="Active", user_name="ann"
    )
    assert told(found, COLLECTORS, twin(made, certificate_body=BODY + "\n")) == set()


@pytest.mark.parametrize(
    ("error", "gaps"), [("AccessDenied", [("aws_iam_access_key", None, "denied")]), ("NoSuchEntity", [])]
)
def test_a_user_who_went_has_no_keys_and_one_who_is_shut_is_a_gap(error, gaps):
    with answering({"ListUsers": LISTED, "ListAccessKeys": refusal(error, 403)}):
        found = read(ACCESS_KEY)
    assert list(found.of("aws_iam_access_key")) == []
    assert [(gap.type, gap.id, gap.kind) for gap in found.gaps] == gaps
