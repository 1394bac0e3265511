"""Which accounts a scan enters, as whom, and in which of their regions; what is said of those it cannot enter."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from threading import Timer
from typing import Any

import msgspec
import pytest

from scanner import scan
from scanner.aws.errors import Refused
from scanner.aws.stop import Stop
from scanner.aws.wire import Wire
from scanner.outcome import AccountRead
from scanner.reach import Reached, reach
from scanner.settings import Role, Settings, SettingsError
from scanner.version import VERSION
from state import GLOBAL, Gap
from state.resource import ANYTHING
from tests.conftest import run
from tests.scanner.aws import wire as wires
from tests.scanner.aws.wire import Answer, Asked, identity, json, refusal, regions, xml

OWN, SHOP, LEGACY = "111111111111", "222222222222", "333333333333"
HERE = ("eu-west-1", "us-east-1")


class Estate:
    """Accounts behind one stand-in: each is entered by any role in it, unless it refuses."""

    def __init__(self, wire: wires.Wire) -> None:
        self.wire = wire
        self.partition = "aws"
        self.enabled: dict[str, tuple[str, ...]] = {OWN: HERE, SHOP: HERE, LEGACY: HERE}
        self.refusals: dict[str, Answer] = {}
        self.members: list[tuple[str, str, str]] = [
            (OWN, "main", "ACTIVE"), (SHOP, "shop", "ACTIVE"), (LEGACY, "old", "ACTIVE"),
        ]  # fmt: skip
        self.units: dict[str, tuple[list[str], list[str]]] = {}  # unit → inner units, accounts
        wire.answers = {
            "AssumeRole": self.assumed,
            "GetCallerIdentity": self.identity,
            "DescribeRegions": lambda asked: regions(*self.enabled[account(asked)]),
            "ListAccounts": self.page,
            "ListAccountsForParent": lambda asked: self.listed(self.units[parent(asked)][1]),
            "ListOrganizationalUnitsForParent": lambda asked: json(
                {"OrganizationalUnits": [{"Id": each} for each in self.units[parent(asked)][0]]}
            ),
        }

    def assumed(self, asked: Asked) -> Answer:
        id = asked.form["RoleArn"].split(":")[4]
        expires = datetime.now(UTC) + timedelta(hours=1)
        keys = f"<AccessKeyId>ASIA{id}</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>"
        given = xml("AssumeRole", f"<Credentials>{keys}<Expiration>{expires.isoformat()}</Expiration></Credentials>")
        return self.refusals.get(id, given)

    def identity(self, asked: Asked) -> Answer:
        return identity(f"arn:{self.partition}:sts::{account(asked)}:assumed-role/any/one")

    def listed(self, ids: list[str], token: str = "") -> Answer:
        found = [{"Id": id, "Name": name, "Status": status} for id, name, status in self.members if id in ids]
        return json({"Accounts": found} | ({"NextToken": token} if token else {}))

    def page(self, asked: Asked) -> Answer:
        """An account a page."""
        n = int(said(asked).get("NextToken", 0))
        return self.listed([self.members[n][0]], str(n + 1) if n + 1 < len(self.members) else "")

    def asked(self, action: str) -> list[Asked]:
        return [each for each in self.wire.requests if each.action == action]

    @property
    def roles(self) -> list[str]:
        return sorted(each.form["RoleArn"] for each in self.asked("AssumeRole"))


def account(asked: Asked) -> str:
    return asked.signed.key.removeprefix("ASIA") if asked.signed.key.startswith("ASIA") else OWN


def said(asked: Asked) -> dict[str, Any]:
    """What was asked of Organizations."""
    found: dict[str, Any] = msgspec.json.decode(asked.body)
    return found


def parent(asked: Asked) -> str:
    return str(said(asked)["ParentId"])


@pytest.fixture
def estate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Estate]:
    with wires.wire() as it:
        monkeypatch.setenv("AWS_ENDPOINT_URL", it.url)
        yield Estate(it)


def reached(work: Callable[[Reached], Any] = lambda found: found, stop: Stop | None = None, **asked: Any) -> Any:
    async def reaching() -> Any:
        async with Wire(scan_id="01ABC") as wire, AsyncExitStack() as stack:
            return work(await reach(Settings(**asked), wire, stack, stop=stop))

    return run(reaching())


def arn(id: str, role: str = "audit", partition: str = "aws") -> str:
    return f"arn:{partition}:iam::{id}:role/{role}"


# --- one account ----------------------------------------------------------------------------------


def test_the_callers_account_in_all_its_regions(estate: Estate) -> None:
    found = reached()
    assert found.accounts == [AccountRead(OWN, "", ["eu-west-1", "us-east-1"])]
    assert estate.roles == []
    assert "ListAccounts" not in estate.wire.asked


def test_one_account_expected(estate: Estate) -> None:
    assert [each.id for each in reached(account=(OWN,)).accounts] == [OWN]
    with pytest.raises(Refused, match=f"the credentials are for account {OWN}, not {SHOP}"):
        reached(account=(SHOP,))


def test_one_role(estate: Estate) -> None:
    found = reached(role_arn=arn(SHOP), external_id="agreed", session_name="nightly", exclude_regions=("us-east-1",))
    assert found.accounts == [AccountRead(SHOP, "", ["eu-west-1"])]
    assert found.caller.account == SHOP
    [asked] = estate.asked("AssumeRole")
    assert (asked.form["RoleArn"], asked.form["ExternalId"]) == (arn(SHOP), "agreed")
    assert asked.form["RoleSessionName"] == f"nightly-driftline-{VERSION}-01ABC"


# --- accounts by name -----------------------------------------------------------------------------


def test_several_accounts_by_a_role_of_one_name(estate: Estate) -> None:
    found = reached(account=(LEGACY, SHOP, SHOP), role_name="audit", external_id="agreed", session_name="nightly")
    assert [(each.id, each.entered) for each in found.accounts] == [(SHOP, True), (LEGACY, True)]
    assert estate.roles == [arn(SHOP), arn(LEGACY)]
    assert {each.form["ExternalId"] for each in estate.asked("AssumeRole")} == {"agreed"}
    assert {each.form["RoleSessionName"] for each in estate.asked("AssumeRole")} == {
        f"nightly-driftline-{VERSION}-01ABC"
    }
    assert {each.signed.key for each in estate.asked("AssumeRole")} == {"testing"}, "no role is assumed by another"


def test_the_callers_own_account_is_read_as_the_caller(estate: Estate) -> None:
    found = reached(account=(OWN, SHOP), role_name="audit")
    assert [each.id for each in found.accounts] == [OWN, SHOP]
    assert found.caller in found.regions
    assert estate.roles == [arn(SHOP)]


def test_each_role_of_the_settings_on_its_own_terms(estate: Estate) -> None:
    found = reached(
        accounts=(
            Role(role_arn=arn(SHOP, "its/own"), external_id="of the shop", name="the shop"),
            Role(account=LEGACY, role_name="older"),
            Role(account=OWN, role_name="self"),
        ),
        account=(SHOP,),
        external_id="of all",
    )
    assert [(each.id, each.name) for each in found.accounts] == [(OWN, ""), (SHOP, "the shop"), (LEGACY, "")]
    asked = sorted((each.form["RoleArn"], each.form["ExternalId"]) for each in estate.asked("AssumeRole"))
    assert asked == [
        (arn(OWN, "self"), "of all"),
        (arn(SHOP, "its/own"), "of the shop"),
        (arn(LEGACY, "older"), "of all"),
    ]


def test_a_role_by_its_arn_enters_its_account_beside_the_others(estate: Estate) -> None:
    found = reached(org=True, role_name="audit", role_arn=arn(OWN, "of-this-account"))
    assert estate.roles == [arn(OWN, "of-this-account"), arn(SHOP), arn(LEGACY)]
    assert found.caller not in found.regions
    assert [each.name for each in found.accounts] == ["main", "shop", "old"]


def test_a_profile_of_another_account(estate: Estate, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    profile = f"[profile shop]\nregion = eu-west-1\naws_access_key_id = ASIA{SHOP}\naws_secret_access_key = s\n"
    (tmp_path / "config").write_text(profile)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    found = reached(accounts=(Role(account=SHOP, profile="shop"), Role(account=OWN)), role_name="audit")
    assert [(each.id, each.entered) for each in found.accounts] == [(OWN, True), (SHOP, True)]
    assert estate.roles == []
    wrong = reached(accounts=(Role(account=LEGACY, profile="shop"), Role(account=OWN)))
    assert [(each.kind, each.account, each.reason) for each in wrong.gaps] == [
        ("error", LEGACY, f"the credentials are for account {SHOP}, not {LEGACY}; "
         "use the profile or the role of that account"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "line"),
    [
        ({"account": (OWN, SHOP)}, "--account: several accounts need --role-name, the role to assume in each"),
        ({"role_name": "audit"}, "no account is left to read; name some with --account, or --org"),
        ({"org": True}, "--org: which role is to be assumed in each account? name it: --role-name"),
        ({"ous": ("ou-1",)}, "--org: which role is to be assumed in each account? name it: --role-name"),
        ({"accounts": (Role(account=SHOP),)}, f"account {SHOP}: which role is to be assumed? name it: --role-name"),
        ({"exclude_regions": HERE}, "--exclude-region leaves no region to read"),
        (
            {"exclude_regions": HERE, "account": (SHOP,), "role_name": "audit"},
            "--exclude-region leaves no region to read",
        ),
    ],
)
def test_what_cannot_be_done_as_asked_is_one_line(estate: Estate, asked: Any, line: str) -> None:
    with pytest.raises(SettingsError) as told:
        reached(**asked)
    assert str(told.value) == line


# --- an account that refuses ----------------------------------------------------------------------


def test_an_account_that_refuses_its_role_is_a_gap_and_the_others_are_read(estate: Estate) -> None:
    estate.refusals[SHOP] = refusal("AccessDenied", 403)
    found = reached(org=True, role_name="audit")
    assert found.accounts == [
        AccountRead(OWN, "main", ["eu-west-1", "us-east-1"]),
        AccountRead(SHOP, "shop", (), entered=False),
        AccountRead(LEGACY, "old", ["eu-west-1", "us-east-1"]),
    ]
    assert found.gaps == [
        Gap(
            type=ANYTHING,
            account=SHOP,
            region=GLOBAL,
            kind="denied",
            reason=f"role {arn(SHOP)} could not be assumed: AssumeRole: access denied (AccessDenied); "
            "check its trust policy and external id",
            operation="sts:AssumeRole",
            permission="sts:AssumeRole",
        )
    ]


def test_an_account_whose_regions_are_hidden_is_a_gap_with_what_to_allow(estate: Estate) -> None:
    refused = refusal("UnauthorizedOperation", 403)
    estate.wire.answers["DescribeRegions"] = lambda asked: refused if account(asked) == SHOP else regions(*HERE)
    [gap] = reached(org=True, role_name="audit").gaps
    assert (gap.account, gap.kind, gap.permission) == (SHOP, "denied", "ec2:DescribeRegions")
    named = reached(org=True, role_name="audit", regions=("us-east-1",))
    assert (named.gaps, [each.regions for each in named.accounts]) == ([], [["us-east-1"]] * 3)


def test_a_role_that_nobody_answers_for_is_not_denied(estate: Estate) -> None:
    estate.refusals[SHOP] = refusal("InternalFailure", 500)
    [gap] = reached(org=True, role_name="audit").gaps
    assert (gap.kind, gap.operation, gap.permission) == ("error", "sts:AssumeRole", None)


@pytest.mark.parametrize(("kind", "why"), [("timeout", "time is up"), ("interrupted", "ended by Ctrl-C")])
def test_what_was_entered_when_it_is_ended_stays_so(estate: Estate, kind: str, why: str) -> None:
    """One role never answers."""
    stop, late = Stop(), "444444444444"
    estate.members.append((late, "late", "ACTIVE"))
    given = estate.assumed

    def assumed(asked: Asked) -> Answer | str:
        if SHOP not in asked.form["RoleArn"]:
            return given(asked)
        Timer(1.5, stop, (kind, why)).start()
        return wires.SILENT

    estate.wire.answers["AssumeRole"] = assumed
    estate.enabled[late] = HERE
    found = reached(stop=stop, org=True, role_name="audit")
    assert [(each.account, each.kind, each.reason) for each in found.gaps] == [(SHOP, kind, why)]
    assert [(each.id, each.entered, list(each.regions)) for each in found.accounts] == [
        (OWN, True, list(HERE)), (SHOP, False, []), (LEGACY, True, list(HERE)), (late, True, list(HERE)),
    ]  # fmt: skip


def test_a_scan_whose_time_is_up_while_accounts_are_entered_tells_of_those_it_entered(estate: Estate) -> None:
    given = estate.assumed
    estate.wire.answers["AssumeRole"] = lambda asked: wires.SILENT if SHOP in asked.form["RoleArn"] else given(asked)
    found = run(
        scan(Settings(org=True, role_name="audit", regions=HERE[:1], types=("aws_vpc",), parts=False, timeout=5))
    )
    why = "the time limit of 5 seconds was reached"
    assert {each.id: each.entered for each in found.accounts} == {OWN: True, SHOP: False, LEGACY: True}
    assert sorted((each.account, each.type, each.kind, each.reason) for each in found.gaps) == [
        (OWN, "aws_vpc", "timeout", why), (SHOP, ANYTHING, "timeout", why), (LEGACY, "aws_vpc", "timeout", why),
    ]  # fmt: skip
    assert found.interrupted == why
    assert not estate.asked("DescribeVpcs")


def test_where_it_is_ended_before_any_is_entered_there_is_no_scan(estate: Estate) -> None:
    stop = Stop()

    def assumed(asked: Asked) -> str:
        stop("timeout", "time is up")
        return wires.SILENT

    estate.wire.answers["AssumeRole"] = assumed
    with pytest.raises(Refused, match=r"^time is up, before any account could be read$"):
        reached(stop=stop, account=(SHOP, LEGACY), role_name="audit")


def test_where_no_account_can_be_entered_there_is_no_scan(estate: Estate) -> None:
    estate.refusals = dict.fromkeys((SHOP, LEGACY), refusal("AccessDenied", 403))
    with pytest.raises(Refused) as told:
        reached(account=(LEGACY, SHOP), role_name="audit")
    assert str(told.value) == (
        f"no account could be entered; of {SHOP}: role {arn(SHOP)} could not be assumed: "
        "AssumeRole: access denied (AccessDenied); check its trust policy and external id"
    )


# --- the organization -----------------------------------------------------------------------------


def test_a_whole_organization_page_by_page(estate: Estate) -> None:
    found = reached(org=True, role_name="audit")
    assert [(each.id, each.name, each.entered) for each in found.accounts] == [
        (OWN, "main", True), (SHOP, "shop", True), (LEGACY, "old", True),
    ]  # fmt: skip
    assert len(estate.asked("ListAccounts")) == 3
    assert estate.roles == [arn(SHOP), arn(LEGACY)]
    assert found.notes == []


def test_accounts_that_are_not_active_are_said_and_not_entered(estate: Estate) -> None:
    estate.members[1:] = [(SHOP, "shop", "SUSPENDED"), (LEGACY, "old", "PENDING_CLOSURE"), ("4" * 12, "x", "SUSPENDED")]
    found = reached(org=True, role_name="audit")
    assert [each.id for each in found.accounts] == [OWN]
    assert found.notes == [
        f"2 accounts are suspended and were not read: {SHOP} (shop), {'4' * 12} (x)",
        f"1 account is pending closure and was not read: {LEGACY} (old)",
    ]


def test_units_and_the_units_in_them(estate: Estate) -> None:
    estate.units = {"ou-1": (["ou-2"], []), "ou-2": (["ou-3"], [LEGACY]), "ou-3": ([], [SHOP]), "ou-4": ([], [OWN])}
    for org in (True, False):
        found = reached(org=org, ous=("ou-1", "ou-2"), role_name="audit")
        assert [each.id for each in found.accounts] == [SHOP, LEGACY]
    assert "ListAccounts" not in estate.wire.asked


@pytest.mark.parametrize(
    ("asked", "operation"),
    [({"org": True}, "ListAccounts"), ({"ous": ("ou-1",)}, "ListOrganizationalUnitsForParent")],
)
def test_an_organization_that_may_not_be_listed_is_one_line(estate: Estate, asked: Any, operation: str) -> None:
    estate.wire.answers[operation] = Answer('{"__type": "AccessDeniedException", "Message": "no"}', 400)
    with pytest.raises(Refused) as told:
        reached(**asked, role_name="audit")
    assert str(told.value) == (
        f"the organization's accounts could not be listed: {operation}: access denied (AccessDeniedException); "
        f"ask as its management account or a delegated administrator, and allow organizations:{operation}"
    )


def test_no_organization_at_all(estate: Estate) -> None:
    answer = '{"__type": "AWSOrganizationsNotInUseException", "Message": "Your account is not a member."}'
    estate.wire.answers["ListAccounts"] = Answer(answer, 400)
    with pytest.raises(
        Refused,
        match=r"could not be listed: ListAccounts: .*is not a member\. \(AWSOrganizationsNotInUse",
    ):
        reached(org=True, role_name="audit")


@pytest.mark.parametrize(
    ("partition", "asked", "home", "of_organizations"),
    [
        ("aws", "eu-west-1", "eu-west-1", "us-east-1"),
        ("aws-cn", "cn-northwest-1", "cn-north-1", "cn-northwest-1"),
        ("aws-us-gov", "us-gov-east-1", "us-gov-west-1", "us-gov-west-1"),
    ],
)
def test_an_organization_of_another_partition(
    estate: Estate, partition: str, asked: str, home: str, of_organizations: str
) -> None:
    estate.partition, estate.enabled = partition, dict.fromkeys((OWN, SHOP, LEGACY), (asked,))
    found = reached(org=True, role_name="audit", regions=(asked,))
    assert estate.roles == [arn(SHOP, partition=partition), arn(LEGACY, partition=partition)]
    assert [each.regions for each in found.accounts] == [[asked]] * 3
    assert {each.signed.region for each in estate.asked("AssumeRole")} == {home}
    assert {each.signed.region for each in estate.asked("ListAccounts")} == {of_organizations}


@pytest.mark.parametrize(
    ("partition", "asked", "host"),
    [
        ("aws", "eu-west-1", "organizations.us-east-1.amazonaws.com"),
        ("aws-cn", "cn-north-1", "organizations.cn-northwest-1.amazonaws.com.cn"),
        ("aws-us-gov", "us-gov-west-1", "organizations.us-gov-west-1.amazonaws.com"),
    ],
)
def test_the_host_that_an_organization_is_asked_of(
    estate: Estate, monkeypatch: pytest.MonkeyPatch, partition: str, asked: str, host: str
) -> None:
    """A proxy is told where a call is to go; who is calling is answered by the stand-in."""
    estate.partition = partition
    estate.wire.answers[f"CONNECT {host}:443"] = Answer(status=407)
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", estate.wire.url)
    monkeypatch.setenv("HTTPS_PROXY", estate.wire.url)
    with pytest.raises(Refused, match=r"could not be listed: Failed to connect to proxy"):
        reached(org=True, role_name="audit", regions=(asked,))
    assert {each.action for each in estate.wire.requests[1:]} == {f"CONNECT {host}:443"}


# --- regions --------------------------------------------------------------------------------------


def test_each_account_in_the_regions_that_are_enabled_in_it(estate: Estate) -> None:
    estate.enabled[SHOP] = ("eu-west-1", "me-south-1")
    found = reached(org=True, role_name="audit")
    assert [each.regions for each in found.accounts] == [[*HERE], ["eu-west-1", "me-south-1"], [*HERE]]
    assert found.notes == []


def test_a_region_that_is_not_enabled_everywhere_is_said(estate: Estate) -> None:
    estate.enabled[SHOP] = ("eu-west-1", "me-south-1")
    found = reached(org=True, role_name="audit", regions=("me-south-1", "eu-west-1", "eu-west-1"))
    assert [each.regions for each in found.accounts] == [["eu-west-1"], ["me-south-1", "eu-west-1"], ["eu-west-1"]]
    assert found.notes == [
        f"region me-south-1 is not enabled in 2 accounts and was left out there: {OWN} (main), {LEGACY} (old)"
    ]


@pytest.mark.parametrize("asked", [{"regions": ("eu-wst-1",)}, {"exclude_regions": ("eu-wst-1",)}])
def test_a_region_that_is_enabled_nowhere_is_refused(estate: Estate, asked: Any) -> None:
    with pytest.raises(Refused) as told:
        reached(org=True, role_name="audit", **asked)
    assert str(told.value) == (
        "region eu-wst-1 is enabled in no account that was entered; check its name, or leave it out"
    )
