"""Where credentials come from, how they are renewed, and what is said when they are over."""

import asyncio
import getpass
import json as text
import os
import stat
import sys
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from hashlib import sha1

import pytest
from botocore.credentials import SSOProvider
from botocore.exceptions import ClientError, ConnectionError
from botocore.tokens import SSOTokenProvider

from scanner.aws.errors import Expired, explain
from scanner.aws.session import Access, Aws
from scanner.aws.wire import Wire
from tests.conftest import run
from tests.scanner.aws.session import calling, refused, scanning
from tests.scanner.aws.wire import Answer, assumed, json, refusal, vpcs

VPCS = calling("ec2", "describe_vpcs")


def keys(wire, action="DescribeVpcs"):
    return [each.signed.key for each in wire.requests if each.action == action]


def in_time(**lasts):
    return (datetime.now(UTC) + timedelta(**lasts)).strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.fixture(autouse=True)
def logins(home, monkeypatch):
    """botocore knows since it was imported where it looks for them."""
    for each in (SSOProvider, SSOTokenProvider):
        monkeypatch.setattr(each, "_SSO_TOKEN_CACHE_DIR", str(home / ".aws/sso/cache"))


@pytest.fixture
def listening(wire):
    wire.answers["DescribeVpcs"] = vpcs("vpc-1")
    return wire


# --- SSO ---------------------------------------------------------------------------------------------

ROLE = "arn:aws:iam::111122223333:role/audit"
SESSION = """
[profile sso]
region = eu-west-1
sso_session = corp
sso_account_id = 123456789012
sso_role_name = audit
[sso-session corp]
sso_region = eu-west-1
sso_start_url = https://corp.awsapps.com/start
"""
OLD_STYLE = """
[profile sso]
region = eu-west-1
sso_region = eu-west-1
sso_start_url = https://corp.awsapps.com/start
sso_account_id = 123456789012
sso_role_name = audit
"""
NAMES = {SESSION: "corp", OLD_STYLE: "https://corp.awsapps.com/start"}
PORTAL = "GET /federation/credentials?role_name=audit&account_id=123456789012"
LOG_IN = "the SSO session is not open, or has expired; run `aws sso login --profile sso`, and repeat the scan"


def logged_in(home, name, **lasts):
    folder = home / ".aws/sso/cache"
    folder.mkdir(parents=True)
    token = {"startUrl": "https://corp.awsapps.com/start", "accessToken": "token", "expiresAt": in_time(**lasts)}
    (folder / f"{sha1(name.encode()).hexdigest()}.json").write_text(text.dumps(token))


def portal(key, **lasts):
    until = int((datetime.now(UTC) + timedelta(**lasts)).timestamp() * 1000)
    given = {"accessKeyId": key, "secretAccessKey": "s", "sessionToken": "t", "expiration": until}
    return json({"roleCredentials": given})


@pytest.mark.parametrize("style", NAMES)
def test_an_sso_login(listening, config, home, style):
    listening.answers[PORTAL] = portal("ASIASSO", hours=1)
    config(style, AWS_ENDPOINT_URL=listening.url)
    logged_in(home, NAMES[style], hours=8)
    scanning(VPCS, Access(profile="sso"))
    assert listening.requests[0].headers["x-amz-sso_bearer_token"] == "token"
    assert keys(listening) == ["ASIASSO"]


def test_the_profile_to_log_in_with_is_the_one_that_logs_in(config):
    config(f"{SESSION}\n[profile audit]\nregion = eu-west-1\nrole_arn = {ROLE}\nsource_profile = sso\n")
    assert refused(Access(profile="audit")) == LOG_IN


