"""Amazon RDS: whether anybody is told of what happens to databases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from checks.absence import SHOWN
from checks.check import Category, Fault, Severity, Skip, check
from checks.doubt import any_of, both, each_yes
from state import Inventory, Resource

SUBSCRIPTION = "aws_db_event_subscription"
INSTANCE = ("db-instance", "identifier", ("configuration change", "failure", "maintenance"))
ASKED = {
    "aws_db_instance": INSTANCE,
    "aws_rds_cluster_instance": INSTANCE,
    "aws_rds_cluster": ("db-cluster", "cluster_identifier", ("failure", "maintenance")),
    "aws_db_parameter_group": ("db-parameter-group", "name", ("configuration change",)),
}
"""By type: what AWS calls such a source, where its name stands, and the categories that are critical."""
DATABASES = ("aws_db_instance", "aws_rds_cluster_instance", "aws_rds_cluster")


class Source(NamedTuple):
    kind: str
    name: str
    critical: tuple[str, ...]


@check(
    "region",
    severity=Severity.LOW,
    category=Category.LOGGING,
    fsbp="RDS.19;RDS.20;RDS.21;RDS.22",
    pci_4="1.2.8;1.3.1;1.3.2;1.4.2;1.5.1;A1.1.3",
)
def rds_event_subscriptions(region: Resource, inventory: Inventory) -> Fault | None:
    """No subscription covers critical database events.

    A failover, a full disk or a reboot that AWS has planned is otherwise found by whoever waits for the database.
    Asked are failures, maintenance and changed settings of instances, failures and maintenance of clusters, and
    changes of own parameter groups; several subscriptions may cover them together. Other than with AWS and Prowler, a
    region that has databases and no subscription at all fails, one without databases is skipped, and nobody needs to
    be told of security groups of databases (RDS.22), of which there have been none since 2022.

    Fix: declare an `aws_db_event_subscription` without `source_type`, to a topic that somebody reads.

    Fails:

        region {}

        resource "aws_db_instance" "orders" {
          identifier = "orders"
        }

    Fails:

        region {}

        resource "aws_db_instance" "orders" {
          identifier = "orders"
        }

        resource "aws_db_event_subscription" "failures" {
          name             = "failures"
          enabled          = true
          sns_topic        = "arn:aws:sns:eu-west-1:123456789012:databases"
          source_type      = "db-instance"
          event_categories = ["failure"]
        }

    Passes:

        region {}

        resource "aws_db_instance" "orders" {
          identifier = "orders"
        }

        resource "aws_db_event_subscription" "all" {
          name      = "all"
          enabled   = true
          sns_topic = "arn:aws:sns:eu-west-1:123456789012:databases"
        }
    """
    found = {type: inventory.near(region, type) for type in ASKED}
    if not any(found[type] for type in DATABASES):
        raise Skip("there are no databases")
    subscriptions = inventory.near(region, SUBSCRIPTION)
    own = [each for type in ASKED for each in found[type] if not each.owner]
    untold = each_yes(lambda each: _untold(_source(each), subscriptions), own)
    if not untold:
        return None
    evidence = {f"{each.kind} {each.name}": f"nobody is told of {', '.join(each.critical)}" for each in untold[:SHOWN]}
    more = f" and of {len(untold) - 1} more" if len(untold) > 1 else ""
    first = untold[0]
    return Fault(f"nobody is told of {', '.join(first.critical)} of {first.kind} {first.name}{more}", evidence)


def _source(of: Resource) -> Source:
    """What AWS calls a thing as a source of events."""
    kind, name, critical = ASKED[of.type]
    return Source(kind, of[name], critical)


def _untold(source: Source, subscriptions: Sequence[Resource]) -> Source | None:
    """A source with the critical categories of which no subscription tells; raises Unknown where one is not seen."""

    def silent(category: str) -> str | None:
        return None if any_of(lambda each: _tells(each, source, category), subscriptions) else category

    missing = each_yes(silent, source.critical)
    return source._replace(critical=tuple(missing)) if missing else None


def _tells(subscription: Resource, source: Source, category: str) -> bool:
    """Whether a subscription is about a source and a category; where it names none, it is about all."""
    return both(
        lambda: subscription["enabled"],
        lambda: subscription["source_type"] in (None, "", source.kind),
        lambda: not subscription["source_ids"] or source.name in subscription["source_ids"],
        lambda: not subscription["event_categories"] or category in subscription["event_categories"],
    )
