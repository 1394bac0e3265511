"""What goes over the wire: every request as a client made for its place alone would send it, and nowhere else."""

import asyncio
import json
import subprocess
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from urllib.parse import urlsplit

import aioboto3
import botocore.session
import pytest
from aiobotocore.config import AioConfig
from botocore import xform_name
from botocore.exceptions import SSLError

from scanner.aws.collector import Scope
from scanner.aws.errors import Elsewhere, Refused
from scanner.aws.guard import signature
from scanner.aws.operations import LISTED
from scanner.aws.session import HOME_REGION, Access, Aws
from scanner.aws.wire import Wire
from scanner.collectors import collectors
from scanner.version import VERSION
from tests.conftest import ACCOUNT, REGION, run
from tests.scanner.aws import wire as wires
from tests.scanner.aws.session import calling, refused, scanning
from tests.scanner.aws.tls import Papers, tunnel
from tests.scanner.aws.wire import assumed, identity, vpcs

# --- one client a service, against one a service and region ------------------------------------------

GIVEN = {"AccountId": "123456789012", "Bucket": "orders", "Scope": "REGIONAL", "ServiceNamespace": "ecs"}
OF_ONE = {"s3": "GetBucketTagging"}
"""Asked of one thing, whose name may stand in the host."""
MODELS = botocore.session.get_session()


def asking(service):
    """An operation of a service that a scan may call, and what it cannot be called without."""
    names = sorted(each.partition(":")[2] for each in LISTED if each.startswith(f"{service}:"))
    models = [MODELS.get_service_model(service).operation_model(name) for name in names]
    model = min(models, key=lambda each: (each.name != OF_ONE.get(service), len(required(each))))
    return xform_name(model.name), {name: GIVEN.get(name, 10) for name in required(model)}


def required(model):
    return model.input_shape.required_members if model.input_shape else ()


ASKED = {service: asking(service) for service in sorted({each.partition(":")[0] for each in LISTED})}
SCOPES = [(each.service, each.scope) for each in collectors()]
GLOBAL = {of for of, _ in SCOPES} - {of for of, scope in SCOPES if scope is Scope.REGION} - {"s3"} | {"pricing"}
"""Asked nowhere but where their partition is at home; of buckets S3 is asked wherever they are."""

COLLECTED = ("dynamodb", "ec2", "iam", "lambda", "rds", "s3", "s3control", "sts")
FEW = ("us-east-1", "us-west-2", "eu-west-1", "us-gov-west-1")


class Caught(Exception):
    """A request, ready to be sent."""


def catch(request, **_):
    signed = request.headers["Authorization"]
    text = signed.decode() if isinstance(signed, bytes) else signed
    raise Caught(request.url, signature(text), text.partition("Credential=")[2].split("/")[3])


class Everything(frozenset):
    """The list of allowed operations, for a test that is not about it."""

    def __contains__(self, name):
        return True


async def plain(session, service, region):
    """What a client of its own would send."""
    config = AioConfig(account_id_endpoint_mode="disabled", parameter_validation=False)
    async with session.client(service, region_name=region, config=config) as client:
        client.meta.events.register_last("before-send", catch)
        with pytest.raises(Caught) as caught:
            operation, arguments = ASKED[service]
            await getattr(client, operation)(**arguments)
    return caught.value.args


async def ours(aws, service, region):
    aws.partition = aws.session.partition(region)
    client = await aws.wire.client(aws.session, service, region)
    client.meta.events.register_last("before-send", catch, unique_id="catch")
    with pytest.raises(Caught) as caught:
        operation, arguments = ASKED[service]
        await aws.at(region).call(service, operation, **arguments)
    return caught.value.args


async def known(aws):
    """Every region that botocore knows."""
    return [name for partition in HOME_REGION for name in await aws.session.regions(partition)]


def sent(service, regions=None):
    """The requests of each place: as our one client would send them, again and again, and as each place's own would."""

    async def both():
        async with Wire(known=Everything()) as wire:
            aws = Aws(Access(), wire=wire, allowed=Everything())
            aws.session = wire.session(None)
            aws.keys = await aws.session.keys(REGION).ready()
            session = aioboto3.Session()
            names = set(regions or await known(aws))
            names = names & set(HOME_REGION.values()) if service in GLOBAL else names
            found, again = [{name: await ours(aws, service, name) for name in names} for _ in range(2)]
            assert again == found
            return found, {name: await plain(session, service, name) for name in names}

    return run(both())


@pytest.mark.parametrize("service", ASKED)
def test_every_region_is_asked_as_by_a_client_of_its_own(service):
    found, expected = sent(service)
    assert found == expected
    assert len(found) >= (6 if service in GLOBAL else 40)
    assert {signed.key for _, signed, _ in found.values()} == {"testing"}


