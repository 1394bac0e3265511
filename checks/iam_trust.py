"""AWS IAM: which other accounts and which identity providers a role trusts."""

from __future__ import annotations

import re

from checks.accounts import strangers
from checks.check import Category, Severity, Terms, check
from checks.conditions import LIKE, LITERAL, Condition
from checks.doubt import any_of
from checks.iam_policies import made_by_aws
from checks.policy import Statement, parse
from state import Inventory, Resource, Unknown

ASKED = frozenset({"sts:externalid", "aws:multifactorauthpresent"})
"""What an account that acts for many customers cannot be talked into: another's external id, or a person's MFA."""


@check(
    "aws_iam_role",
    severity=Severity.HIGH,
    category=Category.IAM,
)
def iam_role_cross_account_no_external_id(role: Resource, inventory: Inventory, terms: Terms) -> str | None:
    """Role trusts another account without ExternalId or organization condition.

    A provider that acts for many customers can be talked into taking your role for somebody else, unless
    the role asks for the id that the provider keeps for you. Our own accounts are exempt (those of this
    reading and of our organisation), partners are not. A condition on MFA does as well, as only people
    have it; who names everyone is found as that.

    Fix: have the partner give you an external id, and ask for it with `sts:ExternalId`.

    Fails:

        live "aws_iam_role" "partner" {
          name = "partner"
          arn  = "arn:aws:iam::111122223333:role/partner"
          assume_role_policy = jsonencode({
            Version = "2012-10-17"
            Statement = [{
              Effect    = "Allow"
              Principal = { AWS = "arn:aws:iam::444455556666:root" }
              Action    = "sts:AssumeRole"
            }]
          })
        }

    Passes:

        live "aws_iam_role" "partner" {
          name = "partner"
          arn  = "arn:aws:iam::111122223333:role/partner"
          assume_role_policy = jsonencode({
            Version = "2012-10-17"
            Statement = [{
              Effect    = "Allow"
              Principal = { AWS = "arn:aws:iam::444455556666:root" }
              Action    = "sts:AssumeRole"
              Condition = { StringEquals = { "sts:ExternalId" = "a1b2c3" } }
            }]
          })
        }

    Passes:

        live "aws_iam_role" "hop" {
          name = "hop"
          arn  = "arn:aws:iam::111122223333:role/hop"
          assume_role_policy = jsonencode({
            Version = "2012-10-17"
            Statement = [{
              Effect    = "Allow"
              Principal = { AWS = "arn:aws:iam::111122223333:role/ci" }
              Action    = "sts:AssumeRole"
            }]
          })
        }
    """
    if made_by_aws(role):
        return None
    policy = parse(role["assume_role_policy"])
    for account, statement in strangers(policy, role, inventory, terms, partners_too=True):
        if statement.touches("sts:AssumeRole") and not any(map(_asks, statement.conditions)):
            return f"{statement.label} lets account {account} assume {role.name} without an external id"
    return None


def _asks(condition: Condition) -> bool:
    """Whether only who was given something, or is a person, meets it."""
    if condition.name not in ASKED or condition.lax:
        return False
    if condition.operator == "bool":
        return set(condition.values) == {"true"}
    fixed = all(value.strip("*?") for value in condition.values)
    return condition.operator in LITERAL | LIKE and fixed


@check(
    "aws_iam_role",
    severity=Severity.MEDIUM,
    category=Category.IAM,
)
def iam_role_cross_account_unknown(role: Resource, inventory: Inventory, terms: Terms) -> str | None:
    """Role trusts an account that is neither ours nor listed as a partner.

    Such an account takes the role as its own. Ours are the accounts of this reading and those of our
    organisation; partners are listed in the settings. Who a condition binds to an organisation is exempt.

    Fix: take the account out of the trust policy, or list it as a partner's.

    Fails:

        live "aws_iam_role" "partner" {
          name = "partner"
          arn  = "arn:aws:iam::111122223333:role/partner"
          assume_role_policy = jsonencode({
            Version = "2012-10-17"
            Statement = [{
              Effect    = "Allow"
              Principal = { AWS = "444455556666" }
              Action    = "sts:AssumeRole"
              Condition = { StringEquals = { "sts:ExternalId" = "a1b2c3" } }
            }]
          })
        }

    Passes:

        live "aws_iam_role" "hop" {
          name = "hop"
          arn  = "arn:aws:iam::111122223333:role/hop"
          assume_role_policy = jsonencode({
            Version = "2012-10-17"
            Statement = [{
              Effect    = "Allow"
              Principal = { AWS = "444455556666" }
              Action    = "sts:AssumeRole"
            }]
          })
        }

        live "aws_organizations_account" "shared" {
          id = "444455556666"
        }
    """
    if made_by_aws(role):
        return None
    for account, statement in strangers(parse(role["assume_role_policy"]), role, inventory, terms):
        return f"{statement.label} of the trust policy lets account {account} assume {role.name}"
    return None


