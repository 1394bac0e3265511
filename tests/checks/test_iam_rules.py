"""What moto has no word for: AWS's own policies, the root user, certificates, and what cannot be seen."""

import json
from typing import Any

import pytest

from checks import REGISTRY, Finding, Status, Terms
from scanner.collectors import schemas
from state import Declaration, Gap, Inventory, Resource
from state.terraform import hcl
from tests.checks.test_examples import NOW

FAIL, PASS, UNKNOWN = Status.FAIL, Status.PASS, Status.UNKNOWN
ACCOUNT = "123456789012"


def of(type: str, id: str = "it", region: str = "global", **attributes: Any) -> Resource:
    return Resource(type=type, id=id, account=ACCOUNT, region=region, attributes=attributes)


def with_facts(resource: Resource, **facts: Any) -> Resource:
    return resource.replace(facts=facts)


def judged(check: str, *resources: Resource, gaps: tuple[Gap, ...] = (), terms: Terms | None = None) -> Finding:
    """The verdict on the first of these resources."""
    return REGISTRY[check].judge(resources[0], Inventory(resources, gaps, taken_at=NOW), terms or Terms())


def document(*statements: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def may(*actions: str, **parts: Any) -> Any:
    return {"Effect": "Allow", "Action": list(actions), "Resource": "*", **parts}


# --- AWS's own policies -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("check", "kind", "name", "status"),
    [
        ("iam-user-administrator-access", "user", "AdministratorAccess", FAIL),
        ("iam-user-administrator-access", "user", "AdministratorAccess-Amplify", PASS),
        ("iam-group-administrator-access", "group", "AdministratorAccess", FAIL),
        ("iam-group-administrator-access", "group", "ReadOnlyAccess", PASS),
        ("iam-policy-cloudshell-full", "role", "AWSCloudShellFullAccess", FAIL),
        ("iam-policy-cloudshell-full", "user", "ReadOnlyAccess", PASS),
    ],
)
def test_policies_of_aws(check: str, kind: str, name: str, status: Status) -> None:
    held = of(f"aws_iam_{kind}_policy_attachment", policy_arn=f"arn:aws:iam::aws:policy/{name}", **{kind: "it"})
    assert judged(check, held).status is status


ROOT = of("account", ACCOUNT)


@pytest.mark.parametrize("kind", ["role", "user", "group"])
def test_whoever_may_ask_for_support(kind: str) -> None:
    arn = "arn:aws-us-gov:iam::aws:policy/AWSSupportAccess"
    held = of(f"aws_iam_{kind}_policy_attachment", policy_arn=arn, **{kind: "it"})
    assert judged("iam-support-role", ROOT, held).status is PASS
    gap = Gap(type="aws_iam_user_policy_attachment", account=ACCOUNT, region="global", reason="denied")
    assert judged("iam-support-role", ROOT, gaps=(gap,)).status is UNKNOWN


PRINCIPAL = "iam-privilege-escalation-principal"
ROLE = of("aws_iam_role", "web", name="web", permissions_boundary=None)
PASSES = of("aws_iam_role_policy", "web:pass", role="web", policy=document(may("iam:PassRole")))


def attached(arn: str) -> Resource:
    return of("aws_iam_role_policy_attachment", f"web/{arn}", role="web", policy_arn=arn)


def managed(name: str) -> Resource:
    return attached(f"arn:aws:iam::aws:policy/{name}")


@pytest.mark.parametrize(
    ("held", "status"),
    [
        ([managed("AmazonEC2FullAccess")], PASS),
        ([managed("AmazonEC2FullAccess"), PASSES], FAIL),
        ([managed("IAMFullAccess")], FAIL),
        ([managed("PowerUserAccess")], PASS),
        ([managed("AdministratorAccess"), PASSES], PASS),
        ([managed("TomorrowsFullAccess")], UNKNOWN),
        ([managed("TomorrowsFullAccess"), managed("IAMFullAccess")], FAIL),
        ([attached(f"arn:aws:iam::{ACCOUNT}:policy/unread")], UNKNOWN),
    ],
)
def test_policies_of_aws_count_beside_one_s_own(held: list[Resource], status: Status) -> None:
    assert judged(PRINCIPAL, ROLE, *held).status is status


