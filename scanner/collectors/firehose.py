"""Amazon Data Firehose: delivery streams. What a destination is given to sign in with is never read."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from scanner.aws.collector import Attribute, Collector, Detail, as_block, block, converted, volatile
from scanner.aws.place import Item, Place
from state.forms import UNORDERED, UNREAD, Form, if_enabled, plain, sort_key

GONE = ("ResourceNotFoundException",)
AT_ONCE = 1000
"""Names in an answer; ten, to whoever says nothing."""
OF_STREAM = {"DeliveryStreamName": "Name"}
TOLD = "Described.DeliveryStreamDescription"


async def delivery_streams(place: Place) -> AsyncIterator[list[Item]]:
    """Every stream by name; a page begins after the last name of the one before."""
    answer = await place.call("firehose", "list_delivery_streams", Limit=AT_ONCE)
    yield [{"Name": each} for each in answer["DeliveryStreamNames"]]
    while answer.get("HasMoreDeliveryStreams") and answer["DeliveryStreamNames"]:
        after = answer["DeliveryStreamNames"][-1]
        begin = {"Limit": AT_ONCE, "ExclusiveStartDeliveryStreamName": after}
        answer = await place.call("firehose", "list_delivery_streams", **begin)
        yield [{"Name": each} for each in answer["DeliveryStreamNames"]]


LOGGING = """CloudWatchLoggingOptions && [CloudWatchLoggingOptions.{
    enabled: Enabled, log_group_name: LogGroupName, log_stream_name: LogStreamName}]"""

TO_S3 = f"""
    bucket_arn: BucketARN,
    buffering_interval: BufferingHints.IntervalInSeconds,
    buffering_size: BufferingHints.SizeInMBs,
    cloudwatch_logging_options: {LOGGING},
    compression_format: CompressionFormat,
    error_output_prefix: ErrorOutputPrefix,
    kms_key_arn: EncryptionConfiguration.KMSEncryptionConfig.AWSKMSKeyARN,
    prefix: Prefix,
    role_arn: RoleARN"""

PROCESSING = """ProcessingConfiguration && [ProcessingConfiguration.{
    enabled: Enabled,
    processors: Processors[].{
        parameters: Parameters[].{parameter_name: ParameterName, parameter_value: ParameterValue}, type: Type}}]"""

TO_ELSEWHERE = f"""
    buffering_interval: BufferingHints.IntervalInSeconds,
    buffering_size: BufferingHints.SizeInMBs,
    cloudwatch_logging_options: {LOGGING},
    processing_configuration: {PROCESSING},
    retry_duration: RetryOptions.DurationInSeconds,
    s3_backup_mode: S3BackupMode,
    s3_configuration: S3DestinationDescription && [S3DestinationDescription.{{{TO_S3}}}]"""

SIGNED_IN_BY = """SecretsManagerConfiguration && [SecretsManagerConfiguration.{
    enabled: Enabled, role_arn: RoleARN, secret_arn: SecretARN}]"""

IN_VPC = """VpcConfigurationDescription && [VpcConfigurationDescription.{
    role_arn: RoleARN, security_group_ids: SecurityGroupIds, subnet_ids: SubnetIds, vpc_id: VpcId}]"""

INDEX = f"""{TO_ELSEWHERE},
    cluster_endpoint: ClusterEndpoint,
    domain_arn: DomainARN,
    index_name: IndexName,
    index_rotation_period: IndexRotationPeriod,
    role_arn: RoleARN,
    type_name: TypeName,
    vpc_config: {IN_VPC}"""

FILLED = {"NumberOfRetries", "RoleArn", "BufferSizeInMBs", "BufferIntervalInSeconds"}


def without_defaults(value: Any) -> Any:
    """What AWS fills into a processor, Terraform leaves out as long as it is what AWS fills in."""
    return plain([_processor(each) for each in value or ()])


def _processor(said: Any) -> Any:
    kept = [each for each in said.get("parameters") or () if each.get("parameter_name") not in FILLED]
    return {**said, "parameters": sorted(kept, key=sort_key)}


SWITCH = Form(canonical=if_enabled)
NESTED = {
    "cloudwatch_logging_options": SWITCH,
    "processing_configuration": Form(canonical=if_enabled, inner={"processors": Form(canonical=without_defaults)}),
    "s3_backup_configuration": Form(inner={"cloudwatch_logging_options": SWITCH}),
    "s3_configuration": Form(inner={"cloudwatch_logging_options": SWITCH}),
    "secrets_manager_configuration": SWITCH,
    "vpc_config": Form(inner={"security_group_ids": UNORDERED, "subnet_ids": UNORDERED, "vpc_id": UNREAD}),
}


def destination(description: str, inner: str, **more: Form) -> Attribute:
    return block(f"{TOLD}.Destinations[0].{description}.{{{inner}}}", **NESTED, **more)


DESTINATIONS = {
    "elasticsearch": ("elasticsearch_configuration", "ElasticsearchDestinationDescription"),
    "opensearch": ("opensearch_configuration", "AmazonopensearchserviceDestinationDescription"),
    "opensearchserverless": (
        "opensearchserverless_configuration",
        "AmazonOpenSearchServerlessDestinationDescription",
    ),
    "extended_s3": ("extended_s3_configuration", "ExtendedS3DestinationDescription"),
    "http_endpoint": ("http_endpoint_configuration", "HttpEndpointDestinationDescription"),
    "iceberg": ("iceberg_configuration", "IcebergDestinationDescription"),
    "redshift": ("redshift_configuration", "RedshiftDestinationDescription"),
    "snowflake": ("snowflake_configuration", "SnowflakeDestinationDescription"),
    "splunk": ("splunk_configuration", "SplunkDestinationDescription"),
}


def kind(found: Any) -> str | None:
    """Where a stream delivers to, by the description that is there."""
    return next((ours for ours, (_, its) in DESTINATIONS.items() if (found or {}).get(its)), None)


DELIVERY_STREAM = Collector(
    type="aws_kinesis_firehose_delivery_stream",
    service="firehose",
    fetch=delivery_streams,
    details=(
        Detail(operation="describe_delivery_stream", arguments=OF_STREAM, into="Described", gone=GONE, essential=True),
        Detail(
            operation="list_tags_for_delivery_stream",
            arguments={**OF_STREAM, "Limit": "`50`"},  # no stream has more
            into="Tagging",
            gone=GONE,
        ),
    ),
    permissions=(
        "firehose:ListDeliveryStreams",
        "firehose:DescribeDeliveryStream",
        "firehose:ListTagsForDeliveryStream",
    ),
    id=f"{TOLD}.DeliveryStreamARN",
    identity=("name",),
    attributes={
        "arn": f"{TOLD}.DeliveryStreamARN",
        "destination": converted(f"{TOLD}.Destinations[0]", kind),
        "destination_id": volatile(f"{TOLD}.Destinations[0].DestinationId"),
        "elasticsearch_configuration": destination("ElasticsearchDestinationDescription", INDEX),
        "extended_s3_configuration": destination(
            "ExtendedS3DestinationDescription",
            f"""{TO_S3},
            custom_time_zone: CustomTimeZone,
            dynamic_partitioning_configuration: DynamicPartitioningConfiguration
                && [DynamicPartitioningConfiguration.{{
                    enabled: Enabled, retry_duration: RetryOptions.DurationInSeconds}}],
            file_extension: FileExtension,
            processing_configuration: {PROCESSING},
            s3_backup_configuration: S3BackupDescription && [S3BackupDescription.{{{TO_S3}}}],
            s3_backup_mode: S3BackupMode""",
            data_format_conversion_configuration=UNREAD,
            dynamic_partitioning_configuration=SWITCH,
        ),
        "http_endpoint_configuration": destination(
            "HttpEndpointDestinationDescription",
            f"""{TO_ELSEWHERE},
            name: EndpointConfiguration.Name,
            request_configuration: RequestConfiguration && [RequestConfiguration.{{
                common_attributes: CommonAttributes[].{{name: AttributeName, value: AttributeValue}},
                content_encoding: ContentEncoding}}],
            role_arn: RoleARN,
            secrets_manager_configuration: {SIGNED_IN_BY},
            url: EndpointConfiguration.Url""",
            access_key=UNREAD,
        ),
        "kinesis_source_configuration": block(
            f"{TOLD}.Source.KinesisStreamSourceDescription.{{kinesis_stream_arn: KinesisStreamARN, role_arn: RoleARN}}"
        ),
        "name": f"{TOLD}.DeliveryStreamName",
        "opensearch_configuration": destination(
            "AmazonopensearchserviceDestinationDescription",
            f"""{INDEX},
            document_id_options: DocumentIdOptions && [DocumentIdOptions.{{
                default_document_id_format: DefaultDocumentIdFormat}}]""",
        ),
        "redshift_configuration": destination(
            "RedshiftDestinationDescription",
            f"""
            cloudwatch_logging_options: {LOGGING},
            cluster_jdbcurl: ClusterJDBCURL,
            copy_options: CopyCommand.CopyOptions,
            data_table_columns: CopyCommand.DataTableColumns,
            data_table_name: CopyCommand.DataTableName,
            processing_configuration: {PROCESSING},
            retry_duration: RetryOptions.DurationInSeconds,
            role_arn: RoleARN,
            s3_backup_configuration: S3BackupDescription && [S3BackupDescription.{{{TO_S3}}}],
            s3_backup_mode: S3BackupMode,
            s3_configuration: S3DestinationDescription && [S3DestinationDescription.{{{TO_S3}}}],
            secrets_manager_configuration: {SIGNED_IN_BY},
            username: Username""",
            password=UNREAD,
        ),
        "server_side_encryption": Attribute(
            path=f"{TOLD}.DeliveryStreamEncryptionConfiguration"
            ".{enabled: contains(['ENABLED', 'ENABLING'], Status || ''), key_arn: KeyARN, key_type: KeyType}",
            form=SWITCH,
            convert=as_block,
        ),
        "splunk_configuration": destination(
            "SplunkDestinationDescription",
            f"""{TO_ELSEWHERE},
            hec_acknowledgment_timeout: HECAcknowledgmentTimeoutInSeconds,
            hec_endpoint: HECEndpoint,
            hec_endpoint_type: HECEndpointType,
            secrets_manager_configuration: {SIGNED_IN_BY}""",
            hec_token=UNREAD,
        ),
        "version_id": volatile(f"{TOLD}.VersionId"),
    },
    facts={
        "create_timestamp": f"{TOLD}.CreateTimestamp",
        "delivery_stream_status": f"{TOLD}.DeliveryStreamStatus",
        "delivery_stream_type": f"{TOLD}.DeliveryStreamType",
        "pending_deletion": f"{TOLD}.DeliveryStreamStatus=='DELETING'",
    },
    tags="Tagging.Tags",
)

COLLECTORS = [DELIVERY_STREAM]