@pytest.mark.parametrize("style", NAMES)
@pytest.mark.parametrize("login", ["expired", "none", "refused"])
def test_an_sso_login_that_is_over(listening, config, home, style, login):
    listening.answers[PORTAL] = Answer('{"message":"no"}', 401, {"x-amzn-errortype": "UnauthorizedException"})
    config(style, AWS_ENDPOINT_URL=listening.url)
    if login != "none":
        logged_in(home, NAMES[style], hours=-1 if login == "expired" else 8)
    assert refused(Access(profile="sso")) == LOG_IN
    assert listening.asked == ([PORTAL] if login == "refused" else [])


# --- a process ---------------------------------------------------------------------------------------

PROCESS = "[profile process]\nregion = eu-west-1\ncredential_process = {} {}\n"


@pytest.fixture
def process(listening, config, tmp_path):
    """A profile whose credentials a script prints, and the number of times that it ran."""

    def script(source):
        (tmp_path / "process.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'a').write('.')\n{source}")
        config(PROCESS.format(sys.executable, tmp_path / "process.py"), AWS_ENDPOINT_URL=listening.url)
        return Access(profile="process")

    return script


def printed(key, **lasts):
    answer = {"Version": 1, "AccessKeyId": key, "SecretAccessKey": "s", "SessionToken": "t"}
    return f"print({text.dumps(answer | ({'Expiration': in_time(**lasts)} if lasts else {}))!r})"


def test_a_process(listening, process):
    scanning(VPCS, process(printed("ASIAPROCESS", hours=1)))
    assert keys(listening) == ["ASIAPROCESS"]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (
            "import sys; sys.exit('not logged in')",
            "Error when retrieving credentials from custom-process: not logged in",
        ),
        (
            "print('hello')",
            "Error when retrieving credentials from where they are kept: JSONDecodeError: Expecting value",
        ),
        (printed("ASIAOLD", hours=-1), "the credentials had expired when they came; is this machine's clock right?"),
    ],
)
def test_a_process_that_fails(listening, process, source, said):
    assert said in refused(process(source))
    assert listening.requests == []


# --- the role of a profile, and MFA --------------------------------------------------------------------

SERIAL = "arn:aws:iam::111122223333:mfa/ci"
OF_ROLE = f"""
[profile audit]
region = eu-west-1
role_arn = {ROLE}
source_profile = ci
[profile ci]
aws_access_key_id = AKIACI
aws_secret_access_key = s
"""
WITH_MFA = OF_ROLE.replace("source_profile", f"mfa_serial = {SERIAL}\nsource_profile")
AUDIT = Access(profile="audit")


@pytest.fixture
def role(listening, config):
    listening.answers["AssumeRole"] = assumed("ASIAAUDIT")

    def write(settings=OF_ROLE):
        config(settings, AWS_ENDPOINT_URL=listening.url)
        return AUDIT

    return write


@pytest.fixture
def asked(monkeypatch):
    """A terminal on which somebody types a code; what was asked there."""
    prompts = []

    def answer(prompt, stream=None):
        prompts.append(prompt)
        return "123456"

    monkeypatch.setattr(getpass, "getpass", answer)
    return prompts


def test_a_profile_names_a_role(listening, role):
    scanning(VPCS, role())
    assert (keys(listening, "AssumeRole"), keys(listening)) == (["AKIACI"], ["ASIAAUDIT"])


def test_a_role_without_a_region_in_the_settings(listening, role, monkeypatch):
    """botocore does not know AWS_REGION, and would ask STS of the commercial partition."""
    monkeypatch.setenv("AWS_REGION", "cn-northwest-1")
    scanning(VPCS, role(OF_ROLE.replace("region = eu-west-1\n", "")))
    assert listening.requests[0].signed == ("AKIACI", "cn-northwest-1")


def test_a_role_that_may_not_be_assumed(listening, role):
    listening.answers["AssumeRole"] = refusal("AccessDenied", 403)
    assert refused(role()) == (
        "the profile's role could not be assumed: AssumeRole: access denied (AccessDenied); "
        "check its trust policy and the MFA code"
    )


