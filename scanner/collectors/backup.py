"""AWS Backup: vaults, who may use them and what locks them, plans, and what each plan backs up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from scanner.aws.collector import (
    Attribute,
    Collector,
    Detail,
    Listing,
    Shared,
    as_block,
    blocks,
    policy,
    settled,
    unordered,
    volatile,
)
from scanner.aws.inside import Once, all_of, inside, listing
from scanner.aws.place import Item, Place
from state import Resource
from state.forms import MAP, UNORDERED, Form, defaulting
from state.schema import Parent

GONE = ("ResourceNotFoundException",)


def made_for_efs(name: str) -> str | None:
    """The vault and the plan of the backups that EFS makes by itself."""
    return "efs" if name.startswith("aws/efs/") else None


def tags_of(arn: str) -> Detail:
    return Detail(operation="list_tags", arguments={"ResourceArn": arn}, into="Tagging", gone=GONE)


# --- vaults ---------------------------------------------------------------------------------------


def of_the_console(vault: Resource) -> bool:
    """Made with the first visit of the console, or the first backup that names no vault."""
    return bool(vault.attributes.get("name") == "Default")


async def protected_resources(place: Place) -> Mapping[str, Any]:
    """What was ever backed up and when last, by the vault that its newest copy is in."""
    answer = await place.whole("backup", "list_protected_resources")
    found: dict[str, list[Item]] = defaultdict(list)
    for each in answer.get("Results") or ():
        last = {"last_backup_time": settled(each.get("LastBackupTime")), "resource_arn": each["ResourceArn"]}
        found[each.get("LastBackupVaultArn", "")].append(last)
    return found


VAULT = Collector(
    type="aws_backup_vault",
    service="backup",
    fetch=Listing("list_backup_vaults", "BackupVaultList"),
    details=(
        tags_of("BackupVaultArn"),
        Shared(ask=protected_resources, by="BackupVaultArn", into="Protecting", some=True),
    ),
    permissions=("backup:ListBackupVaults", "backup:ListProtectedResources", "backup:ListTags"),
    id="BackupVaultName",
    identity=("name",),
    owner=lambda vault: made_for_efs(vault["BackupVaultName"]),
    at_default=of_the_console,
    attributes={
        "arn": "BackupVaultArn",
        "kms_key_arn": "EncryptionKeyArn",
        "name": "BackupVaultName",
        "recovery_points": volatile("NumberOfRecoveryPoints"),
    },
    facts={
        "creation_date": "CreationDate",
        "lock_date": "LockDate",
        "locked": "Locked",
        "protected_resources": "Protecting",
        "vault_type": "VaultType",
    },
    tags="Tagging.Tags",
)


def in_vault(part: str) -> Parent:
    return Parent(type="aws_backup_vault", by="backup_vault_name", part=part)


VAULT_POLICY = Collector(
    type="aws_backup_vault_policy",
    service="backup",
    fetch=Listing("list_backup_vaults", "BackupVaultList"),
    details=(
        Detail(
            operation="get_backup_vault_access_policy",
            arguments={"BackupVaultName": "BackupVaultName"},
            into="Policing",
            absent=GONE,
            essential=True,
        ),
    ),
    permissions=("backup:ListBackupVaults", "backup:GetBackupVaultAccessPolicy"),
    id="BackupVaultName",
    identity=("backup_vault_name",),
    parent=in_vault("policy"),
    attributes={
        "backup_vault_arn": "BackupVaultArn",
        "backup_vault_name": "BackupVaultName",
        "policy": policy("Policing.Policy"),
    },
)

VAULT_LOCK = Collector(
    type="aws_backup_vault_lock_configuration",
    service="backup",
    fetch=Listing("list_backup_vaults", "BackupVaultList[?Locked]"),
    permissions=("backup:ListBackupVaults",),
    id="BackupVaultName",
    identity=("backup_vault_name",),
    parent=in_vault("lock_configuration"),
    attributes={
        "backup_vault_arn": "BackupVaultArn",
        "backup_vault_name": "BackupVaultName",
        "max_retention_days": "MaxRetentionDays",
        "min_retention_days": "MinRetentionDays",
    },
    facts={"lock_date": "LockDate"},
)


# --- plans ----------------------------------------------------------------------------------------

LIFECYCLE = """Lifecycle && [Lifecycle.{
    cold_storage_after: MoveToColdStorageAfterDays, delete_after: DeleteAfterDays,
    opt_in_to_archive_for_supported_resources: OptInToArchiveForSupportedResources}]"""

RULE = f"""{{
    completion_window: CompletionWindowMinutes,
    copy_action: CopyActions[].{{destination_vault_arn: DestinationBackupVaultArn, lifecycle: {LIFECYCLE}}},
    enable_continuous_backup: EnableContinuousBackup,
    lifecycle: {LIFECYCLE},
    recovery_point_tags: RecoveryPointTags,
    rule_name: RuleName,
    schedule: ScheduleExpression,
    schedule_expression_timezone: ScheduleExpressionTimezone,
    start_window: StartWindowMinutes,
    target_vault_name: TargetBackupVaultName
}}"""

PLANS = all_of("backup", "list_backup_plans", "BackupPlansList")

PLAN = Collector(
    type="aws_backup_plan",
    service="backup",
    fetch=listing("backup_plans", PLANS),
    details=(
        Detail(
            operation="get_backup_plan",
            arguments={"BackupPlanId": "BackupPlanId"},
            into="Got",
            gone=GONE,
            essential=True,
        ),
        tags_of("BackupPlanArn"),
    ),
    permissions=("backup:ListBackupPlans", "backup:GetBackupPlan", "backup:ListTags"),
    id="BackupPlanId",
    owner=lambda plan: made_for_efs(plan["BackupPlanName"]),
    attributes={
        "advanced_backup_setting": blocks(
            "Got.BackupPlan.AdvancedBackupSettings[].{backup_options: BackupOptions, resource_type: ResourceType}",
            backup_options=MAP,
        ),
        "arn": "BackupPlanArn",
        "name": "BackupPlanName",
        "rule": blocks(
            f"Got.BackupPlan.Rules[].{RULE}",
            completion_window=defaulting(180),
            copy_action=UNORDERED,
            recovery_point_tags=MAP,
            schedule_expression_timezone=defaulting("Etc/UTC"),
            start_window=defaulting(60),
        ),
        "version": volatile("VersionId"),
    },
    facts={"creation_date": "CreationDate", "last_execution_date": "LastExecutionDate"},
    tags="Tagging.Tags",
)


# --- selections -----------------------------------------------------------------------------------


async def _selections(place: Place, plan: Item) -> Item:
    return await place.whole("backup", "list_backup_selections", BackupPlanId=plan["BackupPlanId"])


def selections(answer: Item, plan: Item) -> list[Item]:
    return [{"BackupPlanId": plan["BackupPlanId"], **each} for each in answer.get("BackupSelectionsList") or ()]


CONDITIONS = {
    "string_equals": "StringEquals",
    "string_like": "StringLike",
    "string_not_equals": "StringNotEquals",
    "string_not_like": "StringNotLike",
}
PAIRS = ", ".join(f"{ours}: {its}[].{{key: ConditionKey, value: ConditionValue}}" for ours, its in CONDITIONS.items())


def condition(found: Any) -> list[Any]:
    """One block of them all, or none."""
    return as_block(found) if any((found or {}).values()) else []


SELECTION = Collector(
    type="aws_backup_selection",
    service="backup",
    fetch=inside("backup_selections", PLANS, Once(_selections), selections),
    details=(
        Detail(
            operation="get_backup_selection",
            arguments={"BackupPlanId": "BackupPlanId", "SelectionId": "SelectionId"},
            into="Got",
            gone=GONE,
            essential=True,
        ),
    ),
    permissions=("backup:ListBackupPlans", "backup:ListBackupSelections", "backup:GetBackupSelection"),
    id="SelectionId",
    parent=Parent(type="aws_backup_plan", by="plan_id", part="selection"),
    attributes={
        "condition": Attribute(
            path=f"Got.BackupSelection.Conditions.{{{PAIRS}}}",
            form=Form(inner=dict.fromkeys(CONDITIONS, UNORDERED)),
            convert=condition,
        ),
        "iam_role_arn": "Got.BackupSelection.IamRoleArn",
        "name": "Got.BackupSelection.SelectionName",
        "not_resources": unordered("Got.BackupSelection.NotResources"),
        "plan_id": "BackupPlanId",
        "resources": unordered("Got.BackupSelection.Resources"),
        "selection_tag": blocks(
            "Got.BackupSelection.ListOfTags[].{key: ConditionKey, type: ConditionType, value: ConditionValue}"
        ),
    },
    facts={"creation_date": "CreationDate"},
)

COLLECTORS = [VAULT, VAULT_POLICY, VAULT_LOCK, PLAN, SELECTION]