@pytest.mark.parametrize(
    "setting",
    [
        {"AWS_USE_FIPS_ENDPOINT": "true"},
        {"AWS_USE_DUALSTACK_ENDPOINT": "true"},
        {"AWS_STS_REGIONAL_ENDPOINTS": "legacy"},
        {"AWS_S3_US_EAST_1_REGIONAL_ENDPOINT": "regional"},
        {"AWS_ENDPOINT_URL_EC2": "https://vpce-0a-b.ec2.vpce.example.com", "AWS_ENDPOINT_URL_S3": "http://[::1]:9/s3"},
    ],
)
@pytest.mark.parametrize("service", COLLECTED)
def test_settings_of_endpoints_are_honoured(monkeypatch, setting, service):
    for name, value in setting.items():
        monkeypatch.setenv(name, value)
    found, expected = sent(service, FEW)
    assert found == expected


@pytest.mark.parametrize(
    ("setting", "host"),
    [
        ("use_fips_endpoint = true", "ec2-fips.us-west-2.amazonaws.com"),
        ("use_dualstack_endpoint = true", "ec2.us-west-2.api.aws"),
        ("services = own\n[services own]\nec2 =\n  endpoint_url = http://127.0.0.1:9", "127.0.0.1:9"),
    ],
)
def test_a_config_says_so_too(config, setting, host):
    config(f"[default]\n{setting}\n", AWS_ACCESS_KEY_ID="testing", AWS_SECRET_ACCESS_KEY="s")
    found, expected = sent("ec2", FEW)
    assert found == expected
    assert found["us-west-2"][0].split("/")[2] == host


def test_a_global_thing_is_asked_nowhere_but_at_home():
    """botocore would sign for another region, and for GovCloud send it to the commercial partition's host."""

    async def astray():
        async with Wire(known=Everything()) as wire:
            aws = Aws(Access(), wire=wire, allowed=Everything())
            aws.session = wire.session(None)
            aws.keys = await aws.session.keys(REGION).ready()
            await aws.at("us-gov-east-1").call("cloudfront", "list_distributions")

    with pytest.raises(Elsewhere, match="a call meant for us-gov-east-1 was signed for us-gov-west-1"):
        run(astray())


# --- many accounts on one wire -----------------------------------------------------------------------


def role_of(account):
    return f"arn:aws:iam::{account}:role/audit"


@pytest.fixture
def organization(wire):
    """Each account's role has a key that tells whose it is, and VPCs on three pages."""
    wire.answers |= {
        "AssumeRole": lambda asked: assumed(f"ASIA{asked.form['RoleArn'].split(':')[4]}"),
        "GetCallerIdentity": lambda asked: identity(
            f"arn:aws:sts::{asked.signed.key.removeprefix('ASIA')}:assumed-role/audit/driftline"
        ),
        "DescribeVpcs": lambda asked: vpcs(
            f"vpc-{asked.signed.key}-{asked.signed.region}",
            token="" if asked.form.get("NextToken") == "xx" else asked.form.get("NextToken", "") + "x",
        ),
    }
    return wire


ACCOUNTS, PLACES = ("111111111111", "222222222222"), (REGION, "us-east-1")


def test_accounts_and_regions_read_page_by_page_are_each_signed_with_their_own_key(organization):
    """Their generators are interleaved: each page is asked for while all others are half read."""

    async def interleaved():
        async with Wire() as wire, AsyncExitStack() as stack:
            entered = [await stack.enter_async_context(Aws(Access(role_arn=role_of(a)), wire=wire)) for a in ACCOUNTS]
            reading = {(a.account, p): a.at(p).pages("ec2", "describe_vpcs") for a in entered for p in PLACES}
            found = {each: [] for each in reading}
            for _ in range(3):
                for each, pages in reading.items():
                    found[each] += [vpc["VpcId"] for vpc in (await anext(pages))["Vpcs"]]
            return found, [key for key in wire._clients if key[1] == "ec2"]

    found, clients = run(interleaved())
    assert found == {(a, p): [f"vpc-ASIA{a}-{p}"] * 3 for a in ACCOUNTS for p in PLACES}
    assert len(clients) == 1


def test_all_at_once_too(organization):
    async def at_once():
        async with Wire() as wire, AsyncExitStack() as stack:
            entered = [await stack.enter_async_context(Aws(Access(role_arn=role_of(a)), wire=wire)) for a in ACCOUNTS]
            places = [(a, p) for a in entered for p in PLACES]
            answers = await asyncio.gather(*(a.at(p).whole("ec2", "describe_vpcs") for a, p in places))
            return {(a.account, p): each["Vpcs"] for (a, p), each in zip(places, answers, strict=True)}

    assert run(at_once()) == {(a, p): [{"VpcId": f"vpc-ASIA{a}-{p}"}] * 3 for a in ACCOUNTS for p in PLACES}


