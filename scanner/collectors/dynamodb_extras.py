"""Amazon DynamoDB: what goes with tables: streams to Kinesis, policies, insights into who reads and writes most."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable

from scanner.aws.collector import Attribute, Collector, Detail, policy, volatile
from scanner.aws.inside import Once, inside
from scanner.aws.place import Item, Place
from scanner.collectors.dynamodb import GONE, NAMED, TABLES
from state.forms import IF_DECLARED, defaulting

# --- streams --------------------------------------------------------------------------------------


async def _destinations(place: Place, table: Item) -> Item:
    return await place.call("dynamodb", "describe_kinesis_streaming_destination", TableName=table["TableName"])


def _active(answer: Item, table: Item) -> Iterable[Item]:
    """A destination that was disabled stays in the list for a day."""
    found = answer.get("KinesisDataStreamDestinations") or ()
    off = ("DISABLED", "DISABLING", "ENABLE_FAILED")
    return [{**each, **table} for each in found if each.get("DestinationStatus") not in off]


STREAMING_DESTINATION = Collector(
    type="aws_dynamodb_kinesis_streaming_destination",
    service="dynamodb",
    fetch=inside("streaming_destinations", NAMED, Once(_destinations), _active),
    permissions=("dynamodb:ListTables", "dynamodb:DescribeKinesisStreamingDestination"),
    id="join(',', [TableName, StreamArn])",
    identity=("table_name", "stream_arn"),
    attributes={
        "approximate_creation_date_time_precision": Attribute(
            path="ApproximateCreationDateTimePrecision", form=defaulting("MILLISECOND")
        ),
        "stream_arn": "StreamArn",
        "table_name": "TableName",
    },
    facts={"destination_status": "DestinationStatus"},
)

# --- policies -------------------------------------------------------------------------------------

RESOURCE_POLICY = Collector(
    type="aws_dynamodb_resource_policy",
    service="dynamodb",
    fetch=TABLES,
    details=(
        Detail(
            operation="get_resource_policy",
            arguments={"ResourceArn": "TableArn"},
            into="Policing",
            absent=(*GONE, "PolicyNotFoundException"),
            holds="Policy",
            essential=True,
        ),
    ),
    permissions=("dynamodb:ListTables", "dynamodb:GetResourcePolicy"),
    id="TableArn",
    identity=("resource_arn",),
    attributes={
        "policy": policy("Policing.Policy"),
        "resource_arn": "TableArn",
        "revision_id": volatile("Policing.RevisionId"),
    },
)

# --- insights -------------------------------------------------------------------------------------


async def contributor_insights(place: Place) -> AsyncIterator[list[Item]]:
    """The tables and indexes whose readers and writers are counted."""
    on = ("ENABLED", "ENABLING")
    async for page in place.pages("dynamodb", "list_contributor_insights"):
        found = page.get("ContributorInsightsSummaries") or ()
        told = [each for each in found if each.get("ContributorInsightsStatus") in on]
        yield [{"IndexName": "", **each, "Account": place.account} for each in told]


CONTRIBUTOR_INSIGHTS = Collector(
    type="aws_dynamodb_contributor_insights",
    service="dynamodb",
    fetch=contributor_insights,
    permissions=("dynamodb:ListContributorInsights",),
    id="join('', ['name:', TableName, '/index:', IndexName, '/', Account])",
    attributes={
        "index_name": "IndexName",
        "mode": Attribute(path="ContributorInsightsMode", form=IF_DECLARED),
        "table_name": "TableName",
    },
)

COLLECTORS = [STREAMING_DESTINATION, RESOURCE_POLICY, CONTRIBUTOR_INSIGHTS]
