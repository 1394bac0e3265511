"""Who asks, where and how: what leaves the machine, what never does, and what is said when AWS will not have us."""

import asyncio
import gc
import warnings
from datetime import timedelta

import pytest
from botocore.exceptions import ClientError
from botocore.regions import EndpointResolver
from botocore.session import Session

from scanner.aws.errors import Malformed, Refused
from scanner.aws.session import HOME_REGION, Access, Aws
from scanner.version import VERSION
from tests.conftest import ACCOUNT, REGION
from tests.scanner.aws import wire as wires
from tests.scanner.aws.session import calling, refused, scanning
from tests.scanner.aws.wire import Answer, assumed, identity, json, refusal, regions, vpcs, xml

ROLE = "arn:aws:iam::111122223333:role/audit"
OF_ROLE = identity("arn:aws:sts::111122223333:assumed-role/audit/driftline")


# --- what is sent ---------------------------------------------------------------------------------


def test_what_a_request_says_of_us(wire):
    wire.answers["DescribeVpcs"] = vpcs()
    scanning(calling("ec2", "describe_vpcs", "eu-central-1"))
    first, last = wire.requests
    assert [each.signed for each in wire.requests] == [("testing", REGION), ("testing", "eu-central-1")]
    assert all(f"driftline/{VERSION}" in each.headers["User-Agent"] for each in (first, last))


@pytest.mark.parametrize(
    ("how", "host"), [("regional", "sts.eu-west-1.amazonaws.com"), ("legacy", "sts.amazonaws.com")]
)
def test_sts_may_be_asked_at_home(wire, monkeypatch, how, host):
    """With sts_regional_endpoints = legacy, which old configurations have, STS is global, and signed for at home."""
    monkeypatch.setenv("AWS_STS_REGIONAL_ENDPOINTS", how)
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    monkeypatch.setenv("HTTPS_PROXY", wire.url)
    assert refused().startswith("AWS could not be asked who is calling: Failed to connect to proxy URL")
    assert wire.asked == [f"CONNECT {host}:443"]


def test_a_client_is_opened_once_a_service_and_partition(wire):
    async def clients(aws):
        wanted = [("ec2", REGION), ("ec2", "cn-north-1"), ("ec2", "eu-central-1"), ("iam", REGION)] * 3
        found = await asyncio.gather(*(aws.wire.client(aws.session, *each) for each in wanted))
        return len({id(each) for each in found}), len(aws.wire._clients)

    assert scanning(clients) == (3, 4)  # STS is the fourth


def test_all_clients_share_one_http_session_which_is_closed_at_the_end(wire, contexts):
    wire.answers |= {
        "AssumeRole": assumed(),
        "GetCallerIdentity": OF_ROLE,
        "DescribeVpcs": vpcs(),
        "ListTables": json({}),
    }

    async def work(aws):
        before = len(contexts)
        for region in (REGION, "eu-central-1"):
            await aws.at(region).call("ec2", "describe_vpcs")
            await aws.at(region).call("dynamodb", "list_tables")
        (http,) = aws.wire._https.values()
        (session,) = http._sessions.values()
        return http, session, len(contexts) - before

    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        http, session, further = scanning(work, Access(role_arn=ROLE))
        gc.collect()
    assert (session.closed, http._sessions) == (True, {})
    assert [str(each.message) for each in told if issubclass(each.category, ResourceWarning)] == []
    assert (bool(contexts), further) == (True, 0)


def test_a_session_that_does_not_begin_is_closed_too(wire):
    wire.answers["GetCallerIdentity"] = refusal("AccessDenied", 403)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        assert refused() == "AWS refused the credentials: GetCallerIdentity: access denied (AccessDenied)"
        gc.collect()
    assert [str(each.message) for each in told if issubclass(each.category, ResourceWarning)] == []


# --- profiles, proxies and certificates -----------------------------------------------------------


PROFILE = "[profile audit]\nregion = eu-north-1\naws_access_key_id = AKIAPROFILE\naws_secret_access_key = s\n"


def test_a_profile_says_region_key_and_endpoint(wire, config):
    wire.answers["DescribeVpcs"] = vpcs()
    config(PROFILE + f"endpoint_url = {wire.url}\n", AWS_PROFILE="audit")
    scanning(calling("ec2", "describe_vpcs", "eu-north-1"))
    assert [each.signed for each in wire.requests] == [("AKIAPROFILE", "eu-north-1")] * 2


