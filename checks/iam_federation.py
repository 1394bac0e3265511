"""AWS IAM: what an account should have, and where people come from."""

from __future__ import annotations

from checks.absence import SHOWN, evidence_among
from checks.check import Category, Fault, Severity, check
from checks.doubt import any_of
from checks.iam_account import PASSWORDS, without_policy
from checks.iam_policies import ATTACHMENTS
from state import Inventory, Resource

LEAST_REMEMBERED = 24
SUPPORT = ":iam::aws:policy/AWSSupportAccess"
PROVIDERS = ("aws_iam_saml_provider", "aws_iam_openid_connect_provider")


@check(
    "account",
    severity=Severity.MEDIUM,
    category=Category.IAM,
    cis_3_0="1.9",
    cis_5_0="1.8",
    cis_6_0="2.8",
    cis_7_0="2.9",
    fsbp="IAM.7;IAM.10",
    hipaa="164_308_a_4_ii_c;164_308_a_5_ii_d;164_312_d",
    gdpr="article_25",
    well_architected_security="SEC02-BP01",
)
def iam_password_policy_reuse(account: Resource, inventory: Inventory) -> Fault | None:
    """Password policy does not remember the last 24 passwords.

    Who must change a password and may take an old one goes back to it, also to one that leaked. Without
    a policy AWS remembers none. CIS asks for 24, where AWS's own control for PCI is content with 4.

    Fix: declare an `aws_iam_account_password_policy` with `password_reuse_prevention = 24`.

    Fails:

        account {}

        resource "aws_iam_account_password_policy" "this" {
          password_reuse_prevention = 5
        }

    Fails:

        account {}

    Passes:

        account {}

        resource "aws_iam_account_password_policy" "this" {
          password_reuse_prevention = 24
        }
    """
    found = inventory.near(account, PASSWORDS)
    if not found:
        return without_policy(account)
    remembered = found[0]["password_reuse_prevention"] or 0
    if remembered >= LEAST_REMEMBERED:
        return None
    said = f"{account.id} remembers {remembered} passwords" if remembered else f"{account.id} remembers no passwords"
    return Fault(said, evidence_among(PASSWORDS, found, "password_reuse_prevention"))


@check(
    "account",
    severity=Severity.LOW,
    category=Category.IAM,
    cis_3_0="1.17",
    cis_5_0="1.16",
    cis_6_0="2.16",
    cis_7_0="2.15",
    gdpr="article_25",
    well_architected_security="SEC10-BP01",
)
def iam_support_role(account: Resource, inventory: Inventory) -> Fault | None:
    """No principal may open cases with AWS Support.

    On the day that AWS has to help, somebody must be allowed to ask. Whoever holds AWSSupportAccess
    counts: a role, a user or a group.

    Fix: make a role for incidents and attach AWSSupportAccess to it.

    Fails:

        account {}

    Passes:

        account {}

        resource "aws_iam_role_policy_attachment" "support" {
          role       = "incidents"
          policy_arn = "arn:aws:iam::aws:policy/AWSSupportAccess"
        }
    """

    def held(type: str) -> bool:
        return any(each["policy_arn"].endswith(SUPPORT) for each in inventory.near(account, type))

    if any_of(held, ATTACHMENTS):
        return None
    return Fault(
        f"nobody in {account.id} holds AWSSupportAccess", {f"{each}.AWSSupportAccess": None for each in ATTACHMENTS}
    )


@check(
    "account",
    severity=Severity.LOW,
    category=Category.IAM,
    cis_3_0="1.21",
    cis_5_0="1.20",
    cis_6_0="2.20",
    cis_7_0="2.19",
)
def iam_federation_missing(account: Resource, inventory: Inventory) -> Fault | None:
    """Account has users but no identity federation.

    Users of IAM stay when people leave, and their passwords and keys live as long. IAM Identity Center
    shows as a SAML provider that AWS made; a provider of pipelines (OIDC) counts too, as nothing tells it
    from one of people. An account without users is exempt.

    Fix: let people sign in through IAM Identity Center, and delete their users.

    Fails:

        account {}

        resource "aws_iam_user" "ann" {
          name = "ann"
        }

    Passes:

        account {}

        resource "aws_iam_user" "ann" {
          name = "ann"
        }

        resource "aws_iam_saml_provider" "people" {
          name                   = "people"
          saml_metadata_document = "<EntityDescriptor/>"
        }

    Passes:

        account {}
    """

    def trusted(type: str) -> bool:
        return bool(inventory.near(account, type))

    if any_of(trusted, PROVIDERS):
        return None
    users = inventory.near(account, "aws_iam_user")
    evidence = {**dict.fromkeys(PROVIDERS), "aws_iam_user": [each.name for each in users[:SHOWN]]}
    return Fault(f"{account.id} has users and trusts no identity provider", evidence) if users else None
