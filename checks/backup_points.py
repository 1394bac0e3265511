"""AWS Backup: whether what plans select is in fact backed up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from checks.backup import BY_DEFAULT, SELECTABLE
from checks.check import Category, Fault, Severity, check
from checks.clock import moment
from checks.doubt import any_of
from checks.protection import arn_of, selects
from checks.schedule import longest_pause
from state import Inventory, Resource, Unknown

CREATED = {
    "aws_db_instance": "instance_create_time",
    "aws_docdb_cluster": "cluster_create_time",
    "aws_dynamodb_table": "creation_date_time",
    "aws_efs_file_system": "creation_time",
    "aws_neptune_cluster": "cluster_create_time",
    "aws_rds_cluster": "cluster_create_time",
    "aws_redshift_cluster": "cluster_create_time",
    "aws_s3_bucket": "creation_date",
}
"""The fact that says since when something is there, for what tells it."""

CONTINUOUS = ("aws_db_instance", "aws_rds_cluster", "aws_s3_bucket")
"""What AWS Backup can back up without end: one recovery point, which stays the same while it grows."""

LATE = timedelta(days=1)
"""How long a run may wait for its window, and take."""


@check(
    "aws_backup_selection",
    severity=Severity.HIGH,
    category=Category.BACKUP,
)
def backup_recovery_point_stale(selection: Resource, inventory: Inventory) -> Fault | None:
    """Protected resource has no recovery point within its plan's interval.

    Jobs fail without anybody being told: the role may not use a key, the service is not opted in to, the
    window is too short. One day more than the plan's longest pause is allowed. What was selected, or made,
    only since then is exempt. AWS alone tells what was backed up, so that code is skipped.

    Fix: look at the failed jobs of AWS Backup for the resource, mostly for what its role lacks; let
    EventBridge tell of the next ones.

    Fails:

        live "aws_backup_selection" "tables" {
          plan_id       = "plan-1"
          resources     = ["arn:aws:dynamodb:*:*:table/*"]
          not_resources = []
          selection_tag = []
          condition     = []
          creation_date = "-90 days"
        }

        live "aws_backup_plan" "daily" {
          id   = "plan-1"
          rule = [{ schedule = "cron(0 5 ? * * *)" }]
        }

        live "aws_backup_vault" "main" {
          protected_resources = [{
            resource_arn     = "arn:aws:dynamodb:eu-west-1:123456789012:table/carts"
            last_backup_time = "-9 days"
          }]
        }

        live "aws_dynamodb_table" "carts" {
          arn                = "arn:aws:dynamodb:eu-west-1:123456789012:table/carts"
          creation_date_time = "-90 days"
        }

    Passes:

        live "aws_backup_selection" "tables" {
          plan_id       = "plan-1"
          resources     = ["arn:aws:dynamodb:*:*:table/*"]
          not_resources = []
          selection_tag = []
          condition     = []
          creation_date = "-90 days"
        }

        live "aws_backup_plan" "daily" {
          id   = "plan-1"
          rule = [{ schedule = "cron(0 5 ? * * *)" }]
        }

        live "aws_backup_vault" "main" {
          protected_resources = [{
            resource_arn     = "arn:aws:dynamodb:eu-west-1:123456789012:table/carts"
            last_backup_time = "-20 hours"
          }]
        }

        live "aws_dynamodb_table" "carts" {
          arn                = "arn:aws:dynamodb:eu-west-1:123456789012:table/carts"
          creation_date_time = "-90 days"
        }
    """
    rules = rules_of(selection, inventory)
    since = inventory.taken_at - interval(rules) - LATE
    last = last_backups(selection, inventory)

    def stale(resource: Resource) -> Fault | None:
        if not selects(selection, resource):
            return None
        arn = arn_of(resource)
        if moment(last[arn]) >= since if arn in last else is_new(selection, resource, since):
            return None
        if arn in last and resource.type in CONTINUOUS and any(each.get("enable_continuous_backup") for each in rules):
            raise Unknown(f"{resource.name} is backed up without end, and since when AWS tells, not until when")
        return Fault(f"{resource.name} was not backed up since {since.date()}", {arn: last.get(arn)})

    return any_of(lambda type: any_of(stale, inventory.near(selection, type)), SELECTABLE)


def rules_of(selection: Resource, inventory: Inventory) -> list[Mapping[str, Any]]:
    """The rules of the plan that a selection is of; raises Unknown where there are none to judge by."""
    plans = inventory.near(selection, "aws_backup_plan", id=selection["plan_id"])
    rules = [rule for each in plans for rule in each["rule"] or ()]
    if not rules:
        raise Unknown(f"the plan {selection['plan_id']} was not read, or has no rule")
    return rules


def interval(rules: Iterable[Mapping[str, Any]]) -> timedelta:
    """The longest that a plan waits between two runs, by its rule that runs most often."""
    return timedelta(days=min(longest_pause(each.get("schedule") or BY_DEFAULT) for each in rules))


def last_backups(selection: Resource, inventory: Inventory) -> dict[str, str]:
    """When each ARN was last backed up, as the vaults of the region have it."""
    vaults = inventory.near(selection, "aws_backup_vault")
    kept = (each for vault in vaults for each in vault.fact("protected_resources") or ())
    return {each["resource_arn"]: each["last_backup_time"] for each in kept}


def is_new(selection: Resource, resource: Resource, since: datetime) -> bool:
    """Whether something was selected, or made, too late to have been backed up."""
    if moment(selection.fact("creation_date")) >= since:
        return True
    if resource.type not in CREATED:
        raise Unknown(f"{resource.name} was never backed up, and since when it is there is not known here")
    return moment(resource.fact(CREATED[resource.type])) >= since
