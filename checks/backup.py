"""AWS Backup: vaults, plans, and what the plans select."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from checks.check import Category, Fault, Severity, Terms, check
from checks.doubt import all_of, any_of, both, said
from checks.protection import SELECTION, leads_away, place_of, selects
from checks.schedule import longest_pause
from state import Inventory, Resource, Unknown

DATA = (
    "aws_db_instance",
    "aws_docdb_cluster",
    "aws_dynamodb_table",
    "aws_efs_file_system",
    "aws_neptune_cluster",
    "aws_rds_cluster",
    "aws_redshift_cluster",
)
"""What keeps data that AWS Backup can back up."""

SELECTABLE = (*DATA, "aws_ebs_volume", "aws_instance", "aws_s3_bucket")
READ = frozenset({"dynamodb", "ec2", "elasticfilesystem", "rds", "redshift", "s3", "*"})
"""The services in ARNs of what is looked through for what a plan selects."""

FOREVER = 10**6
"""The days that copies are kept where nobody says how long."""

BY_DEFAULT = "cron(0 5 ? * * *)"
"""When a rule runs that says no time."""

OF_EFS = "efs"
"""Who makes the plan and the vault of the automatic backups of file systems."""

KEYS = ("aws_kms_key", "aws_kms_external_key", "aws_kms_replica_key")


@check(
    "region",
    severity=Severity.MEDIUM,
    category=Category.BACKUP,
    soc2="pi_1_5",
)
def backup_plan_exists(region: Resource, inventory: Inventory) -> Fault | None:
    """Region with data stores has no backup plan.

    Tables, databases and file systems each have backups of their own, which end with them or with the
    account's credentials; nothing keeps copies by one rule. The plan that EFS makes for itself does not
    count. A region without such things is exempt.

    Fix: make an `aws_backup_plan` with a daily rule, and select what has to be kept by a tag.

    Fails:

        region {}

        resource "aws_dynamodb_table" "carts" {
          name = "carts"
        }

    Passes:

        region {}

        resource "aws_dynamodb_table" "carts" {
          name = "carts"
        }

        resource "aws_backup_plan" "daily" {
          name = "daily"
        }

    Passes:

        region {}
    """
    if any(each.owner != OF_EFS for each in inventory.near(region, "aws_backup_plan")):
        return None
    found = any_of(lambda type: inventory.near(region, type), DATA)
    if not found:
        return None
    evidence = {"aws_backup_plan": None, found[0].type: found[0].name}
    return Fault(f"{region.region or 'the region'} has data and no backup plan", evidence)


@check(
    "aws_backup_vault",
    severity=Severity.MEDIUM,
    category=Category.ENCRYPTION,
    soc2="pi_1_5",
)
def backup_vault_encryption(vault: Resource, inventory: Inventory) -> Fault | None:
    """Backup vault is not encrypted with a customer key.

    AWS's own key has a policy that nobody can change, so that copies cannot be shared with another
    account nor shut off from this one. What EFS makes for itself and the empty vault of the console are
    exempt.

    Fix: make a vault with a `kms_key_arn` of your own and lead the rules to it; a vault's key cannot be
    changed.

    Fails:

        resource "aws_backup_vault" "main" {
          name = "main"
        }

    Passes:

        resource "aws_backup_vault" "main" {
          name        = "main"
          kms_key_arn = aws_kms_key.backup.arn
        }

        resource "aws_kms_key" "backup" {
          description = "backups"
        }
    """
    if unused(vault):
        return None
    key = said(vault, "kms_key_arn")
    if key and not made_by_aws(key, vault, inventory):
        return None
    return Fault(f"{vault.name} is encrypted with AWS's key", {"kms_key_arn": key})


def made_by_aws(key: str, vault: Resource, inventory: Inventory) -> bool:
    """Whether a vault's key is AWS's own; raises Unknown where nobody saw it."""
    if vault.account and key.startswith("arn:") and place_of(key)[1] != vault.account:
        return False  # AWS's own keys serve no other account
    found = any_of(lambda type: inventory.near(vault, type, arn=key), KEYS)
    if not found:
        raise Unknown(f"the key {key} was not read")
    return found[0].owner == "aws"


def unused(vault: Resource) -> bool:
    """Whether a vault is AWS's, or was made by opening the console and never used."""
    return vault.owner == OF_EFS or (vault["name"] == "Default" and said(vault, "recovery_points") == 0)