@pytest.mark.parametrize(
    ("boundary", "status"),
    [("PowerUserAccess", PASS), ("AdministratorAccess", FAIL), ("TomorrowsFullAccess", UNKNOWN)],
)
def test_a_boundary_of_aws(boundary: str, status: Status) -> None:
    arn = f"arn:aws:iam::aws:policy/{boundary}"
    bounded = ROLE.replace(attributes={**ROLE.attributes, "permissions_boundary": arn})
    assert judged(PRINCIPAL, bounded, managed("AmazonEC2FullAccess"), PASSES).status is status


def test_the_evidence_is_what_grants() -> None:
    finding = judged(PRINCIPAL, ROLE, managed("AmazonEC2FullAccess"), managed("AmazonS3ReadOnlyAccess"), PASSES)
    assert finding.message == "iam:PassRole and ec2:RunInstances on everything makes web an administrator"
    arn = "arn:aws:iam::aws:policy/AmazonEC2FullAccess"
    assert finding.evidence[f"aws_iam_role_policy_attachment.web/{arn}.policy_arn"] == arn
    assert not [each for each in finding.evidence if "ReadOnly" in each]


def test_what_aws_made_is_aws_s() -> None:
    theirs = ROLE.replace(owner="aws: service-linked role")
    assert judged(PRINCIPAL, theirs, managed("IAMFullAccess")).status is PASS


# --- the root user --------------------------------------------------------------------------------


def device(arn: str, owner: str | None = None) -> Resource:
    return of("aws_iam_virtual_mfa_device", arn, arn=arn).replace(owner=owner)


@pytest.mark.parametrize(
    ("mfa", "password", "devices", "status"),
    [
        (True, True, [], PASS),
        (True, True, [device("arn:aws:iam::123456789012:mfa/ann", "user: ann")], PASS),
        (True, True, [device("arn:aws:iam::123456789012:mfa/root-account-mfa-device")], FAIL),
        (True, True, [device("arn:aws:iam::123456789012:mfa/my-phone", "user: root")], FAIL),
        (False, True, [], FAIL),
        (False, False, [], PASS),
        (None, True, [], UNKNOWN),
        (None, None, [], UNKNOWN),
    ],
)
def test_the_devices_of_root(mfa: Any, password: Any, devices: list[Resource], status: Status) -> None:
    root = with_facts(ROOT, account_mfa_enabled=mfa, account_password_present=password)
    assert judged("iam-root-hardware-mfa", root, *devices).status is status


@pytest.mark.parametrize("check", ["iam-root-mfa", "iam-root-hardware-mfa"])
@pytest.mark.parametrize(
    ("region", "message"),
    [
        ("eu-west-1", "the root user of 123456789012 has no MFA"),
        ("cn-north-1", "the root user cannot sign in, in this partition"),
        ("us-gov-west-1", "the root user cannot sign in, in this partition"),
    ],
)
def test_where_root_can_have_no_device(check: str, region: str, message: str) -> None:
    root = with_facts(ROOT, account_mfa_enabled=False, account_password_present=None)
    place = Resource(type="region", id=region, account=root.account, region=region)
    finding = judged(check, root, place)
    assert finding.message == message
    assert finding.status is (FAIL if region == "eu-west-1" else Status.SKIPPED)


@pytest.mark.parametrize(
    ("region", "status", "events"),
    [
        ("eu-west-1", FAIL, ["CreateUser", "ConsoleLogin"]),
        ("us-gov-west-1", FAIL, ["CreateUser"]),
        ("cn-north-1", Status.SKIPPED, None),
    ],
)
def test_what_root_can_do_where(region: str, status: Status, events: list[str] | None) -> None:
    place = Resource(type="region", id=region, account=ROOT.account, region=region)
    found = judged("cis-alarm-root-use", with_facts(ROOT, enabled_regions=[region]), place)
    assert (found.status, found.evidence.get("events")) == (status, events)
    assert judged("cis-alarm-iam-changes", with_facts(ROOT, enabled_regions=[region]), place).status is FAIL


