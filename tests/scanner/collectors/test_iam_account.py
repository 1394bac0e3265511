from base64 import b64encode
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs

import pytest

from scanner.aws.collect import collect
from scanner.aws.session import Access, Aws
from scanner.collectors import schemas
from scanner.collectors.iam import USER
from scanner.collectors.iam_account import ACCOUNT as SUBJECT
from scanner.collectors.iam_account import COLLECTORS, CREDENTIALS, PASSWORD_POLICY, credential_report
from state import GLOBAL, Unknown
from tests.conftest import ACCOUNT, REGION, read, run


def test_account(aws):
    aws("iam").create_user(UserName="ann")
    found = read(SUBJECT)
    [account] = found.of("account")
    named = [each["RegionName"] for each in aws("ec2").describe_regions()["Regions"]]  # moto tells all partitions
    assert account.key == ("account", ACCOUNT, GLOBAL, ACCOUNT)
    assert account.attributes == {}
    assert account.facts == {
        "enabled_regions": sorted(name for name in named if not name.startswith(("cn-", "us-gov-"))),
        "account_access_keys_present": 0,
        "account_mfa_enabled": False,
        "account_password_present": None,
        "account_signing_certificates_present": 0,
        "groups": 0,
        "mfa_devices": 0,
        "mfa_devices_in_use": 0,
        "policies": 0,
        "providers": 0,
        "roles": 0,
        "server_certificates": 0,
        "users": 1,
    }
    assert found.gaps == []
    with pytest.raises(Unknown, match="does not name <root_account>"):
        account.fact("root_password_last_used")


def test_account_is_there_though_all_is_refused(aws, allowed_only):
    with allowed_only():
        found = read(*COLLECTORS)
    [account] = found.of("account")
    assert found.of("aws_iam_account_password_policy") == ()
    assert found.unseen("aws_iam_account_password_policy", ACCOUNT, GLOBAL) is not None
    with pytest.raises(Unknown, match="GetAccountSummary: access denied"):
        account.fact("account_mfa_enabled")
    assert sorted((gap.type, gap.region, gap.permission) for gap in found.gaps) == [
        ("account", GLOBAL, "ec2:DescribeRegions"),
        ("account", GLOBAL, "iam:GenerateCredentialReport"),
        ("account", GLOBAL, "iam:GetAccountSummary"),
        ("aws_iam_account_password_policy", GLOBAL, "iam:GetAccountPasswordPolicy"),
    ]


def test_permissions_suffice(aws, allowed_only):
    with allowed_only(*(name for each in COLLECTORS for name in each.permissions)):
        found = read(*COLLECTORS)
    assert found.gaps == []


def test_account_is_a_subject_and_never_declared():
    assert "account" not in schemas()


def test_password_policy(aws):
    aws("iam").update_account_password_policy(
        MinimumPasswordLength=14, RequireNumbers=True, MaxPasswordAge=90, PasswordReusePrevention=24
    )
    found = read(PASSWORD_POLICY)
    [policy] = found.of("aws_iam_account_password_policy")
    assert found.gaps == []
    assert policy.key == ("aws_iam_account_password_policy", ACCOUNT, GLOBAL, "iam-account-password-policy")
    assert policy.attributes == {
        "allow_users_to_change_password": False,
        "expire_passwords": True,
        "hard_expiry": False,
        "max_password_age": 90,
        "minimum_password_length": 14,
        "password_reuse_prevention": 24,
        "require_lowercase_characters": False,
        "require_numbers": True,
        "require_symbols": False,
        "require_uppercase_characters": False,
    }


def test_no_password_policy_is_none_and_no_gap(aws):
    found = read(PASSWORD_POLICY)
    assert (found.of("aws_iam_account_password_policy"), found.gaps) == ((), [])
    assert found.unseen("aws_iam_account_password_policy", ACCOUNT, GLOBAL) is None


def test_report_is_asked_for_once(aws):
    aws("iam").create_user(UserName="ann")

    async def calls():
        async with Aws(Access()) as session:
            await collect({session: [REGION]}, [USER, SUBJECT])
            return session.calls

    whoami, listing, summary, regions, twice_generated, got = 1, 1, 1, 1, 2, 1
    assert run(calls()) == whoami + listing + summary + regions + twice_generated + got


# --- what moto does not answer --------------------------------------------------------------------

REPORT = """\
user,arn,user_creation_time,password_enabled,password_last_used,mfa_active,access_key_1_active,access_key_1_last_used_region
<root_account>,arn:aws:iam::123456789012:root,2020-01-01T00:00:00+00:00,not_supported,2025-11-19T08:30:00+00:00,TRUE,FALSE,N/A
ann,arn:aws:iam::123456789012:user/ann,2020-01-01T00:00:00+00:00,true,no_information,false,true,us-east-1
"""


@pytest.fixture
def report(monkeypatch):
    """A stand-in for the two operations, as the API reference has them; the report takes three askings."""
    asked = []

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            action = parse_qs(body)["Action"][0]
            asked.append(action)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(f"<R><{action}Result>{said[action]()}</{action}Result></R>".encode())

        def log_message(self, *args):
            pass

    said = {
        "GetCallerIdentity": lambda: f"<Account>{ACCOUNT}</Account><Arn>arn:aws:iam::{ACCOUNT}:user/me</Arn>",
        "GenerateCredentialReport": lambda: f"<State>{'COMPLETE' if len(asked) > 3 else 'INPROGRESS'}</State>",
        "GetCredentialReport": lambda: f"<Content>{b64encode(REPORT.encode()).decode()}</Content>",
    }
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
    yield said
    server.shutdown()
    server.server_close()


async def reported(**limits):
    async with Aws(Access()) as session:
        return await credential_report(session.at("global"), **limits)


def test_report_of_root_and_users(report):
    rows = run(reported())
    nothing = dict.fromkeys(CREDENTIALS)
    assert rows == {
        "<root_account>": nothing
        | {"access_key_1_active": False, "mfa_active": True, "password_last_used": "2025-11-19T08:30:00Z"},
        "ann": nothing
        | {
            "access_key_1_active": True,
            "access_key_1_last_used_region": "us-east-1",
            "mfa_active": False,
            "password_enabled": True,
        },
    }


def test_report_that_is_never_made_is_a_timeout(report):
    report["GenerateCredentialReport"] = lambda: "<State>INPROGRESS</State>"
    with pytest.raises(TimeoutError, match="not made within 0 seconds"):
        run(reported(seconds=0))