def test_a_profile_says_the_endpoint_of_each_service(wire, config):
    with wires.wire() as other:
        other.answers["DescribeVpcs"] = vpcs()
        services = f"[services local]\nsts =\n  endpoint_url = {wire.url}\nec2 =\n  endpoint_url = {other.url}\n"
        config(PROFILE + "services = local\n" + services)
        scanning(calling("ec2", "describe_vpcs", "eu-north-1"), Access(profile="audit"))
        assert ([each.action for each in wire.requests], other.asked) == (["GetCallerIdentity"], ["DescribeVpcs"])


def test_a_config_that_cannot_be_read(config):
    config("[profile audit\nregion = eu-north-1\n")
    assert refused().startswith("your AWS config cannot be read: Unable to parse config file: ")


def test_a_proxy_is_honoured(wire, monkeypatch):
    """Plain HTTP goes through a proxy with the whole URL as its path."""
    wire.answers["POST http://sts.example.test/"] = identity()
    monkeypatch.setenv("HTTP_PROXY", wire.url)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://sts.example.test")
    scanning(calling("sts", "get_caller_identity"))
    assert [each.path for each in wire.requests] == ["http://sts.example.test/"] * 2


def test_a_bundle_of_certificates_is_honoured(wire, monkeypatch, tmp_path):
    """One that holds none is refused by ssl: the proof that it was read."""
    (tmp_path / "empty.pem").write_text("no certificate\n")
    monkeypatch.setenv("AWS_CA_BUNDLE", str(tmp_path / "empty.pem"))
    assert "no certificate or crl found" in refused().lower()
    assert wire.requests == []


# --- who ------------------------------------------------------------------------------------------


def test_who_is_calling(wire):
    async def who(aws):
        return aws.account, aws.partition, aws.caller, aws.home, aws.at("global").region

    wire.answers["GetCallerIdentity"] = identity("arn:aws-cn:iam::111122223333:user/ci")
    assert scanning(who, Access(region="cn-northwest-1")) == (
        "111122223333",
        "aws-cn",
        "arn:aws-cn:iam::111122223333:user/ci",
        "cn-north-1",
        "cn-north-1",
    )


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("<html><body>log in</body></html>", "it is a web page"),
        ("", "it is empty"),
        ("OK", "it is not of AWS"),
    ],
)
def test_a_page_to_log_in_to_is_not_aws(wire, body, reason):
    wire.answers["GetCallerIdentity"] = Answer(body)
    assert refused() == (
        f"AWS could not be asked who is calling: GetCallerIdentity: the answer could not be read ({reason})"
    )


def test_a_role_is_assumed_by_name_and_with_its_external_id(wire):
    wire.answers |= {"AssumeRole": assumed(), "GetCallerIdentity": OF_ROLE, "DescribeVpcs": vpcs()}
    scanning(calling("ec2", "describe_vpcs"), Access(role_arn=ROLE, external_id="x-1"), scan_id="01ABC")
    asking, *then = wire.requests
    assert (asking.action, asking.signed.key) == ("AssumeRole", "testing")
    assert (asking.form["RoleArn"], asking.form["ExternalId"]) == (ROLE, "x-1")
    assert asking.form["RoleSessionName"] == f"driftline-{VERSION}-01ABC"
    assert [(each.action, each.signed.key) for each in then] == [
        ("GetCallerIdentity", "ASIAROLE"),
        ("DescribeVpcs", "ASIAROLE"),
    ]
    assert {each.headers["X-Amz-Security-Token"] for each in then} == {"t"}


def test_a_role_without_an_external_id_asks_for_none(wire):
    wire.answers |= {"AssumeRole": assumed(), "GetCallerIdentity": OF_ROLE}
    scanning(calling("sts", "get_caller_identity"), Access(role_arn=ROLE))
    assert "ExternalId" not in wire.requests[0].form
    assert wire.requests[0].form["RoleSessionName"] == f"driftline-{VERSION}-scan"


def test_a_role_of_another_account_in_moto(aws):
    async def account(session):
        return session.account, session.caller

    assert scanning(account, Access(role_arn=ROLE, external_id="x-1")) == (
        "111122223333",
        f"arn:aws:sts::111122223333:assumed-role/audit/driftline-{VERSION}-scan",
    )