@pytest.mark.parametrize(
    ("password", "first", "second", "status"),
    [
        (None, None, None, PASS),
        ("2026-11-20T00:00:00Z", None, None, FAIL),
        ("2026-10-01T00:00:00Z", None, "2026-11-01T00:00:00Z", FAIL),
        ("2026-10-01T00:00:00Z", "2020-01-01T00:00:00Z", None, PASS),
    ],
)
def test_the_use_of_root(password: Any, first: Any, second: Any, status: Status) -> None:
    root = with_facts(
        ROOT,
        root_password_last_used=password,
        root_access_key_1_last_used_date=first,
        root_access_key_2_last_used_date=second,
    )
    assert judged("iam-root-recent-use", root).status is status


# --- users and certificates -----------------------------------------------------------------------


def test_one_key_that_cannot_be_seen_does_not_hide_the_other() -> None:
    old = {"access_key_2_last_used_date": "2026-01-01T00:00:00Z", "access_key_2_last_rotated": "2025-01-01T00:00:00Z"}
    user = with_facts(of("aws_iam_user", "ann"), access_key_1_active=None, access_key_2_active=True, **old)
    assert judged("iam-access-key-unused", user).status is FAIL
    used = with_facts(user, **user.facts | {"access_key_2_last_used_date": "2026-11-20T00:00:00Z"})
    assert judged("iam-access-key-unused", used).status is UNKNOWN


def test_both_keys_are_told_of() -> None:
    facts = {f"access_key_{n}_{name}": value for n in (1, 2) for name, value in (("active", True), *OLD_KEY.items())}
    user = with_facts(of("aws_iam_user", "ann"), **facts)
    days = judged("iam-access-key-rotation", user).message
    assert days == "access key 1 of ann is 324 days old; access key 2 of ann is 324 days old"
    unused = judged("iam-access-key-unused", user).message
    assert unused == "; ".join(f"access key {n} of ann was made and never used 324 days ago" for n in (1, 2))
    hidden = with_facts(user, **user.facts | {"access_key_1_active": None})
    assert judged("iam-access-key-rotation", hidden).message == "access key 2 of ann is 324 days old"


OLD_KEY = {"last_rotated": "2026-01-01T00:00:00Z", "last_used_date": None}


@pytest.mark.parametrize(
    ("expiration", "status"),
    [("2026-11-20T23:59:59Z", FAIL), ("2026-11-21T00:00:00Z", FAIL), ("2027-01-01T00:00:00Z", PASS)],
)
def test_a_certificate(expiration: str, status: Status) -> None:
    assert (
        judged(
            "iam-server-certificate-expired", of("aws_iam_server_certificate", name="a", expiration=expiration)
        ).status
        is status
    )


# --- what code says -------------------------------------------------------------------------------


def of_code(check: str, text: str) -> Finding:
    inventory = hcl.read(text, schemas(), now=NOW)
    subject = next(each for each in inventory.resources if each.type in REGISTRY[check].types)
    return REGISTRY[check].judge(subject, inventory, Terms())


def test_code_that_does_not_say_whose_account_it_is_for() -> None:
    finding = of_code(
        "iam-role-cross-account-unknown",
        """
        resource "aws_iam_role" "partner" {
          assume_role_policy = jsonencode({
            Statement = [{ Effect = "Allow", Principal = { AWS = "444455556666" }, Action = "sts:AssumeRole" }]
          })
        }
        """,
    )
    assert finding.status is UNKNOWN
    assert "whether account 444455556666 is ours" in finding.message