def test_a_page_to_log_in_to_gives_no_credentials(listening, role):
    listening.answers["AssumeRole"] = Answer("<html>log in</html>")
    assert refused(role()) == (
        "AWS could not be asked who is calling: AssumeRole: the answer could not be read (it is a web page)"
    )


def test_the_code_is_asked_for_once(listening, role, asked):
    async def several(aws):
        await asyncio.gather(*(VPCS(aws) for _ in range(4)))

    scanning(several, role(WITH_MFA))
    assert asked == [f"Enter MFA code for {SERIAL}: "]
    assert [each.form["TokenCode"] for each in listening.requests if each.action == "AssumeRole"] == ["123456"]
    assert keys(listening) == ["ASIAAUDIT"] * 4


def cached(home):
    """Where the AWS CLI keeps the session of the role."""
    asked = text.dumps({"RoleArn": ROLE, "SerialNumber": SERIAL}, sort_keys=True)
    return home / ".aws/cli/cache" / f"{sha1(asked.encode()).hexdigest()}.json"


def test_a_session_is_kept_as_the_aws_cli_keeps_it(listening, role, asked, home):
    for _ in range(2):
        scanning(VPCS, role(WITH_MFA))
    assert (len(asked), keys(listening)) == (1, ["ASIAAUDIT"] * 2)
    assert text.loads(cached(home).read_text())["Credentials"]["AccessKeyId"] == "ASIAAUDIT"
    assert stat.S_IMODE(cached(home).stat().st_mode) == 0o600


def test_a_session_that_the_aws_cli_opened_asks_for_nothing(listening, role, asked, home):
    given = {"AccessKeyId": "ASIACLI", "SecretAccessKey": "s", "SessionToken": "t", "Expiration": in_time(hours=1)}
    cached(home).parent.mkdir(parents=True)
    cached(home).write_text(text.dumps({"Credentials": given}))
    scanning(VPCS, role(WITH_MFA))
    assert (asked, keys(listening, "AssumeRole"), keys(listening)) == ([], [], ["ASIACLI"])


@pytest.mark.parametrize("spoiled", ["{", "[]", '{"Credentials": 1}', "{}"])
def test_a_spoiled_cache_is_none(listening, role, asked, home, spoiled):
    cached(home).parent.mkdir(parents=True)
    cached(home).write_text(spoiled)
    scanning(VPCS, role(WITH_MFA))
    assert (len(asked), keys(listening)) == (1, ["ASIAAUDIT"])


def test_a_cache_that_cannot_be_written(listening, role, asked, home):
    """A file stands where its folder would: as unwritable for root, who may write into any folder."""
    (home / ".aws").write_text("")
    for _ in range(3):
        scanning(VPCS, role(WITH_MFA))
    assert (len(asked), keys(listening)) == (1, ["ASIAAUDIT"] * 3)


def test_what_could_not_be_written_is_not_used_when_it_is_over(listening, role, asked, home):
    (home / ".aws").write_text("")
    listening.answers["AssumeRole"] = assumed("ASIAOVER", lasts=timedelta(minutes=-1))
    assert "expired" in refused(role(WITH_MFA))
    listening.answers["AssumeRole"] = assumed("ASIAAUDIT")
    scanning(VPCS, role(WITH_MFA))
    assert (len(asked), keys(listening)) == (2, ["ASIAAUDIT"])


def test_without_a_terminal_nobody_waits_for_a_code(listening, role):
    """In a session of its own there is no terminal; the pipe that stands for one stays open, and says nothing."""
    role(WITH_MFA)
    program = "from tests.scanner.aws.session import refused, Access; print(refused(Access(profile='audit')))"
    read, write = os.pipe()
    try:
        said = asyncio.run(_alone(program, read))
    finally:
        os.close(read)
        os.close(write)
    assert said.strip() == (
        "the profile asks for an MFA code, and there is no terminal to type it on; "
        "open its session first with `aws sts get-caller-identity`, or use a profile without mfa_serial"
    )
    assert listening.requests == []