@check(
    "aws_backup_vault",
    severity=Severity.MEDIUM,
    category=Category.BACKUP,
)
def backup_vault_lock(vault: Resource, inventory: Inventory) -> Fault | None:
    """Backup vault is not locked, so copies can be deleted early.

    Whoever takes over the account, or slips, deletes the backups with what they are of. A lock in
    governance mode passes: some may lift it, but not by one call. What EFS makes for itself and the empty
    vault of the console are exempt.

    Fix: add an `aws_backup_vault_lock_configuration`; with `changeable_for_days` nobody can lift it once
    those have passed, not even AWS.

    Fails:

        resource "aws_backup_vault" "main" {
          name = "main"
        }

    Passes:

        resource "aws_backup_vault" "main" {
          name = "main"
        }

        resource "aws_backup_vault_lock_configuration" "main" {
          backup_vault_name  = aws_backup_vault.main.name
          min_retention_days = 7
        }
    """
    lock = "aws_backup_vault_lock_configuration"
    if unused(vault) or inventory.near(vault, lock, backup_vault_name=vault["name"]):
        return None
    return Fault(f"{vault.name} is not locked", {lock: None})


@check(
    "aws_backup_plan",
    severity=Severity.MEDIUM,
    category=Category.BACKUP,
)
def backup_plan_retention(plan: Resource, inventory: Inventory, terms: Terms) -> str | None:
    """Backup rule keeps copies under the required number of days or runs too rarely.

    A mistake that is noticed after the weekend needs a copy from before it, and what was written since the
    last run is lost. One rule of the plan has to run every day and keep its copies for seven days, as
    elsewhere here; AWS Config's rule asks for 35 unless told otherwise. A rule without `delete_after` keeps
    them for good.

    Fix: give the plan a rule with a daily `schedule` and a `delete_after` of 7 or more.

    Fails:

        resource "aws_backup_plan" "main" {
          name = "main"
          rule {
            rule_name         = "daily"
            target_vault_name = "main"
            schedule          = "cron(0 5 ? * * *)"
            lifecycle {
              delete_after = 3
            }
          }
          rule {
            rule_name         = "weekly"
            target_vault_name = "main"
            schedule          = "cron(0 5 ? * SUN *)"
            lifecycle {
              delete_after = 90
            }
          }
        }

    Passes:

        resource "aws_backup_plan" "main" {
          name = "main"
          rule {
            rule_name         = "daily"
            target_vault_name = "main"
            schedule          = "cron(0 5 ? * * *)"
            lifecycle {
              delete_after = 35
            }
          }
        }
    """
    least = terms.days(plan, "backup_days")
    if any_of(lambda rule: suffices(rule, least), plan["rule"] or ()):
        return None
    return f"no rule of {plan['name']} runs every day and keeps copies for {least} days"


def suffices(rule: Mapping[str, Any], least: int) -> bool:
    """Whether a rule runs every day and keeps what it makes for so many days."""
    return both(
        lambda: longest_pause(rule.get("schedule") or BY_DEFAULT) <= 1,
        lambda: all_of(lambda each: (each.get("delete_after") or FOREVER) >= least, rule.get("lifecycle") or ()),
    )