# --- identity providers -------------------------------------------------------------------------

PROVIDER = re.compile(r"arn:[^:]+:iam::\d*:oidc-provider/(.+)")
SAML = re.compile(r"arn:[^:]+:iam::\d*:saml-provider/.+")
OWN_AUDIENCE = ("accounts.google.com", "cognito-identity.amazonaws.com", "graph.facebook.com", "www.amazon.com")
"""Providers of people: who may come is who uses the application that the audience is."""

OWNER = {
    "token.actions.githubusercontent.com": r"repo:[^*?/]+/|job_workflow_ref:[^*?/]+/|[a-z_]+:[^*?:]+(:|$)",
    "gitlab.com": r"[a-z_]+:[^*?/]+/",
    "app.terraform.io": r"organization:[^*?:]+:",
}
"""How a subject begins that names its owner, with providers that speak for everybody who has an account there."""


@check(
    "aws_iam_role",
    severity=Severity.CRITICAL,
    category=Category.IAM,
)
def iam_role_oidc_trust_unscoped(role: Resource, inventory: Inventory) -> str | None:
    """Role trusts an OIDC provider such as GitHub without a subject condition.

    GitHub, GitLab and their like vouch for each of their customers: without a condition on the subject
    (`sub`) that names your organisation, anybody's pipeline takes the role. The audience names nobody, it
    is the same for all. A pattern counts as far as the owner in it is whole: `repo:acme/*` does,
    `repo:acme*` lets `acme-evil` in. A role for a cluster's service accounts needs a subject too: without
    one every pod takes it. For providers of people (Cognito, Google, Facebook, Amazon) the audience is enough.

    Fix: ask for the subject with StringEquals or StringLike, the owner and the repository in full.

    Fails:

        resource "aws_iam_role" "ci" {
          name = "ci"
          assume_role_policy = jsonencode({
            Version = "2012-10-17"
            Statement = [{
              Effect    = "Allow"
              Principal = { Federated = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com" }
              Action    = "sts:AssumeRoleWithWebIdentity"
              Condition = { StringEquals = { "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com" } }
            }]
          })
        }

    Passes:

        resource "aws_iam_role" "ci" {
          name = "ci"
          assume_role_policy = jsonencode({
            Version = "2012-10-17"
            Statement = [{
              Effect    = "Allow"
              Principal = { Federated = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com" }
              Action    = "sts:AssumeRoleWithWebIdentity"
              Condition = { StringLike = { "token.actions.githubusercontent.com:sub" = "repo:acme/shop:*" } }
            }]
          })
        }

    Passes:

        resource "aws_iam_openid_connect_provider" "gitlab" {
          url = "https://gitlab.com"
        }

        resource "aws_iam_role" "ci" {
          name = "ci"
          assume_role_policy = jsonencode({
            Version = "2012-10-17"
            Statement = [{
              Effect    = "Allow"
              Principal = { Federated = aws_iam_openid_connect_provider.gitlab.arn }
              Action    = "sts:AssumeRoleWithWebIdentity"
              Condition = { StringLike = { "gitlab.com:sub" = "project_path:acme/*" } }
            }]
          })
        }
    """

    def unscoped(statement: Statement) -> str | None:
        def open(name: str) -> str | None:
            return None if _scoped(statement, _host(name, role, inventory)) else name

        return any_of(open, statement.federated)

    grants = (each for each in parse(role["assume_role_policy"]) if each.allows)
    provider = any_of(unscoped, (each for each in grants if each.touches("sts:AssumeRoleWithWebIdentity")))
    return f"the trust policy lets anyone whom {provider} vouches for assume {role.name}" if provider else None


def _host(name: str, role: Resource, inventory: Inventory) -> str | None:
    """The address of an identity provider; None for one of SAML, which speaks for one directory."""
    if SAML.fullmatch(name):
        return None
    if found := PROVIDER.fullmatch(name):
        return found[1].lower()
    if name in OWN_AUDIENCE:
        return name
    for provider in inventory.near(role, "aws_iam_openid_connect_provider", arn=name):  # in code it has no ARN yet
        return str(provider["url"]).removeprefix("https://").rstrip("/").lower()
    raise Unknown(f"nobody can say which identity provider {name} is")


def _scoped(statement: Statement, host: str | None) -> bool:
    """Whether only subjects of ours come in by a provider."""
    claims = ("sub", "aud", "app_id") if host in OWN_AUDIENCE else ("sub",)
    keys = {f"{host}:{claim}" for claim in claims}
    return host is None or any(_names_owner(each, host) for each in statement.conditions if each.key in keys)


def _names_owner(condition: Condition, host: str) -> bool:
    if condition.operator in LITERAL:
        return bool(condition.values)
    owner = OWNER.get(host.partition("/")[0], r"[^*?]+")
    return condition.operator == "stringlike" and all(re.match(owner, value) for value in condition.values)