async def _alone(program, stdin):
    ran = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, stdin=stdin, stdout=asyncio.subprocess.PIPE, start_new_session=True
    )
    out, _ = await asyncio.wait_for(ran.communicate(), 30)
    return out.decode()


def test_a_code_opens_one_session_and_no_other(listening, role, asked):
    """What it opened is over in mid-scan: nobody is asked in mid-scan, and one reason is told."""
    listening.answers["AssumeRole"] = assumed("ASIAAUDIT", timedelta(minutes=10, seconds=2))

    async def until_it_is_over(aws):
        await VPCS(aws)
        await asyncio.sleep(2)  # ten minutes before the end botocore uses them no more
        return [(await asyncio.gather(VPCS(aws), return_exceptions=True))[0] for _ in range(3)]

    told = scanning(until_it_is_over, role(WITH_MFA))
    said = "the session that the MFA code opened is over; repeat the scan, with a new code"
    assert {explain(each) for each in told} == {("expired", said)}
    assert (len(asked), keys(listening)) == (1, ["ASIAAUDIT"])


# --- in mid-scan ---------------------------------------------------------------------------------------


def test_two_accounts_are_renewed_each_by_itself(listening):
    """Their credentials last half a minute, and so each call asks for new ones first."""
    given = iter(range(100))
    listening.answers["AssumeRole"] = lambda asked: assumed(
        f"ASIA{asked.form['RoleArn'].split(':')[4]}{next(given):02}", timedelta(seconds=30)
    )

    async def both():
        async with Wire() as wire, AsyncExitStack() as stack:
            roles = [f"arn:aws:iam::{account * 12}:role/audit" for account in "12"]
            accounts = [await stack.enter_async_context(Aws(Access(role_arn=each), wire=wire)) for each in roles]
            for _ in range(3):
                await asyncio.gather(*(VPCS(each) for each in accounts))

    run(both())
    for account in "12":
        seen = [key for key in keys(listening) if key.startswith(f"ASIA{account * 12}")]
        assert (len(seen), len(set(seen))) == (3, 3)


EXPIRED = refusal("ExpiredToken", 403)


def old_is_expired(asked):
    return EXPIRED if asked.signed.key == "ASIAOLD" else vpcs("vpc-1")


def test_what_has_expired_is_read_anew(listening, config, tmp_path, monkeypatch):
    """Somebody logged in again: the file holds other credentials now."""
    listening.answers["DescribeVpcs"] = old_is_expired
    profile = "[audit]\naws_access_key_id = {}\naws_secret_access_key = s\naws_session_token = t\n"
    shared = tmp_path / "credentials"
    shared.write_text(profile.format("ASIAOLD"))
    config("[profile audit]\nregion = eu-west-1\n", AWS_ENDPOINT_URL=listening.url)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(shared))

    async def work(aws):
        shared.write_text(profile.format("ASIANEW"))
        return await asyncio.gather(*(VPCS(aws) for _ in range(3)))

    assert [each["Vpcs"] for each in scanning(work, AUDIT)] == [[{"VpcId": "vpc-1"}]] * 3
    assert sorted(keys(listening)) == ["ASIANEW"] * 3 + ["ASIAOLD"] * 3


def test_a_process_is_run_once_more(listening, process, tmp_path):
    listening.answers["DescribeVpcs"] = old_is_expired
    again = f"import os\nkey = 'ASIANEW' if os.path.getsize({str(tmp_path / 'ran')!r}) > 1 else 'ASIAOLD'\n"
    again += "import json; print(json.dumps({'Version': 1, 'AccessKeyId': key, 'SecretAccessKey': 's'}))"
    scanning(VPCS, process(again))
    assert keys(listening) == ["ASIAOLD", "ASIANEW"]


