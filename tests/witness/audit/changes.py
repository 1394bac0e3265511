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


def recorder_runs_as_another(aws: Clients, state: State) -> None:
    recorder = {
        "name": "all",
        "roleARN": "arn:aws:iam::123456789012:role/other",
        "recordingGroup": {"allSupported": True, "includeGlobalResourceTypes": True},
    }
    aws("config").put_configuration_recorder(ConfigurationRecorder=recorder)


def recorder_deleted(aws: Clients, state: State) -> None:
    aws("config").stop_configuration_recorder(ConfigurationRecorderName="all")
    aws("config").delete_delivery_channel(DeliveryChannelName="all")
    aws("config").delete_configuration_recorder(ConfigurationRecorderName="all")


def channel_slowed(aws: Clients, state: State) -> None:
    channel = {
        "name": "all",
        "s3BucketName": "watched-trail",
        "configSnapshotDeliveryProperties": {"deliveryFrequency": "TwentyFour_Hours"},
    }
    aws("config").put_delivery_channel(DeliveryChannel=channel)


def channel_led_elsewhere(aws: Clients, state: State) -> None:
    channel = {
        "name": "all",
        "s3BucketName": "watched-trail",
        "s3KeyPrefix": "elsewhere",
        "snsTopicARN": state["aws_sns_topic.told"]["arn"],
        "configSnapshotDeliveryProperties": {"deliveryFrequency": "Six_Hours"},
    }
    aws("config").put_delivery_channel(DeliveryChannel=channel)


def channel_tells_nobody(aws: Clients, state: State) -> None:
    channel = {
        "name": "all",
        "s3BucketName": "watched-trail",
        "s3KeyPrefix": "config",
        "configSnapshotDeliveryProperties": {"deliveryFrequency": "Six_Hours"},
    }
    aws("config").put_delivery_channel(DeliveryChannel=channel)


def rule_deleted(aws: Clients, state: State) -> None:
    aws("config").delete_config_rule(ConfigRuleName="tags")


def rule_asks_less(aws: Clients, state: State) -> None:
    [rule] = aws("config").describe_config_rules(ConfigRuleNames=["ports"])["ConfigRules"]
    kept = {name: rule[name] for name in ("ConfigRuleName", "Description", "Scope", "Source")}
    inputs = json.dumps({"authorizedTcpPorts": "0-65535"})
    aws("config").put_config_rule(ConfigRule=kept | {"InputParameters": inputs})


def rule_tag_removed(aws: Clients, state: State) -> None:
    arn = state["aws_config_config_rule.ports"]["arn"]
    aws("config").untag_resource(ResourceArn=arn, TagKeys=["Team"])


def rule_looks_elsewhere(aws: Clients, state: State) -> None:
    [rule] = aws("config").describe_config_rules(ConfigRuleNames=["ports"])["ConfigRules"]
    kept = {name: rule[name] for name in ("ConfigRuleName", "Description", "InputParameters", "Source")}
    scope = {"ComplianceResourceTypes": ["AWS::EC2::Instance"]}
    aws("config").put_config_rule(ConfigRule=kept | {"Scope": scope}, Tags=[{"Key": "Team", "Value": "ops"}])


def detector_switched_off(aws: Clients, state: State) -> None:
    aws("guardduty").update_detector(DetectorId=state["aws_guardduty_detector.all"]["id"], Enable=False)


def detector_told_less_often(aws: Clients, state: State) -> None:
    detector = state["aws_guardduty_detector.all"]["id"]
    aws("guardduty").update_detector(DetectorId=detector, Enable=True, FindingPublishingFrequency="SIX_HOURS")


def detector_deleted(aws: Clients, state: State) -> None:
    aws("guardduty").delete_detector(DetectorId=state["aws_guardduty_detector.all"]["id"])


def macie_switched_off(aws: Clients, state: State) -> None:
    aws("macie2").disable_macie()


def macie_paused(aws: Clients, state: State) -> None:
    aws("macie2").disable_macie()  # moto does not change it
    aws("macie2").enable_macie(findingPublishingFrequency="ONE_HOUR", status="PAUSED")


def macie_tells_less_often(aws: Clients, state: State) -> None:
    aws("macie2").disable_macie()
    aws("macie2").enable_macie(findingPublishingFrequency="SIX_HOURS", status="ENABLED")


def vault_deleted(aws: Clients, state: State) -> None:
    aws("backup").delete_backup_vault(BackupVaultName="plain")


def vault_tagged(aws: Clients, state: State) -> None:
    aws("backup").tag_resource(ResourceArn=state["aws_backup_vault.plain"]["arn"], Tags={"Team": "nobody"})


def vault_sealed_with_another_key(aws: Clients, state: State) -> None:
    aws("backup").delete_backup_vault(BackupVaultName="plain")
    aws("backup").create_backup_vault(BackupVaultName="plain", EncryptionKeyArn=state["aws_kms_key.trail"]["arn"])


def backups_no_longer_made(aws: Clients, state: State) -> None:
    aws("backup").delete_backup_plan(BackupPlanId=state["aws_backup_plan.nightly"]["id"])


def plan_tagged(aws: Clients, state: State) -> None:
    aws("backup").tag_resource(ResourceArn=state["aws_backup_plan.nightly"]["arn"], Tags={"Team": "nobody"})


