"""Names: whether a thing is called as a team has agreed."""

from __future__ import annotations

import re

from checks.check import TAGGED, Category, Severity, Skip, Terms, check
from checks.tag import asked, own_tags
from state import Inventory, Resource


@check(TAGGED, severity=Severity.LOW, category=Category.TAGGING)
def name_convention(resource: Resource, inventory: Inventory, terms: Terms) -> str | None:
    """Resource name breaks the configured pattern.

    Whoever looks at a bill, an alarm or a list at night has nothing but the name. The tag `Name` is
    judged, and the name itself where there is no such tag; a thing without either is not. What AWS or
    another service made is not asked. The pattern is `name_pattern` in the settings, as
    `[a-z0-9]+(-[a-z0-9]+){2,}` for env-service-resource.

    Fix: put the name together in one place of the code, from environment, service and what it is.

    Fails:

        resource "aws_dynamodb_table" "carts" {
          name = "Carts_2"
          tags = {}
        }

    Passes:

        resource "aws_dynamodb_table" "carts" {
          name = "live-shop-carts"
          tags = {}
        }

    Passes:

        resource "aws_vpc" "shop" {
          tags = { Name = "live-shop-network" }
        }
    """
    if not (pattern := terms.of(resource, "name_pattern")):
        raise Skip("no name_pattern is set")
    if not asked(resource):
        return None
    name = own_tags(resource).get("Name") or named(resource)
    fits = not name or re.fullmatch(pattern, name)
    return None if fits else f"{name} does not fit {pattern}"


def named(resource: Resource) -> str:
    """The name that a thing has by itself; empty where its type has none."""
    has = "name" in resource.attributes or "name" in resource.unknown
    return str(resource["name"] or "") if has else ""
