"""What people do to those who watch, by hand."""

from __future__ import annotations

import json

from tests.witness.case import Clients, State


def trail_stopped(aws: Clients, state: State) -> None:
    aws("cloudtrail").stop_logging(Name="all")


def trail_narrowed(aws: Clients, state: State) -> None:
    aws("cloudtrail").update_trail(Name="all", IsMultiRegionTrail=False, EnableLogFileValidation=False)


def trail_sent_elsewhere(aws: Clients, state: State) -> None:
    aws("s3").create_bucket(Bucket="elsewhere", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    aws("cloudtrail").update_trail(Name="all", S3BucketName="elsewhere")


def trail_sees_less(aws: Clients, state: State) -> None:
    selector = {"ReadWriteType": "ReadOnly", "IncludeManagementEvents": False, "DataResources": []}
    aws("cloudtrail").put_event_selectors(TrailName="all", EventSelectors=[selector])


def trail_deleted(aws: Clients, state: State) -> None:
    aws("cloudtrail").delete_trail(Name="all")


def trail_tag_removed(aws: Clients, state: State) -> None:
    tags = [{"Key": "Team", "Value": "ops"}]
    aws("cloudtrail").remove_tags(ResourceId=state["aws_cloudtrail.all"]["arn"], TagsList=tags)


def recorder_stopped(aws: Clients, state: State) -> None:
    aws("config").stop_configuration_recorder(ConfigurationRecorderName="all")


def recorder_narrowed(aws: Clients, state: State) -> None:
    recorder = {
        "name": "all",
        "roleARN": state["aws_iam_role.watcher"]["arn"],
        "recordingGroup": {"allSupported": False, "resourceTypes": ["AWS::EC2::Instance"]},
    }
    aws("config").put_configuration_recorder(ConfigurationRecorder=recorder)


def channel_slowed(aws: Clients, state: State) -> None:
    channel = {
        "name": "all",
        "s3BucketName": "watched-trail",
        "configSnapshotDeliveryProperties": {"deliveryFrequency": "TwentyFour_Hours"},
    }
    aws("config").put_delivery_channel(DeliveryChannel=channel)


def rule_deleted(aws: Clients, state: State) -> None:
    aws("config").delete_config_rule(ConfigRuleName="tags")


def rule_asks_less(aws: Clients, state: State) -> None:
    [rule] = aws("config").describe_config_rules(ConfigRuleNames=["ports"])["ConfigRules"]
    kept = {name: rule[name] for name in ("ConfigRuleName", "Description", "Scope", "Source")}
    inputs = json.dumps({"authorizedTcpPorts": "0-65535"})
    aws("config").put_config_rule(ConfigRule=kept | {"InputParameters": inputs})


def detector_switched_off(aws: Clients, state: State) -> None:
    aws("guardduty").update_detector(DetectorId=state["aws_guardduty_detector.all"]["id"], Enable=False)


def detector_told_less_often(aws: Clients, state: State) -> None:
    detector = state["aws_guardduty_detector.all"]["id"]
    aws("guardduty").update_detector(DetectorId=detector, Enable=True, FindingPublishingFrequency="SIX_HOURS")


def detector_deleted(aws: Clients, state: State) -> None:
    aws("guardduty").delete_detector(DetectorId=state["aws_guardduty_detector.all"]["id"])


def macie_switched_off(aws: Clients, state: State) -> None:
    aws("macie2").disable_macie()


def backups_no_longer_locked(aws: Clients, state: State) -> None:
    aws("backup").delete_backup_vault_lock_configuration(BackupVaultName="all")


def backups_locked_otherwise(aws: Clients, state: State) -> None:
    aws("backup").put_backup_vault_lock_configuration(BackupVaultName="all", MinRetentionDays=1, MaxRetentionDays=2)


def logs_kept_for_ever(aws: Clients, state: State) -> None:
    aws("logs").delete_retention_policy(logGroupName="/app")


def logs_forgotten_early(aws: Clients, state: State) -> None:
    group = state["aws_cloudwatch_log_group.plain"]["name"]
    aws("logs").put_retention_policy(logGroupName=group, retentionInDays=1)


def log_group_deleted(aws: Clients, state: State) -> None:
    aws("logs").delete_log_group(logGroupName=state["aws_cloudwatch_log_group.plain"]["name"])


def metric_counted_otherwise(aws: Clients, state: State) -> None:
    metric = {"metricName": "slow", "metricNamespace": "app", "metricValue": "1"}
    aws("logs").delete_metric_filter(logGroupName="/app", filterName="slow")  # moto would keep both
    aws("logs").put_metric_filter(
        logGroupName="/app", filterName="slow", filterPattern="{ $.time > 9000 }", metricTransformations=[metric]
    )


def logs_sent_to_nobody(aws: Clients, state: State) -> None:
    aws("logs").delete_subscription_filter(logGroupName="/app", filterName="all")


def fewer_logs_sent(aws: Clients, state: State) -> None:
    aws("logs").put_subscription_filter(
        logGroupName="/app",
        filterName="all",
        filterPattern="ERROR",
        destinationArn=state["aws_kinesis_stream.logs"]["arn"],
        roleArn=state["aws_iam_role.watcher"]["arn"],
    )


def _anybody(action: str) -> str:
    statement = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": action, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def anybody_lets_write(aws: Clients, state: State) -> None:
    aws("logs").put_resource_policy(policyName="bus", policyDocument=_anybody("logs:*"))


def anybody_lets_send(aws: Clients, state: State) -> None:
    aws("logs").put_destination_policy(destinationName="others", accessPolicy=_anybody("logs:PutSubscriptionFilter"))


def destination_deleted(aws: Clients, state: State) -> None:
    aws("logs").delete_destination(destinationName="others")


GAPS = {"backup:GetBackupVaultAccessPolicy", "backup:ListBackupSelections", "backup:ListProtectedResources"}
"""The operations that moto does not have."""

LOCK = "a lock that is gone is missing to us; the provider goes on to read its vault"

EXPLAINED: dict[str, dict[str, str]] = {
    "backups_no_longer_locked": {
        "ours: missing aws_backup_vault_lock_configuration.all": LOCK,
        "terraform: changed aws_backup_vault_lock_configuration.all max_retention_days": LOCK,
        "terraform: changed aws_backup_vault_lock_configuration.all min_retention_days": LOCK,
    },
    "trail_sees_less": {
        "ours: changed aws_cloudtrail.all event_selector": (
            "moto never says that a trail has selectors of its own, so that the provider does not look"
        ),
    },
    "trail_sent_elsewhere": {
        "ours: unmanaged aws_s3_bucket elsewhere": "Terraform never looks for what it does not manage",
    },
}
"""What only one of the two says after a change, and why that is as it should be."""
