"""Tags: whether what they say fits what else is known."""

from __future__ import annotations

import re
from collections.abc import Mapping

from checks.check import TAGGED, Category, Fault, Severity, Skip, Terms, check, evidence_of
from checks.tag import asked, bare, own_tags
from state import Inventory, Resource, Unknown

ENVIRONMENT = ("environment", "env")
SPELLED = {
    "development": frozenset({"dev", "devel", "development"}),
    "production": frozenset({"live", "prd", "prod", "production"}),
    "sandbox": frozenset({"sandbox", "sbx"}),
    "staging": frozenset({"preprod", "stage", "staging", "stg", "uat"}),
    "test": frozenset({"qa", "test", "testing", "tst"}),
}
MEANT = {word: environment for environment, words in SPELLED.items() for word in words}
ALSO_WORDS = frozenset({"live", "stage", "test"})
"""What stands in names for other things too: a live stream, the stage of a pipeline, results of a test."""


@check(TAGGED, severity=Severity.LOW, category=Category.TAGGING)
def tag_owner_unknown(resource: Resource, inventory: Inventory, terms: Terms) -> str | None:
    """Owner tag names no one on the list of owners.

    A team that was renamed or is gone answers no alarm and pays no bill. The list is `owners` in the settings, in
    whichever case; asked is the first of `owner_tags` that a thing has. One that has none is told by
    `tag-required-keys`, and a pattern for values by `tag-value-not-allowed`. Without a list the check is skipped;
    what AWS or another service made is not asked.

    Fix: set the tag to whom it belongs to now, or put the owner on the list.

    Fails:

        resource "aws_dynamodb_table" "carts" {
          tags = { Owner = "bob" }
        }

    Passes:

        resource "aws_dynamodb_table" "carts" {
          tags = { Owner = "Shop" }
        }
    """
    if not terms.owners:
        raise Skip("no owners are set")
    if not asked(resource):
        return None
    owner = _first_of(own_tags(resource), terms.owner_tags)
    if not owner or owner.strip().lower() in {each.lower() for each in terms.owners}:
        return None
    return f"{resource.name} is {owner}'s, who is not on the list of owners"


def _first_of(tags: Mapping[str, str], keys: tuple[str, ...]) -> str | None:
    """The value of the first of some keys, however they are written; None where there is none of them."""
    values = {bare(key): value for key, value in tags.items() if value}
    return next((values[bare(key)] for key in keys if bare(key) in values), None)


@check(TAGGED, severity=Severity.LOW, category=Category.TAGGING)
def tag_environment_mismatch(resource: Resource, inventory: Inventory) -> Fault | None:
    """Resource's environment tag differs from its VPC's or its name.

    One of the two is wrong: a test machine stands in the network of production, or what is production is
    treated as a test by whoever goes by the tag. The tag is `environment` or `env`; prod, production and live are one,
    and so are the other usual spellings. In names only what is a word of its own counts, where it is the only one
    and says nothing else, as live, stage and test do. Without the tag, which `tag-required-keys` tells, and
    for what AWS or another service made, there is nothing to compare.

    Fix: set the tag by the provider's `default_tags`, one provider for each environment.

    Fails:

        resource "aws_security_group" "web" {
          name   = "web"
          vpc_id = aws_vpc.main.id
          tags   = { environment = "dev" }
        }

        resource "aws_vpc" "main" {
          tags = { Environment = "production" }
        }

    Fails:

        resource "aws_instance" "web" {
          subnet_id = aws_subnet.main.id
          tags      = { environment = "dev" }
        }

        resource "aws_subnet" "main" {
          vpc_id = aws_vpc.main.id
          tags   = {}
        }

        resource "aws_vpc" "main" {
          tags = { Environment = "production" }
        }

    Fails:

        resource "aws_dynamodb_table" "carts" {
          name = "prod-carts"
          tags = { env = "dev" }
        }

    Passes:

        resource "aws_security_group" "web" {
          name   = "prod-web"
          vpc_id = aws_vpc.main.id
          tags   = { environment = "live" }
        }

        resource "aws_vpc" "main" {
          tags = { Environment = "production" }
        }
    """
    if not asked(resource):
        return None
    tags = own_tags(resource)
    said = _first_of(tags, ENVIRONMENT)
    if not said:
        return None
    named = {MEANT[word] for text in (resource.name, tags.get("Name", "")) for word in _words(text)}
    if len(named) == 1 and _meant(said) in SPELLED and _meant(said) not in named:
        return Fault(f"{resource.name} is tagged {said}, and named as one of {named.pop()}")
    return _unlike_network(resource, said, inventory)


def _words(name: str) -> set[str]:
    return {word for word in re.split(r"[^a-z]+", name.lower()) if word in MEANT and word not in ALSO_WORDS}


def _meant(environment: str) -> str:
    return MEANT.get(bare(environment), bare(environment))


def _unlike_network(resource: Resource, said: str, inventory: Inventory) -> Fault | None:
    if not (id := _network(resource, inventory)):
        return None
    if not (found := inventory.near(resource, "aws_vpc", id=id)):
        raise Unknown(f"{id} was not read")
    other = _first_of(own_tags(found[0]), ENVIRONMENT)
    if not other or _meant(other) == _meant(said):
        return None
    return Fault(f"{resource.name} is tagged {said}, and its network {id} {other}", evidence_of(found[0], "tags"))


def _network(resource: Resource, inventory: Inventory) -> str | None:
    """The network that a thing lies in, by itself or by its subnet."""
    if resource.type != "aws_vpc" and _has(resource, "vpc_id"):
        return str(resource["vpc_id"] or "") or None
    if not _has(resource, "subnet_id") or not (subnet := resource["subnet_id"]):
        return None
    if not (found := inventory.near(resource, "aws_subnet", id=subnet)):
        raise Unknown(f"{subnet} was not read")
    return str(found[0]["vpc_id"])


def _has(resource: Resource, name: str) -> bool:
    return name in resource.attributes or name in resource.unknown