# --- who we say we are -------------------------------------------------------------------------------


def test_every_request_says_which_scan_it_is_of(wire):
    wire.answers |= {"AssumeRole": assumed(), "DescribeVpcs": vpcs()}
    scanning(calling("ec2", "describe_vpcs"), Access(role_arn=role_of("111111111111")), scan_id="01ABC")
    assert len(wire.requests) == 3
    assert all(each.headers["User-Agent"].startswith(f"driftline/{VERSION} scan/01ABC ") for each in wire.requests)


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        (None, f"driftline-{VERSION}-01ABC"),
        ("ci@example.com", f"ci@example.com-driftline-{VERSION}-01ABC"),
        ("a team/of ours, ü", f"a-team-of-ours,---driftline-{VERSION}-01ABC"),
        ("x" * 64, f"{'x' * (63 - len(f'driftline-{VERSION}-01ABC'))}-driftline-{VERSION}-01ABC"),
    ],
)
def test_cloudtrail_shows_the_scan_in_the_name_of_the_session(wire, asked, named):
    wire.answers["AssumeRole"] = assumed()
    access = Access(role_arn=role_of("111111111111"), session_name=asked)
    scanning(calling("sts", "get_caller_identity"), access, scan_id="01ABC")
    assert wire.requests[0].form["RoleSessionName"] == named
    assert len(named) <= 64


# --- certificates ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def papers(tmp_path_factory):
    return Papers(tmp_path_factory.mktemp("papers"))


@pytest.fixture
def secure(papers, monkeypatch):
    """A stand-in over TLS, whose certificate is of an authority that nobody knows."""
    with wires.wire(papers.served("127.0.0.1", "*.eu-west-1.amazonaws.com")) as it:
        monkeypatch.setenv("AWS_ENDPOINT_URL", it.url)
        monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
        monkeypatch.delenv("AWS_CA_BUNDLE")
        yield it


def test_the_bundle_of_our_own_authority_is_honoured(secure, papers, monkeypatch):
    secure.answers["DescribeVpcs"] = vpcs("vpc-1")
    monkeypatch.setenv("AWS_CA_BUNDLE", papers.authority)
    assert scanning(calling("ec2", "describe_vpcs"))["Vpcs"] == [{"VpcId": "vpc-1"}]


def test_so_is_the_bundle_of_a_profile(secure, papers, config):
    config(
        f"[default]\nca_bundle = {papers.authority}\n",
        AWS_ACCESS_KEY_ID="testing",
        AWS_SECRET_ACCESS_KEY="s",
        AWS_ENDPOINT_URL=secure.url,
    )
    assert scanning(calling("sts", "get_caller_identity"))["Account"] == ACCOUNT


@pytest.mark.parametrize("variable", ["", "AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE"])
def test_a_certificate_that_nobody_vouches_for_is_refused(secure, monkeypatch, variable):
    """botocore takes an empty bundle for the wish to verify nothing."""
    if variable:
        monkeypatch.setenv(variable, "")
    said = refused()
    assert said.startswith("AWS could not be asked who is calling: SSL validation failed for https://127.0.0.1:")
    assert "certificate verify failed" in said
    assert secure.requests == []


def test_a_certificate_for_another_host_is_refused(papers, monkeypatch):
    with wires.wire(papers.served("elsewhere.example.com")) as other:
        monkeypatch.setenv("AWS_ENDPOINT_URL", other.url)
        monkeypatch.setenv("AWS_CA_BUNDLE", papers.authority)
        assert "IP address mismatch" in refused()
        assert other.requests == []


# --- proxies -----------------------------------------------------------------------------------------


@pytest.fixture
def proxied(secure, monkeypatch):
    """AWS itself, behind a proxy that leads to the stand-in whoever is asked for."""
    with tunnel(secure.url) as proxy:
        monkeypatch.delenv("AWS_ENDPOINT_URL")
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        yield proxy


def test_a_proxy_is_asked_to_connect(secure, proxied, papers, monkeypatch, contexts):
    secure.answers["DescribeVpcs"] = vpcs("vpc-1")
    monkeypatch.setenv("AWS_CA_BUNDLE", papers.authority)
    monkeypatch.setenv("HTTPS_PROXY", proxied.url.replace("//", "//user:secret@"))
    assert scanning(calling("ec2", "describe_vpcs"))["Vpcs"] == [{"VpcId": "vpc-1"}]
    hosts = ("sts.eu-west-1.amazonaws.com:443", "ec2.eu-west-1.amazonaws.com:443")
    assert proxied.asked == [(host, "Basic dXNlcjpzZWNyZXQ=") for host in hosts]
    assert len(contexts) == 2  # botocore's is one of them: made for containers, and not used