def test_the_credentials_of_a_role_are_renewed_within_a_scan(wire):
    """Under a quarter of an hour before they expire botocore renews them, here before each call."""
    keys = iter(f"ASIA{n}" for n in range(100))
    wire.answers |= {"GetCallerIdentity": OF_ROLE, "DescribeVpcs": vpcs()}
    wire.answers["AssumeRole"] = lambda asked: assumed(next(keys), timedelta(seconds=30))

    async def work(aws):
        for _ in range(3):
            await asyncio.gather(*(aws.at(REGION).call("ec2", "describe_vpcs") for _ in range(4)))

    scanning(work, Access(role_arn=ROLE))
    seen = [each.signed.key for each in wire.requests if each.action == "DescribeVpcs"]
    assert len(seen) == 12
    assert len(set(seen)) > 1
    assert {each.signed.key for each in wire.requests if each.action == "AssumeRole"} == {"testing"}


def test_a_role_that_is_taken_away_within_a_scan_fails_its_calls(wire):
    wire.answers |= {"GetCallerIdentity": OF_ROLE, "AssumeRole": assumed(lasts=timedelta(seconds=30))}

    async def work(aws):
        wire.answers["AssumeRole"] = refusal("AccessDenied", 403)
        await aws.at(REGION).call("ec2", "describe_vpcs")

    with pytest.raises(ClientError, match="AssumeRole"):
        scanning(work, Access(role_arn=ROLE))
    assert "DescribeVpcs" not in wire.asked


# --- regions --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "asked", "configured", "first"),
    [
        (None, None, None, "us-east-1"),
        (None, None, "eu-west-1", "eu-west-1"),
        (None, None, "cn-northwest-1", "cn-northwest-1"),
        (None, None, "us-gov-east-1", "us-gov-east-1"),
        (None, None, "eusc-de-east-1", "eusc-de-east-1"),
        (None, "eu-north-1", "eu-west-1", "eu-west-1"),
        (None, "eu-north-1", None, "us-east-1"),
        (None, "cn-northwest-1", "eu-west-1", "cn-north-1"),
        (None, "cn-northwest-1", "cn-northwest-1", "cn-northwest-1"),
        (None, "us-gov-east-1", None, "us-gov-west-1"),
        (None, "us-iso-west-1", None, "us-iso-east-1"),
        (None, "eu-west-1", "cn-north-1", "us-east-1"),
        ("aws", None, "cn-north-1", "us-east-1"),
        ("aws", None, "eu-west-1", "eu-west-1"),
        ("aws-cn", None, "eu-west-1", "cn-north-1"),
        ("aws-cn", None, "cn-northwest-1", "cn-northwest-1"),
        ("aws-us-gov", None, None, "us-gov-west-1"),
        ("aws-eusc", None, None, "eusc-de-east-1"),
        ("aws-new", "xx-new-1", None, "xx-new-1"),
        (None, None, "moon-1", "moon-1"),
    ],
)
@pytest.mark.parametrize("variable", ["AWS_DEFAULT_REGION", "AWS_REGION"])
def test_the_region_that_is_asked_first(monkeypatch, variable, role, asked, configured, first):
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    if configured:
        monkeypatch.setenv(variable, configured)
    access = Access(role_arn=role and f"arn:{role}:iam::111122223333:role/audit", region=asked)
    aws = Aws(access)
    aws.session = aws.wire.session(None)
    assert aws._first_region() == first


def test_global_things_are_asked_where_their_partition_is_at_home():
    """As botocore has it of IAM, whose home all others share."""
    loader = Session().get_component("data_loader")
    resolver = EndpointResolver(loader.load_data("endpoints"))
    found = {}
    for name in resolver.get_available_partitions():
        known = resolver.construct_endpoint("iam", f"{name}-global", partition_name=name) or {}
        found[name] = known.get("credentialScope", {}).get("region", HOME_REGION.get(name))
    assert found == HOME_REGION


def chosen(wanted=(), excluded=()):
    return scanning(lambda aws: aws.regions(wanted, excluded))


ENABLED = regions("us-east-1", "eu-west-1", "cn-north-1", "mx-central-9")


def test_the_regions_that_are_enabled(wire):
    """Of its partition: moto answers with those of all, AWS with none but its own, of which botocore may not know."""
    wire.answers["DescribeRegions"] = ENABLED
    assert chosen() == ["eu-west-1", "mx-central-9", "us-east-1"]
    assert chosen(excluded=("us-east-1",)) == ["eu-west-1", "mx-central-9"]
    assert wire.requests[-1].form["AllRegions"] == "false"
    assert wire.requests[-1].signed.region == "us-east-1"


