import json

from scanner.collectors.backup import COLLECTORS, PLAN, SELECTION, VAULT, VAULT_LOCK, VAULT_POLICY, made_for_efs
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.compared import only, told, twin
from tests.scanner.standin import answering, refused
from tests.scanner.whole import whole

ARN = f"arn:aws:backup:{REGION}:{ACCOUNT}"
VAULT_ARN = f"{ARN}:backup-vault:nightly"
RULE = {
    "RuleName": "nightly",
    "TargetBackupVaultName": "nightly",
    "ScheduleExpression": "cron(0 1 * * ? *)",
    "StartWindowMinutes": 60,
    "CompletionWindowMinutes": 180,
    "Lifecycle": {"DeleteAfterDays": 14},
}


def vault(aws):
    aws("backup").create_backup_vault(
        BackupVaultName="nightly", BackupVaultTags={"team": "shop"}, EncryptionKeyArn="arn:aws:kms:k"
    )


def test_vault(aws):
    vault(aws)
    found = only(read(VAULT), "aws_backup_vault")
    assert whole(found) == {
        "its id": "nightly",
        "its identity": "nightly",
        "its arn": VAULT_ARN,
        "its owner": None,
        "arn": VAULT_ARN,
        "kms_key_arn": "arn:aws:kms:k",
        "name": "nightly",
        "recovery_points": 0,
        "tags": {"team": "shop"},
        "unknown": ["protected_resources"],  # moto does not tell
    }
    aws("backup").put_backup_vault_lock_configuration(BackupVaultName="nightly", MinRetentionDays=7)
    locked = read(VAULT, VAULT_LOCK)
    assert whole(only(locked, VAULT_LOCK.type)) == {
        "its id": "nightly",
        "its identity": "nightly",
        "its arn": None,
        "its owner": None,
        "backup_vault_arn": VAULT_ARN,
        "backup_vault_name": "nightly",
        "min_retention_days": 7,
    }
    assert told(locked, [VAULT, VAULT_LOCK], twin(found)) == {("changed", VAULT.type, "lock_configuration")}


DOCUMENT = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "*"}]})


def policed(answer):
    vaults = {"BackupVaultList": [{"BackupVaultName": "nightly", "BackupVaultArn": VAULT_ARN}]}
    with answering({"GET /backup-vaults": vaults, "GET /backup-vaults/nightly/access-policy": answer}):
        return read(VAULT_POLICY)


def test_policy():
    found = policed({"BackupVaultName": "nightly", "Policy": DOCUMENT})
    assert whole(only(found, VAULT_POLICY.type)) == {
        "its id": "nightly",
        "its identity": "nightly",
        "its arn": None,
        "its owner": None,
        "backup_vault_arn": VAULT_ARN,
        "backup_vault_name": "nightly",
        "policy": DOCUMENT,
    }
    none = policed(refused("ResourceNotFoundException"))
    assert (list(none.of(VAULT_POLICY.type)), none.gaps) == ([], [])
    denied = policed(refused("AccessDeniedException"))
    assert [gap.permission for gap in denied.gaps] == ["backup:GetBackupVaultAccessPolicy"]


def test_plan(aws):
    vault(aws)
    made = aws("backup").create_backup_plan(
        BackupPlan={"BackupPlanName": "nightly", "Rules": [RULE]}, BackupPlanTags={"team": "shop"}
    )
    found = only(read(PLAN), "aws_backup_plan")
    assert whole(found) == {
        "its id": made["BackupPlanId"],
        "its identity": made["BackupPlanId"],
        "its arn": made["BackupPlanArn"],
        "its owner": None,
        "arn": made["BackupPlanArn"],
        "name": "nightly",
        "rule": [
            {
                "completion_window": 180,
                "lifecycle": [{"delete_after": 14}],
                "rule_name": "nightly",
                "schedule": "cron(0 1 * * ? *)",
                "schedule_expression_timezone": "Etc/UTC",
                "start_window": 60,
                "target_vault_name": "nightly",
            }
        ],
        "tags": {"team": "shop"},
        "version": made["VersionId"],
    }
    rule = {**found["rule"][0], "completion_window": None, "schedule_expression_timezone": "Etc/UTC"}
    assert told(read(PLAN), [PLAN], twin(found, rule=[rule])) == set()
    later = twin(found, rule=[{**rule, "schedule": "cron(0 5 * * ? *)"}])
    assert told(read(PLAN), [PLAN], later) == {("changed", "aws_backup_plan", "rule[0].schedule")} or told(
        read(PLAN), [PLAN], later
    ) == {("changed", "aws_backup_plan", "rule")}


def test_selection():
    tags = [{"ConditionType": "STRINGEQUALS", "ConditionKey": "backup", "ConditionValue": "yes"}]
    like = {"StringLike": [{"ConditionKey": "aws:ResourceTag/team", "ConditionValue": "shop*"}]}
    chosen = {"SelectionName": "all", "IamRoleArn": "arn:r", "Resources": ["*"], "ListOfTags": tags, "Conditions": like}
    answers = {
        "GET /backup/plans": {"BackupPlansList": [{"BackupPlanId": "p", "BackupPlanName": "nightly"}]},
        "GET /backup/plans/p/selections": {"BackupSelectionsList": [{"BackupPlanId": "p", "SelectionId": "s"}]},
        "GET /backup/plans/p/selections/s": {"BackupSelection": chosen},
    }
    with answering(answers):
        found = only(read(SELECTION), "aws_backup_selection")
    assert whole(found) == {
        "its id": "s",
        "its identity": "s",
        "its arn": None,
        "its owner": None,
        "condition": [{"string_like": [{"key": "aws:ResourceTag/team", "value": "shop*"}]}],
        "iam_role_arn": "arn:r",
        "name": "all",
        "plan_id": "p",
        "resources": ["*"],
        "selection_tag": [{"key": "backup", "type": "STRINGEQUALS", "value": "yes"}],
    }


def test_what_aws_makes():
    assert made_for_efs("aws/efs/automatic-backup-vault") == "efs"
    assert made_for_efs("nightly") is None
    vaults = {"BackupVaultList": [{"BackupVaultName": "Default", "BackupVaultArn": "a"}]}
    denied = refused("AccessDeniedException")
    with answering({"GET /backup-vaults": vaults, "GET /tags/a": denied, "GET /resources": denied}):
        found = read(VAULT)
    assert told(found, COLLECTORS) == set()
    assert sorted(only(found, VAULT.type).unknown) == ["protected_resources", "tags"]
    assert {gap.permission for gap in found.gaps} == {"backup:ListProtectedResources", "backup:ListTags"}


def test_what_was_backed_up():
    vaults = [{"BackupVaultName": name, "BackupVaultArn": f"{ARN}:backup-vault:{name}"} for name in ("nightly", "new")]
    orders = {"ResourceArn": "arn:orders", "LastBackupTime": 1_700_000_000, "LastBackupVaultArn": VAULT_ARN}
    answers = {"GET /backup-vaults": {"BackupVaultList": vaults}, "GET /resources": {"Results": [orders]}}
    with answering(answers | {f"GET /tags/{ARN}:backup-vault:{name}": {"Tags": {}} for name in ("nightly", "new")}):
        found = {each.id: each.facts["protected_resources"] for each in read(VAULT).of(VAULT.type)}
    last = {"last_backup_time": "2023-11-14T22:13:20Z", "resource_arn": "arn:orders"}
    assert found == {"nightly": [last], "new": None}