@pytest.mark.parametrize(("subject", "status"), [("repo:acme/*", PASS), ("repo:*", FAIL)])
def test_a_provider_that_the_code_makes(subject: str, status: Status) -> None:
    finding = of_code(
        "iam-role-oidc-trust-unscoped",
        """
        resource "aws_iam_openid_connect_provider" "github" {
          url = "https://token.actions.githubusercontent.com"
        }

        resource "aws_iam_role" "ci" {
          name = "ci"
          assume_role_policy = jsonencode({
            Statement = [{
              Effect    = "Allow"
              Principal = { Federated = aws_iam_openid_connect_provider.github.arn }
              Action    = "sts:AssumeRoleWithWebIdentity"
              Condition = { StringLike = { "token.actions.githubusercontent.com:sub" = "SUBJECT" } }
            }]
          })
        }
        """.replace("SUBJECT", subject),
    )
    assert (finding.status, finding.message if status is PASS else "") == (status, "")


# --- buses ----------------------------------------------------------------------------------------

OPEN = {"Effect": "Allow", "Principal": "*", "Action": "events:PutEvents", "Resource": "*"}
IN_CODE = Declaration(address="aws_cloudwatch_event_bus_policy.it", source="main.tf")


def bus(*statements: Any) -> Resource:
    said = document(*statements)
    return of("aws_cloudwatch_event_bus_policy", "orders", "eu-west-1", event_bus_name="orders", policy=said)


@pytest.mark.parametrize(
    ("statements", "status"),
    [
        ([OPEN], FAIL),
        ([OPEN | {"Sid": "named"}], PASS),
        ([OPEN, {**OPEN, "Sid": "all", "Effect": "Deny"}], PASS),
    ],
)
def test_statements_of_a_bus_without_a_name(statements: list[Any], status: Status) -> None:
    assert judged("eventbridge-bus-public", bus(*statements)).status is status


@pytest.mark.parametrize(("statement", "status"), [(OPEN, FAIL), (OPEN | {"Principal": {"AWS": ACCOUNT}}, PASS)])
def test_a_statement_that_the_code_declares_within_the_whole(statement: Any, status: Status) -> None:
    said = {"event_bus_name": "orders", "statement_id": "it"}
    named = of("aws_cloudwatch_event_permission", "orders/it", "eu-west-1", **said)
    twin = named.replace(declared=IN_CODE)
    assert judged("eventbridge-bus-public", twin, bus(statement | {"Sid": "it"})).status is status


@pytest.mark.parametrize(
    ("principal", "condition", "status"),
    [
        ("*", [], FAIL),
        ("111122223333", [], PASS),
        ('{"AWS": ["111122223333", "*"]}', [], FAIL),
        ("*", [{"key": "aws:PrincipalOrgID", "type": "StringEquals", "value": "o-a1b2c3d4e5"}], PASS),
        ("*", [{"key": "aws:SourceAccount", "type": "StringEquals", "value": '["111122223333"]'}], PASS),
        ("*", [{"key": "events:source", "type": "StringEquals", "value": "acme"}], FAIL),
    ],
)
def test_a_permission_on_a_bus(principal: str, condition: list[Any], status: Status) -> None:
    said = {"principal": principal, "condition": condition, "statement_id": "it", "event_bus_name": "orders"}
    permission = of("aws_cloudwatch_event_permission", "orders/it", "eu-west-1", action="events:PutEvents", **said)
    assert judged("eventbridge-bus-public", permission).status is status


# --- search domains -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("vpc", "control", "status"),
    [
        ([], [], FAIL),
        ([{"subnet_ids": ["subnet-1"]}], [], PASS),
        ([], [{"enabled": True, "anonymous_auth_enabled": False}], PASS),
        ([], [{"enabled": True, "anonymous_auth_enabled": True}], FAIL),
        ([], [{"enabled": False}], FAIL),
    ],
)
def test_a_search_domain(vpc: list[Any], control: list[Any], status: Status) -> None:
    about = {"domain_name": "logs", "vpc_options": vpc, "advanced_security_options": control}
    open_to_all = document({"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "es:*", "Resource": "*"})
    policy = of("aws_opensearch_domain_policy", region="eu-west-1", domain_name="logs", access_policies=open_to_all)
    assert (
        judged("opensearch-public", of("aws_opensearch_domain", "logs", "eu-west-1", **about), policy).status is status
    )
