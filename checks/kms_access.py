"""AWS KMS: who may use a key."""

from __future__ import annotations

from checks.accounts import strangers
from checks.check import Category, Severity, Terms, check
from checks.policy import NAMING, Statement, opens_to_anyone, parse
from state import Inventory, Resource


@check(
    "aws_kms_key_policy",
    severity=Severity.CRITICAL,
    category=Category.PUBLIC_EXPOSURE,
    cis_7_0="2.21",
    fsbp="KMS.5",
    well_architected_security="SEC03-BP07",
)
def kms_key_public(policy: Resource, inventory: Inventory) -> str | None:
    """Key policy admits anyone.

    Whoever may use the key reads what it encrypts, from any AWS account. `kms:ViaService` and an
    encryption context close nothing by themselves: strangers call through services and choose contexts
    too. `kms:CallerAccount` does, as in the policies of AWS's own keys.

    Fix: name the principals in the key policy, or `kms:CallerAccount` beside `kms:ViaService`.

    Fails:

        resource "aws_kms_key_policy" "it" {
          key_id = "1234abcd-12ab-34cd-56ef-1234567890ab"
          policy = jsonencode({
            Version = "2012-10-17"
            Statement = [{
              Effect    = "Allow"
              Principal = "*"
              Action    = "kms:Decrypt"
              Resource  = "*"
            }]
          })
        }

    Passes:

        resource "aws_kms_key_policy" "it" {
          key_id = "1234abcd-12ab-34cd-56ef-1234567890ab"
          policy = jsonencode({
            Version = "2012-10-17"
            Statement = [{
              Effect    = "Allow"
              Principal = "*"
              Action    = "kms:Decrypt"
              Resource  = "*"
              Condition = { StringEquals = { "kms:CallerAccount" = "123456789012" } }
            }]
          })
        }
    """
    statement = opens_to_anyone(parse(policy["policy"]), ("kms:*",))
    return f"{statement.label} lets anyone into {policy.name}" if statement else None


BINDS_NOBODY = frozenset({"aws:securetransport"})
"""What every request meets: KMS answers over TLS alone."""


@check(
    "aws_kms_key_policy",
    severity=Severity.MEDIUM,
    category=Category.IAM,
)
def kms_key_cross_account(policy: Resource, inventory: Inventory, terms: Terms) -> str | None:
    """Key policy admits another account without a condition.

    Its administrators then hand the key on to whom they like, and for whatever it encrypts. Ours are the accounts of
    this reading and those of our organisation; partners are listed in the settings. Any condition that narrows the
    use passes (a service, an encryption context, an organisation), other than the one that names the account. Who
    admits everyone is told by `kms-key-public`. Grants, which are made by call and not by policy, are not read.

    Fix: take the account out of the policy, bind the statement with `kms:ViaService` or an encryption context, or
    list the account as a partner's.

    Fails:

        resource "aws_kms_key_policy" "it" {
          key_id = "1234abcd-12ab-34cd-56ef-1234567890ab"
          policy = jsonencode({
            Version = "2012-10-17"
            Statement = [{
              Effect    = "Allow"
              Principal = { AWS = "arn:aws:iam::444455556666:root" }
              Action    = "kms:Decrypt"
              Resource  = "*"
            }]
          })
        }

        live "aws_organizations_account" "own" {
          id = "111122223333"
        }

    Passes:

        resource "aws_kms_key_policy" "it" {
          key_id = "1234abcd-12ab-34cd-56ef-1234567890ab"
          policy = jsonencode({
            Version = "2012-10-17"
            Statement = [{
              Effect    = "Allow"
              Principal = { AWS = "arn:aws:iam::444455556666:root" }
              Action    = "kms:Decrypt"
              Resource  = "*"
              Condition = { StringEquals = { "kms:ViaService" = "s3.eu-west-1.amazonaws.com" } }
            }]
          })
        }

        live "aws_organizations_account" "own" {
          id = "111122223333"
        }
    """
    for account, statement in strangers(parse(policy["policy"]), policy, inventory, terms):
        if not is_narrowed(statement):
            return f"{statement.label} lets account {account} use {policy.name} without a condition"
    return None


def is_narrowed(grant: Statement) -> bool:
    """Whether a statement has a condition beyond the one that names whom it is for."""
    spent = BINDS_NOBODY | NAMING if grant.names_everyone else BINDS_NOBODY
    return any(test.name not in spent and not test.lax for test in grant.conditions)
