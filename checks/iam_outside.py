"""AWS IAM: what whoever is outside an account may do in it: other accounts, and services that act for them."""

from __future__ import annotations

from checks.accounts import strangers
from checks.check import Category, Fault, Severity, Terms, check, evidence_of
from checks.conditions import shuts_out, spares_only_named
from checks.doubt import all_of, any_of, unless
from checks.iam_policies import made_by_aws
from checks.policy import Policy, Statement, parse
from state import Inventory, Resource

READ_ONLY = ":iam::aws:policy/ReadOnlyAccess"
SOURCES = frozenset({"aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths"})
OF_ONE_ACCOUNT = ("ec2.amazonaws.com", "lambda.amazonaws.com")


@check(
    "aws_iam_role",
    severity=Severity.HIGH,
    category=Category.IAM,
)
def iam_role_cross_account_readonly(role: Resource, inventory: Inventory, terms: Terms) -> Fault | None:
    """Role gives ReadOnlyAccess to another account.

    ReadOnlyAccess reads data too: objects in buckets, rows in tables, messages, the code of functions. Our own
    accounts are exempt (those of this reading and of our organisation), partners are not, and who a condition
    binds to an organisation is.

    Fix: attach `ViewOnlyAccess` or `SecurityAudit`, which read settings only, or what the other account needs.

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

        resource "aws_iam_role_policy_attachment" "partner" {
          role       = "partner"
          policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
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
            }]
          })
        }

        resource "aws_iam_role_policy_attachment" "partner" {
          role       = "partner"
          policy_arn = "arn:aws:iam::aws:policy/SecurityAudit"
        }
    """

    def found() -> Fault | None:
        attachments = inventory.near(role, "aws_iam_role_policy_attachment", role=role["name"])
        held = any_of(lambda each: each if each["policy_arn"].endswith(READ_ONLY) else None, attachments)
        if held is None:
            return None
        for account, statement in strangers(
            parse(role["assume_role_policy"]), role, inventory, terms, partners_too=True
        ):
            if statement.touches("sts:AssumeRole"):
                why = f"{statement.label} lets account {account} assume {role.name}, which reads everything"
                return Fault(why, evidence_of(held, "policy_arn"))
        return None

    return unless(lambda: made_by_aws(role), found)


@check(
    "aws_iam_role",
    severity=Severity.MEDIUM,
    category=Category.IAM,
    well_architected_security="SEC02-BP04",
)
def iam_role_confused_deputy(role: Resource, inventory: Inventory) -> str | None:
    """Role trusted by a service has no SourceArn or SourceAccount condition.

    A service acts for all customers, and can be talked into taking your role for somebody else, unless the role
    asks whose resource it acts for. EC2 and Lambda are exempt: what they run takes roles of its own account alone.
    So are service-linked roles, which nobody can change.

    Fix: ask for `aws:SourceAccount` or `aws:SourceArn` in the trust policy.

    Fails:

        resource "aws_iam_role" "trail" {
          name = "trail"
          assume_role_policy = jsonencode({
            Version = "2012-10-17"
            Statement = [{
              Effect    = "Allow"
              Principal = { Service = "cloudtrail.amazonaws.com" }
              Action    = "sts:AssumeRole"
            }]
          })
        }

    Passes:

        resource "aws_iam_role" "trail" {
          name = "trail"
          assume_role_policy = jsonencode({
            Version = "2012-10-17"
            Statement = [{
              Effect    = "Allow"
              Principal = { Service = "cloudtrail.amazonaws.com" }
              Action    = "sts:AssumeRole"
              Condition = { StringEquals = { "aws:SourceAccount" = "111122223333" } }
            }]
          })
        }

    Passes:

        resource "aws_iam_role" "machine" {
          name = "machine"
          assume_role_policy = jsonencode({
            Version = "2012-10-17"
            Statement = [{
              Effect    = "Allow"
              Principal = { Service = "ec2.amazonaws.com" }
              Action    = "sts:AssumeRole"
            }]
          })
        }
    """

    def found() -> str | None:
        policy = parse(role["assume_role_policy"])
        grants = (each for each in policy if each.allows and each.touches("sts:AssumeRole") and _services(each))
        open = any_of(lambda each: None if _asks_source(each, policy) else each, grants)
        return f"{open.label} lets {', '.join(_services(open))} assume {role.name} for anyone" if open else None

    return unless(lambda: made_by_aws(role), found)


def _services(statement: Statement) -> list[str]:
    """The services that a statement names and that act for more accounts than their own."""
    named = (each for each in statement.principals if ".amazonaws.com" in each and ":" not in each)
    return [each for each in named if each not in statement.federated and not each.startswith(OF_ONE_ACCOUNT)]


def _asks_source(grant: Statement, policy: Policy) -> bool:
    """Whether a grant asks for whom a service acts, by its own condition or by a Deny."""
    if any_of(shuts_out, (test for test in grant.conditions if test.name in SOURCES)):
        return True
    named = set(_services(grant))
    denials = (
        each
        for each in policy
        if not each.allows
        and each.touches("sts:AssumeRole")
        and ("*" in each.principals or named <= set(each.principals))
        and any(test.name in SOURCES for test in each.conditions)
    )
    return bool(any_of(lambda each: all_of(spares_only_named, each.conditions), denials))