def test_regions_by_name_are_read_once_each(wire):
    wire.answers["DescribeRegions"] = ENABLED
    assert chosen(("us-east-1", "eu-west-1", "us-east-1")) == ["us-east-1", "eu-west-1"]
    assert chosen(("us-east-1", "eu-west-1"), ("eu-west-1",)) == ["us-east-1"]


def test_a_region_that_aws_names_oddly_is_one(wire):
    wire.answers["DescribeRegions"] = regions("eu-west-1", "moon-1")
    assert chosen() == ["eu-west-1", "moon-1"]


NOT_ENABLED = f"region ap-east-1 is not enabled for account {ACCOUNT}; enable it, or leave it out"
NO_SUCH = "there is no region 'mars-1' in partition aws; enabled here: "


@pytest.mark.parametrize(
    ("answer", "wanted", "excluded", "said"),
    [
        (ENABLED, ("ap-east-1",), (), NOT_ENABLED),
        (ENABLED, (), ("ap-east-1",), NOT_ENABLED),
        (ENABLED, ("mars-1",), (), NO_SUCH + "eu-west-1, mx-central-9, us-east-1"),
        (ENABLED, ("eu-west-1",), ("mars-1",), NO_SUCH + "eu-west-1, mx-central-9, us-east-1"),
        (refusal("UnauthorizedOperation", 403), ("eu-west-1", "mars-1"), (), NO_SUCH + "eu-west-1"),
    ],
)
def test_a_region_that_cannot_be_read(wire, answer, wanted, excluded, said):
    wire.answers["DescribeRegions"] = answer
    with pytest.raises(Refused) as error:
        chosen(wanted, excluded)
    assert str(error.value) == said


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (refusal("UnauthorizedOperation", 403), "DescribeRegions: access denied (UnauthorizedOperation)"),
        (Answer("<html>log in</html>"), "DescribeRegions: the answer could not be read (it is a web page)"),
        (regions(), "AWS named none"),
        (xml("DescribeRegions"), "AWS named none"),
    ],
)
def test_regions_that_cannot_be_listed_have_to_be_named(wire, answer, why):
    wire.answers["DescribeRegions"] = answer
    with pytest.raises(Refused) as error:
        chosen()
    assert str(error.value) == (
        f"the account's regions could not be listed: {why}; allow ec2:DescribeRegions, or name them with --region"
    )
    assert chosen(("eu-west-1", "us-east-1"), ("us-east-1",)) == ["eu-west-1"]


# --- pages ----------------------------------------------------------------------------------------


def test_a_whole_answer_joins_its_pages(wire):
    wire.answers["ListTables"] = lambda asked: json(
        {"TableNames": ["c"]}
        if wire.asked.count("ListTables") > 1
        else {"TableNames": ["a"], "LastEvaluatedTableName": "bbb"}
    )
    answer = scanning(lambda aws: aws.at(REGION).whole("dynamodb", "list_tables"))
    assert answer["TableNames"] == ["a", "c"]


def test_one_page_where_the_operation_does_not_page(wire):
    wire.answers["DescribeRegions"] = regions("eu-west-1")

    async def pages(aws):
        return [page["Regions"] async for page in aws.at(REGION).pages("ec2", "describe_regions")]

    assert scanning(pages) == [[{"RegionName": "eu-west-1"}]]


def test_a_page_that_is_no_answer_of_awss(wire):
    wire.answers["ListTables"] = Answer("<html></html>")
    with pytest.raises(Malformed, match="it is not JSON"):
        scanning(lambda aws: aws.at(REGION).whole("dynamodb", "list_tables"))


# --- errors ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "service", "operation"),
    [("DescribeVpcs", "ec2", "describe_vpcs"), ("ListTables", "dynamodb", "list_tables")],
)
def test_botocore_is_not_asked_whether_to_ask_again(wire, action, service, operation):
    """Where it is, it says in the error how often it did: repeating is Pacing's."""
    wire.answers[action] = refusal("AccessDenied", 403)
    with pytest.raises(ClientError) as error:
        scanning(lambda aws: aws.at(REGION).call(service, operation))
    assert "retries" not in str(error.value)
