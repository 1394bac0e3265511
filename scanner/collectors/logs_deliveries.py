"""Amazon CloudWatch Logs: what other services deliver through it: whose logs, where to, and which go where."""

from __future__ import annotations

from scanner.aws.collector import Attribute, Collector, Detail, Listing, blocks
from state.forms import IF_DECLARED

GONE = ("ResourceNotFoundException",)
TAGGING = Detail(operation="list_tags_for_resource", arguments={"resourceArn": "arn"}, into="Tagging", gone=GONE)

SOURCE = Collector(
    type="aws_cloudwatch_log_delivery_source",
    service="logs",
    fetch=Listing("describe_delivery_sources", "deliverySources"),
    details=(TAGGING,),
    permissions=("logs:DescribeDeliverySources", "logs:ListTagsForResource"),
    id="name",
    identity=("name",),
    attributes={
        "arn": "arn",
        "log_type": "logType",
        "name": "name",
        "resource_arn": "resourceArns[0]",
        "service": "service",
    },
    tags="Tagging.tags",
)

DELIVERY = Collector(
    type="aws_cloudwatch_log_delivery",
    service="logs",
    fetch=Listing("describe_deliveries", "deliveries"),
    details=(TAGGING,),
    permissions=("logs:DescribeDeliveries", "logs:ListTagsForResource"),
    id="id",
    attributes={
        "arn": "arn",
        "delivery_destination_arn": "deliveryDestinationArn",
        "delivery_source_name": "deliverySourceName",
        "field_delimiter": "fieldDelimiter",
        "record_fields": Attribute(path="recordFields", form=IF_DECLARED),
        "s3_delivery_configuration": blocks(
            "s3DeliveryConfiguration && [s3DeliveryConfiguration.{"
            "enable_hive_compatible_path: enableHiveCompatiblePath, suffix_path: suffixPath}]"
        ),
    },
    tags="Tagging.tags",
)

COLLECTORS = [SOURCE, DELIVERY]
