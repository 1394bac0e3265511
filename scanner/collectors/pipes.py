"""Amazon EventBridge Pipes: what is taken from where, and given to whom."""

from __future__ import annotations

from scanner.aws.collector import Attribute, Collector, Detail, Listing, block, name_or_arn
from state.forms import UNORDERED, defaulting

PIPE = Collector(
    type="aws_pipes_pipe",
    service="pipes",
    fetch=Listing("list_pipes", "Pipes"),
    details=(
        Detail(
            operation="describe_pipe",
            arguments={"Name": "Name"},
            into="Described",
            gone=("NotFoundException",),
            essential=True,
        ),
    ),
    permissions=("pipes:ListPipes", "pipes:DescribePipe"),
    id="Name",
    identity=("name",),
    attributes={
        "arn": "Arn",
        "description": "Described.Description",
        "desired_state": Attribute(path="DesiredState", form=defaulting("RUNNING")),
        "enrichment": "Enrichment",
        "kms_key_identifier": name_or_arn("Described.KmsKeyIdentifier"),
        "log_configuration": block(
            """Described.LogConfiguration.{
                cloudwatch_logs_log_destination: CloudwatchLogsLogDestination && [CloudwatchLogsLogDestination.{
                    log_group_arn: LogGroupArn}],
                firehose_log_destination: FirehoseLogDestination && [FirehoseLogDestination.{
                    delivery_stream_arn: DeliveryStreamArn}],
                include_execution_data: IncludeExecutionData,
                level: Level,
                s3_log_destination: S3LogDestination && [S3LogDestination.{
                    bucket_name: BucketName, bucket_owner: BucketOwner, output_format: OutputFormat, prefix: Prefix}]
            }""",
            include_execution_data=UNORDERED,
        ),
        "name": "Name",
        "role_arn": "Described.RoleArn",
        "source": "Source",
        "target": "Target",
    },
    facts={"current_state": "CurrentState", "pending_deletion": "CurrentState=='DELETING'"},
    tags="Described.Tags",
)

COLLECTORS = [PIPE]
