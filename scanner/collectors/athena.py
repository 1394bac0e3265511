"""Amazon Athena: workgroups, catalogs of data elsewhere, and saved queries.

Athena lists without telling much, and says no ARNs: they are put together from names.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from scanner.aws.collector import Attribute, Collector, Detail, arn, block
from scanner.aws.inside import Once, inside
from scanner.aws.place import Item, Place
from scanner.collectors.ecs import some
from state import Resource
from state.forms import MAP, UNREAD, Form, defaulting

QUERIES_AT_ONCE = 50
TAGS = Detail(operation="list_tags_for_resource", arguments={"ResourceARN": "Arn"}, into="Tagging")


def spelled(place: Place, kind: str, name: str) -> str:
    return arn(place, "athena", f"{kind}/{name}")


async def _workgroups(place: Place) -> list[Item]:
    found = [each async for page in place.pages("athena", "list_work_groups") for each in page.get("WorkGroups") or ()]
    return [{**each, "Arn": spelled(place, "workgroup", each["Name"])} for each in found]


WORKGROUPS = Once(_workgroups)
GOT = "Got.WorkGroup.Configuration"


async def workgroups(place: Place) -> AsyncIterator[list[Item]]:
    yield await WORKGROUPS(workgroups, place)


WORKGROUPS.readers.add(workgroups)


def primary(workgroup: Resource) -> bool:
    """Every account has it in every region."""
    return workgroup.attributes.get("name") == "primary"


WORKGROUP = Collector(
    type="aws_athena_workgroup",
    service="athena",
    fetch=workgroups,
    details=(
        Detail(operation="get_work_group", arguments={"WorkGroup": "Name"}, into="Got", essential=True),
        TAGS,
    ),
    permissions=("athena:ListWorkGroups", "athena:GetWorkGroup", "athena:ListTagsForResource"),
    id="Name",
    identity=("name",),
    at_default=primary,
    attributes={
        "arn": "Arn",
        "configuration": block(
            f"{GOT}.{{bytes_scanned_cutoff_per_query: BytesScannedCutoffPerQuery, "
            "enforce_workgroup_configuration: EnforceWorkGroupConfiguration, "
            "engine_version: EngineVersion && [EngineVersion.{effective_engine_version: EffectiveEngineVersion, "
            "selected_engine_version: SelectedEngineVersion}], execution_role: ExecutionRole, "
            "identity_center_configuration: IdentityCenterConfiguration && [IdentityCenterConfiguration.{"
            "enable_identity_center: EnableIdentityCenter, "
            "identity_center_instance_arn: IdentityCenterInstanceArn}], "
            "managed_query_results_configuration: ManagedQueryResultsConfiguration "
            "&& [ManagedQueryResultsConfiguration.{enabled: Enabled, encryption_configuration: EncryptionConfiguration "
            "&& [EncryptionConfiguration.{kms_key: KmsKey}]}], "
            "publish_cloudwatch_metrics_enabled: PublishCloudWatchMetricsEnabled, "
            "requester_pays_enabled: RequesterPaysEnabled, result_configuration: ResultConfiguration "
            "&& [ResultConfiguration.{acl_configuration: AclConfiguration && [AclConfiguration.{"
            "s3_acl_option: S3AclOption}], encryption_configuration: EncryptionConfiguration "
            "&& [EncryptionConfiguration.{encryption_option: EncryptionOption, kms_key_arn: KmsKey}], "
            "expected_bucket_owner: ExpectedBucketOwner, output_location: OutputLocation}]}",
            enforce_workgroup_configuration=defaulting(True),
            engine_version=Form(
                inner={
                    "effective_engine_version": UNREAD,  # AWS's choice under AUTO
                    "selected_engine_version": defaulting("AUTO"),
                }
            ),
            publish_cloudwatch_metrics_enabled=defaulting(True),
        ),
        "description": "Description",
        "name": "Name",
        "state": Attribute(path="State", form=defaulting("ENABLED")),
    },
    facts={"creation_time": "CreationTime"},
    tags="Tagging.Tags",
)


async def data_catalogs(place: Place) -> AsyncIterator[list[Item]]:
    async for page in place.pages("athena", "list_data_catalogs"):
        found = page.get("DataCatalogsSummary") or ()
        yield [{**each, "Arn": spelled(place, "datacatalog", each["CatalogName"])} for each in found]


CATALOG = "Got.DataCatalog"

DATA_CATALOG = Collector(
    type="aws_athena_data_catalog",
    service="athena",
    fetch=data_catalogs,
    details=(
        Detail(operation="get_data_catalog", arguments={"Name": "CatalogName"}, into="Got", essential=True),
        TAGS,
    ),
    permissions=("athena:ListDataCatalogs", "athena:GetDataCatalog", "athena:ListTagsForResource"),
    id="CatalogName",
    identity=("name",),
    # Glue's catalog of the account, which is always there.
    owner=lambda catalog: "aws" if catalog["CatalogName"] == "AwsDataCatalog" else None,
    attributes={
        "arn": "Arn",
        "description": f"{CATALOG}.Description",
        "name": "CatalogName",
        "parameters": Attribute(path=f"{CATALOG}.Parameters", form=MAP),
        "type": "Type",
    },
    facts={"pending_deletion": "Status=='DELETE_IN_PROGRESS'", "status": "Status"},
    tags="Tagging.Tags",
)


async def _queries(place: Place, workgroup: Item) -> list[Item]:
    """The saved queries of a workgroup, fifty told at a time."""
    ids = (await place.whole("athena", "list_named_queries", WorkGroup=workgroup["Name"])).get("NamedQueryIds") or []
    asked = (place.call("athena", "batch_get_named_query", NamedQueryIds=each) for each in some(ids, QUERIES_AT_ONCE))
    return [each for answer in await asyncio.gather(*asked) for each in answer.get("NamedQueries") or ()]


NAMED_QUERY = Collector(
    type="aws_athena_named_query",
    service="athena",
    fetch=inside("named_queries", WORKGROUPS, Once(_queries), lambda answer, workgroup: answer),
    permissions=("athena:ListWorkGroups", "athena:ListNamedQueries", "athena:BatchGetNamedQuery"),
    id="NamedQueryId",
    attributes={
        "database": "Database",
        "description": "Description",
        "name": "Name",
        "query": "QueryString",
        "workgroup": Attribute(path="WorkGroup", form=defaulting("primary")),
    },
)

COLLECTORS = [DATA_CATALOG, NAMED_QUERY, WORKGROUP]