def backups_may_go_at_once(aws: Clients, state: State) -> None:
    aws("backup").delete_backup_vault_lock_configuration(BackupVaultName="all")
    aws("backup").put_backup_vault_lock_configuration(BackupVaultName="all", MaxRetentionDays=365)


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


def metric_filtered_otherwise(aws: Clients, state: State) -> None:
    [was] = aws("logs").describe_metric_filters(logGroupName="/app", filterNamePrefix="slow")["metricFilters"]
    aws("logs").delete_metric_filter(logGroupName="/app", filterName="slow")  # moto would keep both
    aws("logs").put_metric_filter(
        logGroupName="/app",
        filterName="slow",
        filterPattern="{ $.time > 9000 }",
        metricTransformations=was["metricTransformations"],
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


def logs_sent_as_another(aws: Clients, state: State) -> None:
    aws("logs").put_subscription_filter(
        logGroupName="/app",
        filterName="all",
        filterPattern="",
        destinationArn=state["aws_kinesis_stream.logs"]["arn"],
        roleArn="arn:aws:iam::123456789012:role/other",
    )


def _anybody(action: str) -> str:
    statement = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": action, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def anybody_lets_write(aws: Clients, state: State) -> None:
    aws("logs").put_resource_policy(policyName="bus", policyDocument=_anybody("logs:*"))


def events_may_do_more(aws: Clients, state: State) -> None:
    policy = json.loads(state["aws_cloudwatch_log_resource_policy.bus"]["policy_document"])
    policy["Statement"][0]["Action"].append("logs:DeleteLogGroup")
    aws("logs").put_resource_policy(policyName="bus", policyDocument=json.dumps(policy))


def nobody_may_write(aws: Clients, state: State) -> None:
    aws("logs").delete_resource_policy(policyName="bus")


def another_account_lets_send(aws: Clients, state: State) -> None:
    policy = json.loads(state["aws_cloudwatch_log_destination_policy.others"]["access_policy"])
    policy["Statement"][0]["Principal"] = {"AWS": ["210987654321", "333333333333"]}
    aws("logs").put_destination_policy(destinationName="others", accessPolicy=json.dumps(policy))


def anybody_lets_send(aws: Clients, state: State) -> None:
    aws("logs").put_destination_policy(destinationName="others", accessPolicy=_anybody("logs:PutSubscriptionFilter"))


def destination_deleted(aws: Clients, state: State) -> None:
    aws("logs").delete_destination(destinationName="others")


def destination_tag_changed(aws: Clients, state: State) -> None:
    arn = state["aws_cloudwatch_log_destination.others"]["arn"]
    aws("logs").tag_resource(resourceArn=arn, tags={"Team": "nobody"})


def destination_written_to_as_another(aws: Clients, state: State) -> None:
    aws("logs").put_destination(
        destinationName="others",
        targetArn=state["aws_kinesis_stream.logs"]["arn"],
        roleArn="arn:aws:iam::123456789012:role/other",
    )


def stream_kept_longer(aws: Clients, state: State) -> None:
    aws("kinesis").increase_stream_retention_period(StreamName="logs", RetentionPeriodHours=168)


def stream_sealed(aws: Clients, state: State) -> None:
    key = state["aws_kms_key.trail"]["arn"]
    aws("kinesis").start_stream_encryption(StreamName="logs", EncryptionType="KMS", KeyId=key)


def stream_watched_closely(aws: Clients, state: State) -> None:
    aws("kinesis").enable_enhanced_monitoring(StreamName="logs", ShardLevelMetrics=["IncomingBytes"])


def stream_grows_by_itself(aws: Clients, state: State) -> None:
    mode = {"StreamMode": "ON_DEMAND"}
    aws("kinesis").update_stream_mode(StreamARN=state["aws_kinesis_stream.logs"]["arn"], StreamModeDetails=mode)


def stream_tagged(aws: Clients, state: State) -> None:
    aws("kinesis").add_tags_to_stream(StreamName="logs", Tags={"Team": "nobody"})


def stream_deleted(aws: Clients, state: State) -> None:
    aws("kinesis").delete_stream(StreamName="logs")


GAPS = {"backup:GetBackupVaultAccessPolicy", "backup:ListBackupSelections", "backup:ListProtectedResources"}
"""The operations that moto does not have."""

LOCK = "a lock that is gone is missing to us; the provider goes on to read its vault"

TAGS = "the tags that the provider reads of backups are not those that moto keeps"

EXPLAINED: dict[str, dict[str, str]] = {
    "backups_no_longer_locked": {
        "ours: missing aws_backup_vault_lock_configuration.all": LOCK,
        "terraform: changed aws_backup_vault_lock_configuration.all max_retention_days": LOCK,
        "terraform: changed aws_backup_vault_lock_configuration.all min_retention_days": LOCK,
    },
    "backups_no_longer_made": {
        "ours: missing aws_backup_plan.nightly": "the provider goes on to read a plan that is gone",
    },
    "plan_tagged": {"ours: changed aws_backup_plan.nightly tags": TAGS},
    "trail_sees_less": {
        "ours: changed aws_cloudtrail.all event_selector": (
            "moto never says that a trail has selectors of its own, so that the provider does not look"
        ),
    },
    "vault_tagged": {"ours: changed aws_backup_vault.plain tags": TAGS},
    "trail_sent_elsewhere": {
        "ours: unmanaged aws_s3_bucket elsewhere": "Terraform never looks for what it does not manage",
    },
}
"""What only one of the two says after a change, and why that is as it should be."""
