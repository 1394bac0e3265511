"""AWS Config: what records the account's resources, where it delivers to, and the rules that judge them."""

from __future__ import annotations

from scanner.aws.collector import Attribute, Collector, Detail, Listing, as_block, block, document
from state.forms import UNORDERED, Form, defaulting

GONE = ("ResourceNotFoundException",)

RECORDER = Collector(
    type="aws_config_configuration_recorder",
    service="config",
    fetch=Listing("describe_configuration_recorders", "ConfigurationRecorders"),
    permissions=("config:DescribeConfigurationRecorders",),
    id="name",
    identity=("name",),
    owner=lambda recorder: recorder.get("servicePrincipal"),
    attributes={
        "name": "name",
        "recording_group": block(
            """recordingGroup.{
                all_supported: allSupported,
                exclusion_by_resource_types: exclusionByResourceTypes.resourceTypes
                    && [{resource_types: exclusionByResourceTypes.resourceTypes}],
                include_global_resource_types: includeGlobalResourceTypes,
                recording_strategy: recordingStrategy && [recordingStrategy.{use_only: useOnly}],
                resource_types: resourceTypes
            }""",
            exclusion_by_resource_types=Form(inner={"resource_types": UNORDERED}),
            recording_strategy=defaulting([{"use_only": "ALL_SUPPORTED_RESOURCE_TYPES"}]),
            resource_types=UNORDERED,
        ),
        "recording_mode": Attribute(
            path="""recordingMode.{
                recording_frequency: recordingFrequency,
                recording_mode_override: recordingModeOverrides[].{
                    description: description, recording_frequency: recordingFrequency, resource_types: resourceTypes}
            }""",
            form=Form(
                inner={
                    "recording_frequency": defaulting("CONTINUOUS"),
                    "recording_mode_override": Form(inner={"resource_types": UNORDERED}),
                }
            ),
            convert=as_block,
        ),
        "role_arn": "roleARN",
    },
    facts={"recording_scope": "recordingScope"},
)

RECORDER_STATUS = Collector(
    type="aws_config_configuration_recorder_status",
    service="config",
    fetch=Listing("describe_configuration_recorder_status", "ConfigurationRecordersStatus"),
    permissions=("config:DescribeConfigurationRecorderStatus",),
    id="name",
    identity=("name",),
    owner=lambda recorder: recorder.get("servicePrincipal"),
    attributes={"is_enabled": "recording", "name": "name"},
    facts={
        "last_error_code": "lastErrorCode",
        "last_error_message": "lastErrorMessage",
        "last_start_time": "lastStartTime",
        "last_status": "lastStatus",
        "last_status_change_time": "lastStatusChangeTime",
        "last_stop_time": "lastStopTime",
    },
)

DELIVERY_CHANNEL = Collector(
    type="aws_config_delivery_channel",
    service="config",
    fetch=Listing("describe_delivery_channels", "DeliveryChannels"),
    permissions=("config:DescribeDeliveryChannels",),
    id="name",
    identity=("name",),
    attributes={
        "name": "name",
        "s3_bucket_name": "s3BucketName",
        "s3_key_prefix": "s3KeyPrefix",
        "s3_kms_key_arn": "s3KmsKeyArn",
        "snapshot_delivery_properties": block(
            "configSnapshotDeliveryProperties.{delivery_frequency: deliveryFrequency}"
        ),
        "sns_topic_arn": "snsTopicARN",
    },
)

CONFIG_RULE = Collector(
    type="aws_config_config_rule",
    service="config",
    fetch=Listing("describe_config_rules", "ConfigRules"),
    details=(
        Detail(
            operation="list_tags_for_resource", arguments={"ResourceArn": "ConfigRuleArn"}, into="Tagging", gone=GONE
        ),
    ),
    permissions=("config:DescribeConfigRules", "config:ListTagsForResource"),
    id="ConfigRuleName",
    identity=("name",),
    # Security Hub, conformance packs and organizations make rules of their own.
    owner=lambda rule: rule.get("CreatedBy"),
    attributes={
        "arn": "ConfigRuleArn",
        "description": "Description",
        "evaluation_mode": Attribute(
            path="EvaluationModes[].{mode: Mode}",
            form=defaulting([{"mode": "DETECTIVE"}]),
            convert=as_block,
        ),
        "input_parameters": document("InputParameters"),
        "maximum_execution_frequency": "MaximumExecutionFrequency",
        "name": "ConfigRuleName",
        "rule_id": "ConfigRuleId",
        "scope": block(
            "Scope.{compliance_resource_id: ComplianceResourceId, "
            "compliance_resource_types: ComplianceResourceTypes, tag_key: TagKey, tag_value: TagValue}",
            compliance_resource_types=UNORDERED,
        ),
        "source": block(
            """Source.{
                custom_policy_details: CustomPolicyDetails && [CustomPolicyDetails.{
                    enable_debug_log_delivery: EnableDebugLogDelivery, policy_runtime: PolicyRuntime,
                    policy_text: PolicyText}],
                owner: Owner,
                source_detail: SourceDetails[].{event_source: EventSource,
                    maximum_execution_frequency: MaximumExecutionFrequency, message_type: MessageType},
                source_identifier: SourceIdentifier
            }""",
            source_detail=UNORDERED,
        ),
    },
    facts={
        "config_rule_state": "ConfigRuleState",
        "pending_deletion": "contains(['DELETING', 'DELETING_RESULTS'], ConfigRuleState || '')",
    },
    tags="Tagging.Tags",
)

COLLECTORS = [RECORDER, RECORDER_STATUS, DELIVERY_CHANNEL, CONFIG_RULE]
