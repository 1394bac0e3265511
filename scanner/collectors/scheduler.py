"""Amazon EventBridge Scheduler: schedules and the groups that they are in."""

from __future__ import annotations

from scanner.aws.collector import Attribute, Collector, Detail, Listing, block, volatile
from scanner.collectors.events import CONSTRAINTS, STRATEGY, TASK
from state import Resource
from state.forms import TO_THE_SECOND, UNORDERED, Form, defaulting

GONE = ("ResourceNotFoundException",)

ECS = f"""EcsParameters && [EcsParameters.{{
    placement_constraints: {CONSTRAINTS}, placement_strategy: {STRATEGY}, reference_id: ReferenceId, {TASK}
}}]"""

TARGET = f"""Described.Target.{{
    arn: Arn,
    dead_letter_config: DeadLetterConfig && [DeadLetterConfig.{{arn: Arn}}],
    ecs_parameters: {ECS},
    eventbridge_parameters: EventBridgeParameters && [EventBridgeParameters.{{
        detail_type: DetailType, source: Source}}],
    input: Input,
    kinesis_parameters: KinesisParameters && [KinesisParameters.{{partition_key: PartitionKey}}],
    retry_policy: RetryPolicy && [RetryPolicy.{{
        maximum_event_age_in_seconds: MaximumEventAgeInSeconds, maximum_retry_attempts: MaximumRetryAttempts}}],
    role_arn: RoleArn,
    sagemaker_pipeline_parameters: SageMakerPipelineParameters && [SageMakerPipelineParameters.{{
        pipeline_parameter: PipelineParameterList[].{{name: Name, value: Value}}}}],
    sqs_parameters: SqsParameters && [SqsParameters.{{message_group_id: MessageGroupId}}]
}}"""

# A day, and 185 times, is what AWS does where nothing is said, and answers with.
RETRIES = defaulting([{"maximum_event_age_in_seconds": 86400, "maximum_retry_attempts": 185}])

SCHEDULE = Collector(
    type="aws_scheduler_schedule",
    service="scheduler",
    fetch=Listing("list_schedules", "Schedules"),
    details=(
        Detail(
            operation="get_schedule",
            arguments={"GroupName": "GroupName", "Name": "Name"},
            into="Described",
            gone=GONE,
            absent=GONE,
            essential=True,
        ),
    ),
    permissions=("scheduler:ListSchedules", "scheduler:GetSchedule"),
    id="join('/', [GroupName, Name])",
    identity=("group_name", "name"),
    attributes={
        "action_after_completion": Attribute(path="Described.ActionAfterCompletion", form=defaulting("NONE")),
        "arn": "Arn",
        "description": "Described.Description",
        "end_date": Attribute(path="Described.EndDate", form=TO_THE_SECOND),
        "flexible_time_window": block(
            "Described.FlexibleTimeWindow.{maximum_window_in_minutes: MaximumWindowInMinutes, mode: Mode}"
        ),
        "group_name": "GroupName",
        "kms_key_arn": "Described.KmsKeyArn",
        "name": "Name",
        "schedule_expression": "Described.ScheduleExpression",
        "schedule_expression_timezone": Attribute(path="Described.ScheduleExpressionTimezone", form=defaulting("UTC")),
        "start_date": Attribute(path="Described.StartDate", form=TO_THE_SECOND),
        "state": Attribute(path="Described.State", form=defaulting("ENABLED")),
        "target": block(
            TARGET,
            ecs_parameters=Form(
                inner={
                    "capacity_provider_strategy": UNORDERED,
                    "network_configuration": Form(inner={"security_groups": UNORDERED, "subnets": UNORDERED}),
                    "placement_constraints": UNORDERED,
                    "placement_strategy": UNORDERED,
                    "task_count": defaulting(1),
                }
            ),
            retry_policy=RETRIES,
            sagemaker_pipeline_parameters=Form(inner={"pipeline_parameter": UNORDERED}),
        ),
    },
    facts={"creation_date": "CreationDate", "last_modification_date": "LastModificationDate"},
)


def is_default(group: Resource) -> bool:
    """Every region has it, whether used or not."""
    return bool(group.attributes.get("name") == "default")


GROUP = Collector(
    type="aws_scheduler_schedule_group",
    service="scheduler",
    fetch=Listing("list_schedule_groups", "ScheduleGroups"),
    details=(Detail(operation="list_tags_for_resource", arguments={"ResourceArn": "Arn"}, into="Tagging", gone=GONE),),
    permissions=("scheduler:ListScheduleGroups", "scheduler:ListTagsForResource"),
    id="Name",
    identity=("name",),
    at_default=is_default,
    attributes={
        "arn": "Arn",
        "creation_date": volatile("CreationDate"),
        "last_modification_date": volatile("LastModificationDate"),
        "name": "Name",
        "state": volatile("State"),
    },
    facts={"pending_deletion": "State=='DELETING'"},
    tags="Tagging.Tags",
)

COLLECTORS = [SCHEDULE, GROUP]