@check(
    "aws_backup_plan",
    severity=Severity.MEDIUM,
    category=Category.BACKUP,
)
def backup_plan_cross_region_copy(plan: Resource, inventory: Inventory) -> str | None:
    """No backup rule copies to another region or account.

    What takes the region away, or whoever takes over the account, takes the copies too. The plan that EFS
    makes for itself is exempt.

    Fix: add a `copy_action` with the ARN of a vault in another region, or better in another account.

    Fails:

        resource "aws_backup_plan" "main" {
          name = "main"
          rule {
            rule_name         = "daily"
            target_vault_name = "main"
          }
        }

    Fails:

        live "aws_backup_plan" "main" {
          name = "main"
          arn  = "arn:aws:backup:eu-west-1:123456789012:backup-plan:main"
          rule = [{
            copy_action = [{ destination_vault_arn = "arn:aws:backup:eu-west-1:123456789012:backup-vault:second" }]
          }]
        }

    Passes:

        live "aws_backup_plan" "main" {
          name = "main"
          arn  = "arn:aws:backup:eu-west-1:123456789012:backup-plan:main"
          rule = [{
            copy_action = [{ destination_vault_arn = "arn:aws:backup:eu-central-1:123456789012:backup-vault:far" }]
          }]
        }
    """
    if plan.owner == OF_EFS or leads_away(plan):
        return None
    return f"{plan['name']} keeps all copies in its own region and account"


@check(
    "aws_backup_plan",
    severity=Severity.MEDIUM,
    category=Category.BACKUP,
)
def backup_plan_selection_empty(plan: Resource, inventory: Inventory) -> Fault | None:
    """Backup plan selects no resources.

    It then runs every day and backs up nothing, and nobody is told. A plan whose tags or ARNs fit nothing
    in its region is as empty as one without a selection; looked through are databases, tables, file
    systems, volumes, instances and buckets. In code, what tags select may lie elsewhere and is unknown. The
    plan that EFS makes for itself is exempt.

    Fix: add an `aws_backup_selection` that takes what has to be kept, or correct its tags.

    Fails:

        resource "aws_backup_plan" "main" {
          name = "main"
        }

    Fails:

        live "aws_backup_plan" "main" {
          id   = "plan-1"
          name = "main"
        }

        live "aws_backup_selection" "all" {
          plan_id       = "plan-1"
          resources     = ["*"]
          not_resources = []
          selection_tag = []
          condition     = [{ string_equals = [{ key = "aws:ResourceTag/backup", value = "daily" }] }]
        }

        resource "aws_dynamodb_table" "carts" {
          name = "carts"
          tags = { Backup = "daily" }
        }

    Passes:

        resource "aws_backup_plan" "main" {
          name = "main"
        }

        resource "aws_backup_selection" "all" {
          plan_id       = aws_backup_plan.main.id
          not_resources = []
          selection_tag {
            type  = "STRINGEQUALS"
            key   = "backup"
            value = "daily"
          }
        }

        resource "aws_dynamodb_table" "carts" {
          name = "carts"
          tags = { backup = "daily" }
        }
    """
    if plan.owner == OF_EFS:
        return None
    selections = inventory.near(plan, SELECTION, plan_id=plan.id)
    if not selections:
        return Fault(f"{plan['name']} selects nothing", {SELECTION: None})
    if any_of(lambda each: takes_something(each, inventory), selections):
        return None
    if plan.declared:
        raise Unknown(f"what {plan['name']} selects is not in this code")
    return Fault(f"{plan['name']} selects nothing that is there", {SELECTION: [each.id for each in selections]})


def takes_something(selection: Resource, inventory: Inventory) -> bool:
    """Whether a selection takes anything; raises Unknown where it names what is not looked through."""
    if any_of(lambda type: any_of(lambda each: selects(selection, each), inventory.near(selection, type)), SELECTABLE):
        return True
    for arn in selection["resources"] or ():
        if (arn.split(":")[2:3] or ["*"])[0] not in READ:
            raise Unknown(f"what {arn} names was not read")
    return False
