"""Amazon ECR: repositories of images."""

from __future__ import annotations

from fnmatch import fnmatchcase

from checks.check import Category, Severity, check
from checks.doubt import unless
from state import Inventory, Resource

SCANNING = ("SCAN_ON_PUSH", "CONTINUOUS_SCAN")


@check(
    "aws_ecr_repository",
    severity=Severity.MEDIUM,
    category=Category.CONTAINERS,
    fsbp="ECR.1",
    pci_4="11.3.1;11.3.1.2;11.3.1.3",
    well_architected_security="SEC01-BP06;SEC06-BP02;SEC11-BP02",
)
def ecr_scan_on_push(repository: Resource, inventory: Inventory) -> str | None:
    """Images are not scanned on push.

    Known flaws are then found by whoever attacks first. A rule of the registry that scans the
    repository counts as much as the repository's own setting.

    Fix: give the registry an `aws_ecr_registry_scanning_configuration` with a rule for `*`.

    CLI: `aws ecr put-image-scanning-configuration --repository-name {name} --image-scanning-configuration
    scanOnPush=true`

    Fails:

        resource "aws_ecr_repository" "shop" {
          name = "shop"

          image_scanning_configuration {
            scan_on_push = false
          }
        }

    Passes:

        resource "aws_ecr_repository" "shop" {
          name = "shop"

          image_scanning_configuration {
            scan_on_push = true
          }
        }

    Passes:

        resource "aws_ecr_repository" "shop" {
          name = "shop"
        }

        resource "aws_ecr_registry_scanning_configuration" "all" {
          scan_type = "ENHANCED"

          rule {
            scan_frequency = "CONTINUOUS_SCAN"

            repository_filter {
              filter      = "*"
              filter_type = "WILDCARD"
            }
          }
        }
    """

    def unscanned() -> str | None:
        own = any(each.get("scan_on_push") for each in repository["image_scanning_configuration"] or ())
        return None if own else f"images in {repository.name} are not scanned on push"

    return unless(lambda: scanned_by_registry(repository, inventory), unscanned)


def scanned_by_registry(repository: Resource, inventory: Inventory) -> bool:
    filters = (
        each.get("filter")
        for registry in inventory.near(repository, "aws_ecr_registry_scanning_configuration")
        for rule in registry["rule"] or ()
        if rule.get("scan_frequency") in SCANNING
        for each in rule.get("repository_filter") or ()
    )
    return any(names(str(each), repository["name"]) for each in filters)


def names(pattern: str, repository: str) -> bool:
    """A filter without a star names every repository that has it in its name."""
    return fnmatchcase(repository, pattern) if "*" in pattern else pattern in repository


@check("aws_ecr_repository", severity=Severity.MEDIUM, category=Category.CONTAINERS, fsbp="ECR.2")
def ecr_tag_immutability(repository: Resource, inventory: Inventory) -> str | None:
    """Image tags can be overwritten.

    What was tested under a tag is then not what runs under it. Immutability with named exceptions
    passes: somebody thought about those.

    Fix: set `image_tag_mutability = "IMMUTABLE"`.

    CLI: `aws ecr put-image-tag-mutability --repository-name {name} --image-tag-mutability IMMUTABLE`

    Fails:

        resource "aws_ecr_repository" "shop" {
          image_tag_mutability = "MUTABLE"
        }

    Passes:

        resource "aws_ecr_repository" "shop" {
          image_tag_mutability = "IMMUTABLE"
        }
    """
    immutable = str(repository["image_tag_mutability"] or "MUTABLE").startswith("IMMUTABLE")
    return None if immutable else f"tags in {repository.name} can be overwritten"


@check(
    "aws_ecr_repository",
    severity=Severity.LOW,
    category=Category.COST,
    fsbp="ECR.3",
    pci_4="3.2.1;3.3.1.1;3.3.1.3;3.3.2;3.3.3;10.5.1",
    well_architected_security="SEC03-BP06",
)
def ecr_lifecycle(repository: Resource, inventory: Inventory) -> str | None:
    """Repository never expires old images.

    Every image that was ever pushed is paid for until somebody deletes it.

    Fix: add an `aws_ecr_lifecycle_policy` that keeps the last ones.

    Fails:

        resource "aws_ecr_repository" "shop" {
          name = "shop"
        }

    Passes:

        resource "aws_ecr_repository" "shop" {
          name = "shop"
        }

        resource "aws_ecr_lifecycle_policy" "shop" {
          repository = aws_ecr_repository.shop.name
          policy     = jsonencode({ rules = [] })
        }
    """
    found = inventory.near(repository, "aws_ecr_lifecycle_policy", repository=repository["name"])
    return None if found else f"{repository.name} never expires old images"