def test_what_is_over_is_sent_no_more(listening):
    """The first call learns it; all others of the account fail unsent, each a gap that says so."""
    listening.answers["DescribeVpcs"] = EXPIRED

    async def work(aws):
        with pytest.raises(ClientError) as first:
            await VPCS(aws)
        then = asyncio.gather(*(VPCS(aws) for _ in range(500)), return_exceptions=True)
        return [explain(first.value), *{explain(each) for each in await asyncio.wait_for(then, 10)}]

    assert scanning(work) == [
        ("expired", "DescribeVpcs: the credentials expired"),
        ("expired", "the credentials have expired, and there are no newer ones; log in again, and repeat the scan"),
    ]
    assert len(keys(listening)) == 1


def test_another_account_goes_on(listening):
    """A role's credentials are asked for once more too; the other account's are none of its business."""
    listening.answers |= {
        "AssumeRole": lambda asked: assumed(f"ASIA{asked.form['RoleArn'].split(':')[4]}"),
        "DescribeVpcs": lambda asked: EXPIRED if asked.signed.key == "ASIA111111111111" else vpcs("vpc-1"),
    }

    async def both():
        async with Wire() as wire, AsyncExitStack() as stack:
            roles = [f"arn:aws:iam::{account * 12}:role/audit" for account in "12"]
            one, two = [await stack.enter_async_context(Aws(Access(role_arn=each), wire=wire)) for each in roles]
            with pytest.raises(ClientError, match="ExpiredToken"):
                await VPCS(one)
            with pytest.raises(Expired):
                await VPCS(one)
            return (await VPCS(two))["Vpcs"]

    assert run(both()) == [{"VpcId": "vpc-1"}]
    assert keys(listening) == ["ASIA111111111111", "ASIA222222222222"]
    assert len(keys(listening, "AssumeRole")) == 3


def test_a_role_that_is_taken_away_is_asked_for_no_more(listening):
    listening.answers["AssumeRole"] = assumed(lasts=timedelta(seconds=30))

    async def work(aws):
        listening.answers["AssumeRole"] = refusal("AccessDenied", 403)
        listening.requests.clear()
        found = [await asyncio.gather(VPCS(aws), return_exceptions=True) for _ in range(3)]
        return [explain(each) for (each,) in found]

    said = "the credentials could not be renewed: AssumeRole: access denied (AccessDenied)"
    assert scanning(work, Access(role_arn=ROLE)) == [
        ("denied", "AssumeRole: access denied (AccessDenied)"),
        ("expired", said),
        ("expired", said),
    ]
    assert listening.asked == ["AssumeRole"] * 2


def test_a_network_that_is_away_for_a_moment_ends_nothing(listening):
    """Credentials that cannot be renewed just now may be renewed with the next call."""
    listening.answers["AssumeRole"] = assumed(lasts=timedelta(seconds=30))

    async def work(aws):
        listening.answers["AssumeRole"] = "reset"
        with pytest.raises(ConnectionError):
            await VPCS(aws)
        listening.answers["AssumeRole"] = assumed("ASIAAGAIN")
        return (await VPCS(aws))["Vpcs"]

    assert scanning(work, Access(role_arn=ROLE)) == [{"VpcId": "vpc-1"}]
    assert keys(listening) == ["ASIAAGAIN"]


def test_a_wrong_clock_is_not_the_end_of_credentials(listening):
    """RequestExpired is what EC2 answers to both."""
    headers = {"Date": "Thu, 01 Jan 2026 00:00:00 GMT"}
    listening.answers["DescribeVpcs"] = refusal("RequestExpired", 400)._replace(headers=headers)

    async def work(aws):
        return [explain((await asyncio.gather(VPCS(aws), return_exceptions=True))[0]) for _ in range(2)]

    for kind, reason in scanning(work):
        assert kind == "expired"
        assert "this machine's clock is" in reason
    assert len(keys(listening)) == 2
