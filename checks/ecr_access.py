"""Amazon ECR: who may use a repository of images."""

from __future__ import annotations

from fnmatch import fnmatchcase

from checks.check import Category, Severity, Terms, check
from checks.policy import opens_to_anyone, parse
from state import Inventory, Resource


@check(
    "aws_ecr_repository_policy",
    severity=Severity.CRITICAL,
    category=Category.PUBLIC_EXPOSURE,
    well_architected_security="SEC03-BP07",
)
def ecr_repository_public(policy: Resource, inventory: Inventory) -> str | None:
    """Image registry policy admits anyone.

    Images hold code and often more; whoever can push one runs it where you deploy. A private registry's
    repository is meant for named accounts; images for everybody belong in ECR Public.

    Fix: name the accounts, or the organisation with `aws:PrincipalOrgID`.

    Fails:

        resource "aws_ecr_repository_policy" "it" {
          repository = "shop"
          policy = jsonencode({
            Version = "2012-10-17"
            Statement = [{
              Effect    = "Allow"
              Principal = "*"
              Action    = "ecr:BatchGetImage"
            }]
          })
        }

    Passes:

        resource "aws_ecr_repository_policy" "it" {
          repository = "shop"
          policy = jsonencode({
            Version = "2012-10-17"
            Statement = [{
              Effect    = "Allow"
              Principal = "*"
              Action    = "ecr:BatchGetImage"
              Condition = { StringEquals = { "aws:PrincipalOrgID" = "o-a1b2c3d4e5" } }
            }]
          })
        }
    """
    statement = opens_to_anyone(parse(policy["policy"]), ("ecr:*",))
    return f"{statement.label} lets anyone into {policy.name}" if statement else None


@check("aws_ecrpublic_repository", severity=Severity.MEDIUM, category=Category.PUBLIC_EXPOSURE)
def ecr_public_repository(repository: Resource, inventory: Inventory, terms: Terms) -> str | None:
    """Account publishes images in the public gallery.

    Everyone pulls from there without signing in, and an image that was pulled cannot be taken back. Repositories that
    are meant for the world are listed in the settings, as `public_repositories`, by patterns of their names; without a
    list every one of them fails.

    Fix: move the images to a private repository, or put its name on the list.

    Fails:

        resource "aws_ecrpublic_repository" "ledger" {
          repository_name = "ledger"
        }

    Passes:

        resource "aws_ecrpublic_repository" "agent" {
          repository_name = "shop-agent"
        }
    """
    name = str(repository["repository_name"])
    meant = any(fnmatchcase(name, each) for each in terms.public_repositories)
    return None if meant else f"{name} is published in the public gallery"
