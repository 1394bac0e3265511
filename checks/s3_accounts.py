"""Amazon S3: which other accounts get into a bucket."""

from __future__ import annotations

import re

from checks.accounts import strangers
from checks.check import Category, Severity, Terms, check
from checks.policy import parse
from state import Inventory, Resource, Unknown

CANONICAL = re.compile(r"[0-9a-f]{64}")


@check(
    "aws_s3_bucket_policy",
    severity=Severity.HIGH,
    category=Category.IAM,
    fsbp="S3.6",
    pci_4="7.2.1;7.2.2;7.2.5;7.2.6;7.3.1;7.3.2;7.3.3;8.2.7;8.2.8;8.3.4;10.6.3",
)
def s3_bucket_policy_other_accounts(policy: Resource, inventory: Inventory, terms: Terms) -> str | None:
    """Bucket policy lets principals of unlisted accounts change or read it.

    An account that left the project, or a slip in its number, reads on unseen. Ours are the accounts of
    this reading and those of our organisation, and partners are listed in the settings. AWS's accounts
    that write the logs of load balancers and the bills are exempt, and so is who a condition binds to
    an organisation. AWS's own control asks for five writing actions only; here every action counts.

    Fix: take the account out of the policy, or list it as a partner's.

    Fails:

        resource "aws_s3_bucket_policy" "orders" {
          bucket = "acme-orders"
          policy = jsonencode({
            Version = "2012-10-17"
            Statement = [{
              Effect    = "Allow"
              Principal = { AWS = "arn:aws:iam::444455556666:root" }
              Action    = "s3:GetObject"
              Resource  = "arn:aws:s3:::acme-orders/*"
            }]
          })
        }

        live "aws_organizations_account" "prod" {
          id = "111122223333"
        }

    Passes:

        resource "aws_s3_bucket_policy" "orders" {
          bucket = "acme-orders"
          policy = jsonencode({
            Version = "2012-10-17"
            Statement = [{
              Effect    = "Allow"
              Principal = { AWS = "arn:aws:iam::111122223333:root" }
              Action    = "s3:GetObject"
              Resource  = "arn:aws:s3:::acme-orders/*"
            }]
          })
        }

        live "aws_organizations_account" "prod" {
          id = "111122223333"
        }
    """
    statements = parse(policy["policy"])
    for account, statement in strangers(statements, policy, inventory, terms):
        return f"{statement.label} lets account {account} into {policy.name}, which is neither ours nor a partner's"
    if any(CANONICAL.fullmatch(name) for each in statements if each.allows for name in each.principals):
        raise Unknown("nobody can say whose account a canonical user id is")
    return None