def test_behind_a_proxy_too_it_has_to_be_aws(secure, proxied):
    assert "certificate verify failed" in refused()
    assert [host for host, _ in proxied.asked] == ["sts.eu-west-1.amazonaws.com:443"]
    assert secure.requests == []


ROLE_OF_PROFILE = """
[profile audit]
region = eu-west-1
role_arn = arn:aws:iam::111111111111:role/audit
source_profile = ci
[profile ci]
aws_access_key_id = AKIACI
aws_secret_access_key = s
"""


@pytest.mark.parametrize("known", [True, False])
def test_the_credentials_too_are_asked_of_nobody_but_aws(secure, proxied, papers, config, known):
    """aiobotocore asks for a profile's role with a client of its own, and behind a proxy believes anyone."""
    secure.answers["AssumeRole"] = assumed()
    config(ROLE_OF_PROFILE, **({"AWS_CA_BUNDLE": papers.authority} if known else {}))
    access = Access(profile="audit")
    if known:
        scanning(calling("sts", "get_caller_identity"), access)
        assert [each.action for each in secure.requests] == ["AssumeRole", "GetCallerIdentity", "GetCallerIdentity"]
        assert secure.requests[0].headers["User-Agent"].startswith(f"driftline/{VERSION}")
    else:
        assert "certificate verify failed" in refused(access)
        assert secure.requests == []
    assert proxied.asked[0][0] == "sts.eu-west-1.amazonaws.com:443"


def test_no_proxy_is_held_against_each_host(wire, proxied, monkeypatch):
    """A client is opened where its service is at home; a host elsewhere may go by another way."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", wire.url)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,ec2.us-east-1.amazonaws.com")
    with pytest.raises(SSLError):
        scanning(calling("ec2", "describe_vpcs"))
    assert [host for host, _ in proxied.asked] == ["ec2.eu-west-1.amazonaws.com:443"]


# --- nowhere else ------------------------------------------------------------------------------------

WATCHED = """
import sys
told = open(sys.argv.pop(1), "a")
def watch(event, arguments):
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        print(arguments[1], file=told, flush=True)
    elif event.startswith("socket.gethostby") or event == "socket.getaddrinfo":
        print(arguments[:2], file=told, flush=True)
sys.addaudithook(watch)
sys.argv[0] = "driftline"
from scanner.cli import main
main()
"""


@pytest.mark.parametrize(
    ("command", "reached"),
    [
        (("drift", "--from", "a.tfstate", "--region", REGION, "--service", "s3"), True),
        (("check", "main.tf"), False),
    ],
)
def test_no_other_host_is_contacted(aws, here, endpoint, command, reached):
    """Every address that a command connects to or looks up: AWS's, and no other."""
    aws("s3").create_bucket(Bucket="orders", CreateBucketConfiguration={"LocationConstraint": REGION})
    Path("a.tfstate").write_text(json.dumps({"version": 4, "serial": 1, "lineage": "l", "resources": []}))
    Path("main.tf").write_text('resource "aws_vpc" "a" {\n  cidr_block = "10.0.0.0/16"\n}\n')
    ran = subprocess.run(
        [sys.executable, "-c", WATCHED, "told", *command], capture_output=True, text=True, timeout=120, check=False
    )
    host, port = urlsplit(endpoint).hostname, urlsplit(endpoint).port
    assert "Traceback" not in ran.stderr
    assert set(Path("told").read_text().splitlines()) == ({str((host, port))} if reached else set()), ran.stderr


def test_a_client_that_cannot_be_made_ahead_is_told_of_by_whoever_needs_it(wire, monkeypatch):
    """And by nobody else: the session begins, and what comes after it in the line is made."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", "http://[")
    wire.answers["DescribeVpcs"] = vpcs("vpc-1")

    async def both(aws):
        with pytest.raises(Refused, match="the endpoint of lambda in your AWS settings cannot be used"):
            await aws.at(REGION).call("lambda", "list_functions")
        return await aws.at(REGION).call("ec2", "describe_vpcs")

    assert scanning(both, ahead=("lambda", "ec2"))["Vpcs"] == [{"VpcId": "vpc-1"}]
    assert [each.action for each in wire.requests] == ["GetCallerIdentity", "DescribeVpcs"]
